"""The text that products will have, where makefiles read them half-way through a build.

kbuild's makefiles read modules.order to know the modules, and the thin link's list to know the
bitcode. Both follow from the graph, before anything is built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ninjagen.graph import Graph
from ninjagen.kbuild.thinlto import INDEX_LIST, ThinLto

_GEN_ORDER = re.compile(r"^\{ (.*) \} *> *\S+$", re.S)  # scripts/Makefile.build, cmd_gen_order
_STEP = re.compile(r"(cat|echo) (\S+);")
_CAT = re.compile(r"^cat (\S+)$")


class Predictions:
    """Answers for what only the build will have written."""

    def __init__(self, graph: Graph, thinlto: ThinLto) -> None:
        self.graph = graph
        self.thinlto = thinlto

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
        return self.thinlto.answer(command)

    def modules(self) -> Iterator[str]:
        """Yield the modules of the top modules.order, without their suffix."""
        for line in self._order("modules.order") or ():
            yield line.rpartition(".")[0]

    def _order(self, path: str) -> list[str] | None:
        edge = self.graph.producer(path)
        if edge is None or edge.rule != "gen_order":
            return None
        found = _GEN_ORDER.match(edge.saved)
        if found is None:
            return None
        lines: list[str] = []
        for verb, name in _STEP.findall(found[1]):
            lines += [name] if verb == "echo" else self._order(name) or []
        return lines
