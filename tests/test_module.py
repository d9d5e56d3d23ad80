"""An external module, M=: built in a directory of its own, with a kernel that is only read."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.answers.sample import Sample, search_path

pytestmark = pytest.mark.builds

# What the kernel's top Makefile does with M= (7.2, from "ifdef KBUILD_EXTMOD" on).
TOP = """\
ifeq ($(sub_make_done),)
ifeq ("$(origin M)", "command line")
export KBUILD_EXTMOD := $(M)
endif
ifdef KBUILD_EXTMOD
export KBUILD_EXTMOD_OUTPUT := $(MO)
export objtree := $(realpath $(O))
export srcroot := $(realpath $(KBUILD_EXTMOD))
output := $(or $(MO),$(srcroot))
else
export objtree := .
output := $(O)
endif
no-sync-config-targets := clean
"""
MODULES = """\
ifdef KBUILD_EXTMOD
VPATH := $(srcroot)
modules: .
clean:
	rm -f driver.o built-in.a .*.cmd
.PHONY: modules clean
else
prepare: include/generated/version.h
endif
"""

TOP_BEFORE = """\
ifeq ($(sub_make_done),)
ifeq ("$(origin M)", "command line")
export KBUILD_EXTMOD := $(M)
endif
no-sync-config-targets := clean
"""
MODULES_BEFORE = """\
ifdef KBUILD_EXTMOD
modules:
	$(MAKE) $(build)=$(KBUILD_EXTMOD)
.PHONY: modules
endif
prepare: include/generated/version.h
"""


@pytest.fixture
def kernel(tmp_path, capsys) -> Sample:
    """A kernel that is configured, and has what modules need; and the module's directory."""
    sample = Sample(tmp_path, capsys)
    sample.replace("Makefile", "ifeq ($(sub_make_done),)\n", TOP)
    sample.replace("Makefile", "-C $(O)", "-C $(output)")
    sample.replace("Makefile", "prepare: include/generated/version.h\n", MODULES)
    for name in ("Makefile", "scripts/Makefile.build"):
        sample.replace(name, "-include include/config", "-include $(objtree)/include/config")
    build = "scripts/Makefile.build"
    sample.replace(build, "wildcard $(srctree)/$(obj)/Kbuild",
                   "wildcard $(if $(KBUILD_EXTMOD),$(srcroot)/Kbuild) $(srctree)/$(obj)/Kbuild")
    sample.replace(build, "$(prefix)%.o: $(srctree)/$(prefix)%.c", "$(prefix)%.o: $(prefix)%.c")
    sample.replace(build, "$(obj)/:\n", "$(obj)/:\nVPATH := $(or $(srcroot),$(srctree))\n")
    return prepared(sample, tmp_path)


@pytest.fixture
def kernel_before(tmp_path, capsys) -> Sample:
    """The same of a kernel that builds modules from its own directory, as those before 6.13."""
    sample = Sample(tmp_path, capsys)
    sample.replace("Makefile", "ifeq ($(sub_make_done),)\n", TOP_BEFORE)
    sample.replace("Makefile", "prepare: include/generated/version.h\n", MODULES_BEFORE)
    build = "scripts/Makefile.build"
    sample.replace(build, "wildcard $(srctree)/$(obj)/Kbuild",
                   "wildcard $(if $(KBUILD_EXTMOD),$(obj)/Kbuild) $(srctree)/$(obj)/Kbuild")
    sample.replace(build, "$(prefix)%.o: $(srctree)/$(prefix)%.c",
                   "$(prefix)%.o: $(if $(KBUILD_EXTMOD),,$(srctree)/)$(prefix)%.c")
    return prepared(sample, tmp_path)


def prepared(sample: Sample, tmp_path: Path) -> Sample:
    sample.describe()
    for name in ("scripts/mod/modpost", "Module.symvers"):
        (sample.out / name).parent.mkdir(parents=True, exist_ok=True)
        (sample.out / name).touch()
    module = tmp_path / "module"
    module.mkdir()
    (module / "Kbuild").write_text("obj-y := driver.o\ndefines := $(CONFIG_FAST)\n")
    (module / "driver.c").write_text("int driver;\n")
    return sample


def describe(kernel: Sample, *words: str, status: int = 0) -> str:
    return kernel.run("-C", str(kernel.src), f"O={kernel.out}", *words, status=status)


