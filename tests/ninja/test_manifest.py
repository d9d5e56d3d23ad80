"""The text of build.ninja, for small graphs."""

from __future__ import annotations

import re
from random import Random

import pytest

from ninjagen.forked import Forked
from ninjagen.graph import Edge, Graph
from ninjagen.ninja import factor
from ninjagen.ninja.factor import Blocks
from ninjagen.ninja.manifest import (
    OWN_RULES,
    Regeneration,
    begin,
    depfile_text,
    split_by_depfile,
    text_of,
)
from ninjagen.source import Loc


def graph(*edges: Edge) -> Graph:
    made = Graph()
    for edge in edges:
        made.add(edge)
    return made


COMMAND = (  # removes what failed, and gives an object that did not change its time back
    "failed() { test $$? = 0 || rm -f $out; }; trap failed EXIT; "
    "if test -e $out; then mv -f $out $out.old; else rm -f $out.old; fi; ${cmd}"
    "; status=$$?; test $$status = 0 || exit $$status"
    "; if cmp -s $out $out.old; then mv -f $out.old $out; else rm -f $out.old; fi"
)


def test_whole_text():
    made = graph(
        Edge(
            "cc_o_c", ("a.o",), "cc -c a.c", "CC      a.o", inputs=("a.c",), implicit=("a.h",),
            order_only=("gen",), depfile=".a.o.d", keeps_same=True, saved="cc -c a.c",
            loc=Loc("src/Makefile", 3),
        ),
        Edge("upd", ("v.h", "w.h"), "echo $v", inputs=("in",), implicit_outputs=("x.h",),
             restat=True, removes_failed=False),
    )
    made.add_phony("gen", ("v.h", "w.h"))
    text = text_of(made, "export LC_ALL=C; ", ["a.o"], Regeneration("cd $here && us"), "Ours.\nNo.")
    assert text == """\
# Ours.
# No.
ninja_required_version = 1.11
builddir = .ninjagen
shell = export LC_ALL=C; END


rule cc_o_c
  command = ${shell}COMMAND
  description = $desc
  depfile = $depfile
  restat = 1
  deps = gcc

rule upd
  command = ${shell}${cmd}
  description = $desc
  restat = 1

# src/Makefile:3
build a.o: cc_o_c a.c | a.h || gen
  cmd = cc -c a.c
  desc = $ $ CC      a.o
  depfile = .a.o.d
build v.h w.h | x.h: upd in
  cmd = echo $$v
  desc = $ $ END
build gen: phony v.h w.h

rule regenerate
  command = cd $$here && us
  description = $ $ GEN     build.ninja
  depfile = .ninjagen/build.ninja.d
  generator = 1
  pool = console
  restat = 1
build build.ninja: regenerate

default a.o
""".replace("COMMAND", COMMAND).replace("END\n", "\n")


def test_shared_flags_are_variables():
    flags = " -DX='a b'" * 8
    made = graph(*(Edge("cc", (f"{n}.o",), f" cc{flags}  -c {n}.c" + " x" * n) for n in range(4)))
    lines = text_of(made, "", []).splitlines()
    assert lines.count(f"flags1 = $ cc{flags}  -c") == 1
    assert "  cmd = ${flags1} 0.c" in lines
    assert "  cmd = ${flags1} 1.c x" in lines


