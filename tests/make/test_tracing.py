"""The evaluator that keeps places: the places are right.

That it means the same as the plain one: test_against_gnu_make.py.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninjagen.make.evaluator import Evaluator
from ninjagen.make.process import Process
from ninjagen.make.tracing import Origin, Traced, TracingEvaluator, joined, traced, words_of
from ninjagen.make.world import RealWorld
from ninjagen.source import Loc

# --- the text ---

PIECES = st.lists(st.tuples(st.text("ab $", max_size=4), st.sampled_from([None, *map(
    lambda line: Origin(Loc("m", line)), range(1, 4)
)])))


@given(PIECES, PIECES, st.integers(-9, 9), st.integers(-9, 9))
def test_operations_keep_text_and_pieces_together(left, right, start, stop):
    plain = "".join(text for text, _ in left)
    other = "".join(text for text, _ in right)
    for text, expected in [
        (traced(left), plain),
        (traced(left) + traced(right), plain + other),
        (traced(left) + other, plain + other),
        (plain + traced(right), plain + other),
        (traced(left)[start:stop], plain[start:stop]),
        (traced(left).strip(" a"), plain.strip(" a")),
        (joined([traced(left), other, traced(right)], None), plain + other + other),
    ]:
        assert type(text) is Traced
        assert str(text) == expected == "".join(piece for piece, _ in text.pieces)
        assert [word for word, _ in words_of(text)] == expected.split()


# --- where words are from ---

MAKEFILE = """\
A := -a
A += -b -c
R = -r $(A)
R += $(addprefix -I,$(DIRS))
DIRS := one \\
	two
S := $(filter-out -b,$(A)) $(shell echo -s)
same := -x
twice := -x $(same)
kept := $(filter -x,$(twice))
f = $(if $(1),$(1) -f)
C := $(call f,-c1 -c2)
L := $(foreach d,$(DIRS),$(d) -L$(d))
T := $(DIRS:%=%/t)
P = $(A)/p $(E)
$(eval V := -v $(A))
define template
$(1)-flags := -t
endef
$(eval $(call template,x))
target: own := -o
target: one/x ; @:
target: own += -p
unknown := $(shell echo $$(echo -q))
"""


def read(evaluator_type: type[Evaluator], directory: str) -> Evaluator:
    environ = {"PATH": os.environ["PATH"], "E": "-e", "F": "$(E) $(A)"}
    process = Process(
        ["-f", "m", "W=-w"], environ, RealWorld(directory), lambda world, path: world,
        evaluator_type=evaluator_type,
    )
    process.read()
    return process.evaluator


@pytest.fixture
def env(tmp_path):
    (tmp_path / "m").write_text(MAKEFILE)
    return read(TracingEvaluator, str(tmp_path))


def line(text: str) -> int:
    """The number of the line that begins so."""
    found = [n for n, it in enumerate(MAKEFILE.splitlines(), 1) if it.startswith(text)]
    assert len(found) == 1
    return found[0]


def places(env, text: str) -> list[tuple[str, int | str]]:
    """The words of a text, with the line each is from, or what is said instead."""
    return [
        (word, origin.loc.line if origin.loc else f"{origin.kind} {origin.name}")
        for word, origin in words_of(env.expand(text))
    ]


def test_words_of_assignments(env):
    a = [("-a", line("A :=")), ("-b", line("A +=")), ("-c", line("A +="))]
    assert places(env, "$(A)") == a
    assert places(env, "$(R)") == [
        ("-r", line("R =")), *a, ("-Ione", line("DIRS")), ("-Itwo", line("DIRS")),
    ]
    assert places(env, "$(P)") == [
        *a[:2], ("-c/p", line("P =")), ("-e", "environment E"),
    ]
    assert places(env, "$(W)") == [("-w", "command line W")]


@pytest.mark.parametrize("is_first", [False, True])
def test_variables_of_the_environment_are_also_those_of_others(tmp_path, is_first):
    (tmp_path / "m").write_text(MAKEFILE)
    other = read(Evaluator, str(tmp_path))
    if is_first:
        assert other.expand("$(F)") == "-e -a -b -c"
    env = read(TracingEvaluator, str(tmp_path))
    a = [("-a", line("A :=")), ("-b", line("A +=")), ("-c", line("A +="))]
    assert places(env, "$(F)") == [("-e", "environment E"), *a]
    assert other.expand("$(F)") == read(Evaluator, str(tmp_path)).expand("$(F)") == "-e -a -b -c"


def test_words_of_functions(env):
    dirs = line("DIRS")
    assert places(env, "$(S)") == [
        ("-a", line("A :=")), ("-c", line("A +=")), ("-s", line("S :=")),
    ]
    assert places(env, "$(kept)") == [("-x", line("twice")), ("-x", line("same"))]
    assert places(env, "$(C)") == [
        ("-c1", line("C :=")), ("-c2", line("C :=")), ("-f", line("f =")),
    ]
    assert places(env, "$(T)") == [("one/t", dirs), ("two/t", dirs)]
    assert places(env, "$(L)") == [
        ("one", dirs), ("-Lone", line("L :=")), ("two", dirs), ("-Ltwo", line("L :=")),
    ]
    assert places(env, "$(sort $(DIRS) $(A))")[:2] == [("-a", line("A :=")), ("-b", line("A +="))]


def test_words_of_eval(env):
    assert places(env, "$(V)")[:2] == [("-v", line("$(eval V")), ("-a", line("A :="))]
    assert places(env, "$(x-flags)") == [("-t", line("define"))]


def test_a_function_that_made_a_word_is_named(env):
    (_, origin), _ = words_of(env.expand("$(filter -I%,$(R))"))
    assert (origin.by, origin.by_loc.line) == ("$(addprefix)", line("R +="))
    ((_, origin),) = words_of(env.expand("$(unknown)"))
    assert (origin.by, origin.loc.line) == ("$(shell)", line("unknown"))


def test_who_asked_for_a_prerequisite(env):
    assert env.asked["one/x"].loc.line == line("target: one")
