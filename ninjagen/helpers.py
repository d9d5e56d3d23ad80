"""How ninja's commands call the programs of runtime/: the one module that knows their arguments."""

from __future__ import annotations

import os
import shlex
import sys

_RUNTIME = os.path.join(os.path.dirname(os.path.abspath(__file__)), "runtime")


def depfile_command(saved: str, target: str, depfile: str, base: str) -> str:
    """Return the command that turns the `.cmd` file `saved` into a depfile for ninja.

    `base` is put before relative names, when they are not relative to the object tree.
    """
    script = shlex.quote(os.path.join(_RUNTIME, "depfile.awk"))
    prefix = f" -v base={shlex.quote(base)}" if base else ""
    return f"awk -v target={shlex.quote(target)}{prefix} -f {script} {saved} > {depfile}"


def listed_directories_command(listing: str, target: str, depfile: str) -> str:
    """Return the command that makes a depfile of the directories of the files in `listing`."""
    script = shlex.quote(os.path.join(_RUNTIME, "directories.awk"))
    return f"awk -v target={shlex.quote(target)} -f {script} {listing} > {depfile}"


def _python(program: str) -> str:
    """Return the words that start a program of runtime/, with nothing imported but what it asks."""
    return f"{shlex.quote(sys.executable)} -I -S {shlex.quote(os.path.join(_RUNTIME, program))}"


def thin_link_command(
    response: str, predicted: str, index: str, order: str, stage: str, linker: str
) -> str:
    """Return the command that runs a thin link; `linker` is kbuild's own command line for it."""
    return f"{_python('thin_link.py')} {response} {predicted} {index} {order} {stage} {linker}"


def dyndep_command(dyndep: str, index: str, archive: str) -> str:
    """Return the command that says which native objects `archive` takes."""
    return f"{_python('thinlto_dyndep.py')} {dyndep} {index} {archive}"


def backend_prefix(native: str, bitcode: str, nm: str) -> str:
    """Return the words to put before a back-end compile; `nm` may be several words."""
    return shlex.join(["sh", os.path.join(_RUNTIME, "backend.sh"), native, bitcode, nm])
