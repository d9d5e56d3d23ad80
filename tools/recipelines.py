"""The lines of recipes, as `make -n --trace` prints them and as our edges run them, made alike.

A line is what one shell runs. Both sides lose what only speaks or cleans up after an interrupt,
and the saved copy of the command (see savedcommands.py); what is left must be the same text.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator

from savedcommands import without_saves

from ninjagen.graph import Edge, Graph
from ninjagen.kbuild.descent import BESIDE_MAKE
from ninjagen.kbuild.shelltext import mentions_make, simple_commands, without_comments

# What a line loses.
TAKEN_OUT = (
    # scripts/Kbuild.include, delete-on-interrupt: an edge removes outputs in a way of its own
    re.compile(r"trap 'rm -f [^']*; trap - (\w+); kill -s \1 \$\$' \1;"),
    # the short log, and $(kecho): ninja speaks for itself
    re.compile(r"""(?<!\S)(?:echo|printf|:) (['"])(?:  [-A-Z]|Kernel: )[^'"]*\1[^;|&>]*(?:;|$)"""),
)
NOTHING = re.compile(r"(?:set -e;)?\s*(?::|true)?|mkdir -p [^;&|<>$`]*")

TRACE = re.compile(r"^\S+:\d+: (?:target '(.*)' does not exist|update target '(.*)' due to: .*)$")
SPOKEN = re.compile(r"make(?:\[\d+\])?: |  [A-Z]")  # by make, and by lines that make -n runs


def alike(line: str) -> str:
    """Return what is compared of a line; "" if it does nothing."""
    text = without_comments(line).replace("\\\n", "")
    for pattern in TAKEN_OUT:
        text = pattern.sub("", text)
    text = " ".join(without_saves(text).split())
    return "" if NOTHING.fullmatch(text) else text


def their_lines(said: Iterable[str]) -> dict[str, str]:
    """Line -> target, from the lines that `make -n --trace` printed.

    Lines that only run make are left out: what it would run is printed too. A line after such a
    one goes by the name of the last target before it, which is another make's.
    """
    found: dict[str, str] = {}
    target = ""
    for line in joined(said):
        if trace := TRACE.match(line):
            target = trace[1] or trace[2]
        elif not SPOKEN.match(line) and (text := alike(line)) and not runs_make(text):
            found.setdefault(text, target)
    return found


def joined(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines with those that a backslash continues in one."""
    whole: list[str] = []
    for line in lines:
        whole.append(line)
        if (len(line) - len(line.rstrip("\\"))) % 2 == 0:
            yield "\n".join(whole)
            whole = []


def runs_make(line: str) -> bool:
    """Tell whether a line runs make, and nothing else that counts."""
    if not mentions_make(line):
        return False
    simple = simple_commands(line)
    found = {next((word for word in each.words if "=" not in word), "") for each in simple}
    writes = any(each.writes and "make" not in each.words for each in simple)
    return "make" in found and not writes and found <= {"make", "", "then", "else", *BESIDE_MAKE}


def our_lines(graph: Graph) -> dict[str, str]:
    """Line -> target, of every edge."""
    found: dict[str, str] = {}
    for edge in graph:
        for line in lines_of(edge):
            line = STAGES.sub("", line)
            if text := alike(DEPFILE.sub("", line) if edge.depfile else line):
                found.setdefault(text, edge.outputs[0])
    return found


EXPORT = re.compile(r"""export (?:\w+=(?:'[^']*'|"[^"]*"|\\.|[^\s;'"\\])*[ ]?)+; """)
# Lowering._depfile: what kbuild found out, in ninja's form
DEPFILE = re.compile(r"(?:^|; *)(?:awk -v target=.*|\{ sed -n .*\}) > \S+$", re.S)
# ninjagen.helpers: what a thin link and a back end of distributed ThinLTO are run by
STAGES = re.compile(
    r"\S+ -I -S \.ninjagen/runtime/thin_link\.py (?:\S+ ){5}"
    r"|sh \.ninjagen/runtime/backend\.sh \S+ \S+ (?:'[^']*'|\S+) "
)
QUOTED = r"""(?:'[^']*'(?:"'"'[^']*')*|[\w@%+=:,./-]+)"""  # what shlex.quote makes
SEVERAL = re.compile(rf"sh -c {QUOTED}(?: && sh -c {QUOTED})*(?: \|\| exit \$\?)?", re.A)
ONE_OF_SEVERAL = re.compile(rf"sh -c ({QUOTED})(?: && |(?: \|\| exit \$\?)?$)", re.A)
STAMP = re.compile(r" && mkdir -p \.ninjagen/stamps && : > \S+$")


# Lowering._asking_first: what the shell will say, and the line that it is put into
LATE = re.compile(r"((?:late\d+=\$\(.*?\); )+)eval ((?:'[^']*'|\"[^\"]*\")+)", re.S)
LATE_ANSWER = re.compile(r"(late\d+)=(\$\(.*?\)); (?=late\d+=\$\(|$)", re.S)


def with_late_answers(line: str) -> str:
    """Put what asks for them where the answers of a line are to stand."""
    found = LATE.match(line)
    if not found:
        return line
    text = shlex.split(found[2])[0]
    for name, answer in LATE_ANSWER.findall(found[1]):
        text = text.replace(f"${name}", answer).replace(f"${{{name}}}", "ANSWER")
    return text + line[found.end() :]


def lines_of(edge: Edge) -> list[str]:
    """Return the lines of recipe in an edge's command (ninjagen.kbuild.lower, Lowering.command)."""
    return [with_late_answers(line) for line in raw_lines_of(edge)]


def raw_lines_of(edge: Edge) -> list[str]:
    """Return them as the shell gets them."""
    command = STAMP.sub("", edge.command)
    if exports := EXPORT.match(command):
        command = command[exports.end() :]
    if elsewhere := re.fullmatch(r"\(cd \S+ \|\| exit; (.*)\)", command, re.S):
        command = elsewhere[1]
    if SEVERAL.fullmatch(command):
        return [unquoted(line) for line in ONE_OF_SEVERAL.findall(command)]
    return [command]


def unquoted(word: str) -> str:
    """Undo shlex.quote. shlex.split would look at each character of it: half of a comparison."""
    return word[1:-1].replace("'\"'\"'", "'") if word.startswith("'") else word
