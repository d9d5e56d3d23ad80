"""depfile.awk: a .cmd file of fixdep becomes a depfile that ninja reads."""

from __future__ import annotations

import os
import subprocess

import pytest

from ninjagen.helpers import depfile_command

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

    def run(base: str = "", source: str = "drv/a.c", header: str = "include/x.h"):
        (tmp_path / ".a.o.cmd").write_text(SAVED.format(source=source, header=header))
        command = depfile_command(".a.o.cmd", "out/a.o", "a.d", base)
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


def test_failure_to_make_options_is_a_failure(tmp_path):
    (tmp_path / ".a.o.cmd").write_text(SAVED.format(source="a.c", header="x.h"))
    (tmp_path / "include").touch()
    command = depfile_command(".a.o.cmd", "a.o", "a.d", "")
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode != 0
