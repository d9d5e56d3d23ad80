"""`python -m ninjagen.make`: prints what `make -nrR` would print."""

from __future__ import annotations

import sys

from ninjagen.make.driver import start

if __name__ == "__main__":
    sys.exit(start(["-nrR", *sys.argv[1:]]))
