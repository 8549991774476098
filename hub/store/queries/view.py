"""Who may see which rows: every list that partners may ask for is filtered here, and nowhere else."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

from hub.store.records import SPECS
from hub.store.sql import names, quoted
from hub.store.statements import Job, Query

R = TypeVar("R", bound=tuple[Any, ...])


@dataclass(frozen=True, slots=True)
class View:
    """What somebody sees: the rows of `partners`, or everything if that is None."""

    partners: frozenset[str] | None

    def sees(self, partner: str | None) -> bool:
        """Tell whether what belongs to this partner may be seen."""
        return self.partners is None or partner in self.partners


EVERYTHING = View(None)


@dataclass(slots=True)
class Selection:
    """A `where` clause in the making; only what was asked for becomes a condition."""

    conditions: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)

    def visible(self, view: View, column: str = "partner") -> "Selection":
        """Keep only what `view` may see."""
        if view.partners is not None:
            self.conditions.append(f"{column} in :seen_by")
            self.parameters["seen_by"] = sorted(view.partners) or [""]
        return self

    def equal(self, **wanted: Any) -> "Selection":
        """Keep rows with these values; None means any value."""
        for column, value in wanted.items():
            if value is not None:
                self.conditions.append(f"{column} = :{column}")
                self.parameters[column] = value
        return self

    def also(self, condition: str, **parameters: Any) -> "Selection":
        """Keep only rows for which this holds too."""
        self.conditions.append(condition)
        self.parameters |= parameters
        return self

    @property
    def where(self) -> str:
        """The clause, empty if everything is wanted."""
        return f" where {' and '.join(self.conditions)}" if self.conditions else ""


def select(
    record: type[R], selection: Selection | None = None, *, order: str = "", limit: int | None = None
) -> Job[list[R]]:
    """Return the rows of a table that a selection keeps."""
    spec, chosen = SPECS[record], selection or Selection()
    sql = f"select {names(spec.columns)} from {quoted(spec.name)}{chosen.where}"
    parameters = dict(chosen.parameters)
    if order:
        sql += f" order by {order}"
    if limit is not None:
        sql += " limit :limit_rows"
        parameters["limit_rows"] = limit
    rows = yield Query(sql, parameters, spec.types)
    return [record(*row) for row in rows]
