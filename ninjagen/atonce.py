"""Goals that are work to be done now: `clean`, `modules_install`, `help`. No edge comes of them.

The top Makefile lists them itself: no-sync-config-targets need no configuration brought up to
date. Their recipes are run by ninjagen's own make, in make's order and with make's messages, and
what make would make first, it makes: headers for `headers_install`, but no module for
`modules_install`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence

from ninjagen import compdb, files, kconfig
from ninjagen.describe import command_line
from ninjagen.errors import NinjagenError
from ninjagen.kbuild import protocol
from ninjagen.kbuild.tree import KernelTree
from ninjagen.make import driver
from ninjagen.make.process import Process
from ninjagen.make.world import RealWorld
from ninjagen.ninja import manifest
from ninjagen.request import STATE, Request

_GOALS_OF_BOTH_KINDS = ("clean", "all")  # with them the Makefile reads no further than its lists


def goals_at_once(
    tree: KernelTree, goals: Sequence[str], environ: Mapping[str, str]
) -> list[str]:
    """Return those of the goals that are done at once, as the kernel's top Makefile says."""
    if not goals:
        return []
    process = Process(
        ["--no-print-directory", "-f", os.path.join(tree.srctree, "Makefile"),
         *_GOALS_OF_BOTH_KINDS],
        {"PATH": environ.get("PATH", "")}, RealWorld(tree.objtree, tree.parses),
        lambda _, path: RealWorld(path, tree.parses),
    )
    process.read()
    listed = process.evaluator.value_of(protocol.AT_ONCE)
    return [goal for goal in goals if protocol.is_at_once(goal, listed)]


def do_at_once(request: Request, tree: KernelTree, goals: Sequence[str]) -> None:
    """Do such goals, in order. Raises NinjagenError when a command fails.

    Where they leave no configuration (mrproper), what ninjagen wrote of it goes, too.
    """
    arguments, environ = command_line(request, tree, goals)
    status = driver.main(arguments, tree.srctree, environ, driver.say, driver.complain)
    if not os.path.exists(os.path.join(tree.kernel or tree.objtree, kconfig.ANSWERS)):
        for name in (manifest.MANIFEST, compdb.NAME):
            files.remove(os.path.join(tree.objtree, name))
        shutil.rmtree(os.path.join(tree.objtree, STATE), ignore_errors=True)
    if status:
        raise NinjagenError(f"{' '.join(goals)} failed")
