"""What is evaluated again after a change: exactly what it takes, and the same graph results."""

from __future__ import annotations

import json
import os
import random

import pytest

from ninjagen import stamp
from ninjagen.kbuild import memory as memory_module
from ninjagen.kbuild.effects import Stale
from ninjagen.kbuild.memory import Memory
from ninjagen.kbuild.record import Notes, Record
from ninjagen.kbuild.walk import Walk
from ninjagen.kbuild.world import FileTable, KernelWorld
from ninjagen.ninja.manifest import text_of
from ninjagen.shell import Shell
from tests.kbuild.trees import Trees

DESCEND = "$(MAKE) $(build)=$@ DIR=$(DIR)"
ANSWERS = "include/config/auto.conf"


class Generations:
    """Generations of one tree, each with the records of the one before."""

    def __init__(self, trees: Trees) -> None:
        self.trees = trees
        self.words: tuple[str, ...] = ("all",)
        self.records = str(trees.out.parent / "records")
        self.stamp = str(trees.out.parent / "stamp")
        self.evaluated: list[str] = []
        self.text = ""
        self.answers: dict[str, str] = {}  # Kconfig's

    def next(self, comparing: bool = True) -> list[str]:
        """Describe the tree; return which makes were evaluated, by the directory each is for."""
        shell, memory = Shell(), Memory()
        kept = stamp.read(self.stamp, {})
        changes = kept.changes(shell) if kept else None
        if kept is not None and changes is not None:
            shell.take(kept.shell, changes.commands)
            memory.load(self.records, kept.token, kept.seen, changes)
            memory.answered(self.answers)
        walk, text = self._walk(memory, shell)
        data, token = memory.packed(self.answers)
        with open(self.records, "wb") as file:
            file.writelines(data)
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
        if self.answers:
            table.answers = str(self.trees.out / ANSWERS)
            table.given.add(table.answers)
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


    def answer(self, **answers: str) -> None:
        """Answer some questions in auto.conf anew; an empty answer is none."""
        self.answers.update({f"CONFIG_{name}": value for name, value in answers.items()})
        self.answers = {name: value for name, value in self.answers.items() if value}
        path = self.trees.out / ANSWERS
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{name}={value}\n" for name, value in self.answers.items()))


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


def test_each_make_keeps_its_environment(kernel):
    kernel.trees.top(
        f"all: a b c\n.PHONY: a b c\na: export FLAG = of-a\nb: export FLAG = of-b\n"
        f"a b c:\n\t{DESCEND}\n"
    )
    kernel.next()
    for directory in "a", "b/d", "c":
        os.utime(kernel.trees.src / directory / "Makefile", (2000, 2000))
    assert kernel.next() == ["a", "b/d", "c"]
    assert "of-a" in kernel.text and "of-b" in kernel.text


def test_terminal_that_is_another(kernel):
    """What a user's shell has in its environment is no reason to evaluate anything."""
    kernel.trees.environ |= {"SHLVL": "3", "PWD": "/elsewhere", "_": "/usr/bin/time"}
    assert kernel.next() == []
    kernel.trees.environ |= {"SSH_CONNECTION": "a", "TMUX_PANE": "%7", "XDG_SESSION_ID": "4"}
    assert kernel.next() == []
    del kernel.trees.environ["TMUX_PANE"]
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


@pytest.fixture
def configured(kernel) -> Generations:
    """The same, where every make includes Kconfig's answers."""
    for name in "Makefile", "build.mk":
        path = kernel.trees.src / name
        path.write_text(f"-include {ANSWERS}\n{path.read_text()}")
    kernel.answer(A="y", B="m", TEXT="some text", **{f"OTHER{n}": "y" for n in range(20)})
    kernel.next()
    kernel.next()
    assert kernel.evaluated == []
    return kernel


def test_answer_that_nobody_looks_for(configured):
    configured.answer(OTHER3="", NEW="y")
    assert configured.next() == []


@pytest.mark.parametrize("looks", [
    "x-$(CONFIG_A) := 1", "ifdef CONFIG_A\nx := 1\nendif", "ifeq ($(CONFIG_A),y)\nx := 1\nendif",
    "x := $(origin CONFIG_A)", "x := $(value CONFIG_A)", "x := $(CONFIG_A:y=m)",
    "x := $(foreach n,A B,$(CONFIG_$(n)))", "x := $(.VARIABLES)", "x := $(file <$(answers))",
    "x := $(shell cat $(answers))", "CONFIG_A ?= m", "CONFIG_A += m", "export CONFIG_A",
    "b/one.o: flag := $(CONFIG_A)", "x = $(CONFIG_A)\nb/two.o: cmd_copy += $(x)",
    "undefine CONFIG_A",
])
def test_answer_that_a_makefile_looks_for(configured, looks):
    more = f"answers := {configured.trees.out}/{ANSWERS}\n{looks}\n"
    configured.trees.write("b/Makefile", makefile("b", ["one", "two"], " b/d", more))
    assert "b" in configured.next()
    for answer in "m", "", "y":
        configured.answer(A=answer)
        assert "b" in configured.next() and "a" not in configured.evaluated
    configured.answer(OTHER1="")
    looks_at_all = any(word in looks for word in ("VARIABLES", "answers", "undefine"))
    assert configured.next() == (["b"] if looks_at_all else [])


