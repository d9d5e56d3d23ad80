"""Measures what people wait for, beside kbuild: both take turns on trees of one configuration.

    tools/bench [--repeat N] [--rows NAME,...] [--header FILE] [--option CONFIG_X]
                [--tree DIR --make-tree DIR] [VAR=VALUE]...

Without trees it takes the tests' reference builds of Linux 7.2, tinyconfig for x86_64, which are
built if they are not there: all rows on a plain one, and those of ThinLTO on a distributed one.
With trees of your own:

    ninjagen LLVM=1 O=out defconfig && ninjagen LLVM=1 O=out && ninja -C out vmlinux
    cp -a out out.make
    tools/bench --tree out --make-tree out.make LLVM=1

VAR=VALUE are the words that the tree was described with. Before it measures it builds both trees,
so that there is nothing to do. It edits sources and .config for a moment, and puts them back.

Each number is the median of N runs, and 0.1 s is no result on a machine that has other things to
do. "Until its compile starts" ends when the compiler opens the source, of which inotify tells at
once; make and ninja only ask for the file's time.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import re
import select
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path

from tests.kernel.imports import importers
from tests.kernel.ours import Machine, Run, run
from tests.kernel.pair import GOAL, Pair, both_built, option_of, with_options
from tests.kernel.reference import build_environment

SOURCE = "kernel/fork.c"
SOURCES = 9  # how many are touched all over the tree
MAKEFILE = "kernel/Makefile"
# Few objects of a tinyconfig include it, so that CI has the time: 120 of 500.
HEADER = "include/linux/poll.h"
OPTION = "CONFIG_SIGNALFD"

# What an edit adds to a source, and takes away again.
FUNCTION = "\nint bench_added(int x);\nint bench_added(int x)\n{\n\treturn x + 1;\n}\n"

BACK_END = re.compile(r"\bCC +\S+\.thinlto-native\.o")


class BenchError(Exception):
    """A request that cannot be done, and what to do instead."""


# ---- what is shown


@dataclass
class Row:
    """One thing people wait for: what it took with kbuild each time, and with us."""

    what: str
    theirs: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    unit: str = "s"
    back_ends: tuple[int, int] | None = None  # of distributed ThinLTO: how many ran

    def cells(self) -> list[str]:
        """The row of the table."""
        theirs, ours = ("",) * 2 if self.back_ends is None else map(counted, self.back_ends)
        return [self.what, self._cell(theirs, self.theirs), self._cell(ours, self.ours),
                self._ratio()]

    def _cell(self, count: str, values: list[float]) -> str:
        return f"{count}{shown(statistics.median(values))} {self.unit}" if values else ""

    def _ratio(self) -> str:
        if not self.theirs or not self.ours:
            return ""
        return shown(statistics.median(self.theirs) / statistics.median(self.ours))


def counted(back_ends: int) -> str:
    return f"{back_ends} back end{'s' * (back_ends != 1)}, "


def shown(value: float) -> str:
    """A number with as many digits as a measurement is worth."""
    digits = 0 if value >= 10 else 1 if value >= 1 else 2
    return f"{value:.{digits}f}"


def table(rows: Sequence[Row]) -> str:
    """Rows as Markdown."""
    return "| | make | ninjagen, ninja | ratio |\n| --- | --: | --: | --: |\n" + table_lines(rows)


def table_lines(rows: Sequence[Row]) -> str:
    """Rows as lines of such a table."""
    return "".join(f"| {' | '.join(row.cells())} |\n" for row in rows)


def circumstances(pair: Pair, repeat: int) -> str:
    """What the numbers depend on."""
    statements = len(re.findall(r"^build ", (pair.ours / "build.ninja").read_text(), re.M))
    config = (pair.ours / ".config").read_text()
    release = (pair.ours / "include/config/kernel.release").read_text().strip()
    compiler = re.search(r'^CONFIG_CC_VERSION_TEXT="(.*)"', config, re.M)
    lto = "distributed ThinLTO, " if is_distributed(pair) else ""
    model = re.search(r"^model name\s*: (.*)", Path("/proc/cpuinfo").read_text(), re.M)
    return (
        f"Linux {release}, {lto}{statements} build statements, {' '.join(pair.words)}."
        f" {date.today()}, {os.cpu_count()} cores, {model[1] if model else 'unknown processor'},"
        f" {said('make', '--version')}, ninja {said('ninja', '--version')},"
        f" {compiler[1] if compiler else 'unknown compiler'}. Median of {repeat}.\n"
    )


def said(*command: str) -> str:
    """The first line that a program prints."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()[0]


