"""make's words to ninja's words: a target and its commands become an edge.

The only module that speaks both languages. It does not decide what is made, or in which order.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ninjagen.graph import Edge, escape_saved, shortened
from ninjagen.helpers import depfile_command, listed_directories_command
from ninjagen.kbuild import protocol
from ninjagen.kbuild.shelltext import Scripts, mentions_make, names_in, without_comments
from ninjagen.kbuild.world import is_canonical
from ninjagen.make.alike import MARK, SEPARATOR, Likeness
from ninjagen.make.recipe import Command
from ninjagen.make.rules import Recipe as Written

# scripts/basic/fixdep DEPFILE TARGET 'COMMAND' > .TARGET.cmd, and the older one of tools/build
_FIXDEP = re.compile(r"fixdep (\S+\.d) (\S+) '")
# How a recipe writes its command beside its target: printf, or fixdep's last argument
_SAVED = re.compile(
    r"(?:'(?:saved)?cmd_\S+ := |fixdep \S+ \S+ ')([^']*(?:'\\''[^']*)*)' >>? \S+\.(?:cmd|tmp)"
)
# How a recipe writes further prerequisites there (scripts/Makefile.lib, gen_objtooldep)
_SAVED_PREREQUISITES = re.compile(r"'\S+: \$\(wildcard ([^()']*)\)'[^']*>> \S+\.cmd\b")
_TOOLS_LOG = re.compile(  # tools/scripts/Makefile.include, QUIET_...
    r"^(?:printf '  ([-\w]+) +%s\\n'\s+(\S+?)|echo '  ([-\w]+) +'(\S+?))\s*;\s*(?:\\\n\s*)?"
)
# A program that a command begins with, named by its path; and what a command stands after
_PROGRAM = re.compile(r"\s*(\.{0,2}/?[\w.+-]+(?:/[\w.+-]+)+)(?=\s)")
_BEGINS = (";", "&", "|", "(", "{", "!")
_KEYWORDS = ("then", "do", "else", "if")
_ENDS = re.compile(r"\b(?:exit|exec)\b")  # a line that may end its shell
_SPEAKS = re.compile(r":(?:\s+'[^']*')+")  # $(kecho), which protocol.OVERRIDES makes this
_NOTHING = frozenset(("", ":", "true", "set -e; :", "set -e; true"))


@dataclass(eq=False, repr=False, slots=True)
class Recipe:
    """What the shell lines of a recipe come to, before inputs are known."""

    lines: list[str] = field(default_factory=list)
    rule: str = ""
    description: str = ""
    depfile: str = ""
    restat: bool = False
    replaces_itself: bool = False  # filechk: the old file stays when the command fails
    makes_stamp: bool = False  # its output only tells that it ran
    saved: str = ""
    prerequisites: list[str] = field(default_factory=list)  # that it saves for make; may not exist
    input_list: str = ""  # a file in which the command lists what it read
    lists_sources: bool = False  # the target lists files of source directories
    scripts: list[str] = field(default_factory=list)  # absolute paths of scripts it runs
    programs: list[str] = field(default_factory=list)  # what else it runs: graph's names
    late_answers: Sequence[str] = ()  # what stands in lines for answers of make's $(shell)
    like: Likeness | None = None  # it was taken from a template, which is `Lowered`


@dataclass(eq=False, repr=False, slots=True)
class Lowered:
    """A recipe with stand-ins for parts of its target's name, for all targets that are alike."""

    recipe: Recipe
    # What of the recipe has stand-ins, and then words that name no script, if the real ones do not
    texts: str
    text: str = ""  # of the edge, in this environment:
    environ: Mapping[str, str] | None = None


