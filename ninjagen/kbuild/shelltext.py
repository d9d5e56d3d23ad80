"""Recipe text as the shell will read it: sub-makes in it, and the variables its scripts read."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

_MAKE_WORD = re.compile(r"(?:^|[\s;&|({])make(?:[\s;&|)]|$)")
_TOKEN = re.compile(r"""\\.|'[^']*'|"(?:[^"\\]|\\.)*"|[^\\'"#]+|.""", re.S)
_MAY_HOLD_COMMENT = re.compile(r"(?:^|[\s;&|()])#")
_BLANK_END = re.compile(r"(?:\\\n|(?<!\\)[ \t])+$")
_UNFINISHED = re.compile(r"(?:[;&|({]|\b(?:then|do|else|if|elif|while|until|in))$")
_WORD = r"""(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\;&|()<>])+"""
_SHELL_TOKEN = re.compile(
    rf"\s+|\d*(?:>>|>\||>&|<&|<<|>|<)\s*{_WORD}"  # blanks, redirections: neither makes a command
    rf"|(?P<separator>;;|&&|\|\||[;&|()])|(?P<word>{_WORD})",
    re.S,
)
_WRITES = re.compile(r"\d*>(?!&\s*[\d-]|[>|&]?\s*/dev/)")
_QUOTE = re.compile(r"""['"\\]""")
_UNQUOTED = re.compile(r"[^ \t\r\n]+")
_KEYWORDS = frozenset(("then", "else", "do", "{", "!", "+"))


class SimpleCommand(NamedTuple):
    """The words of one command, what joins it to the one before, and whether it writes a file."""

    words: tuple[str, ...]
    joined_by: str
    writes: bool = False  # by a redirection


def mentions_make(text: str) -> bool:
    """Tell, quickly, whether a command line may run make."""
    return "make" in text and _MAKE_WORD.search(text) is not None


def without_comments(text: str) -> str:
    """Return a command line without the shell's comments.

    A comment ends with its line, also where a backslash is its last character (POSIX, 2.3); what
    follows it is another command.
    """
    if "#" not in text or not _MAY_HOLD_COMMENT.search(text):
        return text
    code, at = "", 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        assert token is not None
        at = token.end()
        if token[0] != "#" or (code and code[-1] not in " \t\n;&|()"):
            code += token[0]
            continue
        end = text.find("\n", at)
        at = len(text) if end < 0 else end + 1
        code = _BLANK_END.sub("", code)
        if end >= 0:
            code += " " if not code or _UNFINISHED.search(code) else "; "
    return code


def words_of(text: str) -> list[str]:
    """Return the words that blanks part, without quotes; as shlex.split, ten times as fast where
    there are none. Raises ValueError where quotes do not match."""
    return shlex.split(text) if _QUOTE.search(text) else _UNQUOTED.findall(text)


def simple_commands(text: str) -> list[SimpleCommand]:
    """Split a command line into simple commands, quotes and comments removed.

    Raises ValueError where quotes do not match.
    """
    text = without_comments(text).replace("\\\n", " ")
    commands: list[SimpleCommand] = []
    words: list[str] = []
    joined: list[str] = []  # what stands between two commands
    writes = False
    at, end = 0, len(text)
    while at < end:
        token = _SHELL_TOKEN.match(text, at)
        if token is None:
            raise ValueError("No closing quotation")
        writes |= _WRITES.match(text, at) is not None
        at = token.end()
        if token["separator"] and words:
            commands.append(SimpleCommand(tuple(words), " ".join(joined), writes))
            words, joined, writes = [], [token["separator"]], False
        elif token["separator"]:
            joined.append(token["separator"])
        elif token["word"] is not None and not words and token["word"] in _KEYWORDS:
            joined.append(token["word"])
        elif token["word"] is not None:
            words += words_of(token["word"])
    if words:
        commands.append(SimpleCommand(tuple(words), " ".join(joined), writes))
    return commands