def test_commands_that_differ_in_some_words_are_a_rule_with_holes():
    flags = "-Wall " * 30
    made = graph(
        *(
            Edge("cc", (f"a/b+/{n}.o",), f"cc {flags}-c a/b+/{n}.o '${n} a/{n}.c' $",
                 f"CC $ a/b+/{n}.o", depfile=f"a/b+/.{n}.o$d")
            for n in ("one", "two", "three")
        ),
        Edge("ld", ("a/c",), f"cc {flags}-c a/b+/c.o '$c a/c.c' $"),  # of another rule
    )
    text = text_of(made, "", [])
    lines = text.splitlines()
    at = lines.index("rule cc.a-b-")
    assert lines[at + 1] == "  command = ${shell}" + (
        "failed() { test $$? = 0 || rm -f $out; }; trap failed EXIT; "
        "${flags1.a-b-} a/b+/${1}.o '$$${1} a/${1}.c' $$"
    )
    assert lines[at + 2 : at + 5] == [
        "  description = $ $ CC $$ a/b+/${1}.o", "  depfile = a/b+/.${1}.o$$d", "  deps = gcc",
    ]
    at = lines.index("build a/b+/one.o: cc.a-b-")
    assert lines[at + 1 : at + 3] == ["  1 = one", "build a/b+/two.o: cc.a-b-"]
    assert lines[lines.index("build a/c: ld") + 1].startswith("  cmd = ${flags1.a-b-} a/b+/c.o ")


@pytest.mark.parametrize(
    "others",
    [
        ["CC two.o", "CC three.o"],  # the description of one is not as its name
        ["CC a two.o", "CC a three.o"],  # not even in as many words
        ["CC \x01two\x01", "CC \x01three\x01"],  # would read as a hole
    ],
)
def test_what_holes_do_not_tell_stands_at_the_edges(others):
    said = ["CC 1.o", *others]
    text = text_of(graph(*(
        Edge("cc", (f"{n}.o",), f"cc {'-Wall ' * 20} {n}.c", what, depfile=f".{what}.d")
        for n, what in zip(("one", "two", "three"), said, strict=True)
    )), "", [])
    assert text.count("  description = $desc\n  depfile = $depfile\n") == 2  # of cc and cc.2
    for what in said:
        assert f"  desc = $ $ {what}\n  depfile = .{what}.d\n" in text


def test_holes_are_of_a_rule_only_where_it_shares_enough():
    lines = text_of(
        graph(*(Edge("cc", (f"{n}",), f"cc -c {n}") for n in range(9))), "", []
    ).splitlines()
    assert "  cmd = cc -c 8" in lines
    assert [line for line in lines if line.startswith("rule ")] == ["rule cc"]


def test_text_that_has_a_name_keeps_it():
    known = {
        "CFLAGS": " -O2 " + "-Wall " * 12, "in": "-g " * 30, "SHORT": "-c", "UNUSED": "-x " * 40,
    }
    cflags, debug = known["CFLAGS"].strip(), known["in"].strip()
    made = graph(Edge("cc", ("a.o",), f"cc {cflags} -c 'a {cflags}' {debug}"))
    lines = text_of(made, "", [], known=known).splitlines()
    assert f"CFLAGS = {cflags}" in lines
    assert f"  cmd = cc ${{CFLAGS}} -c 'a {cflags}' {debug}" in lines
    assert not [line for line in lines if line.startswith(("in =", "SHORT", "UNUSED"))]


def test_flags_of_a_block_are_its_own():
    made = Graph()
    known = {"CPPFLAGS": "-I$x " * 15}
    for block in "one", "two":
        for n in range(4):
            text = f"cc {known['CPPFLAGS']}{f'-D{block} ' * 15}-c {n}.c" + " x" * n
            made.add(Edge("cc", (f"{block}{n}.o",), text), f"make obj={block}")
    lines = text_of(made, "", [], known=known).splitlines()
    at = lines.index("# make obj=two")
    assert lines[at + 1] == "flags1.-2 = cc ${CPPFLAGS} " + "-Dtwo " * 15 + "-c"
    assert lines[at + 3] == "  cmd = ${flags1.-2} 0.c"
    assert "flags1 = cc ${CPPFLAGS} " + "-Done " * 15 + "-c" in lines[:at]
    assert "CPPFLAGS = " + ("-I$$x " * 15).strip() in lines


def test_same_graph_same_text():
    def made() -> str:
        edges = [Edge(f"r{n % 3}", (f"o{n}",), f"c {n}", restat=n % 2 == 0) for n in range(9)]
        return text_of(graph(*edges), "", ["o1"])

    assert made() == made()


