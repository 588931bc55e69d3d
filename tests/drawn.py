"""Engagements that nobody wrote by hand: landscape, process, goals, limits, risks, answers and team are drawn."""

import datetime as dt
import random
from pathlib import Path

from assess.core.cache import Cache
from assess.core.estimate import Estimate
from assess.decisions.assessment import Assessment
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import (
    Constraints,
    Engagement,
    Goal,
    ProcessStep,
    ReadinessAnswer,
    RiskRow,
    Team,
)
from assess.intake.engagement.landscape import STYLE_PLAIN, Integration, System

TODAY = (None, "none", "manual", "point-to-point", "file-exchange", "database-access", "api-first", "ipaas")
INTERFACES = ("rest", "soap", "events", "webhook", "file", "database")
PRACTICES = ("exit-strategy/documented", "skills/second-person", "data-governance/owners-named")


def drawn_integration(rng, n, systems, full):
    """Draw an integration; of what may be left out a third is stated where ``full`` is not set."""

    def stated(*values):
        value = rng.choice(values)
        return value if full or rng.random() < 0.3 else None

    source, target = rng.sample([system.id for system in systems], 2)
    volume = 10 ** rng.uniform(2, 6.5)
    return Integration(
        id=f"i{n}", name=rng.choice(("", f"Flow {n}")), source=source, target=target, style_today=rng.choice(TODAY),
        interaction=stated("request-reply", "notify-many", "bulk"),
        volume=stated(Estimate(low=volume / 2, likely=volume, high=volume * 3)),
        latency_seconds=stated(0.5, 60, 3600, 86_400), consumers=stated(1, 3, 12), customisation=stated(0.1, 0.8),
        criticality=stated("low", "medium", "high", "critical"), coverage=stated(None, 0.2, 0.9), governance=stated(None, "low", "high"),
        changes_per_year=stated(None, Estimate.point(1), Estimate.point(6)), partner=stated(None, True, False),
        build_days=rng.choice((None, Estimate(low=5, likely=12, high=40))), required=rng.choice((None, None, None, True)),
        goals=tuple(rng.sample(("a", "b"), rng.randint(0, 2))),
    )  # fmt: skip


def drawn_engagement(seed):
    """Return an engagement drawn at random: half of them small, with a limit to the ways of connecting, half larger."""
    rng = random.Random(seed)
    small, full = rng.random() < 0.5, rng.random() < 0.6
    systems = tuple(
        System(id=f"s{n}", name=rng.choice(("", f"System {n}")), interfaces=tuple(rng.sample(INTERFACES, rng.randint(0, 4))) or rng.choice(((), ("none",))))
        for n in range(3 if small else rng.randint(2, 7))
    )  # fmt: skip
    integrations = tuple(
        drawn_integration(rng, n, systems, full) for n in range(rng.randint(1, 3 if small else 12))
    )
    steps = tuple(
        ProcessStep(
            step=f"p{n}", process_minutes=Estimate.point(rng.uniform(1, 20)), wait_minutes=Estimate.point(rng.uniform(0, 3000)),
            volume=Estimate.point(rng.uniform(50, 8000)), reentry=rng.random() < 0.7, integration=f"i{n}",
            complete_accurate=rng.choice((None, 0.8, 0.95)),
        )
        for n in range(rng.choice((0, rng.randint(0, len(integrations)), len(integrations))))
    )  # fmt: skip
    risks = tuple(
        RiskRow(
            id=f"r{n}", name=rng.choice(("", f"Risk {n}")), category=rng.choice(("testing", "people", "lock-in", "capacity", "scope", "data-quality")),
            frequency=rng.choice((Estimate.point(rng.uniform(0.1, 5)), Estimate(low=0.1, likely=0.5, high=rng.choice((1, 9))))),
            loss_low=1000, loss_high=rng.uniform(2000, 900_000), styles=rng.choice(((), ("ipaas",), ("file-exchange",))),
            **rng.choice(({}, {"mitigation": "Mend", "mitigation_cost": 5000, "mitigation_effect": 0.5})),
        )
        for n in range(rng.randint(0, 3))
    )  # fmt: skip
    answers = tuple(
        ReadinessAnswer(practice=practice, answer=rng.choice(("0", "0.5", "1")), respondent=who, evidence=rng.choice(("", "paper")))
        for practice in PRACTICES
        for who in rng.choice(("A", "AB"))
        if rng.random() < 0.5
    )  # fmt: skip
    limits = Constraints(
        budget=rng.choice((None, 5_000.0, 10 ** rng.uniform(4.5, 6))),
        excluded_styles=tuple(rng.sample(list(STYLE_PLAIN), rng.randint(1, 5))),
    )
    return Engagement(
        folder=Path(), client="Drawn", date=dt.date(2026, 7, 1), start=rng.choice((None, dt.date(2026, 9, 1), dt.date(2027, 1, 4))),
        currency=rng.choice(("EUR", "USD")), horizon_years=rng.choice((2, 5, 7)), assumptions=Assumptions(), systems=systems,
        integrations=integrations, value_stream=steps, risks=risks, readiness=answers, constraints=limits if small else Constraints(),
        goals=(Goal(id="a", goal="Faster"), Goal(id="b", goal="Right")),
        team=Team(people=rng.choice((1, 2, 6, 12)), day_rate=rng.choice((None, 600)), skills={"api-first": 0.8, "ipaas": 0.6} if full else {}),
    )  # fmt: skip


def assess_drawn(seed):
    """Assess a drawn engagement; nothing of it is kept."""
    made = Assessment(drawn_engagement(seed), draws=100)
    made._cache = Cache(None)
    return made
