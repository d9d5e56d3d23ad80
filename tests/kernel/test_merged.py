"""Configuration goals that an architecture's own Makefile has a recipe for: what make comes to.

They merge fragments, or run make again with several goals, or stand for another goal.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.kernel.ours import NINJAGEN
from tests.kernel.reference import build_environment
from tests.kernel.trees import kernel_source

pytestmark = pytest.mark.kernel

QUICK = [
    ("7.2", "arm64", "virtconfig"),  # scripts/Makefile.defconf
    ("7.2", "riscv", "rv32_defconfig"),  # make with two goals, one by one in a loop
    ("7.2", "powerpc", "defconfig"),  # stands for ppc64le_defconfig, which is no file
    ("7.2", "mips", "32r2el_defconfig"),  # several commands, and $KCONFIG_CONFIG elsewhere
]
FULL = [
    *QUICK, ("7.2", "arm", "multi_v7_lpae_defconfig"), ("7.2", "mips", "64r6_defconfig"),
    ("7.2", "powerpc", "ppc32_allmodconfig"), ("7.2", "riscv", "rv32_nommu_virt_defconfig"),
    ("6.12", "arm64", "virtconfig"), ("6.12", "powerpc", "defconfig"),
    ("6.1", "riscv", "rv32_defconfig"), ("6.1", "powerpc", "ppc64le_guest_defconfig"),
    ("6.1", "mips", "32r2el_defconfig"),
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    cases = FULL if metafunc.config.getoption("--full") else QUICK
    metafunc.parametrize("case", cases, ids="-".join)


def test_configuration_is_that_of_make(case: tuple[str, str, str], tmp_path: Path) -> None:
    version, arch, goal = case
    source = kernel_source(version)
    words = (f"ARCH={arch}", "LLVM=-19", goal)
    subprocess.run(
        ["make", "-s", *words, f"O={tmp_path / 'theirs'}"], cwd=source, check=True,
        env=build_environment(), capture_output=True,
    )
    subprocess.run(
        [*NINJAGEN, *words, f"O={tmp_path / 'ours'}"], cwd=source, check=True,
        env=build_environment(), capture_output=True,
    )
    ours, theirs = ((tmp_path / name / ".config").read_text() for name in ("ours", "theirs"))
    assert ours.splitlines() == theirs.splitlines()
