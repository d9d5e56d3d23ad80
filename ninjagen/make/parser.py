"""Text to statements, and text to expressions. Nothing is expanded here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from typing import cast

from ninjagen.make.ast import (
    SIMPLE,
    Assign,
    BadSyntax,
    Block,
    Broken,
    Call,
    Computed,
    Conditional,
    Definitions,
    Export,
    Expr,
    Include,
    Makefile,
    Modifiers,
    Rule,
    RuleBlock,
    Statement,
    TabLine,
    Text,
    Vpath,
    in_a_row,
    reference,
)
from ninjagen.make.functions import BUILTINS
from ninjagen.make.lines import collapse_continuations, logical_lines, strip_comment
from ninjagen.make.rules import RecipeLine
from ninjagen.make.stretches import Course
from ninjagen.make.variables import Origin, Variable
from ninjagen.make.words import SPACES, WORD, end_of_reference
from ninjagen.source import Loc

_PLAIN = Modifiers()
_CONDITIONALS = frozenset(("ifeq", "ifneq", "ifdef", "ifndef", "else", "endif"))
_INCLUDES = {"include": False, "-include": True, "sinclude": True}
_CALLED = re.compile(rf"([A-Za-z0-9._-]*)(?:[{SPACES}]+|\Z)").match  # a function, at its name


# --- expressions -----------------------------------------------------------------------------


@cache
def parse_expression(text: str) -> Expr:
    """Return the expression that `text` is; what is wrong with it shows when it is expanded."""
    if "$" not in text:
        return Text(text)
    parts: list[Expr] = []
    at, end = 0, len(text)
    while at < end:
        dollar = text.find("$", at)
        if dollar < 0:
            parts.append(Text(text[at:]))
            break
        if dollar > at:
            parts.append(Text(text[at:dollar]))
        part, at = _parse_reference(text, dollar)
        parts.append(part)
    return in_a_row(parts)


def _parse_reference(text: str, dollar: int) -> tuple[Expr, int]:
    at = dollar + 1
    if at >= len(text) or text[at] == "$":
        return Text("$"), at + 1
    opening = text[at]
    if opening not in "({":
        return reference_to_char(opening), at + 1
    closing = ")" if opening == "(" else "}"
    call = _parse_call(text, at, opening, closing)
    if call is not None:
        return call

    start = at + 1
    simple_end = text.find(closing, start)
    if simple_end < 0:
        return Broken("*** unterminated variable reference.  Stop."), len(text)
    if "$" in text[start:simple_end]:
        end = _matching(text, start, opening, closing)
        if end >= 0:
            return Computed(parse_expression(text[start:end])), end + 1
        # Not balanced: the name ends at the first parenthesis, and the rest is lost.
        return reference(text[start:simple_end]), len(text)
    return reference(text[start:simple_end]), simple_end + 1


def reference_to_char(char: str) -> Expr:
    """Return the expression for `$c`."""
    from ninjagen.make.ast import Ref

    return Ref(char)


def _matching(text: str, start: int, opening: str, closing: str) -> int:
    """Return where the parenthesis opened before `start` closes, or -1."""
    depth = 0
    for index in range(start, len(text)):
        char = text[index]
        if char == opening:
            depth += 1
        elif char == closing:
            depth -= 1
            if depth < 0:
                return index
    return -1


def _parse_call(text: str, at: int, opening: str, closing: str) -> tuple[Expr, int] | None:
    """Parse `$(function a,b)`, or return None when no function is named here."""
    called = _CALLED(text, at + 1)
    builtin = BUILTINS.get(called[1]) if called else None
    if called is None or builtin is None:
        return None
    first = called.end()
    end = _matching(text, first, opening, closing)
    if end < 0:
        return Broken(
            f"*** unterminated call to function '{builtin.name}': missing '{closing}'.  Stop."
        ), len(text)
    arguments = _split_arguments(text[first:end], builtin.most, opening, closing)
    if len(arguments) < builtin.least:
        return Broken(
            f"*** insufficient number of arguments ({len(arguments)})"
            f" to function '{builtin.name}'.  Stop."
        ), end + 1
    return Call(builtin, tuple(parse_expression(argument) for argument in arguments)), end + 1


def _split_arguments(text: str, most: int, opening: str, closing: str) -> list[str]:
    """Split at commas outside nested parentheses; the last allowed argument takes the rest."""
    arguments: list[str] = []
    depth, start = 0, 0
    for index, char in enumerate(text):
        if char == opening:
            depth += 1
        elif char == closing:
            depth -= 1
        elif char == "," and depth == 0:
            if most and len(arguments) + 1 == most:
                break
            arguments.append(text[start:index])
            start = index + 1
    arguments.append(text[start:])
    return arguments


# --- statements ------------------------------------------------------------------------------


def parse(text: str, path: str, only_line: int = 0, prefix: str = "\t") -> Makefile:
    """Return the statements of `text`. Errors become statements, raised when reached.

    With `only_line`, as for $(eval), that is the line of every statement.
    """
    parser = _Parser(text, path, only_line, prefix)
    statements = parser.statements()
    return Makefile(
        path, tuple(statements), parser.end(text), prefix, ".RECIPEPREFIX" in text,
        Course(tuple(_blocks(statements))),
    )


def _blocks(statements: Sequence[Statement]) -> Iterator[Statement | Block]:
    """Yield statements, with assignments of what is the same in every process taken together, and
    rule lines with those that follow."""
    at = 0
    while at < len(statements):
        statement = statements[at]
        if type(statement) is Rule:
            end = _end(statements, at + 1, _is_recipe)
            lines = cast("tuple[TabLine, ...]", tuple(statements[at + 1 : end]))
            recipe = tuple([RecipeLine(line.recipe, line.loc) for line in lines])
            is_whole = end == len(statements) or type(statements[end]) not in (TabLine, Conditional)
            yield RuleBlock(statement, lines, recipe, is_whole, statement.loc)
        elif (end := _end(statements, at, _is_ready)) > at + 1:
            assignments = cast("tuple[Assign, ...]", tuple(statements[at:end]))
            made = {each.variable.name: each.variable for each in assignments if each.variable}
            yield Definitions(assignments, made, assignments[0].loc)
        else:
            end = at + 1
            yield statement
        at = end


def _end(
    statements: Sequence[Statement], start: int, belongs: Callable[[Statement], bool]
) -> int:
    """Return where the statements from one on end for which `belongs` holds."""
    while start < len(statements) and belongs(statements[start]):
        start += 1
    return start


def _is_recipe(statement: Statement) -> bool:
    """Tell whether a statement can be of a recipe, and nothing that counts where no line does."""
    return type(statement) is TabLine and type(statement.otherwise) is not Conditional


def _is_ready(statement: Statement) -> bool:
    return type(statement) is Assign and statement.variable is not None


class _Parser:
    def __init__(self, text: str, path: str, only_line: int, prefix: str) -> None:
        self.path = path
        self.prefix = prefix  # of recipe lines
        self.only_line = only_line
        self.lines = logical_lines(text)

    def end(self, text: str) -> Loc:
        """Return where the text ends: the line after its last newline."""
        unfinished = not text.endswith("\n") and text != ""
        return Loc(self.path, self.only_line or text.count("\n") + 1 + unfinished)

    def statements(self) -> list[Statement]:
        """Return all statements."""
        result: list[Statement] = []
        for number, raw in self.lines:
            loc = Loc(self.path, self.only_line or number)
            if raw.startswith(self.prefix):
                result.append(TabLine(raw[1:], self.statement(raw, loc), loc))
            else:
                statement = self.statement(raw, loc)
                if statement is not None:
                    result.append(statement)
        return result

    def statement(self, raw: str, loc: Loc) -> Statement | None:
        line = strip_comment(collapse_continuations(raw)).lstrip(SPACES)
        if not line:
            return None
        assignment = parse_assignment(line)
        if assignment is not None:
            return self.assignment(assignment, loc)
        word, rest = first_word(line)
        if word in _CONDITIONALS:
            return Conditional(word, rest, loc)
        if word in ("export", "unexport"):
            return Export(rest.rstrip(SPACES), word == "export", loc)
        if word == "vpath":
            return Vpath(rest, loc)
        if word in _INCLUDES:
            return Include(rest, _INCLUDES[word], loc)
        if word in ("load", "-load"):
            return BadSyntax(
                f"'{word}' of loadable objects is not supported: {line.strip()}", loc
            )
        if raw.startswith(self.prefix):
            return BadSyntax("*** recipe commences before first target.  Stop.", loc)
        return Rule(raw, loc)

    def assignment(self, found: Assignment, loc: Loc) -> Statement:
        if found.keyword == "define":
            return self.define(found, loc)
        if found.keyword == "undefine":
            return Assign(found.rest.rstrip(SPACES), "undefine", "", found.modifiers, loc)
        return _assign(found.name, found.op, found.value, found.modifiers, loc)

    def define(self, found: Assignment, loc: Loc) -> Statement:
        parsed = parse_definition(found.rest)
        name, op = found.rest, "="
        problems: list[tuple[str, Loc]] = []
        if parsed is not None:
            name, op, extra = parsed
            if extra.strip(SPACES):
                problems.append(("extraneous text after 'define' directive", loc))
        body: list[str] = []
        depth = 1
        for number, raw in self.lines:
            line = collapse_continuations(raw)
            if not line.startswith(self.prefix):
                word, rest = first_word(line.lstrip(SPACES))
                if word == "define":
                    depth += 1
                elif word == "endef" or strip_comment(line).strip(SPACES) == "endef":
                    depth -= 1
                    if depth == 0:
                        if strip_comment(rest).strip(SPACES):
                            end = Loc(self.path, self.only_line or number)
                            problems.append(("extraneous text after 'endef' directive", end))
                        break
            body.append(line)
        else:
            return BadSyntax("*** missing 'endef', unterminated 'define'.  Stop.", loc)
        return _assign(
            name.rstrip(SPACES), op, "\n".join(body), found.modifiers, loc, True,
            tuple(problems),
        )


def _assign(
    name: str, op: str, value: str, modifiers: Modifiers, loc: Loc, is_define: bool = False,
    problems: tuple[tuple[str, Loc], ...] = (),
) -> Assign:
    """Return an assignment, with the variable it makes where that is known from the text."""
    variable = None
    is_same = op == "=" or (op in SIMPLE and "$" not in value)
    is_plain = False
    if "$" not in name:
        name = name.strip(SPACES)
        is_plain = modifiers == _PLAIN and not problems and name not in ("", ".RECIPEPREFIX")
        if is_same and is_plain:
            variable = Variable(name, value, op == "=", Origin.FILE, loc=loc)
    return Assign(name, op, value, modifiers, loc, is_define, problems, is_plain, variable)


class Assignment:
    """The lexical parts of an assignment line."""

    __slots__ = ("keyword", "modifiers", "name", "op", "rest", "value")

    def __init__(
        self,
        modifiers: Modifiers,
        keyword: str = "",
        rest: str = "",
        definition: tuple[str, str, str] = ("", "", ""),
    ) -> None:
        self.modifiers = modifiers
        self.keyword = keyword  # "define", "undefine" or ""
        self.rest = rest
        self.name, self.op, self.value = definition


def parse_assignment(line: str) -> Assignment | None:
    """Return the assignment that `line` is, or None. Modifier words may stand before it."""
    line = line.lstrip(SPACES)
    flags: dict[str, bool] = {}
    while line:
        definition = parse_definition(line)
        if definition is not None:
            return Assignment(Modifiers(**flags) if flags else _PLAIN, definition=definition)
        word, rest = first_word(line)
        if word in ("export", "override", "private"):
            flags[word] = True
        elif word in ("define", "undefine"):
            return Assignment(Modifiers(**flags), keyword=word, rest=rest)
        else:
            return None
        line = rest
    return None


_PLAIN_DEFINITION = re.compile(  # of a name without blanks, made of text and of $(words)
    r"((?:[\w/.-]|\$\([\w/.-]+\))+)[ \t]*([+?:]?=)[ \t\n\v\f\r]*"
)


@lru_cache(maxsize=1 << 16)
def parse_definition(line: str) -> tuple[str, str, str] | None:
    """Split `name op value`, or return None: GNU make's parse_variable_definition."""
    line = line.lstrip(SPACES)
    plain = _PLAIN_DEFINITION.match(line)  # nearly all that are
    if plain:
        return plain[1], plain[2], line[plain.end() :]
    at, end = 0, len(line)
    name_end = -1
    blank = False
    while at < end:
        char = line[at]
        at += 1
        if char == "#":
            return None
        if char == "$":
            if at >= end:
                return None
            if blank:
                return None
            at = end_of_reference(line, at - 1)
            continue
        if char in " \t":
            blank = True
            name_end = at - 1
            while at < end and line[at] in SPACES:
                at += 1
            if at >= end:
                return None
            char = line[at]
            at += 1
        if not blank:
            name_end = at - 1
        if char == "=":
            return line[:name_end], "=", line[at:].lstrip(SPACES)
        if at < end and line[at] == "=" and char in "+?!:":
            return line[:name_end], char + "=", line[at + 1 :].lstrip(SPACES)
        if char == ":":
            if line.startswith(":=", at):
                return line[:name_end], "::=", line[at + 2 :].lstrip(SPACES)
            return None
        if blank:
            return None
    return None


