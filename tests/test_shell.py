"""Answers are remembered exactly as long as what they depend on stays the same."""

import json
import os
import subprocess
import sys
import time

import pytest

from ninjagen import shell as shell_module
from ninjagen.errors import NinjagenError
from ninjagen.shell import Answer, Shell, run_each_time

TRY_RUN = (
    "set -e; TMP=./.tmp_$$/tmp; trap 'rm -rf ./.tmp_$$' EXIT; mkdir -p ./.tmp_$$; "
    'if (cc -Werror -O2 -c -x c /dev/null -o "$TMP") >/dev/null 2>&1; '
    'then echo "y"; else echo "n"; fi'
)
CC_OPTION = (
    '{ trap "rm -rf .tmp_$$" EXIT; mkdir .tmp_$$; cc -Werror -c -x c /dev/null '
    '-o .tmp_$$/tmp.o; } >/dev/null 2>&1 && echo "y" || echo "n"'
)

REMEMBERED = [
    TRY_RUN,
    CC_OPTION,
    'printf "%b\\n" "nop" | cc -c -x assembler-with-cpp -o /dev/null -',
    "uname -m | sed -e s/i.86/x86/ -e s/x86_64/x86/",
    "test 3 -ge 4 && echo y",
    "[ -n '*' ] && echo y || echo n",
    "set -- Clang 190107 && echo $2",
    "expr 190107 / 10000",
    r"expr 7 \* 65536 + 2 \* 256",
    "awk '{ print $1 }' Makefile",
    "cc -dM -E -x c /dev/null | grep -c __x86_64__",
    "{ command -v cc; } >/dev/null 2>&1 && echo y || echo n",
    'env "CC=cc" "LD=ld" cc --version | head -n 1',
    't=$(mktemp); trap "rm -f $t.o $t" EXIT; echo | cc -x c - -c -o $t.o; cat $t >$t.so; echo y',
    "echo a b | tr 'a-z' 'A-Z'",
    "echo *.c lib/[ab]?.c",
    "uname -m | sed -e s/sh[234].*/sh/ -e /^arm64$/!s/arm.*/arm/",
    "cd /usr && pwd; (cd /; test -d usr) && echo y",
    "getconf LFS_CFLAGS 2>/dev/null",
]

RUN_AGAIN = {
    "date +%s": "clock",
    "LC_ALL=C date": "clock",
    'sh -c "date"': "clock",
    "if true; then git describe; fi": "repository",
    "echo $(ls)": "directories",
    "find . -name x": "directories",
    "whoami": "who",
    "env A=1 date": "clock",
    "f=x; rm -f $f": "changes files",
    "env | sort": "environment",
    "cd sub && pwd": "another directory",
    "mkdir -p out": "changes files",
    "echo x > file": "writes",
    "echo x >> $OUTPUT": "writes",
    "cc -c x.c -o x.o": "writes",
    "sed -i s/a/b/ file": "writes",
    "cat $DIR*.c": "matches",
    "cat 'a b'*.c": "matches",
    r"cat a\ *.c": "matches",
    "cat [^ab].c": "matches",
    "cat [[:alpha:]].c": "matches",
    "cd /usr && echo *": "matches",
    "cd -P /usr && pwd": "another directory",
    "cd /usr && pwd -P": "links",
    "cd $DIR && pwd": "another directory",
    "cd /usr/$DIR && pwd": "another directory",
    "cd /usr && cd bin && pwd": "another directory",
    "cd /usr && ls": "another directory",
    "cd /usr && cat data": "another directory",
    "cd /usr && ./program": "another directory",
    "getconf PAGESIZE": "machine",
    "getconf -a": "machine",
    'sh -c "echo *.c"': "matches",
    r"echo \\*.c": "matches",
    r"eval echo \*.c": "matches",
    r"sh -c echo\ \*.c": "matches",
    "cat $DIR/file": "through a variable",
    "make -s kernelversion": "build",
    "mktemp": "random",
}


@pytest.fixture
def asked(tmp_path):
    """A function that asks a fresh Shell with one shared cache: answer and commands run."""

    def ask(command, cwd=tmp_path, **env):
        shell = Shell(str(tmp_path / "cache.json"))
        answer = shell.run(command, str(cwd), {"PATH": os.environ["PATH"], **env})
        shell.save()
        return answer, shell.runs

    return ask


@pytest.mark.parametrize("command", REMEMBERED)
def test_remembered(command, asked):
    first, runs = asked(command)
    assert runs == 1
    assert asked(command) == (first, 0)
    assert not run_each_time(command)


@pytest.mark.parametrize("command", RUN_AGAIN)
def test_run_each_time(command):
    assert RUN_AGAIN[command] in run_each_time(command)


def test_command_run_each_time_is_run_each_time(asked):
    assert asked("echo; ls")[1] == asked("echo; ls")[1] == 1


