"""One make process: its arguments, its environment, and what it hands to its children.

A sub-make is another `Process`, made from the words of a recipe line and the environment that
recipe would have: nothing is passed behind make's back.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ninjagen.errors import NinjagenError
from ninjagen.make.evaluator import Bound, Evaluator
from ninjagen.make.parser import parse_definition
from ninjagen.make.recipe import DIRECTORY_FORMS
from ninjagen.make.variables import Exporting, Origin, Variable
from ninjagen.make.words import SPACES, split_words
from ninjagen.make.world import World

# We are GNU make 4.3: kbuild feature-tests these (Kbuild.include asks for notintermediate).
MAKE_VERSION = "4.3"
FEATURES = (
    "target-specific order-only second-expansion else-if shortest-stem undefine oneshell"
    " nocomment grouped-target extra-prereqs archives jobserver output-sync check-symlink"
)
DEFAULT_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")

# letter -> long name, for the options that stay in MAKEFLAGS
SIMPLE_OPTIONS = {
    "B": "always-make", "e": "environment-overrides", "i": "ignore-errors", "k": "keep-going",
    "n": "just-print", "p": "print-data-base", "q": "question", "r": "no-builtin-rules",
    "R": "no-builtin-variables", "s": "silent", "S": "no-keep-going", "t": "touch",
    "w": "print-directory", "L": "check-symlink-times", "d": "debug",
}
ALIASES = {"quiet": "s", "dry-run": "n", "recon": "n", "stop": "S", "always-make": "B"}
LONG_ONLY = ("no-print-directory", "warn-undefined-variables", "trace")
WITH_ARGUMENT = {"C": "directory", "f": "file", "I": "include-dir", "W": "what-if",
                 "o": "old-file"}
OPTIONAL_ARGUMENT = {"j": "jobs", "l": "load-average", "O": "output-sync"}


@dataclass
class Arguments:
    """The command line of a make, and what MAKEFLAGS adds to it."""

    letters: set[str] = field(default_factory=set)
    long_options: list[str] = field(default_factory=list)
    jobs: str | None = None
    output_sync: str | None = None
    include_dirs: list[str] = field(default_factory=list)
    directories: list[str] = field(default_factory=list)
    makefiles: list[str] = field(default_factory=list)
    evals: list[str] = field(default_factory=list)
    overrides: dict[str, str] = field(default_factory=dict)  # name -> `name=value` as given
    goals: list[str] = field(default_factory=list)

    def parse(self, words: Sequence[str], goals: bool = True) -> None:
        """Take in a list of arguments.

        Raises NinjagenError on an option that is not known.
        """
        queue = list(words)
        only_operands = False
        while queue:
            word = queue.pop(0)
            if only_operands or not word.startswith("-") or word == "-":
                self._operand(word, goals)
            elif word == "--":
                only_operands = True
            elif word.startswith("--"):
                self._long(word[2:], queue)
            else:
                self._short(word[1:], queue)

    def _operand(self, word: str, goals: bool) -> None:
        definition = parse_definition(word)
        if definition is not None:
            self.overrides.pop(definition[0], None)
            self.overrides[definition[0]] = word
        elif goals and word:
            self.goals.append(word)

    def _long(self, text: str, queue: list[str]) -> None:
        name, equals, value = text.partition("=")
        for letter, long in (WITH_ARGUMENT | {"f": "makefile"}).items():
            if name in (long, WITH_ARGUMENT[letter]):
                self._with_argument(letter, value if equals else queue.pop(0) if queue else "")
                return
        for letter, long in OPTIONAL_ARGUMENT.items():
            if name == long:
                self._optional(letter, value)
                return
        if name == "eval":
            self.evals.append(value if equals else queue.pop(0))
        elif name in ALIASES:
            self.letters.add(ALIASES[name])
        elif name in LONG_ONLY:
            if name not in self.long_options:
                self.long_options.append(name)
        elif name.startswith("jobserver"):
            pass
        else:
            for letter, long in SIMPLE_OPTIONS.items():
                if name == long:
                    self.letters.add(letter)
                    return
            raise NinjagenError(f"unrecognized option '--{name}'")

    def _short(self, text: str, queue: list[str]) -> None:
        while text:
            letter, text = text[0], text[1:]
            if letter in WITH_ARGUMENT:
                self._with_argument(letter, text or (queue.pop(0) if queue else ""))
                return
            if letter in OPTIONAL_ARGUMENT:
                if not text and letter == "j" and queue and queue[0].isdigit():
                    text = queue.pop(0)
                self._optional(letter, text)
                return
            if letter == "b" or letter == "m":
                continue
            if letter not in SIMPLE_OPTIONS:
                raise NinjagenError(f"invalid option -- '{letter}'")
            self.letters.add(letter)

    def _with_argument(self, letter: str, value: str) -> None:
        if not value:
            raise NinjagenError(f"option requires an argument -- '{letter}'")
        if letter == "C":
            self.directories.append(value)
        elif letter == "f":
            self.makefiles.append(value)
        elif letter == "I":
            self.include_dirs.append(value)

    def _optional(self, letter: str, value: str) -> None:
        if letter == "j":
            self.jobs = value
        elif letter == "O":
            self.output_sync = value

    def parse_makeflags(self, text: str) -> None:
        """Take in the value of MAKEFLAGS (manual 5.7.3)."""
        words = _unquoted_words(text)
        if words and not words[0].startswith("-") and "=" not in words[0]:
            words[0] = "-" + words[0]
        self.parse([word for word in words if word], goals=False)

    def makeflags(self) -> str:
        """Return the options as MAKEFLAGS spells them, variables apart."""
        text = "".join(sorted(self.letters, key=lambda c: (c.lower(), c)))
        if "r" in self.letters and "R" in self.letters:
            text = text.replace("Rr", "rR")
        for directory in self.include_dirs:
            text += f" -I{directory}"
        if self.jobs is not None:
            text += f" -j{self.jobs}"
        for name in self.long_options:
            text += f" --{name}"
        return text

    def quoted_overrides(self) -> str:
        """Return the command-line variables as MAKEOVERRIDES holds them."""
        return " ".join(_quoted(word) for word in reversed(self.overrides.values()))


def _quoted(word: str) -> str:
    return "".join(
        "\\" + c if c in "\\ \t\n'\"" and c in "\\ \t\n" else "$$" if c == "$" else c for c in word
    )


def _unquoted_words(text: str) -> list[str]:
    words, word, at, seen = [], "", 0, False
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            word += text[at + 1]
            at += 1
            seen = True
        elif char in SPACES:
            if seen:
                words.append(word)
            word, seen = "", False
        else:
            word += char
            seen = True
        at += 1
    if seen:
        words.append(word)
    return words


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
    ) -> None:
        self.arguments = Arguments()
        self.arguments.parse_makeflags(environ.get("MAKEFLAGS", ""))
        self.arguments.parse(arguments)
        for directory in self.arguments.directories:
            world = move(world, posixpath.normpath(posixpath.join(world.cwd, directory)))
        self.environ = dict(environ)
        self.level = int(environ.get("MAKELEVEL", "0") or "0")
        keywords = {} if complain is None else {"complain": complain}
        self.evaluator = Evaluator(
            world, environ, say,
            environment_overrides="e" in self.arguments.letters, **keywords,
        )
        self.evaluator.include_dirs = tuple(self.arguments.include_dirs)
        self._define_builtin_variables(make_command)
        self._import_environment()
        self._define_overrides()

    def _define_builtin_variables(self, make_command: str) -> None:
        env = self.evaluator
        for name, value in {
            "MAKE_VERSION": MAKE_VERSION, "MAKE_HOST": "x86_64-pc-linux-gnu",
            "MAKE_COMMAND": make_command, ".FEATURES": FEATURES, ".INCLUDE_DIRS": "",
            ".SHELLFLAGS": "-c", ".RECIPEPREFIX": "", "SUFFIXES": "", ".LIBPATTERNS": "",
        }.items():
            env.define(name, value, Origin.DEFAULT)
        env.define("MAKE", "$(MAKE_COMMAND)", Origin.DEFAULT, recursive=True)
        for name, value in DIRECTORY_FORMS.items():
            env.define(name, value, Origin.AUTOMATIC, recursive=True)

    def _import_environment(self) -> None:
        env = self.evaluator
        origin = Origin.ENVIRONMENT
        if "e" in self.arguments.letters:
            origin = Origin.ENVIRONMENT_OVERRIDE
        for name, value in self.environ.items():
            if name in ("SHELL", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES"):
                continue
            # A variable of the environment is recursive, and goes on to children for good.
            env.define(name, value, origin, recursive=True, export=Exporting.YES)
        env.define("SHELL", "/bin/sh", Origin.DEFAULT)
        env.define("CURDIR", env.world.cwd, Origin.FILE)
        env.define("MAKELEVEL", str(self.level), Origin.ENVIRONMENT)
        env.define("MAKECMDGOALS", " ".join(self.arguments.goals), Origin.DEFAULT)
        if not self.arguments.goals:
            del env.variables["MAKECMDGOALS"]
        env.define(".DEFAULT_GOAL", "", Origin.FILE)
        env.define("MAKEFILE_LIST", "", Origin.FILE)
        self._define_makeflags()

    def _define_makeflags(self) -> None:
        env = self.evaluator
        flags = self.arguments.makeflags()
        if self.arguments.overrides:
            overrides = self.arguments.quoted_overrides()
            env.define("-*-command-variables-*-", overrides, Origin.AUTOMATIC, recursive=True)
            env.define("MAKEOVERRIDES", "${-*-command-variables-*-}", Origin.ENVIRONMENT,
                       recursive=True)
        env.define("MAKEFLAGS", flags, Origin.FILE, recursive=True, export=Exporting.YES)
        env.define("MFLAGS", f"-{self.arguments.makeflags()}".rstrip("-"), Origin.FILE,
                   export=Exporting.DEFAULT)

    def _define_overrides(self) -> None:
        env = self.evaluator
        for word in self.arguments.overrides.values():
            definition = parse_definition(word)
            assert definition is not None
            name, op, value = definition
            name = env.expand(name).strip(SPACES)
            old = env.variables.get(name)
            recursive = op not in (":=", "::=")
            if not recursive:
                value = env.expand(value)
            elif op == "!=":
                value = env.shell(env.expand(value))
            elif op == "?=" and old is not None:
                continue
            elif op == "+=" and old is not None:
                value = f"{old.value} {value}".strip()
            env.define(name, value, Origin.COMMAND_LINE, recursive)

    # --- reading ---

    def read(self) -> None:
        """Read the makefiles; afterwards the evaluator holds their variables and rules.

        Raises NinjagenError if there is none, or if one is broken or missing.
        """
        env = self.evaluator
        for text in self.arguments.evals:
            env.eval_text(text)
        names = self.arguments.makefiles
        if not names:
            names = [name for name in DEFAULT_MAKEFILES if env.world.exists(name)][:1]
        for name in names:
            env.read_makefile(name)
        self._reread_makeflags()

    def _reread_makeflags(self) -> None:
        """Makefiles may add options (`MAKEFLAGS += -rR`); put them in their normal form."""
        env = self.evaluator
        held = env.variables["MAKEFLAGS"]
        self.arguments.parse_makeflags(env.expand(held.value))
        flags = self.arguments.makeflags()
        if self.arguments.overrides:
            # While makefiles are read, MAKEFLAGS holds the options alone.
            flags += " -- $(MAKEOVERRIDES)"
        env.define("MAKEFLAGS", flags, Origin.OVERRIDE, recursive=True, export=held.export)

    def goals(self) -> list[str]:
        """Return what to make: the arguments' goals, or the default goal."""
        if self.arguments.goals:
            return list(self.arguments.goals)
        default = split_words(self.evaluator.value_of(".DEFAULT_GOAL"))
        return default[:1]

    # --- what children get ---

    def environment(self, scope: Mapping[str, Variable | Bound] | None = None) -> dict[str, str]:
        """Return the environment of a recipe, with a target's variables in sight (manual 5.7.2)."""
        env = self.evaluator
        visible: dict[str, Variable | Bound] = dict(env.variables)
        if scope:
            visible.update(
                (name, variable) for name, variable in scope.items()
                if isinstance(variable, Variable)
            )
        result: dict[str, str] = {}
        with env.scope(scope or {}):
            for name, variable in visible.items():
                if isinstance(variable, Variable) and self._reaches_children(
                    variable, env.variables.get(name)
                ):
                    result[name] = env.value_of(name)
        if "SHELL" in self.environ and "SHELL" not in result:
            result["SHELL"] = self.environ["SHELL"]
        result["MAKELEVEL"] = str(self.level + 1)
        if not result.get("MAKEFLAGS"):
            result["MAKEFLAGS"] = env.value_of("MAKEFLAGS")
        return result

    def _reaches_children(self, variable: Variable, below: Variable | None) -> bool:
        export = variable.export
        if export is Exporting.DEFAULT and below is not None and below is not variable:
            export = below.export
        if export is Exporting.YES:
            return True
        if export is Exporting.NO:
            return False
        if variable.origin in (Origin.DEFAULT, Origin.AUTOMATIC):
            return False
        if not _is_exportable(variable.name):
            return False
        return self.evaluator.exports_all or variable.origin in (
            Origin.COMMAND_LINE, Origin.ENVIRONMENT, Origin.ENVIRONMENT_OVERRIDE,
        )


def _is_exportable(name: str) -> bool:
    return name.isascii() and name.replace("_", "a").isalnum() and not name[0].isdigit()
