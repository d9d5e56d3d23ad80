"""The build graph: edges between files. Knows neither make nor the text of build.ninja."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ninjagen.errors import NinjagenError
from ninjagen.source import Loc


class Edge(NamedTuple):
    """One command and the files it turns into others; a `build` statement of ninja."""

    rule: str  # named as the kernel names the command: cc_o_c, ar_builtin
    outputs: tuple[str, ...]
    text: str = ""  # of the command, with what it saves left out of it: see `shortened`
    description: str = ""
    inputs: tuple[str, ...] = ()  # dirty the outputs; `$in`
    implicit: tuple[str, ...] = ()  # dirty the outputs, but are not in `$in`
    order_only: tuple[str, ...] = ()  # must exist first, never dirty the outputs
    implicit_outputs: tuple[str, ...] = ()  # made too, but nobody declared them
    depfile: str = ""  # names further inputs once the command has run
    dyndep: str = ""  # file that will name further inputs, in the middle of the build
    rspfile: str = ""  # file that holds `$in`, a name a line, while the command runs
    restat: bool = False  # may leave outputs untouched, and then nothing follows from it
    keeps_same: bool = False  # an output whose bytes did not change gets its old time back
    removes_failed: bool = True  # a failed command leaves no output
    pool: str = ""
    saved: str = ""  # the command as kbuild writes it beside the output, unescaped
    listing: str = ""  # file in which kbuild lists what it read, if not there too
    cwd: str = ""  # what names in that list are relative to, if not the object tree
    loc: Loc | None = None  # the make rule this came from; the last field, for `packed_edge`

    @property
    def command(self) -> str:
        """The command line for the shell."""
        return lengthened(self.text, self.saved)

    @property
    def all_outputs(self) -> tuple[str, ...]:
        """Every file the edge makes."""
        return self.outputs + self.implicit_outputs

    @property
    def first_step(self) -> str:
        """The first step of the saved command: of a compile, the source file ends it."""
        return self.saved.partition(";")[0].rstrip(" ")


LEFT_OUT = "\0"  # begins what stands for it; no command can hold it


def shortened(command: str, saved: str) -> str:
    """Return the `text` of an edge: a command, with what it saves left out of it.

    kbuild's commands run what they save, and then write it, escaped: hardly anything is left.
    `lengthened` gives the command back.
    """
    if saved:
        for sign, spell in _SPELLINGS.items():
            command = command.replace(spell(saved), sign)
    return command


def lengthened(text: str, saved: str) -> str:
    """Return the command that `shortened` made a text of."""
    if LEFT_OUT in text:
        for sign, spell in _SPELLINGS.items():
            if sign in text:
                text = text.replace(sign, spell(saved))
    return text


def escape_saved(command: str) -> str:
    """Return a command as kbuild writes it, between single quotes, for make to read (make-cmd in
    scripts/Kbuild.include)."""
    return command.replace("$", "$$").replace("#", "$(pound)").replace("'", "'\\''")


def _in_quotes(text: str) -> str:
    """Return a text as it is between the quotes that shlex.quote writes: one of several shells."""
    return text.replace("'", "'\"'\"'")


_SPELLINGS: dict[str, Callable[[str], str]] = {  # of what is saved, the longest first
    f"{LEFT_OUT}s": lambda saved: _in_quotes(escape_saved(saved)),
    f"{LEFT_OUT}r": _in_quotes,
    f"{LEFT_OUT}e": escape_saved,
    f"{LEFT_OUT}p": str,
}


def _made_of(edge: Edge) -> tuple[object, ...]:
    return edge.rule, edge.outputs, edge.inputs, edge.depfile, edge.listing, edge.cwd


def packed_edge(edge: Edge) -> tuple[Any, ...]:
    """Return an edge's fields in the types that marshal knows."""
    *fields, loc = edge
    return (*fields, None if loc is None else tuple(loc))


def edge_of(fields: Sequence[Any]) -> Edge:
    """Return the edge that `packed_edge` took apart."""
    *others, loc = fields
    return Edge._make((*others, None if loc is None else Loc(*loc)))


