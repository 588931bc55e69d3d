"""Payloads that one schema accepts and another rejects: where two schemas differ, level by level, by small payloads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import jsonschema_rs
from jsonschema_rs import CanonicalSchema, ValidationError, ValidationErrorKind, Validator, canonical

from assess.evidence.contracts.conformance import leaves, say
from assess.evidence.contracts.document import Pointer
from assess.evidence.contracts.portable import MANY, Portable, Schema, compile_schema

from .canonical import Inlined, Likeness, canonical_form, covers, declared, empty, idle_limits, minus
from .sampling import pick, values
from .texts import readings

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
        if "array" in kinds and not (schema.get("uniqueItems") and schema.get("minItems", 0) > 1):
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


MAX_CANDIDATES = 600
MAX_PAYLOAD = 4_000

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
    declared: bool = True
    """Whether ``a`` declares every property of the payload."""
    closes: bool = False
    """Whether ``b`` rejects it for having further properties, of whatever name."""
    doubt: str = ""
    """Why it may be none in spite of the payload."""


@dataclass
class SchemaDifference:
    """What was found between two schemas."""

    breaks: list[Break] = field(default_factory=list)
    unproved: list[str] = field(default_factory=list)
    """Reasons why a difference could be neither shown nor ruled out."""
    alike: bool = False
    """Whether what differs reads as the same text."""


def difference(likeness: Likeness, first: str, second: str, *, as_text: bool = False) -> SchemaDifference:
    """Return how a payload of one schema can be rejected by another.

    The schemas are walked together. Where both are plain objects or arrays their parts are judged one by one; else
    the two are brought to the canonical form of jsonschema-rs and one is subtracted from the other, which leaves
    what only the one accepts. Small values of that are put into a payload, and kept only where the validators
    say that the whole schema of ``a`` accepts and that of ``b`` rejects it: a break is shown, never inferred.

    Parameters
    ----------
    likeness
        The schemas ``a`` of the side that sends and ``b`` of the side that receives.
    first, second
        Names of the two schemas among them.
    as_text
        Whether the value is written as text, as parameters and headers are: 5 and "5" are the same then.
    """
    found, a, b = SchemaDifference(), likeness.a, likeness.b
    if likeness.same(a.defs[first], b.defs[second]):
        return found
    try:
        accepts, rejects = _compile(a, first), _compile(b, second)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        found.unproved.append(f"a schema can't be used: {str(error)[:120]}")
        return found
    walk = _Walk(likeness)
    candidates = list(
        islice(walk.candidates({"$ref": f"#/$defs/{first}"}, {"$ref": f"#/$defs/{second}"}), MAX_CANDIDATES)
    )
    shown: dict[tuple[str, Pointer], tuple[bool, int, int, Break]] = {}
    for payload in candidates:
        if not accepts.is_valid(payload):
            continue
        known = declared(a, a.defs[first], payload)
        errors = [leaf for error in rejects.iter_errors(payload) for leaf in leaves(error)]
        if as_text and errors:
            errors = [leaf for leaf in errors if not _reads_alike(rejects, payload, leaf)]
            found.alike |= not errors
        for leaf in errors:
            one = replace(_break(payload, leaf, b), declared=known)
            key = (_subject(leaf), tuple("*" if isinstance(step, int) else step for step in one.at))
            weight = (not known, len(errors), len(json.dumps(payload)), one)
            if key not in shown or weight[:3] < shown[key][:3]:
                shown[key] = weight
    found.breaks = [one for *_, one in shown.values()]
    if not found.breaks:
        if candidates and not found.alike:
            found.unproved.append("a part differs, but no whole payload was found that shows it")
        found.unproved += walk.unproved
    return found


def _reads_alike(rejects: Validator, payload: Any, error: ValidationError) -> bool:
    """Say whether what is rejected is written as a text that can be read as something accepted."""
    at = list(error.instance_path)
    value = payload
    for step in at:
        value = value[step]
    for other in readings(value):
        errors = rejects.iter_errors(_with(payload, at, other))
        if not any(list(leaf.instance_path)[: len(at)] == at for one in errors for leaf in leaves(one)):
            return True
    return False


def _with(payload: Any, at: list[Any], value: Any) -> Any:
    """Return a payload with another value at a place."""
    if not at:
        return value
    new = payload.copy()
    new[at[0]] = _with(payload[at[0]], at[1:], value)
    return new


def _compile(portable: Portable, name: str) -> Validator:
    return compile_schema(portable.closed(name))[0]


CLOSING = ("additionalProperties", "unevaluatedProperties", "propertyNames", "maxProperties")
"""Keywords that reject properties whatever they are called."""


def _break(payload: Any, error: ValidationError, b: Portable) -> Break:
    origin, holder = None, None
    for number, step in reversed(list(enumerate(error.schema_path))):
        if number and error.schema_path[number - 1] == "$defs" and step in b.origin:
            path, pointer = b.origin[str(step)]
            rest = error.schema_path[number + 1 :]
            origin = path, (*pointer, *rest)
            holder = _within(b.defs[str(step)], rest[:-1])
            break
    return Break(
        payload,
        tuple(error.instance_path),
        error.kind.name,
        say(error),
        origin,
        closes=any(step in CLOSING for step in error.schema_path),
        doubt=_doubt(error, holder, b),
    )


def _within(schema: Any, steps: list[Any]) -> Any:
    for step in steps:
        if isinstance(schema, dict):
            schema = schema.get(str(step))
        elif isinstance(schema, list) and isinstance(step, int) and step < len(schema):
            schema = schema[step]
        else:
            return None
    return schema


def _doubt(error: ValidationError, holder: Any, b: Portable) -> str:
    """Return why a rejected payload may break nobody; empty where it does."""
    if error.kind.name == "oneOf" and isinstance(error.kind, ValidationErrorKind.OneOfMultipleValid):
        return "it fits two branches of oneOf at once, and services take the first that fits"
    contradicts = isinstance(holder, dict) and {"pattern", "format"} <= holder.keys()
    if contradicts and error.kind.name in ("pattern", "format"):
        form = canonical_form(Inlined(b).write(holder))
        if form is not None and not pick(form, 0):
            return "no value was found that meets both the pattern and the format there, so nobody can rely on them"
    return ""


def _subject(error: ValidationError) -> str:
    """Return what tells two errors at one place apart: the keyword, and which property it is about."""
    kind = error.kind
    name = getattr(kind, "property", "") or ",".join(map(str, getattr(kind, "unexpected", ())))
    return f"{kind.name}:{name}"


class _Walk:
    """Walks two schemas together and collects payloads that may tell them apart."""

    def __init__(self, likeness: Likeness) -> None:
        self.same = likeness.same
        self.a = likeness.a
        self.b = likeness.b
        self.small = Smallest(self.a)
        self.seen: set[tuple[str, str]] = set()
        self.unproved: list[str] = []

    def candidates(self, x: Schema, y: Schema) -> Iterator[Any]:
        """Yield values at this level of the payload.

        Parts that stand at the same place in both are judged by themselves. What is left of the level is judged
        with anything at these places: where that and every part is covered, so is the whole, because properties,
        items, ``allOf`` and ``anyOf`` only grow with their parts. ``oneOf`` does not: it is judged as a whole, too.
        """
        pair = json.dumps(x, sort_keys=True), json.dumps(y, sort_keys=True)
        if pair in self.seen:
            return
        self.seen.add(pair)
        x, y = _opened(self.a, x), _opened(self.b, y)
        if self.same(x, y):
            return
        if not (isinstance(x, dict) and isinstance(y, dict) and _alignable(x, y)):
            yield from self._level(x, y)
            return
        if "oneOf" in y and self._covered(x, y):
            return
        parts = _aligned(x, y)
        base = self.small.of(x)
        full = self._demanded(x, y, base)
        places = [key for key, _, _ in parts]
        yield from self._undeclared(x, y, full)
        for value in self._level(_without(x, places), _without(y, places)):
            yield value
            yield from self._filled(x, base, value, places)
            yield from self._filled(x, full, value, places) if full != base else ()
        for key, one, other in parts:
            if not self.same(one, other):
                for value in islice(self.candidates(one, other), CANDIDATES):
                    yield from _lifted(full, key, value)
                    yield from _lifted(base, key, value) if full != base else ()
        if "oneOf" in y:
            yield from self._level(x, y)

    def _undeclared(self, x: dict[str, Any], y: dict[str, Any], base: Any) -> Iterator[Any]:
        """Yield a payload for each property that only the sender declares: the receiver may take no further ones."""
        if isinstance(base, dict) and any(key in y for key in (*CLOSING, "patternProperties")):
            known = y.get("properties", {})
            for name, schema in x.get("properties", {}).items():
                if name not in known and schema is not True:
                    yield base | {name: self.small.of(schema)}

    def _demanded(self, x: dict[str, Any], y: dict[str, Any], base: Any) -> Any:
        """Return a small payload with what the other side demands as well, so that it is rejected for one reason only."""
        if not isinstance(base, dict):
            return base
        known = x.get("properties", {})
        names = [name for name in y.get("required", ()) if name in known and name not in base]
        return base | {name: self.small.of(known[name]) for name in names}

    def _filled(self, x: dict[str, Any], base: Any, value: Any, places: list[Pointer]) -> Iterator[Any]:
        """Yield a value of a level with what stands at its judged places made acceptable."""
        if not (isinstance(value, dict) and isinstance(base, dict)):
            return
        judged = {key[1] for key in places if key[0] == "properties"}
        kept = {name: item for name, item in value.items() if name not in judged}
        filled = {
            name: self.small.of(x["properties"][name])
            for name in value
            if name in judged and name not in base
        }
        required = {name: item for name, item in base.items() if name in value or name in judged}
        yield required | kept | filled
        yield base | kept

    def _covered(self, x: Schema, y: Schema) -> bool:
        """Say whether one schema is shown to accept all that another does, in spite of their differences."""
        mine, theirs = Inlined(self.a), Inlined(self.b)
        one, other = canonical_form(mine.write(x)), canonical_form(theirs.write(y))
        if one is None or other is None or theirs.cut:
            return False
        return covers(other, one)

    def _level(self, x: Schema, y: Schema) -> Iterator[Any]:
        """Yield values of what one schema accepts and the other does not, by subtracting canonical forms."""
        if self.same(x, y):
            return
        mine, theirs = Inlined(self.a), Inlined(self.b)
        one, other = canonical_form(mine.write(x)), canonical_form(theirs.write(y))
        if one is None or other is None:
            self.unproved.append("a schema is of a kind that can't be compared")
            return
        if empty(one):
            self.unproved.append("the sender's schema allows nothing there, so that nothing can be shown")
            return
        if not theirs.cut and covers(other, one):
            self.unproved += idle_limits(x, y)
            return
        left = minus(one, other)
        if left is not None and empty(left):
            if theirs.cut:
                self.unproved.append("the schema refers to itself below the depth that is compared")
            return
        rejected = compile_schema(theirs.write(y))[0]
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


def _opened(portable: Portable, schema: Schema) -> Schema:
    """Follow references that stand alone."""
    hops = 0
    while isinstance(schema, dict) and schema.keys() == {"$ref"} and hops < 50:
        schema = portable.defs[schema["$ref"].rpartition("/")[2]]
        hops += 1
    return schema


def _alignable(x: dict[str, Any], y: dict[str, Any]) -> bool:
    """Say whether two schemas can be judged part by part."""
    plain = x.keys() | y.keys() <= PLAIN | set(MANY)
    return plain and all(len(x.get(key, ())) == len(y.get(key, ())) for key in MANY)


def _aligned(x: dict[str, Any], y: dict[str, Any]) -> list[tuple[Pointer, Schema, Schema]]:
    """Return the parts that stand at the same place in both schemas."""
    mine, theirs = x.get("properties", {}), y.get("properties", {})
    parts: list[tuple[Pointer, Any, Any]] = [
        (("properties", name), mine[name], theirs[name]) for name in mine if name in theirs
    ]
    alone = ("items", "additionalProperties") if mine.keys() == theirs.keys() else ("items",)
    parts += [((key,), x.get(key), y.get(key)) for key in alone]
    for key in MANY:
        parts += [((key, number), one, y[key][number]) for number, one in enumerate(x.get(key, ()))]
    return [
        (key, one, other) for key, one, other in parts if isinstance(one, dict) and isinstance(other, dict)
    ]


def _without(schema: dict[str, Any], places: list[Pointer]) -> dict[str, Any]:
    """Return a schema that accepts anything at some of its places: they are judged by themselves."""
    names = {key[1] for key in places if key[0] == "properties"}
    changed: dict[str, Any] = {str(key[0]): True for key in places if len(key) == 1}
    given = schema.get("properties")
    if names and isinstance(given, dict):
        changed["properties"] = {name: True if name in names else value for name, value in given.items()}
    return {key: value for key, value in schema.items() if key not in MANY} | changed


def _lifted(base: Any, key: Pointer, value: Any) -> Iterator[Any]:
    """Yield the payload around a value with the value in its place."""
    if key[0] == "items":
        yield [value, *base[1:]] if isinstance(base, list) else [value]
    elif key[0] in MANY:
        yield value
        if isinstance(base, dict) and isinstance(value, dict):
            yield base | value
    else:
        within = base if isinstance(base, dict) else {}
        yield within | {str(key[1]) if key[0] == "properties" else "extra": value}


def _parts(one: CanonicalSchema, y: Schema) -> Iterator[CanonicalSchema]:
    """Yield what one schema accepts and a single keyword of another rejects, where the whole can't be subtracted."""
    for group in TOGETHER:
        part = {key: y[key] for key in group if key in y} if isinstance(y, dict) else {}
        if not part.keys() & {group[0]}:
            continue
        opposite: CanonicalSchema | None
        if "maxContains" in part:
            opposite = canonical_form({"contains": part["contains"], "minContains": part["maxContains"] + 1})
        else:
            whole = canonical_form(part)
            opposite = minus(one, whole) if whole is not None else None
        try:
            if opposite is not None:
                yield one.intersect(opposite)
        except canonical.CanonicalizationError:
            continue


def _why(left: CanonicalSchema | None) -> str:
    if left is None or isinstance(left.view(), canonical.RawView):
        return "the difference is beyond what can be computed"
    return "no payload was found that one version accepts and the other rejects"
