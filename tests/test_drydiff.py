"""tools/drydiff: GNU make's dry run of small trees in kbuild's idiom, against our edges."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import shlex
import subprocess
from pathlib import Path

import pytest
from recipelines import alike, our_lines, raw_lines_of, their_lines
from savedcommands import ByDesign, Difference, by_design, plain, saves_of

from ninjagen import helpers
from ninjagen.graph import Edge, Graph
from tests.kbuild.trees import Trees

TOOL = Path(__file__).parents[1] / "tools/drydiff"


def load_tool():
    loader = importlib.machinery.SourceFileLoader("drydiff", str(TOOL))
    spec = importlib.util.spec_from_loader("drydiff", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def trees(tmp_path) -> Trees:
    trees = Trees(tmp_path)
    trees.write("in.c", "x\n")
    return trees


def lines_of_make(said: str) -> dict[str, str]:
    return their_lines(said.split("\n"))


RECIPES = {
    "saved": "b: $(srctree)/in.c FORCE\n\t$(call if_changed,copy)\n",
    "with headers": "quiet_cmd_cc = CC      $@\ncmd_cc = cc -c $< -o $@\nb: $(srctree)/in.c FORCE\n"
        "\t$(call if_changed_dep,cc)\n",
    "filechk": "filechk_b = echo $(X); cat $<\nb: $(srctree)/in.c FORCE\n"
        "\t$(call filechk,b)\n",
    "several lines": "b:\n\t@echo \"it's\" > $@ # so\n\n\techo '# \"' \\\n\t  $$x && \\\n\tls\n",
    "a script": "export X := \"it's x\"\nexport Y\nb: $(srctree)/a.sh\n\tsh $< $@ $$X $${Y}\n",
    "a comment in the middle": "b:\n\techo 1; \\\n\t# no \\\n\techo 2 > b\n",
    "no file": ".PHONY: b\nb:\n\ttest -f x || exit 1\n",
}


@pytest.mark.parametrize("rules", RECIPES.values(), ids=RECIPES)
def test_lines_are_those_of_make(trees, rules):
    trees.write("a.sh", "#!/bin/sh\necho $X $Y\n")
    trees.top(".PHONY: all\nall: b\n" + rules)
    theirs = lines_of_make(trees.make_says())
    ours = our_lines(trees.describe())
    assert ours.keys() == theirs.keys()
    assert theirs


def test_lines_of_makes_within_makes(trees):
    trees.top(
        ".PHONY: all drv\nall: drv b\ndrv:\n\tmkdir -p drv; $(MAKE) $(build)=drv\n\t: > late\n"
        "b:\n\t$(MAKE) -C $(srctree)/tools O=$(CURDIR)/ $(CURDIR)/b\n"
    )
    trees.write("drv/Makefile", "all: $(obj)/x.o\n$(obj)/x.o: in.c FORCE\n"
                "\t$(call if_changed,copy)\nVPATH := $(srctree)\n")
    trees.write("tools/Makefile", "$(O)b: in\n\tcp in $@\n")
    trees.write("tools/in")
    theirs = lines_of_make(trees.make_says())
    assert our_lines(trees.describe()).keys() == theirs.keys()
    assert len(theirs) == 3
    assert theirs[f"cp in {trees.out}/b"] == f"{trees.out}/b"


def test_what_is_taken_out():
    trap = "trap 'rm -f a.o; trap - HUP; kill -s HUP $$' HUP;"
    saves = "./scripts/basic/fixdep .a.o.d a.o 'cc -D\"x='\\''$$1'\\''\" a.c' > .a.o.cmd"
    line = f"set -e;  echo '  CC      a.o'; {trap} cc a.c; {saves}"
    assert alike(line) == "set -e; cc a.c; ./scripts/basic/SAVED"
    assert [*saves_of(line)] == [("a.o", "cc -D\"x='$1'\" a.c")]
    assert alike("mkdir -p a b") == alike(":") == alike("set -e; :") == alike("# no") == ""
    assert alike("echo 'CC'") == "echo 'CC'"
    assert plain("a  $$b $(pound)\\n") == "a $b #\\n"


def test_by_design_allows_no_other_difference():
    row = ByDesign("differs", "*.symvers", "why", theirs=r" -n(?= )")
    assert by_design(Difference("differs", "a.symvers", "m -n x", "m x"), [row]) is row
    assert by_design(Difference("differs", "a.symvers", "m -n x", "m y"), [row]) is None
    assert by_design(Difference("differs", "a.order", "m -n x", "m x"), [row]) is None
    assert by_design(Difference("missing", "a.symvers", "m -n x", ""), [row]) is None
    row = ByDesign("extra", "tools/*", "why", ours=r"echo \w+;")
    assert by_design(Difference("extra", "tools/a", "", "echo a;"), [row]) is row
    assert by_design(Difference("extra", "tools/a", "", "echo a; rm b"), [row]) is None


def test_make_in_the_middle_of_a_command():
    """What it would run stands in its place (arch/x86/Makefile.postlink of 6.12)."""
    theirs = "set -e; link.sh vm; make -f /k/arch/x86/Makefile.postlink vm; ./SAVED"
    assert lines_of_make(theirs) == {theirs: ""}
    table = load_tool().BY_DESIGN
    for steps in ("true", "sh -c 'strip \"a b\" vm'", "sh -c 'a '\"'\"'b'\"'\"' vm' && sh -c 'c'"):
        ours = f"set -e; link.sh vm; {steps}; ./SAVED"
        assert by_design(Difference("differs", "vmlinux", theirs, ours), table)
        assert not by_design(Difference("differs", "vmlinux", theirs, ours + " x"), table)


def test_dollars_of_a_saved_command(trees):
    """arch/powerpc/boot/Makefile of 7.2 names a file after the number of the shell."""
    trees.top(
        "all: b\ncmd_pid = : > $@.$$$$; mv $@.$$$$ $@\nb: FORCE\n\t@$(cmd_pid);"
        " printf '%s\\n' 'savedcmd_b := $(subst $$,$$$$,$(cmd_pid))' > .b.cmd\n"
    )
    trees.describe()
    tool = load_tool()
    theirs = tool.saved_in(trees.make_says().split("\n"), trees.out)
    assert tool.our_commands(trees.walk.graph) == theirs == {"b": ": > b.$$; mv b.$$ b"}


def test_both_sides_are_told_the_number_and_the_date_of_the_build(monkeypatch):
    """make asks for them now, and our command when it runs (init/Makefile, utsversion.h)."""
    tool = load_tool()
    monkeypatch.delenv("KBUILD_BUILD_VERSION", raising=False)
    monkeypatch.setenv("KBUILD_BUILD_TIMESTAMP", "today")
    monkeypatch.setenv("MAKEFLAGS", "-k")
    told = tool.environment()
    assert (told["KBUILD_BUILD_VERSION"], told["KBUILD_BUILD_TIMESTAMP"]) == ("1", "today")
    assert told.keys() - os.environ.keys() == {"KBUILD_BUILD_VERSION"}
    assert "MAKEFLAGS" not in told


def test_make_is_asked_until_it_misses_nothing(tmp_path):
    """A product of another make, a directory, and a list that makefiles read."""
    kernel, out = tmp_path / "kernel", tmp_path / "out"
    kernel.mkdir()
    out.mkdir()
    save = "printf '%s\\n' 'savedcmd_$@ := $(1)' > .$@.cmd"
    (kernel / "Makefile").write_text(
        "all:\n\t$(MAKE) -C $(O) -f $(CURDIR)/a.mk\n\t$(MAKE) -C $(O) -f $(CURDIR)/b.mk\n"
    )
    order = "{ echo one.o; echo two.o; :; } > modules.order"
    (kernel / "a.mk").write_text(
        f"save = {save}\nall: a/tool modules.order\na/tool: FORCE\n\t: > $@; $(call save,: > $@)\n"
        f"modules.order: FORCE\n\t{order}; $(call save,{order})\nFORCE:\n"
    )
    (kernel / "b.mk").write_text(
        f"save = {save}\nlist := $(file < modules.order)\nall: $(list:.o=.ko)\n"
        "ifeq ($(wildcard $(CURDIR)/dir),)\n$(error output directory \"dir\" does not exist)\n"
        "endif\n%.ko: a/tool\n\ttool $@; $(call save,tool $@)\n"
    )
    tool = load_tool()
    assert tool.dry_run(kernel, out, ["X=1"], ["all"]) == {
        "a/tool": ": > a/tool", "modules.order": order, "one.ko": "tool one.ko",
        "two.ko": "tool two.ko",
    }
    assert os.stat(out / "a/tool").st_mtime == 1


def test_no_make_runs_in_earnest(tmp_path):
    """6.1 hands its tools an empty MAKEFLAGS."""
    (tmp_path / "Makefile").write_text(
        "all:\n\t$(MAKE) MAKEFLAGS= -f $(CURDIR)/tools.mk\n"
    )
    (tmp_path / "tools.mk").write_text("all: in\n\t: > ran\nin:\n\t$(MAKE) -f tools2.mk\n")
    (tmp_path / "tools2.mk").write_text("all:\n\t: > ran\n")
    tool = load_tool()
    tool.dry_run(tmp_path, tmp_path, [], ["all"])
    said = [*tool.said(tmp_path)]
    assert said.count(": > ran") == 2
    assert said.count("make -f tools2.mk") == 1
    assert sum(line.startswith("make MAKEFLAGS= -f ") for line in said) == 1
    assert not (tmp_path / "ran").exists()


def test_modules_are_not_linked(tmp_path):
    """scripts/Makefile.modfinal has `+` before the line, and make -n runs that."""
    saves = "printf '%s\\n' 'savedcmd_a.ko := : > $@' > .a.ko.cmd"
    (tmp_path / "Makefile").write_text(
        f"all: a.ko b.ko\na.ko:\n\t+set -e; : > $@; {saves}\n"
        "b.ko:\n\t+set -e; $(MAKE) -f b.mk; " + saves.replace("a.ko", "b.ko") + "\n"
        "\techo $(shell echo ':=' $(SHELL))\n"
    )
    (tmp_path / "b.mk").write_text("b:\n\t: > ran\n")
    tool = load_tool()
    saved = tool.dry_run(tmp_path, tmp_path, [], ["all"])
    assert saved == {"a.ko": ": > a.ko", "b.ko": ": > b.ko"}
    assert not (tmp_path / ".a.ko.cmd").exists()
    assert {": > ran", "echo := /bin/sh"} <= {*tool.said(tmp_path)}


def test_headers_are_there_to_be_exported(tmp_path):
    """scripts/Makefile.headersinst looks for them, and a make before it only prints them."""
    graph, header = Graph(), "include/generated/uapi/asm/types.h"
    graph.add(Edge("wrap", (header,), text=f"echo > {header}"))
    graph.add(Edge("install", ("b.h",), text="cp", saved="cp"))
    (tmp_path / "Makefile").write_text(
        "all:\n\t$(MAKE) -f $(CURDIR)/wrap.mk\n\t$(MAKE) -f $(CURDIR)/Makefile.headersinst\n"
    )
    (tmp_path / "wrap.mk").write_text(f"{header}:\n\techo > $@\n")
    (tmp_path / "Makefile.headersinst").write_text(
        "all: $(shell find include -name '*.h')\n\techo $^\n"
    )
    tool = load_tool()
    tool.dry_run(tmp_path, tmp_path, [], ["all", "lost"], tool.exported(graph))
    assert (tmp_path / "lost").exists()  # so make was asked again
    assert {f"echo > {header}", f"echo {header}"} <= {*tool.said(tmp_path)}


def test_flags_are_there_for_back_ends(tmp_path):
    """scripts/Makefile.thinlto reads them from the .cmd files of what it compiles."""
    saves = r"printf '\n%s\n' 'saved_c_flags_a.o := -DX='\''$$x'\'''"
    (tmp_path / "Makefile").write_text(
        f"all: a.o b\na.o:\n\tcc; {saves} >> ./.a.o.cmd; true\n"
        "b: a.o\n\techo $(shell sed -n '/saved_c_flags_/s/.*:= //p' ./.a.o.cmd)\n"
    )
    tool = load_tool()
    tool.dry_run(tmp_path, tmp_path, [], ["all"])
    assert "echo -DX='$x'" in {*tool.said(tmp_path)}


def test_back_ends_are_compared(tmp_path):
    """The index is the linker's; a back end and the thin link run within programs of ours."""
    graph = Graph()
    link = helpers.thin_link_command("rsp", "pre", "index", "order", "stage", "ld -r @order")
    guard = helpers.backend_prefix("a.thinlto-native.o", "a.o", "nm -a")
    graph.add(Edge("ld_thinlto_index", ("index",), text=f"set -e; {link}; x"))
    native = Edge("cc_o_bc", ("a.thinlto-native.o",), inputs=("a.o",), text=f"{guard} cc -x ir")
    graph.add(native)
    assert our_lines(graph) == {
        "set -e; ld -r @order; x": "index", "cc -x ir": "a.thinlto-native.o",
    }
    load_tool().write_index(tmp_path, graph)
    assert (tmp_path / "vmlinux.thinlto-index").read_text() == "a.o\n"


