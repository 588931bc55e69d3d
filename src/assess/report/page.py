"""The report for leaders: one HTML file that holds everything and asks nothing of the network."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

from assess.core.finding import SEVERITIES, Finding
from assess.core.numbers import CURRENCIES, interval, quantity, share_digits
from assess.core.source import Source

from .chapter import Chapter, Coverage, Results
from .charts import CONFIG
from .charts.drawing import DARK, LIGHT, css, variables
from .page_evidence import EvidenceIndex, anchor, environment
from .prose import clean, linked
from .tables import DataTable, TableCell, TableColumn
from .whatif import WhatIf


def render(results: Results, *, generated: str, frame: str = "page.html.j2") -> str:
    """Write the results as one self-contained HTML page.

    Parameters
    ----------
    results
        What a run found.
    generated
        When the page was made, as text for its foot; the only thing that is not in the results.
    frame
        The template: the report's, or one that extends it.

    Returns
    -------
    str
        HTML, to be written as UTF-8; the same bytes for the same arguments.
    """
    page = _Page(results, EvidenceIndex.of(results))
    text = environment().get_template(frame).render(page=page, results=results, generated=generated)
    return _lean(page.evidence.numbered(text))


def _lean(text: str) -> str:
    """Leave out the end of table cells and rows where HTML allows it (WHATWG, 13.1.2.4): a reader sees no difference.

    Texts of clients can't be meant, because they are escaped.

    >>> _lean("<tr><td>a</td> <td></td></tr></table>")
    '<tr><td>a<td></table>'
    """
    return re.sub(r"(?:</t[dhr]>\s*)+(?=<t[dhr][ >]|</(?:table|thead|tbody)>)", "", text)


MOST_ROWS = 40
"""Rows of a table, or of a what-if, on the page; ``results.json`` holds all."""


class _Page:
    """What the template asks for: links, numbers, lists; nothing is computed in the template."""

    def __init__(self, results: Results, evidence: EvidenceIndex) -> None:
        self.results = results
        self.most = MOST_ROWS
        self.evidence = evidence
        self.currency = results.engagement.currency
        self.rows = {entry.finding.id: place for place, entry in enumerate(results.ledger, 1)}
        self.models: dict[str, Any] = {}
        self.entries = ""
        self.facts = {f.id: (c, f) for c in reversed(results.chapters) for f in c.stated}

    # -- numbers and their links ------------------------------------------------------------

    def value(self, value: Any, unit: str, sources: Iterable[Source | str], use: str, label: str) -> Markup:
        """Write a value as a link to its evidence; a word or an absent value stays plain."""
        text = clean(quantity(value, unit), 600)
        if value is None or isinstance(value, str | bool):
            return escape(text)
        return self.trace(text, sources, use, label)

    def trace(self, text: str, sources: Iterable[Source | str], use: str, label: str) -> Markup:
        """Write a text as a link to the evidence of its sources."""
        ids = (source if isinstance(source, str) else source.id for source in sources)
        target = self.evidence.link(ids, use, clean(label, 120))
        if not target:
            return escape(text)
        return Markup('<a href="#{}">{}</a>').format(target, text)

    def cell(
        self,
        cell: TableCell,
        column: TableColumn,
        sources: tuple[str, ...],
        use: str,
        label: str,
        fine: int = 0,
    ) -> Markup:
        """Write a cell of a table; a percentage with at least ``fine`` digits, see `fineness`."""
        unit = cell.unit or ("share" if column.format == "share" else column.unit)
        if cell.value is None and (cell.note or not column.numeric):
            return Markup('<span class="soft">–</span>')
        if isinstance(cell.value, str) or cell.value is None or isinstance(cell.value, bool):
            return self.value(cell.value, unit, (), use, label)
        digits = column.digits
        if unit == "share" and digits is None and cell.value not in (0, 1):
            digits = max(share_digits(cell.value), fine)
        text = quantity(cell.value, unit, digits)
        return self.trace(text, cell.sources or column.sources or sources, use, label)

    def fineness(self, table: DataTable) -> tuple[int, ...]:
        """Digits that every percentage of a column has at least, so that their points stand below each other."""
        shares = [
            [row[place].value for row in table.rows] if column.format == "share" else []
            for place, column in enumerate(table.columns)
        ]
        digits = (
            [share_digits(v) for v in held if isinstance(v, float) and 0.01 <= v <= 0.999] for held in shares
        )
        return tuple(max(found, default=0) for found in digits)

    def range(self, low: float | None, high: float | None, unit: str, digits: int | None = None) -> str:
        """Write the limits of an interval, or nothing."""
        return "" if low is None or high is None or low == high else interval(low, high, unit, digits)

    def prose(self, text: str, use: str = "summary") -> Markup:
        """Write a sentence with its references to facts as links."""
        return linked(text, lambda words, id: self._reference(words, id, use))

    def _reference(self, words: str, id: str, use: str) -> Markup | None:
        if id not in self.facts:
            return None
        return self.trace(words, self.facts[id][1].sources, use, words)

    def entry(self, id: str) -> str:
        """Return the id on the page of a finding's row in the ledger."""
        return f"l{self.rows[id]}" if id in self.rows else "ledger"

    # -- lists --------------------------------------------------------------------------------

    def state(self, chapter: Chapter) -> str:
        """State of a chapter, ``partial`` where it is assessed but lacks input."""
        return "partial" if chapter.state == "assessed" and chapter.missing else chapter.state

    def severities(self, findings: Iterable[Finding]) -> list[tuple[str, int]]:
        """Count findings by severity, the most severe first, none left out."""
        found = [finding.severity for finding in findings]
        return [(severity, found.count(severity)) for severity in SEVERITIES]

    def coverage(self) -> Coverage:
        """How much was measured: as the summary says, else counted over the sources of the page."""
        summary = self.results.summary
        if summary is not None and summary.coverage is not None:
            return summary.coverage
        kinds = [source.kind for source in self.evidence.known.values()]
        return Coverage(
            measured=kinds.count("measurement"),
            stated=kinds.count("input"),
            assumed=kinds.count("assumption"),
        )

    def shares(self) -> dict[str, int]:
        """Percent of the inputs that were measured, stated and assumed; together 100."""
        coverage = self.coverage()
        counts = {"measured": coverage.measured, "stated": coverage.stated, "assumed": coverage.assumed}
        return percentages(counts)

    def data(self) -> Markup:
        """Write what the script puts in its place, compressed: evidence, drawings and what-ifs, a tenth of their size."""
        drawings = {
            anchor("p", chapter.key, figure.id): figure.plot
            for chapter in self.results.chapters
            for figure in chapter.figures
            if figure.plot
        }
        return packed(
            {
                "entries": self.evidence.numbered(self.entries),
                "plots": drawings,
                "variables": variables(),
                "config": CONFIG,
                "models": self.models,
                "currencies": sorted(CURRENCIES),
            }
        )

    def keep(self, entries: str) -> str:
        """Keep the list of evidence, which travels compressed; nothing stands in its place."""
        self.entries = entries
        return ""

    def whatif(self, chapter: Chapter, model: WhatIf) -> dict[str, Any]:
        """Return what the page shows of a what-if before anything is moved, and keep its model for the page's script.

        A model that names no sources rests on those of the chapter's headline.
        """
        own = model.sources or tuple(s for slider in model.sliders for s in slider.sources)
        leading = [fact for fact in chapter.facts if fact.id in chapter.headline[:1]] or chapter.facts[:1]
        found = model.evaluate({})
        axis = model.axis
        values = {output.name: found[output.name].ravel().tolist() for output in model.outputs}
        texts = {o.name: [model.text(o, value) for value in values[o.name]] for o in model.outputs}
        base = {name: [v if math.isfinite(v) else None for v in held] for name, held in values.items()}
        self.models[anchor("w", chapter.key)] = {
            "base": base,
            "model": short(model.model_dump(exclude={"sources"})),
        }
        return {
            "axis": axis,
            "labels": model.axes[axis] if axis else (),
            "listed": [o for o in model.outputs if found[o.name].ndim],
            "single": [o for o in model.outputs if not found[o.name].ndim],
            "texts": texts,
            "sources": own or tuple(s for fact in leading for s in fact.sources),
        }

    # -- parts of the file -----------------------------------------------------------------------

    def script(self, *names: str) -> Markup:
        """Write files of the package as one inline script."""
        return Markup("<script>") + Markup(_scripts(names)) + Markup("</script>")  # noqa: S704 our own files

    def library(self) -> Markup:
        """Write plotly's basic bundle, compressed; a third of its size."""
        return letters(_packed())

    def policy(self, *names: str) -> str:
        """Content security policy: nothing is loaded, only the page's script and the library run."""
        hashes = " ".join(
            f"'sha256-{_sha256(code)}'" for code in (gzip.decompress(_packed()), _scripts(names).encode())
        )
        return (
            f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        )

    def style(self) -> Markup:
        """Write the style sheet with the colours in light, dark and print."""
        sheet = _read("template/page.css")
        for name, colours in (("LIGHT", LIGHT), ("DARK", DARK)):
            sheet = sheet.replace(f"/*{name}*/", css(colours))
        return Markup("<style>") + Markup(sheet) + Markup("</style>")  # noqa: S704 our own file


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


