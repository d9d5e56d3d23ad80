"""The virtual file table: what exists while kbuild's makefiles are evaluated.

In the source tree that is what the disk says. In the object tree it is what ninjagen writes, what
the user put there, and the outputs of edges already made; leftovers of earlier builds do not
count, so a clean object tree and a built one give the same graph.
"""

from __future__ import annotations

import fnmatch
import glob as globbing
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from ninjagen import stamp
from ninjagen.errors import NinjagenError
from ninjagen.kbuild import protocol
from ninjagen.kbuild.record import DECIDES, DIRECTORIES, Record
from ninjagen.kbuild.shelltext import words_of
from ninjagen.make import ast
from ninjagen.make.variables import Constants, Variable
from ninjagen.make.words import has_wildcards
from ninjagen.make.world import Parses, RealWorld
from ninjagen.shell import Shell
from ninjagen.source import Loc

# What people put into an object tree by hand, and kbuild looks for.
USER_FILES = (
    ("localversion*", "setlocalversion appends their text to the release"),
    ("certs/*.pem", "signing keys may be given instead of generated"),
    ("security/tomoyo/policy/*.conf", "built-in policy of the user's"),
)
_WORD = re.compile(r"[^\s;&|<>()'\"`=]+")  # of a shell command
_NAMES_USERS = re.compile("|".join(fnmatch.translate(pattern) for pattern, _ in USER_FILES))


def _is_value(command: str, at: int) -> bool:
    """Tell whether the value of a flag begins there, as in `-flag=value`."""
    return command[at - 1 : at] == "=" and command.startswith("-", command.rfind(" ", 0, at) + 1)


