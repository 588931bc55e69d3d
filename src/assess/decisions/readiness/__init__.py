"""Whether the client is ready: seven questions, gates that nothing compensates, and what each failed one moves."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from assess.core.estimate import Estimate
from assess.core.finding import Finding, Missing, Severity
from assess.core.source import Fact, Source
from assess.decisions.shift import Shift
from assess.evidence.operations import Operations
from assess.evidence.policy import Policy
from assess.evidence.quality import QualityAssessment
from assess.intake.engagement import Engagement, ReadinessAnswer

from .checklist import Checklist, Practice, ReadinessStage, checklist
from .practice_evidence import Measured, Panel, measure, read_panel, weigh_answers
from .result import Gate, GateState, PracticeScore, PracticeState, QuestionScore, Readiness

__all__ = [
    "Checklist",
    "Gate",
    "Measured",
    "Practice",
    "PracticeScore",
    "Readiness",
    "checklist",
    "score",
]

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
        *_copied(result),
    )


def _failed(result: Readiness) -> Iterator[Finding]:
    for practice in result.practices:
        held = [gate.label for gate in result.gates if practice.id in gate.lacking]
        if not held:
            continue
        first = next(gate.id for gate in result.gates if practice.id in gate.lacking)
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
    if voices.level == 0 and (voices.highest or 0) > 0:
        parts.append(
            "one person alone without evidence does not confirm it"
            if voices.known == 1
            else "people who answer everything alike, without evidence, confirm it no more than one"
        )
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


def _copied(result: Readiness) -> Iterator[Finding]:
    """Name who answered everything as another did: counted once."""
    if result.copies:
        pairs = ", ".join(f"{name} as {other}" for name, other in result.copies.items())
        yield Finding(
            id="readiness/copies",
            section="readiness",
            severity="info",
            title=f"The same answers to every practice, counted once: {pairs}",
            impact="Two equal forms may be one that was handed in twice; they confirm nothing to each other.",
            action="Ask each for the evidence, or somebody else.",
        )


def score(
    engagement: Engagement,
    operations: Operations | None = None,
    quality: QualityAssessment | None = None,
    policy: Policy | None = None,
    *,
    asked: Collection[str] | None = None,
) -> Readiness:
    """Judge whether the client is ready to select, to pilot and to scale.

    A level counts if two people confirm it who differ somewhere, or one who names evidence; a measurement can lower it
    and never raises it. A respondent whose answers are all those of another is the same one again and changes nothing. A gate opens only if every must-have reaches its threshold, `Engagement.targets`
    in place of the default one; practices of the engagement's own are judged like those of the checklist. Taking an answer away never improves the level of a practice or the
    state of a gate, and P(pass) neither while the people asked stay the same.

    Parameters
    ----------
    operations, quality, policy
        What was measured; None where nothing was.
    asked
        The people asked, each of whom then counts into P(pass); default everybody who answered anything, once.

    Raises
    ------
    InvalidEngagement
        With every respondent who contradicts an own answer, and every unknown practice.
    """
    panel, copies = read_panel(engagement), dict[str, str]()
    if asked is None:
        panel, copies = panel.without_copies()
    answers = panel.by_practice()
    listed = checklist().of(engagement)
    asked = panel.people if asked is None else tuple(asked)
    evidence = measure(engagement, operations, quality, policy)
    practices = tuple(
        _practice(practice, answers.get(practice.id, ()), evidence.get(practice.id), panel, len(asked))
        for practice in listed.practices
    )
    gates = tuple(_gate(stage, practices) for stage in listed.stages)
    result = Readiness(
        assessed=any(practice.voices.known for practice in practices),
        asked=asked,
        copies=copies,
        practices=practices,
        gates=gates,
        questions=_questions(listed, practices),
        shifts=_shifts(listed, practices, lambda factor: factor.likely),
        shifts_low=_shifts(listed, practices, lambda factor: factor.low),
        shifts_high=_shifts(listed, practices, lambda factor: factor.high),
        missing=_missing(practices),
    )
    return result.model_copy(update={"findings": findings(result), "facts": _facts(result)})


def _practice(
    practice: Practice,
    answers: Sequence[ReadinessAnswer],
    measured: Measured | None,
    panel: Panel,
    asked: int,
) -> PracticeScore:
    voices = weigh_answers(answers, panel.distinct)
    level = voices.level
    proved = measured is not None and measured.proves
    if measured is not None and (proved or level is not None):
        level = measured.level if proved else min(level or 0.0, measured.level)
    top = max(practice.must.values(), default=0.0)
    state: PracticeState = "unknown" if level is None else "met" if level >= top else "failed"
    denied = measured.level if measured else 1.0
    return PracticeScore(
        id=practice.id,
        question=practice.question,
        text=practice.text,
        label=practice.label,
        owner=practice.owner,
        action=practice.action,
        days=practice.days,
        must=practice.must,
        voices=voices,
        measured=measured,
        level=level,
        state=state if practice.must or state == "unknown" else "free",
        chance={
            stage: 0.0 if denied < threshold else 1.0 if proved else voices.reach(threshold, asked)
            for stage, threshold in practice.must.items()
        },
        shortfall=shortfall(level, top),
        sources=(*(answer.cite("answer") for answer in answers), *(measured.sources if measured else ())),
    )


def shortfall(level: float | None, threshold: float) -> float:
    """Return the share of a threshold that is missing; all of it where nobody knows.

    >>> shortfall(0.5, 1.0), shortfall(None, 0.5), shortfall(1.0, 0.75), shortfall(None, 0.0)
    (0.5, 1.0, 0.0, 0.0)
    """
    if threshold <= 0:
        return 0.0
    return 1.0 if level is None else max(0.0, 1.0 - level / threshold)


def _questions(listed: Checklist, practices: Sequence[PracticeScore]) -> tuple[QuestionScore, ...]:
    """Return each question's practices and their weighted mean; what nobody knows counts as nothing in it."""
    weights = {practice.id: practice.weight for practice in listed.practices}
    found = []
    for question, text in listed.questions.items():
        held = [practice for practice in practices if practice.question == question]
        total = sum(weights[practice.id] for practice in held)
        known = [practice for practice in held if practice.level is not None]
        level = sum(weights[p.id] * (p.level or 0.0) for p in known) / total if known and total > 0 else None
        found.append(
            QuestionScore(
                id=question,
                text=text,
                level=level,
                unknown=len(held) - len(known),
                practices=tuple(practice.id for practice in held),
            )
        )
    return tuple(found)


