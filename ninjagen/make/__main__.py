"""`python -m ninjagen.make`: prints what `make -nrR` would print."""

from __future__ import annotations

import os
import sys

from ninjagen.make.dryrun import main


def say(text: str) -> None:
    """Write to standard output, at once: what sub-makes say comes after it."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """Write to standard error."""
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.setrecursionlimit(20000)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]
    sys.exit(main(["-nrR", *sys.argv[1:]], os.getcwd(), os.environ, say, complain))
