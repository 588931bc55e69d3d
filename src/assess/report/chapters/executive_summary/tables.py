"""The tables of the brief: options, decision sheet, risks, questions, goals."""

from __future__ import annotations

from collections.abc import Iterable

from assess.core.numbers import day, quantity, spelled
from assess.core.source import Fact, Source
from assess.decisions.assessment import Assessment
from assess.decisions.decision import (
    RECOMMENDED,
    STANDING,
    Decision,
    IntegrationDecision,
    PricedOption,
)
from assess.decisions.decision.integrations import BESIDE
from assess.decisions.questions import Question
from assess.decisions.risk import RiskItem
from assess.decisions.strategy import GoalLine
from assess.intake.asking import roles
from assess.intake.engagement.landscape import STYLE_NAMES, STYLE_PLAIN, Style
from assess.report.chapters.build_or_buy import adds_up
from assess.report.prose import and_list, first_few, sentence_case
from assess.report.tables import ColumnSpec, DataTable, TableCell

RISKS = 3
"""Risks in the brief, the largest yearly loss first."""


FIRST = (STANDING, RECOMMENDED)
"""Options that stand first in their table."""

SHOWN = 7
"""Options in their table; chapter 5 has all that can be priced."""


def options(assessment: Assessment) -> tuple[DataTable, ...]:
    """Show every option: what it takes, what it gains, how sure that is, and what it brings.

    Leaving things as they are comes first, then the recommended option, then the others by their gain. Others that move
    nothing are left out: they are the same as leaving things.
    """
    decision = assessment.decision
    known = [o for o in decision.options if o.gain is not None and (o.assignment or o.id in FIRST)]
    if not known:
        return ()
    spent = {fact.id.split(".")[1]: fact for fact in assessment.cost.facts if fact.id.endswith(".spent")}
    priced = {option.id: option for option in assessment.cost.options}
    currency = decision.currency

    def traced(option: PricedOption) -> Source:
        of = tuple(f"ca:cost/npv/{id}" for id in (option.id, STANDING) if id in priced)
        return Source(
            kind="calculation", place=f"decision/options/{option.id}", detail="docs/method/decision.md", of=of
        )

    def invested(option: PricedOption) -> TableCell:
        if not option.assignment or option.id not in priced:
            return TableCell(note="nothing to build" if not option.assignment else "")
        fact: Fact = spent[option.id]
        return TableCell(
            value=priced[option.id].spent.mean, sources=tuple(source.id for source in fact.sources)
        )

    def lost(option: PricedOption) -> TableCell:
        same = option.id == STANDING  # it is what the others are measured against
        return (
            TableCell(note="nothing changes")
            if same or not option.gain
            else TableCell(value=option.gain.loss)
        )

    def ahead(option: PricedOption) -> TableCell:
        return TableCell(note="proposed") if option.id == RECOMMENDED else TableCell(value=option.ahead)

    def brings(option: PricedOption) -> TableCell:
        most = most_benefit(decision)
        return (
            TableCell(value=max(0.0, option.benefit or 0.0) / most)
            if most > 0
            else TableCell(note="none is stated")
        )

    return (
        DataTable.of(
            sorted(known, key=lambda o: (*(o.id != id for id in FIRST), -o.gain.mean if o.gain else 0.0, o.id))[:SHOWN],
            (
                ColumnSpec("option", "Option", lambda o: o.label, note=composition, shade=lambda o: float(o.id == RECOMMENDED) or None),
                ColumnSpec("invest", "To invest", invested, "money"),
                ColumnSpec("gain", "Average gain", lambda o: o.gain.mean if o.gain else None, "money", trace=traced),
                ColumnSpec("low", "One in ten below", lambda o: o.gain.low if o.gain else None, "money", trace=traced),
                ColumnSpec(
                    "high", "One in ten above", lambda o: o.gain.high if o.gain else None, "money", trace=traced
                ),
                ColumnSpec("loss", "Chance of losing money", lost, "share", unit="chance", trace=traced),
                # where nothing is proposed, all that counts is whether an option beats leaving things as they are
                *(
                    ()
                    if decision.loses
                    else (ColumnSpec("ahead", "Chance of beating the proposed", ahead, "share", unit="chance", trace=traced),)
                ),
                ColumnSpec("brings", "Share of the benefit", brings, "share", digits=0, trace=traced),
            ),
            id="options",
            caption=f"The options over {spelled(decision.horizon_years)} years, against leaving things as they are",
            currency=currency,
            sources=(*map(traced, known), *(s for o in priced if o in spent for s in spent[o].sources), *_npv(assessment)),
        ),
    )  # fmt: skip


