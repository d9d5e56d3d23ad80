"""Write the dyndep file that says which native objects an archive takes.

    thinlto_dyndep.py DYNDEP INDEX ARCHIVE

INDEX lists the bitcode objects of the thin link, a name a line; each has a native object.
"""

import os
import sys


def escape(name: str) -> str:
    """Escape a path for ninja."""
    return name.replace("$", "$$").replace(" ", "$ ").replace(":", "$:")


def main(dyndep: str, index: str, archive: str) -> None:
    """Write DYNDEP."""
    with open(index) as file:
        natives = [name.removesuffix(".o") + ".thinlto-native.o" for name in file.read().split()]
    inputs = "".join(f" {escape(name)}" for name in natives)
    with open(dyndep + ".tmp", "w") as file:
        file.write("ninja_dyndep_version = 1\n")
        file.write(f"build {escape(archive)}: dyndep" + (f" |{inputs}" if inputs else "") + "\n")
    os.replace(dyndep + ".tmp", dyndep)


if __name__ == "__main__":
    main(*sys.argv[1:])
