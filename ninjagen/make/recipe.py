"""A target about to be made: its automatic variables, and its recipe expanded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ninjagen.make.evaluator import Evaluator
from ninjagen.make.lines import collapse_continuations
from ninjagen.make.names import Bound
from ninjagen.make.rules import File, Recipe
from ninjagen.make.variables import Variable
from ninjagen.make.words import end_of_reference
from ninjagen.source import Loc

# The D and F forms (manual 10.5.3), as make defines them.
DIRECTORY_FORMS = {
    f"{name}{form}": text.replace("@", name)
    for name in "@<*^+?%"
    for form, text in (
        ("D", "$(patsubst %/,%,$(dir $@))"),
        ("F", "$(notdir $@)"),
    )
}


class Command(NamedTuple):
    """One shell command line of a recipe."""

    text: str
    loc: Loc
    is_silent: bool = False  # `@`
    ignores_errors: bool = False  # `-`
    is_recursive: bool = False  # `+`, or the unexpanded line mentions $(MAKE)
    number: int = 0  # which line of the recipe it comes from


@dataclass(eq=False, repr=False, slots=True)
class Target:
    """A file to be made: what it is made from, and the variables its recipe sees."""

    name: str
    file: File
    prerequisites: list[str]  # every one that is not order-only, with repetitions ($+)
    order_only: list[str]
    newer: list[str]
    recipe: Recipe
    scope: Mapping[str, Variable | Bound]
    in_order: list[str]  # all prerequisites, as the makefiles name them

    def local(self, first: str | None = None) -> dict[str, Variable | Bound]:
        """Return the target's scope with the automatic variables (manual 10.5.3).

        What is an order-only and a normal prerequisite is a normal one.
        """
        bound = {name: Bound(value) for name, value in self.automatic(first).items()}
        return {**self.scope, **bound}

    def automatic(self, first: str | None = None) -> dict[str, str]:
        """Return the values of the automatic variables; `first` is `$<`, if not the first
        prerequisite."""
        normal, unique = set(self.prerequisites), dict.fromkeys(self.in_order)
        if first is None:
            first = self.prerequisites[0] if self.prerequisites else ""
        return {
            "@": self.name,
            "<": first,
            "^": " ".join([name for name in unique if name in normal]),
            "+": " ".join(self.prerequisites),
            "?": " ".join(dict.fromkeys(self.newer)),
            "|": " ".join([name for name in unique if name not in normal]),
            "*": self.file.stem or "",
            "%": "",
        }


def expand_recipe(
    env: Evaluator, target: Target, local: Mapping[str, Variable | Bound] | None = None
) -> list[Command]:
    """Return the commands of a target's recipe, expanded with `local`, if not its own variables.

    Every line is expanded before the first is run, as make does; a line that expands to several
    becomes several commands.
    """
    lines: list[str] = []
    if target.file.stem is None:
        target.file.stem = _stem_by_suffix(env, target.name)
    if local is None:
        default = env.database.files.get(".DEFAULT")
        is_default = default is not None and default.recipe is target.recipe
        local = target.local(target.name if is_default else None)
    with env.scope(local), env.remembering(target.scope):
        for number, line in enumerate(target.recipe.lines):
            # Only the first line's number is kept; the others are counted from it.
            first = target.recipe.first
            env.loc = Loc(first.path, first.line + number)
            lines.append(env.expand(collapse_recipe_references(line.text)))
    commands: list[Command] = []
    for number, (line, text) in enumerate(zip(target.recipe.lines, lines, strict=True)):
        silent, ignore, recursive, _ = strip_prefixes(line.text)
        recursive |= is_recursive_line(line.text)
        for part in split_commands(text):
            # A `+` that an expansion brought holds for the rest of the line, `@` and `-` do not.
            part_silent, part_ignore, part_recursive, body = strip_prefixes(part)
            recursive |= part_recursive
            body = body.replace("\n\t", "\n")
            commands.append(
                Command(
                    body, line.loc, silent or part_silent, ignore or part_ignore, recursive, number
                )
            )
    return commands


def is_recursive_line(text: str) -> bool:
    """Tell whether an unexpanded recipe line is one that even `make -n` runs."""
    return "$(MAKE)" in text or "${MAKE}" in text or strip_prefixes(text)[2]


def _stem_by_suffix(env: Evaluator, name: str) -> str:
    """In an explicit rule `$*` is the target without a known suffix (manual 10.5.3)."""
    for suffix in env.database.special(".SUFFIXES") or ():
        if len(name) > len(suffix) and name.endswith(suffix):
            return name[: len(name) - len(suffix)]
    return ""


def split_commands(text: str) -> list[str]:
    """Split expanded text at newlines that no backslash quotes."""
    if "\n" not in text:
        return [text]
    result: list[str] = []
    pending = ""
    for line in text.split("\n"):
        pending += line
        if line.endswith("\\"):
            pending += "\n"
            continue
        result.append(pending)
        pending = ""
    if pending:
        result.append(pending)
    return result


@lru_cache(maxsize=256)  # all directories have their recipes from one makefile
def collapse_recipe_references(text: str) -> str:
    """In a recipe, a backslash-newline inside a reference is a space (manual 5.1.1)."""
    if "\\\n" not in text or "$" not in text:
        return text
    out, start, at = "", 0, 0
    while (at := text.find("$", at)) >= 0:
        end = end_of_reference(text, at)
        out += text[start:at] + collapse_continuations(text[at:end])
        start = at = end
    return out + text[start:]


def strip_prefixes(text: str) -> tuple[bool, bool, bool, str]:
    """Return (silent, ignore errors, recursive, rest) of a recipe line (manual 5.2, 5.5, 5.7)."""
    at = 0
    silent = ignore = recursive = False
    while at < len(text) and text[at] in " \t@-+":
        silent |= text[at] == "@"
        ignore |= text[at] == "-"
        recursive |= text[at] == "+"
        at += 1
    return silent, ignore, recursive, text[at:]
