"""What the kernel's Kconfig language has and kconfiglib lacks, one behaviour each."""

import gc
import re

import kconfiglib
import pytest

from ninjagen.errors import NinjagenError
from ninjagen.kconfig.answers import Random
from ninjagen.kconfig.language import Dialect, Kconfig
from ninjagen.kconfig.menu import MenuKconfig
from ninjagen.shell import Shell
from tests.kconfig.tree import NEW, OLD

MODULES = 'config MODULES\n\tbool "Modules"\n\tmodules\n\tdefault y\n'


def config(name, type_="bool", *lines, prompt=True):
    shown = f' "{name}"' if prompt else ""
    text = f"config {name}\n\t{type_}{shown}\n"
    return text + "".join(f"\t{line}\n" for line in lines)


def test_dialects(tree, tmp_path):
    new = tree("", dialect=NEW)
    assert Dialect.of(str(new.source)) == Dialect(
        False, 16384, False, False, tuple(str(new.source / f"scripts/kconfig/{n}") for n in NEW)
    )


def test_old_dialect(tree):
    old = Dialect.of(str(tree("", dialect=OLD).source))
    assert (old.modes, old.hash_size, old.empty_numbers, old.old_cmd) == (True, 9973, True, True)


def test_bare_modules(tree):
    assert tree(MODULES + config("A", "tristate", "default m")).run("alldefconfig") == {
        "MODULES": "y",
        "A": "m",
    }


def test_without_modules_m_is_y(tree):
    kconfig = MODULES + config("A", "tristate", "default m")
    assert tree(kconfig).run("olddefconfig", "# CONFIG_MODULES is not set\n")["A"] == "y"


def test_transitional(tree):
    kconfig = config("OLD", "bool", "transitional", prompt=False)
    kconfig += config("NEW", "bool", "default OLD")
    assert tree(kconfig).run("olddefconfig", "CONFIG_OLD=y\n") == {"NEW": "y"}


def test_transitional_is_never_new(tree, capsys):
    kconfig = config("OLD", "bool", "transitional", prompt=False)
    kconfig += config("NEW", "bool", "default OLD") + config("OTHER")
    tree(kconfig).run("listnewconfig", "CONFIG_OLD=y\n")
    assert capsys.readouterr().out == "CONFIG_OTHER=n\n"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [("B", "n"), ("C", "y"), ("B && C", "y"), ("B || C", "n"), ("!B", "y"), ("!C", "n"),
     ("B = y", "n"), ("B != y", "y"), ("!(B && C)", "n"), ("!(B || C)", "y")],
)  # fmt: skip
def test_depends_if(tree, condition, expected):
    kconfig = config("X") + config("B") + config("C")
    kconfig += config("A", "bool", f"depends on X if {condition}", "default y")
    asked = "# CONFIG_X is not set\nCONFIG_B=y\n# CONFIG_C is not set\n"
    assert tree(kconfig).run("olddefconfig", asked).get("A", "n") == expected


def test_number_without_default(tree):
    kconfig = config("I", "int") + config("H", "hex") + config("S", "string")
    assert tree(kconfig).run("alldefconfig") == {"I": "0", "H": "0x0", "S": '""'}


def test_number_without_default_was_empty(tree):
    kconfig = config("I", "int") + config("H", "hex")
    assert tree(kconfig, dialect=OLD).run("alldefconfig") == {"I": "", "H": ""}


@pytest.mark.parametrize(("asked", "expected"), [("5", "0x10"), ("0x11", "0x11"), ("FF", "0x20")])
def test_range_clamps_to_the_text_of_the_bound(tree, asked, expected):
    kconfig = config("H", "hex", "range 0x10 0x20", "default 0x18")
    assert tree(kconfig).run("olddefconfig", f"CONFIG_H={asked}\n")["H"] == expected


def test_range_falls_back_on_the_default_before_modes_went(tree):
    kconfig = config("H", "hex", "range 0x10 0x20", "default 0x18")
    assert tree(kconfig, dialect=OLD).run("olddefconfig", "CONFIG_H=5\n")["H"] == "0x18"


def test_unmet_imply_is_written(tree):
    kconfig = config("A", "bool", "imply B") + config("D")
    kconfig += config("B", "bool", "depends on D")
    got = tree(kconfig).run("olddefconfig", "CONFIG_A=y\n# CONFIG_D is not set\n")
    assert got == {"A": "y", "D": "n", "B": "n"}


