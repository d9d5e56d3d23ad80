"""How a command starts a part of ninjagen, which may not be where Python looks for packages."""

from __future__ import annotations

import os
import sys

_PLACE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def command(statement: str) -> list[str]:
    """Return the words of a command that runs a statement, with `sys` and our modules at hand.

    PYTHONPATH stays as it is: makefiles see it, and what they are asked has to be the same whether
    a user asks or ninja.
    """
    return [
        sys.executable, "-c",
        f"import sys; sys.path.insert(0, {_PLACE!r}); {statement}",
    ]
