"""`-t explain`: a target's rule, who wants it, and where each word of its command is written."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.builds


@pytest.fixture
def described(sample):
    sample.describe("KBUILD_EXTRA=-DEXTRA")
    return sample


def rows(sample, target: str) -> dict[str, str]:
    """What is said of a target, by the first word or words of a line."""
    name, *lines = sample.ask("explain", target).splitlines()
    assert name == target
    found: dict[str, str] = {}
    for line in lines:
        title, _, rest = line.strip().partition("  ")
        assert title not in found
        found[title] = rest.strip()
    return found


def place(text: str) -> str:
    """The `FILE:LINE` that a row begins with."""
    return text.partition(": ")[0]


def test_rule_wish_make_and_inputs(described):
    said = rows(described, "kernel/fast.o")
    assert said["rule"].startswith(described.line("scripts/Makefile.build", "%.o: ") + ": ")
    asked = described.line("kernel/Makefile", "+= fast.o")
    assert said["wanted by"].startswith(
        f"kernel/built-in.a: {asked}: obj-$(CONFIG_FAST) += fast.o"
    )
    assert said["make"].endswith("scripts/Makefile.build obj=kernel")
    assert said["inputs"] == "kernel/fast.c scripts/cc"  # a script of the sample's
    assert place(said["command"]) == described.line("scripts/Makefile.build", "cmd_cc_o_c = $(CC)")


def test_words_of_the_command(described):
    said = rows(described, "kernel/fork.o")
    top, kernel = "Makefile", "kernel/Makefile"
    flags = described.line(top, "KBUILD_CFLAGS += -fno-common")
    for word, where in {
        f"{described.src}/scripts/cc": described.line(top, "CC :="),
        "-O2": described.line(top, "KBUILD_CFLAGS := "),
        "-fno-common": flags,
        "-fshort-wchar": flags,  # on the line that continues it
        "-ffast": described.line(top, "cflags-$(CONFIG_FAST)"),
        "-mgood": described.line(top, "KBUILD_CFLAGS += $(cflags-y)"),
        "-mfound": described.line(top, "-mfound"),
        "-DSMALL": described.line(kernel, "defines"),
        "-Wextra": described.line(kernel, "-Wextra"),
        "-DFORK": described.line(kernel, "CFLAGS_fork.o :="),
        "-Iinclude": described.line("scripts/Kbuild.include", "c_flags ="),
        "-c": described.line("scripts/Makefile.build", "cmd_cc_o_c = $(CC)"),
    }.items():
        assert place(said[word]) == where, word
    assert "-mbad" not in said and "-DNOT" not in said
    assert said["kernel/fork.o"] == "$@ of the rule"
    assert said[f"{described.src}/kernel/fork.c"] == "$< of the rule"


def test_the_whole_command_is_told(described):
    words = [line.split()[0] for line in described.ask("explain", "kernel/fork.o").splitlines()
             if line.startswith("    ")]
    described.ninja("kernel/fork.o")
    saved = (described.out / "kernel/.fork.o.cmd").read_text().splitlines()[0].partition(" := ")[2]
    assert words == saved.split()


def test_the_line_is_shown_with_its_options(described):
    said = rows(described, "kernel/fork.o")
    assert said["-mgood"].endswith("  [ifdef CONFIG_FAST]")
    assert "KBUILD_CFLAGS += -fno-common -fshort-wchar" in said["-fshort-wchar"]


def test_a_word_that_a_function_made(described):
    add = described.line("scripts/Kbuild.include", "c_flags =")
    assert rows(described, "kernel/fork.o")["-DSMALL"].endswith(f"  (by $(addprefix) at {add})")


def test_a_variable_of_the_target(described):
    said = rows(described, "kernel/fast.o")
    assert place(said["-DONLY"]) == described.line("kernel/Makefile", "-DONLY")
    assert "-DONLY" not in rows(described, "kernel/fork.o")


def test_words_of_the_command_line_and_the_environment(sample, monkeypatch):
    monkeypatch.setenv("KCFLAGS", "-from-environment")
    sample.replace("kernel/Makefile", "-Wextra", "-Wextra $(KCFLAGS) $(KBUILD_EXTRA)")
    sample.describe("KBUILD_EXTRA=-from-line")
    said = rows(sample, "kernel/fork.o")
    assert said["-from-environment"] == "(environment KCFLAGS)"
    assert said["-from-line"] == "(command line KBUILD_EXTRA)"


def test_an_archive(described):
    said = rows(described, "kernel/built-in.a")
    assert said["inputs"] == "kernel/fork.o kernel/time/built-in.a kernel/fast.o"
    assert said["kernel/fork.o"] == "$^ of the rule"


def test_a_recipe_of_the_top_makefile(described):
    said = rows(described, "include/generated/version.h")
    assert place(said["""'"1"'"""]) == described.line("Makefile", "filechk_version =")


def test_a_phony_name(described):
    assert described.ask("explain", "kernel/time/") == \
        "kernel/time: a name for\n  kernel/time/built-in.a\n"


@pytest.mark.parametrize("target", ["./kernel/fork.o", "kernel//fork.o", "/out/kernel/fork.o"])
def test_other_spellings(described, target):
    target = target.replace("/out", str(described.out))
    assert described.ask("explain", target) == described.ask("explain", "kernel/fork.o")


@pytest.mark.parametrize(
    ("target", "hint"),
    [
        ("kernel/frok.o", "did you mean 'kernel/fork.o'?"),
        ("kernel/fork.c", "it is a source"),
    ],
)
def test_what_nothing_makes(described, target, hint):
    assert described.ask("explain", target, status=1) == \
        f"ninjagen: error: nothing in this build makes '{target}'\n  hint: {hint}\n"
