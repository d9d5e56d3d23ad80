"""What is rebuilt after an edit: exactly that, object by object."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from ninjagen.kbuild import thinlto
from tests.thinlto.lab import NINJAS, Lab, Source

pytestmark = pytest.mark.kernel

IMPORTED = ["lib/m17", "lib/m18", "sub/m13", "m05"]


def changed_indexes(lab: Lab, before: dict[str, bytes]) -> set[str]:
    """The objects whose index is not what it was."""
    after = lab.indexes()
    return {name for name in after if after[name] != before.get(name)}


def test_the_lab_is_worth_it(lab):
    """Objects import from objects, and the program runs."""
    imports = lab.imports()
    assert sum(map(bool, imports.values())) >= 8
    for name in IMPORTED:
        assert len(lab.with_importers(f"{name}.o")) > 1, name
    assert lab.with_importers("alone.o") == {"alone.o"}
    assert subprocess.run([lab.path("vmlinux")], check=False).returncode > 0
    lab.compare_with_clean()


def test_nothing_changed(lab):
    ran = lab.build()
    assert ran.done == frozenset()


@pytest.mark.parametrize("name", ["m00", "lib/m18", "m06", "plain", "blob"])
def test_touched_file(lab, name):
    lab.touch(f"{name}.c")
    ran = lab.build()
    assert ran.done == {f"{name}.o"}  # one front end: no back end, no archive, no link


def test_comment(lab):
    lab.source("lib/m18").comments = 3
    ran = lab.build()
    assert ran.done == {"lib/m18.o"}


def test_comment_in_a_file_with_inline_assembly(lab):
    """Where the assembly stands is in the bitcode; the native object comes out as it was."""
    lab.source("alone").comments = 3
    ran = lab.build()
    assert (ran.front, ran.back) == ({"alone.o"}, {"alone.o"})
    assert "vmlinux.a" not in ran.done and not ran.linked
    lab.compare_with_clean()


def test_comment_in_such_a_file_that_others_import_from(lab):
    """The hash of the bitcode is in the names of local functions that importers call."""
    indexes = lab.indexes()
    lab.source("lib/m17").comments = 3
    ran = lab.build()
    assert ran.front == {"lib/m17.o"}
    assert ran.back == changed_indexes(lab, indexes) == lab.with_importers("lib/m17.o")
    lab.compare_with_clean()


@pytest.mark.parametrize("name", [*IMPORTED, "m00", "alone", "blob"])
def test_body(lab, name):
    imported, indexes = lab.with_importers(f"{name}.o"), lab.indexes()
    lab.source(name).number += 1000
    ran = lab.build()
    reached = imported | lab.with_importers(f"{name}.o")
    assert ran.front == {f"{name}.o"}
    assert ran.back == changed_indexes(lab, indexes) == reached
    assert ran.linked
    lab.compare_with_clean()


def test_body_and_back_again(lab):
    before = lab.read("vmlinux")
    lab.source("lib/m18").number += 1
    first = lab.build()
    lab.source("lib/m18").number -= 1
    second = lab.build()
    assert first.back == second.back
    assert lab.read("vmlinux") == before


@pytest.mark.parametrize("name", ["plain", "m06"])
def test_body_without_bitcode(lab, name):
    lab.source(name).number += 1
    ran = lab.build()
    assert (ran.front, ran.back, ran.linked) == ({f"{name}.o"}, set(), True)
    lab.compare_with_clean()


def test_assembly(lab):
    lab.start = lab.start.replace("mov $60", "nop; mov $60")
    ran = lab.build()
    assert (ran.front, ran.back, ran.linked) == (set(), set(), True)
    assert "start.o" in ran.done
    lab.compare_with_clean()


def test_touched_assembly(lab):
    lab.touch("start.S")
    assert lab.build().done == {"start.o"}


def test_flag_of_one_file_that_changes_only_the_command(lab):
    lab.source("m05").flags = "-DNOBODY_READS_THIS='\"a  b\"'"
    ran = lab.build()
    assert (ran.front, ran.back) == ({"m05.o"}, {"m05.o"})
    assert not ran.linked  # both objects came out as they were
    lab.compare_with_clean()


def test_flag_of_one_file_that_changes_its_code(lab):
    imported, indexes = lab.with_importers("m04.o"), lab.indexes()
    lab.source("m04").flags = "-O1"
    ran = lab.build()
    reached = imported | lab.with_importers("m04.o")
    assert ran.front == {"m04.o"}
    assert ran.back == changed_indexes(lab, indexes) <= reached
    assert "m04.o" in ran.back and ran.linked
    lab.compare_with_clean()


def test_flag_that_only_the_back_end_listens_to(lab):
    lab.source("m05").flags = "-mllvm -align-all-functions=6"
    ran = lab.build()
    assert (ran.front, ran.back) == ({"m05.o"}, {"m05.o"})
    assert ran.linked
    lab.compare_with_clean()


def test_flags_of_all(lab):
    lab.common += " -fno-strict-aliasing -mllvm -align-all-functions=5"
    ran = lab.build()
    assert ran.front == {source.object for source in lab.sources}
    assert ran.back == lab.bitcode
    assert ran.linked
    lab.compare_with_clean()


def test_quotes_and_blanks_reach_both_compilers(lab):
    words = shlex.split(lab.flags(lab.source("m03")))
    text = next(word for word in words if word.startswith("-DWORDS="))
    assert text == """-DWORDS="two  words, it's $x # one\""""
    commands = subprocess.run(
        [lab.ninja_program, "-t", "commands", "-s", f"m03{thinlto.NATIVE}"], cwd=lab.directory,
        capture_output=True, text=True, check=True,
    ).stdout
    assert text in shlex.split(commands.replace(";", " ; "))
    # The front end has compiled the string, and words_m03() is in what the back end made of it.
    assert b"two  words, it's $x # one\0" in lab.read("m03" + thinlto.NATIVE)


