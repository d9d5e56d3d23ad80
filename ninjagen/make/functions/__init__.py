"""The built-in functions; one Python function each, found through `BUILTINS`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ninjagen.errors import NinjagenError


class ExpansionError(NinjagenError):
    """A mistake in a text that is expanded: its place is that of the variable that holds it."""

    is_placed = False  # a variable was found that holds the text


class Builtin(NamedTuple):
    """A function of the make language."""

    name: str
    least: int  # arguments it must have
    most: int  # arguments it may have: the last takes further commas as text; 0 is any number
    lazy: bool  # gets expressions, and chooses what to expand
    function: Callable[..., str]
    pure: Callable[..., str] | None = None  # the same without an environment: text in, text out


BUILTINS: dict[str, Builtin] = {}


def builtin(name: str, least: int, most: int | None = None) -> Callable[..., Any]:
    """Register a function that takes expanded strings only."""

    def register(function: Callable[..., str]) -> Callable[..., str]:
        def call(env: Any, arguments: list[str]) -> str:
            return function(*arguments)

        limit = least if most is None else most
        BUILTINS[name] = Builtin(name, least, limit, False, call, function)
        return function

    return register


def builtin_with_env(name: str, least: int, most: int | None = None) -> Callable[..., Any]:
    """Register a function that takes the evaluator and a list of expanded strings."""

    def register(function: Callable[..., str]) -> Callable[..., str]:
        BUILTINS[name] = Builtin(name, least, least if most is None else most, False, function)
        return function

    return register


def lazy_builtin(name: str, least: int, most: int | None = None) -> Callable[..., Any]:
    """Register a function that takes the evaluator and a tuple of expressions."""

    def register(function: Callable[..., str]) -> Callable[..., str]:
        BUILTINS[name] = Builtin(name, least, least if most is None else most, True, function)
        return function

    return register


from ninjagen.make.functions import control, files, text  # noqa: E402,F401  they register