@dataclass(eq=False, repr=False, slots=True)
class Graph:
    """Edges, phony names for groups of files, and who makes what."""

    edges: list[Edge] = field(default_factory=list)
    producers: dict[str, int] = field(default_factory=dict)  # output -> index into edges
    phonies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    blocks: dict[str, list[int]] = field(default_factory=dict)  # title -> edges, written together

    def __iter__(self) -> Iterator[Edge]:
        return iter(self.edges)

    def producer(self, path: str) -> Edge | None:
        """Return the edge that makes `path`, or None."""
        index = self.producers.get(path)
        return None if index is None else self.edges[index]

    def add(self, edge: Edge, block: str = "") -> Edge:
        """Add an edge to a block.

        The same output made twice by the same command is one edge, with the inputs of both:
        kbuild visits some directories twice. Where the command it saves is the same, the second
        visit finds the target up to date; where it is another, of the same inputs, the second
        makes the target again, and what that makes is there in the end (7.2, um:
        scripts/unifdef, with -Werror and without). Raises NinjagenError if other commands differ.
        """
        known = [output for output in edge.all_outputs if output in self.producers]
        for output in known:
            old = self.edges[self.producers[output]]
            if old.command == edge.command or (old.saved and old.saved == edge.saved):
                continue
            if old.saved and edge.saved and _made_of(old) == _made_of(edge):
                self.replace(output, text=edge.text, saved=edge.saved)
            else:
                raise NinjagenError(
                    f"two different commands make '{output}'",
                    edge.loc,
                    hint=f"the other one is at {old.loc}" if old.loc else "",
                )
        if known:
            return self._merge(self.producers[known[0]], edge)
        index = len(self.edges)
        self.edges.append(edge)
        self.blocks.setdefault(block, []).append(index)
        for output in edge.all_outputs:
            self.producers[output] = index
        return edge

    def _merge(self, index: int, edge: Edge) -> Edge:
        # What came first keeps its ordering: waiting for what follows it would be a cycle.
        old = self.edges[index]
        also = tuple(path for path in edge.all_outputs if path not in self.producers)
        merged = old._replace(
            inputs=tuple(dict.fromkeys(old.inputs + edge.inputs)),
            implicit=tuple(dict.fromkeys(old.implicit + edge.implicit)),
            implicit_outputs=old.implicit_outputs + also,
        )
        self.edges[index] = merged
        self.producers.update(dict.fromkeys(also, index))
        return merged

    def replace(self, output: str, **changes: Any) -> None:
        """Change fields of the edge that makes `output`."""
        index = self.producers[output]
        self.edges[index] = self.edges[index]._replace(**changes)

    def files_of(self, name: str) -> list[str]:
        """Return the files that a phony name stands for, names in it resolved."""
        files: dict[str, None] = {}
        waiting, seen = [name], set()
        while waiting:
            member = waiting.pop()
            if member in seen:
                continue
            seen.add(member)
            if member in self.phonies:
                waiting += reversed(self.phonies[member])
            else:
                files[member] = None
        return list(files)

    def dependents(self, path: str) -> set[str]:
        """Return `path` and all that cannot be made before it, phony names included."""
        after: dict[str, list[str]] = {}
        for edge in self.edges:
            for needed in (*edge.inputs, *edge.implicit, *edge.order_only):
                after.setdefault(needed, []).extend(edge.all_outputs)
        for name, members in self.phonies.items():
            for needed in members:
                after.setdefault(needed, []).append(name)
        waiting, found = [path], set()
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting += after.get(each, ())
        return found

    def without_idle_phonies(self, kept: Iterable[str]) -> Graph:
        """Return the graph with only the phony names that an edge or `kept` leads to."""
        waiting = [*kept]
        for edge in self.edges:
            waiting += [*edge.inputs, *edge.implicit, *edge.order_only]
        used: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in self.phonies and name not in used:
                used.add(name)
                waiting += self.phonies[name]
        phonies = {name: members for name, members in self.phonies.items() if name in used}
        return Graph(self.edges, self.producers, phonies, self.blocks)

    def add_phony(self, name: str, members: tuple[str, ...]) -> None:
        """Give a group of files a name."""
        self.phonies[name] = members
