"""What the values of a column mean: the registry of semantic types, and the choice of the one that fits.

A type has a *form* that every value must have (a regular expression, or membership in a vocabulary) and
may have a *rule* beyond the form (a check digit, a number plan). A column has the type if nearly all of
its values have the form; conformity is the share of rows that keep form and rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assess.core.places import pick_evenly
from assess.evidence.quality.column import Column
from assess.evidence.quality.column.texts import arrow_texts, text_buffers

from . import checksums, vocabularies

Marks = npt.NDArray[np.bool_]
Texts: TypeAlias = pa.Array


@dataclass(frozen=True)
class SemanticType:
    """A meaning that the values of a column can have.

    Parameters
    ----------
    name
        As the profile says it.
    form
        Marks the values that are written like this type.
    rule
        Marks, among those, the ones that keep the type's rule; None if form is all.
    asks
        Share of the distinct values that must have the form.
    strict
        Whether most values must keep the rule too before the column is believed to be of the type:
        digits have the form of many numbers, so only the check digit tells.
    words
        Different words of a vocabulary that a column must hold: one or two short codes prove nothing.
    by_mask
        Whether form and rule only ask for letters, digits and signs, so that a value's mask tells.
    """

    name: str
    form: Callable[[Texts], Marks]
    rule: Callable[[Texts], Marks] | None = None
    asks: float = 0.8
    strict: bool = False
    words: int = 0
    by_mask: bool = False


def matching(pattern: str) -> Callable[[Texts], Marks]:
    """Return the form of a regular expression (RE2) over the whole trimmed text."""

    def marks(array: Texts) -> Marks:
        return _marks(pc.match_substring_regex(array, f"^(?:{pattern})$"))

    return marks


def among(words: Callable[[], object], prepare: Callable[[str], str]) -> Callable[[Texts], Marks]:
    """Return the form of a vocabulary, compared after a preparation of the text."""

    def marks(array: Texts) -> Marks:
        known = words()
        return np.fromiter((prepare(text) in known for text in array.to_pylist()), np.bool_, len(array))  # type: ignore[operator]

    return marks


def compact(rule: Callable[[Texts], Marks]) -> Callable[[Texts], Marks]:
    """Return a rule that is judged without spaces, hyphens and points, in capitals."""

    def marks(array: Texts) -> Marks:
        return rule(pc.utf8_upper(pc.replace_substring_regex(array, r"[ .\-]", "")))

    return marks


def _marks(array: pa.Array) -> Marks:
    return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), bool)


def _isbn(array: Texts) -> Marks:
    long = _marks(pc.equal(pc.utf8_length(array), 13))
    good = np.zeros(len(array), bool)
    good[long] = checksums.ean(array.filter(pa.array(long))) if long.any() else False
    good[~long] = checksums.isbn10(array.filter(pa.array(~long))) if (~long).any() else False
    return good


def but_dates(pattern: str) -> Callable[[Texts], Marks]:
    """Return the form of a regular expression, texts written like a date (``01/02/2024``) left out."""
    form, day = matching(pattern), matching(r"\d{1,2}[/.\-]\d{1,2}[/.\-](?:\d{2}|\d{4})")
    return lambda array: form(array) & ~day(array)


def _phone(array: Texts) -> Marks:
    """Possible numbers: calling code and number of digits decide, so one number stands for all alike."""
    import phonenumbers

    def possible(text: str) -> bool:
        digits = sum(c.isdigit() for c in text)
        if not text.startswith("+"):
            return 6 <= digits <= 15
        if digits < SHORTEST:
            return False
        try:
            return bool(phonenumbers.is_possible_number(phonenumbers.parse(text)))
        except phonenumbers.NumberParseException:
            return False

    parts = [_dialled(array.slice(start, PART)) for start in range(0, len(array), PART)]
    _, lead, kind = np.unique(np.concatenate(parts), return_index=True, return_inverse=True)
    some = (str(text) for text in array.take(pa.array(lead)).to_pylist())
    fine = np.array([possible("+" + text[2:] if text.startswith("00") else text) for text in some], bool)
    return np.asarray(fine[kind])


def _dialled(array: Texts) -> npt.NDArray[np.int64]:
    """One number for all texts with the same first `CODE` digits, as many digits and a plus (or 00) or none."""
    offsets, data = text_buffers(array)
    kept = np.concatenate([[0], np.cumsum((data >= ord("0")) & (data <= ord("9")))])
    digits = np.frombuffer(data.tobytes().translate(None, _NO_DIGITS) + b"0" * CODE, np.uint8)
    begin = np.concatenate([data, np.zeros(2, np.uint8)])
    double = (begin[offsets[:-1]] == ord("0")) & (begin[offsets[:-1] + 1] == ord("0"))
    plus = double | (begin[offsets[:-1]] == ord("+"))
    starts = kept[offsets[:-1]] + 2 * double
    lengths = kept[offsets[1:]] - starts
    key = lengths * 2 + plus
    for place in range(CODE):
        key = key * 11 + np.where(place < lengths, digits[starts + place], ord("/")) - ord("/")
    return np.asarray(key, np.int64)


_NO_DIGITS = bytes(byte for byte in range(256) if not 0x30 <= byte <= 0x39)
PART = 1 << 16
"""Texts that are taken at a time."""
SHORTEST = 7
"""Digits of the shortest numbers that can be dialled from abroad (Niue: three of the code and four)."""
CODE = 4
"""Digits after the plus that hold the calling code (ITU-T E.164: at most three) and tell the kind of number."""


def _vat(array: Texts) -> Marks:
    """Check digits of the member states of the EU, and of the United Kingdom, which has left."""
    return np.fromiter(map(_is_vat, array.to_pylist()), np.bool_, len(array))


@lru_cache(maxsize=1 << 17)
def _is_vat(text: str) -> bool:
    """The same number stands in several tables, and is judged for the type, the cells and the comparison."""
    from stdnum.eu import vat
    from stdnum.gb import vat as british

    return bool(british.is_valid(text) if text[:2].upper() == "GB" else vat.is_valid(text))


def _address(array: Texts) -> Marks:
    """RFC 5321 limits, no point at an end or twice, a top-level domain of letters."""
    # RE2 takes some twenty milliseconds to set up these classes of all letters
    letters = "A-Za-z" if pc.all(pc.string_is_ascii(array)).as_py() else r"\pL"
    label = f"[0-9{letters}](?:[0-9{letters}-]*[0-9{letters}])?"
    fine = rf"^[^\s@.]+(?:\.[^\s@.]+)*@{label}(?:\.{label})*\.[{letters}]{{2,24}}$"
    return _marks(pc.match_substring_regex(array, fine)) & _marks(pc.less_equal(pc.utf8_length(array), 254))


def _countries(array: Texts) -> Marks:
    """Names of countries, in full or as lists shorten them."""
    names = vocabularies.country_names()
    lettered = ~_marks(
        pc.match_substring_regex(array, r"^[^(,\[\-]*[0-9]")
    )  # no name has digits, but for what follows it
    found = (
        vocabularies.plain(t) in names or vocabularies.shorten_name(t) in names
        for t in array.filter(pa.array(lettered)).to_pylist()
    )  # fmt: skip
    marks = lettered.copy()
    marks[lettered] = np.fromiter(found, np.bool_, int(lettered.sum()))
    return marks


COUNTED = 2
"""Different numbers beside 0 and 1 from which on a column counts something."""


def _truths(array: Texts) -> Marks:
    """Words for true and false; 0 and 1 among other numbers are numbers, and with a 2 they count something."""
    marks = among(lambda: vocabularies.YES_NO, lambda text: text.strip().lower())(array)
    others = array.filter(pa.array(~marks))
    numbers = _marks(pc.match_substring_regex(others, r"^\s*[-+]?\d+(?:[.,]\d+)?\s*$"))
    if numbers.sum() >= COUNTED or _marks(pc.match_substring_regex(others, r"^\s*2(?:[.,]0+)?\s*$")).any():
        marks[:] = False
    return marks


def _octets(array: Texts) -> Marks:
    parts = pc.list_flatten(pc.split_pattern(array, ".")).cast(pa.int64()).to_numpy().reshape(-1, 4)
    return np.asarray((parts <= 255).all(1))


REGISTRY = (
    SemanticType("uuid", matching(r"\{?[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\}?")),
    SemanticType("e-mail", matching(r"[^\s@]*@[^@]*"), _address, by_mask=True),
    SemanticType(
        "url", matching(r"(?i)(?:https?|ftp)?:?/?/?(?:www\.)?[^\s/@]+\.[a-z]{2,24}(?:[/?#:].*)?"),
        matching(r"(?i)(?:(?:https?|ftp)://|www\.)[^\s/@]+\.[^\s]*[^\s]"), strict=True,
    ),
    SemanticType("ip address", matching(r"\d{1,3}(?:\.\d{1,3}){3}"), _octets),
    SemanticType("iban", matching(r"(?i)[A-Z]{2}\d{2}(?:[ ]?[0-9A-Z]){11,30}"), compact(checksums.iban), strict=True),
    SemanticType("bic", matching(r"[A-Z]{4}[A-Z]{2}[0-9A-Z]{2}(?:[0-9A-Z]{3})?"), lambda a: np.fromiter(
        (text[4:6] in vocabularies.country_codes() for text in a.to_pylist()), np.bool_, len(a)), strict=True),
    SemanticType("lei", matching(r"[0-9A-Z]{18}\d{2}"), compact(checksums.lei), strict=True),
    SemanticType("isin", matching(r"[A-Z]{2}[0-9A-Z]{9}\d"), checksums.isin, strict=True),
    SemanticType("vat number", matching(r"(?i)(?:AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)[ ]?[0-9A-Z][0-9A-Z .\-]{6,13}"), _vat, strict=True),
    SemanticType("isbn", matching(r"(?:97[89][- ]?)?\d(?:[- ]?\d){8}[- ]?[\dXx]"), compact(_isbn), strict=True),
    SemanticType("issn", matching(r"\d{4}-\d{3}[\dXx]"), compact(checksums.issn), strict=True),
    SemanticType("payment card", matching(r"[3-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{3,4}"), compact(checksums.luhn), strict=True),
    SemanticType("ean", matching(r"\d{8}|\d{12,14}"), checksums.ean, strict=True),
    SemanticType("phone", but_dates(r"(?:\+|00)[1-9][\d ()/.\-]{5,20}|\(?0\d{1,5}\)?[ /\-][\d \-/]{4,14}|\(?\d{3}\)?[ .\-]\d{3}[.\-]\d{4}(?:,? ?(?i:x|ext\.?|extension) ?\d{1,6})?"), _phone),
    SemanticType("country", _countries, words=2),
    SemanticType("country code", among(lambda: vocabularies.country_codes(), lambda text: text.strip().upper()), words=3),
    SemanticType("currency code", among(lambda: vocabularies.currency_codes(), str.upper), words=3),
    SemanticType("language", among(lambda: vocabularies.language_names(), vocabularies.plain), words=2),
    SemanticType("language code", among(lambda: vocabularies.language_codes(), str.lower), words=3),
    SemanticType("month", among(lambda: vocabularies.calendar_names("months"), vocabularies.plain), words=4),
    SemanticType("weekday", among(lambda: vocabularies.calendar_names("days"), vocabularies.plain), words=4),
    SemanticType("yes or no", _truths, words=2),
    SemanticType("time", matching(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?"), matching(r"(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?")),
)  # fmt: skip
"""The semantic types beyond dates and numbers, the more special before the more general."""

WORDED = frozenset(kind.name for kind in REGISTRY if kind.words)
"""Types whose values are words of a list that the world agreed on."""
CHECKED = WORDED | frozenset(kind.name for kind in REGISTRY if kind.strict) - {"url"}
"""Those, and types whose rule hardly any slip keeps: a check digit, a country in its place. A misspelt address of a page is one still."""


def keeps(name: str, texts: Iterable[str]) -> frozenset[str]:
    """Return the texts that keep form and rule of a type.

    >>> sorted(keeps("currency code", ["EUR", "euro"]))
    ['EUR']
    """
    every = sorted(set(texts))
    kind = next(kind for kind in REGISTRY if kind.name == name)
    fine = _fine(kind, pa.array(every, pa.large_string())) if every else np.zeros(0, bool)
    return frozenset(text for text, good in zip(every, fine, strict=True) if good)


NEARLY_ALL_ROWS = 0.9
"""Share of the rows that is enough where typing errors make many distinct values."""
TRIED = 2_000
"""Distinct values, evenly spread over a column's, by which a type is chosen; conformity is then measured
on all of them."""
PROBED = 3
"""Of so many of them one is looked at first: most types fail there already."""
SLOW = {"vat number": 20_000}
"""Types whose rule runs in Python for every value, and the number of distinct values it is measured on at most."""
WORDY = 100_000
"""The same of types whose form is a vocabulary."""


def choose_semantic_type(
    values: npt.NDArray[np.object_] | pa.Array,
    counts: npt.NDArray[np.int64] | None = None,
    present: npt.NDArray[np.int64] | None = None,
) -> SemanticType | None:
    """Choose the semantic type of a column from its distinct values that are present; None if none fits.

    A type fits if the share of the distinct values that it asks for has its form, or `NEARLY_ALL_ROWS` of
    the rows; of a vocabulary several different words must occur.

    Parameters
    ----------
    values
        Distinct texts, shape (d,).
    counts
        Rows of each, shape (d,); default one each.
    present
        Places of those that are present, ascending; default all.

    Examples
    --------
    >>> import numpy as np
    >>> choose_semantic_type(np.array(["a@b.org", "c.d@e.com", "f@g"], object)).name
    'e-mail'
    """
    array = arrow_texts(values)
    usable = np.arange(len(array)) if present is None else present
    if not len(usable):
        return None
    places = usable[pick_evenly(len(usable), TRIED)]
    sample = pc.utf8_trim_whitespace(array.take(pa.array(places)))
    weight = np.ones(len(places)) if counts is None else counts[places]
    some = np.arange(0, len(places), PROBED)
    rest, probe = len(places) - len(some), sample.take(pa.array(some))
    others = weight.sum() - weight[some].sum()
    for kind in REGISTRY:
        formed = kind.form(probe)
        few = formed.sum() + rest < kind.asks * len(places)
        if few and formed @ weight[some] + others < NEARLY_ALL_ROWS * weight.sum():
            continue  # however many of the others had its form
        formed = kind.form(sample)
        if formed.mean() < kind.asks and formed @ weight < NEARLY_ALL_ROWS * weight.sum():
            continue
        if formed.sum() < kind.words:
            continue
        if kind.strict and kind.rule is not None and kind.rule(sample.filter(pa.array(formed))).mean() < 0.5:
            continue
        return kind
    return None


def conforming(kind: SemanticType, column: Column, present: Marks) -> tuple[Marks, Marks]:
    """Mark the present distinct values that have form and rule of a type, and those that were judged.

    Parameters
    ----------
    kind
        The type.
    column
        The column.
    present
        Mask over its distinct values, shape (d,).

    Returns
    -------
    conforms, judged
        Masks over the present values, shape (present.sum(),). Of a type that a mask tells every value is
        judged, as of one without a Python loop; of others as many as `SLOW` and `WORDY` say, evenly spread.
    """
    if kind.by_mask:
        codes, labels = column.masked
        return _fine(kind, pa.array(labels, pa.large_string()))[codes[present]], np.ones(
            int(present.sum()), bool
        )
    array = column.heads.filter(pa.array(present))
    judged = np.ones(len(array), bool)
    limit = SLOW.get(kind.name, WORDY if kind.words else len(array))
    if len(array) > limit:
        judged[:] = False
        judged[np.linspace(0, len(array) - 1, limit).astype(np.int64)] = True
        fine = np.zeros(len(array), bool)
        fine[judged] = _fine(kind, array.filter(pa.array(judged)))
        return fine, judged
    return _fine(kind, array), judged


def _fine(kind: SemanticType, array: pa.Array) -> Marks:
    array = pc.utf8_trim_whitespace(array)
    fine = kind.form(array).copy()
    if kind.rule is not None and fine.any():
        fine[fine] = kind.rule(array.filter(pa.array(fine)))
    return fine
