"""Chapter 3: which framework fits each integration."""

from __future__ import annotations

from assess.decisions.assessment import Assessment
from assess.decisions.framework.criteria import points
from assess.intake.engagement import STYLE_NAMES
from assess.report.chapter import Chapter
from assess.report.chapters.words import count
from assess.report.trace import resolve
from assess.report.whatif import Deeper, WhatIf
from assess.report.whatif.weights import near, served, what_if

from . import figures
from .tables import reasons, without_api
from .words import changes, verdict

HEADLINE = ("framework.styles", "framework.settled", "framework.unserved", "framework.cost")


def integration_profile(assessment: Assessment) -> Chapter:
    """Say which style fits each integration, why, how surely, and which styles to adopt together."""
    result = assessment.framework
    shell = Chapter(
        number=3,
        key="integration_profile",
        title="Framework",
        question="Which framework fits each integration?",
        state="not_assessed",
        missing=result.missing,
    )
    if not result.integrations:
        return shell
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(result),
            "subject": f"{count(len(result.integrations), 'integration')}, judged by {len(result.weights)} criteria on "
            f"fixed scales after the hard constraints",
            "facts": result.facts,
            "headline": tuple(f.id for f in result.facts if f.id in HEADLINE),
            "figures": (
                figures.heat_map(result),
                *figures.front(result, assessment.engagement.currency),
                *figures.certainty(result),
                figures.counts(result),
            ),
            "tables": (*without_api(result), reasons(result)),
            "findings": result.findings,
            "changes": changes(result),
            "whatif": explored(assessment),
        }
    )
    known = chapter.evidence()
    return Chapter.model_validate(
        chapter.model_copy(update={"sources": resolve(assessment.engagement, known)})
    )


def explored(assessment: Assessment) -> WhatIf | None:
    """Return the weights for the reader to move; None where no integration has a style to choose."""
    result = assessment.framework
    return what_if(result, points(assessment.engagement), STYLE_NAMES) if served(result) else None


def near_weights(assessment: Assessment) -> Deeper:
    """Return how surely each best style leads near the weights of the what-if, drawn anew for a notebook."""
    return near(assessment.framework, assessment.engagement.assumptions["framework.concentration"].likely)
