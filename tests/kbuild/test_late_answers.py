"""$(shell) in recipes, about what is made: make asks when it runs them, and so do our commands."""

from __future__ import annotations

import shutil
import subprocess

import pytest

# scripts/Kbuild.include, make-cmd; scripts/Makefile.lib, size_append: its answer is text that the
# shell reads once more.
SIZE = r"""
pound := \#
squote := '
saved = $(subst $(pound),$$(pound),$(subst $$,$$$$,$(cmd_$(1))))
if_changed = $(cmd); \
	printf '%s\n' 'savedcmd_$@ := $(subst $(squote),'\$(squote)',$(saved))' > $(dot).cmd
all: gen/sized
quiet_cmd_make = MAKE    $@
cmd_make = mkdir -p $(@D); echo "0123456789" > $@
gen/raw: FORCE
	$(call if_changed,make)
size = printf $(shell size=$$(wc -c < ./gen/raw); \
	for byte in $$size 101; do printf '%s%03o' '\\' $$byte; done)
quiet_cmd_sized = SIZED   $@
"""
COMMANDS = {
    "once": "cmd_sized = { cat $<; $(size); } > $@",
    "twice": "cmd_sized = { cat $<; $(size); $(size); } > $@",
    "two answers":
        "cmd_sized = { cat $<; $(size); echo \"$(shell cat ./gen/raw)\" '$(pound)'; } > $@",
    "in single quotes": "cmd_sized = { cat $<; printf '%s' '$(shell cat ./gen/raw)'; } > $@",
}
RULE = "\ngen/sized: gen/raw FORCE\n\t$(call if_changed,sized)\n"


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_as_make(trees, command):
    trees.top(SIZE + command + RULE)
    subprocess.run(
        ["make", "-rR", "-f", f"{trees.src}/Makefile", "all"], cwd=trees.out, env=trees.environ,
        check=True, stdout=subprocess.DEVNULL,
    )
    names = ("gen/sized", "gen/.sized.cmd")
    theirs = {name: (trees.out / name).read_bytes() for name in names}
    shutil.rmtree(trees.out / "gen")
    trees.builds("all")
    assert {name: (trees.out / name).read_bytes() for name in names} == theirs
