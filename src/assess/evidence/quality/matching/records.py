"""What joined records say about columns: the same record holds the same thing in the columns that match.

The idea is Bilke and Naumann's (Schema Matching using Duplicates, ICDE 2005): once a few records of
both sides are known to be the same, the fields that agree in them are the columns that match.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from assess.core.places import distinct, pick_evenly
from assess.evidence.quality.column import Column, once_a_column
from assess.evidence.quality.table import Table
from assess.evidence.quality.types import dates, numbers
from assess.evidence.quality.types.numbers import TOLERANCE, factor_meaning

from .joins import is_filled

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

MOST = 1_500
"""Joined records, evenly spread, that are looked at."""
FEWEST_RECORDS = 20
SURELY = 3.0
"""Standard errors by which agreement exceeds what chance gives."""
NOTABLE, DRAWN = 0.04, 10
"""Agreement of categories from which on it is held against that of so many orders drawn at random."""
UNKNOWN_FACTOR = 0.8
"""What agreement in a factor that is no unit, no tax and not one is worth: of two columns that are proportional, the one whose factor is known is the same."""
FEW = 50
"""Distinct values of a category at most."""
WORD = 3
"""Letters and digits of a word at least."""
SEPARATORS = re.compile(r"[\W_]+")
EPOCHS = {
    "seconds since 1970": (1.0, 0.0),
    "milliseconds since 1970": (1e-3, 0.0),
    "microseconds since 1970": (1e-6, 0.0),
    "days since 1970": (86_400.0, 0.0),
    "days as Excel counts them": (86_400.0, -25_569 * 86_400.0),
}
"""What numbers count: seconds of one, and the seconds since 1970-01-01 (POSIX) at zero. Excel's day 25,569 is that day (ECMA-376, 1900 date system)."""
APART = 14 * 3600
"""Seconds by which a moment may be apart, by another time zone (IANA time zone database: at most fourteen hours)."""
CUT = 8
"""Characters from which on a beginning counts as the same text."""


def is_count(moments: npt.NDArray[np.datetime64], counts: Floats, name: str) -> npt.NDArray[np.bool_]:
    """Return which numbers are what a program of `EPOCHS` counts at moments, by whatever whole quarter of an hour apart.

    >>> is_count(np.array(["2024-05-01T10:00:00"], "datetime64[s]"), np.array([1714557600000.0]), "milliseconds since 1970").tolist()
    [True]
    """
    unit, zero = EPOCHS[name]
    known = ~np.isnat(moments) & np.isfinite(counts)
    apart = np.full(len(counts), np.inf)
    apart[known] = counts[known] * unit + zero - moments[known].astype("datetime64[s]").astype(np.float64)
    quarters = np.abs(apart[known] - np.round(apart[known] / 900) * 900)
    found = known & (np.abs(apart) <= APART)
    found[known] &= quarters <= 60
    return np.asarray(found)


Agreement = tuple[float, float]
"""Agreement of joined records beyond that of shifted ones; and the same, 0 where chance may well have given it."""


class _Texts:
    """A column's texts without case and surplus spaces: each value is brought to that form once, whichever records ask."""

    def __init__(self, column: Column) -> None:
        self.forms: list[str] = []
        self.numbers: dict[str, int] = {}
        self._held, self._filled = column.values, is_filled(column)
        self._places = np.full(column.distinct, -1, np.int64)
        self._words: dict[int, frozenset[str]] = {}

    def numbered(self, values: Rows) -> Rows:
        """Return the number of the form of each of some values."""
        new = values[self._places[values] < 0]
        for value, text in zip(new.tolist(), self.filled(new).tolist(), strict=True):
            form = " ".join(text.casefold().split())
            if form not in self.numbers:
                self.numbers[form] = len(self.forms)
                self.forms.append(form)
            self._places[value] = self.numbers[form]
        return self._places[values]

    def filled(self, values: Rows) -> npt.NDArray[np.object_]:
        """Return some values as they are, empty where they stand for nothing."""
        return np.where(self._filled[values], self._held[values], "")

    def words(self, code: int) -> frozenset[str]:
        """Return the words of a form, of at least `WORD` letters and digits."""
        if code not in self._words:
            self._words[code] = frozenset(w for w in SEPARATORS.split(self.forms[code]) if len(w) >= WORD)
        return self._words[code]


