"""Numbers written as text: with which separators, in which unit, what they are worth, and what a factor between two of them stands for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assess.evidence.quality.column.texts import arrow_texts

PLAIN = r"^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$"
"""A number as programs write it: point for decimals, no grouping."""

BEHIND = (r"^([\d.,'\x{00A0}\x{202F} ]*\d) ?-$", r"^\(([\d.,'\x{00A0}\x{202F} ]*\d)\)$")
"""Negative numbers with the sign behind, as SAP writes them, or in brackets, as accountants do."""
DENSE = 4
"""Whole numbers between the smallest and the largest that was given to a record, to each of them, at most."""

CREDIT = "CR"
"""What stands behind a negative amount in ledgers that write DR behind the others."""

FORMS = (
    ("plain", PLAIN),
    ("1,234.5", r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$"),
    ("1.234,5", r"^[+-]?\d{1,3}(?:\.\d{3})+,\d+$"),
    ("1.234.567", r"^[+-]?\d{1,3}(?:\.\d{3}){2,}$"),
    ("1234,5", r"^[+-]?\d+,\d+$"),
    ("1 234.5", r"^[+-]?\d{1,3}(?:[ \x{00A0}\x{202F}']\d{3})+(?:[.,]\d+)?$"),
)
"""How numbers are written: name and regular expression (RE2)."""

DRESSED = r"^(?P<before>(?:\p{Sc}|[A-Z]{2}\$|[A-Z]{3} )?)\s*(?P<number>\(?[+-]?[\d.,'\x{00A0} ]*\d\)?)\s*(?P<after>[^\d]{0,12})$"
"""A number with a currency or unit before or after it."""
STARTED = r"(?s)^(?:[^A-Za-z].*|[A-Z]{2}\$.*|[A-Z]{3} .*|)[0-9]"
"""A digit, behind letters only where those are a currency: what neither `FORMS` nor `DRESSED` finds is looked at no further."""


@dataclass(frozen=True, eq=False)
class Numbers:
    """What the distinct values of a column are as numbers; every array has shape (d,).

    Parameters
    ----------
    forms
        How each is written (a name of `FORMS`), None for what is no number.
    units
        The text around the number (``%``, ``oz``, ``€``), ``""`` if it stands alone.
    worth
        Its value; NaN where it is no number (never shown: results hold None).
    leading_zero
        Whether an integer is written with leading zeros (``00123``): a code, not a quantity.
    """

    forms: npt.NDArray[np.object_]
    units: npt.NDArray[np.object_]
    worth: npt.NDArray[np.float64]
    leading_zero: npt.NDArray[np.bool_]

    @property
    def found(self) -> npt.NDArray[np.bool_]:
        """Whether each value is a number without a unit."""
        return np.asarray(np.isfinite(self.worth) & (self.units == ""), bool)

    @property
    def integer(self) -> npt.NDArray[np.bool_]:
        """Whether each value is a whole number without a unit."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.found & (self.worth == np.floor(self.worth)), bool)


def read(values: npt.NDArray[np.object_] | pa.Array) -> Numbers:
    """Read distinct texts as numbers.

    Examples
    --------
    >>> import numpy as np
    >>> numbers = read(np.array(["00123", "1e5", "1.234,50", "12 oz", "€ 5", "x1"], object))
    >>> numbers.worth.tolist()
    [123.0, 100000.0, 1234.5, 12.0, 5.0, nan]
    >>> numbers.units.tolist(), numbers.leading_zero.tolist()[:2]
    (['', '', '', 'oz', '€', ''], [True, False])
    """
    array = arrow_texts(values)
    size = len(array)
    made = Numbers(
        np.full(size, None, object), np.full(size, "", object), np.full(size, np.nan), np.zeros(size, bool)
    )
    with_digits = np.flatnonzero(_marked(array, STARTED))
    if len(with_digits):
        some = _read(pc.utf8_trim_whitespace(array.take(pa.array(with_digits))))
        made.forms[with_digits], made.units[with_digits] = some.forms, some.units
        made.worth[with_digits], made.leading_zero[with_digits] = some.worth, some.leading_zero
    return made


