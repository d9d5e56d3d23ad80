"""Two processes follow the makes: what comes out does not depend on which of them was faster."""

from __future__ import annotations

import gc
import os
import time
from dataclasses import dataclass

import pytest

from ninjagen.errors import NinjagenError
from ninjagen.kbuild import scout
from ninjagen.kbuild.memory import Memory
from ninjagen.kbuild.record import Call, Notes
from ninjagen.kbuild.walk import Walk
from ninjagen.kbuild.world import FileTable, KernelWorld
from ninjagen.make.evaluator import Evaluator
from ninjagen.ninja.manifest import text_of
from ninjagen.shell import Shell

DIRECTORIES = list("abcdefghijkl")
DESCEND = "@$(MAKE) $(build)=$@"
NOT_AT_ALL, SLOWER, FASTER = "not at all", "slower", "faster"
UNKNOWN = ["unknown.mk"]  # to the scout
BELOW = [f"g/{number}" for number in range(5)]  # directories of one that the scout turns round
ORDER = '{ echo $(@D)/one.o; :; } > $@'  # modules.order, as scripts/Makefile.build makes it


@dataclass
class Described:
    """What a walk came to."""

    walk: Walk
    text: str
    said: list[str]
    memory: Memory
    taken: int  # makes that the scout's word was taken for

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, Described)
        table, others = self.walk.table, other.walk.table
        return (
            (self.text, self.walk.processes, self.memory.evaluated)
            == (other.text, other.walk.processes, other.memory.evaluated)
            and sorted(self.said) == sorted(other.said)
            and (table.read_files, table.asked, table.globbed, [*table.products])
            == (others.read_files, others.asked, others.globbed, [*others.products])
            and sorted(table.shell.evidence()[2]) == sorted(others.shell.evidence()[2])
        )


@pytest.fixture
def describe(trees, monkeypatch):
    """Return a function that walks the tree with a scout that is slower or faster, or not sent."""

    def walked(walk: Walk) -> tuple[str, ...]:
        arguments = ["-f", f"{trees.src}/Makefile", "all"]
        return walk.follow(arguments, trees.environ, KernelWorld(str(trees.out), walk.table))

    def explore(reports: scout.Reports) -> None:
        table = table_of(trees)
        table.unknown = frozenset(str(trees.src / name) for name in UNKNOWN)
        walk = Walk(table, say=lambda text: None, complain=lambda text: None)
        walk.explore(reports)
        walked(walk)

    def described(speed: str) -> Described:
        table, memory, said = table_of(trees), Memory(), []
        table.shell.complain = lambda text: said.append(text) if text else None
        walk = Walk(table, say=said.append, complain=said.append, memory=memory)
        taken: list[int] = []
        again = walk._again
        monkeypatch.setattr(walk, "_again", lambda *args: (taken.append(1), again(*args))[1])
        if speed != NOT_AT_ALL:
            walk.scout.send(explore)
        if speed == FASTER:
            walk.scout.wait()
        elif speed == SLOWER:
            monkeypatch.setattr(walk.scout, "reports", lambda: iter(()))
        try:
            goals = walked(walk)
        finally:
            walk.scout.dismiss()
        text = text_of(walk.graph, walk.locale_prefix(), goals)
        return Described(walk, text, said, memory, len(taken))

    return described


def table_of(trees) -> FileTable:
    return FileTable(str(trees.src), str(trees.out), Shell())


@pytest.fixture
def kernel(trees):
    """Twelve directories, each with two objects and an archive."""
    names = " ".join(DIRECTORIES)
    trees.top(f"all: {names}\n.PHONY: all {names}\n{names}:\n\t{DESCEND}\n")
    for directory in DIRECTORIES:
        trees.write(f"{directory}/Makefile", makefile(directory))
        trees.write(f"{directory}/one")
        trees.write(f"{directory}/two")
    return trees


def makefile(directory: str, more: str = "", below: str = "") -> str:
    """Return a directory's makefile."""
    objects = f"{directory}/one.o {directory}/two.o"
    return (
        f"{directory}/all.a: {objects} {below} FORCE\n\t$(call if_changed,copy)\n"
        f"{directory}/%.o: $(srctree)/{directory}/% FORCE\n\t$(call if_changed,copy)\n{more}"
    )


@pytest.mark.parametrize("speed", [SLOWER, FASTER])
def test_speed_does_not_matter(kernel, describe, speed):
    kernel.write("c/Makefile", makefile(
        "c", "$(info c)\n$(warning of c)\nX := $(shell ls $(srctree)/c)\n"
    ))
    kernel.write("k/Makefile", makefile(
        "k", "$(info k)\n$(shell ls $(srctree) >&2)\n$(wildcard $(srctree)/*/one)::\n"
    ))
    alone = describe(NOT_AT_ALL)
    described = describe(speed)
    assert described == alone
    assert (alone.taken, described.taken) == (0, 13 if speed == FASTER else 0)


