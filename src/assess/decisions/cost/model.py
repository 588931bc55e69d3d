"""The cost model as one graph of formulas: what every line of the cash flow is computed of.

The graph is evaluated over drawn futures (`cash_flows`), at the likely values, by the page's what-ifs and
by the workbook; build or buy and the likely case are views of it. Its names are the keys of the assumptions,
facts of the integrations (along ``place``) and of an option (``member``). Formulas and their sources in
words: docs/method/cost.md.

A new term is one `CostLine` here, its parameter one line beside the others and a dated default; nothing else lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assess.core.formula_graph import (
    ENDLESS,
    Formula,
    Graph,
    Node,
    Term,
    apply_function,
    at,
    form_data,
    highest,
    lowest,
    named,
    number,
    running,
    total,
    where,
)
from assess.intake.engagement.landscape import Criticality

from .billing import Plan, plan_bill

MONTHS = 12
WEEKS_PER_MONTH = 52 / 12
HOURS_PER_DAY = 8
SECONDS_PER_MONTH = 365 * 86_400 / 12
PEAK_UNIT = 1_000.0
"""Messages a second of one throughput unit (Event Hubs: 1 000 events a second of ingress)."""

LEAST_LOAD = 1e-3
"""Least number of throughput units of a style that is used."""

GLOBALS: dict[str, str] = {}
"""Parameters that exist once, and the question of `QUESTIONS` that each belongs to."""

PER_STYLE: dict[str, str] = {}
"""Parameters that each style has, and their question."""

PER_LEVEL: dict[str, str] = {}
"""Parameters that each level of `CRITICALITIES` has, and their question."""

CRITICALITIES: tuple[Criticality, ...] = ("low", "medium", "high", "critical")

FAILURE_PRIOR = 0.5
"""Years of observation that the default of failures a year counts as, against measured ones (Gamma-Poisson)."""

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
    "failures": "How often does an integration fail, and what does one failure cost?",
    "controls": "How much evidence do auditors ask for?",
    "exit": "How likely is leaving the platform, and what does it cost?",
    "remediation": "How much work is it to repair the data?",
    "losses": "What do the risks cost a year?",
    "benefits": "What are the benefits worth a year?",
}
"""The questions that information could answer, in words."""


def _once(key: str, question: str) -> Formula:
    """Declare a parameter that exists once."""
    GLOBALS[key] = question
    return named(key)


def _each(key: str, question: str) -> Formula:
    """Declare a parameter of each style, along the axis ``style``."""
    PER_STYLE[key] = question
    return named(key)


def _leveled(key: str, question: str) -> Formula:
    """Declare a parameter of each level of criticality, along the axis ``criticality``."""
    PER_LEVEL[key] = question
    return named(key)


DAY_RATE = _once("team.day_rate", "people")
PEOPLE = _once("team.people", "people")
FOCUS = _once("team.focus", "people")
WAGE = _once("people.wage", "people")
ROLLOUT = _once("rollout.months", "overrun")
CONFIG_SHARE = _once("build.config_share", "coverage")
COVERAGE = _once("build.coverage", "coverage")
LEARNING_RATE = _once("build.learning_rate", "effort")
NOVICE = _once("skill.psi", "skills")
RAMP_DAYS = _once("skill.ramp_days", "skills")
OVERRUN = _once("overrun.single", "overrun")
OVERRUN_FACTOR = _once("overrun.factor", "overrun")
REWORK = _once("rework.factor", "remediation")
CUSTOM_UPKEEP = _once("maintenance.custom", "maintenance")
CONFIG_UPKEEP = _once("maintenance.ipaas", "maintenance")
CHANGE_PART = _once("maintenance.change_share", "maintenance")
CHANGE_HOURS = _once("change.hours", "changes")
ABSTRACTION = _once("change.abstraction", "changes")
COORDINATION = _once("portfolio.coordination", "platform")
GROWTH = _once("volume.growth", "volume")
PEAK_FACTOR = _once("volume.peak_factor", "volume")
RETRY = _once("billing.retry_rate", "volume")
STEPS = _once("billing.steps", "billing")
LOOPS = _once("billing.loop_factor", "billing")
REPLICAS = _once("billing.replicas", "billing")
FLOW_CORES = _once("billing.vcore_per_flow", "billing")
CORE_MESSAGES = _once("billing.messages_per_vcore", "billing")
UPLIFT = _once("price.uplift", "price")
REALISED = _once("benefits.realised", "benefits")
BUILD_FACTOR = _each("build.factor", "effort")
SETUP_DAYS = _each("setup.days", "platform")
HOSTING = _each("infrastructure", "platform")
POSTS = _each("people.fte", "people")
SCARCITY = _each("people.scarcity", "people")
FANOUT = _each("fanout", "effort")
HOSTING_EACH = _each("infrastructure.each", "platform")
POSTS_EACH = _each("people.each", "people")
FAILURE_RATE = _each("failure.rate", "failures")
CONTROL_DAYS = _each("control.days", "controls")
FAILURE_LOSS = _leveled("failure.loss", "failures")
HAZARD = _each("exit.hazard", "exit")
LEAVING = _each("exit.share", "exit")

DISCOUNT, INFLATION, DAYS_PER_WEEK, RESERVE = map(
    named, ("discount", "inflation", "days_per_week", "reserve")
)
"""Facts that are not drawn: real discount rate, general inflation, working days, capacity kept for maintenance."""

NUMBER, VOLUME_FACTOR = named("number"), named("volume_factor")
"""How many integrations of the list are built, from the first on; volume against today."""

SKILL, PLATFORM, COORDINATED = named("experience"), named("platform"), named("coordinated")
"""Facts of a style: experience of the team; 1 where connectors are configured; 0 where there is nothing to coordinate."""

MESSAGES, EFFORT, CHANGES = named("messages"), named("effort"), named("system_changes")
"""Drawn for each integration: messages a month, effort in days or money, changes a year."""

MEMBER, NEW_ENDS = named("member"), named("new_ends")
"""Of an option: 1 where an integration has a style; the systems that it adds to those of its style before it."""

KEPT, STAYS, CHOSEN = named("kept"), named("stays"), named("plan_chosen")
"""Of an option: 1 where an integration stays in the style that it has today; where it stays as it is, also by hand;
for the price plans that it buys."""

MORE, CONTROLLED, CRITICAL = named("more_consumers"), named("controlled"), named("critical_is")
"""Facts of an integration: consumers beyond the first; evidence asked for, 0 to 1; 1 at its level of criticality."""

HOSTED, SEEN, SEEN_YEARS = named("hosted_today"), named("seen_failures"), named("seen_years")
"""Facts of an integration as it is today: 1 unless it needs no platform; failures that were measured, in how many years."""

OWNED, OWNED_PRICED, OWNED_COST = named("owned"), named("owned_priced"), named("owned_cost")
"""Facts of a style: 1 where a product of the client's stack carries it; where its price is stated, and that price."""

