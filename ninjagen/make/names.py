"""What names mean: variables found, expanded, bound for a while, and assigned."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from ninjagen.errors import NinjagenError
from ninjagen.make import ast
from ninjagen.make.functions import ExpansionError
from ninjagen.make.parser import parse_expression
from ninjagen.make.variables import Exporting, Origin, Variable
from ninjagen.make.words import SPACES
from ninjagen.make.world import World
from ninjagen.source import Loc


class Bound:
    """A name bound to text for a while: arguments of $(call), loop and automatic variables."""

    __slots__ = ("value",)

    recursive = False
    origin = Origin.AUTOMATIC
    export = Exporting.DEFAULT
    private = False
    append = False

    def __init__(self, value: str) -> None:
        self.value = value


EMPTY = Bound("")
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
        self.variables: dict[str, Variable] = {}
        self.local: Mapping[str, Variable | Bound] = {}
        self.argument_count = 0
        self.strong: set[str] = set()  # names that a makefile may not simply redefine
        self.privates: set[str] = set()  # global variables that were private at some time
        self.changes = 0  # how often a global variable was set
        self.loc: Loc | None = None
        self.program = "make"  # how messages without a place begin
        self.warns_undefined = False
        self.recipe_prefix = "\t"

    # --- reading variables ---

    def find(self, name: str) -> Variable | Bound | None:
        """Return the variable that `name` means here, or None."""
        found = self.local.get(name)
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
            variable = self.variables.get(name)
            if variable is None:
                return self._undefined(name)
        if variable.recursive:
            return self.expand_variable(variable)  # type: ignore[arg-type]
        return variable.value

    def value_to_substitute(self, name: str) -> str:
        """Like `value_of`, for `$(name:a=b)`: a `+=` of nothing hides what it adds to."""
        variable = self.local.get(name) or self.variables.get(name)
        if variable is not None and not variable.value:
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
        try:
            if variable.append:
                return self._appended(variable)
            return expr.expand(self)
        except ExpansionError as error:
            if variable.loc is not None and not error.is_placed:
                error.loc, error.is_placed = variable.loc, True
            raise
        finally:
            variable.expanding = False

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

    @contextmanager
    def locals_kept(self, names: Sequence[str]) -> Iterator[None]:
        """Give `set_local` a scope of its own, dropped at the end."""
        outer = self.local
        self.local = dict(outer)
        try:
            yield
        finally:
            self.local = outer

    def set_local(self, name: str, value: str) -> None:
        """Bind a name in the innermost scope."""
        self.local[name] = Bound(value)  # type: ignore[index]

    @contextmanager
    def scope(self, variables: Mapping[str, Variable | Bound]) -> Iterator[None]:
        """Evaluate with a target's variables in sight."""
        outer = self.local
        self.local = variables
        try:
            yield
        finally:
            self.local = outer

    def call(self, name: str, arguments: Sequence[str]) -> str:
        """Return `$(name)` with $(1), $(2)... bound; arguments not given are empty."""
        variable = self.find(name)
        if variable is None or not variable.value:
            return ""
        outer, outer_count = self.local, self.argument_count
        inner = dict(outer)
        inner["0"] = Bound(name)
        count = 0
        for argument in arguments:
            count += 1
            inner[str(count)] = Bound(argument)
        for number in range(count + 1, outer_count + 1):
            inner[str(number)] = EMPTY
        self.local, self.argument_count = inner, count
        try:
            if not variable.recursive:
                return variable.value
            assert isinstance(variable, Variable)
            allowed = variable.may_recurse
            variable.may_recurse = 1 << 15
            try:
                return self.expand_variable(variable)
            finally:
                variable.may_recurse = allowed
        finally:
            self.local, self.argument_count = outer, outer_count

    # --- writing variables ---

    def define(
        self,
        name: str,
        value: str,
        origin: Origin,
        recursive: bool = False,
        export: Exporting | None = None,
        loc: Loc | None = None,
        private: bool = False,
    ) -> Variable:
        """Set a global variable, unless a stronger origin holds it; return what holds now."""
        old = self.variables.get(name)
        if old is not None:
            held = old.origin
            if self.environment_overrides and held is Origin.ENVIRONMENT:
                held = Origin.ENVIRONMENT_OVERRIDE
            if origin < held:
                return old
            export = old.export if export is None else export
            private = private or old.private
        new = Variable(
            name, value, recursive, origin, export or Exporting.DEFAULT, private, loc
        )
        self.variables[name] = new
        self.changes += name != ".SHELLSTATUS"
        if origin > Origin.FILE:
            self.strong.add(name)
        return new

    def assign(self, statement: ast.Assign, origin: Origin) -> None:
        """`name op value`, `define` or `undefine` for a global variable."""
        name = self.expand(statement.name).strip(SPACES)
        if not name:
            raise NinjagenError("*** empty variable name.  Stop.", statement.loc)
        if statement.op == "undefine":
            self._undefine(name, origin)
            return
        for problem, loc in statement.problems:
            self.complain(f"{loc}: {problem}")
        old = self.variables.get(name)
        new = self.new_value(statement, old)
        if new is not None:
            value, recursive = new
            self.define(name, value, origin, recursive, loc=statement.loc)
        if name == ".RECIPEPREFIX":
            self.recipe_prefix = self.value_of(name)[:1] or "\t"
        self.apply_modifiers(name, statement.modifiers)

    def apply_modifiers(self, name: str, modifiers: ast.Modifiers) -> None:
        """Mark a global variable as exported or private."""
        variable = self.variables.get(name)
        if variable is None:
            return
        if modifiers.export:
            self.variables[name] = variable = variable.copy(export=Exporting.YES)
        if modifiers.private:
            self.variables[name] = variable.copy(private=True)
            self.privates.add(name)

    def new_value(
        self, statement: ast.Assign, old: Variable | None
    ) -> tuple[str, bool] | None:
        """Return (value, is recursive) after the assignment, or None when nothing changes.

        The operators differ in when the value is expanded and in what becomes of the old one.
        """
        op, value = statement.op, statement.value
        if op == "=":
            return value, True
        if op in (":=", "::="):
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

    # --- the outside ---

    def shell(self, command: str) -> str:
        """Return what $(shell) gives: the output, newlines turned to spaces.

        GNU make 4.3 runs it with the environment make itself was started with: what a makefile
        exports does not reach it (4.4 changed that).
        """
        shell, flags = self.value_of("SHELL"), self.value_of(".SHELLFLAGS")
        if shell != "/bin/sh" or flags != "-c":
            command = f"exec {shell} {flags} {shlex.quote(command)}"
        output, status = self.world.shell(command, self.environ)
        self.define(".SHELLSTATUS", str(status), Origin.OVERRIDE)
        return output.replace("\r\n", "\n").rstrip("\n").replace("\n", " ")

    def warn(self, text: str) -> None:
        """Say something on standard error, with the place that is being evaluated."""
        self.complain(f"{self.loc}: {text}" if self.loc else text)
