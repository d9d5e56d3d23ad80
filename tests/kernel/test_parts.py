"""Goals that come to something without a kernel: the same files, with the same bytes, as make's.

Both build at the same place, from nothing.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Mapping, Sequence
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
    "*/Image.lzo": "lzop writes the time of day into what it makes of its standard input",
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
    both = Both(version, arch, "defconfig", "", [goal], tmp_path)
    assert len(fnmatch.filter(both.theirs, made)) >= least
    assert both.different == []


@pytest.mark.parametrize("arch", ["arm64", "riscv"])
def test_images_are_those_of_make(arch: str, tmp_path: Path) -> None:
    """An Image in all ways to make it smaller; vmlinux is compared, too, and what it is made of."""
    images = ["Image", *(f"Image.{end}" for end in "bz2 gz lz4 lzma lzo xz zst".split())]
    zboot = "CONFIG_64BIT=y\nCONFIG_EFI=y\nCONFIG_EFI_ZBOOT=y\n"
    both = Both("7.2", arch, "tinyconfig", zboot, [*images, "vmlinuz.efi"], tmp_path)
    boot = f"arch/{arch}/boot"
    compared = {f"{boot}/{image}" for image in [*images, "vmlinuz.efi"]} - {f"{boot}/Image.lzo"}
    assert compared <= {*both.theirs}
    assert both.different == []


class Both:
    """What ninja and make make of the same goals of a kernel, at one place, from nothing."""

    theirs: list[str]  # files of make's that are compared
    different: list[str]  # of these

    def __init__(
        self, version: str, arch: str, config: str, more: str, goals: Sequence[str], place: Path
    ) -> None:
        source, out = Path(kernel_source(version)), place / "out"
        words = ("LLVM=-19", f"ARCH={arch}", f"O={out}")
        environment = Machine(place).environment

        def configure(program: Sequence[str], environ: Mapping[str, str]) -> None:
            out.mkdir()
            run([*program, *words, config], source, environ).check()
            with open(out / ".config", "a") as file:
                file.write(more)
            run([*program, *words, "olddefconfig"], source, environ).check()

        configure(NINJAGEN, environment)
        run([*NINJAGEN, *words, *goals], source, environment).check()
        ninja = ["ninja", "-C", str(out), *goals]
        run(ninja, source, environment).check()
        assert "no work to do" in run(ninja, source, environment).check().stdout
        ours = out.rename(place / "ours")
        make = ["make", f"-j{os.cpu_count()}"]
        configure(make, build_environment())
        run([*make, *words, *goals], source, build_environment()).check()
        self.theirs = [
            name for name in files_of(out)
            if not any(fnmatch.fnmatchcase(name, pattern) for pattern in LEFT_OUT)
        ]
        self.different = [name for name in self.theirs if not same(out / name, ours / name)]