@pytest.mark.parametrize("speed", [SLOWER, FASTER])
@pytest.mark.parametrize("other", ["a", "l"])
def test_what_others_make(kernel, describe, speed, other):
    """The scout follows k when neither is made; by the makefiles, a is."""
    kernel.write("k/Makefile", makefile("k", (
        f"ifneq ($(wildcard {other}/one.o),)\nk/all.a: more\nmore:\n\techo > $@\nendif\n"
    )))
    alone = describe(NOT_AT_ALL)
    described = describe(speed)
    assert described == alone
    assert ("build more" in alone.text) is (other == "a")
    assert described.taken == ((12 if other == "a" else 13) if speed == FASTER else 0)


@pytest.mark.parametrize("speed", [SLOWER, FASTER])
@pytest.mark.parametrize("other", ["a", "l"])
def test_directories_that_others_make(kernel, describe, speed, other):
    """What make made them is not told by what is on the disk: another one may have."""
    kernel.write(f"{other}/Makefile", makefile(other, "$(shell mkdir -p gen/first)\n"))
    kernel.write("k/Makefile", makefile("k", (
        "ifneq ($(wildcard gen/first/.),)\nk/all.a: more\nmore:\n\techo > $@\nendif\n"
    )))
    alone = describe(NOT_AT_ALL)
    kernel.out.joinpath("gen/first").rmdir()
    assert ("build more" in alone.text) is (other == "a")
    assert describe(speed).text == alone.text


@pytest.mark.parametrize("speed", [SLOWER, FASTER])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_makes_below(kernel, describe, speed, count):
    """Where one rule starts several makes, the scout turns round, and tells of all of them."""
    below = [f"g/{number}" for number in range(count)]
    more = f".PHONY: {' '.join(below)}\n{' '.join(below)}:\n\t{DESCEND}\n"
    kernel.write("g/Makefile", makefile("g", more, " ".join(below)))
    for directory in below:
        kernel.write(f"{directory}/Makefile", makefile(directory))
        kernel.write(f"{directory}/one")
        kernel.write(f"{directory}/two")
    alone = describe(NOT_AT_ALL)
    described = describe(speed)
    assert described == alone
    assert described.taken == (13 + count if speed == FASTER else 0)


@pytest.mark.parametrize("speed", [SLOWER, FASTER])
@pytest.mark.parametrize(
    ("recipe", "note", "more", "taken"),
    [
        pytest.param(DESCEND, "echo $(wildcard g/1/one.o g/3/one.o g/?/two.o)", "", 18,
                     id="what is asked between them"),
        pytest.param(DESCEND, "echo $(wildcard g/?/)", "$(shell mkdir -p $(obj)/empty)\n", 17,
                     id="directories"),
        pytest.param(DESCEND, "echo $(wildcard g/1/empty g/3/empty)",
                     "$(shell mkdir -p $(obj)/empty)\n", 18, id="directories of two"),
        pytest.param(DESCEND, "echo $(wildcard a/one.o)", "", 17, id="a file that others make"),
        pytest.param("@: $(file <$(srctree)/k/one) $(shell ls $(srctree)/k) $(CONFIG_ONE)\n\t"
                     + DESCEND, "", "", 18, id="one reads a file, and runs a command"),
        pytest.param("@: $(info $(wildcard $(srctree)/k/tw? $(srctree)/l/nothing))\n\t" + DESCEND,
                     "", "", 18, id="one asks for sources"),
        pytest.param("@: $(info $(wildcard g/1/one.o))\n\t" + DESCEND, "", "", 16,
                     id="one asks for another's file"),
        pytest.param("@: $(info $(wildcard g/*/one.o))\n\t" + DESCEND, "", "", 16,
                     id="one asks for others' files"),
        pytest.param("@: $(info $(wildcard $@/*.o $@/one.o k/one.o))\n\t" + DESCEND, "", "", 18,
                     id="one asks for its own files, and for what is not there"),
        pytest.param(DESCEND + "\n\techo > $@.log", "", "", 18,
                     id="one does something when its make is over"),
        pytest.param(DESCEND, "echo $(shell cat g/0/modules.order)", "", 16,
                     id="a list that one makes"),
        pytest.param(DESCEND + "\ng/1 g/3: g/x g/y\ng/x g/y:\n\techo > $@", "", "", 18,
                     id="they are not alike"),
        pytest.param(DESCEND + "\n$(below): g/x g/y\ng/x g/y:\n\techo > $@", "", "", 12,
                     id="a group that the first makes for all"),
        pytest.param(DESCEND, "", "$(obj)/all.a: all\n.PHONY: all\nall: e/one.o f/one.o\n", 5,
                     id="a group that the first makes for those below"),
        pytest.param(DESCEND, "echo", "-include $(srctree)/unknown.mk\n", 11,
                     id="a file that nobody can tell of yet"),
    ],
)
def test_turned_make(kernel, describe, speed, recipe, note, more, taken):
    """What a make comes to whose makes the scout followed from the last to the first."""
    needed = ["g/0", "g/1", *(["g/note"] if note else []), "g/2", "g/3", "g/4"]
    kernel.write("unknown.mk")
    kernel.write("g/Makefile", makefile("g", (
        f"below := {' '.join(BELOW)}\n.PHONY: $(below)\n$(below):\n\t{recipe}\n"
        f"g/note:\n\t{note} > $@\n"
    ), " ".join(needed)))
    for directory in BELOW:
        kernel.write(f"{directory}/Makefile", (
            f"{makefile(directory, more)}$(obj)/all.a: $(obj)/modules.order\n"
            f"$(obj)/modules.order:\n\t$(call if_changed,order)\ncmd_order = {ORDER}\n"
        ))
        kernel.write(f"{directory}/one")
        kernel.write(f"{directory}/two")
    alone = describe(NOT_AT_ALL)
    described = describe(speed)
    assert described == alone
    assert described.said == alone.said
    assert described.taken == (taken if speed == FASTER else 0)
    assert notes_of(described) == notes_of(alone)


