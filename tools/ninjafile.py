"""Reads build.ninja: its edges, and the command that ninja runs for each.

    https://ninja-build.org/manual.html#_ninja_file_reference

`include`, `subninja` and pools are left out: ninjagen writes none. Knows nothing of kernels.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PHONY = "phony"


class NinjaFileError(Exception):
    """The text is not what we know of ninja's language."""


@dataclass(eq=False)
class Edge:
    """A `build` statement: ninja's own words for what it says."""

    rule: str
    outputs: list[str]
    implicit_outputs: list[str]
    inputs: list[str]
    implicit: list[str]
    order_only: list[str]
    variables: dict[str, str] = field(default_factory=dict)
    rule_variables: dict[str, str] = field(default_factory=dict)  # not expanded yet
    scope: dict[str, str] = field(default_factory=dict)  # the file's

    @property
    def all_outputs(self) -> list[str]:
        """Every file that the edge says it makes."""
        return self.outputs + self.implicit_outputs

    def __getitem__(self, name: str) -> str:
        """Return the value of a variable as a command of this edge sees it."""
        if name in ("in", "in_newline"):
            return (" " if name == "in" else "\n").join(map(quote, self.inputs))
        if name == "out":
            return " ".join(map(quote, self.outputs))
        if name in self.variables:
            return self.variables[name]
        if name in self.rule_variables:
            return expand(self.rule_variables[name], self)
        return self.scope.get(name, "")


@dataclass
class Manifest:
    """A file of ninja's: what it describes."""

    edges: list[Edge] = field(default_factory=list)
    defaults: list[str] = field(default_factory=list)  # what a bare `ninja` builds; none: all


def quote(path: str) -> str:
    """Quote a name for the shell as ninja does in $in and $out."""
    if re.fullmatch(r"[\w+./-]*", path, re.A):
        return path
    return "'" + path.replace("'", "'\\''") + "'"


_PIECE = re.compile(r"\$(?:\{([\w.-]+)\}|([\w-]+)|(.))", re.S)


def expand(text: str, scope: Edge | dict[str, str]) -> str:
    """Expand the variables of a value."""

    def replaced(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name is None:
            return found[3]
        return scope.get(name, "") if isinstance(scope, dict) else scope[name]

    return _PIECE.sub(replaced, text) if "$" in text else text


_LINE = re.compile(r"( *#[^\n]*|(?:[^$\n]|\$.)*)\n", re.S)
_BINDING = re.compile(r"\s*([\w.-]+)\s*=\s*(.*)", re.S)
_WORD = re.compile(r"(?:[^$ :|]|\$(?:\{[\w.-]+\}|[\w-]+|.))+|:|\|\||\|@|\|", re.S)


def read(path: Path) -> Manifest:
    """Return what a file describes. Raises NinjaFileError for what is not understood."""
    scope: dict[str, str] = {}
    rules: dict[str, dict[str, str]] = {PHONY: {}, "dyndep": {}}
    manifest = Manifest()
    block: dict[str, str] = {}  # where indented bindings go
    expands = True
    for line in _lines(path.read_text(errors="surrogateescape")):
        binding = _BINDING.fullmatch(line)
        if line.startswith(" ") and binding:
            block[binding[1]] = expand(binding[2], scope) if expands else binding[2]
        elif line.startswith("build "):
            edge = _edge(line, scope, rules)
            manifest.edges.append(edge)
            block, expands = edge.variables, True
        elif line.startswith("rule "):
            block, expands = rules.setdefault(line[5:].strip(), {}), False
        elif line.startswith("default "):
            manifest.defaults += _paths(_WORD.findall(line.removeprefix("default ")), scope)
        elif binding:
            scope[binding[1]] = expand(binding[2], scope)
        else:
            raise NinjaFileError(f"{path}: cannot read: {line[:200]}")
    return manifest


def _lines(text: str) -> Iterator[str]:
    """Yield the lines that say something, continued ones put together."""
    for found in _LINE.finditer(text + "\n"):
        line = re.sub(r"\$\n *", "", found[1])
        if line.strip() and not line.lstrip().startswith("#"):
            yield line


def _paths(words: list[str], scope: dict[str, str]) -> list[str]:
    """Return the files that words name, as ninja's graph names them."""
    return [os.path.normpath(expand(word, scope)) for word in words]


def _edge(line: str, scope: dict[str, str], rules: dict[str, dict[str, str]]) -> Edge:
    """Return the edge of a `build` line."""
    lists: dict[str, list[str]] = {name: [] for name in ("", ":", "|out", "|", "||", "|@")}
    at, rule = "", None
    for word in _WORD.findall(line.removeprefix("build ")):
        if word in (":", "|", "||", "|@"):
            at = "|out" if word == "|" and at == "" else word
        elif at == ":" and rule is None:
            rule = word
        else:
            lists[at] += _paths([word], scope)
    if rule is None or rule not in rules:
        raise NinjaFileError(f"no rule '{rule}': {line[:200]}")
    return Edge(
        rule, lists[""], lists["|out"], lists[":"], lists["|"], lists["||"],
        rule_variables=rules[rule], scope=scope,
    )  # fmt: skip
