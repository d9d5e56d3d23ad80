"""Statements and expressions: what make text means, before anything is expanded."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ninjagen.make.functions import ExpansionError
from ninjagen.make.rules import RecipeLine
from ninjagen.make.words import Pattern, find_unquoted, substitute_words
from ninjagen.source import Loc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ninjagen.make.functions import Builtin
    from ninjagen.make.names import Names
    from ninjagen.make.stretches import Course
    from ninjagen.make.variables import Variable


class Expr(Protocol):
    """Text with references in it."""

    def expand(self, env: Names) -> str:
        """Return the text with every reference replaced by its value."""


class Text:
    """Literal text."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def expand(self, env: Names) -> str:
        """Return the text itself."""
        return self.text


class Ref:
    """`$(name)` with a name known from the text."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def expand(self, env: Names) -> str:
        """Return the variable's value."""
        return env.value_of(self.name)


class Computed:
    """`$(a$(b)c)`: the whole reference is expanded first, then taken apart (manual 6.3.2)."""

    __slots__ = ("name",)

    def __init__(self, name: Expr) -> None:
        self.name = name

    def expand(self, env: Names) -> str:
        """Return the value of the variable that the expanded text names."""
        name = self.name.expand(env)
        if env.watch is not None:
            env.watch.name(name)
        return _known_reference(name).expand(env) if ":" in name else env.value_of(name)


class Substitution:
    """`$(name:pattern=replacement)`."""

    __slots__ = ("name", "new", "old")

    def __init__(self, name: str, pattern: str, replacement: str) -> None:
        self.name = name
        self.old = Pattern.parse(pattern)
        if self.old.suffix is None:  # both are suffixes
            self.old = Pattern("", self.old.prefix)
            self.new = Pattern("", replacement)
        else:
            self.new = Pattern.parse(replacement)

    def expand(self, env: Names) -> str:
        """Return the variable's words with the substitution made."""
        value = env.value_to_substitute(self.name)
        result = substitute_words(self.old, self.new, value)
        if env.watch is not None:
            env.watch.substitute(self.old, self.new, value, result)
        return result


def reference(text: str) -> Ref | Substitution:
    """Return what `$(text)` refers to, when `text` holds no further reference."""
    colon = find_unquoted(text, ":")
    if colon >= 0:
        equals = text.find("=", colon + 1)
        if equals >= 0:
            return Substitution(text[:colon], text[colon + 1 : equals], text[equals + 1 :])
    return Ref(text)


_known_reference = lru_cache(maxsize=1024)(reference)  # a loop comes to the same few


class Call:
    """`$(function arguments)`."""

    __slots__ = ("arguments", "builtin", "function")

    def __init__(self, builtin: Builtin, arguments: tuple[Expr, ...]) -> None:
        self.builtin = builtin
        self.function = builtin.function
        self.arguments = arguments

    def expand(self, env: Names) -> str:
        """Return the function's result."""
        builtin = self.builtin
        if builtin.lazy:
            if env.watch is not None:
                env.watch.choose(builtin)
            return self.function(env, self.arguments)
        arguments = [argument.expand(env) for argument in self.arguments]
        if env.watch is not None:
            return env.watch.call(builtin, env, arguments)
        if builtin.pure is not None:
            return builtin.pure(*arguments)
        return self.function(env, arguments)


class Concat:
    """Several expressions in a row."""

    __slots__ = ("_pieces", "parts")

    def __init__(self, parts: tuple[Expr, ...]) -> None:
        self.parts = parts
        self._pieces = [  # a text that knows where it came from (tracing.py) stays what it is
            part.text if type(part) is Text and type(part.text) is str else part for part in parts
        ]

    def expand(self, env: Names) -> str:
        """Return the parts' expansions, joined."""
        return "".join([
            piece if type(piece) is str else piece.expand(env)  # type: ignore[union-attr]
            for piece in self._pieces
        ])


