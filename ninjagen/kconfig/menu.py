"""menuconfig: kconfiglib's, on the kernel's rules and with the kernel's files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import menuconfig as kconfiglib_menuconfig

from ninjagen.kconfig import files, texts
from ninjagen.kconfig.language import Kconfig

if TYPE_CHECKING:
    from ninjagen.kconfig.goals import Conf


class MenuKconfig(Kconfig):
    """Reads and writes .config as our files do, when menuconfig asks for it."""

    is_for_menus = True
    conf: Conf

    def load_config(self, filename: str | None = None, replace: bool = True, **_: Any) -> str:
        """Read a configuration, .config or what stands in for it without a name."""
        if filename is None:
            self.conf.read(self)
            return f"Loaded {files.config_path(self.env)}"
        path = os.path.join(self.objtree, filename)
        files.load(self, path, filename)
        return f"Loaded {filename}"

    def write_config(self, filename: str | None = None, **_: Any) -> str:
        """Write .config; menuconfig never writes another file without its name."""
        said: list[str] = []
        if filename is None or filename == files.config_path(self.env):
            files.write_config(self, said.append)
        else:
            files.replace_file(os.path.join(self.objtree, filename), texts.config_text(self))
            said.append(f"configuration written to {filename}")
        return said[0]

    def write_min_config(self, filename: str, **_: Any) -> str:
        """Write what differs from the defaults."""
        files.replace_file(os.path.join(self.objtree, filename), texts.minimal_text(self))
        return f"minimal configuration written to {filename}"


def menuconfig(conf: Conf) -> None:
    """Let the user edit the configuration on the terminal."""
    kconf = MenuKconfig(conf.srctree, conf.objtree, conf.env, conf.shell)
    kconf.conf = conf
    os.chdir(conf.objtree)
    kconfiglib_menuconfig.menuconfig(kconf)
    if os.path.exists(files.config_path(conf.env)):
        files.load(kconf, files.config_path(conf.env), files.config_path(conf.env))
        files.settle(kconf)
        files.write_auto(kconf, overwrite=False)
