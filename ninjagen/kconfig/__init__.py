"""The kernel's configuration: .config in, auto.conf, autoconf.h and include/config/ out.

Language
--------
kconfiglib parses Kconfig files, but its language and its rules are those of older kernels.
`language.py` adds the syntax it lacks, and `values.py` replaces its evaluator by one that follows
scripts/kconfig/symbol.c. Where kernels differ, the sources of the kernel's own `conf` say which
rule holds (`Dialect`); no version is ever compared.

Files
-----
`texts.py` says what scripts/kconfig/confdata.c says, byte for byte, in the order of its hash
table; `files.py` reads and writes it. A file is replaced whole or not at all.

Goals
-----
`goals.py` is scripts/kconfig/conf.c and scripts/kconfig/Makefile: what `defconfig`,
`tinyconfig`, `olddefconfig` and the others do, with `answers.py` for those that answer all
questions alike, and `menu.py` for menuconfig. `sync.py` is the step that every build begins
with, `syncconfig`, and the stamp that lets it do nothing; `expected.py` tells what it will come to.

These modules know nothing of Makefiles or ninja, and are the only ones that import kconfiglib.
"""

# What `sync` leaves in the object tree, beside the files of include/config/ that it touches.
ANSWERS = "include/config/auto.conf"  # for makefiles
ANSWERS_FROM = f"{ANSWERS}.cmd"  # a makefile too: what they depend on
WRITTEN = (
    ".config",
    ANSWERS,
    ANSWERS_FROM,
    "include/generated/autoconf.h",
    "include/generated/rustc_cfg",
)

# Goals with a fixed name. *_defconfig and fragments are named by files of the kernel's.
GOALS = (
    "defconfig", "tinyconfig", "allnoconfig", "allmodconfig", "allyesconfig", "alldefconfig",
    "randconfig", "olddefconfig", "oldconfig", "syncconfig", "savedefconfig", "listnewconfig",
    "menuconfig", "yes2modconfig", "mod2yesconfig", "mod2noconfig",
)  # fmt: skip


def is_config_goal(goal: str) -> bool:
    """Whether the top Makefile would hand this goal to scripts/kconfig."""
    return goal.endswith("config") and "/" not in goal
