"""Random makefiles, and a loop that compares what GNU make and ninjagen.make show for them.

    python tests/make/random_makefiles.py --count 5000 [--seed 1] [--keep-going] [--rules]

On a difference it prints the seed and the makefile, cut down to what still differs.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # when run as a program
import oracle

LEFT_OUT = ("archive members are not supported",)  # no difference, but a decision

FILES = tuple(
    oracle.File(name, "", oracle.EPOCH + age)
    for name, age in [("a.c", 0), ("b.c", -10), ("sub/d.c", 5), ("sub/e.h", 0), ("old.o", -50)]
)

NAMES = ["v0", "v1", "v2", "v3", "v4", "v5", "A", "B", "x-y", "z.w"]
FUNCTIONS_NAMES = ["f0", "f1", "f2"]
ATOMS = [
    "a", "b", "c", "a.c", "b.c", "foo.o", "bar.o", "sub/d.c", "x/y/z.tar.gz", "./a", "a/../b",
    "%", "%.c", "%.o", "a%", "x%y", "-I", "-DX=1", "1", "2", "3", "0", "10", "v0", "v1", "A",
    "y", "n", "m", "=", ":", "'q'", '"q"', "$$", "$$x", "\\", "\\\\", "\\%", "%%", "[z]",
    "x\\", "é", "@", "*.c", "?", ".", "..", "/", "//", "a//b", "~", "!", "+", ",",
]  # fmt: skip
SEPARATORS = [" ", " ", " ", " ", "  ", "\t", "", "", ",", " \t ", " \\\n ", " \\\n\t"]


class Generator:
    """Makes one makefile from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    # --- text

    def words(self, most: int = 4) -> str:
        """Some words, with blanks as people write them and as they do not."""
        count = self.random.randint(0, most)
        return "".join(
            self.random.choice(ATOMS) + self.random.choice(SEPARATORS) for _ in range(count)
        )

    def text(self, depth: int = 3, most: int = 4) -> str:
        """Text with references in it."""
        parts = []
        for _ in range(self.random.randint(1, most)):
            kind = self.random.random()
            if depth <= 0 or kind < 0.35:
                parts.append(self.random.choice(ATOMS))
            elif kind < 0.6:
                parts.append(self.reference(depth))
            else:
                parts.append(self.call(depth))
            parts.append(self.random.choice(SEPARATORS))
        return "".join(parts)

    def name(self) -> str:
        return self.random.choice(NAMES)

    def reference(self, depth: int) -> str:
        choice = self.random.random()
        if choice < 0.4:
            return f"$({self.name()})"
        if choice < 0.5:
            return "${" + self.name() + "}"
        if choice < 0.55:
            return self.random.choice(["$A", "$B", "$1", "$(1)", "$(2)", "$(nope)"])
        if choice < 0.85:
            old, new = self.random.choice(
                [(".c", ".o"), ("%.c", "%.o"), ("%", "x%y"), ("a", ""), ("", "z"), ("a%", "%"),
                 ("%.c", "lit"), (".o", "%"), ("%", "%%"), ("\\%", "p"), (".c", " two words")]
            )  # fmt: skip
            if self.chance(0.2):
                new = self.text(0, 1)
            return f"$({self.name()}:{old}={new})"
        if choice < 0.95:
            return f"$(v$({self.random.choice(['one', 'two', 'zero', 'A'])}))"
        return f"$({self.text(depth - 1, 1)})"

    def call(self, depth: int) -> str:
        """A function call; rarely in braces, as commas in those split calls in parentheses."""
        body = self.random.choice(self._functions())(depth - 1)
        return "${" + body + "}" if self.chance(0.004) else f"$({body})"

    def _functions(self) -> list[Callable[[int], str]]:
        return [
            self.f_subst, self.f_patsubst, self.f_filter, self.f_one, self.f_one, self.f_one,
            self.f_word, self.f_wordlist, self.f_join, self.f_add, self.f_if, self.f_andor,
            self.f_foreach, self.f_call, self.f_about, self.f_findstring, self.f_eval,
        ]  # fmt: skip

    def argument(self, depth: int) -> str:
        return self.text(depth, 3)

    def f_subst(self, depth: int) -> str:
        old = self.random.choice(["a", "b", ".", ".c", "$(A)", " ", "aa", "%", ""])
        new = self.random.choice(["x", "", "$(B)", "zz", "%", "\\"])
        return f"subst {old},{new},{self.argument(depth)}"

    def pattern(self) -> str:
        return self.random.choice(
            ["%", "%.c", "a%", "%a%", "a.c", "\\%", "x\\%%", "a%c", "sub/%", "%/", "$(A)", "", "%%",
             "a\\%c", "\\\\%", ".%"]
        )  # fmt: skip

    def f_patsubst(self, depth: int) -> str:
        return f"patsubst {self.pattern()},{self.pattern()},{self.argument(depth)}"

    def f_filter(self, depth: int) -> str:
        function = self.random.choice(["filter", "filter-out"])
        patterns = " ".join(self.pattern() for _ in range(self.random.randint(0, 3)))
        if self.chance(0.2):
            patterns += " " + self.text(0, 6)
        return f"{function} {patterns},{self.argument(depth)}"

    def f_one(self, depth: int) -> str:
        function = self.random.choice(
            ["strip", "sort", "words", "firstword", "lastword", "dir", "notdir", "suffix",
             "basename", "abspath", "wildcard", "realpath"]
        )  # fmt: skip
        return f"{function} {self.argument(depth)}"

    def f_findstring(self, depth: int) -> str:
        return f"findstring {self.text(0, 1)},{self.argument(depth)}"

    def f_word(self, depth: int) -> str:
        return f"word {self.random.choice('1123459')},{self.argument(depth)}"

    def f_wordlist(self, depth: int) -> str:
        first, last = self.random.randint(1, 4), self.random.randint(0, 5)
        return f"wordlist {first},{last},{self.argument(depth)}"

    def f_join(self, depth: int) -> str:
        return f"join {self.argument(depth)},{self.argument(depth)}"

    def f_add(self, depth: int) -> str:
        function = self.random.choice(["addprefix", "addsuffix"])
        return f"{function} {self.text(0, 1)},{self.argument(depth)}"

    def f_if(self, depth: int) -> str:
        arguments = [self.argument(depth) for _ in range(self.random.choice([2, 2, 3, 3]))]
        return "if " + ",".join(arguments)

    def f_andor(self, depth: int) -> str:
        function = self.random.choice(["and", "or"])
        arguments = [self.argument(depth) for _ in range(self.random.randint(1, 3))]
        return f"{function} " + ",".join(arguments)

    def f_foreach(self, depth: int) -> str:
        variable = self.random.choice(["i", "A", "v5"])
        blank = self.random.choice(["", "", " "])
        return (
            f"foreach {variable},{self.argument(depth)},"
            f"{blank}{self.text(0, 1)}$({variable}){self.argument(depth)}"
        )

    def f_call(self, depth: int) -> str:
        function = self.random.choice([*FUNCTIONS_NAMES, "f0", "f1", "nope", "subst", "words"])
        count = self.random.randint(0, 3) if function[0] in "fn" else 3
        return ",".join([f"call {function}", *(self.argument(depth) for _ in range(count))])

    def f_about(self, depth: int) -> str:
        function = self.random.choice(["origin", "flavor", "value"])
        return f"{function} {self.random.choice([*NAMES, 'nope', '@', 'CURDIR', 'f0', 'i'])}"

    def f_eval(self, depth: int) -> str:
        operator = self.random.choice(["=", ":=", "+=", "?="])
        return f"eval E{self.random.randint(0, 2)} {operator} {self.words(2).replace('$', '$$')}"

    # --- statements

    def value(self) -> str:
        """What stands to the right of an assignment; may hold a comment sign."""
        text = self.text(2)
        if self.chance(0.1):
            text += self.random.choice(["# comment", "\\# no comment", " # c \\\n still"])
        return text

    def assignment(self) -> str:
        operator = self.random.choice(["=", "=", ":=", ":=", ":=", "::=", "?=", "+=", "+="])
        name = self.name()
        if self.chance(0.1):
            name = f"v$({self.random.choice(['one', 'two', 'zero'])})"
        # A recursive variable must not reach itself, so it holds only functions of its arguments.
        text = self.value() if operator in (":=", "::=") else self.unreferring()
        prefix = self.random.choice(["", "", "", "", "", "override ", "export ", "  "])
        blank = self.random.choice(["", " ", "  "])
        return f"{prefix}{name}{blank}{operator}{blank}{text}"

    def unreferring(self) -> str:
        """Text that names no variable of NAMES, so that no recursion comes of it."""
        text = self.text(2)
        for name in sorted(NAMES, key=len, reverse=True):
            text = text.replace(f"({name})", "(late)").replace(f"({name}:", "(late:")
            text = text.replace("{" + name + "}", "{late}").replace(f"call {name}", "call late")
        text = text.replace("$A", "$1").replace("$B", "$2").replace("$(v$", "$(w$")
        return text.replace("foreach late,", "foreach i,")

    def define(self) -> str:
        operator = self.random.choice(["", " =", " :=", " +=", " ?="])
        body = "\n".join(
            self.random.choice(["", "\t", "  "]) + self.unreferring().replace("\\\n", " ")
            for _ in range(self.random.randint(0, 3))
        )
        body = body.rstrip("\\")
        return f"define {self.name()}{operator}\n{body}\nendef"

    def conditional(self, depth: int) -> str:
        lines = [self.condition(), *self.block(depth - 1)]
        if self.chance(0.3):
            lines += ["else " + self.condition(), *self.block(depth - 1)]
        if self.chance(0.5):
            lines += ["else", *self.block(depth - 1)]
        indent = self.random.choice(["", "", "  "])
        return "\n".join([indent + line for line in lines] + [indent + "endif"])

    def condition(self) -> str:
        left = self.text(1, 2).replace("\\\n", " ").replace("\\", "").replace("'", "")
        right = self.text(1, 2).replace("\\\n", " ").replace("\\", "").replace("'", "")
        if self.chance(0.3):
            right = left
        keyword = self.random.choice(["ifeq", "ifneq"])
        return self.random.choice(
            [
                f"{keyword} ({left},{right})",
                f"{keyword} ({left}, {right})",
                f"{keyword} '{left}' '{right}'",
                f"ifdef {self.random.choice([*NAMES, 'nope', 'v$(one)'])}",
                f"ifndef {self.random.choice([*NAMES, 'nope'])}",
            ]
        )

    def block(self, depth: int) -> list[str]:
        return [self.statement(depth) for _ in range(self.random.randint(1, 2))]

    def info(self) -> str:
        return f"$(info {self.random.randint(0, 99)} [{self.text(3)}])"

    def statement(self, depth: int = 2) -> str:
        kind = self.random.random()
        if kind < 0.40:
            return self.assignment()
        if kind < 0.70:
            return self.info()
        if kind < 0.80 and depth > 0:
            return self.conditional(depth)
        if kind < 0.86:
            return self.define()
        if kind < 0.89:
            return f"undefine {self.name()}"
        if kind < 0.92:
            return "# " + self.words() + "\n"
        if kind < 0.96:
            return f"$(eval {self.name()} := {self.text(1)})"
        words = self.words().replace(",", "")
        return f"$(foreach i,{words},$(eval {self.name()} += $(i)$$(f0)))"

    # --- rules

    def target_variable(self) -> str:
        target = self.random.choice(["test", "one", "two", "%", "%.o", "t%", "lib/%.o", "a.o"])
        word = self.random.choice(["", "", "", "private ", "override ", "export "])
        operator = self.random.choice(["=", ":=", "+=", "+=", "?="])
        text = self.text(2) if operator == ":=" else self.unreferring()
        return f"{target}: {word}{self.name()} {operator} {text}"

    def recipe(self) -> str:
        lines = []
        for _ in range(self.random.randint(1, 3)):
            prefix = self.random.choice(["", "@", "-", "@ -"])
            automatic = self.random.choice(
                ["$@", "$<", "$^", "$*", "$(@D)", "$(@F)", "$(*F)", "$(<D)", "$(^F)", "$+", "$|",
                 "$?", "$(@:.o=.x)", "$(^:%=<%>)"]
            )  # fmt: skip
            lines.append(f"\t{prefix}echo {automatic} [{self.text(2)}]")
        return "\n".join(lines)

    def rules(self) -> list[str]:
        names = ["one", "two", "a.o", "b.o", "lib/a.o", "three"]
        result = []
        for index, name in enumerate(names):
            deps = self.random.sample([*names[index + 1 :], "a.c", "b.c", "sub/d.c"], k=2)
            order_only = " | FORCE" if self.chance(0.15) else ""
            colon = " ::" if self.chance(0.05) else ":"
            rule = f"{name}{colon} {' '.join(deps)}{order_only}"
            if name.endswith(".o") and self.chance(0.6):
                result.append(rule)
            else:
                result.append(f"{rule}\n{self.recipe()}")
        stems = self.random.sample(["%.o: %.c", "lib/%.o: %.c", "%.o: FORCE", "%.o: sub/%.c"], k=2)
        result += [f"{stem}\n{self.recipe()}" for stem in [*stems, "%.o:"]]
        result += [self.target_variable() for _ in range(self.random.randint(1, 6))]
        if self.chance(0.2):
            result.append(f"three: V = {self.unreferring()}")
        self.random.shuffle(result)
        return [*result, "FORCE:"]

    def makefile(self) -> str:
        """The whole text."""
        lines = ["zero = 0", "one := 1", "two = 2", f"f0 = {self.function_body()}"]
        lines += [f"f1 = {self.function_body()}", f"define f2\n{self.function_body()}\nendef"]
        lines += [self.statement() for _ in range(self.random.randint(5, 15))]
        lines.append(f"test: one two\n{self.recipe()}")
        lines += self.rules()
        lines += [self.statement() for _ in range(self.random.randint(0, 5))]
        lines += [f"$(info {name} [$({name})] [$(value {name})])" for name in [*NAMES, "E0"]]
        return "\n".join(lines) + "\n"

    def function_body(self) -> str:
        """A function of its arguments that calls no other."""
        text = self.unreferring()
        for name in FUNCTIONS_NAMES:
            text = text.replace(f"call {name}", "call late")
        return text.rstrip("\\\n\t ").replace("\\\n", " ")


