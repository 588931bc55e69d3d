"""How values are written: masks, variants of one value, broken encodings, units."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache, partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from assess.evidence.quality.checks.check import REWRITTEN, CellCheck, Evidence, ValueCheck, above
from assess.evidence.quality.column.view import SEVERAL, Floats, Mask, View, mask_text
from assess.evidence.quality.matching.pair import ColumnPair, Counts, Marks
from assess.evidence.quality.types.semantic import CHECKED

RUNS = re.compile(r"(.)\1+", re.S)
FILLER = re.compile(r"([^\w\s.\-/\U00010000-\U0010ffff])\1{1,}|\.{4,}|-{3,}|/{3,}")
"""Signs that fill a field up; what lies beyond the basic plane of Unicode are pictures: a flag is two of them.

>>> [bool(FILLER.search(text)) for text in ("Issued***", "\U0001f1e7\U0001f1e7", "A--B")]
[True, False, False]
"""
FILLED_UP = re.compile(rf"\s*(?:{FILLER.pattern})$")
"""A filler that a text ends with."""


@lru_cache(maxsize=1 << 16)
def shorten_mask(shape: str) -> str:
    """Return a mask with its runs cut to one character.

    >>> shorten_mask("Aaaa 999")
    'Aa 9'
    """
    return RUNS.sub(r"\1", shape)


WORDS = re.compile(r"(?:Aa?|a)(?:(?:[ ,./&'’-]| & | - |[.,] )(?:Aa?|a))*\.?")
"""Masks, runs cut, of texts of nothing but words in ordinary case."""
MOSTLY = 0.5
"""Share of the filled rows from which on a column holds words, and up to which their lengths differ."""
ALIKE = 0.05
"""Share of the filled rows that must be written in the same case."""


def mask_plain_text(view: View) -> Mask:
    """Mark words in a column of words of many lengths, in a case that others are written in too: no length of theirs is wrong.

    Shape (d,).
    """
    masks = view.masks
    words = np.fromiter((WORDS.fullmatch(shorten_mask(m)) is not None for m in masks), bool, len(masks))
    rows: Counter[str] = Counter()
    cases: Counter[tuple[bool, bool]] = Counter()
    case = [(m[:1] == "A", "a" in m) for m in masks]
    for m, c, word, n in zip(masks, case, words.tolist(), view.weights.tolist(), strict=True):
        if word:
            rows[m] += n
            cases[c] += n
    filled = max(1, view.filled)
    if rows.total() < MOSTLY * filled or max(rows.values()) > MOSTLY * filled:
        return np.zeros(len(masks), bool)
    usual = np.fromiter((cases[c] >= ALIKE * filled for c in case), bool, len(case))
    return np.asarray(words & usual)


def judge_patterns(view: View, evidence: Evidence) -> None:
    """Judge the shapes of one column; a list by the first of its values."""
    shapes = [
        SEVERAL.split(m.strip())[0] if many else m
        for m, many in zip(view.masks, view.lists.tolist(), strict=True)
    ]
    short = {shape: shorten_mask(shape) for shape in set(shapes)}
    shorts = [short[shape] for shape in shapes]
    rows = float(view.rows)
    filled = ~view.blank
    for name, masks in (("shape", shapes), ("short_shape", shorts)):
        rare, order = _rarity(masks, view.weights.astype(np.float64), filled)
        rare = rare * ~view.credits * (not view.prose)
        evidence.note(view.position, name, rare * order)
        evidence.note(view.position, name + "_rare", rare)
    evidence.note(view.position, "sign", _signs(view, shapes, rows) * ~view.credits * (not view.prose))
    filler = view.of_masks(lambda mask: FILLER.search(mask) is not None)
    share = float(view.weights[filler].sum()) / rows
    evidence.note(view.position, "filler", np.where(filler, -np.log(max(share, 1e-9)), 0.0))
    held, usual = set(view.texts) - {""}, view.usual_masks
    bare = {k: FILLED_UP.sub("", view.texts[k]) for k in np.flatnonzero(filler).tolist()}
    evidence.repairs[view.position]["bare"] = {
        k: text
        for k, text in bare.items()
        if text != view.texts[k] and (text in held or mask_text(text) in usual)
    }
    edge = view.of_masks(lambda mask: mask != mask.strip() or "  " in mask) & filled
    share = float(view.weights[edge].sum()) / rows
    evidence.note(view.position, "space", np.where(edge, -np.log(max(share, 1e-9)), 0.0))


FORM = 0.97
"""Share of the filled rows, all but one at least, that have one form before a text of another kind is out of place."""
FEWEST_FORMED, FEWEST_WORDS = 12, 50
"""Filled rows from which on a form is a column's, and that words have none with a digit."""
SHORT_CODE = 4
"""Signs of a short code at most."""
FAMILY = 5
"""Different texts of one mask from which on they are codes of their own and no slips."""


