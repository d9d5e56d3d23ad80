"""The one door to files, globs and the shell.

Everything that evaluation learns of the outside it asks here, so a ledger kept here is the list
of what a result depends on, and a made-up world is enough to test the language.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from typing import Protocol

from ninjagen.errors import NinjagenError
from ninjagen.make import ast
from ninjagen.make.globbing import glob
from ninjagen.make.parser import parse
from ninjagen.make.variables import Constants, Variable
from ninjagen.source import Loc


class World(Protocol):
    """What an evaluator may ask. Paths are relative to `cwd` or absolute."""

    cwd: str

    def read(self, path: str) -> str | None:
        """Return a file's text, or None when there is no such file."""

    def exists(self, path: str) -> bool:
        """Tell whether something is there."""

    def mtime(self, path: str) -> int | None:
        """Return the time of last change in nanoseconds, or None when nothing is there."""

    def glob(self, pattern: str) -> list[str]:
        """Return the sorted names that match; a name without wildcards matches if it exists."""

    def realpath(self, path: str) -> str:
        """Return the canonical name, or "" when nothing is there."""

    def shell(self, command: str, environ: Mapping[str, str]) -> tuple[str, int]:
        """Run a command; return its output and exit status."""

    def write(self, path: str, text: str, append: bool, loc: Loc | None) -> None:
        """Write a file, for $(file)."""

    def makefile(self, path: str) -> ast.Makefile | None:
        """Return a parsed makefile, or None when there is no such file."""

    def parsed_eval(self, text: str, loc: Loc) -> ast.Makefile:
        """Return the statements of an $(eval)'s text."""

    def constants(self, makefile: ast.Makefile, path: str) -> Constants | None:
        """Return a makefile's variables if `NAME=text` lines are all it has, else None.

        `path` is where `makefile` found it.
        """


class Parses:
    """Makefiles parsed once and shared by every evaluation that reads them."""

    def __init__(self) -> None:
        self._makefiles: dict[tuple[str, str], ast.Makefile | None] = {}
        self._evals: dict[tuple[str, Loc], ast.Makefile] = {}
        self._constants: dict[int, tuple[ast.Makefile, Constants | None]] = {}

    def parsed(self, text: str, path: str, key: str) -> ast.Makefile:
        """Return the statements of a file's text; `key` is the file's identity."""
        found = self._makefiles.get((key, path))
        if found is None:
            found = self._makefiles[key, path] = parse(text, path)
        return found

    def known(self, key: str, path: str) -> ast.Makefile | None:
        """Return what was parsed under that key before, or None."""
        return self._makefiles.get((key, path))

    def parsed_eval(self, text: str, loc: Loc) -> ast.Makefile:
        """Return the statements of an $(eval)'s text."""
        found = self._evals.get((text, loc))
        if found is None:
            found = self._evals[text, loc] = parse(text, loc.path, loc.line)
        return found

    def constants(self, makefile: ast.Makefile) -> Constants | None:
        """Return the variables of a makefile that is nothing but `NAME=text` lines."""
        found = self._constants.get(id(makefile))
        if found is None:
            found = self._constants[id(makefile)] = (makefile, _constants_of(makefile))
        return found[1]


def _constants_of(makefile: ast.Makefile) -> Constants | None:
    if len(makefile.statements) < 16:
        return None  # not worth a dictionary
    variables: dict[str, Variable] = {}
    for statement in makefile.statements:
        if type(statement) is not ast.Assign or statement.variable is None:
            return None
        variables[statement.variable.name] = statement.variable
    return Constants(variables)


class RealWorld:
    """The machine as it is."""

    def __init__(self, cwd: str, parses: Parses | None = None) -> None:
        self.cwd = cwd
        self.parses = parses or Parses()

    def path(self, path: str) -> str:
        """Return where `path` really is."""
        return os.path.join(self.cwd, path)

    def read(self, path: str) -> str | None:
        """Return a file's text as UTF-8; odd bytes survive as surrogates."""
        try:
            with open(self.path(path), "rb", buffering=0) as file:
                return file.read().decode("utf-8", "surrogateescape")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise NinjagenError(f"*** {path}: {error.strerror}.  Stop.") from None

    def exists(self, path: str) -> bool:
        """Tell whether something is there."""
        return os.path.exists(self.path(path))

    def mtime(self, path: str) -> int | None:
        """Return the time of last change in nanoseconds, or None."""
        try:
            return os.stat(self.path(path)).st_mtime_ns
        except OSError:
            return None

    def glob(self, pattern: str) -> list[str]:
        """Return the sorted names that match."""
        return glob(self.cwd, pattern)

    def realpath(self, path: str) -> str:
        """Return the canonical name, or ""."""
        full = self.path(path)
        return os.path.realpath(full) if os.path.exists(full) else ""

    def shell(self, command: str, environ: Mapping[str, str]) -> tuple[str, int]:
        """Run a command with /bin/sh."""
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=self.cwd, env=dict(environ),
            stdout=subprocess.PIPE, check=False,
        )
        return done.stdout.decode("utf-8", "surrogateescape"), done.returncode

    def write(self, path: str, text: str, append: bool, loc: Loc | None) -> None:
        """Write a file, for $(file)."""
        try:
            with open(self.path(path), "a" if append else "w", encoding="utf-8",
                      errors="surrogateescape") as file:
                file.write(text)
        except OSError as error:
            raise NinjagenError(f"*** open: {path}: {error.strerror}.  Stop.", loc) from None

    def identity(self, path: str) -> str | None:
        """Return what tells a makefile from others that were parsed; None if there is none."""
        return self.path(path)

    def makefile(self, path: str) -> ast.Makefile | None:
        """Return a parsed makefile, or None."""
        key = self.identity(path)
        if key is None:
            return None
        found = self.parses.known(key, path)
        if found is None:
            text = self.makefile_text(path)
            if text is None:
                return None
            found = self.parses.parsed(text, path, key)
        return found

    def makefile_text(self, path: str) -> str | None:
        """Return the text of a makefile that nobody has parsed, or None."""
        return self.read(path)

    def parsed_eval(self, text: str, loc: Loc) -> ast.Makefile:
        """Return the statements of an $(eval)'s text."""
        return self.parses.parsed_eval(text, loc)

    def constants(self, makefile: ast.Makefile, path: str) -> Constants | None:
        """Return a makefile's variables if they are all it has."""
        return self.parses.constants(makefile)
