"""Schemas without references, and the algebra of jsonschema-rs on their canonical form.

Whether a payload holds only what its schema declares (what senders really send), and whether two schemas are written
alike, whatever their definitions are called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import jsonschema_rs
from jsonschema_rs import CanonicalSchema, canonical

from assess.evidence.contracts.portable import BOUNDED, NAMED, Portable, Schema

BUDGET = 400
"""Parts of a schema that are compared at once; what lies deeper is compared where the descent reaches it."""


def canonical_form(schema: Schema) -> CanonicalSchema | None:
    """Return the canonical form of a schema, None where there is none."""
    try:
        found = jsonschema_rs.canonicalize(
            schema, validate_formats=True, offline=True, pattern_options=BOUNDED
        )
    except (ValueError, jsonschema_rs.ReferencingError, canonical.CanonicalizationError):
        return None
    return found


def covers(wide: CanonicalSchema, narrow: CanonicalSchema) -> bool:
    """Say whether one schema is proved to accept all that another does."""
    try:
        return wide.covers(narrow) is canonical.Containment.YES
    except canonical.CanonicalizationError:
        return False


def empty(schema: CanonicalSchema) -> bool:
    """Say whether a schema is proved to accept nothing."""
    try:
        return schema.satisfiability() is canonical.Satisfiability.NO
    except canonical.CanonicalizationError:
        return False


def minus(one: CanonicalSchema, other: CanonicalSchema) -> CanonicalSchema | None:
    """Return what one schema accepts and another does not, None where that can't be computed."""
    try:
        return one.subtract(other)
    except canonical.CanonicalizationError:
        return None


class Inlined:
    """Writes a schema without references, up to a budget; what lies deeper accepts anything."""

    def __init__(self, portable: Portable) -> None:
        self.portable = portable
        self.left = BUDGET
        self.cut = False

    def write(self, schema: Any, above: tuple[str, ...] = ()) -> Any:
        """Return the schema with each reference replaced by what it leads to."""
        if isinstance(schema, list):
            return [self.write(item, above) for item in schema]
        if not isinstance(schema, dict):
            return schema
        self.left -= 1
        if "$ref" in schema and isinstance(schema["$ref"], str):
            name = schema["$ref"].rpartition("/")[2]
            if name in above or self.left < 0:
                self.cut = True
                target: Any = True
            else:
                target = self.write(self.portable.defs[name], (*above, name))
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            return {"allOf": [target, self.write(rest, above)]} if rest else target
        return {key: self._keyword(key, value, above) for key, value in schema.items()}

    def _keyword(self, key: str, value: Any, above: tuple[str, ...]) -> Any:
        if key in ("enum", "const", "required", "dependentRequired"):
            return value
        if key in NAMED:
            return {name: self.write(part, above) for name, part in value.items()}
        return self.write(value, above)


OPEN = ("additionalProperties", "patternProperties", "unevaluatedProperties")
"""Keywords by which an author says what other properties there may be."""
BESIDE = ("allOf", "anyOf", "oneOf")
THEN = ("then", "else")


def declared(portable: Portable, schema: Schema, payload: Any) -> bool:
    """Say whether every property of a payload is declared by the schema that allows it.

    JSON Schema allows any further property unless told otherwise, and most authors don't mean it: a new optional
    property breaks nobody in practice, though an old payload could by chance have held one of that name with
    another type. A schema without any property, or that says something about further ones, means what it says.
    """
    return _declared(portable, [schema], payload)


def _declared(portable: Portable, schemas: Iterable[Schema], payload: Any) -> bool:
    if not isinstance(payload, dict | list) or not payload:
        return True
    parts = list(_parts(portable, schemas))
    if isinstance(payload, list):
        items = [part["items"] for part in parts if "items" in part]
        first = [part.get("prefixItems", []) for part in parts]
        return all(
            _declared(portable, [*(p[n] for p in first if n < len(p)), *items], item)
            for n, item in enumerate(payload)
        )
    known = [part["properties"] for part in parts if part.get("properties")]
    known += [dict.fromkeys(part["required"], True) for part in parts if part.get("required")]
    free = not known or any(key in part for part in parts for key in OPEN)
    for name, value in payload.items():
        schemas = [properties[name] for properties in known if name in properties]
        if not schemas and not free:
            return False
        if schemas and not _declared(portable, schemas, value):
            return False
    return True


