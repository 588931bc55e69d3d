"""The forms in which keys are compared: what is ignored of a text so that it equals another system's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assess.evidence.quality.column import Column, once_a_column
from assess.evidence.quality.column.texts import ASCII_SIGNS

REMEMBERED = 20_000
"""Distinct values of a column up to which its values in each form are kept for the next pair of columns, or of tables."""
WORDS = re.compile(r"[^\W\d_]{3,}")
SIGNS, NO_DIGITS = re.compile(r"[\W_]+"), re.compile(r"\D+")


def compose(text: str) -> str:
    """Return a text with every letter and its accents as one character (Unicode NFC).

    >>> compose("Jose\u0301") == "José"
    True
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def fold_spaces(text: str) -> str:
    """Return a text composed, its case ignored, and single spaces for white space of any length.

    >>> fold_spaces(" New  York ")
    'new york'
    """
    return " ".join(compose(text).casefold().split())


def keep_letters_and_digits(text: str) -> str:
    """Return the letters and digits of a text, their case ignored.

    >>> keep_letters_and_digits("Ab-12_Ö")
    'ab12ö'
    """
    folded = compose(text).casefold()
    if folded.isalnum():
        return folded
    if folded.isascii():
        return folded.encode().translate(None, ASCII_SIGNS).decode()
    return SIGNS.sub("", folded)


def drop_leading_zeros(text: str) -> str:
    """Return the same without the zeros that lead, the last character always kept.

    >>> drop_leading_zeros("00-7a"), drop_leading_zeros("000")
    ('7a', '0')
    """
    kept = keep_letters_and_digits(text)
    return kept.lstrip("0") or kept[-1:]


def keep_digits(text: str) -> str:
    """Return the digits of a text without leading zeros; none of a text of several words, which is no number.

    >>> keep_digits("No. 0042/b")
    '42'
    """
    if text.isdecimal():
        return text.lstrip("0")
    return "" if len(WORDS.findall(text)) > 1 else NO_DIGITS.sub("", text).lstrip("0")


APART = 0.9
"""Share of the values that a form must keep apart to be one of theirs: 01A, 01B and 001 are three codes, and no 1."""


def keeps_apart(normal: Sequence[str] | npt.NDArray[np.object_]) -> bool:
    """Whether values are mostly still different in a form.

    >>> keeps_apart([keep_digits(code) for code in ("C-01", "C-02", "C-03")]), keeps_apart([keep_digits(code) for code in ("01A", "01B", "02A")])
    (True, False)
    """
    told = [text for text in normal if text]
    return len(set(told)) >= APART * len(told)


FORMS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("as it is", str),
    ("Unicode composition ignored", compose),
    ("case and spaces ignored", fold_spaces),
    ("letters and digits only", keep_letters_and_digits),
    ("leading zeros ignored", drop_leading_zeros),
    ("digits only, leading zeros ignored", keep_digits),
)
"""Forms in which keys are compared, the strictest first."""


def _only_digits(texts: pa.Array) -> pa.Array:
    digits = pc.utf8_ltrim(pc.replace_substring_regex(texts, "[^0-9]+", ""), "0")
    several = pc.greater(pc.count_substring_regex(texts, "[A-Za-z]{3,}"), 1)
    return pc.if_else(several, "", digits)


def _letters_and_digits(texts: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(pc.utf8_lower(texts), "[^0-9a-z]+", "")


def _no_leading_zeros(texts: pa.Array) -> pa.Array:
    kept = _letters_and_digits(texts)
    bare = pc.utf8_ltrim(kept, "0")
    return pc.if_else(pc.equal(bare, ""), pc.utf8_slice_codeunits(kept, -1), bare)


def _folded_spaces(texts: pa.Array) -> pa.Array:
    single = pc.replace_substring_regex(pc.utf8_lower(texts), r"[ \t-\r\x1c-\x1f]+", " ")
    return pc.utf8_trim(single, " ")


_OF_ASCII: dict[Callable[[str], str], Callable[[pa.Array], pa.Array]] = {
    str: lambda texts: texts,
    compose: lambda texts: texts,
    fold_spaces: _folded_spaces,
    keep_letters_and_digits: _letters_and_digits,
    drop_leading_zeros: _no_leading_zeros,
    keep_digits: _only_digits,
}
"""The same of many texts of ASCII at once: of the first 128 characters, case folds to lower case and nothing is composed."""


@once_a_column(up_to=REMEMBERED)
def write_form(column: Column, normal: Callable[[str], str]) -> npt.NDArray[np.object_]:
    """Return the distinct values of a column in a form, shape (d,), dtype object; a null as an empty text.

    Parameters
    ----------
    column
        The column.
    normal
        The function of one of the `FORMS`.

    Examples
    --------
    >>> from assess.evidence.quality.column import encode_column
    >>> write_form(encode_column("k", pa.chunked_array([["No. 007", "Ö-7", None]], pa.large_string())), drop_leading_zeros).tolist()
    ['no007', 'ö7', '']
    """
    texts = pc.fill_null(column.texts, "")
    made = np.asarray(_OF_ASCII[normal](texts).to_numpy(zero_copy_only=False), object).copy()
    other = np.flatnonzero(~np.asarray(pc.string_is_ascii(texts).to_numpy(zero_copy_only=False), bool))
    made[other] = [normal(text) for text in texts.take(pa.array(other)).to_pylist()]
    return made
