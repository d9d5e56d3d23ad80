"""A graph to the text of build.ninja, through ninja_syntax."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import ninja_syntax

from ninjagen.graph import Edge, Graph
from ninjagen.ninja.factor import (
    Block,
    Blocks,
    Named,
    RuleText,
    escape,
    keep_blanks,
    one_line,
    shown,
)

REQUIRED_VERSION = "1.11"
OTHERS_VERSION = "1.9"  # what other runners say they are (samurai 1.2); no dyndep is in it
MANIFEST = "build.ninja"
DEPFILE = ".ninjagen/build.ninja.d"  # what build.ninja was made from: a missing file is no error
# Rules of ours, here and in byname.py; a kernel's command that is called so gets another name.
OWN_RULES = frozenset(("phony", "regenerate", "look", "single", "configure", "ninjagen"))

# Variables that mean something in build.ninja.
_TAKEN = frozenset(
    "ninja_required_version builddir shell cmd desc command description depfile deps dyndep"
    " generator in in_newline out pool restat rspfile rspfile_content msvc_deps_prefix".split()
)


class Look(NamedTuple):
    """An edge that is made before ninja asks whether build.ninja is up to date."""

    command: str
    dyndep: str  # its output, which says that build.ninja rests on
    touched: str  # this
    depfile: str
    watched: tuple[str, ...] = ()  # what it depends on and no depfile can name


class Regeneration(NamedTuple):
    """How build.ninja is made again."""

    command: str
    inputs: tuple[str, ...] = ()  # products that build.ninja is made from
    watched: tuple[str, ...] = ()  # what else it is made from and no depfile can name
    also_makes: tuple[str, ...] = ()  # what commands need, and could get lost
    look: Look | None = None


class _Writer(ninja_syntax.Writer):  # type: ignore[misc]  # it has no types
    """Does not wrap lines: a shared command stays one line, as people grep for it."""

    def _line(self, text: str, indent: int = 0) -> None:
        self.output.write("  " * indent + text + "\n")

    def comment(self, text: str) -> None:
        """Write a comment, of one line too."""
        self.output.write(f"# {text}\n")


def text_of(*arguments: Any, **options: Any) -> str:
    """Return the text of build.ninja, of what `begin` takes."""
    return begin(*arguments, **options)()


def begin(
    graph: Graph, prefix: str, defaults: Sequence[str], regeneration: Regeneration | None = None,
    comment: str = "", known: Mapping[str, str] | None = None,
    required_version: str = REQUIRED_VERSION, blocks: Blocks | None = None,
) -> Callable[[], str]:
    """Begin with the text of build.ninja, of a graph that stays as it is; return what gives it, to
    be called once. In between, another process may have begun (`Blocks.begin`).

    `prefix` is shell text put before every command (the locale); `defaults` is what a bare
    `ninja` builds; `known` are names of texts that commands may hold; `blocks` has what was
    found out about blocks of commands the last time.
    """
    known_blocks = blocks or Blocks()
    named = {name: text for name, text in (known or {}).items() if name not in _TAKEN}
    labels = _labels(graph)
    rules = _Rules(graph)
    finish = known_blocks.begin(named, rules.names.values(), [
        (label, [(rules.name(at), graph.edges[at]) for at in numbers])
        for label, numbers in zip(labels, graph.blocks.values(), strict=True)
    ], rules.text_of)

    def text() -> str:
        texts = finish()
        output = io.StringIO()
        writer = _Writer(output)
        for line in comment.splitlines():
            writer.comment(line)
        writer.variable("ninja_required_version", required_version)
        writer.variable("builddir", ".ninjagen")
        writer.variable("shell", escape(prefix))
        writer.newline()
        for name, value in sorted(known_blocks.used.items()):
            writer.variable(name, escape(value))
        writer.newline()
        rules.write(writer)
        for title, block in zip(graph.blocks, texts, strict=True):
            if title:
                writer.newline()
                writer.comment(" ".join(title.split()))
            output.write(block)
        for name, members in graph.phonies.items():
            writer.build(_paths([name]), "phony", _paths(members))
        if regeneration is not None:
            _write_regeneration(writer, regeneration)
        writer.newline()
        writer.default([ninja_syntax.escape_path(path) for path in _paths(defaults)])
        return output.getvalue()

    return text


# Around the command of an edge; `$out` is ninja's, quoted for the shell where it has to be.
# make's .DELETE_ON_ERROR:
_REMOVE_FAILED = "failed() { test $$? = 0 || rm -f $out; }; trap failed EXIT; "
# An output that did not change gets its old time back.
_SET_ASIDE = "if test -e $out; then mv -f $out $out.old; else rm -f $out.old; fi; "
_PUT_BACK = (
    "; status=$$?; test $$status = 0 || exit $$status"
    "; if cmp -s $out $out.old; then mv -f $out.old $out; else rm -f $out.old; fi"
)
# What kbuild saves no command of may have several outputs, and may read the old ones.
_SET_COPIES_ASIDE = (
    'for f in $out; do if test -e "$$f"; then cp -p "$$f" "$$f.old";'
    ' else rm -f "$$f.old"; fi; done; '
)
_PUT_COPIES_BACK = (
    "; status=$$?; test $$status = 0 || exit $$status; for f in $out; do"
    ' if cmp -s "$$f" "$$f.old"; then mv -f "$$f.old" "$$f"; else rm -f "$$f.old"; fi; done'
)


def _command(edge: Edge) -> str:
    """Return the text of the rule's command."""
    return _command_text(edge.keeps_same, bool(edge.saved), edge.removes_failed)


