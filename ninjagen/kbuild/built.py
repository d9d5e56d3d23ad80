"""What make has built in an object tree already: outputs whose saved command is the edge's.

kbuild takes an output for up to date when the command in its `.cmd` file is the one it would run
and no prerequisite is newer (scripts/Kbuild.include, if_changed). The first half is decided here.
The other is ninja's own to find out, from times, once it knows what the output was made from.
Knows nothing of ninja's logs.
"""

from __future__ import annotations

import functools
import os
import re
from array import array
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from ninjagen.graph import Edge, Graph
from ninjagen.kbuild import protocol
from ninjagen.kbuild.lower import unescape_saved

_SAVED = re.compile(rb"^(?:saved)?cmd_\S+ := (.*)\n", re.M)
_DEPS = re.compile(rb"^deps_\S+ := \\\n", re.M)  # up to an empty line
_SOURCE = re.compile(rb"^source_\S+ := (.*)\n", re.M)
_OPTION = re.compile(rb"\$\(wildcard (\S+)\)")

LONG_AGO = 1  # seconds since 1970: older than any output


class Made(NamedTuple):
    """An edge that make has run, as far as its command tells."""

    edge: Edge
    times: tuple[int, ...]  # when each output was written, in nanoseconds
    read: array[int] | None  # numbers of the files it read, if the edge has a depfile


def saved_file(objtree: str, output: str) -> str:
    """Return the path of the file that holds the command of an output."""
    directory, _, name = os.path.join(objtree, output).rpartition("/")
    return f"{directory}/.{name}.cmd"


@dataclass(eq=False, repr=False)
class Built:
    """What make has left in one object tree."""

    objtree: str
    number: Callable[[bytes], int]  # gives a name its number; the same name the same one
    is_module: bool = False  # an external one: its options are those of a kernel
    outputs: int = 0  # that make has built, by any command
    options: set[str] = field(default_factory=set)  # include/config/FOO, as listed

    def __post_init__(self) -> None:
        self._lines = _Lines(self)

    def find(self, graph: Graph, known: Set[str]) -> Iterator[Made]:
        """Yield the edges that make has run, but for those with an output that is known."""
        there = functools.cache(self._has_commands)
        for edge in graph:
            if edge.saved and known.isdisjoint(edge.all_outputs) \
                    and there(os.path.dirname(edge.outputs[0])):
                made = self._made(edge)
                if made is not None:
                    yield made

    def make_options(self) -> None:
        """Make the listed files of options that are not set: ninja takes a missing input for a
        changed one. kbuild does not mind them (runtime/depfile.awk does the same)."""
        for option in sorted(self.options):
            path = os.path.join(self.objtree, option)
            if not os.path.exists(path):
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "a", encoding="utf-8"):
                    os.utime(path, (LONG_AGO, LONG_AGO))

    def _has_commands(self, directory: str) -> bool:
        """Tell whether make has saved commands in a directory; in a new tree it has in none."""
        try:
            names = os.listdir(os.path.join(self.objtree, directory))
        except OSError:
            return False
        return any(name.endswith(".cmd") for name in names)

    def _made(self, edge: Edge) -> Made | None:
        try:
            with open(saved_file(self.objtree, edge.outputs[0]), "rb") as file:
                text = file.read()
                saved_at = os.fstat(file.fileno()).st_mtime_ns
            times = tuple(
                os.stat(os.path.join(self.objtree, path)).st_mtime_ns for path in edge.all_outputs
            )
        except OSError:
            return None
        self.outputs += len(times)
        saved = _SAVED.search(text)
        if saved is None or unescape_saved(saved[1].decode(errors="surrogateescape")) != edge.saved:
            return None
        if max(times) > saved_at:
            return None  # cut off: a command is saved when its output is whole
        if not edge.depfile:
            return Made(edge, times, None)
        read = self._read(edge, text)
        return None if read is None else Made(edge, times, read)

    def _read(self, edge: Edge, text: bytes) -> array[int] | None:
        """Return the numbers of what the command read, None if that is not told."""
        if edge.listing:
            try:
                with open(os.path.join(self.objtree, edge.listing), "rb") as file:
                    text = file.read()
            except OSError:
                return None
        found = _DEPS.search(text)
        if found is None:
            return None
        end = text.find(b"\n\n", found.end() - 1)
        listed = text[found.end() : None if end < 0 else end]
        lines = [line for line in listed.split(b"\n") if line]
        source = _SOURCE.search(text, 0, found.start())
        if source is not None:
            lines.insert(0, source[1])
        self._lines.cwd = edge.cwd.encode() if edge.cwd else b""
        numbers = array("i", map(self._lines.__getitem__, lines))
        if _Lines.UNCLEAR in numbers:
            return None
        if self.is_module:
            numbers = array("i", (number for number in numbers if number != _Lines.NOTHING))
        return numbers


class _Lines(dict[bytes, int]):
    """Numbers of files by the lines that name them: most headers are in most lists."""

    UNCLEAR = -1  # a line that make would read otherwise
    NOTHING = -2  # an option of an external module that has none

    def __init__(self, built: Built) -> None:
        super().__init__()
        self.built = built
        self.cwd = b""

    def __missing__(self, line: bytes) -> int:
        name = line.strip().removesuffix(b"\\").rstrip()
        option = _OPTION.fullmatch(name)
        if option and self.built.is_module:
            name = self._option_of_kernel(option[1])
            if not name:
                return self.NOTHING
        elif option:
            name = option[1]
            self.built.options.add(os.fsdecode(name))
        elif self.cwd:
            name = os.path.join(self.cwd, name)
        if not name or re.search(rb"[\s\\$]", name):
            return self.UNCLEAR
        number = self.built.number(os.path.normpath(name))
        if not self.cwd:
            self[line] = number
        return number

    def _option_of_kernel(self, option: bytes) -> bytes:
        """Return the file to take for an option, as runtime/depfile.awk does with `unset`."""
        for name in (option, protocol.AUTO_CONF.encode()):
            path = os.path.join(self.cwd or os.fsencode(self.built.objtree), name)
            if os.path.exists(path):
                return path
        return b""
