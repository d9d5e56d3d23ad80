"""Our build of a real kernel against kbuild's: the same commands, the same bytes, and no make.

The tests of one variant share one object tree and run in the order of this file, each on what
the one before it left. `built` is the first build, from a tree with only a .config in it.
"""

from __future__ import annotations

import filecmp
import fnmatch
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kernel.ours import Machine, Run
from tests.kernel.reference import GOAL, VARIANTS, Reference, reference, run_make
from tests.kernel.trees import REPO

pytestmark = pytest.mark.kernel

# Every variant is built and compared. The ones that are not here wait for --full.
QUICK = ("7.2-llvm", "7.2-gcc", "7.2-thin", "6.12-llvm")
# What is the same work again for every variant is done for these, unless --full is given.
THOROUGH = ("7.2-llvm",)

PRODUCTS = ("vmlinux", "System.map", "modules.builtin", "modules.builtin.modinfo")

# Files of kbuild's tree that ours need not have, or may have with other contents.
NOT_COMPARED = {
    "scripts/kconfig/*": "kbuild's configuration program: ninjagen reads Kconfig itself",
    "include/config/auto.conf.cmd": "tells make what the configuration was made from",
    ".tmp_vmlinux*": "left over from the link",
    "*.d": "compilers' dependency files, left over",
    ".version": "counts kbuild's links",
    "source": "a link to the source tree",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    full = metafunc.config.getoption("--full")
    if "built" in metafunc.fixturenames:
        names = VARIANTS if full else QUICK
        metafunc.parametrize("built", names, indirect=True, scope="module")
    if "thorough" in metafunc.fixturenames:
        names = VARIANTS if full else THOROUGH
        metafunc.parametrize("thorough", names, indirect=True, scope="module")
    if "flag" in metafunc.fixturenames:
        # The resumed build has run with -j8 and -k0 already.
        metafunc.parametrize("flag", ["-j1", "-j8", "-k0"] if full else ["-j1"])


@dataclass
class Built:
    """An object tree of ours beside kbuild's."""

    ref: Reference
    machine: Machine
    generated: Run
    manifest: bytes  # build.ninja as it came out of the clean tree

    @property
    def out(self) -> Path:
        return self.ref.out


@contextmanager
def generated_in_clean_tree(name: str, directory: Path) -> Iterator[Built]:
    ref = reference(name)
    with ref.locked():
        ref.empty_tree()
        machine = Machine(directory)
        generated = machine.ninjagen(ref).check()
        manifest = (ref.out / "build.ninja").read_bytes()
        yield Built(ref, machine, generated, manifest)


@pytest.fixture(scope="module")
def built(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[Built]:
    with generated_in_clean_tree(request.param, tmp_path_factory.mktemp("built")) as tree:
        yield tree


@pytest.fixture(scope="module")
def thorough(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[Built]:
    with generated_in_clean_tree(request.param, tmp_path_factory.mktemp("thorough")) as tree:
        yield tree


def differing(ref: Reference, names: Iterable[str]) -> list[str]:
    """Those of kbuild's files that ours has not, or not with the same bytes."""
    return [name for name in names if not same(ref.kbuild / name, ref.out / name)]


def same(theirs: Path, ours: Path) -> bool:
    if theirs.is_symlink():
        return ours.is_symlink() and theirs.readlink() == ours.readlink()
    if not ours.is_file():
        return False
    return theirs.samefile(ours) or filecmp.cmp(theirs, ours, shallow=False)


def products(ref: Reference) -> tuple[str, ...]:
    return tuple(name for name in PRODUCTS if (ref.kbuild / name).exists())


def files_of(tree: Path) -> Iterator[str]:
    """All files below a tree; in an in-tree build those of the source too."""
    for directory, directories, names in os.walk(tree):
        links = [name for name in directories if os.path.islink(os.path.join(directory, name))]
        for name in names + links:
            yield os.path.relpath(os.path.join(directory, name), tree)


def is_compared(name: str) -> bool:
    return not any(fnmatch.fnmatchcase(name, pattern) for pattern in NOT_COMPARED)


def cmd_files(tree: Path) -> set[str]:
    return {
        name
        for name in files_of(tree)
        if os.path.basename(name).startswith(".") and name.endswith(".cmd") and is_compared(name)
    }


# ---- before anything is built


def test_commands_are_the_saved_ones(built):
    command = [sys.executable, str(REPO / "tools/cmddiff"), str(built.ref.kbuild)]
    done = subprocess.run([*command, "--ours", str(built.out)], capture_output=True, text=True)
    lines = (done.stdout + done.stderr).splitlines()
    assert done.returncode == 0, "\n".join([*lines[:60], "...", *lines[-1:]])


# ---- the build


def test_builds_without_make(built, measured):
    done = built.machine.ninja(built.ref)
    measured.append(f"{built.ref.variant.name}: ninja {done.seconds:.0f} s")
    calls = built.machine.calls
    assert not calls.exists(), calls.read_text()
    done.check()


def test_products_are_equal(built):
    assert products(built.ref)
    assert differing(built.ref, products(built.ref)) == []


def test_cmd_files_are_equal(built):
    theirs, ours = cmd_files(built.ref.kbuild), cmd_files(built.out)
    assert (sorted(theirs - ours), sorted(ours - theirs)) == ([], [])
    assert differing(built.ref, sorted(theirs)) == []


def test_every_other_file_is_equal(built):
    names = sorted(filter(is_compared, files_of(built.ref.kbuild)))
    assert differing(built.ref, names) == []


def test_second_build_has_nothing_to_do(built, measured):
    done = built.machine.ninja(built.ref).check()
    measured.append(f"{built.ref.variant.name}: ninja with nothing to do {done.seconds:.2f} s")
    assert done.stdout.splitlines()[-1] == "ninja: no work to do."


# ---- build.ninja


def test_built_tree_gives_the_same_manifest(built):
    built.machine.ninjagen(built.ref).check()
    assert (built.out / "build.ninja").read_bytes() == built.manifest


@pytest.mark.parametrize("seed", ["1", "2"])
def test_hash_seed_does_not_matter(built, seed):
    (built.out / "build.ninja").unlink()
    built.machine.ninjagen(built.ref, PYTHONHASHSEED=seed).check()
    assert (built.out / "build.ninja").read_bytes() == built.manifest


def test_no_work_after_regeneration(built):
    done = built.machine.ninja(built.ref).check()
    assert done.stdout.splitlines()[-1] == "ninja: no work to do."


# ---- make in our tree


def test_make_finds_nothing_to_do(built, measured, tmp_path):
    run_make(built.ref, GOAL, log=tmp_path / "first")
    said = work_of((tmp_path / "first").read_text().splitlines())
    assert said == work_of(built.ref.null_build())
    assert differing(built.ref, products(built.ref)) == []

    seconds = run_make(built.ref, GOAL, log=tmp_path / "second")
    again = built.machine.ninjagen(built.ref).check()
    name, first = built.ref.variant.name, built.generated
    measured.append(
        f"{name}: ninjagen first {first.seconds:.2f} s, again {again.seconds:.2f} s; "
        f"make with nothing to do {seconds:.2f} s "
        f"({'not longer' if again.seconds <= seconds else 'LONGER'} than make)"
    )
    peak = max(first.peak_mb, again.peak_mb)
    measured.append(
        f"{name}: peak memory {peak:.0f} MB ({'below' if peak < 300 else 'ABOVE'} 300 MB)"
    )


def work_of(lines: list[str]) -> list[str]:
    """What make says it does, without where it does it and in no particular order."""
    return sorted({line for line in lines if not re.match(r"make(\[\d+\])?: ", line)})


def test_ninja_finds_nothing_to_do_after_make(built):
    done = built.machine.ninja(built.ref).check()
    assert done.stdout.splitlines()[-1] == "ninja: no work to do."


# ---- the same bytes however it is run


def test_killed_build_resumes(thorough):
    killed = [thorough.machine.ninja_killed(thorough.ref, "-j8", after=t) for t in (4, 15, 30)]
    assert any(killed), "the build was over before it could be killed"
    thorough.machine.ninja(thorough.ref, "-j8", "-k0").check()
    assert differing(thorough.ref, products(thorough.ref)) == []
    assert differing(thorough.ref, sorted(cmd_files(thorough.ref.kbuild))) == []


def test_flags_do_not_matter(thorough, flag):
    thorough.ref.empty_tree()
    thorough.machine.ninjagen(thorough.ref).check()
    thorough.machine.ninja(thorough.ref, flag).check()
    assert differing(thorough.ref, products(thorough.ref)) == []