def notes_of(described: Described) -> dict[tuple[str, ...], Notes]:
    """Return what the makes saw, by their arguments."""
    memory = described.memory
    records = [memory.record(number) for number in memory.kept]
    return {record.call.arguments: record.notes for record in records}


@pytest.mark.parametrize("speed", [SLOWER, FASTER])
def test_make_that_fails(kernel, describe, speed):
    kernel.write("i/Makefile", "$(error no)\n")
    with pytest.raises(NinjagenError, match=r"\*\*\* no\.  Stop\.") as raised:
        describe(speed)
    assert raised.value.loc == (f"{kernel.src}/i/Makefile", 1)


def test_answers_are_learned(kernel, describe):
    kernel.write("j/Makefile", makefile("j", "X := $(shell cat $(srctree)/j/one)\n"))
    described = describe(FASTER)
    assert described.taken == 13
    shell = described.walk.table.shell
    assert shell.runs == 0
    assert any("j/one" in key[0] for key in shell._looked)
    assert len(shell._used) == 1


def test_process_that_is_over_leaves_memory_at_once(kernel, describe):
    """Not when the garbage collector comes by."""
    gc.collect()
    gc.disable()
    try:
        describe(NOT_AT_ALL)
        assert not any(isinstance(each, Evaluator) for each in gc.get_objects())
    finally:
        gc.enable()


def test_one_processor(kernel, describe, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0})
    assert describe(FASTER).taken == 0


def test_dismissed_scout_ends(tmp_path):
    ready, written = os.pipe()
    sent = scout.Scout()

    def explore(reports: scout.Reports) -> None:
        reports.send("one", 1)
        os.write(written, b".")
        time.sleep(60)
        (tmp_path / "not ended").touch()

    sent.send(explore)
    os.read(ready, 1)
    assert [*sent.reports()] == [("one", 1)]
    assert [*sent.reports()] == []
    assert sent.is_out
    sent.dismiss()
    assert not sent.is_out
    assert [*sent.reports()] == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("length", [1, 10, 1000, 100_000])
def test_reports_of_any_length(length, monkeypatch):
    monkeypatch.setattr(scout, "_PART", 100)
    sent = scout.Scout()
    said = [("x" * length * number, number) for number in (1, 0, 3, 1, 1, 2)]
    sent.send(lambda reports: [reports.send(*each) for each in said])
    sent.wait()
    assert [*sent.reports()] == said
    assert [*sent.reports()] == []
    sent.dismiss()


def test_report_that_is_not_whole_yet():
    sent = scout.Scout()
    sent.send(lambda reports: reports.send("one", 1))
    sent.wait()
    size = os.fstat(sent._file).st_size
    whole = os.pread(sent._file, size, 0)
    for end in range(size, 2 * size):
        os.ftruncate(sent._file, size)
        os.pwrite(sent._file, whole[: end - size], size)
        assert [*sent.reports()] == ([("one", 1)] if end == size else [])
    os.pwrite(sent._file, whole, size)
    assert [*sent.reports()] == [("one", 1)]
    sent.dismiss()


