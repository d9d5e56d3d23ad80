"""From goals to recipes, in make's order: prerequisites first, each target once.

Follows remake.c of GNU make 4.3 where the order of questions decides what is made.
"""

from __future__ import annotations

from typing import Protocol

from ninjagen.errors import NinjagenError
from ninjagen.make.evaluator import Evaluator
from ninjagen.make.recipe import Target, is_recursive_line
from ninjagen.make.rules import File, Prerequisite
from ninjagen.make.scopes import Scope, Scopes
from ninjagen.make.search import Search

MISSING = -1  # the time of a file that does not exist: older than any
OLD = 0  # the time of a file that is not to be remade, nor to cause it (make -o)
NEW = 1 << 62  # the time of something just remade: newer than any file


class Runner(Protocol):
    """What is done with a target that has to be made."""

    def run(self, target: Target) -> bool:
        """Make it (or print, or record how); tell whether there was anything to do."""


class RecipeFailed(NinjagenError):
    """A command of a recipe failed; with keep_going, other targets are still made."""


class _Needed:
    """A prerequisite while its target is updated."""

    __slots__ = ("file", "has_changed", "is_order_only", "prerequisite")

    def __init__(self, prerequisite: Prerequisite, file: File) -> None:
        self.prerequisite = prerequisite
        self.is_order_only = prerequisite.order_only
        self.file = file
        self.has_changed = False


