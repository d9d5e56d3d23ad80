"""What each goal answers."""

import io
import shutil
from pathlib import Path

import pytest

from ninjagen.errors import NinjagenError
from ninjagen.kconfig import is_config_goal
from ninjagen.kconfig.goals import run_goals
from ninjagen.shell import Shell
from tests.kernel.trees import kernel_source

KCONFIG = """
config MODULES
	bool "Modules"
	modules

config A
	bool "A"

config T
	tristate "T"

config N
	int "N"
	default 3
"""



@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("allnoconfig", "n n n"),
        ("allyesconfig", "y y y"),
        ("allmodconfig", "y y m"),
        ("alldefconfig", "n n n"),
    ],
)
def test_all(tree, goal, expected):
    got = tree(KCONFIG).run(goal)
    assert " ".join(got[name] for name in ("MODULES", "A", "T")) == expected
    assert got["N"] == "3"


@pytest.mark.parametrize("name", ["1", "", "mine"])
def test_allconfig(tree, name):
    one = tree(KCONFIG)
    one.env["KCONFIG_ALLCONFIG"] = name
    path = one.objtree / (name if name == "mine" else "allyes.config")
    path.write_text("# CONFIG_A is not set\nCONFIG_N=5\n")
    got = one.run("allyesconfig")
    assert (got["A"], got["T"], got["N"]) == ("n", "y", "5")


def test_allconfig_is_missing(tree):
    one = tree(KCONFIG)
    one.env["KCONFIG_ALLCONFIG"] = "mine"
    with pytest.raises(NinjagenError, match="there is no mine"):
        one.run("allyesconfig")


def test_randconfig(tree, capsys):
    one = tree(KCONFIG)
    one.env |= {"KCONFIG_SEED": "0x10", "KCONFIG_PROBABILITY": "100"}
    assert one.run("randconfig")["A"] == "y"
    assert capsys.readouterr().out.startswith("KCONFIG_SEED=0x10\n")
    one.env["KCONFIG_PROBABILITY"] = "0"
    assert one.run("randconfig")["A"] == "n"
    one.env["KCONFIG_PROBABILITY"] = "50:60:70"
    with pytest.raises(NinjagenError, match="more than 100"):
        one.run("randconfig")


def test_defconfig(tree, capsys):
    one = tree(KCONFIG)
    one.env["KBUILD_DEFCONFIG"] = "x86_64_defconfig"
    one.write("arch/x86/configs/x86_64_defconfig", "CONFIG_A=y\n")
    one.write("arch/x86/configs/other_defconfig", "CONFIG_N=4\n")
    assert one.run("defconfig")["A"] == "y"
    assert capsys.readouterr().out == (
        "*** Default configuration is based on 'x86_64_defconfig'\n"
        "#\n# configuration written to .config\n#\n"
    )
    assert one.run("other_defconfig")["N"] == "4"
    assert one.run("other_defconfig")["A"] == "n"


def test_default_files(tree, capsys):
    """Without a .config olddefconfig starts from a default configuration."""
    one = tree(KCONFIG)
    one.write("Makefile", "ifndef cross_compiling\nendif\n")  # so: not the running kernel's
    one.write("scripts/subarch.include", "SUBARCH := $(shell echo other)\n")
    one.write("arch/x86/configs/defconfig", "CONFIG_A=y\n")
    assert one.run("olddefconfig")["A"] == "y"
    assert "using defaults found in arch/x86/configs/defconfig" in capsys.readouterr().out


def test_savedefconfig(tree):
    one = tree(KCONFIG)
    one.run("savedefconfig", "CONFIG_A=y\nCONFIG_N=3\n")
    assert one.read("defconfig") == "CONFIG_A=y\n"


def test_listnewconfig(tree, capsys):
    tree(KCONFIG).run("listnewconfig", "CONFIG_A=y\n")
    assert capsys.readouterr().out == "CONFIG_MODULES=n\nCONFIG_T=n\nCONFIG_N=3\n"


def test_oldconfig_does_not_guess(tree):
    one = tree(KCONFIG)
    with pytest.raises(NinjagenError, match="3 new symbols need an answer: MODULES T N"):
        one.run("oldconfig", "CONFIG_A=y\n")
    one.run("olddefconfig")
    one.run("oldconfig")


def test_rewrite(tree):
    one = tree(KCONFIG)
    one.run("allmodconfig")
    assert one.run("mod2yesconfig")["T"] == "y"
    assert one.run("yes2modconfig")["T"] == "m"
    assert one.run("mod2noconfig")["T"] == "n"


def test_silent(tree, capsys):
    one = tree(KCONFIG)
    one.env["quiet"] = "silent_"
    one.run("allnoconfig")
    assert capsys.readouterr().out == ""


@pytest.mark.kernel  # fragments are merged by the kernel's own script
def test_fragments_in_order(tree):
    one = tree(KCONFIG)
    one.write("kernel/configs/tiny-base.config", "")
    one.write("kernel/configs/tiny.config", "CONFIG_N=1\n")
    one.write("arch/x86/configs/tiny.config", "CONFIG_A=y\n")
    one.write("kernel/configs/more.config", "CONFIG_N=2\nCONFIG_T=y\n")
    script = Path(kernel_source("7.2")) / "scripts/kconfig/merge_config.sh"
    shutil.copy(script, one.source / "scripts/kconfig")
    goals = ["tinyconfig", "more.config"]
    run_goals(goals, str(one.source), str(one.objtree), one.env, Shell())
    assert one.config() == {"MODULES": "n", "A": "y", "T": "y", "N": "2"}
    assert not [path for path in one.objtree.iterdir() if path.name.startswith(".tmp")]


@pytest.mark.parametrize(
    ("goal", "message"),
    [
        ("defcnfig", "did you mean 'defconfig'"),
        ("x86_64_defcnfig", "did you mean 'x86_64_defconfig'"),
        ("tinny.config", "did you mean 'tiny.config'"),
        ("xconfig", "ninjagen has no xconfig"),
        ("menuconfig", "needs a terminal"),
    ],
)
def test_goals_that_cannot_be(tree, goal, message, monkeypatch):
    one = tree(KCONFIG)
    one.write("arch/x86/configs/x86_64_defconfig", "")
    one.write("kernel/configs/tiny.config", "")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(NinjagenError) as error:
        one.run(goal)
    assert message in str(error.value)
    assert not (one.objtree / ".config").exists()


def test_no_goal_is_done_when_one_is_wrong(tree):
    one = tree(KCONFIG)
    with pytest.raises(NinjagenError):
        run_goals(["allnoconfig", "nconfig"], str(one.source), str(one.objtree), one.env, Shell())
    assert not (one.objtree / ".config").exists()


def test_is_config_goal():
    for goal in ("defconfig", "tinyconfig", "x86_64_defconfig", "kvm_guest.config", "config"):
        assert is_config_goal(goal)
    for goal in ("vmlinux", "kernel/configs.o", "all", ".config.old", "configs"):
        assert not is_config_goal(goal)
