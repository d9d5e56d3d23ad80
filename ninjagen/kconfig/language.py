"""Kconfig as the kernel writes it today: kconfiglib's parser, with what it lacks.

Knows nothing of .config files.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import blake2b
from typing import IO, Any, NamedTuple

import kconfiglib
from kconfiglib import AND, EQUAL, HEX, INT, MENU, NOT, OR, STRING, UNEQUAL

from ninjagen.errors import NinjagenError
from ninjagen.kconfig.values import Choice, Expression, ModeChoice, Symbol, value_of
from ninjagen.shell import Shell, version_of
from ninjagen.source import Loc


class Dialect(NamedTuple):
    """In what the scripts/kconfig of kernels differ."""

    modes: bool  # before 6.11: a choice has a mode of its own, and may be tristate
    hash_size: int  # buckets of the symbol table: the order of auto.conf
    empty_numbers: bool  # int and hex without a default are "", not 0
    old_cmd: bool  # include/config/auto.conf.cmd repeats the name of auto.conf
    files: tuple[str, ...]  # that said so

    @staticmethod
    def of(srctree: str) -> Dialect:
        """Read it from the sources of the kernel's own conf.

        Raises NinjagenError if srctree has none.
        """
        names = ("symbol.c", "expr.h", "internal.h", "confdata.c")
        texts = {}
        for name in names:
            path = os.path.join(srctree, "scripts/kconfig", name)
            try:
                with open(path, encoding="utf-8", errors="replace") as file:
                    texts[path] = file.read()
            except FileNotFoundError:
                continue  # internal.h is younger than 6.1
            except OSError as error:
                raise NinjagenError(f"cannot read {path}: {error.strerror}") from error
        if not texts:
            raise NinjagenError(f"{srctree} is no kernel source: it has no scripts/kconfig")
        text = "".join(texts.values())
        size = re.search(r"#define\s+SYMBOL_HASHSIZE\s+\(?(?:1U\s*<<\s*)?(\d+)", text)
        if not size:
            raise NinjagenError(f"{srctree}/scripts/kconfig does not say its SYMBOL_HASHSIZE")
        number = int(size[1])
        return Dialect(
            modes="choice_members" not in text,
            hash_size=1 << number if "<<" in size[0] else number,
            empty_numbers="symbol_empty" in text,
            old_cmd="autoconfig :=" not in text,
            files=tuple(texts),
        )


@contextmanager
def environment(env: Mapping[str, str]) -> Iterator[None]:
    """Let os.environ be env for a while: kconfiglib and menuconfig read it, at all times."""
    before = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(env)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _adopt(choice: type[Choice]) -> None:
    """Make kconfiglib build our symbols. It tests classes by identity, so all names move."""
    kconfiglib.Symbol = Symbol
    kconfiglib.Choice = choice
    kconfiglib._SYMBOL_CHOICE = frozenset((Symbol, choice))
    kconfiglib.expr_value = value_of
    # The kernel's language has no $FOO in strings, and `modules` is a line of its own.
    kconfiglib.expandvars = lambda text: text
    kconfiglib._get_keyword.__self__.pop("modules", None)


class _Decoded(io.StringIO):
    """A file's text."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text, newline=None)
        self.name = name
        self.text = text if "\r" not in text else ""  # as it is read, if that is plain


