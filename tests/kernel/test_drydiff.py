"""Every command of a build, against what `make -n` prints: tools/drydiff. Nothing is compiled.

Without --full: the smallest configuration of each architecture.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kernel.reference import build_environment
from tests.kernel.trees import REPO, kernel_source

pytestmark = pytest.mark.kernel

KERNELS = ("7.2", "6.12", "6.1")
IMAGES = {
    "x86_64": ("bzImage",),
    "arm64": ("Image", "Image.gz", "dtbs"),
    "riscv": ("Image", "Image.gz", "dtbs"),
    "loongarch": ("vmlinux.efi", "dtbs"),
}
OTHER_IMAGES = {  # of configurations larger than tinyconfig
    "arm": ("zImage", "dtbs"), "i386": ("bzImage",), "mips": (), "powerpc": ("zImage",),
    "s390": ("bzImage",), "um": (),
}
# Others that clang compiles for: whatever is peculiar to their Makefiles.
OTHERS = ("arm", "hexagon", "i386", "mips", "powerpc", "s390", "sparc", "um")
SEEDS = range(1, 21)
LLVM = ("LLVM=-19",)
GCC = {"x86_64": (), "arm64": ("CROSS_COMPILE=aarch64-linux-gnu-",)}
# Kernels that did not yet tell clang for this architecture which target to compile for.
NO_CLANG_TARGET = {("6.1", "loongarch"): "CROSS_COMPILE=loongarch64-linux-gnu-"}


@dataclass(frozen=True)
class Case:
    """One kernel, architecture, toolchain and configuration."""

    version: str
    arch: str
    config: str  # goals that configure, one after the other
    tools: tuple[str, ...] = LLVM
    seed: str = ""

    def __str__(self) -> str:
        tools = "" if self.tools[:1] == LLVM else "-gcc"
        return f"{self.version}-{self.arch}{tools}-{self.config.replace(' ', '+')}{self.seed}"


def llvm(version: str, arch: str, config: str, seed: str = "") -> Case:
    target = NO_CLANG_TARGET.get((version, arch))
    return Case(version, arch, config, (*LLVM, target) if target else LLVM, seed)


def images(case: Case) -> tuple[str, ...]:
    others = {} if case.config == "tinyconfig" else OTHER_IMAGES
    return (IMAGES | others).get(case.arch, ())


QUICK = [
    *(llvm(version, arch, "tinyconfig") for version in KERNELS for arch in IMAGES),
    *(llvm("7.2", arch, "tinyconfig") for arch in OTHERS),
]
FULL = [
    *(
        llvm(version, arch, config)
        for config in ("tinyconfig", "defconfig", "allmodconfig")
        for version in KERNELS
        for arch in IMAGES
    ),
    *(llvm("7.2", arch, "tinyconfig") for arch in OTHERS),
    *(llvm("7.2", arch, "defconfig") for arch in OTHER_IMAGES),
    *(llvm("7.2", arch, "allmodconfig") for arch in ("arm", "s390", "um")),
    *(Case("7.2", arch, "defconfig", tools) for arch, tools in GCC.items()),
    *(llvm("7.2", arch, "allnoconfig") for arch in IMAGES),
    *(llvm("7.2", arch, "defconfig kvm_guest.config") for arch in ("x86_64", "arm64")),
    llvm("7.2", "x86_64", "allyesconfig"),
    *(llvm("7.2", arch, "randconfig", str(seed)) for arch in IMAGES for seed in SEEDS),
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    cases = FULL if metafunc.config.getoption("--full") else QUICK
    metafunc.parametrize("case", cases, ids=str)


def test_commands_are_those_of_make(case: Case, tmp_path: Path, measured: list[str]) -> None:
    command = [
        sys.executable, str(REPO / "tools/drydiff"), "--kernel", kernel_source(case.version),
        "--out", str(tmp_path / "out"), f"ARCH={case.arch}", *case.tools,
        *case.config.split(), "vmlinux", "modules", *images(case),
    ]  # fmt: skip
    seed = {"KCONFIG_SEED": case.seed} if case.seed else {}
    done = subprocess.run(
        command, env=build_environment() | seed, capture_output=True, text=True,
        errors="surrogateescape",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    measured.append(f"drydiff, {case}: {done.stdout.splitlines()[-1]}")
