"""Where the numbers of the cost model come from: sources of lines, facts with what they were computed of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assess.core.numbers import quantity, tidy
from assess.core.source import Fact, Source
from assess.intake.engagement import Engagement

from .drivers import swing_drivers
from .finance import annuity_factor
from .model import LINES, PER_LEVEL, PER_STYLE
from .parameters import CostParameter, Terms
from .result import OptionCost, TotalCost

INPUTS_OF: Mapping[str, str] = {
    "volume": "messages",
    "changes": "system_changes",
    "overrun": "overrun.single",
    "build.days": "effort",
    "build.cost": "effort",
    "remediation": "repair_days",
}
"""Names in the cost graph of parameters of integrations and findings, where they are called otherwise."""


FORMULAS: Mapping[str, str] = {
    "npv": "Build, platforms, people, upkeep, failures, risks and exit, less benefits, month by month, discounted; average of all futures",
    "npv_middle": "Half of the futures cost more, half cost less",
    "npv_p80": "Two of ten futures cost more",
    "spent": "All payments until the last integration runs, not discounted; average of all futures",
    "annual": "The equal yearly amount that is worth the same over the horizon",
    "cheapest": "Share of the futures in which no other option costs less; ties are shared",
    "regret": "What it costs more than the option that turns out cheapest; average of all futures",
    "cvar95": "Average of the worst twentieth of the futures",
    "evpi": "Cost of the best option today, less the average cost if the future were known before choosing",
    "evppi": "Cost of the best option today, less the average cost if this answer were known before choosing",
    "worth": "Cost of the best option today, less the average cost if the pilot's partial answers were known before choosing",
}
"""How each figure is worked out, by the last part of its id; the equations are in docs/method/cost.md."""


def line_sources(terms: Terms, line: str, styles: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of the sources of a line of an option that uses these styles, in stable order.

    They are those of the parameters that the line's amount, and when it is paid, are computed of.
    """
    paid = next(item.paid for item in LINES if item.key == line)
    graph = terms.graph
    used = graph.upstream(f"line.{line}") | (graph.upstream(paid) if paid in graph.nodes else frozenset())
    bills = [name for name in used if name.startswith("bill.")]
    own = {f"bill.{plan.id}" for plan in terms.plans.values() if plan.style in styles}
    of_others = (graph.upstream(name) for name in bills if name not in own)
    others = {name for names in of_others for name in names if name.startswith("price.")}
    for name in bills:
        if name in own:
            others -= graph.upstream(name)
    wanted = used - others
    found = [
        parameter.estimate.source.id
        for parameter in terms.parameters
        if parameter.estimate.source
        and _input_of(parameter) in wanted
        and _concerns(terms, parameter, styles)
    ]
    return tuple(dict.fromkeys(found))


def _input_of(parameter: CostParameter) -> str:
    """Return the name in the cost graph of a parameter, which there lies along styles, integrations or findings."""
    kind, apart, _ = parameter.name.partition(":")
    if apart:
        return INPUTS_OF.get(kind, kind)
    topic = parameter.name.rpartition(".")[0]
    return topic if topic in PER_STYLE or topic in PER_LEVEL else parameter.name


def _concerns(terms: Terms, parameter: CostParameter, styles: Sequence[str]) -> bool:
    """Say whether a parameter of one style belongs to one of the styles."""
    of_style = [style for style in terms.styles if parameter.name.endswith((f".{style}", f":{style}"))]
    return not of_style or of_style[0] in styles


def sources(engagement: Engagement, terms: Terms) -> tuple[Source, ...]:
    """Return every source that the model used, once each, ordered by id."""
    found = {
        item.estimate.source.id: item.estimate.source for item in terms.parameters if item.estimate.source
    }
    for key in (
        "money.inflation",
        "money.discount_rate",
        "overrun.tail_share",
        "overrun.tail_mean",
        "overrun.cap",
    ):
        source = engagement.assumptions[key].source
        if source:
            found[source.id] = source
    if engagement.discount_rate is not None:
        stated = Source(kind="input", place="engagement.yaml", column="discount_rate")
        found[stated.id] = stated
    return tuple(found[key] for key in sorted(found))


def facts(result: TotalCost, terms: Terms) -> tuple[Fact, ...]:
    """Return the numbers that the report states."""
    found = [fact for option in result.options for fact in _of_option(result, option)]
    everything = _calculation("cost/evpi", result.options)
    if result.evpi is not None:
        found.append(
            Fact(id="cost.evpi", label="Worth of knowing everything before deciding", value=result.evpi,
                 unit=result.currency, sources=(everything,), formula=FORMULAS["evpi"])
        )  # fmt: skip
    found += [
        Fact(id=f"cost.evppi.{question.id}", label=f"Worth of an answer to: {question.label}", value=question.evppi,
             unit=result.currency, sources=(_question_source(terms, question.id),), formula=FORMULAS["evppi"])
        for question in result.questions
    ]  # fmt: skip
    if result.pilot is not None:
        found.append(
            Fact(id="cost.pilot.worth", label="Worth of a two-week pilot for the choice", value=result.pilot.worth,
                 unit=result.currency, sources=(_calculation("cost/evsi/pilot", result.options),), formula=FORMULAS["worth"])
        )  # fmt: skip
    return tuple(found)


