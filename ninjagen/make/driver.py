"""A `make -rR -j1` look-alike: one make from its command line to its exit status.

With -n it prints recipes, and runs only what `make -n` runs, too: sub-makes, lines marked `+`, and
whatever remakes the makefiles themselves. Without, it runs them. A sub-make is followed in this
process where its recipe line is nothing else, and in one of its own where a shell starts it; no
other make is called.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

from ninjagen import itself
from ninjagen.errors import NinjagenError
from ninjagen.make.alike import Templates
from ninjagen.make.evaluator import MakefileRead
from ninjagen.make.process import Process
from ninjagen.make.recipe import Command, Target
from ninjagen.make.remake import NEW, OLD, RecipeFailed, Updater
from ninjagen.make.rules import File
from ninjagen.make.world import Parses, RealWorld

UNSUPPORTED = {
    "d": "debugging output", "p": "printing the data base", "t": "touching",
    "trace": "tracing", "debug": "debugging output",
}
MOST_RESTARTS = 50  # GNU make would go on for ever
Say = Callable[[str], None]
_QUOTED = re.compile(r"'[^']*'")
_FOR_THE_SHELL = re.compile(r"""[#;"'*?\[\]&|<>(){}$`^~!\\\n]""")
_OF_THE_SHELL = frozenset(  # job.c, sh_cmds_sh
    ". : alias bg break case cd command continue eval exec exit export fc fg for getopts hash if"
    " jobs login logout read readonly return set shift test times trap type ulimit umask unalias"
    " unset wait while".split()
)
# A make of our own for shells.
_ITSELF = shlex.join(itself.command(
    "from ninjagen.make.driver import start; sys.exit(start(sys.argv[1:]))"
))
_PLAIN = re.compile(r"[\w./=:%@,+-]+")  # a word that means the same with a shell and without


class Question(NinjagenError):
    """With -q: something would have to be done."""


class Output:
    """Where one make speaks; says which directory it is in before its first word."""

    def __init__(self, say: Say, complain: Say) -> None:
        self._say, self._complain = say, complain
        self.directory = ""
        self.program = "make"
        self.has_entered = False

    def say(self, text: str) -> None:
        """Write to standard output."""
        self.enter()
        self._say(text)

    def complain(self, text: str) -> None:
        """Write to standard error."""
        self.enter()
        self._complain(text)

    def fail(self, error: NinjagenError) -> None:
        """Tell of the error that ends this make."""
        place = error.loc if error.loc is not None else self.program
        self.complain(f"{place}: {error.message}")

    def enter(self) -> None:
        """Say which directory this is, if that is to be said and was not."""
        if self.directory and not self.has_entered:
            self.has_entered = True
            self._say(f"{self.program}: Entering directory '{self.directory}'")

    def leave(self) -> None:
        """Say that the directory is left, if it was entered."""
        if self.has_entered:
            self._say(f"{self.program}: Leaving directory '{self.directory}'")


def direct_words(text: str) -> list[str] | None:
    """Return the words of a command that make starts without a shell, None if it takes one.

    It matters where the shell has a command of its own: dash's `echo` reads backslashes.
    Follows construct_command_argv_internal() in job.c of GNU make; where that reads a backslash
    itself, a shell does the same.
    """
    if _FOR_THE_SHELL.search(_QUOTED.sub("", text)):
        return None
    words = shlex.split(text)
    return None if "=" in words[0] or words[0] in _OF_THE_SHELL else words


class ChangingWorld(RealWorld):
    """The machine while recipes change it: a makefile is parsed again when it is another."""

    def identity(self, path: str) -> str | None:
        """Return what also tells one text of a makefile from the next."""
        full = self.path(path)
        try:
            status = os.stat(full)
        except OSError:
            return None
        return f"{status.st_ino} {status.st_size} {status.st_mtime_ns} {full}"


class Recipes:
    """Prints recipes, and runs them; in a dry run those lines that it does not skip."""

    def __init__(self, process: Process, output: Output) -> None:
        self.process = process
        self.output = output
        letters = process.arguments.letters
        self.is_dry = bool(letters & {"n", "q"})
        self.runs_all = not self.is_dry  # in a dry run, only while makefiles are remade
        self.asks = "q" in letters
        database = process.evaluator.database
        self.ignored = set(database.special(".IGNORE") or ())
        self.ignores_all = "i" in letters or database.special(".IGNORE") == []
        self.silent = set(database.special(".SILENT") or ())
        self.is_silent = "s" in letters or database.special(".SILENT") == []
        self.half_made: list[str] = []
        self.templates = Templates(process.evaluator)
        self._before: int | None = None  # the time of the target, before its recipe
        self.removes_failed = database.special(".DELETE_ON_ERROR") is not None
        if not self.is_dry and database.special(".ONESHELL") is not None:
            raise NinjagenError("*** .ONESHELL: one shell for all lines is not supported.  Stop.")

    def run(self, target: Target) -> bool:
        """Deal with a target's recipe; tell whether it had any line."""
        self.remove_half_made()
        if not any(line.text.strip(" \t\n@+-") for line in target.recipe.lines):
            return False
        has_run = False
        self._before = self._time(target) if self.removes_failed else None
        for command in self.templates.expanded(target):
            if not command.text.replace("\\\n", "").strip(" \t"):
                continue
            if self.asks and not (command.is_recursive or self.runs_all):
                raise Question("")
            self.output.enter()
            if not (self.runs_all and self._is_silent(command, target)):
                self.output.say(command.text)
            has_run = True
            if self.runs_all or command.is_recursive:
                self._run(command, target)
        return has_run

    def _is_silent(self, command: Command, target: Target) -> bool:
        return command.is_silent or self.is_silent or target.name in self.silent

    def _run(self, command: Command, target: Target) -> None:
        status = self._status(command.text, target)
        if not status:
            return
        first = target.recipe.first
        place = f"{first.path}:{first.line + command.number}"
        problem = f"Error {status}" if status > 0 else f"Signal {-status}"
        failure = f"[{place}: {target.name}] {problem}"
        if command.ignores_errors or self.ignores_all or target.name in self.ignored:
            self.output.complain(f"{self.output.program}: {failure} (ignored)")
            return
        after = self._time(target) if self.removes_failed else None
        if after is not None and after != self._before and not target.file.is_precious:
            self.half_made.append(target.name)
        raise RecipeFailed(f"*** {failure}")

    def remove_half_made(self) -> None:
        """Remove the targets that recipes changed before they failed (manual 5.5)."""
        while self.half_made:
            name = self.half_made.pop()
            self.output.complain(f"{self.output.program}: *** Deleting file '{name}'")
            os.unlink(os.path.join(self.process.evaluator.world.cwd, name))

    def _time(self, target: Target) -> int | None:
        path = os.path.join(self.process.evaluator.world.cwd, target.name)
        if target.file.is_phony or not os.path.isfile(path):
            return None
        return self.process.evaluator.world.mtime(target.name)

    def _status(self, text: str, target: Target) -> int:
        if text.strip() == ":":
            return 0  # as make does: nobody needs a shell for that
        process, env = self.process, self.process.evaluator
        environ = process.environment(target.local())
        words = text.replace("\\\n", " ").split()
        if words[0] == env.value_of("MAKE_COMMAND") and all(map(_PLAIN.fullmatch, words)):
            return main(
                words[1:], env.world.cwd, environ, self.output.say, self.output.complain,
                env.world.parses,  # type: ignore[attr-defined]
            )
        script = f'make() {{ {_ITSELF} "$@"; }}; {text}'
        with env.scope(target.local()):
            shell = env.value_of("SHELL").split() or ["/bin/sh"]
            flags = env.value_of(".SHELLFLAGS").split()
        sys.stdout.flush()
        own = direct_words(text) if shell == ["/bin/sh"] and flags == ["-c"] else None
        try:
            return subprocess.run(
                own or [*shell, *flags, script if "make" in text else text],
                cwd=env.world.cwd, env=environ, check=False,
            ).returncode
        except OSError as error:
            self.output.complain(f"{self.output.program}: {words[0]}: {error.strerror}")
            return 127


class Make:
    """One make from its command line to its exit status."""

    def __init__(
        self, process: Process, output: Output, environ: Mapping[str, str]
    ) -> None:
        self.process = process
        self.output = output
        self.restarts = int(environ.get("MAKE_RESTARTS", "0"))
        arguments = process.arguments
        self._refuse_unsupported()
        output.program = process.evaluator.program
        if "w" in arguments.letters or (
            (arguments.directories or process.level)
            and "s" not in arguments.letters
            and "no-print-directory" not in arguments.long_options
        ):
            output.directory = process.evaluator.world.cwd

    def _refuse_unsupported(self) -> None:
        arguments = self.process.arguments
        given = {*arguments.letters, *arguments.long_options, *arguments.values}
        for option in sorted(given & UNSUPPORTED.keys()):
            dashes = "-" if len(option) == 1 else "--"
            raise NinjagenError(f"{UNSUPPORTED[option]} ({dashes}{option}) is not supported")

    def run(self) -> int | None:
        """Return the exit status, or None if the makefiles changed and all begins anew."""
        process, env = self.process, self.process.evaluator
        process.read()
        recipes = Recipes(process, self.output)
        updater = Updater(
            env, recipes, keep_going="k" in process.arguments.letters,
            believes_disk=not recipes.is_dry,
        )
        self._set_times(process.arguments.old_files, OLD)
        self._set_times(process.arguments.new_files, NEW)
        try:
            status = None
            if not self._remake_makefiles(updater, recipes):
                status = self._update_goals(updater, recipes)
        except Question:
            raise
        except NinjagenError as error:
            self.output.fail(error)
            status = 2
        recipes.remove_half_made()
        self._remove_intermediates(updater, recipes.is_dry)
        return status

    def _set_times(self, names: list[str], time: int) -> None:
        for name in names:
            file = self.process.evaluator.database.enter(name)
            file.time = time
            file.is_updated = time == OLD

    def _update_goals(self, updater: Updater, recipes: Recipes) -> int:
        arguments = self.process.arguments
        env = self.process.evaluator
        goals = self.process.goals()
        if not goals:
            if env.value_of("MAKEFILE_LIST"):
                raise NinjagenError("*** No targets.  Stop.")
            raise NinjagenError("*** No targets specified and no makefile found.  Stop.")
        updater.always = "B" in arguments.letters
        has_failed = False
        for goal in goals:
            env.database.enter(goal).is_goal = True
        for goal in goals:
            file = updater.update_goal(goal)
            has_failed |= file.has_failed
            if updater.keep_going and not recipes.is_dry and _needs_failed(updater, file):
                program = self.output.program
                env.complain(f"{program}: Target '{goal}' not remade because of errors.")
            if not (updater.ran_something or file.has_failed or arguments.letters & {"q", "s"}):
                self._tell_nothing_done(file)
        return 2 if has_failed else 0

    def _tell_nothing_done(self, file: File) -> None:
        recipe = file.double_colon[0].recipe if file.double_colon else file.recipe
        if file.is_phony or recipe is None:
            text = f"Nothing to be done for '{file.path or file.name}'."
        else:
            text = f"'{file.path or file.name}' is up to date."
        self.output.say(f"{self.output.program}: {text}")

    def _remove_intermediates(self, updater: Updater, is_dry: bool) -> None:
        """Intermediate files are removed in the end (manual 10.4); a dry run only says so."""
        database = updater.database
        if "q" in self.process.arguments.letters or database.keeps_intermediates:
            return
        names = [
            file.name for file in database.files.values()
            if file.is_intermediate and file.is_updated and not file.may_be_missing
            and not (file.is_precious or file.is_secondary or file.is_goal)
        ]
        removed = names if is_dry else [
            name for name in names if _remove(os.path.join(updater.evaluator.world.cwd, name))
        ]
        if removed and "s" not in self.process.arguments.letters:
            self.output.say(f"rm {' '.join(removed)}")

    # --- makefiles that can be made ---

    def _remake_makefiles(self, updater: Updater, recipes: Recipes) -> bool:
        """Bring the makefiles themselves up to date; tell whether one changed (manual 3.5)."""
        goals = [read for read in reversed(updater.evaluator.makefiles) if not _is_forced(
            updater.database.files.get(read.name)
        )]
        files = [updater.database.enter(read.name) for read in goals]
        updater.makefiles = {
            read.name: f"{read.loc}: {read.name}: No such file or directory"
            for read in goals if read.is_missing and not read.is_optional and read.loc
        }
        updater.always = "B" in self.process.arguments.letters and not self.restarts
        changed = False
        for read, file in zip(goals, files, strict=True):
            before = updater.time_of(file)
            file.may_be_missing = read.is_optional
            file.parent = None
            recipes.runs_all = not (recipes.is_dry and self._is_goal(file.name))
            updater.update_goal(read.name)
            file.may_be_missing = False
            if file.has_failed and not read.is_optional:
                self._tell_failed(read)
            changed |= updater.ran_something and updater.time_of(file) != before
            if changed and read.is_optional:
                break  # as make does: what else is out of date shows after the restart
        updater.makefiles = None
        recipes.runs_all = not recipes.is_dry
        return changed

    def _tell_failed(self, read: MakefileRead) -> None:
        self.output.complain(f"{self.output.program}: Failed to remake makefile '{read.name}'.")

    def _is_goal(self, name: str) -> bool:
        return name in self.process.arguments.goals


def _needs_failed(updater: Updater, file: File) -> bool:
    return any(updater.database.enter(p.name).has_failed for p in file.prerequisites)


def _remove(path: str) -> bool:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True


def _is_forced(file: File | None) -> bool:
    """A makefile that a `::` rule makes from nothing would be remade without end."""
    return file is not None and any(
        entry.recipe is not None and not entry.prerequisites for entry in file.double_colon or ()
    )


def main(
    arguments: Sequence[str],
    cwd: str,
    environ: Mapping[str, str],
    say: Say,
    complain: Say,
    parses: Parses | None = None,
) -> int:
    """Do what `make -rR` with these arguments would; return its exit status."""
    restarts, parses = 0, parses or Parses()
    output = Output(say, complain)
    try:
        while True:
            environ = {**environ, "MAKE_RESTARTS": str(restarts)} if restarts else environ
            output = Output(say, complain)
            process = Process(
                arguments, environ, ChangingWorld(cwd, parses),
                lambda _, path: ChangingWorld(path, parses), output.say, output.complain,
            )
            status = Make(process, output, environ).run()
            if status is not None:
                return status
            restarts += 1
            if restarts > MOST_RESTARTS:
                raise NinjagenError("*** makefiles are remade without end.  Stop.")
    except Question:
        return 1
    except NinjagenError as error:
        output.fail(error)
        return 2
    finally:
        output.leave()


def start(arguments: Sequence[str]) -> int:
    """Be a make that was started as a program."""
    sys.setrecursionlimit(20000)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]
    return main(arguments, os.getcwd(), os.environ, say, complain)


def say(text: str) -> None:
    """Write to standard output, at once: what commands say comes after it."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """Write to standard error."""
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(start(sys.argv[1:]))
