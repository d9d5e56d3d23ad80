"""What recipes have in common is expanded once, however many there are."""

from __future__ import annotations

import pytest

from ninjagen.make import driver
from ninjagen.make.names import Names


@pytest.mark.parametrize("scope", ["", "all: of_all = 1\n", "$(targets): own = 1\n"])
def test_a_loop_is_expanded_once_for_all_recipes(scope, tmp_path, monkeypatch):
    """As kbuild's multi_depend and modname-multi, which look at each module for each object."""
    calls = []
    call = Names._call
    monkeypatch.setattr(
        Names, "_call", lambda env, variable, words: calls.append(1) or call(env, variable, words)
    )
    (tmp_path / "Makefile").write_text(
        "targets := t1 t2 t3 t4 t5\nall: $(targets)\npairs = $(foreach w,$1,$w-$2)\n"
        f"{scope}$(targets): ; @echo $(call pairs,a b,c) $(own) $@\n"
    )
    said: list[str] = []
    assert driver.main(["-rRn"], str(tmp_path), {}, said.append, said.append) == 0
    assert "".join(said).count("echo a-c b-c ") == 5
    assert len(calls) <= 2  # the first time, it is not known yet what the loop binds
