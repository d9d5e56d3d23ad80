"""Runs one makefile under GNU make and under ninjagen.make, in fresh directories.

What is compared is everything a user of `make -nrR` can see: both output streams, each by
itself and merged in the order written, and the exit status.
"""

from __future__ import annotations

import functools
import os
import re
import shlex
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from ninjagen.make import driver
from ninjagen.make.evaluator import Evaluator
from ninjagen.make.process import Process

MAKE = "make"
DRY, WET = "-nrR", "-rR"  # recipes are printed, or run
FILE_MODE = stat.S_IFREG | 0o644
EPOCH = 1_600_000_000  # all files of a case are as old as this, and some `@` seconds

# The same environment for both, whatever the user's is.
BASE_ENVIRONMENT = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"}


def _sorted_words(found: re.Match[str]) -> str:
    return " ".join(sorted(found[0].split()))


# (pattern, replacement, why): what may differ between the two programs.
NORMALISE = [
    (
        r"^(?:make|/bin/sh: 1): (.*): (?:No such file or directory|not found)$",
        r"\1: not found",
        "make starts a simple command without a shell",
    ),
    (r"^rm .*", _sorted_words, "the order of make's hash table, if several files are removed"),
]


@dataclass(frozen=True)
class File:
    """A file that exists before make runs."""

    name: str
    content: str
    mtime: int


@dataclass(frozen=True)
class Case:
    """A makefile, what stands beside it, and the ways it is run."""

    name: str
    text: str
    runs: tuple[tuple[str, ...], ...]  # the goals of each run
    arguments: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    files: tuple[File, ...] = ()
    returncode: int | None = None  # None: whatever the name of the case says
    unlike_make: str = ""  # why GNU make 4.3 cannot be asked; "" when it can
    expect: tuple[str, ...] = ()  # the output, where GNU make cannot be asked
    expect_error: str = ""  # part of the error, where GNU make cannot be asked

    @property
    def must_fail(self) -> bool:
        """Whether make has to refuse the makefile."""
        return self.name.startswith("err_") or bool(self.expect_error)


@dataclass(frozen=True)
class Outcome:
    """What a run of make showed."""

    returncode: int
    merged: str
    stderr: str

    def __str__(self) -> str:
        return f"exit status {self.returncode}\n{self.merged}--- of it on stderr:\n{self.stderr}"


@dataclass
class _Header:
    """The `#T` lines of a case, while they are read."""

    values: dict[str, list[str]] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)

    def one(self, key: str) -> str:
        return " ".join(self.values.get(key, []))


def read_case(path: Path) -> Case:
    """Read a .mk with its `#T key: value` lines."""
    text = path.read_text()
    header = _read_header(text)
    unknown = header.values.keys() - {
        "env", "args", "goals", "returncode", "oracle", "expect", "expect-error",
    }  # fmt: skip
    assert not unknown, f"{path}: unknown #T lines: {unknown}"
    returncode = header.one("returncode")
    return Case(
        name=path.stem,
        text=text,
        runs=_runs(text, header.one("goals")),
        arguments=tuple(shlex.split(header.one("args"))),
        environment=tuple(_pairs(shlex.split(header.one("env")))),
        files=tuple(header.files),
        returncode=int(returncode) if returncode else None,
        unlike_make=header.one("oracle"),
        expect=tuple(header.values.get("expect", [])),
        expect_error=header.one("expect-error"),
    )


def _read_header(text: str) -> _Header:
    header = _Header()
    for line in text.split("\n"):
        if match := re.match(r"#T ([\w-]+): ?(.*)$", line):
            key, value = match.groups()
            if key == "files":
                header.files += [_file(word) for word in shlex.split(value)]
            elif key == "file":
                header.files.append(_file(value.strip()))
            else:
                header.values.setdefault(key, []).append(value)
        elif match := re.match(r"#\| ?(.*)$", line):
            last = header.files[-1]
            header.files[-1] = File(last.name, last.content + match[1] + "\n", last.mtime)
    return header


def _file(word: str) -> File:
    """`name`, `name=content`, `name@-10` (ten seconds older than the others)."""
    name, equals, content = word.partition("=")
    name, _, age = name.partition("@")
    return File(name, content + "\n" if equals else "", EPOCH + int(age or "0"))


def _pairs(words: list[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (word.partition("=") for word in words)]


def _runs(text: str, goals: str) -> tuple[tuple[str, ...], ...]:
    """`#T goals: a b; c` are two runs, `-` is a run without goals; else each test* target."""
    if goals:
        runs = [run.split() for run in goals.split(";")]
    else:
        runs = [[goal] for goal in re.findall(r"^test\w*(?=\s*&?:)", text, re.M)]
    return tuple(dict.fromkeys(tuple(goal for goal in run if goal != "-") for run in runs))


def prepare(case: Case, directory: Path) -> None:
    """Lay the files of a case into a directory, where nothing else is then.

    What is there as it has to be is left so: making all anew takes longer than a make.
    """
    waiting = {file.name: file for file in (File("case.mk", case.text, EPOCH - 1000), *case.files)}
    for name in list(_left_there(str(directory), waiting)):
        del waiting[name]
    directory.mkdir(parents=True, exist_ok=True)
    for name, file in waiting.items():
        path = directory / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.content)
        os.utime(path, (file.mtime, file.mtime))


