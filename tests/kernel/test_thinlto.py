"""Distributed ThinLTO of real kernels: what edits cost, and the mode for kernels without it.

That the kernel's own mode makes what kbuild makes is one of the comparisons of test_build.py. What
is rebuilt after every kind of edit is tested on a small project too, in tests/thinlto.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ninjagen.kbuild.thinlto import INDEX, NATIVE
from tests.kernel.comparison import (
    cmd_files,
    commands_that_differ,
    differing,
    members,
    products,
    stage_files,
    thin_link_inputs,
)
from tests.kernel.ours import NINJAGEN, Generated, Machine, outputs
from tests.kernel.qemu import QEMU, SAMPLE, SAYS
from tests.kernel.reference import GOAL, LLVM, RELEASE, THIN_DIST, reference
from tests.kernel.trees import copy_source, kernel_source, replace_file

pytestmark = pytest.mark.kernel

NOTHING = "ninja: no work to do."


# ---- the head of the archive


@pytest.fixture(scope="module")
def described(tmp_path_factory) -> Tree:
    """build.ninja for loongarch without dyndep; nothing is built."""
    directory = tmp_path_factory.mktemp("loongarch")
    machine, source = Machine(directory), Path(kernel_source("7.2"))
    words = configured(
        machine, "7.2", directory / "out", THIN_DIST, arguments=("ARCH=loongarch", "--no-dyndep")
    )
    machine.run(words, source).check()
    return Tree(machine, source, directory / "out")


def test_head_objects_of_loongarch(described, tmp_path, measured):
    """Of the architectures that have the mode, the only one in scripts/head-object-list.txt.

    The kernel's own commands archive objects of nothing, and say which order they come out in.
    """
    machine, out = described.machine, described.out
    predicted = thin_link_inputs(out)
    assert predicted[0] == "arch/loongarch/kernel/head.o"

    (tmp_path / "x.c").write_text("int x;\n")
    compile_ = ["clang-19", "--target=loongarch64-linux-gnu", "-c", "x.c"]
    machine.run(compile_, tmp_path).check()
    for name in predicted:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes((tmp_path / "x.o").read_bytes())
    listed = machine.run(["ninja", "-t", "commands", "builtin.order"], out).check()
    for command in listed.stdout.splitlines():
        if re.search(r"llvm-ar-19 (cDPr\w* |t )", command):
            machine.run(["/bin/sh", "-c", command], out).check()
    assert (out / "builtin.order").read_text().split() == predicted
    measured.append(f"7.2 loongarch: {len(predicted)} objects in the order of the archive")


def test_runners_without_dyndep(described):
    """They ignore the variable, and some of them refuse versions of ninja newer than 1.9."""
    manifest = (described.out / "build.ninja").read_text()
    assert "ninja_required_version = 1.9\n" in manifest
    assert not re.search(r"^ +dyndep = ", manifest, re.M)
    predicted = (described.out / ".ninjagen/thinlto.predicted").read_text().split()
    archive = re.search(r"^build vmlinux\.a: \S+ (.*)", manifest, re.M)
    assert archive and {name.removesuffix(".o") + NATIVE for name in predicted} <= {
        *archive[1].split()
    }


# ---- edits, in a source tree of our own


@dataclass(frozen=True)
class Tree:
    """A kernel whose sources may be changed, and its object tree."""

    machine: Machine
    source: Path
    out: Path

    def generate(self, *words: str) -> None:
        command = [*NINJAGEN, *LLVM, f"O={self.out}", *words]
        self.machine.run(command, self.source).check()

    def ninja(self) -> set[str]:
        """Build; return what was made, and see that it was all."""
        command = ["ninja", "-C", str(self.out), GOAL]
        done = outputs(self.machine.run(command, self.source).check())
        again = self.machine.run(command, self.source).check()
        assert again.stdout.splitlines()[-1] == NOTHING
        return done

    def text(self, name: str) -> str:
        return (self.out / name).read_text()

    def imports(self) -> dict[str, set[str]]:
        """Ask the linker which objects each one imports from."""
        stage = self.out.with_name("imports")
        stage.mkdir(exist_ok=True)
        flags = re.search(
            r":= \S+ (.*) -r --thinlto", (self.out / ".vmlinux.thinlto-index.cmd").read_text()
        )
        assert flags
        command = ["ld.lld-19", *flags[1].split(), "-r", f"--thinlto-index-only={stage}/index",
                   "--thinlto-emit-imports-files", f"--thinlto-prefix-replace=;{stage}/",
                   "@builtin.order"]
        self.machine.run(command, self.out).check()
        names = (self.out / "vmlinux.thinlto-index").read_text().split()
        return {name: set((stage / f"{name}.imports").read_text().split()) for name in names}

    def with_importers(self, name: str) -> set[str]:
        return {name} | {other for other, names in self.imports().items() if name in names}


def front_ends(names: set[str]) -> set[str]:
    return {name for name in names if name.endswith(".o") and not name.endswith(NATIVE)}


def back_ends(names: set[str]) -> set[str]:
    return {name.removesuffix(NATIVE) + ".o" for name in names if name.endswith(NATIVE)}


def configured(
    machine: Machine, version: str, out: Path, *fragments: str, arguments: tuple[str, ...] = (),
) -> list[str]:
    """Configure a kernel; return the words that run ninjagen on it."""
    source = Path(kernel_source(version))
    words = [*NINJAGEN, *LLVM, *arguments, f"O={out}"]
    machine.run([*words, "tinyconfig"], source).check()
    with open(out / ".config", "a") as config:
        config.writelines(fragments)
    machine.run([*words, "olddefconfig"], source).check()
    return words


@pytest.fixture(scope="module")
def edited(tmp_path_factory) -> Tree:
    """A built kernel of one's own; each test finds it as the one before has left it."""
    directory = tmp_path_factory.mktemp("edited")
    source, out = directory / "linux", directory / "out"
    machine = Machine(directory)
    copy_source("7.2", source)
    options = "CONFIG_SYSFS=y\nCONFIG_IKCONFIG=y\nCONFIG_IKHEADERS=y\n"
    options += 'CONFIG_DEFAULT_INIT="/sbin/first"\n'
    configured(machine, "7.2", out, THIN_DIST, options)
    tree = Tree(machine, source, out)
    tree.generate()
    tree.ninja()
    return tree


