"""Chapter 5: what each option costs over its life."""

from __future__ import annotations

from pathlib import Path

from assess.decisions.assessment import Assessment
from assess.decisions.cost.likely_case import likely_case
from assess.report.chapter import Chapter
from assess.report.trace import resolve
from assess.report.whatif import Deeper, WhatIf
from assess.report.whatif.cost import redrawn, what_if

from . import figures
from .tables import cash_flow, defaults, options
from .words import changes, verdict

__all__ = ["changes", "save_model", "total_cost"]


def total_cost(assessment: Assessment) -> Chapter:
    """Say what each option costs, how sure that is, and what is worth finding out before signing."""
    result = assessment.cost
    shell = Chapter(
        number=5,
        key="total_cost",
        title="Total cost",
        question="What does each option cost over its life?",
        state="not_assessed",
        missing=result.missing,
    )
    if result.best is None:
        return shell
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(result),
            "subject": f"{result.horizon_years} years, {result.money} money, discounted at {result.discount_rate:.1%}; "
            f"{result.draws:,} futures, seed {result.seed}",
            "facts": result.facts,
            "headline": tuple(
                f"cost.{result.best}.{term}" for term in ("npv", "annual", "cheapest", "regret")
            ),
            "figures": (
                figures.ranges(result),
                figures.fan(result),
                figures.cash(result),
                figures.horizon(result),
                *figures.drivers(result),
                *figures.knowledge(result),
            ),
            "tables": (options(result), cash_flow(result), *defaults(result, assessment.engagement)),
            "findings": result.findings,
            "changes": changes(result),
            "sources": result.sources,
            "whatif": explored(assessment),
        }
    )
    more = resolve(assessment.engagement, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": result.sources + more}))


def explored(assessment: Assessment) -> WhatIf:
    """Return the likely case of the model for the reader to move."""
    case = likely_case(assessment.cost_inputs)
    labels = {option.id: option.label for option in assessment.cost.options}
    return what_if(case, labels, assessment.engagement.currency)


def redrawn_futures(assessment: Assessment) -> Deeper:
    """Return the range and the chance of being cheapest where the sliders stand, drawn anew for a notebook."""
    inputs = assessment.cost_inputs
    return redrawn(inputs.terms(), inputs.options, assessment.engagement.currency, seed=assessment.seed)


def save_model(assessment: Assessment, path: str) -> None:
    """Write the likely case as a workbook with live formulas; an empty path or no option writes nothing."""
    if not path or assessment.cost.best is None:
        return
    from assess.report.workbook_model import write_model

    labels = {option.id: option.label for option in assessment.cost.options}
    write_model(Path(path), assessment.cost_inputs, labels)
