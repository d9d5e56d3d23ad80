"""Recipes of targets that are alike but for a part of their names: expanded once for all of them.

A directory's sources are compiled by one rule. Its recipe is expanded with the same variables for
each, but for the automatic ones, and those differ in the stem of the rule. So the recipe is
expanded with *stand-ins* in place of the stem, and each target has its own names put where the
stand-ins are.

That gives the same text where make, given texts with stand-ins, does what it does with the real
ones. Joining texts, arguments of $(call) and words that get a prefix are so by themselves. What may
not be is noted while the stand-ins are expanded, as something that has to hold of each target's
names: variables that must not exist (`CFLAGS_$(target-stem).o`), words that must be in a list or
must not ($(filter)), function calls to be done again. A target for which one does not hold is
expanded by itself, and so is every one whose recipe does more than expand to a text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from ninjagen.errors import NinjagenError
from ninjagen.make.evaluator import Evaluator
from ninjagen.make.functions import BUILTINS, Builtin
from ninjagen.make.names import Bound, Names
from ninjagen.make.recipe import Command, Target, expand_recipe
from ninjagen.make.variables import Variable
from ninjagen.make.words import Pattern, split_words, substitute_words
from ninjagen.source import Loc

MARK = "zStandInz"  # in each stand-in; they are words of letters and digits, as parts of names are
DIRECTORY = f"zd{MARK}"
PARTS = tuple(f"z{number}{MARK}" for number in range(8))  # of a name, between its dashes
SEPARATOR = "\0"  # of texts that are treated as one: in none of make's, nor in a command
MOST = 16  # prerequisites: targets with more have no like
SLACK = 16  # templates of a recipe may be made, and not used again, before it is noticed

_STAND_IN = re.compile(f"({'|'.join((DIRECTORY, *PARTS))})")
_BASE = re.compile(r"[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*")
_DIRECTORY = re.compile(r"\w[\w.+-]*(?:/\w[\w.+-]*)*", re.A)
_IN_NAMES = re.compile(r"[A-Za-z0-9_]")
_IN_PATHS = re.compile(r"[\w./+-]", re.A)
# Words that mean something to who reads a command line: the shell's (POSIX, 2.4), and make itself.
_RESERVED = frozenset(
    "case do done elif else esac exec exit export fi for if in make then until while".split()
)

# Of words with stand-ins, functions that treat each the same, whatever letters it has; and those
# that do so where no stand-in holds a slash or a dot.
_OF_WORDS = frozenset("strip words firstword lastword addsuffix addprefix join".split())
_OF_PATHS = frozenset("dir notdir suffix basename".split())
_OF_NUMBERS = frozenset(("word", "wordlist"))  # they choose by place
_STRUCTURE = frozenset("if or and foreach".split())  # they choose and repeat, by what is empty


class Unlike(NinjagenError):
    """A recipe does something with stand-ins that says nothing of other names."""


class Parts(NamedTuple):
    """What stand-ins stand for, for one target."""

    base: str  # of its stem: the last component
    directory: str  # and the others
    disguise: str  # stand-ins for the base
    words: Mapping[str, str]  # stand-in -> its word

    def real(self, text: str) -> str:
        """Return a text with the words of this target in place of the stand-ins."""
        pieces, stand_in, words_of = _form(text)
        if words_of is None:
            return self.words.get(stand_in, stand_in).join(pieces)
        pieces = pieces.copy()
        try:
            pieces[1::2] = words_of(self.words)
        except KeyError:  # it has stand-ins of another target's
            pieces[1::2] = [self.words.get(piece, piece) for piece in pieces[1::2]]
        return "".join(pieces)

    def all_real(self, texts: str) -> list[str]:
        """Return what `real` does, of several texts that `SEPARATOR` joins."""
        return self.real(texts).split(SEPARATOR)

    def disguised(self, text: str) -> str:
        """Return a list of names with stand-ins in those that the stem made."""
        if self.base not in text:
            return text
        return " ".join([self._disguised(name) for name in text.split(" ")])

    def _disguised(self, name: str) -> str:
        head, slash, last = name.rpartition("/")
        if last != self.base and not last.startswith(self.base + "."):
            return name
        if self.directory and f"/{head}".endswith(f"/{self.directory}"):
            head = head[: len(head) - len(self.directory)] + DIRECTORY
        return head + slash + self.disguise + last[len(self.base) :]


def parts_of(stem: str) -> Parts | None:
    """Return the parts of a stem that stand-ins can stand for; None if it is not of that kind."""
    directory, slash, base = stem.rpartition("/")
    if (slash and not _DIRECTORY.fullmatch(directory)) or not _BASE.fullmatch(base):
        return None
    words = base.split("-")
    if len(words) > len(PARTS) or not _RESERVED.isdisjoint(words):
        return None
    stand_ins = PARTS[: len(words)]
    known = dict(zip(stand_ins, words, strict=True))
    if directory:
        known[DIRECTORY] = directory
    return Parts(base, directory, "-".join(stand_ins), known)


@lru_cache(maxsize=128)  # a template's texts are asked for once for each target
def _form(
    text: str,
) -> tuple[list[str], str, Callable[[Mapping[str, str]], tuple[str, ...]] | None]:
    """Return a text in pieces. If it has one stand-in, however often, they are what is between it,
    and it follows. Else every second of them is a stand-in, and what finds their words comes last:
    who fills in the words does so in a copy."""
    pieces = _STAND_IN.split(text)
    stand_ins = pieces[1::2]
    if len({*stand_ins}) > 1:
        return pieces, "", itemgetter(*stand_ins)
    return pieces[::2], "".join(stand_ins[:1]), None


class Watch:
    """What has to hold of names, so that a text that stand-ins gave is right for them.

    `parts` are those of the target that the recipe is expanded for: whether a word is in a list is
    decided as it is for that target, and then has to be so for others.
    """

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.undefined: set[str] = set()  # names of variables
        self.listed: list[tuple[str, set[str]]] = []  # word, others that it must be one of
        self.absent: dict[str, set[str]] = {}  # word -> others that it must not be
        self.calls: list[tuple[Callable[..., str], tuple[Any, ...], str]] = []  # and what they give
        self._results: dict[tuple[str, ...], tuple[int, str]] = {}

    @cached_property
    def texts(self) -> str:
        """All texts with stand-ins, joined, as `holds` takes them: once everything is noted."""
        texts = [*self.undefined, *(word for word, _ in self.listed), *self.absent]
        for _, arguments, result in self.calls:
            texts += [each for each in (*arguments, result) if type(each) is str]
        return SEPARATOR.join(texts)

    def calls_of(
        self, key: tuple[str, ...], known: dict[tuple[str, ...], tuple[int, str]]
    ) -> dict[tuple[str, ...], tuple[int, str]]:
        """Return where to keep the result of a $(call): what it needs is noted only once, so what
        stand-ins give is for one expansion alone."""
        for text in key:
            if MARK in text:
                return self._results
        return known

    def name(self, name: str) -> None:
        """A computed name is looked up."""
        if MARK in name:
            if ":" in name:
                raise Unlike(name)
            self.undefined.add(name)

    def choose(self, builtin: Builtin) -> None:
        """A function that expands its arguments itself is called."""
        if builtin.name not in _STRUCTURE:
            raise Unlike(builtin.name)

    def substitute(self, old: Pattern, new: Pattern, text: str, result: str) -> None:
        """`$(name:old=new)` was expanded."""
        if MARK in text:
            self.calls.append((substitute_words, (old, new, text), result))

    def call(self, builtin: Builtin, env: Names, arguments: list[str]) -> str:
        """Call a function that takes expanded arguments; return its result."""
        name, pure = builtin.name, builtin.pure
        for text in arguments:
            if MARK in text:
                break
        else:
            return pure(*arguments) if pure else builtin.function(env, arguments)
        if pure is None:
            first = arguments[0]
            is_call = name == "call" and first.strip() not in BUILTINS
            if MARK in first or not (is_call or name in _OF_NUMBERS):
                raise Unlike(name)
            return builtin.function(env, arguments)
        if name in ("filter", "filter-out"):
            filtered = self._filtered(name == "filter", *arguments)
            if filtered is not None:
                return filtered
        result = pure(*arguments)
        if not self._is_alike(name, arguments):
            self.calls.append((pure, tuple(arguments), result))
        return result

    def _is_alike(self, name: str, arguments: Sequence[str]) -> bool:
        """Tell whether a function does the same with any names in place of stand-ins."""
        if name in _OF_WORDS:
            return True
        has_paths = any(DIRECTORY in text for text in arguments)
        if name in _OF_PATHS:
            return not has_paths
        if name == "subst":
            return not (_IN_PATHS if has_paths else _IN_NAMES).search(arguments[0])
        return False

    def _filtered(self, is_kept: bool, patterns: str, text: str) -> str | None:
        """Return what a filter gives where that is a question of which words are in a list."""
        if "%" in patterns or "\\" in patterns:
            return None
        if MARK not in text:
            wanted = split_words(patterns)
            if not is_kept or len(wanted) != 1:
                return None  # what is left, and where, is not the same for others
            return " ".join(wanted * self._count(wanted[0], text))
        if MARK in patterns:
            return None
        known = _counted(patterns)
        return " ".join([
            word for word in split_words(text)
            if (self._count(word, patterns) > 0 if MARK in word else word in known) is is_kept
        ])

    def _count(self, word: str, text: str) -> int:
        """Return how often a word with stand-ins is in a list."""
        known = _counted(text)
        if not known:  # as the last command of what was never built: it has no word of any target
            return 0
        count = known.get(self.parts.real(word), 0)
        if count:
            self.listed.append((word, {each for each in known if known[each] == count}))
        else:
            self.absent.setdefault(word, set()).update(known)
        return count

    def holds(self, env: Names, parts: Parts) -> bool:
        """Tell whether it holds of a target's names."""
        real = iter(parts.all_real(self.texts))
        for _ in self.undefined:
            if env.may_be_bound(next(real)):
                return False
        for _, others in self.listed:
            if next(real) not in others:
                return False
        for others in self.absent.values():
            if next(real) in others:
                return False
        for function, arguments, _ in self.calls:
            given = [next(real) if type(each) is str else each for each in arguments]
            if function(*given) != next(real):
                return False
        return True


