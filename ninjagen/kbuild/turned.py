"""Makes that one rule starts, followed from the last to the first, and told of in make's order.

A scout goes backwards where scripts/Makefile.build descends into subdirectories (scout.py). The
make that descends is told of, too: what it did for each of these targets is put where its goals
come to them. That is the truth as long as it would have seen and done the same going forwards.
Where that is not plain, nothing is told of it, nor of those that started it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ninjagen.kbuild.record import Notes, Step
from ninjagen.make.recipe import Target, is_recursive_line
from ninjagen.make.rules import File

if TYPE_CHECKING:
    from ninjagen.kbuild.instance import Instance

WORTH_TURNING = 3  # makes that one rule starts

def turn(instance: Instance) -> Turned | None:
    """Return the targets that a scout's process turns round, or None if there are too few.

    Where several rules start makes, it is the one with the most. Its targets are alike: phony, and
    in need of the same, so that nothing else is made with one of them but what its make does.
    """
    files = instance.process.evaluator.database.files
    by_rule: dict[int, list[File]] = {}
    waiting, seen = list(reversed(instance.process.goals())), set()
    while waiting:
        name = waiting.pop()
        file = files.get(name)
        if file is None or name in seen:
            continue
        seen.add(name)
        recipe = file.recipe
        if recipe is not None and any(is_recursive_line(line.text) for line in recipe.lines):
            by_rule.setdefault(id(recipe), []).append(file)
        waiting += [prerequisite.name for prerequisite in reversed(file.prerequisites)]
    targets = max(by_rule.values(), key=len, default=[])
    names = [file.name for file in targets]
    if len(names) < WORTH_TURNING:
        return None
    needed = [(each.name, each.order_only) for each in targets[0].prerequisites]
    are_alike = all(
        file.is_phony and file.double_colon is None and not file.also_makes
        and [(each.name, each.order_only) for each in file.prerequisites] == needed
        for file in targets
    )
    return Turned(instance, names) if are_alike and not dict(needed).keys() & names else None


@dataclass(eq=False, repr=False)
class _Part:
    """What was done for one target, out of its turn."""

    steps: list[Step]
    notes: Notes  # what the make that descends asked
    outputs: tuple[str, ...] | None  # what the target came to
    products: list[str]
    directories: list[str]  # that makefiles make
    paths: set[str]  # all of these, and the directories of products
    groups: list[tuple[tuple[str, ...], str]]
    phonies: list[tuple[str, tuple[str, ...]]]


class Turned:
    """The targets of one process for each of which one rule starts a make."""

    def __init__(self, instance: Instance, names: list[str]) -> None:
        self.names = frozenset(names)
        self._order = names  # as the goals come to them
        self._instance = instance
        self._parts: dict[str, _Part] = {}  # of targets that the goals have not come to yet
        self._at_work = ""  # the target that is done out of its turn
        self._is_started = False
        self._gave_up = False
        self._notes = Notes()  # the record's own; what is asked meanwhile is looked at first

    def run(self, target: Target) -> None:
        """Do a target; all of them, with the first that the goals come to."""
        if target.name == self._at_work:
            self._instance.do(target)
            return
        if not self._is_started:
            self._is_started = True
            self._follow(target)
        self._tell(target.name)

    def end(self) -> None:
        """Check that the goals have come to all of them."""
        assert not self._parts

    # --- going backwards ---

    def _follow(self, first: Target) -> None:
        record = self._instance.walk.table.record
        steps, self._notes = record.steps, record.notes
        updater = self._instance.updater
        assert updater is not None
        sizes = [len(each) for each in self._made()]
        for name in reversed(self._order):
            record.steps, record.notes = [], Notes()
            self._at_work = name
            if name == first.name:
                self._instance.do(first)
            else:
                updater.update_goal(name).is_updated = False  # the goals will come to it
            self._parts[name] = self._taken_out(sizes)
        self._at_work = ""
        record.steps, record.notes = steps, Notes()

    def _made(self) -> tuple[dict[Any, Any], ...]:
        """Return what grows while a make is followed, and others see."""
        walk = self._instance.walk
        table = walk.table
        return (
            table.products, table.made_directories, walk.groups, walk.graph.phonies,
            table.product_directories,
        )

    def _taken_out(self, sizes: list[int]) -> _Part:
        """Return what was done since things had these sizes, and let nobody see it until then."""
        record, table = self._instance.walk.table.record, self._instance.walk.table
        products, directories, groups, phonies, listings = map(_popped, self._made(), sizes)
        for path, _ in reversed(products):
            directory, _, name = path.rpartition("/")
            if directory in table.product_directories:
                last = table.product_directories[directory].pop()
                assert last == name
        return _Part(
            record.steps, record.notes, self._instance.done.pop(self._at_work, None),
            [path for path, _ in products], [path for path, _ in directories],
            {path for path, _ in (*products, *directories, *listings)}, groups, phonies,
        )

    # --- telling of it ---

    def _tell(self, name: str) -> None:
        """Put what was done for a target where the goals come to it."""
        table = self._instance.walk.table
        record = table.record
        self._keep(record.notes)
        part = self._parts.pop(name)
        if any(
            table.made(path) != made and not (path in part.paths and not table.made(path))
            for path, made in part.notes.made.items()
        ) or any(
            tuple(table.matching(pattern)) != found
            for pattern, found in part.notes.patterns.items()
        ):
            self._give_up()
        self._keep(part.notes)
        self._put_back(part)
        record.steps += part.steps
        if part.outputs is not None:
            self._instance.done[name] = part.outputs
        record.notes = Notes() if self._parts else self._notes

    def _keep(self, notes: Notes) -> None:
        """Keep what was asked, unless others than those before had a part in the answers."""
        if any(notes.predicted.values()):
            self._give_up()
        self._notes.add(notes)

    def _put_back(self, part: _Part) -> None:
        walk = self._instance.walk
        for path in part.products:
            walk.table.add_product(path)
        walk.table.made_directories.update(dict.fromkeys(part.directories))
        if any(members in walk.groups for members, _ in part.groups) or any(
            name in walk.graph.phonies for name, _ in part.phonies
        ):
            self._give_up()
        walk.groups.update(part.groups)
        walk.graph.phonies.update(part.phonies)

    def _give_up(self) -> None:
        if not self._gave_up:
            self._gave_up = True
            self._instance.walk.skip_goals()


def _popped(made: dict[Any, Any], size: int) -> list[tuple[Any, Any]]:
    """Take out of a dictionary what it has got since it had a size; return that, oldest first."""
    taken = [made.popitem() for _ in range(len(made) - size)]
    taken.reverse()
    return taken
