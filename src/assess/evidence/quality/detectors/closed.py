"""Values that a column closed to them does not hold: strangers in a short list, blanks in a full column.

A list is closed if few values fill nearly all rows and each of them many: what then occurs in a handful of
rows, far more rarely than the rarest of the usual ones, is foreign, whether it is a slip, a word of another
system or a number of nobody's scale. The reasoning is Good's (1953): the chance that the next row of a list
brings a value not seen before is the share of values seen once, which is zero in a closed list.
"""

from __future__ import annotations

import numpy as np

from assess.evidence.quality.types import vocabularies

from .evidence import Evidence
from .neighbour import Neighbours
from .number import quantiles
from .view import Floats, Mask, View

FEWEST = 300
"""Rows from which on a list can be held for closed, and a column for full or never negative."""
LONGEST_LIST = 60
"""Usual values of a list at most."""
CLOSED = 25.0
"""Rows per usual value of a list at least."""
STRANGE = 0.03
"""Share of the filled rows that all strangers together may hold."""
FEW = 0.006
"""Share of the filled rows that a single stranger may hold."""
GAP = 8.0
"""How many times more frequent the rarest usual value must be than the most frequent stranger."""
EMPTY = 0.01
"""Share of rows up to which a blank in an otherwise full column is a gap and not a habit."""
BELOW = 0.006
"""Share of numbers up to which a negative one is foreign to a column."""
FREQUENT = 50.0
"""How many times more frequent than a slip the value that was meant must be."""
DECIMAL, DECIMAL_SMALL = 0.005, 0.02
"""Share of numbers up to which decimals are foreign to a column of whole numbers: at any place, and where
they lie below nearly all others (another unit)."""


def judge(view: View, evidence: Evidence) -> None:
    """Judge one column."""
    if view.filled < FEWEST or view.whole is not None:
        return
    evidence.say(view.position, "stranger", strangers(view) * ~standard(view))
    evidence.say(view.position, "synonym", synonyms(view, evidence.repairs[view.position]["synonym"]))
    evidence.say(view.position, "near_common", near_common(view, evidence.repairs[view.position]["closed"]))
    evidence.say(view.position, "rare_blank", _blanks(view))
    if view.numeric > 0.95:
        evidence.say(view.position, "text_among_numbers", _texts(view))
        evidence.say(view.position, "negative", _negative(view))
        evidence.say(view.position, "decimal", _decimals(view))


def strangers(view: View) -> Floats:
    """Texts foreign to a closed list: 1 minus the strangers' share, 0 elsewhere and in any other column.

    The list ends at the widest gap between the counts of two values next to each other in frequency.
    """
    out = np.zeros(len(view.texts))
    usable = ~(view.blank | view.disguised) & (view.counts > 0)
    if int((view.counts[usable] > 1).sum()) * CLOSED > view.filled:
        return out
    place: dict[str, int] = {}
    word = np.array([place.setdefault(t.strip().casefold(), len(place)) for t in view.texts], np.int64)
    every = np.bincount(word[usable], view.counts[usable], len(place))
    order = np.argsort(-every, kind="stable")[: int((every > 0).sum())]
    counts = every[order]
    total = float(counts.sum())
    if len(counts) < 2:
        return out
    number = np.arange(1, len(counts))
    rest = total - np.cumsum(counts)[:-1]
    ends = (
        (rest <= STRANGE * total) & (counts[1:] <= max(2.0, FEW * total)) & (counts[:-1] >= GAP * counts[1:])
    )
    ends &= (number <= LONGEST_LIST) & (total >= CLOSED * number)
    if not ends.any():
        return out
    end = int(np.argmax(np.where(ends, counts[:-1] / counts[1:], 0)))
    foreign = np.isin(word, order[end + 1 :])
    return np.where(foreign & usable, 1 - rest[end] / total, 0.0)


def standard(view: View) -> Mask:
    """Texts of a vocabulary that the world agreed on: rare ones are not foreign to it."""
    known = np.array(
        [
            vocabularies.country(t) is not None or t.strip() in vocabularies.currency_codes()
            for t in view.texts
        ]
    )
    return known & (float(view.weights[known].sum()) >= 0.9 * view.filled)


