"""Facts of all rows of a table that is not judged in one piece: gathered from its blocks, or told by an engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .column import Column
from .distinct import Amounts, Distinct
from .engine import Engine, NotAssessed
from .facts import QUANTILES, ColumnFacts
from .types import ColumnType


class Gathering:
    """What the blocks of a table say together that none says alone.

    Parameters
    ----------
    columns
        Names of the columns.
    folder
        Where it goes when it is much; empty for the system's place.
    """

    def __init__(self, columns: Sequence[str], folder: str = "") -> None:
        self._distinct = {name: Distinct(folder) for name in columns}
        self._amounts = {name: Amounts() for name in columns}

    def look(self, column: Column, kind: ColumnType) -> None:
        """Take in a column of a block."""
        self._distinct[column.name].look(column, kind.present)
        self._amounts[column.name].look(column, kind)

    def told(self, columns: Sequence[ColumnFacts]) -> tuple[tuple[ColumnFacts, ...], dict[str, int]]:
        """Complete the facts, and tell how many rows of each column hold what another row holds too."""
        repeated = {}
        facts = []
        for fact in columns:
            distinct, repeated[fact.name] = self._distinct[fact.name].told
            amounts = self._amounts[fact.name]
            lacking = fact.not_assessed
            if not amounts.whole:
                lacking = (*lacking, f"quantiles of {fact.name}: too many different values")
            number = fact.minimum is not None and fact.physical in ("integer", "decimal")
            known = {"distinct": distinct, "not_assessed": lacking}
            facts.append(fact.model_copy(update=known | ({"quantiles": amounts.quantiles} if number else {})))
        return tuple(facts), repeated


def told(facts: ColumnFacts, engine: Engine) -> ColumnFacts:
    """Replace what blocks or a sample cannot tell by what the engine says of all rows.

    Distinct values less the disguises and blanks that the blocks found; quantiles of numbers. What the
    engine lacks stays in ``not_assessed``.
    """
    lacking: list[str] = []
    known: dict[str, Any] = {}

    def ask(name: str, question: Callable[[], Any]) -> None:
        try:
            known[name] = question()
        except NotAssessed as problem:
            lacking.append(str(problem))

    ask("distinct", lambda: engine.distinct(facts.name))
    if facts.quantiles or (facts.semantic == "quantity" and facts.physical in ("integer", "decimal")):
        ask("quantiles", lambda: tuple(engine.quantile(facts.name, share) for share in QUANTILES))
    if None in known.get("quantiles", ()):
        known.pop("quantiles")
    return facts.model_copy(update={**known, "not_assessed": tuple(lacking)})
