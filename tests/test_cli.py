"""The command line: what it says, and how it exits."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from ninjagen import __version__, cli, generate
from ninjagen.adopt import Adopted
from ninjagen.errors import NinjagenError, did_you_mean, doing
from ninjagen.graph import Edge, Graph
from ninjagen.kbuild.tree import KernelTree
from ninjagen.source import Loc


@pytest.fixture
def ran(monkeypatch, capsys, tmp_path):
    """Run the command line with a made-up pipeline; return status, stdout, stderr, requests."""
    monkeypatch.chdir(tmp_path)
    requests = []

    def run(*arguments: str, outcome=None):
        def fake(request):
            requests.append(request)
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome or generate.Result(KernelTree("/src", request.cwd))

        monkeypatch.setattr(generate, "generate", fake)
        status = cli.main(arguments)
        said = capsys.readouterr()
        return status, said.out, said.err, requests

    return run


def test_help_and_version(ran):
    for word in "-h", "--help":
        assert ran(word) == (0, cli.USAGE, "", [])
    assert ran("--version") == (0, f"ninjagen {__version__}\n", "", [])
    assert ran("O=out", "--version", "-x")[:2] == (0, f"ninjagen {__version__}\n")


def test_modes_are_listed(ran):
    status, out, _, requests = ran("-d", "list")
    assert (status, requests) == (0, [])
    assert [line.split()[0] for line in out.splitlines()] == list(cli.MODES)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-x"], "unknown option -x"),
        (["--no-such"], "unknown option --no-such"),
        (["vmlinux", "-j8"], "unknown option -j8"),
        (["-C"], "option -C needs an argument"),
        (["-d"], "option -d needs an argument"),
        (["-d", "stat"], "unknown -d mode 'stat', use -d list to list; did you mean 'stats'?"),
        (["-d", "zzz"], "unknown -d mode 'zzz', use -d list to list"),
    ],
)
def test_wrong_usage(ran, arguments, message):
    status, out, err, requests = ran(*arguments)
    assert (status, out, requests) == (2, "", [])
    assert err == f"ninjagen: error: {message}\n  hint: ninjagen --help\n"


def test_words_reach_the_pipeline(ran, tmp_path, monkeypatch):
    monkeypatch.setenv("KCFLAGS", "-g")
    (tmp_path / "sub").mkdir()
    status, out, err, (request,) = ran("LLVM=1", "-C", "sub", "O=x y", "defconfig", "X:=a=b")
    assert (status, out, err) == (0, "", "")
    assert request.cwd == str(tmp_path / "sub")
    assert request.goals == ["defconfig"]
    assert request.variables == {"LLVM": "1", "O": "x y", "X": "a=b"}
    assert request.assignments == ["LLVM=1", "O=x y", "X:=a=b"]
    assert request.environ["KCFLAGS"] == "-g"


def test_directory_is_without_links(ran, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "link").symlink_to("sub")
    assert ran("-C", "link")[3][0].cwd == str(tmp_path / "sub")


def test_directory_that_is_not_there(ran, tmp_path):
    status, out, err, requests = ran("-C", "no", "-C", "where")
    assert (status, out, requests) == (1, "", [])
    assert err == f"ninjagen: error: cannot run in {tmp_path}/no/where: No such file or directory\n"


def test_users_mistake(ran):
    error = NinjagenError("wrong", Loc("Makefile", 3), hint="mend it")
    error.trail.append("while evaluating")
    assert ran(outcome=error)[:3] == (
        1, "", "ninjagen: error: Makefile:3: wrong\n  while evaluating\n  hint: mend it\n"
    )


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PermissionError(13, "Permission denied", "/x"), "/x: Permission denied"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError("odd"), "odd"),
    ],
)
def test_trouble_with_files(ran, error, message):
    assert ran(outcome=error)[:3] == (1, "", f"ninjagen: error: {message}\n")


def test_interrupted(ran):
    assert ran(outcome=KeyboardInterrupt())[:3] == (130, "", "ninjagen: interrupted\n")


def test_own_mistakes_keep_their_traceback(ran):
    with pytest.raises(ZeroDivisionError):
        ran(outcome=ZeroDivisionError())


def test_what_is_said_at_the_end(ran, tmp_path):
    graph = Graph()
    graph.add(Edge("r", ("a",)))
    for objtree, where in [
        (tmp_path, "ninja"), (tmp_path / "out", "ninja -C out"),
        (tmp_path.parent / "out", "ninja -C ../out"), ("/elsewhere", "ninja -C /elsewhere"),
    ]:
        result = generate.Result(KernelTree("/src", str(objtree)), graph, processes=7, evaluated=2)
        status, out, err, _ = ran("-d", "stats", outcome=result)
        assert (status, err) == (0, "")
        first, second = out.splitlines()
        assert first.startswith("ninjagen: 1 edges in ") and first.endswith(f"; now run: {where}")
        assert second == "make processes: 7, evaluated: 2"


def test_options(ran):
    (request,) = ran("--no-adopt")[3]
    assert not request.adopts and request.options == []
    (_, request) = ran("--thinlto=dist", "--no-dyndep")[3]
    assert request.adopts and request.options == ["--thinlto=dist", "--no-dyndep"]


def test_adopted(ran):
    adopted = Adopted(2, 3)
    result = generate.Result(KernelTree("/src", "/out"), Graph(), adopted=adopted)
    assert ran(outcome=result)[1].splitlines()[0] == f"ninjagen: {adopted}"


def test_nothing_changed(ran):
    result = generate.Result(KernelTree("/src", "/out"), is_unchanged=True)
    assert ran(outcome=result)[:3] == (0, "ninjagen: nothing changed\n", "")


def test_steps_are_told_from_the_inside_out():
    with pytest.raises(NinjagenError) as raised, doing("outer"), doing("inner"):
        raise NinjagenError("wrong")
    assert str(raised.value) == "wrong\n  inner\n  outer"


def test_did_you_mean():
    assert did_you_mean("vmlinx", ["vmlinux", "modules"]) == "did you mean 'vmlinux'?"
    assert did_you_mean("xyz", ["vmlinux"]) == ""


@pytest.mark.parametrize(("words", "status", "out", "err"), [
    (["--version"], 0, f"ninjagen {__version__}\n", ""),
    (["--help"], 0, cli.USAGE, ""),
    (["-x"], 2, "", "unknown option -x"),
])  # fmt: skip
def test_a_program_ends_with_all_said(words, status, out, err, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "ninjagen", *words], capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stdout) == (status, out)
    assert err in done.stderr and bool(err) == bool(done.stderr)


def test_a_program_whose_words_do_not_arrive_fails(tmp_path):
    for word in "--help", "--version":
        done = subprocess.run(
            ["sh", "-c", f"{sys.executable} -m ninjagen {word} > /dev/full"],
            capture_output=True, text=True, cwd=tmp_path,
        )
        assert (done.returncode, done.stderr) == (
            1, "ninjagen: error: No space left on device\n"
        )


def test_frames_are_not_asked_of_the_system_again_and_again():
    """Wherever in the stack a function is called 1,000 times."""

    def call(depth: int) -> None:
        if depth:
            call(depth - 1)
            return
        for _ in range(1000):
            leaf()

    def leaf() -> None:
        pass

    def faults() -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for depth in range(300):
            call(depth)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    assert cli.with_room(faults)() < 1000
