"""Which columns join the records of two tables, and which records have no partner."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assess.core.record import Record
from assess.evidence.quality.column import Column
from assess.evidence.quality.table import Table
from assess.evidence.quality.types.missing import disguises

from .records import agree_on

Rows = npt.NDArray[np.int64]

DISTINCT = 0.9
"""Distinct values a filled row, on one side at least, from which on a column may join records."""
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
CLEARER = 1.05
"""How many times more rows a looser form of the key must join to be preferred."""

DECIMAL = re.compile(r"\s*[+-]?\d[\d., ]*[.,]\d+\s*")
"""A number with decimals."""

WORDS = re.compile(r"[^\W\d_]{3,}")
SIGNS, NO_DIGITS = re.compile(r"[\W_]+"), re.compile(r"\D+")
ASCII_SIGNS = bytes(byte for byte in range(128) if not chr(byte).isalnum())


def compose(text: str) -> str:
    """Return a text with every letter and its accents as one character (Unicode NFC).

    >>> compose("Jose\u0301") == "José"
    True
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def keep_letters_and_digits(text: str) -> str:
    """Return the letters and digits of a text, their case ignored.

    >>> keep_letters_and_digits("Ab-12_Ö")
    'ab12ö'
    """
    folded = compose(text).casefold()
    if folded.isalnum():
        return folded
    if folded.isascii():
        return folded.encode().translate(None, ASCII_SIGNS).decode()
    return SIGNS.sub("", folded)


def drop_leading_zeros(text: str) -> str:
    """Return the same without the zeros that lead, the last character always kept.

    >>> drop_leading_zeros("00-7a"), drop_leading_zeros("000")
    ('7a', '0')
    """
    kept = keep_letters_and_digits(text)
    return kept.lstrip("0") or kept[-1:]


def keep_digits(text: str) -> str:
    """Return the digits of a text without leading zeros; none of a text of several words, which is no number.

    >>> keep_digits("No. 0042/b")
    '42'
    """
    if text.isdecimal():
        return text.lstrip("0")
    return "" if len(WORDS.findall(text)) > 1 else NO_DIGITS.sub("", text).lstrip("0")


FORMS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("as it is", lambda text: text),
    ("Unicode composition ignored", compose),
    ("case and spaces ignored", lambda text: " ".join(compose(text).casefold().split())),
    ("letters and digits only", keep_letters_and_digits),
    ("leading zeros ignored", drop_leading_zeros),
    ("digits only, leading zeros ignored", keep_digits),
)
"""Forms in which keys are compared, the strictest first."""


