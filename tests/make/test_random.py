"""Random makefiles show the same under GNU make and under ninjagen.make.

A difference found here or by `random_makefiles.py --count` first becomes a case under cases/.
"""

from __future__ import annotations

from pathlib import Path

import oracle
import pytest
import random_makefiles

SEEDS = range(1, 61)


@pytest.mark.parametrize("seed", SEEDS)
def test_same_as_gnu_make(seed: int, place: Path) -> None:
    text = random_makefiles.Generator(seed).makefile()
    both = random_makefiles.differs(text, place)
    assert both is None, f"seed {seed}:\n{both[0]}\n--- ninjagen.make:\n{both[1]}"


@pytest.mark.parametrize("seed", SEEDS)
def test_same_rules_as_gnu_make(seed: int, place: Path) -> None:
    text, files = random_makefiles.made_from(seed, of_rules=True)
    both = random_makefiles.differs(text, place, files)
    assert both is None, f"seed {seed}:\n{both[0]}\n--- ninjagen.make:\n{both[1]}"


def test_most_random_makefiles_are_correct(place: Path) -> None:
    """A generator of errors would compare little more than one message each."""
    statuses = []
    for seed in SEEDS:
        case = random_makefiles.case_of(random_makefiles.Generator(seed).makefile())
        oracle.prepare(case, place)
        statuses.append(oracle.run_gnu_make(case, ("test",), place).returncode)
    assert statuses.count(0) > len(SEEDS) * 3 // 4


def test_a_makefile_is_cut_down_to_what_matters() -> None:
    text = "A = 1\n$(info x)\nB = 2 needle 3\ntest:\n"
    assert random_makefiles.minimise(text, lambda shorter: "needle" in shorter) == "needle"
