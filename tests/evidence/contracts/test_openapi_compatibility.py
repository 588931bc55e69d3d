"""Two versions of an API: what senders and receivers meet, by the rules that openapi-diff and oasdiff publish."""

import copy
import json

import jsonschema_rs
import pytest

from assess.evidence.contracts import compare

NAME = {"type": "string", "minLength": 2, "maxLength": 10, "enum": ["ab", "cde"]}
ITEM = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer", "minimum": 1, "maximum": 9}, "name": {"type": "string", "minLength": 2, "maxLength": 10}, "kind": {"type": "string", "enum": ["a", "b"]}},
}  # fmt: skip


def content(schema):
    return {"application/json": {"schema": schema}}


def api(spec="3.0.3"):
    return {
        "openapi": spec,
        "info": {"title": "Items", "version": "1.0.0"},
        "security": [{"key": []}],
        "paths": {
            "/items/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "put": {
                    "operationId": "putItem",
                    "parameters": [{"name": "mode", "in": "query", "schema": {"type": "string", "enum": ["x", "y"]}}],
                    "requestBody": {"content": content({"$ref": "#/components/schemas/In"}) | {"application/xml": {}}},
                    "responses": {
                        "200": {"description": "", "content": content({"$ref": "#/components/schemas/Out"}) | {"text/csv": {}}, "headers": {"X-Left": {"required": True, "schema": {"type": "integer"}}}},
                        "202": {"description": ""},
                    },
                },
                "get": {"responses": {"200": {"description": ""}}, "deprecated": True},
            }
        },
        "components": {
            "schemas": {"In": copy.deepcopy(ITEM), "Out": copy.deepcopy(ITEM)},
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}, "login": {"type": "http", "scheme": "bearer"}},
        },
    }  # fmt: skip


def put(document):
    return document["paths"]["/items/{id}"]["put"]


def schema(document, name):
    return document["components"]["schemas"][name]


def at(document, *path, value=None):
    """Set or (without a value) delete what stands at a path."""
    for step in path[:-1]:
        document = document[step]
    if value is None:
        del document[path[-1]]
    else:
        document[path[-1]] = value


@pytest.fixture
def compared(tmp_path):
    def run(old, new):
        for name, document in (("old.json", old), ("new.json", new)):
            (tmp_path / name).write_text(json.dumps(document, indent=1))
        return compare(tmp_path / "old.json", tmp_path / "new.json")

    return run


IN, OUT = ("components", "schemas", "In"), ("components", "schemas", "Out")
PUT = ("paths", "/items/{id}", "put")
BREAKING = {
    "request.content.decreased": [(*PUT, "requestBody", "content", "application/xml")],
    "request.enum.decreased": [(*IN, "properties", "kind", "enum"), ["a"]],
    "request.max.length.decreased": [(*IN, "properties", "name", "maxLength"), 5],
    "request.numeric.range.decreased": [(*IN, "properties", "id", "maximum"), 8],
    "request.required.increased": [(*IN, "required"), ["id", "name"]],
    "response.content.decreased": [(*PUT, "responses", "200", "content", "text/csv")],
    "response.enum.increased": [(*OUT, "properties", "kind", "enum"), ["a", "b", "c"]],
    "response.max.length.increased": [(*OUT, "properties", "name", "maxLength"), 20],
    "response.numeric.range.increased": [(*OUT, "properties", "id", "maximum"), 99],
    "response.required.decreased": [(*OUT, "required"), ["name"]],
    "response.responses.decreased": [(*PUT, "responses", "202")],
    "schema.type.changed": [(*IN, "properties", "name", "type"), "integer"],
    "api-removed-without-deprecation": [PUT],
    "new-required-request-parameter": [(*PUT, "parameters"), [{"name": "mode", "in": "query", "schema": {"type": "string", "enum": ["x", "y"]}}, {"name": "n", "in": "query", "required": True, "schema": {"type": "string"}}]],
    "request-parameter-became-required": [(*PUT, "parameters", 0, "required"), True],
    "request-parameter-enum-value-removed": [(*PUT, "parameters", 0, "schema", "enum"), ["x"]],
    "request-body-became-required": [(*PUT, "requestBody", "required"), True],
    "response-property-became-nullable": [(*OUT, "properties", "name", "nullable"), True],
    "response-required-header-removed": [(*PUT, "responses", "200", "headers", "X-Left")],
    "api-security-changed": [(*PUT, "security"), [{"login": []}]],
}  # fmt: skip
"""By the names of the rules: `BackwardIncompatibleProp` of OpenAPITools/openapi-diff, and docs/BREAKING-CHANGES.md
of oasdiff, both Apache-2.0."""

