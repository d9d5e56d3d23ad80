"""Edges of targets that are alike are those that each would have by itself."""

from __future__ import annotations

import pytest

from ninjagen.kbuild.lower import Lowering
from ninjagen.make.alike import Templates
from tests.kbuild.trees import Trees

COMPILE = """
cmd_cc_o_c = cat $< > $@; echo $@: $< > $(dot).d
quiet_cmd_cc_o_c = CC $(if $(filter $*.o,b.o c.o),[M],   )  $@
%.o: $(srctree)/%.c FORCE
	$(call if_changed_dep,cc_o_c)
"""
ROWS = {
    "compiles": (COMPILE, "a.o b.o c.o d-e.o f-g.o exit.o"),
    "own variables": (COMPILE + "a.o: more = 1\nb.o c.o: export more = 2\n", "a.o b.o c.o d.o"),
    "scripts": ("%.o: $(srctree)/%.sh FORCE\n\tsh $< > $@\n", "a.o b.o d.o"),
    "scripts of some": ("%.o: FORCE\n\tsh $(srctree)/$*.sh > $@\n", "c.o b.o a.o d.o"),
    "programs": ("%.o: FORCE\n\t./bin/$* > $@; ./bin/x\n", "a.o b.o c.o d.o"),
    "several lines": ("%.o: $(srctree)/%.c\n\tcp $< $@\n\techo $* >> $@\n", "a.o b.o c.o"),
    "filechk": ("filechk_x = echo $*\n%.o: FORCE\n\t$(call filechk,x)\n", "a.o b.o sub/a.o"),
    "directories": ("%.o:\n\tmkdir -p $(@D) && :\n\t: > $@\n", "a.o b.o sub/a.o sub/b/c.o"),
    "sub-makes": ("%.o:\n\t$(MAKE) -f $(srctree)/inner.mk $*.x\n", "a.o b.o c.o"),
    "phony": (".PHONY: a.o b.o c.o\na.o b.o c.o: %.o:\n\ttrue $*\n", "a.o b.o c.o"),
}


def edges(directory, rules: str, targets: str) -> list[object]:
    directory.mkdir()
    trees = Trees(directory)
    for name in ("a", "b", "c", "d", "d-e", "f-g", "exit", "sub/a", "sub/b"):
        trees.write(f"{name}.c", "code\n")
        if name in "abd":
            trees.write(f"{name}.sh", f"#!/bin/sh\necho ${name}\n")
    trees.write("inner.mk", "%.x:\n\techo $* > $@\n")
    trees.top(f"export a more = y\nall: {targets}\n{rules}")
    return [
        (edge.command, edge.saved, edge.outputs, edge.inputs, edge.order_only, edge.rule,
         edge.description, edge.depfile, edge.restat, edge.keeps_same)
        for edge in trees.describe()
    ]


@pytest.mark.parametrize("row", ROWS)
def test_edges_are_the_same_as_one_by_one(row, tmp_path, monkeypatch):
    alike = edges(tmp_path / "x", *ROWS[row])
    assert alike
    monkeypatch.setattr(Templates, "find", lambda self, target: None)
    (tmp_path / "x").rename(tmp_path / "before")
    assert edges(tmp_path / "x", *ROWS[row]) == alike


def test_compiles_of_a_directory_are_lowered_once(tmp_path, monkeypatch):
    lowered = []
    lower = Lowering.recipe
    monkeypatch.setattr(
        Lowering, "recipe", lambda self, *args: lowered.append(args) or lower(self, *args)
    )
    names = " ".join(f"{name}.o" for name in ("a", "b", "c", "d"))
    assert len([edge for edge in edges(tmp_path / "x", COMPILE, names) if edge[1]]) == 4
    assert len(lowered) < 5  # b and c are a variant, a and d another; and `all`
