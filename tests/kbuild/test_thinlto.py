"""Distributed ThinLTO, with graphs made by hand."""

from __future__ import annotations

import re

import pytest

from ninjagen.errors import NinjagenError
from ninjagen.graph import Edge, Graph
from ninjagen.kbuild.predict import Predictions
from ninjagen.kbuild.thinlto import DYNDEP, PREDICTED, STAGE, ThinLto, saved_flags

LTO = "set -e; clang -O2 -flto=thin -fvisibility=hidden -c -o {0}.o {0}.c"


def compiled(name: str, command: str = LTO, rule: str = "cc_o_c", **fields) -> Edge:
    return Edge(rule, (f"{name}.o",), command.format(name), inputs=(f"{name}.c",), **fields)


def archive(name: str, members: str, rule: str = "ar_builtin") -> Edge:
    return Edge(rule, (name,), f"ar {name}", inputs=tuple(members.split()))


def thinlto(*edges: Edge, heads: list[str] | None = None, **fields) -> ThinLto:
    graph = Graph()
    for edge in edges:
        graph.add(edge)
    return ThinLto(graph, lambda: heads or [], **fields)


# --- what the archives hold ---

OBJECTS = (
    archive("vm.a", "built-in.a drv/x.o lib.a README", "ar_vmlinux.a"),
    archive("built-in.a", "init/built-in.a arch/head.o drv/x.o"),
    archive("init/built-in.a", "init/main.o"),
    archive("lib.a", "lib/b.o arch/entry.o"),
)


@pytest.mark.parametrize(
    ("heads", "objects"),
    [
        ([], "init/main.o arch/head.o drv/x.o lib/b.o arch/entry.o"),
        (["arch/head.o", "arch/entry.o"], "arch/head.o arch/entry.o init/main.o drv/x.o lib/b.o"),
        (["arch/entry.o", "arch/head.o"], "arch/head.o arch/entry.o init/main.o drv/x.o lib/b.o"),
        (["ntry.o"], "arch/entry.o init/main.o arch/head.o drv/x.o lib/b.o"),  # anywhere in a name
        (["arch/h..d.o", ".*"], "init/main.o arch/head.o drv/x.o lib/b.o arch/entry.o"),
        (["# lib/b.o", "#"], "init/main.o arch/head.o drv/x.o lib/b.o arch/entry.o"),
        (["lib", "# comment"], "lib/b.o init/main.o arch/head.o drv/x.o arch/entry.o"),
        ([""], "init/main.o arch/head.o drv/x.o lib/b.o arch/entry.o"),  # matches everything
        (["", "lib/b.o"], "init/main.o arch/head.o drv/x.o lib/b.o arch/entry.o"),
    ],
)
def test_archive_order(heads, objects):
    """As `grep -F -f` of the list finds names: every line of it is text to look for."""
    assert thinlto(*OBJECTS, heads=heads).in_archive_order("vm.a") == objects.split()


def test_archive_that_nobody_makes():
    assert thinlto().in_archive_order("none.a") == []


@pytest.mark.parametrize(
    ("command", "rule", "expected"),
    [
        (LTO, "cc_o_c", True),
        ("clang -flto -c {0}.c", "cc_o_c", True),
        ("-flto=thin", "cc_o_c", True),
        (LTO, "as_o_S", False),
        (LTO, "ld_multi_m", False),
        ("clang -c {0}.c", "cc_o_c", False),
        ("clang -fno-lto -c {0}.c", "cc_o_c", False),
        ("clang -DX=-flto -c {0}.c", "cc_o_c", False),
        ("clang -c {0}.c; scripts/fixdep d {0}.o 'clang -flto -c {0}.c' > x", "cc_o_c", False),
        (LTO + "; ld.lld -m elf_x86_64 -r -o {0}/.tmp_{0}.o {0}.o; mv x {0}.o", "cc_o_c", False),
    ],
)
def test_is_bitcode(command, rule, expected):
    assert thinlto(compiled("a", command, rule)).is_bitcode("a.o") is expected


