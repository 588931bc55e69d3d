"""Columns that mix forms: the share of each, at any rate, whether it can be undone, and what the form was meant to be.

A defect that is common is no rarity, so no detector of rare cells sees it. Here every column is parted by how its values
are written (Raman and Hellerstein 2001, Potter's Wheel, infer structures the same way), and a mixture is told whatever
its share.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assess.core.engine import quoted
from assess.core.numbers import count
from assess.core.record import Record
from assess.evidence.quality.column import Column
from assess.evidence.quality.column.texts import text_buffers
from assess.evidence.quality.types import SOME, TRIED, ColumnType, dates, vocabularies

from .check import Check

Marks = npt.NDArray[np.bool_]
FEWEST = 3
"""Values of a form from which on it is one."""
EXCEL_EPOCH = date(1899, 12, 30)
"""Day 0 of Excel's calendar, as it counts from 1 March 1900 on (ECMA-376, part 1, 18.17.4.1)."""
AROUND = 366 * 2
"""Days around a column's dates within which a serial number is believed to be one more of them."""
BELIEVED = 0.9
"""Share of the numbers of five digits in a column of dates that must lie there."""
LONG_NUMBER = 8
"""Digits of a whole number from which on a program writes it with an exponent and loses the last ones."""
SHOWN = 3
"""Digits behind the point that half of the numbers with an exponent must show: round ones lost nothing."""
WIDE = 0.5
"""Share of the digits' rows that have their usual, largest length."""
ZEROS = 0.02
"""Share of the codes of that length that must begin with a zero, unless the column's name says that they are postcodes."""
POSTCODE = re.compile(
    r"(?i)(?:^|[^a-z])(?:plz|zip|postcode|postal|postleitzahl|cap|cp|zipcode|psc)(?:[^a-z]|$)"
)
JOINERS = "\u200c\u200d"
"""What keeps letters apart or joins them: orthography in Persian, Hindi and in pictures (Unicode 16, chapter 23.2; RFC 5892, appendix A)."""
HIDDEN = f"\u200b{JOINERS}\u2060\ufeff\u00ad"
"""Characters that take no room (Unicode general category Cf, soft hyphen)."""
JOINED = re.compile(f"([^{JOINERS}])[{JOINERS}]")
UNCASED = frozenset({"Lo", "Mn", "Mc", "So", "Sk"})
"""Categories of what joiners follow where they belong: letters without case, their marks, pictures and their modifiers."""
HARD_SPACES = "\u00a0\u202f\u2007"
"""Spaces at which no line breaks."""
UNSEEN_FROM, UNSEEN_LATIN = 0xCC, 0xC2
"""Bytes of UTF-8 without any of which nothing is composed of two characters (no character below U+0300 combines: Unicode Standard
Annex 15) and none of the others is there: the first bytes from U+0300 on, and that of U+0080 to U+00BF."""


class Mixture(Record):
    """Forms that one column mixes.

    Parameters
    ----------
    kind
        Which mixture.
    column
        The column; empty if it is about rows or headers.
    says
        What is mixed, in words, without values.
    rows
        Rows of the forms that should not be there.
    condition
        DuckDB expression that is true for them.
    fix
        DuckDB expression over the quoted column that undoes it; empty where it can't be undone.
    lossy
        Whether something was lost that no rule brings back.
    examples
        Some values.
    places
        Distinct values concerned, by place; empty where it is no matter of single values.
    cells
        Whether their cells are listed as wrong.
    repaired
        What each of them should be; empty where no rule tells.
    """

    kind: str
    column: str
    says: str
    rows: int
    condition: str = ""
    fix: str = ""
    lossy: bool = False
    examples: tuple[str, ...] = ()
    places: tuple[int, ...] = ()
    cells: bool = False
    repaired: tuple[str, ...] = ()


