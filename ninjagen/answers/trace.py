"""`-t trace`: a picture of the last build.

Writes two files into .ninjagen: trace.json, for chrome://tracing and ui.perfetto.dev, and
trace.html, a page that needs nothing else. All is known from ninja's log, which has when each
command began and ended, and from build.ninja, which has what it waited for.

The last build: ninja adds a line to its log when a command ends, and counts time from its own
start. So a build begins where that time falls, or where a line tells of a later start than all
lines before it can. (A log that ninja has just made shorter keeps no order: `ninja -t recompact`.)
"""

from __future__ import annotations

import heapq
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ninjagen import files
from ninjagen.answers.described import Described
from ninjagen.errors import NinjagenError
from ninjagen.ninja import log, reader
from ninjagen.request import STATE

JSON = "trace.json"
PAGE = "trace.html"

_SLACK = 1000  # milliseconds by which clocks may differ


@dataclass(eq=False, repr=False, slots=True)
class Span:
    """A command that ran."""

    name: str  # its first output
    start: int  # milliseconds
    end: int
    rule: str = ""
    description: str = ""
    inputs: Sequence[str] = ()
    lane: int = 0  # of those that ran at the same time, each has its own
    is_critical: bool = False

    @property
    def duration(self) -> int:
        """How long it took, in milliseconds."""
        return self.end - self.start


@dataclass(eq=False, repr=False)
class Build:
    """The commands of one build, by the time at which they began."""

    spans: list[Span]
    lanes: int = 0
    critical: list[Span] = field(default_factory=list)  # the path, in order
    began: float = 0  # seconds since 1970, as far as the log tells

    @property
    def start(self) -> int:
        """When the first command began."""
        return min(span.start for span in self.spans)

    @property
    def wall(self) -> int:
        """How long all took."""
        return max(span.end for span in self.spans) - self.start

    @property
    def work(self) -> int:
        """How long all would have taken one after the other."""
        return sum(span.duration for span in self.spans)


def answer(described: Described, arguments: Sequence[str]) -> int:
    """Write both files, and say what is in them. Raises NinjagenError when nothing was built."""
    objtree = described.tree.objtree
    state = os.path.join(objtree, STATE)
    try:
        entries = list(log.read_log(os.path.join(state, log.LOG)).entries())
        statements = reader.read(objtree)
    except (OSError, log.Unknown):
        entries, statements = [], []
    build = build_of(last_build(entries), statements)
    if build is None:
        raise NinjagenError(
            f"ninja has built nothing in {objtree}", hint="run ninja there, and ask again"
        )
    files.replace(os.path.join(state, JSON), chrome_trace(build))
    files.replace(os.path.join(state, PAGE), page(build, objtree))
    described.say(
        f"{len(build.spans)} commands in {_seconds(build.wall)},"
        f" {build.work / max(build.wall, 1):.1f} at a time;"
        f" {_seconds(sum(span.duration for span in build.critical))} is the critical path"
    )
    described.say(os.path.join(state, PAGE))
    described.say(f"{os.path.join(state, JSON)}: for ui.perfetto.dev")
    return 0


def _seconds(milliseconds: int) -> str:
    minutes, seconds = divmod(milliseconds / 1000, 60)
    return f"{minutes:.0f} min {seconds:.0f} s" if minutes else f"{seconds:.1f} s"


# --- what ran ---


def last_build(entries: Iterable[log.Entry]) -> list[log.Entry]:
    """Return the entries of the last build."""
    found: list[log.Entry] = []
    latest = 0  # milliseconds since 1970: no entry found tells of a later start than this
    for entry in entries:
        if not entry.end:
            continue  # not run: adopted
        wrote = entry.mtime // 1_000_000
        if found and (entry.end < found[-1].end or wrote - entry.end > latest + _SLACK):
            found, latest = [], 0
        found.append(entry)
        latest = max(latest, wrote - entry.start)
    return found


