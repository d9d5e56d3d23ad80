"""Recipes to edges, and makes that start makes: small trees in kbuild's idiom."""

from __future__ import annotations

import os

import pytest

from ninjagen.errors import NinjagenError
from ninjagen.ninja.manifest import text_of
from tests.kbuild.trees import Trees

COPY = "$(call if_changed,copy)"


# --- a recipe becomes an edge ---


def test_command_is_named_and_described_as_kbuild_does(trees):
    trees.top("all: b\nb: $(srctree)/a FORCE\n\t$(call if_changed,copy)\n")
    trees.write("a", "text\n")
    trees.describe()
    edge = trees.edge("b")
    assert (edge.rule, edge.description) == ("copy", "COPY    b")
    assert edge.inputs == (f"{trees.src}/a",)
    assert (edge.order_only, edge.implicit) == ((), ())
    assert edge.command == (
        f"set -e; cat {trees.src}/a > b; "
        f"printf '%s\\n' 'savedcmd_b := cat {trees.src}/a > b' > ./.b.cmd"
    )
    assert str(edge.loc) == f"{trees.src}/Makefile:3"
    assert trees.goals == ("b",)
    trees.builds()
    assert trees.text("b") == "text\n"


def test_names_that_ninja_would_not_take(trees):
    trees.top(
        "all: b c d\ncmd_a+b.o = : > $@\nquiet_cmd_plain = CC [M]  $@\ncmd_plain = : > $@\n"
        "b:\n\t$(call cmd,a+b.o)\nc:\n\t$(call cmd,plain)\nd:\n\t@: > $@; true\n"
    )
    trees.describe()
    assert trees.edge("b").rule == "a_b.o"
    assert (trees.edge("c").rule, trees.edge("c").description) == ("plain", "CC [M]  c")
    assert (trees.edge("d").rule, trees.edge("d").description) == ("recipe", "GEN     d")


def test_compile_knows_its_headers(trees):
    trees.top(
        "all: a.o\ncmd_cc_o_c = cat $< $(srctree)/a.h > $@; echo $@: $< $(srctree)/a.h > .$@.d\n"
        "a.o: $(srctree)/a.c FORCE\n\t$(call if_changed_dep,cc_o_c)\n"
    )
    trees.write("a.c", "code\n")
    trees.write("a.h", "one\n")
    trees.builds()
    edge = trees.edge("a.o")
    assert edge.keeps_same and edge.depfile == "./.a.o.d".removeprefix("./")
    assert trees.text("a.o") == "code\none\n"
    trees.write("a.h", "two\n")
    os.utime(trees.src / "a.h", ns=(os.stat(trees.out / "a.o").st_mtime_ns + 1,) * 2)
    said, _ = trees.ninja()
    assert trees.text("a.o") == "code\ntwo\n", said


def test_what_a_filechk_made_is_left_alone(trees):
    trees.top(
        "all: use\nfilechk_version.h = echo $(VERSION); cat $<\n"
        "gen/version.h: $(srctree)/in FORCE\n\t$(call filechk,version.h)\n"
        "use: gen/version.h FORCE\n\t$(call if_changed,copy)\n"
    )
    trees.write("in", "x\n")
    trees.builds("VERSION=1")
    edge = trees.edge("gen/version.h")
    assert (edge.rule, edge.description) == ("filechk_version.h", "UPD     gen/version.h")
    assert edge.restat and not edge.removes_failed
    assert trees.text("use") == "1\nx\n"
    assert sorted(os.listdir(trees.out / "gen")) == ["version.h"]


def test_several_lines_are_several_shells(trees):
    trees.top(
        "all: b\nb:\n\t@x=1; cd /; echo one > $(CURDIR)/log\n"
        "\t@echo \"two $$x\" >> log; set -e\n\t@false; echo 'it'\"'\"'s three' >> log\n"
        "\t@mv log b\n"
    )
    trees.builds()
    assert trees.text("b") == "one\ntwo \nit's three\n"


@pytest.mark.parametrize("failing", ["set -e; false; echo no >> b", "exit 3", "echo x | false"])
def test_line_that_fails_ends_the_recipe(trees, failing):
    trees.top(f"all: b\nb:\n\techo one > b\n\t{failing}\n\techo two >> log\n")
    trees.describe()
    assert trees.ninja()[1] != 0
    assert not os.path.exists(trees.out / "b")
    assert not os.path.exists(trees.out / "log")


@pytest.mark.parametrize(
    "line", ["false", "exit 3", "false;", "false # comment", "set -e; false; echo never >> b"]
)
def test_line_whose_failure_does_not_matter(trees, line):
    trees.top(f"all: b\nb:\n\techo one > b\n\t-{line}\n\techo two >> b\n")
    trees.builds()
    assert trees.text("b") == "one\ntwo\n"


def test_line_that_goes_on(trees):
    trees.top(
        "all: b\nb:\n\techo one \\\n\t  two > b; \\\n\techo thr\\\n\tee >> b && \\\n"
        "\techo 'four \\\n\tfive' >> b\n"
    )
    trees.builds()
    assert trees.text("b").splitlines()[:2] == ["one two", "three"]


COMMENTED = {
    "one line": "echo x > $@ # make it so; \"it is",
    "first of two": "true # nothing\n\techo x > $@",
    "last of two": "true\n\techo x > $@ # done",
    "after other things": "set -e; echo x > $@; true # done",
    "in the middle": "echo y > $@ # first \\\n\techo x > $@",
    "in a condition": "if true; then # it's \\\n\techo x > $@; # so \\\n\tfi",
    "nothing else": "echo x > $@\n\t# nothing",
    "a sign in words": "echo 'x # y' | sed 's/ #.*//' > $@; : a#b $${x#y} # z",
}


@pytest.mark.parametrize("recipe", COMMENTED.values(), ids=COMMENTED)
def test_comment_of_the_shell(trees, recipe):
    """A comment must not swallow what is put after the command."""
    trees.top(f"all: b\nb:\n\t{recipe}\n")
    trees.builds()
    assert trees.text("b") == "x\n"


