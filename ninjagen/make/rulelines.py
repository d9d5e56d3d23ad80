"""The words of a rule line: where its recipe begins, where its colon is."""

from __future__ import annotations

from functools import cache

from ninjagen.make.ast import Expr
from ninjagen.make.lines import collapse_continuations, unquote_outside_references
from ninjagen.make.parser import parse_expression
from ninjagen.make.words import end_of_reference, find_unquoted


@cache
def cut_recipe(line: str) -> tuple[str, str | None]:
    """Cut a line at its comment or at the `;` that begins a recipe.

    The same lines are read for every directory: remembering them saves a tenth of the time.
    """
    at = find_unquoted(line, ";#", references=True)
    recipe = None
    if at >= 0:
        if line[at] == ";":
            recipe = line[at + 1 :]
        line = line[:at]
    return collapse_continuations(unquote_outside_references(line, ";#")), recipe


@cache
def next_word(text: str, at: int) -> tuple[str, str, int]:
    """Return (kind, word, end) of the next word of a rule line: GNU make's get_next_mword.

    The kinds are "end", "colon" (`:`, `::`, `&:`) and "word".
    """
    end = len(text)
    while at < end and text[at] in " \t":
        at += 1
    if at >= end:
        return "end", "", at
    start = at
    for operator in ("&::", "&:", "::", ":"):
        if text.startswith(operator, at):
            return "colon", operator, at + len(operator)
    if text[at] in "=;":
        return "word", text[at], at + 1
    while at < end:
        char = text[at]
        if char in " \t=:":
            break
        if char == "$":
            at = end_of_reference(text, at)
            continue
        if char in "?+" and at + 1 < end and text[at + 1] == "=" and at > start:
            break
        if char == "&" and at + 1 < end and text[at + 1] == ":":
            break
        at += 2 if char == "\\" and at + 1 < end and text[at + 1] in ":;=\\" else 1
    return "word", text[start:at], at


@cache
def plain_line(text: str) -> tuple[Expr, Expr] | None:
    """Split a line that is `word: text` for sure, unless the word expands to something odd; None
    if it is not, or may be of a target-specific variable, or has a recipe on it."""
    line, recipe = cut_recipe(text)
    kind, word, at = next_word(line, 0)
    colon, operator, at = next_word(line, at)
    rest = line[at:]
    if recipe is None and kind == "word" and colon == "colon" and operator == ":" \
            and "=" not in rest and "define" not in rest:
        return parse_expression(word), parse_expression(rest)
    return None
