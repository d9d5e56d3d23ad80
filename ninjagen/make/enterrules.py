"""Rules whose lines were all read, entered into the database: record_files of GNU make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ninjagen.errors import NinjagenError
from ninjagen.make.lines import is_continued
from ninjagen.make.rules import File, PatternRule, PendingRule, Prerequisite, Recipe, RecipeLine
from ninjagen.make.variables import Origin
from ninjagen.make.words import Pattern, strip_dot_slash, unquote
from ninjagen.source import Loc

if TYPE_CHECKING:
    from ninjagen.make.evaluator import Evaluator
    from ninjagen.make.readrules import RuleReader


class RuleRecorder:
    """Enters explicit, static pattern, pattern and double-colon rules."""

    def __init__(self, evaluator: Evaluator, reader: RuleReader) -> None:
        self.evaluator = evaluator
        self.reader = reader

    def record(self, pending: PendingRule) -> None:
        """Enter a finished rule into the database."""
        env = self.evaluator
        if env.database.is_settled:
            raise NinjagenError(
                "*** prerequisites cannot be defined in recipes.  Stop.", pending.loc
            )
        recipe = None
        if pending.lines and is_continued(pending.lines[-1].text):  # the file ends there
            last = pending.lines[-1]
            pending.lines[-1] = RecipeLine(last.text + "\n", last.loc)
        if pending.lines or pending.has_recipe:
            recipe = Recipe(tuple(pending.lines), pending.loc)
        if ".SECONDEXPANSION" in pending.targets:
            raise NinjagenError(".SECONDEXPANSION is not supported", pending.loc)
        if pending.is_grouped and recipe is None:
            raise NinjagenError("*** grouped targets must provide a recipe.  Stop.", pending.loc)
        if ".POSIX" in pending.targets:
            env.define(".SHELLFLAGS", "-ec", Origin.DEFAULT)
        if pending.is_plain:  # most are
            self._record_explicit(pending, recipe)
            return
        patterns = [Pattern.parse(target) for target in pending.targets]
        self._check_patterns(pending, patterns)
        if patterns[0].suffix is not None:
            env.database.add_pattern_rule(
                PatternRule(
                    tuple(patterns),
                    tuple(self.reader.prerequisites(pending.prerequisites, glob=False)),
                    recipe,
                    pending.is_double_colon,
                    pending.loc,
                )
            )
            return
        self._record_explicit(pending, recipe)

    def _check_patterns(self, pending: PendingRule, patterns: list[Pattern]) -> None:
        is_pattern = [pattern.suffix is not None for pattern in patterns]
        if is_pattern[0] and pending.pattern is not None:
            raise NinjagenError(
                "*** mixed implicit and static pattern rules.  Stop.", pending.loc
            )
        if is_pattern[0] and not all(is_pattern):
            raise NinjagenError("*** mixed implicit and normal rules.  Stop.", pending.loc)
        if any(is_pattern) and not is_pattern[0]:
            self.evaluator.complain(
                f"{pending.loc}: *** mixed implicit and normal rules: deprecated syntax"
            )

    def _record_explicit(self, pending: PendingRule, recipe: Recipe | None) -> None:
        env = self.evaluator
        static = Pattern.parse(pending.pattern) if pending.pattern is not None else None
        if pending.is_plain:
            common = [Prerequisite(name) for name in pending.prerequisites.split()]
        else:
            common = self.reader.prerequisites(pending.prerequisites, glob=static is None)
        seen: set[str] = set()
        for target in pending.targets:
            if not pending.is_plain:
                target = unquote(target, "%")
            prerequisites, stem = common, ""
            if static is not None:
                matched = static.stem(target)
                if matched is None:
                    env.complain(
                        f"{pending.loc}: target '{target}' doesn't match the target pattern"
                    )
                    stem, prerequisites = target, []
                else:
                    stem, prerequisites = matched, self.filled(common, matched)
            self._enter_rule(pending, target, prerequisites, recipe, stem, target in seen)
            seen.add(target)
        if pending.is_grouped:
            for target in reversed(pending.targets):
                file = env.database.enter(target)
                entry = file.double_colon[-1] if file.double_colon else file
                if entry.is_grouped and recipe is not None:
                    env.complain(
                        f"{recipe.first}: warning: overriding group membership for target"
                        f" '{target}'"
                    )
                entry.also_makes = [other for other in pending.targets if other != target]
                entry.is_grouped = True

    def filled(self, common: list[Prerequisite], stem: str) -> list[Prerequisite]:
        """Return a static pattern rule's prerequisites with `%` filled in."""
        result = []
        for prerequisite in common:
            if "%" not in prerequisite.name:
                result.append(prerequisite)
                continue
            name = strip_dot_slash(Pattern.parse(prerequisite.name).fill(stem))
            if name:
                result.append(Prerequisite(name, prerequisite.order_only))
        return result

    def _enter_rule(
        self,
        pending: PendingRule,
        target: str,
        prerequisites: list[Prerequisite],
        recipe: Recipe | None,
        stem: str,
        is_repeated: bool,
    ) -> None:
        env = self.evaluator
        database = env.database
        file = database.enter(target)
        for prerequisite in prerequisites:
            database.enter(prerequisite.name)
        if pending.is_double_colon:
            self._enter_double_colon(file, prerequisites, recipe, stem, pending.loc)
            return
        if file.double_colon is not None:
            raise NinjagenError(
                f"*** target file '{target}' has both : and :: entries.  Stop.", pending.loc
            )
        if recipe is not None and is_repeated:
            env.complain(
                f"{pending.loc}: target '{target}' given more than once in the same rule"
            )
        elif recipe is not None and file.recipe is not None and file.is_target:
            env.complain(f"{recipe.first}: warning: overriding recipe for target '{target}'")
            env.complain(
                f"{file.recipe.first}: warning: ignoring old recipe for target '{target}'"
            )
        if target == ".DEFAULT" and recipe is None and not prerequisites:
            file.recipe = None
        if target == ".SUFFIXES" and recipe is None and not prerequisites:
            file.prerequisites = []
        file.is_target = True
        if recipe is not None:
            # $< is the first prerequisite of the rule that has the recipe.
            file.prerequisites = prerequisites + file.prerequisites
            file.recipe = recipe
        else:
            file.prerequisites = file.prerequisites + prerequisites
        if pending.pattern is not None:
            file.stem = stem

    def _enter_double_colon(
        self,
        file: File,
        prerequisites: list[Prerequisite],
        recipe: Recipe | None,
        stem: str,
        loc: Loc,
    ) -> None:
        if file.is_target and file.double_colon is None:
            raise NinjagenError(
                f"*** target file '{file.name}' has both : and :: entries.  Stop.", loc
            )
        file.is_target = True
        if file.double_colon is None:
            file.double_colon = []
        entry = File(file.name, list(prerequisites), recipe, stem or None, is_target=True)
        entry.root, entry.variables = file, file.variables
        file.double_colon.append(entry)