@pytest.mark.parametrize(
    "recipe",
    [
        "test -e $(srctree)/in # sanity", "true # x\n\ttest -e $(srctree)/in",
        "test -e $(srctree)/in;", "test ! -e x || exit 0; exit 0", "false; true",
    ],
)
def test_check_is_done_when_its_recipe_is(trees, recipe):
    trees.write("in")
    trees.top(f".PHONY: all\nall:\n\t@{recipe}\n")
    trees.builds()


def test_directories_are_made_by_ninja(trees):
    trees.top("all: drv/net/b\ndrv/net/b:\n\tmkdir -p drv/net other\n\t@mkdir -p $(@D)\n\t: > $@\n")
    trees.builds()
    assert trees.edge("drv/net/b").command == ": > drv/net/b"
    assert (trees.out / "other").is_dir()


def test_recipe_that_makes_several_files(trees):
    trees.top("all: use\n%.c %.h: $(srctree)/%.y\n\tcp $< $*.c; cp $< $*.h\nuse: a.h a.c\n"
              "\tcat $^ > $@\n")
    trees.write("a.y", "x\n")
    trees.builds()
    assert set(trees.edge("a.h").outputs) == {"a.c", "a.h"}
    assert trees.edge("a.h") is trees.edge("a.c")
    assert trees.edge("use").inputs == ("a.h", "a.c")


def test_nothing_to_do_is_no_edge(trees):
    trees.top("all: b FORCE\n\t@:\nb: ;\nc:\n\ttrue\n")
    assert trees.describe().edges == []


def test_order_only_prerequisites(trees):
    trees.top("all: b\nb: $(srctree)/a | dir c\n\tcp $< $@\nc:\n\t: > c\ndir:\n\tmkdir -p dir\n")
    trees.write("a")
    trees.describe()
    assert trees.edge("b").inputs == (f"{trees.src}/a",)
    assert "c" in trees.before("b")


# --- phony targets ---


def test_phony_target_with_a_recipe_is_a_stamp(trees):
    trees.top(
        ".PHONY: all check\nall: b\nb: check\n\t: > b\n"
        "check: $(srctree)/in FORCE\n\t@grep -q good $<\n"
    )
    trees.write("in", "good\n")
    trees.builds()
    stamp = trees.edge(".ninjagen/stamps/check")
    assert stamp.inputs == (f"{trees.src}/in",)
    assert stamp.rule == "check"
    assert trees.before("b") == {".ninjagen/stamps/check"}
    assert trees.edge("b").inputs == ()


def test_stamps_of_similar_names(trees):
    trees.top(
        ".PHONY: all a/b a_b\nall: a/b a_b\na/b:\n\ttest 1\na_b:\n\ttest 2\n"
    )
    trees.builds()
    assert len(trees.walk.graph.edges) == 2


def test_check_that_fails_fails_the_build(trees):
    trees.top(".PHONY: all check\nall: check b\ncheck:\n\t@false\nb: | check\n\t: > b\n")
    trees.describe()
    assert trees.ninja()[1] != 0
    assert not os.path.exists(trees.out / ".ninjagen/stamps/check")
    assert not os.path.exists(trees.out / "b")


def test_goal_stands_for_what_it_needs(trees):
    trees.top(".PHONY: all one two\nall: one two\none: a b\ntwo: c\na b c:\n\t: > $@\n")
    trees.describe()
    assert trees.files(trees.goals) == {"a", "b", "c"}


# --- sub-makes ---


def test_sub_make_waits_for_what_comes_before_it(trees):
    """What the target that starts it depends on, and what earlier lines of the recipe made."""
    trees.top(
        ".PHONY: all drv prepare\nall: drv\nprepare: gen.h\ngen.h:\n\t: > $@\n"
        "drv: prepare\n\t$(MAKE) $(build)=first\n\t$(MAKE) $(build)=second\n"
    )
    for name in "first", "second":
        trees.write(f"{name}/Makefile", f"$(obj)/{name}.o:\n\t: > $@\n")
    trees.builds()
    assert trees.before("first/first.o") == {"gen.h"}
    assert trees.before("second/second.o") == {"gen.h", "first/first.o"}
    assert trees.edge("first/first.o").inputs == ()
    assert trees.files(trees.goals) == {"gen.h", "first/first.o", "second/second.o"}


def test_makes_within_makes(trees):
    trees.top(".PHONY: all\nall: gen\n\t$(MAKE) $(build)=a\ngen:\n\t: > gen\n")
    trees.write(
        "a/Makefile",
        ".PHONY: here $(obj)/b\nhere: $(obj)/x.a\n$(obj)/x.a: $(obj)/b/y.o\n\tcat $^ > $@\n"
        "$(obj)/b/y.o: $(obj)/b ;\n$(obj)/b:\n\t$(MAKE) $(build)=$@\n",
    )
    trees.write("a/b/Makefile", "$(obj)/y.o:\n\techo y > $@\n")
    trees.builds()
    assert trees.edge("a/x.a").inputs == ("a/b/y.o",)
    assert trees.before("a/b/y.o") == {"gen"}
    assert trees.text("a/x.a") == "y\n"
    assert trees.walk.processes == 3


def test_same_directory_twice_is_one_edge(trees):
    trees.top(
        ".PHONY: all one two\nall: one two\none:\n\t$(MAKE) $(build)=drv\n"
        "two: z\n\t$(MAKE) $(build)=drv\nz:\n\t: > z\n"
    )
    trees.write("drv/Makefile", "$(obj)/x:\n\t: > $@\n")
    trees.builds()
    assert [edge.outputs for edge in trees.walk.graph] == [("drv/x",), ("z",)]
    assert trees.before("drv/x") == set()


