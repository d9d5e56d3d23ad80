"""tools/audit on small projects: what it finds, and that it finds no more.

The edges are run by ninja and seen by strace; nothing is made up but the commands.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[1] / "tools"
sys.path.insert(0, str(TOOLS))

import ninjafile  # noqa: E402
import stracelog  # noqa: E402
from stracelog import FOLDER, LOOK, READ, REMOVE, RUN, WRITE  # noqa: E402

pytestmark = pytest.mark.builds

ENVIRONMENT = {name: text for name, text in os.environ.items() if "PYTHON" not in name} | {
    "PATH": os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
}

# What a rule says besides its command.
RULES = {
    "run": "",
    "restat": "  restat = 1\n",
    "deps": "  depfile = $out.d\n  deps = gcc\n",
    "listed": "  rspfile = $out.rsp\n  rspfile_content = $in\n",
}
HEAD = "builddir = .ninjagen\n"


class Project:
    """An object tree with a build.ninja, and a source tree beside it."""

    def __init__(self, directory: Path) -> None:
        self.source = directory / "source"
        self.out = directory / "out"
        self.source.mkdir()
        self.out.mkdir()
        (self.out / "source").symlink_to(self.source)
        for name in "abc":
            (self.source / name).write_text(f"{name}\n")

    def audit(self, *statements: str, flags: tuple[str, ...] = ()) -> tuple[list[str], int]:
        """Build the edges; return what the audit found, and its status."""
        edges = "".join(statement.replace("SRC", str(self.source)) for statement in statements)
        (self.out / "build.ninja").write_text(HEAD + edges)
        done = self.tool(*flags)
        assert done.stderr == ""
        lines = re.findall(r"^(?:order|rebuild|write|unseen): .*", done.stdout, re.M)
        return [line.replace(str(self.source), "SRC") for line in lines], done.returncode

    def tool(self, *flags: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(TOOLS / "audit"), str(self.out), *flags]
        return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(tmp_path)


def edge(outputs: str, command: str, rule: str = "run", inputs: str = "") -> str:
    """A `build` statement with a rule of its own."""
    name = f"{rule}_{re.split(r'[ /]', outputs)[-1]}"
    return f"rule {name}\n  command = {command}\n{RULES[rule]}build {outputs}: {name} {inputs}\n"


COPY = edge("x", "cat $in > $out", inputs="SRC/a")  # what other edges may use


# ---- what is declared


def test_what_is_declared_is_no_finding(project):
    assert project.audit(
        COPY,
        edge("explicit", "cat x SRC/b > explicit", inputs="x SRC/b"),
        edge("implicit", "cat x SRC/b > implicit", inputs="| x SRC/b"),
        "build all: phony x | SRC/b\n",
        edge("phony", "cat x SRC/b > phony", inputs="all"),
        edge("found", "cat x SRC/b > $out; echo $out: SRC/b x > $out.d", "deps", "|| x"),
        edge("list", "cat `cat $out.rsp` > $out", "listed", "x SRC/b"),
        edge("d/two | three", "cp x $out; : > three", inputs="x"),
        edge("cd", "(cd SRC && cat b) > $out", inputs="SRC/b"),
    ) == ([], 0)


@pytest.mark.parametrize(("rule", "found"), [("run", []), ("restat", ["far", "reader"])])
def test_two_files_of_one_command_change_together_unless_it_may_leave_one(project, rule, found):
    said, status = project.audit(
        edge("one two", "echo > one; echo > two", rule),
        edge("reader", "cat two > $out", inputs="one"),
        edge("between", "cat one > $out", inputs="one"),
        edge("far", "cat two > $out", inputs="between"),
    )
    assert said == [f"rebuild: two: read by run_{name}: {name}" for name in found]
    assert status == bool(found)


def test_what_a_dyndep_file_says_is_declared(project):
    text = "ninja_dyndep_version = 1\\nbuild y | z: dyndep | x\\n"
    assert project.audit(
        COPY,
        edge("dd", f"printf '{text}' > dd"),
        edge("y", "cat x > y; touch z", inputs="|| dd") + "  dyndep = dd\n",
    ) == ([], 0)


def test_autoconf_is_declared_by_its_options_where_fixdep_names_them(project):
    (project.out / "include/generated").mkdir(parents=True)
    header = "include/generated/autoconf.h"
    (project.out / header).write_text("")
    assert project.audit(
        edge("x", f"cat {header} > x; mkdir -p include/config; touch include/config/A;"
                  " echo x: include/config/A > x.d", "deps"),
        edge("y", f"cat {header} > y"),
    ) == ([f"rebuild: {header}: read by run_y: y"], 1)


def test_what_an_edge_keeps_to_itself_is_no_finding(project):
    assert project.audit(
        edge("moved", "echo > tmp; mv tmp moved"),
        edge("again", "echo > again; cat again; echo >> again"),
        edge("temporary", "echo > t2; cat t2 > temporary; rm t2"),
        edge("d/o", "echo > $out; echo text > d/.o.cmd; cat d/.o.cmd"),
        edge("reader", "cat d/.o.cmd > $out", inputs="d/o"),
    ) == ([], 0)


def test_directories_are_not_looked_at(project):
    text = "import os, shutil; os.makedirs('d/e'); os.listdir('d'); shutil.rmtree('d')"
    assert project.audit(edge("x", f'{sys.executable} -c "{text}" && ls . SRC > x')) == ([], 0)


def test_the_cache_of_a_python_module_is_the_module(project):
    (project.source / "module.py").write_text("")
    command = f"cd SRC && {sys.executable} -c 'import module' && : > {project.out}"
    assert project.audit(edge("x", f"{command}/x", inputs="SRC/module.py")) == ([], 0)
    (project.out / "x").unlink()
    assert (project.source / "__pycache__").is_dir()
    said, _ = project.audit(edge("x", f"{command}/x"))
    assert [re.sub(r"cpython-\d+", "N", line) for line in said] == [
        "rebuild: SRC/__pycache__/module.N.pyc: read by run_x: x"
    ]


def test_toolchain_and_temporary_files_are_not_looked_at(project, tmp_path):
    (tmp_path / "elsewhere").write_text("")
    assert project.audit(
        edge("x", f"cat {tmp_path}/elsewhere /etc/passwd > x; echo > {tmp_path}/left; ls SRC .")
    ) == ([], 0)


# ---- what is not


def test_reads_a_source_file_that_is_no_input(project):
    said = project.audit(edge("y", "cat SRC/a > y"), edge("z", "(cd SRC; cat ./a) > z"))
    assert said == (["rebuild: SRC/a: read by run_y: y", "rebuild: SRC/a: read by run_z: z"], 1)


def test_order_only_is_not_enough_for_a_source_file(project):
    said = project.audit(edge("y", "cat SRC/a > y", inputs="|| SRC/a"))
    assert said == (["rebuild: SRC/a: read by run_y: y"], 1)


def test_runs_a_script_that_is_no_input(project):
    (project.source / "script").write_text("#!/bin/sh\n")
    (project.source / "script").chmod(0o755)
    said = project.audit(edge("y", "SRC/script > y"))
    assert said == (["rebuild: SRC/script: read run by run_y: y"], 1)


def test_reads_a_product_that_may_not_be_there_yet(project):
    said = project.audit(
        COPY,
        edge("y", "while ! ls | grep -qx x; do sleep 0.1; done; cat x > y"),
    )
    assert said == (["order: x: read by run_y: y"], 1)


def test_looks_for_a_product_that_may_come_later(project):
    said = project.audit(COPY, edge("z", "test -e y || : > z"), edge("y", ": > y", inputs="z"))
    assert said == (["order: y: look by run_z: z"], 1)


def test_reads_the_command_file_of_a_product(project):
    (project.out / ".x.cmd").write_text("")
    said = project.audit(COPY, edge("y", "cat .x.cmd > y"))
    assert said == (["order: .x.cmd: read by run_y: y"], 1)


def test_reads_a_product_that_is_an_order_only_input(project):
    said = project.audit(COPY, edge("y", "cat x > y", inputs="|| x"))
    assert said == (["rebuild: x: read by run_y: y"], 1)


def test_runs_a_program_that_is_an_order_only_input(project):
    said = project.audit(
        edge("program", "cp /bin/true program"), edge("y", "./program > y", inputs="|| program")
    )
    assert said == (["rebuild: program: run by run_y: y"], 1)


def test_a_change_comes_through_what_is_made_of_it(project):
    said = project.audit(COPY, edge("y", "cat x > y", inputs="x"),
                         edge("z", "cat x y SRC/a > z", inputs="y"))
    assert said == ([], 0)


def test_a_change_may_not_come_through_an_edge_that_leaves_its_output_alone(project):
    said = project.audit(COPY, edge("y", "cat x > y", "restat", "x"),
                         edge("z", "cat x y > z", inputs="y"))
    assert said == (["rebuild: x: read by run_z: z"], 1)


def test_leaves_a_file_that_is_no_output(project):
    said = project.audit(edge("y", "touch y left; echo > moved.tmp; mv moved.tmp moved"))
    assert said == (["write: left: write by run_y: y", "write: moved: write by run_y: y"], 1)


def test_writes_into_the_source_tree(project):
    said = project.audit(edge("y", "touch y SRC/a SRC/new; ln -s a SRC/link"))
    assert said == ([f"write: SRC/{name}: write by run_y: y" for name in ("a", "link", "new")], 1)


def test_changes_what_another_edge_makes(project):
    said = project.audit(COPY, edge("y", "echo >> x; cp x y", inputs="x"))
    assert said == (["write: x: write by run_y: y"], 1)
    (project.out / ".ninjagen/.ninja_log").unlink()
    said = project.audit(COPY, edge("y", "mv x y", inputs="x"))
    assert said == (["write: x: remove by run_y: y"], 1)


def test_two_edges_use_the_same_temporary_file_at_the_same_time(project):
    first = edge("y", "echo > t; rm t; touch y")
    said = project.audit(first, edge("z", "echo > t; rm t; touch z", inputs="y"))
    assert said == ([], 0)
    (project.out / ".ninjagen/.ninja_log").unlink()
    said = project.audit(first, edge("z", "sleep 0.3; echo > t; rm t; touch z"))
    assert said == (["write: t: remove by run_y: y", "write: t: remove by run_z: z"], 1)


def test_an_edge_that_did_not_run(project):
    assert project.audit(COPY) == ([], 0)
    said = project.audit(COPY, edge("y", "cat x > y", inputs="x"))
    assert said == (["unseen: x: was up to date by run_x: x"], 1)
    (project.out / "x").unlink()
    assert project.audit(COPY, edge("y", ": > y", inputs="x"), flags=("x",)) == ([], 0)


def test_again_says_the_same(project):
    said = project.audit(edge("y", "cat SRC/a > y"))
    assert project.audit(edge("y", "cat SRC/a > y"), flags=("--again",)) == said


def test_a_build_that_fails(project):
    (project.out / "build.ninja").write_text(HEAD + edge("x", "false"))
    done = project.tool()
    assert done.returncode == 2
    assert "audit: the build failed: strace " in done.stderr


def test_a_tree_that_was_not_described(project):
    done = project.tool("--again")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("audit: [Errno 2] No such file or directory: ")


# ---- strace's log


def touches(log: str, process: int = -1) -> list[tuple[str, str]]:
    """What the last process of a log did."""
    lines = [*log.splitlines(), f"{log.split()[0]} +++ exited with 0 +++"]
    found = stracelog.processes(lines, "/start")
    return [(touch.verb, touch.path) for touch in sorted(found[process].all_touches())]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('openat(AT_FDCWD</d>, "x", O_RDONLY|O_CLOEXEC) = 3</d/x>', [(READ, "/d/x")]),
        ('openat(AT_FDCWD</d>, "x", O_RDONLY) = -1 ENOENT (No such file)', [(LOOK, "/d/x")]),
        ('openat(5</e>, "../x", O_WRONLY|O_CREAT, 0666) = 3</x>', [(WRITE, "/x")]),
        ('open("x", O_RDWR) = 3</start/x>', [(READ, "/start/x"), (WRITE, "/start/x")]),
        ('openat(AT_FDCWD</d>, "x", O_RDWR|O_CREAT|O_TRUNC, 0666) = 3</d/x>', [(WRITE, "/d/x")]),
        ('openat(AT_FDCWD</d>, "x", O_RDONLY|O_DIRECTORY) = 3</d/x>', []),
        ('newfstatat(AT_FDCWD</d>, "x", {st_mode=S_IFREG|0644, ...}, 0) = 0', [(LOOK, "/d/x")]),
        ('newfstatat(3</d/x>, "", {st_mode=S_IFREG|0644, ...}, AT_EMPTY_PATH) = 0', []),
        ('rename("a", "b") = 0', [(READ, "/start/a"), (REMOVE, "/start/a"), (WRITE, "/start/b")]),
        ('renameat2(AT_FDCWD</d>, "a", AT_FDCWD</d>, "b", RENAME_NOREPLACE) = -1 EEXIST (x)', []),
        ('symlink("to", "/link") = 0', [(WRITE, "/link")]),
        ('unlink("x") = 0', [(REMOVE, "/start/x")]),
        ('unlink("x") = -1 ENOENT (No such file or directory)', []),
        ('unlinkat(AT_FDCWD</d>, "x", AT_REMOVEDIR) = 0', [(FOLDER, "/d/x")]),
        ('execve("/bin/x", ["x", "= 0"], 0x7ffc /* 35 vars */) = 0', [(RUN, "/bin/x")]),
        (r'access("a\"\t\303\244\\", F_OK) = 0', [(LOOK, "/start/a\"\tä\\")]),
        ('utimensat(0</d/x>, NULL, NULL, 0) = 0', []),
    ],
)  # fmt: skip
def test_calls(call, expected):
    assert touches(f"10 {call}") == expected


def test_a_call_that_another_process_interrupts():
    log = """\