def _left_there(directory: str, files: dict[str, File]) -> Iterator[str]:
    """Yield the names of those that are there as they have to be; remove what is no such file."""
    for place, below, names in os.walk(directory, topdown=False):
        for name in names:
            path = os.path.join(place, name)
            relative = path[len(directory) + 1 :]
            found = os.lstat(path)
            if relative not in files or found.st_mode != FILE_MODE:
                os.unlink(path)
            elif found.st_mtime_ns == files[relative].mtime * 10**9:
                with open(path, "rb") as file:
                    if file.read() == files[relative].content.encode():
                        yield relative
        for path in (os.path.join(place, name) for name in below):
            if os.path.islink(path):
                os.unlink(path)
            elif not os.listdir(path):
                os.rmdir(path)


def environment_of(case: Case) -> dict[str, str]:
    """Return the whole environment of a run."""
    return BASE_ENVIRONMENT | dict(case.environment)


def run_gnu_make(
    case: Case, goals: tuple[str, ...], directory: Path, flags: str = DRY
) -> Outcome:
    """Ask the oracle."""
    command = [MAKE, flags, "--no-print-directory", "-f", "case.mk", *case.arguments, *goals]
    return run_process(command, case, directory)


def _run(
    command: list[str], case: Case, directory: Path, stderr: int
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=directory,
        env=environment_of(case),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        errors="surrogateescape",
        timeout=20,
    )


def outcome(returncode: int, merged: str, stderr: str, directory: Path) -> Outcome:
    """Return what was seen, without the accidents of where it ran."""
    return Outcome(returncode, normalise(merged, directory), normalise(stderr, directory))


def normalise(text: str, directory: Path) -> str:
    """Replace what may differ by what is the same."""
    text = text.replace(os.path.realpath(directory), "<dir>").replace(str(directory), "<dir>")
    for pattern, replacement, _ in NORMALISE:
        text = re.sub(pattern, replacement, text, flags=re.M)
    return text


def run_process(command: list[str], case: Case, directory: Path) -> Outcome:
    """Run any command that behaves like make, streams apart and, if it uses both, merged."""
    prepare(case, directory)
    apart = merged = _run(command, case, directory, subprocess.PIPE)
    if apart.stderr:
        prepare(case, directory)
        merged = _run(command, case, directory, subprocess.STDOUT)
    return outcome(apart.returncode, merged.stdout, apart.stderr, directory)


def run_ninjagen_make(
    case: Case, goals: tuple[str, ...], directory: Path, flags: str = DRY,
    evaluator_type: type[Evaluator] = Evaluator,
) -> Outcome:
    """Run our evaluator inside this process: streams apart and, if it uses both, merged."""
    process = functools.partial(Process, evaluator_type=evaluator_type)
    with mock.patch.object(driver, "Process", process):
        return _run_ninjagen_make(case, goals, directory, flags)


def _run_ninjagen_make(
    case: Case, goals: tuple[str, ...], directory: Path, flags: str
) -> Outcome:
    with tempfile.TemporaryFile() as merged, tempfile.TemporaryFile() as stderr:
        returncode = _call_main(
            case, goals, directory, flags, merged.fileno(), stderr.fileno()
        )
        if stderr.tell():
            merged.seek(0)
            merged.truncate()
            _call_main(case, goals, directory, flags, merged.fileno(), merged.fileno())
        merged.seek(0)
        stderr.seek(0)
        texts = [file.read().decode("utf-8", "surrogateescape") for file in (merged, stderr)]
    return outcome(returncode, *texts, directory)


def _call_main(
    case: Case, goals: tuple[str, ...], directory: Path, flags: str, stdout: int, stderr: int
) -> int:
    prepare(case, directory)
    arguments = [flags, "--no-print-directory", "-f", "case.mk", *case.arguments, *goals]
    with _redirected(1, stdout), _redirected(2, stderr), _limited(20):
        return driver.main(
            arguments,
            str(directory),
            environment_of(case),
            lambda text: _write(1, text),
            lambda text: _write(2, text),
        )


def _write(descriptor: int, text: str) -> None:
    os.write(descriptor, (text + "\n").encode("utf-8", "surrogateescape"))


def files_below(directory: Path) -> dict[str, bytes | None]:
    """Return what is in a directory: the files' contents, None for each directory."""
    return {
        str(path.relative_to(directory)): path.read_bytes() if path.is_file() else None
        for path in directory.rglob("*")
    }


class NoAnswer(Exception):
    """An evaluation without end. No OSError: a command that cannot be started is one."""


@contextmanager
def _limited(seconds: int) -> Iterator[None]:
    """Let an evaluation without end fail."""

    def stop(*_: object) -> None:
        raise NoAnswer(f"none in {seconds} s")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


@contextmanager
def _redirected(descriptor: int, target: int) -> Iterator[None]:
    """Let a descriptor mean another file, for this process and its children."""
    saved = os.dup(descriptor)
    os.dup2(target, descriptor)
    try:
        yield
    finally:
        os.dup2(saved, descriptor)
        os.close(saved)
