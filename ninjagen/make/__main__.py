"""`python -m ninjagen.make`: prints what `make -nrR` would print."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

from ninjagen.errors import NinjagenError
from ninjagen.make.process import Process
from ninjagen.make.recipe import Target, expand_recipe
from ninjagen.make.remake import Updater
from ninjagen.make.world import RealWorld, World


class _Printer:
    """Prints recipes; runs, as make -n does, the lines that are sub-makes."""

    def __init__(self, process: Process, say: Callable[[str], None]) -> None:
        self.process = process
        self.say = say

    def run(self, target: Target) -> bool:
        """Print a target's recipe; tell whether it had any line."""
        env = self.process.evaluator
        commands = expand_recipe(env, target)
        printed = False
        for command in commands:
            if not command.text.strip(" \t\n"):
                continue
            self.say(command.text)
            printed = True
            if command.is_recursive:
                self._run(command.text, target)
        return printed

    def _run(self, text: str, target: Target) -> None:
        sys.stdout.flush()
        script = f'make() {{ "{sys.executable}" -m ninjagen.make "$@"; }}; {text}'
        environ = self.process.environment(target.scope)
        done = subprocess.run(
            ["/bin/sh", "-c", script], cwd=self.process.evaluator.world.cwd,
            env=environ, stdout=subprocess.PIPE, check=False,
        )
        output = done.stdout.decode("utf-8", "surrogateescape")
        if output:
            self.say(output.removesuffix("\n"))
        if done.returncode:
            raise NinjagenError(
                f"*** [{target.recipe.loc}: {target.name}] Error {done.returncode}"
            )


def main(
    arguments: Sequence[str],
    cwd: str,
    environ: Mapping[str, str],
    say: Callable[[str], None],
    complain: Callable[[str], None],
) -> int:
    """Do what `make -nrR` with these arguments would; return its exit status."""
    try:
        process = Process(
            arguments, environ, RealWorld(cwd), lambda _, path: RealWorld(path), say, complain
        )
        process.read()
        for path, loc, optional in process.evaluator.missing_includes:
            if not optional:
                where = f"{loc}: " if loc.line else ""
                complain(f"{where}{path}: No such file or directory")
                raise NinjagenError(f"*** No rule to make target '{path}'.  Stop.")
        goals = process.goals()
        if not goals:
            none = not process.arguments.makefiles and not process.evaluator.database.files
            raise NinjagenError(
                "*** No targets specified and no makefile found.  Stop." if none
                else "*** No targets.  Stop."
            )
        updater = Updater(
            process.evaluator, _Printer(process, say), "B" in process.arguments.letters
        )
        for goal in goals:
            file = updater.update_goal(goal)
            if not updater.ran_something and "s" not in process.arguments.letters:
                nothing = file.is_phony or file.recipe is None
                say(f"make: Nothing to be done for '{file.name}'." if nothing
                    else f"make: '{file.name}' is up to date.")
    except NinjagenError as error:
        complain(f"{error.loc}: {error.message}" if error.loc else f"make: {error.message}")
        return 2
    return 0


def _moved(world: World, path: str) -> World:
    return RealWorld(path)


if __name__ == "__main__":
    sys.setrecursionlimit(20000)
    sys.exit(main(
        sys.argv[1:], os.getcwd(), os.environ, print,
        lambda text: print(text, file=sys.stderr),
    ))