def find_mixtures(column: Column, kind: ColumnType) -> list[Mixture]:
    """Find what a column mixes.

    Examples
    --------
    >>> from assess.evidence.quality.types import infer_type
    >>> from assess.evidence.quality.table import open_table
    >>> import pandas as pd
    >>> column = open_table(pd.DataFrame({"plz": ["50667", "04109", "4109", "6108", "80331", "01067"] * 5})).column("plz")
    >>> [(m.kind, m.rows, m.lossy) for m in find_mixtures(column, infer_type(column))]
    [('lost zeros', 10, False)]
    """
    if not kind.present.any():
        return []
    found = (judge(column, kind) for judge in JUDGES)
    return [mixture for mixture in found if mixture is not None]


def _texts(column: Column, marks: Marks) -> list[str]:
    return [str(text) for text in column.texts.filter(pa.array(marks)).to_pylist()]


def _masked(column: Column, kind: ColumnType, pattern: str) -> Marks:
    """Present values whose mask fully matches a pattern."""
    fullmatch = re.compile(pattern).fullmatch
    fits = np.array([fullmatch(label) is not None for label in column.bare_masks], bool)
    return (
        np.asarray(fits[column.masked[0]] & kind.present) if fits.any() else np.zeros(column.distinct, bool)
    )


def _made(
    column: Column, kind: str, marks: Marks, says: str, condition: str, fix: str = "", *, lossy: bool = False, cells: bool = False, single: bool = False,
    repaired: Sequence[str] = (),
) -> Mixture:  # fmt: skip
    rows = int(column.counts[marks].sum())
    return Mixture(
        kind=kind, column=column.name, says=says, rows=rows, condition=condition, fix=fix, lossy=lossy,
        examples=tuple(_texts(column, marks)[:3]), places=tuple(np.flatnonzero(marks).tolist()) if cells or single else (), cells=cells, repaired=tuple(repaired),
    )  # fmt: skip


def _share(column: Column, part: Marks, kind: ColumnType) -> str:
    return f"{column.counts[part].sum() / max(1, column.counts[kind.present].sum()):.1%}"


def find_serial_days(column: Column, kind: ColumnType) -> Mixture | None:
    """Days as Excel counts them among dates."""
    numbers = _masked(column, kind, r"9{5}(?:\.9+)?")
    others = kind.present & ~numbers & _masked(column, kind, r".*9[^9]+.*9.*")
    if int(column.counts[numbers].sum()) < FEWEST or int(column.counts[others].sum()) < FEWEST:
        return None
    held = column.texts.filter(pa.array(others))
    tried = (
        held.take(pa.array(np.linspace(0, len(held) - 1, TRIED).astype(np.int64)))
        if len(held) > TRIED
        else held
    )
    if dates.read(tried).found.mean() < SOME:
        return None
    read = dates.read(held, column.counts[others])
    good = read.found & read.valid
    if good.mean() < BELIEVED:
        return None
    first, last = (
        limit.astype("datetime64[D]").astype(date)
        for limit in (read.instants[good].min(), read.instants[good].max())
    )
    days = [EXCEL_EPOCH + timedelta(days=float(text)) for text in _texts(column, numbers)]
    near = [first - timedelta(AROUND) <= day <= last + timedelta(AROUND) for day in days]
    if sum(near) < BELIEVED * len(near):
        return None
    name = quoted(column.name)
    return _made(
        column, "serial days", numbers,
        f"dates, and in {_share(column, numbers, kind)} of the rows days as Excel counts them ({min(days)} to {max(days)})",
        f"regexp_full_match(trim({name}), '[0-9]{{5}}([.][0-9]+)?')",
        f"CASE WHEN regexp_full_match(trim({name}), '[0-9]{{5}}([.][0-9]+)?') THEN CAST(DATE '1899-12-30' + CAST(floor(CAST({name} AS DOUBLE)) AS INTEGER) AS VARCHAR) ELSE {name} END",
        cells=True, repaired=[day.isoformat() for day in days],
    )  # fmt: skip