def is_distributed(pair: Pair) -> bool:
    """Whether the trees are of distributed ThinLTO."""
    return "CONFIG_LTO_CLANG_THIN_DIST=y\n" in (pair.ours / ".config").read_text()


# ---- what is measured


@dataclass(frozen=True)
class Took:
    """One command, and how long it took until a file was opened, if that was asked."""

    run: Run
    opened: float | None = None

    @property
    def back_ends(self) -> int:
        """How many back-end compiles it ran."""
        return len(BACK_END.findall(self.run.stdout))


class FirstOpening:
    """Notes when a file is opened first, while the caller does something else."""

    _IN_OPEN = 0x20  # inotify(7)

    def __init__(self, path: Path) -> None:
        self.at: float | None = None
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = libc.inotify_init1(os.O_CLOEXEC)
        if self._fd < 0 or libc.inotify_add_watch(self._fd, bytes(path), self._IN_OPEN) < 0:
            raise OSError(ctypes.get_errno(), "cannot watch", str(path))
        self._told, self._tell = os.pipe()
        self._thread = threading.Thread(target=self._wait)
        self._thread.start()

    def _wait(self) -> None:
        ready, _, _ = select.select([self._fd, self._told], [], [])
        if self._fd in ready:
            self.at = time.monotonic()

    def end(self) -> float | None:
        """Stop waiting; return when it was, or None if nobody opened the file."""
        os.close(self._tell)
        self._thread.join()
        os.close(self._told)
        os.close(self._fd)
        return self.at


