"""Choose the headers whose sets are worth a name of their own.

    choose_headers.py CHOSEN MOST ABOUT

In .ninjagen/headers, `sources` are the names of what will be compiled, a line each, and `command`
is how one of them is. CHOSEN gets at most MOST names of headers, as `#include <name>` has them:
those whose sets spare the most names in the lists of what objects read, the best first. It is
an estimate, from what sources include themselves: which objects read all of a set, each of them
finds out when it is compiled (depfile.awk). ABOUT how many sources there are is for ninja, which
has the choice made again when there are many more.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

HERE = ".ninjagen/headers"
INCLUDE = re.compile(rb"^[ \t]*#[ \t]*include[ \t]*<([^>\n]+)>", re.M)

CANDIDATES = 48  # headers that are tried, at most
SOURCES = 16  # that it takes to try one more header
SHARE = 50  # one in so many sources must include a candidate
WORTH = 200  # a set must spare one in so many names


def included(source: str) -> frozenset[str]:
    """Return the headers that a source includes itself; none if it is not made yet."""
    try:
        with open(source, "rb") as file:
            return frozenset(name.decode() for name in INCLUDE.findall(file.read()))
    except (OSError, UnicodeDecodeError):
        return frozenset()


def closure(command: list[str], header: str) -> set[str]:
    """Return what including a header reads; nothing if it cannot be included alone."""
    done = subprocess.run(
        [*command, "-M", "-include", header, "-x", "c", "/dev/null"], text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )
    return set(done.stdout.replace("\\\n", " ").split()[2:]) if done.returncode == 0 else set()


def choose(sources: list[frozenset[str]], sets: dict[str, set[str]], most: int) -> list[str]:
    """Return the headers of the best sets; `sources` are the headers that each includes."""
    numbers: dict[str, int] = {}
    bits = {
        header: sum(1 << numbers.setdefault(name, len(numbers)) for name in names)
        for header, names in sets.items()
    }
    read: Counter[int] = Counter()  # what sources read, and how many read that
    for headers in sources:
        all_of_it = 0
        for header in headers:
            all_of_it |= bits.get(header, 0)
        read[all_of_it] += 1
    named = dict.fromkeys(read, 0)  # of what is read, what chosen sets name already
    total = sum(what.bit_count() * count for what, count in read.items())
    chosen: list[str] = []
    while bits and len(chosen) < most:
        gains = {
            header: sum(
                (bit & ~named[what]).bit_count() * count
                for what, count in read.items() if bit & what == bit
            )
            for header, bit in bits.items()
        }
        best = max(gains, key=gains.__getitem__)
        if gains[best] * WORTH < total:
            break
        chosen.append(best)
        bit = bits.pop(best)
        for what in read:
            if bit & what == bit:
                named[what] |= bit
    return chosen


def main() -> None:
    """Choose, and write CHOSEN whole."""
    path, most = sys.argv[1], int(sys.argv[2])
    with open(f"{HERE}/command", encoding="utf-8") as file:
        command = shlex.split(file.read())
    with open(f"{HERE}/sources", encoding="utf-8") as file:
        sources = [included(name) for name in file.read().splitlines()]
    counts = Counter(header for headers in sources for header in sorted(headers))
    most_common = counts.most_common(min(CANDIDATES, len(sources) // SOURCES))
    candidates = [header for header, count in most_common if count * SHARE > len(sources)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda header: closure(command, header), candidates)
        sets = {header: names for header, names in zip(candidates, found, strict=True) if names}
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        file.writelines(f"{header}\n" for header in choose(sources, sets, most))
    os.replace(f"{path}.new", path)


if __name__ == "__main__":
    main()
