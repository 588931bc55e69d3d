"""What the cost model takes from the engagement: named parameters with their sources, and fixed facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from assess.core.estimate import Estimate
from assess.core.finding import Finding
from assess.core.formula_graph import Graph
from assess.core.record import Record
from assess.core.source import Source
from assess.decisions.shift import Shift, apply
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import STYLE_NAMES, STYLES, Component, Integration, Style, Yearly

from .billing import ANY_VENDOR, Plan
from .distributions import RUNAWAY_FROM, pareto_exponent
from .finance import converted, nominal_rate, rate, real_rate
from .model import CRITICALITIES, GLOBALS, PER_LEVEL, PER_STYLE, cost_graph
from .plans import default_plans, price_plans

FAMILIES = ("volume", "build", "changes")
"""Parameters that every integration has one of; they share a factor each."""


class CostParameter(Record):
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


KEEP = "keep"
"""In an option: the integration stays as it is today."""


class Assigned(dict[str, str]):
    """An option: integration to style, or to `KEEP`; what it does not name is not done.

    Parameters
    ----------
    styles
        Integration to style.
    plans
        Style to the id of the price plan that it buys; where none is named, the first of the style.
    """

    def __init__(self, styles: Mapping[str, str], plans: Mapping[str, str] | None = None) -> None:
        super().__init__(styles)
        self.plans: dict[str, str] = dict(plans or {})


class Owned(NamedTuple):
    """A product of the client's stack that carries a style, and what it costs a year where that is stated."""

    product: str
    cost: float | None


class Observed(NamedTuple):
    """Failures of an integration that were measured, and in how many years."""

    failures: float
    years: float


def plain(name: str) -> str:
    """Return the letters and digits of a name, in small letters.

    >>> plain("Azure Logic Apps")
    'azurelogicapps'
    """
    return "".join(sign for sign in name.lower() if sign.isalnum())


COMPONENTS: Mapping[Component, Style] = {
    "api-gateway": "api-first",
    "message-broker": "event-driven",
    "orchestration": "ipaas",
    "file-transfer": "file-exchange",
}
"""Components of a stack that are the foundation of a style."""


def style_today(integration: Integration) -> Style | None:
    """Return the style in which an integration runs today; None where it does not, or by hand.

    What was built point to point is code against interfaces: API-first without a gateway. What runs over a service bus is
    such code on a hub that the team hosts and keeps up: API-first with its foundation; what the bus is paid for a year stands
    in stack.csv.
    """
    today = integration.style_today
    if today is None or today == "none" or today == "manual":
        return None
    return "api-first" if today == "point-to-point" or today == "esb" else today


def owned_products(engagement: Engagement) -> dict[str, Owned]:
    """Return the product in use that carries each style; the one of stated price, then the first, where there are several.

    What orchestrates is a platform where its name is one that ships connectors; else it was built in its place.
    """
    vendors = {plan.capabilities.vendor for plan in price_plans(engagement).values()} - {"", ANY_VENDOR}
    platforms = {
        plain(name) for name in vendors | {name for item in engagement.systems for name in item.connectors}
    }
    found: dict[str, Owned] = {}
    for item in engagement.stack:
        style = COMPONENTS.get(item.component)
        bought = style != "ipaas" or any(name in plain(item.product) for name in platforms)
        if style is None or item.status != "in-use" or not bought:
            continue
        cost = None if item.cost_per_year is None else item.cost_per_year.mean
        before = found.get(style)
        if before is None or (before.cost is None and cost is not None):
            found[style] = Owned(item.product, cost)
    return found


def _programme(engagement: Engagement) -> dict[str, float]:
    """Return the reference class of large projects, for the programme as a whole.

    Raises
    ------
    ValueError
        If the cap is not above the mean of the tail.
    """
    known = engagement.assumptions
    body = known["overrun.body"]
    tail = {key: known[f"overrun.{key}"].likely for key in ("tail_share", "tail_mean", "cap")}
    if tail["tail_share"] > 0:
        pareto_exponent(tail["tail_mean"], RUNAWAY_FROM, tail["cap"])
    return {"low": body.low, "likely": body.likely, "high": body.high, **tail}


