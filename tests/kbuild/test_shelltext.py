"""Recipe text as the shell reads it, and what scripts tell about themselves."""

from __future__ import annotations

import os

import pytest

from ninjagen.kbuild.shelltext import (
    Scripts,
    expand_shell_variables,
    mentions_make,
    simple_commands,
    unrolled,
    without_comments,
)


@pytest.mark.parametrize(
    "text",
    [
        "make", "make all", "\tmake -f x.mk obj=dir", "set -e; make x", "a && make x", "a||make x",
        "(make x)", "(cd x && make)", "{ make; }", "if [ ! -f x ]; then make; fi", "X=1 make y",
    ],
)
def test_lines_that_run_make(text):
    assert mentions_make(text)


@pytest.mark.parametrize(
    "text", ["", "cmake x", "make-it", "makefile", "cat x/make", "rm make.log", "mkdir -p make/x"]
)
def test_lines_that_do_not(text):
    assert not mentions_make(text)


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("", []),
        ("cc -c 'a b.c' \"d\"", [(("cc", "-c", "a b.c", "d"), "")]),
        ("a; b && c || d | e", [
            (("a",), ""), (("b",), ";"), (("c",), "&&"), (("d",), "||"), (("e",), "|"),
        ]),
        ("a 'x; y' && b", [(("a", "x; y"), ""), (("b",), "&&")]),
        ("a \\\n  b; \\\nc", [(("a", "b"), ""), (("c",), ";")]),
        ("(cd x && a)", [(("cd", "x"), "("), (("a",), "&&")]),
        ("if [ ! -f x ]; then make y; else z; fi", [
            (("if", "[", "!", "-f", "x", "]"), ""), (("make", "y"), "; then"),
            (("z",), "; else"), (("fi",), ";"),
        ]),
        ("{ a; }", [(("a",), "{"), (("}",), ";")]),
        ("(a);b", [(("a",), "("), (("b",), ") ;")]),
        ("a 2>&1", [(("a",), "")]),
        ("a x>'b c' 2> d <e >>f y | g 2>/dev/null", [(("a", "x", "y"), ""), (("g",), "|")]),
        ("a 2 >&2; b", [(("a", "2"), ""), (("b",), ";")]),
        ("a '' \"\" x'y z'\"w\"", [(("a", "", "", "xy zw"), "")]),
        ("X='a b' a \"$Y\" # c", [(("X=a b", "a", "$Y"), "")]),
        ("a b#c # d", [(("a", "b#c"), "")]),
    ],
)
def test_simple_commands(text, commands):
    assert [command[:2] for command in simple_commands(text)] == commands


@pytest.mark.parametrize(
    ("text", "writes"),
    [
        ("echo a > b; make c", [True, False]),
        ("echo a >> 'b'; make c", [True, False]),
        ("echo a >| b; echo c 2> d; echo e >& f", [True, True, True]),
        ("> a echo b && (c)", [True, False]),
        ("echo a >&2; echo b 2>&1; echo c > /dev/null; echo d 2>/dev/null >&-", [False] * 4),
        ("echo 'a > b' \"c > d\" \\> e; cat < f", [False, False]),
        ("make a >b | c", [True, False]),
    ],
)
def test_commands_that_write_a_file(text, writes):
    assert [command.writes for command in simple_commands(text)] == writes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("# all", ""),
        ("a # b 'c", "a"),
        ("a;# b", "a;"),
        ("a#b $#c ${d#e} '# f' \"# g\" \\# h", "a#b $#c ${d#e} '# f' \"# g\" \\# h"),
        ("a \\\n # b", "a"),
        ("a # b \\\n c", "a;  c"),
        ("if a; then # b \\\nc; # d \\\nfi", "if a; then c; fi"),
        ("# a \\\nb", " b"),
        ("(a) # it's", "(a)"),
    ],
)
def test_comments(text, code):
    assert without_comments(text) == code


@pytest.mark.parametrize("text", ["echo 'x", 'echo "x'])
def test_quotes_that_do_not_match(text):
    with pytest.raises(ValueError, match="quotation"):
        simple_commands(text)


def test_variables_expanded_from_an_environment():
    environ = {"CC": "gcc -m32", "x_1": "y"}
    assert expand_shell_variables("${CC} $x_1$none -f ${none}z", environ) == "gcc -m32 y -f z"


# --- scripts ---


@pytest.fixture
def scripts(tmp_path) -> Scripts:
    return Scripts(str(tmp_path))


def write(directory, name: str, text: str) -> str:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


SCRIPTS = {
    "sh": ("a.sh", 'echo $ONE "${TWO}" ${THREE:-x} \\\n${FOUR%.o}; FIVE=1', "ONE TWO THREE FOUR"),
    "shell without a suffix": ("tool", "#!/bin/sh\necho $ONE\n", "ONE"),
    "perl": ("a.pl", "my $x = $ENV{'ONE'} . $ENV{TWO} . $ENV{\"THREE\"};", "ONE TWO THREE"),
    "awk": ("a.awk", 'BEGIN { print ENVIRON["ONE"] }', "ONE"),
    "python": (
        "a.py", "os.environ['ONE']; os.environ.get( \"TWO\"); os.getenv('THREE')", "ONE TWO THREE"
    ),
}