FRESH = named("fresh")
"""Share of a benefit that arrives in time, by style and integration."""

AUTOMATED = named("automated")
"""Share of an integration's records that run without a person: those that both sides know to be the same."""

PAYMENTS: Mapping[str, str] = {
    "once": "at the start",
    "built": "as the integrations are built",
    "live": "while they are live",
    "always": "from the first month on",
    "contract": "from the first month on, in the money of the contract",
    "late": "once the team can really have built them",
}
"""When a line is paid: the name of its share of each month, and its words."""

WORTH: Mapping[str, str] = {
    "built": "built_year",
    "live": "running_year",
    "always": "real_year",
    "contract": "contract_year",
    "late": "late_year",
}
"""What 1 that is paid so is worth in each year; what is paid once is worth itself."""


@dataclass(frozen=True)
class CostLine:
    """A line of the cash flow.

    Parameters
    ----------
    key, label
        Its name in results, and its words.
    paid
        When: a key of `PAYMENTS`.
    amount
        What it comes to: all of it where it is paid once or as the integrations are built, else a year, which
        may lie along the years. Costs are positive.
    budget
        Whether a budget has to hold it: no expected loss, cost of leaving, or benefit is paid by the programme.
    """

    key: str
    label: str
    paid: str
    amount: Formula
    budget: bool = True


