"""External modules of kernels before 6.13, which build them from their own directory: the same
files as make's, and nothing for make to do afterwards.

Modules of 7.2 are in test_build.py, with the kernels that load them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.kernel.comparison import contents, files_of
from tests.kernel.ours import NINJAGEN, Machine, run
from tests.kernel.reference import build_environment
from tests.kernel.trees import REPO, kernel_source

pytestmark = [pytest.mark.kernel, pytest.mark.full]

CONFIGURATION = """\
CONFIG_64BIT=y
CONFIG_MODULES=y
CONFIG_MODVERSIONS=y
CONFIG_MODULE_UNLOAD=y
"""
BELOW = """\
#include <linux/module.h>
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("In a directory of its own");
"""


@pytest.mark.parametrize("version", ["6.1", "6.12"])
def test_module_is_kbuilds(version: str, tmp_path: Path) -> None:
    """Several objects, and a module in a directory below."""
    source, out, module = Path(kernel_source(version)), tmp_path / "out", tmp_path / "module"
    words = ("LLVM=-19", f"O={out}")
    machine = Machine(tmp_path)
    environment = machine.environment

    def ninjagen(*more: str) -> str:
        done = run([*NINJAGEN, *words, *more], source, environment).check()
        return done.stdout + done.stderr

    def ninja(tree: Path, *goals: str) -> str:
        return run(["ninja", "-C", str(tree), *goals], source, environment).check().stdout

    def make(*goals: str) -> str:
        command = ["make", *words, f"M={module}", *goals]
        return run(command, source, build_environment()).check().stdout

    ninjagen("tinyconfig")
    with open(out / ".config", "a") as file:
        file.write(CONFIGURATION)
    ninjagen("olddefconfig")
    ninjagen("vmlinux", "modules")
    ninja(out, "vmlinux", "modules")

    def put_sources() -> None:
        shutil.copytree(REPO / "samples/module", module)
        with open(module / "Kbuild", "a") as file:
            file.write("obj-m += below/\n")
        (module / "below").mkdir()
        (module / "below/Kbuild").write_text("obj-m += deep.o\n")
        (module / "below/deep.c").write_text(BELOW)

    put_sources()
    before = sorted(files_of(out))
    ninjagen(f"M={module}")
    ninja(module)
    ours = contents(module)
    assert {"greeting.ko", "below/deep.ko"} <= ours.keys()
    assert "no work to do" in ninja(module)
    times = {name: (module / name).stat().st_mtime_ns for name in ours}
    make()
    assert times == {name: (module / name).stat().st_mtime_ns for name in ours}
    assert sorted(files_of(out)) == before

    (module / "words.h").touch()
    again = ninja(module)
    assert "CC [M]" in again and "deep.o" not in again

    shutil.rmtree(module)
    put_sources()
    make()
    assert contents(module) == ours
    assert "adopted" in ninjagen(f"M={module}")
    assert "CC [M]" not in ninja(module)
    assert contents(module) == ours  # no file of options, either
    make("clean")
    assert not (module / "greeting.ko").exists()
    assert machine.calls.exists() is False
