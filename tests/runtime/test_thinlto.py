"""What runs around distributed ThinLTO, with linkers and compilers made up for it."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from ninjagen import helpers


@pytest.fixture
def sh(tmp_path):
    """Run a shell command in the directory; return its status and what it said on stderr."""

    def run(command: str) -> tuple[int, str]:
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stderr

    return run


def program(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}")
    path.chmod(0o755)
    return shlex.quote(str(path))


def state(directory: Path) -> dict[str, tuple[str, int]]:
    """Return the text and the time of all files."""
    return {
        str(path.relative_to(directory)): (path.read_text(), path.stat().st_mtime_ns)
        for path in directory.rglob("*") if path.is_file()
    }


def grow_old(directory: Path) -> None:
    for path in directory.rglob("*"):
        os.utime(path, (1000, 1000))


# --- thin link ---

OBJECTS = ["a.o", "dir/b.o", "asm.o"]
BITCODE = ["a.o", "dir/b.o"]
# Like ld.lld: for each object of the response file that holds bitcode, an index beside where
# the prefix says, and its name in the index file. What the objects hold is copied.
LINKER = """
[ -e fails ] && exit 7
for word; do
	case $word in
	--thinlto-index-only=*) index=${word#*=} ;;
	--thinlto-prefix-replace=*) prefix=${word#*;} ;;
	@*) response=${word#@} ;;
	esac
done
echo "$@" > arguments
: > "$index"
while read -r name; do
	grep -q bitcode "$name" || continue
	mkdir -p "$prefix$(dirname "$name")"
	cp "$name" "$prefix$name.thinlto.bc"
	echo "$prefix$name" >> "$index"
done < "$response"
[ ! -e loses ] || : > "${prefix}a.o.thinlto.bc"
"""


class ThinLink:
    """A directory with objects, and a thin link of them."""

    def __init__(self, directory: Path, sh) -> None:
        self.directory, self.sh = directory, sh
        (directory / "dir").mkdir()
        for name in BITCODE:
            self.write(name, f"bitcode of {name}\n")
        self.write("asm.o", "native\n")
        self.write("rsp", "".join(f"{name}\n" for name in OBJECTS))
        self.write("order", "".join(f"{name}\n" for name in OBJECTS))
        self.write("predicted", "".join(f"{name}\n" for name in BITCODE))
        linker = program(directory / "ld", LINKER)
        words = f"{linker} -r --thinlto-index-only=index @order"
        self.command = helpers.thin_link_command(
            "rsp", "predicted", "index", "order", "stage", words
        )

    def write(self, name: str, text: str) -> None:
        (self.directory / name).write_text(text)

    def fails(self, *words: str) -> None:
        """Run; it fails, says these words, and changes no index."""
        before = {name: kept for name, kept in state(self.directory).items() if "stage" not in name}
        status, said = self.sh(self.command)
        assert status != 0
        for word in words:
            assert word in said
        after = state(self.directory)
        assert {name: after.get(name) for name in before if name != "arguments"} == {
            name: kept for name, kept in before.items() if name != "arguments"
        }


@pytest.fixture
def link(tmp_path, sh) -> ThinLink:
    return ThinLink(tmp_path, sh)


def test_first_thin_link(link, tmp_path):
    assert link.sh(link.command) == (0, "")
    assert (tmp_path / "index").read_text().split() == BITCODE
    for name in BITCODE:
        assert (tmp_path / f"{name}.thinlto.bc").read_text() == f"bitcode of {name}\n"
    assert not (tmp_path / "stage").exists()
    assert (tmp_path / "arguments").read_text().split() == [
        "-r", "--thinlto-index-only=stage/index", "--thinlto-prefix-replace=;stage/", "@rsp"
    ]


def test_only_what_differs_is_moved(link, tmp_path):
    link.sh(link.command)
    grow_old(tmp_path)
    link.write("dir/b.o", "other bitcode\n")
    assert link.sh(link.command) == (0, "")
    times = {name: time // 10**9 for name, (_, time) in state(tmp_path).items()}
    assert times["index"] == times["a.o.thinlto.bc"] == 1000
    assert times["dir/b.o.thinlto.bc"] > 1000
    assert (tmp_path / "dir/b.o.thinlto.bc").read_text() == "other bitcode\n"


def test_index_that_was_lost_is_made_again(link, tmp_path):
    link.sh(link.command)
    (tmp_path / "a.o.thinlto.bc").unlink()
    (tmp_path / "index").unlink()
    assert link.sh(link.command) == (0, "")
    assert (tmp_path / "a.o.thinlto.bc").exists() and (tmp_path / "index").exists()


def test_leftovers_of_a_killed_thin_link_do_not_count(link, tmp_path):
    (tmp_path / "stage/dir").mkdir(parents=True)
    link.write("stage/index", "x.o\n")
    assert link.sh(link.command) == (0, "")
    assert not (tmp_path / "stage").exists()


def test_failing_linker_leaves_everything(link, tmp_path):
    link.sh(link.command)
    link.write("a.o", "other bitcode\n")
    grow_old(tmp_path)
    link.write("fails", "")
    link.fails()
    assert link.sh(link.command)[0] == 7


def test_object_that_is_not_bitcode_after_all(link):
    link.sh(link.command)
    link.write("dir/b.o", "native\n")
    link.fails("missing: dir/b.o", "run ninjagen again")


def test_object_that_is_bitcode_unexpectedly(link):
    link.write("asm.o", "bitcode\n")
    link.fails("not expected: asm.o", "run ninjagen again")


def test_no_prediction(link, tmp_path):
    (tmp_path / "predicted").unlink()
    link.fails("not expected: a.o")


def test_objects_of_the_archive_are_not_those_expected(link, tmp_path):
    link.write("order", "a.o\nnew.o\nasm.o\n")
    link.fails("not expected: new.o", "missing: dir/b.o")
    assert not (tmp_path / "arguments").exists()  # it was not even linked


def test_objects_in_another_order(link):
    link.write("order", "dir/b.o\na.o\nasm.o\n")
    link.fails("order of the list of objects")


def test_linker_that_writes_no_index_for_an_object(link):
    link.write("loses", "")
    link.fails("no index for a.o")


# --- dyndep ---


def test_dyndep_names_the_native_objects(sh, tmp_path):
    (tmp_path / "index").write_text("a.o\ndir/b.o\n")
    assert sh(helpers.dyndep_command("v.dd", "index", "v$:.a".replace("$", "\\$"))) == (0, "")
    assert (tmp_path / "v.dd").read_text() == (
        "ninja_dyndep_version = 1\n"
        "build v$$$:.a: dyndep | a.thinlto-native.o dir/b.thinlto-native.o\n"
    )
    assert sorted(os.listdir(tmp_path)) == ["index", "v.dd"]


def test_dyndep_of_nothing(sh, tmp_path):
    (tmp_path / "index").write_text("")
    assert sh(helpers.dyndep_command("v.dd", "index", "v.a")) == (0, "")
    assert (tmp_path / "v.dd").read_text() == "ninja_dyndep_version = 1\nbuild v.a: dyndep\n"


def test_dyndep_without_index_leaves_nothing(sh, tmp_path):
    assert sh(helpers.dyndep_command("v.dd", "index", "v.a"))[0] != 0
    assert os.listdir(tmp_path) == []


# --- back end ---

NM = 'if [ "$1" = --defined-only ]; then shift; fi; grep "^ *T " "$1"; true\n'
SYMBOLS = "T f\n"


@pytest.fixture
def backend(sh, tmp_path):
    """Run a back end whose compiler is this shell text; return status, stderr and what is left."""

    def run(compiler: str, bitcode: str = SYMBOLS) -> tuple[int, str, list[str]]:
        (tmp_path / "a.bc").write_text(bitcode)
        (tmp_path / "a.native.o").write_text("of an earlier build\n")
        program(tmp_path / "nm", NM)
        nm = f"env X=1 {tmp_path}/nm"  # what kbuild calls NM may be several words
        prefix = helpers.backend_prefix("a.native.o", "a.bc", nm)
        status, said = sh(f"{prefix} {program(tmp_path / 'cc', compiler)} -c 'a b' a.bc")
        return status, said, sorted({*os.listdir(tmp_path)} - {"nm", "cc", "a.bc"})

    return run


def test_good_object(backend, tmp_path):
    compiler = 'echo "warning: $2" >&2; echo "T f" > a.native.o'
    assert backend(compiler) == (0, "warning: a b\n", ["a.native.o"])
    assert (tmp_path / "a.native.o").read_text() == SYMBOLS


def test_object_without_symbols_of_bitcode_without_symbols(backend):
    assert backend("echo data > a.native.o", "metadata\n") == (0, "", ["a.native.o"])


@pytest.mark.parametrize(
    ("compiler", "complaint"),
    [
        (": > a.native.o", "the object is empty"),
        ("rm a.native.o", "the object is empty"),
        ("echo data > a.native.o", "the object has no symbols"),
        ("echo T f > a.native.o; echo 'Error loading imported file b.o' >&2", "its index"),
        ("echo T f > a.native.o; echo 'x: Error running ThinLTO backend: y' >&2", "its index"),
    ],
)
def test_compiler_that_claims_success(backend, compiler, complaint):
    status, said, left = backend(compiler)
    assert status == 1
    assert "a.native.o: " in said and complaint in said
    assert left == []


@pytest.mark.parametrize(("ending", "status"), [("exit 3", 3), ("kill -9 $$", 137)])
def test_compiler_that_fails(backend, ending, status):
    compiler = f"echo oops >&2; echo T f > a.native.o; {ending}"
    got, said, left = backend(compiler)
    assert (got, left) == (status, [])
    assert "oops" in said and "backend:" not in said