def short(node: Any) -> Any:
    """Cut every text of plain data to what a page shows in one place.

    >>> short({"label": "x" * 1000})["label"][195:]
    'xxxxx … (1,000 characters)'
    """
    if isinstance(node, dict):
        return {key: short(value) for key, value in node.items() if key != "sources"}
    if isinstance(node, list | tuple):
        return [short(value) for value in node]
    return clean(node, 200) if isinstance(node, str) else node


@cache
def _read(name: str) -> str:
    return files("assess.report").joinpath(name).read_text("utf-8")


@cache
def _scripts(names: tuple[str, ...]) -> str:
    """The scripts without their comments and indents: the page is read by browsers, the files by people."""
    lines = (line.strip() for name in names for line in _read(name).splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


@cache
def _packed() -> bytes:
    return files("assess.report").joinpath("assets/plotly-basic.min.js.gz").read_bytes()


def _sha256(code: bytes) -> str:
    return base64.b64encode(hashlib.sha256(code).digest()).decode()


SAFE = str.maketrans("&<>`", ",./:")
"""The signs of base 85 that HTML gives a meaning, and what stands for them; ``unpack.js`` knows the same."""

_BACK = {new: old for old, new in SAFE.items()}


def letters(content: bytes) -> Markup:
    """Write bytes as text for a script element, four in five characters: base 85 of RFC 1924, without ``&<>```.

    >>> letters(b"plotly")
    Markup('aBOdMY.U')
    """
    return Markup(base64.b85encode(content).decode().translate(SAFE))  # noqa: S704 letters and plain signs


def packed(data: Any) -> Markup:
    """Write plain data compressed, as text for a script element; the same data give the same text.

    Parameters
    ----------
    data
        Of plain types. Dictionaries keep their order, because that of a what-if's axes has a meaning.
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, default=str, separators=(",", ":"))
    return letters(gzip.compress(text.encode("utf-8", "replace"), 9, mtime=0))


def unpacked(page: str, id: str) -> bytes:
    """Return what a script element of a page holds compressed.

    Raises
    ------
    ValueError
        If the page has no such element.

    Examples
    --------
    >>> page = f'<script type="application/gzip" id="data">{packed({"entries": "<dl></dl>"})}</script>'
    >>> unpacked(page, "data")
    b'{"entries":"<dl></dl>"}'
    """
    found = re.search(rf'<script type="application/gzip" id="{re.escape(id)}">([^<]*)</script>', page)
    if found is None:
        raise ValueError(f"the page holds nothing compressed under {id}")
    return gzip.decompress(base64.b85decode(found[1].translate(_BACK)))


def whole(page: str) -> str:
    """Return a page as its script completes it: with the list of evidence in its place, to be searched or tested."""
    entries = json.loads(unpacked(page, "data"))["entries"]
    return re.sub(
        r'(<div id="entries">).*?(</div>)', lambda m: m[1] + entries + m[2], page, count=1, flags=re.DOTALL
    )
