"""Chapter 6: contracts, catalog, policies and stack, and what is missing; its figures."""

from __future__ import annotations

from collections.abc import Mapping

from assess.decisions.assessment import Assessment
from assess.evidence.catalog import Catalog
from assess.evidence.operations import Operations
from assess.evidence.policy import Policy, RuleResult
from assess.intake.engagement import Engagement
from assess.report import charts
from assess.report.chapter import Chapter
from assess.report.charts.landscape_map import Sign, SystemNode, Wire, draw_landscape
from assess.report.figure import Figure
from assess.report.prose import count, resolve
from assess.report.tables import ColumnSpec, DataTable

from .tables import by_gaps, contract_tables, failures, fixes, lead, stack_table, turns, untold, verdict

DRAWN = 9
"""Rules that are drawn: those with the most gaps."""


def gaps(policy: Policy) -> tuple[Figure, ...]:
    """Draw the rules with the most gaps, each a bar of its subjects: missing, not to be told, met; none where all are met."""
    broken = by_gaps(policy)
    if not broken:
        return ()
    shown = broken[:DRAWN]
    top = shown[0]
    series = {
        "missing": [float(rule.failed) for rule in shown],
        "cannot be told": [float(rule.unclear) for rule in shown],
        "met": [float(rule.passed) for rule in shown],
    }
    return (
        Figure(
            id="policy-matrix",
            caption=_worst(top),
            alt="One bar a rule: the subjects that miss it, those of which it cannot be told, and those that meet it.",
            plot=charts.parts(
                [rule.title for rule in shown],
                series,
                [f"{rule.passed:,} of {rule.judged:,}" for rule in shown],
            ),
            table=DataTable.of(
                broken,
                (
                    ColumnSpec("rule", "Rule", lambda rule: rule.title),
                    ColumnSpec("failed", "Missing", lambda rule: rule.failed, "count"),
                    ColumnSpec("unclear", "Cannot be told", lambda rule: rule.unclear, "count"),
                    ColumnSpec("passed", "Met", lambda rule: rule.passed, "count"),
                ),
                id="policy-matrix-data",
                caption="Subjects of each rule that is not met everywhere",
                trace=lambda rule: rule.source,
            ),
        ),
    )


def _worst(rule: RuleResult) -> str:
    """Say of how many the rule with the most gaps holds, or of how many nobody can tell."""
    if untold(rule):
        return f"“{rule.title}”: nobody can tell for any of {rule.judged:,}; no rule has more gaps"
    return f"“{rule.title}” holds for {f'{rule.passed:,}' if rule.passed else 'none'} of {rule.judged:,}; no rule has more gaps"


MOST = 60
"""Systems that are drawn; of more, those with the most partners."""

ROWS = 200
"""Connections that the table behind the drawing lists."""

WORDS: dict[Sign, str] = {
    "plain": "",
    "full": "in the catalog",
    "hollow": "not in the catalog",
    "bar": "has fallen silent",
}


def landscape(assessment: Assessment) -> tuple[Figure, ...]:
    """Draw the systems and their connections; none where no two systems are connected."""
    engagement, catalog = assessment.stated, assessment.catalog
    tangle = catalog.tangle
    if tangle is None or tangle.pairs == 0:
        return ()
    signs = _signs(engagement, catalog, assessment.operations)
    partners: dict[str, set[str]] = {system.id: set() for system in engagement.systems}
    for row in engagement.integrations:
        if row.source != row.target:
            partners[row.source].add(row.target)
            partners[row.target].add(row.source)
    order = {system.id: n for n, system in enumerate(engagement.systems)}
    shown = sorted((id for id in partners if partners[id]), key=lambda id: (-len(partners[id]), order[id]))[
        :MOST
    ]
    known = catalog.binding.systems if catalog.assessed and catalog.binding else None
    nodes = [
        SystemNode(
            id=id,
            name=engagement.system(id).name or id,
            alarm=known is not None and id not in known,
            note="unknown" if known is not None and id not in known else "",
        )
        for id in shown
    ]
    wires = [Wire(row.source, row.target, signs[row.id]) for row in engagement.integrations]
    key = _key(set(signs.values()))
    caption = _caption(engagement, catalog, signs)
    return (
        Figure(
            id="landscape",
            caption=caption,
            alt=f"A line for each of {count(len(shown), 'system')}, the one with most partners first; from each a trunk to "
            f"every system that it sends to. {caption}",
            sketch=draw_landscape(nodes, wires, key),
            table=_link_table(engagement, signs),
        ),
    )


