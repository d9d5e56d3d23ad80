"""Our build of a real kernel against kbuild's: the same commands, the same bytes, and no make.

The tests of one variant share one object tree and run in the order of this file, each on what
the one before it left, beginning with only a .config in it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from ninjagen import compdb
from ninjagen.kbuild.thinlto import INDEX, NATIVE
from tests.kernel.comparison import (
    OURS,
    cmd_files,
    commands_that_differ,
    contents,
    differing,
    directories_of,
    files_of,
    is_compared,
    members,
    products,
    stage_files,
    thin_link_inputs,
)
from tests.kernel.ours import NINJAGEN, Generated, generated_in_clean_tree, outputs
from tests.kernel.qemu import BOARDS, SAYS, boot
from tests.kernel.reference import BOOT, THIN_DIST, VARIANTS, run_make
from tests.kernel.trees import REPO

pytestmark = pytest.mark.kernel

# Every variant is built and compared. The ones that are not here wait for --full.
QUICK = ("7.2-llvm", "7.2-gcc", "7.2-thin", "7.2-dist", "6.12-llvm")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    full = metafunc.config.getoption("--full")
    if "generated" in metafunc.fixturenames:
        names = [*VARIANTS] if full else [*QUICK]
        if "distributed" in metafunc.fixturenames:
            names = [name for name in names if THIN_DIST in VARIANTS[name].fragment]
        if "loongarch" in metafunc.fixturenames:
            names = [name for name in names if VARIANTS[name].architecture == "loongarch"]
        if "bootable" in metafunc.fixturenames:
            names = [name for name in names if BOOT in VARIANTS[name].fragment]
        metafunc.parametrize("generated", names, indirect=True, scope="module")


@pytest.fixture(scope="module")
def generated(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[Generated]:
    with generated_in_clean_tree(request.param, tmp_path_factory.mktemp("built")) as tree:
        yield tree


@pytest.fixture(scope="module")
def built(generated, measured) -> Generated:
    """The same tree, built. What comes after a build that failed would only take time."""
    done = generated.machine.ninja(generated.ref).check()
    measured.append(f"{generated.ref.variant.name}: ninja {done.seconds:.0f} s")
    return generated


@pytest.fixture(scope="module")
def distributed(built) -> Generated:
    """The same tree, of the variants that have CONFIG_LTO_CLANG_THIN_DIST."""
    return built


@pytest.fixture(scope="module")
def loongarch(built) -> Generated:
    """The same tree, of the architecture that scripts/head-object-list.txt is about."""
    return built


@pytest.fixture(scope="module")
def bootable(built) -> Generated:
    """The same tree, of the variants that boot in QEMU and have modules."""
    return built


@pytest.fixture(scope="module")
def greeting(bootable) -> Path:
    """The directory of the module of samples/module, built with our tree."""
    home = put_sample(bootable)
    bootable.machine.run(external(bootable), bootable.ref.source).check()
    bootable.machine.run(["ninja", "-C", str(home)], home).check()
    return home


def put_sample(bootable: Generated) -> Path:
    """Put the sources of the external module to the one place where it is built."""
    home = bootable.ref.home / "module"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(REPO / "samples/module", home)
    return home


def external(bootable: Generated, *words: str) -> list[str]:
    """The command that describes the external module, or does something else with it."""
    home = bootable.ref.home / "module"
    return [*NINJAGEN, *bootable.ref.arguments, f"M={home}", *words]


# ---- before anything is built


def test_commands_are_the_saved_ones(generated):
    assert commands_that_differ(generated.ref) == ""


def test_compile_commands_are_those_that_kbuild_collects(generated, tmp_path):
    """After a full build, with the kernel's own script. scripts/kconfig is not built by ninja."""
    ref, collected = generated.ref, tmp_path / compdb.NAME
    script = ref.source / "scripts/clang-tools/gen_compile_commands.py"
    command = [sys.executable, str(script), "-d", str(ref.kbuild), "-o", str(collected)]
    generated.machine.run(command, ref.kbuild).check()
    kbuild, out = os.path.realpath(ref.kbuild), os.path.realpath(ref.out)

    def entries(path: Path) -> list[tuple[str, ...]]:
        found = json.loads(path.read_text().replace(kbuild, out))
        return sorted(
            tuple(sorted(entry.items())) for entry in found
            if "/scripts/kconfig/" not in entry["file"]
        )

    ours = entries(ref.out / compdb.NAME)
    assert len(ours) > 400
    assert ours == entries(collected)


