"""The tools by name, and what each is asked with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NamedTuple

from ninjagen.answers.described import Described
from ninjagen.errors import NinjagenError, did_you_mean

Answer = Callable[[Described, Sequence[str]], int]


class Tool(NamedTuple):
    """A row of the table; the module of the same name answers."""

    parameters: tuple[str, ...]
    meaning: str


TOOLS = {
    "list": Tool((), "list the tools"),
    "single": Tool(("FILE",), "make one file, as `make kernel/fork.i`; for build.ninja's own use"),
    "expand": Tool(("DIR", "TEXT"), "expand TEXT as the makefile of DIR would: '$(obj-y)'"),
    "explain": Tool(("TARGET",), "its rule, who wants it, and whence each word of its command"),
    "trace": Tool((), "a picture of the last build: .ninjagen/trace.html and trace.json"),
    "why": Tool(("TARGET",), "what makes ninja make TARGET again: the chain to the first cause"),
}


class Misuse(NinjagenError):
    """Wrong words after -t."""


def check(name: str, arguments: Sequence[str]) -> None:
    """Raise Misuse unless there is such a tool and it can be asked with these words."""
    tool = TOOLS.get(name)
    if tool is None:
        hint = did_you_mean(name, TOOLS)
        raise Misuse(f"unknown tool '{name}', use -t list to list; {hint}".rstrip("; "))
    if len(arguments) != len(tool.parameters):
        words = " ".join(("ninjagen -t", name, *tool.parameters))
        raise Misuse(f"tool {name} is asked as: {words}")


def listing() -> str:
    """Return what `-t list` says."""
    return "".join(
        f"  {' '.join((name, *tool.parameters)):18} {tool.meaning}\n"
        for name, tool in TOOLS.items()
    )


def answer(name: str, described: Described, arguments: Sequence[str]) -> int:
    """Let a tool that `check` accepts answer; return the exit status."""
    found: Answer = import_module(f"ninjagen.answers.{name}").answer
    return found(described, arguments)
