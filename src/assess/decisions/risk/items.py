"""The risks of an engagement, and how often each strikes: measured, stated, or a default that evidence moves.

Stated risks, and the article's four where none of their kind is stated. Incidents that were counted replace either. A frequency
that the client stated is about this client, so evidence about it is in it already; documented factors move defaults only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from assess.core.estimate import Estimate
from assess.core.finding import Missing
from assess.core.source import Source
from assess.decisions.cost.parameters import style_today
from assess.decisions.readiness import Readiness
from assess.evidence.operations import Operations
from assess.evidence.quality import QualityAssessment
from assess.evidence.reconcile import PRIOR_YEARS, Counts, Register, read_register, unnoticed
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement, RiskRow
from assess.intake.engagement.landscape import Style

from .losses import LossTerms, Severity, assumed
from .result import Influence, Mitigation, RiskItem

PRACTICES = {
    "scope": ("stakeholder-buy-in/scope-agreed",),
    "data-quality": ("data-governance/owners-named",),
    "lock-in": ("exit-strategy/documented", "exit-strategy/data-export-tested"),
    "testing": ("observability/alerts-set", "maintenance-budget/contract-tests"),
}
"""Practices of the readiness checklist that work against a kind of risk."""


def influences(
    category: str,
    assumptions: Assumptions,
    readiness: Readiness | None = None,
    quality: QualityAssessment | None = None,
    operations: Operations | None = None,
) -> tuple[Influence, ...]:
    """Return what is known for or against a kind of risk; nothing where nothing is known."""
    return (
        *_practised(category, assumptions, readiness),
        *(_data(assumptions, quality) if category == "data-quality" else ()),
        *(_runs(assumptions, operations) if category == "testing" else ()),
    )


def _practised(category: str, assumptions: Assumptions, readiness: Readiness | None) -> Iterator[Influence]:
    """The practice's level moves the factor between ``risk.evidence.absent`` and ``.present``.

    The worst of a kind's practices counts, once: they overlap.
    """
    if readiness is None or not readiness.assessed:
        return
    known = [p for id in PRACTICES.get(category, ()) if (p := readiness.practice(id)).level is not None]
    if not known:
        return
    worst = min(known, key=lambda practice: (practice.level or 0.0, practice.id))
    level = worst.level or 0.0
    absent, present = assumptions["risk.evidence.absent"], assumptions["risk.evidence.present"]
    factor = absent.likely + (present.likely - absent.likely) * level
    yield Influence(
        factor=factor,
        because=f"{worst.label}: {level:g} of 1",
        sources=(*worst.sources, *_sources(absent.source, present.source)),
    )


def _data(assumptions: Assumptions, quality: QualityAssessment | None) -> Iterator[Influence]:
    """The share of verdicts with a severe finding moves the factor from ``.fit_data`` to ``.unfit_data``."""
    judged = [v for v in quality.verdicts if v.fitness != "not assessed"] if quality else []
    if quality is None or not judged:
        return
    severe = {finding.id for finding in quality.findings if finding.severity in ("critical", "high")}
    hit = sum(any(id in severe for id in verdict.findings) for verdict in judged)
    fit, unfit = assumptions["risk.evidence.fit_data"], assumptions["risk.evidence.unfit_data"]
    share = hit / len(judged)
    text = f"{hit} of {len(judged)} tables and pairs have a severe finding"
    yield Influence(
        factor=fit.likely + (unfit.likely - fit.likely) * share,
        because=text,
        sources=(
            Source(kind="measurement", place="quality/severe", detail=text),
            *_sources(fit.source, unfit.source),
        ),
    )


def _runs(assumptions: Assumptions, operations: Operations | None) -> Iterator[Influence]:
    """The share of measured integrations below their target raises the factor up to ``.failing``."""
    rated = [item for item in operations.traffic if item.success_rate is not None] if operations else []
    if not rated:
        return
    target, failing = assumptions["operations.success_target"], assumptions["risk.evidence.failing"]
    below = sum(item.success_rate is not None and item.success_rate.likely < target.likely for item in rated)
    text = (
        f"{below} of {len(rated)} measured integrations deliver less than {target.likely:.0%} of their runs"
    )
    yield Influence(
        factor=1 + (failing.likely - 1) * below / len(rated),
        because=text,
        sources=(
            Source(kind="measurement", place="operations/success", detail=text),
            *_sources(target.source, failing.source),
        ),
    )


def _sources(*sources: Source | None) -> tuple[Source, ...]:
    return tuple(source for source in sources if source is not None)


def product(found: Sequence[Influence]) -> float:
    """Return the factor of all influences together.

    >>> product(())
    1.0
    """
    factor = 1.0
    for influence in found:
        factor *= influence.factor
    return factor


BUILT_IN: Mapping[str, str] = {
    "scope": "Scope grows beyond the plan",
    "data-quality": "Bad data stops or falsifies a run",
    "lock-in": "A platform's price or its end forces a change",
    "testing": "A failure reaches users unnoticed",
}
"""The four risks of the source article."""

STYLES: Mapping[str, tuple[Style, ...]] = {"lock-in": ("ipaas",)}
"""Styles that a kind of risk threatens; all where none is named."""

MITIGATIONS: Mapping[str, str] = {
    "scope": "Change requests with effort, risk and benefit; a backlog",
    "data-quality": "Profile early, validate and cleanse in the flow, name data owners",
    "lock-in": "Open standards, an adapter layer, a tested export",
    "testing": "Contract tests, staging like production, alerts, tracing",
}

HELD: Mapping[str, str] = {
    "scope": "build",
    "schedule": "build",
    "budget": "build",
    "cost": "build",
    "lock-in": "exit",
}
"""Kinds of risk whose loss a line of the cost model holds: the overrun of the build line, the exit line."""

DEFAULT_HELD: Mapping[str, str] = {"testing": "failures"}
"""Kinds that a line of the cost model holds unless the client states one: expected failures have dated defaults there, too."""

FAILURES = ("failure", "testing")
"""Kinds of risk that are failures of integrations: what a client states of them is stated of the events that the line of
expected failures prices, so the larger of both counts and not their sum."""

KINDS: Mapping[str, str] = {
    "scopecreep": "scope",
    "dataquality": "data-quality",
    "data": "data-quality",
    "lockin": "lock-in",
    "vendorlockin": "lock-in",
    "churn": "lock-in",
    "observability": "testing",
    "monitoring": "testing",
    "test": "testing",
    "overrun": "schedule",
    "delay": "schedule",
    "failures": "failure",
    "incident": "failure",
    "incidents": "failure",
    "outage": "failure",
    "outages": "failure",
    "downtime": "failure",
    "availability": "failure",
    "reliability": "failure",
    "stability": "failure",
}
"""The client's word, letters and digits only, to the kind of a risk."""


