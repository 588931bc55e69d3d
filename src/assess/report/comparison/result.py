"""What a comparison says."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import pandas as pd

from assess.core.finding import Finding
from assess.core.record import Record

Cause = Literal["answers", "measurements", "prices", "model"]
"""`assess.decisions.snapshot.Part`, and ``model``: another version, seed or number of futures."""

CAUSES: tuple[Cause, ...] = ("answers", "measurements", "prices", "model")


class Headline(Record):
    """A number by which runs are compared.

    Parameters
    ----------
    key
        Stable name, such as ``cost``.
    unit
        Its unit; ISO 4217 for money.
    digits
        Decimal places to which it is reckoned and shown; parts add up exactly in these.
    better
        Whether lower or higher is better.
    """

    key: str
    label: str
    unit: str
    digits: int = 0
    better: Literal["lower", "higher"]


class Difference(Record):
    """How far a headline number moved between two runs, and by what.

    Parameters
    ----------
    before, after
        None where the run did not assess it.
    parts
        By cause, in the order of `CAUSES`; with ``unsplit`` they add up exactly to ``after - before``.
        Empty where nothing could be split.
    unsplit
        What could not be attributed, never guessed.
    why
        Why something is not split, in one sentence.
    """

    headline: Headline
    before: float | None
    after: float | None
    parts: dict[Cause, float] = {}
    unsplit: float = 0.0
    why: str = ""

    @property
    def total(self) -> float | None:
        """After less before; None where one of them was not assessed."""
        if self.before is None or self.after is None:
            return None
        return round(self.after - self.before, self.headline.digits)

    @property
    def improved(self) -> bool | None:
        """Whether it moved to the better; None where it did not move or was not assessed."""
        if not self.total:
            return None
        return (self.total < 0) == (self.headline.better == "lower")


class Change(Record):
    """One thing that is different between two runs.

    Parameters
    ----------
    place
        Table, row and column; the key of a default; a file; a version.
    before, after
        As text; empty where it was not there.
    """

    cause: Cause
    place: str
    before: str = ""
    after: str = ""


class Visit(Record):
    """A run, as a comparison names it.

    Parameters
    ----------
    name
        Folder of the run.
    sha256, bytes
        Of its ``results.json``.
    values
        The headline numbers by key; None where not assessed.
    findings
        How many it has.
    failed
        Titles of the chapters whose notebook failed; neither their numbers nor their findings are compared.
    """

    name: str
    date: dt.date | None
    sha256: str
    bytes: int
    values: dict[str, float | None]
    findings: int
    failed: tuple[str, ...] = ()


class Leg(Record):
    """From one run to the next.

    Parameters
    ----------
    new, gone
        Findings that only the later, only the earlier run has, of chapters that both runs asked.
    """

    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]
    new: tuple[Finding, ...] = ()
    gone: tuple[Finding, ...] = ()


class RunComparison(Record):
    """What changed over two or more runs of one client.

    Parameters
    ----------
    visits
        The runs in the order given.
    legs
        From each run to the next; the first and the last run where there are only two.
    """

    client: str
    currency: str
    headlines: tuple[Headline, ...]
    visits: tuple[Visit, ...]
    legs: tuple[Leg, ...]

    @property
    def overall(self) -> Leg:
        """From the first run to the last: the parts of the legs added; differences that a leg lacks are left out."""
        differences = tuple(
            _added(column) for column in zip(*(leg.differences for leg in self.legs), strict=True)
        )
        return Leg(differences=differences, changes=())

    @property
    def table(self) -> pd.DataFrame:
        """One row a leg and headline: before, after, the parts, what is not split."""
        rows = [
            [place, d.headline.key, d.before, d.after, d.total, *(d.parts.get(c) for c in CAUSES), d.unsplit]
            for place, leg in enumerate(self.legs, 1)
            for d in leg.differences
        ]
        return pd.DataFrame(
            rows, columns=["leg", "headline", "before", "after", "total", *CAUSES, "not_split"]
        )

    @property
    def trend(self) -> pd.DataFrame:
        """One row a run, one column a headline number."""
        return pd.DataFrame(
            [{"run": v.name, "date": v.date, **v.values, "findings": v.findings} for v in self.visits]
        )


def _added(steps: tuple[Difference, ...]) -> Difference:
    """Add the differences of one headline number over consecutive legs."""
    headline, first, last = steps[0].headline, steps[0].before, steps[-1].after
    if any(step.total is None for step in steps):
        return Difference(headline=headline, before=first, after=last, unsplit=0.0)
    parts: dict[Cause, float] = {}
    if all(step.parts for step in steps):
        parts = {c: round(sum(step.parts[c] for step in steps), headline.digits) for c in CAUSES}
    unsplit = round(
        sum(step.unsplit or ((step.total or 0.0) if not parts else 0.0) for step in steps), headline.digits
    )
    return Difference(headline=headline, before=first, after=last, parts=parts, unsplit=unsplit)
