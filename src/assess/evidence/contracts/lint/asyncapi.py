"""Rules for AsyncAPI 2 and 3, by the names and severities of Spectral's rule set ``asyncapi``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from assess.evidence.contracts import avro
from assess.evidence.contracts.document import Pointer, steps

from .openapi import info_contact, info_description, info_version
from .subject import Hit, LintRule, LintSubject, listing, mapping

ASYNC = ("asyncapi",)
TWO = ("asyncapi 2",)
THREE = ("asyncapi 3",)
_TEMPLATE = re.compile(r"\{([^{}]*)\}")
_ENVELOPE = ("id", "source", "specversion", "type")


def operations(subject: LintSubject) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """Yield every operation: publish and subscribe of a channel in 2, ``operations`` in 3."""
    if subject.version.startswith("3"):
        for name, node in mapping(subject.tree.get("operations")).items():
            yield ("operations", name), mapping(node)
        return
    for channel, given in mapping(subject.tree.get("channels")).items():
        node = subject.resolved(given)
        for action in ("publish", "subscribe"):
            if isinstance(node.get(action), dict):
                yield ("channels", channel, action), node[action]


def messages(subject: LintSubject) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """Yield every message of a channel or operation, once."""
    seen: set[int] = set()
    for pointer, given in _messages(subject):
        node = subject.resolved(given)
        unresolved = not node and isinstance(given, dict) and "$ref" in given
        if id(node) not in seen and not unresolved:
            seen.add(id(node))
            yield pointer, node


def _messages(subject: LintSubject) -> Iterator[tuple[Pointer, Any]]:
    if subject.version.startswith("3"):
        for channel, given in mapping(subject.tree.get("channels")).items():
            for name, message in mapping(subject.resolved(given).get("messages")).items():
                yield ("channels", channel, "messages", name), message
        return
    for pointer, operation in operations(subject):
        message = mapping(operation.get("message"))
        if isinstance(message.get("oneOf"), list):
            yield from (((*pointer, "message", "oneOf", i), one) for i, one in enumerate(message["oneOf"]))
        elif message:
            yield (*pointer, "message"), message


def servers(subject: LintSubject) -> Iterator[Hit]:
    """Where the broker is."""
    if not mapping(subject.tree.get("servers")):
        yield (), "No server is named"


def tags(subject: LintSubject) -> Iterator[Hit]:
    """Documentation groups events by tags."""
    info = mapping(subject.tree.get("info"))
    where = info if subject.version.startswith("3") else subject.tree
    if not listing(where.get("tags")):
        yield ("info",) if where is info else (), "No tag is named"


def info_license(subject: LintSubject) -> Iterator[Hit]:
    """Under which terms the events may be used."""
    if not mapping(subject.tree.get("info")).get("license"):
        yield ("info",), "No licence is named"


def operation_id(subject: LintSubject) -> Iterator[Hit]:
    """Tools name functions by it."""
    for pointer, node in operations(subject):
        if not node.get("operationId"):
            yield pointer, "The operation has no operationId"


def operation_id_unique(subject: LintSubject) -> Iterator[Hit]:
    """AsyncAPI 2: "the id MUST be unique among all operations described in the API"."""
    named = [
        (pointer, str(node["operationId"]))
        for pointer, node in operations(subject)
        if node.get("operationId")
    ]
    counts = Counter(name for _, name in named)
    for pointer, name in named:
        if counts[name] > 1:
            yield (*pointer, "operationId"), f"The operationId {name!r} is there {counts[name]} times"


def message_id_unique(subject: LintSubject) -> Iterator[Hit]:
    """AsyncAPI 2.4 and later: "the messageId MUST be unique among all messages"."""
    named = [
        (pointer, str(node["messageId"])) for pointer, node in messages(subject) if node.get("messageId")
    ]
    counts = Counter(name for _, name in named)
    for pointer, name in named:
        if counts[name] > 1:
            yield (*pointer, "messageId"), f"The messageId {name!r} is there {counts[name]} times"


def operation_description(subject: LintSubject) -> Iterator[Hit]:
    """What the operation is for."""
    for pointer, node in operations(subject):
        if not node.get("description"):
            yield pointer, "The operation has no description"


def message_payload(subject: LintSubject) -> Iterator[Hit]:
    """Without a schema of the payload nobody knows what the event holds."""
    for pointer, node in messages(subject):
        payload = node.get("payload")
        traits = map(subject.resolved, listing(node.get("traits")))
        if payload is None and not any("payload" in trait for trait in traits):
            yield pointer, "The message has no schema of its payload"
        elif isinstance(payload, dict) and not subject.resolved(payload):
            yield (*pointer, "payload"), "The schema of the payload is empty: it allows anything"


def headers_object(subject: LintSubject) -> Iterator[Hit]:
    """AsyncAPI: the schema of headers "MUST be of type object"."""
    for pointer, node in messages(subject):
        if isinstance(node.get("headers"), dict):
            headers = subject.resolved(node["headers"])
            if headers and headers.get("type") != "object" and "schema" not in headers:
                yield (*pointer, "headers"), "The schema of the headers must have the type object"


def payload_format(subject: LintSubject) -> Iterator[Hit]:
    """A payload in Avro is checked as Avro."""
    for pointer, node in messages(subject):
        payload = mapping(node.get("payload"))
        form = str(node.get("schemaFormat") or payload.get("schemaFormat") or "")
        if "avro" in form:
            schema = payload.get("schema") if "schemaFormat" in payload else payload
            where = (*pointer, "payload", "schema") if "schemaFormat" in payload else (*pointer, "payload")
            if "$ref" not in mapping(schema):
                yield from (((*where, *place), message) for place, message in avro.check(schema))


def cloudevents_envelope(subject: LintSubject) -> Iterator[Hit]:
    """CloudEvents 1.0, JSON format 3: the envelope with its four attributes is the payload in structured mode.

    Told where the schema of the payload forbids an attribute, so that no event can satisfy both.
    """
    for pointer, node in messages(subject):
        kind = node.get("contentType") or subject.tree.get("defaultContentType")
        payload = subject.resolved(node.get("payload")) if "payload" in node else {}
        if kind == "application/cloudevents+json" and payload.get("additionalProperties") is False:
            absent = [name for name in _ENVELOPE if name not in mapping(payload.get("properties"))]
            if absent and not payload.get("patternProperties"):
                yield (
                    (*pointer, "payload"),
                    f"The payload forbids what a CloudEvent must carry: {', '.join(absent)}",
                )


def channel_parameters(subject: LintSubject) -> Iterator[Hit]:
    """Each ``{name}`` of a channel is defined, and each that is defined is used."""
    for name, given in mapping(subject.tree.get("channels")).items():
        channel = subject.resolved(given)
        address = channel.get("address", name) if subject.version.startswith("3") else name
        used, defined = set(_TEMPLATE.findall(str(address or ""))), mapping(channel.get("parameters"))
        for parameter in sorted(used - defined.keys()):
            yield ("channels", name), f"The parameter {parameter!r} of the channel is not defined"
        for parameter in sorted(defined.keys() - used):
            yield (
                ("channels", name, "parameters", parameter),
                f"The parameter {parameter!r} is not in the channel's address",
            )


def channel_shape(subject: LintSubject) -> Iterator[Hit]:
    """A channel is an address without query, fragment, or slash at its end."""
    for name, given in mapping(subject.tree.get("channels")).items():
        address = str(
            subject.resolved(given).get("address", name) if subject.version.startswith("3") else name
        )
        if "?" in address or "#" in address:
            yield ("channels", name), "The channel holds a query or fragment"
        if address.endswith("/") and address != "/":
            yield ("channels", name), "The channel ends in a slash"
        if "{}" in address:
            yield ("channels", name), "The channel has a parameter without a name"


def channel_servers(subject: LintSubject) -> Iterator[Hit]:
    """A channel names servers of the contract only."""
    known = mapping(subject.tree.get("servers"))
    for name, given in mapping(subject.tree.get("channels")).items():
        for number, server in enumerate(listing(subject.resolved(given).get("servers"))):
            if isinstance(server, str) and server not in known:
                yield ("channels", name, "servers", number), f"The server {server!r} is not defined"


def server_variables(subject: LintSubject) -> Iterator[Hit]:
    """Each variable of a server's address is defined, and each that is defined is used."""
    for name, given in mapping(subject.tree.get("servers")).items():
        server = subject.resolved(given)
        text = f"{server.get('url', '')}{server.get('host', '')}{server.get('pathname', '')}"
        used, defined = set(_TEMPLATE.findall(text)), mapping(server.get("variables"))
        for variable in sorted(used - defined.keys()):
            yield ("servers", name), f"The variable {variable!r} of the server is not defined"
        for variable in sorted(defined.keys() - used):
            yield (
                ("servers", name, "variables", variable),
                f"The variable {variable!r} is not in the server's address",
            )


