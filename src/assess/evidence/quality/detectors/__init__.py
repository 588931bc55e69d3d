"""Detectors of wrong cells in one table, without labels.

``detect(table)`` asks every detector of the ``registry``, weighs what they say cell by cell, and returns what
is more likely wrong than right, with a calibrated confidence, the reason, and a repair where one is known.
"""

from __future__ import annotations

from .detection import detect
from .registry import CHECKS, Check
from .suspicion import Suspicion, Suspicions

__all__ = ["CHECKS", "Check", "Suspicion", "Suspicions", "detect"]
