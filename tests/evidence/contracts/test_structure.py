"""What breaks without a payload that shows it, and what is text on the wire: one change each, by the specification."""

import copy
import json

import pytest

from assess.evidence.contracts import compare

OK = {"200": {"description": ""}}


def document(operation=None, components=None, spec="3.0.3", **top):
    operation = {"operationId": "x", "responses": OK} | (operation or {})
    return {
        "openapi": spec,
        "info": {"title": "T", "version": "1.0.0"},
        "paths": {"/x": {"post": operation}},
        "components": components or {},
    } | top


def parameter(schema, **more):
    return document({"parameters": [{"name": "p", "in": "query", "schema": schema} | more]})


def body(schema):
    return document({"requestBody": {"content": {"application/json": {"schema": schema}}}})


def answer(schema, **more):
    media = {"schema": schema} if schema is not None else {}
    return document(
        {"responses": {"200": {"description": "", "content": {"application/json": media}} | more}}
    )


def properties(**named):
    return {"type": "object", "properties": {name: {"type": kind} for name, kind in named.items()}}


def secured(scheme, other=None, need=None):
    schemes = {"a": scheme} | ({"b": other} if other else {})
    return document(components={"securitySchemes": schemes}, security=need or [{"a": []}])


def oauth(**flow):
    usual = {
        "authorizationUrl": "https://a.example/a",
        "tokenUrl": "https://a.example/t",
        "scopes": {"r": "", "w": ""},
    }
    return {"type": "oauth2", "flows": {"authorizationCode": usual | flow}}


def swagger(operation=None, **top):
    operation = {"operationId": "x", "responses": {"200": {"description": ""}}} | (operation or {})
    return {
        "swagger": "2.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/x": {"post": operation}},
    } | top


def form(*names, required=False):
    fields = [{"name": name, "in": "formData", "type": "string", "required": required} for name in names]
    return swagger({"consumes": ["multipart/form-data"], "parameters": fields})


def union(*names, kind="oneOf", **more):
    """Return a body of one of several schemas that are told apart by a property of their own."""
    schemas = {n: {"type": "object", "required": [n], "properties": {n: {"type": "string"}}} for n in "ABC"}
    schema = {kind: [{"$ref": f"#/components/schemas/{name}"} for name in names]} | more
    found = body(schema)
    found["components"] = {"schemas": schemas}
    return found


HOOK = {"done": {"{$request.body#/to}": {"post": {"requestBody": {"content": {"application/json": {"schema": properties(a="string")}}}, "responses": OK}}}}  # fmt: skip
BASIC, KEY = {"type": "http", "scheme": "basic"}, {"type": "apiKey", "in": "header", "name": "X-Key"}
ARRAY = {"type": "array", "items": {"type": "string"}}
COLOUR = {"type": "string", "enum": ["red", "blue"]}

