"""What is known of a practice: what its respondents answered, and what was measured.

The answers give the level that is confirmed, and how far they differ. Two people confirm each other only if they are two: people
who never differ may be one form handed in twice. A measurement can lower an answer, it never raises one in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from assess.core.record import Record
from assess.core.source import Source
from assess.evidence.operations import Operations
from assess.evidence.policy import Policy
from assess.evidence.quality import QualityAssessment
from assess.intake.engagement import Engagement, ReadinessAnswer
from assess.intake.problem import InvalidEngagement, Problem, closest_word, listed, quote_value
from assess.intake.references import every_practice


class Voices(Record):
    """The answers to one practice.

    Parameters
    ----------
    level
        Highest answer that two people reach who differ somewhere, or one who names evidence; 0 where one person alone
        says more, None where nobody knows. More answers can raise it, fewer never.
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


def weigh_answers(
    answers: Sequence[ReadinessAnswer], distinct: Callable[[str, str], bool] | None = None
) -> Voices:
    """Weigh the answers to one practice.

    Parameters
    ----------
    distinct
        Whether two respondents are two people, see `Panel.distinct`; default all are.

    >>> said = [ReadinessAnswer(practice="p", answer=a, respondent=str(i)) for i, a in enumerate(["1", "0.5", "0"])]
    >>> weigh_answers(said).level
    0.5
    """
    known = sorted(
        ((value, answer) for answer in answers if (value := _value(answer)) is not None),
        key=lambda entry: -entry[0],
    )
    values = [value for value, _ in known]
    return Voices(
        level=_confirmed(known, distinct) if known else None,
        lowest=min(values, default=None),
        highest=max(values, default=None),
        known=len(values),
        unknown=len(answers) - len(values),
        answers=tuple(answers),
    )


def _confirmed(
    known: Sequence[tuple[float, ReadinessAnswer]], distinct: Callable[[str, str], bool] | None
) -> float:
    """Return the highest answer that has evidence, or that two people reach; ``known`` with the highest first."""
    for place, (value, answer) in enumerate(known):
        above = (other for _, other in known[:place])
        if answer.evidence.strip() or any(
            distinct is None or distinct(answer.respondent, other.respondent) for other in above
        ):
            return value
    return 0.0


def _value(answer: ReadinessAnswer) -> float | None:
    return None if answer.answer == "unknown" else float(answer.answer)


class Panel:
    """Everybody who was asked anything, and the answers of each.

    A respondent who gave a practice the same answer twice gave it once.

    Parameters
    ----------
    answers
        In the order of the table.
    """

    def __init__(self, answers: Iterable[ReadinessAnswer]) -> None:
        self._sheets: dict[str, dict[str, ReadinessAnswer]] = {}
        for answer in answers:
            sheet = self._sheets.setdefault(_person(answer.respondent), {})
            sheet[answer.practice] = _merged(sheet.get(answer.practice), answer)

    @property
    def people(self) -> tuple[str, ...]:
        """Their names, in the order of the table."""
        return tuple(self._sheets)

    def distinct(self, one: str, other: str) -> bool:
        """Return whether two respondents answered a practice differently that both could answer.

        Who never differ may be one form handed in twice: they confirm nothing to each other. Taking an answer away can
        only take a difference away, so it never makes two of one.
        """
        first, second = self._sheets[_person(one)], self._sheets[_person(other)]
        return any(
            (mine := _value(answer)) is not None
            and practice in second
            and (theirs := _value(second[practice])) is not None
            and mine != theirs
            for practice, answer in first.items()
        )

    def without_copies(self) -> tuple[Panel, dict[str, str]]:
        """Return the panel with one of those whose sheets are the same, and name to whose copy it is.

        What one of them names as evidence stays.
        """
        first: dict[tuple[tuple[str, str], ...], str] = {}
        copies: dict[str, str] = {}
        panel = Panel(())
        for name, sheet in self._sheets.items():
            known = first.setdefault(tuple(sorted((p, a.answer) for p, a in sheet.items())), name)
            if known == name:
                panel._sheets[name] = dict(sheet)
                continue
            copies[name] = known
            kept = panel._sheets[known]
            kept |= {practice: _merged(kept[practice], answer) for practice, answer in sheet.items()}
        return panel, copies

    def by_practice(self) -> dict[str, tuple[ReadinessAnswer, ...]]:
        """Return the answers to each practice."""
        found: dict[str, list[ReadinessAnswer]] = {}
        for sheet in self._sheets.values():
            for practice, answer in sheet.items():
                found.setdefault(practice, []).append(answer)
        return {practice: tuple(rows) for practice, rows in found.items()}


