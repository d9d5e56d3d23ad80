"""The text that products will have, where makefiles read them half-way through a build.

kbuild's makefiles read modules.order to know the modules, and the thin link's list to know the
bitcode; they look for the headers that were generated, to export them. All of it follows from the
graph, before anything is built.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator

from ninjagen.errors import NinjagenError
from ninjagen.graph import Graph
from ninjagen.kbuild.thinlto import INDEX_LIST, ThinLto

# scripts/Makefile.build: cmd_gen_order, in 6.1 cmd_modules_order
_ORDER = re.compile(r"\{((?:\s+(?:cat|echo) [^\s;'\"`$\\*?]+;)*)\s+:; \}\s*>\s*\S+")
_STEP = re.compile(r"(cat|echo) (\S+);")
# How makefiles list what is below directories (scripts/Makefile.headersinst, usr/include/Makefile)
_FIND = re.compile(
    r"(?:cd (\S+) && )?find ((?:[^\s'\"$;&|-]\S* +)+)-name '([^'/]+)'(?: 2> ?/dev/null)?"
)
_CAT = re.compile(r"^cat (\S+)$")


class Predictions:
    """Answers for what only the build will have written. Paths are as the graph has them, or
    absolute: kernels before 6.13 name all of an external module so."""

    def __init__(self, graph: Graph, thinlto: ThinLto, objtree: str) -> None:
        self.graph = graph
        self.thinlto = thinlto
        self._top = f"{objtree}/"

    def text_of(self, path: str) -> str | None:
        """Return the text that a product will have, or None when that is not known."""
        if path == INDEX_LIST and self.thinlto.bitcode:
            return self.thinlto.predicted_text()
        lines = self._order(path)
        return None if lines is None else "".join(line + "\n" for line in lines)

    def answer(self, command: str) -> str | None:
        """Return what a $(shell) that reads such a product will say, or None."""
        found = _CAT.match(command.strip())
        if found:
            return self.text_of(found[1])
        found = _FIND.fullmatch(command.strip())
        if found:
            return self._found(found[1] or ".", found[2].split(), found[3])
        return self.thinlto.answer(command)

    def _found(self, base: str, directories: list[str], pattern: str) -> str | None:
        """Return what `find` will say of directories, or None if nothing is made in them."""
        lines, is_known = [], False
        for directory in directories:
            top = posixpath.normpath(posixpath.join(base, directory)) + "/"
            below = sorted(path for path in self.graph.producers if path.startswith(top))
            is_known |= bool(below)
            lines += [
                f"{directory.rstrip('/')}/{path[len(top) :]}\n" for path in below
                if fnmatch.fnmatchcase(posixpath.basename(path), pattern)
            ]
        return "".join(lines) if is_known else None

    def modules(self, order: str) -> Iterator[str]:
        """Yield the modules of a modules.order, without their suffix."""
        for line in self._order(order) or ():
            yield line.rpartition(".")[0]

    def _order(self, path: str) -> list[str] | None:
        """Return the lines of a modules.order, None if it is none or nothing makes it.

        Raise NinjagenError if it takes in a list of which that is so: its modules would be missing.
        """
        edge = self.graph.producer(posixpath.normpath(path).removeprefix(self._top))
        if edge is None:
            return None
        found = _ORDER.fullmatch(edge.saved)
        if found is None:
            return None
        lines: list[str] = []
        for verb, name in _STEP.findall(found[1]):
            taken_in = [name] if verb == "echo" else self._order(name)
            if taken_in is None:
                raise NinjagenError(
                    f"{path} takes in {name}, and nothing is known to make that list", edge.loc,
                    hint=f"obj-y or obj-m in the makefile of {posixpath.dirname(path) or '.'} has"
                         f" to name the directory {posixpath.dirname(name)}/",
                )
            lines += taken_in
        return lines