_A = named
LINES: tuple[CostLine, ...] = (
    CostLine("foundation", "Foundation of the platform", "once", total("style", _A("founded") * SETUP_DAYS) * DAY_RATE),
    CostLine("ramp", "Learning the style", "once", total("style", _A("founded") * (1 - SKILL)) * RAMP_DAYS * PEOPLE * DAY_RATE),
    CostLine("remediation", "Remediation of data findings", "once",
         total("repair", named("repair_days") * _A("repair_part")) * DAY_RATE * REWORK),
    CostLine("build", "Build", "built", total("place", _A("build"))),
    CostLine("maintenance", "Maintenance", "live", total("place", _A("placed") * _A("maintenance"))),
    CostLine("changes", "Changes of connected systems", "live", total("place", _A("placed") * _A("following"))),
    CostLine("controls", "Control and evidence", "live", total("place", _A("placed") * _A("controls"))),
    CostLine("running", "Running each integration", "live", total("place", _A("placed") * _A("running"))),
    CostLine("subscription", "Subscription and usage", "contract", _A("bills")),
    CostLine("infrastructure", "Infrastructure", "always", total("style", _A("used") * _A("hosting"))),
    CostLine("people", "People who run it", "always", total("style", _A("used") * _A("staffed") * (1 + SCARCITY)) * WAGE),
    CostLine("coordination", "Coordination of styles", "always",
         highest(0, total("style", _A("used") * COORDINATED) - 1) * COORDINATION),
    CostLine("kept", "Keeping what stays as it is", "always", total("place", _A("staying") * _A("upkeep")), budget=False),
    CostLine("failures", "Expected failures", "live", total("place", _A("placed") * _A("failures")), budget=False),
    CostLine("kept_failures", "Expected failures of what stays", "always",
         total("place", _A("staying") * _A("failures")), budget=False),
    CostLine("losses", "Expected losses from risks", "live", total("loss", named("loss") * _A("loss_part")), budget=False),
    CostLine("kept_losses", "Expected losses from risks to what stays", "always",
         total("loss", named("loss") * _A("kept_loss_part")), budget=False),
    CostLine("exit", "Expected cost of leaving", "always",
         total("style", _A("by_hand") * _A("leaving")), budget=False),
    CostLine("benefits", "Benefits", "late", -REALISED * total("benefit", named("benefit") * _A("benefit_part")), budget=False),
)  # fmt: skip
"""The lines of the cash flow in the order of the table."""

LABELS: Mapping[str, str] = {line.key: line.label for line in LINES}


@dataclass
class _Writer:
    """Collects the nodes of the graph."""

    nodes: dict[str, Node] = field(default_factory=dict)

    def __call__(self, name: str, term: Term, label: str, unit: str = "") -> Formula:
        self.nodes[name] = Node(form_data(term), label, unit)
        return named(name)


def cost_graph(plans: Mapping[str, Plan], years: int) -> Graph:
    """Return the graph of the cost model.

    Parameters
    ----------
    plans
        Price plans by id that options may buy, their minimum in the engagement's currency.
    years
        Years of the horizon.
    """
    key = (years, *((id, plan.to_json()) for id, plan in plans.items()))
    if key not in _GRAPHS:
        if len(_GRAPHS) >= MOST_GRAPHS:
            _GRAPHS.clear()
        _GRAPHS[key] = _written(plans, years)
    return _GRAPHS[key]


MOST_GRAPHS = 32
"""Graphs that are remembered: terms that differ in numbers alone have the same."""

_GRAPHS: dict[tuple[object, ...], Graph] = {}


def _written(plans: Mapping[str, Plan], years: int) -> Graph:
    node = _Writer()
    _time(node, years * MONTHS)
    _members(node)
    _efforts(node)
    _yearly_amounts(node)
    _subscriptions(node, plans)
    for line in LINES:
        node(
            f"line.{line.key}",
            line.amount,
            line.label,
            "money" if line.paid in ("once", "built") else "money/year",
        )
    node("duration", _duration(), "Months that the team needs to build everything", "months")
    node(
        "late",
        lowest(1, number("month") / highest(_A("duration"), _A("rollout"))),
        "Share whose benefit comes",
    )
    _present_values(node)
    _own(node)
    return Graph(node.nodes)


