"""What changed between runs, and why.

`open_runs` reads the folders that runs left, `compare` says what changed from each to the next, `write_text` says it
as text, and `write_page` as a page of the report's look.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from assess.core.finding import Finding

from .attribution import differences, headlines, recorded
from .changes import NotRuns, Run, changes, keep, open_runs
from .page import write_page
from .result import Change, Difference, Headline, Leg, RunComparison, Visit
from .text import write_text

__all__ = [
    "Change",
    "Difference",
    "Headline",
    "NotRuns",
    "Run",
    "RunComparison",
    "Visit",
    "compare",
    "keep",
    "open_runs",
    "write_page",
    "write_text",
]


def compare(runs: Sequence[Run]) -> RunComparison:
    """Say what changed over runs, and why.

    Parameters
    ----------
    runs
        At least two, as `open_runs` returns them, the earliest first.

    Returns
    -------
    Comparison
        For each run and the next the differences of the headline numbers, split into answers, measurements,
        prices and model so that the parts add up exactly, what is different in the inputs, and the findings
        that came and went. Where the basis of a run was not kept, the difference is reported as not split.
    """
    head = runs[0].results.engagement
    known = headlines(head.currency)
    values = [recorded(run.results) for run in runs]
    return RunComparison(
        client=head.client,
        currency=head.currency,
        headlines=known,
        visits=tuple(
            Visit(
                name=run.name,
                date=run.results.engagement.date,
                sha256=run.sha256,
                bytes=run.bytes,
                values=value,
                findings=len(run.results.findings),
                failed=tuple(c.title for c in run.results.chapters if c.state == "failed"),
            )
            for run, value in zip(runs, values, strict=True)
        ),
        legs=tuple(
            _leg(one, two, differences(known, one, two, pair))
            for (one, two), pair in zip(pairwise(runs), pairwise(values), strict=True)
        ),
    )


def _leg(before: Run, after: Run, found: tuple[Difference, ...]) -> Leg:
    return Leg(
        differences=found,
        changes=changes(before, after),
        new=_only(after, before),
        gone=_only(before, after),
    )


def _only(run: Run, other: Run) -> tuple[Finding, ...]:
    """Findings that one run has and the other, though it asked the same chapter, has not."""
    had = {finding.id for finding in other.results.findings}
    asked = {chapter.key for chapter in other.results.chapters if chapter.state != "failed"}
    chapters = {entry.finding.id: entry.chapter.key for entry in run.results.ledger}
    return tuple(f for f in run.results.findings if f.id not in had and chapters[f.id] in asked)
