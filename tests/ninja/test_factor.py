"""Shared text of commands: found, named, and put together again as it was."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninjagen.ninja.factor import SHARED, Factoring, Vocabulary, with_names

LONG = "-Wall -Wextra -fno-strict-aliasing -DKBUILD_MODNAME='\"x y\"' -I./include -I./arch/uapi"
WORDS = st.sampled_from(
    ["", " ", "  ", "$", "$$", "${x}", "'a b'", '"', "\\", "é", "-O2", LONG, f"{LONG} ", f" {LONG}"]
)


def joined(factoring: Factoring) -> list[str]:
    """What ninja makes of the pieces, by the names of the variables."""
    values = {name: text for text, name in factoring.names.items()}
    return [
        " ".join(values[name] if name else text for text, name in pieces)
        for pieces in factoring.pieces()
    ]


@settings(max_examples=60, deadline=None, database=None)
@given(st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=12))
def test_pieces_give_the_commands_back(commands):
    factoring = Factoring(commands)
    assert joined(factoring) == commands
    assert len(set(factoring.names.values())) == len(factoring.names)


def test_what_many_commands_share_is_named():
    commands = [f"cc {LONG} -c a{number}.c" for number in range(SHARED)]
    factoring = Factoring(commands)
    assert factoring.names == {f"cc {LONG} -c": "flags1"}
    assert next(iter(factoring.pieces())) == [(f"cc {LONG} -c", "flags1"), ("a0.c", None)]


@pytest.mark.parametrize(
    "commands",
    [
        [f"{LONG} a{number}" for number in range(SHARED - 1)],  # too few of them
        [f"-O2 -g a{number}" for number in range(SHARED)],  # too short
        [],
        ["", ""],
    ],
)
def test_what_is_not_worth_a_name(commands):
    assert Factoring(commands).names == {}


def test_names_are_in_order_of_first_use():
    commands = [f"{sign * 70} {sign}{number}" for sign in "ba" for number in range(SHARED)]
    assert Factoring(commands).names == {"b" * 70: "flags1", "a" * 70: "flags2"}


@settings(max_examples=60, deadline=None, database=None)
@given(st.lists(WORDS, max_size=8).map(" ".join))
def test_named_texts_give_the_command_back(command):
    known = {"A": LONG, "B": f"-O2 {LONG} {LONG}"}
    marked = Vocabulary(known).marked(command)
    text = with_names(marked)
    for name, value in known.items():
        text = text.replace(f"${{{name}}}", value)
    assert text == command
    if f" {LONG} " in f" {command} ":
        assert marked != command


def test_longest_named_text_wins():
    vocabulary = Vocabulary({"A": LONG, "B": f"{LONG} {LONG}"})
    assert with_names(vocabulary.marked(f"cc {LONG} {LONG} x")) == "cc ${B} x"
    assert vocabulary.used == {"B": f"{LONG} {LONG}"}