@pytest.mark.parametrize("target", ["kernel/fork.o", "arch/x86/realmode/rm/header.o"])
def test_explained_words_are_the_saved_ones(generated, target):
    """And each stands on the line that it is said to be from, or a reference does."""
    ref = generated.ref
    if not (ref.kbuild / target).exists():  # of another architecture
        target = str(next(ref.kbuild.glob("arch/*/kernel/head.o")).relative_to(ref.kbuild))
    said = generated.machine.run([*NINJAGEN, "-t", "explain", target], ref.out).check().stdout
    rows = [line.split(None, 1) for line in said.splitlines() if line.startswith("    ")]
    directory, name = target.rsplit("/", 1)
    saved = (ref.kbuild / directory / f".{name}.cmd").read_text().split("\n")[0]
    assert [word for word, _ in rows] == saved.partition(" := ")[2].split()
    for word, place in rows:
        found = re.match(r"(\S+):(\d+): ", place)
        if found is None:
            assert re.match(r"\$\S of the rule|\(command line obj\)", place), (word, place)
            continue
        tree = ref.source if (ref.source / found[1]).exists() else ref.out
        text = "\n".join((tree / found[1]).read_text().split("\n")[int(found[2]) - 1 :])
        line = re.match(r"(?:\\\n|[^\n])*", text)[0]
        assert word in line or "$" in line, (word, place)


# ---- the build


def test_make_was_never_called(built):
    calls = built.machine.calls
    assert not calls.exists(), calls.read_text()


def test_products_are_equal(built):
    assert products(built.ref)
    assert differing(built.ref, products(built.ref)) == []


def test_cmd_files_are_equal(built):
    theirs, ours = cmd_files(built.ref.kbuild), cmd_files(built.ref.out)
    assert (sorted(theirs - ours), sorted(ours - theirs)) == ([], [])
    assert differing(built.ref, sorted(theirs)) == []


def test_every_other_file_is_equal(built):
    names = sorted(filter(is_compared, files_of(built.ref.kbuild)))
    assert differing(built.ref, names) == []


def test_every_directory_is_there(built):
    """Also an empty one: make finds no file by a name that goes through it and back up."""
    missing = directories_of(built.ref.kbuild) - directories_of(built.ref.out)
    assert sorted(name for name in missing if is_compared(f"{name}/")) == []


def test_stages_of_distributed_thinlto_are_equal(distributed, measured):
    ref = distributed.ref
    names = stage_files(ref.kbuild)
    indexes, natives = (sum(name.endswith(end) for name in names) for end in (INDEX, NATIVE))
    assert indexes == natives > 300
    assert sorted(stage_files(ref.out)) == sorted(names)
    assert differing(ref, names) == []
    assert members(ref.out / "vmlinux.a") == members(ref.kbuild / "vmlinux.a")
    measured.append(f"{ref.variant.name}: {indexes} indexes and native objects equal kbuild's")


def test_inputs_of_the_thin_link_are_in_archive_order(distributed):
    out = distributed.ref.out
    order = (out / "builtin.order").read_text().split()
    assert members(out / "built-in-fixup.a") == order
    assert thin_link_inputs(out) == order


