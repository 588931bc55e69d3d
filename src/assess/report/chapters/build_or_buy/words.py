"""What the chapter on building and buying says in words, and where its numbers come from."""

from __future__ import annotations

from collections import Counter

from assess.core.numbers import interval, quantity
from assess.core.source import Source
from assess.decisions.build_or_buy import BuildOrBuy, Verdict
from assess.report.chapters.words import and_list, count

CHOICES = {
    "build": "build",
    "buy": "buy",
    "platform-first": "platform first, build later",
    "open": "open",
}


def source(result: BuildOrBuy, name: str) -> tuple[Source, ...]:
    """Return the sources of a fact by the end of its id."""
    return next((f.sources for f in result.facts if f.id == f"build_or_buy.{name}"), ())


def ids(result: BuildOrBuy, name: str) -> tuple[str, ...]:
    """Return the ids of these sources."""
    return tuple(s.id for s in source(result, name))


def verdict(result: BuildOrBuy) -> str:
    """Answer in two sentences: the sides for all together, and where the answer turns."""
    share = result.buy_share or 0.0
    side, chance = ("Buy", share) if share >= 0.5 else ("Build", 1 - share)
    sure = "" if chance >= 0.8 else ", by a narrow margin" if chance < 0.6 else ""
    assert result.difference is not None
    text = (
        f"{side}{sure}: for these {count(result.integrations, 'integration')} it is the cheaper way in "
        f"[{chance:.0%} of futures](build_or_buy.buy_share)"
    )
    turn = result.crossing("integrations")
    if turn.p50 is not None and turn.p5 is not None and turn.p95 is not None and turn.none <= 0.5:
        text += (
            f". The answer turns at about [{turn.p50:g} integrations](build_or_buy.crossing.integrations), "
            f"but anything from {turn.p5:g} to {turn.p95:g} is credible"
        )
    else:
        text += (
            f". In {turn.none:.0%} of futures no number of integrations up to {turn.limit:g} turns the answer"
        )
    chosen = Counter(v.choice for v in result.verdicts)
    if len(chosen) > 1:
        parts = [f"{n} {CHOICES[c]}" for c, n in chosen.most_common()]
        text += f". One by one: {and_list(parts)}"
    return text + "." + platform_first(result)


def platform_first(result: BuildOrBuy) -> str:
    """Say what starting on the platform and building the critical paths by hand later would bring, and when."""
    later = [v for v in result.verdicts if v.migrate is not None and v.year is not None]
    if not later:
        return ""
    chosen = [v for v in later if v.choice == "platform-first"]
    if chosen:
        saved = sum(min(v.build, v.buy) - (v.migrate or 0.0) for v in chosen)
        said = f"saves {quantity(saved, result.currency)}, the first of them {by(min(chosen, key=lambda v: v.year or 0))}"
        return f" Platform first and building {count(len(chosen), 'path')} by hand later {said}."
    near = min(later, key=lambda v: (v.migrate or 0.0) - min(v.build, v.buy))
    extra = quantity((near.migrate or 0.0) - min(near.build, near.buy), result.currency)
    return f" Platform first and building by hand later pays for none; closest is {near.label}, {by(near)}, at {extra} more."


def by(verdict: Verdict) -> str:
    """Say when an integration would move from the platform: a date, or a year of the plan where no start is known."""
    return f"by {verdict.date.isoformat()}" if verdict.date else f"from year {verdict.year} on"


def changes(result: BuildOrBuy) -> tuple[str, ...]:
    """Say at which value of a criterion, volume or year the answer would turn."""
    said = [
        f"{c.label}: at {quantity(c.switch_at, c.unit)} instead of {quantity(c.value, c.unit)}, building and buying would cost the same."
        for c in result.criteria
        if c.switch_at is not None
    ]
    volume = result.crossing("volume")
    if volume.p50 is not None and volume.p5 is not None and volume.p95 is not None and volume.none <= 0.5:
        said.append(
            f"A volume of [{quantity(volume.p50, volume.unit)}](build_or_buy.crossing.volume) would turn it "
            f"({interval(volume.p5, volume.p95, volume.unit)} is credible)."
        )
    return tuple(said[:5])
