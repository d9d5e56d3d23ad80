"""The stamp: what a run saw, and whether it is still so."""

from __future__ import annotations

import json
import os

import pytest

from ninjagen import stamp
from ninjagen.errors import NinjagenError
from ninjagen.shell import Shell

REQUEST = {"arguments": ["O=out", "\udcff"], "cwd": "/x"}


class Run:
    """A directory, what a run saw in it, and its stamp."""

    def __init__(self, directory) -> None:
        self.directory = directory
        self.path = str(directory / ".state" / "stamp.json")
        for name in "one.mk", "two.mk":
            (directory / name).write_text("text")
            os.utime(directory / name, (1000, 1000))
        self.seen = stamp.Seen(
            exists={self.full("there"): False, self.full("one.mk"): True},
            globs={self.full("*.mk"): [self.full("one.mk"), self.full("two.mk")]},
        )
        self.seen.add_files([self.full("one.mk"), self.full("missing.mk")])
        self.shell = Shell()
        stamp.write(self.path, REQUEST, stamp.Stamp(self.seen, self.shell.evidence(), "mine"))

    def full(self, name: str) -> str:
        return str(self.directory / name)

    def holds(self, request=REQUEST) -> bool:
        return holds(self.path, request)


def holds(path: str, request=REQUEST) -> bool:
    """Tell whether there is a stamp of the request, and nothing changed."""
    kept = stamp.read(path, request)
    if kept is None:
        return False
    changes = kept.changes(Shell())
    return changes is not None and not changes


@pytest.fixture
def run(tmp_path) -> Run:
    return Run(tmp_path)


def test_holds_while_nothing_changes(run):
    assert run.holds()
    assert run.holds()


def test_holds_for_this_request_only(run):
    assert not run.holds({**REQUEST, "cwd": "/y"})
    assert not run.holds({})


