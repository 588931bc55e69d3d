"""Dates in another format or time zone, and sides of which one ends earlier."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from assess.core.places import distinct
from assess.evidence.quality.checks.check import DefinitionCheck, Texts
from assess.evidence.quality.matching.pair import ColumnPair, DefinitionConflict, show_examples
from assess.evidence.quality.matching.records import EPOCHS, is_count
from assess.evidence.quality.types import dates
from assess.evidence.quality.types.dates import Dates

FEWEST_TIMES = 10
QUARTER = 900
"""Seconds: time zones differ by whole quarters of an hour (IANA time zone database)."""
WIDEST = 14 * 3600
"""Seconds: no two zones used by business are further apart than a day; offsets reach fourteen hours."""
SHARE_TIMES = 0.6
"""Share of joined records that must lie one offset (or that and the one of summer time) apart."""
STALE_DAYS = 30
"""Days by which the newest records of the two sides may differ."""


def find_format_conflicts(pair: ColumnPair) -> list[DefinitionConflict]:
    """Report dates that are written in another format than most of the target's."""
    mine, theirs = pair.source_kind.dates, pair.target_kind.dates
    if mine is None or theirs is None:
        return _find_counts(pair)
    wanted = main_format(theirs, pair.target.counts)
    other = np.array([f is not None and not _same(f, wanted) for f in mine.formats], bool)
    if not wanted or not pair.rows_of(other):
        return []
    known = main_format(mine, pair.source.counts)
    ambiguous = pair.rows_of(other & mine.ambiguous)
    says = f"{pair.rows_of(other):,} dates are not written {wanted} as in the target (mostly {known})"
    if ambiguous:
        says += f"; in {ambiguous:,} of them day and month could be swapped"
    return [
        pair.conflict(
            "date format", says, other, 0.97, examples=show_examples(pair.source, np.flatnonzero(other), pair.clear),
            counterparts=show_examples(pair.target, np.flatnonzero(theirs.found), pair.clear), unclear=int(ambiguous),
        )
    ]  # fmt: skip


COUNTED = 0.9
"""Share of the joined records whose number must be the count of the other side's moment."""


def _find_counts(pair: ColumnPair) -> list[DefinitionConflict]:
    """Report moments that one side counts from a day on, by joined records."""
    both = pair.joint
    first, second = pair.source_kind.dates, pair.target_kind.dates
    if (first is None) == (second is None) or both.rows < FEWEST_TIMES:
        return []
    if first is not None:
        moments, counts = first.instants[both.source], pair.target_numbers.worth[both.target]
    elif second is not None:
        moments, counts = second.instants[both.target], pair.source_numbers.worth[both.source]
    for name, (unit, zero) in EPOCHS.items():
        here = is_count(moments, counts, name)
        if both.counts[here].sum() < COUNTED * both.rows:
            continue
        rows = pair.rows_of(pair.source_kind.present)
        says = (
            f"{rows:,} moments are dates in the source and {name} in the target"
            if first is not None
            else f"{rows:,} moments are {name} in the source and dates in the target"
        )
        fix = (
            f"CAST(CAST(round((epoch(CAST({{}} AS TIMESTAMP)) - {zero:.0f}) / {unit!r}) AS BIGINT) AS VARCHAR)"
            if first is not None
            else f"strftime(make_timestamp(CAST((CAST({{}} AS DOUBLE) * {unit!r} + {zero:.0f}) * 1e6 AS BIGINT)), '%Y-%m-%d %H:%M:%S')"
        )
        return [
            pair.conflict(
                "date format", says, pair.source_kind.present, 0.95, fix=fix if first is None or _is_iso(pair) else "",
                examples=show_examples(pair.source, both.source[:3], pair.clear), counterparts=show_examples(pair.target, both.target[:3], pair.clear),
            )
        ]  # fmt: skip
    return []


def _is_iso(pair: ColumnPair) -> bool:
    read = pair.source_kind.dates
    return read is not None and main_format(read, pair.source.counts).startswith("YYYY-MM-DD")


def _same(name: str, wanted: str) -> bool:
    """Whether a format is the wanted one, or could be it.

    >>> _same("##/##/YYYY", "DD/MM/YYYY"), _same("MM/DD/YYYY", "DD/MM/YYYY"), _same("##.##.YYYY", "DD/MM/YYYY")
    (True, False, False)
    """
    if name == wanted:
        return True
    return "##" in name and name.replace("#", "") == wanted.replace("DD", "").replace("MM", "")