def _time(node: _Writer, months: int) -> None:
    """Write what months and years are worth, and what is live when (docs/method/cost.md, Time)."""
    month, year = number("month"), number("year")
    node(
        "nominal", (1 + DISCOUNT) * (1 + INFLATION) - 1, "Discount rate, nominal (Fisher 1930)", "share/year"
    )
    node("real_factor", (1 + DISCOUNT) ** (-month / 12), "Discount factor of base-date money, end of month")
    node("contract_factor", (1 + _A("nominal")) ** (-month / 12), "Discount factor of the month's money")
    node("inside", (MONTHS * (year - 1) < month) * (month <= MONTHS * year), "1 where a month lies in a year")
    node("rollout", lowest(highest(ROLLOUT, 1), months), "Months in which the plan brings all live", "months")
    node("live", lowest(1, month / _A("rollout")), "Share that is live at the end of the month")
    node("built", _A("live") - lowest(1, (month - 1) / _A("rollout")), "Share that is built in the month")
    node("open", lowest(1, highest(0, _A("rollout") - (month - 1))), "Share of the month before all is live")
    node("live_year", _in_year(_A("live")) / 12, "Average live share of the year")
    node("before", _in_year(_A("open")) / 12, "Share of the year before all is live")
    node(
        "waiting",
        total("month", _A("live") * _A("open")) / 12,
        "Years that the average one is live before all are",
        "years",
    )


def _in_year(monthly: Formula) -> Formula:
    return total("month", _A("inside") * monthly)


def _members(node: _Writer) -> None:
    """Write which integrations are built, in which style, as the how many-th."""
    node("in_scope", number("place") <= NUMBER, "1 where the integration is built")
    node("placed", total("style", MEMBER) * _A("in_scope"), "1 where the option builds it")
    node("staying", total("style", KEPT) * _A("in_scope"), "1 where it stays in the style that it has today")
    node("served", MEMBER + KEPT, "1 in the style that it has, newly built or as today")
    node(
        "rank", highest(1, total("style", MEMBER * running("place", MEMBER))), "The how many-th of its style"
    )
    node("count", total("place", MEMBER * _A("in_scope")), "Integrations that are built in the style")
    node(
        "carried",
        MEMBER * _A("in_scope") + KEPT * HOSTED * _A("in_scope"),
        "1 where a platform of the style carries it",
    )
    node("used", lowest(1, total("place", _A("carried"))), "1 where the style is used")
    node("founded", lowest(1, _A("count")) * (1 - OWNED), "1 where the style is new")
    node(
        "staffed",
        where(OWNED_PRICED, 0, POSTS),
        "People before the first integration; what is owned is paid with its support",
        "FTE",
    )
    node(
        "hosting",
        where(OWNED_PRICED, OWNED_COST, HOSTING),
        "Hosting and licence a year before the first integration",
        "money/year",
    )


def _efforts(node: _Writer) -> None:
    """Write what each integration takes: to build or configure, and to run, in its style or as it is today."""
    days = named("in_days")
    learning = apply_function("log", LEARNING_RATE) / apply_function("log", 2)
    node("learning", learning, "Exponent of the learning curve (Wright 1936)")
    node("eased", _A("rank") ** _A("learning"), "Effort against the first of its style")
    node("plain", EFFORT * (days * DAY_RATE + (1 - days)), "Cost of building it by hand as planned", "money")
    stated = named("cover_stated")
    node(
        "covered",
        stated * named("own_cover") + (1 - stated) * COVERAGE,
        "Share of the work that connectors cover",
    )
    node("psi", 1 + (NOVICE - 1) * (1 - SKILL), "Effort and failures against an experienced team")
    node("failure_loss", total("criticality", CRITICAL * FAILURE_LOSS), "Cost of one failure", "money")
    node(
        "by_hand", total("place", MEMBER * _A("in_scope") * _A("plain")), "Building it again by hand", "money"
    )
    node(
        "leaving",
        LEAVING * HAZARD * (1 - HAZARD) ** (number("year") - 1),
        "Part of building again that leaving costs, expected",
    )
    _works(node)
    slower = total("style", MEMBER * _A("psi") * OVERRUN)
    node(
        "build",
        (_A("custom") + _A("configured")) * slower * _A("in_scope") * OVERRUN_FACTOR,
        "Build with overrun",
        "money",
    )
    expected = _in_its_style(FAILURE_RATE * _A("psi"))
    node(
        "failing",
        (expected * FAILURE_PRIOR + _A("staying") * SEEN) / (FAILURE_PRIOR + _A("staying") * SEEN_YEARS),
        "Failures a year; where it stays, measured ones among them (Gamma-Poisson)",
    )
    node(
        "failures", _A("failing") * _A("failure_loss"), "Expected failures of each integration", "money/year"
    )


def _in_its_style(topic: Formula) -> Formula:
    return total("style", _A("served") * topic)


