"""Small kernel-like trees: makefiles in kbuild's idiom, walked, and built with ninja."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ninjagen import helpers
from ninjagen.graph import Edge, Graph
from ninjagen.kbuild.walk import ConfigHandler, Walk
from ninjagen.kbuild.world import FileTable, KernelWorld
from ninjagen.ninja.manifest import text_of
from ninjagen.shell import Shell

# kbuild's macros by their names and meaning, reduced to what these trees need.
MACROS = """\
build := -f $(srctree)/build.mk obj
log_print = echo '  $(quiet_cmd_$(1))';
dot = $(@D)/.$(@F)
cmd = @set -e; $(log_print) $(cmd_$(1))
if_changed = $(cmd); printf '%s\\n' 'savedcmd_$@ := $(cmd_$(1))' > $(dot).cmd
if_changed_dep = $(cmd); scripts/basic/fixdep $(dot).d $@ '$(cmd_$(1))' > $(dot).cmd; rm -f $(dot).d
define filechk
	@set -e; mkdir -p $(@D); trap "rm -f $(dot).tmp" EXIT; { $(filechk_$(1)); } > $(dot).tmp; \\
	if [ ! -r $@ ] || ! cmp -s $@ $(dot).tmp; then mv -f $(dot).tmp $@; fi
endef
quiet_cmd_copy = COPY    $@
cmd_copy = cat $(filter-out FORCE,$^) > $@
"""
FORCE = ".PHONY: FORCE\nFORCE:\n"  # last: the first target is the default goal
# For `$(MAKE) $(build)=dir`: what a directory's own makefile says.
BUILD = "include $(srctree)/macros.mk\ninclude $(srctree)/$(obj)/Makefile\n" + FORCE
# Reads DEPFILE, prints a .cmd file: what scripts/basic/fixdep does, without options.
FIXDEP = """\
#!/bin/sh
read -r target source headers < $1
echo "savedcmd_$2 := $3"
echo; echo "source_$2 := $source"; echo; echo "deps_$2 := \\\\"
for header in $headers; do echo "  $header \\\\"; done
echo
"""
NINJA = shutil.which(
    "ninja", path=os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
) or "ninja is not installed"


class Trees:
    """A source tree and an object tree."""

    def __init__(self, directory: Path, name: str = "out") -> None:
        self.src, self.out = directory / "src", directory / name
        self.out.mkdir()
        self.environ = {"PATH": os.environ["PATH"], "srctree": str(self.src)}
        self.walk: Walk | None = None
        self.said: list[str] = []
        self.configure: ConfigHandler | None = None
        self.only_configure = False
        self.given: list[str] = []  # what is in the object tree before the walk
        self.write("macros.mk", MACROS)
        self.write("build.mk", BUILD)

    def write(self, name: str, text: str = "", mode: int = 0o644) -> None:
        """Write a source."""
        path = self.src / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def top(self, text: str) -> None:
        """Write the top Makefile."""
        self.write("Makefile", "include $(srctree)/macros.mk\n" + text + FORCE)

    def describe(self, *words: str) -> Graph:
        """Walk as `make words` in the object tree would."""
        table = FileTable(str(self.src), str(self.out), Shell())
        table.given.update(str(self.out / name) for name in self.given)
        self.walk = Walk(
            table, say=self.said.append, complain=self.said.append, configure=self.configure,
            only_configure=self.only_configure,
        )
        world = KernelWorld(str(self.out), table)
        arguments = ["-f", f"{self.src}/Makefile", *(words or ("all",))]
        self.goals = self.walk.follow(arguments, self.environ, world)
        return self.walk.graph

    def make_says(self, *goals: str) -> str:
        """Return what GNU make's dry run prints in the object tree."""
        command = ["make", "-nrR", "--trace", "-f", f"{self.src}/Makefile", *(goals or ("all",))]
        done = subprocess.run(
            command, cwd=self.out, env=self.environ, capture_output=True, text=True, check=True
        )
        return done.stdout

    def edge(self, output: str) -> Edge:
        """Return the edge that makes an output."""
        assert self.walk is not None
        found = self.walk.graph.producer(output)
        assert found is not None, f"nothing makes {output}: {sorted(self.walk.graph.producers)}"
        return found

    def files(self, names: Sequence[str]) -> set[str]:
        """Return what names of the graph stand for, groups resolved."""
        assert self.walk is not None
        return {path for name in names for path in self.walk.graph.files_of(name)}

    def before(self, output: str) -> set[str]:
        """Return the order-only inputs of an output's edge."""
        return self.files(self.edge(output).order_only)

    def ninja(self, *words: str) -> tuple[str, int]:
        """Build with ninja."""
        assert self.walk is not None
        text = text_of(self.walk.graph, self.walk.locale_prefix(), self.goals)
        (self.out / "build.ninja").write_text(text)
        for path, program in helpers.programs():
            (self.out / path).parent.mkdir(parents=True, exist_ok=True)
            (self.out / path).write_text(program)
        (self.out / "scripts/basic").mkdir(parents=True, exist_ok=True)
        (self.out / "scripts/basic/fixdep").write_text(FIXDEP)
        (self.out / "scripts/basic/fixdep").chmod(0o755)
        done = subprocess.run(
            [NINJA, *words], cwd=self.out, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, env={"PATH": os.environ["PATH"]}, check=False,
        )
        return done.stdout, done.returncode

    def builds(self, *words: str) -> None:
        """Describe, build, and find nothing left to do."""
        self.describe(*words)
        said, status = self.ninja()
        assert status == 0, said
        assert self.ninja()[0] == "ninja: no work to do.\n", self.ninja("-n", "-d", "explain")[0]

    def text(self, name: str) -> str:
        """Return the text of a file of the object tree."""
        return (self.out / name).read_text()
