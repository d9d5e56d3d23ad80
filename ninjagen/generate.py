"""The pipeline: configuration, walk, build.ninja. The page to read first."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ninjagen import adopt, compdb, files, helpers, kconfig, stamp
from ninjagen.errors import NinjagenError, did_you_mean
from ninjagen.graph import Graph
from ninjagen.kbuild import protocol, single, thinlto
from ninjagen.kbuild.effects import Stale
from ninjagen.kbuild.memory import Memory
from ninjagen.kbuild.tree import KernelTree, find_tree
from ninjagen.kbuild.walk import Walk
from ninjagen.kbuild.world import FileTable, KernelWorld
from ninjagen.kconfig.sync import Configuration, sync
from ninjagen.ninja import byname, manifest
from ninjagen.ninja.factor import Blocks
from ninjagen.request import KEPT, Request
from ninjagen.shell import Shell

STATE = ".ninjagen"  # in the object tree: what ninjagen keeps between runs
DEFAULT_GOALS = ("vmlinux",)
STALE_RECORDS = 20  # that may turn up before all the last run's records are given up


@dataclass
class Result:
    """What a run did, for whoever asked."""

    tree: KernelTree
    graph: Graph | None = None  # None: only configured, or nothing to do
    is_unchanged: bool = False  # build.ninja is as it would be made
    processes: int = 0  # makes that were followed
    evaluated: int = 0  # of these, makes that could not be taken from the last run's records
    adopted: adopt.Adopted = field(default_factory=adopt.Adopted)  # of what make has built


def generate(request: Request) -> Result:
    """Do what the request says: configure, or write build.ninja into the object tree.

    Raises NinjagenError for anything that is the user's to mend; no file is half-written then.
    """
    tree = find_tree(request.cwd, request.variables, request.environ)
    shell = Shell(os.path.join(tree.objtree, STATE, "shell.json"))
    last = _Last(tree, _wish(request), shell)
    has_more = request.adopts and adopt.has_more(
        tree.objtree, os.path.join(tree.objtree, STATE), request.goals or DEFAULT_GOALS
    )
    if last.changes is not None and not last.changes and not has_more:
        for name in (manifest.MANIFEST, *_programs(tree)):
            os.utime(os.path.join(tree.objtree, name))
        return Result(tree, is_unchanged=True)
    config_goals = [goal for goal in request.goals if kconfig.is_config_goal(goal)]
    build_goals = [goal for goal in request.goals if goal not in config_goals]
    if config_goals:
        _configure(request, tree, shell, config_goals)
        if not build_goals:
            shell.save()
            return Result(tree)

    configuration = _synchronize(request, tree, shell)
    goals = build_goals or list(DEFAULT_GOALS)
    walk = describe(request, tree, shell, goals, memory=last.memory())
    table = walk.table
    defaults = _name_goals(walk.graph, goals)
    # Plain names are those of the top Makefile: people build `prepare` or `scripts`.
    plain = [name for name in walk.graph.phonies if not set(name) & set(":.")]
    plain += walk.name_directories()
    blocks = Blocks()
    blocks.load(os.path.join(tree.objtree, STATE, "blocks"))
    text = manifest.text_of(
        walk.graph.without_idle_phonies(plain), walk.locale_prefix(), defaults,
        _regeneration(request, tree, table),
        comment="Written by ninjagen; changes are lost when it runs again.",
        known=walk.exported, blocks=blocks,
        required_version=(
            manifest.REQUIRED_VERSION if request.uses_dyndep else manifest.OTHERS_VERSION
        ),
    ) + byname.text_of(
        single.targets(walk.graph, walk.siblings),
        request.command(["-C", tree.objtree, "-t", "single"]),
        [goal for goal in kconfig.GOALS if walk.graph.producer(goal) is None],
        request.command(request.assignments),
    )
    if walk.thinlto.bitcode:
        files.replace_if_changed(
            os.path.join(tree.objtree, thinlto.PREDICTED), walk.thinlto.predicted_text()
        )
    files.replace(
        os.path.join(tree.objtree, manifest.DEPFILE), manifest.depfile_text(
            [*table.read_files, *configuration.files, *_own_sources(), *_watched(table)]
        ),
    )
    for path in _programs(tree):
        os.utime(os.path.join(tree.objtree, path))
    files.replace(os.path.join(tree.objtree, STATE, "blocks"), blocks.packed())
    files.replace(os.path.join(tree.objtree, manifest.MANIFEST), text)
    files.replace_if_changed(
        os.path.join(tree.objtree, compdb.NAME), compdb.text_of(walk.graph, tree.objtree)
    )
    files.replace_if_changed(os.path.join(tree.objtree, KEPT), request.text())
    shell.save()
    last.replace(_seen(tree, walk, configuration), walk.memory)
    result = Result(
        tree, walk.graph, processes=walk.processes, evaluated=walk.memory.evaluated
    )
    if request.adopts:
        result.adopted = adopt.adopt(
            walk.graph, walk.locale_prefix(), tree.objtree,
            os.path.join(tree.objtree, STATE), request.environ,
        )
    return result


class _Last:
    """What the last run kept for the next, if it was asked the same."""

    def __init__(self, tree: KernelTree, wish: Mapping[str, object], shell: Shell) -> None:
        self.tree, self.wish, self.shell = tree, wish, shell
        self.stamp = stamp.read(self._path("stamp.json"), wish)
        self.changes = self.stamp.changes(shell) if self.stamp else None  # None: nothing holds

    def _path(self, name: str) -> str:
        return os.path.join(self.tree.objtree, STATE, name)

    def memory(self) -> Memory:
        """Return the records of the last run, as far as they may be used; to be called once the
        configuration is up to date."""
        memory = Memory()
        if self.stamp is not None and self.changes is not None:
            self.changes.files |= self.stamp.seen.changed_files(
                os.path.join(self.tree.objtree, path) for path in kconfig.WRITTEN
            )
            memory.load(self._path("records"), self.stamp.token, self.stamp.seen, self.changes)
            if os.path.join(self.tree.objtree, kconfig.ANSWERS) in self.changes.files:
                return memory.of_products()  # nearly every make reads it
            self.shell.take(self.stamp.shell, self.changes.commands)
        return memory

    def replace(self, seen: stamp.Seen, memory: Memory) -> None:
        """Keep what this run saw and did for the next."""
        data, token = memory.packed()
        files.replace(self._path("records"), data)
        stamp.write(
            self._path("stamp.json"), self.wish, stamp.Stamp(seen, self.shell.evidence(), token)
        )


def _wish(request: Request) -> dict[str, object]:
    """Return what a request is, as far as the answer can depend on it."""
    environ = {
        name: value for name, value in sorted(request.environ.items())
        if name not in protocol.USERS_ENVIRONMENT or name == "PATH"
    }
    return {
        "arguments": list(request.arguments), "options": request.options, "cwd": request.cwd,
        "environ": environ,
        "ninjagen": [[path, stamp.identity(path)] for path in _own_sources()],
    }


def _seen(tree: KernelTree, walk: Walk, configuration: Configuration) -> stamp.Seen:
    """Return what the evaluation saw of the machine, and what it left."""
    seen = walk.table.seen()
    seen.add_files(configuration.files)
    seen.add_files(os.path.join(tree.objtree, path) for path in kconfig.WRITTEN)
    seen.exists[os.path.join(tree.objtree, manifest.MANIFEST)] = True
    seen.exists[os.path.join(tree.objtree, manifest.DEPFILE)] = True
    seen.exists[os.path.join(tree.objtree, compdb.NAME)] = True
    if walk.thinlto.bitcode:
        seen.exists[os.path.join(tree.objtree, thinlto.PREDICTED)] = True
    return seen


# --- configuration ---


def _configure(
    request: Request, tree: KernelTree, shell: Shell, goals: Sequence[str]
) -> None:
    """Run configuration goals with the environment that the top Makefile gives them."""

    from ninjagen.kconfig.goals import run_goals  # with kconfiglib: 30 ms

    def handle(wanted: Sequence[str], environ: Mapping[str, str]) -> None:
        run_goals(wanted, tree.srctree, tree.objtree, environ, shell)

    for goal in goals:
        _walk_for_configuration(request, tree, shell, goal, handle)


def _synchronize(request: Request, tree: KernelTree, shell: Shell) -> Configuration:
    """Bring auto.conf and its like up to date with .config."""
    results: list[Configuration] = []

    def handle(wanted: Sequence[str], environ: Mapping[str, str]) -> None:
        results.append(sync(tree.srctree, tree.objtree, environ, shell))

    _walk_for_configuration(request, tree, shell, "syncconfig", handle)
    if not results:
        raise NinjagenError("the kernel's top Makefile did not reach scripts/kconfig")
    return results[0]


def _walk_for_configuration(
    request: Request, tree: KernelTree, shell: Shell, goal: str,
    handle: Callable[[Sequence[str], Mapping[str, str]], None],
) -> None:
    walk = Walk(
        FileTable(tree.srctree, tree.objtree, shell), say=request.say,
        complain=request.complain, configure=handle, only_configure=True,
    )
    _walk(request, tree, walk, [goal])


# --- the walk ---


def describe(
    request: Request, tree: KernelTree, shell: Shell, goals: Sequence[str],
    walk_type: Callable[..., Walk] = Walk, memory: Memory | None = None,
) -> Walk:
    """Walk from the goals; in an in-tree build once more if leftovers were mistaken for sources.

    Writes nothing. `walk_type` is for whoever wants to look on; `memory` has the last run's
    records.
    """
    table = _table(tree, shell)
    memory = memory or Memory()
    if table.in_tree:
        table.leftovers = memory.products()
    for _ in range(4):
        walk = _follow(request, tree, goals, table, walk_type, memory)
        table = walk.table
        if not table.misjudged():
            if request.distributes and not walk.thinlto.bitcode:
                walk.thinlto.distribute()
            return walk
        table, memory = table.again(set(table.products)), Memory()
    raise NinjagenError("the source tree holds files that cannot be told from products",
                        hint="remove what earlier builds left, or build with O=DIR")


def _follow(
    request: Request, tree: KernelTree, goals: Sequence[str], table: FileTable,
    walk_type: Callable[..., Walk], memory: Memory,
) -> Walk:
    """Walk from the goals, with as many of the last run's records as turn out to hold."""
    for tries in range(STALE_RECORDS + 1):
        walk = walk_type(table, say=request.say, complain=request.complain, memory=memory)
        # Records that hold are quicker than a scout; who looks on wants to see each make.
        walk.sends_scout = walk_type is Walk and memory.is_empty and not tries
        walk.thinlto.uses_dyndep = request.uses_dyndep
        walk.thinlto.is_ours = request.distributes
        try:
            _walk(request, tree, walk, goals)
            return walk
        except Stale as stale:
            table = table.again(table.leftovers)
            memory.forget(stale.record, all_of_them=tries == STALE_RECORDS - 1)
        finally:
            walk.scout.wait()
    raise AssertionError("without old records nothing is stale")


