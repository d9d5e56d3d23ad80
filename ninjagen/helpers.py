"""How ninja's commands call the programs of runtime/: the one module that knows their arguments."""

from __future__ import annotations

import os
import shlex

_RUNTIME = os.path.join(os.path.dirname(os.path.abspath(__file__)), "runtime")


def depfile_command(saved: str, target: str, depfile: str, base: str) -> str:
    """Return the command that turns the `.cmd` file `saved` into a depfile for ninja.

    `base` is put before relative names, when they are not relative to the object tree.
    """
    script = shlex.quote(os.path.join(_RUNTIME, "depfile.awk"))
    prefix = f" -v base={shlex.quote(base)}" if base else ""
    return f"awk -v target={shlex.quote(target)}{prefix} -f {script} {saved} > {depfile}"
