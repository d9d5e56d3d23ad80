"""The pipeline: configuration, walk, build.ninja. The page to read first."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from ninjagen import adopt, atonce, compdb, files, headersets, helpers, kconfig, stamp
from ninjagen.absent import Absent
from ninjagen.describe import Ahead, configure, describe
from ninjagen.errors import NinjagenError
from ninjagen.graph import Graph
from ninjagen.kbuild import protocol, single, thinlto
from ninjagen.kbuild.memory import Buffer, Memory
from ninjagen.kbuild.tree import KernelTree, check_prepared, find_tree
from ninjagen.kbuild.walk import Walk
from ninjagen.kbuild.world import FileTable
from ninjagen.kconfig import expected
from ninjagen.kconfig.sync import Configuration, sync
from ninjagen.ninja import byname, manifest
from ninjagen.ninja.factor import Blocks
from ninjagen.request import KEPT, STATE, Request
from ninjagen.shell import Shell


def default_goals(tree: KernelTree) -> list[str]:
    """Return what build.ninja is made for when nobody says."""
    return ["modules"] if tree.module else ["vmlinux"]


@dataclass(eq=False, repr=False)
class Result:
    """What a run did, for whoever asked."""

    tree: KernelTree
    graph: Graph | None = None  # None: only configured, or nothing to do
    is_unchanged: bool = False  # build.ninja is as it would be made
    processes: int = 0  # makes that were followed
    evaluated: int = 0  # of these, makes that could not be taken from the last run's records
    adopted: adopt.Adopted = field(default_factory=adopt.Adopted)  # of what make has built


def generate(request: Request) -> Result:
    """Do what the request says: configure, clean, install, write build.ninja into the object tree.

    Raises NinjagenError for anything that is the user's to mend; no file is half-written then.
    """
    tree = find_tree(request.cwd, request.variables, request.environ)
    started = time.time_ns()
    shell = Shell(os.path.join(tree.objtree, STATE, "shell.json"))
    last = _Last(tree, request, shell)
    has_more = request.adopts and adopt.has_more(
        tree.objtree, os.path.join(tree.objtree, STATE), request.goals or default_goals(tree)
    )
    if last.changes is not None and not last.changes and not has_more:
        _put_programs(tree)
        if last.stamp and (looks_for := _absent(request, tree, last.stamp.seen)):
            looks_for.put(started)
        os.utime(os.path.join(tree.objtree, manifest.MANIFEST))
        return Result(tree, is_unchanged=True)
    done = _do_what_no_edge_does(request, tree, shell.cache)
    if done:
        request = request.without(done)
        if not request.goals:
            return Result(tree)
        shell = Shell(shell.cache)
        last = _Last(tree, request, shell)

    goals = request.goals or default_goals(tree)
    with Ahead() as ahead:
        if last.is_little_use() and not tree.module:
            ahead.send(request, tree, shell, goals, last.products())
        configured = last.configured() or _synchronize(request, tree, shell)
        memory = last.memory()
        memory.surprised(ahead.surprises(last.answers))
        walk = describe(request, tree, shell, goals, memory=memory, scout=ahead.scout)
        made_from = _write(
            request, tree, walk, goals, configured, Blocks(repr(last.wish["ninjagen"])),
            started, meanwhile=lambda: last.pack(walk.memory),
        )
    files.replace_if_changed(os.path.join(tree.objtree, KEPT), request.text(tree.objtree))
    shell.save()
    seen = _seen(tree, walk, configured)
    _doubt_edited(walk.table, seen, started)
    _see_past_the_future(tree, made_from, seen)
    last.replace(seen, configured, walk.memory)
    result = Result(
        tree, walk.graph, processes=walk.processes, evaluated=walk.memory.evaluated
    )
    if request.adopts:
        result.adopted = adopt.adopt(
            walk.graph, walk.locale_prefix(), tree.objtree,
            os.path.join(tree.objtree, STATE), request.environ, is_module=bool(tree.module),
        )
    return result


def _write(
    request: Request, tree: KernelTree, walk: Walk, goals: Sequence[str], configured: _Configured,
    blocks: Blocks, started: int, meanwhile: Callable[[], object],
) -> list[str]:
    """Write build.ninja, what it needs beside it, and compile_commands.json; do `meanwhile` while
    another process has most of build.ninja to do, if one does. Return what the depfile names.

    At `started`, in nanoseconds, nothing had been looked for yet.
    """
    table = walk.table
    defaults = _name_goals(walk.graph, goals)
    header_sets = {} if tree.module else headersets.add(walk.graph)
    # Plain names are those of the top Makefile: people build `prepare` or `scripts`.
    plain = [name for name in walk.graph.phonies if not set(name) & set(":.")]
    plain += walk.name_directories()
    blocks.load(os.path.join(tree.objtree, STATE, "blocks"))
    script = os.path.join(tree.srctree, compdb.SCRIPT)
    if table.exists(script):
        table.note_read(script)
    made_from, watched = manifest.split_by_depfile(
        [*table.read_files, *filter(None, [table.answers]), *configured.files, *_own_sources(),
         *_watched(table)]
    )
    looks_for = _absent(request, tree, stamp.Seen(
        exists={**configured.asked, **table.asked}, globs={**configured.globbed, **table.globbed}
    ))
    with compdb.CompileCommands(
        walk.graph, tree.objtree, os.path.join(tree.objtree, STATE, "compdb"),
        compdb.suffixes(script),
    ) as compile_commands:
        begun = manifest.begin(
            walk.graph.without_idle_phonies(plain), walk.locale_prefix(), defaults,
            _regeneration(request, tree, table, watched, looks_for),
            comment="Written by ninjagen; changes are lost when it runs again.",
            known=walk.exported, blocks=blocks,
            required_version=(
                manifest.REQUIRED_VERSION if request.uses_dyndep else manifest.OTHERS_VERSION
            ),
        )
        compile_commands.compose()
        by_name = byname.text_of(
            single.targets(walk.graph, walk.siblings),
            request.command(["-C", tree.objtree, "-t", "single"], tree.objtree),
            [
                goal for goal in kconfig.GOALS
                if walk.graph.producer(goal) is None and not tree.module
            ],
            walk.at_once.keys() - walk.graph.producers.keys() - walk.graph.phonies.keys(),
            request.command(request.assignments, tree.objtree),
        )
        meanwhile()
        texts = [begun(), by_name]
        if walk.thinlto.bitcode:
            files.replace_if_changed(
                os.path.join(tree.objtree, thinlto.PREDICTED), walk.thinlto.predicted_text()
            )
        files.replace(
            os.path.join(tree.objtree, manifest.DEPFILE), manifest.depfile_text(made_from)
        )
        _put_programs(tree)
        if looks_for:
            looks_for.put(started)
        for path, content in header_sets.items():
            files.replace_if_changed(os.path.join(tree.objtree, path), content)
        files.replace(os.path.join(tree.objtree, STATE, "blocks"), blocks.packed())
        files.replace(os.path.join(tree.objtree, manifest.MANIFEST), texts)
        compile_commands.put()
    return made_from


class _Last:
    """What the last run kept for the next, if it was asked the same."""

    def __init__(self, tree: KernelTree, request: Request, shell: Shell) -> None:
        self.tree, self.shell, self.environ = tree, shell, request.environ
        self.wish = wish = _wish(request)
        self.stamp = stamp.read(self._path("stamp.json"), wish)
        self.changes = self.stamp.changes(shell) if self.stamp else None  # None: nothing holds
        self._packed: tuple[list[Buffer], str] | None = None

    def is_little_use(self) -> bool:
        """Tell whether it seems, from what .config says, that most makes will be evaluated."""
        if self.changes is None:
            return True
        if expected.config_path(self.tree.objtree, self.environ) not in self.changes.files:
            return False
        text = expected.expected_answers(self.tree.objtree, self.environ) or ""
        return self._records.answered(expected.answers_of(text))

    def products(self) -> set[str]:
        """Return what it made, absolute, as far as that is of interest: beside the sources."""
        return self._records.products() if self.tree.in_tree else set()

    @cached_property
    def _records(self) -> Memory:
        memory = Memory()
        if self.stamp is not None and self.changes is not None:
            memory.load(self._path("records"), self.stamp.token, self.stamp.seen, self.changes)
        return memory

    def _path(self, name: str) -> str:
        return os.path.join(self.tree.objtree, STATE, name)

    def memory(self) -> Memory:
        """Return the records of the last run, as far as they may be used; to be called once the
        configuration is up to date."""
        if self.stamp is not None and self.changes is not None:
            self.changes.files |= self.stamp.seen.changed_files(
                os.path.join(self.tree.objtree, path) for path in kconfig.WRITTEN
            )
            if self._records.answered(self.answers):
                return self._records.of_products()
            self.shell.take(self.stamp.shell, self.changes.commands)
        return self._records

    @cached_property
    def answers(self) -> dict[str, str]:
        """What Kconfig answers makefiles, once the configuration is up to date; an external
        module's take them as any file."""
        if self.tree.module:
            return {}
        path = os.path.join(self.tree.objtree, kconfig.ANSWERS)
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return expected.answers_of(file.read())

    def configured(self) -> _Configured | None:
        """Return what the configuration was made from, if it would be made just as it was."""
        if self.stamp is None or self.changes is None or self.changes.commands:
            return None
        seen = self.stamp.seen
        try:
            paths, read, asked, globbed = self.stamp.lists
            known = _Configured(
                {path: seen.identities[path] for path in paths}, read,
                {path: seen.exists[path] for path in asked},
                {pattern: seen.globs[pattern] for pattern in globbed},
            )
        except (ValueError, KeyError):
            return None
        written = (os.path.join(self.tree.objtree, path) for path in kconfig.WRITTEN)
        is_same = self.changes.files.isdisjoint(written) and not known.is_concerned(self.changes)
        return known if is_same else None

    def pack(self, memory: Memory) -> tuple[list[Buffer], str]:
        """Return what `Memory.packed` gives of this run, which can be had before all is seen."""
        if self._packed is None:
            self._packed = memory.packed(self.answers)
        return self._packed

    def replace(self, seen: stamp.Seen, configured: _Configured, memory: Memory) -> None:
        """Keep what this run saw and did for the next."""
        data, token = self.pack(memory)
        files.replace(self._path("records"), data)
        stamp.write(self._path("stamp.json"), self.wish, stamp.Stamp(
            seen, self.shell.evidence(), token, configured.lists(seen)
        ))


