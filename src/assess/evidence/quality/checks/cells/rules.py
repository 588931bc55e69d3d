"""Rules that nearly all rows keep: sums and products, what comes first, and texts that hold another column's value.

A broken rule says that one of its cells is wrong, not which. Blamed is the cell whose value the rule would
replace by a far more usual one; where none is, the one that is derived: the later time, the total, the text.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations, permutations

import numpy as np
import numpy.typing as npt

from assess.evidence.quality.checks.check import CellCheck, Evidence, above
from assess.evidence.quality.column.view import Floats, Ints, Mask, View

KEPT = 0.9
"""Share of rows that keep a rule from which the others break it."""
ORDERED = 0.97
"""Share of rows in which one time must come before another."""
QUOTED = 0.95
"""Share of rows whose text must hold the other column's value at one place."""
MOST_COLUMNS = 12
SCREEN = 400
FEWEST = 30
LONGEST = 40
"""Characters of a value that a text is expected to hold."""
PLACES = (0, 1, 2, 3, -1, -2)
"""Parts of a text at which a value is looked for, from its beginning and its end."""
APART = re.compile(r"[\s\-/_|;]+")
"""What separates the parts of a text."""
NEVER = np.iinfo(np.int64).min


def judge_totals(views: list[View], evidence: Evidence) -> None:
    """Find c = a + b and c = a * b among number columns; judge the rows where it doesn't hold."""
    numeric = [v for v in views if v.numeric > 0.9 and v.filled >= FEWEST and len(v.texts) > 2][:MOST_COLUMNS]
    if len(numeric) < 3:
        return
    rows = numeric[0].rows
    some = np.arange(0, rows, max(1, rows // SCREEN))
    short = {v.position: v.row_numbers[some] for v in numeric}
    for three in combinations(numeric, 3):
        for c in reversed(three):
            a, b = (v for v in three if v is not c)
            for combine, back in ((np.add, np.subtract), (np.multiply, np.divide)):
                if _kept(combine, short[a.position], short[b.position], short[c.position]) < KEPT - 0.1:
                    continue
                _total(a, b, c, combine, back, evidence)
                break


def _kept(combine: np.ufunc, a: Floats, b: Floats, c: Floats) -> float:
    """Share of the telling rows that keep a rule, 0 if there are too few: neither part is 0 (or 1), nor is one of them all of it."""
    telling = _telling(a, b, c) & ~_holds(a, c) & ~_holds(b, c)
    if telling.sum() < 20:
        return 0.0
    return float(_holds(combine(a, b), c)[telling].mean())


def _telling(a: Floats, b: Floats, c: Floats) -> Mask:
    known = ~np.isnan(a) & ~np.isnan(b) & ~np.isnan(c)
    return np.asarray(known & (a != 0) & (b != 0) & (a != 1) & (b != 1))


def _holds(made: Floats, said: Floats) -> Mask:
    """Equal up to one unit in the second decimal (of small numbers a hundredth of their median), or rounding of large ones."""
    known = np.abs(said[np.isfinite(said) & (said != 0)])
    unit = min(0.0101, 0.01 * float(np.median(known))) if len(known) else 0.0101
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(made - said) <= np.maximum(unit, 1e-6 * np.abs(said)))


def _total(a: View, b: View, c: View, combine: np.ufunc, back: np.ufunc, evidence: Evidence) -> None:
    """Blame a cell of every row that breaks a rule."""
    x, y, z = (v.row_numbers for v in (a, b, c))
    share = _kept(combine, x, y, z)
    if share < KEPT:
        return
    live = ~np.isnan(x) & ~np.isnan(y) & ~np.isnan(z) & ((x != 0) | (y != 0))
    rows = np.flatnonzero(live & ~_holds(combine(x, y), z))
    if not len(rows) or len(rows) > (1 - KEPT) * live.sum():
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        repaired = (back(z, y)[rows], back(z, x)[rows], combine(x, y)[rows])
    gains = [_gain(n[rows], r, n) for n, r in zip((x, y, z), repaired, strict=True)]
    last = np.array([v.position for v in (a, b, c)]) / 1e6
    last[2] += 0.5  # of equals the total
    blamed = (np.array(gains) + last[:, None]).argmax(0)
    for number, view in enumerate((a, b, c)):
        mine = rows[blamed == number]
        dense = np.zeros(view.rows)
        dense[mine] = share
        _say(view.position, "total", dense, evidence)
        evidence.basis.setdefault(
            (view.position, "arithmetic"), tuple(v.name for v in (a, b, c) if v is not view)
        )


def _gain(said: Floats, repaired: Floats, column: Floats) -> Floats:
    """How much more usual the repaired values are in their column than the ones said: a log ratio, 0 for as usual."""
    values, counts = np.unique(np.round(column[~np.isnan(column)], 2), return_counts=True)

    def rows(x: Floats) -> Floats:
        x = np.where(np.isfinite(x), np.round(x, 2), np.nan)
        place = np.searchsorted(values, x).clip(0, len(values) - 1)
        return np.where(np.abs(values[place] - x) < 0.006, counts[place], 0).astype(np.float64)

    return np.asarray(np.log(rows(repaired) + 0.5) - np.log(np.maximum(rows(said) - 1, 0) + 0.5))


def read_moments(view: View) -> npt.NDArray[np.int64] | None:
    """Seconds of each row in a column of dates, `NEVER` where there is none; None if it isn't one.

    Only the main form is read, and forms like it: what is written otherwise can't be compared.
    """
    read = view.full_kind.dates
    if read is None:
        return None
    counted: Counter[str] = Counter()
    for form, n in zip(read.formats, view.full.counts.tolist(), strict=True):
        if form is not None:
            counted[form] += n
    main = counted.most_common(1)[0][0]
    seconds = read.instants.astype("datetime64[s]").astype(np.int64)
    seconds[np.array([f != main for f in read.formats]) | ~read.valid] = NEVER
    return np.asarray(seconds[view.full.codes])


def judge_orderings(views: list[View], evidence: Evidence) -> None:
    """Find times that come before others in nearly every row; judge the later one where they don't."""
    timed = [(v, m) for v in views if v.filled >= FEWEST and (m := read_moments(v)) is not None][
        :MOST_COLUMNS
    ]
    for (begin, start), (finish, end) in permutations(timed, 2):
        both = (start != NEVER) & (end != NEVER)
        differ = both & (start != end)
        if differ.sum() < FEWEST:
            continue
        wrong = differ & (end < start)
        share = 1 - wrong.sum() / both.sum()
        if not wrong.any() or share < ORDERED or wrong.sum() >= 0.1 * differ.sum():
            continue
        rows = np.flatnonzero(wrong)
        early = _beyond(start, rows) > _beyond(end, rows)
        for view, other, mine in ((begin, finish, rows[early]), (finish, begin, rows[~early])):
            dense = np.zeros(len(wrong))
            dense[mine] = share
            _say(view.position, "order", dense, evidence)
            evidence.basis.setdefault((view.position, "order"), (other.name,))


def _beyond(times: Ints, rows: Ints) -> Floats:
    """How far times lie beyond the middle nine tenths of their column, in the width of these."""
    low, high = np.quantile(times[times != NEVER], (0.05, 0.95))
    x = times[rows].astype(np.float64)
    return np.asarray(np.maximum(np.maximum(low - x, x - high), 0) / max(high - low, 1.0))


def judge_quotations(views: list[View], evidence: Evidence) -> None:
    """Find texts whose part at one place is another column's value; judge the rows where it isn't."""
    if not views or views[0].rows < FEWEST:
        return
    rows = views[0].rows
    some = np.arange(0, rows, max(1, rows // SCREEN))
    texts = {v.position: [t.strip() for t in v.rows_of(some)] for v in views if v.numeric < 0.5}
    parts = {
        v.position: [APART.split(t) for t in texts[v.position]]
        for v in views if v.position in texts and np.mean([bool(APART.search(t)) for t in texts[v.position]]) > KEPT
    }  # fmt: skip
    for text in (v for v in views if v.position in parts):
        for value in (v for v in views if v is not text and v.position in texts and v.unique < 0.9):
            place = _place(parts[text.position], texts[value.position])
            if place is not None:
                _quoted(text, value, place, evidence)


def _place(parts: list[list[str]], values: list[str]) -> int | None:
    """The part at which nearly all texts hold the value of their row, None if there is none."""
    told = [(p, v) for p, v in zip(parts, values, strict=True) if v and len(v) <= LONGEST and p != [""]]
    if len(told) < FEWEST or len({v for _, v in told}) < 3:
        return None
    for place in PLACES:
        need = place + 1 if place >= 0 else -place
        if np.mean([len(p) >= need and p[place] == v for p, v in told]) >= QUOTED - 0.05:
            return place
    return None


def _quoted(text: View, value: View, place: int, evidence: Evidence) -> None:
    """Judge the rows whose text holds another value than the column says."""
    need = place + 1 if place >= 0 else -place
    split = [APART.split(str(t or "").strip()) for t in text.full.values]
    held = np.array([p[place] if len(p) >= need else "" for p in split], object)
    usable = np.array([bool(h) for h in held])[text.full.codes]
    known = np.array([str(t or "").strip() for t in value.full.values], object)
    usable &= np.array([bool(t) for t in known])[value.full.codes]
    vocabulary = {t: k for k, t in enumerate(dict.fromkeys([*known.tolist(), *held.tolist()]))}
    mine, theirs = (
        np.array([vocabulary[t] for t in some], np.int64)[view.full.codes]
        for some, view in ((held, text), (known, value))
    )
    rows = np.flatnonzero(usable & (mine != theirs))
    share = 1 - len(rows) / max(1, int(usable.sum()))
    if not len(rows) or share < QUOTED:
        return
    counts = np.bincount(theirs[usable], minlength=len(vocabulary))
    rare = counts[theirs[rows]] * 20 < counts[mine[rows]]
    for view, other, blamed in ((value, text, rows[rare]), (text, value, rows[~rare])):
        dense = np.zeros(view.rows)
        dense[blamed] = share
        _say(view.position, "misheld", dense, evidence)
        evidence.basis.setdefault((view.position, "relation"), (other.name,))


def _say(position: int, name: str, dense: Floats, evidence: Evidence) -> None:
    """Record a row signal, the larger where there is one already."""
    if name in evidence.cells[position]:
        rows, values = evidence.cells[position][name]
        dense = dense.copy()
        dense[rows] = np.maximum(dense[rows], values)
    evidence.note_rows(position, name, dense)


ARITHMETIC = CellCheck(
    name="arithmetic",
    scope="row",
    subject="Rule",
    title="break the arithmetic of their row",
    looks_for=(
        "Rows where c = a + b or c = a * b does not hold though nearly all rows keep it; "
        "blamed is the cell that the rule would replace by a more usual value."
    ),
    matters="Totals in the target disagree with their parts: reconciliation fails record by record.",
    action="Recompute the derived amount, and find out which part was changed later.",
    signals=("total",),
    table_judges=(judge_totals,),
    certain=(above("total", 0.89, 0.75),),
    by_row=True,
)


ORDER = CellCheck(
    name="order",
    scope="row",
    subject="Rule",
    title="lie before the time that they must follow",
    looks_for="An end before its start, where nearly all rows have them in order.",
    matters="Durations become negative, and rules on dates (due, closed, delivered) misfire.",
    action="Ask the owner which of both times is right.",
    signals=("order",),
    table_judges=(judge_orderings,),
    certain=(above("order", 0.96, 0.75),),
    by_row=True,
)
