"""The variables that a target's recipe sees: its own, its patterns', and its parents'."""

from __future__ import annotations

from collections.abc import Mapping

from ninjagen.make import ast
from ninjagen.make.evaluator import Evaluator
from ninjagen.make.names import HIDDEN, Bound
from ninjagen.make.rules import File
from ninjagen.make.variables import Variable

Scope = Mapping[str, Variable | Bound]


class Scopes:
    """Target- and pattern-specific variables, put together for one target at a time.

    A prerequisite inherits them from the target that first needed it, except private ones
    (manual 6.13); its own beat its patterns', which beat the inherited (manual 6.12).
    """

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.database = evaluator.database
        self._scopes: dict[int, tuple[File | None, Scope, Scope]] = {}
        self._hidden: dict[str, Variable | Bound] = {
            name: HIDDEN for name in evaluator.privates if evaluator.variables[name].private
        }

    def scope_of(self, file: File) -> Scope:
        """Return what the recipe of a file sees beside the global variables."""
        scope = self._both(file.root or file)[0]
        return {**self._hidden, **scope} if self._hidden else scope

    def _both(self, file: File) -> tuple[Scope, Scope]:
        """Return what a file's recipe sees, and what its prerequisites inherit."""
        known = self._scopes.get(id(file))
        if known is not None and known[0] is file.parent:
            return known[1], known[2]
        base: Scope = {}
        if file.parent is not None:
            base = self._both(file.parent.root or file.parent)[1]
        scope, inherited = self._layered(base, [self._pattern_variables(file), file.variables])
        self._scopes[id(file)] = (file.parent, scope, inherited)
        return scope, inherited

    def _layered(self, base: Scope, layers: list[dict[str, Variable]]) -> tuple[Scope, Scope]:
        if not any(layers):
            return base, base
        scope, inherited = dict(base), dict(base)
        for layer in layers:
            for name, variable in layer.items():
                own = variable
                if variable.append:
                    own = self._appended_to(scope.get(name), variable)
                    variable = self._appended_to(inherited.get(name), variable)
                scope[name] = own
                if not variable.private:
                    inherited[name] = variable
        return scope, inherited

    def _appended_to(self, above: Variable | Bound | None, variable: Variable) -> Variable:
        """Return a `+=` variable that knows the one of the scope above, if that is a target's."""
        return variable.copy(base=above if isinstance(above, Variable) else None)

    def _pattern_variables(self, file: File) -> dict[str, Variable]:
        found: dict[str, Variable] = {}
        for entry in self.database.pattern_variables:
            if entry.pattern.stem(file.name) is None:
                continue
            variable = entry.variable
            made: Variable | None = variable
            if entry.op in ("+=", "?="):
                made = self._made_here(entry.op, variable, found)
            old = found.get(entry.name)
            if old is not None and made is None:
                made = old  # as it was, but for what the pattern says of export and private
            elif old is not None and made is not None:
                append = made.append if made.recursive else old.append  # `:=` leaves it
                made = (old if made.origin < old.origin else made).copy(append=append)
            if made is not None:
                found[entry.name] = made.copy(export=variable.export, private=variable.private)
            else:
                self._mark_global(variable)
        return found

    def _made_here(
        self, op: str, variable: Variable, found: dict[str, Variable]
    ) -> Variable | None:
        """Apply `+=` or `?=` to what the patterns before gave."""
        assert variable.loc is not None
        statement = ast.Assign(variable.name, op, variable.value, ast.Modifiers(), variable.loc)
        with self.evaluator.scope(found):
            return self.evaluator.rules.variable_for_target(statement, variable.origin, found)

    def _mark_global(self, pattern_variable: Variable) -> None:
        """A `?=` that finds a global variable makes that one private, or not."""
        name = pattern_variable.name
        held = self.evaluator.variables.get(name)
        if held is None:
            return
        self.evaluator.hold(held.copy(
            private=pattern_variable.private, export=pattern_variable.export
        ))
        self._hidden.pop(name, None)
        if pattern_variable.private:
            self._hidden[name] = HIDDEN
