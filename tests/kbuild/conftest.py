from __future__ import annotations

import pytest

from tests.kbuild.trees import Trees


@pytest.fixture
def trees(tmp_path) -> Trees:
    """A source and an object tree with kbuild's macros in it."""
    return Trees(tmp_path)
