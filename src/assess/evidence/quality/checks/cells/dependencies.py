"""Rows that break what nearly all others keep: dependencies, keys, sequences.

A column Y depends on a column X if rows that agree on X agree on Y. The strength of X -> Y is the chance
that two rows of one group agree on Y, corrected for what chance alone gives (Piatetsky-Shapiro and Matheus
1993, tau; Parciak et al. 2024 on why the correction is needed). It needs no threshold on the share of
errors: sources that often contradict each other still agree far more than chance.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assess.core.places import distinct
from assess.evidence.quality.checks.check import CellCheck, Evidence
from assess.evidence.quality.column.view import Floats, Ints, View

STRIDE_ROWS = 20_000
"""Rows, spread over the whole table, on which candidate dependencies are screened."""
WEAKEST = 0.25
"""Strength below which a dependency says nothing about a single row."""
STRONG = 0.6
APART = 60
"""Columns that lie further apart are not tried against each other: what belongs together stands together."""
DENSE = 8
"""Places per key up to which keys are counted in a table of all that are possible."""
MOST_LARGE = 12
"""Dependencies that are counted on all rows of a table too large to count all."""


@dataclass(frozen=True, eq=False)
class Law:
    """X -> Y and which rows contradict it.

    Parameters
    ----------
    left, right
        Positions of X and Y.
    strength
        Chance-corrected agreement, at most 1.
    law
        1 minus rows with the second most frequent value over rows with the most frequent, over groups of
        three and more: near 1 where minorities are scattered errors, low where groups really hold several
        values.
    rows
        Rows whose value of Y is missing or not the most frequent of their group, ascending, shape (n,).
    size, mode, repair
        Of each such row: rows of its group with a value of Y, rows of the group with the most frequent value,
        and that value's text number. Shape (n,).
    own
        Rows of its group that share the row's value, of every row of the table, shape (rows,).
    """

    left: int
    right: int
    strength: float
    law: float
    rows: Ints
    size: Ints
    mode: Ints
    repair: Ints
    own: npt.NDArray[np.int32]

    @property
    def weight(self) -> Floats:
        """How strongly each contradicting row is spoken against: weight times log mode over own, shape (n,)."""
        ratio = np.log(self.mode + 0.5) - np.log(self.own[self.rows] + 0.5)
        return np.asarray(self.strength * self.law * ratio)


def strength(x: Ints, y: Ints) -> float:
    """Chance-corrected agreement on y of two rows that agree on x; codes below 0 don't count."""
    keep = (x >= 0) & (y >= 0)
    x, y = x[keep], y[keep]
    if len(x) < 4:
        return 0.0
    wide = int(y.max()) + 1
    group = np.bincount(x)
    pairs, cells = counted(x * wide + y, len(group) * wide)
    sizes = group[pairs // wide]
    many = sizes > 1
    if cells[many].sum() < max(4, 0.02 * len(x)):
        return 0.0
    agree = (cells * (cells - 1) / np.maximum(sizes - 1, 1))[many].sum() / cells[many].sum()
    total = np.bincount(y)
    chance = (total * (total - 1)).sum() / (len(y) * (len(y) - 1))
    return float((agree - chance) / max(1e-9, 1 - chance))


def counted(keys: Ints, most: int) -> tuple[Ints, Ints]:
    """Distinct keys below ``most``, ascending, and how often each occurs."""
    if most > DENSE * len(keys):
        return np.unique(keys, return_counts=True)
    times = np.bincount(keys)
    seen = np.flatnonzero(times)
    return seen, times[seen]


def value_by_key(keys: Ints, distinct: Ints, values: Ints, most: int) -> Ints:
    """The value that belongs to each key, shape (keys,)."""
    if most > DENSE * len(keys):
        return np.asarray(values[np.searchsorted(distinct, keys)])
    table = np.zeros(most, np.int64)
    table[distinct] = values
    return np.asarray(table[keys])


def text_codes(view: View, rows: Ints | slice = slice(None)) -> Ints:
    """Text numbers of some rows, -1 where the value is missing."""
    whole = view.whole
    codes = view.codes if whole is None else whole.codes
    lost = view.lost if whole is None else whole.missing
    if not lost.any():
        return np.asarray(codes[rows], np.int64)
    return np.asarray(np.where(lost, -1, np.arange(len(lost)))[codes[rows]])


def find_laws(views: list[View]) -> list[Law]:
    """Find the dependencies between pairs of columns that say something about single rows.

    Candidates are screened on blocks of neighbouring rows spread over the whole table, so that groups of
    rows written together stay together; the kept ones are counted on all rows.
    """
    if not views or views[0].rows < 4:
        return []
    rows = views[0].rows
    step = max(1, rows // STRIDE_ROWS)
    some = np.arange(rows) if step == 1 else np.flatnonzero((np.arange(rows) // 64) % step == 0)
    short = [_dense(text_codes(v, some)) for v in views]
    found = []
    for i, x in enumerate(short):
        if views[i].unique > 0.95 or int(x.max(initial=0)) < 1:
            continue
        for j in range(max(0, i - APART), min(len(short), i + APART + 1)):
            y = short[j]
            power = strength(x, y) if i != j and int(y.max(initial=0)) > 0 else 0.0
            if power >= (WEAKEST if step == 1 else STRONG):
                found.append((power, i, j))
    if step > 1:
        found = sorted(found, key=lambda one: (-one[0], one[1], one[2]))[:MOST_LARGE]
    every = {k: text_codes(views[k]) for k in sorted({k for _, *both in found for k in both})}
    resolved = [
        _resolve(i, j, power, every[i], every[j]) for power, i, j in sorted(found, key=lambda o: o[1:])
    ]
    return [one for one in resolved if len(one.rows)]


def _dense(codes: Ints) -> Ints:
    values, inverse = np.unique(codes, return_inverse=True)
    return np.asarray(inverse - (1 if len(values) and values[0] < 0 else 0), np.int64)


def _resolve(i: int, j: int, power: float, x: Ints, y: Ints) -> Law:
    """Count, for every row, its group, the group's most frequent value, and its own value's rows."""
    wide = int(y.max()) + 2
    both = (x >= 0) & (y >= 0)
    groups = int(x.max()) + 2
    keys = x[both] * wide + y[both]
    pairs, cells = counted(keys, groups * wide)
    group = pairs // wide
    size = np.bincount(group, cells, groups).astype(np.int64)
    order = np.lexsort((pairs, -cells, group))
    first = np.unique(group[order], return_index=True)[1]
    best = order[first]
    mode = np.zeros(groups, np.int64)
    value = np.full(groups, -1, np.int64)
    mode[group[best]], value[group[best]] = cells[best], pairs[best] % wide
    own = np.zeros(len(x), np.int32)
    own[both] = value_by_key(keys, pairs, cells, groups * wide)
    rest = cells.copy()
    rest[best] = 0
    second = np.zeros(groups, np.int64)
    np.maximum.at(second, group, rest)
    large = size >= 3
    law = 1 - second[large].sum() / max(1, mode[large].sum()) if large.any() else 0.0
    at = np.where(x >= 0, x, groups - 1)
    rows = np.flatnonzero(mode[at] > own)
    at = at[rows]
    return Law(i, j, power, float(law), rows, size[at], mode[at], value[at], own)


def judge_dependencies(views: list[View], evidence: Evidence) -> None:
    """Judge every row by the dependencies on other columns."""
    by_right: dict[int, list[Law]] = {}
    for one in find_laws(views):
        by_right.setdefault(one.right, []).append(one)
    rows = views[0].rows if views else 0
    worst: dict[int, Floats] = {}
    for right, every in by_right.items():
        worst[right] = np.zeros(rows, np.float64)
        for one in every:
            worst[right][one.rows] = np.maximum(worst[right][one.rows], one.weight)
    for right, every in by_right.items():
        _say(views[right], every, worst, evidence)
        witnesses = sorted(every, key=lambda d: (-d.strength * d.law, d.left))[:2]
        evidence.basis[right, "dependency"] = tuple(views[d.left].name for d in witnesses)


def _say(view: View, every: list[Law], worst: dict[int, Floats], evidence: Evidence) -> None:
    """Say of each contradicting row what the dependency that speaks loudest against it is worth."""
    rows = distinct(np.concatenate([d.rows for d in every]))
    weights, trusted, size, mode, repair = (np.zeros((len(every), len(rows))) for _ in range(5))
    own = np.array([d.own[rows] for d in every], np.float64)
    for n, d in enumerate(every):
        at = np.searchsorted(rows, d.rows)
        weights[n, at], size[n, at], mode[n, at], repair[n, at] = d.weight, d.size, d.mode, d.repair
        # a determinant that is itself contradicted in the row is a weak witness
        doubt = worst[d.left][rows] if d.left in worst else 0.0
        trusted[n] = weights[n] / (1 + doubt)
    best, take = trusted.argmax(0), np.arange(len(rows))
    strengths, laws = (np.array([getattr(d, a) for d in every]) for a in ("strength", "law"))
    present = text_codes(view)[rows] >= 0
    # where most blanks can be filled they are lost values, where few can they are how the column is kept
    missing = float((text_codes(view) < 0).sum())
    fillable = float((~present).sum()) / max(1.0, missing)
    keeps = np.where((weights == 0) & (own > 1), strengths[:, None], 0).max(0)
    size, mode, mine = size[best, take], mode[best, take], own[best, take]
    signals = {
        "breaks": trusted[best, take],
        "breaks_raw": weights.max(0),
        "breaks_power": strengths[best],
        "breaks_law": laws[best],
        "breaks_mode": np.log(np.maximum(mode, 1)),
        "breaks_own": np.log(np.maximum(mine, 1)),
        "breaks_share": mode / np.maximum(size, 1),
        "breaks_many": (trusted > 0.5).sum(0).astype(np.float64),
        "keeps": keeps,
    }
    for name, values in signals.items():
        _tell(view.position, name, rows[present], values[present], evidence)
    gone = ~present
    _tell(view.position, "gap_filled", rows[gone], trusted[best, take][gone], evidence)
    _tell(view.position, "gap_power", rows[gone], (strengths[best] * fillable)[gone], evidence)
    told = evidence.row_repairs[view.position]["dependency"]
    for r, text in zip(rows.tolist(), repair[best, take].astype(np.int64).tolist(), strict=True):
        told[r] = view.text(text)


def _tell(column: int, name: str, rows: Ints, values: Floats, evidence: Evidence) -> None:
    """Record a signal of rows where it is not 0."""
    kept = values != 0
    if kept.any():
        evidence.cells[column][name] = (rows[kept], values[kept])


UNIQUE = 0.55
"""Distinct values per filled row from which a column may be a key."""
FRACTIONS = 0.05
"""Share of different numbers with a fraction from which on a column measures."""
RISING = 0.6
"""Share of steps in one direction from which a column is looked at as a sequence."""
KEPT = 0.85
"""Share of the rows that must keep an order before the others break it."""


def judge_keys(view: View, evidence: Evidence) -> None:
    """Judge repeated values of a nearly unique column, and a sequence's order."""
    if view.filled < 8:
        return
    usable = ~(view.blank | view.disguised)
    if view.unique >= UNIQUE and not _measured(view):
        again = usable & (view.counts > 1)
        singles = view.singles / view.filled
        evidence.note(
            view.position, "again", np.where(again, singles * (1 - 1 / np.maximum(1, view.counts)), 0.0)
        )
        evidence.note(
            view.position, "again_often", np.where(again, singles * np.log(np.maximum(1, view.counts)), 0.0)
        )
    if view.numeric > 0.9 and view.unique > 0.5:
        evidence.note_rows(view.position, "disorder", find_disorder(view.row_numbers))


def _measured(view: View) -> bool:
    """Whether a column holds numbers with digits behind the point: a measure repeats by chance, and is nobody's key."""
    numbers = view.numbers[~np.isnan(view.numbers)]
    return view.numeric > 0.9 and float((numbers % 1 != 0).mean()) >= FRACTIONS


def find_disorder(x: Floats) -> Floats:
    """Mark the rows outside the longest rising (or falling) run of a column that is nearly sorted.

    Shape (rows,), the share of rows inside the run where a row is outside, else 0.
    """
    rows = np.flatnonzero(~np.isnan(x))
    values = x[rows]
    out = np.zeros(len(x))
    if len(values) < 8:
        return out
    steps = np.diff(values)
    up, down = float((steps > 0).mean()), float((steps < 0).mean())
    if max(up, down) < RISING or max(up, down) == 1:
        return out
    inside = longest_rising(values if up >= down else -values)
    share = len(inside) / len(values)
    if share < KEPT:
        return out
    outside = np.ones(len(values), bool)
    outside[inside] = False
    out[rows[outside]] = share
    return out


def longest_rising(values: Floats) -> Ints:
    """Return the positions of one longest strictly rising subsequence (patience sorting, n log n).

    >>> longest_rising(np.array([1.0, 2.0, 9.0, 3.0, 4.0])).tolist()
    [0, 1, 3, 4]
    """
    tails: list[float] = []
    ends: list[int] = []
    before = np.full(len(values), -1, np.int64)
    for place, value in enumerate(values.tolist()):
        k = bisect_left(tails, value)
        if k == len(tails):
            tails.append(value)
            ends.append(place)
        else:
            tails[k], ends[k] = value, place
        before[place] = ends[k - 1] if k else -1
    run = []
    at = ends[-1] if ends else -1
    while at >= 0:
        run.append(at)
        at = int(before[at])
    return np.array(run[::-1], np.int64)


REPEATED_KEY = CellCheck(
    name="repeated key",
    scope="column",
    subject="Key",
    title="repeat in a column whose values are otherwise unique",
    looks_for="Values that occur again in a nearly unique column.",
    matters="Records are updated onto each other, and joins multiply rows.",
    action="Decide which record keeps the key, and enforce it in the source.",
    signals=(
        "again",
        "again_often",
    ),
    judges=(judge_keys,),
)


SEQUENCE = CellCheck(
    name="sequence",
    scope="column",
    subject="Validity",
    title="break the order that the column otherwise keeps",
    looks_for="Values outside the longest rising run of a nearly sorted, nearly unique column.",
    matters="A number or time copied from another row points at the wrong record.",
    action="Restore the value from the source's log, or renumber.",
    signals=("disorder",),
)


DEPENDENCY = CellCheck(
    name="dependency",
    scope="table",
    subject="Rule",
    title="contradict what the same key says elsewhere",
    looks_for=(
        "Minority values in groups of rows that agree on another column, weighted by how "
        "well the groups agree beyond chance."
    ),
    matters="Two answers for one fact: which one arrives depends on the order of the messages.",
    action="Keep the fact once, and take the majority's value until the owner has decided.",
    signals=(
        "breaks",
        "breaks_law",
        "breaks_many",
        "breaks_mode",
        "breaks_power",
        "breaks_raw",
        "breaks_share",
    ),
    table_judges=(judge_dependencies,),
    row_repairs="dependency",
)
