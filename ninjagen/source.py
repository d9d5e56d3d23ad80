"""Where a piece of text came from.

Knows nothing of make, Linux or ninja.
"""

from __future__ import annotations

from typing import NamedTuple


class Loc(NamedTuple):
    """A line of a file; prints as `path:line`, the form compilers and make use."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"
