"""A graph to the text of build.ninja, through ninja_syntax."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import ninja_syntax

from ninjagen.graph import Edge, Graph
from ninjagen.ninja.factor import Factoring

REQUIRED_VERSION = "1.11"
MANIFEST = "build.ninja"
DEPFILE = ".ninjagen/build.ninja.d"  # what build.ninja was made from: a missing file is no error


@dataclass(frozen=True, slots=True)
class Regeneration:
    """How build.ninja is made again."""

    command: str


class _Writer(ninja_syntax.Writer):  # type: ignore[misc]  # it has no types
    """Does not wrap lines: a shared command stays one line, as people grep for it."""

    def _line(self, text: str, indent: int = 0) -> None:
        self.output.write("  " * indent + text + "\n")


def text_of(
    graph: Graph, prefix: str, defaults: Sequence[str], regeneration: Regeneration | None = None,
    comment: str = "",
) -> str:
    """Return the text of build.ninja.

    `prefix` is shell text put before every command (the locale); `defaults` is what a bare
    `ninja` builds.
    """
    output = io.StringIO()
    writer = _Writer(output)
    for line in comment.splitlines():
        writer.comment(line)
    writer.variable("ninja_required_version", REQUIRED_VERSION)
    writer.variable("builddir", ".ninjagen")
    writer.variable("shell", escape(prefix))
    writer.newline()
    factoring = Factoring(edge.command for edge in graph)
    for text, name in factoring.names.items():
        writer.variable(name, _keep_blanks(escape(text)))
    writer.newline()
    _write_rules(writer, graph)
    for edge in graph:
        _write_edge(writer, edge, factoring)
    for name, members in graph.phonies.items():
        writer.build([name], "phony", list(members))
    if regeneration is not None:
        _write_regeneration(writer, regeneration)
    writer.newline()
    writer.default([ninja_syntax.escape_path(name) for name in defaults])
    return output.getvalue()


def _write_rules(writer: _Writer, graph: Graph) -> None:
    kinds: dict[tuple[str, bool, bool], None] = {}
    for edge in graph:
        kinds[edge.rule, bool(edge.depfile), edge.restat] = None
    for name, has_depfile, restat in kinds:
        writer.rule(
            _rule(name, has_depfile, restat),
            command="$shell$cmd",
            description="$desc",
            depfile="$depfile" if has_depfile else None,
            deps="gcc" if has_depfile else None,
            restat=restat,
        )
        writer.newline()


def _rule(name: str, has_depfile: bool, restat: bool) -> str:
    """Edges of one kernel command mostly agree; the rule of those that do not says how."""
    return name + ("_dep" if has_depfile and not name.endswith(_DEPENDENT) else "") + (
        "_restat" if restat and not name.startswith("filechk") else ""
    )


_DEPENDENT = ("_c", "_S")  # compiles have a depfile by nature


def _write_edge(writer: _Writer, edge: Edge, factoring: Factoring) -> None:
    if edge.loc is not None:
        writer.comment(str(edge.loc))
    command = " ".join(
        f"${name}" if name else escape(text) for text, name in factoring.pieces(edge.command)
    )
    variables = {"cmd": _keep_blanks(command), "desc": _keep_blanks("  " + escape(
        edge.description))}
    if edge.depfile:
        variables["depfile"] = escape(edge.depfile)
    if edge.pool:
        variables["pool"] = edge.pool
    writer.build(
        list(edge.outputs), _rule(edge.rule, bool(edge.depfile), edge.restat),
        list(edge.inputs), order_only=list(edge.order_only),
        implicit_outputs=list(edge.implicit_outputs), variables=variables,
    )


def _write_regeneration(writer: _Writer, regeneration: Regeneration) -> None:
    writer.newline()
    writer.rule(
        "regenerate", command=escape(regeneration.command), description="  GEN     build.ninja",
        generator=True, restat=True, pool="console", depfile=DEPFILE,
    )
    writer.build([MANIFEST], "regenerate")


def depfile_text(inputs: Iterable[str]) -> str:
    """Return the depfile that says what build.ninja was made from."""
    names = "".join(f" \\\n  {name.replace(' ', chr(92) + ' ')}" for name in sorted(set(inputs)))
    return f"{MANIFEST}:{names}\n"


def escape(text: str) -> str:
    """Escape text for the value of a variable."""
    return text.replace("$", "$$").replace("\n", " ")


def _keep_blanks(text: str) -> str:
    """ninja drops blanks at the start of a value."""
    blanks = len(text) - len(text.lstrip(" "))
    return "$ " * blanks + text[blanks:]
