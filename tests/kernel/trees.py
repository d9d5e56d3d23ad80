"""Kernel source trees: fetched once, kept outside the repository, never written to.

A test that needs a tree with something changed in it takes a copy of hard links.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
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


def replace_file(path: Path, text: str) -> None:
    """Give a file of such a copy a new text, and leave the original as it is."""
    path.unlink(missing_ok=True)
    path.write_text(text)