def ninja(directory: Path, status: int = 0) -> str:
    done = subprocess.run(
        ["ninja"], cwd=directory, text=True, check=False, env={"PATH": search_path()},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    assert done.returncode == status, done.stdout
    return done.stdout


def files(directory: Path) -> set[str]:
    return {
        str(path.relative_to(directory)) for path in directory.rglob("*")
        if path.is_file() and ".ninjagen" not in path.parts
    }


def test_built_where_its_sources_are(kernel, tmp_path):
    module, before = tmp_path / "module", files(kernel.out)
    assert "now run: ninja -C ../module" in describe(kernel, f"M={module}")
    ninja(module)
    assert "-Dy" in (module / "driver.o").read_text()  # of the kernel's configuration
    assert ninja(module) == "ninja: no work to do.\n"  # nor does it look for new makefiles
    assert files(module) == {
        "Kbuild", "driver.c", "driver.o", ".driver.o.cmd", "built-in.a", ".built-in.a.cmd",
        "build.ninja", "compile_commands.json",
    }
    assert files(kernel.out) == before


def test_built_from_the_directory_of_the_kernel(kernel_before, tmp_path):
    kernel, module = kernel_before, tmp_path / "module"
    before = files(kernel.out)
    for words in [f"M={module}"], [f"M={module}", f"MO={tmp_path}/ignored"]:
        assert "now run: ninja -C ../module" in describe(kernel, *words)
    ninja(module)
    assert "-Dy" in (module / "driver.o").read_text()
    assert ninja(module) == "ninja: no work to do.\n"
    assert files(module) == {
        "Kbuild", "driver.c", "driver.o", ".driver.o.cmd", "built-in.a", ".built-in.a.cmd",
        "build.ninja", "compile_commands.json",
    }
    assert files(kernel.out) == before
    (entry,) = json.loads((module / "compile_commands.json").read_text())
    assert (entry["directory"], entry["file"]) == (str(kernel.out), f"{module}/driver.c")
    assert f"savedcmd_{module}/driver.o := " in (module / ".driver.o.cmd").read_text()
    option = kernel.out / "include/config/FAST"
    assert option.exists()
    option.touch()
    assert "driver.o" in ninja(module)
    assert ninja(module) == "ninja: no work to do.\n"


def test_built_tree_gives_the_same_manifest(kernel, tmp_path):
    """Objects lie beside the sources, and are not taken for some."""
    module = tmp_path / "module"
    describe(kernel, f"M={module}")
    first = (module / "build.ninja").read_bytes()
    ninja(module)
    (module / "build.ninja").unlink()
    describe(kernel, f"M={module}")
    assert (module / "build.ninja").read_bytes() == first


def test_objects_elsewhere(kernel, tmp_path):
    describe(kernel, f"M={tmp_path}/module", f"MO={tmp_path}/objects")
    ninja(tmp_path / "objects")
    assert (tmp_path / "objects/driver.o").exists()
    assert files(tmp_path / "module") == {"Kbuild", "driver.c"}


def test_by_a_link_to_the_kernel(kernel, tmp_path):
    """As /lib/modules/RELEASE/build is one. M= is relative to where ninjagen runs."""
    (kernel.out / "Makefile").write_text(f"include {kernel.src}/Makefile\n")
    (tmp_path / "build").symlink_to(kernel.out)
    kernel.run("-C", str(tmp_path / "build"), "M=../module")
    ninja(tmp_path / "module")
    assert (tmp_path / "module/driver.o").exists()


def test_follows_the_kernels_configuration(kernel, tmp_path):
    module = tmp_path / "module"
    describe(kernel, f"M={module}")
    ninja(module)
    config = kernel.out / ".config"
    config.write_text(config.read_text().replace("CONFIG_FAST=y", "# CONFIG_FAST is not set"))
    kernel.describe()
    ninja(module)
    assert "-Dy" not in (module / "driver.o").read_text()


def test_clean(kernel, tmp_path):
    module = tmp_path / "module"
    describe(kernel, f"M={module}")
    ninja(module)
    describe(kernel, f"M={module}", "clean")
    assert files(module) == {"Kbuild", "driver.c", "build.ninja", "compile_commands.json"}


def test_kernel_that_is_not_ready(kernel, tmp_path):
    (kernel.out / "Module.symvers").unlink()
    said = describe(kernel, f"M={tmp_path}/module", status=1)
    assert "not ready for external modules: it has no Module.symvers" in said
    assert files(tmp_path / "module") == {"Kbuild", "driver.c"}


def test_goals_of_the_kernel(kernel, tmp_path):
    said = describe(kernel, f"M={tmp_path}/module", "defconfig", status=1)
    assert "defconfig is a goal of the kernel, not of a module" in said
