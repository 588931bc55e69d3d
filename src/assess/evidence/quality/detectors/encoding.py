"""Characters that broke on the way from one encoding to another."""

from __future__ import annotations

import re
import unicodedata

import numpy as np

from .evidence import Evidence
from .view import View

BROKEN = re.compile(
    "\ufffd|[\u0080-\u009f]|[\u00c2\u00c3][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]|\u00e2\u20ac|\u00ef\u00bf\u00bd|\u00f0\u0178"
)
"""The replacement character, C1 controls, and UTF-8 read as Windows-1252 or Latin-1."""
STRANGE = re.compile(
    "[A-Za-z][\u0180-\u0217\u021c-\u02ff]|[\u0180-\u0217\u021c-\u02ff][A-Za-z]|[\u0300-\u036f]"
)
"""Letters of phonetic and other alphabets inside Latin words, and accents that no letter carries."""


def judge(view: View, evidence: Evidence) -> None:
    """Judge the characters of one column."""
    texts = [t if t.isascii() else unicodedata.normalize("NFC", t) for t in view.texts]
    broken = np.array([not t.isascii() and bool(BROKEN.search(t)) for t in texts])
    strange = np.array([not t.isascii() and bool(STRANGE.search(t)) for t in texts])
    evidence.say(view.position, "broken", broken.astype(np.float64))
    evidence.say(view.position, "odd_letter", strange.astype(np.float64))