class Lowering:
    """Lowers recipes run in one directory with one environment."""

    def __init__(
        self, objtree: str, cwd: str, scripts: Scripts, unset: str = ""
    ) -> None:
        self.objtree = objtree
        self.cwd = cwd
        self.scripts = scripts
        self.unset = unset  # stands for the options that are not set: see depfile_command
        self._nodes: dict[str, str] = {}

    def recipe(
        self, target: str, written: Written, commands: Sequence[Command],
        late_answers: Sequence[str] = (),
    ) -> Recipe:
        """Take the shell lines of a target's recipe; `written` is that before it was expanded.

        `late_answers` are the parts of them that stand for what make's $(shell) would have said.
        """
        result = Recipe(late_answers=late_answers)
        for command in commands:
            line = self._line(command, result)
            is_nothing = line in _NOTHING or _SPEAKS.fullmatch(line)
            if is_nothing or self._only_makes_directories(line, target):
                continue
            if command.ignores_errors:
                line = f"sh -c {shlex.quote(line)} || true"
            result.lines.append(line)
        raw = "\n".join(line.text for line in written.lines)
        found = re.search(r"\$\(call filechk,\s*([\w.-]+)", raw)
        if found:
            result.rule = f"filechk_{found[1]}"
            result.description = f"UPD     {target}"
            result.restat = result.replaces_itself = True
            if result.rule in protocol.LISTS_SOURCES:
                result.lists_sources = True
                result.depfile = f"{target}.ninja"
        name = result.rule
        if name in protocol.RESTAT:
            result.restat = True
        result.rule = protocol.rule_name(name)
        result.description = result.description or f"GEN     {target}"
        named = {path for line in result.lines for path in self.scripts.named_in(line, self.cwd)}
        result.scripts = self.scripts.closure(sorted(named))
        programs = {self.node(word) for line in result.lines for word in _programs(line)}
        result.programs = sorted(programs | self.scripts.programs(result.scripts))
        return result

    def recipe_like(self, likeness: Likeness, written: Written) -> Recipe | None:
        """Return what `recipe` would, from a template; None if it is no good for that, or has
        lines that are not for the shell alone.

        Lowering looks at the words of a command for what the shell would do, and at names for
        what is a script or a program; parts of names it hands through.
        """
        template, parts = likeness
        if template.lowered is None:
            made = self.recipe(template.target, written, template.commands)
            text = "\n".join((made.rule, *made.prerequisites, *made.scripts, *made.programs))
            names = (name for line in made.lines for name in names_in(line) if MARK in name)
            is_plain = MARK not in text and not any(
                mentions_make(each.text) or each.text.lstrip().startswith("mkdir ")
                for each in template.commands
            )
            texts = [
                *made.lines, made.description, made.depfile, made.saved, made.input_list, *{*names}
            ]
            template.lowered = Lowered(made, SEPARATOR.join(texts)) if is_plain else False
        lowered: Lowered | None = template.lowered
        if not lowered:
            return None
        real = iter(parts.all_real(lowered.texts))
        recipe = lowered.recipe
        like = replace(
            recipe, lines=[next(real) for _ in recipe.lines], description=next(real),
            depfile=next(real), saved=next(real), input_list=next(real), like=likeness,
        )
        is_one, cwd = self.scripts.is_one, self.cwd
        return None if any(is_one(name, cwd) for name in real) else like

    def text(
        self, recipe: Recipe, target: str, environ: Mapping[str, str], exported: frozenset[str],
        is_followed: bool = False,
    ) -> str:
        """Return the text of the edge that runs a recipe; see `command`."""
        if recipe.like is None or is_followed:
            command = self.command(recipe, target, environ, exported, is_followed)
            return shortened(command, recipe.saved)
        template, parts = recipe.like
        lowered: Lowered = template.lowered
        if lowered.environ is not environ:
            command = self.command(lowered.recipe, template.target, environ, exported)
            lowered.text = shortened(command, lowered.recipe.saved)
            lowered.environ = environ
        return parts.real(lowered.text)

    def _line(self, command: Command, result: Recipe) -> str:
        text = command.text.strip(" \t\n")
        if text in _NOTHING:
            return ""
        for name, log in protocol.MARKER.findall(text):
            if not result.rule:
                result.rule = name
            if log.strip() and not result.description:
                result.description = " ".join(log.split(" ", 1)) if " " in log else log
        text = protocol.MARKER.sub("", text)
        text = re.sub(r"^set -e;\s+", "set -e; ", text)
        tools_log = _TOOLS_LOG.match(text)
        if tools_log:
            words = [word for word in tools_log.groups() if word]
            result.description = result.description or f"{words[0]:<7} {words[1]}"
            text = text[tools_log.end() :]
        result.saved = result.saved or saved_command(text)
        for names in _SAVED_PREREQUISITES.findall(text):
            result.prerequisites += names.split()
        fixdep = _FIXDEP.search(text)
        if fixdep:
            result.depfile = fixdep[1]
        if result.rule in protocol.LISTS_INPUTS:
            listed = re.search(protocol.LISTS_INPUTS[result.rule], text)
            if listed:
                result.input_list = listed[1]
                result.depfile = f"{listed[1]}.ninja"
        return without_comments(text).strip()

    def _only_makes_directories(self, line: str, target: str) -> bool:
        """ninja makes the directories of outputs itself."""
        if not line.startswith("mkdir -p ") or any(c in line for c in ";&|<>$`"):
            return False
        parents = os.path.normpath(os.path.join(self.cwd, target)) + "/"
        return all(
            parents.startswith(os.path.normpath(os.path.join(self.cwd, word)) + "/")
            for word in shlex.split(line)[2:]
        )

    def command(
        self, recipe: Recipe, target: str, environ: Mapping[str, str], exported: frozenset[str],
        is_followed: bool = False,
    ) -> str:
        """Return the one command line that runs a recipe; `is_followed`: by ` && more`.

        Each recipe line is a shell of its own: `set -e` does not survive in `( ) && ( )`
        (POSIX, 2.8.1 and the `set` utility), so several lines are several `sh -c`.
        """
        lines = [
            _asking_first(line, recipe.late_answers).replace("\\\n", "") for line in recipe.lines
        ]
        if recipe.depfile:
            lines[-1:] = [self._with_depfile(lines[-1], recipe, target)] if len(lines) == 1 \
                else [lines[-1], self._depfile(recipe, target)]
        if len(lines) == 1:
            body = lines[0]
            if is_followed and (_ENDS.search(body) or body.endswith((";", "&"))):
                body = f"sh -c {shlex.quote(body)}"
        else:
            body = " && ".join(f"sh -c {shlex.quote(line)}" for line in lines) + " || exit $?"
        prefix = self._environment(recipe, body, environ, exported)
        if self.cwd != self.objtree:
            # In a shell of its own: what follows the command names outputs from the object tree.
            body = f"(cd {shlex.quote(self.cwd)} || exit; {body})"
        return prefix + body

    def _depfile(self, recipe: Recipe, target: str) -> str:
        name = self.node(target)
        elsewhere = "" if self.cwd == self.objtree else self.objtree
        if recipe.lists_sources:
            return listed_directories_command(target, name, recipe.depfile, elsewhere)
        if recipe.input_list:
            edit = shlex.quote(f"/^deps_[^ ]* := /,/^$/{{s|^deps_[^ ]* :=|{name}:|;p}}")
            return f"{{ sed -n {edit} {recipe.input_list}; echo; }} > {recipe.depfile}"
        directory, _, last = target.rpartition("/")
        saved = f"{directory}/.{last}.cmd" if directory else f"./.{last}.cmd"
        base = "" if self.cwd == self.objtree else self.cwd + "/"
        return depfile_command(saved, name, recipe.depfile, base, elsewhere, self.unset)

    def _with_depfile(self, line: str, recipe: Recipe, target: str) -> str:
        return f"{line.rstrip('; ')}; {self._depfile(recipe, target)}"

    def _environment(
        self, recipe: Recipe, body: str, environ: Mapping[str, str], exported: frozenset[str]
    ) -> str:
        """Set the variables that the command's scripts and programs read, to what make would
        export."""
        names = self.scripts.variables(body, recipe.scripts) | protocol.read_unseen(body)
        wanted = [name for name in sorted(names & exported) if name in environ]
        if not wanted:
            return ""
        text = " ".join(
            f"{name}={shlex.quote('true' if name == 'MAKE' else environ[name])}"
            for name in wanted
        )
        return f"export {text}; "

    def node(self, path: str) -> str:
        """Return a path as the graph knows it: from the object tree, canonical."""
        node = self._nodes.get(path)
        if node is None:
            if self.cwd == self.objtree and path[:1] not in "./" and is_canonical(path):
                node = path
            else:
                full = os.path.normpath(os.path.join(self.cwd, path))
                node = full.removeprefix(self.objtree + "/")
            self._nodes[path] = node
        return node