@pytest.mark.full  # no variant of the other runs
def test_head_objects_come_first_in_vmlinux(loongarch):
    """Objects later in the archive have sections of the same names; these come behind."""
    with open(loongarch.ref.out / "vmlinux.o", "rb") as file:
        names = symbols_in(ELFFile(file), ".ref.text")
    assert names[0] == "kernel_entry" and "rest_init" in names
    with open(loongarch.ref.out / "vmlinux", "rb") as file:
        program = ELFFile(file)
        placed = [(s["sh_addr"], s.name) for s in program.iter_sections() if s["sh_addr"]]
        assert min(placed)[1] == ".head.text"
        assert {"_text", "_head"} <= set(symbols_in(program, ".head.text")[:4])


def symbols_in(program: ELFFile, section: str) -> list[str]:
    """The names of symbols in a section, by address."""
    number = program.get_section_index(section)
    symbols = [
        (symbol["st_value"], symbol.name)
        for symbol in program.get_section_by_name(".symtab").iter_symbols()
        if symbol["st_shndx"] == number and symbol.name
    ]
    return [name for _, name in sorted(symbols)]


def test_second_build_has_nothing_to_do(built, measured):
    done = built.machine.ninja(built.ref).check()
    measured.append(f"{built.ref.variant.name}: ninja with nothing to do {done.seconds:.2f} s")
    assert done.stdout.splitlines()[-1] == "ninja: no work to do."


# ---- an external module, and QEMU


@pytest.mark.full  # no variant of the other runs
def test_external_module_is_up_to_date(bootable, greeting, tmp_path):
    """For ninja, for make, and by way of a link to the object tree, as /lib/modules has one."""
    ref = bootable.ref
    run_make(ref, f"M={greeting}", log=tmp_path / "log")
    assert work_of((tmp_path / "log").read_text().splitlines()) == []

    (tmp_path / "build").symlink_to(ref.out)
    words = [*ref.variant.arguments, f"M={os.path.relpath(greeting, ref.out)}"]
    bootable.machine.run([*NINJAGEN, "-C", "build", *words], tmp_path).check()
    done = bootable.machine.run(["ninja", "-C", str(greeting)], greeting).check()
    assert done.stdout.splitlines()[-1] == "ninja: no work to do."
    assert not bootable.machine.calls.exists()


@pytest.mark.full  # no variant of the other runs
def test_boots(bootable, greeting, measured, tmp_path):
    """On x86 the init loads a module, one that takes symbols from it, and the external one."""
    ref, modules = bootable.ref, []
    if ref.variant.architecture == "x86":
        modules = [ref.out / f"lib/xz/{name}.ko" for name in ("xz_dec", "xz_dec_test")]
        modules.append(greeting / "greeting.ko")
    assert (ref.out / BOARDS[ref.variant.architecture].image).exists()
    lines = boot(bootable.machine, ref.variant.architecture, ref.out, tmp_path, modules)
    shown = "\n".join(lines[-40:])
    assert SAYS in lines, shown
    for module in modules:
        assert f"ninjagen: loaded /{module.name}" in lines, shown
    if modules:
        assert any(line.endswith("greeting: hello, I am a module") for line in lines), shown
    measured.append(f"{ref.variant.name}: boots in QEMU, {len(modules)} modules loaded")


@pytest.mark.full  # no variant of the other runs
def test_external_module_is_kbuilds(bootable, greeting, tmp_path):
    """Built at the same place, with kbuild's tree at the place of ours; cleaned up, too."""
    ref, ours = bootable.ref, copied(greeting, tmp_path / "ours")
    bootable.machine.run(external(bootable, "clean"), ref.source).check()
    cleaned = sorted(files_of(greeting))
    kept = ref.home / "kept"
    ref.out.rename(kept)
    try:
        copied(ref.kbuild, ref.out)
        put_sample(bootable)
        run_make(ref, f"M={greeting}", log=tmp_path / "log")
        theirs = copied(greeting, tmp_path / "theirs")
        run_make(ref, f"M={greeting}", "clean", log=tmp_path / "log")
    finally:
        shutil.rmtree(ref.out)
        kept.rename(ref.out)
    assert "greeting.ko" in set(files_of(theirs))
    assert contents(ours) == contents(theirs)
    assert [name for name in cleaned if not name.startswith(OURS)] == sorted(files_of(greeting))


