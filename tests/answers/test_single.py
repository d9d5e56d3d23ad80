"""Single targets and directories, by the names that make has for them."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.builds


def test_bytes_are_those_of_make(sample):
    sample.describe()
    names = ("kernel/fork.i", "kernel/.fork.i.cmd", "kernel/time/clock.i")
    sample.ninja("kernel/fork.i", "kernel/time/clock.i")
    ours = [(sample.out / name).read_bytes() for name in names]
    for name in names:
        (sample.out / name).unlink()
    sample.make("kernel/fork.i", "kernel/time/clock.i")
    assert [(sample.out / name).read_bytes() for name in names] == ours


def test_only_what_it_needs_is_made(sample):
    sample.describe()
    said = sample.ninja("kernel/fork.i")
    assert "SINGLE  kernel/fork.i" in said
    assert not (sample.out / "kernel/fork.o").exists()
    assert (sample.out / "include/generated/version.h").exists()  # prepare
    assert not (sample.out / "kernel/.fork.i.d").exists()
    assert sample.ninja("kernel/fork.i") == "ninja: no work to do.\n"


def test_it_is_made_again_when_its_source_changes(sample):
    sample.describe()
    sample.ninja("kernel/fork.i", "kernel/fast.i")
    sample.write("kernel/fork.c", "int spoon;\n")
    said = sample.ninja("kernel/fork.i", "kernel/fast.i")
    assert "kernel/fork.i" in said and "kernel/fast.i" not in said
    assert "spoon" in (sample.out / "kernel/fork.i").read_text()


def test_it_is_made_again_when_its_flags_change(sample):
    sample.describe()
    sample.ninja("kernel/fork.i")
    sample.replace("kernel/Makefile", "-DFORK", "-DSPOON")
    sample.ninja("kernel/fork.i")
    assert "-DSPOON" in (sample.out / "kernel/fork.i").read_text()


def test_a_failed_command_leaves_no_file(sample):
    sample.describe()
    sample.ninja("kernel/fork.i")
    sample.write("scripts/cc", "#!/bin/sh\necho wrong; exit 3\n")
    sample.write("kernel/fork.c", "int spoon;\n")
    assert "wrong" in sample.ninja("kernel/fork.i", status=1)
    assert not (sample.out / "kernel/fork.i").exists()


def test_names_are_the_kernels_own_list(sample):
    sample.describe()
    known = [line.partition(":")[0] for line in sample.ninja("-t", "targets", "all").splitlines()]
    names = {name for name in known if name.startswith("kernel/fork.")}
    assert names == {"kernel/fork.o", "kernel/fork.i"}  # but .lst


@pytest.mark.parametrize("spelled", ["kernel/time/", "kernel/time"])
def test_a_directory(sample, spelled):
    sample.describe()
    sample.ninja(spelled)
    made = {str(path.relative_to(sample.out)) for path in sample.out.rglob("*.o")}
    assert made == {"kernel/time/clock.o"}
    assert sample.ninja(spelled) == "ninja: no work to do.\n"


def test_a_directory_holds_those_below_it(sample):
    sample.describe()
    sample.ninja("kernel/")
    ours = {str(path.relative_to(sample.out)) for path in sample.out.rglob("*.[oa]")}
    for name in ours:
        (sample.out / name).unlink()
    sample.make("kernel/")
    theirs = {str(path.relative_to(sample.out)) for path in sample.out.rglob("*.[oa]")}
    assert ours == theirs


def test_what_the_makefiles_do_not_make(sample):
    sample.describe()
    said = sample.ask("single", "kernel/none.i", status=1)
    assert said == "ninjagen: error: unknown goal 'kernel/none.i'\n"
