"""Runs the statements of makefiles: what they leave is variables and a `Database` of rules."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from ninjagen.errors import NinjagenError
from ninjagen.make import ast
from ninjagen.make.functions import ExpansionError
from ninjagen.make.lines import collapse_continuations
from ninjagen.make.parser import first_word, parse, parse_expression, parse_ifeq
from ninjagen.make.readrules import PendingRule, RuleReader
from ninjagen.make.rules import Database, RecipeLine
from ninjagen.make.variables import Exporting, Origin, Variable
from ninjagen.make.words import SPACES, Pattern, end_of_reference, split_words
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


class MakefileRead(NamedTuple):
    """A makefile that was read, or was not there to read."""

    name: str
    loc: Loc | None  # of the include; None for those of the command line
    is_optional: bool
    is_missing: bool


class _Conditionals:
    """The conditionals open in one makefile: make's own three states for each."""

    ACTIVE, WAITING, DONE = range(3)

    def __init__(self) -> None:
        self.states: list[int] = []
        self.seen_else: list[bool] = []
        self.ignoring = False

    def update(self) -> None:
        self.ignoring = any(state != self.ACTIVE for state in self.states)


class Evaluator:
    """One make process's variables and rules, and the means to expand text in them.

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
        self.exports_all = False
        self.database = Database()
        self.rules = RuleReader(self)
        self.loc: Loc | None = None
        self.pending: PendingRule | None = None
        self.no_targets = False
        self.default_goal_wanted = True
        self.missing_includes: list[tuple[str, Loc, bool]] = []
        self.include_dirs: tuple[str, ...] = ()
        self.depth = 0
        self.changes = 0  # how often a global variable was set
        self.makefiles: list[MakefileRead] = []
        self.program = "make"  # how messages without a place begin
        self.privates: set[str] = set()  # global variables that were private at some time
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
        return f"{before} {own}" if before else own

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
        return (f"{old.value} {value}" if old.value else value), old.recursive

    def _undefine(self, name: str, origin: Origin) -> None:
        old = self.variables.get(name)
        if old is not None and origin >= old.origin:
            del self.variables[name]
            self.strong.discard(name)
            self.privates.discard(name)

    # --- reading makefiles ---

    def read_makefile(self, path: str, optional: bool = False, loc: Loc | None = None) -> bool:
        """Read one makefile, or note that it is missing; tell whether it was there."""
        makefile = self.world.makefile(path)
        if makefile is None and loc is not None and not path.startswith("/"):
            for directory in self.include_dirs:
                makefile = self.world.makefile(f"{directory}/{path}")
                if makefile is not None:
                    path = f"{directory}/{path}"
                    break
        self.makefiles.append(MakefileRead(path, loc, optional, makefile is None))
        if makefile is None:
            self.missing_includes.append((path, loc or Loc(path, 0), optional))
            return False
        listed = self.variables.get("MAKEFILE_LIST")
        names = f"{listed.value} {path}" if listed is not None and listed.value else path
        self.define("MAKEFILE_LIST", names, Origin.FILE, loc=loc)
        constants = self.world.constants(makefile)
        if constants is not None and not (self.strong & constants.keys()):
            self._take_constants(constants)
            return True
        self.depth += 1
        if self.depth > 200:
            raise NinjagenError("*** makefiles include each other without end.  Stop.", loc)
        try:
            self.run(makefile)
        except NinjagenError as error:
            if loc is not None:
                error.trail.append(f"included from {loc}")
            raise
        finally:
            self.depth -= 1
        return True

    def _take_constants(self, constants: Mapping[str, Variable]) -> None:
        """Take over a file of plain `NAME=text` lines (auto.conf: 2,000 directories read it)."""
        known = constants.keys() & self.variables.keys()
        kept = {name: self.variables[name] for name in known}
        self.variables.update(constants)
        self.changes += 1
        for name, old in kept.items():
            if old.export is not Exporting.DEFAULT or old.private:
                self.variables[name] = constants[name].copy(
                    export=old.export, private=old.private
                )

    def eval_text(self, text: str) -> None:
        """Read text as $(eval) does."""
        loc = self.loc or Loc("-*-eval-*-", 0)
        makefile = self.world.parsed_eval(text, loc)
        outer_pending, self.pending = self.pending, None
        outer_no_targets, self.no_targets = self.no_targets, False
        try:
            self.run(makefile)
        finally:
            self.pending, self.no_targets = outer_pending, outer_no_targets
            self.loc = loc if loc.line else None

    def run(self, makefile: ast.Makefile) -> None:
        """Run the statements of one makefile; a rule still open at its end is closed."""
        conditionals = _Conditionals()
        statements: Iterable[ast.Statement] = makefile.statements
        if makefile.sets_prefix or self.recipe_prefix != makefile.prefix:
            statements = self._statements(makefile)
        for statement in statements:
            if type(statement) is ast.TabLine:
                actual = self._tab_line(statement, conditionals)
                if actual is None:
                    continue
                statement = actual
            if type(statement) is ast.Conditional:
                self._conditional(statement, conditionals)
                continue
            if conditionals.ignoring:
                continue
            self.loc = statement.loc
            self._run_statement(statement)
        if conditionals.states:
            raise NinjagenError("*** missing 'endif'.  Stop.", makefile.end)
        self.finish_rule()

    def _statements(self, makefile: ast.Makefile) -> Iterator[ast.Statement]:
        """Yield a makefile's statements; what follows a new .RECIPEPREFIX is parsed again."""
        line = 0
        while True:
            for statement in makefile.statements:
                if statement.loc.line < line:
                    continue
                yield statement
                if self.recipe_prefix != makefile.prefix:
                    break
            else:
                return
            text = self.world.read(makefile.path)
            if text is None or statement.loc != self.loc:
                return
            line = statement.loc.line + 1
            makefile = parse(text, makefile.path, prefix=self.recipe_prefix)

    def finish_reading(self) -> None:
        """All makefiles are read."""
        self.loc = None

    def _tab_line(
        self, line: ast.TabLine, conditionals: _Conditionals
    ) -> ast.Statement | None:
        """A tab line is a recipe line after a rule, dropped after an empty one, else text."""
        if self.no_targets:
            return None
        if self.pending is not None:
            if not conditionals.ignoring:
                self.pending.lines.append(RecipeLine(line.recipe, line.loc))
            return None
        return line.otherwise

    def _run_statement(self, statement: ast.Statement) -> None:
        if type(statement) is ast.Assign:
            self.finish_rule()
            self.assign(
                statement, Origin.OVERRIDE if statement.modifiers.override else Origin.FILE
            )
        elif type(statement) is ast.Rule:
            self.finish_rule()
            self.rules.read(statement)
        elif type(statement) is ast.Include:
            self.finish_rule()
            self._include(statement)
        elif type(statement) is ast.Export:
            self.finish_rule()
            self._export(statement)
        elif type(statement) is ast.Vpath:
            self.finish_rule()
            self._vpath(statement)
        elif type(statement) is ast.BadSyntax:
            raise NinjagenError(statement.message, statement.loc)

    def _include(self, statement: ast.Include) -> None:
        for word in split_words(self.expand(statement.files)):
            names = self.world.glob(word) if any(c in word for c in "*?[") else [word]
            for name in names or [word]:
                self.loc = statement.loc
                self.read_makefile(name, statement.optional, statement.loc)

    def _export(self, statement: ast.Export) -> None:
        if not statement.names:
            self.exports_all = statement.exporting
            return
        export = Exporting.YES if statement.exporting else Exporting.NO
        for name in split_words(self.expand(statement.names)):
            variable = self.variables.get(name)
            if variable is None:
                self.define(name, "", Origin.FILE, export=export, loc=statement.loc)
            else:
                self.variables[name] = variable.copy(export=export)

    def _vpath(self, statement: ast.Vpath) -> None:
        words = split_words(self.expand(statement.text))
        vpaths = self.database.vpaths
        if not words:
            vpaths.clear()
            return
        pattern = Pattern.parse(words[0])
        directories = [d for word in words[1:] for d in word.split(":") if d]
        if not directories:
            vpaths[:] = [entry for entry in vpaths if entry[0] != pattern]
        else:
            vpaths.append((pattern, [d.rstrip("/") or "/" for d in directories]))

    def finish_rule(self) -> None:
        """Enter the rule whose recipe was being collected; the line after it is known now."""
        self.no_targets = False
        pending = self.pending
        if pending is not None:
            self.pending = None
            self.rules.record(pending)

    # --- conditionals ---

    def _conditional(self, statement: ast.Conditional, state: _Conditionals) -> None:
        keyword = statement.keyword
        self.loc = statement.loc
        if keyword == "endif":
            if not state.states:
                raise NinjagenError("*** extraneous 'endif'.  Stop.", statement.loc)
            if statement.text.strip(SPACES):
                self.warn("extraneous text after 'endif' directive")
            state.states.pop()
            state.seen_else.pop()
        elif keyword == "else":
            self._else(statement, state)
        elif state.ignoring:
            state.states.append(state.WAITING)
            state.seen_else.append(False)
        else:
            holds = self._holds(keyword, statement.text, statement.loc)
            state.states.append(state.ACTIVE if holds else state.WAITING)
            state.seen_else.append(False)
        state.update()

    def _else(self, statement: ast.Conditional, state: _Conditionals) -> None:
        if not state.states:
            raise NinjagenError("*** extraneous 'else'.  Stop.", statement.loc)
        if state.seen_else[-1]:
            raise NinjagenError("*** only one 'else' per conditional.  Stop.", statement.loc)
        outer_ignores = any(s != state.ACTIVE for s in state.states[:-1])
        word, rest = first_word(statement.text)
        has_condition = word in ("ifeq", "ifneq", "ifdef", "ifndef")
        if not has_condition:
            if statement.text.strip(SPACES):
                self.warn("extraneous text after 'else' directive")
            state.seen_else[-1] = True
            state.states[-1] = (
                state.ACTIVE if state.states[-1] == state.WAITING else state.DONE
            )
        elif state.states[-1] == state.WAITING and not outer_ignores:
            holds = self._holds(word, rest, statement.loc)
            state.states[-1] = state.ACTIVE if holds else state.WAITING
        elif state.states[-1] == state.ACTIVE:
            state.states[-1] = state.DONE

    def _holds(self, keyword: str, text: str, loc: Loc) -> bool:
        if keyword in ("ifdef", "ifndef"):
            words = split_words(self.expand(text))
            if len(words) != 1 and words:
                raise NinjagenError("*** invalid syntax in conditional.  Stop.", loc)
            variable = self.find(words[0]) if words else None
            defined = variable is not None and variable.value != ""
            return defined is (keyword == "ifdef")
        sides = parse_ifeq(text)
        if sides is None:
            raise NinjagenError("*** invalid syntax in conditional.  Stop.", loc)
        left, right, extra = sides
        if extra:
            self.warn(f"extraneous text after '{keyword}' directive")
        return (self.expand(left) == self.expand(right)) is (keyword == "ifeq")

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


def eval_statements(text: str, loc: Loc) -> ast.Makefile:
    """Parse the text of an $(eval): its lines count from the line that holds the eval."""
    return parse(text, loc.path, loc.line)


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
