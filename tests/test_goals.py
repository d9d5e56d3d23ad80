"""Goals that no edge comes of: what they leave is what make leaves, and what ninja does then."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.answers.sample import Sample

pytestmark = pytest.mark.builds

LISTS = """\
no-sync-config-targets := %clean mrproper headers% %install kernelversion
"""
GOALS = """\
DEST ?= $(O)/dest
clean: archclean
	$(call cmd,rmfiles)
	@find . -name '*.[ao]' -o -name '.*.cmd' | xargs rm -f
quiet_cmd_rmfiles = CLEAN   compile_commands.json
cmd_rmfiles = rm -f compile_commands.json
archclean:
	@:
mrproper: clean
	rm -rf include .config vmlinux
modules_install: $(DEST)
	@cp kernel/built-in.a $(DEST)/
	-@false
headers_install: headers
	for name in one two; do $(MAKE) -f $(srctree)/Makefile $$name.h; done
headers: made.h
%.h: | $(DEST)
	echo "$@ $(CONFIG_FAST)" > $(DEST)/$(@F)
$(DEST):
	mkdir -p $@
kernelversion:
	@echo 7.2
.PHONY: clean archclean mrproper modules_install headers_install headers kernelversion
"""


@pytest.fixture
def sample(tmp_path, capsys) -> Sample:
    """A configured and described kernel whose top Makefile has such goals."""
    found = Sample(tmp_path, capsys)
    found.replace("Makefile", "ifeq ($(sub_make_done),)", LISTS + "ifeq ($(sub_make_done),)")
    found.replace("Makefile", ".PHONY: . prepare FORCE", GOALS + ".PHONY: . prepare FORCE")
    found.describe()
    return found


def do(sample: Sample, *words: str, status: int = 0) -> str:
    return sample.run("-C", str(sample.src), f"O={sample.out}", *words, status=status)


def files_of(tree: Path) -> dict[str, bytes | None]:
    """What is in a tree that ninjagen did not put there for itself."""
    return {
        str(path.relative_to(tree)): path.read_bytes() if path.is_file() else None
        for path in tree.rglob("*")
        if path.name != "build.ninja" and ".ninjagen" not in path.relative_to(tree).parts
    }


def made_by_make(sample: Sample, *words: str) -> dict[str, bytes | None]:
    """Return what make leaves, of the object tree as it is now; the tree stays so."""
    kept = sample.out.with_name("kept")
    shutil.copytree(sample.out, kept, symlinks=True)
    sample.make(*words)
    found = files_of(sample.out)
    shutil.rmtree(sample.out)
    kept.rename(sample.out)
    return found


def test_clean_leaves_what_make_leaves_and_ninja_builds_all_again(sample):
    sample.ninja()
    built = files_of(sample.out)
    expected = made_by_make(sample, "clean")
    assert built.keys() > expected.keys()
    do(sample, "clean")
    assert files_of(sample.out) == expected
    sample.ninja("vmlinux")
    del built["compile_commands.json"]  # generation wrote it
    assert files_of(sample.out).items() >= built.items()
    assert sample.ninja("vmlinux") == "ninja: no work to do.\n"


def test_mrproper_leaves_nothing_of_ours(sample):
    sample.ninja()
    expected = made_by_make(sample, "mrproper")
    do(sample, "mrproper")
    assert files_of(sample.out) == expected
    assert not (sample.out / ".ninjagen").exists()
    assert not (sample.out / "build.ninja").exists()


def test_what_is_installed_must_be_built_before(sample):
    message = do(sample, "modules_install", status=1)
    assert message.endswith("ninjagen: error: modules_install failed\n")
    line = sample.line("Makefile", "@cp kernel/built-in.a").partition(":")[2]
    place = f"make[1]: *** [{sample.src}/Makefile:{line}: modules_install] Error 1"
    assert place in message
    assert not list((sample.out / "kernel").glob("*.o"))
    sample.ninja()
    expected = made_by_make(sample, "modules_install")
    assert "(ignored)" in sample.make("modules_install")
    shutil.rmtree(sample.out / "dest")
    do(sample, "modules_install")
    assert files_of(sample.out) == expected


def test_what_make_makes_first_is_made_first(sample):
    expected = made_by_make(sample, "headers_install")
    assert (expected["dest/one.h"], expected["dest/two.h"]) == (b"one.h y\n", b"two.h y\n")
    do(sample, "headers_install")
    assert files_of(sample.out) == expected


def test_goals_are_done_in_order(sample):
    sample.ninja()
    do(sample, "mrproper", "alldefconfig", "kernelversion", "vmlinux")
    assert not (sample.out / "vmlinux").exists()
    assert "LD      vmlinux" in sample.ninja()


def test_a_goal_that_would_wait_for_ninja_is_refused(sample):
    sample.ninja()
    message = do(sample, "vmlinux", "modules_install", status=1)
    assert message == (
        "ninjagen: error: modules_install comes after vmlinux, which ninja makes\n"
        "  hint: ninjagen modules_install, when ninja has made it\n"
    )
    assert not (sample.out / "dest").exists()


def test_a_goal_before_the_described_one_is_done_each_time_and_by_no_regeneration(sample):
    for _ in range(2):
        do(sample, "clean", "vmlinux")
        assert not (sample.out / "kernel/built-in.a").exists()
        sample.ninja()
    sample.write("kernel/Makefile", (sample.src / "kernel/Makefile").read_text() + "# new\n")
    do(sample, "vmlinux")
    assert sample.ninja() == "ninja: no work to do.\n"


def test_the_goals_are_names_of_build_ninja(sample):
    sample.ninja()
    assert "\n7.2\n" in sample.ninja("kernelversion")
    expected = made_by_make(sample, "clean")
    sample.ninja("clean")
    assert files_of(sample.out) == expected
    sample.ninja()
    names = {line.partition(":")[0] for line in sample.ninja("-t", "targets", "all").splitlines()}
    assert names & {"mrproper", "headers", "headers_install", "archclean", "modules_install"} == {
        "headers_install", "archclean", "modules_install"
    }  # mrproper would remove ninja's log while ninja writes it


def test_a_kernel_without_such_goals(tmp_path, capsys):
    sample = Sample(tmp_path, capsys)
    sample.describe()
    message = sample.run("-C", str(sample.src), f"O={sample.out}", "clean", status=1)
    assert message.startswith("ninjagen: error: unknown goal 'clean'")
