"""Headers that are generated, and then exported by a make that looks for them."""

from __future__ import annotations

import subprocess

TOP = """\
all: headers
headers: generated
	$(MAKE) -f $(srctree)/install.mk
generated:
	$(MAKE) -f $(srctree)/generate.mk
.PHONY: all headers generated
"""
GENERATE = """\
all: include/generated/uapi/linux/a.h include/generated/uapi/asm/deep/b.h \\
	include/generated/uapi/asm/none.txt include/generated/not.h
include/%:
	mkdir -p $(@D); echo $* > $@
"""
INSTALL = """\
include $(srctree)/macros.mk
gen := ./include/generated/uapi
src := $(srctree)/uapi
dst := usr/include
headers:
src-subdirs := $(patsubst $(src)/%/,%,$(filter %/, $(wildcard $(src)/*/)))
gen-subdirs := $(patsubst $(gen)/%/,%,$(filter %/, $(wildcard $(gen)/*/)))
src-headers := $(if $(src-subdirs), $(shell cd $(src) && find $(src-subdirs) -name '*.h'))
gen-headers := $(if $(gen-subdirs), $(shell cd $(gen) && find $(gen-subdirs) -name '*.h'))
old-subdirs := $(wildcard $(addprefix $(dst)/, $(sort $(src-subdirs) $(gen-subdirs))))
old-headers := $(if $(old-subdirs),$(shell find $(old-subdirs) -name '*.h'))
src-headers := $(addprefix $(dst)/, $(src-headers))
gen-headers := $(addprefix $(dst)/, $(gen-headers))
unwanted := $(filter-out $(src-headers) $(gen-headers), $(old-headers))
$(shell mkdir -p $(sort $(dir $(src-headers) $(gen-headers))))
$(src-headers): $(dst)/%.h: $(src)/%.h FORCE
	$(call if_changed,copy)
$(gen-headers): $(dst)/%.h: $(gen)/%.h FORCE
	$(call if_changed,copy)
headers: $(src-headers) $(gen-headers)
	@echo unwanted: $(unwanted)
.PHONY: headers FORCE
FORCE:
"""


def test_the_same_headers_as_by_make(trees, tmp_path):
    trees.top(TOP)
    trees.write("generate.mk", GENERATE)
    trees.write("install.mk", INSTALL)
    trees.write("uapi/linux/c.h", "c")
    trees.write("uapi/linux/c.txt")
    other = tmp_path / "other"
    other.mkdir()
    subprocess.run(
        ["make", "-rR", "-f", f"{trees.src}/Makefile"], cwd=other, env=trees.environ, check=True
    )
    expected = {str(path.relative_to(other)) for path in other.rglob("*.h")}
    assert {"usr/include/linux/a.h", "usr/include/asm/deep/b.h"} < expected
    trees.builds()
    found = {str(path.relative_to(trees.out)) for path in trees.out.rglob("*.h")}
    assert found == expected
    for name in expected:
        assert trees.text(name) == (other / name).read_text()
