"""Commands as kbuild saves them beside their targets, and how two sets of them compare.

What tools/cmddiff and tools/drydiff share. kbuild writes the command that makes X into `.X.cmd`,
so that the next make can see whether it changed; the text is in the recipe itself, and can be had
from a finished tree, from what `make -n` prints, and from our edges.
"""

from __future__ import annotations

import difflib
import fnmatch
import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

KINDS = ("differs", "missing", "extra")


class ByDesign(NamedTuple):
    """A difference that is meant to be."""

    kind: str  # one of KINDS
    target: str  # a shell pattern
    reason: str
    theirs: str = ""  # if given: what must be taken out of kbuild's command
    ours: str = ""  # and out of ours, for them to be the same


class Difference(NamedTuple):
    """One target whose command is not the same on both sides."""

    kind: str
    target: str
    theirs: str
    ours: str


SAVED = re.compile(r"^(?:saved)?cmd_(\S+) := *((?:.*\\\n)*.*)$", re.M)

# printf '%s\n' 'savedcmd_X := COMMAND' > .X.cmd     and     fixdep DEPFILE X 'COMMAND' > .X.cmd
_QUOTED = r"((?:[^']|'\\'')*)'"
_SAVES = re.compile(
    rf"(?:'(?:saved)?cmd_(\S+) := {_QUOTED}|fixdep \S+\.d (\S+) '{_QUOTED}) >>? \S+\.(?:cmd|tmp)"
)


def without_saves(recipe: str) -> str:
    """Return the text of a recipe without the commands it saves."""
    return _SAVES.sub("SAVED", recipe)


def saves_of(recipe: str) -> Iterator[tuple[str, str]]:
    """Yield (target, command) for each `.cmd` file that the text of a recipe writes."""
    for found in _SAVES.finditer(recipe):
        yield found[1] or found[3], plain((found[2] or found[4] or "").replace("'\\''", "'"))


def key_of(target: str, *trees: os.PathLike[str] | str) -> str:
    """One name for a target, however it was spelled: relative to its object tree."""
    for tree in trees:
        target = target.removeprefix(f"{tree}/")
    return os.path.normpath(target)


def plain(saved: str) -> str:
    """A saved command as the shell would see it: make's escapes undone, blanks made equal."""
    return " ".join(saved.replace("$(pound)", "#").replace("$$", "$").split())


# ---- the comparison


def differences(theirs: dict[str, str], ours: dict[str, str]) -> list[Difference]:
    """Return everything that is not the same, by target."""
    found = []
    for target in sorted(theirs.keys() | ours.keys()):
        their, our = theirs.get(target), ours.get(target)
        if their != our:
            kind = "missing" if our is None else "extra" if their is None else "differs"
            found.append(Difference(kind, target, their or "", our or ""))
    return found


def by_design(difference: Difference, table: Sequence[ByDesign]) -> ByDesign | None:
    """Return the row of a table that allows a difference."""
    for row in table:
        if row.kind == difference.kind and fnmatch.fnmatchcase(difference.target, row.target):
            if row.kind != "differs" and not (row.theirs or row.ours):
                return row
            theirs = re.sub(row.theirs, "", difference.theirs)
            ours = re.sub(row.ours, "", difference.ours)
            if theirs.split() == ours.split():
                return row
    return None


def show(difference: Difference) -> None:
    """Print a difference; of long commands only the words that are not the same."""
    print(f"{difference.kind}: {difference.target}")
    if difference.kind == "differs":
        theirs, ours = difference.theirs.split(), difference.ours.split()
        matcher = difflib.SequenceMatcher(None, theirs, ours, autojunk=False)
        for change, a, b, c, d in matcher.get_opcodes():
            if change != "equal":
                before = " ".join(theirs[max(0, a - 1) : a])
                print(f"    after   {before}")
                print(f"    kbuild  {' '.join(theirs[a:b])}")
                print(f"    ours    {' '.join(ours[c:d])}")
    else:
        print(f"    {(difference.theirs or difference.ours)[:300]}")


def report(
    theirs: dict[str, str], ours: dict[str, str], table: Sequence[ByDesign], others: int = 0
) -> int:
    """Print what is not the same and a line that sums up; return how many are unexpected.

    `others` counts commands that are in neither set because they are known to be equal.
    """
    found = differences(theirs, ours)
    allowed = {difference: row for difference in found if (row := by_design(difference, table))}
    unexpected = [difference for difference in found if difference not in allowed]
    for difference in unexpected:
        show(difference)
    for difference, row in allowed.items():
        print(f"by design: {difference.kind}: {difference.target}: {row.reason}")

    total = len(theirs) + others
    equal = len(theirs.keys() & ours.keys()) - sum(d.kind == "differs" for d in found) + others
    print(f"{equal} of {total} commands equal ({100 * equal / total:.2f} %)", end="")
    print("".join(f", {sum(d.kind == k for d in unexpected)} {k}" for k in KINDS), end="")
    print(f", {len(allowed)} by design")
    return len(unexpected)
