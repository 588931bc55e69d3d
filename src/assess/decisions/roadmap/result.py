"""The plan: items with dates, increments with capacity, phases, needs, pilot and operating model."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import pandas as pd

from assess.core.estimate import Estimate
from assess.core.finding import Finding, Missing
from assess.core.record import Record
from assess.core.source import Fact, Source

ItemKind = Literal["gate", "foundation", "contract", "repair", "integration", "retire"]


class PlanItem(Record):
    """Something to do.

    Parameters
    ----------
    days
        Person-days as planned (PERT mean).
    start, end
        Weeks from the start of the plan; None where it fits nowhere.
    late
        P10, P50, P80 and P90 of its end in weeks; None where a draw fits nowhere within the horizon.
    by_team
        Whether the integration team does it; other people's work takes time, not the team's capacity.
    delay_cost
        Money a week that waiting for it costs.
    priority
        Cost of delay over size, for enabling work the best of what waits for it.
    critical
        Whether it lies on the longest chain to the last that runs.
    """

    id: str
    label: str
    kind: ItemKind
    style: str
    owner: str
    days: float
    start: int | None
    end: int | None
    late: tuple[float | None, float | None, float | None, float | None]
    by_team: bool
    after: tuple[str, ...]
    delay_cost: float
    priority: float
    critical: bool
    sources: tuple[Source, ...] = ()


class Increment(Record):
    """Two weeks: person-days there are, kept free, needed for maintenance, planned."""

    number: int
    start: dt.date | None
    gross: float
    maintenance: float
    capacity: float
    used: float
    items: tuple[str, ...]


class Phase(Record):
    """A phase of the plan against the published range, in weeks."""

    key: str
    label: str
    weeks: float | None
    low: float
    high: float
    verdict: Literal["within", "shorter", "longer", "unknown"]
    sources: tuple[Source, ...]


class StaffNeed(Record):
    """Person-days of a skill in an increment."""

    increment: int
    skill: str
    days: float


class Share(Record):
    """What one part of the organisation does of the plan.

    Parameters
    ----------
    who
        The centre, or the owner who delivers; empty where an integration names none.
    standards
        Whether it sets standards (foundations, contracts) rather than delivers.
    """

    who: str
    standards: bool
    integrations: tuple[str, ...]
    days: float


class OperatingModel(Record):
    """Who does what: central standards, distributed delivery.

    Parameters
    ----------
    people
        People whom the standards take while the plan runs; None without a plan that ends.
    reuse
        Person-days that templates, patterns and connectors of the first integrations of a style save in those after them.
    """

    key: Literal["one team", "centre of excellence"]
    text: str
    shares: tuple[Share, ...] = ()
    people: float | None = None
    reuse: Estimate | None = None
    sources: tuple[Source, ...]


class Roadmap(Record):
    """In which order, by when, with whom.

    Parameters
    ----------
    end
        Weeks until all runs that is planned, and all has ended that is retired; ``finish`` its P10, P50, P80, P90 in the
        drawn futures. What only a later gate needs may end after it.
    on_time
        P(all runs by ``due`` weeks).
    due
        Weeks against which ``on_time`` is judged.
    reserve_week
        First week in which maintenance needs the whole reserve; None where it never does in the plan.
    reserve_at_full_pace
        The same if the whole team only built, see `used_up_after`.
    unplaced
        Items that fit nowhere: maintenance leaves no capacity for them.
    later
        Integrations that are decided, but not to begin with: nothing of theirs is planned.
    """

    start: dt.date | None = None
    items: tuple[PlanItem, ...] = ()
    increments: tuple[Increment, ...] = ()
    end: int | None = None
    finish: tuple[float | None, float | None, float | None, float | None] = (None, None, None, None)
    due: float | None = None
    on_time: float | None = None
    reserve_week: int | None = None
    reserve_at_full_pace: float | None = None
    phases: tuple[Phase, ...] = ()
    needs: tuple[StaffNeed, ...] = ()
    pilot: str | None = None
    pilot_proves: str = ""
    first: str | None = None
    operating_model: OperatingModel | None = None
    unplaced: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    facts: tuple[Fact, ...] = ()

    def item(self, id: str) -> PlanItem:
        """Return one item.

        Raises
        ------
        KeyError
            If there is none of this id.
        """
        return {item.id: item for item in self.items}[id]

    @property
    def programme(self) -> dict[str, str]:
        """Integration to style of all that is planned to be built."""
        return {
            item.id.removeprefix("build:"): item.style for item in self.items if item.kind == "integration"
        }

    @property
    def dates(self) -> dict[str, dt.date]:
        """Integration to the day from which it runs, or no longer does; none without a start or an end."""
        if self.start is None:
            return {}
        return {
            item.id.partition(":")[2]: self.start + dt.timedelta(weeks=item.end)
            for item in self.items
            if item.kind in ("integration", "retire") and item.end is not None
        }

    @property
    def spare_days(self) -> float | None:
        """Person-days that the increments leave free for new work until the plan ends; None without a plan."""
        if not self.increments:
            return None
        return sum(max(each.capacity - each.used, 0.0) for each in self.increments)

    @property
    def table(self) -> pd.DataFrame:
        """One row per item, in the order of their start."""
        names = ["item", "kind", "style", "owner", "days", "start", "end", "p80"]
        rows = [[i.label, i.kind, i.style, i.owner, i.days, i.start, i.end, i.late[2]] for i in self.items]
        return pd.DataFrame(rows, columns=names)
