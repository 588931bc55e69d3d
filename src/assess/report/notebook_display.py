"""What a notebook displays of its chapter, and the typed output that a run collects."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from assess.core import reads
from assess.core.numbers import interval, quantity
from assess.core.secrets import mask_secrets
from assess.core.source import Fact

from .chapter import Chapter
from .charts.drawing import Drawing, draw_svg
from .charts.still import draw_chart
from .environment import MARKS, environment
from .figure import Figure
from .prose import escape_markdown, markdown_table, unlinked
from .tables import DataTable, TableCell, TableColumn

SVG = "image/svg+xml"
NOTES = "ASSESS_READS"
"""Environment variable: the folder in which a run wants to find what each notebook has read, and its facts."""

FACTS = ".facts.json"
"""Ending of the file with the facts of a chapter in that folder."""

ANSWERED = 7
"""Rows of the table of an answer, as many as the page shows."""

ROWS = 12
"""Rows of a table, findings and actions that a notebook shows; the report shows all."""

CELL = 300
"""Characters of a cell of a table that a notebook shows."""

Bundle = dict[str, Any]
"""A display: MIME type to content."""


def show(chapter: Chapter) -> None:
    """Display a whole chapter and emit it: the answer, the evidence, the conclusion.

    A notebook that wants text between them calls `answer`, `evidence` and `conclude` instead.
    """
    for bundle in (*answers(chapter), *proofs(chapter), *conclusions(chapter, facts(chapter))):
        _display(bundle)


def answer(chapter: Chapter) -> None:
    """Display the answer: one sentence, why, the table and the figures that the page shows."""
    for bundle in answers(chapter):
        _display(bundle)


def evidence(chapter: Chapter) -> None:
    """Display the other figures and tables, and the findings."""
    for bundle in proofs(chapter):
        _display(bundle)


def conclude(chapter: Chapter) -> None:
    """Display what is missing, what would change the answer and what to do; leave the facts where a run wants them."""
    written = facts(chapter)
    for bundle in conclusions(chapter, written):
        _display(bundle)
    if folder := os.environ.get(NOTES):
        stem = f"{chapter.number}_{chapter.key}"
        reads.save(Path(folder) / f"{stem}.json")
        (Path(folder) / f"{stem}{FACTS}").write_text(written + "\n", "utf-8")


def answers(chapter: Chapter) -> list[Bundle]:
    """Return the displays of `answer`: the answer with its table as text, then each figure that the page shows."""
    return [
        _answer(chapter),
        *(bundle for figure in _figures(chapter) for bundle in _figure(chapter, figure)),
    ]


def _figures(chapter: Chapter) -> tuple[Figure, ...]:
    """Return the figures of the answer: those that the page shows, else the first."""
    return tuple(figure for figure in chapter.figures if figure.id in chapter.shown) or chapter.figures[:1]


def _answer(chapter: Chapter) -> Bundle:
    """Return verdict, lead, numbers, gates and the table that the page shows, as Markdown, and as sentences."""
    verdict = unlinked(chapter.verdict or chapter.error) or "Not assessed"
    lead = " ".join(map(unlinked, chapter.lead))
    parts = [f"**{escape_markdown(verdict)}**", escape_markdown(lead), escape_markdown(chapter.subject)]
    facts = [fact for fact in chapter.facts if fact.id in chapter.headline]
    rows = [(fact.label, *_value(fact)) for fact in facts]
    heads = ("Number", "Value", "Range")
    parts.append(markdown_table(heads, rows, (False, True, True), CELL) if rows else "")
    parts += [
        f"- **{escape_markdown(g.label)}**: {g.state}. {escape_markdown(g.reason)}"
        for g in chapter.gates
        if chapter.number == 0
    ]
    parts += [_markdown(table) for table in _tables(chapter)]
    said = sentence(verdict) + (f" {lead}" if lead else "")
    return {"text/markdown": "\n\n".join(filter(None, parts)), "text/plain": mask_secrets(said)}


def _value(fact: Fact) -> tuple[str, str]:
    span = (
        ""
        if fact.low is None or fact.high is None or fact.low == fact.high
        else interval(fact.low, fact.high, fact.unit)
    )
    return quantity(fact.value, fact.unit), span


def _tables(chapter: Chapter) -> tuple[DataTable, ...]:
    """Return the tables of the answer: those that the page shows, else the first."""
    return tuple(table for table in chapter.tables if table.id in chapter.shown) or chapter.tables[:1]


def _markdown(table: DataTable) -> str:
    rows = [
        [cell_text(cell, column) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows[:ANSWERED]
    ]
    heads = tuple(column.label or column.key for column in table.columns)
    left = len(table.rows) - ANSWERED
    more = f"\n\nThe first {ANSWERED} of {table.total or len(table.rows):,} rows." if left > 0 else ""
    caption = f"**{escape_markdown(unlinked(table.caption))}**"
    right = tuple(column.numeric for column in table.columns)
    return f"{caption}\n\n{markdown_table(heads, rows, right, CELL)}{more}"


def sentence(text: str) -> str:
    """Close a text as a sentence.

    >>> sentence("It pays"), sentence("Does it pay?")
    ('It pays.', 'Does it pay?')
    """
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


def proofs(chapter: Chapter) -> list[Bundle]:
    """Return the displays of `evidence`: the figures, tables and findings that are no part of the answer."""
    figures = [figure for figure in chapter.figures if figure not in _figures(chapter)]
    tables = [
        table for table in chapter.tables if table not in _tables(chapter) or len(table.rows) > ANSWERED
    ]
    shown = [bundle for figure in figures for bundle in _figure(chapter, figure)]
    shown += [_table(chapter, table) for table in tables]
    if chapter.findings:
        titles = "\n".join(sentence(f"{f.severity}: {f.title}") for f in chapter.findings[:ROWS])
        shown.append(_html(chapter, "findings", titles))
    return shown


def conclusions(chapter: Chapter, written: str) -> list[Bundle]:
    """Return the displays of `conclude`; the last names the chapter with the fingerprint of its `facts`."""
    shown = []
    if chapter.missing or chapter.changes or chapter.actions or chapter.method:
        said = [sentence(unlinked(item)) for item in (*chapter.changes, *chapter.method)]
        said += [sentence(unlinked(action.title)) for action in chapter.actions[:ROWS]]
        shown.append(_html(chapter, "conclusion", "\n".join(said) or "Input is missing."))
    if chapter.files:
        count = f"{len(chapter.files)} files lie beside the report."
        shown.append(_html(chapter, "files", count, links=_links(chapter)))
    return [*shown, signed(chapter, written)]


def facts(chapter: Chapter) -> str:
    """Write everything that a chapter says as JSON, numbers to twelve digits."""
    return json.dumps(rounded(chapter.model_dump(mode="json")), allow_nan=False)


def signed(chapter: Chapter, written: str) -> Bundle:
    """Return the last display of a notebook: which chapter it was, with a fingerprint of all of its facts.

    The facts themselves (up to a megabyte) stay out of the notebook. The fingerprint changes when any of them does,
    also one that no table of the notebook shows: by it the tests that execute the notebooks again see every change.
    """
    fingerprint = hashlib.sha256(written.encode()).hexdigest()[:16]
    return {
        "text/plain": f"The facts of chapter {chapter.number}, {chapter.title}, have the fingerprint {fingerprint}."
    }


def rounded(value: Any, digits: int = 12) -> Any:
    """Round every number to significant digits, below what another order of summation would change, and hide secrets.

    >>> rounded({"npv": [0.1 + 0.2, 7, "x"]})
    {'npv': [0.3, 7, 'x']}
    """
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    if isinstance(value, dict):
        return {key: rounded(item, digits) for key, item in value.items()}
    if isinstance(value, str):
        return mask_secrets(value)
    return [rounded(item, digits) for item in value] if isinstance(value, list) else value


def _figure(chapter: Chapter, figure: Figure) -> list[Bundle]:
    caption = unlinked(figure.caption)
    title = _html(chapter, "figure", sentence(caption), caption=caption, words=figure.alt)
    return [title, drawn(figure.sketch or draw_chart(figure.plot), figure.alt)]


def drawn(drawing: Drawing, label: str) -> Bundle:
    """Return the display of a drawing: a still picture, which GitHub and mail show as well.

    Before a reader in JupyterLab or Voila it stands in the page itself: as an image it would have no words for those who
    hear the page.
    """
    return {"text/html" if live() else SVG: str(draw_svg(drawing, label)), "text/plain": sentence(label)}


def live() -> bool:
    """Whether somebody sits before the notebook.

    ``assess lab`` and ``assess serve`` set ``ASSESS_LIVE=1``; ``0`` forces the static form. Without it,
    JupyterLab is known by the cell id that it sends with each execution, which papermill does not.
    """
    said = os.environ.get("ASSESS_LIVE")
    if said is not None:
        return said == "1"
    try:
        from IPython.core.getipython import get_ipython

        kernel = getattr(get_ipython(), "kernel", None)
        return kernel is not None and "cellId" in kernel.get_parent("shell").get("metadata", {})
    except (ImportError, AttributeError, TypeError):
        return False


def _links(chapter: Chapter) -> dict[str, str]:
    """Return where each file lies, from the notebook: above it in a report, beside it at a desk.

    A file that lies in neither place, because the notebook was told another folder, gets no link.
    """
    near = {
        f.path: [f"{up}{f.path}" for up in ("../", "") if Path(up, f.path).is_file()] for f in chapter.files
    }
    return {path: places[0] for path, places in near.items() if path and places}


def _table(chapter: Chapter, table: DataTable) -> Bundle:
    return _html(chapter, "table", sentence(unlinked(table.caption)), table=table)


def _html(chapter: Chapter, part: str, plain: str, **more: Any) -> Bundle:
    html = (
        environment()
        .get_template("notebook.html.j2")
        .render(
            chapter=chapter,
            part=part,
            limit=ROWS,
            cell_text=cell_text,
            **more,
        )
    )
    return {"text/html": html.strip(), "text/plain": mask_secrets(plain)}


def cell_text(cell: TableCell, column: TableColumn) -> str:
    r"""Write a cell of a table as text, its interval and note below it.

    >>> cell_text(TableCell(value=0.38), TableColumn(key="share", format="share")).replace("\xa0", " ")
    '38%'
    >>> cell_text(TableCell(value="bad", note="not met"), TableColumn(key="state", format="state"))
    '✕ not met'
    """
    if column.format == "state" and cell.value:
        return f"{MARKS.get(str(cell.value), '')} {cell.note or cell.value}".strip()
    unit = column.unit_of(cell)
    if cell.value is None and not column.numeric:
        return "–"
    lines = ["–" if cell.value is None and cell.note else quantity(cell.value, unit, column.digits)]
    if cell.low is not None and cell.high is not None and cell.low != cell.high:
        lines.append(interval(cell.low, cell.high, unit))
    return "\n".join([*lines, cell.note] if cell.note else lines)


def _display(bundle: Bundle) -> None:
    from IPython.display import display

    display(bundle, raw=True)  # type: ignore[no-untyped-call]
