"""Each rule by its smallest example: what it tells, and that it is silent about the sound contract."""

import copy

import pytest

from assess.evidence.contracts import judge, lint
from assess.evidence.contracts.document import ContractDocument
from assess.evidence.contracts.references import Library

OK = {
    "description": "Fine",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}, "example": {"id": 1}}},
}
SOUND = {
    "openapi": "3.0.3",
    "info": {"title": "Items", "version": "1.0.0", "description": "Items", "contact": {"name": "Team"}},
    "servers": [{"url": "https://{region}.example.org", "variables": {"region": {"default": "eu", "enum": ["eu", "us"]}}}],
    "tags": [{"name": "items"}],
    "security": [{"key": []}],
    "paths": {
        "/items/{id}": {
            "get": {
                "operationId": "readItem", "description": "Read an item", "tags": ["items"],
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "example": 1}}],
                "responses": {"200": OK, "404": {"description": "None"}},
            }
        }
    },
    "components": {
        "schemas": {"Item": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "kind": {"type": "string", "enum": ["a", "b"], "default": "a"}}}},
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    },
}  # fmt: skip
GET = ("paths", "/items/{id}", "get")
ITEM = ("components", "schemas", "Item")
CASES = {
    "info-contact": [("info", "contact")],
    "info-description": [("info", "description")],
    "info-version": [("info", "version"), ""],
    "oas3-api-servers": [("servers",)],
    "oas3-server-trailing-slash": [("servers",), [{"url": "https://example.org/"}]],
    "oas3-server-variables": [("servers", 0, "variables", "region", "default"), "asia"],
    "operation-operationId": [(*GET, "operationId")],
    "operation-operationId-unique": [("paths", "/items/{id}", "put"), SOUND["paths"]["/items/{id}"]["get"]],
    "operation-operationId-valid-in-url": [(*GET, "operationId"), "read item"],
    "operation-description": [(*GET, "description")],
    "operation-tags": [(*GET, "tags")],
    "operation-tag-defined": [(*GET, "tags"), ["other"]],
    "openapi-tags-uniqueness": [("tags",), [{"name": "items"}, {"name": "items"}]],
    "operation-success-response": [(*GET, "responses", "200")],
    "operation-error-response": [(*GET, "responses", "404")],
    "operation-parameters": [(*GET, "parameters"), SOUND["paths"]["/items/{id}"]["get"]["parameters"] * 2],
    "path-params": [(*GET, "parameters"), []],
    "path-declarations-must-exist": [("paths", "/x/{}"), {}],
    "path-keys-no-trailing-slash": [("paths", "/x/"), {}],
    "path-not-include-query": [("paths", "/x?a=1"), {}],
    "no-$ref-siblings": [(*GET, "responses", "200", "content", "application/json", "schema", "type"), "object"],
    "oas3-operation-security-defined": [(*GET, "security"), [{"other": []}]],
    "oas3-examples-value-or-externalValue": [(*GET, "responses", "404", "content"), {"text/plain": {"examples": {"a": {"value": 1, "externalValue": "http://a"}}}}],
    "oas3-unused-component": [("components", "schemas", "Dead"), {"type": "string"}],
    "typed-enum": [(*ITEM, "properties", "kind", "enum"), ["a", "b", 3]],
    "duplicated-entry-in-enum": [(*ITEM, "properties", "kind", "enum"), ["a", "b", "b"]],
    "array-items": [(*ITEM, "properties", "list"), {"type": "array"}],
    "valid-pattern": [(*ITEM, "properties", "kind", "pattern"), "("],
    "oas3-valid-schema-example": [(*ITEM, "properties", "kind", "default"), "z"],
    "oas3-valid-media-example": [(*GET, "responses", "200", "content", "application/json", "example"), {"id": "one"}],
    "oas3-schema": [("info", "titel"), "Items"],
    "invalid-ref": [(*GET, "responses", "404"), {"$ref": "#/components/responses/None"}],
}  # fmt: skip


def changed(document, path, value):
    document = copy.deepcopy(document)
    node = document
    for step in path[:-1]:
        node = node[step]
    if value:
        node[path[-1]] = copy.deepcopy(value[0])
    else:
        del node[path[-1]]
    return document


def told(document, tmp_path):
    contract = judge(Library(tmp_path), "a.yaml", ContractDocument("a.yaml", document, {}))
    assert contract.state != "not assessable", contract.reason
    return contract


def test_a_sound_contract_is_valid_and_has_no_remark(tmp_path):
    contract = told(SOUND, tmp_path)
    assert (contract.state, contract.issues) == ("valid", ())


@pytest.mark.parametrize("rule", CASES)
def test_each_rule_tells_its_smallest_example(rule, tmp_path):
    path, *value = CASES[rule]
    contract = told(changed(SOUND, path, value), tmp_path)
    assert rule in {issue.rule for issue in contract.issues}


