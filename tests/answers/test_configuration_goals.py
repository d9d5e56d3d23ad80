"""Configuration goals as names of build.ninja."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time

import pytest

from ninjagen import kconfig
from ninjagen.kconfig import goals
from tests.kbuild.trees import NINJA

pytestmark = pytest.mark.builds


def test_every_goal_is_a_name(sample):
    sample.describe()
    known = {line.partition(":")[0] for line in sample.ninja("-t", "targets", "all").splitlines()}
    assert set(kconfig.GOALS) == {*goals.ALL, *goals.REWRITE, *goals.OTHER}
    assert known >= set(kconfig.GOALS)


def test_a_goal_runs_each_time_and_what_follows_is_built(sample):
    sample.describe()
    sample.ninja()
    fast = (sample.out / "kernel/built-in.a").read_text()
    for _ in range(2):
        assert "CONFIG  allnoconfig" in sample.ninja("allnoconfig")
    sample.ninja()
    assert "# CONFIG_FAST is not set" in (sample.out / ".config").read_text()
    assert (sample.out / "kernel/built-in.a").read_text() != fast


def test_a_file_of_the_goals_name(sample):
    sample.describe()
    sample.ninja("savedefconfig")
    (sample.out / "alldefconfig").write_text("")
    assert (sample.out / "defconfig").exists()
    assert "CONFIG  savedefconfig" in sample.ninja("savedefconfig")
    assert "CONFIG  alldefconfig" in sample.ninja("alldefconfig")


def test_menuconfig_has_the_terminal(sample):
    sample.describe()
    terminal, inner = pty.openpty()
    process = subprocess.Popen(
        [NINJA, "menuconfig"], cwd=sample.out, stdin=inner, stdout=inner, stderr=inner,
        env={**os.environ, "TERM": "xterm", "LINES": "24", "COLUMNS": "80"},
    )
    os.close(inner)
    shown, end = b"", time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                shown += os.read(terminal, 4096)
            except OSError:
                break
            if b"slow" in shown:  # the menu is there: leave it
                os.write(terminal, b"q")
    assert process.wait(timeout=10) == 0
    assert b"fast" in shown
