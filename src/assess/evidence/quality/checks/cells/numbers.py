"""Numbers that don't belong: too far out, of foreign precision, beyond the target's, or with parts that it never holds.

Distances are robust: from the quartile outwards, in units of the distance from the median to that
quartile, on the scale (plain or logarithmic) on which the middle half is more symmetric. Up to a quarter
of wrong values on one side doesn't move it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from assess.core.places import distinct
from assess.evidence.quality.checks.check import CellCheck, Evidence, ValueCheck, above
from assess.evidence.quality.column import Column, once_a_column
from assess.evidence.quality.column.view import NUMBER, Floats, Ints, Mask, View
from assess.evidence.quality.matching.forms import REMEMBERED
from assess.evidence.quality.matching.pair import CERTAIN, ColumnPair, Counts, Marks, tail_share

DECIMALS = re.compile(r"\.(\d*?)0*$")
LEAST = 0.5
"""Share of numbers from which a column is judged as one of numbers."""
FARTHEST = 200.0
MOST_ALIKE = 20.0
"""Rows with the same number from which it is no single mistake, however large the table."""
EXTREME, EXTREME_GAP = 3.0, 4.0
"""log(1 + distance), on the scale where it is less, and log(1 + empty stretch) of a number beyond doubt."""
FEWEST_SCALED = 3
"""Numbers apart from all others that must be one scale away from them."""
APART = 1.5
"""Logarithm of the ratio of the smallest of them to the largest of the others, at least."""
BEHIND = 4
"""Digits that a number loses at least when what calculating left behind the 15th is rounded."""
LONG_NUMBER, EXACT = 12, 1e-14
"""Characters of a number from which on it may be one of 32 bits, and how exactly it must be that."""
OTHERS = 0.05
"""Share of rows with another number (than the usual one, than those above 0) from which on those are no mistakes but how the column varies."""
FLAG = 2
"""Different numbers of a column up to which they are the two words of a flag, neither of which lies far out."""
LONE = 100.0
"""How many times the next smaller number is one that no tail reaches."""
FURTHER = 0.1
"""Share of the source's rows whose number lies beyond all of the target's, from which on these are other records."""
COUNT_GAP = 1.4
"""log(1 + empty stretch), in quartile ranges, before a count that is no longer of the tail."""
GROUP, BESIDE = 12.0, 0.05
"""Rows of a group of numbers at least, and how near to each other they lie, as a share of their distance from the middle."""
COORDINATE = re.compile(r"(?i)(?:^|[^a-z])(?:(lat|latitude|breitengrad)|lon|lng|long|longitude|laengengrad|längengrad)(?:[^a-z]|$)")  # fmt: skip
"""Headers of degrees of latitude or longitude: a place on earth lies where it lies, however far from the others (WGS 84)."""
COMMON_NUMBER = 0.02
"""Share of rows from which a number is no single mistake."""


def judge_numbers(view: View, evidence: Evidence) -> None:
    """Judge the numbers of one column."""
    if view.numeric < LEAST or view.filled < 8:
        return
    numbers, counts = view.numbers, view.weights
    real = ~np.isnan(numbers)
    foreign = ~real & ~view.blank & ~view.disguised
    evidence.note(view.position, "foreign", np.where(foreign, view.numeric, 0.0))
    if distinct(numbers[real]).size <= FLAG:
        return
    # a number that many rows hold is a code or a category, however far it lies
    single = counts < max(3.0, min(COMMON_NUMBER * view.filled, MOST_ALIKE))
    if degrees := COORDINATE.search(view.name):
        with np.errstate(invalid="ignore"):
            single &= np.abs(numbers) > (90 if degrees[1] else 180)
    evidence.note(view.position, "among_default", beside_default(numbers, counts, real) * single)
    real = leave_default(numbers, counts, real)
    x, n = numbers[real], counts[real].astype(np.float64)
    far = np.zeros(len(numbers))
    far[real] = distance(x, n)
    spread = _spread(numbers, counts, real)
    nearest = np.minimum(far, spread) * single
    nearest[real] *= ~find_groups(x, n)
    gaps = gap(numbers, counts, real) * single
    if _counted(x, n):
        nearest, spread = (np.where(gaps >= COUNT_GAP, far_out, 0.0) for far_out in (nearest, spread))
    evidence.note(view.position, "far", np.log1p(np.minimum(nearest, FARTHEST)))
    evidence.note(view.position, "far_log", np.log1p(np.minimum(spread * single, FARTHEST)))
    evidence.note(view.position, "far_both", score_distance(x, n, nearest[real], real))
    evidence.note(view.position, "precise", precision(view, real))
    evidence.note(view.position, "gap", gaps)
    extreme = (np.log1p(nearest) >= EXTREME) & (gaps >= EXTREME_GAP)
    extreme[real] |= (find_scaled(x, n) | find_lone(x, n)) & single[real]
    few = float(counts[extreme].sum()) <= max(2.0, COMMON_NUMBER * view.filled)
    evidence.note(view.position, "extreme", np.where(extreme & few, 1.0, 0.0))


def leave_default(numbers: Floats, counts: Ints, real: Mask) -> Mask:
    """Numbers among which distances are measured: without a default that most rows hold, at the edge of many others.

    Half of the rows and more at one end, such as the 0 of an amount that few records have, leave no spread of its
    own: the others are how the column varies, and are measured among themselves.
    """
    n = np.where(real, counts, 0)
    top = int(n.argmax())
    others = real.copy()
    others[top] = False
    rest = numbers[others]
    edge = (rest > numbers[top]).all() or (rest < numbers[top]).all()
    varies = n[others].sum() >= FEWEST and distinct(rest).size > FLAG
    return others if 2 * n[top] >= n.sum() and edge and varies else real


def _counted(x: Floats, n: Floats) -> bool:
    """Whether numbers are counts: whole, none negative, the usual one of the two least; their tail is long, and thins out."""
    least = distinct(x)[:2]
    return bool(x.min() >= 0 and (x % 1 == 0).all() and x[int(n.argmax())] in least)


def find_groups(x: Floats, n: Floats) -> Mask:
    """Mark the numbers of another group: so many rows hold one within `BESIDE` of its distance from the middle.

    Mistakes scatter; numbers that lie far from the others but close to each other are a second series of ids or amounts.
    """
    order = np.argsort(x, kind="stable")
    ranked, reached = x[order], np.concatenate([[0.0], np.cumsum(n[order])])
    middle = number_quantiles(x, n, (0.5,))[0]
    reach = BESIDE * np.abs(x - middle)
    first, last = np.searchsorted(ranked, x - reach), np.searchsorted(ranked, x + reach, side="right")
    return np.asarray(reached[last] - reached[first] >= max(GROUP, COMMON_NUMBER * n.sum()))


def find_lone(x: Floats, n: Floats) -> Mask:
    """Mark a positive number that one or two rows hold, `LONE` times the next smaller one."""
    order = np.argsort(x, kind="stable")
    if len(x) < 2 or x[order[-2]] <= 0 or x[order[-1]] < LONE * x[order[-2]] or n[order[-1]] > 2:
        return np.zeros(len(x), bool)
    return np.asarray(np.arange(len(x)) == order[-1])


def find_scaled(x: Floats, n: Floats) -> Mask:
    """Mark the few numbers that lie apart from all others and among them once they are divided by a power of ten.

    Several of them must, each within the others' range and their median in its middle four fifths: what an entry in
    another unit, or a lost decimal sign, makes of ordinary numbers.
    """
    marks = np.zeros(len(x), bool)
    if len(x) < 2 * FEWEST_SCALED or x.min() <= 0:
        return marks
    order = np.argsort(x, kind="stable")
    some = max(FEWEST_SCALED, int(COMMON_NUMBER * len(x)))
    steps = np.log(x[order][1:] / x[order][:-1])
    cut = len(steps) - some + int(np.argmax(steps[-some:])) + 1
    high, low = order[cut:], order[:cut]
    if len(high) < FEWEST_SCALED or n[high].sum() > COMMON_NUMBER * n.sum() or steps[cut - 1] < APART:
        return marks
    first, last = number_quantiles(x[low], n[low], (0.1, 0.9))
    for factor in (100.0, 1e3, 1e6):
        scaled = x[high] / factor
        within = scaled.min() >= x[low].min() and scaled.max() <= x[low].max()
        marks[high] |= within and first <= float(np.median(scaled)) <= last
    return marks


def number_quantiles(x: Floats, n: Floats, at: tuple[float, ...]) -> list[float]:
    """Weighted quantiles (inverse of the distribution function)."""
    order = np.argsort(x, kind="stable")
    share = np.cumsum(n[order]) / n.sum()
    return [float(x[order][min(int(np.searchsorted(share, q)), len(x) - 1)]) for q in at]


def distance(x: Floats, n: Floats) -> Floats:
    """Robust distance beyond the quartiles, 0 between them, shape (d,)."""
    low, mid, high = number_quantiles(x, n, (0.25, 0.5, 0.75))
    floor = max(abs(mid) * 1e-3, (high - low) / 4, 1e-9)
    up = (x - high) / max(high - mid, floor)
    down = (low - x) / max(mid - low, floor)
    return np.maximum(np.maximum(up, down), 0)


def score_distance(x: Floats, n: Floats, far: Floats, real: Mask) -> Floats:
    """Distance on either scale, weighted by how balanced the far numbers are above and below.

    Tails of amounts lie on one side, and shrink on the logarithmic scale; wrong numbers don't.
    """
    out = np.zeros(len(real))
    middle = number_quantiles(x, n, (0.5,))[0]
    above = float(n[(far > 4) & (x > middle)].sum())
    below = float(n[(far > 4) & (x < middle)].sum())
    balance = min(above, below) / max(above, below, 1.0)
    out[real] = np.log1p(np.minimum(far, FARTHEST)) * (0.3 + 0.7 * balance)
    return out


def _spread(numbers: Floats, counts: Ints, real: Mask) -> Floats:
    """The same distance of the logarithms of positive numbers; where both signs are usual, of sizes above the usual one.

    Credits among debits, refunds among payments: their sizes are of one distribution, on whichever side of 0.
    """
    out = np.zeros(len(numbers))
    x, n = numbers[real], counts[real].astype(np.float64)
    if min(float(n[x > 0].sum()), float(n[x < 0].sum())) >= OTHERS * n.sum():
        size = np.log1p(np.abs(x))
        out[real] = distance(size, n) * (size > number_quantiles(size, n, (0.5,))[0])
    else:
        out[real] = distance(np.log(x) if x.min() > 0 else np.sign(x) * np.log1p(np.abs(x)), n)
    return out


def gap(numbers: Floats, counts: Ints, real: Mask) -> Floats:
    """How wide the emptiest stretch is between a number and the middle, against the quartile range."""
    out = np.zeros(len(numbers))
    x, n = numbers[real], counts[real].astype(np.float64)
    low, mid, high = number_quantiles(x, n, (0.25, 0.5, 0.75))
    order = np.argsort(x, kind="stable")
    step = np.diff(x[order], prepend=x[order][0]) / max(high - low, abs(mid) * 1e-3, 1e-9)
    inner = x[order] >= mid
    widest = np.where(inner, np.maximum.accumulate(np.where(inner, step, 0)), 0)
    back = np.r_[step[1:], 0.0]
    widest_down = np.maximum.accumulate(np.where(~inner, back, 0)[::-1])[::-1]
    beyond = (x[order] > high) | (x[order] < low)
    ranked = np.where(inner, widest, widest_down) * beyond
    result = np.zeros(len(x))
    result[order] = np.log1p(np.minimum(ranked, FARTHEST))
    out[real] = result
    return out


def precision(view: View, real: Mask) -> Floats:
    """More decimals than nearly all other numbers have: minus log of the share with as many."""
    digits = np.array([_decimals(_as_meant(t)) if r else 0 for t, r in zip(view.plain, real, strict=True)])
    n = np.where(real, view.weights, 0).astype(np.float64)
    share = np.bincount(digits, n) / n.sum()
    at_least = np.cumsum(share[::-1])[::-1][digits]
    usual = int(np.searchsorted(np.cumsum(share), 0.7))
    more = (digits > usual) & real
    return np.where(more, -np.log(np.maximum(at_least, 1e-6)) * np.minimum(digits - usual, 6) / 6, 0.0)


def _as_meant(text: str) -> str:
    """Return the short form of a number that 32 bits hold, or that 15 digits tell, where a program wrote it with the digits of 64.

    >>> _as_meant("0.0820000022649765"), _as_meant("0.0820000052649765"), _as_meant("0.18348599999999998")
    ('0.082', '0.0820000052649765', '0.183486')
    """
    if len(text) < LONG_NUMBER or not NUMBER.fullmatch(text.strip()):
        return text
    told = f"{float(text):.{sys.float_info.dig}g}"
    if len(told) <= len(text) - BEHIND:
        return told
    short = np.float32(text)
    return str(short) if abs(float(short) - float(text)) <= EXACT * abs(float(text)) else text


def _decimals(text: str) -> int:
    found = DECIMALS.search(text)
    return min(len(found[1]), 30) if found else 0


def beside_default(numbers: Floats, counts: Ints, real: Mask) -> Floats:
    """Scattered numbers around one value that nearly all rows hold.

    A value that is both dominant and in the middle of the others is a constant with wrong cells; one at
    their edge (0 of amounts) is a default. Signal: dominant share times how central it is.
    """
    n = np.where(real, counts, 0)
    top = int(n.argmax())
    share = n[top] / n.sum()
    others = real.copy()
    others[top] = False
    if share < 0.5 or not others.any():
        return np.zeros(len(numbers))
    below = float(n[others & (numbers < numbers[top])].sum() / n[others].sum())
    central = 2 * min(below, 1 - below)
    own = n / n.sum()
    edge = central == 0 and n[others].sum() > OTHERS * n.sum()
    floor = 0.0 if edge else 0.1
    return np.where(others, share * (floor + central) * (own < 0.05), 0.0)


FEWEST = 8
"""Rows of the target below which no range is learned."""


def compare_magnitude(pair: ColumnPair, left: Marks) -> Floats:
    """Numbers outside the target's range, further than its tail explains; many of those that were counted up go on where the others end."""
    made = np.zeros(len(pair.source.values))
    if not pair.numeric:
        return made
    target, source = pair.target_numbers, pair.source_numbers
    known, asked = target.found & ~pair.target.blank, source.found & left
    made[asked] = find_beyond(
        target.worth[known], pair.target.counts[known],
        source.worth[asked], pair.source.counts[asked], pair.source.rows,
    )  # fmt: skip
    many = pair.rows_of(made > 0) > max(FEWEST, FURTHER * pair.source.rows)
    return np.zeros(len(made)) if many and pair.counted_up else made


