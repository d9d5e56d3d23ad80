"""`$(shell ...)` of make and Kconfig, with answers remembered across runs.

Knows nothing of make, Kconfig or Linux: a command goes in, its output and status come out.

An answer is remembered under the text of the command, its directory, the environment that can
matter, and the identity of every tool and file the text names. A command that depends on
something no name in it stands for (the clock, a repository, the contents of a directory), or
that changes files, is run each time: see RUN_EACH_TIME.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import suppress
from glob import glob
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import ninjagen
from ninjagen.errors import NinjagenError

if TYPE_CHECKING:
    from subprocess import Popen

    _Running = Popen[bytes]

FORMAT = 1
KEPT_UNUSED = 4000  # answers that this run did not ask for, kept for other configurations

# Programs whose answer cannot be told from the command: the reason, for people.
RUN_EACH_TIME = {
    **dict.fromkeys(("date", "uptime"), "reads the clock"),
    **dict.fromkeys(("git", "hg", "svn"), "reads a repository"),
    **dict.fromkeys(("find", "ls", "du", "tree", "locate", "stat"), "reads directories"),
    **dict.fromkeys(("whoami", "id", "logname", "who", "getent"), "asks who is running"),
    **dict.fromkeys(("hostname", "domainname", "dnsdomainname"), "asks for the host"),
    **dict.fromkeys(("nproc", "getconf", "lscpu", "free", "ps", "df"), "asks for the machine"),
    **dict.fromkeys(("env", "printenv"), "shows the whole environment"),
    **dict.fromkeys(("cd", "pushd"), "names files from another directory"),
    **dict.fromkeys(("readlink", "realpath"), "follows links"),
    **dict.fromkeys(("make", "ninja", "cmake", "cargo"), "runs a build"),
    **dict.fromkeys(("curl", "wget", "ssh"), "asks the network"),
    **dict.fromkeys(("shuf", "uuidgen", "mktemp"), "is random"),
    **dict.fromkeys(
        ("mkdir", "rmdir", "rm", "touch", "cp", "mv", "ln", "tee", "dd", "install", "tar", "chmod"),
        "changes files",
    ),
}

# What programs of these answer all the same: constants that the C library was built with.
_STEADY_ARGUMENTS = {"getconf": re.compile(r"\s+LFS_\w+")}
# The shell's own, which only tell what is there: all that may follow a `cd`.
_TELLS = frozenset("cd pwd test echo printf true false exit".split())
_CHANGES_FILES = ("changes files", "writes a file", "runs a build")  # how a reason ends
_STEADY = ("for the machine", "for the host", "who is running")  # the same all through a run
_MATCHES, _ELSEWHERE = "matches file names", f"cd {RUN_EACH_TIME['cd']}"  # reasons
_TOGETHER = 8  # commands that are asked again at the same time

# The environment that programs read without being told: compilers, linkers, pkg-config,
# interpreters chosen by a shim, and everything that translates messages.
ALWAYS_MATTERS = (
    "PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_COLLATE", "LC_CTYPE", "LC_MESSAGES", "LC_NUMERIC",
    "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "COMPILER_PATH", "LIBRARY_PATH",
    "LD_LIBRARY_PATH", "LD_PRELOAD", "GCC_EXEC_PREFIX", "CCC_OVERRIDE_OPTIONS", "CCC_CC",
    "SOURCE_DATE_EPOCH", "CCACHE_COMPILER", "CCACHE_DISABLE", "POSIXLY_CORRECT",
    "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_SYSROOT_DIR", "PKG_CONFIG_TOP_BUILD_DIR",
    "RUSTUP_TOOLCHAIN", "RUSTUP_HOME", "RUSTC_BOOTSTRAP", "PYENV_VERSION", "PYTHONPATH", "HOME",
    "PERL5LIB", "LIBCLANG_PATH", "BASH_ENV", "ENV", "KBUILD_VERBOSE", "SHELLOPTS",
)  # fmt: skip

# Where headers and libraries live: installing a package changes these directories.
SYSTEM_PLACES = (
    "/usr/include", "/usr/lib", "/usr/lib64", "/usr/local/include", "/usr/local/lib",
    "/usr/lib/pkgconfig", "/usr/lib64/pkgconfig", "/usr/share/pkgconfig",
)  # fmt: skip

_WORD = re.compile(r"""[^\s;&|<>(){}`'"=,]+""")
_NAME = re.compile(r"[A-Za-z_]\w*")
_PRIVATE = r"[^\s;&|<>()'\"]*\.tmp_[^\s;&|<>()'\"]*"  # .tmp_$$: a probe's own directory
_PRIVATE_DIR = re.compile(rf"(?:mkdir(?: -p)?|rm -r?f?)(?:\s+{_PRIVATE})+")
_PRIVATE_NAME = re.compile(rf"\b(\w+)=(?:\"?\$\(\s*mktemp\b[^)]*\)\"?|{_PRIVATE})")
_PROGRAM = re.compile(  # keywords and assignments may stand before a program
    r"""(?:^|[;&|(`{"'!\n]|\b(?:xargs|sudo)\s)\s*"""
    r"""(?:(?:then|do|else|if|elif|while|until|exec|eval|!|env(?=\s+["']?\w+=)"""
    r"""|"\w+=[^"]*"|'\w+=[^']*'|\w+=\S*)\s+)*([\w./+-]+)"""
)
_WRITES = re.compile(rf""">\s*(?!&|\s|/dev/null|"?{_PRIVATE})|\bsed\s+-i""")
_OUTPUT = re.compile(rf"""(?:^|\s)-o\s*(?!"?/dev/null|"?{_PRIVATE}|-(?:\s|$))["'\w./$]""")
_UNKNOWN_PLACE = re.compile(r"\$\{?(?!0\b)\w+\}?/|~/")
_GLOB = re.compile(r"(?<![$\\])(?:\\\\)*[*?]|\[[^\s\]][^\s]*\]")
_INNER_GLOB = re.compile(r"(?<![$])[*?]|\[[^\s\]][^\s]*\]")  # a shell takes backslashes away
_NO_GLOB = re.compile(  # quotes, arithmetic, ${x%*}, the patterns of a case
    r"""'[^']*'|"(?:[^"\\]|\\.)*"|\$\(\((?:[^()]|\([^()]*\))*\)\)|\$\{[^{}]*\}|^\s*[^\s()]*\)""",
    re.M,
)
_HERE = re.compile(r"<<-?\s*([\"']?)(\w+)\1(.*?)\n.*?\n\s*\2\b", re.S)  # <<END ... END
_TOKEN = re.compile(r"[^\s;&|<>()]+")  # of a shell, where nothing is quoted
# A pattern that Python and shells read in one way, and that holds no variable.
_PATTERN = re.compile(r"(?:[\w./+,%@:=!*?-]|\[!?[\w.,%@+-]+\]|\^|\$(?![\w{(@*#?!$-]))+")
_MATCHING = "match "  # before a pattern, in the place of a word: what it matches is looked for
_PHYSICAL = re.compile(r"\b(?:pwd|set)\s+-P")  # then links decide what a place is called
_CD = re.compile(r"\s+(/[\w./+@%-]*)\s*(?:[;&)\n]|$)")  # to a place that is plain to see
_INNER_SHELL = re.compile(r"\b(?:sh|bash|dash)\s+-\w*c\b|\beval\b")
_COMMENT = re.compile(r"^\s*#.*$", re.M)
_USES_SYSTEM = re.compile(r"#\s*include|\s-l\w|pkg-?conf|can-link|print-file-name|python|perl")
_SHELL_SCRIPT = re.compile(r"#!\s*(?:\S*/)?(?:env\s+)?(?:\S*/)?(?:ba|da|k|z)?sh\b|#!\n|#!.*\bawk\b")
_DRIVER = re.compile(r"(?:^|[-/])(?:gcc|g\+\+|clang|clang\+\+|cc|c\+\+)((?:-[\d.]+)?)$")


class Answer(NamedTuple):
    """What a command said on its standard output, and how it ended."""

    output: str  # decoded as UTF-8 with surrogateescape, trailing newlines kept
    status: int  # 0-255; 128 + n when signal n ended it


class _Text(NamedTuple):
    """What the text of a command or script tells without looking at the machine."""

    words: tuple[str, ...]
    names: tuple[str, ...]  # everything that could be the name of a variable
    reason: str  # why it must be run each time, or ""
    uses_system: bool  # looks for headers or libraries of the system
    private: bool  # makes a directory of its own to work in
    patterns: tuple[str, ...]  # of file names; it must be run each time if they match any
    places: tuple[str, ...]  # directories that it changes to, absolute

    @property
    def reason_inside(self) -> str:
        """Why another command that runs it has to be run each time, or ""."""
        return self.reason or (_MATCHES if self.patterns else _ELSEWHERE if self.places else "")


class _Named(NamedTuple):
    """What the words of a command stand for, scripts followed."""

    identity: str
    names: tuple[str, ...]  # variables that the scripts mention
    reason: str


def run_each_time(text: str) -> str:
    """Return why the answer to a command cannot be remembered, or "" if it can: while its patterns
    match nothing."""
    return _examine(text).reason


def _judge(text: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return why the answer to a command or script cannot be remembered, or "" if it can; then its
    patterns, and the places that it changes to."""
    text = _PRIVATE_DIR.sub(":", _with_private_files(text))
    places: list[str] = []
    programs = [(match, match[1].rpartition("/")[2]) for match in _PROGRAM.finditer(text)]
    for match, name in programs:
        place = _CD.match(text, match.end()) if name == "cd" else None
        if place and _TELLS.issuperset([name for _, name in programs]):
            places.append(place[1])
        elif name in RUN_EACH_TIME and not (
            name in _STEADY_ARGUMENTS and _STEADY_ARGUMENTS[name].match(text, match.end())
        ):
            return f"{name} {RUN_EACH_TIME[name]}", (), ()
    is_inner = _INNER_SHELL.search(text) is not None
    bare = text if is_inner else _NO_GLOB.sub('""', _HERE.sub(r"\3", text))
    if _WRITES.search(bare) or _OUTPUT.search(text):
        return "writes a file", (), ()
    patterns: list[str] = []
    if is_inner:
        if _INNER_GLOB.search(bare):
            return _MATCHES, (), ()
    elif _GLOB.search(bare):
        patterns = [token for token in _TOKEN.findall(bare) if _GLOB.search(token)]
        if places or "\\" in bare or not all(map(_PATTERN.fullmatch, patterns)):
            return _MATCHES, (), ()
    if _UNKNOWN_PLACE.search(text):
        return "names a file through a variable", (), ()
    if places and _PHYSICAL.search(text):
        return "follows links", (), ()
    return "", tuple(dict.fromkeys(patterns)), tuple(dict.fromkeys(places))


def _with_private_files(text: str) -> str:
    """Spell files that the command makes for itself, through variables, as .tmp_NAME."""
    for name in set(_PRIVATE_NAME.findall(text)):
        text = re.sub(rf"\b{name}=\"?\$\([^)]*\)\"?", ":", text)
        text = re.sub(rf"\$(?:{name}\b|\{{{name}\}})", f".tmp_{name}", text)
    return text


class Shell:
    """Runs commands with /bin/sh, or remembers what they said.

    cache is the file that keeps answers from one run to the next, what the texts of commands and
    scripts tell, and what is known for good; None keeps none. A file that is missing, broken or of
    another format is as good as empty. Several processes may share it: each replaces it whole, the
    last one wins.
    """

    def __init__(self, cache: str | None = None) -> None:
        self.cache = cache
        self.runs = 0  # commands really run
        self.hits = 0  # answers remembered
        self._prepared: set[tuple[object, ...]] = set()  # commands that were run for their effect
        self.complain: Callable[[str], None] = complain  # given what commands write to stderr
        self._kept: _Kept | None = None  # in the cache
        self._used: dict[str, list[object]] = {}  # of its answers, and new ones
        self._examined: dict[str, list[object]] = {}  # of its texts, and new ones
        self._changed = False
        self._texts: dict[str, _Text] = {}
        self._named: dict[tuple[str, str, str], _Named] = {}
        self._identities: dict[tuple[str, bool], str] = {}
        self._found: dict[tuple[str, str, str], list[str]] = {}
        self._helped: dict[tuple[str, str, str], list[str]] = {}  # of a driver
        self._scripts: dict[str, str] = {}
        self._memo: dict[tuple[object, ...], Answer] = {}
        self._looked: dict[tuple[str, bool], str] = {}  # all identities and finds of this run
        self._sought: dict[tuple[str, str, str], list[str]] = {}
        self._repeated: dict[tuple[str, str], tuple[dict[str, str], Answer]] = {}
        self._steady: dict[tuple[object, ...] | None, tuple[Answer, str]] = {}
        self._told: tuple[int, ...] = (0,) * 5  # how much of what was learned `news` has told

    def evidence(self) -> list[object]:
        """Return, for JSON, what this run's answers rest on: see `changed_commands`."""
        # What a word stands for is looked up anew: this run may have made directories since.
        lists = _Lists()
        return [
            [[*key, identity] for key, identity in self._looked.items()],
            [[*key, _find(*key, lists)] for key in self._sought],
            [[*key, env, list(answer)] for key, (env, answer) in self._repeated.items()],
        ]

    def changed_commands(self, evidence: Sequence[Any]) -> set[tuple[str, str]] | None:
        """Return the commands, each with its directory, that would say something else than what
        `evidence` rests on: those that have to be run again were. None means that tools or files
        which other answers rest on are not as they were.
        """
        looked, sought, repeated = evidence
        lists = _Lists()
        if not (
            all(_identify(path, flag) == identity for path, flag, identity in looked)
            and all(_find(word, cwd, path, lists) == found for word, cwd, path, found in sought)
        ):
            return None
        changed: set[tuple[str, str]] = set()
        waiting: list[tuple[_Running, list[Any]]] = []

        def finish(at_most: int) -> None:
            while len(waiting) > at_most:
                running, (command, cwd, _, answer) = waiting.pop(0)
                if list(self._finish(running)[0]) != answer:
                    changed.add((command, cwd))

        for entry in repeated:
            command, cwd, env, _ = entry
            alone = run_each_time(command).endswith(_CHANGES_FILES)
            finish(0 if alone else _TOGETHER - 1)
            waiting.append((self._start(command, cwd, env), entry))
            if alone:
                finish(0)
        finish(0)
        return changed

    def take(self, evidence: Sequence[Any], changed: Container[tuple[str, str]]) -> None:
        """Count what `evidence` rests on as looked at in this run, but for changed commands."""
        looked, sought, repeated = evidence
        self._looked.update(((path, flag), identity) for path, flag, identity in looked)
        self._sought.update(((word, cwd, path), found) for word, cwd, path, found in sought)
        self._repeated.update(
            ((command, cwd), (env, Answer(*answer))) for command, cwd, env, answer in repeated
            if (command, cwd) not in changed
        )

    def news(self) -> list[Any]:
        """Return what was learned since this was called last, for `learn` in another process."""
        parts: tuple[dict[Any, Any], ...] = (
            self._used, self._examined, self._looked, self._sought, self._repeated
        )
        *news, repeated = (
            [*islice(part.items(), told, None)] if len(part) > told else []
            for part, told in zip(parts, self._told, strict=True)
        )
        self._told = tuple(len(part) for part in parts)
        return [*news, [(key, env, tuple(answer)) for key, (env, answer) in repeated]]

    def learn(self, news: Sequence[Any]) -> None:
        """Take what another process learned with a copy of this object."""
        used, examined, looked, sought, repeated = news
        for own, others in (self._used, used), (self._examined, examined):
            for digest, known in others:
                self._changed |= digest not in own
                own.setdefault(digest, known)
        self._looked.update(looked)
        self._sought.update(sought)
        self._repeated.update((key, (env, Answer(*answer))) for key, env, answer in repeated)

    def prepares(self, command: str, cwd: str, env: Mapping[str, str]) -> bool:
        """Tell whether a command that is run for its effect is yet to be: that it was not asked of
        before, with the same values of the variables that it mentions."""
        values = [env.get(name) for name in self._text(command).names]
        key = (command, cwd, *values)
        is_new = key not in self._prepared
        self._prepared.add(key)
        return is_new

    def run(self, command: str, cwd: str, env: Mapping[str, str]) -> Answer:
        """Return what `/bin/sh -c command`, run in cwd with exactly env, says and how it ends.

        What it writes to standard error goes to ours, remembered or not. Standard input is
        empty. Raises NinjagenError when the shell itself cannot be started.
        """
        text = self._text(command)
        if text.reason:
            return self._run_each_time(command, cwd, env, text.names, text.reason)

        # A value that names tools or files (`$CC -v`) says nothing about which: look inside.
        own = tuple([env[name] for name in text.names if name in env])
        named = self._names(command, own, cwd, env)
        if named.reason:
            names = (*text.names, *named.names)
            return self._run_each_time(command, cwd, env, names, named.reason)
        values = tuple([env.get(name) for name in ALWAYS_MATTERS])
        shown = tuple([env.get(name) for name in named.names])
        key = (command, cwd, own, values, shown, named.identity)
        answer_or_none = self._memo.get(key)
        if answer_or_none is None:
            answer_or_none = self._memo[key] = self._recall(key, text, cwd, env)
        return answer_or_none

    def _run_each_time(
        self, command: str, cwd: str, env: Mapping[str, str], names: Iterable[str], reason: str
    ) -> Answer:
        wanted = {*names, *ALWAYS_MATTERS, "HOME"}
        kept = {name: value for name, value in env.items() if name in wanted}
        steady = (command, cwd, tuple(kept.items())) if reason.endswith(_STEADY) else None
        if steady in self._steady:
            answer, errors = self._steady[steady]
            self.complain(errors)
            return answer
        answer, errors = self._run(command, cwd, env)
        self._forget_files(reason)
        self._repeated[command, cwd] = (kept, answer)
        if steady is not None:
            self._steady[steady] = answer, errors
        return answer

    def tool_directories(self) -> set[str]:
        """Return the directories of the programs that answers rest on, where links end.

        The time of a program says little: a package gives it the day it was built. That of its
        directory says when it was put there.
        """
        return {
            os.path.dirname(identity.split(" ", 3)[3])
            for (path, _), identity in self._looked.items()
            if identity.startswith("file ") and os.access(path, os.X_OK)
        }

    def is_known(self, statement: str) -> bool:
        """Tell whether a statement is known to be true: `know` said so, in this run or before."""
        digest = _digest(statement)
        found = self._used.get(digest) or self._cache().answers.get(digest)
        if found is None:
            return False
        self._used[digest] = found
        return True

    def know(self, statement: str) -> None:
        """Remember that a statement is true, and always will be."""
        self._used[_digest(statement)] = ["", "", 0]
        self._changed = True

    def is_run_each_time(self, command: str, cwd: str) -> bool:
        """Tell whether a command that was run here has to be run again to know its answer."""
        return (command, cwd) in self._repeated

    def save(self) -> None:
        """Write the cache file, if there is anything new to keep. A failure is no error:
        the next run only has to ask again."""
        if not self.cache or not self._changed:
            return
        import json

        kept = self._cache()
        parts = [
            dict([*before.items()][-KEPT_UNUSED:]) | now
            for before, now in ((kept.answers, self._used), (kept.texts, self._examined))
        ]
        content = {
            "format": FORMAT, "rules": version_of(__file__), "answers": parts[0], "texts": parts[1],
        }
        temporary = f"{self.cache}.{os.getpid()}.tmp"
        try:
            os.makedirs(os.path.dirname(self.cache) or ".", exist_ok=True)
            with open(temporary, "w", encoding="ascii") as file:
                # The C encoder, which `dump` does not use.
                file.write(json.dumps(content, separators=(",", ":")))
            os.replace(temporary, self.cache)
            self._changed = False
        except OSError:
            with suppress(OSError):
                os.unlink(temporary)

    def _recall(
        self, key: tuple[object, ...], text: _Text, cwd: str, env: Mapping[str, str]
    ) -> Answer:
        digest = _digest(repr(key))
        found = self._used.get(digest) or self._cache().answers.get(digest)
        if found is not None:
            self.hits += 1
            self._used[digest] = found
            output, errors, status = found
            assert isinstance(output, str) and isinstance(errors, str) and isinstance(status, int)
            self.complain(errors)
            return Answer(output, status)

        answer, errors = self._run(str(key[0]), cwd, env)
        # A probe that could not make its directory, or was killed, says nothing of the tool.
        if answer.status < 128 and not (text.private and not os.access(cwd, os.W_OK)):
            self._used[digest] = [answer.output, errors, answer.status]
            self._changed = True
        return answer

    def _cache(self) -> _Kept:
        if self._kept is None:
            self._kept = _read(self.cache) if self.cache else _Kept({}, {})
        return self._kept

    def _run(self, command: str, cwd: str, env: Mapping[str, str]) -> tuple[Answer, str]:
        return self._finish(self._start(command, cwd, env))

    def _start(self, command: str, cwd: str, env: Mapping[str, str]) -> _Running:
        from subprocess import DEVNULL, PIPE, Popen  # 10 ms, and not needed if all is remembered

        self.runs += 1
        try:
            return Popen(
                ["/bin/sh", "-c", command], cwd=cwd, env=env, stdin=DEVNULL, stdout=PIPE,
                stderr=PIPE,
            )  # fmt: skip
        except OSError as error:
            raise NinjagenError(f"cannot run a shell in {cwd}: {error.strerror}") from error

    def _finish(self, running: _Running) -> tuple[Answer, str]:
        output, said = running.communicate()
        errors = said.decode("utf-8", "surrogateescape")
        self.complain(errors)
        status = running.returncode if running.returncode >= 0 else 128 - running.returncode
        return Answer(output.decode("utf-8", "surrogateescape"), status), errors

    def _text(self, command: str) -> _Text:
        text = self._texts.get(command)
        if text is None:
            digest = _digest(command)
            known = self._examined.get(digest) or self._cache().texts.get(digest)
            text = _unpacked(known) if known else _examine(command)
            self._texts[command], self._examined[digest] = text, known or _packed(text)
            self._changed |= not known
        return text

    def _names(
        self, command: str, values: tuple[str, ...], cwd: str, env: Mapping[str, str]
    ) -> _Named:
        """Return what a command and the variables it mentions name; remembered in this run."""
        path = env.get("PATH", "")
        key = (command, cwd, "\0".join((path, *values)))
        named = self._named.get(key)
        if named is None:
            text = self._text(command)
            patterns = [(_MATCHING + pattern, cwd, path) for pattern in text.patterns]
            if any(_find(*each) for each in patterns):
                named = _Named("", (), _MATCHES)
            else:
                self._sought.update((each, []) for each in patterns)
                named = self._named_by(text, values, cwd, env)
            self._named[key] = named
        return named

    def _named_by(
        self, text: _Text, values: tuple[str, ...], cwd: str, env: Mapping[str, str]
    ) -> _Named:
        path = env.get("PATH", "")
        words = dict.fromkeys(text.words)
        for value in values:
            if len(value) < 4096:
                words.update(dict.fromkeys(_WORD.findall(value)))
        for place in text.places:
            words.update(dict.fromkeys([
                f"{place}/{word}" for word in words if not word.startswith("/")
            ]))
        named = self._look_up(tuple(words), cwd, path, text.uses_system, {})
        if any("python" in word for word in text.words):
            parts = [f"{place} {self._identity(place, True)}" for place in _python_places(env)]
            named = named._replace(identity="\n".join((named.identity, *parts)))
        return named

    def _look_up(
        self,
        words: tuple[str, ...],
        cwd: str,
        path: str,
        system: bool,
        seen: dict[str, None],
        trusted: bool = False,
    ) -> _Named:
        parts: list[str] = []
        names: dict[str, None] = {}
        for word, found in [(w, found) for w in words for found in self._find(w, cwd, path)]:
            if found in seen:
                continue
            seen[found] = None
            identity = self._identity(found)
            parts.append(f"{word} {identity}")
            if not identity.startswith("file"):
                continue
            driver = _DRIVER.search(found)
            if driver:
                parts += self._helpers(found, driver[1], cwd, path)
            script = self._script(found)
            if script:
                text = self._text(script)
                tool = trusted or "/" not in word  # what lies on the PATH is trusted
                if text.reason_inside and not tool:
                    return _Named("", (), f"{word}: {text.reason_inside}")
                names.update(dict.fromkeys(text.names))
                beside = os.path.dirname(found)
                siblings = [os.path.join(beside, os.path.basename(w)) for w in text.words
                            if "." in w and "$" not in os.path.basename(w)]  # fmt: skip
                if len(seen) < 200:
                    inner = self._look_up(
                        (*text.words, *siblings), cwd, path, text.uses_system, seen, tool
                    )
                    if inner.reason:
                        return inner
                    parts.append(inner.identity)
                    names.update(dict.fromkeys(inner.names))
            if os.path.basename(found) == "uname":
                parts.append(repr(os.uname()))
        if system:
            parts += [f"{place} {self._identity(place, True)}" for place in _system_places()]
        return _Named("\n".join(parts), tuple(names), "")

    def _helpers(self, driver: str, suffix: str, cwd: str, path: str) -> list[str]:
        """Return the identity of what a compiler driver starts: assembler and linkers."""
        key = (driver, cwd, path)
        known = self._helped.get(key)
        if known is not None:
            return known
        beside = os.path.dirname(os.path.realpath(driver))
        parts = self._helped[key] = []
        for tool in ("as", "ld", "collect2", f"ld.lld{suffix}", "ld.lld", "ld.bfd"):
            for found in (os.path.join(beside, tool), *self._find(tool, cwd, path)):
                if os.path.isfile(found):
                    parts.append(f"{tool} {self._identity(found)}")
        return parts

    def _find(self, word: str, cwd: str, path: str) -> list[str]:
        key = (word, cwd, path)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._sought[key] = _find(word, cwd, path)
        return found

    def _identity(self, path: str, directory_time: bool = False) -> str:
        """Return what tells one file from another: kind, size, time, and where links end."""
        key = (path, directory_time)
        identity = self._identities.get(key)
        if identity is None:
            identity = self._identities[key] = _identify(path, directory_time)
            self._looked[key] = identity
        return identity

    def _script(self, path: str) -> str:
        """Return the text of a script, or "" for anything else."""
        text = self._scripts.get(path)
        if text is None:
            text = ""
            with suppress(OSError), open(path, "rb") as file:
                start = file.read(2)
                if start == b"#!" or path.endswith((".sh", ".awk")):
                    text = (start + file.read(1 << 17)).decode("utf-8", "surrogateescape")
            if text and not text.startswith("#!"):
                text = "#!\n" + text
            self._scripts[path] = text
        return text

    def _forget_files(self, reason: str) -> None:
        """After a command that may have changed files, look at them again."""
        if reason.endswith(_CHANGES_FILES):
            self._identities.clear()
            self._named.clear()
            self._found.clear()
            self._helped.clear()
            self._scripts.clear()


def complain(errors: str) -> None:
    """Pass on what a command wrote to standard error."""
    if errors:
        sys.stderr.write(errors.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def _examine(text: str) -> _Text:
    code = _COMMENT.sub("", text) if text.startswith("#!") else text
    private = _PRIVATE_DIR.search(text) is not None
    foreign = text.startswith("#!") and not _SHELL_SCRIPT.match(text)
    reason, patterns, places = (
        ("a program in another language", (), ()) if foreign else _judge(code)
    )
    words = tuple(dict.fromkeys(word.lstrip("@") for word in _WORD.findall(code)))
    names = tuple(dict.fromkeys(_NAME.findall(code)))
    return _Text(
        words, names, reason, bool(_USES_SYSTEM.search(text)), private, patterns, places
    )


def _packed(text: _Text) -> list[object]:
    """Return what a text tells in the types that JSON knows: a list of words as one string."""
    return [" ".join(part) if isinstance(part, tuple) else part for part in text]


def _unpacked(packed: Sequence[Any]) -> _Text:
    words, names, reason, uses_system, private, patterns, places = packed
    return _Text(
        tuple(words.split()), tuple(names.split()), reason, uses_system, private,
        tuple(patterns.split()), tuple(places.split()),
    )


class _Lists(dict[str, frozenset[str] | None]):
    """What is in directories, each listed once; None if one cannot be listed."""

    def __missing__(self, directory: str) -> frozenset[str] | None:
        names = None
        with suppress(OSError):
            names = frozenset((".", "..", *os.listdir(directory)))
        self[directory] = names
        return names

    def may_have(self, directory: str, name: str) -> bool:
        """Tell whether a name may be that of something in a directory."""
        names = self[directory]
        return names is None or name in names


def _find(word: str, cwd: str, path: str, lists: _Lists | None = None) -> list[str]:
    """Return the files a word may stand for: a path, relative to cwd, or a program on the path.

    `lists` are for who looks for hundreds of words at once: hardly any is the name of a file.
    """
    if word.startswith(_MATCHING):
        return sorted(glob(word[len(_MATCHING) :], root_dir=cwd))
    if not word or word[0] in "-$%+\\" or "$" in word or "\0" in word or len(word) > 1000:
        return []
    here, found = os.path.join(cwd, word), []
    if (lists is None or "/" in word or lists.may_have(cwd, word)) and os.path.lexists(here):
        found.append(here)
    if "/" not in word:
        for directory in path.split(":"):
            full = f"{directory or cwd}/{word}"
            if lists is not None and not lists.may_have(directory or cwd, word):
                continue
            if os.access(full, os.X_OK) and not os.path.isdir(full):
                return [*found, full]
    return found


def _identify(path: str, directory_time: bool) -> str:
    try:
        status = os.stat(path)
    except OSError:
        return "absent"
    if stat.S_ISREG(status.st_mode):
        return f"file {status.st_size} {status.st_mtime_ns} {os.path.realpath(path)}"
    if stat.S_ISDIR(status.st_mode):
        return f"directory {status.st_mtime_ns}" if directory_time else "directory"
    return "special"  # /dev/null has a time too, but not one that means anything


def _system_places() -> tuple[str, ...]:
    triples = [f"/usr/lib/{os.uname().machine}-linux-gnu{part}" for part in ("", "/pkgconfig")]
    return (*SYSTEM_PLACES, *triples)


def _python_places(env: Mapping[str, str]) -> list[str]:
    """Return the directories that Python may import from, as far as one can tell from outside."""
    home = env.get("HOME", "/")
    bases = ["/usr/lib", "/usr/local/lib", f"{home}/.local/lib"]
    if "VIRTUAL_ENV" in env:
        bases.append(f"{env['VIRTUAL_ENV']}/lib")
    versions = f"{env.get('PYENV_ROOT', f'{home}/.pyenv')}/versions"
    with suppress(OSError):
        bases += [f"{versions}/{name}/lib" for name in sorted(os.listdir(versions))]
    places = []
    for base in bases:
        with suppress(OSError):
            for name in sorted(os.listdir(base)):
                if name.startswith("python"):
                    places += [
                        f"{base}/{name}/{part}" for part in ("site-packages", "dist-packages")
                    ]
    return places


class _Kept(NamedTuple):
    """What the cache holds, by digests."""

    answers: dict[str, list[object]]  # output, stderr, status
    texts: dict[str, list[object]]  # `_packed`; no word has a blank in it


_ANSWER, _PACKED = [str, str, int], [str, str, str, bool, bool, str, str]


def _read(cache: str) -> _Kept:
    import json

    def whole(entries: Mapping[str, Any], types: list[type]) -> dict[str, list[object]]:
        return {key: value for key, value in entries.items() if [*map(type, value)] == types}

    try:
        with open(cache, encoding="ascii") as file:
            content = json.load(file)
        if content["format"] != FORMAT:
            return _Kept({}, {})
        texts = content["texts"] if content.get("rules") == version_of(__file__) else {}
        return _Kept(whole(content["answers"], _ANSWER), whole(texts, _PACKED))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return _Kept({}, {})


def version_of(module: str) -> str:
    """Tell the rules that a file of ours follows from those of another version of it."""
    status = os.stat(module)
    return f"{ninjagen.__version__} {status.st_size} {status.st_mtime_ns}"


def _digest(text: str) -> str:
    from hashlib import blake2b

    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
