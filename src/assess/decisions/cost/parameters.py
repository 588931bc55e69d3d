"""What the cost model takes from the engagement: named parameters with their sources, and fixed facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assess.core.estimate import Estimate
from assess.core.finding import Finding
from assess.core.record import Record
from assess.core.source import Source
from assess.intake.engagement import Engagement, Integration, Style
from assess.intake.yearly import Yearly

from .billing import Plan
from .finance import nominal_rate, real_rate
from .money import converted, rate
from .plans import default_plans

STYLES: tuple[Style, ...] = (
    "api-first", "event-driven", "ipaas", "file-exchange", "api-facade", "database-access",
)  # fmt: skip

FAMILIES = ("volume", "build", "changes")
"""Parameters that every integration has one of; they share a factor each."""

GLOBALS: Mapping[str, str] = {
    "team.day_rate": "people",
    "team.people": "people",
    "team.focus": "people",
    "people.wage": "people",
    "rollout.months": "overrun",
    "build.config_share": "coverage",
    "build.coverage": "coverage",
    "build.learning_rate": "effort",
    "skill.psi": "skills",
    "skill.ramp_days": "skills",
    "overrun": "overrun",
    "overrun.factor": "overrun",
    "rework.factor": "remediation",
    "maintenance.custom": "maintenance",
    "maintenance.ipaas": "maintenance",
    "maintenance.change_share": "maintenance",
    "change.hours": "changes",
    "change.abstraction": "changes",
    "portfolio.coordination": "platform",
    "volume.growth": "volume",
    "volume.peak_factor": "volume",
    "billing.retry_rate": "volume",
    "billing.steps": "billing",
    "billing.loop_factor": "billing",
    "billing.replicas": "billing",
    "billing.vcore_per_flow": "billing",
    "billing.messages_per_vcore": "billing",
    "price.uplift": "price",
}
"""Parameters that exist once, and the question that each belongs to."""

PER_STYLE: Mapping[str, str] = {
    "build.factor": "effort",
    "setup.days": "platform",
    "infrastructure": "platform",
    "people.fte": "people",
    "people.scarcity": "people",
    "exit.hazard": "exit",
    "exit.share": "exit",
}
"""Parameters that each style has, and their question."""

QUESTIONS: Mapping[str, str] = {
    "volume": "How many messages flow, and how fast does that grow?",
    "effort": "How much work is one integration?",
    "coverage": "How much of the work do ready connectors cover?",
    "skills": "How productive is the team in each style?",
    "overrun": "How far will the delivery overrun?",
    "maintenance": "What does upkeep cost a year?",
    "changes": "How often do the connected systems change?",
    "price": "What will the vendor charge, now and at renewal?",
    "billing": "How many billed units does one message make?",
    "people": "What do people cost, and how many run the platform?",
    "platform": "What do foundation, hosting and coordination cost?",
    "exit": "How likely is leaving the platform, and what does it cost?",
    "remediation": "How much work is it to repair the data?",
    "losses": "What do the risks cost a year?",
    "benefits": "What are the benefits worth a year?",
}
"""The questions that information could answer, in words."""


class Parameter(Record):
    """A number of the cost model that nobody knows exactly.

    Parameters
    ----------
    name
        Stable name: key of an assumption, or ``volume:crm-billing`` for one integration.
    question
        The question of `QUESTIONS` that it belongs to.
    estimate
        Low, likely and high in the engagement's currency, with its source.
    family
        ``volume``, ``build`` or ``changes`` for a parameter of one integration.
    """

    name: str
    label: str
    question: str
    estimate: Estimate
    family: str = ""


@dataclass(frozen=True)
class Terms:
    """Everything that the engine needs, with no reference to how it was collected.

    Rates are a year; ``real_rate`` and ``nominal_rate`` belong together by ``inflation``.
    """

    integrations: tuple[Integration, ...]
    parameters: tuple[Parameter, ...]
    styles: tuple[Style, ...]
    plans: Mapping[str, Plan]
    skills: Mapping[str, float]
    horizon: int
    real_rate: float
    nominal_rate: float
    inflation: float
    money: str
    days_per_week: float
    reserve: float
    message_kb: float
    losses: tuple[Yearly, ...] = ()
    benefits: tuple[Yearly, ...] = ()
    remediation: tuple[str, ...] = ()
    overrun: Mapping[str, float] = field(default_factory=dict)
    correlations: Mapping[str, float] = field(default_factory=dict)
    plan_minimum: Mapping[str, float] = field(default_factory=dict)

    @property
    def by_name(self) -> dict[str, Parameter]:
        """The parameters by name."""
        return {parameter.name: parameter for parameter in self.parameters}

    @property
    def months(self) -> int:
        """Months of the horizon."""
        return self.horizon * 12


def gather(
    engagement: Engagement,
    *,
    styles: Sequence[Style] = STYLES,
    plans: Mapping[str, Plan] | None = None,
    remediation: Sequence[Finding] = (),
    benefits: Sequence[Yearly] = (),
    losses: Sequence[Yearly] = (),
) -> Terms:
    """Collect the parameters of the cost model from an engagement.

    Raises
    ------
    MissingRate
        If a default is in a currency of which no exchange rate is known.
    """
    chosen = {**default_plans(engagement.assumptions), **(plans or {})}
    chosen = {style: plan for style, plan in chosen.items() if style in styles}
    inflation = _inflation(engagement)
    real, nominal = _rates(engagement, inflation)
    work = tuple(finding for finding in remediation if finding.effort is not None)
    parameters = (
        *_global_parameters(engagement, styles),
        *_price_parameters(engagement, chosen),
        *(
            item
            for integration in engagement.integrations
            for item in _of_integration(engagement, integration)
        ),
        *(_of_finding(finding) for finding in work),
        *(_of_yearly("loss", "losses", item) for item in losses),
        *(_of_yearly("benefit", "benefits", item) for item in benefits),
    )
    known = engagement.assumptions
    return Terms(
        integrations=engagement.integrations,
        parameters=parameters,
        styles=tuple(styles),
        plans=chosen,
        skills={style: engagement.team.skills.get(style, known["team.skill"].likely) for style in styles},
        horizon=engagement.horizon_years,
        real_rate=real,
        nominal_rate=nominal,
        inflation=inflation,
        money=engagement.money,
        days_per_week=engagement.team.days_per_week,
        reserve=_reserve(engagement),
        message_kb=known["volume.message_kb"].likely,
        losses=tuple(losses),
        benefits=tuple(benefits),
        remediation=tuple(finding.id for finding in work),
        overrun={key: known[f"overrun.{key}"].likely for key in ("tail_share", "tail_mean", "cap")},
        correlations={key: entry.likely for key, entry in known.under("correlation").items()},
        plan_minimum={
            style: plan.minimum * rate(engagement, plan.currency)[0] if plan.minimum else 0.0
            for style, plan in chosen.items()
        },
    )


def _inflation(engagement: Engagement) -> float:
    stated = engagement.inflation
    return engagement.assumptions["money.inflation"].likely if stated is None else stated


def _rates(engagement: Engagement, inflation: float) -> tuple[float, float]:
    """Return the real and the nominal discount rate; a stated one is what ``money`` says."""
    if engagement.discount_rate is None:
        real = engagement.assumptions["money.discount_rate"].likely
        return real, nominal_rate(real, inflation)
    if engagement.money == "real":
        return engagement.discount_rate, nominal_rate(engagement.discount_rate, inflation)
    return real_rate(engagement.discount_rate, inflation), engagement.discount_rate


def _reserve(engagement: Engagement) -> float:
    stated = engagement.team.maintenance_reserve
    return engagement.assumptions["team.reserve"].likely if stated is None else stated


def _assumed(engagement: Engagement, key: str, question: str) -> Parameter:
    entry = engagement.assumptions.entry(key)
    return Parameter(name=key, label=entry.label, question=question, estimate=converted(engagement, entry))


def _stated(engagement: Engagement, key: str) -> Estimate | None:
    """Return what the engagement says about the team instead of a default."""
    team = engagement.team
    value = {"team.day_rate": team.day_rate, "team.people": team.people, "team.focus": team.focus}.get(key)
    return None if value is None else Estimate.point(value, source=team.said(key))


def _global_parameters(engagement: Engagement, styles: Sequence[Style]) -> list[Parameter]:
    found = []
    for key, question in GLOBALS.items():
        if key == "overrun":
            body = engagement.assumptions.entry("overrun.body")
            found += [
                Parameter(
                    name=f"overrun:{style}",
                    label=f"Overrun, {style}",
                    question=question,
                    estimate=body.estimate,
                )
                for style in styles
            ]
            continue
        parameter = _assumed(engagement, key, question)
        stated = _stated(engagement, key)
        found.append(parameter if stated is None else parameter.model_copy(update={"estimate": stated}))
    found += [
        _assumed(engagement, f"{topic}.{style}", question)
        for topic, question in PER_STYLE.items()
        for style in styles
    ]
    return found


def _price_parameters(engagement: Engagement, plans: Mapping[str, Plan]) -> list[Parameter]:
    keys = dict.fromkeys(
        tier.key
        for plan in plans.values()
        for component in plan.components
        for tier in component.tiers
        if tier.key
    )
    return [_assumed(engagement, key, "price") for key in keys]


def _of_integration(engagement: Engagement, integration: Integration) -> list[Parameter]:
    known = engagement.assumptions
    label = integration.label
    volume = integration.volume or known["volume.messages"]
    changes = integration.changes_per_year or known["change.per_year"]
    build = integration.build_days
    cost = build or converted(engagement, known.entry("build.cost"))
    name = f"build.days:{integration.id}" if build else f"build.cost:{integration.id}"
    return [
        Parameter(name=f"volume:{integration.id}", label=f"Volume of {label}", question="volume", estimate=volume, family="volume"),
        Parameter(name=name, label=f"Effort of {label}", question="effort", estimate=cost, family="build"),
        Parameter(name=f"changes:{integration.id}", label=f"Changes a year of {label}", question="changes", estimate=changes, family="changes"),
    ]  # fmt: skip


def _of_finding(finding: Finding) -> Parameter:
    effort = finding.effort or Estimate.point(0)
    if effort.source is None:
        effort = effort.model_copy(
            update={"source": Source(kind="calculation", place=f"finding/{finding.id}", detail=finding.title)}
        )
    return Parameter(
        name=f"remediation:{finding.id}", label=finding.title, question="remediation", estimate=effort
    )


def _of_yearly(kind: str, question: str, item: Yearly) -> Parameter:
    return Parameter(name=f"{kind}:{item.id}", label=item.label, question=question, estimate=item.per_year)


def coverage(integration: Integration) -> float | None:
    """Return the stated share of the work that connectors cover; None where the default is drawn.

    A stated share comes first; else what is not specific to the client (1 - customisation).
    """
    if integration.coverage is not None:
        return integration.coverage
    return None if integration.customisation is None else 1 - integration.customisation
