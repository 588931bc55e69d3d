"""Every check, as a table of contents. Each is written, with its judge and its words, in the module named here.

To add one: write it in the module of its subject, and list it below.
"""

from __future__ import annotations

from . import mixtures, near_copies, references, uniqueness
from .cells import (
    dependencies,
    formats,
    lookups,
    missing,
    numbers,
    rows,
    rules,
    spelling,
    units,
    validity,
    vocabulary,
)
from .check import CellCheck, Check, DefinitionCheck, ValueCheck
from .definitions import fields, forms, measures, moments
from .definitions import vocabulary as words

CELLS: tuple[CellCheck, ...] = (
    missing.MISSING,
    formats.ENCODING,
    units.UNIT,
    validity.DATE_FORMATS,
    validity.VALIDITY,
    formats.VARIANT,
    vocabulary.VOCABULARY,
    rules.ARITHMETIC,
    rules.ORDER,
    rows.MERGED,
    spelling.SPELLING,
    formats.PATTERN,
    numbers.OUTLIER,
    dependencies.REPEATED_KEY,
    dependencies.SEQUENCE,
    dependencies.DEPENDENCY,
    rows.RELATION,
)
"""Single cells of one table, by their column, their row and the whole table, in the order in which they are listed."""

TABLES: tuple[Check, ...] = (
    references.READING,
    missing.INCOMPLETE,
    mixtures.MIXTURE,
    mixtures.HEADERS,
    mixtures.EMPTY,
    mixtures.REPEATED_HEADER,
    uniqueness.BROKEN_KEY,
    uniqueness.DUPLICATES,
    uniqueness.DUPLICATES_BUT_FOR_FORMAT,
    near_copies.NEAR_COPIES,
    references.ORPHAN,
)
"""Whole columns and rows of one table, and references between the tables of an engagement."""

VALUES: tuple[ValueCheck, ...] = (
    missing.BLANK,
    formats.ALPHABET,
    validity.REARRANGED,
    formats.SHAPE,
    formats.MASK,
    numbers.MAGNITUDE,
    spelling.NEAR_TARGET,
    numbers.UNKNOWN_PART,
    numbers.PART_MAGNITUDE,
    vocabulary.UNKNOWN_WORD,
    vocabulary.LETTERS,
    vocabulary.NOVEL,
    lookups.LOOKUP,
    rows.IDENTITY,
)
"""Cells of a source that break what the target holds, the most specific first: what one explains is left out of the next."""

DEFINITIONS: tuple[DefinitionCheck, ...] = (
    measures.SCALE,
    measures.NET_GROSS,
    words.WORDS,
    forms.UNICODE,
    words.CASE,
    words.CODE_REUSE,
    forms.PUNCTUATION,
    forms.LEADING_ZEROS,
    forms.PREFIX,
    measures.DECIMAL_SIGN,
    moments.DATE_FORMAT,
    fields.TYPE,
    moments.TIME_ZONE,
    fields.NULLABILITY,
    fields.LENGTH,
    fields.PRECISION,
    moments.FRESHNESS,
    fields.DISAGREEMENT,
    fields.CONTENTS,
    fields.STRUCTURE,
)
"""Definitions of a field on two sides, in the order in which their conflicts are listed."""

RECORDS: tuple[Check, ...] = (
    fields.NO_KEY,
    fields.NO_COMMON_KEY,
    fields.SOURCE_ONLY,
    fields.TARGET_ONLY,
    fields.GRAIN,
)
"""Records of two sides: what joins them, and which are on one side only."""

CHECKS: tuple[Check, ...] = (*CELLS, *TABLES, *VALUES, *DEFINITIONS, *RECORDS)
"""All of them."""

_BY_NAME: dict[str, Check] = {check.name: check for check in reversed(CHECKS)}


def find_check(name: str) -> Check:
    """Return a check by the name that a finding gives it; one of the target's contract begins with "breaks".

    >>> find_check("spelling").scope, find_check("breaks spelling").scope
    ('column', 'pair')

    Raises
    ------
    KeyError
        If there is none.
    """
    if name.startswith("breaks "):
        return {f"breaks {check.name}": check for check in VALUES}[name]
    return _BY_NAME[name]