@dataclass(eq=False, repr=False)
class FileTable:
    """What every world of one generation shares."""

    srctree: str
    objtree: str
    shell: Shell
    sources: str = ""  # where the sources are of what is built, if not in srctree
    kernel: str = ""  # of an external module: the object tree of the kernel that it is for
    given: set[str] = field(default_factory=set)  # absolute; written by ninjagen before the walk
    leftovers: set[str] = field(default_factory=set)  # in-tree builds: products of earlier ones
    late_reads: dict[str, str] = field(default_factory=dict)  # absolute -> as commands spell it
    predict: Callable[[str], str | None] = lambda path: None  # the text a product will have
    answer: Callable[[str], str | None] = lambda command: None  # what only the walk can tell
    deciding: dict[str, None] = field(default_factory=dict)  # absolute; products that chose flags
    products: dict[str, None] = field(default_factory=dict)  # absolute; outputs of edges
    product_directories: dict[str, list[str]] = field(default_factory=dict)
    made_directories: dict[str, None] = field(default_factory=dict)
    on_new_directories: Callable[[list[str]], None] | None = None  # told before they are made
    texts: dict[str, str] = field(default_factory=dict)  # absolute -> what a file will hold
    unknown: frozenset[str] = frozenset()  # absolute; of these, files that nobody can tell of yet
    answers: str = ""  # absolute; Kconfig's, for makefiles: read name by name
    parses: Parses = field(default_factory=Parses)
    number: int = field(default_factory=count().__next__)  # in a run: files may differ in each
    read_files: dict[str, None] = field(default_factory=dict)  # absolute; the makefiles read
    asked: dict[str, bool] = field(default_factory=dict)  # absolute -> was it on disk
    globbed: dict[str, list[str]] = field(default_factory=dict)  # pattern -> what the disk has
    record: Record = field(default_factory=Record)  # of the make process that is at work

    def __post_init__(self) -> None:
        self._inside = self.objtree + "/"
        self.in_tree = (self.sources or self.srctree) == self.objtree  # objects beside sources

    @property
    def is_module(self) -> bool:
        """Whether an external module is built: the configuration is another tree's."""
        return self.sources not in ("", self.srctree)

    def inside(self, path: str) -> str:
        """Return a path of the graph, absolute."""
        return path if path.startswith("/") else self._inside + path

    def add_product(self, path: str) -> None:
        """Enter the output of an edge."""
        if path in self.products:
            return
        self.products[path] = None
        directory, _, name = path.rpartition("/")
        known = directory in self.product_directories
        self.product_directories.setdefault(directory, []).append(name)
        while not known and len(directory) > len(self.objtree):
            directory = directory.rpartition("/")[0]
            known = directory in self.product_directories
            self.product_directories.setdefault(directory, [])

    def add_directory(self, path: str) -> None:
        """Enter a directory that a makefile makes, and those above it."""
        while path.startswith(self.objtree) and path not in self.made_directories:
            self.made_directories[path] = None
            path = os.path.dirname(path)

    def made(self, path: str) -> int:
        """Return what an absolute path is made as: 2, a file; 1, a directory; 0, nothing."""
        if path in self.products:
            return 2
        return 1 if path in self.product_directories or path in self.made_directories else 0

    def made_otherwise(self, known: Mapping[str, int]) -> list[str]:
        """Return the paths that are not made as it is known of them: see `made`."""
        files, inside, made = self.products, self.product_directories, self.made_directories
        return [
            path for path, was in known.items()
            if was != (2 if path in files else path in inside or path in made)
        ]

    def _asks_made(self, path: str) -> int:
        # As `made` says, and both are asked for each name of a make: no calls.
        if path in self.products:
            answer = 2
        else:
            inside = path in self.product_directories or path in self.made_directories
            answer = 1 if inside else 0
        self.record.notes.made.setdefault(path, answer)
        return answer

    def is_product(self, path: str) -> bool:
        """Tell whether an edge makes an absolute path."""
        return self._asks_made(path) == 2

    def makes(self, path: str) -> bool:
        """Tell whether an edge makes a path of the graph."""
        return self._asks_made(path if path.startswith("/") else self._inside + path) == 2

    def is_virtual(self, path: str) -> bool:
        """Whether a path lies where only the table decides what exists."""
        return not self.in_tree and self.is_inside(path)

    def exists(self, path: str) -> bool:
        """Tell whether an absolute path exists as far as evaluation goes."""
        if path.startswith(self._inside):
            if self._asks_made(path) or path in self.given:
                return True
            if not self.in_tree:
                return self._is_users(path)
        return (path == self.objtree and not self.in_tree) or self._on_disk(path)

    def _on_disk(self, path: str) -> bool:
        found = self.asked.get(path)
        if found is None:
            found = self.asked[path] = os.access(path, os.F_OK)  # of half, nothing is there
        found = self.record.notes.asked[path] = found and path not in self.leftovers
        return found

    def note_read(self, path: str) -> None:
        """Note that the content of a file matters."""
        self.read_files[path] = self.record.notes.files[path] = None

    def misjudged(self) -> bool:
        """Tell whether evaluation took a product for a source, or a source for a product.

        Only in an in-tree build can it: a file beside the sources may be what an earlier build
        left. Then the evaluation is done again, with `leftovers` set to what turned out to be
        made; a clean tree is never misjudged.
        """
        there = [path for path, on_disk in self.asked.items() if on_disk]
        return self.in_tree and any(
            (path in self.leftovers) != (path in self.products) for path in there
        )

    def seen(self) -> stamp.Seen:
        """Return what was asked of the disk."""
        seen = stamp.Seen(exists=dict(self.asked), globs=dict(self.globbed))
        seen.add_files(self.read_files)
        seen.add_files(self.deciding)
        return seen

    def watched(self) -> set[str]:
        """Return the directories outside the object tree that patterns were matched in."""
        found = set()
        for pattern in self.globbed:
            fixed = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
            directory = os.path.dirname(fixed)
            if fixed != pattern and not self.is_inside(directory) and os.path.isdir(directory):
                found.add(directory)
        return found

    def is_inside(self, path: str) -> bool:
        """Whether an absolute path lies in the object tree."""
        return path == self.objtree or path.startswith(self._inside)

    def again(self, leftovers: set[str]) -> FileTable:
        """Return a table for evaluating again."""
        return replace(
            self, leftovers=leftovers, products={}, product_directories={},
            read_files={}, asked={}, globbed={}, deciding={}, record=Record(),
        )

    def _is_users(self, path: str) -> bool:
        if not self._names_users(path):
            return False
        found = self.asked[path] = self.record.notes.asked[path] = os.path.exists(path)
        return found

    def _names_users(self, path: str) -> bool:
        """Tell whether a name or pattern in the object tree is one for files of the user's."""
        return _NAMES_USERS.match(path, len(self._inside)) is not None

    def glob(self, pattern: str) -> list[str]:
        """Return the absolute paths that an absolute pattern matches."""
        found = self.matching(pattern)
        if pattern in self.globbed:
            self.record.notes.globbed[pattern] = self.globbed[pattern]
        if pattern.startswith(self._inside):
            self.record.notes.patterns.setdefault(pattern, tuple(found))
        return found

    def matching(self, pattern: str) -> list[str]:
        """As `glob`, for one who is no make process."""
        on_disk = self.globbed.get(pattern)
        if on_disk is None:
            on_disk = sorted(globbing.glob(pattern))
            if self.is_virtual(pattern):
                on_disk = [path for path in on_disk if self._is_users(path)]
            if not self.is_virtual(pattern) or self._names_users(pattern):
                self.globbed[pattern] = on_disk
        found = set(on_disk) - self.leftovers
        if self.is_virtual(pattern):
            found |= {path for path in self.given if matches(path, pattern)}
        directory, _, name = pattern.rpartition("/")
        if not name and pattern.startswith(self._inside):
            known = (*self.product_directories, *self.made_directories)
            found |= {f"{path}/" for path in known if matches(path, directory)}
        elif not has_wildcards(directory):
            found |= {
                f"{directory}/{entry}"
                for entry in self.product_directories.get(directory, ())
                if matches(entry, name)
            }
        else:
            found |= {path for path in self.products if matches(path, pattern)}
        return sorted(found)