def test_two_commands_for_one_file(trees):
    trees.top(
        ".PHONY: all\nall:\n\t$(MAKE) $(build)=drv X=1\n\t$(MAKE) $(build)=drv X=2\n"
    )
    trees.write("drv/Makefile", "$(obj)/x:\n\techo $(X) > $@\n")
    with pytest.raises(NinjagenError, match="two different commands make 'drv/x'") as raised:
        trees.describe()
    text = str(raised.value)
    assert text.count(f"{trees.src}/drv/Makefile:1") >= 2
    assert "obj=drv" in text and "for target all" in text


def test_variables_of_the_command_line_reach_every_make(trees):
    trees.top(".PHONY: all\nall:\n\t$(MAKE) $(build)=drv Y='2 3' Z=$(Z)4\n")
    trees.write("drv/Makefile", "Z = no\n$(obj)/x:\n\techo $(X) $(Y) $(Z) $(origin X) > $@\n")
    trees.builds("X=a b", "all", "Z=z")
    assert trees.text("drv/x") == "a b 2 3 z4 command line\n"


def test_exported_variables_reach_every_make(trees):
    trees.top(
        "export X := 1\nY := 2\nZ = $(Y)3\nexport Z\nW := no\n.PHONY: all\nall:\n"
        "\t$(MAKE) $(build)=drv\n"
    )
    trees.write("drv/Makefile", "$(obj)/x:\n\techo $(X) $(Z) $(origin X) $(origin W) > $@\n")
    trees.builds()
    assert trees.text("drv/x") == "1 23 environment undefined\n"


def test_variables_of_a_target_reach_the_makes_of_its_recipe(trees):
    trees.top(
        ".PHONY: all one two\nall: one two\none: export FLAGS := -g\none two: part := x\n"
        "one two:\n\t$(MAKE) $(build)=$@\n"
    )
    for name in "one", "two":
        trees.write(f"{name}/Makefile", "$(obj)/x:\n\techo '[$(FLAGS)$(part)]' > $@\n")
    trees.builds()
    assert trees.text("one/x") == "[-g]\n"
    assert trees.text("two/x") == "[]\n"


def test_variables_set_before_make(trees):
    trees.top(".PHONY: all\nall:\n\tX=1 Y='a b' $(MAKE) $(build)=drv\n")
    trees.write("drv/Makefile", "$(obj)/x:\n\techo $(X) $(Y) $(origin X) > $@\n")
    trees.builds()
    assert trees.text("drv/x") == "1 a b environment\n"


def test_make_in_another_directory(trees):
    trees.top(".PHONY: all\nall: gen\n\t$(MAKE) -C $(srctree)/tools O=$(CURDIR)/tools/ x\n"
              "gen:\n\t: > gen\n")
    trees.write("tools/Makefile", "x: $(O)x.o\n$(O)x.o: in\n\tcp in $@; pwd >> $@\n")
    trees.write("tools/in", "text\n")
    trees.builds()
    edge = trees.edge("tools/x.o")
    assert edge.inputs == (f"{trees.src}/tools/in",)
    assert trees.before("tools/x.o") == {"gen"}
    assert trees.text("tools/x.o") == f"text\n{trees.src}/tools\n"


@pytest.mark.parametrize(("recipe", "fails"), [
    ("set -e; : > $@; false; true", True),
    (": > $@; false", True),
    (": > $@; false; true", False),
    ("true\n\t: > $@; false\n\ttrue", True),
])
def test_command_in_another_directory_that_fails(trees, recipe, fails):
    trees.top(".PHONY: all\nall:\n\t$(MAKE) -C $(srctree)/tools O=$(CURDIR)/tools/ x\n")
    trees.write("tools/Makefile", f"x: $(O)x.o\n$(O)x.o:\n\t{recipe}\n")
    trees.describe()
    assert (trees.ninja()[1] != 0) == fails
    assert os.path.exists(trees.out / "tools/x.o") != fails


def test_make_behind_a_guard(trees):
    trees.top(
        ".PHONY: all\nall:\n\t@set -e; if [ ! -f drv/x ]; then \\\n"
        "\t\trm -f drv/y; $(MAKE) $(build)=drv one || exit 1; fi; $(MAKE) $(build)=drv two\n"
    )
    trees.write("drv/Makefile", "one two: $(obj)/x\n$(obj)/x:\n\techo x > $@\n")
    trees.builds()
    assert trees.files(trees.goals) == {"drv/x"}
    assert trees.walk.processes == 3


@pytest.mark.parametrize("line", [
    "(cd $(srctree)/tools && $(MAKE) O=$(CURDIR) > /dev/null 2>&1); $(MAKE) $(build)=drv",
    "$(MAKE) $(build)=drv 2>&1; cd $(srctree)/tools; $(MAKE) O=$(CURDIR)",
    "cd .; { $(MAKE) $(build)=drv; }; $(MAKE) -C $(srctree)/tools O=$(CURDIR) >/dev/null",
])
def test_make_after_a_change_of_directory(trees, line):
    trees.top(f".PHONY: all\nall:\n\t@{line}\n")
    trees.write("tools/Makefile", "$(O)/t: in\n\tcp $< $@\n")
    trees.write("tools/in", "x\n")
    trees.write("drv/Makefile", "$(obj)/x:\n\t: > $@\n")
    trees.builds()
    assert trees.files(trees.goals) == {"t", "drv/x"}


@pytest.mark.parametrize("line", [
    "for d in *; do $(MAKE) $(build)=$$d; done",
    "cd $$HOME && $(MAKE) x",
    "while ! $(MAKE) x; do :; done",
    "cd $(srctree) && cp x y && $(MAKE) x",
    "$(MAKE) x > log 2>&1",
])
def test_make_that_cannot_be_followed(trees, line):
    trees.top(f".PHONY: all\nall:\n\t{line}\n")
    with pytest.raises(NinjagenError, match="cannot follow the make in a") as raised:
        trees.describe()
    assert f"{trees.src}/Makefile:" in str(raised.value)


