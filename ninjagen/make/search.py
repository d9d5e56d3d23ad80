"""Which rule makes a target that no explicit rule has a recipe for.

Follows implicit.c of GNU make 4.3 (manual 10.8): shortest stem first, chains allowed.
"""

from __future__ import annotations

from operator import attrgetter
from typing import NamedTuple

from ninjagen.make.evaluator import Evaluator
from ninjagen.make.rules import File, PatternRule, Prerequisite
from ninjagen.make.words import Pattern, has_wildcards, split_words, strip_dot_slash

LIBRARY_DIRECTORIES = ("/lib", "/usr/lib", "/usr/local/lib")  # where make looks for `-lname`


class _Candidate(NamedTuple):
    stem_length: int
    rule: PatternRule
    number: int  # which of the rule's targets matched
    stem: str
    directory: str  # put before prerequisites when the pattern has no slash


_STEM_LENGTH = attrgetter("stem_length")


class _Found(NamedTuple):
    prerequisites: list[Prerequisite]
    intermediates: list[tuple[File, Pattern]]  # with the pattern that matched each
    candidate: _Candidate


class Search:
    """Looks for implicit rules, and for files along VPATH, in one database."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.database = evaluator.database
        self.world = evaluator.world
        self.vpath = directories_of(evaluator, "VPATH")
        self.gpath = directories_of(evaluator, "GPATH")  # found there, remade there
        self.impossible: set[str] = set()
        self._ending: dict[str, list[PatternRule]] = {}  # see `_rules_for`
        self._ending_of = 0  # of how many rules

    def find_in_vpath(self, name: str) -> str | None:
        """Return where `vpath` and VPATH find a file, or None (manual 4.5)."""
        if name.startswith("-l") and (library := self._library(name[2:])) is not None:
            return library
        if name.startswith("/") or not (self.vpath or self.database.vpaths):
            return None
        file = self.database.files.get(name)
        is_target = file is not None and file.is_target
        for pattern, directories in self.database.vpaths:
            if pattern.stem(name) is not None:
                for directory in directories:
                    if self._is_in(f"{directory}/{name}", is_target):
                        return f"{directory}/{name}"
        for directory in self.vpath:
            if self._is_in(f"{directory}/{name}", is_target):
                return f"{directory}/{name}"
        return None

    def _library(self, name: str) -> str | None:
        """Return the file that `-lname` means, or None (manual 4.5.6)."""
        for pattern in split_words(self.evaluator.value_of(".LIBPATTERNS")):
            library = Pattern.parse(pattern).fill(name)
            if self.world.exists(library):
                return library
            found = self.find_in_vpath(library)
            if found is not None:
                return found
            for directory in LIBRARY_DIRECTORIES:
                if self.world.exists(f"{directory}/{library}"):
                    return f"{directory}/{library}"
        return None

    def _is_in(self, path: str, is_target: bool) -> bool:
        """A file that a makefile mentions is as good as there, for what is no target itself."""
        file = self.database.files.get(path)
        if file is not None and (file.is_target or not is_target):
            return True
        return self.world.exists(path)

    def implicit(self, file: File) -> bool:
        """Give `file` the recipe and prerequisites of an implicit rule, if one applies."""
        found = self._search(file.name, file, 0)
        if found is None:
            return False
        made = {intermediate.name for intermediate, _ in found.intermediates}
        for intermediate, pattern in found.intermediates:
            self._enter_intermediate(intermediate, pattern)
        self._apply(file, found)
        for prerequisite in found.prerequisites:
            entered = self.database.enter(prerequisite.name)
            if found.candidate.rule.is_terminal and prerequisite.name not in made:
                entered.searched = True
        return True

    def _apply(self, file: File, found: _Found) -> None:
        candidate = found.candidate
        rule = candidate.rule
        file.prerequisites = found.prerequisites + file.prerequisites
        file.recipe = rule.recipe
        file.stem = candidate.directory + candidate.stem
        file.is_target = True
        file.is_precious |= self._is_precious(rule.targets[candidate.number])
        file.also_makes = []
        for index, target in enumerate(rule.targets):
            if index != candidate.number:
                also = self.database.enter(target.fill(file.stem))
                also.is_target = True
                also.is_precious |= self._is_precious(target)
                file.also_makes.append(also.name)

    def _is_precious(self, pattern: Pattern) -> bool:
        file = self.database.files.get(pattern.fill("%"))
        return file is not None and file.is_precious

    def _enter_intermediate(self, made: File, pattern: Pattern) -> None:
        known = self.database.files.get(made.name)
        file = self.database.enter(made.name)
        file.is_secondary |= known is not None
        file.prerequisites = made.prerequisites
        file.recipe = made.recipe
        file.stem = made.stem
        file.also_makes = made.also_makes
        file.is_target = True
        file.is_intermediate = True
        file.searched = True
        file.is_precious |= made.is_precious or self._is_precious(pattern)
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
                found, is_impossible = self._try(candidate, file, intermediates_allowed, depth)
                if found is not None:
                    return found
                if is_impossible:
                    rejected.add(number)
        return None

    def _candidates(self, name: str, depth: int) -> list[_Candidate]:
        slash = name.rfind("/", 0, len(name) - 1) + 1
        directory, base = name[:slash], name[slash:]
        candidates: list[_Candidate] = []
        is_specific = False
        for rule in self._rules_for(name[-1:]):
            if rule.in_use:
                continue
            for index, (prefix, suffix) in enumerate(rule.targets):
                assert suffix is not None
                is_any = not prefix and not suffix
                if depth and is_any and not rule.is_terminal:
                    continue
                is_local = slash > 0 and "/" not in prefix and "/" not in suffix
                text = base if is_local else name
                if not (text.startswith(prefix) and text.endswith(suffix)):
                    continue
                stem_end = len(text) - len(suffix)
                if stem_end < len(prefix) + (not is_local):
                    continue  # only a stem with a directory before it may be empty
                is_specific |= not is_any
                if rule.recipe is None and not rule.prerequisites:
                    continue
                candidates.append(
                    _Candidate(
                        stem_end - len(prefix) + (slash if is_local else 0),
                        rule, index, text[len(prefix) : stem_end],
                        directory if is_local else "",
                    )
                )
        if is_specific:
            candidates = [
                c for c in candidates if c.rule.is_terminal or not c.rule.matches_everything
            ]
        if len(candidates) > 1:
            candidates.sort(key=_STEM_LENGTH)
        return candidates

    def _rules_for(self, end: str) -> list[PatternRule]:
        """Return the rules that may be for names with this last character, in order."""
        rules = self.database.pattern_rules
        if len(rules) != self._ending_of:
            self._ending, self._ending_of = {}, len(rules)
        found = self._ending.get(end)
        if found is None:
            found = self._ending[end] = [
                rule for rule in rules
                if (rule.recipe is not None or not rule.prerequisites)
                and any(not suffix or suffix[-1] == end for _, suffix in rule.targets)
            ]
        return found

    def _try(
        self, candidate: _Candidate, file: File | None, intermediates_allowed: bool, depth: int
    ) -> tuple[_Found | None, bool]:
        """Return what the rule needs if all of it can be had, and whether it never can."""
        rule = candidate.rule
        rule.in_use = True
        prerequisites: list[Prerequisite] = []
        intermediates: list[tuple[File, Pattern]] = []
        own: set[str] = set()
        if file is not None and file.prerequisites:
            own = {p.name for p in file.prerequisites}
        try:
            for wanted in rule.prerequisites:
                for name in self._names(candidate, wanted):
                    if name in self.impossible:
                        return None, True
                    if not (name in own or self._is_there(name)):
                        if not intermediates_allowed:
                            return None, False
                        if not self._intermediate(name, depth, intermediates):
                            self.impossible.add(name)
                            return None, False
                    prerequisites.append(Prerequisite(name, wanted.order_only))
            return _Found(prerequisites, intermediates, candidate), False
        finally:
            rule.in_use = False

    def _names(self, candidate: _Candidate, wanted: Prerequisite) -> list[str]:
        name = wanted.name
        if "%" in name:
            head, _, tail = name.partition("%")
            name = f"{candidate.directory}{head}{candidate.stem}{tail}"
        if name.startswith("./"):
            name = strip_dot_slash(name)
        if has_wildcards(name):
            return self.world.glob(name) or [name]
        return [name]

    def _is_there(self, name: str) -> bool:
        return (
            name in self.database.files
            or self.world.exists(name)
            or self.find_in_vpath(name) is not None
        )

    def _intermediate(
        self, name: str, depth: int, intermediates: list[tuple[File, Pattern]]
    ) -> bool:
        found = self._search(name, None, depth + 1)
        if found is None:
            return False
        made = File(name)
        self._apply(made, found)
        intermediates.extend(found.intermediates)
        intermediates.append((made, found.candidate.rule.targets[found.candidate.number]))
        return True


def directories_of(evaluator: Evaluator, name: str) -> list[str]:
    """Return the directories that VPATH or GPATH names, separated by blanks or colons."""
    if evaluator.find(name) is None:
        return []
    words = split_words(evaluator.value_of(name).replace(":", " "))
    return list(dict.fromkeys(word.rstrip("/") or "/" for word in words))
