"""Distributed ThinLTO of real kernels: kbuild's own mode, and ours for kernels without it.

What is rebuilt after every kind of edit is tested on a small project, in tests/thinlto.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ninjagen.kbuild import thinlto
from tests.kernel.comparison import cmd_files, differing, files_of, products
from tests.kernel.ours import NINJAGEN, Generated, Machine, Run, generated_in_clean_tree
from tests.kernel.reference import GOAL, LLVM, THIN_DIST, reference
from tests.kernel.test_boot import QEMU, SAMPLE, SAYS
from tests.kernel.trees import copy_source, kernel_source, replace_file

pytestmark = pytest.mark.kernel

INDEX, NATIVE = thinlto.INDEX, thinlto.NATIVE
STAGES = ("builtin.order", "vmlinux.thinlto-index", "vmlinux.o")
NOTHING = "ninja: no work to do."


@pytest.fixture
def full(pytestconfig: pytest.Config) -> None:
    if not pytestconfig.getoption("--full"):
        pytest.skip("a kernel build of its own: only with --full")


def stage_files(tree: Path) -> list[str]:
    """The files that the stages leave, objects' indexes and native objects among them."""
    made = [name for name in files_of(tree) if name.endswith((INDEX, NATIVE))]
    return [*STAGES, *sorted(made)]


def members(archive: Path) -> list[str]:
    done = subprocess.run(
        ["llvm-ar-19", "t", archive.name], cwd=archive.parent, capture_output=True, text=True,
        check=True,
    )
    return done.stdout.split()


def thin_link_inputs(out: Path) -> list[str]:
    """The objects that build.ninja gives the thin link."""
    manifest = (out / "build.ninja").read_text()
    found = re.search(r"^build vmlinux\.thinlto-index \|[^:]*: \S+ ([^|\n]*) \|", manifest, re.M)
    assert found
    return found[1].split()


# ---- the kernel's own mode


@pytest.fixture(scope="module")
def dist(tmp_path_factory) -> Iterator[Generated]:
    with generated_in_clean_tree("7.2-dist", tmp_path_factory.mktemp("dist")) as tree:
        tree.machine.ninja(tree.ref).check()
        yield tree


def test_stages_are_equal(dist, measured):
    names = stage_files(dist.ref.kbuild)
    indexes = sum(name.endswith(INDEX) for name in names)
    natives = sum(name.endswith(NATIVE) for name in names)
    assert indexes == natives > 400
    assert sorted(stage_files(dist.ref.out)) == sorted(names)
    assert differing(dist.ref, [*products(dist.ref), *names]) == []
    measured.append(f"7.2-dist: {indexes} indexes and {natives} native objects equal kbuild's")


def test_archive_has_the_same_members(dist):
    assert members(dist.ref.out / "vmlinux.a") == members(dist.ref.kbuild / "vmlinux.a")


def test_saved_commands_are_equal(dist):
    assert differing(dist.ref, sorted(cmd_files(dist.ref.kbuild))) == []


def test_inputs_of_the_thin_link_are_in_archive_order(dist):
    order = (dist.ref.out / "builtin.order").read_text().split()
    assert members(dist.ref.out / "built-in-fixup.a") == order
    assert thin_link_inputs(dist.ref.out) == order


def test_nothing_is_left_to_do(dist):
    done = dist.machine.ninja(dist.ref).check()
    assert done.stdout.splitlines()[-1] == NOTHING


def test_lost_index_costs_one_back_end(dist):
    (dist.ref.out / f"kernel/fork.o{INDEX}").unlink()
    ran = outputs(dist.machine.ninja(dist.ref).check())
    assert {name for name in ran if name.endswith(NATIVE)} == {f"kernel/fork{NATIVE}"}
    assert "vmlinux" not in ran
    assert differing(dist.ref, [*products(dist.ref), *stage_files(dist.ref.kbuild)]) == []


def test_head_objects_of_loongarch(tmp_path, measured):
    """Of the architectures that have the mode, the only one in scripts/head-object-list.txt.

    The kernel's own commands archive objects of nothing, and say which order they come out in.
    """
    out, machine = tmp_path / "out", Machine(tmp_path)
    words = configured(machine, "7.2", out, THIN_DIST, arguments=("ARCH=loongarch",))
    machine.run(words, Path(kernel_source("7.2"))).check()
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


# ---- edits, in a source tree of our own


