"""What readiness means for the client: failed gates, disagreement, and statements that evidence denies."""

from __future__ import annotations

from collections.abc import Iterator

from assess.core.finding import Finding, Severity

from .result import PracticeScore, Readiness

WIDE = 0.5
"""Distance of two answers to one practice from which it is a finding: two steps of the scale."""


def findings(result: Readiness) -> tuple[Finding, ...]:
    """Return one finding per must-have that is not met, per statement that evidence denies, and per disagreement."""
    if not result.assessed:
        return ()
    return (
        *_failed(result),
        *(_denied(practice) for practice in result.practices if practice.contradicted),
        *(_differ(practice) for practice in result.practices if practice.voices.spread >= WIDE),
    )


def _failed(result: Readiness) -> Iterator[Finding]:
    for practice in result.practices:
        held = [gate.label for gate in result.gates if practice.id in (*gate.failed, *gate.unknown)]
        if not held:
            continue
        first = next(gate.id for gate in result.gates if practice.id in (*gate.failed, *gate.unknown))
        severity: Severity = "high" if first != "scale" else "medium"
        yield Finding(
            id=f"readiness/{practice.id}",
            section="readiness",
            severity="medium" if practice.level is None and severity == "high" else severity,
            title=f"{practice.label.capitalize()}: {_words(practice)}, so it holds: {', '.join(held).lower()}",
            evidence=_said(practice),
            impact=practice.text,
            action=practice.action,
            effort=practice.days,
            owner=practice.owner,
            sources=practice.sources,
        )


def _words(practice: PracticeScore) -> str:
    if practice.level is None:
        return "nobody could say"
    return f"{practice.level:g} where {max(practice.must.values()):g} is needed"


def _said(practice: PracticeScore) -> str:
    voices = practice.voices
    parts = [_listed(practice)] if voices.known else []
    if voices.unknown:
        parts.append(f"{voices.unknown} could not say")
    if voices.known == 1 and not any(answer.evidence.strip() for answer in voices.answers):
        parts.append("one person alone without evidence does not confirm it")
    if practice.measured:
        parts.append(f"measured: {practice.measured.text}")
    return "; ".join(parts) or "nobody was asked"


def _listed(practice: PracticeScore) -> str:
    said = [
        f"{a.respondent or 'somebody'} {a.answer}" for a in practice.voices.answers if a.answer != "unknown"
    ]
    return ", ".join(said)


def _denied(practice: PracticeScore) -> Finding:
    assert practice.measured is not None
    return Finding(
        id=f"readiness/{practice.id}/measured",
        section="readiness",
        severity="high" if practice.must else "medium",
        title=f"{practice.label.capitalize()}: people say {practice.voices.level:g}, the evidence allows {practice.measured.level:g}",
        evidence=f"{_listed(practice)}; measured: {practice.measured.text}",
        impact="The lower value counts.",
        action=f"{practice.action} Then answer again.",
        owner=practice.owner,
        sources=practice.sources,
    )


def _differ(practice: PracticeScore) -> Finding:
    voices = practice.voices
    return Finding(
        id=f"readiness/{practice.id}/disagreement",
        section="readiness",
        severity="low",
        title=f"{practice.label.capitalize()}: answers differ from {voices.lowest:g} to {voices.highest:g}",
        evidence=_listed(practice),
        impact="Somebody plans with what others do not see.",
        action="Let the two who differ most say why, before the gate is judged.",
        owner=practice.owner,
        sources=practice.sources,
    )
