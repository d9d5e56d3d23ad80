"""`python -m ninjagen`."""

from ninjagen.cli import program

if __name__ == "__main__":
    program()