def _all(result: TotalCost) -> str:
    """Say among which options a share counts: one that connects nothing has no flow, where nothing runs today."""
    own = any(option.id == "as-is" for option in result.options)
    return "all options" if own else "the options that connect something"


def _what(option: OptionCost) -> str:
    """Say whether the benefits are in: they are where they are assessed and not nothing."""
    return (
        "Cost less benefits"
        if any(line.line == "benefits" and line.present_value for line in option.lines)
        else "Cost"
    )


def _spent(result: TotalCost, option: OptionCost) -> str:
    """Return what is needed at most in eight of ten futures, and how often the budget lasts."""
    text = f"up to {quantity(option.spent.p80, result.currency)} in eight of ten futures"
    if result.budget is None or option.within_budget is None:
        return text
    return f"{text}; a budget of {quantity(result.budget, result.currency)} lasts in {quantity(option.within_budget, 'chance')}"


def _of_option(result: TotalCost, option: OptionCost) -> tuple[Fact, ...]:
    def source(term: str) -> Source:
        of = tuple(dict.fromkeys(name for line in option.lines for name in line.of))
        return Source(
            kind="calculation", place=f"cost/{term}/{option.id}", detail="docs/method/cost.md", of=of
        )

    own = "" if option.id == result.best else f", {option.label}"
    id = option.id
    moved = swing_drivers(result.swings, lambda swing: swing.cost_high[id] - swing.cost_low[id])
    needed = swing_drivers(
        result.swings, lambda swing: swing.spent_high.get(id, 0) - swing.spent_low.get(id, 0)
    )
    yearly = tuple(
        driver.model_copy(
            update={
                "effect": tidy(driver.effect / annuity_factor(result.discount_rate, result.horizon_years))
            }
        )
        for driver in moved
    )
    found = (
        Fact(id=f"cost.{option.id}.npv", label=f"{_what(option)} over {result.horizon_years} years, average present value, {option.label}",
             value=option.npv.mean, unit=result.currency, low=option.npv.p10, high=option.npv.p90, sources=(source("npv"),),
             drivers=moved),
        Fact(id=f"cost.{option.id}.npv_middle", label=f"The same in the middle future, {option.label}",
             value=option.npv.p50, unit=result.currency, sources=(source("npv"),)),
        Fact(id=f"cost.{option.id}.npv_p80", label=f"Present value not exceeded in 8 of 10 cases, {option.label}",
             value=option.npv.p80, unit=result.currency, sources=(source("npv"),)),
        Fact(id=f"cost.{option.id}.spent", label=f"To invest until live{own}", value=option.spent.mean,
             unit=result.currency, low=option.spent.p10, high=option.spent.p90, sources=(source("spent"),), note=_spent(result, option),
             drivers=needed),
        Fact(id=f"cost.{option.id}.annual", label=f"Equal yearly amount, {option.label}", value=option.annual.mean,
             unit=f"{result.currency}/year", low=option.annual.p10, high=option.annual.p90,
             sources=(source("annual"),), drivers=yearly),
        Fact(id=f"cost.{option.id}.cheapest", label=f"Chance of being the cheapest of {_all(result)}, {option.label}",
             value=option.cheapest, unit="chance", sources=(source("cheapest"),)),
        Fact(id=f"cost.{option.id}.regret", label=f"Expected regret, {option.label}", value=option.regret,
             unit=result.currency, sources=(source("regret"),)),
        Fact(id=f"cost.{option.id}.cvar95", label=f"Mean of the worst 5% of cases, {option.label}", value=option.cvar95,
             unit=result.currency, sources=(source("cvar95"),)),
    )  # fmt: skip
    return tuple(fact.model_copy(update={"formula": FORMULAS[fact.id.rpartition(".")[2]]}) for fact in found)


def _calculation(place: str, options: Sequence[OptionCost]) -> Source:
    of = tuple(f"ca:cost/npv/{option.id}" for option in options)
    return Source(kind="calculation", place=place, detail="docs/method/cost.md", of=of)


def _question_source(terms: Terms, question: str) -> Source:
    of = dict.fromkeys(
        item.estimate.source.id
        for item in terms.parameters
        if item.question == question and item.estimate.source
    )
    return Source(
        kind="calculation", place=f"cost/evppi/{question}", detail="docs/method/cost.md", of=tuple(of)
    )