def test_environment_is_reported_once(trees):
    memory, other = Memory(), Memory()
    environs = [{"A": "1"}, {"A": "2"}, {"A": "1"}, {"A": "1"}]
    sizes = []
    for environ in environs:
        record = memory.new(Call((), "", memory.number_of(environ)))
        memory.keep(record)
        packed, call, told = memory.report(record)
        other.learn(record.number, packed, call, told)
        assert other.environ(record.call.environ) == environ
        sizes.append(len(told) > 0)
    assert sizes == [True, True, False, False]


def test_last_walk_believes_no_scout(kernel):
    """When too much has turned out otherwise, everything is evaluated."""
    memory, other = Memory(), Memory()
    record = memory.new(Call((), "", memory.number_of({})))
    memory.keep(record)
    other.learn(record.number, *memory.report(record))
    walk = Walk(table_of(kernel), memory=other)
    assert other.holds(record, walk)
    other.forget(other.new(Call((), "", 0)), all_of_them=True)
    assert not other.holds(record, walk)


def test_scout_that_was_told_wrong_is_not_asked_again(kernel):
    memory, other = Memory(), Memory()
    numbers = [memory.number_of({"FLAGS": flags}) for flags in ("-O1", "-O2")]
    told, asked = (Call(("all",), "", number) for number in numbers)
    record = memory.new(told)
    memory.keep(record)
    other.learn(record.number, *memory.report(record))
    assert not other.tells_otherwise(asked)  # a make may be started in two ways
    other.surprised(["CONFIG_FLAGS"])
    assert other.tells_otherwise(asked)
    assert not other.tells_otherwise(told)
    assert not other.tells_otherwise(asked._replace(arguments=("others",)))
    assert other.find(told) == record
    other.disbelieve()
    assert other.find(told) is None
    assert not other.tells_otherwise(asked)


def test_records_of_two_scouts_have_different_numbers():
    sent = scout.Scout()
    sent.send(*[lambda reports: reports.send(reports.first)] * 2)
    sent.wait()
    first = [*sent.reports()]
    sent.send_again()
    sent.wait()
    second = [*sent.reports()]
    sent.dismiss()
    assert first and second and first != second


def test_command_of_a_dismissed_scout_runs_to_its_end(tmp_path):
    """kbuild's probes work in a directory .tmp_$$ and remove it when they end."""
    shell, sent = Shell(), scout.Scout()
    probe = "mkdir probe; trap 'rmdir probe' EXIT; : >../ready; sleep 0.3; echo done"
    (tmp_path / "out").mkdir()

    def explore(reports: scout.Reports) -> None:
        shell.run(probe, str(tmp_path / "out"), os.environ)
        reports.send("not ended")
        time.sleep(60)

    sent.send(explore)
    while not (tmp_path / "ready").exists():
        time.sleep(0.01)
    sent.dismiss()
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("ends", [True, False])
def test_directories_of_a_scout_that_is_called_back(tmp_path, ends):
    """What is not empty by now is somebody's."""
    ready, written = os.pipe()
    sent = scout.Scout()
    paths = [str(tmp_path / name) for name in ("a", "a/b", "c", "d", "d/e")]

    def explore(reports: scout.Reports) -> None:
        reports.send(scout.DIRECTORIES, *paths[:3])
        reports.send(scout.DIRECTORIES, *paths[3:])
        for path in paths:
            os.mkdir(path)
        os.write(written, b".")
        if not ends:
            time.sleep(60)

    sent.send(explore)
    os.read(ready, 1)
    if ends:
        sent.wait()
    (tmp_path / "d/file").touch()
    sent.call_back()
    assert [path.name for path in tmp_path.iterdir()] == ["d"]
    assert os.listdir(tmp_path / "d") == ["file"]


def test_scout_that_fails_says_nothing(capfd):
    sent = scout.Scout()

    def explore(reports: scout.Reports) -> None:
        os.write(1, b"something")
        raise ValueError("something")

    sent.send(explore)
    sent.wait()
    assert [*sent.reports()] == []
    assert capfd.readouterr() == ("", "")


def test_record_of_a_scout_is_kept_for_the_next_generation(kernel, describe):
    """As those of the walk itself: with the environment that it was started with."""
    described = describe(FASTER)
    memory = described.memory
    calls = {memory.record(number).call for number in memory.kept}
    alone = describe(NOT_AT_ALL).memory
    assert calls == {alone.record(number).call for number in alone.kept}
    assert all(memory.environ(call.environ) for call in calls)
