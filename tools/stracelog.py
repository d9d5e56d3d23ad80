"""Reads what `strace -f -y` wrote: which process touched which files, and who started it.

Knows nothing of ninja and nothing of kernels. Paths come out absolute, `.` and `..` resolved.

What counts as a touch:

    READ    opened for reading, and it was there
    RUN     executed
    LOOK    asked for: stat, access, readlink, or an open that failed
    WRITE   opened for writing, created, linked or renamed to, cut off, times or mode set
    REMOVE  unlinked, or renamed to something else
    FOLDER  a directory made or removed; listing one is no touch
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

READ, RUN, LOOK, WRITE, REMOVE, FOLDER = "read", "run", "look", "write", "remove", "folder"

# What strace has to be told; the file to write is added, and the command.
COMMAND = (
    "strace", "--seccomp-bpf", "-f", "-y", "-q", "-s", "1000000", "-e", "signal=none",
    "-e", "trace=%file,fork,vfork,clone,clone3,fchdir",
)  # fmt: skip


class LogError(Exception):
    """The log is not what we know of strace."""


class Touch(NamedTuple):
    """One thing done to one file."""

    line: int  # of the log: what has a smaller one came before
    verb: str
    path: str


@dataclass(eq=False)
class Process:
    """One process, or thread, from its start to its end."""

    parent: Process | None = None
    cwd: str = ""  # where it is now; relative to where it began, while that is not known
    began_in: str = ""  # the parent's cwd when it started this one
    commands: list[str] = field(default_factory=list)  # what it was told to do: sh -c COMMAND
    touches: dict[tuple[str, str], int] = field(default_factory=dict)  # (verb, path) -> line
    changes: list[Touch] = field(default_factory=list)  # WRITE and REMOVE, each time
    has_ended: bool = False
    unfinished: str = ""  # a call that has begun

    def touch(self, line: int, verb: str, path: str) -> None:
        """Note one touch."""
        if verb in (WRITE, REMOVE):
            self.changes.append(Touch(line, verb, path))
        else:
            self.touches.setdefault((verb, path), line)

    def all_touches(self) -> Iterator[Touch]:
        """Yield reads and looks once for each file, and everything that changed one."""
        for (verb, path), line in self.touches.items():
            yield Touch(line, verb, path)
        yield from self.changes


def processes(lines: Iterable[str], cwd: str) -> list[Process]:
    """Return every process of a log, parents before their children.

    `cwd` is where the first one began. Raises LogError for a log that cannot be understood.
    """
    log = _Log()
    for number, line in enumerate(lines):
        log.read(number, line)
    if not log.all or not log.all[0].has_ended:
        raise LogError("the log does not say how the first process ended")
    log.all[0].began_in = cwd
    for process in log.all:
        _resolve(process)
    return log.all


class _Log:
    """Puts the lines of a log together."""

    def __init__(self) -> None:
        self.all: list[Process] = []
        self.last: dict[str, Process] = {}  # by number; the kernel uses numbers again

    def read(self, number: int, line: str) -> None:
        """Take one more line."""
        pid, _, text = line.rstrip("\n").partition(" ")
        text = text.lstrip()
        process = self.last.get(pid)
        if process is None or process.has_ended:
            process = self._start(pid)
        if text.startswith("+++ "):
            # A thread that executes a program takes the number of its process, which goes on.
            process.has_ended = "superseded" not in text
        elif text.endswith(" <unfinished ...>"):
            process.unfinished = text.removesuffix(" <unfinished ...>")
        elif not text.startswith("--- "):
            if text.startswith("<... "):
                text = process.unfinished + text.partition(" resumed>")[2]
                process.unfinished = ""
            self._call(number, process, text)

    def _start(self, pid: str) -> Process:
        process = self.last[pid] = Process()
        self.all.append(process)
        return process

    def _call(self, number: int, process: Process, text: str) -> None:
        name, _, rest = text.partition("(")
        arguments, sign, result = rest.rpartition(" = ")
        if not sign:
            raise LogError(f"line {number + 1} is no system call: {text[:200]}")
        failed = result.startswith("-") or result.startswith("?")
        if name in ("fork", "vfork", "clone", "clone3"):
            if not failed:
                self._forked(process, result.split()[0])
        elif name == "chdir":
            if not failed:
                process.cwd = _names(process, arguments)[0]
        elif name == "fchdir":
            if not failed:
                process.cwd = arguments.partition("<")[2].rpartition(">")[0]
        elif name in _CALLS:
            names = _names(process, arguments)
            for verb, path in _CALLS[name](arguments, names, failed):
                process.touch(number, verb, path)
            if name == "execve" and not failed:
                process.commands += _shell_command(arguments)

    def _forked(self, parent: Process, pid: str) -> None:
        """Note a parent. What the child did may stand before the call that returned it."""
        child = self.last.get(pid)
        if child is None or child.parent is not None:
            child = self._start(pid)
        child.parent, child.began_in = parent, parent.cwd


# ---- the calls

# A directory that strace has named, and a name in quotes.
_NAME = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^<>]*)>, )?"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\([0-7]{1,3}|.)", re.S)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "v": "\v", "f": "\f"}


def _names(process: Process, arguments: str) -> list[str]:
    """Return the files that a call names, each with the directory it starts from."""
    return [
        os.path.join(directory or process.cwd, unescape(name)) if name else ""
        for directory, name in _NAME.findall(arguments)
    ]


def unescape(text: str) -> str:
    """Undo strace's escapes in a string."""
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(_unescaped, text)
    return plain.encode("latin-1").decode("utf-8", "surrogateescape")