def _gate(stage: ReadinessStage, practices: Sequence[PracticeScore]) -> Gate:
    musts = [practice for practice in practices if stage.id in practice.must]
    unknown = [practice for practice in musts if practice.level is None]
    failed = [p for p in musts if p.level is not None and p.level < p.must[stage.id]]
    state: GateState = (
        "open" if not failed and not unknown else "unknown" if len(unknown) == len(musts) else "closed"
    )
    chances = [practice.chance[stage.id] for practice in musts]
    known = state != "unknown"
    return Gate(
        id=stage.id,
        label=stage.label,
        state=state,
        met=len(musts) - len(failed) - len(unknown),
        must=len(musts),
        failed=tuple(practice.id for practice in failed),
        unknown=tuple(practice.id for practice in unknown),
        chance=min(chances, default=1.0) if known else None,
        chance_independent=math.prod(chances) if known else None,
        sources=tuple(source for practice in musts for source in practice.sources),
    )


def _shifts(
    listed: Checklist, practices: Sequence[PracticeScore], end: Callable[[Estimate], float]
) -> tuple[Shift, ...]:
    """Return the shifts of what is missing: the factor of an absent practice, in proportion to the shortfall."""
    found = []
    for practice in practices:
        if practice.shortfall <= 0:
            continue
        entry = listed.practice(practice.id)
        for parameter, factor in entry.shifts.items():
            by = 1 + (end(factor) - 1) * practice.shortfall
            if by != 1:
                found.append(
                    Shift(
                        id=f"readiness/{practice.id}",
                        parameter=parameter,
                        factor=by,
                        because=f"{practice.label}: {_state_words(practice)}",
                        sources=(*practice.sources, entry.source),
                    )
                )
    return tuple(found)


def _state_words(practice: PracticeScore) -> str:
    top = max(practice.must.values(), default=0.0)
    return "nobody knows" if practice.level is None else f"{practice.level:g} of {top:g}"


def _missing(practices: Sequence[PracticeScore]) -> tuple[Missing, ...]:
    unknown = [practice for practice in practices if practice.level is None]
    if not unknown:
        return ()
    if len(unknown) == len(practices):
        return (
            Missing(
                section="readiness",
                supply="answers to the checklist in readiness.csv",
                changes="The gates say whether to select, pilot and scale, and the cost model follows.",
            ),
        )
    names = ", ".join(practice.label for practice in unknown)
    return (
        Missing(
            section="readiness",
            supply=f"answers of somebody who knows: {names}",
            changes="An unknown practice holds its gates and moves the cost as one that is absent.",
        ),
    )


def _facts(result: Readiness) -> tuple[Fact, ...]:
    if not result.assessed:
        return ()
    facts = []
    for gate in result.gates:
        source = Source(
            kind="calculation",
            place=f"readiness/{gate.id}",
            detail="every must-have against its threshold; P(pass): share of the people asked, weakest must-have",
            of=tuple(dict.fromkeys(source.id for source in gate.sources)),
        )
        facts += [
            Fact(
                id=f"readiness.{gate.id}",
                label=f"Gate: {gate.label}",
                value=gate.state,
                sources=(source,),
                formula="Open where every must-have is met; nothing makes up for one that is missing",
            ),
            Fact(
                id=f"readiness.{gate.id}.met",
                label=f"Must-haves met of {gate.must}, {gate.label.lower()}",
                value=gate.met,
                sources=(source,),
                formula="Must-haves whose answers, as far as the evidence allows, reach their threshold",
            ),
        ]
        if gate.chance is not None:
            facts.append(
                Fact(
                    id=f"readiness.{gate.id}.chance",
                    label=f"Chance to pass as respondents differ: {gate.label.lower()}",
                    value=gate.chance,
                    unit="share",
                    low=gate.chance_independent,
                    high=gate.chance,
                    sources=(source,),
                    formula="Share of the people asked who say that the weakest must-have is met",
                )
            )
    return tuple(facts)


def by_question(result: Readiness) -> Mapping[str, tuple[PracticeScore, ...]]:
    """Return the practices of each question, in the order of the checklist, the client's own questions after them."""
    return {
        question.id: tuple(result.practice(id) for id in question.practices) for question in result.questions
    }
