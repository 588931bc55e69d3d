"""Values that are missing: blanks, words for nothing, and placeholders that pass for values."""

from __future__ import annotations

import re

import numpy as np

from assess.core.missing import PERHAPS_ZERO, SPOKEN, missing_condition
from assess.evidence.quality.checks.check import CellCheck, Certain, Check, Evidence, ValueCheck, above
from assess.evidence.quality.column.view import Floats, Mask, View
from assess.evidence.quality.matching.pair import ColumnPair, Marks, posterior
from assess.evidence.quality.types import dates

from .numbers import number_quantiles
from .vocabulary import LONGEST_LIST

WORDS = 10
"""Rows per word from which on a column holds a short list."""

CATEGORIES = SPOKEN | {"none", "nil"}
"""Words for "nothing" that may be a category of their own."""


def _spoken(view: View) -> Mask:
    """Words for "nothing" that are a category: many rows say them, or as many as say the usual word of a short list."""
    said = np.array([t.casefold() in CATEGORIES for t in view.trimmed], bool)
    usual = ~(view.blank | view.disguised) & (view.counts > 0)
    words = int(usual.sum())
    short = 2 <= words <= LONGEST_LIST and view.filled >= WORDS * words and view.numeric < 0.1
    rarest = max(LEAST, float(np.median(view.counts[usual]))) if short else RARE * view.rows
    return np.asarray(said & (view.counts >= min(rarest, RARE * view.rows)))


def judge_missing(view: View, evidence: Evidence) -> None:
    """Judge blanks and their disguises in one column."""
    rows = max(1, view.rows)
    blank, disguised = view.blank, view.disguised
    empty = float(view.counts[blank].sum()) / rows
    filled = view.filled / rows
    if 0 < empty < 1:
        rare = -np.log(empty)
        evidence.note(view.position, "blank", np.where(blank, rare * filled, 0.0))
    masked = disguised & ~blank & ~_spoken(view)
    if masked.any() and filled > 0:
        zero = np.array([t.lower() in PERHAPS_ZERO for t in view.trimmed])
        evidence.note(view.position, "disguised", np.where(masked, 1.0 + view.numeric * ~zero, 0.0))


DATE = re.compile(
    r"(?:1900|1970|1899|1753|0001|9999|2099|2999)[-/.](?:01[-/.]01|12[-/.]3[01])(?:[T ].*)?"
    r"|(?:01[-/.]01|3[01][-/.]12|12[-/.]31)[-/.](?:1900|1970|0001|9999|2099|2999)(?:[ T].*)?"
)
"""Days that systems write for "none" and "for ever"."""
NUMBER = re.compile(r"-?9{2,}(?:\.9+|\.0+)?|-1(?:\.0+)?|-?0{2,}")
CODE = re.compile(r"0{3,}|9{3,}|[xX]{3,}")
CODE_SIGNS = frozenset("09xX")
LEAST = 3
RARE = 0.1


def judge_placeholders(view: View, evidence: Evidence) -> None:
    """Judge placeholders of one column."""
    if view.filled < 20:
        return
    evidence.note(view.position, "default_date", _dates(view))
    if view.numeric > 0.9:
        evidence.note(view.position, "default_number", _numbers(view))
    evidence.note(view.position, "default_code", _codes(view))
    rare = (view.disguised & ~view.blank) & (view.counts < RARE * view.rows) & ~_spoken(view)
    for k in np.flatnonzero(rare).tolist():
        text = view.texts[k]
        rare[k] = any(c.isalnum() for c in text) or text.strip() == "-" or not text.strip("? ")
    evidence.note(view.position, "rare_disguise", rare.astype(np.float64))


def _dates(view: View) -> Floats:
    """Default days that a small part of a column holds, beside other dates."""
    default = np.array([bool(DATE.fullmatch(t)) for t in view.trimmed])
    share = float(view.counts[default].sum()) / view.filled
    if not default.any() or share >= RARE:
        return np.zeros(len(view.texts))
    read = dates.read(np.array(view.texts, object), view.weights)
    others = read.found & read.valid & ~default
    typical = float(np.median(view.counts[others])) if others.any() else 0.0
    if others.any():  # among other days and no more frequent than they are, it is a day
        days = read.instants[others]
        within = read.found & (read.instants > days.min()) & (read.instants < days.max())
        default &= ~within | (view.counts >= LEAST * typical)
    return np.where(default, 1 - share, 0.0)


def _codes(view: View) -> Floats:
    """Rows of one sign in a column of codes of one width that repeat, rare against the rest."""
    placeholder = np.array([t[:1] in CODE_SIGNS and bool(CODE.fullmatch(t)) for t in view.texts]) & (
        view.counts >= LEAST
    )
    if not placeholder.any():
        return np.zeros(len(view.texts))
    fits = np.array([t.isalnum() and any(c.isdigit() for c in t) for t in view.texts])
    usual = fits & ~placeholder
    widths = {len(t) for t, u, n in zip(view.texts, usual, view.counts, strict=True) if u and n >= LEAST}
    share = float(view.counts[placeholder].sum()) / view.filled
    if len(widths) != 1 or view.weights[usual].sum() < 0.8 * view.filled or share > RARE:
        return np.zeros(len(view.texts))
    same = np.array([len(t) in widths for t in view.texts])
    return np.asarray(placeholder & same, np.float64)