def test_imply_does_not_overrule_the_user(tree):
    kconfig = MODULES + config("A", "tristate", "imply B") + config("B", "tristate")
    got = tree(kconfig).run("olddefconfig", "CONFIG_MODULES=y\nCONFIG_A=y\nCONFIG_B=m\n")
    assert got["B"] == "m"


def test_unmet_dependency_is_told(tree, capsys):
    kconfig = config("D") + config("A", "bool", "select B") + config("B", "bool", "depends on D")
    got = tree(kconfig).run("olddefconfig", "CONFIG_A=y\n")
    assert got["B"] == "y"
    assert capsys.readouterr().err == (
        "\nWARNING: unmet direct dependencies detected for B\n"
        "  Depends on [n]: D [=n]\n"
        "  Selected by [y]:\n"
        "  - A [=y]\n"
    )


CHOICE = 'choice\n\tprompt "Choose"\n\tdefault B\n' + "".join(map(config, "ABC")) + "endchoice\n"


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        ("", "B"),
        ("CONFIG_A=y\n", "A"),
        ("CONFIG_A=y\nCONFIG_C=y\n", "C"),
        ("CONFIG_C=y\nCONFIG_A=y\n", "A"),
        ("# CONFIG_B is not set\n", "A"),
        ("# CONFIG_A is not set\n# CONFIG_B is not set\n", "C"),
        ("# CONFIG_C is not set\n# CONFIG_A is not set\n# CONFIG_B is not set\n", "C"),
    ],
)
def test_choice(tree, asked, chosen):
    got = tree(CHOICE).run("olddefconfig", asked)
    assert [name for name, value in got.items() if value == "y"] == [chosen]


def test_choice_before_modes_went(tree):
    got = tree(CHOICE, dialect=OLD).run("olddefconfig", "# CONFIG_B is not set\n")
    assert got == {"A": "n", "B": "y", "C": "n"}


def test_members_depend_on_what_the_choice_depends_on(tree):
    kconfig = MODULES + config("D", "tristate") + config("T", "tristate", prompt=False)
    kconfig += 'choice\n\tprompt "Choose"\n\tdepends on D\n'
    kconfig += config("A", "bool", "select T") + config("B") + "endchoice\n"
    got = tree(kconfig).run("olddefconfig", "CONFIG_MODULES=y\nCONFIG_D=m\nCONFIG_A=y\n")
    assert got == {"MODULES": "y", "D": "m", "A": "y", "B": "n", "T": "m"}


def test_tristate_choice_in_m_mode(tree):
    kconfig = MODULES + 'choice\n\ttristate "Choose"\n'
    kconfig += config("A", "tristate") + config("B", "tristate") + "endchoice\n"
    got = tree(kconfig, dialect=OLD).run("allmodconfig")
    assert got == {"MODULES": "y", "A": "m", "B": "m"}


def test_environment_and_shell(tree):
    one = tree(
        "yes := $(shell,echo; printf '%s\\n%s\\n' a $FOO)\n"
        + config("S", "string", 'default "$(yes) $(FOO) $(BAR) $FOO"')
    )
    one.env["FOO"] = "foo"
    kconf = one.kconf()
    assert kconf.syms["S"].str_value == " a foo foo  $FOO"
    assert kconf.env_read == {"ARCH": "x86_64", "FOO": "foo", "BAR": None}
    assert list(kconf.commands.values()) == [" a foo"]


@pytest.mark.parametrize(
    ("kconfig", "message"),
    [
        ("config A\n\tbol\n", r"Kconfig:3: couldn't parse 'bol'"),
        ("\n\nconfig A\n\n \n\tbool \\\n\n\n\tbol\n", r"Kconfig:10: couldn't parse 'bol'"),
        ('source "missing"\n', r"Kconfig:2: source \"missing\": no such file: missing"),
        ("if A\n", "expected 'endif' at end of 'Kconfig'"),
        ("$(error-if,y,no compiler)\n", "Kconfig:2: no compiler"),
        (config("A", "bool", "depends on A", "select A"), "Dependency loop"),
        ('menu "m"\n\thelp\n\t  One.\nendmenu\n', r"Kconfig:3: .*'help': not allowed in a menu"),
        ('menu "m"\n\tbool "b"\nendmenu\n', r"Kconfig:3: .*: not allowed in a menu"),
        ('comment "c"\n\tvisible if A\n', r"Kconfig:3: .*: not allowed in a comment"),
        (config("A", "bool", "visible if B"), r"Kconfig:4: .*: not allowed in a config"),
        ("choice\n\tselect B\nendchoice\n", r"Kconfig:3: .*: not allowed in a choice"),
        ("modules\n", r"Kconfig:2: couldn't parse 'modules': not in a config"),
    ],
)
def test_errors_have_a_place(tree, kconfig, message):
    with pytest.raises(NinjagenError) as error:
        tree(kconfig).kconf()
    assert re.search(message, str(error.value))


