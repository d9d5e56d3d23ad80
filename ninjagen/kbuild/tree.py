"""Where a build's sources and objects are, worked out as the kernel's top Makefile does."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ninjagen.errors import NinjagenError

_MARK = "scripts/Kbuild.include"  # every kernel source tree has it


@dataclass(frozen=True)
class KernelTree:
    """A source tree and an object tree, absolute; the same directory for an in-tree build."""

    srctree: str
    objtree: str

    @property
    def in_tree(self) -> bool:
        """Whether objects lie beside their sources."""
        return self.srctree == self.objtree


def find_tree(cwd: str, variables: Mapping[str, str], environ: Mapping[str, str]) -> KernelTree:
    """Return the trees that a command given in `cwd` means; makes the object tree.

    `cwd` is a source tree, or an object tree whose Makefile names its source tree. O= and
    KBUILD_OUTPUT say where objects go (top Makefile, "KBUILD_OUTPUT"). Raises NinjagenError
    when `cwd` is neither, or when the object tree cannot be made.
    """
    srctree = cwd
    output = variables.get("O") or environ.get("KBUILD_OUTPUT") or ""
    if not os.path.exists(os.path.join(cwd, _MARK)):
        srctree = _source_of(cwd)
        output = output or cwd
    if not output:
        return KernelTree(srctree, os.path.realpath(srctree))
    objtree = os.path.join(cwd, output)
    try:
        os.makedirs(objtree, exist_ok=True)
    except OSError as error:
        raise NinjagenError(
            f"failed to create output directory {output}: {error.strerror}",
            hint="O= names the directory for objects",
        ) from None
    if not os.access(objtree, os.W_OK):
        raise NinjagenError(f"cannot write to output directory {output}")
    return KernelTree(srctree, os.path.realpath(objtree))


def _source_of(objtree: str) -> str:
    """Return the source tree that an object tree's Makefile includes."""
    makefile = os.path.join(objtree, "Makefile")
    try:
        with open(makefile, encoding="utf-8", errors="replace") as file:
            text = file.read(65536)
    except OSError:
        text = ""
    found = re.search(r"^include (\S+)/Makefile$", text, re.M)
    if found and os.path.exists(os.path.join(objtree, found[1], _MARK)):
        return os.path.normpath(os.path.join(objtree, found[1]))
    raise NinjagenError(
        f"{objtree} is neither a kernel source tree nor an object tree of one",
        hint="run ninjagen in the directory with the kernel's top Makefile",
    )


def git_directory(srctree: str) -> str:
    """Return where git keeps what it knows of a work tree (gitrepository-layout(5), `.git`)."""
    path = os.path.join(srctree, ".git")
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            name = file.read(4096).partition("gitdir:")[2].strip()
        return os.path.normpath(os.path.join(srctree, name)) if name else path
    except OSError:
        return path
