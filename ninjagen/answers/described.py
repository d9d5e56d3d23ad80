"""The build that a question is about: an object tree, and the request its build.ninja came from."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ninjagen.describe import describe
from ninjagen.generate import default_goals
from ninjagen.kbuild.instance import Instance
from ninjagen.kbuild.memory import Memory
from ninjagen.kbuild.record import Record
from ninjagen.kbuild.tree import KernelTree, find_tree
from ninjagen.kbuild.walk import Walk
from ninjagen.kconfig import is_config_goal
from ninjagen.make.parser import parse_definition
from ninjagen.make.recipe import Command, Target
from ninjagen.request import KEPT, STATE, Request, recall
from ninjagen.shell import Shell


class OnlookingInstance(Instance):
    """A make process that is evaluated, and leaves the object tree alone."""

    def run_now(self, target: Target, commands: list[Command]) -> None:
        """The object tree was prepared when build.ninja was made."""

    def end(self) -> None:
        """Stay: the question is about this process."""


class _NoRecords(Memory):
    """Remembers nothing of a walk: whoever looks on wants everything evaluated, and text may
    then be more than text."""

    def __init__(self, made: Iterable[str] = ()) -> None:
        super().__init__()
        self.made = set(made)  # absolute; what the build makes, when that is known

    def products(self) -> set[str]:
        """Return what may lie beside the sources and is none."""
        return self.made

    def number_of(self, environ: Mapping[str, str]) -> int:
        """Do not tell one environment from another."""
        return 0

    def keep(self, record: Record) -> None:
        """Do not."""


class OnlookingWalk(Walk):
    """A walk of such processes."""

    instance_type = OnlookingInstance

    def __post_init__(self) -> None:
        self.memory = _NoRecords()
        super().__post_init__()


@dataclass(eq=False, repr=False)
class Described:
    """A build that can be evaluated again, to look on."""

    tree: KernelTree
    request: Request
    say: Callable[[str], None] = print

    @property
    def goals(self) -> list[str]:
        """What build.ninja was made for."""
        return [goal for goal in self.request.goals if not is_config_goal(goal)] \
            or default_goals(self.tree)

    def name(self, target: str) -> str:
        """Return a target's name in build.ninja."""
        full = os.path.normpath(os.path.join(self.tree.objtree, target))
        below = f"{self.tree.objtree}/"
        return full.removeprefix(below) if full.startswith(below) else full

    def walk(
        self, walk_type: Callable[..., Walk] = OnlookingWalk, goals: Sequence[str] = ()
    ) -> Walk:
        """Evaluate as for build.ninja, or for other goals, and write nothing."""
        shell = Shell(os.path.join(self.tree.objtree, STATE, "shell.json"))
        quiet = replace(self.request, say=_ignore, complain=_ignore)
        memory = _NoRecords()
        if self.tree.in_tree:
            whole = describe(quiet, self.tree, shell, self.goals, OnlookingWalk)
            memory = _NoRecords(whole.table.products)
        return describe(quiet, self.tree, shell, goals or self.goals, walk_type, memory)


def find(words: Sequence[str], cwd: str, environ: Mapping[str, str]) -> Described:
    """Return the build that a command given in `cwd` means: O=, or where it runs.

    Other words are added to those that build.ninja was made with. Raises NinjagenError when
    there is no build.ninja.
    """
    output, others = "", []
    for word in words:
        definition = parse_definition(word)
        if definition is not None and definition[0] == "O":
            output = definition[2]
        else:
            others.append(word)
    if not output and not os.path.exists(os.path.join(cwd, KEPT)):
        output = environ.get("KBUILD_OUTPUT", "")
    kept = recall(os.path.normpath(os.path.join(cwd, output)), environ)
    request = replace(kept, arguments=(*kept.arguments, *others))
    return Described(find_tree(request.cwd, request.variables, request.environ), request)


def _ignore(text: str) -> None:
    """What makefiles say was said when build.ninja was made."""
