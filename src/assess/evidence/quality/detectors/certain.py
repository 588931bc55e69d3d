"""Checks that need no weighing: what they see is wrong for the reason they give.

Each turns one signal into a probability by a rule stated here. When a rule fires was set from what the check
means; the probability it gives is the share of the cells it told that were wrong, over the labelled public
tables (dirty and clean) and the ledger of the samples together, to the nearest twentieth, between .55 and .95:
``benchmarks/accuracy.md`` shows the reliability of the result.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .evidence import Evidence
from .view import Floats, View

Rule = Callable[[dict[str, Floats]], Floats]


def _units(s: dict[str, Floats]) -> Floats:
    return np.asarray(np.minimum(0.95, 2 * s["units"]))


def _some_unit(s: dict[str, Floats]) -> Floats:
    return np.asarray(0.95 * (s["some_unit"] > 0.5))


def _ambiguous(s: dict[str, Floats]) -> Floats:
    return np.asarray(0.9 * (s["ambiguous"] > 0.5))


def _merged(s: dict[str, Floats]) -> Floats:
    return np.asarray(0.95 * (s["merged"] > 0.5))


def _broken(s: dict[str, Floats]) -> Floats:
    return np.asarray(0.9 * (s["broken"] > 0))


def _odd_letter(s: dict[str, Floats]) -> Floats:
    return np.asarray(0.7 * (s["odd_letter"] > 0))


def _gap(s: dict[str, Floats]) -> Floats:
    return np.asarray(0.9 * ((s["gap_power"] > 0.25) & (s["gap_filled"] > 0.3)))


def _disguised(s: dict[str, Floats]) -> Floats:
    return np.asarray(0.9 * (s["disguised"] > 1.5))


def _plain(name: str, least: float, sure: float) -> Rule:
    """Make the rule that a signal above a limit is right with a stated probability."""

    def rule(s: dict[str, Floats]) -> Floats:
        return np.asarray(sure * (s[name] > least))

    return rule


RULES: dict[str, tuple[tuple[str, ...], Rule]] = {
    "unit": (("units",), _units),
    "unit_on_some": (("some_unit",), _some_unit),
    "ambiguous_date": (("ambiguous",), _ambiguous),
    "merged": (("merged",), _merged),
    "encoding": (("broken",), _broken),
    "odd_letter": (("odd_letter",), _odd_letter),
    "missing": (("gap_power", "gap_filled"), _gap),
    "disguised_missing": (("disguised",), _disguised),
    "rare_disguise": (("rare_disguise",), _plain("rare_disguise", 0.5, 0.65)),
    "default_date": (("default_date",), _plain("default_date", 0.9, 0.9)),
    "default_number": (("default_number",), _plain("default_number", 0.5, 0.85)),
    "invalid": (("invalid",), _plain("invalid", 0.8, 0.9)),
    "foreign_date": (("foreign_date",), _plain("foreign_date", 0.6, 0.9)),
    "impossible_date": (("impossible_date",), _plain("impossible_date", 0.5, 0.95)),
    "edge_space": (("edge_space",), _plain("edge_space", 0.95, 0.55)),
    "case": (("case",), _plain("case", 0.9, 0.8)),
    "zeros_lost": (("zeros_lost",), _plain("zeros_lost", 0.85, 0.9)),
    "foreign_mask": (("foreign_mask",), _plain("foreign_mask", 0.93, 0.85)),
    "foreign_number": (("foreign_number",), _plain("foreign_number", 0.9, 0.85)),
    "default_code": (("default_code",), _plain("default_code", 0.5, 0.8)),
    "extreme": (("extreme",), _plain("extreme", 0.5, 0.55)),
    "stranger": (("stranger",), _plain("stranger", 0.5, 0.65)),
    "synonym": (("synonym",), _plain("synonym", 0.5, 0.9)),
    "near_common": (("near_common",), _plain("near_common", 0.5, 0.95)),
    "rare_blank": (("rare_blank",), _plain("rare_blank", 0.5, 0.6)),
    "text_among_numbers": (("text_among_numbers",), _plain("text_among_numbers", 0.97, 0.9)),
    "negative": (("negative",), _plain("negative", 0.5, 0.65)),
    "decimal": (("decimal",), _plain("decimal", 0.5, 0.75)),
    "extreme_date": (("extreme_date",), _plain("extreme_date", 0.5, 0.7)),
    "total": (("total",), _plain("total", 0.89, 0.75)),
    "order": (("order",), _plain("order", 0.96, 0.75)),
    "misheld": (("misheld",), _plain("misheld", 0.9, 0.8)),
}
"""Check, the signals it needs, and its rule."""


def of_texts(view: View, evidence: Evidence) -> dict[str, Floats]:
    """Probability per distinct text by check, shape (d,) each; only checks that fire."""
    said = evidence.texts.get(view.position, {})
    return _apply(said, len(view.texts))


def of_rows(view: View, evidence: Evidence) -> dict[str, Floats]:
    """Probability per row by check, shape (rows,) each; only checks that fire."""
    said = {}
    for name, (rows, values) in evidence.cells.get(view.position, {}).items():
        if any(name in needs for needs, _ in RULES.values()):
            said[name] = np.zeros(view.rows)
            said[name][rows] = values
    return _apply(said, view.rows)


def _apply(said: dict[str, Floats], size: int) -> dict[str, Floats]:
    found = {}
    for check, (needs, rule) in RULES.items():
        if any(name in said for name in needs):
            chance = rule({name: said.get(name, np.zeros(size)) for name in needs})
            if chance.any():
                found[check] = chance
    return found


def together(chances: dict[str, Floats], size: int) -> Floats:
    """Probability that at least one check is right, shape (size,)."""
    none = np.ones(size)
    for chance in chances.values():
        none *= 1 - chance
    return np.asarray(1 - none)
