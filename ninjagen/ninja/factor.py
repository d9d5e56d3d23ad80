"""Shared text of commands, named, so that build.ninja stays small.

A kernel compiles thousands of files with the same two kilobytes of flags. Commands of a block that
differ in some words alone become one text with holes, of a rule (`Template`); ninja expands the
variables of rules only when it needs them, and so reads half as long. In what is left, a text that
the makefiles have a name for keeps it (`Vocabulary`); other runs of words that stand in several
places of a block get one (`Factoring`). The text that ninja runs stays the same. All of them look
at no more than a block and the names, so that what is written for one directory does not depend on
the others.
"""

from __future__ import annotations

import marshal
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import accumulate, compress, groupby
from operator import ne
from typing import Any, NamedTuple

from ninjagen.forked import Forked
from ninjagen.graph import LEFT_OUT, Edge, lengthened, packed_edge

_FORMAT = f"ninjagen blocks 6 {sys.version.split()[0]}"
_WITHOUT_REFERENCES = 2  # version of marshal's format in which equal things are equal bytes
_MARK = "\x00"  # stands around a name in a marked command; no command can hold it

SHARED = 4  # a word is common when this many commands hold it
SHORTEST = 64  # characters: a shorter run is not worth a name
ALIKE = 3  # commands that differ in some words alone are worth a rule
HOLES = 9  # a rule with more of them is none
WORTH_A_PROCESS = 2000  # edges in blocks that are not known yet
OWN_SHARE = 0.27  # of them, for the process that has something to do meanwhile
_HOLE = "\x01"  # stands around the number of a hole; a command that holds it has no template


class Vocabulary:
    """Texts that have a name already."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = {name: " ".join(text.split()) for name, text in texts.items()}
        self.known = sorted(
            ((f" {text} ", name) for name, text in self.texts.items() if len(text) >= SHORTEST),
            key=lambda item: (-len(item[0]), item[1]),
        )
        self.used: dict[str, str] = {}

    def marked(self, command: str) -> str:
        """Return a command with a marked name, a word of its own, in place of each known text."""
        padded = f" {command} "
        for text, name in self.known:
            if text in padded:
                padded = padded.replace(text, f" {_MARK}{name}{_MARK} ")
                self.used[name] = text[1:-1]
        return padded[1:-1]


def with_names(text: str) -> str:
    """Turn the marks of a marked text, escaped for ninja, into ninja's variables."""
    return _MARKED.sub(r"${\1}", text) if _MARK in text else text


_MARKED = re.compile(f"{_MARK}([^{_MARK}]*){_MARK}")


class Factoring:
    """Names for the runs of common words in some texts, and these texts with them.

    `counts` tells of how many commands each is the text, if not of one.
    """

    def __init__(
        self, texts: Sequence[str], label: str = "", counts: Sequence[int] | None = None
    ) -> None:
        held: Counter[str] = Counter()
        for text, count in zip(texts, counts or [1] * len(texts), strict=True):
            for word in set(split(text)):
                held[word] += count
        self.common = {
            word for word, count in held.items() if count >= SHARED and _HOLE not in word
        }
        self._parts = [list(self._runs(split(text))) for text in texts]
        runs = Counter(run for parts in self._parts for run, is_common in parts if is_common)
        self.names: dict[str, str] = {}
        for run, count in runs.items():  # in order of first use
            if count > 1:
                self.names[run] = f"flags{len(self.names) + 1}{label}"

    def _runs(self, words: list[str]) -> Iterable[tuple[str, bool]]:
        """Yield (text, is it a run of common words that is worth a name)."""
        for is_common, some in groupby(words, self.common.__contains__):
            text = " ".join(some)
            yield text, is_common and len(text) >= SHORTEST

    def pieces(self) -> Iterable[list[tuple[str, str | None]]]:
        """Yield the pieces of each text, to be joined by spaces: (text, name of the variable that
        holds it, or None)."""
        for parts in self._parts:
            yield [(run, self.names.get(run) if is_common else None) for run, is_common in parts]


def split(command: str) -> list[str]:
    """Split at single spaces, so that joining gives the same text back."""
    return command.split(" ")


class Command(NamedTuple):
    """A command in ninja's words: its text, or a template's number and what its holes hold."""

    text: str
    template: int = -1
    values: tuple[str, ...] = ()


class RuleText(NamedTuple):
    """What a rule says of the edges of a template, in ninja's words; holes are ${1}, ${2}...

    A description or a name of a depfile that the holes of the command do not tell is None.
    """

    command: str
    description: str | None
    depfile: str | None


