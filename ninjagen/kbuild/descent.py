"""A make that a recipe starts: found in the recipe's shell text, and followed in place."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING

from ninjagen.errors import NinjagenError
from ninjagen.kbuild import protocol
from ninjagen.kbuild.lower import Recipe
from ninjagen.kbuild.shelltext import expand_shell_variables, simple_commands, unrolled
from ninjagen.kbuild.world import FileTable, KernelWorld
from ninjagen.make.arguments import Arguments
from ninjagen.make.recipe import Command, Target, expand_recipe
from ninjagen.make.remake import Updater

if TYPE_CHECKING:
    from ninjagen.kbuild.instance import Instance

# What may stand beside a make in a recipe line, and what becomes of it.
BESIDE_MAKE = {
    "mkdir": "directories are made when they are needed",
    "[": "guards a first round that makes the same edges as the second (tools/build/Makefile)",
    "test": "as `[`",
    "rm": "removes what such a first round left",
    "echo": "only speaks",
    "printf": "only speaks",
    ":": "does nothing",
    "true": "does nothing",
    "set": "an option of that shell",
    "if": "begins a guard",
    "fi": "ends a guard",
    "exit": "ends that shell",
    "cd": "the makes after it get -C",
    "}": "ends a group",
}
LOOPS = frozenset(("for", "while", "until", "case"))  # only the shell knows what they run


class Descents:
    """The makes that the recipes of one process start."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def simple_commands(self, command: Command) -> list[tuple[dict[str, str], list[str], bool]]:
        """Return the simple commands of a line: the variables each sets, its words, and whether it
        writes a file."""
        text = unrolled(protocol.MARKER.sub("", command.text))
        try:
            simple = simple_commands(text)
        except ValueError as error:
            raise NinjagenError(f"cannot read the shell line: {error}: {text}", command.loc) \
                from None
        found = []
        place: str | None = ""  # where `cd` has led; None where only the shell would know
        places: list[str | None] = []  # outside of each open parenthesis
        for words, joined_by, writes in simple:
            for sign in joined_by.split():
                if sign == "(":
                    places.append(place)
                elif sign == ")" and places:
                    place = places.pop()
            settings: dict[str, str] = {}
            rest = list(words)
            while rest and (rest[0] in ("if", "then", "!", "do", "else") or _is_setting(rest[0])):
                name, sign, value = rest.pop(0).partition("=")
                if sign:
                    settings[name] = value
            if not rest:
                continue
            if rest[0] in LOOPS and any("make" in each.words for each in simple):
                raise NinjagenError(f"cannot follow the make in a loop: {text}", command.loc)
            if rest[0] == "make" and writes:
                raise NinjagenError(
                    f"cannot follow the make in a redirection to a file: {text}", command.loc
                )
            if rest[0] == "cd":
                place = _changed(place, rest)
            elif rest[0] == "make" and place is None:
                raise NinjagenError(
                    f"cannot follow the make in a directory that only the shell knows: {text}",
                    command.loc,
                )
            elif rest[0] == "make" and place:
                rest[1:1] = ["-C", place]
            found.append((settings, rest, writes))
        return found

    def of(
        self, simple: list[tuple[dict[str, str], list[str], bool]], target: Target
    ) -> list[tuple[list[str], dict[str, str], str]] | None:
        """Return (arguments, environment, directory) of each make in a recipe line.

        None means that make is one step of a command that does other things too.
        """
        found = []
        for settings, words, writes in simple:
            if words[0] == "make":
                environ = {**self.instance.environment(target), **settings}
                found.append((words[1:], environ, self.instance.cwd))
            elif words[:2] == ["mkdir", "-p"]:
                self.instance.world.make_directories(words[2:])
            elif words[0] not in BESIDE_MAKE or writes:
                if any(words[0] == "cd" for _, words, _ in simple):
                    raise NinjagenError(
                        "cannot follow the make in a command that changes directory",
                        target.recipe.loc,
                    )
                return None
        return found

    def inlined(self, command: Command, target: Target) -> Command:
        """Replace a make that is one step of a command by what it would run for its goal."""
        found = re.search(r"(?<![\w/-])make ((?:[^\s;&|]+[ \t]*)+)", command.text)
        if found is None:
            return command
        arguments = shlex.split(found[1])
        world = self.instance.world
        world = _Later(world.cwd, world.table, made=world.full(target.name))
        instance = self.instance.walk.open(
            arguments, self.instance.environment(target), world, self.instance.before
        )
        collected: list[str] = []

        class Collect:
            def run(self, inner: Target) -> bool:
                for line in expand_recipe(instance.process.evaluator, inner):
                    text = protocol.MARKER.sub("", line.text).strip()
                    if text not in (":", "true", ""):
                        collected.append(f"sh -c {shlex.quote(text)}")
                return True

        instance.read()
        updater = Updater(instance.process.evaluator, Collect(), always=True)
        for goal in instance.process.goals():
            updater.update_goal(goal)
        text = " && ".join(collected) or "true"
        return command._replace(
            text=command.text[: found.start()] + text + command.text[found.end() :]
        )

    def descend(
        self, arguments: list[str], environ: dict[str, str], cwd: str, before: tuple[str, ...],
        causes: tuple[str, ...] = (),
    ) -> tuple[str, ...]:
        """Follow a make; Kconfig's goals go to ninjagen's own. Return its goals' outputs."""
        walk = self.instance.walk
        world = self.instance.world.at(cwd)
        if any(word == f"obj={protocol.KCONFIG_DIRECTORY}" for word in arguments):
            if walk.configure is not None:
                parsed = Arguments()
                parsed.parse(arguments)
                walk.configure(parsed.goals, environ)
            return ()
        if walk.only_configure and any(word.startswith("obj=") for word in arguments):
            return ()
        return walk.follow(arguments, environ, world, before, causes)

    def of_scripts(
        self, target: Target, recipe: Recipe, environ: dict[str, str], inputs: list[str],
        order_only: list[str],
    ) -> list[str]:
        """Follow a make that a script of the recipe runs: link-vmlinux.sh makes the version."""
        made: list[str] = []
        for line in self.instance.walk.scripts.makes(recipe.scripts):
            arguments = shlex.split(expand_shell_variables(line, environ))
            before = self.instance.walk.group(
                f"{self.instance.group_name(target.name)}.before",
                [*self.instance.before, *order_only, *inputs],
            )
            made += self.descend(arguments, environ, self.instance.cwd, before, tuple(inputs))
        return made


class _Later(KernelWorld):
    """The world of a make that is one step of a command: what that makes is there by then.

    So make has nothing to do where no rule is for it (powerpc's Makefile.postlink of 7.2, which
    knows `vmlinux` and is asked for `vmlinux.unstripped`).
    """

    def __init__(self, cwd: str, table: FileTable, made: str) -> None:
        super().__init__(cwd, table)
        self.made = made  # absolute

    def at(self, cwd: str) -> _Later:
        """Return the same world, seen from another directory."""
        return _Later(cwd, self.table, self.made)

    def exists(self, path: str) -> bool:
        """Tell whether something is there."""
        return self.full(path) == self.made or super().exists(path)


def _changed(place: str | None, words: list[str]) -> str | None:
    """Return where a `cd` leads; None if that is not plain from its words."""
    if place is None or len(words) != 2 or re.search(r"[$`*?\[]|^[~-]", words[1]):
        return None
    return os.path.join(place, words[1])


def _is_setting(word: str) -> bool:
    return re.match(r"[A-Za-z_]\w*=", word) is not None
