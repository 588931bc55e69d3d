"""Chapter 7: how today's integrations really run."""

from __future__ import annotations

from assess.core.numbers import quantity
from assess.core.source import Fact, Source
from assess.decisions.assessment import Assessment
from assess.evidence.operations import Operations
from assess.evidence.reconcile import Reconciled
from assess.report.chapter import Chapter
from assess.report.chapters.words import and_list, count
from assess.report.trace import resolve

from .figures import failures_last, stated_and_measured, success, volumes
from .tables import apart, developed, files, incidents, integrations, stated_against_measured, unusual

HEADLINE = (
    "operations.success_rate",
    "operations.contradicted",
    "operations.time_to_detect",
    "operations.time_to_resolve",
)

ODD = (
    ("silent", "has fallen silent", "have fallen silent"),
    ("failing", "delivers less than the target", "deliver less than the target"),
    ("late", "takes longer than needed", "take longer than needed"),
    ("waiting", "waits too long for its batch", "wait too long for their batch"),
)
"""Kinds of findings that the verdict counts, each with its verb."""


def operations(assessment: Assessment) -> Chapter:
    """Say how integrations run today, how far that is from what was stated, and what stands out."""
    result, reconciled = assessment.operations, assessment.reconciled
    shell = Chapter(
        number=7,
        key="operations",
        title="Operations",
        question="How do today's integrations really run?",
        state="not_assessed",
        findings=(*result.findings, *reconciled.findings),
        missing=result.missing,
    )
    if not result.traffic and result.resolve is None and result.detect is None:
        return shell
    facts = tuple(f for f in (*result.facts, *differing(reconciled)) if f.value is not None)
    stated = assessment.stated
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(result, reconciled),
            "subject": subject(assessment),
            "facts": facts,
            "headline": tuple(f.id for f in facts if f.id in HEADLINE),
            "figures": (
                *stated_and_measured(stated, result, reconciled),
                *success(stated, result),
                *volumes(stated, result),
                *failures_last(result),
            ),
            "tables": (
                *integrations(stated, result),
                *stated_against_measured(stated, result, reconciled),
                *developed(result),
                *unusual(stated, result),
                *apart(result),
                *files(result),
                *incidents(stated, result),
            ),
        }
    )
    more = resolve(stated, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": more}))


def subject(assessment: Assessment) -> str:
    """Say what was looked at: integrations, runs, days, incidents."""
    result = assessment.operations
    parts = []
    if result.traffic:
        first, last = min(t.first_day for t in result.traffic), max(t.last_day for t in result.traffic)
        parts.append(
            f"{count(sum(t.runs for t in result.traffic), 'run')} of {len(result.traffic)} of "
            f"{count(len(assessment.stated.integrations), 'integration')} from {first} to {last}"
        )
    if assessment.stated.incidents:
        parts.append(count(len(assessment.stated.incidents), "incident"))
    return "; ".join(parts)


def differing(reconciled: Reconciled) -> tuple[Fact, ...]:
    """Return how many stated numbers the logs contradict; none where nothing was measured."""
    if not reconciled.measured:
        return ()
    source = Source(
        kind="calculation",
        place="operations/stated",
        detail="stated and measured numbers that differ by more than the tolerance",
        of=tuple(source.id for finding in reconciled.findings for source in finding.sources),
    )
    label = "Stated numbers that the logs contradict"
    return (
        Fact(id="operations.contradicted", label=label, value=len(reconciled.findings), sources=(source,)),
    )


def verdict(result: Operations, reconciled: Reconciled) -> str:
    """Answer in a few sentences: what delivers, what is silent or late, what nobody notices, what was stated wrongly."""
    facts = {fact.id: fact for fact in (*result.facts, *differing(reconciled)) if fact.value is not None}

    def said(id: str) -> str:
        return f"[{quantity(facts[id].value, facts[id].unit)}]({id})"

    parts = []
    if "operations.success_rate" in facts:
        parts.append(
            f"{said('operations.success_rate')} of the runs of {count(len(result.traffic), 'integration')} deliver"
        )
    elif result.traffic:
        parts.append(f"The logs of {count(len(result.traffic), 'integration')} show no run that ended")
    odd = [
        f"{number} {one if number == 1 else many}"
        for kind, one, many in ODD
        if (number := sum(finding.id.endswith(f"/{kind}") for finding in result.findings))
    ]
    if odd:
        parts.append(and_list(odd))
    if "operations.time_to_detect" in facts:
        parts.append(f"Half of the failures stay unnoticed for {said('operations.time_to_detect')} or longer")
    elif result.detect is not None:
        parts.append("More than half of the failures have not been noticed yet")
    if "operations.time_to_resolve" in facts:
        parts[-1] += f", and unresolved for {said('operations.time_to_resolve')} after that"
    if reconciled.findings:
        parts.append(
            f"{said('operations.contradicted')} of the stated volumes and peaks are wrong by more than the tolerance; "
            "the decisions use the measured ones"
        )
    return ". ".join(part[0].upper() + part[1:] for part in parts) + "."
