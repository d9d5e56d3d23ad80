"""Words and `%` patterns: pure functions on strings."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

BLANKS = " \t"
SPACES = " \t\n\v\f\r"  # make's blanks are ASCII; str.split() alone knows more of them

WORD = re.compile(r"[^ \t\n\v\f\r]+")
_LINE_BLANKS = re.compile("[\n\v\f\r]")
_ODD = re.compile("[\x1c-\x1f]")


def split_words(text: str) -> list[str]:
    """Return the blank-separated words of `text`."""
    # str.split() is right, and six times as fast, where all blanks are make's: in printable
    # ASCII surely, and else if none of the control characters that Python calls blank is there.
    if text.isascii() and (text.isprintable() or not _ODD.search(text)):
        return text.split()
    return WORD.findall(text)


def has_wildcards(name: str) -> bool:
    """Tell whether a name is a pattern of the shell's (manual 4.4)."""
    return "*" in name or "?" in name or "[" in name


class Pattern(NamedTuple):
    """A word that may hold one `%`; `suffix` is None when it holds none."""

    prefix: str
    suffix: str | None

    @staticmethod
    def parse(text: str) -> Pattern:
        """Split at the first unquoted `%`; backslashes that quote it (or themselves) go."""
        return _parse_pattern(text)

    def stem(self, word: str) -> str | None:
        """Return what `%` stands for in `word`, or None when the pattern does not match.

        A pattern without `%` matches only itself, and its stem is empty.
        """
        prefix, suffix = self
        if suffix is None:
            return "" if word == prefix else None
        if (
            len(word) >= len(prefix) + len(suffix)
            and word.startswith(prefix)
            and word.endswith(suffix)
        ):
            return word[len(prefix) : len(word) - len(suffix)]
        return None

    def fill(self, stem: str) -> str:
        """Return the word with `stem` in place of `%`."""
        return self.prefix if self.suffix is None else self.prefix + stem + self.suffix


@lru_cache(maxsize=65536)
def _parse_pattern(text: str) -> Pattern:
    """GNU make's find_percent: `\\%` is a percent, `\\\\%` a backslash and a pattern."""
    if "%" not in text:
        return Pattern(text, None)
    if "\\" not in text:
        prefix, _, suffix = text.partition("%")
        return Pattern(prefix, suffix)
    start = 0
    while True:
        at = text.find("%", start)
        if at < 0:
            return Pattern(text, None)
        first = at
        while first > 0 and text[first - 1] == "\\":
            first -= 1
        count = at - first
        text = text[:first] + "\\" * (count // 2) + text[at:]
        at = first + count // 2
        if count % 2 == 0:
            return Pattern(text[:at], text[at + 1 :])
        start = at + 1


def patsubst_words(pattern: str, replacement: str, text: str) -> str:
    """Replace each word of `text` that matches `pattern`, as $(patsubst) does."""
    old, new = Pattern.parse(pattern), Pattern.parse(replacement)
    if old.suffix is None:
        return _replace_words(old.prefix, new.fill("%"), text)
    return substitute_words(old, new, text)


@lru_cache(maxsize=1024)  # `$(1:%.o=%-objs)` of an object, in more than one search
def substitute_words(old: Pattern, new: Pattern, text: str) -> str:
    """Replace each word of `text` that matches a pattern with a `%`."""
    prefix, suffix = old
    assert suffix is not None
    head, tail = new
    cut, least = len(prefix), len(prefix) + len(suffix)
    result = []
    for word in split_words(text):
        if len(word) >= least and word.startswith(prefix) and word.endswith(suffix):
            if tail is None:
                if head:  # a word that is replaced by nothing leaves no blank
                    result.append(head)
            else:
                result.append(head + word[cut : len(word) - len(suffix)] + tail)
        else:
            result.append(word)
    return " ".join(result)


def _replace_words(word: str, replacement: str, text: str) -> str:
    """Replace a whole word wherever it stands; unlike with `%`, blanks stay as they are."""
    if not word:
        at_end = not text or text[-1] in SPACES
        return text + replacement if at_end else text
    pattern = rf"(?<![^ \t\n\v\f\r]){re.escape(word)}(?![^ \t\n\v\f\r])"
    return re.sub(pattern, lambda _: replacement, text) if word in text else text


def split_blanks(text: str) -> list[str]:
    """Return the words of a list of file names: only spaces and tabs part those."""
    if _LINE_BLANKS.search(text):
        return re.findall(r"[^ \t]+", text)
    return split_words(text)


def split_quoted_blanks(text: str) -> list[str]:
    """Like `split_blanks`, but a backslash keeps a blank from parting words; it stays."""
    if "\\" not in text:
        return split_blanks(text)
    return re.findall(r"(?:\\.|[^ \t\\]|\\$)+", text, re.DOTALL)


def is_archive_member(name: str) -> bool:
    """Tell whether a file name is `archive(member)`."""
    at = name.find("(")
    return at > 0 and name.endswith(")") and at < len(name) - 2


def find_unquoted(text: str, stops: str, start: int = 0, references: bool = False) -> int:
    """Return the index of the first of `stops` that no backslash quotes, or -1.

    With `references`, what stands inside `$(...)` or `${...}` is passed over.
    """
    if not references:
        if len(stops) == 1 and "\\" not in text:
            return text.find(stops, start)
        found = [at for stop in stops if (at := text.find(stop, start)) >= 0]
        if not found or "\\" not in text:  # the common case, at a fraction of the cost
            return min(found, default=-1)
    at, end = start, len(text)
    while at < end:
        char = text[at]
        if char == "$" and references:
            at = end_of_reference(text, at)
        elif char in stops:
            first = at
            while first > start and text[first - 1] == "\\":
                first -= 1
            if (at - first) % 2 == 0:
                return at
            at += 1
        else:
            at += 1
    return -1


def end_of_reference(text: str, at: int) -> int:
    """Return the index just past the variable reference that starts at `text[at]` == '$'."""
    at += 1
    if at >= len(text):
        return at
    opening = text[at]
    if opening not in "({":
        return at + 1
    closing = ")" if opening == "(" else "}"
    depth = 0
    for index in range(at, len(text)):
        char = text[index]
        if char == opening:
            depth += 1
        elif char == closing:
            depth -= 1
            if depth == 0:
                return index + 1
    return len(text)


def unquote(text: str, stops: str) -> str:
    """Drop the backslashes before each of `stops`, and halve those that quote themselves."""
    if "\\" not in text:
        return text
    return re.sub(
        r"(\\+)(?=[" + re.escape(stops) + "])", lambda found: "\\" * (len(found[1]) // 2), text
    )


def strip_dot_slash(name: str) -> str:
    """Drop leading `./`, as make does with every target and prerequisite name."""
    while len(name) > 2 and name.startswith("./"):
        stripped = name[2:].lstrip("/")
        if not stripped:
            return "./"
        name = stripped
    return name
