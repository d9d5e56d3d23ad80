"""What names mean: variables found, expanded, bound for a while, and assigned."""

from __future__ import annotations

import itertools
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ninjagen.errors import NinjagenError
from ninjagen.make import ast
from ninjagen.make.functions import ExpansionError
from ninjagen.make.parser import parse_expression
from ninjagen.make.variables import Exporting, Origin, Variable, Variables
from ninjagen.make.words import SPACES
from ninjagen.make.world import World
from ninjagen.source import Loc

if TYPE_CHECKING:
    from ninjagen.make.alike import Watch
    from ninjagen.make.stretches import Lookups


class Bound:
    """A name bound to text for a while: arguments of $(call), loop and automatic variables."""

    __slots__ = ("depth", "value")

    recursive = False
    origin = Origin.AUTOMATIC
    export = Exporting.DEFAULT
    private = False
    append = False

    def __init__(self, value: str, depth: int = 0) -> None:
        self.value = value
        self.depth = depth  # of the $(call) or loop that binds it; 0: the target does


_EPOCHS = itertools.count(1)
FREE = 1 << 30  # deeper than any call: depends on none
HIDDEN = Bound("")  # a private global variable, as targets see it


class Names:
    """One make process's variables, and the means to expand text with them.

    `say` takes what $(info) prints; `complain` takes whole lines for standard error.
    """

    def __init__(
        self,
        world: World,
        environ: Mapping[str, str] | None = None,
        say: Callable[[str], None] = print,
        complain: Callable[[str], None] = lambda text: print(text, file=sys.stderr),
        environment_overrides: bool = False,
    ) -> None:
        self.world = world
        self.environ = dict(environ or {})
        self.say = say
        self.complain = complain
        self.environment_overrides = environment_overrides
        self.variables = Variables()
        self._own = self.variables.own
        self.local: Mapping[str, Variable | Bound] = {}
        self.argument_count = 0
        self.strong: set[str] = set()  # names that a makefile may not simply redefine
        self.privates: set[str] = set()  # global variables that were private at some time
        # Names that were, at some time, exported or not to be, private, or not set by a makefile:
        # nearly all are otherwise, thousands of CONFIG_ variables. In order; values mean nothing.
        self.marked: dict[str, None] = {}
        # Names that were kept from children at some time.
        self.hidden: dict[str, None] = {}
        self.changes = 0  # how often a global variable was set
        self.loc: Loc | None = None
        self.program = "make"  # how messages without a place begin
        self.warns_undefined = False
        self.recipe_prefix = "\t"
        self.depth = 0  # how many calls and loops are being expanded
        self._call_depth = 0  # of the innermost call
        self._lowest = FREE  # of the calls and loops that what is being expanded depends on
        self._bindable = {str(number) for number in range(10)}  # what calls and loops have bound
        self._of_targets: set[str] = set()  # names that targets have bound, for their recipes
        self._asks_target = False  # whether it depends on the target
        self._epoch = 0  # of the recipe, or 0: nothing is remembered
        self._lasting = 0  # of what does not depend on the recipe's target
        self._lasting_at = -1
        self._calls: dict[tuple[str, ...], tuple[int, str]] = {}  # -> epoch, result
        self.watch: Watch | None = None  # while stand-ins are expanded, in place of names
        self.lookups: Lookups | None = None  # the variables, while they note what statements do

    # --- reading variables ---

    def find(self, name: str) -> Variable | Bound | None:
        """Return the variable that `name` means here, or None."""
        found = self.local.get(name)
        self._note(name, found)
        if found is HIDDEN:
            return None
        if found is None:
            found = self.variables.get(name)
            if found is None and name == ".VARIABLES":
                names = " ".join(self.variables)
                return Variable(name, names, False, Origin.DEFAULT)
        return found

    def value_of(self, name: str) -> str:
        """Return a variable's expanded value; an undefined one is empty."""
        variable = self.local.get(name)
        if variable is None:
            if name in self._bindable or name in self._of_targets:
                self._note(name, None)
            variable = self._own.get(name) or self.variables.shared.get(name)
            if variable is None:
                if self.warns_undefined or name == ".VARIABLES":
                    return self._undefined(name)
                return ""
        else:
            depth = variable.depth
            if not depth:
                self._asks_target = True
            elif depth < self._lowest:
                self._lowest = depth
        if variable.recursive:
            return self.expand_variable(variable)  # type: ignore[arg-type]
        return variable.value

    def _note(self, name: str, found: Variable | Bound | None) -> None:
        """Note that it matters to what a name is bound, or that nothing binds it here which a
        call, a loop or another target could bind."""
        if found is None:
            self._asks_target |= name in self._of_targets
            if name in self._bindable:
                self._lowest = min(self._lowest, self._call_depth if name.isdigit() else 0)
        elif not found.depth:
            self._asks_target = True
        elif found.depth < self._lowest:
            self._lowest = found.depth

    def may_be_bound(self, name: str) -> bool:
        """Tell whether a name is a variable's, or may be that of a call, a loop or a target."""
        return (
            name in self.variables or name in self._bindable or name in self._of_targets
            or name in self.local or name == ".VARIABLES"
        )

    def value_to_substitute(self, name: str) -> str:
        """Like `value_of`, for `$(name:a=b)`: a `+=` of nothing hides what it adds to."""
        bound = self.local.get(name)
        variable = bound or self.variables.get(name)
        if variable is not None and not variable.value:
            self._note(name, bound)
            return ""
        return self.value_of(name)

    def _undefined(self, name: str) -> str:
        if name == ".VARIABLES":
            return " ".join(self.variables)
        if self.warns_undefined and name:
            self.warn(f"warning: undefined variable '{name}'")
        return ""

    def expand_variable(self, variable: Variable) -> str:
        """Return a recursive variable's value, expanded now."""
        expr = variable.expr
        if expr is None:
            expr = variable.expr = parse_expression(variable.value)
        if type(expr) is ast.Text and not variable.append:
            return expr.text
        epoch = self._epoch
        if epoch and variable.epoch in (epoch, self._lasting):
            self._asks_target |= variable.epoch == epoch
            return variable.kept
        if variable.expanding:
            if variable.may_recurse <= 0:
                raise NinjagenError(
                    f"*** Recursive variable '{variable.name}' references itself (eventually)."
                    "  Stop.",
                    variable.loc or self.loc,
                )
            variable.may_recurse -= 1
            return expr.expand(self)
        variable.expanding = True
        outer, self._lowest = self._lowest, FREE
        outer_asks, self._asks_target = self._asks_target, False
        try:
            text = self._appended(variable) if variable.append else expr.expand(self)
            if epoch and epoch == self._epoch and self._lowest == FREE:
                variable.epoch = epoch if self._asks_target else self._lasting
                variable.kept = text
            return text
        except ExpansionError as error:
            if variable.loc is not None and not error.is_placed:
                error.loc, error.is_placed = variable.loc, True
            raise
        finally:
            variable.expanding = False
            self._lowest = min(outer, self._lowest)
            self._asks_target |= outer_asks

    # --- remembering what was expanded ---

    remembers = True  # a subclass that looks on wants everything expanded each time

    @contextmanager
    def remembering(self, scope: Mapping[str, Variable | Bound]) -> Iterator[None]:
        """Expand a recipe's lines, each variable and $(call) once where it would give the same.

        kbuild's macros expand a command three times over. What a value depends on is found out
        while it is expanded: a call's arguments and loop variables (then it is not kept), what
        the target binds (kept for this recipe), or global variables alone (kept for all recipes,
        while no variable is set). What nothing binds, but a call or loop or another target may,
        counts as bound here. `scope` has the target's own variables.
        """
        if not self.remembers or self.warns_undefined:
            yield
            return
        self._epoch = next(_EPOCHS)
        is_known = self._of_targets.issuperset(scope)
        if self._lasting_at != self.changes or not is_known:
            self._of_targets.update(scope)
            self._lasting = next(_EPOCHS)
            self._lasting_at = self.changes
        try:
            yield
        finally:
            self._epoch = 0

    def not_to_be_kept(self) -> None:
        """Say that what is being expanded may be different next time, or has an effect."""
        self._lowest = -1
        if self.lookups is not None:
            self.lookups.spoil()
        if self.watch is not None:  # before anything happens: there is no such target
            raise NinjagenError("more than text of a recipe with stand-ins", self.loc)

    def _forget(self) -> None:
        """What was remembered may be different now: a variable was set.

        Where `changes` counts that, it matters only while a recipe is being expanded.
        """
        self._lasting_at = -1
        if self._epoch:
            self._epoch, self._lasting = next(_EPOCHS), next(_EPOCHS)
            self._lowest = -1

    def _appended(self, variable: Variable) -> str:
        """A target-specific `+=`: the value of the scope above, then this one's own."""
        before = ""
        base = variable.base
        if base is None:  # no scope between has one, so the global variable it is, as it is now
            base = self.variables.get(variable.name)
            if base is not None and base.private:
                base = None
        if base is not None:
            if base.append:
                before = self._appended(base)
            else:
                before = self.expand_variable(base) if base.recursive else base.value
        own = variable.value
        if variable.recursive:
            own = parse_expression(own).expand(self)
        return before + " " + own if before else own

    def expand(self, text: str) -> str:
        """Return `text` with every reference expanded."""
        if "$" not in text:
            return text
        return parse_expression(text).expand(self)

    # --- binding names for a while ---

    def locals_kept(self, names: Sequence[str]) -> _LocalsKept:
        """Give `set_local` a scope of its own, dropped at the end."""
        self._may_bind(names)
        return _LocalsKept(self)

    def _may_bind(self, names: Sequence[str]) -> None:
        if not self._bindable.issuperset(names):
            self._bindable.update(names)
            self._forget()

    def leave(self) -> None:
        """End a call or loop: what depends on it depends on nothing outside any more."""
        if self._lowest == self.depth:
            self._lowest = FREE
        self.depth -= 1

    def set_local(self, name: str, value: str) -> None:
        """Bind a name in the innermost scope."""
        self.local[name] = Bound(value, self.depth)  # type: ignore[index]

    def scope(self, variables: Mapping[str, Variable | Bound]) -> _Scope:
        """Evaluate with a target's variables in sight."""
        return _Scope(self, variables)

    def call(self, name: str, arguments: Sequence[str]) -> str:
        """Return `$(name)` with $(1), $(2)... bound; arguments not given are empty."""
        variable = self.find(name)
        if variable is None or not variable.value:
            return ""
        if not variable.recursive:
            return variable.value
        assert isinstance(variable, Variable)
        key = (name, *arguments)
        epoch = self._epoch
        calls = self._calls if self.watch is None else self.watch.calls_of(key, self._calls)
        if epoch and (known := calls.get(key)) and known[0] in (epoch, self._lasting):
            self._asks_target |= known[0] == epoch
            return known[1]
        outer_lowest, self._lowest = self._lowest, FREE
        outer_asks, self._asks_target = self._asks_target, False
        try:
            text = self._call(variable, key)
            if epoch and epoch == self._epoch and self._lowest == FREE:
                calls[key] = (epoch if self._asks_target else self._lasting, text)
            return text
        finally:
            self._lowest = min(outer_lowest, self._lowest)
            self._asks_target |= outer_asks

    def _call(self, variable: Variable, words: Sequence[str]) -> str:
        if len(words) > 10:
            self._may_bind([str(number) for number in range(len(words))])
        outer, outer_count, outer_depth = self.local, self.argument_count, self._call_depth
        self.depth += 1
        self._call_depth = self.depth
        inner = dict(outer)
        for number, word in enumerate(words):
            inner[str(number)] = Bound(word, self.depth)
        for number in range(len(words), outer_count + 1):
            inner[str(number)] = Bound("", self.depth)
        self.local, self.argument_count = inner, len(words) - 1
        allowed = variable.may_recurse
        variable.may_recurse = 1 << 15
        try:
            return self.expand_variable(variable)
        finally:
            variable.may_recurse = allowed
            self.local, self.argument_count = outer, outer_count
            self._call_depth = outer_depth
            self.leave()

    # --- writing variables ---

    def define(
        self,
        name: str,
        value: str,
        origin: Origin,
        recursive: bool = False,
        export: Exporting | None = None,
        loc: Loc | None = None,
    ) -> Variable:
        """Set a global variable, unless a stronger origin holds it; return what holds now."""
        if self.lookups is not None:
            self.lookups.spoil()  # what comes of it is not a question of values alone
        private = False
        old = self.variables.get(name)
        if old is not None:
            held = old.origin
            if self.environment_overrides and held is Origin.ENVIRONMENT:
                held = Origin.ENVIRONMENT_OVERRIDE
            if origin < held:
                return old
            export = old.export if export is None else export
            private = old.private
        new = Variable(
            name, value, recursive, origin, export or Exporting.DEFAULT, private, loc
        )
        if export is Exporting.NO:
            self.hidden[name] = None
        self.variables[name] = new
        self.changes += name != ".SHELLSTATUS"
        self._forget()
        if origin is not Origin.FILE:
            self.marked[name] = None
            if origin > Origin.FILE or (
                self.environment_overrides and origin is Origin.ENVIRONMENT
            ):
                self.strong.add(name)
        elif new.export is not Exporting.DEFAULT:
            self.marked[name] = None
        return new

    def take(self, variables: Mapping[str, Variable]) -> None:
        """Set global variables, all of one origin that is not FILE; those that hold now are of
        weaker ones, or automatic."""
        held = self._own
        kept = {name: held[name] for name in variables.keys() & held.keys()
                if held[name].origin is Origin.AUTOMATIC}
        held.update(variables)
        held.update(kept)
        self.marked.update(dict.fromkeys(variables))
        if variables and next(iter(variables.values())).origin > Origin.FILE:
            self.strong.update(variables)
        self.changes += 1
        self._forget()

    def assign(self, statement: ast.Assign, origin: Origin) -> None:
        """`name op value`, `define` or `undefine` for a global variable."""
        ready = statement.variable
        if ready is not None and origin is Origin.FILE and self.remembers \
                and ready.name not in self.marked:
            self._own[ready.name] = ready
            self.changes += 1
            if self._epoch:
                self._forget()
            return
        name, op = statement.name, statement.op
        if not statement.is_plain:
            if "$" in name:
                name = self.expand(name).strip(SPACES)
            if not name:
                raise NinjagenError("*** empty variable name.  Stop.", statement.loc)
            if op == "undefine":
                self._undefine(name, origin)
                return
            for problem, loc in statement.problems:
                self.complain(f"{loc}: {problem}")
        if self.remembers and op in ast.SIMPLE:  # as new_value does; half of all are
            new: tuple[str, bool] | None = (self.expand(statement.value), False)
        else:
            old = None
            if op != "=":
                old = self._own.get(name) or self.variables.shared.get(name)
            new = self.new_value(statement, old)
        if new is not None:
            value, recursive = new
            if origin is Origin.FILE and name not in self.marked:
                self._own[name] = Variable(
                    name, value, recursive, origin, Exporting.DEFAULT, False, statement.loc
                )
                self.changes += 1
                if self._epoch:
                    self._forget()
            else:
                self.define(name, value, origin, recursive, None, statement.loc)
        if statement.is_plain:
            return
        if name == ".RECIPEPREFIX":
            self.recipe_prefix = self.value_of(name)[:1] or "\t"
        modifiers = statement.modifiers
        if modifiers.export or modifiers.private:
            self.apply_modifiers(name, modifiers)

    def assign_all(self, definitions: ast.Definitions) -> None:
        """Do several assignments of makefiles."""
        if self.marked.keys().isdisjoint(definitions.variables):
            self._own.update(definitions.variables)
            self.changes += 1
            if self._epoch:
                self._forget()
            return
        for statement in definitions.assignments:
            self.loc = statement.loc
            self.assign(statement, Origin.FILE)

    def apply_modifiers(self, name: str, modifiers: ast.Modifiers) -> None:
        """Mark a global variable as exported or private."""
        variable = self.variables.get(name)
        if variable is None:
            return
        if modifiers.export:
            variable = self.hold(variable.copy(export=Exporting.YES))
        if modifiers.private:
            self.hold(variable.copy(private=True))
            self.privates.add(name)

    def hold(self, variable: Variable) -> Variable:
        """Let a global variable be this one, of the same value and exported or private otherwise;
        return it."""
        self.variables[variable.name] = variable
        self.marked[variable.name] = None
        if variable.export is Exporting.NO:
            self.hidden[variable.name] = None
        return variable

    def new_value(
        self, statement: ast.Assign, old: Variable | None
    ) -> tuple[str, bool] | None:
        """Return (value, is recursive) after the assignment, or None when nothing changes.

        The operators differ in when the value is expanded and in what becomes of the old one.
        """
        op, value = statement.op, statement.value
        if op == "=":
            return value, True
        if op in ast.SIMPLE:
            return self.expand(value), False
        if op == "?=":
            return None if old is not None else (value, True)
        if op == "!=":
            return self.shell(self.expand(value)), True
        assert op == "+=", op
        if old is None:
            return value, True
        if not old.recursive:
            value = self.expand(value)
        if not value:
            return None
        return (old.value + " " + value if old.value else value), old.recursive

    def _undefine(self, name: str, origin: Origin) -> None:
        old = self.variables.get(name)
        if old is not None and origin >= old.origin:
            del self.variables[name]
            self.strong.discard(name)
            self.privates.discard(name)
            self.changes += 1
            self._forget()

    # --- the outside ---

    def shell(self, command: str) -> str:
        """Return what $(shell) gives: the output, newlines turned to spaces.

        GNU make 4.3 runs it with the environment make itself was started with: what a makefile
        exports does not reach it (4.4 changed that).
        """
        shell, flags = self.value_of("SHELL"), self.value_of(".SHELLFLAGS")
        if shell != "/bin/sh" or flags != "-c":
            command = f"exec {shell} {flags} {shlex.quote(command)}"
        self.not_to_be_kept()
        output, status = self.world.shell(command, self.environ)
        self.define(".SHELLSTATUS", str(status), Origin.OVERRIDE)
        return output.replace("\r\n", "\n").rstrip("\n").replace("\n", " ")

    def warn(self, text: str) -> None:
        """Say something on standard error, with the place that is being evaluated."""
        self.not_to_be_kept()
        self.complain(f"{self.loc}: {text}" if self.loc else text)


# Written out: a function under contextlib.contextmanager takes three times as long.
class _Scope:
    """What is in sight, for a while."""

    __slots__ = ("_env", "_outer", "_variables")

    def __init__(self, env: Names, variables: Mapping[str, Variable | Bound]) -> None:
        self._env, self._variables = env, variables

    def __enter__(self) -> None:
        self._outer = self._env.local
        self._env.local = self._variables

    def __exit__(self, *_error: object) -> None:
        self._env.local = self._outer


class _LocalsKept:
    """A scope of a loop's own."""

    __slots__ = ("_env", "_outer")

    def __init__(self, env: Names) -> None:
        self._env = env

    def __enter__(self) -> None:
        env = self._env
        self._outer = env.local
        env.local = dict(env.local)
        env.depth += 1

    def __exit__(self, *_error: object) -> None:
        self._env.local = self._outer
        self._env.leave()
