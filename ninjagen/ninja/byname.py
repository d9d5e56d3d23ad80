"""Edges for what people ask for by name and no goal needs: single targets, and goals that ninjagen
does itself.

There are several for each object, so they are a line each, and what they run is worked out when
they run: ninja reads them all to find out that nothing changed (1 ms for 1,000 of them).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ninjagen.ninja.factor import escape

_ODD = re.compile(r"[$ :]")  # in names: what ninja reads otherwise
DEPFILES = ".ninjagen/single"  # where the command leaves its depfile: below it, NAME.d

_SINGLE = """
rule single
  command = {command} $out
  description = $ $ SINGLE  $out
  depfile = {depfiles}/$out.d
  deps = gcc
"""
_CONFIGURE = """
rule configure
  command = {command} $goal
  description = $ $ CONFIG  $goal
  pool = console
rule ninjagen
  command = {command} $goal
  description = $ $ RUN     $goal
  pool = console
"""


def text_of(
    singles: Iterable[tuple[str, tuple[str, ...]]], single_command: str,
    configurations: Iterable[str], others: Iterable[str], goal_command: str,
) -> str:
    """Return text to put at the end of build.ninja.

    `singles` are files with what has to be there first; `single_command` and such a name makes
    it. `goal_command` and one of `configurations` or `others` runs on the terminal, every time it
    is asked for.
    """
    lines = [_SINGLE.format(command=escape(single_command), depfiles=DEPFILES)]
    lines += [f"build {_path(name)}: single{_after(needs)}\n" for name, needs in singles]
    lines.append(_CONFIGURE.format(command=escape(goal_command)))
    for rule, goals in (("configure", configurations), ("ninjagen", sorted(others))):
        for goal in goals:
            # A file may have the goal's name: savedefconfig writes `defconfig`.
            lines.append(
                f"build .ninjagen/goals/{goal}: {rule}\n  goal = {goal}\n"
                f"build {goal}: phony .ninjagen/goals/{goal}\n"
            )
    return "".join(lines)


@lru_cache(maxsize=16)  # the files of a directory need the same
def _after(needs: tuple[str, ...]) -> str:
    return f" || {' '.join(map(_path, needs))}" if needs else ""


def _path(name: str) -> str:
    return _ODD.sub(r"$\g<0>", name)