def test_make_as_one_step_of_a_command(trees):
    trees.top(
        "all: b\nb: $(srctree)/in\n\tcp $< b.tmp; $(MAKE) -f $(srctree)/fix.mk fix NAME=b.tmp"
        " && mv b.tmp b\n"
    )
    trees.write("in", "one\n")
    trees.write(
        "fix.mk",
        "fix:\n\t@:\n\t@echo \"it's\" >> $(NAME)\n\t@echo $$(($(N)+1)) >> $(NAME)\n",
    )
    trees.builds("N=3")
    assert trees.text("b") == "one\nit's\n4\n"
    assert [edge.outputs for edge in trees.walk.graph] == [("b",)]


def test_file_that_is_written_beside_a_make(trees):
    """To speak is to do nothing, unless a file hears it."""
    trees.top(
        "all: b\nb:\n\t@echo one > $@; $(MAKE) -f $(srctree)/more.mk more NAME=$@\n"
    )
    trees.write("more.mk", "more:\n\t@echo two >> $(NAME)\n")
    trees.builds()
    assert trees.text("b") == "one\ntwo\n"


def test_make_as_one_step_that_knows_nothing_of_what_the_command_has_made(trees):
    """The file is there by then, and make says that there is nothing to be done; another that
    nothing makes is an error (arch/powerpc/Makefile.postlink of 7.2)."""
    trees.top(
        "all: b c\nb c:\n\tcp $(srctree)/in $@; $(MAKE) -f $(srctree)/post.mk $@; cat $@ > $@.d\n"
    )
    trees.write("in", "made\n")
    trees.write("post.mk", "vmlinux:\n\techo checked\n")
    trees.builds()
    assert trees.text("b.d") == "made\n"
    trees.top("all: b\nb:\n\tcp $(srctree)/in $@; $(MAKE) -f $(srctree)/post.mk c\n")
    with pytest.raises(NinjagenError, match=r"No rule to make target 'c'"):
        trees.describe()


@pytest.mark.parametrize(
    "line",
    [
        "printf 'run make x\\n' > $@",
        "echo please make x > $@",
        "echo 'make x' > $@; true",
        "cat $(srctree)/make > $@ # make x",
        "cp $(srctree)/make make ; mv make $@",
    ],
)
def test_line_that_only_mentions_make(trees, line):
    trees.top(f"all: b\nb:\n\t@{line}\n")
    trees.write("make", "make x\n")
    trees.builds()
    assert "make x" in trees.text("b")


def test_script_that_runs_make(trees):
    """What such a make always runs, runs when the script's edge would."""
    trees.top(
        "export MAKE\nall: vm\ncmd_link = $(srctree)/scripts/link.sh $@\n"
        "vm: $(srctree)/in FORCE\n\t$(call if_changed,link)\n"
    )
    trees.write("in", "in\n")
    trees.write(
        "scripts/link.sh", "#!/bin/sh\nset -e\n${MAKE} -f ${srctree}/build.mk obj=init\n"
        "cat init/v > $1\n", 0o755,
    )
    trees.write("init/Makefile", "$(obj)/v:\n\techo version > $@\n")
    trees.builds()
    assert "init/v" in trees.edge("vm").inputs
    assert trees.text("vm") == "version\n"


def test_script_that_tells_of_one_that_runs_make(trees):
    """As scripts/gen-btf.sh does of scripts/link-vmlinux.sh: what it makes waits for nothing."""
    trees.top(
        "export MAKE\nall: vm mod\ncmd_link = $(srctree)/scripts/link.sh $@\n"
        "vm: $(srctree)/in FORCE\n\t$(call if_changed,link)\n"
        "cmd_mod = $(srctree)/scripts/mod.sh $@\nmod: vm FORCE\n\t$(call if_changed,mod)\n"
    )
    trees.write("in", "in\n")
    trees.write("scripts/link.sh", "#!/bin/sh\n${MAKE} -f ${srctree}/build.mk obj=init\n"
                "cat init/v > $1\n", 0o755)
    trees.write("scripts/mod.sh", "#!/bin/sh\n# for scripts/link.sh\necho mod > $1\n", 0o755)
    trees.write("init/Makefile", "$(obj)/v:\n\techo version > $@\n")
    trees.builds()
    assert trees.edge("mod").inputs == ("vm", f"{trees.src}/scripts/mod.sh")


# --- environment of commands ---


def test_command_gets_what_its_scripts_read_and_nothing_else(trees):
    trees.environ.update(USERS="user", HOME="/nowhere")
    trees.top(
        "export ONE := it's 1\nexport TWO := 2\nexport UNREAD := x\nexport HOME\nPRIVATE := x\n"
        "all: b\nb: $(srctree)/in\n\tsh $(srctree)/scripts/a.sh > $@; echo $$TWO >> $@\n"
    )
    trees.write("in")
    trees.write("scripts/a.sh", "echo $ONE $PRIVATE $HOME\nsh scripts/inner.sh\n")
    trees.write("scripts/inner.sh", "echo $NOBODY $INNER\n")
    trees.describe()
    command = trees.edge("b").command
    assert command.startswith("export ONE='it'\"'\"'s 1' TWO=2; sh ")
    for name in ("UNREAD", "PRIVATE", "HOME", "USERS", "NOBODY", "PATH"):
        assert f"{name}=" not in command


