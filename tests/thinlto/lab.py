"""A small project in the shape that kbuild's distributed ThinLTO has, built by a real ninja.

Some twenty C files that inline each other's functions, with weak and strong symbols, flags of
their own, an assembly file, one object that includes data, one without LTO, one linked at once.
`Lab` describes it as the walk over the kernel's makefiles would; `clean` builds the same sources
without ninja and without ninjagen, to compare bytes with.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from ninjagen import helpers
from ninjagen.graph import Edge, Graph
from ninjagen.kbuild import thinlto
from ninjagen.kbuild.thinlto import ThinLto
from ninjagen.ninja.manifest import text_of
from tests.kernel.ours import kill_session
from tests.kernel.trees import cache_directory

CC, LD, AR, NM = "clang-19", "ld.lld-19", "llvm-ar-19", "llvm-nm-19"
LDFLAGS = "-m elf_x86_64 -mllvm -import-instr-limit=30"
NOTHING = "ninja: no work to do."
OLDEST_NINJA = "1.11.1"
TIMEOUT = 300  # of a build that takes seconds

# Flags that each front end and back end has; the last word is the kernel's -DKBUILD_MODFILE.
COMMON = "-O2 -fno-pic -fno-asynchronous-unwind-tables -Wall"
LTO = "-fno-lto -flto=thin -fsplit-lto-unit -fvisibility=hidden"

# Each line of the kernel's list is looked for in member names, those of comments too.
HEADS = "# Objects that come first\n#\nlib/m17.o\n"

START = """\
.globl _start
_start:
	xor %edi, %edi
	call f_m00
	mov %eax, %edi
	mov $60, %eax
	syscall
