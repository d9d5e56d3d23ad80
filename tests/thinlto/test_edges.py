"""What the stages are told, without a compiler."""

from __future__ import annotations

import pytest

from ninjagen.errors import NinjagenError
from ninjagen.graph import Edge, Graph
from ninjagen.kbuild.thinlto import ThinLto, saved_flags


def lto_of(*edges: Edge) -> ThinLto:
    graph = Graph()
    for edge in edges:
        graph.add(edge)
    return ThinLto(graph, lambda: [])


@pytest.mark.parametrize(
    ("command", "is_bitcode"),
    [
        ("clang -flto=thin -c -o a.o a.c", True),
        ("clang -fno-lto -flto=thin -fsplit-lto-unit -c -o a.o a.c", True),
        ("clang -flto -c -o a.o a.c", True),
        ("clang -c -o a.o a.c", False),
        ("clang -flto=thin -fno-lto -c -o a.o a.c", False),
        ("clang -flto=thin -c -o a.o a.c -fno-lto", False),
        ("clang -fno-lto -c -o a.o a.c -flto=thin", True),
        ("clang -I/x-flto=thin -fltoish -c -o a.o a.c", False),
        ("clang -c -o a.o a.c; ./fixdep .a.o.d a.o 'clang -flto=thin -c'", False),
        ("clang -flto=thin -c -o a.o a.c ; ld.lld -r -o .tmp_a.o a.o; mv .tmp_a.o a.o", False),
        ("clang -flto=thin -c -o d/a.o a.c ; ld.lld -m x -r -o d/.tmp_a.o d/a.o; mv x y", False),
        ("clang -flto=thin -c -o a.o a.c ; ./objtool --mcount a.o", True),
    ],
)
def test_bitcode_is_known_from_the_flags(command, is_bitcode):
    assert lto_of(Edge("cc_o_c", ("a.o",), f"set -e; {command}")).is_bitcode("a.o") == is_bitcode


def test_only_a_c_compile_makes_bitcode():
    lto = lto_of(Edge("as_o_S", ("a.o",), "clang -flto=thin -c -o a.o a.S"))
    assert not lto.is_bitcode("a.o") and not lto.is_bitcode("b.o")


FLAGS = "-O2 -DX='\\''\"it is\"'\\'' -DY=a:=b"  # as kbuild escapes them


@pytest.mark.parametrize(
    ("saved", "command"),
    [
        ("d/a.o", "sed -n '/saved_c_flags_/s/.*:= //p' d/.a.o.cmd"),
        ("a.o", "sed -n '/saved_c_flags_/s/.*:= //p' ./.a.o.cmd"),
    ],
)
def test_flags_are_those_that_the_front_end_saved(saved, command):
    lto = lto_of()
    lto.flags.update(saved_flags([
        "set -e; clang -c",
        f"set -e; printf '\\n%s\\n' 'saved_c_flags_{saved} := {FLAGS}' >> d/x.cmd",
    ]))
    assert lto.answer(command) == "-O2 -DX='\"it is\"' -DY=a:=b"
    assert lto.answer("sed -n p d/.a.o.cmd") is None


def test_back_end_reads_the_data_of_its_object():
    lto = lto_of(
        Edge("cc_o_c", ("a.o",), "cc", inputs=("a.c", "data.gz", "gen.h", "b.o"),
             implicit=("more.bin",)),
    )
    made = lto.refine(Edge("cc_o_bc", ("a.thinlto-native.o",), "set -e; cc -c a.o", inputs=(
        "a.o", "a.o.thinlto.bc")), "nm")
    assert made.inputs == ("a.o",)
    assert made.implicit == ("a.o.thinlto.bc", "data.gz", "more.bin")
    assert made.keeps_same


def test_native_object_of_one_with_symbol_versions_is_always_new():
    """Versions may change where no byte of the object does; modpost has to run again then."""
    versions = "if nm a.o | grep -q ' __export_symbol_'; then cpp a.c | genksyms >> .a.o.cmd; fi"
    lto = lto_of(Edge("cc_o_c", ("a.o",), f"cc -c a.c; {versions}", inputs=("a.c",)))
    edge = Edge("cc_o_bc", ("a.thinlto-native.o",), "set -e; cc -c a.o", inputs=("a.o", "a.bc"))
    assert not lto.refine(edge, "nm").keeps_same


@pytest.mark.parametrize("has_archive", [False, True])
def test_kernel_without_thinlto_cannot_be_distributed(has_archive):
    lto = lto_of(Edge("cc_o_c", ("a.o",), "cc -c a.c"))
    if has_archive:
        lto.graph.add(Edge("ar_vmlinux.a", ("vmlinux.a",), "ar", inputs=("a.o",)))
    with pytest.raises(NinjagenError) as caught:
        lto.distribute()
    assert "CONFIG_LTO_CLANG_THIN" in (caught.value.hint or "")