def _works(node: _Writer) -> None:
    """Write the work of each integration in its style, whether it is built or stays: planned, followed up, controlled, run."""
    node("cover", _A("covered") * _in_its_style(PLATFORM), "Share that is configured")
    node("fan", 1 + MORE * _in_its_style(FANOUT), "Work for all consumers against one")
    planned = _A("plain") * _A("eased") * _A("fan")
    node(
        "custom",
        planned * (1 - _A("cover")) * _in_its_style(BUILD_FACTOR),
        "Planned work that is built",
        "money",
    )
    node(
        "configured",
        planned * _A("cover") * CONFIG_SHARE,
        "Planned work that is configured",
        "money",
    )
    node(
        "maintenance",
        _A("custom") * CUSTOM_UPKEEP * (1 - CHANGE_PART) + _A("configured") * CONFIG_UPKEEP,
        "Maintenance of each integration",
        "money/year",
    )
    node(
        "followed",
        CHANGES * (1 - _A("cover") * ABSTRACTION),
        "Changes a year that are followed by hand",
    )
    change = CHANGE_HOURS / HOURS_PER_DAY * DAY_RATE
    node(
        "following",
        _A("followed") * _A("fan") * _in_its_style(_A("psi")) * change,
        "Following changes",
        "money/year",
    )
    node(
        "controls",
        _in_its_style(CONTROL_DAYS) * CONTROLLED * DAY_RATE,
        "Control and evidence of each integration",
        "money/year",
    )
    posts = _in_its_style(POSTS_EACH * (1 + SCARCITY)) * WAGE
    node(
        "running",
        _in_its_style(HOSTING_EACH) + posts,
        "Hosting and people of this one",
        "money/year",
    )
    node(
        "upkeep",
        _A("maintenance") + _A("following") + _A("controls") + _A("running"),
        "What it takes to keep it running",
        "money/year",
    )


def _duration() -> Formula:
    """Return the months of the team for the build: at least one; a team without capacity has a day a month."""
    capacity = PEOPLE * FOCUS * DAYS_PER_WEEK * WEEKS_PER_MONTH * (1 - RESERVE)
    days = _A("line.build") / highest(DAY_RATE, 1e-9)
    return highest(days / highest(capacity, 1), 1)


def _yearly_amounts(node: _Writer) -> None:
    """Write which part of each loss, benefit and repair applies: the share of its integrations that it is true of."""
    for kind, plural in (("loss", "losses"), ("benefit", "benefits")):
        serves = named(f"{kind}_serves")
        placed = MEMBER * FRESH * AUTOMATED if kind == "benefit" else MEMBER
        scope = node(f"{kind}_scope", placed * _A("in_scope"), f"Share of {plural} that a style lets apply")
        node(f"{kind}_place", total("style", serves * scope), f"Share of {plural} that apply")
        stated = named(f"{kind}_named")
        among = highest(1, where(stated, stated, NUMBER))
        reached = total("place", named(f"{kind}_concerns") * _A(f"{kind}_place"))
        node(f"{kind}_part", reached / among, f"Part of the {plural} that applies")
        if kind == "loss":
            by_hand = (STAYS - total("style", KEPT)) * named("loss_by_hand")
            node(
                "kept_loss_place",
                (total("style", serves * KEPT) + by_hand) * _A("in_scope"),
                "1 where losses apply to what stays",
            )
            staying = total("place", named("loss_concerns") * _A("kept_loss_place"))
            node("kept_loss_part", staying / among, "Part of the losses that stays")
    touched = total("place", named("repair_concerns") * _A("placed"))
    node("repair_part", lowest(1, touched), "1 where something is built that needs the repair")


def _subscriptions(node: _Writer, plans: Mapping[str, Plan]) -> None:
    """Write what each plan counts and bills in each year if the option buys it, and the bills of a year together."""
    rise = number("year") - 1
    node(
        "own_rise", (1 + named("own_growth")) ** rise, "Volume against the first year, where growth is stated"
    )
    node("rise", (1 + GROWTH) ** rise, "Volume against the first year, where no growth is stated")
    node("raised", (1 + UPLIFT) ** rise, "Subscription prices against the first year")
    bills: list[Formula] = []
    for id, plan in plans.items():
        bill = plan_bill(plan, _Quantities(node, plan), ENDLESS)
        bought = at("plan", id, CHOSEN) * at("style", plan.style, _A("used"))
        bills.append(
            node(
                f"bill.{id}",
                where(bought, 12 * bill * _A("raised"), 0),
                f"Bill, {plan.name or id}",
                "money/year",
            )
        )
    node("bills", sum(bills[1:], bills[0]) if bills else 0 * _A("raised"), "Bills of all plans", "money/year")


