"""Where each word of an expanded text was written: the evaluator in a mode of its own.

`TracingEvaluator` takes the place of `Evaluator` in a process that somebody asks about; others
pay nothing for it. Its text is `Traced`: a string that knows, piece by piece, the assignment or
the recipe that holds it. Values are handed on as they are, through variables, arguments of
$(call) and the environment of sub-makes, so a piece keeps its origin however far it goes. Where
make puts text together or a function makes new text, words decide:

- A word put together from several texts is of the assignment that put it together.
- A word that a function took from its arguments keeps its origin: the n-th of equal words that
  of the n-th. Where a function makes one word of each word of its last argument (addprefix,
  patsubst), the new one takes that origin, and says which call changed it.
- Any other word is of the text that calls the function, and says by which function it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, SupportsIndex

from ninjagen.make import ast
from ninjagen.make.evaluator import Evaluator
from ninjagen.make.names import Bound
from ninjagen.make.parser import parse_expression
from ninjagen.make.readrules import RuleReader
from ninjagen.make.rules import Prerequisite
from ninjagen.make.variables import Constants, Variable
from ninjagen.make.words import SPACES, WORD, end_of_reference, strip_dot_slash
from ninjagen.source import Loc


class Origin(NamedTuple):
    """Where a piece of text was written."""

    loc: Loc | None  # None: in no makefile
    name: str = ""  # the variable that was assigned; "" in a recipe or a rule
    kind: str = ""  # without a place: `environment`, `command line`, `automatic`
    by: str = ""  # the function that made the word, when it does not stand there itself
    by_loc: Loc | None = None  # where that function was called


_AUTOMATIC = "@<^+?|*%"
Piece = tuple[str, Origin | None]


class Traced(str):
    """Text that knows where its pieces were written; any other operation gives plain text."""

    pieces: tuple[Piece, ...]
    words: list[tuple[str, Origin | None]] | None = None  # once somebody asked

    def __add__(self, other: str) -> Traced:
        return traced((*self.pieces, *pieces_of(other)))

    def __radd__(self, other: str) -> Traced:
        return traced((*pieces_of(other), *self.pieces))

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        if not isinstance(key, slice):
            return str.__getitem__(self, key)
        start, stop, _ = key.indices(len(self))
        found, at = [], 0
        for text, origin in self.pieces:
            part = text[max(0, start - at) : max(0, stop - at)]
            if part:
                found.append((part, origin))
            at += len(text)
        return traced(found)

    def strip(self, chars: str | None = None) -> str:
        """Strip as str does, and keep the origins."""
        start = len(self) - len(str.lstrip(self, chars))
        return self[start : start + len(str.strip(self, chars))]


def traced(pieces: Iterable[Piece]) -> Traced:
    """Return the text of some pieces."""
    kept = tuple(piece for piece in pieces if piece[0])
    text = Traced("".join([piece[0] for piece in kept]))
    text.pieces = kept
    return text


def pieces_of(text: str) -> tuple[Piece, ...]:
    """Return the pieces of a text; of plain text nothing is known."""
    return text.pieces if isinstance(text, Traced) else ((text, None),)


def words_of(text: str) -> list[tuple[str, Origin | None]]:
    """Return the words of a text, each with where it begins to have been written."""
    if not isinstance(text, Traced):
        return [(word[0], None) for word in WORD.finditer(text)]
    if text.words is None:
        text.words = []
        pieces = iter(text.pieces)
        end, origin = 0, None
        for word in WORD.finditer(text):
            while end <= word.start():
                piece, origin = next(pieces)
                end += len(piece)
            text.words.append((word[0], origin))
    return text.words


def joined(parts: Sequence[str], origin: Origin | None) -> Traced:
    """Put texts together; a word that lies in several of them is of `origin`."""
    whole = traced([piece for part in parts for piece in pieces_of(part)])
    text, at = str(whole), 0
    spans: list[tuple[int, int]] = []  # of words that lie in several parts
    for part in parts[:-1]:
        at += len(part)
        if not 0 < at < len(text) or text[at - 1] in SPACES or text[at] in SPACES:
            continue
        if spans and at < spans[-1][1]:
            continue
        first, last = at, at
        while first > 0 and text[first - 1] not in SPACES:
            first -= 1
        while last < len(text) and text[last] not in SPACES:
            last += 1
        spans.append((first, last))
    if not spans:
        return whole
    pieces: list[Piece] = []
    done = 0
    for first, last in spans:
        pieces += [*pieces_of(whole[done:first]), (text[first:last], origin)]
        done = last
    return traced((*pieces, *pieces_of(whole[done:])))


def attributed(text: str, known: Mapping[str, Origin], last: str, made: Origin) -> Traced:
    """Return what a function made, with the origin of each word.

    `known` are the words of its arguments, `last` is the last of them; `made` is for words that
    were in neither.
    """
    sources = words_of(last)
    numbered: dict[str, Iterator[Origin | None]] = {}
    for word, _ in sources:
        if word not in numbered:
            numbered[word] = iter([origin for other, origin in sources if other == word])
    words = list(WORD.finditer(text))
    pieces: list[Piece] = []
    at = 0
    for number, found in enumerate(words):
        word = found[0]
        origin = next(numbered.get(word, iter(())), None) or known.get(word)
        if origin is None and len(sources) == len(words):
            origin = sources[number][1]
            if origin is not None and not origin.by:
                origin = origin._replace(by=made.by, by_loc=made.by_loc)
        pieces += [(text[at : found.start()], None), (word, origin or made)]
        at = found.end()
    return traced([*pieces, (text[at:], None)])


# --- expressions that keep origins ---


class _Literal(ast.Text):
    """Literal text."""

    __slots__ = ("value",)

    def __init__(self, text: str, origin: Origin | None) -> None:
        super().__init__(text)
        self.value = traced(((text, origin),))

    def expand(self, env: Any) -> str:
        env.note(self.value)
        return self.value


class _Joined(ast.Concat):
    """Several expressions in a row."""

    __slots__ = ("origin",)

    def __init__(self, parts: tuple[ast.Expr, ...], origin: Origin | None) -> None:
        super().__init__(parts)
        self.origin = origin

    def expand(self, env: Any) -> str:
        return joined([part.expand(env) for part in self.parts], self.origin)


class _Computed:
    """`$(a$(b)c)`."""

    __slots__ = ("name", "origin")

    def __init__(self, name: ast.Expr, origin: Origin | None) -> None:
        self.name = name
        self.origin = origin

    def expand(self, env: Any) -> str:
        return woven(ast.reference(str(self.name.expand(env))), self.origin).expand(env)


class _Substitution:
    """`$(name:a=b)`: a word of the value gives a word."""

    __slots__ = ("expr", "origin")

    def __init__(self, expr: ast.Substitution, origin: Origin | None) -> None:
        self.expr = expr
        self.origin = origin

    def expand(self, env: Any) -> str:
        value = env.value_to_substitute(self.expr.name)
        pattern = f"$({self.expr.name}:...)"
        return attributed(self.expr.expand(env), {}, value, _made(self.origin, pattern))


class _Called:
    """`$(function arguments)`: the words it gives are looked for in what it was given."""

    __slots__ = ("call", "origin")

    def __init__(self, call: ast.Call, origin: Origin | None) -> None:
        self.call = call
        self.origin = origin

    def expand(self, env: Any) -> str:
        builtin, last = self.call.builtin, ""
        with env.noting() as known:
            if builtin.lazy:
                result = self.call.function(env, self.call.arguments)
            else:
                arguments = [argument.expand(env) for argument in self.call.arguments]
                for last in arguments:
                    env.note(last)
                if builtin.pure is not None:
                    result = builtin.pure(*arguments)
                else:
                    result = self.call.function(env, arguments)
        if not isinstance(result, Traced):
            result = attributed(result, known, last, _made(self.origin, f"$({builtin.name})"))
        env.note(result)
        return result


def _made(origin: Origin | None, by: str) -> Origin:
    """Return the origin of what a call makes that is written somewhere."""
    origin = origin or Origin(None)
    return origin._replace(by=by, by_loc=origin.loc)


def woven(expr: ast.Expr, origin: Origin | None) -> ast.Expr:
    """Return an expression that gives the same text, and knows that it was written at `origin`."""
    if isinstance(expr, ast.Text):
        return _Literal(expr.text, origin)
    if isinstance(expr, ast.Concat):
        return _Joined(tuple(woven(part, origin) for part in expr.parts), origin)
    if isinstance(expr, ast.Computed):
        return _Computed(woven(expr.name, origin), origin)
    if isinstance(expr, ast.Substitution):
        return _Substitution(expr, origin)
    if isinstance(expr, ast.Call):
        arguments = tuple(woven(argument, origin) for argument in expr.arguments)
        return _Called(ast.Call(expr.builtin, arguments), origin)
    return expr


def _is_whole(text: str) -> bool:
    """Tell whether every reference that begins in a text ends in it."""
    at = 0
    while (at := text.find("$", at)) >= 0:
        end = end_of_reference(text, at)
        opening = text[at + 1 : at + 2]
        if opening in ("(", "{") and text[end - 1] != ")}"["({".index(opening)]:
            return False
        at = max(end, at + 2)
    return True


# --- the evaluator ---


class _Noting:
    """Collects, for a while, the words of every text that is given: word -> origin."""

    def __init__(self, env: TracingEvaluator) -> None:
        self.env = env
        self.outer = env.noted

    def __enter__(self) -> dict[str, Origin]:
        self.env.noted = {}
        return self.env.noted

    def __exit__(self, *_: object) -> None:
        self.env.noted = self.outer


class TracingEvaluator(Evaluator):
    """An evaluator whose text knows where it was written."""

    remembers = False

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.noted: dict[str, Origin] = {}
        self.evaluated: list[str] = []  # texts of $(eval) that are being read
        self.rules = _TracingRules(self)
        self.asked: dict[str, Origin] = {}  # prerequisite -> where a rule first got it from
        self.woven: dict[Variable, ast.Expr] = {}

    def noting(self) -> _Noting:
        """Collect what is noted inside a `with`."""
        return _Noting(self)

    def note(self, text: str) -> None:
        """Remember the words of a text for the function whose argument it may be a part of."""
        self.noted.update((word, origin) for word, origin in words_of(text) if origin is not None)

    def written(self, text: str, origin: Origin) -> str:
        """Return text of a makefile; what $(eval) reads may itself come from elsewhere."""
        if isinstance(text, Traced):
            return text
        if self.evaluated:
            with self.noting() as known:
                self.note(self.evaluated[-1])
            return attributed(text, known, "", origin)
        return traced(((text, origin),))

    def weave(self, text: str, origin: Origin | None) -> ast.Expr:
        """Return the expression of a text, each piece of it with its own origin."""
        pieces = pieces_of(text)
        if len(pieces) == 1 or not all(_is_whole(piece) for piece, _ in pieces):
            return woven(parse_expression(str(text)), (pieces[0][1] if pieces else None) or origin)
        parts = [woven(parse_expression(piece), at or origin) for piece, at in pieces]
        return _Joined(tuple(parts), origin)

    def expand(self, text: str) -> str:
        """Expand text of a rule, a recipe or a condition."""
        origin = Origin(self.loc)
        text = self.written(text, origin)
        return self.weave(text, origin).expand(self) if "$" in text else text

    def value_of(self, name: str) -> str:
        """Return a variable's expanded value, and note it."""
        variable = self.local.get(name) or self.variables.get(name)
        if variable is None:
            return super().value_of(name)
        value = super().value_of(name)
        if not isinstance(value, Traced):
            value = traced(((value, origin_of(name, variable)),))
        self.note(value)
        return value

    def expand_variable(self, variable: Variable) -> str:
        """Return a recursive variable's value, expanded now.

        The variable may be one of other evaluators too (those of the environment are): it has
        our expression only meanwhile.
        """
        woven = self.woven.get(variable)
        if woven is None:
            woven = self.weave(variable.value, origin_of(variable.name, variable))
            self.woven[variable] = woven
        others, variable.expr = variable.expr, woven
        try:
            return super().expand_variable(variable)
        finally:
            variable.expr = others

    def _appended(self, variable: Variable) -> str:
        with self.noting() as known:
            text = super()._appended(variable)
        return attributed(text, known, "", origin_of(variable.name, variable) or Origin(None))

    def set_local(self, name: str, value: str) -> None:
        """Bind a name to a word of a list that was just expanded."""
        super().set_local(name, traced(((value, self.noted.get(value)),)))

    def _take_constants(self, constants: Constants) -> None:
        """Take over variables that other processes have too; their expressions are not ours."""
        own = {name: variable.copy() for name, variable in constants.all().items()}
        super()._take_constants(Constants(own))

    def new_value(
        self, statement: ast.Assign, old: Variable | None
    ) -> tuple[str, bool] | None:
        """Return what an assignment gives, its text marked with its place."""
        origin = Origin(statement.loc, statement.name)
        if not statement.loc.line:
            origin = Origin(None, statement.name, "command line")
        value = self.written(statement.value, origin)
        if old is not None and not isinstance(old.value, Traced):
            old = old.copy(value=traced(((old.value, origin_of(old.name, old)),)))
        return super().new_value(statement._replace(value=value), old)

    def eval_text(self, text: str) -> None:
        """Read text as $(eval) does."""
        self.evaluated.append(text)
        try:
            super().eval_text(str(text))
        finally:
            self.evaluated.pop()


class _TracingRules(RuleReader):
    """Notes where the names of prerequisites come from."""

    evaluator: TracingEvaluator

    def prerequisites(self, text: str, glob: bool = True) -> list[Prerequisite]:
        """Split the right side of a rule, and note its words."""
        for word, origin in words_of(text):
            if origin is not None:
                self.evaluator.asked.setdefault(strip_dot_slash(word), origin)
        return super().prerequisites(text, glob)


def origin_of(name: str, variable: Variable | Bound) -> Origin | None:
    """Return where a variable as a whole was written; of an argument or a loop, nobody knows."""
    if isinstance(variable, Variable) and variable.loc is not None and variable.loc.line:
        return Origin(variable.loc, name)
    if isinstance(variable, Bound) and name[:1] not in _AUTOMATIC:
        return None
    return Origin(None, name, variable.origin.words)
