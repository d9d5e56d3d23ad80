"""What the user asked for, in make's words, and how an object tree remembers it.

build.ninja makes itself again, and tools answer, with the arguments it was made with. Knows
nothing of what is done with them.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ninjagen import itself
from ninjagen.errors import NinjagenError
from ninjagen.make.parser import parse_definition

STATE = ".ninjagen"  # in the object tree: what ninjagen keeps between runs
KEPT = f"{STATE}/request.json"  # in the object tree: what its build.ninja was made with
_PROGRAM = itself.command("from ninjagen.cli import program; program()")
OPTIONS = ("--thinlto=dist", "--no-dyndep", "--no-adopt")

# What a user may set in the environment instead of on the command line
# (Documentation/kbuild/kbuild.rst); what was set once holds for the object tree.
SETTINGS_PREFIXES = ("KBUILD_", "KCONFIG_", "LLVM")
SETTINGS = frozenset(
    "ARCH CC CROSS_COMPILE HOSTCC HOSTCFLAGS HOSTLDFLAGS INSTALL_MOD_PATH KAFLAGS KCFLAGS"
    " KCPPFLAGS KRUSTFLAGS LD LDFLAGS_MODULE LDFLAGS_vmlinux LOCALVERSION PAHOLE"
    " SOURCE_DATE_EPOCH USERCFLAGS USERLDFLAGS".split()
)


@dataclass(eq=False, repr=False)
class Request:
    """One command line of ninjagen, with the directory and the environment it was given in."""

    arguments: tuple[str, ...]  # VAR=VALUE and goals, as given
    cwd: str
    environ: Mapping[str, str]
    distributes: bool = False  # --thinlto=dist
    uses_dyndep: bool = True  # --no-dyndep
    adopts: bool = True  # --no-adopt
    say: Callable[[str], None] = print
    complain: Callable[[str], None] = print
    variables: dict[str, str] = field(init=False)
    goals: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.variables, self.goals = {}, []
        for word in self.arguments:
            definition = parse_definition(word)
            if definition is not None:
                self.variables[definition[0]] = definition[2]
            else:
                self.goals.append(word)

    def without(self, goals: Container[str]) -> Request:
        """Return the request as it is once these goals are done."""
        return replace(
            self, arguments=tuple(word for word in self.arguments if word not in goals)
        )

    @property
    def options(self) -> list[str]:
        """The options, as given on the command line, that build.ninja depends on."""
        return ["--thinlto=dist"] * self.distributes + ["--no-dyndep"] * (not self.uses_dyndep)

    @property
    def assignments(self) -> list[str]:
        """The VAR=VALUE words."""
        return [word for word in self.arguments if parse_definition(word) is not None]

    @property
    def settings(self) -> dict[str, str]:
        """What the environment says that kbuild listens to."""
        return {
            name: value for name, value in sorted(self.environ.items())
            if name in SETTINGS or name.startswith(SETTINGS_PREFIXES)
        }

    def command(self, words: Sequence[str], objtree: str) -> str:
        """Return shell text that runs ninjagen again, in the same place with the same settings, for
        an object tree that the shell is in. It fails in one that was copied or moved from there."""
        settings = "".join(f"{name}={shlex.quote(value)} " for name, value in self.settings.items())
        command = shlex.join([*_PROGRAM, *self.options, *words])
        lines = shlex.join(f"ninjagen: error: {_not_of_this_place(objtree)}".splitlines())
        return (
            f"test {shlex.quote(objtree)} -ef . || {{ printf '%s\\n' {lines} >&2; exit 1; }};"
            f" cd {shlex.quote(self.cwd)} && {settings}{command}"
        )

    def text(self, objtree: str) -> str:
        """Return the request as `recall` reads it in an object tree."""
        return json.dumps({
            "arguments": self.arguments, "options": self.options, "cwd": self.cwd,
            "settings": self.settings, "objtree": objtree,
        }, indent=1) + "\n"


def recall(objtree: str, environ: Mapping[str, str]) -> Request:
    """Return the request that an object tree's build.ninja was made with.

    `environ` gives what it does not say. Raises NinjagenError when there is none, or when it is
    that of another place.
    """
    try:
        with open(os.path.join(objtree, KEPT), encoding="utf-8") as file:
            kept = json.load(file)
        options = kept["options"]
        request = Request(
            tuple(kept["arguments"]), kept["cwd"], {**environ, **kept["settings"]},
            "--thinlto=dist" in options, "--no-dyndep" not in options,
        )
        made_for = str(kept["objtree"])
    except (OSError, ValueError, KeyError, TypeError):
        raise NinjagenError(
            f"{objtree} has no build.ninja of ninjagen's",
            hint="ninjagen writes it; O=DIR names the directory for objects",
        ) from None
    if os.path.realpath(objtree) != made_for:
        raise _not_of_this_place(made_for)
    return request


def _not_of_this_place(objtree: str) -> NinjagenError:
    return NinjagenError(
        f"this build.ninja is of {objtree}, and was copied or moved to here",
        hint="run ninjagen for this directory, with O=",
    )