class Kconfig(kconfiglib.Kconfig):  # type: ignore[misc]
    """All Kconfig files of a kernel, parsed for one architecture and toolchain."""

    is_for_menus = False  # somebody may ask for help, and change one value after the other
    _reuse_tokens: bool  # kconfiglib's: the tokens of the last line are to be read again

    def __init__(
        self, srctree: str, objtree: str, env: Mapping[str, str], shell: Shell, check: bool = True
    ) -> None:
        """Parse $KBUILD_KCONFIG, or Kconfig.

        Commands run in objtree with env. check: look for recursive dependencies, as conf does.
        Raises NinjagenError for whatever is wrong with the files, at its place.
        """
        self.dialect = Dialect.of(srctree)
        self.objtree = objtree
        self.env = env
        self.shell = shell
        self.env_read: dict[str, str | None] = {}  # in the order of reading
        self.commands: dict[str, str] = {}  # $(shell) and what it said
        self.unmet: dict[Symbol, None] = {}  # selected against their dependencies
        numbers = ("", "") if self.dialect.empty_numbers else ("0", "0x0")
        self.unset = {STRING: "", INT: numbers[0], HEX: numbers[1]}
        self.changed = True  # .config is not what would be written
        self._check = check
        self._texts = blake2b(digest_size=16)  # of all files, in the order of reading
        self._unproven = ""  # what is known once no circle was found, if it was not before
        self._left = 0  # lines that kconfiglib is to read, and one more; 0: all
        self._known: dict[str, Sequence[Any]] = {}  # line -> its tokens
        self._expressions: dict[str, Expression] = {}  # of those lines, what stands at their ends
        _adopt(ModeChoice if self.dialect.modes else Choice)
        top = env.get("KBUILD_KCONFIG") or "Kconfig"
        quiet = {name: value for name, value in env.items() if name not in _KCONFIGLIB_OPTIONS}
        try:
            with environment({**quiet, "srctree": srctree}):
                super().__init__(top, warn=False, warn_to_stderr=False)
            if self._unproven:
                shell.know(self._unproven)
        except kconfiglib.KconfigError as error:
            raise _located(str(error)) from error
        except OSError as error:
            name = error.filename or os.path.join(srctree, top)
            raise NinjagenError(f"cannot read {name}: {error.strerror}") from error
        except RecursionError as error:
            raise NinjagenError(f"{top}: an expression is nested too deeply") from error

    def _open(self, filename: str, mode: str) -> IO[str]:
        """Open a file; one that is read, with its text decoded at once: three times as fast."""
        if mode == "r":
            with open(filename, "rb", buffering=0) as file:
                content = file.read()
            self._texts.update(b"%d %s" % (len(content), content))
            with suppress(UnicodeDecodeError):
                return _Decoded(filename, content.decode())
        return super()._open(filename, mode)  # type: ignore[no-any-return]

    def _next_line(self) -> bool:
        """Read a line and take it apart; False at the end of the file. Blank lines mean nothing
        wherever this is called: they are passed over."""
        if self._left:
            self._left -= 1
            if not self._left:
                return False
        if self._reuse_tokens:
            self._reuse_tokens = False
            return True
        readline = self._readline
        while (line := readline()) == "\n":
            self.linenr += 1
        if not line:
            return False
        self.linenr += 1
        tokens = self._known.get(line)
        if tokens is None:
            while line.endswith("\\\n"):
                line = line[:-2] + readline()
                self.linenr += 1
            tokens = self._tokenize(line)
        else:
            self._line = line
        self._tokens = tokens
        self._tokens_i = 1
        return True

    def _tokenize(self, s: str) -> Sequence[Any]:
        """Return a line's tokens. Half of all lines are like others (`depends on PCI`): those are
        taken apart once. Prompts and names are not, nor do macros come to the same each time; but
        most of those lines are of two plain forms."""
        self._line = s  # for messages
        tokens = self._known.get(s)
        if tokens is None and (plain := _PLAIN.match(s)):
            name, type_, prompt = plain.groups()
            if name:
                return kconfiglib._T_CONFIG, self._lookup_sym(name), None
            return _TYPES[type_], prompt, None
        if tokens is None:
            tokens = super()._tokenize(s)
            if tokens[0] in _REPEATED and '"' not in s and "$" not in s:
                self._known[s] = tokens
        return tokens

    # Where the language differs from kconfiglib's.

    def _lookup_sym(self, name: str) -> Symbol:
        symbol = self.syms.get(name)
        if symbol is None:
            symbol = super()._lookup_sym(name)
            if not hasattr(self, "top_node"):
                # kconfiglib wants MODULES before it reads anything. The kernel's table, whose
                # order we keep, has it where it is first mentioned.
                del self.syms[name]
            elif name == "MODULES":
                symbol = self.syms[name] = self.modules
        return symbol  # type: ignore[no-any-return]

    def _parse_props(self, node: Any) -> None:
        """Read the properties of an entry.

        One that its kind does not have is an error, as with conf; kconfiglib sets it all the same,
        and fails in its own code. Of symbols, which are nearly all entries, only `visible` does
        that; the lines of others are looked at one by one before kconfiglib reads them.
        """
        item = node.item
        if item.__class__ is Symbol:
            try:
                super()._parse_props(node)
            except AttributeError:
                if self._tokens[0] is not kconfiglib._T_VISIBLE:
                    raise
                self._parse_error("not allowed in a config")
            return
        kind, allowed = _ALLOWED[item if item.__class__ is int else item.__class__]
        dep = self.y
        while self._next_line():
            keyword = self._tokens[0]
            self._reuse_tokens = True
            if keyword not in _PROPERTIES:
                break
            if keyword not in allowed:
                self._parse_error(f"not allowed in a {kind}")
            self._left = 2
            super()._parse_props(node)
            dep = self._make_and(dep, node.dep)
        node.dep = dep

    def _parse_assignment(self, text: str) -> None:
        word = text.strip()
        if word in ("modules", "transitional") and not self.defined_syms:
            self._parse_error("not in a config")
        if word == "modules":
            self.modules = self.defined_syms[-1]
        elif word == "transitional":
            self.defined_syms[-1].is_transitional = True
        else:
            super()._parse_assignment(text)

    def _parse_help(self, node: Any) -> None:
        """Take a help text at once, if all its lines begin with the blanks of the first: nearly
        all do. There are more lines of help than of anything else; if they are not kept, most of
        them are passed over."""
        file: Any = self._readline.__self__
        text = getattr(file, "text", "")
        first = _HELP.match(text, file.tell()) if text else None
        if first:
            lead = first[1]
            end = _indented(lead).match(text, first.start(1)).end()  # type: ignore[union-attr]
            after = text[end : text.find("\n", end) + 1]
            is_clear = bool(after) and not after[0].isspace()
            if is_clear and self.is_for_menus:
                help_text = text[first.start(1) + len(lead) : end].replace(f"\n{lead}", "\n")
                is_clear = "\t" not in help_text
                node.help = help_text.rstrip()
            if is_clear:
                self.linenr += text.count("\n", first.start(), end) + 1
                file.seek(end + len(after))
                self._line_after_help(after)
                return
            node.help = None
        super()._parse_help(node)

    def _expect_expr_and_eol(self) -> Expression:
        known = self._expressions.get(self._line)
        if known is not None:
            return known
        expr = self._rest_of_line()
        is_known = self._known.get(self._line) is self._tokens
        if is_known and self.m not in self._tokens:  # what `m` means, `modules` decides
            self._expressions[self._line] = expr
        return expr

    def _rest_of_line(self) -> Expression:
        expr = self._parse_expr(True)
        if self._check_token(kconfiglib._T_IF):  # `depends on A if B`, menu.c:menu_add_dep
            expr = (OR, expr, self._compared(self._parse_expr(True), EQUAL))
        if self._tokens[self._tokens_i] is not None:
            self._trailing_tokens_error()
        return expr

    def _compared(self, expr: Expression, operator: int) -> Expression:
        """Return `expr = n`, or `expr != n`. Follows expr.c:expr_trans_compare."""
        if expr.__class__ is not tuple:
            return (operator, expr, self.n)
        if expr[0] is NOT:
            return self._compared(expr[1], UNEQUAL if operator is EQUAL else EQUAL)
        if expr[0] is AND or expr[0] is OR:
            left, right = (self._compared(part, EQUAL) for part in expr[1:])
            both = (OR if expr[0] is AND else AND, left, right)
            return (NOT, both) if operator is UNEQUAL else both
        return (NOT, expr) if operator is EQUAL else expr

    def _fn_val(self, args: list[str]) -> str:
        name = args[0]
        if name in self.variables:
            return super()._fn_val(args)  # type: ignore[no-any-return]
        if name == "shell" and len(args) == 2:
            return self._shell(args[1])
        if name in ("info", "warning-if"):
            self._say(args)
            return ""
        if name in self._functions or len(args) > 1:
            return super()._fn_val(args)  # type: ignore[no-any-return]
        if name:
            self.env_read[name] = self.env.get(name)
        return self.env.get(name, "")

    def _shell(self, command: str) -> str:
        """Follows preprocess.c:do_shell."""
        said = self.shell.run(command, self.objtree, self.env).output
        said = said[:4095].rstrip("\n").replace("\n", " ")
        self.commands[command] = said
        return said

    def _say(self, args: list[str]) -> None:
        """$(info) and $(warning-if)."""
        if args[0] == "info":
            print(",".join(args[1:]), flush=True)
        elif args[1:2] == ["y"]:
            print(f"{self.filename}:{self.linenr}: {','.join(args[2:])}", file=sys.stderr)

    def _parse_block(self, end: Any, parent: Any, previous: Any) -> Any:
        if parent.item.__class__ is kconfiglib.Choice:
            parent.item.place = len(self.syms)
        return super()._parse_block(end, parent, previous)

    def _propagate_deps(self, node: Any, visible_if: Expression) -> None:
        item = node.item
        if item.__class__ is Choice:
            # Since 6.11 members depend on what the choice depends on, not on the choice.
            node.item = None
        super()._propagate_deps(node, visible_if)
        node.item = item

    def _finalize_node(self, node: Any, visible_if: Expression) -> None:
        if node.item.__class__ is Symbol and node.parent.item.__class__ is Choice:
            self._add_props_to_sym(node)  # since 6.11 members make no submenus
        else:
            super()._finalize_node(node, visible_if)

    def _check_sym_sanity(self) -> None:
        """Leave it: kconfiglib warns about style that conf accepts."""

    def _check_choice_sanity(self) -> None:
        """Leave it, for the same reason."""

    def _build_dep(self) -> None:
        """Note what depends on what: to find circles, and for menus, to forget values."""
        if not self._check:
            return
        if not self.shell.is_known(statement := self._has_no_circle()):
            self._unproven = statement
        if self._unproven or self.is_for_menus:
            super()._build_dep()

    def _has_no_circle(self) -> str:
        """Say that nothing in all that was read depends on itself, as macros expanded and as this
        file and kconfiglib's find that out."""
        versions = [version_of(path) for path in (__file__, kconfiglib.__file__)]
        seen = [self._texts.hexdigest(), self.env_read, self.commands, self.dialect]
        return f"{versions}: no circle in {seen}"

    def _add_choice_deps(self) -> None:
        super()._add_choice_deps()
        for choice in self.unique_choices:
            # Members no longer mention their choice, and still depend on its selection.
            choice._dependents.update(choice.syms)

    # What the other modules need.

    def end(self) -> None:
        """Let go of all symbols and menus, which name each other: they would stay in memory until
        the garbage collector finds 400,000 objects by looking at everything."""
        nodes = [*self.menus, *self.comments, self.top_node]
        for symbol in (*self.syms.values(), *self.const_syms.values()):
            nodes += symbol.nodes
            symbol.nodes = symbol.choice = symbol._dependents = None
            symbol.direct_dep = symbol.rev_dep = symbol.weak_rev_dep = None
            symbol.selects = symbol.implies = symbol.defaults = symbol.ranges = None
        for choice in self.choices:
            nodes += choice.nodes
            choice.nodes = None
        for node in nodes:
            node.parent = None
        for name in kconfiglib.Kconfig.__slots__:
            if hasattr(self, name):
                delattr(self, name)
        self.__dict__.clear()

    def forget(self) -> None:
        """Values have to be worked out again: symbol.c:sym_clear_all_valid."""
        for symbol in self.unique_defined_syms:
            symbol._cached_tri_val = symbol._cached_str_val = None
            symbol._cached_vis = symbol._cached_assignable = None
        for choice in self.unique_choices:
            choice._invalidate()
        self.unmet.clear()

    def entries(self, root: Any = None) -> Iterator[Any]:
        """Yield the menu nodes below root, in the order of the menus: menu_for_each_entry."""
        node = (root or self.top_node).list
        stack: list[Any] = []
        while node or stack:
            if not node:
                node = stack.pop()
                continue
            yield node
            if node.next:
                stack.append(node.next)
            node = node.list

    def in_table_order(self, symbols: Iterable[Any]) -> list[Any]:
        """Sort symbols and choices as for_all_symbols of the kernel's conf visits them.

        A hash table: fnv-1a of the name, newest first in a bucket; choices have no name, and
        are in bucket 0 (symbol.c:sym_lookup).
        """
        places = {symbol: number for number, symbol in enumerate(self.syms.values())}
        size = self.dialect.hash_size
        keys = []
        for number, symbol in enumerate(symbols):
            if symbol.__class__ is Symbol:
                bucket, place = _hash(symbol.name) % size, float(places[symbol])
            else:
                bucket, place = 0, symbol.place - 0.5
            keys.append((bucket, -place, -number, symbol))
        keys.sort(key=lambda key: key[:3])
        return [key[3] for key in keys]

    def is_visible(self, node: Any) -> bool:
        """Whether a menu shows an entry: menu.c:menu_is_visible."""
        if not node.prompt or (node.item is MENU and not value_of(node.visibility)):
            return False
        if value_of(node.prompt[1]):
            return True
        if node.item.__class__ is not Symbol or not node.item.tri_value:
            return False
        child = node.list
        while child:
            if self.is_visible(child):
                return True
            child = child.next
        return False


