"""File names that match a pattern, spelled as the pattern spells them: glob(3), as make has it."""

from __future__ import annotations

import fnmatch
import os
import re
from functools import lru_cache

_WILD = re.compile(r"[*?\[]")


def glob(cwd: str, pattern: str) -> list[str]:
    """Return the sorted names that match; a name without wildcards matches if it exists."""
    if not _WILD.search(pattern):
        pattern = pattern if pattern.strip("/") else "/"
        name = re.sub(r"\\(.)", r"\1", pattern)
        return [name] if os.path.lexists(os.path.join(cwd, name)) else []
    found = [""]
    parts = re.split(r"(/+)", pattern)
    for number, part in enumerate(parts):
        if not part:
            continue
        if _WILD.search(part) and not part.startswith("/"):
            is_last = not any(parts[number + 1 :])
            found = [name for head in found for name in _matches(cwd, head, part, is_last)]
        else:
            found = [head + re.sub(r"\\(.)", r"\1", part) for head in found]
    return sorted(name for name in found if os.path.lexists(os.path.join(cwd, name)))


def _matches(cwd: str, head: str, part: str, is_last: bool) -> list[str]:
    try:
        entries = os.listdir(os.path.join(cwd, head) or ".")
    except OSError:
        return []
    if part.startswith("."):
        entries += [".", ".."]
    else:
        entries = [name for name in entries if not name.startswith(".")]
    match = _matcher(part)
    return [
        head + name for name in entries
        if match.match(name) and (is_last or os.path.isdir(os.path.join(cwd, head + name)))
    ]


@lru_cache(maxsize=1024)
def _matcher(part: str) -> re.Pattern[str]:
    quoted = re.sub(r"\\(.)", lambda found: f"[{found[1]}]", part).replace("[^", "[!")
    return re.compile(fnmatch.translate(quoted))
