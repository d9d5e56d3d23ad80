"""What `defconfig`, `tinyconfig`, `olddefconfig` and the other configuration goals do.

Follows scripts/kconfig/conf.c and scripts/kconfig/Makefile. Knows nothing of builds.
"""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from kconfiglib import TRISTATE, UNKNOWN

from ninjagen.errors import NinjagenError, did_you_mean
from ninjagen.kconfig import files, texts
from ninjagen.kconfig.answers import Random, answer_all, randomize
from ninjagen.kconfig.language import Kconfig, environment
from ninjagen.kconfig.values import BOOL_TRISTATE, MOD, NO, YES, Symbol, number_of
from ninjagen.shell import Shell

# Goals that answer every question alike: what they answer, and KCONFIG_ALLCONFIG's file.
ALL = {
    "allnoconfig": (NO, "allno.config"),
    "allmodconfig": (MOD, "allmod.config"),
    "allyesconfig": (YES, "allyes.config"),
    "alldefconfig": (None, "alldef.config"),
    "randconfig": (None, "allrandom.config"),
}
REWRITE = {"yes2modconfig": (YES, MOD), "mod2yesconfig": (MOD, YES), "mod2noconfig": (MOD, NO)}
OTHER = (
    "defconfig", "tinyconfig", "olddefconfig", "oldconfig", "syncconfig", "savedefconfig",
    "listnewconfig", "menuconfig",
)  # fmt: skip
UNSUPPORTED = (
    "config", "nconfig", "gconfig", "xconfig", "localmodconfig", "localyesconfig", "testconfig",
    "helpnewconfig",
)  # fmt: skip


def _not_followed(goal: str) -> None:
    raise NinjagenError(f"{goal} is a target of a Makefile, and none is followed here")


