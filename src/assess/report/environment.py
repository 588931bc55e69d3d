"""How templates are filled in: everything escaped, nothing undefined, control characters made visible."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from .evidence import anchor
from .prose import clean, unlinked
from .sketch import svg

SIGNS = {"assessed": "●", "partial": "◐", "not_assessed": "○", "failed": "✕"}
GATE_SIGNS = {"open": "✓", "partial": "◐", "closed": "✕", "unknown": "○"}
STATE_WORDS = {
    "assessed": "assessed",
    "partial": "assessed with gaps",
    "not_assessed": "not assessed",
    "failed": "could not be computed",
}
MARKS = {
    "good": "✓", "partial": "◐", "bad": "✕", "unknown": "○",
    "critical": "◆", "high": "▲", "medium": "■", "low": "▽", "info": "·",
}  # fmt: skip
"""Signs of the words of a ``state`` column: shapes that differ without colour."""


@cache
def environment() -> Environment:
    """Return the environment of all templates."""
    made = Environment(
        loader=PackageLoader("assess.report", "template"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    made.globals |= {
        "anchor": anchor,
        "signs": SIGNS,
        "gate_signs": GATE_SIGNS,
        "state_words": STATE_WORDS,
        "marks": MARKS,
    }
    made.filters |= {"clip": clean, "unlinked": unlinked, "plain": plain, "svg": svg}
    return made


def plain(value: float) -> str:
    """Write a number as an input of a page takes it, without loss.

    >>> plain(2e6), plain(0.5), plain(1e22)
    ('2000000', '0.5', '1e+22')
    """
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _shown(value: Any) -> Any:
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value