@dataclass(eq=False, repr=False)
class _Configured:
    """What a configuration was made from, and what was seen on the way to scripts/kconfig."""

    files: Mapping[str, list[int] | None]  # as Configuration has them
    read: Iterable[str] = ()
    asked: Mapping[str, bool] = field(default_factory=dict)
    globbed: Mapping[str, list[str]] = field(default_factory=dict)

    def is_concerned(self, changes: stamp.Changes) -> bool:
        """Tell whether a change of the machine may lead to another configuration."""
        return not (
            changes.files.isdisjoint(self.files)
            and changes.files.isdisjoint(self.read)
            and changes.exists.keys().isdisjoint(self.asked)
            and changes.globs.keys().isdisjoint(self.globbed)
        )

    def add_to(self, seen: stamp.Seen) -> None:
        """Add it to what the rest of the run saw, which came later."""
        seen.add_files(self.read)
        seen.identities.update(self.files)
        seen.exists = {**self.asked, **seen.exists}
        seen.globs = {**self.globbed, **seen.globs}

    def lists(self, seen: stamp.Seen) -> list[list[str]]:
        """Return its paths, for a stamp that has what was seen of them; none if that is not what
        was seen here."""
        is_so = all(seen.exists[path] == there for path, there in self.asked.items()) and all(
            seen.globs[pattern] == found for pattern, found in self.globbed.items()
        )
        return [[*self.files], [*self.read], [*self.asked], [*self.globbed]] if is_so else []