def _merged(kept: ReadinessAnswer | None, new: ReadinessAnswer) -> ReadinessAnswer:
    """Return the earlier of two equal answers, with the evidence that either names."""
    if kept is None:
        return new
    return kept if kept.evidence.strip() else kept.model_copy(update={"evidence": new.evidence})


def read_panel(engagement: Engagement) -> Panel:
    """Return the panel of an engagement.

    Raises
    ------
    InvalidEngagement
        With every respondent who gives one practice two different answers, and every unknown practice.
    """
    problems = tuple(_problems(engagement))
    if problems:
        raise InvalidEngagement(problems)
    return Panel(engagement.readiness)


def _problems(engagement: Engagement) -> Iterator[Problem]:
    known = every_practice((own.id, own.text) for own in engagement.practices)
    first: dict[tuple[str, str], str] = {}
    for answer in engagement.readiness:
        key = (answer.practice, _person(answer.respondent))
        place = {"file": answer.origin.place, "row": answer.origin.row}
        if answer.practice not in known:
            near = closest_word(answer.practice, known)
            yield Problem(
                **place,
                column="practice",
                value=quote_value(answer.practice),
                message="is no practice" + (f', did you mean "{near}"?' if near else ""),
                allowed=listed(known),
            )
        if first.setdefault(key, answer.answer) != answer.answer:
            yield Problem(
                **place,
                column="respondent",
                value=quote_value(answer.respondent),
                message=f"answers {quote_value(answer.practice)} {answer.answer} here and {first[key]} above",
                allowed="one answer of each respondent to each practice",
            )
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


SCALE = (0.0, 0.25, 0.5, 0.75, 1.0)


class Measured(Record):
    """The highest answer that the evidence allows for one practice.

    Parameters
    ----------
    level
        From 0 to 1, on the scale of the answers.
    text
        What was counted, in words.
    proves
        Whether what was looked at is the practice itself: then it counts without an answer.
    """

    practice: str
    level: float
    text: str
    sources: tuple[Source, ...]
    proves: bool = False


def measure(
    engagement: Engagement,
    operations: Operations | None = None,
    quality: QualityAssessment | None = None,
    policy: Policy | None = None,
) -> Mapping[str, Measured]:
    """Return what the engagement's own tables, logs, extracts, contracts and catalog show, by practice.

    Where two of them speak of a practice, the lower one counts.

    A practice of which nothing was measured is not in the answer: no evidence is no evidence against.
    """
    found: dict[str, Measured] = {}
    for item in (
        *_mapped(engagement),
        *_tables(engagement),
        *_operated(engagement, operations),
        *_profiled(engagement, quality),
        *_governed(policy),
    ):
        other = found.get(item.practice)
        if other is None or item.level < other.level:
            found[item.practice] = item
    return found


def _mapped(engagement: Engagement) -> Iterator[Measured]:
    """Look whether the value stream is mapped, where readiness is assessed: its steps or an event log are the map itself."""
    steps, logs = engagement.value_stream, engagement.event_logs
    if any(_value(answer) is not None for answer in engagement.readiness):
        text = f"{len(steps)} steps of the value stream and {len(logs)} event logs are in the engagement"
        said = _said(
            "strategic-alignment/value-stream-mapped", bool(steps or logs), text, "value_stream.csv", "step"
        )
        yield said.model_copy(update={"proves": True})


def _tables(engagement: Engagement) -> Iterator[Measured]:
    integrations, systems = engagement.integrations, engagement.systems
    if integrations and engagement.goals:
        served = {goal for item in integrations for goal in item.goals}
        count = sum(bool(item.goals) for item in integrations)
        reached = sum(goal.id in served for goal in engagement.goals)
        share = min(count / len(integrations), reached / len(engagement.goals))
        text = f"{count} of {len(integrations)} integrations name a goal, {reached} of {len(engagement.goals)} goals are served"
        yield _said("strategic-alignment/outcomes-mapped", share, text, "integrations.csv", "goals")
    if engagement.goals:
        count = sum(goal.today is not None for goal in engagement.goals)
        text = f"{count} of {len(engagement.goals)} goals say where their metric stands today"
        yield _said(
            "strategic-alignment/metrics-baselined",
            count / len(engagement.goals),
            text,
            "engagement.yaml",
            "goals",
        )
    if systems:
        count = sum(bool(system.owner.strip()) for system in systems)
        text = f"{count} of {len(systems)} systems name an owner of their data"
        yield _said("data-governance/owners-named", count / len(systems), text, "systems.csv", "owner")
    if integrations and any(item.contract for item in integrations):
        count = sum(bool(item.contract) for item in integrations)
        text = f"{count} of {len(integrations)} integrations have a contract on file"
        yield _said(
            "exit-strategy/open-standards", count / len(integrations), text, "integrations.csv", "contract"
        )
    reserve = engagement.team.maintenance_reserve
    if reserve is not None:
        fifth = engagement.assumptions["team.reserve"].likely
        text = f"{reserve:.0%} of the capacity is kept for maintenance"
        yield _said(
            "maintenance-budget/reserve-set",
            reserve / fifth,
            text,
            "engagement.yaml",
            "team.maintenance_reserve",
        )


