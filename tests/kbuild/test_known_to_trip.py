"""What has tripped others who evaluated kbuild's makefiles; GNU make says what is right.

Shortened from the kernel files that each test names.
"""

from __future__ import annotations

from recipelines import our_lines, their_lines

from tests.kbuild.trees import Trees

HEAD = "VPATH := $(srctree)\n.PHONY: all\nall:\n.SECONDARY:\n"
OBJECTS = """\
all: $(addprefix $(obj)/,$(obj-y))
quiet_cmd_cc_o_c = CC      $@
cmd_cc_o_c = cc $(CFLAGS_$(@F)) -c $< -o $@
$(obj)/%.o: $(obj)/%.c FORCE
	$(call if_changed,cc_o_c)
quiet_cmd_as_o_S = AS      $@
cmd_as_o_S = as $< -o $@
$(obj)/%.o: $(obj)/%.S FORCE
	$(call if_changed,as_o_S)
quiet_cmd_host = HOSTCC  $@
cmd_host = hostcc $< -o $@
quiet_cmd_script = GEN     $@
cmd_script = $(PERL) $(real-prereqs) $(flavour) > $@
real-prereqs = $(filter-out FORCE,$^)
"""


def lines(trees: Trees, directory_makefile: str, *sources: str) -> set[str]:
    """The lines that both we and make would run for a directory; they must be the same."""
    trees.top(".PHONY: all\nall:\n\t$(MAKE) $(build)=lib\n")
    trees.write("lib/Makefile", f"{HEAD}{directory_makefile}{OBJECTS}")
    for name in sources:
        trees.write(f"lib/{name}")
    ours = our_lines(trees.describe())
    assert ours.keys() == their_lines(trees.make_says().split("\n")).keys()
    return {line.removeprefix("set -e; ").partition("; printf")[0] for line in ours}


def test_assembly_that_perl_writes(trees):
    """lib/crypto/Makefile: one by a pattern rule, one with a flavour of its own."""
    found = lines(
        trees,
        "obj-y := sha.o poly.o plain.o\nPERL := perl\n"
        "$(obj)/poly.S: flavour := 64\n"
        "$(obj)/%.S: $(obj)/%-armv8.pl\n\t$(call cmd,script)\n",
        "sha-armv8.pl", "poly-armv8.pl", "plain.S",
    )
    assert found == {
        f"perl {trees.src}/lib/sha-armv8.pl > lib/sha.S", "as lib/sha.S -o lib/sha.o",
        f"perl {trees.src}/lib/poly-armv8.pl 64 > lib/poly.S", "as lib/poly.S -o lib/poly.o",
        f"as {trees.src}/lib/plain.S -o lib/plain.o",
    }


def test_sources_unrolled_from_one(trees):
    """lib/raid6/Makefile of 6.12: int1.c and int2.c from int.uc; tables.c by a host program."""
    found = lines(
        trees,
        "obj-y := int1.o int2.o tables.o\nPERL := awk\n"
        "$(obj)/int%.c: $(obj)/int.uc $(obj)/unroll.awk FORCE\n\t$(call if_changed,script)\n"
        "cmd_mktable = $(obj)/mktables > $@\nquiet_cmd_mktable = TABLE   $@\n"
        "$(obj)/tables.c: $(obj)/mktables FORCE\n\t$(call if_changed,mktable)\n"
        "$(obj)/mktables: $(obj)/%: $(obj)/%.c FORCE\n\t$(call if_changed,host)\n",
        "int.uc", "unroll.awk", "mktables.c",
    )
    unroll = f"awk {trees.src}/lib/int.uc {trees.src}/lib/unroll.awk"
    assert found == {
        f"{unroll} > lib/int1.c", "cc -c lib/int1.c -o lib/int1.o",
        f"{unroll} > lib/int2.c", "cc -c lib/int2.c -o lib/int2.o",
        f"hostcc {trees.src}/lib/mktables.c -o lib/mktables",
        "lib/mktables > lib/tables.c", "cc -c lib/tables.c -o lib/tables.o",
    }


def test_explicit_rule_beats_the_pattern(trees):
    """arch/arm64/kernel/vdso/Makefile: vgettimeofday.o has a rule of its own."""
    found = lines(
        trees,
        "obj-y := a.o b.o\nquiet_cmd_own = OWN     $@\ncmd_own = own $< $@\n"
        "$(obj)/a.o: $(obj)/a.c FORCE\n\t$(call if_changed,own)\n",
        "a.c", "b.c",
    )
    assert found == {
        f"own {trees.src}/lib/a.c lib/a.o", f"cc -c {trees.src}/lib/b.c -o lib/b.o"
    }


