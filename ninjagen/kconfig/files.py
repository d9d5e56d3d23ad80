"""Reading and writing .config, auto.conf, autoconf.h, rustc_cfg and include/config/FOO.

Follows scripts/kconfig/confdata.c. Knows nothing of goals.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

import kconfiglib
from kconfiglib import HEX, INT, STRING

from ninjagen.errors import NinjagenError
from ninjagen.kconfig import WRITTEN
from ninjagen.kconfig.language import Kconfig
from ninjagen.kconfig.texts import (
    auto_conf_text,
    cmd_text,
    config_text,
    header_text,
    rustc_cfg_text,
)
from ninjagen.kconfig.values import BOOL_TRISTATE, MOD, NO, TRI, YES, ModeChoice, Symbol

_SET = re.compile(r"CONFIG_([^=]*)=(.*)", re.S)
_UNSET = re.compile(r"# CONFIG_([^ ]*) is not set\Z")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)\Z", re.A)
_HEXADECIMAL = re.compile(r"(?:0[xX])?[0-9a-fA-F]+\Z", re.A)


def config_path(env: Mapping[str, str]) -> str:
    """Return the name of the configuration file, as conf and the top Makefile spell it."""
    return env.get("KCONFIG_CONFIG") or ".config"


def find(name: str, objtree: str, srctree: str) -> str | None:
    """Return where a file is: in the object tree, else in the source. lexer.l:zconf_fopen."""
    for path in (os.path.join(objtree, name), os.path.join(srctree, name)):
        if os.path.isfile(path):
            return path
    return None


def read_lines(path: str) -> list[str]:
    """Return the lines of a file, without their ends. Raises NinjagenError."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            text = file.read()
    except OSError as error:
        raise NinjagenError(f"cannot read {path}: {error.strerror}") from error
    return [line.removesuffix("\r") for line in text.split("\n")]


def load(kconf: Kconfig, path: str, shown: str) -> int:
    """Take the user's values from a configuration file; return the number of warnings.

    shown is the name in warnings, which are conf's. Follows confdata.c:conf_read_simple.
    """
    warnings = 0
    warn_unknown = "KCONFIG_WARN_UNKNOWN_SYMBOLS" in kconf.env
    lines = read_lines(path)
    clear(kconf)
    if kconf.dialect.modes:
        for choice in kconf.unique_choices:
            choice.user_value = NO  # counts as the user's, though it is nobody's wish
    kconf.forget()
    kconf.changed = False
    known = kconf.syms
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        match = _SET.match(line)
        if match:
            name, value = match.groups()
        else:
            match = _UNSET.match(line)
            if not match:
                if line and line[0] != "#":
                    warnings += _warn(shown, number, f"unexpected data: {line}")
                continue
            name, value = match[1], "n"
        symbol = known.get(name)
        if symbol is None:
            if warn_unknown:
                warnings += _warn(shown, number, f"unknown symbol: {name}")
            kconf.changed = True
            continue
        if name in seen:
            warnings += _warn(shown, number, f"override: reassigning to symbol {name}")
        message = _assign(symbol, value)
        if message:
            warnings += _warn(shown, number, message)
        elif symbol.user_value is not None:
            seen.add(name)
        if symbol.choice and not message:
            _choose(symbol)
    kconf.changed |= warnings > 0
    return warnings


def clear(kconf: Kconfig) -> None:
    """Forget all that the user ever wished."""
    for symbol in kconf.unique_defined_syms:
        symbol.user_value = None
    for choice in kconf.unique_choices:
        choice.user_value = choice.user_selection = choice.priority = None


def _warn(name: str, line: int, message: str) -> int:
    print(f"{name}:{line}:warning: {message}", file=sys.stderr)
    return 1


