"""A `make -nrR` look-alike: prints recipes, and runs only what `make -n` runs, too.

That is sub-makes, lines marked `+`, and whatever remakes the makefiles themselves.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

from ninjagen.errors import NinjagenError
from ninjagen.make.evaluator import MakefileRead
from ninjagen.make.process import Process
from ninjagen.make.recipe import Command, Target, expand_recipe
from ninjagen.make.remake import NEW, OLD, RecipeFailed, Updater
from ninjagen.make.rules import File
from ninjagen.make.world import RealWorld

UNSUPPORTED = {
    "d": "debugging output", "p": "printing the data base", "t": "touching",
    "trace": "tracing", "debug": "debugging output",
}
MOST_RESTARTS = 50  # GNU make would go on for ever
Say = Callable[[str], None]


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
        self._enter()
        self._say(text)

    def complain(self, text: str) -> None:
        """Write to standard error."""
        self._enter()
        self._complain(text)

    def fail(self, error: NinjagenError) -> None:
        """Tell of the error that ends this make."""
        place = error.loc if error.loc is not None else self.program
        self.complain(f"{place}: {error.message}")

    def _enter(self) -> None:
        if self.directory and not self.has_entered:
            self.has_entered = True
            self._say(f"{self.program}: Entering directory '{self.directory}'")

    def leave(self) -> None:
        """Say that the directory is left, if it was entered."""
        if self.has_entered:
            self._say(f"{self.program}: Leaving directory '{self.directory}'")


class Recipes:
    """Prints recipes, and runs those lines that a dry run does not skip."""

    def __init__(self, process: Process, output: Output) -> None:
        self.process = process
        self.output = output
        self.runs_all = False  # while makefiles are remade
        letters = process.arguments.letters
        self.asks = "q" in letters
        database = process.evaluator.database
        self.ignored = set(database.special(".IGNORE") or ())
        self.ignores_all = "i" in letters or database.special(".IGNORE") == []

    def run(self, target: Target) -> bool:
        """Deal with a target's recipe; tell whether it had any line."""
        if not any(line.text.strip(" \t\n@+-") for line in target.recipe.lines):
            return False
        has_run = False
        for command in expand_recipe(self.process.evaluator, target):
            if not command.text.replace("\\\n", "").strip(" \t"):
                continue
            if self.asks and not (command.is_recursive or self.runs_all):
                raise Question("")
            if not (self.runs_all and command.is_silent):
                self.output.say(command.text)
            has_run = True
            if self.runs_all or command.is_recursive:
                self._run(command, target)
        return has_run

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
        raise RecipeFailed(f"*** {failure}")

    def _status(self, text: str, target: Target) -> int:
        process, env = self.process, self.process.evaluator
        environ = process.environment(target.local())
        words = text.split()
        if words[0] == env.value_of("MAKE_COMMAND") and re.fullmatch(r"[\w\s./=:%@,+-]+", text):
            return main(words[1:], env.world.cwd, environ, self.output.say, self.output.complain)
        script = f'make() {{ "{sys.executable}" -m ninjagen.make "$@"; }}; {text}'
        with env.scope(target.local()):
            shell = env.value_of("SHELL").split() or ["/bin/sh"]
            flags = env.value_of(".SHELLFLAGS").split()
        sys.stdout.flush()
        return subprocess.run(
            [*shell, *flags, script if "make" in text else text],
            cwd=env.world.cwd, env=environ, check=False,
        ).returncode


class DryRun:
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
            env, recipes, keep_going="k" in process.arguments.letters
        )
        self._set_times(process.arguments.old_files, OLD)
        self._set_times(process.arguments.new_files, NEW)
        try:
            status = None
            if not self._remake_makefiles(updater, recipes):
                status = self._update_goals(updater)
        except Question:
            raise
        except NinjagenError as error:
            self.output.fail(error)
            status = 2
        self._tell_removed(updater)
        return status

    def _set_times(self, names: list[str], time: int) -> None:
        for name in names:
            file = self.process.evaluator.database.enter(name)
            file.time = time
            file.is_updated = time == OLD

    def _update_goals(self, updater: Updater) -> int:
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

    def _tell_removed(self, updater: Updater) -> None:
        """Intermediate files are removed in the end; say so, as make -n does."""
        database = updater.database
        if "q" in self.process.arguments.letters or database.keeps_intermediates:
            return
        names = [
            file.name for file in database.files.values()
            if file.is_intermediate and file.is_updated and not file.may_be_missing
            and not (file.is_precious or file.is_secondary or file.is_goal)
        ]
        if names and "s" not in self.process.arguments.letters:
            self.output.say(f"rm {' '.join(names)}")

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
            recipes.runs_all = not self._is_goal(file.name)
            updater.update_goal(read.name)
            file.may_be_missing = False
            if file.has_failed and not read.is_optional:
                self._tell_failed(read)
            changed |= updater.ran_something and updater.time_of(file) != before
            if changed and read.is_optional:
                break  # as make does: what else is out of date shows after the restart
        updater.makefiles = None
        recipes.runs_all = False
        return changed

    def _tell_failed(self, read: MakefileRead) -> None:
        self.output.complain(f"{self.output.program}: Failed to remake makefile '{read.name}'.")

    def _is_goal(self, name: str) -> bool:
        return name in self.process.arguments.goals


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
) -> int:
    """Do what `make -nrR` with these arguments would; return its exit status."""
    restarts = 0
    output = Output(say, complain)
    try:
        while True:
            environ = {**environ, "MAKE_RESTARTS": str(restarts)} if restarts else environ
            output = Output(say, complain)
            process = Process(
                arguments, environ, RealWorld(cwd), lambda _, path: RealWorld(path),
                output.say, output.complain,
            )
            status = DryRun(process, output, environ).run()
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
