"""Where sources and objects are."""

from __future__ import annotations

import os

import pytest

from ninjagen.errors import NinjagenError
from ninjagen.kbuild.tree import KernelTree, check_prepared, find_tree


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "linux"
    (path / "scripts").mkdir(parents=True)
    (path / "scripts/Kbuild.include").touch()
    return path


def test_in_tree(source):
    tree = find_tree(str(source), {}, {})
    assert tree == KernelTree(str(source), str(source))
    assert tree.in_tree
    assert find_tree(str(source), {"O": "."}, {}).in_tree


@pytest.mark.parametrize(
    ("variables", "environ"),
    [
        ({"O": "../out/sub"}, {}),
        ({}, {"KBUILD_OUTPUT": "../out/sub"}),
        ({"O": "../out/sub"}, {"KBUILD_OUTPUT": "../other"}),
    ],
)
def test_objects_elsewhere(source, tmp_path, variables, environ):
    tree = find_tree(str(source), variables, environ)
    assert tree == KernelTree(str(source), str(tmp_path / "out/sub"))
    assert os.path.isdir(tree.objtree)
    assert not tree.in_tree
    assert not (tmp_path / "other").exists()


def test_object_tree_of_ours(source, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    for named in (str(source), "../linux"):
        text = f"# automatic\nexport KBUILD_OUTPUT = .\ninclude {named}/Makefile\n"
        (out / "Makefile").write_text(text)
        assert find_tree(str(out), {}, {}) == KernelTree(str(source), str(out))
    assert find_tree(str(out), {"O": "other"}, {}).objtree == str(out / "other")


def test_object_tree_through_a_link(source, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert find_tree(str(source), {"O": "../link"}, {}).objtree == str(tmp_path / "real")


@pytest.mark.parametrize("makefile", [None, "include ../nowhere/Makefile\n", "all:\n", b"\xff\n"])
def test_neither(tmp_path, makefile):
    if isinstance(makefile, bytes):
        (tmp_path / "Makefile").write_bytes(makefile)
    elif makefile is not None:
        (tmp_path / "Makefile").write_text(makefile)
    with pytest.raises(NinjagenError, match="neither a kernel source tree nor an object tree"):
        find_tree(str(tmp_path), {"O": "out"}, {})
    assert not (tmp_path / "out").exists()


def test_object_tree_that_cannot_be_made(source):
    (source / "file").touch()
    with pytest.raises(NinjagenError, match="failed to create output directory file") as raised:
        find_tree(str(source), {"O": "file"}, {})
    assert "O= names" in str(raised.value)


def test_object_tree_that_cannot_be_written(source, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(NinjagenError, match=r"cannot write to output directory \.\./out"):
        find_tree(str(source), {"O": "../out"}, {})


# ---- external modules


@pytest.fixture
def kernel(source, tmp_path):
    """The object tree of a built kernel."""
    (source / "Makefile").write_text("output := $(KBUILD_EXTMOD_OUTPUT)\n")
    out = tmp_path / "out"
    for name in ("include/config/auto.conf", "include/generated/autoconf.h",
                 "scripts/mod/modpost", "Module.symvers"):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).touch()
    (out / "Makefile").write_text(f"include {source}/Makefile\n")
    (tmp_path / "module").mkdir()
    return out


@pytest.mark.parametrize(
    ("variables", "environ"),
    [
        ({"O": "../out", "M": "../module"}, {}),
        ({"M": "../module/"}, {"KBUILD_OUTPUT": "../out", "KBUILD_EXTMOD": "../other"}),
        ({"O": "../out"}, {"KBUILD_EXTMOD": "../module"}),
    ],
)
def test_module(source, kernel, tmp_path, variables, environ):
    tree = find_tree(str(source), variables, environ)
    module = str(tmp_path / "module")
    assert tree == KernelTree(str(source), module, module, str(kernel))
    assert tree.in_tree
    check_prepared(tree, {})


def test_module_from_the_object_tree(source, kernel, tmp_path):
    tree = find_tree(str(kernel), {"M": "../module"}, {})
    module = str(tmp_path / "module")
    assert tree == KernelTree(str(source), module, module, str(kernel))


def test_module_with_objects_elsewhere(source, kernel, tmp_path):
    tree = find_tree(str(source), {"O": "../out", "M": "../module", "MO": "../objects"}, {})
    assert tree.objtree == str(tmp_path / "objects")
    assert os.path.isdir(tree.objtree)
    assert not tree.in_tree


def test_empty_module_is_none(source):
    assert find_tree(str(source), {"M": ""}, {"KBUILD_EXTMOD": "x"}).module == ""


@pytest.mark.parametrize("missing", ["Module.symvers", "include/config/auto.conf"])
def test_module_for_a_kernel_that_is_not_ready(source, kernel, missing):
    (kernel / missing).unlink()
    tree = find_tree(str(source), {"O": "../out", "M": "../module"}, {})
    with pytest.raises(NinjagenError, match=f"not ready for external.*no {missing}") as raised:
        check_prepared(tree, {})
    assert f"ninja -C {kernel} vmlinux modules" in str(raised.value)


def test_symbols_that_the_user_does_without(source, kernel):
    (kernel / "Module.symvers").unlink()
    tree = find_tree(str(source), {"O": "../out", "M": "../module"}, {})
    check_prepared(tree, {"KBUILD_MODPOST_WARN": "1"})


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"O": "../nowhere", "M": "../module"}, "directory of the kernel, .*/nowhere, does not"),
        ({"O": "../out", "M": "../nowhere"}, r"directory of the module, \.\./nowhere, does not"),
    ],
)
def test_module_of_nothing(source, kernel, tmp_path, variables, says):
    with pytest.raises(NinjagenError, match=says):
        find_tree(str(source), variables, {})
    assert not (tmp_path / "nowhere").exists()


def test_module_for_a_kernel_that_builds_it_from_its_own_tree(source, kernel, tmp_path):
    """Its Makefile has no MO=."""
    (source / "Makefile").write_text("build-dir := $(KBUILD_EXTMOD)\n")
    tree = find_tree(str(source), {"O": "../out", "M": "../module", "MO": "../objects"}, {})
    assert tree.objtree == str(tmp_path / "module")
    assert tree.kernel == str(kernel)
    assert not (tmp_path / "objects").exists()
