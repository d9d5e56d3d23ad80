"""The same bytes come out however a build runs: in any order, and killed in the middle."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel.comparison import cmd_files, differing, products
from tests.kernel.ours import Generated, generated_in_clean_tree
from tests.kernel.reference import VARIANTS

pytestmark = pytest.mark.kernel

QUICK = ("7.2-llvm",)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    full = metafunc.config.getoption("--full")
    metafunc.parametrize("generated", VARIANTS if full else QUICK, indirect=True)
    if "flag" in metafunc.fixturenames:
        # The build that is resumed after it was killed runs with -j8 and -k0 in any case.
        metafunc.parametrize("flag", ["-j1", "-j8", "-k0"] if full else ["-j1"])


@pytest.fixture
def generated(request: pytest.FixtureRequest, tmp_path) -> Iterator[Generated]:
    with generated_in_clean_tree(request.param, tmp_path) as tree:
        yield tree


def test_killed_build_resumes(generated):
    ref, machine = generated.ref, generated.machine
    killed = [machine.ninja_killed(ref, "-j8", after=seconds) for seconds in (4, 15, 30)]
    assert any(killed), "the build was over before it could be killed"
    machine.ninja(ref, "-j8", "-k0").check()
    assert differing(ref, [*products(ref), *sorted(cmd_files(ref.kbuild))]) == []


def test_flags_do_not_matter(generated, flag):
    ref = generated.ref
    generated.machine.ninja(ref, flag).check()
    assert differing(ref, products(ref)) == []