def _holds(sign: str, mask: str) -> bool:
    return sign in mask


def judge_kinds(view: View, evidence: Evidence) -> None:
    """Judge what a text is made of where nearly all are of one form: words among dates, words among codes, digits among words."""
    if view.filled < FEWEST_FORMED or view.prose:
        return
    header = np.array([text.strip() == view.name.strip() for text in view.texts])  # told as a repeated header
    usable = ~view.blank & ~view.disguised & ~header
    if view.kind.semantic in CHECKED:
        usable &= ~view.kind.conforms
    number = ~np.isnan(view.numbers)
    number &= np.array([bare == text for bare, text in zip(view.bare, view.texts, strict=True)])  # no unit
    digit, small, capital = (view.of_masks(partial(_holds, c)) for c in "9aA")
    letter = small | capital

    def share(of: Mask) -> float:
        return float(view.weights[of & usable].sum()) / view.filled

    def usual(forms: list[str]) -> tuple[str, float]:
        held: Counter[str] = Counter()
        for form, n, use in zip(forms, view.weights.tolist(), usable.tolist(), strict=True):
            held[form] += n * use
        form, rows = held.most_common(1)[0]
        return form, rows / view.filled

    least = min(FORM, 1 - 1 / view.filled)
    form, formed = usual(
        ["9" if n else shorten_mask(mask) for n, mask in zip(number.tolist(), view.masks, strict=True)]
    )
    code, coded = usual(view.masks)
    other = np.zeros(len(view.texts))
    if formed >= least and "9" in form and "a" not in form:
        words = ~number & (letter | ~digit) if form == "9" and view.large else ~digit
        other[words & usable] = formed
    elif coded >= least and len(code) <= SHORT_CODE and not set(code) - set("A9"):
        other[small & view.of_masks(lambda mask: mask.strip().upper() != code) & usable] = coded
    elif (
        view.filled >= FEWEST_WORDS
        and share(~digit & letter) >= least
        and not (digit & letter & usable).any()
    ):
        other[digit & usable] = share(~digit)
    _, alike = np.unique(np.array(view.masks), return_inverse=True)
    family = np.bincount(alike[other > 0], minlength=len(alike)) >= FAMILY
    evidence.note(view.position, "other_kind", other * ~family[alike])


def _rarity(masks: list[str], counts: Floats, filled: Mask) -> tuple[Floats, float]:
    """Minus log share of each mask among the other rows, and how ordered the column is (sum of squares)."""
    kind, names = pd.factorize(np.array(masks, object))
    total = np.bincount(kind[filled], counts[filled], len(names))
    rows = max(1.0, float(counts[filled].sum()))
    order = sum((n / rows) ** 2 for n in total.tolist())
    rare = np.where(filled, -np.log((total + 0.5) / (rows + 1))[kind], 0.0)
    return np.maximum(rare, 0), float(order)


def _signs(view: View, shapes: list[str], rows: float) -> Floats:
    """Rarity of the rarest sign that a text holds: minus log of the share of rows that hold it."""
    gone = dict.fromkeys(map(ord, filter(str.isalnum, set("".join(set(shapes))))))
    of_mask = {mask: mask.translate(gone) for mask in dict.fromkeys(shapes)}
    signs = [of_mask[mask] for mask in shapes]
    of_signs: Counter[str] = Counter()
    for held, n in zip(signs, view.weights.tolist(), strict=True):
        of_signs[held] += n
    holders: Counter[str] = Counter()
    for held, n in of_signs.items():
        for sign in set(held):
            holders[sign] += n
    rare = {c: -np.log(n / rows) for c, n in holders.items()}.__getitem__
    rarest = {held: max(map(rare, set(held)), default=0.0) for held in of_signs}
    return np.array([rarest[held] for held in signs])


WRITTEN = re.compile(r"-?\d{1,3}(?:[.' ]\d{3})+(?:,\d+)?|-?\d+,\d+")
"""Numbers as written with another sign for decimals or thousands."""
COMMA = re.compile(r"-?\d+(?:[.' ]\d{3})*,\d+")
POINTED = re.compile(r"-?\d+\.\d+")
TIMES = 20
"""How much more frequent the usual spelling must be."""
RARE = 0.05
SAME = 0.93
"""Share of rows with one mask from which a column is one of codes of that mask."""
FORMED = 3
"""Usual texts of a list that must share a mask before it is the list's form."""
RARER = 4
"""How many times rarer than the rarest of them a text of another mask must be."""
CLOSED = 20
"""Rows per distinct usual text from which a vocabulary is held for closed."""