@dataclass(frozen=True)
class Terms:
    """Everything that the engine needs, with no reference to how it was collected.

    Rates are a year; ``real_rate`` and ``nominal_rate`` belong together by ``inflation``.
    """

    integrations: tuple[Integration, ...]
    parameters: tuple[CostParameter, ...]
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
    remediation: tuple[Finding, ...] = ()
    overrun: Mapping[str, float] = field(default_factory=dict)
    correlations: Mapping[str, float] = field(default_factory=dict)
    owned: Mapping[str, Owned] = field(default_factory=dict)
    fresh: Mapping[tuple[str, str], float] = field(default_factory=dict)
    observed: Mapping[str, Observed] = field(default_factory=dict)
    automated: Mapping[str, float] = field(default_factory=dict)

    @property
    def by_name(self) -> dict[str, CostParameter]:
        """The parameters by name."""
        return {parameter.name: parameter for parameter in self.parameters}

    @cached_property
    def graph(self) -> Graph:
        """The cost graph of these terms."""
        return cost_graph(self.plans, self.horizon)

    def buys(self, assignment: Mapping[str, str]) -> dict[str, str]:
        """Return the id of the plan of each style that an option pays for.

        It is the option's own, or else the first of the style; none where a product of the client's is paid already.
        """
        used = {self.style_of(id, style) for id, style in assignment.items()} - {""}
        first: dict[str, str] = {}
        for plan in self.plans.values():
            first.setdefault(plan.style, plan.id)
        own = assignment.plans if isinstance(assignment, Assigned) else {}
        offered = {style: plan for style, plan in own.items() if plan in self.plans}
        found = {style: offered.get(style, first.get(style, "")) for style in self.styles if style in used}
        paid = {style for style, product in self.owned.items() if product.cost is not None}
        return {style: plan for style, plan in found.items() if plan and style not in paid}

    def style_of(self, integration: str, style: str) -> str:
        """Return the style that an integration runs in: that of today where it is kept; empty where it is done by hand."""
        return self.today.get(integration, "") if style == KEEP else style

    @cached_property
    def today(self) -> dict[str, Style]:
        """The style that each integration has today; those that do not run, or by hand, are left out."""
        return {item.id: style for item in self.integrations if (style := style_today(item))}

    @property
    def rate(self) -> float:
        """The discount rate that belongs to the engagement's money."""
        return self.real_rate if self.money == "real" else self.nominal_rate

    @property
    def months(self) -> int:
        """Months of the horizon."""
        return self.horizon * 12


PURE: tuple[Style, ...] = ("api-first", "event-driven", "ipaas")
"""Options that are compared where no assignments are given."""


