"""Units, signs and remarks inside values that should be numbers."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from .evidence import Evidence
from .view import View

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
    "pound sterling": "£ gbp", "degree": "° deg degree degrees °c °f", "byte": "b byte bytes",
    "kilobyte": "kb", "megabyte": "mb", "gigabyte": "gb", "watt": "w watt watts", "kilowatt": "kw", "volt": "v",
    "acre": "ac acre acres", "hectare": "ha",
}  # fmt: skip
"""Units of measure and how they are written (Unified Code for Units of Measure, CLDR units, trade use)."""
SPELT = {s: unit for unit, spellings in UNITS.items() for s in spellings.split()}
COMMON = 0.02
"""Share of the rows from which a spelling of a unit is in use, and not a slip."""
LEAST = 0.5


def split(text: str) -> tuple[str, str]:
    """Return the number and the unit of a text, empty where there is none.

    >>> split("12.0 oz."), split("12.0"), split("Main 4")
    (('12.0', 'oz.'), ('', ''), ('', ''))
    """
    found = AMOUNT.fullmatch(text)
    return (found[1], found[2]) if found else ("", "")


def unit_of(text: str) -> str:
    """Return the unit that a text names, empty if it is none that is known.

    >>> unit_of("oz."), unit_of("ounces"), unit_of("oz. can"), unit_of("North")
    ('ounce', 'ounce', 'ounce', '')
    """
    words = text.strip().lower().split()
    return SPELT.get(words[0].rstrip(".,;"), "") if words else ""


def judge(view: View, evidence: Evidence) -> None:
    """Judge the units of one column.

    One unit on every row is a format. Several spellings of units, or units on some rows only,
    are values that no receiver can read as numbers without a rule.
    """
    if view.filled < 8:
        return
    units = [split(t)[1] for t in view.texts]
    has = np.array([bool(u) for u in units])
    with_unit = float(view.weights[has].sum()) / view.filled
    if with_unit + view.numeric < 0.8 or not has.any():
        return
    spelt: Counter[str] = Counter()
    for u, n in zip(units, view.weights, strict=True):
        if u:
            spelt[u.strip().lower()] += int(n)
    named = {u: unit_of(u) for u in spelt}
    kinds = {named[u] for u, n in spelt.items() if n >= COMMON * view.filled}
    has &= np.array([bool(u) and bool(named[u.strip().lower()]) for u in units])
    common = [u for u, n in spelt.items() if n >= COMMON * view.filled]
    if view.numeric >= LEAST:
        evidence.say(view.position, "some_unit", np.where(has, view.numeric, 0.0))
    elif with_unit >= LEAST and len(common) > 1 and len(kinds) == 1 and "" not in kinds:
        top = max(spelt.values()) / sum(spelt.values())
        evidence.say(view.position, "units", np.where(has, 2 * (1 - top), 0.0))
    bare = {k: split(t)[0] for k, t in enumerate(view.texts) if has[k]}
    evidence.repairs[view.position]["unit"] = bare
