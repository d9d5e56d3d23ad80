"""Trees that the real make has built: ninja goes on from there, and make after it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ninjagen.ninja import log
from tests.kernel.comparison import cmd_files, differing, products
from tests.kernel.ours import Machine
from tests.kernel.reference import GOAL, VARIANTS, Reference, reference, run_make
from tests.kernel.test_build import work_of

pytestmark = pytest.mark.kernel

QUICK = ("7.2-llvm",)


# modpost leaves what did not change, older than the objects that it checks: it has to run.
CHECKED = {"vmlinux.symvers"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    full = metafunc.config.getoption("--full")
    # Elsewhere a copy of kbuild's tree is not where kbuild built it.
    names = [name for name, variant in VARIANTS.items() if variant.place == "outside"]
    metafunc.parametrize("tree", names if full else QUICK, indirect=True, scope="module")


class Tree:
    """What make has built, where it built it."""

    def __init__(self, ref: Reference, directory: Path) -> None:
        self.ref = ref
        self.machine = Machine(directory)
        self.log = directory / "make.log"
        self.make()

    def make(self) -> None:
        """Bring kbuild's own tree there, and up to date: sources may have been touched since."""
        shutil.rmtree(self.ref.out, ignore_errors=True)
        subprocess.run(["cp", "-a", str(self.ref.kbuild), str(self.ref.out)], check=True)
        run_make(self.ref, GOAL, log=self.log)

    def said_by_make(self) -> list[str]:
        """What make does now."""
        run_make(self.ref, GOAL, log=self.log)
        return work_of(self.log.read_text().splitlines())

    def adopted(self, *words: str) -> list[int]:
        """Run ninjagen; return the numbers it says about adopting."""
        run = self.machine.ninjagen(self.ref, *words).check()
        return [int(n) for pair in re.findall(r"adopted (\d+) of (\d+)", run.stdout) for n in pair]

    def ran(self) -> set[str]:
        """Let ninja build; return which of what it made kbuild saves a command of."""
        done = self.machine.ninja(self.ref).check()
        assert not self.machine.calls.exists()
        again = self.machine.ninja(self.ref).check()
        assert again.stdout.splitlines()[-1] == "ninja: no work to do.", done.stdout
        entries = log.read_log(str(self.ref.out / ".ninjagen" / log.LOG)).entries()
        return {entry.output for entry in entries if entry.end and self.saved(entry.output)}

    def saved(self, output: str) -> bool:
        directory, name = os.path.split(self.ref.out / output)
        return os.path.exists(f"{directory}/.{name}.cmd")


@pytest.fixture(scope="module")
def tree(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[Tree]:
    ref = reference(request.param)
    with ref.locked():
        yield Tree(ref, tmp_path_factory.mktemp("adopted"))


def test_nothing_is_compiled_or_linked(tree, measured):
    """Also where build.ninja was written before: make has built the kernel since."""
    assert tree.adopted("--no-adopt") == []
    planned = tree.machine.ninja(tree.ref, "-n").check().stdout
    assert planned.count(" CC ") > 300
    few, all_ = tree.adopted()
    measured.append(f"{tree.ref.variant.name}: adopted {few} of {all_} outputs")
    assert few == all_ > 500
    assert tree.ran() <= CHECKED
    assert differing(tree.ref, [*products(tree.ref), *sorted(cmd_files(tree.ref.kbuild))]) == []


def test_make_compiles_nothing_afterwards(tree):
    assert tree.said_by_make() == work_of(tree.ref.null_build())
    assert tree.ran() <= CHECKED


def test_what_is_not_proved_is_compiled(tree):
    """An object that is older than its source, one that is gone, one with another command."""
    tree.make()
    older, gone, other = "kernel/cred.o", "mm/util.o", "lib/kobject.o"
    os.utime(tree.ref.out / older, (10**9, 10**9))
    (tree.ref.out / gone).unlink()
    saved = tree.ref.out / "lib/.kobject.o.cmd"
    before = saved.read_text()
    saved.write_text(before.replace(" -nostdinc ", " -nostdinc -DOTHER ", 1))
    assert saved.read_text() != before
    few, all_ = tree.adopted()
    assert all_ - few == 1  # the one that is gone is not among them
    ran = tree.ran()
    assert {path for path in ran if path.endswith(".o")} == {older, gone, other, "vmlinux.o"}
    assert differing(tree.ref, [*products(tree.ref), *sorted(cmd_files(tree.ref.kbuild))]) == []
