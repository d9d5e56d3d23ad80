"""What is evaluated again after a change: exactly what it takes, and the same graph results."""

from __future__ import annotations

import json
import os
import random

import pytest

from ninjagen import stamp
from ninjagen.kbuild.effects import Stale
from ninjagen.kbuild.memory import Memory
from ninjagen.kbuild.walk import Walk
from ninjagen.kbuild.world import FileTable, KernelWorld
from ninjagen.ninja.manifest import text_of
from ninjagen.shell import Shell
from tests.kbuild.trees import Trees

DESCEND = "$(MAKE) $(build)=$@ DIR=$(DIR)"


class Generations:
    """Generations of one tree, each with the records of the one before."""

    def __init__(self, trees: Trees) -> None:
        self.trees = trees
        self.words: tuple[str, ...] = ("all",)
        self.records = str(trees.out.parent / "records")
        self.stamp = str(trees.out.parent / "stamp")
        self.evaluated: list[str] = []
        self.text = ""

    def next(self, comparing: bool = True) -> list[str]:
        """Describe the tree; return which makes were evaluated, by the directory each is for."""
        shell, memory = Shell(), Memory()
        kept = stamp.read(self.stamp, {})
        changes = kept.changes(shell) if kept else None
        if kept is not None and changes is not None:
            shell.take(kept.shell, changes.commands)
            memory.load(self.records, kept.token, kept.seen, changes)
        walk, text = self._walk(memory, shell)
        data, token = memory.packed()
        with open(self.records, "wb") as file:
            file.write(data)
        stamp.write(self.stamp, {}, stamp.Stamp(
            walk.table.seen(), json.loads(json.dumps(shell.evidence())), token
        ))
        if comparing:
            fresh, expected = self._walk(Memory(), Shell())
            assert text == expected
            assert walk.table.read_files == fresh.table.read_files
            assert walk.table.asked == fresh.table.asked
            assert walk.table.globbed == fresh.table.globbed
            assert set(walk.table.products) == set(fresh.table.products)
            assert walk.locale_prefix() == fresh.locale_prefix()
        self.text = text
        return self.evaluated

    def _walk(self, memory: Memory, shell: Shell) -> tuple[Walk, str]:
        table = FileTable(str(self.trees.src), str(self.trees.out), shell)
        while True:
            evaluated: list[str] = []
            walk = Walk(table, say=evaluated.append, complain=print, memory=memory)
            opened = walk.open
            made: list[str] = []

            def spy(arguments, *rest, opened=opened, made=made):
                made.append(next((w[4:] for w in arguments if w.startswith("obj=")), "."))
                return opened(arguments, *rest)

            walk.open = spy  # type: ignore[method-assign]
            arguments = ["-f", f"{self.trees.src}/Makefile", *self.words]
            try:
                goals = walk.follow(
                    arguments, self.trees.environ, KernelWorld(str(self.trees.out), table)
                )
            except Stale as stale:
                memory.forget(stale.record, all_of_them=False)
                table = table.again(set())
                continue
            if not memory.is_empty:
                self.evaluated = made
            return walk, text_of(walk.graph, walk.locale_prefix(), goals)


@pytest.fixture
def kernel(trees) -> Generations:
    """A top Makefile and three directories; b has one below it, and all of them objects."""
    trees.top(
        f"export FLAG = x\nall: a b c\n.PHONY: a b c\na b c:\n\t{DESCEND}\n"
    )
    for directory in "a", "b", "c", "b/d":
        below = " b/d" if directory == "b" else ""
        trees.write(f"{directory}/Makefile", makefile(directory, ["one", "two"], below))
        for name in "one", "two", "three":
            trees.write(f"{directory}/{name}")
    made = Generations(trees)
    made.next(comparing=False)
    made.evaluated = []
    return made


