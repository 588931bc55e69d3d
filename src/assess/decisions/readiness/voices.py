"""What the respondents said of one practice: the level that is confirmed, and how far they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from assess.core.record import Record
from assess.intake.engagement import Engagement, ReadinessAnswer
from assess.intake.practices import every_practice
from assess.intake.problem import InvalidEngagement, Problem, listed, meant, shown

CONFIRMED = 2
"""Voices that confirm a level: two people, or one who names evidence. Rule of the method."""


class Voices(Record):
    """The answers to one practice.

    Parameters
    ----------
    level
        Highest answer that two people reach, or one who names evidence; 0 where one person alone says
        more, None where nobody knows. More answers can raise it, fewer never.
    lowest, highest
        Of the known answers; None where nobody knows.
    known, unknown
        Respondents who answered, and who were asked and could not say.
    """

    level: float | None
    lowest: float | None
    highest: float | None
    known: int
    unknown: int
    answers: tuple[ReadinessAnswer, ...] = ()

    @property
    def spread(self) -> float:
        """Highest less lowest known answer; 0 where nobody knows."""
        return 0.0 if self.highest is None or self.lowest is None else self.highest - self.lowest

    def reach(self, threshold: float, asked: int) -> float:
        """Return the share of the people asked who say at least this much; unknown says nothing."""
        said = sum(value >= threshold for value in map(_value, self.answers) if value is not None)
        return said / asked if asked else 0.0


def hear(answers: Sequence[ReadinessAnswer]) -> Voices:
    """Weigh the answers to one practice.

    >>> said = [ReadinessAnswer(practice="p", answer=a, respondent=str(i)) for i, a in enumerate(["1", "0.5", "0"])]
    >>> hear(said).level
    0.5
    """
    values = {id(answer): _value(answer) for answer in answers}
    known = [value for value in values.values() if value is not None]
    votes = sorted(
        (
            value
            for answer in answers
            if (value := values[id(answer)]) is not None
            for _ in range(CONFIRMED if answer.evidence.strip() else 1)
        ),
        reverse=True,
    )
    level = votes[CONFIRMED - 1] if len(votes) >= CONFIRMED else 0.0
    return Voices(
        level=level if known else None,
        lowest=min(known, default=None),
        highest=max(known, default=None),
        known=len(known),
        unknown=len(answers) - len(known),
        answers=tuple(answers),
    )


def _value(answer: ReadinessAnswer) -> float | None:
    return None if answer.answer == "unknown" else float(answer.answer)


def people(answers: Collection[ReadinessAnswer]) -> tuple[str, ...]:
    """Return everybody who was asked anything, in the order of the table."""
    return tuple(dict.fromkeys(_person(answer.respondent) for answer in answers))


def by_practice(engagement: Engagement) -> Mapping[str, tuple[ReadinessAnswer, ...]]:
    """Return the answers by practice.

    Raises
    ------
    InvalidEngagement
        With every respondent who answers one practice twice, and every unknown practice.
    """
    problems = tuple(_problems(engagement))
    if problems:
        raise InvalidEngagement(problems)
    found: dict[str, list[ReadinessAnswer]] = {}
    for answer in engagement.readiness:
        found.setdefault(answer.practice, []).append(answer)
    return {practice: tuple(rows) for practice, rows in found.items()}


def _problems(engagement: Engagement) -> Iterator[Problem]:
    known = every_practice((own.id, own.text) for own in engagement.practices)
    times = Counter((answer.practice, _person(answer.respondent)) for answer in engagement.readiness)
    seen: set[tuple[str, str]] = set()
    for answer in engagement.readiness:
        key = (answer.practice, _person(answer.respondent))
        place = {"file": answer.origin.place, "row": answer.origin.row}
        if answer.practice not in known:
            near = meant(answer.practice, known)
            yield Problem(
                **place,
                column="practice",
                value=shown(answer.practice),
                message="is no practice" + (f', did you mean "{near}"?' if near else ""),
                allowed=listed(known),
            )
        if times[key] > 1 and key in seen:
            yield Problem(
                **place,
                column="respondent",
                value=shown(answer.respondent),
                message=f"answers {shown(answer.practice)} {times[key]} times",
                allowed="one answer of each respondent to each practice",
            )
        seen.add(key)
    for target in engagement.targets:
        if target not in known:
            yield Problem(
                file="engagement.yaml",
                column=f"targets.{target}",
                message="names no practice",
                allowed=listed(known),
            )


def _person(name: str) -> str:
    return " ".join(name.split()).casefold()
