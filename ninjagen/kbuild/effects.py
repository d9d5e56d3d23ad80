"""What a make process may do to what all of them share.

Each thing that is done is noted as a step of the process's record, in a form that can be done
again without evaluating anything: that is how a changed makefile costs one process, not all.
"""

from __future__ import annotations

import fnmatch
import os
import shlex
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ninjagen.errors import NinjagenError
from ninjagen.graph import Edge, Graph, edge_of, packed_edge
from ninjagen.kbuild import record as steps
from ninjagen.kbuild import single
from ninjagen.kbuild.predict import Predictions
from ninjagen.kbuild.record import Record, Step, digest
from ninjagen.kbuild.scout import Reports
from ninjagen.kbuild.thinlto import ThinLto
from ninjagen.kbuild.world import FileTable, KernelWorld
from ninjagen.source import Loc


class Stale(Exception):
    """A record's steps cannot be done again: what they rest on came out differently."""

    def __init__(self, record: Record) -> None:
        super().__init__(record.number)
        self.record = record


@dataclass(eq=False, repr=False)
class Effects:
    """The shared state of one generation, and the only ways to change it."""

    table: FileTable
    graph: Graph = field(default_factory=Graph)
    say: Callable[[str], None] = print
    complain: Callable[[str], None] = print
    groups: dict[tuple[str, ...], str] = field(default_factory=dict)
    unexported: set[str] = field(default_factory=set)  # what no command may see
    locale: dict[str, str] = field(default_factory=dict)
    exported: dict[str, str] = field(default_factory=dict)  # to makes; a name's first value
    directories: dict[str, tuple[str, ...]] = field(default_factory=dict)  # what `kernel/` makes
    single_suffixes: frozenset[str] = frozenset()  # what may be asked for by name
    siblings: dict[Loc, tuple[tuple[str, str], ...]] = field(default_factory=dict)  # single.py
    at_once: dict[str, None] = field(default_factory=dict)  # goals that no edge is made for
    reports: Reports | None = None  # to whom this process reports, if it is a scout

    def __post_init__(self) -> None:
        self.thinlto = ThinLto(self.graph, self._head_objects)
        self.predictions = Predictions(self.graph, self.thinlto, self.table.objtree)
        self.table.answer = self._answer
        self.table.predict = self._predict

    def _note(self, *step: object) -> None:
        self.table.record.steps.append(step)

    # --- what is done ---

    def add_edge(self, edge: Edge, nm: str) -> None:
        """Add an edge, refined if it is a stage of distributed ThinLTO; `nm` is $(NM)."""
        self._note(steps.EDGE, packed_edge(edge), nm, self._add_edge(edge, nm))

    def _add_edge(self, edge: Edge, nm: str) -> tuple[str, ...]:
        block = self.table.record.call.title
        outputs = self.graph.add(self.thinlto.refine(edge, nm), block).all_outputs
        for output in outputs:
            self.table.add_product(self.table.inside(output))
        return outputs

    def group(self, name: str, members: Sequence[str]) -> tuple[str, ...]:
        """Return the members themselves if they are few, else a phony name for them."""
        unique = tuple(dict.fromkeys(members))
        if len(unique) <= 1:
            return unique
        known = self._group(name, unique)
        self._note(steps.GROUP, name, unique, known)
        return (known,)

    def _group(self, name: str, unique: tuple[str, ...]) -> str:
        known = self.groups.get(unique)
        if known is None:
            known, number = name, 2
            while known in self.graph.phonies or known in self.graph.producers:
                known, number = f"{name}.{number}", number + 1
            self.groups[unique] = known
            self.graph.add_phony(known, unique)
        return known

    def save_flags(self, name: str, flags: str) -> None:
        """Keep the flags of an object's front end for its back end."""
        self._note(steps.FLAGS, name, flags)
        self.thinlto.flags[name] = flags

    def name_tools(self, tools: Mapping[str, str]) -> None:
        """Keep the programs that --thinlto=dist calls."""
        self._note(steps.TOOLS, dict(tools))
        self.thinlto.tools = dict(tools)

    def run(
        self, text: str, cwd: str, environ: Mapping[str, str], target: str, loc: Loc
    ) -> None:
        """Run a command now, unless it has prepared the object tree already: the walk to the
        configuration comes to some of them, too. Raises NinjagenError with what it said when it
        fails."""
        self._note(steps.RUN, text, cwd, dict(environ), target, tuple(loc))
        if self.reports is not None or not text:
            return  # the walk itself does it, or there is nothing to do
        if not self.table.shell.prepares(text, cwd, environ):
            return
        done = _run(text, cwd, environ)
        if done.returncode:
            lines = (line.strip("* ") for line in done.stderr.splitlines())
            said = " ".join(line for line in lines if line)
            raise NinjagenError(said or f"'{target}' failed: {text}", loc)

    def run_aloud(
        self, text: str, cwd: str, environ: Mapping[str, str], target: str, loc: Loc
    ) -> None:
        """Run a command of a configuration goal now, and say what it says. Raises NinjagenError
        when it fails."""
        done = _run(text, cwd, environ)
        for said, say in (done.stdout, self.say), (done.stderr, self.complain):
            if said:
                say(said.rstrip("\n"))
        if done.returncode:
            raise NinjagenError(f"'{target}' failed: {text}", loc)

    def speak(self, text: str) -> None:
        """Say what a makefile says."""
        self._note(steps.SAY, text)
        self.say(text)

    def warn(self, text: str) -> None:
        """Say what a makefile warns of."""
        self._note(steps.COMPLAIN, text)
        self.complain(text)

    def set_locale(self, locale: Mapping[str, str]) -> None:
        """Note the locale that kbuild gives its commands."""
        self._note(steps.LOCALE, dict(locale))
        self.locale.update(locale)

    def unexport(self, names: Iterable[str]) -> None:
        """Note names that no command may see."""
        known = tuple(names)
        self._note(steps.UNEXPORTED, known)
        self.unexported.update(known)

    def offer(self, suffixes: Iterable[str]) -> None:
        """Note the suffixes of single targets, unless a make before did."""
        known = tuple(sorted(suffixes))
        self._note(steps.SUFFIXES, known)
        self.single_suffixes = self.single_suffixes or frozenset(known)

    def add_siblings(self, siblings: single.Siblings) -> None:
        """Note what else the compile rules of a make could make of their sources."""
        self._add_siblings([(tuple(loc), others) for loc, others in siblings.items()])

    def _add_siblings(self, siblings: Iterable[tuple[Any, Any]]) -> None:
        self._note(steps.SIBLINGS, siblings)
        self.siblings.update((Loc(*loc), others) for loc, others in siblings)

    def fill_directory(self, directory: str, made: tuple[str, ...]) -> None:
        """Note what a make came to that had a directory as its goal."""
        self._note(steps.DIRECTORY, directory, made)
        self.directories[directory] = (*self.directories.get(directory, ()), *made)

    def name_target(self, name: str, made: tuple[str, ...]) -> None:
        """Make the name of a target one of the graph, unless something has it already."""
        self._note(steps.NAME, name, made)
        if name not in self.graph.phonies and name not in self.graph.producers:
            self.graph.add_phony(name, made)

    def name_at_once(self, names: Iterable[str]) -> None:
        """Note goals that are done at once, when somebody asks for them."""
        known = tuple(names)
        self._note(steps.AT_ONCE, known)
        self.at_once.update(dict.fromkeys(known))

    def name_directories(self) -> list[str]:
        """Make each directory that a make had as its goal a name for what that goal came to."""
        free = self.directories.keys() - self.graph.phonies.keys() - self.graph.producers.keys()
        for name, members in self.directories.items():
            if name in free:
                self.graph.add_phony(name, members)
        return sorted(free)

    def locale_prefix(self) -> str:
        """Return shell text that gives every command kbuild's locale (top Makefile, LC_ALL)."""
        unset = " ".join(sorted(self.unexported))
        export = " ".join(f"{name}={shlex.quote(v)}" for name, v in sorted(self.locale.items()))
        return (f"unset {unset}; " if unset else "") + (f"export {export}; " if export else "")

    # --- what is asked ---

    def makes(self, path: str) -> bool:
        """Tell whether an edge makes a path of the graph."""
        return self.table.makes(path)

    def modules(self, order: str) -> list[str]:
        """Return the modules of a modules.order, without their suffix."""
        found = list(self.predictions.modules(order))
        self._asked(f"modules {order}", "\n".join(found))
        return found

    def products_like(self, pattern: str) -> list[str]:
        """Return what is made so far and matches a pattern of paths; its `*` may be a slash."""
        found = self._products_like(pattern)
        self._asked(f"products {pattern}", "\n".join(found))
        return found

    def _products_like(self, pattern: str) -> list[str]:
        return fnmatch.filter(self.graph.producers, pattern)

    def _predict(self, path: str) -> str | None:
        found = self.predictions.text_of(path)
        self._asked(f"text {path}", found)
        return found

    def _answer(self, command: str) -> str | None:
        found = self.predictions.answer(command)
        self._asked(f"answer {command}", found)
        return found

    def _asked(self, question: str, answer: str | None) -> None:
        self.table.record.notes.predicted[question] = digest(answer)

    def predicts(self, question: str) -> str:
        """Return the digest of what a question that was noted would be answered now."""
        kind, _, rest = question.partition(" ")
        if kind == "modules":
            return digest("\n".join(self.predictions.modules(rest)))
        if kind == "products":
            return digest("\n".join(self._products_like(rest)))
        if kind == "text":
            return digest(self.predictions.text_of(rest))
        return digest(self.predictions.answer(rest))

    def _head_objects(self) -> list[str]:
        path = os.path.join(self.table.srctree, "scripts/head-object-list.txt")
        self.table.note_read(path)
        try:
            with open(path, encoding="utf-8") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    # --- doing it again ---

    def again(self, record: Record, step: Step, world: KernelWorld) -> None:
        """Do a step of a record again, from any world of the walk. MAKE is the walk's to do.

        Raises Stale when a group would get another name, or an edge makes other files.
        """
        kind = step[0]
        if kind == steps.EDGE:
            if self._add_edge(edge_of(step[1]), step[2]) != step[3]:
                raise Stale(record)
        elif kind == steps.GROUP:
            if self._group(step[1], step[2]) != step[3]:
                raise Stale(record)
        elif kind == steps.DIRECTORIES:
            world.at(step[1]).make_directories(step[2])
        elif kind == steps.DECIDES:
            self.table.deciding[step[1]] = None
        elif kind == steps.RUN:
            text, cwd, environ, target, loc = step[1:]
            self.run(text, cwd, environ, target, Loc(*loc))
        else:
            _SIMPLE[kind](self, *step[1:])


_SIMPLE: dict[int, Callable[..., None]] = {
    steps.FLAGS: Effects.save_flags,
    steps.TOOLS: Effects.name_tools,
    steps.SAY: Effects.speak,
    steps.COMPLAIN: Effects.warn,
    steps.LOCALE: Effects.set_locale,
    steps.UNEXPORTED: Effects.unexport,
    steps.SUFFIXES: Effects.offer,
    steps.SIBLINGS: Effects._add_siblings,
    steps.DIRECTORY: Effects.fill_directory,
    steps.NAME: Effects.name_target,
    steps.AT_ONCE: Effects.name_at_once,
}


def _run(text: str, cwd: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", text], cwd=cwd, env=environ, check=False,
        capture_output=True, text=True, errors="replace",
    )