def _wish(request: Request) -> dict[str, object]:
    """Return what a request is, as far as the answer can depend on it."""
    environ = {
        name: value for name, value in sorted(request.environ.items())
        if name == "PATH" or not protocol.is_users(name)
    }
    return {
        "arguments": list(request.arguments), "options": request.options, "cwd": request.cwd,
        "environ": environ,
        "ninjagen": [[path, stamp.identity(path)] for path in _own_sources()],
    }


def _seen(tree: KernelTree, walk: Walk, configured: _Configured) -> stamp.Seen:
    """Return what the evaluation saw of the machine, and what it left."""
    seen = walk.table.seen()
    seen.add_files(os.path.join(tree.objtree, path) for path in kconfig.WRITTEN)
    configured.add_to(seen)
    for path in seen.absent():
        if not walk.table.is_inside(path):  # once a pattern's directory is there, it is watched
            seen.exists.setdefault(path, False)
    seen.exists[os.path.join(tree.objtree, manifest.MANIFEST)] = True
    seen.exists[os.path.join(tree.objtree, manifest.DEPFILE)] = True
    seen.exists[os.path.join(tree.objtree, compdb.NAME)] = True
    if walk.thinlto.bitcode:
        seen.exists[os.path.join(tree.objtree, thinlto.PREDICTED)] = True
    return seen