class Updater:
    """Brings goals up to date; decides what has to be made, and hands that to the runner.

    With `always`, every target that has a recipe is made, whatever its time (make -B). With
    `keep_going`, an error is told, and only the targets that need what failed are given up. With
    `believes_disk`, a recipe that ran has made what the disk says it has, else what it promised.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        runner: Runner,
        always: bool = False,
        keep_going: bool = False,
        believes_disk: bool = False,
    ) -> None:
        self.evaluator = evaluator
        self.database = evaluator.database
        self.world = evaluator.world
        self.runner = runner
        self.always = always
        self.keep_going = keep_going
        self.believes_disk = believes_disk
        self.search = Search(evaluator)
        self.scopes = Scopes(evaluator)
        self.makefiles: dict[str, str] | None = None  # while makefiles are remade: why each failed
        self.goal = ""
        self.ran_something = False
        self.database.settle(evaluator.complain)

    # --- updating ---

    def update_goal(self, name: str) -> File:
        """Bring a goal up to date."""
        file = self.database.enter(name)
        self.goal = name
        self.ran_something = False
        self.update(file)
        return file

    def update(self, file: File) -> bool:
        """Bring a file up to date, its prerequisites first; tell whether that failed."""
        if file.double_colon is None:
            return self._update_one(file)
        failed = False
        for entry in file.double_colon:
            entry.is_phony, entry.parent = file.is_phony, file.parent
            entry.may_be_missing = file.may_be_missing
            failed |= self._update_one(entry)
            if failed and not self.keep_going:
                break
        file.is_updated, file.has_failed = True, failed
        if any(entry.ignores_vpath for entry in file.double_colon):
            file.path, file.ignores_vpath = file.name, True
        return failed

    def _update_one(self, file: File) -> bool:
        if file.is_updated:
            if file.has_failed and file.was_silent and not file.may_be_missing:
                self._complain(file)
            return file.has_failed
        file.was_silent = file.may_be_missing
        marked = file.root or file
        marked.is_updating = True
        time = self.time_of(file)
        self._find_recipe(file)
        needed, failed, must_make = self._update_prerequisites(file, time)
        if (must_make or self.always) and not (failed and not self.keep_going):
            failed |= self._update_intermediates(file, needed)
        marked.is_updating = False
        if failed:
            self._finish(file, failed=True)
            return True
        must_make |= self._note_changes(needed, time)
        if self._must_make(file, time, needed, must_make):
            if not self._is_in_gpath(file):
                file.path, file.ignores_vpath = file.name, True
            self._remake(file, needed)
        else:
            self._finish(file)
        return file.has_failed

    def _find_recipe(self, file: File) -> None:
        """Give a file without a recipe that of an implicit rule, or .DEFAULT's."""
        if not file.is_phony and file.recipe is None and not file.searched:
            self.search.implicit(file)
            file.searched = True
        if file.recipe is None and not file.is_target:
            default = self.database.files.get(".DEFAULT")
            if default is not None and default.recipe is not None:
                file.recipe = default.recipe

    def _update_prerequisites(self, file: File, time: int) -> tuple[list[_Needed], bool, bool]:
        """Update what the file depends on, intermediate files apart.

        Returns its prerequisites, whether one failed, and whether the file must be made.
        """
        result: list[_Needed] = []
        failed, must_make = False, time == MISSING
        others = [self.database.enter(name) for name in file.also_makes]
        if file.is_grouped:
            others.insert(0, file)  # make lists a member of an explicit group as its own peer
        for number, owner in enumerate((file, *others)):
            for prerequisite in list(owner.prerequisites):
                found = self._found(prerequisite.name)
                item = _Needed(prerequisite, found)
                before = self.time_of(found) if found.time is None else found.time
                if found.is_updating:
                    self._drop_circle(file, item)
                    continue
                found.parent = file
                wrong, maybe = self._check(file, found, time, must_make)
                failed |= wrong
                if not item.is_order_only:
                    must_make = maybe
                if failed and not self.keep_going:
                    return result, failed, must_make
                item.has_changed = before == MISSING or (
                    found.time != before and self.time_of(found) != before
                )
                if number == 0:
                    result.append(item)
        return result, failed, must_make

    def _found(self, name: str) -> File:
        """Return the file of a name; or of where VPATH finds it, if makefiles mention that."""
        file = self.database.enter(name)
        if file.time is None:
            self.time_of(file)  # which sets its path
        if not file.path or file.path == name or file.ignores_vpath:
            return file
        other = self.database.files.get(file.path)
        if other is None or other is file:
            return file
        if other.recipe is None:
            other.recipe = file.recipe
        other.is_target |= file.is_target
        known = {prerequisite.name for prerequisite in other.prerequisites}
        other.prerequisites += [p for p in file.prerequisites if p.name not in known]
        return other

    def _drop_circle(self, file: File, item: _Needed) -> None:
        program = self.evaluator.program
        self.evaluator.complain(
            f"{program}: Circular {file.name} <- {item.file.name} dependency dropped."
        )
        file.prerequisites = [p for p in file.prerequisites if p is not item.prerequisite]

    def _check(self, parent: File, file: File, than: int, must_make: bool) -> tuple[bool, bool]:
        """Update a prerequisite, unless it is intermediate: then only what that is made from.

        Returns whether that failed, and whether anything is newer than `than`.
        """
        is_plain = (file.is_phony or not file.is_intermediate) and file.double_colon is None
        if is_plain and file.is_updated and not file.has_failed:  # only its time matters
            time = self.time_of(file) if file.time is None else file.time
            return False, must_make or time == MISSING or time > than
        if self.makefiles is not None:
            outer, file.may_be_missing = file.may_be_missing, parent.may_be_missing
        marked = file.root or file
        marked.is_updating = True
        try:
            if file.is_phony or not file.is_intermediate:
                failed = self.update(file)
                time = self.time_of(file)
                return failed, must_make or time == MISSING or time > than
            return self._check_intermediate(file, than, must_make)
        finally:
            marked.is_updating = False
            if self.makefiles is not None:
                file.may_be_missing = outer

    def _check_intermediate(self, file: File, than: int, must_make: bool) -> tuple[bool, bool]:
        time = self.time_of(file)
        if file.double_colon:
            file = file.double_colon[0]  # make looks no further
        self._find_recipe(file)
        if time != MISSING and time > than:
            return False, True
        failed = False
        for prerequisite in list(file.prerequisites):
            item = _Needed(prerequisite, self._found(prerequisite.name))
            if item.file.is_updating:
                self._drop_circle(file, item)
                continue
            item.file.parent = file
            wrong, maybe = self._check(file, item.file, than, must_make)
            failed |= wrong
            if not item.is_order_only:
                must_make = maybe
            if failed and not self.keep_going:
                break
        return failed, must_make

    def _update_intermediates(self, file: File, needed: list[_Needed]) -> bool:
        """The target will be made, so its intermediate prerequisites are, too."""
        failed = False
        for item in needed:
            if not item.file.is_intermediate:
                continue
            made = item.file
            made.parent = file
            if made.is_updated and not made.has_failed and made.double_colon is None:
                item.has_changed = False
                continue
            before = self.time_of(made)
            failed |= self.update(made)
            if failed and not self.keep_going:
                break
            item.has_changed = self.time_of(made) != before
        return failed

    def _note_changes(self, needed: list[_Needed], time: int) -> bool:
        """Note what is newer than the target; tell whether something it needs is missing."""
        is_missing = False
        for item in needed:
            file = item.file
            when = self.time_of(file) if file.time is None else file.time
            if when == MISSING and not item.is_order_only and not file.is_intermediate:
                is_missing = True
        return is_missing

    def _must_make(
        self, file: File, time: int, needed: list[_Needed], must_make: bool
    ) -> bool:
        has_changed = False
        for item in needed:
            has_changed |= item.has_changed and not item.is_order_only
            if not item.has_changed:
                item.has_changed = time == MISSING or self.time_of(item.file) > time
        if file.root is not None and not file.prerequisites:
            return True
        if time != MISSING and file.is_target and not has_changed and file.recipe is None:
            return False
        return must_make or (self.always and file.recipe is not None)

    def _remake(self, file: File, needed: list[_Needed]) -> None:
        if file.recipe is None:
            if not file.is_phony and not file.is_target:
                file.has_failed = True
                if self.makefiles is None or not file.may_be_missing:
                    self._complain(file)
            self._finish(file, file.has_failed)
            return
        try:
            if self.runner.run(self._target(file, needed)):
                self.ran_something = True
        except RecipeFailed as error:
            if not file.may_be_missing:
                self._tell_of_makefile()
                if not self.keep_going:
                    raise
                self.evaluator.complain(f"{self.evaluator.program}: {error.message}")
            file.has_failed = True
        self._finish(file, file.has_failed, ran=True)

    def _is_in_gpath(self, file: File) -> bool:
        directory = (file.path or file.name).removesuffix(f"/{file.name}")
        return directory in self.search.gpath

    def _target(self, file: File, needed: list[_Needed]) -> Target:
        assert file.recipe is not None
        everything = self.always
        paths = [item.file.path or item.file.name for item in needed]
        named = list(zip(paths, needed, strict=True))
        return Target(
            file.path,
            file,
            [path for path, item in named if not item.is_order_only],
            [path for path, item in named if item.is_order_only],
            [
                path for path, item in named
                if not item.is_order_only and (everything or item.has_changed)
            ],
            file.recipe,
            self.scope_of(file),
            paths,
        )

    def _finish(self, file: File, failed: bool = False, ran: bool = False) -> None:
        """Note that a file was dealt with, and what its time is now."""
        file.is_updated, file.has_failed = True, failed
        if ran and not file.is_phony:
            assert file.recipe is not None
            # Where recipes are not run, what they make counts as new; but a line that is a
            # sub-make does run, and after it only the disk knows.
            ran_all = self.believes_disk or all(
                is_recursive_line(line.text) for line in file.recipe.lines
            )
            is_known = self.makefiles is None and not ran_all and not file.is_grouped
            file.time = NEW if is_known else None
        if file.root is not None:
            self._share_time(file.root)
        if not ran:
            return
        for name in file.also_makes:
            also = self._same_rule(self.database.enter(name), file)
            also.is_updated, also.has_failed, also.time = True, failed, None
            also.path = name

    def _same_rule(self, file: File, maker: File) -> File:
        """Return the file, or of its `::` rules the one that makes both."""
        entries = file.double_colon or ()
        return next((entry for entry in entries if entry.recipe is maker.recipe), file)

    def _share_time(self, root: File) -> None:
        """The last of several `::` rules gives all of them the newest time."""
        entries = root.double_colon or ()
        if not all(entry.is_updated for entry in entries):
            return
        times = [self.time_of(entry) for entry in entries]
        root.time = max(times)
        for entry in entries:
            entry.time = root.time

    # --- errors ---

    def _complain(self, file: File, above: tuple[File, ...] = ()) -> None:
        """Say that nothing makes a file: an error, unless the others are made all the same.

        If it failed when that did not matter, it is what it needs that nothing makes; `above` are
        those that need it.
        """
        for prerequisite in file.prerequisites:
            needed = self.database.enter(prerequisite.name)
            is_cause = needed.is_updated and needed.has_failed and file.was_silent
            if is_cause and needed not in (file, *above):  # VPATH may lead in a circle
                self._complain(needed, (file, *above))
                return
        self._tell_of_makefile()
        wanted = f", needed by '{file.parent.name}'" if file.parent is not None else ""
        message = f"*** No rule to make target '{file.name}'{wanted}."
        file.was_silent = False
        if not self.keep_going:
            raise NinjagenError(message + "  Stop.")
        self.evaluator.complain(f"{self.evaluator.program}: {message}")

    def _tell_of_makefile(self) -> None:
        reason = self.makefiles.pop(self.goal, None) if self.makefiles is not None else None
        if reason is not None:
            self.evaluator.complain(reason)

    # --- times ---

    def time_of(self, file: File) -> int:
        """Return a file's time, looking in VPATH when it is not where its name says."""
        time = file.time
        if time is not None:
            return time
        found = None if file.is_phony else self.world.mtime(file.name)
        if found is None and not file.is_phony and not file.ignores_vpath:
            elsewhere = self.search.find_in_vpath(file.name)
            if elsewhere is not None:
                file.path = elsewhere
                found = self.world.mtime(elsewhere)
        if found is not None and not file.searched and file.is_intermediate:
            file.is_intermediate = False  # it was there before: not ours to do without
        file.time = time = MISSING if found is None else found
        for entry in file.double_colon or ():
            if entry.time is None and not entry.is_updated:
                entry.time = time
        return time

    # --- scopes ---

    def scope_of(self, file: File) -> Scope:
        """Return the target- and pattern-specific variables that a file's recipe sees."""
        return self.scopes.scope_of(file)
