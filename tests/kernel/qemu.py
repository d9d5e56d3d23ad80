"""Boots kernels in QEMU, with the init of samples/boot, and returns what they say."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.kernel.ours import Machine
from tests.kernel.trees import REPO

SAMPLE = REPO / "samples/boot"
SAYS = "ninjagen: init is running"

COMMON = ("-accel", "tcg", "-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio")
QEMU = [
    "qemu-system-x86_64", *COMMON, "-m", "128", "-append", "console=ttyS0 panic=-1",
]


@dataclass(frozen=True)
class Board:
    """A machine of QEMU's, and what a kernel for it is called."""

    command: tuple[str, ...]
    image: str  # what the kernel's `all` makes
    starts: str  # what QEMU takes of it, if not the image
    target: str  # of the compiler
    console: str = "ttyS0"


BOARDS = {
    "x86": Board(
        ("qemu-system-x86_64", "-m", "128"), "arch/x86/boot/bzImage", "", "x86_64-linux-gnu"
    ),
    "arm64": Board(
        ("qemu-system-aarch64", "-m", "128", "-machine", "virt", "-cpu", "cortex-a57"),
        "arch/arm64/boot/Image.gz", "", "aarch64-linux-gnu", "ttyAMA0",
    ),
    # QEMU 7.2 knows none of the ways in which riscv's images are compressed.
    "riscv": Board(
        ("qemu-system-riscv64", "-m", "128", "-machine", "virt"),
        "arch/riscv/boot/Image.xz", "arch/riscv/boot/Image", "riscv64-linux-gnu",
    ),
    # It hands on nothing but the kernel: the rest is put around vmlinux.efi.
    "loongarch": Board(
        ("qemu-system-loongarch64", "-m", "1G", "-machine", "virt"),
        "arch/loongarch/boot/vmlinux.efi", "", "loongarch64-linux-gnu",
    ),
}


def boot(
    machine: Machine, architecture: str, tree: Path, directory: Path, modules: Sequence[Path] = ()
) -> list[str]:
    """Boot the image of a built object tree; return the lines that it prints, the init's too.

    The init loads the modules. `directory` is for what is made for that.
    """
    board = BOARDS[architecture]
    compiler = f"clang-19 --target={board.target} -fuse-ld=lld"
    made = machine.run([str(SAMPLE / "make-init"), str(directory), *map(str, modules)],
                       directory, CC=compiler).check()
    initramfs = directory / "initramfs.cpio"
    packed = subprocess.run([tree / "usr/gen_init_cpio", made.stdout.strip()],
                            stdout=subprocess.PIPE, check=True)
    initramfs.write_bytes(packed.stdout)
    arguments = f"console={board.console} panic=-1"
    if modules:
        arguments += " -- " + " ".join(f"/{module.name}" for module in modules)
    image = str(tree / (board.starts or board.image))
    if architecture == "loongarch":
        firmware = str(directory / "firmware")
        machine.run(
            [str(SAMPLE / "loongarch/make-firmware"), str(tree / "scripts/dtc/dtc"), image,
             str(initramfs), arguments, firmware],
            directory, CC=compiler,
        ).check()
        words = ["-kernel", firmware]
    else:
        words = ["-kernel", image, "-initrd", str(initramfs), "-append", arguments]
    return said(
        [*board.command, *COMMON, *words], directory / "serial", 1 + len(modules)
    )


def said(command: Sequence[str], log: Path, lines: int, timeout: float = 300) -> list[str]:
    """Run QEMU until the machine is turned off, or the init has said so many lines.

    Not every machine can be turned off by a kernel as small as these.
    """
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env={**os.environ, "LANG": "C.UTF-8"},
        )
        try:
            ends = time.monotonic() + timeout
            while process.poll() is None and time.monotonic() < ends:
                found = log.read_text(errors="replace").splitlines()
                if sum(line.startswith("ninjagen: ") for line in found[:-1]) >= lines:
                    break
                time.sleep(0.2)
        finally:
            process.kill()
            process.wait()
    return log.read_text(errors="replace").splitlines()
