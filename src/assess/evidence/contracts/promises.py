"""What contracts promise against what integrations need, and against what was measured."""

from __future__ import annotations

from collections.abc import Iterable

from assess.evidence.operations import Operations, shown
from assess.intake.engagement import Integration

from .contract import Contract, ServiceLevel
from .result import Promise


def promises(
    contracts: Iterable[Contract], integrations: Iterable[Integration], operations: Operations | None
) -> tuple[Promise, ...]:
    """Return what is promised to or needed by each integration, and whether it is shown to be kept.

    A contract's service level is judged where it names a latency; an integration whose contract names none is
    judged by its own row: the latency that it needs at its peak.

    Parameters
    ----------
    operations
        What the run logs show; None where they were not measured.
    """
    known = {contract.path: contract for contract in contracts}
    found: list[Promise] = []
    for integration in integrations:
        contract = known.get(integration.contract)
        stated = [level for level in contract.levels if level.latency_seconds] if contract else []
        needed = need(integration)
        if stated:
            found += [_judged(integration, contract, level, operations) for level in stated]
        elif needed:
            found.append(_judged(integration, None, needed, operations))
    return tuple(found)


def need(integration: Integration) -> ServiceLevel | None:
    """Return what an integration's row asks for, None where it names no latency."""
    if not integration.latency_seconds:
        return None
    sources = (integration.said("latency_seconds"), integration.said("peak_per_second"))
    return ServiceLevel(
        latency_seconds=integration.latency_seconds,
        throughput_per_second=integration.peak_per_second or None,
        owner=integration.owner,
        sources=sources,
    )


def _judged(
    integration: Integration, contract: Contract | None, level: ServiceLevel, operations: Operations | None
) -> Promise:
    traffic = operations.of(integration.id) if operations else None
    latency = level.latency_seconds or 0.0
    result = shown(latency, level.throughput_per_second, traffic, share=level.quantile or 0.95)
    return Promise(
        integration=integration.id,
        contract=contract.path if contract else "",
        level=level,
        verdict=result.verdict,
        share=result.share,
        runs=result.runs,
        load_seen=result.load_seen,
        reason=result.reason,
    )
