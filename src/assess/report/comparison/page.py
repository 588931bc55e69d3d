"""A comparison as a page of the report's look: its chapters are the report's, its frame a shorter one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from assess import __version__
from assess.core.finding import Finding
from assess.core.numbers import quantity
from assess.core.source import Fact, Source
from assess.intake.engagement import InputFile
from assess.report import charts
from assess.report.chapter import Chapter, Coverage, Head, Results
from assess.report.figure import Figure
from assess.report.page import Naming, Report, render
from assess.report.prose import clean
from assess.report.tables import ColumnSpec, DataTable, TableCell, TableColumn

from .result import (
    CAUSES,
    Change,
    Difference,
    Headline,
    Leg,
    RunComparison,
    Visit,
    because,
    counted,
    failed,
    more_or_less,
    moved,
    name,
    number,
)

LINES = 4
"""Numbers that the page draws over all runs; the others are in its table."""

MOST = 200
"""Changes and findings of a table on the page; the JSON holds all."""


def write_page(comparison: RunComparison, *, generated: str, name: str = "comparison.html") -> Report:
    """Write a comparison as a self-contained HTML page, and its evidence as a second one.

    Parameters
    ----------
    generated
        When the page was made, as text for its foot.
    name
        Name of the page; the evidence lies beside it, see `evidence_name`.
    """
    naming = Naming(name, evidence_name(name), "runs compared")
    return render(_results(comparison), generated=generated, naming=naming)


def evidence_name(name: str) -> str:
    """Return the name of the file with the evidence of a page.

    >>> evidence_name("june.html")
    'june-evidence.html'
    """
    return f"{PurePath(name).stem}-evidence.html"


def _results(comparison: RunComparison) -> Results:
    legs = range(len(comparison.legs))
    trend = [_trend(comparison)] if len(comparison.visits) > 2 else []
    return Results(
        engagement=Head(
            client=comparison.client,
            title=f"{len(comparison.visits)} runs compared",
            currency=comparison.currency,
            date=comparison.visits[-1].date,
        ),
        versions={"assess": __version__},
        files=tuple(InputFile(path=v.name, sha256=v.sha256, bytes=v.bytes) for v in comparison.visits),
        chapters=(_first(comparison), *trend, *(_leg(comparison, place) for place in legs)),
    )


def _source(visit: Visit, headline: Headline) -> Source:
    return Source(kind="measurement", place=f"{clean(visit.name, 120)}/{headline.key}", detail=headline.label, date=visit.date)  # fmt: skip


def _change_source(comparison: RunComparison, place: int, difference: Difference, cause: str = "") -> Source:
    """Say how a difference, or a part of it, was computed."""
    before, after = comparison.visits[place : place + 2]
    of = tuple(_source(visit, difference.headline).id for visit in (before, after))
    detail = (
        "mean step over all orders in which the parts of the earlier run are exchanged for the later one's"
        if cause in CAUSES[:-1]
        else "recorded numbers less those that this version computes from the same basis"
        if cause == "model"
        else "the later run's number less the earlier one's"
    )
    names = [f"run {place + 1} to {place + 2}", difference.headline.key, cause]
    return Source(kind="calculation", place="/".join(filter(None, names)), detail=detail, of=of)


def _first(comparison: RunComparison) -> Chapter:
    """The first screen: how far each number moved from the first run to the last."""
    first, last = comparison.visits[0], comparison.visits[-1]
    facts = []
    for headline in comparison.headlines:
        one, two = first.values.get(headline.key), last.values.get(headline.key)
        if one is not None and two is not None:
            change = round(round(two, headline.digits) - round(one, headline.digits), headline.digits)
            label = f"{headline.label}: from {quantity(one, headline.unit)} to {quantity(two, headline.unit)}"
            sources = (_source(first, headline), _source(last, headline))
            facts.append(
                Fact(
                    id=f"change.{headline.key}",
                    label=label,
                    value=change,
                    unit=headline.unit,
                    sources=sources,
                )
            )
    return Chapter(
        number=0,
        key="summary",
        title="Summary",
        question="What changed, and why?",
        verdict=moved(comparison.overall),
        lead=tuple(filter(None, [counted(comparison.overall)])),
        subject=" → ".join(name(visit) for visit in comparison.visits),
        facts=tuple(facts),
        headline=tuple(fact.id for fact in [fact for fact in facts if fact.value] or facts)[:4],
        coverage=Coverage(measured=0, stated=0, assumed=0),
    )


def _trend(comparison: RunComparison) -> Chapter:
    """The numbers over all runs; what stayed the same needs no line."""
    known = [h for h in comparison.headlines if all(v.values.get(h.key) is not None for v in comparison.visits)]  # fmt: skip
    changed = [h for h in known if len({number(v.values[h.key] or 0.0, h) for v in comparison.visits}) > 1]
    some = [h for h in comparison.headlines if any(v.values.get(h.key) is not None for v in comparison.visits)]  # fmt: skip
    sources = tuple(_source(visit, h) for h in some for visit in comparison.visits)
    return Chapter(
        number=1,
        key="trend",
        title="Over the runs",
        question="Does it get better from run to run?",
        verdict=counted(comparison.overall).rstrip(".") or moved(comparison.overall).rstrip("."),
        shown=(*(headline.key for headline in changed[:LINES]), "trend"),
        figures=tuple(_line(comparison, headline) for headline in changed),
        tables=(_over(comparison, "trend", "The numbers of the runs", some, sources),),
    )


def _line(comparison: RunComparison, headline: Headline) -> Figure:
    values = [float(visit.values[headline.key] or 0.0) for visit in comparison.visits]
    sources = tuple(_source(visit, headline) for visit in comparison.visits)
    ends = f"from {quantity(values[0], headline.unit)} to {quantity(values[-1], headline.unit)}"
    return Figure(
        id=headline.key,
        caption=f"{headline.label}: {ends}; {headline.better} is better",
        alt=f"Line of {headline.label} over {len(values)} runs, {ends}.",
        plot=charts.lines(
            list(range(1, len(values) + 1)), {headline.label: values}, unit=headline.unit, x_label="Run"
        ),
        table=_over(comparison, f"{headline.key}-data", headline.label, (headline,), sources),
    )


def _over(
    comparison: RunComparison, id: str, caption: str, shown: Sequence[Headline], sources: tuple[Source, ...]
) -> DataTable:
    return DataTable(
        id=id,
        caption=caption,
        columns=(TableColumn(key="run", label="Run"), *map(_column, shown)),
        rows=tuple(
            (
                TableCell(value=f"{place} · {name(visit)}"),
                *(TableCell(value=visit.values.get(h.key), sources=(_source(visit, h).id,)) for h in shown),
            )
            for place, visit in enumerate(comparison.visits, 1)
        ),
        sources=sources,
    )


def _column(headline: Headline) -> TableColumn:
    named = headline.unit in headline.label.lower()
    label = headline.label if named else f"{headline.label}, {headline.unit}"
    return TableColumn(key=headline.key, label=label, format="number", digits=headline.digits)


def _leg(comparison: RunComparison, place: int) -> Chapter:
    """From one run to the next: the numbers with their causes, the inputs, the findings."""
    leg = comparison.legs[place]
    before, after = comparison.visits[place : place + 2]
    reasons = dict.fromkeys(f"{d.headline.label}: not split, {d.why}" for d in leg.differences if d.why)
    same = [d.headline.label for d in leg.differences if d.before is not None and not _moved(d)]
    if same:
        reasons[f"Unchanged: {', '.join(same)}"] = None
    tables = (*_sums(comparison, place), *_lists(leg))
    figures = tuple(_causes(comparison, place, d) for d in leg.differences if any(d.parts.values()))[:1]
    return Chapter(
        number=place + (2 if len(comparison.visits) > 2 else 1),
        key=f"leg-{place + 1}",
        title=f"Run {place + 1} to {place + 2}",
        question=f"What changed from {clean(before.name, 100)} to {clean(after.name, 100)}, and why?",
        verdict=because(leg) if len(comparison.legs) == 1 else moved(leg).rstrip("."),
        lead=(*failed(before), *failed(after)),
        method=tuple(f"{reason}." for reason in reasons),
        shown=(*(figure.id for figure in figures), *(table.id for table in tables)),
        figures=figures,
        tables=tables,
    )


def _causes(comparison: RunComparison, place: int, difference: Difference) -> Figure:
    headline = difference.headline
    values = [difference.parts[cause] for cause in CAUSES]
    label = f"{headline.label}: {more_or_less(difference.total or 0.0, headline)}"
    source = _change_source(comparison, place, difference)
    return Figure(
        id="causes",
        caption=f"{label}; what each cause makes of it",
        alt=f"Bars of the change of {headline.label} by cause.",
        plot=charts.bars(CAUSES, values, unit=headline.unit),
        table=DataTable.of(
            zip(CAUSES, values, strict=True),
            (
                ColumnSpec("cause", "Cause", lambda row: row[0]),
                ColumnSpec(
                    "part",
                    headline.unit,
                    lambda row: row[1],
                    "number",
                    digits=headline.digits,
                    sources=source,
                ),
            ),
            id="causes-data",
            caption=label,
        ),
    )


def _moved(difference: Difference) -> bool:
    """Tell whether a number differs between two runs, or causes of it cancel out."""
    return difference.before != difference.after or any(difference.parts.values()) or bool(difference.unsplit)


def _sums(comparison: RunComparison, place: int) -> Iterator[DataTable]:
    """Show the numbers that moved as sums: the earlier run, a row a cause, the later run."""
    leg = comparison.legs[place]
    visits = comparison.visits[place : place + 2]
    known = [d for d in leg.differences if _moved(d)]
    if not known:
        return

    def row(label: str, cells: Iterator[TableCell]) -> tuple[TableCell, ...]:
        return (TableCell(value=label), *cells)

    def ends(visit: Visit, values: Iterator[float | None]) -> Iterator[TableCell]:
        for difference, value in zip(known, values, strict=True):
            yield TableCell(value=value, sources=(_source(visit, difference.headline).id,))

    def part(cause: str) -> Iterator[TableCell]:
        for d in known:
            value = d.unsplit if cause == "" else d.parts.get(cause)  # type: ignore[call-overload]
            yield TableCell(value=value, sources=(_change_source(comparison, place, d, cause).id,))

    parts = ["", *CAUSES]
    sources = [_change_source(comparison, place, d, cause) for d in known for cause in parts]
    sources += [_source(visit, d.headline) for d in known for visit in visits]
    unsplit = [row("Not split", part(""))] if any(d.unsplit for d in known) else []
    yield DataTable(
        id="sums",
        caption="From the earlier run to the later one, cause by cause; each column adds up exactly",
        columns=(TableColumn(key="row", label="From run to run"), *(_column(d.headline) for d in known)),
        rows=(
            row("The earlier run", ends(visits[0], (d.before for d in known))),
            *(row(f"Other {cause}", part(cause)) for cause in CAUSES),
            *unsplit,
            row("The later run", ends(visits[1], (d.after for d in known))),
        ),
        sources=tuple(sources),
    )


def _lists(leg: Leg) -> Iterator[DataTable]:
    if leg.changes:
        yield _different(leg.changes)
    for id, caption, found in (("new", "New findings", leg.new), ("gone", "Findings that are gone", leg.gone)):  # fmt: skip
        if found:
            yield _findings(id, caption, found)


def _different(changes: Sequence[Change]) -> DataTable:
    return DataTable.of(
        changes[:MOST],
        (
            ColumnSpec("where", "Where", lambda c: clean(c.place, 400)),
            ColumnSpec("cause", "Cause", lambda c: clean(c.cause, 400)),
            ColumnSpec("before", "Before", lambda c: clean(c.before or "–", 400)),
            ColumnSpec("after", "After", lambda c: clean(c.after or "–", 400)),
        ),
        id="changes",
        caption="What is different in what the runs rest on",
        total=len(changes),
    )


def _findings(id: str, caption: str, found: Sequence[Finding]) -> DataTable:
    return DataTable.of(found[:MOST], (ColumnSpec("finding", "Finding", lambda f: f.title), ColumnSpec("severity", "Severity", lambda f: f.severity, "state"), ColumnSpec("action", "What to do", lambda f: f.action or "–"),), id=id, caption=f"{caption}: {len(found)}", total=len(found))  # fmt: skip
