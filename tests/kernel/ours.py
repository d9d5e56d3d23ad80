"""Runs ninjagen and ninja on a kernel, where no make can be had."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.kernel.reference import Reference, build_environment, reference

NINJAGEN = [sys.executable, "-m", "ninjagen"]

TRAP = """\
#!/bin/sh
echo "$0 $*, called by: $(tr '\\0' ' ' < /proc/$PPID/cmdline)" >> "$MAKE_CALLS"
echo "make was called: $*" >&2
exit 1
"""


@dataclass(frozen=True)
class Run:
    """A finished process, and what it took."""

    status: int
    stdout: str
    stderr: str
    seconds: float
    peak_mb: float  # of the process itself and of any one that it waited for

    def check(self) -> Run:
        """Fail the test with what was printed, unless the process succeeded."""
        shown = "\n".join((self.stdout + self.stderr).splitlines()[-40:])
        assert self.status == 0, f"exit status {self.status}\n{shown}"
        return self


class Machine:
    """A PATH on which every make records its call and fails."""

    def __init__(self, directory: Path, ref: Reference | None = None) -> None:
        self.calls = directory / "make-calls"
        traps = directory / "traps"
        traps.mkdir()
        for name in ("make", "gmake"):
            (traps / name).write_text(TRAP)
            (traps / name).chmod(0o755)
        environment = ref.environment if ref else build_environment()
        # Programs installed beside this Python, such as ninja, come before the system's.
        path = [str(traps), os.path.dirname(sys.executable), environment["PATH"]]
        self.environment = environment | {
            "PATH": os.pathsep.join(path),
            "MAKE_CALLS": str(self.calls),
        }

    def run(self, command: Sequence[str], cwd: Path, **extra: str) -> Run:
        """Run a command, as nice as reference builds are; `extra` goes into its environment."""
        return run(["nice", *command], cwd, self.environment | extra)

    def ninjagen(self, ref: Reference, *words: str, **extra: str) -> Run:
        """Run ninjagen as one runs make: in the source tree."""
        command = [*NINJAGEN, *ref.arguments, *ref.variant.goals, *words]
        return self.run(command, ref.source, **extra)

    def ninja(self, ref: Reference, *flags: str) -> Run:
        """Build the kernel with ninja."""
        return self.run(ninja_command(ref, *flags), ref.out)

    def ninja_killed(self, ref: Reference, *flags: str, after: float) -> bool:
        """Start a build and kill all of it with SIGKILL; False if it ended before that."""
        with open_log() as out:
            process = subprocess.Popen(
                ["nice", *ninja_command(ref, *flags)], cwd=ref.out, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=after)
                return False
            kill_session(process.pid)
            process.wait()
            return True


def outputs(run: Run) -> set[str]:
    """What a run of ninja made, as its log says."""
    return set(re.findall(r"^\[\d+/\d+\]\s+\w+\s+(\S+)$", run.stdout, re.M))


def run(command: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> Run:
    """Run a command to its end."""
    began = time.monotonic()
    with open_log() as out, open_log() as err:
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        out.seek(0)
        err.seek(0)
        return Run(process.returncode, out.read(), err.read(), seconds, usage.ru_maxrss / 1024)


@dataclass(frozen=True)
class Generated:
    """An object tree with our build.ninja in it, beside kbuild's."""

    ref: Reference
    machine: Machine
    run: Run
    manifest: bytes  # build.ninja as it came out of the clean tree


@contextmanager
def generated_in_clean_tree(name: str, directory: Path) -> Iterator[Generated]:
    ref = reference(name)
    with ref.locked():
        ref.empty_tree()
        machine = Machine(directory, ref)
        run = machine.ninjagen(ref).check()
        manifest = (ref.out / "build.ninja").read_bytes()
        yield Generated(ref, machine, run, manifest)


def ninja_command(ref: Reference, *flags: str) -> list[str]:
    return ["ninja", "-C", str(ref.out), *flags, *ref.variant.goals]


def open_log() -> IO[str]:
    """An unnamed file: a build may print much, and nobody drains a pipe while it runs."""
    return tempfile.TemporaryFile("w+", encoding="utf-8", errors="surrogateescape")


def kill_session(leader: int) -> None:
    """Kill every process of a session. Ninja gives each command a process group of its own."""
    while members := [pid for pid in processes() if session_of(pid) == leader]:
        for pid in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def session_of(pid: int) -> int | None:
    """The session of a process; None if it has ended, also when nobody has waited for it yet."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, _, _, session = after_name.split()[:4]
    return None if state == "Z" else int(session)
