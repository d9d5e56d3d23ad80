"""Every makefile under cases/ shows the same under GNU make and under ninjagen.make.

Once as `make -n` shows it, once with its recipes run; then the files they make are compared, too.

The header of a case (`#T` lines) says how it is run:

    #T goals: a b; c      two runs, one with goals a and b; `-` is a run without goals
                          (default: every target of the file whose name begins with test)
    #T args: -k A=1       further arguments, quoted as for a shell
    #T env: A=1           the environment, beside PATH and LC_ALL
    #T files: a.c@-10 b.h=text dir/     files to be there before, `@` seconds from the others
    #T file: inc.mk       a file of several lines, which follow as `#| text`
    #T returncode: 2      the exit status (default: 0, or 2 when the name begins with err_)
    #T oracle: none (why)               GNU make 4.3 cannot be asked; instead:
    #T expect: line                     a line of the output
    #T expect-error: text               a part of the message it must fail with
"""

from __future__ import annotations

import dataclasses
import itertools
import re
import subprocess
import sys
from pathlib import Path

import oracle
import pytest

from ninjagen.make.evaluator import Evaluator
from ninjagen.make.tracing import TracingEvaluator

ROOT = Path(__file__).parents[2]
CASES = sorted((Path(__file__).parent / "cases").glob("*.mk"))
PARSED = [oracle.read_case(path) for path in CASES]
WITH_ORACLE = [case for case in PARSED if not case.unlike_make]
WITHOUT_ORACLE = [case for case in PARSED if case.unlike_make]
EVALUATORS = [Evaluator, TracingEvaluator]  # that which keeps places means the same


def ids(case: oracle.Case) -> str:
    return case.name


def test_there_are_cases() -> None:
    assert len(CASES) >= 400
    assert all(case.runs for case in PARSED), "a case without a goal shows nothing"
    assert all(case.expect or case.expect_error for case in WITHOUT_ORACLE)


def test_the_oracle_is_the_make_we_imitate() -> None:
    """4.3 and 4.4 differ in what $(shell) sees and in MAKEFLAGS, so the version is pinned."""
    answer = subprocess.run([oracle.MAKE, "--version"], capture_output=True, text=True, check=True)
    assert re.match(r"GNU Make 4\.3\b", answer.stdout), answer.stdout.split("\n")[0]


def test_a_case_finds_nothing_of_the_one_before(tmp_path: Path) -> None:
    def states(directory: Path) -> dict[str, object]:
        found = {name: (directory / name).lstat() for name in oracle.files_below(directory)}
        return {
            name: (text, found[name].st_mode, text is None or found[name].st_mtime)
            for name, text in oracle.files_below(directory).items()
        }

    files = [oracle.File(name, "text\n", oracle.EPOCH) for name in "abcdef"]
    files += [oracle.File("dir/inside", "1234\n", 1), oracle.File("empty/", "", 1)]
    case = oracle.Case("case", "all:", (), files=tuple(files))
    oracle.prepare(case, tmp_path / "anew")
    oracle.prepare(case, tmp_path / "used")
    subprocess.run(["sh", "-ec", """
        rm a; echo news > b; touch c; chmod 600 d; rm e; ln -s f e; rm f; mkdir -p f/more; : > g
        echo 5678 > dir/inside; touch -d @1 dir/inside; rmdir empty; ln -s dir empty; : > dir/more
    """], cwd=tmp_path / "used", check=True)
    oracle.prepare(case, tmp_path / "used")
    assert states(tmp_path / "used") == states(tmp_path / "anew")
    oracle.prepare(dataclasses.replace(case, files=()), tmp_path / "used")
    assert list(oracle.files_below(tmp_path / "used")) == ["case.mk"]


@pytest.mark.parametrize("case", WITH_ORACLE, ids=ids)
def test_same_as_gnu_make(case: oracle.Case, place: Path) -> None:
    for goals in case.runs:
        expected = oracle.run_gnu_make(case, goals, place)
        assert_status_is_what_the_case_says(case, expected)
        for evaluator in EVALUATORS:
            ours = oracle.run_ninjagen_make(case, goals, place, evaluator_type=evaluator)
            assert str(ours) == str(expected), f"goals: {goals}, {evaluator.__name__}"


# Cases that show something else when their recipes are run, each with the reason.
ONLY_DRY = {
    "dollar_escapes": "a command prints its process",
    "oneshell": "refused where it matters",
    "recipe_with_shell_variables": "a command tells the time",
}


@pytest.mark.parametrize("case", [
    case if "recipe" in case.name else pytest.param(case, marks=pytest.mark.full)
    for case in WITH_ORACLE
], ids=ids)
def test_recipes_run_as_by_gnu_make(case: oracle.Case, place: Path) -> None:
    if case.name in ONLY_DRY:
        return
    for goals in case.runs:
        expected = oracle.run_gnu_make(case, goals, place, oracle.WET)
        made = oracle.files_below(place)
        ours = oracle.run_ninjagen_make(case, goals, place, oracle.WET)
        assert str(ours) == str(expected), f"goals: {goals}"
        assert oracle.files_below(place) == made, f"goals: {goals}"


def test_a_shell_for_all_lines_is_refused(place: Path) -> None:
    case = next(case for case in PARSED if case.name == "oneshell")
    ours = oracle.run_ninjagen_make(case, case.runs[0], place, oracle.WET)
    assert (ours.returncode, "*** .ONESHELL" in ours.stderr) == (2, True)


def assert_status_is_what_the_case_says(case: oracle.Case, outcome: oracle.Outcome) -> None:
    expected = case.returncode if case.returncode is not None else 2 * case.must_fail
    assert outcome.returncode == expected, f"the case says {expected}:\n{outcome}"


@pytest.mark.parametrize("case", WITHOUT_ORACLE, ids=ids)
def test_unlike_gnu_make(case: oracle.Case, place: Path) -> None:
    for goals, evaluator in itertools.product(case.runs, EVALUATORS):
        ours = oracle.run_ninjagen_make(case, goals, place, evaluator_type=evaluator)
        assert_status_is_what_the_case_says(case, ours)
        if case.expect:
            shown = [line for line in ours.merged.split("\n") if line]
            assert shown == [*case.expect]
        assert case.expect_error in ours.stderr
        assert "Traceback" not in ours.merged


SMOKE = ["target_specific_is_inherited_by_prerequisites", "err_missing_separator"]


@pytest.mark.parametrize("name", SMOKE)
def test_as_a_process(name: str, place: Path) -> None:
    """The other tests call the program inside this process; it is also one of its own."""
    case = next(case for case in PARSED if case.name == name)
    case = dataclasses.replace(case, environment=(("PYTHONPATH", str(ROOT)),))
    command = [
        sys.executable, "-m", "ninjagen.make", "--no-print-directory", "-f", "case.mk",
    ]  # fmt: skip
    for goals in case.runs:
        expected = oracle.run_gnu_make(case, goals, place)
        ours = oracle.run_process([*command, *case.arguments, *goals], case, place)
        assert str(ours) == str(expected)
