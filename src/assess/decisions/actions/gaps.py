"""Each kind of gap, the case in which it is closed, and the cost model as a pure function of what is open and closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from assess.core.estimate import Estimate
from assess.core.finding import Finding, Severity
from assess.core.source import Source
from assess.decisions.cost.cashflow import cash_flows
from assess.decisions.cost.draws import sample
from assess.decisions.cost.parameters import Inputs
from assess.decisions.readiness import Readiness
from assess.decisions.risk import Risk
from assess.decisions.risk.losses import LossTerms
from assess.decisions.shift import Shift
from assess.evidence.operations import Operations
from assess.evidence.quality import QualityAssessment
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Yearly

from .result import Kind

BESIDE = "risk model alone: the line “{}” of the cost model holds the loss"

NEARLY_NONE = 1e-9
"""A loss or benefit is scaled to this instead of left out, so that all runs draw the same numbers."""


@dataclass(frozen=True)
class CostDrivers:
    """What moves the cost of the programme."""

    shifts: tuple[Shift, ...] = ()
    losses: tuple[Yearly, ...] = ()
    benefits: tuple[Yearly, ...] = ()

    def without_shifts(self, id: str) -> CostDrivers:
        """Return the case in which the shifts of one practice are gone."""
        kept = tuple(shift for shift in self.shifts if shift.id != id)
        return CostDrivers(kept, self.losses, self.benefits)

    def with_loss(self, id: str, factor: float) -> CostDrivers:
        """Return the case in which a loss is multiplied."""
        return CostDrivers(self.shifts, _scaled(self.losses, {id}, factor), self.benefits)

    def with_benefit(self, benefit: Yearly) -> CostDrivers:
        """Return the case in which a benefit comes that was `possible` only."""
        known = tuple(benefit if item.id == benefit.id else item for item in self.benefits)
        return CostDrivers(self.shifts, self.losses, known)


def possible(benefits: Sequence[Yearly]) -> tuple[Yearly, ...]:
    """Return benefits that do not come yet: so small that they count for nothing, so that all runs draw the same."""
    return _scaled(benefits, {item.id for item in benefits}, 0.0)


def _scaled(items: Sequence[Yearly], ids: set[str], factor: float) -> tuple[Yearly, ...]:
    by = max(factor, NEARLY_NONE)
    return tuple(
        item.model_copy(update={"per_year": item.per_year.scaled(by)}) if item.id in ids else item
        for item in items
    )


def pricer(inputs: Inputs, option: str, *, draws: int = 400, seed: int = 7) -> Callable[[CostDrivers], float]:
    """Return the expected present value of an option as a function of the case.

    All cases see the same drawn futures, so that a difference is the effect of the gap alone.

    Parameters
    ----------
    inputs
        What the cost model is fed with; shifts, losses and benefits come from the case.

    Raises
    ------
    KeyError
        If there is no such option.
    assess.decisions.cost.finance.MissingRate
        When called, if no exchange rate is known for a price.
    assess.decisions.cost.billing.PlanEnds
        When called, if the price plan of a style ends below the volume.
    """
    assigned = inputs.options[option]
    alone = replace(inputs, assignments={option: assigned})
    known: dict[str, float] = {}

    def value(case: CostDrivers) -> float:
        key = repr((
            [(shift.parameter, shift.factor) for shift in case.shifts],
            [(item.id, item.per_year.low, item.per_year.likely, item.per_year.high) for item in case.losses],
            [(item.id, item.per_year.low, item.per_year.likely, item.per_year.high) for item in case.benefits],
        ))  # fmt: skip
        if key not in known:
            fed = replace(alone, shifts=case.shifts, losses=case.losses, benefits=case.benefits)
            terms = fed.terms()
            known[key] = float(cash_flows(terms, sample(terms, draws, seed), assigned).npv.mean())
        return known[key]

    return value


Close = Callable[[CostDrivers], CostDrivers]


@dataclass(frozen=True)
class OpenGap:
    """Something that is open.

    ``close`` turns a case into that without the gap; ``spread`` are the low and high value against the likely one; ``money`` is
    the value where no line of the cost model holds it. ``upkeep`` is what keeping it up takes a year, as a share of its
    cost (None: ``actions.upkeep``), ``running`` the same as a present value where it is known.
    """

    id: str
    title: str
    kind: Kind
    effort: Estimate | None
    owner: str
    basis: str
    close: Close | None = None
    spread: tuple[float, float] = (1.0, 1.0)
    money: float | None = None
    cost: float | None = None
    running: float | None = None
    upkeep: Estimate | None = None
    severity: Severity = "medium"
    findings: tuple[str, ...] = ()
    integrations: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


def list_practice_gaps(readiness: Readiness) -> Iterator[OpenGap]:
    """Yield the practices that hold a gate."""
    if not readiness.assessed:
        return
    for practice in readiness.practices:
        if practice.shortfall <= 0:
            continue
        own = f"readiness/{practice.id}"
        likely = sum(shift.factor - 1 for shift in readiness.shifts if shift.id == own)
        ends = [
            sum(shift.factor - 1 for shift in shifts if shift.id == own)
            for shifts in (readiness.shifts_low, readiness.shifts_high)
        ]
        yield OpenGap(
            id=own,
            title=practice.action,
            kind="gate",
            effort=practice.days,
            owner=practice.owner,
            basis="cost model without the shifts of this practice",
            close=lambda case, id=own: case.without_shifts(id),  # type: ignore[misc]
            spread=(ends[0] / likely, ends[1] / likely) if likely else (1.0, 1.0),
            severity="high",
            findings=(own,),
            sources=practice.sources,
        )


def list_mitigation_gaps(risk: Risk) -> Iterator[OpenGap]:
    """Yield the mitigations."""
    for item in risk.items:
        mitigation = item.mitigation
        if mitigation is None:
            continue
        low, high = (
            item.annual.low * item.share / item.ale if item.ale else 1.0,
            item.annual.high * item.share / item.ale if item.ale else 1.0,
        )
        close: Close = lambda case, id=f"risk/{item.id}", by=1 - mitigation.effect: case.with_loss(id, by)  # type: ignore[misc] # noqa: E731
        yield OpenGap(
            id=f"mitigation/{item.id}",
            title=mitigation.text,
            kind="mitigation",
            effort=None,
            owner=item.owner,
            basis=BESIDE.format(item.held_by) if item.held_by else "cost model with the loss reduced",
            close=None if item.held_by else close,
            money=mitigation.saved if item.held_by else None,
            cost=mitigation.cost,
            running=mitigation.running,
            spread=(low, high),
            findings=(f"risk/{item.id}",),
            integrations=item.integrations,
            sources=item.sources,
        )


def list_repair_gaps(engagement: Engagement, quality: QualityAssessment, risk: Risk) -> Iterator[OpenGap]:
    """Yield a repair per table and pair; its value is its part of the lower frequency of bad data.

    With none of n severe verdicts left the factor of bad data would fall from ``f`` to
    ``risk.evidence.fit_data``; each repaired one takes an equal step.
    """
    severe = {finding.id for finding in quality.findings if finding.severity in ("critical", "high")}
    judged = [verdict for verdict in quality.verdicts if verdict.fitness != "not assessed"]
    hits = [verdict for verdict in judged if any(id in severe for id in verdict.findings)]
    fit, unfit = (engagement.assumptions[f"risk.evidence.{key}"].likely for key in ("fit_data", "unfit_data"))
    now = fit + (unfit - fit) * len(hits) / len(judged) if judged else 1.0
    step = (unfit - fit) / len(judged) / now if judged else 0.0
    for verdict in judged:
        if verdict.effort is None or verdict.effort.high <= 0:
            continue
        name = f"{verdict.table} and {verdict.target}" if verdict.target else verdict.table
        yield OpenGap(
            id=f"repair/{verdict.table}" + (f"/{verdict.target}" if verdict.target else ""),
            title=f"Repair {name}",
            kind="repair",
            effort=verdict.effort,
            owner=_owner(engagement, verdict.systems),
            basis="cost model with bad data striking less often",
            close=_lower(risk, "data-quality", step if verdict in hits else 0.0),
            severity="high" if verdict in hits else "low",
            findings=verdict.findings,
            integrations=verdict.integrations,
            sources=(Source(kind="measurement", place=f"{verdict.table}/repairs", detail=verdict.reason),),
        )


def _owner(engagement: Engagement, systems: tuple[str, ...]) -> str:
    owners = {system.id: system.owner for system in engagement.systems}
    return next((owners[id] for id in systems if owners.get(id)), "")


def list_operation_gaps(engagement: Engagement, operations: Operations, risk: Risk) -> Iterator[OpenGap]:
    """Yield the integrations that run badly; repairing one lowers how often failures go unnoticed."""
    target = engagement.assumptions["operations.success_target"].likely
    failing = engagement.assumptions["risk.evidence.failing"].likely
    rated = {t.integration: t.success_rate.likely for t in operations.traffic if t.success_rate is not None}
    below = [id for id, rate in rated.items() if rate < target]
    now = 1 + (failing - 1) * len(below) / len(rated) if rated else 1.0
    step = (failing - 1) / len(rated) / now if rated else 0.0
    close = _lower(risk, "testing", step)
    held = sum(item.ale for item in risk.items if item.category == "testing" and item.held_by) * step
    names = {item.id: item.label for item in engagement.integrations}
    for finding in operations.findings:
        if finding.severity == "info" or not finding.action:
            continue
        alone = len(finding.integrations) == 1 and finding.integrations[0] in below
        counts = alone and finding.id.endswith("/failing") and (close is not None or held > 0)
        basis = "cost model with failures striking less often" if close else BESIDE.format("failures")
        yield OpenGap(
            id=f"operation/{finding.id}",
            title=_about(finding, names),
            kind="operation" if counts else "check",
            effort=finding.effort,
            owner=finding.owner,
            basis=basis if counts else "",
            close=close if counts else None,
            money=held * LossTerms.of(engagement).annuity if counts and close is None else None,
            severity=finding.severity,
            findings=(finding.id,),
            integrations=finding.integrations,
            sources=finding.sources,
        )


def _about(finding: Finding, names: Mapping[str, str]) -> str:
    """Say what to do and to which integration or file: the same is advised for many.

    >>> _about(Finding(id="operations/a-b/silent", section="operations", severity="high", title="", action="Ask the owner"), {"a-b": "A to B"})
    'A to B: ask the owner'
    """
    subject = finding.id.partition("/")[2].rpartition("/")[0]
    if not subject:
        return finding.action
    return f"{names.get(subject, subject)}: {finding.action[0].lower()}{finding.action[1:]}"


def _lower(risk: Risk, category: str, step: float) -> Close | None:
    ids = [f"risk/{item.id}" for item in risk.items if item.category == category and not item.held_by]
    if not ids or step <= 0:
        return None

    def close(case: CostDrivers) -> CostDrivers:
        for id in ids:
            case = case.with_loss(id, 1 - step)
        return case

    return close


def list_waste_gaps(
    engagement: Engagement, remedies: Sequence[Yearly], others: Sequence[Finding]
) -> Iterator[OpenGap]:
    """Yield the steps whose inaccurate work no integration repairs."""
    found = {finding.id: finding for finding in others}
    for remedy in remedies:
        step = remedy.id.removeprefix("remedy/")
        finding = found.get(f"value_stream/{step}/accuracy")
        mean = remedy.per_year.mean
        if finding is None or mean <= 0:
            continue
        yield OpenGap(
            id=f"waste/{step}",
            title=finding.action,
            kind="waste",
            effort=engagement.assumptions["value_stream.remedy_days"],
            owner=next((row.role for row in engagement.value_stream if row.step == step), ""),
            basis="cost model with the rework of this step gone",
            close=lambda case, remedy=remedy: case.with_benefit(remedy),  # type: ignore[misc]
            spread=(remedy.per_year.low / mean, remedy.per_year.high / mean),
            severity=finding.severity,
            findings=(finding.id,),
            integrations=finding.integrations,
            sources=tuple(s for s in (remedy.per_year.source, *finding.sources) if s),
        )


def list_saving_gaps(savings: Sequence[Yearly], others: Sequence[Finding]) -> Iterator[OpenGap]:
    """Yield the products of the stack that nobody uses: ending each saves what it costs."""
    found = {finding.id: finding for finding in others}
    for saving in savings:
        stem = f"governance/stack/{saving.id.removeprefix('saving/')}"
        finding = found.get(f"{stem}/unused") or found.get(f"{stem}/retired")
        mean = saving.per_year.mean
        if finding is None or mean <= 0:
            continue
        yield OpenGap(
            id=saving.id,
            title=finding.action,
            kind="waste",
            effort=finding.effort,
            owner=finding.owner,
            upkeep=Estimate.point(0.0),
            basis="cost model with what this product costs saved",
            close=lambda case, saving=saving: case.with_benefit(saving),  # type: ignore[misc]
            spread=(saving.per_year.low / mean, saving.per_year.high / mean),
            severity=finding.severity,
            findings=(finding.id,),
            sources=finding.sources,
        )
