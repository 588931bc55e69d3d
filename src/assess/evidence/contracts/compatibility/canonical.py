"""Schemas written out without references, and the algebra of jsonschema-rs on their canonical form."""

from __future__ import annotations

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
