"""What cannot be right fails, and leaves nothing that could be taken for a result."""

from __future__ import annotations

import subprocess

import pytest

from ninjagen.kbuild import thinlto
from tests.thinlto.lab import NINJAS, Lab, Ran

pytestmark = pytest.mark.kernel

INDEX, NATIVE = thinlto.INDEX, thinlto.NATIVE


@pytest.fixture
def compile_alone(lab):
    """Run a back end's own command, as ninja would; return status and what it said."""

    def run(name: str, change=lambda command: command) -> tuple[int, str]:
        asked = [lab.ninja_program, "-t", "commands", "-s", name + NATIVE]
        command = subprocess.run(
            asked, cwd=lab.directory, capture_output=True, text=True, check=True
        ).stdout
        done = subprocess.run(
            ["/bin/sh", "-c", change(command)], cwd=lab.directory, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False,
        )
        return done.returncode, done.stdout

    return run


def cut(lab: Lab, name: str) -> None:
    content = lab.read(name)
    lab.path(name).write_bytes(content[: len(content) // 2])


def test_back_end_by_itself(lab, compile_alone):
    before = lab.read("m00" + NATIVE)
    assert compile_alone("m00")[0] == 0
    assert lab.read("m00" + NATIVE) == before


@pytest.mark.parametrize("name", ["lib/m15", "alone"])
@pytest.mark.parametrize("damage", ["missing", "cut", "empty"])
def test_index(lab, compile_alone, name, damage):
    """clang exits 0 for each of these; for an empty one it compiles as if there were no LTO."""
    index = lab.path(name + ".o" + INDEX)
    if damage == "missing":
        index.unlink()
    elif damage == "cut":
        cut(lab, name + ".o" + INDEX)
    else:
        index.write_bytes(b"")
    status, said = compile_alone(name)
    assert status != 0, said
    assert f"backend: {name}{NATIVE}: " in said
    assert not lab.path(name + NATIVE).exists()


@pytest.mark.parametrize("damage", ["missing", "cut", "native", "empty"])
def test_imported_module(lab, compile_alone, damage):
    assert "lib/m18.o" in lab.imports()["lib/m15.o"]
    module = lab.path("lib/m18.o")
    if damage == "missing":
        module.unlink()
    elif damage == "cut":
        cut(lab, "lib/m18.o")
    else:
        module.write_bytes(lab.read("plain.o") if damage == "native" else b"")
    status, said = compile_alone("lib/m15")
    assert status != 0, said
    assert f"backend: lib/m15{NATIVE}: " in said
    assert not lab.path("lib/m15" + NATIVE).exists()


@pytest.mark.parametrize("spelling", ["./{}", "{directory}/{}"])
def test_another_spelling_of_the_object(lab, compile_alone, spelling):
    """The index does not know the object by that name: what clang makes has no symbols."""
    name = "lib/m15.o"
    other = spelling.format(name, directory=lab.directory)

    def respell(command: str) -> str:
        assert f"-c -o lib/m15{NATIVE} {name}" in command
        return command.replace(f"lib/m15{NATIVE} {name}", f"lib/m15{NATIVE} {other}")

    status, said = compile_alone("lib/m15", respell)
    assert status != 0, said
    assert not lab.path("lib/m15" + NATIVE).exists()


def fails(lab: Lab, *words: str) -> Ran:
    """Build; it fails, says these words, and goes no further than to the failure."""
    before = lab.read("vmlinux")
    lab.save()
    ran = lab.ninja()
    assert ran.status != 0
    for word in words:
        assert word in ran.text
    assert not ran.linked and lab.read("vmlinux") == before
    return ran


def test_flag_that_only_the_back_end_refuses(lab):
    lab.source("m05").flags = "-mllvm -align-all-functions=60000000000"
    fails(lab, "m05")
    lab.source("m05").flags = ""
    lab.build()
    lab.compare_with_clean()


@pytest.mark.parametrize("ninja", NINJAS)
def test_source_that_does_not_compile(lab_of, ninja):
    """Once it is as it was, its object comes out as it was; ninja has to see that it is done."""
    lab = lab_of(ninja=NINJAS[ninja]())
    lab.path("m05.c").write_text("what is this\n")
    ran = lab.ninja()
    assert ran.status != 0 and not ran.linked
    assert not lab.path("m05.o").exists()
    lab.build()
    lab.compare_with_clean()


def test_the_last_lto_flag_counts(lab):
    """As with the kernel's own `-fno-lto -flto=thin`, and with a file that opts out of it."""
    lab.source("plain").flags = "-flto=thin -fno-lto"
    ran = lab.build()
    assert ran.front == {"plain.o"} and ran.back == set()
    assert "plain.o" in lab.members("vmlinux.a")
    lab.compare_with_clean()


def test_wrong_prediction_is_named(lab):
    text = lab.read(thinlto.PREDICTED).decode()
    lab.write(thinlto.PREDICTED, text.replace("m05.o\n", "") + "plain.o\n")
    before = {name: lab.path(name + INDEX).stat().st_mtime_ns for name in lab.bitcode}
    ran = lab.ninja()
    assert ran.status != 0
    assert "not expected: m05.o" in ran.text and "missing: plain.o" in ran.text
    assert "run ninjagen again" in ran.text
    assert before == {name: lab.path(name + INDEX).stat().st_mtime_ns for name in lab.bitcode}
    lab.build()


def test_bitcode_that_the_flags_do_not_promise(lab):
    """LTO comes from a place that ninjagen does not read."""
    lab.write("lto.cfg", "-flto=thin\n")
    lab.source("plain").flags = "--config ./lto.cfg"
    fails(lab, "not expected: plain.o")
    lab.source("plain").flags = ""
    lab.build()
    lab.compare_with_clean()


def test_archive_that_does_not_hold_what_is_expected(lab):
    """The list that the archiver gives is compared with that of build.ninja."""
    lab.write("heads.txt", "start.o\nsub/m14.o\n")  # and build.ninja is not written again
    ran = lab.ninja()
    assert ran.status != 0
    assert "the order of the list of objects" in ran.text and "run ninjagen again" in ran.text
    lab.build()
    lab.compare_with_clean()
