"""The answers of allnoconfig, allyesconfig, allmodconfig and randconfig.

Follows scripts/kconfig/conf.c:conf_set_all_new_symbols.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kconfiglib import TRISTATE

from ninjagen.kconfig.language import Kconfig
from ninjagen.kconfig.values import BOOL_TRISTATE, MOD, NO, YES, Choice, ModeChoice, Symbol


def answer_all(kconf: Kconfig, answer: int) -> None:
    """Give every bool and tristate without a value this one: conf.c:conf_set_all_new_symbols."""
    modes = kconf.dialect.modes
    for symbol in kconf.unique_defined_syms:
        if symbol.user_value is not None or symbol.orig_type not in BOOL_TRISTATE:
            continue
        # Since 6.11 conf goes through the menus: no prompt, no value; choices are left alone.
        if modes or (_has_prompt(symbol) and not symbol.choice):
            symbol.user_value = answer
    if modes:
        for choice in kconf.unique_choices:
            if choice.user_value is None:
                choice.user_value = answer


def _has_prompt(symbol: Symbol) -> bool:
    return any(node.prompt for node in symbol.nodes)


class Random:
    """srand and rand of the GNU C library, whose numbers KCONFIG_SEED stands for."""

    def __init__(self, seed: int) -> None:
        word = seed or 1
        word -= (word & 0x80000000) << 1  # it counts as signed
        state = [word]
        for _ in range(30):
            high = int(word / 127773)  # rounded towards zero, as C does
            word = 16807 * (word - high * 127773) - 2836 * high
            word += 2147483647 if word < 0 else 0
            state.append(word)
        state += state[:3]
        self._state = [value & 0xFFFFFFFF for value in state]
        for _ in range(310):
            self._next()

    def _next(self) -> int:
        state = self._state
        value = (state[-31] + state[-3]) & 0xFFFFFFFF
        state.append(value)
        del state[0]
        return value

    def rand(self) -> int:
        """Return the next number, 31 bits."""
        return self._next() >> 1


def randomize(kconf: Kconfig, random: Random, pby: int, pty: int, ptm: int) -> None:
    """Answer every open question at random, as conf does with the same seed."""

    def draw(symbol: Any) -> int:
        number = random.rand() % 100
        if symbol.orig_type is TRISTATE:
            return YES if number < pty else MOD if number < pty + ptm else NO
        return YES if number < pby else NO

    if kconf.dialect.modes:
        _randomize_modes(kconf, random, draw)
        return
    for node in kconf.entries():
        item = node.item
        if not node.prompt:
            continue
        if item.__class__ is Choice:
            _randomize_choice(item, random)
        elif item.__class__ is not Symbol or item.orig_type not in BOOL_TRISTATE:
            continue
        elif item.user_value is None and not item.choice:
            item.user_value = draw(item)


def _randomize_choice(choice: Choice, random: Random) -> None:
    """Put the open members in a random order. Follows conf.c:randomize_choice_values."""
    for count in range(sum(symbol.user_value is None for symbol in choice.syms), 0, -1):
        left = random.rand() % count
        for symbol in choice.syms:
            if symbol.user_value is None:
                left -= 1
            if left < 0:
                symbol.user_value = YES
                choice.move(symbol, to_front=False)
                break


def _randomize_modes(kconf: Kconfig, random: Random, draw: Callable[[Any], int]) -> None:
    """The same before 6.11: in the order of the symbol table, choices when they become y."""
    modes: dict[ModeChoice, int] = {}
    for item in kconf.in_table_order([*kconf.unique_defined_syms, *kconf.unique_choices]):
        if item.user_value is None and item.orig_type in BOOL_TRISTATE:
            if item.__class__ is ModeChoice:
                modes[item] = draw(item)
            else:
                item.user_value = draw(item)
    is_open = True
    while is_open:
        kconf.forget()
        is_open = False
        for choice, mode in modes.items():
            if choice.user_value is None and choice.tri_value == YES:
                is_open = True
                chosen = choice.syms[random.rand() % len(choice.syms)]
                for symbol in choice.syms:
                    symbol.user_value = YES if symbol is chosen else NO
                    symbol._cached_tri_val = symbol._cached_vis = None
                choice.user_selection, choice.user_value = chosen, mode
                choice._invalidate()