@pytest.mark.parametrize(("program", "read"), [
    ("rustc --out-dir=x a.rs", {"RUSTC_BOOTSTRAP"}),
    ("X=y /usr/bin/rustc-1.85 a.rs", {"RUSTC_BOOTSTRAP"}),
    ("rustdoc a.rs", {"RUSTC_BOOTSTRAP"}),
    ("scripts/rustdoc_test_gen a", {"srctree"}),
    ("rustdoc a.rs >/dev/null; ./scripts/rustdoc_test_gen", {"RUSTC_BOOTSTRAP", "srctree"}),
    ("(rustc)", {"RUSTC_BOOTSTRAP"}),
    ("gcc -Irustc -DX=rustc_version rustc.c", set()),
    ("gcc rustdoc_test_gen.c", set()),
])
def test_variables_that_a_program_reads_unseen(trees, program, read):
    trees.top(
        "export RUSTC_BOOTSTRAP := 1\nexport srctree\nexport UNREAD := x\n"
        f"all: b\nb:\n\t{program}\n"
    )
    trees.describe()
    command = trees.edge("b").command
    assert {name for name in ("RUSTC_BOOTSTRAP", "srctree") if f"{name}=" in command} == read
    assert "UNREAD" not in command


def test_unexported_variables_are_unset_for_every_command(trees):
    trees.environ["CDPATH"] = "/x"
    trees.top("unexport CDPATH GREP_OPTIONS\nexport LC_ALL := C\nall: b\nb:\n\t: > b\n")
    trees.describe()
    assert trees.walk.locale_prefix() == "unset CDPATH GREP_OPTIONS; export LC_ALL=C; "


def test_variable_of_a_target_in_its_commands_environment(trees):
    trees.top(
        "all: b c\nb: export X := target\nexport X := all\nb c:\n\techo $$X > $@\n"
    )
    trees.builds()
    assert (trees.text("b"), trees.text("c")) == ("target\n", "all\n")


def test_scripts_of_a_recipe_that_always_runs_are_inputs(trees):
    trees.top(
        "all: gen.h\nfilechk_gen = sh $(srctree)/scripts/gen.sh\n"
        "gen.h: FORCE\n\t$(call filechk,gen)\n"
    )
    trees.write("scripts/gen.sh", "echo 1\n")
    trees.describe()
    assert trees.edge("gen.h").inputs == (f"{trees.src}/scripts/gen.sh",)


def test_command_runs_again_when_a_script_of_its_changes(trees):
    trees.top(
        "all: b\ncmd_gen = sh $(srctree)/scripts/gen.sh $< > $@\n"
        "b: $(srctree)/in FORCE\n\t$(call if_changed,gen)\n"
    )
    trees.write("in")
    trees.write("scripts/gen.sh", "sh ${0%/*}/inner.sh\n# scripts/inner.sh\n")
    trees.write("scripts/inner.sh", "echo 1\n")
    trees.builds()
    trees.write("scripts/inner.sh", "echo two\n")
    assert trees.ninja()[1] == 0
    assert trees.text("b") == "two\n"


@pytest.mark.parametrize(
    "recipe",
    ["./tools/gen $< > $@", "true; tools/gen $< > $@", "if ./tools/gen $< > $@; then :; fi",
     "cd tools && $(CURDIR)/tools/gen $(CURDIR)/$< > $(CURDIR)/$@"],
)
def test_command_runs_again_when_a_program_of_its_changes(trees, recipe):
    trees.top(
        f"all: b\nb: in | prepare\n\t{recipe}\nin:\n\techo > $@\n"
        ".PHONY: prepare\nprepare: tools/gen\n"
        "tools/gen: $(srctree)/gen.sh\n\tmkdir -p tools && cp $< $@\n"
    )
    trees.write("gen.sh", "#!/bin/sh\necho 1\n", mode=0o755)
    trees.builds()
    trees.write("gen.sh", "#!/bin/sh\necho two\n", mode=0o755)
    assert trees.ninja()[1] == 0
    assert trees.text("b") == "two\n"


def test_program_that_only_tells_dependencies_is_no_input(trees):
    trees.top(
        "all: b.o\ncmd_cc_o_c = echo '$@: $<' > .b.o.d; cp $< $@\n"
        "b.o: $(srctree)/b.c FORCE | scripts/basic/fixdep\n\t$(call if_changed_dep,cc_o_c)\n"
        "scripts/basic/fixdep:\n\tcp $(srctree)/fixdep $@\n"
    )
    trees.write("b.c")
    trees.describe()
    assert trees.edge("b.o").inputs == (f"{trees.src}/b.c",)
    assert "scripts/basic/fixdep" in trees.before("b.o")


# --- the world ---


def test_leftovers_do_not_change_the_graph(tmp_path):
    def text(name: str, leftovers: dict[str, str]) -> str:
        directory = tmp_path / name
        directory.mkdir()
        trees = Trees(directory)
        trees.top(
            ".PHONY: all\nall: gen.h b c\n\t$(MAKE) $(build)=drv\ngen.h:\n\t: > $@\n"
            "b: $(wildcard *.x) $(wildcard gen.*)\n\tcat $^ > $@\n"
            "c: ; $(if $(wildcard old),: > $@,: > $@; true)\n-include old.mk\n"
        )
        trees.write("drv/Makefile", "$(obj)/%.o: $(src)/%.c ;\n$(obj)/x: $(wildcard $(obj)/y*)\n"
                    "\t: $^ > $@\n")
        for path, content in leftovers.items():
            (trees.out / path).parent.mkdir(parents=True, exist_ok=True)
            (trees.out / path).write_text(content)
        graph = trees.describe()
        return text_of(graph, "", trees.goals).replace(str(directory), "")

    leftovers = {"old": "", "old.mk": "$(error leftover)\n", "a.x": "", "b": "", "drv/yy": "",
                 "gen.h": "", "gen.x": "", "drv/x": "", ".ninjagen/stamps/all": ""}
    assert text("clean", {}) == text("dirty", leftovers)


def test_missing_source(trees):
    trees.top("all: b\nb: $(srctree)/none.c\n\tcp $< $@\n")
    with pytest.raises(NinjagenError, match=r"No rule to make target '.*/none\.c', needed by 'b'"):
        trees.describe()


def test_missing_include(trees):
    trees.top("include $(srctree)/none.mk\nall: ;\n")
    with pytest.raises(NinjagenError, match=r"none\.mk: No such file or directory") as raised:
        trees.describe()
    assert str(raised.value).startswith(f"{trees.src}/Makefile:2: ")


