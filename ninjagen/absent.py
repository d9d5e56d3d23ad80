"""What was looked for and was not there: ninja sees it appear, and build.ninja is made again.

A file that a makefile takes if it is there (a Kbuild beside a Makefile) can be no input as long as
it is not. What changes when it comes is its directory; but so it does with each file that an
editor saves by another name. So when one of those directories changed, an edge, CHK, looks for
the names. It is made before ninja asks whether build.ninja is up to date, and its dyndep says that
build.ninja rests on APPEARED, which the command touches when it finds one. Were that an input
that ninja knows from the start, a dry run would end there: it cannot tell that CHK finds nothing.

In a build beside the sources the directories change with each object, and nothing is looked for.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

from ninjagen import files, stamp
from ninjagen.ninja import manifest
from ninjagen.request import STATE

NAMES = f"{STATE}/absent"  # in the object tree: names, one a line
DIRECTORIES = f"{STATE}/absent.in"  # of the names, with a slash and a null character behind each
APPEARED = f"{STATE}/appeared"
DYNDEP = f"{STATE}/absent.dd"  # older than a directory: that has to be looked at
DEPFILE = f"{STATE}/absent.d"
_DYNDEP_LINES = ("ninja_dyndep_version = 1", f"build {manifest.MANIFEST}: dyndep | {APPEARED}")

# `find` tells the directories that changed, and fails if one is gone; the names in them are looked
# for. What of ours was lost, ninjagen makes again.
_COMMAND = (
    f"changed=$(xargs -0 -r sh -c 'find \"$@\" -maxdepth 0 -newer {DYNDEP}' -"
    f" < {DIRECTORIES} 2> /dev/null) && [ -e {NAMES} -a -e {DEPFILE} -a -e {DYNDEP} ] && {{"
    f' [ -z "$changed" ] || [ -z "$(echo "$changed" | grep -F -f - {NAMES} | tr \'\\n\' \'\\0\''
    ' | xargs -0 -r ls -dL 2> /dev/null)" ]; }'
    f" || touch {APPEARED};"
    f" [ -e {DYNDEP} ] || printf '%s\\n' {' '.join(map(repr, _DYNDEP_LINES))} > {DYNDEP}"
)


class Absent:
    """Names that were looked for, absolute, and where they would appear."""

    def __init__(self, names: Iterable[str], objtree: str) -> None:
        """Take those that lie outside the object tree; of one in a directory that is missing too,
        that directory."""
        self._objtree = objtree
        self._names: dict[str, set[str]] = {}  # by directory
        for path in names:
            if not path.startswith(f"{objtree}/") and "\n" not in path:
                directory, _, name = path.rpartition("/")
                directory = directory or "/"
                if directory not in self._names and not os.path.isdir(directory):
                    directory, name = _first_missing(directory)
                self._names.setdefault(directory, set()).add(name)
        latest = time.time_ns()
        # One from the future would be looked at by each ninja.
        self._in_depfile, self._in_manifest = manifest.split_by_depfile(
            path for path in self._names if (stamp.identity(path) or [0])[0] <= latest
        )

    def look(self) -> manifest.Look:
        """Return the edge that looks for them."""
        return manifest.Look(_COMMAND, DYNDEP, APPEARED, DEPFILE, tuple(self._in_manifest))

    def put(self, when: int) -> None:
        """Write what the edge needs; at `when`, in nanoseconds, nothing had been looked for yet."""
        names = [
            os.path.join(directory, name)
            for directory, names in sorted(self._names.items()) for name in sorted(names) if name
        ]
        for path, text in (
            (NAMES, _ended(names, "\n")),
            (DIRECTORIES, _ended((os.path.join(name, "") for name in self._names), "\0")),
            (DEPFILE, manifest.depfile_text(self._in_depfile, DYNDEP)),
            (APPEARED, ""),
            (DYNDEP, _ended(_DYNDEP_LINES, "\n")),
        ):
            full = os.path.join(self._objtree, path)
            files.replace(full, text)
            os.utime(full, ns=(when, when))


def _first_missing(path: str) -> tuple[str, str]:
    """Return the first directory of a path that is there, and the name that is not in it; none, if
    that is no directory but something else."""
    name = ""
    while not os.path.isdir(path):
        path, name = os.path.split(path)
    return path, "" if os.path.lexists(os.path.join(path, name)) else name


def _ended(texts: Iterable[str], end: str) -> str:
    return "".join(f"{text}{end}" for text in texts)
