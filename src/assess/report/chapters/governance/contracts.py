"""The tables of chapter 6 about contracts: their state, what breaks between versions, what is promised."""

from __future__ import annotations

from assess.core.source import Source
from assess.evidence.contracts import Contract, ContractChange, Contracts, Promise, ServiceLevel
from assess.intake.engagement import Engagement
from assess.report.tables import ColumnSpec, DataTable

ROWS = 60
PAYLOAD = 400
"""Signs of a payload on the page; results.json has it all."""
STATES = {"valid": "good", "invalid": "bad", "not assessable": "unknown"}
VERDICTS = {"shown": "good", "broken": "bad", "not shown": "unknown"}
SIDES = {
    "request": "who sends", "response": "who receives", "backward": "new readers of old data",
    "forward": "old readers of new data",
}  # fmt: skip


def contract_tables(engagement: Engagement, contracts: Contracts) -> tuple[DataTable, ...]:
    """Return the tables that have a row."""
    changes = [change for item in contracts.comparisons for change in item.changes]
    promised = [promise for promise in contracts.promises if promise.contract or promise.runs]
    return (
        *((_contracts(contracts.contracts),) if contracts.contracts else ()),
        *((_changes(changes),) if changes else ()),
        *((_promises(engagement, promised),) if promised else ()),
    )


def _contracts(contracts: tuple[Contract, ...]) -> DataTable:
    shown = sorted(contracts, key=lambda item: ("invalid", "not assessable", "valid").index(item.state))[
        :ROWS
    ]
    return DataTable.of(
        shown,
        (
            ColumnSpec(
                "contract",
                "Contract",
                lambda item: item.title or item.path,
                note=lambda item: item.path if item.title else "",
                trace=lambda item: item.source(),
            ),
            ColumnSpec("format", "Format", lambda item: f"{item.kind} {item.format_version}".strip()),
            ColumnSpec(
                "state", "State", lambda item: STATES[item.state], "state", note=lambda item: item.state
            ),
            ColumnSpec(
                "errors",
                "Errors",
                lambda item: item.count("error") if item.state != "not assessable" else None,
                "count",
                trace=lambda item: item.source(),
            ),
            ColumnSpec(
                "warnings",
                "Warnings",
                lambda item: item.count("warning") if item.state != "not assessable" else None,
                "count",
                trace=lambda item: item.source(),
            ),
            ColumnSpec(
                "level",
                "Service level",
                lambda item: item.reason or "; ".join(map(_level, item.levels)) or "none stated",
            ),
            ColumnSpec(
                "used",
                "Integrations",
                lambda item: len(item.integrations),
                "count",
                trace=lambda item: item.source(),
            ),
        ),
        id="contracts",
        caption="The contracts: whether their format allows them, and what they promise",
        sources=tuple(item.source() for item in shown),
        total=len(contracts),
    )


def _level(level: ServiceLevel) -> str:
    """Say a service level in words.

    >>> _level(ServiceLevel(latency_seconds=2, quantile=0.95, throughput_per_second=100, availability=0.995))
    '95% within 2 s at 100/s, 99.5% available'
    """
    latency = f"within {level.latency_seconds:g} s" if level.latency_seconds else ""
    share = f"{level.quantile * 100:g}% " if latency and level.quantile else ""
    load = f"at {level.throughput_per_second:g}/s" if level.throughput_per_second else ""
    speed = f"{share}{latency} {load}".strip()
    more = f"{level.availability * 100:g}% available" if level.availability else ""
    return ", ".join(part for part in (speed, more) if part) or (
        f"owner {level.owner}" if level.owner else ""
    )


def _changes(changes: list[ContractChange]) -> DataTable:
    shown = changes[:ROWS]
    places = [Source(kind="input", place=change.path, row=change.line or 1) for change in shown]
    return DataTable.of(
        zip(shown, places, strict=True),
        (
            ColumnSpec("change", "Change", lambda row: row[0].message, trace=lambda row: row[1]),
            ColumnSpec("hits", "Hits", lambda row: SIDES[row[0].side]),
            ColumnSpec(
                "certainty", "Certainty", lambda row: row[0].certainty, note=lambda row: row[0].reason
            ),
            ColumnSpec("payload", "Payload", lambda row: row[0].payload[:PAYLOAD] or None, "code"),
            ColumnSpec(
                "place",
                "Place",
                lambda row: f"{row[0].path}:{row[0].line}" if row[0].line else row[0].path,
                trace=lambda row: row[1],
            ),
        ),
        id="breaking-changes",
        caption="What breaks between versions, with a payload that one accepts and the other rejects",
        sources=tuple({place.id: place for place in places}.values()),
        total=len(changes),
    )


def _promises(engagement: Engagement, promises: list[Promise]) -> DataTable:
    order = ("broken", "not shown", "shown")
    shown = sorted(promises, key=lambda promise: (order.index(promise.verdict), not promise.contract))[:ROWS]
    known = {integration.id: integration.label for integration in engagement.integrations}
    sources = {source.id: source for promise in shown for source in _sources(promise)}
    return DataTable.of(
        shown,
        (
            ColumnSpec(
                "integration",
                "Integration",
                lambda promise: known.get(promise.integration, promise.integration),
            ),
            ColumnSpec(
                "level",
                "Level",
                lambda promise: _level(promise.level),
                trace=lambda promise: promise.level.sources,
            ),
            ColumnSpec("by", "Said by", lambda promise: promise.contract or "the integration's need"),
            ColumnSpec(
                "verdict",
                "Verdict",
                lambda promise: VERDICTS[promise.verdict],
                "state",
                note=lambda promise: promise.verdict,
            ),
            ColumnSpec(
                "share",
                "In time",
                lambda promise: promise.share.likely if promise.share else None,
                "share",
                low=lambda promise: promise.share.low if promise.share else None,
                high=lambda promise: promise.share.high if promise.share else None,
                trace=lambda promise: _sources(promise),
            ),
            ColumnSpec("reason", "Reason", lambda promise: promise.reason),
        ),
        id="promises",
        caption="What is promised or needed, and what the run logs show",
        sources=tuple(sources.values()),
        total=len(promises),
    )


def _sources(promise: Promise) -> tuple[Source, ...]:
    share = promise.share.source if promise.share else None
    return (*promise.level.sources, *((share,) if share else ()))
