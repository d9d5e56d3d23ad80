"""`-t single FILE`: what `make kernel/fork.i` does, for an edge of build.ninja.

The kernel's own makefiles are evaluated for that goal (top Makefile, `single-targets`), and the
one command that makes the file is run. What it reads, ninja has made before.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from ninjagen import files
from ninjagen.answers.described import Described
from ninjagen.errors import NinjagenError
from ninjagen.ninja.byname import DEPFILES
from ninjagen.ninja.manifest import MANIFEST


def answer(described: Described, arguments: Sequence[str]) -> int:
    """Run the command, and leave a depfile for ninja; return the command's status.

    build.ninja is among the dependencies: it is made again when a makefile, an option or an
    argument changes, and then the command may be another. Raises NinjagenError when the
    kernel's makefiles cannot make the file.
    """
    name = described.name(arguments[0])
    walk = described.walk(goals=[name])
    edge = walk.graph.producer(name)
    if edge is None:
        raise NinjagenError(f"the kernel's makefiles have no command for '{name}'")
    objtree = described.tree.objtree
    os.makedirs(os.path.join(objtree, os.path.dirname(name)), exist_ok=True)
    done = subprocess.run(
        ["/bin/sh", "-c", walk.locale_prefix() + edge.command], cwd=objtree, check=False
    )
    if done.returncode:
        for output in edge.all_outputs:
            files.remove(os.path.join(objtree, output))
        return 1
    text = f"{name}: {MANIFEST}\n"
    if edge.depfile:
        with open(os.path.join(objtree, edge.depfile), encoding="utf-8") as file:
            text += file.read()
        files.remove(os.path.join(objtree, edge.depfile))
    files.replace(os.path.join(objtree, DEPFILES, f"{name}.d"), text)
    return 0