"""


@dataclass
class Source:
    """A file to compile; its text follows from these numbers."""

    name: str  # without .c
    calls: list[str] = field(default_factory=list)  # names of sources whose function it calls
    number: int = 1  # in the body of its function
    comments: int = 0
    weak: str = ""  # defines this symbol weakly
    strong: str = ""  # or for good
    flags: str = ""  # its own
    data: str = ""  # includes this file
    has_asm: bool = False  # inline assembly: its place in the file goes into the bitcode
    kind: str = "lto"  # or "elf": no LTO; or "single": linked at once, as for objtool

    @property
    def object(self) -> str:
        return f"{self.name}.o"

    @property
    def is_bitcode(self) -> bool:
        return self.kind == "lto"

    @property
    def symbol(self) -> str:
        return "f_" + os.path.basename(self.name)

    def text(self, known: set[str]) -> str:
        """Return the C text, with calls of those files that are there."""
        calls = [os.path.basename(name) for name in self.calls if name in known]
        own = os.path.basename(self.name)
        lines = [
            *("/* a comment */" for _ in range(self.comments)),
            *(f"int f_{name}(int);" for name in calls),
            f"static int table_{own}[4] = {{1, 2, {self.number}, 4}};",
            f"static __attribute__((noinline)) int local_{own}(int x)",
            f"{{ table_{own}[x & 3] += x; return table_{own}[(x + 1) & 3] * {self.number}; }}",
        ]
        value = f"local_{own}(x) + {self.number}"
        if self.weak:
            lines.append(f"__attribute__((weak)) int {self.weak}(int x) {{ return x ^ 5; }}")
            value += f" + {self.weak}(x)"
        if self.strong:
            lines.append(f"int {self.strong}(int x) {{ return x * {self.number} + 3; }}")
        if self.data:
            lines += [
                f'__asm__(".section .rodata; .globl data_{own}; data_{own}: '
                f'.incbin \\"{self.data}\\"; .byte 0; .previous");',
                f"extern const char data_{own}[];",
            ]
            value += f" + data_{own}[0]"
        lines += [
            "#ifdef WORDS",
            f"const char *words_{own}(void) {{ return WORDS; }}",
            "#endif",
            f"int f_{own}(int x)",
            "{",
            *(['\t__asm__ volatile("nop");'] if self.has_asm else []),
            *(f"\tx += f_{name}(x + {n});" for n, name in enumerate(calls)),
            f"\treturn x + {value};",
            "}",
        ]
        return "\n".join(lines) + "\n"


def project() -> list[Source]:
    """The sources; calls only go to later ones, so that the program ends."""
    names = [f"m{n:02}" if n < 10 else f"sub/m{n}" if n < 15 else f"lib/m{n}" for n in range(19)]
    choose = random.Random(7)
    sources = [
        Source(name, calls=sorted(choose.sample(names[n + 1 :], min(3, len(names) - n - 1))),
               number=n + 1)
        for n, name in enumerate(names)
    ]
    by_name = {source.name: source for source in sources}
    by_name["m00"].calls = ["m01", "m02", "m03", "m04", "sub/m10", "lib/m15", "blob", "plain"]
    by_name["m02"].weak = by_name["m05"].weak = "hook"
    by_name["sub/m11"].strong = "hook"
    by_name["m03"].flags = """-DWORDS='"two  words, it'"'"'s $x # one"'"""
    by_name["sub/m12"].flags = "-Os"
    by_name["m06"].kind = "single"
    by_name["lib/m17"].has_asm = True
    sources += [
        Source("blob", data="blob.bin"),
        Source("plain", kind="elf"),
        Source("alone", calls=["m09"], has_asm=True),
    ]
    return sources


@dataclass(frozen=True)
class Ran:
    """What one run of ninja did."""

    status: int
    text: str
    done: frozenset[str]  # outputs, as the short log names them

    @property
    def front(self) -> set[str]:
        return {name for name in self.done
                if name.endswith(".o") and not name.endswith(thinlto.NATIVE)
                and name not in ("vmlinux.o", "start.o")}

    @property
    def back(self) -> set[str]:
        """The objects whose back ends ran."""
        return {name.removesuffix(thinlto.NATIVE) + ".o" for name in self.done
                if name.endswith(thinlto.NATIVE)}

    @property
    def linked(self) -> bool:
        return "vmlinux" in self.done

    def check(self) -> Ran:
        assert self.status == 0, self.text
        return self


def newest_ninja() -> str:
    beside = os.path.dirname(sys.executable)
    found = shutil.which("ninja", path=os.pathsep.join((beside, os.environ["PATH"])))
    assert found, "ninja is not installed"
    return found


def oldest_ninja() -> str:
    """The oldest ninja that build.ninja allows, from PyPI, kept with the kernels."""
    directory = cache_directory() / f"ninja-{OLDEST_NINJA}"
    program = directory / "ninja/data/bin/ninja"
    if not program.exists():
        pip = [sys.executable, "-m", "pip", "-qq", "--disable-pip-version-check", "install"]
        subprocess.run([*pip, "--no-deps", "--upgrade", "--target", str(directory),
                        f"ninja=={OLDEST_NINJA}"], check=True)
    return str(program)


NINJAS = {"newest": newest_ninja, "oldest": oldest_ninja}


class Lab:
    """The project in a directory."""

    def __init__(
        self, directory: Path, *, ninja: str = "", uses_dyndep: bool = True, shape: str = "7.2",
        archiver: str = AR,
    ) -> None:
        self.directory = directory
        self.ninja_program = ninja or newest_ninja()
        self.uses_dyndep = uses_dyndep
        self.shape = shape  # "7.2" knows the mode; "7.2-thin" and "6.12" get it from us
        self.archiver = archiver
        self.sources = project()
        self.data = "blob\n"
        self.start = START
        self.heads = HEADS
        self.common = COMMON
        directory.mkdir(parents=True, exist_ok=True)

    # --- files ---

    def source(self, name: str) -> Source:
        return next(source for source in self.sources if source.name == name)

    @property
    def bitcode(self) -> set[str]:
        return {source.object for source in self.sources if source.is_bitcode}

    def path(self, name: str) -> Path:
        return self.directory / name

    def write(self, name: str, text: str) -> None:
        """Write a file if its text differs; it is newer than all that was built."""
        path = self.path(name)
        if path.exists() and path.read_text() == text:
            return
        path.parent.mkdir(exist_ok=True)
        time.sleep(0.008)
        path.write_text(text)

    def touch(self, name: str) -> None:
        time.sleep(0.008)
        os.utime(self.path(name))

    def save(self) -> None:
        """Write what changed: sources, data, and build.ninja with what belongs to it."""
        known = {source.name for source in self.sources}
        for source in self.sources:
            self.write(f"{source.name}.c", source.text(known))
        self.write("blob.bin", self.data)
        self.write("start.S", self.start)
        self.write("heads.txt", self.heads)
        graph, thin = self.describe()
        self.path(".ninjagen").mkdir(exist_ok=True)
        for path, program in helpers.programs():
            self.write(path, program)
        self.write(thinlto.PREDICTED, thin.predicted_text())
        self.write("build.ninja", text_of(graph, "export LC_ALL=C; ", ["vmlinux"]))

    # --- the graph, as the walk over makefiles gives it ---

    def flags(self, source: Source) -> str:
        """What kbuild calls _c_flags and modkern_cflags, as the shell reads them."""
        lto = LTO if source.kind != "elf" else ""
        words = [self.common, lto, source.flags, f"""-DKBUILD_MODFILE='"{source.name}"'"""]
        return " ".join(word for word in words if word)

    def describe(self) -> tuple[Graph, ThinLto]:
        graph = Graph()
        thin = ThinLto(graph, lambda: self.heads.splitlines(), self.uses_dyndep)
        thin.is_ours = self.shape != "7.2"
        thin.tools = {"CC": CC, "LD": LD, "AR": self.archiver, "NM": NM, "KBUILD_LDFLAGS": LDFLAGS}

        def add(rule: str, target: str, inputs: tuple[str, ...], text: str, **more) -> Edge:
            """Add the edge of a recipe that is one if_changed."""
            directory, name = os.path.split(target)
            saved = text.replace("$", "$$").replace("#", "$(pound)").replace("'", "'\\''")
            command = (f"set -e; {text}; printf '%s\\n' 'savedcmd_{target} := {saved}'"
                       f" > {directory or '.'}/.{name}.cmd")
            edge = Edge(rule, (target,), command, f"GEN     {target}", inputs, **more)
            return graph.add(thin.refine(edge, NM))

        for source in self.sources:
            graph.add(thin.refine(self._front_end(source, thin), NM))
        add("as_o_S", "start.o", ("start.S",), f"{CC} -c -o start.o start.S", keeps_same=True)

        ar = self.archiver
        places: dict[str, list[str]] = {"": ["start.o"], "sub": [], "lib": []}
        for source in self.sources:
            places[os.path.dirname(source.name)].append(source.object)
        for place in ("sub", "lib"):
            archive = f"{place}/built-in.a"
            names = " ".join(os.path.basename(name) for name in places[place])
            text = f'rm -f {archive}; printf "{place}/%s " {names} | xargs {ar} cDPrST {archive}'
            add("ar_builtin", archive, tuple(places[place]), text)
        members = (*places[""], "sub/built-in.a")
        add("ar_builtin", "built-in.a", members,
            f"rm -f built-in.a; printf '%s ' {' '.join(members)} | xargs {ar} cDPrST built-in.a")

        def head_first(archive: str) -> str:
            return (f"rm -f {archive}; {ar} cDPrST {archive} built-in.a lib/built-in.a; "
                    f"{ar} mPi $({ar} t {archive} | sed -n 1p) {archive} "
                    f"$({ar} t {archive} | grep -F -f heads.txt)")

        objects = ("built-in.a", "lib/built-in.a", "heads.txt")
        if self.shape == "6.12":
            add("ar_vmlinux.a", "vmlinux.a", objects, head_first("vmlinux.a"))
        else:
            add("ar_builtin_fixup", "built-in-fixup.a", objects, head_first("built-in-fixup.a"))
        if self.shape == "7.2-thin":
            add("copy", "vmlinux.a", ("built-in-fixup.a",), "cat built-in-fixup.a > vmlinux.a")
        if self.shape == "7.2":
            self._stages(add, thin, graph)
        add("ld_vmlinux.o", "vmlinux.o", ("vmlinux.a",),
            f"{LD} {LDFLAGS} -r -o vmlinux.o --whole-archive vmlinux.a --no-whole-archive")
        add("ld_vmlinux", "vmlinux", ("vmlinux.o",),
            f"{LD} {LDFLAGS} --build-id=sha1 -o vmlinux vmlinux.o")
        if thin.is_ours:
            thin.distribute()
        return graph, thin

    def _front_end(self, source: Source, thin: ThinLto) -> Edge:
        directory, name = os.path.split(source.object)
        dot = f"{directory or '.'}/.{name}"
        flags = self.flags(source)
        compile_ = f"{CC} -Wp,-MMD,{dot}.d {flags} -c -o {source.object} {source.name}.c"
        if source.kind == "single":
            tmp = f"{directory or '.'}/.tmp_{name}"
            compile_ += f"  ; {LD} {LDFLAGS} -r -o {tmp} {source.object}; mv {tmp} {source.object}"
        saved = flags.replace("'", "'\\''")
        note = f"set -e; printf '\\n%s\\n' 'saved_c_flags_{source.object} := {saved}' >> {dot}.cmd"
        lines = [f"set -e; {compile_}; echo compiled > {dot}.cmd", note]
        if thin.is_ours:
            thin.flags[source.object] = flags
            lines.pop()
        else:
            thin.flags.update(thinlto.saved_flags(lines))
        return Edge(
            "cc_o_c", (source.object,),
            " && ".join(f"sh -c {shlex.quote(line)}" for line in lines) + " || exit $?",
            f"CC      {source.object}",
            (f"{source.name}.c", *([source.data] if source.data else [])),
            depfile=f"{dot}.d", keeps_same=True,
        )

    def _stages(self, add, thin: ThinLto, graph: Graph) -> None:
        """What scripts/Makefile.vmlinux_a and Makefile.thinlto of 7.2 say."""
        ar, index = self.archiver, "vmlinux.thinlto-index"
        add("builtin.order", "builtin.order", ("built-in-fixup.a",),
            f"{ar} t built-in-fixup.a > builtin.order")
        add("ld_thinlto_index", index, ("builtin.order",),
            f"{LD} {LDFLAGS} -r --thinlto-index-only={index} @builtin.order")
        graph.add_phony("vmlinux.a.before", ("builtin.order", index))
        natives = []
        for path in thin.predicted_text().split():
            native, bc = path.removesuffix(".o") + thinlto.NATIVE, path + thinlto.INDEX
            directory, name = os.path.split(path)
            saved = thin.answer(
                f"sed -n '/saved_c_flags_/s/.*:= //p' {directory or '.'}/.{name}.cmd")
            assert saved is not None
            text = (f"{CC} {saved} -x ir -fno-lto -Wno-unused-command-line-argument "
                    f"-fthinlto-index={bc} -c -o {native} {path}")
            add("cc_o_bc", native, (path, bc), text, order_only=("vmlinux.a.before",))
            natives.append(native)
        graph.add_phony("vmlinux.a.natives", tuple(natives))
        text = (
            f"rm -f vmlinux.a; while read -r obj; do if grep -Fqx ${{obj}} {index}; then "
            "echo ${obj%.o}.thinlto-native.o; else echo ${obj}; fi; done < builtin.order "
            f"| xargs {ar} cDPrS --thin vmlinux.a"
        )
        add("ar_vmlinux.a", "vmlinux.a", ("builtin.order", index), text,
            order_only=("vmlinux.a.natives",))

    # --- ninja ---

    def _start(self, *arguments: str, log) -> subprocess.Popen[bytes]:
        environ = {"PATH": os.environ["PATH"], "NINJA_STATUS": "> ", "HOME": "/"}
        return subprocess.Popen(
            ["nice", self.ninja_program, *arguments], cwd=self.directory, env=environ,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )

    def ninja(self, *arguments: str) -> Ran:
        """Run ninja; it is a failure if it does not end."""
        log = self.directory.with_suffix(".log")
        with open(log, "wb") as output:
            process = self._start(*arguments, log=output)
            try:
                status = process.wait(timeout=TIMEOUT)
            except subprocess.TimeoutExpired:
                kill_session(process.pid)
                process.wait()
                raise AssertionError(f"ninja hangs:\n{log.read_text()}") from None
        text = log.read_text()
        done = re.findall(r"^>   \w+ +(\S+)$", text, re.M)
        return Ran(status, text, frozenset(done))

    def kill(self, after: float) -> bool:
        """Start a build and kill all of it; tell whether it was still running."""
        with open(os.devnull, "wb") as output:
            process = self._start(log=output)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=after)
                return False
            kill_session(process.pid)
            process.wait()
            return process.returncode == -signal.SIGKILL

    def build(self) -> Ran:
        """Build, and see that it was enough."""
        self.save()
        ran = self.ninja().check()
        self.is_done()
        return ran

    def is_done(self) -> None:
        again = self.ninja("-d", "explain")
        assert NOTHING in again.text.splitlines(), again.text

    # --- what is there ---

    def read(self, name: str) -> bytes:
        return self.path(name).read_bytes()

    def members(self, archive: str) -> list[str]:
        return run([self.archiver, "t", archive], self.directory).split()

    def imports(self) -> dict[str, set[str]]:
        """Ask the linker which objects each object imports from."""
        stage = self.directory.with_suffix(".imports")
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir()
        objects = self.read("builtin.order").decode().split()
        run([LD, *LDFLAGS.split(), "-r", f"--thinlto-index-only={stage}/index",
             "--thinlto-emit-imports-files", f"--thinlto-prefix-replace=;{stage}/", *objects],
            self.directory)
        return {name: set((stage / f"{name}.imports").read_text().split())
                for name in sorted(self.bitcode)}

    def with_importers(self, name: str) -> set[str]:
        """The object and those that import from it: what a change of it reaches."""
        return {name} | {other for other, names in self.imports().items() if name in names}

    def indexes(self) -> dict[str, bytes]:
        return {name: self.read(name + thinlto.INDEX) for name in self.bitcode}

    def compare_with_clean(self) -> None:
        """Compare the program with that of a clean build; the archive's members too."""
        expected, members = clean(self)
        assert self.members("vmlinux.a") == members
        assert self.read("vmlinux") == expected, "not the bytes of a clean build"


