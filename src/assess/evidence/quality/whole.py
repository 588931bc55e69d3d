"""Facts that only an engine can tell of a table that is not judged in one piece: over all of its rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .engine import Engine, NotAssessed
from .facts import QUANTILES, ColumnFacts

EXACT = 1_000_000_000
"""Rows times columns beyond which distinct values are not counted exactly."""


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
