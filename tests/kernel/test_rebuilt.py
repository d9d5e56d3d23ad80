"""What is made again after a change: exactly what kbuild makes again, less what stays the same.

Each change is made once, in a source tree that two object trees were built from; then make builds
one of them and ninja the other. What make made is every file of its tree with a new time; why, it
says itself (V=2). What ninja made is what its log has gained. The two sets have to be equal, but:

- A test may name products as `kept`: they are made again, but with the same bytes. We leave such
  a file its time, so what kbuild makes only because of it is not made again by us.
- A file that its own command leaves alone when it would be the same (filechk, modpost) counts as
  made only when it was written: kbuild compares some in each build, we when their inputs changed.
- BY_DESIGN lists what only one side makes.

Whatever either side made has the same bytes in both trees, commands saved beside it included.
The tests share the trees, and each makes its change on top of those before it.
"""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.kernel.comparison import same
from tests.kernel.ours import Machine, run
from tests.kernel.pair import Pair, both_built
from tests.kernel.trees import files_below

pytestmark = [pytest.mark.kernel, pytest.mark.full]

NOTHING = "ninja: no work to do."

# Files that kbuild writes and that are no products.
NO_PRODUCTS = {
    ".*.cmd": "how a product was made",
    ".*.d": "what a product was made from",
    ".tmp_vmlinux*": "steps of scripts/link-vmlinux.sh",
    "*_rs_[0-9]*": "tests out of documentation, before they are put together",
    "source": "a link, made anew by each make",
}

# Products that only one side makes.
BY_DESIGN = {
    ".ninjagen/absent.dd": "ours: made when something came or went in a directory of sources",
    ".ninjagen/headers/*": "ours: sets of headers, for what kbuild records one by one",
    ".ninjagen/runtime/*": "ours: programs that commands call; they come with build.ninja",
    "build.ninja": "ours, where a test says so: kbuild reads its makefiles each time",
    ".config*": "kbuild's: ninjagen writes the configuration, before ninja makes anything",
    "include/config/[A-Z0-9]*": "as .config",
    "include/config/auto.conf*": "as .config",
    "include/generated/autoconf.h": "as .config",
    "include/generated/rustc_cfg": "as .config",
}

# Products whose reason make does not print, and what they follow from.
FOLLOWS = {
    ".vmlinux.export.c": "vmlinux.o",  # modpost writes it beside vmlinux.symvers
    "vmlinux.unstripped": "vmlinux.o",  # scripts/link-vmlinux.sh prints its own steps
    "System.map": "vmlinux.o",
    "tools/objtool/objtool": "tools/objtool/objtool-in.o",  # makefiles of tools/ give no reasons
    "tools/objtool/objtool-in.o": "tools/objtool/check.o",
}


