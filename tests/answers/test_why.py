"""`-t why`: the chain from a target to what was done to the tree."""

from __future__ import annotations

import os
import time

import pytest

from tests.thinlto.lab import NINJAS

pytestmark = pytest.mark.builds

VMLINUX = ["vmlinux", "  <- built-in.a", "  <- kernel/built-in.a"]


@pytest.fixture(params=NINJAS.values(), ids=NINJAS)
def built(request, sample, monkeypatch):
    sample.ninja_program = request.param()
    place = os.path.dirname(sample.ninja_program)
    monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}")
    sample.describe()
    sample.ninja()
    return sample


def chain(sample, target="vmlinux") -> list[str]:
    """What is said, without times."""
    lines = sample.ask("why", target).splitlines()
    return [line.partition(" changed 2")[0] for line in lines]


def touch(path) -> None:
    """Give a file a time later than that of all others."""
    newest = time.time_ns() + 10**9
    os.utime(path, ns=(newest, newest))


def test_nothing(built):
    assert chain(built) == ["vmlinux is up to date"]
    assert chain(built, "kernel/") == ["kernel is up to date"]


def test_a_source_that_changed(built):
    touch(built.src / "kernel/time/clock.c")
    assert chain(built) == [
        *VMLINUX, "  <- kernel/time/built-in.a", "  <- kernel/time/clock.o: kernel/time/clock.c",
    ]
    said = built.ask("why", "kernel/time/clock.o")
    assert ", after it was made 20" in said


def test_an_option_that_changed(built):
    touch(built.out / "include/config/FAST")
    assert chain(built) == [
        *VMLINUX[:2], "  <- kernel/built-in.a  (and 2 more of its inputs)",
        "  <- kernel/fork.o: option CONFIG_FAST",
    ]


@pytest.mark.parametrize("target", ["kernel", "kernel/"])
def test_a_phony_name(built, target):
    touch(built.src / "kernel/time/clock.c")
    assert chain(built, target) == [
        "kernel", "  <- kernel/built-in.a", "  <- kernel/time/built-in.a",
        "  <- kernel/time/clock.o: kernel/time/clock.c",
    ]


def test_a_file_that_is_gone(built):
    (built.out / "kernel/fast.o").unlink()
    assert chain(built) == [*VMLINUX, "  <- kernel/fast.o: it does not exist"]


def test_a_file_that_was_never_made(built):
    assert chain(built, "kernel/fork.i") == ["kernel/fork.i: it does not exist"]


def test_a_makefile_that_changed_and_then_the_command(built):
    built.replace("kernel/Makefile", "-DFORK", "-DSPOON -DKNIFE=$$x")
    first, second = chain(built)
    assert first == "build.ninja is made again first: kernel/Makefile"
    assert second == "what that means for vmlinux can be told after: ninja build.ninja"
    built.ninja("build.ninja")
    assert chain(built) == [
        *VMLINUX, "  <- kernel/fork.o: its command is not the one it was made by",
        "       - -DFORK", "       + -DSPOON", "       + -DKNIFE=$x",
    ]


def test_words_in_another_order(built):
    built.replace("kernel/Makefile", "-DFORK -DNOT", "-DNOT -DFORK")
    built.replace("kernel/Makefile", "CFLAGS_REMOVE_fork.o += -DNOT", "")
    built.ninja()
    built.replace("kernel/Makefile", "-DNOT -DFORK", "-DFORK -DNOT")
    built.ninja("build.ninja")
    assert chain(built)[-1] == "       (the same words in another order)"


def test_a_command_of_which_nothing_was_kept(built):
    built.replace("kernel/Makefile", "-DFORK", "-DSPOON")
    built.ninja("build.ninja")
    (built.out / "kernel/.fork.o.cmd").unlink()
    assert chain(built)[-1] == "       (of what it was made by before, no words are kept)"


def test_a_record_that_is_lost(built):
    (built.out / ".ninjagen/.ninja_deps").unlink()
    said = chain(built, "kernel/fork.o")
    assert said == [
        "kernel/fork.o: ninja does not know what it was made from: ninja has not made it"
    ]


def test_a_log_that_is_lost(built):
    (built.out / ".ninjagen/.ninja_log").unlink()
    said = chain(built, "include/generated/version.h")
    assert said == [
        "include/generated/version.h: ninja does not know what it was made by: "
        "ninja has not made it"
    ]


def test_a_source_that_is_gone(built):
    (built.src / "kernel/fast.c").unlink()
    if "1.11" in built.ninja("--version"):  # later ones do not even begin
        assert chain(built)[-1] == "  <- kernel/fast.c: it does not exist"
        return
    said = built.ask("why", "vmlinux", status=1)
    assert "fast.c', needed by 'kernel/fast.o', missing and no known rule to make it" in said


def test_a_target_that_ninja_does_not_know(built):
    said = built.ask("why", "vmlinu", status=1)
    assert said == "ninjagen: error: unknown target 'vmlinu', " \
        "did you mean 'vmlinux'?\n"
