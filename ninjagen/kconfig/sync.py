"""The step every build begins with: make auto.conf and its like agree with .config.

What `conf --syncconfig` does; new symbols get their default, where conf would ask. A stamp
remembers what the files were made from, so that doing it again costs next to nothing.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import NamedTuple

import ninjagen
from ninjagen.errors import NinjagenError
from ninjagen.shell import Shell

STAMP = ".ninjagen/kconfig.json"
FORMAT = 1


class Configuration(NamedTuple):
    """What the files of a configuration were made from."""

    # .config, every Kconfig file: a change in one of them matters. Modification time and size, as
    # they were when it was read; of a file that was edited meanwhile nothing is known: None.
    files: Mapping[str, list[int] | None]
    environment: Mapping[str, str | None]  # variables that Kconfig files name; None: not set
    commands: Mapping[str, str]  # $(shell) commands of Kconfig files, and what they said
    changed: bool  # some option has another value than when auto.conf was written before


def sync(srctree: str, objtree: str, env: Mapping[str, str], shell: Shell) -> Configuration:
    """Write include/config/auto.conf, include/generated/autoconf.h and rustc_cfg from .config.

    .config is $KCONFIG_CONFIG of objtree; it is completed. include/config/FOO is touched for
    each symbol that changed. env is what the top Makefile exports to scripts/kconfig. Files
    that would not change are left alone, unless make would then take them for older than
    .config. Raises NinjagenError: no .config, one of another architecture, an error in a
    Kconfig file, a file that cannot be written.
    """
    name = env.get("KCONFIG_CONFIG") or ".config"
    path = os.path.join(objtree, name)
    if not os.path.isfile(path):
        raise NinjagenError(
            f"there is no configuration: {path} does not exist",
            hint="make one: ninjagen defconfig (or tinyconfig, allmodconfig, olddefconfig, ...)",
        )
    stamp = os.path.join(objtree, STAMP)
    known = _from_stamp(stamp, path, env, objtree, shell)
    if known is not None:
        return known
    return _sync(srctree, objtree, env, shell, path, stamp)


def _sync(
    srctree: str, objtree: str, env: Mapping[str, str], shell: Shell, path: str, stamp: str
) -> Configuration:
    from ninjagen.kconfig import files, goals  # with kconfiglib: 30 ms

    started = time.time_ns()
    name = files.config_path(env)
    conf = goals.Conf(srctree, objtree, env, shell)
    kconf = conf.kconf
    wrong = goals.foreign(kconf, path)
    if wrong:
        raise NinjagenError(wrong, hint="set ARCH, or make another one: ninjagen defconfig")
    before = _identity(path)
    if files.load(kconf, path, name) and "KCONFIG_WERROR" in env:
        raise NinjagenError(f"{name}: KCONFIG_WERROR makes the warnings above errors")
    files.settle(kconf)
    if not env.get("KCONFIG_NOSILENTUPDATE"):
        if files.write_config(kconf, lambda message: None):
            before = _identity(path)
    elif kconf.changed:
        raise NinjagenError(
            "the configuration needs an update, and KCONFIG_NOSILENTUPDATE forbids it",
            hint="ninjagen olddefconfig",
        )
    goals.warn_unmet(kconf)
    changed = files.write_auto(kconf, overwrite=True)

    kconfigs = [os.path.join(srctree, file) for file in dict.fromkeys(kconf.kconfig_filenames)]
    outputs = [os.path.join(objtree, file) for file in files.auto_files(env)]
    _make_newer(outputs, [path, *kconfigs])
    identities: dict[str, list[int] | None] = {path: before}
    for file in (*kconfigs, *kconf.dialect.files):
        identity = _identity(file) or [0, 0]
        identities[file] = identity if identity[0] < started else None
    made = Configuration(identities, kconf.env_read, kconf.commands, changed)
    # Who edits a file while it is read gets no stamp, and is asked again next time.
    if _identity(path) == before and None not in identities.values():
        _write_stamp(stamp, made, outputs, env)
    conf.end()
    return made


def _make_newer(outputs: list[str], inputs: list[str]) -> None:
    """Give all outputs a new time if one is older than an input: make would run syncconfig."""
    newest = max((identity[0] for identity in map(_identity, inputs) if identity), default=0)
    times = [_identity(output) for output in outputs]
    if any(identity is None or identity[0] < newest for identity in times):
        for output in outputs:
            os.utime(output)


def _identity(path: str) -> list[int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return [status.st_mtime_ns, status.st_size]


def _ours() -> list[object]:
    """What of ninjagen itself the answer depends on."""
    here = os.path.dirname(__file__)
    sources = [name for name in sorted(os.listdir(here)) if name.endswith(".py")]
    identities = [_identity(os.path.join(here, name)) for name in sources]
    return [FORMAT, ninjagen.__version__, *identities]


def _settings(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that conf itself reads."""
    return {name: env[name] for name in env if name.startswith("KCONFIG_") or name == "srctree"}


def _write_stamp(
    stamp: str,
    made: Configuration,
    outputs: list[str],
    env: Mapping[str, str],
) -> None:
    from ninjagen.kconfig import files

    content = {
        "ninjagen": _ours(),
        "settings": _settings(env),
        "files": made.files,
        "outputs": {output: _identity(output) for output in outputs},
        "environment": made.environment,
        "commands": made.commands,
    }
    files.replace_file(stamp, json.dumps(content, separators=(",", ":")))


def _from_stamp(
    stamp: str, path: str, env: Mapping[str, str], objtree: str, shell: Shell
) -> Configuration | None:
    """Return what the stamp says, None if it is no longer true."""
    try:
        with open(stamp, encoding="utf-8") as file:
            content = json.load(file)
        if content["ninjagen"] != _ours() or content["settings"] != _settings(env):
            return None
        identities: dict[str, list[int] | None] = content["files"]
        environment: dict[str, str | None] = content["environment"]
        commands: dict[str, str] = content["commands"]
        outputs: dict[str, list[int] | None] = content["outputs"]
        if path not in identities:
            return None
        if any(env.get(name) != value for name, value in environment.items()):
            return None
        if any(_identity(file) != known for file, known in [*outputs.items(), *identities.items()]):
            return None
        for command, said in commands.items():
            answer = shell.run(command, objtree, env).output[:4095]
            if answer.rstrip("\n").replace("\n", " ") != said:
                return None
        return Configuration(identities, environment, commands, False)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