def find_lost_zeros(column: Column, kind: ColumnType) -> Mixture | None:
    """Codes of digits that are one or two shorter than the others, which begin with 0 as these would."""
    codes, labels = column.masked
    digits = _masked(column, kind, "9+")
    if column.counts[digits].sum() < BELIEVED * column.counts[kind.present].sum():
        return None
    lengths = np.array([len(label) for label in labels])[codes]
    width = int(lengths[digits].max())
    full = digits & (lengths == width)
    rows = float(column.counts[digits].sum())
    if not 3 < width <= 18 or column.counts[full].sum() < WIDE * rows:
        return None
    zero = full & np.asarray(
        pc.starts_with(column.texts, "0").fill_null(False).to_numpy(zero_copy_only=False)
    )
    named = bool(POSTCODE.search(column.name)) and width == POSTCODE_DIGITS
    if column.counts[zero].sum() < ZEROS * column.counts[full].sum() and not named:
        return None
    short = digits & (lengths < width)
    headed = short & np.asarray(
        pc.starts_with(column.texts, "0").fill_null(False).to_numpy(zero_copy_only=False)
    )
    near = short & (lengths >= width - 2) & ~headed
    if not near.any() or column.counts[near].sum() < 0.9 * column.counts[short].sum():
        return None
    name = quoted(column.name)
    return _made(
        column, "lost zeros", near, f"codes of {width} digits, of which {_share(column, near, kind)} lost their leading zeros",
        f"regexp_full_match(trim({name}), '[0-9]{{{width - 2},{width - 1}}}')",
        f"CASE WHEN regexp_full_match(trim({name}), '[0-9]{{{width - 2},{width - 1}}}') THEN lpad(trim({name}), {width}, '0') ELSE {name} END",
        cells=True, repaired=[text.strip().zfill(width) for text in _texts(column, near)],
    )  # fmt: skip


POSTCODE_DIGITS = 5
"""Digits of the postcodes of those countries where some begin with 0 (Germany, France, Italy, Spain, the United States)."""


def find_exponents(column: Column, kind: ColumnType) -> Mixture | None:
    """Long whole numbers that a spreadsheet wrote with an exponent."""
    marks = _masked(column, kind, r"9(?:[.,]9+)?[Aa][+]9{1,2}")
    if int(column.counts[marks].sum()) < FEWEST:
        return None
    texts = _texts(column, marks)
    worth = [int(t.strip().lower().rpartition("+")[2]) for t in texts if re.search(r"[eE][+]\d+\s*$", t)]
    others = kind.present & ~marks
    long = _masked(column, kind, f"9{{{LONG_NUMBER},}}")
    decimals = [len(re.sub(r"^\s*\d[.,]?|[eE].*$", "", text)) for text in texts]
    if len(worth) < len(texts) or min(worth) < LONG_NUMBER - 1 or np.median(decimals) < SHOWN:
        return None
    if column.counts[others].sum() and column.counts[long].sum() < 0.5 * column.counts[others].sum():
        return None
    return _made(
        column, "exponents", marks,
        f"long numbers, of which {_share(column, marks, kind)} are written with an exponent: their last digits are lost",
        f"regexp_full_match(trim({quoted(column.name)}), '[0-9]([.,][0-9]+)?[eE][+][0-9]+')", lossy=True, cells=True,
    )  # fmt: skip


SIGNS = {
    "minus behind": r"[9.,' \u00a0\u202f]*9 ?-", "brackets": r"\([9.,' \u00a0\u202f]*9\)", "minus before": r"-[9.,' \u00a0\u202f]*9",
}  # fmt: skip
"""How negative numbers are written, as masks."""
CREDIT = re.compile(r"[\d.,' \u00a0\u202f]*\d ?(?:CR|DR)", re.I)


