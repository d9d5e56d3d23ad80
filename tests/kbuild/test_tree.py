"""Where sources and objects are."""

from __future__ import annotations

import os

import pytest

from ninjagen.errors import NinjagenError
from ninjagen.kbuild.tree import KernelTree, find_tree


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