def first_word(line: str) -> tuple[str, str]:
    """Split a line into its first word and what follows the blanks after it."""
    found = WORD.match(line)
    end = found.end() if found else 0
    return line[:end], line[end:].lstrip(SPACES)


@lru_cache(maxsize=1 << 14)
def parse_ifeq(text: str) -> tuple[str, str, str] | None:
    """Return the two sides of an ifeq and what follows them, or None if it is malformed."""
    if not text or text[0] not in "(\"'":
        return None
    if text[0] == "(":
        comma = _unnested(text, 1, ",")
        if comma < 0:
            return None
        left = text[1:comma].rstrip(" \t")
        rest = text[comma + 1 :]
        ending = ")"
    else:
        close = text.find(text[0], 1)
        if close < 0:
            return None
        left = text[1:close]
        rest = text[close + 1 :].lstrip(SPACES)
        ending = rest[:1]
        if not ending or ending not in ")\"'":
            return None
    if ending == ")":
        rest = rest.lstrip(SPACES)
        close = _unnested(rest, 0, ")")
        if close < 0:
            return None
        return left, rest[:close], rest[close + 1 :].lstrip(SPACES)
    close = rest.find(ending, 1)
    if close < 0:
        return None
    return left, rest[1:close], rest[close + 1 :].lstrip(SPACES)


def _unnested(text: str, start: int, stop: str) -> int:
    depth = 0
    for index in range(start, len(text)):
        char = text[index]
        if char == stop and depth <= 0:
            return index
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
    return -1