def test_caller_only(lab):
    imported = lab.imports()
    lab.source("m00").calls.remove("m03")
    ran = lab.build()
    assert "m00.o" not in set().union(*imported.values())
    assert ran.front == {"m00.o"}
    assert "m00.o" in ran.back
    lab.compare_with_clean()


@pytest.mark.parametrize("name", ["lib/m18", "alone"])
def test_removed_index(lab, name):
    index = lab.path(f"{name}.o{thinlto.INDEX}")
    before = lab.read("vmlinux")
    index.unlink()
    ran = lab.build()
    assert (ran.front, ran.back, ran.linked) == (set(), {f"{name}.o"}, False)
    assert index.exists() and lab.read("vmlinux") == before


def test_removed_native_object(lab):
    lab.path("m05" + thinlto.NATIVE).unlink()
    ran = lab.build()
    assert (ran.front, ran.back) == (set(), {"m05.o"})
    lab.compare_with_clean()


@pytest.mark.parametrize(
    "name",
    ["m05.o", "vmlinux.thinlto-index", "builtin.order", "built-in-fixup.a", "sub/built-in.a",
     "vmlinux.a", "vmlinux.o", "vmlinux"],
)
def test_removed_intermediate(lab, name):
    """Whatever is lost is made again, and nothing that it is made from."""
    lab.path(name).unlink()
    ran = lab.build()
    again = {name} & lab.bitcode
    assert (ran.front, ran.back) == (again, again)
    lab.compare_with_clean()


def test_removed_dyndep_file(lab_of):
    lab = lab_of()
    lab.path(thinlto.DYNDEP).unlink()
    ran = lab.build()
    assert (ran.front, ran.back) == (set(), set())
    lab.compare_with_clean()


def test_included_data(lab):
    """Neither bitcode nor index changes with the data: only the edge's inputs say it."""
    indexes = lab.indexes()
    lab.data = "other\n"
    ran = lab.build()
    assert (ran.front, ran.back, ran.linked) == ({"blob.o"}, {"blob.o"}, True)
    assert lab.indexes() == indexes
    assert b"other\n\0" in lab.read("blob" + thinlto.NATIVE)
    lab.compare_with_clean()


