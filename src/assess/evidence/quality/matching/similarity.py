"""How alike two columns are: by their names, and by what their values look like."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import JaroWinkler

from assess.core.places import pick_evenly
from assess.evidence.quality import types
from assess.evidence.quality.column import Column, once_a_column
from assess.evidence.quality.column.texts import shape_all
from assess.evidence.quality.types import ColumnType

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


def strip_frequent_tokens(every: Sequence[str]) -> list[str]:
    """Return names without the words that at least half of a table's names (of four or more) share; of each something must be left that tells.

    >>> strip_frequent_tokens(["crm_id", "crm_name", "crm_city", "crm_phone"])
    ['id', 'name', 'city', 'phone']
    >>> strip_frequent_tokens(["id", "name"])
    ['id', 'name']
    """
    if len(every) < 4:
        return list(every)
    rows = Counter(word for name in every for word in set(split_name(name)))
    common = {word for word, count in rows.items() if count >= COMMON * len(every) and not word.isdigit()}
    if not common:
        return list(every)
    kept = [" ".join(word for word in split_name(name) if word not in common) for name in every]
    return [short if is_informative(short) else name for short, name in zip(kept, every, strict=True)]


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


def is_part(left: str, right: str) -> bool:
    """Whether one name says all that the other says, and perhaps more.

    >>> is_part("limit", "credit_limit"), is_part("is_active", "active"), is_part("callingCodes", "GWcode")
    (True, True, False)
    """
    few, many = sorted((split_name(left), split_name(right)), key=len)
    return bool(few) and all(any(_word(word, other) for other in many) for word in few)


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
    """Whether a word shortens another: a beginning of it, or its consonants in order behind a beginning of it.

    >>> abbreviates("cust", "customer"), abbreviates("qty", "quantity"), abbreviates("dept", "department")
    (True, True, True)
    >>> abbreviates("at", "category"), abbreviates("cis", "currencies")
    (False, False)
    """
    if not 2 <= len(short) < len(long) or short[0] != long[0]:
        return False
    if long.startswith(short):
        return len(short) >= 3 or len(long) <= 6
    if len(short) < 3 and short[-1] != long[-1]:
        return False
    letters = iter(long)
    vowels = [place for place, letter in enumerate(short) if place and letter in "aeiou"]
    begun = len(vowels) <= 1 and all(long.startswith(short[: place + 1]) for place in vowels)
    return begun and all(letter in letters for letter in short)


def _dice(left: str, right: str) -> float:
    """Share of pairs of characters in common; of single ones where a name is that short."""
    size = 2 if left.isascii() and right.isascii() else 1
    first = [left[i : i + size] for i in range(len(left) - size + 1)]
    second = [right[i : i + size] for i in range(len(right) - size + 1)]
    if not first or not second:
        return 0.0
    common = sum(min(first.count(part), second.count(part)) for part in set(first))
    return 2 * common / (len(first) + len(second))


SAMPLE = 2_000
"""Distinct values, evenly spread, from which a column's look is taken."""
KNOWN = 100_000
"""Distinct values, evenly spread, that are compared one by one with the other side's."""
WORDS_OF_TEXT = re.compile(r"[^\W\d_]+|\d+")
QUANTILES = np.linspace(0.05, 0.95, 10)


@dataclass(frozen=True, eq=False)
class Contents:
    """The look of a column.

    Parameters
    ----------
    name
        The column's name.
    kind
        Its type.
    values
        Distinct present texts, lower case and trimmed.
    words
        Share of sampled values that hold each word.
    shapes
        Share of sampled values of each shape.
    characters
        Share of each class of characters.
    lengths, numbers
        Quantiles of the lengths, and of the numbers if it is numeric (else empty).
    filled, distinct
        Share of filled rows; distinct values a filled row.
    """

    name: str
    kind: ColumnType
    values: frozenset[str]
    words: dict[str, float]
    shapes: dict[str, float]
    characters: dict[str, float]
    lengths: npt.NDArray[np.float64]
    numbers: npt.NDArray[np.float64]
    filled: float
    distinct: float

    @cached_property
    def length(self) -> float:
        """Squared length of the bag of words."""
        return sum(w * w for w in self.words.values())

    @property
    def physical(self) -> str:
        """How a database would store it."""
        return self.kind.physical

    @property
    def semantic(self) -> str:
        """What it means."""
        return self.kind.semantic


