"""Values that are missing, plainly or in disguise."""

from __future__ import annotations

import numpy as np

from .evidence import Evidence
from .view import PERHAPS_ZERO, View


def judge(view: View, evidence: Evidence) -> None:
    """Judge blanks and their disguises in one column."""
    rows = max(1, view.rows)
    blank, disguised = view.blank, view.disguised
    empty = float(view.counts[blank].sum()) / rows
    filled = view.filled / rows
    if 0 < empty < 1:
        rare = -np.log(empty)
        evidence.say(view.position, "blank", np.where(blank, rare * filled, 0.0))
    masked = disguised & ~blank
    if masked.any() and filled > 0:
        share = np.maximum(view.counts, 1) / rows
        zero = np.array([t.strip().lower() in PERHAPS_ZERO for t in view.texts])
        evidence.say(view.position, "disguised", np.where(masked, 1.0 + view.numeric * ~zero, 0.0))
        evidence.say(view.position, "disguised_rare", np.where(masked, -np.log(share), 0.0))
        signs = np.array(
            [m and not any(c.isalnum() for c in t) for t, m in zip(view.texts, masked, strict=True)]
        )
        evidence.say(view.position, "disguised_sign", signs.astype(np.float64))
