"""What a comparison says."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

import pandas as pd

from assess.core.finding import Finding
from assess.core.messages import escape_line
from assess.core.numbers import quantity
from assess.core.record import Record
from assess.report.prose import and_list, clean, sentence_case

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


FEW = 12
"""Changes of a cause and findings that the text lists; the page and the JSON hold all."""

WIDEST = 100
"""Characters of one entry of the text."""


def write_text(comparison: RunComparison) -> str:
    """Write a comparison as text: the numbers with their causes, what is different, findings that came and went."""
    lines = [f"{clean(comparison.client, WIDEST)}: {len(comparison.visits)} runs"]
    lines += [f"  {name(visit)}" for visit in comparison.visits]
    lines += [f"  {line}" for visit in comparison.visits for line in failed(visit)]
    if len(comparison.visits) > 2:
        lines += ["", *_trend(comparison)]
    for place, leg in enumerate(comparison.legs):
        before, after = comparison.visits[place : place + 2]
        lines += ["", f"From {clean(before.name, WIDEST)} to {clean(after.name, WIDEST)}", *_leg(leg)]
    return "\n".join(map(escape_line, lines)) + "\n"


def name(visit: Visit) -> str:
    """Name a run by its folder and the day of its answers."""
    return clean(visit.name, WIDEST) + (f" ({visit.date.isoformat()})" if visit.date else "")


def failed(visit: Visit) -> tuple[str, ...]:
    """Say which chapters of a run failed, in a line; nothing if none did."""
    said = f"{clean(visit.name, WIDEST)}: failed and not compared: {', '.join(visit.failed)}. Run it again."
    return (said,) if visit.failed else ()


def number(value: float | None, headline: Headline, *, signed: bool = False) -> str:
    """Write a headline number with all the digits in which it adds up.

    >>> h = Headline(key="x", label="x", unit="must-haves", digits=2, better="higher")
    >>> number(1234.5, h), number(-0.5, h, signed=True), number(None, h), number(0, h, signed=True)
    ('1,234.5', '−0.5', 'not assessed', '0')
    """
    if value is None:
        return "not assessed"
    text = f"{abs(value):,.{headline.digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    sign = "−" if value < 0 and text != "0" else "+" if signed and value > 0 else ""
    return sign + text


def summary(leg: Leg) -> str:
    """Say in one or two sentences what moved, and by what most."""
    return " ".join(filter(None, (moved(leg), counted(leg))))


def moved(leg: Leg) -> str:
    """Say how far the first of the numbers that moved did, and by what most."""
    first = next((d for d in leg.differences if d.total), None)
    if first is None:
        return "None of the numbers moved."
    cause = max(first.parts, key=lambda c: abs(first.parts[c]), default=None)
    text = f"{first.headline.label}: {more_or_less(first.total or 0.0, first.headline)}"
    if cause is not None:
        text += f",{'' if first.parts[cause] == first.total else ' mostly'} because of {NAMES[cause]}"
    return f"{text}."


def counted(leg: Leg) -> str:
    """Count the numbers that are better, worse and unchanged; empty where one number alone can be compared, or none moved."""
    known = [d for d in leg.differences if d.total is not None]
    if len(known) < 2 or not any(d.total for d in known):
        return ""
    sides = Counter("unchanged" if d.improved is None else "better" if d.improved else "worse" for d in known)
    kept = "; ".join(f"{sides[word]} {word}" for word in ("better", "worse", "unchanged") if sides[word])
    return f"Of {len(known)} numbers that can be compared: {kept}."


def because(leg: Leg) -> str:
    """Say what each cause makes of the first number that moved, the largest part first."""
    first = next((d for d in leg.differences if d.total), None)
    if first is None:
        return "None of the numbers moved, so nothing has a cause"
    parts = sorted(((c, part) for c, part in first.parts.items() if part), key=lambda of: -abs(of[1]))
    if not parts:
        return (
            f"What moved cannot be split by cause: {first.why}" if first.why else "What moved cannot be split"
        )
    if len(parts) == 1 and not first.unsplit:
        return f"{sentence_case(NAMES[parts[0][0]])} alone made the difference"
    made = [f"{NAMES[cause]} {more_or_less(part, first.headline)}" for cause, part in parts]
    return f"{sentence_case(and_list(made))}"


NAMES: dict[Cause, str] = {
    "answers": "other answers",
    "measurements": "other measurements",
    "prices": "other prices",
    "model": "other versions or settings of the model",
}
"""The causes in a sentence."""


def more_or_less(change: float, headline: Headline) -> str:
    r"""Write a change without a sign: how much more or less.

    >>> cost = Headline(key="cost", label="Cost", unit="EUR", better="lower")
    >>> more_or_less(-172_281.0, cost).replace("\xa0", " ")
    '172 k€ less'
    """
    return f"{quantity(abs(change), headline.unit)} {'more' if change > 0 else 'less'}"


def _trend(comparison: RunComparison) -> Iterator[str]:
    yield "Over the runs"
    rows = [
        [h.label + ", " + h.unit, *(number(v.values.get(h.key), h) for v in comparison.visits)]
        for h in comparison.headlines
    ]
    rows.append(["Findings", *(f"{v.findings:,}" for v in comparison.visits)])
    yield from aligned(["", *(f"run {place}" for place in range(1, len(comparison.visits) + 1))], rows)


def _leg(leg: Leg) -> Iterator[str]:
    yield from textwrap.wrap(summary(leg), WIDEST)
    yield ""
    head = ["", "before", "after", "change", *CAUSES, "not split"]
    rows = [
        [
            f"{d.headline.label}, {d.headline.unit}",
            number(d.before, d.headline),
            number(d.after, d.headline),
            number(d.total, d.headline, signed=True) if d.total is not None else "",
            *(number(d.parts[c], d.headline, signed=True) if c in d.parts else "" for c in CAUSES),
            number(d.unsplit, d.headline, signed=True) if d.unsplit else "",
        ]
        for d in leg.differences
    ]
    yield from aligned(head, rows)
    reasons = dict.fromkeys((d.headline.label, d.why) for d in leg.differences if d.why and d.unsplit)
    yield from (f"  {label} is not split: {why}." for label, why in reasons)
    yield from _changes(leg.changes)
    for title, found in (("New findings", leg.new), ("Findings that are gone", leg.gone)):
        if found:
            yield f"{title}: {len(found)}"
            yield from (f"  {f.severity}: {clean(f.title, WIDEST)}" for f in found[:FEW])
            if len(found) > FEW:
                yield f"  and {len(found) - FEW} more"


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    for cause in CAUSES:
        own = [change for change in changes if change.cause == cause]
        if own:
            yield f"Different {cause}: {len(own)}"
            yield from (f"  {write_change(change)}" for change in own[:FEW])
            if len(own) > FEW:
                yield f"  and {len(own) - FEW} more"


def write_change(change: Change) -> str:
    """Write one change in a line.

    >>> write_change(Change(cause="answers", place="stack: sftp", after="new"))
    'stack: sftp: new'
    >>> write_change(Change(cause="answers", place="stack: sftp", before="stated"))
    'stack: sftp: no longer stated'
    """
    if (change.before, change.after) in (("", "new"), ("stated", "")):
        return f"{clean(change.place, WIDEST)}: {'new' if change.after else 'no longer stated'}"
    before, after = (
        clean(text, WIDEST).replace("\n", " ") or "nothing" for text in (change.before, change.after)
    )
    return f"{clean(change.place, WIDEST)}: {before} → {after}"


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Write a table in columns: the first at the left, numbers at the right.

    >>> list(aligned(["", "a"], [["one", "1"], ["hundred", "100"]]))
    ['             a', '  one        1', '  hundred  100']
    """
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    for row in (head, *rows):
        cells = [
            text.ljust(width) if place == 0 else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield ("  " + "  ".join(cells)).rstrip()
