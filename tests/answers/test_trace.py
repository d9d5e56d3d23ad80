"""`-t trace`: what is told of a build, from ninja's log and build.ninja."""

from __future__ import annotations

import json
import re
import time

import pytest

from ninjagen.answers.trace import build_of, chrome_trace, last_build, page
from ninjagen.graph import Edge, Graph
from ninjagen.ninja import reader
from ninjagen.ninja.log import Entry
from ninjagen.ninja.manifest import text_of

pytestmark = pytest.mark.builds

SECOND = 1_000_000_000  # nanoseconds
NOON = 1_795_000_000 * SECOND


def entry(output: str, start: int, end: int, began: int = NOON) -> Entry:
    """What ninja 1.13 writes of a command: the time is that at which it began."""
    return Entry(output, start, end, began + start * 1_000_000, 0)


def outputs(entries) -> str:
    return " ".join(entry.output for entry in entries)


# ---- which build


def test_all_of_one_build():
    build = [entry("a", 5, 10), entry("c", 7, 10), entry("b", 5, 20), entry("d", 20, 90_000)]
    assert last_build(build) == build
    assert last_build([]) == []


def test_build_after_another():
    first = [entry("a", 5, 10), entry("b", 10, 20)]
    assert outputs(last_build([*first, entry("c", 5, 19)])) == "c"


def test_build_that_took_longer_than_the_one_before():
    """As of one object after an edit: the time since ninja's start does not tell them apart."""
    later = NOON + 10 * SECOND
    entries = [entry("fork.o", 100, 1200), entry("exit.o", 100, 1300, later),
               entry("a.a", 1300, 1400, later)]
    assert outputs(last_build(entries)) == "exit.o a.a"


def test_output_that_kept_its_time():
    """ninja 1.11 writes the time of the output: of what did not change it is an old one."""
    kept = Entry("kept", 10, 20, NOON - 3600 * SECOND, 0)
    entries = [entry("a", 5, 10), kept, entry("b", 10, 50_000), entry("c", 50_000, 50_001)]
    assert outputs(last_build(entries)) == "a kept b c"


def test_what_was_adopted_did_not_run():
    adopted = Entry("a", 0, 0, NOON, 0)
    assert outputs(last_build([entry("z", 5, 900), adopted, entry("b", 5, 20)])) == "b"
    assert last_build([adopted]) == []


# ---- what is in it


def described(*edges: str, **phonies: str) -> list[reader.Statement]:
    """Statements from `out out: in in`."""
    return [
        reader.Statement(made.split(), "cc_o_c.2", needs.split(), f"CC      {made}")
        for made, _, needs in (edge.partition(":") for edge in edges)
    ] + [reader.Statement([name], "phony", members.split()) for name, members in phonies.items()]


def test_commands():
    entries = [entry("b", 0, 4), entry("b.map", 0, 4), entry("gone", 4, 6)]
    build = build_of(entries, described("b b.map:a"))
    assert [(span.name, span.rule, span.description) for span in build.spans] == [
        ("b", "cc_o_c", "CC b b.map"), ("gone", "", ""),
    ]
    assert (build.wall, build.work, build.lanes) == (6, 6, 1)
    assert build_of([], []) is None


def test_what_ran_at_the_same_time_has_its_own_lane():
    entries = [entry("a", 0, 10), entry("b", 2, 5), entry("c", 5, 9), entry("d", 6, 7),
               entry("e", 10, 11)]
    build = build_of(entries, [])
    assert {span.name: span.lane for span in build.spans} == {"a": 0, "b": 1, "c": 1, "d": 2,
                                                             "e": 0}
    assert build.lanes == 3


def path(entries, statements) -> str:
    return " ".join(span.name for span in build_of(entries, statements).critical)


def test_critical_path_is_the_longest_chain():
    edges = described("a:", "b:", "c:a b", "d:b", "e:c d")
    entries = [entry("a", 0, 10), entry("b", 0, 9), entry("d", 9, 12), entry("c", 10, 11),
               entry("e", 12, 13)]
    assert path(entries, edges) == "b d e"


def test_critical_path_goes_through_groups_and_what_was_up_to_date():
    edges = described("gen:", "kept:gen", "x:group", "y:", group="inner kept", inner="nothing")
    entries = [entry("gen", 0, 10), entry("y", 0, 14), entry("x", 10, 15)]
    assert path(entries, edges) == "gen x"


def test_groups_of_each_other():
    edges = described("x:one", one="two", two="one")
    assert path([entry("x", 0, 5)], edges) == "x"


# ---- build.ninja read back


