"""How templates are filled in: everything escaped, undefined names refused, control characters made visible."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from assess.core.numbers import interval, quantity
from assess.intake.assumptions import STALE_DAYS

from .prose import clean, unlinked
from .sources import FEW, KINDS

SIGNS = {"assessed": "●", "partial": "◐", "not_assessed": "○", "failed": "✕"}
GATE_SIGNS = {"open": "●", "closed": "○", "unknown": "–"}
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


def anchor(*names: str) -> str:
    """Make an id for the page that is the same in every run and holds only plain characters.

    >>> anchor("f", "cost", "cost.ipaas.npv")
    'f-cost-cost.ipaas.npv'
    >>> anchor("in:systems.csv:2:<b>") == anchor("in:systems.csv:2:<b>")
    True
    """
    name = "-".join(names)
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
    if plain != name or len(plain) > 60:
        plain = f"{plain[:40].strip('-')}-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:10]}"
    return plain


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
        "signs": SIGNS,
        "gate_signs": GATE_SIGNS,
        "state_words": STATE_WORDS,
        "marks": MARKS,
        "kinds": KINDS,
        "few": FEW,
        "stale_days": STALE_DAYS,
        "quantity": quantity,
        "interval": interval,
    }
    made.filters |= {"clip": clean, "unlinked": unlinked}
    return made


def _shown(value: Any) -> Any:
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value
