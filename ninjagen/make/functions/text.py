"""Functions for text and words (manual 8.2). Pure: strings in, a string out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ninjagen.make.functions import ExpansionError, builtin, builtin_with_env
from ninjagen.make.words import SPACES, WORD, Pattern, patsubst_words, split_words

if TYPE_CHECKING:
    from ninjagen.make.evaluator import Evaluator


@builtin("subst", 3)
def subst(old: str, new: str, text: str) -> str:
    """Replace every occurrence; an empty `old` matches once, at the end."""
    if not old:
        return text + new
    return text.replace(old, new)


builtin("patsubst", 3)(patsubst_words)


@builtin("strip", 0, 1)
@lru_cache(maxsize=256)
def strip(text: str = "") -> str:
    """Words, one space apart."""
    return " ".join(split_words(text))


@builtin("findstring", 2)
def findstring(needle: str, text: str) -> str:
    """`needle` if `text` holds it."""
    return needle if needle in text else ""


@builtin("filter", 2)
@lru_cache(maxsize=1024)
def filter_(patterns: str, text: str) -> str:
    """The words that match one of the patterns."""
    return " ".join(_matching(patterns, text, True))


@builtin("filter-out", 2)
@lru_cache(maxsize=1024)
def filter_out(patterns: str, text: str) -> str:
    """The words that match none of the patterns."""
    return " ".join(_matching(patterns, text, False))


def _matching(patterns: str, text: str, wanted: bool) -> list[str]:
    literals, heads, tails, others = _taken_apart(patterns)
    if not others:
        return [
            word for word in split_words(text)
            if (word in literals or word.startswith(heads) or word.endswith(tails)) is wanted
        ]
    return [
        word for word in split_words(text)
        if (
            word in literals or word.startswith(heads) or word.endswith(tails)
            or any([pattern.stem(word) is not None for pattern in others])
        ) is wanted
    ]


@lru_cache(maxsize=256)
def _taken_apart(
    patterns: str,
) -> tuple[set[str], tuple[str, ...], tuple[str, ...], list[Pattern]]:
    """Return the words without `%`, how those begin that have it last, how those end that have it
    first, and the others."""
    literals: set[str] = set()
    heads, tails, others = [], [], []
    for word in split_words(patterns):
        pattern = Pattern.parse(word)
        if pattern.suffix is None:
            literals.add(pattern.prefix)
        elif not pattern.suffix:
            heads.append(pattern.prefix)
        elif not pattern.prefix:
            tails.append(pattern.suffix)
        else:
            others.append(pattern)
    return literals, tuple(heads), tuple(tails), others


@builtin("sort", 1)
@lru_cache(maxsize=256)
def sort(text: str) -> str:
    """Words in byte order, each once."""
    words = set(split_words(text))
    if text.isascii():
        return " ".join(sorted(words))
    return " ".join(sorted(words, key=_byte_order))


def _byte_order(word: str) -> tuple[int, bytes]:
    """Make compares first bytes as signed characters, and only the rest as strcmp does."""
    text = word.encode("utf-8", "surrogateescape")
    return (text[0] - 256 if text[0] > 127 else text[0]), text


@builtin_with_env("word", 2)
def word(env: Evaluator, arguments: list[str]) -> str:
    """The n-th word."""
    number = _number(env, arguments[0], "non-numeric first argument to 'word' function")
    if number == 0:
        raise ExpansionError("*** first argument to 'word' function must be greater than 0.  Stop.",
                            env.loc)
    words = split_words(arguments[1])
    return words[number - 1] if number <= len(words) else ""


@builtin_with_env("wordlist", 3)
def wordlist(env: Evaluator, arguments: list[str]) -> str:
    """The words from one number to another."""
    first = _number(env, arguments[0], "non-numeric first argument to 'wordlist' function")
    last = _number(env, arguments[1], "non-numeric second argument to 'wordlist' function")
    if first < 1:
        raise ExpansionError(
            f"*** invalid first argument to 'wordlist' function: '{first}'.  Stop.", env.loc)
    words = list(WORD.finditer(arguments[2]))[first - 1 : last]
    return arguments[2][words[0].start() : words[-1].end()] if words else ""  # blanks stay


def _number(env: Evaluator, text: str, message: str) -> int:
    digits = text.strip(SPACES)
    if not digits.isascii() or not digits.isdigit():
        raise ExpansionError(f"*** {message}: '{text}'.  Stop.", env.loc)
    return int(digits)


@builtin("words", 0, 1)
def words(text: str = "") -> str:
    """How many words."""
    return str(len(split_words(text)))


@builtin("firstword", 0, 1)
def firstword(text: str = "") -> str:
    """The first word."""
    return next(iter(split_words(text)), "")


@builtin("lastword", 0, 1)
def lastword(text: str = "") -> str:
    """The last word."""
    found = split_words(text)
    return found[-1] if found else ""


@builtin("join", 2)
def join(left: str, right: str) -> str:
    """Words glued pair by pair."""
    lefts, rights = split_words(left), split_words(right)
    most = max(len(lefts), len(rights))
    lefts += [""] * (most - len(lefts))
    rights += [""] * (most - len(rights))
    return " ".join(a + b for a, b in zip(lefts, rights, strict=True))
