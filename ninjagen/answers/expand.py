"""`-t expand DIR TEXT`: what a text means to the make of one directory.

The text is expanded where that make has read all its makefiles, before it makes anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from ninjagen.answers.described import Described, OnlookingInstance, OnlookingWalk
from ninjagen.errors import NinjagenError, did_you_mean
from ninjagen.make.words import split_words


class _Expanded(Exception):
    """The text was expanded; no need to go on."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


def answer(described: Described, arguments: Sequence[str]) -> int:
    """Print the words that the text expands to, a line each.

    Raises NinjagenError when no make of the build is one for that directory.
    """
    directory, text = arguments
    directory = directory.rstrip("/") or "/"
    seen: list[str] = []

    class Listening(OnlookingInstance):
        def read(self) -> None:
            super().read()
            seen.append(self.label)
            # The first make, in the source tree, hands everything to a second one.
            is_first = self.label == "." and "obj" not in self.process.overridden
            if self.label == directory and not is_first:
                raise _Expanded(self.process.evaluator.expand(text))

    class ListeningWalk(OnlookingWalk):
        instance_type = Listening

    try:
        described.walk(ListeningWalk)
    except _Expanded as expanded:
        for word in split_words(expanded.text):
            described.say(word)
        return 0
    raise NinjagenError(
        f"no makefile of this build is evaluated for directory '{directory}'",
        hint=did_you_mean(directory, seen) or "directories are named from the source tree's top",
    )
