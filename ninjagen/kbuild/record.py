"""What one make process saw and did: enough to do it again without evaluating anything.

A record is the process's own part. What the makes it started did is in their records, and its
steps say where they come in. Nothing here decides whether a record still holds: see memory.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

from ninjagen.graph import Edge, edge_of
from ninjagen.kbuild import protocol

# The kinds of steps. A step is a tuple that begins with one; all of it is what marshal can write.
EDGE = 0  # the edge's fields, NM, what it made: add the edge to the graph
GROUP = 1  # wished name, members, name it got
MAKE = 2  # the number of the record of a make that was started here
DIRECTORIES = 3  # where, names as spelled there: make directories
FLAGS = 4  # object, flags: what its front end saved for its back end
TOOLS = 5  # name, value, ...: programs as kbuild has them, for --thinlto=dist
RUN = 6  # command, target's name, location: a command run while build.ninja is written
SAY = 7  # text for standard output, from $(info)
COMPLAIN = 8  # text for standard error, from $(warning)
DECIDES = 9  # path of a product that chose flags
LOCALE = 10  # names and values of the locale that kbuild sets
UNEXPORTED = 11  # names that no command may see
SUFFIXES = 12  # suffixes of single targets
SIBLINGS = 13  # (location of a rule, suffixes): what else could be made of its sources
DIRECTORY = 14  # directory, outputs: what a make came to that had the directory as its goal
NAME = 15  # name, outputs: what a phony target of the top Makefile came to
AT_ONCE = 16  # names of goals that are done at once

Step = tuple[Any, ...]


class Call(NamedTuple):
    """What a make is started with."""

    arguments: tuple[str, ...]
    cwd: str
    environ: int  # number of the environment
    before: tuple[str, ...] = ()  # what must be made first
    causes: tuple[str, ...] = ()  # what makes it run again, for a make that a script runs

    @property
    def title(self) -> str:
        """The command line, for people."""
        return " ".join(("make", *self.arguments))


@dataclass(slots=True)
class Notes:
    """What a make process asked of the world, and the answers it got. Paths are absolute."""

    files: dict[str, None] = field(default_factory=dict)  # their content was read
    asked: dict[str, bool] = field(default_factory=dict)  # path -> does it exist
    globbed: dict[str, list[str]] = field(default_factory=dict)  # pattern -> paths on disk
    made: dict[str, int] = field(default_factory=dict)  # path -> FileTable.made, at first
    patterns: dict[str, tuple[str, ...]] = field(default_factory=dict)  # -> what matched, at first
    predicted: dict[str, str] = field(default_factory=dict)  # question -> digest of the answer
    commands: set[tuple[str, str]] = field(default_factory=set)  # run each time: command, cwd
    answers: set[str] = field(default_factory=set)  # names looked for in what Kconfig answers

    def add(self, later: Notes) -> None:
        """Take what was asked later."""
        self.files.update(later.files)
        self.asked.update(later.asked)
        self.globbed.update(later.globbed)
        for path, made in later.made.items():
            self.made.setdefault(path, made)
        for pattern, found in later.patterns.items():
            self.patterns.setdefault(pattern, found)
        self.predicted.update(later.predicted)
        self.commands |= later.commands
        self.answers |= later.answers


@dataclass(slots=True)
class Record:
    """One make process: how it was started, what it saw, what it did, what it came to."""

    number: int = -1
    call: Call = field(default_factory=lambda: Call((), "", -1))
    notes: Notes = field(default_factory=Notes)
    steps: list[Step] = field(default_factory=list)
    outputs: tuple[str, ...] = ()

    def edges(self) -> list[Edge]:
        """Return the edges that the process itself made."""
        return [edge_of(step[1]) for step in self.steps if step[0] == EDGE]

    def makes(self) -> list[int]:
        """Return the numbers of the records of the makes it started."""
        return [step[1] for step in self.steps if step[0] == MAKE]

    def packed(self) -> tuple[Any, ...]:
        """Return the record in the types that marshal knows."""
        notes = self.notes
        return (
            self.number, tuple(self.call),
            (
                tuple(notes.files), notes.asked, notes.globbed, notes.made, notes.patterns,
                notes.predicted, notes.commands,
                [name for name in notes.answers if name.startswith(protocol.SYMBOL)],
            ),
            self.steps, self.outputs,
        )


def unpacked(packed: Sequence[Any]) -> Record:
    """Return the record that `packed` was made of."""
    number, call, (files, *notes), steps, outputs = packed
    known = Notes(dict.fromkeys(files), *notes)
    known.answers = set(known.answers)
    return Record(number, Call(*call), known, steps, outputs)


def digest(text: str | None) -> str:
    """Return a short text that stands for another, or for none."""
    if text is None:
        return ""
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