def unrolled(text: str) -> str:
    """Return shell text with each loop over plain words as what it does, one word after the other
    (the top Makefile's __build_one_by_one)."""
    return _LOOP.sub(_each, text.replace("\\\n", " ")) if "for " in text else text


def _each(loop: re.Match[str]) -> str:
    name, words, body = loop.groups()
    if _INNER.search(body):
        return loop[0]
    variable = re.compile(rf"\$(?:{name}\b|{{{name}}})")
    return "; ".join(variable.sub(word, body.strip()) for word in words.split()) or ":"


_LOOP = re.compile(
    r"\bfor ([A-Za-z_]\w*) in ([\w \t.+/%,:@=-]*);\s*do\s(.*?)[;\s]\s*done\b", re.S
)
_INNER = re.compile(r"\b(?:for|while|until|case|break|continue)\b")


# --- scripts -----------------------------------------------------------------------------------

_SHELL_NAME = re.compile(r"\$\{?([A-Za-z_]\w*)")
_OTHER_NAME = re.compile(
    r"""(?:ENV\{|ENVIRON\[|environ\[|environ\.get\(|getenv\()\s*['"]?([A-Za-z_]\w*)"""
)
_SIGNS = str.maketrans(dict.fromkeys(";&|<>()'\"`=", " "))  # what ends a word, and quotes
_MANY_WORDS = 20_000  # to remember: a directory's commands share most of theirs
_SCRIPT_PATH = re.compile(r"[\w./-]*scripts/[\w./-]+|\b\w[\w-]*\.sh\b")
_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([A-Za-z_][\w.]*)", re.M)
_QUOTED_DIRECTORY = re.compile(r"""["']([\w.-]*/[\w./-]*)["']""")
_COMMENT_LINE = re.compile(r"^[ \t]*#.*", re.M)  # of a shell, awk, Perl or Python script
_RUNS_MAKE = re.compile(r"^\s*\$\{?MAKE\}?\s+(.*)$", re.M)


def names_in(text: str) -> Iterator[str]:
    """Yield the words of a command that may name a script, each once."""
    for part in set(text.translate(_SIGNS).split()):
        if "/" in part and not part.startswith("-") \
                and not part.endswith((".c", ".h", ".o", ".S")):
            yield part


class Script(NamedTuple):
    """What the text of a script tells about it."""

    variables: frozenset[str]  # names it reads
    scripts: tuple[str, ...]  # absolute paths of scripts it runs
    programs: tuple[str, ...]  # what it names without a suffix, from the object tree
    makes: tuple[str, ...]  # the arguments of each make it runs, unexpanded


