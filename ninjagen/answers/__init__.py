"""Questions about a build that build.ninja describes: `ninjagen -t TOOL`.

Each tool is a module with one function, `answer`, and a row in `tools.py`. They ask the evaluation
that made build.ninja, with the arguments it was made with, or ninja itself; they know no answer
of their own, and change nothing that others see.
"""