def _signs(engagement: Engagement, catalog: Catalog, operations: Operations) -> dict[str, Sign]:
    """Return the state of each integration: silent by the logs, else whether the catalog declares it."""
    declared = set(catalog.binding.declared) if catalog.assessed and catalog.binding else None
    signs: dict[str, Sign] = {}
    for row in engagement.integrations:
        traffic = operations.of(row.id)
        if traffic is not None and traffic.silent_days is not None:
            signs[row.id] = "bar"
        elif declared is None:
            signs[row.id] = "plain"
        else:
            signs[row.id] = "full" if row.id in declared else "hollow"
    return signs


def _caption(engagement: Engagement, catalog: Catalog, signs: Mapping[str, Sign]) -> str:
    """Say how densely the systems are connected, and count the connections as they are drawn."""
    tangle = catalog.tangle
    assert tangle is not None
    possible = tangle.systems * (tangle.systems - 1) // 2
    busiest, partners = tangle.busiest
    text = (
        f"{tangle.pairs} of {possible} possible pairs of systems are connected; "
        f"“{engagement.system(busiest).name or busiest}” with {count(partners, 'other')}"
    )
    for sign in ("hollow", "bar"):
        if number := sum(held == sign for held in signs.values()):
            said = WORDS[sign] if sign == "bar" else f"is {WORDS[sign]}"
            said = said if number == 1 else said.replace("has", "have", 1).replace("is", "are", 1)
            text += f"; {count(number, 'integration')} {said}"
    return text


def _key(used: set[Sign]) -> str:
    names: dict[Sign, str] = {"full": "Filled", "hollow": "Hollow", "bar": "Bar"}
    said = [f"{name}: {WORDS[sign]}" for sign, name in names.items() if sign in used]
    return "; ".join(said) + "." if said else ""


def _link_table(engagement: Engagement, signs: dict[str, Sign]) -> DataTable:
    rows = engagement.integrations[:ROWS]
    return DataTable.of(
        rows,
        (
            ColumnSpec("source", "From", lambda row: row.source),
            ColumnSpec("target", "To", lambda row: row.target),
            ColumnSpec("integration", "Integration", lambda row: row.label, trace=lambda row: row.origin),
            ColumnSpec("state", "State", lambda row: WORDS[signs[row.id]] or "not assessed"),
        ),
        id="landscape-data",
        caption="The connections",
    )


def governance(assessment: Assessment) -> Chapter:
    """Say which rules hold, which contracts can be relied on, and what nobody has written down."""
    policy, catalog, stack = assessment.policy, assessment.catalog, assessment.stack
    contracts = assessment.contracts
    shell = Chapter(
        number=6,
        key="governance",
        title="Rules",
        question="Which rules and contracts are missing?",
        state="not_assessed",
        missing=(*policy.missing, *stack.missing),
    )
    if not policy.assessed:
        return shell.model_copy(update={"findings": policy.findings})
    facts = tuple(
        fact
        for fact in (*policy.facts, *contracts.facts, *catalog.facts, *stack.facts)
        if fact.value is not None
    )
    drawn, closing = gaps(policy), fixes(policy)
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(policy),
            "lead": lead({fact.id: fact for fact in facts}),
            "shown": (*(figure.id for figure in drawn), *(table.id for table in closing)),
            "subject": ", ".join(
                count(number, kind.lower() if kind != "API" else kind, _plural(kind))
                for kind, number in policy.subjects.items()
            ),
            "facts": facts,
            "figures": (*drawn, *landscape(assessment)),
            "tables": (
                *closing,
                *failures(policy),
                *contract_tables(contracts),
                *stack_table(assessment.stated, stack),
            ),
            "findings": (*policy.findings, *contracts.findings, *catalog.findings, *stack.findings),
            "changes": turns(policy),
            "method": (
                "The catalog, the contracts and the rules of the client are read; each rule is judged for every subject.",
                "A rule with nothing to judge is not counted; what cannot be told does not pass.",
            ),
        }
    )
    more = resolve(assessment.stated, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": more}))


def _plural(kind: str) -> str:
    return {"API": "APIs"}.get(kind, f"{kind.lower()}s")
