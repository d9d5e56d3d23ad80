"""A kernel of a few files: enough of kbuild for ninjagen to configure it, describe it, build it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ninjagen import cli
from tests.kbuild.trees import MACROS, NINJA
from tests.kconfig.tree import NEW, TITLE

# scripts/cc FLAGS -o OUT SOURCE: what it was called with, the source, and a depfile.
COMPILER = """\
#!/bin/sh
words="$*"
while [ $# -gt 1 ]; do
    [ "$1" = -o ] && { out=$2; shift; }
    shift
done
{ echo "$words"; cat "$1"; } > "$out"
echo "$out: $1 include/config/FAST" > "$(dirname "$out")/.$(basename "$out").d"
"""
FIXDEP = """\
#!/bin/sh
read -r target source headers < $1
echo "savedcmd_$2 := $3"
echo; echo "source_$2 := $source"; echo; echo "deps_$2 := \\\\"
for header in $headers; do echo "  \\$(wildcard $header) \\\\"; done
echo; echo "$2: \\$(deps_$2)"; echo; echo "\\$(deps_$2):"
"""
FILES = {
    **{f"scripts/kconfig/{name}": text for name, text in NEW.items()},
    "Kconfig": TITLE + """\
config FAST
	bool "fast"
	default y
config SLOW
	bool "slow"
""",
    "Makefile": """\
ifeq ($(sub_make_done),)
export sub_make_done := 1
export srctree := $(CURDIR)
all $(filter-out all,$(MAKECMDGOALS)): sub
	@:
sub:
	@$(MAKE) --no-print-directory -C $(O) -f $(srctree)/Makefile $(MAKECMDGOALS)
.PHONY: sub
else
include $(srctree)/scripts/Kbuild.include
-include include/config/auto.conf
single-targets := %.a %.i %.lst %.o %.s %/
ARCH := x86
SRCARCH := x86
CC := $(srctree)/scripts/cc
KBUILD_CFLAGS := -O2 -std=gnu11
KBUILD_CFLAGS += -fno-common \\
	-fshort-wchar
cflags-$(CONFIG_FAST) := -ffast
cflags-$(CONFIG_SLOW) += -fslow
ifdef CONFIG_FAST
KBUILD_CFLAGS += $(cflags-y) $(call probe,-mgood) $(call probe,-mbad)
endif
KBUILD_CFLAGS += $(shell echo -mfound)
export ARCH SRCARCH CC KBUILD_CFLAGS
%config: ; $(MAKE) $(build)=scripts/kconfig $@
prepare: include/generated/version.h
include/generated/version.h: FORCE
	$(call filechk,version)
filechk_version = echo '"1"'
ifneq ($(filter $(single-targets),$(MAKECMDGOALS)),)
$(MAKECMDGOALS): .
endif
.: prepare
	$(MAKE) $(build)=. need-modorder=1 \\
	$(addprefix ./,$(filter $(single-targets),$(MAKECMDGOALS)))
vmlinux: .
	@$(MAKE) -f $(srctree)/scripts/Makefile.vmlinux
.PHONY: . prepare FORCE
FORCE:
endif
""",
    "scripts/Kbuild.include": MACROS.replace("build.mk", "scripts/Makefile.build").replace(
        "scripts/basic/fixdep", "$(srctree)/scripts/basic/fixdep"
    ) + """\
probe = $(shell [ $(1) = -mbad ] || echo "$(1)")
c_flags = $(KBUILD_CFLAGS) $(addprefix -D,$(defines)) $(ccflags-y) \\
	$(filter-out $(CFLAGS_REMOVE_$(*F).o),$(CFLAGS_$(*F).o) -Iinclude) $(private-flags)
""",
    "scripts/Makefile.vmlinux": """\
include $(srctree)/scripts/Kbuild.include
vmlinux: built-in.a FORCE
	$(call if_changed,link)
quiet_cmd_link = LD      $@
cmd_link = cat $(filter-out FORCE,$^) > $@
built-in.a:
.PHONY: FORCE
FORCE:
""",
    "scripts/Makefile.build": """\
PHONY := $(obj)/
$(obj)/:
obj-y :=
ccflags-y :=
-include include/config/auto.conf
include $(srctree)/scripts/Kbuild.include
include $(firstword $(wildcard $(srctree)/$(obj)/Kbuild $(srctree)/$(obj)/Makefile))
subdir-y := $(patsubst %/,%,$(filter %/,$(obj-y)))
objects := $(patsubst %/,%/built-in.a,$(obj-y))
ifneq ($(obj),.)
subdir-y := $(addprefix $(obj)/,$(subdir-y))
objects := $(addprefix $(obj)/,$(objects))
endif
prefix := $(patsubst ./%,%,$(obj)/)
quiet_cmd_cpp_i_c = CPP     $@
cmd_cpp_i_c = $(CC) -E $(c_flags) -o $@ $<
$(prefix)%.i: $(srctree)/$(prefix)%.c FORCE
	$(call if_changed_dep,cpp_i_c)
quiet_cmd_cc_lst_c = MKLST   $@
cmd_cc_lst_c = $(CC) -g $(c_flags) -o $@ $<
$(prefix)%.lst: $(srctree)/$(prefix)%.c FORCE
	$(call if_changed_dep,cc_lst_c)
quiet_cmd_cc_o_c = CC      $@
cmd_cc_o_c = $(CC) $(c_flags) -c -o $@ $<
$(prefix)%.o: $(srctree)/$(prefix)%.c FORCE
	$(call if_changed_dep,cc_o_c)
quiet_cmd_ar_builtin = AR      $@
cmd_ar_builtin = cat $(filter-out FORCE,$^) > $@
$(prefix)built-in.a: $(objects) FORCE
	$(call if_changed,ar_builtin)
$(patsubst %,%/built-in.a,$(subdir-y)): %/built-in.a: % ;
single-goals := $(foreach d,$(subdir-y),$(filter $d/%,$(patsubst ./%,%,$(MAKECMDGOALS))))
$(addprefix ./,$(single-goals)) $(single-goals): $(subdir-y)
	@:
$(subdir-y):
	$(MAKE) $(build)=$@ need-modorder= $(filter $@/%,$(single-goals))
$(obj)/: $(prefix)built-in.a
	@:
.PHONY: $(PHONY) $(subdir-y) FORCE
FORCE:
""",
    "scripts/basic/fixdep": FIXDEP,
    "scripts/cc": COMPILER,
    "Kbuild": "obj-y := kernel/\n",
    "kernel/Makefile": """\
defines := SMALL
obj-y := fork.o time/
obj-$(CONFIG_FAST) += fast.o
obj-$(CONFIG_SLOW) += slow.o
ccflags-y += -Wextra
CFLAGS_fork.o := -DFORK -DNOT
CFLAGS_REMOVE_fork.o += -DNOT
kernel/fast.o: private-flags = -DONLY
""",
    "kernel/fork.c": "int fork;\n",
    "kernel/fast.c": "int fast;\n",
    "kernel/slow.c": "int slow;\n",
    "kernel/time/Makefile": "obj-y := clock.o\n",
    "kernel/time/clock.c": "int clock;\n",
}


class Sample:
    """The kernel's sources, and an object tree for them."""

    def __init__(self, directory: Path, capsys) -> None:
        self.src, self.out = directory / "src", directory / "out"
        self.capsys = capsys
        self.ninja_program = NINJA
        for name, text in FILES.items():
            self.write(name, text)
        (self.src / "scripts/basic/fixdep").chmod(0o755)
        (self.src / "scripts/cc").chmod(0o755)

    def write(self, name: str, text: str) -> None:
        """Write a source."""
        path = self.src / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def replace(self, name: str, old: str, new: str) -> None:
        """Change the text of a source."""
        text = (self.src / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def line(self, name: str, text: str) -> str:
        """Return where a source says something: `Makefile:12`."""
        lines = (self.src / name).read_text().splitlines()
        numbers = [number for number, line in enumerate(lines, 1) if text in line]
        assert len(numbers) == 1, (name, text, numbers)
        return f"{name}:{numbers[0]}"

    def run(self, *words: str, status: int = 0) -> str:
        """Run ninjagen as a command line says; return what it prints."""
        self.capsys.readouterr()
        found = cli.main(words)
        said = self.capsys.readouterr()
        assert found == status, said.out + said.err
        return said.out if status == 0 else said.err

    def describe(self, *words: str) -> str:
        """Configure with the defaults if need be, and write build.ninja."""
        place = ("-C", str(self.src), f"O={self.out}", *words)
        if not (self.out / ".config").exists():
            self.run(*place, "alldefconfig")
        return self.run(*place)

    def ask(self, tool: str, *words: str, status: int = 0) -> str:
        """Ask a tool in the object tree."""
        return self.run("-C", str(self.out), "-t", tool, *words, status=status)

    def ninja(self, *words: str, status: int = 0) -> str:
        """Run ninja in the object tree."""
        done = subprocess.run(
            [self.ninja_program, *words], cwd=self.out, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "PATH": search_path()},
        )
        assert done.returncode == status, done.stdout
        return done.stdout

    def make(self, *words: str) -> str:
        """Run make in the source tree, as kbuild would be."""
        return subprocess.run(
            ["make", *words, f"O={self.out}"], cwd=self.src, check=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ).stdout


def search_path() -> str:
    """Return a PATH on which ninja is."""
    return os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
