"""The kernel of samples/boot, built by us without make, boots in QEMU and runs its init."""

from __future__ import annotations

import subprocess

import pytest

from tests.kernel.ours import NINJAGEN, Machine
from tests.kernel.qemu import QEMU, SAMPLE, SAYS
from tests.kernel.reference import GOAL, LLVM
from tests.kernel.trees import kernel_source

pytestmark = pytest.mark.kernel


def test_init_runs(tmp_path, measured):
    source, out = kernel_source("7.2"), tmp_path / "out"
    machine = Machine(tmp_path)
    initramfs = machine.run([str(SAMPLE / "make-init"), str(tmp_path)], tmp_path).check()

    configure = [*NINJAGEN, *LLVM, f"O={out}"]
    machine.run([*configure, "tinyconfig"], source).check()
    with open(out / ".config", "a") as config:
        config.write((SAMPLE / "config").read_text())
        config.write(f'CONFIG_INITRAMFS_SOURCE="{initramfs.stdout.strip()}"\n')
    machine.run([*configure, "olddefconfig"], source).check()

    machine.run(configure, source).check()
    built = machine.run(["ninja", "-C", str(out), GOAL], source).check()
    assert not machine.calls.exists(), machine.calls.read_text()
    measured.append(f"kernel of samples/boot: ninja {built.seconds:.0f} s")

    command = [*QEMU, "-kernel", str(out / "vmlinux")]
    booted = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=True
    )
    assert SAYS in booted.stdout.decode(errors="replace").splitlines(), booted.stdout[-2000:]
