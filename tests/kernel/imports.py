"""Asks the linker which objects a distributed ThinLTO build imports from."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path


def imports(tree: Path) -> dict[str, set[str]]:
    """The bitcode objects of a built object tree, and which others each imports from.

    Runs kbuild's own thin link again, as its `.cmd` file has it, with its outputs elsewhere.
    """
    saved = (tree / ".vmlinux.thinlto-index.cmd").read_text()
    found = re.search(r":= (\S+) (.*) -r --thinlto", saved)
    assert found, saved
    with tempfile.TemporaryDirectory(dir=tree) as stage:
        command = [found[1], *found[2].split(), "-r", f"--thinlto-index-only={stage}/index",
                   "--thinlto-emit-imports-files", f"--thinlto-prefix-replace=;{stage}/",
                   "@builtin.order"]
        subprocess.run(command, cwd=tree, check=True)
        names = (tree / "vmlinux.thinlto-index").read_text().split()
        return {
            name: set((Path(stage) / f"{name}.imports").read_text().split()) for name in names
        }


def importers(tree: Path) -> dict[str, set[str]]:
    """The bitcode objects of a built object tree, and which others import from each."""
    found = imports(tree)
    return {name: {user for user, names in found.items() if name in names} for name in found}