def judge_variants(view: View, evidence: Evidence) -> None:
    """Judge how the texts of one column are written."""
    if view.filled < 20:
        return
    repairs = evidence.repairs[view.position]["variant"]
    evidence.note(view.position, "edge_space", _spaces(view, repairs))
    evidence.note(view.position, "case", _case(view, repairs))
    evidence.note(view.position, "zeros_lost", _zeros(view, repairs))
    evidence.note(view.position, "foreign_mask", _foreign(view))
    evidence.note(view.position, "foreign_number", _numbers(view))


def _numbers(view: View) -> Floats:
    """Numbers written with another decimal sign than nearly all others: the share of those.

    Where nearly all numbers carry decimals behind a point, a comma without a point is a decimal comma too.
    """
    trimmed = view.trimmed
    comma = np.array(["," in t and bool(COMMA.fullmatch(t)) for t in trimmed])
    point = np.array(["." in t and bool(POINTED.fullmatch(t)) for t in trimmed])
    commas, points = (float(view.weights[m].sum()) / view.filled for m in (comma, point))
    if view.comma:
        return np.where(point, commas, 0.0)
    if points >= SAME:
        return np.where(comma, points, 0.0)
    written = np.array([bool(WRITTEN.fullmatch(t)) for t in trimmed])
    return np.where(written & np.isnan(view.numbers), view.numeric, 0.0)


def _spaces(view: View, repairs: dict[int, str]) -> Floats:
    """Leading, trailing or doubled spaces where nearly all rows have none: share of the rows without.

    In texts of many words that each row has for itself nothing is looked up by them.
    """
    if view.composed:
        return np.zeros(len(view.texts))
    spaced = view.of_masks(lambda mask: mask != " ".join(mask.split())) & ~view.blank
    share = float(view.weights[spaced].sum()) / view.filled
    if share < RARE:
        repairs.update({k: t.strip() for k, t in enumerate(view.texts) if spaced[k] and t != view.trimmed[k]})
    return np.where(spaced & (share < RARE), 1 - share, 0.0)


def _case(view: View, repairs: dict[int, str]) -> Floats:
    """Texts that equal a far more frequent one but for case: share of the more frequent."""
    out = np.zeros(len(view.texts))
    folded = [text.casefold() for text in view.trimmed]
    if len(set(folded)) == len(folded):
        return out
    best: dict[str, int] = {}
    for k in np.argsort(-view.counts, kind="stable").tolist():
        best.setdefault(folded[k], k)
    for k, text in enumerate(view.texts):
        usual = best[folded[k]]
        if usual == k:
            continue
        mine, its = int(view.counts[k]), int(view.counts[usual])
        if mine and text.strip() != view.texts[usual].strip() and its >= TIMES * mine:
            out[k] = its / (its + mine)
            repairs[k] = view.texts[usual]
    return out


def _zeros(view: View, repairs: dict[int, str]) -> Floats:
    """Digits shorter than the one length that nearly all rows share, where some begin with 0."""
    digits = np.array([t.isdigit() and t.isascii() for t in view.texts])
    out = np.zeros(len(view.texts))
    if float(view.weights[digits].sum()) < 0.5 * view.filled:
        return out
    width: Counter[int] = Counter()
    for t, n, d in zip(view.texts, view.weights, digits, strict=True):
        if d:
            width[len(t)] += int(n)
    total = sum(width.values())
    if total < 0.5 * view.filled:
        return out
    usual, rows = width.most_common(1)[0]
    zeros = sum(
        int(n) for t, n, d in zip(view.texts, view.weights, digits, strict=True)
        if d and len(t) == usual and t[0] == "0"
    )  # fmt: skip
    if usual < 3 or rows < 0.85 * total or zeros < 0.02 * rows:
        return out
    known = set(view.texts)
    for k, text in enumerate(view.texts):
        if digits[k] and len(text) < usual and text[0] != "0":
            out[k] = 0.95 if text.zfill(usual) in known else rows / total
            repairs[k] = text.zfill(usual)
    return out


