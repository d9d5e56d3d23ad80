"""tools/cmddiff on a made-up pair of trees: what kbuild left, and our build.ninja."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

CMDDIFF = Path(__file__).parents[1] / "tools/cmddiff"

# What kbuild's recipe for `cc -DN="it's" -o a.o a.c # $x` saves, and how.
COMMAND = r"""cc  -DN="it'\''s" -o dir/a.o dir/a.c $(pound) $$x"""
CC = rf"./scripts/basic/fixdep dir/.a.o.d dir/a.o '{COMMAND}' > dir/.a.o.cmd;rm -f dir/.a.o.d"
SAVED_BY_FIXDEP = 'savedcmd_dir/a.o := cc  -DN="it\'s" -o dir/a.o dir/a.c $(pound) $$x\n'
AR = r"rm -f b.a; ar b.a; printf '%s\n' 'savedcmd_b.a := rm -f b.a; ar b.a' > ./.b.a.cmd"
# Several recipe lines in one edge are shells of their own.
LINE = r"""printf '%s\n' 'cmd_/o/tools/t.o := as "x y"' > /o/tools/.t.o.cmd"""
LINES = f"sh -c 'true' && sh -c {shlex.quote(LINE)}"


@pytest.fixture
def trees(tmp_path):
    kbuild, ours = tmp_path / "kbuild", tmp_path / "ours"
    write(kbuild / "dir/.a.o.cmd", SAVED_BY_FIXDEP + "\nsource_dir/a.o := dir/a.c\n")
    write(kbuild / ".b.a.cmd", "savedcmd_b.a := rm -f b.a;   ar b.a\n")
    write(kbuild / "tools/.t.o.cmd", f'cmd_{ours}/tools/t.o := as "x y"\n')
    write(kbuild / "include/config/auto.conf.cmd", "deps_config := Kconfig\n")
    write_edges(ours, CC, AR, LINES.replace("/o/", f"{ours}/"))
    return kbuild, ours


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def write_edges(ours: Path, *commands: str) -> None:
    rules = "".join(
        f"rule r{n}\n  command = {command.replace('$', '$$')}\nbuild out{n}: r{n}\n"
        for n, command in enumerate(commands)
    )
    write(ours / "build.ninja", rules)


def cmddiff(kbuild: Path, ours: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CMDDIFF), str(kbuild), "--ours", str(ours)]
    return subprocess.run(command, capture_output=True, text=True)


def test_equal(trees):
    done = cmddiff(*trees)
    assert done.stdout == (
        "3 of 3 commands equal (100.00 %), 0 differs, 0 missing, 0 extra, 0 by design\n"
    )
    assert done.returncode == 0


def test_shows_the_words_that_differ(trees):
    kbuild, _ = trees
    write(kbuild / ".b.a.cmd", "savedcmd_b.a := rm -f b.a; ar -x b.a\n")
    done = cmddiff(*trees)
    assert "differs: b.a\n    after   ar\n    kbuild  -x\n    ours    \n" in done.stdout
    assert "2 of 3 commands equal (66.67 %), 1 differs" in done.stdout
    assert done.returncode == 1


def test_a_quote_that_differs_is_a_difference(trees):
    kbuild, ours = trees
    write(kbuild / "tools/.t.o.cmd", f"cmd_{ours}/tools/t.o := as x y\n")
    assert cmddiff(*trees).returncode == 1


def test_missing_and_extra(trees):
    kbuild, _ = trees
    write(kbuild / "c/.theirs.cmd", "savedcmd_c/theirs := true\n")
    (kbuild / ".b.a.cmd").unlink()
    done = cmddiff(*trees)
    assert "missing: c/theirs\n" in done.stdout
    assert "extra: b.a\n" in done.stdout
    assert "2 of 3 commands equal (66.67 %), 0 differs, 1 missing, 1 extra" in done.stdout
    assert done.returncode == 1


def test_nothing_to_compare(trees, tmp_path):
    (tmp_path / "empty").mkdir()
    done = cmddiff(tmp_path / "empty", trees[1])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"cmddiff: no .cmd files in {tmp_path}/empty\n"
    assert cmddiff(trees[0], tmp_path / "empty").returncode == 2