CASES = {
    # text on the wire: OpenAPI 3.1, Parameter Object, style values
    "query integer to string": (parameter({"type": "integer"}), parameter({"type": "string"}), "compatible"),
    "query string to integer": (parameter({"type": "string"}), parameter({"type": "integer"}), "breaking"),
    "query numbers written as words": (parameter({"enum": [1, 2]}), parameter({"type": "string", "enum": ["1", "2"]}), "compatible"),
    "query boolean to the words": (parameter({"type": "boolean"}), parameter({"enum": ["true", "false"]}), "compatible"),
    "query boolean to yes and no": (parameter({"type": "boolean"}), parameter({"enum": ["yes", "no"]}), "breaking"),
    "query one to many": (parameter({"type": "string"}), parameter(ARRAY), "compatible"),
    "query many to one": (parameter(ARRAY), parameter({"type": "string"}), "breaking"),
    "query integer to number": (parameter({"type": "integer"}), parameter({"type": "number"}), "compatible"),
    "query shorter": (parameter({"type": "string"}), parameter({"type": "string", "maxLength": 3}), "breaking"),
    "body integer to string": (body({"type": "integer"}), body({"type": "string"}), "breaking"),
    "explode as it is anyway": (parameter(ARRAY), parameter(ARRAY, explode=True), "compatible"),
    "explode of an array": (parameter(ARRAY), parameter(ARRAY, explode=False), "breaking"),
    "explode of a text": (parameter(COLOUR), parameter(COLOUR, explode=False), "compatible"),
    "style": (parameter(ARRAY), parameter(ARRAY, style="pipeDelimited", explode=False), "breaking"),
    "parameter gone": (parameter(COLOUR), document(), "breaking"),
    # unions and what is never told of them
    "branch more": (union("A", "B"), union("A", "B", "C"), "compatible"),
    "branch less": (union("A", "B", "C"), union("A", "B"), "breaking"),
    "anyOf less": (union("A", "B", kind="anyOf"), union("A", kind="anyOf"), "breaking"),
    "oneOf whose branches both take all": (body({"type": "integer"}), body({"oneOf": [{"type": "integer"}, {"type": "number"}]}), "breaking"),
    "oneOf of which one takes all": (body({"type": "integer"}), body({"oneOf": [{"type": "number"}, {"type": "integer", "minimum": 5}]}), "possibly breaking"),
    "oneOf that a discriminator decides": (body({"type": "object"}), body({"oneOf": [{"type": "object"}, {"type": "object"}], "discriminator": {"propertyName": "k"}}), "compatible"),
    "discriminator by another property": (union("A", "B", discriminator={"propertyName": "k"}), union("A", "B", discriminator={"propertyName": "m"}), "possibly breaking"),
    "discriminator gone": (union("A", "B", discriminator={"propertyName": "k"}), union("A", "B"), "possibly breaking"),
    "discriminator's value elsewhere": (
        union("A", "B", discriminator={"propertyName": "k", "mapping": {"a": "#/components/schemas/A"}}),
        union("A", "B", discriminator={"propertyName": "k", "mapping": {"a": "#/components/schemas/B"}}),
        "possibly breaking",
    ),
    # properties that were offered
    "request property gone": (body(properties(a="string", b="string")), body(properties(a="string")), "possibly breaking"),
    "request property gone and closed": (body(properties(a="string", b="string")), body(properties(a="string") | {"additionalProperties": False}), "breaking"),
    "request closed": (body(properties(a="string")), body(properties(a="string") | {"additionalProperties": False}), "breaking"),
    "response property gone": (answer(properties(a="string", b="string")), answer(properties(a="string")), "possibly breaking"),
    "response property renamed": (answer(properties(total="string")), answer(properties(total_amount="string")), "possibly breaking"),
    "response schema gone": (answer(properties(a="string")), answer(None), "possibly breaking"),
    "response header gone": (answer(None, headers={"X-Left": {"schema": {"type": "integer"}}}), answer(None), "breaking"),
    "encoding": (body({"type": "string", "contentEncoding": "base64"}), body({"type": "string", "contentEncoding": "base16"}), "breaking"),
    # a part that no validator knows hides no break beside it
    "beside a password": (*tuple(body({"type": "object", "required": ["k"], "properties": {"k": {"type": "string", "format": "password"}, "n": {"type": kind}}}) for kind in ("integer", "string")), "breaking"),
    "beside a pattern of Unicode": (*tuple(body({"type": "object", "required": ["k"], "properties": {"k": {"type": "string", "pattern": r"^\p{Lu}\p{L}+$"}, "n": {"type": kind}}}) for kind in ("integer", "string")), "breaking"),
    "beside a set": (*tuple(body({"type": "object", "required": ["k"], "properties": {"k": {"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": True}, "n": {"type": kind}}}) for kind in ("integer", "string")), "breaking"),
    # security
    "token elsewhere": (secured(oauth()), secured(oauth(tokenUrl="https://b.example/t")), "breaking"),
    "token elsewhere that nobody asks for": (*tuple(secured(BASIC, oauth(tokenUrl=f"https://{n}.example/t")) for n in "ab"), "possibly breaking"),
    "token at the same place": (secured(oauth()), secured(oauth(tokenUrl="HTTPS://A.example:443/t")), "compatible"),
    "token by a relative address": (*tuple(document(components={"securitySchemes": {"a": oauth(tokenUrl=url)}}, security=[{"a": []}], servers=[{"url": "https://a.example/v1"}]) for url in ("https://a.example/t", "/t")), "compatible"),
    "token encrypted": (*tuple(secured(oauth(tokenUrl=f"{scheme}://a.example/t")) for scheme in ("http", "https")), "possibly breaking"),
    "refresh no more": (secured(oauth(refreshUrl="https://a.example/r")), secured(oauth()), "possibly breaking"),
    "scope gone": (secured(oauth()), secured(oauth(scopes={"r": ""})), "possibly breaking"),
    "scope demanded": (secured(oauth(), need=[{"a": ["r"]}]), secured(oauth(), need=[{"a": ["r", "w"]}]), "breaking"),
    "flow": (secured(oauth()), secured({"type": "oauth2", "flows": {"implicit": {"authorizationUrl": "https://a.example/a", "scopes": {"r": "", "w": ""}}}}), "breaking"),
    "OpenID elsewhere": (*tuple(secured({"type": "openIdConnect", "openIdConnectUrl": f"https://{n}.example/c"}) for n in "ab"), "breaking"),
    "two of a kind demanded": (secured(BASIC, BASIC), secured(BASIC, BASIC, [{"a": [], "b": []}]), "breaking"),
    "one of two of a kind gone": (secured(BASIC, BASIC, [{"a": []}, {"b": []}]), secured(BASIC, BASIC), "breaking"),
    "scheme of another kind": (secured(BASIC), secured(KEY), "breaking"),
    "scheme renamed": (secured(KEY), document(components={"securitySchemes": {"z": KEY}}, security=[{"z": []}]), "compatible"),
    # callbacks, documents as parameters, servers
    "callback gone": (document({"callbacks": HOOK}), document(), "breaking"),
    "callback the same": (document({"callbacks": HOOK}), document({"callbacks": copy.deepcopy(HOOK)}), "compatible"),
    "parameter as a document": (*tuple(document({"parameters": [{"name": "f", "in": "query", "content": {"application/json": {"schema": properties(a=kind)}}}]}) for kind in ("string", "integer")), "breaking"),
    "server elsewhere": (document(servers=[{"url": "https://a.example"}]), document(servers=[{"url": "https://b.example"}]), "possibly breaking"),
    "server more": (document(servers=[{"url": "https://a.example"}]), document(servers=[{"url": "https://a.example/"}, {"url": "https://b.example"}]), "compatible"),
    # Swagger
    "form field demanded": (form("a"), form("a", "b", required=True), "breaking"),
    "form field gone": (form("a", "b"), form("a"), "breaking"),
    "answers in another format": (swagger(produces=["application/json"]), swagger(produces=["application/xml"]), "breaking"),
    "takes one more format": (swagger(consumes=["application/json"]), swagger(consumes=["application/json", "text/csv"]), "compatible"),
    "base path": (swagger(host="a.example", basePath="/v1"), swagger(host="a.example", basePath="/v2"), "possibly breaking"),
    "several values written otherwise": (*tuple(swagger({"parameters": [{"name": "p", "in": "query", "type": "array", "items": {"type": "string"}, "collectionFormat": form}]}) for form in ("csv", "pipes")), "breaking"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_change_is_called_what_the_specification_makes_of_it(tmp_path, name):
    old, new, verdict = CASES[name]
    for file, tree in (("old.json", old), ("new.json", new)):
        (tmp_path / file).write_text(json.dumps(tree), "utf-8")
    found = compare(tmp_path / "old.json", tmp_path / "new.json")
    assert found.verdict == verdict, [(c.rule, c.certainty, c.message, c.reason) for c in found.changes]
    assert all(change.reason for change in found.changes if change.certainty == "possible")
    assert compare(tmp_path / "old.json", tmp_path / "old.json").verdict == "compatible"


def events(**more):
    channel = {"address": "a", "messages": {"m": {"payload": {"type": "object"}}}}
    server = {"host": "kafka.example", "protocol": "kafka"}
    found = {
        "asyncapi": "3.0.0",
        "info": {"title": "E", "version": "1.0.0"},
        "servers": {"main": server | more.get("server", {})},
        "channels": {"c": channel | more.get("channel", {})},
        "operations": {
            "o": {"action": "send", "channel": {"$ref": "#/channels/c"}} | more.get("operation", {})
        },
    }
    if more.get("servers") is not None:
        found["servers"] = more["servers"]
    return found


EVENTS = {
    "broker elsewhere": ({}, {"server": {"host": "other.example"}}, "possibly breaking"),
    "protocol": ({}, {"server": {"protocol": "amqp"}}, "breaking"),
    "server gone": ({}, {"servers": {}}, "possibly breaking"),
    "binding of a channel": ({"channel": {"bindings": {"kafka": {"topic": "a"}}}}, {"channel": {"bindings": {"kafka": {"topic": "b"}}}}, "breaking"),
    "queue of a binding": ({"channel": {"bindings": {"amqp": {"queue": {"name": "a"}}}}}, {"channel": {"bindings": {"amqp": {"queue": {"name": "b"}}}}}, "breaking"),
    "partitions of a binding": ({"channel": {"bindings": {"kafka": {"partitions": 3}}}}, {"channel": {"bindings": {"kafka": {"partitions": 6}}}}, "possibly breaking"),
    "binding of an operation": ({"operation": {"bindings": {"kafka": {"groupId": {"enum": ["a"]}}}}}, {}, "possibly breaking"),
    "version of a binding": ({"channel": {"bindings": {"kafka": {"topic": "a", "bindingVersion": "0.4.0"}}}}, {"channel": {"bindings": {"kafka": {"topic": "a", "bindingVersion": "0.5.0"}}}}, "compatible"),
}  # fmt: skip


@pytest.mark.parametrize("name", EVENTS)
def test_servers_and_bindings_of_events(tmp_path, name):
    old, new, verdict = EVENTS[name]
    for file, more in (("old.json", old), ("new.json", new)):
        (tmp_path / file).write_text(json.dumps(events(**more)), "utf-8")
    found = compare(tmp_path / "old.json", tmp_path / "new.json")
    assert found.verdict == verdict, [(c.rule, c.certainty, c.message) for c in found.changes]


def amount(**logical):
    kind = {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2} | logical
    return {"type": "record", "name": "A", "fields": [{"name": "a", "type": kind}]}


AVRO = {
    "scale": (amount(), amount(scale=4)),
    "precision": (amount(), amount(precision=12)),
    "no decimal any more": (amount(), {"type": "record", "name": "A", "fields": [{"name": "a", "type": "bytes"}]}),
    "milliseconds and microseconds": (amount(type="long", logicalType="timestamp-millis"), amount(type="long", logicalType="timestamp-micros")),
}  # fmt: skip


@pytest.mark.parametrize("name", AVRO)
def test_bytes_that_mean_something_else_break_readers(tmp_path, name):
    """Avro 1.12, Logical Types: decimals match where scale and precision do."""
    for file, tree in zip(("old.avsc", "new.avsc"), AVRO[name], strict=True):
        (tmp_path / file).write_text(json.dumps(tree), "utf-8")
    assert compare(tmp_path / "old.avsc", tmp_path / "new.avsc").verdict == "breaking"
