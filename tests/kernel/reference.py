"""Reference builds: what the real kbuild makes of a kernel, kept outside the repository.

    python3 -m tests.kernel.reference [-l] [VARIANT]...

builds the named variants (all of them, when none is named) and prints where they are.

Paths end up in what kbuild writes, so its build and ours happen at the same place:

    <cache>/reference/<key>/out        the object tree: kbuild's while it builds, later ours
    <cache>/reference/<key>/kbuild     kbuild's finished tree, moved there with its times
    <cache>/reference/<key>/config     the .config both begin with
    <cache>/reference/<key>/null.log   what the same make prints when there is nothing to do

Where tests change sources, or the object tree lies among them, `tree` is a copy of the source.
The key holds all that decides the outcome: kernel, tools, configuration and arguments.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.kernel.trees import (
    cache_directory,
    copy_source,
    kernel_release,
    kernel_source,
    restore_source,
    rust_tools,
)

LAYOUT = 1  # raise it when what is kept changes: older builds are then made again

PINNED = {
    "KBUILD_BUILD_TIMESTAMP": "Thu Jan  1 00:00:00 UTC 2026",
    "KBUILD_BUILD_USER": "user",
    "KBUILD_BUILD_HOST": "host",
    "KBUILD_BUILD_VERSION": "1",
}
GOAL = "vmlinux"

TINY = "CONFIG_64BIT=y\n"
THIN_LTO = TINY + "CONFIG_LTO_CLANG_THIN=y\n"
THIN_DIST = TINY + "CONFIG_LTO_CLANG_THIN_DIST=y\n"
# What loongarch has in .head.text: the header that firmware looks for.
EFI_STUB = "CONFIG_EFI=y\nCONFIG_EFI_STUB=y\n"
# Modules of several objects and of one, with symbols that one takes from another; and two objects
# of vmlinux that include data.
MODULES = """\
CONFIG_MODULES=y
CONFIG_MODVERSIONS=y
CONFIG_AUTOFS_FS=m
CONFIG_XZ_DEC=m
CONFIG_XZ_DEC_TEST=m
CONFIG_SYSFS=y
CONFIG_IKCONFIG=y
CONFIG_IKHEADERS=y
"""
# With what makes a kernel say something in QEMU, run a program, and turn the machine off.
BOOT = TINY + MODULES + """\
CONFIG_PRINTK=y
CONFIG_TTY=y
CONFIG_BLK_DEV_INITRD=y
# CONFIG_RD_XZ is not set
CONFIG_BINFMT_ELF=y
"""
# What distributions and those who look for bugs choose; with the default key for modules, kbuild
# would make another one in each tree. Paths are from the object tree.
DEBUG = TINY + MODULES + """\
CONFIG_EXPERT=y
CONFIG_PRINTK=y
CONFIG_DEBUG_KERNEL=y
CONFIG_DEBUG_INFO_DWARF5=y
CONFIG_BPF_SYSCALL=y
CONFIG_DEBUG_INFO_BTF=y
CONFIG_MODULE_SIG=y
CONFIG_MODULE_SIG_KEY=""
CONFIG_TRIM_UNUSED_KSYMS=y
CONFIG_BLK_DEV_INITRD=y
# CONFIG_RD_XZ is not set
CONFIG_INITRAMFS_SOURCE="../../../src/linux-7.2/usr/default_cpio_list"
CONFIG_KERNEL_ZSTD=y
# CONFIG_SLUB_TINY is not set
CONFIG_KASAN=y
"""
SPLIT = TINY + """\
CONFIG_PRINTK=y
CONFIG_DEBUG_KERNEL=y
CONFIG_DEBUG_INFO_DWARF4=y
CONFIG_DEBUG_INFO_SPLIT=y
CONFIG_DEBUG_FS=y
CONFIG_GCOV_KERNEL=y
CONFIG_KERNEL_LZ4=y
"""
FULL_LTO = TINY + "CONFIG_LTO_CLANG_FULL=y\nCONFIG_KERNEL_LZMA=y\n"
# A library for kernels, modules, a program of the host, and tests out of documentation.
RUST = TINY + """\
CONFIG_RUST=y
CONFIG_MODULES=y
CONFIG_PRINTK=y
CONFIG_SAMPLES=y
CONFIG_SAMPLES_RUST=y
CONFIG_SAMPLE_RUST_MINIMAL=m
CONFIG_SAMPLE_RUST_PRINT=y
CONFIG_SAMPLE_RUST_HOSTPROGS=y
CONFIG_BLOCK=y
CONFIG_BLK_DEV=y
CONFIG_CONFIGFS_FS=y
CONFIG_BLK_DEV_RUST_NULL=m
CONFIG_RUST_DEBUG_ASSERTIONS=y
CONFIG_RUST_OVERFLOW_CHECKS=y
CONFIG_KUNIT=y
CONFIG_RUST_KERNEL_DOCTESTS=y
"""
SERIAL_8250 = "CONFIG_SERIAL_8250=y\nCONFIG_SERIAL_8250_CONSOLE=y\n"
SERIAL_OF = SERIAL_8250 + "CONFIG_SERIAL_OF_PLATFORM=y\n"
SERIAL_PL011 = "CONFIG_SERIAL_AMBA_PL011=y\nCONFIG_SERIAL_AMBA_PL011_CONSOLE=y\n"


@dataclass(frozen=True)
class Variant:
    """One way to build one kernel."""

    name: str
    version: str
    arguments: tuple[str, ...] = ()  # as make takes them; O= is added
    fragment: str = TINY  # put on top of tinyconfig
    # Of the object tree: "outside" of the source tree, "beside" a copy of it that tests may change,
    # in a "subdirectory" of such a copy, or "in-tree".
    place: str = "outside"
    goals: tuple[str, ...] = (GOAL,)

    @property
    def architecture(self) -> str:
        """What kbuild calls SRCARCH."""
        given = [word for word in self.arguments if word.startswith("ARCH=")]
        return given[0].removeprefix("ARCH=") if given else "x86"

    @property
    def has_rust(self) -> bool:
        """Whether something in it is in Rust."""
        return "CONFIG_RUST=y" in self.fragment.split("\n")


LLVM = ("LLVM=-19",)
RELEASE = "-name"  # as long as `_DIST`


def booting(name: str, fragment: str, *arguments: str) -> Variant:
    """All that a bare `make` builds, modules and image, of a kernel that boots in QEMU."""
    return Variant(name, "7.2", (*LLVM, *arguments), BOOT + fragment, goals=(GOAL, "all"))


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("7.2-llvm", "7.2", LLVM),
        Variant("7.2-gcc", "7.2"),
        Variant("7.2-thin", "7.2", LLVM, THIN_LTO),
        Variant("7.2-dist", "7.2", LLVM, THIN_DIST),
        Variant("7.2-dist-release", "7.2", (*LLVM, f"LOCALVERSION={RELEASE}"), THIN_DIST),
        Variant("7.2-dist-arm64", "7.2", (*LLVM, "ARCH=arm64"), THIN_DIST),
        Variant("7.2-dist-riscv", "7.2", (*LLVM, "ARCH=riscv"), THIN_DIST),
        Variant("7.2-dist-loongarch", "7.2", (*LLVM, "ARCH=loongarch"), THIN_DIST + EFI_STUB),
        Variant("7.2-thin-modules", "7.2", LLVM, THIN_LTO + MODULES, goals=(GOAL, "modules")),
        Variant("7.2-dist-modules", "7.2", LLVM, THIN_DIST + MODULES, goals=(GOAL, "modules")),
        booting("7.2-boot", SERIAL_8250 + "CONFIG_PCI=y\nCONFIG_ACPI=y\n"),
        booting("7.2-boot-arm64", SERIAL_PL011, "ARCH=arm64"),
        booting("7.2-boot-riscv", SERIAL_OF, "ARCH=riscv"),
        booting("7.2-boot-loongarch", SERIAL_OF + EFI_STUB, "ARCH=loongarch"),
        Variant("7.2-debug", "7.2", LLVM, DEBUG, goals=(GOAL, "all")),
        Variant("7.2-split", "7.2", LLVM, SPLIT, goals=(GOAL, "bzImage")),
        Variant("7.2-full", "7.2", LLVM, FULL_LTO, goals=(GOAL, "bzImage")),
        Variant("7.2-rust", "7.2", LLVM, RUST, goals=(GOAL, "all")),
        Variant("6.12-llvm", "6.12", LLVM),
        Variant("6.12-gcc", "6.12"),
        Variant("6.12-thin", "6.12", LLVM, THIN_LTO),
        Variant("6.1-llvm", "6.1", LLVM),
        Variant("6.1-gcc", "6.1"),
        Variant("7.2-llvm-in-tree", "7.2", LLVM, place="in-tree"),
        Variant("7.2-llvm-subdirectory", "7.2", LLVM, place="subdirectory"),
    )
}

# Some of them again, for what measures and compares builds after changes to the source.
CHANGEABLE = {
    f"{name}-beside": replace(VARIANTS[name], name=f"{name}-beside", place="beside")
    for name in ("7.2-llvm", "7.2-dist", "7.2-rust")
}


@dataclass(frozen=True)
class Reference:
    """A finished reference build, and where ours of the same variant has to happen."""

    variant: Variant
    home: Path

    @property
    def source(self) -> Path:
        """The source tree that is built; make and ninjagen run in it."""
        if self.variant.place == "in-tree":
            return self.out
        if self.variant.place in ("beside", "subdirectory"):
            return self.home / "tree"
        return Path(kernel_source(self.variant.version))

    @property
    def out(self) -> Path:
        """The object tree, for kbuild and for us."""
        if self.variant.place == "subdirectory":
            return self.home / "tree" / "out"
        return self.home / "out"

    @property
    def kbuild(self) -> Path:
        """Kbuild's finished object tree, moved here."""
        return self.home / "kbuild"

    @property
    def config(self) -> Path:
        """The .config that both builds begin with."""
        return self.home / "config"

    @property
    def arguments(self) -> list[str]:
        """The words that make, and ninjagen in its place, is called with."""
        if self.variant.place == "in-tree":
            return list(self.variant.arguments)
        return [*self.variant.arguments, f"O={self.out}"]

    @property
    def environment(self) -> dict[str, str]:
        """What kbuild and we are run with."""
        return build_environment(with_rust=self.variant.has_rust)

    def null_build(self) -> list[str]:
        """The lines that kbuild printed when there was nothing left to do."""
        return (self.home / "null.log").read_text().splitlines()

    def empty_tree(self) -> None:
        """Leave an object tree with only a .config."""
        shutil.rmtree(self.out, ignore_errors=True)
        if self.variant.place == "in-tree":
            copy_source(self.variant.version, self.out)
        elif self.variant.place == "subdirectory" and not self.source.exists():
            copy_source(self.variant.version, self.source)
        elif self.variant.place == "beside":
            restore_source(self.variant.version, self.source)
        self.out.mkdir(parents=True, exist_ok=True)
        if self.config.exists():
            shutil.copy(self.config, self.out / ".config")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other test runs out of this object tree."""
        self.home.mkdir(parents=True, exist_ok=True)
        with open(self.home / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def build_environment(*, with_rust: bool = False) -> dict[str, str]:
    """The environment of every build: nothing of the caller's that kbuild would listen to."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    if with_rust:
        kept["PATH"] = os.pathsep.join((rust_tools(), kept["PATH"]))
    return {**kept, "LANG": "C.UTF-8", **PINNED}


