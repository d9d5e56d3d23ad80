"""Bad input to ninjagen: one clear error, exit status 1 or 2, and no half-written file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.ours import NINJAGEN, Machine, Run
from tests.kernel.reference import LLVM, reference
from tests.kernel.trees import cache_directory, copy_source, kernel_source, replace_file

pytestmark = pytest.mark.kernel

# What a failed run may leave, each file whole: what kbuild writes before it looks at anything,
# and the configuration.
MAY_BE_LEFT = (
    ".config.old", ".ninjagen/", "include/config/", "include/generated/autoconf.h",
    "include/generated/rustc_cfg", "Makefile", ".gitignore", "source",
)  # fmt: skip


@pytest.fixture(scope="module")
def config() -> Path:
    """A good .config of 7.2 for LLVM."""
    return reference("7.2-llvm").config


@pytest.fixture
def out(tmp_path, config) -> Path:
    """An object tree that is in order."""
    tree = tmp_path / "out"
    tree.mkdir()
    shutil.copy(config, tree / ".config")
    return tree


@pytest.fixture
def machine(tmp_path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture(scope="module")
def own_source() -> Iterator[Path]:
    """A copy of the source tree, of hard links. They do not reach across file systems."""
    copy = cache_directory() / f"bad-input-{os.getpid()}"
    copy_source("7.2", copy)
    yield copy
    shutil.rmtree(copy)


@pytest.fixture
def source(own_source, monkeypatch) -> Iterator[Path]:
    """The copy, to be spoiled with `spoil` or by new files, which are taken away again."""
    yield own_source
    for spoilt in SPOILT:
        spoilt.unlink(missing_ok=True)
        original = Path(kernel_source("7.2")) / spoilt.relative_to(own_source)
        if original.exists():
            os.link(original, spoilt)
    SPOILT.clear()


SPOILT: list[Path] = []


def spoil(path: Path, text: str | None) -> None:
    """Replace, make or (text is None) remove a file of the copy until the test is over."""
    SPOILT.append(path)
    if text is None:
        path.unlink()
    else:
        replace_file(path, text)


def ninjagen(machine: Machine, source: Path | str, out: Path, *words: str) -> Run:
    llvm = () if any(word.startswith("LLVM=") for word in words) else LLVM
    return machine.run([*NINJAGEN, *llvm, f"O={out}", *words], Path(source))


def listing(tree: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(tree)): path.read_bytes() for path in tree.rglob("*") if path.is_file()
    }


def check_error(run: Run, *says: str) -> None:
    """One error that says all this; further lines are its trail and hint, and are indented."""
    assert run.status in (1, 2), run
    assert "Traceback" not in run.stderr, run.stderr
    lines = run.stderr.splitlines()
    assert len([line for line in lines if not line.startswith(" ")]) == 1, run.stderr
    for text in says:
        assert text in run.stderr, run.stderr


def check_nothing_half_written(out: Path, before: dict[str, bytes]) -> None:
    after = listing(out)
    new = [name for name in after if after[name] != before.get(name)]
    assert [name for name in new if not name.startswith(MAY_BE_LEFT)] == []
    assert [name for name in after if "tmp" in name] == []


def check_fails(machine: Machine, source: Path | str, out: Path, *words: str) -> Run:
    before = listing(out)
    run = ninjagen(machine, source, out, *words)
    check_nothing_half_written(out, before)
    return run


# ---- the configuration


def test_no_config(machine, out):
    (out / ".config").unlink()
    run = check_fails(machine, kernel_source("7.2"), out)
    check_error(run, ".config", "defconfig")


def test_config_of_another_architecture(machine, out):
    config = (out / ".config").read_text()
    config = config.replace("Linux/x86", "Linux/arm64").replace("CONFIG_X86=y", "CONFIG_ARM64=y")
    config = config.replace("CONFIG_X86_64=y\n", "")
    (out / ".config").write_text(config)
    run = check_fails(machine, kernel_source("7.2"), out)
    check_error(run, "arm64", "x86")


# ---- the tools


def test_compiler_missing(machine, out):
    run = check_fails(machine, kernel_source("7.2"), out, "LLVM=-99")
    check_error(run, "clang-99")


# ---- the source tree


def test_makefile_with_a_syntax_error(machine, source, out):
    text = (source / "kernel/Makefile").read_text()
    spoil(source / "kernel/Makefile", "ifeq (a\n" + text)
    check_error(check_fails(machine, source, out), "kernel/Makefile:1: ")


def test_makefile_without_separator(machine, source, out):
    text = (source / "mm/Makefile").read_text()
    spoil(source / "mm/Makefile", text + "\nthis is no rule\n")
    line = text.count("\n") + 2
    check_error(check_fails(machine, source, out), f"mm/Makefile:{line}: *** missing separator")


def test_makefile_missing(machine, source, out):
    spoil(source / "mm/Makefile", None)
    check_error(check_fails(machine, source, out), "mm/Makefile")


def test_source_file_missing(machine, source, out):
    spoil(source / "mm/memory.c", None)
    check_error(check_fails(machine, source, out), "mm/memory.o")


def test_kconfig_file_missing(machine, source, out):
    spoil(source / "mm/Kconfig", None)
    check_error(check_fails(machine, source, out), "mm/Kconfig")


def test_kconfig_with_a_syntax_error(machine, source, out):
    spoil(source / "mm/Kconfig", "config\n" + (source / "mm/Kconfig").read_text())
    check_error(check_fails(machine, source, out), "mm/Kconfig:1: ")


def test_source_tree_is_not_clean(machine, source, out):
    spoil(source / ".config", (out / ".config").read_text())
    run = check_fails(machine, source, out)
    check_error(run, "not clean", "mrproper")


def test_not_a_kernel_tree(machine, tmp_path, out):
    (tmp_path / "empty").mkdir()
    check_error(check_fails(machine, tmp_path / "empty", out))


# ---- the command line


def test_unknown_goal(machine, out):
    check_error(check_fails(machine, kernel_source("7.2"), out, "vmlinus"), "vmlinus")


def test_unknown_flag(machine, out):
    run = check_fails(machine, kernel_source("7.2"), out, "--no-such-flag")
    assert run.status == 2
    assert "--no-such-flag" in run.stderr


# ---- the object tree. Tests may run as root, whom no permission stops.


def test_object_tree_below_a_file(machine, tmp_path):
    (tmp_path / "file").write_text("")
    run = ninjagen(machine, kernel_source("7.2"), tmp_path / "file/out")
    check_error(run, f"{tmp_path}/file/out")


def test_object_tree_in_a_file_system_that_cannot_be_written(machine):
    check_error(ninjagen(machine, kernel_source("7.2"), Path("/proc/out")), "/proc/out")


def test_file_where_a_directory_belongs(machine, out):
    (out / "include").write_text("")
    check_error(check_fails(machine, kernel_source("7.2"), out), "include")


def test_directory_where_build_ninja_belongs(machine, out):
    (out / "build.ninja/x").mkdir(parents=True)
    check_error(check_fails(machine, kernel_source("7.2"), out), "build.ninja")


@pytest.mark.parametrize("limit", [1 << 12, 1 << 16])
def test_no_room_for_what_is_written(machine, out, limit):
    """As on a full disk: no file can grow beyond the limit. What was there stays as it was."""
    (out / "build.ninja").write_text("# an older one\n")
    before = listing(out)
    command = ["prlimit", f"--fsize={limit}", *NINJAGEN, *LLVM, f"O={out}"]
    check_error(machine.run(command, Path(kernel_source("7.2"))), "too large")
    check_nothing_half_written(out, before)


def test_the_same_input_in_order_is_accepted(machine, source, out):
    """The tests above fail for the reason that they name, and not for one that they share."""
    ninjagen(machine, source, out).check()
