"""The schemas of every format as JSON Schema 2020-12, complete in themselves: what can be validated and compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import jsonschema_rs

from .document import MISSING, ContractDocument, Pointer
from .formats import LATEST
from .references import Library, Unresolved

Direction = Literal["request", "response"]
Schema = dict[str, Any] | bool

KEPT = frozenset(
    {"type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum",
     "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxContains", "minContains",
     "maxProperties", "minProperties", "required", "dependentRequired", "format"}
)  # fmt: skip
"""Keywords that mean the same in every draft."""
ONE = ("additionalProperties", "propertyNames", "contains", "not", "if", "then", "else",
       "unevaluatedItems", "unevaluatedProperties")  # fmt: skip
MANY = ("allOf", "anyOf", "oneOf")
NAMED = ("properties", "patternProperties", "dependentSchemas")
FORMATS = {
    "date": "2024-02-29", "date-time": "2024-02-29T12:00:00Z", "time": "12:00:00Z", "duration": "P1D",
    "email": "a@example.org", "idn-email": "a@example.org", "hostname": "example.org", "idn-hostname": "example.org",
    "ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "uri": "https://example.org/a", "uri-reference": "/a",
    "iri": "https://example.org/a", "iri-reference": "/a", "uuid": "123e4567-e89b-12d3-a456-426614174000",
    "uri-template": "/a/{b}", "json-pointer": "/a", "relative-json-pointer": "0", "regex": "a",
}  # fmt: skip
"""Formats that a validator checks, those of JSON Schema 2020-12 (validation 7.3), with one value of each; addresses
are those reserved for documentation. Any other (``password``, ``float``) is an annotation."""
RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
"""Formats of whole numbers in the registry of OpenAPI (spec.openapis.org/registry/format)."""


LINEAR = jsonschema_rs.RegexOptions()
"""An engine for patterns that looks at each sign once; it has no look-around and no references."""
BOUNDED = jsonschema_rs.FancyRegexOptions(backtrack_limit=1_000)
"""The engine that has them, stopped after so many steps back at one place of a text."""
LONGEST_TRIED = 1_000
"""Signs of a text on which a pattern that needs it is tried."""


def compile_schema(schema: Schema) -> tuple[jsonschema_rs.Validator, bool]:
    """Compile a schema, its patterns on the linear engine where they can be; return whether they all are.

    Raises
    ------
    ValueError, jsonschema_rs.ReferencingError
        If it is no schema.
    """
    try:
        return jsonschema_rs.validator_for(
            schema, validate_formats=True, offline=True, pattern_options=LINEAR
        ), True
    except ValueError:
        return jsonschema_rs.validator_for(
            schema, validate_formats=True, offline=True, pattern_options=BOUNDED
        ), False


MAX_UNFOLDED = 5_000
"""Schemas that one value may have to meet at one place once references are followed: a few lines can double
them at each step ("billion laughs"), and each costs the validator an evaluation and an error."""
IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas")


class Unfolds(ValueError):
    """A schema whose references unfold to more than can be judged."""


class Portable:
    """Collects schemas of documents as ``$defs`` of one schema.

    OpenAPI 3.0 and 2.0 differ from JSON Schema by ``nullable``, truth values as exclusive limits, and
    references without siblings; drafts 4 to 7 by lists in ``items``, ``additionalItems`` and ``dependencies``.

    Parameters
    ----------
    library
        Where references lead.
    modern
        Whether keywords beside a ``$ref`` count: OpenAPI 3.1, JSON Schema 2019-09 and later.
    direction
        What ``readOnly`` and ``writeOnly`` properties mean: a property that only the other side sends is not
        required and not judged. None where it doesn't matter.
    exclusive
        Whether a value that fits several branches of ``oneOf`` is wrong. Services take the first that fits, and a
        discriminator says which: two versions are compared without it.
    """

    def __init__(
        self, library: Library, *, modern: bool, direction: Direction | None = None, exclusive: bool = True
    ) -> None:
        self.library = library
        self.exclusive = exclusive
        self.modern = modern
        self.other = {"request": "readOnly", "response": "writeOnly"}[direction] if direction else ""
        self.defs: dict[str, Schema] = {}
        self.origin: dict[str, tuple[str, Pointer]] = {}
        self.unresolved: set[str] = set()
        self._sizes: dict[str, int] = {}
        self._names: dict[tuple[str, Pointer], str] = {}
        self._waiting: list[tuple[str, ContractDocument, Any, Pointer]] = []

    def add(self, document: ContractDocument, pointer: Pointer) -> str:
        """Take in the schema at a place and all that it refers to; return its name among ``defs``."""
        name = self._name(document, pointer)
        while self._waiting:
            waiting, source, node, place = self._waiting.pop()
            self.defs[waiting] = self._convert(source, node, place)
        return name

    def closed(self, name: str) -> dict[str, Any]:
        """Return the schema of a name with only those ``$defs`` that it reaches.

        Raises
        ------
        Unfolds
            If one of them unfolds to more than `MAX_UNFOLDED` schemas.
        """
        needed: dict[str, Schema] = {}
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current not in needed:
                if self.unfolded(current) > MAX_UNFOLDED:
                    raise Unfolds(f"its references unfold to more than {MAX_UNFOLDED:,} schemas")
                needed[current] = self.defs[current]
                waiting += _refers(self.defs[current])
        return {"$schema": LATEST, "$ref": f"#/$defs/{name}", "$defs": needed}

    def unfolded(self, name: str) -> int:
        """Return how many schemas judge one value of a definition, its references and branches followed."""
        if name not in self._sizes:
            self._sizes[name] = 1  # a circle adds nothing: it does not go on at the same place for ever
            self._sizes[name] = self._size(self.defs[name])
        return self._sizes[name]

    def _size(self, schema: Schema) -> int:
        if not isinstance(schema, dict):
            return 1
        below: list[Any] = []
        for key in IN_PLACE:
            value = schema.get(key, ())
            if isinstance(value, list):
                below += value
            elif isinstance(value, dict):
                below += value.values() if key == "dependentSchemas" else [value]
        size = 1 + sum(self._size(part) for part in below)
        return size + self.unfolded(schema["$ref"].rpartition("/")[2]) if "$ref" in schema else size

    def _name(self, document: ContractDocument, pointer: Pointer) -> str:
        key = (document.path, pointer)
        if key not in self._names:
            self._names[key] = name = f"s{len(self._names)}"
            self.origin[name] = key
            self._waiting.append((name, document, document.at(pointer), pointer))
        return self._names[key]

    def _convert(self, document: ContractDocument, node: Any, at: Pointer) -> Schema:
        if isinstance(node, bool):
            return node
        if not isinstance(node, dict) or node is MISSING:
            return True
        found: dict[str, Any] = {}
        reference = node.get("$ref") or (node.get("$dynamicRef") if self.modern else None)
        if isinstance(reference, str):
            found["$ref"] = self._refer(document, reference, node, at)
            if not self.modern:
                return found
        found |= {key: value for key, value in node.items() if key in KEPT}
        found |= {key: self._convert(document, node[key], (*at, key)) for key in ONE if key in node}
        if found.get("format") not in (None, *FORMATS):
            del found["format"]
        for key in MANY:
            if isinstance(node.get(key), list):
                branches = [self._convert(document, item, (*at, key, i)) for i, item in enumerate(node[key])]
                if key == "oneOf" and (not self.exclusive or "discriminator" in node):
                    self._any_of(found, branches)
                else:
                    found[key] = branches
        for key in NAMED:
            if isinstance(node.get(key), dict):
                found[key] = {n: self._convert(document, v, (*at, key, n)) for n, v in node[key].items()}
        self._arrays(document, node, at, found)
        self._dependencies(document, node, at, found)
        self._older(node, found)
        if self.other:
            self._one_side(document, node, found)
        return found

    def _any_of(self, found: dict[str, Any], branches: list[Schema]) -> None:
        if "anyOf" in found:
            found.setdefault("allOf", []).append({"anyOf": branches})
        else:
            found["anyOf"] = branches

    def _refer(self, document: ContractDocument, reference: str, node: Any, at: Pointer) -> str:
        try:
            target, pointer = self.library.follow(document, reference, node, at)
        except Unresolved:
            self.unresolved.add(reference)
            self.defs["unknown"] = True
            return "#/$defs/unknown"
        return f"#/$defs/{self._name(target, pointer)}"

    def _arrays(
        self, document: ContractDocument, node: dict[str, Any], at: Pointer, found: dict[str, Any]
    ) -> None:
        first = node.get("prefixItems") if "prefixItems" in node else node.get("items")
        if isinstance(first, list):
            key = "prefixItems" if "prefixItems" in node else "items"
            found["prefixItems"] = [self._convert(document, s, (*at, key, i)) for i, s in enumerate(first)]
            rest = "items" if key == "prefixItems" else "additionalItems"
        else:
            rest = "items"
        if rest in node:
            found["items"] = self._convert(document, node[rest], (*at, rest))

    def _dependencies(
        self, document: ContractDocument, node: dict[str, Any], at: Pointer, found: dict[str, Any]
    ) -> None:
        given = node.get("dependencies")
        for key, value in given.items() if isinstance(given, dict) else ():
            if isinstance(value, list):
                found.setdefault("dependentRequired", {})[key] = value
            else:
                place = (*at, "dependencies", key)
                found.setdefault("dependentSchemas", {})[key] = self._convert(document, value, place)

    def _older(self, node: dict[str, Any], found: dict[str, Any]) -> None:
        for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if isinstance(found.get(exclusive), bool) and found.pop(exclusive) and limit in found:
                found[exclusive] = found.pop(limit)
        if node.get("nullable") is True and isinstance(found.get("type"), str):
            found["type"] = [found["type"], "null"]
        if found.get("type") == "file":
            del found["type"]  # OpenAPI 2.0: a file is any bytes
        types = found.get("type")
        whole = "integer" in types if isinstance(types, list) else types == "integer"
        if whole and node.get("format") in RANGES:
            low, high = RANGES[node["format"]]
            found.setdefault("allOf", []).append({"minimum": low, "maximum": high})

    def _one_side(self, document: ContractDocument, node: dict[str, Any], found: dict[str, Any]) -> None:
        given = node.get("properties")
        for name, value in given.items() if isinstance(given, dict) else ():
            if self._is_other(document, value):
                found["properties"][name] = True
                if isinstance(found.get("required"), list):
                    found["required"] = [required for required in found["required"] if required != name]

    def _is_other(self, document: ContractDocument, node: Any) -> bool:
        if isinstance(node, dict) and node.get(self.other) is True:
            return True
        try:
            return (
                isinstance(node, dict)
                and "$ref" in node
                and self.library.resolve(document, node)[1].get(self.other) is True
            )
        except (Unresolved, AttributeError):
            return False


def _refers(schema: Schema) -> Iterable[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref":
                yield value.rpartition("/")[2]
            elif key in ("enum", "const", "required", "dependentRequired"):
                continue
            elif isinstance(value, dict):
                yield from _refers(value) if key not in NAMED else _of_each(value.values())
            elif isinstance(value, list):
                yield from _of_each(value)


def _of_each(schemas: Iterable[Any]) -> Iterable[str]:
    for schema in schemas:
        yield from _refers(schema)
