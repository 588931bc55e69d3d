"""Rows that break a dependency which nearly all others keep: same key, another value.

A column Y depends on a column X if rows that agree on X agree on Y. The strength of X -> Y is the chance
that two rows of one group agree on Y, corrected for what chance alone gives (Piatetsky-Shapiro and Matheus
1993, tau; Parciak et al. 2024 on why the correction is needed). It needs no threshold on the share of
errors: sources that often contradict each other still agree far more than chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .evidence import Evidence
from .view import Floats, Ints, View

STRIDE_ROWS = 20_000
"""Rows, spread over the whole table, on which candidate dependencies are screened."""
WEAKEST = 0.25
"""Strength below which a dependency says nothing about a single row."""


@dataclass(frozen=True, eq=False)
class Dependency:
    """X -> Y and what each row has to do with it.

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
    size, mode, own
        Per row: rows of its group with a value of Y, rows of the group with the most frequent value, with
        this row's value. Shape (rows,).
    repair
        Per row the text number of the group's most frequent value of Y, shape (rows,).
    """

    left: int
    right: int
    strength: float
    law: float
    size: Ints
    mode: Ints
    own: Ints
    repair: Ints


def strength(x: Ints, y: Ints) -> float:
    """Chance-corrected agreement on y of two rows that agree on x; codes below 0 don't count."""
    keep = (x >= 0) & (y >= 0)
    x, y = x[keep], y[keep]
    if len(x) < 4:
        return 0.0
    wide = int(y.max()) + 1
    group = np.bincount(x)
    pairs, cells = np.unique(x * wide + y, return_counts=True)
    sizes = group[pairs // wide]
    many = sizes > 1
    if cells[many].sum() < max(4, 0.02 * len(x)):
        return 0.0
    agree = (cells * (cells - 1) / np.maximum(sizes - 1, 1))[many].sum() / cells[many].sum()
    total = np.bincount(y)
    chance = (total * (total - 1)).sum() / (len(y) * (len(y) - 1))
    return float((agree - chance) / max(1e-9, 1 - chance))


def codes_of(view: View) -> Ints:
    """Text numbers per row, -1 where the value is missing."""
    return np.where((view.blank | view.disguised)[view.codes], -1, view.codes)


def dependencies(views: list[View]) -> list[Dependency]:
    """Find the dependencies between pairs of columns that say something about single rows."""
    if not views or views[0].rows < 4:
        return []
    rows = views[0].rows
    step = max(1, rows // STRIDE_ROWS)
    every = [codes_of(v) for v in views]
    # a stride keeps whole groups of equal rows apart: take blocks of 64 neighbours instead
    some = np.arange(rows) if step == 1 else np.flatnonzero((np.arange(rows) // 64) % step == 0)
    short = [_dense(c[some]) for c in every]
    found = []
    for i, x in enumerate(short):
        if views[i].unique > 0.95 or len(views[i].texts) < 2:
            continue
        for j, y in enumerate(short):
            if i != j and len(views[j].texts) > 1 and strength(x, y) >= WEAKEST:
                power = strength(every[i], every[j]) if step > 1 else strength(x, y)
                if power >= WEAKEST:
                    found.append(_resolve(i, j, power, every[i], every[j]))
    return found


def _dense(codes: Ints) -> Ints:
    values, inverse = np.unique(codes, return_inverse=True)
    return inverse - (1 if len(values) and values[0] < 0 else 0)


def _resolve(i: int, j: int, power: float, x: Ints, y: Ints) -> Dependency:
    """Count, for every row, its group, the group's most frequent value, and its own value's rows."""
    wide = int(y.max()) + 2
    both = (x >= 0) & (y >= 0)
    groups = int(x.max()) + 2
    pairs, inverse, cells = np.unique(x[both] * wide + y[both], return_inverse=True, return_counts=True)
    group = pairs // wide
    size = np.bincount(group, cells, groups).astype(np.int64)
    order = np.lexsort((pairs, -cells, group))
    first = np.unique(group[order], return_index=True)[1]
    best = order[first]
    mode = np.zeros(groups, np.int64)
    value = np.full(groups, -1, np.int64)
    mode[group[best]], value[group[best]] = cells[best], pairs[best] % wide
    own = np.zeros(len(x), np.int64)
    own[both] = cells[inverse]
    rest = cells.copy()
    rest[best] = 0
    second = np.zeros(groups, np.int64)
    np.maximum.at(second, group, rest)
    large = size >= 3
    law = 1 - second[large].sum() / max(1, mode[large].sum()) if large.any() else 0.0
    at = np.where(x >= 0, x, groups - 1)
    return Dependency(i, j, power, float(law), size[at], mode[at], own, value[at])


def weight_of(found: Dependency) -> Floats:
    """Per row how strongly the dependency speaks against its value: its weight times log mode over own."""
    return np.asarray(
        found.strength
        * found.law
        * (np.log(found.mode + 0.5) - np.log(found.own + 0.5))
        * (found.mode > found.own)
    )


def judge(views: list[View], evidence: Evidence) -> None:
    """Judge every row by the dependencies on other columns."""
    found = dependencies(views)
    by_right: dict[int, list[Dependency]] = {}
    for one in found:
        by_right.setdefault(one.right, []).append(one)
    rows = views[0].rows if views else 0
    worst: dict[int, Floats] = {}
    for right, every in by_right.items():
        worst[right] = np.max([weight_of(d) for d in every], axis=0)
    for right, every in by_right.items():
        _say(views[right], every, worst, rows, evidence)


def _say(
    view: View, every: list[Dependency], worst: dict[int, Floats], rows: int, evidence: Evidence
) -> None:
    weights = np.array([weight_of(d) for d in every])
    # a determinant that is itself contradicted in the row is a weak witness
    trusted = np.array(
        [w / (1 + worst.get(d.left, np.zeros(rows))) for w, d in zip(weights, every, strict=True)]
    )
    best = trusted.argmax(0)
    take = np.arange(rows)
    present = codes_of(view) >= 0
    conflict = trusted[best, take]
    size = np.array([d.size for d in every])[best, take]
    mode = np.array([d.mode for d in every])[best, take]
    own = np.array([d.own for d in every])[best, take]
    power = np.array([d.strength for d in every])[best]
    hit = conflict > 0
    gone = ~present & hit
    # where most blanks can be filled they are lost values, where few can they are how the column is kept
    fillable = float(gone.sum()) / max(1.0, float((~present).sum()))
    said = present & hit
    at = view.position
    evidence.say_of_rows(at, "breaks", np.where(said, conflict, 0))
    evidence.say_of_rows(at, "breaks_raw", np.where(said, weights.max(0), 0))
    evidence.say_of_rows(at, "breaks_power", np.where(said, power, 0))
    law = np.array([d.law for d in every])[best]
    evidence.say_of_rows(at, "breaks_law", np.where(said, law, 0))
    evidence.say_of_rows(at, "breaks_mode", np.where(said, np.log(np.maximum(mode, 1)), 0))
    evidence.say_of_rows(at, "breaks_own", np.where(said, np.log(np.maximum(own, 1)), 0))
    evidence.say_of_rows(at, "breaks_share", np.where(said, mode / np.maximum(size, 1), 0))
    evidence.say_of_rows(at, "breaks_many", np.where(said, (trusted > 0.5).sum(0), 0))
    strong = np.array([d.strength for d in every])[:, None]
    keeps = np.where((weights == 0) & (np.array([d.own for d in every]) > 1), strong, 0).max(0)
    evidence.say_of_rows(at, "keeps", np.where(said, keeps, 0))
    evidence.say_of_rows(at, "gap_filled", np.where(gone, conflict, 0))
    evidence.say_of_rows(at, "gap_power", np.where(gone, power * fillable, 0))
    value = np.array([d.repair for d in every])[best, take]
    repairs = evidence.row_repairs[at]["dependency"]
    for r in np.flatnonzero(hit & (value >= 0)).tolist():
        repairs[r] = view.texts[int(value[r])]
