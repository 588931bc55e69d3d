"""How records of two tables are joined by columns that hold the same: the forms in which values are compared, and the rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assess.core.personal import mask_runs
from assess.core.places import pick_evenly
from assess.core.record import Record
from assess.evidence.quality.column import Column, once_a_column
from assess.evidence.quality.types import disguises

from .forms import REMEMBERED, WORDS, keep_digits, keeps_apart, write_form

Rows = npt.NDArray[np.int64]

SHARED = 0.05
"""Share of the smaller side's values that the other must hold."""
FEWEST = 5
"""Shared values below which nothing is said."""
TRIED = 2_000
"""Distinct values, evenly spread, by which hopeless pairs of columns are left out."""
LIFT = 0.15
"""Agreement of other columns above chance, from which on joined rows are held for the same records."""
MOSTLY = 0.5
"""Share of the smaller side's rows that must join where no other column can tell whether they are the same records."""
DECIMAL = re.compile(r"\s*[+-]?\d[\d., ]*[.,]\d+\s*")
"""A number with decimals."""

COUNTED = re.compile(r"\s*(|.*\D)(\d{1,15})\s*")
"""A code that ends in one number."""
SERIES = 20
"""Beginnings of codes up to which the numbers behind them are those of a few series."""
FORMS_OF_SERIES = 3
"""Masks of those beginnings up to which they are series, and not names."""
FEWEST_TELLING = 20
"""Different values below which equal ones tell nothing."""
SPARSE = 20.0
"""Numbers that lie between the smallest and the largest for each that was given, from which on equal ones are no chance."""
SHORTEST = 4
"""Mean characters of codes that do not end in a number, below which many systems use the same ones."""
TOGETHER = " + "
"""What stands between the names of columns that are a key together."""


