"""The evidence of a report as cards: what stands behind each number, written once and shown in two containers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from assess.core.finding import SEVERITIES, Finding
from assess.core.numbers import interval, quantity, share_digits
from assess.core.source import Fact, Source

from .chapter import Chapter, Coverage, ReportAction, Results, StageGate
from .environment import anchor, environment
from .figure import Figure
from .prose import clean, linked, unlinked
from .sources import KINDS, SourceEntry, SourceIndex
from .tables import DataTable, TableCell, TableColumn

_BREAK = re.compile(r"\s*\n\s*(?=<)|\s+$")
"""A break of the template, which says nothing; texts of clients hold no tag."""

BRIEF = "Brief"
"""Name of chapter 0."""


NAMED, USERS = 3, 1
"""Sources of a cell, and users of a source, that are named one by one."""

ROWS = 20
"""Rows about integrations that the card of a table shows; each stands on the card of its integration, too."""


class Card(NamedTuple):
    """A card of evidence.

    Parameters
    ----------
    id
        Its place in ``evidence.html``, and its name in the address of the report.
    title
        What it is about, as plain text.
    where
        What kind of thing it is, and the chapter it belongs to.
    html
        Its content.
    """

    id: str
    title: str
    where: str
    html: Markup


class PlacedTable(NamedTuple):
    """A table of a chapter, or the data of a figure, with the id of its card, on which its rows have places of their own."""

    id: str
    chapter: Chapter
    table: DataTable

    def row(self, place: int) -> str:
        """Return the id of the place of a row, counted from 0."""
        return f"{self.id}.{place + 1}"


class PageView:
    """What a template asks for: numbers, sentences and where they lead; nothing is computed in a template.

    Parameters
    ----------
    results
        What a run found.
    base
        The file that holds the cards, as seen from where the view is read; empty where they lie in the same file.
    """

    def __init__(self, results: Results, base: str = "") -> None:
        self.results, self.base = results, base
        self.facts = {fact.id: fact for chapter in reversed(results.chapters) for fact in chapter.facts}
        self.findings = {entry.finding.id: f"l{n}" for n, entry in enumerate(results.ledger, 1)}
        self.titles = {finding.id: finding.title for finding in results.findings}
        labels = list(results.integrations.values())
        self.labels = {v: id for id, v in results.integrations.items() if labels.count(v) == 1}
        self.worth = {(f.value, f.unit, tuple(s.id for s in f.sources)): f.id for f in self.facts.values()}
        self.sources = SourceIndex(results)
        self._of_tables: dict[int, tuple[str, ...]] = {}

    def link(self, id: str, text: str | Markup) -> Markup:
        """Write a link to a card."""
        return Markup('<a href="{}#{}">{}</a>').format(self.base, id, text)

    def fact_id(self, id: str) -> str:
        """Return the id of the card of a fact."""
        return anchor("n", id)

    def tables(self, chapter: Chapter) -> tuple[PlacedTable, ...]:
        """Every table of a chapter."""
        return tuple(PlacedTable(anchor(f"t{chapter.number}", t.id), chapter, t) for t in chapter.tables)

    def data(self, chapter: Chapter, figure: Figure) -> PlacedTable:
        """The data of a figure."""
        return PlacedTable(anchor(f"f{chapter.number}", figure.id), chapter, figure.table)

    def row_id(self, place: PlacedTable, number: int) -> str:
        """Return where a row stands: on the card of the integration that it is about, else at its place in the table.

        A row that rests on nothing has none: it stands for the table.
        """
        row = place.table.rows[number]
        if (named := self.labels.get(str(row[0].value))) is not None:
            return anchor("i", named)
        return place.row(number) if any(ids for _, _, ids in self.parts(place, number)) else place.id

    def held(self, place: PlacedTable) -> tuple[int, ...]:
        """Return the rows that the card of a table shows: of those that stand on the card of an integration, the first `ROWS`."""
        numbers = range(len(place.table.rows))
        own = [number for number in numbers if self.row_id(place, number).startswith("i-")]
        left = frozenset(own[ROWS:])
        return tuple(number for number in numbers if number not in left)

    def number(self, place: PlacedTable, number: int, column: int, fine: int = 0) -> Markup:
        """Write a cell, a number as a link: to the fact that it is, else to its row."""
        cell, head = place.table.rows[number][column], place.table.columns[column]
        text = self.text(cell, head, fine)
        if not isinstance(cell.value, int | float) or isinstance(cell.value, bool):
            return escape(text)
        unit = head.unit_of(cell)
        known = self.worth.get((cell.value, unit, self.cited(cell, head, place.table)))
        return self.link(self.fact_id(known) if known else self.row_id(place, number), text)

    def cited(self, cell: TableCell, column: TableColumn, table: DataTable) -> tuple[str, ...]:
        """Return the ids of the sources of a cell: its own, its column's, else the table's."""
        return cell.sources or column.sources or self._cited(table)

    def _cited(self, table: DataTable) -> tuple[str, ...]:
        key = id(table)
        if key not in self._of_tables:
            self._of_tables[key] = tuple(source.id for source in table.sources)
        return self._of_tables[key]

    def parts(
        self, place: PlacedTable, number: int
    ) -> Iterator[tuple[TableColumn, TableCell, tuple[str, ...]]]:
        """Yield what a row says: each cell that holds something, with its column and the ids of its sources."""
        row = place.table.rows[number]
        for column, cell in list(zip(place.table.columns, row, strict=True))[1:]:
            if cell.value not in (None, "") or cell.note:
                traced = isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
                yield column, cell, self.cited(cell, column, place.table) if traced or cell.sources else ()

    def text(self, cell: TableCell, column: TableColumn, fine: int = 0) -> str:
        """Write the value of a cell; a percentage with at least ``fine`` digits, see `fineness`."""
        if cell.value is None:
            return "not assessed" if column.numeric and not cell.note else "–"
        if isinstance(cell.value, str | bool):
            return clean(quantity(cell.value), 600)
        unit = column.unit_of(cell)
        digits = column.digits
        if unit == "share" and digits is None and cell.value not in (0, 1):
            digits = max(share_digits(cell.value), fine)
        return quantity(cell.value, unit, digits)

    def spread(self, cell: TableCell, column: TableColumn) -> str:
        """Write the range of a cell, or nothing."""
        unit = column.unit_of(cell)
        return self.range(cell.low, cell.high, unit, column.digits)

    def fineness(self, table: DataTable) -> tuple[int, ...]:
        """Digits that every percentage of a column has at least, so that their points stand below each other."""
        shares = [
            [row[place].value for row in table.rows if column.unit_of(row[place]) == "share"]
            for place, column in enumerate(table.columns)
        ]
        digits = (
            [share_digits(v) for v in held if isinstance(v, float) and 0.01 <= v <= 0.999] for held in shares
        )
        return tuple(max(found, default=0) for found in digits)

    def value(self, fact: Fact) -> Markup:
        """Write the value of a fact as a link to its card."""
        return self.link(self.fact_id(fact.id), clean(quantity(fact.value, fact.unit), 600))

    def range(self, low: float | None, high: float | None, unit: str, digits: int | None = None) -> str:
        """Write the limits of an interval, or nothing."""
        return "" if low is None or high is None or low == high else interval(low, high, unit, digits)

    def prose(self, text: str) -> Markup:
        """Write a sentence with its references to facts as links."""
        return linked(text, lambda words, id: self._reference(words, id))

    def _reference(self, words: str, id: str) -> Markup | None:
        if id in self.facts:
            return self.link(self.fact_id(id), words)
        return self.link(self.findings[id], words) if id in self.findings else None

    def action_id(self, action: ReportAction) -> str:
        """Return the id of the card of an action."""
        return anchor("a", action.id)

    def shares(self, coverage: Coverage) -> dict[str, int]:
        """Percent of the inputs that were measured, stated and assumed; together 100."""
        counts = {"measured": coverage.measured, "stated": coverage.stated, "assumed": coverage.assumed}
        return percentages(counts)

    def defaults(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Return the ids of the sources of defaults."""
        return tuple(f"as:{key}" for key in keys)

    def finding(self, id: str) -> Markup:
        """Write the title of a finding as a link to its card; the id alone where there is no such finding."""
        title = self.titles.get(id)
        return self.link(self.findings[id], clean(title, 400)) if title else escape(clean(id, 200))

    def named(self, chapter: Chapter) -> str:
        """Name a chapter as the contents do."""
        return f"{chapter.number} {chapter.title}" if chapter.number else BRIEF


