"""From goals to recipes, in make's order: prerequisites first, each target once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ninjagen.errors import NinjagenError
from ninjagen.make import ast
from ninjagen.make.evaluator import Bound, Evaluator
from ninjagen.make.recipe import Target
from ninjagen.make.rules import File, Prerequisite
from ninjagen.make.search import Search
from ninjagen.make.variables import Variable

NEW = 1 << 62  # the time of something just remade: newer than any file


class Runner(Protocol):
    """What is done with a target that has to be made."""

    def run(self, target: Target) -> bool:
        """Make it (or print, or record how); tell whether there was anything to do."""


class Updater:
    """Brings goals up to date; decides what has to be made, and hands that to the runner.

    With `always`, every target that has a recipe is made, whatever its time (make -B).
    """

    def __init__(
        self, evaluator: Evaluator, runner: Runner, always: bool = False
    ) -> None:
        self.evaluator = evaluator
        self.database = evaluator.database
        self.world = evaluator.world
        self.runner = runner
        self.always = always
        self.search = Search(self.database, self.world)
        self.search.vpath = vpath_directories(evaluator)
        self.times: dict[str, int | None] = {}
        self.inherited: dict[int, Mapping[str, Variable]] = {}
        self.ran_something = False
        for name in self.database.special(".PHONY") or ():
            file = self.database.enter(name)
            file.is_phony = file.is_target = True

    # --- updating ---

    def update_goal(self, name: str) -> File:
        """Bring a goal up to date."""
        file = self.database.enter(name)
        self.ran_something = False
        self.update(file, None)
        return file

    def update(self, file: File, parent: File | None) -> None:
        """Bring a file up to date, its prerequisites first."""
        if file.double_colon is not None:
            for entry in file.double_colon:
                entry.is_phony = file.is_phony
                self._update_one(entry, parent)
            file.path = file.name
            file.was_remade = any(entry.was_remade for entry in file.double_colon)
        else:
            self._update_one(file, parent)

    def _update_one(self, file: File, parent: File | None) -> None:
        if file.is_updated:
            return
        file.is_updating = True
        file.parent = parent
        file.path = file.name
        if not file.is_phony and file.recipe is None and not file.searched:
            file.searched = True
            self.search.implicit(file)
        if file.recipe is None and not file.is_target:
            default = self.database.files.get(".DEFAULT")
            if default is not None and default.recipe is not None:
                file.recipe = default.recipe
        time = self._time(file)
        changed = self._update_prerequisites(file, time)
        if self._must_make(file, time, changed):
            self._make(file, parent)
        elif time is not None and file.path != file.name:
            pass  # found through VPATH, and good as it is
        file.is_updating = False
        file.is_updated = True

    def _update_prerequisites(self, file: File, time: int | None) -> bool:
        """Update what the file depends on; tell whether any of it is newer than the file."""
        changed = False
        dropped: list[Prerequisite] = []
        for prerequisite in list(file.prerequisites):
            needed = self.database.enter(prerequisite.name)
            if needed.is_updating:
                self.evaluator.complain(
                    f"Circular {file.name} <- {needed.name} dependency dropped."
                )
                dropped.append(prerequisite)
                continue
            self.update(needed, file)
            if prerequisite.order_only:
                continue
            newer = self._time(needed)
            if newer is not None and (time is None or newer > time):
                changed = True
        if dropped:
            file.prerequisites = [p for p in file.prerequisites if p not in dropped]
        return changed

    def _must_make(self, file: File, time: int | None, changed: bool) -> bool:
        if file.is_phony or time is None or changed:
            return True
        if file.recipe is None:
            return False
        return self.always

    def _make(self, file: File, parent: File | None) -> None:
        if file.recipe is None:
            if not file.is_phony and not file.is_target and self._time(file) is None:
                self._no_rule(file, parent)
            if file.is_phony or file.is_target:
                self.times[file.name] = NEW
                file.path = file.name
            return
        file.path = file.name
        target = Target(
            file.name,
            file,
            [self._path(p.name) for p in file.prerequisites if not p.order_only],
            [self._path(p.name) for p in file.prerequisites if p.order_only],
            self._newer(file),
            file.recipe,
            self.scope_of(file),
        )
        if self.runner.run(target):
            self.ran_something = True
        file.was_remade = True
        self.times[file.name] = NEW
        for name in file.also_makes:
            also = self.database.enter(name)
            also.is_updated = also.was_remade = also.is_target = True
            also.path = name
            self.times[name] = NEW

    def _newer(self, file: File) -> list[str]:
        time = None if file.is_phony else self._time(file)
        names = []
        for prerequisite in file.prerequisites:
            if prerequisite.order_only:
                continue
            path = self._path(prerequisite.name)
            when = self._time(self.database.enter(prerequisite.name))
            if self.always or time is None or when is None or when > time:
                names.append(path)
        return list(dict.fromkeys(names))

    def _no_rule(self, file: File, parent: File | None) -> None:
        needed = f", needed by '{parent.name}'" if parent is not None else ""
        raise NinjagenError(f"*** No rule to make target '{file.name}'{needed}.  Stop.")

    def _path(self, name: str) -> str:
        return self.database.files[name].path or name

    def _time(self, file: File) -> int | None:
        """Return a file's time, looking in VPATH when it is not where its name says."""
        name = file.name
        if name in self.times:
            return self.times[name]
        time = None if file.is_phony else self.world.mtime(name)
        if time is None and not file.is_phony:
            found = self.search.find_in_vpath(name)
            if found is not None:
                time = self.world.mtime(found)
                file.path = found
        self.times[name] = time
        return time

    # --- scopes ---

    def scope_of(self, file: File) -> Mapping[str, Variable | Bound]:
        """Return the target- and pattern-specific variables that a file's recipe sees.

        A prerequisite inherits them from the target that first needed it, except private ones
        (manual 6.11); its own beat its patterns', which beat the inherited (manual 6.12).
        """
        if file.scope is None:
            base = self._inherited_by(file.parent) if file.parent is not None else {}
            layers = [self._pattern_variables(file), file.variables]
            file.scope, self.inherited[id(file)] = self._layered(base, layers)
        return file.scope

    def _inherited_by(self, parent: File) -> Mapping[str, Variable]:
        self.scope_of(parent)
        return self.inherited[id(parent)]

    def _layered(
        self, base: Mapping[str, Variable], layers: list[dict[str, Variable]]
    ) -> tuple[dict[str, Variable], Mapping[str, Variable]]:
        if not any(layers):
            return base, base  # type: ignore[return-value]
        scope, inherited = dict(base), dict(base)
        for layer in layers:
            for name, variable in layer.items():
                if variable.append:
                    above = scope.get(name) or self.evaluator.variables.get(name)
                    variable = variable.copy(base=above)
                scope[name] = variable
                if not variable.private:
                    inherited[name] = variable
        return scope, inherited

    def _pattern_variables(self, file: File) -> dict[str, Variable]:
        found: dict[str, Variable] = {}
        reader = self.evaluator.rules
        for entry in self.database.pattern_variables:
            if entry.pattern.stem(file.name) is None:
                continue
            variable = entry.variable
            if entry.op in ("+=", "?="):
                statement = ast.Assign(
                    entry.name, entry.op, variable.value, ast.Modifiers(),
                    variable.loc,  # type: ignore[arg-type]
                )
                with self.evaluator.scope(found):
                    made = reader.variable_for_target(statement, variable.origin, found)
                if made is None:
                    continue
                variable = made.copy(export=variable.export, private=variable.private)
            found[entry.name] = variable
        return found


def vpath_directories(evaluator: Evaluator) -> list[str]:
    """Return the directories of the VPATH variable: separated by blanks or colons."""
    words = evaluator.value_of("VPATH").replace(":", " ").split()
    return [word.rstrip("/") or "/" for word in words]
