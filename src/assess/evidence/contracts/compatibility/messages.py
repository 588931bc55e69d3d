"""What event systems send, in two versions: AsyncAPI's servers, channels, operations and messages by who sends them, and Avro.

Whether a reader with one Avro schema can read what was written with another: "Schema Resolution", Avro 1.12.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from assess.evidence.contracts.avro import NAMED, PRIMITIVE, full_name, fullname
from assess.evidence.contracts.lint.subject import mapping
from assess.evidence.contracts.portable import Direction

from .change import Certainty, ChangeLocation, VersionPair
from .openapi import root
from .structure import compare_schemas

Messages = dict[str, ChangeLocation]
Channels = dict[tuple[str, Direction], Messages]


def compare_asyncapi(sides: VersionPair) -> None:
    """Collect what those who send to or receive from the old version meet with the new one.

    AsyncAPI 2 says what *others* do: who publishes sends to the application (request), who subscribes receives
    from it (response). AsyncAPI 3 says what the application does: receive (request), send (response).
    """
    compare_servers(sides)
    before, after = channels(root(sides, "old")), channels(root(sides, "new"))
    compare_bindings(sides)
    for key, messages in before.items():
        address, side = key
        if key not in after:
            first = next(iter(messages.values()), root(sides, "old"))
            sides.tell("channel-removed", side, address, f"{address}: nobody {_does(side)} any more", first)
            continue
        for name, message in messages.items():
            other = after[key].get(name) or (_only(after[key]) if len(messages) == 1 else None)
            if other is None:
                sides.tell(
                    "message-removed", side, address, f"{address}: the message {name} is gone", message
                )
            else:
                _message(sides, side, f"{address} {name}", message, other)


def _does(side: Direction) -> str:
    return "listens there" if side == "request" else "sends there"


def _only(messages: Messages) -> ChangeLocation | None:
    return next(iter(messages.values())) if len(messages) == 1 else None


def channels(contract: ChangeLocation) -> Channels:
    """Return the messages by address of the channel and side."""
    version = str(contract.mapping.get("asyncapi", ""))
    return _three(contract) if version.startswith("3") else _two(contract)


def _two(contract: ChangeLocation) -> Channels:
    found: Channels = {}
    for name in mapping(contract.mapping.get("channels")):
        sides: tuple[tuple[str, Direction], ...] = (("publish", "request"), ("subscribe", "response"))
        for action, side in sides:
            message = contract.get("channels", name, action, "message")
            if message is None:
                continue
            several = [message.get("oneOf", i) for i in range(len(message.mapping.get("oneOf") or ()))] or [
                message
            ]
            found[name, side] = {_name(m): m for m in several if m}
    return found


def _three(contract: ChangeLocation) -> Channels:
    found: Channels = {}
    for name in mapping(contract.mapping.get("operations")):
        operation = contract.get("operations", name)
        channel = operation.get("channel") if operation else None
        if operation is None or channel is None:
            continue
        side: Direction = "request" if operation.mapping.get("action") == "receive" else "response"
        address = str(channel.mapping.get("address") or channel.pointer[-1])
        messages = {
            str(key): channel.get("messages", key) for key in mapping(channel.mapping.get("messages"))
        }
        found.setdefault((address, side), {}).update({k: m for k, m in messages.items() if m})
    return found


def _name(message: ChangeLocation) -> str:
    return str(message.mapping.get("messageId") or message.mapping.get("name") or "message")


def _message(
    sides: VersionPair, side: Direction, where: str, old: ChangeLocation, new: ChangeLocation
) -> None:
    before, after = old.mapping.get("contentType"), new.mapping.get("contentType")
    if before and after and before != after:
        sides.tell(
            "content-type", side, where, f"{where}: the content type is {after} instead of {before}", new
        )
    one, other = old.get("payload"), new.get("payload")
    if one and not other:
        reason = "consumers no longer know what it holds"
        sides.tell(
            "payload-removed",
            side,
            where,
            f"{where}: the schema of the payload is gone",
            new,
            "possible",
            reason,
        )
    elif one and other and _is_avro(old, one) and _is_avro(new, other):
        first, second = (_schema(one), _schema(other))
        writer, reader = (first, second) if side == "request" else (second, first)
        for problem in resolve(writer, reader):
            sides.tell("avro", side, where, f"{where}: {problem}", other)
    elif one and other and json.dumps(one.mapping, sort_keys=True) != "{}":
        compare_schemas(sides, side, where, one, other)
    compare_schemas(sides, side, f"{where} headers", old.get("headers"), new.get("headers"))


def _is_avro(message: ChangeLocation, payload: ChangeLocation) -> bool:
    return "avro" in str(message.mapping.get("schemaFormat") or payload.mapping.get("schemaFormat") or "")


def _schema(payload: ChangeLocation) -> Any:
    return payload.mapping["schema"] if "schemaFormat" in payload.mapping else payload.node


def compare_servers(sides: VersionPair) -> None:
    """Collect brokers that are gone, elsewhere, or speak another protocol."""
    old, new = root(sides, "old"), root(sides, "new")
    for name in mapping(old.mapping.get("servers")):
        one, other = old.get("servers", name), new.get("servers", name)
        where = f"server {name}"
        if one is None:
            continue
        if other is None:
            reason = "who connects there by another name is not hit"
            sides.tell("server-removed", "request", where, f"{where} is gone", one, "possible", reason)
            continue
        for key in ("protocol", "url", "host", "pathname"):
            before, after = one.mapping.get(key), other.mapping.get(key)
            if before is None or before == after:
                continue
            message = f"{where}: the {key} is {after or 'not stated any more'} instead of {before}"
            if key == "protocol":
                sides.tell("server-protocol", "request", where, message, other)
            else:
                reason = "the old address may go on answering"
                sides.tell("server-address", "request", where, message, other, "possible", reason)


def compare_bindings(sides: VersionPair) -> None:
    """Collect what protocols are told of channels and operations and is no more: topics, queues, groups."""
    for place, other in _bound(sides):
        before, after = _stated(place), _stated(other)
        for protocol, settings in before.items():
            if after.get(protocol) != settings:
                where = "/".join(map(str, place.pointer))
                moved = _moved(protocol, settings, mapping(after.get(protocol)))
                reason = "" if moved else "clients that set themselves up by it connect otherwise"
                message = f"{where}: {moved or f'what {protocol} is told is another'}"
                certainty: Certainty = "certain" if moved else "possible"
                sides.tell("bindings", "request", where, message, other, certainty, reason)


ADDRESSES = {
    "kafka": ("topic",), "amqp": ("exchange.name", "queue.name"), "googlepubsub": ("topic",), "sqs": ("queue.name",),
    "sns": ("name",), "ibmmq": ("queue.objectName", "topic.objectName", "topic.string"), "http": ("method",), "ws": ("method",),
}  # fmt: skip
"""Settings of bindings that say where messages go or how they are asked for (AsyncAPI bindings, github.com/asyncapi/bindings)."""


def _moved(protocol: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    """Say that messages go elsewhere; empty where both versions do not name two places."""
    for setting in ADDRESSES.get(protocol, ()):
        one, other = _setting(before, setting), _setting(after, setting)
        if one and other and one != other:
            return f"the {setting} of {protocol} is {other!r} instead of {one!r}"
    return ""


def _setting(settings: dict[str, Any], name: str) -> Any:
    found: Any = settings
    for key in name.split("."):
        found = mapping(found).get(key)
    return found if isinstance(found, str) else None


def _bound(sides: VersionPair) -> Iterator[tuple[ChangeLocation, ChangeLocation]]:
    """Yield the places of the old version that may have bindings and are still there, with those of the new one."""
    old, new = root(sides, "old"), root(sides, "new")
    for section in ("channels", "operations"):
        for name in mapping(old.mapping.get(section)):
            one, other = old.get(section, name), new.get(section, name)
            if one is None or other is None:
                continue
            yield one, other
            for action in ("publish", "subscribe"):
                before, after = one.get(action), other.get(action)
                if before and after:
                    yield before, after


def _stated(place: ChangeLocation) -> dict[str, Any]:
    """Return the bindings by protocol, the version of their own format left out."""
    bindings = place.get("bindings")
    found = bindings.mapping if bindings else {}
    return {
        protocol: {key: value for key, value in mapping(settings).items() if key != "bindingVersion"}
        for protocol, settings in found.items()
    }


PROMOTED = {
    "int": {"int", "long", "float", "double"},
    "long": {"long", "float", "double"},
    "float": {"float", "double"},
    "double": {"double"},
    "string": {"string", "bytes"},
    "bytes": {"bytes", "string"},
}
"""What a reader may call a value of the writer's type."""
Names = dict[str, Any]


