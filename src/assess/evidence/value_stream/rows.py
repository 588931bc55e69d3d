"""The rows of the value stream as a network and times; every problem of them at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from assess.core.dates import read_day
from assess.core.numbers import parse_share
from assess.intake.engagement import Engagement, ProcessStep
from assess.intake.problem import InvalidEngagement, Problem, closest_word, listed, quote_value
from assess.intake.references import circling

from .calendar import WorkingCalendar
from .network import END, START, Network, visits

TOLERANCE = 1e-6
"""By how much the shares of a decision may miss 1."""


def read_calendar(engagement: Engagement) -> WorkingCalendar:
    """Return the working calendar: hours and days from the assumptions, zone and holidays from the engagement.

    Raises
    ------
    InvalidEngagement
        If zone, holidays or hours make no sense.
    """
    problems, days = [], []
    for day in engagement.holidays:
        if (read := read_day(day)) is None:
            problems.append(_setting(engagement, "holidays", day, "is no date", "a date such as 2026-12-25"))
        else:
            days.append(read)
    try:
        ZoneInfo(engagement.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        allowed = "an IANA name such as Europe/Berlin"
        problems.append(_setting(engagement, "time_zone", engagement.time_zone, "is no time zone", allowed))
    if problems:
        raise InvalidEngagement(problems)
    number = {
        k: engagement.assumptions[f"value_stream.{k}"].likely
        for k in ("opens_at", "hours_per_day", "days_per_week")
    }
    try:
        return WorkingCalendar(
            opens=number["opens_at"] * 60,
            minutes_per_day=number["hours_per_day"] * 60,
            days_per_week=round(number["days_per_week"]),
            zone=engagement.time_zone,
            holidays=frozenset(days),
        )
    except ValueError as error:
        problem = _setting(engagement, "assumptions.value_stream", "", str(error), "hours within one day")
        raise InvalidEngagement([problem]) from None


def _setting(engagement: Engagement, key: str, value: str, message: str, allowed: str) -> Problem:
    return Problem(
        file=engagement.origin.place, column=key, value=quote_value(value), message=message, allowed=allowed
    )


def read_network(steps: Sequence[ProcessStep]) -> Network:
    """Return the steps as a network.

    Parameters
    ----------
    steps
        Rows of the value stream. Where no row says what follows, each is followed by the next row; otherwise a row
        without a next step is an end. A step is a decision where it says so, or where it gives
        shares and does not say that it is none.

    Raises
    ------
    InvalidEngagement
        With every problem: unknown or repeated steps, shares that make no sense, loops that no decision leaves or
        that never end, negative times.
    """
    problems = [*_named(steps), *_numbers(steps)]
    follows, decisions = {}, set()
    silent = not any(step.next for step in steps)
    for n, step in enumerate(steps):
        if silent:
            follows[step.step] = {steps[n + 1].step: 1.0} if n + 1 < len(steps) else {}
            continue
        shares, wrong = _shares(step)
        problems += wrong
        known = {s.step for s in steps}
        problems += [_unknown(step, "next", to, known) for to in shares if to not in known]
        follows[step.step] = {to: share for to, share in shares.items() if to in known}
        if _decides(step):
            decisions.add(step.step)
    problems += [
        _unknown(step, "rework_to", step.rework_to, {s.step for s in steps})
        for step in steps
        if step.rework_to and step.rework_to not in {s.step for s in steps}
    ]
    if not problems:
        rows = {step.step: step for step in steps}
        problems += [
            _problem(rows[name], "next", to, message, allowed)
            for name, to, message, allowed in circling(follows, decisions)
        ]
    if problems:
        raise InvalidEngagement(problems)
    net = Network(
        steps=tuple(step.step for step in steps),
        follows=follows,
        decisions=frozenset(decisions),
        accurate={s.step: s.complete_accurate for s in steps if s.complete_accurate is not None},
        rework=_rework(steps, follows),
    )
    problems += _rework_ahead(steps, net)
    problems += () if problems else _endless(steps, net)
    if problems:
        raise InvalidEngagement(problems)
    return net


def _endless(steps: Sequence[ProcessStep], net: Network) -> list[Problem]:
    """Find decisions that send back so many cases, or to so many parallel paths, that a case is never through."""
    try:
        visits(net)
    except ValueError:
        at = {step: place for place, step in enumerate(net.order)}
        return [
            _problem(
                step, "next", to, "never leads to an end: as many cases set out again as come",
                "a smaller share that goes back, or a way back from one path only",
            )
            for step in steps
            for to in net.follows[step.step]
            if step.step in net.decisions and at[to] <= at[step.step]
        ]  # fmt: skip
    return []


def _problem(step: ProcessStep, column: str, value: object, message: str, allowed: str) -> Problem:
    return Problem(
        file=step.origin.place,
        row=step.origin.row,
        column=column,
        value=None if value is None else quote_value(value),
        message=message,
        allowed=allowed,
    )


def _unknown(step: ProcessStep, column: str, value: str, known: set[str]) -> Problem:
    near = closest_word(value, sorted(known))
    hint = f', did you mean "{near}"?' if near else ""
    return _problem(step, column, value, f"is no step{hint}", listed(sorted(known)))


def _named(steps: Sequence[ProcessStep]) -> Iterator[Problem]:
    counts = Counter(step.step for step in steps)
    for step in steps:
        if counts[step.step] > 1:
            yield _problem(step, "step", step.step, "is used by several rows", "one row a step")
        if step.step in (START, END, ""):
            yield _problem(step, "step", step.step, "can't be a step's name", "a name of letters or digits")


def _numbers(steps: Sequence[ProcessStep]) -> Iterator[Problem]:
    for step in steps:
        for column in ("process_minutes", "wait_minutes", "volume"):
            estimate = getattr(step, column)
            if estimate is not None and estimate.low < 0:
                yield _problem(step, column, f"{estimate.low:g}", "is negative", "0 or more")
        if step.complete_accurate == 0:
            yield _problem(step, "complete_accurate", 0, "means that no case ever goes on", "more than 0")


def _decides(step: ProcessStep) -> bool:
    shared = any(":" in entry for entry in step.next)
    return bool(step.decision) or (step.decision is None and shared)


def _shares(step: ProcessStep) -> tuple[dict[str, float], list[Problem]]:
    """Return next step -> share, and what is wrong with them."""
    problems, given = [], dict[str, float | None]()
    for entry in step.next:
        name, separator, text = (
            (part.strip() for part in entry.rpartition(":")) if ":" in entry else (entry.strip(), "", "")
        )
        share = parse_share(text) if separator else None
        if separator and (share is None or not 0 < share <= 1):
            problems.append(
                _problem(step, "next", entry, "has no share from 0 to 1", "approve:0.8; reject:0.2")
            )
        if name in given:
            problems.append(_problem(step, "next", name, "is named twice", "each next step once"))
        given[name] = share
    stated = [share for share in given.values() if share is not None]
    if problems:
        return dict.fromkeys(given, 1.0), problems
    if not _decides(step):
        if stated:
            problems.append(_problem(step, "next", "; ".join(step.next), "gives shares at a step that is no decision",
                                     "decision yes, or next steps without shares"))  # fmt: skip
        return dict.fromkeys(given, 1.0), problems
    silent = len(given) - len(stated)
    left = 1 - sum(stated)
    if (silent and left <= 0) or (not silent and given and abs(left) > TOLERANCE):
        problems.append(
            _problem(
                step, "next", "; ".join(step.next), f"has shares that sum to {sum(stated):g}", "a sum of 1"
            )
        )
    return {name: left / silent if share is None else share for name, share in given.items()}, problems


def _rework(steps: Sequence[ProcessStep], follows: Mapping[str, Mapping[str, float]]) -> dict[str, str]:
    """Where incomplete work returns: as stated, else to the step before, else to the step itself."""
    place = {step.step: n for n, step in enumerate(steps)}
    before: dict[str, str] = {}
    for name in place:  # rows in order: the first predecessor that stands above
        for to in follows[name]:
            if place[name] < place[to]:
                before.setdefault(to, name)
    return {step.step: step.rework_to or before.get(step.step, step.step) for step in steps}


def _rework_ahead(steps: Sequence[ProcessStep], net: Network) -> Iterator[Problem]:
    """Find work that would return to a step that lies ahead."""
    place = {name: n for n, name in enumerate(net.order)}
    for step in steps:
        if step.rework_to and place[step.rework_to] > place[step.step]:
            yield _problem(
                step, "rework_to", step.rework_to, "lies ahead of this step", "this step or one before it"
            )
