"""What the team can do in a week."""

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
            team.said(f"team.{name}") if value is not None else assumptions[key].source
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
