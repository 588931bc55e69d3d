"""The same rules for the client's Open Policy Agent: a module in Rego, and what it judges as JSON."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .judging import LONGEST
from .rule import PolicyRule, PolicySubject, Test

ENGINE = Path(__file__).with_name("assess.rego")
_CLASSES = {r"\d": "0-9", r"\w": "0-9A-Za-z_"}


def module(rules: Sequence[PolicyRule], today: dt.date | None = None) -> str:
    """Return the rules as a Rego module: ``data.assess.violations`` is what does not pass.

    Parameters
    ----------
    rules
        Built-in and own ones.
    today
        Day that ``today`` stands for in them.
    """
    listing = json.dumps([_rule(rule) for rule in rules], indent=1, ensure_ascii=False)
    day = json.dumps(today.isoformat() if today else None)
    return (
        "package assess\n\nimport rego.v1\n\n"
        f"today := {day}\n\nlongest := {LONGEST}\n\nrules := {listing}\n\n{ENGINE.read_text('utf-8')}"
    )


def _rule(rule: PolicyRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "severity": rule.severity,
        "kinds": list(rule.kinds),
        "reach": [_test(test) for test in (*rule.where, *rule.when)],
        "tests": [_test(test) for test in rule.tests],
    }


def _test(test: Test) -> dict[str, Any]:
    found: dict[str, Any] = {
        "path": list(test.path),
        "operation": test.operation,
        "texts": list(test.texts),
        "presence": test.presence,
    }
    if test.number is not None:
        found["number"] = test.number
    if test.flag is not None:
        found["flag"] = test.flag
    if test.operation == "matches":
        found["pattern"] = pattern(test.texts[0])
    return found


def pattern(text: str) -> str:
    r"""Return a pattern as engines with Unicode classes read it like ours: the whole value, ASCII digits and letters.

    >>> pattern(r"[A-Z]{2}-\d+"), pattern(r"[\d.]+")
    ('^(?:[A-Z]{2}-[0-9]+)$', '^(?:[0-9.]+)$')
    """
    inside, out = False, ""
    for part in re.findall(r"\\.|.", text):
        if part in _CLASSES:
            out += _CLASSES[part] if inside else f"[{_CLASSES[part]}]"
            continue
        inside = part == "[" or (inside and part != "]")
        out += part
    return f"^(?:{out})$"


def documents(subjects: Sequence[PolicySubject]) -> dict[str, Any]:
    """Return what the module judges: its ``input``."""
    return {
        "subjects": [
            {"kind": subject.kind, "id": subject.id, "document": _plain(subject.document)}
            for subject in subjects
        ]
    }


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it; a number that JSON has no word for becomes null, which passes nothing."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
