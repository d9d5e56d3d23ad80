"""`-t why TARGET`: what would make ninja make it again, from the target to the first cause.

ninja itself is asked (`-d explain -n`); of a command that changed, kbuild's .cmd file beside
the target tells the words.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ninjagen import absent
from ninjagen.answers.described import Described
from ninjagen.errors import NinjagenError
from ninjagen.kbuild.lower import saved_command, unescape_saved
from ninjagen.ninja.manifest import MANIFEST

_EXPLAIN = "ninja explain: "
_DIRTY = re.compile(r"(.*) is dirty$")
_OPTION = "include/config/"
_OTHER_COMMAND = "its command is not the one it was made by"

# What ninja explains, with the output as group 1, and what it means.
_REASONS: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"output (.*?)(?: of phony edge with no inputs)? doesn't exist$",
     lambda found: "it does not exist"),
    (r"(.*) has no in-edge and is missing$", lambda found: "it is missing, and nothing makes it"),
    (r"(?:recorded mtime of|restat of output|output) (.*) older than most recent input"
     r" (.*) \((\d+) vs (\d+)\)$", lambda found: _newer(*found.groups()[1:])),
    (r"command line changed for (.*)$", lambda found: _OTHER_COMMAND),
    (r"command line not found in log for (.*)$",
     lambda found: "ninja does not know what it was made by: ninja has not made it"),
    (r"deps for '(.*)' are missing$",
     lambda found: "ninja does not know what it was made from: ninja has not made it"),
    (r"stored deps info out of date for '?(.*?)'? \(.*$",
     lambda found: "it was changed after ninja made it"),
)


class Explanations:
    """What ninja says of a dry run."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.reasons: dict[str, str] = {}  # output -> why it is made, when that is not an input
        self.dirty: set[str] = set()
        self.others: list[str] = []
        for line in lines:
            if line.startswith(_EXPLAIN):
                self._take(line.removeprefix(_EXPLAIN))
        self.reasons.pop(absent.DYNDEP, None)  # what is looked for is not there, or build.ninja
        self.dirty.discard(absent.DYNDEP)  # would have been made again

    def _take(self, text: str) -> None:
        for pattern, meaning in _REASONS:
            found = re.match(pattern, text)
            if found:
                self.reasons.setdefault(found[1], meaning(found))
                self.dirty.add(found[1])
                return
        found = _DIRTY.match(text)
        if found:
            self.dirty.add(found[1])
        else:
            self.others.append(text)


class Node(NamedTuple):
    """A file or a phony name."""

    is_phony: bool
    inputs: list[str]  # that make it dirty


class Ninja:
    """The ninja of an object tree."""

    def __init__(self, objtree: str) -> None:
        self.objtree = objtree
        beside = os.path.join(os.path.dirname(sys.executable), "ninja")
        self.program = shutil.which("ninja") or shutil.which(beside) or ""
        if not self.program:
            raise NinjagenError("there is no ninja on the PATH")
        self._nodes: dict[str, Node] = {}

    def run(self, *words: str) -> list[str]:
        """Return the lines it prints. Raises NinjagenError with its own error."""
        done = subprocess.run(
            [self.program, *words], cwd=self.objtree, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="surrogateescape", check=False,
        )
        lines = done.stdout.splitlines()
        if done.returncode:
            said = (lines or ["ninja failed"])[-1]
            raise NinjagenError(said.removeprefix("ninja: error: "))
        return lines

    def nodes(self, names: Sequence[str]) -> dict[str, Node]:
        """Return what build.ninja, and ninja's record of dependencies, say of some files."""
        new = [name for name in names if name not in self._nodes]
        if new:
            for name, is_phony, inputs in _queried(self.run("-t", "query", *new)):
                self._nodes[name] = Node(is_phony, inputs)
            made = [name for name in new if not self._nodes[name].is_phony]
            name = ""
            for line in self.run("-t", "deps", *made) if made else ():
                if line.startswith("    "):
                    self._nodes[name].inputs.append(line.strip())
                else:
                    name = line.rpartition(": ")[0] or name
        return {name: self._nodes[name] for name in names}


