"""A scout walks while Kconfig is read: it counts as far as auto.conf comes out as .config said."""

from __future__ import annotations

import os
import time
from collections import Counter

import pytest

from ninjagen import describe, generate
from ninjagen.errors import NinjagenError
from ninjagen.kbuild.memory import Memory
from ninjagen.kbuild.scout import Scout
from ninjagen.kbuild.walk import Walk
from ninjagen.kconfig.expected import answers_of, expected_answers
from ninjagen.make import world
from tests.answers.sample import Sample
from tests.kconfig.tree import TITLE

pytestmark = pytest.mark.builds


@pytest.fixture
def learned(monkeypatch) -> list[int]:
    """What the walk has learned of its scout, who was faster."""
    numbers: list[int] = []
    learn, decide, send_again = Memory.learn, describe.Ahead.surprises, Scout.send_again

    def noted(self, number, *rest):
        numbers.append(number)
        learn(self, number, *rest)

    def late(self, tree):
        self.scout.wait()
        return decide(self, tree)

    def sent_again(self):
        send_again(self)
        self.wait()

    monkeypatch.setattr(Memory, "learn", noted)
    monkeypatch.setattr(describe.Ahead, "surprises", late)
    monkeypatch.setattr(Scout, "send_again", sent_again)
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


@pytest.mark.parametrize(
    ("missing", "asked", "taken"),
    [
        pytest.param("ONE", "$(CONFIG_TWO)", [".", "kernel", "kernel/time"],
                     id="nobody asks for it"),
        pytest.param("ONE", "$(CONFIG_ONE)", [".", "kernel"], id="one directory asks for it"),
        pytest.param("ONE", "$(filter CONFIG_O%,$(.VARIABLES))", [".", "kernel"],
                     id="one directory asks for all there are"),
        pytest.param("FAST", "$(CONFIG_ONE)", ["kernel", "kernel/time"],
                     id="flags depend on it, and so the environment: it is sent again"),
    ],
)
@pytest.mark.parametrize("options", [5, 20])
def test_scout_was_told_otherwise(
    sample, learned, monkeypatch, missing, asked, taken, options
):
    """What .config does not say has a default. A short auto.conf is read as any file."""
    names = ["FAST", "ONE", "TWO", *(f"MORE_{number}" for number in range(options))]
    sample.write("Kconfig", TITLE + "".join(
        f'config {name}\n\tbool "{name}"\n\tdefault y\n' for name in names
    ))
    sample.replace("kernel/time/Makefile", "obj-y", f"defines := {asked}\nobj-y")
    (sample.out / ".config").write_text(
        "".join(f"CONFIG_{name}=y\n" for name in names if name != missing)
    )
    again, found = Walk._again, []

    def noted(self, old, world):
        found.extend(word[4:] for word in old.call.arguments if word.startswith("obj="))
        return again(self, old, world)

    monkeypatch.setattr(Walk, "_again", noted)
    sample.describe()
    assert learned
    assert sorted(found) == (taken if options > 16 or missing == "FAST" else [])
    text = (sample.out / "build.ninja").read_text()
    assert "kernel/fast.o" in text
    assert text_of_one(sample, monkeypatch) == text


def test_scout_was_told_otherwise_of_what_others_asked_for(sample, learned, monkeypatch):
    """kernel/ asks for a file that its subdirectory turns out to make: the walk begins again."""
    sample.write("Kconfig", TITLE + "".join(
        f'config {name}\n\tbool "{name}"\n\tdefault y\n'
        for name in ("FAST", "ONE", *(f"MORE_{number}" for number in range(20)))
    ))
    sample.replace("kernel/Makefile", "obj-y", "asked := $(wildcard kernel/time/one.o)\nobj-y")
    sample.write("kernel/time/Makefile", "obj-y := clock.o\nobj-$(CONFIG_ONE) += one.o\n")
    sample.write("kernel/time/one.c", "int one;\n")
    sample.describe()
    (sample.out / ".ninjagen/stamp.json").unlink()
    config = (sample.out / ".config").read_text()
    (sample.out / ".config").write_text(config.replace("CONFIG_ONE=y\n", ""))
    forgotten, forget = [], Memory.forget

    def noted(self, record, all_of_them):
        forgotten.append(record.call.arguments[-1])
        forget(self, record, all_of_them)

    monkeypatch.setattr(Memory, "forget", noted)
    sample.describe()
    assert learned
    assert forgotten == ["need-modorder="]
    text = (sample.out / "build.ninja").read_text()
    assert "kernel/time/one.o" in text
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

    def noted(self, explore, again=None):
        send(self, explore, again)
        sent.append(self._pid)

    monkeypatch.setattr(Scout, "send", noted)
    if not counts:
        (sample.out / ".config").write_text("")
    sample.run("-C", str(sample.src), f"O={sample.out}", goal, status=int(goal != "vmlinux"))
    for process in sent:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    assert 1 <= len(sent) <= (1 if counts else 2)  # again, if it was soon enough to be wrong


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
