"""The one loop: make processes start make processes, and each is followed in place.

What a recipe runs becomes edges; a `$(MAKE)` in it becomes another process, evaluated at once,
in make's order, because what exists for later makefiles depends on it.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from ninjagen.graph import Graph
from ninjagen.kbuild import protocol, single
from ninjagen.kbuild.instance import Instance
from ninjagen.kbuild.predict import Predictions
from ninjagen.kbuild.shelltext import Scripts
from ninjagen.kbuild.thinlto import ThinLto
from ninjagen.kbuild.world import FileTable, KernelWorld
from ninjagen.make.process import Process
from ninjagen.make.variables import Exporting, Origin

ConfigHandler = Callable[[Sequence[str], Mapping[str, str]], None]


@dataclass
class Walk:
    """Everything that the processes of one generation share."""

    instance_type: ClassVar[type[Instance]] = Instance  # for those who look on

    table: FileTable
    graph: Graph = field(default_factory=Graph)
    say: Callable[[str], None] = print
    complain: Callable[[str], None] = print
    configure: ConfigHandler | None = None  # given the goals and environment of scripts/kconfig
    only_configure: bool = False  # make no edges: the walk is for its environment
    groups: dict[tuple[str, ...], str] = field(default_factory=dict)
    processes: int = 0
    unexported: set[str] = field(default_factory=set)  # what no command may see
    locale: dict[str, str] = field(default_factory=dict)
    directories: dict[str, tuple[str, ...]] = field(default_factory=dict)  # what `kernel/` makes
    single_suffixes: frozenset[str] = frozenset()  # what may be asked for by name
    siblings: single.Siblings = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.scripts = Scripts(self.table.srctree)
        self.thinlto = ThinLto(self.graph, self._head_objects)
        self.predictions = Predictions(self.graph, self.thinlto)
        self.table.answer = self.predictions.answer
        self.table.predict = self.predictions.text_of
        for path in protocol.LATE_READS:
            self.table.late_reads[os.path.join(self.table.objtree, path)] = path

    def follow(
        self,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        world: KernelWorld,
        before: tuple[str, ...] = (),
        causes: tuple[str, ...] = (),
    ) -> tuple[str, ...]:
        """Evaluate one make and everything it starts; return the outputs its goals come to.

        `before` is what must be made first. `causes`, for a make that a script of an edge runs,
        are that edge's inputs: what such a make always runs, runs when they change.
        """
        instance = self.open(arguments, environ, world, before, causes)
        instance.read()
        return instance.update_goals()

    def open(
        self,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        world: KernelWorld,
        before: tuple[str, ...],
        causes: tuple[str, ...] = (),
    ) -> Instance:
        """Start a process without reading its makefiles yet."""
        self.processes += 1
        process = Process(
            arguments, environ, world, lambda w, path: w.at(path),  # type: ignore[attr-defined]
            self.say, self.complain,
        )
        env = process.evaluator
        for name, value in protocol.OVERRIDES.items():
            env.define(name, value, Origin.OVERRIDE, recursive=True, export=Exporting.NO)
        return self.instance_type(self, process, before, causes)

    def _head_objects(self) -> list[str]:
        path = os.path.join(self.table.srctree, "scripts/head-object-list.txt")
        self.table.read_files[path] = None
        try:
            with open(path, encoding="utf-8") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def name_directories(self) -> list[str]:
        """Make each directory that a make had as its goal a name for what that goal came to."""
        free = self.directories.keys() - self.graph.phonies.keys() - self.graph.producers.keys()
        for name, members in self.directories.items():
            if name in free:
                self.graph.add_phony(name, members)
        return sorted(free)

    def locale_prefix(self) -> str:
        """Return shell text that gives every command kbuild's locale (top Makefile, LC_ALL)."""
        unset = " ".join(sorted(self.unexported))
        export = " ".join(f"{name}={shlex.quote(v)}" for name, v in sorted(self.locale.items()))
        return (f"unset {unset}; " if unset else "") + (f"export {export}; " if export else "")

    def group(self, name: str, members: Sequence[str]) -> tuple[str, ...]:
        """Return the members themselves if they are few, else a phony name for them."""
        unique = tuple(dict.fromkeys(members))
        if len(unique) <= 1:
            return unique
        known = self.groups.get(unique)
        if known is None:
            known, number = name, 2
            while known in self.graph.phonies or known in self.graph.producers:
                known, number = f"{name}.{number}", number + 1
            self.groups[unique] = known
            self.graph.add_phony(known, unique)
        return (known,)
