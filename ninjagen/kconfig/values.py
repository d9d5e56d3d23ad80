"""Values of symbols and choices. Follows scripts/kconfig/symbol.c and expr.c.

Knows nothing of Kconfig's syntax or of files.
"""

from __future__ import annotations

import re
from typing import Any

import kconfiglib
from kconfiglib import AND, BOOL, EQUAL, HEX, INT, NOT, OR, STRING, TRISTATE, UNEQUAL

NO, MOD, YES = 0, 1, 2
TRI = "nmy"
BOOL_TRISTATE = frozenset((BOOL, TRISTATE))

Expression = Any  # kconfiglib's: a symbol or choice, or a tuple of an operator and operands


def value_of(expr: Expression) -> int:
    """Return 0 (n), 1 (m) or 2 (y). Follows expr.c:__expr_calc_value."""
    if expr.__class__ is not tuple:
        value = expr._cached_tri_val
        return expr.tri_value if value is None else value  # type: ignore[no-any-return]
    operator = expr[0]
    if operator is AND:
        left = value_of(expr[1])
        return min(left, value_of(expr[2])) if left else NO
    if operator is OR:
        left = value_of(expr[1])
        return left if left == YES else max(left, value_of(expr[2]))
    if operator is NOT:
        return 2 - value_of(expr[1])
    return YES if _holds(operator, *expr[1:]) else NO


def _holds(operator: int, left: Symbol, right: Symbol) -> bool:
    """Compare two symbols: as numbers if both are, else as text."""
    one, two = left.str_value, right.str_value
    order = None
    if not (left.orig_type is STRING and right.orig_type is STRING):
        first, second = number_of(one, left.orig_type), number_of(two, right.orig_type)
        if first is not None and second is not None:
            if HEX in (left.orig_type, right.orig_type):  # C compares them unsigned
                first, second = first % (1 << 64), second % (1 << 64)
            order = (first > second) - (first < second)
    if order is None:
        order = (one > two) - (one < two)
    if operator is EQUAL:
        return order == 0
    if operator is UNEQUAL:
        return order != 0
    if operator is kconfiglib.LESS:
        return order < 0
    if operator is kconfiglib.LESS_EQUAL:
        return order <= 0
    if operator is kconfiglib.GREATER:
        return order > 0
    return order >= 0


_INTEGER = {
    INT: re.compile(r"\s*([+-]?)()()([0-9]+)\Z", re.A),
    HEX: re.compile(r"\s*([+-]?)(?:0[xX])?([0-9a-fA-F]+)()()\Z", re.A),
}
_ANY_INTEGER = re.compile(r"\s*([+-]?)(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))\Z", re.A)


def number_of(text: str, type_: int) -> int | None:
    """Return text as a number, or None. Follows expr.c:expr_parse_string, which is strtoll."""
    if type_ in BOOL_TRISTATE:
        return TRI.index(text)
    match = _INTEGER.get(type_, _ANY_INTEGER).match(text)
    if not match:
        return None
    sign, hexadecimal, octal, decimal = match.groups()
    digits, base = (hexadecimal, 16) if hexadecimal else (octal, 8) if octal else (decimal, 10)
    value = int(digits, base)
    return -value if sign == "-" else value


_LEADING_DECIMAL = re.compile(r"\s*[+-]?[0-9]+", re.A)
_LEADING_HEXADECIMAL = re.compile(r"\s*[+-]?(?:0[xX](?=[0-9a-fA-F]))?[0-9a-fA-F]+", re.A)


def leading_number(text: str, type_: int) -> int:
    """Return the number text begins with, 0 for none: strtoll in base 10, or 16 for hex."""
    match = (_LEADING_HEXADECIMAL if type_ is HEX else _LEADING_DECIMAL).match(text)
    return int(match[0], 16 if type_ is HEX else 10) if match else 0