10 openat(AT_FDCWD</d>, "x", O_RDONLY <unfinished ...>
11 access("/y", F_OK <unfinished ...>
10 <... openat resumed>)             = 3</d/x>
10 vfork( <unfinished ...>
11 <... access resumed>) = 0
10 <... vfork resumed>) = 11
"""
    assert touches(log, 0) == [(READ, "/d/x")]
    assert touches(log, 1) == [(LOOK, "/y")]


def test_a_process_begins_where_its_parent_is():
    log = """\
10 chdir("a") = 0
10 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD <unfinished ...>
11 chdir("b") = 0
11 unlink("x") = 0
11 +++ exited with 0 +++
10 <... clone resumed>, child_tidptr=0x7f) = 11
10 chdir("/c") = 0
"""
    assert touches(log) == [(REMOVE, "/start/a/b/x")]


def test_a_number_that_is_used_again():
    log = """\
10 chdir("/a") = 0
10 vfork() = 11
11 unlink("x") = 0
11 +++ exited with 0 +++
10 chdir("/b") = 0
10 clone3({flags=CLONE_VM, exit_signal=SIGCHLD}, 88) = 11
11 unlink("y") = 0
"""
    assert touches(log, 1) == [(REMOVE, "/a/x")]
    assert touches(log, 2) == [(REMOVE, "/b/y")]


def test_a_log_without_beginning_is_refused():
    with pytest.raises(stracelog.LogError, match="who started"):
        touches('10 chdir("/a") = 0\n11 unlink("x") = 0\n')
    with pytest.raises(stracelog.LogError, match="line 1 is no system call"):
        touches("10 what\n")
    with pytest.raises(stracelog.LogError, match="how the first process ended"):
        stracelog.processes(['10 chdir("/a") = 0'], "/")


# ---- ninja's language


def test_commands_are_those_that_ninja_has(tmp_path):
    (tmp_path / "build.ninja").write_text(r"""
# a comment that ends in $
top = t
rule cc
  command = cc $flags ${top} $description $in -o $out $$x $
      more
  description = $flags of rule
build a$ b/x$:y | imp: cc in$$1 ./in2 d/../in3 in@4 | i5 || i6
  flags = -D"$top"
top = changed
build y: cc a$ b/x$:y
build z: phony y | imp
default z
""")
    manifest = ninjafile.read(tmp_path / "build.ninja")
    assert manifest.defaults == ["z"]
    found = {edge.all_outputs[0]: edge for edge in manifest.edges}
    first = found["a b/x:y"]
    assert (first.implicit_outputs, first.implicit, first.order_only) == (["imp"], ["i5"], ["i6"])
    listed = subprocess.run(
        ["ninja", "-C", str(tmp_path), "-t", "compdb"], capture_output=True, env=ENVIRONMENT
    )
    database = {each["output"]: each for each in json.loads(listed.stdout)}
    assert {"a b/x:y", "y"} <= database.keys()
    for output, theirs in database.items():
        assert found[output]["command"] == theirs["command"]
        assert found[output].inputs[0] == theirs["file"]
