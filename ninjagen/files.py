"""Files replaced whole or not at all. Knows nothing of what is in them."""

from __future__ import annotations

import contextlib
import os

from ninjagen.errors import NinjagenError


def replace(path: str, content: str | bytes) -> None:
    """Write a file under a temporary name and put it in place; nothing is left on failure.

    Text is written as UTF-8. Raises NinjagenError when the file cannot be written.
    """
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogateescape")
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError as error:
        raise NinjagenError(f"cannot write {path}: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def replace_if_changed(path: str, text: str) -> None:
    """Like `replace`, but leave a file alone that has this text already: its time matters."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            if file.read() == text:
                return
    except OSError:
        pass
    replace(path, text)


def remove(path: str) -> None:
    """Remove a file, if it is there."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
