"""Dates written as text: in which format, whether day and month could be swapped, whether the day exists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assess.evidence.quality.masks import texts

Numbers = npt.NDArray[np.int64]

TIME = r"(?:[T ]+(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,]\d{1,9})?)? ?(?P<ap>[AaPp]\.?[Mm]\.?)?)?"
ZONE = r"(?P<zone> ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
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


@dataclass(frozen=True)
class Family:
    """A way to write a date: a regular expression (RE2) with the named parts that it finds."""

    name: str
    pattern: str


FAMILIES = (
    Family("year first", rf"^(?P<y>\d{{4}})(?P<s>[-/.])(?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){TIME}{ZONE}$"),
    Family(
        "year last",
        rf"^(?P<m>\d{{1,2}})(?P<s>[-/.])(?P<d>\d{{1,2}})[-/.](?P<y>\d{{4}}|\d{{2}}){TIME}{ZONE}$",
    ),
    Family("compact", r"^(?P<y>(?:1[89]|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])$"),
    Family(
        "day, month name",
        rf"^(?P<d>\d{{1,2}})(?P<s>[-/. ]+)(?P<b>\pL{{3,10}})[-/., ]+(?P<y>\d{{4}}|\d{{2}}){TIME}{ZONE}$",
    ),
    Family(
        "month name, day",
        rf"^(?P<b>\pL{{3,10}})(?P<s>[-/. ]+)(?P<d>\d{{1,2}})[-/., ]+(?P<y>\d{{4}}|\d{{2}}){TIME}{ZONE}$",
    ),
)
"""The families that are tried, in order; ``year last`` is day or month first, which only a day above 12 tells."""


@dataclass(frozen=True, eq=False)
class Dates:
    """What the distinct values of a column are as dates; every array has shape (d,).

    Parameters
    ----------
    formats
        Format such as ``YYYY-MM-DD``, ``DD.MM.YYYY``, ``##/##/YYYY`` (day or month first, this value
        does not tell), None for what is no date.
    year, month, day
        Parts, 0 where it is no date; of an ambiguous value as the column's majority reads it.
    seconds
        Seconds of the day, 0 without a time.
    valid
        Whether the day exists.
    ambiguous
        Whether day and month could be swapped (both at most 12 and different).
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
    def instants(self) -> npt.NDArray[np.datetime64]:
        """The values as datetime64[s], NaT where no existing day is named."""
        months = np.where(self.valid, (self.year - 1970) * 12 + self.month - 1, 0)
        days = months.astype("datetime64[M]").astype("datetime64[D]") + (self.day - 1)
        instants = days.astype("datetime64[s]") + self.seconds
        instants[~self.valid] = np.datetime64("NaT")
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
    >>> dates = read(np.array(["31/12/2023", "01/02/2024", "2024-02-30", "2 Mar 2024", "n/a"], object))
    >>> dates.formats.tolist()
    ['DD/MM/YYYY', '##/##/YYYY', 'YYYY-MM-DD', 'D Mon YYYY', None]
    >>> dates.valid.tolist(), dates.ambiguous.tolist()
    ([True, True, False, True, False], [False, True, False, False, False])
    """
    array = pc.utf8_trim_whitespace(texts(values))
    size = len(array)
    made = Dates(
        np.full(size, None, object), *(np.zeros(size, np.int64) for _ in range(4)),
        np.zeros(size, bool), np.zeros(size, bool),
    )  # fmt: skip
    likely = pc.fill_null(
        pc.match_substring_regex(array, r"^(?:\d{1,4}[-/. ]|\d{8}$|\pL{3,10}[-/. ]+\d)"), False
    )
    places = np.flatnonzero(likely.to_numpy(zero_copy_only=False))
    for family in FAMILIES:
        if not len(places):
            break
        places = places[~_fill(made, family, array.take(pa.array(places)), places, counts)]
    return made


def _fill(
    made: Dates, family: Family, array: pa.Array, places: Numbers, counts: Numbers | None
) -> npt.NDArray[np.bool_]:
    """Write what a family reads into the result; return which of the places it read."""
    parts = pc.extract_regex(array, family.pattern)
    hit = parts.is_valid().to_numpy(zero_copy_only=False)
    if not hit.any():
        return hit
    parts = parts.filter(pa.array(hit))
    at = places[hit]
    field = {parts.type.field(i).name: parts.field(i) for i in range(parts.type.num_fields)}
    years, widths = _integers(field["y"]), pc.utf8_length(field["y"]).to_numpy(zero_copy_only=False)
    years = np.where(widths == 2, np.where(years < 50, 2000 + years, 1900 + years), years)
    named = "b" in field
    month = _months(field["b"]) if named else _integers(field["m"])
    day = _integers(field["d"])
    swappable = (month <= 12) & (day <= 12) & (month != day) if family.name == "year last" else month < 0
    day_first = _day_first(family, month, day, None if counts is None else counts[at])
    month, day = np.where(day_first, day, month), np.where(day_first, month, day)
    made.year[at], made.month[at], made.day[at] = years, month, day
    made.seconds[at] = _seconds(field)
    made.ambiguous[at] = swappable
    made.valid[at] = _exists(years, month, day) & (made.seconds[at] >= 0)
    made.seconds[at] = np.maximum(made.seconds[at], 0)
    made.formats[at] = _formats(family, field, widths, swappable, day_first)
    if named:
        real = month > 0
        hit[np.flatnonzero(hit)[~real]] = False
        made.formats[at[~real]] = None
        made.valid[at[~real]] = False
    return hit


def _integers(array: pa.Array) -> Numbers:
    empty = pc.equal(array, "")
    numbers = pc.if_else(pc.fill_null(empty, True), "0", array).cast(pa.int64())
    return np.asarray(numbers.to_numpy(zero_copy_only=False), np.int64)


def _months(array: pa.Array) -> Numbers:
    coded = pc.utf8_lower(array).dictionary_encode()
    known = np.array([MONTHS.get(name, 0) for name in coded.dictionary.to_pylist()], np.int64)
    return known[coded.indices.to_numpy(zero_copy_only=False)]


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


def _day_first(
    family: Family, first: Numbers, second: Numbers, counts: Numbers | None
) -> npt.NDArray[np.bool_]:
    """Which values put the day first; what does not tell follows the majority of what does."""
    if family.name != "year last":
        return np.zeros(len(first), bool)
    weight = np.ones(len(first), np.int64) if counts is None else counts
    day, month = (first > 12) & (second <= 12), (second > 12) & (first <= 12)
    majority = int(weight[day].sum()) > int(weight[month].sum())
    return day | (~month & majority)


def _exists(year: Numbers, month: Numbers, day: Numbers) -> npt.NDArray[np.bool_]:
    """Whether the day is one of the Gregorian calendar, years 1 to 9999."""
    lengths = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    real = (month >= 1) & (month <= 12) & (year >= 1)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = lengths[np.where(real, month, 0)] + (leap & (month == 2))
    return np.asarray(real & (day >= 1) & (day <= last))


def _formats(
    family: Family,
    field: dict[str, pa.Array],
    widths: Numbers,
    swappable: npt.NDArray[np.bool_],
    day_first: npt.NDArray[np.bool_],
) -> npt.NDArray[np.object_]:
    """Name each value's format by its parts."""
    year = np.where(widths == 2, "YY", "YYYY").astype(object)
    signs = field["s"].to_numpy(zero_copy_only=False) if "s" in field else np.full(len(year), "", object)
    time = _time_format(field, len(year))
    if family.name == "compact":
        return np.full(len(year), "YYYYMMDD", object)
    if family.name == "year first":
        return np.array([f"{y}{s}MM{s}DD" for y, s in zip(year, signs, strict=True)], object) + time
    if family.name == "day, month name":
        return np.array([f"D{s}Mon{s}{y}" for y, s in zip(year, signs, strict=True)], object) + time
    if family.name == "month name, day":
        return np.array([f"Mon{s}D, {y}" for y, s in zip(year, signs, strict=True)], object) + time
    order = np.where(swappable, 0, np.where(day_first, 1, 2))
    names = ("##{s}##{s}", "DD{s}MM{s}", "MM{s}DD{s}")
    return (
        np.array([names[o].format(s=s) + y for o, s, y in zip(order, signs, year, strict=True)], object)
        + time
    )


def _time_format(field: dict[str, pa.Array], size: int) -> npt.NDArray[np.object_]:
    if "H" not in field:
        return np.full(size, "", object)
    written = {
        part: pc.not_equal(field[part], "").to_numpy(zero_copy_only=False)
        for part in ("H", "S", "ap", "zone")
    }
    time = np.where(written["H"], np.where(written["S"], " hh:mm:ss", " hh:mm"), "").astype(object)
    return (
        time
        + np.where(written["ap"], " am", "").astype(object)
        + np.where(written["zone"], " zone", "").astype(object)
    )