class JoinKey(Record):
    """Columns that join two tables, and how well.

    Parameters
    ----------
    source_column, target_column
        The columns.
    form
        What must be ignored for the values to be equal (a name of `FORMS`).
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
    worded
        Whether the values are texts of several words: what is named alike is the same, while numbers can be given twice.
    """

    source_column: str
    target_column: str
    form: str
    source_rows: int
    target_rows: int
    source_joined: int
    target_joined: int
    source_most: int
    target_most: int
    per_source: float
    per_target: float
    agreement: float | None = None
    worded: bool = False

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
        """Whether joined rows are the same records: other columns agree, or none could tell and most rows join."""
        if self.agreement is not None and not self.worded:
            return self.agreement >= LIFT
        smaller = min(self.source_rows, self.target_rows)
        most = min(self.source_joined, self.target_joined) >= MOSTLY * smaller
        return most or (self.agreement or 0.0) >= LIFT


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
    """

    key: JoinKey
    source: Rows
    target: Rows
    source_lone: Rows
    target_lone: Rows
    source_met: Rows
    target_met: Rows


def find_joins(source: Table, target: Table) -> tuple[Join, ...]:
    """Return every way in which columns of two tables share values, one of them nearly unique."""
    found = (
        _best_form(source.column(left), target.column(right)) for left, right in _candidates(source, target)
    )
    return tuple(join for join in found if join is not None)


def rank_joins(
    found: Sequence[Join], source: Table, target: Table, mapping: Sequence[tuple[str, str]]
) -> tuple[Join, ...]:
    """Keep the ways that join matched columns or surprise, the one that joins the most true records first.

    Parameters
    ----------
    found
        What `find_joins` found.
    source, target
        The tables.
    mapping
        Matched columns, whose agreement tells whether joined rows are the same records.
    """
    checked = [_checked(join, source, target, mapping) for join in found]
    kept = [
        join
        for join in checked
        if (join.key.source_column, join.key.target_column) in mapping or _surprising(join.key)
    ]
    return tuple(sorted(kept, key=_rank))


def find_lone(true: Sequence[Join]) -> tuple[Rows, Rows]:
    """Return the rows of either side that none of several ways to join the same records finds on the other."""
    if not true:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return (
        np.setdiff1d(
            np.concatenate([j.source_lone for j in true]), np.concatenate([j.source_met for j in true])
        ),
        np.setdiff1d(
            np.concatenate([j.target_lone for j in true]), np.concatenate([j.target_met for j in true])
        ),
    )


def _surprising(key: JoinKey) -> bool:
    """Whether columns that were not matched join nevertheless: shared values that others confirm."""
    return key.agreement is not None and key.agreement >= LIFT


def _rank(join: Join) -> tuple[bool, float, str, str]:
    key = join.key
    weight = key.source_joined * (0.2 + max(0.0, key.agreement if key.agreement is not None else 0.1))
    strict = next(place for place, (form, _) in enumerate(FORMS) if form == key.form)
    return (not key.true, -weight / (1 + 0.1 * strict), key.source_column, key.target_column)


def _candidates(source: Table, target: Table) -> Iterator[tuple[str, str]]:
    """Pairs of columns of which one is nearly unique and some values are shared."""
    left, right = ([_Sample.of(column) for column in table] for table in (source, target))
    for one in left:
        for other in right:
            if (one.unique or other.unique) and one.sample and other.sample and one.meets(other):
                yield one.name, other.name


@dataclass(frozen=True)
class _Sample:
    """What is enough to see that two columns can't join."""

    name: str
    unique: bool
    sample: frozenset[str]
    every: frozenset[str]

    @classmethod
    def of(cls, column: Column) -> _Sample:
        places = np.flatnonzero(_filled(column))
        rows = int(column.counts[places].sum())
        unique = len(places) >= max(FEWEST, DISTINCT * rows)
        if len(places) < FEWEST:
            return cls(column.name, False, frozenset(), frozenset())
        every = frozenset(drop_leading_zeros(str(text)) for text in column.values[places] if len(text) <= 100)
        picked = np.unique(np.linspace(0, len(places) - 1, TRIED).astype(np.int64))
        sample = frozenset(
            drop_leading_zeros(str(text)) for text in column.values[places[picked]] if len(text) <= 100
        )
        return cls(column.name, unique, sample, every)

    def meets(self, other: _Sample) -> bool:
        """Whether enough values of either sample are known to the other side."""
        shares = (
            len(self.sample & other.every) / len(self.sample),
            len(other.sample & self.every) / len(other.sample),
        )
        return max(shares) >= SHARED


def _filled(column: Column) -> npt.NDArray[np.bool_]:
    return ~column.blank & ~disguises(column)


def _best_form(left: Column, right: Column) -> Join | None:
    best: Join | None = None
    for form, normal in FORMS[:3] if _measured(left) or _measured(right) else FORMS:
        join = _join(left, right, form, normal)
        if join is None:
            continue
        if best is None or join.key.source_joined > CLEARER * best.key.source_joined + FEWEST:
            best = join
        if CLEARER * best.key.source_joined + FEWEST >= left.rows:
            break
    return best


def _worded(column: Column) -> bool:
    """Whether most values are texts of several words."""
    texts = column.values[np.unique(np.linspace(0, column.distinct - 1, 200).astype(np.int64))]
    return sum(len(WORDS.findall(text or "")) > 1 for text in texts) >= 0.5 * len(texts)


def _measured(column: Column) -> bool:
    """Whether a column holds numbers with decimals, whose point must not be ignored."""
    texts = column.values[np.unique(np.linspace(0, column.distinct - 1, 200).astype(np.int64))]
    return sum(DECIMAL.fullmatch(text or "") is not None for text in texts) >= len(texts) / 2