class RuleGenerator:
    """Makes a makefile of rules only: which targets are made, in what order, from what."""

    NAMES = (
        "a.o",
        "b.o",
        "c.o",
        "d/a.o",
        "a.c",
        "b.c",
        "d/a.c",
        "a.y",
        "d/a.y",
        "x",
        "y",
        "lib-a.o",
    )
    PATTERNS = (
        ("%.o", "%.c"), ("%.c", "%.y"), ("d/%.o", "d/%.c"), ("lib-%.o", "%.o"), ("%", "%.c"),
        ("%.o", "x"), ("%.y", "y"), ("%.o", "%.c x"), ("%.c %.h", "%.y"), ("%.c", "%.z"),
        ("%.h", "%.c | y"), ("%/a.o", "%/a.y"), ("d/%", "src/%"), ("%.z", "%"),
    )  # fmt: skip

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def files(self) -> tuple[oracle.File, ...]:
        """What exists, and how old it is."""
        names = ("x", "y", "a.c", "b.c", "a.y", "d/a.y", "d/a.c", "a.o", "test", "d/a.o", "src/a.c",
                 "vp/b.c", "vp/a.y", "vp/x")  # fmt: skip
        return tuple(
            oracle.File(name, "", oracle.EPOCH + self.random.randint(-3, 3) * 10)
            for name in names
            if self.random.random() < 0.4
        )

    def names(self, most: int, least: int = 0) -> str:
        return " ".join(self.random.choices(self.NAMES, k=self.random.randint(least, most)))

    def recipe(self) -> str:
        shown = "$@ | $< | $^ | $? | $* | $| | $+"
        extra = self.random.choice(["", "", "", "\n\t@:", "\n\t+@:", "\n\n\t-echo $(V)"])
        return self.random.choice([f"\n\techo {shown}{extra}"] * 6 + [" ;", ""])

    def rule(self) -> str:
        kind = self.random.random()
        order_only = f" | {self.names(2)}" if self.random.random() < 0.2 else ""
        if kind < 0.35:
            return f"{self.names(2, 1)}: {self.names(3)}{order_only}{self.recipe()}"
        if kind < 0.65:
            target, needed = self.random.choice(self.PATTERNS)
            colon = "::" if self.random.random() < 0.1 else ":"
            return f"{target}{colon} {needed}{self.recipe()}"
        if kind < 0.7:
            return f"{self.names(1, 1)}:: {self.names(2)}{self.recipe()}"
        if kind < 0.75:
            return f"{self.names(2, 2)} &: {self.names(2)}\n\techo group $@"
        if kind < 0.85:
            special = self.random.choice(
                [".PHONY", ".INTERMEDIATE", ".SECONDARY", ".PRECIOUS", ".SUFFIXES"]
            )
            names = self.random.choice([".c .o .y", ".y .c"]) if special == ".SUFFIXES" else None
            return f"{special}: {names or self.names(2)}"
        if kind < 0.9:
            return self.random.choice([".c.o:", ".y.c:"]) + self.recipe()
        if kind < 0.95:
            target = self.random.choice(["%.o", "test", "a.o", "d/%", "%"])
            return f"{target}: {self.random.choice(['', 'private ', 'override '])}V += {target}"
        return self.random.choice(
            ["VPATH = vp", "vpath %.c vp src", "vpath x vp", ".DEFAULT: ; echo $@"]
        )

    def makefile(self) -> str:
        """The whole text."""
        rules = [self.rule() for _ in range(self.random.randint(3, 9))]
        return "\n".join(["V = v", f"test: {self.names(4, 1)}{self.recipe()}", *rules]) + "\n"


