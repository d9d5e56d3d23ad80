"""Files replaced whole or not at all. Knows nothing of what is in them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

from ninjagen.errors import NinjagenError

_PART = 1 << 20  # bytes to compare at a time


def replace(path: str, content: str | bytes | Iterable[str]) -> None:
    """Write a file under a temporary name and put it in place; nothing is left on failure.

    Text, or pieces of it, is written as UTF-8. Raises NinjagenError when the file cannot be
    written.
    """
    _replace(path, content, always=True)


def replace_if_changed(path: str, content: str | Iterable[str]) -> None:
    """Like `replace`, but leave a file alone that has this text already: its time matters."""
    _replace(path, content, always=False)


def _replace(path: str, content: str | bytes | Iterable[str], always: bool) -> None:
    pieces = [content] if isinstance(content, (str, bytes)) else content
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(temporary, "wb") as file:
            for piece in pieces:
                file.write(
                    piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogateescape")
                )
        if always or not _are_same(temporary, path):
            os.replace(temporary, path)
    except OSError as error:
        raise NinjagenError(f"cannot write {path}: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _are_same(one: str, other: str) -> bool:
    with open(one, "rb") as first, contextlib.suppress(OSError), open(other, "rb") as second:
        while (part := first.read(_PART)) == second.read(_PART):
            if not part:
                return True
    return False


def remove(path: str) -> None:
    """Remove a file, if it is there."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
