"""An object with symbol versions is new whenever it was compiled: they may have changed alone."""

import pytest

from ninjagen.kbuild.lower import Recipe, may_keep

COMPILE = "set -e; cc -c -o a.o a.c; ./scripts/basic/fixdep .a.o.d a.o 'cc' > .a.o.cmd"
VERSIONS = "set -e; if nm a.o | grep -q ' __export_symbol_'; then genksyms >> .a.o.cmd; fi"


@pytest.mark.parametrize(("lines", "keeps"), [([COMPILE], True), ([COMPILE, VERSIONS], False)])
def test_keeps_its_time(lines, keeps):
    recipe = Recipe(lines=lines, rule="cc_o_c", depfile=".a.o.d", saved="cc")
    assert may_keep(recipe, ["a.o"]) is keeps
