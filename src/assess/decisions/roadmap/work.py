"""What has to be done, how long it takes, and what waits for what."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.decisions.cost.finance import converted
from assess.decisions.readiness import Readiness
from assess.decisions.risk.losses import LossTerms, assumed
from assess.evidence.quality import QualityAssessment
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import STYLE_NAMES, Integration, Style, Yearly

from .result import ItemKind

CRITICALITY = {"critical": 3, "high": 2, "medium": 1, "low": 0}
TEAM_OWNERS = ("Integration team", "Head of IT", "Architect")
WEEKS = 52


@dataclass(frozen=True)
class RoadmapWork:
    """An item before it is scheduled; ``effort`` in person-days, ``after`` ids of what it waits for."""

    id: str
    label: str
    kind: ItemKind
    effort: Estimate
    after: tuple[str, ...] = ()
    style: str = ""
    owner: str = ""
    by_team: bool = True
    delay_cost: float = 0.0
    rank: int = 0
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """The pilot and the first critical integration; None where there are too few."""

    pilot: str | None
    first: str | None


def gather(
    engagement: Engagement,
    assignment: Mapping[str, Style],
    readiness: Readiness | None,
    quality: QualityAssessment | None,
    benefits: Sequence[Yearly],
    *,
    retired: Collection[str] = (),
    founded: Collection[str] = (),
    forced: Mapping[str, float] = MappingProxyType({}),
) -> tuple[tuple[RoadmapWork, ...], Chosen]:
    """Return the work of the plan and which integration is the pilot, which the first critical one.

    Parameters
    ----------
    retired
        Integrations that end.
    founded
        Styles whose foundation stands: a product that the client owns carries them.
    forced
        Integrations of the assignment that are done only if they are required, with what each gains: what they alone need says
        so, and none of them is the pilot or the first while there are others.
    """
    served = [item for item in engagement.integrations if item.id in assignment]
    efforts = {item.id: build_days(engagement, item, assignment[item.id]) for item in served}
    decided = [item for item in served if item.id not in forced]
    chosen = choose(decided, efforts) if decided else choose(served, efforts, forced)
    gates = {work.id: work for work in _gates(readiness)}
    by_stage = {stage: tuple(id for id in gates if id.startswith(f"gate:{stage}:")) for stage in _STAGES}
    foundations = [
        _foundation(engagement, style, by_stage["select"])
        for style in dict.fromkeys(assignment.values())
        if style not in founded
    ]
    repairs = tuple(_repairs(quality, {item.id for item in served}))
    contracts = tuple(_contract(engagement, item) for item in served if not item.contract)
    waiting = {id: [work.id for work, touched in repairs if id in touched] for id in assignment}
    written = {work.id for work in contracts}
    realised = engagement.assumptions["benefits.realised"].mean
    delay = cost_of_delay(benefits, [item.id for item in served], realised)
    integrations = []
    for item in served:
        start = (
            by_stage["select"] if assignment[item.id] in founded else (f"foundation:{assignment[item.id]}",)
        )
        before = [*start, *waiting[item.id], *by_stage["pilot"]]
        if f"contract:{item.id}" in written:
            before.append(f"contract:{item.id}")
        if item.id != chosen.pilot:
            before += [f"build:{chosen.pilot}"] if chosen.pilot else []
            if item.id != chosen.first:
                before += [*by_stage["scale"], *([f"build:{chosen.first}"] if chosen.first else [])]
        integrations.append(
            RoadmapWork(
                id=f"build:{item.id}",
                label=item.label,
                kind="integration",
                effort=efforts[item.id],
                after=tuple(before),
                style=assignment[item.id],
                owner=item.owner,
                delay_cost=delay[item.id],
                rank=CRITICALITY.get(item.criticality or "", 1),
                sources=tuple(s for s in (efforts[item.id].source, item.cite("criticality")) if s),
            )
        )
    ends = [_retire(engagement, item) for item in engagement.integrations if item.id in retired]
    firm = {id: style for id, style in assignment.items() if id not in forced}
    needed = {
        f"{kind}:{of}"
        for id, style in firm.items()
        for kind, of in (("build", id), ("contract", id), ("foundation", style))
    }
    own = (
        work if work.id in needed else replace(work, label=f"{work.label} (if required)")
        for work in (*foundations, *contracts, *integrations)
    )
    return (*gates.values(), *own, *(work for work, _ in repairs), *ends), chosen


_STAGES = ("select", "pilot", "scale")


def choose(
    served: Sequence[Integration],
    efforts: Mapping[str, Estimate],
    gains: Mapping[str, float] = MappingProxyType({}),
) -> Chosen:
    """Choose a small, non-critical pilot, and the most critical integration as the first after it.

    The pilot has the least criticality, no personal data and no partner where there is such a one, and the
    least effort. The first is the most critical one, among equals that with most goals, then the smaller.

    Parameters
    ----------
    gains
        What each gains where none of them is to be done anyway: then the pilot is that which loses least if it turns out
        not to be required, of those that are less critical than the most critical, and the first that of the most critical.
    """
    if not served:
        return Chosen(None, None)
    rank = {item.id: CRITICALITY.get(item.criticality or "", 1) for item in served}
    top = max(rank.values())
    first = max(
        (item for item in served if rank[item.id] == top),
        key=lambda item: (gains.get(item.id, 0.0), len(item.goals), -efforts[item.id].mean),
    )
    small = min(
        (item for item in served if rank[item.id] < top),
        key=lambda item: (
            -gains.get(item.id, 0.0),
            rank[item.id],
            bool(item.personal_data),
            bool(item.partner),
            efforts[item.id].mean,
            item.id,
        ),
        default=None,
    )
    return Chosen(small.id if small else None, first.id)


def build_days(engagement: Engagement, item: Integration, style: Style) -> Estimate:
    """Return the person-days to build an integration in a style.

    Stated days by hand, or the default cost over the day rate, times the factor of the style; what a
    platform's connectors cover is configured instead.
    """
    assumptions = engagement.assumptions
    days = item.build_days or _default_days(engagement)
    factor = assumptions[f"build.factor.{style}"].mean
    if style == "ipaas":
        covered = item.coverage
        if covered is None:
            covered = (
                1 - item.customisation
                if item.customisation is not None
                else assumptions["build.coverage"].mean
            )
        factor = covered * assumptions["build.config_share"].mean + (1 - covered) * factor
    return days.scaled(factor)


def _default_days(engagement: Engagement) -> Estimate:
    """Return the default cost over the day rate; over the default one where no rate or no exchange rate is known."""
    cost, rate = assumed(engagement, "build.cost"), LossTerms.of(engagement).day_rate
    if cost is None or rate is None or rate.mean <= 0:
        in_euro = engagement.model_copy(update={"currency": "EUR"})
        cost = converted(in_euro, engagement.assumptions.entry("build.cost"))
        rate = engagement.assumptions["team.day_rate"]
    return cost.scaled(1 / rate.mean, "person-days")


def cost_of_delay(benefits: Sequence[Yearly], served: Sequence[str], realised: float) -> dict[str, float]:
    """Return the money that each integration brings a week: its equal part of what comes true of each benefit.

    Parameters
    ----------
    realised
        Share of the stated benefits that comes true.
    """
    found = dict.fromkeys(served, 0.0)
    for benefit in benefits:
        named = [id for id in benefit.integrations or served if id in found]
        for id in named:
            found[id] += realised * benefit.per_year.mean / WEEKS / len(benefit.integrations or named)
    return found


def _gates(readiness: Readiness | None) -> Iterator[RoadmapWork]:
    if readiness is None or not readiness.assessed:
        return
    seen: set[str] = set()
    for gate in readiness.gates:
        for id in gate.lacking:
            if id in seen:
                continue
            seen.add(id)
            practice = readiness.practice(id)
            yield RoadmapWork(
                id=f"gate:{gate.id}:{id}",
                label=practice.action.rstrip("."),
                kind="gate",
                effort=practice.days,
                owner=practice.owner,
                by_team=practice.owner in TEAM_OWNERS,
                sources=tuple(source for source in (practice.days.source,) if source),
            )


def _foundation(engagement: Engagement, style: Style, after: tuple[str, ...]) -> RoadmapWork:
    effort = engagement.assumptions[f"setup.days.{style}"]
    return RoadmapWork(
        id=f"foundation:{style}",
        label=f"Foundation of {STYLE_NAMES[style]}",
        kind="foundation",
        effort=effort,
        after=after,
        style=style,
        owner="Integration team",
        sources=(effort.source,) if effort.source else (),
    )


def _retire(engagement: Engagement, item: Integration) -> RoadmapWork:
    effort = engagement.assumptions["roadmap.retire_days"]
    return RoadmapWork(
        id=f"retire:{item.id}",
        label=f"Retire {item.label}",
        kind="retire",
        effort=effort,
        owner=item.owner,
        sources=tuple(s for s in (effort.source, item.origin) if s),
    )


def _contract(engagement: Engagement, item: Integration) -> RoadmapWork:
    effort = engagement.assumptions["roadmap.contract_days"]
    return RoadmapWork(
        id=f"contract:{item.id}",
        label=f"Contract of {item.label}",
        kind="contract",
        effort=effort,
        owner=item.owner,
        sources=tuple(s for s in (effort.source, item.cite("contract")) if s),
    )


def _repairs(
    quality: QualityAssessment | None, served: set[str]
) -> Iterator[tuple[RoadmapWork, tuple[str, ...]]]:
    """Yield one repair per table that needs some, with the integrations that load it."""
    for verdict in quality.verdicts if quality else ():
        touched = tuple(id for id in verdict.integrations if id in served)
        if verdict.target or verdict.effort is None or verdict.effort.high <= 0 or not touched:
            continue
        source = Source(kind="measurement", place=f"{verdict.table}/repairs", detail=verdict.reason)
        yield (
            RoadmapWork(
                id=f"repair:{verdict.table}",
                label=f"Repair {verdict.table}",
                kind="repair",
                effort=verdict.effort,
                owner="Data owners",
                by_team=False,
                sources=(source,),
            ),
            touched,
        )
