from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.kconfig.tree import Tree


@pytest.fixture
def tree(tmp_path) -> Callable[..., Tree]:
    """Make a tiny kernel source with this Kconfig."""

    def make(kconfig: str, **options) -> Tree:
        return Tree(tmp_path, kconfig, **options)

    return make
