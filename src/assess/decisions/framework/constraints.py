"""The hard constraints: what rules a style out for an integration, by how much, and what would rule it in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from assess.core.estimate import Estimate
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import NATIVE, STYLE_PLAIN, Integration, Interface, Style, System

from .criteria import ends
from .probability import carries, chance_below, quantile
from .result import ConstraintCheck, State

API: frozenset[Interface] = frozenset({"rest", "soap", "graphql", "grpc"})
PUSH: frozenset[Interface] = frozenset({"events", "webhook"})
STORE: frozenset[Interface] = frozenset({"file", "database"})

SOURCE_REACH: dict[Style, frozenset[Interface]] = {
    "api-first": API | {"webhook"},
    "event-driven": PUSH | API | {"database"},
    "ipaas": API | PUSH | STORE,
    "file-exchange": STORE | API,
    "api-facade": API | STORE,
    "database-access": frozenset({"database"}),
    "native-connector": frozenset(),
}
"""What a source system must offer at least one of. Events come from the system itself, from a publisher that polls
its API, or from the log of its database."""

TARGET_REACH: dict[Style, frozenset[Interface]] = {
    "api-first": API,
    "event-driven": API | PUSH,
    "ipaas": API | PUSH | {"file"},
    "file-exchange": frozenset({"file"}),
    "api-facade": API | STORE,
    "database-access": API | {"database"},
    "native-connector": frozenset(),
}
"""What a target system must offer at least one of. Files go only to a system that takes files; writing into a database
past the application is direct access, whoever does it, unless a platform ships a connector for the system."""

WITHIN: dict[str, frozenset[str]] = {
    "EU": frozenset({
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
        "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    }),
}  # fmt: skip
"""Regions that lie within another (ISO 3166-1 codes of the member states of the European Union, 2026)."""

MONTH_SECONDS = 365.25 / 12 * 86400

LOAD = "latency and peak load"
"""The constraint that is held against what a style is believed to deliver and to carry."""

PLATFORM: frozenset[Style] = frozenset({"ipaas"})
"""Styles that run on a vendor's platform. The others run where the client puts them, under its own certification."""


def duration(seconds: float) -> str:
    """Return seconds in the unit that reads best.

    >>> duration(0.25), duration(90), duration(2310), duration(86_400)
    ('0.25 s', '90 s', '38.5 min', '24 h')
    """
    for size, unit in ((7200, "h"), (120, "min")):
        if seconds >= size:
            return f"{seconds / (3600 if unit == 'h' else 60):,.3g} {unit}"
    return f"{seconds:.3g} s"


@dataclass(frozen=True)
class IntegrationNeeds:
    """What an integration asks of any style."""

    engagement: Engagement
    integration: Integration

    @cached_property
    def systems(self) -> tuple[System, System] | None:
        """Source and target system where both are described."""
        return ends(self.engagement, self.integration)

    @cached_property
    def interfaces(self) -> tuple[frozenset[Interface], frozenset[Interface]] | None:
        """What source and target offer; None where one of them has not stated it."""
        if self.systems is None or not all(system.interfaces for system in self.systems):
            return None
        a, b = (frozenset(system.interfaces) for system in self.systems)
        return a, b

    @cached_property
    def peak(self) -> tuple[Estimate, ...]:
        """Factors of the peak load in messages a second; empty where neither peak nor volume is stated."""
        integration = self.integration
        if integration.peak_per_second is not None:
            source = integration.cite("peak_per_second")
            return (Estimate.point(integration.peak_per_second, "messages/s", source),)
        if integration.volume is None:
            return ()
        factor = self.engagement.assumptions["framework.peak_factor"]
        return integration.volume.scaled(1 / MONTH_SECONDS, "messages/s"), factor