def counted_name(meter: str, plan: str) -> str:
    """Return the name of what a plan counts of a meter in a month, shape (years,); no line of cost is called so."""
    return f"quantity.{meter}.{plan}"


class _Quantities:
    """What a plan counts of each of its meters, written when asked for."""

    def __init__(self, node: _Writer, plan: Plan) -> None:
        self.node, self.style, self.plan = node, plan.style, plan

    def __getitem__(self, meter: str) -> Formula:
        name = counted_name(meter, self.plan.id)
        if name not in self.node.nodes:
            self.node(name, self._counted(meter), f"{meter} a month, {self.plan.name or self.plan.id}")
        return named(name)

    def _counted(self, meter: str) -> Formula:
        """Return what a meter counts in a month of each year (docs/method/cost.md, Subscription)."""
        live = _A("live_year")
        count = total("place", self._own())
        if meter == "month":
            return Formula(1.0)
        if meter == "flow":
            return live * count * REPLICAS
        if meter == "connection":
            return live * total("place", self._own() * NEW_ENDS)
        if meter == "throughput":
            stated = named("peak_stated")
            average = self._grown("unpeaked", (1 - stated) * MESSAGES) * PEAK_FACTOR / SECONDS_PER_MONTH
            peak = self._grown("peaked", stated * named("own_peak")) + average
            return highest(peak * VOLUME_FACTOR / PEAK_UNIT, LEAST_LOAD)
        if meter == "gigabyte":
            return self._grown("volume_kb", MESSAGES * named("kb")) / 1e6 * VOLUME_FACTOR * live * (1 + RETRY)
        if meter == "vcore":
            load = self._grown("sent", MESSAGES) * VOLUME_FACTOR * (1 + RETRY) / CORE_MESSAGES
            return (REPLICAS * FLOW_CORES * count + load) * live
        chunk = next((part.chunk_kb for part in self.plan.components if part.meter == meter), None)
        sent = (
            self._grown(f"sent{'' if chunk is None else f'_{chunk:g}'}", MESSAGES * self._chunks(chunk))
            * VOLUME_FACTOR
            * live
            * (1 + RETRY)
        )
        return sent * STEPS * LOOPS if meter == "step" else sent

    def _own(self) -> Formula:
        name = f"carried.{self.style}"
        return self.node(name, at("style", self.style, _A("carried")), f"1 where {self.style} carries it")

    def _chunks(self, chunk: float | None) -> Formula | float:
        """Return the units that one message of each integration counts as."""
        if chunk is None:
            return 1.0
        count = highest(1, apply_function("ceil", named("kb") / chunk))
        return self.node(f"chunks.{chunk:g}", count, f"Units of {chunk:g} kB of a message")

    def _grown(self, name: str, each: Formula) -> Formula:
        """Return the sum over the style's integrations in each year, with their own growth or the general one.

        It is a node of the style, so that all its plans share it.
        """
        stated = named("growth_stated")
        own = self._own() * each
        grown = total("place", own * stated * _A("own_rise")) + total("place", own * (1 - stated)) * _A(
            "rise"
        )
        return self.node(f"{name}.{self.style}", grown, f"{name} a month of each year, {self.style}")


def _present_values(node: _Writer) -> None:
    """Write what each way of paying is worth in each year, and the present value of all lines."""
    node("real_year", _in_year(_A("real_factor")) / 12, "Worth of 1 a year in the year")
    node(
        "contract_year", _in_year(_A("contract_factor")) / 12, "Worth of 1 a year of the contract in the year"
    )
    node(
        "built_year",
        _in_year(_A("real_factor") * _A("built")),
        "Worth of 1 spent as all is built, in the year",
    )
    node(
        "running_year",
        _in_year(_A("real_factor") * _A("live")) / 12,
        "Worth of 1 a year while live, in the year",
    )
    node(
        "late_year",
        _in_year(_A("real_factor") * _A("late")) / 12,
        "Worth of 1 a year once really built, in the year",
    )
    for paid, label in PAYMENTS.items():
        amounts = [_A(f"line.{line.key}") for line in LINES if line.paid == paid]
        node(f"paid.{paid}", sum(amounts[1:], amounts[0]), f"Paid {label}", "money")
    for paid, year in WORTH.items():
        node(f"worth.{paid}", _A(f"paid.{paid}") * _A(year), f"Present value, paid {PAYMENTS[paid]}", "money")
    running_costs = [_A(f"worth.{paid}") for paid in WORTH]
    node("present", sum(running_costs[1:], running_costs[0]), "Present value of the year", "money")
    node("npv", _A("paid.once") + total("year", _A("present")), "Present value", "money")
    node("spent", _spent(), "Paid until all run, not discounted", "money")