def _asking_first(line: str, answers: Sequence[str]) -> str:
    """Return a line that asks what make's $(shell) would have asked, and then runs.

    make puts the answer into the line, and the shell reads that: an answer of `\\\\101` is an A to
    printf. The command that is saved holds the answer, too.
    """
    found = [answer for answer in dict.fromkeys(answers) if answer in line]
    if not found:
        return line
    asks = ""
    for number, answer in enumerate(found, 1):
        asks += f"late{number}={answer}; "
        line = line.replace(escape_saved(answer), f"\0{{late{number}}}\0")
        line = line.replace(answer, f"\0late{number}\0")
    parts = enumerate(line.split("\0"))
    return f"{asks}eval " + "".join(
        f'"${part}"' if at % 2 else shlex.quote(part) for at, part in parts if part
    )


def _programs(line: str) -> list[str]:
    """Return the programs that commands of a line begin with, where their path names them."""
    starts = [0]
    for sign in _BEGINS:
        starts += _ends(line, sign)
    for keyword in _KEYWORDS:
        starts += [
            end for end in _ends(line, f"{keyword} ")
            if not (before := line[end - len(keyword) - 2 : end - len(keyword) - 1]).isalnum()
            and before != "_"
        ]
    found = [_PROGRAM.match(line, at) for at in starts]
    return [program[1] for program in found if program]


