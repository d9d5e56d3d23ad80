"""Variables: their flavor, origin and export status."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, TypeVar

from ninjagen.source import Loc

if TYPE_CHECKING:
    from ninjagen.make.ast import Expr

_T = TypeVar("_T")


class Origin(IntEnum):
    """Where a variable got its value; a weaker one does not replace a stronger (manual 8.10)."""

    DEFAULT = 0
    ENVIRONMENT = 1
    FILE = 2
    ENVIRONMENT_OVERRIDE = 3
    COMMAND_LINE = 4
    OVERRIDE = 5
    AUTOMATIC = 6

    @property
    def words(self) -> str:
        """The origin as $(origin) spells it."""
        return self.name.lower().replace("_", " ")


class Exporting(Enum):
    """Whether a variable reaches the environment of recipes (manual 5.7.2)."""

    DEFAULT = 0
    YES = 1
    NO = 2


class Variable:
    """A name's value. Never changed once made, but for what expanding it leaves here."""

    __slots__ = (
        "append",
        "base",
        "epoch",
        "expanding",
        "export",
        "expr",
        "kept",
        "loc",
        "may_recurse",
        "name",
        "origin",
        "private",
        "recursive",
        "value",
    )

    depth = 0  # as a target has it; see Bound

    def __init__(
        self,
        name: str,
        value: str,
        recursive: bool,
        origin: Origin,
        export: Exporting = Exporting.DEFAULT,
        private: bool = False,
        loc: Loc | None = None,
        append: bool = False,
        base: Variable | None = None,
    ) -> None:
        self.name = name
        self.value = value
        self.recursive = recursive
        self.origin = origin
        self.export = export
        self.private = private
        self.loc = loc
        self.append = append  # target-specific `+=`: the value of the scope above comes first
        self.base = base  # that value, once the scope above is known
        self.expr: Expr | None = None  # `value` parsed, when it was first expanded
        self.expanding = False
        self.may_recurse = 0  # how deep $(call) lets it expand itself
        self.epoch = 0  # while this lasts, the value expands to `kept`; see Names.remembering
        self.kept = ""

    def copy(self, **changes: object) -> Variable:
        """Return a variable with some fields changed."""
        fields = {
            "name": self.name,
            "value": self.value,
            "recursive": self.recursive,
            "origin": self.origin,
            "export": self.export,
            "private": self.private,
            "loc": self.loc,
            "append": self.append,
            "base": self.base,
        }
        fields.update(changes)
        return Variable(**fields)  # type: ignore[arg-type]

    def __repr__(self) -> str:
        return f"Variable({self.name!r} {'=' if self.recursive else ':='} {self.value!r})"


def constant(name: str, value: str, origin: Origin) -> Variable:
    """Return a simple variable."""
    return Variable(name, value, False, origin)


class Constants:
    """The variables of a makefile of nothing but `NAME=text` lines. Never changed.

    All looking goes through `get`, `common` and `all`: a world may give makes one that notes what
    they look for.
    """

    __slots__ = ("_variables", "get")

    def __init__(self, variables: Mapping[str, Variable]) -> None:
        self._variables = variables
        self.get: Callable[[str], Variable | None] = variables.get

    def common(self, names: Iterable[str]) -> set[str]:
        """Return which of some names are here."""
        return self._variables.keys() & names

    def all(self) -> Mapping[str, Variable]:
        """Return everything."""
        return self._variables

    def is_of(self, other: Constants) -> bool:
        """Tell whether both are of one makefile."""
        return self._variables is other._variables

    def __len__(self) -> int:
        return len(self._variables)


_NO_CONSTANTS = Constants({})


class Variables(MutableMapping[str, Variable]):
    """The global variables of a make process, by name.

    A makefile of nothing but constants (auto.conf: thousands of them, of each of thousands of
    processes) is not copied into `own`; it lies below.
    """

    __slots__ = ("own", "shared")

    def __init__(self) -> None:
        self.own: dict[str, Variable] = {}
        self.shared = _NO_CONSTANTS

    def share(self, constants: Constants) -> None:
        """Let constants take the place of what their names mean, as they are."""
        own, before = self.own, self.shared
        if len(constants) < len(before):  # the largest lies below
            own.update(constants.all())
            return
        for name in constants.common(own):
            del own[name]
        if not before.is_of(constants):
            hidden = constants.common(before.all())
            for name, variable in before.all().items():
                if name not in hidden:
                    own.setdefault(name, variable)
        self.shared = constants

    def get(self, name: str, default: _T | None = None) -> Variable | _T | None:  # type: ignore[override]
        """Return the variable with a name, or a default."""
        return self.own.get(name) or self.shared.get(name) or default

    def __getitem__(self, name: str) -> Variable:
        found = self.own.get(name) or self.shared.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self.own or self.shared.get(name) is not None  # type: ignore[arg-type]

    def __setitem__(self, name: str, variable: Variable) -> None:
        self.own[name] = variable

    def __delitem__(self, name: str) -> None:
        if self.shared.get(name) is not None:
            held = self.shared.all()
            self.shared = Constants({each: held[each] for each in held if each != name})
            self.own.pop(name, None)
        else:
            del self.own[name]

    def __iter__(self) -> Iterator[str]:
        yield from self.own
        yield from (name for name in self.shared.all() if name not in self.own)

    def __len__(self) -> int:
        return len(self.own.keys() | self.shared.all().keys())