def measure_spread(values: Floats, counts: Counts) -> tuple[float, float]:
    """Return the median and the third quartile of the distance from it, by rows (NaN-free input).

    A zero scale means that three quarters of the rows hold one value; then the largest distance is taken.
    """
    order = np.argsort(values, kind="stable")
    middle = float(values[order][np.searchsorted(np.cumsum(counts[order]), counts.sum() / 2)])
    distance = np.abs(values - middle)
    order = np.argsort(distance, kind="stable")
    scale = float(distance[order][np.searchsorted(np.cumsum(counts[order]), 0.75 * counts.sum())])
    return middle, scale or float(distance.max())


def find_beyond(
    known: Floats, known_counts: Counts, asked: Floats, asked_counts: Counts, rows: int
) -> Floats:
    """Return how probably numbers are wrong because they lie beyond the known ones.

    Parameters
    ----------
    known, known_counts
        Numbers of the target and their rows.
    asked, asked_counts
        Numbers of the source, new to the target, and their rows.
    rows
        All rows of the source.

    Returns
    -------
    ndarray
        ``1 - expected / found`` at or beyond each number: expected by the target's tail
        (`excess.tail_share`), doubled for what a fitted tail does not know; 0 within the known range.
    """
    made = np.zeros(len(asked))
    if known_counts.sum() < FEWEST or not len(asked):
        return made
    middle, scale = measure_spread(known, known_counts)
    if scale <= 0:
        return made
    far, near = np.abs(asked - middle) / scale, np.abs(known - middle) / scale
    outside = far > near.max()
    order = np.argsort(far, kind="stable")
    found = np.empty(len(asked))
    found[order] = np.cumsum(asked_counts[order][::-1])[::-1]
    expected = 2 * rows * tail_share(near, known_counts, far)
    made[outside] = np.clip(1 - expected / np.maximum(found, 1), 0, CERTAIN)[outside]
    return made


