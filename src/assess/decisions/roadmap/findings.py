"""What the plan means: phases, pilot, operating model, findings and facts."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence

from assess.core.estimate import Estimate
from assess.core.finding import Finding
from assess.core.numbers import day
from assess.core.source import Driver, Fact, Source
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import STYLE_NAMES, Style

from .result import OperatingModel, Phase, PlanItem, Roadmap, Share
from .scheduling import Capacity
from .work import Chosen

MANY = 10
"""Integrations from which standards need a home: the article's border between building and a platform."""


def phases(engagement: Engagement, result: Roadmap) -> tuple[Phase, ...]:
    """Return the plan's phases against the article's ranges."""
    foundations = [item.end for item in result.items if item.kind == "foundation"]
    builds = [item for item in result.items if item.kind == "integration"]
    first = next((item.end for item in builds if item.id == f"build:{result.first}"), None)
    begun = min((item.start for item in builds if item.start is not None), default=None)
    design = begun if foundations else None
    rollout = None if result.end is None or first is None else result.end - first
    spans = (
        ("design", "Selection, design and foundation", design),
        (
            "first",
            "Pilot and first critical integration",
            None if first is None or begun is None else first - begun,
        ),
        ("rollout", "Rollout of the others", rollout),
    )
    return tuple(_phase(engagement, key, label, weeks) for key, label, weeks in spans)


def _phase(engagement: Engagement, key: str, label: str, weeks: int | None) -> Phase:
    span = engagement.assumptions[f"roadmap.phase.{key}"]
    return Phase(
        key=key,
        label=label,
        weeks=weeks,
        low=span.low,
        high=span.high,
        verdict="unknown"
        if weeks is None
        else "shorter"
        if weeks < span.low
        else "longer"
        if weeks > span.high
        else "within",
        sources=(span.source,) if span.source else (),
    )


def pilot_proves(engagement: Engagement, chosen: Chosen, assignment: Mapping[str, Style]) -> str:
    """Say what the pilot would show before more is spent; empty without a pilot."""
    if chosen.pilot is None:
        return ""
    style = assignment[chosen.pilot]
    same = sum(other == style for other in assignment.values())
    weeks = engagement.assumptions["pilot.weeks"].likely
    return (
        f"Effort, productivity and latency of {STYLE_NAMES[style]} on real data, which {same} of {len(assignment)} "
        f"integrations use; after {weeks:g} weeks the estimates of the others are corrected by it."
    )


def operating_model(engagement: Engagement, items: Sequence[PlanItem]) -> OperatingModel:
    """Return who does what, from the number of teams and integrations."""
    count = sum(item.kind == "integration" for item in items)
    teams = engagement.team.teams or 1
    sources = (
        engagement.team.cite("team.teams"),
        Source(kind="calculation", place="roadmap/integrations", detail=f"{count} integrations are planned"),
    )
    if teams > 1 or count >= MANY:
        text = (
            f"Central standards, distributed delivery: {teams} teams build {count} integrations; a small centre of "
            f"excellence keeps contracts, templates, catalog and policies, and the domain teams deliver."
            if teams > 1
            else f"One team builds {count} integrations: name one or two of it who keep contracts, templates, catalog "
            f"and policies, before a second team begins."
        )
        centre = _centre(items)
        end = max((item.end for item in items if item.end is not None), default=0)
        weekly = Capacity.of(engagement).one_person
        return OperatingModel(
            key="centre of excellence",
            text=text,
            shares=(centre, *_delivery(items)),
            people=centre.days / (end * weekly) if end else None,
            reuse=reuse(engagement, items),
            sources=sources,
        )
    text = f"One team builds and runs {count} integration{'' if count == 1 else 's'}; it keeps its own standards, a centre would cost more than it brings."
    return OperatingModel(key="one team", text=text, sources=sources)


def reuse(engagement: Engagement, items: Sequence[PlanItem]) -> Estimate | None:
    """Return the person-days that reuse saves in the integrations of a plan, in the order in which they are built; None without any.

    The n-th integration of a style takes ``n ** (log2 r)`` of what it would take as the first one, ``r`` being
    `build.learning_rate` (Wright, Factors Affecting the Cost of Airplanes, Journal of the Aeronautical Sciences 3, 1936): as in the
    line of building of the cost model.
    """
    rate = engagement.assumptions["build.learning_rate"]
    ranked: dict[str, list[float]] = {}
    for item in items:
        if item.kind == "integration" and item.start is not None:
            ranked.setdefault(item.style, []).append(item.days)

    def saved(share: float) -> float:
        exponent = math.log2(share)
        parts = [
            days * (1 - number**exponent) for found in ranked.values() for number, days in enumerate(found, 1)
        ]
        return float(sum(parts))

    if not ranked:
        return None
    source = Source(
        kind="calculation",
        place="roadmap/reuse",
        detail="person-days of each integration times 1 - rank of its style ** log2(learning rate), added up",
        of=(rate.source.id,) if rate.source else (),
    )
    return Estimate(
        low=saved(rate.high),
        likely=saved(rate.likely),
        high=saved(rate.low),
        unit="person-days",
        source=source,
    )


