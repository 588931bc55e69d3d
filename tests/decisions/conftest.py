"""Engagements made for the tests of the decision models."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.intake.assumptions import Assumptions, defaults
from assess.intake.engagement import Engagement, Team
from assess.intake.engagement.landscape import Integration


def assume(values: dict[str, float | tuple[float, float, float]]) -> Assumptions:
    """Return assumptions with overrides in the engagement's currency."""
    overrides = {}
    for key, value in values.items():
        low, likely, high = value if isinstance(value, tuple) else (value, value, value)
        overrides[key] = defaults()[key].model_copy(
            update={"low": low, "likely": likely, "high": high, "overridden": True}
        )
    return Assumptions(overrides=overrides)


@pytest.fixture
def assumptions() -> Callable[..., Assumptions]:
    return assume


@pytest.fixture
def make() -> Callable[..., Engagement]:
    """Return a maker of engagements with ``count`` integrations of equal fields."""

    def made(count: int = 3, *, assumed=None, team: Team | None = None, fields=None, **more) -> Engagement:
        said = Source(kind="input", place="integrations.csv", row=2, column="volume")
        each = {"volume": Estimate(low=1e5, likely=2e5, high=4e5, source=said), **(fields or {})}
        integrations = tuple(
            Integration(id=f"i{place}", source=f"s{place}", target="t", **each) for place in range(count)
        )
        values = {
            "folder": Path(),
            "client": "Test",
            "date": dt.date(2026, 7, 1),
            "assumptions": assume(assumed or {}),
            "integrations": integrations,
            "team": team or Team(),
        }
        return Engagement(**{**values, **more})

    return made


PLAIN: dict[str, float] = {
    "money.inflation": 0, "money.discount_rate": 0, "team.day_rate": 1000, "team.people": 10, "team.focus": 1,
    "team.reserve": 0, "team.skill": 0.5, "people.wage": 100_000, "build.cost": 10_000, "build.factor.api-first": 1,
    "build.factor.ipaas": 1.2, "build.factor.event-driven": 1.5, "build.config_share": 0.25, "build.coverage": 0.6,
    "build.learning_rate": 0.8, "skill.psi": 1.5, "skill.ramp_days": 4, "setup.days.api-first": 30,
    "setup.days.ipaas": 10, "setup.days.event-driven": 60, "people.fte.api-first": 0.2, "people.fte.ipaas": 0.1,
    "people.fte.event-driven": 0.5, "people.scarcity.api-first": 0.1, "people.scarcity.ipaas": 0.2,
    "people.scarcity.event-driven": 0.3, "infrastructure.api-first": 5000, "infrastructure.ipaas": 2000,
    "infrastructure.event-driven": 9000, "overrun.single": 1.1, "overrun.factor": 1,
    "rework.factor": 1, "benefits.realised": 1, "rollout.months": 1, "maintenance.custom": 0.25, "maintenance.ipaas": 0.1,
    "maintenance.change_share": 0.4, "change.per_year": 2, "change.hours": 4, "change.abstraction": 0.5,
    "portfolio.coordination": 7000, "exit.hazard.api-first": 0.1, "exit.hazard.ipaas": 0.2,
    "exit.hazard.event-driven": 0.1, "exit.share.api-first": 0.5, "exit.share.ipaas": 1, "exit.share.event-driven": 0.5,
    "volume.growth": 0.5, "billing.retry_rate": 0.1, "billing.replicas": 2, "billing.vcore_per_flow": 0.1,
    "billing.messages_per_vcore": 1e6, "price.uplift": 0.1, "price.mulesoft.base": 50_000, "price.mulesoft.vcore": 10_000,
    "price.aws-api-gateway-http.first_300M": 2, "price.aws-api-gateway-http.over_300M": 1,
    "price.azure-event-hubs.throughput_unit": 20, "price.azure-event-hubs.events": 3, "volume.peak_factor": 10,
    **{
        f"{topic}.{style}": 0
        for topic in ("fanout", "people.each", "infrastructure.each", "failure.rate", "control.days")
        for style in ("api-first", "event-driven", "ipaas")
    },
}  # fmt: skip
"""Round numbers without spread: every line can be computed by hand."""


@pytest.fixture
def plain() -> dict[str, float]:
    return dict(PLAIN)