@dataclass
class Trees:
    """Both object trees, and why kbuild last made what it made."""

    pair: Pair
    machine: Machine
    is_settled: bool = False  # both are up to date
    reasons: dict[str, list[str]] = field(default_factory=dict)  # product -> due to
    commanded: set[str] = field(default_factory=set)  # what has another command than before
    same_time: set[str] = field(default_factory=set)  # what the last ninja has left its time

    def settle(self) -> None:
        """Bring both up to date, after whatever went before."""
        if not self.is_settled:
            self.make()
            self.ninja()
        self.is_settled = False

    def make(self, *words: str) -> set[str]:
        """Build with kbuild; return the products that are new."""
        before, commands = times(self.pair.theirs), commands_in(self.pair.theirs)
        done = run(self.pair.make("V=2", *words), self.pair.source, self.pair.environment).check()
        self.reasons = reasons_in(done.stdout)
        self.commanded = {
            name for name, command in commands_in(self.pair.theirs).items()
            if commands.get(name) != command
        }
        after = times(self.pair.theirs)
        return {name for name, time in after.items() if before.get(name) != time}

    def ninja(self) -> set[str]:
        """Build with ninja; return the outputs of every edge that ran. Then nothing is left.

        Without the files that their command left alone.
        """
        build = self.pair.ninja()
        log = self.pair.ours / ".ninjagen/.ninja_log"
        self.machine.run(["ninja", "-C", str(self.pair.ours), "-t", "recompact"], self.pair.source)
        known, before = log.read_text(), times(self.pair.ours)
        self.machine.run(build, self.pair.source).check()
        text, after = log.read_text(), times(self.pair.ours)
        assert text.startswith(known)
        self.same_time = {name for name, time in after.items() if before.get(name) == time}
        again = self.machine.run([*build, "-d", "explain"], self.pair.source).check()
        assert again.stdout.splitlines()[-1] == NOTHING, again.stdout + again.stderr
        made = {line.split("\t")[3] for line in text[len(known) :].splitlines()}
        manifest = (self.pair.ours / "build.ninja").read_text()
        compared = {*re.findall(r"^build (\S+): filechk_", manifest, re.M), ".vmlinux.export.c"}
        return {
            name for name in made if name not in compared or before.get(name) != after[name]
        }

    def outputs(self) -> set[str]:
        """The first output of each edge, as build.ninja stands."""
        manifest = (self.pair.ours / "build.ninja").read_text()
        return set(re.findall(r"^build (\S+?):? ", manifest, re.M))

    def is_due_to(self, name: str, kept: set[str]) -> bool:
        """Whether kbuild made a product only because of products that kept their bytes.

        Of an archive that lost a member too, make prints only the members that are new.
        """
        if name in self.commanded:
            return False
        causes = [FOLLOWS[name]] if name in FOLLOWS else self.reasons.get(name, [])
        return bool(causes) and all(
            cause in kept or self.is_due_to(cause, kept) for cause in causes
        )

    def compiled(self) -> set[str]:
        """What kbuild made for its command alone, of files that are compiled."""
        return {
            name for name, words in self.reasons.items()
            if words == ["command", "line", "change"] and name.endswith(".o")
        }

    def check(
        self, kept: set[str] | None = None, describes: bool = False, words: tuple[str, ...] = (),
        keeps_some: bool = False,
    ) -> set[str]:
        """Build both after a change, and compare what was made; return what ours made.

        Without `kept`, what was compiled for its command alone. `keeps_some`: the objects too that
        ours made and left their time; they are compared with kbuild's, as all are. `describes`:
        ninja has to make build.ninja again. With `words`, that is done before, as they are for
        ninjagen.
        """
        self.is_settled = False
        known = self.outputs()
        theirs = self.make(*words)
        if words:
            self.machine.run(self.pair.ninjagen(*words), self.pair.source).check()
        ours = self.ninja()
        kept = self.compiled() if kept is None else kept
        if keeps_some:
            # One that comes back to an archive is new there, though it lay about, and is the same.
            kept = kept | {name for name in ours & self.same_time & known if name.endswith(".o")}
        expected = {name for name in theirs if not self.is_due_to(name, kept)}
        assert sorted(filter(is_compared, ours)) == sorted(filter(is_compared, expected))
        assert kept <= ours
        assert ("build.ninja" in ours) == describes
        made = {name for name in theirs | ours if is_compared(name)}
        assert [name for name in sorted(made) if not self.is_same(name)] == []
        self.is_settled = True
        return {name for name in ours if is_compared(name)}

    def is_same(self, name: str) -> bool:
        """Whether a product, and the command saved beside it, are the same in both trees."""
        directory, base = os.path.split(name)
        saved = os.path.join(directory, f".{base}.cmd")
        theirs, ours = self.pair.theirs, self.pair.ours
        if name.startswith("tools/"):
            return True  # commands and debug information there name the object tree
        is_crate = name.startswith("rust/lib") and name.endswith((".rmeta", ".rlib", ".so"))
        # REALMODE_CFLAGS in arch/x86/Makefile: debug information, whatever .config says.
        is_for_debugging = fnmatch.fnmatchcase(name, "arch/x86/realmode/rm/*.o")
        names_it = is_crate or is_for_debugging
        return (names_it or same(theirs / name, ours / name)) and (
            not (theirs / saved).exists() or placeless(theirs, saved) == placeless(ours, saved)
        )


def placeless(tree: Path, name: str) -> bytes:
    """The bytes of a file, wherever its tree is: commands in Rust name it."""
    return (tree / name).read_bytes().replace(os.fsencode(tree), b"OBJTREE")


def times(tree: Path) -> dict[str, int]:
    """When each product of a tree was made."""
    return {
        name: entry.stat(follow_symlinks=False).st_mtime_ns
        for name, entry in files_below(tree) if not matches(NO_PRODUCTS, entry.name)
    }


def commands_in(tree: Path) -> dict[str, str]:
    """What kbuild saved of the command of each product."""
    found = {}
    for path, _ in files_below(tree):
        directory, name = os.path.split(path)
        if name.startswith(".") and name.endswith(".cmd"):
            with open(tree / path, encoding="utf-8", errors="replace") as file:
                found[os.path.join(directory, name[1:-4])] = file.readline()
    return found


