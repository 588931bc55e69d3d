"""Chapter 4: build or buy, and from how many integrations on."""

from __future__ import annotations

from assess.decisions.assessment import Assessment
from assess.decisions.build_or_buy.typical import likely_ways
from assess.report.chapter import Chapter
from assess.report.chapters.words import count
from assess.report.trace import resolve
from assess.report.whatif.build_or_buy import build_or_buy_what_if

from . import figures
from .tables import criteria, crossings, verdicts
from .words import changes, verdict

__all__ = ["build_or_buy", "changes"]


def build_or_buy(assessment: Assessment) -> Chapter:
    """Say whether to build or to buy, where the answer turns, and what to do with each integration."""
    result = assessment.build_or_buy
    shell = Chapter(
        number=4,
        key="build_or_buy",
        title="Build or buy",
        question="Build or buy, and from how many integrations on?",
        state="not_assessed",
        missing=result.missing,
    )
    if result.buy_share is None or result.difference is None:
        return shell
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(result),
            "subject": f"{count(result.integrations, 'integration')}: {result.build_style} built by hand against "
            f"{result.plan or result.buy_style}; {result.draws:,} futures, seed {result.seed}",
            "facts": result.facts,
            "headline": tuple(
                f.id
                for f in result.facts
                if f.id.rsplit(".", 1)[-1] in ("buy_share", "difference", "integrations")
            ),
            "figures": (
                *figures.crossover(result),
                *figures.turned(result),
                *figures.curves(result),
                figures.criteria_figure(result),
                figures.one_by_one(result),
            ),
            "tables": (verdicts(result), criteria(result), crossings(result)),
            "findings": result.findings,
            "changes": changes(result),
            "sources": result.sources,
            "whatif": build_or_buy_what_if(likely_ways(assessment.delivery_inputs)),
        }
    )
    more = resolve(assessment.engagement, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": result.sources + more}))
