"""Configurations, compared byte for byte with what the kernel's own conf writes.

`make` builds conf once for each kernel and prints the environment it would run in; from then
on conf runs alone, and asks the compiler only once in a session (remember_popen.c).
Without --full: x86_64 on 7.2.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import io
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from ninjagen.kconfig import files
from ninjagen.kconfig.goals import Conf
from ninjagen.kconfig.sync import Configuration, sync
from ninjagen.shell import Shell
from tests.kernel.trees import cache_directory, kernel_release, kernel_source

pytestmark = pytest.mark.kernel

KERNELS = ("7.2", "6.12", "6.1")
ARCHES = ("x86_64", "arm64", "riscv", "loongarch")
GOALS = ("defconfig", "tinyconfig", "allnoconfig", "allmodconfig", "allyesconfig")
QUICK = [("7.2", "x86_64")]
LLVM = "LLVM=-19"

WRITTEN = (
    ".config",
    "include/config/auto.conf",
    "include/config/auto.conf.cmd",
    "include/generated/autoconf.h",
    "include/generated/rustc_cfg",
)

# What is changed in a .config, as (old line, new line), to see what is touched.
CHANGES = {
    "removal": [("CONFIG_NET=y", "# CONFIG_NET is not set")],
    "no modules": [("CONFIG_MODULES=y", "# CONFIG_MODULES is not set")],
    "other values": [
        ('CONFIG_LOCALVERSION=""', 'CONFIG_LOCALVERSION="-with \\"quotes\\" and $(x) #"'),
        ("CONFIG_EXT4_FS=y", "CONFIG_EXT4_FS=m"),
        ("CONFIG_LOG_BUF_SHIFT=", "CONFIG_LOG_BUF_SHIFT=16"),
    ],
    "additions": [
        ("# CONFIG_DEBUG_INFO_NONE is not set", "# CONFIG_DEBUG_INFO_NONE is not set"),
        ("# CONFIG_BTRFS_FS is not set", "CONFIG_BTRFS_FS=m"),
        ("# CONFIG_KALLSYMS_ALL is not set", "CONFIG_KALLSYMS_ALL=y"),
        ("CONFIG_HZ_250=y", "# CONFIG_HZ_250 is not set"),
        ("# CONFIG_HZ_100 is not set", "CONFIG_HZ_100=y"),
    ],
}
QUICK_CHANGES = ("removal", "other values")


@dataclass(frozen=True)
class Oracle:
    """The kernel's conf in one environment, and ours in the same."""

    version: str
    arch: str
    conf: str
    env: dict[str, str]
    shell: Shell
    preload: dict[str, str]

    def __str__(self) -> str:
        return f"{self.version}-{self.arch}"

    @property
    def source(self) -> str:
        return kernel_source(self.version)

    def run(self, objtree: Path, *arguments: str, **env: str) -> str:
        """Run conf, and return what it wrote to standard error."""
        done = subprocess.run(
            [self.conf, *arguments, "Kconfig"],
            cwd=objtree,
            env=self.env | env | self.preload,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stderr

    def goal(self, objtree: Path, goal: str, **env: str) -> str:
        """Do what scripts/kconfig/Makefile does for a goal."""
        configs = f"arch/{self.env['SRCARCH']}/configs"
        if goal == "defconfig":
            name = self.env.get("KBUILD_DEFCONFIG") or "defconfig"
            return self.run(objtree, f"--defconfig={configs}/{name}", **env)
        if goal != "tinyconfig":
            return self.run(objtree, f"--{goal}", **env)
        tiny_base = "kernel/configs/tiny-base.config"
        said = self.run(objtree, "--allnoconfig", KCONFIG_ALLCONFIG=tiny_base)
        fragments = [f"{self.source}/{place}/tiny.config" for place in ("kernel/configs", configs)]
        fragments = [path for path in fragments if os.path.exists(path)]
        merge = ["/bin/sh", f"{self.source}/scripts/kconfig/merge_config.sh", "-m", ".config"]
        subprocess.run(
            [*merge, *fragments], cwd=objtree, env=self.env, check=True, stdout=subprocess.DEVNULL
        )
        return said + self.run(objtree, "--olddefconfig")

    def ours(self, objtree: Path, goal: str, **env: str) -> str:
        """Do the goal ourselves, and return what we wrote to standard error."""
        conf = parsed(self)
        conf.objtree = conf.kconf.objtree = str(objtree)
        conf.env = conf.kconf.env = self.env | env
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
            conf.run(goal)
        return errors.getvalue()

    def sync(self, objtree: Path) -> Configuration:
        with contextlib.redirect_stderr(io.StringIO()):
            return sync(self.source, str(objtree), self.env, self.shell)


@functools.cache
def conf_program(version: str) -> str:
    """Build the kernel's conf, with make, and keep it."""
    objtree = cache_directory() / "conf" / kernel_release(version)
    program = objtree / "scripts/kconfig/conf"
    if not program.exists():
        objtree.mkdir(parents=True, exist_ok=True)
        make(version, objtree, "ARCH=x86_64", "defconfig")
    return str(program)


@functools.cache
def oracle(version: str, arch: str) -> Oracle:
    program = conf_program(version)
    objtree = cache_directory() / "conf" / f"{kernel_release(version)}-{arch}"
    objtree.mkdir(parents=True, exist_ok=True)
    arguments = [f"ARCH={arch}"]
    if (version, arch) == ("6.1", "loongarch"):
        arguments.append("CROSS_COMPILE=loongarch64-linux-gnu-")  # clang was not yet told
    dump = objtree / "environment"
    # Named so that the top Makefile takes it for a configuration goal.
    make(version, objtree, *arguments, f"--eval=dumpconfig: ; @env -0 > {dump}", "dumpconfig")
    pairs = dump.read_text(errors="surrogateescape").split("\0")
    env = dict(pair.split("=", 1) for pair in pairs if pair)
    shell = Shell(str(objtree / "shell.json"))
    answers = tempfile.mkdtemp(prefix="conf-answers-")
    atexit.register(shutil.rmtree, answers, ignore_errors=True)
    preload = {"LD_PRELOAD": preloaded(), "REMEMBER_POPEN": answers}
    return Oracle(version, arch, program, env, shell, preload)


@functools.cache
def preloaded() -> str:
    """Compile remember_popen.c."""
    directory = tempfile.mkdtemp(prefix="remember-popen-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    library = f"{directory}/remember_popen.so"
    source = Path(__file__).with_name("remember_popen.c")
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", source, "-o", library, "-ldl"], check=True)
    return library


@functools.lru_cache(maxsize=1)
def parsed(oracle: Oracle) -> Conf:
    """Our Conf, whose Kconfig files are parsed only once for all goals."""
    conf = Conf(oracle.source, "/", oracle.env, oracle.shell)
    place = cache_directory() / "conf" / f"{kernel_release(oracle.version)}-{oracle.arch}"
    conf.objtree = str(place)
    assert conf.kconf
    oracle.shell.save()
    return conf


def make(version: str, objtree: Path, *arguments: str) -> None:
    command = ["make", "-s", f"O={objtree}", LLVM, *arguments]
    done = subprocess.run(command, cwd=kernel_source(version), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


Oracle.__hash__ = lambda self: hash((self.version, self.arch))  # type: ignore[method-assign]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    full = metafunc.config.getoption("--full")
    if "machine" in metafunc.fixturenames:
        machines = [(k, a) for k in KERNELS for a in ARCHES] if full else QUICK
        ids = [f"{version}-{arch}" for version, arch in machines]
        metafunc.parametrize("machine", machines, ids=ids, scope="session")
    if "goal" in metafunc.fixturenames:
        seeds = ("0x1", "0x2", "0x600D", "12345") if full else ("0x1",)
        goals = [*((goal, {}) for goal in GOALS)]
        goals += [("randconfig", {"KCONFIG_SEED": seed}) for seed in seeds]
        ids = [goal + env.get("KCONFIG_SEED", "") for goal, env in goals]
        metafunc.parametrize("goal", goals, ids=ids)


@pytest.fixture
def reference(machine: tuple[str, str]) -> Oracle:
    return oracle(*machine)


def written(objtree: Path) -> dict[str, str | None]:
    return {name: files.content(str(objtree / name)) for name in WRITTEN}


def option_files(objtree: Path) -> set[str]:
    names = set(os.listdir(objtree / "include/config"))
    return names - {os.path.basename(name) for name in WRITTEN}


def assert_same(ours: Path, theirs: Path) -> None:
    for name in WRITTEN:
        mine, other = files.content(str(ours / name)), files.content(str(theirs / name))
        if mine != other:
            lines = list(set((mine or "").split("\n")) ^ set((other or "").split("\n")))
            assert not lines, f"{name}: {len(lines)} lines differ: {lines[:20]}"
            assert mine == other, f"{name}: the order of lines differs"


def test_goal(reference: Oracle, goal: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    name, env = goal
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    said = reference.goal(theirs, name, **env)
    if name == "tinyconfig":
        reference.run(theirs, "--syncconfig")  # the other goals write auto.conf at once
    assert reference.ours(ours, name, **env) == said or reference.version == "6.1"
    if name == "tinyconfig":
        reference.sync(ours)
    assert_same(ours, theirs)
    assert option_files(ours) == option_files(theirs)

    # The same from nothing but the .config.
    shutil.rmtree(ours / "include")
    reference.sync(ours)
    assert_same(ours, theirs)
    if name != "tinyconfig":  # whose first step left files of options that are no more
        assert option_files(ours) == option_files(theirs)

    if name == "defconfig":
        reference.run(theirs, "--savedefconfig=defconfig")
        reference.ours(ours, "savedefconfig")
        assert (ours / "defconfig").read_text() == (theirs / "defconfig").read_text()


def test_touched(reference: Oracle, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    theirs.mkdir()
    reference.goal(theirs, "defconfig")
    shutil.copytree(theirs, ours)
    names = CHANGES if pytestconfig.getoption("--full") else QUICK_CHANGES
    for name in names:
        edit(theirs / ".config", CHANGES[name])
        with (theirs / "include/config/auto.conf").open("a") as file:
            file.write("CONFIG_GONE=y\n")
        shutil.copy(theirs / "include/config/auto.conf", ours / "include/config/auto.conf")
        reference.run(theirs, "--olddefconfig")  # or conf would ask
        shutil.copy(theirs / ".config", ours / ".config")
        age(ours)
        age(theirs)
        start = time.time() - 60
        reference.run(theirs, "--syncconfig")
        result = reference.sync(ours)
        assert_same(ours, theirs)
        touched = [new_files(tree, start) for tree in (ours, theirs)]
        assert touched[0] == touched[1], name
        assert "GONE" in touched[0]
        assert result.changed


def edit(config: Path, changes: list[tuple[str, str]]) -> None:
    lines = config.read_text().splitlines()
    for old, new in changes:
        lines = [line for line in lines if not line.startswith(old)] + [new]
    config.write_text("\n".join(lines) + "\n")


def age(objtree: Path) -> None:
    for entry in os.scandir(objtree / "include/config"):
        os.utime(entry.path, (1, 1))


def new_files(objtree: Path, since: float) -> set[str]:
    entries = os.scandir(objtree / "include/config")
    names = {entry.name for entry in entries if entry.stat().st_mtime > since}
    return names - {os.path.basename(name) for name in WRITTEN}


def test_nothing_to_do(reference: Oracle, tmp_path: Path, measured: list[str]) -> None:
    """A second time nothing is written, and make finds nothing to synchronise."""
    reference.ours(tmp_path, "defconfig")
    reference.sync(tmp_path)
    reference.shell.save()
    before = times(tmp_path)
    start = time.perf_counter()
    result = reference.sync(tmp_path)
    seconds = time.perf_counter() - start
    assert times(tmp_path) == before
    assert not result.changed
    measured.append(f"kconfig, {reference}: nothing changed: {seconds:.3f} s")

    os.utime(tmp_path / ".config")
    shell = Shell(reference.shell.cache)
    start = time.perf_counter()
    sync(reference.source, str(tmp_path), reference.env, shell)
    seconds = time.perf_counter() - start
    measured.append(f"kconfig, {reference}: .config touched: {seconds:.3f} s")
    after = times(tmp_path)
    assert {name for name in after if before.get(name) != after[name]} <= {
        *WRITTEN,
        ".ninjagen/kconfig.json",
    }
    # What make looks at: auto.conf must not be older than .config.
    assert after["include/config/auto.conf"] >= after[".config"]


def times(tree: Path) -> dict[str, int]:
    paths = [path for path in tree.rglob("*") if path.is_file()]
    return {str(path.relative_to(tree)): path.stat().st_mtime_ns for path in paths}