@cache
def _command_text(keeps_same: bool, has_saved: bool, removes_failed: bool) -> str:
    command = "${cmd}"
    if keeps_same and has_saved:
        command = _SET_ASIDE + command + _PUT_BACK
    elif keeps_same:
        command = _SET_COPIES_ASIDE + command + _PUT_COPIES_BACK
    return "${shell}" + (_REMOVE_FAILED if removes_failed else "") + command


def command_of(edge: Edge, prefix: str) -> str:
    """Return what ninja's log has the hash of: an edge's command with every variable expanded.

    The content of a response file counts as a part of the command (ninja: EvaluateCommand).
    """
    values = {
        "$$": "$", "$out": " ".join(map(_quoted, edge.outputs)),
        "${shell}": one_line(prefix), "${cmd}": one_line(edge.command),
    }
    text = _VARIABLE.sub(lambda found: values[found[0]], _command(edge))
    return text + (";rspfile=" + "\n".join(map(_quoted, edge.inputs)) if edge.rspfile else "")


_VARIABLE = re.compile(r"\$(?:\$|\{?\w+\}?)")
_NEEDS_QUOTES = re.compile(r"[^\w+./-]", re.A)


def _quoted(path: str) -> str:
    """Quote a path for the shell as ninja does."""
    return "'" + path.replace("'", "'\\''") + "'" if _NEEDS_QUOTES.search(path) else path


class _Rules:
    """The rules of a manifest: one for each kernel command and way of running it."""

    def __init__(self, graph: Graph) -> None:
        self._keys = [self._key(edge) for edge in graph]
        counts = Counter(self._keys)
        self.names: dict[tuple[object, ...], str] = {}
        taken = set(OWN_RULES)
        # What most edges of a command share gets the kernel's plain name.
        for key in sorted(counts, key=lambda key: (str(key[0]), -counts[key], str(key))):
            self.names[key] = _unlike(taken, str(key[0]))

    def _key(self, edge: Edge) -> tuple[object, ...]:
        return (
            edge.rule, _command(edge), bool(edge.depfile), edge.restat or edge.keeps_same,
            bool(edge.rspfile),
        )

    def name(self, number: int) -> str:
        """Return the name of the rule of an edge of the graph."""
        return self.names[self._keys[number]]

    def write(self, writer: _Writer) -> None:
        """Write the rule of every way, for commands that have no template."""
        for key, name in self.names.items():
            self._write(writer, key, name, _NO_TEMPLATE)
            writer.newline()

    def text_of(self, label: str, edges: Named, block: Block) -> str:
        """Return the text of a block, with rules of its own for commands that have a template."""
        output = io.StringIO()
        writer = _Writer(output)
        for name, value in block.variables:
            writer.variable(name, value)
        taken = {*self.names.values()}
        names: dict[int, str] = {}  # of the block's own rules
        for (rule, edge), command in zip(edges, block.commands, strict=True):
            number = command.template
            if number < 0:
                _write_edge(writer, edge, rule, {"cmd": command.text})
                continue
            text = block.templates[number]
            if number not in names:
                key = self._key(edge)
                names[number] = _unlike(taken, str(key[0]).replace(".", "_") + label)
                self._write(writer, key, names[number], text)
            holes = {str(hole): value for hole, value in enumerate(command.values, 1)}
            _write_edge(writer, edge, names[number], holes, text)
        return output.getvalue()

    @staticmethod
    def _write(writer: _Writer, key: tuple[object, ...], name: str, text: RuleText) -> None:
        _, command, has_depfile, restat, has_rspfile = key
        writer.rule(
            name,
            command=str(command).replace("${cmd}", text.command),
            description="$desc" if text.description is None else text.description,
            depfile=("$depfile" if text.depfile is None else text.depfile) if has_depfile else None,
            deps="gcc" if has_depfile else None,
            restat=bool(restat),
            rspfile="$rspfile" if has_rspfile else None,
            rspfile_content="$in_newline" if has_rspfile else None,
        )