def _npv(assessment: Assessment) -> Iterable[Source]:
    return (s for fact in assessment.cost.facts if fact.id.endswith(".npv") for s in fact.sources)


def composition(option: PricedOption) -> str:
    """Say how many integrations an option moves and leaves."""
    stay = f", {spelled(len(option.kept))} stay" if option.kept else ""
    return f"{spelled(len(option.assignment))} moved{stay}" if option.assignment else ""


def most_benefit(decision: Decision) -> float:
    """Return the benefit of the option that brings most; zero where none is stated."""
    return max((option.benefit or 0.0 for option in decision.options), default=0.0)


DOING = ("pilot", "do", "if required", "later", "retire", "open", "keep", "leave")
"""What happens to an integration, in the order of the sheet."""


def doing(item: IntegrationDecision, pilot: str | None) -> str:
    """Say what happens to an integration in one word of `DOING`."""
    if item.choice in ("build", "buy"):
        if item.timing in ("later", "if required"):
            return item.timing
        return "pilot" if item.integration == pilot else "do"
    if item.choice == "keep":
        return "keep" if item.style else "leave"
    return "later" if item.choice == "retire" and item.timing == "later" else item.choice


def _why(item: IntegrationDecision) -> str:
    """Say what a row does not show: what requires it, why a gain of its own is not enough, the first warning."""
    required = f"required: {item.obligation}" if item.obligation else ""
    beside = BESIDE if BESIDE in item.reasons else ""
    return "; ".join(filter(None, (required, beside, *item.warnings[:1])))


def sheet(assessment: Assessment) -> tuple[DataTable, ...]:
    """Show the decision sheet: each integration with what happens to it, in which style, when, for how much; largest sums first."""
    decision, pilot = assessment.dated_decision, assessment.roadmap.pilot
    if not decision.integrations:
        return ()

    def traced(item: IntegrationDecision) -> Source:
        return Source(
            kind="calculation",
            place=f"decision/integrations/{item.integration}",
            detail="docs/method/decision.md",
            of=tuple(source.id for source in item.sources),
        )

    happens = (
        "What happens to each integration"
        if decision.verdict.state == "decide"
        else "Each integration as things stand"
    )
    ranked = sorted(
        decision.integrations,
        key=lambda i: (DOING.index(doing(i, pilot)), -abs(i.net.mean) if i.net else 0.0, i.label),
    )
    return (
        DataTable.of(
            ranked,
            (
                ColumnSpec("integration", "Integration", lambda i: i.label),
                ColumnSpec("do", "Decision", lambda i: doing(i, pilot), note=_why),
                ColumnSpec("style", "Way", lambda i: sentence_case(STYLE_PLAIN[i.style]) if i.style else "–"),
                ColumnSpec("platform", "Platform", lambda i: i.platform or "–"),
                ColumnSpec("when", "Live by", lambda i: day(i.date) if i.date else "–"),
                ColumnSpec("cost", "Cost", lambda i: i.cost, "money"),
                ColumnSpec("benefit", "Benefit", lambda i: i.benefit, "money"),
                ColumnSpec("gain", "Average gain", lambda i: i.net.mean if i.net else None, "money"),
                ColumnSpec("measured", "Measured", lambda i: i.measured, "share"),
            ),
            id="decisions",
            caption=f"{happens}{adds_up(decision)}",
            trace=traced,
            currency=decision.currency,
            sources=tuple(source for item in ranked for source in (traced(item), *item.sources)),
        ),
    )  # fmt: skip


def risks(assessment: Assessment) -> tuple[DataTable, ...]:
    """Show the largest risks of a year, and what reduces each; what that is worth, the actions say."""
    items = assessment.risk.items
    held = [item for item in items if item.ale > 0][:RISKS]
    if not held:
        return ()

    def traced(item: RiskItem) -> tuple[Source, ...]:
        return tuple(filter(None, (item.annual.source,)))

    return (
        DataTable.of(
            held,
            (
                ColumnSpec("risk", "Risk", lambda i: i.name, note=lambda i: "" if i.stated else "assumed"),
                ColumnSpec("loss", "Loss a year", lambda i: i.ale, "money"),
                ColumnSpec("mitigation", "What reduces it", lambda i: i.mitigation.text if i.mitigation else "–"),
            ),
            id="risks",
            caption=f"The {spelled(len(held))} largest risks in an average year" if len(held) > 1 else "The largest risk in an average year",
            trace=traced,
            currency=assessment.engagement.currency,
            sources=tuple(source for item in held for source in (*item.sources, *traced(item))),
            total=len(items),
        ),
    )  # fmt: skip


