"""What build.ninja was made from, whatever its name: the oldest and the newest ninja look at it."""

from __future__ import annotations

import os
import subprocess
import time

import pytest

from ninjagen.graph import Edge, Graph
from ninjagen.ninja import manifest
from tests.thinlto.lab import NINJAS

pytestmark = pytest.mark.builds

NOTHING = "ninja: no work to do."
# Each printable character, and what is not, where a parser could end a name at it.
ODD = [chr(code) for code in range(33, 127) if not chr(code).isalnum() and chr(code) not in "/|"]
ODD += ["$$", "\\#", "\t", "  ", "\\ ", "$ ", "é", "“", "x: y"]
NAMES = [f"{start}{odd}{end}" for odd in ODD for start in ("", "a") for end in ("", "b")]
NAMES = [name for name in NAMES if name not in {".", ".."}]


@pytest.fixture(params=NINJAS.values(), ids=NINJAS)
def ninja(request: pytest.FixtureRequest, tmp_path):
    """Run ninja in a directory; return what it says."""
    program = request.param()

    def run() -> str:
        done = subprocess.run(
            [program, "-d", "explain"], cwd=tmp_path, stdout=subprocess.PIPE, check=False,
            stderr=subprocess.STDOUT, text=True,
        )
        assert done.returncode == 0, done.stdout[-2000:]
        return done.stdout

    return run


@pytest.fixture
def described(tmp_path) -> dict[str, str]:
    """Files that a build.ninja was made from, by name. Making it again brings those back that were
    gone, and takes the time."""
    (tmp_path / "from").mkdir()
    (tmp_path / "gone").mkdir()
    found = {}
    for name in NAMES:
        found[name] = f"{tmp_path}/from/{name}"
        with open(found[name], "w", encoding="ascii"):
            pass
    plain, watched = manifest.split_by_depfile(["/", *found.values()])
    assert len(plain) + len(watched) == 1 + len(NAMES)
    (tmp_path / ".ninjagen").mkdir()
    (tmp_path / manifest.DEPFILE).write_text(manifest.depfile_text(plain))
    graph = Graph()
    graph.add(Edge("r", ("all",), "touch all"))
    again = "mv gone/* from; echo REMADE; touch build.ninja"
    (tmp_path / "build.ninja").write_text(manifest.text_of(
        graph, "", ["all"], manifest.Regeneration(again, watched=tuple(watched)),
    ))
    return found


def test_nothing_changed(ninja, described):
    ninja()
    assert ninja().strip() == NOTHING


def test_each_that_changes_is_seen(ninja, described):
    ninja()
    assert ninja().strip() == NOTHING
    for path in described.values():
        time.sleep(0.008)  # newer than build.ninja, also for a coarse clock
        os.utime(path)
        assert "REMADE" in ninja(), path
        assert ninja().strip() == NOTHING, path


def test_missing_one_is_no_error(ninja, described):
    ninja()
    for name in ("a~b", "a'b", "a$b", "a#"):
        os.rename(described[name], described[name].replace("/from/", "/gone/"))
        assert "REMADE" in ninja(), name
        assert ninja().strip() == NOTHING, name
