"""The edges of a build.ninja of ours, read back. Knows only what `manifest` writes.

Dependencies that a depfile named are not among their inputs.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ninjagen.ninja.factor import escape
from ninjagen.ninja.manifest import MANIFEST

_WORD = re.compile(r"(?:[^ :$]|\$.)+|:")


@dataclass(slots=True)
class Statement:
    """A `build` statement; its inputs are of all kinds, order-only ones too."""

    outputs: list[str]
    rule: str
    inputs: list[str]
    description: str = ""
    dyndep: str = ""  # the file that named further inputs, in the middle of the build


def read(objtree: str) -> list[Statement]:
    """Return the statements of an object tree's build.ninja, with what dyndep files added.

    Raises OSError when there is none.
    """
    found = list(_of_file(os.path.join(objtree, MANIFEST)))
    for statement in [each for each in found if each.dyndep]:
        with contextlib.suppress(OSError):  # nothing has been built that needs it
            for more in _of_file(os.path.join(objtree, statement.dyndep)):
                if more.outputs[0] in statement.outputs:
                    statement.inputs += more.inputs
    return found


def _of_file(path: str) -> Iterator[Statement]:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        yield from statements(file)


def statements(lines: Iterable[str]) -> Iterator[Statement]:
    """Yield the build statements among the lines of a build.ninja."""
    descriptions: dict[str, str] = {}  # of rules
    rule = ""
    statement: Statement | None = None
    variables: dict[str, str] = {}  # of the statement

    def finished(statement: Statement) -> Statement:
        description = descriptions.get(statement.rule, "")
        statement.description = _plain(_expanded(description, variables)).strip()
        statement.dyndep = _plain(variables.get("dyndep", ""))
        return statement

    for line in lines:
        if line.startswith("  "):
            name, _, value = line[2:].rstrip("\n").partition(" = ")
            if statement is not None:
                variables[name] = value
            elif name == "description":
                descriptions[rule] = value
            continue
        if statement is not None:
            yield finished(statement)
            statement = None
        if line.startswith("rule "):
            rule = line[len("rule ") :].rstrip("\n")
        elif line.startswith("build "):
            statement = _statement(line)
            variables = {"out": escape(statement.outputs[0])}
    if statement is not None:
        yield finished(statement)


def _expanded(text: str, variables: Mapping[str, str]) -> str:
    """Return text with the values of its variables, all of it escaped still."""
    return _VARIABLE.sub(
        lambda found: variables.get(found[1] or found[2], "") if found[1] or found[2] else found[0],
        text,
    )


_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+)|.)")


def _statement(line: str) -> Statement:
    if "$" in line:
        words = [_plain(word) if word != ":" else word for word in _WORD.findall(line.rstrip("\n"))]
    else:
        words = line.replace(":", " :").split()
    colon = words.index(":")
    outputs, inputs = words[1:colon], words[colon + 2 :]
    return Statement(
        [word for word in outputs if word != "|"], words[colon + 1],
        [word for word in inputs if word not in ("|", "||")],
    )


def _plain(text: str) -> str:
    """Undo ninja's escapes."""
    return re.sub(r"\$(.)", r"\1", text) if "$" in text else text
