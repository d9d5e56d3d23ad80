"""tools/bench on a kernel of two files: what it runs, what it puts back, and what it shows.

The numbers of the real thing depend on the machine; here only that they are of the right command.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kernel import bench
from tests.kernel.bench import Bench, BenchError, FirstOpening, Row, shown, table
from tests.kernel.pair import Pair, with_options
from tests.kernel.trees import REPO

pytestmark = pytest.mark.builds

# Takes its time, as a compiler does, before it reads its source and after.
CC = """\
sleep $(cat ../delay)
cat "$2" > "$1"
sleep $(cat ../delay); sleep $(cat ../delay)
echo "  CC      $1"
"""

MAKEFILE = """\
vmlinux: fork.o .config ../linux/kernel/Makefile
	cp fork.o vmlinux; echo linked >> linked
fork.o: ../linux/kernel/fork.c
	sh ../cc fork.o ../linux/kernel/fork.c
kernel/fork.o: fork.o
"""

NINJA = """\
rule cc
  command = sh ../cc $out $in
  description = CC      $out
rule link
  command = cp fork.o vmlinux; echo linked >> linked
build fork.o: cc ../linux/kernel/fork.c
build kernel/fork.o: phony fork.o
build vmlinux: link fork.o | .config ../linux/kernel/Makefile
"""

DESCRIBE = """\
import pathlib, shutil, sys
tree = pathlib.Path(sys.argv[1])
(tree / ".ninjagen").mkdir(exist_ok=True)
if not (tree / ".ninjagen/shell.json").exists():
    with open(tree.parent / "asked", "a") as log:
        print(tree, file=log)
(tree / ".ninjagen/shell.json").write_text("{}")
if not (tree / "build.ninja").exists():
    shutil.copy(tree.parent / "build.ninja", tree)