def reasons_in(text: str) -> dict[str, list[str]]:
    """What `make V=2` says that each product is due to; other reasons than files are words."""
    found = re.findall(r"^  \S+ +(\S+) - due to:? (.*)$", text, re.M)
    return {name: [os.path.normpath(word) for word in words.split()] for name, words in found}


def matches(table: dict[str, str], name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in table)


def is_compared(name: str) -> bool:
    return not matches(BY_DESIGN, name)


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Iterator[Trees]:
    machine = Machine(tmp_path_factory.mktemp("rebuilt"))
    with both_built("7.2-llvm-beside", machine) as pair:
        yield Trees(pair, machine)


@pytest.fixture
def trees(shared: Trees) -> Trees:
    shared.settle()
    return shared


# What follows from another object.
LAST_ARCHIVES = {"built-in-fixup.a", "vmlinux.a"}
ARCHIVES = {"built-in.a"} | LAST_ARCHIVES
LINK = {
    "vmlinux.o", "vmlinux.symvers", "vmlinux.unstripped", "vmlinux",
    "System.map", "modules.builtin.modinfo", "modules.builtin",
}  # fmt: skip
FOLLOWS_FORK = {"kernel/built-in.a"} | ARCHIVES | LINK

FORK = "kernel/fork.c"
FDTABLE = "include/linux/fdtable.h"
WITH_FDTABLE = {"kernel/fork.o", "fs/open.o", "fs/file.o", "fs/exec.o", "fs/select.o"}


def replaced(trees: Trees, name: str, old: str, new: str) -> None:
    text = trees.pair.text(name)
    assert text.count(old) == 1
    trees.pair.change(name, text.replace(old, new))


def appended(trees: Trees, name: str, text: str) -> None:
    trees.pair.change(name, trees.pair.text(name) + text)


def forget(trees: Trees, name: str) -> None:
    """Remove what an earlier run may have left in the directory of a product."""
    for tree in (trees.pair.theirs, trees.pair.ours):
        shutil.rmtree(tree / name, ignore_errors=True)


def members(trees: Trees) -> set[str]:
    """The objects that the archive for the link holds, which is one of names, in our tree."""
    command = ["llvm-ar-19", "t", "vmlinux.a"]
    return set(trees.machine.run(command, trees.pair.ours).check().stdout.split())


# ---- sources and headers


def test_touched_source(trees):
    trees.pair.touch(FORK)
    assert trees.check(kept={"kernel/fork.o"}) == {"kernel/fork.o"}


def test_comment_in_a_source(trees):
    appended(trees, FORK, "/* A comment. */\n")
    assert trees.check(kept={"kernel/fork.o"}) == {"kernel/fork.o"}


def test_body_in_a_source(trees):
    replaced(trees, FORK, "\treturn total;", "\treturn total + 1;")
    assert trees.check(kept=set()) == {"kernel/fork.o"} | FOLLOWS_FORK


def test_assembly_source(trees):
    appended(trees, "arch/x86/lib/clear_page_64.S", "\t.long 0\n")
    made = trees.check(kept=set())
    directory = "arch/x86/lib"
    assert made == {f"{directory}/clear_page_64.o", f"{directory}/lib.a"} | LAST_ARCHIVES | LINK


def test_touched_header(trees):
    trees.pair.touch(FDTABLE)
    assert trees.check(kept=WITH_FDTABLE) == WITH_FDTABLE


def test_comment_in_a_header(trees):
    appended(trees, FDTABLE, "/* A comment. */\n")
    assert trees.check(kept=WITH_FDTABLE) == WITH_FDTABLE


def test_changed_header(trees):
    field = "\tunsigned int next_fd;\n"
    replaced(trees, FDTABLE, field, f"\tunsigned long added;\n{field}")
    assert trees.check(kept=set()) == WITH_FDTABLE | {"fs/built-in.a"} | FOLLOWS_FORK


def test_linker_script(trees):
    trees.pair.touch("arch/x86/kernel/vmlinux.lds.S")
    made = trees.check(kept=set())
    assert "arch/x86/kernel/vmlinux.lds" in made and "kernel/fork.o" not in made


CHECK = "tools/objtool/check"


def test_touched_tool(trees):
    trees.pair.touch(f"{CHECK}.c")
    assert trees.check(kept={f"{CHECK}.o"}) == {f"{CHECK}.o"}


