"""The tables and sentences of chapter 6: rules, contracts and what breaks between versions, and the stack."""

from __future__ import annotations

from assess.core.finding import SEVERITIES
from assess.core.source import Source
from assess.evidence.contracts import Contract, ContractChange, Contracts, Promise, ServiceLevel
from assess.evidence.policy import Policy, RuleResult
from assess.evidence.stack import Stack, State
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import STYLE_NAMES
from assess.report.prose import and_list, count
from assess.report.tables import ColumnSpec, DataTable

RULE_SIGNS = {"pass": "good", "fail": "bad", "not evaluable": "unknown", "not assessed": "unknown"}
"""Words of the state column for the state of a rule."""

RULE_STATES = {"pass": "met", "fail": "not met"}
"""How a state is called in a table; the others are called what they are."""

NAMED = 3


def verdict(policy: Policy) -> str:
    """Answer in two sentences: how many rules hold, and where most is missing."""
    judged = [rule for rule in policy.rules if rule.judged]
    met = [rule for rule in judged if rule.state == "pass"]
    text = f"[{len(met)} of {count(len(judged), 'rule')}](policy.met) {'is' if len(met) == 1 else 'are'} met everywhere"
    broken = worst(policy)
    if not broken:
        return text + "."
    failed = [f"“{rule.title}” ({rule.failed} of {rule.judged} not)" for rule in broken if rule.failed]
    unclear = [f"“{rule.title}” ({rule.unclear} of {rule.judged})" for rule in broken if not rule.failed]
    if failed:
        text += f". Most is missing at {and_list(failed[:NAMED])}"
    if unclear:
        text += f". Nobody can tell yet: {and_list(unclear[:NAMED])}"
    return text + "."


def worst(policy: Policy) -> list[RuleResult]:
    """Return the rules that are not met, the most severe and most often broken first."""
    broken = [rule for rule in policy.rules if rule.failed or rule.unclear]
    return sorted(
        broken, key=lambda rule: (SEVERITIES.index(rule.severity), -rule.failed - rule.unclear, rule.id)
    )


def turns(policy: Policy) -> tuple[str, ...]:
    """Say what would change the answer: what is closest to being met, and what can't be judged."""
    near = sorted(
        (rule for rule in policy.rules if rule.passed and rule.failed + rule.unclear),
        key=lambda rule: ((rule.failed + rule.unclear) / rule.judged, rule.id),
    )
    said = [
        f"“{rule.title}” is met after {count(rule.failed + rule.unclear, 'repair')}: {_lowered(rule.fix)}"
        for rule in near[:NAMED]
    ]
    odd = [remark for rule in policy.rules for remark in rule.remarks]
    return (*said, *(f"A rule of the client may be misspelt: {remark}." for remark in odd[:NAMED]))


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


ROWS = 40
"""Rows of a table on the page; `assess check` lists all."""


def rules(policy: Policy) -> DataTable:
    """Show every rule with its state, why it is there and how to meet it."""
    return DataTable.of(
        policy.rules,
        (
            ColumnSpec("rule", "Rule", lambda rule: rule.title, note=lambda rule: rule.rationale),
            ColumnSpec("severity", "Severity", lambda rule: rule.severity, "state"),
            ColumnSpec(
                "state",
                "State",
                lambda rule: RULE_SIGNS.get(rule.state, rule.state),
                "state",
                note=lambda rule: RULE_STATES.get(rule.state, rule.state),
            ),
            ColumnSpec("judged", "Judged", lambda rule: rule.judged, "count"),
            ColumnSpec(
                "gaps", "Not met", lambda rule: rule.failed + rule.unclear if rule.judged else None, "count"
            ),
            ColumnSpec("fix", "What to do", lambda rule: rule.fix, note=lambda rule: "; ".join(rule.remarks)),
        ),
        id="rules",
        caption="The rules: whether they are met, why they are there, and what to do",
        trace=lambda rule: rule.source,
    )


def failures(policy: Policy) -> tuple[DataTable, ...]:
    """Show what does not pass, the most severe first, each with its place."""
    found = sorted(policy.outcomes, key=lambda outcome: SEVERITIES.index(outcome.severity))
    if not found:
        return ()
    shown = found[:ROWS]
    titles = {rule.id: rule.title for rule in policy.rules}
    return (
        DataTable.of(
            shown,
            (
                ColumnSpec(
                    "subject",
                    "Subject and place",
                    lambda item: f"{item.kind} {item.subject}".strip() or "the file",
                    note=lambda item: (
                        f"{item.source.place}:{item.source.row}" if item.source.row else item.source.place
                    ),
                    trace=lambda item: item.source,
                ),
                ColumnSpec("rule", "Rule", lambda item: titles[item.rule]),
                ColumnSpec("severity", "Severity", lambda item: item.severity, "state"),
                ColumnSpec(
                    "reason",
                    "Reason",
                    lambda item: f"{item.field} {item.reason}".strip(),
                    note=lambda item: "" if item.state == "fail" else item.state,
                ),
            ),
            id="policy-failures",
            caption="What does not pass, with its place",
            total=len(found),
        ),
    )


