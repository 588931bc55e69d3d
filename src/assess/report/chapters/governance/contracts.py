"""The tables of chapter 6 about contracts: their state, what breaks between versions, what is promised."""

from __future__ import annotations

from assess.core.source import Source
from assess.evidence.contracts import Change, Contract, Contracts, Promise, ServiceLevel
from assess.intake.engagement import Engagement
from assess.report.tables import Cell, Column, DataTable

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
    return DataTable(
        id="contracts",
        caption="The contracts: whether their format allows them, and what they promise",
        columns=(
            Column(key="contract", label="Contract"),
            Column(key="format", label="Format"),
            Column(key="state", label="State", format="state"),
            Column(key="errors", label="Errors", format="number", digits=0),
            Column(key="warnings", label="Warnings", format="number", digits=0),
            Column(key="level", label="Service level"),
            Column(key="used", label="Integrations", format="number", digits=0),
        ),
        rows=tuple(
            (
                Cell(
                    value=item.title or item.path,
                    note=item.path if item.title else "",
                    sources=(item.source().id,),
                ),
                Cell(value=f"{item.kind} {item.format_version}".strip()),
                Cell(value=STATES[item.state], note=item.state),
                Cell(
                    value=item.count("error") if item.state != "not assessable" else None,
                    sources=(item.source().id,),
                ),
                Cell(
                    value=item.count("warning") if item.state != "not assessable" else None,
                    sources=(item.source().id,),
                ),
                Cell(value=item.reason or "; ".join(map(_level, item.levels)) or "none stated"),
                Cell(value=len(item.integrations), sources=(item.source().id,)),
            )
            for item in shown
        ),
        sources=tuple(item.source() for item in shown),
        total=len(contracts) if len(contracts) > len(shown) else None,
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


def _changes(changes: list[Change]) -> DataTable:
    shown = changes[:ROWS]
    places = [Source(kind="input", place=change.path, row=change.line or 1) for change in shown]
    return DataTable(
        id="breaking-changes",
        caption="What breaks between versions, with a payload that one accepts and the other rejects",
        columns=(
            Column(key="change", label="Change"),
            Column(key="hits", label="Hits"),
            Column(key="certainty", label="Certainty"),
            Column(key="payload", label="Payload", format="code"),
            Column(key="place", label="Place"),
        ),
        rows=tuple(
            (
                Cell(value=change.message, sources=(place.id,)),
                Cell(value=SIDES[change.side]),
                Cell(value=change.certainty, note=change.reason),
                Cell(value=change.payload[:PAYLOAD] or None),
                Cell(
                    value=f"{change.path}:{change.line}" if change.line else change.path, sources=(place.id,)
                ),
            )
            for change, place in zip(shown, places, strict=True)
        ),
        sources=tuple({place.id: place for place in places}.values()),
        total=len(changes) if len(changes) > len(shown) else None,
    )


def _promises(engagement: Engagement, promises: list[Promise]) -> DataTable:
    order = ("broken", "not shown", "shown")
    shown = sorted(promises, key=lambda promise: (order.index(promise.verdict), not promise.contract))[:ROWS]
    known = {integration.id: integration.label for integration in engagement.integrations}
    sources = {source.id: source for promise in shown for source in _sources(promise)}
    return DataTable(
        id="promises",
        caption="What is promised or needed, and what the run logs show",
        columns=(
            Column(key="integration", label="Integration"),
            Column(key="level", label="Level"),
            Column(key="by", label="Said by"),
            Column(key="verdict", label="Verdict", format="state"),
            Column(key="share", label="In time", format="share"),
            Column(key="reason", label="Reason"),
        ),
        rows=tuple(
            (
                Cell(value=known.get(promise.integration, promise.integration)),
                Cell(value=_level(promise.level), sources=tuple(s.id for s in promise.level.sources)),
                Cell(value=promise.contract or "the integration's need"),
                Cell(value=VERDICTS[promise.verdict], note=promise.verdict),
                Cell(
                    value=promise.share.likely if promise.share else None,
                    low=promise.share.low if promise.share else None,
                    high=promise.share.high if promise.share else None,
                    sources=tuple(source.id for source in _sources(promise)),
                ),
                Cell(value=promise.reason),
            )
            for promise in shown
        ),
        sources=tuple(sources.values()),
        total=len(promises) if len(promises) > len(shown) else None,
    )


def _sources(promise: Promise) -> tuple[Source, ...]:
    share = promise.share.source if promise.share else None
    return (*promise.level.sources, *((share,) if share else ()))