class Surrounded(Concat):
    """One expression between two texts, either of which may be empty: three in four of what stands
    in a row, put together in a third of the time."""

    __slots__ = ("_after", "_before", "_inner", "_name")

    def __init__(self, parts: tuple[Expr, ...], before: str, inner: Expr, after: str) -> None:
        self.parts = parts
        self._before, self._inner, self._after = before, inner, after
        self._name = inner.name if type(inner) is Ref else None

    def expand(self, env: Names) -> str:
        """Return the expression's expansion between the texts."""
        if self._name is not None:
            return f"{self._before}{env.value_of(self._name)}{self._after}"
        return f"{self._before}{self._inner.expand(env)}{self._after}"


def in_a_row(parts: Sequence[Expr]) -> Expr:
    """Return the expression that some make up, one after the other."""
    if len(parts) == 1:
        return parts[0]
    before, after = (part.text if type(part) is Text else "" for part in (parts[0], parts[-1]))
    inner = [part for part in parts if type(part) is not Text]
    if len(inner) == 1 and len(parts) == 1 + bool(before) + bool(after):
        return Surrounded(tuple(parts), before, inner[0], after)
    return Concat(tuple(parts))


class Broken:
    """Text that is an error once it is expanded, and only then."""

    __slots__ = ("message",)

    def __init__(self, message: str) -> None:
        self.message = message

    def expand(self, env: Names) -> str:
        """Raise the error, at the line that is being evaluated."""
        raise ExpansionError(self.message, env.loc)


class Modifiers(NamedTuple):
    """The words that may stand before an assignment."""

    export: bool = False
    override: bool = False
    private: bool = False


SIMPLE = frozenset((":=", "::="))  # operators that expand a value at once (manual 6.2)


class Assign(NamedTuple):
    """`name op value`, `define name op` or `undefine name` (op "undefine")."""

    name: str
    op: str
    value: str
    modifiers: Modifiers
    loc: Loc
    is_define: bool = False
    problems: tuple[tuple[str, Loc], ...] = ()  # warnings to give once it is reached
    is_plain: bool = False  # it does nothing but give a name that is known a value
    # What it makes, the same in every process, if nothing of that has to be expanded first
    variable: Variable | None = None


class Definitions(NamedTuple):
    """Assignments that follow each other, of what is the same in every process."""

    assignments: tuple[Assign, ...]
    variables: Mapping[str, Variable]  # what they make
    loc: Loc  # of the first


class Conditional(NamedTuple):
    """ifeq, ifneq, ifdef, ifndef, or an `else` line (with the condition that follows it), endif."""

    keyword: str
    text: str
    loc: Loc


class Include(NamedTuple):
    """`include files`; a missing file is no error when it is optional."""

    files: str
    optional: bool
    loc: Loc


class Export(NamedTuple):
    """`export names` or `unexport names`; without names it means all of them."""

    names: str
    exporting: bool
    loc: Loc


class Vpath(NamedTuple):
    """`vpath pattern directories`."""

    text: str
    loc: Loc


class Rule(NamedTuple):
    """A line that may turn out, once expanded, to be a rule or a target-specific variable."""

    text: str
    loc: Loc


class TabLine(NamedTuple):
    """A line that begins with a tab: a recipe line after a rule, `otherwise` anywhere else."""

    recipe: str
    otherwise: Statement | None
    loc: Loc


class RuleBlock(NamedTuple):
    """A rule line, and the lines after it that are its recipe's if it opens a rule."""

    rule: Rule
    lines: tuple[TabLine, ...]
    recipe: tuple[RecipeLine, ...]  # what these are then
    is_whole: bool  # no line of its recipe can come after these
    loc: Loc  # of the rule line


class BadSyntax(NamedTuple):
    """A line that is an error, but only if evaluation reaches it."""

    message: str
    loc: Loc


Statement = (
    Assign | Conditional | Include | Export | Vpath | Rule | TabLine | BadSyntax
)


Block = Definitions | RuleBlock


class Makefile(NamedTuple):
    """One parsed text."""

    path: str
    statements: tuple[Statement, ...]
    end: Loc  # the line after the last
    prefix: str  # what recipe lines were taken to begin with
    sets_prefix: bool
    course: Course  # how to go through it
