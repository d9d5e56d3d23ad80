"""A second process, where there is a processor for it."""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn


def start(work: Callable[[int], NoReturn]) -> tuple[int, int] | None:
    """Start a process that does `work` from the state that everything is in now, and ends; return
    its number, and a file in memory that `work` is given, too.

    Without a second processor, or room for a process, none is started; nor where the system is not
    Linux, which the rest does not need.
    """
    if not hasattr(os, "memfd_create") or len(os.sched_getaffinity(0)) < 2:
        return None
    sys.stdout.flush()
    sys.stderr.flush()
    file = os.memfd_create("ninjagen")
    try:
        process = os.fork()
    except OSError:
        os.close(file)
        return None
    if not process:
        work(file)
    return process, file


class Forked:
    """What a function gives that has no effect, found while this process does something else.

    It gives what marshal can write.
    """

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function
        self._started = start(self._work)

    def _work(self, file: int) -> NoReturn:
        status = 1
        try:
            with os.fdopen(file, "wb") as output:
                output.write(marshal.dumps(self._function()))
            status = 0
        finally:
            os._exit(status)

    def result(self) -> Any:
        """Return it, found here if the other process did not come to its end."""
        if self._started is None:
            return self._function()
        process, file = self._started
        self._started = None
        _, status = os.waitpid(process, 0)
        with os.fdopen(file, "rb") as found:
            found.seek(0)
            return marshal.loads(found.read()) if status == 0 else self._function()