@dataclass(frozen=True, eq=False)
class JoinedField:
    """A column's values in the joined records.

    Parameters
    ----------
    known
        The texts of the column.
    values
        Its different values in the records, shape (k,).
    places
        Which of them each record holds, shape (n,).
    codes
        Number of the text of each record, shape (n,).
    """

    known: _Texts
    values: Rows
    places: Rows
    codes: Rows

    @classmethod
    def of(cls, column: Column, rows: Rows) -> JoinedField:
        """Take a column's texts in some rows."""
        return _field(column, np.asarray(rows, np.int64).tobytes())

    @cached_property
    def agreement(self) -> dict[JoinedField, Agreement]:
        """What has been found out about others."""
        return {}

    @cached_property
    def texts(self) -> npt.NDArray[np.object_]:
        """The texts, empty where a record holds nothing, shape (n,)."""
        return np.array([self.known.forms[code] for code in self.codes.tolist()], object)

    @cached_property
    def beginnings(self) -> Rows:
        """A number for the first `CUT` characters of each text: of equal ones the same."""
        forms = self.known.forms
        return np.array([hash(forms[code][:CUT]) for code in self.codes.tolist()], np.int64)

    @cached_property
    def words(self) -> list[frozenset[str]]:
        """The words of each text, of at least `WORD` letters and digits."""
        return [self.known.words(code) for code in self.codes.tolist()]

    @cached_property
    def wordy(self) -> bool:
        """Whether it holds words, and many different ones."""
        return bool(len(distinct(self.codes)) > FEW and sum(map(bool, self.words)) > 0.5 * len(self.words))

    @cached_property
    def filled(self) -> npt.NDArray[np.bool_]:
        """Which records hold something."""
        return np.asarray(self.codes != self.known.numbers.get("", -1))

    @cached_property
    def worth(self) -> Floats:
        """The numbers, NaN where there is none."""
        return np.asarray(numbers.read(self.known.filled(self.values)).worth[self.places], np.float64)

    @cached_property
    def days(self) -> npt.NDArray[np.datetime64]:
        """The moments, NaT where there is none."""
        return np.asarray(dates.read(self.known.filled(self.values)).instants[self.places])

    @cached_property
    def numeric(self) -> bool:
        """Whether most filled records hold numbers."""
        return bool(np.isfinite(self.worth[self.filled]).mean() > 0.8) if self.filled.any() else False

    @cached_property
    def dated(self) -> bool:
        """Whether most filled records hold dates."""
        return bool((~np.isnat(self.days[self.filled])).mean() > 0.8) if self.filled.any() else False


@once_a_column()
def _texts(column: Column) -> _Texts:
    return _Texts(column)


@once_a_column()
def _field(column: Column, rows: bytes) -> JoinedField:
    held = column.codes[np.frombuffer(rows, np.int64)].astype(np.int64)
    values, places = np.unique(held, return_inverse=True)
    known = _texts(column)
    return JoinedField(known, values, places, known.numbered(values)[places])


def measure_agreement(source: Table, target: Table, left: Rows, right: Rows) -> Floats:
    """Return how much the columns of two tables agree in joined records, beyond chance.

    Parameters
    ----------
    source, target
        The tables.
    left, right
        Joined rows, shapes (n,).

    Returns
    -------
    ndarray
        Shape (source columns, target columns), 0 to 1; NaN where too few records hold both.
    """
    picked = pick_evenly(len(left), MOST)
    mine = [JoinedField.of(column, left[picked]) for column in source]
    theirs = [JoinedField.of(column, right[picked]) for column in target]
    return np.array([[_agree(one, other)[0] for other in theirs] for one in mine]).reshape(
        len(mine), len(theirs)
    )


def agree_on(left: Column, right: Column, mine: Rows, theirs: Rows, *, surely: bool = False) -> float | None:
    """Return how much two columns agree in joined rows, beyond chance; None where too few hold both.

    Where ``surely``, agreement that chance may well have given counts as none: it can't confirm that these are the same records.
    """
    picked = pick_evenly(len(mine), MOST)
    told = _agree(JoinedField.of(left, mine[picked]), JoinedField.of(right, theirs[picked]))[surely]
    return None if np.isnan(told) else told