def _numbers(view: View) -> Floats:
    """Placeholder numbers that occur too often for where they lie: a spike at or beyond the edge."""
    out = np.zeros(len(view.texts))
    real = ~np.isnan(view.numbers)
    shaped = np.array([bool(NUMBER.fullmatch(t.strip())) for t in view.plain]) & real
    if not shaped.any():
        return out
    x, n = view.numbers[real], view.weights[real].astype(np.float64)
    usual = real & ~shaped
    padded = [len(t) > 1 and t.isdigit() and t[0] == "0" for t in view.trimmed]
    if not usual.any() or (usual & np.array(padded)).any():  # digits behind zeros are a code's, see `_codes`
        return out
    low, high = number_quantiles(x, n, (0.01, 0.99))
    bottom, top = float(view.numbers[usual].min()), float(view.numbers[usual].max())
    typical = float(np.median(view.counts[usual]))
    for k in np.flatnonzero(shaped).tolist():
        value, rows = float(view.numbers[k]), int(view.counts[k])
        outside = value < bottom - 0.5 * abs(bottom) or value > 1.5 * top
        spike = (value <= low or value >= high) and rows >= 4 * typical
        if (outside or spike) and LEAST <= rows < RARE * view.filled:
            out[k] = 1.0
    return out


def compare_blanks(pair: ColumnPair, left: Marks) -> Floats:
    """Blank cells beyond the share of cells of the target that hold nothing, or a word for it, where the target is filled as a rule."""
    made = np.zeros(len(pair.source.values))
    blank = pair.source.blank
    lacking = float(pair.target.counts[~pair.target_kind.present].sum())
    if not blank.any() or lacking > HABIT * pair.target.rows:
        return made
    found = np.array([float(pair.source.counts[blank].sum())])
    made[blank] = posterior(found, np.array([lacking]), 0, pair.source.rows, pair.target.rows)[0]
    return made


HABIT = 0.1
"""Share of the target's rows that hold nothing, beyond which an empty cell of the source breaks nothing."""
EMPTY = 0.01
"""Share of rows up to which a blank in an otherwise full column is a gap and not a habit."""


def judge_rare_blanks(view: View, evidence: Evidence) -> None:
    """Judge blanks in a column that is otherwise full."""
    if view.large:
        evidence.note(view.position, "rare_blank", _blanks(view))


def _blanks(view: View) -> Floats:
    """Blanks in a column that holds something in nearly every row."""
    empty = float(view.counts[view.blank].sum()) / max(1, view.rows)
    return np.where(view.blank & (0 < empty <= EMPTY), 1 - empty, 0.0)


MISSING = CellCheck(
    name="missing",
    scope="column",
    subject="Missing",
    title="hold nothing, or a placeholder for it",
    looks_for=(
        "Blanks where rows of the same key hold a value or nearly every row does, and texts "
        "such as N/A or ? that stand for a missing value."
    ),
    matters=("The target takes a placeholder for a value: reports count it, matching on it joins strangers."),
    action=(
        "Load placeholders as null, fill what the same key says elsewhere, agree which fields are required."
    ),
    signals=(
        "blank",
        "gap_power",
        "gap_filled",
        "disguised",
        "rare_disguise",
        "default_date",
        "default_number",
        "default_code",
        "rare_blank",
    ),
    rule=f"CASE WHEN {missing_condition('{}')} THEN NULL ELSE {{}} END",
    judges=(judge_missing, judge_placeholders, judge_rare_blanks),
    certain=(
        Certain(
            ("gap_power", "gap_filled"),
            lambda power, filled: np.asarray(0.9 * ((power > 0.25) & (filled > 0.3))),
        ),
        above("disguised", 1.5, 0.9),
        above("rare_disguise", 0.5, 0.65),
        above("default_date", 0.9, 0.9),
        above("default_number", 0.5, 0.85),
        above("default_code", 0.5, 0.8),
        above("rare_blank", 0.5, 0.6),
    ),
    row_repairs="dependency",
)


INCOMPLETE = Check(
    name="incomplete",
    scope="column",
    subject="Missing",
    title="hold nothing",
    matters=(
        "A field that the target requires stops the record; one that it does not require arrives empty."
    ),
    action=("Agree which fields must be filled, at which step, and fill those that the target requires."),
)


BLANK = ValueCheck(
    name="blank",
    subject="Missing",
    title="blank where the target is filled",
    judge=compare_blanks,
    everywhere=True,
)