def find_zone_conflicts(pair: ColumnPair) -> list[DefinitionConflict]:
    """Report moments of joined records that lie whole hours apart."""
    mine, theirs = pair.source_kind.dates, pair.target_kind.dates
    if mine is None or theirs is None or pair.joint.rows < FEWEST_TIMES:
        return []
    if not (mine.seconds.any() and theirs.seconds.any()):
        return []
    both = pair.joint
    apart = (theirs.instants[both.target] - mine.instants[both.source]).astype("timedelta64[s]")
    known = ~np.isnat(apart)
    seconds, counts = apart[known].astype(np.int64), both.counts[known]
    if counts.sum() < FEWEST_TIMES:
        return []
    offsets = np.round(seconds / QUARTER).astype(np.int64) * QUARTER
    near = (np.abs(seconds - offsets) <= 60) & (np.abs(offsets) <= WIDEST)
    rows = {int(o): int(counts[near & (offsets == o)].sum()) for o in distinct(offsets[near])}
    main = max(sorted(rows), key=lambda o: rows[o], default=0)
    summer = max((o for o in (main - 3600, main + 3600) if o in rows), key=lambda o: rows[o], default=main)
    share = (rows.get(main, 0) + (rows.get(summer, 0) if summer != main else 0)) / int(counts.sum())
    if main == 0 or share < SHARE_TIMES:
        return []
    also = summer != main and rows[summer] >= 0.1 * rows[main]
    hours = " or ".join(
        f"{h:g}" for h in sorted({abs(o) / 3600 for o in ((main, summer) if also else (main,))})
    )
    way = "behind" if main < 0 else "ahead of"
    says = f"the target's time is {hours} {'hour' if hours == '1' else 'hours'} {way} the source's in {share:.0%} of the joined records"
    fix = f"strftime(CAST({{}} AS TIMESTAMP) + INTERVAL {main} SECOND, '%Y-%m-%d %H:%M:%S')"
    return [
        pair.conflict(
            "time zone", says, pair.source_kind.present, 0.6 + 0.39 * share, fix="" if also else fix,
            examples=show_examples(pair.source, np.flatnonzero(mine.found), pair.clear), factor=main / 3600,
        )
    ]  # fmt: skip


def find_freshness_conflicts(pair: ColumnPair) -> list[DefinitionConflict]:
    """Report columns whose newest entries lie far apart."""
    mine, theirs = pair.source_kind.dates, pair.target_kind.dates
    if mine is None or theirs is None:
        return []
    newest = [_newest(read, column.counts) for read, column in ((mine, pair.source), (theirs, pair.target))]
    if newest[0] is None or newest[1] is None:
        return []
    days = int((newest[1] - newest[0]) / np.timedelta64(1, "D"))
    if abs(days) <= STALE_DAYS:
        return []
    older = "source" if days > 0 else "target"
    says = f"the {older} ends {abs(days):,} days before the other side ({newest[0]} against {newest[1]})"
    return [pair.conflict("freshness", says, np.zeros(len(mine.formats), bool), 0.8)]


def _newest(read: dates.Dates, counts: npt.NDArray[np.int64]) -> np.datetime64 | None:
    """The day by which 99 % of the rows lie, so that single dates of the far future do not count."""
    instants = read.instants
    known = ~np.isnat(instants) & (instants < np.datetime64("2200-01-01"))
    if counts[known].sum() < FEWEST_TIMES:
        return None
    order = np.argsort(instants[known], kind="stable")
    rows = np.cumsum(counts[known][order])
    place = int(np.searchsorted(rows, 0.99 * rows[-1]))
    return np.datetime64(instants[known][order][place], "D")


STRFTIME = {
    "YYYY": "%Y",
    "YY": "%y",
    "MM": "%m",
    "DD": "%d",
    "hh": "%H",
    "mm": "%M",
    "ss": "%S",
    "Mon": "%b",
    "D": "%d",
}


def translate_dates(pair: ColumnPair, conflict: DefinitionConflict) -> Texts | None:
    """Existing dates in the target's main format; without one that tells day from month, none."""
    mine, theirs = pair.source_kind.dates, pair.target_kind.dates
    if mine is None or theirs is None:
        return None
    wanted = main_format(theirs, pair.target.counts)
    if "#" in wanted or " am" in wanted:
        return None
    century = wanted.startswith("C")
    pattern = _pattern(wanted[1:] if century else wanted)
    utc = pair.target.values[theirs.found]
    joint = "T" if any("T" in str(value) for value in utc[:20]) else " "
    pattern = pattern.replace(" %H", f"{joint}%H").replace(
        " zone", "Z" if any(str(v).endswith("Z") for v in utc[:20]) else ""
    )
    texts = pair.source.values.copy()
    known = np.flatnonzero(mine.valid & mine.found)
    moments = pd.DatetimeIndex(mine.instants[known])
    written = moments.strftime(pattern).to_numpy(object)
    texts[known] = (
        [f"{year // 100 - 19}{text}" for year, text in zip(moments.year, written, strict=True)]
        if century
        else written
    )
    return texts


def main_format(read: Dates, counts: npt.NDArray[np.int64]) -> str:
    """Return the format of most rows; one that does not tell day from month only if no other does."""
    rows: dict[str, int] = {}
    for name, count in zip(read.formats, counts.tolist(), strict=True):
        if name is not None:
            rows[name] = rows.get(name, 0) + count
    telling = {name: count for name, count in rows.items() if not name.startswith("##")} or rows
    return max(sorted(telling), key=lambda name: telling[name], default="")


def _pattern(name: str) -> str:
    """Turn a format's name into that of `strftime`.

    >>> _pattern("DD.MM.YYYY hh:mm")
    '%d.%m.%Y %H:%M'
    """
    for part in ("YYYY", "YY", "Mon", "MM", "DD", "hh", "mm", "ss"):
        name = name.replace(part, STRFTIME[part])
    return name.replace("D", "%d", 1) if "D" in name.replace("%D", "") else name


DATE_FORMAT = DefinitionCheck(
    name="date format",
    subject="Format",
    matters="Days and months are swapped or the record is rejected.",
    find=find_format_conflicts,
    ruled=True,
    translate=translate_dates,
)

TIME_ZONE = DefinitionCheck(
    name="time zone",
    subject="Definition",
    matters="Events fall on the wrong hour or day; orderings break.",
    grave=True,
    agreed=True,
    find=find_zone_conflicts,
    blurs=True,
)

FRESHNESS = DefinitionCheck(
    name="freshness",
    subject="Definition",
    matters="Decisions rest on an old state of one side.",
    agreed=True,
    find=find_freshness_conflicts,
)