@dataclass(frozen=True)
class ConstraintCase:
    """One style for one integration, with what the constraints look at."""

    needs: IntegrationNeeds
    style: Style

    @property
    def asked(self) -> bool:
        """Whether it hangs on the interaction, which is not stated, how a platform starts: on a request, or by polling."""
        pushed = self.needs.interfaces is not None and bool(self.needs.interfaces[0] & PUSH)
        return self.style == "ipaas" and not pushed and self.needs.integration.interaction is None

    @cached_property
    def floor(self) -> Estimate:
        """Latency floor of the style: pushed or polled, as the source allows; polled where that is not known."""
        pushed = self.needs.interfaces is not None and bool(self.needs.interfaces[0] & PUSH)
        logged = self.needs.interfaces is not None and "database" in self.needs.interfaces[0]
        variant = ""
        if self.style == "ipaas" and (pushed or self.needs.integration.interaction == "request-reply"):
            variant = "-triggered"
        if self.style == "event-driven" and not (pushed or logged):
            variant = "-polled"
        return self.needs.engagement.assumptions[f"framework.latency_floor.{self.style}{variant}"]

    @cached_property
    def capacity(self) -> Estimate:
        """Messages a second that the style sustains."""
        return self.needs.engagement.assumptions[f"framework.capacity.{self.style}"]

    @property
    def chances(self) -> tuple[float | None, float | None]:
        """Chance of delivering in time, and of carrying the peak; None where the need is not stated."""
        need, peak = self.needs.integration.latency_seconds, self.needs.peak
        fast = None if need is None else chance_below(self.floor, need)
        return fast, carries(self.capacity, peak) if peak else None


def check(needs: IntegrationNeeds, style: Style) -> tuple[ConstraintCheck, ...]:
    """Return every hard constraint held against one style, broken and untested ones included.

    Latency floor and capacity are independent; with the default assumptions they must hold together with
    probability 0.95. Whether `database-access` is the last resort is decided by `last_resort`, once the other
    styles are known.
    """
    case = ConstraintCase(needs, style)
    return (
        _client(case),
        _interaction(case),
        _reach(case),
        _applicable(case),
        _residency(case),
        _certification(case),
        _load(case),
    )


def state(checks: tuple[ConstraintCheck, ...]) -> State:
    """Return ``excluded`` if a check fails, ``open`` if one could not be tested, else ``feasible``."""
    if any(check.passed is False for check in checks):
        return "excluded"
    return "open" if any(check.passed is None for check in checks) else "feasible"


def last_resort(others: tuple[Style, ...]) -> ConstraintCheck:
    """Return the check that rules out direct database access while another style remains."""
    return ConstraintCheck(
        constraint="last resort",
        passed=not others,
        reason=f"{', '.join(STYLE_PLAIN[style] for style in others)} can do it through the system's own logic"
        if others
        else "no other style is feasible",
        feasible_if="no other style were feasible" if others else "",
    )


def _client(case: ConstraintCase) -> ConstraintCheck:
    excluded = case.style in case.needs.engagement.constraints.excluded_styles
    return ConstraintCheck(
        constraint="client's rule",
        passed=not excluded,
        reason=f"the client excludes {STYLE_PLAIN[case.style]}" if excluded else "not excluded by the client",
        feasible_if=f"the client lifted its exclusion of {STYLE_PLAIN[case.style]}" if excluded else "",
        of=(case.needs.engagement.constraints.cite("excluded_styles").id,) if excluded else (),
    )


def _interaction(case: ConstraintCase) -> ConstraintCheck:
    patterns = ("request-reply", "notify-many", "bulk")
    keys = {p: case.needs.engagement.assumptions[f"framework.supports.{p}.{case.style}"] for p in patterns}
    able = [p for p in patterns if keys[p].likely >= 0.5]
    stated = case.needs.integration.interaction
    if stated is None:
        everything = len(able) == len(patterns)
        return ConstraintCheck(
            constraint="interaction pattern",
            passed=True if everything else None,
            reason=f"{STYLE_PLAIN[case.style]} can do {', '.join(able)}; the interaction is not stated",
            feasible_if="" if everything else f"the interaction is {' or '.join(able)}",
        )
    passed = stated in able
    return ConstraintCheck(
        constraint="interaction pattern",
        passed=passed,
        reason=f"{STYLE_PLAIN[case.style]} {'can' if passed else 'cannot'} do {stated}",
        feasible_if="" if passed else f"the interaction became {' or '.join(able)}",
        of=(case.needs.integration.cite("interaction").id, f"as:framework.supports.{stated}.{case.style}"),
    )