@pytest.mark.full
def test_touch(edited):
    fork = edited.source / "kernel/fork.c"
    replace_file(fork, fork.read_text())
    assert edited.ninja() == {"kernel/fork.o"}


@pytest.mark.full
def test_body(edited, measured):
    fork, reached = edited.source / "kernel/fork.c", edited.with_importers("kernel/fork.o")
    assert len(reached) > 1
    replace_file(fork, fork.read_text().replace("\treturn total;", "\treturn total + 1;"))
    done = edited.ninja()
    assert front_ends(done) == {"kernel/fork.o", "vmlinux.o"}
    assert back_ends(done) == reached | edited.with_importers("kernel/fork.o")
    measured.append(f"7.2-dist: a body of kernel/fork.c costs {len(back_ends(done))} back ends")


@pytest.mark.full
def test_assembly(edited):
    assembly = edited.source / "arch/x86/lib/clear_page_64.S"
    replace_file(assembly, assembly.read_text() + "\n\t.long 0\n")
    done = edited.ninja()
    assert "arch/x86/lib/clear_page_64.o" in done and "vmlinux" in done
    assert back_ends(done) == set()


@pytest.mark.full
def test_removed_index(edited):
    (edited.out / f"kernel/fork.o{INDEX}").unlink()
    done = edited.ninja()
    assert (front_ends(done), back_ends(done)) == (set(), {"kernel/fork.o"})
    assert "vmlinux" not in done


@pytest.mark.full
def test_flag_of_one_file(edited):
    makefile, reached = edited.source / "kernel/Makefile", edited.with_importers("kernel/fork.o")
    text = makefile.read_text()
    replace_file(makefile, text + "\nCFLAGS_fork.o += -DNOBODY_READS='\"two words\"'\n")
    done = edited.ninja()
    # The definition moves what follows it, and where inline assembly stands is in the bitcode.
    assert (front_ends(done), back_ends(done)) == ({"kernel/fork.o", "vmlinux.o"}, reached)