def _centre(items: Sequence[PlanItem]) -> Share:
    days = sum(item.days for item in items if item.kind in ("foundation", "contract"))
    return Share(who="Centre of excellence", standards=True, integrations=(), days=days)


def _delivery(items: Sequence[PlanItem]) -> tuple[Share, ...]:
    """Return what each owner delivers, the most work first."""
    built = [item for item in items if item.kind == "integration"]
    owners = dict.fromkeys(item.owner for item in built)
    found = [
        Share(
            who=owner,
            standards=False,
            integrations=tuple(item.id.removeprefix("build:") for item in built if item.owner == owner),
            days=sum(item.days for item in built if item.owner == owner),
        )
        for owner in owners
    ]
    return tuple(sorted(found, key=lambda share: (-share.days, share.who)))


def findings(engagement: Engagement, result: Roadmap) -> tuple[Finding, ...]:
    """Return what threatens the plan."""
    return tuple(_findings(engagement, result))


def _findings(engagement: Engagement, result: Roadmap) -> Iterator[Finding]:
    said = engagement.team.cite("team.people")
    if result.unplaced:
        yield Finding(
            id="roadmap/capacity",
            section="roadmap",
            severity="critical",
            title=f"{len(result.unplaced)} items fit nowhere: maintenance takes the capacity before they begin",
            evidence=", ".join(result.unplaced[:8]),
            impact="They would never be built.",
            action="Add people, build less, or buy what needs less maintenance.",
            sources=(said,),
        )
    if result.reserve_week is not None:
        yield Finding(
            id="roadmap/reserve",
            section="roadmap",
            severity="high",
            title=f"Maintenance needs the whole reserve from week {result.reserve_week} on",
            impact="From then on every further integration slows all others down.",
            action="Before that week, retire integrations, buy their maintenance, or add capacity.",
            sources=(said,),
        )
    if result.on_time is not None and result.due is not None and result.on_time < 0.5:
        yield Finding(
            id="roadmap/on-time",
            section="roadmap",
            severity="high",
            title=f"All runs within {result.due:.0f} weeks in {result.on_time:.0%} of the futures",
            impact="Results come later than such a programme usually shows them.",
            action="Decide which integrations are not needed in the first phase.",
            sources=(said,),
        )


ENDS = "What must come before comes first, and no week holds more work than the team has days; the end of the last integration"


def facts(result: Roadmap, team: Capacity, moved: tuple[Driver, ...] = ()) -> tuple[Fact, ...]:
    """Return the numbers of the plan with their sources; its end with the inputs that move it most."""
    of = tuple(dict.fromkeys(source.id for item in result.items for source in item.sources))
    source = Source(
        kind="calculation",
        place="roadmap/schedule",
        detail="serial schedule, capacity = people x days x focus - max(reserve, maintenance of what runs)",
        of=tuple(
            dict.fromkeys((*of, *(each.id for each in team.sources), *(driver.source for driver in moved)))
        ),
    )
    named = {driver.source for driver in moved}
    driving = {each.id: each for item in result.items for each in item.sources if each.id in named}
    low, _, late, high = result.finish
    found = [
        Fact(id="roadmap.live", label="Live by", value=_when(result, result.end), unit="weeks", sources=(source, *team.sources, *driving.values()),
             formula=ENDS, drivers=moved,
             note=f"by {_when(result, late)} in eight of ten futures" if late is not None else "no date in eight of ten futures"),
        Fact(id="roadmap.end", label="Weeks until all runs, as planned", value=result.end, unit="weeks", low=low, high=high, sources=(source, *team.sources, *driving.values()),
             formula=ENDS, drivers=moved),
        Fact(id="roadmap.p80", label="Weeks until all runs in eight of ten futures", value=result.finish[2], unit="weeks", sources=(source,),
             formula="Two of ten drawn futures end later", drivers=moved),
        Fact(id="roadmap.on_time", label=f"Chance that all runs within {result.due:.0f} weeks", value=result.on_time, unit="chance", sources=(source,),
             formula="Share of the drawn futures that end by then"),
        Fact(id="roadmap.reserve_week", label="Week in which maintenance needs the whole reserve", value=result.reserve_week, sources=(source,),
             formula="The first week in which upkeep of all that runs takes what the team keeps free"),
        Fact(id="roadmap.full_pace", label="Weeks of building alone after which maintenance needs the whole reserve", value=None if result.reserve_at_full_pace is None else round(result.reserve_at_full_pace),
             unit="weeks", sources=(source,), formula="Reserve over the upkeep that a week of building at full pace adds"),
        Fact(id="roadmap.capacity", label="Person-days of a week for new work", value=team.free, unit="person-days", sources=team.sources,
             formula="People times days a week times the share of their time, less the reserve for upkeep"),
    ]  # fmt: skip
    return tuple(found)


def _when(result: Roadmap, weeks: float | None) -> str | None:
    """Return the day after so many weeks, or the week where no start is stated."""
    if weeks is None:
        return None
    return day(result.start + dt.timedelta(weeks=weeks)) if result.start else f"week {math.ceil(weeks)}"