def case_of(text: str, files: tuple[oracle.File, ...] = FILES) -> oracle.Case:
    """Return a case that runs the goal `test` of a makefile."""
    return oracle.Case(name="random", text=text, runs=(("test",),), files=files)


def differs(
    text: str, directory: Path, files: tuple[oracle.File, ...] = FILES
) -> tuple[oracle.Outcome, oracle.Outcome] | None:
    """Return both outcomes when they are not the same."""
    case = case_of(text, files)
    expected = oracle.run_gnu_make(case, ("test",), directory)
    ours = oracle.run_ninjagen_make(case, ("test",), directory)
    if ours == expected or any(text in ours.stderr for text in LEFT_OUT):
        return None
    return expected, ours


def minimise(text: str, still_differs: Callable[[str], bool]) -> str:
    """Drop lines, then stretches of characters, as long as the difference stays."""
    lines = text.split("\n")
    size = max(1, len(lines) // 2)
    while size:
        at = 0
        while at < len(lines):
            shorter = lines[:at] + lines[at + size :]
            if still_differs("\n".join(shorter)):
                lines = shorter
            else:
                at += size
        size //= 2
    text = "\n".join(lines)
    for size in (16, 8, 4, 2, 1):
        at = 0
        while at < len(text):
            shorter_text = text[:at] + text[at + size :]
            if still_differs(shorter_text):
                text = shorter_text
            else:
                at += size
    return text


def main() -> int:
    """Fuzz until a difference turns up, or the count is reached."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep-going", action="store_true", help="do not stop at a difference")
    parser.add_argument("--rules", action="store_true", help="rules and file times, no functions")
    parser.add_argument("--show", action="store_true", help="only print the makefile of the seed")
    options = parser.parse_args()
    if options.show:
        print(made_from(options.seed, options.rules)[0], end="")
        return 0
    found = 0
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch) / "d"
        for seed in range(options.seed, options.seed + options.count):
            text, files = made_from(seed, options.rules)
            both = differs(text, directory, files)
            if both is None:
                continue
            found += 1
            report(seed, cut_down(text, both[0].returncode, directory, files), directory, files)
            if not options.keep_going:
                break
    print(f"{found} differences")
    return 1 if found else 0


def made_from(seed: int, of_rules: bool) -> tuple[str, tuple[oracle.File, ...]]:
    """Return the makefile of a seed, and the files that are there."""
    if of_rules:
        generator = RuleGenerator(seed)
        return generator.makefile(), generator.files()
    return Generator(seed).makefile(), FILES


def cut_down(text: str, returncode: int, directory: Path, files: tuple[oracle.File, ...]) -> str:
    """Minimise a makefile; a correct one stays correct."""

    def still_differs(shorter: str) -> bool:
        both = differs(shorter, directory, files)
        return both is not None and both[0].returncode == returncode

    return minimise(text, still_differs)


def report(seed: int, text: str, directory: Path, files: tuple[oracle.File, ...]) -> None:
    """Print what differs."""
    both = differs(text, directory, files)
    assert both is not None
    ages = " ".join(f"{file.name}@{file.mtime - oracle.EPOCH}" for file in files)
    print(f"=== seed {seed}\n{text}\n--- as a string:\n{text!r}\n--- files: {ages}")
    print(f"--- GNU make:\n{both[0]}\n--- ninjagen.make:\n{both[1]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
