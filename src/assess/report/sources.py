"""The sources of a report as cards see them: a card a row of the input, a measurement, a default, a calculation."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from assess.core.finding import Finding
from assess.core.numbers import day, interval, quantity
from assess.core.source import PREFIX, Kind, Source
from assess.intake.assumptions import STALE_DAYS, Assumption

from .chapter import Results

KINDS: dict[Kind, str] = {
    "measurement": "measured", "input": "stated", "assumption": "assumed", "calculation": "calculated",
}  # fmt: skip
"""How a reader calls each kind of source, in the order of the evidence."""


FEW = 8
"""Cards of sources that are named one by one; of more, the rows of a file are named together."""


class Statement(NamedTuple):
    """What stands at one place: the column of an input's row, or the whole of any other source.

    Parameters
    ----------
    column
        Of the row; empty where the card has only one statement.
    says
        What stands there, sentence by sentence.
    of
        Ids of the sources it was computed from.
    """

    column: str
    says: tuple[str, ...]
    of: tuple[str, ...]


class SourceEntry(NamedTuple):
    """What the card of a source, or of the sources of one row, shows.

    Parameters
    ----------
    id
        Of the card.
    title
        The place: file and row; or the name of a measurement, default or model term.
    flags
        Warnings, such as the age of a default.
    """

    id: str
    kind: Kind
    title: str
    statements: tuple[Statement, ...]
    flags: tuple[str, ...] = ()


class Listed(NamedTuple):
    """Sources together: how many of each kind, links to their cards, and of whole files the rows."""

    counts: tuple[tuple[str, int], ...]
    links: tuple[tuple[str, str], ...]

    @property
    def total(self) -> int:
        """Number of sources."""
        return sum(count for _, count in self.counts)


class SourceIndex:
    """Every source that the results carry or name, and the card on which it stands.

    Parameters
    ----------
    results
        What a run found.
    """

    def __init__(self, results: Results) -> None:
        self.assumptions: dict[str, Assumption] = {a.key: a for a in results.assumptions}
        self.quotes, self.today = results.quotes, results.engagement.date
        self.known = _known(results)
        findings = {id: f"l{n}" for n, entry in enumerate(results.ledger, 1) for id in _names(entry.finding)}
        groups: dict[tuple[int, str, int, str], list[str]] = {}
        order = list(KINDS)
        reached = self._reached(results)
        for id in reached - findings.keys():
            source = self.source(id)
            row = source.kind == "input" and source.row is not None
            place = (order.index(source.kind), source.place, source.row or 0, "" if row else id)
            groups.setdefault(place, []).append(id)
        self.groups = [sorted(groups[place]) for place in sorted(groups)]
        self.cards = findings | {id: f"e{number}" for number, ids in enumerate(self.groups, 1) for id in ids}

    def source(self, id: str) -> Source:
        """Return the source of an id; for one that nobody recorded, what the id itself says."""
        if id in self.known:
            return self.known[id]
        prefix, _, place = id.partition(":")
        kind: Kind = next((k for k, p in PREFIX.items() if p == prefix), "calculation")
        return Source(kind=kind, place=place or id)

    def title(self, id: str) -> str:
        """Name the card of a source."""
        source = self.source(id)
        if self.cards[id].startswith("l"):
            return source.detail
        if source.kind == "assumption" and source.place in self.assumptions:
            return self.assumptions[source.place].label
        return source.place + (f", row {source.row}" if source.row is not None else "")

    def listed(self, ids: Iterable[str]) -> Listed:
        """Describe sources together: those of one row are one link."""
        distinct = tuple(dict.fromkeys(ids))
        kinds = Counter(self.source(id).kind for id in distinct)
        links = {self.cards[id]: self.title(id) for id in distinct}
        if len(links) > FEW:  # of a file, the rows together
            rows: dict[str, dict[int, str]] = {}
            for id in distinct:
                source = self.source(id)
                if source.kind == "input" and source.row is not None:
                    rows.setdefault(source.place, {})[source.row] = self.cards[id]
                    links.pop(self.cards[id], None)
            links |= {held[min(held)]: f"{place}, rows {runs(held)}" for place, held in rows.items()}
        counts = tuple((word, kinds[kind]) for kind, word in KINDS.items() if kinds[kind])
        return Listed(counts, tuple(links.items()))

    def leaves(self, ids: Iterable[str]) -> tuple[tuple[str, int], ...]:
        """Count by kind what sources rest on in the end: everything that was not calculated."""
        found: set[str] = set()
        for id in ids:
            found |= self._below(id)
        kinds = Counter(self.source(id).kind for id in found)
        return tuple((word, kinds[kind]) for kind, word in KINDS.items() if kinds[kind])

    def entries(self) -> Iterator[SourceEntry]:
        """Yield every card's content, measured first, calculated last."""
        for ids in self.groups:
            first = self.source(ids[0])
            several = first.kind == "input" and first.row is not None
            statements = tuple(self._statement(id, several) for id in ids)
            yield SourceEntry(
                self.cards[ids[0]], first.kind, self.title(ids[0]), statements, self._flags(ids[0])
            )

    def _statement(self, id: str, several: bool) -> Statement:
        source = self.source(id)
        entry = self.assumptions.get(source.place) if source.kind == "assumption" else None
        if entry is not None:
            return Statement("", _assumption(entry), source.of)
        says = [f"“{self.quotes[id]}”"] if id in self.quotes else []
        says += [source.detail] if source.detail else []
        says += [day(source.date)] if source.date else []
        return Statement(source.column if several or source.column else "", tuple(says), source.of)

    def _flags(self, id: str) -> tuple[str, ...]:
        source = self.source(id)
        entry = self.assumptions.get(source.place) if source.kind == "assumption" else None
        if entry is None:
            return () if id in self.known else ("named by a calculation, not described further",)
        return _warnings(entry, self.today)

    def _below(self, id: str) -> frozenset[str]:
        """Return what a source rests on in the end; itself where it was not calculated."""
        if id not in self._leaves:
            self._leaves[id] = frozenset()  # a circle adds nothing
            of = self.source(id).of
            below = frozenset().union(*(self._below(part) for part in of)) if of else frozenset({id})
            self._leaves[id] = below
        return self._leaves[id]

    @cached_property
    def _leaves(self) -> dict[str, frozenset[str]]:
        return {}

    def _reached(self, results: Results) -> set[str]:
        """Every id that the results carry, or that a cell or a calculation names."""
        waiting = list(_named(results))
        reached: set[str] = set()
        while waiting:
            if (id := waiting.pop()) not in reached:
                reached.add(id)
                waiting.extend(self.source(id).of)
        return reached