class Bench:
    """The rows that can be measured on a pair of trees."""

    def __init__(self, pair: Pair, repeat: int, header: str, option: str) -> None:
        self.pair = pair
        self.repeat = repeat
        self.header = header
        self.option = option
        self.rows: list[Row] = []
        self._environment = build_environment()
        self._environment["PATH"] = os.pathsep.join(
            [os.path.dirname(sys.executable), self._environment["PATH"]]
        )
        self._originals: dict[Path, str] = {}

    # -- commands

    def _took(self, command: Sequence[str], watched: Path | None = None) -> Took:
        opening = FirstOpening(watched) if watched else None
        began = time.monotonic()
        try:
            done = run(command, self.pair.source, self._environment)
        finally:
            at = opening.end() if opening else None
        if done.status:
            end = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
            raise BenchError(f"{shlex.join(command)} failed:\n{end}")
        return Took(done, at - began if at else None)

    def settle(self) -> None:
        """Build both trees, unmeasured."""
        self._took(self.pair.make())
        self._took(self.pair.ninjagen())
        self._took(self.pair.ninja())

    def _turns(
        self, change: Callable[[int], None] = lambda turn: None, watched: str = "",
        ours: Sequence[str] | None = None, clean: Callable[[], None] = lambda: None,
        goal: str = GOAL,
    ) -> Iterator[tuple[Took, Took]]:
        """Make a change and measure both, taking turns in who is first."""
        path = self.pair.source / watched if watched else None
        for turn in range(self.repeat):
            change(turn)

            def make() -> Took:
                return self._took(self.pair.make(goal=goal), path)

            def ninja() -> Took:
                clean()
                return self._took(ours or self.pair.ninja(goal=goal), path)

            if turn % 2:
                our, their = ninja(), make()
            else:
                their, our = make(), ninja()
            yield their, our

    # -- changes that are put back

    def _put(self, path: Path, text: str) -> None:
        self._originals.setdefault(path, path.read_text())
        mode = path.stat().st_mode
        path.unlink()  # it may be a link to somebody else's
        path.write_text(text)
        path.chmod(mode)

    def put_back(self) -> None:
        """Give every file that was changed its text again."""
        for path, text in self._originals.items():
            if path.read_text() != text:
                self._put(path, text)

    def _there_and_back(self, texts: Mapping[Path, str]) -> Callable[[int], None]:
        """A change that gives files a text in one turn, and their own again in the next."""
        originals = {path: path.read_text() for path in texts}

        def change(turn: int) -> None:
            for path, text in originals.items():
                self._put(path, text if turn % 2 else texts[path])

        return change

    def _end_there_and_back(self) -> None:
        if self.repeat % 2:
            self.put_back()
            self.settle()

    def _add(self, what: str) -> Row:
        self.rows.append(Row(what))
        return self.rows[-1]

    def _record(self, row: Row, their: Took, our: Took) -> None:
        row.theirs.append(their.run.seconds)
        row.ours.append(our.run.seconds)
        if is_distributed(self.pair):
            row.back_ends = their.back_ends, our.back_ends

    def measure(self, names: Sequence[str]) -> str:
        """Measure rows; return the table, and what its numbers depend on."""
        self.settle()
        try:
            for name in names:
                print(f"--- {ROWS[name].__doc__}", file=sys.stderr, flush=True)
                known = len(self.rows)
                ROWS[name](self)
                # At once: whoever is tired of waiting has these.
                print(table_lines(self.rows[known:]), end="", file=sys.stderr, flush=True)
        finally:
            self.put_back()
        return f"{circumstances(self.pair, self.repeat)}\n{table(self.rows)}"

    # -- rows

    def nothing(self) -> None:
        """Nothing changed."""
        row = self._add("nothing changed")
        for their, our in self._turns():
            self._record(row, their, our)

    def touch(self) -> None:
        """A source touched: what comes out is the same."""
        self._started_and_done(f"`{SOURCE}` touched", GOAL)

    def _started_and_done(self, what: str, goal: str) -> None:
        starts = self._add(f"{what}: until its compile starts")
        row = self._add("until all is done")
        for (their_start, their), (our_start, our) in self._compiled(SOURCE, goal):
            starts.theirs.append(their_start)
            starts.ours.append(our_start)
            self._record(row, their, our)

    def _compiled(
        self, name: str, goal: str = GOAL
    ) -> Iterator[tuple[tuple[float, Took], tuple[float, Took]]]:
        """Touch a source and build, in turns; yield when the compiler opened it, and the rest."""
        for their, our in self._turns(lambda turn: self._touch(name), name, goal=goal):
            if their.opened is None or our.opened is None:
                raise BenchError(f"{name} was touched, and nobody compiled it")
            yield (their.opened, their), (our.opened, our)

    def touches(self) -> None:
        """Sources all over the tree touched, one after the other."""
        names = sources_all_over(self.pair)
        row = self._add(
            f"one of {len(names)} sources all over the tree touched: until its compile starts"
            " (median of them)"
        )
        for name in names:
            each = self._add(f"`{name}`")
            for their, our in self._compiled(name):
                each.theirs.append(their[0])
                each.ours.append(our[0])
            row.theirs += each.theirs
            row.ours += each.ours

    def object(self) -> None:
        """A source touched, and its object the goal."""
        goal = SOURCE.replace(".c", ".o")
        self._started_and_done(f"`{SOURCE}` touched, and `{goal}` the goal", goal)
        self.settle()

    def _touch(self, name: str) -> None:
        path = self.pair.source / name
        if path.stat().st_nlink == 1:
            path.touch()
        else:
            self._put(path, path.read_text())  # the file may be a link to somebody else's

    def edit(self) -> None:
        """A source edited."""
        self._edit(SOURCE, f"`{SOURCE}` edited, a function more or less")

    def _edit(self, name: str, what: str) -> None:
        row = self._add(what)
        path = self.pair.source / name
        for their, our in self._turns(self._there_and_back({path: path.read_text() + FUNCTION})):
            self._record(row, their, our)
        self._end_there_and_back()

    def header_touched(self) -> None:
        """A widely used header touched."""
        row = self._add("")
        for their, our in self._turns(lambda turn: self._touch(self.header)):
            self._record(row, their, our)
            objects = len(re.findall(r"\] +(?:CC|AS) ", our.run.stdout))
            row.what = f"`{self.header}` touched, {objects} objects include it"

    def option_flipped(self) -> None:
        """One option of the configuration flipped."""
        row = self._add(f"`{self.option}` set, or unset again")
        texts = {}
        for tree in (self.pair.theirs, self.pair.ours):
            text = (tree / ".config").read_text()
            texts[tree / ".config"] = with_option_flipped(text, self.option)
        for turn, (their, our) in enumerate(self._turns(self._there_and_back(texts))):
            for path, text in texts.items():
                put = option_line(text, self.option)
                if not turn % 2 and option_line(path.read_text(), self.option) != put:
                    raise BenchError(
                        f"{self.option} cannot be chosen in this configuration\n"
                        "  hint: --option CONFIG_OTHER"
                    )
            self._record(row, their, our)
        self._end_there_and_back()

    def makefile_changed(self) -> None:
        """A subdirectory's Makefile changed, to no effect: the build is described again."""
        row = self._add(f"`{MAKEFILE}` changed, to no effect")
        path = self.pair.source / MAKEFILE
        change = self._there_and_back({path: path.read_text() + "# A comment.\n"})
        for their, our in self._turns(change):
            self._record(row, their, our)
        self._end_there_and_back()

    def first(self) -> None:
        """The first description of a tree, nothing remembered; beside kbuild's empty build."""
        row = self._add("build.ninja made for the first time; make: nothing changed")
        again = self._add("the same, answers of the compiler remembered")
        peak, peak_again = (
            Row(f"peak memory {when}, the compilers it asks included", unit="MB")
            for when in ("then", "of the latter")
        )
        cold = self.pair.ours.with_name(self.pair.ours.name + ".cold")
        command = replace(self.pair, ours=cold).ninjagen()

        answers, numbers = cold / ".ninjagen/shell.json", count()

        def remove() -> None:
            for tree in cold.parent.glob(f"{cold.name}*"):
                shutil.rmtree(tree)

        def forget(all_of_it: bool) -> None:
            kept = b"" if all_of_it else answers.read_bytes()
            if cold.exists():
                # Removed at the end: ext4 is slow to make files when many went just before.
                cold.rename(cold.with_name(f"{cold.name}.{next(numbers)}"))
            answers.parent.mkdir(parents=True)
            if not all_of_it:
                answers.write_bytes(kept)
            shutil.copy(self.pair.ours / ".config", cold)

        remove()  # what a run left that was interrupted
        for way, memory, all_of_it in ((row, peak, True), (again, peak_again, False)):
            for their, our in self._turns(ours=command, clean=partial(forget, all_of_it)):
                way.theirs.append(their.run.seconds)
                way.ours.append(our.run.seconds)
                memory.ours.append(our.run.peak_mb)
        remove()
        self.rows += [peak, peak_again]

    def again(self) -> None:
        """A description asked for again, nothing changed."""
        row = self._add("`ninjagen`, nothing changed")
        row.ours = [self._took(self.pair.ninjagen()).run.seconds for _ in range(self.repeat)]

    def memory(self) -> None:
        """The memory of ninja."""
        row = Row("peak memory of ninja, nothing changed", unit="MB")
        row.ours = [self._took(self.pair.ninja()).run.peak_mb for _ in range(self.repeat)]
        self.rows.append(row)

    def worst(self) -> None:
        """Distributed ThinLTO: the source that most others import from, edited."""
        if not is_distributed(self.pair):
            return
        name, users = max(importers(self.pair.ours).items(), key=lambda item: len(item[1]))
        saved = self.pair.ours / re.sub(r"([^/]+)$", r".\1.cmd", name)
        source = re.search(r"^source_\S+ := (\S+)$", saved.read_text(), re.M)
        assert source, saved
        relative = os.path.relpath(self.pair.ours / source[1], self.pair.source)
        self._edit(relative, f"`{relative}` edited, {len(users)} objects import from it")


