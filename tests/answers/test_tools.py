"""`-t`: which tools there are, and which build they are asked about."""

from __future__ import annotations

from importlib import import_module

import pytest

from ninjagen.answers.tools import TOOLS


def test_tools_are_listed(sample):
    lines = sample.run("-t", "list").splitlines()
    assert [line.split()[0] for line in lines] == list(TOOLS)
    for name in TOOLS.keys() - {"list"}:
        assert callable(import_module(f"ninjagen.answers.{name}").answer)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-t"], "option -t needs an argument"),
        (["-t", "expend"], "unknown tool 'expend', use -t list to list; did you mean 'expand'?"),
        (["-t", "zzz"], "unknown tool 'zzz', use -t list to list"),
        (["-t", "expand", "a"], "tool expand is asked as: ninjagen -t expand DIR TEXT"),
        (["-t", "list", "a"], "tool list is asked as: ninjagen -t list"),
    ],
)
def test_wrong_usage(sample, words, message):
    assert sample.run(*words, status=2) == f"ninjagen: error: {message}\n  hint: ninjagen --help\n"


@pytest.mark.parametrize("damage", [None, "", "{", "[]", '{"arguments": 1}'])
def test_a_tree_that_was_not_described(sample, damage):
    sample.out.mkdir()
    if damage is not None:
        (sample.out / ".ninjagen").mkdir()
        (sample.out / ".ninjagen/request.json").write_text(damage)
    for place in (["-C", str(sample.out)], ["-C", str(sample.src), f"O={sample.out}"]):
        said = sample.run(*place, "-t", "expand", "kernel", "x", status=1)
        assert said.startswith(f"ninjagen: error: {sample.out} has no build.ninja of ninjagen's\n")


def test_the_arguments_that_build_ninja_was_made_with(sample, monkeypatch):
    monkeypatch.setenv("KCFLAGS", "-from-environment")
    sample.describe("EXTRA=1", "ccflags=-x y", "vmlinux")
    monkeypatch.delenv("KCFLAGS")
    question = ("expand", "kernel", "$(EXTRA) $(ccflags) $(KCFLAGS)")
    answer = "1\n-x\ny\n-from-environment\n"
    assert sample.ask(*question) == answer
    assert sample.run("-C", str(sample.src), f"O={sample.out}", "-t", *question) == answer
    monkeypatch.setenv("KBUILD_OUTPUT", str(sample.out))
    assert sample.run("-C", str(sample.src), "-t", *question) == answer


def test_words_are_added_to_those_arguments(sample):
    sample.describe("EXTRA=1")
    asked = sample.run(
        "-C", str(sample.out), "EXTRA=2", "-t", "expand", "kernel", "$(EXTRA)"
    )
    assert asked == "2\n"


def test_asking_changes_nothing(sample):
    sample.describe()
    sample.ninja()
    sample.ask("expand", "kernel", "$(obj-y)")
    assert sample.ninja() == "ninja: no work to do.\n"
    assert sample.describe() == "ninjagen: nothing changed\n"
