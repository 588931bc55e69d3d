"""How evidence raises or lowers a risk: documented factors on how often it strikes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assess.core.source import Source
from assess.decisions.readiness import Readiness
from assess.evidence.operations import Operations
from assess.evidence.quality import QualityAssessment
from assess.intake.assumptions import Assumptions

from .result import Influence

PRACTICES = {
    "scope": ("stakeholder-buy-in/scope-agreed",),
    "data-quality": ("data-governance/owners-named",),
    "lock-in": ("exit-strategy/documented", "exit-strategy/data-export-tested"),
    "testing": ("observability/alerts-set", "maintenance-budget/contract-tests"),
}
"""Practices of the readiness checklist that work against a kind of risk."""


def influences(
    category: str,
    assumptions: Assumptions,
    readiness: Readiness | None = None,
    quality: QualityAssessment | None = None,
    operations: Operations | None = None,
) -> tuple[Influence, ...]:
    """Return what is known for or against a kind of risk; nothing where nothing is known."""
    return (
        *_practised(category, assumptions, readiness),
        *(_data(assumptions, quality) if category == "data-quality" else ()),
        *(_runs(assumptions, operations) if category == "testing" else ()),
    )


def _practised(category: str, assumptions: Assumptions, readiness: Readiness | None) -> Iterator[Influence]:
    """The practice's level moves the factor between ``risk.evidence.absent`` and ``.present``.

    The worst of a kind's practices counts, once: they overlap.
    """
    if readiness is None or not readiness.assessed:
        return
    known = [p for id in PRACTICES.get(category, ()) if (p := readiness.practice(id)).level is not None]
    if not known:
        return
    worst = min(known, key=lambda practice: (practice.level or 0.0, practice.id))
    level = worst.level or 0.0
    absent, present = assumptions["risk.evidence.absent"], assumptions["risk.evidence.present"]
    factor = absent.likely + (present.likely - absent.likely) * level
    yield Influence(
        factor=factor,
        because=f"{worst.label}: {level:g} of 1",
        sources=(*worst.sources, *_sources(absent.source, present.source)),
    )


def _data(assumptions: Assumptions, quality: QualityAssessment | None) -> Iterator[Influence]:
    """The share of verdicts with a severe finding moves the factor from ``.fit_data`` to ``.unfit_data``."""
    judged = [v for v in quality.verdicts if v.fitness != "not assessed"] if quality else []
    if quality is None or not judged:
        return
    severe = {finding.id for finding in quality.findings if finding.severity in ("critical", "high")}
    hit = sum(any(id in severe for id in verdict.findings) for verdict in judged)
    fit, unfit = assumptions["risk.evidence.fit_data"], assumptions["risk.evidence.unfit_data"]
    share = hit / len(judged)
    text = f"{hit} of {len(judged)} tables and pairs have a severe finding"
    yield Influence(
        factor=fit.likely + (unfit.likely - fit.likely) * share,
        because=text,
        sources=(
            Source(kind="measurement", place="quality/severe", detail=text),
            *_sources(fit.source, unfit.source),
        ),
    )


def _runs(assumptions: Assumptions, operations: Operations | None) -> Iterator[Influence]:
    """The share of measured integrations below their target raises the factor up to ``.failing``."""
    rated = [item for item in operations.traffic if item.success_rate is not None] if operations else []
    if not rated:
        return
    target, failing = assumptions["operations.success_target"], assumptions["risk.evidence.failing"]
    below = sum(item.success_rate is not None and item.success_rate.likely < target.likely for item in rated)
    text = (
        f"{below} of {len(rated)} measured integrations deliver less than {target.likely:.0%} of their runs"
    )
    yield Influence(
        factor=1 + (failing.likely - 1) * below / len(rated),
        because=text,
        sources=(
            Source(kind="measurement", place="operations/success", detail=text),
            *_sources(target.source, failing.source),
        ),
    )


def _sources(*sources: Source | None) -> tuple[Source, ...]:
    return tuple(source for source in sources if source is not None)


def product(found: Sequence[Influence]) -> float:
    """Return the factor of all influences together.

    >>> product(())
    1.0
    """
    factor = 1.0
    for influence in found:
        factor *= influence.factor
    return factor