@dataclass(frozen=True)
class Inputs:
    """What the cost model is fed with: the engagement, and what evidence and the other decisions hand to it.

    Parameters
    ----------
    assignments
        Option name to ``integration id -> style``. Without it, API-first, event-driven and iPaaS each
        take every integration.
    remediation
        Findings whose effort is paid before the start; None means not assessed, an empty sequence that
        nothing is to be repaired. Likewise ``benefits`` and ``losses``, a year each.
    shifts
        How failed readiness gates move parameters.
    plans
        Price plans that options may buy, instead of the default plan of their style.
    fresh, observed, automated
        As `gather` takes them.
    recommended
        The option that is recommended; where none is, the one of the lowest mean is.
    forced
        Whether that option costs more than it brings, so that it is done only where it must be.
    unused
        Integrations that run no more, as measured, and that nobody owns.
    """

    engagement: Engagement
    assignments: Mapping[str, Mapping[str, str]] | None = None
    remediation: Sequence[Finding] | None = None
    benefits: Sequence[Yearly] | None = None
    losses: Sequence[Yearly] | None = None
    shifts: Sequence[Shift] = ()
    plans: Mapping[str, Plan] | None = None
    fresh: Mapping[tuple[str, str], float] = field(default_factory=dict)
    observed: Mapping[str, Observed] = field(default_factory=dict)
    automated: Mapping[str, float] = field(default_factory=dict)
    recommended: str = ""
    forced: bool = False
    unused: tuple[str, ...] = ()

    @cached_property
    def moved(self) -> Engagement:
        """The engagement with its assumptions moved by the shifts.

        Raises
        ------
        KeyError
            If a shift names an unknown parameter.
        """
        return apply(self.engagement, self.shifts)

    @cached_property
    def options(self) -> dict[str, Assigned]:
        """The options that are priced, without those that build nothing.

        Raises
        ------
        KeyError
            If an assignment names an unknown style or integration.
        """
        known = [item.id for item in self.engagement.integrations]
        chosen = self.assignments or {style: dict.fromkeys(known, style) for style in PURE}
        for name, assignment in chosen.items():
            for integration, style in assignment.items():
                if integration not in known:
                    raise KeyError(f"option {name} assigns the unknown integration {integration}")
                if style not in STYLES and style != KEEP:
                    raise KeyError(f"option {name} assigns the unknown style {style}")
        return {
            name: Assigned(assignment, assignment.plans if isinstance(assignment, Assigned) else {})
            for name, assignment in chosen.items()
            if assignment
        }

    @property
    def assessed(self) -> dict[str, bool]:
        """Whether remediation, benefits and losses were assessed."""
        given = {"remediation": self.remediation, "benefits": self.benefits, "losses": self.losses}
        return {name: items is not None for name, items in given.items()}

    @property
    def delivery(self) -> Inputs:
        """The same engagement without options, repair, losses and benefits."""
        return Inputs(self.engagement, shifts=self.shifts, plans=self.plans)

    def terms(self, styles: Sequence[Style] | None = None) -> Terms:
        """Return the terms of some styles; of those that the options use where none are named.

        Raises
        ------
        MissingRate
            If a price is in a currency of which no exchange rate is known.
        """
        today = {item.id: style_today(item) for item in self.engagement.integrations}
        used = {
            today[id] if style == KEEP else style
            for assignment in self.options.values()
            for id, style in assignment.items()
        }
        return gather(
            self.moved,
            styles=[style for style in STYLES if style in used] if styles is None else styles,
            plans=self.plans,
            remediation=self.remediation or (),
            benefits=self.benefits or (),
            losses=self.losses or (),
            fresh=self.fresh,
            observed=self.observed,
            automated=self.automated,
        )


def gather(
    engagement: Engagement,
    *,
    styles: Sequence[Style] = STYLES,
    plans: Mapping[str, Plan] | None = None,
    remediation: Sequence[Finding] = (),
    benefits: Sequence[Yearly] = (),
    losses: Sequence[Yearly] = (),
    fresh: Mapping[tuple[str, str], float] | None = None,
    observed: Mapping[str, Observed] | None = None,
    automated: Mapping[str, float] | None = None,
) -> Terms:
    """Collect the parameters of the cost model from an engagement.

    Parameters
    ----------
    plans
        Price plans, by any name, in place of the default plans of their styles.
    fresh
        Integration and style to the share of a benefit that arrives in time; 1 where it is not named.
    observed
        Failures that were measured, by integration.
    automated
        Share of the records that run without a person, by integration; 1 where it is not named.

    Raises
    ------
    MissingRate
        If a default is in a currency of which no exchange rate is known.
    """
    own = tuple((plans or {}).values())
    covered = {plan.style for plan in own}
    shipped = (plan for style, plan in default_plans(engagement).items() if style not in covered)
    chosen = {plan.id: _converted(engagement, plan) for plan in (*own, *shipped) if plan.style in styles}
    inflation = _inflation(engagement)
    real, nominal = _rates(engagement, inflation)
    work = tuple(finding for finding in remediation if finding.effort is not None)
    parameters = (
        *_global_parameters(engagement, styles),
        *_price_parameters(engagement, chosen),
        *(item for one in engagement.integrations for item in _of_integration(engagement, one)),
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
        skills={style: engagement.team.experience(style, known["team.skill"].likely) for style in styles},
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
        remediation=work,
        overrun=_programme(engagement),
        owned=owned_products(engagement),
        fresh=dict(fresh or {}),
        observed=dict(observed or {}),
        automated=dict(automated or {}),
        correlations={key: entry.likely for key, entry in known.under("correlation").items()},
    )