def test_strings_of_auto_conf_have_no_quotes(trees):
    """scripts/kconfig/confdata.c writes the values bare: make sees words, # and $ in them."""
    (trees.out / "auto.conf").write_text(
        'CONFIG_NAMES=one.c two.c\nCONFIG_FLAG=-DA="b c"\nCONFIG_CUT=x#y\nCONFIG_EMPTY=\n'
    )
    trees.given.append("auto.conf")
    found = lines(
        trees,
        "include auto.conf\nobj-y := $(CONFIG_NAMES:.c=.o) $(CONFIG_EMPTY)\n"
        "CFLAGS_one.o := $(CONFIG_FLAG) $(CONFIG_CUT)\n",
        "one.c", "two.c",
    )
    assert found == {
        f'cc -DA="b c" x -c {trees.src}/lib/one.c -o lib/one.o',
        f"cc -c {trees.src}/lib/two.c -o lib/two.o",
    }


FIRMWARE = """\
firmware := $(addsuffix .gen.o,$(CONFIG_EXTRA_FIRMWARE))
obj-y += main.o $(firmware)
filechk_fwbin = echo '.incbin "$(*F)"'
$(obj)/%.gen.S: FORCE
	$(call filechk,fwbin)
$(addprefix $(obj)/,$(firmware)): $(obj)/%.gen.o: $(srctree)/fw/%
"""


def test_no_firmware_is_no_object(trees):
    """drivers/base/firmware_loader/builtin/Makefile with an empty CONFIG_EXTRA_FIRMWARE."""
    found = lines(trees, "CONFIG_EXTRA_FIRMWARE=\n" + FIRMWARE, "main.c")
    assert found == {f"cc -c {trees.src}/lib/main.c -o lib/main.o"}


def test_firmware_has_a_source_from_nothing(trees):
    trees.write("fw/a/b.bin")
    found = lines(trees, "CONFIG_EXTRA_FIRMWARE=a/b.bin\n" + FIRMWARE, "main.c")
    assert "as lib/a/b.bin.gen.S -o lib/a/b.bin.gen.o" in found
    assert f"{trees.src}/fw/a/b.bin" in trees.edge("lib/a/b.bin.gen.o").inputs


def test_header_that_is_made_from_the_configuration(trees):
    """arch/x86/Makefile, cpufeaturemasks.h: .config itself is a prerequisite."""
    (trees.out / ".config").write_text("CONFIG_X86_REQUIRED_FEATURE_FPU=y\n")
    trees.given.append(".config")
    found = lines(
        trees,
        "obj-y := a.o\nKCONFIG_CONFIG := .config\n$(obj)/a.o: include/generated/masks.h\n"
        "filechk_masks = grep FEATURE $(real-prereqs)\n"
        "include/generated/masks.h: $(KCONFIG_CONFIG) FORCE\n"
        "\t$(shell mkdir -p $(dir $@))\n\t$(call filechk,masks)\n",
        "a.c",
    )
    assert any("{ grep FEATURE .config; }" in line for line in found)
    assert trees.edge("include/generated/masks.h").inputs == (".config",)
    assert "include/generated/masks.h" in trees.edge("lib/a.o").inputs


def test_words_that_only_a_product_knows(trees):
    """kernel/trace/Makefile, undefsyms_base.o: each symbol in it becomes an option."""
    trees.top(".PHONY: all\nall:\n\t$(MAKE) $(build)=kernel/trace\n")
    trees.write("kernel/trace/undefsyms_base.c")
    trees.write(
        "kernel/trace/Makefile",
        f"{HEAD}obj-y := ring.checked\n"
        "ALLOWED = __asan $(shell nm -u $(obj)/undefsyms_base.o 2>/dev/null | awk '$$2')\n"
        "quiet_cmd_check = NM      $@\ncmd_check = nm -u $< | grep -v $(addprefix -e ,$(ALLOWED))\n"
        "$(obj)/%.checked: $(obj)/undefsyms_base.o FORCE\n\t$(call if_changed,check)\n" + OBJECTS,
    )
    ours = our_lines(trees.describe())
    assert ours.keys() == their_lines(trees.make_says().split("\n")).keys()
    assert trees.walk is not None
    assert [*trees.walk.table.deciding] == [f"{trees.out}/kernel/trace/undefsyms_base.o"]