def _join(left: Column, right: Column, form: str, normal: Callable[[str], str]) -> Join | None:
    """Join two columns in one form."""
    sides = [_Normal.of(column, normal) for column in (left, right)]
    known, place = _ranked(np.concatenate([side.texts for side in sides]))
    split = len(sides[0].texts)
    rows = [
        np.bincount(part, weights=side.counts, minlength=len(known)).astype(np.int64)
        for part, side in zip((place[:split], place[split:]), sides, strict=True)
    ]
    shared = (rows[0] > 0) & (rows[1] > 0)
    if shared.sum() < FEWEST or shared.sum() < SHARED * min((rows[0] > 0).sum(), (rows[1] > 0).sum()):
        return None
    codes = [
        np.where(side.kept[column.codes], part[side.place[column.codes]], -1)
        for side, column, part in zip(sides, (left, right), (place[:split], place[split:]), strict=True)
    ]
    key = JoinKey(
        source_column=left.name, target_column=right.name, form=form,
        source_rows=int(rows[0].sum()), target_rows=int(rows[1].sum()),
        source_joined=int(rows[0][shared].sum()), target_joined=int(rows[1][shared].sum()),
        source_most=int(rows[0][shared].max()), target_most=int(rows[1][shared].max()),
        worded=_worded(left) and _worded(right),
        per_source=round(float(rows[0][shared].mean()), 4), per_target=round(float(rows[1][shared].mean()), 4),
    )  # fmt: skip
    once = shared & (rows[0] == 1) & (rows[1] == 1)
    lone = [np.flatnonzero((code >= 0) & ~shared[np.maximum(code, 0)]) for code in codes]
    met = [np.flatnonzero((code >= 0) & shared[np.maximum(code, 0)]) for code in codes]
    return Join(key, *_paired(codes[0], codes[1], once), *lone, *met)


def _ranked(texts: npt.NDArray[np.object_]) -> tuple[pa.Array, Rows]:
    """Different texts, and the place of each text among them in order."""
    coded = pa.array(texts, pa.large_string()).dictionary_encode()
    rank = np.empty(len(coded.dictionary), np.int64)
    rank[pc.sort_indices(coded.dictionary).to_numpy()] = np.arange(len(rank))
    return coded.dictionary, rank[coded.indices.to_numpy(zero_copy_only=False)]


@dataclass(frozen=True, eq=False)
class _Normal:
    """The distinct values of a column in a form: those kept, their texts, and where each value went."""

    texts: npt.NDArray[np.object_]
    counts: npt.NDArray[np.int64]
    kept: npt.NDArray[np.bool_]
    place: Rows

    @classmethod
    def of(cls, column: Column, normal: Callable[[str], str]) -> _Normal:
        filled = _filled(column)
        texts = np.array([normal(str(text)) for text in column.values[filled]], object)
        kept = filled.copy()
        kept[filled] = texts != ""
        place = np.zeros(len(column.values), np.int64)
        place[kept] = np.arange(kept.sum())
        return cls(texts[texts != ""], column.counts[kept], kept, place)


def _paired(left: Rows, right: Rows, once: npt.NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Rows of both sides that hold the same value, which each side holds once."""
    mine, theirs = (np.flatnonzero((code >= 0) & once[np.maximum(code, 0)]) for code in (left, right))
    return mine[np.argsort(left[mine], kind="stable")], theirs[np.argsort(right[theirs], kind="stable")]


def _checked(join: Join, source: Table, target: Table, mapping: Sequence[tuple[str, str]]) -> Join:
    """Note how much other matched columns agree on the joined rows, above chance."""
    lifts = []
    for left, right in mapping:
        if (left, right) != (join.key.source_column, join.key.target_column) and len(join.source) >= FEWEST:
            lift = agree_on(source.column(left), target.column(right), join.source, join.target)
            if lift is not None:
                lifts.append(lift)
    agreement = round(float(np.mean(sorted(lifts)[-3:])), 4) if lifts else None
    return dataclasses.replace(join, key=join.key.model_copy(update={"agreement": agreement}))