_PROPERTIES = kconfiglib._TYPE_TOKENS | kconfiglib._DEF_TOKEN_TO_TYPE.keys() | {
    None, kconfiglib._T_DEFAULT, kconfiglib._T_DEPENDS, kconfiglib._T_HELP, kconfiglib._T_IMPLY,
    kconfiglib._T_OPTION, kconfiglib._T_OPTIONAL, kconfiglib._T_PROMPT, kconfiglib._T_RANGE,
    kconfiglib._T_SELECT, kconfiglib._T_VISIBLE,
}
# What may be said of others than symbols: scripts/kconfig/parser.y; a choice had a type before
# 6.11. None is a comment, or sets a macro's variable.
_OF_CHOICE = kconfiglib._TYPE_TOKENS | {
    None, kconfiglib._T_DEFAULT, kconfiglib._T_DEPENDS, kconfiglib._T_HELP, kconfiglib._T_OPTIONAL,
    kconfiglib._T_PROMPT,
}
_ALLOWED = {
    Choice: ("choice", _OF_CHOICE),
    ModeChoice: ("choice", _OF_CHOICE),
    kconfiglib.MENU: ("menu", {None, kconfiglib._T_DEPENDS, kconfiglib._T_VISIBLE}),
    kconfiglib.COMMENT: ("comment", {None, kconfiglib._T_DEPENDS}),
}
# What a line begins with that is often there again.
_REPEATED = frozenset((
    kconfiglib._T_BOOL, kconfiglib._T_DEFAULT, kconfiglib._T_DEPENDS, kconfiglib._T_ENDIF,
    kconfiglib._T_ENDMENU, kconfiglib._T_HELP, kconfiglib._T_IF, kconfiglib._T_IMPLY,
    kconfiglib._T_SELECT, kconfiglib._T_TRISTATE,
))
# `config NAME`, of letters that no keyword has; or a type with a prompt
_PLAIN = re.compile(
    r"""(?:config[ ]([A-Z0-9_]*[A-Z][A-Z0-9_]+)|[ \t]+(bool|tristate)[ ]"([^"'\\$\n]+)")\n\Z"""
)
_TYPES = {"bool": kconfiglib._T_BOOL, "tristate": kconfiglib._T_TRISTATE}
_HELP = re.compile(r"(?:[ \t]*\n)*([ \t]+)(?=[!-~])")  # up to the first line of a help text


@cache
def _indented(lead: str) -> re.Pattern[str]:
    """Return what matches lines that begin with some blanks and say something, and empty ones."""
    return re.compile(rf"(?:{lead}[ \t]*\S.*\n|\n)*")


_KCONFIGLIB_OPTIONS = frozenset(
    ("CONFIG_", "KCONFIG_FUNCTIONS", "KCONFIG_STRICT", "KCONFIG_WARN_UNDEF")
)


def _hash(name: str) -> int:
    """fnv-1a, 32 bits: scripts/include/hash.h:hash_str."""
    value = 2166136261
    for byte in name.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def _located(message: str) -> NinjagenError:
    """Turn a message of kconfiglib into an error with a place."""
    message = message.strip()
    match = re.match(r"(?s)(?:error: )?(.+?):(\d+): (?:error: )?(.*)", message)
    if not match or "\n" in match[1]:
        return NinjagenError(message)
    text = match[3]
    missing = re.match(r"'(.*?)' not found \(in '(.*)'\)\. Check that", text, re.S)
    if missing:
        text = f"{missing[2]}: no such file: {missing[1]}"
    return NinjagenError(text, Loc(match[1], int(match[2])))
