"""The numbers by which runs are compared, read from a run's results or computed again from its basis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assess.core.source import Fact
from assess.decisions.assessment import Assessment
from assess.report.chapter import Results
from assess.report.showing import rounded

from .result import Headline

FACTS: dict[str, tuple[str, ...]] = {
    "readiness": ("readiness.select.met", "readiness.pilot.met", "readiness.scale.met"),
    "defects": ("data_quality.suspect_cells",),
    "repair": ("data_quality.effort",),
    "lead_time": ("value_stream.today.lead_time",),
    "benefits": ("value_stream.future.benefit",),
    "risk": ("risk.ale",),
}
"""Facts whose sum each headline number is; that of ``cost`` depends on which option is best."""


def headlines(currency: str) -> tuple[Headline, ...]:
    """Return the headline numbers, the first screen's first."""
    yearly = f"{currency}/year"
    return (
        Headline(key="cost", label="Present cost of the best option", unit=currency, better="lower"),
        Headline(
            key="readiness", label="Must-haves met, all gates", unit="must-haves", digits=1, better="higher"
        ),
        Headline(key="defects", label="Suspect cells", unit="cells", better="lower"),
        Headline(key="repair", label="Work to repair the data", unit="person-days", digits=1, better="lower"),
        Headline(key="lead_time", label="Lead time today", unit="working minutes", better="lower"),
        Headline(key="benefits", label="Benefit of the integrations", unit=yearly, better="higher"),
        Headline(key="risk", label="Expected loss by risks", unit=yearly, better="lower"),
    )


def recorded(results: Results) -> dict[str, float | None]:
    """Return the headline numbers as a run recorded them."""
    facts = {fact.id: fact for chapter in reversed(results.chapters) for fact in chapter.stated}
    shown = (id for chapter in results.chapters if chapter.key == "total_cost" for id in chapter.headline)
    best = next((id for id in shown if id.endswith(".npv")), "")
    return _values(facts, best)


def computed(assessment: Assessment) -> dict[str, float | None]:
    """Compute the headline numbers of an assessment."""
    rooms = (
        assessment.cost,
        assessment.readiness,
        assessment.quality,
        assessment.value_stream,
        assessment.risk,
    )
    asked = assessment.readiness.assessed or bool(assessment.engagement.risks)
    shown = [room for room in rooms if asked or room not in (assessment.readiness, assessment.risk)]
    facts = {fact.id: fact for room in shown for fact in room.facts}
    best = assessment.cost.best
    return _values(facts, f"cost.{best}.npv" if best else "")


def _values(facts: Mapping[str, Fact], best: str) -> dict[str, float | None]:
    wanted = {"cost": (best,), **FACTS}
    return {key: _sum(facts[id] for id in ids if id in facts) for key, ids in wanted.items()}


def _sum(facts: Iterable[Fact]) -> float | None:
    values = [rounded(float(fact.value)) for fact in facts if isinstance(fact.value, int | float)]
    return sum(values) if values else None
