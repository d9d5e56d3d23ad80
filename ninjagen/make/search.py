"""Which rule makes a target that no explicit rule has a recipe for.

Follows implicit.c of GNU make 4.3 (manual 10.8): shortest stem first, chains allowed.
"""

from __future__ import annotations

from typing import NamedTuple

from ninjagen.make.rules import Database, File, PatternRule, Prerequisite
from ninjagen.make.words import Pattern, strip_dot_slash
from ninjagen.make.world import World


class _Candidate(NamedTuple):
    stem_length: int
    order: int
    rule: PatternRule
    index: int  # which of the rule's targets matched
    stem: str
    directory: str  # put before prerequisites when the pattern has no slash


class _Found(NamedTuple):
    prerequisites: list[Prerequisite]
    intermediates: list[File]
    candidate: _Candidate


class Search:
    """Looks for implicit rules in one database."""

    def __init__(self, database: Database, world: World) -> None:
        self.database = database
        self.world = world
        self.vpath: list[str] = []  # the directories of the VPATH variable
        self.impossible: set[str] = set()

    def find_in_vpath(self, name: str) -> str | None:
        """Return where `vpath` and VPATH find a file, or None (manual 4.5)."""
        if name.startswith("/"):
            return None
        for pattern, directories in self.database.vpaths:
            if pattern.stem(name) is not None:
                for directory in directories:
                    if self.world.exists(f"{directory}/{name}"):
                        return f"{directory}/{name}"
        for directory in self.vpath:
            if self.world.exists(f"{directory}/{name}"):
                return f"{directory}/{name}"
        return None

    def implicit(self, file: File) -> bool:
        """Give `file` the recipe and prerequisites of an implicit rule, if one applies."""
        found = self._search(file.name, file, 0)
        if found is None:
            return False
        for intermediate in found.intermediates:
            self._enter_intermediate(intermediate)
        self._apply(file, found)
        for prerequisite in found.prerequisites:
            entered = self.database.enter(prerequisite.name)
            if found.candidate.rule.is_terminal:
                entered.searched = True
        return True

    def _apply(self, file: File, found: _Found) -> None:
        candidate = found.candidate
        file.prerequisites = found.prerequisites + file.prerequisites
        file.recipe = candidate.rule.recipe
        file.stem = candidate.directory + candidate.stem
        file.is_target = True
        file.also_makes = [
            candidate.directory + target.fill(candidate.stem)
            for index, target in enumerate(candidate.rule.targets)
            if index != candidate.index
        ]

    def _enter_intermediate(self, made: File) -> None:
        file = self.database.enter(made.name)
        file.prerequisites = made.prerequisites
        file.recipe = made.recipe
        file.stem = made.stem
        file.also_makes = made.also_makes
        file.is_target = True
        file.is_intermediate = True
        file.searched = True
        for prerequisite in file.prerequisites:
            self.database.enter(prerequisite.name)

    def _search(self, name: str, file: File | None, depth: int) -> _Found | None:
        candidates = self._candidates(name, depth)
        if not candidates:
            return None
        rejected: set[int] = set()
        for intermediates_allowed in (False, True):
            for number, candidate in enumerate(candidates):
                rule = candidate.rule
                if number in rejected or (intermediates_allowed and rule.is_terminal):
                    continue
                if not rule.prerequisites:
                    return _Found([], [], candidate)
                found, impossible = self._try(candidate, file, intermediates_allowed, depth)
                if found is not None:
                    return found
                if impossible:
                    rejected.add(number)
        return None

    def _candidates(self, name: str, depth: int) -> list[_Candidate]:
        slash = name.rfind("/") + 1
        directory, base = name[:slash], name[slash:]
        candidates: list[_Candidate] = []
        is_specific = False
        for rule in self.database.pattern_rules:
            if (rule.prerequisites and rule.recipe is None) or rule.in_use:
                continue
            for index, target in enumerate(rule.targets):
                matches_all = target.prefix == "" and target.suffix == ""
                if depth and matches_all and not rule.is_terminal:
                    continue
                local = slash > 0 and "/" not in target.prefix and "/" not in (target.suffix or "")
                stem = target.stem(base if local else name)
                if stem is None or (not stem and not local and not name):
                    continue
                if not matches_all:
                    is_specific = True
                if rule.recipe is None and not rule.prerequisites:
                    continue
                candidates.append(
                    _Candidate(
                        len(stem) + (slash if local else 0), len(candidates), rule, index, stem,
                        directory if local else "",
                    )
                )
        if is_specific:
            candidates = [
                c for c in candidates if c.rule.is_terminal or not _matches_everything(c.rule)
            ]
        candidates.sort(key=lambda c: (c.stem_length, c.order))
        return candidates

    def _try(
        self, candidate: _Candidate, file: File | None, intermediates_allowed: bool, depth: int
    ) -> tuple[_Found | None, bool]:
        """Return what the rule needs if all of it can be had, and whether it never can."""
        rule = candidate.rule
        rule.in_use = True
        prerequisites: list[Prerequisite] = []
        intermediates: list[File] = []
        own = {p.name for p in file.prerequisites} if file is not None else set()
        try:
            for wanted in rule.prerequisites:
                for name in self._names(candidate, wanted):
                    if name in self.impossible:
                        return None, True
                    if not (name in own or self._is_there(name)):
                        made = None
                        if intermediates_allowed:
                            made = self._intermediate(name, depth, intermediates)
                            if not made:
                                self.impossible.add(name)
                        if not made:
                            return None, False
                    prerequisites.append(Prerequisite(name, wanted.order_only))
            return _Found(prerequisites, intermediates, candidate), False
        finally:
            rule.in_use = False

    def _names(self, candidate: _Candidate, wanted: Prerequisite) -> list[str]:
        name = wanted.name
        if "%" in name:
            name = candidate.directory + Pattern.parse(name).fill(candidate.stem)
        name = strip_dot_slash(name)
        if any(char in name for char in "*?["):
            return self.world.glob(name) or [name]
        return [name]

    def _is_there(self, name: str) -> bool:
        return (
            name in self.database.files
            or self.world.exists(name)
            or self.find_in_vpath(name) is not None
        )

    def _intermediate(self, name: str, depth: int, intermediates: list[File]) -> bool:
        found = self._search(name, None, depth + 1)
        if found is None:
            return False
        made = File(name)
        self._apply(made, found)
        intermediates.extend(found.intermediates)
        intermediates.append(made)
        return True


def _matches_everything(rule: PatternRule) -> bool:
    return any(target.prefix == "" and target.suffix == "" for target in rule.targets)
