"""ninja's logs, as the newest and the oldest ninja write and read them."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
from array import array
from pathlib import Path

import pytest

from ninjagen.graph import Edge, Graph
from ninjagen.ninja import log, manifest
from tests.thinlto.lab import NINJAS

pytestmark = pytest.mark.builds


class Ninja:
    """A directory, and one ninja first on PATH."""

    def __init__(self, program: str, directory: Path) -> None:
        self.directory = directory
        self.environ = {"PATH": f"{Path(program).parent}{os.pathsep}{os.environ['PATH']}"}

    def run(self, *words: str) -> str:
        done = subprocess.run(
            ["ninja", *words], cwd=self.directory, env=self.environ, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path


@pytest.fixture(params=NINJAS.values(), ids=NINJAS)
def ninja(request: pytest.FixtureRequest, tmp_path) -> Ninja:
    return Ninja(request.param(), tmp_path)


# ---- .ninja_log


NAMES = [chr(first) for first in range(ord("a"), ord("z"))]  # short ones for short commands
NAMES += [f"{first}{second}" for first in NAMES for second in NAMES]


def commands_of_each_length() -> dict[str, str]:
    """Commands from the shortest to that of a kernel object, by the file they make."""
    rng = random.Random(1)
    lengths = [*range(3, 200), *(rng.randrange(200, 20_000) for _ in range(40))]
    found = {}
    for number, length in enumerate(lengths):
        name = NAMES[number]
        letters = "abcxyz_/-." if length < 200 else "abcxyz_/-.é\\"
        start = f":>{name}" + " " * (length > 3)
        found[name] = start + "".join(rng.choices(letters, k=length - len(start)))
    assert {len(command) for command in found.values()} >= set(range(3, 200))
    return found


def test_hash_is_ninjas(ninja):
    commands = commands_of_each_length()
    edges = (f"build {name}: r\n  c = {command}\n" for name, command in commands.items())
    ninja.write("build.ninja", "rule r\n  command = $c\n" + "".join(edges))
    ninja.run("-j1")
    dialect = log.dialect_of(ninja.environ)
    theirs = log.read_log(str(ninja.directory / log.LOG))
    assert theirs.version == dialect.version
    hashes = {entry.output: entry.command_hash for entry in theirs.entries()}
    assert hashes == {
        name: dialect.hash_of(command.encode()) for name, command in commands.items()
    }


def test_entries_are_written_as_ninja_does(ninja):
    ninja.write("build.ninja", "rule r\n  command = :>$out\nbuild a$ b: r\nbuild c: r\n")
    ninja.run()
    theirs = log.read_log(str(ninja.directory / log.LOG))
    entries = list(theirs.entries())
    assert {entry.output for entry in entries} == {"a b", "c"} == theirs.outputs()
    assert log.empty_log(theirs.version).with_entries(entries) == theirs.text


def test_cut_off_entry_is_passed_over():
    text = "# ninja log v7\n1\t2\t3\ta\tff\n1\t2\t3\tb"
    cut = log.Log(text, 7)
    assert cut.outputs() == {"a"}
    more = log.Entry("c", 0, 0, 5, 16)
    assert cut.with_entries([more]) == text + "\n0\t0\t5\tc\t10\n"


@pytest.mark.parametrize("text", ["", "# ninja log vx\n", "1\t2\t3\ta\tff\n"])
def test_another_file_is_no_log(text, tmp_path):
    (tmp_path / "log").write_text(text)
    with pytest.raises(log.Unknown):
        log.read_log(str(tmp_path / "log"))


@pytest.mark.parametrize(
    "program",
    [
        "", "exit 1", ":", "printf '# ninja log v9\\n' > .ninja_log",
        "printf '# ninja log v9\\n0\\t1\\t2\\tout\\tff\\n' > .ninja_log",
    ],
)
def test_unknown_dialect(tmp_path, program):
    if program:
        (tmp_path / "ninja").write_text(f"#!/bin/sh\n{program}\n")
        (tmp_path / "ninja").chmod(0o755)
    assert log.dialect_of({"PATH": str(tmp_path)}) is None


# ---- the command that has the hash

EDGES = (
    Edge("plain", ("out/a",), "  echo $$V \"$V\" '#' ${V}\t> out/a", inputs=("in",)),
    Edge("odd", ("d i r/it's $x",), "cat in > 'd i r/it'\\''s $x'", inputs=("in",)),
    Edge("two", ("b", "c"), "for f in b c; do\ncat in > $f; done", inputs=("in",), keeps_same=True),
    Edge("cc", ("o.o",), "cat in > o.o", inputs=("in",), keeps_same=True, saved="cc", depfile=".d"),
    Edge("upd", ("e",), "cp in e", inputs=("in",), restat=True, removes_failed=False),
    Edge("list", ("f", "g"), "cp .rsp f; cp f g; :> h", inputs=("in", "d i r/it's $x"),
         implicit_outputs=("h",), rspfile=".rsp"),
)


@pytest.mark.parametrize("prefix", ["", "unset X; export LC_ALL='C $V'; "])
def test_command_is_the_one_that_ninja_has_the_hash_of(ninja, prefix):
    graph = Graph()
    for edge in EDGES:
        graph.add(edge)
    ninja.write("in", "1\n")
    ninja.write(".d", "o.o: in\n")
    names = [edge.outputs[0] for edge in EDGES]
    graph.add_phony("all", tuple(names))
    ninja.write("build.ninja", manifest.text_of(graph, prefix, ["all"]))
    ninja.run()
    dialect = log.dialect_of(ninja.environ)
    theirs = log.read_log(str(ninja.directory / ".ninjagen" / log.LOG))
    assert {entry.output: entry.command_hash for entry in theirs.entries()} == {
        output: dialect.hash_of(manifest.command_of(edge, prefix).encode())
        for edge in EDGES for output in edge.all_outputs
    }


# ---- .ninja_deps


def build_with_depfiles(ninja: Ninja, outputs: str) -> None:
    """Let ninja make outputs of which each has a depfile that names in1, in22, in333, in4444."""
    named = "in1 in22 in333 in4444"
    for name in named.split():
        ninja.write(name, "")
    ninja.write(
        "build.ninja",
        f"rule cc\n  command = cat $in > $out; echo $out: $in {named} > $out.d\n"
        "  depfile = $out.d\n  deps = gcc\n"
        + "".join(f"build {name}: cc in1\n" for name in outputs),
    )
    ninja.run()


def test_outputs_are_found_by_whole_names():
    text = "# ninja log v5\n1\t2\t3\ta/vmlinux\tff\n4\t5\t6\tvmlinux.o\t1f\n"
    known = log.Log(text, 5)
    assert known.outputs() == {"a/vmlinux", "vmlinux.o"}
    names = ["a/vmlinux", "vmlinux.o", "vmlinux", "a", "ff", ""]
    assert [known.names(name) for name in names] == [True, True, False, False, False, False]


def test_names_have_ninjas_numbers(ninja):
    build_with_depfiles(ninja, "ab")
    path = str(ninja.directory / log.DEPS)
    deps = log.read_deps(path)
    assert set(deps.numbers) == {b"a", b"b", b"in1", b"in22", b"in333", b"in4444"}
    assert deps.data() == Path(path).read_bytes()
    assert [deps.number(name) for name in deps.numbers] == list(range(6))
    assert deps.number(b"new") == 6 == deps.number(b"new")


@pytest.mark.parametrize("before", ["", "ab"])
def test_ninja_reads_what_is_added(ninja, before):
    """Also after what ninja wrote itself, and ninja goes on after that."""
    deps = log.DepsLog()
    if before:
        build_with_depfiles(ninja, before)
        deps = log.read_deps(str(ninja.directory / log.DEPS))
    said = ninja.run("-t", "deps", *before) if before else ""
    names = [b"in22", b"gen/longer", b"x"]
    deps.add("c", 12345, array("i", map(deps.number, names)))
    deps.add("d", 12345, array("i", [deps.number(b"x")]))
    ninja.write(log.DEPS, deps.data())
    for name in "cd":
        ninja.write(name, "")
        os.utime(ninja.directory / name, ns=(12345, 12345))
    rule = "rule cc\n  command = :\n  depfile = $out.d\n  deps = gcc\n"
    ninja.write("build.ninja", rule + "".join(f"build {name}: cc in1\n" for name in before + "cd"))
    more = ninja.run("-t", "deps", "c", "d")
    assert more == (
        "c: #deps 3, deps mtime 12345 (VALID)\n    in22\n    gen/longer\n    x\n\n"
        "d: #deps 1, deps mtime 12345 (VALID)\n    x\n\n"
    )
    if before:
        assert ninja.run("-t", "deps", *before) == said
    build_with_depfiles(ninja, "e")
    assert "premature" not in ninja.run("-t", "deps", "c", "e")
    assert set(log.read_deps(str(ninja.directory / log.DEPS)).numbers) >= {b"x", b"e"}


def test_log_that_is_cut_off_is_unknown(ninja):
    build_with_depfiles(ninja, "ab")
    path = ninja.directory / log.DEPS
    whole = path.read_bytes()
    ends = 0
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with contextlib.suppress(log.Unknown):
            log.read_deps(str(path))
            ends += 1
    assert ends == 8  # six names and two lists: the log was whole before each of them


def test_names_in_disorder(ninja):
    build_with_depfiles(ninja, "a")
    path = ninja.directory / log.DEPS
    header, records = path.read_bytes()[:16], path.read_bytes()[16:]
    path.write_bytes(header + records + records)
    with pytest.raises(log.Unknown):
        log.read_deps(str(path))


def test_records_of_another_version(tmp_path):
    (tmp_path / "deps").write_bytes(b"# ninjadeps\n\x03\0\0\0")
    with pytest.raises(log.Unknown):
        log.read_deps(str(tmp_path / "deps"))