"""


@dataclass(frozen=True)
class SmallPair(Pair):
    def make(self, *words, goal="vmlinux"):
        return ["make", "-C", str(self.theirs), *words, goal]

    def ninjagen(self, *words):
        return [sys.executable, str(self.ours.parent / "describe.py"), str(self.ours), *words]


@pytest.fixture
def pair(tmp_path) -> SmallPair:
    source, theirs, ours = (tmp_path / name for name in ("linux", "make", "out"))
    for directory in (source / "kernel", theirs, ours):
        directory.mkdir(parents=True)
    (source / "kernel/fork.c").write_text("int fork;\n")
    (source / "kernel/Makefile").write_text("obj-y += fork.o\n")
    (tmp_path / "cc").write_text(CC)
    (tmp_path / "delay").write_text("0")
    (theirs / "Makefile").write_text(MAKEFILE)
    (tmp_path / "build.ninja").write_text(NINJA)
    (tmp_path / "describe.py").write_text(DESCRIBE)
    for tree in (theirs, ours):
        (tree / ".config").write_text("CONFIG_ONE=y\n# CONFIG_SIGNALFD is not set\n")
    return SmallPair(source, theirs, ours)


@pytest.fixture
def settled(pair) -> Bench:
    made = Bench(pair, 3, "kernel/fork.c", "CONFIG_SIGNALFD")
    made.settle()
    return made


def links(tree: Path) -> int:
    return len((tree / "linked").read_text().splitlines())


def test_nothing(settled):
    settled.nothing()
    (row,) = settled.rows
    assert (len(row.theirs), len(row.ours)) == (3, 3)
    assert links(settled.pair.theirs) == links(settled.pair.ours) == 1


def test_touch_tells_when_the_compile_starts(settled):
    (settled.pair.ours.parent / "delay").write_text("0.2")
    settled.touch()
    starts, ends = settled.rows
    for begun, done in ((starts.theirs, ends.theirs), (starts.ours, ends.ours)):
        assert all(0.2 <= some < total - 0.2 for some, total in zip(begun, done, strict=True))
    assert links(settled.pair.theirs) == links(settled.pair.ours) == 4


def test_the_object_is_the_goal(settled):
    (settled.pair.ours.parent / "delay").write_text("0.02")
    settled.object()
    starts, ends = settled.rows
    assert [len(times) for row in (starts, ends) for times in (row.theirs, row.ours)] == [3] * 4
    assert links(settled.pair.theirs) == links(settled.pair.ours) == 2  # afterwards


def test_a_touch_leaves_a_link_alone(settled):
    source = settled.pair.source / "kernel/fork.c"
    before = source.stat().st_ino
    (settled.pair.ours.parent / "delay").write_text("0.02")
    settled.touch()
    assert source.stat().st_ino == before
    os.link(source, settled.pair.source / "other")
    os.utime(source, (10**9, 10**9))
    settled.touch()
    assert (settled.pair.source / "other").stat().st_mtime == 10**9


def test_sources_all_over_the_tree(settled):
    pair = settled.pair
    entries = [{"file": str(pair.source / name)} for name in ("a.S", "kernel/fork.c")]
    entries += [{"file": "/elsewhere/x.c"}, {"file": str(pair.source) + "2/y.c"}]
    (pair.ours / "compile_commands.json").write_text(json.dumps(entries))
    settled.touches()
    median, fork = settled.rows
    assert fork.what == "`kernel/fork.c`"
    assert len(fork.theirs) == len(fork.ours) == 3
    assert (median.theirs, median.ours) == (fork.theirs, fork.ours)
    assert links(pair.theirs) == links(pair.ours) == 4


@pytest.mark.parametrize(("count", "expected"), [(3, "012"), (9, "012345678"), (18, "13579bdfh")])
def test_sources_are_far_from_each_other(settled, count, expected):
    pair = settled.pair
    names = "0123456789abcdefgh"[:count]
    (pair.ours / "compile_commands.json").write_text(
        json.dumps([{"file": f"{pair.source}/{name}.c"} for name in names])
    )
    assert bench.sources_all_over(pair) == [f"{name}.c" for name in expected]


def test_nobody_compiles(settled):
    (settled.pair.theirs / "Makefile").write_text("vmlinux:\n")
    with pytest.raises(BenchError, match="nobody compiled"):
        settled.touch()


@pytest.mark.parametrize(
    "row", [Bench.edit, Bench.option_flipped, Bench.makefile_changed, Bench.header_touched]
)
def test_what_was_changed_is_put_back(settled, row):
    pair = settled.pair
    files = [*pair.source.rglob("*"), pair.theirs / ".config", pair.ours / ".config"]
    before = {path: path.read_text() for path in files if path.is_file()}
    settled.repeat = 1
    row(settled)
    settled.put_back()
    assert {path: path.read_text() for path in before} == before
    # Each turn was a change, and what went back at the end is built too.
    assert links(pair.theirs) == links(pair.ours) == 2 + (row is not Bench.header_touched)


def test_first(settled):
    settled.first()
    assert [(row.unit, len(row.ours)) for row in settled.rows] == [("s", 3)] * 2 + [("MB", 3)] * 2
    cold = settled.pair.ours.with_name("out.cold")
    assert not cold.exists()
    # All but the answers are forgotten in the second row.
    asked = (cold.parent / "asked").read_text().splitlines()
    assert asked == [str(settled.pair.ours)] + [str(cold)] * 3


def test_failure_shows_what_was_printed(settled):
    (settled.pair.theirs / "Makefile").write_text("vmlinux:\n\techo why; false\n")
    (settled.pair.theirs / "vmlinux").unlink()
    with pytest.raises(BenchError, match=r"(?s)^make -C .* failed:.*\nwhy\n"):
        settled.nothing()


def test_unchangeable_option(settled):
    settled.option = "CONFIG_OTHER"
    with pytest.raises(BenchError, match="CONFIG_OTHER is neither y nor n"):
        settled.option_flipped()


def test_option_that_does_not_stay_as_it_is_put(settled):
    """As one without a prompt: Kconfig puts it back, and nothing is flipped."""
    makefile = settled.pair.theirs / "Makefile"
    back = "sed -i 's/^CONFIG_SIGNALFD=y/# CONFIG_SIGNALFD is not set/' .config"
    makefile.write_text(makefile.read_text().replace("\tcp ", f"\t{back}; cp "))
    with pytest.raises(BenchError, match="CONFIG_SIGNALFD cannot be chosen"):
        settled.option_flipped()


def test_rows_are_told_at_once(settled, capsys):
    settled.option = "CONFIG_ABSENT"
    with pytest.raises(BenchError):
        settled.measure(["nothing", "option"])
    assert "| nothing changed | " in capsys.readouterr().err


def test_opening_is_noticed_and_its_absence_too(tmp_path):
    path = tmp_path / "x"
    path.write_text("")
    watch = FirstOpening(path)
    os.stat(path)
    assert watch.end() is None
    watch = FirstOpening(path)
    path.read_text()
    assert watch.end() is not None


def test_back_ends_are_counted():
    printed = "  CC      a.o\n[3/9]   CC      kernel/a.thinlto-native.o\n  CC  b.thinlto-native.o\n"
    run = bench.Run(0, printed, "", 1.0, 1.0)
    assert bench.Took(run).back_ends == 2


def test_table():
    rows = [
        Row("nothing", [3.0, 3.3, 9.0], [0.061, 0.06, 0.07]),
        Row("edit", [23.4], [2.34], back_ends=(471, 1)),
        Row("memory", [], [73.4], unit="MB"),
    ]
    assert table(rows).splitlines()[2:] == [
        "| nothing | 3.3 s | 0.06 s | 54 |",
        "| edit | 471 back ends, 23 s | 1 back end, 2.3 s | 10 |",
        "| memory |  | 73 MB |  |",
    ]
    assert [shown(value) for value in (0.0234, 0.5, 1.26, 9.94, 41.7)] == [
        "0.02", "0.50", "1.3", "9.9", "42",
    ]  # fmt: skip


def test_options_are_set_where_they_were():
    text = "# a comment\nCONFIG_A=y\n# CONFIG_AB is not set\n"
    assert with_options(text, {"CONFIG_A": "n", "CONFIG_AB": "y", "CONFIG_N": "7"}) == (
        "# a comment\n# CONFIG_A is not set\nCONFIG_AB=y\nCONFIG_N=7\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--tree", "."], "bench: --tree needs --make-tree\n  hint: "),
        (["--rows", "no"], "bench: unknown row 'no'\n  hint: nothing, "),
        (["--tree", ".", "--make-tree", "."], "is no object tree of a kernel\n  hint: "),
    ],
)
def test_wrong_requests(tmp_path, words, said):
    command = [sys.executable, "-m", "tests.kernel.bench", *words]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(REPO)}, capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
