"""Whether who may call an operation of the old version may call it in the new one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit, urlunsplit

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


def compare_schemes(
    sides: VersionPair, old: ChangeLocation, new: ChangeLocation, used: frozenset[str]
) -> None:
    """Compare where credentials come from: addresses, flows and scopes of schemes that both versions have.

    Parameters
    ----------
    used
        Schemes that an operation of the old version asks for: only their addresses are in use.
    """
    after = schemes(new)
    for name, place in schemes(old).items():
        other = after.get(name)
        if other is None or place.mapping.get("type") != other.mapping.get("type"):
            continue  # the requirements tell who is hit
        where = f"security scheme {name}"
        addresses = _Addresses(sides, _base(old), _base(new), name in used)
        addresses.compare(where, place.mapping, other.mapping, ("openIdConnectUrl",), other)
        if place.mapping.get("bearerFormat") != other.mapping.get("bearerFormat"):
            _possible(
                sides, where, "tokens have another format", other, "clients may not look into the token"
            )
        before, now = flows(place), flows(other)
        for flow, given in before.items():
            if flow in now:
                addresses.compare(f"{where}, {flow}", given, now[flow], URLS, other)
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


@dataclass(frozen=True)
class _Addresses:
    """Compares where tokens are fetched: "the URL to be used" (OpenAPI 3.1, OAuth Flow Object).

    Whoever uses another one is told nothing of it by the new version, and an ID token of another issuer has to be
    refused (OpenID Connect Core 1.0, 3.1.3.7).

    Parameters
    ----------
    before, after
        What addresses of the two versions are relative to.
    used
        Whether an operation asks for the scheme.
    """

    sides: VersionPair
    before: str
    after: str
    used: bool

    def compare(
        self,
        where: str,
        old: dict[str, Any],
        new: dict[str, Any],
        names: tuple[str, ...],
        place: ChangeLocation,
    ) -> None:
        for name in names:
            one, other = (str(given.get(name) or "") for given in (old, new))
            if not one or one == other:
                continue
            reason = self._doubt(one, other)
            if reason is None:
                continue
            now = f"{other!r} now" if other else "gone"
            self.sides.tell(
                "security-address", "request", where, f"{where}: {name} is {now}", place,
                "possible" if reason else "certain", reason,
            )  # fmt: skip

    def _doubt(self, one: str, other: str) -> str | None:
        """Return why another address may hit nobody, empty where it does; None where it is the same address."""
        if not self.used:
            return "no operation asks for it"
        if not other:
            return "the old address may go on answering for a time"
        before, after = normal_address(one, self.before), normal_address(other, self.after)
        if before == after:
            return None
        if after == before.replace("http:", "https:", 1):
            return "the old address may lead on to the encrypted one"
        return ""


def _base(contract: ChangeLocation) -> str:
    servers = listing(contract.mapping.get("servers"))
    return str(mapping(servers[0]).get("url") or "") if servers else ""


def normal_address(address: str, base: str = "") -> str:
    """Return an address in the normal form of RFC 3986, 6.2.2 and 6.2.3: case of scheme and host, usual port, empty path.

    >>> normal_address("HTTPS://Login.example.com:443"), normal_address("/token", "https://a.example.com/v1")
    ('https://login.example.com/', 'https://a.example.com/token')
    """
    try:
        parts = urlsplit(urljoin(base, address))
        port = "" if parts.port in (None, {"http": 80, "https": 443}.get(parts.scheme)) else f":{parts.port}"
    except ValueError:
        return address
    return urlunsplit((parts.scheme, f"{parts.hostname or ''}{port}", parts.path or "/", parts.query, ""))


def _possible(sides: VersionPair, where: str, message: str, place: ChangeLocation, reason: str) -> None:
    sides.tell("security-scheme", "request", where, f"{where}: {message}", place, "possible", reason)


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


def used_schemes(operations: Iterable[ChangeLocation], contract: ChangeLocation) -> frozenset[str]:
    """Return the names of the schemes that operations ask for."""
    return frozenset(
        credential.name
        for operation in operations
        for one in alternatives(operation, contract)
        for credential in one
    )


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
