"""compile_commands.json, for clangd and its like, before anything is built.

Holds what scripts/clang-tools/gen_compile_commands.py would collect after a full build: each
object compiled from one .c or .S file, by the compile command alone.
"""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Iterator

from ninjagen.graph import Edge, Graph

NAME = "compile_commands.json"

_COMPILE = re.compile(r"(.* )([^ ]*\.[cS]) *(?:;.*)?$", re.S)
_TOOLS = "tools/"  # another build system, which that script leaves out too


def text_of(graph: Graph, objtree: str) -> str:
    """Return the JSON text for a graph whose paths are relative to `objtree`."""
    entries = [entry for edge in graph for entry in _entries(edge, objtree)]
    entries.sort(key=lambda entry: entry["file"])  # stable: what vmlinux takes comes first
    return json.dumps(entries, indent=2, sort_keys=True) + "\n"


def _entries(edge: Edge, objtree: str) -> Iterator[dict[str, str]]:
    if not edge.outputs[0].endswith(".o") or edge.outputs[0].startswith(_TOOLS):
        return
    compile_ = _first_compile(edge.saved)
    if compile_ is None:
        return
    prefix, source = compile_
    yield {
        "directory": objtree,
        "file": _real(os.path.join(objtree, source)),
        "command": prefix + source,
    }


def _real(path: str) -> str:
    """As os.path.realpath, with the directories looked at once."""
    if os.path.islink(path):
        return os.path.realpath(path)
    return os.path.join(_real_directory(os.path.dirname(path)), os.path.basename(path))


@functools.cache
def _real_directory(path: str) -> str:
    return os.path.realpath(path)


def _first_compile(command: str) -> tuple[str, str] | None:
    """Split off the source file that ends the first step of a command."""
    step = re.split(r" *;", command, maxsplit=1)[0]
    found = _COMPILE.match(step)
    return (found[1], found[2]) if found else None