@once_a_column()
def describe_column(column: Column) -> Contents:
    """Take a column's look from its distinct values."""
    kind = types.infer_type(column)
    present = np.flatnonzero(kind.present)
    texts = [str(text).strip() for text in column.values[present[pick_evenly(len(present), KNOWN)]]]
    picked = [texts[i] for i in pick_evenly(len(texts), SAMPLE)]
    filled = int(column.counts[present].sum())
    return Contents(
        name=column.name, kind=kind,
        values=frozenset(text.casefold() for text in texts),
        words=_shares([set(WORDS_OF_TEXT.findall(text.casefold())) for text in picked]),
        shapes=_shares([(shape,) for shape in shape_all(np.array(picked, object)).to_pylist()]),
        characters=_characters(picked),
        lengths=_quantiles([float(len(text)) for text in picked]),
        numbers=_quantiles(kind.numbers.worth[present]) if kind.numbers is not None else np.empty(0),
        filled=filled / max(column.rows, 1), distinct=len(present) / max(filled, 1),
    )  # fmt: skip


def _shares(found: Sequence[Iterable[str]]) -> dict[str, float]:
    """Share of the texts that hold each of their parts, which stand once in each."""
    counted = Counter(chain.from_iterable(found))
    return {key: rows / len(found) for key, rows in sorted(counted.items())}


@cache
def _kind(character: str) -> str:
    if character.isdigit():
        return "digit"
    if character.isalpha():
        script = unicodedata.name(character, "?").split()[0]
        return script if script != "LATIN" else "upper" if character.isupper() else "lower"
    return "space" if character.isspace() else character


def _characters(texts: list[str]) -> dict[str, float]:
    counted: Counter[str] = Counter()
    for character, times in Counter("".join(text[:200] for text in texts)).items():
        counted[_kind(character)] += times
    total = sum(counted.values())
    return {kind: count / total for kind, count in sorted(counted.items())}


def _quantiles(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    numbers = np.asarray(values, np.float64)
    numbers = numbers[np.isfinite(numbers)]
    return np.quantile(numbers, QUANTILES) if len(numbers) else np.empty(0)


KINDS = {
    "integer": "number", "decimal": "number", "date": "time", "timestamp": "time",
    "text": "text", "boolean": "text", "empty": "empty",
}  # fmt: skip
LOOSE_TYPES = {"", "text", "code", "quantity", "category", "name", "word", "phrase", "amount"}
"""Semantic types so wide that sharing them says little."""


def value_overlap(left: Contents, right: Contents) -> float:
    """Share of the smaller side's distinct values that the other holds too."""
    smaller = min(len(left.values), len(right.values))
    return len(left.values & right.values) / smaller if smaller else 0.0


def word_similarity(left: Contents, right: Contents) -> float:
    """Cosine of the words' shares, words weighted down by how common they are in both."""
    return cosine(left.words, right.words, left.length * right.length)


def form_similarity(left: Contents, right: Contents) -> float:
    """How alike shapes, characters and lengths are."""
    shape = sum(min(share, right.shapes.get(key, 0.0)) for key, share in left.shapes.items())
    letters = sum(min(share, right.characters.get(key, 0.0)) for key, share in left.characters.items())
    return float(0.3 * shape + 0.4 * letters + 0.3 * nearness(left.lengths, right.lengths))


def size_similarity(left: Contents, right: Contents) -> float:
    """How alike the quantiles of numbers are; 0 where either is no number."""
    return nearness(left.numbers, right.numbers)


def type_similarity(left: Contents, right: Contents) -> float:
    """Whether the types agree: 1 for the same telling type, 0 for types that exclude each other."""
    if "empty" in (left.physical, right.physical):
        return 0.3
    first, second = KINDS[left.physical], KINDS[right.physical]
    if left.semantic == right.semantic and left.semantic not in LOOSE_TYPES:
        return 1.0
    if left.semantic != right.semantic and not {left.semantic, right.semantic} & LOOSE_TYPES:
        return 0.6 if first == second == "time" else 0.0
    if first == second:
        return 0.6
    return 0.0 if {first, second} == {"number", "time"} else 0.2


def fill_similarity(left: Contents, right: Contents) -> float:
    """How alike the shares of filled and of distinct values are."""
    return 1 - (abs(left.filled - right.filled) + 2 * abs(left.distinct - right.distinct)) / 3


def nearness(left: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> float:
    """Return how near two sets of quantiles are: 1 if equal, falling with their distance in signed logs."""
    if not len(left) or not len(right):
        return 0.0
    first, second = (np.sign(q) * np.log1p(np.abs(q)) for q in (left, right))
    return float(np.exp(-np.abs(first - second).mean()))


def cosine(left: dict[str, float], right: dict[str, float], lengths: float) -> float:
    """Return the cosine of two weighted bags, given the product of their squared lengths."""
    product = sum(weight * right[key] for key, weight in left.items() if key in right) if lengths else 0.0
    return float(product / np.sqrt(lengths)) if lengths else 0.0
