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

FORMAT = 1


@dataclass
class Seen:
    """What was seen, in a form that can be looked at again. All paths are absolute."""

    identities: dict[str, list[int] | None] = field(default_factory=dict)  # mtime and size
    exists: dict[str, bool] = field(default_factory=dict)
    globs: dict[str, list[str]] = field(default_factory=dict)

    def add_files(self, paths: Iterable[str]) -> None:
        """Note files whose content matters."""
        for path in paths:
            self.identities[path] = identity(path)

    def holds(self) -> bool:
        """Tell whether everything is still as it was seen."""
        return (
            all(identity(path) == seen for path, seen in self.identities.items())
            and all(os.path.exists(path) == seen for path, seen in self.exists.items())
            and all(sorted(glob.glob(pattern)) == seen for pattern, seen in self.globs.items())
        )


def identity(path: str) -> list[int] | None:
    """Return what tells one content of a file from another, or None when it is not there."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return [status.st_mtime_ns, status.st_size]


def write(path: str, request: Mapping[str, Any], seen: Seen, shell: Shell) -> None:
    """Keep what was seen while answering a request."""
    text = json.dumps(
        {
            "format": FORMAT,
            "request": request,
            "identities": seen.identities,
            "exists": seen.exists,
            "globs": seen.globs,
            "shell": shell.evidence(),
        },
        separators=(",", ":"),
    )
    files.replace(path, text)


def holds(path: str, request: Mapping[str, Any], shell: Shell) -> bool:
    """Tell whether the stamp at `path` is of this request, and all it saw is still so.

    A stamp that is missing, broken or of another format holds nothing.
    """
    try:
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
        if kept["format"] != FORMAT or kept["request"] != request:
            return False
        seen = Seen(kept["identities"], kept["exists"], kept["globs"])
        return seen.holds() and shell.still_true(kept["shell"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