def test_missing_kconfig(tree):
    one = tree("")
    (one.source / "Kconfig").unlink()
    with pytest.raises(NinjagenError, match=r"cannot read .*/Kconfig: No such file"):
        one.kconf()


def test_no_kernel_source(tmp_path):
    with pytest.raises(NinjagenError, match="no kernel source"):
        Dialect.of(str(tmp_path))


def test_table_order(tree):
    """for_all_symbols: by bucket, newest first; MODULES where it is first mentioned."""
    kconf = tree(config("A") + config("B") + MODULES).kconf()
    assert list(kconf.syms) == ["A", "B", "MODULES"]
    names = [symbol.name for symbol in kconf.in_table_order(kconf.unique_defined_syms)]
    assert names == ["B", "A", "MODULES"] or sorted(names) == ["A", "B", "MODULES"]


def test_rand_is_that_of_the_c_library():
    random = Random(1)
    assert [random.rand() for _ in range(5)] == [
        1804289383, 846930886, 1681692777, 1714636915, 1957747793,
    ]  # fmt: skip


@pytest.mark.parametrize("dialect", [NEW, OLD], ids=["new", "old"])
def test_values_set_one_by_one(tree, dialect):
    """As menuconfig does: what depends on a value is worked out again."""
    kconfig = config("S", "bool", "depends on C") + CHOICE + config("D", "bool", "default C")
    kconf = tree(kconfig, dialect=dialect).kconf()
    symbols = kconf.syms
    assert [symbols[name].str_value for name in "ABCDS"] == ["n", "y", "n", "n", "n"]
    symbols["C"].set_value(2)
    symbols["S"].set_value(2)
    assert [symbols[name].str_value for name in "ABCDS"] == ["n", "n", "y", "y", "y"]
    symbols["A"].set_value(2)
    assert [symbols[name].str_value for name in "ABCDS"] == ["y", "n", "n", "n", "n"]


@pytest.mark.parametrize("end", ["", "config B\n\tint\n"])
def test_lines_end_as_kconfiglib_has_them(tree, monkeypatch, end):
    monkeypatch.setattr(Kconfig, "is_for_menus", True)
    made = tree("")
    text = f"config A\n\tdef_bool y\n\thelp\n\t  It is.\n\n\t  So.\n{end}".replace("\n", "\r\n")
    (made.source / "Kconfig").write_bytes(text.encode())
    assert made.kconf().syms["A"].nodes[0].help == "It is.\n\nSo."
    with made.kconf()._open(str(made.source / "Kconfig"), "r") as file:
        assert (file.name, file.readline()) == (str(made.source / "Kconfig"), "config A\n")


HELP_TEXTS = {
    "plain": "\thelp\n\t  One.\n\n\t  Two.\n\n",
    "blank lines first": "\thelp\n\n\t\n\t  One.\n",
    "blanks in blank lines": "\thelp\n\t  One.\n\t  \n \n\t  Two.\n",
    "more blanks in blank lines": "\thelp\n\t  One.\n\t     \n\t  Two.\n\t     \n",
    "blanks at the ends of lines": "\thelp\n\t  One. \n\t  Two.\t\n",
    "deeper": "\thelp\n\t  One:\n\t    - two\n\t  \tthree\n\t\tfour\n",
    "blanks for tabs": "\thelp\n\t  One.\n          Two.\n\t   Three.\n",
    "less deep": "\thelp\n\t  One.\n\t default 6\n",
    "a property after it": "\thelp\n\t  One.\n\tdefault 6\n",
    "at the left": "\thelp\nconfig B\n\tint\n",
    "only blank lines": "\thelp\n\n\t\n",
    "a comment after it": "\thelp\n\t  One.\n# two\n\tdefault 6\n",
    "a continued line after it": "\thelp\n\t  One.\n\tdefault 6 \\\n\t\tif y\n",
    "a continued line": "\thelp\n\t  One \\\n\tdefault 6\n",
    "a form feed": "\thelp\n\t  One.\n\f\n\t  Two.\n",
    "another language": "\thelp\n\t  \u00fcber\n\t  \u2003x\n",
    "a space that no C knows": "\thelp\n\u2003 One.\n",
    "such a space in a line of its own": "\thelp\n\t  One.\n\u00a0\n\t  Two.\n",
    "a tab after the blanks": "\thelp\n\t  One.\ttwo\n",
    "lines that end otherwise": "\thelp\n\ta\r\ndefault 6\r\nrange 1 9\r\n",
    "dashes": "\t---help---\n\t  One.\n",
}


