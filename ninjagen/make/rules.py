"""Rules as they were read: files and what makes them, pattern rules, pattern variables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from ninjagen.make.variables import Variable
from ninjagen.make.words import Pattern
from ninjagen.source import Loc


class Prerequisite(NamedTuple):
    """A name that a target depends on."""

    name: str
    order_only: bool = False  # must exist first, never makes the target out of date


class RecipeLine(NamedTuple):
    """One logical line of a recipe, unexpanded, its leading tab gone."""

    text: str
    loc: Loc


@dataclass(eq=False, repr=False, slots=True)
class Recipe:
    """The lines that make a target; shared by every target of its rule."""

    lines: tuple[RecipeLine, ...]
    loc: Loc

    @property
    def first(self) -> Loc:
        """Where the recipe begins; make counts its lines from there."""
        return self.lines[0].loc if self.lines else self.loc


@dataclass(eq=False, repr=False, slots=True)
class File:
    """What the makefiles say of one name. Made when the name is first mentioned."""

    name: str
    prerequisites: list[Prerequisite] = field(default_factory=list)
    recipe: Recipe | None = None
    stem: str | None = None  # of the implicit or static pattern rule that makes it
    is_target: bool = False  # a rule names it, or makes it
    is_phony: bool = False
    is_intermediate: bool = False  # need not exist for its own sake
    is_secondary: bool = False  # intermediate, but kept
    is_precious: bool = False
    double_colon: list[File] | None = None  # one File for each `::` rule
    root: File | None = None  # of a `::` rule: the File that lists it
    also_makes: list[str] = field(default_factory=list)
    is_grouped: bool = False  # by an explicit `&:` rule
    variables: dict[str, Variable] = field(default_factory=dict)
    searched: bool = False  # an implicit rule was looked for already
    # The state of an update
    is_goal: bool = False
    is_updating: bool = False
    is_updated: bool = False
    has_failed: bool = False
    may_be_missing: bool = False  # an optional makefile: failing to make it is no error
    was_silent: bool = False  # it failed while it might be missing, so nobody was told
    time: int | None = None  # None until asked for
    path: str = ""  # where VPATH found it; `name` until then
    ignores_vpath: bool = False  # it is being remade, here
    parent: File | None = None  # the target that last needed it
    scope: dict[str, Variable] | None = None


@dataclass(eq=False, repr=False, slots=True)
class PendingRule:
    """A rule line that was read; its recipe lines are still coming."""

    targets: list[str]
    prerequisites: str
    pattern: str | None  # of a static pattern rule
    is_double_colon: bool
    is_grouped: bool
    loc: Loc
    has_recipe: bool = False  # a `;`, even with nothing after it
    is_plain: bool = False  # names with blanks between them: nothing is quoted or to be looked for
    lines: list[RecipeLine] = field(default_factory=list)


@dataclass(eq=False, repr=False, slots=True)
class PatternRule:
    """A rule with `%` in its targets; several targets are made by one run of the recipe."""

    targets: tuple[Pattern, ...]
    prerequisites: tuple[Prerequisite, ...]
    recipe: Recipe | None
    is_terminal: bool
    loc: Loc
    in_use: bool = False
    matches_everything: bool = field(init=False)  # it has a target `%`

    def __post_init__(self) -> None:
        self.matches_everything = _EVERYTHING in self.targets


_EVERYTHING = Pattern("", "")


class UnreadPattern(NamedTuple):
    """A pattern rule, as it is written."""

    targets: list[str]
    prerequisites: str
    lines: tuple[RecipeLine, ...]
    loc: Loc

    def read(self) -> PatternRule:
        """Return the rule, taken apart."""
        prerequisites = tuple([Prerequisite(name) for name in self.prerequisites.split()])
        recipe = Recipe(self.lines, self.loc) if self.lines else None
        targets = tuple([Pattern.parse(target) for target in self.targets])
        return PatternRule(targets, prerequisites, recipe, False, self.loc)


class PatternVariable(NamedTuple):
    """`pattern: name op value`."""

    pattern: Pattern
    text: str  # the pattern as written; its length decides the order
    name: str
    op: str
    variable: Variable


class Database:
    """What reading makefiles leaves behind, variables apart."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self._pattern_rules: list[PatternRule] = []
        self._unread: list[PatternRule | UnreadPattern] = []
        # Those of one target, which a later one may replace: by it and the prerequisites' names
        self._by_text: dict[tuple[Pattern, tuple[str, ...]], PatternRule] = {}
        self.pattern_variables: list[PatternVariable] = []
        self.vpaths: list[tuple[Pattern, list[str]]] = []
        self.is_settled = False
        self.keeps_intermediates = False  # a .SECONDARY without prerequisites

    def enter(self, name: str) -> File:
        """Return the file of that name, made if need be."""
        file = self.files.get(name)
        if file is None:
            file = self.files[name] = File(name)
        return file

    def special(self, name: str) -> list[str] | None:
        """Return the prerequisites of a special target such as .PHONY, or None if absent."""
        file = self.files.get(name)
        if file is None or not file.is_target:
            return None
        return [prerequisite.name for prerequisite in file.prerequisites]

    @property
    def pattern_rules(self) -> list[PatternRule]:
        """The pattern rules, in order."""
        if self._unread:
            self._read_patterns()
        return self._pattern_rules

    def _read_patterns(self) -> None:
        unread, self._unread = self._unread, []
        for rule in unread:
            self._enter_pattern_rule(rule if isinstance(rule, PatternRule) else rule.read())

    @property
    def has_unread_patterns(self) -> bool:
        """Whether nobody has looked for a pattern rule since the last was added."""
        return bool(self._unread)

    def add_pattern_rule(self, rule: PatternRule | UnreadPattern) -> None:
        """Add a rule; it replaces an older one with one of its targets and its prerequisites.

        One that is not taken apart yet is when somebody looks for pattern rules: two in three makes
        of a kernel never do.
        """
        self._unread.append(rule)

    def _enter_pattern_rule(self, rule: PatternRule, may_replace: bool = True) -> None:
        rules = self._pattern_rules
        names = tuple([prerequisite.name for prerequisite in rule.prerequisites])
        older = [
            old for target in rule.targets if (old := self._by_text.get((target, names)))
        ]
        if older:
            if not may_replace:
                return
            first = min(older, key=rules.index)
            rules.remove(first)
            del self._by_text[first.targets[0], names]
        if len(set(rule.targets)) == 1:
            self._by_text[rule.targets[0], names] = rule
        rules.append(rule)

    def add_pattern_variable(self, added: PatternVariable) -> None:
        """Keep pattern variables by length of pattern: the more specific is applied last."""
        at = len(self.pattern_variables)
        while at and len(self.pattern_variables[at - 1].text) > len(added.text):
            at -= 1
        self.pattern_variables.insert(at, added)

    # --- once all is read ---

    def settle(self, complain: Callable[[str], None]) -> None:
        """Give special targets their effect, and turn suffix rules into pattern rules."""
        if self.is_settled:
            return
        self.is_settled = True
        for name in self.special(".PRECIOUS") or ():
            self.enter(name).is_precious = True
        for name in self.special(".PHONY") or ():
            file = self.enter(name)
            file.is_phony = file.is_target = True
        for name in self.special(".INTERMEDIATE") or ():
            self.enter(name).is_intermediate = True
        for name in self.special(".SECONDARY") or ():
            file = self.enter(name)
            file.is_intermediate = file.is_secondary = True
        self.keeps_intermediates = self.special(".SECONDARY") == []
        if self.keeps_intermediates:
            for file in self.files.values():
                file.is_intermediate = file.is_secondary = True
        self._convert_suffix_rules(complain)

    def _convert_suffix_rules(self, complain: Callable[[str], None]) -> None:
        """`.c.o:` is `%.o: %.c`, if both are known suffixes (manual 10.7)."""
        suffixes = self.special(".SUFFIXES") or []
        if suffixes:
            self._read_patterns()
        for source in suffixes:
            # Without a recipe: only tells that names like this are not for `%:` rules.
            self._add_suffix_rule(source, None, None)
            single = self.files[source]
            if single.recipe is not None:
                self._add_suffix_rule("", source, single.recipe)
            for target in suffixes:
                file = self.files.get(source + target)
                if source == target or file is None or file.recipe is None:
                    continue
                if file.prerequisites:
                    complain(
                        f"{file.recipe.first}: warning:"
                        " ignoring prerequisites on suffix rule definition"
                    )
                self._add_suffix_rule(target, source, file.recipe)

    def _add_suffix_rule(self, target: str, source: str | None, recipe: Recipe | None) -> None:
        prerequisites = () if source is None else (Prerequisite("%" + source),)
        loc = recipe.loc if recipe is not None else Loc("", 0)
        rule = PatternRule((Pattern("", target),), prerequisites, recipe, False, loc)
        self._enter_pattern_rule(rule, may_replace=False)
