"""Dates written as text: in which format, whether day and month could be swapped, whether the day exists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assess.core.places import distinct
from assess.evidence.quality.column.texts import arrow_texts

Numbers = npt.NDArray[np.int64]

TIME = (
    r"(?:[T ]+(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,]\d{1,9})?)? ?(?P<ap>[AaPp]\.?[Mm]\.?)?"
    r"(?P<zone> ?(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?"
)
"""The time behind a date; ``+00`` is how PostgreSQL and DuckDB write a zone, ``+0000`` ISO 8601's basic form."""
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero",
            "feb february februar février febrero",
            "mar march märz mrz mars marzo",
            "apr april avril abril",
            "may mai mayo",
            "jun june juni juin junio",
            "jul july juli juillet julio",
            "aug august août agosto",
            "sep sept september septembre septiembre",
            "oct october okt oktober octobre octubre",
            "nov november novembre noviembre",
            "dec december dez dezember décembre diciembre",
        ),
        start=1,
    )
    for name in names.split()
}
"""Month names in English, German, French and Spanish, lower case, without a final point."""
_LETTERS = "".join(sorted({letter for name in MONTHS for letter in name + name.upper()}))
"""Letters of their names: RE2 takes some ten milliseconds to set up a class of all letters."""


@dataclass(frozen=True)
class Family:
    """A way to write a date: a regular expression (RE2) with the named parts that it finds."""

    name: str
    pattern: str
    named: bool = False
    """Whether the month is a word."""


FAMILIES = (
    Family("year first", rf"^(?P<y>\d{{4}})(?P<s>[-/.])(?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){TIME}$"),
    Family(
        "year last",
        rf"^(?P<m>\d{{1,2}})(?P<s>[-/.])(?P<d>\d{{1,2}})[-/.](?P<y>\d{{4}}|\d{{2}}){TIME}$",
    ),
    Family("compact", r"^(?P<y>(?:1[89]|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])$"),
    Family("century", r"^(?P<y>[01]\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])$"),
    Family(
        "day, month name",
        rf"^(?P<d>\d{{1,2}})(?P<s>[-/. ]+)(?P<b>[{_LETTERS}]{{3,10}})[-/., ]+(?P<y>\d{{4}}|\d{{2}}){TIME}$",
        named=True,
    ),
    Family(
        "month name, day",
        rf"^(?P<b>[{_LETTERS}]{{3,10}})(?P<s>[-/. ]+)(?P<d>\d{{1,2}})[-/., ]+(?P<y>\d{{4}}|\d{{2}}){TIME}$",
        named=True,
    ),
)
"""The families that are tried, in order; ``year last`` is day or month first, which only a day above 12 tells;
``century`` is CYYMMDD, the job date of IBM i: 0 for 19YY, 1 for 20YY."""
DIGITS = {"compact": 8, "century": 7}
"""Families of digits alone, which any number could be: a column is one of them if nearly all values fit."""
FITTING = 0.8
"""Share of the values of that many digits that must be such a day for the others to be days that do not exist."""


@dataclass(frozen=True, eq=False)
class Dates:
    """What the distinct values of a column are as dates; every array has shape (d,).

    Parameters
    ----------
    formats
        Format such as ``YYYY-MM-DD``, ``DD.MM.YYYY``, ``##/##/YYYY`` (day or month first: neither this
        value nor those written like it tell), None for what is no date.
    year, month, day
        Parts, 0 where it is no date; of an ambiguous value as the column's majority reads it.
    seconds
        Seconds of the day, 0 without a time.
    valid
        Whether the day exists.
    ambiguous
        Whether day and month could be swapped: both at most 12 and different, and nothing tells.
    """

    formats: npt.NDArray[np.object_]
    year: Numbers
    month: Numbers
    day: Numbers
    seconds: Numbers
    valid: npt.NDArray[np.bool_]
    ambiguous: npt.NDArray[np.bool_]

    @property
    def found(self) -> npt.NDArray[np.bool_]:
        """Whether each value is written like a date."""
        return np.array([f is not None for f in self.formats], bool)

    @property
    def instants(self) -> npt.NDArray[Any]:
        """The values as datetime64[s], NaT where no existing day is named."""
        months = np.where(self.valid, (self.year - 1970) * 12 + self.month - 1, 0)
        first = months.astype("datetime64[M]").astype("datetime64[D]")
        days = first + (self.day - 1).astype("timedelta64[D]")
        instants: npt.NDArray[Any] = days.astype("datetime64[s]") + self.seconds.astype("timedelta64[s]")
        instants[~self.valid] = np.datetime64("NaT", "s")
        return instants


