"""What rules can ask of a contract."""

from __future__ import annotations

from typing import Any

from assess.evidence.contracts import Contract, ServiceLevel

NO_SCHEMA = ("asyncapi-message-payload",)
"""Rules of `assess.evidence.contracts` that say of a message that it has no schema."""


def fields_of(contract: Contract) -> dict[str, Any]:
    """Return what rules can ask of a contract."""
    found: dict[str, Any] = {"file": contract.path, "kind": contract.kind, "state": contract.state}
    if contract.version:
        found["version"] = contract.version
    if contract.state != "not assessable":
        undated = [part for part in contract.deprecations if part.until is None]
        found["deprecations_without_date"] = len(undated)
        if contract.messages:
            found["messages_without_schema"] = sum(issue.rule in NO_SCHEMA for issue in contract.issues)
    return found


def level_of(levels: tuple[ServiceLevel, ...]) -> str:
    """Say in words what a contract promises; empty where it names no number."""
    parts = []
    for level in levels:
        if level.latency_seconds is not None:
            parts.append(f"{level.latency_seconds:g} s")
        if level.throughput_per_second is not None:
            parts.append(f"{level.throughput_per_second:g}/s")
        if level.availability is not None:
            parts.append(f"{level.availability:.4g} available")
    return ", ".join(parts)
