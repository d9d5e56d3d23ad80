"""A recipe may write a prerequisite of its target beside the command it saves (gen_objtooldep)."""

import pytest

# As scripts/Makefile.lib and Makefile.vmlinux_o have it, with and without the compiler's list.
OBJECTS = """\
all: tool a.o b.o
tool: $(srctree)/tool FORCE
\t$(call if_changed,copy)
cmd_gen_tooldep = { echo ; echo '$@: $$(wildcard ./tool ./missing)' ; } >> $(dot).cmd
cmd_object = cat $< tool > $@
a.o b.o: %.o: $(srctree)/source FORCE | tool
\t$(call if_changed,object)
\t$(call cmd,gen_tooldep)
"""


@pytest.fixture
def objects(trees):
    trees.write("tool", "1\n")
    trees.write("source", "source\n")
    trees.top(OBJECTS)
    trees.builds()
    return trees


def test_is_saved_for_make(objects):
    assert "\na.o: $(wildcard ./tool ./missing)\n" in objects.text(".a.o.cmd")


def test_is_an_input(objects):
    assert set(objects.edge("a.o").inputs) == {str(objects.src / "source"), "tool"}


def test_target_is_made_again(objects):
    objects.write("tool", "2\n")
    assert objects.ninja()[1] == 0
    assert objects.text("a.o") == objects.text("b.o") == "source\n2\n"
