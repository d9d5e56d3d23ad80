"""Tiny kernel sources: a Kconfig file, and of scripts/kconfig what tells the dialect."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ninjagen.kconfig.goals import Conf
from ninjagen.kconfig.language import Kconfig
from ninjagen.shell import Shell

NEW = {
    "symbol.c": "list_for_each_entry(sym, &choice->choice_members, choice_link)",
    "internal.h": "#define SYMBOL_HASHSIZE\t\t(1U << 14)",
    "confdata.c": 'fprintf(out, "autoconfig := %s\\n", autoconf_name);',
}
OLD = {  # before 6.11
    "symbol.c": "newval = symbol_empty.curr;",
    "expr.h": "#define SYMBOL_HASHSIZE\t\t9973",
    "confdata.c": 'fprintf(out, "deps_config := ");',
}
TITLE = 'mainmenu "Linux/$(ARCH) 7.2 Kernel Configuration"\n'


class Tree:
    """A source and an object tree, and a Conf for them."""

    def __init__(self, directory: Path, kconfig: str, dialect: Mapping[str, str] = NEW) -> None:
        self.source = directory / "source"
        self.objtree = directory / "out"
        self.objtree.mkdir()
        for name, text in dialect.items():
            self.write(f"scripts/kconfig/{name}", text)
        self.write("Kconfig", TITLE + kconfig)
        self.write("Makefile", "ifeq ($(ARCH),x86_64)\n        SRCARCH := x86\nendif\n")
        self.env = {"PATH": os.environ["PATH"], "ARCH": "x86_64", "SRCARCH": "x86"}
        self.env["srctree"] = str(self.source)

    def write(self, name: str, text: str) -> None:
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def conf(self) -> Conf:
        return Conf(str(self.source), str(self.objtree), self.env, Shell())

    def kconf(self) -> Kconfig:
        return self.conf().kconf

    def run(self, goal: str, config: str | None = None) -> dict[str, str]:
        """Do a goal, on this .config if any; return what .config says then."""
        if config is not None:
            (self.objtree / ".config").write_text(config)
        conf = self.conf()
        conf.check(goal)
        conf.run(goal)
        return self.config()

    def config(self) -> dict[str, str]:
        return values((self.objtree / ".config").read_text())

    def read(self, name: str) -> str:
        return (self.objtree / name).read_text()


def values(text: str) -> dict[str, str]:
    """The options of a .config, in order."""
    found = {}
    for line in text.splitlines():
        if line.startswith("CONFIG_"):
            name, _, value = line.removeprefix("CONFIG_").partition("=")
            found[name] = value
        elif line.endswith(" is not set"):
            found[line.removeprefix("# CONFIG_").removesuffix(" is not set")] = "n"
    return found
