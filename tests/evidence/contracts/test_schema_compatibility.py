"""Two schemas compared: every break has a witness, and what is called compatible has no counterexample."""

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assess.evidence.contracts.compatibility.canonical import Likeness
from assess.evidence.contracts.compatibility.schemas import difference
from assess.evidence.contracts.document import ContractDocument
from assess.evidence.contracts.portable import Portable
from assess.evidence.contracts.references import Library


def compared(old, new, tmp_path):
    """Compare two schemas in 2020-12: what is accepted by the old and rejected by the new."""
    before, after = (Portable(Library(tmp_path), modern=True) for _ in range(2))
    first, second = (
        before.add(ContractDocument("old.json", old, {}), ()),
        after.add(ContractDocument("new.json", new, {}), ()),
    )
    return difference(Likeness(before, after), first, second)


PAIRS = {
    "type": ({"type": ["string", "null"]}, {"type": "string"}),
    "enum": ({"enum": ["a", "b", 1]}, {"enum": ["a", "b"]}),
    "const": ({"enum": ["a", "b"]}, {"const": "a"}),
    "required": ({"type": "object"}, {"type": "object", "required": ["a"]}),
    "additionalProperties": ({"type": "object"}, {"type": "object", "properties": {"a": True}, "additionalProperties": False}),
    "additionalProperties schema": ({"additionalProperties": {"type": "integer"}, "type": "object"}, {"type": "object", "additionalProperties": {"type": "integer", "minimum": 5}}),
    "a property in a property": (
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "object", "properties": {"b": {"type": "number"}}}}},
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "object", "properties": {"b": {"type": "integer"}}}}},
    ),
    "items": ({"type": "array", "items": {"type": "string"}}, {"type": "array", "items": {"type": "string", "maxLength": 3}}),
    "prefixItems": ({"type": "array"}, {"type": "array", "prefixItems": [{"type": "integer"}]}),
    "contains": ({"type": "array", "items": {"type": "integer"}}, {"type": "array", "items": {"type": "integer"}, "contains": {"minimum": 5}}),
    "maxContains": ({"type": "array", "items": {"type": "integer"}}, {"type": "array", "items": {"type": "integer"}, "contains": {"minimum": 5}, "minContains": 0, "maxContains": 1}),
    "uniqueItems": ({"type": "array", "items": {"type": "string"}}, {"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
    "minItems": ({"type": "array", "items": {"type": "string"}}, {"type": "array", "items": {"type": "string"}, "minItems": 2}),
    "maxProperties": ({"type": "object"}, {"type": "object", "maxProperties": 2}),
    "minimum": ({"type": "integer"}, {"type": "integer", "minimum": 0}),
    "exclusiveMaximum": ({"type": "number", "maximum": 10}, {"type": "number", "exclusiveMaximum": 10}),
    "multipleOf": ({"type": "integer"}, {"type": "integer", "multipleOf": 3}),
    "maxLength": ({"type": "string", "maxLength": 20}, {"type": "string", "maxLength": 10}),
    "pattern": ({"type": "string", "pattern": "^[A-Z]{2}[0-9]+$"}, {"type": "string", "pattern": "^[A-Z]{2}[0-9]{1,4}$"}),
    "format": ({"type": "string"}, {"type": "string", "format": "date"}),
    "patternProperties": ({"type": "object"}, {"type": "object", "patternProperties": {"^x-": {"type": "string"}}}),
    "propertyNames": ({"type": "object"}, {"type": "object", "propertyNames": {"maxLength": 4}}),
    "dependentRequired": ({"type": "object"}, {"type": "object", "dependentRequired": {"a": ["b"]}}),
    "dependentSchemas": ({"type": "object"}, {"type": "object", "dependentSchemas": {"a": {"required": ["b"]}}}),
    "not": ({}, {"not": {"type": "string"}}),
    "if then else": ({"type": "object"}, {"type": "object", "if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}}),
    "anyOf loses a branch": ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, {"anyOf": [{"type": "string"}]}),
    "oneOf overlaps": ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "number"}]}),
    "allOf grows": ({"allOf": [{"type": "object"}]}, {"allOf": [{"type": "object"}, {"required": ["z"]}]}),
    "unevaluatedProperties": (
        {"type": "object", "allOf": [{"properties": {"a": True}}]},
        {"type": "object", "allOf": [{"properties": {"a": True}}], "unevaluatedProperties": False},
    ),
    "unevaluatedItems": ({"type": "array", "prefixItems": [True]}, {"type": "array", "prefixItems": [True], "unevaluatedItems": False}),
    "by reference": (
        {"$ref": "#/$defs/n", "$defs": {"n": {"type": "object", "required": ["v"], "properties": {"v": {"type": "integer"}, "next": {"$ref": "#/$defs/n"}}}}},
        {"$ref": "#/$defs/n", "$defs": {"n": {"type": "object", "required": ["v"], "properties": {"v": {"type": "integer", "maximum": 9}, "next": {"$ref": "#/$defs/n"}}}}},
    ),
    "beyond the canonical form": (
        {"type": "string"},
        {"oneOf": [{"type": "array", "prefixItems": [{"type": "string", "minLength": 2}]}, {"type": "array", "items": {"type": "string"}}]},
    ),
    "oneOf whose branch grows into another": (
        {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        {"oneOf": [{"type": "string"}, {"if": {"type": "string"}, "then": {"type": "string"}}]},
    ),
    "to nothing": ({"type": "string"}, False),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_each_keyword_that_narrows_is_proved_by_a_payload(name, tmp_path):
    old, new = PAIRS[name]
    found = compared(old, new, tmp_path)
    assert found.breaks, (name, found.unproved)
    for one in found.breaks:
        assert jsonschema_rs.is_valid(old, one.payload, validate_formats=True)
        assert not jsonschema_rs.is_valid(new, one.payload, validate_formats=True)


@pytest.mark.parametrize("name", [n for n in PAIRS if not n.startswith("oneOf")])
def test_each_keyword_that_widens_is_no_break(name, tmp_path):
    new, old = PAIRS[name]
    found = compared(old, new, tmp_path)
    assert not found.breaks


def test_each_way_to_break_is_told_by_itself(tmp_path):
    old = {
        "type": "object",
        "properties": {"a": {"enum": ["x", "y"]}, "b": {"type": "string"}},
        "additionalProperties": False,
    }
    new = {
        "type": "object",
        "properties": {"a": {"enum": ["x"]}},
        "required": ["a"],
        "additionalProperties": False,
    }
    told = {(one.keyword, one.at) for one in compared(old, new, tmp_path).breaks}
    assert told == {("enum", ("a",)), ("required", ()), ("additionalProperties", ())}


SCALARS = st.sampled_from(
    [{"type": "string"}, {"type": "string", "minLength": 2}, {"type": "string", "maxLength": 2}, {"enum": ["a", "bb", 1, None]},
     {"type": "integer"}, {"type": "integer", "minimum": 2}, {"type": "number", "maximum": 2}, {"type": "number", "exclusiveMinimum": 1},
     {"type": ["string", "null"]}, {"const": "a"}, {"type": "boolean"}, True, {"not": {"type": "string"}}, {"type": "integer", "multipleOf": 2},
     {"pattern": "^b"}]
)  # fmt: skip


def _larger(inner):
    names = st.sampled_from("pq")
    return st.one_of(
        st.builds(
            lambda properties, required, closed: {"type": "object", "properties": properties, "required": sorted(required)} | closed,
            st.dictionaries(names, inner, max_size=2),
            st.sets(names, max_size=2),
            st.sampled_from([{}, {"additionalProperties": False}, {"maxProperties": 1}, {"dependentRequired": {"p": ["q"]}}]),
        ),
        st.builds(lambda items, more: {"type": "array", "items": items} | more, inner, st.sampled_from([{}, {"minItems": 1}, {"maxItems": 1}, {"uniqueItems": True}])),
        st.builds(lambda items: {"type": "array", "prefixItems": [items]}, inner),
        st.builds(lambda key, parts: {key: parts}, st.sampled_from(["anyOf", "oneOf", "allOf"]), st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda one, other: {"if": one, "then": other}, inner, inner),
    )  # fmt: skip


SCHEMAS = st.recursive(SCALARS, _larger, max_leaves=4)
PAYLOADS = st.recursive(
    st.sampled_from(["", "a", "b", "bb", "bbb", 0, 1, 2, 3, 4, 1.5, None, True, False]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("pqr"), inner, max_size=3),
    max_leaves=4,
)


@settings(
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(SCHEMAS, SCHEMAS, st.lists(PAYLOADS, min_size=40, max_size=40))
def test_a_claimed_break_has_a_witness_and_claimed_compatible_no_counterexample(tmp_path, old, new, payloads):
    found = compared(old, new, tmp_path)
    before, after = jsonschema_rs.validator_for(old), jsonschema_rs.validator_for(new)
    for one in found.breaks:
        assert before.is_valid(one.payload)
        assert not after.is_valid(one.payload)
    if not found.breaks and not found.unproved:
        assert [p for p in payloads if before.is_valid(p) and not after.is_valid(p)] == []