def test_an_example_may_lack_what_only_the_other_side_sends(tmp_path):
    item = {
        "type": "object",
        "required": ["id", "secret"],
        "properties": {"id": {"type": "integer"}, "secret": {"type": "string", "writeOnly": True}},
    }
    contract = told(changed(SOUND, ITEM, [item]), tmp_path)
    assert "oas3-valid-media-example" not in {issue.rule for issue in contract.issues}


EVENTS = {
    "asyncapi": "2.6.0",
    "info": {"title": "Items", "version": "1.0.0", "description": "Items", "contact": {"name": "Team"}, "license": {"name": "MIT"}},
    "tags": [{"name": "items"}],
    "servers": {"production": {"url": "broker.example.org", "protocol": "kafka"}},
    "channels": {
        "items.{id}": {
            "parameters": {"id": {"schema": {"type": "string"}}},
            "subscribe": {"operationId": "onItem", "description": "An item", "message": {"messageId": "item", "payload": {"$ref": "#/components/schemas/Item"}}},
        }
    },
    "components": {"schemas": {"Item": {"type": "object", "properties": {"id": {"type": "integer", "examples": [1]}}}}},
}  # fmt: skip
CHANNEL = ("channels", "items.{id}")
MESSAGE = (*CHANNEL, "subscribe", "message")
EVENT_CASES = {
    "asyncapi-info-contact": [("info", "contact")],
    "asyncapi-info-description": [("info", "description")],
    "asyncapi-info-license": [("info", "license")],
    "asyncapi-servers": [("servers",)],
    "asyncapi-tags": [("tags",)],
    "asyncapi-operation-operationId": [(*CHANNEL, "subscribe", "operationId")],
    "asyncapi-operation-description": [(*CHANNEL, "subscribe", "description")],
    "asyncapi-operation-operationId-uniqueness": [(*CHANNEL, "publish"), {"operationId": "onItem", "message": {"payload": {"type": "string"}}}],
    "asyncapi-message-messageId-uniqueness": [(*CHANNEL, "publish"), {"operationId": "b", "message": {"messageId": "item", "payload": {"type": "string"}}}],
    "asyncapi-message-payload": [(*MESSAGE, "payload")],
    "asyncapi-headers-schema-type-object": [(*MESSAGE, "headers"), {"type": "string"}],
    "asyncapi-channel-parameters": [(*CHANNEL, "parameters"), {}],
    "asyncapi-channel-servers": [(*CHANNEL, "servers"), ["test"]],
    "asyncapi-channel-address": [("channels", "items?x=1"), {}],
    "asyncapi-server-variables": [("servers", "production", "url"), "{region}.example.org"],
    "asyncapi-server-security": [("servers", "production", "security"), [{"none": []}]],
    "asyncapi-unused-components-schema": [("components", "schemas", "Dead"), {"type": "string"}],
    "asyncapi-schema-examples": [("components", "schemas", "Item", "properties", "id", "examples"), ["one"]],
    "avro-schema": [MESSAGE, {"schemaFormat": "application/vnd.apache.avro;version=1.9.0", "payload": {"type": "record", "name": "a-b", "fields": []}}],
    "asyncapi-schema": [("info", "version")],
}  # fmt: skip


def test_sound_events_are_valid_and_have_no_remark(tmp_path):
    contract = told(EVENTS, tmp_path)
    assert (contract.state, contract.issues, contract.messages) == ("valid", (), 1)


@pytest.mark.parametrize("rule", EVENT_CASES)
def test_each_rule_of_events_tells_its_smallest_example(rule, tmp_path):
    path, *value = EVENT_CASES[rule]
    assert rule in {issue.rule for issue in told(changed(EVENTS, path, value), tmp_path).issues}


def test_every_rule_has_an_example():
    """Rules of Swagger 2.0 and AsyncAPI 3 are those of their neighbours under another name."""
    neighbours = {"oas2-", "asyncapi-3-", "json-schema-", "cloudevents-"}
    names = {rule.name for rule in lint.RULES if not rule.name.startswith(tuple(neighbours))}
    assert names <= CASES.keys() | EVENT_CASES.keys()


def test_swagger_and_asyncapi_3_are_judged_by_their_own_schemas(tmp_path):
    swagger = {
        "swagger": "2.0",
        "info": {"title": "A", "version": "1"},
        "paths": {},
        "definitions": {"Dead": {"type": "object"}},
    }
    rules = {issue.rule for issue in told(swagger, tmp_path).issues}
    assert {"oas2-api-host", "oas2-api-schemes", "oas2-unused-definition"} <= rules
    assert told(swagger | {"host": 1}, tmp_path).state == "invalid"
    three = {
        "asyncapi": "3.0.0",
        "info": {"title": "A", "version": "1"},
        "channels": {"c": {"address": "c", "messages": {"m": {}}}},
    }
    found = told(three, tmp_path)
    assert (found.state, found.messages) == ("valid", 1)
    assert "asyncapi-message-payload" in {issue.rule for issue in found.issues}
    assert (
        told(
            three | {"operations": {"o": {"action": "publish", "channel": {"$ref": "#/channels/c"}}}},
            tmp_path,
        ).state
        == "invalid"
    )
