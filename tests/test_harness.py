"""What the kernel tests rely on: a make that tells on its caller, and a build killed whole."""

from __future__ import annotations

import shutil

import pytest

from tests.kernel.ours import Machine, processes, session_of
from tests.kernel.reference import LLVM, TINY, Reference, Variant, tool_versions

pytestmark = pytest.mark.builds

MANIFEST = """\
rule sleep
  command = echo $$$$ >> pids; sleep 1000; touch $out
build a: sleep
build b: sleep
build vmlinux: phony a b
"""


@pytest.fixture
def ref(tmp_path) -> Reference:
    ref = Reference(Variant("made up", "0"), tmp_path)
    ref.out.mkdir()
    (ref.out / "build.ninja").write_text(MANIFEST)
    return ref


@pytest.mark.parametrize("name", ["make", "gmake"])
def test_make_is_recorded(tmp_path, name):
    machine = Machine(tmp_path)
    run = machine.run(["sh", "-c", f"{name} -f some goals; exit 3"], tmp_path)
    assert run.status == 3
    assert f"traps/{name} -f some goals, called by: sh -c" in machine.calls.read_text()


def test_killed_build_leaves_no_process(tmp_path, ref):
    assert Machine(tmp_path).ninja_killed(ref, "-j2", after=2)
    started = [int(pid) for pid in (ref.out / "pids").read_text().split()]
    assert len(started) == 2
    assert [pid for pid in started if pid in processes() and session_of(pid) is not None] == []


def test_build_that_ended_was_not_killed(tmp_path, ref):
    (ref.out / "build.ninja").write_text(MANIFEST.replace("sleep 1000", "true"))
    assert not Machine(tmp_path).ninja_killed(ref, after=60)


@pytest.mark.parametrize("arguments", [(), LLVM])
def test_a_kernel_with_rust_is_another_with_another_rustc(tmp_path, monkeypatch, arguments):
    of_rust = ("rustc", "bindgen")
    tools = ("gcc", "ld", "make", "flex", "bison", "clang-19", "ld.lld-19", "llvm-ar-19")
    for directory, says, names in (("path", "other", of_rust), ("path", "", tools),
                                   ("rust", "", of_rust)):
        (tmp_path / directory).mkdir(exist_ok=True)
        for name in names:
            (tmp_path / directory / name).write_text(f"#!/bin/sh\necho {says}{name} $1\n")
            (tmp_path / directory / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr("tests.kernel.reference.rust_tools", lambda: str(tmp_path / "rust"))
    plain = tool_versions(Variant("plain", "7.2", arguments, TINY))
    with_rust = tool_versions(Variant("rust", "7.2", arguments, TINY + "CONFIG_RUST=y\n"))
    assert with_rust == [*plain, "rustc --version\n", "bindgen --version\n"]
    assert not any("rustc" in version or "bindgen" in version for version in plain)


def test_ninja_is_there():
    assert shutil.which("ninja")
