"""`python -m ninjagen`."""

import sys

from ninjagen.cli import main

if __name__ == "__main__":
    sys.exit(main())
