"""The one loop: make processes start make processes, and each is followed in place.

What a recipe runs becomes edges; a `$(MAKE)` in it becomes another process, evaluated at once,
in make's order, because what exists for later makefiles depends on it. A process whose record
of the last generation still holds is not evaluated: what it did is done again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from ninjagen.kbuild import protocol
from ninjagen.kbuild.effects import Effects, Stale
from ninjagen.kbuild.instance import Instance
from ninjagen.kbuild.memory import Memory
from ninjagen.kbuild.record import MAKE, Call, Record
from ninjagen.kbuild.scout import DIRECTORIES, RECORD, Reports, Scout
from ninjagen.kbuild.shelltext import Scripts
from ninjagen.kbuild.world import KernelWorld
from ninjagen.make.alike import Experience
from ninjagen.make.evaluator import Evaluator
from ninjagen.make.process import Process
from ninjagen.make.variables import Exporting, Origin

ConfigHandler = Callable[[Sequence[str], Mapping[str, str]], None]


@dataclass(eq=False, repr=False)
class Walk(Effects):
    """Follows make processes; what they share is in `Effects`."""

    instance_type: ClassVar[type[Instance]] = Instance  # for those who look on

    configure: ConfigHandler | None = None  # given the goals and environment of scripts/kconfig
    only_configure: bool = False  # make no edges: the walk is for its environment
    memory: Memory = field(default_factory=Memory)  # the last generation's records
    processes: int = 0
    scout: Scout = field(default_factory=Scout)  # follows the same makes in another process
    experience: Experience = field(default_factory=Experience)  # with templates

    def __post_init__(self) -> None:
        super().__post_init__()
        self.scripts = Scripts(self.table.srctree, self.table.note_read)
        for path in protocol.LATE_READS:
            self.table.late_reads[f"{self.table.objtree}/{path}"] = path
        self.memory.objtree = self.table.objtree
        self._skipped = 0  # makes that a scout does not tell of
        self._heard: list[str] = []  # by a scout: what commands wrote to standard error
        self._heard_in: dict[int, str] = {}  # the same, of each record that it has reported
        self._numbers: set[int] = set()  # of environments that were seen

    def follow(
        self,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        world: KernelWorld,
        before: tuple[str, ...] = (),
        causes: tuple[str, ...] = (),
    ) -> tuple[str, ...]:
        """Follow one make and everything it starts; return the outputs its goals come to.

        `before` is what must be made first. `causes`, for a make that a script of an edge runs,
        are that edge's inputs: what such a make always runs, runs when they change.
        Raises Stale when a record that was held for good turns out not to be.
        """
        self.memory.suspect_own(self.table.record)
        number = self.memory.number_of(environ)
        self._note_exported(number, lambda: environ)
        call = Call(tuple(arguments), world.cwd, number, tuple(before), tuple(causes))
        if self.scout.is_out:
            self._listen()
            if self.memory.tells_otherwise(call):
                self.memory.disbelieve()
                self.scout.send_again()
        old = self.memory.find(call)
        if old is not None and old.call == call and self.memory.holds(old, self):
            record = self._again(old, world)
        else:
            record = self._evaluate(call, environ, world, old)
        self.table.record.steps.append((MAKE, record.number))
        return record.outputs

    def _evaluate(
        self, call: Call, environ: Mapping[str, str], world: KernelWorld, old: Record | None
    ) -> Record:
        """Evaluate a make."""
        outer, outer_heard = self.table.record, self._heard
        record = self.table.record = self.memory.new(call)
        self._heard = []
        if old is not None:
            self.memory.suspect(old)
        try:
            instance = self.open(call.arguments, environ, world, call.before, call.causes)
            instance.read()
            skipped = self._skipped
            record.outputs = instance.update_goals()
            instance.end()
        finally:
            self.table.record = outer
        self.memory.keep(record)
        if not self.table.unknown.isdisjoint(record.notes.files):
            self.skip_goals()
        if self.reports is not None and skipped == self._skipped:
            self._report(record)
        self._heard = outer_heard
        self.memory.suspect_own(record)
        return record

    def _again(self, old: Record, world: KernelWorld) -> Record:
        """Do what an old record says, which holds.

        Return it, changed where a make that it starts had to be evaluated.
        """
        self.processes += 1
        if heard := self._heard_in.get(old.number):
            self.table.shell.complain(heard)
        outer = self.table.record
        self.table.record = Record(call=old.call)  # what is asked now was asked before
        numbers: dict[int, int] = {}
        try:
            for step in old.steps:
                if step[0] != MAKE:
                    self.again(old, step, world)
                    continue
                was = self.memory.record(step[1])
                made = self._make_again(was, world)
                if made is not was and (
                    made.outputs != was.outputs or self.memory.differs(old, was, made)
                ):
                    raise Stale(old)
                numbers[step[1]] = made.number
        finally:
            self.table.record = outer
        self.memory.recall(old, self.table)
        if all(number == new for number, new in numbers.items()):
            self.memory.keep_old(old)
            return old
        steps = [(MAKE, numbers[step[1]]) if step[0] == MAKE else step for step in old.steps]
        changed = replace(old, steps=steps)
        self.memory.keep(changed)
        return changed

    # --- two processes ---

    def explore(self, reports: Reports) -> None:
        """Be a scout's walk: leave the object tree alone, and report what makes did."""
        self.reports = reports
        self.table.on_new_directories = lambda paths: reports.send(DIRECTORIES, *paths)
        self.memory.number_from(reports.first)
        self.table.shell.news()  # what is old to both
        self.table.shell.complain = lambda text: self._heard.append(text)

    def skip_goals(self) -> None:
        """Note that a make, and so those that started it, are not to be told of."""
        self._skipped += 1

    def _report(self, record: Record) -> None:
        assert self.reports is not None
        heard = "".join(self._heard)
        self.reports.send(
            RECORD, record.number, *self.memory.report(record), self.table.shell.news(), heard
        )

    def _listen(self) -> None:
        for kind, *report in self.scout.reports():
            if kind != RECORD:
                continue
            number, record, started, environ, news, heard = report
            self.memory.learn(number, record, started, environ)
            self.table.shell.learn(news)
            self._heard_in[number] = heard

    def _note_exported(self, number: int, environ: Callable[[], Mapping[str, str]]) -> None:
        if number not in self._numbers:
            self._numbers.add(number)
            for name, value in environ().items():
                self.exported.setdefault(name, value)

    def _make_again(self, old: Record, world: KernelWorld) -> Record:
        number = old.call.environ
        self._note_exported(number, lambda: self.memory.environ(number))
        world = world.at(old.call.cwd)
        if self.memory.holds(old, self):
            return self._again(old, world)
        return self._evaluate(old.call, self.memory.environ(old.call.environ), world, old)

    def open(
        self,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        world: KernelWorld,
        before: tuple[str, ...],
        causes: tuple[str, ...] = (),
    ) -> Instance:
        """Start a process without reading its makefiles yet."""
        self.processes += 1
        process = Process(
            arguments, environ, world, lambda w, path: w.at(path),  # type: ignore[attr-defined]
            self.speak, self.warn, evaluator_type=self.evaluator_type(arguments, world),
        )
        env = process.evaluator
        for name, value in protocol.OVERRIDES.items():
            env.define(name, value, Origin.OVERRIDE, recursive=True, export=Exporting.NO)
        return self.instance_type(self, process, before, causes)

    def evaluator_type(self, arguments: Sequence[str], world: KernelWorld) -> type[Evaluator]:
        """Return what evaluates the makefiles of a process that is started so."""
        return Evaluator
