"""The client: goals, team, constraints and how its data may be read."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from assess.core.grants import typed
from assess.core.trust import Allowed
from assess.intake.problem import quote_value

from .landscape import Row, Style, Unit


class Goal(Row):
    """A business goal, the metric that shows it, and where the metric stands."""

    id: str
    """Short name by which integrations refer to it."""
    goal: str
    """What the business wants, in its own words."""
    metric: str = ""
    """What is measured to see it."""
    unit: str = ""
    """Unit of the metric."""
    today: float | None = None
    """Where the metric stands now."""
    target: float | None = None
    """Where it should be."""
    owner: str = ""
    """Who answers for it."""


class Team(Row):
    """Who builds and runs the integrations."""

    people: NonNegativeFloat | None = None
    """Number of people who build and run integrations."""
    teams: PositiveInt | None = None
    """Number of teams among which they are divided."""
    day_rate: Annotated[NonNegativeFloat | None, Unit(name="money")] = None
    """Cost of one person-day, in the engagement's currency."""
    days_per_week: PositiveFloat = 5
    """Working days in a week."""
    focus: float | None = Field(default=None, ge=0, le=1)
    """Share of the working time that goes into integration work."""
    maintenance_reserve: float | None = Field(default=None, ge=0, le=1)
    """Share of the working time that is kept for maintenance."""
    skills: dict[Style, Annotated[float, Field(ge=0, le=1)]] = {}
    """Experience with each style from 0 (none) to 1 (has run it in production for years)."""


class Constraints(Row):
    """What every solution must respect."""

    residency: tuple[str, ...] = ()
    """Regions in which data may be processed; empty means anywhere."""
    certifications: tuple[str, ...] = ()
    """Certifications that a platform must hold."""
    excluded_styles: tuple[Style, ...] = ()
    """Styles that are ruled out, for whatever reason."""
    budget: Annotated[NonNegativeFloat | None, Unit(name="money")] = None
    """Most that may be spent until all integrations run."""


class DataAccess(Row):
    """What the engagement asks for when its extracts are read; the consultant allows it, see `assess.core.trust`.

    Nothing is read or written because it stands here.
    """

    allow_outside: bool = False
    """Whether it asks for data outside its folder, or behind URLs."""
    memory_limit: str = ""
    """Memory of the engine that it asks for, such as ``4GB``."""
    spill_folder: str = ""
    """Where it asks to put what does not fit into memory."""

    def refused(self, allowance: Allowed) -> tuple[str, ...]:
        """Return what it asks for and was not allowed, a sentence each, with the option that allows it."""
        asked = {
            "allow_outside": (
                self.allow_outside and not allowance.sources,
                "yes",
                "--allow SOURCE, for each place",
            ),
            "memory_limit": (
                self.memory_limit not in ("", allowance.memory),
                self.memory_limit,
                f"--memory {typed(self.memory_limit)}",
            ),
            "spill_folder": (
                bool(self.spill_folder) and not allowance.spill_folder,
                self.spill_folder,
                f"--spill-folder {typed(self.spill_folder)}",
            ),
        }
        place = self.origin.place if self.origin else "engagement.yaml"
        return tuple(
            f'{place}, key data.{key}: asks for "{quote_value(value)}", which an engagement can\'t allow and is not done; '
            f"it is yours to allow: {option if quote_value(value) == value else option.partition(' ')[0]}"
            for key, (refused, value, option) in asked.items()
            if refused
        )
