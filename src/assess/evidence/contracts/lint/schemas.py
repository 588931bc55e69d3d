"""Rules for the schemas inside of contracts: enums, patterns, and examples that their own schema rejects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import jsonschema_rs

from assess.evidence.contracts.conformance import schema_errors
from assess.evidence.contracts.document import Pointer
from assess.evidence.contracts.portable import LONGEST_TRIED, Direction, Portable, compile_schema

from .subject import Hit, LintRule, LintSubject, listing, mapping

ALL = ("openapi", "swagger", "asyncapi", "json-schema")
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "boolean": (bool,), "object": (dict,), "array": (list,), "null": (type(None),),
    "number": (int, float), "integer": (int, float),
}  # fmt: skip


def is_a(value: Any, kind: str) -> bool:
    """Say whether a JSON value has a type of JSON Schema; 1.0 is an integer.

    >>> is_a(1.0, "integer"), is_a(True, "number"), is_a(None, "null")
    (True, False, True)
    """
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(kind, (object,)))


def typed_enum(subject: LintSubject) -> Iterator[Hit]:
    """Each value of an enum has the type beside it; else it can never be sent."""
    for pointer, node in subject.nodes:
        kind = node.get("type")
        if not isinstance(node.get("enum"), list) or not isinstance(kind, str | list):
            continue
        kinds = [str(k) for k in kind] if isinstance(kind, list) else [kind]
        if node.get("nullable") is True or node.get("x-nullable") is True:
            kinds.append("null")
        for number, value in enumerate(node["enum"]):
            if not any(is_a(value, each) for each in kinds):
                yield (*pointer, "enum", number), f"{value!r} of the enum is no {' or '.join(kinds)}"


def duplicated_enum(subject: LintSubject) -> Iterator[Hit]:
    """Each value of an enum is there once."""
    for pointer, node in subject.nodes:
        if isinstance(node.get("enum"), list):
            texts = [json.dumps(value, sort_keys=True) for value in node["enum"]]
            if len(set(texts)) < len(texts):
                yield (*pointer, "enum"), "The enum has a value twice"


def array_items(subject: LintSubject) -> Iterator[Hit]:
    """OpenAPI 2 and 3.0: "items MUST be present if the type is array"."""
    for pointer, node in subject.nodes:
        if node.get("type") == "array" and "items" not in node:
            yield pointer, "An array needs a schema of its items"


def valid_pattern(subject: LintSubject) -> Iterator[Hit]:
    """A pattern is a regular expression; halves of surrogate pairs and the like only some engines take."""
    for pointer, node in subject.nodes:
        pattern = node.get("pattern")
        if isinstance(pattern, str) and not _is_expression(pattern):
            yield (*pointer, "pattern"), f"{pattern[:80]!r} is no regular expression that every tool reads"


@lru_cache(maxsize=4096)
def _is_expression(pattern: str) -> bool:
    try:
        compile_schema({"pattern": pattern})
    except (ValueError, OverflowError):
        return False
    return True


def schema_example(subject: LintSubject) -> Iterator[Hit]:
    """The examples and the default of a schema are valid by it."""
    found: list[Example] = []
    for pointer, node in subject.nodes:
        if not _is_schema(pointer, node):
            continue
        for key in ("example", "default"):
            if key in node:
                found += [(pointer, (*pointer, key), node[key], _direction(pointer))]
        if subject.kind != "swagger" and not subject.version.startswith("3.0"):
            found += [
                (pointer, (*pointer, "examples", number), value, _direction(pointer))
                for number, value in enumerate(listing(node.get("examples")))
            ]
    yield from _judged(subject, found)


def media_example(subject: LintSubject) -> Iterator[Hit]:
    """The examples of a media type, parameter or header are valid by its schema."""
    found = []
    for pointer, node in subject.nodes:
        if not isinstance(node.get("schema"), dict) or "payload" in pointer:
            continue
        where, direction = (*pointer, "schema"), _direction(pointer)
        if pointer[-2:-1] == ("content",) and not re.search("json|yaml", str(pointer[-1])):
            continue
        if "example" in node:
            found.append((where, (*pointer, "example"), node["example"], direction))
        for name, example in mapping(node.get("examples")).items():
            example = subject.resolved(example)
            if "value" in example:
                found.append((where, (*pointer, "examples", name, "value"), example["value"], direction))
    yield from _judged(subject, found)


def _is_schema(pointer: Pointer, node: dict[str, Any]) -> bool:
    """Say whether a mapping is a schema: parameters and media types have a ``schema`` of their own, variables no type."""
    if (
        "schema" in node
        or ("in" in node and "name" in node)
        or pointer[-2:-1] in (("variables",), ("content",), ("encoding",))
    ):
        return False
    return any(
        key in node
        for key in ("type", "enum", "format", "$ref", "properties", "items", "allOf", "anyOf", "oneOf")
    )


def _direction(pointer: Pointer) -> Direction | None:
    if "requestBody" in pointer or "requestBodies" in pointer or "parameters" in pointer:
        return "request"
    return "response" if "responses" in pointer else None


Example = tuple[Pointer, Pointer, Any, Direction | None]


def _judged(subject: LintSubject, examples: list[Example]) -> Iterator[Hit]:
    """Yield the examples that their schema rejects; all schemas of a direction are compiled at once."""
    directions: tuple[Direction | None, ...] = (None, "request", "response")
    for direction in directions:
        group = [example for example in examples if example[3] == direction]
        if not group:
            continue
        portable = Portable(subject.library, modern=subject.modern, direction=direction)
        names = [portable.add(subject.document, schema) for schema, _, _, _ in group]
        validators = {name: compiled(portable, name) for name in dict.fromkeys(names)}
        for name, (_, where, value, _) in zip(names, group, strict=True):
            found = validators[name]
            if found is None or not (found[1] or _is_short(value)):
                continue
            validator = found[0]
            if validator.is_valid(value):
                continue
            for place, message in schema_errors(validator, value)[:1]:
                at = "".join(f"/{step}" for step in place)
                yield where, f"The example is rejected by its schema: {at + ' ' if at else ''}{message}"


def _is_short(value: Any) -> bool:
    """Whether every text in a value is short enough for a pattern that needs more than linear time."""
    queue = [value]
    while queue:
        item = queue.pop()
        if isinstance(item, str) and len(item) > LONGEST_TRIED:
            return False
        queue += [*item, *item.values()] if isinstance(item, dict) else item if isinstance(item, list) else []
    return True


def compiled(portable: Portable, name: str) -> tuple[jsonschema_rs.Validator, bool] | None:
    """Compile a schema of a collection, see `compile_schema`; None where it can't be (other rules tell why)."""
    try:
        return compile_schema(portable.closed(name))
    except (ValueError, jsonschema_rs.ReferencingError):
        return None


RULES = (
    LintRule("typed-enum", "warning", ALL, typed_enum),
    LintRule("duplicated-entry-in-enum", "warning", ALL, duplicated_enum),
    LintRule("array-items", "error", ("openapi 3.0", "swagger"), array_items, conformance=True),
    LintRule("valid-pattern", "warning", ALL, valid_pattern),
    LintRule("oas3-valid-schema-example", "error", ("openapi",), schema_example),
    LintRule("oas2-valid-schema-example", "error", ("swagger",), schema_example),
    LintRule("oas3-valid-media-example", "error", ("openapi",), media_example),
    LintRule("asyncapi-schema-examples", "error", ("asyncapi",), schema_example),
    LintRule("json-schema-examples", "warning", ("json-schema",), schema_example),
)
