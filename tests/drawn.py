"""An engagement whose size, systems, needs and team are drawn."""

import datetime as dt
import random
from pathlib import Path

from assess.core.cache import Cache
from assess.core.estimate import Estimate
from assess.decisions.assessment import Assessment
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement, Team
from assess.intake.engagement.answers import RiskRow
from assess.intake.engagement.landscape import Integration, System

OFFERS = (
    ("rest",),
    ("rest", "events"),
    ("file",),
    ("database",),
    ("none",),
    ("soap", "file"),
    ("rest", "webhook", "file"),
)


def generated(seed):
    """Return an engagement whose size, systems, needs and team are drawn."""
    draw = random.Random(seed)
    systems = tuple(
        System(id=f"s{n}", name=draw.choice(("", f"System {n}")), interfaces=draw.choice(OFFERS))
        for n in range(draw.randint(2, 7))
    )
    integrations = []
    for n in range(draw.randint(1, 14)):
        source, target = draw.sample([system.id for system in systems], 2)
        volume = draw.choice((500.0, 20_000.0, 3e6))
        integrations.append(
            Integration(
                id=f"i{n}",
                name=draw.choice(("", f"Flow {n}")),
                source=source,
                target=target,
                style_today=draw.choice((None, "none", "manual", "file-exchange", "api-first")),
                interaction=draw.choice((None, "request-reply", "notify-many", "bulk")),
                criticality=draw.choice((None, "low", "high", "critical")),
                volume=draw.choice((None, Estimate(low=volume * 0.7, likely=volume, high=volume * 2))),
                latency_seconds=draw.choice((None, 2.0, 300.0, 86_400.0)),
                changes_per_year=draw.choice((None, Estimate.point(4.0))),
            )
        )
    risks = tuple(
        RiskRow(
            id=f"r{n}", name=f"Risk {n}", category=draw.choice(("scope", "lock-in", "data-quality")),
            frequency=Estimate(low=0.1, likely=0.5, high=draw.choice((1, 9))), loss_low=1e3, loss_high=draw.choice((5e3, 9e5)),
        )
        for n in range(draw.randint(0, 3))
    )  # fmt: skip
    made = Assessment(
        Engagement(
            folder=Path(), client="Generated", assumptions=Assumptions(), systems=systems, integrations=tuple(integrations),
            team=Team(people=draw.randint(1, 12)), currency=draw.choice(("EUR", "USD")), risks=risks,
            start=draw.choice((None, dt.date(2027, 1, 4))), horizon_years=draw.randint(2, 7),
        ),
        draws=100,
    )  # fmt: skip
    made._cache = Cache(None)
    return made