def _operated(engagement: Engagement, operations: Operations | None) -> Iterator[Measured]:
    if operations is None or not engagement.integrations:
        return
    if operations.traffic:
        logged = sum(item.runs > 0 for item in operations.traffic)
        running = sum(item.style_today not in ("none", "manual") for item in engagement.integrations)
        text = f"logs of runs exist for {logged} of {running} integrations that run today"
        share = logged / running if running else 1.0
        yield _measured("observability/metrics-defined", share, text, "operations", "logs")
    timed = [item for item in engagement.incidents if item.started and item.detected]
    if timed:
        limit = engagement.assumptions["operations.detect_hours"].likely * 3600
        waits = [(i.detected - i.started).total_seconds() for i in timed if i.detected and i.started]
        count = sum(wait <= limit for wait in waits)
        text = f"{count} of {len(timed)} incidents were noticed within {limit / 3600:g} h"
        yield _measured("observability/alerts-set", count / len(timed), text, "operations", "detect")


def _profiled(engagement: Engagement, quality: QualityAssessment | None) -> Iterator[Measured]:
    if quality is None or not quality.assessed:
        return
    pairs = [verdict for verdict in quality.verdicts if verdict.target]
    if pairs:
        fit = sum(verdict.fitness == "fit" for verdict in pairs)
        text = f"{fit} of {len(pairs)} pairs of tables agree in keys, codes and values"
        yield _measured("data-governance/common-model", fit / len(pairs), text, "quality", "pairs")
    tables = engagement.tables
    share = len(quality.profiles) / len(tables) if tables else 1.0
    text = f"{len(quality.profiles)} of {len(tables)} tables of the engagement could be profiled"
    yield _measured("data-governance/quality-measured", share, text, "quality", "profiles")


RULES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "exit-strategy/open-standards": (("contract-valid",), "contracts conform to their open standard"),
    "maintenance-budget/deprecation-policy": (
        ("deprecation-date",),
        "deprecated entries of the catalog name their last day",
    ),
    "data-governance/retention-known": (
        ("personal-data-owner", "personal-data-keeper"),
        "integrations and systems with personal data have an owner, as far as it is stated which these are",
    ),
    "observability/alerts-set": (("integration-alerts",), "integrations name who is alerted"),
}
"""Policies that speak of a practice, and what they count."""


def _governed(policy: Policy | None) -> Iterator[Measured]:
    """Count what meets the rules that speak of a practice; what none meets may be written down elsewhere."""
    rules = {rule.id: rule for rule in policy.rules} if policy else {}
    for practice, (ids, what) in RULES.items():
        held = [rules[id] for id in ids if id in rules and rules[id].judged]
        judged, passed = sum(rule.judged for rule in held), sum(rule.passed for rule in held)
        if passed:
            text = f"{passed} of {judged} {what}"
            yield _measured(practice, passed / judged, text, "policy", "+".join(ids))


def _said(practice: str, share: float, text: str, place: str, column: str) -> Measured:
    source = Source(kind="input", place=place, column=column, detail=text)
    return Measured(practice=practice, level=_floor(share), text=text, sources=(source,))


def _measured(practice: str, share: float, text: str, place: str, check: str) -> Measured:
    source = Source(kind="measurement", place=f"{place}/{check}", detail=text)
    return Measured(practice=practice, level=_floor(share), text=text, sources=(source,))


def _floor(share: float) -> float:
    """Return the highest answer that a share reaches.

    >>> _floor(0.99), _floor(1.0), _floor(0.3)
    (0.75, 1.0, 0.25)
    """
    return max(level for level in SCALE if level <= max(share, 0.0) + 1e-9)
