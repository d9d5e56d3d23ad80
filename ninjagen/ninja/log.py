"""What ninja remembers of a tree: .ninja_log, the commands that made it, and .ninja_deps.

The formats are ninja's own (1.11 to 1.13: src/build_log.cc, src/deps_log.cc). The commands are kept
as hashes: by MurmurHash64A in the log's versions 5 and 6, by rapidhash (its version 1) in 7.
"""

from __future__ import annotations

import itertools
import os
import struct
import subprocess
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

LOG = ".ninja_log"
DEPS = ".ninja_deps"

_SIGNATURE = "# ninja log v"
_DEPS_HEADER = b"# ninjadeps\n" + struct.pack("=i", 4)
_IS_DEPS = 1 << 31  # of a record's size: the record holds dependencies, not a name
_64 = (1 << 64) - 1


class Entry(NamedTuple):
    """One output that a command made."""

    output: str
    start: int  # milliseconds since ninja was started; both are 0 if ninja did not run it
    end: int
    mtime: int  # nanoseconds: what inputs must not be newer than
    command_hash: int

    def __str__(self) -> str:
        """The line of a log."""
        return (
            f"{self.start}\t{self.end}\t{self.mtime}\t{self.output}\t{self.command_hash:x}\n"
        )


class Dialect(NamedTuple):
    """How one ninja writes its log."""

    version: int
    hash_of: Callable[[bytes], int]


class Log(NamedTuple):
    """The text of a .ninja_log."""

    text: str
    version: int

    def entries(self) -> Iterator[Entry]:
        """Yield what is in it, in the order in which ninja wrote it."""
        for line in self.text.split("\n")[1:]:
            fields = line.split("\t")
            if len(fields) != 5:
                continue  # cut off, when ninja was killed: ninja passes over it too
            start, end, mtime, output, command_hash = fields
            try:
                yield Entry(output, int(start), int(end), int(mtime), int(command_hash, 16))
            except ValueError:
                continue

    def outputs(self) -> set[str]:
        """Return what ninja has made, at some time."""
        return {entry.output for entry in self.entries()}

    def names(self, output: str) -> bool:
        """Tell whether an output is in it, without taking every line apart."""
        return f"\t{output}\t" in self.text

    def with_entries(self, entries: Iterable[Entry]) -> str:
        """Return the text with more entries."""
        text = self.text if self.text.endswith("\n") else self.text + "\n"
        return text + "".join(map(str, entries))


class Unknown(Exception):
    """A log that is not as we know logs; it is left alone."""


# --- .ninja_log ---


def read_log(path: str) -> Log:
    """Return a log; raises Unknown for one of another form, OSError when it cannot be read."""
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
        text = file.read()
    first = text.partition("\n")[0]
    version = first.removeprefix(_SIGNATURE)
    if version == first or not version.isdigit():
        raise Unknown(f"{path} is not a log of ninja")
    return Log(text, int(version))


def empty_log(version: int) -> Log:
    """Return a log in which nothing is yet."""
    return Log(f"{_SIGNATURE}{version}\n", version)


