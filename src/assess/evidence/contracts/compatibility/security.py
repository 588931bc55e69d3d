"""Whether who may call an operation of the old version may call it in the new one."""

from __future__ import annotations

from typing import Any, NamedTuple

from assess.evidence.contracts.lint.subject import listing, mapping

from .change import ChangeLocation, VersionPair

URLS = ("authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl")
SWAGGER_FLOWS = {"accessCode": "authorizationCode", "application": "clientCredentials"}
"""What OpenAPI 3 calls the flows of Swagger 2."""


class Credential(NamedTuple):
    """One scheme that a requirement asks for: its name, what it is, and the scopes."""

    name: str
    what: tuple[Any, ...]
    scopes: frozenset[str]


Alternative = tuple[Credential, ...]


def schemes(contract: ChangeLocation) -> dict[str, ChangeLocation]:
    """Return the security schemes of a contract by name."""
    swagger = contract.subject.kind == "swagger"
    section = contract.get(*(("securityDefinitions",) if swagger else ("components", "securitySchemes")))
    found = {name: section.get(name) for name in section.mapping} if section else {}
    return {name: place for name, place in found.items() if place}


def compare_schemes(sides: VersionPair, old: ChangeLocation, new: ChangeLocation) -> None:
    """Compare where credentials come from: addresses, flows and scopes of schemes that both versions have."""
    after = schemes(new)
    for name, place in schemes(old).items():
        other = after.get(name)
        if other is None or place.mapping.get("type") != other.mapping.get("type"):
            continue  # the requirements tell who is hit
        where = f"security scheme {name}"
        _addresses(sides, where, place.mapping, other.mapping, ("openIdConnectUrl",), other)
        if place.mapping.get("bearerFormat") != other.mapping.get("bearerFormat"):
            _possible(
                sides, where, "tokens have another format", other, "clients may not look into the token"
            )
        before, now = flows(place), flows(other)
        for flow, given in before.items():
            if flow in now:
                _addresses(sides, f"{where}, {flow}", given, now[flow], URLS, other)
                gone = sorted(mapping(given.get("scopes")).keys() - mapping(now[flow].get("scopes")).keys())
                if gone:
                    message = f"the scope {', '.join(gone)} is gone"
                    _possible(sides, f"{where}, {flow}", message, other, "who asks for it may be refused")
            elif other.mapping.get("type") == "oauth2":
                message = f"{where}: the flow {flow} is gone"
                sides.tell("security-flow-removed", "request", where, message, other)


def flows(scheme: ChangeLocation) -> dict[str, dict[str, Any]]:
    """Return the flows of an OAuth scheme by the names of OpenAPI 3."""
    stated = scheme.mapping.get("flow")
    if isinstance(stated, str):
        return {SWAGGER_FLOWS.get(stated, stated): scheme.mapping}
    return {
        name: mapping(flow) for name, flow in mapping(scheme.mapping.get("flows")).items() if name[:2] != "x-"
    }


def _addresses(
    sides: VersionPair,
    where: str,
    old: dict[str, Any],
    new: dict[str, Any],
    names: tuple[str, ...],
    place: ChangeLocation,
) -> None:
    for name in names:
        if old.get(name) and old[name] != new.get(name):
            now = f"{new[name]!r} now" if new.get(name) else "gone"
            reason = "the old address may go on answering for a time"
            _possible(sides, where, f"{name} is {now}", place, reason, "security-address")


def _possible(
    sides: VersionPair,
    where: str,
    message: str,
    place: ChangeLocation,
    reason: str,
    rule: str = "security-scheme",
) -> None:
    sides.tell(rule, "request", where, f"{where}: {message}", place, "possible", reason)


def compare_requirements(
    sides: VersionPair,
    where: str,
    old: ChangeLocation,
    new: ChangeLocation,
    before: ChangeLocation,
    after: ChangeLocation,
) -> None:
    """A caller who met one of the old alternatives has to meet one of the new ones."""
    had, has = alternatives(old, before), alternatives(new, after)
    known = frozenset(schemes(before)), frozenset(schemes(after))
    lost = [one for one in had if not any(_covers(one, other, *known) for other in has)]
    if lost:
        names = " or ".join(
            sorted(" and ".join(sorted(c.name for c in one)) or "no credentials" for one in lost)
        )
        place = new.get("security") or after.get("security") or new
        sides.tell("security", "request", where, f"{where}: {names} is not enough any more", place)


def alternatives(operation: ChangeLocation, contract: ChangeLocation) -> list[Alternative]:
    """Return what a caller may present: each alternative with all of its credentials."""
    given = operation.mapping.get("security", contract.mapping.get("security"))
    known = schemes(contract)
    found: list[Alternative] = []
    for requirement in listing(given) or [{}]:
        one = []
        for name, scopes in mapping(requirement).items():
            what = known[name].mapping if name in known else {}
            kind = (what.get("type"), what.get("scheme"), what.get("in"), str(what.get("name", "")).lower())
            one.append(Credential(name, kind, frozenset(map(str, listing(scopes)))))
        found.append(tuple(one))
    return found


def _covers(old: Alternative, new: Alternative, before: frozenset[str], after: frozenset[str]) -> bool:
    """Say whether who meets the old requirement meets the new one: the same credentials, no scope more.

    Two schemes of one kind are two credentials, unless one is gone and the other is new: then it has another name.
    """
    left = list(old)
    for wanted in new:
        for held in left:
            same = held.name == wanted.name or (held.name not in after and wanted.name not in before)
            if same and held.what == wanted.what and wanted.scopes <= held.scopes:
                left.remove(held)
                break
        else:
            return False
    return True