def run_make(reference: Reference, *goals: str, log: Path, append: bool = False) -> float:
    """Run the real make; returns the seconds it took."""
    jobs = f"-j{os.cpu_count() or 1}"
    command = ["nice", "make", jobs, *reference.arguments, *goals]
    began = time.monotonic()
    with open(log, "a" if append else "w") as output:
        done = subprocess.run(
            command, cwd=reference.source, env=reference.environment,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    if done.returncode:
        end = "".join(log.read_text(errors="replace").splitlines(keepends=True)[-30:])
        raise RuntimeError(f"{' '.join(command)} failed, see {log}:\n{end}")
    return time.monotonic() - began


def reference(name: str) -> Reference:
    """The reference build of a variant; made now if it is not there or was interrupted."""
    variant = (VARIANTS | CHANGEABLE)[name]
    ready = Reference(variant, cache_directory() / "reference" / f"{name}-{key_of(variant)}")
    with ready.locked():
        if not ready.kbuild.exists():
            build(ready)
    return ready


def build(ref: Reference) -> None:
    """Configure and build with kbuild. The last step makes it count: the rename to `kbuild`."""
    log = ref.home / "build.log"
    ref.config.unlink(missing_ok=True)
    ref.empty_tree()

    run_make(ref, "tinyconfig", log=log)
    config = ref.out / ".config"
    with open(config, "a") as text:
        text.write(ref.variant.fragment)
    run_make(ref, "olddefconfig", log=log, append=True)
    missing = set(ref.variant.fragment.split("\n")) - set(config.read_text().split("\n"))
    if missing:
        raise RuntimeError(f"{ref.variant.name}: not in the resulting .config: {missing}")
    shutil.copy(config, ref.config)

    # Begin again with only the .config, as our own build will.
    ref.empty_tree()
    run_make(ref, *ref.variant.goals, log=log, append=True)
    run_make(ref, *ref.variant.goals, log=ref.home / "null.log")
    ref.out.rename(ref.kbuild)


def key_of(variant: Variant) -> str:
    """A short name for everything that decides what is built."""
    parts = [
        str(LAYOUT), kernel_release(variant.version), variant.fragment, *variant.arguments,
        variant.place, *variant.goals[1:], *tool_versions(variant),
        *(f"{k}={v}" for k, v in PINNED.items()),
    ]  # fmt: skip
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def tool_versions(variant: Variant) -> list[str]:
    """What the compilers and linkers in play call themselves."""
    suffix = next((a.removeprefix("LLVM=") for a in variant.arguments if a.startswith("LLVM=")), "")
    tools = ["gcc", "ld", "make", "flex", "bison"]
    if suffix:
        tools += [f"clang{suffix}", f"ld.lld{suffix}", f"llvm-ar{suffix}"]
    if variant.has_rust:
        tools += ["rustc", "bindgen"]
    environment = build_environment(with_rust=variant.has_rust)
    return [
        subprocess.run(
            [tool, "--version"], env=environment, stdout=subprocess.PIPE, text=True, check=True
        ).stdout
        for tool in tools
    ]


def main(arguments: list[str]) -> None:
    """Build the variants that are named, or list what there is."""
    if arguments == ["-l"]:
        print(*VARIANTS, *CHANGEABLE, sep="\n")
        return
    for name in arguments or [*VARIANTS, *CHANGEABLE]:
        began = time.monotonic()
        ready = reference(name)
        print(f"{name}\t{ready.kbuild}\t{time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
