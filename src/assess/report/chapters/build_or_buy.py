"""Chapter 4: what is built, what is bought, and what would turn that."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from assess.core.numbers import GAP, quantity
from assess.core.source import Fact, Source
from assess.decisions.assessment import Assessment
from assess.decisions.build_or_buy import BuildOrBuy, CrossoverCriterion
from assess.decisions.build_or_buy.typical import likely_options
from assess.decisions.decision import Decision, IntegrationDecision
from assess.decisions.decision.candidates import WINDOW
from assess.decisions.framework import Framework
from assess.intake.engagement.landscape import NATIVE, STYLE_NAMES, STYLE_PLAIN, Style
from assess.report import charts
from assess.report.ask_sheet import supply
from assess.report.chapter import Chapter
from assess.report.charts.comparisons import reached
from assess.report.figure import Figure
from assess.report.prose import and_list, cited, concise, count, resolve, sentence_case
from assess.report.tables import ColumnSpec, DataTable
from assess.report.whatif.cost import build_or_buy_what_if

MOST = 12
"""Integrations that are drawn one by one: those that gain most, and least."""

UNSAID = 0.01
"""Share of the gain up to which nobody asks why the gains of the integrations add up to another amount."""

DONE = {
    "buy": ("is better bought", "are better bought"),
    "build": ("is better built", "are better built"),
    NATIVE: ("is better set up with a ready connector", "are better set up with ready connectors"),
    "keep": ("stays as today", "stay as today"),
    "retire": ("ends", "end"),
    "open": ("can't be built", "can't be built"),
}
"""What the decision does with an integration, of one and of several, in the order in which it is said."""


def outcome(item: IntegrationDecision) -> str:
    """Return the key of `DONE`: what is done, a native connector apart, for it is neither built nor bought."""
    return NATIVE if item.style == NATIVE else item.choice


def build_or_buy(assessment: Assessment) -> Chapter:
    """Say what to build and what to buy, what each integration gains by it, and where the answer would turn."""
    result, decision = assessment.build_or_buy, assessment.decision
    shell = Chapter(
        number=4,
        key="build_or_buy",
        title="Build or buy",
        question="Build or buy?",
        state="not_assessed",
        missing=supply("build_or_buy", assessment.questions, result.missing),
    )
    if result.buy_share is None or result.difference is None:
        return shell
    drawn = (*curve(result), *one_by_one(decision))
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(decision),
            "lead": (*lead(result), *one_by_one_differs(result, decision, assessment.framework)),
            "shown": (*(figure.id for figure in drawn), "criteria"),
            "subject": f"{count(result.integrations, 'integration')}: {STYLE_PLAIN[result.build_style]} built by hand against "
            f"{result.plan or STYLE_PLAIN[result.buy_style]}; {result.draws:,} futures",
            "facts": result.facts,
            "figures": (*drawn, *turned(result)),
            "tables": (criteria(result), verdicts(decision)),
            "findings": result.findings,
            "changes": changes(result),
            "method": (
                f"Both ways are priced over {result.horizon_years} years in the same {result.draws:,} futures: building with "
                "its overruns and upkeep, buying with price, price rises, connectors and leaving.",
                "Each integration is then taken the way that gains most against leaving it as it is.",
                *decision.notes,
            ),
            "sources": result.sources,
            "whatif": build_or_buy_what_if(likely_options(assessment.delivery_inputs)),
        }
    )
    more = resolve(assessment.engagement, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": result.sources + more}))


def fact(result: BuildOrBuy, name: str) -> Fact | None:
    """Return a fact that has a value by the end of its id."""
    return next((f for f in result.facts if f.id == f"build_or_buy.{name}" and f.value is not None), None)


def source(result: BuildOrBuy, name: str) -> tuple[Source, ...]:
    """Return the sources of a fact by the end of its id."""
    return next((f.sources for f in result.facts if f.id == f"build_or_buy.{name}"), ())


def ids(result: BuildOrBuy, name: str) -> tuple[str, ...]:
    """Return the ids of these sources."""
    return tuple(s.id for s in source(result, name))


def verdict(decision: Decision) -> str:
    """Answer in one sentence: what the decision builds, buys and leaves."""
    counts = Counter[str](outcome(item) for item in decision.integrations)
    parts = [f"{counts[choice]} {DONE[choice][counts[choice] != 1]}" for choice in DONE if counts[choice]]
    if len(decision.integrations) == 1:
        return f"The one integration {DONE[next(iter(counts))][0]}"
    if len(parts) == 1:
        return f"All {count(len(decision.integrations), 'integration')} {DONE[next(iter(counts))][1]}"
    return f"Of {count(len(decision.integrations), 'integration')} {and_list(parts)}"


def lead(result: BuildOrBuy) -> tuple[str, ...]:
    """Say which way were cheaper for all alike, how surely, and where that would turn."""
    share, saved, turn = (
        fact(result, "buy_share"),
        fact(result, "difference"),
        result.crossing("integrations"),
    )
    assert (
        share is not None
        and saved is not None
        and result.buy_share is not None
        and result.difference is not None
    )
    builds = result.buy_share <= 0.5
    chance = quantity(1 - result.buy_share if builds else result.buy_share, "chance")
    amount = quantity(abs(result.difference.mean), result.currency)
    agrees = (result.difference.mean < 0) == builds
    mean = f"by {cited(saved, amount)}" if agrees else f"but {cited(saved, amount)} dearer"
    way = "building" if builds else "buying"
    alike = f"Were all {result.integrations} connected alike, {way}" if result.integrations > 1 else f"{sentence_case(way)} it"  # fmt: skip
    said = [f"{alike} would be cheaper in {cited(share, chance)} of futures, {mean} on average."]
    if never := fact(result, "never.integrations"):
        said.append(
            f"In {cited(never)} of futures that holds for any number of integrations up to {turn.limit:g}."
        )
    crossing = fact(result, "crossing.integrations")
    if turn.p5 is not None and turn.p95 is not None and turn.none <= 0.5 and crossing:
        said.append(
            f"In the others it turns, mostly at {cited(crossing, f'{turn.p5:g} to {turn.p95:g}')} integrations."
        )
    return tuple(said)


def one_by_one_differs(result: BuildOrBuy, decision: Decision, framework: Framework) -> Iterator[str]:
    """Say that most of what moves goes the other way than all alike would, and why each of these does."""
    builds, moved = (result.buy_share or 0.0) <= 0.5, len(decision.assignment)
    against = [
        item
        for item in decision.integrations
        if item.integration in decision.assignment and (outcome(item) == "buy") == builds
    ]
    if 2 * len(against) <= moved:
        return
    if result.integrations > 1:
        which = "all" if len(against) == moved else "most"
        ways = {outcome(item) for item in against}
        way = DONE[ways.pop()][0].removeprefix("is better ") if len(ways) == 1 else "not bought"
        yield f"Chosen each by itself, {which} of what moves is better {way}."
    cheaper = result.build_style if builds else result.buy_style
    whys = Counter(_against(item, cheaper, framework) for item in against)
    said = {
        "fails": ("{style} would fail the needs of {which}", "{style} would fail the needs of {which}"),
        "open": ("{style} may fail the needs of {which}", "{style} may fail the needs of {which}"),
        "unfit": ("{style} would fit {which} clearly worse", "{style} would fit {which} clearly worse"),
        "cheaper": ("as chosen, {which} costs least", "as chosen, {which} cost least"),
        "fits": ("as chosen, {which} fits better for hardly more", "as chosen, {which} fit better for hardly more"),
    }  # fmt: skip
    kinds = [why for why in said if whys[why]]
    parts = [
        said[why][whys[why] > 1].format(
            style=STYLE_PLAIN[cheaper], which=_part(whys[why], len(against), 0 < n == len(kinds) - 1)
        )
        for n, why in enumerate(kinds)
    ]
    yield concise(*(f"{sentence_case('; '.join(parts[:n]))}." for n in range(len(parts), 0, -1)))


def _part(number: int, whole: int, rest: bool) -> str:
    """Say which part of some integrations is meant, without a number that no row shows."""
    if number == whole:
        return {1: "it", 2: "both"}.get(whole, "all")
    if rest:
        return "the other" if number == 1 else "the others"
    return "one" if number == 1 else "most" if 2 * number > whole else "some"


def _against(item: IntegrationDecision, style: Style, framework: Framework) -> str:
    """Return which part of the rule keeps an integration from the style that were cheaper for all alike."""
    fit = framework.integration(item.integration)
    if style not in fit.candidates:
        return "fails" if fit.style(style).state == "excluded" else "open"
    if item.best_fit and fit.style(style).score < item.best_fit.fit - WINDOW - 1e-6:
        return "unfit"
    return "cheaper" if (item.price_of_fit or 0.0) <= 0 else "fits"


def changes(result: BuildOrBuy) -> tuple[str, ...]:
    """Say at which value of a criterion the answer for all alike would turn."""
    return tuple(
        f"{c.label}: at {turning(c)} instead of {quantity(c.value, c.unit)}, building and buying would cost the same."
        for c in result.criteria
        if c.switch_at is not None
    )


def turning(criterion: CrossoverCriterion) -> str:
    """Write where a criterion turns the answer, a number of integrations as the next whole one."""
    at = criterion.switch_at or 0.0
    return quantity(float(math.ceil(at)) if criterion.unit == "integrations" else at, criterion.unit)


def curve(result: BuildOrBuy) -> tuple[Figure, ...]:
    """Draw what building all saves against buying all, over the number of integrations."""
    curve = next((c for c in result.curves if c.kind == "integrations"), None)
    if curve is None:
        return ()
    most = max(30.0, 2.5 * result.integrations)
    kept = [k for k, value in enumerate(curve.values) if value <= most]
    bands = {
        10: [-curve.p90[k] for k in kept],
        50: [-curve.mean[k] for k in kept],
        90: [-curve.p10[k] for k in kept],
    }
    return (
        Figure(
            id="difference",
            caption=_stays([(curve.values[k], -curve.mean[k]) for k in kept]),
            alt="Band: what building all saves against buying all, by number of integrations; below zero buying is cheaper.",
            plot=charts.fan(
                [curve.values[k] for k in kept],
                bands,
                unit=result.currency,
                x_label="integrations",
                y_label="saved by building",
            ),
            table=DataTable.of(
                kept,
                (
                    ColumnSpec("n", "Integrations", lambda k: curve.values[k], "count"),
                    ColumnSpec(
                        "saved",
                        "Building saves",
                        lambda k: -curve.mean[k],
                        "money",
                        low=lambda k: -curve.p90[k],
                        high=lambda k: -curve.p10[k],
                    ),
                ),
                id="difference-data",
                caption="What building all saves against buying all, on average and in eight of ten futures",
                trace=source(result, "difference"),
                currency=result.currency,
            ),
        ),
    )


def _stays(saved: Sequence[tuple[float, float]]) -> str:
    """Say which way is cheaper on average over the numbers of integrations as drawn, or from which number on the other is."""
    ways = ["building" if value >= 0 else "buying" for _, value in saved]
    if len(set(ways)) == 1:
        return f"On average {ways[0]} all is cheaper at every number from {saved[0][0]:g} to{GAP}{saved[-1][0]:g}"
    turn = next(k for k, way in enumerate(ways) if way != ways[0])
    return f"On average {ways[turn]} all becomes cheaper from {saved[turn][0]:g} integrations on"


def one_by_one(decision: Decision) -> tuple[Figure, ...]:
    """Draw what each integration that is built or bought gains against leaving it as it is."""
    done = [
        (item, item.net.mean)
        for item in decision.integrations
        if item.integration in decision.assignment and item.net
    ]
    done.sort(key=lambda row: (-row[1], row[0].label))
    if not done:
        return ()
    shown = done if len(done) <= MOST else [*done[: MOST // 2], *done[-MOST // 2 :]]
    top, most = done[0]
    return (
        Figure(
            id="one-by-one",
            caption=f"“{top.label}” gains most against today: {quantity(most, decision.currency)} on average"
            if most > 0
            else "None of them gains against today",
            alt="Bars: average gain of each integration that is built or bought against leaving it as it is.",
            plot=charts.bars(
                [item.label for item, _ in shown],
                [gain for _, gain in shown],
                unit=decision.currency,
                highlight=[top.label],
            ),
            table=DataTable.of(
                done,
                (
                    ColumnSpec("integration", "Integration", lambda row: row[0].label),
                    ColumnSpec(
                        "choice", "Way", lambda row: DONE[outcome(row[0])][0].removeprefix("is better ")
                    ),
                    ColumnSpec(
                        "net",
                        "Gains",
                        lambda row: row[1],
                        "money",
                        low=lambda row: row[0].net.low if row[0].net else None,
                        high=lambda row: row[0].net.high if row[0].net else None,
                    ),
                ),
                id="one-by-one-data",
                caption="Gain against leaving it as it is, on average and in eight of ten futures",
                trace=next((fact.sources for fact in decision.facts), ()),
                currency=decision.currency,
            ),
        ),
    )


def turned(result: BuildOrBuy) -> tuple[Figure, ...]:
    """Draw in how many futures the answer has turned by each number of integrations, and in how many it never does."""
    turn = result.crossing("integrations")
    if not turn.histogram:
        return ()
    places, shares, total = [1.0], [0.0], 0.0
    for value, share in turn.histogram:
        total += share
        places.append(value)
        shares.append(min(total, 1.0))
    if places[-1] < turn.limit:
        places.append(turn.limit)
        shares.append(shares[-1])
    here = sum(share for value, share in turn.histogram if value <= result.integrations)
    never = f"in {quantity(turn.none, 'share')} it never turns up to {turn.limit:g}"
    return (
        Figure(
            id="turned",
            caption=f"By your {count(result.integrations, 'integration')} the cheaper way has changed in "
            f"{quantity(here, 'share')} of futures; {never}",
            alt="Steps: share of futures in which the cheaper way has changed by each number of integrations.",
            plot=reached(
                places, shares, x_label="integrations", never=turn.none, here=float(result.integrations)
            ),
            table=DataTable.of(
                [
                    *((f"{value:g}", share) for value, share in zip(places, shares, strict=True)),
                    ("never", turn.none),
                ],
                (
                    ColumnSpec("n", "Integrations", lambda step: step[0]),
                    ColumnSpec(
                        "share",
                        "Changed by then",
                        lambda step: step[1],
                        "share",
                        sources=ids(result, "crossing.integrations"),
                    ),
                ),
                id="turned-data",
                caption="Share of all futures in which the cheaper way has changed, by number of integrations",
                sources=source(result, "crossing.integrations"),
            ),
        ),
    )


def _choice(item: IntegrationDecision) -> str:
    if item.choice == "keep":
        return "keep" if item.style else "leave"
    return f"{item.choice}, {item.timing}" if item.choice != "open" else item.choice


def verdicts(decision: Decision) -> DataTable:
    """Show what the decision does with each integration, and what the other styles would cost more."""
    return DataTable.of(
        decision.integrations,
        (
            ColumnSpec("integration", "Integration", lambda item: item.label),
            ColumnSpec("choice", "Decision", _choice),
            ColumnSpec("style", "Style", lambda item: STYLE_NAMES[item.style] if item.style else ""),
            ColumnSpec("platform", "Platform", lambda item: item.platform),
            ColumnSpec("cost", "Adds to the cost", lambda item: item.cost, "money"),
            ColumnSpec("benefit", "Brings", lambda item: item.benefit, "money"),
            ColumnSpec("net", "Net against today", lambda item: item.net.mean if item.net else None, "money"),
            ColumnSpec("why", "Because", lambda item: "; ".join(item.reasons)),
        ),
        id="verdicts",
        caption=f"Each integration as {'decided' if decision.verdict.state == 'decide' else 'things stand'}{adds_up(decision)}",
        trace=next((fact.sources for fact in decision.facts), ()),
        currency=decision.currency,
    )


def adds_up(decision: Decision) -> str:
    """Say what the gains of the integrations miss to that of the whole; empty where nothing is gained or shared."""
    if decision.shared is None or abs(decision.shared) <= UNSAID * abs(
        decision.gain.mean if decision.gain else 0.0
    ):
        return ""
    amount = quantity(abs(decision.shared), decision.currency)
    if decision.shared > 0:
        return f"; together they gain {amount} more"
    return f"; platforms and what else they share cost another {amount}"


def criteria(result: BuildOrBuy) -> DataTable:
    """Show the four criteria: where each stands here, what more of it speaks for, and where the answer turns."""
    return DataTable.of(
        result.criteria,
        (
            ColumnSpec("criterion", "What decides", lambda c: c.label),
            ColumnSpec(
                "value",
                "Here",
                lambda c: c.value,
                "number",
                unit=lambda c: c.unit,
                trace=lambda c: c.sources or source(result, "difference"),
            ),
            ColumnSpec("favours", "More of it speaks for", lambda c: c.favours),
            ColumnSpec(
                "switch",
                "Turns at",
                lambda c: turning(c) if c.switch_at is not None else "no value in its range",
            ),
        ),
        id="criteria",
        caption="What decides between building all and buying all, and where the likely case turns",
    )
