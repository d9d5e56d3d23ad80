"""The command line of a make, and the text that MAKEFLAGS makes of it (manual 5.7.3, 9.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ninjagen.errors import NinjagenError
from ninjagen.make.parser import parse_definition
from ninjagen.make.words import SPACES, split_words


class Option(NamedTuple):
    """An option of make; the order of the table is the order in MAKEFLAGS."""

    letter: str  # "" for those that have none
    long: str
    argument: str = ""  # "needed", "optional"
    in_makeflags: bool = True
    in_environment: bool = True  # MAKEFLAGS may give it
    turns_off: str = ""  # the option whose opposite it is


OPTIONS = (
    Option("B", "always-make"),
    Option("d", ""),
    Option("e", "environment-overrides"),
    Option("E", "eval", "needed", in_makeflags=False),
    Option("i", "ignore-errors"),
    Option("k", "keep-going"),
    Option("L", "check-symlink-times"),
    Option("n", "just-print"),
    Option("p", "print-data-base"),
    Option("q", "question"),
    Option("r", "no-builtin-rules"),
    Option("R", "no-builtin-variables"),
    Option("s", "silent"),
    Option("S", "no-keep-going", turns_off="k"),
    Option("t", "touch"),
    Option("w", "print-directory"),
    Option("C", "directory", "needed", in_makeflags=False, in_environment=False),
    Option("f", "file", "needed", in_makeflags=False, in_environment=False),
    Option("I", "include-dir", "needed"),
    Option("j", "jobs", "optional"),
    Option("l", "load-average", "optional"),
    Option("o", "old-file", "needed", in_makeflags=False, in_environment=False),
    Option("O", "output-sync", "optional"),
    Option("W", "what-if", "needed", in_makeflags=False, in_environment=False),
    Option("", "debug", "optional"),
    Option("", "jobserver-auth", "needed"),
    Option("", "trace"),
    Option("", "no-print-directory"),
    Option("", "warn-undefined-variables"),
    Option("", "sync-mutex", "needed"),
    Option("", "no-silent", turns_off="s"),
)
OTHER_NAMES = {
    "quiet": "silent", "dry-run": "just-print", "recon": "just-print", "stop": "no-keep-going",
    "makefile": "file", "max-load": "load-average", "new-file": "what-if",
    "assume-new": "what-if", "assume-old": "old-file", "jobserver-fds": "jobserver-auth",
}
_BY_LETTER = {option.letter: option for option in OPTIONS if option.letter}
_BY_NAME = {option.long: option for option in OPTIONS if option.long}
_BY_NAME |= {name: _BY_NAME[long] for name, long in OTHER_NAMES.items()}


@dataclass(eq=False, repr=False)
class Arguments:
    """The command line of a make, and what MAKEFLAGS adds to it."""

    letters: set[str] = field(default_factory=set)
    long_options: list[str] = field(default_factory=list)  # that have no letter and no argument
    values: dict[str, str] = field(default_factory=dict)  # of -j, -l, -O and long options
    include_dirs: list[str] = field(default_factory=list)
    directories: list[str] = field(default_factory=list)
    makefiles: list[str] = field(default_factory=list)
    old_files: list[str] = field(default_factory=list)
    new_files: list[str] = field(default_factory=list)
    evals: list[str] = field(default_factory=list)
    overrides: dict[str, str] = field(default_factory=dict)  # name -> `name=value` as given
    settings: list[str] = field(default_factory=list)  # every `name=value` in its order
    goals: list[str] = field(default_factory=list)

    def parse(self, words: Sequence[str], from_environment: bool = False) -> None:
        """Take in a list of arguments.

        Raises NinjagenError on an option that is not known.
        """
        queue = list(words)
        only_operands = False
        while queue:
            word = queue.pop(0)
            if only_operands or not word.startswith("-") or word == "-":
                self._operand(word, from_environment)
            elif word == "--":
                only_operands = True
            elif word.startswith("--"):
                self._long(word[2:], queue, from_environment)
            else:
                self._short(word[1:], queue, from_environment)

    def _operand(self, word: str, from_environment: bool) -> None:
        definition = parse_definition(word)
        if definition is not None:
            name = definition[0]
            self.overrides.pop(name, None)
            self.overrides[name] = word
            self.settings.append(word)
        elif word and not from_environment:
            self.goals.append(word)

    def _long(self, text: str, queue: list[str], from_environment: bool) -> None:
        name, equals, value = text.partition("=")
        option = _BY_NAME.get(name)
        if option is None:
            found = {_BY_NAME[known] for known in _BY_NAME if known.startswith(name)}
            option = found.pop() if len(found) == 1 else None
        if option is None:
            if from_environment:
                return
            problem = "ambiguous" if found else "unrecognized"
            raise NinjagenError(f"{problem} option '--{name}'")
        if option.argument == "needed" and not equals:
            if not queue:
                raise NinjagenError(f"option '--{option.long}' requires an argument")
            value = queue.pop(0)
        if equals and not option.argument:
            raise NinjagenError(f"option '--{option.long}' doesn't allow an argument")
        self._take(option, value, from_environment)

    def _short(self, text: str, queue: list[str], from_environment: bool) -> None:
        while text:
            letter, text = text[0], text[1:]
            option = _BY_LETTER.get(letter)
            if letter in "bm":
                continue  # for compatibility with other makes; ignored
            if option is None:
                if from_environment:
                    continue
                raise NinjagenError(f"invalid option -- '{letter}'")
            if not option.argument:
                self._take(option, "", from_environment)
                continue
            if option.argument == "needed" and not text:
                if not queue:
                    raise NinjagenError(f"option requires an argument -- '{letter}'")
                text = queue.pop(0)
            elif letter in "jl" and not text and queue and queue[0][:1].isdigit():
                text = queue.pop(0)
            self._take(option, text, from_environment)
            return

    def _take(self, option: Option, value: str, from_environment: bool) -> None:
        if from_environment and not option.in_environment:
            return
        lists = {
            "C": self.directories, "f": self.makefiles, "I": self.include_dirs,
            "o": self.old_files, "W": self.new_files, "E": self.evals,
        }
        if option.letter in lists:
            if not value:
                raise NinjagenError("*** empty string invalid as file name.  Stop.")
            if not (from_environment and value in lists[option.letter]):
                lists[option.letter].append(value)
        elif option.argument:
            self.values[option.letter or option.long] = value
        elif option.turns_off:
            self.letters.discard(option.turns_off)
        elif option.letter:
            self.letters.add(option.letter)
        elif option.long not in self.long_options:
            self.long_options.append(option.long)

    def parse_makeflags(self, text: str) -> None:
        """Take in the value of MAKEFLAGS (manual 5.7.3)."""
        words = _unquoted_words(text)
        if words and not words[0].startswith("-") and "=" not in words[0]:
            words[0] = "-" + words[0]
        self.parse([word for word in words if word], from_environment=True)

    def makeflags(self, everything: bool = True) -> str:
        """Return the options as MAKEFLAGS spells them, with its dash, variables apart.

        While makefiles are read, GNU make leaves out options that have an argument.
        """
        letters, others = "-", ""
        for option in OPTIONS:
            if option.argument:
                if everything and option.in_makeflags:
                    others += self._with_argument(option)
            elif option.letter in self.letters and option.letter:
                letters += option.letter
            elif not option.letter and option.long in self.long_options:
                others += f" --{option.long}"
        return "" if letters + others == "-" else letters + others

    def _with_argument(self, option: Option) -> str:
        if option.letter == "I":
            return "".join(f" -I{quoted(directory)}" for directory in self.include_dirs)
        value = self.values.get(option.letter or option.long)
        if value is None or (option.letter == "j" and value == "1"):
            return ""
        if option.letter:
            return f" -{option.letter}{quoted(value)}"
        return f" --{option.long}={quoted(value)}" if value else f" --{option.long}"


def quoted(word: str) -> str:
    """Return a word as MAKEFLAGS holds it."""
    return word.translate(_QUOTED)


_QUOTED = str.maketrans({"\\": r"\\", " ": r"\ ", "\t": "\\\t", "$": "$$"})


def _unquoted_words(text: str) -> list[str]:
    if "\\" not in text:
        return split_words(text)
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
