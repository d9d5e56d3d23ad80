"""Files replaced whole or not at all."""

from __future__ import annotations

import os

import pytest

from ninjagen import files
from ninjagen.errors import NinjagenError


def test_replaced_with_directories(tmp_path):
    path = tmp_path / "a" / "b" / "file"
    files.replace(str(path), "one\r\n\udcff\n")
    assert path.read_bytes() == b"one\r\n\xff\n"
    files.replace(str(path), "two")
    assert path.read_text() == "two"
    assert os.listdir(path.parent) == ["file"]


def test_relative_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files.replace("file", "text")
    assert (tmp_path / "file").read_text() == "text"


def refuse(*arguments, **keywords):
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("name", ["file/x", "directory"])
def test_where_nothing_can_be_written(tmp_path, name):
    (tmp_path / "file").write_text("old")
    (tmp_path / "directory" / "in").mkdir(parents=True)
    with pytest.raises(NinjagenError, match=f"cannot write .*{name}: "):
        files.replace(str(tmp_path / name), "text")
    assert sorted(os.listdir(tmp_path)) == ["directory", "file"]
    assert (tmp_path / "file").read_text() == "old"


@pytest.mark.parametrize("step", ["open", "os.replace", "os.makedirs"])
def test_unwritable_directory(tmp_path, monkeypatch, step):
    """Told by the system: tests may run as root, who can write everywhere."""
    (tmp_path / "file").write_text("old")
    with monkeypatch.context() as patch:
        patch.setattr("builtins.open" if step == "open" else step, refuse)
        with pytest.raises(NinjagenError, match=r"cannot write .*file: Permission denied"):
            files.replace(str(tmp_path / "file"), "new")
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def interrupt(*arguments):
    raise KeyboardInterrupt


def test_interrupted(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            files.replace(str(tmp_path / "file"), "new")
    assert os.listdir(tmp_path) == []


def test_text_that_is_no_text(tmp_path):
    with pytest.raises(UnicodeEncodeError):
        files.replace(str(tmp_path / "file"), "\ud800")
    assert os.listdir(tmp_path) == []


def old(path) -> float:
    os.utime(path, (1000, 1000))
    return 1000


@pytest.mark.parametrize("text", ["text\n", "", "a\r\nb\n", "\udcff", "é"])
def test_same_text_leaves_the_file_alone(tmp_path, text):
    path = tmp_path / "file"
    files.replace_if_changed(str(path), text)
    old(path)
    files.replace_if_changed(str(path), text)
    assert path.stat().st_mtime == 1000
    for other in (f"{text}more", text.replace("\r", "") + "\n"):
        old(path)
        files.replace_if_changed(str(path), other)
        assert path.stat().st_mtime > 1000
        assert path.read_bytes() == other.encode("utf-8", "surrogateescape")


def test_text_in_pieces(tmp_path):
    path = tmp_path / "file"
    for text in ("a" * 3_000_000, "a" * 2_999_999 + "b"):
        files.replace_if_changed(str(path), iter([text[:10], text[10:]]))
        assert path.read_text() == text
        old(path)
        files.replace_if_changed(str(path), iter([text]))
        assert path.stat().st_mtime == 1000
    assert os.listdir(tmp_path) == ["file"]


def test_text_with_other_line_ends_is_another(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"a\r\nb\r\n")
    files.replace_if_changed(str(path), "a\nb\n")
    assert path.read_bytes() == b"a\nb\n"