def _foreign(view: View) -> Floats:
    """Texts of another mask in a closed vocabulary whose usual texts all have one mask: that mask's share."""
    masks = view.masks
    rows: Counter[str] = Counter()
    for m, n, blank in zip(masks, view.weights, view.blank | view.disguised, strict=True):
        if not blank:
            rows[m] += int(n)
    out = np.zeros(len(masks))
    if not rows or "" in rows:
        return out
    main, most = rows.most_common(1)[0]
    share = most / view.filled
    usual = sum(m == main for m in masks)
    letters, rest = main.strip("A") == "", any(c not in "Aa" for c in main) and any(c in "Aa" for c in main)
    if (
        share < SAME
        or most < CLOSED * usual
        or len(main) > 12
        or len(main) == 1
        or not (rest or (letters and len(main) < 5))
    ):
        return out
    words = "a" in main
    usual_form = shorten_mask(main) if words else main
    other = np.array([(shorten_mask(m) if words else m) != usual_form for m in masks])
    least = min(n for m, n in zip(masks, view.weights.tolist(), strict=True) if m == main)
    other &= (view.weights * RARER <= least) & ~(view.blank | view.disguised | view.lists)
    return np.where(other & (usual >= FORMED), share, 0.0)


BROKEN = re.compile(
    "\ufffd|[\u0080-\u009f]|[\u00c2\u00c3][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]|\u00e2\u20ac|\u00ef\u00bf\u00bd|\u00f0\u0178"
)
"""The replacement character, C1 controls, and UTF-8 read as Windows-1252 or Latin-1."""
WRITTEN_LETTERS = (
    "\u0181\u0186\u0189\u018a\u018e-\u0191\u0192\u0194\u0196-\u0199\u019d\u019e\u01a0\u01a1\u01af-\u01b7\u01c0-\u01dd\u01e2-\u01ff"
    "\u021e\u021f\u0226-\u0233\u0253\u0254\u0256\u0257\u0259\u025b\u0260\u0263\u0268\u0269\u0272\u0289\u028a\u028b\u0292\u0294\u02b0-\u02c1\u02c8-\u02cb\u02d0"
)
"""Letters beyond Latin Extended-A that orthographies and transliterations use: Azerbaijani, Vietnamese, Hausa, Ewe, Fula,
Skolt Sami, Lakota, Livonian, pinyin; the modifier letters of ALA-LC and ISO 233 (Unicode 16, chapter 7.1)."""
ACCENTS = "\u0300-\u0304\u0307\u0308\u030b-\u030d\u0323\u0327\u0328\u0331"
"""Accents that orthographies write on letters which have no sign of their own with them: tones of Lingala, Ewe, Dinka,
Yoruba, Marshallese (Unicode 16, chapters 2.11 and 7.9)."""
STRANGE = re.compile(
    f"[A-Za-z](?![{WRITTEN_LETTERS}])[\u0180-\u0217\u021c-\u02ff]|(?![{WRITTEN_LETTERS}])[\u0180-\u0217\u021c-\u02ff][A-Za-z]"
    rf"|(?<![^\W\d_])(?<![{ACCENTS}])[\u0300-\u036f]|(?![{ACCENTS}])[\u0300-\u036f]"
)
"""Letters of phonetic and other alphabets inside Latin words, accents that no letter carries, and those that no orthography has."""


def judge_encoding(view: View, evidence: Evidence) -> None:
    """Judge the characters of one column."""
    texts = [t if t.isascii() else unicodedata.normalize("NFC", t) for t in view.texts]
    broken = np.array([not t.isascii() and bool(BROKEN.search(t)) for t in texts])
    strange = np.array([not t.isascii() and bool(STRANGE.search(t)) for t in texts])
    evidence.note(view.position, "broken", broken.astype(np.float64))
    evidence.note(view.position, "odd_letter", strange.astype(np.float64))


LATIN_END = 0x250
"""First code point after the Latin blocks of Unicode."""


@cache
def character_class(character: str) -> str:
    """Name the class of a character: ASCII, or its Unicode category within or beyond the Latin blocks."""
    if character.isascii():
        return "ascii"
    return unicodedata.category(character) + ("" if ord(character) < LATIN_END else "+")


def character_classes(texts: Iterable[str]) -> frozenset[str]:
    """Return the classes of characters that occur in texts."""
    characters: set[str] = set()
    for text in texts:
        if not text.isascii():
            characters.update(text)
    return frozenset({"ascii", *map(character_class, characters)})


def compare_alphabet(pair: ColumnPair, left: Marks) -> Floats:
    """Values with a class of characters that no column of the target holds."""
    strange = np.zeros(len(pair.source.values))
    for i in np.flatnonzero(left):
        text = pair.source.values[i]
        if not text.isascii() and not pair.alphabet.issuperset(map(character_class, text)):
            strange[i] = 1
    return pair.judge(left, strange, np.zeros(len(pair.target.values)))