@pytest.mark.full
def test_file_added_and_dropped(edited):
    makefile, text = edited.source / "kernel/Makefile", "int added(int x) { return x + 1; }\n"
    old = makefile.read_text()
    replace_file(edited.source / "kernel/added.c", "int added(int x);\n" + text)
    replace_file(makefile, old + "\nobj-y += added.o\n")
    done = edited.ninja()
    assert (front_ends(done), back_ends(done)) == (
        {"kernel/added.o", "vmlinux.o"}, {"kernel/added.o"}
    )
    assert f"kernel/added{NATIVE}" in members(edited.out / "vmlinux.a")

    replace_file(makefile, old)
    done = edited.ninja()
    assert (front_ends(done), back_ends(done)) == ({"vmlinux.o"}, set())
    assert f"kernel/added{NATIVE}" not in members(edited.out / "vmlinux.a")


@pytest.mark.full
def test_data_that_an_object_includes(edited):
    """Neither bitcode nor index holds it: kernel/configs.c and kernel/kheaders.c, `.incbin`."""
    header = edited.source / "include/linux/zorro.h"  # nothing that is built includes it
    replace_file(header, header.read_text() + "\n#define NOBODY_READS 1\n")
    expected = ({"kernel/kheaders.o", "vmlinux.o"}, {"kernel/kheaders.o"})
    done = edited.ninja()
    assert (front_ends(done), back_ends(done)) == expected

    replace_file(edited.source / "include/linux/added.h", "#define NOBODY_READS 2\n")
    done = edited.ninja()
    assert (front_ends(done), back_ends(done)) == expected
    (edited.source / "include/linux/added.h").unlink()
    done = edited.ninja()
    assert (front_ends(done), back_ends(done)) == expected


@pytest.mark.full
def test_option_that_one_file_mentions(edited):
    """The archives of .config and of headers follow, and the file; the clean build is the same.

    With a value of another length it would not be, with kbuild as with us: where inline assembly
    stands is in the bitcode, and autoconf.h comes before it in files that the option is not in.
    """
    reached = edited.with_importers("init/main.o")
    config = edited.out / ".config"
    old, new = 'CONFIG_DEFAULT_INIT="/sbin/first"', 'CONFIG_DEFAULT_INIT="/sbin/other"'
    assert old in config.read_text()
    config.write_text(config.read_text().replace(old, new))
    done = edited.ninja()
    data = {"kernel/configs.o", "kernel/kheaders.o"}
    assert front_ends(done) == {"init/main.o", "vmlinux.o", *data}
    assert back_ends(done) == reached | edited.with_importers("init/main.o") | data


@pytest.mark.full
def test_all_edits_are_as_a_clean_build(edited):
    names = ["vmlinux", *stage_files(edited.out)]
    kept = {name: (edited.out / name).read_bytes() for name in names}
    manifest, config = edited.text("build.ninja"), edited.text(".config")
    shutil.rmtree(edited.out)
    edited.out.mkdir()
    (edited.out / ".config").write_text(config)
    edited.generate()
    assert edited.text("build.ninja") == manifest
    edited.ninja()
    left = {f"kernel/added{NATIVE}", f"kernel/added.o{INDEX}"}  # of the dropped file
    assert {*kept} - left == {"vmlinux", *stage_files(edited.out)}
    assert [name for name in kept if name not in left
            and (edited.out / name).read_bytes() != kept[name]] == []


@pytest.mark.full
def test_flags_of_all(edited):
    edited.generate("KCFLAGS=-DNOBODY_READS")
    done = edited.ninja()
    bitcode = set((edited.out / "vmlinux.thinlto-index").read_text().split())
    assert back_ends(done) == bitcode <= front_ends(done)


# ---- kernels whose makefiles do not know the mode