class JoinKey(Record):
    """Columns that join two tables, and how well.

    Parameters
    ----------
    source_columns, target_columns
        The columns, those that stand at one place holding the same.
    forms
        What must be ignored in each of them for the values to be equal (names of `FORMS`).
    source_rows, target_rows
        Rows of each side that hold a value.
    source_joined, target_joined
        Rows of each side whose value the other side holds.
    source_most, target_most
        Most rows that share one joined value.
    per_source, per_target
        Mean rows of each side a joined value.
    agreement
        Share of other matched columns' values that agree on joined rows, above chance; None if no other
        column can tell.
    telling
        Whether equal values can hardly be chance: names, and codes that lie far apart, while numbers that were counted
        up are given by every system.
    measured
        Whether the values are numbers with decimals, which join records only where nothing else does.
    denied
        Whether other columns disagree on the joined rows, while they agree on those that another way joins.
    """

    source_columns: tuple[str, ...]
    target_columns: tuple[str, ...]
    forms: tuple[str, ...]
    source_rows: int
    target_rows: int
    source_joined: int
    target_joined: int
    source_most: int
    target_most: int
    per_source: float
    per_target: float
    agreement: float | None = None
    telling: bool = False
    measured: bool = False
    denied: bool = False

    @property
    def source_column(self) -> str:
        """The source's columns, named together."""
        return TOGETHER.join(self.source_columns)

    @property
    def target_column(self) -> str:
        """The target's columns, named together."""
        return TOGETHER.join(self.target_columns)

    @property
    def form(self) -> str:
        """What is ignored."""
        return "; ".join(dict.fromkeys(self.forms))

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The columns that hold the same: of the source, of the target."""
        return tuple(zip(self.source_columns, self.target_columns, strict=True))

    @property
    def source_only(self) -> int:
        """Rows of the source that the target lacks."""
        return self.source_rows - self.source_joined

    @property
    def target_only(self) -> int:
        """Rows of the target that the source lacks."""
        return self.target_rows - self.target_joined

    @property
    def true(self) -> bool:
        """Whether joined rows are the same records.

        Other columns agree; or most rows join, and no column can tell, or chance can't be the reason and no other way
        joins records that agree.
        """
        if (self.agreement or 0.0) >= LIFT:
            return True
        smaller = min(self.source_rows, self.target_rows)
        most = min(self.source_joined, self.target_joined) >= MOSTLY * smaller
        return most and (self.agreement is None or (self.telling and not self.denied))


@dataclass(frozen=True, eq=False)
class Join:
    """A key with the rows that it joins.

    Parameters
    ----------
    key
        The key.
    source, target
        Rows joined one to one: their key occurs once on both sides, shapes (n,).
    source_lone, target_lone
        Rows whose value the other side lacks.
    source_met, target_met
        Rows whose value the other side holds.
    counted
        Whether the key's numbers are of all rows of two tables in an engine, while the rows are those that were drawn.
    """

    key: JoinKey
    source: Rows
    target: Rows
    source_lone: Rows
    target_lone: Rows
    source_met: Rows
    target_met: Rows
    counted: bool = False


@once_a_column()
def is_filled(column: Column) -> npt.NDArray[np.bool_]:
    """Return which distinct values of a column are neither blank nor stand for nothing."""
    return ~column.blank & ~disguises(column)


@once_a_column()
def is_distinctive(column: Column) -> bool:
    """Whether equal values can hardly be chance: names, and codes whose numbers lie far apart.

    >>> from assess.evidence.quality.column import encode_column
    >>> [is_distinctive(encode_column("k", pa.chunked_array([[form.format(k) for k in range(50)]], pa.large_string())))
    ...  for form in ("INV-2024-{:05d}", "{0}{0}77{0}19", "Anna Meyer {}")]
    [False, True, True]
    """
    if column.distinct < FEWEST_TELLING or holds_measures(column):
        return False
    places = pick_evenly(column.distinct, TRIED)
    texts = [text for text in column.texts.take(pa.array(places)).to_pylist() if text and text.strip()]
    if sum(len(WORDS.findall(text)) > 1 for text in texts) >= MOSTLY * len(texts):
        return True
    counted = [found for text in texts if (found := COUNTED.fullmatch(text))]
    heads = {found[1] for found in counted}
    masks = {mask_runs(head) for head in heads} if len(heads) <= SERIES else ()
    if len(counted) < MOSTLY * len(texts) or not 0 < len(masks) <= FORMS_OF_SERIES:
        return sum(map(len, texts)) >= SHORTEST * len(texts)
    low, high = np.quantile([float(found[2]) for found in counted], (0.05, 0.95))
    return bool((high - low) * len(heads) > SPARSE * column.distinct)


@once_a_column()
def holds_measures(column: Column) -> bool:
    """Whether a column holds numbers with decimals, whose point must not be ignored."""
    if not column.distinct:
        return False
    texts = column.values[pick_evenly(column.distinct, 200)]
    return sum(DECIMAL.fullmatch(text or "") is not None for text in texts) >= len(texts) / 2


def join_columns(left: Column, right: Column, form: str, normal: Callable[[str], str]) -> Join | None:
    """Return the rows that two columns join in one form, None if they share too few values."""
    aligned = AlignedValues.of(left, right, normal)
    if normal is keep_digits and not all(keeps_apart(side.texts) for side in aligned.sides):
        return None
    mine, theirs = aligned.rows
    shared = (mine > 0) & (theirs > 0)
    if shared.sum() < FEWEST or shared.sum() < SHARED * min((mine > 0).sum(), (theirs > 0).sum()):
        return None
    return join_rows(
        ((left.name, right.name),), (form,), *aligned.codes,
        telling=is_distinctive(left) and is_distinctive(right), measured=holds_measures(left) or holds_measures(right),
    )  # fmt: skip


def join_rows(
    pairs: tuple[tuple[str, str], ...],
    forms: tuple[str, ...],
    left: Rows,
    right: Rows,
    *,
    telling: bool,
    measured: bool = False,
) -> Join:
    """Join rows that hold the same.

    Parameters
    ----------
    pairs
        The columns: of the source, of the target.
    forms
        Names of `FORMS`, one for each pair.
    left, right
        What each row of the source and of the target holds, numbered alike; -1 where it holds nothing.
    telling, measured
        See `JoinKey`.
    """
    number = int(max(left.max(initial=-1), right.max(initial=-1))) + 1
    rows = [np.bincount(codes[codes >= 0], minlength=number) for codes in (left, right)]
    shared = (rows[0] > 0) & (rows[1] > 0)
    key = JoinKey(
        source_columns=tuple(one for one, _ in pairs), target_columns=tuple(other for _, other in pairs), forms=forms,
        source_rows=int(rows[0].sum()), target_rows=int(rows[1].sum()),
        source_joined=int(rows[0][shared].sum()), target_joined=int(rows[1][shared].sum()),
        source_most=int(rows[0][shared].max(initial=0)), target_most=int(rows[1][shared].max(initial=0)), telling=telling, measured=measured,
        per_source=round(float(rows[0][shared].mean()), 4), per_target=round(float(rows[1][shared].mean()), 4),
    )  # fmt: skip
    once = shared & (rows[0] == 1) & (rows[1] == 1)
    lone = [np.flatnonzero((code >= 0) & ~shared[np.maximum(code, 0)]) for code in (left, right)]
    met = [np.flatnonzero((code >= 0) & shared[np.maximum(code, 0)]) for code in (left, right)]
    return Join(key, *_paired(left, right, once), lone[0], lone[1], met[0], met[1])


@dataclass(frozen=True, eq=False)
class AlignedValues:
    """The values of two columns in one form, numbered alike.

    Parameters
    ----------
    sides
        The distinct values that each column keeps in that form.
    columns
        The columns.
    texts
        Different values of both sides.
    places
        Number of each kept value, of either side, among them.
    """

    sides: tuple[_Normal, _Normal]
    columns: tuple[Column, Column]
    texts: pa.Array
    places: tuple[Rows, Rows]

    @property
    def number(self) -> int:
        """Different values of both sides."""
        return len(self.texts)

    @classmethod
    def of(cls, left: Column, right: Column, normal: Callable[[str], str]) -> AlignedValues:
        """Bring two columns to a form."""
        sides = _normalise(left, normal), _normalise(right, normal)
        coded = pa.array(
            np.concatenate([side.texts for side in sides]), pa.large_string()
        ).dictionary_encode()
        place = np.asarray(coded.indices.to_numpy(zero_copy_only=False), np.int64)
        split = len(sides[0].texts)
        return cls(sides, (left, right), coded.dictionary, (place[:split], place[split:]))

    @property
    def rows(self) -> tuple[Rows, Rows]:
        """Rows of each side that hold each value, shapes (number,)."""
        mine, theirs = (
            np.bincount(part, weights=side.counts, minlength=self.number).astype(np.int64)
            for part, side in zip(self.places, self.sides, strict=True)
        )
        return mine, theirs

    @property
    def codes(self) -> tuple[Rows, Rows]:
        """What each row of either side holds, by its rank among all values in order, -1 where it is nothing."""
        rank = np.empty(self.number, np.int64)
        rank[pc.sort_indices(self.texts).to_numpy()] = np.arange(self.number)
        mine, theirs = (
            np.where(side.kept[column.codes], rank[part][side.place[column.codes]], -1)
            if len(part)
            else np.full(column.rows, -1, np.int64)
            for part, side, column in zip(self.places, self.sides, self.columns, strict=True)
        )
        return mine, theirs


@dataclass(frozen=True, eq=False)
class _Normal:
    """The distinct values of a column in a form: those kept, their texts, and where each value went."""

    texts: npt.NDArray[np.object_]
    counts: npt.NDArray[np.int64]
    kept: npt.NDArray[np.bool_]
    place: Rows


@once_a_column(up_to=REMEMBERED)
def _normalise(column: Column, normal: Callable[[str], str]) -> _Normal:
    filled = is_filled(column)
    texts = write_form(column, normal)[filled]
    kept = filled.copy()
    kept[filled] = texts != ""
    place = np.zeros(len(column.values), np.int64)
    place[kept] = np.arange(kept.sum())
    return _Normal(texts[texts != ""], column.counts[kept], kept, place)


def _paired(left: Rows, right: Rows, once: npt.NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Rows of both sides that hold the same value, which each side holds once."""
    mine, theirs = (np.flatnonzero((code >= 0) & once[np.maximum(code, 0)]) for code in (left, right))
    return mine[np.argsort(left[mine], kind="stable")], theirs[np.argsort(right[theirs], kind="stable")]