class Cards(PageView):
    """Every card of a report."""

    def __init__(self, results: Results) -> None:
        super().__init__(results)
        self._macros: Any = environment().get_template("cards.html.j2").module

    def all(self) -> tuple[Card, ...]:
        """Write every card: integrations first, then chapter by chapter, then the sources."""
        cards = [*self._integrations()]
        for chapter in self.results.chapters:
            cards += self._chapter(chapter)
        cards += self._sources()
        cards.append(self._card("made", "How this was made", "list", None, "made", self.results))
        return tuple({card.id: card for card in reversed(cards)}.values())[::-1]

    def _card(self, id: str, title: str, kind: str, chapter: Chapter | None, macro: str, *given: Any) -> Card:
        where = f"{kind} · {clean(self.named(chapter), 80)}" if chapter else kind
        html = getattr(self._macros, macro)(self, *given)
        return Card(id, " ".join(clean(title, 400).split()), where, Markup(_BREAK.sub("", html)))  # noqa: S704 written by our template

    def _chapter(self, chapter: Chapter) -> Iterator[Card]:
        for fact in chapter.facts:
            yield self._fact(chapter, fact)
        for gate in chapter.gates:
            yield self._gate(chapter, gate)
        for figure in chapter.figures:
            yield self._table(self.data(chapter, figure), figure.caption, "figure")
        for place in self.tables(chapter):
            yield self._table(place, place.table.caption, "table")
        for finding in chapter.findings:
            yield self._finding(chapter, finding)
        for action in chapter.actions:
            yield self._action(chapter, action)
        if chapter.coverage is not None:
            yield self._card(
                "coverage", "How much of this is known", "list", chapter, "coverage", chapter.coverage
            )
        if chapter.findings:
            title = f"{self.named(chapter)}: {len(chapter.findings)} findings"
            yield self._card(f"c{chapter.number}.findings", title, "list", chapter, "findings", chapter)
        if chapter.files:
            title = f"{self.named(chapter)}: files beside this report"
            yield self._card(f"c{chapter.number}.files", title, "list", chapter, "files", chapter)
        if chapter.state == "assessed":
            title = f"{self.named(chapter)}: everything"
            yield self._card(f"c{chapter.number}.all", title, "list", chapter, "everything", chapter)

    def _fact(self, chapter: Chapter, fact: Fact) -> Card:
        return self._card(self.fact_id(fact.id), fact.label, "number", chapter, "fact", fact)

    def _gate(self, chapter: Chapter, gate: StageGate) -> Card:
        return self._card(anchor("g", gate.key), gate.label, "gate", chapter, "gate", gate)

    def _finding(self, chapter: Chapter, finding: Finding) -> Card:
        return self._card(
            self.findings[finding.id],
            finding.title,
            f"{finding.severity} finding",
            chapter,
            "finding",
            finding,
        )

    def _action(self, chapter: Chapter, action: ReportAction) -> Card:
        return self._card(self.action_id(action), unlinked(action.title), "action", chapter, "action", action)

    def _table(self, place: PlacedTable, caption: str, kind: str) -> Card:
        return self._card(place.id, unlinked(caption), kind, place.chapter, "table", place)

    def _integrations(self) -> Iterator[Card]:
        rows: dict[str, list[tuple[PlacedTable, int]]] = {}
        for chapter in self.results.chapters:
            figures = (self.data(chapter, figure) for figure in chapter.figures)
            for place in (*self.tables(chapter), *figures):
                for number in range(len(place.table.rows)):
                    rows.setdefault(self.row_id(place, number), []).append((place, number))
        by_integration: dict[str, list[Fact]] = {}
        for fact in self.facts.values():
            if (named := self.about(fact)) is not None:
                by_integration.setdefault(named, []).append(fact)
        for id, label in self.results.integrations.items():
            found = [f for f in self.results.findings if id in f.integrations]
            facts = by_integration.get(id, [])
            own = rows.get(anchor("i", id), [])
            yield self._card(anchor("i", id), label, "integration", None, "integration", own, facts, found)

    def _sources(self) -> Iterator[Card]:
        for entry in self.sources.entries():
            yield self._card(entry.id, entry.title, KINDS[entry.kind], None, "source", entry)

    def behind(self, place: PlacedTable, number: int) -> tuple[str, ...]:
        """Return the ids of all sources of a row."""
        return tuple(dict.fromkeys(id for _, _, ids in self.parts(place, number) for id in ids))

    def traced(self, place: PlacedTable) -> bool:
        """Whether a row of a table has a place of its own, with its sources."""
        rows = range(len(place.table.rows))
        return any(self.row_id(place, number) == place.row(number) for number in rows)

    def together(self, place: PlacedTable, number: int) -> tuple[str, ...]:
        """Return the ids of the sources that all numbers of a row share; none where they differ."""
        cited = {ids for _, _, ids in self.parts(place, number) if ids}
        return cited.pop() if len(cited) == 1 else ()

    def many(self, place: PlacedTable, number: int) -> tuple[str, ...]:
        """Return the ids of the sources of a row that its cells do not name one by one, because they are many."""
        cited = (ids for _, _, ids in self.parts(place, number) if len(ids) > NAMED)
        return tuple(dict.fromkeys(id for ids in cited for id in ids))

    def about(self, fact: Fact) -> str | None:
        """Return the id of the integration that a fact is about; None where it is about none."""
        return next((part for part in fact.id.split(".")[1:-1] if part in self.results.integrations), None)

    def ids(self, sources: Iterable[Source]) -> tuple[str, ...]:
        """Return the ids of sources."""
        return tuple(source.id for source in sources)

    def connected(self, ids: Iterable[str]) -> list[tuple[str, str]]:
        """Return the cards of integrations, and their labels."""
        known = self.results.integrations
        return [(anchor("i", id), known[id]) for id in ids if id in known]

    def severities(self, findings: Iterable[Finding]) -> list[tuple[str, int]]:
        """Count findings by severity, the most severe first."""
        found = Counter(finding.severity for finding in findings)
        return [(severity, found[severity]) for severity in SEVERITIES if found[severity]]

    def counted(self, chapter: Chapter) -> dict[str, int]:
        """Count what a chapter holds, by kind of card."""
        held = {
            "figure": chapter.figures,
            "table": chapter.tables,
            "number": chapter.facts,
            "action": chapter.actions,
        }
        return {kind: len(found) for kind, found in held.items()}

    def users(self, entry: SourceEntry) -> list[tuple[str, str]]:
        """Return the first cards that rest on a source."""
        return list(self._users.get(entry.id, {}).items())[:USERS]

    def more(self, entry: SourceEntry) -> int:
        """Return how many further cards rest on a source."""
        return max(0, len(self._users.get(entry.id, {})) - USERS)

    @cached_property
    def _users(self) -> dict[str, dict[str, str]]:
        """By card of a source, the cards that rest on it, with their titles."""
        found: dict[str, dict[str, str]] = {}

        def note(ids: Iterable[str], card: str, title: str) -> None:
            for id in ids:
                found.setdefault(self.sources.cards[id], {}).setdefault(card, title)

        for fact in self.facts.values():
            note(self.ids(fact.sources), self.fact_id(fact.id), fact.label)
        for chapter in self.results.chapters:
            data = (self.data(chapter, figure) for figure in chapter.figures)
            for place in (*self.tables(chapter), *data):
                cells = {
                    self.cited(cell, column, place.table)
                    for row in place.table.rows
                    for cell, column in zip(row, place.table.columns, strict=True)
                }
                note(
                    dict.fromkeys(id for ids in sorted(cells) for id in ids),
                    place.id,
                    unlinked(place.table.caption),
                )
        for finding in self.results.findings:
            note(self.ids(finding.sources), self.findings[finding.id], finding.title)
        for id in self.sources.cards:
            note(self.sources.source(id).of, self.sources.cards[id], self.sources.title(id))
        return found


def percentages(counts: Mapping[str, int]) -> dict[str, int]:
    """Turn counts into whole percents that add up to 100 (largest remainder, Hamilton 1792).

    >>> percentages({"measured": 1, "stated": 1, "assumed": 1})
    {'measured': 34, 'stated': 33, 'assumed': 33}
    >>> percentages({"measured": 0})
    {'measured': 0}
    """
    total = sum(counts.values())
    if total == 0:
        return dict.fromkeys(counts, 0)
    floors = {key: count * 100 // total for key, count in counts.items()}
    by_rest = sorted(counts, key=lambda key: -(counts[key] * 100 % total))
    for key in by_rest[: 100 - sum(floors.values())]:
        floors[key] += 1
    return floors
