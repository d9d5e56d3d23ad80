"""`-t explain TARGET`: the rule that makes it, who asked for it, and where each word comes from.

build.ninja's evaluation is done again up to that target, with the makes that lead to it in a mode
that keeps the places (make/tracing.py). What cannot be told is said.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence

from ninjagen.answers.described import Described, OnlookingInstance, OnlookingWalk
from ninjagen.errors import NinjagenError, did_you_mean
from ninjagen.graph import Edge
from ninjagen.kbuild import protocol
from ninjagen.kbuild.instance import Instance
from ninjagen.kbuild.walk import Walk
from ninjagen.kbuild.world import KernelWorld
from ninjagen.make import ast
from ninjagen.make.evaluator import Evaluator
from ninjagen.make.recipe import Target, expand_recipe
from ninjagen.make.tracing import Origin, TracingEvaluator, words_of
from ninjagen.source import Loc

_WIDTH = 34  # of the column of words
_LINE = 60  # how much of a makefile's line is shown


class _Found(Exception):
    """The target's edge was made; no need to go on."""

    def __init__(self, instance: Instance, target: Target, edge: Edge) -> None:
        super().__init__()
        self.instance, self.target, self.edge = instance, target, edge


def answer(described: Described, arguments: Sequence[str]) -> int:
    """Print it. Raises NinjagenError when nothing makes the target."""
    wanted = described.name(arguments[0])

    class Listening(OnlookingInstance):
        def run(self, target: Target) -> bool:
            done = super().run(target)
            edge = self.walk.graph.producer(wanted)
            if edge is not None and self.lowering.node(target.name) in edge.all_outputs:
                raise _Found(self, target, edge)
            return done

    class ListeningWalk(OnlookingWalk):
        instance_type = Listening

        def evaluator_type(
            self, arguments: Sequence[str], world: KernelWorld
        ) -> type[Evaluator]:
            obj = [word[4:] for word in arguments if word.startswith("obj=")][-1:]
            is_elsewhere = obj not in ([], ["."]) and not wanted.startswith(f"{obj[0]}/")
            if is_elsewhere and world.cwd == self.table.objtree:
                return Evaluator
            return TracingEvaluator

    try:
        walk = described.walk(ListeningWalk)
    except _Found as found:
        _Explanation(described, found.instance, found.target, found.edge).tell(wanted)
    else:
        _tell_of_others(described, walk, wanted)
    return 0


