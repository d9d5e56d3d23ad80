"""Edges for what is asked for by name: what ninja reads is the name."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ninjagen.ninja import byname

NINJA = os.path.join(os.path.dirname(sys.executable), "ninja")


@pytest.mark.parametrize("name", ["plain/x.s", "a b.s", "a:b.s", "a$b.s", "a$ b.s", "$x.s"])
def test_names_are_what_ninja_reads(tmp_path, name):
    singles = [(name, ("needs it", "$first")), ("other.s", ())]
    text = byname.text_of(singles, "single", ["menuconfig"], [], "ninjagen")
    (tmp_path / "build.ninja").write_text(f"{text}build needs$ it: phony\nbuild $$first: phony\n")
    done = subprocess.run(
        [NINJA, "-t", "query", name], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        f"{name}:", "  input: single", "    || needs it", "    || $first", "  outputs:",
    ]