def _bound(names: Iterable[str], env: Names, parts: Parts) -> list[str]:
    """Return those of some names with stand-ins that may be a variable's, for a target."""
    return [name for name in names if env.may_be_bound(parts.real(name))]


@lru_cache(maxsize=256)  # a directory's modules, say, are asked of for each object
def _counted(text: str) -> Mapping[str, int]:
    return Counter(split_words(text))


class Template:
    """A recipe expanded with stand-ins."""

    def __init__(
        self, commands: list[Command], automatic: Mapping[str, str], watch: Watch
    ) -> None:
        self.commands = commands
        self.target = automatic["@"]  # its name, with stand-ins
        self.automatic = SEPARATOR.join(automatic.values())
        self.watch = watch
        self.lowered: Any = None  # for who lowers the commands, to keep what they come to


class Likeness(NamedTuple):
    """A template, and the parts of the name of a target that it is right for."""

    template: Template
    parts: Parts

    def commands(self) -> list[Command]:
        """Return the target's commands."""
        real = self.parts.real
        return [
            Command(real(each.text), each.loc, each.is_silent, each.ignores_errors,
                    each.is_recursive, each.number)
            for each in self.template.commands
        ]


class Experience:
    """What was seen of templates of recipes, by the place of each: which are worth making.

    It is of all processes that share it, for one may have no more than two or three targets. What
    targets come to does not depend on it.
    """

    def __init__(self) -> None:
        self.made: Counter[Loc] = Counter()  # templates
        self.again: Counter[Loc] = Counter()  # how often one was right for another target
        self.bound: dict[Loc, set[str]] = {}  # names that must be no variable's, and often are

    def is_good(self, loc: Loc) -> bool:
        """Tell whether to make a template for the first target of a kind already."""
        return self.made[loc] < SLACK + self.again[loc]

    def holds(self, loc: Loc, env: Names, parts: Parts) -> bool:
        """Tell whether a template would probably be right for the target that it is made for."""
        return not _bound(self.bound.get(loc, ()), env, parts)

    def failed(self, loc: Loc, template: Template, env: Names, parts: Parts) -> None:
        """Note that a template was not right for the target that it was made for."""
        self.bound.setdefault(loc, set()).update(_bound(template.watch.undefined, env, parts))


