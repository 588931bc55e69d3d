"""Chapter 4: build or buy, and from how many integrations on; its figures."""

from __future__ import annotations

from collections.abc import Sequence

from assess.core.numbers import quantity
from assess.decisions.assessment import Assessment
from assess.decisions.build_or_buy import BuildOrBuy, Crossing
from assess.decisions.build_or_buy.typical import likely_options
from assess.decisions.decision import Decision
from assess.report import charts
from assess.report.chapter import Chapter
from assess.report.charts.comparisons import reached
from assess.report.figure import Figure
from assess.report.prose import count, resolve
from assess.report.tables import ColumnSpec, DataTable
from assess.report.whatif.cost import build_or_buy_what_if

from .tables import changes, criteria, crossings, ids, source, verdict, verdicts

MOST = 30
"""Integrations that are drawn one by one: those most clearly on either side."""


def crossover(result: BuildOrBuy) -> tuple[Figure, ...]:
    """Draw where the answer turns, over the number of integrations."""
    turn = result.crossing("integrations")
    if not turn.histogram or turn.p50 is None:
        return ()
    edges, shares = binned(turn)
    marks = {"P5": turn.p5 or 0.0, "P50": turn.p50, "P95": turn.p95 or 0.0, "you": float(result.integrations)}
    caption = (
        f"The turn from building to buying lies between {turn.p5:g} and {turn.p95:g} integrations, "
        f"or nowhere ({turn.none:.0%})"
    )
    return (
        Figure(
            id="crossover",
            caption=caption,
            alt="Bars: share of futures by the number of integrations at which the cheaper way changes.",
            plot=charts.distribution(edges, shares, marks=marks, x_label="integrations", total=1.0),
            table=DataTable.of(
                [
                    *((f"{a:g} to {b:g}", s) for a, b, s in zip(edges[:-1], edges[1:], shares, strict=True)),
                    ("no turn", turn.none),
                ],
                (
                    ColumnSpec("range", "Integrations", lambda bar: bar[0]),
                    ColumnSpec(
                        "share",
                        "Share",
                        lambda bar: bar[1],
                        "share",
                        sources=ids(result, "crossing.integrations"),
                    ),
                ),
                id="crossover-data",
                caption="Share of all futures whose first turn lies in each range",
                sources=source(result, "crossing.integrations"),
            ),
        ),
    )