@pytest.mark.parametrize("lines", [["a"], ["a 'b'"], ["echo \"it's\" $x\n", "a && sh -c b", "a"]])
def test_lines_of_several_shells_are_told_apart(lines):
    command = " && ".join(f"sh -c {shlex.quote(line)}" for line in lines)
    for end in ("", " || exit $?"):
        assert raw_lines_of(Edge("r", ("o",), text=command + end)) == lines


@pytest.mark.parametrize("words", [["tinyconfig"], ["vmlinux"], ["defconfig", "kvm_guest.config"]])
def test_wrong_usage(words):
    done = subprocess.run([TOOL, "LLVM=1", *words], capture_output=True, text=True)
    assert done.returncode == 2
    assert "name a configuration goal, and at least one other" in done.stderr


def test_edges_that_wait_for_each_other(tmp_path):
    tool = load_tool()
    text = "rule r\n command = false\nbuild a: r b\nbuild b: r c\nbuild c: r {}\n"
    for last, expected in (("d", ""), ("a", "dependency cycle: a -> b -> c -> a")):
        (tmp_path / "build.ninja").write_text(text.format(last))
        (tmp_path / "d").touch()
        assert tool.circle_in(tmp_path, ["a"]).endswith(expected)
        assert bool(tool.circle_in(tmp_path, ["a"])) == bool(expected)