def run_goals(
    goals: Sequence[str], srctree: str, objtree: str, env: Mapping[str, str], shell: Shell,
    follow: Callable[[str], object] = _not_followed,
) -> None:
    """Do configuration goals, in order: `tinyconfig kvm_guest.config`.

    env is what the top Makefile exports to scripts/kconfig; follow does a goal of that Makefile,
    which `defconfig` may stand for (powerpc's is ppc64le_defconfig, no file). Raises NinjagenError
    for a goal that is none, for what is wrong with Kconfig files, and when a file cannot be
    written.
    """
    conf = Conf(srctree, objtree, env, shell, follow)
    for goal in goals:
        conf.check(goal)
    for goal in goals:
        conf.run(goal)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Parsing makes a million objects and no garbage; the collector costs a quarter of it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Conf:
    """The kernel's conf program for one kernel, object tree and environment."""

    def __init__(
        self, srctree: str, objtree: str, env: Mapping[str, str], shell: Shell,
        follow: Callable[[str], object] = _not_followed,
    ) -> None:
        self.srctree = srctree
        self.objtree = objtree
        self.env = dict(env)
        self.shell = shell
        self.follow = follow
        self.srcarch = env.get("SRCARCH", "")
        self.is_silent = env.get("quiet") == "silent_"
        self._kconf: Kconfig | None = None

    @property
    def kconf(self) -> Kconfig:
        """The parsed Kconfig files; parsed once for all goals, and without a user's wish."""
        if self._kconf is None:
            with _no_collection():
                self._kconf = Kconfig(self.srctree, self.objtree, self.env, self.shell)
        else:
            files.clear(self._kconf)
            self._kconf.forget()
        return self._kconf

    def end(self) -> None:
        """Let go of the parsed files."""
        if self._kconf is not None:
            self._kconf.end()
            self._kconf = None

    def check(self, goal: str) -> None:
        """Raise NinjagenError unless run can do this goal."""
        known = [*ALL, *REWRITE, *OTHER]
        if goal in known:
            return
        if goal in UNSUPPORTED:
            raise NinjagenError(
                f"ninjagen has no {goal}", hint="menuconfig asks, olddefconfig takes the defaults"
            )
        if goal.endswith(".config"):
            if self.fragments(goal):
                return
            known += [name for name in self._configs() if name.endswith(".config")]
            message = f"no fragment {goal} for this architecture ({self.srcarch})"
        else:
            defconfigs = [name for name in self._configs() if name.endswith("_defconfig")]
            if goal in defconfigs:
                return
            known += defconfigs
            message = f"no such configuration goal: {goal}"
        raise NinjagenError(message, hint=did_you_mean(goal, known))

    def run(self, goal: str) -> None:
        """Do one goal that check accepts."""
        if goal in ALL:
            self._all(goal, self.env.get("KCONFIG_ALLCONFIG"))
        elif goal in REWRITE:
            self._rewrite(*REWRITE[goal])
        elif goal == "tinyconfig":
            self._all("allnoconfig", "kernel/configs/tiny-base.config")
            self._merge("tiny.config")
        elif goal.endswith(".config"):
            self._merge(goal)
        elif goal == "defconfig":
            self._defconfig()
        elif goal.endswith("_defconfig"):
            self._from_file(f"arch/{self.srcarch}/configs/{goal}")
        elif goal == "syncconfig":
            from ninjagen.kconfig.sync import sync

            sync(self.srctree, self.objtree, self.env, self.shell)
        else:
            method: Callable[[], None] = getattr(self, f"_{goal}")
            method()

    def say(self, message: str) -> None:
        """Print one of conf's messages: confdata.c:conf_message."""
        if not self.is_silent:
            print(f"#\n# {message}\n#", flush=True)

    def fragments(self, goal: str) -> list[str]:
        """Return the files that a goal like kvm_guest.config merges."""
        places = ("kernel/configs", f"arch/{self.srcarch}/configs")
        paths = [os.path.join(self.srctree, place, goal) for place in places]
        return [path for path in paths if os.path.isfile(path)]

    def read(self, kconf: Kconfig) -> None:
        """Read .config, or what stands in for it: conf_read(NULL)."""
        name = files.config_path(self.env)
        path = files.find(name, self.objtree, self.srctree)
        if path:
            warn_if_foreign(kconf, path)
        for default in self._default_files() if not path else ():
            path = files.find(default, self.objtree, self.srctree)
            if path:
                name = default
                self.say(f"using defaults found in {name}")
                break
        if path:
            self._load(kconf, path, name)
            files.settle(kconf)

    def _load(self, kconf: Kconfig, path: str, name: str) -> None:
        if files.load(kconf, path, name) and "KCONFIG_WERROR" in self.env:
            raise NinjagenError(f"{name}: KCONFIG_WERROR makes the warnings above errors")

    def _default_files(self) -> list[str]:
        """Return KCONFIG_DEFCONFIG_LIST, as scripts/kconfig/Makefile sets it."""
        names = []
        # Makefiles that no longer say cross_compiling leave it undefined, so: never.
        makefile = files.content(os.path.join(self.srctree, "Makefile")) or ""
        if "cross_compiling" not in makefile or self._subarch() == self.srcarch:
            release = os.uname().release
            names = [
                f"/lib/modules/{release}/.config",
                "/etc/kernel-config",
                f"/boot/config-{release}",
            ]
        return [*names, f"arch/{self.srcarch}/configs/{self._default_name()}"]

    def _subarch(self) -> str:
        """Return the architecture of this machine, by the kernel's own words for it."""
        text = files.content(os.path.join(self.srctree, "scripts/subarch.include")) or ""
        match = re.search(r"\$\(shell (.*)\)", text, re.S)
        if not match:
            return ""
        command = match[1].replace("\\\n", " ").replace("$$", "$")
        return self.shell.run(command, self.objtree, self.env).output.strip()

    def _default_name(self) -> str:
        return self.env.get("KBUILD_DEFCONFIG") or "defconfig"

    def _configs(self) -> list[str]:
        names = []
        for place in ("kernel/configs", f"arch/{self.srcarch}/configs"):
            directory = os.path.join(self.srctree, place)
            if os.path.isdir(directory):
                names += os.listdir(directory)
        return sorted(names)

    # The goals.

    def _defconfig(self) -> None:
        name = self._default_name()
        path = f"arch/{self.srcarch}/configs/{name}"
        is_file = os.path.isfile(os.path.join(self.srctree, path))
        if not self.is_silent:
            kind = "" if is_file else "target "
            print(f"*** Default configuration is based on {kind}'{name}'", flush=True)
        if is_file:
            self._from_file(path)
        else:
            self.follow(name)

    def _from_file(self, name: str) -> None:
        path = files.find(name, self.objtree, self.srctree)
        if not path:
            raise NinjagenError(f"there is no default configuration {name}")
        kconf = self.kconf
        self._load(kconf, path, name)
        files.settle(kconf)
        kconf.forget()
        self._write(kconf)

    def _olddefconfig(self) -> None:
        kconf = self.kconf
        self.read(kconf)
        self._write(kconf)

    def _oldconfig(self) -> None:
        kconf = self.kconf
        self.read(kconf)
        new = [symbol.name for symbol in self._new_symbols(kconf)]
        if new:
            raise NinjagenError(
                f"{len(new)} new symbols need an answer: {' '.join(new[:10])}",
                hint="menuconfig asks, olddefconfig takes the defaults",
            )
        self._write(kconf)

    def _savedefconfig(self) -> None:
        kconf = self.kconf
        self.read(kconf)
        kconf.forget()
        files.replace_file(os.path.join(self.objtree, "defconfig"), texts.minimal_text(kconf))

    def _listnewconfig(self) -> None:
        kconf = self.kconf
        self.read(kconf)
        for symbol in self._new_symbols(kconf):
            if symbol.orig_type in BOOL_TRISTATE:
                print(f"CONFIG_{symbol.name}={symbol.str_value}")
            else:
                print(texts.config_line(symbol), end="")

    def _new_symbols(self, kconf: Kconfig) -> list[Symbol]:
        """Return what conf would ask about. Follows conf.c:check_conf."""
        found: dict[Symbol, None] = {}

        def visit(node: Any) -> None:
            while node:
                if kconf.is_visible(node):
                    symbol = node.item
                    if symbol.__class__ is Symbol and symbol.user_value is None:
                        symbol.evaluate()
                        if symbol.user_value is None and symbol.is_changeable:
                            found[symbol] = None
                    visit(node.list)
                node = node.next

        visit(kconf.top_node.list)
        return list(found)

    def _rewrite(self, old: int, new: int) -> None:
        """Turn one answer into another: conf.c:conf_rewrite_tristates."""
        kconf = self.kconf
        self.read(kconf)
        if kconf.modules.tri_value:
            for symbol in kconf.unique_defined_syms:
                if symbol.orig_type is TRISTATE and symbol.user_value == old:
                    symbol.user_value = new
        kconf.forget()
        self._write(kconf)

    def _all(self, goal: str, chosen: str | None) -> None:
        """allnoconfig and its like; chosen is KCONFIG_ALLCONFIG."""
        answer, usual = ALL[goal]
        random = None
        if goal == "randconfig":
            seed = self._seed()
            print(f"KCONFIG_SEED=0x{seed:X}", flush=True)
            random = Random(seed)
        kconf = self.kconf
        if chosen is not None:
            names = [usual, "all.config"] if chosen in ("", "1") else [chosen]
            for name in names:
                path = files.find(name, self.objtree, self.srctree)
                if path:
                    self._load(kconf, path, name)
                    break
            else:
                raise NinjagenError(f"KCONFIG_ALLCONFIG is set, but there is no {names[0]}")
        if random:
            randomize(kconf, random, *self._probabilities())
        elif answer is not None:
            answer_all(kconf, answer)
        kconf.forget()
        self._write(kconf)

    def _seed(self) -> int:
        seed = number_of(self.env.get("KCONFIG_SEED", ""), UNKNOWN)
        if seed is None:
            seed = int.from_bytes(os.urandom(4), "little")
        return seed & 0xFFFFFFFF

    def _probabilities(self) -> tuple[int, int, int]:
        """Return the chances of y for bool, and of y and m for tristate: KCONFIG_PROBABILITY."""
        text = self.env.get("KCONFIG_PROBABILITY", "")
        if not text:
            return 50, 33, 33
        parts = text.split(":")[:3]
        if not all(part.isdigit() and int(part) <= 100 for part in parts):
            raise NinjagenError(f"KCONFIG_PROBABILITY is not numbers up to 100: {text}")
        numbers = [int(part) for part in parts]
        if len(numbers) == 1:
            half = numbers[0] // 2
            numbers = [numbers[0], numbers[0] - half, half]
        elif len(numbers) == 2:
            numbers = [sum(numbers), *numbers]
        if numbers[1] + numbers[2] > 100:
            raise NinjagenError(f"KCONFIG_PROBABILITY: y and m make more than 100: {text}")
        return numbers[0], numbers[1], numbers[2]

    def _merge(self, goal: str) -> None:
        """Put fragments on top of .config with the kernel's own script, then complete it."""
        script = os.path.join(self.srctree, "scripts/kconfig/merge_config.sh")
        command = [
            "/bin/sh", script, "-m", files.config_path(self.env), *self.fragments(goal)
        ]  # fmt: skip
        sys.stdout.flush()
        try:
            done = subprocess.run(
                command,
                cwd=self.objtree,
                env=self.env,
                stdout=subprocess.DEVNULL if self.is_silent else None,
            )
        except OSError as error:
            raise NinjagenError(f"cannot merge {goal} in {self.objtree}: {error}") from error
        if done.returncode:
            raise NinjagenError(f"{script} failed to merge {goal}")
        self._olddefconfig()

    def _menuconfig(self) -> None:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise NinjagenError("menuconfig needs a terminal", hint="olddefconfig asks nothing")
        from ninjagen.kconfig.menu import menuconfig

        with environment(self.env):
            menuconfig(self)

    def _write(self, kconf: Kconfig) -> None:
        files.write_config(kconf, self.say)
        warn_unmet(kconf)
        files.write_auto(kconf, overwrite=False)