def kind(category: str) -> str:
    """Return the kind of a risk in the method's word, the client's own word where there is none.

    >>> kind("Data Quality"), kind("lock in"), kind("People")
    ('data-quality', 'lock-in', 'people')
    """
    word = category.strip().casefold()
    return KINDS.get("".join(c for c in word if c.isalnum()), word)


@dataclass(frozen=True)
class RiskEvidence:
    """What was found out about the risks of an engagement; None and nothing where it was not."""

    engagement: Engagement
    readiness: Readiness | None = None
    quality: QualityAssessment | None = None
    operations: Operations | None = None
    landscape: Mapping[str, Style | None] | None = None

    @cached_property
    def register(self) -> Register | None:
        """The incidents that somebody wrote down."""
        return read_register(self.engagement, self.operations)

    def influences(self, category: str) -> tuple[Influence, ...]:
        """Return what moves a default of this kind."""
        return influences(
            category, self.engagement.assumptions, self.readiness, self.quality, self.operations
        )

    def measured(self, category: str, frequency: Estimate, integrations: Sequence[str]) -> Estimate | None:
        """Return how often a risk strikes by the incidents counted; None where its kind of event is not in the register.

        An incident is an unnoticed failure (``testing``) if it was noticed later than ``operations.detect_hours``, and a
        ``failure`` in any case.
        """
        limit = self.engagement.assumptions["operations.detect_hours"].likely
        kinds: dict[str, tuple[Counts | None, str]] = {
            "testing": (
                unnoticed(dt.timedelta(hours=limit), self.engagement.time_zone),
                f"incidents that nobody noticed within {limit:g} h",
            ),
            "failure": (None, "incidents"),
        }
        if self.register is None or self.register.years <= 0 or category not in kinds:
            return None
        counts, what = kinds[category]
        return self.register.measured(frequency, integrations, counts, what)

    def share(self, styles: Sequence[Style], integrations: Sequence[str]) -> float:
        """Return which part of a risk's integrations run in a style that it threatens; all where no landscape is known."""
        if self.landscape is None or not styles:
            return 1.0
        concerned = integrations or tuple(self.landscape)
        hit = sum(self.landscape.get(id) in styles for id in concerned)
        return hit / len(concerned) if concerned else 0.0


