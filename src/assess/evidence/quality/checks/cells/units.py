"""What is foreign to a column of numbers: units and remarks in the values, signs, decimals."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from assess.core.places import distinct
from assess.evidence.quality.checks.check import CellCheck, Certain, Evidence, above
from assess.evidence.quality.column.view import Floats, Mask, View

from .numbers import number_quantiles

AMOUNT = re.compile(r"\s*([-+$€£]?\s*\d[\d,]*\.?\d*)\s*([^\d\s][^\d]{0,14}?)\s*")
UNITS = {
    "ounce": "oz ounce ounces fl", "pound": "lb lbs pound pounds", "gram": "g gr gram grams",
    "kilogram": "kg kgs kilo kilos kilogram kilograms", "ton": "t ton tons tonne tonnes",
    "liter": "l lt ltr liter liters litre litres", "milliliter": "ml milliliter milliliters millilitre",
    "gallon": "gal gallon gallons", "meter": "m mtr meter meters metre metres", "centimeter": "cm",
    "kilometer": "km kms kilometer kilometers kilometre kilometres", "millimeter": "mm millimeter",
    "mile": "mi mile miles", "foot": "ft foot feet '", "inch": 'in inch inches "', "yard": "yd yard yards",
    "second": "s sec secs second seconds", "minute": "min mins minute minutes", "hour": "h hr hrs hour hours",
    "day": "d day days", "week": "w wk wks week weeks", "month": "mo mos month months",
    "year": "y yr yrs year years", "percent": "% pct percent per cent",
    "piece": "pc pcs piece pieces ea each st stk", "euro": "€ eur euro euros", "dollar": "$ usd dollar dollars",
    "pound sterling": "£ gbp", "degree": "° deg degree degrees °c °f", "byte": "byte bytes",
    "kilobyte": "kb", "megabyte": "mb", "gigabyte": "gb", "watt": "w watt watts", "kilowatt": "kw", "volt": "v",
    "acre": "ac acre acres", "hectare": "ha",
}  # fmt: skip
"""Units of measure and how they are written (Unified Code for Units of Measure, CLDR units, trade use)."""
SPELT = {s: unit for unit, spellings in UNITS.items() for s in spellings.split()}
COMMON = 0.02
"""Share of the rows from which a spelling of a unit is in use, and not a slip."""
LEAST = 0.5
BELOW = 0.006
"""Share of numbers up to which a negative one is foreign to a column."""
LOWEST = 0.05
"""Share of the different positive numbers whose steps tell how a column thins out towards 0."""
DECIMAL, DECIMAL_SMALL = 0.005, 0.02
"""Share of numbers up to which decimals are foreign to a column of whole numbers: at any place, and where
they lie below nearly all others (another unit)."""


def split_unit(text: str) -> tuple[str, str]:
    """Return the number and the unit of a text, empty where there is none.

    >>> split_unit("12.0 oz."), split_unit("12.0"), split_unit("Main 4")
    (('12.0', 'oz.'), ('', ''), ('', ''))
    """
    found = AMOUNT.fullmatch(text)
    return (found[1], found[2]) if found else ("", "")


def name_unit(text: str) -> str:
    """Return the unit that a text names, empty if it is none that is known.

    >>> name_unit("oz."), name_unit("ounces"), name_unit("oz. can"), name_unit("North")
    ('ounce', 'ounce', 'ounce', '')
    """
    words = text.strip().lower().split()
    return SPELT.get(words[0].rstrip(".,;"), "") if words else ""


def judge_units(view: View, evidence: Evidence) -> None:
    """Judge the units of one column.

    One unit on every row is a format. Several spellings of units, or units on some rows only,
    are values that no receiver can read as numbers without a rule.
    """
    if view.filled < 8:
        return
    units = [split_unit(t)[1] for t in view.texts]
    has = np.array([bool(u) for u in units])
    with_unit = float(view.weights[has].sum()) / view.filled
    worn = np.array([bare != text for bare, text in zip(view.bare, view.texts, strict=True)])
    bare_share = float(view.weights[~has & ~worn & ~np.isnan(view.numbers)].sum()) / view.filled
    if with_unit + bare_share < 0.8 or not has.any():
        return
    spelt: Counter[str] = Counter()
    for u, n in zip(units, view.weights, strict=True):
        if u:
            spelt[u.strip().lower()] += int(n)
    named = {u: name_unit(u) for u in spelt}
    kinds = {named[u] for u, n in spelt.items() if n >= COMMON * view.filled}
    has &= np.array([bool(u) and bool(named[u.strip().lower()]) for u in units])
    common = [u for u, n in spelt.items() if n >= COMMON * view.filled]
    if bare_share >= LEAST:
        evidence.note(view.position, "some_unit", np.where(has, bare_share, 0.0))
    elif with_unit >= LEAST and len(common) > 1 and len(kinds) == 1 and "" not in kinds:
        top = max(spelt.values()) / sum(spelt.values())
        evidence.note(view.position, "units", np.where(has, 2 * (1 - top), 0.0))
    bare = {k: split_unit(t)[0] for k, t in enumerate(view.texts) if has[k]}
    evidence.repairs[view.position]["unit"] = bare


def judge_foreign_numbers(view: View, evidence: Evidence) -> None:
    """Judge what is foreign to a column of numbers: negative ones, ones with decimals."""
    if view.large and view.numeric > 0.95:
        evidence.note(view.position, "negative", _negative(view))
        evidence.note(view.position, "decimal", _with_decimals(view))


def _negative(view: View) -> Floats:
    """Negative numbers where hardly any is."""
    with np.errstate(invalid="ignore"):
        below = view.numbers < 0
        positive = float(view.weights[view.numbers > 0].sum())
    below &= ~_goes_on_below(view)
    share = float(view.weights[below].sum()) / max(1, view.filled)
    return np.where(below & (share <= BELOW) & (positive >= 0.5 * view.filled), 1 - share, 0.0)


def _goes_on_below(view: View) -> Mask:
    """Numbers that go on from the lowest positive ones in steps no wider than twice theirs: degrees, not amounts of a wrong sign.

    Where most of those below 0 do, the sign of the others is none either: stations in Antarctica are south of all others.
    """
    every = distinct(view.numbers[~np.isnan(view.numbers)])
    first = int(np.searchsorted(every, 0, side="right"))
    lowest = every[first : first + max(3, int(LOWEST * (len(every) - first)))]
    if first == 0 or len(lowest) < 3:
        return np.zeros(len(view.texts), bool)
    widest = 2 * float(np.diff(lowest).max())
    reached = lowest[0]
    for number in every[:first][::-1].tolist():
        if reached - number > widest:
            break
        reached = number
    with np.errstate(invalid="ignore"):
        below, goes_on = view.numbers < 0, view.numbers >= reached
    most = 2 * float(view.weights[below & goes_on].sum()) >= float(view.weights[below].sum())
    return np.asarray(goes_on | (below & most))


def _with_decimals(view: View) -> Floats:
    """Numbers with decimals where nearly all are written whole: of another unit, or another field's."""
    whole = np.array([t.lstrip("+-").isdigit() for t in view.trimmed])
    pointed = (
        ~whole & ~np.isnan(view.numbers) & np.array(["." in t and "e" not in t.lower() for t in view.texts])
    )
    if not pointed.any() or float(view.weights[whole].sum()) < 0.95 * view.filled:
        return np.zeros(len(view.texts))
    least = number_quantiles(view.numbers[whole], view.weights[whole].astype(np.float64), (0.01,))[0]
    small = pointed & (view.numbers < least)
    share = float(view.weights[pointed].sum()) / max(1, view.filled)
    fits = pointed & (share <= DECIMAL) | small & (share <= DECIMAL_SMALL)
    return np.where(fits, 1 - share, 0.0)


UNIT = CellCheck(
    name="unit",
    scope="column",
    subject="Format",
    title="carry a unit in the value",
    looks_for="Numbers with a unit on some rows only, or one unit spelt in several ways.",
    matters="The target expects a number and reads text, or drops the unit and mixes scales.",
    action="Move the unit into a column of its own, and convert to one unit.",
    signals=(
        "units",
        "some_unit",
    ),
    rule="regexp_extract({}, '[-+]?[0-9][0-9,]*\\.?[0-9]*')",
    judges=(judge_units, judge_foreign_numbers),
    certain=(
        Certain(("units",), lambda units: np.asarray(np.minimum(0.95, 2 * units))),
        above("some_unit", 0.5, 0.95),
    ),
    repairs=("unit",),
)
