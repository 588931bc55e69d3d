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

from .chapter import Chapter
from .charts.drawing import Drawing, draw_svg
from .charts.still import draw_chart
from .figure import Figure
from .page_evidence import MARKS, environment
from .prose import unlinked
from .tables import DataTable, TableCell, TableColumn

SVG = "image/svg+xml"
NOTES = "ASSESS_READS"
"""Environment variable: the folder in which a run wants to find what each notebook has read, and its facts."""

FACTS = ".facts.json"
"""Ending of the file with the facts of a chapter in that folder."""

ROWS = 12
"""Rows of a table, findings and actions that a notebook shows; the report shows all."""

Bundle = dict[str, Any]
"""A display: MIME type to content."""


def show(chapter: Chapter) -> None:
    """Display a whole chapter and emit it: the answer, the evidence, the conclusion.

    A notebook that wants text between them calls `answer`, `evidence` and `conclude` instead.
    """
    for bundle in (*answers(chapter), *proofs(chapter), *conclusions(chapter)):
        _display(bundle)


def answer(chapter: Chapter) -> None:
    """Display the answer: one sentence, the numbers it rests on, one figure, one table."""
    for bundle in answers(chapter):
        _display(bundle)


def evidence(chapter: Chapter) -> None:
    """Display the other figures and tables, and the findings."""
    for bundle in proofs(chapter):
        _display(bundle)


def what_if(chapter: Chapter) -> None:
    """Display the chapter's what-if, where it has one: sliders, or a picture where nobody can move them."""
    if chapter.whatif is not None:
        from .widgets import explore

        explore(chapter.whatif)


def conclude(chapter: Chapter) -> None:
    """Display what is missing, what would change the answer and what to do; leave the facts where a run wants them."""
    for bundle in conclusions(chapter):
        _display(bundle)
    if folder := os.environ.get(NOTES):
        stem = f"{chapter.number}_{chapter.key}"
        reads.save(Path(folder) / f"{stem}.json")
        (Path(folder) / f"{stem}{FACTS}").write_text(facts(chapter) + "\n", "utf-8")


def answers(chapter: Chapter) -> list[Bundle]:
    """Return the displays of `answer`."""
    shown = [_html(chapter, "answer", unlinked(chapter.verdict) or chapter.error or "Not assessed.")]
    shown += [bundle for figure in chapter.figures[:1] for bundle in _figure(chapter, figure)]
    return shown + [_table(chapter, table) for table in chapter.tables[:1]]


def proofs(chapter: Chapter) -> list[Bundle]:
    """Return the displays of `evidence`."""
    shown = [bundle for figure in chapter.figures[1:] for bundle in _figure(chapter, figure)]
    shown += [_table(chapter, table) for table in chapter.tables[1:]]
    if chapter.findings:
        titles = "\n".join(f"{f.severity}: {f.title}" for f in chapter.findings[:ROWS])
        shown.append(_html(chapter, "findings", titles))
    return shown


def conclusions(chapter: Chapter) -> list[Bundle]:
    """Return the displays of `conclude`; the last names the chapter with the fingerprint of its facts."""
    shown = []
    if chapter.missing or chapter.changes or chapter.actions:
        said = [unlinked(a.title) for a in chapter.actions[:ROWS]] or [unlinked(c) for c in chapter.changes]
        shown.append(_html(chapter, "conclusion", "\n".join(said) or "Input is missing."))
    if chapter.files:
        count = f"{len(chapter.files)} files beside the report"
        shown.append(_html(chapter, "files", count, links=_links(chapter)))
    return [*shown, signed(chapter)]


def facts(chapter: Chapter) -> str:
    """Write everything that a chapter says as JSON, numbers to twelve digits."""
    return json.dumps(rounded(chapter.model_dump(mode="json")), allow_nan=False)


def signed(chapter: Chapter) -> Bundle:
    """Return the last display of a notebook: which chapter it was, with a fingerprint of all of its facts.

    The facts themselves (up to a megabyte) stay out of the notebook. The fingerprint changes when any of them does,
    also one that no table of the notebook shows: by it the tests that execute the notebooks again see every change.
    """
    fingerprint = hashlib.sha256(facts(chapter).encode()).hexdigest()[:16]
    return {
        "text/plain": f"Chapter {chapter.number}: {chapter.title}. Fingerprint of its facts: {fingerprint}"
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
    title = _html(chapter, "figure", caption, caption=caption, words=figure.alt)
    return [title, drawn(figure.sketch or draw_chart(figure.plot), figure.alt)]


def drawn(drawing: Drawing, label: str) -> Bundle:
    """Return the display of a drawing: a still picture, which GitHub and mail show as well.

    Before a reader in JupyterLab or Voila it stands in the page itself: as an image it would have no words for those who
    hear the page.
    """
    return {"text/html" if live() else SVG: str(draw_svg(drawing, label)), "text/plain": label}


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
    return _html(chapter, "table", table.caption, table=table)


def _html(chapter: Chapter, part: str, plain: str, **more: Any) -> Bundle:
    html = (
        environment()
        .get_template("notebook.html.j2")
        .render(
            chapter=chapter,
            part=part,
            limit=ROWS,
            quantity=quantity,
            interval=interval,
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
    unit = cell.unit or ("share" if column.format == "share" else column.unit)
    if cell.value is None and not column.numeric:
        return "–"
    lines = [quantity(cell.value, unit, column.digits)]
    if cell.low is not None and cell.high is not None and cell.low != cell.high:
        lines.append(interval(cell.low, cell.high, unit))
    return "\n".join([*lines, cell.note] if cell.note else lines)


def _display(bundle: Bundle) -> None:
    from IPython.display import display

    display(bundle, raw=True)  # type: ignore[no-untyped-call]