def _assign(symbol: Symbol, value: str) -> str:
    """Set a user value; return what is wrong with it. confdata.c:conf_set_sym_val."""
    type_ = symbol.orig_type
    invalid = f"symbol value '{value}' invalid for {symbol.name}"
    if type_ in BOOL_TRISTATE:
        tri = TRI.find(value[:1] or "-")
        if tri < 0 or (tri == MOD and type_ is kconfiglib.BOOL):
            return invalid
        symbol.user_value = tri
    elif type_ is STRING:
        if value[:1] != '"':
            return ""  # conf passes over it, too
        text = _unquoted(value)
        if text is None:
            return "invalid string found"
        symbol.user_value = text
    elif type_ in (INT, HEX):
        if not is_number(type_, value):
            return invalid
        symbol.user_value = value
    return ""


def is_number(type_: int, value: str) -> bool:
    """Whether an int or hex symbol can have this value: symbol.c:sym_string_valid."""
    return bool((_INTEGER if type_ is INT else _HEXADECIMAL).match(value))


def _unquoted(value: str) -> str | None:
    """Return the string that value, from its first quote, stands for; None if it has no end."""
    parts = []
    at = 1
    while True:
        match = re.compile(r'["\\]').search(value, at)
        if not match:
            return None
        parts.append(value[at : match.start()])
        if match[0] == '"':
            return "".join(parts)
        parts.append(value[match.end() : match.end() + 1])
        at = match.end() + 1


def _choose(symbol: Symbol) -> None:
    """A member of a choice was assigned: of several, the last one wins."""
    choice = symbol.choice
    if isinstance(choice, ModeChoice):
        if symbol.user_value == YES:
            choice.user_selection = symbol
        choice.user_value = max(choice.user_value or NO, symbol.user_value or NO)
    else:
        choice.move(symbol, to_front=True)


def settle(kconf: Kconfig) -> None:
    """Compare what was loaded with what came of it. Follows confdata.c:conf_read.

    Sets kconf.changed. conf of kernels with choice modes also forgets values out of range.
    """
    unsaved = 0
    for symbol in kconf.unique_defined_syms:
        value = symbol.tri_value if symbol.orig_type in BOOL_TRISTATE else symbol.str_value
        if symbol.is_transitional:
            continue
        if symbol.user_value is None:
            unsaved += symbol._write_to_conf
        elif not symbol._write_to_conf or value != symbol.user_value:
            unsaved += 1
    kconf.changed |= unsaved > 0
    if not kconf.dialect.modes:
        return
    for symbol in kconf.unique_defined_syms:
        if symbol.user_value is None or symbol.choice:
            continue
        if not symbol.visibility and not unsaved:
            symbol.user_value = None
        elif symbol.orig_type in (INT, HEX) and not symbol.is_within_bounds(symbol.user_value):
            symbol.user_value = symbol._cached_str_val = None
            unsaved += 1
            kconf.changed = True


# Writing.


