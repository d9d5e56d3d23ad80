"""Header sets: names for what most objects read.

An object of a large kernel reads 1,400 headers and options, and ninja looks at all of them, for
each object, to find that nothing changed. But most objects include linux/module.h, or linux/fs.h,
and so read all that those lead to. Such a set of files gets a name: a file that an edge renews when
one of the set changes, and that stands in the record of an object which reads all of the set. The
object is made again for the same changes as before; what is recorded is a tenth.

Which headers have the most to give is chosen when the headers that are generated are there, and
the sets are listed then (runtime/choose_headers.py, header_set.sh). An object finds out what sets
it reads when it is compiled (depfile.awk). No set is part of any object's command: lists may
change, objects are then as they were.
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from ninjagen import helpers
from ninjagen.graph import Edge, Graph
from ninjagen.kbuild import protocol

SETS = 12  # at most; on x86 defconfig ten are worth it
LONG_AGO = 10**9  # nanoseconds since 1970; for ninja what has no time is missing
BLOCK = "Sets of headers"
LISTED = f"{protocol.PREPARED}.headers"  # phony: `prepare`, and then the sets



def add(graph: Graph) -> dict[str, str]:
    """Add the edges of the sets, and let what comes after `prepare` wait for them.

    Return the texts of the files that the sets are made from, by path in the object tree; none if
    there is no such edge.
    """
    waiting = [edge.outputs[0] for edge in _waiting(graph)]
    sources = {
        name: source for name in waiting
        if (source := _compiled(graph.edges[graph.producers[name]]))
    }
    if not sources:
        return {}
    late = _late(graph)
    sets = tuple(f"{helpers.HEADERS}/{number}" for number in range(1, SETS + 1))
    graph.add_phony(LISTED, sets)
    for name in waiting:
        edge = graph.edges[graph.producers[name]]
        before = (*(name for name in edge.order_only if name != protocol.PREPARED), LISTED)
        text = helpers.with_header_sets(edge.text, SETS)
        graph.replace(name, order_only=before, text=text)
    graph.add(_choice(len(sources)), BLOCK)
    for number, path in enumerate(sets, 1):
        graph.add(_set(number, path), BLOCK)
    return {
        f"{helpers.HEADERS}/command": _usual(graph, list(sources)) + "\n",
        f"{helpers.HEADERS}/sources": "".join(
            f"{source}\n" for source in sources.values() if source not in late
        ),
        f"{helpers.HEADERS}/late": "".join(f"{path}\n" for path in sorted(late)),
    }


class Listed(NamedTuple):
    """A set that was listed without ninja."""

    edge: Edge
    names: tuple[str, ...]
    time: int  # when the newest file of the set was changed, in nanoseconds: the set's own time


def list_now(graph: Graph, objtree: str, environ: Mapping[str, str]) -> Iterator[Listed]:
    """Run the edges of the sets, in a tree that make has built; yield the choice, and the sets.

    Nothing, or not all, if something is missing: ninja makes it then.
    """
    for edge in graph:
        if not edge.outputs[0].startswith(f"{helpers.HEADERS}/"):
            continue
        path = os.path.join(objtree, edge.outputs[0])
        done = subprocess.run(
            ["/bin/sh", "-c", edge.command], cwd=objtree, env=dict(environ), check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        try:
            names: tuple[str, ...] = ()
            if edge.depfile:
                os.unlink(os.path.join(objtree, edge.depfile))  # ninja would have read it
                with open(path, encoding="utf-8") as file:
                    names = tuple(file.read().splitlines()) or (helpers.CHOSEN,)
            time = max(
                (os.stat(os.path.join(objtree, name)).st_mtime_ns for name in names),
                default=LONG_AGO,
            )
            os.utime(path, ns=(time, time))
        except OSError:
            return
        if done.returncode:
            return
        yield Listed(edge, names, time)


def _waiting(graph: Graph) -> Iterator[Edge]:
    """Yield the edges after `prepare` that can name sets in their depfiles."""
    leads: dict[str, bool] = {protocol.PREPARED: True}

    def leads_there(name: str) -> bool:
        if name not in leads:
            leads[name] = False
            leads[name] = any(map(leads_there, graph.phonies.get(name, ())))
        return leads[name]

    for edge in graph:
        if edge.depfile and any(map(leads_there, edge.order_only)) \
                and helpers.can_name_header_sets(edge.text):
            yield edge


def _compiled(edge: Edge) -> str:
    """Return the .c file that an edge compiles by `... -c -o OBJECT SOURCE`, or ""."""
    _, _, rest = edge.first_step.rpartition(_OUTPUT)
    words = rest.split(" ")
    return words[1] if len(words) == 2 and words[1].endswith(".c") else ""


_OUTPUT = " -c -o "


def _choice(sources: int) -> Edge:
    # Made again when there are twice as many sources; then only empty sets follow.
    return Edge(
        rule="choose_headers", outputs=(helpers.CHOSEN,), order_only=(protocol.PREPARED,),
        text=f"{helpers.choose_headers_command(SETS)} {1 << sources.bit_length()}",
        description="CHOOSE  headers",
    )


def _set(number: int, path: str) -> Edge:
    return Edge(
        rule="header_set", outputs=(path,), order_only=(helpers.CHOSEN,),
        text=helpers.header_set_command(number, protocol.FIXDEP),
        description=f"HEADERS {path}", depfile=f"{path}.d", removes_failed=False,
    )


def _usual(graph: Graph, names: Sequence[str]) -> str:
    """Return how most sources are compiled: the words that more than half of some hundred
    commands share, wherever in the tree."""
    some = [graph.edges[graph.producers[name]] for name in names[:: len(names) // 200 + 1]]
    words = [edge.first_step.rpartition(_OUTPUT)[0].split() for edge in some]
    counts = Counter(chain.from_iterable(map(set, words)))
    shared = {word for word, count in counts.items() if 2 * count > len(words)}
    usual = Counter(tuple(filter(shared.__contains__, each)) for each in words)
    return " ".join(usual.most_common(1)[0][0])


def _late(graph: Graph) -> set[str]:
    """Return the products, but for objects, that are not made before the sets."""
    early: set[str] = set()
    waiting = [protocol.PREPARED]
    while waiting:
        name = waiting.pop()
        if name in early:
            continue
        early.add(name)
        edge = graph.producer(name)
        if edge is not None:
            early.update(edge.all_outputs)
            waiting += (*edge.inputs, *edge.implicit, *edge.order_only)
        waiting += graph.phonies.get(name, ())
    return {
        path for path in graph.producers if path not in early and not path.endswith((".o", ".a"))
    }
