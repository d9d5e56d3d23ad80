"""Which programs of the kernel's own a recipe runs: they are inputs of its edge."""

from __future__ import annotations

import pytest

from ninjagen.kbuild.lower import Lowering
from ninjagen.kbuild.shelltext import Scripts
from ninjagen.make.recipe import Command
from ninjagen.make.rules import Recipe
from ninjagen.source import Loc

WRITTEN = Recipe((), Loc("Makefile", 1))


@pytest.mark.parametrize(("line", "programs"), [
    ("scripts/mod/modpost -o x", ["scripts/mod/modpost"]),
    ("./tools/objtool/objtool --link vmlinux.o", ["tools/objtool/objtool"]),
    ("/other/place/program x", ["/other/place/program"]),
    ("set -e; scripts/a/b x && scripts/c y | (:; d/e f)", ["d/e", "scripts/a/b", "scripts/c"]),
    ("if usr/check x; then usr/gen y; else usr/other z; fi", ["usr/check", "usr/gen", "usr/other"]),
    ("if usr/check x; then :; fi > a_", ["usr/check"]),
    ("for x in a/b c; do scripts/d $x; done", ["scripts/d"]),
    ("echo life/a then_a/b undo a/c; cp a/d b/e", []),
    ("CC=a/b c/d", []),
    ("{ scripts/a b; } > c/d", ["scripts/a"]),
    ("clang -Iinclude/a -c a/b.c", []),
])
def test_programs(line, programs):
    lowering = Lowering("/out", "/out", Scripts("/src"))
    recipe = lowering.recipe("target", WRITTEN, [Command(line, WRITTEN.loc)])
    assert recipe.programs == programs


def test_program_that_a_script_runs(trees):
    """As scripts/kallsyms by scripts/link-vmlinux.sh: no makefile says so."""
    trees.top(
        "all: scripts/table scripts/unread a\nscripts/table scripts/unread: ; cp /bin/cat $@\n"
        "a: scripts/table ; sh $(srctree)/scripts/link.sh $@\n"
        "b: ; sh $(srctree)/scripts/link.sh $@\nall: b\n"
    )
    trees.write("scripts/link.sh", "./inner.sh\n# scripts/unread\n")
    trees.write("scripts/inner.sh", "if ! ${objtree}/scripts/table /dev/null > $1; then :; fi\n")
    trees.describe()
    assert "scripts/table" in trees.edge("a").inputs
    assert "scripts/table" in trees.edge("b").inputs
    assert "scripts/unread" not in trees.edge("b").inputs


@pytest.mark.parametrize("text", [
    "scripts/x a\n", "${objtree}/scripts/x a\n", "$objtree/scripts/x a\n", "./scripts/x\n",
])
def test_program_that_lies_in_the_source_tree(tmp_path, text):
    """As after a build there: the same as before it."""
    (tmp_path / "scripts").mkdir()
    script = tmp_path / "scripts/a.sh"
    script.write_text(f"{text}scripts/no.txt\n")
    for _ in range(2):
        assert Scripts(str(tmp_path)).programs([str(script)]) == {"scripts/x"}
        (tmp_path / "scripts/x").write_bytes(b"\x7fELF")
