"""How ninja's commands call the programs of runtime/: the one module that knows their arguments.

Each object tree has copies of them, and commands name those: where ninjagen is installed is no
part of a command, and a ninjagen that moves compiles nothing again.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator

RUNTIME = ".ninjagen/runtime"  # in the object tree
HEADERS = ".ninjagen/headers"  # in the object tree: sets of headers; the programs know the names
CHOSEN = f"{HEADERS}/chosen"


def programs() -> Iterator[tuple[str, str]]:
    """Yield (path in the object tree, text) of every program that commands call."""
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "runtime")
    for name in sorted(os.listdir(source)):
        path = os.path.join(source, name)
        if os.path.isfile(path) and name != "__init__.py":
            with open(path, encoding="utf-8") as file:
                yield f"{RUNTIME}/{name}", file.read()


def depfile_command(
    saved: str, target: str, depfile: str, base: str, objtree: str = "", unset: str = ""
) -> str:
    """Return the command that turns the `.cmd` file `saved` into a depfile for ninja.

    `base` is put before relative names, when they are not relative to the object tree. `objtree`
    is the object tree, for a command that runs elsewhere. `unset` is a file that stands for the
    options that are not set, if files may not be made for them; see depfile.awk.
    """
    script = shlex.quote(os.path.join(objtree, RUNTIME, "depfile.awk"))
    words = "".join(
        f" -v {name}={shlex.quote(value)}"
        for name, value in {"target": target, "base": base, "unset": unset}.items() if value
    )
    return f"awk{words} -f {script} {saved} > {depfile}"


def can_name_header_sets(command: str) -> bool:
    """Tell whether a command makes a depfile in the object tree, for `with_header_sets`."""
    return _MAKES_DEPFILE in command and " -v base=" not in command


def with_header_sets(command: str, sets: int) -> str:
    """Return such a command with as many sets of headers to name in its depfile."""
    before, found, after = command.rpartition(_MAKES_DEPFILE)
    return f"{before} -v sets={sets}{found}{after}"


_MAKES_DEPFILE = f" -f {shlex.quote(f'{RUNTIME}/depfile.awk')} "


def names_header_sets(command: str) -> bool:
    """Tell whether a command may name sets of headers in its depfile."""
    return " -v sets=" in command


def header_set_command(number: int, fixdep: str) -> str:
    """Return the command that makes a set of headers and its depfile, `{HEADERS}/{number}.d`."""
    return f"sh {RUNTIME}/header_set.sh {number} {shlex.quote(fixdep)}"


def choose_headers_command(most: int) -> str:
    """Return the command that chooses what headers to make sets of."""
    return f"{_python('choose_headers.py')} {CHOSEN} {most}"


def listed_directories_command(
    listing: str, target: str, depfile: str, objtree: str = ""
) -> str:
    """Return the command that makes a depfile of the directories of the files in `listing`."""
    script = shlex.quote(os.path.join(objtree, RUNTIME, "directories.awk"))
    return f"awk -v target={shlex.quote(target)} -f {script} {listing} > {depfile}"


def _python(program: str) -> str:
    """Return the words that start a program of runtime/, with nothing imported but what it asks."""
    return f"{shlex.quote(sys.executable)} -I -S {RUNTIME}/{program}"


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
    return shlex.join(["sh", f"{RUNTIME}/backend.sh", native, bitcode, nm])
