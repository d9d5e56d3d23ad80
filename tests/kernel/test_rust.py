"""CONFIG_RUST: what commands it has, and what is made again after a change.

That a kernel with it has kbuild's bytes is shown by tests/kernel/test_build.py (7.2-rust). The
tools are those of tools/get-rust.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.ours import Machine
from tests.kernel.pair import both_built
from tests.kernel.reference import RUST, build_environment, reference
from tests.kernel.test_drydiff import IMAGES
from tests.kernel.test_rebuilt import Trees, appended, replaced
from tests.kernel.trees import REPO, kernel_source

pytestmark = [pytest.mark.kernel, pytest.mark.full]


@pytest.mark.parametrize(
    ("version", "arch"), [*(("7.2", arch) for arch in IMAGES), ("6.12", "x86_64")]
)
def test_commands_are_those_of_make(
    version: str, arch: str, tmp_path: Path, measured: list[str]
) -> None:
    out, fragment = tmp_path / "out", tmp_path / "options"
    fragment.write_text(RUST)
    command = [
        sys.executable, str(REPO / "tools/drydiff"), "--kernel", kernel_source(version),
        "--out", str(out), f"ARCH={arch}", "LLVM=-19", "allnoconfig", "vmlinux", "modules",
        *IMAGES[arch],
    ]  # fmt: skip
    environment = build_environment(with_rust=True) | {"KCONFIG_ALLCONFIG": str(fragment)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert "CONFIG_RUST=y\n" in (out / ".config").read_text()
    measured.append(f"drydiff, {version}-{arch} with Rust: {done.stdout.splitlines()[-1]}")


# ---- what is made again (see tests/kernel/test_rebuilt.py)


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Iterator[Trees]:
    name = "7.2-rust-beside"
    machine = Machine(tmp_path_factory.mktemp("rebuilt"), reference(name))
    with both_built(name, machine) as pair:
        yield Trees(pair, machine)


@pytest.fixture
def trees(shared: Trees) -> Trees:
    shared.settle()
    return shared


def test_touched_source(trees):
    name = "samples/rust/rust_print_main"
    trees.pair.touch(f"{name}.rs")
    assert trees.check(kept={f"{name}.o"}) == {f"{name}.o"}


def test_source_of_a_library(trees):
    """Whoever uses it is compiled again in the same run, because of its metadata."""
    appended(trees, "rust/kernel/print.rs", "\n/// Added.\npub fn added() {}\n")
    made = trees.check(kept=set(), keeps_some=True)
    assert {"rust/kernel.o", "rust/libkernel.rmeta", "samples/rust/rust_print_main.o"} <= made
    assert "rust/bindings.o" not in made and "kernel/fork.o" not in made


def test_header_of_bindings(trees):
    field = "\tunsigned int next_fd;\n"
    replaced(trees, "include/linux/fdtable.h", field, f"\tunsigned long added;\n{field}")
    made = trees.check(kept=set(), keeps_some=True)
    assert "rust/bindings/bindings_generated.rs" in made


def test_procedural_macros(trees):
    appended(trees, "rust/macros/lib.rs", "// A comment.\n")
    made = trees.check(kept=set(), keeps_some=True)
    assert {"rust/libmacros.so", "rust/kernel.o"} <= made and "rust/core.o" not in made
