"""What kbuild's macros and targets mean to us: tables, each row with its reason.

Everything else about kbuild is evaluated from its own makefiles.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from ninjagen.make.words import Pattern, split_words

# A marker in expanded recipe text: command name, short log. Control characters, so that nothing
# in a recipe can look like one.
_START, _MIDDLE, _END = "\x01", "\x02", "\x03"
MARKER = re.compile(f"{_START}([^{_MIDDLE}]*){_MIDDLE}([^{_END}]*){_END}")

_LOG = f"{_START}$(1){_MIDDLE}$(quiet_cmd_$(1)){_END}"

# Variables of kbuild that we set ourselves, stronger than any makefile.
OVERRIDES = {
    # ninja prints the short log; here it becomes the edge's rule and description.
    "quiet_log_print": _LOG,
    "silent_log_print": _LOG,
    "log_print": _LOG,
    "echo-cmd": _LOG,  # its name up to 6.1
    # ninja and the edge's own trap remove what a failed or interrupted command leaves.
    "delete-on-interrupt": "",
    # What is only said, never done.
    "kecho": ":",
    "why": "",
}

# Products that makefiles read while they are evaluated, to put their text into a command. The
# command reads them instead, when it runs: that is when make, which would have made them, reads.
LATE_READS = {
    "include/config/kernel.release": "KERNELRELEASE, for utsrelease.h (Makefile)",
}

# Commands of a recipe's $(shell) that are put off until the recipe runs, besides those that name
# a product. Regular expressions; all others are probes, whose answers choose what is built.
LATE_SHELL = {
    r"scripts/build-version|init/build-version": "counts up .version, once for each link",
    r"(?:^|[ ;|&(])date\b": "the time of the link",
}

# Products whose text decides flags of what is built later. build.ninja depends on them: ninja
# makes them first, then build.ninja again, as make would read itself again.
DECIDES_FLAGS = {
    "include/generated/asm-offsets.h":
        "-mstack-protector-guard-offset= (arch/arm64/Makefile, arch/riscv/Makefile)",
    "kernel/trace/undefsyms_base.o":
        "its symbols may stay undefined in another object: each is a word (kernel/trace/Makefile)",
}

# How a variable's name begins that Kconfig's answers may set (scripts/kconfig/lkc.h, CONFIG_).
SYMBOL = "CONFIG_"

# What try-run (scripts/Makefile.compiler) calls its output: by it a probe is known.
PROBE = "$TMP"

# Phony targets whose recipes prepare the object tree: run when build.ninja is written.
RUN_WHEN_GENERATING = {
    "outputmakefile": "checks that the source tree is clean; `source` link, .gitignore",
    "Makefile": "the object tree's own: people run make there, and ninjagen finds the sources",
    "remove-stale-files": "removes what older kernels' builds left, before anything is built",
}

# What the name of each configuration goal ends with (Makefile: config-build). Where the recipe of
# one has more than a make (scripts/Makefile.defconf merges fragments), it is run at once.
CONFIGURATION = "config"

# Suffixes of the top Makefile's `single-targets` that are no names of build.ninja.
NOT_BY_NAME = {
    ".lst": "lists code with the addresses of System.map, which it does not depend on",
}

# The top Makefile's list of goals that need no configuration brought up to date: they are work to
# be done at once. Not these of them, which are files: edges make them.
AT_ONCE = "no-sync-config-targets"
MADE_BY_EDGES = {
    "headers": "usr/include",
    "archheaders": "system call tables",
    "archscripts": "tools of an architecture",
    "%asm-generic": "headers that only include another",
    "include/generated/uapi/linux/version.h": "version_h",
    "outputmakefile": "prepares the object tree, with each build",
}
# Goals of that kind that are no names of build.ninja.
REMOVES_BUILD = {
    "mrproper": "removes build.ninja and ninja's logs, which ninja would be writing",
    "distclean": "as mrproper",
}

# What comes before the descent into directories: after it are the headers that all may include.
PREPARED = "prepare.prerequisites"  # `$(build-dir): prepare` (Makefile)
FIXDEP = "scripts/basic/fixdep"

# Sub-makes that are ours to do.
KCONFIG_DIRECTORY = "scripts/kconfig"  # its goals go to ninjagen's own Kconfig

# Programs that commands run, and need not run again for.
PROGRAMS_OF_NO_CONCERN = {
    "fixdep": "says what a target depends on, and has no part in what is made of it",
}


class Unseen(NamedTuple):
    """Variables that programs read, and neither a command nor a script names."""

    program: str  # how its path ends; a version may follow, as in `rustc-1.85`
    variables: frozenset[str]
    why: str


UNSEEN = (
    *(
        Unseen(program, frozenset({"RUSTC_BOOTSTRAP", "CLIPPY_CONF_DIR"}),
               "options that are not stable yet; where clippy's are (Makefile)")
        for program in ("rustc", "rustdoc", "clippy-driver")
    ),
    Unseen("scripts/rustdoc_test_gen", frozenset({"srctree"}),
           "finds the sources of the tests (scripts/rustdoc_test_gen.rs)"),
)


def read_unseen(command: str) -> frozenset[str]:
    """Return the names of variables that programs of a command read, and that nothing names."""
    return frozenset[str]().union(*(
        row.variables for row in UNSEEN
        if row.program in command
        and re.search(rf"(?:^|[\s/;&|(]){re.escape(row.program)}(?:-[\w.]+)?(?![\w./-])", command)
    ))


class Undeclared(NamedTuple):
    """Files that a command makes and no makefile declares."""

    command: str  # the name after cmd_
    # {target}, {dir}, {name}: the declared output; {stem}: its name up to the last dot;
    # {module}: each module of `order`
    outputs: tuple[str, ...]
    when: str  # text that the command must contain, with the same names in it
    why: str
    option: str = ""  # of the configuration, that must be on
    order: str = ""  # regex whose group is the modules.order that the command reads


UNDECLARED = (
    Undeclared(
        "ld_vmlinux.o", ("{target}.map",), "{target}.map", "-Map=$@.map (Makefile.vmlinux_o)"
    ),
    Undeclared(
        "modpost", (".vmlinux.export.c",), " vmlinux.o",
        "write_vmlinux_export_c_file() in scripts/mod/modpost.c",
    ),
    Undeclared(
        "modpost", ("{module}.mod.c",), "modules.order",
        "write_mod_c_file() in scripts/mod/modpost.c", order=r" -T (\S*modules\.order)",
    ),
    Undeclared(
        "modpost", ("{module}.mod.c",), "modules.order",
        "the same in 6.1 (scripts/Makefile.modpost, cmd_modpost)",
        order=r" (\S*modules\.order) \| ",
    ),
    Undeclared(
        "link_vmlinux", ("System.map",), "link-vmlinux.sh", "mksysmap in scripts/link-vmlinux.sh"
    ),
    Undeclared(
        "link_vmlinux", ("vmlinux.map",), "link-vmlinux.sh", "-Map in scripts/link-vmlinux.sh",
        option="CONFIG_VMLINUX_MAP",
    ),
    Undeclared(
        "rustc_library", ("{dir}/lib{stem}.rmeta",), "--emit=metadata={dir}/lib{stem}.rmeta",
        "what crates that use this one read (rust/Makefile)",
    ),
)


@cache
def undeclared(rule: str) -> tuple[Undeclared, ...]:
    """Return the rows about a command, by the name of its rule in build.ninja."""
    return tuple(row for row in UNDECLARED if rule_name(row.command) == rule)


# Commands that list what they read in a file of their own, below a line `deps_X := \`.
LISTS_INPUTS = {
    "initfs": r" -l (\S+\.d) ",  # usr/gen_initramfs.sh -l
    "kheaders_data": r"\.d >> (\S+\.cmd);",  # kernel/gen_kheaders.sh; kernel/Makefile moves it
}

# Recipes that make runs every time (FORCE) because they list the files of source directories.
LISTS_SOURCES = frozenset(("filechk_kheaders_srclist",))

# The same for what is generated: they list products of these names.
LISTS_PRODUCTS = {
    "filechk_kheaders_objlist": ("include/generated/*.h", "arch/*/include/generated/*.h"),
}

# What a user's environment holds that is none of kbuild's business, even where scripts read it, and
# is another in the next terminal. Nothing in the kernel names those after the first row.
_USERS_ENVIRONMENT = re.compile("|".join((
    "HOME HOSTNAME LANG LOGNAME MAIL OLDPWD PATH PWD SHELL SHLVL TERM TMPDIR USER _",  # a shell's
    "COLORTERM COLUMNS KITTY_.* KONSOLE_.* LINES LS_COLORS TERM_.* VTE_VERSION WINDOWID WT_.*",
    "STY TMUX TMUX_PANE WINDOW ZELLIJ.*",  # a multiplexer's
    "GPG_TTY MOSH_.* SSH_.*",  # a connection's
    "DBUS_SESSION_BUS_ADDRESS DESKTOP_SESSION DISPLAY GNOME_.* INVOCATION_ID JOURNAL_STREAM"
    " SESSION_MANAGER SYSTEMD_EXEC_PID WAYLAND_DISPLAY XAUTHORITY XDG_.*",  # a session's
    "INSIDE_EMACS TERMINAL_EMULATOR VSCODE_.*",  # an editor's
)).replace(" ", "|"))


@cache
def is_users(name: str) -> bool:
    """Tell whether a variable of the environment is the user's alone."""
    return _USERS_ENVIRONMENT.fullmatch(name) is not None