def replace_file(path: str, text: str) -> None:
    """Write a file whole or not at all. Raises NinjagenError."""
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(temporary, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            file.write(text)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(temporary)
        raise NinjagenError(f"cannot write {path}: {error.strerror}") from error


def content(path: str) -> str | None:
    """Return the text of a file, None if it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            return file.read()
    except OSError:
        return None


def write_config(kconf: Kconfig, say: Callable[[str], None]) -> bool:
    """Write .config if it changes, and keep the old one as .config.old; return whether it did."""
    name = config_path(kconf.env)
    path = os.path.join(kconf.objtree, name)
    if os.path.isdir(path):
        raise NinjagenError(f"cannot write {path}: it is a directory")
    text = config_text(kconf)
    if content(path) == text:
        say(f"No change to {name}")
        return False
    if kconf.env.get("KCONFIG_OVERWRITECONFIG"):
        try:
            with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(text)  # so asked, for those whose .config is a link
        except OSError as error:
            raise NinjagenError(f"cannot write {path}: {error.strerror}") from error
    else:
        _write_keeping_old(path, text)
    say(f"configuration written to {name}")
    return True


def _write_keeping_old(path: str, text: str) -> None:
    old = f"{path}.old"
    with suppress(OSError):  # a link first, so that there is a .config at all times
        with suppress(FileNotFoundError):
            os.unlink(old)
        os.link(path, old)
    replace_file(path, text)


def write_auto(kconf: Kconfig, overwrite: bool) -> bool:
    """Write auto.conf and what goes with it; return whether any option changed.

    With overwrite False, only when there is no auto.conf, as all goals but syncconfig do.
    A file that would not change is left alone. Follows confdata.c:conf_write_autoconf.
    """
    cmd, header, rustc, name = auto_files(kconf.env)
    path = os.path.join(kconf.objtree, name)
    if not overwrite and os.path.exists(path):
        return False
    symbols = kconf.in_table_order(
        symbol
        for symbol in kconf.unique_defined_syms
        if symbol.orig_type and symbol.str_value is not None and symbol._write_to_conf
    )
    _replace_if_changed(os.path.join(kconf.objtree, cmd), cmd_text(kconf, name))
    touched = touch_changed(kconf, path)
    _replace_if_changed(os.path.join(kconf.objtree, header), header_text(kconf, symbols))
    _replace_if_changed(os.path.join(kconf.objtree, rustc), rustc_cfg_text(symbols))
    # The last one: it says that the others are there.
    _replace_if_changed(path, auto_conf_text(kconf, symbols))
    return touched


def auto_files(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of what write_auto writes, auto.conf last."""
    _, auto_conf, _, header, rustc = WRITTEN
    name = env.get("KCONFIG_AUTOCONFIG") or auto_conf
    return (
        f"{name}.cmd",
        env.get("KCONFIG_AUTOHEADER") or header,
        env.get("KCONFIG_RUSTCCFG") or rustc,
        name,
    )


def _replace_if_changed(path: str, text: str) -> None:
    if content(path) != text:
        replace_file(path, text)


def touch_changed(kconf: Kconfig, auto_conf: str) -> bool:
    """Touch include/config/FOO for each symbol whose value is not what auto.conf says.

    Objects depend on these files. Follows confdata.c:conf_touch_deps.
    """
    old, gone = _old_values(kconf, auto_conf)
    names = dict.fromkeys(gone)
    for symbol in kconf.unique_defined_syms:
        before = old.get(symbol)
        is_tristate = symbol.orig_type in BOOL_TRISTATE
        now: Any = symbol.tri_value if is_tristate else symbol.str_value
        if not symbol._write_to_conf:
            changed = before is not None
        elif before is None:
            changed = not (is_tristate and now == NO)
        else:
            changed = now != before
        if changed:
            names[symbol.name] = None
    _touch(os.path.dirname(auto_conf), names)
    return bool(names)


def _old_values(kconf: Kconfig, auto_conf: str) -> tuple[dict[Symbol, int | str], list[str]]:
    """Return the values that auto.conf has, and the names that Kconfig no longer knows."""
    values: dict[Symbol, int | str] = {}
    gone: list[str] = []
    if not os.path.exists(auto_conf):
        return values, gone
    for line in read_lines(auto_conf):
        match = _SET.match(line)
        if not match:
            continue
        name, value = match.groups()
        symbol = kconf.syms.get(name)
        if symbol is None:
            gone.append(name)
        elif symbol.orig_type in BOOL_TRISTATE:
            tri = TRI.find(value[:1] or "-")
            if tri >= 0 and not (tri == MOD and symbol.orig_type is kconfiglib.BOOL):
                values[symbol] = tri
        elif symbol.orig_type is STRING or is_number(symbol.orig_type, value):
            values[symbol] = value
    return values, gone


def _touch(directory: str, names: Iterable[str]) -> None:
    """Make files empty and new."""
    name = ""
    try:
        os.makedirs(directory, exist_ok=True)
        place = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for name in names:
                try:
                    os.close(os.open(name, os.O_CREAT | os.O_EXCL, 0o644, dir_fd=place))
                except FileExistsError:
                    os.close(os.open(name, os.O_WRONLY | os.O_TRUNC, dir_fd=place))
                    os.utime(name, dir_fd=place)  # truncated, an empty file may keep its time
        finally:
            os.close(place)
    except OSError as error:
        path = os.path.join(directory, name)
        raise NinjagenError(f"cannot write {path}: {error.strerror}") from error