class Symbol(kconfiglib.Symbol):  # type: ignore[misc]
    """A config symbol. `_write_to_conf` is symbol.c's SYMBOL_WRITE."""

    is_transitional = False
    user_value: Any  # int or str by type, None without one
    _cached_vis: Any
    _cached_tri_val: Any
    _cached_str_val: Any

    @property
    def tri_value(self) -> int:
        """0, 1 or 2; 0 for what is neither bool nor tristate."""
        if self._cached_tri_val is None:
            self.evaluate()
        return self._cached_tri_val  # type: ignore[no-any-return]

    @property
    def str_value(self) -> str:
        """The value as it stands in a .config, without quotes."""
        if self.orig_type in BOOL_TRISTATE:
            return TRI[self.tri_value]
        if self._cached_str_val is None:
            self.evaluate()
        return self._cached_str_val  # type: ignore[no-any-return]

    @property
    def type(self) -> int:
        """The type as it is now: tristate is bool without modules (symbol.c:sym_get_type)."""
        if self.orig_type is TRISTATE:
            if not self.kconfig.modules.tri_value:
                return BOOL  # type: ignore[no-any-return]
            # For menuconfig, where a choice has a mode; evaluation does not come here.
            if self.kconfig.dialect.modes and self.choice and self.choice.tri_value == YES:
                return BOOL  # type: ignore[no-any-return]
        return self.orig_type  # type: ignore[no-any-return]

    @property
    def visibility(self) -> int:
        """How far a user may set it: symbol.c:sym_calc_visibility, the part on prompts."""
        visible = self._cached_vis
        if visible is None:
            visible = self._cached_vis = self._visibility()
        return visible  # type: ignore[no-any-return]

    def _visibility(self) -> int:
        if self.is_transitional:
            return YES
        visible = NO
        choice = self.choice
        mode = choice.tri_value if choice and self.kconfig.dialect.modes else None
        for node in self.nodes:
            if node.prompt:
                shown = value_of(node.prompt[1])
                if shown == MOD and mode == YES and self.orig_type is TRISTATE:
                    shown = NO  # only one can be chosen, and this one cannot be y
                visible = max(visible, shown)
        # menu.c before 6.11: a bool in a tristate choice depends on the choice being y.
        if mode in (NO, MOD) and choice.orig_type is TRISTATE and self.orig_type is not TRISTATE:
            visible = NO
        return YES if visible == MOD and self._is_bool() else visible

    @property
    def is_changeable(self) -> bool:
        """Whether a user can set it to something else: symbol.c:sym_is_changeable."""
        return self.visibility > (NO if self.choice else self._promoted(self.rev_dep))

    def evaluate(self) -> None:
        """Work out value and visibility, and whether it is written. symbol.c:sym_calc_value."""
        type_ = self.orig_type
        if type_ in BOOL_TRISTATE:
            self._evaluate_tristate()
        elif not type_:  # undefined: its name is its value
            self._cached_tri_val, self._cached_str_val = NO, self.name
        else:
            self._cached_tri_val = NO
            self._evaluate_text()

    def _promoted(self, expr: Expression) -> int:
        """Return the value of a dependency; m counts as y for what cannot be m."""
        value = value_of(expr)
        return YES if value == MOD and self._is_bool() else value

    def _is_bool(self) -> bool:
        return self.orig_type is BOOL or not self.kconfig.modules.tri_value

    def _evaluate_tristate(self) -> None:
        visible = self.visibility
        self._write_to_conf = visible != NO
        self._cached_tri_val = NO  # for whoever asks while we are at it
        source = None
        if self.choice:
            value = self.choice.value_for(self, visible)
        else:
            wanted = self._promoted(self.rev_dep)
            if visible and self.user_value is not None:
                value = min(self.user_value, visible)
            else:
                self._write_to_conf |= wanted != NO
                value, source = self._default_tristate()
            if wanted:
                if self._promoted(self.direct_dep) < wanted:
                    self.kconfig.unmet[self] = None
                value = max(value, wanted)
        if value == MOD and self._is_bool():
            value = YES
        self._cached_tri_val = value
        self._finish(source, value)

    def _default_tristate(self) -> tuple[int, Expression]:
        """Return the value from defaults and implies, and the default it comes from."""
        value, source = NO, None
        found = self._default()
        if found:
            source = found[0]
            value = min(value_of(source), found[1])
            self._write_to_conf |= value != NO
        implied = self._promoted(self.weak_rev_dep)
        if implied:
            self._write_to_conf = True
            value = min(max(value, implied), self._promoted(self.direct_dep))
        return value, source

    def _evaluate_text(self) -> None:
        visible = self.visibility
        self._write_to_conf = visible != NO
        source = None
        value = self._cached_str_val = self.kconfig.unset[self.orig_type]
        if visible and self.user_value is not None:
            value = self.user_value
        else:
            found = self._default()
            if found and found[0].__class__ is Symbol:
                self._write_to_conf = True
                source = found[0]
                value = source.str_value
        self._cached_str_val = self._clamped(value)
        self._finish(source, value)

    def _finish(self, source: Expression, value: int | str) -> None:
        """What transitional symbols change: they are never written, and hand on their value."""
        if self.is_transitional:
            self._write_to_conf = False
        if (
            source.__class__ is Symbol
            and source.is_transitional
            and source.user_value is not None
            and self.user_value is None
        ):
            self.user_value = value

    def _default(self) -> tuple[Expression, int] | None:
        """Return the first default whose condition holds, and the condition's value."""
        for value, condition in self.defaults:
            visible = value_of(condition)
            if visible:
                return value, visible
        return None

    def bounds(self) -> tuple[Symbol, Symbol] | None:
        """Return the lowest and highest value allowed, None if all are."""
        for low, high, condition in self.ranges:
            if value_of(condition):
                return low, high
        return None

    def _clamped(self, value: str) -> str:
        """Return value, or the bound it oversteps, as that is spelled. sym_validate_range."""
        bounds = self.bounds() if self.orig_type is not STRING else None
        if not bounds:
            return value
        number = leading_number(value, self.orig_type)
        if number < self._bound(bounds[0]):
            return bounds[0].str_value
        return bounds[1].str_value if number > self._bound(bounds[1]) else value

    def _bound(self, bound: Symbol) -> int:
        type_ = bound.orig_type if bound.orig_type in (INT, HEX) else self.orig_type
        return leading_number(bound.str_value, type_)

    def is_within_bounds(self, value: str) -> bool:
        """Whether an int or hex may have this value: symbol.c:sym_string_within_range."""
        bounds = self.bounds() if self.orig_type is not STRING else None
        if not bounds:
            return True
        number = leading_number(value, self.orig_type)
        return self._bound(bounds[0]) <= number <= self._bound(bounds[1])

    def default_text(self) -> str:
        """Return what it would be without a user: symbol.c:sym_get_string_default."""
        found = self._default()
        if self.orig_type not in BOOL_TRISTATE:
            text = found[0].str_value if found and found[0].__class__ is Symbol else ""
            return text or self.kconfig.unset[self.orig_type]
        value = min(value_of(found[0]), found[1]) if found else NO
        if not self.choice:
            value = max(value, self._promoted(self.rev_dep))
        without_modules = not self.choice and not self.kconfig.modules.tri_value
        if value == MOD and (self.orig_type is BOOL or without_modules):
            value = YES
        if not self.choice:
            value = max(value, self._promoted(self.weak_rev_dep))
        return TRI[value]

    def set_value(self, value: int | str) -> bool:
        """Set the user's value, as menuconfig does; False if its form is wrong."""
        if not super().set_value(value):
            return False
        if self.choice and not self.kconfig.dialect.modes and self.user_value == YES:
            self.choice.prefer(self)
        return True