def resolve(writer: Any, reader: Any) -> list[str]:
    """Return why a reader can fail, empty where it reads everything the writer writes.

    An enum without a default fails only for the symbols that the reader lacks, a union only for the branches
    that match none: the specification signals an error at the value, so the schemas are not compatible.

    Parameters
    ----------
    writer, reader
        Valid schemas, see `assess.evidence.contracts.avro.check`.

    Examples
    --------
    >>> resolve("int", "double"), resolve("long", "int")
    ([], ['long can not be read as int'])
    """
    return _Resolver(_named(writer, "", {}), _named(reader, "", {})).match(writer, reader, "", "")


def _named(schema: Any, namespace: str, names: Names) -> Names:
    """Collect the named types of a schema by full name, each with its namespace."""
    if isinstance(schema, list):
        for branch in schema:
            _named(branch, namespace, names)
    elif isinstance(schema, dict):
        kind = schema.get("type")
        if kind in NAMED:
            full, namespace = fullname(schema, namespace)
            names[full] = (schema, namespace)
            for field in schema.get("fields", ()):
                _named(field["type"], namespace, names)
        elif kind in ("array", "map"):
            _named(schema["items" if kind == "array" else "values"], namespace, names)
        elif isinstance(kind, dict | list):
            _named(kind, namespace, names)
    return names


