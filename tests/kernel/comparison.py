"""Compares an object tree of ours with kbuild's, file by file."""

from __future__ import annotations

import filecmp
import fnmatch
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.kernel.reference import Reference

PRODUCTS = ("vmlinux", "System.map", "modules.builtin", "modules.builtin.modinfo")

# Files of kbuild's tree that ours need not have, or may have with other contents.
NOT_COMPARED = {
    "scripts/kconfig/*": "kbuild's configuration program: ninjagen reads Kconfig itself",
    "include/config/auto.conf.cmd": "tells make what the configuration was made from",
    ".tmp_vmlinux*": "left over from the link",
    "*.d": "compilers' dependency files, left over",
    ".version": "counts kbuild's links",
    "source": "a link to the source tree",
}


def differing(ref: Reference, names: Iterable[str]) -> list[str]:
    """Those of kbuild's files that ours has not, or not with the same bytes."""
    return [name for name in names if not same(ref.kbuild / name, ref.out / name)]


def same(theirs: Path, ours: Path) -> bool:
    if theirs.is_symlink():
        return ours.is_symlink() and theirs.readlink() == ours.readlink()
    if not ours.is_file():
        return False
    return theirs.samefile(ours) or filecmp.cmp(theirs, ours, shallow=False)


def products(ref: Reference) -> tuple[str, ...]:
    return tuple(name for name in PRODUCTS if (ref.kbuild / name).exists())


def files_of(tree: Path) -> Iterator[str]:
    """All files below a tree; in an in-tree build those of the source too."""
    for directory, directories, names in os.walk(tree):
        links = [name for name in directories if os.path.islink(os.path.join(directory, name))]
        for name in names + links:
            yield os.path.relpath(os.path.join(directory, name), tree)


def directories_of(tree: Path) -> set[str]:
    """All directories below a tree, also those that nothing was put into."""
    return {os.path.relpath(directory, tree) for directory, _, _ in os.walk(tree)}


def is_compared(name: str) -> bool:
    return not any(fnmatch.fnmatchcase(name, pattern) for pattern in NOT_COMPARED)


def cmd_files(tree: Path) -> set[str]:
    return {
        name
        for name in files_of(tree)
        if os.path.basename(name).startswith(".") and name.endswith(".cmd") and is_compared(name)
    }
