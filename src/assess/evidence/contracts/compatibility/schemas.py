"""Payloads that one schema accepts and another rejects: where two schemas differ, level by level."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import jsonschema_rs
from jsonschema_rs import CanonicalSchema, ValidationError, Validator, canonical

from assess.evidence.contracts.conformance import leaves, say
from assess.evidence.contracts.document import Pointer
from assess.evidence.contracts.portable import NAMED, Portable, Schema

from .sampling import values

BUDGET = 400
"""Parts of a schema that are compared at once; what lies deeper is compared where the descent reaches it."""
CANDIDATES = 80
MAX_CANDIDATES = 600
MAX_PAYLOAD = 4_000
PLAIN = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "uniqueItems",
     "minProperties", "maxProperties"}
)  # fmt: skip
"""Keywords beside which a property or item can be judged by itself."""

TOGETHER = (
    ("contains", "minContains", "maxContains"), ("if", "then", "else"), ("properties", "patternProperties", "additionalProperties"),
    ("prefixItems", "items"), ("unevaluatedProperties", "properties", "allOf"), ("required",), ("type",), ("enum",), ("const",), ("not",),
    ("anyOf",), ("oneOf",), ("allOf",), ("pattern",), ("format",), ("minLength",), ("maxLength",), ("minimum",), ("maximum",),
    ("exclusiveMinimum",), ("exclusiveMaximum",), ("multipleOf",), ("minItems",), ("maxItems",), ("uniqueItems",), ("propertyNames",),
    ("minProperties",), ("maxProperties",), ("dependentRequired",), ("dependentSchemas",),
)  # fmt: skip
"""Keywords of which one means nothing without the others; the first has to be there."""


@dataclass(frozen=True)
class Break:
    """A payload that ``a`` accepts and ``b`` rejects, and where and why ``b`` does."""

    payload: Any
    at: Pointer
    keyword: str
    message: str
    schema: tuple[str, Pointer] | None
    """File and place of the schema that rejects."""


@dataclass
class Difference:
    """What was found between two schemas."""

    breaks: list[Break] = field(default_factory=list)
    unproved: list[str] = field(default_factory=list)
    """Reasons why a difference could be neither shown nor ruled out."""


def difference(a: Portable, first: str, b: Portable, second: str) -> Difference:
    """Return how a payload of one schema can be rejected by another.

    The schemas are walked together. Where both are plain objects or arrays their parts are judged one by one; else
    the two are brought to the canonical form of jsonschema-rs and one is subtracted from the other, which leaves
    what only the one accepts. Small values of that are put into a payload, and kept only where the validators
    say that the whole schema of ``a`` accepts and that of ``b`` rejects it: a break is shown, never inferred.

    Parameters
    ----------
    a, first
        Schemas of the side that sends, and the name of its schema.
    b, second
        Those of the side that receives.
    """
    found = Difference()
    if _same(a, a.defs[first], b, b.defs[second], set()):
        return found
    try:
        accepts, rejects = _compile(a, first), _compile(b, second)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        found.unproved.append(f"a schema can't be used: {str(error)[:120]}")
        return found
    walk = _Walk(a, b)
    candidates = list(
        islice(walk.candidates({"$ref": f"#/$defs/{first}"}, {"$ref": f"#/$defs/{second}"}), MAX_CANDIDATES)
    )
    shown: dict[tuple[str, Pointer], tuple[int, int, Break]] = {}
    for payload in candidates:
        if not accepts.is_valid(payload):
            continue
        errors = [leaf for error in rejects.iter_errors(payload) for leaf in leaves(error)]
        for leaf in errors:
            one = _break(payload, leaf, b)
            key = (_subject(leaf), tuple("*" if isinstance(step, int) else step for step in one.at))
            weight = (len(errors), len(json.dumps(payload)), one)
            if key not in shown or weight[:2] < shown[key][:2]:
                shown[key] = weight
    found.breaks = [one for _, _, one in shown.values()]
    if not found.breaks:
        if candidates:
            found.unproved.append("a part differs, but no whole payload was found that shows it")
        found.unproved += walk.unproved
    return found


def _compile(portable: Portable, name: str) -> Validator:
    return jsonschema_rs.validator_for(portable.closed(name), validate_formats=True, offline=True)


def _break(payload: Any, error: ValidationError, b: Portable) -> Break:
    origin = None
    for number, step in reversed(list(enumerate(error.schema_path))):
        if number and error.schema_path[number - 1] == "$defs" and step in b.origin:
            path, pointer = b.origin[str(step)]
            origin = path, (*pointer, *error.schema_path[number + 1 :])
            break
    return Break(payload, tuple(error.instance_path), error.kind.name, say(error), origin)


def _subject(error: ValidationError) -> str:
    """Return what tells two errors at one place apart: the keyword, and which property it is about."""
    kind = error.kind
    name = getattr(kind, "property", "") or ",".join(map(str, getattr(kind, "unexpected", ())))
    return f"{kind.name}:{name}"


def _same(a: Portable, x: Any, b: Portable, y: Any, assumed: set[tuple[str, str]]) -> bool:
    """Say whether two schemas are written alike, whatever their definitions are called; circles are assumed to be."""
    if isinstance(x, dict) and isinstance(y, dict):
        if x.keys() != y.keys():
            return False
        for key, value in x.items():
            if key == "$ref" and isinstance(value, str):
                names = value.rpartition("/")[2], str(y[key]).rpartition("/")[2]
                if names not in assumed:
                    assumed.add(names)
                    if not _same(a, a.defs[names[0]], b, b.defs[names[1]], assumed):
                        return False
            elif key in ("required", "enum", "type") and isinstance(value, list) and isinstance(y[key], list):
                if sorted(map(repr, value)) != sorted(map(repr, y[key])):
                    return False
            elif not _same(a, value, b, y[key], assumed):
                return False
        return True
    if isinstance(x, list) and isinstance(y, list):
        return len(x) == len(y) and all(_same(a, i, b, j, assumed) for i, j in zip(x, y, strict=True))
    return type(x) is type(y) and bool(x == y)


class _Walk:
    """Walks two schemas together and collects payloads that may tell them apart."""

    def __init__(self, a: Portable, b: Portable) -> None:
        self.a = a
        self.b = b
        self.seen: set[tuple[str, str]] = set()
        self.unproved: list[str] = []

    def candidates(self, x: Schema, y: Schema) -> Iterator[Any]:
        """Yield values at this level of the payload."""
        pair = json.dumps(x, sort_keys=True), json.dumps(y, sort_keys=True)
        if pair in self.seen:
            return
        self.seen.add(pair)
        x, y = _opened(self.a, x), _opened(self.b, y)
        if _same(self.a, x, self.b, y, set()):
            return
        if not (isinstance(x, dict) and isinstance(y, dict) and x.keys() <= PLAIN and y.keys() <= PLAIN):
            yield from self._level(x, y)
            return
        children = list(self._children(x, y))
        yield from self._level(x, _without(y, [key for key, _, _ in children]))
        base: Any = None
        for key, one, other in children:
            for value in islice(self.candidates(one, other), CANDIDATES):
                if base is None:
                    base = self._base(x)
                lifted = _lifted(base, key, value)
                if lifted is not None:
                    yield lifted

    def _children(self, x: dict[str, Any], y: dict[str, Any]) -> Iterator[tuple[str, Schema, Schema]]:
        mine, theirs = x.get("properties", {}), y.get("properties", {})
        for name in mine:
            other = theirs.get(name)
            if other is None and isinstance(y.get("additionalProperties"), dict):
                other = y["additionalProperties"]
            if other is not None and name in theirs and not _same(self.a, mine[name], self.b, other, set()):
                yield f"properties/{name}", mine[name], other
        for key in ("items", "additionalProperties"):
            one, other = x.get(key), y.get(key)
            if (
                isinstance(one, dict)
                and isinstance(other, dict)
                and not _same(self.a, one, self.b, other, set())
            ):
                yield key, one, other

    def _level(self, x: Schema, y: Schema) -> Iterator[Any]:
        """Yield values of what one schema accepts and the other does not, by subtracting canonical forms."""
        if _same(self.a, x, self.b, y, set()):
            return
        mine, theirs = _Inlined(self.a), _Inlined(self.b)
        one, other = _canonical(mine.write(x)), _canonical(theirs.write(y))
        if one is None or other is None:
            self.unproved.append("a schema is of a kind that can't be compared")
            return
        if other.covers(one) is canonical.Containment.YES and not theirs.cut:
            return
        left = _minus(one, other)
        if left is not None and left.satisfiability() is canonical.Satisfiability.NO:
            if theirs.cut:
                self.unproved.append("the schema refers to itself below the depth that is compared")
            return
        rejected = jsonschema_rs.validator_for(theirs.write(y), validate_formats=True, offline=True)
        sources = [left] if left is not None else list(_parts(one, theirs.write(y)))
        found = False
        for source in (*sources, one):
            for value in islice(values(source), CANDIDATES):
                if not rejected.is_valid(value):
                    found = True
                    yield value
            if found and source is left:
                return
        if not found:
            self.unproved.append(_why(left))

    def _base(self, x: Schema) -> Any:
        """Return a small value that a schema accepts, an empty object where none is found."""
        written = _Inlined(self.a).write(x)
        schema = _canonical(written)
        if schema is None:
            return {}
        valid = jsonschema_rs.validator_for(written, validate_formats=True, offline=True)
        kind = x.get("type") if isinstance(x, dict) else None
        wanted = (
            list
            if kind == "array" or (isinstance(x, dict) and "items" in x and "properties" not in x)
            else dict
        )
        found = (v for v in islice(values(schema), CANDIDATES) if isinstance(v, wanted) and valid.is_valid(v))
        return next(found, [] if wanted is list else {})


def _opened(portable: Portable, schema: Schema) -> Schema:
    """Follow references that stand alone."""
    hops = 0
    while isinstance(schema, dict) and schema.keys() == {"$ref"} and hops < 50:
        schema = portable.defs[schema["$ref"].rpartition("/")[2]]
        hops += 1
    return schema


def _without(schema: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    """Return a schema that accepts anything at some of its places: they are judged by themselves."""
    names = {key.removeprefix("properties/") for key in keys if key.startswith("properties/")}
    changed = {key: True for key in keys if key in ("items", "additionalProperties")}
    given = schema.get("properties")
    if names and isinstance(given, dict):
        changed["properties"] = {name: True if name in names else value for name, value in given.items()}  # type: ignore[assignment]
    return schema | changed


def _lifted(base: Any, key: str, value: Any) -> Any:
    """Put a value into its place in the payload around it."""
    if key == "items":
        return [value, *base[1:]] if isinstance(base, list) else [value]
    if not isinstance(base, dict):
        return None
    return base | {key.removeprefix("properties/") if key.startswith("properties/") else "extra": value}


def _canonical(schema: Schema) -> CanonicalSchema | None:
    try:
        found = jsonschema_rs.canonicalize(schema, validate_formats=True, offline=True)
    except (ValueError, jsonschema_rs.ReferencingError, canonical.CanonicalizationError):
        return None
    return found


def _minus(one: CanonicalSchema, other: CanonicalSchema) -> CanonicalSchema | None:
    try:
        return one.subtract(other)
    except canonical.CanonicalizationError:
        return None


def _parts(one: CanonicalSchema, y: Schema) -> Iterator[CanonicalSchema]:
    """Yield what one schema accepts and a single keyword of another rejects, where the whole can't be subtracted."""
    for group in TOGETHER:
        part = {key: y[key] for key in group if key in y} if isinstance(y, dict) else {}
        if not part.keys() & {group[0]}:
            continue
        opposite: CanonicalSchema | None
        if "maxContains" in part:
            opposite = _canonical({"contains": part["contains"], "minContains": part["maxContains"] + 1})
        else:
            whole = _canonical(part)
            opposite = _minus(one, whole) if whole is not None else None
        try:
            if opposite is not None:
                yield one.intersect(opposite)
        except canonical.CanonicalizationError:
            continue


def _why(left: CanonicalSchema | None) -> str:
    if left is None or isinstance(left.view(), canonical.RawView):
        return "the difference is beyond what can be computed"
    return "no payload was found that one version accepts and the other rejects"


class _Inlined:
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
