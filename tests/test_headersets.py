"""Sets of headers: fewer names in ninja's record, and every change runs what it ran before."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from copy import copy
from pathlib import Path

import pytest

from ninjagen import headersets, helpers
from ninjagen.graph import Edge, Graph
from ninjagen.kbuild import protocol
from ninjagen.ninja import log, manifest
from tests.kbuild.trees import NINJA

pytestmark = pytest.mark.builds

# Follows #include <> below h/, as far as there are files; -M and -MD as compilers have them.
COMPILER = """\
#!/bin/sh
exec awk '
function read_headers(path, line, status) {
    while ((status = (getline line < path)) > 0) {
        text = text line "\\n"
        if (line ~ /#include <.*>/) {
            gsub(/.*<|>.*/, "", line)
            wanted[++last] = "h/" line
        }
    }
    if (status < 0) exit 1
    close(path)
    names = names " " path
}
BEGIN {
    source = ARGV[ARGC - 1]
    for (i = 1; i < ARGC - 1; i++) { has[ARGV[i]]; after[ARGV[i]] = ARGV[i + 1] }
    if ("-include" in has) wanted[++last] = "h/" after["-include"]
    read_headers(source)
    for (next_one = 1; next_one <= last; next_one++)
        if (!(wanted[next_one] in seen)) {
            seen[wanted[next_one]]
            read_headers(wanted[next_one])
        }
    if ("-MF" in has) print "x.o:" names > after["-MF"]
    else if ("-M" in has) print "x.o:" names
    if ("-o" in has) printf "%s", text > after["-o"]
}' "$@"
"""

# Lists CONFIG_ options as scripts/basic/fixdep.c does.
FIXDEP = """\
#!/bin/sh
exec awk '
BEGIN {
    getline < ARGV[1]
    for (i = 2; i <= NF; i++) names[i] = $i
    last = NF
    printf "savedcmd_%s := %s\\n\\nsource_%s := %s\\n\\n", ARGV[2], ARGV[3], ARGV[2], names[2]
    printf "deps_%s := \\\\\\n", ARGV[2]
    for (i = 2; i <= last; i++)
        while ((getline line < names[i]) > 0)
            while (match(line, /CONFIG_[A-Z_]+/)) {
                option = substr(line, RSTART + 7, RLENGTH - 7)
                line = substr(line, RSTART + RLENGTH)
                if (option in seen) continue
                seen[option]
                printf "    $(wildcard include/config/%s) \\\\\\n", option
            }
    for (i = 3; i <= last; i++) printf "  %s \\\\\\n", names[i]
    print ""
}' "$@"
"""

MANY, FEW = 28, 4


class Tree:
    """An object tree, described without makefiles: many sources include one header, few do not."""

    def __init__(self, directory: Path) -> None:
        self.path = directory
        self.write("cc", COMPILER, 0o755)
        self.write("scripts/basic/fixdep", FIXDEP, 0o755)
        for path, text in helpers.programs():
            self.write(path, text)
        self.write("h/all.h", "#include <part.h>\n#include <made.h>\n")
        self.write("h/part.h", "#ifdef CONFIG_PART\n")
        self.write("h/other.h", "other\n")
        self.many = [f"many/{number}.o" for number in range(MANY)]
        self.few = [f"few/{number}.o" for number in range(FEW)]
        for name in self.many:
            self.write(name.replace(".o", ".c"), f"#include <all.h>\n{name}\n")
        for name in self.few:
            self.write(name.replace(".o", ".c"), f"#include <part.h>\n#include <other.h>\n{name}\n")
        self.graph = Graph()
        for name in ("h/made.h", "prepared"):
            self.graph.add(Edge("make", (name,), f"echo {name} > {name}"))
        self.graph.add_phony(protocol.PREPARED, ("h/made.h", "prepared"))
        for name in ("late.h", "late.c"):
            late = Edge("make", (name,), f"echo > {name}", order_only=(protocol.PREPARED,))
            self.graph.add(late)
        self.graph.add(self.compile("x/late.o", "late.c"))
        for name in (*self.many, *self.few):
            self.graph.add(self.compile(name))
        for path, text in headersets.add(self.graph).items():
            self.write(path, text)
        text = manifest.text_of(self.graph, "", ["late.h", *self.many, *self.few])
        self.write("build.ninja", text)

    @staticmethod
    def compile(name: str, source: str = "") -> Edge:
        source = source or name.replace(".o", ".c")
        directory, last = os.path.split(name)
        deps, saved = f"{directory}/.{last}.d", f"{directory}/.{last}.cmd"
        words = f"./cc -Wp,-MMD,{deps} -DKBUILD_BASENAME={last} -DUSUAL -c -o {name} {source}"
        return Edge(
            "cc_o_c", (name,), " && ".join((
                words.replace("-c ", f"-c -MF {deps} "),
                f"scripts/basic/fixdep {deps} {name} {shlex.quote(words)} > {saved}",
                helpers.depfile_command(saved, name, deps, ""),
            )), "CC", (source,), order_only=(protocol.PREPARED,), depfile=deps, saved=words,
        )  # fmt: skip

    def write(self, name: str, text: str, mode: int = 0o644) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def ninja(self, *words: str) -> str:
        done = subprocess.run(
            [NINJA, *words], cwd=self.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def ran(self) -> set[str]:
        """Let ninja build; return what it made, but for the sets."""
        state = str(self.path / ".ninjagen" / log.LOG)
        before = set(log.read_log(state).entries())
        self.ninja()
        assert self.ninja() == "ninja: no work to do.\n"
        made = {entry.output for entry in set(log.read_log(state).entries()) - before}
        return {output for output in made if not output.startswith(helpers.HEADERS)}

    def recorded(self, name: str) -> list[str]:
        """What ninja has recorded of an object."""
        return [line.strip() for line in self.ninja("-t", "deps", name).splitlines()[1:] if line]

    def change(self, name: str) -> None:
        path = self.path / name
        path.write_text(path.read_text() + "changed\n")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made = Tree(tmp_path_factory.mktemp("built"))
    made.ninja()
    return made


@pytest.fixture
def tree(built, tmp_path):
    """A copy of what was built, as old as it was."""
    copied = copy(built)
    copied.path = tmp_path / "copy"
    shutil.copytree(built.path, copied.path)
    return copied


def test_what_most_objects_read_has_one_name(tree):
    assert tree.recorded("many/0.o") == ["many/0.c", f"{helpers.HEADERS}/1"]
    assert (tree.path / helpers.HEADERS / "1").read_text().splitlines() == [
        "include/config/PART", "h/all.h", "h/part.h", "h/made.h"
    ]


def test_objects_that_do_not_read_all_of_it_name_a_smaller_set(tree):
    assert tree.recorded("few/0.o") == [
        "few/0.c", f"{helpers.HEADERS}/2", "include/config/PART", "h/part.h"
    ]
    assert (tree.path / helpers.HEADERS / "2").read_text() == "h/other.h\n"


@pytest.mark.parametrize(
    ("changed", "many", "few"),
    [
        ("h/all.h", True, False), ("h/part.h", True, True), ("h/other.h", False, True),
        ("include/config/PART", True, True), (f"{helpers.HEADERS}/chosen", False, False),
    ],
)
def test_change_runs_what_reads_it(tree, changed, many, few):
    tree.change(changed)
    assert tree.ran() == {*(tree.many if many else ()), *(tree.few if few else ())}


def test_set_follows_what_headers_include(tree):
    tree.write("h/all.h", "#include <part.h>\n")
    tree.change("h/all.h")
    tree.ran()
    assert "h/made.h" not in (tree.path / helpers.HEADERS / "1").read_text()
    tree.change("h/made.h")
    assert tree.ran() == set()


def test_header_that_is_broken_breaks_the_objects_and_not_the_set(tree):
    tree.write("h/part.h", "#include <missing.h>\n")
    tree.change("h/part.h")
    done = subprocess.run(
        [NINJA, "-k0"], cwd=tree.path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    failed = {line for line in done.stdout.splitlines() if line.startswith("FAILED: ")}
    assert len(failed) == MANY + FEW
    tree.write("h/part.h", "#ifdef CONFIG_PART\n")
    tree.change("h/part.h")
    assert tree.ran() == {*tree.many, *tree.few}


def test_command_of_a_set_does_not_say_how_sources_are_compiled(tree):
    sets = [edge for edge in tree.graph if edge.rule == "header_set"]
    assert len(sets) == headersets.SETS
    assert (tree.path / helpers.HEADERS / "command").read_text() == "./cc -DUSUAL\n"
    assert not any("./cc" in edge.command for edge in sets)


def test_products_that_come_later_are_in_no_set(tree):
    assert (tree.path / helpers.HEADERS / "late").read_text() == "late.c\nlate.h\n"
    assert "late.c" not in (tree.path / helpers.HEADERS / "sources").read_text().split()
    tree.write("h/all.h", "#include <../late.h>\n#include <part.h>\n")
    (tree.path / helpers.HEADERS / "late").write_text("h/../late.h\n")
    tree.change("h/all.h")
    tree.ran()
    names = (tree.path / helpers.HEADERS / "1").read_text().splitlines()
    assert names == ["include/config/PART", "h/all.h", "h/part.h"]
    assert "late.h" in tree.recorded("many/0.o")


def test_no_sets_where_nothing_is_prepared():
    graph = Graph()
    graph.add(Tree.compile("a/b.o")._replace(order_only=()))
    assert headersets.add(graph) == {}
    assert [edge.outputs for edge in graph] == [("a/b.o",)]


def test_sets_that_are_listed_without_ninja_are_those_of_ninja(tree):
    names = {
        edge.outputs[0]: (tree.path / edge.outputs[0]).read_text()
        for edge in tree.graph if edge.rule == "header_set"
    }
    for path in names:
        (tree.path / path).unlink()
    listed = list(headersets.list_now(tree.graph, str(tree.path), os.environ))
    assert [one.edge.outputs[0] for one in listed] == [helpers.CHOSEN, *names]
    assert {path: (tree.path / path).read_text() for path in names} == names
    newest = max((tree.path / name).stat().st_mtime_ns for name in listed[1].names)
    assert listed[1].time == newest == (tree.path / helpers.HEADERS / "1").stat().st_mtime_ns
    assert not list((tree.path / helpers.HEADERS).glob("*.d"))
