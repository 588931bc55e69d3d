"""Chapter 0, the first screen: what to do, what it costs, what could go wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from assess.core.estimate import Estimate
from assess.core.finding import Missing
from assess.core.numbers import interval, quantity
from assess.core.source import Fact, Source
from assess.decisions.assessment import Assessment
from assess.decisions.decision import RECOMMENDED, Decision
from assess.decisions.strategy import GoalLine, Strategy
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import STYLE_NAMES, Integration, Style
from assess.report.chapter import Chapter, Coverage, ReportAction, StageGate
from assess.report.prose import and_list, count, gain, resolve
from assess.report.tables import ColumnSpec, DataTable

from .ranked_actions import listed
from .readiness_and_risk import gate

INPUTS = (
    "volume",
    "peak_per_second",
    "latency_seconds",
    "message_kb",
    "consumers",
    "changes_per_year",
    "growth",
    "customisation",
    "coverage",
    "build_days",
)
"""What the decisions read of an integration, and what a default stands in for where it is not stated."""

TOP = 3
"""Actions on the first screen."""


def executive_summary(assessment: Assessment) -> Chapter:
    """Draw the answer from all that was assessed."""
    facts = headline(assessment)
    missing = gaps(assessment)
    chapter = Chapter(
        number=0,
        key="executive_summary",
        title="Summary",
        question="What should we do, what does it cost, what could go wrong?",
        state="assessed" if assessment.engagement.integrations else "not_assessed",
        verdict=verdict(assessment) if assessment.engagement.integrations else "",
        subject=f"{count(len(assessment.engagement.systems), 'system')}, "
        f"{count(len(assessment.engagement.integrations), 'integration')}",
        facts=facts,
        headline=tuple(f.id for f in facts)[:4],
        coverage=coverage(assessment),
        gates=gates(assessment),
        actions=actions(assessment),
        changes=(*strategy_gaps(assessment), *changes(assessment)),
        tables=lines(assessment),
        findings=(*assessment.strategy.findings, *assessment.reconciled.findings),
        missing=missing,
    )
    more = resolve(assessment.engagement, chapter.evidence())
    return chapter.model_copy(update={"sources": more})


def verdict(assessment: Assessment) -> str:
    """Say what the decision is in one sentence, and what stands in the way in another; no imperative before its time."""
    decision = assessment.decision
    done, kept = Counter(decision.assignment.values()), len(decision.kept)
    if not done and not kept:
        return "Do not start: under the present constraints none of the integrations can be built."
    parts = [f"{STYLE_NAMES[style]} for {number}" for style, number in done.most_common()]
    what = f"{and_list(parts)} of {count(len(decision.integrations), 'integration')}" if parts else ""
    stay = f"{count(kept, 'integration')} {'stays' if kept == 1 else 'stay'} as {'it is' if kept == 1 else 'they are'}"
    answer = f"{what}; {stay}" if what and kept else what or stay
    match decision.verdict.state:
        case "ask":
            text = f"{_too_early(decision)} What can be said today: {answer}."
        case "prepare":
            text = f"Not ready to begin. The answer as it stands: {answer}."
        case _:
            text = f"Do this: {answer}." if what else f"Leave it: {answer}."
    unfit = [v for v in assessment.quality.verdicts if v.fitness == "not fit" and v.target]
    touched = sorted({id for v in unfit for id in v.integrations} & set(decision.assignment))
    if touched:
        text += f" Repair the data of {count(len(unfit), 'pair')} of systems first: {count(len(touched), 'integration')} would fail on it."
    elif not assessment.quality.assessed:
        text += " Whether the data is fit was not measured: supply extracts before signing."
    return text + describe_gate(assessment)


def _too_early(decision: Decision) -> str:
    """Say why it is too early: the questions that the client can answer, else that no programme leads clearly."""
    asked = [question.text for question in decision.verdict.questions if question.answerable][:2]
    if asked:
        return f"Too early to decide: ask first “{'” and “'.join(asked)}”."
    rival = decision.verdict.rival
    nearest = f"; “{decision.option(rival).label}” is its closest rival" if rival else ""
    return (
        f"Too early to decide: this answer is the best, or nearly, in {decision.verdict.chance or 0.0:.0%} of the futures, "
        f"and not in the two of three that a decision needs{nearest}."
    )


def describe_gate(assessment: Assessment) -> str:
    """Say which gate holds the programme, and what it lacks; nothing where no gate was assessed or all are open."""
    held = assessment.readiness.next_gate
    if held is None:
        return ""
    label = f"{held.label[0].lower()}{held.label[1:]}"
    return f" Not yet ready to {label}: it {gate(held, assessment.readiness).reason}."


def headline(assessment: Assessment) -> tuple[Fact, ...]:
    """Choose the numbers of the first screen: what it brings, how sure that is, what it takes, by when; else what is known."""
    rooms = (
        assessment.decision,
        assessment.cost,
        assessment.roadmap,
        assessment.quality,
        assessment.value_stream,
    )
    known = {f.id: f for room in rooms for f in room.facts}
    wanted = ("decision.gain", "decision.loss", f"cost.{RECOMMENDED}.spent", "roadmap.p80", "data_quality.effort",
              "value_stream.future.benefit")  # fmt: skip
    return tuple(gain(known[id]) for id in wanted if id in known and known[id].value is not None)[:4]


def gates(assessment: Assessment) -> tuple[StageGate, ...]:
    """Show the stage gates; none where nobody answered the checklist."""
    ready = assessment.readiness
    return tuple(gate(judged, ready) for judged in ready.gates) if ready.assessed else ()


def actions(assessment: Assessment) -> tuple[ReportAction, ...]:
    """Name the first things to do: the most valuable of the ranked list, and the question most worth an answer."""
    ranked = assessment.actions
    steps = listed(ranked)[: len(ranked.next_steps)]
    asked = list(_answers(assessment))
    if (
        len(steps) >= TOP
        and asked
        and (asked[0].worth or _NOTHING).likely <= (steps[TOP - 1].worth or _NOTHING).likely
    ):
        return steps[:TOP]
    return (*steps[: TOP - len(asked)], *asked)


_NOTHING = Estimate.point(0.0)


def _answers(assessment: Assessment) -> Iterable[ReportAction]:
    cost = assessment.cost
    asked = [q for q in cost.questions if q.evppi > 0][:1]
    known = {f.id: f for f in cost.facts}
    for question in asked:
        sources = known[f"cost.evppi.{question.id}"].sources
        yield ReportAction(
            id=f"ask/{question.id}",
            title=f"Find out before signing: {question.label}",
            worth=Estimate(
                low=0, likely=question.evppi, high=question.evppi, unit=cost.currency, source=sources[0]
            ),
            by="now",
            sources=sources,
        )


def changes(assessment: Assessment) -> tuple[str, ...]:
    """Say what would change the answer: who is next, and what turns it."""
    from .total_cost.tables import changes as drivers

    said: list[str] = []
    if assessment.cost.best is not None:
        best = assessment.cost.option(assessment.cost.best)
        label = next(f.label for f in assessment.cost.facts if f.id == f"cost.{best.id}.npv")
        what = label.partition(" over ")[0]
        said.append(
            f"{what}: {interval(best.npv.p10, best.npv.p90, assessment.cost.currency)} in eight of ten "
            f"futures; the worst twentieth averages {quantity(best.cvar95, assessment.cost.currency)}."
        )
        said += drivers(assessment.cost)[:2]
    return tuple(said[:4])


def coverage(assessment: Assessment) -> Coverage:
    """Count which inputs of the integrations, and which parameters of the cost, were measured, stated, or left to a default."""
    kinds = Counter(
        kind(assessment.engagement, integration, field)
        for integration in assessment.engagement.integrations
        for field in INPUTS
    )
    date = assessment.stated.date
    used = {s.place for s in assessment.cost.sources if s.kind == "assumption"}
    entries = [assessment.stated.assumptions.entry(key) for key in sorted(used)]
    kinds.update("stated" if entry.overridden else "assumed" for entry in entries)
    stale = tuple(a.key for a in entries if date and not a.overridden and a.stale(date))
    return Coverage(
        measured=kinds["measured"],
        stated=kinds["stated"],
        assumed=kinds["assumed"],
        contradicted=tuple(f.id for f in assessment.reconciled.findings),
        stale=stale,
    )


def kind(engagement: Engagement, integration: Integration, field: str) -> str:
    """Say whether an input was measured, stated, or left to a default."""
    value = getattr(integration, field)
    if value is None:
        return "assumed"
    measured = isinstance(value, Estimate) and value.source is not None and value.source.kind == "measurement"
    return "measured" if measured else "stated"


def gaps(assessment: Assessment) -> tuple[Missing, ...]:
    """List what was not supplied, by section."""
    parts = (
        assessment.value_stream.missing,
        assessment.quality.missing,
        assessment.operations.missing,
        assessment.framework.missing,
        assessment.cost.missing,
        assessment.build_or_buy.missing,
        assessment.readiness.missing,
        assessment.risk.missing,
        assessment.roadmap.missing,
    )
    return tuple({(m.section, m.supply): m for part in parts for m in part}.values())


NAMED = 3
"""Names that a cell lists before it counts the others."""

BASIS = {
    "declared": "",
    "derived": "no integration names a goal: those of the value stream",
    "none": "no integration serves it",
    "unknown": "nobody said what serves it",
}


def lines(assessment: Assessment) -> tuple[DataTable, ...]:
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
                ColumnSpec("steps", "Steps", lambda line: shortened(line.steps)),
                ColumnSpec(
                    "integrations",
                    "Integrations",
                    lambda line: shortened([names[id] for id in line.integrations]) or "none",
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


def shortened(names: tuple[str, ...] | list[str]) -> str:
    """List the first names and count the others.

    >>> shortened(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    rest = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {rest} more" if rest > 0 else "")


def strategy_gaps(assessment: Assessment) -> tuple[str, ...]:
    """Say which goals nothing serves, and which integrations serve no goal; nothing where the lines are whole."""
    strategy: Strategy = assessment.strategy
    texts = {line.goal: line.text for line in strategy.lines}
    names = {item.id: item.label for item in assessment.engagement.integrations}
    said = []
    if strategy.unserved:
        said.append(
            f"No integration serves {and_list([f'“{texts[id]}”' for id in strategy.unserved])}: name one, or take the goal out."
        )
    if strategy.aimless:
        verb = "serves" if len(strategy.aimless) == 1 else "serve"
        said.append(
            f"{count(len(strategy.aimless), 'planned integration')} {verb} no goal: "
            f"{shortened([names[id] for id in strategy.aimless])}."
        )
    return tuple(said)