def read(values: npt.NDArray[np.object_] | pa.Array, counts: npt.NDArray[np.int64] | None = None) -> Dates:
    """Read distinct texts as dates.

    Parameters
    ----------
    values
        Distinct texts, shape (d,); nulls are no dates.
    counts
        Rows of each, shape (d,), by which the column's order of day and month is voted; default one each.

    Examples
    --------
    >>> import numpy as np
    >>> dates = read(np.array(["31/12/2023", "12/31/2023", "01/02/2024", "2024-02-30", "2 Mar 2024", "?"], object))
    >>> dates.formats.tolist()
    ['DD/MM/YYYY', 'MM/DD/YYYY', '##/##/YYYY', 'YYYY-MM-DD', 'D Mon YYYY', None]
    >>> dates.valid.tolist(), dates.ambiguous.tolist()
    ([True, True, True, False, True, False], [False, False, True, False, False, False])
    """
    array = pc.utf8_trim_whitespace(arrow_texts(values))
    size = len(array)
    year, month, day, seconds = np.zeros((4, size), np.int64)
    none = np.full(size, None, object)
    made = Dates(none, year, month, day, seconds, np.zeros(size, bool), np.zeros(size, bool))
    places = _likely(array)
    for family in FAMILIES:
        if not len(places):
            break
        if family.named and not _lettered(array.take(pa.array(places))):
            continue
        read_ = _fill(made, family, array.take(pa.array(places)), places, counts)
        if family.name in DIGITS:
            read_ = _settle(made, family, array, places, read_, counts)
        places = places[~read_]
    return made


def _settle(
    made: Dates,
    family: Family,
    array: pa.Array,
    places: Numbers,
    read_: npt.NDArray[np.bool_],
    counts: Numbers | None,
) -> npt.NDArray[np.bool_]:
    """Hold digits of the family's width for days that do not exist where nearly all others are days.

    Where they are not, digits that happen to look like the century form are numbers.
    """
    width = DIGITS[family.name]
    long = pc.match_substring_regex(array.take(pa.array(places)), rf"^\d{{{width}}}$").to_numpy(
        zero_copy_only=False
    )
    weight = np.ones(len(places)) if counts is None else counts[places]
    fits = float(weight[read_].sum()) >= FITTING * float(weight[np.asarray(long, bool)].sum())
    if not fits and family.name == "century":
        made.formats[places[read_]] = None
        made.valid[places[read_]] = False
        return np.zeros(len(places), bool)
    if fits:
        impossible = np.asarray(long, bool) & ~read_
        made.formats[places[impossible]] = _name(family, "", [1, 0, 0, 0, 0, 0])
        return read_ | impossible
    return read_


FEW = 5_000
"""Values up to which a look in Python is faster than to set up Arrow's regular expressions."""
_LIKELY = rf"^(?:\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d|\d{{7,8}}$|\d{{1,2}}[-/. ]+[{_LETTERS}]{{3}}|[{_LETTERS}]{{3,10}}[-/. ]+\d)"
_LIKELY_HERE = re.compile(_LIKELY)


def _likely(array: pa.Array) -> Numbers:
    """Places of the values that begin like a date."""
    if len(array) <= FEW:
        texts_ = array.to_pylist()
        return np.array([i for i, t in enumerate(texts_) if t and _LIKELY_HERE.match(t)], np.int64)
    likely = pc.fill_null(pc.match_substring_regex(array, _LIKELY), False)
    return np.flatnonzero(likely.to_numpy(zero_copy_only=False))