CONTRACT_ROWS = 60
PAYLOAD = 400
"""Signs of a payload on the page; results.json has it all."""
CONTRACT_STATES = {"valid": "good", "registered": "unknown", "invalid": "bad", "not assessable": "unknown"}
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
    shown = sorted(
        contracts, key=lambda item: ("invalid", "not assessable", "registered", "valid").index(item.state)
    )[:CONTRACT_ROWS]
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
                "state",
                "State",
                lambda item: CONTRACT_STATES[item.state],
                "state",
                note=lambda item: item.state,
            ),
            ColumnSpec(
                "errors",
                "Errors",
                lambda item: item.count("error") if item.state != "not assessable" else None,
                "count",
            ),
            ColumnSpec(
                "warnings",
                "Warnings",
                lambda item: item.count("warning") if item.state != "not assessable" else None,
                "count",
            ),
            ColumnSpec(
                "level",
                "Service level",
                lambda item: item.reason or "; ".join(map(_level, item.levels)) or "none stated",
            ),
            ColumnSpec("used", "Integrations", lambda item: len(item.integrations), "count"),
        ),
        id="contracts",
        caption="The contracts: whether their format allows them, and what they promise",
        trace=lambda item: item.source(),
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
    shown = changes[:CONTRACT_ROWS]
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
        total=len(changes),
    )


def _promises(engagement: Engagement, promises: list[Promise]) -> DataTable:
    order = ("broken", "not shown", "shown")
    shown = sorted(promises, key=lambda promise: (order.index(promise.verdict), not promise.contract))[
        :CONTRACT_ROWS
    ]
    known = {integration.id: integration.label for integration in engagement.integrations}
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
        total=len(promises),
    )


def _sources(promise: Promise) -> tuple[Source, ...]:
    share = promise.share.source if promise.share else None
    return (*promise.level.sources, *((share,) if share else ()))


PART_SIGNS: dict[State, tuple[str, str]] = {
    "in-use": ("good", "in use"),
    "brought": ("good", "comes with another product"),
    "planned": ("partial", "planned"),
    "unused": ("bad", "paid for, unused"),
    "missing": ("bad", "missing"),
    "not-needed": ("info", "not needed"),
    "unknown": ("unknown", "not assessed"),
}
"""Of each state the sign that is shown, and its words."""


def stack_table(engagement: Engagement, stack: Stack) -> tuple[DataTable, ...]:
    """Show every part of the stack; none before a style is chosen or a product is named."""
    if not stack.styles and not stack.assessed:
        return ()
    names = {product.id: product.product for product in engagement.stack}
    return (
        DataTable.of(
            stack.parts,
            (
                ColumnSpec("part", "Part", lambda part: part.label, note=lambda part: part.does),
                ColumnSpec(
                    "state",
                    "State",
                    lambda part: PART_SIGNS[part.state][0],
                    "state",
                    note=lambda part: PART_SIGNS[part.state][1],
                ),
                ColumnSpec(
                    "needed",
                    "Needed by",
                    lambda part: ", ".join(STYLE_NAMES[style] for style in part.required_by),
                    note=lambda part: (
                        f"helpful for {', '.join(STYLE_NAMES[style] for style in part.helpful_for)}"
                        if part.helpful_for
                        else ""
                    ),
                    trace=lambda part: tuple(s for s in part.sources if s.kind == "assumption"),
                ),
                ColumnSpec(
                    "products",
                    "Products",
                    lambda part: "; ".join(names[id] for id in part.products),
                    note=lambda part: (
                        f"such as {', '.join(part.examples)}"
                        if part.examples and not part.products and part.required_by
                        else ""
                    ),
                    trace=lambda part: tuple(s for s in part.sources if s.kind == "input"),
                ),
                ColumnSpec(
                    "cost",
                    "Paid a year",
                    lambda part: part.cost_per_year,
                    "money",
                    unit=engagement.currency,
                ),
            ),
            id="stack",
            caption="The integration stack: what the chosen styles need, and what is there",
        ),
    )