def test_object_that_nobody_makes_is_not_bitcode():
    assert not thinlto().is_bitcode("a.o")


# --- flags from the front end to the back end ---

FLAGS = """-O2  -DNAME="a b" -DTEXT='"x y"' -I./include"""


@pytest.mark.parametrize("target", ["a.o", "drv/net/a.o"])
def test_flags_reach_the_back_end_as_they_were(target):
    lto = thinlto()
    quoted = FLAGS.replace("'", "'\\''")
    directory, _, name = target.rpartition("/")
    saved = f"{directory or '.'}/.{name}.cmd"
    line = f"set -e; cc; printf '\\n%s\\n' 'saved_c_flags_{target} := {quoted}' >> {saved}"
    lto.flags.update(saved_flags(["true", line]))
    command = f"sed -n '/saved_c_flags_/s/.*:= //p' {saved}"
    assert lto.answer(command) == FLAGS
    assert lto.answer(f"{command}\n") == FLAGS


@pytest.mark.parametrize("directory", ["virt/kvm", "./arch/x86/kvm/../../../virt/kvm"])
def test_flags_of_an_object_above_its_makefile(directory):
    """arch/x86/kvm/Makefile lists objects of virt/kvm, which archives name otherwise."""
    lto = thinlto()
    above = "arch/x86/kvm/../../../virt/kvm"
    lto.flags.update(saved_flags([
        f"cc; printf '%s' 'saved_c_flags_{above}/main.o := -O2' >> {above}/.main.o.cmd"
    ]))
    assert lto.answer(f"sed -n '/saved_c_flags_/s/.*:= //p' {directory}/.main.o.cmd") == "-O2"
    assert lto.flags == {"virt/kvm/main.o": "-O2"}  # by the name that the graph has for it


@pytest.mark.parametrize(
    "command",
    [
        "sed -n '/saved_c_flags_/s/.*:= //p' drv/.a.o.cmd; echo",
        "cat drv/.a.o.cmd",
    ],
)
def test_other_commands_have_no_answer(command):
    lto = thinlto()
    lto.flags.update(saved_flags(["echo 'saved_c_flags_drv/a.o := -O2' >> drv/.a.o.cmd"]))
    assert lto.answer(command) is None


def test_flags_that_no_compile_saves():
    lto = thinlto(Edge("cc_o_c", ("drv/a.o",), "cc", inputs=("drv/a.c",)))
    assert lto.answer("sed -n '/saved_c_flags_/s/.*:= //p' drv/.a.o.cmd") == ""  # as sed says
    with pytest.raises(NinjagenError, match=r"flags of drv/b\.o are wanted"):
        lto.answer("sed -n '/saved_c_flags_/s/.*:= //p' drv/.b.o.cmd")


# --- the stages ---

INDEX = "vmlinux.thinlto-index"


def stages(**fields) -> ThinLto:
    """Return the state after the thin link of two bitcode objects and a native one."""
    lto = thinlto(
        compiled("a"), compiled("drv/b", implicit=("gen.h",)),
        compiled("asm", "cc -c -o {0}.o {0}.S", "as_o_S"),
        archive("built-in-fixup.a", "asm.o a.o drv/b.o"),
        Edge("cmd", ("builtin.order",), "ar t", inputs=("built-in-fixup.a",)),
        **fields,
    )
    link = Edge(
        "ld_thinlto_index", (INDEX,),
        f"set -e; ld.lld -r --thinlto-index-only={INDEX} @builtin.order;"
        f" printf '%s\\n' 'savedcmd_{INDEX} := ld.lld' > ./.{INDEX}.cmd",
        inputs=("builtin.order",),
    )
    lto.graph.add(lto.refine(link, "llvm-nm"))
    return lto


