"""The exported module says the same of every subject as our own judgement, under a Rego engine of its own."""

import datetime as dt
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assess.core.source import Source
from assess.evidence import policy
from assess.evidence.policy import PolicyRule, PolicySubject, Test, judging

regorus = pytest.importorskip("regorus", reason="a Rego engine; see the extra test")
TODAY = dt.date(2026, 10, 1)
PLACE = Source(kind="input", place="x.yaml", row=1)


def answers(rules, subjects):
    """What the module says, by rule and subject."""
    engine = regorus.Engine()
    engine.add_policy("assess.rego", judging.write_rego(rules, TODAY))
    engine.set_input_json(json.dumps(judging.write_rego_input(subjects)))
    told = json.loads(engine.eval_rule_as_json("data.assess.outcomes"))
    return {(item["rule"], item["kind"], item["subject"]): item["state"] for item in told}


def ours(rules, subjects):
    return {
        (rule.id, subject.kind, subject.id): verdict.state
        for rule in rules
        for subject in subjects
        if (verdict := policy.judge(rule, subject, TODAY)) is not None
    }


WORDS = ["valid", "Valid", " valid", "va-lid", "other", "", "  ", "2026-10-01", "2026-02-29", "2024-02-29", "2026-9-1", "0000-01-01", "AB-12", "ab-12", "Straße", "ÜBER", "über", "a\tb", "\u00a0", "\n"]  # fmt: skip
VALUES = st.one_of(
    st.sampled_from([None, True, False, 0, 1, 2, 2.5, -1, 10**12, float("nan"), float("inf"), [], ["a"], {}, {"b": "valid"}]),
    st.sampled_from(WORDS),
)  # fmt: skip
KEYS = st.sampled_from(["a", "A", "b", "b ", "a_", "a-", "c"])
DOCUMENTS = st.dictionaries(KEYS, VALUES | st.dictionaries(KEYS, VALUES, max_size=3), max_size=4)
PATHS = st.sampled_from([("a",), ("b",), ("a", "b"), ("a", "a"), ("c", "b", "a")])
OPERATIONS = {
    "one_of": {"texts": ("valid", "über")}, "none_of": {"texts": ("other", "valid")}, "matches": {"texts": (r"[A-Z]{2}-\d+|\w",)},
    "is": {"flag": True}, "at_least": {"number": 1.5}, "at_most": {"number": 2}, "before": {"texts": ("today",)},
    "not_before": {"texts": ("2026-01-01",)}, "text": {}, "number": {}, "boolean": {}, "list": {}, "date": {},
}  # fmt: skip
TESTS = st.builds(
    lambda path, name, presence: Test(path=path, operation=name, presence=presence, **OPERATIONS[name]),
    PATHS, st.sampled_from(sorted(OPERATIONS)), st.booleans(),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    where=st.lists(TESTS, max_size=2),
    tests=st.lists(TESTS, min_size=1, max_size=3),
    documents=st.lists(DOCUMENTS, min_size=6, max_size=12),
)
def test_any_rule_says_the_same_of_any_document(where, tests, documents):
    rule = PolicyRule(
        id="r", severity="low", rationale="r", fix="f", kinds=("API",), where=tuple(where), tests=tuple(tests)
    )
    subjects = [PolicySubject("API", str(n), document, PLACE) for n, document in enumerate(documents)]
    assert answers([rule], subjects) == ours([rule], subjects)


def test_each_operation_says_the_same_of_each_value():
    rules = [
        PolicyRule(
            id=f"{name}-{presence}", severity="low", rationale="r", fix="f", kinds=("API",),
            tests=(Test(path=("a",), operation=name, presence=presence, **more),),
        )
        for name, more in OPERATIONS.items() for presence in (True, False)
    ]  # fmt: skip
    values = [None, True, False, 0, 1, 1.5, 2, 3, float("nan"), float("inf"), [], [1], {}, *WORDS, "x" * 501]
    subjects = [PolicySubject("API", str(n), {"a": value}, PLACE) for n, value in enumerate(values)]
    subjects += [
        PolicySubject("API", f"k{n}", {key: "valid"}, PLACE) for n, key in enumerate(["A", "b", "a_", " a"])
    ]
    said = answers(rules, subjects)
    assert said == ours(rules, subjects)
    assert set(said.values()) == {"pass", "fail", "not evaluable"}


def test_the_built_in_rules_say_the_same_of_a_governed_engagement_and_of_one_with_gaps(write, tmp_path):
    from assess import intake
    from assess.evidence import catalog, contracts, operations

    for name, changed in (("whole", {}), ("gaps", {"integrations": "id,source,target\norders,shop,books\n"})):
        engagement = intake.load(write(tmp_path / name, **changed))
        found = catalog.read(engagement)
        subjects = policy.collect(
            engagement, found, contracts.assess(engagement), operations.measure(engagement)
        )
        rules = (*policy.built_in(), *policy.client_rules(engagement)[0])
        said = answers(rules, subjects)
        assert said == ours(rules, subjects)
        assert len(said) > 10
