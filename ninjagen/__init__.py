"""ninjagen: evaluates the Linux kernel's own Makefiles and .config, and writes build.ninja."""

__version__ = "0.1.0"