def _doubt_edited(table: FileTable, seen: stamp.Seen, started: int) -> None:
    """See to it that a file which was edited in the course of the run is read again by the next,
    and that ninja starts one: build.ninja gets a time before that of the file."""
    times = []
    latest = _latest_time()
    for path, identity in seen.identities.items():
        is_ours = table.is_virtual(path) or path in table.products or path in table.given
        now = stamp.identity(path) if identity is None else identity
        if now is None or not started <= now[0] <= latest:
            continue
        if identity is None or not is_ours:
            seen.identities[path] = None
            times.append(now[0])
    if times:
        time_before = min(times) - 1
        os.utime(os.path.join(table.objtree, manifest.MANIFEST), ns=(time_before, time_before))


SKEW = 10  # seconds by which file systems' clocks may differ; ninja asks again for longer


def _latest_time() -> int:
    """Return the latest time that a file can have now, if the clocks are right."""
    return time.time_ns() + SKEW * 10**9


def _see_past_the_future(tree: KernelTree, made_from: Sequence[str], seen: stamp.Seen) -> None:
    """Where a file has a time in the future, have ninja look at its directory in place of it.

    ninja would make build.ninja again as long as the file is newer. make builds, and warns.
    """
    latest = _latest_time()

    def is_ahead(path: str) -> bool:
        found = seen.identities.get(path) or stamp.identity(path)
        return found is not None and found[0] > latest

    ahead = [path for path in made_from if is_ahead(path)]
    if not ahead:
        return
    directories = [path for path in map(os.path.dirname, ahead) if not is_ahead(path)]
    files.replace(
        os.path.join(tree.objtree, manifest.DEPFILE),
        manifest.depfile_text([*(set(made_from) - set(ahead)), *directories]),
    )
    others = f" and {len(ahead) - 1} more" if len(ahead) > 1 else ""
    print(
        f"ninjagen: warning: {ahead[0]}{others}: the time of the file is in the future, so ninja"
        " may not see when it is edited; touch it",
        file=sys.stderr,
    )


# --- goals that are done now ---


def _do_what_no_edge_does(
    request: Request, tree: KernelTree, answers: str | None
) -> list[str]:
    """Do configuration goals and those that are done at once, in order; return what was done.

    `answers` is the file of what shells said, which some of the latter remove.

    Raises NinjagenError, before it does anything, when one of the latter would have to wait for a
    goal that only ninja makes.
    """
    others = [goal for goal in request.goals if not kconfig.is_config_goal(goal)]
    at_once = atonce.goals_at_once(tree, others, request.environ)
    described = [goal for goal in others if goal not in at_once]
    for goal in at_once:
        if described and request.goals.index(goal) > request.goals.index(described[0]):
            raise NinjagenError(
                f"{goal} comes after {described[0]}, which ninja makes",
                hint=f"ninjagen {goal}, when ninja has made it",
            )
    for is_now, goals in groupby(
        (goal for goal in request.goals if goal not in described), lambda goal: goal in at_once
    ):
        if is_now:
            atonce.do_at_once(request, tree, list(goals))
        else:
            shell = Shell(answers)
            _configure(request, tree, shell, list(goals))
            shell.save()
    return [goal for goal in request.goals if goal not in described]