def test_error_tells_the_way_to_it(trees):
    trees.top(".PHONY: all\nall:\n\t$(MAKE) $(build)=drv\n")
    trees.write("drv/Makefile", "$(error wrong)\n")
    with pytest.raises(NinjagenError) as raised:
        trees.describe()
    lines = str(raised.value).splitlines()
    assert "wrong" in lines[0]
    assert [line.split()[0] for line in lines[1:]] == ["included", "while", "for", "while"]
    assert "obj=drv" in lines[2]


# --- what kbuild's own names mean (protocol.py) ---


def test_only_objects_whose_headers_are_known_keep_what_did_not_change(trees):
    trees.top(
        "all: a.s a.o b.o\ncmd_cc = cp $< $@; echo $@: $< > .$@.d\n"
        "a.s a.o: $(srctree)/a.c FORCE\n\t$(call if_changed_dep,cc)\n"
        "b.o: a.o FORCE\n\t$(call if_changed,copy)\n"
    )
    trees.write("a.c")
    trees.describe()
    assert [trees.edge(name).keeps_same for name in ("a.o", "a.s", "b.o")] == [True, False, False]


def test_file_that_another_make_makes_brings_along_what_it_needs(trees):
    trees.top(
        ".PHONY: prepare\nvm: prepare\n\t$(MAKE) $(build)=link vm\nprepare: gen checked\n"
        "gen:\n\t: > $@\n.PHONY: checked\nchecked:\n\ttest -d .\n"
    )
    trees.write("link/Makefile", "vm:\n\t: > vm\n")
    trees.builds("vm")
    assert trees.files(trees.goals) == {"vm", "gen", ".ninjagen/stamps/checked"}
    assert trees.before("vm") == {"gen", ".ninjagen/stamps/checked"}


def test_object_tree_is_prepared_when_build_ninja_is_written(trees):
    trees.top(
        "export X := x\n.PHONY: all outputmakefile\nall: outputmakefile\n"
        "outputmakefile: gen\n\t@echo 1 > now; pwd >> now\n\t@echo $$X >> now\ngen:\n\t: > $@\n"
    )
    graph = trees.describe()
    assert trees.text("now") == f"1\n{trees.out}\nx\n"
    assert [edge.outputs for edge in graph] == [("gen",)]
    assert trees.files(trees.goals) == {"gen"}


def test_object_tree_is_prepared_once(trees):
    """The walk to the configuration comes to the same recipes as the one after it."""
    trees.top(
        "export X := x\n.PHONY: all outputmakefile\n"
        "all:\n" + "".join(
            f"\t$(MAKE) -f $(srctree)/Makefile outputmakefile {words}\n"
            for words in ("", "A=1", "X=2", "A=2 X=2")
        ) + "outputmakefile:\n\t@echo $$X >> now\n\t@echo same >> now\n"
    )
    trees.describe()
    assert trees.text("now") == "x\nsame\n2\n"


def test_object_tree_that_cannot_be_prepared(trees):
    trees.top(".PHONY: all outputmakefile\nall: outputmakefile\noutputmakefile:\n"
              "\t@echo '***' >&2; echo '*** The source tree is not clean' >&2; false\n")
    with pytest.raises(NinjagenError) as raised:
        trees.describe()
    assert str(raised.value).splitlines()[0] == (
        f"{trees.src}/Makefile:4: The source tree is not clean"
    )


def test_files_that_no_makefile_declares(trees):
    trees.top(
        "all: vm use\ncmd_link_vmlinux = sh $(srctree)/scripts/link-vmlinux.sh $@\n"
        "vm: FORCE\n\t$(call if_changed,link_vmlinux)\nuse: vm\n\tcp System.map $@\n"
    )
    trees.write("scripts/link-vmlinux.sh", "echo 1 > $1; echo 2 > System.map\n")
    trees.builds()
    assert trees.edge("vm").implicit_outputs == ("System.map",)
    assert trees.edge("System.map") is trees.edge("vm")


def test_what_a_compiler_is_told_to_leave_beside_its_object(trees):
    """Others find it by their depfiles, and have to wait for it, and to come after it."""
    trees.top(
        "all: rust/a.o rust/b.o\n"
        "cmd_rustc_library = sh $(srctree)/compile --emit=obj=$@ $(if $(metadata),"
        "--emit=metadata=rust/lib$*.rmeta)\n"
        "rust/a.o: private metadata = y\n"
        "rust/%.o: $(srctree)/%.rs FORCE\n\t$(call if_changed_dep,rustc_library)\n"
    )
    trees.write("a.rs", "")
    trees.write("b.rs", "")
    trees.describe()
    assert trees.edge("rust/a.o").implicit_outputs == ("rust/liba.rmeta",)
    assert trees.edge("rust/b.o").implicit_outputs == ()
    assert not trees.edge("rust/a.o").keeps_same  # not when the metadata have changed
    assert trees.edge("rust/b.o").keeps_same


@pytest.mark.parametrize("has_maps", (True, False))
def test_maps_of_the_kernels_links_are_made_if_the_configuration_says_so(trees, has_maps):
    trees.top(
        "CONFIG_VMLINUX_MAP := $(if $(HAS_MAPS),y)\n"
        "maps-$(CONFIG_VMLINUX_MAP) := vmlinux.map vmlinux.o.map\n"
        "all: vmlinux use\ncmd_link_vmlinux = sh $(srctree)/scripts/link-vmlinux.sh $@\n"
        "map-option-$(CONFIG_VMLINUX_MAP) = -Map=$@.map\n"
        "cmd_ld_vmlinux.o = sh $(srctree)/ld $@ $(map-option-y)\n"
        "vmlinux.o: FORCE\n\t$(call if_changed,ld_vmlinux.o)\n"
        "vmlinux: vmlinux.o FORCE\n\t$(call if_changed,link_vmlinux)\n"
        "use: vmlinux $(maps-y)\n\tcat $^ > $@\nvmlinux.map: vmlinux\n"
    )
    link = 'echo 1 > $1; echo 2 > System.map; [ -z "$HAS_MAPS" ] || echo 3 > vmlinux.map\n'
    trees.write("scripts/link-vmlinux.sh", link)
    trees.write("ld", 'echo 4 > $1; [ -z "$2" ] || echo 5 > "${2#-Map=}"\n')
    trees.environ["HAS_MAPS"] = "y" if has_maps else ""
    trees.builds()
    assert trees.text("use") == ("1\n3\n5\n" if has_maps else "1\n")
    assert ("vmlinux.map" in trees.edge("use").inputs) == has_maps


