"""ninja makes build.ninja again when something is different that it was made from."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time

import pytest

import ninjagen
from ninjagen import generate
from tests.answers.sample import Sample
from tests.thinlto.lab import NINJAS

pytestmark = pytest.mark.builds

NOTHING = "ninja: no work to do.\n"


@pytest.fixture
def built(tmp_path, capsys) -> Sample:
    made = Sample(tmp_path, capsys)
    made.replace("kernel/Makefile", "defines := SMALL", "defines := SMALL $(notdir $(wildcard "
                 "$(srctree)/kernel/*.flags)) $(notdir $(wildcard $(srctree)/kernel/*/new))")
    made.write("tools/tool", "#!/bin/sh\necho -mone\n")
    made.replace("kernel/Makefile", "obj-y :=", "ccflags-y += $(shell tool)\nobj-y :=")
    (made.src / "tools/tool").chmod(0o755)
    return made


def build(sample: Sample) -> str:
    """Build; return what ninja says."""
    return sample.ninja("vmlinux")


@pytest.fixture(autouse=True)
def tools_on_the_path(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{tmp_path}/src/tools:{os.environ['PATH']}")


def touch(path) -> None:
    os.utime(path, ns=(time.time_ns(),) * 2)


CHANGES = {
    "makefile": lambda s: touch(s.src / "kernel/Makefile"),
    "included makefile": lambda s: touch(s.src / "scripts/Kbuild.include"),
    "Kconfig file": lambda s: touch(s.src / "Kconfig"),
    "configuration": lambda s: touch(s.out / ".config"),
    "file that a pattern matches": lambda s: s.write("kernel/a.flags", ""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_change_makes_build_ninja_again(built, change):
    built.describe()
    build(built)
    assert build(built) == NOTHING
    CHANGES[change](built)
    said = build(built)
    assert "ninjagen:" in said, said
    assert build(built) == NOTHING


def test_what_changed_is_in_the_new_commands(built):
    built.describe()
    build(built)
    built.write("kernel/a.flags", "")
    assert "CC      kernel/fork.o" in build(built)
    assert "-Da.flags" in (built.out / "kernel/fork.o").read_text()
    (built.src / "kernel/a.flags").unlink()
    build(built)
    assert "-Da.flags" not in (built.out / "kernel/fork.o").read_text()


def test_makefile_that_was_edited_while_it_was_read(built):
    """The edit comes too late for this description, and must not be lost to the next."""
    built.replace(
        "kernel/Makefile", "obj-y :=", "late := $(shell cat $(srctree)/late.mk >>"
        " $(srctree)/kernel/Makefile; rm -f $(srctree)/late.mk)\nobj-y :="
    )
    built.write("late.mk", "ccflags-y += -Dlate\n")
    built.describe()
    assert "-Dlate" in (built.src / "kernel/Makefile").read_text()
    assert "ninjagen:" in build(built)
    assert "-Dlate" in (built.out / "kernel/fork.o").read_text()
    assert build(built) == NOTHING


@pytest.mark.parametrize("path", ["src/kernel/Makefile", "src/Kconfig", "out/.config"])
@pytest.mark.parametrize("ninja", NINJAS.values(), ids=NINJAS)
def test_file_from_the_future(built, tmp_path, ninja, path):
    """A clock was wrong: make builds all the same, and says so; what is edited today counts."""
    built.ninja_program = ninja()
    built.describe()
    build(built)
    os.utime(tmp_path / path, (time.time() + 86400,) * 2)
    said = build(built)
    assert said.count("ninjagen: warning: ") == 1
    assert f"{tmp_path}/{path}: the time of the file is in the future" in said
    assert build(built) == NOTHING
    touch(built.src / "scripts/Kbuild.include")
    assert "ninjagen:" in build(built)
    (tmp_path / "new").write_text("ccflags-y += -Dedited\n")
    text = (built.src / "kernel/Makefile").read_text() + (tmp_path / "new").read_text()
    (tmp_path / "new").write_text(text)
    (tmp_path / "new").rename(built.src / "kernel/Makefile")  # as most editors do
    said = build(built)
    assert "-Dedited" in (built.out / "kernel/fork.o").read_text()
    assert ("future" in said) == (path != "src/kernel/Makefile")
    assert build(built) == NOTHING


def test_configuration_is_not_looked_at_again_for_a_makefile(built, monkeypatch):
    """Kconfig and the way to it are not walked, unless something changed that they saw."""
    calls = []
    walk = generate._synchronize
    monkeypatch.setattr(generate, "_synchronize", lambda *args: calls.append(0) or walk(*args))
    built.describe()
    for path, expected in [
        ("kernel/Makefile", 1), ("Kconfig", 2), ("kernel/Makefile", 2), ("Makefile", 3),
    ]:
        touch(built.src / path)
        built.describe()
        assert len(calls) == expected, path
    for path, expected in [(".config", 4), ("include/config/auto.conf", 5)]:
        touch(built.out / path)
        built.describe()
        assert len(calls) == expected, path


def test_directory_that_a_pattern_matches(built):
    built.describe()
    build(built)
    built.write("kernel/more/new", "")
    build(built)
    assert "-Dnew" in (built.out / "kernel/fork.o").read_text()


@pytest.mark.parametrize("directory", ["bin", "O'Brien & co (x86)"])
@pytest.mark.parametrize("ninja", NINJAS.values(), ids=NINJAS)
def test_program_that_is_replaced_by_an_older_one(built, tmp_path, ninja, directory):
    """As packages do: the new file has the time of its making, long ago."""
    built.ninja_program = ninja()
    tools = tmp_path / directory
    tools.mkdir()
    (built.src / "tools/tool").rename(tools / "tool")
    os.environ["PATH"] = f"{tools}:{os.environ['PATH']}"
    built.describe()
    build(built)
    assert "-mone" in (built.out / "kernel/fork.o").read_text()
    assert build(built) == NOTHING
    (tmp_path / "other").write_text("#!/bin/sh\necho -mtwo\n")
    (tmp_path / "other").chmod(0o755)
    os.utime(tmp_path / "other", (10**9, 10**9))
    (tmp_path / "other").rename(tools / "tool")
    build(built)
    assert "-mtwo" in (built.out / "kernel/fork.o").read_text()


def test_only_the_make_of_a_changed_makefile_is_evaluated(built):
    built.describe()
    touch(built.src / "kernel/time/Makefile")
    said = built.describe("-d", "stats")
    assert ", evaluated: 1\n" in said, said


def test_only_makes_that_looked_for_a_changed_option_are_evaluated(built):
    names = ["TIMED", "IDLE", *(f"OTHER{number}" for number in range(20))]
    text = "".join(f'config {name}\n\tbool "{name}"\n\tdefault y\n' for name in names)
    built.write("Kconfig", (built.src / "Kconfig").read_text() + text)
    built.write("kernel/time/Makefile", "obj-y := clock.o\nobj-$(CONFIG_TIMED) += timer.o\n")
    built.write("kernel/time/timer.c", "int timer;\n")
    built.describe()
    configuration = built.out / ".config"
    for name, evaluated in [("IDLE", 0), ("TIMED", 1), ("FAST", 6)]:
        configuration.write_text(
            configuration.read_text().replace(f"CONFIG_{name}=y", f"# CONFIG_{name} is not set")
        )
        said = built.describe("-d", "stats")
        assert f"make processes: 6, evaluated: {evaluated}\n" in said, (name, said)
        assert ("timer" in (built.out / "build.ninja").read_text()) == (name == "IDLE")
    records = (built.out / "build.ninja").read_text()
    shutil.rmtree(built.out / ".ninjagen")
    built.describe()
    assert (built.out / "build.ninja").read_text() == records
    touch(built.out / "include/config/auto.conf")
    assert "ninjagen:" in build(built)


def test_changed_makefile_costs_one_compile(built):
    built.describe()
    build(built)
    built.replace("kernel/time/Makefile", "obj-y :=", "CFLAGS_clock.o := -DX\nobj-y :=")
    said = build(built)
    assert said.count("  CC ") == 1 and "CC      kernel/time/clock.o" in said
    assert build(built) == NOTHING


def test_broken_makefile_leaves_the_old_build_ninja(built):
    built.describe()
    build(built)
    before = (built.out / "build.ninja").read_bytes()
    good = (built.src / "kernel/time/Makefile").read_text()
    built.write("kernel/time/Makefile", "obj-y := clock.o\nendif\n")
    said = built.ninja("vmlinux", status=1)
    assert "kernel/time/Makefile:2: *** extraneous 'endif'" in said
    assert (built.out / "build.ninja").read_bytes() == before
    built.write("kernel/time/Makefile", good)
    build(built)
    assert build(built) == NOTHING


def test_explain_says_what_caused_it(built):
    built.describe()
    build(built)
    touch(built.src / "kernel/Makefile")
    said = built.ninja("-d", "explain", "vmlinux")
    assert "build.ninja older than most recent input" in said
    assert f"{built.src}/kernel/Makefile" in said


def test_everything_of_ours_is_lost(built):
    """The logs too, so all is built again: with the programs that the commands call."""
    built.describe()
    build(built)
    shutil.rmtree(built.out / ".ninjagen")
    said = build(built)
    assert "ninjagen:" in said and "CC      kernel/fork.o" in said, said
    assert build(built) == NOTHING


def test_no_command_names_the_place_of_ninjagen(built):
    """Another installation of the same ninjagen compiles nothing again."""
    built.describe()
    build(built)
    package = os.path.dirname(os.path.dirname(os.path.abspath(ninjagen.__file__)))
    text = (built.out / "build.ninja").read_text()
    regenerating = [line for line in text.splitlines() if package in line]
    assert regenerating and all(line.startswith("  command = test ") for line in regenerating)


def test_build_ninja_that_cannot_be_written_leaves_compile_commands_as_they_were(built):
    built.describe()
    (built.out / "build.ninja").unlink()
    (built.out / "build.ninja/x").mkdir(parents=True)
    before = (built.out / "compile_commands.json").read_text()
    built.replace("kernel/Makefile", "-Wextra", "-Weverything")
    place = ("-C", str(built.src), f"O={built.out}")
    assert "cannot write" in built.run(*place, status=1)
    assert (built.out / "compile_commands.json").read_text() == before
    assert not [*built.out.glob("*.tmp")]
    (built.out / "build.ninja/x").rmdir()
    (built.out / "build.ninja").rmdir()
    built.describe()
    assert "-Weverything" in (built.out / "compile_commands.json").read_text()


@pytest.mark.parametrize("search", [None, "", "/elsewhere", "PACKAGE", "PACKAGE:/elsewhere"])
def test_ninja_asks_for_what_the_user_asked_for(built, monkeypatch, search):
    """What ninja runs finds ninjagen's own package, wherever it is, and makefiles do not see how:
    records of one are good for the other."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    if search is not None:
        search = search.replace("PACKAGE", os.path.dirname(os.path.dirname(ninjagen.__file__)))
        monkeypatch.setenv("PYTHONPATH", search)
    built.replace("kernel/Makefile", "defines :=", "$(info path=$(PYTHONPATH).)\ndefines :=")
    assert f"path={search or ''}.\n" in built.describe()
    wish = json.loads((built.out / ".ninjagen/stamp.json").read_text())["request"]
    touch(built.src / "kernel/Makefile")
    said = subprocess.run(
        [built.ninja_program, "build.ninja"], cwd=built.out, text=True, check=True,
        stdout=subprocess.PIPE,
    ).stdout
    assert f"path={search or ''}.\n" in said
    assert json.loads((built.out / ".ninjagen/stamp.json").read_text())["request"] == wish
    assert built.describe() == "ninjagen: nothing changed\n"


