"""From a request to a walk: the top Makefile evaluated for some goals, and all that it starts."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from ninjagen import kconfig
from ninjagen.errors import NinjagenError, did_you_mean
from ninjagen.kbuild.effects import Stale
from ninjagen.kbuild.memory import Memory
from ninjagen.kbuild.scout import Reports, Scout
from ninjagen.kbuild.tree import KernelTree
from ninjagen.kbuild.walk import Walk
from ninjagen.kbuild.world import FileTable, KernelWorld
from ninjagen.kconfig import expected
from ninjagen.request import Request
from ninjagen.shell import Shell

STALE_RECORDS = 20  # that may turn up before all the last run's records are given up


def configure(
    request: Request, tree: KernelTree, shell: Shell, goal: str,
    handle: Callable[[Sequence[str], Mapping[str, str]], None],
) -> FileTable:
    """Walk to the configuration goals of scripts/kconfig; `handle` gets them, and the environment
    that the top Makefile gives them. Return what was seen on the way."""
    walk = Walk(
        FileTable(tree.srctree, tree.objtree, shell, parses=tree.parses), say=request.say,
        complain=request.complain, configure=handle, only_configure=True,
    )
    _walk(request, tree, walk, [goal])
    return walk.table


def describe(
    request: Request, tree: KernelTree, shell: Shell, goals: Sequence[str],
    walk_type: Callable[..., Walk] = Walk, memory: Memory | None = None,
    scout: Scout | None = None,
) -> Walk:
    """Walk from the goals; in an in-tree build once more if leftovers were mistaken for sources.

    Writes nothing. `walk_type` is for whoever wants to look on; `memory` has the last run's
    records; `scout` was sent ahead.
    """
    table = _table(tree, shell)
    memory = memory or Memory()
    if table.in_tree:
        table.leftovers = memory.products()
    for _ in range(4):
        walk = _follow(request, tree, goals, table, walk_type, memory, scout or Scout())
        table = walk.table
        if not table.misjudged():
            if request.distributes and not walk.thinlto.bitcode:
                walk.thinlto.distribute()
            return walk
        table, memory, scout = table.again(set(table.products)), Memory(), None
    raise NinjagenError("the source tree holds files that cannot be told from products",
                        hint="remove what earlier builds left, or build with O=DIR")


def _follow(
    request: Request, tree: KernelTree, goals: Sequence[str], table: FileTable,
    walk_type: Callable[..., Walk], memory: Memory, scout: Scout,
) -> Walk:
    """Walk from the goals, with as many of the last run's records as turn out to hold."""
    for tries in range(STALE_RECORDS + 1):
        walk = walk_type(table, say=request.say, complain=request.complain, memory=memory)
        walk.scout = scout
        try:
            _walk(request, tree, walk, goals)
            return walk
        except Stale as stale:
            table = table.again(table.leftovers)
            memory.forget(stale.record, all_of_them=tries == STALE_RECORDS - 1)
        finally:
            scout.stop()
    raise AssertionError("without old records nothing is stale")


def _table(tree: KernelTree, shell: Shell) -> FileTable:
    table = FileTable(
        tree.srctree, tree.objtree, shell, tree.sources, tree.kernel, parses=tree.parses
    )
    if not tree.module:
        table.given |= {os.path.join(tree.objtree, path) for path in kconfig.WRITTEN}
        table.answers = os.path.join(tree.objtree, kconfig.ANSWERS)
    return table


def command_line(
    request: Request, tree: KernelTree, goals: Sequence[str]
) -> tuple[list[str], dict[str, str]]:
    """Return the arguments and the environment of `make O=objtree goals` in the source tree."""
    replaced = ("O=", "M=", "MO=") if tree.module else ("O=",)
    words = [word for word in request.assignments if not word.startswith(replaced)]
    environ = dict(request.environ)
    environ.pop("KBUILD_OUTPUT", None)
    kernel = tree.kernel or tree.objtree
    if kernel != tree.srctree:
        words.append(f"O={kernel}")
    if tree.module:
        words.append(f"M={tree.module}")
        if not tree.in_tree:
            words.append(f"MO={tree.objtree}")
    return [*words, *goals], environ


def _walk(request: Request, tree: KernelTree, walk: Walk, goals: Sequence[str]) -> None:
    """Evaluate the top Makefile for some goals."""
    walk.thinlto.uses_dyndep = request.uses_dyndep
    walk.thinlto.is_ours = request.distributes
    arguments, environ = command_line(request, tree, goals)
    try:
        walk.follow(arguments, environ, KernelWorld(tree.srctree, walk.table))
    except NinjagenError as error:
        for goal in goals:
            if error.message == f"*** No rule to make target '{goal}'.  Stop.":
                known = {"vmlinux", "defconfig", "tinyconfig", "olddefconfig"}
                raise NinjagenError(
                    f"unknown goal '{goal}'", hint=did_you_mean(goal, known)
                ) from None
        raise


# --- ahead of it ---


class Ahead:
    """A scout that walks while Kconfig is read: as if nothing but .config decided auto.conf.

    Where it is another, what makes did holds that did not ask for the difference. Should makes turn
    out to get another environment from the top Makefile, it is sent again, with the truth.
    As a context manager, it lets none go on. What a scout has done to the disk that was never
    asked for is undone.
    """

    def __init__(self) -> None:
        self.scout = Scout()
        self._expected: dict[str, str] = {}
        self._is_asked_for = False

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._is_asked_for:
            self.scout.dismiss()
        else:
            self.scout.call_back()

    def send(
        self, request: Request, tree: KernelTree, shell: Shell, goals: Sequence[str],
        leftovers: set[str],
    ) -> None:
        """Send it, if there is a .config; `leftovers` are products of the last generation."""
        path = os.path.join(tree.objtree, kconfig.ANSWERS)
        text = expected.expected_answers(tree.objtree, request.environ)
        if text is None:
            return
        self._expected = expected.answers_of(text)
        known, told = _table(tree, shell), _table(tree, shell)
        known.leftovers = told.leftovers = leftovers if known.in_tree else set()
        # The top Makefile includes what auto.conf depends on too, and is not taken from a scout.
        unknown = os.path.join(tree.objtree, kconfig.ANSWERS_FROM)
        told.texts, told.unknown = {path: text, unknown: ""}, frozenset({unknown})

        def explore(table: FileTable, reports: Reports) -> None:
            walk = Walk(table, say=_ignore, complain=_ignore)
            walk.explore(reports)
            _walk(request, tree, walk, goals)

        self.scout.send(partial(explore, told), again=partial(explore, known))

    def surprises(self, answers: Mapping[str, str]) -> set[str]:
        """Return the names of Kconfig's answers that did not come out as expected; what the scout
        does is asked for from here on."""
        if not self.scout.is_out:
            return set()
        self._is_asked_for = True
        return {name for name, _ in answers.items() ^ self._expected.items()}


def _ignore(text: str) -> None:
    """What makefiles say, the walk will say."""