AUTO_CONF = "include/config/auto.conf"

# Sources of truth for recipes that make runs every time (FORCE): what they depend on beyond
# their prerequisites. Patterns are relative to the object tree or the source tree; what git keeps
# of this work tree is found below `.git/`, wherever it is.
FORCE_INPUTS = {
    "filechk_kernel.release": (
        AUTO_CONF, "localversion*", "scripts/setlocalversion",
        # scm_version() in scripts/setlocalversion: the commit, its tags, what is not committed
        ".git/HEAD", ".git/logs/HEAD", ".git/index", ".git/refs/tags",
    ),
    # In the archive too, but kernel/gen_kheaders.sh leaves it out of the list.
    "kheaders_data": ("include/generated/autoconf.h",),
}

# Commands that leave their outputs alone when nothing changed in them.
RESTAT = {
    "modpost": "write_if_changed() in scripts/mod/modpost.c",
}


def is_at_once(goal: str, listed: str) -> bool:
    """Tell whether a goal is done at once; `listed` is the value of AT_ONCE."""
    patterns = [Pattern.parse(word) for word in split_words(listed)]
    edges = [Pattern.parse(word) for word in MADE_BY_EDGES]
    return any(p.stem(goal) is not None for p in patterns) and not any(
        p.stem(goal) is not None for p in edges
    )


def concerns(program: str) -> bool:
    """Tell whether a change of a program matters to the commands that run it."""
    return program.rpartition("/")[2] not in PROGRAMS_OF_NO_CONCERN


def rule_name(text: str) -> str:
    """Return a name that ninja accepts for a kernel command's name."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", text) or "recipe"
