"""A makefile that many processes read gives each what it gives a process of its own."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import random_makefiles

from ninjagen.errors import NinjagenError
from ninjagen.make import stretches
from ninjagen.make.process import Process
from ninjagen.make.variables import Constants
from ninjagen.make.world import Parses, RealWorld

happens = stretches.Stretch.happens


@pytest.fixture(autouse=True)
def _noted_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "_NOTED_AT", frozenset((2, 7)))


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> Counter[bool]:
    """How often stretches have happened, and have not."""
    counted: Counter[bool] = Counter()

    def counting(stretch: stretches.Stretch, env: Any) -> bool:
        counted[done := happens(stretch, env)] += 1
        return done

    monkeypatch.setattr(stretches.Stretch, "happens", counting)
    return counted


def outcome(directory: Path, arguments: Sequence[str], parses: Parses | None = None) -> Any:
    """Return all that a process knows, has said and has looked for once its makefiles are read."""
    said: list[str] = []
    asked: list[str] = []

    class Answers(Constants):
        """Constants that note what is looked up."""

        __slots__ = ()

        def __init__(self, constants: Constants) -> None:
            super().__init__(constants.all())
            find = self.get
            self.get = lambda name: (asked.append(name), find(name))[1]  # type: ignore[func-returns-value]

    class World(RealWorld):
        """The machine, with such constants."""

        def constants(self, makefile: Any, path: str) -> Constants | None:
            found = super().constants(makefile, path)
            return found and Answers(found)

    process = Process(
        arguments, {"FROM": "outside", "SHELL": "/bin/sh"}, World(str(directory), parses),
        lambda world, path: world, said.append, said.append,
    )
    error = ""
    try:
        process.read()
    except NinjagenError as found:
        error = str(found)
    env = process.evaluator
    variables = [
        (each.name, each.value, each.recursive, each.origin, each.export, each.private, each.loc)
        for each in map(env.variables.get, [*env.variables]) if each is not None
    ]
    rules = [
        (file.name, [needed.name for needed in file.prerequisites], file.is_phony,
         file.recipe and (file.recipe.lines, file.recipe.loc))
        for file in env.database.files.values()
    ]
    return error, said, variables, rules, sorted({*asked})


def same(
    directory: Path, runs: Sequence[Sequence[str]], show: Callable[[int], str] = str
) -> list[Any]:
    """Return what some runs come to, one after the other; each is also done by itself."""
    parses = Parses()
    results = []
    for number, arguments in enumerate(runs):
        results.append(outcome(directory, arguments, parses))
        alone = outcome(directory, arguments)
        for ours, wanted in zip(results[-1], alone, strict=True):
            assert ours == wanted, show(number)
    return results


SETTINGS = ["v0 = a", "v0 := b c", "v1 := y", "v2 = $(A)", "A = 1", "A += 2", "B := n", "v3 = x.c"]


def test_random_makefiles(tmp_path: Path, tries: Counter[bool]) -> None:
    for seed in range(1, 61):
        chance = random.Random(seed)
        (tmp_path / "main").write_text(random_makefiles.Generator(seed).makefile())
        (tmp_path / "auto.conf").write_text("".join(f"CONFIG_{n}=y\n" for n in range(20)))
        settings = [chance.sample(SETTINGS, 2) for _ in range(3)]
        for number in range(3):
            (tmp_path / f"set{number}").write_text("\n".join(settings[number]) + "\n")
        runs = [
            ["-f", "auto.conf", "-f", f"set{chance.choice((0, 0, 0, 1, 2))}", "-f", "main",
             *(["v4=given"] if chance.random() < 0.2 else [])]
            for _ in range(12)
        ]
        same(tmp_path, runs, lambda number, seed=seed: f"seed {seed}, run {number}")
    assert tries[True] > 1000
    assert tries[False] > 150


MAIN = """\
flags := $(if $(CONFIG_A),-a,-b)
src := $(obj)
ifdef CONFIG_B
ifeq ($(kind),module)
flags += -m
else ifdef CONFIG_C
flags += -c
else
flags += -p
endif
endif
list-$(CONFIG_A) += one
list-$(CONFIG_C) += two
origin := $(origin from)
"""
CONF = "CONFIG_A=y\nCONFIG_B=y\nfrom = x\n" + "".join(f"CONFIG_{n}=y\n" for n in range(20))


def test_what_varies_is_left_out(tmp_path: Path, tries: Counter[bool]) -> None:
    """And all else is one stretch, or those beside what varies."""
    (tmp_path / "auto.conf").write_text(CONF)
    (tmp_path / "main").write_text(MAIN)
    runs = [["-f", "auto.conf", "-f", "main", f"obj=dir{n}"] for n in range(12)]
    results = same(tmp_path, runs)
    assert tries[False] < 6
    tries.clear()
    parses = Parses()
    for arguments in runs:
        outcome(tmp_path, arguments, parses)
    assert tries[True] >= 6
    assert "CONFIG_C" in results[-1][-1]  # stretches look for what their statements look for


@pytest.mark.parametrize(
    "given", ["kind=module", "flags=mine", "CONFIG_C=y", "CONFIG_B=", "from=x"]
)
def test_a_stretch_does_not_happen_where_something_is_different(
    tmp_path: Path, tries: Counter[bool], given: str
) -> None:
    (tmp_path / "auto.conf").write_text(CONF)
    (tmp_path / "main").write_text(MAIN)
    plain = ["-f", "auto.conf", "-f", "main", "obj=here"]
    same(tmp_path, [plain] * 5)
    assert tries == Counter({True: 3})
    tries.clear()
    same(tmp_path, [*[plain] * 4, [*plain, given], plain])
    assert tries[False] == 1
    assert tries[True] == 3


def test_a_variable_of_another_flavor_is_different(tmp_path: Path, tries: Counter[bool]) -> None:
    (tmp_path / "late").write_text("late = y\n")
    (tmp_path / "now").write_text("late := y\n")
    (tmp_path / "main").write_text("kind := $(flavor late)\n")
    same(tmp_path, [["-f", name, "-f", "main"] for name in ("late", "late", "late", "now")])
    assert tries == Counter({True: 1, False: 1})


@pytest.mark.parametrize("statement", [
    "x := $(shell echo a)",
    "x != echo a",
    "x := $(wildcard *)",
    "x := $(info said)",
    "x := $(eval y := 2)",
    "x := $(words $(.VARIABLES))",
    "undefine x",
    "export x := 3",
    "override x := 3",
    "FROM := inside",
    "x := $(call f)",
])  # fmt: skip
def test_what_does_more_than_look_up_and_set_is_done_each_time(
    tmp_path: Path, statement: str, tries: Counter[bool]
) -> None:
    (tmp_path / "main").write_text(
        f"f = $(shell echo of f)\nifdef a\nb := 1\nendif\n{statement}\nifdef a\nc := 1\nendif\n"
    )
    same(tmp_path, [["-f", "main"]] * 5)
    assert tries == Counter({True: 6})  # those on both sides, in three runs


def test_a_recipe_with_a_conditional_stays_open(tmp_path: Path) -> None:
    (tmp_path / "main").write_text(
        "ifdef a\nb := 1\nendif\nall:\n\t@echo 1\nifdef a\n\t@echo 2\nendif\n\t@echo 3\nc := 1\n"
    )
    same(tmp_path, [["-f", "main"]] * 5)


def test_a_stretch_may_stand_between_lines_of_a_recipe(
    tmp_path: Path, tries: Counter[bool]
) -> None:
    (tmp_path / "main").write_text(
        "ifdef a\nall:\n\t@echo 1\nendif\n"
        "ifdef b\nc := 1\nendif\nifdef d\ne := 1\nendif\n"
        "ifdef a\n\t@echo 2\nendif\nf := 1\n"
    )
    plain = ["-f", "main"]
    runs = [*[plain] * 2, *[[*plain, "a=1"]] * 3, *[plain] * 3, [*plain, "a=1"]]
    results = same(tmp_path, runs)
    lines = results[-1][3][0][-1][0]
    assert [line.text for line in lines] == ["@echo 1", "@echo 2"]
    assert tries[True] > 1


def test_an_error_is_told_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "main").write_text("a := 1\nb := $(a)\nifdef bad\nx := $(error no)\nendif\n")
    results = same(tmp_path, [*[["-f", "main"]] * 5, ["-f", "main", "bad=1"]])
    assert results[-1][0].startswith("main:4: *** no.")


def test_a_process_of_another_directory(tmp_path: Path) -> None:
    """$(abspath) knows where it is."""
    (tmp_path / "main").write_text("a := $(abspath x)\nb := $(a)\n")
    (tmp_path / "sub").mkdir()
    parses = Parses()
    main = ["-f", str(tmp_path / "main")]
    for _ in range(4):
        outcome(tmp_path, main, parses)
    assert outcome(tmp_path / "sub", main, parses) == outcome(tmp_path / "sub", main)