def synonyms(view: View, repairs: dict[int, str]) -> Floats:
    """Other names of a country that the column usually calls otherwise: 1 minus their rows over the usual name's."""
    out = np.zeros(len(view.texts))
    if not standard(view).any():
        return out
    usual: dict[str, int] = {}
    means = [vocabularies.country(t) for t in view.texts]
    for k in np.argsort(-view.counts, kind="stable").tolist():
        if means[k] is not None:
            usual.setdefault(str(means[k]), k)
    for k, meant in enumerate(means):
        other = usual.get(str(meant), k)
        if other != k and view.counts[other] >= FREQUENT * view.counts[k] > 0:
            out[k] = 1 - view.counts[k] / view.counts[other]
            repairs[k] = view.texts[other]
    return out


def near_common(view: View, repairs: dict[int, str]) -> Floats:
    """Texts one slip from a far more frequent one of the same column, in a column whose values repeat."""
    out = np.zeros(len(view.texts))
    if view.filled < CLOSED * int((view.counts > 1).sum()) or view.numeric > 0.2:
        return out
    known = [
        k
        for k in np.argsort(-view.counts, kind="stable").tolist()
        if view.counts[k] > 1 and len(view.texts[k].strip()) >= 4
    ]
    usual = [(k, view.texts[k].strip().casefold()) for k in known[:400]]
    near = Neighbours([meant for _, meant in usual])
    most = max((int(view.counts[k]) for k, _ in usual), default=0)
    for k, text in enumerate(view.texts):
        own = text.strip().casefold()
        if len(own) < 4 or not 0 < FREQUENT * view.counts[k] <= most:
            continue
        for other, meant in (usual[n] for n in near.of(own)):
            if view.counts[other] < FREQUENT * view.counts[k]:
                break
            if _letters(own, meant):
                out[k] = 1 - view.counts[k] / view.counts[other]
                repairs[k] = view.texts[other]
                break
    return out


def _letters(own: str, meant: str) -> bool:
    """Whether two texts differ in letters: another digit is another value."""
    return [c for c in own if c.isdigit()] == [c for c in meant if c.isdigit()]


def _blanks(view: View) -> Floats:
    """Blanks in a column that holds something in nearly every row."""
    empty = float(view.counts[view.blank].sum()) / max(1, view.rows)
    return np.where(view.blank & (0 < empty <= EMPTY), 1 - empty, 0.0)


def _texts(view: View) -> Floats:
    """Words among numbers, where nearly all are numbers: the share of the numbers."""
    words = np.isnan(view.numbers) & ~view.blank & ~view.disguised
    lettered = words & np.array(
        [any(c.isalpha() for c in t) or not any(c.isdigit() for c in t) for t in view.texts]
    )
    return np.where(lettered, view.numeric, 0.0)


def _negative(view: View) -> Floats:
    """Negative numbers where hardly any is."""
    with np.errstate(invalid="ignore"):
        below = view.numbers < 0
        positive = float(view.weights[view.numbers > 0].sum())
    share = float(view.weights[below].sum()) / max(1, view.filled)
    return np.where(below & (share <= BELOW) & (positive >= 0.5 * view.filled), 1 - share, 0.0)


def _decimals(view: View) -> Floats:
    """Numbers with decimals where nearly all are written whole: of another unit, or another field's."""
    whole = np.array([t.strip().lstrip("+-").isdigit() for t in view.texts])
    pointed = (
        ~whole & ~np.isnan(view.numbers) & np.array(["." in t and "e" not in t.lower() for t in view.texts])
    )
    if not pointed.any() or float(view.weights[whole].sum()) < 0.95 * view.filled:
        return np.zeros(len(view.texts))
    least = quantiles(view.numbers[whole], view.weights[whole].astype(np.float64), (0.01,))[0]
    small = pointed & (view.numbers < least)
    share = float(view.weights[pointed].sum()) / max(1, view.filled)
    fits = pointed & (share <= DECIMAL) | small & (share <= DECIMAL_SMALL)
    return np.where(fits, 1 - share, 0.0)
