"""What `sync` will write for makefiles, told from .config alone: right if .config is complete.

Without kconfiglib, and without reading a Kconfig file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

_QUOTED = re.compile(r"\\(.)")


def config_path(objtree: str, env: Mapping[str, str]) -> str:
    """Return where the configuration is: $KCONFIG_CONFIG of objtree, or .config."""
    return os.path.join(objtree, env.get("KCONFIG_CONFIG") or ".config")


def expected_answers(objtree: str, env: Mapping[str, str]) -> str | None:
    """Return the text of auto.conf, but for the order of its lines; None if there is no .config."""
    try:
        with open(config_path(objtree, env), encoding="utf-8", errors="surrogateescape") as file:
            return "".join(_without_quotes(line) for line in file if line.startswith("CONFIG_"))
    except OSError:
        return None


def _without_quotes(line: str) -> str:
    """Take the quotes of a string away (scripts/kconfig/confdata.c, print_symbol_for_autoconf)."""
    name, _, value = line.rstrip("\n").partition("=")
    if value[:1] == '"':
        value = _QUOTED.sub(r"\1", value[1:-1])
    return f"{name}={value}\n"


def answers_of(text: str) -> dict[str, str]:
    """Return the values of auto.conf, as they are spelled there."""
    lines = (line.partition("=") for line in text.splitlines() if line.startswith("CONFIG_"))
    return {name: value for name, _, value in lines}