class Choice(kconfiglib.Choice):  # type: ignore[misc]
    """A choice since 6.11: exactly one visible member is y, and it has no value of its own."""

    place = 0  # symbols that existed before it
    priority: list[Symbol] | None = None  # the user's latest wish first
    _cached_tri_val = None  # always: a choice is rarely asked

    def members(self) -> list[Symbol]:
        """Return the members, most wanted first; a list to be changed in place."""
        if self.priority is None:
            self.priority = list(self.syms)
        return self.priority

    def move(self, symbol: Symbol, to_front: bool) -> None:
        """Give one member the highest or the lowest priority."""
        members = self.members()
        members.remove(symbol)
        members.insert(0 if to_front else len(members), symbol)

    def prefer(self, symbol: Symbol) -> None:
        """Let the user choose one member: symbol.c:choice_set_value."""
        for member in self.syms:
            if member.visibility:
                member.user_value = YES if member is symbol else NO
                self.move(member, to_front=True)
        self._rec_invalidate()

    def value_for(self, symbol: Symbol, visible: int) -> int:
        """Return the value of a member."""
        return YES if visible and self.selection is symbol else NO

    def _selection(self) -> Symbol | None:
        """Follows symbol.c:sym_calc_choice."""
        _ = self.visibility  # kconfiglib only invalidates what has a visibility
        visible = [symbol for symbol in self.members() if symbol.visibility]
        for symbol in visible:
            if symbol.user_value == YES:
                return symbol
        default = self.default()
        if default and default.user_value != NO:
            return default
        for symbol in self.syms:
            if symbol.visibility and symbol.user_value is None:
                return symbol  # type: ignore[no-any-return]
        return visible[-1] if visible else None

    def default(self) -> Symbol | None:
        """Return the member chosen when the user has no wish: symbol.c:sym_choice_default."""
        return self._selection_from_defaults()

    def _selection_from_defaults(self) -> Symbol | None:
        for symbol, condition in self.defaults:
            if value_of(condition) and symbol.visibility:
                return symbol  # type: ignore[no-any-return]
        return next((symbol for symbol in self.syms if symbol.visibility), None)

    @property
    def tri_value(self) -> int:
        """For menuconfig: y if there is anything to choose."""
        return YES if self.visibility else NO


class ModeChoice(Choice):
    """A choice before 6.11: it has a mode, and in m mode several members may be m."""

    @property
    def tri_value(self) -> int:
        """The mode; what is not optional is at least m (menu.c:menu_finalize)."""
        value = NO if self.is_optional else MOD
        if self.user_value is not None:
            value = max(value, self.user_value)
        value = min(value, self.visibility)
        return YES if value == MOD and self.type is BOOL else value

    def prefer(self, symbol: Symbol) -> None:
        """Nothing: kconfiglib keeps user_selection."""

    def value_for(self, symbol: Symbol, visible: int) -> int:
        """Follows sym_calc_value of that time."""
        if visible == YES:
            return YES if self.selection is symbol else NO
        if visible and symbol.user_value is not None:
            return min(symbol.user_value, visible)  # type: ignore[no-any-return]
        return NO

    def _selection(self) -> Symbol | None:
        if self.tri_value != YES:
            return None
        wanted = self.user_selection
        if wanted and wanted.visibility:
            return wanted  # type: ignore[no-any-return]
        return self.default()