VARIANTS = {
    "": {},
    "depfile": {"depfile": "d"},
    "restat": {"restat": True},
    "keeps_same": {"keeps_same": True},
    "removes_failed": {"removes_failed": False},
    "rspfile": {"rspfile": "x.rsp"},
}


def test_each_way_of_running_a_command_is_a_rule_of_its_own():
    made = graph(
        *(Edge("cc", (name or "plain",), "c", **fields) for name, fields in VARIANTS.items()),
        Edge("cc", ("plain2",), "c"), Edge("ld", ("other",), "c"),
    )
    text = text_of(made, "", [])
    rules = re.findall(r"^rule (\S+)$", text, re.M)
    assert sorted(rules) == ["cc", "cc.2", "cc.3", "cc.4", "cc.5", "cc.6", "ld"]
    used = dict(re.findall(r"^build (\S+): (\S+)$", text, re.M))
    assert used["plain"] == used["plain2"] == "cc"  # what most edges share has the plain name
    assert len({used[name or "plain"] for name in VARIANTS}) == len(VARIANTS)


def test_rule_that_is_named_as_a_variant_would_be():
    made = graph(
        Edge("cc", ("a",), "c"), Edge("cc", ("b",), "c", restat=True),
        Edge("cc.2", ("c",), "c", depfile="d"),
    )
    text = text_of(made, "", [])
    rules = re.findall(r"^rule (\S+)$", text, re.M)
    assert len(rules) == len(set(rules)) == 3


def test_names_are_escaped():
    made = graph(Edge("r", ("a b",), "c", inputs=("d:e", "f$g", "h$$ i"), depfile="a$b.d"))
    made.add_phony("all here", ("a b",))
    text = text_of(made, "", ["all here"])
    assert "build a$ b: r d$:e f$$g h$$$$$ i\n" in text
    assert "  depfile = a$$b.d\n" in text
    assert "build all$ here: phony a$ b\n" in text
    assert "\ndefault all$ here\n" in text


def test_depfile_of_build_ninja():
    assert depfile_text(["/b", "/a", "/b", "/c d"]) == (
        "build.ninja: \\\n  /a \\\n  /b \\\n  /c\\ d\n"
    )
    assert depfile_text([]) == "build.ninja:\n"
    assert depfile_text(["/"]) == "build.ninja: \\\n  /..\n"


def test_names_that_no_depfile_can_hold():
    plain = ["/a b (x86)", "/c++/d:e", "/é/~x"]
    odd = ["/O'Brien", "/a #1", "/b: c", "/d:"]
    assert split_by_depfile([*odd[::-1], *plain[::-1], "/a\nb", "/x|y"]) == (plain, odd)


def test_blocks_that_are_kept_give_the_same_text(tmp_path):
    """Some blocks are as they were, one has another command, and a name has another text."""
    def described(flag: str, cflags: str, blocks: Blocks | None = None) -> str:
        made = Graph()
        for block in "one", "two", "three":
            for n in range(5):
                own = flag if block == "two" else "-O2"
                text = f" cc {cflags} {f'-D{block} ' * 15}{own} -c $x{n}.c"
                made.add(Edge("cc", (f"{block}{n}.o",), text), block)
        return text_of(made, "", [], known={"CFLAGS": cflags, "UNUSED": "x " * 50}, blocks=blocks)

    path = tmp_path / "blocks"
    for flag, cflags in [
        ("-O2", "-Wall " * 15), ("-O2", "-Wall " * 15), ("-O3", "-Wall " * 15),
        ("-O3", "-Wextra " * 15), ("-O2", "-Wall " * 15),
    ]:
        blocks = Blocks()
        blocks.load(str(path))
        assert described(flag, cflags, blocks) == described(flag, cflags)
        path.write_bytes(blocks.packed())
        assert "UNUSED" not in blocks.used


