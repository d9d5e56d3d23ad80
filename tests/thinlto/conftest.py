"""A built lab, copied for each test: building it takes longer than copying."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.thinlto.lab import Lab


@pytest.fixture(scope="session")
def built_lab(tmp_path_factory) -> Callable[..., Path]:
    """Return the directory of a built lab with these settings; it is not to be changed."""
    made: dict[str, Path] = {}

    def build(**settings: object) -> Path:
        key = repr(sorted(settings.items()))
        if key not in made:
            made[key] = tmp_path_factory.mktemp("lab") / "lab"
            Lab(made[key], **settings).build()
        return made[key]

    return build


@pytest.fixture
def lab_of(built_lab, tmp_path) -> Callable[..., Lab]:
    """Make a built lab of one's own."""

    def copy(**settings: object) -> Lab:
        shutil.copytree(built_lab(**settings), tmp_path / "lab", symlinks=True)
        return Lab(tmp_path / "lab", **settings)

    return copy


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "lab" in metafunc.fixturenames:
        full = metafunc.config.getoption("--full")
        modes = ["dyndep", "no-dyndep"] if full else ["dyndep"]
        metafunc.parametrize("lab", modes, indirect=True)


@pytest.fixture
def lab(request: pytest.FixtureRequest, lab_of) -> Lab:
    return lab_of(uses_dyndep=request.param == "dyndep")