def test_thin_link_reads_every_object_and_makes_every_index():
    lto = stages()
    edge = lto.graph.producer(INDEX)
    assert edge.inputs == ("asm.o", "a.o", "drv/b.o")
    assert edge.implicit == ("builtin.order", PREDICTED)
    assert edge.implicit_outputs == ("a.o.thinlto.bc", "drv/b.o.thinlto.bc")
    assert lto.graph.producer("drv/b.o.thinlto.bc") is edge
    assert edge.rspfile == f"{STAGE}.rsp"
    assert edge.restat and not edge.removes_failed and not edge.keeps_same
    assert re.fullmatch(
        rf"set -e; \S+ -I -S \S+/thin_link\.py {STAGE}\.rsp {PREDICTED} {INDEX} builtin\.order"
        rf" {STAGE} ld\.lld -r --thinlto-index-only={INDEX} @builtin\.order"
        rf"; printf '%s\\n' 'savedcmd_{INDEX} := ld\.lld' > \./\.{INDEX}\.cmd",
        edge.command,
    )


def test_prediction():
    lto = stages()
    assert lto.predicted_text() == "a.o\ndrv/b.o\n"
    assert Predictions(lto.graph, lto, "/out").text_of(INDEX) == "a.o\ndrv/b.o\n"
    empty = thinlto()
    assert Predictions(empty.graph, empty, "/out").text_of(INDEX) is None


def backend(*more: str) -> Edge:
    return Edge(
        "cc_o_bc", ("drv/b.thinlto-native.o",),
        "set -e; clang -x ir -c drv/b.o; set -e; printf x",
        inputs=("drv/b.o", "drv/b.o.thinlto.bc", *more),
    )


def test_back_end_is_checked_and_keeps_what_did_not_change():
    edge = stages().refine(backend(), "llvm-nm -g")
    assert edge.inputs == ("drv/b.o",)
    assert edge.implicit == ("drv/b.o.thinlto.bc",)
    assert edge.keeps_same
    assert re.fullmatch(
        r"set -e; sh \S+/backend\.sh drv/b\.thinlto-native\.o drv/b\.o 'llvm-nm -g'"
        r" clang -x ir -c drv/b\.o; set -e; printf x",
        edge.command,
    )


def test_back_end_reads_the_data_its_object_includes():
    """`.incbin` in inline assembly: the back end reads the file, and no compiler says so."""
    lto = thinlto(
        Edge("cc_o_c", ("drv/b.o",), LTO.format("drv/b"), inputs=("drv/b.c", "drv/fw.bin", "x.h"),
             implicit=("drv/blob", "drv/other.o")),
    )
    edge = lto.refine(backend("drv/fw2.bin"), "nm")
    assert edge.inputs == ("drv/b.o",)
    assert edge.implicit == ("drv/b.o.thinlto.bc", "drv/fw2.bin", "drv/fw.bin", "drv/blob")


def last_archive(*order_only: str) -> Edge:
    return Edge("ar_vmlinux.a", ("vmlinux.a",), "ar", inputs=("builtin.order", INDEX),
                order_only=order_only)


def test_archive_learns_its_members_from_the_thin_link():
    lto = stages()
    lto.graph.add(backend())
    edge = lto.refine(last_archive("drv/b.thinlto-native.o", "asm.o", "nobody.o"), "nm")
    assert edge.implicit == ("asm.o",)
    assert edge.order_only == ("asm.o", DYNDEP)
    assert edge.dyndep == DYNDEP
    made = lto.graph.producer(DYNDEP)
    assert made.inputs == (INDEX,)
    assert made.command.endswith(f"thinlto_dyndep.py {DYNDEP} {INDEX} vmlinux.a")