PART = re.compile(r"\d+|[^\W\d_]+|\s+|[\W_]")
COMMON_SHAPE = 0.1
"""Share of the target's rows from which on a shape's parts are learned."""
FEWEST_PARTS = 8
MOST_SHAPES = 5
QUARTERS = 4
"""Different digits behind the point up to which they are steps of a measure."""
PERIOD = 0.2
"""Share of the source's dates with a new part from which on they are of another period, not wrong."""


@dataclass(frozen=True, eq=False)
class Position:
    """One position in the values of one shape.

    Parameters
    ----------
    source, target
        Places of the values of that shape, shapes (m,) and (n,).
    asked, known
        The part of each of them at this position.
    fraction
        Whether it is the digits behind a decimal point.
    """

    source: npt.NDArray[np.int64]
    target: npt.NDArray[np.int64]
    asked: list[str]
    known: list[str]
    fraction: bool


def positions(pair: ColumnPair) -> Iterator[Position]:
    """Yield the positions of each common shape of the target that has digits or punctuation."""
    frame = pd.DataFrame({"shape": pair.target.shapes, "rows": pair.target.counts})
    rows = frame.groupby("shape", sort=True)["rows"].sum().sort_values(ascending=False, kind="stable")
    for shape in rows[rows >= max(FEWEST_PARTS, COMMON_SHAPE * pair.target.rows)].index[:MOST_SHAPES]:
        if len(shape) > 1 and re.search(r"[^Aa ]", shape):
            yield from _positions(pair, shape)