def test_statements_are_those_that_were_written():
    graph = Graph()
    graph.add(Edge("cc", ("a b", "$c"), "x", "CC      a b", inputs=("d:e", "f"),
                   implicit=("g h",), order_only=("all of it", "i"), implicit_outputs=("j",)))
    graph.add(Edge("ld", ("vmlinux",), "build it: desc = no", "LD      vmlinux $x"))
    flags = "-Wall " * 20
    for name in "opq":
        graph.add(Edge("cc", (name,), f"cc {flags} {name}.c", f"CC $ {name}"))
    graph.add_phony("all", ("vmlinux", "a b"))
    lines = text_of(graph, "", ["all"]).splitlines(keepends=True)
    assert list(reader.statements(lines)) == [
        reader.Statement(["a b", "$c", "j"], "cc", ["d:e", "f", "g h", "all of it", "i"],
                         "CC      a b"),
        reader.Statement(["vmlinux"], "ld", [], "LD      vmlinux $x"),
        *(reader.Statement([name], "cc.2", [], f"CC $ {name}") for name in "opq"),
        reader.Statement(["all"], "phony", ["vmlinux", "a b"]),
    ]
    assert "  description = $ $ CC $$ ${1}\n" in lines  # of the rule of these three


def test_inputs_that_became_known_while_building(tmp_path):
    graph = Graph()
    graph.add(Edge("ar", ("vmlinux.a",), "ar", inputs=("order",), order_only=(".x/a.dd",),
                   dyndep=".x/a.dd"))
    (tmp_path / "build.ninja").write_text(text_of(graph, "", ["vmlinux.a"]))
    described = reader.Statement(["vmlinux.a"], "ar", ["order", ".x/a.dd"], dyndep=".x/a.dd")
    assert reader.read(str(tmp_path)) == [described]
    (tmp_path / ".x").mkdir()
    (tmp_path / ".x/a.dd").write_text(
        "ninja_dyndep_version = 1\nbuild vmlinux.a: dyndep | a.o b$ c.o\n"
    )
    described.inputs += ["a.o", "b c.o"]
    assert reader.read(str(tmp_path)) == [described]


# ---- the files


@pytest.fixture
def built(sample):
    sample.describe()
    sample.ninja()
    return sample


OBJECTS = {"kernel/fork.o", "kernel/fast.o", "kernel/time/clock.o"}


def test_files(built):
    said = built.ask("trace").splitlines()
    assert re.fullmatch(r"\d+ commands in [\d.]+ s, [\d.]+ at a time;"
                        r" [\d.]+ s is the critical path", said[0])
    state = built.out / ".ninjagen"
    assert said[1:] == [str(state / "trace.html"), f"{state}/trace.json: for ui.perfetto.dev"]
    names = {event["args"].get("output") for event in events(state / "trace.json")}
    assert names >= OBJECTS | {"vmlinux"}
    data = shown((state / "trace.html").read_text())
    assert {span[4] for span in data["spans"]} == names - {None}


def test_only_the_last_build(built):
    time.sleep(1.5)  # the log tells builds apart by when they began; see _SLACK
    built.write("kernel/fork.c", "int other;\n")
    built.ninja()
    built.ask("trace")
    names = {event["args"].get("output") for event in events(built.out / ".ninjagen/trace.json")}
    assert names & OBJECTS == {"kernel/fork.o"}
    assert names >= {"kernel/built-in.a", "built-in.a", "vmlinux"}
    critical = [event["args"]["output"] for event in events(built.out / ".ninjagen/trace.json")
                if event["args"].get("critical")]
    assert critical[-1] == "vmlinux"


def test_nothing_was_built(sample):
    sample.describe()
    said = sample.ask("trace", status=1)
    assert said == (f"ninjagen: error: ninja has built nothing in {sample.out}\n"
                    "  hint: run ninja there, and ask again\n")


def events(file) -> list[dict]:
    """What Chrome's Trace Event Format asks of an event, checked."""
    trace = json.loads(file.read_text())
    assert trace["displayTimeUnit"] == "ms"
    for event in trace["traceEvents"]:
        assert isinstance(event["name"], str) and isinstance(event["pid"], int)
        assert event["ph"] in ("X", "M")
        if event["ph"] == "X":
            assert isinstance(event["tid"], int) and event["cat"]
            assert all(isinstance(event[key], int) and event[key] >= 0 for key in ("ts", "dur"))
    return trace["traceEvents"]


def shown(text: str) -> dict:
    """The build that a page holds."""
    (data,) = re.findall(r'<script type="application/json" id="build">(.*?)</script>', text, re.S)
    return json.loads(data)


ODD = "drivers/</script><b>$&'\\\".o"


def test_page_needs_nothing_else():
    build = build_of([entry(ODD, 0, 4)], [])
    text = page(build, "/out")
    assert shown(text)["spans"] == [[0, 4, 0, 0, ODD, "", 1]]
    for word in ("http:", "https:", "src=", "href=", "url(", "@import", "<link", "fetch("):
        assert word not in text, word
    assert text.count("</script>") == 2
    assert json.loads(chrome_trace(build))["traceEvents"][1]["name"] == ODD


def test_times_begin_with_the_first_command():
    build = build_of([entry("a", 500, 700), entry("b", 600, 900)], [])
    assert [span[:2] for span in shown(page(build, "/out"))["spans"]] == [[0, 200], [100, 300]]
    assert build.wall == 400
