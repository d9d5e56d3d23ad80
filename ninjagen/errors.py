"""Errors that are the user's to mend: each has a place and a way out.

Bugs of our own are assertions or ordinary exceptions, and keep their traceback.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ninjagen.source import Loc


class NinjagenError(Exception):
    """Something wrong with the input. Printed by the command line without a traceback."""

    def __init__(self, message: str, loc: Loc | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.loc = loc
        self.hint = hint
        self.trail: list[str] = []  # innermost first: "included from", "while evaluating"

    def __str__(self) -> str:
        """The whole message: place, text, what was being done, and the way out."""
        lines = [f"{self.loc}: {self.message}" if self.loc else self.message]
        lines += [f"  {step}" for step in self.trail]
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Name a step; if it fails, the error says so."""
    try:
        yield
    except NinjagenError as error:
        error.trail.append(what)
        raise


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint naming the closest of `known` words, or "" when none is close."""
    import difflib  # slow to import, and only needed on failure

    close = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean '{close[0]}'?" if close else ""
