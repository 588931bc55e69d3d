"""Avro schemas after the Avro 1.12 specification: names, types, unions, defaults, logical types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

PRIMITIVE = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
NAMED = frozenset({"record", "error", "enum", "fixed"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
INT, LONG = 2**31, 2**63

Pointer = tuple[str | int, ...]
Problem = tuple[Pointer, str]


def check(tree: Any) -> list[Problem]:
    """Return what the specification forbids, with places.

    The rules are those of "Schema Declaration" of https://avro.apache.org/docs/1.12.0/specification/: a name
    matches ``[A-Za-z_][A-Za-z0-9_]*`` and is defined once and before its use; a union holds no union and no
    type twice; a default has the type of its field, that of a union field the type of any branch (1.12).

    Examples
    --------
    >>> check({"type": "enum", "name": "Suit", "symbols": ["SPADES", "SPADES"]})
    [(('symbols', 1), "symbol 'SPADES' is there twice")]
    """
    names: dict[str, Any] = {}
    return list(_schema(tree, (), "", names))


def fullname(schema: dict[str, Any], namespace: str) -> tuple[str, str]:
    """Return the full name of a named type and the namespace inside it ("Names" of the specification).

    >>> fullname({"name": "X", "namespace": "org.foo"}, "a"), fullname({"name": "org.bar.X"}, "a")
    (('org.foo.X', 'org.foo'), ('org.bar.X', 'org.bar'))
    """
    name = str(schema.get("name", ""))
    if "." in name:
        return name, name.rpartition(".")[0]
    inside = str(schema.get("namespace", namespace) or "")
    return (f"{inside}.{name}" if inside else name), inside


def _schema(schema: Any, at: Pointer, namespace: str, names: dict[str, Any]) -> Iterator[Problem]:
    if isinstance(schema, str):
        if schema not in PRIMITIVE and _lookup(schema, namespace, names) is None:
            yield at, f"{schema!r} is no type of Avro and not defined before"
    elif isinstance(schema, list):
        yield from _union(schema, at, namespace, names)
    elif isinstance(schema, dict):
        yield from _complex(schema, at, namespace, names)
    else:
        yield at, "a schema is a name, an object or a list"


def full_name(name: str, namespace: str) -> str:
    """Return a name with the namespace that it is used in."""
    return name if "." in name or not namespace else f"{namespace}.{name}"


def _lookup(name: str, namespace: str, names: dict[str, Any]) -> Any:
    return names.get(full_name(name, namespace), names.get(name))


def _complex(schema: dict[str, Any], at: Pointer, namespace: str, names: dict[str, Any]) -> Iterator[Problem]:
    kind = schema.get("type")
    if kind is None:
        yield at, "'type' is missing"
        return
    if not isinstance(kind, str):
        yield from _schema(kind, (*at, "type"), namespace, names)
        return
    if kind in NAMED:
        yield from _named(kind, schema, at, namespace, names)
    elif kind in ("array", "map"):
        key = "items" if kind == "array" else "values"
        if key not in schema:
            yield at, f"{key!r} of the {kind} is missing"
        else:
            yield from _schema(schema[key], (*at, key), namespace, names)
    else:
        yield from _schema(kind, (*at, "type"), namespace, names)


def _named(
    kind: str, schema: dict[str, Any], at: Pointer, namespace: str, names: dict[str, Any]
) -> Iterator[Problem]:
    name = schema.get("name")
    if not isinstance(name, str) or not name:
        yield at, f"'name' of the {kind} is missing"
        return
    full, inside = fullname(schema, namespace)
    if not all(_NAME.fullmatch(part) for part in full.split(".")):
        yield (*at, "name"), f"{full!r} is no name: letters, digits and _ only, no digit first"
    if full in PRIMITIVE:
        yield (*at, "name"), f"{full!r} is a primitive type and can't be redefined"
    if full in names:
        yield (*at, "name"), f"{full!r} is defined twice"
    names.setdefault(full, schema)
    yield from _aliases(schema, at)
    if kind in ("record", "error"):
        yield from _fields(schema, at, inside, names)
    elif kind == "enum":
        yield from _enum(schema, at)
    elif not _count(schema.get("size")):
        yield (*at, "size"), "'size' of the fixed must be a whole number from 0"


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _aliases(schema: dict[str, Any], at: Pointer) -> Iterator[Problem]:
    aliases = schema.get("aliases", [])
    if not isinstance(aliases, list):
        yield (*at, "aliases"), "'aliases' must be a list of names"
        return
    for number, alias in enumerate(aliases):
        if not isinstance(alias, str) or not all(_NAME.fullmatch(part) for part in alias.split(".")):
            yield (*at, "aliases", number), f"{alias!r} is no name"


def _fields(schema: dict[str, Any], at: Pointer, namespace: str, names: dict[str, Any]) -> Iterator[Problem]:
    fields = schema.get("fields")
    if not isinstance(fields, list):
        yield at, "'fields' of the record must be a list"
        return
    seen: set[str] = set()
    for number, field in enumerate(fields):
        place = (*at, "fields", number)
        if not isinstance(field, dict):
            yield place, "a field is an object"
            continue
        name = field.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            yield (*place, "name"), f"{name!r} is no name of a field"
        elif name in seen:
            yield (*place, "name"), f"field {name!r} is there twice"
        else:
            seen.add(name)
        yield from _aliases(field, place)
        if field.get("order", "ascending") not in ("ascending", "descending", "ignore"):
            yield (*place, "order"), "'order' must be ascending, descending or ignore"
        if "type" not in field:
            yield place, "'type' of the field is missing"
            continue
        problems = list(_schema(field["type"], (*place, "type"), namespace, names))
        yield from problems
        if (
            "default" in field
            and not problems
            and not allows(field["type"], field["default"], namespace, names)
        ):
            yield (*place, "default"), f"the default {field['default']!r} is no {_word(field['type'])}"


def _word(schema: Any) -> str:
    if isinstance(schema, list):
        return " or ".join(map(_word, schema))
    if isinstance(schema, dict):
        return str(schema.get("name") or _word(schema.get("type")))
    return str(schema)


def _enum(schema: dict[str, Any], at: Pointer) -> Iterator[Problem]:
    symbols = schema.get("symbols")
    if not isinstance(symbols, list):
        yield at, "'symbols' of the enum must be a list"
        return
    seen: set[Any] = set()
    for number, symbol in enumerate(symbols):
        if not isinstance(symbol, str) or not _NAME.fullmatch(symbol):
            yield (
                (*at, "symbols", number),
                f"{symbol!r} is no symbol: letters, digits and _ only, no digit first",
            )
        elif symbol in seen:
            yield (*at, "symbols", number), f"symbol {symbol!r} is there twice"
        else:
            seen.add(symbol)
    if "default" in schema and schema["default"] not in symbols:
        yield (*at, "default"), f"the default {schema['default']!r} is no symbol of the enum"


def _union(union: list[Any], at: Pointer, namespace: str, names: dict[str, Any]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, branch in enumerate(union):
        place = (*at, number)
        if isinstance(branch, list):
            yield place, "a union can't hold a union"
            continue
        yield from _schema(branch, place, namespace, names)
        key = _branch(branch, namespace, names)
        if key in seen:
            yield place, f"{key} is twice in the union"
        seen.add(key)


def _branch(branch: Any, namespace: str, names: dict[str, Any]) -> str:
    """Return what tells branches of a union apart: the full name of a named type, else the type."""
    if isinstance(branch, str):
        if branch in PRIMITIVE:
            return branch
        known = _lookup(branch, namespace, names)
        full = full_name(branch, namespace)
        return full if full in names or known is None else branch
    if not isinstance(branch, dict):
        return repr(branch)
    if branch.get("type") in NAMED:
        return fullname(branch, namespace)[0]
    kind = branch.get("type")
    return _branch(kind, namespace, names) if isinstance(kind, dict) else str(kind)


def ignored(schema: dict[str, Any]) -> list[Problem]:
    """Return why readers ignore a logical type, silently ("Logical Types": an invalid one is ignored).

    >>> ignored({"type": "bytes", "logicalType": "decimal", "precision": 2, "scale": 3})
    [(('scale',), "'scale' of a decimal is a whole number up to its precision; readers see plain bytes")]
    """
    if schema.get("logicalType") != "decimal":
        return []
    precision, scale = schema.get("precision"), schema.get("scale", 0)
    if not isinstance(precision, int) or isinstance(precision, bool) or precision < 1:
        return [(("precision",), "a decimal needs a 'precision' from 1; readers see plain bytes")]
    if not _count(scale) or scale > precision:
        return [
            (
                ("scale",),
                "'scale' of a decimal is a whole number up to its precision; readers see plain bytes",
            )
        ]
    return []


def allows(schema: Any, value: Any, namespace: str, names: dict[str, Any]) -> bool:
    r"""Say whether a JSON value can be the default of a field of a schema (table of "Complex Types / Records").

    >>> allows("bytes", "\u00ff", "", {}), allows(["null", "int"], 1, "", {}), allows("int", 2**31, "", {})
    (True, True, False)
    """
    if isinstance(schema, list):
        return any(allows(branch, value, namespace, names) for branch in schema)
    if isinstance(schema, dict):
        return _allows_complex(schema, value, namespace, names)
    if schema not in PRIMITIVE:
        found = _lookup(schema, namespace, names)
        return found is not None and allows(found, value, str(fullname(found, namespace)[1]), names)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return bool(
        {
            "null": value is None,
            "boolean": isinstance(value, bool),
            "int": whole and -INT <= value < INT,
            "long": whole and -LONG <= value < LONG,
            "float": number,
            "double": number,
            "bytes": isinstance(value, str) and all(ord(sign) < 256 for sign in value),
            "string": isinstance(value, str),
        }[schema]
    )


def _allows_complex(schema: dict[str, Any], value: Any, namespace: str, names: dict[str, Any]) -> bool:
    kind = schema.get("type")
    if kind in ("record", "error"):
        inside = fullname(schema, namespace)[1]
        return isinstance(value, dict) and all(
            allows(field["type"], value[field["name"]], inside, names)
            if field["name"] in value
            else "default" in field
            for field in schema["fields"]
        )
    if kind == "enum":
        return value in schema["symbols"]
    if kind == "array":
        return isinstance(value, list) and all(
            allows(schema["items"], item, namespace, names) for item in value
        )
    if kind == "map":
        return isinstance(value, dict) and all(
            allows(schema["values"], item, namespace, names) for item in value.values()
        )
    if kind == "fixed":
        return (
            isinstance(value, str) and len(value) == schema["size"] and all(ord(sign) < 256 for sign in value)
        )
    return allows(kind, value, namespace, names)
