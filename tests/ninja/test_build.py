"""What ninja does with our build.ninja: real builds of small graphs."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from ninjagen.graph import Edge, Graph, escape_saved, shortened
from ninjagen.ninja.manifest import text_of

pytestmark = pytest.mark.builds

NINJA = shutil.which(
    "ninja", path=os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
) or "ninja is not installed"
NOTHING = "ninja: no work to do.\n"

# How an output may keep its time: not, as kbuild's saved commands write it, as any command does.
KEEPS = ({"keeps_same": True, "saved": "c"}, {"keeps_same": True})
KEEPING = ({}, *KEEPS)


class Build:
    """A directory with a build.ninja in it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def describe(self, *edges: Edge, prefix: str = "", goals: tuple[str, ...] = (), **phonies):
        graph = Graph()
        for edge in edges:
            graph.add(edge)
        for name, members in phonies.items():
            graph.add_phony(name, members)
        goals = goals or edges[-1].outputs
        (self.directory / "build.ninja").write_text(text_of(graph, prefix, goals))

    def ninja(self, *arguments: str) -> tuple[str, int]:
        done = subprocess.run(
            [NINJA, "-v", *arguments], cwd=self.directory, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, env={"PATH": os.environ["PATH"]}, check=False,
        )
        return done.stdout, done.returncode

    def succeeds(self) -> str:
        said, status = self.ninja()
        assert status == 0, said
        return said

    def fails(self) -> str:
        said, status = self.ninja()
        assert status != 0, said
        return said

    def is_done(self) -> bool:
        """Tell whether ninja finds nothing to do, now and when asked again."""
        return self.ninja() == (NOTHING, 0) == self.ninja()

    def write(self, name: str, text: str) -> None:
        """Write a file; it is newer than all that was built, also for a coarse clock."""
        time.sleep(0.008)
        (self.directory / name).write_text(text)

    def read(self, name: str) -> str:
        return (self.directory / name).read_text()

    def time(self, name: str) -> int:
        return (self.directory / name).stat().st_mtime_ns

    def files(self) -> set[str]:
        found = (path for path in self.directory.rglob("*") if path.is_file())
        names = {str(path.relative_to(self.directory)) for path in found}
        return {name for name in names if not name.startswith((".ninjagen/", "build.ninja"))}


@pytest.fixture
def build(tmp_path) -> Build:
    return Build(tmp_path)


def log(name: str) -> str:
    """Shell text that leaves a line each time it runs."""
    return f"echo {name} >> log; "


def test_built_once(build):
    build.describe(
        Edge("cat", ("sub/a",), "cat in1 in2 > sub/a", "CAT     sub/a", inputs=("in1", "in2")),
        Edge("cat", ("b",), "cat sub/a > b", inputs=("sub/a",)),
    )
    build.write("in1", "1\n")
    build.write("in2", "2\n")
    build.succeeds()
    assert build.read("b") == "1\n2\n"
    assert build.is_done()
    build.write("in2", "3\n")
    build.succeeds()
    assert build.read("b") == "1\n3\n"
    assert build.is_done()