def makefile(directory: str, names: list[str], below: str = "", more: str = "") -> str:
    """Return a directory's makefile: an archive of some objects, and directories below."""
    objects = " ".join(f"{directory}/{name}.o" for name in names)
    return (
        f"{directory}/all.a: {objects}{below} FORCE\n\t$(call if_changed,copy)\n"
        f"cmd_copy = cat $(filter %.o,$^) > $@ $(FLAG)\n"
        f"{directory}/%.o: $(srctree)/{directory}/% FORCE\n\t$(call if_changed,copy)\n"
        f".PHONY: b/d\nb/d:\n\t{DESCEND}\n{more}"
    )


def test_nothing_changed(kernel):
    before = kernel.text
    assert kernel.next() == []
    assert kernel.text == before


def test_touched_makefile_is_one_make(kernel):
    os.utime(kernel.trees.src / "b/Makefile", (2000, 2000))
    assert kernel.next() == ["b"]
    assert kernel.next() == []


def test_makefile_below_is_that_one_only(kernel):
    kernel.trees.write("b/d/Makefile", makefile("b/d", ["one", "three"]))
    assert kernel.next() == ["b/d"]
    assert "b/d/three.o" in kernel.text and "b/d/two.o" not in kernel.text


def test_top_makefile_takes_the_rest_from_records(kernel):
    os.utime(kernel.trees.src / "Makefile", (2000, 2000))
    assert kernel.next() == ["."]


def test_exported_variable_reaches_every_make(kernel):
    kernel.trees.top(f"export FLAG = y\nall: a b c\n.PHONY: a b c\na b c:\n\t{DESCEND}\n")
    assert kernel.next() == [".", "a", "b", "b/d", "c"]


def test_terminal_that_is_another(kernel):
    """What a user's shell has in its environment is no reason to evaluate anything."""
    kernel.trees.environ |= {"SHLVL": "3", "PWD": "/elsewhere", "_": "/usr/bin/time"}
    assert kernel.next() == []
    kernel.trees.environ |= {"SHLVL": "4"}
    kernel.trees.write("c/Makefile", makefile("c", ["one"], more="$(info $(SHLVL))\n"))
    assert kernel.next() == ["c"]


def test_variable_of_the_users_environment(kernel):
    kernel.trees.environ |= {"EXTRA": "1"}
    assert kernel.next() == [".", "a", "b", "b/d", "c"]


def test_environments_that_nothing_has_any_more_are_not_kept(kernel):
    size = os.path.getsize(kernel.records)
    for number in range(20):
        kernel.trees.environ |= {"EXTRA": str(number % 10) * 4000}
        kernel.next()
    assert os.path.getsize(kernel.records) < size + 5 * 4000


def test_makefile_that_all_include(kernel):
    os.utime(kernel.trees.src / "macros.mk", (2000, 2000))
    assert kernel.next() == [".", "a", "b", "b/d", "c"]


def test_list_of_products_of_other_makes(kernel):
    """What c lists is made by a, so c follows when a makes more."""
    lists = "c/all.a: c/list\nc/list: FORCE\n\t$(call filechk,kheaders_objlist)\n"
    kernel.trees.write("c/Makefile", makefile("c", ["one"], more=lists))
    assert kernel.next() == ["c"]
    header = "include/generated/new.h"
    makes = f"a/all.a: {header}\n{header}:\n\techo > $@\n"
    kernel.trees.write("a/Makefile", makefile("a", ["one"], more=makes))
    assert kernel.next() == ["a", "c"]
    assert f"filechk_kheaders_objlist {header}" in kernel.text


def test_directory_that_is_dropped_and_comes_back(kernel):
    both = (kernel.trees.src / "b/Makefile").read_text()
    kernel.trees.write("b/Makefile", makefile("b", ["one", "two"]))
    assert kernel.next() == ["b"]
    assert "b/d" not in kernel.text
    kernel.trees.write("b/Makefile", both)
    assert kernel.next() == ["b", "b/d"]


def test_source_that_appears(kernel):
    kernel.trees.write("a/Makefile", makefile("a", ["one"], more="ifneq ($(wildcard "
                       "$(srctree)/a/extra),)\na/all.a: a/extra.o\nendif\n"))
    assert kernel.next() == ["a"]
    assert kernel.next() == []
    kernel.trees.write("a/extra")
    assert kernel.next() == ["a"]
    assert "a/extra.o" in kernel.text