def test_changed_tool(trees):
    """Its debug information names the text; what objtool does to objects is the same."""
    appended(trees, f"{CHECK}.c", "/* A comment. */\n")
    startup = "arch/x86/boot/startup"
    checked = {f"{startup}/gdt_idt.o", f"{startup}/map_kernel.o", ".vmlinux.export.o"}
    tool = {f"{CHECK}.o", "tools/objtool/objtool-in.o", "tools/objtool/objtool"}
    assert trees.check(kept=checked) == tool | checked | LINK


# ---- the configuration


def test_option_that_few_mention(trees):
    trees.pair.configure({"CONFIG_SIGNALFD": "y"})
    made = trees.check(kept=set(), describes=True)
    assert "fs/signalfd.o" in made and "fs/open.o" not in made
    assert "fs/signalfd.o" in members(trees)

    trees.pair.configure({"CONFIG_SIGNALFD": "n"})
    assert trees.check(kept=set(), describes=True) == made - {"fs/signalfd.o"}
    assert "fs/signalfd.o" not in members(trees)


@pytest.mark.parametrize("option", ["CONFIG_ADVISE_SYSCALLS", "CONFIG_TIMERFD", "CONFIG_PRINTK"])
def test_option_that_many_mention(trees, option):
    for value in "yn":
        trees.pair.configure({option: value})
        assert len(trees.check(kept=set(), describes=True, keeps_some=True)) > 80


def test_mark_of_an_option(trees):
    """syncconfig touches it, and whoever mentions the option depends on it."""
    for tree in (trees.pair.theirs, trees.pair.ours):
        (tree / "include/config/SIGNALFD").touch()
    assert trees.check(kept={"kernel/signal.o"}) == {"kernel/signal.o"}


def test_touched_configuration(trees):
    for tree in (trees.pair.theirs, trees.pair.ours):
        (tree / ".config").touch()
    assert trees.check(kept=set(), describes=True) == set()


# ---- makefiles and flags


def test_touched_makefile(trees):
    trees.pair.touch("kernel/Makefile")
    assert trees.check(kept=set(), describes=True) == set()


def test_flag_of_one_object(trees):
    appended(trees, "kernel/Makefile", "CFLAGS_fork.o += -DADDED\n")
    made = trees.check(kept={"kernel/fork.o"}, describes=True)
    assert made == {"kernel/fork.o"}


def test_flag_of_all_objects(trees):
    for words in (("KCFLAGS=-DADDED",), ()):
        made = trees.check(words=words)
        assert len(made) > 400 and not made & LINK


def test_source_added_and_dropped(trees):
    text = trees.pair.text("kernel/Makefile")
    trees.pair.change("kernel/added.c", "int added(int x);\nint added(int x) { return x; }\n")
    appended(trees, "kernel/Makefile", "obj-y += added.o\n")
    made = trees.check(kept=set(), describes=True)
    assert made == {"kernel/added.o"} | FOLLOWS_FORK
    assert "kernel/added.o" in members(trees)

    trees.pair.change("kernel/Makefile", text)
    assert trees.check(kept=set(), describes=True) == FOLLOWS_FORK
    assert "kernel/added.o" not in members(trees)


# ---- what is there, and what the environment says


def test_kconfig_file(trees):
    forget(trees, "fs/exportfs")
    appended(trees, "fs/Kconfig", "# A comment.\n")
    assert trees.check(kept=set(), describes=True) == set()
    for old, new in ("tristate", "def_tristate y"), ("def_tristate y", "tristate"):
        replaced(trees, "fs/Kconfig", f"config EXPORTFS\n\t{old}\n", f"config EXPORTFS\n\t{new}\n")
        made = trees.check(kept=set(), describes=True, keeps_some=True)
        assert ("fs/exportfs/expfs.o" in made) == (new != "tristate")
        assert "vmlinux" in made and "kernel/fork.o" not in made


def test_makefile_that_appears(trees):
    """In a directory with a Kbuild, that is read and not its Makefile."""
    text = trees.pair.text("kernel/time/Makefile")
    trees.pair.change("kernel/time/Kbuild", f"{text}ccflags-y += -DADDED\n")
    made = trees.check(describes=True)
    assert "kernel/time/timer.o" in made and all(name.startswith("kernel/time/") for name in made)
    (trees.pair.source / "kernel/time/Kbuild").unlink()
    assert trees.check(describes=True) == made