@pytest.mark.parametrize("end", ["", "config C\n\tint\n\tdefault 7\n", "cut"])
@pytest.mark.parametrize("text", HELP_TEXTS.values(), ids=HELP_TEXTS)
@pytest.mark.parametrize("is_kept", [True, False])
def test_help_is_what_kconfiglib_reads_line_by_line(tree, monkeypatch, text, end, is_kept):
    monkeypatch.setattr(Kconfig, "is_for_menus", is_kept)
    whole = f"config A\n\tint\n{text}"
    made = tree(whole[:-1] if end == "cut" else whole + end)

    def read():
        kconf = made.kconf()
        nodes = [node for node in kconf.entries() if hasattr(node, "help")]
        return [
            (node.item.name, node.help if is_kept else "", node.filename, node.linenr,
             node.item.str_value)
            for node in nodes
        ]

    ours = read()
    monkeypatch.delattr(Kconfig, "_parse_help")
    assert ours == read() != []


PROPERTIES = '''
V = y
config MODULES
	bool "modules"
	modules

config A
	bool "a"  # prompt
	bool " b "
	bool 'c' if B
	bool
	default y
	default m if B && (C || !D) # why
	select F
	select G if m
	depends on B=y||!C
	depends on m

config B
	def_bool y
	default "y"
	default $(V)
	def_tristate A!=n if D = 0x1f
	default A \\
		if B
	imply F if D
	help
		Text.
	select F
	depends on m

menuconfig C
	tristate
	prompt "c" if A
	depends on foo.bar
	depends on A/B || -1
# nothing
	range 1 5 if A
	default m
	default m
	default y if m
	default y if m
@

config D
	int "d" if A
	range A 9
	default 5
	transitional
if B && m
config F
	bool "f"
	depends on B=y||!C
	depends on m
endif
menu "m"
	visible if A
	depends on m
	depends on B=y||!C
comment "k"
	depends on m
config G
	hex
	default 0x10
	default A
endmenu
choice
	prompt "c"
	default H
	depends on B=y||!C
	help
		Text.
config H
	bool "h"
	default y
config I
	bool "i"
endchoice
config A
	depends on A > B
	default y
'''.replace("@", " \t")


@pytest.mark.parametrize("dialect", [NEW, OLD])
def test_properties_are_what_kconfiglib_reads(tree, monkeypatch, dialect):
    made = tree(PROPERTIES, dialect=dialect)

    def text(part):
        if isinstance(part, list | tuple):
            return [text(each) for each in part]
        return part if isinstance(part, str | int | None) else f"{part.name}"

    def read():
        monkeypatch.setattr(Kconfig, "_build_dep", lambda kconf: None)
        kconf = made.kconf()
        names = "direct_dep rev_dep weak_rev_dep defaults selects implies ranges".split()
        symbols = [
            [each.name, each.orig_type, each.is_constant, *[text(getattr(each, n)) for n in names]]
            for each in (*kconf.syms.values(), *kconf.const_syms.values())
        ]
        nodes = [(text(node.item), node.linenr, text(node.prompt), text(node.dep),
                  node.defaults and text(node.defaults)) for node in kconf.entries()]
        return symbols, nodes

    ours = read()
    for name in ("_parse_props", "_tokenize"):
        monkeypatch.delattr(Kconfig, name)
    symbols, nodes = read()
    assert ours == (symbols, nodes)
    assert len(symbols) > 15
    assert len(nodes) > 10


def test_help_is_kept_for_who_asks_for_help(tree):
    made = tree("config A\n\tint\n\thelp\n\t  One.\nconfig B\n\tint\n")
    assert made.kconf().syms["A"].nodes[0].help is None
    conf = made.conf()
    kconf = MenuKconfig(conf.srctree, conf.objtree, conf.env, conf.shell)
    assert kconf.syms["A"].nodes[0].help == "One."


