"""The files, and when they are written."""

import os

import pytest

from ninjagen.errors import NinjagenError
from ninjagen.kconfig.sync import STAMP, sync
from ninjagen.shell import Shell
from tests.kconfig.tree import NEW, OLD

pytestmark = pytest.mark.builds

KCONFIG = """
config STRING
	string "String"
	default "a \\"b\\" \\\\ c"

menu "Menu"

config HEX
	hex "Hex"
	default 10

config INT
	int "Int"
	default 7

comment "Comment"

config BOOL
	bool "Bool"
	default y

endmenu

config MODULES
	bool "Modules"
	modules
	default y

config TRISTATE
	tristate "Tristate"
	default m

config OFF
	bool "Off"
"""

CONFIG = """\
#
# Automatically generated file; DO NOT EDIT.
# Linux/x86_64 7.2 Kernel Configuration
#
CONFIG_STRING="a \\"b\\" \\\\ c"

#
# Menu
#
CONFIG_HEX=10
CONFIG_INT=7

#
# Comment
#
CONFIG_BOOL=y
# end of Menu

CONFIG_MODULES=y
CONFIG_TRISTATE=m
# CONFIG_OFF is not set
"""


@pytest.fixture
def synced(tree):
    one = tree(KCONFIG)
    one.run("alldefconfig")
    return one


def do_sync(tree, shell=None):
    return sync(str(tree.source), str(tree.objtree), tree.env, shell or Shell())


def options(tree):
    names = set(os.listdir(tree.objtree / "include/config"))
    return names - {"auto.conf", "auto.conf.cmd"}


def age(tree):
    for root in (tree.source, tree.objtree):
        for directory, _, names in os.walk(root):
            for name in names:
                os.utime(os.path.join(directory, name), (1000, 1000))


def changed_files(tree):
    """The files that are new since age()."""
    found = set()
    for directory, _, names in os.walk(tree.objtree):
        for name in names:
            path = os.path.join(directory, name)
            if os.stat(path).st_mtime > 2000:
                found.add(os.path.relpath(path, tree.objtree))
    return found


def lines(text):
    return sorted(line for line in text.splitlines() if "CONFIG_" in line)


def test_contents(synced):
    assert synced.read(".config") == CONFIG
    auto_conf = synced.read("include/config/auto.conf")
    assert auto_conf.startswith(CONFIG[: CONFIG.index("CONFIG_")])
    assert lines(auto_conf) == [
        "CONFIG_BOOL=y", "CONFIG_HEX=10", "CONFIG_INT=7", "CONFIG_MODULES=y",
        'CONFIG_STRING=a "b" \\ c', "CONFIG_TRISTATE=m",
    ]  # fmt: skip
    header = synced.read("include/generated/autoconf.h")
    assert header.startswith("/*\n * Automatically generated file; DO NOT EDIT.\n")
    assert lines(header) == [
        "#define CONFIG_BOOL 1", "#define CONFIG_HEX 0x10", "#define CONFIG_INT 7",
        "#define CONFIG_MODULES 1", '#define CONFIG_STRING "a \\"b\\" \\\\ c"',
        "#define CONFIG_TRISTATE_MODULE 1",
    ]  # fmt: skip
    assert lines(synced.read("include/generated/rustc_cfg")) == [
        "--cfg=CONFIG_BOOL", '--cfg=CONFIG_BOOL="y"', '--cfg=CONFIG_HEX="0x10"',
        '--cfg=CONFIG_INT="7"', "--cfg=CONFIG_MODULES", '--cfg=CONFIG_MODULES="y"',
        '--cfg=CONFIG_STRING="a \\"b\\" \\\\ c"', "--cfg=CONFIG_TRISTATE",
        '--cfg=CONFIG_TRISTATE="m"',
    ]  # fmt: skip
    assert options(synced) == {"BOOL", "HEX", "INT", "MODULES", "STRING", "TRISTATE"}


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        (NEW, "autoconfig := include/config/auto.conf\n\ndeps_config := \\\n\tKconfig \\\n\t"
         "sub/Kconfig \\\n\n$(autoconfig): $(deps_config)\n$(deps_config): ;\n\n"
         'ifneq "$(ARCH)" "x86_64"\n$(autoconfig): FORCE\nendif\n'),
        (OLD, "deps_config := \\\n\tsub/Kconfig \\\n\tKconfig \\\n\n"
         "include/config/auto.conf: $(deps_config)\n\n"
         'ifneq "$(ARCH)" "x86_64"\ninclude/config/auto.conf: FORCE\nendif\n'
         "\n$(deps_config): ;\n"),
    ],
    ids=["new", "old"],
)  # fmt: skip
def test_cmd(tree, dialect, text):
    one = tree('source "sub/Kconfig"\n', dialect=dialect)
    one.write("sub/Kconfig", 'config A\n\tbool "$(UNSET)"\n')
    one.run("alldefconfig")
    assert one.read("include/config/auto.conf.cmd") == text


def test_nothing_changed(synced):
    first = do_sync(synced)
    assert not first.changed
    before = {name: os.stat(synced.objtree / name).st_mtime_ns for name in (STAMP, ".config")}
    second = do_sync(synced)
    assert second == first
    assert before == {name: os.stat(synced.objtree / name).st_mtime_ns for name in before}
    assert str(synced.objtree / ".config") in second.files
    assert str(synced.source / "Kconfig") in second.files
    assert second.environment == {"ARCH": "x86_64"}