def dialect_of(environ: Mapping[str, str]) -> Dialect | None:
    """Let the ninja on PATH make a file, and look at its log; None if nothing known is there."""
    import tempfile  # with bz2, lzma and random: 4 ms

    command = ": > out"
    with tempfile.TemporaryDirectory(prefix="ninjagen") as directory:
        with open(os.path.join(directory, "build.ninja"), "w", encoding="utf-8") as file:
            file.write(f"rule r\n  command = {command}\nbuild out: r\n")
        try:
            subprocess.run(
                ["ninja"], cwd=directory, env=dict(environ), check=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            log = read_log(os.path.join(directory, LOG))
        except (OSError, subprocess.CalledProcessError, Unknown):
            return None
    for hash_of in (rapidhash, murmurhash):
        if [entry.command_hash for entry in log.entries()] == [hash_of(command.encode())]:
            return Dialect(log.version, hash_of)
    return None


# --- .ninja_deps ---


class DepsLog:
    """The bytes of a .ninja_deps, and the names of files that are numbered in it."""

    def __init__(self, records: bytes = b"") -> None:
        """Read the records of a log; raises Unknown if they are cut off or in disorder."""
        self.numbers: dict[bytes, int] = {}
        self._chunks = [_DEPS_HEADER, records]
        at = 0
        try:
            while at < len(records):
                (size,) = struct.unpack_from("=I", records, at)
                at += 4 + (size & ~_IS_DEPS)
                if size < _IS_DEPS:
                    (check,) = struct.unpack_from("=I", records, at - 4)
                    self.number(records[at - size : at - 4].rstrip(b"\0"))
                    if check != ~(len(self.numbers) - 1) & 0xFFFFFFFF:
                        raise Unknown(f"the names in {DEPS} are in disorder")
        except struct.error:
            at = -1
        if at != len(records):
            raise Unknown(f"{DEPS} is cut off")
        self._written = len(self.numbers)

    def number(self, name: bytes) -> int:
        """Return the number of a name, a new one if need be."""
        return self.numbers.setdefault(name, len(self.numbers))

    def add(self, output: str, mtime: int, inputs: array[int]) -> None:
        """Note what the depfile of an output named when the output had this time."""
        number = self.number(output.encode(errors="surrogateescape"))
        for name in itertools.islice(self.numbers, self._written, None):
            padded = name + b"\0" * (-len(name) % 4)
            self._chunks.append(
                struct.pack("=I", len(padded) + 4) + padded
                + struct.pack("=I", ~self._written & 0xFFFFFFFF)
            )
            self._written += 1
        size = _IS_DEPS | 12 + len(inputs) * inputs.itemsize
        self._chunks.append(struct.pack("=Iiq", size, number, mtime) + inputs.tobytes())

    def data(self) -> bytes:
        """Return the bytes of the log."""
        return b"".join(self._chunks)


def read_deps(path: str) -> DepsLog:
    """Return a log; raises Unknown for one of another form, OSError when it cannot be read."""
    with open(path, "rb") as file:
        data = file.read()
    if not data.startswith(_DEPS_HEADER):
        raise Unknown(f"{path} is not a log of ninja")
    return DepsLog(data[len(_DEPS_HEADER) :])


# --- hashes ---


class _Mixed(dict[int, int]):
    """Words of 8 bytes as MurmurHash64A mixes them, each once: commands are much alike."""

    def __missing__(self, word: int) -> int:
        mixed = word * _MULTIPLIER & _64
        self[word] = mixed = (mixed ^ mixed >> 47) * _MULTIPLIER & _64
        return mixed


_MULTIPLIER = 0xC6A4A7935BD1E995
_mixed = _Mixed()


def murmurhash(data: bytes) -> int:
    """Return MurmurHash64A of some bytes, with ninja's seed."""
    count = len(data) // 8
    result = 0xDECAFBADDECAFBAD ^ (len(data) * _MULTIPLIER & _64)
    for word in struct.unpack_from(f"<{count}Q", data):
        result = (result ^ _mixed[word]) * _MULTIPLIER & _64
    if len(data) % 8:
        result = (result ^ int.from_bytes(data[count * 8 :], "little")) * _MULTIPLIER & _64
    result = (result ^ result >> 47) * _MULTIPLIER & _64
    return result ^ result >> 47


_SECRET = (0x2D358DCCAA6C78A5, 0x8BB84B93962EACC9, 0x4B33A62ED433D4A3)


def rapidhash(data: bytes) -> int:
    """Return the first version of rapidhash of some bytes, with its own seed."""
    first, second, third = _SECRET
    size = len(data)
    seed = 0xBDD89AA982704029
    seed ^= _folded((seed ^ first) * second) ^ size
    if size <= 16:
        a, b = _short(data)
    else:
        seed = _blocks(data, seed)
        at = (size // 48 * 48) if size > 48 else 0
        if size - at > 16:
            seed = _folded((_word(data, at) ^ third) * (_word(data, at + 8) ^ seed ^ second))
        if size - at > 32:
            seed = _folded((_word(data, at + 16) ^ third) * (_word(data, at + 24) ^ seed))
        a, b = _word(data, size - 16), _word(data, size - 8)
    product = (a ^ second) * (b ^ seed)
    return _folded((product & _64 ^ first ^ size) * (product >> 64 ^ second))


def _blocks(data: bytes, seed: int) -> int:
    """Return the seed after all whole blocks of 48 bytes."""
    if len(data) <= 48:
        return seed
    first, second, third = _SECRET
    one = two = three = seed
    words = iter(struct.unpack_from(f"<{len(data) // 48 * 6}Q", data))
    for a, b, c, d, e, f in zip(words, words, words, words, words, words, strict=True):
        product = (a ^ first) * (b ^ one)  # _folded() in place: half the time
        one = product & _64 ^ product >> 64
        product = (c ^ second) * (d ^ two)
        two = product & _64 ^ product >> 64
        product = (e ^ third) * (f ^ three)
        three = product & _64 ^ product >> 64
    return one ^ two ^ three


def _short(data: bytes) -> tuple[int, int]:
    """Return the two words that at most 16 bytes are read as."""
    size = len(data)
    if size >= 4:
        step = (size & 24) >> (size >> 3)
        return (
            _half(data, 0) << 32 | _half(data, size - 4),
            _half(data, step) << 32 | _half(data, size - 4 - step),
        )
    if size:
        return data[0] << 56 | data[size >> 1] << 32 | data[-1], 0
    return 0, 0


def _folded(product: int) -> int:
    return product & _64 ^ product >> 64


def _half(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little")