class _Explanation:
    """What there is to say of a target whose recipe was met."""

    def __init__(
        self, described: Described, instance: Instance, target: Target, edge: Edge
    ) -> None:
        self.say: Callable[[str], None] = described.say
        self.srctree, self.objtree = described.tree.srctree, described.tree.objtree
        self.instance, self.target, self.edge = instance, target, edge
        self.env = instance.process.evaluator

    def tell(self, name: str) -> None:
        """Print all of it."""
        self.say(name)
        self._row("rule", self._place(self.target.recipe.loc))
        self._row("wanted by", self._asked())
        self._row("make", self.instance.describe().removeprefix("while evaluating "))
        self._row("inputs", " ".join(map(self._short, self.edge.inputs)) or "none")
        title, text = self._command()
        self._row("command", title)
        for word, origin in words_of(text):
            self.say(f"    {word:<{_WIDTH}}  {self._origin(origin)}")

    def _row(self, title: str, text: str) -> None:
        self.say(f"  {title:<10} {text}")

    def _asked(self) -> str:
        """Return who needs the target, and the text that named it."""
        parent = self.target.file.parent
        if parent is None:
            return "the make below, as its goal"
        origin = None
        if isinstance(self.env, TracingEvaluator):
            origin = self.env.asked.get(self.target.file.name)
        named = f": {self._origin(origin)}" if origin else ""
        return self._short(parent.name) + named

    def _command(self) -> tuple[str, str]:
        """Return what the command is called, and its text with origins."""
        rule, world = self.edge.rule, self.instance.world
        world.in_recipe = True
        try:
            with self.env.scope(self.target.local()):
                self.env.loc = None
                for name in (f"cmd_{rule}", rule):
                    variable = self.env.find(name)
                    if variable is not None:
                        loc = getattr(variable, "loc", None)
                        return self._place(loc) if loc else name, self.env.value_of(name)
            lines = [command.text for command in expand_recipe(self.env, self.target)]
        finally:
            world.in_recipe = False
        texts = [line for line in lines if protocol.MARKER.sub("", line).strip()]
        text = texts[0] if texts else ""
        for line in texts[1:]:
            text = text + "\n" + line
        return "the recipe's own lines", text

    # --- places ---

    def _origin(self, origin: Origin | None) -> str:
        if origin is None:
            return "(not known)"
        text = self._place(origin.loc) if origin.loc else f"({origin.kind} {origin.name})"
        if origin.kind == "automatic":
            text = f"${origin.name if len(origin.name) == 1 else f'({origin.name})'} of the rule"
        if not origin.loc and not origin.name:
            text = "(not known)"
        if origin.by:
            at = origin.by_loc
            where = f" at {self._file(at)}" if at and at != origin.loc else ""
            text += f"  (by {origin.by}{where})"
        return text

    def _place(self, loc: Loc) -> str:
        """Return a line of a makefile, with the options that its conditions ask for."""
        text = " ".join(self._line(loc).split())
        text = text if len(text) <= _LINE else f"{text[: _LINE - 3]}..."
        conditions = "".join(
            f"  [{condition}]" for condition in self._conditions(loc) if "CONFIG_" in condition
        )
        return f"{self._file(loc)}: {text}{conditions}"

    def _file(self, loc: Loc) -> str:
        return f"{self._short(self.instance.world.full(loc.path))}:{loc.line}"

    def _line(self, loc: Loc) -> str:
        """Return a line of a makefile, with those that continue it."""
        try:
            with open(self.instance.world.path(loc.path), encoding="utf-8",
                      errors="replace") as file:
                lines = file.read().split("\n")[loc.line - 1 :]
        except OSError:
            return ""
        text = ""
        for line in lines:
            text += line.removesuffix("\\")
            if not line.endswith("\\"):
                break
        return text

    def _conditions(self, loc: Loc) -> list[str]:
        """Return the conditions that hold where a makefile's line stands, outermost first."""
        makefile = self.instance.world.makefile(loc.path)
        found: list[str] = []
        for statement in makefile.statements if makefile else ():
            if statement.loc.line >= loc.line:
                break
            if not isinstance(statement, ast.Conditional):
                continue
            if statement.keyword == "endif":
                found.pop()
            elif statement.keyword == "else":
                found[-1] = f"else {statement.text}".strip() + f" of {found[-1]}"
            else:
                found.append(f"{statement.keyword} {statement.text}".strip())
        return found

    def _short(self, text: str) -> str:
        """Write a path of the source or object tree as it is there."""
        return text.removeprefix(f"{self.objtree}/").removeprefix(f"{self.srctree}/")


def _tell_of_others(described: Described, walk: Walk, wanted: str) -> None:
    """Tell of what no recipe makes: names for groups, and edges of ninjagen's own."""
    edge = walk.graph.producer(wanted)
    if edge is not None:
        described.say(wanted)
        described.say(f"  made by ninjagen's own edge: {edge.rule}")
        described.say(f"  inputs     {' '.join(edge.inputs)}")
        described.say(f"  command    {edge.command}")
        return
    walk.name_directories()
    if wanted in walk.graph.phonies:
        described.say(f"{wanted}: a name for")
        for path in walk.graph.files_of(wanted):
            described.say(f"  {shlex.quote(path)}")
        return
    is_source = os.path.exists(os.path.join(described.tree.srctree, wanted))
    raise NinjagenError(
        f"nothing in this build makes '{wanted}'",
        hint="it is a source" if is_source else did_you_mean(wanted, walk.graph.producers),
    )
