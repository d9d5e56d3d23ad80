"""Functions for file names (manual 8.3). Only wildcard, realpath, abspath and file look outside."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from ninjagen.make.functions import ExpansionError, builtin, builtin_with_env
from ninjagen.make.words import SPACES, split_quoted_blanks, split_words

if TYPE_CHECKING:
    from ninjagen.make.evaluator import Evaluator


@builtin("dir", 0, 1)
def dir_(text: str = "") -> str:
    """Each name up to its last slash, or `./`."""
    return " ".join([name[: name.rfind("/") + 1] or "./" for name in split_words(text)])


@builtin("notdir", 0, 1)
def notdir(text: str = "") -> str:
    """Each name after its last slash."""
    return " ".join([name[name.rfind("/") + 1 :] for name in split_words(text)])


@builtin("suffix", 0, 1)
def suffix(text: str = "") -> str:
    """Each name's suffix, for those that have one."""
    found = []
    for name in split_words(text):
        dot = name.rfind(".")
        if dot > name.rfind("/"):
            found.append(name[dot:])
    return " ".join(found)


@builtin("basename", 0, 1)
def basename(text: str = "") -> str:
    """Each name without its suffix."""
    found = []
    for name in split_words(text):
        dot = name.rfind(".")
        found.append(name[:dot] if dot > name.rfind("/") else name)
    return " ".join(found)


@builtin("addsuffix", 2)
def addsuffix(ending: str, text: str) -> str:
    """Each word with `ending` after it."""
    return " ".join([name + ending for name in split_words(text)])


@builtin("addprefix", 2)
def addprefix(beginning: str, text: str) -> str:
    """Each word with `beginning` before it."""
    return " ".join([beginning + name for name in split_words(text)])


@builtin_with_env("wildcard", 0, 1)
def wildcard(env: Evaluator, arguments: list[str]) -> str:
    """The existing files that each pattern matches, sorted pattern by pattern."""
    env.not_to_be_kept()
    found: list[str] = []
    for pattern in split_quoted_blanks(arguments[0] if arguments else ""):
        found += env.world.glob(pattern)
    return " ".join(found)


@builtin_with_env("realpath", 0, 1)
def realpath(env: Evaluator, arguments: list[str]) -> str:
    """The canonical names of those files that exist."""
    env.not_to_be_kept()
    found = [env.world.realpath(name) for name in split_words(arguments[0] if arguments else "")]
    return " ".join([name for name in found if name])


@builtin_with_env("abspath", 0, 1)
def abspath(env: Evaluator, arguments: list[str]) -> str:
    """Absolute names, `.` and `..` taken out as text."""
    found = []
    for name in split_words(arguments[0] if arguments else ""):
        path = posixpath.normpath(posixpath.join(env.world.cwd, name))
        found.append(path[1:] if path.startswith("//") else path)
    return " ".join(found)


@builtin_with_env("file", 1, 2)
def file(env: Evaluator, arguments: list[str]) -> str:
    """Read (`<`), write (`>`) or append to (`>>`) a file."""
    env.not_to_be_kept()
    spec = arguments[0].strip(SPACES)
    for op in (">>", ">", "<"):
        if spec.startswith(op):
            name = spec[len(op) :].strip(SPACES)
            break
    else:
        raise ExpansionError(f"*** file: invalid file operation: {spec}.  Stop.", env.loc)
    if not name:
        raise ExpansionError("*** file: missing filename.  Stop.", env.loc)
    if op == "<":
        if len(arguments) > 1:
            raise ExpansionError("*** file: too many arguments.  Stop.", env.loc)
        text = env.world.read(name)
        if text is None:
            return ""
        return text[:-1] if text.endswith("\n") else text
    text = arguments[1] if len(arguments) > 1 else ""
    if len(arguments) > 1 and not text.endswith("\n"):
        text += "\n"
    env.world.write(name, text, append=op == ">>", loc=env.loc)
    return ""
