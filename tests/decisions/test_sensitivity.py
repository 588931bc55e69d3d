"""What each input moves: from low to high the answer goes the right way, or stays; for a sample and three typical landscapes."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from assess.core.estimate import Estimate
from assess.decisions import framework
from assess.decisions.assessment import Assessment
from assess.decisions.cost.parameters import Inputs
from assess.decisions.decision.deciding import decide, find_rule
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement, Quote, System, Team
from assess.intake.engagement.landscape import Integration
from assess.intake.price_list import quoted_prices

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "lead_to_cash"
STYLES = ("api-first", "event-driven", "ipaas", "file-exchange", "api-facade", "database-access")


def landscape(count: int = 12, offers: tuple[str, ...] = ("rest", "webhook"), **fields: Any) -> Inputs:
    """Return integrations between eight systems of a client that knows every style a little."""
    rows = tuple(
        Integration(
            id=f"i{n}", source=f"s{n % 8}", target=f"s{(n + 1 + n // 8) % 8}",
            **{"interaction": "request-reply", "volume": Estimate.point(2e4), "growth": 0.1, "latency_seconds": 60.0, "consumers": 1,
               "criticality": "high", "changes_per_year": Estimate.point(3), "customisation": 0.2, "coverage": 0.7, "governance": "medium",
               "partner": False, "build_days": Estimate(low=9, likely=16, high=32), **fields},
        )
        for n in range(count)
    )  # fmt: skip
    systems = tuple(
        System(id=f"s{n}", interfaces=offers, connectors=("workato", "boomi"), residency="EU")
        for n in range(8)
    )
    team = Team(people=4, day_rate=800, focus=0.6, skills=dict(zip(STYLES, (0.5, 0.3, 0.4, 0.5, 0.4, 0.5), strict=True)))  # fmt: skip
    return Inputs(
        Engagement(
            folder=Path(), client="T", assumptions=Assumptions(), integrations=rows, systems=systems, team=team,
            exchange_rates={"USD": 0.9}, discount_rate=0.06,
        )
    )  # fmt: skip


LANDSCAPES: Mapping[str, Callable[[], Inputs]] = {
    "requests": landscape,
    "notifications": lambda: landscape(offers=("rest", "events", "webhook"), interaction="notify-many", consumers=3),
    "nightly lists": lambda: landscape(offers=("rest", "file", "webhook"), interaction="bulk", latency_seconds=86_400.0),
    "old systems": lambda: landscape(6, ("database", "file"), coverage=0.2),
    "close calls": lambda: landscape(24, interaction="notify-many", latency_seconds=3600.0, customisation=0.95, coverage=0.3,
                                     changes_per_year=Estimate.point(8)),
}  # fmt: skip
"""Typical landscapes near the middle, where there is something to move."""


class Lever(NamedTuple):
    """An input, two values of it, and whom moving from the first to the second helps or harms."""

    move: Callable[[Inputs, Any], Inputs]
    low: Any
    high: Any
    helps: tuple[str, ...] = ()
    harms: tuple[str, ...] = ()


def _every(**fields: Callable[[Any], Any]) -> Callable[[Inputs, Any], Inputs]:
    def move(inputs: Inputs, value: Any) -> Inputs:
        update = {name: make(value) for name, make in fields.items()}
        made = inputs.engagement
        rows = tuple(item.model_copy(update=update) for item in made.integrations)
        return dataclasses.replace(inputs, engagement=made.model_copy(update={"integrations": rows}))

    return move


def _number(inputs: Inputs, share: float) -> Inputs:
    """Keep the first of the integrations; above 1 there are so many times as many between the same systems."""
    made = inputs.engagement
    count = max(round(share * len(made.integrations)), 1)
    rows = tuple(
        made.integrations[n % len(made.integrations)].model_copy(
            update={"id": f"{made.integrations[n % len(made.integrations)].id}{'' if n < len(made.integrations) else f'-{n}'}"}
        )
        for n in range(count)
    )  # fmt: skip
    ids = {row.id for row in rows}
    benefits = (
        None if inputs.benefits is None else tuple(b for b in inputs.benefits if set(b.integrations) <= ids)
    )
    losses = (
        None
        if inputs.losses is None
        else tuple(loss for loss in inputs.losses if set(loss.integrations) <= ids)
    )
    observed = {id: seen for id, seen in inputs.observed.items() if id in ids}
    made = made.model_copy(update={"integrations": rows})
    return dataclasses.replace(inputs, engagement=made, benefits=benefits, losses=losses, observed=observed)


def _skill(style: str) -> Callable[[Inputs, float], Inputs]:
    def move(inputs: Inputs, value: float) -> Inputs:
        made = inputs.engagement
        team = made.team.model_copy(update={"skills": {**made.team.skills, style: value}})
        return dataclasses.replace(inputs, engagement=made.model_copy(update={"team": team}))

    return move


def _quoted(inputs: Inputs, price: float) -> Inputs:
    """Let a vendor offer its platform at a price a month, whatever the use, and the client name it."""
    made = inputs.engagement
    quote = Quote(
        plan="offer", vendor="workato", style="ipaas", unit="month", price=Estimate.point(price),
        date=made.date or dt.date(2026, 10, 1),
    )  # fmt: skip
    quotes = (quote,)
    given = made.assumptions.model_copy(update={"quoted": quoted_prices(quotes, made.currency, made.date)})
    update = {"quotes": quotes, "assumptions": given, "platform": ("offer",)}
    return dataclasses.replace(inputs, engagement=made.model_copy(update=update))


LEVERS: Mapping[str, Lever] = {
    "number": Lever(_number, 0.25, 3.0, helps=("ipaas",)),
    "skill in APIs": Lever(_skill("api-first"), 0.0, 1.0, helps=("api-first",)),
    "skill in events": Lever(_skill("event-driven"), 0.0, 1.0, helps=("event-driven",)),
    "skill in the platform": Lever(_skill("ipaas"), 0.0, 1.0, helps=("ipaas",)),
    "skill in files": Lever(_skill("file-exchange"), 0.0, 1.0, helps=("file-exchange",)),
    "skill in an API in front": Lever(_skill("api-facade"), 0.0, 1.0, helps=("api-facade",)),
    "coverage": Lever(_every(coverage=float), 0.05, 0.95, helps=("ipaas",)),
    "changes": Lever(_every(changes_per_year=Estimate.point), 0.5, 24.0, helps=("ipaas",)),
    "consumers": Lever(_every(consumers=int), 1, 10, harms=("api-first",)),
    "latency need": Lever(_every(latency_seconds=float), 86_400.0, 0.2, harms=("ipaas", "file-exchange")),
    "volume": Lever(_every(volume=Estimate.point), 1e3, 1e7, harms=("ipaas",)),
    "criticality": Lever(_every(criticality=str), "low", "critical", harms=("file-exchange",)),
    "governance": Lever(_every(governance=str), "low", "high", harms=("file-exchange",)),
    "uniqueness": Lever(_every(customisation=float), 0.0, 0.9, harms=("ipaas",)),
    "partner": Lever(_every(partner=bool), False, True, helps=("ipaas",)),
    "quote": Lever(_quoted, 200.0, 20_000.0, harms=("ipaas",)),
}
"""Every input of the sensitivity table; what it does to whom is that of docs/method/decision.md."""


def sample() -> Inputs:
    """Return what the sample is decided by."""
    return Assessment.open(SAMPLE, draws=200).evidence_inputs


def styles(inputs: Inputs) -> dict[str, str]:
    """Return the style of each integration that is built or bought."""
    _, rule = find_rule(inputs, framework.fit(inputs.engagement, draws=50), 7)
    codes = rule.ruling().recommended.codes.tolist()
    ids = [item.id for item in inputs.engagement.integrations]
    return {id: rule.pricer.terms.styles[code] for id, code in zip(ids, codes, strict=True) if code >= 0}


def check_direction(inputs: Inputs, lever: Lever) -> bool:
    """Assert that a lever does not move the answer the wrong way; return whether it moves it at all.

    Of what is moved under both values: what more of it is worth moving for says nothing of the styles.
    """
    answers = [styles(lever.move(inputs, value)) for value in (lever.low, lever.high)]
    both = answers[0].keys() & answers[1].keys()
    if lever.move is _number:
        both = answers[0].keys() | answers[1].keys()
    before, after = (Counter(style for id, style in found.items() if id in both) for found in answers)
    shares = [{style: found[style] / max(found.total(), 1) for style in STYLES} for found in (before, after)]
    for style in lever.helps:
        assert shares[1][style] >= shares[0][style], (style, before, after)
    for style in lever.harms:
        assert shares[1][style] <= shares[0][style], (style, before, after)
    return answers[0] != answers[1]


def test_skill_in_the_last_resort_moves_its_cost_alone():
    """Database access is taken only where nothing else is feasible, so no skill makes it the choice."""
    made = LEVERS["volume"].move(LANDSCAPES["old systems"](), 1e7)
    npv = []
    for skill in (0.0, 1.0):
        inputs = _skill("database-access")(made, skill)
        assert set(styles(inputs).values()) == {"database-access"}
        _, rule = find_rule(inputs, framework.fit(inputs.engagement, draws=50), 7)
        npv.append(rule.ruling().recommended.npv)
    assert npv[1] < npv[0]
    for skill in (0.0, 1.0):
        easier = _skill("database-access")(LANDSCAPES["old systems"](), skill)
        assert "database-access" not in styles(easier).values()


def test_the_last_resort_names_what_nearly_carries_it():
    """At ten million messages a day the platform carries the peak in more cases than any other, and is what would change the answer."""
    inputs = LEVERS["volume"].move(LANDSCAPES["old systems"](), 1e7)
    fits = framework.fit(inputs.engagement, draws=50)
    found, _ = decide(inputs, fits, draws=50)
    for item in found.integrations:
        platform = fits.integration(item.integration).style("ipaas").exclusions[0]
        assert item.flip == f"bought platform if {platform.feasible_if}"
        (finding,) = (
            one for one in found.findings if one.id == f"decision/{item.integration}/database-access"
        )
        assert finding.action.endswith(f"bought platform, possible if {platform.feasible_if}")
        assert f"bought platform: {platform.reason}" in finding.evidence


@pytest.mark.slow
@pytest.mark.parametrize("name", LEVERS)
def test_no_input_moves_the_answer_the_wrong_way(name):
    """Each input moves one of them: whether a partner is connected, a criterion of fit alone, where all is close."""
    moved = [check_direction(make(), LEVERS[name]) for make in LANDSCAPES.values()]
    assert any(moved), "this input moves none of the landscapes"


@pytest.mark.slow
def test_no_input_moves_the_sample_the_wrong_way():
    """More of them means thrice as many of the same mix: the first quarter is another one."""
    inputs = sample()
    levers = {**LEVERS, "number": LEVERS["number"]._replace(low=1.0)}
    moved = {name for name, lever in levers.items() if check_direction(inputs, lever)}
    assert len(moved) > len(LEVERS) / 2, moved