def test_blocks_that_are_kept_are_not_told_from_written_ones(tmp_path):
    """Whatever changes in a graph: what an edge says, or the names of all rules."""
    random = Random(3)

    def some(number: int, restats: int = 1) -> Edge:
        text = f"cc {'-Wall ' * 15} {number}.c"
        return random.choices([
            lambda: Edge("cc", (f"{number}.o",), text),
            lambda: Edge("cc", (f"{number}.o",), text, restat=True),
            lambda: Edge("cc", (f"{number}.o",), text, loc=Loc("Makefile", random.randrange(3))),
            lambda: Edge("cc", (f"{number}.o",), text, inputs=("in",), order_only=("first",)),
            lambda: Edge("cc", (f"{number}.o",), text, description=random.choice(["", "CC"])),
            lambda: Edge("ld", (f"{number}.o",), text, depfile=f"{number}.d"),
        ], [40, restats, 5, 5, 5, 5])[0]()

    edges = {number: some(number) for number in range(40)}
    path = tmp_path / "blocks"
    reused = 0
    for turn in range(300):
        changed = random.randrange(len(edges))
        edges[changed] = some(changed, restats=1 if turn < 150 else 200)
        made = Graph()
        for number, edge in edges.items():
            made.add(edge, f"block {number // 8}")
        blocks = Blocks("one")
        blocks.load(str(path))
        before = {*blocks._kept}
        assert text_of(made, "", [], blocks=blocks) == text_of(made, "", [])
        reused += len(before & {*blocks._kept})
        path.write_bytes(blocks.packed())
    assert reused > 100
    other = Blocks("another")
    other.load(str(path))
    assert not other._kept


@pytest.mark.parametrize("count", [1, 5, 30])
def test_another_process_does_a_part_of_the_blocks(count, monkeypatch):
    made = Graph()
    for block in range(count):
        for n in range(block % 4 + 1):
            text = f"cc {'-Wall ' * 15}-D{block} {'-O2 ' * (block % 3)}-c x{n}.c"
            made.add(Edge("cc", (f"{block}/x{n}.o",), text), f"block {block}")
    known = {"CFLAGS": "-Wall " * 15}
    alone, both = Blocks(), Blocks()
    text = text_of(made, "", [], known=known, blocks=alone)
    started: list[Forked] = []
    start = Forked.__init__
    monkeypatch.setattr(
        Forked, "__init__", lambda self, function: started.append(self) or start(self, function)
    )
    monkeypatch.setattr(factor, "WORTH_A_PROCESS", 1)
    finish = begin(made, "", [], known=known, blocks=both)
    assert len(started) == (count > 1)  # the other process is on its way
    assert finish() == text
    assert both.packed() == alone.packed()
    assert both.used == alone.used == {"CFLAGS": "-Wall " * 14 + "-Wall"}


@pytest.mark.parametrize("damage", [lambda d: b"", lambda d: d[:-1], lambda d: d[:20] + b"\xff"])
def test_kept_blocks_that_are_broken(tmp_path, damage):
    made = graph(Edge("cc", ("a.o",), "cc -c a.c"))
    blocks = Blocks()
    text = text_of(made, "", [], blocks=blocks)
    (tmp_path / "blocks").write_bytes(damage(blocks.packed()))
    again = Blocks()
    again.load(str(tmp_path / "blocks"))
    again.load(str(tmp_path / "missing"))
    assert text_of(made, "", [], blocks=again) == text


@pytest.mark.parametrize("name", sorted(OWN_RULES))
def test_rules_do_not_get_the_names_of_ours(name):
    """A kernel's makefile may have a cmd_configure."""
    made = graph(*(Edge(name, (f"{n}.o",), f"cc {n}" * n) for n in range(4)))
    assert f"\nrule {name}\n" not in text_of(made, "", [])
    assert f"\nrule {name}.2\n" in text_of(made, "", [])