def _own(node: _Writer) -> None:
    """Write what each integration adds: all that is no fixed cost of a style, no repair and no subscription."""
    live, always = total("year", _A("running_year")), total("year", _A("real_year"))
    leaving = total("style", MEMBER * total("year", _A("leaving") * _A("real_year")))
    node("own_loss", _of_place("loss", "loss_place"), "Risks that it carries", "money/year")
    node(
        "own_kept_loss", _of_place("loss", "kept_loss_place"), "Risks that it carries as it is", "money/year"
    )
    node(
        "own_cost",
        _A("build") * total("year", _A("built_year"))
        + (_A("upkeep") + _A("failures")) * (_A("placed") * live + _A("staying") * always)
        + _A("own_loss") * live
        + _A("own_kept_loss") * always
        + _A("in_scope") * _A("plain") * leaving,
        "What the integration adds to the cost, without subscription",
        "money",
    )
    node(
        "own_benefit",
        REALISED * _of_place("benefit", "benefit_place") * total("year", _A("late_year")),
        "What the integration brings",
        "money",
    )


def _of_place(kind: str, applies: str) -> Formula:
    """Return what each integration has of the losses or benefits a year."""
    stated = named(f"{kind}_named")
    among = highest(1, where(stated, stated, NUMBER))
    return total(kind, named(kind) / among * named(f"{kind}_concerns") * _A(applies))


def _spent() -> Formula:
    """Return what is paid until all integrations run: once, for building, and for running what is already live."""
    until: Mapping[str, Term] = {
        "once": 1,
        "built": 1,
        "live": _A("waiting"),
        "always": _A("before"),
        "contract": _A("before"),
    }
    found: Term = 0.0
    for paid, part in until.items():
        lines = [_A(f"line.{line.key}") for line in LINES if line.paid == paid and line.budget]
        sums = sum(lines[1:], lines[0]) * part
        found = found + (total("year", sums) if paid in ("always", "contract") else sums)
    assert isinstance(found, Formula)
    return found


def cash_flow_table(money: str) -> dict[str, Node]:
    """Return what the table of an option shows of each line: its present value, and its flow in each year.

    Parameters
    ----------
    money
        Whether the flows are in ``real`` money of the base date or in ``nominal`` money of each month.
    """
    node = _Writer()
    time = number("month") / 12
    inflated = (1 + INFLATION) ** time
    node(
        "real_money",
        Formula(1.0) if money == "real" else inflated,
        "Base-date money in the money of the table",
    )
    node(
        "contract_money",
        1 / inflated if money == "real" else Formula(1.0),
        "The month's money in the money of the table",
    )
    shares = {"built": _A("built"), "live": _A("live") / 12, "late": _A("late") / 12}
    for paid in WORTH:
        unit = _A("contract_money" if paid == "contract" else "real_money")
        node(
            f"table.{paid}",
            _in_year(unit * shares.get(paid, Formula(1.0))) / (1 if paid in shares else 12),
            f"1 paid {PAYMENTS[paid]}, in the year",
        )
    for line in LINES:
        amount = _A(f"line.{line.key}")
        if line.paid == "once":
            node(f"value.{line.key}", amount, f"{line.label}, present value", "money")
            continue
        node(
            f"value.{line.key}",
            total("year", amount * _A(WORTH[line.paid])),
            f"{line.label}, present value",
            "money",
        )
        node(f"flow.{line.key}", amount * _A(f"table.{line.paid}"), f"{line.label}, in the year", "money")
    return node.nodes


__all__ = ["GLOBALS", "LABELS", "LINES", "PER_LEVEL", "PER_STYLE", "QUESTIONS", "CostLine", "cost_graph"]