def _queried(lines: Sequence[str]) -> Iterator[tuple[str, bool, list[str]]]:
    """Yield (name, is it phony, inputs that make it dirty) from `-t query`."""
    name, rule, takes_inputs = "", "", False
    inputs: list[str] = []
    for line in [*lines, "end:"]:
        if not line.startswith(" "):
            if name:
                yield name, rule == "phony", inputs
            name, rule, inputs = line.removesuffix(":"), "", []
        elif not line.startswith("    "):
            takes_inputs = line.startswith("  input: ")
            if takes_inputs:
                rule = line.removeprefix("  input: ")
        elif takes_inputs and not line.startswith("    || "):
            inputs.append(line.strip().removeprefix("| "))


def answer(described: Described, arguments: Sequence[str]) -> int:
    """Print the chain. Raises NinjagenError for a target that ninja does not know."""
    target = described.name(arguments[0])
    ninja = Ninja(described.tree.objtree)
    said = Explanations(ninja.run("-n", "-d", "explain", target))
    if MANIFEST in said.reasons:
        reason = said.reasons[MANIFEST].replace(f"{described.tree.srctree}/", "")
        described.say(f"{MANIFEST} is made again first: {reason}")
        described.say(f"what that means for {target} can be told after: ninja {MANIFEST}")
        return 0
    if not said.dirty:
        described.say(f"{target} is up to date")
        return 0
    for line in _chain(target, said, ninja):
        described.say(line.replace(f"{described.tree.srctree}/", ""))
    return 0


def _chain(target: str, said: Explanations, ninja: Ninja) -> Iterator[str]:
    """Yield a line for each file on the way, and at its end the cause."""
    name, lead, seen = target, "", {target}
    while name not in said.reasons:
        causes = [path for path in _causes(name, said, ninja) if path not in seen]
        if not causes:
            yield f"{lead}{name}"
            yield from (f"    ninja: {text}" for text in said.others)
            return
        more = f"  (and {len(causes) - 1} more of its inputs)" if len(causes) > 1 else ""
        yield f"{lead}{name}{more}"
        # A cause of its own is the shortest way.
        name = next((path for path in causes if path in said.reasons), causes[0])
        seen.add(name)
        lead = "  <- "
    reason = said.reasons[name]
    if not os.path.lexists(os.path.join(ninja.objtree, name)):
        reason = "it does not exist"
    yield f"{lead}{name}: {reason}"
    if reason == _OTHER_COMMAND:
        yield from (f"       {line}" for line in _command_changes(name, ninja))


def _causes(name: str, said: Explanations, ninja: Ninja) -> list[str]:
    """Return the inputs that are made again. What a phony name brings, ninja does not tell."""
    node = ninja.nodes([name])[name]
    inputs = list(dict.fromkeys(node.inputs))
    if not node.is_phony:
        return [path for path in inputs if path in said.dirty]
    below = ninja.nodes(inputs)
    return [
        path for path in inputs
        if path in said.dirty or (
            _causes(path, said, ninja) if below[path].is_phony
            else any(other in said.dirty for other in below[path].inputs)
        )
    ]


def _command_changes(output: str, ninja: Ninja) -> Iterator[str]:
    """Say which words of kbuild's command came and went."""
    commands = ninja.run("-t", "commands", "-s", output)
    now = saved_command("\n".join(commands)).split()
    directory, name = os.path.split(output)
    try:
        path = os.path.join(ninja.objtree, directory, f".{name}.cmd")
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            first = file.readline()
    except OSError:
        first = ""
    before = unescape_saved(first.partition(" := ")[2]).split()
    if not (now and before):
        yield "(of what it was made by before, no words are kept)"
        return
    gone, come = Counter(before) - Counter(now), Counter(now) - Counter(before)
    yield from (f"- {word}" for word in gone.elements())
    yield from (f"+ {word}" for word in come.elements())
    if before == now:
        yield "(kbuild's command is the same: what ninjagen puts around it changed)"
    elif not (gone or come):
        yield "(the same words in another order)"


def _newer(source: str, made: str, changed: str) -> str:
    """Say which input changed, and when."""
    what = f"{source} changed"
    if source.startswith(_OPTION):
        what = f"option CONFIG_{source.removeprefix(_OPTION)} changed"
    return f"{what} {_when(changed)}, after it was made {_when(made)}"


def _when(nanoseconds: str) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(int(nanoseconds) / 1e9))