class Block(NamedTuple):
    """A block of commands in ninja's words."""

    variables: tuple[tuple[str, str], ...]  # of this block: name, value
    templates: tuple[RuleText, ...]
    commands: tuple[Command, ...]
    used: tuple[str, ...]  # names of the vocabulary


Named = Sequence[tuple[str, Edge]]  # edges of a block, each after the name of its rule


class Blocks:
    """Factors and writes blocks of edges; one that is as it was the last time is not looked at
    again. `writer` stands for the program: what another has written is not taken."""

    def __init__(self, writer: str = "") -> None:
        self.used: dict[str, str] = {}  # the vocabulary, as far as it is used
        self._kept: dict[bytes, tuple[str, tuple[str, ...]]] = {}  # text, names of the vocabulary
        self._format = f"{_FORMAT} {writer}".encode("utf-8", "surrogateescape")

    def load(self, path: str) -> None:
        """Take what the last run kept; a file that is broken or missing is none."""
        try:
            with open(path, "rb") as file:
                check, data = file.read(16), file.read()
            if check == _digest(self._format, data):
                self._kept = marshal.loads(data)
        except (OSError, ValueError, EOFError, TypeError):
            pass

    def packed(self) -> bytes:
        """Return the content of the file for the next run: the blocks of this one."""
        data = marshal.dumps(self._kept)
        return _digest(self._format, data) + data

    def begin(
        self, texts: Mapping[str, str], rules: Iterable[str],
        blocks: Sequence[tuple[str, Named]], write: Callable[[str, Named, Block], str],
    ) -> Callable[[], list[str]]:
        """Begin with the text of each block for build.ninja; return what gives them, to be called
        once. If there are many, another process does most of them in between.

        `texts` are those that have a name; `rules` are the names of rules that are no block's
        own. A block comes as what its own names end with, so that they differ from the others',
        and its edges: a template is of one rule. `write` makes the text of these from their
        commands in ninja's words; what it gives depends on nothing else.
        """
        vocabulary = Vocabulary(texts)
        seed = marshal.dumps((vocabulary.known, sorted(rules)), _WITHOUT_REFERENCES)

        def found(some: Sequence[tuple[str, Named]]) -> list[tuple[bytes, Any]]:
            return [self._found(vocabulary, seed, *block, write) for block in some]

        own = len(blocks) if self._kept else _own_part([len(edges) for _, edges in blocks])
        others = blocks[own:]
        forked = Forked(lambda: found(others)) if others else None

        def finish() -> list[str]:
            made = found(blocks[:own]) + (forked.result() if forked else [])
            self._kept = dict(made)
            self.used.update(
                (name, vocabulary.texts[name]) for _, (_, names) in made for name in names
            )
            return [text for _, (text, _) in made]

        return finish

    def _found(
        self, vocabulary: Vocabulary, seed: bytes, label: str, edges: Named,
        write: Callable[[str, Named, Block], str],
    ) -> tuple[bytes, tuple[str, tuple[str, ...]]]:
        """Return what is kept of a block, after its key."""
        key = _digest(seed, label.encode(), marshal.dumps(
            [(rule, packed_edge(edge)) for rule, edge in edges], _WITHOUT_REFERENCES
        ))
        kept = self._kept.get(key)
        if kept is None:
            block = _block(vocabulary, label, edges)
            kept = write(label, edges, block), block.used
        return key, kept


def _own_part(sizes: Sequence[int]) -> int:
    """Return how many blocks, of so many edges each, to leave to this process: all, if few."""
    total = sum(sizes)
    if total < WORTH_A_PROCESS:
        return len(sizes)
    return next(at for at, done in enumerate(accumulate(sizes), 1) if done >= total * OWN_SHARE)


def _block(vocabulary: Vocabulary, label: str, edges: Named) -> Block:
    alike: dict[tuple[str, int, int], list[int]] = {}
    for number, (rule, edge) in enumerate(edges):
        alike.setdefault((rule, edge.text.count(" "), edge.saved.count(" ")), []).append(number)
    templates: list[Template] = []
    found: dict[int, Command] = {}
    for numbers in alike.values():
        template = _template([edges[number][1] for number in numbers])
        if template is not None:
            for number, values in zip(numbers, template.values, strict=True):
                found[number] = Command("", len(templates), values)
            templates.append(template)
    others = [number for number in range(len(edges)) if number not in found]
    vocabulary.used.clear()
    texts = [
        vocabulary.marked(text)
        for text in (*(t.text for t in templates), *(edges[at][1].command for at in others))
    ]
    factoring = Factoring(
        texts, label, [*(len(t.values) for t in templates), *([1] * len(others))]
    )
    in_words = [
        " ".join([
            f"${{{name}}}" if name else _with_names(text) for text, name in pieces
        ]) for pieces in factoring.pieces()
    ]
    found.update(
        (number, Command(keep_blanks(text)))
        for number, text in zip(others, in_words[len(templates) :], strict=True)
    )
    return Block(
        tuple((name, keep_blanks(_with_names(text))) for text, name in factoring.names.items()),
        tuple([
            RuleText(_in_ninja(text), t.description, t.depfile)
            for text, t in zip(in_words[: len(templates)], templates, strict=True)
        ]),
        tuple([found[number] for number in range(len(edges))]), tuple(vocabulary.used),
    )


