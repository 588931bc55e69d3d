"""Change requests: effort, risk and benefit, and so include or defer, with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.intake.engagement import ChangeRequest, Engagement
from assess.intake.problem import InvalidEngagement, Problem, closest_word, listed, quote_value

from .losses import LossTerms, pert, stream
from .result import ChangeDecision

DRAWS = 4_000


def decide(
    engagement: Engagement, capacity_days: float | None = None, *, seed: int = 7
) -> tuple[ChangeDecision, ...]:
    """Decide every change request, in the order of the table.

    The gain is the present value of the benefit over the horizon less the effort, which the risk of the
    change raises by what it may break (``risk.change.*``). A request is included if it gains with the
    probability ``risk.change.confidence`` and fits into the capacity left after those with a higher gain
    per day; a risky change of a critical integration waits until the integration has settled.

    Parameters
    ----------
    capacity_days
        Person-days that the plan of the present phase leaves free, see `Roadmap.spare_days`; None does not limit.

    Raises
    ------
    InvalidEngagement
        With every id that is used twice and every unknown integration.
    """
    problems = tuple(_problems(engagement))
    if problems:
        raise InvalidEngagement(problems)
    terms = LossTerms.of(engagement)
    weighed = {row.id: _weigh(engagement, terms, row, seed) for row in engagement.change_requests}
    left = capacity_days
    wanted = [item for item in weighed.values() if item.decision == "include"]
    for item in sorted(wanted, key=lambda item: (-_per_day(item), item.id)):
        days = item.effort.mean if item.effort else 0.0
        if left is None:
            continue
        if days > left:
            weighed[item.id] = item.model_copy(
                update={
                    "decision": "defer",
                    "reason": f"It pays, but needs {days:.0f} of {max(left, 0):.0f} person-days that are left.",
                }
            )
        else:
            left -= days
    return tuple(weighed.values())


def _per_day(item: ChangeDecision) -> float:
    days = item.effort.mean if item.effort else 0.0
    return item.gain.likely / days if item.gain and days > 0 else float("inf")


def _weigh(engagement: Engagement, terms: LossTerms, row: ChangeRequest, seed: int) -> ChangeDecision:
    sources = tuple(row.cite(column) for column in ("effort_days", "risk", "benefit_per_year"))
    plain = ChangeDecision(
        id=row.id, title=row.title or row.id, decision="defer", reason="", effort=row.effort_days, cost=None,
        benefit=None, gain=None, chance=None, integration=row.integration, sources=sources,
    )  # fmt: skip
    lacks = [
        words
        for words, value in (
            ("its effort", row.effort_days),
            ("its benefit", row.benefit_per_year),
            ("its risk", row.risk),
            ("a day rate", terms.day_rate),
        )
        if value is None
    ]
    if lacks or not (row.effort_days and row.benefit_per_year and row.risk and terms.day_rate):
        return plain.model_copy(update={"reason": f"Nobody stated {' or '.join(lacks)}."})
    breakage = engagement.assumptions[f"risk.change.{row.risk}"]
    unit = terms.currency
    source = Source(
        kind="calculation", place=f"risk/change/{row.id}",
        detail="benefit x annuity - effort x (1 + breakage) x day rate",
        of=tuple(dict.fromkeys(s.id for s in (*sources, breakage.source, terms.day_rate.source) if s)),
    )  # fmt: skip
    rng = stream(seed, f"change/{row.id}")
    cost = (
        pert(row.effort_days, DRAWS, rng)
        * (1 + pert(breakage, DRAWS, rng))
        * pert(terms.day_rate, DRAWS, rng)
    )
    benefit = pert(row.benefit_per_year, DRAWS, rng) * terms.annuity
    gain = benefit - cost
    mean = (
        row.benefit_per_year.mean * terms.annuity
        - row.effort_days.mean * (1 + breakage.mean) * terms.day_rate.mean
    )
    gain_low, gain_high = (float((gain[gain.argsort()])[int(DRAWS * q)]) for q in (0.1, 0.9))
    chance = float((gain > 0).mean())
    weighed = plain.model_copy(
        update={
            "cost": (row.effort_days * terms.day_rate * (1 + breakage)).named(unit, source),
            "benefit": row.benefit_per_year.scaled(terms.annuity, unit).model_copy(update={"source": source}),
            "gain": Estimate(low=min(gain_low, mean), likely=mean, high=max(gain_high, mean), unit=unit, source=source),
            "chance": chance,
            "sources": (*sources, source),
        }
    )  # fmt: skip
    return weighed.model_copy(update=_judged(engagement, row, mean, chance))


def _judged(engagement: Engagement, row: ChangeRequest, mean: float, chance: float) -> dict[str, str]:
    needed = engagement.assumptions["risk.change.confidence"].likely
    if mean <= 0:
        return {"decision": "defer", "reason": "It costs more than it brings over the horizon."}
    if chance < needed:
        return {
            "decision": "defer",
            "reason": f"It pays in {chance:.0%} of futures, less than the {needed:.0%} asked for.",
        }
    critical = any(
        item.id == row.integration and item.criticality == "critical" for item in engagement.integrations
    )
    if row.risk == "high" and critical:
        return {
            "decision": "defer",
            "reason": "It pays, but may break a critical integration: wait until that has settled.",
        }
    return {"decision": "include", "reason": f"It pays in {chance:.0%} of futures."}


def _problems(engagement: Engagement) -> Iterator[Problem]:
    known = {item.id for item in engagement.integrations}
    times = Counter(row.id for row in engagement.change_requests)
    for row in engagement.change_requests:
        file, line = row.origin.place, row.origin.row
        if times[row.id] > 1:
            yield Problem(
                file=file, row=line, column="id", value=quote_value(row.id),
                message=f"names {times[row.id]} change requests", allowed="one each",
            )  # fmt: skip
        if row.integration and row.integration not in known:
            near = closest_word(row.integration, known)
            yield Problem(
                file=file, row=line, column="integration", value=quote_value(row.integration),
                message="is no integration" + (f', did you mean "{near}"?' if near else ""),
                allowed=listed(sorted(known)),
            )  # fmt: skip