def _parts(portable: Portable, schemas: Iterable[Schema]) -> Iterator[dict[str, Any]]:
    """Yield all mappings that say something about one value, references and branches included, each once."""
    seen: set[int] = set()
    waiting = list(schemas)
    while waiting:
        schema = waiting.pop()
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        yield schema
        waiting += [part for key in BESIDE for part in schema.get(key, ())]
        waiting += [schema[key] for key in THEN if key in schema]
        waiting += list(schema.get("dependentSchemas", {}).values())
        if "$ref" in schema:
            waiting.append(portable.defs[schema["$ref"].rpartition("/")[2]])


IDLE = {"maxItems": "array", "minItems": "array", "uniqueItems": "array", "maxLength": "string", "minLength": "string",
        "pattern": "string", "maximum": "number", "minimum": "number", "multipleOf": "number",
        "maxProperties": "object", "minProperties": "object"}  # fmt: skip
"""Keywords that only mean something for one type."""


def idle_limits(x: Any, y: Any) -> Iterator[str]:
    """Yield the limits that a receiver sets or tightens beside a type for which they mean nothing."""
    if not (isinstance(x, dict) and isinstance(y, dict) and isinstance(y.get("type"), str)):
        return
    kind = "number" if y["type"] == "integer" else y["type"]
    for key, meant in IDLE.items():
        if meant != kind and key in y and _tighter(key, x.get(key), y[key]):
            yield f"{key} is tighter, which means nothing for the type {y['type']}: the service may apply it all the same"


def _tighter(key: str, before: Any, after: Any) -> bool:
    """Say whether a limit admits less than before.

    >>> _tighter("maxItems", 20, 10), _tighter("maxItems", 10, 20), _tighter("uniqueItems", None, True)
    (True, False, True)
    """
    if after is False or before == after:
        return False
    numbers = all(isinstance(limit, int | float) and not isinstance(limit, bool) for limit in (before, after))
    if not numbers:
        return True
    return bool(after < before) if key.startswith("max") else bool(after > before)


Pair = tuple[str, str]
UNORDERED = ("required", "enum", "type")


class Likeness:
    """Compares parts of two collections of schemas and remembers which definitions are alike.

    Definitions that refer to each other in a circle are alike unless a difference is found: they accept the same.
    """

    def __init__(self, a: Portable, b: Portable) -> None:
        self.a = a
        self.b = b
        self._alike: set[Pair] = set()
        self._different: set[Pair] = set()

    def same(self, x: Any, y: Any) -> bool:
        """Say whether two schemas are alike."""
        assumed: set[Pair] = set()
        found = self._same(x, y, assumed)
        if found:
            self._alike |= assumed
        return found

    def _same(self, x: Any, y: Any, assumed: set[Pair]) -> bool:
        if isinstance(x, dict) and isinstance(y, dict):
            return x.keys() == y.keys() and all(self._entry(k, v, y[k], assumed) for k, v in x.items())
        if isinstance(x, list) and isinstance(y, list):
            return len(x) == len(y) and all(self._same(i, j, assumed) for i, j in zip(x, y, strict=True))
        return type(x) is type(y) and bool(x == y)

    def _entry(self, key: str, x: Any, y: Any, assumed: set[Pair]) -> bool:
        if key == "$ref" and isinstance(x, str) and isinstance(y, str):
            return self._named((x.rpartition("/")[2], y.rpartition("/")[2]), assumed)
        if key in UNORDERED and isinstance(x, list) and isinstance(y, list):
            return sorted(map(repr, x)) == sorted(map(repr, y))
        return self._same(x, y, assumed)

    def _named(self, pair: Pair, assumed: set[Pair]) -> bool:
        if pair in assumed or pair in self._alike:
            return True
        if pair in self._different:
            return False
        assumed.add(pair)
        found = self._same(self.a.defs[pair[0]], self.b.defs[pair[1]], assumed)
        if not found:
            self._different.add(pair)
        return found
