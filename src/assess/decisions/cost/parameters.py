"""What the cost model takes from the engagement: named parameters with their sources, and fixed facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from assess.core.estimate import Estimate
from assess.core.finding import Finding
from assess.core.formula_graph import Graph
from assess.core.record import Record
from assess.core.source import Source
from assess.decisions.shift import Shift, apply
from assess.intake.assumptions import Assumption
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Integration, Style
from assess.intake.yearly import Yearly

from .billing import Plan
from .finance import nominal_rate, real_rate
from .model import GLOBALS, PER_STYLE, cost_graph
from .plans import default_plans

STYLES: tuple[Style, ...] = (
    "api-first", "event-driven", "ipaas", "file-exchange", "api-facade", "database-access",
)  # fmt: skip

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
    remediation: tuple[str, ...] = ()
    overrun: Mapping[str, float] = field(default_factory=dict)
    correlations: Mapping[str, float] = field(default_factory=dict)

    @property
    def by_name(self) -> dict[str, CostParameter]:
        """The parameters by name."""
        return {parameter.name: parameter for parameter in self.parameters}

    @cached_property
    def graph(self) -> Graph:
        """The cost graph of these terms."""
        return cost_graph(self.plans, {plan.id: plan for plan in self.plans.values()}, self.horizon)

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
        Style to price plan, instead of the default plan of the style.
    """

    engagement: Engagement
    assignments: Mapping[str, Mapping[str, str]] | None = None
    remediation: Sequence[Finding] | None = None
    benefits: Sequence[Yearly] | None = None
    losses: Sequence[Yearly] | None = None
    shifts: Sequence[Shift] = ()
    plans: Mapping[str, Plan] | None = None

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
    def options(self) -> dict[str, dict[str, str]]:
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
                if style not in STYLES:
                    raise KeyError(f"option {name} assigns the unknown style {style}")
        return {name: dict(assignment) for name, assignment in chosen.items() if assignment}

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
        used = {style for assignment in self.options.values() for style in assignment.values()}
        return gather(
            self.moved,
            styles=[style for style in STYLES if style in used] if styles is None else styles,
            plans=self.plans,
            remediation=self.remediation or (),
            benefits=self.benefits or (),
            losses=self.losses or (),
        )


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
    chosen = {**default_plans(engagement), **(plans or {})}
    chosen = {style: _converted(engagement, plan) for style, plan in chosen.items() if style in styles}
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
    )


def _converted(engagement: Engagement, plan: Plan) -> Plan:
    """Return a plan whose least bill is in the engagement's currency, as its prices are."""
    if not plan.minimum:
        return plan
    factor, _ = rate(engagement, plan.currency)
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
        if key == "overrun.body":
            body = engagement.assumptions.entry(key)
            found += [
                CostParameter(
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


KNOWN = ("EUR", "USD", "GBP", "CHF")
"""Currencies of which the defaults hold a rate."""


class MissingRate(ValueError):
    """No exchange rate is known for a currency that the model needs."""


def parse_currency(unit: str) -> str:
    """Return the currency that a unit such as ``EUR/day`` begins with; empty where there is none.

    >>> parse_currency("USD/M requests"), parse_currency("share/year")
    ('USD', '')
    """
    head = unit.split("/")[0].strip()
    return head if len(head) == 3 and head.isalpha() and head.isupper() and head != "FTE" else ""


def rate(engagement: Engagement, currency: str) -> tuple[float, Source]:
    """Return the price of one unit of a currency in the engagement's, and where it comes from.

    A rate stated in the engagement comes first, then its inverse is not guessed: the dated
    defaults, which are in EUR, are crossed.

    Raises
    ------
    MissingRate
        If neither the engagement nor the defaults know the currency.
    """
    if currency == engagement.currency:
        return 1.0, Source(kind="calculation", place="money/one")
    if currency in engagement.exchange_rates:
        place = Source(kind="input", place="engagement.yaml", column=f"exchange_rates.{currency}")
        return engagement.exchange_rates[currency], place
    value = _in_euro(engagement, currency) / _in_euro(engagement, engagement.currency)
    keys = tuple(f"as:fx.eur_per_{code.lower()}" for code in (currency, engagement.currency) if code != "EUR")
    return value, Source(kind="calculation", place=f"money/{currency}", detail="crossed through EUR", of=keys)


def _in_euro(engagement: Engagement, currency: str) -> float:
    if currency == "EUR":
        return 1.0
    if "EUR" in engagement.exchange_rates and currency == engagement.currency:
        return 1 / engagement.exchange_rates["EUR"]
    if currency not in KNOWN:
        raise MissingRate(
            f"no exchange rate is known between {currency} and {engagement.currency}: "
            f"add exchange_rates with EUR and USD to engagement.yaml"
        )
    return engagement.assumptions[f"fx.eur_per_{currency.lower()}"].likely


def converted(engagement: Engagement, entry: Assumption) -> Estimate:
    """Return an assumption as an estimate in the engagement's currency.

    An override is in the engagement's currency already; a default is converted by the currency
    that its unit begins with. Units without a currency stay.
    """
    currency = parse_currency(entry.unit)
    if not currency or entry.overridden or currency == engagement.currency:
        return entry.estimate
    factor, _ = rate(engagement, currency)
    return entry.estimate.scaled(factor, entry.unit.replace(currency, engagement.currency, 1))