_HOLES = re.compile(f"{_HOLE}([0-9]+){_HOLE}")


def _in_ninja(text: str) -> str:
    return _HOLES.sub(r"${\1}", text)


def _with_names(text: str) -> str:
    return with_names(escape(text))


class Template(NamedTuple):
    """A text that commands share, and what its holes hold in each of them, for ninja."""

    text: str
    values: Sequence[tuple[str, ...]]
    description: str | None
    depfile: str | None


def _template(edges: Sequence[Edge]) -> Template | None:
    """Return the template of commands that have as many words each, None if it is worth nothing.

    A hole is the middle of a word: what comes before and after it is the same in all commands.
    Words that differ in the same way share a hole.
    """
    if len(edges) < ALIKE or any(_HOLE in edge.text or _HOLE in edge.saved for edge in edges):
        return None
    holes: dict[tuple[str, ...], int] = {}
    text = _with_holes([edge.text for edge in edges], holes)
    saved = _with_holes([edge.saved for edge in edges], holes)
    if any(_AS_IT_IS.search(value) for middle in holes for value in middle):
        holes.clear()
        text, saved = _with_holes([edge.command for edge in edges], holes), ""
    if len(holes) > HOLES:
        return None
    whole = lengthened(text, saved)
    if len(_HOLES.sub("", whole)) < SHORTEST:
        return None
    values = [
        tuple([keep_blanks(escape(text)) for text in each]) for each in zip(*holes, strict=True)
    ]
    return Template(
        whole, values or [()] * len(edges),
        _with_these_holes([shown(edge) for edge in edges], holes),
        _with_these_holes([edge.depfile for edge in edges], holes),
    )


def _with_these_holes(texts: Sequence[str], holes: Mapping[tuple[str, ...], int]) -> str | None:
    """Return, for ninja, what texts share if these holes tell all that they differ in, or None."""
    if any(_HOLE in text for text in texts) or len({text.count(" ") for text in texts}) != 1:
        return None
    found = dict(holes)
    text = _with_holes(texts, found)
    return _in_ninja(keep_blanks(escape(text))) if len(found) == len(holes) else None


# A hole that is filled with one of these: in a saved command they are not what they are where it
# is written (graph.escape_saved), and a text that is left out is no part of a word.
_AS_IT_IS = re.compile(f"[$#'{LEFT_OUT}]")


def _with_holes(commands: Sequence[str], holes: dict[tuple[str, ...], int]) -> str:
    """Return what commands of as many words share, with numbered holes; add to these."""
    words = split(commands[0])
    others: list[dict[int, str]] = []  # of each command, words that are not the first command's
    for command in commands:
        row = split(command)
        others.append({at: row[at] for at in compress(range(len(words)), map(ne, words, row))})
    for place in sorted(set().union(*others)):
        word = words[place]
        column = [row.get(place, word) for row in others]
        before = _common_start(column)
        rest = [text[len(before) :] for text in column]
        after = _common_start([text[::-1] for text in rest])[::-1]
        middle = tuple([text[: len(text) - len(after)] for text in rest])
        number = holes.setdefault(middle, len(holes) + 1)
        if number > HOLES:
            break
        words[place] = f"{before}{_HOLE}{number}{_HOLE}{after}"
    return " ".join(words)


def _common_start(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)
    for at, (one, other) in enumerate(zip(first, last, strict=False)):
        if one != other:
            return first[:at]
    return first


def _digest(*parts: bytes) -> bytes:
    found = blake2b(digest_size=16)
    for part in parts:
        found.update(b"%d " % len(part))
        found.update(part)
    return found.digest()


def shown(edge: Edge) -> str:
    """Return what ninja shows of an edge, which stands below the number of edges that have run."""
    return f"  {edge.description}"


def escape(text: str) -> str:
    """Escape text for the value of a variable."""
    return one_line(text).replace("$", "$$")


def keep_blanks(text: str) -> str:
    """ninja drops blanks at the start of a value."""
    blanks = len(text) - len(text.lstrip(" "))
    return "$ " * blanks + text[blanks:]


def one_line(text: str) -> str:
    """A value is one line."""
    return text.replace("\n", " ")