def sources_all_over(pair: Pair) -> list[str]:
    """Return some sources of the kernel, as far from each other as they are by name."""
    entries = json.loads((pair.ours / "compile_commands.json").read_text())
    inside = f"{pair.source}/"
    names = [
        entry["file"].removeprefix(inside) for entry in entries
        if entry["file"].startswith(inside) and entry["file"].endswith(".c")
    ]
    some = min(len(names), SOURCES)
    return [names[(2 * number + 1) * len(names) // (2 * some)] for number in range(some)]


def option_line(config: str, option: str) -> str:
    """The line of a .config that is of an option; one that it does not name is unset."""
    lines = (line for line in config.splitlines() if option_of(line) == option)
    return next(lines, f"# {option} is not set")


def with_option_flipped(config: str, option: str) -> str:
    """The text of a .config with an option set that was unset, or the other way round."""
    values = {f"{option}=y": "n", f"# {option} is not set": "y"}
    for line in config.splitlines():
        if line in values:
            return with_options(config, {option: values[line]})
    raise BenchError(
        f"{option} is neither y nor n in this configuration\n  hint: --option CONFIG_OTHER"
    )


ROWS: dict[str, Callable[[Bench], None]] = {
    "nothing": Bench.nothing,
    "touch": Bench.touch,
    "object": Bench.object,
    "touches": Bench.touches,
    "edit": Bench.edit,
    "header": Bench.header_touched,
    "option": Bench.option_flipped,
    "makefile": Bench.makefile_changed,
    "first": Bench.first,
    "again": Bench.again,
    "memory": Bench.memory,
    "worst": Bench.worst,
}
THINLTO_ROWS = ("nothing", "touch", "edit", "worst")


def report(arguments: argparse.Namespace) -> Iterator[str]:
    """Do what was asked; yield one table after the other."""
    names = arguments.rows.split(",") if arguments.rows else list(ROWS)
    if unknown := [name for name in names if name not in ROWS]:
        raise BenchError(f"unknown row '{unknown[0]}'\n  hint: {', '.join(ROWS)}")
    settings = arguments.repeat, arguments.header, arguments.option
    if arguments.tree:
        yield Bench(own_pair(arguments), *settings).measure(names)
        return
    with tempfile.TemporaryDirectory() as directory:
        machine = Machine(Path(directory))
        with both_built("7.2-llvm-beside", machine) as pair:
            yield Bench(pair, *settings).measure(names)
        if names := [name for name in names if name in THINLTO_ROWS]:
            with both_built("7.2-dist-beside", machine) as pair:
                yield Bench(pair, *settings).measure(names)


def own_pair(arguments: argparse.Namespace) -> Pair:
    """The trees that were named."""
    if not arguments.make_tree:
        raise BenchError("--tree needs --make-tree\n  hint: cp -a out out.make")
    trees = [Path(tree).resolve() for tree in (arguments.make_tree, arguments.tree)]
    for tree in trees:
        if not (tree / "source").is_dir():
            raise BenchError(
                f"{tree} is no object tree of a kernel\n  hint: ninjagen O={tree} defconfig"
            )
    theirs, ours = ((tree / ".config").read_text() for tree in trees)
    if theirs != ours:
        raise BenchError(f"{trees[0]} and {trees[1]} have different configurations")
    return Pair((trees[1] / "source").resolve(), *trees, tuple(arguments.words))


def main() -> int:
    """Run the tool."""
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=5, metavar="N")
    parser.add_argument("--rows", metavar="NAME,...", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--header", default=HEADER, metavar="FILE")
    parser.add_argument("--option", default=OPTION, metavar="CONFIG_X")
    parser.add_argument("--tree", metavar="DIR", help="an object tree that ninja has built")
    parser.add_argument("--make-tree", metavar="DIR", help="a copy of it, for make")
    parser.add_argument("words", nargs="*", metavar="VAR=VALUE")
    try:
        for text in report(parser.parse_args()):
            print(text, flush=True)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