def _reach(case: ConstraintCase) -> ConstraintCheck:
    if case.style == NATIVE:
        return ConstraintCheck(
            constraint="protocol reach", passed=True, reason="one system ships it to the other"
        )
    needs = (SOURCE_REACH[case.style], TARGET_REACH[case.style])
    if case.needs.systems is None or case.needs.interfaces is None:
        return ConstraintCheck(
            constraint="protocol reach",
            passed=None,
            reason="the interfaces of source and target are not both stated",
            feasible_if=f"the source offers {_or(needs[0])} and the target {_or(needs[1])}",
        )
    unreached = [
        (system, need)
        for system, offers, need in zip(case.needs.systems, case.needs.interfaces, needs, strict=True)
        if not offers & need and not (case.style == "ipaas" and system.connectors)
    ]
    offered = "; ".join(
        f"{system.name or system.id} offers {', '.join(system.interfaces)}" for system in case.needs.systems
    )
    return ConstraintCheck(
        constraint="protocol reach",
        passed=not unreached,
        reason=offered
        if not unreached
        else f"{STYLE_PLAIN[case.style]} cannot reach {_and([s.name or s.id for s, _ in unreached])}: {offered}",
        slack=float(-len(unreached)),
        unit="ends out of reach",
        feasible_if=_and([f"{system.name or system.id} offered {_or(need)}" for system, need in unreached]),
        of=tuple(system.cite("interfaces").id for system in case.needs.systems),
    )


def _applicable(case: ConstraintCase) -> ConstraintCheck:
    """Files (also for bulk data) and facades are for systems known to lack an API, a connector for a pair known to ship it."""
    name = "applicability"
    if case.style == NATIVE:
        return _native(case)
    if case.style not in ("file-exchange", "api-facade"):
        return ConstraintCheck(constraint=name, passed=True, reason="for any pair of systems")
    files = case.style == "file-exchange"
    if files and case.needs.integration.interaction == "bulk":
        return ConstraintCheck(constraint=name, passed=True, reason="bulk data may move as files")
    passed = case.needs.interfaces is not None and not all(offers & API for offers in case.needs.interfaces)
    lack = (
        "it were stated that one of the systems has no API"
        if case.needs.interfaces is None
        else "one of the systems lost its API"
    )
    known = (
        "both systems have an API"
        if case.needs.interfaces is not None
        else "no system is known to lack an API"
    )
    return ConstraintCheck(
        constraint=name,
        passed=passed,
        reason="a system has no API" if passed else f"{known}: this way is for those without",
        feasible_if="" if passed else lack + (" or the interaction became bulk" if files else ""),
    )


def _native(case: ConstraintCase) -> ConstraintCheck:
    item, reason, remedy = case.needs.integration, "", ""
    if not item.native_connector and item.style_today != NATIVE:
        reason, remedy = "no native connector is stated", "one system shipped a connector to the other"
    elif (item.consumers or 1) > 1:
        reason, remedy = "a native connector serves two systems, here are more", "each had a connector"
    return ConstraintCheck(
        constraint="applicability",
        passed=not reason,
        reason=reason or "one system ships a connector to the other",
        feasible_if=remedy,
        of=(item.cite("native_connector").id,),
    )


def _residency(case: ConstraintCase) -> ConstraintCheck:
    engagement = case.needs.engagement
    allowed = {region.upper() for region in engagement.constraints.residency}
    bound = {system.residency.upper(): system for system in case.needs.systems or () if system.residency}
    if case.style not in PLATFORM or not (allowed or bound):
        return ConstraintCheck(
            constraint="data residency",
            passed=True,
            reason="runs where the client puts it" if case.style not in PLATFORM else "no residency demanded",
        )
    offered = {
        r.upper(): a.likely >= 0.5
        for r, a in engagement.assumptions.under(f"framework.region.{case.style}").items()
    }
    for region, parts in WITHIN.items():
        if offered.get(region):
            offered = dict.fromkeys(sorted(parts), True) | offered
    verdicts = {region: offered.get(region) for region in sorted(bound)}
    if allowed:
        verdicts[" or ".join(sorted(allowed))] = _any([offered.get(region) for region in sorted(allowed)])
    return _listed("data residency", case.style, "a runtime in", verdicts, _residency_sources(case))


def _residency_sources(case: ConstraintCase) -> tuple[str, ...]:
    rule = (
        (case.needs.engagement.constraints.cite("residency").id,)
        if case.needs.engagement.constraints.residency
        else ()
    )
    return rule + tuple(
        system.cite("residency").id for system in case.needs.systems or () if system.residency
    )


def _certification(case: ConstraintCase) -> ConstraintCheck:
    demanded = case.needs.engagement.constraints.certifications
    if case.style not in PLATFORM or not demanded:
        return ConstraintCheck(
            constraint="certification",
            passed=True,
            reason="no certification of a platform demanded"
            if not demanded
            else "covered by the client's own",
        )
    entries = case.needs.engagement.assumptions.under(f"framework.certified.{case.style}")
    held = {_plain(name): entry.likely >= 0.5 for name, entry in entries.items()}
    verdicts = {name: held.get(_plain(name)) for name in demanded}
    return _listed(
        "certification",
        case.style,
        "",
        verdicts,
        (case.needs.engagement.constraints.cite("certifications").id,),
    )


