"""The drawing of the rules: of each, how many subjects pass, fail, or can't be judged."""

from __future__ import annotations

from assess.evidence.policy import Policy, RuleResult
from assess.report.chapters.words import count
from assess.report.figure import Figure
from assess.report.sketch import Box, Mark, Sketch, Word
from assess.report.tables import Cell, Column, DataTable

from .words import worst

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
        sketch=Sketch(width=LEFT + BAR + 60, height=TOP + LINE * len(rules) + 10, marks=tuple(_marks(rules))),
        table=_table(policy, rules),
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


def _table(policy: Policy, rules: list[RuleResult]) -> DataTable:
    return DataTable(
        id="policy-matrix-data",
        caption="Subjects of each rule by state",
        columns=(
            Column(key="rule", label="Rule"),
            Column(key="passed", label="Pass", format="number", digits=0),
            Column(key="failed", label="Fail", format="number", digits=0),
            Column(key="unclear", label="Not evaluable", format="number", digits=0),
        ),
        rows=tuple(
            (
                Cell(value=rule.title),
                *(
                    Cell(value=n if rule.judged else None, sources=(rule.source.id,))
                    for n in (rule.passed, rule.failed, rule.unclear)
                ),
            )
            for rule in rules
        ),
        sources=tuple({rule.source.id: rule.source for rule in rules}.values()),
        total=len(policy.rules) if len(policy.rules) > len(rules) else None,
    )