def _converted(engagement: Engagement, plan: Plan) -> Plan:
    """Return a plan whose least bill is in the engagement's currency, as its prices are."""
    if not plan.minimum:
        return plan
    factor = rate(engagement, plan.currency)
    return plan.model_copy(update={"minimum": plan.minimum * factor, "currency": engagement.currency})


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


def _assumed(engagement: Engagement, key: str, question: str) -> CostParameter:
    entry = engagement.assumptions.entry(key)
    return CostParameter(
        name=key, label=entry.label, question=question, estimate=converted(engagement, entry)
    )


def _stated(engagement: Engagement, key: str) -> Estimate | None:
    """Return what the engagement says about the team instead of a default."""
    team = engagement.team
    value = {"team.day_rate": team.day_rate, "team.people": team.people, "team.focus": team.focus}.get(key)
    return None if value is None else Estimate.point(value, source=team.cite(key))


def _global_parameters(engagement: Engagement, styles: Sequence[Style]) -> list[CostParameter]:
    found = []
    for key, question in GLOBALS.items():
        if key == "overrun.single":
            body = engagement.assumptions.entry(key)
            found += [
                CostParameter(
                    name=f"overrun:{style}",
                    label=f"Overrun, {STYLE_NAMES[style]}",
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
    found += [
        _assumed(engagement, f"{topic}.{level}", question)
        for topic, question in PER_LEVEL.items()
        for level in CRITICALITIES
    ]
    return found


def _price_parameters(engagement: Engagement, plans: Mapping[str, Plan]) -> list[CostParameter]:
    keys = dict.fromkeys(key for plan in plans.values() for key in plan.price_keys)
    return [_assumed(engagement, key, "price") for key in keys]


def _of_integration(engagement: Engagement, integration: Integration) -> list[CostParameter]:
    known = engagement.assumptions
    label = integration.label
    volume = integration.volume or known["volume.messages"]
    changes = integration.changes_per_year or known["change.per_year"]
    build = integration.build_days
    cost = build or converted(engagement, known.entry("build.cost"))
    name = f"build.days:{integration.id}" if build else f"build.cost:{integration.id}"
    return [
        CostParameter(name=f"volume:{integration.id}", label=f"Volume of {label}", question="volume", estimate=volume, family="volume"),
        CostParameter(name=name, label=f"Effort of {label}", question="effort", estimate=cost, family="build"),
        CostParameter(name=f"changes:{integration.id}", label=f"Changes a year of {label}", question="changes", estimate=changes, family="changes"),
    ]  # fmt: skip


def _of_finding(finding: Finding) -> CostParameter:
    effort = finding.effort or Estimate.point(0)
    if effort.source is None:
        effort = effort.model_copy(
            update={"source": Source(kind="calculation", place=f"finding/{finding.id}", detail=finding.title)}
        )
    return CostParameter(
        name=f"remediation:{finding.id}", label=finding.title, question="remediation", estimate=effort
    )


def _of_yearly(kind: str, question: str, item: Yearly) -> CostParameter:
    return CostParameter(
        name=f"{kind}:{item.id}", label=item.label, question=question, estimate=item.per_year
    )


def coverage(integration: Integration) -> float | None:
    """Return the stated share of the work that connectors cover; None where the default is drawn.

    A stated share comes first; else what is not specific to the client (1 - customisation).
    """
    if integration.coverage is not None:
        return integration.coverage
    return None if integration.customisation is None else 1 - integration.customisation
