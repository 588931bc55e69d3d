"""Search in the catalog: an index of full text in memory (SQLite FTS5, ranked by BM25)."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

from .entity import Entity

_WORD = re.compile(r"\w+", re.UNICODE)
WEIGHTS = (10.0, 8.0, 4.0, 3.0, 1.0)
"""How much a word counts in name, title, what it is (kind, type, tags), whose it is, and in descriptions."""


class Index:
    """Every entity of a catalog by its words."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._base = sqlite3.connect(":memory:", check_same_thread=False)
        tokens = "unicode61 remove_diacritics 2"
        self._base.execute(
            "CREATE VIRTUAL TABLE entities USING fts5"
            f"(ref UNINDEXED, name, title, what, whose, description, prefix='2 3', tokenize='{tokens}')"
        )
        self._base.executemany("INSERT INTO entities VALUES (?, ?, ?, ?, ?, ?)", map(_row, entities))

    def find(self, text: str, limit: int = 20) -> tuple[str, ...]:
        """Return the references of the entities that hold every word of a text, or a word that begins so.

        Best first; whatever is no letter or digit separates words, so no text is a query that fails.
        """
        words = _WORD.findall(text.replace("_", " "))
        if not words:
            return ()
        query = " ".join(f'"{word}"*' for word in words)
        weights = ", ".join(map(str, (0.0, *WEIGHTS)))
        found = self._base.execute(
            f"SELECT ref FROM entities WHERE entities MATCH ? ORDER BY bm25(entities, {weights}), ref LIMIT ?",  # noqa: S608
            (query, limit),
        )
        return tuple(ref for (ref,) in found)


def _row(entity: Entity) -> tuple[str, ...]:
    what = " ".join((entity.kind, entity.type, entity.lifecycle, *entity.tags, *entity.notes.events))
    whose = " ".join((entity.owner, entity.system, entity.domain))
    return entity.ref, _split(entity.name), entity.title, what, whose, entity.description


def _split(name: str) -> str:
    """Return a name with the parts that its capitals mark beside it.

    >>> _split("OrderEvents")
    'OrderEvents Order Events'
    """
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return name if parts == name else f"{name} {parts}"
