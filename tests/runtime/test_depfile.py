"""depfile.awk: a .cmd file of fixdep becomes a depfile that ninja reads."""

from __future__ import annotations

import os
import subprocess

import pytest

from ninjagen import helpers
from ninjagen.helpers import depfile_command, with_header_sets

PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(helpers.__file__)), "runtime")

SAVED = """\
savedcmd_drv/a.o := cc -c -o drv/a.o drv/a.c

source_drv/a.o := {source}

deps_drv/a.o := \\
    $(wildcard include/config/ONE) \\
    $(wildcard include/config/TWO_MORE) \\
  {header} \\
  /usr/include/stdio.h \\

drv/a.o: $(deps_drv/a.o)

$(deps_drv/a.o):
"""


@pytest.fixture
def made(tmp_path):
    """Run the command for a .cmd file; return the depfile's words by target."""

    def run(
        base: str = "", source: str = "drv/a.c", header: str = "include/x.h", unset: str = ""
    ):
        (tmp_path / ".a.o.cmd").write_text(SAVED.format(source=source, header=header))
        command = depfile_command(".a.o.cmd", "out/a.o", "a.d", base, unset=unset)
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        target, _, rest = (tmp_path / "a.d").read_text().partition(": ")
        assert rest.endswith("\\\n\n")
        return target, rest.replace("\\\n", " ").split()

    return run


CONFIG = ["include/config/ONE", "include/config/TWO_MORE"]


def test_names_all_that_fixdep_saw(made):
    assert made() == ("out/a.o", ["drv/a.c", *CONFIG, "include/x.h", "/usr/include/stdio.h"])


def test_relative_names_get_the_base_and_options_do_not(made):
    assert made("/src/tools/")[1] == [
        "/src/tools/drv/a.c", *CONFIG, "/src/tools/include/x.h", "/usr/include/stdio.h"
    ]


def test_absolute_names_stay(made):
    assert made("/src/", "/abs/a.c", "/abs/x.h")[1][::3] == ["/abs/a.c", "/abs/x.h"]


def test_options_that_are_not_set_exist_afterwards_and_are_old(made, tmp_path):
    made()
    for name in CONFIG:
        status = os.stat(tmp_path / name)
        assert (status.st_size, status.st_mtime) == (0, 1)


def test_options_that_are_set_keep_their_time(made, tmp_path):
    (tmp_path / "include/config").mkdir(parents=True)
    (tmp_path / CONFIG[0]).touch()
    (tmp_path / CONFIG[1]).write_text("not empty")
    for name in CONFIG:
        os.utime(tmp_path / name, (1000, 1000))
    made()
    assert [os.stat(tmp_path / name).st_mtime for name in CONFIG] == [1000, 1000]


@pytest.mark.parametrize("base", ["", "/kernel/"])
def test_options_that_no_file_may_be_made_for(made, tmp_path, base):
    """A file stands for all that are not set, if there is one."""
    auto_conf = "include/config/auto.conf"
    before, after = f"{base}drv/a.c", [f"{base}include/x.h", "/usr/include/stdio.h"]
    assert made(base, unset=auto_conf)[1] == [before, *after]
    (tmp_path / "include/config").mkdir(parents=True)
    (tmp_path / auto_conf).touch()
    assert made(base, unset=auto_conf)[1] == [before, base + auto_conf, *after]
    (tmp_path / CONFIG[1]).touch()
    assert made(base, unset=auto_conf)[1] == [before, base + auto_conf, base + CONFIG[1], *after]
    assert not (tmp_path / CONFIG[0]).exists()


def test_failure_to_make_options_is_a_failure(tmp_path):
    (tmp_path / ".a.o.cmd").write_text(SAVED.format(source="a.c", header="x.h"))
    (tmp_path / "include").touch()
    command = depfile_command(".a.o.cmd", "a.o", "a.d", "")
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode != 0


# --- sets of names ---


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Run the command for what an object reads, beside some sets; return what is recorded."""
    # The programs are run where they lie; commands name them as in an object tree.
    monkeypatch.setattr(helpers, "RUNTIME", ".ninjagen/runtime")
    (tmp_path / ".ninjagen").mkdir()
    (tmp_path / ".ninjagen/runtime").symlink_to(PROGRAMS)
    (tmp_path / ".ninjagen/headers").mkdir()

    def run(names: str, **sets: str) -> list[str]:
        for number, members in sets.items():
            text = "".join(f"{name}\n" for name in members.split())
            (tmp_path / f".ninjagen/headers/{number[1:]}").write_text(text)
        lines = "".join(f"  {name} \\\n" for name in names.split())
        (tmp_path / ".a.o.cmd").write_text(f"source_a.o := a.c\n\ndeps_a.o := \\\n{lines}\n")
        command = with_header_sets(depfile_command(".a.o.cmd", "a.o", "a.d", ""), 3)
        assert command is not None
        subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, check=True)
        return (tmp_path / "a.d").read_text().replace("\\\n", " ").split()[2:]

    return run


def test_set_that_was_read_completely_stands_for_its_names(read):
    assert read("w.h x.h y.h z.h", _1="y.h w.h") == [".ninjagen/headers/1", "x.h", "z.h"]


def test_set_of_which_a_name_was_not_read_stands_for_none(read):
    assert read("x.h y.h", _1="x.h y.h z.h") == ["x.h", "y.h"]


def test_name_that_is_listed_twice_does_not_make_up_for_another(read):
    assert read("x.h x.h y.h", _1="x.h y.h z.h") == ["x.h", "y.h"]


def test_sets_may_share_names(read):
    recorded = read("x.h y.h z.h", _1="x.h y.h", _2="y.h z.h", _3="x.h w.h")
    assert recorded == [".ninjagen/headers/1", ".ninjagen/headers/2"]


def test_empty_set_stands_for_nothing(read):
    assert read("x.h", _1="", _3="x.h") == [".ninjagen/headers/3"]