def build_of(
    entries: Sequence[log.Entry], statements: Sequence[reader.Statement]
) -> Build | None:
    """Return a build with all that is to be shown of it; None if nothing ran."""
    if not entries:
        return None
    by_output = {output: each for each in statements for output in each.outputs}
    spans: dict[object, Span] = {}
    for entry in entries:
        made = by_output.get(entry.output)
        key = id(made) if made else entry.output
        if key not in spans:
            spans[key] = Span(
                made.outputs[0] if made else entry.output, entry.start, entry.end,
                made.rule.partition(".")[0] if made else "",  # cc_o_c.fs-ext4: of a directory
                " ".join(made.description.split()) if made else "",
                made.inputs if made else (),
            )
    build = Build(sorted(spans.values(), key=lambda span: (span.start, span.end)))
    build.began = max(entry.mtime / 1e9 - entry.end / 1e3 for entry in entries)
    build.lanes = _into_lanes(build.spans)
    ran = {
        output: spans[id(each)] for output, each in by_output.items() if id(each) in spans
    }
    build.critical = critical_path(build.spans, ran, by_output)
    for span in build.critical:
        span.is_critical = True
    return build


def _into_lanes(spans: Iterable[Span]) -> int:
    """Give spans that overlap different lanes, the lowest that are free; return how many."""
    free: list[int] = []
    busy: list[tuple[int, int]] = []  # until when, which
    lanes = 0
    for span in spans:
        while busy and busy[0][0] <= span.start:
            heapq.heappush(free, heapq.heappop(busy)[1])
        if not free:
            heapq.heappush(free, lanes)
            lanes += 1
        span.lane = heapq.heappop(free)
        heapq.heappush(busy, (span.end, span.lane))
    return lanes


class _Way(NamedTuple):
    """A chain of commands up to some file, and how long they take."""

    length: int = 0
    last: Span | None = None
    before: _Way | None = None


def critical_path(
    spans: Iterable[Span], ran: Mapping[str, Span], made: Mapping[str, reader.Statement]
) -> list[Span]:
    """Return the longest chain of commands of which each waited for the one before it.

    However many run at a time, the build takes as long as this. `ran` and `made` have what ran,
    and what is described, by output.
    """
    ways: dict[str, _Way] = {}
    done: dict[Span, _Way] = {}

    def way(name: str) -> _Way:
        span = ran.get(name)
        if span is not None:
            return done.get(span, _Way())
        if name not in ways:  # a phony name or what was up to date: none the less waited for
            ways[name] = _Way()
            statement = made.get(name)
            ways[name] = longest(statement.inputs) if statement else _Way()
        return ways[name]

    def longest(names: Iterable[str]) -> _Way:
        return max(map(way, names), key=lambda way: way.length, default=_Way())

    for span in spans:  # what one waits for has begun before
        before = longest(span.inputs)
        done[span] = _Way(before.length + span.duration, span, before)
    best: _Way | None = max(done.values(), key=lambda way: way.length, default=None)
    path: list[Span] = []
    while best is not None and best.last is not None:
        path.append(best.last)
        best = best.before
    return path[::-1]


# --- what is written ---


def chrome_trace(build: Build) -> str:
    """Return the build in the Trace Event Format, times in microseconds."""
    events: list[dict[str, object]] = [
        {"ph": "M", "name": "process_name", "pid": 1, "args": {"name": "ninja"}}
    ]
    for span in build.spans:
        events.append({
            "ph": "X", "pid": 1, "tid": span.lane + 1, "name": span.description or span.name,
            "cat": span.rule or "command", "ts": span.start * 1000, "dur": span.duration * 1000,
            "args": {"output": span.name, "critical": span.is_critical},
        })
    return json.dumps({"displayTimeUnit": "ms", "traceEvents": events}, separators=(",", ":"))


def page(build: Build, objtree: str) -> str:
    """Return the page: the template, with the build in it."""
    rules = sorted({span.rule for span in build.spans})
    number = {rule: index for index, rule in enumerate(rules)}
    data = {
        "tree": objtree, "began": build.began, "rules": rules, "lanes": build.lanes,
        "processors": os.cpu_count(),
        "spans": [
            [span.start - build.start, span.duration, span.lane, number[span.rule], span.name,
             span.description.partition(" ")[0], int(span.is_critical)]
            for span in build.spans
        ],
    }
    # `<` never stands in the page's data: nothing there can end the element.
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    with open(os.path.join(os.path.dirname(__file__), PAGE), encoding="utf-8") as file:
        return file.read().replace("{BUILD}", text, 1)
