"""An engagement whose names a spreadsheet or a page could obey, its options, and their price by the engine."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from assess.core.estimate import Estimate
from assess.core.finding import Finding
from assess.decisions.cost.cashflow import cash_flows
from assess.decisions.cost.draws import likely
from assess.decisions.cost.parameters import gather
from assess.intake.assumptions import Assumptions, defaults
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import STYLES, Integration, Yearly

HOSTILE = ("=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)")
EXTRAS = {
    "benefits": [Yearly(id="b", label="=b", per_year=Estimate.point(90_000))],
    "losses": [Yearly(id="l", label="l", styles=("ipaas",), per_year=Estimate.point(20_000))],
    "remediation": [
        Finding(id="f", section="data_quality", severity="low", title="=x", effort=Estimate.point(5))
    ],
    "automated": {"i1": 0.8},
}


def engagement(count=4, assumed=None, **more):
    integrations = [
        Integration(
            id=f"i{place}", source=f"s{place}", target="t", volume=Estimate(low=1e5, likely=3e6, high=4e6)
        )
        for place in range(count)
    ]
    special = {
        "name": HOSTILE[0], "build_days": Estimate(low=10, likely=20, high=50), "customisation": 0.3, "growth": 0.4,
        "peak_per_second": 3000.0, "message_kb": 130.0,
    }  # fmt: skip
    integrations[0] = integrations[0].model_copy(update=special)
    overrides = {
        key: defaults()[key].model_copy(
            update={"low": value, "likely": value, "high": value, "overridden": True}
        )
        for key, value in (assumed or {}).items()
    }
    values = {"folder": Path(), "client": HOSTILE[1], "date": dt.date(2026, 7, 1), "horizon_years": 3}
    return Engagement(
        **{**values, **more}, assumptions=Assumptions(overrides=overrides), integrations=tuple(integrations)
    )


def options(made):
    found = {style: {item.id: style for item in made.integrations} for style in STYLES}
    mixed = ("api-first", "ipaas", "event-driven")
    found["portfolio"] = {item.id: mixed[place % 3] for place, item in enumerate(made.integrations)}
    return found


def engine(made, assignments, **extras):
    terms = gather(made, **extras)
    return [float(cash_flows(terms, likely(terms), item).npv[0]) for item in assignments.values()]