class Templates:
    """The templates of one make process."""

    def __init__(self, env: Evaluator, experience: Experience | None = None) -> None:
        self.env = env
        self.experience = experience or Experience()
        self._at = -1  # the state of the variables that they are of
        self._known: dict[tuple[object, ...], list[Template]] = {}
        self._seen: set[tuple[object, ...]] = set()  # kinds of targets
        self._unlike: set[int] = set()  # recipes that none is made of

    def expanded(self, target: Target) -> list[Command]:
        """Return the commands of a target's recipe: what `expand_recipe` returns."""
        likeness = self.find(target)
        return likeness.commands() if likeness else expand_recipe(self.env, target)

    def find(self, target: Target) -> Likeness | None:
        """Return the template that a target is like, made if need be; None if it must be expanded
        by itself."""
        env, stem, recipe = self.env, target.file.stem, id(target.recipe)
        loc, experience = target.recipe.loc, self.experience
        if recipe in self._unlike or not stem or len(target.in_order) > MOST:
            return None
        if not env.remembers or env.warns_undefined:
            return None
        parts = parts_of(stem)
        scope = _scope_key(target.scope)
        if parts is None or scope is None:
            return None
        if self._at != env.changes:
            self._known.clear()
            self._seen.clear()
            self._at = env.changes
        values = target.automatic()
        wanted = SEPARATOR.join(values.values())
        templates = self._known.setdefault((recipe, scope), [])
        for template in templates:
            if parts.real(template.automatic) == wanted and template.watch.holds(env, parts):
                experience.again[loc] += 1
                return Likeness(template, parts)
        disguised = {text: parts.disguised(text) for text in set(values.values())}
        automatic = {name: disguised[text] for name, text in values.items()}
        if MARK not in automatic["@"]:
            return None
        key = (recipe, *automatic.values(), scope)
        is_first = key not in self._seen
        self._seen.add(key)
        if (is_first and not experience.is_good(loc)) or not experience.holds(loc, env, parts):
            return None
        made = self._made(target, parts, automatic)
        if made is None:
            self._unlike.add(recipe)
            return None
        if not made.watch.holds(env, parts):
            experience.failed(loc, made, env, parts)
            return None
        experience.made[loc] += 1
        templates.append(made)
        return Likeness(made, parts)

    def _made(
        self, target: Target, parts: Parts, automatic: Mapping[str, str]
    ) -> Template | None:
        env = self.env
        watch = env.watch = Watch(parts)
        local = {**target.scope, **{name: Bound(text) for name, text in automatic.items()}}
        try:
            return Template(expand_recipe(env, target, local), automatic, watch)
        except NinjagenError:  # with the real names it may be none
            return None
        finally:
            env.watch = None


def _scope_key(scope: Mapping[str, Variable | Bound]) -> tuple[object, ...] | None:
    """Return what a target's own variables are; None for those that add to others."""
    if not scope:
        return ()
    if any(isinstance(each, Variable) and each.append for each in scope.values()):
        return None
    return tuple([
        (name, each.value, each.recursive, isinstance(each, Variable))
        for name, each in scope.items()
    ])