def _agree(one: JoinedField, other: JoinedField) -> Agreement:
    """How much two fields agree, beyond chance; NaN where too few records hold both."""
    if other not in one.agreement:
        one.agreement[other] = _measure(one, other)
    return one.agreement[other]


def _measure(one: JoinedField, other: JoinedField) -> Agreement:
    both = one.filled & other.filled
    if both.sum() < FEWEST_RECORDS:
        return float("nan"), float("nan")
    told = [_equal(one, other, both)]
    if one.dated and other.dated:
        told.append(_near(one, other, both))
    elif one.numeric and other.numeric:
        told.append(_proportional(one, other, both))
    elif (one.dated and other.numeric) or (one.numeric and other.dated):
        told.append(_counted(one, other, both))
    elif one.wordy and other.wordy:
        told.append(_worded(one, other, both))
    told.append(_informed(one, other, both))
    if not both.all():  # a flag that is set or empty
        told.append(_informed(one, other, np.ones(len(both), bool)))
    return max(some for some, _ in told), max(some for _, some in told)


def _equal(one: JoinedField, other: JoinedField, both: npt.NDArray[np.bool_]) -> Agreement:
    """Share of equal texts, or texts of which one begins with the other, above that of shifted records."""
    at = np.flatnonzero(both)
    return _above(_same(one, other, at, at), _same(one, other, at, np.roll(at, -1)), len(at))


