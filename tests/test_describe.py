"""A scout walks while Kconfig is read: it counts if auto.conf comes out as .config said."""

from __future__ import annotations

import os
import time
from collections import Counter

import pytest

from ninjagen import describe, generate
from ninjagen.errors import NinjagenError
from ninjagen.kbuild.memory import Memory
from ninjagen.kbuild.scout import Scout
from ninjagen.kconfig.expected import answers_of, expected_answers
from ninjagen.make import world
from tests.answers.sample import Sample
from tests.kconfig.tree import TITLE

pytestmark = pytest.mark.builds


@pytest.fixture
def learned(monkeypatch) -> list[int]:
    """What the walk has learned of its scout, who was faster."""
    numbers: list[int] = []
    learn, decide = Memory.learn, describe.Ahead.scout_if_right

    def noted(self, number, *rest):
        numbers.append(number)
        learn(self, number, *rest)

    def late(self, tree):
        self.scout.wait()
        return decide(self, tree)

    monkeypatch.setattr(Memory, "learn", noted)
    monkeypatch.setattr(describe.Ahead, "scout_if_right", late)
    return numbers


@pytest.fixture
def sample(tmp_path, capsys) -> Sample:
    made = Sample(tmp_path, capsys)
    made.describe()
    (made.out / ".ninjagen/stamp.json").unlink()
    return made


def text_of_one(sample: Sample, monkeypatch) -> str:
    """Describe with one process only."""
    with monkeypatch.context() as patched:
        patched.setattr(os, "sched_getaffinity", lambda pid: {0})
        (sample.out / ".ninjagen/stamp.json").unlink(missing_ok=True)
        sample.describe()
    return (sample.out / "build.ninja").read_text()


def test_scout_counts(sample, learned, monkeypatch):
    sample.describe()
    assert learned
    text = (sample.out / "build.ninja").read_text()
    learned.clear()
    assert text_of_one(sample, monkeypatch) == text
    assert not learned


def test_scout_does_not_count(sample, learned, monkeypatch):
    """What .config does not say has a default, and the makefiles ask for it."""
    (sample.out / ".config").write_text("")
    sample.describe()
    assert not learned
    text = (sample.out / "build.ninja").read_text()
    assert "kernel/fast.o" in text
    assert text_of_one(sample, monkeypatch) == text


def test_makefile_is_parsed_once_in_a_run(sample, monkeypatch):
    """But auto.conf, which Kconfig writes in between."""
    parsed: Counter[str] = Counter()
    parse = world.parse

    def counted(text, path, *rest, **more):
        parsed[path] += not rest  # what is parsed from a line on is an $(eval)
        return parse(text, path, *rest, **more)

    monkeypatch.setattr(world, "parse", counted)
    (sample.out / ".config").write_text("")
    text_of_one(sample, monkeypatch)
    again = {path for path, times in parsed.items() if times > 1}
    assert parsed[str(sample.src / "Makefile")] == 1
    assert {os.path.basename(path) for path in again} <= {"auto.conf", "auto.conf.cmd"}


def test_nothing_is_left_when_kconfig_fails(sample, monkeypatch):
    sample.replace("kernel/Makefile", "defines", "$(shell mkdir -p made/by/kernel)\ndefines")

    def fail(*arguments):
        while not (sample.out / "made/by/kernel").exists():
            time.sleep(0.01)
        raise NinjagenError("an error in a Kconfig file")

    monkeypatch.setattr(generate, "sync", fail)
    sample.run("-C", str(sample.src), f"O={sample.out}", status=1)
    assert not (sample.out / "made").exists()


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("goal", ["vmlinux", "nothing-like-it"])
def test_no_process_is_left(sample, monkeypatch, goal, counts):
    sent: list[int] = []
    send = Scout.send

    def noted(self, explore):
        send(self, explore)
        sent.append(self._pid)

    monkeypatch.setattr(Scout, "send", noted)
    if not counts:
        (sample.out / ".config").write_text("")
    sample.run("-C", str(sample.src), f"O={sample.out}", goal, status=int(goal != "vmlinux"))
    for process in sent:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    assert len(sent) == 1


@pytest.mark.parametrize("value", ["", "two words", 'a "quoted" \\ word', "a=b#c"])
def test_answers_are_expected(sample, value):
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    sample.write("Kconfig", TITLE + f'config TEXT\n\tstring "text"\n\tdefault "{quoted}"\n'
                 'config NUMBER\n\thex "number"\n\tdefault 0x1F\nconfig NO\n\tbool "no"\n')
    (sample.out / ".config").write_text("")
    sample.describe()
    found = expected_answers(str(sample.out), {})
    assert found is not None
    written = answers_of((sample.out / "include/config/auto.conf").read_text())
    assert answers_of(found) == written == {"CONFIG_TEXT": value, "CONFIG_NUMBER": "0x1F"}
