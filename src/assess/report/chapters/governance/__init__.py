"""Chapter 6: contracts, catalog, policies and stack, and what is missing; its figures."""

from __future__ import annotations

from assess.decisions.assessment import Assessment
from assess.evidence.catalog import Catalog
from assess.evidence.operations import Operations
from assess.evidence.policy import Policy, RuleResult
from assess.intake.engagement import Engagement
from assess.report.chapter import Chapter
from assess.report.charts.drawing import Box, Drawing, Mark, Word
from assess.report.charts.landscape_map import Sign, SystemNode, Wire, draw_landscape
from assess.report.figure import Figure
from assess.report.prose import count, resolve
from assess.report.tables import ColumnSpec, DataTable, TableCell, TableColumn

from .tables import contract_tables, failures, rules, stack_table, turns, verdict, worst

LEFT, BAR, LINE, TOP = 390.0, 360.0, 26.0, 34.0
SIGN = {"pass": "✓", "fail": "✗", "not evaluable": "?", "nothing to judge": "–", "not assessed": "–"}
SHOWN = 40
"""Rules that are drawn; the rest stand in the table."""


def matrix(policy: Policy) -> Figure:
    """Draw every rule as a bar of its subjects, each part with its word and number."""
    first = worst(policy)
    rules = [*first, *(rule for rule in policy.rules if rule not in first)][:SHOWN]
    open_ = sum(rule.failed + rule.unclear for rule in policy.rules)
    where = f"; “{first[0].title}” weighs most" if first else ""
    return Figure(
        id="policy-matrix",
        caption=f"{count(open_, 'gap')} under {count(len(first), 'rule')}{where}",
        alt="One line a rule: its sign, its name, and a bar of the subjects that pass, fail or can't be evaluated.",
        sketch=Drawing(
            width=LEFT + BAR + 60, height=TOP + LINE * len(rules) + 10, marks=tuple(_marks(rules))
        ),
        table=_rule_table(policy, rules),
    )


def _marks(rules: list[RuleResult]) -> list[Mark]:
    marks: list[Mark] = [
        Word(
            x=8,
            y=18,
            text="✓ met   ✗ failed   ? not evaluable   – nothing to judge, or not assessed",
            size=11,
            fill="soft",
        )
    ]
    for row, rule in enumerate(rules):
        y = TOP + LINE * row
        marks.append(Word(x=8, y=y + 14, text=SIGN[rule.state], bold=True))
        marks.append(Word(x=26, y=y + 14, text=_short(rule.title), size=12))
        marks += _bar(rule, y) if rule.judged else [_note(rule, y)]
    return marks


def _bar(rule: RuleResult, y: float) -> list[Mark]:
    marks: list[Mark] = []
    x = LEFT
    parts = (("fail", rule.failed), ("not evaluable", rule.unclear), ("pass", rule.passed))
    for state, number in parts:
        if not number:
            continue
        width = BAR * number / rule.judged
        dark = state == "fail"
        marks.append(
            Box(
                x=x, y=y, width=width, height=19, fill="bad" if dark else "wash" if state == "pass" else "grey-pale",
                stroke="bad" if dark else "grey", weight=1.0,
            )
        )  # fmt: skip
        text = f"{SIGN[state]} {number:,}"
        if width >= 9.0 * len(text):
            marks.append(
                Word(x=x + 5, y=y + 14, text=text, size=11, fill="paper" if dark else "ink", bold=dark)
            )
        x += width
    marks.append(Word(x=LEFT + BAR + 8, y=y + 14, text=f"{rule.passed:,}/{rule.judged:,}", size=11))
    return marks


def _note(rule: RuleResult, y: float) -> Word:
    return Word(x=LEFT, y=y + 14, text=rule.state, size=11, fill="soft")


def _short(text: str, longest: int = 62) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _rule_table(policy: Policy, rules: list[RuleResult]) -> DataTable:
    return DataTable(
        id="policy-matrix-data",
        caption="Subjects of each rule by state",
        columns=(
            TableColumn(key="rule", label="Rule"),
            TableColumn(key="passed", label="Pass", format="number", digits=0),
            TableColumn(key="failed", label="Fail", format="number", digits=0),
            TableColumn(key="unclear", label="Not evaluable", format="number", digits=0),
        ),
        rows=tuple(
            (
                TableCell(value=rule.title),
                *(
                    TableCell(value=n if rule.judged else None, sources=(rule.source.id,))
                    for n in (rule.passed, rule.failed, rule.unclear)
                ),
            )
            for rule in rules
        ),
        sources=tuple({rule.source.id: rule.source for rule in rules}.values()),
        total=len(policy.rules) if len(policy.rules) > len(rules) else None,
    )


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
    caption = _caption(engagement, catalog)
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


def _caption(engagement: Engagement, catalog: Catalog) -> str:
    tangle = catalog.tangle
    assert tangle is not None
    possible = tangle.systems * (tangle.systems - 1) // 2
    busiest, partners = tangle.busiest
    text = (
        f"{tangle.pairs} of {possible} possible pairs of systems are connected; "
        f"{engagement.system(busiest).name or busiest} with {partners} of {tangle.systems - 1} others"
    )
    if not catalog.assessed or catalog.binding is None:
        return text
    lacking = len(engagement.integrations) - len(catalog.binding.declared)
    whole = count(len(engagement.integrations), "integration")
    return f"{text}; {lacking} of {whole} {'is' if lacking == 1 else 'are'} not in the catalog"


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


HEADLINE = (
    "policy.met",
    "policy.failed",
    "policy.unclear",
    "contracts.breaking",
    "catalog.declared",
    "stack.unused",
)


def governance(assessment: Assessment) -> Chapter:
    """Say which rules hold, which contracts can be relied on, and what nobody has written down."""
    policy, catalog, stack = assessment.policy, assessment.catalog, assessment.stack
    contracts = assessment.contracts
    shell = Chapter(
        number=6,
        key="governance",
        title="Governance",
        question="Contracts, catalog, policies, stack: what is missing?",
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
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(policy),
            "subject": ", ".join(
                count(number, kind.lower() if kind != "API" else kind, _plural(kind))
                for kind, number in policy.subjects.items()
            ),
            "facts": facts,
            "headline": tuple(fact.id for fact in facts if fact.id in HEADLINE),
            "figures": (matrix(policy), *landscape(assessment)),
            "tables": (
                rules(policy),
                *failures(policy),
                *contract_tables(assessment.stated, contracts),
                *stack_table(assessment.stated, stack),
            ),
            "findings": (*policy.findings, *contracts.findings, *catalog.findings, *stack.findings),
            "changes": turns(policy),
        }
    )
    more = resolve(assessment.stated, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": more}))


def _plural(kind: str) -> str:
    return {"API": "APIs"}.get(kind, f"{kind.lower()}s")
