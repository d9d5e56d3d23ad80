"""A second process that evaluates makes before the walk comes to them.

A scout walks as the walk does, from the same start. Where one rule starts a make for each of many
targets, as scripts/Makefile.build does for subdirectories, it follows them from the last to the
first (turned.py). It reports the record of each make that it has followed to the end, and
somewhere the two meet. A report is what a record of the last generation is: it counts if all that
the make saw is so when the walk comes to it, and what it did is done again. So the result does not
depend on who was faster.
"""

from __future__ import annotations

import marshal
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NoReturn

from ninjagen import forked

RECORD, DIRECTORIES = 0, 1  # kinds of reports: of a make; that these are made, highest first
NUMBERS = 1 << 32  # by how much a scout's records are numbered higher than those before it
_SIZE = 4  # bytes in which a report's length is told
_PART = 1 << 17  # bytes to read at a time, if no report is longer
_PATIENCE = 0.002  # seconds until a scout looks again whether it can stop


class Scout:
    """The walk's side: a process that was sent, or none."""

    def __init__(self) -> None:
        self._again: Callable[[Reports], None] | None = None
        self._sent = 0  # how often
        self._pid = 0
        self._file = -1  # in memory; the scout writes, and never waits for who reads
        self._at = 0  # what was read of it
        self._buffer = bytearray(_PART)  # to read into

    @property
    def is_out(self) -> bool:
        """Whether there is something to listen to."""
        return self._file >= 0

    def send(
        self, explore: Callable[[Reports], None], again: Callable[[Reports], None] | None = None
    ) -> None:
        """Start a process that does `explore`, if there is a processor for it (`forked.start`).

        `again` is what to do when it is sent again.
        """
        self._again = again
        self._sent += 1
        parent, first = os.getpid(), self._sent * NUMBERS
        started = forked.start(lambda file: _explore(explore, Reports(file, parent, first)))
        if started is not None:
            (self._pid, self._file), self._at = started, 0

    def send_again(self) -> None:
        """Dismiss the process, and start one that knows better, or none."""
        self.dismiss()
        if self._again is not None:
            self.send(self._again)

    def reports(self) -> Iterator[tuple[Any, ...]]:
        """Yield what the scout has reported since the last time, without waiting for more.

        Each report begins with its kind, RECORD or DIRECTORIES.
        """
        while self._file >= 0:
            view = memoryview(self._buffer)
            known = view[: os.preadv(self._file, [view], self._at)]
            at = 0
            while (start := at + _SIZE) <= len(known):
                end = start + int.from_bytes(known[at:start], "little")
                if end > len(known):
                    break
                self._at += end - at
                at = end
                yield marshal.loads(known[start:end])
            if len(known) < len(view):
                return
            if not at:
                self._buffer = bytearray(2 * len(view))

    def wait(self) -> None:
        """Wait until it has told all there is."""
        if self._pid:
            os.waitpid(self._pid, 0)
            self._pid = 0

    def stop(self) -> None:
        """Need nothing more of it; `dismiss` is still to be called."""
        self._tell_to_stop()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def dismiss(self) -> None:
        """Need nothing more of it, and wait until it has ended."""
        self.stop()
        self.wait()

    def call_back(self) -> None:
        """Need it no more, nor what it has done to the disk."""
        self._tell_to_stop()
        self.wait()
        self._at = 0
        made = [path for kind, *paths in self.reports() if kind == DIRECTORIES for path in paths]
        for path in reversed(made):
            with suppress(OSError):  # others have put something there
                os.rmdir(path)
        self.dismiss()

    def _tell_to_stop(self) -> None:
        if self._pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGTERM)


class Reports:
    """The scout's side: where it reports to."""

    def __init__(self, file: int, parent: int, first: int) -> None:
        self._file, self._parent = file, parent
        self.first = first  # number of its first record; no other scout's record has it

    def send(self, *report: Any) -> None:
        """Report something that marshal can write. Ends the process when nobody is left to read."""
        if os.getppid() != self._parent:
            raise SystemExit
        data = marshal.dumps(report)
        data = len(data).to_bytes(_SIZE, "little") + data
        while data:
            data = data[os.write(self._file, data) :]


def _explore(explore: Callable[[Reports], None], reports: Reports) -> NoReturn:
    """Be a scout, and end. What goes wrong, the walk will come to by itself.

    Told to stop, it ends once no command that it has started is left: probes remove the
    directories that they work in as their last act.
    """

    def stop(number: int, frame: object) -> None:
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            raise SystemExit from None
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE)

    try:
        for number in (signal.SIGTERM, signal.SIGALRM):
            signal.signal(number, stop)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        explore(reports)
    finally:
        os._exit(0)
