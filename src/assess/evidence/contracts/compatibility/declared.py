"""Whether a payload holds only what its schema declares: what senders really send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from assess.evidence.contracts.portable import Portable, Schema

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
