"""Judge one subject by one rule: pass, fail or not evaluable; and the same rules in Rego for the client's Open Policy Agent.

Whatever is not clearly met does not pass.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from assess.core.dates import read_day
from assess.core.patterns import compile_pattern
from assess.intake.problem import folded, listed, quote_value

from .rule import TODAY, PolicyRule, PolicySubject, Test

State = Literal["pass", "fail", "not evaluable"]

LONGEST = 500
"""Characters of a text that a pattern is tried on; a longer one is not evaluable."""


class RuleVerdict(NamedTuple):
    """The answer to one test or one rule, the field that decided, and why in words that follow its name."""

    state: State
    field: str = ""
    reason: str = ""


PASS = RuleVerdict("pass")


def judge(rule: PolicyRule, subject: PolicySubject, today: dt.date | None = None) -> RuleVerdict | None:
    """Judge a subject by a rule; None where the rule does not apply to it.

    A failed test decides, then one that can't be evaluated; a rule passes only if each of its tests passes.

    Parameters
    ----------
    today
        The day that ``today`` stands for in a comparison; without it such a comparison is not evaluable.
    """
    verdicts = judge_tests(rule, subject, today)
    if verdicts is None:
        return None
    return verdicts[0] if verdicts else PASS


def judge_tests(
    rule: PolicyRule, subject: PolicySubject, today: dt.date | None = None
) -> tuple[RuleVerdict, ...] | None:
    """Return every test of a rule that a subject does not pass, one a field, failed ones first; see `judge`."""
    if subject.kind not in rule.kinds:
        return None
    for test in (*rule.where, *rule.when):
        verdict = answer(test, subject.document, today)
        if verdict.state == "fail":
            return None
        if verdict.state == "not evaluable":
            reason = f"{verdict.reason}, so it can't be told whether the rule applies"
            return (RuleVerdict("not evaluable", verdict.field, reason),)
    verdicts = [answer(test, subject.document, today) for test in rule.tests]
    found: dict[str, RuleVerdict] = {}
    for state in ("fail", "not evaluable"):
        for verdict in verdicts:
            if verdict.state == state:
                found.setdefault(verdict.field, verdict)
    return tuple(found.values())


def answer(test: Test, document: Mapping[str, Any], today: dt.date | None = None) -> RuleVerdict:
    """Answer one test on a document."""
    value: Any = document
    for depth, key in enumerate(test.path):
        if not isinstance(value, Mapping):
            return _unclear(test, f"{'.'.join(test.path[:depth])} is no mapping")
        if key not in value:
            return _absent(test, value, depth)
        value = value[key]
    return _OPERATIONS[test.operation](test, value, today)


def _absent(test: Test, siblings: Mapping[str, Any], depth: int) -> RuleVerdict:
    key = test.path[depth]
    near = sorted(other for other in siblings if isinstance(other, str) and folded(other) == folded(key))
    if near:
        return _unclear(test, f'is missing, but there is "{quote_value(near[0])}"')
    return RuleVerdict("fail" if test.presence else "not evaluable", test.field, "is missing")


def _unclear(test: Test, reason: str) -> RuleVerdict:
    return RuleVerdict("not evaluable", test.field, reason)


def _failed(test: Test, reason: str) -> RuleVerdict:
    return RuleVerdict("fail", test.field, reason)


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    names = ((bool, "yes or no"), (int | float, "a number"), (str, "a text"), (list, "a list"))
    return next((name for kind, name in names if isinstance(value, kind)), "a mapping")


def _text(test: Test, value: Any, today: dt.date | None) -> RuleVerdict:
    if not isinstance(value, str):
        return _unclear(test, f"is {_kind(value)}, not a text")
    return PASS if value.strip() else _failed(test, "is empty")


def _number(test: Test, value: Any, today: dt.date | None) -> RuleVerdict:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _unclear(test, f"is {_kind(value)}, not a number")
    return PASS if math.isfinite(value) else _unclear(test, "is no finite number")


def _boolean(test: Test, value: Any, today: dt.date | None) -> RuleVerdict:
    return PASS if isinstance(value, bool) else _unclear(test, f"is {_kind(value)}, not yes or no")


def _list(test: Test, value: Any, today: dt.date | None) -> RuleVerdict:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return _unclear(test, f"is {_kind(value)}, not a list")
    return PASS if value else _failed(test, "is empty")


def _date(test: Test, value: Any, today: dt.date | None) -> RuleVerdict:
    if not isinstance(value, str):
        return _unclear(test, f"is {_kind(value)}, not a date")
    return PASS if read_day(value) else _unclear(test, f'"{quote_value(value)}" is no date (YYYY-MM-DD)')


def _one_of(test: Test, value: Any, today: dt.date | None) -> RuleVerdict:
    if not isinstance(value, str):
        return _unclear(test, f"is {_kind(value)}, not a text")
    if value in test.texts:
        return PASS
    if not value.strip():
        return _unclear(test, "is empty")
    if folded(value) in _folded(test.texts):
        return _unclear(test, f'"{quote_value(value)}" is written otherwise than {listed(test.texts)}')
    return _failed(test, f'is "{quote_value(value)}", not {_alternatives(test.texts)}')


@lru_cache
def _folded(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(folded, words))


@lru_cache
def _alternatives(words: tuple[str, ...]) -> str:
    return " or ".join(map(quote_value, words))


def _none_of(test: Test, value: Any, today: dt.date | None) -> RuleVerdict:
    if not isinstance(value, str):
        return _unclear(test, f"is {_kind(value)}, not a text")
    if value in test.texts:
        return _failed(test, f'is "{quote_value(value)}"')
    if folded(value) in _folded(test.texts):
        return _unclear(
            test, f'"{quote_value(value)}" differs from a forbidden word only in how it is written'
        )
    return PASS if value.strip() else _unclear(test, "is empty")


def _matches(test: Test, value: Any, today: dt.date | None) -> RuleVerdict:
    if not isinstance(value, str):
        return _unclear(test, f"is {_kind(value)}, not a text")
    if len(value) > LONGEST:
        return _unclear(test, f"has {len(value)} characters; a pattern is tried on at most {LONGEST}")
    met = compile_pattern(test.texts[0]).fullmatch(value)
    return (
        PASS if met else _failed(test, f'"{quote_value(value)}" does not match {quote_value(test.texts[0])}')
    )


def _is(test: Test, value: Any, today: dt.date | None) -> RuleVerdict:
    if not isinstance(value, bool):
        return _unclear(test, f"is {_kind(value)}, not yes or no")
    return PASS if value is test.flag else _failed(test, f"is {'yes' if value else 'no'}")


def _limit(test: Test, value: Any, today: dt.date | None) -> RuleVerdict:
    typed = _number(test, value, today)
    if typed.state != "pass":
        return typed
    assert test.number is not None
    met = value >= test.number if test.operation == "at_least" else value <= test.number
    words = "at least" if test.operation == "at_least" else "at most"
    return PASS if met else _failed(test, f"is {value:g}, not {words} {test.number:g}")


def _ordered(test: Test, value: Any, today: dt.date | None) -> RuleVerdict:
    typed = _date(test, value, today)
    if typed.state != "pass":
        return typed
    limit = today if test.texts[0] == TODAY else read_day(test.texts[0])
    if limit is None:
        return _unclear(test, "can't be compared: the engagement states no date")
    day = read_day(value)
    assert day is not None
    met = day < limit if test.operation == "before" else day >= limit
    words = "before" if test.operation == "before" else "on or after"
    return PASS if met else _failed(test, f"is {value}, not {words} {limit.isoformat()}")


_OPERATIONS = {
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "list": _list,
    "one_of": _one_of,
    "none_of": _none_of,
    "matches": _matches,
    "is": _is,
    "at_least": _limit,
    "at_most": _limit,
    "before": _ordered,
    "not_before": _ordered,
}


ENGINE = Path(__file__).with_name("assess.rego")
_CLASSES = {r"\d": "0-9", r"\w": "0-9A-Za-z_"}


def write_rego(rules: Sequence[PolicyRule], today: dt.date | None = None) -> str:
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


def write_rego_input(subjects: Sequence[PolicySubject]) -> dict[str, Any]:
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
