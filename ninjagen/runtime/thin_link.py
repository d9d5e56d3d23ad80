"""Run ld.lld's thin link, and change only the files whose content changed.

    thin_link.py RESPONSE PREDICTED INDEX ORDER STAGE LD ARGUMENTS...

LD ARGUMENTS are kbuild's: `--thinlto-index-only=INDEX @ORDER` among them. The linker rewrites
every output each time, so it writes below STAGE instead; then INDEX and each X.o.thinlto.bc
that differs from what is there are moved into place. RESPONSE holds the objects, a name a line,
in the order build.ninja expects, and PREDICTED those of them that should be bitcode. Both are
compared with the truth (ORDER, and the index the linker writes): a difference is an error.
"""

import os
import shutil
import subprocess
import sys


def read_lines(path: str) -> list[str]:
    """Return the lines of a file, or an empty list when there is none."""
    try:
        with open(path) as file:
            return file.read().split()
    except FileNotFoundError:
        return []


def read_bytes(path: str) -> bytes | None:
    """Return the bytes of a file, or None when there is none."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def fail(message: str, names: list[str] | tuple[()] = ()) -> None:
    """Say what is wrong, and stop."""
    print(f"thin link: {message}", *sorted(names), sep="\n  ", file=sys.stderr)
    sys.exit(1)


def check_same(what: str, expected: list[str], found: list[str]) -> None:
    """Stop if two lists of objects differ."""
    surplus, lost = set(found) - set(expected), set(expected) - set(found)
    if surplus or lost:
        fail(
            f"{what} is not what build.ninja expects; run ninjagen again",
            [f"not expected: {name}" for name in surplus] + [f"missing: {name}" for name in lost],
        )
    if found != expected:
        fail(f"the order of {what} is not what build.ninja expects; run ninjagen again")


def main(
    response: str, predicted: str, index: str, order: str, stage: str, *command: str
) -> None:
    """Run the thin link."""
    check_same("the list of objects", read_lines(response), read_lines(order))
    shutil.rmtree(stage, ignore_errors=True)
    os.makedirs(stage)
    words = []
    for word in command:
        if word.startswith("--thinlto-index-only="):
            words += [f"--thinlto-index-only={stage}/index", f"--thinlto-prefix-replace=;{stage}/"]
        elif word == f"@{order}":
            words.append(f"@{response}")
        else:
            words.append(word)
    status = subprocess.call(words)
    if status:
        sys.exit(status if status > 0 else 1)

    prefix = stage + "/"
    found = [name.removeprefix(prefix) for name in read_lines(f"{stage}/index")]
    check_same("the list of bitcode objects", read_lines(predicted), found)
    for name in found:
        made = f"{stage}/{name}.thinlto.bc"
        content = read_bytes(made)
        if not content:
            fail(f"the linker wrote no index for {name}")
        if content != read_bytes(f"{name}.thinlto.bc"):
            os.replace(made, f"{name}.thinlto.bc")
    text = "".join(name + "\n" for name in found).encode()
    if text != read_bytes(index):
        with open(f"{stage}/index", "wb") as file:
            file.write(text)
        os.replace(f"{stage}/index", index)
    shutil.rmtree(stage)


if __name__ == "__main__":
    main(*sys.argv[1:])
