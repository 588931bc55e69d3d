"""Characters that broke on the way from one encoding to another."""

from __future__ import annotations

import re

import numpy as np

from .evidence import Evidence
from .view import View

BROKEN = re.compile(
    "\ufffd|[\u0080-\u009f]|[\u00c2\u00c3][\u0080-\u00bf]|\u00e2\u20ac|\u00ef\u00bf\u00bd|\u00f0\u0178"
)
"""The replacement character, C1 controls, and UTF-8 read as Windows-1252 or Latin-1."""
MIXED = re.compile(
    r"[A-Za-z][\u0300-\u036f\u0250-\u02ff\u1e00-\u1eff\u01a0-\u024f\u0180-\u019f]|[\u0300-\u036f]"
)


def judge(view: View, evidence: Evidence) -> None:
    """Judge the characters of one column."""
    broken = np.array([bool(BROKEN.search(t)) for t in view.texts])
    evidence.say(view.position, "broken", broken.astype(np.float64))
    odd = np.array([_odd(t) for t in view.texts])
    evidence.say(view.position, "odd_letter", odd)


def _odd(text: str) -> float:
    """Letters beyond ASCII of a text, by how unusual they are inside Latin words: 0, or 1 and above."""
    if text.isascii():
        return 0.0
    strange = sum(1 for c in text if ord(c) > 0x2AF or 0x180 <= ord(c) <= 0x2AF)
    return 1.0 + min(3, strange)