ASKED = 10
"""Questions that the brief lists."""


def asked(assessment: Assessment) -> tuple[Question, ...]:
    """Return what to ask first: the client's questions by what their answers move."""
    return assessment.questions.client[:ASKED]


def questions(assessment: Assessment) -> tuple[DataTable, ...]:
    """Show what must be answered before anybody can decide, by what it moves; nothing where that is not so."""
    open_ones = asked(assessment)
    if assessment.decision.verdict.state != "ask" or not open_ones:
        return ()
    source = Source(kind="calculation", place="decision/questions", detail="docs/method/decision.md")
    names = roles()
    return (
        DataTable.of(
            open_ones,
            (
                ColumnSpec("question", "Question", lambda q: q.ask),
                ColumnSpec("role", "Who answers", lambda q: names[q.role]),
                ColumnSpec("where", "Where it is written", lambda q: q.where),
                ColumnSpec("swing", "Moves the gain by", lambda q: q.swing or None, "money",
                           note=lambda q: "decides whether anything pays" if q.gate
                           else "and what is done" if q.flips else ""),
            ),
            id="questions",
            caption="The answer that would tell most"
            if len(open_ones) == 1
            else f"{spelled(len(open_ones)).capitalize()} answers are missing; the first tells most",
            trace=source,
            currency=assessment.questions.currency,
            sources=(source,),
        ),
    )  # fmt: skip


BASIS = {
    "declared": "",
    "derived": "no integration names a goal: those of the value stream",
    "none": "no integration serves it",
    "unknown": "nobody said what serves it",
}


def goals(assessment: Assessment) -> tuple[DataTable, ...]:
    """Show each goal with its metric, steps, integrations, styles, money, risks and first increment."""
    strategy = assessment.strategy
    if not strategy.lines:
        return ()
    unit = assessment.engagement.currency
    names = {item.id: item.label for item in assessment.engagement.integrations}
    return (
        DataTable.of(
            strategy.lines,
            (
                ColumnSpec("goal", "Goal", lambda line: line.text),
                ColumnSpec("metric", "Metric", metric),
                ColumnSpec("steps", "Steps", lambda line: first_few(line.steps)),
                ColumnSpec(
                    "integrations",
                    "Integrations",
                    lambda line: first_few([names[id] for id in line.integrations]) or "none",
                    note=_served,
                ),
                ColumnSpec("benefit", "Brings a year", lambda line: line.benefit, "money"),
                ColumnSpec("cost", "To build", lambda line: line.cost.likely if line.cost else None, "money"),
                ColumnSpec("risk", "Main risk", lambda line: line.risks[0] if line.risks else ""),
                ColumnSpec(
                    "first",
                    "First",
                    lambda line: (
                        f"{names[line.first]}, increment {line.increment}" if line.first is not None else ""
                    ),
                ),
            ),
            id="strategy",
            caption="From strategy to action: what serves each goal. Of what serves several, each has an equal part.",
            trace=lambda g: g.sources,
            currency=unit,
            sources=tuple({s.id: s for line in strategy.lines for s in _sources(line)}.values()),
        ),
    )


def _served(line: GoalLine) -> str:
    styles = [STYLE_NAMES[style] + f" for {n}" for style, n in _styles(line)]
    kept = [f"{len(line.kept)} as today"] if line.kept else []
    return and_list([*styles, *kept]) or BASIS[line.basis]


def _sources(line: GoalLine) -> tuple[Source, ...]:
    money = tuple(e.source for e in (line.benefit, line.cost) if e and e.source)
    return (*line.sources, *money)


def _styles(line: GoalLine) -> list[tuple[Style, int]]:
    return [(style, line.styles[style]) for style in STYLE_NAMES if style in line.styles]


def metric(line: GoalLine) -> str:
    """Write where a goal's metric stands and where it should be."""
    if line.today is None and line.target is None:
        return line.metric
    span = [
        quantity(value, line.unit) if value is not None else "not stated"
        for value in (line.today, line.target)
    ]
    return f"{line.metric}: {span[0]} → {span[1]}".removeprefix(": ")
