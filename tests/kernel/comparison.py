"""Compares an object tree of ours with kbuild's, file by file."""

from __future__ import annotations

import filecmp
import fnmatch
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from ninjagen.kbuild.thinlto import INDEX, NATIVE
from tests.kernel.reference import Reference
from tests.kernel.trees import REPO

STAGES = ("builtin.order", "vmlinux.thinlto-index", "vmlinux.o")  # of distributed ThinLTO
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


def commands_that_differ(ref: Reference) -> str:
    """What tools/cmddiff says of our build.ninja and kbuild's saved commands; "" if all equal."""
    command = [sys.executable, str(REPO / "tools/cmddiff"), str(ref.kbuild)]
    done = subprocess.run(
        [*command, "--ours", str(ref.out)], capture_output=True, text=True, check=False
    )
    lines = (done.stdout + done.stderr).splitlines()
    return "\n".join([*lines[:60], "...", *lines[-1:]]) if done.returncode else ""


# ---- distributed ThinLTO


def stage_files(tree: Path) -> list[str]:
    """The files that the stages leave, objects' indexes and native objects among them."""
    made = [name for name in files_of(tree) if name.endswith((INDEX, NATIVE))]
    return [*STAGES, *sorted(made)]


def members(archive: Path) -> list[str]:
    done = subprocess.run(
        ["llvm-ar-19", "t", archive.name], cwd=archive.parent, capture_output=True, text=True,
        check=True,
    )
    return done.stdout.split()


def thin_link_inputs(out: Path) -> list[str]:
    """The objects that build.ninja gives the thin link."""
    manifest = (out / "build.ninja").read_text()
    found = re.search(r"^build vmlinux\.thinlto-index \|[^:]*: \S+ ([^|\n]*) \|", manifest, re.M)
    assert found
    return found[1].split()


# What ninjagen writes beside the products of an external module.
OURS = (".ninjagen", "build.ninja", "compile_commands.json")


def contents(tree: Path) -> dict[str, bytes]:
    """All files of an external module's directory but those that are ours alone."""
    return {
        name: (tree / name).read_bytes() for name in files_of(tree) if not name.startswith(OURS)
    }