COMPATIBLE = {
    "request.content.increased": [(*PUT, "requestBody", "content", "text/plain"), {}],
    "request.enum.increased": [(*IN, "properties", "kind", "enum"), ["a", "b", "c"]],
    "request.max.length.increased": [(*IN, "properties", "name", "maxLength"), 20],
    "request.required.decreased": [(*IN, "required"), []],
    "response.enum.decreased": [(*OUT, "properties", "kind", "enum"), ["a"]],
    "response.required.increased": [(*OUT, "required"), ["id", "name"]],
    "new-optional-request-property": [(*IN, "properties", "more"), {"type": "string"}],
    "response property added": [(*OUT, "properties", "more"), {"type": "string"}],
    "optional parameter added": [(*PUT, "parameters"), [{"name": "mode", "in": "query", "schema": {"type": "string", "enum": ["x", "y"]}}, {"name": "n", "in": "query", "schema": {"type": "string"}}]],
    "error response added": [(*PUT, "responses", "404"), {"description": ""}],
    "path added": [("paths", "/more"), {"get": {"responses": {"200": {"description": ""}}}}],
    "description": [(*PUT, "description"), "Words"],
    "security dropped": [("security",), [{}]],
}  # fmt: skip


POSSIBLE = {
    "response-optional-property-removed": [(*OUT, "properties", "kind")],
    "request-property-removed": [(*IN, "properties", "kind")],
    "response-body-schema-removed": [(*PUT, "responses", "200", "content", "application/json", "schema")],
}  # fmt: skip
"""Nothing was promised, and somebody may use it."""


@pytest.mark.parametrize("rule", POSSIBLE)
def test_what_was_offered_without_a_promise_is_possibly_broken(rule, compared):
    path, *value = POSSIBLE[rule]
    new = api()
    at(new, *path, value=value[0] if value else None)
    found = compared(api(), new)
    assert found.verdict == "possibly breaking", found.table
    assert all(change.reason for change in found.changes)


@pytest.mark.parametrize("rule", BREAKING)
def test_what_others_publish_as_breaking_is_breaking(rule, compared):
    path, *value = BREAKING[rule]
    new = api()
    at(new, *path, value=value[0] if value else None)
    found = compared(api(), new)
    assert found.verdict == "breaking", found.table


@pytest.mark.parametrize("rule", COMPATIBLE)
def test_what_others_publish_as_compatible_is_compatible(rule, compared):
    path, *value = COMPATIBLE[rule]
    new = api()
    at(new, *path, value=value[0] if value else None)
    found = compared(api(), new)
    assert found.verdict == "compatible", found.table


def test_a_version_is_compatible_with_itself(compared):
    for spec in ("3.0.3", "3.1.0"):
        assert compared(api(spec), api(spec)).changes == ()


def test_a_proof_is_accepted_by_one_version_and_rejected_by_the_other(compared):
    new = api("3.1.0")
    schema(new, "In")["properties"]["id"]["maximum"] = 8
    (change,) = compared(api("3.1.0"), new).changes
    payload = json.loads(change.payload)
    assert (change.certainty, change.side, change.accepts, change.rejects, change.at) == (
        "proved",
        "request",
        "old",
        "new",
        "/id",
    )
    assert jsonschema_rs.is_valid(ITEM, payload)
    assert not jsonschema_rs.is_valid(schema(new, "In"), payload)


def test_the_place_is_the_line_that_rejects(compared, tmp_path):
    new = api()
    schema(new, "In")["properties"]["id"]["maximum"] = 8
    (change,) = compared(api(), new).changes
    line = (tmp_path / "new.json").read_text().splitlines()[change.line - 1]
    assert (change.path, line.strip()) == ("new.json", '"maximum": 8')


def test_read_only_properties_are_no_matter_of_requests_and_write_only_ones_none_of_responses(compared):
    for name, flag, free in (
        ("In", "readOnly", True),
        ("Out", "writeOnly", True),
        ("In", "writeOnly", False),
    ):
        old, new = api(), api()
        for document in (old, new):
            schema(document, name)["properties"]["secret"] = {"type": "string", flag: True}
        schema(new, name)["required"] = ["id", "secret"] if name == "In" else ["id"]
        schema(new, name)["properties"]["secret"]["type"] = "integer"
        assert (compared(old, new).verdict == "compatible") is free


