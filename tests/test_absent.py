"""ninja sees it when a file appears that a makefile takes if it is there."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ninjagen import absent
from tests.answers.sample import Sample
from tests.thinlto.lab import NINJAS

pytestmark = pytest.mark.builds

NOTHING = "ninja: no work to do.\n"
LOOKS = "CHK     for new makefiles"
DESCRIBES = "GEN     build.ninja"
OBJECT = "kernel/fork.o"


def sample_in(directory: Path, capsys, ninja: str) -> Sample:
    """Return a tree that ninja has built."""
    directory.mkdir(exist_ok=True)
    made = Sample(directory, capsys)
    made.ninja_program = ninja
    made.replace("kernel/Makefile", "obj-y :=",
                 "-include $(srctree)/extra/more/flags.mk /no-such-makefile\n"
                 "ccflags-y += $(notdir $(wildcard $(srctree)/odd/*.flags))\nobj-y :=")
    made.describe()
    settle(made)
    return made


def settle(sample: Sample) -> str:
    """Build, and see that nothing is left to do; return what ninja said."""
    said = sample.ninja("vmlinux")
    assert sample.ninja("vmlinux") == NOTHING
    return said


@pytest.fixture(params=NINJAS.values(), ids=NINJAS)
def built(request, tmp_path, capsys):
    return sample_in(tmp_path, capsys, request.param())


def command(sample: Sample) -> str:
    """Return the words that the object was compiled with."""
    return (sample.out / OBJECT).read_text().splitlines()[0]


def added(sample: Sample, name: str, text: str) -> str:
    """Write a file, which nothing but its directory's time tells of; return what ninja says."""
    sample.write(name, text)
    return settle(sample)


def test_a_makefile_appears_and_goes(built):
    text = (built.src / "kernel/Makefile").read_text()
    said = added(built, "kernel/Kbuild", f"{text}ccflags-y += -DNEW\n")
    assert LOOKS in said and DESCRIBES in said and OBJECT in said
    assert "-DNEW" in command(built)
    (built.src / "kernel/Kbuild").unlink()
    assert DESCRIBES in settle(built)
    assert "-DNEW" not in command(built)


def test_another_file_appears(built):
    said = added(built, "kernel/note", "")
    assert LOOKS in said and DESCRIBES not in said and said.endswith(NOTHING)
    said = added(built, "kernel/Kbuild.orig", "obj-y := none.o\n")
    assert LOOKS in said and DESCRIBES not in said


def test_a_source_saved_by_another_name(built):
    """As most editors do. A dry run tells what it means."""
    (built.src / "kernel/new").write_text("int fork2;\n")
    (built.src / "kernel/new").rename(built.src / "kernel/fork.c")
    for said in (built.ninja("-n", "vmlinux"), settle(built)):
        assert LOOKS in said and f"CC      {OBJECT}" in said and DESCRIBES not in said


def test_why_does_not_mind(built, monkeypatch):
    place = os.path.dirname(built.ninja_program)
    monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}")
    built.write("kernel/note", "")
    assert built.ask("why", "vmlinux") == "vmlinux is up to date\n"
    built.write("kernel/Makefile~", "")
    built.write("kernel/fork.c", "int fork2;\n")
    assert built.ask("why", "vmlinux").splitlines()[:3] == [
        "vmlinux", "  <- built-in.a", "  <- kernel/built-in.a",
    ]


def test_a_directory_that_was_not_there(built):
    (built.src / "extra").mkdir()
    assert LOOKS in settle(built)
    assert LOOKS in added(built, "extra/note", "")
    assert DESCRIBES in added(built, "extra/more/flags.mk", "ccflags-y += -DMORE\n")
    assert "-DMORE" in command(built)
    (built.src / "odd").mkdir()
    settle(built)
    assert DESCRIBES in added(built, "odd/-DODD.flags", "")
    assert "-DODD.flags" in command(built)


def test_a_directory_that_goes(built):
    (built.src / "extra").mkdir()
    settle(built)
    (built.src / "extra").rmdir()
    assert LOOKS in settle(built)
    assert DESCRIBES in added(built, "extra/more/flags.mk", "ccflags-y += -DMORE\n")


def test_a_file_in_place_of_a_directory(built):
    assert DESCRIBES in added(built, "extra", "")
    assert LOOKS in added(built, "note", "")


def test_a_link_to_nothing(built):
    (built.src / "kernel/Kbuild").symlink_to("none")
    said = settle(built)
    assert LOOKS in said and DESCRIBES not in said
    assert LOOKS in added(built, "kernel/note", "")


@pytest.mark.parametrize(
    "lost", [absent.NAMES, absent.DIRECTORIES, absent.DEPFILE, absent.APPEARED, absent.DYNDEP]
)
def test_a_file_of_ours_is_lost(built, lost):
    (built.out / lost).unlink()
    settle(built)
    text = (built.src / "kernel/Makefile").read_text()
    added(built, "kernel/Kbuild", f"{text}ccflags-y += -DNEW\n")
    assert "-DNEW" in command(built)


def test_a_directory_from_the_future(built):
    later = (time.time() + 86400,) * 2
    os.utime(built.src / "kernel", later)
    built.describe()
    settle(built)


def test_a_name_that_appears_while_build_ninja_is_broken(built):
    """ninjagen is asked again until it can."""
    built.write("kernel/Kbuild", "obj-y := fork.o\nendif\n")
    for _ in range(2):
        assert "kernel/Kbuild:2: *** extraneous 'endif'" in built.ninja("vmlinux", status=1)
    built.write("kernel/Kbuild", "obj-y := fork.o\nccflags-y += -DNEW\n")
    settle(built)
    assert "-DNEW" in command(built)


@pytest.mark.parametrize("ninja", NINJAS.values(), ids=NINJAS)
def test_a_name_that_no_depfile_holds(tmp_path, capsys, ninja):
    sample = sample_in(tmp_path / "plain", capsys, ninja())
    odd = "kernel/it's(x86)&co"
    sample.replace("kernel/Makefile", "obj-y :=",
                   f"-include $(wildcard $(srctree)/{odd}/a.mk)\nobj-y :=")
    (sample.src / odd).mkdir()
    settle(sample)
    assert LOOKS in added(sample, f"{odd}/note", "")


def test_runners_without_dyndep_do_not_look(tmp_path, capsys):
    sample = Sample(tmp_path, capsys)
    sample.describe("--no-dyndep")
    settle(sample)
    sample.write("kernel/note", "")
    assert sample.ninja("vmlinux") == NOTHING
    assert "  dyndep = " not in (sample.out / "build.ninja").read_text()
