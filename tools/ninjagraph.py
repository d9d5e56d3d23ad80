"""A described build: what is done before what, and which change of a file runs what again.

Knows nothing of kernels.
"""

from __future__ import annotations

import graphlib
import os
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import ninjafile


class Graph:
    """The edges of a build.ninja, and which files' changes run which of them again.

    Sets of edges are the bits of an integer.
    """

    def __init__(self, manifest: ninjafile.Manifest, found: dict[str, list[str]]) -> None:
        """Take build.ninja, and what depfiles added: output -> inputs."""
        self.edges = edges = manifest.edges
        self.defaults = manifest.defaults
        self.bits = {id(edge): 1 << number for number, edge in enumerate(edges)}
        self.producers = {path: edge for edge in edges for path in edge.all_outputs}
        self.makers = {path: e for path, e in self.producers.items() if e.rule != ninjafile.PHONY}
        self.commands: dict[str, ninjafile.Edge] = {}
        self.readers: dict[str, int] = defaultdict(int)  # file -> the edges that it runs again
        for edge in edges:
            if edge.rule != ninjafile.PHONY:
                self.commands[edge["command"]] = edge
            for path in self.inputs(edge, found):
                self.readers[path] |= self.bits[id(edge)]
        self.before: dict[int, int] = {}  # edge -> those that are done before it
        self.causes: dict[int, int] = {}  # edge -> those that always run it again, and itself
        for edge in self._sorted():
            self._close(edge, found)

    @staticmethod
    def inputs(edge: ninjafile.Edge, found: dict[str, list[str]]) -> Iterator[str]:
        """Yield the files whose change runs an edge again."""
        yield from edge.inputs
        yield from edge.implicit
        for output in edge.all_outputs:
            yield from found.get(output, ())

    def _sorted(self) -> Iterator[ninjafile.Edge]:
        sorter: graphlib.TopologicalSorter[int] = graphlib.TopologicalSorter()
        by_id = {id(edge): edge for edge in self.edges}
        for edge in self.edges:
            sorter.add(id(edge), *(id(other) for other in self._needed(edge)))
        for number in sorter.static_order():
            yield by_id[number]

    def _needed(self, edge: ninjafile.Edge) -> Iterator[ninjafile.Edge]:
        for path in (*edge.inputs, *edge.implicit, *edge.order_only):
            if path in self.producers:
                yield self.producers[path]

    def _close(self, edge: ninjafile.Edge, found: dict[str, list[str]]) -> None:
        before, causes = 0, self.bits[id(edge)]
        for other in self._needed(edge):
            before |= self.bits[id(other)] | self.before[id(other)]
        for path in self.inputs(edge, found):
            maker = self.producers.get(path)
            # One that is found and not needed may come later: it is a finding, not a cause.
            if maker is not None and not maker["restat"]:
                causes |= self.causes.get(id(maker), 0)
        self.before[id(edge)], self.causes[id(edge)] = before, causes

    def is_before(self, other: ninjafile.Edge, edge: ninjafile.Edge) -> bool:
        """Tell whether `other` is done when `edge` runs."""
        return bool(self.before[id(edge)] & self.bits[id(other)])

    def runs_again(self, edge: ninjafile.Edge, path: str) -> bool:
        """Tell whether a change of a file runs an edge again; it may depend on another file of
        the same maker."""
        causes = self.readers.get(path, 0)
        maker = self.makers.get(path)
        if maker is not None and not maker["restat"]:
            causes |= self.bits[id(maker)]
        return bool(causes & self.causes[id(edge)])

    def needed_by(self, targets: Sequence[str]) -> list[ninjafile.Edge]:
        """Return the edges with commands that targets need; no target means all."""
        wanted = 0
        for path in targets or self.producers:
            if edge := self.producers.get(os.path.normpath(path)):
                wanted |= self.bits[id(edge)] | self.before[id(edge)]
        return [
            edge for edge in self.edges
            if self.bits[id(edge)] & wanted and edge.rule != ninjafile.PHONY
        ]  # fmt: skip


def described(objtree: Path) -> Graph:
    """Read build.ninja, and what was found while it was built."""
    manifest = ninjafile.read(objtree / "build.ninja")
    found = depfile_inputs(objtree)
    for edge in manifest.edges:
        dyndep = objtree / edge["dyndep"]
        if edge["dyndep"] and dyndep.exists():
            for more in ninjafile.read(dyndep).edges:
                if more.outputs[0] in edge.outputs:
                    edge.implicit += more.implicit
                    edge.implicit_outputs += more.implicit_outputs
    return Graph(manifest, found)


def depfile_inputs(objtree: Path) -> dict[str, list[str]]:
    """Return what ninja keeps of depfiles: output -> inputs."""
    command = ["ninja", "-C", str(objtree), "-t", "deps"]
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    found: dict[str, list[str]] = {}
    inputs: list[str] = []
    for line in text.decode(errors="surrogateescape").splitlines():
        if line.startswith("    "):
            inputs.append(os.path.normpath(line[4:]))
        elif ": #deps " in line:
            inputs = found[line.partition(": #deps ")[0]] = []
    return found