def _listed(
    name: str, style: Style, what: str, verdicts: dict[str, bool | None], of: tuple[str, ...]
) -> ConstraintCheck:
    """Hold a list of demands against what is known to be offered; unknown is untested, not passed."""
    lacking = [f"{what} {key}".strip() for key, held in verdicts.items() if held is False]
    unknown = [f"{what} {key}".strip() for key, held in verdicts.items() if held is None]
    passed = False if lacking else None if unknown else True
    way = STYLE_PLAIN[style]
    reason = f"{_and([f'{what} {key}'.strip() for key in verdicts])} can be had with {way}"
    if lacking:
        reason = f"{_and(lacking)} cannot be had with {way}"
    elif unknown:
        reason = f"whether {_and(unknown)} can be had with {way} is not known"
    return ConstraintCheck(
        constraint=name,
        passed=passed,
        reason=reason,
        feasible_if=""
        if passed
        else f"the vendor offered {_and([*lacking, *unknown])}, or runs in the client's own network",
        slack=float(-len(lacking)) if passed is not None else None,
        unit="demands not met",
        of=of,
    )


def _load(case: ConstraintCase) -> ConstraintCheck:
    """P(latency floor <= need and peak <= capacity) >= confidence; a part that fails alone excludes."""
    need = case.needs.integration.latency_seconds
    confidence = case.needs.engagement.assumptions["framework.confidence"].likely
    fast, strong = case.chances
    known = (1.0 if fast is None else fast) * (1.0 if strong is None else strong)
    unstated = [name for name, p in (("latency need", fast), ("peak or volume", strong)) if p is None]
    passed = False if known < confidence else None if unstated else True
    if passed is False and need is not None and case.asked:
        started = chance_below(
            case.needs.engagement.assumptions["framework.latency_floor.ipaas-triggered"], need
        )
        if started * (1.0 if strong is None else strong) >= confidence:
            passed, unstated = None, [*unstated, "the interaction"]
    return ConstraintCheck(
        constraint=LOAD,
        passed=passed,
        reason=_load_reason(case, fast, strong, unstated),
        slack=known - confidence if passed is not None else None,
        unit="probability",
        feasible_if=_load_remedy(case, confidence, fast, strong, passed),
        of=_load_sources(case),
    )


def _load_reason(case: ConstraintCase, fast: float | None, strong: float | None, unstated: list[str]) -> str:
    parts = []
    if fast is not None:
        parts.append(
            f"arrives within {duration(case.needs.integration.latency_seconds or 0)} in {_cases(fast)} of cases"
        )
    if strong is not None:
        parts.append(f"carries the peak in {_cases(strong)} of cases")
    return ", ".join(parts + [f"{name} not stated" for name in unstated])


def _cases(chance: float) -> str:
    """Write a chance in whole percents, rounded down so that what misses a limit is never written as reaching it."""
    return f"{int(100 * chance + 1e-9)}%"


def _load_remedy(
    case: ConstraintCase, confidence: float, fast: float | None, strong: float | None, passed: bool | None
) -> str:
    if passed:
        return ""
    remedies = []
    if fast is None or fast < confidence:
        remedies.append(f"the latency need were {duration(quantile(case.floor, confidence))} or more")
    if strong is None or strong < confidence:
        remedies.append(f"the peak were {quantile(case.capacity, 1 - confidence):,.4g} messages/s or less")
    if not remedies:
        remedies.append("latency need and capacity each had more reserve")
    return _and(remedies)


def _load_sources(case: ConstraintCase) -> tuple[str, ...]:
    said = (
        ()
        if case.needs.integration.latency_seconds is None
        else (case.needs.integration.cite("latency_seconds").id,)
    )
    used = (case.floor, case.capacity, *case.needs.peak)
    return said + tuple(estimate.source.id for estimate in used if estimate.source)


def _any(verdicts: list[bool | None]) -> bool | None:
    return True if True in verdicts else None if None in verdicts else False


def _plain(name: str) -> str:
    return "".join(c for c in name.upper() if c.isalnum())


def _or(interfaces: frozenset[Interface]) -> str:
    """Name interfaces, all kinds of API together as one."""
    apis = ["an API"] if interfaces >= API else sorted(interfaces & API)
    return " or ".join([*apis, *sorted(interfaces - API)])


def _and(parts: list[str]) -> str:
    return " and ".join(parts)
