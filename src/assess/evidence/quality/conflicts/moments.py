"""Dates and times: another format, another time zone, another newest record."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from assess.evidence.quality.types import dates

from .meeting import Conflict, Meeting, shown
from .translation import main_format

FEWEST = 10
QUARTER = 900
"""Seconds: time zones differ by whole quarters of an hour (IANA time zone database)."""
WIDEST = 14 * 3600
"""Seconds: no two zones used by business are further apart than a day; offsets reach fourteen hours."""
SHARE = 0.6
"""Share of joined records that must lie one offset (or that and the one of summer time) apart."""
STALE_DAYS = 30
"""Days by which the newest records of the two sides may differ."""


def formats(meeting: Meeting) -> list[Conflict]:
    """Report dates that are written in another format than most of the target's."""
    mine, theirs = meeting.source_kind.dates, meeting.target_kind.dates
    if mine is None or theirs is None:
        return []
    wanted = main_format(theirs, meeting.target.counts)
    other = np.array([f is not None and not _same(f, wanted) for f in mine.formats], bool)
    if not wanted or not meeting.rows_of(other):
        return []
    known = main_format(mine, meeting.source.counts)
    ambiguous = meeting.rows_of(other & mine.ambiguous)
    says = f"{meeting.rows_of(other):,} dates are not written {wanted} as in the target (mostly {known})"
    if ambiguous:
        says += f"; in {ambiguous:,} of them day and month could be swapped"
    return [
        meeting.conflict(
            "date format", says, other, 0.97, examples=shown(meeting.source, np.flatnonzero(other), meeting.clear),
            counterparts=shown(meeting.target, np.flatnonzero(theirs.found), meeting.clear), unclear=int(ambiguous),
        )
    ]  # fmt: skip


def _same(name: str, wanted: str) -> bool:
    """Whether a format is the wanted one, or could be it.

    >>> _same("##/##/YYYY", "DD/MM/YYYY"), _same("MM/DD/YYYY", "DD/MM/YYYY"), _same("##.##.YYYY", "DD/MM/YYYY")
    (True, False, False)
    """
    if name == wanted:
        return True
    return "##" in name and name.replace("#", "") == wanted.replace("DD", "").replace("MM", "")


def zone(meeting: Meeting) -> list[Conflict]:
    """Report moments of joined records that lie whole hours apart."""
    mine, theirs = meeting.source_kind.dates, meeting.target_kind.dates
    if mine is None or theirs is None or meeting.together.rows < FEWEST:
        return []
    if not (mine.seconds.any() and theirs.seconds.any()):
        return []
    both = meeting.together
    apart = (theirs.instants[both.target] - mine.instants[both.source]).astype("timedelta64[s]")
    known = ~np.isnat(apart)
    seconds, counts = apart[known].astype(np.int64), both.counts[known]
    if counts.sum() < FEWEST:
        return []
    offsets = np.round(seconds / QUARTER).astype(np.int64) * QUARTER
    near = (np.abs(seconds - offsets) <= 60) & (np.abs(offsets) <= WIDEST)
    rows = {int(o): int(counts[near & (offsets == o)].sum()) for o in np.unique(offsets[near])}
    main = max(sorted(rows), key=lambda o: rows[o], default=0)
    summer = max((o for o in (main - 3600, main + 3600) if o in rows), key=lambda o: rows[o], default=main)
    share = (rows.get(main, 0) + (rows.get(summer, 0) if summer != main else 0)) / int(counts.sum())
    if main == 0 or share < SHARE:
        return []
    also = summer != main and rows[summer] >= 0.1 * rows[main]
    hours = " or ".join(
        f"{h:g}" for h in sorted({abs(o) / 3600 for o in ((main, summer) if also else (main,))})
    )
    way = "behind" if main < 0 else "ahead of"
    says = f"the target's time is {hours} {'hour' if hours == '1' else 'hours'} {way} the source's in {share:.0%} of the joined records"
    fix = f"strftime(CAST({{}} AS TIMESTAMP) + INTERVAL {main} SECOND, '%Y-%m-%d %H:%M:%S')"
    return [
        meeting.conflict(
            "time zone", says, meeting.source_kind.present, 0.6 + 0.39 * share, fix="" if also else fix,
            examples=shown(meeting.source, np.flatnonzero(mine.found), meeting.clear), factor=main / 3600,
        )
    ]  # fmt: skip


def freshness(meeting: Meeting) -> list[Conflict]:
    """Report columns whose newest entries lie far apart."""
    mine, theirs = meeting.source_kind.dates, meeting.target_kind.dates
    if mine is None or theirs is None:
        return []
    newest = [
        _newest(read, column.counts) for read, column in ((mine, meeting.source), (theirs, meeting.target))
    ]
    if newest[0] is None or newest[1] is None:
        return []
    days = int((newest[1] - newest[0]) / np.timedelta64(1, "D"))
    if abs(days) <= STALE_DAYS:
        return []
    older = "source" if days > 0 else "target"
    says = f"the {older} ends {abs(days):,} days before the other side ({newest[0]} against {newest[1]})"
    return [meeting.conflict("freshness", says, np.zeros(len(mine.formats), bool), 0.8)]


def _newest(read: dates.Dates, counts: npt.NDArray[np.int64]) -> np.datetime64 | None:
    """The day by which 99 % of the rows lie, so that single dates of the far future do not count."""
    instants = read.instants
    known = ~np.isnat(instants) & (instants < np.datetime64("2200-01-01"))
    if counts[known].sum() < FEWEST:
        return None
    order = np.argsort(instants[known], kind="stable")
    rows = np.cumsum(counts[known][order])
    place = int(np.searchsorted(rows, 0.99 * rows[-1]))
    return np.datetime64(instants[known][order][place], "D")
