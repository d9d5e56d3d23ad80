"""A second process gives what this one would."""

from __future__ import annotations

import os
import signal

import pytest

from ninjagen import forked
from ninjagen.forked import Forked


def test_another_process_finds_it():
    mine = os.getpid()
    other = Forked(lambda: (os.getpid(), ("text", b"bytes", 1), {"a": None}))
    number, *rest = other.result()
    assert number != mine
    assert rest == [("text", b"bytes", 1), {"a": None}]
    with pytest.raises(ChildProcessError):
        os.waitpid(number, 0)  # nothing is left of it


@pytest.mark.parametrize("end", [
    lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: 1 / 0, lambda: object,
])  # fmt: skip
def test_what_the_other_process_does_not_find_is_found_here(end):
    mine = os.getpid()
    other = Forked(lambda: "found" if os.getpid() == mine else end())
    assert other.result() == "found"


def test_its_error_is_that_of_who_asks():
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Forked(fail).result()


@pytest.mark.parametrize(("name", "function"), [
    ("sched_getaffinity", lambda number: {0}),
    ("fork", lambda: (_ for _ in ()).throw(BlockingIOError())),
])  # fmt: skip
def test_without_room_for_another_process_it_is_found_here(name, function, monkeypatch):
    monkeypatch.setattr(forked.os, name, function)
    assert Forked(os.getpid).result() == os.getpid()
