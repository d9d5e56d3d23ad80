"""The virtual file table: what exists while makefiles are evaluated."""

from __future__ import annotations

import os

import pytest

from ninjagen.errors import NinjagenError
from ninjagen.kbuild.world import FileTable, KernelWorld
from ninjagen.shell import Shell

ENV = {"PATH": os.environ["PATH"]}


class Trees:
    """A source and an object tree on disk, and worlds over them."""

    def __init__(self, directory, in_tree: bool = False) -> None:
        self.src = directory / "src"
        self.out = self.src if in_tree else directory / "out"
        for name in ("drv/a.c", "drv/b.c", "drv/.hidden.c", "lib/c.c", "Makefile"):
            self.write(self.src / name)
        self.out.mkdir(exist_ok=True)
        self.table = FileTable(str(self.src), str(self.out), Shell())
        self.world = KernelWorld(str(self.out), self.table)

    def write(self, path, text: str = "") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def make(self, *names: str) -> None:
        """Enter outputs of edges."""
        for name in names:
            self.table.add_product(str(self.out / name))


@pytest.fixture
def trees(tmp_path) -> Trees:
    return Trees(tmp_path)


@pytest.fixture
def in_tree(tmp_path) -> Trees:
    return Trees(tmp_path, in_tree=True)


# --- existence ---


def test_sources_are_as_the_disk_has_them(trees):
    world = trees.world
    for name in ("../src/drv/a.c", str(trees.src / "drv"), "../src/./lib/../drv/b.c"):
        assert world.exists(name) and world.mtime(name) is not None
    assert not world.exists("../src/drv/none.c")
    assert world.mtime("../src/drv/none.c") is None


def test_leftovers_in_the_object_tree_do_not_exist(trees):
    trees.write(trees.out / "drv/a.o")
    world = trees.world
    for name in ("drv/a.o", "drv", "./drv/", str(trees.out / "drv/a.o")):
        assert not world.exists(name)
        assert world.mtime(name) is None
        assert world.realpath(name) == ""
    assert world.read("drv/a.o") is None
    assert world.exists(".") and world.exists(str(trees.out))


def test_products_exist_and_so_do_their_directories(trees):
    trees.make("drv/net/a.o")
    for name in ("drv/net/a.o", "drv/net", "drv", "./drv/net/../net/a.o"):
        assert trees.world.exists(name)
        assert trees.world.mtime(name) is not None
    assert not trees.world.exists("drv/net/b.o")
    assert trees.world.read("drv/net/a.o") is None  # it has no text yet


def test_product_has_no_text_even_if_an_older_one_lies_there(trees):
    trees.write(trees.out / "gen.mk", "OLD = 1\n")
    trees.make("gen.mk")
    assert trees.world.read("gen.mk") is None
    assert str(trees.out / "gen.mk") not in trees.table.read_files


def test_given_files_exist_with_their_text(trees):
    path = str(trees.out / "include/config/auto.conf")
    trees.write(trees.out / "include/config/auto.conf", "CONFIG_A=y\n")
    assert trees.world.read(path) is None
    trees.table.given.add(path)
    assert trees.world.read("include/config/auto.conf") == "CONFIG_A=y\n"
    assert list(trees.table.read_files) == [path]


@pytest.mark.parametrize("name", ["localversion", "localversion-rt", "certs/key.pem"])
def test_users_files_in_the_object_tree_exist(trees, name):
    assert not trees.world.exists(name)
    trees.write(trees.out / name, "-rt1\n")
    assert trees.world.exists(name)
    assert trees.world.read(name) == "-rt1\n"
    assert trees.table.asked[str(trees.out / name)] is True
    assert not trees.world.exists(f"{name}x/y")


def test_neighbour_of_the_object_tree_is_not_in_it(trees, tmp_path):
    trees.write(tmp_path / "out2/file")
    assert trees.world.exists("../out2/file")