@pytest.mark.parametrize(("name", "text", "names"), SCRIPTS.values(), ids=SCRIPTS)
def test_variables_that_a_script_reads(scripts, tmp_path, name, text, names):
    path = write(tmp_path, f"scripts/{name}", text)
    found = scripts.variables("", [path])
    assert set(names.split()) <= found
    assert "FIVE" not in found


def test_variables_that_a_command_reads(scripts):
    assert scripts.variables("cc $CFLAGS ${X}y -o $@ $1 $$", []) == {"CFLAGS", "X"}


def test_scripts_that_a_command_names(scripts, tmp_path):
    for name in "scripts/one.sh", "scripts/two", "drv/three.awk":
        write(tmp_path, name, "#!/bin/sh\n")
    write(tmp_path, "scripts/data", "no script\n")
    write(tmp_path, "drv/a.c", "#!/bin/sh\n")
    text = (
        "set -e; sh ../scripts/one.sh <x>y; (../scripts/two; awk -f 'three.awk'); cat=./three.awk"
        " ../scripts/data ../drv/a.c -I../scripts/two ../scripts/none.sh"
    )
    assert scripts.named_in(text, str(tmp_path / "drv")) == [
        str(tmp_path / name) for name in ("drv/three.awk", "scripts/one.sh", "scripts/two")
    ]


def test_scripts_outside_the_sources_are_the_systems(scripts, tmp_path):
    tree = Scripts(str(tmp_path / "src"))
    path = write(tmp_path, "tool.sh", "#!/bin/sh\necho $X\n")
    assert tree.named_in(path, str(tmp_path)) == []
    assert tree.variables("", [path]) == set()
    assert scripts.named_in(path, "/") == [path]


def test_scripts_that_run_scripts(scripts, tmp_path):
    first = write(
        tmp_path, "scripts/first.sh",
        "${srctree}/scripts/second.sh\n. $srctree/scripts/gone.sh\nbeside.sh\n"
        "\t# what scripts/other.sh reads\n",
    )
    second = write(tmp_path, "scripts/second.sh", "#!/bin/sh\nsh scripts/first.sh $SECOND\n")
    beside = write(tmp_path, "scripts/beside.sh", "echo $BESIDE\n")
    write(tmp_path, "scripts/other.sh", "echo $OTHER\n")
    assert scripts.closure([first]) == sorted([first, second, beside])
    assert {"SECOND", "BESIDE"} <= scripts.variables("", scripts.closure([first]))
    assert scripts.closure([str(tmp_path / "scripts/none.sh")]) == []


def test_modules_that_a_python_script_imports(scripts, tmp_path):
    for name in ("scripts/beside.py", "lib/python/other.py", "lib/python/deep/__init__.py",
                 "lib/python/deep/er.py", "lib/python/unused.py", "scripts/os.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "lib/python/other.py").write_text("import last\n")
    (tmp_path / "lib/python/last.py").write_text("")
    (tmp_path / "scripts/run").write_text(
        "#!/usr/bin/env python3\nimport sys\nsys.path.insert(0, HERE + '../lib/python')\n"
        "from other import Other\n    import beside\nfrom deep.er import x\n# unused\n"
    )
    found = scripts.closure([f"{tmp_path}/scripts/run"])
    assert [os.path.relpath(path, tmp_path) for path in found] == [
        "lib/python/deep/__init__.py", "lib/python/deep/er.py", "lib/python/last.py",
        "lib/python/other.py", "scripts/beside.py", "scripts/run",
    ]


def test_script_that_runs_make(scripts, tmp_path):
    text = (
        "#!/bin/sh\n# ${MAKE} is not run here\n${MAKE} -f \"${srctree}/scripts/x.mk\" obj=init\n"
        "\t$MAKE a b\necho ${MAKE} c\n${MAKEFLAGS} d\n"
    )
    path = write(tmp_path, "scripts/link.sh", text)
    assert scripts.makes([path]) == ['-f "${srctree}/scripts/x.mk" obj=init', "a b"]
    assert scripts.makes([]) == []


def test_script_of_any_bytes(scripts, tmp_path):
    path = write(tmp_path, "scripts/a.sh", "")
    with open(path, "wb") as file:
        file.write(b"#!/bin/sh\n\xff\xfe $X\n")
    assert scripts.variables("", [path]) == {"X"}


def test_each_script_is_looked_at_once(scripts, tmp_path):
    path = write(tmp_path, "scripts/a.sh", "echo $X\n")
    scripts.closure([path])
    os.unlink(path)
    assert scripts.variables("", [path]) == {"X"}


@pytest.mark.parametrize(("text", "expected"), [
    ("set -e; for i in a b.c; do make $i; done", "set -e; make a; make b.c"),
    ("for i in x ; \\\n do \\\n make ${i} $ii; \\\n done; echo", "make x $ii; echo"),
    ("for i in a; do for j in b; do make $i; done; done", None),
    ("for i in a; do make $i || break; done", None),
    ("for i in $(ls); do make $i; done", None),
    ("for i in *; do make $i; done", None),
    ("for i in ; do make $i; done; echo", ":; echo"),
    ("echo wait for me", None),
])  # fmt: skip
def test_loops_over_plain_words(text, expected):
    assert unrolled(text) == (expected or text)