def _same(one: JoinedField, other: JoinedField, mine: Rows, theirs: Rows) -> float:
    alike = one.beginnings[mine] == other.beginnings[theirs]
    texts, others = one.known.forms, other.known.forms
    pairs = one.codes[mine[alike]] * len(others) + other.codes[theirs[alike]]
    same = 0
    for pair, rows in Counter(pairs.tolist()).items():
        a, b = texts[pair // len(others)], others[pair % len(others)]
        if a == b or (len(a) >= CUT and len(b) >= CUT and (a.startswith(b) or b.startswith(a))):
            same += rows
    return same / len(mine)


def _worded(one: JoinedField, other: JoinedField, both: npt.NDArray[np.bool_]) -> Agreement:
    """Share of records whose texts share a word, in whatever order and case, above that of shifted records."""
    at = np.flatnonzero(both)
    pairs = zip(at.tolist(), np.roll(at, 1).tolist(), strict=True)
    mine, theirs = one.words, other.words
    shared = [(not mine[n].isdisjoint(theirs[n]), not mine[n].isdisjoint(theirs[m])) for n, m in pairs]
    told, chance = np.mean(shared, axis=0).tolist()
    return _above(told, chance, len(at))


def _above(share: float, chance: float, rows: int, weight: float = 1.0) -> Agreement:
    """A share of some records beyond that of as many shifted ones; 0 for sure where two draws of one share differ as much (three standard errors).

    The share is Laplace's, so that what chance never showed in few records is not held for impossible.
    """
    above = weight * max(0.0, (share - chance) / (1 - chance)) if chance < 0.9 else 0.0
    rate = (chance * rows + 1) / (rows + 2)
    noise = SURELY * float(np.sqrt(2 * rate * (1 - rate) / max(1, rows)))
    return above, above if share - chance > noise else 0.0


def _near(one: JoinedField, other: JoinedField, both: npt.NDArray[np.bool_]) -> Agreement:
    """Share of records whose moments lie the same time apart, less the further apart that time is."""
    apart = (other.days[both] - one.days[both]).astype("timedelta64[m]")
    minutes = apart[~np.isnat(apart)].astype(np.int64)
    if len(minutes) < FEWEST_RECORDS:
        return 0.0, 0.0
    hours, rows = np.unique(np.round(minutes / 60), return_counts=True)
    shifted = (np.roll(other.days[both], 1) - one.days[both]).astype("timedelta64[m]")
    by_chance = np.unique(np.round(shifted[~np.isnat(shifted)].astype(np.int64) / 60), return_counts=True)[1]
    best = int(np.argmax(rows))
    share = float(rows[np.abs(hours - hours[best]) <= 1].sum())
    far = min(1.0, abs(float(hours[best])) / (24 * 60))
    by_shift = float(by_chance.max() / max(by_chance.sum(), 1))
    return _above(share / len(minutes), by_shift, len(minutes), 1 - far)


def _proportional(one: JoinedField, other: JoinedField, both: npt.NDArray[np.bool_]) -> Agreement:
    """Share of records in the most frequent ratio, above that of shifted records; less where nobody knows what the ratio stands for."""
    (share, factor, rows), (chance, _, shifted) = (
        _densest(one.worth[both], values) for values in (other.worth[both], np.roll(other.worth[both], 1))
    )
    known = abs(factor - 1) <= TOLERANCE or factor_meaning(factor)
    told, sure = _above(share, chance, rows, 1.0 if known else UNKNOWN_FACTOR)
    return (
        told,
        sure if shifted >= FEWEST_RECORDS else 0.0,
    )  # where most are 0, a shift leaves too few to tell what is chance


def _densest(mine: Floats, theirs: Floats) -> tuple[float, float, int]:
    """Share of the numbers in the most frequent ratio of one sign, that ratio, and how many numbers there are."""
    usable = np.isfinite(mine) & np.isfinite(theirs) & (mine != 0) & (theirs != 0)
    ratio = theirs[usable] / mine[usable]
    if len(ratio) < FEWEST_RECORDS:
        return 0.0, 1.0, len(ratio)
    most, factor = 0, 1.0
    for sign in (1, -1):
        logs = np.sort(np.log(sign * ratio[sign * ratio > 0]))
        within = np.searchsorted(logs, logs + TOLERANCE, side="right") - np.arange(len(logs))
        if within.max(initial=0) > most:
            place = int(within.argmax())
            most, factor = (
                int(within[place]),
                sign * float(np.exp(np.median(logs[place : place + within[place]]))),
            )
    return most / len(ratio), factor, len(ratio)


def _counted(one: JoinedField, other: JoinedField, both: npt.NDArray[np.bool_]) -> Agreement:
    """Share of records whose number counts the time since 1970 or, in days, since 1900, in one unit, above that of shifted records."""
    dated, numeric = (one, other) if one.dated else (other, one)
    moments, counts = dated.days[both], numeric.worth[both]
    shares = (
        [float(np.mean(is_count(moments, some, name))) for some in (counts, np.roll(counts, 1))]
        for name in EPOCHS
    )
    return max(_above(share, chance, len(counts)) for share, chance in shares)


def _informed(one: JoinedField, other: JoinedField, both: npt.NDArray[np.bool_]) -> Agreement:
    """How much two categories tell of each other: the square of the lower uncertainty coefficient (Theil), above chance.

    Categories of the world depend on each other a little, such as regions and dialling codes: a translation tells nearly all.
    """
    mine, theirs = pd.factorize(one.codes[both])[0], pd.factorize(other.codes[both])[0]
    if not (1 < mine.max() + 1 <= FEW and 1 < theirs.max() + 1 <= FEW):
        return 0.0, 0.0
    told, chance = _uncertainty(mine, theirs), _uncertainty(mine, np.roll(theirs, 1))
    above = max(0.0, (told - chance) / (1 - chance)) ** 2 if chance < 0.9 else 0.0
    if above < NOTABLE:
        return above, above
    rng = np.random.default_rng(0)
    drawn = [_uncertainty(mine, rng.permutation(theirs)) for _ in range(DRAWN)]
    return above, above if told - np.mean(drawn) > SURELY * np.std(drawn, ddof=1) else 0.0


def _uncertainty(mine: Rows, theirs: Rows) -> float:
    size = int(theirs.max()) + 1
    entropies = [_entropy(np.bincount(codes)) for codes in (mine, theirs, mine * size + theirs)]
    shared = entropies[0] + entropies[1] - entropies[2]
    return float(shared / max(entropies[0], entropies[1])) if min(entropies[:2]) > 0 else 0.0


def _entropy(counts: Rows) -> float:
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())