def test_source_tree_within_the_object_tree(tmp_path):
    """`make O=..` is odd, and what lies in the object tree is still not taken for made."""
    trees = Trees(tmp_path)
    table = FileTable(str(trees.src), str(tmp_path), Shell())
    assert not table.exists(str(tmp_path / "leftover.o"))


def test_what_was_asked_of_the_disk_is_noted(trees):
    trees.world.exists("../src/drv/a.c")
    trees.world.exists("../src/none")
    trees.world.exists("drv/a.o")
    assert trees.table.asked == {
        str(trees.src / "drv/a.c"): True, str(trees.src / "none"): False
    }


# --- globs ---


def test_globs_are_spelled_as_the_pattern_is(trees):
    src = trees.world.at(str(trees.src))
    assert src.glob("drv/*.c") == ["drv/a.c", "drv/b.c"]
    assert src.glob("./drv/*.c") == ["./drv/a.c", "./drv/b.c"]
    assert src.glob("drv/../drv/?.c") == ["drv/../drv/a.c", "drv/../drv/b.c"]
    assert src.glob("*/[ab].c") == ["drv/a.c", "drv/b.c"]
    assert src.glob("../*/lib/*") == ["../src/lib/c.c"]
    assert src.glob(f"{trees.src}/*/c.c") == [f"{trees.src}/lib/c.c"]
    assert trees.world.glob("../src/*file") == ["../src/Makefile"]
    assert src.glob("Make*") == ["Makefile"]


def test_name_without_wildcards(trees):
    assert trees.world.glob("../src/Makefile") == ["../src/Makefile"]
    assert trees.world.glob("../src/none") == []


def test_globs_find_products_and_no_leftovers(trees):
    trees.write(trees.out / "drv/old.o")
    trees.make("drv/new.o", "drv/sub/x.o", "top.o")
    assert trees.world.glob("drv/*.o") == ["drv/new.o"]
    assert trees.world.glob("*.o") == ["top.o"]
    assert trees.world.glob("*/*.o") == ["drv/new.o"]
    assert trees.world.glob("drv/*/*.o") == ["drv/sub/x.o"]
    assert trees.world.glob(f"{trees.out}/drv/*.o") == [str(trees.out / "drv/new.o")]


def test_globs_find_what_the_user_and_we_put_there(trees):
    for name in ("localversion-a", "include/given.h", "include/leftover.h"):
        trees.write(trees.out / name)
    trees.table.given.add(str(trees.out / "include/given.h"))
    assert trees.world.glob("localversion*") == ["localversion-a"]
    assert trees.world.glob("include/*.h") == ["include/given.h"]


def test_hidden_names_match_only_when_asked_for(trees):
    trees.make("drv/.a.o.cmd", "drv/a.o")
    assert trees.world.glob("drv/*") == ["drv/a.o"]
    assert trees.world.glob("drv/.*.cmd") == ["drv/.a.o.cmd"]
    assert trees.world.glob("*/.*.cmd") == ["drv/.a.o.cmd"]
    assert trees.world.glob("*/*") == ["drv/a.o"]


def test_what_globs_saw_on_disk_is_noted(trees):
    """So that the next run can look again: a new source, a new localversion file."""
    trees.write(trees.out / "drv/left.o")
    for pattern in ("../src/drv/*.c", "drv/*.o", "localversion*"):
        trees.world.glob(pattern)
    assert trees.table.globbed == {
        str(trees.src / "drv/*.c"): [str(trees.src / "drv/a.c"), str(trees.src / "drv/b.c")],
        str(trees.out / "localversion*"): [],
    }


# --- in-tree builds ---


def test_in_tree_a_clean_tree_is_not_misjudged(in_tree):
    world = in_tree.world
    assert world.exists("drv/a.c") and not world.exists("drv/a.o")
    in_tree.make("drv/a.o")
    assert world.exists("drv/a.o")
    assert not in_tree.table.misjudged()


