"""A target about to be made: its automatic variables, and its recipe expanded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ninjagen.make.evaluator import Bound, Evaluator, collapse_recipe_references
from ninjagen.make.rules import File, Recipe
from ninjagen.make.variables import Variable
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


@dataclass(frozen=True, slots=True)
class Command:
    """One shell command line of a recipe."""

    text: str
    loc: Loc
    is_silent: bool = False  # `@`
    ignores_errors: bool = False  # `-`
    is_recursive: bool = False  # `+`, or the unexpanded line mentions $(MAKE)


@dataclass(slots=True)
class Target:
    """A file to be made: what it is made from, and the variables its recipe sees."""

    name: str
    file: File
    prerequisites: list[str]  # every one that is not order-only, with repetitions ($+)
    order_only: list[str]
    newer: list[str]
    recipe: Recipe
    scope: Mapping[str, Variable | Bound]

    def local(self) -> dict[str, Variable | Bound]:
        """Return the target's scope with the automatic variables (manual 10.5.3)."""
        normal = list(dict.fromkeys(self.prerequisites))
        order_only = [name for name in dict.fromkeys(self.order_only) if name not in set(normal)]
        automatic = {
            "@": self.name,
            "<": normal[0] if normal else "",
            "^": " ".join(normal),
            "+": " ".join(self.prerequisites),
            "?": " ".join(self.newer),
            "|": " ".join(order_only),
            "*": self.file.stem,
            "%": "",
        }
        local: dict[str, Variable | Bound] = dict(self.scope)
        local.update((name, Bound(value)) for name, value in automatic.items())
        return local


def expand_recipe(env: Evaluator, target: Target) -> list[Command]:
    """Return the commands of a target's recipe.

    Every line is expanded before the first is run, as make does; a line that expands to several
    becomes several commands.
    """
    commands: list[Command] = []
    with env.scope(target.local()):
        for line in target.recipe.lines:
            env.loc = line.loc
            is_recursive = "$(MAKE)" in line.text or "${MAKE}" in line.text
            raw = line.text
            silent, ignore, plus, _ = strip_prefixes(raw)
            text = env.expand(collapse_recipe_references(raw))
            for part in split_commands(text):
                part_silent, part_ignore, part_plus, body = strip_prefixes(part)
                commands.append(
                    Command(
                        body,
                        line.loc,
                        silent or part_silent,
                        ignore or part_ignore,
                        is_recursive or plus or part_plus,
                    )
                )
    return commands


def split_commands(text: str) -> list[str]:
    """Split expanded text at newlines that no backslash quotes."""
    if "\n" not in text:
        return [text]
    result: list[str] = []
    pending = ""
    for line in text.split("\n"):
        pending += line
        if (len(line) - len(line.rstrip("\\"))) % 2 == 1:
            pending += "\n"
            continue
        result.append(pending)
        pending = ""
    if pending:
        result.append(pending)
    return result


def strip_prefixes(text: str) -> tuple[bool, bool, bool, str]:
    """Return (silent, ignore errors, recursive, rest) of a recipe line (manual 5.2, 5.5, 5.7)."""
    at = 0
    silent = ignore = recursive = False
    while at < len(text) and text[at] in " \t@-+\n":
        silent |= text[at] == "@"
        ignore |= text[at] == "-"
        recursive |= text[at] == "+"
        at += 1
    return silent, ignore, recursive, text[at:]
