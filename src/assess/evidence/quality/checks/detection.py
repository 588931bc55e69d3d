"""From a table to its suspicions: look, gather what speaks for and against each cell, weigh, name the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from assess.evidence.quality.column.reduction import open_views
from assess.evidence.quality.column.view import Floats, Ints, View

from .evidence import Evidence, Suspicion, Suspicions, Texts
from .registry import CHECKS, gather_evidence
from .weighing import (
    SIGNALS,
    Cells,
    Matrix,
    certain_rows,
    certain_texts,
    combine_chances,
    group_alike,
    lay_out,
    learned_trees,
    weigh,
)

if TYPE_CHECKING:
    from assess.evidence.quality.table import Table


OPERATING = 0.5
"""Probability from which a cell is reported: more likely wrong than right."""
CONSIDERED = 0.1
NAMES = {check.name: check for check in CHECKS}
REPAIRS = {
    "spelling": ("closed", "near", "word", "slip"), "unit": ("unit",), "variant": ("variant",),
    "vocabulary": ("synonym",),
}  # fmt: skip
"""Where the repair of a text comes from, best first."""
ROW_REPAIRS = {"merged": "merged", "missing": "dependency", "dependency": "dependency"}


def detect(table: Table) -> Suspicions:
    """Find the cells of a table that are probably wrong.

    Parameters
    ----------
    table
        The opened table.

    Returns
    -------
    Suspicions
        Per column and check the rows, a calibrated confidence, and repairs where they are known; each
        cell once, under the check without which its confidence would fall the most.
    """
    if not table.rows:
        return Suspicions(())
    views = open_views(table)
    evidence = gather_evidence(views)
    return suspicions(views, evidence)


def laid_out(views: list[View], evidence: Evidence) -> list[Cells]:
    """Signals of every column as matrices."""
    columns = []
    for view in views:
        by_text = certain_texts(view, evidence)
        by_row = certain_rows(view, evidence)
        rows = combine_chances(by_row, view.rows) if by_row else None
        columns.append(lay_out(view, evidence, combine_chances(by_text, len(view.texts)), rows))
    return columns


def suspicions(views: list[View], evidence: Evidence) -> Suspicions:
    """Weigh the evidence and put it in order."""
    columns = laid_out(views, evidence)
    considered: list[Suspicion] = []
    for view, cells, chance in zip(views, columns, weigh(columns), strict=True):
        considered += _of_column(view, evidence, cells, chance)
    kept = (s.where(s.confidence >= OPERATING) for s in considered)
    return Suspicions(tuple(s for s in kept if len(s)), tuple(considered))


def _of_column(view: View, evidence: Evidence, cells: Cells, chance: Floats) -> list[Suspicion]:
    """Suspicions of one column, by check."""
    picked = np.flatnonzero(chance >= CONSIDERED)
    if not len(picked):
        return []
    names = _reasons(view, evidence, cells, picked)
    found = []
    for name in NAMES:
        mine = picked[[n == name for n in names]]
        if len(mine):
            rows, confidence = _rows(view, cells, mine, chance)
            repairs = _repairs(view, evidence, name, rows)
            basis = evidence.basis.get((view.position, name), ())
            found.append(Suspicion(view.name, name, rows, confidence, NAMES[name].looks_for, repairs, basis))
    return found


def _rows(view: View, cells: Cells, picked: Ints, chance: Floats) -> tuple[Ints, Floats]:
    """Rows, ascending, that the picked rows of the matrix stand for."""
    single = cells.row[picked] >= 0
    by_text = np.zeros(len(view.texts))
    of_texts = picked[~single]
    by_text[cells.text[of_texts]] = chance[of_texts]
    rows = np.flatnonzero((by_text > 0)[view.codes]) if len(of_texts) else np.empty(0, np.int64)
    rows = np.setdiff1d(rows, cells.row[cells.row >= 0], assume_unique=True)
    own = cells.row[picked[single]]
    every = np.concatenate([rows, own])
    order = np.argsort(every, kind="stable")
    confidence = np.concatenate([by_text[view.codes[rows]], chance[picked[single]]])
    return every[order], confidence[order]


def _reasons(view: View, evidence: Evidence, cells: Cells, picked: Ints) -> list[str]:
    """Name the check of each picked cell."""
    names = weighed_reasons(cells.signals[picked])
    sure = certain_texts(view, evidence)
    by_row = certain_rows(view, evidence)
    for n, k in enumerate(picked.tolist()):
        if cells.certain[k] < CONSIDERED:
            continue
        options = {CERTAIN[c]: float(p[cells.text[k]]) for c, p in sure.items()}
        if cells.row[k] >= 0:
            for c, p in by_row.items():
                options[CERTAIN[c]] = max(options.get(CERTAIN[c], 0.0), float(p[cells.row[k]]))
        best = max(options, key=lambda c: options[c])
        if options[best] >= OPERATING:
            names[n] = best
    return names


CERTAIN = {
    "unit": "unit", "unit_on_some": "unit", "ambiguous_date": "date formats", "merged": "merged",
    "encoding": "encoding", "odd_letter": "encoding", "missing": "missing", "disguised_missing": "missing",
    "rare_disguise": "missing", "default_date": "missing", "default_number": "missing", "invalid": "validity",
    "foreign_date": "date formats", "impossible_date": "date formats", "edge_space": "variant",
    "case": "variant", "zeros_lost": "variant", "foreign_mask": "variant", "foreign_number": "variant", "default_code": "missing", "total": "arithmetic", "extreme": "outlier",
    "order": "order", "misheld": "relation", "stranger": "vocabulary", "synonym": "vocabulary", "near_common": "spelling",
    "rare_blank": "missing", "text_among_numbers": "pattern", "negative": "outlier", "decimal": "outlier",
    "extreme_date": "outlier",
}  # fmt: skip
"""The check that each certain rule belongs to."""


def weighed_reasons(signals: Matrix) -> list[str]:
    """Name, per row of a matrix, the check without whose signals the log odds fall the most."""
    first, _ = learned_trees()
    weighed = [c for c in CHECKS if any(s in SIGNALS for s in c.signals)]
    lead, kind = group_alike(signals)
    distinct = signals[lead]
    full = first.log_odds(distinct)
    fall = np.zeros((len(distinct), len(weighed)))
    for n, check in enumerate(weighed):
        places = [SIGNALS.index(s) for s in check.signals if s in SIGNALS]
        if distinct[:, places].any():
            without = distinct.copy()
            without[:, places] = 0
            fall[:, n] = full - first.log_odds(without)
    best = fall.argmax(1)
    return [weighed[k].name for k in best[kind]]


def _repairs(view: View, evidence: Evidence, check: str, rows: Ints) -> Texts | None:
    """Repairs of the rows under a check, None where none is known."""
    texts: dict[int, str] = {}
    for source in reversed(REPAIRS.get(check, ())):
        texts.update(evidence.repairs.get(view.position, {}).get(source, {}))
    single = evidence.row_repairs.get(view.position, {}).get(ROW_REPAIRS.get(check, ""), {})
    if not texts and not single:
        return None
    found = np.empty(len(rows), object)
    for n, r in enumerate(rows.tolist()):
        found[n] = single.get(r) if r in single else texts.get(int(view.codes[r]))
    return found