def test_in_tree_a_product_taken_for_a_source_is_put_right(in_tree):
    in_tree.write(in_tree.src / "drv/gen.c")  # what an earlier build left
    assert in_tree.world.exists("drv/gen.c")
    assert in_tree.world.glob("drv/*.c") == ["drv/a.c", "drv/b.c", "drv/gen.c"]
    in_tree.make("drv/gen.c")
    assert in_tree.table.misjudged()

    again = in_tree.table.again(set(in_tree.table.products))
    world = KernelWorld(str(in_tree.src), again)
    assert not world.exists("drv/gen.c")
    assert world.glob("drv/*.c") == ["drv/a.c", "drv/b.c"]
    assert world.read("drv/gen.c") is None
    again.add_product(str(in_tree.src / "drv/gen.c"))
    assert world.exists("drv/gen.c")
    assert world.glob("drv/*.c") == ["drv/a.c", "drv/b.c", "drv/gen.c"]
    assert not again.misjudged()


def test_in_tree_a_source_taken_for_a_product_is_put_right(in_tree):
    """The first look found a leftover that chose a rule; without it nothing makes drv/b.c."""
    table = in_tree.table.again(set(in_tree.table.products))
    table.leftovers.add(str(in_tree.src / "drv/b.c"))
    world = KernelWorld(str(in_tree.src), table)
    assert not world.exists("drv/b.c")
    assert table.misjudged()
    assert KernelWorld(str(in_tree.src), table.again(set(table.products))).exists("drv/b.c")


def test_out_of_tree_nothing_is_misjudged(trees):
    trees.world.exists("../src/drv/a.c")
    trees.table.add_product(str(trees.src / "drv/a.c"))
    assert not trees.table.misjudged()


# --- the shell ---


def test_directories_are_made_without_a_shell(trees):
    world = trees.world
    assert world.shell("mkdir -p drv/net 'a b'", ENV) == ("", 0)
    for name in ("drv/net", "drv", "a b"):
        assert os.path.isdir(trees.out / name)
        assert world.exists(name)
    assert trees.table.shell.runs == 0
    assert not world.exists("drv/other")


def test_directories_that_need_a_shell(trees):
    assert trees.world.shell("mkdir -p $(echo x) && echo done", ENV) == ("done\n", 0)
    assert os.path.isdir(trees.out / "x")
    assert trees.table.shell.runs == 1


@pytest.mark.parametrize("name", ["file", "file/x", "file/x/y"])
def test_directory_that_cannot_be_made(trees, name):
    trees.write(trees.out / "file")
    with pytest.raises(NinjagenError, match=f"cannot make directory {name}: "):
        trees.world.shell(f"mkdir -p {name}", ENV)


def test_directory_that_is_a_link_to_one(trees):
    (trees.out / "there").mkdir()
    (trees.out / "link").symlink_to("there")
    assert trees.world.shell("mkdir -p link link/x/y", ENV) == ("", 0)
    assert (trees.out / "there/x/y").is_dir()


def test_commands_run_in_the_directory(trees):
    src = trees.world.at(str(trees.src))
    assert src.shell("cat Makefile; ls drv; exit 3", ENV) == ("a.c\nb.c\n", 3)


@pytest.mark.parametrize(
    "command",
    ["cat gen/version", "test -s ./gen/version && cat <gen/version", "date -u", "x=$(date); :"],
)
def test_recipes_shell_that_needs_a_product_is_put_off(trees, command):
    trees.make("gen/version")
    trees.world.in_recipe = True
    assert trees.world.shell(f" {command} ", ENV) == (f"$({command})", 0)
    assert trees.table.shell.runs == 0


@pytest.mark.parametrize("command", [
    "echo gen/versions", "echo update", "echo version", "echo -Werror=date-time",
])
def test_recipes_other_shell_is_a_probe(trees, command):
    trees.make("gen/version")
    trees.world.in_recipe = True
    assert trees.world.shell(command, ENV) == (f"{command[5:]}\n", 0)


