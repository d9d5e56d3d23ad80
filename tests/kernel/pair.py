"""One source tree that may be changed, and two object trees built from it: kbuild's and ours."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.kernel.ours import NINJAGEN, Machine, run
from tests.kernel.reference import GOAL, build_environment, reference
from tests.kernel.trees import replace_file, restore_source

JOBS = f"-j{os.cpu_count() or 1}"


@dataclass(frozen=True)
class Pair:
    """Where the trees are, and the commands that build them."""

    source: Path  # make and ninjagen run in it
    theirs: Path  # kbuild's
    ours: Path
    words: tuple[str, ...] = ()  # as make and ninjagen take them; O= is added
    environment: Mapping[str, str] = field(default_factory=build_environment)  # make's

    def make(self, *words: str, goal: str = GOAL) -> list[str]:
        """The command that builds with kbuild."""
        return ["make", JOBS, *self.words, f"O={self.theirs}", *words, goal]

    def ninjagen(self, *words: str) -> list[str]:
        """The command that describes the build."""
        return [*NINJAGEN, *self.words, f"O={self.ours}", *words]

    def ninja(self, *flags: str, goal: str = GOAL) -> list[str]:
        """The command that builds with ninja, with as many jobs as make has."""
        return ["ninja", "-C", str(self.ours), JOBS, *flags, goal]

    def configure(self, options: Mapping[str, str]) -> None:
        """Set options in both object trees, as people edit a .config."""
        for tree in (self.theirs, self.ours):
            config = tree / ".config"
            config.write_text(with_options(config.read_text(), options))

    def text(self, name: str) -> str:
        """What a file of the source tree says."""
        return (self.source / name).read_text()

    def change(self, name: str, text: str) -> None:
        """Give a file of the source tree a text. The file may be a link to somebody else's."""
        replace_file(self.source / name, text)

    def touch(self, name: str) -> None:
        """Give a file of the source tree a new time."""
        self.change(name, self.text(name))


def with_options(config: str, options: Mapping[str, str]) -> str:
    """The text of a .config with some options set, each where it was; "n" unsets one."""
    wanted = {
        name: f"# {name} is not set" if value == "n" else f"{name}={value}"
        for name, value in options.items()
    }
    lines = [wanted.pop(option_of(line), line) for line in config.splitlines()]
    return "".join(f"{line}\n" for line in [*lines, *wanted.values()])


def option_of(line: str) -> str:
    """The option that a line of a .config sets or unsets; of any other line, its beginning."""
    return line.removeprefix("# ").replace("=", " ").partition(" ")[0]


@contextmanager
def both_built(name: str, machine: Machine) -> Iterator[Pair]:
    """The trees of a reference with a source of its own.

    Ours is the object tree as those before left it, if there were any, brought up to date. Kbuild's
    is a copy of its build, which has settled in its new place: a few commands name the object tree.
    """
    ref = reference(name)
    with ref.locked():
        restore_source(ref.variant.version, ref.source)
        make = ref.home / "make"
        if not make.exists():
            shutil.rmtree(f"{make}.copy", ignore_errors=True)
            shutil.copytree(ref.kbuild, f"{make}.copy", symlinks=True)
            os.rename(f"{make}.copy", make)
        if not ref.out.exists():
            ref.empty_tree()
        pair = Pair(ref.source, make, ref.out, ref.variant.arguments, ref.environment)
        for tree in (make, ref.out):
            shutil.copy(ref.config, tree / ".config")
        run(pair.make(), pair.source, pair.environment).check()
        machine.run(pair.ninjagen(), pair.source).check()
        machine.run(pair.ninja(), pair.source).check()
        try:
            yield pair
        finally:
            restore_source(ref.variant.version, ref.source)