def binned(turn: Crossing, bins: int = 30) -> tuple[list[float], list[float]]:
    """Put the histogram of a crossing into equal ranges.

    Returns
    -------
    tuple
        ``bins + 1`` edges and the share of all draws in each range; the shares sum to ``1 - none``.
    """
    width = max(1.0, -(-turn.limit // bins))
    edges = [width * k + 0.5 for k in range(bins + 1) if width * (k - 1) < turn.limit]
    shares = [0.0] * (len(edges) - 1)
    for value, share in turn.histogram:
        shares[min(len(shares) - 1, max(0, int((value - edges[0]) // width)))] += share
    return edges, shares


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


def one_by_one(decision: Decision) -> tuple[Figure, ...]:
    """Draw what each integration that is built or bought gains against leaving it as it is."""
    done = [item for item in decision.integrations if item.integration in decision.assignment and item.net]
    shown = sorted(done, key=lambda item: -(item.net.mean if item.net else 0.0))
    if not shown:
        return ()
    if len(shown) > MOST:
        shown = shown[: MOST // 2] + shown[-MOST // 2 :]
    most = shown[0]
    table = verdicts(decision)
    return (
        Figure(
            id="one-by-one",
            caption=f"{most.label} gains most against today: "
            f"{quantity(most.net.mean if most.net else 0.0, decision.currency)}",
            alt="Bars: gain of each integration that is built or bought against leaving it as it is.",
            plot=charts.bars(
                [item.label for item in shown],
                [item.net.mean if item.net else 0.0 for item in shown],
                unit=decision.currency,
                highlight=[item.label for item in shown if item.choice == "build"],
                x_label="gain against today",
            ),
            table=table.model_copy(update={"id": "one-by-one-data"}),
        ),
    )


def curves(result: BuildOrBuy) -> tuple[Figure, ...]:
    """Draw building less buying over the number of integrations."""
    curve = next((c for c in result.curves if c.kind == "integrations"), None)
    if curve is None:
        return ()
    most = max(30.0, 2.5 * result.integrations)
    kept = [k for k, value in enumerate(curve.values) if value <= most]
    here = min(kept, key=lambda k: abs(curve.values[k] - result.integrations))
    middle = curve.p50[here]
    side = "building is cheaper" if middle < 0 else "buying is cheaper"

    def spread(name: str, values: Sequence[float]) -> ColumnSpec[int]:
        return ColumnSpec(
            name,
            name.upper(),
            lambda k: values[k],
            "money",
            unit=result.currency,
            sources=ids(result, "difference"),
        )

    return (
        Figure(
            id="difference",
            caption=f"At {result.integrations} integrations {side} by {quantity(abs(middle), result.currency)} in the middle",
            alt="Fan: present value of building less buying by number of integrations; below zero building is cheaper.",
            plot=charts.fan(
                [curve.values[k] for k in kept],
                {
                    10: [curve.p10[k] for k in kept],
                    50: [curve.p50[k] for k in kept],
                    90: [curve.p90[k] for k in kept],
                },
                unit=result.currency,
                x_label="integrations",
            ),
            table=DataTable.of(
                kept,
                (
                    ColumnSpec("n", "Integrations", lambda k: f"{curve.values[k]:g}"),
                    *(
                        spread(name, values)
                        for name, values in (("p10", curve.p10), ("p50", curve.p50), ("p90", curve.p90))
                    ),
                ),
                id="difference-data",
                caption="Present value of building less buying",
                sources=source(result, "difference"),
            ),
        ),
    )


def criteria_figure(result: BuildOrBuy) -> Figure:
    """Draw how far each of the four criteria moves the difference."""
    widest = max(result.criteria, key=lambda c: abs(c.difference_high - c.difference_low))
    assert result.difference is not None
    return Figure(
        id="criteria",
        caption=f"Of the four criteria, {widest.label[0].lower() + widest.label[1:]} matters most here",
        alt="Tornado: building less buying at the low and high end of each of the four criteria.",
        plot=charts.tornado(
            [c.label for c in result.criteria],
            [c.difference_low for c in result.criteria],
            [c.difference_high for c in result.criteria],
            result.difference.p50,
            unit=result.currency,
            inputs=[(quantity(c.low, c.unit), quantity(c.high, c.unit)) for c in result.criteria],
        ),
        table=criteria(result, "criteria-data"),
    )


def build_or_buy(assessment: Assessment) -> Chapter:
    """Say whether to build or to buy, where the answer turns, and what to do with each integration."""
    result = assessment.build_or_buy
    shell = Chapter(
        number=4,
        key="build_or_buy",
        title="Build or buy",
        question="Build or buy, and from how many integrations on?",
        state="not_assessed",
        missing=result.missing,
    )
    if result.buy_share is None or result.difference is None:
        return shell
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(result, assessment.decision),
            "subject": f"{count(result.integrations, 'integration')}: {result.build_style} built by hand against "
            f"{result.plan or result.buy_style}; {result.draws:,} futures, seed {result.seed}",
            "facts": result.facts,
            "headline": tuple(f.id for f in result.facts if f.id == "build_or_buy.crossing.integrations"),
            "figures": (
                *crossover(result),
                *turned(result),
                *curves(result),
                criteria_figure(result),
                *one_by_one(assessment.decision),
            ),
            "tables": (verdicts(assessment.decision), criteria(result), crossings(result)),
            "findings": result.findings,
            "changes": changes(result),
            "sources": result.sources,
            "whatif": build_or_buy_what_if(likely_options(assessment.delivery_inputs)),
        }
    )
    more = resolve(assessment.engagement, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": result.sources + more}))