def server_security(subject: LintSubject) -> Iterator[Hit]:
    """Each security scheme that a server needs is defined."""
    known = mapping(mapping(subject.tree.get("components")).get("securitySchemes"))
    for name, given in mapping(subject.tree.get("servers")).items():
        for number, requirement in enumerate(listing(subject.resolved(given).get("security"))):
            for scheme in mapping(requirement) if subject.version.startswith("2") else ():
                if scheme not in known:
                    yield (
                        ("servers", name, "security", number),
                        f"The security scheme {scheme!r} is not defined",
                    )


def unused_schema(subject: LintSubject) -> Iterator[Hit]:
    """What nothing refers to is dead, or its reference is missing."""
    used = {
        steps(node["$ref"].partition("#")[2])
        for _, node in subject.nodes
        if isinstance(node.get("$ref"), str)
    }
    for name in mapping(mapping(subject.tree.get("components")).get("schemas")):
        place = ("components", "schemas", name)
        if not any(reference[:3] == place for reference in used):
            yield place, f"Nothing uses {name!r}"


RULES = (
    LintRule("asyncapi-info-contact", "warning", ASYNC, info_contact),
    LintRule("asyncapi-info-description", "warning", ASYNC, info_description),
    LintRule("asyncapi-info-license", "warning", ASYNC, info_license),
    LintRule("info-version", "warning", ASYNC, info_version),
    LintRule("asyncapi-servers", "warning", TWO, servers),
    LintRule("asyncapi-tags", "warning", TWO, tags),
    LintRule("asyncapi-3-tags", "warning", THREE, tags),
    LintRule("asyncapi-operation-operationId", "error", TWO, operation_id),
    LintRule(
        "asyncapi-operation-operationId-uniqueness", "error", TWO, operation_id_unique, conformance=True
    ),
    LintRule("asyncapi-message-messageId-uniqueness", "error", TWO, message_id_unique, conformance=True),
    LintRule("asyncapi-operation-description", "warning", TWO, operation_description),
    LintRule("asyncapi-3-operation-description", "warning", THREE, operation_description),
    LintRule("asyncapi-message-payload", "warning", ASYNC, message_payload),
    LintRule("asyncapi-headers-schema-type-object", "error", ASYNC, headers_object, conformance=True),
    LintRule("avro-schema", "error", ASYNC, payload_format, conformance=True),
    LintRule("cloudevents-envelope", "warning", ASYNC, cloudevents_envelope),
    LintRule("asyncapi-channel-parameters", "error", ASYNC, channel_parameters, conformance=True),
    LintRule("asyncapi-channel-address", "warning", ASYNC, channel_shape),
    LintRule("asyncapi-channel-servers", "error", TWO, channel_servers, conformance=True),
    LintRule("asyncapi-server-variables", "error", ASYNC, server_variables, conformance=True),
    LintRule("asyncapi-server-security", "error", ASYNC, server_security, conformance=True),
    LintRule("asyncapi-unused-components-schema", "info", ASYNC, unused_schema),
)