def test_pattern_that_matches_more(kernel):
    kernel.trees.write("a/Makefile", makefile("a", ["one"], more="found := $(notdir $(wildcard "
                       "$(srctree)/a/t*))\na/all.a: $(found:%=a/%.o)\n"))
    assert kernel.next() == ["a"]
    kernel.trees.write("a/twelve")
    assert kernel.next() == ["a"]
    assert "a/twelve.o" in kernel.text


def test_command_that_says_something_else(kernel):
    kernel.trees.write("c/Makefile", makefile("c", ["one"], more="FLAG := $(shell ls "
                       "$(srctree)/c/extra*)\n"))
    assert kernel.next() == ["c"]
    assert kernel.next() == []
    kernel.trees.write("c/extra.1")
    assert kernel.next() == ["c"]
    assert "/c/extra.1" in kernel.text


def test_tool_that_is_another(kernel):
    """Answers of tools are not tied to makes: when one is replaced, all is evaluated."""
    kernel.trees.write("tool", "#!/bin/sh\necho one\n", 0o755)
    kernel.trees.write("c/Makefile", makefile("c", ["one"], more="FLAG := $(shell "
                       "$(srctree)/tool)\n"))
    assert kernel.next() == ["c"]
    kernel.trees.write("tool", "#!/bin/sh\necho other\n", 0o755)
    kernel.next()
    assert "other" in kernel.text


def test_who_asked_for_a_file_that_is_made_now(kernel):
    """c takes what b makes if b makes it: b's change is c's too, and not a's."""
    more = "c/all.a: $(wildcard b/three.o)\n"
    kernel.trees.write("c/Makefile", makefile("c", ["one"], more=more))
    assert kernel.next() == ["c"]
    kernel.trees.write("b/Makefile", makefile("b", ["one", "two", "three"], " b/d"))
    assert kernel.next() == ["b", "c"]
    assert kernel.next() == []
    kernel.trees.write("b/Makefile", makefile("b", ["one"], " b/d"))
    assert kernel.next() == ["b", "c"]


def test_who_asked_for_a_pattern_that_matches_now(kernel):
    kernel.trees.write("c/Makefile", makefile("c", ["one"], more="c/all.a: $(wildcard b/*ee.o)\n"))
    assert kernel.next() == ["c"]
    kernel.trees.write("b/Makefile", makefile("b", ["one", "three"], " b/d"))
    assert kernel.next() == ["b", "c"]


def test_who_asked_for_a_directory_that_is_made_now(kernel):
    kernel.trees.write("c/Makefile", makefile("c", ["one"], more="c/all.a: $(if $(wildcard "
                       "b/new),c/two.o)\n"))
    assert kernel.next() == ["c"]
    kernel.trees.write("b/new/one")
    kernel.trees.write("b/Makefile", makefile("b", ["one", "new/one"], " b/d"))
    assert kernel.next() == ["b", "c"]


def test_directory_that_a_makefile_makes(kernel):
    kernel.trees.write("b/Makefile", makefile("b", ["one"], " b/d", "$(shell mkdir -p gen/b)\n"))
    kernel.trees.write("c/Makefile", makefile("c", ["one"], more="c/all.a: $(if $(wildcard "
                       "gen/b),c/two.o)\n"))
    assert kernel.next() == ["b", "c"]
    (kernel.trees.out / "gen/b").rmdir()
    assert kernel.next() == []
    assert (kernel.trees.out / "gen/b").is_dir()
    kernel.trees.write("b/Makefile", makefile("b", ["one"], " b/d"))
    assert kernel.next() == ["b", "c"]


