"""Random edits, one after the other: each build ends as a clean one, and is done then."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from ninjagen.kbuild import thinlto
from tests.thinlto.lab import NINJAS, Lab, Source

pytestmark = pytest.mark.kernel

QUICK = [("newest", True, 15)]
FULL = [(ninja, uses_dyndep, 200) for uses_dyndep in (True, False) for ninja in NINJAS]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "edits" in metafunc.fixturenames:
        plans = FULL if metafunc.config.getoption("--full") else QUICK
        metafunc.parametrize(("ninja", "uses_dyndep", "edits"), plans)


class Editor:
    """Changes a lab at random."""

    def __init__(self, lab: Lab, seed: int) -> None:
        self.lab = lab
        self.choose = random.Random(seed)
        self.dropped: list[Source] = []
        self.added = self.kills = 0

    def some(self) -> Source:
        return self.choose.choice(self.lab.sources)

    def body(self) -> str:
        source = self.some()
        source.number = self.choose.randrange(1, 1000)
        return f"body of {source.name}"

    def comment(self) -> str:
        source = self.some()
        source.comments = self.choose.randrange(4)
        return f"comment in {source.name}"

    def calls(self) -> str:
        source = self.some()
        names = [other.name for other in self.lab.sources]
        later = names[names.index(source.name) + 1 :]
        source.calls = self.choose.sample(later, min(len(later), self.choose.randrange(4)))
        return f"calls of {source.name}: {source.calls}"

    def flag(self) -> str:
        source = self.some()
        source.flags = self.choose.choice(
            ["", "-O1", "-Os", "-DA='\"b  c\"'", "-mllvm -align-all-functions=6", "-fno-inline"]
        )
        return f"flags of {source.name}: {source.flags}"

    def all_flags(self) -> str:
        self.lab.common = self.lab.common.split(" -D")[0] + f" -DX={self.choose.randrange(3)}"
        return "flags of all"

    def kind(self) -> str:
        source = self.some()
        source.kind = self.choose.choice(["lto", "elf", "single"])
        return f"{source.name} is {source.kind}"

    def hook(self) -> str:
        """Move the strong definition of a symbol that others define weakly."""
        for source in self.lab.sources:
            source.strong = ""
        source = self.some()
        source.strong = self.choose.choice(["", "hook"])
        source.weak = ""
        return f"hook in {source.name}"

    def touch(self) -> str:
        names = [f"{source.name}.c" for source in self.lab.sources] + ["start.S", "blob.bin"]
        name = self.choose.choice([name for name in names if self.lab.path(name).exists()])
        self.lab.touch(name)
        return f"touch {name}"

    def assembly(self) -> str:
        nops = "\tnop\n" * self.choose.randrange(4)
        self.lab.start = self.lab.start.replace("\tnop\n", "") + nops
        return "assembly"

    def data(self) -> str:
        self.lab.data = f"blob {self.choose.randrange(1000)}\n"
        return "data"

    def heads(self) -> str:
        self.lab.heads = f"start.o\n{self.some().object}\n"
        return f"heads: {self.lab.heads.split()}"

    def add(self) -> str:
        if self.dropped and self.choose.random() < 0.5:
            source = self.dropped.pop()
        else:
            self.added += 1
            source = Source(self.choose.choice(["", "sub/", "lib/"]) + f"new{self.added}",
                            calls=["lib/m18"], number=self.added)
        place = self.choose.randrange(1, len(self.lab.sources))
        self.lab.sources.insert(place, source)
        return f"add {source.name}"

    def drop(self) -> str:
        source = self.choose.choice(self.lab.sources[1:])  # the first one is where it starts
        self.lab.sources.remove(source)
        self.dropped.append(source)
        return f"drop {source.name}"

    def delete(self) -> str:
        names = [
            thinlto.DYNDEP, "vmlinux.thinlto-index", "builtin.order", "built-in-fixup.a",
            "sub/built-in.a", "vmlinux.a", "vmlinux.o", "vmlinux",
            *(name + end for name in sorted(self.lab.bitcode) for end in (thinlto.INDEX, "")),
            *(name[:-2] + thinlto.NATIVE for name in sorted(self.lab.bitcode)),
        ]
        gone = self.choose.sample(names, self.choose.randrange(1, 4))
        for name in gone:
            self.lab.path(name).unlink(missing_ok=True)
        return f"delete {gone}"

    def kill(self) -> str:
        """Kill a build in the middle, after another edit."""
        edit = self.choose.choice([self.body, self.all_flags, self.delete, self.flag])()
        self.lab.save()
        after = self.choose.choice([0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6])
        was_running = self.lab.kill(after)
        self.kills += was_running
        return f"{edit}, killed after {after} s: {was_running}"

    def edit(self) -> str:
        often: list[Callable[[], str]] = [self.body, self.kill, self.delete, self.add, self.drop]
        seldom = [self.comment, self.calls, self.flag, self.all_flags, self.kind, self.hook,
                  self.touch, self.assembly, self.data, self.heads]
        said = self.choose.choice(often * 2 + seldom)()
        while self.choose.random() < 0.25:  # several at once
            said += "; " + self.choose.choice([self.body, self.touch, self.comment, self.calls])()
        return said


def test_random_edits(lab_of, ninja, uses_dyndep, edits, measured):
    lab = lab_of(ninja=NINJAS[ninja](), uses_dyndep=uses_dyndep)
    editor = Editor(lab, seed=edits + uses_dyndep)
    done: list[str] = []
    fronts = backs = objects = 0
    for _ in range(edits):
        done.append(editor.edit())
        try:
            ran = lab.build()
            lab.compare_with_clean()
        except AssertionError as error:
            history = "\n  ".join(done[-6:])
            raise AssertionError(f"after edit {len(done)}:\n  {history}\n{error}") from error
        fronts, backs = fronts + len(ran.front), backs + len(ran.back)
        objects += len(lab.bitcode)
    mode = "" if uses_dyndep else " without dyndep"
    measured.append(
        f"lab, {ninja} ninja{mode}: {edits} random edits ({editor.kills} builds killed), {fronts} "
        f"front ends, {backs} back ends; "
        f"all back ends each time would be {objects}"
    )