def test_touched_config_makes_auto_conf_newer(synced):
    do_sync(synced)
    age(synced)
    do_sync(synced)
    assert changed_files(synced) == {STAMP}
    os.utime(synced.objtree / ".config")
    do_sync(synced)
    assert changed_files(synced) == {
        ".config", STAMP, "include/config/auto.conf", "include/config/auto.conf.cmd",
        "include/generated/autoconf.h", "include/generated/rustc_cfg",
    }  # fmt: skip
    newer = os.stat(synced.objtree / "include/config/auto.conf").st_mtime_ns
    assert newer >= os.stat(synced.objtree / ".config").st_mtime_ns


def test_options_that_changed_are_touched(synced):
    do_sync(synced)
    age(synced)
    config = synced.read(".config").replace("CONFIG_BOOL=y", "# CONFIG_BOOL is not set")
    config = config.replace("=m", "=y").replace("# CONFIG_OFF is not set", "CONFIG_OFF=y")
    (synced.objtree / ".config").write_text(config.replace("INT=7", "INT=8"))
    with open(synced.objtree / "include/config/auto.conf", "a") as file:
        file.write("CONFIG_GONE=y\n")
    assert do_sync(synced).changed
    touched = {os.path.basename(n) for n in changed_files(synced) if n.startswith("include/config")}
    assert touched - {"auto.conf", "auto.conf.cmd"} == {"BOOL", "TRISTATE", "OFF", "INT", "GONE"}


@pytest.mark.parametrize("what", ["kconfig", "environment", "setting", "output", "command"])
def test_stamp_knows_what_matters(tree, what):
    tool = 'config T\n\tstring "T"\n\tdefault "$(shell,cat data)"\n'
    one = tree(KCONFIG + tool)
    (one.objtree / "data").write_text("one")
    one.run("alldefconfig")
    do_sync(one)
    stamp = one.read(STAMP)
    if what == "kconfig":
        one.write("Kconfig", (one.source / "Kconfig").read_text() + 'config Z\n\tbool "Z"\n')
    elif what == "environment":
        one.env["ARCH"] = "x86"
    elif what == "setting":
        one.env["KCONFIG_WARN_UNKNOWN_SYMBOLS"] = "1"
    elif what == "output":
        (one.objtree / "include/generated/autoconf.h").unlink()
    else:
        (one.objtree / "data").write_text("three")
    do_sync(one)
    assert one.read(STAMP) != stamp
    assert (one.objtree / "include/generated/autoconf.h").exists()
    if what == "environment":
        assert "Linux/x86 7.2" in one.read(".config")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"ninjagen": 1}'])
def test_broken_stamp(synced, content):
    do_sync(synced)
    (synced.objtree / STAMP).write_text(content)
    do_sync(synced)
    assert synced.read(STAMP) != content


def test_old_config_is_kept(tree):
    one = tree(KCONFIG)
    one.run("olddefconfig", "CONFIG_INT=3\n")
    assert one.read(".config.old") == "CONFIG_INT=3\n"
    assert one.config()["INT"] == "3"


def test_other_name(tree):
    one = tree(KCONFIG)
    one.env["KCONFIG_CONFIG"] = "sub/other"
    (one.objtree / "sub").mkdir()
    (one.objtree / "sub/other").write_text("CONFIG_INT=3\n")
    do_sync(one)
    assert "CONFIG_INT=3\n" in one.read("sub/other")
    assert "CONFIG_INT=3\n" in one.read("include/config/auto.conf")


def test_no_config(tree):
    one = tree(KCONFIG)
    with pytest.raises(NinjagenError, match=r"\.config does not exist") as error:
        do_sync(one)
    assert "ninjagen defconfig" in str(error.value)
    assert os.listdir(one.objtree) == []


def test_config_of_another_architecture(tree):
    one = tree(KCONFIG)
    (one.objtree / ".config").write_text(CONFIG.replace("x86_64", "arm64"))
    with pytest.raises(NinjagenError, match="ARCH=arm64, and this is ARCH=x86_64"):
        do_sync(one)
    assert os.listdir(one.objtree) == [".config"]
    (one.objtree / ".config").write_text(CONFIG.replace("x86_64", "x86"))
    do_sync(one)


@pytest.mark.parametrize(
    ("line", "warning"),
    [
        ("CONFIG_BOOL=m", "symbol value 'm' invalid for BOOL"),
        ("CONFIG_INT=012", "symbol value '012' invalid for INT"),
        ("CONFIG_HEX=xyz", "symbol value 'xyz' invalid for HEX"),
        ('CONFIG_STRING="a', "invalid string found"),
        ("nonsense", "unexpected data: nonsense"),
        ("CONFIG_INT=1\nCONFIG_INT=2", "override: reassigning to symbol INT"),
    ],
)
def test_warnings_are_those_of_conf(tree, capsys, line, warning):
    tree(KCONFIG).run("olddefconfig", f"{line}\n")
    number = 1 + line.count("\n")
    assert capsys.readouterr().err == f".config:{number}:warning: {warning}\n"


def test_unknown_symbols_only_when_asked(tree, capsys):
    one = tree(KCONFIG)
    one.run("olddefconfig", "CONFIG_NOTHING=y\n")
    assert capsys.readouterr().err == ""
    one.env["KCONFIG_WARN_UNKNOWN_SYMBOLS"] = "1"
    one.run("olddefconfig", "CONFIG_NOTHING=y\n")
    assert capsys.readouterr().err == ".config:1:warning: unknown symbol: NOTHING\n"


def test_tree_that_cannot_be_written(tree):
    one = tree(KCONFIG)
    (one.objtree / "include").write_text("")
    with pytest.raises(NinjagenError, match=r"cannot write .*include/config"):
        one.run("alldefconfig")