def find_signs(column: Column, kind: ColumnType) -> Mixture | None:
    """Negative amounts with the sign behind, in brackets or as CR, or in several ways."""
    plain = _masked(column, kind, r"[9.,' \u00a0\u202f]*9")
    used = {name: _masked(column, kind, pattern) for name, pattern in SIGNS.items()}
    lettered = _masked(column, kind, r"[9.,' \u00a0\u202f]*9 ?(?:AA|Aa|aa)")
    credit = lettered.copy()
    credit[lettered] = [CREDIT.fullmatch(text.strip()) is not None for text in _texts(column, lettered)]
    used["CR and DR"] = credit
    rows = {name: int(column.counts[marks].sum()) for name, marks in used.items()}
    total = int(column.counts[kind.present].sum())
    if sum(rows.values()) + int(column.counts[plain].sum()) < BELIEVED * total:
        return None
    ways = [name for name, n in rows.items() if n >= FEWEST]
    if not ways or ways == ["minus before"]:
        return None
    odd = np.logical_or.reduce([used[name] for name in ways if name != "minus before"])
    name = quoted(column.name)
    listed = ", ".join(f"{way} ({rows[way] / total:.1%})" for way in ways)
    pattern = "[0-9.,'' ]*[0-9] ?-|[(][0-9.,'' ]*[0-9][)]|[0-9.,'' ]*[0-9] ?([CcDd][Rr])"
    return _made(
        column, "signs", odd, f"amounts whose negative ones are written with {listed}", f"regexp_full_match(trim({name}), '{pattern}')",
        f"CASE WHEN regexp_full_match(trim({name}), '{pattern}') THEN (CASE WHEN regexp_matches({name}, '[-(]|[Cc][Rr]') THEN '-' ELSE '' END) || regexp_extract({name}, '[0-9][0-9.,'' ]*[0-9]|[0-9]') ELSE {name} END",
    )  # fmt: skip


def find_decimal_signs(column: Column, kind: ColumnType) -> Mixture | None:
    """Numbers of which some write decimals behind a comma and others behind a point."""
    if kind.numbers is None:
        return None
    forms = kind.numbers.forms
    comma = kind.present & np.isin(forms, ["1.234,5", "1234,5"])
    point = kind.present & np.isin(forms, ["1,234.5", "plain"])
    dotted = point.copy()
    dotted[point] = ["." in text for text in _texts(column, point)]
    one, other = (int(column.counts[marks].sum()) for marks in (comma, dotted))
    if min(one, other) < FEWEST:
        return None
    rare = (comma if one <= other else dotted).copy()
    sign = "comma" if one <= other else "point"
    name = quoted(column.name)
    decimals = f"[0-9]{'[,]' if one <= other else '[.]'}([0-9]{{1,2}}|[0-9]{{4,}})[^0-9.,]*$"
    rare[rare] = [re.search(decimals, text) is not None for text in _texts(column, rare)]
    return _made(
        column, "decimal signs", rare,
        f"numbers, of which {_share(column, rare, kind)} write their decimals behind a {sign} and the others do not",
        f"regexp_matches({name}, '{decimals}')",
    )  # fmt: skip


def find_truths(column: Column, kind: ColumnType) -> Mixture | None:
    """Several spellings of yes, or of no."""
    if kind.semantic != "yes or no":
        return None
    spellings: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for text, rows in zip(_texts(column, kind.present), column.counts[kind.present].tolist(), strict=True):
        truth = vocabularies.YES_NO.get(text.strip().lower())
        if truth is not None:
            spellings[truth][text.strip()] += rows
    usual = {truth: max(words, key=lambda w: words[w]) for truth, words in spellings.items() if words}
    number = sum(map(len, spellings.values()))
    if number <= len(usual) or len(usual) < 2:
        return None
    odd = kind.present.copy()
    odd[kind.present] = [t.strip() not in usual.values() for t in _texts(column, kind.present)]
    name = quoted(column.name)
    wanted = ", ".join(f"'{word}'" for word in usual.values())
    return _made(
        column, "truths", odd, f"yes and no in {number} spellings",
        f"{name} IS NOT NULL AND trim({name}) <> '' AND trim({name}) NOT IN ({wanted})",
    )  # fmt: skip


