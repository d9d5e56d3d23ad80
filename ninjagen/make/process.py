"""One make process: its arguments, its environment, and what it hands to its children.

A sub-make is another `Process`, made from the words of a recipe line and the environment that
recipe would have: nothing is passed behind make's back.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import compress
from operator import is_not

from ninjagen.errors import NinjagenError
from ninjagen.make import ast
from ninjagen.make.arguments import Arguments, quoted
from ninjagen.make.evaluator import Evaluator
from ninjagen.make.names import Bound
from ninjagen.make.parser import parse_definition
from ninjagen.make.recipe import DIRECTORY_FORMS
from ninjagen.make.variables import Exporting, Origin, Variable
from ninjagen.make.words import SPACES, split_words, strip_dot_slash
from ninjagen.make.world import World
from ninjagen.source import Loc

# We are GNU make 4.3: kbuild feature-tests these (Kbuild.include asks for notintermediate).
MAKE_VERSION = "4.3"
FEATURES = (
    "target-specific order-only second-expansion else-if shortest-stem undefine oneshell"
    " nocomment grouped-target extra-prereqs archives jobserver output-sync check-symlink"
)
DEFAULT_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")


# Of the environment, what a make sets itself.
_OF_EACH_MAKE = frozenset(("SHELL", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKE_RESTARTS"))
_ENVIRONMENT = (Origin.ENVIRONMENT, Origin.ENVIRONMENT_OVERRIDE)


class Process:
    """A make process, as far as evaluation goes.

    `arguments` are its command line without the program's name; `world` answers from the
    directory it was started in; `move` gives the world of another directory, for -C.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        world: World,
        move: Callable[[World, str], World],
        say: Callable[[str], None] = print,
        complain: Callable[[str], None] | None = None,
        make_command: str = "make",
        evaluator_type: type[Evaluator] = Evaluator,
    ) -> None:
        self.environ = dict(environ)
        self.overridden: list[str] = []  # names that the command line sets
        self.arguments = Arguments()
        self.arguments.parse_makeflags(_expanded_makeflags(environ.get("MAKEFLAGS", "")))
        self.arguments.parse(arguments)
        for directory in self.arguments.directories:
            world = move(world, posixpath.normpath(posixpath.join(world.cwd, directory)))
        level = environ.get("MAKELEVEL", "")
        self.level = int(level) if level.isdigit() else 0
        keywords = {} if complain is None else {"complain": complain}
        self.evaluator = evaluator_type(
            world, environ, say,
            environment_overrides="e" in self.arguments.letters, **keywords,
        )
        env = self.evaluator
        env.program = f"make[{self.level}]" if self.level else "make"
        env.include_dirs = tuple(d.rstrip("/") or "/" for d in self.arguments.include_dirs)
        env.warns_undefined = "warn-undefined-variables" in self.arguments.long_options
        self._define_builtin_variables(make_command)
        self._import_environment()
        for word in self.arguments.settings:
            self._define_override(word)
        self._define_makeoverrides()
        self.define_makeflags(everything=False)
        env.hold(env.variables["MAKEFLAGS"].copy(export=Exporting.YES))

    def _define_builtin_variables(self, make_command: str) -> None:
        env = self.evaluator
        builtin = _builtin_variables(make_command, " ".join(env.include_dirs))
        env.take(builtin)
        env.take(_DIRECTORY_FORMS)
        # What is there before a makefile is read: no child gets these; those of the environment do.
        self._at_first: dict[str, Variable] = {**builtin, **_DIRECTORY_FORMS}

    def _import_environment(self) -> None:
        env = self.evaluator
        origin = Origin.ENVIRONMENT
        if "e" in self.arguments.letters:
            origin = Origin.ENVIRONMENT_OVERRIDE
        self._given_values = {
            name: text for name, text in self.environ.items() if name not in _OF_EACH_MAKE
        }
        given = _variables_of_environment(tuple(self._given_values.items()), origin)
        self._at_first.update(given)
        env.take(given)
        # The user's SHELL is not make's, but it goes on to children untouched.
        shell_origin = Origin.FILE if "SHELL" in self.environ else Origin.DEFAULT
        env.define("SHELL", "/bin/sh", shell_origin, export=Exporting.NO)
        env.define("CURDIR", env.world.cwd, Origin.FILE)
        env.define("MAKELEVEL", str(self.level), Origin.ENVIRONMENT)
        restarts = self.environ.get("MAKE_RESTARTS")
        if restarts is not None:
            env.define("MAKE_RESTARTS", restarts, Origin.ENVIRONMENT, export=Exporting.NO)
        if self.arguments.goals:
            goals = " ".join(strip_dot_slash(goal) for goal in self.arguments.goals)
            env.define("MAKECMDGOALS", goals, Origin.DEFAULT)
        env.define(".DEFAULT_GOAL", "", Origin.FILE)

    def define_makeflags(self, everything: bool) -> None:
        """Set MAKEFLAGS; while makefiles are read, it says nothing of variables (manual 5.7.3)."""
        env = self.evaluator
        flags = self.arguments.makeflags(everything)
        env.define("MFLAGS", flags[2:] if flags.startswith("- ") else flags,
                   Origin.ENVIRONMENT, recursive=True)
        if self.arguments.evals:
            evals = " ".join(f"--eval={quoted(text)}" for text in self.arguments.evals)
            env.define("-*-eval-flags-*-", evals, Origin.AUTOMATIC)
            flags += " $(-*-eval-flags-*-)"
        if self.overridden and everything:
            flags += " -- $(MAKEOVERRIDES)"
        origin = Origin.FILE
        if "e" in self.arguments.letters:
            origin = Origin.ENVIRONMENT_OVERRIDE
        env.define("MAKEFLAGS", flags.removeprefix("-"), origin, recursive=True)

    def _define_makeoverrides(self) -> None:
        """Keep the command line's variables for MAKEFLAGS, whatever makefiles do with them."""
        words = []
        for name in reversed(self.overridden):
            variable = self.evaluator.variables.get(name)
            if variable is not None:
                sign = "=" if variable.recursive else ":="
                words.append(f"{quoted(name)}{sign}{quoted(variable.value)}")
        if words:
            env = self.evaluator
            env.define("-*-command-variables-*-", " ".join(words), Origin.AUTOMATIC)
            env.define("MAKEOVERRIDES", "${-*-command-variables-*-}", Origin.ENVIRONMENT,
                       recursive=True)

    def _define_override(self, word: str) -> None:
        env = self.evaluator
        definition = parse_definition(word)
        assert definition is not None
        name = env.expand(definition[0]).strip(SPACES)
        if not name:
            raise NinjagenError("*** empty variable name.  Stop.")
        old = env.variables.get(name)
        statement = ast.Assign(name, definition[1], definition[2], ast.Modifiers(), Loc("", 0))
        new = env.new_value(statement, old)
        if new is not None:
            env.define(name, new[0], Origin.COMMAND_LINE, new[1])
        if name not in self.overridden:
            self.overridden.append(name)

    # --- reading ---

    def read(self) -> None:
        """Read the makefiles; afterwards the evaluator holds their variables and rules.

        Raises NinjagenError if one is broken. Those that are missing are in `missing_includes`.
        """
        env = self.evaluator
        for text in self.arguments.evals:
            env.eval_text(text)
        env.default_goal_wanted = False
        for name in split_words(env.value_of("MAKEFILES")):
            env.read_makefile(name, optional=True)
        env.default_goal_wanted = True
        names = self.arguments.makefiles
        if not names:
            names = [name for name in DEFAULT_MAKEFILES if env.world.exists(name)][:1]
        for name in names:
            if not env.read_makefile(name):
                env.complain(f"{env.program}: {name}: No such file or directory")
        env.finish_reading()
        self._reread_makeflags()

    def _reread_makeflags(self) -> None:
        """Makefiles may add options (`MAKEFLAGS += -rR`); put them in their normal form."""
        env = self.evaluator
        known = len(self.arguments.settings)
        self.arguments.parse_makeflags(env.value_of("MAKEFLAGS"))
        for word in self.arguments.settings[known:]:
            self._define_override(word)
        self.define_makeflags(everything=True)

    def goals(self) -> list[str]:
        """Return what to make: the arguments' goals, or the default goal."""
        if self.arguments.goals:
            return [strip_dot_slash(goal) for goal in self.arguments.goals]
        env = self.evaluator
        text = env.value_of(".DEFAULT_GOAL")
        if text in env.database.files:
            return [text]
        default = env.rules.file_names(text)
        if len(default) > 1:
            raise NinjagenError("*** .DEFAULT_GOAL contains more than one target.  Stop.")
        return default

    # --- what children get ---

    def environment(self, scope: Mapping[str, Variable | Bound] | None = None) -> dict[str, str]:
        """Return the environment of a recipe, with a target's variables in sight (manual 5.7.2)."""
        env = self.evaluator
        variables = env.variables
        exports_all = self._exports_all
        names: Iterable[str] = variables if exports_all else env.marked
        own = {
            name: variable for name, variable in (scope or {}).items()
            if isinstance(variable, Variable)
        }
        # What the environment gave goes back as it was, and what make defines stays here: nearly
        # all that there is.
        now = variables.get if exports_all else variables.own.get  # constants are not exported
        is_other = map(is_not, map(now, names), map(self._at_first.get, names))
        others = dict.fromkeys(compress(names, is_other))
        others.update(dict.fromkeys(own))
        result = dict(self._given_values)
        for name in others:
            result.pop(name, None)
        with env.scope(scope or {}):
            for name in others:
                below = variables.get(name)
                variable = own.get(name, below)
                if variable is None:
                    continue
                export = variable.export
                if export is Exporting.YES or (
                    export is Exporting.DEFAULT
                    and self._reaches_children(variable, below, exports_all)
                ):
                    # Unexpanded, too, what a makefile only marks (`export NAME`).
                    is_given = variable.origin in _ENVIRONMENT
                    result[name] = variable.value if is_given else env.value_of(name)
        if "SHELL" in self.environ and "SHELL" not in result:
            result["SHELL"] = self.environ["SHELL"]
        result["MAKELEVEL"] = str(self.level + 1)
        return result

    @property
    def _exports_all(self) -> bool:
        env = self.evaluator
        return env.exports_all or env.database.special(".EXPORT_ALL_VARIABLES") is not None

    def _reaches_children(
        self, variable: Variable, below: Variable | None, exports_all: bool
    ) -> bool:
        """Tell whether a variable that says nothing of it is exported; `below` has its name, and
        no target's."""
        if below is not None and below is not variable and below.export is not Exporting.DEFAULT:
            return below.export is Exporting.YES
        if variable.origin in (Origin.DEFAULT, Origin.AUTOMATIC):
            return False
        if not _is_exportable(variable.name):
            return False
        return (
            exports_all
            or variable.origin is Origin.COMMAND_LINE
            or variable.origin in _ENVIRONMENT
        )


