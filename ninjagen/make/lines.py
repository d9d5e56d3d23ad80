"""Logical lines: where they end, what a continuation becomes, where a comment starts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ninjagen.make.words import find_unquoted, unquote


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, raw text) for each logical line; continuations stay in the text."""
    number = 1
    pending: list[str] = []
    first = 1
    body = text[:-1] if text.endswith("\n") else text
    if not text:
        return
    for line in body.split("\n"):
        if not pending:
            first = number
        number += 1
        pending.append(line)
        if is_continued(line):
            continue
        yield first, "\n".join(pending)
        pending = []
    if pending:  # the last line is continued, by nothing
        yield first, "\n".join(pending) + ("\n" if text.endswith("\n") else "")


def is_continued(line: str) -> bool:
    """Tell whether a line ends in an odd number of backslashes."""
    return line.endswith("\\") and (len(line) - len(line.rstrip("\\"))) % 2 == 1


_CONTINUATION = re.compile(r"[ \t]*(\\*)\n[ \t]*(?:\\\n[ \t]*)*")


def collapse_continuations(text: str) -> str:
    """Replace each backslash-newline, and the blanks around it, by one space (manual 3.1.1).

    Backslashes before a newline are halved; an even number of them leaves the newline.
    """
    if "\n" not in text:
        return text
    return _CONTINUATION.sub(_collapsed, text)


def _collapsed(found: re.Match[str]) -> str:
    backslashes = len(found[1])
    if backslashes == 1:
        return " "
    if backslashes % 2 == 0:
        before, _, after = found[0].partition("\n")
        after = " " if "\n" in after else after
        return before[: len(before) - backslashes // 2] + "\n" + after
    blanks = found[0][: found[0].index("\\")]
    return blanks + "\\" * (backslashes // 2) + " "


def strip_comment(text: str) -> str:
    """Cut a line at its comment; `\\#` is a number sign, and so is one inside a reference."""
    if "#" not in text:
        return text
    at = find_unquoted(text, "#", references=True)
    if at >= 0:
        return unquote_outside_references(text[: at + 1], "#")[:-1]  # halves backslashes before it
    return unquote_outside_references(text, "#")


def unquote_outside_references(text: str, stops: str) -> str:
    """Like `unquote`, but text inside `$(...)` keeps its backslashes."""
    if "\\" not in text:
        return text
    if "$" not in text:
        return unquote(text, stops)
    from ninjagen.make.words import end_of_reference

    out, start, at = "", 0, 0
    while (at := text.find("$", at)) >= 0:
        end = end_of_reference(text, at)
        out += unquote(text[start:at], stops) + text[at:end]
        start = at = end
    return out + unquote(text[start:], stops)