def _ends(line: str, part: str) -> list[int]:
    """Return where each occurrence of a part of a line ends."""
    ends, at = [], 0
    while (at := line.find(part, at)) >= 0:
        at += len(part)
        ends.append(at)
    return ends


def saved_command(text: str) -> str:
    """Return the command that a recipe's shell text writes beside its target, or "" if none."""
    found = _SAVED.search(text)
    return unescape_saved(found[1].replace("'\\''", "'")) if found else ""


def unescape_saved(text: str) -> str:
    """Return a command as it was before kbuild wrote it for make to read (make-cmd)."""
    return text.replace("$(pound)", "#").replace("$$", "$")


def may_keep(recipe: Recipe, all_outputs: Sequence[str]) -> bool:
    """Tell whether outputs, declared or not, whose bytes did not change may keep their time.

    Objects do. Not one with symbol versions (scripts/Makefile.build, gen_symversions): they are
    written beside it, can change alone, and modpost has to read them then. Nor a library in Rust,
    whose metadata are an output too: tests are made from its comments. What kbuild saves no
    command of does too: in a tree that make built, nothing tells that it is up to date.
    """
    if not recipe.saved:
        return not (recipe.restat or recipe.makes_stamp)
    has_versions = any("__export_symbol_" in line for line in recipe.lines)
    return bool(recipe.depfile) and len(all_outputs) == 1 and all_outputs[0].endswith(".o") \
        and not has_versions


def edge(recipe: Recipe, outputs: Sequence[str], text: str, **fields: object) -> Edge:
    """Return the edge of a lowered recipe; `text` is the edge's, of its command."""
    return Edge(
        rule=recipe.rule,
        outputs=tuple(outputs),
        text=text,
        description=recipe.description,
        saved=recipe.saved,
        restat=recipe.restat,
        removes_failed=not recipe.replaces_itself,
        **fields,  # type: ignore[arg-type]
    )
