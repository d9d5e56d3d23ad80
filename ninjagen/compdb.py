"""compile_commands.json, for clangd and its like, before anything is built.

Holds what scripts/clang-tools/gen_compile_commands.py would collect after a full build: each
object compiled from one .c or .S file, by the compile command alone.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterator

from ninjagen.graph import Edge, Graph

NAME = "compile_commands.json"

_TOOLS = "tools/"  # another build system, which that script leaves out too


def text_of(graph: Graph, objtree: str) -> str:
    """Return the JSON text for a graph whose paths are relative to `objtree`."""
    entries = [entry for edge in graph for entry in _entries(edge, objtree)]
    entries.sort(key=lambda entry: entry[0])  # stable: what vmlinux takes comes first
    # json.dumps(indent=2) takes twice the time of all the rest: it is not the one in C.
    directory = json.dumps(objtree)
    return "[\n" + ",\n".join(
        f'  {{\n    "command": {json.dumps(command)},\n    "directory": {directory},\n'
        f'    "file": {json.dumps(file)}\n  }}' for file, command in entries
    ) + "\n]\n" if entries else "[]\n"


def _entries(edge: Edge, objtree: str) -> Iterator[tuple[str, str]]:
    """Yield (file, command) if an edge compiles one."""
    if not edge.outputs[0].endswith(".o") or edge.outputs[0].startswith(_TOOLS):
        return
    # The source file ends the first step of the command.
    compile_ = edge.saved.partition(";")[0].rstrip(" ")
    source = compile_.rpartition(" ")[2]
    if source.endswith((".c", ".S")) and source != compile_:
        yield _real(os.path.join(objtree, source)), compile_


def _real(path: str) -> str:
    """As os.path.realpath, with the directories looked at once."""
    if os.path.islink(path):
        return os.path.realpath(path)
    return os.path.join(_real_directory(os.path.dirname(path)), os.path.basename(path))


@functools.cache
def _real_directory(path: str) -> str:
    return os.path.realpath(path)
