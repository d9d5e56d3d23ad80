"""What a run of ninjagen saw of the machine, kept so that the next run can tell it is still so.

A file that was read, a file that was not there, what a pattern matched, what a shell said: as long
as all of it holds, the same request gives the same build.ninja, and nothing need be evaluated.
Knows nothing of make, Linux or ninja.
"""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ninjagen import files
from ninjagen.shell import Shell

FORMAT = 3


@dataclass
class Changes:
    """In what the machine differs from what was seen."""

    files: set[str] = field(default_factory=set)  # whose content is other than it was
    exists: dict[str, bool] = field(default_factory=dict)  # as it is now
    globs: dict[str, list[str]] = field(default_factory=dict)  # as it is now
    commands: set[tuple[str, str]] = field(default_factory=set)  # text, cwd: they say other things

    def __bool__(self) -> bool:
        return bool(self.files or self.exists or self.globs or self.commands)


@dataclass(eq=False, repr=False)
class Seen:
    """What was seen, in a form that can be looked at again. All paths are absolute."""

    identities: dict[str, list[int] | None] = field(default_factory=dict)  # mtime and size
    exists: dict[str, bool] = field(default_factory=dict)
    globs: dict[str, list[str]] = field(default_factory=dict)

    def add_files(self, paths: Iterable[str]) -> None:
        """Note files whose content matters."""
        for path in paths:
            self.identities[path] = identity(path)

    def changes(self) -> Changes:
        """Return in what the machine differs from what was seen."""
        is_there = os.path.exists
        globs = {pattern: sorted(glob.glob(pattern)) for pattern in self.globs}
        return Changes(
            self.changed_files(self.identities),
            {path: not seen for path, seen in self.exists.items() if is_there(path) != seen},
            {pattern: now for pattern, now in globs.items() if now != self.globs[pattern]},
        )

    def changed_files(self, paths: Iterable[str]) -> set[str]:
        """Return which of these files are not as they were seen, or were not looked at."""
        return {
            path for path in paths
            if path not in self.identities or identity(path) != self.identities[path]
        }

    def absent(self) -> set[str]:
        """Return what was looked for by its whole name and was not there: files, and directories
        that patterns would have been matched in."""
        found = {path for path, there in self.exists.items() if not there}
        for pattern in (pattern for pattern, paths in self.globs.items() if not paths):
            while glob.has_magic(pattern):
                pattern = os.path.dirname(pattern)
            if not os.path.lexists(pattern):
                found.add(pattern)
        return found

    def now(self, changes: Changes) -> Seen:
        """Return what would be seen now."""
        return Seen(
            self.identities, {**self.exists, **changes.exists}, {**self.globs, **changes.globs}
        )


def identity(path: str) -> list[int] | None:
    """Return what tells one content of a file from another, or None when it is not there."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return [status.st_mtime_ns, status.st_size]


@dataclass(eq=False, repr=False)
class Stamp:
    """What was kept of a run: what it saw, what its shells' answers rest on, and two things of
    the caller's: a token that tells which other files belong to this stamp, and lists of paths.
    """

    seen: Seen
    shell: list[Any]  # Shell.evidence()
    token: str = ""
    lists: list[list[str]] = field(default_factory=list)

    def changes(self, shell: Shell) -> Changes | None:
        """Return in what the machine differs from what that run saw.

        None means: in the tools that answered its shells, so that no answer can be trusted.
        """
        commands = shell.changed_commands(self.shell)
        if commands is None:
            return None
        changes = self.seen.changes()
        changes.commands = commands
        return changes


def write(path: str, request: Mapping[str, Any], stamp: Stamp) -> None:
    """Keep a stamp of a request."""
    text = json.dumps(
        {
            "format": FORMAT,
            "request": request,
            "identities": stamp.seen.identities,
            "exists": stamp.seen.exists,
            "globs": stamp.seen.globs,
            "shell": stamp.shell,
            "token": stamp.token,
            "lists": stamp.lists,
        },
        separators=(",", ":"),
    )
    files.replace(path, text)


def read(path: str, request: Mapping[str, Any]) -> Stamp | None:
    """Return the stamp at `path` if it is of this request.

    One that is missing, broken or of another format is none.
    """
    try:
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
        if kept["format"] != FORMAT or kept["request"] != request:
            return None
        seen = Seen(*(kept[name].copy() for name in ("identities", "exists", "globs")))
        looked, sought, repeated = kept["shell"]
        if any(type(part) is not dict for part in (seen.identities, seen.exists, seen.globs)):
            return None
        if any(type(paths) is not list for paths in kept["lists"]):
            return None
        return Stamp(
            seen, [list(looked), list(sought), list(repeated)], str(kept["token"]),
            list(kept["lists"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
