"""What the team can do in a week, and how long the capacity that is kept for maintenance lasts."""

from __future__ import annotations

from dataclasses import dataclass

from assess.core.source import Source
from assess.intake.engagement import Engagement


@dataclass(frozen=True)
class Capacity:
    """Person-days of a week.

    Parameters
    ----------
    gross
        People times days times focus.
    reserve
        Share of it that is kept for maintenance.
    maintenance
        Upkeep a year of what was built, as a share of the effort.
    pace
        Most that one item takes in a week: a crew, but no more than there is.
    one_person
        What a person outside the team gives.
    """

    gross: float
    reserve: float
    maintenance: float
    pace: float
    one_person: float
    sources: tuple[Source, ...]

    @property
    def free(self) -> float:
        """What is left for new work before anything runs."""
        return self.gross * (1 - self.reserve)

    @classmethod
    def of(cls, engagement: Engagement) -> Capacity:
        """Return the capacity of the engagement's team, dated defaults where it says nothing."""
        team, assumptions = engagement.team, engagement.assumptions
        people = assumptions["team.people"].mean if team.people is None else team.people
        focus = assumptions["team.focus"].mean if team.focus is None else team.focus
        kept = team.maintenance_reserve
        kept = assumptions["team.reserve"].likely if kept is None else kept
        gross = people * team.days_per_week * focus
        crew = assumptions["roadmap.crew"].likely * team.days_per_week * focus
        upkeep = assumptions["maintenance.custom"]
        sources = [
            team.cite(f"team.{name}") if value is not None else assumptions[key].source
            for name, value, key in (
                ("people", team.people, "team.people"),
                ("focus", team.focus, "team.focus"),
                ("maintenance_reserve", team.maintenance_reserve, "team.reserve"),
            )
        ]
        return cls(
            gross=gross,
            reserve=kept,
            maintenance=upkeep.mean,
            pace=max(min(crew, gross * (1 - kept)), 1e-9),
            one_person=max(team.days_per_week * focus, 1e-9),
            sources=tuple(s for s in (*sources, upkeep.source, assumptions["roadmap.crew"].source) if s),
        )


SPRINTS = 26
"""Increments of two weeks in a year."""


def used_up_after(maintenance: float, reserve: float = 0.2) -> float:
    """Return the weeks of building at full capacity after which maintenance needs the whole reserve.

    Each increment builds ``1 - reserve`` of the capacity and so adds ``maintenance (1 - reserve) / 26`` of
    it to the upkeep of every later increment: the reserve is used up after
    ``26 reserve / (maintenance (1 - reserve))`` increments, about ``6.5 / m`` at a fifth.

    Parameters
    ----------
    maintenance
        Upkeep a year, as a share of the effort to build; above 0.
    reserve
        Share of the capacity that is kept.

    >>> round(used_up_after(0.22)), round(used_up_after(0.25))
    (59, 52)
    """
    return 2 * SPRINTS * reserve / (maintenance * (1 - reserve))


def wsjf(cost_of_delay: float, size: float) -> float:
    """Return the weighted shortest job first: cost of delay over size (Reinertsen 2009).

    >>> wsjf(100 + 50 + 20, 10), wsjf(80 + 30 + 10, 5)
    (17.0, 24.0)
    """
    return cost_of_delay / max(size, 1e-9)