CHANGES = {
    "content": lambda run: (run.directory / "one.mk").write_text("other"),
    "time": lambda run: os.utime(run.full("one.mk"), (1001, 1001)),
    "time in nanoseconds": lambda run: os.utime(run.full("one.mk"), ns=(10**12, 10**12 + 1)),
    "file gone": lambda run: os.unlink(run.full("one.mk")),
    "file that was missing": lambda run: (run.directory / "missing.mk").touch(),
    "name appears": lambda run: (run.directory / "there").touch(),
    "pattern matches more": lambda run: (run.directory / "three.mk").touch(),
    "pattern matches less": lambda run: os.unlink(run.full("two.mk")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_change_is_noticed(run, change):
    change(run)
    assert not run.holds()


def test_changes_are_named_with_what_is_now(run):
    for change in CHANGES.values():
        change(run)
    changes = stamp.read(run.path, REQUEST).changes(Shell())
    assert changes == stamp.Changes(
        files={run.full("one.mk"), run.full("missing.mk")},
        exists={run.full("there"): True, run.full("one.mk"): False},
        globs={run.full("*.mk"): [run.full("missing.mk"), run.full("three.mk")]},
    )
    now = run.seen.now(changes)
    assert now.exists == {run.full("there"): True, run.full("one.mk"): False}
    assert now.globs == changes.globs


def test_file_that_nobody_looked_at_counts_as_changed(run):
    assert run.seen.changed_files([run.full("one.mk")]) == set()
    assert run.seen.changed_files([run.full("two.mk")]) == {run.full("two.mk")}


def test_token_comes_back(run):
    assert stamp.read(run.path, REQUEST).token == "mine"


def test_change_of_a_file_that_only_had_to_be_there_is_not(run):
    (run.directory / "two.mk").write_text("other text")
    assert run.holds()


def test_identity_of_nothing(tmp_path):
    assert stamp.identity(str(tmp_path / "nothing")) is None


def kept(run: Run) -> dict[str, object]:
    with open(run.path, encoding="utf-8") as file:
        return json.load(file)


@pytest.mark.parametrize(
    "name", ["format", "request", "identities", "exists", "globs", "shell"]
)
@pytest.mark.parametrize("value", ["missing", None, 77, [], [1], {"/no/such/file": 1}, "text"])
def test_broken_stamp_holds_nothing(run, name, value):
    content = kept(run)
    del content[name]
    if value != "missing":
        content[name] = value
    (run.directory / ".state/stamp.json").write_text(json.dumps(content))
    assert not holds(run.path)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", "\xff", "[" * 99999])
def test_file_that_is_no_stamp_holds_nothing(run, text):
    (run.directory / ".state/stamp.json").write_bytes(text.encode("latin-1"))
    assert not holds(run.path)


def test_missing_stamp_holds_nothing(run):
    os.unlink(run.path)
    assert not holds(run.path)


def test_stamp_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(NinjagenError, match="cannot write"):
        stamp.write(str(tmp_path / "file/stamp"), REQUEST, stamp.Stamp(stamp.Seen(), [[], [], []]))


# --- what the shell said ---


def evidence(*commands: str, cwd, **environ: str) -> list[object]:
    """Ask a shell; return what its answers rest on, as a stamp keeps it."""
    shell = Shell()
    for command in commands:
        shell.run(command, str(cwd), {"PATH": os.environ["PATH"], **environ})
    return json.loads(json.dumps(shell.evidence()))


def still_true(kept: list[object]) -> bool:
    return Shell().changed_commands(kept) == set()


def test_evidence_that_is_taken_over_is_evidence_again(tmp_path):
    kept = evidence("cat data 2> /dev/null", "ls *.mk", "ls *.txt", cwd=tmp_path)
    shell = Shell()
    shell.take(kept, {("ls *.txt", str(tmp_path))})
    assert shell.is_run_each_time("ls *.mk", str(tmp_path))
    looked, sought, repeated = json.loads(json.dumps(shell.evidence()))
    assert (looked, sought) == (kept[0], kept[1])
    assert repeated == [each for each in kept[2] if each[0] == "ls *.mk"]


def test_directory_that_the_run_makes_itself_is_no_change(tmp_path):
    """A word of a command may also name a directory of the object tree, made after it."""
    shell = Shell()
    shell.run("echo kernel", str(tmp_path), {"PATH": os.environ["PATH"]})
    (tmp_path / "kernel").mkdir()
    assert still_true(json.loads(json.dumps(shell.evidence())))


def test_answers_that_rest_on_nothing(tmp_path):
    kept = evidence("echo x", cwd=tmp_path)
    assert still_true(kept)
    assert still_true(evidence(cwd=tmp_path))


def test_file_that_a_command_names(tmp_path):
    (tmp_path / "data").write_text("1")
    kept = evidence("cat data", cwd=tmp_path)
    assert still_true(kept)
    os.utime(tmp_path / "data", (1000, 1000))
    assert not still_true(kept)


def test_file_that_a_command_named_in_vain(tmp_path):
    kept = evidence("cat data 2> /dev/null", cwd=tmp_path)
    assert still_true(kept)
    (tmp_path / "data").touch()
    assert not still_true(kept)


def test_tool_that_comes_first_on_the_path(tmp_path):
    path = f"{tmp_path}:{os.environ['PATH']}"
    kept = evidence("cat /dev/null", cwd=tmp_path, PATH=path)
    assert still_true(kept)
    (tmp_path / "cat").write_text("#!/bin/sh\n")
    (tmp_path / "cat").chmod(0o755)
    assert not still_true(kept)


def test_command_that_has_to_be_run_is_run_again(tmp_path):
    kept = evidence("ls *.mk; echo $FLAG", cwd=tmp_path, FLAG="x")
    shell = Shell()
    assert shell.changed_commands(kept) == set()
    assert shell.runs == 1
    (tmp_path / "a.mk").touch()
    assert Shell().changed_commands(kept) == {("ls *.mk; echo $FLAG", str(tmp_path))}


def test_answer_that_files_gave_before_a_command_changed_them(tmp_path):
    """What is kept is what was seen last: the next run begins with that."""
    kept = evidence("cat data; true", "echo 1 > data", "cat data", cwd=tmp_path)
    assert still_true(kept)
    (tmp_path / "data").unlink()
    assert not still_true(kept)