def test_answer_that_reaches_those_below(configured):
    """A variable that is exported, or on a command line."""
    top = (configured.trees.src / "Makefile").read_text()
    (configured.trees.src / "Makefile").write_text(f"export TEXT = $(CONFIG_TEXT)\n{top}")
    assert len(configured.next()) == 5
    configured.answer(TEXT="other text")
    assert len(configured.next()) == 5


def test_answer_that_the_environment_gives_too(configured):
    """A makefile's value hides it, and shows it again."""
    configured.trees.environ["CONFIG_C"] = "of the environment"
    more = "x = -D$(CONFIG_C)\nb/one.o: cmd_copy += $(x)\n"
    configured.trees.write("b/Makefile", makefile("b", ["one"], " b/d", more))
    configured.next()
    for answer in "y", "", "m":
        configured.answer(C=answer)
        configured.next()
        assert f" -D{answer or 'of the environment'};" in configured.text


def test_answers_beside_one_on_the_command_line(configured):
    configured.words = ("all", "CONFIG_A=c")
    more = "x = -D$(CONFIG_A) -D$(CONFIG_B)\nb/one.o: cmd_copy += $(x)\n"
    configured.trees.write("b/Makefile", makefile("b", ["one"], " b/d", more))
    configured.next()
    configured.answer(B="y")
    assert "b" in configured.next()
    assert " -Dc -Dy;" in configured.text


def test_random_answers(configured):
    """Whatever makefiles do with answers, records give the graph that evaluating gives."""
    rng = random.Random(20261121)
    names = ["A", "B", "C", "D", "E"]
    statements = [
        "x += $(CONFIG_{0})", "ifdef CONFIG_{0}\nx += {1}\nendif", "CONFIG_{0} ?= {1}",
        "CONFIG_{0} += $(CONFIG_{1})", "undefine CONFIG_{0}", "override CONFIG_{0} = o",
        "export CONFIG_{0}", "x += $(origin CONFIG_{0})$(flavor CONFIG_{1})", "CONFIG_{0} := $(x)",
        "x += $(words $(filter CONFIG_%,$(.VARIABLES)))", "unexport CONFIG_{0}",
        "private CONFIG_{0} = p", "define CONFIG_{0}\n$(CONFIG_{1})z\nendef", "f{0} = $(CONFIG_$1)",
        "x += $(call f{0},{1})", "$(eval CONFIG_{0} := $(CONFIG_{0})e)", f"-include {ANSWERS}",
        "ifeq ($(CONFIG_{0}),$(CONFIG_{1}))\nx += {1}\nendif", "x += $(CONFIG_{0}:y={1})",
    ]
    few = 0
    for _ in range(60):
        if rng.random() < 0.4:
            directory = rng.choice(["a", "b", "c", "b/d"])
            below = " b/d" if directory == "b" else ""
            more = "\n".join(
                each.format(*rng.sample(names, 2)) for each in rng.sample(statements, 5)
            )
            flags = f"\n{directory}/one.o: cmd_copy += $(x) $(CONFIG_{rng.choice(names)})\n"
            configured.trees.write(
                f"{directory}/Makefile", makefile(directory, ["one", "two"], below, more + flags)
            )
        configured.answer(**{rng.choice(names): rng.choice(["y", "m", ""])})
        few += len(configured.next()) < 4
    assert few > 30


@pytest.mark.parametrize("plain", [0, 1 << 20])
def test_flags_of_many_objects_are_kept_as_if_they_were_of_one(trees, monkeypatch, plain):
    """A record of each compile command would be a tenth of a gigabyte for a thousand modules; what
    a small kernel needs is not worth the time."""
    monkeypatch.setattr(memory_module, "_PLAIN", plain)
    flags = " ".join(f"-DNAME{number}" for number in range(200))
    names = " ".join(f"{number}.o" for number in range(100))
    trees.write("in.c")
    trees.top(
        f"-include $(srctree)/more.mk\n"
        f"quiet_cmd_cc = CC $@\ncmd_cc = cc {flags} -c $< -o $@\nall: {names}\n"
        f"{names}: $(srctree)/in.c FORCE\n\t$(call if_changed_dep,cc)\n"
    )
    generations = Generations(trees)
    generations.next()
    is_small = os.stat(generations.records).st_size < 20 * len(flags)
    assert is_small == (not plain)
    assert generations.next() == []
    monkeypatch.setattr(memory_module, "_PLAIN", 0 if plain else 1 << 20)
    trees.write("more.mk", "NAME = 1\n")
    assert generations.next() == ["."]
    assert generations.next() == []


def test_what_decides_is_no_file_that_was_read(trees):
    """ninja makes build.ninja again when it changes, and ninja has to make it first."""
    table = FileTable(str(trees.src), str(trees.out), Shell())
    table.deciding["/out/list"] = None
    record = Record(notes=Notes(files={"/src/Makefile": None, "/out/list": None}))
    Memory().recall(record, table)
    assert [*table.read_files] == ["/src/Makefile"]
