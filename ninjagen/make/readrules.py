"""Lines that may be rules: told apart once expanded, and handed on to be entered.

Follows read.c of GNU make: the text is expanded word by word up to the first colon, because what
follows it may be a target-specific variable, whose value must not be expanded yet.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ninjagen.errors import NinjagenError
from ninjagen.make import ast
from ninjagen.make.enterrules import RuleRecorder
from ninjagen.make.lines import collapse_continuations, is_continued
from ninjagen.make.parser import Assignment, parse_assignment
from ninjagen.make.rulelines import cut_recipe, next_word, rule_line
from ninjagen.make.rules import (
    PatternVariable,
    PendingRule,
    Prerequisite,
    RecipeLine,
    UnreadPattern,
)
from ninjagen.make.variables import Exporting, Origin, Variable
from ninjagen.make.words import (
    SPACES,
    Pattern,
    find_unquoted,
    has_wildcards,
    is_archive_member,
    split_blanks,
    strip_dot_slash,
    unquote,
)
from ninjagen.source import Loc

if TYPE_CHECKING:
    from ninjagen.make.evaluator import Evaluator


class RuleReader:
    """Reads rule lines for an evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.record = RuleRecorder(evaluator, self).record

    # --- reading a line ---

    def read_block(self, block: ast.RuleBlock) -> bool:
        """Take a rule line with the lines after it; tell whether these are of its recipe, or are
        dropped with it."""
        env = self.evaluator
        if self._read_line(block):
            return True
        if env.pending is None:
            return env.no_targets
        env.pending.lines += block.recipe
        if block.is_whole:
            env.finish_rule()
        return True

    def _read_line(self, block: ast.RuleBlock) -> bool:
        """Take the rule line of a block; tell whether its other lines were taken with it."""
        env, statement = self.evaluator, block.rule
        line = rule_line(statement.text)
        if line is None:
            self.read(statement)
            return False
        targets: list[str] = []
        for word, end in line.words:
            head = word.expand(env)
            if _ODD.search(head):
                self.read(statement, " ".join([*targets, head]), end)
                return False
            targets += _names(head)
        if not targets:
            env.no_targets = not block.is_whole
            return True
        if line.assignment is not None:
            for target in targets:
                self._target_variable(target, line.assignment, statement.loc)
            return False
        if line.tail is None:
            self.read(statement, " ".join(targets), end)
            return False
        tail = line.tail.expand(env)
        if _ODD.search(tail):
            self._read_tail(statement, targets, tail, None)
            return False
        if "./" in tail:
            tail = " ".join(_names(tail))
        has_patterns = any(["%" in target for target in targets])
        if has_patterns and block.is_whole and self._record_pattern(block, targets, tail):
            return True
        env.pending = PendingRule(
            targets, tail, None, False, False, statement.loc, is_plain=not has_patterns
        )
        self._set_default_goal(targets)
        return False

    def _record_pattern(self, block: ast.RuleBlock, targets: list[str], tail: str) -> bool:
        """Enter a rule if it is one of a pattern: three in four are, in scripts/Makefile.build."""
        database, lines = self.evaluator.database, block.recipe
        if len(targets) > 1 and not all(["%" in target for target in targets]):
            return False
        if database.is_settled:
            return False
        if lines and is_continued(lines[-1].text):  # see `record`
            return False
        database.add_pattern_rule(UnreadPattern(targets, tail, lines, block.rule.loc))
        return True

    def read(self, statement: ast.Rule, expanded: str | None = None, end: int = 0) -> None:
        """Take a line that is a rule, a target-specific variable, nothing, or an error.

        `expanded` is what its first words come to, if that is known, and `end` is where they end.
        """
        env = self.evaluator
        text, recipe = cut_recipe(statement.text)
        semicolon_text = recipe
        kind, word, at = next_word(text, 0)
        if kind == "end":
            if recipe is not None:
                raise NinjagenError("*** missing rule before recipe.  Stop.", statement.loc)
            return
        if kind == "colon":
            env.no_targets = True
            return

        if expanded is None:
            expanded = env.expand(word)
        else:
            at = end
        while True:
            if recipe is None and ";" in expanded:
                semicolon = find_unquoted(expanded, ";")
                if semicolon >= 0:
                    whole = expanded + env.expand(text[at:])
                    at = len(text)
                    expanded, recipe = whole[:semicolon], whole[semicolon + 1 :]
            colon = find_unquoted(expanded, ":")
            if colon >= 0:
                break
            kind, word, at = next_word(text, at)
            if kind == "end":
                break
            expanded += " " + env.expand(word)
        if colon < 0:
            self._no_colon(expanded, statement)
            return

        head, tail = expanded[:colon], expanded[colon + 1 :]
        grouped = head.endswith("&")
        if grouped:
            head = head[:-1]
        targets = self.file_names(head)
        if not targets:
            env.no_targets = True
            return
        double = tail.startswith(":")
        if double:
            tail = tail[1:]

        rest = tail + text[at:]
        may_assign = "=" in rest or "define" in rest
        assignment = parse_assignment(rest) if may_assign else None
        if assignment is not None:
            if assignment.keyword:
                raise NinjagenError(
                    "*** Malformed target-specific variable definition.  Stop.", statement.loc
                )
            if semicolon_text is not None:
                assignment.value += ";" + collapse_continuations(semicolon_text)
            for target in targets:
                self._target_variable(target, assignment, statement.loc)
            return
        tail += env.expand(text[at:])
        self._read_tail(statement, targets, tail, recipe, double, grouped)

    def _read_tail(
        self,
        statement: ast.Rule,
        targets: list[str],
        tail: str,
        recipe: str | None,
        double: bool = False,
        grouped: bool = False,
    ) -> None:
        """Take what stands after the colon of a rule, expanded."""
        if recipe is None:
            semicolon = find_unquoted(tail, ";")
            if semicolon >= 0:
                tail, recipe = tail[:semicolon], tail[semicolon + 1 :]
        self._open(statement, targets, tail, recipe, double, grouped)

    def _no_colon(self, expanded: str, statement: ast.Rule) -> None:
        if not expanded.strip(SPACES):
            return
        if statement.text.startswith("        "):
            raise NinjagenError(
                "*** missing separator (did you mean TAB instead of 8 spaces?).  Stop.",
                statement.loc,
            )
        raise NinjagenError(
            "*** missing separator.  Stop.", statement.loc,
            hint="expected 'target: prerequisites' or 'name = value'",
        )

    def _open(
        self,
        statement: ast.Rule,
        targets: list[str],
        tail: str,
        recipe: str | None,
        double: bool,
        grouped: bool,
    ) -> None:
        env = self.evaluator
        pattern = None
        colon = find_unquoted(tail, ":")
        if colon >= 0:
            patterns = self.file_names(tail[:colon], glob=False)
            tail = tail[colon + 1 :]
            if not patterns:
                raise NinjagenError("*** missing target pattern.  Stop.", statement.loc)
            if len(patterns) > 1:
                raise NinjagenError("*** multiple target patterns.  Stop.", statement.loc)
            pattern = patterns[0]
            if Pattern.parse(pattern).suffix is None:
                raise NinjagenError("*** target pattern contains no '%'.  Stop.", statement.loc)
        pending = PendingRule(
            targets, tail.strip(SPACES), pattern, double, grouped, statement.loc
        )
        if recipe is not None:
            pending.has_recipe = True
            pending.lines.append(RecipeLine(recipe.lstrip(SPACES), statement.loc))
        env.pending = pending
        self._set_default_goal(targets)

    def _set_default_goal(self, targets: list[str]) -> None:
        env = self.evaluator
        if not env.default_goal_wanted:
            return
        goal = env.variables.get(".DEFAULT_GOAL")
        if goal is not None and goal.value:
            return
        for name in targets:
            if "%" in name:
                return
            if name.startswith(".") and "/" not in name:
                continue
            env.define(".DEFAULT_GOAL", name, Origin.FILE)
            return

    # --- names ---

    def file_names(self, text: str, glob: bool = True) -> list[str]:
        """Split text into file names: `./` stripped, wildcards expanded if anything matches."""
        if "\\" in text:
            return self._quoted_names(text, glob)
        names = []
        for word in split_blanks(text):
            name = strip_dot_slash(word)
            if "(" in name and is_archive_member(name):
                raise NinjagenError(
                    f"archive members are not supported: {name}", self.evaluator.loc
                )
            if glob and has_wildcards(name):
                names += self.evaluator.world.glob(name) or [name]
            else:
                names.append(name)
        return names

    def _quoted_names(self, text: str, glob: bool) -> list[str]:
        """Names in which a backslash quotes a blank, a colon, a number sign or a percent."""
        names, word, at = [], "", 0
        while at < len(text):
            char = text[at]
            if char == "\\" and at + 1 < len(text) and text[at + 1] in " \t:#|":
                word += text[at + 1]
                at += 2
            elif char in SPACES:
                if word:
                    names.append(word)
                word = ""
                at += 1
            else:
                word += char
                at += 1
        if word:
            names.append(word)
        result = []
        for name in map(strip_dot_slash, names):
            wild = glob and has_wildcards(name)
            result += (self.evaluator.world.glob(name) if wild else []) or [name]
        return result

    def prerequisites(self, text: str, glob: bool = True) -> list[Prerequisite]:
        """Split the right side of a rule at `|`."""
        normal, bar, order_only = text.partition("|")
        found = [Prerequisite(name) for name in self.file_names(normal, glob)]
        if bar:
            found += [Prerequisite(name, True) for name in self.file_names(order_only, glob)]
        return found

    # --- target-specific variables ---

    def _target_variable(self, target: str, found: Assignment, loc: Loc) -> None:
        env = self.evaluator
        name = env.expand(found.name).strip(SPACES)
        if not name:
            raise NinjagenError("*** empty variable name.  Stop.", loc)
        modifiers = found.modifiers
        origin = Origin.OVERRIDE if modifiers.override else Origin.FILE
        statement = ast.Assign(name, found.op, found.value, modifiers, loc)
        pattern = Pattern.parse(target)
        if pattern.suffix is not None:
            self._pattern_variable(pattern, target, statement, origin)
            return
        file = env.database.enter(unquote(target, "%"))
        with env.scope(file.variables):
            variable = self.variable_for_target(statement, origin, file.variables)
        old = file.variables.get(name)
        if old is not None and (variable is None or variable.origin < old.origin):
            append = old.append if variable is None else variable.append
            file.variables[name] = self.marked(old.copy(private=False, append=append), modifiers)
        elif variable is not None:
            file.variables[name] = self._strongest(self.marked(variable, modifiers))
        else:
            self.mark_global(name, modifiers)

    def _pattern_variable(
        self, pattern: Pattern, text: str, statement: ast.Assign, origin: Origin
    ) -> None:
        env = self.evaluator
        value, recursive = statement.value, True
        if statement.op in ast.SIMPLE:
            value, recursive = env.expand(value), False
        elif statement.op == "!=":
            value = env.shell(env.expand(value))
        variable = Variable(statement.name, value, recursive, origin, loc=statement.loc)
        variable = self._strongest(self.marked(variable, statement.modifiers))
        env.database.add_pattern_variable(
            PatternVariable(pattern, text, statement.name, statement.op, variable)
        )

    def variable_for_target(
        self, statement: ast.Assign, origin: Origin, own: dict[str, Variable]
    ) -> Variable | None:
        """Return the variable that an assignment in a target's scope makes.

        A `+=` with nothing to add to in this scope waits for the scope above (`append`).
        """
        env = self.evaluator
        old = own.get(statement.name)
        op = statement.op
        if op == "+=":
            new = env.new_value(statement, old)
            if new is None:
                return None
            append = old.append if old is not None else True
            return Variable(
                statement.name, new[0], new[1], origin, loc=statement.loc, append=append
            )
        if op == "?=":
            if env.find(statement.name) is not None:
                return None
            return Variable(statement.name, statement.value, True, origin, loc=statement.loc)
        new = env.new_value(statement, None)
        assert new is not None
        return Variable(statement.name, new[0], new[1], origin, loc=statement.loc)

    def mark_global(self, name: str, modifiers: ast.Modifiers) -> None:
        """A target's `?=` that finds a global variable gives its modifiers to that one."""
        held = self.evaluator.variables[name]
        self.evaluator.hold(self.marked(held.copy(private=False), modifiers))
        self.evaluator.privates.add(name)

    def marked(self, variable: Variable, modifiers: ast.Modifiers) -> Variable:
        """Return the variable with `export` and `private` as its modifiers say."""
        if modifiers.export:
            variable = variable.copy(export=Exporting.YES)
        return variable.copy(private=True) if modifiers.private else variable

    def _strongest(self, variable: Variable) -> Variable:
        """A command-line variable beats a target-specific one without `override`."""
        held = self.evaluator.variables.get(variable.name)
        if (
            variable.origin is not Origin.OVERRIDE
            and held is not None
            and held.origin in (Origin.ENVIRONMENT_OVERRIDE, Origin.COMMAND_LINE)
        ):
            return variable.copy(
                value=held.value, recursive=held.recursive, origin=held.origin, append=False
            )
        return variable


# What is more than names with blanks between them.
_ODD = re.compile(r"[^\t -%'+-9<->@-Z\]-{}~)]")  # no plain character of a name, and no blank


def _names(text: str) -> list[str]:
    """Split a text that is not odd into names, as `RuleReader.file_names` does."""
    names = text.split()
    return [*map(strip_dot_slash, names)] if "./" in text else names
