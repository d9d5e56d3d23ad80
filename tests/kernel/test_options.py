"""Options of a real kernel, changed one after another: described with records as from nothing.

CI does it with a tinyconfig, `--full` with the defconfig of each architecture, too.
"""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pytest

from tests.kernel.ours import NINJAGEN, Machine, run
from tests.kernel.trees import kernel_source

pytestmark = pytest.mark.kernel

GOALS = ("vmlinux", "modules")
OPTION = re.compile(r"CONFIG_(\w+)=[ym]|# CONFIG_(\w+) is not set")
COUNTS = re.compile(r"make processes: (\d+), evaluated: (\d+)\n")


class Tree:
    """A configured object tree."""

    def __init__(self, out: Path, machine: Machine, arch: str, goal: str) -> None:
        self.out, self.machine = out, machine
        self.words = (f"ARCH={arch}", "LLVM=-19", f"O={out}")
        self.ninjagen(goal)

    def ninjagen(self, *words: str) -> str:
        """Run ninjagen; return what it says."""
        command = [*NINJAGEN, "-d", "stats", *self.words, *words]
        return run(command, Path(kernel_source("7.2")), self.machine.environment).check().stdout

    def counts(self) -> tuple[int, int]:
        """Describe the tree; return how many makes there are, and how many were evaluated."""
        (counts,) = COUNTS.findall(self.ninjagen(*GOALS))
        return int(counts[0]), int(counts[1])

    def texts(self) -> list[str]:
        """What a description wrote."""
        return [(self.out / name).read_text() for name in ("build.ninja", "compile_commands.json")]

    def change(self, rng: random.Random, most: int) -> list[str]:
        """Set some options that are unset, unset some that are set; return what is other now."""
        path = self.out / ".config"
        lines = path.read_text().splitlines()
        before = set(lines)
        known = [number for number, line in enumerate(lines) if OPTION.fullmatch(line)]
        for number in rng.sample(known, rng.randint(1, most)):
            was, was_not = OPTION.fullmatch(lines[number]).groups()  # type: ignore[union-attr]
            lines[number] = f"# CONFIG_{was} is not set" if was else f"CONFIG_{was_not}=y"
        path.write_text("\n".join(lines) + "\n")
        self.ninjagen("olddefconfig")
        return sorted(before ^ set(path.read_text().splitlines()))


@pytest.mark.parametrize(
    ("arch", "goal"),
    [
        ("x86_64", "tinyconfig"),
        *(
            pytest.param(arch, "defconfig", marks=pytest.mark.full)
            for arch in ("x86_64", "arm64", "riscv", "loongarch")
        ),
    ],
)
def test_changed_options_are_as_described_from_nothing(
    arch: str, goal: str, tmp_path: Path
) -> None:
    rng = random.Random(20261121)
    tree = Tree(tmp_path / "out", Machine(tmp_path), arch, goal)
    tree.counts()
    few = 0
    for _ in range(6):
        changed = tree.change(rng, most=3)
        makes, evaluated = tree.counts()
        few += evaluated < makes / 2
        with_records = tree.texts()
        state = (tree.out / ".ninjagen").rename(tmp_path / "state")
        assert tree.counts() == (makes, makes)
        assert tree.texts() == with_records, changed
        shutil.rmtree(tree.out / ".ninjagen")
        state.rename(tree.out / ".ninjagen")
    assert few  # so that records had a part in it