def test_output_and_status(asked):
    assert asked("printf 'a\\n\\n'; exit 3")[0] == Answer("a\n\n", 3)
    assert asked("printf '\\377'")[0].output == "\udcff"
    assert asked("printf '\\377'") == (Answer("\udcff", 0), 0)
    assert asked("kill -9 $$")[0].status == 137


def test_killed_commands_are_not_remembered(asked):
    assert asked("kill -9 $$")[1] == asked("kill -9 $$")[1] == 1


def test_standard_input_is_empty(asked):
    assert asked("cat")[0] == Answer("", 0)


def test_standard_error_is_repeated(asked, capsys):
    asked("echo oops >&2")
    assert capsys.readouterr().err == "oops\n"
    assert asked("echo oops >&2")[1] == 0
    assert capsys.readouterr().err == "oops\n"


def test_named_file_counts(asked, tmp_path):
    command = "cat data || echo none"
    assert asked(command)[0].output == "none\n"
    (tmp_path / "data").write_text("1\n")
    assert asked(command) == (Answer("1\n", 0), 1)
    assert asked(command) == (Answer("1\n", 0), 0)
    (tmp_path / "data").write_text("22\n")
    assert asked(command) == (Answer("22\n", 0), 1)
    (tmp_path / "data").unlink()
    assert asked(command)[0].output == "none\n"


@pytest.mark.parametrize("pattern", ["d*", "d[a-c]?a", "?ata", "sub/../d*", "d[!b]ta"])
def test_pattern_is_a_word_while_it_matches_nothing(asked, tmp_path, pattern):
    (tmp_path / "sub").mkdir()
    (tmp_path / "other").touch()
    command = f"echo {pattern}"
    assert asked(command) == (Answer(f"{pattern}\n", 0), 1)
    assert asked(command) == (Answer(f"{pattern}\n", 0), 0)
    (tmp_path / "data").touch()
    for _ in range(2):
        assert asked(command) == (Answer(f"{pattern[:-len(pattern.split('/')[-1])]}data\n", 0), 1)
    assert asked(command, tmp_path / "sub")[0].output == f"{pattern}\n"
    (tmp_path / "data").unlink()
    assert asked(command) == (Answer(f"{pattern}\n", 0), 0)


def test_directory_that_it_changes_to_counts(asked, tmp_path):
    sub = tmp_path / "sub"
    command = f"cd {sub} && pwd && test -e data && echo y"
    assert asked(command)[0].output == ""
    sub.mkdir()
    assert asked(command)[0] == Answer(f"{sub}\n", 1)
    assert asked(command) == (Answer(f"{sub}\n", 1), 0)
    (sub / "data").touch()
    assert asked(command) == (Answer(f"{sub}\ny\n", 0), 1)
    assert asked(command) == (Answer(f"{sub}\ny\n", 0), 0)


@pytest.mark.parametrize("line", ["echo *", "cd /usr && pwd"])
def test_script_may_be_anywhere_when_it_does(asked, tmp_path, line):
    script = tmp_path / "script.sh"
    script.write_text(f"#!/bin/sh\n{line}\n")
    script.chmod(0o755)
    assert asked("./script.sh")[1] == asked("./script.sh")[1] == 1


def test_pattern_that_matches_something_else_is_noticed(tmp_path):
    """By who looks whether anything has changed, without asking again."""
    shell = Shell(str(tmp_path / "cache.json"))
    env = {"PATH": os.environ["PATH"]}
    shell.run("echo d*", str(tmp_path), env)
    evidence = json.loads(json.dumps(shell.evidence()))
    assert Shell().changed_commands(evidence) == set()
    (tmp_path / "data").touch()
    assert Shell().changed_commands(evidence) is None


def test_named_link_counts(asked, tmp_path):
    for name in "one", "two":
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, (1000, 1000))
    (tmp_path / "link").symlink_to("one")
    assert asked("cat link")[0].output == "one"
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("two")
    assert asked("cat link")[0].output == "two"


def test_tool_on_path_counts(asked, tmp_path):
    tool = tmp_path / "bin" / "tool"
    tool.parent.mkdir()
    path = f"{tool.parent}:{os.environ['PATH']}"
    command = "tool 2>/dev/null || echo missing"
    assert asked(command, PATH=path)[0].output == "missing\n"
    for text in "a", "bcd":
        tool.write_text(f"#!/bin/sh\necho {text}\n")
        tool.chmod(0o755)
        assert asked(command, PATH=path) == (Answer(f"{text}\n", 0), 1)
        assert asked(command, PATH=path) == (Answer(f"{text}\n", 0), 0)