def test_archive_without_dyndep_takes_what_is_predicted():
    lto = stages(uses_dyndep=False)
    edge = lto.refine(last_archive(), "nm")
    assert edge.dyndep == "" and lto.graph.producer(DYNDEP) is None
    assert edge.implicit == ("asm.o", "a.thinlto-native.o", "drv/b.thinlto-native.o")


def test_other_edges_stay_as_they_are():
    lto = stages()
    for edge in (compiled("c"), archive("x.a", "c.o"), archive("vmlinux.a", "x.a", "ar_vmlinux.a")):
        assert lto.refine(edge, "nm") is edge


# --- kernels whose makefiles do not know the mode ---


def one_process(*more: Edge) -> ThinLto:
    """Return a graph that links bitcode in one process, as 6.x describes it."""
    lto = thinlto(
        compiled("a"), compiled("drv/b", LTO + "; echo __export_symbol_f"),
        compiled("asm", "cc -c -o {0}.o {0}.S", "as_o_S"),
        *(more or (archive("vmlinux.a", "asm.o a.o drv/b.o", "ar_vmlinux.a"),)),
        is_ours=True,
    )
    lto.tools = {
        "CC": "clang", "LD": "ld.lld", "AR": "llvm-ar", "NM": "llvm-nm",
        "KBUILD_LDFLAGS": "-m elf_x86_64",
    }
    lto.flags = {"a.o": FLAGS, "drv/b.o": "-O2"}
    return lto


def test_graph_that_links_in_one_process_is_distributed():
    lto = one_process()
    before = lto.graph.producer("vmlinux.a").loc
    lto.distribute()
    producer = lto.graph.producer
    assert producer("built-in-fixup.a").inputs == ("asm.o", "a.o", "drv/b.o")
    assert producer("builtin.order").inputs == ("built-in-fixup.a",)
    assert producer(INDEX).inputs == ("asm.o", "a.o", "drv/b.o")
    assert lto.bitcode == ["a.o", "drv/b.o"]
    native = producer("a.thinlto-native.o")
    assert (native.inputs, native.implicit) == (("a.o",), ("a.o.thinlto.bc",))
    assert f" clang {FLAGS} -x ir -fno-lto " in native.command
    assert "-fthinlto-index=a.o.thinlto.bc -c -o a.thinlto-native.o a.o; " in native.command
    assert "SYMVER" not in native.command
    made = producer("vmlinux.a")
    assert made.inputs == ("builtin.order", INDEX)
    assert (made.implicit, made.dyndep, made.loc) == (("asm.o",), DYNDEP, before)
    assert DYNDEP in made.order_only


def test_symbol_versions_follow_the_object():
    lto = one_process()
    lto.distribute()
    assert lto.graph.producer("drv/b.thinlto-native.o").command.endswith(
        "; sed -n '/^#SYMVER /p' drv/.b.o.cmd >> drv/.b.thinlto-native.o.cmd"
    )


def test_archive_of_what_was_compiled_may_be_there_already():
    lto = one_process(
        archive("built-in-fixup.a", "a.o"),
        archive("vmlinux.a", "built-in-fixup.a", "ar_vmlinux.a"),
    )
    fixup = lto.graph.producer("built-in-fixup.a")
    lto.distribute()
    assert lto.graph.producer("built-in-fixup.a") is fixup
    assert lto.objects == ["a.o"]


@pytest.mark.parametrize(("ar", "option"), [("llvm-ar", "--thin"), ("ar", "-T")])
def test_thin_archives_of_every_archiver(ar, option):
    lto = one_process()
    lto.tools["AR"] = ar
    lto.distribute()
    assert f"xargs {ar} cDPrS {option} vmlinux.a" in lto.graph.producer("vmlinux.a").command


@pytest.mark.parametrize("more", [archive("vmlinux.a", "asm.o"), archive("other.a", "a.o")])
def test_kernel_without_thinlto_is_not_distributed(more):
    with pytest.raises(NinjagenError, match="needs a kernel that is built with ThinLTO"):
        one_process(more).distribute()