def _unescaped(found: re.Match[str]) -> str:
    code = found[1]
    return chr(int(code, 8)) if code[0] in "01234567" else _LETTERS.get(code, code)


def _shell_command(arguments: str) -> list[str]:
    words = [name for _, name in _NAME.findall(arguments)]  # the program, and its words
    if len(words) == 4 and words[0].endswith("/sh") and words[2] == "-c":
        return [unescape(words[3])]
    return []


_Touches = list[tuple[str, str]]


def _look(arguments: str, names: list[str], failed: bool) -> _Touches:
    return [(LOOK, names[0])] if names and names[0] else []  # no name: a file that is open


def _open(arguments: str, names: list[str], failed: bool) -> _Touches:
    if not names or "O_DIRECTORY" in arguments:
        return []
    if failed or "O_PATH" in arguments:
        return [(LOOK, names[0])]
    flags = arguments.rpartition('"')[2]
    found = []
    if "O_WRONLY" not in flags and "O_TRUNC" not in flags:
        found.append((READ, names[0]))
    if "O_WRONLY" in flags or "O_RDWR" in flags or "O_CREAT" in flags:
        found.append((WRITE, names[0]))
    return found


def _execute(arguments: str, names: list[str], failed: bool) -> _Touches:
    return [(LOOK if failed else RUN, names[0])]


def _write(arguments: str, names: list[str], failed: bool) -> _Touches:
    return [] if failed or not names or not names[-1] else [(WRITE, names[-1])]


def _remove(arguments: str, names: list[str], failed: bool) -> _Touches:
    return [] if failed else [(FOLDER if "AT_REMOVEDIR" in arguments else REMOVE, names[0])]


def _folder(arguments: str, names: list[str], failed: bool) -> _Touches:
    return [] if failed else [(FOLDER, names[0])]


def _rename(arguments: str, names: list[str], failed: bool) -> _Touches:
    return [] if failed else [(REMOVE, names[0]), (READ, names[0]), (WRITE, names[1])]


def _link(arguments: str, names: list[str], failed: bool) -> _Touches:
    return [] if failed else [(READ, names[0]), (WRITE, names[1])]


_CALLS = {
    **dict.fromkeys(("open", "openat", "openat2"), _open),
    **dict.fromkeys(("execve", "execveat"), _execute),
    **dict.fromkeys(
        ("creat", "truncate", "symlink", "symlinkat", "mknod", "mknodat", "chmod", "fchmodat",
         "utime", "utimes", "futimesat", "utimensat"), _write,
    ),
    **dict.fromkeys(("unlink", "unlinkat"), _remove),
    **dict.fromkeys(("mkdir", "mkdirat", "rmdir"), _folder),
    **dict.fromkeys(("rename", "renameat", "renameat2"), _rename),
    **dict.fromkeys(("link", "linkat"), _link),
    **dict.fromkeys(
        ("stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2",
         "readlink", "readlinkat"), _look,
    ),
}  # fmt: skip


# ---- where it all happened


def _resolve(process: Process) -> None:
    """Make the paths of a process absolute; its parent's are already."""
    if process.parent is not None:
        process.began_in = os.path.join(process.parent.began_in, process.began_in)
    base = process.began_in
    if not os.path.isabs(base):
        raise LogError("the log does not say who started a process")
    full: dict[str, str] = {}

    def resolved(path: str) -> str:
        if path not in full:
            full[path] = os.path.normpath(os.path.join(base, path))
        return full[path]

    touches: dict[tuple[str, str], int] = {}
    for (verb, path), line in process.touches.items():
        touches.setdefault((verb, resolved(path)), line)
    process.touches = touches
    process.changes = [t._replace(path=resolved(t.path)) for t in process.changes]
