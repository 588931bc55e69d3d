"""The checklist: stages, questions and practices, read from ``intake/practices.yaml``."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from assess.core.estimate import Estimate
from assess.core.record import Record
from assess.core.source import Source
from assess.intake.assumptions import defaults
from assess.intake.engagement import Engagement, OwnPractice
from assess.intake.problem import InvalidEngagement, Problem

FILE = "practices.yaml"

OWN = "own"
"""Question of a practice of the client's own that names none."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ReadinessStage(Record):
    """A stage that a gate opens: select a framework, pilot one integration, scale to all."""

    id: str
    label: str


class Practice(Record):
    """What shows the answer to one of the seven questions.

    Parameters
    ----------
    weight
        Importance among the practices of its question.
    must
        Stage to the threshold from which the practice is good enough for it; empty for a practice that
        stops nothing.
    people
        Employees from which on it holds a gate; a client that states fewer is not held by it.
    owner, action, days
        Who closes the gap, how, and with how many person-days.
    shifts
        Assumption of the cost model to the factor that multiplies it while the practice is absent.
    source
        Who says so.
    """

    id: str
    question: str
    text: str
    weight: float = 1.0
    must: dict[str, float] = {}
    people: int = 0
    owner: str
    action: str
    days: Estimate
    shifts: dict[str, Estimate] = {}
    source: Source

    @property
    def label(self) -> str:
        """Its name in words: ``alerts set``."""
        return self.id.split("/")[-1].replace("-", " ")


class Checklist(Record):
    """Stages in their order, questions by id, and practices."""

    stages: tuple[ReadinessStage, ...]
    questions: dict[str, str]
    practices: tuple[Practice, ...]

    def practice(self, id: str) -> Practice:
        """Return the practice of this id.

        Raises
        ------
        KeyError
            If there is none.
        """
        return {practice.id: practice for practice in self.practices}[id]

    def of(self, engagement: Engagement) -> Checklist:
        """Return the checklist of an engagement: with its own practices, weights and thresholds.

        A target replaces the threshold of every stage for which its practice is a must-have; a practice
        that is none becomes one for the last stage. Without a target, what is out of proportion to a client of
        its size holds no gate.
        """
        own = tuple(map(_own, engagement.practices))
        added = {p.question: p.question for p in own if p.question not in self.questions}
        changed = tuple(self._changed(practice, engagement) for practice in (*self.practices, *own))
        return Checklist(stages=self.stages, questions={**self.questions, **added}, practices=changed)

    def _changed(self, practice: Practice, engagement: Engagement) -> Practice:
        last, targets = self.stages[-1].id, engagement.targets
        weight = engagement.importance.get(practice.id, 1.0)
        small = engagement.employees is not None and engagement.employees < practice.people
        must = {} if small else practice.must
        if practice.id in targets:
            must = dict.fromkeys(practice.must or (last,), targets[practice.id])
        return practice.model_copy(update={"weight": weight, "must": must})


@cache
def checklist() -> Checklist:
    """Return the checklist that ships with the package.

    >>> [stage.id for stage in checklist().stages], len(checklist().questions)
    (['select', 'pilot', 'scale'], 7)
    """
    return read(files("assess.intake").joinpath(FILE).read_text("utf-8"))


def read(text: str) -> Checklist:
    """Read a checklist.

    Raises
    ------
    InvalidEngagement
        With everything that is wrong: two gates or two practices with one name, a threshold outside 0 to 1,
        an unknown question, stage or assumption.
    """
    data = yaml.load(text, Loader=_LOADER)  # noqa: S506 - safe, in C where there is C
    problems = tuple(_problems(data))
    if problems:
        raise InvalidEngagement(problems)
    basis = data["basis"]
    date = basis["date"] if isinstance(basis["date"], dt.date) else dt.date.fromisoformat(basis["date"])
    return Checklist(
        stages=tuple(ReadinessStage(**stage) for stage in data["stages"]),
        questions=data["questions"],
        practices=tuple(_practice(entry, basis["source"], date) for entry in data["practices"]),
    )


def _own(row: OwnPractice) -> Practice:
    """Return a practice that the engagement adds; one without a question stands under the client's own."""
    thresholds = {"select": row.select, "pilot": row.pilot, "scale": row.scale}
    return Practice(
        id=row.id,
        question=row.question or OWN,
        text=row.text,
        must={stage: value for stage, value in thresholds.items() if value is not None},
        owner=row.owner,
        action=row.action or f"Put in place: {row.text}",
        days=row.days,
        source=row.origin,
    )


def _practice(entry: Mapping[str, Any], basis: str, date: dt.date) -> Practice:
    source = Source(kind="assumption", place=f"readiness.{entry['id']}", detail=basis, date=date)
    return Practice(
        id=entry["id"],
        question=entry["question"],
        text=entry["text"],
        must=entry.get("must", {}),
        people=entry.get("people", 0),
        owner=entry["owner"],
        action=entry["action"],
        days=_estimate(entry["days"], "person-days", source),
        shifts={key: _estimate(value, "factor", source) for key, value in entry.get("shifts", {}).items()},
        source=source,
    )


def _estimate(values: list[float], unit: str, source: Source) -> Estimate:
    low, likely, high = map(float, values)
    return Estimate(low=low, likely=likely, high=high, unit=unit, source=source)


def _problems(data: Mapping[str, Any]) -> Iterator[Problem]:
    stages = [stage["id"] for stage in data["stages"]]
    yield from _twice(stages, "gate", "stages")
    yield from _twice([entry["id"] for entry in data["practices"]], "practice", "practices")
    for entry in data["practices"]:
        where = f"practices.{entry['id']}"
        if entry["question"] not in data["questions"]:
            yield _problem(f"{where}.question", entry["question"], "is no question", data["questions"])
        for stage, threshold in entry.get("must", {}).items():
            if stage not in stages:
                yield _problem(f"{where}.must", stage, "is no gate", stages)
            if not 0 <= threshold <= 1:
                yield Problem(
                    file=FILE,
                    column=f"{where}.must.{stage}",
                    value=str(threshold),
                    message="is no threshold",
                    allowed="0 to 1",
                )
        for key in entry.get("shifts", {}):
            if key not in defaults():
                yield _problem(f"{where}.shifts", key, "is no assumption", ())


def _twice(ids: list[str], kind: str, column: str) -> Iterator[Problem]:
    for id, count in Counter(ids).items():
        if count > 1:
            yield Problem(
                file=FILE, column=column, value=id, message=f"names {count} {kind}s", allowed="one each"
            )


def _problem(column: str, value: str, message: str, allowed: object) -> Problem:
    words = ", ".join(allowed) if isinstance(allowed, list | dict) else "a key of the defaults"
    return Problem(file=FILE, column=column, value=value, message=message, allowed=words)