def _read(array: pa.Array) -> Numbers:
    """Read trimmed texts with digits."""
    if _marked(array, "[-)]$").any():
        for pattern in BEHIND:
            array = pc.replace_substring_regex(array, pattern, r"-\1")
    size = len(array)
    forms, units = np.full(size, None, object), np.full(size, "", object)
    worth = np.full(size, np.nan)
    places = np.arange(size)
    rest = places[~_fill(array, places, forms, worth)]
    if (forms == "1,234.5").any():
        _decide_comma(array, forms, worth)
    if len(rest):
        _undress(array.take(pa.array(rest)), rest, forms, units, worth)
    zeros = np.asarray(pc.starts_with(array, "0").to_numpy(zero_copy_only=False), bool)
    zeros[zeros] = _marked(array.filter(pa.array(zeros)), r"^0\d+$")
    return Numbers(forms, units, worth, zeros)


def decimal_sign(read: Numbers, counts: npt.NDArray[np.int64]) -> str:
    """Return the sign before the decimals of most numbers of a column, empty where none has decimals.

    Parameters
    ----------
    read
        What `read` found, of d distinct values.
    counts
        Rows of each, shape (d,).

    Examples
    --------
    >>> import numpy as np
    >>> [decimal_sign(read(np.array(texts, object)), np.ones(3, np.int64)) for texts in (["1,5", "1.234,25", "2"], ["1.5", "2", "3"], ["1", "2", "3"])]
    [',', '.', '']
    """
    comma = float(counts[np.isin(read.forms, ("1234,5", "1.234,5"))].sum())
    with np.errstate(invalid="ignore"):
        broken = np.isfinite(read.worth) & (read.worth != np.floor(read.worth))
    point = float(counts[broken & np.isin(read.forms, ("plain", "1,234.5"))].sum())
    return "" if not comma and not point else "," if comma > point else "."


TELLING = 0.002
"""Share of the numbers (and at least three) from which on those that only a decimal comma explains decide for all."""


def _decide_comma(array: pa.Array, forms: npt.NDArray[np.object_], worth: npt.NDArray[np.float64]) -> None:
    """Read ``1,234`` with a decimal comma where other values (``0,5``, ``1234,5``) have one and none has a point."""
    one = _marked(array, r"^[+-]?\d{1,3},\d{3}$") & (forms == "1,234.5")
    if not one.any():
        return
    telling = (forms == "1234,5") | (one & _marked(array, r"^[+-]?0,"))
    against = ((forms == "1,234.5") & ~one) | ((forms == "plain") & _marked(array, r"\."))
    if telling.sum() < max(3, TELLING * (forms != None).sum()) or against.sum() > telling.sum():  # noqa: E711
        return
    forms[one] = "1234,5"
    worth[one] = _worth("1234,5", array.filter(pa.array(one)))


def _marked(array: pa.Array, pattern: str) -> npt.NDArray[np.bool_]:
    return np.asarray(
        pc.fill_null(pc.match_substring_regex(array, pattern), False).to_numpy(zero_copy_only=False)
    )


def _fill(
    array: pa.Array,
    places: npt.NDArray[np.int64],
    forms: npt.NDArray[np.object_],
    worth: npt.NDArray[np.float64],
) -> npt.NDArray[np.bool_]:
    """Write form and worth of what stands alone; return which of the places were read."""
    done = np.zeros(len(places), bool)
    for name, pattern in FORMS:
        left = np.flatnonzero(~done)
        if not len(left):
            break
        rest = array if len(left) == len(done) else array.take(pa.array(left))
        hit = _marked(rest, pattern)
        if hit.any():
            at = left[hit]
            forms[places[at]] = name
            worth[places[at]] = _worth(name, rest.filter(pa.array(hit)))
            done[at] = True
    return done