def _configure(
    request: Request, tree: KernelTree, shell: Shell, goals: Sequence[str]
) -> None:
    """Run configuration goals with the environment that the top Makefile gives them."""
    if tree.module:
        raise NinjagenError(
            f"{goals[0]} is a goal of the kernel, not of a module", hint="leave out M="
        )
    from ninjagen.kconfig.goals import run_goals  # with kconfiglib: 30 ms

    def handle(wanted: Sequence[str], environ: Mapping[str, str]) -> None:
        run_goals(wanted, tree.srctree, tree.objtree, environ, shell, follow)

    def follow(goal: str) -> None:
        configure(request, tree, shell, goal, handle)

    for goal in goals:
        follow(goal)


def _synchronize(request: Request, tree: KernelTree, shell: Shell) -> _Configured:
    """Bring auto.conf and its like up to date with .config.

    An external module takes its kernel as it is.
    """
    if tree.module:
        check_prepared(tree, {**request.environ, **request.variables})
        return _Configured({})
    results: list[Configuration] = []

    def handle(wanted: Sequence[str], environ: Mapping[str, str]) -> None:
        results.append(sync(tree.srctree, tree.objtree, environ, shell))

    table = configure(request, tree, shell, "syncconfig", handle)
    if not results:
        raise NinjagenError("the kernel's top Makefile did not reach scripts/kconfig")
    return _Configured(results[0].files, table.read_files, table.asked, table.globbed)


def _name_goals(graph: Graph, goals: Sequence[str]) -> list[str]:
    """Make each goal a name of build.ninja; return the names.

    A goal that is also a file (vmlinux) brings along what else make would build for it.
    """
    for goal in goals:
        edge = graph.producer(goal)
        group = f"{goal}.2"  # what a group is called whose name is a file's
        if edge is not None and group in graph.phonies:
            later = graph.dependents(goal).union(edge.all_outputs)
            others = [path for path in graph.files_of(group) if path not in later]
            graph.replace(goal, order_only=tuple(dict.fromkeys((*edge.order_only, *others))))
    return list(goals)


# --- regeneration ---


def _regeneration(
    request: Request, tree: KernelTree, table: FileTable, watched: Iterable[str],
    looks_for: Absent | None,
) -> manifest.Regeneration:
    """Return how to make build.ninja again: the same command, in the same place. `watched` is what
    it is made from that the depfile cannot name; `looks_for`, what would be if it were there."""
    inputs = tuple(os.path.relpath(path, tree.objtree) for path in table.deciding)
    # ninja, which runs this, has its logs open.
    return manifest.Regeneration(
        request.command(["--no-adopt", *request.arguments], tree.objtree), inputs, tuple(watched),
        tuple(path for path, _ in helpers.programs()), looks_for.look() if looks_for else None,
    )


def _absent(request: Request, tree: KernelTree, seen: stamp.Seen) -> Absent | None:
    """Return what ninja is to look for, if it is to look."""
    if tree.in_tree or not request.uses_dyndep:
        return None
    return Absent(seen.absent(), tree.objtree)


def _put_programs(tree: KernelTree) -> None:
    """See to it that the programs which commands call are there, and as new as build.ninja."""
    for path, text in helpers.programs():
        full = os.path.join(tree.objtree, path)
        files.replace_if_changed(full, text)
        os.utime(full)


def _watched(table: FileTable) -> set[str]:
    """Return the directories in which something new may change what build.ninja says."""
    tools = table.shell.tool_directories()
    return table.watched() | {
        path for path in tools
        if not f"{path}/".startswith((f"{table.srctree}/", f"{table.objtree}/"))
    }


def _own_sources() -> list[str]:
    here = os.path.dirname(os.path.abspath(__file__))
    return sorted(
        os.path.join(directory, name)
        for directory, _, names in os.walk(here)
        for name in names
        if name.endswith((".py", ".awk"))
    )
