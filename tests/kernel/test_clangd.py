"""clangd understands the files of a tree in which nothing but the generated headers is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel.ours import NINJAGEN, Machine
from tests.kernel.reference import LLVM
from tests.kernel.trees import kernel_source

pytestmark = pytest.mark.kernel

FILES = ("kernel/fork.c", "arch/x86/kernel/setup.c", "init/main.c", "scripts/mod/modpost.c")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> tuple[Machine, Path, Path]:
    """A machine, a kernel source, and an object tree after `ninja prepare`."""
    directory = tmp_path_factory.mktemp("prepared")
    machine, source, out = Machine(directory), Path(kernel_source("7.2")), directory / "out"
    words = [*NINJAGEN, *LLVM, f"O={out}"]
    machine.run([*words, "tinyconfig"], source).check()
    machine.run(words, source).check()
    machine.run(["ninja", "-C", str(out), "prepare"], source).check()
    return machine, source, out


@pytest.mark.parametrize("name", FILES)
def test_no_error(prepared, name):
    machine, source, out = prepared
    assert not (out / name).with_suffix(".o").exists() or name.startswith("scripts/")
    command = ["clangd-19", f"--check={source / name}", f"--compile-commands-dir={out}",
               "--check-lines=1-60"]
    checked = machine.run(command, source)
    assert checked.status == 0, checked.stderr
    assert "All checks completed, 0 errors" in checked.stderr
    assert "Generic fallback command" not in checked.stderr  # it has found the file's own


def test_wrong_flags_are_an_error(prepared, tmp_path):
    """The check can fail: without the generated headers it does."""
    machine, source, out = prepared
    text = (out / "compile_commands.json").read_text()
    (tmp_path / "compile_commands.json").write_text(text.replace("include/generated", "nowhere"))
    command = ["clangd-19", f"--check={source / FILES[0]}", f"--compile-commands-dir={tmp_path}",
               "--check-lines=1-60"]
    assert machine.run(command, source).status != 0