def compare_shapes(pair: ColumnPair, left: Marks) -> Floats:
    """Values whose mask, runs said once, is rare or absent in the target."""
    return _compare_patterns(pair, left, pair.source.shapes, pair.target.shapes)


def compare_masks(pair: ColumnPair, left: Marks) -> Floats:
    """Values whose exact mask is rare or absent in the target; how long a word in ordinary case is says nothing."""
    words = np.array(["a" in mask and "9" not in mask for mask in pair.source.masks], bool)
    return _compare_patterns(pair, left & ~words, pair.source.masks, pair.target.masks)


def _compare_patterns(
    pair: ColumnPair, left: Marks, source: npt.NDArray[np.object_], target: npt.NDArray[np.object_]
) -> Floats:
    """Numbers are left out: they are judged by their size."""
    if pair.numeric:
        left = left & ~pair.source_numbers.found
    codes, known = pd.factorize(target)
    rows = np.bincount(codes, weights=pair.target.counts, minlength=len(known)).astype(np.int64)
    place = pd.Index(known).get_indexer(pd.Index(source))
    held = (
        np.where(place >= 0, rows[np.maximum(place, 0)], 0) if len(rows) else np.zeros(len(source), np.int64)
    )
    rare = float(np.count_nonzero(rows == 2))
    return pair.judge(left, rarity(held, pair.target.rows), rarity(rows[codes] - 1, pair.target.rows), rare)


def rarity(held: Counts, rows: int) -> Floats:
    """Half decades by which the rows that hold a pattern fall short of a third of all rows."""
    return np.asarray(np.maximum(0, np.round(2 * np.log10(rows / np.maximum(held, 0.3))) - 1))


ENCODING = CellCheck(
    name="encoding",
    scope="column",
    subject="Format",
    title="hold characters broken by a wrong encoding",
    looks_for=(
        "Replacement characters, control characters, UTF-8 read as a one-byte encoding, "
        "foreign letters inside Latin words."
    ),
    matters="Names arrive garbled, and comparisons with the right spelling fail.",
    action="Read the extract in its true encoding; repair what is already stored broken.",
    signals=(
        "broken",
        "odd_letter",
    ),
    judges=(judge_encoding,),
    certain=(above("broken", 0, 0.9), above("odd_letter", 0, 0.7)),
)


VARIANT = CellCheck(
    name="variant",
    scope="column",
    subject="Format",
    title="are written in another way than the rest",
    looks_for=(
        "Another case of a far more frequent text, spaces at the edges, leading zeros that "
        "got lost, a foreign mask in a closed list of codes."
    ),
    matters="Joins and look-ups miss: 00123 and 123, DE and de are strangers to the target.",
    action="Normalise case, spaces and width at the interface; map the list's foreign values.",
    signals=(
        "edge_space",
        "case",
        "zeros_lost",
        "foreign_mask",
        "foreign_number",
    ),
    judges=(judge_variants,),
    certain=(
        above("edge_space", 0.95, 0.55),
        above("case", 0.9, 0.8),
        above("zeros_lost", 0.85, 0.9),
        above("foreign_mask", 0.93, 0.85),
        above("foreign_number", 0.9, 0.85),
    ),
    repairs=("variant",),
)


PATTERN = CellCheck(
    name="pattern",
    scope="column",
    subject="Format",
    title="are written unlike the rest of the column",
    looks_for=(
        "Masks and signs that hardly any other row shows, fillers such as ***, stray spaces, "
        "words among numbers, dates or codes."
    ),
    matters="The interface rejects the value, or cuts and converts it silently.",
    action="Agree on one format, and convert at the interface.",
    signals=(
        "shape",
        "shape_rare",
        "short_shape",
        "short_shape_rare",
        "sign",
        "filler",
        "space",
        "foreign",
        "other_kind",
    ),
    rule="trim(regexp_replace({}, '\\s+', ' ', 'g'))",
    judges=(judge_patterns, judge_kinds),
    certain=(above("other_kind", 0.9, 0.9),),
    repairs=("near", *REWRITTEN),
)


ALPHABET = ValueCheck(
    name="alphabet",
    subject="Format",
    title="characters that the target uses nowhere",
    judge=compare_alphabet,
)


SHAPE = ValueCheck(
    name="shape",
    subject="Format",
    title="a shape that the target does not know",
    judge=compare_shapes,
)


MASK = ValueCheck(
    name="mask",
    subject="Format",
    title="a length or pattern that the target does not know",
    judge=compare_masks,
)
