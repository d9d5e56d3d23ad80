"""What the compile rules of a directory could also make of the same sources: kernel/fork.i.

make finds such a target when somebody names it. ninja has to know every name, so these follow
from the edges there are: the kernel's pattern rules say what a source may be turned into, and
its top Makefile says what of that people may ask for (`single-targets`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ninjagen.graph import Edge, Graph
from ninjagen.kbuild import protocol
from ninjagen.make.rules import Database, PatternRule
from ninjagen.make.words import Pattern, split_words
from ninjagen.source import Loc

Siblings = Mapping[Loc, tuple[tuple[str, str], ...]]  # rule -> its suffix, another of its source


def suffixes(targets: str) -> frozenset[str]:
    """Return the suffixes of the patterns in `single-targets`."""
    patterns = [Pattern.parse(word) for word in split_words(targets)]
    return frozenset(
        p.suffix for p in patterns if p.suffix is not None and not p.prefix
    ) - {"/", *protocol.NOT_BY_NAME}


def siblings(database: Database, wanted: frozenset[str]) -> Siblings:
    """Return, for each pattern rule, the suffixes of others that start from the same source.

    Rules that are alone with their source are left out.
    """
    by_source: dict[tuple[str, str], list[PatternRule]] = {}
    for rule in database.pattern_rules:
        source = rule.prerequisites[0].name if rule.prerequisites else ""
        if len(rule.targets) == 1 and "%" in source and rule.recipe is not None:
            by_source.setdefault((rule.targets[0].prefix, source), []).append(rule)
    found = {
        rule.loc: tuple(
            (str(rule.targets[0].suffix), str(other.targets[0].suffix))
            for other in rules if other is not rule and other.targets[0].suffix in wanted
        )
        for rules in by_source.values() for rule in rules
    }
    return {loc: others for loc, others in found.items() if others}


def targets(graph: Graph, known: Siblings) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each file that could be made too, with what has to be there first."""
    taken = {*graph.producers, *graph.phonies}
    for edge in graph:
        others = known.get(edge.loc) if edge.loc else None
        if not others:
            continue
        needs = _needs(graph, edge)
        for suffix, other in others:
            name = edge.outputs[0].removesuffix(suffix) + other
            if name not in taken:
                taken.add(name)
                yield name, needs


def _needs(graph: Graph, edge: Edge) -> tuple[str, ...]:
    made = [path for path in (*edge.inputs, *edge.implicit) if path in graph.producers]
    return (*made, *edge.order_only)
