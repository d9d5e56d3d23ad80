"""What the files of a configuration say. Follows scripts/kconfig/confdata.c.

Knows nothing of the disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import kconfiglib
from kconfiglib import COMMENT, HEX, MENU, STRING

from ninjagen.kconfig.language import Kconfig
from ninjagen.kconfig.values import BOOL_TRISTATE, MOD, TRI, YES, ModeChoice, Symbol, value_of


def heading(kconf: Kconfig, before: str = "#", line: str = "#", after: str = "#") -> str:
    """Return the first lines of a file: confdata.c:conf_write_heading."""
    return (
        f"{before}\n{line} Automatically generated file; DO NOT EDIT.\n"
        f"{line} {kconf.mainmenu_text}\n{after}\n"
    )


def escaped(value: str) -> str:
    """Return a string in quotes, as C and .config spell it."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def config_line(symbol: Symbol) -> str:
    """Return the line of a .config for a symbol."""
    value = symbol.str_value
    if symbol.orig_type in BOOL_TRISTATE and value == "n":
        return f"# CONFIG_{symbol.name} is not set\n"
    return f"CONFIG_{symbol.name}={escaped(value) if symbol.orig_type is STRING else value}\n"


def config_text(kconf: Kconfig) -> str:
    """Return the whole .config. Follows confdata.c:conf_write."""
    parts = [heading(kconf)]
    written: set[Symbol] = set()
    need_newline = False
    node = kconf.top_node.list
    while node:
        item = node.item
        if item.__class__ is Symbol:
            if item not in written:
                written.add(item)
                line = config_line(item) if item.orig_type else ""  # works it out, too
                if line and item._write_to_conf:
                    if need_newline:
                        parts.append("\n")
                        need_newline = False
                    parts.append(line)
        elif item in (MENU, COMMENT) and kconf.is_visible(node):
            parts.append(f"\n#\n# {node.prompt[0]}\n#\n")
            need_newline = False
        if node.list:
            node = node.list
            continue
        while node:
            if node.item is MENU and node is not kconf.top_node and kconf.is_visible(node):
                parts.append(f"# end of {node.prompt[0]}\n")
                need_newline = True
            if node.next:
                node = node.next
                break
            node = node.parent
    return "".join(parts)


def minimal_text(kconf: Kconfig) -> str:
    """Return what differs from the defaults. Follows confdata.c:conf_write_defconfig."""
    parts = []
    for symbol in kconf.unique_defined_syms:
        line = config_line(symbol)
        if not symbol.orig_type or not symbol._write_to_conf or not symbol.is_changeable:
            continue
        if symbol.str_value == symbol.default_text():
            continue
        choice = symbol.choice
        if choice and choice.default() is symbol and symbol.tri_value == YES:
            optional = isinstance(choice, ModeChoice) and choice.is_optional
            if not optional and (not kconf.dialect.modes or symbol.orig_type is kconfiglib.BOOL):
                continue
        parts.append(line)
    return "".join(parts)


def auto_conf_text(kconf: Kconfig, symbols: Iterable[Symbol]) -> str:
    """Return auto.conf, which make reads: strings have no quotes."""
    lines = [
        f"CONFIG_{symbol.name}={symbol.str_value}\n"
        for symbol in symbols
        if not (symbol.orig_type in BOOL_TRISTATE and not symbol.tri_value)
    ]
    return heading(kconf) + "".join(lines)


def header_text(kconf: Kconfig, symbols: Iterable[Symbol]) -> str:
    """Return autoconf.h. Follows confdata.c:print_symbol_for_c."""
    parts = [heading(kconf, "/*", " *", " */")]
    for symbol in symbols:
        if symbol.orig_type in BOOL_TRISTATE:
            value = symbol.tri_value
            if value:
                suffix = "_MODULE" if value == MOD else ""
                parts.append(f"#define CONFIG_{symbol.name}{suffix} 1\n")
        else:
            parts.append(f"#define CONFIG_{symbol.name} {_c_value(symbol)}\n")
    return "".join(parts)


def _c_value(symbol: Symbol) -> str:
    value = symbol.str_value
    if symbol.orig_type is STRING:
        return escaped(value)
    if symbol.orig_type is HEX and value[:2] not in ("0x", "0X"):
        return "0x" + value
    return value


def rustc_cfg_text(symbols: Iterable[Symbol]) -> str:
    """Return rustc_cfg. Follows confdata.c:print_symbol_for_rustccfg."""
    parts = []
    for symbol in symbols:
        if symbol.orig_type in BOOL_TRISTATE:
            if not symbol.tri_value:
                continue
            parts.append(f"--cfg=CONFIG_{symbol.name}\n")
        value = _c_value(symbol) if symbol.orig_type is HEX else symbol.str_value
        parts.append(f"--cfg=CONFIG_{symbol.name}={escaped(value)}\n")
    return "".join(parts)


def cmd_text(kconf: Kconfig, name: str) -> str:
    """Return auto.conf.cmd, by which make knows when to run syncconfig.

    Follows confdata.c:conf_write_autoconf_cmd and preprocess.c:env_write_dep.
    """
    read = dict.fromkeys(kconf.kconfig_filenames)
    env = [(key, value) for key, value in kconf.env_read.items() if value is not None]
    if kconf.dialect.old_cmd:
        files = "".join(f"\t{file} \\\n" for file in reversed(read))
        checks = "".join(f'ifneq "$({k})" "{v}"\n{name}: FORCE\nendif\n' for k, v in env)
        return (
            f"deps_config := \\\n{files}\n{name}: $(deps_config)\n\n{checks}\n$(deps_config): ;\n"
        )
    files = "".join(f"\t{file} \\\n" for file in read)
    checks = "".join(f'\nifneq "$({k})" "{v}"\n$(autoconfig): FORCE\nendif\n' for k, v in env)
    return (
        f"autoconfig := {name}\n\ndeps_config := \\\n{files}\n"
        f"$(autoconfig): $(deps_config)\n$(deps_config): ;\n{checks}"
    )


def unmet_text(kconf: Kconfig) -> str:
    """Return conf's warnings about symbols selected against their dependencies."""
    parts = []
    for symbol in kconf.unmet:
        depends = _annotated(symbol.direct_dep)
        level = "m" if value_of(symbol.direct_dep) == MOD else "n"
        parts.append(
            f"\nWARNING: unmet direct dependencies detected for {symbol.name}\n"
            f"  Depends on [{level}]: {depends}\n"
        )
        for value in (YES, MOD):
            selects = [
                _annotated(expr)
                for expr in kconfiglib.split_expr(symbol.rev_dep, kconfiglib.OR)
                if value_of(expr) == value
            ]
            if selects:
                lines = "".join(f"  - {select}\n" for select in selects)
                parts.append(f"  Selected by [{TRI[value]}]:\n{lines}")
    return "".join(parts)


def _annotated(expr: Any) -> str:
    def name(item: Any) -> str:
        if item.__class__ is not Symbol:
            return "<choice>"
        return item.name if item.is_constant else f"{item.name} [={item.str_value}]"

    return kconfiglib.expr_str(expr, name)  # type: ignore[no-any-return]