def stated_risk(row: RiskRow, evidence: RiskEvidence, terms: LossTerms) -> RiskItem | Missing:
    """Return a stated risk, or what it lacks to be counted."""
    lacks = [
        name
        for name, value in (
            ("frequency", row.frequency),
            ("loss_low", row.loss_low),
            ("loss_high", row.loss_high),
        )
        if value is None
    ]
    if row.loss_low == 0:
        lacks.append("a loss_low above 0")
    if lacks or row.frequency is None or row.loss_low is None or row.loss_high is None:
        return Missing(
            section="risk",
            supply=f"{', '.join(lacks)} of risk {row.id}",
            changes="It counts into the yearly loss and into the cost.",
        )
    item = _item(
        id=row.id,
        held_by=HELD.get(kind(row.category), ""),
        name=row.name or row.id,
        category=kind(row.category),
        stated=row.frequency,
        severity=Severity.of(row.loss_low, row.loss_high),
        found=(),
        measured=evidence.measured(kind(row.category), row.frequency, row.integrations),
        styles=row.styles,
        integrations=row.integrations,
        evidence=evidence,
        terms=terms,
        sources=tuple(row.cite(column) for column in ("frequency", "loss_low", "loss_high")),
    )
    mitigation = None
    if row.mitigation and row.mitigation_cost is not None and row.mitigation_effect is not None:
        mitigation = weigh(
            row.mitigation,
            row.mitigation_cost,
            row.mitigation_effect,
            item.ale,
            terms,
            row.mitigation_cost_per_year,
        )
    return item.model_copy(
        update={
            "stated": True,
            "owner": row.owner,
            "mitigation": mitigation,
        }
    )


def default_risk(category: str, evidence: RiskEvidence, terms: LossTerms) -> RiskItem | Missing:
    """Return one of the article's risks with its dated defaults, or why its money is not known."""
    engagement = evidence.engagement
    key = f"risk.{category}"
    low = assumed(engagement, f"{key}.loss_low")
    high = assumed(engagement, f"{key}.loss_high")
    if low is None or high is None or terms.day_rate is None:
        return Missing(
            section="risk",
            supply=f"exchange_rates with EUR in engagement.yaml, or a {category} risk in risks.csv",
            changes="The default losses are in EUR.",
        )
    frequency = engagement.assumptions[f"{key}.frequency"]
    days = engagement.assumptions[f"{key}.mitigation_days"]
    effect = engagement.assumptions[f"{key}.mitigation_effect"]
    traced = (frequency, low, high, days, effect)
    item = _item(
        id=category,
        held_by=HELD.get(category) or DEFAULT_HELD.get(category, ""),
        name=BUILT_IN[category],
        category=category,
        stated=frequency,
        severity=Severity.of(low.likely, high.likely),
        found=evidence.influences(category),
        measured=evidence.measured(category, frequency, ()),
        styles=STYLES.get(category, ()),
        integrations=(),
        evidence=evidence,
        terms=terms,
        sources=tuple(estimate.source for estimate in traced if estimate.source),
    )
    cost = days.mean * terms.day_rate.mean
    mitigation = weigh(MITIGATIONS[category], cost, effect.mean, item.ale, terms)
    return item.model_copy(update={"mitigation": mitigation})


