"""The programs are run where they lie: these tests look at all that is in their directory."""

from __future__ import annotations

import os

import pytest

from ninjagen import helpers


@pytest.fixture(autouse=True)
def programs_in_place(monkeypatch):
    place = os.path.join(os.path.dirname(os.path.abspath(helpers.__file__)), "runtime")
    monkeypatch.setattr(helpers, "RUNTIME", place)