def warn_unmet(kconf: Kconfig) -> None:
    """Print conf's warnings of symbols selected in vain. Raises NinjagenError on KCONFIG_WERROR."""
    if not kconf.unmet:
        return
    sys.stderr.write(texts.unmet_text(kconf))
    if "KCONFIG_WERROR" in kconf.env:
        raise NinjagenError("KCONFIG_WERROR makes unmet dependencies errors")


def foreign(kconf: Kconfig, path: str) -> str:
    """Return what is wrong with a .config of another architecture, "" if it is of this one.

    The third line of a .config is the title of the menus: `# Linux/arm64 6.12 Kernel
    Configuration`. Names of one SRCARCH are the same here, as they are in the top Makefile.
    """
    title = re.compile(r"Linux/(\S+)")
    ours = title.match(kconf.mainmenu_text)
    theirs = None
    for line in files.read_lines(path)[:4]:
        theirs = theirs or title.match(line.removeprefix("# "))
    if not ours or not theirs:
        return ""
    makefile = files.content(os.path.join(kconf.srctree, "Makefile")) or ""
    kin = dict(re.findall(r"ifeq \(\$\(ARCH\),(\w+)\)\s+SRCARCH\s*:=\s*(\w+)", makefile))
    if kin.get(ours[1], ours[1]) == kin.get(theirs[1], theirs[1]):
        return ""
    return f"{path} is a configuration for ARCH={theirs[1]}, and this is ARCH={ours[1]}"


def warn_if_foreign(kconf: Kconfig, path: str) -> None:
    """Print a warning when a .config is of another architecture."""
    message = foreign(kconf, path)
    if message:
        print(f"warning: {message}", file=sys.stderr)
