"""The one ranked list: every gap as an action, valued by the cost model run again with that gap closed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from statistics import median

from assess.core.estimate import Estimate
from assess.core.finding import SEVERITIES, Finding, Missing
from assess.core.source import Fact, Source
from assess.decisions.readiness import Gate, Readiness
from assess.decisions.risk import Risk
from assess.decisions.risk.losses import LossTerms
from assess.evidence.operations import Operations
from assess.evidence.quality import QualityAssessment
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Yearly

from .gaps import (
    CostDrivers,
    OpenGap,
    list_mitigation_gaps,
    list_operation_gaps,
    list_practice_gaps,
    list_repair_gaps,
    list_saving_gaps,
    list_waste_gaps,
    possible,
    pricer,
)
from .result import Action, Actions, NextStep

__all__ = ["Action", "Actions", "CostDrivers", "NextStep", "pricer", "rank"]

QUICK_DAYS = 5
"""Person-days up to which a gain is a quick win: a week of one person. Rule of the method."""

STEPS = 5


def rank(
    engagement: Engagement,
    programme: Collection[str],
    value: Callable[[CostDrivers], float] | None,
    *,
    readiness: Readiness,
    risk: Risk,
    quality: QualityAssessment | None = None,
    operations: Operations | None = None,
    benefits: Sequence[Yearly] = (),
    remedies: Sequence[Yearly] = (),
    savings: Sequence[Yearly] = (),
    others: Sequence[Finding] = (),
) -> Actions:
    """Turn every gap into an action and rank them by what they are worth less what they cost.

    The value of an action is ``C(all open) - C(this one closed)``; low and high follow the ends of the factor, loss or benefit behind it. That is gross: the
    net value is less what it costs, once and to keep up over the horizon.
    Values overlap where two actions work on the same line: `Actions.joint` re-runs with all closed, and each of the
    next steps counts what it adds on top of those before it.

    Parameters
    ----------
    programme
        Integrations that are built now: the decision prices them, they are no actions.
    value
        The cost model, see `pricing.pricer`; None where it can't be run, then nothing has a value.
    benefits
        What the integrations bring a year.
    remedies
        What repairing the process itself would bring on top.
    savings
        What ending products of the stack that nobody uses would save a year.
    others
        Findings of which the model can't say a value, such as statements that measurements deny.
    """
    terms = LossTerms.of(engagement)
    shifts = readiness.shifts if readiness.assessed else ()
    base = CostDrivers(tuple(shifts), risk.losses, (*benefits, *possible((*remedies, *savings))))
    gaps = [
        *list_practice_gaps(readiness),
        *list_mitigation_gaps(risk),
        *(list_repair_gaps(engagement, quality, risk) if quality else ()),
        *(list_operation_gaps(engagement, operations, risk) if operations else ()),
        *list_waste_gaps(engagement, remedies, others),
        *list_saving_gaps(savings, others),
    ]
    held = {id for gap in gaps for id in gap.findings}
    open_ = [finding for finding in others if finding.id not in held]
    by_id = {gap.id: gap for gap in (*gaps, *map(_check, _unsettled(open_, programme)))}
    actions = sorted(_placed([_action(gap, value, base, terms) for gap in by_id.values()]), key=_order)
    paying = [action.id for action in actions if action.net is not None and action.net > 0]
    values = {action.id: action.value.likely for action in actions if action.value}
    joint = _joint([by_id[id] for id in paying], value, base) if paying else None
    steps = _next_steps(actions, by_id, value, base, readiness.next_gate)
    result = Actions(
        actions=tuple(actions),
        quick_wins=tuple(
            action.id for action in actions if action.id in paying and _days(action) <= QUICK_DAYS
        ),
        next_steps=steps,
        joint=joint,
        overlap=None if joint is None else sum(values[id] for id in paying) - joint,
        missing=_missing(value),
    )
    return result.model_copy(update={"facts": _facts(engagement, result)})


def _next_steps(
    actions: Sequence[Action],
    gaps: Mapping[str, OpenGap],
    value: Callable[[CostDrivers], float] | None,
    base: CostDrivers,
    gate: Gate | None,
) -> tuple[NextStep, ...]:
    """Choose what opens the next gate, whatever it is worth, then what brings the most net of its cost.

    Each counts on top of what is chosen already. Where nothing has a value, the most severe come first.
    """
    needed = {f"readiness/{id}" for id in gate.lacking} if gate else set[str]()
    opens = dict.fromkeys(needed, gate.label) if gate else {}
    first = [a for a in actions if a.id in needed]
    others = [a for a in actions if a.id not in needed and a.kind != "check"]
    if value is None:
        listed = [*first, *others[: max(STEPS - len(first), 0)]]
        return tuple(NextStep(action=a.id, adds=None, opens=opens.get(a.id, "")) for a in listed)
    opening, case = _greedy(first, gaps, value, base, len(first), float("-inf"))
    unpriced = [(a.id, None) for a in first if a.net is None]
    paying, _ = _greedy(others, gaps, value, case, STEPS - len(first), 0.0)
    chosen = (*opening, *unpriced, *paying)
    return tuple(NextStep(action=id, adds=adds, opens=opens.get(id, "")) for id, adds in chosen)


def _greedy(
    actions: Sequence[Action],
    gaps: Mapping[str, OpenGap],
    value: Callable[[CostDrivers], float],
    case: CostDrivers,
    most: int,
    least: float,
) -> tuple[list[tuple[str, float]], CostDrivers]:
    """Choose up to ``most`` actions, one after the other the one of the highest net value above ``least``.

    What an action adds is taken to shrink as more is done (Minoux 1978, lazy greedy): only the one that looks best is
    run again. Returned are the actions with what each adds, and the case with them done.
    """
    bound = {a.id: a.net for a in actions if a.net is not None and a.net > least}
    costs = {a.id: _spent(a) for a in actions}
    fresh: dict[str, float] = {}
    chosen: list[tuple[str, float]] = []
    while bound and len(chosen) < most:
        best = max(bound, key=lambda id: (bound[id], id))
        if best not in fresh:
            gap = gaps[best]
            fresh[best] = value(case) - value(gap.close(case)) if gap.close else gap.money or 0.0
            bound[best] = fresh[best] - costs[best]
            continue
        if bound[best] <= least:
            break
        chosen.append((best, fresh[best]))
        close = gaps[best].close
        case = close(case) if close else case
        del bound[best]
        fresh = {}
    return chosen, case


def _spent(action: Action) -> float:
    """Return what an action costs, once and to keep up."""
    return (action.cost.mean if action.cost else 0.0) + (action.running.mean if action.running else 0.0)


def _unsettled(others: Sequence[Finding], programme: Collection[str]) -> Iterator[Finding]:
    """Yield the findings that ask for something; waste that an integration of the programme removes is settled by it."""
    for finding in others:
        settled = finding.section == "value_stream" and set(finding.integrations[:1]) & set(programme)
        if finding.action and finding.severity != "info" and not settled:
            yield finding


def _check(finding: Finding) -> OpenGap:
    """Turn a finding without a value into an action that says what to do and about what: many have the same fix."""
    what = ": ".join(filter(None, (finding.action.rstrip("."), finding.title)))
    return OpenGap(
        id=f"check/{finding.id}", title=what, kind="check", effort=finding.effort, owner=finding.owner,
        basis="", severity=finding.severity, findings=(finding.id,), integrations=finding.integrations,
        sources=finding.sources,
    )  # fmt: skip


def _action(
    gap: OpenGap, value: Callable[[CostDrivers], float] | None, base: CostDrivers, terms: LossTerms
) -> Action:
    likely = gap.money
    if value is not None and gap.close is not None:
        likely = value(base) - value(gap.close(base))
    source = Source(
        kind="calculation",
        place=f"actions/{gap.id}",
        detail=gap.basis or "the model says no value",
        of=tuple(dict.fromkeys(each.id for each in gap.sources)),
    )
    worth = None
    if likely is not None:
        ends = sorted((likely * gap.spread[0], likely, likely * gap.spread[1]))
        worth = Estimate(
            low=ends[0],
            likely=min(max(likely, ends[0]), ends[2]),
            high=ends[2],
            unit=terms.currency,
            source=source,
        )
    cost = _cost(gap, terms, source)
    running = _running(gap, cost, terms, source)
    spent = (cost.mean if cost else 0.0) + (running.mean if running else 0.0)
    return Action(
        id=gap.id,
        title=gap.title.rstrip("."),
        kind=gap.kind,
        effort=gap.effort or _effort(gap, terms, source),
        owner=gap.owner,
        value=worth,
        cost=cost,
        running=running,
        net=worth.likely - spent if worth and cost else None,
        basis=gap.basis,
        severity=gap.severity,
        findings=gap.findings,
        integrations=gap.integrations,
        sources=(source, *gap.sources),
    )


def _cost(gap: OpenGap, terms: LossTerms, source: Source) -> Estimate | None:
    if gap.cost is not None:
        return Estimate.point(gap.cost, terms.currency, source)
    if gap.effort is None or terms.day_rate is None:
        return None
    return (gap.effort * terms.day_rate).named(terms.currency, source)


def _running(gap: OpenGap, cost: Estimate | None, terms: LossTerms, source: Source) -> Estimate | None:
    """Return the present value of keeping up what was done: stated a year, or a share of what it costs once."""
    if gap.running is not None:
        return Estimate.point(gap.running, terms.currency, source)
    upkeep = terms.upkeep if gap.upkeep is None else gap.upkeep
    if cost is None or gap.kind == "check" or upkeep.high <= 0:
        return None
    return (cost * upkeep).scaled(terms.annuity).named(terms.currency, source)


def _effort(gap: OpenGap, terms: LossTerms, source: Source) -> Estimate | None:
    """Return the days that a stated amount pays for."""
    if gap.cost is None or terms.day_rate is None or terms.day_rate.mean <= 0:
        return None
    return Estimate.point(gap.cost / terms.day_rate.mean, "person-days", source)


def _joint(gaps: Sequence[OpenGap], value: Callable[[CostDrivers], float] | None, base: CostDrivers) -> float:
    """Return what all gaps closed are worth together, what the cost model does not hold added."""
    outside = sum(gap.money for gap in gaps if gap.money is not None)
    if value is None:
        return outside
    closed = base
    for gap in gaps:
        closed = gap.close(closed) if gap.close else closed
    return value(base) - value(closed) + outside


def _placed(actions: Sequence[Action]) -> list[Action]:
    """Split importance against effort at the medians of the valued actions."""
    valued = [action for action in actions if action.value is not None and action.effort is not None]
    if not valued:
        return list(actions)
    worth = median(action.value.likely for action in valued if action.value)
    days = median(_days(action) for action in valued)
    found = []
    for action in actions:
        if action.value is not None and action.effort is not None:
            important, small = action.value.likely >= worth, _days(action) <= days
            quadrant = (
                "do now" if important and small else "plan" if important else "fill in" if small else "leave"
            )
            action = action.model_copy(update={"quadrant": quadrant})
        found.append(action)
    return found


def _days(action: Action) -> float:
    return action.effort.mean if action.effort else float("inf")


def _order(action: Action) -> tuple[bool, float, int, str]:
    return (action.net is None, -(action.net or 0.0), SEVERITIES.index(action.severity), action.id)


def _missing(value: Callable[[CostDrivers], float] | None) -> tuple[Missing, ...]:
    if value is not None:
        return ()
    return (
        Missing(
            section="roadmap",
            supply="what the cost model needs",
            changes="Each action gets its value in money.",
        ),
    )


def _facts(engagement: Engagement, result: Actions) -> tuple[Fact, ...]:
    valued = [action for action in result.actions if action.value]
    source = Source(
        kind="calculation",
        place="actions/joint",
        detail="cost model with every gap that pays open, less the same with all of them closed",
        of=tuple(action.sources[0].id for action in valued),
    )
    unit = engagement.currency
    return (
        Fact(id="actions.count", label="Actions", value=len(result.actions), sources=(source,)),
        Fact(id="actions.joint", label="Worth of all that pay, together", value=result.joint, unit=unit, sources=(source,)),
        Fact(id="actions.overlap", label="Overlap of their single values", value=result.overlap, unit=unit, sources=(source,)),
        Fact(id="actions.quick_wins", label="Quick wins", value=len(result.quick_wins), sources=(source,)),
    )  # fmt: skip
