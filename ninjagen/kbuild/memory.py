"""The records of the last generation: which still hold, and how they are kept.

A record holds while all that its process saw is as it was: the files it read, what exists on disk
and what patterns match there, what commands said; and, of the state that processes share, what
others make. Of that only what may be different is looked at again: the files that a process makes
or made which is evaluated anew.
"""

from __future__ import annotations

import marshal
import os
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any

from ninjagen import stamp
from ninjagen.kbuild import protocol
from ninjagen.kbuild.effects import Effects
from ninjagen.kbuild.record import DIRECTORIES, EDGE, Call, Record, unpacked
from ninjagen.kbuild.world import FileTable, matches
from ninjagen.make.words import has_wildcards

_PLAIN = 16 << 20  # bytes of records that are not compressed: more take too much memory
_COMPRESSED = b"x"  # what zlib gives begins so, and a tuple of marshal's does not
_FORMAT = b"ninjagen records 6 " + sys.version.split()[0].encode() + b"\n"
_SIZE = 8  # bytes in which it is told how long what comes before the records is

Buffer = bytes | memoryview


class Memory:
    """Records of make processes: the old ones, read from a file, and those of this generation."""

    def __init__(self) -> None:
        self.objtree = ""
        self.seen = stamp.Seen()  # what the old records saw, as it is now
        self.changes = stamp.Changes()  # in what that is not as they saw it
        self._answers: dict[str, str] = {}  # Kconfig's, to the makefiles of the old records
        self._changed_answers: set[str] = set()  # names of those that are not the same now
        self._unexpected: set[str] = set()  # names of those that a scout was told otherwise
        self.kept: dict[int, Buffer] = {}  # what goes into the file: number -> record, packed
        self.evaluated = 0
        self._old: dict[int, Buffer] = {}
        self._opened: dict[int, Record] = {}
        self._environ_of: dict[int, int] = {}  # of each record that is kept
        self._by_call: dict[tuple[Any, ...], list[int]] = {}
        self._environs: dict[int, bytes] = {}
        self._numbered: dict[str, tuple[dict[str, str], int]] = {}  # by level: the last, its number
        self._reported: dict[int, bytes] = {}  # records that a scout has reported, packed
        self._calls: dict[int, Call] = {}  # of these; most of them are never opened
        self._reported_calls: set[tuple[Any, ...]] = set()  # of these, but for the environment
        self._told: set[int] = set()  # environments that a scout has told of
        self._users: dict[str, str] = {}  # the terminal's, which makes hand on
        self._made_before: set[str] = set()
        self._next = 0
        self._plain = 0  # bytes of records that were kept
        self._stale: set[int] = set()
        self._doubted: set[str] = set()  # absolute paths that may be made now and were not
        self._doubted_in: dict[str, list[str]] = {}  # by directory

    # --- keeping ---

    def load(
        self, path: str, token: str, seen: stamp.Seen, changes: stamp.Changes
    ) -> None:
        """Take the records that were kept under `token`; others, or a broken file, are none.

        `seen` is what they saw, `changes` what of it is different now.
        """
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError:
            return
        if not data.startswith(_FORMAT) or token != _token([data]):
            return
        view = memoryview(data)[len(_FORMAT) :]
        start, end = _SIZE, _SIZE + int.from_bytes(view[:_SIZE], "little")
        sizes, self._environs, self._answers = marshal.loads(view[start:end])
        for number, size in sizes.items():
            self._old[number] = view[end : end + size]
            end += size
        self._next = max(self._old, default=-1) + 1
        self.seen = seen.now(changes)
        self.changes = changes

    def packed(self, answers: Mapping[str, str]) -> tuple[list[Buffer], str]:
        """Return the content of the file that keeps the records of this generation, made with
        these answers of Kconfig's, in pieces, and a token that only this content has."""
        used = {self._environ_of[number] for number in self.kept}
        environs = {number: text for number, text in self._environs.items() if number in used}
        sizes = {number: len(packed) for number, packed in self.kept.items()}
        first = marshal.dumps((sizes, environs, dict(answers)))
        pieces = [_FORMAT, len(first).to_bytes(_SIZE, "little"), first, *self.kept.values()]
        return pieces, _token(pieces)

    def answered(self, answers: Mapping[str, str]) -> bool:
        """Take what Kconfig answers makefiles now: records of makes that looked for something
        else do not hold. Tell whether these, and the makes they start, are half of all."""
        self._changed_answers = {name for name, _ in self._answers.items() ^ answers.items()}
        if not self._changed_answers:
            return False
        concerned: set[int] = set()
        for number in reversed(self._old):  # a make comes after those that it starts
            record = self.record(number)
            if number in concerned or not record.notes.answers.isdisjoint(self._changed_answers):
                concerned.add(number)
                concerned.update(record.makes())
        return 2 * len(concerned) >= len(self._old)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing from the last generation."""
        return not self._old

    # --- environments ---

    def number_of(self, environ: Mapping[str, str]) -> int:
        """Return the number of an environment; equal ones have one number, in every process.

        What the user's terminal gave the first make does not count.
        """
        level = environ.get("MAKELEVEL", "")
        last = self._numbered.get(level)
        if last is None or last[0] != environ:
            last = self._numbered[level] = {**environ}, self._number_of(environ)
        return last[1]

    def _number_of(self, environ: Mapping[str, str]) -> int:
        if not self._users:
            self._users = {
                name: value for name, value in environ.items()
                if name != "PATH" and protocol.is_users(name)
            }
        users = self._users.items()
        kept = sorted(item for item in environ.items() if item not in users)
        packed = marshal.dumps(kept, 2)  # 2: without references, so that equal is equal
        number = int.from_bytes(blake2b(packed, digest_size=8).digest(), "little")
        self._environs.setdefault(number, packed)
        return number

    def environ(self, number: int) -> dict[str, str]:
        """Return the environment with a number."""
        return {**self._users, **dict(marshal.loads(self._environs[number]))}

    # --- old records ---

    def record(self, number: int) -> Record:
        """Return an old record."""
        known = self._opened.get(number)
        if known is None:
            packed = self._packed(number)
            if packed[:1] == _COMPRESSED:
                packed = zlib.decompress(packed)
            known = self._opened[number] = unpacked(marshal.loads(packed))
        return known

    def _packed(self, number: int) -> Buffer:
        return self.kept.get(number) or self._reported.get(number) or self._old[number]

    def find(self, call: Call) -> Record | None:
        """Return the old record of a make that was started like this, or None.

        What must be made before it may differ: such a record does not hold, but tells what the
        make came to.
        """
        self._index()
        numbers = self._by_call.get(call[:3], ())
        for number in numbers:
            if (self._calls.get(number) or self.record(number).call) == call:
                return self.record(number)
        return self.record(numbers[0]) if numbers else None

    def _index(self) -> None:
        if not self._by_call:
            for number in self._old:
                self._by_call.setdefault(self.record(number).call[:3], []).append(number)

    def holds(self, record: Record, effects: Effects) -> bool:
        """Tell whether all that a record's process saw is still so."""
        notes, changes = record.notes, self.changes
        is_told = record.number in self._reported
        answers = self._unexpected if is_told else self._changed_answers
        return not (
            record.number in self._stale
            or not notes.answers.isdisjoint(answers)
            or (answers and effects.table.answers in notes.files)
            or any(path in notes.files for path in changes.files)
            or any(command in notes.commands for command in changes.commands)
            or any(
                path in notes.asked
                and notes.asked[path] != (there and path not in effects.table.leftovers)
                for path, there in changes.exists.items()
            )
            or any(pattern in notes.globbed for pattern in changes.globs)
            or self._is_made_otherwise(record, effects.table)
            or any(
                effects.predicts(question) != answer
                for question, answer in notes.predicted.items()
            )
        )

    def _is_made_otherwise(self, record: Record, table: FileTable) -> bool:
        """Tell whether others make, of what a record's process asked for, something else now.

        What it makes itself, or a make that it starts, is not there yet; see `differs`.
        """
        notes = record.notes
        if record.number in self._reported:  # by a scout, who has not seen what was made since
            doubted, patterns = notes.made, list(notes.patterns)
        else:
            doubted = {path: notes.made[path] for path in self._doubted.intersection(notes.made)}
            patterns = [each for each in notes.patterns if _matches_any(each, self._doubted_in)]
        made = table.made_otherwise(doubted)
        matched = [
            (now, then) for pattern in patterns
            if (now := {*table.matching(pattern)}) != (then := {*notes.patterns[pattern]})
        ]
        if not made and not matched:
            return False
        inside = self._made_under(record)
        return any(
            not (path in inside and table.made(path) < notes.made[path]) for path in made
        ) or any(now - inside != then - inside for now, then in matched)

    def differs(self, record: Record, old: Record, new: Record) -> bool:
        """Tell whether what a make that a process started makes now, and did not, or the reverse,
        is something that the process asked for."""
        if self._make_the_same(old, new):
            return False
        products, others = self._products_under(old), self._products_under(new)
        if products == others:
            return False
        difference = self._with_all_directories(products) ^ self._with_all_directories(others)
        by_directory: dict[str, list[str]] = {}
        for path in difference:
            by_directory.setdefault(os.path.dirname(path), []).append(path)
        return not difference.isdisjoint(record.notes.made) or any(
            _matches_any(pattern, by_directory) for pattern in record.notes.patterns
        )

    def _make_the_same(self, old: Record, new: Record) -> bool:
        """Tell whether it is plain that two processes make the same: step for step."""
        if old.number == new.number:
            return True
        before, after = old.makes(), new.makes()
        return len(before) == len(after) and [*self._products(old)] == [*self._products(new)] and (
            all(
                one == other or self._make_the_same(self.record(one), self.record(other))
                for one, other in zip(before, after, strict=True)
            )
        )

    def recall(self, record: Record, table: FileTable) -> None:
        """Tell the table what a record's process saw, as it is now."""
        notes = record.notes
        read = notes.files
        if not table.deciding.keys().isdisjoint(read):
            read = {path: None for path in read if path not in table.deciding}
        table.read_files.update(read)
        if record.number in self._reported:
            self.evaluated += 1
            table.asked.update(notes.asked)
            table.asked.update(
                (path, os.path.exists(path)) for path in table.leftovers & notes.asked.keys()
            )
            table.globbed.update(notes.globbed)
            return
        table.asked.update((path, self.seen.exists[path]) for path in notes.asked)
        table.globbed.update((pattern, self.seen.globs[pattern]) for pattern in notes.globbed)

    def forget(self, record: Record, all_of_them: bool) -> None:
        """Begin another walk, and never use an old record again, or any."""
        self._stale.update((*self._old, *self._reported) if all_of_them else [record.number])
        self.kept = {}
        self._doubted.clear()
        self._doubted_in.clear()

    def products(self) -> set[str]:
        """Return what the processes of the last generation made, absolute."""
        return self._made_before or {
            path for number in self._old for path in self._products(self.record(number))
        }

    def of_products(self) -> Memory:
        """Return a memory that knows what was made, and has no records."""
        memory = Memory()
        memory._made_before = self.products()
        return memory

    # --- records of this generation ---

    def new(self, call: Call) -> Record:
        """Return a record for a process that is about to be evaluated."""
        self._next += 1
        self.evaluated += 1
        return Record(self._next - 1, call)

    def keep(self, record: Record) -> None:
        """Keep a record for the next generation."""
        packed = marshal.dumps(record.packed())
        self._plain += len(packed)
        if self._plain > _PLAIN:  # a directory's commands are nearly the same
            packed = zlib.compress(packed, 1)
        self._keep(record, packed)

    def keep_old(self, record: Record) -> None:
        """Keep a record that was used again as it was."""
        self._keep(record, self._packed(record.number))

    def _keep(self, record: Record, packed: Buffer) -> None:
        number = record.number
        self.kept[number], self._environ_of[number] = packed, record.call.environ
        if self.is_empty:  # then hardly any is looked at again, and all are a third of the memory
            self._opened.pop(number, None)
        else:
            self._opened[number] = record

    # --- what a scout reports ---

    def number_from(self, number: int) -> None:
        """Number new records from here on."""
        self._next = number

    def surprised(self, names: Iterable[str]) -> None:
        """Take the names of Kconfig's answers that are not what the scout was told: what it
        reports of makes that looked for them does not hold."""
        self._unexpected.update(names)

    def tells_otherwise(self, call: Call) -> bool:
        """Tell whether a scout that was told wrong has come to a make with another environment:
        what the first make exports is no other make's, so hardly any of its records will hold."""
        return (
            bool(self._unexpected) and call[:3] not in self._by_call
            and call[:2] in self._reported_calls
        )

    def disbelieve(self) -> None:
        """Find no record again that a scout has reported so far; the next one is told the truth."""
        for number, call in self._calls.items():
            self._by_call[call[:3]].remove(number)
        self._calls, self._reported_calls, self._unexpected = {}, set(), set()

    def report(self, record: Record) -> tuple[Buffer, tuple[Any, ...], bytes]:
        """Return a record that was kept, how its make was started, and its environment unless one
        before it had the same, for `learn`."""
        call = record.call
        environ = b"" if call.environ in self._told else self._environs[call.environ]
        self._told.add(call.environ)
        return self.kept[record.number], tuple(call), environ

    def learn(
        self, number: int, packed: bytes, started: tuple[Any, ...], environ: bytes
    ) -> None:
        """Take a record that another process has made in this generation."""
        self._index()
        self._reported[number] = packed
        call = self._calls[number] = Call(*started)
        self._reported_calls.add(call[:2])
        if environ:
            self._environs.setdefault(call.environ, environ)
        self._by_call.setdefault(call[:3], []).append(number)

    def suspect(self, record: Record) -> None:
        """Doubt what is said of the files that a record's process and those below it make:
        it is evaluated again, and may come to make others, or in another order.
        """
        if not self.is_empty:
            for path in self._products_under(record):
                self._doubt(path)

    def suspect_own(self, record: Record) -> None:
        """Doubt what is said of the files that a process has come to make by itself so far."""
        if not self.is_empty:
            for path in self._products(record):
                self._doubt(path)

    def _doubt(self, path: str) -> None:
        for each in self._with_directories(path):
            if each in self._doubted:
                return
            self._doubted.add(each)
            self._doubted_in.setdefault(os.path.dirname(each), []).append(each)

    def _with_directories(self, path: str) -> Iterator[str]:
        while len(path) > len(self.objtree):
            yield path
            path = os.path.dirname(path)

    def _made_under(self, record: Record) -> set[str]:
        """Return what a process and those below it make, with all directories."""
        return self._with_all_directories(self._products_under(record))

    def _with_all_directories(self, paths: Iterable[str]) -> set[str]:
        found: set[str] = set()
        for path in paths:
            for each in self._with_directories(path):
                if each in found:
                    break
                found.add(each)
        return found

    def _products_under(self, record: Record) -> set[str]:
        found: set[str] = set()
        waiting = [record]
        while waiting:
            each = waiting.pop()
            found.update(self._products(each))
            waiting += [self.record(number) for number in each.makes()]
        return found

    def _products(self, record: Record) -> Iterable[str]:
        for step in record.steps:
            if step[0] == EDGE:
                for name in step[3]:
                    yield os.path.join(self.objtree, name)
            elif step[0] == DIRECTORIES:
                for name in step[2]:
                    yield os.path.normpath(os.path.join(step[1], name))


def _matches_any(pattern: str, by_directory: Mapping[str, list[str]]) -> bool:
    directory = pattern.rpartition("/")[0]
    if has_wildcards(directory):
        return any(matches(path, pattern) for paths in by_directory.values() for path in paths)
    return any(matches(path, pattern) for path in by_directory.get(directory, ()))


def _token(pieces: Iterable[Buffer]) -> str:
    size = check = 0
    for piece in pieces:
        size, check = size + len(piece), zlib.crc32(piece, check)
    return f"{size}-{check:08x}"
