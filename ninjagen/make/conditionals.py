"""ifeq, ifneq, ifdef, ifndef, else and endif."""

from __future__ import annotations

from ninjagen.errors import NinjagenError
from ninjagen.make import ast
from ninjagen.make.names import Names
from ninjagen.make.parser import first_word, parse_ifeq
from ninjagen.make.words import SPACES, split_words
from ninjagen.source import Loc

ACTIVE, WAITING, DONE = range(3)  # make's own three states


class Conditionals:
    """The conditionals open in one makefile, and whether its lines count."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.states: list[int] = []
        self.seen_else: list[bool] = []
        self.ignoring = False

    def take(self, statement: ast.Conditional) -> None:
        """Follow one line."""
        keyword = statement.keyword
        self.names.loc = statement.loc
        if keyword == "endif":
            if not self.states:
                raise NinjagenError("*** extraneous 'endif'.  Stop.", statement.loc)
            if statement.text and statement.text.strip(SPACES):
                self.names.warn("extraneous text after 'endif' directive")
            self.states.pop()
            self.seen_else.pop()
        elif keyword == "else":
            self._else(statement)
        elif self.ignoring:
            self.states.append(WAITING)
            self.seen_else.append(False)
        else:
            holds = self._holds(keyword, statement.text, statement.loc)
            self.states.append(ACTIVE if holds else WAITING)
            self.seen_else.append(False)
        self.ignoring = WAITING in self.states or DONE in self.states

    def _else(self, statement: ast.Conditional) -> None:
        if not self.states:
            raise NinjagenError("*** extraneous 'else'.  Stop.", statement.loc)
        if self.seen_else[-1]:
            raise NinjagenError("*** only one 'else' per conditional.  Stop.", statement.loc)
        word, rest = first_word(statement.text) if statement.text else ("", "")
        if word not in ("ifeq", "ifneq", "ifdef", "ifndef"):
            if word:
                self.names.warn("extraneous text after 'else' directive")
            self.seen_else[-1] = True
            self.states[-1] = ACTIVE if self.states[-1] == WAITING else DONE
        elif self.states[-1] == ACTIVE:
            self.states[-1] = DONE
        elif self.states[-1] == WAITING and all(s == ACTIVE for s in self.states[:-1]):
            holds = self._holds(word, rest, statement.loc)
            self.states[-1] = ACTIVE if holds else WAITING

    def _holds(self, keyword: str, text: str, loc: Loc) -> bool:
        if keyword in ("ifdef", "ifndef"):
            words = [text] if text.isidentifier() else split_words(self.names.expand(text))
            if len(words) != 1 and words:
                raise NinjagenError("*** invalid syntax in conditional.  Stop.", loc)
            variable = self.names.find(words[0]) if words else None
            defined = variable is not None and variable.value != ""
            return defined is (keyword == "ifdef")
        sides = parse_ifeq(text)
        if sides is None:
            raise NinjagenError("*** invalid syntax in conditional.  Stop.", loc)
        left, right, extra = sides
        if extra:
            self.names.warn(f"extraneous text after '{keyword}' directive")
        return (self.names.expand(left) == self.names.expand(right)) is (keyword == "ifeq")
