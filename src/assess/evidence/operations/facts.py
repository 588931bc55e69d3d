"""The numbers of all integrations together."""

from __future__ import annotations

from assess.core.source import Fact, Source
from assess.intake.engagement import Engagement, Integration

from .recovery import Duration
from .result import Operations
from .traffic import wilson

BY_HAND = ("manual", "none")
"""Styles of today that write no run log."""


def automated(integration: Integration) -> bool:
    """Return whether it runs without a person today, so that a log of it is to be expected."""
    return integration.style_today is not None and integration.style_today not in BY_HAND


def facts(engagement: Engagement, operations: Operations) -> tuple[Fact, ...]:
    """Return the numbers of the whole: volume, success, work by hand, how long failures last."""
    facts = []
    volumes = [t.volume for t in operations.traffic if t.volume]
    if volumes:
        sources = tuple(v.source for v in volumes if v.source)
        total = sum(v.likely for v in volumes)
        facts.append(
            Fact(id="operations.measured", label="Integrations measured", value=len(volumes), sources=sources)
        )
        facts.append(
            Fact(
                id="operations.volume",
                label="Messages measured",
                value=total,
                unit="messages/month",
                sources=sources,
            )
        )
    ended = [(t.delivered, t.delivered + t.failed) for t in operations.traffic if t.delivered + t.failed]
    if ended:
        low, share, high = wilson(sum(d for d, _ in ended), sum(n for _, n in ended))
        facts.append(
            Fact(
                id="operations.success_rate",
                label="Runs that delivered, retries included (95% limits)",
                value=share,
                unit="share",
                low=low,
                high=high,
                sources=tuple(
                    t.success_rate.source
                    for t in operations.traffic
                    if t.success_rate and t.success_rate.source
                ),
            )
        )
    facts += _by_hand(engagement, operations)
    for duration, label in ((operations.detect, "unnoticed"), (operations.resolve, "unresolved")):
        if duration is not None:
            facts += _durations(duration, label)
    return tuple(facts)


def _durations(duration: Duration, label: str) -> tuple[Fact, Fact]:
    source = duration.source
    together = Fact(
        id=f"operations.hours_to_{duration.what}",
        label=f"Hours that {duration.incidents} failures stayed {label}, together",
        value=duration.total,
        unit="hours",
        sources=(source,),
    )
    middle = Fact(
        id=f"operations.time_to_{duration.what}",
        label=f"Median time that a failure stays {label} (95% limits)",
        value=duration.hours,
        unit="hours",
        low=duration.low,
        high=duration.high,
        sources=(source,),
    )
    return middle, together


def _by_hand(engagement: Engagement, operations: Operations) -> list[Fact]:
    """Return how many existing connections run without a person, and how many runs a person started."""
    found = []
    existing = [i for i in engagement.integrations if i.style_today not in (None, "none")]
    if existing and operations.traffic:
        rows = tuple(i.said("style_today") for i in existing)
        found.append(
            Fact(
                id="operations.automated",
                label="Existing connections that run without a person",
                value=sum(map(automated, existing)) / len(existing),
                unit="share",
                sources=rows,
            )
        )
    if operations.traffic and any(t.manual for t in operations.traffic):
        source = Source(
            kind="measurement", place="operations/manual", detail="runs whose trigger is manual, of all runs"
        )
        total = sum(t.runs for t in operations.traffic)
        low, share, high = wilson(sum(t.manual for t in operations.traffic), total)
        found.append(
            Fact(
                id="operations.manual",
                label="Runs that a person started (95% limits)",
                value=share,
                unit="share",
                low=low,
                high=high,
                sources=(source,),
            )
        )
    return found
