from __future__ import annotations

import pytest

from tests.answers.sample import Sample


@pytest.fixture
def sample(tmp_path, capsys) -> Sample:
    return Sample(tmp_path, capsys)