@pytest.mark.parametrize("is_moved", [False, True], ids=["copied", "moved"])
def test_object_tree_that_is_elsewhere(built, tmp_path, is_moved):
    """One error, not the description of another tree a hundred times; described anew, it has
    nothing to compile."""
    built.describe()
    build(built)
    old, new = built.out, tmp_path / "new"
    if is_moved:
        old.rename(new)
    else:
        shutil.copytree(old, new, symlinks=True)
    built.out = new
    if not is_moved:
        assert build(built) == NOTHING
    touch(built.src / "kernel/Makefile")
    before = sorted(tmp_path.glob("out/**/*"))
    for target in ("vmlinux", "kernel/fork.i", "savedefconfig"):
        said = built.ninja(target, status=1)
        assert said.count(f"\nninjagen: error: this build.ninja is of {old}, and was ") == 1
        assert "\n  hint: run ninjagen for this directory, with O=\n" in said
    said = built.ask("why", "vmlinux", status=1)
    assert f"error: this build.ninja is of {old}, and was copied or moved to here" in said
    assert sorted(tmp_path.glob("out/**/*")) == before
    built.describe()
    assert "CC " not in build(built)
    assert build(built) == NOTHING


def test_directory_of_a_pattern_is_removed(built):
    """Nothing in it matched, so that all is as it was: but ninja looked at the directory."""
    built.replace("kernel/Makefile", "defines :=", "none := $(wildcard $(srctree)/more/*.none)\n"
                  "defines :=")
    (built.src / "more").mkdir()
    built.describe()
    build(built)
    (built.src / "more").rmdir()
    assert "ninjagen:" in build(built)
    assert build(built) == NOTHING