@lru_cache(maxsize=16)  # the children of a process have one environment, nearly all of them
def _variables_of_environment(
    items: tuple[tuple[str, str], ...], origin: Origin
) -> dict[str, Variable]:
    """Return the variables that an environment gives a process: they are recursive, and go on to
    its children for good."""
    return {name: Variable(name, value, True, origin, Exporting.YES) for name, value in items}


@lru_cache(maxsize=16)
def _builtin_variables(make_command: str, include_dirs: str) -> dict[str, Variable]:
    values = {
        "MAKE_VERSION": MAKE_VERSION, "MAKE_HOST": "x86_64-pc-linux-gnu",
        "MAKE_COMMAND": make_command, ".FEATURES": FEATURES, ".INCLUDE_DIRS": include_dirs,
        ".SHELLFLAGS": "-c", ".RECIPEPREFIX": "", "SUFFIXES": "", ".LIBPATTERNS": "",
        "MAKEFILES": "",
    }
    found = {name: Variable(name, text, False, Origin.DEFAULT) for name, text in values.items()}
    found["MAKE"] = Variable("MAKE", "$(MAKE_COMMAND)", True, Origin.DEFAULT)
    return found


_DIRECTORY_FORMS = {
    name: Variable(name, value, True, Origin.AUTOMATIC) for name, value in DIRECTORY_FORMS.items()
}


def _expanded_makeflags(text: str) -> str:
    """Expand the MAKEFLAGS of the environment, as make does: only `$$` matters there."""
    return text.replace("$$", "$")


def _is_exportable(name: str) -> bool:
    return name.isascii() and name.replace("_", "a").isalnum() and not name[0].isdigit()
