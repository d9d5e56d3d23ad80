"""Trees that make has built: what ninja then has to do, and what it must not be told."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from ninjagen.adopt import Adopted, adopt, has_more
from ninjagen.graph import Edge, Graph
from ninjagen.kbuild.built import Built
from ninjagen.ninja import log
from tests.kbuild.trees import FIXDEP, NINJA, Trees

pytestmark = pytest.mark.builds

TOP = """\
compile = cat $< $(srctree)/a.h > $@; echo $@: $< $(srctree)/a.h > $(dot).d
all: vmlinux shipped
cmd_cc_o_c = $(compile); : $(FLAGS)
%.o: $(srctree)/%.c FORCE
\t$(call if_changed_dep,cc_o_c)
cmd_ar = cat $(filter %.o,$^) > $@
built-in.a: a.o b.o FORCE
\t$(call if_changed,ar)
cmd_link = cat $(filter %.a,$^) gen.h > $@
vmlinux: built-in.a gen.h FORCE
\t$(call if_changed,link)
filechk_gen = echo gen
gen.h: FORCE
\t$(call filechk,gen)
shipped: $(srctree)/a.c
\tcat $< > $@
"""


class Tree:
    """A small kernel-like tree, built with make."""

    def __init__(self, directory: Path) -> None:
        self.trees = Trees(directory)
        for name in "a.c", "b.c", "a.h":
            self.trees.write(name, f"{name}\n")
            os.utime(self.trees.src / name, (10**9, 10**9))
        self.trees.top(TOP)
        self.out = self.trees.out
        fixdep = self.out / "scripts/basic/fixdep"
        fixdep.parent.mkdir(parents=True)
        fixdep.write_text(FIXDEP)
        fixdep.chmod(0o755)
        self.make()

    def make(self, *words: str) -> None:
        command = ["make", "-s", "-f", f"{self.trees.src}/Makefile", *words]
        subprocess.run(command, cwd=self.out, env=self.trees.environ, check=True)

    def adopt(self, *words: str) -> str:
        """Describe the tree, and adopt; return what is said."""
        self.trees.describe(*words)
        return str(self.adopted())

    def adopted(self, **environ: str) -> Adopted:
        walk = self.trees.walk
        state = self.out / ".ninjagen"
        path = f"{Path(NINJA).parent}{os.pathsep}{os.environ['PATH']}"
        return adopt(walk.graph, walk.locale_prefix(), str(self.out), str(state),
                     {"PATH": path, **environ})

    def ran(self) -> set[str]:
        """Let ninja build; return the outputs that it made."""
        said, status = self.trees.ninja("-v", "-d", "explain")
        assert status == 0, said
        then, _ = self.trees.ninja("-d", "explain")
        assert then.endswith("ninja: no work to do.\n"), then
        entries = log.read_log(str(self.out / ".ninjagen" / log.LOG)).entries()
        return {entry.output for entry in entries if entry.end}

    def newer(self, path: Path) -> None:
        """Touch a file; it is newer than all that was built, also for a coarse clock."""
        time.sleep(0.008)
        path.touch()


@pytest.fixture
def tree(tmp_path) -> Tree:
    return Tree(tmp_path)


UNSAVED = {"gen.h", "shipped"}  # kbuild saves no command of them: they run again, to no effect
ALL = {"a.o", "b.o", "built-in.a", "vmlinux"}


def test_nothing_is_compiled_or_linked(tree):
    before = {name: (tree.out / name).stat().st_mtime_ns for name in ALL | UNSAVED}
    assert tree.adopt() == "adopted 4 of 4 outputs that make built"
    assert tree.ran() == UNSAVED
    assert {name: (tree.out / name).stat().st_mtime_ns for name in before} == before


def test_without_it_everything_is(tree):
    tree.trees.describe()
    assert tree.ran() == ALL | UNSAVED


def test_object_that_does_not_change_stops_what_follows(tree):
    """What ninja makes again is compared with what make left."""
    tree.newer(tree.trees.src / "a.h")
    tree.adopt()
    assert tree.ran() == UNSAVED | {"a.o", "b.o"}


def test_changed_flag(tree):
    assert tree.adopt("FLAGS=-g") == "adopted 2 of 4 outputs that make built"
    assert tree.ran() == UNSAVED | {"a.o", "b.o"}


def test_new_source(tree):
    top = tree.trees.src / "Makefile"
    top.write_text(top.read_text().replace("a.o b.o", "a.o b.o c.o"))
    tree.trees.write("c.c", "c.c\n")
    assert tree.adopt() == "adopted 3 of 4 outputs that make built"
    assert tree.ran() == UNSAVED | {"c.o", "built-in.a", "vmlinux"}
    assert (tree.out / "vmlinux").read_text() == "a.c\na.h\nb.c\na.h\nc.c\na.h\ngen\n"


def test_again_there_is_nothing_more(tree):
    tree.adopt()
    text = (tree.out / ".ninjagen/.ninja_log").read_text()
    assert tree.adopted() == Adopted(0, 0)
    assert (tree.out / ".ninjagen/.ninja_log").read_text() == text


def test_dependencies_are_those_that_ninja_finds_itself(tree):
    tree.trees.write("a.h", "$(wildcard include/config/SET)\n")
    tree.adopt()
    adopted = tree.trees.ninja("-t", "deps", "a.o", "b.o")[0]
    (tree.out / ".ninjagen/.ninja_deps").unlink()
    tree.ran()
    found = tree.trees.ninja("-t", "deps", "a.o", "b.o")[0]
    assert without_times(adopted) == without_times(found) != []


def without_times(said: str) -> list[str]:
    return [line.split(",")[0] for line in said.splitlines()]


CHANGES = {
    "source": (lambda tree: tree.newer(tree.trees.src / "b.c"), {"b.o"}),
    "header": (lambda tree: tree.newer(tree.trees.src / "a.h"), {"a.o", "b.o"}),
    "object gone": (lambda tree: (tree.out / "a.o").unlink(), ALL - {"b.o"}),
    "object newer": (lambda tree: tree.newer(tree.out / "a.o"), ALL - {"b.o"}),
    "header gone": (lambda tree: drop_header(tree), {"a.o", "b.o"}),
    "command gone": (lambda tree: (tree.out / ".b.o.cmd").unlink(), {"b.o"}),
    "command changed": (lambda tree: edit(tree, ".b.o.cmd", "cat ", "cat  "), {"b.o"}),
    "command cut off": (lambda tree: cut(tree.out / ".b.o.cmd", 20), {"b.o"}),
    "no list": (lambda tree: cut(tree.out / ".b.o.cmd", -60), {"b.o"}),
    "list that make reads otherwise": (lambda tree: edit(tree, ".b.o.cmd", "a.h", "$(h)"), {"b.o"}),
    "archive's command": (lambda tree: edit(tree, ".built-in.a.cmd", "b.o", ""),
                          {"built-in.a", "vmlinux"}),
}


def edit(tree: Tree, name: str, old: str, new: str) -> None:
    text = (tree.out / name).read_text()
    assert old in text
    (tree.out / name).write_text(text.replace(old, new, 1))


def cut(path: Path, size: int) -> None:
    path.write_text(path.read_text()[:size])


def drop_header(tree: Tree) -> None:
    tree.trees.write("a.h2", "a.h\n")
    (tree.trees.src / "a.h").unlink()
    text = (tree.trees.src / "Makefile").read_text().replace("/a.h", "/a.h2")
    (tree.trees.src / "Makefile").write_text(text)


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_not_proved_is_built(tree, change, tmp_path):
    """The object, and what follows if it differs: an object of the same bytes keeps its time."""
    act, built = CHANGES[change]
    act(tree)
    tree.adopt()
    assert tree.ran() - UNSAVED == built
    clean = tree.out.with_name("clean")
    clean.mkdir()
    subprocess.run(["cp", "-r", "scripts", clean], cwd=tree.out, check=True)
    tree.make("-C", str(clean))
    assert {name: (clean / name).read_bytes() for name in ALL | UNSAVED} == {
        name: (tree.out / name).read_bytes() for name in ALL | UNSAVED
    }


# ---- trees that ninja knows


def test_what_ninja_knows_is_left_alone(tree):
    tree.trees.describe()
    tree.trees.ninja("a.o")
    state = tree.out / ".ninjagen"
    known = (state / ".ninja_log").read_text(), (state / ".ninja_deps").read_bytes()
    deps = tree.trees.ninja("-t", "deps", "a.o")[0]
    assert str(tree.adopted()) == "adopted 3 of 3 outputs that make built"
    assert (state / ".ninja_log").read_text().startswith(known[0])
    assert (state / ".ninja_deps").read_bytes().startswith(known[1])
    assert tree.trees.ninja("-t", "deps", "a.o")[0] == deps
    assert tree.ran() == UNSAVED | {"a.o"}


def test_tree_that_ninja_built(tree):
    tree.trees.describe()
    tree.ran()
    assert tree.adopted() == Adopted(0, 0)


@pytest.mark.parametrize("name", [log.LOG, log.DEPS])
def test_log_that_is_not_understood(tree, name):
    path = tree.out / ".ninjagen" / name
    path.parent.mkdir()
    path.write_text("# of another world\n")
    tree.trees.describe()
    assert tree.adopted() == Adopted(obstacle=f"{path} is not a log of ninja")
    assert path.read_text() == "# of another world\n"


def test_log_of_another_ninja(tree):
    path = tree.out / ".ninjagen" / log.LOG
    path.parent.mkdir()
    path.write_text("# ninja log v4\n")
    tree.trees.describe()
    obstacle = f"{path} is of another version of ninja"
    assert tree.adopted() == Adopted(0, 4, obstacle)
    assert str(Adopted(0, 4, obstacle)) == f"adopted 0 of 4 outputs that make built: {obstacle}"
    assert path.read_text() == "# ninja log v4\n"


def test_no_ninja(tree):
    tree.trees.describe()
    adopted = tree.adopted(PATH="/nonexistent")
    assert adopted == Adopted(0, 4, "there is no ninja on PATH whose log is known")
    assert not (tree.out / ".ninjagen").exists()


def test_there_is_more_until_it_is_adopted(tree):
    def more(*goals: str) -> bool:
        return has_more(str(tree.out), str(tree.out / ".ninjagen"), goals)

    assert more("vmlinux") and more("all", "vmlinux")
    assert not more("all")  # a name, and nothing that make has made
    tree.adopt()
    assert not more("vmlinux")
    (tree.out / ".ninjagen" / log.LOG).write_text("# ninja log v7\n")
    assert more("vmlinux")


# ---- lists of what was read


def made(
    tmp_path, text: str, is_module: bool = False, **fields
) -> tuple[list[bytes], set[str]] | None:
    """Names that are read from a `.cmd` file, and options; None if it proves nothing."""
    for name in "x.o", "list":
        (tmp_path / name).write_text("")
    (tmp_path / ".x.o.cmd").write_text(text)
    names: dict[bytes, int] = {}
    built = Built(str(tmp_path), lambda name: names.setdefault(name, len(names)), is_module)
    graph = Graph()
    graph.add(Edge("cc", ("x.o",), saved="cc '$A' # b", depfile=".x.o.d", **fields))
    found = list(built.find(graph, set()))
    if not found:
        return None
    return [list(names)[number] for number in found[0].read], built.options


COMMAND = "cmd_x.o := cc '$$A' $(pound) b\n"
SOURCE = "\nsource_x.o := ./dir/../x.c\n"
LIST = SOURCE + "\ndeps_x.o := \\\n  $(wildcard include/config/A_B) \\\n  a.h \\\n"
REST = "\nx.o: $(deps_x.o)\n\n$(deps_x.o):\n"


def test_list_of_fixdep(tmp_path):
    names = [b"x.c", b"include/config/A_B", b"a.h"]
    assert made(tmp_path, f"saved{COMMAND}{LIST}{REST}") == (names, {"include/config/A_B"})
    assert made(tmp_path, f"{COMMAND}{LIST}") == (names, {"include/config/A_B"})


def test_empty_list(tmp_path):
    text = "\nsource_x.o := x.c\n\ndeps_x.o := \\\n"
    assert made(tmp_path, COMMAND + text + REST) == ([b"x.c"], set())


def test_names_from_another_directory(tmp_path):
    names = [b"/d/tools/x.c", b"include/config/A_B", b"/d/tools/a.h"]
    assert made(tmp_path, COMMAND + LIST, cwd="/d/tools") == (names, {"include/config/A_B"})


def test_options_of_an_external_module_are_the_kernels(tmp_path):
    kernel = tmp_path / "kernel"
    text = COMMAND + LIST

    def named(name: str) -> bytes:
        return os.fsencode(kernel / name)

    others = [named("x.c"), named("a.h")]
    assert made(tmp_path, text, True) == ([b"x.c", b"a.h"], set())  # from 6.13 on it has none
    assert made(tmp_path, text, True, cwd=str(kernel)) == (others, set())
    for name in "include/config/auto.conf", "include/config/A_B":
        (kernel / name).parent.mkdir(parents=True, exist_ok=True)
        (kernel / name).touch()
        found = [others[0], named(name), others[1]]
        assert made(tmp_path, text, True, cwd=str(kernel)) == (found, set())


def test_list_in_a_file_of_its_own(tmp_path):
    (tmp_path / "of").write_text("deps_initramfs := \\\n/etc/a \\\n/etc/b \\\n")
    assert made(tmp_path, COMMAND, listing="of") == ([b"/etc/a", b"/etc/b"], set())
    assert made(tmp_path, COMMAND, listing="gone") is None


@pytest.mark.parametrize("line", ["$(shell x)", "a\\:b", "a b", "\\"])
def test_names_that_are_not_plain(tmp_path, line):
    assert made(tmp_path, f"{COMMAND}{LIST}  {line} \\\n") is None


@pytest.mark.parametrize("text", ["", "cmd_x.o := cc\n", f"{COMMAND}\nsource_x.o := x.c\n",
                                  COMMAND.rstrip()])
def test_files_that_prove_nothing(tmp_path, text):
    assert made(tmp_path, text) is None


def test_options_that_are_not_set(tmp_path):
    """Their files are older than anything; those that are there keep their time."""
    (tmp_path / "include/config").mkdir(parents=True)
    (tmp_path / "include/config/SET").write_text("")
    before = (tmp_path / "include/config/SET").stat().st_mtime_ns
    built = Built(str(tmp_path), lambda name: 0)
    built.options = {"include/config/SET", "include/config/sub/UNSET"}
    built.make_options()
    assert (tmp_path / "include/config/SET").stat().st_mtime_ns == before
    assert (tmp_path / "include/config/sub/UNSET").stat().st_mtime == 1