def test_a_module_of_another_directory(trees):
    trees.top(
        "all: drv/y.o modpost modfinal\n.PHONY: all modpost modfinal\n"
        "drv/y.o: ; echo 1 > $@\n"
        "drv/../x.o: ; echo 2 > $@\n"
        "cmd_gen_order = { echo drv/../x.o; :; } > $@\n"
        "modules.order: drv/../x.o drv/y.o FORCE\n\t$(call if_changed,gen_order)\n"
        "modpost: Module.symvers\n"
        "cmd_modpost = sed 's/o$$/mod.c/' modules.order | xargs touch; : > $@; : -T modules.order\n"
        "Module.symvers: modules.order FORCE\n\t$(call if_changed,modpost)\n"
        "modfinal: modpost\n\t$(MAKE) -f $(srctree)/final.mk\n"
    )
    trees.write("final.mk", "all: $(patsubst %.o,%.final,$(shell cat modules.order))\n"
                "%.final: %.o %.mod.c\n\tcat $^ > $@\n")
    trees.builds()
    assert trees.edge("x.final").inputs == ("x.o", "x.mod.c")
    assert trees.edge("x.mod.c") is trees.edge("Module.symvers")


def test_commands_that_leave_alone_what_did_not_change(trees):
    trees.top("all: a b\ncmd_modpost = : > $@\ncmd_other = : > $@\na:\n\t$(call cmd,modpost)\n"
              "b:\n\t$(call cmd,other)\n")
    trees.describe()
    assert [trees.edge(name).restat for name in "ab"] == [True, False]


def test_phony_targets_of_the_top_makefile_are_names(trees):
    """Also one that has prerequisites alone, one that makes nothing, and one that only fails."""
    trees.top(
        "all: one two; @:\none: few many\nfew: b\nmany: b c\ntwo: $(srctree)/sub\n"
        "$(srctree)/sub: ; $(MAKE) $(build)=sub\nb c: FORCE\n\t$(call if_changed,copy)\n"
        "modules:\n\t@echo no modules >&2; exit 1\nempty:\n"
        ".PHONY: all one two few many modules empty $(srctree)/sub\n"
    )
    trees.write("sub/Makefile", "inner: sub/d\nsub/d: FORCE\n\t$(call if_changed,copy)\n"
                ".PHONY: inner\n")
    trees.describe("all", "modules", "empty")
    graph = trees.walk.graph
    assert trees.files(["few"]) == {"b"} and trees.files(["many", "one"]) == {"b", "c"}
    assert {"all", "few", "many", "one", "modules"} <= graph.phonies.keys()
    assert not {"empty", "inner", "FORCE"} & graph.phonies.keys()
    assert trees.ninja("one")[1] == 0
    said, status = trees.ninja("modules")
    assert status != 0 and "no modules" in said


def test_release_depends_on_the_users_files(trees):
    trees.top("all: include/config/kernel.release\nfilechk_kernel.release = echo 1\n"
              "include/config/kernel.release: FORCE\n\t$(call filechk,kernel.release)\n")
    trees.write("localversion-a")
    (trees.out / "localversion-b").touch()
    trees.describe()
    assert set(trees.edge("include/config/kernel.release").inputs) == {
        f"{trees.src}/localversion-a", "localversion-b",
    }


def test_release_follows_a_file_of_the_users_that_goes(trees):
    trees.top("all: include/config/kernel.release\n"
              "filechk_kernel.release = echo $(srctree)/localversion*\n"
              "include/config/kernel.release: FORCE\n\t$(call filechk,kernel.release)\n")
    for name in "localversion-a", "localversion-b":
        trees.write(name)
    for names in "ab", "a", "":
        trees.describe()
        assert trees.ninja("include/config/kernel.release")[1] == 0
        said = (trees.out / "include/config/kernel.release").read_text().split()
        assert [path[-1] for path in said] == list(names or "*")
        (trees.src / f"localversion-{names[-1:]}").unlink(missing_ok=True)


@pytest.mark.parametrize("place", [".git", "../main/.git/worktrees/src"])
def test_release_depends_on_the_commit(trees, place):
    """Also of a work tree whose .git is a file that names the directory."""
    trees.top("all: include/config/kernel.release\nfilechk_kernel.release = echo 1\n"
              "include/config/kernel.release: FORCE\n\t$(call filechk,kernel.release)\n")
    for name in "HEAD", "index", "logs/HEAD", "config":
        trees.write(f"{place}/{name}")
    if place != ".git":
        trees.write(".git", f"gitdir: {place}\n")
    trees.describe()
    git = os.path.normpath(trees.src / place)
    assert set(trees.edge("include/config/kernel.release").inputs) == {
        f"{git}/HEAD", f"{git}/index", f"{git}/logs/HEAD",
    }


def test_text_of_a_product_is_read_when_the_command_runs(trees):
    trees.top(
        "VERSION = $(shell cat include/config/kernel.release 2> /dev/null)\n"
        "READ = $(file < include/config/kernel.release)\n"
        "all: b\ninclude/config/kernel.release:\n\techo 7.2 > $@\n"
        "b: include/config/kernel.release\n\techo \"$(VERSION) $(READ)\" > $@\n"
    )
    trees.builds()
    assert trees.text("b") == "7.2 7.2\n"