def copied(tree: Path, to: Path) -> Path:
    """Copy a tree with its times."""
    subprocess.run(["cp", "-a", str(tree), str(to)], check=True)
    return to


# ---- build.ninja


def test_built_tree_gives_the_same_manifest(built):
    (built.ref.out / "build.ninja").unlink()  # or it would say that nothing changed
    built.machine.ninjagen(built.ref).check()
    assert (built.ref.out / "build.ninja").read_bytes() == built.manifest


@pytest.mark.parametrize("seed", ["1", "2"])
def test_hash_seed_does_not_matter(built, seed):
    (built.ref.out / "build.ninja").unlink()
    built.machine.ninjagen(built.ref, PYTHONHASHSEED=seed).check()
    assert (built.ref.out / "build.ninja").read_bytes() == built.manifest


def test_no_work_after_regeneration(built):
    done = built.machine.ninja(built.ref).check()
    assert done.stdout.splitlines()[-1] == "ninja: no work to do."


# ---- files that are made by name

ENTRY = {
    "x86": "arch/x86/entry/entry_64.s",
    "arm64": "arch/arm64/kernel/entry.s",
    "riscv": "arch/riscv/kernel/entry.s",
    "loongarch": "arch/loongarch/kernel/entry.s",
}


def test_single_targets_are_those_of_make(built, tmp_path):
    ref = built.ref
    goals = ["kernel/fork.i", "kernel/fork.s", ENTRY[ref.variant.architecture]]
    goals += ["kernel/fork.ll"] if ref.variant.arguments else []
    built.machine.run(["ninja", "-C", str(ref.out), *goals], ref.out).check()
    places = [name.rpartition("/") for name in goals]
    names = [*goals, *(f"{directory}/.{name}.cmd" for directory, _, name in places)]
    ours = {name: (ref.out / name).read_bytes() for name in names}
    for name in names:
        (ref.out / name).unlink()
    run_make(ref, *goals, log=tmp_path / "log")
    assert {name: (ref.out / name).read_bytes() for name in names} == ours
    for name in names:
        (ref.out / name).unlink()


def test_a_directory_is_up_to_date(built):
    done = built.machine.run(["ninja", "-C", str(built.ref.out), "kernel/"], built.ref.out)
    assert done.check().stdout.splitlines()[-1] == "ninja: no work to do."


# ---- make in our tree


def test_make_finds_nothing_to_do(built, measured, tmp_path):
    run_make(built.ref, *built.ref.variant.goals, log=tmp_path / "first")
    said = work_of((tmp_path / "first").read_text().splitlines())
    assert said == work_of(built.ref.null_build())
    assert differing(built.ref, products(built.ref)) == []

    seconds = run_make(built.ref, *built.ref.variant.goals, log=tmp_path / "second")
    built.machine.ninjagen(built.ref).check()  # the last one had another PYTHONHASHSEED
    again = built.machine.ninjagen(built.ref).check()
    name, first = built.ref.variant.name, built.run
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


# ---- in the tree as make has left it


def test_lost_index_costs_one_back_end(distributed):
    """And no link; but with symbol versions the objects that have some never keep their time."""
    ref = distributed.ref
    (ref.out / f"kernel/fork.o{INDEX}").unlink()
    ran = outputs(distributed.machine.ninja(ref).check())
    assert {name for name in ran if name.endswith(NATIVE)} == {f"kernel/fork{NATIVE}"}
    assert ("vmlinux" in ran) is ("CONFIG_MODVERSIONS=y" in ref.config.read_text())
    assert differing(ref, [*products(ref), *stage_files(ref.kbuild)]) == []