@pytest.fixture
def checks(monkeypatch):
    """The number of times that dependencies were put together."""
    done = []
    build = kconfiglib.Kconfig._build_dep
    monkeypatch.setattr(
        kconfiglib.Kconfig, "_build_dep", lambda kconf: done.append(1) or build(kconf)
    )
    return done


def parsed(made, tmp_path, type_=Kconfig, **env):
    """Parse the files as a run with a cache does."""
    shell = Shell(str(tmp_path / "shell.json"))
    kconf = type_(str(made.source), str(made.objtree), {**made.env, **env}, shell)
    shell.save()
    return kconf


def test_what_has_no_circle_is_not_looked_at_again(tree, tmp_path, checks):
    made = tree(config("A") + config("B", "bool", "depends on A"))
    for _ in range(3):
        assert parsed(made, tmp_path).syms["B"].str_value == "n"
    assert len(checks) == 1
    before = (tmp_path / "shell.json").stat().st_mtime_ns
    parsed(made, tmp_path)
    assert (tmp_path / "shell.json").stat().st_mtime_ns == before
    (made.source / "Kconfig").write_text(config("A", "bool", "depends on B") + config("B"))
    parsed(made, tmp_path)
    assert len(checks) == 2


def test_a_circle_is_found_each_time(tree, tmp_path):
    made = tree(config("A", "bool", "depends on B") + config("B"))
    parsed(made, tmp_path)
    whole = (made.source / "Kconfig").read_text()
    (made.source / "Kconfig").write_text(whole + "config B\n\tbool\n\tdefault A\n")
    for _ in range(2):
        with pytest.raises(NinjagenError, match="Dependency loop"):
            parsed(made, tmp_path)


@pytest.mark.parametrize("macro", ["$(OF)", "$(shell,echo $OF)"])
def test_a_circle_that_a_macro_makes_is_found(tree, tmp_path, macro):
    made = tree(config("A", "bool", f"depends on {macro}") + config("B", "bool", "depends on A"))
    parsed(made, tmp_path, OF="C")
    with pytest.raises(NinjagenError, match="Dependency loop"):
        parsed(made, tmp_path, OF="B")
    parsed(made, tmp_path, OF="C")


def test_menus_know_what_depends_on_what(tree, tmp_path):
    made = tree(config("A") + config("B", "bool", "default A", prompt=False))
    for _ in range(2):
        symbols = parsed(made, tmp_path, MenuKconfig).syms
        assert symbols["B"].str_value == "n"
        symbols["A"].set_value(2)
        assert symbols["B"].str_value == "y"


HELP = "config A\n\tint\n\thelp\n\t  One.\n"


@pytest.mark.parametrize(
    "text",
    [
        b"# \xff\n",
        f"{HELP}# \xff\n".encode("latin-1"),
        ("# \u00e9\n" + HELP + 3000 * "# x\n").replace("\n", "\r").encode() + b"# \xff\r",
    ],
)
def test_file_that_is_not_utf8(tree, text):
    """Read line by line, so that the error tells where."""
    made = tree('source "more"\n')
    made.write("more", "")
    (made.source / "more").write_bytes(text)
    with pytest.raises(NinjagenError, match="Malformed utf-8 in 'more'"):
        made.kconf()


@pytest.mark.parametrize("dialect", [NEW, OLD])
def test_what_was_parsed_is_let_go_of(tree, dialect):
    """Symbols and menus name each other; nothing waits for the garbage collector."""
    text = """
config MODULES
	def_bool y

menu "m"
	visible if B

config A
	bool "a"
	depends on !B
	select C if D = "d"
	imply E
	help
		Text.

config C
	bool "c"
	depends on A

config E
	tristate "e"
	default y if N > 2

endmenu

if A

choice
	prompt "c"
	default F

config F
	bool "f"

config G
	bool "g"

endchoice

comment "k"
	depends on E

endif

config N
	int "n"
	range 1 9 if A
	default 5
"""
    conf = tree(text, dialect=dialect).conf()
    kconf = conf.kconf
    kinds = {type(kconf.syms["A"]), type(kconf.choices[0]), kconfiglib.MenuNode, type(kconf)}
    gc.collect()
    gc.disable()
    try:
        del kconf
        conf.end()
        left = [each for each in gc.get_objects() if type(each) in kinds]
    finally:
        gc.enable()
    assert left == []
