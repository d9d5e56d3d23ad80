"""Statements that do in one process what they did in another: only what they set is put in place.

kbuild reads scripts/Makefile.build and what it includes for each directory. Half of their lines
ask what Kconfig answered, or what the top Makefile exports, and that is the same for all of them.

So when a makefile is read once more, it is noted what each statement looks up and what it sets.
Neighbours that only look up and set variables make a *stretch*, and what they look up its *guards*:
where all of that is as it was, in the same order, they would set the same, and so that is set.
Where something is not, the statements are run as always, and what looks up a name that is often not
as it was (`obj`) is in no stretch from then on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, KeysView, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from ninjagen.make import ast
from ninjagen.make.variables import Variable, Variables

if TYPE_CHECKING:
    from ninjagen.make.conditionals import Conditionals
    from ninjagen.make.evaluator import Evaluator

_NOTED_AT = frozenset((3, 24))  # how often a makefile was read when it is noted; the first are odd
_OFTEN = 3  # so many times not as it was


class Lookups(dict[str, Variable]):
    """The variables of a process, while it is noted which are looked up and set.

    Looking at all of them, or taking one away, is more than is noted.
    """

    def __init__(self, variables: Variables) -> None:
        super().__init__(variables.own)
        self._variables = variables
        self.begin()

    def begin(self) -> None:
        """Note what comes next by itself."""
        self.found: dict[str, Variable | None] = {}  # looked up before it was set, in order
        self.set: dict[str, Variable] = {}
        self.is_spoiled = False

    def spoil(self) -> None:
        """What happens is more than can be noted."""
        self.is_spoiled = True

    def get(self, name: str, default: Any = None) -> Any:
        """Return a variable; if it is not here, `Variables` looks below."""
        found = super().get(name, default)
        if name not in self.set and name not in self.found:
            self.found[name] = found or self._variables.shared.get(name)
        return found

    def __contains__(self, name: object) -> bool:
        return self.get(name) is not None  # type: ignore[arg-type]

    def __getitem__(self, name: str) -> Variable:
        self.get(name)
        return super().__getitem__(name)

    def __setitem__(self, name: str, variable: Variable) -> None:
        self.set[name] = variable
        super().__setitem__(name, variable)

    def update(self, *variables: Any, **named: Any) -> None:
        """Set variables."""
        for each in variables:
            self.set.update(each)
        super().update(*variables, **named)

    def __delitem__(self, name: str) -> None:
        self.is_spoiled = True
        super().__delitem__(name)

    def __iter__(self) -> Iterator[str]:
        self.is_spoiled = True
        return super().__iter__()

    def keys(self) -> KeysView[str]:  # type: ignore[override]
        """Return all names."""
        self.is_spoiled = True
        return super().keys()


class _Kind(Enum):
    NOTED = 0  # it did nothing but what was noted
    PASSED = 1  # it was passed over: a conditional above it did not hold
    OTHER = 2


class _Step(NamedTuple):
    """What one statement did."""

    statement: ast.Statement | ast.Block
    kind: _Kind
    found: dict[str, Variable | None]
    set: dict[str, Variable]


class Stretch:
    """Statements that follow each other, what they look up, and what they then set."""

    __slots__ = ("_guards", "_set", "statements", "surprise")

    def __init__(self, steps: Sequence[_Step]) -> None:
        self.statements = tuple([step.statement for step in steps])
        found: dict[str, Variable | None] = {}
        self._set: dict[str, Variable] = {}
        for step in steps:
            for name, variable in step.found.items():
                if name not in self._set:
                    found.setdefault(name, variable)
            self._set.update(step.set)
        self._guards = tuple(found.items())
        self.surprise = ""  # the name that was not as it was, if that was the reason

    def happens(self, env: Evaluator) -> bool:
        """Set what the statements would, if all that they look up is as it was; tell whether."""
        self.surprise = ""
        if env.pending is not None or env.no_targets:
            if type(self.statements[0]) is ast.Conditional:
                return False  # lines of an open recipe may come after it
            env.finish_rule()
        if not env.marked.keys().isdisjoint(self._set):
            return False  # they may be exported, or not to be set
        variables = env.variables
        here, below = variables.own.get, variables.shared.get
        for name, known in self._guards:
            found = here(name) or below(name)
            if found is not known and not _is_same(found, known):
                self.surprise = name
                return False
        variables.own.update(self._set)
        env.changes += 1
        env.loc = self.statements[-1].loc
        return True

    def surprises(self, env: Evaluator) -> set[str]:
        """Return the names that were not as they were: of those that lie below the process's own,
        only the first was looked up."""
        if not self.surprise:
            return set()
        own = env.variables.own
        return {self.surprise, *[
            name for name, known in self._guards
            if name in own and not _is_same(own[name], known)
        ]}


def _is_same(one: Variable | None, other: Variable | None) -> bool:
    return one is other or (
        one is not None and other is not None and one.value == other.value
        and one.recursive is other.recursive and one.origin is other.origin
    )


class Course:
    """How to go through a makefile.

    `blocks` are its statements, with those taken together that can be where that makes no
    difference.
    """

    def __init__(self, blocks: tuple[ast.Statement | ast.Block, ...]) -> None:
        self.blocks = blocks
        self._times = 0
        self._cwd = ""  # where it was noted
        self._steps: list[_Step] = []
        self._plan: Sequence[ast.Statement | ast.Block | Stretch] | None = None
        self._surprises: Counter[str] = Counter()

    def plan(self, cwd: str) -> Sequence[ast.Statement | ast.Block | Stretch] | None:
        """Return what to run in a process that runs in `cwd`; None if that is to be noted."""
        self._times += 1
        if self._times in _NOTED_AT:
            return None
        if cwd != self._cwd:  # $(abspath) knows it
            return self.blocks
        if self._plan is None:
            self._plan = self._planned()
        return self._plan

    def note(self, env: Evaluator, conditionals: Conditionals) -> None:
        """Run the statements, and note what they do."""
        with env.noting_lookups() as lookups:
            self._steps = [self._step(each, env, lookups, conditionals) for each in self.blocks]
        self._cwd, self._plan = env.world.cwd, None

    def _step(
        self, statement: ast.Statement | ast.Block, env: Evaluator, lookups: Lookups,
        conditionals: Conditionals,
    ) -> _Step:
        is_passed = conditionals.ignoring
        may_be_noted = _may_be_noted(statement)
        if may_be_noted and not is_passed and type(statement) is not ast.Conditional:
            env.finish_rule()
        lookups.begin()
        env.follow((statement,), conditionals)
        kind = _Kind.PASSED if is_passed else _Kind.NOTED
        if lookups.is_spoiled or not (may_be_noted or is_passed) or type(statement) is ast.TabLine:
            kind = _Kind.OTHER
        return _Step(statement, kind, lookups.found, lookups.set)

    def surprised(self, stretch: Stretch, env: Evaluator) -> None:
        """Note that a stretch has not happened."""
        for name in stretch.surprises(env):
            self._surprises[name] += 1
            if self._surprises[name] == _OFTEN:
                self._plan = None

    def _planned(self) -> list[ast.Statement | ast.Block | Stretch]:
        plan: list[ast.Statement | ast.Block | Stretch] = []
        varying = {name for name, times in self._surprises.items() if times >= _OFTEN}
        at = 0
        while at < len(self._steps):
            end = self._end(at, varying)
            if end > at + 1 or (end > at and not _is_ready(self._steps[at].statement)):
                plan.append(Stretch(self._steps[at:end]))
            else:
                end = at + 1
                plan.append(self._steps[at].statement)
            at = end
        return plan

    def _end(self, start: int, varying: set[str]) -> int:
        """Return where the longest stretch from a statement on ends: whole conditionals only."""
        end, depth = start, 0
        for at in range(start, len(self._steps)):
            step = self._steps[at]
            keyword = step.statement.keyword if type(step.statement) is ast.Conditional else ""
            if step.kind is _Kind.OTHER or not varying.isdisjoint(step.found):
                break
            if depth == 0 and (step.kind is _Kind.PASSED or keyword in ("else", "endif")):
                break
            depth += keyword.startswith("if") - (keyword == "endif")
            if depth == 0:
                end = at + 1
        return end


def _is_ready(statement: ast.Statement | ast.Block) -> bool:
    """Tell whether what a statement sets is known from its text."""
    return type(statement) is ast.Definitions or (
        type(statement) is ast.Assign and statement.variable is not None
    )


def _may_be_noted(statement: ast.Statement | ast.Block) -> bool:
    """Tell whether a statement may do no more than look up and set variables."""
    if type(statement) is ast.Assign:
        return (
            statement.op != "undefine" and not statement.problems
            and not any(statement.modifiers)
        )
    return type(statement) in (ast.Definitions, ast.Conditional)
