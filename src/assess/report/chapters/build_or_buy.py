"""Chapter 4: build or buy, and from how many integrations on."""

from __future__ import annotations

from collections import Counter

from assess.decisions.assessment import Assessment
from assess.decisions.build_or_buy import BuildOrBuy, Crossing
from assess.decisions.build_or_buy.likely import likely_ways
from assess.intake.source import Source
from assess.report import charts
from assess.report.chapter import Chapter
from assess.report.figure import Figure
from assess.report.numbers import interval, quantity
from assess.report.tables import Cell, Column, DataTable
from assess.report.trace import resolve
from assess.report.whatif.build_or_buy import build_or_buy_what_if

from .words import and_list, count

CHOICES = {
    "build": "build",
    "buy": "buy",
    "platform-first": "platform first, build later",
    "open": "open",
}


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
            "verdict": verdict(result),
            "subject": f"{count(result.integrations, 'integration')}: {result.build_style} built by hand against "
            f"{result.plan or result.buy_style}; {result.draws:,} futures, seed {result.seed}",
            "facts": result.facts,
            "headline": tuple(
                f.id
                for f in result.facts
                if f.id.rsplit(".", 1)[-1] in ("buy_share", "difference", "integrations")
            ),
            "figures": (*crossover(result), *curves(result), criteria_figure(result)),
            "tables": (verdicts(result), criteria(result), crossings(result)),
            "findings": result.findings,
            "changes": changes(result),
            "sources": result.sources,
            "whatif": build_or_buy_what_if(likely_ways(assessment.engagement, shifts=assessment.shifts)),
        }
    )
    more = resolve(assessment.engagement, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": result.sources + more}))


def source(result: BuildOrBuy, name: str) -> tuple[Source, ...]:
    """Return the sources of a fact by the end of its id."""
    return next((f.sources for f in result.facts if f.id == f"build_or_buy.{name}"), ())


def ids(result: BuildOrBuy, name: str) -> tuple[str, ...]:
    """Return the ids of these sources."""
    return tuple(s.id for s in source(result, name))


def verdict(result: BuildOrBuy) -> str:
    """Answer in two sentences: the sides for all together, and where the answer turns."""
    share = result.buy_share or 0.0
    side, chance = ("Buy", share) if share >= 0.5 else ("Build", 1 - share)
    sure = "" if chance >= 0.8 else ", by a narrow margin" if chance < 0.6 else ""
    assert result.difference is not None
    text = (
        f"{side}{sure}: for these {count(result.integrations, 'integration')} it is the cheaper way in "
        f"[{chance:.0%} of futures](build_or_buy.buy_share)"
    )
    turn = result.crossing("integrations")
    if turn.p50 is not None and turn.p5 is not None and turn.p95 is not None and turn.none <= 0.5:
        text += (
            f". The answer turns at about [{turn.p50:g} integrations](build_or_buy.crossing.integrations), "
            f"but anything from {turn.p5:g} to {turn.p95:g} is credible"
        )
    else:
        text += (
            f". In {turn.none:.0%} of futures no number of integrations up to {turn.limit:g} turns the answer"
        )
    chosen = Counter(v.choice for v in result.verdicts)
    if len(chosen) > 1:
        parts = [f"{n} {CHOICES[c]}" for c, n in chosen.most_common()]
        text += f". One by one: {and_list(parts)}"
    return text + "."


def crossover(result: BuildOrBuy) -> tuple[Figure, ...]:
    """Draw where the answer turns, over the number of integrations."""
    turn = result.crossing("integrations")
    if not turn.histogram or turn.p50 is None:
        return ()
    edges, shares = binned(turn)
    marks = {"you": float(result.integrations), "P50": turn.p50}
    caption = (
        f"The turn from building to buying lies between {turn.p5:g} and {turn.p95:g} integrations, "
        f"or nowhere ({turn.none:.0%})"
    )
    return (
        Figure(
            id="crossover",
            caption=caption,
            alt="Bars: share of futures by the number of integrations at which the cheaper way changes.",
            plot=charts.distribution(edges, shares, marks=marks, x_label="integrations"),
            table=DataTable(
                id="crossover-data",
                caption="Share of all futures whose first turn lies in each range",
                columns=(
                    Column(key="range", label="Integrations"),
                    Column(
                        key="share",
                        label="Share",
                        format="share",
                        sources=ids(result, "crossing.integrations"),
                    ),
                ),
                rows=(
                    *(
                        (Cell(value=f"{a:g} to {b:g}"), Cell(value=s))
                        for a, b, s in zip(edges[:-1], edges[1:], shares, strict=True)
                    ),
                    (Cell(value="no turn"), Cell(value=turn.none)),
                ),
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
            table=DataTable(
                id="difference-data",
                caption="Present value of building less buying",
                columns=(
                    Column(key="n", label="Integrations"),
                    *(
                        Column(
                            key=k,
                            label=k.upper(),
                            format="money",
                            unit=result.currency,
                            sources=ids(result, "difference"),
                        )
                        for k in ("p10", "p50", "p90")
                    ),
                ),
                rows=tuple(
                    (
                        Cell(value=f"{curve.values[k]:g}"),
                        Cell(value=curve.p10[k]),
                        Cell(value=curve.p50[k]),
                        Cell(value=curve.p90[k]),
                    )
                    for k in kept
                ),
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


def criteria(result: BuildOrBuy, id: str = "criteria") -> DataTable:
    """Show the four criteria as parameters of the model."""
    known = tuple(s for c in result.criteria for s in c.sources)
    return DataTable(
        id=id,
        caption="The four criteria as parameters: building less buying at both ends; below zero building is cheaper",
        columns=(
            Column(key="criterion", label="Criterion"),
            Column(key="value", label="Here", format="number"),
            Column(key="favours", label="More of it favours"),
            Column(key="low", label="At the low end", format="money", unit=result.currency),
            Column(key="high", label="At the high end", format="money", unit=result.currency),
            Column(key="switch", label="Turns at", format="number"),
        ),
        rows=tuple(
            (
                Cell(value=c.label),
                Cell(
                    value=c.value,
                    unit=c.unit,
                    low=c.low,
                    high=c.high,
                    sources=_origin(result, [s.id for s in c.sources]),
                ),
                Cell(value=c.favours),
                Cell(value=c.difference_low, sources=ids(result, "difference")),
                Cell(value=c.difference_high, sources=ids(result, "difference")),
                Cell(value=c.switch_at, unit=c.unit, sources=ids(result, "difference")),
            )
            for c in result.criteria
        ),
        sources=(*known, *source(result, "difference")),
    )


def _origin(result: BuildOrBuy, known: list[str]) -> tuple[str, ...]:
    return tuple(known) or ids(result, "difference")


def verdicts(result: BuildOrBuy) -> DataTable:
    """Show what to do with each integration."""
    money = {"format": "money", "unit": result.currency, "sources": ids(result, "difference")}
    return DataTable(
        id="verdicts",
        caption="Each integration by what it adds to the cost of each way; a platform's fixed cost is decided for all together",
        columns=(
            Column(key="integration", label="Integration"),
            Column(key="choice", label="Verdict"),
            Column.model_validate({"key": "build", "label": "Build", **money}),
            Column.model_validate({"key": "buy", "label": "Buy", **money}),
            Column.model_validate({"key": "migrate", "label": "Platform first", **money}),
            Column(key="date", label="Migrate by", format="date"),
            Column(key="why", label="Because"),
        ),
        rows=tuple(
            (
                Cell(value=v.label),
                Cell(value=CHOICES[v.choice]),
                Cell(value=v.build),
                Cell(value=v.buy),
                Cell(value=v.migrate),
                Cell(value=v.date.isoformat() if v.date else None),
                Cell(value=v.reason),
            )
            for v in result.verdicts
        ),
        sources=source(result, "difference"),
    )


def crossings(result: BuildOrBuy) -> DataTable:
    """Show where the answer turns along all three axes."""
    return DataTable(
        id="crossings",
        caption="Where the answer turns: the first turn in the futures that have one",
        columns=(
            Column(key="axis", label="Axis"),
            Column(key="p50", label="Turn", format="number"),
            Column(key="none", label="No turn", format="share"),
            Column(key="several", label="Several turns", format="share"),
            Column(key="limit", label="Looked at up to", format="number"),
        ),
        rows=tuple(
            (
                Cell(value=c.label),
                Cell(
                    value=c.p50, low=c.p5, high=c.p95, unit=c.unit, sources=ids(result, f"crossing.{c.kind}")
                ),
                Cell(value=c.none, sources=ids(result, f"crossing.{c.kind}")),
                Cell(value=c.several, sources=ids(result, f"crossing.{c.kind}")),
                Cell(value=c.limit, unit=c.unit, sources=ids(result, f"crossing.{c.kind}")),
            )
            for c in result.crossings
        ),
        sources=tuple(s for c in result.crossings for s in source(result, f"crossing.{c.kind}")),
    )


def changes(result: BuildOrBuy) -> tuple[str, ...]:
    """Say at which value of a criterion, volume or year the answer would turn."""
    said = [
        f"{c.label} of {quantity(c.switch_at, c.unit)} instead of {quantity(c.value, c.unit)} would make both ways cost the same."
        for c in result.criteria
        if c.switch_at is not None
    ]
    volume = result.crossing("volume")
    if volume.p50 is not None and volume.p5 is not None and volume.p95 is not None and volume.none <= 0.5:
        said.append(
            f"A volume of [{quantity(volume.p50, volume.unit)}](build_or_buy.crossing.volume) would turn it "
            f"({interval(volume.p5, volume.p95, volume.unit)} is credible)."
        )
    return tuple(said[:5])