@pytest.mark.parametrize("in_recipe", [True, False])
def test_probe_of_the_compiler_is_asked_at_once(trees, in_recipe):
    """It reads nothing where it names a product: -frandomize-layout-seed-file=FILE."""
    trees.make("gen/seed")
    trees.world.in_recipe = in_recipe
    for there in (False, True):
        probe = f"TMP=$$; cat ./gen/seed <gen/seed gen/other; echo -f=gen/seed $TMP {there}"
        if there:
            trees.write(trees.out / "gen/seed", "left by an earlier build")
        said = trees.world.shell(f"({probe}) 2>/dev/null", ENV)[0].split()
        assert said[:1] + said[2:] == ["-f=/dev/null", str(there)]


@pytest.mark.parametrize("is_in_tree", [False, True])
def test_probe_reads_nothing_where_a_flag_names_what_is_not_made_yet(tmp_path, is_in_tree):
    """6.1 asks for --ld-path with the seed among the flags: scripts/basic makes it before the top
    Makefile is read for good, and we read it once."""
    trees = Trees(tmp_path, is_in_tree)
    asks = (
        "TMP=.tmp_$$/tmp; echo -f=gen/seed -Igen/seed gen/seed -p=/src/=./ of=gen/seed"
        f" -q={trees.out}/ $(basename $TMP)"
    )
    for is_there in (False, not is_in_tree):
        if is_there:
            trees.write(trees.out / "gen/seed", "left by an earlier build")
        said = trees.world.shell(asks, ENV)[0].split()
        assert said == [
            "-f=/dev/null", "-Igen/seed", "gen/seed", "-p=/src/=./", "of=gen/seed",
            f"-q={trees.out}/", "tmp",
        ]


def test_makefiles_shell_is_never_put_off(trees):
    trees.make("gen/version")
    assert trees.world.shell("echo gen/version", ENV) == ("gen/version\n", 0)


def test_what_the_walk_knows_is_not_asked_of_a_shell(trees):
    trees.table.answer = {"read flags": "-O2"}.get
    assert trees.world.shell("read flags", ENV) == ("-O2", 0)
    assert trees.world.shell("echo other", ENV) == ("other\n", 0)


# --- text ---


def test_late_reads_are_left_to_the_command(trees):
    path = str(trees.out / "gen/release")
    trees.table.late_reads[path] = "gen/release"
    for name in (path, "gen/release", "./gen/../gen/release"):
        assert trees.world.read(name) == "$(cat gen/release)"
    assert trees.table.read_files == {}


def test_predicted_text(trees):
    trees.make("list")
    trees.table.predict = {"list": "a.o\n"}.get
    assert trees.world.read("list") == "a.o\n"


def test_makefile_is_parsed_once_and_noted(trees):
    (trees.src / "Makefile").write_text("X = 1\n")
    src = trees.world.at(str(trees.src))
    first = src.makefile("Makefile")
    assert first is not None and src.makefile("Makefile") is first
    assert list(trees.table.read_files) == [str(trees.src / "Makefile")]
    assert src.makefile("none.mk") is None


def test_leftover_makefile_is_none(trees):
    trees.write(trees.out / "left.mk", "X = 1\n")
    assert trees.world.makefile("left.mk") is None


def test_canonical_names(trees):
    (trees.src / "link.c").symlink_to("drv/a.c")
    src = trees.world.at(str(trees.src))
    assert src.realpath("link.c") == os.path.realpath(trees.src / "drv/a.c")
    assert src.realpath("none.c") == ""


def test_files_are_not_written(trees):
    with pytest.raises(NinjagenError, match="may not write x"):
        trees.world.write("x", "text", False, None)


def test_world_of_another_directory(trees):
    other = trees.world.at(str(trees.src))
    assert other.cwd == str(trees.src) and other.table is trees.table
    assert other.at(str(trees.src)) is other