def test_goals_that_come_to_something_else(kernel):
    """The make above takes up what b comes to now."""
    kernel.trees.top(f"all: whole\n.PHONY: a b c\na b c:\n\t{DESCEND}\n"
                     "whole: a b c\n\tcat b/all.a > $@\n")
    assert kernel.next()[0] == "."
    kernel.trees.write("b/Makefile", makefile("b", ["one"]).replace("b/all.a:", "b/other.a:"))
    assert kernel.next() == [".", "b"]


def test_broken_makefile_then_mended(kernel):
    good = (kernel.trees.src / "b/Makefile").read_text()
    kernel.trees.write("b/Makefile", "endif\n")
    with pytest.raises(Exception, match="endif"):
        kernel.next()
    kernel.trees.write("b/Makefile", good)
    assert kernel.next() == ["b"]


def test_what_makefiles_say_is_said_again(kernel):
    said = kernel.trees.said
    kernel.trees.write("b/Makefile", makefile("b", ["one"], more="$(info b is read)\n"))
    assert kernel.next(comparing=False) == ["b"]

    memory, shell = Memory(), Shell()
    kept = stamp.read(kernel.stamp, {})
    memory.load(kernel.records, kept.token, kept.seen, kept.changes(shell))
    table = FileTable(str(kernel.trees.src), str(kernel.trees.out), shell)
    walk = Walk(table, say=said.append, memory=memory)
    walk.follow(["-f", f"{kernel.trees.src}/Makefile", "all"], kernel.trees.environ,
                KernelWorld(str(kernel.trees.out), table))
    assert (memory.evaluated, said) == (0, ["b is read"])


@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "changed", "another run's"])
def test_records_that_cannot_be_used(kernel, damage):
    with open(kernel.records, "rb") as file:
        data = file.read()
    if damage == "gone":
        os.unlink(kernel.records)
    else:
        other = kernel.records + ".other"
        text = {
            "empty": b"", "cut": data[:-10], "changed": data[:-9] + b"x" + data[-8:],
            "another run's": data + b"x",
        }[damage]
        with open(other, "wb") as file:
            file.write(text)
        os.replace(other, kernel.records)
    kernel.next()
    assert "a/one.o" in kernel.text


def test_random_edits(kernel):
    """Whatever is edited, records give the graph that evaluating everything gives."""
    rng = random.Random(20261120)
    directories = ["a", "b", "c", "b/d"]
    least = 0
    for _ in range(60):
        directory = rng.choice(directories)
        names = rng.sample(["one", "two", "three", "four"], rng.randint(1, 4))
        for name in names:
            if not (kernel.trees.src / directory / name).exists():
                kernel.trees.write(f"{directory}/{name}")
        others = [d for d in directories[: directories.index(directory)] if d != "b/d"]
        more = ""
        if others and rng.random() < 0.5:
            asked = rng.choice(["one.o", "t*.o", "four.o", "all.a"])
            more = f"{directory}/all.a: $(wildcard {rng.choice(others)}/{asked})\n"
        if rng.random() < 0.2:
            more += f"FLAG := {rng.choice('xyz')}\n"
        below = " b/d" if directory == "b" and rng.random() < 0.8 else ""
        kernel.trees.write(f"{directory}/Makefile", makefile(directory, names, below, more))
        if rng.random() < 0.2:
            os.utime(kernel.trees.src / "Makefile", ns=(rng.randrange(10**18),) * 2)
        least += len(kernel.next()) < 5
    assert least > 40  # and seldom by evaluating everything


def test_flags_of_many_objects_are_kept_as_if_they_were_of_one(trees):
    """A record of each compile command would be a tenth of a gigabyte for a thousand modules."""
    flags = " ".join(f"-DNAME{number}" for number in range(200))
    names = " ".join(f"{number}.o" for number in range(100))
    trees.write("in.c")
    trees.top(
        f"quiet_cmd_cc = CC $@\ncmd_cc = cc {flags} -c $< -o $@\nall: {names}\n"
        f"{names}: $(srctree)/in.c FORCE\n\t$(call if_changed_dep,cc)\n"
    )
    generations = Generations(trees)
    generations.next()
    assert os.stat(generations.records).st_size < 20 * len(flags)
    assert generations.next() == []
