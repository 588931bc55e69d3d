"""Values that a schema in canonical form admits: few, small, always the same, each checked by the caller."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

import jsonschema_rs
from jsonschema_rs import CanonicalSchema
from jsonschema_rs import canonical as views

from assess.evidence.contracts.portable import FORMATS, compile_schema

from .texts import matching

BRANCHES = 24
"""Cases of a difference that are looked at: each is one way to break."""
TRIES = 12
MAX_DEPTH = 24
MAX_LENGTH = 100_000
SIMPLE: dict[str, tuple[Any, ...]] = {
    "null": (None,), "boolean": (True, False), "integer": (1, 0, -1), "number": (1.5, 0, -1.5),
    "string": ("a", "", "1"), "array": ([],), "object": ({},),
}  # fmt: skip


def values(schema: CanonicalSchema, depth: int = 0) -> Iterator[Any]:
    """Yield values that are likely to be admitted, the simplest first."""
    if depth > MAX_DEPTH:
        return
    view = schema.view()
    maker = _MAKERS.get(type(view).__name__)
    if maker:
        yield from maker(view, depth)


def pick(schema: CanonicalSchema, depth: int) -> list[Any]:
    """Return up to two values that the schema admits, checked."""
    written = schema.to_json_schema()
    if not isinstance(written, dict):
        return [{}] if written else []
    try:
        validator = compile_schema(written)[0]
    except (ValueError, jsonschema_rs.ReferencingError):
        return []
    return list(islice((v for v in islice(values(schema, depth), TRIES * 2) if validator.is_valid(v)), 2))


def _any(view: Any, depth: int) -> Iterator[Any]:
    yield from ("a", 1, True, None, {}, [])


def _types(view: views.MultiTypeView, depth: int) -> Iterator[Any]:
    for kind in view.types:
        yield from SIMPLE.get(kind, ())


def _group(view: views.TypedGroupView, depth: int) -> Iterator[Any]:
    yield from values(view.body, depth)


def _const(view: views.ConstView, depth: int) -> Iterator[Any]:
    yield view.value


def _enum(view: views.EnumView, depth: int) -> Iterator[Any]:
    yield from view.values


def _branches(view: Any, depth: int) -> Iterator[Any]:
    """Take turns: the first value of each branch, then the second of each."""
    open_branches = [values(branch, depth + 1) for branch in view.branches[:BRANCHES]]
    while open_branches:
        for branch in list(open_branches):
            try:
                yield next(branch)
            except StopIteration:
                open_branches.remove(branch)


def _not(view: views.NotView, depth: int) -> Iterator[Any]:
    try:
        yield from values(view.schema.negate(), depth + 1)
    except views.CanonicalizationError:
        yield from ("a", 1, True, None, {}, [])


def _all_of(view: views.AllOfView, depth: int) -> Iterator[Any]:
    for branch in view.branches:
        if not isinstance(branch.view(), views.NotView):
            yield from islice(values(branch, depth + 1), TRIES)


def _string(view: views.StringView, depth: int) -> Iterator[Any]:
    low, high = view.min_length or 0, view.max_length
    if low > MAX_LENGTH:
        return
    found: list[str] = []
    for pattern in view.patterns:
        found += matching(pattern)
    found += [FORMATS[name] for name in view.formats if name in FORMATS]
    if not view.patterns and not view.formats:
        found += [
            "a" * low,
            "a" * max(low, 1),
            "1" * max(low, 1),
            " " * low,
            "A" * max(low, 1),
            "é" * max(low, 1),
        ]
        if high is not None and high <= MAX_LENGTH:
            found.append("a" * high)
        if view.excluded_patterns or view.excluded_formats:
            found += ["a b", "a@b", "-", "zz", "0" * max(low, 1), "a" * (low + 12), "~", "_"]
    for text in list(found):
        if len(text) < low:
            found.append(text + text[-1:] * (low - len(text)))
    yield from (
        text
        for text in found
        if len(text) >= low and (high is None or len(text) <= high) and text not in view.excluded
    )


def _integer(view: views.IntegerView, depth: int) -> Iterator[Any]:
    yield from _numbers(view.minimum, view.maximum, view.multiple_of, whole=True)


def _number(view: views.NumberView, depth: int) -> Iterator[Any]:
    whole = not view.excludes_integers
    yield from _numbers(view.minimum, view.maximum, view.multiple_of, whole=whole)
    low = float(view.minimum) if view.minimum is not None else None
    high = float(view.maximum) if view.maximum is not None else None
    start = low if low is not None else (high - 1 if high is not None else 0.0)
    end = high if high is not None else start + 1
    yield from (start + (end - start) * share for share in (0.5, 0.25, 0.125))
    yield math.floor(start) + 0.5


def _numbers(low: Any, high: Any, multiples: list[Any], *, whole: bool) -> Iterator[Any]:
    step = (
        math.lcm(*(int(m) for m in multiples))
        if multiples and all(m == int(m) and m for m in multiples)
        else None
    )
    start = low if low is not None else high if high is not None else 1
    if step:
        near = (
            math.ceil(start / step) * step
            if low is not None or high is None
            else math.floor(start / step) * step
        )
        yield from (near, near + step, near - step, near + 2 * step)
    for multiple in multiples:
        yield from (_plain(multiple * k) for k in (1, 2, 0, -1, 3))
    if whole:
        for limit in (low, high):
            if limit is not None:
                yield from (
                    _plain(limit),
                    math.ceil(limit),
                    math.floor(limit),
                    math.floor(limit) + 1,
                    math.ceil(limit) - 1,
                )
        yield from (1, 0, -1, 2, 3, 5, 7)


def _plain(number: int | float | Decimal) -> int | float:
    return int(number) if number == int(number) else float(number)


def _array(view: views.ArrayView, depth: int) -> Iterator[Any]:
    least = view.min_items or 0
    if least > 1_000:
        return
    base: list[Any] = []
    for needed in view.contains:
        for _ in range(needed.min_contains if needed.min_contains is not None else 1):
            schema = needed.schema
            place = _slot(view, len(base))
            found = pick(_both(schema, place), depth + 1)
            if not found:
                return
            base.append(found[len(base) % len(found)])
    for size in dict.fromkeys((max(least, len(base)), max(least, len(base), 1), max(least, len(base)) + 1)):
        if view.max_items is not None and size > view.max_items:
            continue
        yield from _filled(view, base, size, depth)


def _both(schema: CanonicalSchema, other: CanonicalSchema | None) -> CanonicalSchema:
    """Return what both schemas admit, the first alone where that can't be computed: each value is checked later."""
    try:
        return schema if other is None else schema.intersect(other)
    except views.CanonicalizationError:
        return schema