def test_strong_definition_appears_elsewhere(lab):
    """The index of the object with the weak one changes, though the object does not."""
    indexes = lab.indexes()
    lab.source("sub/m11").strong = "other_hook"
    lab.source("alone").strong = "hook"
    ran = lab.build()
    assert ran.front == {"sub/m11.o", "alone.o"}
    assert ran.back == changed_indexes(lab, indexes) >= {"sub/m11.o", "alone.o"}
    lab.compare_with_clean()


def test_added_file(lab):
    lab.save()
    indexes = lab.indexes()
    lab.sources.append(Source("sub/new", calls=["lib/m18"], number=77))
    ran = lab.build()
    assert ran.front == {"sub/new.o"}
    assert ran.back == changed_indexes(lab, indexes) == {"sub/new.o"}
    assert "sub/new" + thinlto.NATIVE in lab.members("vmlinux.a")
    lab.compare_with_clean()


def test_dropped_file(lab):
    indexes = lab.indexes()
    lab.sources.remove(lab.source("alone"))
    ran = lab.build()
    assert ran.front == set()
    assert ran.back == changed_indexes(lab, indexes)
    # The files of the dropped object are still there, and nothing takes them.
    assert lab.path("alone" + thinlto.NATIVE).exists()
    assert "alone" not in " ".join(lab.members("vmlinux.a"))
    lab.compare_with_clean()


def test_dropped_file_that_others_call(lab):
    indexes = lab.indexes()
    lab.sources.remove(lab.source("lib/m18"))
    ran = lab.build()
    assert ran.front and ran.back == changed_indexes(lab, indexes)
    assert "lib/m18" + thinlto.NATIVE not in lab.members("vmlinux.a")
    lab.compare_with_clean()


def test_file_comes_back(lab):
    before = lab.read("vmlinux")
    dropped = lab.source("alone")
    lab.sources.remove(dropped)
    lab.build()
    lab.sources.append(dropped)
    ran = lab.build()
    assert ran.back == set()  # its object of the first build is still the right one
    assert lab.read("vmlinux") == before


def test_bitcode_becomes_native(lab):
    lab.source("m05").kind = "elf"
    ran = lab.build()
    assert ran.front == {"m05.o"} and "m05.o" not in ran.back
    assert "m05.o" in lab.members("vmlinux.a")
    lab.compare_with_clean()
    lab.source("m05").kind = "lto"
    ran = lab.build()
    assert ran.front == {"m05.o"} and "m05.o" in ran.back
    lab.compare_with_clean()


def test_head_object_list(lab):
    """Another order is another archive and link; no index depends on it."""
    lab.heads = "start.o\nsub/m14.o\n"
    ran = lab.build()
    assert (ran.front, ran.back, ran.linked) == (set(), set(), True)
    assert lab.members("vmlinux.a")[:3] == [
        "start.o", "sub/m14" + thinlto.NATIVE, "m00" + thinlto.NATIVE
    ]
    lab.compare_with_clean()


@pytest.mark.parametrize("uses_dyndep", [True, False])
@pytest.mark.parametrize("ninja", NINJAS)
@pytest.mark.parametrize("shape", ["7.2", "7.2-thin", "6.12"])
def test_shapes(lab_of, shape, ninja, uses_dyndep):
    """Also where the stages are ours, and for each ninja: a touch, then a body."""
    lab = lab_of(shape=shape, ninja=NINJAS[ninja](), uses_dyndep=uses_dyndep)
    lab.touch("lib/m18.c")
    assert lab.build().done == {"lib/m18.o"}
    indexes = lab.indexes()
    lab.source("lib/m18").number += 1
    ran = lab.build()
    assert ran.front == {"lib/m18.o"}
    assert ran.back == changed_indexes(lab, indexes)
    lab.compare_with_clean()


def test_shapes_make_the_same(built_lab):
    """With --thinlto=dist a kernel that links in one process gets what 7.2's own mode makes."""
    expected = built_lab(shape="7.2")
    for shape in ("7.2-thin", "6.12"):
        made = built_lab(shape=shape)
        for path in sorted(made.rglob("*")):
            if path.name.endswith((thinlto.INDEX, thinlto.NATIVE)) or path.name == "vmlinux":
                assert path.read_bytes() == (expected / path.relative_to(made)).read_bytes()
