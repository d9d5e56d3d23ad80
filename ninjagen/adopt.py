"""Tells ninja what make has built, by writing ninja's logs for it.

Concerns only outputs that ninja's log does not have: what ninja built is as ninja left it.
"""

from __future__ import annotations

import functools
import os
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import filterfalse
from typing import NamedTuple

from ninjagen import files, headersets, helpers
from ninjagen.graph import Graph
from ninjagen.kbuild.built import Built, Made, saved_file
from ninjagen.ninja import log, manifest


class Adopted(NamedTuple):
    """How much of what make has built is now ninja's too."""

    outputs: int = 0
    built: int = 0  # outputs that make has built, and ninja did not know
    obstacle: str = ""  # why none of them could be adopted

    def __str__(self) -> str:
        """What the user is told."""
        why = f": {self.obstacle}" if self.obstacle else ""
        return f"adopted {self.outputs} of {self.built} outputs that make built{why}"


def has_more(objtree: str, state: str, goals: Iterable[str]) -> bool:
    """Tell whether make has built a goal that ninja's log does not have."""
    built = {goal for goal in goals if os.path.exists(saved_file(objtree, goal))}
    if not built:
        return False
    try:
        known = log.read_log(os.path.join(state, log.LOG))
    except (OSError, log.Unknown):
        return True
    return not all(map(known.names, built))


def adopt(
    graph: Graph, prefix: str, objtree: str, state: str, environ: Mapping[str, str],
    is_module: bool = False,
) -> Adopted:
    """Add to the logs in the directory `state` what make has built in `objtree`.

    `prefix` is what build.ninja has before each command. The logs are written as the ninja on
    PATH does; logs that it would not read are left alone.
    """
    log_path, deps_path = (os.path.join(state, name) for name in (log.LOG, log.DEPS))
    try:
        old = log.read_log(log_path) if os.path.exists(log_path) else None
        deps = log.read_deps(deps_path) if os.path.exists(deps_path) else log.DepsLog()
    except log.Unknown as unknown:
        return Adopted(obstacle=str(unknown))
    built = Built(objtree, deps.number, is_module)
    made = list(built.find(graph, old.outputs() if old else set()))
    if not made:
        return Adopted(0, built.outputs)
    dialect = log.dialect_of(environ)
    if dialect is None:
        return Adopted(0, built.outputs, "there is no ninja on PATH whose log is known")
    old = old or log.empty_log(dialect.version)
    if old.version != dialect.version:
        return Adopted(0, built.outputs, f"{log_path} is of another version of ninja")
    built.make_options()
    outputs = sum(len(one.times) for one in made)
    sets = _Sets(deps)
    if not old.names(helpers.CHOSEN):
        made += sets.made(graph, objtree, environ)
    for one in made:
        if one.read is not None:
            read = sets.shortened(one) if helpers.names_header_sets(one.edge.text) else one.read
            deps.add(one.edge.outputs[0], one.times[0], read)
    files.replace(deps_path, deps.data())
    files.replace(log_path, old.with_entries(_entries(made, prefix, dialect)))
    return Adopted(outputs, built.outputs)


class _Sets:
    """The sets of headers, as numbers of a log."""

    def __init__(self, deps: log.DepsLog) -> None:
        self.number = deps.number
        self.members: dict[int, frozenset[int]] = {}  # of a set, by its own number

    def made(self, graph: Graph, objtree: str, environ: Mapping[str, str]) -> Iterator[Made]:
        """List the sets; yield them as if make had."""
        for listed in headersets.list_now(graph, objtree, environ):
            numbers = array("i", (self.number(name.encode()) for name in listed.names))
            if listed.edge.depfile:
                own = self.number(listed.edge.outputs[0].encode())
                self.members[own] = frozenset(numbers)
            yield Made(listed.edge, (listed.time,), numbers if listed.edge.depfile else None)

    def shortened(self, one: Made) -> array[int]:
        """Return what an edge read, with a set's number for its members (runtime/depfile.awk)."""
        assert one.read is not None
        read = frozenset(one.read)
        whole = tuple(own for own, members in self.members.items() if members <= read)
        return array("i", (*whole, *filterfalse(self._union(whole).__contains__, one.read)))

    @functools.cache  # noqa: B019  # there is one log
    def _union(self, whole: tuple[int, ...]) -> frozenset[int]:
        return frozenset().union(*(self.members[own] for own in whole))


def _entries(made: Sequence[Made], prefix: str, dialect: log.Dialect) -> Iterator[log.Entry]:
    for one in made:
        command = manifest.command_of(one.edge, prefix)
        number = dialect.hash_of(command.encode(errors="surrogateescape"))
        for output, time in zip(one.edge.all_outputs, one.times, strict=True):
            yield log.Entry(output, 0, 0, time, number)
