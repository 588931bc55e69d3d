"""Rules of the client: what is understood, and every mistake with file, line, value and what is allowed."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from assess import intake
from assess.core.finding import SEVERITIES
from assess.evidence import policy
from assess.evidence.policy import reading
from assess.evidence.policy.reading import ALLOWED, KEYS, parse
from assess.evidence.policy.rule import KINDS
from assess.intake.problem import Problems

SCHEMA = json.loads(Path(reading.__file__).with_name("policies.schema.json").read_text("utf-8"))
GOOD = """\
rules:
  - id: acme/deputy
    severity: high
    rationale: r
    fix: f
    applies_to: {kind: Component, system: finance}
    when:
      spec.lifecycle: {one_of: production}
    required: [metadata.annotations.acme/deputy]
    check:
      spec.level: {at_least: 2}
"""


def problems_of(text):
    problems = Problems()
    rules = parse(text.encode(), "policies/acme.yaml", problems)
    return rules, problems.found


def test_a_rule_is_understood():
    (rule,), problems = problems_of(GOOD)
    assert not problems
    assert (rule.kinds, rule.line, rule.own) == (("Component",), 2, True)
    assert [t.field for t in (*rule.where, *rule.when, *rule.tests)] == [
        "spec.system", "spec.lifecycle", "metadata.annotations.acme/deputy", "spec.level",
    ]  # fmt: skip


MISTAKES = [
    ("severity: high", "severity: hihg", 3, "critical, high"),
    ("severity: high", "severty: high", 3, "did you mean"),
    ("    fix: f\n", "", 2, "a text"),
    ("kind: Component", "kind: Componet", 6, "did you mean"),
    ("kind: Component", "kind: component", 6, "Component"),
    ("kind: Component, ", "", 6, "kind:"),
    ("one_of: production", "one_off: production", 8, "did you mean"),
    ("one_of: production", "is: maybe", 8, "yes, no"),
    ("at_least: 2", "at_least: two", 11, "a number"),
    ("at_least: 2", "at_least: nan", 11, "a number"),
    ("at_least: 2", "before: tomorrow", 11, "YYYY-MM-DD"),
    ("at_least: 2", "matches: '(?=x)'", 11, "groups"),
    ("at_least: 2", "matches: '(a+)+b'", 11, "groups"),
    ("at_least: 2", "matches: '['", 11, "groups"),
    ("spec.level: {at_least: 2}", "contract.state: {at_least: 2}", 11, "one_of"),
    ("spec.level: {at_least: 2}", "contract.stat: {one_of: valid}", 11, "did you mean"),
    ("spec.level: {at_least: 2}", "level: {at_least: 2}", 11, "metadata"),
    ("kind: Component, system: finance", "kind: Integration, criticalty: high", 6, "did you mean"),
    ("rules:", "rule:", 1, "rules"),
    ("required: [metadata.annotations.acme/deputy]", "required: []", None, ""),
]


@pytest.mark.parametrize(("before", "after", "line", "allowed"), MISTAKES, ids=lambda v: str(v)[:30])
def test_a_mistake_is_told_with_its_line_and_what_is_allowed(before, after, line, allowed):
    rules, problems = problems_of(GOOD.replace(before, after))
    if line is None:
        assert rules and not problems
        return
    assert not rules
    assert line in {problem.row for problem in problems}
    assert any(allowed in f"{problem.message} {problem.allowed}" for problem in problems)


def test_every_mistake_is_told_at_once():
    text = GOOD.replace("hihg", "x")
    for before, after, *_ in MISTAKES[:1] + MISTAKES[7:8] + MISTAKES[8:9]:
        text = text.replace(before, after)
    assert {problem.row for problem in problems_of(text)[1]} == {3, 8, 11}


@pytest.mark.parametrize(
    "text", ["", "[]", "x", "rules: 3", "rules: {}", "rules: [3]", "\x00", "rules: &a [*a]", "- - - -", "%", "rules:\n  - id: [a]"]
)  # fmt: skip
def test_what_is_no_file_of_rules_is_told(text):
    rules, problems = problems_of(text)
    assert not rules
    assert problems


def test_the_schema_knows_the_words_of_the_code():
    assert tuple(SCHEMA["$defs"]["test"]["properties"]) == tuple(ALLOWED)
    properties = SCHEMA["$defs"]["rule"]["properties"]
    assert tuple(properties["severity"]["enum"]) == SEVERITIES
    assert tuple(properties["applies_to"]["properties"]["kind"]["oneOf"][0]["enum"]) == KINDS
    assert tuple(properties) == tuple(key for key in KEYS)


def test_the_schema_allows_what_is_understood_and_the_sample():
    sample = Path(__file__).parents[3] / "data/samples/lead_to_cash/policies/nordwind.yaml"
    for text in (GOOD, sample.read_text("utf-8")):
        assert problems_of(text)[1] == ()
        assert jsonschema_rs.is_valid(SCHEMA, yaml.safe_load(text))


def test_the_same_id_twice_is_told_also_across_files(write, tmp_path):
    folder = write(tmp_path / "acme", policies=GOOD + GOOD.partition("\n")[2])
    rules, problems = policy.client_rules(intake.load(folder))
    assert len(rules) == 1
    assert [(p.row, p.value) for p in problems] == [(12, "acme/deputy")]
    own = GOOD.replace("acme/deputy\n", "integration-owner\n")
    rules, problems = policy.client_rules(intake.load(write(tmp_path / "other", policies=own)))
    assert [p.value for p in problems] == ["integration-owner"]


def check(folder):
    engagement = intake.load(folder)
    from assess.evidence import catalog, contracts, operations

    found = catalog.read(engagement)
    subjects = policy.collect(engagement, found, contracts.assess(engagement), operations.measure(engagement))
    return policy.check(engagement, subjects, unreadable=policy.unreadable(found))


def test_a_rule_that_applies_to_nothing_does_not_pass_and_is_told(write, tmp_path):
    text = Path(write(tmp_path / "x") / "policies/acme.yaml").read_text()
    result = check(write(tmp_path / "acme", policies=text.replace("system: sales", "system: sails")))
    assert result.rule("acme/second-person").state == "not evaluable"
    (outcome,) = [one for one in result.outcomes if one.rule == "acme/second-person"]
    assert outcome.source.place == "policies/acme.yaml" and outcome.source.row == 2


def test_a_field_that_no_subject_has_is_told_with_what_was_meant(write, tmp_path):
    text = Path(write(tmp_path / "x") / "policies/acme.yaml").read_text()
    result = check(write(tmp_path / "acme", policies=text.replace("acme/deputy", "acme/deputies")))
    rule = result.rule("acme/second-person")
    assert rule.state == "fail" and rule.failed == 2
    assert 'did you mean "acme/deputy"' in rule.remarks[0]


def test_where_the_catalog_is_absent_its_rules_are_not_assessed(write, tmp_path):
    folder = write(tmp_path / "acme")
    (folder / "catalog/catalog-info.yaml").unlink()
    result = check(folder)
    assert result.rule("api-contract").state == "not assessed"
    assert [item.supply for item in result.missing if "catalog" in item.supply]
