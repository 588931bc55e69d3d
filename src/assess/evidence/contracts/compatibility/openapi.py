"""Two versions of an OpenAPI or Swagger contract: operations, parameters, bodies, responses, security."""

from __future__ import annotations

import re
from typing import Any

from assess.evidence.contracts.lint.subject import METHODS, listing, mapping

from .change import ChangeLocation, VersionPair

_TEMPLATE = re.compile(r"\{[^{}]*\}")
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
            gone = (
                "was announced as deprecated and is gone"
                if operation.mapping.get("deprecated") is True
                else "is gone"
            )
            sides.tell("operation-removed", "request", where, f"{where} {gone}", operation)
            continue
        _operation(sides, where, operation, after[matched[key]], old, new)
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
    return _TEMPLATE.sub("{}", path)


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
    _parameters(sides, where, old, new)
    _bodies(sides, where, old, new, hook=False)
    _responses(sides, where, old, new)
    _security(sides, where, old, new, before, after)
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


Parameters = dict[tuple[str, str], ChangeLocation]


def _parameters_of(operation: ChangeLocation) -> Parameters:
    """Return the parameters of an operation and its path by location and name; those of a path by their position."""
    subject, pointer = operation.subject, operation.pointer
    item = ChangeLocation(subject, operation.document, operation.document.at(pointer[:-1]), pointer[:-1])
    found: Parameters = {}
    order = _TEMPLATE.findall(str(pointer[-2])) if len(pointer) > 1 else []
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


def _parameters(sides: VersionPair, where: str, old: ChangeLocation, new: ChangeLocation) -> None:
    before, after = _parameters_of(old), _parameters_of(new)
    for key, parameter in after.items():
        if key[0] in ("body", "formData"):
            continue
        what = f"{where}: the {key[0]} parameter {str(parameter.mapping.get('name'))!r}"
        required = parameter.mapping.get("required") is True
        if key not in before:
            if required:
                sides.tell("parameter-required", "request", where, f"{what} is new and required", parameter)
            continue
        if required and before[key].mapping.get("required") is not True:
            sides.tell("parameter-required", "request", where, f"{what} is required now", parameter)
        _parameter_schema(sides, what, before[key], parameter)
    for key, parameter in before.items():
        if key not in after and key[0] != "path":
            message = f"{where}: the {key[0]} parameter {key[1]!r} is gone"
            sides.tell(
                "parameter-removed",
                "request",
                where,
                message,
                parameter,
                "possible",
                "servers may ignore or refuse it",
            )


def _parameter_schema(sides: VersionPair, what: str, old: ChangeLocation, new: ChangeLocation) -> None:
    if old.subject.kind == "swagger" or new.subject.kind == "swagger":
        sides.schemas("request", what, old, new)
    else:
        sides.schemas("request", what, old.get("schema"), new.get("schema"))
    _default(sides, what, old, new)
    for key, usual in (("style", None), ("explode", None)):
        if old.mapping.get(key, usual) != new.mapping.get(key, usual):
            message = f"{what} is written in another {key}"
            sides.tell(
                "parameter-style",
                "request",
                what,
                message,
                new,
                "possible",
                "the default of it depends on the location",
            )