class _Resolver:
    def __init__(self, written: Names, read: Names) -> None:
        self.written = written
        self.read = read
        self.assumed: set[tuple[str, str]] = set()

    def match(self, writer: Any, reader: Any, inside: str, outside: str) -> list[str]:
        """Return the problems of one pair; ``inside`` and ``outside`` are the namespaces of the two."""
        writer, inside = _opened(writer, inside, self.written)
        reader, outside = _opened(reader, outside, self.read)
        if isinstance(writer, list):
            return [problem for branch in writer for problem in self.match(branch, reader, inside, outside)]
        if isinstance(reader, list):
            problems = [self.match(writer, branch, inside, outside) for branch in reader]
            return [] if not all(problems) else self._no_branch(writer, reader, problems)
        kind, other = _kind(writer), _kind(reader)
        if kind == other and (means := _meaning(writer)) != (meant := _meaning(reader)):
            return [f"{means} can not be read as {meant}: the bytes are the same, what they mean is not"]
        if kind in PROMOTED and other in PROMOTED[kind]:
            return []
        if kind != other:
            return [f"{_say(writer)} can not be read as {_say(reader)}"]
        return self._alike(kind, writer, reader, inside, outside)

    def _no_branch(self, writer: Any, reader: list[Any], problems: list[list[str]]) -> list[str]:
        near = [
            found for branch, found in zip(reader, problems, strict=True) if _kind(branch) == _kind(writer)
        ]
        return near[0] if near else [f"{_say(writer)} is in no branch of the reader's union"]

    def _alike(self, kind: str, writer: Any, reader: Any, inside: str, outside: str) -> list[str]:
        if kind == "array":
            return [f"items: {p}" for p in self.match(writer["items"], reader["items"], inside, outside)]
        if kind == "map":
            return [f"values: {p}" for p in self.match(writer["values"], reader["values"], inside, outside)]
        if kind not in NAMED:
            return []
        first, second = fullname(writer, inside), fullname(reader, outside)
        if not _same_name(first[0], second[0], reader, second[1]):
            return [f"{first[0]} can not be read as {second[0]}: the names differ"]
        if kind == "fixed":
            same = writer["size"] == reader["size"]
            return (
                []
                if same
                else [f"{first[0]} has {writer['size']} bytes, the reader expects {reader['size']}"]
            )
        if kind == "enum":
            lacking = [symbol for symbol in writer["symbols"] if symbol not in reader["symbols"]]
            if not lacking or "default" in reader:
                return []
            return [f"the reader's enum {second[0]} lacks {', '.join(lacking)} and has no default"]
        if (first[0], second[0]) in self.assumed:
            return []
        self.assumed.add((first[0], second[0]))
        return self._record(writer, reader, first[1], second[1])

    def _record(self, writer: Any, reader: Any, inside: str, outside: str) -> list[str]:
        found = []
        fields = {field["name"]: field for field in writer["fields"]}
        for field in reader["fields"]:
            names = [field["name"], *field.get("aliases", ())]
            own = next((fields[name] for name in names if name in fields), None)
            if own is not None:
                problems = self.match(own["type"], field["type"], inside, outside)
                found += [f"field {field['name']}: {problem}" for problem in problems]
            elif "default" not in field:
                found.append(f"field {field['name']} is not written, and the reader has no default for it")
        return found


def _opened(schema: Any, namespace: str, names: Names) -> tuple[Any, str]:
    """Follow names and wrappings (``{"type": {...}}``) to the type itself."""
    while True:
        if isinstance(schema, str) and schema not in PRIMITIVE:
            full = full_name(schema, namespace)
            found = names.get(full) or names.get(schema)
            if found is None:
                return schema, namespace
            return found[0], found[1]
        if (isinstance(schema, dict) and isinstance(schema.get("type"), dict | list)) or (
            isinstance(schema, dict) and schema.get("type") not in NAMED | PRIMITIVE | {"array", "map"}
        ):
            schema = schema["type"]
        else:
            return schema, namespace


def _kind(schema: Any) -> str:
    kind = schema.get("type") if isinstance(schema, dict) else schema
    return "record" if kind == "error" else str(kind)


def _meaning(schema: Any) -> str:
    """Return what a logical type says, in words ("Logical Types": decimals match by scale and precision)."""
    logical = schema.get("logicalType") if isinstance(schema, dict) else None
    if logical is None:
        return f"a plain {_kind(schema)}"
    if logical == "decimal":
        return f"a decimal of {schema.get('precision')} digits, {schema.get('scale', 0)} of them behind the point"
    return str(logical)


def _same_name(writer: str, reader: str, schema: Any, namespace: str) -> bool:
    """Names match unqualified, or by an alias of the reader ("both schemas are records with the same (unqualified) name")."""
    aliases = [full_name(a, namespace) for a in schema.get("aliases", ())]
    return writer.rpartition(".")[2] == reader.rpartition(".")[2] or writer in aliases


def _say(schema: Any) -> str:
    if isinstance(schema, dict):
        return str(schema.get("name") or _kind(schema))
    return str(schema)