def test_description_is_kbuilds(build):
    build.describe(Edge("cat", ("a",), ": > a", "CC [M]  a: $x"))
    done = subprocess.run([NINJA], cwd=build.directory, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("]   CC [M]  a: $x\n")


def test_text_reaches_the_shell_as_it_was(build):
    command = r"""  printf '%s\n' '  a  b ' "$V" '$V' "a\"b" \; '#' ${V}: $((1+1))   >  a  # all"""
    build.describe(Edge("r", ("a",), command), prefix="export V='x  $y'; ")
    build.succeeds()
    assert build.read("a") == "  a  b \nx  $y\n$V\na\"b\n;\n#\nx\n$y:\n2\n"


def test_shared_flags_reach_the_shell_as_they_were(build):
    flags = "$X  '  $$  ' " + " ".join(f"-DNAME{number}=\\\"a:b\\\"" for number in range(9)) + "  "
    edges = [
        Edge("r", (f"o{number}",), f"printf '<%s>' {flags} {number} > o{number}" + " && :" * number)
        for number in range(5)
    ]
    build.describe(*edges, prefix="X=x; ", goals=tuple(f"o{number}" for number in range(5)))
    assert "flags1" in build.read("build.ninja")
    build.succeeds()
    defines = "".join(f'<-DNAME{number}="a:b">' for number in range(9))
    assert build.read("o3") == f"<x><  $$  >{defines}<3>"


def test_ninja_reads_each_command_as_it_was(build):
    """Blocks of commands that are alike in many ways, with and without rules of their own."""
    random = Random(7)
    flags = ["-Wall", "$", "$$", "${x}", "'a  b'", "", "", "é", "-O2", "-DNAME=1 " * 9, "$1", "a:b"]
    names = ["", "a", "ab", "b", " ", "$", "x$y", " -DNAME=2" * 9]
    edges = []
    for block in range(60):
        alike = ["x" * 70, *(random.choice(flags) for _ in range(random.randrange(4, 16)))]
        places = random.sample(range(len(alike)), random.randrange(1, 4))
        before = random.choice(["", "-c ", "$"])
        saves = random.random() < 0.5
        for number in range(random.randrange(15)):
            words, name = list(alike), random.choice(names)
            for place in places:
                words[place] = f"{before}{name}.o"
            if random.random() < 0.2:
                words.append(random.choice(flags))
            made = f"{block}/{number}"
            rule = random.choice(["cc", "cc", "cc", "ld"])
            command, saved = " ".join(words), ""
            if saves:  # as kbuild writes it beside the output, in a text of its own
                saved = command
                command = f"set -e; {saved}; echo '{name} := {escape_saved(saved)}' > {made}{name}"
            said = [f"CC $ {before}{name}.o", f" CC a{name}b  {name}", "CC", name, made][block % 5]
            if random.random() < 0.01:
                said += "!"
            edges.append(Edge(
                rule, (made,), shortened(command, saved), said, saved=saved, removes_failed=False
            ))
    # Of these, the text of a hole begins with a blank.
    words = ["w" * 70, "x" * 70, "y" * 70, "z" * 70]
    for number in range(4):
        turned = " ".join([*words[number:], *words[:number]])
        text = f"cc {number} " + " " * (number % 2) + turned
        edges.append(Edge("cc", (f"turned/{number}",), text, removes_failed=False))
    graph = Graph()
    for edge in edges:
        graph.add(edge, edge.outputs[0].partition("/")[0])
    (build.directory / "build.ninja").write_text(text_of(graph, "", ["turned/0"]))
    assert build.read("build.ninja").count("\nrule ") > 25
    said = subprocess.run(
        [NINJA, "-t", "commands", *graph.producers], cwd=build.directory, text=True,
        capture_output=True, check=True,
    )
    assert said.stdout.split("\n")[:-1] == [edge.command for edge in edges]
    shown = subprocess.run(
        [NINJA, "-n", *graph.producers], cwd=build.directory, text=True, capture_output=True,
        check=True, env={"PATH": os.environ["PATH"], "NINJA_STATUS": "|"},
    )
    assert sorted(shown.stdout.split("\n")) == sorted([
        "", *(f"|  {edge.description}" for edge in edges if edge.command)
    ])
    told = len(edges) - build.read("build.ninja").count("\n  desc = ")
    assert 100 < told < len(edges) - 100  # by rules, and by edges


def test_names_of_rules_and_flags_are_of_one_block(build):
    """Directories, and commands of the kernel, whose names end as numbered names do."""
    edges = []
    for block, directory in enumerate(["m", "m", "m.2", "m-2", "2", "2.2", "", "", "-2", "k.m"]):
        for rule in "a", "a.k", "a_k", "a.2", "a-2", "a.m", "a.m.2":
            for kind in "one", "two":  # a template, and a rule of the block's own, for each
                flags = f"{kind} " * 20 + f"{block} {rule} " * 4
                edges += [
                    (f"block {block}", Edge(
                        rule, (os.path.join(directory, f"{block}-{rule}-{kind}{number}"),),
                        f"cc {flags}{'x ' * (kind == 'two')}{number}", restat=kind == "two",
                        removes_failed=False,
                    )) for number in range(5)
                ]
    graph = Graph()
    for title, edge in edges:
        graph.add(edge, title)
    (build.directory / "build.ninja").write_text(text_of(graph, "", [*graph.producers]))
    text = build.read("build.ninja")
    rules = re.findall(r"(?m)^rule (.*)", text) + re.findall(r"(?m)^(flags\S*) =", text)
    assert len(rules) == len({*rules}) > 80
    said = subprocess.run(
        [NINJA, "-t", "commands"], cwd=build.directory, text=True,
        capture_output=True, check=True,
    )
    assert said.stdout.split("\n")[:-1] == [edge.command for _, edge in edges]


def test_changed_command_runs_again(build):
    for text in "one", "two":
        build.describe(Edge("r", ("a",), f"echo {text} > a"))
        build.succeeds()
        assert build.read("a") == f"{text}\n"
        assert build.is_done()


@pytest.mark.parametrize("keeping", KEEPING)
@pytest.mark.parametrize("command", ["echo x > a; false", "set -e; echo x > a; false; :", "exit 3"])
def test_failed_command_leaves_no_output(build, command, keeping):
    build.write("a", "of an earlier build\n")
    build.write("in", "")
    build.describe(Edge("r", ("a",), command, inputs=("in",), **keeping))
    build.fails()
    assert "a" not in build.files()
    build.fails()


def test_failed_command_may_leave_its_output(build):
    build.describe(Edge("r", ("a",), "echo x > a; false", removes_failed=False))
    build.fails()
    assert build.read("a") == "x\n"
    build.fails()


def test_failed_command_removes_each_output(build):
    build.describe(Edge("r", ("a", "b"), "echo x | tee a b; false"))
    build.fails()
    assert not build.files()


@pytest.mark.parametrize("keeping", KEEPING)
@pytest.mark.parametrize("name", ["a b", "c:d", "$e", "it's", "f;g", "d i r/x"])
def test_odd_names(build, name, keeping):
    source, quoted = f"{name}.in", "'" + name.replace("'", "'\\''") + "'"
    (build.directory / name).parent.mkdir(exist_ok=True)
    build.write(source, "1\n")
    edge = Edge(
        "r", (name,), f"cat {quoted}.in > {quoted}; grep -q . {quoted}", inputs=(source,),
        **keeping,
    )
    build.describe(edge, all=(name,), goals=("all",))
    build.succeeds()
    assert build.is_done()
    before = build.time(name)
    build.write(source, "1\n")
    build.succeeds()
    assert (build.time(name) == before) == bool(keeping)
    build.write(source, "")
    build.fails()
    assert name not in build.files()
    build.write(source, "1\n")
    build.succeeds()
    assert build.files() == {name, source}


def chain(**fields) -> tuple[Edge, ...]:
    """Return edges: source to object to archive, each leaving a line in `log`."""
    return (
        Edge("cc", ("a.o",), log("cc") + "head -1 a.c > a.o", inputs=("a.c",), **fields),
        Edge("ar", ("a.a",), log("ar") + "cat a.o > a.a", inputs=("a.o",)),
    )


@pytest.mark.parametrize("keeping", KEEPS)
def test_output_that_did_not_change_keeps_its_time(build, keeping):
    build.describe(*chain(**keeping))
    build.write("a.c", "code\n// one\n")
    build.succeeds()
    before = build.time("a.o")
    build.write("a.c", "code\n// two\n")
    build.succeeds()
    assert build.read("log").split() == ["cc", "ar", "cc"]
    assert build.time("a.o") == before
    assert build.is_done()
    build.write("a.c", "other\n// two\n")
    build.succeeds()
    assert build.read("log").split() == ["cc", "ar", "cc", "cc", "ar"]
    assert build.read("a.a") == "other\n"
    assert build.files() == {"a.c", "a.o", "a.a", "log"}
    assert build.is_done()


@pytest.mark.parametrize("keeping", KEEPS)
def test_object_that_is_as_before_a_failed_compile(build, keeping):
    """It gets a new time: ninja saw that it was gone, and runs what follows in any case.

    With its old time ninja 1.11.1 would take it for out of date the next time.
    """
    edge = Edge("cc", ("a.o",), "set -e; head -1 a.c > a.o; grep -q good a.c", inputs=("a.c",),
                **keeping)
    build.describe(edge)
    build.write("a.c", "good\n")
    build.succeeds()
    before = build.time("a.o")
    build.write("a.c", "broken\n")
    build.fails()
    assert "a.o" not in build.files()
    build.write("a.c", "good\n")
    build.succeeds()
    assert build.time("a.o") > before
    assert build.files() == {"a.c", "a.o"}
    assert build.is_done()


def test_each_of_several_outputs_keeps_its_time(build):
    """Also where the command reads what it made before."""
    command = log("split") + "touch a; head -1 in > b; tail -1 in > c"
    build.write("a", "old\n")
    build.describe(
        Edge("split", ("a", "b", "c"), command, inputs=("in",), keeps_same=True),
        Edge("use", ("d",), log("ab") + "cat a b > d", inputs=("a", "b")),
        Edge("use", ("e",), log("c") + "cat c > e", inputs=("c",)),
        goals=("d", "e"),
    )
    build.write("in", "1\n1\n")
    build.succeeds()
    build.write("in", "1\n2\n")
    build.succeeds()
    assert sorted(build.read("log").split()) == ["ab", "c", "c", "split", "split"]
    assert (build.read("d"), build.read("e")) == ("old\n1\n", "2\n")
    assert build.is_done()
    assert build.files() == {"a", "b", "c", "d", "e", "in", "log"}


def test_without_it_what_follows_runs_again(build):
    build.describe(*chain())
    build.write("a.c", "code\n")
    build.succeeds()
    build.write("a.c", "code\n")
    build.succeeds()
    assert build.read("log").split() == ["cc", "ar", "cc", "ar"]


def test_output_that_is_left_alone_stops_what_follows(build):
    update = "cmp -s in a || cp in a"
    build.describe(
        Edge("upd", ("a",), log("upd") + update, inputs=("in",), restat=True),
        Edge("use", ("b",), log("use") + "cp a b", inputs=("a",)),
    )
    build.write("in", "1\n")
    build.succeeds()
    build.write("in", "1\n")
    build.succeeds()
    assert build.read("log").split() == ["upd", "use", "upd"]
    assert build.is_done()
    build.write("in", "2\n")
    build.succeeds()
    assert build.read("log").split() == ["upd", "use", "upd", "upd", "use"]
    assert build.is_done()


@pytest.mark.parametrize("keeping", KEEPING)
def test_header_that_only_the_command_knows(build, keeping):
    command = log("cc") + "cat a.h > a.o; echo 'a.o: a.c a.h' > a.d"
    build.describe(
        Edge("cc", ("a.o",), command, inputs=("a.c",), depfile="a.d", **keeping)
    )
    build.write("a.c", "")
    build.write("a.h", "1\n")
    build.succeeds()
    assert build.is_done()
    for text in "1\n", "2\n":
        build.write("a.h", text)
        build.succeeds()
        assert build.read("a.o") == text
        assert build.is_done()
    assert build.read("log") == "cc\n" * 3


@pytest.mark.parametrize("depfiles", [
    ".one.d .two.d .three.d", "d$/.one's.d d$/.two's.d d$/.three's.d",
    "other.d .two.d .three.d",  # the command does not tell it
])
def test_header_that_only_one_of_some_commands_that_are_alike_knows(build, depfiles):
    edges = []
    for name, depfile in zip(("one", "two", "three"), depfiles.split(), strict=True):
        (build.directory / depfile).parent.mkdir(exist_ok=True)
        build.write(f"{name}.where", depfile)
        command = (
            f"{log(name)}cat {name}.h > {name}.o; : {'-Wall ' * 20};"
            f' echo "{name}.o: {name}.h" > "$(cat {name}.where)"'
        )
        edges.append(Edge("cc", (f"{name}.o",), command, depfile=depfile))
        build.write(f"{name}.h", "1\n")
    build.describe(*edges, goals=("one.o", "two.o", "three.o"))
    own_rule = build.read("build.ninja").partition("\nrule cc.2\n")[2]
    assert ("\n  depfile = $depfile\n" in own_rule) == depfiles.startswith("other")
    build.succeeds()
    assert build.is_done()
    build.write("two.h", "2\n")
    build.succeeds()
    assert build.read("two.o") == "2\n"
    assert build.read("log").split()[3:] == ["two"]
    assert build.is_done()


def test_order_only_input_is_made_first_and_does_not_count(build):
    build.describe(
        Edge("gen", ("gen.h",), "cp in gen.h", inputs=("in",)),
        Edge("cc", ("a",), log("cc") + "cp gen.h a", order_only=("gen.h",)),
    )
    build.write("in", "1\n")
    build.succeeds()
    build.write("in", "2\n")
    build.succeeds()
    assert build.read("gen.h") == "2\n"
    assert build.read("log") == "cc\n"


def test_response_file_holds_the_inputs_a_line_each(build):
    build.write("one", "")
    build.write("two", "")
    build.describe(Edge("ld", ("a",), "cp a.rsp a", inputs=("two", "one"), rspfile="a.rsp"))
    build.succeeds()
    assert build.read("a").split("\n") == ["two", "one"]
    assert "a.rsp" not in build.files()


def test_dyndep_names_inputs_in_the_middle_of_the_build(build):
    text = "ninja_dyndep_version = 1\\nbuild a: dyndep | $(cat which)\\n"
    build.describe(
        Edge("r", ("one",), log("one") + "echo 1 > one"),
        Edge("r", ("two",), log("two") + "echo 2 > two"),
        Edge("dd", ("a.dd",), f'printf "{text}" > a.dd', inputs=("which",)),
        Edge("ar", ("a",), log("ar") + "cat $(cat which) > a", order_only=("a.dd",),
             dyndep="a.dd"),
    )
    build.write("which", "two\n")
    build.succeeds()
    assert build.read("log").split() == ["two", "ar"]
    assert build.is_done()
    build.write("which", "one\n")
    build.succeeds()
    assert build.read("log").split() == ["two", "ar", "one", "ar"]
    assert build.read("a") == "1\n"
    assert build.is_done()


@pytest.mark.parametrize("keeping", KEEPING)
@pytest.mark.parametrize("was_built", [False, True])
def test_killed_command_is_redone(build, was_built, keeping):
    """SIGKILL to the shell leaves a partial output: nobody is there to remove it."""
    command = "cat in > a; test ! -e bomb || kill -9 $$; echo end >> a"
    build.describe(Edge("r", ("a",), command, inputs=("in",), **keeping))
    build.write("in", "1\n")
    if was_built:
        build.succeeds()
    build.write("in", "2\n")
    (build.directory / "bomb").touch()
    build.fails()
    assert build.read("a") == "2\n"
    (build.directory / "bomb").unlink()
    build.succeeds()
    assert build.read("a") == "2\nend\n"
    assert build.is_done()


def test_killed_ninja_goes_on_where_it_was(build):
    """SIGKILL to ninja, too: it could not write down what had failed."""
    build.describe(
        Edge("r", ("a",), log("a") + "echo a > a"),
        Edge("r", ("b",), log("b") + "echo half > b; test ! -e bomb || kill -9 $PPID $$; "
             "echo b > b", inputs=("a",)),
    )
    (build.directory / "bomb").touch()
    assert build.ninja()[1] == -signal.SIGKILL
    assert build.read("b") == "half\n"
    (build.directory / "bomb").unlink()
    build.succeeds()
    assert build.read("b") == "b\n"
    assert build.read("log").split() == ["a", "b", "b"]
    assert build.is_done()


def test_one_failure_does_not_undo_what_was_done(build):
    build.describe(
        Edge("r", ("good",), log("good") + "echo > good"),
        Edge("r", ("bad",), "test -e mended && echo > bad", inputs=("good",)),
    )
    build.fails()
    (build.directory / "mended").touch()
    build.succeeds()
    assert build.read("log") == "good\n"
