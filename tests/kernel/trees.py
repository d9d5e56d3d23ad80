"""Kernel source trees: fetched once, kept outside the repository, never written to.

A test that needs a tree with something changed in it takes a copy of hard links.
"""

from __future__ import annotations

import filecmp
import functools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def cache_directory() -> Path:
    """The directory that kernels and reference builds are kept in; it may not exist yet."""
    if chosen := os.environ.get("NINJAGEN_CACHE"):
        return Path(chosen).resolve()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").resolve() / "ninjagen"


@functools.cache
def kernel_source(version: str) -> str:
    """The path of a clean source tree of this version, fetched if it is not there."""
    command = [str(REPO / "tools/get-linux"), version]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


@functools.cache
def rust_tools() -> str:
    """The path of a directory with rustc, rustdoc and bindgen, fetched if it is not there."""
    command = [str(REPO / "tools/get-rust")]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


@functools.cache
def kernel_release(version: str) -> str:
    """The release down to its last number, as 7.2.13: Debian moves the trees within a version."""
    text = (Path(kernel_source(version)) / "Makefile").read_text()
    numbers = [
        re.search(rf"^{name} *= *(.*)$", text, re.M)
        for name in ("VERSION", "PATCHLEVEL", "SUBLEVEL", "EXTRAVERSION")
    ]
    found = [number[1] if number else "" for number in numbers]
    return ".".join(found[:3]) + found[3]


def copy_source(version: str, to: Path) -> None:
    """Copy a tree as hard links: seconds, and no space.

    A build writes new files beside the sources and never into them. Whoever wants to change a
    file of the copy must replace it, see `replace_file`.
    """
    shutil.rmtree(to, ignore_errors=True)
    subprocess.run(["cp", "-al", kernel_source(version), str(to)], check=True)


def restore_source(version: str, to: Path) -> list[str]:
    """Make such a copy what it was, whatever was done to it; return the names that were put back.

    What is put back has a new time, so that object trees notice.
    """
    if not to.exists():
        copy_source(version, to)
        return []
    source = Path(kernel_source(version))
    before, now = inodes(source), inodes(to)
    changed = [
        name
        for name in before.keys() | now.keys()
        if before.get(name) != now.get(name)
        and not (name in before and name in now and is_same(source / name, to / name))
    ]
    for name in changed:
        (to / name).unlink(missing_ok=True)
        if name in before:
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, to / name, follow_symlinks=False)
    return sorted(changed)


def files_below(tree: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """The files below a tree, links among them, with their names from there."""
    directories = [""]
    while directories:
        directory = directories.pop()
        for entry in os.scandir(tree / directory):
            name = os.path.join(directory, entry.name)
            if entry.is_dir(follow_symlinks=False):
                directories.append(name)
            else:
                yield name, entry


def inodes(tree: Path) -> dict[str, int]:
    """The files below a tree, links among them, by name."""
    return {name: entry.inode() for name, entry in files_below(tree)}


def is_same(one: Path, other: Path) -> bool:
    if one.is_symlink() or other.is_symlink():
        return one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()
    return filecmp.cmp(one, other, shallow=False)


def replace_file(path: Path, text: str) -> None:
    """Give a file of such a copy a new text, and leave the original as it is."""
    path.unlink(missing_ok=True)
    path.write_text(text)
