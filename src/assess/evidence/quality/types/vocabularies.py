"""Words that the world agreed on: countries, currencies, languages (Unicode CLDR through Babel), yes and no."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from babel import Locale
from babel.core import get_global

LOCALES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl")
"""Languages whose names of countries, currencies and languages are known."""

YES_NO = {
    word: truth
    for truth, words in (
        (True, "yes y true t ja oui si sí sim tak x on wahr vrai 1"),
        (False, "no n false f nein non nao não nie off falsch faux 0"),
    )
    for word in words.split()
}
"""Words for true and false, lower case."""


APOSTROPHES = str.maketrans("’‘ʼ´`", "'''''")


def plain(text: str) -> str:
    """Return a word without case, accents and points, for look-ups.

    >>> plain(" Côte d’Ivoire ")
    "cote d'ivoire"
    """
    if text.isascii():
        return text.strip().lower().replace(".", "")
    folded = unicodedata.normalize("NFKD", text.strip().casefold().translate(APOSTROPHES))
    return "".join(c for c in folded if not unicodedata.combining(c)).replace(".", "")


FORMER_NAMES = {
    "uk": "GB", "great britain": "GB", "england": "GB", "usa": "US", "america": "US", "holland": "NL",
    "turkey": "TR", "east timor": "TL", "swaziland": "SZ", "macedonia": "MK", "czech republic": "CZ", "cape verde": "CV",
    "burma": "MM", "ivory coast": "CI", "holy see": "VA", "faeroe islands": "FO", "macau": "MO", "libyan arab jamahiriya": "LY",
    "syrian arab republic": "SY", "russian federation": "RU", "viet nam": "VN", "brunei darussalam": "BN",
}  # fmt: skip
"""Names of countries that people use, and those that lists still use and CLDR no longer does (United Nations, Standard country or
area codes, M49)."""
INVERTED = re.compile(r"\s*(?:\(.*\)|\[.*\]| sar,? china|,.*| - .*)$")
"""What follows the name proper: ``Congo - Kinshasa``, ``Korea, Rep.``, ``Myanmar (Burma)``."""


def shorten_name(text: str) -> str:
    """Return the name of a country as lists have it: without what follows it, ``and`` and ``saint`` written out.

    >>> shorten_name("The Bahamas"), shorten_name("Trinidad & Tobago"), shorten_name("Hong Kong SAR, China")
    ('bahamas', 'trinidad and tobago', 'hong kong')
    """
    name = INVERTED.sub("", plain(text)).replace(" & ", " and ").replace("-", " ")
    return re.sub(r"^st ", "saint ", name.removeprefix("the "))


@cache
def country_codes() -> dict[str, str]:
    """Alpha-2 and alpha-3 codes of ISO 3166-1, upper case, each to its alpha-2 code."""
    codes = {code: code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()}
    for unreal in ("EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"):
        codes.pop(unreal, None)
    for other, twos in get_global("territory_aliases").items():
        if len(other) == 3 and other.isalpha() and len(twos) == 1 and twos[0] in codes:
            codes[other] = twos[0]
    return codes


WITHDRAWN = frozenset({
    "AFI", "ANT", "ATB", "ATN", "BUR", "BYS", "CSK", "CTE", "DDR", "DHY", "FXX", "GEL", "HVO", "MID", "NHB", "NTZ",
    "PCI", "PCZ", "PHI", "PUS", "RHO", "ROM", "SCG", "SKM", "SUN", "TMP", "VDR", "WAK", "YMD", "YUG", "ZAR",
})  # fmt: skip
"""Alpha-3 codes that ISO 3166-1 once had (ISO 3166-3)."""


UNASSIGNED = re.compile(r"(?:AA|Q[M-Z]|X[A-Z]|ZZ)[A-Z]?")
"""Codes that ISO 3166-1 leaves to its users (clause 8.1.3), such as XK and XKX for Kosovo."""
RESERVED = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "TA", "UN"})
"""Alpha-2 codes that ISO 3166-1 reserves exceptionally, but for those that CLDR holds for another code."""


@cache
def former_country_codes() -> frozenset[str]:
    """Codes that were withdrawn or are reserved (ISO 3166-3, CLDR's aliases): ``AN``, ``SU``, ``UK``, ``SCG``.

    ``EL`` is Greece by the Interinstitutional Style Guide of the European Union.
    """
    aliases = get_global("territory_aliases")
    known = frozenset(code for code in aliases if len(code) in (2, 3) and code.isalpha())
    return known | WITHDRAWN | RESERVED | {"EL"}


@cache
def countries_by_language() -> dict[str, dict[str, str]]:
    """Names of countries, plain, each to its alpha-2 code, by the language in `LOCALES` that says so."""
    real = set(country_codes().values())
    named: dict[str, dict[str, str]] = {locale: {} for locale in LOCALES}
    named["en"].update(FORMER_NAMES)
    for locale, names in named.items():
        for code, name in Locale(locale).territories.items():
            if code in real:
                for key in dict.fromkeys((plain(name), shorten_name(name))):
                    names.setdefault(key, code)
    return named


@cache
def country_names() -> dict[str, str]:
    """Names of countries in all `LOCALES`, plain, each to its alpha-2 code."""
    return _merge(countries_by_language())


def _merge(named: dict[str, dict[str, str]]) -> dict[str, str]:
    """Merge the names of all languages; what several say means what the first says."""
    return {name: code for names in reversed(named.values()) for name, code in names.items()}


@cache
def calendar_names(*parts: str) -> frozenset[str]:
    """Names of ``months`` and ``days`` of the week in `LOCALES`, long and short, plain."""
    return frozenset(
        plain(name)
        for locale in LOCALES
        for part in parts
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for name in getattr(Locale(locale), part)[context][width].values()
    )


@cache
def currency_codes() -> frozenset[str]:
    """Codes of ISO 4217."""
    return frozenset(Locale("en").currencies)


@cache
def language_codes() -> frozenset[str]:
    """Two- and three-letter codes of ISO 639, lower case."""
    return frozenset(
        code for code in map(str, Locale("en").languages) if code.isalpha() and len(code) in (2, 3)
    )


@cache
def languages_by_language() -> dict[str, dict[str, str]]:
    """Names of languages, plain, each to its code, by the language in `LOCALES` that says so."""
    named: dict[str, dict[str, str]] = {locale: {} for locale in LOCALES}
    for locale, names in named.items():
        for code, name in Locale(locale).languages.items():
            if code.isalpha():
                names.setdefault(plain(name), code)
    return named


@cache
def language_names() -> dict[str, str]:
    """Names of languages in all `LOCALES`, plain, each to its code."""
    return _merge(languages_by_language())


def country(text: str) -> str | None:
    """Return the alpha-2 code of a country's code or name, None if it is neither.

    >>> country("DEU"), country("Allemagne"), country("Atlantis")
    ('DE', 'DE', None)
    """
    names = country_names()
    return (
        country_codes().get(text.strip().upper()) or names.get(plain(text)) or names.get(shorten_name(text))
    )
