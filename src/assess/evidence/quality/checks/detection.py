"""From a table to its suspicions: look, gather what speaks for and against each cell, weigh, name the reason."""

from __future__ import annotations

from string import punctuation
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from assess.evidence.quality.column.reduction import open_views
from assess.evidence.quality.column.view import USUAL, Floats, Ints, View
from assess.evidence.quality.types.semantic import CHECKED

from .cells.formats import mask_plain_text, shorten_mask
from .cells.spelling import SYMBOL
from .check import CellCheck, Evidence, Suspicion, Texts
from .registry import CELLS
from .weighing import PLAIN, SIGNALS, Cells, Matrix, group_alike, lay_out, learned_trees, mark_slips, weigh

if TYPE_CHECKING:
    from assess.evidence.quality.table import Table


OPERATING = 0.5
"""Probability from which a cell is reported: more likely wrong than right."""
CONSIDERED = 0.1
OF_WORDING = frozenset({"spelling", "pattern"})
"""Checks that only weigh how something is written: no number among many others, and of a list of codes none, is misspelt."""
HABIT, FEW_ROWS, MANY_ROWS = 0.05, 3, 20
"""Share of the filled rows, and rows of a small and a large table, that hold the same text, beyond which the column writes so."""
NESTED, MOSTLY = frozenset("[{"), 0.9
"""What lists and records in a cell begin with, and the share of the filled rows from which on a column holds them."""
LETTERS, WORD, LENGTH, DENSE, CLEAR, NEIGHBOUR, NOT_WORDED = range(7)
"""What a suspicion of wording rests on: odd letters; a known word that may be meant; an odd length of ordinary words; a frequent text one slip away among symbols or codes; a word that is clearly meant; a frequent text one slip away; signs and forms."""
CLEAR_WORD = 6.0
"""Signal from which on a word that stands elsewhere explains another one: log odds of 2, see `spelling.shift`."""
CERTAIN_SIGNALS = frozenset(signal for check in CELLS for rule in check.certain for signal in rule.signals)
Chances = list[tuple[str, Floats]]
"""Probability by the name of the check that gives it; a check can have several rules."""


def gather_evidence(views: list[View]) -> Evidence:
    """Ask the judge of every check."""
    evidence = Evidence()
    judges = dict.fromkeys(judge for check in CELLS for judge in check.judges)
    for view in views:
        for judge in judges:
            judge(view, evidence)
    for judge_all in dict.fromkeys(judge for check in CELLS for judge in check.table_judges):
        judge_all(views, evidence)
    return evidence


def detect(table: Table) -> tuple[Suspicion, ...]:
    """Find the cells of a table that are probably wrong.

    Parameters
    ----------
    table
        The opened table.

    Returns
    -------
    tuple
        Per column and check the rows, a calibrated confidence, and repairs where they are known; each
        cell once, under the check without which its confidence would fall the most.
    """
    if not table.rows:
        return ()
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


def suspicions(views: list[View], evidence: Evidence) -> tuple[Suspicion, ...]:
    """Weigh the evidence and put it in order."""
    columns = laid_out(views, evidence)
    considered: list[Suspicion] = []
    for view, cells, chance in zip(views, columns, weigh(columns), strict=True):
        considered += _of_column(view, evidence, cells, chance)
    considered = drop_unproved_slips(views, evidence, considered)
    kept = (s.where(s.confidence >= OPERATING) for s in considered)
    return tuple(s for s in kept if len(s))