def test_parameters_of_a_path_may_be_renamed(compared):
    new = api()
    item = new["paths"].pop("/items/{id}")
    item["parameters"][0]["name"] = "number"
    new["paths"]["/items/{number}"] = item
    assert compared(api(), new).verdict == "compatible"


def test_a_new_major_version_under_its_own_prefix_is_compared(compared):
    old, new = api(), api()
    old["paths"] = {"/v1/items/{id}": old["paths"]["/items/{id}"]}
    new["paths"] = {"/v2/items/{id}": new["paths"]["/items/{id}"]}
    new["info"]["version"] = "2.0.0"
    found = compared(old, new)
    assert (found.verdict, found.announced) == ("compatible", True)


def test_what_can_not_be_shown_is_only_possible(compared):
    new = api()
    put(new)["parameters"][0]["schema"]["default"] = "x"
    old = copy.deepcopy(new)
    put(new)["parameters"][0]["schema"]["default"] = "y"
    assert compared(old, new).verdict == "breaking"  # oasdiff: request-parameter-default-value-changed
    del put(new)["parameters"][0]["schema"]["default"]
    found = compared(old, new)
    assert found.verdict == "possibly breaking"
    assert all(change.reason and not change.payload for change in found.changes)


def test_nullable_and_exclusive_limits_of_3_0_mean_what_3_1_writes_otherwise(compared):
    old, new = api("3.0.3"), api("3.1.0")
    schema(old, "In")["properties"]["name"]["nullable"] = True
    schema(new, "In")["properties"]["name"]["type"] = ["string", "null"]
    schema(old, "In")["properties"]["id"] |= {"minimum": 0, "exclusiveMinimum": True}
    schema(new, "In")["properties"]["id"] = {"type": "integer", "exclusiveMinimum": 0, "maximum": 9}
    assert compared(old, new).verdict == "compatible"


def test_a_property_more_breaks_those_who_closed_their_schema(compared):
    old, new = api(), api()
    for document in (old, new):
        schema(document, "Out")["additionalProperties"] = False
    schema(new, "Out")["properties"]["more"] = {"type": "string"}
    (change,) = compared(old, new).changes
    assert (change.certainty, change.rule, change.side) == ("proved", "additionalProperties", "response")
    assert "more" in json.loads(change.payload)


def events(version, action, payload):
    message = {"name": "m", "payload": payload}
    if version.startswith("2"):
        return {
            "asyncapi": version,
            "info": {"title": "E", "version": "1"},
            "channels": {"c": {action: {"message": message}}},
        }
    return {
        "asyncapi": version,
        "info": {"title": "E", "version": "1"},
        "channels": {"c": {"address": "c", "messages": {"m": message}}},
        "operations": {"o": {"action": action, "channel": {"$ref": "#/channels/c"}}},
    }


@pytest.mark.parametrize(
    ("version", "action", "narrowing_breaks"),
    [
        ("2.6.0", "publish", True),
        ("2.6.0", "subscribe", False),
        ("3.0.0", "receive", True),
        ("3.0.0", "send", False),
    ],
)
def test_events_are_judged_by_who_sends_them(version, action, narrowing_breaks, compared):
    wide, narrow = {"type": "string"}, {"type": "string", "maxLength": 5}
    narrowed = compared(events(version, action, wide), events(version, action, narrow))
    widened = compared(events(version, action, narrow), events(version, action, wide))
    assert (narrowed.verdict == "breaking") is narrowing_breaks
    assert (widened.verdict == "breaking") is not narrowing_breaks


def test_references_that_double_at_each_step_are_refused_in_time(compared):
    """2^40 evaluations: the answer is that it can't be compared, at once."""

    def doubling(last):
        document = api("3.1.0")
        parts = {f"D{n}": {"allOf": [{"$ref": f"#/components/schemas/D{n + 1}"}] * 2} for n in range(40)}
        document["components"]["schemas"] |= parts | {"D40": last, "In": {"$ref": "#/components/schemas/D0"}}
        put(document)["requestBody"]["content"]["application/json"]["example"] = 1
        return document

    (change,) = compared(doubling({"type": "string"}), doubling({"type": "integer"})).changes
    assert change.certainty == "possible"
    assert "unfold" in change.reason


def test_two_kinds_can_not_be_compared(compared):
    found = compared(api(), events("2.6.0", "publish", {}))
    assert (found.verdict, bool(found.reason)) == ("not assessable", True)