def _lettered(array: pa.Array) -> bool:
    """Whether any value has a run that could be a month's name."""
    return bool(pc.any(pc.match_substring_regex(array, r"[^0-9 \-/.:,+]{3}")).as_py())


def _fill(
    made: Dates, family: Family, array: pa.Array, places: Numbers, counts: Numbers | None
) -> npt.NDArray[np.bool_]:
    """Write what a family reads into the result; return which of the places it read."""
    parts = pc.extract_regex(array, family.pattern)
    hit = parts.is_valid().to_numpy(zero_copy_only=False)
    if not hit.any():
        return np.asarray(hit, bool)
    parts = parts.filter(pa.array(hit))
    at = places[hit]
    field = {parts.type.field(i).name: parts.field(i) for i in range(parts.type.num_fields)}
    years, widths = _integers(field["y"]), pc.utf8_length(field["y"]).to_numpy(zero_copy_only=False)
    if family.name == "century":
        years = years + 1900
    years = np.where(widths == 2, np.where(years < 50, 2000 + years, 1900 + years), years)
    named = "b" in field
    month = _months(field["b"]) if named else _integers(field["m"])
    day = _integers(field["d"])
    signs = _coded(field["s"]) if "s" in field else (np.zeros(len(at), np.int64), [""])
    day_first = swappable = np.zeros(len(at), bool)
    if family.name == "year last":
        dotted = np.array([sign == "." for sign in signs[1]], bool)[signs[0]]
        weight = np.ones(len(at), np.int64) if counts is None else counts[at]
        day_first, swappable = _orders(month, day, signs[0] * 5 + widths, dotted, weight)
    month, day = np.where(day_first, day, month), np.where(day_first, month, day)
    made.year[at], made.month[at], made.day[at] = years, month, day
    made.seconds[at] = _seconds(field)
    made.ambiguous[at] = swappable
    made.valid[at] = _exists(years, month, day) & (made.seconds[at] >= 0)
    made.seconds[at] = np.maximum(made.seconds[at], 0)
    order = np.where(swappable, 0, np.where(day_first, 1, 2))
    made.formats[at] = _formats(family, field, signs, widths, order)
    if named:
        real = month > 0
        hit[np.flatnonzero(hit)[~real]] = False
        made.formats[at[~real]] = None
        made.valid[at[~real]] = False
    return np.asarray(hit, bool)


def _integers(array: pa.Array) -> Numbers:
    empty = pc.equal(array, "")
    numbers = pc.if_else(pc.fill_null(empty, True), "0", array).cast(pa.int64())
    return np.asarray(numbers.to_numpy(zero_copy_only=False), np.int64)


def _months(array: pa.Array) -> Numbers:
    coded = pc.utf8_lower(array).dictionary_encode()
    known = np.array([MONTHS.get(name, 0) for name in coded.dictionary.to_pylist()], np.int64)
    return np.asarray(known[coded.indices.to_numpy(zero_copy_only=False)], np.int64)


def _seconds(field: dict[str, pa.Array]) -> Numbers | int:
    """Seconds of the day, -1 where no such time exists."""
    if "H" not in field:
        return 0
    hours, minutes, seconds = (_integers(field[part]) for part in "HMS")
    half = pc.utf8_lower(pc.utf8_slice_codeunits(field["ap"], 0, 1))
    hours = np.where(pc.equal(half, "p").to_numpy(zero_copy_only=False) & (hours < 12), hours + 12, hours)
    hours = np.where(pc.equal(half, "a").to_numpy(zero_copy_only=False) & (hours == 12), 0, hours)
    real = (hours < 24) & (minutes < 60) & (seconds < 61)
    return np.where(real, hours * 3600 + minutes * 60 + seconds, -1)