def test_script_counts_and_what_it_names(asked, tmp_path):
    script = tmp_path / "version.sh"
    script.write_text('#!/bin/sh\n"$(dirname $0)"/inner.sh $FLAG\n')
    inner = tmp_path / "inner.sh"
    for path in script, inner:
        path.touch()
        path.chmod(0o755)
    inner.write_text("#!/bin/sh\necho one $1\n")
    assert asked("./version.sh", FLAG="x") == (Answer("one x\n", 0), 1)
    assert asked("./version.sh", FLAG="x")[1] == 0
    assert asked("./version.sh", FLAG="y") == (Answer("one y\n", 0), 1)
    inner.write_text("#!/bin/sh\necho three $1\n")
    assert asked("./version.sh", FLAG="x") == (Answer("three x\n", 0), 1)
    inner.write_text("#!/bin/sh\ndate\n")
    assert asked("./version.sh", FLAG="x")[1] == asked("./version.sh", FLAG="x")[1] == 1


def test_environment_that_matters(asked):
    assert asked("echo $A", A="1", B="1") == (Answer("1\n", 0), 1)
    assert asked("echo $A", A="1", B="2") == (Answer("1\n", 0), 0)
    assert asked("echo $A", A="2", B="2") == (Answer("2\n", 0), 1)
    assert asked("echo $A", A="2", LC_ALL="C")[1] == 1
    assert asked("echo $A", A="2", CPATH="/x")[1] == 1


def test_tool_named_by_a_variable_counts(asked, tmp_path):
    tool = tmp_path / "tool"
    for text in "a", "bcd":
        tool.write_text(f"#!/bin/sh\necho {text}\n")
        tool.chmod(0o755)
        assert asked("$CC", CC=str(tool))[0].output == f"{text}\n"


def test_directory_counts(asked, tmp_path):
    (tmp_path / "sub").mkdir()
    assert asked("pwd")[0] != asked("pwd", tmp_path / "sub")[0]


def test_same_run_asks_once(tmp_path):
    shell = Shell()
    env = {"PATH": os.environ["PATH"]}
    for _ in range(3):
        shell.run("echo x", str(tmp_path), env)
    assert shell.runs == 1


def test_machine_is_asked_once_in_a_run(tmp_path):
    said: list[str] = []
    path = os.environ["PATH"]
    for runs in (1, 2):
        shell = Shell()
        shell.complain = said.append
        for _ in range(3):
            answer = shell.run("getconf PAGESIZE; echo of $A >&2", str(tmp_path), {"PATH": path})
            assert answer == Answer(f"{os.sysconf('SC_PAGESIZE')}\n", 0)
        assert shell.runs == 1
        assert said == ["of\n"] * 3 * runs
        assert shell.is_run_each_time("getconf PAGESIZE; echo of $A >&2", str(tmp_path))
    shell.run("getconf PAGESIZE; echo of $A >&2", str(tmp_path), {"PATH": path, "A": "a"})
    shell.run("getconf PAGESIZE; echo of $A >&2", "/", {"PATH": path, "A": "a"})
    assert (shell.runs, said[-2:]) == (3, ["of a\n"] * 2)


def test_files_changed_by_a_command_are_seen(tmp_path):
    shell = Shell()
    env = {"PATH": os.environ["PATH"]}
    assert shell.run("cat new", str(tmp_path), env).status == 1
    shell.run("echo hello > new", str(tmp_path), env)
    assert shell.run("cat new", str(tmp_path), env).output == "hello\n"


def test_probe_in_a_directory_that_cannot_be_written_is_not_remembered(
    asked, tmp_path, monkeypatch
):
    cwd = tmp_path / "ro"
    cwd.mkdir(mode=0o555)
    real = os.access  # root can write everywhere
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and real(path, mode))
    assert asked(CC_OPTION, cwd)[1] == asked(CC_OPTION, cwd)[1] == 1


def test_probe_leaves_nothing(asked, tmp_path):
    asked(TRY_RUN)
    asked(CC_OPTION)
    assert os.listdir(tmp_path) == ["cache.json"]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"format": 0}', '{"format":1,"answers":3}', "\xff", "[" * 99999],
)
def test_broken_cache_is_ignored(content, asked, tmp_path):
    (tmp_path / "cache.json").write_bytes(content.encode("latin-1"))
    assert asked("echo x") == (Answer("x\n", 0), 1)
    assert asked("echo x") == (Answer("x\n", 0), 0)


def test_broken_entry_is_ignored(asked, tmp_path):
    asked("echo x")
    content = json.loads((tmp_path / "cache.json").read_text())
    (key,) = content["answers"]
    content["answers"][key] = ["x", 1]
    (tmp_path / "cache.json").write_text(json.dumps(content))
    assert asked("echo x") == (Answer("x\n", 0), 1)