def _table(tree: KernelTree, shell: Shell) -> FileTable:
    table = FileTable(tree.srctree, tree.objtree, shell)
    for path in kconfig.WRITTEN:
        table.given.add(os.path.join(tree.objtree, path))
    return table


def _walk(request: Request, tree: KernelTree, walk: Walk, goals: Sequence[str]) -> None:
    """Evaluate the top Makefile for some goals, as `make O=objtree goals` in the source tree."""
    words = [word for word in request.assignments if not word.startswith("O=")]
    environ = dict(request.environ)
    environ.pop("KBUILD_OUTPUT", None)
    if not tree.in_tree:
        words.append(f"O={tree.objtree}")
    try:
        walk.follow([*words, *goals], environ, KernelWorld(tree.srctree, walk.table))
    except NinjagenError as error:
        for goal in goals:
            if error.message == f"*** No rule to make target '{goal}'.  Stop.":
                known = {"vmlinux", "defconfig", "tinyconfig", "olddefconfig"}
                raise NinjagenError(
                    f"unknown goal '{goal}'", hint=did_you_mean(goal, known)
                ) from None
        raise


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
    request: Request, tree: KernelTree, table: FileTable
) -> manifest.Regeneration:
    """Return how to make build.ninja again: the same command, in the same place."""
    inputs = tuple(os.path.relpath(path, tree.objtree) for path in table.deciding)
    # ninja, which runs this, has its logs open.
    return manifest.Regeneration(
        request.command(["--no-adopt", *request.arguments]), inputs,
        tuple(path for path, _ in helpers.programs()),
    )


def _programs(tree: KernelTree) -> list[str]:
    """See to it that the programs which commands call are there; return their paths."""
    found = []
    for path, text in helpers.programs():
        files.replace_if_changed(os.path.join(tree.objtree, path), text)
        found.append(path)
    return found


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