def _worth(form: str, array: pa.Array) -> npt.NDArray[np.float64]:
    if form == "1,234.5":
        array = pc.replace_substring(array, ",", "")
    elif form in ("1.234,5", "1.234.567"):
        array = pc.replace_substring(pc.replace_substring(array, ".", ""), ",", ".")
    elif form == "1234,5":
        array = pc.replace_substring(array, ",", ".")
    elif form == "1 234.5":
        array = pc.replace_substring(pc.replace_substring_regex(array, r"[ \x{00A0}\x{202F}']", ""), ",", ".")
    array = pc.utf8_ltrim(array, "+")
    worth = np.asarray(array.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    return np.where(np.isfinite(worth), worth, np.nan)


def _undress(
    array: pa.Array,
    places: npt.NDArray[np.int64],
    forms: npt.NDArray[np.object_],
    units: npt.NDArray[np.object_],
    worth: npt.NDArray[np.float64],
) -> None:
    """Write form, unit and worth of numbers with a unit."""
    parts = pc.extract_regex(array, DRESSED)
    hit = parts.is_valid().to_numpy(zero_copy_only=False)
    if not hit.any():
        return
    parts, at = parts.filter(pa.array(hit)), places[hit]
    bare = pc.utf8_trim(parts.field("number"), "() ")
    read_ = _fill(bare, at, forms, worth)
    around = pc.utf8_trim_whitespace(
        pc.binary_join_element_wise(
            parts.field("before"), parts.field("after"), pa.scalar("", pa.large_string())
        )
    )
    units[at[read_]] = np.asarray(around.to_numpy(zero_copy_only=False), object)[read_]
    signed = np.isin(units, [CREDIT, CREDIT.lower(), CREDIT.capitalize()])
    worth[signed] = -np.abs(worth[signed])


USUAL = 0.9
"""Share of the filled rows that must wear the same unit, or be numbers, before a column's notation is taken off."""
_BETWEEN = frozenset(" \u00a0\u202f'\u2019")
_GROUPS = re.compile(r"(?<=\d)[ \u00a0\u202f'\u2019](?=\d{3}(?!\d))")


def write_bare(texts: Sequence[str], weights: npt.NDArray[np.int64], filled: int) -> list[str]:
    """Return the texts of a column of numbers without what all of its numbers wear: one unit, spaces or apostrophes of thousands.

    Texts that are no such numbers stay as they are, and so does every text of a column whose numbers wear nothing, or whose
    groups of digits are codes (all of one length, none with decimals).

    Parameters
    ----------
    texts
        Distinct texts, shape (d,).
    weights
        Rows of each, shape (d,).
    filled
        Rows that hold something.

    Examples
    --------
    >>> write_bare(["€ 5.20", "€ 11", "n/a"], np.array([5, 5, 1]), 10), write_bare(["1 234,5", "9 999,25", "12 000"], np.ones(3, int), 3)
    (['5.20', '11', 'n/a'], ['1234,5', '9999,25', '12000'])
    >>> write_bare(["030 123", "040 999"], np.ones(2, int), 2)
    ['030 123', '040 999']
    """
    texts = [_front(text) for text in texts]
    dressed = [not text[-1:].isdigit() or not _BETWEEN.isdisjoint(text) for text in texts]
    if float(weights[np.array(dressed, bool)].sum()) < TELLING * max(1, filled):
        return list(texts)
    found = read(np.array(texts, object))
    real = np.isfinite(found.worth)
    if float(weights[real].sum()) < USUAL * max(1, filled):
        return list(texts)
    worn: dict[str, float] = {}
    for unit, rows in zip(found.units[real], weights[real], strict=True):
        worn[unit] = worn.get(unit, 0.0) + float(rows)
    unit = max(worn, key=lambda name: worn[name])
    same = real & (found.units == unit)
    if float(weights[same].sum()) < USUAL * max(1, filled):
        return list(texts)
    bare = [_undressed(text, unit) if keep else text for text, keep in zip(texts, same, strict=True)]
    grouped = np.array([keep and bool(_GROUPS.search(text)) for text, keep in zip(bare, same, strict=True)])
    decimals = sum(text[-3:-2] in (".", ",") or text[-2:-1] in (".", ",") for text in bare)
    lengths = {sum(sign.isdigit() for sign in text) for text, keep in zip(bare, same, strict=True) if keep}
    if grouped.sum() < 3 or (decimals < 3 and len(lengths) < 2):
        return bare
    return [_GROUPS.sub("", text) if take else text for text, take in zip(bare, grouped, strict=True)]


_BEHIND = [re.compile(pattern.replace(r"\x{00A0}\x{202F}", "\u00a0\u202f")) for pattern in BEHIND]


def _front(text: str) -> str:
    """A number with its sign before it, any other text as it is."""
    if text[-1:] not in ("-", ")") or not any(c.isdigit() for c in text):
        return text
    found = next((match for pattern in _BEHIND if (match := pattern.fullmatch(text.strip()))), None)
    return f"-{found[1]}" if found else text


def _undressed(text: str, unit: str) -> str:
    """A number without its unit, before or after it."""
    if not unit:
        return text
    plain = text.strip()
    if plain.startswith(unit):
        return plain.removeprefix(unit).strip()
    return plain.removesuffix(unit).strip()


TOLERANCE = 0.005
"""Relative distance of a ratio from a factor: rounding of amounts to cents included."""

UNITS = {
    1000.0: "thousands, or kilo", 100.0: "hundredths (cents)", 10.0: "tenths", 1e6: "millions",
    60.0: "minutes and hours, or seconds and minutes", 3600.0: "seconds and hours", 24.0: "hours and days",
    1440.0: "minutes and days", 86400.0: "seconds and days", 12.0: "months and years, or pieces and dozens",
    2.54: "centimetres and inches", 0.3048: "metres and feet", 0.45359237: "kilograms and pounds",
    1.609344: "kilometres and miles", 1024.0: "kibi", 1048576.0: "mebi", 28.349523125: "grams and ounces",
    3.785411784: "litres and US gallons", 3.6: "megajoules and kilowatt hours, or kilometres an hour and metres a second", 4.184: "joules and calories",
    25.4: "millimetres and inches", 0.9144: "metres and yards", 1.852: "kilometres and nautical miles", 0.09290304: "square metres and square feet",
    0.028316846592: "cubic metres and cubic feet", 4046.8564224: "square metres and acres", 158.987294928: "litres and barrels of oil",
    6.894757: "kilopascals and pounds a square inch", 0.74569987: "kilowatts and horsepower",
}  # fmt: skip
"""Factors of units (SI, ISO 80000, the international yard and pound of 1959, NIST SP 811 of 2008, appendix B), either way round."""

VAT_RATES = (
    3, 3.8, 4, 5, 5.5, 6, 7, 7.7, 8, 8.1, 9, 9.5, 10, 12, 13, 13.5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 25.5, 27,
)  # fmt: skip
"""VAT rates in per cent of the EU (European Commission, VAT rates 2024), Switzerland and the United Kingdom."""


OPPOSITE = "the opposite sign"
TAXED = tuple((unit, rate) for unit in (100.0, 1000.0) for rate in VAT_RATES)
"""Units of amounts that are tried together with a tax rate."""


def factor_meaning(factor: float) -> str:
    """Say what a factor between two columns stands for, empty if it is none that is known.

    >>> factor_meaning(0.01), factor_meaning(1.19), factor_meaning(3.1)
    ('hundredths (cents)', 'net against gross at 19%', '')
    >>> factor_meaning(119), factor_meaning(-1), factor_meaning(-100)
    ('net against gross at 19%, in hundredths (cents)', 'the opposite sign', 'the opposite sign, hundredths (cents)')

    A sign, a unit and a tax at once are three coincidences: then the sign alone is said.

    >>> factor_meaning(-119)
    'the opposite sign'
    """
    if factor < 0:
        size = _meaning(-factor)
        return OPPOSITE if ", in " in size else ", ".join(filter(None, (OPPOSITE, size)))
    return _meaning(factor)


def _meaning(factor: float) -> str:
    for unit, words in UNITS.items():
        if min(abs(factor / unit - 1), abs(factor * unit - 1)) <= TOLERANCE:
            return words
    for rate in VAT_RATES:
        gross = 1 + rate / 100
        if min(abs(factor / gross - 1), abs(factor * gross - 1)) <= TOLERANCE / 5:
            return f"net against gross at {rate:g}%"
    for unit, rate in TAXED:
        if any(abs(factor / product - 1) <= TOLERANCE / 5 for product in _products(unit, rate)):
            return f"net against gross at {rate:g}%, in {UNITS[unit]}"
    return ""


def _products(unit: float, rate: float) -> list[float]:
    """The factors of a unit and a tax rate together, whichever side has which."""
    return [step * tax for step in (unit, 1 / unit) for tax in (1 + rate / 100, 1 / (1 + rate / 100))]


def name_factor(factor: float) -> float:
    """The known factor next to a measured one, the measured one where nobody knows it."""
    if factor < 0:
        return -name_factor(-factor)
    if abs(factor - 1) <= TOLERANCE:
        return 1.0
    if not factor_meaning(factor):
        return round(factor, 6)
    known = [f for unit in UNITS for f in (unit, 1 / unit)]
    known += [f for rate in VAT_RATES for f in (1 + rate / 100, 1 / (1 + rate / 100))]
    known += [f for unit, rate in TAXED for f in _products(unit, rate)]
    return min(known, key=lambda f: abs(factor / f - 1))