class Scripts:
    """Knows what scripts of the source tree read; each is looked at once.

    `note` is told of every script that an answer rests on, each time.
    """

    def __init__(self, srctree: str, note: Callable[[str], None] = lambda path: None) -> None:
        self.srctree = srctree
        self.note = note
        self._scripts: dict[str, Script | None] = {}
        self._others: dict[str, set[str]] = {}  # directory -> words that name no script there

    def named_in(self, text: str, cwd: str) -> list[str]:
        """Return the absolute paths of the scripts that a command names."""
        found: dict[str, None] = {}
        others = self._others.setdefault(cwd, set())
        if len(others) > _MANY_WORDS:
            others.clear()
        words = set(text.split()) - others
        for part in names_in(" ".join(words)):
            path = os.path.normpath(os.path.join(cwd, part))
            if self._script(path) is not None:
                found[path] = None
        if not found:
            others |= words
        return sorted(found)

    def is_one(self, path: str, cwd: str) -> bool:
        """Tell whether a word of a command, of those that may name a script, does so."""
        if not path.startswith(("/", "../")) and "/../" not in path and self._is_apart(cwd):
            return False
        return self._script(os.path.normpath(os.path.join(cwd, path))) is not None

    def closure(self, paths: Iterable[str]) -> list[str]:
        """Return the scripts and every script those run."""
        waiting, seen = list(paths), set()
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            script = self._script(path)
            if script is not None:
                seen.add(path)
                waiting += script.scripts
        return sorted(seen)

    def programs(self, scripts: Iterable[str]) -> set[str]:
        """Return what the scripts name that may be a program, from the object tree, as
        scripts/kallsyms: whether it is there does not matter, one may be built in the source."""
        return {name for path in scripts if (s := self._script(path)) for name in s.programs}

    def variables(self, text: str, scripts: Iterable[str]) -> set[str]:
        """Return the names of variables that a command and these scripts read."""
        names = set(_SHELL_NAME.findall(text))
        for path in scripts:
            script = self._script(path)
            if script is not None:
                names |= script.variables
        return names

    def makes(self, scripts: Iterable[str]) -> list[str]:
        """Return the arguments of every make that the scripts run."""
        return [line for path in scripts if (s := self._script(path)) for line in s.makes]

    def _is_apart(self, directory: str) -> bool:
        """Tell whether nothing below an absolute directory is in the source tree."""
        above, below = sorted((f"{directory}/", f"{self.srctree}/"), key=len)
        return not below.startswith(above)

    def _script(self, path: str) -> Script | None:
        if path not in self._scripts:
            self._scripts[path] = self._look(path)
        script = self._scripts[path]
        if script is not None:
            self.note(path)
        return script

    def _look(self, path: str) -> Script | None:
        if not path.startswith(self.srctree + "/") or not os.path.isfile(path):
            return None
        with open(path, "rb") as file:
            data = file.read(200_000)
        if not (data.startswith(b"#!") or path.endswith((".sh", ".awk", ".pl", ".py", ".sed"))):
            return None
        text = data.decode("utf-8", "replace")
        names = set(_SHELL_NAME.findall(text)) | set(_OTHER_NAME.findall(text))
        # A comment may tell of a script that this one has no part in (scripts/gen-btf.sh).
        code = _COMMENT_LINE.sub("", text)
        runs, others = [], []
        for word in set(_SCRIPT_PATH.findall(code)):
            for base in (self.srctree, os.path.dirname(path)):
                other = os.path.normpath(os.path.join(base, word.lstrip("/")))
                if other != path and os.path.isfile(other):
                    runs.append(other)
                    break
            if "." not in os.path.basename(word):
                others.append(os.path.normpath(word.lstrip("/").removeprefix("objtree/")))
        if path.endswith(".py") or "python" in text.partition("\n")[0]:
            runs += _python_modules(path, text)
        return Script(
            frozenset(names), tuple(sorted(runs)), tuple(sorted(others)),
            tuple(_RUNS_MAKE.findall(code)),
        )


def _python_modules(path: str, text: str) -> list[str]:
    """Return the modules that a Python program imports from the source tree.

    They lie beside it, or in a directory that it names from its own (to put it into sys.path).
    """
    here = os.path.dirname(path)
    places = [here, *(os.path.join(here, name) for name in _QUOTED_DIRECTORY.findall(text))]
    found: dict[str, None] = {}
    for name in _IMPORT.findall(text):
        parts = name.split(".")
        for count in range(1, len(parts) + 1):  # a package is read before what is in it
            module = _first_file(places, "/".join(parts[:count]), (".py", "/__init__.py"))
            if module is not None:
                found[module] = None
    return list(found)


def _first_file(places: list[str], name: str, suffixes: tuple[str, ...]) -> str | None:
    for place in places:
        for suffix in suffixes:
            path = os.path.normpath(os.path.join(place, name + suffix))
            if os.path.isfile(path):
                return path
    return None


def expand_shell_variables(text: str, environ: dict[str, str]) -> str:
    """Expand `${NAME}` and `$NAME` from an environment."""
    return re.sub(
        r"\$\{?([A-Za-z_]\w*)\}?", lambda found: environ.get(found[1], ""), text
    )