def run(command: list[str], directory: Path) -> str:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{shlex.join(command)}: {done.stderr}"
    return done.stdout


_front_ends: dict[str, bytes] = {}  # by all that goes into one; the same compiler gives the same


def clean(lab: Lab) -> tuple[bytes, list[str]]:
    """Build the lab's sources step by step; return the program and its archive's members."""
    directory = lab.directory.with_name(lab.directory.name + ".clean")
    shutil.rmtree(directory, ignore_errors=True)
    for place in ("", "sub", "lib"):
        (directory / place).mkdir(parents=True)
    known = {source.name for source in lab.sources}
    (directory / "blob.bin").write_text(lab.data)
    (directory / "start.S").write_text(lab.start)
    for source in lab.sources:
        (directory / f"{source.name}.c").write_text(source.text(known))

    def front_end(source: Source) -> None:
        out = directory / source.object
        words = shlex.split(lab.flags(source))
        text = "\0".join((source.object, source.kind, *words, source.text(known), lab.data))
        key = hashlib.sha256(text.encode()).hexdigest()
        if key in _front_ends:
            out.write_bytes(_front_ends[key])
            return
        run([CC, *words, "-c", "-o", source.object, f"{source.name}.c"], directory)
        if source.kind == "single":
            run([LD, *LDFLAGS.split(), "-r", "-o", f"{source.object}.tmp", source.object],
                directory)
            os.replace(f"{out}.tmp", out)
        _front_ends[key] = out.read_bytes()

    def back_end(source: Source) -> None:
        run([CC, *shlex.split(lab.flags(source)), "-x", "ir", "-fno-lto",
             "-Wno-unused-command-line-argument", f"-fthinlto-index={source.object}.thinlto.bc",
             "-c", "-o", source.name + thinlto.NATIVE, source.object], directory)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(front_end, lab.sources))
        run([CC, "-c", "-o", "start.o", "start.S"], directory)
        order = ["start.o"]
        for place in ("", "sub", "lib"):
            order += [s.object for s in lab.sources if os.path.dirname(s.name) == place]
        lines = lab.heads.splitlines()
        heads = [name for name in order if any(line in name for line in lines)]
        order = heads + [name for name in order if name not in heads]
        run([LD, *LDFLAGS.split(), "-r", "--thinlto-index-only=index", *order], directory)
        list(pool.map(back_end, [source for source in lab.sources if source.is_bitcode]))
    members = [name.removesuffix(".o") + thinlto.NATIVE if name in lab.bitcode else name
               for name in order]
    run([AR, "cDPrS", "--thin", "vmlinux.a", *members], directory)
    run([LD, *LDFLAGS.split(), "-r", "-o", "vmlinux.o", "--whole-archive", "vmlinux.a",
         "--no-whole-archive"], directory)
    run([LD, *LDFLAGS.split(), "--build-id=sha1", "-o", "vmlinux", "vmlinux.o"], directory)
    return (directory / "vmlinux").read_bytes(), members