def test_kconfig_is_ours(trees):
    trees.top(
        "export ARCH := x\n.PHONY: all\nall:\n\t$(MAKE) $(build)=scripts/kconfig syncconfig X=1\n"
    )
    trees.write("scripts/kconfig/Makefile", "$(error evaluated)\n")
    asked = []
    trees.configure = lambda goals, environ: asked.append((goals, environ["ARCH"]))
    trees.describe()
    assert asked == [(["syncconfig"], "x")]
    assert trees.walk.processes == 1


def test_configuration_goal_with_a_recipe_of_its_own(trees):
    """Its commands run when they come, between the makes, and say what they say; a loop over goals
    is what it does one after the other (7.2: scripts/Makefile.defconf, __build_one_by_one)."""
    trees.top(
        ".PHONY: all merged_config by_one\n"
        "all: merged_config; echo no > made\n"
        "merged_config: ; @echo one > $(X); cat $(X)\n\t$(MAKE) -f $(srctree)/Makefile by_one\n"
        "\t-echo two > $(X); false\n\t$(MAKE) $(build)=scripts/kconfig last.config\n"
        "by_one:\n\tset -e; for i in first.config second.config; do \\\n"
        "\t\t$(MAKE) -f $(srctree)/Makefile $$i; \\\n\tdone\n"
        "%.config: ; $(MAKE) $(build)=scripts/kconfig $@\n"
    )
    asked = []
    trees.configure = lambda goals, environ: asked.append((goals, trees.text("config")))
    trees.only_configure = True
    trees.describe("all", "X=config")
    assert asked == [
        (["first.config"], "one\n"), (["second.config"], "one\n"), (["last.config"], "two\n"),
    ]
    assert trees.said == ["one"]
    assert not (trees.out / "made").exists()
    trees.top("broken_config: ; @echo said >&2; exit 3\n.PHONY: broken_config\n")
    with pytest.raises(NinjagenError, match="'broken_config' failed: echo said >&2; exit 3"):
        trees.describe("broken_config")


def test_walk_for_the_configuration_makes_no_edges(trees):
    trees.top(
        "include missing.conf\nmissing.conf:\n\t$(MAKE) $(build)=scripts/kconfig syncconfig\n"
        ".PHONY: all syncconfig\nall: b\n\t$(MAKE) $(build)=drv\nb:\n\t: > $@\n"
        "syncconfig: b\n\t$(MAKE) $(build)=scripts/kconfig syncconfig\n\t$(MAKE) $(build)=drv\n"
    )
    asked = []
    trees.configure = lambda goals, environ: asked.append(goals)
    trees.only_configure = True
    assert trees.describe("syncconfig").edges == []
    assert asked == [["syncconfig"]]


def test_short_log_of_tools(trees):
    trees.top("all: b\nb:\n\t@printf '  %-8s %s\\n' CC b; set -e; : > b\n"
              "c: b\n")
    trees.builds()
    assert trees.edge("b").command.endswith(": > b")


def test_groups_are_shared_and_named_once(trees):
    trees.top(
        ".PHONY: all prepare\nall: x y\nprepare: a b\na b:\n\t: > $@\nx y: prepare\n\t: > $@\n"
    )
    trees.describe()
    assert trees.edge("x").order_only == trees.edge("y").order_only
    assert len(trees.edge("x").order_only) == 1
    assert trees.before("x") == {"a", "b"}


def test_what_is_only_said_makes_no_file(trees):
    """riscv: `Image` is no phony target, and its recipe a make and a line of $(kecho)."""
    trees.top(
        "all: Image\nkecho := :\nImage:\n\t$(MAKE) $(build)=boot boot/Image\n"
        "\t@$(kecho) '  Kernel: $@ is ready'\n"
    )
    trees.write("boot/Makefile", "boot/Image:\n\techo image > $@\n")
    trees.builds("all")
    assert trees.text("boot/Image") == "image\n"
    assert not (trees.out / "Image").exists()


@pytest.mark.parametrize("link", [
    "ln -sf ../tool sub/", "ln -fs ../tool sub/tool", "ln -sfn ../tool sub//tool",
    "ln -sf ../tool sub",
])  # fmt: skip
def test_link_is_there_for_the_make_of_the_next_line(trees, link):
    """As tools/lib/bpf/Makefile, which links fixdep where tools/build looks for it."""
    trees.top(
        f"all: sub/lib\nsub/lib: tool | sub\n\t{link}\n\t$(MAKE) -f $(srctree)/inner.mk $@\n"
        "sub:\n\tmkdir -p $@\ntool: $(srctree)/tool\n\tcp $< $@\n"
    )
    trees.write("inner.mk", (
        "sub/lib: sub/a\n\tcp $< $@\n"
        "sub/a: ; $(if $(wildcard sub//tool),sub/tool,echo none) > $@\n"
    ))
    trees.write("tool", "#!/bin/sh\necho tool\n", 0o755)
    trees.describe()
    assert trees.edge("sub/tool").inputs == ("tool",)
    trees.builds()
    assert trees.text("sub/lib") == "tool\n"
    assert (trees.out / "sub/tool").readlink().as_posix() == "../tool"
    trees.write("tool", "#!/bin/sh\necho other\n", 0o755)
    trees.builds()
    assert trees.text("sub/lib") == "other\n"
    assert (trees.out / "sub/tool").is_symlink()
    assert trees.ninja() == ("ninja: no work to do.\n", 0)


def test_link_that_no_make_follows_is_made_by_its_recipe(trees):
    trees.top("all: b\nb:\n\t: > $@\n\tln -sf b c\n")
    trees.describe()
    assert not trees.walk.makes("c")
    trees.builds()
    assert (trees.out / "c").readlink().as_posix() == "b"
