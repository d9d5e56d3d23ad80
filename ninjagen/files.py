"""Files replaced whole or not at all. Knows nothing of what is in them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator

from ninjagen.errors import NinjagenError

_PART = 1 << 20  # bytes to compare at a time
_BUFFER = 1 << 17  # bytes to write at a time

Buffer = bytes | memoryview


def replace(path: str, content: str | bytes | Iterable[str | Buffer]) -> None:
    """Write a file under a temporary name and put it in place; nothing is left on failure.

    Text is written as UTF-8; it may come in pieces. Raises NinjagenError when the file cannot be
    written.
    """
    with Draft(path, content) as draft:
        draft.put()


def replace_if_changed(path: str, content: str | Iterable[str]) -> None:
    """Like `replace`, but leave a file alone that has this text already: its time matters."""
    with Draft(path, content) as draft:
        draft.put_if_changed()


class Draft:
    """A file's next content, written beside it and put in place later; as a context manager, it
    leaves nothing that was not put in place.

    Raises NinjagenError, as its methods do, when the file cannot be written.
    """

    def __init__(self, path: str, content: str | bytes | Iterable[str | Buffer]) -> None:
        self._path, self._temporary = path, f"{path}.{os.getpid()}.tmp"
        pieces = [content] if isinstance(content, (str, bytes)) else content
        try:
            with self._complaining():
                os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
                with open(self._temporary, "wb", buffering=_BUFFER) as file:
                    for piece in pieces:
                        if isinstance(piece, str):
                            piece = piece.encode("utf-8", "surrogateescape")
                        file.write(piece)
        except BaseException:
            self.drop()
            raise

    def put(self) -> None:
        """Put it in place."""
        with self._complaining():
            os.replace(self._temporary, self._path)

    def put_if_changed(self) -> None:
        """Put it in place, unless the file has this text already: its time matters."""
        with self._complaining():
            if not _are_same(self._temporary, self._path):
                os.replace(self._temporary, self._path)

    def drop(self) -> None:
        """Remove what was not put in place."""
        with contextlib.suppress(OSError):
            os.unlink(self._temporary)

    def __enter__(self) -> Draft:
        return self

    def __exit__(self, *_error: object) -> None:
        self.drop()

    @contextlib.contextmanager
    def _complaining(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise NinjagenError(f"cannot write {self._path}: {error.strerror}") from None


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