def _missing(path: str) -> list[str]:
    """Return a directory and those above it, as far as they are not there; the highest first."""
    missing: list[str] = []
    while not os.path.isdir(path):
        missing.insert(0, path)
        path = os.path.dirname(path)
    return missing


def _make_directory(path: str) -> None:
    """Make a directory, and those above it, as far as they are not there; these seldom are not."""
    try:
        os.mkdir(path)
    except FileNotFoundError:
        os.makedirs(path, exist_ok=True)
    except OSError:
        if not os.path.isdir(path):
            raise


def is_canonical(path: str) -> bool:
    """Tell whether normpath surely gives back a path that begins with a name or a slash."""
    return "/." not in path and "//" not in path and not path.endswith("/")


def matches(path: str, pattern: str) -> bool:
    """Match as the shell does: `*` is neither a slash nor a dot that a name begins with."""
    names, patterns = path.split("/"), pattern.split("/")
    return len(names) == len(patterns) and all(
        fnmatch.fnmatchcase(name, wanted) and name.startswith(".") <= wanted.startswith(".")
        for name, wanted in zip(names, patterns, strict=True)
    )


class _Answers(Constants):
    """What Kconfig answers, for one make process, whose record notes what it looks for."""

    __slots__ = ("_notes", "_table")

    def __init__(self, constants: Constants, table: FileTable) -> None:
        super().__init__(constants.all())
        self._table, self._notes = table, table.record.notes
        note, find, first = self._notes.answers.add, self.get, protocol.SYMBOL[0]

        def get(name: str) -> Variable | None:
            if name[:1] == first:  # of 500 names that a make looks for, a few are Kconfig's
                note(name)
            return find(name)

        self.get = get

    def common(self, names: Iterable[str]) -> set[str]:
        """Return which of some names are here."""
        self._notes.answers.update(names)
        return super().common(names)

    def all(self) -> Mapping[str, Variable]:
        """Return everything."""
        path = self._table.answers
        self._table.read_files[path] = self._notes.files[path] = None
        return super().all()


