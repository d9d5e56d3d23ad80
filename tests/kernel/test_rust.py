"""CONFIG_RUST, as far as Debian 12 goes: it has a compiler that kernels take, but no bindgen.

A stand-in for bindgen says that it is there. All commands are compared with make's then, and what
needs no bindings is built: generated target, procedural macros, the core library.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kernel.comparison import same
from tests.kernel.ours import NINJAGEN, Machine, run
from tests.kernel.reference import build_environment
from tests.kernel.test_drydiff import IMAGES
from tests.kernel.trees import REPO, kernel_source

pytestmark = [pytest.mark.kernel, pytest.mark.full]

STAND_INS = Path(__file__).parent / "standins"
DEBIANS = Path("/usr/bin")  # whose compiler comes with its library's source
OPTIONS = """\
CONFIG_64BIT=y
CONFIG_RUST=y
CONFIG_MODULES=y
CONFIG_PRINTK=y
CONFIG_SAMPLES=y
CONFIG_SAMPLES_RUST=y
CONFIG_SAMPLE_RUST_MINIMAL=m
CONFIG_SAMPLE_RUST_PRINT=y
CONFIG_SAMPLE_RUST_HOSTPROGS=y
CONFIG_BLOCK=y
CONFIG_BLK_DEV=y
CONFIG_CONFIGFS_FS=y
CONFIG_BLK_DEV_RUST_NULL=m
CONFIG_RUST_DEBUG_ASSERTIONS=y
CONFIG_RUST_OVERFLOW_CHECKS=y
CONFIG_KUNIT=y
CONFIG_RUST_KERNEL_DOCTESTS=y
"""
WITHOUT_BINDINGS = (
    "rust/core.o", "rust/compiler_builtins.o", "rust/libmacros.so", "rust/libpin_init_internal.so",
)
OF_THESE = (
    *WITHOUT_BINDINGS, "rust/libcore.rmeta", "rust/libsyn.rlib", "rust/libquote.rlib",
    "rust/libproc_macro2.rlib", "scripts/target.json", "scripts/generate_rust_target",
)


@pytest.fixture(autouse=True)
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The options for allnoconfig; the stand-in and Debian's rustc are on the PATH."""
    fragment = tmp_path / "options"
    fragment.write_text(OPTIONS)
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("rustc", "rustdoc"):
        if (DEBIANS / name).exists():
            (tools / name).symlink_to(DEBIANS / name)
    monkeypatch.setenv("PATH", os.pathsep.join((str(STAND_INS), str(tools), os.environ["PATH"])))
    return {"KCONFIG_ALLCONFIG": str(fragment)}


@pytest.mark.parametrize(
    ("version", "arch"), [*(("7.2", arch) for arch in IMAGES), ("6.12", "x86_64")]
)
def test_commands_are_those_of_make(
    version: str, arch: str, tmp_path: Path, options: dict[str, str], measured: list[str]
) -> None:
    out = tmp_path / "out"
    command = [
        sys.executable, str(REPO / "tools/drydiff"), "--kernel", kernel_source(version),
        "--out", str(out), f"ARCH={arch}", "LLVM=-19", "allnoconfig", "vmlinux", "modules",
        *IMAGES[arch],
    ]  # fmt: skip
    environment = build_environment() | options
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert "CONFIG_RUST=y\n" in (out / ".config").read_text()
    measured.append(f"drydiff, {version}-{arch} with Rust: {done.stdout.splitlines()[-1]}")


def test_what_needs_no_bindings_has_the_same_bytes(
    tmp_path: Path, options: dict[str, str]
) -> None:
    source, out = Path(kernel_source("7.2")), tmp_path / "out"
    words = ("LLVM=-19", f"O={out}")
    ours, theirs = Machine(tmp_path).environment | options, build_environment() | options
    run([*NINJAGEN, *words, "allnoconfig"], source, ours).check()
    run([*NINJAGEN, *words, "vmlinux", "modules"], source, ours).check()
    ninja = ["ninja", "-C", str(out), *WITHOUT_BINDINGS]
    run(ninja, source, ours).check()
    assert "no work to do" in run(ninja, source, ours).check().stdout
    built = out.rename(tmp_path / "ours")
    out.mkdir()
    run(["make", *words, "allnoconfig"], source, theirs).check()
    # It stops where it wants bindings; -k: and makes all that needs none.
    run(["make", "-k", f"-j{os.cpu_count()}", *words, "prepare"], source, theirs)
    saved = [
        name for path in OF_THESE
        if (out / (name := f"{os.path.dirname(path)}/.{os.path.basename(path)}.cmd")).exists()
    ]
    assert len(saved) == 8
    assert [name for name in (*OF_THESE, *saved) if not same(out / name, built / name)] == []