def runs(numbers: Iterable[int]) -> str:
    """Write numbers in order, those that follow each other as a range.

    >>> runs([7, 3, 4, 5, 9, 10])
    '3–5, 7, 9, 10'
    """
    ordered = sorted(numbers)
    starts = [n for place, n in enumerate(ordered) if place == 0 or ordered[place - 1] != n - 1]
    ends = [n for place, n in enumerate(ordered) if place + 1 == len(ordered) or ordered[place + 1] != n + 1]
    return ", ".join(
        str(start) if start == end else f"{start}{'–' if end - start > 1 else ', '}{end}"
        for start, end in zip(starts, ends, strict=True)
    )


def _known(results: Results) -> dict[str, Source]:
    """Collect the sources of results; where an id comes twice, the one that says more counts."""
    known: dict[str, Source] = {}
    for source in (s for chapter in results.chapters for s in chapter.evidence()):
        if source.id not in known or len(source.detail) > len(known[source.id].detail):
            known[source.id] = source
    for finding in results.findings:  # what rests on a finding rests on what shows it
        of = tuple(source.id for source in finding.sources)
        known |= {
            id: Source(kind="calculation", place=finding.id, detail=finding.title, of=of)
            for id in _names(finding)
        }
    for place in (a.origin for a in results.assumptions if a.origin is not None):
        known.setdefault(place.id, place)
    return known


def _names(finding: Finding) -> tuple[str, str]:
    """Ids by which a calculation names a finding as its source."""
    return finding.id, f"{PREFIX['calculation']}:{finding.id}"


def _named(results: Results) -> Iterator[str]:
    for chapter in results.chapters:
        yield from (source.id for source in chapter.evidence())
        for table in (*chapter.tables, *(figure.table for figure in chapter.figures)):
            yield from (id for column in table.columns for id in column.sources)
            yield from (id for row in table.rows for cell in row for id in cell.sources)
        yield from (driver.source for fact in chapter.facts for driver in fact.drivers)
        if chapter.coverage is not None:
            yield from (f"as:{key}" for key in chapter.coverage.stale)


def _assumption(entry: Assumption) -> tuple[str, ...]:
    value = quantity(entry.likely, entry.unit)
    if entry.low != entry.high:
        value += f" ({interval(entry.low, entry.high, entry.unit)})"
    says = [value, entry.source, day(entry.date), f"key {entry.key}"]
    says += [
        f"another source says {interval(c.low, c.high, entry.unit)}: {c.source}" for c in entry.conflicts
    ]
    return tuple(says)


def _warnings(entry: Assumption, today: dt.date | None) -> tuple[str, ...]:
    flags = []
    if entry.overridden:
        flags.append("set by the engagement")
    if entry.elicited:
        flags.append("an expert's belief")
    if today is not None and entry.age_days(today) > STALE_DAYS:
        flags.append(f"{entry.age_days(today)} days old")
    return tuple(flags)
