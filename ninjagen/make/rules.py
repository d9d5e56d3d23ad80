"""Rules as they were read: files and what makes them, pattern rules, pattern variables."""

from __future__ import annotations

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


@dataclass(eq=False, slots=True)
class Recipe:
    """The lines that make a target; shared by every target of its rule."""

    lines: tuple[RecipeLine, ...]
    loc: Loc


@dataclass(eq=False, slots=True)
class File:
    """What the makefiles say of one name. Made when the name is first mentioned."""

    name: str
    prerequisites: list[Prerequisite] = field(default_factory=list)
    recipe: Recipe | None = None
    stem: str = ""
    is_target: bool = False  # an explicit rule names it
    is_phony: bool = False
    double_colon: list[File] | None = None  # one File for each `::` rule
    also_makes: list[str] = field(default_factory=list)
    variables: dict[str, Variable] = field(default_factory=dict)
    searched: bool = False  # an implicit rule was looked for already
    is_intermediate: bool = False
    # The state of an update
    is_updating: bool = False
    is_updated: bool = False
    was_remade: bool = False
    path: str = ""  # where VPATH found it; `name` until then
    parent: File | None = None
    scope: dict[str, Variable] | None = None


@dataclass(eq=False, slots=True)
class PatternRule:
    """A rule with `%` in its targets; several targets are made by one run of the recipe."""

    targets: tuple[Pattern, ...]
    prerequisites: tuple[Prerequisite, ...]
    recipe: Recipe | None
    is_terminal: bool
    loc: Loc
    in_use: bool = False

    def __post_init__(self) -> None:
        self.targets = tuple(self.targets)


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
        self.pattern_rules: list[PatternRule] = []
        self.pattern_variables: list[PatternVariable] = []
        self.vpaths: list[tuple[Pattern, list[str]]] = []

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

    def add_pattern_rule(self, rule: PatternRule) -> None:
        """Add a rule; one with the same targets and prerequisites replaces the older."""
        for index, old in enumerate(self.pattern_rules):
            if old.targets == rule.targets and [p.name for p in old.prerequisites] == [
                p.name for p in rule.prerequisites
            ]:
                del self.pattern_rules[index]
                break
        self.pattern_rules.append(rule)

    def add_pattern_variable(self, added: PatternVariable) -> None:
        """Keep pattern variables by length of pattern: the more specific is applied last."""
        at = len(self.pattern_variables)
        while at and len(self.pattern_variables[at - 1].text) > len(added.text):
            at -= 1
        self.pattern_variables.insert(at, added)
