"""A command that lists what it reads in a file of its own: ninja learns the list too."""

import subprocess

import pytest

from ninjagen.kbuild.lower import Lowering
from ninjagen.kbuild.shelltext import Scripts
from ninjagen.make.recipe import Command
from ninjagen.make.rules import Recipe
from ninjagen.source import Loc

LOG = "\x01initfs\x02GEN     usr/data\x03"


def test_list_becomes_a_depfile(tmp_path):
    lowering = Lowering(str(tmp_path), str(tmp_path), Scripts(str(tmp_path)))
    text = (
        f"set -e; {LOG} mkdir usr; : > usr/data -l usr/.data.d ;"
        " printf 'deps_initramfs := \\\\\\n/a/init \\\\\\n' > usr/.data.d"
    )
    loc = Loc("Makefile", 1)
    recipe = lowering.recipe("usr/data", Recipe((), loc), [Command(text, loc)])
    assert recipe.depfile == "usr/.data.d.ninja"
    command = lowering.command(recipe, "usr/data", {}, frozenset())
    subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, check=True)
    assert (tmp_path / recipe.depfile).read_text() == "usr/data: \\\n/a/init \\\n\n"
    assert (tmp_path / "usr/.data.d").read_text() == "deps_initramfs := \\\n/a/init \\\n"


# As kernel/Makefile and gen_kheaders.sh have it; the archive is one file of all texts.
ARCHIVE = """\
all: kernel/data
define newline


endef
if_changed_rule = $(foreach line,1 2,$(rule_$(1)_$(line))$(newline))
include/generated/a.h: $(srctree)/a FORCE
\t$(call filechk,a)
filechk_a = cat $(srctree)/a
filechk_kheaders_objlist = find include/generated -name '*.h' -print
filechk_kheaders_srclist = find $(srctree)/include -name '*.h' -print
cmd_kheaders_data = sh $< $@ kernel/srclist kernel/objlist
cmd_kheaders_data_dep = cat kernel/.data.d >> kernel/.data.cmd; rm -f kernel/.data.d
kernel/objlist: include/generated/a.h FORCE
\t$(call filechk,kheaders_objlist)
kernel/srclist: FORCE
\t$(call filechk,kheaders_srclist)
kernel/data: $(srctree)/pack kernel/srclist kernel/objlist FORCE
\t$(call cmd,kheaders_data); : > kernel/.data.cmd
\t$(call cmd,kheaders_data_dep)
"""
PACK = """\
exec 3>&1 > kernel/.data.d
echo; echo "deps_$1 := \\\\"; sed 's/$/ \\\\/' $2 $3; echo; echo "$1: \\$(deps_$1)"
exec >&3
sort $2 $3 | xargs cat > $1
"""


@pytest.fixture
def headers(trees):
    """A built tree with an archive of headers."""
    trees.write("pack", PACK)
    trees.write("a", "a\n")
    for name in ("b", "sub/c", "sub/deeper/d"):
        trees.write(f"include/{name}.h", f"{name}\n")
    trees.top(ARCHIVE)
    trees.builds()
    assert sorted(trees.text("kernel/data").split()) == ["a", "b", "sub/c", "sub/deeper/d"]
    return trees


def packed(trees) -> list[str]:
    """Build again; return what is in the archive."""
    said, status = trees.ninja()
    assert status == 0, said
    assert trees.ninja()[0] == "ninja: no work to do.\n", trees.ninja("-n", "-d", "explain")[0]
    return trees.text("kernel/data").split()


def test_archive_of_headers_follows_their_text(headers):
    headers.write("include/sub/deeper/d.h", "other\n")
    assert "other" in packed(headers)
    headers.write("a", "another\n")
    assert "another" in packed(headers)


@pytest.mark.parametrize("name", ["include/sub/new.h", "include/new/new.h", "include/sub/x/new.h"])
def test_archive_of_headers_follows_their_names(headers, name):
    headers.write(name, "new\n")
    assert "new" in packed(headers)
    (headers.src / name).unlink()
    assert "new" not in packed(headers)


def test_archive_of_headers_takes_a_new_generated_one(headers):
    """A list of generated headers is made once they are there: those that the graph knows."""
    headers.top(
        "all: include/generated/new.h kernel/data\n" + ARCHIVE.replace("all: kernel/data\n", "")
        + "include/generated/new.h:\n\techo new > $@\n"
    )
    headers.describe()
    assert set(headers.edge("kernel/objlist").inputs) == {
        "include/generated/a.h", "include/generated/new.h"
    }
