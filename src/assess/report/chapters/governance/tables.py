"""The tables and sentences of chapter 6: rules, contracts and what breaks between versions, and the stack."""

from __future__ import annotations

from collections.abc import Mapping

from assess.core.finding import SEVERITIES
from assess.core.source import Fact, Source
from assess.evidence.contracts import Contract, ContractChange, Contracts, ServiceLevel
from assess.evidence.policy import Policy, RuleResult
from assess.evidence.stack import Stack, State
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import STYLE_NAMES
from assess.report.prose import cited, concise, count, lower_first
from assess.report.tables import ColumnSpec, DataTable

NAMED = 3


def verdict(policy: Policy) -> str:
    """Answer in one sentence: how many rules hold everywhere, and which has the most gaps."""
    judged = [rule for rule in policy.rules if rule.judged]
    met = sum(rule.state == "pass" for rule in judged)
    if met == len(judged):
        return f"{count(met, 'rule')}, and {'it holds' if met == 1 else 'all hold'} everywhere"
    holds = f"Of {count(len(judged), 'rule')}, {met or 'none'} {'holds' if met < 2 else 'hold'} everywhere"
    top = by_gaps(policy)[0]
    kept = f"{top.passed:,} of {top.judged:,}" if top.passed else f"none of {top.judged:,}"
    return holds if untold(top) else concise(f"{holds}; “{top.title}” holds for {kept}", holds)


def untold(rule: RuleResult) -> bool:
    """Whether nobody can tell of anything that a rule concerns if it holds."""
    return rule.unclear == rule.judged


def lead(facts: Mapping[str, Fact]) -> tuple[str, ...]:
    """Say how many gaps there are, which versions break whom, what is not written down, and what is paid for nothing."""
    failed, unclear = facts.get("policy.failed"), facts.get("policy.unclear")
    said = []
    if failed is not None:
        more = (
            f"; in {cited(unclear)} more {'case' if unclear.value == 1 else 'cases'} nobody can tell"
            if unclear and unclear.value
            else ""
        )
        words = count(int(failed.value or 0), "gap")
        said.append(f"The rules have {cited(failed, words)}{more}.")
    breaking = facts.get("contracts.breaking")
    if breaking is not None and isinstance(breaking.value, int) and breaking.value:
        said.append(
            f"Of the new versions of contracts, {cited(breaking)} {'breaks' if breaking.value == 1 else 'break'} those who use "
            "the old one."
        )
    declared = facts.get("catalog.declared")
    if declared is not None and declared.value != 1:
        said.append(f"The catalog knows {cited(declared)} of the integrations between known systems.")
    unused = facts.get("stack.unused")
    if unused is not None and unused.value:
        said.append(f"For products that nobody uses, {cited(unused)} is paid.")
    return tuple(said)


def by_gaps(policy: Policy) -> list[RuleResult]:
    """Return the rules that are not met, those with the most gaps first."""
    broken = [rule for rule in policy.rules if rule.failed or rule.unclear]
    return sorted(
        broken, key=lambda rule: (-rule.failed - rule.unclear, SEVERITIES.index(rule.severity), rule.id)
    )


def turns(policy: Policy) -> tuple[str, ...]:
    """Say what would change the answer: what is closest to being met, and what can't be judged."""
    near = sorted(
        (rule for rule in policy.rules if rule.passed and rule.failed + rule.unclear),
        key=lambda rule: ((rule.failed + rule.unclear) / rule.judged, rule.id),
    )
    said = [
        f"“{rule.title}” is met after {count(rule.failed + rule.unclear, 'repair')}: {lower_first(rule.fix)}"
        for rule in near[:NAMED]
    ]
    odd = [remark for rule in policy.rules for remark in rule.remarks]
    return (*said, *(f"A rule of the client may be misspelt: {remark}." for remark in odd[:NAMED]))


ROWS = 40
"""Rows of a table on the page; `assess check` lists all."""


def fixes(policy: Policy) -> tuple[DataTable, ...]:
    """Show what closes the gaps of each rule that is not met, the most gaps first; none where all are met."""
    broken = by_gaps(policy)
    if not broken:
        return ()
    return (
        DataTable.of(
            broken,
            (
                ColumnSpec(
                    "fix",
                    "What to do",
                    lambda rule: rule.fix,
                    note=lambda rule: "; ".join(rule.remarks),
                ),
                ColumnSpec("closes", "Closes", lambda rule: rule.failed + rule.unclear, "count"),
                ColumnSpec(
                    "severity",
                    "Severity",
                    lambda rule: rule.severity,
                    "state",
                    note=lambda rule: rule.severity,
                ),
            ),
            id="fixes",
            caption="What closes the gaps, those of most gaps first",
            trace=lambda rule: rule.source,
        ),
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
SIDES = {
    "request": "who sends", "response": "who receives", "backward": "new readers of old data",
    "forward": "old readers of new data",
}  # fmt: skip


def contract_tables(contracts: Contracts) -> tuple[DataTable, ...]:
    """Return the tables that have a row."""
    changes = [change for item in contracts.comparisons for change in item.changes]
    return (
        *((_contracts(contracts.contracts),) if contracts.contracts else ()),
        *((_changes(changes),) if changes else ()),
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
                lambda item: item.reason or "; ".join(map(service_level, item.levels)) or "none stated",
            ),
            ColumnSpec("used", "Integrations", lambda item: len(item.integrations), "count"),
        ),
        id="contracts",
        caption="The contracts: whether their format allows them, and what they promise",
        trace=lambda item: item.source(),
        total=len(contracts),
    )


def service_level(level: ServiceLevel) -> str:
    """Say a service level in words.

    >>> service_level(ServiceLevel(latency_seconds=2, quantile=0.95, throughput_per_second=100, availability=0.995))
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
