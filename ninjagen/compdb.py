"""compile_commands.json, for clangd and its like, before anything is built.

Holds what the kernel's own script would collect after a full build: each object compiled from one
.c or .S file, by the compile command alone.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from operator import itemgetter

from ninjagen import files
from ninjagen.graph import Edge, Graph
from ninjagen.stamp import identity

NAME = "compile_commands.json"
SCRIPT = "scripts/clang-tools/gen_compile_commands.py"
SUFFIXES = (".c", ".S")

_TOOLS = "tools/"  # another build system, which that script leaves out too


def suffixes(script: str) -> tuple[str, ...]:
    """Return how the names of sources end that a kernel's script collects: that of 6.1 leaves
    assembly out. Where there is no script, both do."""
    with suppress(OSError), open(script, encoding="utf-8", errors="surrogateescape") as file:
        return SUFFIXES if r"\.[cS]" in file.read() else (".c",)
    return SUFFIXES


class CompileCommands:
    """The file of an object tree, in two steps: others are to be written between them. As a
    context manager, it leaves the file as it was if the second step is not come to.

    `note` is where to keep what it was made from, for the next time. Names of sources end with one
    of `suffixes`.
    """

    def __init__(
        self, graph: Graph, objtree: str, note: str, suffixes: tuple[str, ...] = SUFFIXES
    ) -> None:
        self.graph, self.objtree, self.note, self.suffixes = graph, objtree, note, suffixes
        self._path = os.path.join(objtree, NAME)
        self._made_from = ""
        self._draft: files.Draft | None = None  # None: as it was

    def compose(self) -> None:
        """Write it, for later, if it would be another. Raises NinjagenError when it cannot be
        written, as `put` does."""
        sources = [*filter(None, map(self._source, self.graph))]
        sources.sort(key=itemgetter(0))  # stable: what vmlinux takes comes first
        seen = blake2b(digest_size=16)
        for at in range(0, len(sources), 100):
            few = sources[at : at + 100]
            text = "".join([f"{file}\n{cwd}\n{command}\n" for file, cwd, command in few])
            seen.update(text.encode("utf-8", "surrogateescape"))
        self._made_from = f"{seen.hexdigest()} {self.objtree}"
        with suppress(OSError), open(self.note, "rb") as noted:
            known = noted.read().decode("utf-8", "surrogateescape")
            if known == f"{self._made_from} {identity(self._path)}":
                return
        self._draft = files.Draft(self._path, _text_of(sources, self.objtree))

    def _source(self, edge: Edge) -> tuple[str, str, str] | None:
        """Return the file that an edge compiles, where, and the command; None if it compiles
        none."""
        if not edge.outputs[0].endswith(".o") or edge.outputs[0].startswith(_TOOLS):
            return None
        command = edge.first_step
        source = command[command.rfind(" ") + 1 :]
        if source.endswith(self.suffixes) and source != command:
            return _real(os.path.join(edge.cwd or self.objtree, source)), edge.cwd, command
        return None

    def put(self) -> None:
        """Put what was composed in place."""
        if self._draft is not None:
            self._draft.put_if_changed()
            files.replace(self.note, f"{self._made_from} {identity(self._path)}")

    def __enter__(self) -> CompileCommands:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._draft is not None:
            self._draft.drop()


def _text_of(sources: Sequence[tuple[str, str, str]], objtree: str) -> Iterator[str]:
    # json.dumps(indent=2) takes twice the time of all the rest: it is not the one in C.
    # A command of an external module may run in the kernel's object tree.
    directory_of = functools.cache(lambda cwd: json.dumps(cwd or objtree))
    before = "[\n"
    for file, cwd, command in sources:
        yield (
            f'{before}  {{\n    "command": {json.dumps(command)},\n'
            f'    "directory": {directory_of(cwd)},\n    "file": {json.dumps(file)}\n  }}'
        )
        before = ",\n"
    yield "\n]\n" if sources else "[]\n"


def _real(path: str) -> str:
    """As os.path.realpath, of an absolute path, with the directories looked at once."""
    directory, slash, name = path.rpartition("/")
    if name in ("", ".", "..") or os.path.islink(path):
        return os.path.realpath(path)
    return _real_directory(directory or slash).rstrip("/") + slash + name


@functools.cache
def _real_directory(path: str) -> str:
    return path if path == "/" else _real(path)