def test_directory_that_a_pattern_matches(trees):
    added = trees.pair.source / "kernel/added-one"
    shutil.rmtree(added, ignore_errors=True)
    forget(trees, "kernel/added-one")
    appended(trees, "kernel/Makefile",
             "obj-y += $(patsubst $(src)/%,%,$(wildcard $(src)/added*/))\n")
    assert trees.check(kept=set(), describes=True) == set()
    added.mkdir()
    trees.pair.change("kernel/added-one/Makefile", "obj-y := in.o\n")
    trees.pair.change("kernel/added-one/in.c", "int in(int x);\nint in(int x) { return x; }\n")
    made = trees.check(kept=set(), describes=True)
    assert made == {"kernel/added-one/in.o", "kernel/added-one/built-in.a"} | FOLLOWS_FORK
    shutil.rmtree(added)
    assert trees.check(kept=set(), describes=True) == FOLLOWS_FORK


RELEASE = {"include/config/kernel.release", "include/generated/utsrelease.h"}


def test_localversion_file(trees):
    for text in "-added", "-changed":
        trees.pair.change("localversion-test", f"{text}\n")
        made = trees.check(kept=set(), describes=True, keeps_some=True)
        assert made > RELEASE | {"init/version.o", "vmlinux"}
        assert released(trees).endswith(text)
    (trees.pair.source / "localversion-test").unlink()
    assert trees.check(kept=set(), describes=True, keeps_some=True) == made
    assert released(trees).endswith("7.2.13")


def test_commit(trees):
    def git(*words: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        run(["git", *who, *words], trees.pair.source, trees.pair.environment).check()

    trees.pair.configure({"CONFIG_LOCALVERSION_AUTO": "y"})
    trees.check(kept=set(), describes=True, keeps_some=True)
    git("init", "-q")
    try:
        git("add", "-f", "Makefile")
        for message in "one", "two":
            git("commit", "-q", "--allow-empty", "-m", message)
            before = released(trees)
            made = trees.check(kept=set(), describes=message == "one", keeps_some=True)
            assert made > RELEASE | {"init/version.o", "vmlinux"}
            assert before != released(trees)
    finally:
        shutil.rmtree(trees.pair.source / ".git")
    trees.pair.configure({"CONFIG_LOCALVERSION_AUTO": "n"})
    trees.check(kept=set(), describes=True, keeps_some=True)


def test_replaced_compiler(trees, tmp_path):
    """The same one anew: build.ninja is made again, and no object. One of another name: all."""
    clang = shutil.which("clang-19", path=trees.pair.environment["PATH"])
    theirs, ours = dict(trees.pair.environment), dict(trees.machine.environment)
    for environment in (trees.pair.environment, trees.machine.environment):
        environment["PATH"] = f"{tmp_path}:{environment['PATH']}"
    try:
        replace_compiler(tmp_path, f'exec {clang} "$@"')
        trees.machine.run(trees.pair.ninjagen(), trees.pair.source).check()
        trees.settle()
        replace_compiler(tmp_path, f'exec {clang} "$@"')
        assert trees.check(kept=set(), describes=True) == set()
        version = 'case $* in --version) echo "Debian clang version 19.1.7 (another)"; exit ;; esac'
        replace_compiler(tmp_path, f'{version}\nexec {clang} "$@"')
        assert len(trees.check(kept=set(), describes=True, keeps_some=True)) > 400
    finally:
        trees.is_settled = False
        trees.pair.environment.update(theirs)
        trees.machine.environment.update(ours)


def replace_compiler(directory: Path, script: str) -> None:
    """Put a compiler in place of that in a directory, as one installs a package."""
    new = directory / "new"
    new.write_text(f"#!/bin/sh\n{script}\n")
    new.chmod(0o755)
    new.rename(directory / "clang-19")


def released(trees: Trees) -> str:
    """The release that our vmlinux is of."""
    return (trees.pair.ours / "include/config/kernel.release").read_text().strip()


# ---- lost outputs


@pytest.mark.parametrize(
    ("lost", "made"),
    [
        ("kernel/fork.o", {"kernel/fork.o"} | FOLLOWS_FORK),
        ("kernel/built-in.a", FOLLOWS_FORK),
        ("vmlinux", {"vmlinux"}),
    ],
)
def test_lost_output(trees, lost, made):
    for tree in (trees.pair.theirs, trees.pair.ours):
        (tree / lost).unlink()
    assert trees.check(kept=set()) == made


def test_lost_header(trees):
    for tree in (trees.pair.theirs, trees.pair.ours):
        (tree / "include/generated/utsrelease.h").unlink()
    users = {"init/version.o", "init/version-timestamp.o", "kernel/fork.o", "kernel/sys.o"}
    assert trees.check(kept=users) == users | {"include/generated/utsrelease.h"}
