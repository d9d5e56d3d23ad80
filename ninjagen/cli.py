"""The command line: the only place that prints errors, and the only one that exits."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import NoReturn, ParamSpec, TypeVar

from ninjagen import __version__
from ninjagen.errors import NinjagenError, did_you_mean
from ninjagen.request import OPTIONS, Request

USAGE = """\
usage: ninjagen [options] [VAR=VALUE]... [GOAL]...
       ninjagen [O=DIR] -t TOOL [ARGUMENT]...

Writes build.ninja for a Linux kernel, from the kernel's own Makefiles and .config.
Run it in the source tree (with O=DIR for objects elsewhere) or in an object tree.

  ninjagen LLVM=1 O=out defconfig     make a configuration, with the kernel's own goals
  ninjagen LLVM=1 O=out               write out/build.ninja
  ninja -C out vmlinux                build
  ninjagen LLVM=1 O=out M=dir         write dir/build.ninja, for an external module

options:
  -C DIR         run in DIR
  --thinlto=dist distributed ThinLTO for a kernel with CONFIG_LTO_CLANG_THIN
  --no-dyndep    distributed ThinLTO without dyndep, for runners that lack it
  --no-adopt     do not take over what make has built
  -d MODE        debugging: list, stats
  -t TOOL        ask about the build that build.ninja describes; -t list lists the tools
  -h, --help     show this
  --version      show the version
"""
MODES = {"list": "list the modes", "stats": "print counts and times"}

P = ParamSpec("P")
R = TypeVar("R")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ninjagen; return its exit status: 0, 1 for the user's mistakes, 2 for wrong usage."""
    sys.setrecursionlimit(20000)
    gc.set_threshold(_MANY)
    try:
        status = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
        return status
    except NinjagenError as error:
        print(f"ninjagen: error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        print(f"ninjagen: error: {name}{error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("ninjagen: interrupted", file=sys.stderr)
        return 130


def program() -> NoReturn:
    """Be the program, and end at once: to take the graph of a kernel apart takes a second."""
    os._exit(main())  # standard error is written line by line


class _Usage(Exception):
    """Wrong options."""


def with_room(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that gives all it calls one piece of memory for their frames.

    CPython keeps frames in chunks of 16 kB. It gives a chunk back to the system with the first
    frame in it, and asks for another at the next call (Python/pystate.c, push_chunk and
    _PyThreadState_PopFrame). Expansion recurses, and is at the edge of a chunk most of the time:
    740,000 times for an allmodconfig, a tenth of its time. A frame of a little more than half a
    megabyte is put into a chunk of one, and the rest of that is for others; no page of it is used
    before they come to it.
    """
    if isinstance(function, FunctionType) and sys.implementation.name == "cpython":
        function.__code__ = function.__code__.replace(co_stacksize=_ROOM)
    return function


_ROOM = 70_000  # words
# Objects that are made before cycles are looked for: hardly any are garbage (Kconfig and makes let
# go of theirs), and looking at all of an x86 defconfig's takes a tenth of a second.
_MANY = 700_000


@with_room
def _run(arguments: list[str]) -> int:
    cwd = os.getcwd()
    modes: set[str] = set()
    options: set[str] = set()
    words: list[str] = []
    while arguments:
        word = arguments.pop(0)
        if word in ("-h", "--help"):
            print(USAGE, end="")
            return 0
        if word == "--version":
            print(f"ninjagen {__version__}")
            return 0
        if word in ("-C", "-d", "-t"):
            if not arguments:
                return _misuse(f"option {word} needs an argument")
            value = arguments.pop(0)
            if word == "-C":
                cwd = os.path.join(cwd, value)
            elif word == "-t":
                return _answer(value, arguments, words, cwd)
            elif value == "list":
                for name, meaning in MODES.items():
                    print(f"  {name:8} {meaning}")
                return 0
            elif value in MODES:
                modes.add(value)
            else:
                hint = did_you_mean(value, MODES)
                text = f"unknown -d mode '{value}', use -d list to list; {hint}"
                return _misuse(text.rstrip("; "))
        elif word in OPTIONS:
            options.add(word)
        elif word.startswith("-"):
            return _misuse(f"unknown option {word}")
        else:
            words.append(word)
    return _generate(words, cwd, options, "stats" in modes)


def _misuse(message: str) -> int:
    print(f"ninjagen: error: {message}\n  hint: ninjagen --help", file=sys.stderr)
    return 2


def _answer(tool: str, arguments: list[str], words: list[str], cwd: str) -> int:
    from ninjagen.answers import described, tools

    try:
        tools.check(tool, arguments)
    except tools.Misuse as error:
        return _misuse(error.message)
    if tool == "list":
        print(tools.listing(), end="")
        return 0
    build = described.find(words, _real(cwd), os.environ)
    return tools.answer(tool, build, arguments)


def _real(cwd: str) -> str:
    try:
        return os.path.realpath(cwd, strict=True)
    except OSError as error:
        raise NinjagenError(f"cannot run in {cwd}: {error.strerror}") from None


def _generate(words: list[str], cwd: str, options: set[str], stats: bool) -> int:
    from ninjagen.generate import generate

    started = time.perf_counter()
    cwd = _real(cwd)
    request = Request(
        tuple(words), cwd, dict(os.environ), "--thinlto=dist" in options,
        "--no-dyndep" not in options, "--no-adopt" not in options, say=print,
        complain=lambda text: print(text, file=sys.stderr),
    )
    result = generate(request)
    if result.is_unchanged:
        print("ninjagen: nothing changed")
    if result.adopted.built:
        print(f"ninjagen: {result.adopted}")
    if result.graph is not None:
        seconds = time.perf_counter() - started
        where = os.path.relpath(result.tree.objtree, cwd)
        where = result.tree.objtree if where.startswith("../../") else where
        print(f"ninjagen: {len(result.graph.edges)} edges in {seconds:.1f} s; "
              f"now run: ninja{'' if where == '.' else f' -C {where}'}")
        if stats:
            print(f"make processes: {result.processes}, evaluated: {result.evaluated}")
    return 0
