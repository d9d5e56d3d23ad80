"""Runs the statements of makefiles: what they leave is variables and a `Database` of rules."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from ninjagen.errors import NinjagenError
from ninjagen.make import ast
from ninjagen.make.conditionals import Conditionals
from ninjagen.make.names import Bound, Names
from ninjagen.make.parser import parse
from ninjagen.make.readrules import RuleReader
from ninjagen.make.rules import Database, PendingRule, RecipeLine
from ninjagen.make.stretches import Course, Lookups, Stretch
from ninjagen.make.variables import Constants, Exporting, Origin
from ninjagen.make.words import Pattern, has_wildcards, split_words
from ninjagen.make.world import World
from ninjagen.source import Loc

__all__ = ["Bound", "Evaluator", "MakefileRead"]


class MakefileRead(NamedTuple):
    """A makefile that was read, or was not there to read."""

    name: str
    loc: Loc | None  # of the include; None for those of the command line
    is_optional: bool
    is_missing: bool


class Evaluator(Names):
    """One make process: its variables, its rules, and the makefiles that gave them."""

    def __init__(
        self,
        world: World,
        environ: Mapping[str, str] | None = None,
        say: Callable[[str], None] = print,
        complain: Callable[[str], None] = lambda text: print(text, file=sys.stderr),
        environment_overrides: bool = False,
    ) -> None:
        super().__init__(world, environ, say, complain, environment_overrides)
        self.database = Database()
        self.rules = RuleReader(self)
        self.exports_all = False
        self.pending: PendingRule | None = None
        self.no_targets = False
        self.default_goal_wanted = True
        self.makefiles: list[MakefileRead] = []
        self.missing_includes: list[tuple[str, Loc, bool]] = []
        self.include_dirs: tuple[str, ...] = ()
        self.depth = 0

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
        constants = self.world.constants(makefile, path)
        if constants is not None:
            if not constants.common(self.strong):
                self._take_constants(constants)
                return True
            constants.all()  # each by itself, as statements
        self.depth += 1
        if self.depth > 200:
            raise NinjagenError("*** makefiles include each other without end.  Stop.", loc)
        try:
            self.run(makefile, is_file=True)
        except NinjagenError as error:
            if loc is not None:
                error.trail.append(f"included from {loc}")
            raise
        finally:
            self.depth -= 1
        return True

    def _take_constants(self, constants: Constants) -> None:
        """Take over a file of plain `NAME=text` lines (auto.conf: 2,000 directories read it)."""
        variables = self.variables
        marked = {
            name: new.copy(export=old.export, private=old.private)
            for name in constants.common(self.marked)
            if (old := variables.get(name)) is not None and (new := constants.get(name)) is not None
            and (old.export is not Exporting.DEFAULT or old.private)
        }
        variables.share(constants)
        variables.update(marked)
        self.changes += 1

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

    def run(self, makefile: ast.Makefile, is_file: bool = False) -> None:
        """Run the statements of one makefile; a rule still open at its end is closed."""
        conditionals = Conditionals(self)
        is_usual = self.lookups is None and not (self.local or self._epoch or self.warns_undefined)
        if makefile.sets_prefix or self.recipe_prefix != makefile.prefix:
            self.follow(self._statements(makefile), conditionals)
        elif not self.remembers:
            self.follow(makefile.statements, conditionals)
        elif not is_file or not is_usual:
            self.follow(makefile.course.blocks, conditionals)
        elif (plan := makefile.course.plan(self.world.cwd)) is not None:
            self.follow(plan, conditionals, makefile.course)
        else:
            makefile.course.note(self, conditionals)
        if conditionals.states:
            raise NinjagenError("*** missing 'endif'.  Stop.", makefile.end)
        self.finish_rule()

    def follow(
        self, statements: Iterable[ast.Statement | ast.Block | Stretch],
        conditionals: Conditionals, course: Course | None = None,
    ) -> None:
        """Run statements of one makefile, as far as its conditionals let them count."""
        for statement in statements:
            if type(statement) is ast.TabLine:
                actual = self._tab_line(statement, conditionals.ignoring)
                if actual is None:
                    continue
                statement = actual
            if type(statement) is ast.Conditional:
                conditionals.take(statement)
                continue
            if conditionals.ignoring:
                continue
            if type(statement) is Stretch:
                if not statement.happens(self):
                    if course is not None:
                        course.surprised(statement, self)
                    self.follow(statement.statements, conditionals)
                continue
            self.loc = statement.loc  # type: ignore[union-attr]
            self._run_statement(statement)  # type: ignore[arg-type]

    @contextmanager
    def noting_lookups(self) -> Iterator[Lookups]:
        """Have the variables note what is looked up and set."""
        variables, own = self.variables, self._own
        lookups = self.lookups = variables.own = self._own = Lookups(variables)
        try:
            yield lookups
        finally:
            self.lookups = None
            own.clear()
            own.update(lookups.items())
            variables.own = self._own = own

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

    def _tab_line(self, line: ast.TabLine, ignoring: bool) -> ast.Statement | None:
        """A tab line is a recipe line after a rule, dropped after an empty one, else text."""
        if self.no_targets:
            return None
        if self.pending is not None:
            if not ignoring:
                self.pending.lines.append(RecipeLine(line.recipe, line.loc))
            return None
        return line.otherwise

    def _run_statement(self, statement: ast.Statement | ast.Block) -> None:
        if type(statement) is ast.BadSyntax:
            raise NinjagenError(statement.message, statement.loc)
        if self.pending is not None or self.no_targets:
            self.finish_rule()
        if type(statement) is ast.Assign:
            self.assign(
                statement, Origin.OVERRIDE if statement.modifiers.override else Origin.FILE
            )
        elif type(statement) is ast.RuleBlock:
            if not self.rules.read_block(statement):
                self._run_lines(statement.lines)
        elif type(statement) is ast.Definitions:
            self.assign_all(statement)
            self.loc = statement.assignments[-1].loc
        elif type(statement) is ast.Rule:
            self.rules.read(statement)
        elif type(statement) is ast.Include:
            self._include(statement)
        elif type(statement) is ast.Export:
            self._export(statement)
        elif type(statement) is ast.Vpath:
            self._vpath(statement)

    def _run_lines(self, lines: Iterable[ast.TabLine]) -> None:
        """Run lines that begin with a tab, after one that has opened no rule."""
        for line in lines:
            statement = self._tab_line(line, ignoring=False)
            if statement is not None:
                self.loc = statement.loc
                self._run_statement(statement)

    def _include(self, statement: ast.Include) -> None:
        for word in split_words(self.expand(statement.files)):
            names = self.world.glob(word) if has_wildcards(word) else [word]
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
                self.hold(variable.copy(export=export))

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