def drop_unproved_slips(
    views: list[View], evidence: Evidence, considered: list[Suspicion]
) -> list[Suspicion]:
    """Leave out slips that hardly more than their letters tell, where the table shows fewer that are proved.

    Who slips does so in words as well that stand elsewhere in the column, one slip away. Where letters look odd more often
    than that, or symbols and codes of a list are that close to each other, they are strange (names, foreign languages), not wrong.
    """
    by_name = {view.name: view for view in views}
    proofs = [
        _proof(by_name[found.column], evidence, found) if found.check in OF_WORDING else None
        for found in considered
    ]
    rows = np.zeros(NOT_WORDED + 1, np.int64)
    for found, proof in zip(considered, proofs, strict=True):
        if proof is not None:
            rows += np.bincount(proof[found.confidence >= OPERATING], minlength=len(rows))
    believed = rows <= rows[NEIGHBOUR]
    believed[CLEAR:] = True
    return [
        found if proof is None else found.where(believed[proof])
        for found, proof in zip(considered, proofs, strict=True)
    ]


def _proof(view: View, evidence: Evidence, found: Suspicion) -> Ints:
    """What each cell's suspicion rests on, from `LETTERS` to `NOT_WORDED`; shape (n,)."""
    codes = view.codes[found.rows]
    if found.check == "pattern":
        return np.where(mask_plain_text(view)[codes], LENGTH, NOT_WORDED)
    none = np.zeros(len(view.texts))
    near, digit, word, misspelt = (
        evidence.texts[view.position].get(name, none)[codes]
        for name in ("near", "near_digit", "word", "misspelt")
    )
    close = (near > 0) | (digit > 0)
    plain = mark_slips(*(evidence.texts[view.position].get(name, none)[codes] for name in PLAIN))
    dense = np.array([_dense(view.texts[k].strip()) for k in codes], bool) & ~plain
    return np.select(
        [misspelt > 0, close & dense, close, word >= CLEAR_WORD, word > 0],
        [CLEAR, DENSE, NEIGHBOUR, CLEAR, WORD],
        LETTERS,
    )


def _dense(text: str) -> bool:
    """Whether a text is a symbol, or a code of letters and digits: others of its list are one slip away by design.

    >>> _dense("Kz"), _dense(".es"), _dense("N3EMAA"), _dense("Ulm"), _dense("Flat 3b")
    (True, True, True, False, False)
    """
    return len(text.strip(punctuation)) <= SYMBOL or (
        " " not in text and any(map(str.isdigit, text)) and any(map(str.isalpha, text))
    )


def _of_column(view: View, evidence: Evidence, cells: Cells, chance: Floats) -> list[Suspicion]:
    """Suspicions of one column, by check."""
    picked = np.flatnonzero(chance >= CONSIDERED)
    if not len(picked):
        return []
    names = _reasons(view, evidence, cells, picked)
    found = []
    for check in CELLS:
        mine = picked[[n == check.name for n in names]]
        if check.name in OF_WORDING:
            right = _rightly_written(view, check.name)
            mine = mine[~right[cells.text[mine]] | (cells.certain[mine] >= OPERATING)]
        if len(mine):
            rows, confidence = _rows(view, cells, mine, chance)
            repairs = _repairs(view, evidence, check, rows)
            basis = evidence.basis.get((view.position, check.name), ())
            found.append(Suspicion(view.name, check.name, rows, confidence, check.looks_for, repairs, basis))
    return found


def _rightly_written(view: View, check: str) -> npt.NDArray[np.bool_]:
    """Texts that no comparison of spellings can call wrong: numbers, codes of a list, agreed words, checked codes, nested values, what many rows hold; shape (d,)."""
    right = view.measures | view.listed if check == "spelling" else view.measures
    if view.kind.semantic in CHECKED:
        right = right | view.kind.conforms
    if view.kind.semantic == "yes or no":  # but for oN, which nobody writes
        usual = [
            t.strip() in (t.strip().lower(), t.strip().upper(), t.strip().capitalize()) for t in view.texts
        ]
        right = right & np.array(usual, bool)
    nested = np.fromiter((t[:1] in NESTED for t in view.texts), bool, len(view.texts)) & ~view.blank
    if view.weights[nested].sum() >= MOSTLY * view.filled > 0:
        right = right | nested
    if check == "pattern":
        right = right | _of_another_form(view)
    return np.asarray(right | (view.weights > max(FEW_ROWS, min(MANY_ROWS, HABIT * view.filled))))


