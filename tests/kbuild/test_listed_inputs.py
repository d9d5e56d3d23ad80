"""A command that lists what it reads in a file of its own: ninja learns the list too."""

import subprocess

from ninjagen.kbuild.lower import Lowering
from ninjagen.kbuild.shelltext import Scripts
from ninjagen.make.recipe import Command
from ninjagen.source import Loc

LOG = "\x01initfs\x02GEN     usr/data\x03"


def test_list_becomes_a_depfile(tmp_path):
    lowering = Lowering(str(tmp_path), str(tmp_path), Scripts(str(tmp_path)))
    text = (
        f"set -e; {LOG} mkdir usr; : > usr/data -l usr/.data.d ;"
        " printf 'deps_initramfs := \\\\\\n/a/init \\\\\\n' > usr/.data.d"
    )
    recipe = lowering.recipe("usr/data", "", [Command(text, Loc("Makefile", 1))])
    assert recipe.depfile == "usr/.data.d.ninja"
    command = lowering.command(recipe, "usr/data", {}, frozenset())
    subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, check=True)
    assert (tmp_path / recipe.depfile).read_text() == "usr/data: \\\n/a/init \\\n\n"
    assert (tmp_path / "usr/.data.d").read_text() == "deps_initramfs := \\\n/a/init \\\n"
