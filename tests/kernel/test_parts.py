"""Goals that come to something without a kernel: the same files, with the same bytes, as make's.

Both build at the same place, from nothing.
"""

from __future__ import annotations

import fnmatch
import os
from pathlib import Path

import pytest

from tests.kernel.comparison import NOT_COMPARED, files_of, same
from tests.kernel.ours import NINJAGEN, Machine, run
from tests.kernel.reference import build_environment
from tests.kernel.trees import kernel_source

pytestmark = [pytest.mark.kernel, pytest.mark.full]

# Files of kbuild's tree that ours need not have.
LEFT_OUT = {
    **NOT_COMPARED,
    "scripts/*": "its programs, which the kernels of test_build.py show",
    ".config*": "the configuration, which test_kconfig.py shows",
    "include/config/*": "the same",
    "*.tmp": "left over: what a compiler of device trees read",
    ".thinlto-cache/*": "of the linker",
}


@pytest.mark.parametrize(
    ("version", "arch", "goal", "made", "least"),
    [
        ("7.2", "x86_64", "headers", "usr/include/*.h", 900),
        ("7.2", "arm64", "headers", "usr/include/*.h", 900),
        ("6.12", "riscv", "headers", "usr/include/*.h", 900),
        ("7.2", "riscv", "dtbs", "arch/riscv/boot/dts/*.dtb", 50),
        ("6.12", "loongarch", "dtbs", "arch/loongarch/boot/dts/*.dtb", 3),
    ],
)
def test_goal_has_the_files_of_make(
    version: str, arch: str, goal: str, made: str, least: int, tmp_path: Path
) -> None:
    source, out = Path(kernel_source(version)), tmp_path / "out"
    words = ("LLVM=-19", f"ARCH={arch}", f"O={out}")
    environment = Machine(tmp_path).environment
    out.mkdir()
    for wanted in "defconfig", goal:
        run([*NINJAGEN, *words, wanted], source, environment).check()
    ninja = ["ninja", "-C", str(out), goal]
    run(ninja, source, environment).check()
    assert "no work to do" in run(ninja, source, environment).check().stdout
    ours = out.rename(tmp_path / "ours")
    out.mkdir()
    for wanted in "defconfig", goal:
        make = ["make", f"-j{os.cpu_count()}", *words, wanted]
        run(make, source, build_environment()).check()
    theirs = [
        name for name in files_of(out)
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in LEFT_OUT)
    ]
    assert len(fnmatch.filter(theirs, made)) >= least
    assert [name for name in theirs if not same(out / name, ours / name)] == []