@pytest.fixture(scope="module")
def ours(tmp_path_factory) -> Iterator[Generated]:
    """The configuration of 7.2-thin with --thinlto=dist, at the place of 7.2-dist."""
    ref, config = reference("7.2-dist"), reference("7.2-thin").config
    with ref.locked():
        ref.empty_tree()
        shutil.copy(config, ref.out / ".config")
        machine = Machine(tmp_path_factory.mktemp("ours"))
        run = machine.ninjagen(ref, "--thinlto=dist").check()
        yield Generated(ref, machine, run, (ref.out / "build.ninja").read_bytes())


def test_our_commands_are_those_of_the_kernels_own_mode(ours):
    assert commands_that_differ(ours.ref) == ""


@pytest.mark.full
def test_our_bytes_are_those_of_the_kernels_own_mode(tmp_path):
    """The option's name is in autoconf.h, where inline assembly stands is in the bitcode, and so
    its length matters. A release name of that length is in autoconf.h, or else an argument."""
    ref = reference("7.2-dist-release")
    config = ref.config.read_text()
    for old, new in (
        ("CONFIG_LTO_CLANG_THIN_DIST=y", "CONFIG_LTO_CLANG_THIN=y"),
        ("# CONFIG_LTO_CLANG_THIN is not set\n", ""),
        ('CONFIG_LOCALVERSION=""', f'CONFIG_LOCALVERSION="{RELEASE}"'),
    ):
        assert old in config
        config = config.replace(old, new)
    with ref.locked():
        ref.empty_tree()
        (ref.out / ".config").write_text(config)
        machine = Machine(tmp_path)
        words = [*NINJAGEN, *LLVM, f"O={ref.out}", "--thinlto=dist"]
        machine.run(words, ref.source).check()
        machine.ninja(ref).check()
        assert "CONFIG_LTO_CLANG_THIN=y" in (ref.out / "include/config/auto.conf").read_text()
        names = stage_files(ref.kbuild)
        assert sorted(stage_files(ref.out)) == sorted(names)
        saved = [name for name in cmd_files(ref.kbuild) if NATIVE in name]
        assert len(saved) > 400
        assert differing(ref, [*products(ref), *names, *saved]) == []
        assert members(ref.out / "vmlinux.a") == members(ref.kbuild / "vmlinux.a")


@pytest.mark.full
@pytest.mark.parametrize("options", [["--thinlto=dist"], ["--thinlto=dist", "--no-dyndep"]])
def test_kernel_without_the_mode_boots(tmp_path, options):
    """6.12, with modules enabled: modpost has to find the versions of its symbols."""
    out = tmp_path / "out"
    machine = Machine(tmp_path)
    initramfs = machine.run([str(SAMPLE / "make-init"), str(tmp_path)], tmp_path).check()
    words = configured(
        machine, "6.12", out, (SAMPLE / "config").read_text(),
        f'CONFIG_INITRAMFS_SOURCE="{initramfs.stdout.strip()}"\n',
        "CONFIG_LTO_CLANG_THIN=y\nCONFIG_MODULES=y\nCONFIG_MODVERSIONS=y\n"
        "CONFIG_IKCONFIG=y\n",
    )
    source = Path(kernel_source("6.12"))
    machine.run([*words, *options], source).check()
    tree = Tree(machine, source, out)
    tree.ninja()
    assert not machine.calls.exists(), machine.calls.read_text()
    booted = subprocess.run(
        [*QEMU, "-kernel", str(out / "vmlinux")], stdin=subprocess.DEVNULL, capture_output=True,
        timeout=300, check=True,
    )
    assert SAYS in booted.stdout.decode(errors="replace").splitlines(), booted.stdout[-2000:]

    lines = (out / "vmlinux.symvers").read_text().splitlines()
    exported = {name: version for version, name, *_ in map(str.split, lines)}
    assert len(exported) > 100
    assert exported.items() <= versions_in(out).items()


def versions_in(out: Path) -> dict[str, str]:
    """The versions of symbols that genksyms has computed when their files were compiled."""
    return dict(
        line.split()[1:]
        for name in sorted(cmd_files(out)) if NATIVE not in name
        for line in (out / name).read_text().splitlines() if line.startswith("#SYMVER ")
    )
