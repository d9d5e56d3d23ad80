"""The archive that the back ends' objects go into: thin, in kbuild's order, by either archiver."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from ninjagen.graph import Edge, Graph
from ninjagen.kbuild import thinlto
from ninjagen.kbuild.thinlto import ThinLto
from tests.thinlto.lab import AR, Lab

pytestmark = pytest.mark.kernel

NATIVE = thinlto.NATIVE
ARCHIVERS = [AR, "ar"]


def addresses(program: Path) -> dict[str, int]:
    with open(program, "rb") as file:
        symbols = ELFFile(file).get_section_by_name(".symtab")
        return {symbol.name: symbol["st_value"] for symbol in symbols.iter_symbols()}


@pytest.mark.parametrize("archiver", ARCHIVERS)
@pytest.mark.parametrize("shape", ["7.2", "7.2-thin", "6.12"])
def test_archivers(lab_of, shape, archiver):
    lab = lab_of(shape=shape, archiver=archiver)
    assert lab.read("vmlinux.a").startswith(b"!<thin>\n")
    lab.compare_with_clean()
    # A member that is gone from the list does not stay in the archive.
    lab.sources.remove(lab.source("alone"))
    lab.build()
    assert "alone" not in " ".join(lab.members("vmlinux.a"))
    lab.compare_with_clean()


def test_thin_archive_does_not_follow_its_members(lab):
    """The archive may come out with the same bytes; what is linked from it is linked again."""
    archive = lab.read("vmlinux.a")
    lab.source("alone").number = 8  # as large as before
    ran = lab.build()
    assert lab.read("vmlinux.a") == archive
    assert ran.linked
    lab.compare_with_clean()


def test_head_objects_come_first_in_the_program(lab):
    lab.heads = "sub/m14.o\nlib/m17.o\n"
    lab.build()
    order = addresses(lab.path("vmlinux"))
    assert order["f_m14"] < order["f_m17"] < order["_start"] < order["f_m00"] < order["f_m18"]


@pytest.mark.parametrize("seed", range(12))
def test_order_is_what_the_archiver_and_grep_make(tmp_path, seed):
    """kbuild's own command on archives of nothing much, against our prediction."""
    choose = random.Random(seed)
    names = [f"{place}{name}.o" for place in ("", "arch/x/") for name in
             ("head", "head64", "main", "traps", "fpu", "a#b", "entry")]
    choose.shuffle(names)
    (tmp_path / "arch/x").mkdir(parents=True)
    for name in names:
        (tmp_path / name).write_bytes(b"\x7fELF")
    patterns = ["head.o", "arch/x/head.o", "# Head objects", "#", "fpu.o", "arch", "head", "zzz.o"]
    heads = choose.sample(patterns, seed % 5) + [""] * (seed == 3)
    (tmp_path / "heads").write_text("".join(f"{line}\n" for line in heads))
    half = choose.randrange(len(names) + 1)
    command = (
        f"{AR} cDPrST sub.a {' '.join(names[half:])};"
        f" {AR} cDPrST x.a {' '.join(names[:half])} sub.a;"
        f" {AR} mPi $({AR} t x.a | sed -n 1p) x.a $({AR} t x.a | grep -F -f heads); {AR} t x.a"
    )
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    graph = Graph()
    graph.add(Edge("ar_builtin", ("sub.a",), inputs=tuple(names[half:])))
    graph.add(Edge("ar_builtin", ("x.a",), inputs=(*names[:half], "sub.a")))
    thin = ThinLto(graph, (tmp_path / "heads").read_text().splitlines)
    assert thin.in_archive_order("x.a") == done.stdout.split(), heads


def test_no_bitcode_at_all(tmp_path, lab_of):
    """A list that the thin link leaves empty: nothing is predicted, and nothing hangs."""
    lab = lab_of()
    for source in lab.sources:
        source.kind = "elf"
    assert isinstance(lab, Lab)
    lab.build()
    assert not [name for name in lab.members("vmlinux.a") if name.endswith(NATIVE)]
    lab.compare_with_clean()
