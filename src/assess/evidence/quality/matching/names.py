"""How alike two column names are: words, abbreviations, characters."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache

from rapidfuzz.distance import JaroWinkler

COMMON = 0.5
"""Share of a table's names from which on a word in them says nothing."""

NEUTRAL = re.compile(
    r"(?:unnamed[ :_]*|col(?:umn)?|field|feld|spalte|attr(?:ibute)?|var(?:iable)?|[cfvx])?[ _:-]*\d+", re.I
)
"""Names that say nothing: a letter or word for column, and a number."""

THESAURUS = (
    "id identifier nr no num number nummer key code kennung schluessel ref reference",
    "customer client kunde account kundin debtor debitor buyer",
    "supplier vendor lieferant creditor kreditor",
    "name title titel bezeichnung label caption",
    "description beschreibung desc text details",
    "date datum day tag", "time zeit timestamp zeitpunkt datetime",
    "created erstellt creation inserted angelegt", "updated modified changed geaendert aktualisiert",
    "price preis cost kosten amount betrag value wert sum summe total gesamt",
    "quantity menge qty anzahl count stock bestand",
    "country land nation", "city stadt ort town place", "street strasse road",
    "address adresse anschrift location standort", "zip postcode postal plz postleitzahl",
    "phone telephone telefon tel mobile handy fax", "mail email e-mail",
    "firstname forename vorname given", "lastname surname nachname family familienname",
    "birth birthday birthdate geburtsdatum dob", "gender sex geschlecht anrede salutation",
    "company firma organisation organization business unternehmen",
    "product produkt artikel article item material sku", "category kategorie type typ kind class klasse group gruppe",
    "status state zustand stage", "currency waehrung", "language sprache",
    "order bestellung auftrag purchase", "invoice rechnung bill", "payment zahlung",
    "author writer verfasser creator autor", "url link website web homepage href",
    "tax vat steuer mwst ust", "owner besitzer responsible verantwortlich",
    "start begin beginn from von", "end ende until bis to finish",
    "size groesse", "weight gewicht", "year jahr", "month monat", "rating score bewertung",
)  # fmt: skip
"""Words that business tables use for the same thing, English and German; each line is one meaning."""

MEANING = {word: place for place, line in enumerate(THESAURUS) for word in line.split()}


def is_informative(name: str) -> bool:
    """Whether a name says anything.

    >>> is_informative("customer_id"), is_informative("c12"), is_informative("Unnamed: 5")
    (True, False, False)
    """
    return bool(name.strip()) and NEUTRAL.fullmatch(name.strip()) is None


@cache
def split_name(name: str) -> tuple[str, ...]:
    """Return the words of a name, lower case, without accents.

    >>> split_name("custBirthDate2"), split_name("Straße / Haus-Nr."), split_name("HTTPStatus")
    (('cust', 'birth', 'date', '2'), ('strasse', 'haus', 'nr'), ('http', 'status'))
    """
    split = re.sub(r"(?<=[a-zäöüß])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    folded = split.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    plain = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return tuple(re.findall(r"[^\W\d_]+|\d+", plain))


def strip_common_words(every: Sequence[str]) -> list[str]:
    """Return names without the words that at least half of a table's names (of four or more) share.

    >>> strip_common_words(["crm_id", "crm_name", "crm_city", "crm_phone"])
    ['id', 'name', 'city', 'phone']
    >>> strip_common_words(["id", "name"])
    ['id', 'name']
    """
    if len(every) < 4:
        return list(every)
    rows = Counter(word for name in every for word in set(split_name(name)))
    common = {word for word, count in rows.items() if count >= COMMON * len(every) and not word.isdigit()}
    if not common:
        return list(every)
    kept = [" ".join(word for word in split_name(name) if word not in common) for name in every]
    return [short or name for short, name in zip(kept, every, strict=True)]


@cache
def name_similarity(left: str, right: str) -> float:
    """Return how alike two names are, from 0 to 1.

    The best of: the same characters; words matched one to one (equal, of one meaning, abbreviated, or
    alike by Jaro and Winkler); pairs of characters in common (Dice), which also serves scripts
    without spaces.

    >>> name_similarity("customer_no", "CustomerNumber") > 0.9
    True
    >>> name_similarity("price", "colour") < 0.4
    True
    """
    first, second = split_name(left), split_name(right)
    if not first or not second:
        return float(left.strip() == right.strip() != "")
    if first == second:
        return 1.0
    return max(_by_words(first, second), 0.95 * _dice("".join(first), "".join(second)))


def _by_words(first: tuple[str, ...], second: tuple[str, ...]) -> float:
    """Mean of the best partner of each word, weighted by length, both ways."""
    shares = []
    for mine, theirs in ((first, second), (second, first)):
        weights = [min(len(word), 6) for word in mine]
        best = [max(_word(word, other) for other in theirs) for word in mine]
        shares.append(sum(w * b for w, b in zip(weights, best, strict=True)) / sum(weights))
    return 0.4 * min(shares) + 0.6 * (shares[0] + shares[1]) / 2


@cache
def _word(left: str, right: str) -> float:
    if left == right:
        return 1.0
    if left.isdigit() or right.isdigit():
        return 0.0
    meaning = MEANING.get(left)
    if meaning is not None and meaning == MEANING.get(right):
        return 0.9
    if abbreviates(left, right) or abbreviates(right, left):
        return 0.85
    alike = JaroWinkler.similarity(left, right)
    return alike if alike >= 0.85 else 0.0


def abbreviates(short: str, long: str) -> bool:
    """Whether a word shortens another: a beginning of it, or its letters in order from the first on.

    >>> abbreviates("cust", "customer"), abbreviates("qty", "quantity"), abbreviates("at", "category")
    (True, True, False)
    """
    if not 2 <= len(short) < len(long) or short[0] != long[0]:
        return False
    if long.startswith(short):
        return len(short) >= 3 or len(long) <= 6
    if len(short) < 3 and short[-1] != long[-1]:
        return False
    letters = iter(long)
    consonants = all(letter in letters for letter in short)
    return consonants and sum(letter in "aeiou" for letter in short[1:]) <= 1


def _dice(left: str, right: str) -> float:
    """Share of pairs of characters in common; of single ones where a name is that short."""
    size = 2 if left.isascii() and right.isascii() else 1
    first = [left[i : i + size] for i in range(len(left) - size + 1)]
    second = [right[i : i + size] for i in range(len(right) - size + 1)]
    if not first or not second:
        return 0.0
    common = sum(min(first.count(part), second.count(part)) for part in set(first))
    return 2 * common / (len(first) + len(second))
