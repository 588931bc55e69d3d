"""What is missing, misspelt, of another type or written otherwise never passes: for every rule and every field."""

import copy
import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.core.source import Source
from assess.evidence import policy
from assess.evidence.policy import PolicyRule, PolicySubject, Test
from assess.intake.problem import Problems

TODAY = dt.date(2026, 10, 1)
PLACE = Source(kind="input", place="catalog/x.yaml", row=1)
CLIENT = b"""
rules:
  - id: acme/every-test
    severity: low
    rationale: r
    fix: f
    applies_to: {kind: [Component, API], system: [Sales, group:default/back-office], type: service}
    when:
      spec.lifecycle: {none_of: [experimental]}
      spec.old: {is: no}
    required: [metadata.annotations.acme/deputy, spec.owner]
    check:
      spec.level: {at_least: 2, at_most: 5}
      spec.code: {matches: '[A-Z]{2}-\\d+'}
      spec.until: {not_before: today, before: 2030-01-01}
      spec.providesApis: {type: list}
      spec.weight: {type: number}
      spec.open: {type: boolean}
      spec.seen: {type: date}
      metadata.title: {type: text}
  - id: acme/integrations
    severity: low
    rationale: r
    fix: f
    applies_to: {kind: Integration, criticality: [high, critical]}
    required: [contract.version, personal_data]
    check:
      contract.deprecations_without_date: {at_most: 0}
      observed.last: {not_before: 2026-01-01}
"""


def rules():
    problems = Problems()
    own = policy.reading.parse(CLIENT, "policies/acme.yaml", problems)
    assert not problems.found
    return (*policy.built_in(), *own)


RULES = rules()


def meeting(test: Test):
    """A value that meets a test."""
    fixed = {
        "text": "said", "number": 3, "boolean": True, "date": "2027-01-01", "list": ["a"], "is": test.flag,
        "matches": "AB-12", "before": "2027-01-01", "not_before": "2027-01-01", "none_of": "production",
    }  # fmt: skip
    if test.operation == "one_of":
        return test.texts[0]
    return test.number if test.operation in ("at_least", "at_most") else fixed[test.operation]


def passing(rule: PolicyRule, kind: str) -> dict:
    """A document that passes a rule."""
    document: dict = {}
    for test in (*rule.where, *rule.when, *rule.tests):
        inner = document
        for key in test.path[:-1]:
            inner = inner.setdefault(key, {})
        inner[test.path[-1]] = meeting(test)
    return document


def state(rule, document, kind):
    verdict = policy.judge(rule, PolicySubject(kind, "x", document, PLACE), TODAY)
    return verdict and verdict.state


CASES = [(rule, kind) for rule in RULES for kind in rule.kinds]


def fields(rule):
    """Every path that a rule reads, and every mapping on the way."""
    return {test.path[: depth + 1] for test in (*rule.where, *rule.when, *rule.tests) for depth in range(len(test.path))}  # fmt: skip


CHANGES = (str.upper, str.title, lambda k: k[:-1], lambda k: k + "s", lambda k: k + " ", lambda k: k + "_")
OTHERS = (None, 7, 7.5, True, False, "", "  ", "\t", [], ["x"], {}, {"x": 1}, float("nan"), float("inf"))
every_rule = pytest.mark.parametrize(("rule", "kind"), CASES, ids=lambda value: getattr(value, "id", value))


def inside(document, path):
    for key in path[:-1]:
        document = document[key]
    return document


@every_rule
def test_the_document_that_each_rule_asks_for_passes(rule, kind):
    assert state(rule, passing(rule, kind), kind) == "pass"


@every_rule
def test_a_field_that_is_missing_never_passes(rule, kind):
    for path in fields(rule):
        document = passing(rule, kind)
        del inside(document, path)[path[-1]]
        assert state(rule, document, kind) in ("fail", "not evaluable"), path


@every_rule
def test_a_misspelt_key_never_passes(rule, kind):
    for path in fields(rule):
        for change in CHANGES:
            document = passing(rule, kind)
            holder = inside(document, path)
            holder[change(path[-1])] = holder.pop(path[-1])
            assert state(rule, document, kind) in ("fail", "not evaluable"), holder


@every_rule
def test_a_value_of_another_type_never_passes(rule, kind):
    for path in fields(rule):
        for other in OTHERS:
            document = passing(rule, kind)
            holder = inside(document, path)
            if not same_type(holder[path[-1]], other):
                holder[path[-1]] = other
                assert state(rule, document, kind) in ("fail", "not evaluable"), (path, other)


def same_type(value, other):
    """Whether another value is of the type that is asked for, and no emptiness."""
    if isinstance(value, bool) or isinstance(other, bool):
        return isinstance(value, bool) and isinstance(other, bool)
    if isinstance(value, int | float):
        return isinstance(other, int | float) and math.isfinite(other)
    if isinstance(value, dict):
        return False
    return isinstance(other, type(value)) and bool(other) and bool(str(other).strip())


@every_rule
def test_a_word_in_another_case_never_passes(rule, kind):
    for test in (*rule.where, *rule.when, *rule.tests):
        if test.operation != "one_of":
            continue
        for write in (str.upper, str.title, lambda word: f" {word}", lambda word: f"{word}_"):
            document = passing(rule, kind)
            holder = inside(document, test.path)
            if write(holder[test.path[-1]]) in test.texts:
                continue
            holder[test.path[-1]] = write(holder[test.path[-1]])
            assert state(rule, document, kind) in ("fail", "not evaluable"), (test, holder)


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
        max_leaves=4,
    ),
    where=st.integers(0, 10_000),
)
def test_any_value_whatever_is_judged_and_only_a_fitting_one_passes(value, where):
    rule, kind = CASES[where % len(CASES)]
    tests = (*rule.where, *rule.when, *rule.tests)
    test = tests[where % len(tests)]
    document = copy.deepcopy(passing(rule, kind))
    inside(document, test.path)[test.path[-1]] = value
    if state(rule, document, kind) == "pass":
        assert fits(test, value)


def fits(test, value):
    """An oracle of its own, one line an operation."""
    text = isinstance(value, str)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return {
        "text": lambda: text and value.strip() != "",
        "number": lambda: number and value == value and abs(value) != float("inf"),
        "boolean": lambda: value is True or value is False,
        "list": lambda: isinstance(value, list) and len(value) > 0,
        "date": lambda: text and str(dt.date.fromisoformat(value)) == value,
        "one_of": lambda: text and value in test.texts,
        "none_of": lambda: text and value not in test.texts and value.strip() != "",
        "matches": lambda: text and value[:2].isupper() and value[2] == "-" and value[3:].isdecimal(),
        "is": lambda: value is test.flag,
        "at_least": lambda: number and math.isfinite(value) and value >= test.number,
        "at_most": lambda: number and math.isfinite(value) and value <= test.number,
        "before": lambda: text and value < "2030-01-01",
        "not_before": lambda: text and value >= "2026-01-01",
    }[test.operation]()
