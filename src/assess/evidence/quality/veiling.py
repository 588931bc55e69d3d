"""A client's values replaced by their look and a number, so that a page can count them without showing them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd

from .column.facts import ColumnFacts
from .column.masks import mask
from .masking import telling

LONGEST = 40
"""Characters of a value whose look is shown."""
PERSONAL = frozenset({"e-mail", "phone", "iban", "payment card", "ip address", "vat number"})
"""Semantic types whose values belong to a person."""
WORDS = re.compile(
    r"(?i)birth|born|\bdob\b|geb(urt|oren)|\bage\b|\balter\b|gender|geschlecht|salar|wage|gehalt|lohn|income|"
    r"einkommen|health|religion|passport|social.?sec|tax.?id|steuer.?id"
)
"""Words in a column's name that tell of a person, whatever the values look like."""
IDENTIFYING = 0.9
"""Share of distinct values from which on whole numbers tell one row from another."""


def personal(facts: ColumnFacts) -> bool:
    """Whether a column's numbers and dates may tell of a person, so that they are veiled as texts are.

    >>> from assess.evidence.quality import profile
    >>> import pandas as pd
    >>> q = profile(pd.DataFrame({"birth_date": ["1980-01-31", "1971-05-20"] * 4, "weight": ["1.5", "2"] * 4}))
    >>> [personal(facts) for facts in q.facts]
    [True, False]
    """
    name = re.sub(r"[_\-.]+|(?<=[a-z])(?=[A-Z])", " ", facts.name)
    numbers = facts.physical == "integer" and (facts.unique_share or 0.0) >= IDENTIFYING
    return facts.semantic in PERSONAL or bool(WORDS.search(name)) or numbers


class Veil:
    """Gives each value the same stand-in wherever it occurs, in the order in which values are met.

    Examples
    --------
    >>> veil = Veil()
    >>> veil("Ann Lee"), veil("Bob Ray"), veil("Ann Lee"), veil("N/A"), veil(None)
    ('Aaa Aaa · 1', 'Aaa Aaa · 2', 'Aaa Aaa · 1', 'N/A', None)
    """

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, value: str | None) -> str | None:
        """Return the stand-in of a value; what stands for nothing stays as it is."""
        if value is None or telling(value):
            return value
        if value not in self._known:
            self._known[value] = f"{mask(value[:LONGEST])} · {len(self._known) + 1}"
        return self._known[value]


def each(values: pd.Series, change: Callable[[str | None], str | None]) -> pd.Series:
    """Change the values of a column of texts, each distinct one once; a null is None."""
    known = {value: change(value) for value in values.dropna().unique().tolist()}
    return pd.Series([None if v is None else known[v] for v in values.tolist()], values.index, object)
