"""Small payloads that a schema accepts: what it requires, and nothing else."""

from __future__ import annotations

from itertools import islice
from typing import Any

from assess.evidence.contracts.portable import Portable, Schema, compile_schema

from .canonical import Inlined, canonical_form
from .sampling import values

MAX_ABOVE = 30
"""References within references that a small payload follows."""
CANDIDATES = 80
PLAIN = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "uniqueItems",
     "minProperties", "maxProperties"}
)  # fmt: skip
"""Keywords beside which a property or item can be judged by itself."""


class Smallest:
    """Makes small payloads of the schemas of a collection, each definition once."""

    def __init__(self, portable: Portable) -> None:
        self.portable = portable
        self._known: dict[str, Any] = {}

    def of(self, schema: Schema, above: tuple[str, ...] = ()) -> Any:
        """Return a small value that a schema is likely to accept; the caller checks it."""
        if isinstance(schema, dict) and schema.keys() == {"$ref"}:
            name = schema["$ref"].rpartition("/")[2]
            if name in above or len(above) > MAX_ABOVE:
                return {}
            if name not in self._known:
                self._known[name] = self.of(self.portable.defs[name], (*above, name))
            return self._known[name]
        if (
            isinstance(schema, dict)
            and schema.keys() <= PLAIN
            and (found := self._plain(schema, above)) is not None
        ):
            return found
        if isinstance(schema, dict) and isinstance(schema.get("allOf"), list):
            own = {key: value for key, value in schema.items() if key in PLAIN}
            parts = [self.of(part, above) for part in (*schema["allOf"], own)]
            if all(isinstance(part, dict) for part in parts):
                return {name: value for part in parts for name, value in part.items()}
        return self._sampled(schema)

    def _plain(self, schema: dict[str, Any], above: tuple[str, ...]) -> Any:
        usual = "object" if "properties" in schema else "array" if "items" in schema else ""
        types = schema.get("type", usual)
        kinds = types if isinstance(types, list) else [types]
        if "object" in kinds:
            given, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
            return {name: self.of(given.get(name, rest), above) for name in schema.get("required", ())}
        if "array" in kinds:
            return [
                self.of(schema.get("items", True), above) for _ in range(min(schema.get("minItems", 0), 99))
            ]
        return None

    def _sampled(self, schema: Schema) -> Any:
        written = Inlined(self.portable).write(schema)
        found = canonical_form(written)
        if found is None:
            return {}
        valid = compile_schema(written)[0]
        fitting = [value for value in islice(values(found), CANDIDATES) if valid.is_valid(value)]
        return next((value for value in fitting if isinstance(value, dict)), next(iter(fitting), {}))