def find_characters(column: Column, kind: ColumnType) -> Mixture | None:
    """Characters that nobody sees: composed of two, without width, or spaces that are none."""
    _, data = text_buffers(column.texts)
    if not (data >= UNSEEN_FROM).any() and not (data == UNSEEN_LATIN).any():
        return None
    beyond = kind.present & ~np.asarray(
        pc.string_is_ascii(column.texts).fill_null(True).to_numpy(zero_copy_only=False)
    )
    if not beyond.any():
        return None
    texts = _texts(column, beyond)
    numeric = kind.numbers is not None
    apart = [not unicodedata.is_normalized("NFC", text) for text in texts]
    before = Counter(unicodedata.category(one) in UNCASED for text in texts for one in JOINED.findall(text))
    without = HIDDEN.translate(dict.fromkeys(map(ord, JOINERS))) if before[True] > before[False] else HIDDEN
    hidden, spaces = frozenset(without), frozenset(HARD_SPACES)
    unseen = [not hidden.isdisjoint(text) for text in texts]
    spaced = [not numeric and not spaces.isdisjoint(text) for text in texts]
    odd = beyond.copy()
    odd[beyond] = [a or u or s for a, u, s in zip(apart, unseen, spaced, strict=True)]
    if not odd.any():
        return None
    rows = column.counts[beyond]
    parts = (
        (apart, "letter{} composed of two characters (Unicode NFD)"), (unseen, "character{} without width"), (spaced, "no-break space{}"),
    )  # fmt: skip
    said = ", ".join(
        count(number, words.format(""), words.format("s"))
        for marks, words in parts
        if (number := int(rows[np.array(marks, bool)].sum()))
    )
    name = quoted(column.name)
    clean = f"replace(replace(replace(nfc_normalize(regexp_replace({name}, '[{without}]', '', 'g')), '\u00a0', ' '), '\u202f', ' '), '\u2007', ' ')"
    return _made(
        column, "characters", odd, f"texts with characters that nobody sees: {said}", f"{name} IS DISTINCT FROM {clean}", clean,
        single=True,
    )  # fmt: skip


JUDGES: tuple[Callable[[Column, ColumnType], Mixture | None], ...] = (
    find_serial_days, find_lost_zeros, find_exponents, find_signs, find_decimal_signs, find_truths, find_characters,
)  # fmt: skip


def merge_mixtures(blocks: Sequence[Sequence[Mixture]]) -> list[Mixture]:
    """Put the mixtures of blocks together: the rows of one kind in one column are added."""
    merged: dict[tuple[str, str], Mixture] = {}
    for mixture in (one for block in blocks for one in block):
        before = merged.get((mixture.column, mixture.kind))
        rows = mixture.rows + (before.rows if before is not None else 0)
        merged[mixture.column, mixture.kind] = (before or mixture).model_copy(update={"rows": rows})
    return list(merged.values())


def find_header_faults(names: Sequence[str], renamed: Sequence[str]) -> Mixture | None:
    """Headers that are empty, stand twice, or differ in case only."""
    folded = Counter(name.strip().casefold() for name in names)
    alike = [name for name in names if folded[name.strip().casefold()] > 1]
    parts = []
    if renamed:
        parts.append(f"empty or repeated: {', '.join(renamed)}")
    if alike:
        parts.append(f"alike but for case and spaces: {', '.join(alike)}")
    return Mixture(kind="headers", column="", says="; ".join(parts), rows=0) if parts else None


MIXTURE = Check(
    name="mixture",
    scope="column",
    subject="Format",
    title="mixes forms",
    looks_for=(
        "Several forms in one column, whatever the share of each: Excel's days among dates, codes without their leading zeros, long numbers "
        "with an exponent, signs behind or in brackets, two decimal signs, several spellings of yes and no, characters that nobody sees."
    ),
    matters="Each form needs a rule of its own; what the interface does not know of is read wrongly or refused.",
    action="Agree on one form at the interface, and convert the others by the rule given.",
)


HEADERS = Check(
    name="headers",
    scope="table",
    subject="Format",
    title="has headers that are empty, repeated or alike",
    looks_for="Columns without a name, names that stand twice, names that differ in case or spaces only.",
    matters="A program that reads columns by name takes the wrong one, or none.",
    action="Name every column once.",
)


EMPTY = Check(
    name="empty column",
    scope="column",
    subject="Missing",
    title="holds nothing in any row",
    looks_for="Columns in which no row holds anything.",
    matters="A field of the target that is fed from it stays empty.",
    action="Ask the owner whether the extract lost it, or leave it out of the mapping.",
)


REPEATED_HEADER = Check(
    name="repeated header",
    scope="table",
    subject="Format",
    title="repeat the header",
    looks_for="Rows that hold the names of the columns, as files that were put together do.",
    matters="The header is loaded as a record, or the load stops at it.",
    action="Leave these rows out, and find out which job puts files together.",
)
