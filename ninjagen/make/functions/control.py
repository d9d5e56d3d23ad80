"""Functions that choose what to expand, define things, or speak (manual 8.4 to 8.14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ninjagen.errors import NinjagenError
from ninjagen.make.functions import BUILTINS, ExpansionError, builtin_with_env, lazy_builtin
from ninjagen.make.words import SPACES, split_words

if TYPE_CHECKING:
    from ninjagen.make.ast import Expr
    from ninjagen.make.evaluator import Evaluator


@lazy_builtin("if", 2, 3)
def if_(env: Evaluator, arguments: tuple[Expr, ...]) -> str:
    """The second argument if the first is not empty, else the third."""
    if _stripped(arguments[0]).expand(env):
        return arguments[1].expand(env)
    return arguments[2].expand(env) if len(arguments) > 2 else ""


@lazy_builtin("or", 1, 0)
def or_(env: Evaluator, arguments: tuple[Expr, ...]) -> str:
    """The first argument that is not empty."""
    for argument in arguments:
        value = _stripped(argument).expand(env)
        if value:
            return value
    return ""


@lazy_builtin("and", 1, 0)
def and_(env: Evaluator, arguments: tuple[Expr, ...]) -> str:
    """The last argument, if none is empty."""
    value = ""
    for argument in arguments:
        value = _stripped(argument).expand(env)
        if not value:
            return ""
    return value


_stripped_cache: dict[int, tuple[Expr, Expr]] = {}


def _stripped(argument: Expr) -> Expr:
    """Strip literal blanks at both ends of an argument, as `if`, `or` and `and` do."""
    cached = _stripped_cache.get(id(argument))
    if cached is not None and cached[0] is argument:
        return cached[1]
    result = _without_blanks(argument)
    _stripped_cache[id(argument)] = (argument, result)
    return result


def _without_blanks(argument: Expr) -> Expr:
    from ninjagen.make.ast import Concat, Text, in_a_row

    if isinstance(argument, Text):
        text = argument.text.strip(SPACES)
        return argument if text == argument.text else Text(text)
    if not isinstance(argument, Concat):
        return argument
    parts = list(argument.parts)
    if isinstance(parts[0], Text):
        parts[0] = Text(parts[0].text.lstrip(SPACES))
    if isinstance(parts[-1], Text):
        parts[-1] = Text(parts[-1].text.rstrip(SPACES))
    return in_a_row(parts)


@lazy_builtin("foreach", 3)
def foreach(env: Evaluator, arguments: tuple[Expr, ...]) -> str:
    """The third argument, once for each word of the second."""
    name = arguments[0].expand(env).strip(SPACES)
    words = split_words(arguments[1].expand(env))
    body = arguments[2]
    results = []
    with env.locals_kept((name,)):
        for word in words:
            env.set_local(name, word)
            results.append(body.expand(env))
    return " ".join(results)


@lazy_builtin("let", 3)
def let(env: Evaluator, arguments: tuple[Expr, ...]) -> str:
    """The third argument with each name bound to a word; the last takes the rest (GNU make 4.4)."""
    names = split_words(arguments[0].expand(env))
    rest = arguments[1].expand(env).strip(SPACES)
    with env.locals_kept(names):
        for number, name in enumerate(names, 1):
            if number == len(names):
                env.set_local(name, rest)
            else:
                word = next(iter(split_words(rest)), "")
                rest = rest[len(word) :].lstrip(SPACES)
                env.set_local(name, word)
        return arguments[2].expand(env)


@lazy_builtin("intcmp", 2, 5)
def intcmp(env: Evaluator, arguments: tuple[Expr, ...]) -> str:
    """Compare two integers and choose an argument (GNU make 4.4)."""
    numbers = []
    for position, argument in zip(("first", "second"), arguments, strict=False):
        text = argument.expand(env).strip(SPACES)
        digits = text.removeprefix("-").removeprefix("+")
        if not digits.isascii() or not digits.isdigit():
            raise ExpansionError(
                f"*** non-numeric {position} argument to 'intcmp' function: '{text}'.  Stop.",
                env.loc)
        numbers.append(int(text))
    left, right = numbers
    choices = arguments[2:]
    if not choices:
        return str(left) if left == right else ""
    chosen: Expr | None
    if left < right:
        chosen = choices[0]
    elif left == right:
        chosen = choices[1] if len(choices) > 1 else None
    else:
        chosen = choices[2] if len(choices) > 2 else choices[1] if len(choices) > 1 else None
    return chosen.expand(env) if chosen is not None else ""


@builtin_with_env("call", 1, 0)
def call(env: Evaluator, arguments: list[str]) -> str:
    """A variable's value with $(1), $(2)... bound to the arguments."""
    name = arguments[0].strip(SPACES)
    if not name:
        return ""
    builtin = BUILTINS.get(name)
    if builtin is not None:
        return _call_builtin(env, name, arguments[1:])
    return env.call(name, arguments[1:])


def _call_builtin(env: Evaluator, name: str, arguments: list[str]) -> str:
    from ninjagen.make.ast import Text

    builtin = BUILTINS[name]
    if len(arguments) < builtin.least:
        raise ExpansionError(
            f"*** insufficient number of arguments ({len(arguments)}) to function '{name}'.  Stop.",
            env.loc)
    if builtin.lazy:
        return builtin.function(env, tuple(Text(argument) for argument in arguments))
    if builtin.most and len(arguments) > builtin.most:
        arguments = arguments[: builtin.most]
    return builtin.function(env, arguments)


@builtin_with_env("eval", 0, 1)
def eval_(env: Evaluator, arguments: list[str]) -> str:
    """Read the argument as a makefile."""
    env.not_to_be_kept()
    env.eval_text(arguments[0] if arguments else "")
    return ""


@builtin_with_env("value", 0, 1)
def value(env: Evaluator, arguments: list[str]) -> str:
    """A variable's value, unexpanded."""
    variable = env.find(arguments[0] if arguments else "")
    return variable.value if variable else ""


@builtin_with_env("origin", 0, 1)
def origin(env: Evaluator, arguments: list[str]) -> str:
    """Where a variable came from."""
    variable = env.find(arguments[0] if arguments else "")
    return variable.origin.words if variable else "undefined"


@builtin_with_env("flavor", 0, 1)
def flavor(env: Evaluator, arguments: list[str]) -> str:
    """`recursive`, `simple` or `undefined`."""
    variable = env.find(arguments[0] if arguments else "")
    if variable is None:
        return "undefined"
    return "recursive" if variable.recursive else "simple"


@builtin_with_env("shell", 0, 1)
def shell(env: Evaluator, arguments: list[str]) -> str:
    """A command's output, its newlines turned into spaces."""
    return env.shell(arguments[0] if arguments else "")


@builtin_with_env("error", 0, 1)
def error(env: Evaluator, arguments: list[str]) -> str:
    """Stop with a message."""
    raise NinjagenError(f"*** {arguments[0] if arguments else ''}.  Stop.", env.loc)


@builtin_with_env("warning", 0, 1)
def warning(env: Evaluator, arguments: list[str]) -> str:
    """Say something on standard error, with its place."""
    env.warn(arguments[0] if arguments else "")
    return ""


@builtin_with_env("info", 0, 1)
def info(env: Evaluator, arguments: list[str]) -> str:
    """Say something on standard output."""
    env.not_to_be_kept()
    env.say(arguments[0] if arguments else "")
    return ""


@builtin_with_env("guile", 0, 1)
def guile(env: Evaluator, arguments: list[str]) -> str:
    """Not supported."""
    raise NinjagenError("the 'guile' function is not supported", env.loc)
