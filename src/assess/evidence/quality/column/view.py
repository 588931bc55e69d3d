"""A table as the detectors look at it: each column's distinct texts with what is derived from them once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from assess.core.missing import PERHAPS_ZERO, is_disguised
from assess.evidence.quality import types
from assess.evidence.quality.types import ColumnType, disguises
from assess.evidence.quality.types.numbers import TELLING, decimal_sign, write_bare

from . import Column

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LONGEST = 160
"""Characters of a text that are judged; what follows is left out."""
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
LARGE = 300
"""Filled rows from which on a list can be held for closed, and a column for full or never negative."""
SENTENCE = 5
"""Words of a text from which on it is a sentence rather than a name or a code."""
HABIT, OFTEN = 0.02, 8
"""Share of negative numbers, and rows of them, from which on the sign is a habit of the column."""
CODE, CODED, ALIKE = 5, 0.9, 5
"""Signs of a short code at most, share of the filled rows that hold one, and different codes of one mask, in a list of codes."""
COMMAS = 0.02
"""Share of the filled rows that hold a decimal comma from which on the column writes so: fewer are slips, and beside points two notations are mixed."""
USUAL = 1 / 3
"""Share of the filled rows from which on a mask is a form of the column."""
SEVERAL = re.compile(r"[,;|] ?")
"""What stands between the values of a list in a cell."""
LISTS, LONGEST_PART = 3, 20
"""Different lists from which on they are a habit of the column, and characters of a value in one at most."""
DECIMAL_COMMA = re.compile(r"-?\d+(?:\.\d{3})*,\d+")


class _Marks(dict[int, str]):
    """What stands for each character in a mask, by its code point: looked up by `str.translate`, filled when asked."""

    def __missing__(self, point: int) -> str:
        c = chr(point)
        self[point] = "9" if c.isdigit() else ("A" if c.isupper() else "a") if c.isalpha() else c
        return self[point]


_MARKS = _Marks()


def mask_text(text: str) -> str:
    """Return the mask of a text: A upper, a lower, 9 digit, signs themselves.

    >>> mask_text("Rd. 12")
    'Aa. 99'
    """
    return text.translate(_MARKS)


def parse_plain_number(text: str) -> float:
    """Read a text as a number in the plain or thousands-grouped form, NaN if it is none.

    >>> parse_plain_number("1,204.5"), parse_plain_number(" 7 ")
    (1204.5, 7.0)
    """
    text = text.strip()
    if not text[-1:].isdigit() and text[-1:] != ".":
        return float("nan")
    if NUMBER.fullmatch(text):
        return float(text)
    if GROUPED.fullmatch(text):
        return float(text.replace(",", ""))
    return float("nan")


@dataclass(frozen=True, eq=False)
class Whole:
    """All texts of a column of which a view judges only some (see `digest`).

    Parameters
    ----------
    codes
        Text number of each row among all texts, shape (rows,).
    missing
        Texts that are blank or stand for a missing value, shape (d,).
    counts
        Rows that hold each text, shape (d,).
    texts
        The texts, shape (d,).
    """

    codes: npt.NDArray[np.int32]
    missing: Mask
    counts: Ints
    texts: pa.Array

    @cached_property
    def numbers(self) -> Floats:
        """Each row as a number, NaN where it is none, shape (rows,)."""
        found = np.asarray(pd.to_numeric(self.texts.to_pandas(), errors="coerce"), np.float64)
        return np.asarray(np.where(np.isfinite(found), found, np.nan)[self.codes])


@dataclass(frozen=True, eq=False)
class View:
    """One column.

    Parameters
    ----------
    name, position
        Of the column.
    texts
        Distinct texts, a null as an empty text.
    counts
        Rows that hold each text, shape (d,).
    codes
        Text number of each row, shape (rows,).
    part
        Rows that each text stands for in shares, shape (d,): ``counts`` unless the view is a digest.
    whole
        The column that the view is a digest of, whose last text then stands for all that are not judged.
    column
        The column, where all its texts are judged.
    source
        The column as the table holds it, none of its values cut or merged.
    type
        What it holds, where that is known already.
    """

    name: str
    position: int
    texts: list[str]
    counts: Ints
    codes: npt.NDArray[np.int32]
    part: Ints | None = None
    whole: Whole | None = None
    column: Column | None = None
    source: Column | None = None
    type: ColumnType | None = None

    @cached_property
    def kind(self) -> ColumnType:
        """What the texts are."""
        own = Column(self.name, np.array(self.texts, object), self.weights, np.zeros(0, np.int32))
        return types.infer_type(self.column or own)

    @cached_property
    def full(self) -> Column:
        """The column with all its values: what rules between columns must be judged by."""
        if self.source is not None:
            return self.source
        return Column(self.name, np.array(self.texts, object), self.counts, self.codes.astype(np.int32))

    @cached_property
    def full_kind(self) -> ColumnType:
        """What the column holds, over all its values."""
        if self.type is not None:
            return self.type
        return self.kind if self.full is self.column else types.infer_type(self.full)

    def rows_of(self, rows: Ints) -> list[str]:
        """Return the texts of some rows, a null as an empty text."""
        places, inverse = np.unique(self.full.codes[rows], return_inverse=True)
        some = [text or "" for text in self.full.texts.take(pa.array(places)).to_pylist()]
        return [some[k] for k in inverse.tolist()]

    @property
    def weights(self) -> Ints:
        """Rows that each text stands for in shares, shape (d,)."""
        return self.counts if self.part is None else self.part

    @property
    def row_numbers(self) -> Floats:
        """Each row as a number, NaN where it is none, shape (rows,)."""
        if self.whole is not None:
            return self.whole.numbers
        if (
            self.source is not None
            and self.source.distinct > len(self.texts)
            and self.full_kind.numbers is not None
        ):
            return np.asarray(self.full_kind.numbers.worth[self.source.codes])
        return np.asarray(self.numbers[self.codes])

    def text(self, number: int) -> str:
        """Return a text by its number among all texts of the column."""
        return self.texts[number] if self.whole is None else str(self.whole.texts[number])

    @property
    def singles(self) -> int:
        """Texts that one row holds."""
        if self.whole is not None:
            return int(((self.whole.counts == 1) & ~self.whole.missing).sum())
        return int(((self.counts == 1) & ~(self.blank | self.disguised)).sum())

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.codes)

    @cached_property
    def lengths(self) -> Ints:
        """Characters judged of each text, shape (d,)."""
        return np.minimum(np.fromiter(map(len, self.texts), np.int64, len(self.texts)), LONGEST)

    @cached_property
    def trimmed(self) -> list[str]:
        """The texts without white space at the edges."""
        return [text.strip() for text in self.texts]

    @cached_property
    def masks(self) -> list[str]:
        """The mask of each text, of a long one its beginning's, see `mask_text`."""
        return [mask_text(text[:LONGEST]) for text in self.texts]

    @cached_property
    def usual_masks(self) -> frozenset[str]:
        """The masks that a third of the filled rows and more have: a text of one is written as the column is."""
        rows: Counter[str] = Counter()
        for mask, n in zip(self.masks, self.weights.tolist(), strict=True):
            rows[mask] += n
        return frozenset(mask for mask, n in rows.items() if n >= USUAL * self.filled)

    def of_masks(self, told: Callable[[str], bool]) -> Mask:
        """Return what is told of each text by its signs alone, so that texts of one mask are asked once; shape (d,)."""
        known = {shape: told(shape) for shape in dict.fromkeys(self.masks)}
        found = np.array([known[shape] for shape in self.masks], bool)
        for k in np.flatnonzero(self.lengths >= LONGEST).tolist():
            found[k] = told(self.texts[k])
        return found

    @cached_property
    def lists(self) -> Mask:
        """Lists of values that are written as other rows hold them one by one, shape (d,): ``fr,de`` in a column of ``en`` and ``it``."""
        rows = zip(self.masks, self.weights.tolist(), strict=True)
        single = {mask.strip() for mask, n in rows if n and not SEVERAL.search(mask)}

        def many(mask: str) -> bool:
            parts = SEVERAL.split(mask.strip())
            grouped = not mask.strip("9, ") and len(parts[0]) <= 3
            return (
                len(parts) > 1 and not grouped and all(len(p) <= LONGEST_PART and p in single for p in parts)
            )

        found = self.of_masks(many)
        return found if found.sum() >= LISTS and self.numeric < 0.5 else np.zeros(len(found), bool)

    @cached_property
    def blank(self) -> Mask:
        """Texts that are empty or blank, shape (d,)."""
        return np.fromiter((not t for t in self.trimmed), bool, len(self.texts))

    @cached_property
    def disguised(self) -> Mask:
        """Texts that stand for a missing value, shape (d,)."""
        if self.column is not None and self.column is self.full:
            return disguises(self.column)
        own = self.full.own_words
        disguised = (is_disguised(text) and text not in own for text in self.texts)
        return np.asarray(np.fromiter(disguised, bool, len(self.texts)) & ~self.blank)

    @cached_property
    def lost(self) -> Mask:
        """Texts that surely stand for a missing value, shape (d,)."""
        zero = np.fromiter((t.lower() in PERHAPS_ZERO for t in self.trimmed), bool, len(self.texts))
        return np.asarray(self.blank | (self.disguised & ~zero))

    @cached_property
    def bare(self) -> list[str]:
        """The texts without the unit and the spaces of thousands that all numbers of the column wear."""
        return write_bare(self.texts, self.weights, self.filled)

    @cached_property
    def comma(self) -> bool:
        """Whether nearly all texts are numbers with a decimal comma: some of them can't be groups of thousands."""
        decimal = np.fromiter(
            ("," in t and bool(DECIMAL_COMMA.fullmatch(t.strip())) for t in self.bare), bool, len(self.texts)
        )
        if float(self.weights[decimal].sum()) < 0.9 * max(1, self.filled):
            return False
        grouped = np.fromiter((bool(GROUPED.fullmatch(t.strip())) for t in self.bare), bool, len(self.texts))
        zero = np.fromiter((t.strip().lstrip("-").startswith("0,") for t in self.bare), bool, len(self.texts))
        telling = decimal & (~grouped | zero)
        return bool(
            telling.sum() >= 3 and float(self.weights[telling].sum()) >= TELLING * max(1, self.filled)
        )

    @cached_property
    def plain(self) -> list[str]:
        """The texts, a decimal comma as a point where the column has it."""
        return (
            [t.replace(".", "").replace(",", ".") if "," in t else t for t in self.bare]
            if self.comma
            else self.bare
        )

    @cached_property
    def numbers(self) -> Floats:
        """Each text as a number, NaN where it is none or not finite, shape (d,)."""
        found = np.fromiter(map(parse_plain_number, self.plain), np.float64, len(self.texts))
        read = self.kind.numbers if any("," in text for text in self.texts) else None
        if read is not None and decimal_sign(read, self.weights) == ",":
            pointed = (read.forms == "plain") & np.array(["." in text for text in self.texts])
            comma = np.isin(read.forms, ("1234,5", "1.234,5"))
            habit = self.weights[comma].sum() >= COMMAS * self.filled and not pointed.any()
            found = np.where(comma, read.worth, found) if habit else found
        return np.where(np.isfinite(found), found, np.nan)

    @cached_property
    def credits(self) -> Mask:
        """Negative numbers of a column that has both signs by habit, whose sign says nothing, shape (d,)."""
        with np.errstate(invalid="ignore"):
            below = self.numbers < 0
            above = self.numbers > 0
        rows = float(self.weights[below].sum())
        none = np.zeros(len(self.texts), bool)
        if (
            self.numeric <= 0.9
            or rows < OFTEN
            or not above.any()
            or not HABIT <= rows / max(1, self.filled) <= 0.5
        ):
            return none
        # credits are as large as what they take back: amounts far beyond are no habit
        x, n = self.numbers[above], self.weights[above]
        order = np.argsort(x, kind="stable")
        reached = np.cumsum(n[order]) / n.sum()
        low, high = (x[order][min(int(np.searchsorted(reached, q)), len(x) - 1)] for q in (0.005, 0.995))
        size = -self.numbers
        alike = below & (size >= low) & (size <= high)
        return np.asarray(below) if float(self.weights[alike].sum()) >= 0.9 * rows else none

    @cached_property
    def measures(self) -> Mask:
        """Numbers of a column of many different ones, which no letter model can call misspelt, shape (d,)."""
        if self.numeric > 0.9:
            return np.asarray(~np.isnan(self.numbers))
        read = self.kind.numbers
        if read is None or self.kind.physical not in ("integer", "decimal"):
            return np.zeros(len(self.texts), bool)
        return np.asarray(np.isfinite(read.worth) & self.kind.conforms)

    @cached_property
    def listed(self) -> Mask:
        """Codes of a list: nearly all texts are short and of capitals and digits, and many share its mask; shape (d,)."""
        short = np.fromiter(
            (len(t) <= CODE and t.isascii() and t.isalnum() and t == t.upper() for t in self.texts),
            bool,
            len(self.texts),
        )
        usable = ~(self.blank | self.disguised)
        if not short.any() or float(self.weights[short & usable].sum()) < CODED * max(1, self.filled):
            return np.zeros(len(self.texts), bool)
        masks = np.array(
            [
                "".join("9" if c.isdigit() else "A" for c in t) if s else ""
                for t, s in zip(self.texts, short, strict=True)
            ]
        )
        names, place = np.unique(masks, return_inverse=True)
        many = np.bincount(place) >= ALIKE
        return np.asarray(short & many[place] & (names[place] != ""))

    @cached_property
    def prose(self) -> bool:
        """Whether it holds addresses of pages, or half of the rows `SENTENCE` words and more: neither has a form to keep."""
        if self.kind.semantic == "url":
            return True
        words = np.fromiter((len(t.split()) for t in self.texts), np.int64, len(self.texts))
        return 2 * float(self.weights[words >= SENTENCE].sum()) >= max(1, self.filled)

    @property
    def composed(self) -> bool:
        """Whether nearly each row says something of its own in many words: any of them may be rare."""
        return self.prose and self.unique >= 0.5

    @cached_property
    def filled(self) -> int:
        """Rows that hold a value: neither blank nor disguised as one."""
        if self.whole is not None:
            return int(self.whole.counts[~self.whole.missing].sum())
        return int(self.counts[~(self.blank | self.disguised)].sum())

    @property
    def large(self) -> bool:
        """Whether it has rows enough to be held for closed, full or never negative, and all its texts are judged."""
        return self.filled >= LARGE and self.whole is None

    @cached_property
    def numeric(self) -> float:
        """Share of the filled rows that hold a number."""
        return float(self.weights[~np.isnan(self.numbers)].sum() / max(1, self.filled))

    @cached_property
    def unique(self) -> float:
        """Distinct values per filled row."""
        missing = self.blank | self.disguised if self.whole is None else self.whole.missing
        return float((~missing).sum() / max(1, self.filled))