def _positions(pair: ColumnPair, shape: str) -> Iterator[Position]:
    source, asked = _split(pair.source, shape)
    target, known = _split(pair.target, shape)
    if len(asked) != len(known) or len(known) < 2:
        return
    for i in range(len(known)):
        fraction = i > 1 and known[i - 1][0] in ".," and known[i - 2][0].isdigit()
        yield Position(source, target, asked[i], known[i], fraction)


@once_a_column(up_to=REMEMBERED)
def _split(column: Column, shape: str) -> tuple[npt.NDArray[np.int64], list[list[str]]]:
    """Places of a column's values of a shape, and what stands at each position in them; nothing where they have more or fewer."""
    places = np.flatnonzero(column.shapes == shape)
    parts = [PART.findall(text) for text in column.values[places]]
    alike = len({len(found) for found in parts}) == 1
    return places, [list(position) for position in zip(*parts, strict=True)] if alike else []


def compare_parts(pair: ColumnPair, left: Marks) -> Floats:
    """Values with a part that the target never holds at that position; of many digits behind the point none is a part, nor before it of many numbers."""
    made = np.zeros(len(pair.source.values))
    for position in positions(pair):
        codes, known = pd.factorize(np.array(position.known, object))
        if (position.fraction or pair.measured) and len(known) > QUARTERS:
            continue
        rows = np.bincount(codes, weights=pair.target.counts[position.target], minlength=len(known))
        source, target = np.zeros(len(pair.source.values)), np.zeros(len(pair.target.values))
        source[position.source] = pd.Index(known).get_indexer(pd.Index(position.asked)) < 0
        target[position.target] = rows[codes] <= 1
        if source.any():
            made = np.maximum(made, pair.judge(left, source, target, float(np.count_nonzero(rows == 2))))
    other = pair.dated and pair.source.counts[made > 0].sum() > PERIOD * pair.source.rows
    return np.zeros(len(made)) if other else made


