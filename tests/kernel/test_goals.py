"""Goals that are done at once, on trees that kbuild has built: ninjagen leaves what make leaves.

It says the same, too.

Each goal is done twice at the same place, in copies of the same tree.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.kernel.ours import NINJAGEN, Machine, Run, run
from tests.kernel.reference import Reference, build_environment, reference
from tests.kernel.trees import files_below

pytestmark = pytest.mark.kernel

INSTALLKERNEL = """\
#!/bin/sh
for file in "$2" "$3"; do cp "$file" "$4/$(basename "$file")-$1"; done
"""


def in_ci(name: str, *goals: str):
    return pytest.param(name, goals, id=f"{name}-{goals[0]}")


def of_matrix(name: str, *goals: str):
    return pytest.param(name, goals, id=f"{name}-{goals[0]}", marks=pytest.mark.full)


@pytest.mark.parametrize(
    ("name", "goals"),
    [
        in_ci("7.2-llvm", "mrproper"),
        in_ci("7.2-llvm", "install"),
        of_matrix("7.2-llvm", "clean"),
        of_matrix("7.2-llvm", "headers_install"),
        of_matrix("7.2-llvm", "help"),
        of_matrix("7.2-llvm", "modules_install"),
        of_matrix("7.2-dist-modules", "modules_install", "INSTALL_MOD_STRIP=1"),
        of_matrix("7.2-dist-modules", "distclean"),
        of_matrix("7.2-dist-arm64", "mrproper"),
        of_matrix("6.12-llvm", "mrproper"),
        of_matrix("6.12-llvm", "headers_install"),
        of_matrix("7.2-llvm-in-tree", "mrproper"),
    ],
)
def test_as_make(name: str, goals: Sequence[str], tmp_path: Path) -> None:
    ref = reference(name)
    with ref.locked():
        theirs = done(ref, ["make"], goals, tmp_path, build_environment())
        ours = done(ref, NINJAGEN, goals, tmp_path, Machine(tmp_path).environment)
    assert ours[0].stdout == theirs[0].stdout
    assert ours[0].status == 0 == theirs[0].status, ours[0].stderr + theirs[0].stderr
    assert ours[1] == theirs[1]


def test_what_is_not_built_is_not_installed(tmp_path: Path) -> None:
    """Nothing makes the image in its place, and the message is make's."""
    ref = reference("7.2-llvm")
    with ref.locked():
        put_copy(ref)
        theirs = run(command(ref, ["make"], ["install"], tmp_path), ref.source, build_environment())
        machine = Machine(tmp_path)
        ours = machine.run(command(ref, NINJAGEN, ["install"], tmp_path), ref.source)
    assert "*** Missing file: arch/x86/boot/bzImage" in theirs.stderr
    assert (theirs.status, ours.status) == (2, 1)
    assert ours.stderr == theirs.stderr + "ninjagen: error: install failed\n"


def command(
    ref: Reference, program: Sequence[str], goals: Sequence[str], tmp_path: Path
) -> list[str]:
    place = tmp_path / "installed"
    paths = [f"INSTALL_{what}={place}" for what in ("PATH", "MOD_PATH", "HDR_PATH")]
    return [*program, *ref.arguments, *paths, *goals]


def done(
    ref: Reference, program: Sequence[str], goals: Sequence[str], tmp_path: Path,
    environment: dict[str, str],
) -> tuple[Run, dict[str, str]]:
    """Do goals in a copy of kbuild's tree; return what was printed, and all files there are."""
    place, home = tmp_path / "installed", tmp_path / "home"
    for directory in (place, home):
        shutil.rmtree(directory, ignore_errors=True)
    put_copy(ref)
    if "install" in goals:
        (home / "bin").mkdir(parents=True)
        (home / "bin/installkernel").write_text(INSTALLKERNEL)
        (home / "bin/installkernel").chmod(0o755)
        (ref.out / "arch/x86/boot/bzImage").write_text("image\n")
    found = run(command(ref, program, goals, tmp_path), ref.source, environment | {
        "HOME": str(home)
    })
    return found, dict([*digests(ref.out), *digests(place)])


def put_copy(ref: Reference) -> None:
    """Put a copy of kbuild's tree to where it was built."""
    shutil.rmtree(ref.out, ignore_errors=True)
    # An in-tree copy holds sources, which are links to the kernel's: they are only removed.
    link = "-al" if ref.variant.place == "in-tree" else "-a"
    subprocess.run(["cp", link, str(ref.kbuild), str(ref.out)], check=True)


def digests(tree: Path) -> Iterator[tuple[str, str]]:
    """Every file below a tree with what is in it, and every directory."""
    if not tree.exists():
        return
    for name, entry in files_below(tree):
        path = os.path.join(tree, name)
        yield path, os.readlink(path) if entry.is_symlink() else digest(path)
    for directory, _, _ in os.walk(tree):
        yield directory, "directory"


def digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
