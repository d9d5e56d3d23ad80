"""No command of a real kernel's build reads or writes what its edge does not say.

The tests of one variant share one object tree and run in the order of this file.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ninjagen.helpers import HEADERS
from tests.kernel.comparison import cmd_files, differing, products
from tests.kernel.ours import Generated, Run, generated_in_clean_tree
from tests.kernel.trees import REPO

pytestmark = pytest.mark.kernel

QUICK = ("7.2-llvm",)
FULL = (*QUICK, "7.2-gcc", "7.2-dist", "7.2-rust", "6.12-llvm")

DEPENDENCIES = re.compile(r"^source_(\S+) := (\S+)\n\ndeps_\1 := \\\n((?:.*\\\n)*)", re.M)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    full = metafunc.config.getoption("--full")
    metafunc.parametrize("generated", FULL if full else QUICK, indirect=True, scope="module")


@pytest.fixture(scope="module")
def generated(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[Generated]:
    with generated_in_clean_tree(request.param, tmp_path_factory.mktemp("audit")) as tree:
        yield tree


@pytest.fixture(scope="module")
def audit(generated, measured) -> Run:
    goals = generated.ref.variant.goals
    command = [sys.executable, str(REPO / "tools/audit"), str(generated.ref.out), *goals]
    done = generated.machine.run(command, generated.ref.source)
    name = generated.ref.variant.name
    measured.append(f"{name}: ninja under strace, and its trace read {done.seconds:.0f} s")
    return done


def test_every_file_that_a_command_uses_is_declared(generated, audit):
    audit.check()
    assert re.search(r"^\d{3,} edges ran, 0 order, 0 rebuild, 0 write, 0 unseen, ", audit.stdout,
                     re.M), audit.stdout[-2000:]
    assert differing(generated.ref, products(generated.ref)) == []


def test_no_product_is_found_that_is_not_ordered(generated, audit):
    said = ninja_tool(generated, "missingdeps")
    assert said[-1] == "No missing dependencies on generated files found.", "\n".join(said)


def test_ninja_knows_the_dependencies_that_fixdep_found(generated, audit):
    out = generated.ref.out
    ours, theirs = found_by_ninja(generated), {}
    for name in cmd_files(out):
        if found := DEPENDENCIES.search((out / name).read_text(errors="surrogateescape")):
            target = node(out, found[1])
            theirs[target] = found_by_fixdep(out, found, ours.get(target, set()))
    assert theirs
    assert [target for target in theirs if theirs[target] != ours.get(target)] == []
    # An edge with several outputs has the same dependencies for each.
    others = ours.keys() - theirs.keys()
    assert [target for target in others if ours[target] not in theirs.values()] == []


def test_second_build_has_nothing_to_do(generated, audit):
    assert generated.machine.ninja(generated.ref).check().stdout.splitlines()[-1] == (
        "ninja: no work to do."
    )


def found_by_fixdep(out: Path, found: re.Match[str], ours: set[str]) -> set[str]:
    """The files that a `.cmd` file lists, as build.ninja names them.

    In tools/ names are relative to some source directory: the one where ninja knows the source.
    """
    target, source, listed = found.groups()
    text = re.sub(r"\$\(wildcard (\S+)\)", r"\1", listed.replace("\\\n", "\n"))
    base = str(out)
    if target.startswith("/"):
        name = source.replace("../", "")
        above = "/directory" * source.count("../")
        known = [path.removesuffix(name) for path in ours if path.endswith(f"/{name}")]
        base = f"{known[0]}{above}" if known else base
    return {node(out, os.path.join(base, name)) for name in (source, *text.split())}


def found_by_ninja(generated: Generated) -> dict[str, set[str]]:
    """What ninja keeps of the depfiles it has read, sets of headers replaced by what is in them."""
    found: dict[str, set[str]] = {}
    inputs: set[str] = set()
    for line in ninja_tool(generated, "deps"):
        if line.startswith("    "):
            inputs.add(node(generated.ref.out, line.strip()))
        elif ": #deps " in line:
            assert line.endswith("(VALID)")
            inputs = found[line.partition(": #deps ")[0]] = set()
    sets = {name: found.pop(name) for name in list(found) if name.startswith(f"{HEADERS}/")}
    assert any(sets.values()) and not any(sets.keys() & members for members in sets.values())
    return {
        name: (known - sets.keys()).union(*(sets[one] for one in known & sets.keys()))
        for name, known in found.items()
    }


def node(out: Path, name: str) -> str:
    """A file as build.ninja names it."""
    return os.path.normpath(os.path.join(out, name)).removeprefix(f"{out}/")


def ninja_tool(generated: Generated, tool: str) -> list[str]:
    command = ["ninja", "-C", str(generated.ref.out), "-t", tool]
    return generated.machine.run(command, generated.ref.out).check().stdout.splitlines()