_NO_TEMPLATE = RuleText("${cmd}", None, None)


def _labels(graph: Graph) -> list[str]:
    """Return, for each block, what its names end with: the directory of what it makes.

    None is another one and a dot and a number, which is how the names of a block differ.
    """
    taken: set[str] = set()
    return [
        _unlike(taken, _label(graph.edges[numbers[0]].outputs[0]), ".-")
        for numbers in graph.blocks.values()
    ]


def _label(path: str) -> str:
    directory = path.rpartition("/")[0]
    return "." + _UNNAMEABLE.sub("-", directory) if directory else ""


_UNNAMEABLE = re.compile(r"[^\w.]+|(?:^|\.)(?=\d+$)", re.A)


def _unlike(taken: set[str], wanted: str, before_number: str = ".") -> str:
    """Return a name that is not taken yet, and take it."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}{before_number}{number}"
    taken.add(name)
    return name


def _write_edge(
    writer: _Writer, edge: Edge, rule: str, variables: dict[str, str], said: RuleText = _NO_TEMPLATE
) -> None:
    """Write an edge, with variables for what the rule has not said."""
    if edge.loc is not None:
        writer.comment(str(edge.loc))
    if said.description is None:
        variables["desc"] = keep_blanks(escape(shown(edge)))
    if edge.depfile and said.depfile is None:
        variables["depfile"] = escape(edge.depfile)
    for name in ("rspfile", "dyndep", "pool"):
        value = getattr(edge, name)
        if value:
            variables[name] = escape(value)
    writer.build(
        _paths(edge.outputs), rule, _paths(edge.inputs), implicit=_paths(edge.implicit),
        order_only=_paths(edge.order_only), implicit_outputs=_paths(edge.implicit_outputs),
        variables=variables,
    )


def _write_regeneration(writer: _Writer, regeneration: Regeneration) -> None:
    writer.newline()
    writer.rule(
        "regenerate", command=escape(regeneration.command),
        description=keep_blanks(f"  GEN     {MANIFEST}"),
        generator=True, restat=True, pool="console", depfile=DEPFILE,
    )
    watched, sources = _paths(regeneration.watched), list[str]()
    look = regeneration.look
    writer.build(
        [MANIFEST], "regenerate", implicit=[*_paths(regeneration.inputs), *watched],
        implicit_outputs=_paths(regeneration.also_makes),
        order_only=[look.dyndep] if look else [],
        variables={"dyndep": look.dyndep} if look else None,
    )
    if look:
        sources = _paths([look.touched, *look.watched])
        writer.rule(
            "look", command=escape(look.command), depfile=look.depfile,
            description=keep_blanks("  CHK     for new makefiles"), generator=True, restat=True,
        )
        writer.build([look.dyndep], "look", implicit=_paths(look.watched))
    # As ninja takes what a depfile names: that it is missing is no error.
    for path in dict.fromkeys(watched + sources):
        writer.build([path], "phony")


def split_by_depfile(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the names that a depfile can hold, and those that build.ninja alone can; both sorted.

    A name that ninja cannot read anywhere is in neither: it has a line end or a `|`.
    """
    wanted = set(names)
    odd = set(filter(_NOT_IN_DEPFILE.search, wanted))
    return sorted(wanted - odd), sorted(name for name in odd if not set(name) & {"\n", "|"})


# Where the oldest of ninja's parsers ends a name (depfile_parser.in.cc of 1.11).
_NOT_IN_DEPFILE = re.compile(r"""[\0-\x1f"#$&'*;<>?\\^`|\x7f]|:(?: |\Z)""")


def depfile_text(inputs: Iterable[str], output: str = MANIFEST) -> str:
    """Return the depfile that says what an output was made from; if none is given, build.ninja.

    ninja 1.11 takes `/` for a missing file without a name, which no run would mend; `/..` is it.
    """
    names = "".join(
        f" \\\n  {'/..' if name == '/' else name.replace(' ', chr(92) + ' ')}"
        for name in sorted(set(inputs))
    )
    return f"{output}:{names}\n"


def _paths(names: Iterable[str]) -> list[str]:
    """Escape the dollars of names; ninja_syntax escapes blanks, colons, and a dollar before a
    blank."""
    return [_DOLLAR.sub("$$", name) if "$" in name else name for name in names]


_DOLLAR = re.compile(r"\$(?! )")