def _default(sides: VersionPair, what: str, old: ChangeLocation, new: ChangeLocation) -> None:
    holders = [p if "default" in p.mapping else p.get("schema") for p in (old, new)]
    values = [holder.mapping.get("default") if holder else None for holder in holders]
    if values[0] is not None and values[0] != values[1]:
        message = f"{what} has the default {values[1]!r} instead of {values[0]!r}"
        sides.tell(
            "default", "request", what, message, new, "possible", "the form is the same, what it does is not"
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
        _contents(sides, "response" if hook else "request", f"{where} body", before, after)


def _swagger_body(operation: ChangeLocation) -> ChangeLocation | None:
    found = [p for (kind, _), p in _parameters_of(operation).items() if kind == "body"]
    return found[0] if found else None


def _contents(sides: VersionPair, side: Any, where: str, old: ChangeLocation, new: ChangeLocation) -> None:
    if old.subject.kind == "swagger":
        sides.schemas(side, where, old.get("schema"), new.get("schema"))
        return
    before, after = old.mapping.get("content"), new.mapping.get("content")
    for media in mapping(before):
        other = _media(media, mapping(after))
        if other is None:
            sides.tell("media-type-removed", side, where, f"{where}: {media} is gone", old)
        else:
            sides.schemas(
                side, where, old.get("content", media, "schema"), new.get("content", other, "schema")
            )


def _media(media: str, known: dict[str, Any]) -> str | None:
    """Return the media type among others, its parameters aside, or a range that covers it (RFC 9110, 12.5.1)."""
    plain = media.partition(";")[0].strip().lower()
    kind = plain.partition("/")[0]
    for wanted in (plain, f"{kind}/*", "*/*"):
        for other in known:
            if other.partition(";")[0].strip().lower() == wanted:
                return other
    return None


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
        _contents(sides, "response", what, one, other)
        _headers(sides, what, one, other)
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


def _headers(sides: VersionPair, where: str, old: ChangeLocation, new: ChangeLocation) -> None:
    known = {name.lower(): name for name in mapping(new.mapping.get("headers"))}
    for name in mapping(old.mapping.get("headers")):
        one, other = old.get("headers", name), new.get("headers", known.get(name.lower(), ""))
        required = one is not None and one.mapping.get("required") is True
        if one is None:
            continue
        if other is None or (required and other.mapping.get("required") is not True):
            message = f"{where}: the header {name} is {'gone' if other is None else 'optional now'}"
            reason = "" if required else "it was not promised"
            sides.tell(
                "header-removed",
                "response",
                where,
                message,
                one,
                "certain" if required else "possible",
                reason,
            )
        else:
            sides.schemas("response", f"{where} header {name}", one.get("schema"), other.get("schema"))


def _security(
    sides: VersionPair,
    where: str,
    old: ChangeLocation,
    new: ChangeLocation,
    before: ChangeLocation,
    after: ChangeLocation,
) -> None:
    """A caller who met one of the old alternatives has to meet one of the new ones."""
    had, has = _alternatives(old, before), _alternatives(new, after)
    lost = [one for one in had if not any(_covers(one, other) for other in has)]
    if lost:
        names = " or ".join(sorted(" and ".join(sorted(one)) or "no credentials" for one in lost))
        place = new.get("security") or after.get("security") or new
        sides.tell("security", "request", where, f"{where}: {names} is not enough any more", place)


Alternative = dict[str, tuple[Any, frozenset[str]]]


def _alternatives(operation: ChangeLocation, contract: ChangeLocation) -> list[Alternative]:
    """Return the alternatives of security: by the scheme's name, what it is and the scopes."""
    given = operation.mapping.get("security", contract.mapping.get("security"))
    section = (
        ("securityDefinitions",) if contract.subject.kind == "swagger" else ("components", "securitySchemes")
    )
    schemes = contract.get(*section)
    found: list[Alternative] = []
    for requirement in listing(given) or [{}]:
        one: Alternative = {}
        for name, scopes in mapping(requirement).items():
            scheme = schemes.get(name) if schemes else None
            what = scheme.mapping if scheme else {}
            kind = (what.get("type"), what.get("scheme"), what.get("in"), str(what.get("name", "")).lower())
            one[name] = kind, frozenset(map(str, listing(scopes)))
        found.append(one)
    return found


def _covers(old: Alternative, new: Alternative) -> bool:
    """Say whether who meets the old requirement meets the new one: the same kinds of scheme, no scope more."""
    return all(
        any(kind == had and scopes <= held for had, held in old.values()) for kind, scopes in new.values()
    )
