"""Edges, who makes what, and names for groups."""

from __future__ import annotations

import shlex

import pytest

from ninjagen.errors import NinjagenError
from ninjagen.graph import Edge, Graph, escape_saved, shortened
from ninjagen.source import Loc


def edge(outputs: str, inputs: str = "", command: str = "c", **fields) -> Edge:
    return Edge("r", tuple(outputs.split()), command, inputs=tuple(inputs.split()), **fields)


def graph(*edges: Edge, **phonies: str) -> Graph:
    made = Graph()
    for one in edges:
        made.add(one)
    for name, members in phonies.items():
        made.add_phony(name, tuple(members.split()))
    return made


def test_producer_of_every_output():
    made = graph(edge("a b", implicit_outputs=("c",)), edge("d"))
    assert {made.producer(path) for path in "abc"} == {made.edges[0]}
    assert made.producer("d") is made.edges[1]
    assert made.producer("nobody") is None
    assert made.edges[0].all_outputs == ("a", "b", "c")


def test_same_command_twice_is_one_edge_with_the_inputs_of_both():
    made = graph(edge("a", "x y"), edge("z"), edge("a", "y w"))
    assert [one.outputs for one in made] == [("a",), ("z",)]
    assert made.producer("a").inputs == ("x", "y", "w")


def test_merging_keeps_implicit_inputs_of_both():
    made = graph(edge("a", implicit=("x", "y")), edge("a", implicit=("y", "w")))
    assert made.producer("a").implicit == ("x", "y", "w")


def test_merging_keeps_what_only_the_second_makes():
    made = graph(edge("a"), edge("a b", implicit_outputs=("c",)))
    assert len(made.edges) == 1
    for path in "abc":
        assert made.producer(path) is made.edges[0]
    assert sorted(made.edges[0].all_outputs) == ["a", "b", "c"]


def test_merging_keeps_the_ordering_of_the_first():
    made = graph(edge("a", order_only=("x",)), edge("a", order_only=("y",)))
    assert made.producer("a").order_only == ("x",)


def test_two_commands_for_one_output_name_both_places():
    made = graph(edge("a", command="one", loc=Loc("dir/Makefile", 3)))
    with pytest.raises(NinjagenError) as raised:
        made.add(edge("b a", command="two", loc=Loc("other/Makefile", 7)))
    text = str(raised.value)
    assert text.startswith("other/Makefile:7: two different commands make 'a'")
    assert "dir/Makefile:3" in text


def test_two_commands_without_places():
    made = graph(edge("a", command="one"))
    with pytest.raises(NinjagenError, match="two different commands make 'a'") as raised:
        made.add(edge("a", command="two"))
    assert "None" not in str(raised.value)


def test_saved_command_of_the_second_visit_is_the_one_that_stays():
    """What it makes of the same is there in the end; of something else, it is an error."""
    first = edge("a", "a.c", "cc -Werror", saved="cc -Werror", order_only=("x",))
    second = edge("a", "a.c", "cc", saved="cc", order_only=("y",))
    made = graph(first, second)
    assert made.edges == [second._replace(order_only=("x",))]
    for other in (
        {"inputs": ("b.c",)}, {"outputs": ("a", "b")}, {"rule": "other"}, {"saved": ""},
    ):
        with pytest.raises(NinjagenError, match="two different commands make 'a'"):
            graph(first, second._replace(**other))


def test_replace_changes_one_edge():
    made = graph(edge("a b", "x"), edge("c"))
    made.replace("b", inputs=("y",), restat=True)
    assert made.producer("a") == edge("a b", "y", restat=True)
    assert made.producer("c") == edge("c")


def test_files_of_a_name_of_names():
    made = graph(all="one two x", one="a b", two="b one c")
    assert made.files_of("all") == ["a", "b", "c", "x"]
    assert made.files_of("x") == ["x"]


def test_files_of_names_that_go_round():
    assert graph(one="a two", two="b one").files_of("one") == ["a", "b"]


def test_dependents():
    made = graph(
        edge("top", "middle"), edge("middle", implicit=("group",)),
        edge("c", order_only=("d",)), group="c", round="round",
    )
    assert made.dependents("d") == {"d", "c", "group", "middle", "top"}
    assert made.dependents("group") == {"group", "middle", "top"}
    assert made.dependents("top") == {"top"}
    assert made.dependents("round") == {"round"}


def test_edges_of_a_block_stay_together():
    made = Graph()
    for name, block in ("a", "one"), ("b", "two"), ("c", "one"), ("d", ""):
        made.add(edge(name), block)
    made.add(edge("a", "more"), "two")  # the same edge again: it stays where it is
    assert made.blocks == {"one": [0, 2], "two": [1], "": [3]}
    assert made.without_idle_phonies([]).blocks == made.blocks


def test_names_that_nothing_leads_to_are_left_out():
    made = graph(
        edge("out", "plain", implicit=("implied",), order_only=("before",)),
        plain="a", implied="nested", nested="b", before="c", kept="deeper", deeper="d",
        idle="e idler", idler="f", nested2="before", one="kept two", two="one",
    )
    left = made.without_idle_phonies(["kept", "unknown", "two"])
    assert set(left.phonies) == {
        "plain", "implied", "nested", "before", "kept", "deeper", "one", "two",
    }
    assert left.edges == made.edges
    assert left.producer("out") == made.producer("out")
    assert "idle" in made.phonies  # the graph itself is as it was


def test_second_visit_that_saves_the_same_command_changes_nothing():
    """tools/build saves a command in two ways: before and after its fixdep is there."""
    graph = Graph()
    graph.add(Edge("cc", ("a.o",), text="cc a.c; printf ...", saved="cc a.c"))
    graph.add(Edge("cc", ("a.o",), text="cc a.c; fixdep ...", saved="cc a.c"))
    assert [edge.command for edge in graph] == ["cc a.c; printf ..."]


@pytest.mark.parametrize(
    "command", [
        "set -e; {plain}; printf '%s\\n' 'savedcmd_a.o := {escaped}' > .a.o.cmd",
        "sh -c 'set -e; {escaped}' && {plain} && {plain}",
        "echo {escaped}",
        "true",
        "",
    ],
)
@pytest.mark.parametrize("saved", ["cc -c a.c", "cc -DNAME='\"a\"' '$(x)' a#b.c; objtool a.o", ""])
def test_command_that_is_kept_without_what_it_saves_is_the_same(command: str, saved: str):
    text = command.format(plain=saved, escaped=escape_saved(saved))
    held = Edge("cc", ("a.o",), shortened(text, saved), saved=saved)
    assert held.command == text
    assert saved not in held.text or not saved


def test_command_of_several_shells_is_kept_without_what_they_save():
    """Where a recipe has several lines, each is quoted for a shell of its own."""
    saved = "cc -DNAME='\"a\"' '$(x)' a#b.c; objtool a.o"
    line = f"set -e; {saved}; fixdep .a.o.d a.o '{escape_saved(saved)}' > .a.o.cmd"
    command = f"sh -c {shlex.quote(line)} && sh -c {shlex.quote('echo b >> .a.o.cmd')} || exit $?"
    held = Edge("cc", ("a.o",), shortened(command, saved), saved=saved)
    assert held.command == command
    assert "objtool" not in held.text
