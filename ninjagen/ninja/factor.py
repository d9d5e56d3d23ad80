"""Shared text of commands, found once and named, so that build.ninja stays small.

A kernel compiles thousands of files with the same two kilobytes of flags. Runs of words that
several commands share become top-level variables; the text that ninja runs stays the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

SHARED = 4  # a word is common when this many commands hold it
SHORTEST = 64  # characters: a shorter run is not worth a name


class Factoring:
    """Names for the runs of common words in a set of commands."""

    def __init__(self, commands: Iterable[str]) -> None:
        texts = [split(command) for command in commands]
        counts: Counter[str] = Counter()
        for words in texts:
            counts.update(set(words))
        self.common = {word for word, count in counts.items() if count >= SHARED}
        runs: Counter[str] = Counter()
        for words in texts:
            for run, is_common in self._runs(words):
                if is_common:
                    runs[run] += 1
        self.names: dict[str, str] = {}
        for run, count in runs.items():  # in order of first use
            if count > 1:
                self.names[run] = f"flags{len(self.names) + 1}"

    def _runs(self, words: list[str]) -> Iterable[tuple[str, bool]]:
        """Yield (text, is a run worth a name) for consecutive words."""
        run: list[str] = []
        for word in words:
            if word in self.common:
                run.append(word)
                continue
            yield from self._closed(run)
            run = []
            yield word, False
        yield from self._closed(run)

    def _closed(self, run: list[str]) -> Iterable[tuple[str, bool]]:
        if run:
            text = " ".join(run)
            yield text, len(text) >= SHORTEST

    def pieces(self, command: str) -> Iterable[tuple[str, str | None]]:
        """Yield (text, name of the variable that holds it, or None), to be joined by spaces."""
        for run, is_common in self._runs(split(command)):
            yield run, self.names.get(run) if is_common else None


def split(command: str) -> list[str]:
    """Split at single spaces, so that joining gives the same text back."""
    return command.split(" ")
