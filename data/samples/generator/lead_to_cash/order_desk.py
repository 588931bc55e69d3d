"""What the order desk's tool logged: three months of contract orders, from the quote to the customer in billing.

The true process differs from what people say in three points: credit checks wait longer, more of them go back to
the quote, and typing a customer takes longer. One order in eight is lost and never closed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

FIRST = dt.datetime(2026, 7, 1, 9, 0)
LAST = dt.datetime(2026, 9, 30, 17, 0)
CASES = 420
OPENS, CLOSES = 9, 17
COLUMNS = ("case", "activity", "started", "completed", "resource")

BACK_TO_QUOTE = 0.22
LOST = 0.13
TYPED_AGAIN = 0.18


@dataclass(frozen=True)
class Work:
    """An activity: the desk's people, median wait before it (elapsed minutes), least, usual and most work."""

    name: str
    people: tuple[str, ...]
    wait: float
    minutes: tuple[float, float, float]


QUOTE = Work("Write the quote", ("sales 1", "sales 2", "sales 3", "sales 4"), 200, (15, 33, 65))
CHECK = Work("Check credit", ("finance 1", "finance 2"), 1500, (4, 8, 16))
ORDER = Work("Enter the order", ("sales 5", "sales 6"), 100, (5, 10, 20))
DEBTOR = Work("Type the customer into billing", ("finance 3", "finance 4"), 1300, (8, 16, 30))


def opening(moment: dt.datetime) -> dt.datetime:
    """Return the first moment from then on at which the desk works."""
    if moment.hour >= CLOSES:
        moment = (moment + dt.timedelta(days=1)).replace(hour=OPENS, minute=0)
    if moment.hour < OPENS:
        moment = moment.replace(hour=OPENS, minute=0)
    while moment.weekday() > 4:
        moment = (moment + dt.timedelta(days=1)).replace(hour=OPENS, minute=0)
    return moment


def done(random: Random, work: Work, ready: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Draw when an activity starts and ends; nobody starts what does not fit into the day."""
    wait = work.wait * random.lognormvariate(0, 0.5)
    low, likely, high = work.minutes
    span = dt.timedelta(minutes=round(random.triangular(low, high, likely)))
    start = opening(ready + dt.timedelta(minutes=round(wait)))
    if (start + span).time() > dt.time(CLOSES):
        start = opening(start.replace(hour=CLOSES))
    return start, start + span


def case(random: Random, number: int, now: dt.datetime) -> Iterator[tuple[str, ...]]:
    """Yield the events of one order."""

    def event(work: Work) -> tuple[str, ...]:
        nonlocal now
        start, now = done(random, work, now)
        return (f"S-{number}", work.name, start.isoformat(), now.isoformat(), random.choice(work.people))

    yield event(QUOTE)
    yield event(CHECK)
    while random.random() < BACK_TO_QUOTE:
        yield event(QUOTE)
        yield event(CHECK)
    if random.random() < LOST:
        return
    yield event(ORDER)
    yield event(DEBTOR)
    while random.random() < TYPED_AGAIN:
        yield event(ORDER)
        yield event(DEBTOR)
    yield (f"S-{number}", "Closed", "", now.isoformat(), "order desk")


def events(random: Random) -> list[tuple[str, ...]]:
    """Return every event that the tool holds on the last day, in the order of the cases."""
    span = (LAST - FIRST).total_seconds() / 60
    arrivals = sorted(
        opening(FIRST + dt.timedelta(minutes=round(random.random() * span))) for _ in range(CASES)
    )
    rows = [row for n, begin in enumerate(arrivals, 40_001) for row in case(random, n, begin)]
    return [row for row in rows if row[3] <= LAST.isoformat()]