def _of_another_form(view: View) -> npt.NDArray[np.bool_]:
    """Codes of a form that is not the usual one, but that too many rows have for a slip: ``AO.CBG`` among ``AO.07``; shape (d,)."""
    code = view.of_masks(lambda mask: mask == mask.upper() and " " not in mask)
    _, form = np.unique(np.array([*map(shorten_mask, view.masks)]), return_inverse=True)
    rows = np.bincount(form, view.weights * code)[form]
    return np.asarray(code & (rows > max(FEW_ROWS, HABIT * view.filled)) & (rows < USUAL * view.filled))


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
    by_text, by_row = certain_texts(view, evidence), certain_rows(view, evidence)
    for n, k in enumerate(picked.tolist()):
        if cells.certain[k] < CONSIDERED:
            continue
        options: dict[str, float] = {}
        for name, chance in by_text:
            options[name] = max(options.get(name, 0.0), float(chance[cells.text[k]]))
        if cells.row[k] >= 0:
            for name, chance in by_row:
                options[name] = max(options.get(name, 0.0), float(chance[cells.row[k]]))
        best = max(options, key=lambda name: options[name])
        if options[best] >= OPERATING:
            names[n] = best
    return names


def certain_texts(view: View, evidence: Evidence) -> Chances:
    """Probability per distinct text by the rules that need no weighing, shape (d,) each; only those that fire."""
    return _apply(evidence.texts.get(view.position, {}), len(view.texts))


def certain_rows(view: View, evidence: Evidence) -> Chances:
    """Probability per row by the rules that need no weighing, shape (rows,) each; only those that fire."""
    dense = {}
    for name, (rows, values) in evidence.cells.get(view.position, {}).items():
        if name in CERTAIN_SIGNALS:
            dense[name] = np.zeros(view.rows)
            dense[name][rows] = values
    return _apply(dense, view.rows)


def _apply(signals: dict[str, Floats], size: int) -> Chances:
    found: Chances = []
    for check in CELLS:
        for rule in check.certain:
            if any(name in signals for name in rule.signals):
                chance = rule.chance(*(signals.get(name, np.zeros(size)) for name in rule.signals))
                if chance.any():
                    found.append((check.name, chance))
    return found


def combine_chances(chances: Chances, size: int) -> Floats:
    """Probability that at least one rule is right, shape (size,)."""
    none = np.ones(size)
    for _, chance in chances:
        none *= 1 - chance
    return np.asarray(1 - none)


def weighed_reasons(signals: Matrix) -> list[str]:
    """Name, per row of a matrix, the check without whose signals the log odds fall the most."""
    first, _ = learned_trees()
    weighed = [c for c in CELLS if any(s in SIGNALS for s in c.signals)]
    lead, kind = group_alike(signals)
    distinct = signals[lead]
    full = first.log_odds(distinct)
    fall = np.zeros((len(distinct), len(weighed)))
    for n, check in enumerate(weighed):
        places = [SIGNALS.index(s) for s in check.signals if s in SIGNALS]
        told = np.flatnonzero(distinct[:, places].any(1))
        if len(told):
            without = distinct[told]
            without[:, places] = 0
            fall[told, n] = full[told] - first.log_odds(without)
    best = fall.argmax(1)
    return [weighed[k].name for k in best[kind]]


def _repairs(view: View, evidence: Evidence, check: CellCheck, rows: Ints) -> Texts | None:
    """Repairs of the rows under a check, None where none is known."""
    texts: dict[int, str] = {}
    for source in reversed(check.repairs):
        texts.update(evidence.repairs.get(view.position, {}).get(source, {}))
    single = evidence.row_repairs.get(view.position, {}).get(check.row_repairs, {})
    if not texts and not single:
        return None
    found = np.empty(len(rows), object)
    for n, r in enumerate(rows.tolist()):
        found[n] = single.get(r) if r in single else texts.get(int(view.codes[r]))
    return found
