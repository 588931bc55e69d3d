"""The one masker of persons: what of a client's column may stand in clear on a page, and how the rest is shown.

Values are shown by their shape («Aaaa Aaaaaa»), because they may belong to a person. Two things decide otherwise:

- `is_personal`: whether a column tells of persons, by what it means, by the words of its header in a dozen
  languages and by what it holds. Of such a column nothing is shown but shapes: also its smallest and largest value
  and its quantiles belong to somebody (the youngest birth date is one person's).
- `find_codes`: the values of a category that is not personal, each in at least `LEAST` records. They are shown:
  ``DE`` and ``shipped`` name nobody. Rarer values of the same column are masked, because a value that occurs
  once may be a name that was typed into the wrong field.

Five records is the "cell size of five" below which data custodians do not release a count: a value shown belongs to one of
at least five records, so that a guess who it is succeeds with a probability of at most 0.2 (El Emam, *Guide to the De-Identification of Personal
Health Information*, CRC Press 2013, chapter "Cell size precedents"; k-anonymity with k = 5: Sweeney, Int. J. Uncertainty, Fuzziness and
Knowledge-Based Systems 10(5), 2002).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from pathlib import Path

import yaml

from .missing import is_disguised
from .secrets import is_secret_name, mask_secrets

LEAST = 5
"""Records in which a value must stand to be shown."""
MOST = 100
"""Values of a category at most: a longer list is a register, not a code list."""
COVERED = 0.8
"""Share of the filled records that such values must cover before a column is a category."""
LONGEST_CODE = 40
"""Characters of a code at most; longer texts are prose."""
LONGEST = 60
"""Characters of an example; what is longer is cut and its length said."""
SHORT = 4
"""Capitals of a text that is a code, though a short given name may be written alike (``MIA``, ``ANA``)."""
IDENTIFYING = 0.9
"""Share of distinct values from which on whole numbers tell one record from another."""
LIFETIME = 20.0
"""Years between the tenth and the ninetieth percentile of dates from which on they look like births, not like business."""

SEMANTIC = frozenset({"e-mail", "phone", "iban", "payment card", "ip address", "vat number"})
"""Semantic types whose values belong to a person."""

_PHRASES = re.compile(
    r"social (?:security|insurance)|tax (?:id|number)|steuer (?:id|nr|nummer)|national id|driver s? ?licen[cs]e|credit card|"
    r"licen[cs]e plate|date of (?:birth|death)|place of birth|mother s? ?maiden"
)

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_PHONE = re.compile(
    r"(?:\+|00)[1-9][\d ()/.\-]{6,20}|\(?0\d{1,5}\)?[ /\-][\d \-/]{4,14}|\(?\d{3}\)?[ .\-]\d{3}[.\-]\d{4}"
)
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?:[ ]?[0-9A-Z]){11,30}")
_STREET = re.compile(
    r"(?i)(?:.*(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee|street|avenue|road|lane|drive|boulevard|straat|ulica)\s+\d+.*|"
    r"\d+\s+.*\b(?:street|st|ave|avenue|road|rd|lane|ln|drive|dr|blvd|rue|calle)\b.*)"
)
_TITLE = re.compile(r"(?i)(?:mr|mrs|ms|dr|prof|herr|frau|mme|mlle|sig|sra)\.?\s+\w+.*")


@cache
def _words() -> dict[str, frozenset[str]]:
    """Return the lists of ``personal.yaml``."""
    content = Path(__file__).with_suffix(".yaml").read_text("utf-8")
    return {kind: frozenset(text.split()) for kind, text in yaml.safe_load(content).items()}


def mask(text: str) -> str:
    """Return the shape of a text: a digit becomes ``9``, a capital ``A``, another letter ``a``, all else stays.

    >>> mask("Köln 50667, DE-NW")
    'Aaaa 99999, AA-AA'
    """
    return "".join(map(mask_sign, text))


def mask_runs(text: str) -> str:
    """Return the shape of a text with every run of the same class written once.

    >>> mask_runs("Köln 50667, DE-NW")
    'Aa 9, A-A'
    """
    signs = mask(text)
    return "".join(s for i, s in enumerate(signs) if s not in "Aa9" or not i or signs[i - 1] != s)


@cache
def mask_sign(character: str) -> str:
    """Return the class of one character: ``A``, ``a``, ``9``, or the character itself.

    >>> mask_sign("ß"), mask_sign("٣"), mask_sign("-")
    ('a', '9', '-')
    """
    kind = unicodedata.category(character)
    if kind in ("Lu", "Lt"):
        return "A"
    if character.isascii():
        return "9" if character.isdigit() else "a" if character.isalpha() else character
    return "a" if kind[0] in "LM" else "9" if kind == "Nd" else character


def show_example(value: str | None, codes: Collection[str] = (), *, clear: bool = False) -> str:
    """Return a value as it may be printed.

    Parameters
    ----------
    value
        A text of the client's table; None is a null.
    codes
        Values of its column that may stand in clear, see `find_codes`.
    clear
        Show the text itself, because somebody asked for it; secrets stay hidden.

    Examples
    --------
    >>> show_example("Erika Mustermann"), show_example("erika@web"), show_example("")
    ('«Aaaaa Aaaaaaaaaa»', '«aaaaa@aaa»', '«»')
    >>> show_example("N/A"), show_example("1900-01-01"), show_example(None)
    ('«N/A»', '«1900-01-01»', 'null')
    >>> show_example("DE", {"DE", "AT"}), show_example("DE")
    ('«DE»', '«AA»')
    """
    if value is None:
        return "null"
    bare = clear or value in codes or says_nothing(value)
    head = value[: 10 * LONGEST]
    text = mask_secrets(head, cut=len(head) < len(value)) if bare else mask(head[:LONGEST])
    shown = "".join(sign if sign.isprintable() else "·" for sign in text[:LONGEST])
    return f"«{shown}»" if len(value) <= LONGEST else f"«{shown}…» ({len(value):,} characters)"


def show_field(text: str, *, personal: bool, clear: bool = False) -> str:
    """Return a field of one record for a person who judges whether it is the same as another record.

    Masked where it is a person's, by its column or by itself; what is nobody's stands in clear, codes and titles alike, for
    a pair of shapes can't be judged.

    Parameters
    ----------
    personal
        Whether its column tells of persons, see `is_personal`.
    clear
        Show it all the same, because the consultant asked for it; secrets stay hidden.

    Examples
    --------
    >>> show_field("Ann Lee", personal=True), show_field("Ann Lee", personal=True, clear=True), show_field("", personal=True)
    ('«Aaa Aaa»', 'Ann Lee', '')
    >>> show_field("Sony DSC-T70", personal=False), show_field("ann@lee.example", personal=False)
    ('Sony DSC-T70', '«aaa@aaa.aaaaaaa»')
    """
    if says_nothing(text):
        return text
    return f"«{mask(text)}»" if not clear and (personal or _is_person(text)) else mask_secrets(text)


def says_nothing(value: str) -> bool:
    """Return whether a text stands for "nothing here", so that it tells of no person and no business.

    >>> says_nothing(" n/a "), says_nothing("Nancy")
    (True, False)
    """
    return not value.strip() or is_disguised(value)


def is_personal(
    name: str,
    *,
    semantic: str = "",
    physical: str = "",
    unique_share: float | None = None,
    years: float | None = None,
    values: Sequence[str] = (),
) -> bool:
    """Return whether a column tells of persons, so that neither its values nor their summary may be shown.

    Parameters
    ----------
    name
        Its header.
    semantic, physical
        What its values mean and how a database would store them, where that is known.
    unique_share
        Distinct values to filled rows, 0 to 1: whole numbers that tell one record from another identify it.
    years
        Between the tenth and the ninetieth percentile of its dates.
    values
        Some of its distinct values: what they hold decides where the header says nothing.

    Examples
    --------
    >>> [is_personal(name) for name in ("birth_date", "Vorname", "customer_type", "product_name", "weight", "apiToken")]
    [True, True, False, False, False, True]
    >>> is_personal("c7", values=["Anna Schmidt", "Smith, John", "Ruth Cohen"]), is_personal("c7", values=["shipped", "On Hold"])
    (True, False)
    """
    if semantic in SEMANTIC or is_secret_name(name) or _names_persons(name):
        return True
    if physical == "integer" and (unique_share or 0.0) >= IDENTIFYING:
        return True
    if physical in ("date", "timestamp") and (years or 0.0) >= LIFETIME:
        return True
    return _hold_persons(values)


def find_codes(
    name: str, values: Sequence[str | None], counts: Iterable[int], *, rare: int = 0
) -> frozenset[str]:
    """Return the values of a column that may stand in clear: those of a category that is not personal.

    Parameters
    ----------
    name
        The column's header.
    values
        Its distinct values, shape (d,); None is a null.
    counts
        Records in which each stands, shape (d,).
    rare
        Filled records that hold yet other values, each in fewer than `LEAST`.

    Returns
    -------
    frozenset of str
        Values in at least `LEAST` records, if there are at most `MOST` of them and they cover at least `COVERED`
        of the filled records; none of a personal column, no secret, no person's name, no address.

    Examples
    --------
    >>> sorted(find_codes("country", ["DE", "AT", "Gernany", None], [500, 20, 1, 3]))
    ['AT', 'DE']
    >>> find_codes("first_name", ["Ann", "Bob"], [500, 20]), find_codes("city_of_birth", ["Bonn"], [50])
    (frozenset(), frozenset())
    """
    filled = [
        (value, int(rows))
        for value, rows in zip(values, counts, strict=True)
        if value is not None and not says_nothing(value)
    ]
    often = [(value, rows) for value, rows in filled if rows >= LEAST]
    if not often or len(often) > MOST or _names_persons(name) or is_secret_name(name):
        return frozenset()
    if sum(rows for _, rows in often) < COVERED * (rare + sum(rows for _, rows in filled)):
        return frozenset()
    texts = [value for value, _ in often]
    if _hold_persons(texts):
        return frozenset()
    return frozenset(
        text
        for text in texts
        if len(text) <= LONGEST_CODE
        and text.isprintable()
        and mask_secrets(text) == text
        and not _is_person(text)
    )


class StandIns:
    """Gives each value the same stand-in wherever it occurs, in the order in which values are met.

    Examples
    --------
    >>> stand_in = StandIns()
    >>> stand_in("Ann Lee"), stand_in("Bob Ray"), stand_in("Ann Lee"), stand_in("N/A"), stand_in(None), stand_in("DE", {"DE"})
    ('Aaa Aaa · 1', 'Aaa Aaa · 2', 'Aaa Aaa · 1', 'N/A', None, 'DE')
    """

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, value: str | None, codes: Collection[str] = ()) -> str | None:
        """Return the stand-in of a value; a code, and what stands for nothing, stay as they are."""
        if value is None or value in codes or says_nothing(value):
            return value
        if value not in self._known:
            self._known[value] = f"{mask(value[:LONGEST_CODE])} · {len(self._known) + 1}"
        return self._known[value]


@cache
def _header_words(name: str) -> tuple[str, ...]:
    """The words of a header: split at signs, digits and capitals, plain letters, lower case."""
    parted = re.sub(r"(?<=[a-zß-ÿ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKD", parted) if not "\u0300" <= sign <= "\u036f"
    )
    return tuple(re.findall(r"[^\W\d_]+", plain.replace("ß", "ss").casefold()))


@cache
def _names_persons(name: str) -> bool:
    words = _header_words(name)
    if any(word in _words()["sensitive"] for word in words) or _PHRASES.search(" ".join(words)):
        return True
    person = [word for word in words if word in _words()["person"] or _is_compound(word)]
    if words[-1:] == ("code",) and {"postal", "zip", "plz", "postcode"} & set(words):
        return True
    if (
        not person
        or words[-1] in _words()["codes"]
        or (words[0] in _words()["codes"] and len(words) > 1 and words[1] in ("de", "di", "du"))
    ):
        return False
    return not (
        set(person) <= {"name", "names", "nom", "nombre", "nome", "naam"} and _words()["things"] & set(words)
    )


def _is_compound(word: str) -> bool:
    """Whether a word ends or begins as names of persons and parts of addresses do in languages that join words."""
    return len(word) > 5 and word.endswith(
        (
            "vorname",
            "nachname",
            "strasse",
            "adresse",
            "telefon",
            "geburtsdatum",
            "email",
            "wohnort",
            "ansprechpartner",
            "birthdate",
            "firstname",
            "lastname",
            "surname",
            "phone",
            "username",
        )
    )


def _hold_persons(values: Sequence[str]) -> bool:
    """Whether several of some values look like persons: one in five of them, and at least two (or the only one)."""
    seen = sum(_is_person(value) for value in values)
    return seen >= max(min(2, len(values)), 0.2 * len(values)) if values else False


def _is_person(value: str) -> bool:
    """Whether a text is a person's name, address, number or e-mail by itself."""
    text = value.strip() if len(value) <= LONGEST else ""
    if any(pattern.fullmatch(text) for pattern in (_EMAIL, _PHONE, _IBAN, _STREET, _TITLE)):
        return True
    words = [] if text.isupper() and len(text) <= SHORT else re.findall(r"[^\W\d_]+", text.casefold())
    return 0 < len(words) <= 4 and any(
        word in _words()["given_names"] or word in _words()["surnames"] for word in words
    )
