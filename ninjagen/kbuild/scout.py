"""A second process that evaluates makes before the walk comes to them.

Where one rule starts a make for each of many targets, as scripts/Makefile.build does for
subdirectories, the walk sends a scout: a fork of itself that follows these makes from the last to
the first, and reports the record of each that it has followed. Somewhere the two meet. A report
is what a record of the last generation is: it counts if all that the make saw is so when the walk
comes to it, and what it did is done again. So the result does not depend on who was faster.
"""

from __future__ import annotations

import fcntl
import gc
import marshal
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

WORTH_A_SCOUT = 8  # makes that one rule starts
WORTH_TURNING = 3  # the same, where a scout goes backwards
NUMBERS = 1 << 32  # by how much a scout's records are numbered higher
_PIPE_SIZE = 1 << 20  # bytes that may wait; more holds the scout up
_SIZE = 4  # bytes in which a report's length is told


class Scout:
    """The walk's side: a process that was sent, or none."""

    def __init__(self) -> None:
        self.pid = 0
        self._pipe = -1
        self._data = bytearray()

    @property
    def is_out(self) -> bool:
        """Whether there is something to listen to."""
        return self._pipe >= 0

    def send(self, explore: Callable[[Reports], None]) -> None:
        """Start a process that does `explore`, from the state that everything is in now.

        Without a second processor, or without room for a process, none is started.
        """
        if len(os.sched_getaffinity(0)) < 2:
            return
        sys.stdout.flush()
        sys.stderr.flush()
        gc.freeze()
        receiving, sending = os.pipe()
        try:
            pid = os.fork()
        except OSError:
            os.close(receiving)
            os.close(sending)
            return
        if not pid:
            os.close(receiving)
            _explore(explore, sending)
        os.close(sending)
        with suppress(OSError):
            fcntl.fcntl(receiving, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
        os.set_blocking(receiving, False)
        self.pid, self._pipe = pid, receiving

    def reports(self) -> Iterator[tuple[Any, ...]]:
        """Yield what the scout has reported since the last time, without waiting for more."""
        data = self._data
        while self._pipe >= 0:
            try:
                part = os.read(self._pipe, _PIPE_SIZE)
            except BlockingIOError:
                break
            if not part:
                self._close()
            data += part
        at = 0
        while (end := at + _SIZE) <= len(data):
            size = int.from_bytes(data[at:end], "little")
            if len(data) < end + size:
                break
            yield marshal.loads(data[end : end + size])
            at = end + size
        del data[:at]

    def dismiss(self) -> None:
        """Need nothing more of it. It ends when it reports next, so that what it runs ends well."""
        self._close()
        self._data.clear()

    def wait(self) -> None:
        """Wait for its end."""
        self.dismiss()
        if self.pid:
            with suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
            self.pid = 0

    def _close(self) -> None:
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1


class Reports:
    """The scout's side: where it reports to."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe

    def send(self, *report: Any) -> None:
        """Report something that marshal can write. Raises BrokenPipeError when nobody listens."""
        data = marshal.dumps(report)
        data = len(data).to_bytes(_SIZE, "little") + data
        while data:
            data = data[os.write(self._pipe, data) :]


def _explore(explore: Callable[[Reports], None], pipe: int) -> None:
    """Be a scout, and end. What goes wrong, the walk will come to by itself."""
    try:
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        explore(Reports(pipe))
    finally:
        os._exit(0)