def compare_part_sizes(pair: ColumnPair, left: Marks) -> Floats:
    """Values with a number, as a part, far beyond those that the target holds at that position."""
    made = np.zeros(len(pair.source.values))
    for position in positions(pair):
        if position.fraction or not position.known[0].isdecimal():
            continue
        asked, known = np.array(position.asked, np.float64), np.array(position.known, np.float64)
        far = find_beyond(
            known, pair.target.counts[position.target], asked, pair.source.counts[position.source],
            pair.source.rows,
        )  # fmt: skip
        made[position.source] = np.maximum(made[position.source], far)
    return np.where(left, made, 0.0)


OUTLIER = CellCheck(
    name="outlier",
    scope="column",
    subject="Validity",
    title="lie far outside the column's range",
    looks_for=(
        "Numbers and dates far from the middle half on the scale that makes it symmetric, "
        "numbers of foreign precision or sign, numbers scattered around a constant."
    ),
    matters="One wrong magnitude outweighs thousands of right records in every sum.",
    action="Check against the source, and let the interface refuse values outside the agreed range.",
    signals=(
        "extreme",
        "far",
        "far_both",
        "far_log",
        "gap",
        "precise",
        "among_default",
        "negative",
        "decimal",
        "extreme_date",
    ),
    judges=(judge_numbers,),
    certain=(
        above("extreme", 0.5, 0.55),
        above("negative", 0.5, 0.65),
        above("decimal", 0.5, 0.75),
        above("extreme_date", 0.5, 0.7),
    ),
)


MAGNITUDE = ValueCheck(
    name="magnitude",
    subject="Validity",
    title="a number far beyond the target's",
    judge=compare_magnitude,
)


UNKNOWN_PART = ValueCheck(
    name="part",
    subject="Typing error",
    title="a part that the target never holds at this position",
    judge=compare_parts,
)


PART_MAGNITUDE = ValueCheck(
    name="part_magnitude",
    subject="Validity",
    title="a part far beyond the target's",
    judge=compare_part_sizes,
)
