"""The report for leaders: a page that opens offline and asks nothing of the network, and its evidence as a flat twin."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from assess.core.estimate import Estimate
from assess.core.numbers import day, quantity
from assess.core.source import Fact

from .cards import Card, Cards, PageView, PlacedTable
from .chapter import Chapter, ReportAction, Results, StageGate
from .charts.drawing import DARK, LIGHT, Colour, Dot, Drawing, Mark, Polyline, css, draw_svg
from .charts.still import draw_chart
from .environment import anchor, environment
from .figure import Figure
from .prose import clean, spoken
from .tables import DataTable

FIGURES, WIDTH = 2, 540.0
"""Figures of a chapter on the page, and the width at which each is drawn, CSS pixels."""

WIDEST, LONGEST = 800.0, 40
"""Width of a drawing, and rows of a figure, that the page shows unasked; what is larger is in the notebook."""


BRIEF = 600
"""Words of a brief that a board reads in five minutes, two printed pages."""


class Report(NamedTuple):
    """The two files of a report, as text to be written as UTF-8.

    Parameters
    ----------
    page
        The report: brief, chapters, and the cards of its evidence, compressed.
    evidence
        The same cards, flat.
    """

    page: str
    evidence: str


class Naming(NamedTuple):
    """How the two files call each other and themselves."""

    page: str = "report.html"
    evidence: str = "evidence.html"
    kind: str = "integration assessment"


REPORT = Naming()
"""The files of a run."""


def render(results: Results, *, generated: str, naming: Naming = REPORT) -> Report:
    """Write the results as a self-contained HTML page, and its evidence as a second one.

    Parameters
    ----------
    results
        What a run found.
    generated
        When the page was made, as text for its foot; the only thing that is not in the results.
    naming
        Names of the two files, which lie side by side.

    Returns
    -------
    Report
        The same bytes for the same arguments.
    """
    cards = Cards(results).all()
    page = _Page(results, naming, cards)
    templates = environment()
    given: dict[str, Any] = {"page": page, "results": results, "generated": generated, "cards": cards}
    names = ("page.html.j2", "evidence.html.j2")
    return Report(*(_lean(templates.get_template(name).render(**given)) for name in names))


def _lean(text: str) -> str:
    """Leave out the end of table cells and rows where HTML allows it (WHATWG, 13.1.2.4): a reader sees no difference.

    Texts of clients can't be meant, because they are escaped.

    >>> _lean("<tr><td>a</td> <td></td></tr></table>")
    '<tr><td>a<td></table>'
    """
    return re.sub(r"(?:</t[dhr]>\s*)+(?=<t[dhr][ >]|</(?:table|thead|tbody)>)", "", text)


class ChapterContent(NamedTuple):
    """What of a chapter stands on the page."""

    figures: tuple[Figure, ...]
    tables: tuple[PlacedTable, ...]


class _Page(PageView):
    """What the templates of the page ask for."""

    def __init__(self, results: Results, naming: Naming, cards: tuple[Card, ...]) -> None:
        from urllib.parse import quote

        super().__init__(results, quote(naming.evidence))
        self.file, self.report, self.kind = naming.evidence, quote(naming.page), naming.kind
        self.links_ledger = naming == REPORT
        self._cards = cards
        self.day = day

    # -- what stands on the page ---------------------------------------------------------------

    def brief(self) -> Markup:
        """Write the brief, with as many rows and changes as `BRIEF` words allow."""
        template = environment().get_template("brief.html.j2")
        for most in (5, 4, 3, 2):
            text = template.render(page=self, results=self.results, most=most)
            if len(re.sub(r"<[^>]*>", " ", text).split()) <= BRIEF:
                break
        return Markup(text)  # noqa: S704 our own template

    def headline(self, chapter: Chapter) -> tuple[Fact, ...]:
        """Up to five facts that stand large on the first screen."""
        by_id = {fact.id: fact for fact in chapter.facts}
        return tuple(by_id[id] for id in chapter.headline[:5])

    def shown(self, chapter: Chapter) -> ChapterContent:
        """The figures and the table of a chapter; where it names none, its first ones."""
        figures = [f for f in chapter.figures if f.id in chapter.shown]
        named = set(chapter.shown) - {figure.id for figure in figures}
        tables = [place for place in self.tables(chapter) if place.table.id in named]
        if not chapter.shown:
            small = (f for f in chapter.figures if f.sketch is None or f.sketch.width <= WIDEST)
            figures = [f for f in small if len(f.table.rows) <= LONGEST][:FIGURES]
            tables = [place for place in self.tables(chapter) if place.table.rows][:1]
        return ChapterContent(tuple(figures), tuple(tables))

    def others(self, chapter: Chapter) -> tuple[PlacedTable, ...]:
        """The tables of the brief that it shows and that have no place of their own."""
        placed = ("options", "decisions", "risks", "questions")
        return tuple(
            p for p in self.tables(chapter) if p.table.id in chapter.shown and p.table.id not in placed
        )

    def heads(self, id: str) -> bool:
        """Whether a row's name leads to its card: that of an integration, which says more than the row."""
        return id.startswith("i-")

    def gate_id(self, gate: StageGate) -> str:
        """Return the id of the card of a gate."""
        return anchor("g", gate.key)

    def lacking(self, gate: StageGate) -> str:
        """Say why a gate is closed: in full, or, where the action that opens it stands below, the count alone."""
        return clean(gate.reason.rpartition("; ")[2] if gate.opens else gate.reason, 160)

    def terms(self, action: ReportAction) -> Markup:
        """Say who opens a gate, with how much work, by when."""
        said = [escape(clean(action.owner, 80))] if action.owner else []
        if action.effort is not None:
            said.append(self.link(self.action_id(action), spoken(action.effort.likely, action.effort.unit)))
        text = Markup(", ").join(said)
        return text + escape(("; opens " if said else "Opens ") + clean(action.by, 60)) if action.by else text

    def amount(self, value: Estimate) -> str:
        """Write the likely value of an estimate."""
        return quantity(value.likely, value.unit)

    # -- figures -------------------------------------------------------------------------------

    def draw(self, figure: Figure) -> Markup:
        """Draw a figure in the page's colours."""
        return draw_svg(figure.sketch or draw_chart(figure.plot, WIDTH), figure.alt, alone=False)

    def strip(self, table: DataTable, number: int) -> Markup:
        """Draw the range of one option and its average on the scale that all options share."""
        gains = [_gain(table, place) for place in range(len(table.rows))]
        known = [limit for gain in gains if gain for limit in gain]
        if (gain := gains[number]) is None:
            return Markup()
        low, high = min(0.0, *known), max(0.0, *known)

        def at(value: float) -> float:
            return 8 + 174 * (value - low) / ((high - low) or 1.0)

        colour: Colour = "accent" if table.rows[number][0].shade else "grey"
        marks: list[Mark] = [Polyline(points=((at(0.0), 0), (at(0.0), 22)), stroke="ink", weight=1)]
        if gain.low < gain.high:
            marks.append(Polyline(points=((at(gain.low), 11), (at(gain.high), 11)), stroke=colour, weight=3))
        marks.append(
            Dot(x=at(gain.mean), y=11, radius=5, fill=colour, stroke="paper", weight=1.5, diamond=True)
        )
        return draw_svg(Drawing(width=190, height=22, marks=tuple(marks)), "", alone=False)

    def eight(self, table: DataTable, number: int) -> str:
        """Write between which limits the gain of an option lies in eight of ten futures; nothing where it is certain."""
        gain = _gain(table, number)
        unit = next((column.unit for column in table.columns if column.key == "gain"), "")
        return self.range(gain.low, gain.high, unit) if gain else ""

    # -- cards ---------------------------------------------------------------------------------

    def packed_cards(self) -> Markup:
        """Write the cards compressed, a tenth of their size; the page's script unpacks them when one is asked for.

        A link that reads as the card that it leads to is called holds its id alone, between two `NAMED`: nine of ten do, and their
        words are farther apart than a compressor looks back.
        """
        titles = {card.id: str(escape(card.title)) for card in self._cards}

        def short(link: re.Match[str]) -> str:
            return f"{NAMED}{link[1]}{NAMED}" if titles.get(link[1]) == link[2] else link[0]

        return packed([[*card[:3], _LINK.sub(short, card.html)] for card in self._cards])

    def grouped(self, cards: Iterable[Card]) -> Iterator[tuple[str, list[Card]]]:
        """Group the cards for the flat file: by chapter, the sources by kind."""
        for heading, held in groupby(cards, key=lambda card: card.where.rpartition(" · ")[2]):
            yield clean(heading, 80).capitalize(), list(held)

    # -- parts of the file -----------------------------------------------------------------------

    def script(self) -> Markup:
        """Write the page's script."""
        return Markup("<script>") + Markup(_script()) + Markup("</script>")  # noqa: S704 our own file

    def style(self) -> Markup:
        """Write the style sheet with the colours in light, dark and print."""
        return Markup("<style>") + Markup(_sheet()) + Markup("</style>")  # noqa: S704 our own file

    def policy(self, runs: bool) -> str:
        """Content security policy: nothing is loaded, only the style and, where one ``runs``, the script of the page count."""
        script = f"script-src 'sha256-{_sha256(_script())}'; " if runs else ""
        return (
            f"default-src 'none'; {script}style-src 'sha256-{_sha256(_sheet())}'; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        )


class OptionGain(NamedTuple):
    """What an option gains on average, and the limits of eight of ten futures."""

    mean: float
    low: float
    high: float


def _gain(table: DataTable, number: int) -> OptionGain | None:
    """Read the gain of an option from its row: columns ``gain``, ``low`` and ``high``; None where it has none."""
    row = {column.key: cell.value for column, cell in zip(table.columns, table.rows[number], strict=True)}
    mean = row.get("gain")
    if not isinstance(mean, int | float):
        return None
    low, high = (v if isinstance(v, int | float) else mean for v in (row.get("low"), row.get("high")))
    return OptionGain(mean, low, high)


@cache
def _sheet() -> str:
    sheet = _lines("template/page.css", "/*")
    for name, colours in (("LIGHT", LIGHT), ("DARK", DARK)):
        sheet = sheet.replace(f"--{name}:0", css(colours))
    return sheet


@cache
def _script() -> str:
    return _lines("template/page.js", "//")


def _lines(name: str, comment: str) -> str:
    """Read a file without its comments and indents: the page is read by browsers, the file by people."""
    lines = (line.strip() for line in files("assess.report").joinpath(name).read_text("utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(comment))


def _sha256(code: str) -> str:
    return base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()


NAMED = "\x7f"
"""Stands around the id of a card in place of a link to it; no text of a client holds it, see `clean`. ``page.js`` knows the same."""

_LINK = re.compile(r'<a href="#([\w.-]+)">([^<]*)</a>')

_NAMED = re.compile(f"{NAMED}([^{NAMED}]+){NAMED}")

SAFE = str.maketrans("&<>`", ",./:")
"""The signs of base 85 that HTML gives a meaning, and what stands for them; ``page.js`` knows the same."""

_BACK = {new: old for old, new in SAFE.items()}


def packed(data: Any) -> Markup:
    """Write plain data compressed, as text for a script element; the same data give the same text.

    Four bytes are five characters: base 85 of RFC 1924, without ``&<>```.

    >>> packed([]).isascii()
    True
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    content = gzip.compress(text.encode("utf-8", "replace"), 9, mtime=0)
    return Markup(base64.b85encode(content).decode().translate(SAFE))  # noqa: S704 letters and plain signs


def unpacked(page: str, id: str = "cards") -> bytes:
    """Return what a script element of a page holds compressed.

    Raises
    ------
    ValueError
        If the page has no such element.

    Examples
    --------
    >>> page = f'<script type="application/gzip" id="cards">{packed([["a", "b"]])}</script>'
    >>> unpacked(page)
    b'[["a","b"]]'
    """
    found = re.search(rf'<script type="application/gzip" id="{re.escape(id)}">([^<]*)</script>', page)
    if found is None:
        raise ValueError(f"the page holds nothing compressed under {id}")
    return gzip.decompress(base64.b85decode(found[1].translate(_BACK)))


def read_cards(page: str) -> list[Card]:
    """Return the cards that a page holds compressed, as its script reads them.

    Raises
    ------
    ValueError
        If the page holds none.
    """
    cards = [Card(*card) for card in json.loads(unpacked(page))]
    titles = {card.id: escape(card.title) for card in cards}

    def whole(found: re.Match[str]) -> str:
        return f'<a href="#{found[1]}">{titles[found[1]]}</a>'

    return [card._replace(html=Markup(_NAMED.sub(whole, card.html))) for card in cards]  # noqa: S704 our own cards
