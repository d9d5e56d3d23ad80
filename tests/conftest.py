"""What all tests share: how much of the matrix to run, and numbers that are shown at the end."""

from __future__ import annotations

import pytest

MEASURED = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="the whole matrix: hours, not minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked `full` belong to the whole matrix, and to no other run."""
    if not config.getoption("--full"):
        wait = [item for item in items if item.get_closest_marker("full")]
        config.hook.pytest_deselected(items=wait)
        items[:] = [item for item in items if item not in set(wait)]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[MEASURED] = []


@pytest.fixture(scope="session")
def measured(pytestconfig: pytest.Config) -> list[str]:
    """Lines to print when all tests have run. What is measured is shown, not asserted."""
    return pytestconfig.stash[MEASURED]


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    if config.stash[MEASURED]:
        terminalreporter.section("measured")
        for line in config.stash[MEASURED]:
            terminalreporter.line(line)
