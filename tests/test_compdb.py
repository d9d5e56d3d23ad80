"""compile_commands.json, for a small graph; tests/kernel/test_build.py compares that of kernels."""

from __future__ import annotations

import json
import os

import pytest

from ninjagen import compdb
from ninjagen.graph import Edge, Graph


def edge(output: str, source: str, more: str = "", cwd: str = "") -> Edge:
    return Edge("cc_o_c", (output,), saved=f"cc -c -o {output} {source}{more}", cwd=cwd)


@pytest.fixture
def graph():
    made = Graph()
    for each in (
        edge("b.o", "/src/b.c", " ; ./tools/objtool/objtool b.o"), edge("a.o", "/src/a.c"),
        edge("entry.o", "/src/entry.S"), edge("tools/x.o", "/src/tools/x.c"),
        edge("asm.s", "/src/asm.c"), Edge("ld", ("all.o",), saved="ld -o all.o a.o b.o"),
    ):
        made.add(each)
    return made


@pytest.mark.parametrize(
    ("pattern", "sources"), [
        (r"^(saved)?cmd_[^ ]*\.o := (.* )([^ ]*\.[cS]) *(;|$)", ["a.c", "b.c", "entry.S"]),
        (r"^cmd_[^ ]*\.o := (.* )([^ ]*\.c) *(;|$)", ["a.c", "b.c"]),
        (None, ["a.c", "b.c", "entry.S"]),
    ],
)
def test_what_is_collected_is_what_the_script_of_the_kernel_collects(
    graph, tmp_path, pattern, sources
):
    script = tmp_path / "gen_compile_commands.py"
    if pattern is not None:
        script.write_text(f"_LINE_PATTERN = r'{pattern}'\n")
    objtree = str(tmp_path)
    with compdb.CompileCommands(
        graph, objtree, str(tmp_path / "note"), compdb.suffixes(str(script))
    ) as commands:
        commands.compose()
        commands.put()
    entries = json.loads((tmp_path / compdb.NAME).read_text())
    assert [entry["file"] for entry in entries] == [f"/src/{source}" for source in sources]
    assert entries[1] == {
        "command": "cc -c -o b.o /src/b.c", "directory": objtree, "file": "/src/b.c"
    }


def test_command_that_runs_elsewhere(tmp_path):
    """That of an external module, before 6.13."""
    graph = Graph()
    graph.add(edge("a.o", "a.c", cwd="/kernel"))
    with compdb.CompileCommands(graph, str(tmp_path), str(tmp_path / "note")) as commands:
        commands.compose()
        commands.put()
    (entry,) = json.loads((tmp_path / compdb.NAME).read_text())
    assert (entry["directory"], entry["file"]) == ("/kernel", "/kernel/a.c")


def test_names_of_sources_lead_through_links(tmp_path):
    base = tmp_path.resolve()
    (base / "a/b").mkdir(parents=True)
    (base / "a/b/x.c").touch()
    for link, to in ("l", "a"), ("a/m", "../a/b"), ("a/b/loop", "loop"), ("a/b/f.c", "x.c"):
        (base / link).symlink_to(to)
    for name in (
        "a/b/x.c", "l/b/x.c", "l/m/f.c", "a/../l/b/x.c", "l//b/./x.c", "a/b/loop/x.c", "l/m/..",
        "none/../x.c", "none/x.c", "l/", "l",
    ):
        path = f"{base}/{name}"
        assert compdb._real(path) == os.path.realpath(path), name
    for path in "/", "/x.c", "//x.c", f"/{base}/l":
        assert compdb._real(path) == os.path.realpath(path), path