@dataclass(frozen=True)
class Tree:
    """A kernel whose sources may be changed, and its object tree."""

    machine: Machine
    source: Path
    out: Path

    def ninja(self) -> set[str]:
        """Build; return what was made, and see that it was all."""
        command = ["ninja", "-C", str(self.out), GOAL]
        done = outputs(self.machine.run(command, self.source).check())
        again = self.machine.run(command, self.source).check()
        assert again.stdout.splitlines()[-1] == NOTHING
        return done

    def imports(self) -> dict[str, set[str]]:
        """Ask the linker which objects each one imports from."""
        stage = self.out / ".imports"
        stage.mkdir(exist_ok=True)
        (self.out / "imports.rsp").write_text((self.out / "builtin.order").read_text())
        flags = re.search(
            r":= \S+ (.*) -r --thinlto", (self.out / ".vmlinux.thinlto-index.cmd").read_text()
        )
        assert flags
        command = ["ld.lld-19", *flags[1].split(), "-r", f"--thinlto-index-only={stage}/index",
                   "--thinlto-emit-imports-files", f"--thinlto-prefix-replace=;{stage}/",
                   "@imports.rsp"]
        self.machine.run(command, self.out).check()
        names = (self.out / "vmlinux.thinlto-index").read_text().split()
        return {name: set((stage / f"{name}.imports").read_text().split()) for name in names}

    def with_importers(self, name: str) -> set[str]:
        return {name} | {other for other, names in self.imports().items() if name in names}


def outputs(run: Run) -> set[str]:
    """What a ninja made, as its log says."""
    return set(re.findall(r"^\[\d+/\d+\]\s+\w+\s+(\S+)$", run.stdout, re.M))


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


def test_edits(full, tmp_path, measured):
    source, out = tmp_path / "linux", tmp_path / "out"
    machine = Machine(tmp_path)
    copy_source("7.2", source)
    configured(machine, "7.2", out, THIN_DIST)
    machine.run([*NINJAGEN, *LLVM, f"O={out}"], source).check()
    tree = Tree(machine, source, out)
    tree.ninja()
    fork = source / "kernel/fork.c"
    text = fork.read_text()

    replace_file(fork, text)
    assert tree.ninja() == {"kernel/fork.o"}

    reached = tree.with_importers("kernel/fork.o")
    assert len(reached) > 1
    replace_file(fork, text.replace("\treturn total;", "\treturn total + 1;"))
    done = tree.ninja()
    assert front_ends(done) == {"kernel/fork.o", "vmlinux.o"}
    assert back_ends(done) == reached | tree.with_importers("kernel/fork.o")
    measured.append(f"7.2-dist: a body of kernel/fork.c costs {len(back_ends(done))} back ends")

    assembly = source / "arch/x86/lib/clear_page_64.S"
    replace_file(assembly, assembly.read_text() + "\n\t.long 0\n")
    done = tree.ninja()
    assert "arch/x86/lib/clear_page_64.o" in done and "vmlinux" in done
    assert back_ends(done) == set()

    makefile = source / "kernel/Makefile"
    old = makefile.read_text()
    replace_file(makefile, old + "\nCFLAGS_fork.o += -DNOBODY_READS='\"two words\"'\n")
    done = tree.ninja()
    # The definition moves what follows it, and where inline assembly stands is in the bitcode.
    reached = tree.with_importers("kernel/fork.o")
    assert (front_ends(done), back_ends(done)) == ({"kernel/fork.o", "vmlinux.o"}, reached)

    replace_file(
        source / "kernel/added.c", "int added(int x);\nint added(int x) { return x + 1; }\n"
    )
    replace_file(makefile, old + "\nobj-y += added.o\n")
    done = tree.ninja()
    assert front_ends(done) == {"kernel/added.o", "kernel/fork.o", "vmlinux.o"}
    assert back_ends(done) == {"kernel/added.o", *reached}
    assert f"kernel/added{NATIVE}" in members(out / "vmlinux.a")

    replace_file(makefile, old)
    done = tree.ninja()
    assert back_ends(done) == set()
    assert f"kernel/added{NATIVE}" not in members(out / "vmlinux.a")


# ---- kernels whose makefiles do not know the mode


def test_ours_equals_the_kernels_own(full, tmp_path):
    """The configuration of 7.2-thin with --thinlto=dist: what CONFIG_LTO_CLANG_THIN_DIST makes."""
    with generated_in_clean_tree("7.2-thin", tmp_path) as tree:
        tree.machine.ninjagen(tree.ref, "--thinlto=dist").check()
        tree.machine.ninja(tree.ref).check()
        own = reference("7.2-dist").kbuild
        names = stage_files(own)
        assert sorted(stage_files(tree.ref.out)) == sorted(names)
        different = [
            name for name in ["vmlinux", *names]
            if (own / name).read_bytes() != (tree.ref.out / name).read_bytes()
        ]
        assert different == []
        assert members(tree.ref.out / "vmlinux.a") == members(own / "vmlinux.a")


@pytest.mark.parametrize("options", [["--thinlto=dist"], ["--thinlto=dist", "--no-dyndep"]])
def test_kernel_without_the_mode_boots(full, tmp_path, options):
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

    versions = [line.split("\t")[0] for line in (out / "vmlinux.symvers").read_text().splitlines()]
    assert len(versions) > 100 and "0x00000000" not in versions
