"""Who may import whom: the drawing of the house, as a table."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "ninjagen"

BOTTOM = {"source", "errors", "shell", "forked", "itself"}
PIPELINE = {
    "request", "files", "stamp", "kconfig", "kbuild", "make", "ninja", "graph", "compdb", "helpers",
    "adopt", "headersets", "absent",
}

# Each room, and the rooms whose modules it may import besides its own. A room is a module
# or a package directly below ninjagen. The package itself, with its version, is open to all.
MAY_IMPORT = {
    "source": set[str](),
    "errors": {"source"},
    "shell": {"source", "errors"},
    "forked": set[str](),
    "itself": set[str](),
    "make": BOTTOM,
    "graph": BOTTOM,
    "helpers": BOTTOM,
    "files": BOTTOM,
    "stamp": BOTTOM | {"files"},
    "absent": BOTTOM | {"files", "stamp", "ninja", "request"},
    "kconfig": BOTTOM,
    "kbuild": BOTTOM | {"make", "graph", "helpers", "stamp"},
    "ninja": BOTTOM | {"graph", "helpers"},
    "compdb": BOTTOM | {"graph", "files", "stamp"},
    "request": BOTTOM | {"make"},
    "atonce": BOTTOM | PIPELINE | {"describe"},
    "headersets": BOTTOM | {"graph", "helpers", "kbuild"},
    "adopt": BOTTOM | {"files", "graph", "kbuild", "ninja", "helpers", "headersets"},
    "describe": BOTTOM | {"request", "kconfig", "kbuild"},
    "generate": BOTTOM | PIPELINE | {"describe", "atonce"},
    "answers": BOTTOM | PIPELINE | {"describe", "atonce", "generate"},
    "cli": BOTTOM | {"request", "generate", "answers"},
    "__main__": {"cli"},
    "__init__": set[str](),
    "runtime": set[str](),  # ninja runs its files with `python -I -S`: they cannot find ours
}

SOURCES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each import of one of our rooms, with its line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute here"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            package, _, rest = name.partition(".")
            if package == "ninjagen" and rest not in ("", "__version__"):
                yield node.lineno, rest.split(".")[0]


def test_there_are_sources():
    assert SOURCES


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports(path):
    room = room_of(path)
    assert room in MAY_IMPORT, f"{room} is not in the drawing"
    for line, imported in imported_rooms(path):
        allowed = imported in MAY_IMPORT[room] or (imported == room and room != "runtime")
        assert allowed, f"{path}:{line}: {room} imports {imported}"