def test_texts_are_examined_once(asked, monkeypatch):
    """What a text tells is kept with the answers, while the rules are the same."""
    examined: list[str] = []
    real = shell_module._examine
    monkeypatch.setattr(shell_module, "_examine", lambda text: examined.append(text) or real(text))
    command = "cd /usr && pwd"
    assert [asked(command)[1] for _ in range(2)] == [1, 0]
    assert examined == [command]
    monkeypatch.setattr(shell_module, "version_of", lambda module: "others")
    assert [asked(command)[1] for _ in range(2)] == [0, 0]
    assert examined == [command] * 2


@pytest.mark.parametrize("command", [*REMEMBERED, *RUN_AGAIN, ""])
def test_what_a_text_tells_is_kept_whole(command):
    text = shell_module._examine(command)
    packed = json.loads(json.dumps(shell_module._packed(text)))
    assert shell_module._unpacked(packed) == text


def test_saved_only_when_something_changed(asked, tmp_path):
    asked("echo x")
    before = os.stat(tmp_path / "cache.json")
    asked("echo x")
    after = os.stat(tmp_path / "cache.json")
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    asked("echo y")
    assert len(json.loads((tmp_path / "cache.json").read_text())["answers"]) == 2


def test_cache_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "file").touch()
    shell = Shell(str(tmp_path / "file" / "cache.json"))
    shell.run("echo x", str(tmp_path), {"PATH": os.environ["PATH"]})
    shell.save()


def test_no_shell(tmp_path):
    with pytest.raises(NinjagenError, match="cannot run a shell"):
        Shell().run("echo x", str(tmp_path / "missing"), {})


def test_hit_is_fast(tmp_path):
    shell = Shell()
    env = dict(os.environ)
    shell.run(TRY_RUN, str(tmp_path), env)
    start = time.perf_counter()
    for _ in range(1000):
        shell.run(TRY_RUN, str(tmp_path), env)
    assert time.perf_counter() - start < 0.2  # 10 µs each where it was written


def test_import_is_light():
    code = "import sys, ninjagen.shell; print(*{'subprocess', 'json'} & set(sys.modules))"
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    said = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == ""


def test_script_that_changes_files_is_seen(tmp_path):
    shell = Shell()
    env = {"PATH": os.environ["PATH"]}
    script = tmp_path / "make.sh"
    script.write_text("#!/bin/sh\necho hello > new\n")
    script.chmod(0o755)
    assert shell.run("cat new", str(tmp_path), env).status == 1
    shell.run("./make.sh", str(tmp_path), env)
    assert shell.run("cat new", str(tmp_path), env).output == "hello\n"


def test_standard_error_of_any_bytes(asked, capsys):
    for runs in (1, 0):
        assert asked("printf '\\377' >&2")[1] == runs
        assert capsys.readouterr().err == "\ufffd"


def test_words_are_found_as_well_in_lists_of_directories(tmp_path):
    """Those that hardly anybody would put on a PATH, too."""
    for name in ("bin", "bin/directory", "odd", "closed"):
        (tmp_path / name).mkdir()
    for name, mode in (("bin/tool", 0o755), ("bin/data", 0o644), ("odd/tool", 0o755),
                       ("odd/data", 0o755), ("here", 0o644), ("odd/über", 0o755)):
        (tmp_path / name).touch(mode)
    (tmp_path / "odd/link").symlink_to("nowhere")
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "closed/pipe")
    (tmp_path / "odd/tool").chmod(0o755)
    words = ["tool", "data", "directory", "here", "link", "dangling", "über", "missing", ".", "..",
             "bin", "bin/tool", "bin/none", "./here", "-x", "$x", "%", "", "pipe", str(tmp_path),
             "x" * 2000, "a\0b", "*"]
    lists = shell_module._Lists()
    found = 0
    for path in (f"{tmp_path}/bin:{tmp_path}/odd", f"{tmp_path}/none:{tmp_path}/here:bin", "",
                 f":{tmp_path}/odd", f"{tmp_path}/bin/::{tmp_path}/closed", "."):
        for cwd in (str(tmp_path), str(tmp_path / "bin"), str(tmp_path / "none")):
            for word in words:
                expected = shell_module._find(word, cwd, path)
                assert shell_module._find(word, cwd, path, lists) == expected, (word, cwd, path)
                found += bool(expected)
    assert found > 50


def test_directory_that_cannot_be_listed(tmp_path, monkeypatch):
    (tmp_path / "tool").touch(0o755)

    def refuse(path):
        raise PermissionError(path)

    monkeypatch.setattr(os, "listdir", refuse)
    lists = shell_module._Lists()
    tool = str(tmp_path / "tool")
    assert shell_module._find("tool", "/", str(tmp_path), lists) == [tool]
    assert shell_module._find("tool", str(tmp_path), "/", lists) == [tool]
    assert shell_module._find("none", str(tmp_path), "/", lists) == []
