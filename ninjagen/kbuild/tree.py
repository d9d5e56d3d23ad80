"""Where a build's sources and objects are, worked out as the kernel's top Makefile does."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ninjagen.errors import NinjagenError
from ninjagen.make.world import Parses

_MARK = "scripts/Kbuild.include"  # every kernel source tree has it


# What a kernel has to have for modules that are not its own; for some a make would only warn, and
# modpost then fails for each symbol.
_NEEDED_BY_MODULES = (
    "include/config/auto.conf", "include/generated/autoconf.h", "scripts/mod/modpost",
    "Module.symvers",
)
_MODULES_ELSEWHERE = "KBUILD_EXTMOD_OUTPUT"  # a top Makefile that builds them where they are


@dataclass(frozen=True)
class KernelTree:
    """A source tree and an object tree, absolute; the same directory for an in-tree build.

    An external module (M=) has sources and an object tree of its own, mostly one directory, and
    is built with what the object tree of a kernel holds.
    """

    srctree: str  # the kernel's
    objtree: str
    module: str = ""  # the sources of an external module
    kernel: str = ""  # the object tree of the kernel that it is for
    parses: Parses = field(default_factory=Parses, compare=False, repr=False)  # in one run

    @property
    def sources(self) -> str:
        """Where the sources are of what is built."""
        return self.module or self.srctree

    @property
    def in_tree(self) -> bool:
        """Whether objects lie beside their sources."""
        return self.sources == self.objtree


def find_tree(cwd: str, variables: Mapping[str, str], environ: Mapping[str, str]) -> KernelTree:
    """Return the trees that a command given in `cwd` means; makes the object tree.

    `cwd` is a source tree, or an object tree whose Makefile names its source tree. O= and
    KBUILD_OUTPUT say where objects go (top Makefile, "KBUILD_OUTPUT"), or, with M= and
    KBUILD_EXTMOD, where the kernel is that an external module is for. Raises NinjagenError
    when `cwd` is neither, or when the object tree cannot be made.
    """
    module = variables.get("M", environ.get("KBUILD_EXTMOD", ""))
    if module:
        return _module_tree(cwd, module, variables, environ)
    srctree = cwd
    output = variables.get("O") or environ.get("KBUILD_OUTPUT") or ""
    if not os.path.exists(os.path.join(cwd, _MARK)):
        srctree = _source_of(cwd)
        output = output or cwd
    if not output:
        return KernelTree(srctree, os.path.realpath(srctree))
    return KernelTree(srctree, _writable(cwd, output, "O="))


def _writable(cwd: str, output: str, by: str) -> str:
    """Return the directory for objects, made if need be; `by` is what names it."""
    objtree = os.path.join(cwd, output)
    try:
        os.makedirs(objtree, exist_ok=True)
    except OSError as error:
        raise NinjagenError(
            f"failed to create output directory {output}: {error.strerror}",
            hint=f"{by} names the directory for objects",
        ) from None
    if not os.access(objtree, os.W_OK):
        raise NinjagenError(f"cannot write to output directory {output}")
    return os.path.realpath(objtree)


def _module_tree(
    cwd: str, module: str, variables: Mapping[str, str], environ: Mapping[str, str]
) -> KernelTree:
    """As `find_tree`, for an external module."""
    srctree = cwd if os.path.exists(os.path.join(cwd, _MARK)) else _source_of(cwd)
    kernel = os.path.realpath(
        os.path.join(cwd, variables.get("O") or environ.get("KBUILD_OUTPUT") or "")
    )
    if not os.path.isdir(kernel):
        raise NinjagenError(f"the directory of the kernel, {kernel}, does not exist",
                            hint="O= names the object tree that the module is built with")
    sources = os.path.join(cwd, module)
    if not os.path.isdir(sources):
        raise NinjagenError(f"the directory of the module, {module}, does not exist",
                            hint="M= names it")
    with open(os.path.join(srctree, "Makefile"), encoding="utf-8", errors="replace") as file:
        knows_elsewhere = _MODULES_ELSEWHERE in file.read()
    output = (knows_elsewhere and variables.get("MO")) or module
    return KernelTree(
        srctree, _writable(cwd, output, "MO="), os.path.realpath(sources), kernel
    )


def check_prepared(tree: KernelTree, variables: Mapping[str, str]) -> None:
    """Raise NinjagenError unless the kernel of an external module is there to build it with.

    `variables` has those of the environment too. With KBUILD_MODPOST_WARN modpost needs no list
    of the kernel's symbols.
    """
    lax = ("Module.symvers",) if variables.get("KBUILD_MODPOST_WARN") else ()
    missing = [
        name for name in _NEEDED_BY_MODULES
        if name not in lax and not os.path.exists(os.path.join(tree.kernel, name))
    ]
    if missing:
        raise NinjagenError(
            f"{tree.kernel} is not ready for external modules: it has no {', '.join(missing)}",
            hint=f"build the kernel first: ninjagen O={tree.kernel} vmlinux modules &&"
                 f" ninja -C {tree.kernel} vmlinux modules",
        )


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