def _item(
    *,
    id: str,
    held_by: str,
    name: str,
    category: str,
    stated: Estimate,
    severity: Severity,
    found: Sequence[Influence],
    measured: Estimate | None,
    styles: tuple[Style, ...],
    integrations: tuple[str, ...],
    evidence: RiskEvidence,
    terms: LossTerms,
    sources: tuple[Source, ...],
) -> RiskItem:
    moved = () if measured else tuple(found)
    frequency = measured or stated.scaled(product(moved))
    seen = (measured.source,) if measured and measured.source else ()
    traced = (*sources, *seen, *(source for influence in moved for source in influence.sources))
    source = Source(
        kind="calculation",
        place=f"risk/{id}",
        detail="events a year times mean loss, exp(mu + sigma^2 / 2) of the 90 % interval",
        of=tuple(dict.fromkeys(each.id for each in traced)),
    )
    return RiskItem(
        id=id,
        name=name,
        category=category,
        stated=False,
        stated_frequency=stated,
        frequency=frequency,
        measured=seen[0].detail if seen else "",
        severity=severity,
        annual=frequency.scaled(severity.mean, f"{terms.currency}/year").model_copy(
            update={"source": source}
        ),
        influences=moved,
        styles=styles,
        integrations=integrations,
        share=evidence.share(styles, integrations),
        owner="",
        mitigation=None,
        held_by=held_by,
        sources=traced,
    )


def weigh(
    text: str, cost: float, effect: float, ale: float, terms: LossTerms, running: float | None = None
) -> Mitigation:
    """Weigh what a mitigation saves over the horizon against what it costs once and a year.

    Parameters
    ----------
    running
        What keeping it up costs a year; default ``actions.upkeep`` of what it costs once.
    """
    saved = ale * effect
    yearly = cost * terms.upkeep.mean if running is None else running
    return Mitigation(
        text=text,
        cost=cost,
        running_per_year=yearly,
        running=yearly * terms.annuity,
        effect=effect,
        saved=saved * terms.annuity,
        net=(saved - yearly) * terms.annuity - cost,
    )


def failures_priced(evidence: RiskEvidence) -> dict[str, float]:
    """Return what the line of expected failures prices of each integration as it runs today, expected, a year.

    ``(rate psi 0.5 + seen) / (0.5 + years) x loss``, as in the cost model; one that does not run yet counts as built.
    """
    engagement, register = evidence.engagement, evidence.register
    known, skills = engagement.assumptions, engagement.team.skills
    years = register.years if register else 0.0
    found = {}
    for integration in engagement.integrations:
        style = style_today(integration) or "api-first"
        loss = assumed(engagement, f"failure.loss.{integration.criticality or 'medium'}")
        experience = skills.get(style, known["team.skill"].likely)
        slower = 1 + (known["skill.psi"].mean - 1) * (1 - experience)
        seen = register.count((integration.id,)) if register else 0
        rate = known[f"failure.rate.{style}"].mean * slower
        failing = (rate * PRIOR_YEARS + seen) / (PRIOR_YEARS + years)
        found[integration.id] = failing * loss.mean if loss else 0.0
    return found


def without_overlap(items: Sequence[RiskItem], evidence: RiskEvidence) -> Iterator[RiskItem]:
    """Return risks, those of `FAILURES` with the part that the line of expected failures prices already."""
    left = failures_priced(evidence)
    today = {item.id: style_today(item) or "api-first" for item in evidence.engagement.integrations}
    for item in items:
        if item.category not in FAILURES or item.held_by:
            yield item
            continue
        concerned = [
            id
            for id in item.integrations or tuple(left)
            if id in left and (not item.styles or today[id] in item.styles)
        ]
        held = sum(left[id] for id in concerned)
        part = min(held, item.annual.mean)
        for id in concerned:
            left[id] *= 1 - part / held if held else 1.0
        yield item.model_copy(update={"priced": part})


def absent(rows: Sequence[RiskRow]) -> Iterator[str]:
    """Return the article's kinds of risk that no row states."""
    known = {kind(row.category) for row in rows}
    return (category for category in BUILT_IN if category not in known)
