"""What a factor between two numbers of the same thing stands for: another unit, a tax, the opposite sign."""

from __future__ import annotations

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