class KernelWorld(RealWorld):
    """A directory of the machine, with the object tree as the table has it."""

    def __init__(self, cwd: str, table: FileTable) -> None:
        super().__init__(cwd, table.parses)
        self.table = table
        self.in_recipe = False  # a recipe is being expanded, not a makefile read
        self.late_answers: list[str] = []  # what stands in it for what a shell will say: `$(...)`
        self._full: dict[str, str] = {}

    def at(self, cwd: str) -> KernelWorld:
        """Return the same world, seen from another directory."""
        return self if cwd == self.cwd else KernelWorld(cwd, self.table)

    def identity(self, path: str) -> str:
        """Return what tells a makefile from others that were parsed in this run: Kconfig's answers
        are not there at first."""
        full = self.full(path)
        return f"{self.table.number} {full}" if self.table.is_inside(full) else full

    def full(self, path: str) -> str:
        """Return a path made absolute, without `.` and `..`."""
        full = self._full.get(path)
        if full is None:
            full = path if path.startswith("/") else f"{self.cwd}/{path}"
            if not is_canonical(full):
                full = os.path.normpath(full)
            self._full[path] = full
        return full

    def read(self, path: str) -> str | None:
        """Return a file's text if it exists in this world."""
        text = self.makefile_text(path)
        if text is not None and self._is_there(path):
            self.table.note_read(self.full(path))
        return text

    def makefile_text(self, path: str) -> str | None:
        """Return what `read` does; `makefile` notes it."""
        full = self.full(path)
        if full in self.table.late_reads:
            return f"$(cat {self.table.late_reads[full]})"
        if full in self.table.texts:
            return self.table.texts[full]
        if self.table.is_product(full):
            return self.table.predict(full[len(self.table.objtree) + 1 :])
        if not self.table.exists(full):
            return None
        return super().read(path)

    def _is_there(self, path: str) -> bool:
        """Tell whether a file that was read is there now, and its content matters."""
        full = self.full(path)
        return full not in self.table.late_reads and not self.table.is_product(full)

    def makefile(self, path: str) -> ast.Makefile | None:
        """Return a parsed makefile, or None; one that another process has read counts too."""
        found = super().makefile(path)
        if found and self._is_there(path):
            full = self.full(path)
            self.table.exists(full)
            if full != self.table.answers or self.parses.constants(found) is None:
                self.table.note_read(full)
        return found

    def constants(self, makefile: ast.Makefile, path: str) -> Constants | None:
        """Return a makefile's variables if they are all it has; of Kconfig's answers, those that
        note which of them are looked for."""
        found = super().constants(makefile, path)
        if found is None or self.full(path) != self.table.answers:
            return found
        return _Answers(found, self.table)

    def exists(self, path: str) -> bool:
        """Tell whether something is there; of a/../b, also whether a is."""
        at = path.find("/../")
        while at > 0:
            if path[at - 2 : at] != ".." and not self.table.exists(self.full(path[:at])):
                return False
            at = path.find("/../", at + 3)
        return self.table.exists(self._full.get(path) or self.full(path))

    def mtime(self, path: str) -> int | None:
        """Return some time if the file exists: every target is made, so times do not matter."""
        return 1 if self.exists(path) else None

    def glob(self, pattern: str) -> list[str]:
        """Return the sorted names that match, spelled as the pattern is."""
        if not has_wildcards(pattern):
            return [pattern] if self.exists(pattern) else []
        full = self.full(pattern)
        if pattern.endswith("/"):
            full += "/"
        found = self.table.glob(full)
        if pattern.startswith("/"):
            return found
        first = min(pattern.index(char) for char in "*?[" if char in pattern)
        directory = pattern[: pattern.rfind("/", 0, first) + 1]
        start = len(os.path.normpath(os.path.join(self.cwd, directory or "."))) + 1
        return [directory + path[start:] for path in found]

    def realpath(self, path: str) -> str:
        """Return the canonical name, or "" when nothing is there."""
        full = self.full(path)
        if not self.table.exists(full):
            return ""
        return os.path.realpath(full)

    def shell(self, command: str, environ: Mapping[str, str]) -> tuple[str, int]:
        """Run a command, or remember what it said; directories are made without a shell."""
        if command.startswith("mkdir -p ") and not any(c in command for c in ";&|<>$`*?("):
            self.make_directories(words_of(command)[2:])
            return "", 0
        known = self.table.answer(command)
        if known is not None:
            return known, 0
        if self.in_recipe and (deciding := self._deciding(command)):
            self.table.deciding[deciding] = self.table.record.notes.files[deciding] = None
            self.table.record.steps.append((DECIDES, deciding))
            if not os.path.exists(deciding):
                return "", 0  # build.ninja is provisional, and made again before it is used
        elif self.in_recipe and self._is_late(command):
            late = f"$({command.strip()})"
            self.late_answers.append(late)
            return late, 0
        elif protocol.PROBE in command:
            command = self._without_products(command)
        answer = self.table.shell.run(command, self.cwd, environ)
        if self.table.shell.is_run_each_time(command, self.cwd):
            self.table.record.notes.commands.add((command, self.cwd))
        return answer.output, answer.status

    def _without_products(self, command: str) -> str:
        """Return a probe that reads nothing in place of what is not made yet.

        A compiler that cannot read what a flag names, say -frandomize-layout-seed-file (kbuild
        makes it before it asks), would seem to lack every option that it is asked for. A file of
        the object tree that `-flag=FILE` names, and that is not there, is made later in the walk.
        """
        table = self.table

        def read(word: re.Match[str]) -> str:
            if "/" not in word[0]:
                return word[0]
            path = self.full(word[0])
            is_missing = (
                _is_value(command, word.start())
                and table.is_inside(path) and not table.exists(path)
            )
            return "/dev/null" if table.is_product(path) or is_missing else word[0]

        return _WORD.sub(read, command)

    def _deciding(self, command: str) -> str | None:
        """Return the product that a command reads to choose flags, if it reads one."""
        for name in protocol.DECIDES_FLAGS:
            full = os.path.join(self.table.objtree, name)
            if name in command and self.table.is_product(full):
                return full
        return None

    def _is_late(self, command: str) -> bool:
        """Tell whether a recipe's $(shell) needs what is there only when the recipe runs.

        make expands a recipe just before it runs it; we do so before anything is built.
        """
        if protocol.PROBE in command:  # asks the compiler, whatever its flags name
            return False
        if any(re.search(pattern, command) for pattern in protocol.LATE_SHELL):
            return True
        words = _WORD.findall(command)
        return any("/" in word and self.table.is_product(self.full(word)) for word in words)

    def make_directories(self, names: Sequence[str]) -> None:
        """Make directories of the object tree; makefiles look for some while they are read."""
        self.table.record.steps.append((DIRECTORIES, self.cwd, tuple(names)))
        for name in names:
            full = self.full(name)
            if full in self.table.made_directories and "/../" not in name:
                continue
            if self.table.on_new_directories is not None and (missing := _missing(full)):
                self.table.on_new_directories(missing)
            try:
                # As spelled: of a/b/../c, kbuild's make wants to find a/b too.
                _make_directory(os.path.join(self.cwd, name))
            except OSError as error:
                raise NinjagenError(f"cannot make directory {name}: {error.strerror}") from None
            self.table.add_directory(full)

    def write(self, path: str, text: str, append: bool, loc: Loc | None) -> None:
        """Refuse: kbuild does not write files while makefiles are read."""
        raise NinjagenError(f"$(file) may not write {path} while the build is described", loc)