def _slot(view: views.ArrayView, number: int) -> CanonicalSchema | None:
    return view.prefix_items[number] if number < len(view.prefix_items) else view.items


def _filled(view: views.ArrayView, base: list[Any], size: int, depth: int) -> Iterator[list[Any]]:
    filled = list(base)
    while len(filled) < size:
        slot = _slot(view, len(filled))
        options = (
            list(islice(values(slot, depth + 1), TRIES)) if slot is not None else [*"abcdefgh", *range(20)]
        )
        fresh = (
            [v for v in options if v not in filled]
            if view.distinctness == views.Distinctness.ALL_DISTINCT
            else options
        )
        if not fresh:
            return
        filled.append(fresh[0])
    yield filled
    if view.distinctness == views.Distinctness.SOME_REPEATED and filled:
        yield [*filled, filled[0]]


def _object(view: views.ObjectView, depth: int) -> Iterator[Any]:
    schemas = view.properties
    base: dict[str, Any] = {}
    for name in view.required:
        found = pick(schemas[name], depth + 1) if name in schemas else _undeclared(view, name, depth)
        if not found:
            return
        base[name] = found[0]
    for violation in view.violations:
        if not (added := _violating(view, violation, depth)):
            return
        base |= added
    yield from _sized(view, base, depth)
    for name in schemas:  # the same with one optional property more: each could be the one that breaks
        if name not in base:
            found = pick(schemas[name], depth + 1)
            if found:
                yield base | {name: found[0]}


def _undeclared(view: views.ObjectView, name: str, depth: int) -> list[Any]:
    fits = [schema for pattern, schema in view.pattern_properties.items() if _found(pattern, name)]
    if not fits and view.additional_properties is not None:
        fits = [view.additional_properties]
    if not fits:
        return ["a"]
    schema = fits[0]
    for other in fits[1:]:
        schema = _both(schema, other)
    return pick(schema, depth + 1)


def _found(pattern: str, name: str) -> bool:
    try:
        return compile_schema({"pattern": pattern})[0].is_valid(name)
    except ValueError:
        return False


def _violating(view: views.ObjectView, violation: Any, depth: int) -> dict[str, Any]:
    """Return a property whose name or value fails as the case demands."""
    if isinstance(violation, views.NameFailsView):
        names = _negated(violation.schema, depth)
        allowed = [
            n
            for n in names
            if isinstance(n, str) and (n in view.properties or view.property_names is None or n)
        ]
        for name in [*allowed, *view.properties]:
            found = (
                pick(view.properties[name], depth + 1)
                if name in view.properties
                else _undeclared(view, name, depth)
            )
            if found and name not in view.required:
                return {name: found[0]}
        return {}
    if isinstance(violation, views.PatternValueFailsView):
        names = list(islice(matching(violation.pattern), 3))
        schema = violation.schema
    else:
        names = [n for n in ("extra", "other", "x") if n not in violation.names]
        schema = violation.additional
    bad = _negated(schema, depth)
    return {names[0]: bad[0]} if names and bad else {}


def _negated(schema: CanonicalSchema, depth: int) -> list[Any]:
    try:
        return pick(schema.negate(), depth + 1)
    except views.CanonicalizationError:
        return []


def _sized(view: views.ObjectView, base: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
    """Yield the object, filled up to the least number of properties."""
    least = view.min_properties or 0
    filled = dict(base)
    names = [*view.properties, *(f"extra{i}" if i else "extra" for i in range(min(least, 200)))]
    for name in names:
        if len(filled) >= least:
            break
        if name not in filled:
            found = (
                pick(view.properties[name], depth + 1)
                if name in view.properties
                else _undeclared(view, name, depth)
            )
            if found:
                filled[name] = found[0]
    if len(filled) >= least:
        yield filled


_MAKERS: dict[str, Callable[[Any, int], Iterator[Any]]] = {
    "TrueView": _any, "MultiTypeView": _types, "TypedGroupView": _group, "ConstView": _const, "EnumView": _enum,
    "AnyOfView": _branches, "OneOfView": _branches, "AllOfView": _all_of, "NotView": _not, "StringView": _string,
    "IntegerView": _integer, "NumberView": _number, "ArrayView": _array, "ObjectView": _object,
}  # fmt: skip
