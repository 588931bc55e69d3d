"""The data what-if: thresholds of the verdict and prices of the repair, as formulas that a page computes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from assess.core.estimate import Estimate
from assess.core.formula_evaluation import Form
from assess.evidence.quality import DataFinding, Profile, QualityAssessment, TableComparison
from assess.evidence.quality.pricing import inspected
from assess.evidence.quality.verdicts import TableVerdict
from assess.intake.assumptions import Assumptions

from . import Array, FormulaStep, Output, Slider, WhatIf

VERDICTS = ("fit", "fit after repair", "not fit")
"""Words of the verdict, by its number from 1."""

ASSUMED = {
    "floor": ("Share of its rows that every column must fill", "quality.complete_share", 0.0, 1.0, 0.01),
    "fit": ("Share of suspect cells up to which a table is fit", "quality.fit_share", 0.0, 0.05, 0.001),
    "unfit": ("Share of suspect cells above which it is not", "quality.unfit_share", 0.0, 1.0, 0.01),
    "rule_days": ("Writing, testing and agreeing one rule", "remediation.rule_days", 0.0, 5.0, 0.05),
    "definition_days": ("Agreeing one definition", "remediation.definition_days", 0.0, 10.0, 0.1),
    "pace": ("Records that a clerk corrects in a day", "remediation.records_per_day", 10.0, 600.0, 5.0),
    "by_hand": ("Share of proposed values that a person checks", "remediation.by_hand_share", 0.0, 1.0, 0.01),
}  # fmt: skip
"""Label, key of the default, lowest, highest and step of the sliders that stand at an assumption."""


def what_if(
    result: QualityAssessment, assumptions: Assumptions, day_rate: Estimate | None, currency: str
) -> WhatIf | None:
    """Return the what-if of the verdicts and the price of the repair; None where nothing was assessed.

    At the first position of the sliders it gives the verdicts, the person-days and the findings of the
    result (docs/method/data-quality.md).

    Parameters
    ----------
    day_rate
        Money of one person-day; None where it is unknown: the what-if then counts days only.
    currency
        Of the day rate.
    """
    judged = [verdict for verdict in result.verdicts if verdict.fitness != "not assessed"]
    if not judged:
        return None
    priced = day_rate is not None
    return WhatIf(
        title="What if thresholds and prices were different?",
        sliders=_sliders(assumptions, day_rate, currency),
        axes=_axes(judged),
        constants=_constants(result, judged),
        formulas=tuple(FormulaStep(name=name, formula=formula) for name, formula in formulas(priced).items()),
        outputs=_outputs(priced, currency),
        note="The likely case. Only the findings that were made are counted: a threshold can leave them out, it can't "
        "find more. What stands in no single finding stays in the share of suspect cells.",
        sources=tuple(v.effort.source for v in judged if v.effort and v.effort.source),
    )


def _sliders(assumptions: Assumptions, day_rate: Estimate | None, currency: str) -> tuple[Slider, ...]:
    known = {name: _slider(name, assumptions) for name in ASSUMED}
    sure = Slider(
        id="confidence", label="Count only findings at least so sure", value=0.0, low=0.0, high=1.0, step=0.01, unit="share"
    )  # fmt: skip
    thresholds = (sure, known.pop("floor"), known.pop("fit"), known.pop("unfit"))
    if day_rate is None:
        return (*thresholds, *known.values())
    value = day_rate.likely
    money = Slider(
        id="day_rate", label="Cost of one person-day", unit=f"{currency}/day", value=value, step=10.0,
        low=min(math.floor(0.4 * value), value), high=max(math.ceil(2.5 * value), 1),
        sources=(day_rate.source,) if day_rate.source else (),
    )  # fmt: skip
    return (*thresholds, money, *known.values())


def _slider(name: str, assumptions: Assumptions) -> Slider:
    label, key, low, high, step = ASSUMED[name]
    estimate = assumptions[key]
    value = estimate.likely
    return Slider(
        id=name, label=label, unit="records" if name == "pace" else estimate.unit, value=value,
        low=min(low, value), high=max(high, value), step=step, sources=(estimate.source,) if estimate.source else (),
    )  # fmt: skip


def _axes(judged: Sequence[TableVerdict]) -> dict[str, tuple[str, ...]]:
    places = tuple(v.table + (f" → {v.target}" if v.target else "") for v in judged)
    most = max(1, *(len(v.findings) for v in judged), 0)
    return {
        "table or pair": places,
        "finding": tuple(str(number + 1) for number in range(most)),
        "fitness": VERDICTS,
    }


def _constants(result: QualityAssessment, judged: Sequence[TableVerdict]) -> dict[str, Array]:
    known = {finding.id: finding for finding in result.findings}
    listed = [[known[id] for id in verdict.findings] for verdict in judged]
    most = max(1, *(len(found) for found in listed), 0)
    marked = [_marked(result, verdict, found) for verdict, found in zip(judged, listed, strict=True)]

    def spread(of: Callable[[DataFinding], float], empty: float = 0.0) -> Array:
        rows = [[of(f) for f in found] + [empty] * (most - len(found)) for found in listed]
        return Array(axes=("table or pair", "finding"), values=tuple(v for row in rows for v in row))

    def each(values: Sequence[float]) -> Array:
        return Array(axes=("table or pair",), values=tuple(values))

    flat = tuple(n for row in marked for n in row + [0.0] * (most - len(row)))
    return {
        "sure": spread(lambda f: f.confidence, -1.0),
        "critical": spread(lambda f: f.severity == "critical"),
        "high": spread(lambda f: f.severity == "high"),
        "filled": spread(lambda f: 1 - f.share if f.check == "incomplete" else 1.0, 1.0),
        "ruled": spread(lambda f: f.work is not None and f.work.kind == "rule"),
        "defined": spread(lambda f: f.work is not None and f.work.kind == "definition"),
        "cells": spread(lambda f: f.work.cells if f.work else 0),
        "proposed": spread(lambda f: f.work.proposed if f.work else 0),
        "sample": spread(lambda f: inspected(f.work.proposed) if f.work and f.work.proposed else 0),
        "marked": Array(axes=("table or pair", "finding"), values=flat),
        "unnamed": each(
            [(verdict.cells or 0) - sum(row) for verdict, row in zip(judged, marked, strict=True)]
        ),
        "all_cells": each([_cells(result, verdict) for verdict in judged]),
    }


def _marked(result: QualityAssessment, verdict: TableVerdict, found: Sequence[DataFinding]) -> list[float]:
    """Suspect cells that each finding names first; those that a result has cut stay unnamed."""
    cells = _judged(result, verdict).cells
    counted = cells.groupby(["column", "check"]).size().to_dict() if len(cells) else {}
    return [float(counted.pop((f.column, f.check.removeprefix("breaks ")), 0)) for f in found]


def _cells(result: QualityAssessment, verdict: TableVerdict) -> int:
    """All cells that the share of a verdict refers to."""
    item = _judged(result, verdict)
    if isinstance(item, TableComparison):
        return max(item.source_rows * max(len(item.mapping.matches), 1), 1)
    return max(item.rows * len(item.facts), 1)


def _judged(result: QualityAssessment, verdict: TableVerdict) -> Profile | TableComparison:
    if not verdict.target:
        return result.profile(verdict.table)
    return next(c for c in result.comparisons if (c.source, c.target) == (verdict.table, verdict.target))


def formulas(priced: bool) -> dict[str, Form]:
    """Return verdict and price as formulas, in the order of evaluation (docs/method/data-quality.md)."""
    looked_at = ["min", ["*", "proposed", "by_hand"], "sample"]
    by_rule = ["+", "rule_days", ["/", ["+", looked_at, ["-", "cells", "proposed"]], "pace"]]
    found: dict[str, Form] = {
        "counted": ["<=", "confidence", "sure"],
        "work": ["*", "counted", ["+", ["*", "ruled", by_rule], ["*", "defined", "definition_days"]]],
        "days": ["sum", "finding", "work"],
        "share": ["/", ["+", ["sum", "finding", ["*", "counted", "marked"]], "unnamed"], "all_cells"],
        "stops": ["sum", "finding", ["*", "counted", "critical"]],
        "grave": ["sum", "finding", ["*", "counted", "high"]],
        "gaps": ["sum", "finding", ["<", "filled", "floor"]],
        "waits": ["max", ["<", "fit", "share"], ["<", 0, "grave"], ["<", 0, "gaps"]],
        "verdict": ["if", ["max", ["<", 0, "stops"], ["<", "unfit", "share"]], 3, ["+", 1, "waits"]],
        "findings": ["sum", "finding", "counted"],
        "unfit_places": ["sum", "table or pair", ["<=", 3, "verdict"]],
        "all_findings": ["sum", "table or pair", "findings"],
        "all_days": ["sum", "table or pair", "days"],
    }
    if priced:
        found |= {"cost": ["*", "days", "day_rate"], "all_cost": ["*", "all_days", "day_rate"]}
    return found


def _outputs(priced: bool, currency: str) -> tuple[Output, ...]:
    money = (Output(name="cost", label="Price of the repair", unit=currency),) if priced else ()
    total = (Output(name="all_cost", label="Price of all repairs", unit=currency),) if priced else ()
    return (
        *money,
        Output(name="days", label="Repair", unit="person-days"),
        Output(name="verdict", label="Verdict", words="fitness"),
        Output(name="share", label="Suspect cells", unit="share"),
        Output(name="findings", label="Findings"),
        *total,
        Output(name="all_days", label="Work of all repairs", unit="person-days"),
        Output(name="all_findings", label="Findings that count"),
        Output(name="unfit_places", label="Tables and pairs that are not fit"),
    )
