from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory for one case after the other: `oracle.prepare` leaves nothing of the last."""
    return tmp_path_factory.mktemp("cases") / "d"