def _orders(
    first: Numbers, second: Numbers, groups: Numbers, dotted: npt.NDArray[np.bool_], weight: Numbers
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which values put the day first, and which do not tell.

    A value above 12 tells its own order; it also tells that of the values written with the same sign and
    width of year, unless both orders occur there. Points mean day first (as in German, French, Polish,
    Russian, ... dates) where nothing speaks against it. What is left undecided follows the majority.
    """
    day, month = (first > 12) & (second <= 12), (second > 12) & (first <= 12)
    size = int(groups.max()) + 1
    days = np.bincount(groups, weights=day * weight, minlength=size)
    months = np.bincount(groups, weights=month * weight, minlength=size)
    pointed = np.bincount(groups, weights=dotted, minlength=size) > 0
    day_first, month_first = (
        _firsts(one, other, groups, size) for one, other in ((first, second), (second, first))
    )
    decided_day = ((days > 0) | pointed | day_first) & (months == 0) & ~month_first
    decided_month = ((months > 0) | month_first) & (days == 0) & ~day_first
    open_ = ~(decided_day | decided_month)[groups] & ~day & ~month
    majority = np.where(open_, days.sum() > months.sum(), decided_day[groups])
    swappable = open_ & (first <= 12) & (second <= 12) & (first != second)
    return np.asarray(day | (~month & majority), bool), np.asarray(swappable, bool)


SEASONS = 3
"""Different months beside a part that is always 1, from which on that part is the day: firsts of months and quarters."""


def _firsts(one: Numbers, other: Numbers, groups: Numbers, size: int) -> npt.NDArray[np.bool_]:
    """Per group whether one part is always 1 while the other has several values."""
    always = np.bincount(groups, weights=one != 1, minlength=size) == 0
    kinds = distinct(groups * 13 + np.clip(other, 0, 12)) // 13
    return np.asarray(always & (np.bincount(kinds, minlength=size) >= SEASONS))


def _exists(year: Numbers, month: Numbers, day: Numbers) -> npt.NDArray[np.bool_]:
    """Whether the day is one of the Gregorian calendar, years 1 to 9999."""
    lengths = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    real = (month >= 1) & (month <= 12) & (year >= 1)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = lengths[np.where(real, month, 0)] + (leap & (month == 2))
    return np.asarray(real & (day >= 1) & (day <= last))


def _coded(array: pa.Array) -> tuple[Numbers, list[str]]:
    coded = array.dictionary_encode()
    return np.asarray(coded.indices.to_numpy(zero_copy_only=False), np.int64), coded.dictionary.to_pylist()


def _formats(
    family: Family,
    field: dict[str, pa.Array],
    signs: tuple[Numbers, list[str]],
    widths: Numbers,
    order: Numbers,
) -> npt.NDArray[np.object_]:
    """Name each value's format by its parts; the parts are counted first, so that few names are made."""
    parts = [signs[0], (widths == 4).astype(np.int64), order]
    for part in ("H", "S", "ap", "zone"):
        written = (
            pc.not_equal(field[part], "").to_numpy(zero_copy_only=False)
            if part in field
            else np.zeros(1, bool)
        )
        parts.append(np.broadcast_to(written, len(order)).astype(np.int64))
    keys = np.zeros(len(order), np.int64)
    for part in parts:
        keys = keys * (int(part.max()) + 1) + part
    _, first, index = np.unique(keys, return_index=True, return_inverse=True)
    names = [_name(family, signs[1][parts[0][i]], [int(part[i]) for part in parts[1:]]) for i in first]
    return np.asarray(np.array(names, object)[index], object)


def _name(family: Family, sign: str, parts: list[int]) -> str:
    full, order, hours, seconds, half, zone = parts
    year = "YYYY" if full else "YY"
    day = {
        "compact": "YYYYMMDD",
        "century": "CYYMMDD",
        "year first": f"YYYY{sign}MM{sign}DD",
        "day, month name": f"D{sign}Mon{sign}{year}",
        "month name, day": f"Mon{sign}D, {year}",
        "year last": (f"##{sign}##{sign}", f"DD{sign}MM{sign}", f"MM{sign}DD{sign}")[order] + year,
    }[family.name]
    time = (" hh:mm:ss" if seconds else " hh:mm") if hours else ""
    return day + time + " am" * half + " zone" * zone
