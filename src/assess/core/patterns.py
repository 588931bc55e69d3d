"""Regular expressions that a client's file brings along: run in linear time, or refused.

Python's engine tries every way in which a pattern can match: ``(?:a|a)*c`` on forty letters takes hours. RE2 looks at
each sign once, and refuses what can't be done so (look-around, references to groups, huge counts).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

LONGEST = 1_000
"""Signs of a pattern."""
MEMORY = 8 << 20
"""Bytes that a compiled pattern may take."""


class NotLinear(ValueError):
    """A pattern that can't be run in linear time, or is none; the text says why, in words that follow it."""


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> Any:
    r"""Return a pattern compiled by RE2; ``fullmatch`` and ``search`` take time linear in the text.

    Raises
    ------
    NotLinear
        If it is no pattern for Python or for RE2, or too long.

    Examples
    --------
    >>> compile_pattern("(?:a|a)*c").fullmatch("a" * 100_000) is None
    True
    >>> compile_pattern(r"(a)\1")
    Traceback (most recent call last):
    assess.core.patterns.NotLinear: can't be matched in linear time (invalid escape sequence: \1)
    """
    if len(pattern) > LONGEST:
        raise NotLinear(f"has {len(pattern):,} signs; at most {LONGEST:,} are read")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern, re.ASCII)
    except (re.error, Warning, OverflowError, RecursionError) as error:
        raise NotLinear(f"is no pattern ({error})") from None
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise NotLinear(f"can't be matched in linear time ({reason})") from None


def fits(name: str, parts: Sequence[str]) -> bool:
    """Return whether a text begins, goes on and ends with these parts, whatever lies between them.

    The first place at which a part is found leaves the most room for the others, so no way has to be tried twice.

    >>> fits("erp-42", ["erp-", ""]), fits("xab", ["a", "b"]), fits("aba", ["ab", "ba"])
    (True, False, False)
    """
    first, *middle = parts
    if not middle:
        return name == first
    last = middle.pop()
    start, end = len(first), len(name) - len(last)
    if start > end or not name.startswith(first) or not name.endswith(last):
        return False
    for part in middle:
        found = name.find(part, start, end)
        if found < 0:
            return False
        start = found + len(part)
    return True
