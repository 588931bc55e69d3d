"""Numbers in another unit or scale, dates in another format or time zone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from assess.core.personal import show_example
from assess.evidence.quality.checks.check import DefinitionCheck, Texts
from assess.evidence.quality.column import Column
from assess.evidence.quality.matching.joins import Join
from assess.evidence.quality.matching.pair import ColumnPair, DefinitionConflict, Marks, show_examples
from assess.evidence.quality.table import Table
from assess.evidence.quality.types import dates
from assess.evidence.quality.types.dates import Dates

Floats = npt.NDArray[np.float64]

FEWEST = 10
"""Joined records, or rows of each side, from which on a factor is believed."""
TOLERANCE = 0.005
"""Relative distance of a ratio from a factor: rounding of amounts to cents included."""
SHARE = 0.03
"""Share of the joined records that must stand in the factor."""
LIKE = 0.12
"""Distance in powers of ten of the quantiles' ratios from a whole power, without a join."""

UNITS = {
    1000.0: "thousands, or kilo", 100.0: "hundredths (cents)", 10.0: "tenths", 1e6: "millions",
    60.0: "minutes and hours, or seconds and minutes", 3600.0: "seconds and hours", 24.0: "hours and days",
    1440.0: "minutes and days", 86400.0: "seconds and days", 12.0: "months and years, or pieces and dozens",
    2.54: "centimetres and inches", 0.3048: "metres and feet", 0.45359237: "kilograms and pounds",
    1.609344: "kilometres and miles", 1024.0: "kibi", 1048576.0: "mebi", 28.349523125: "grams and ounces",
    3.785411784: "litres and US gallons",
}  # fmt: skip
"""Factors of units (SI, ISO 80000, the international yard and pound of 1959), either way round."""

VAT_RATES = (
    3, 3.8, 4, 5, 5.5, 6, 7, 7.7, 8, 8.1, 9, 9.5, 10, 12, 13, 13.5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 25.5, 27,
)  # fmt: skip
"""VAT rates in per cent of the EU (European Commission, VAT rates 2024), Switzerland and the United Kingdom."""


TAXED = tuple((unit, rate) for unit in (100.0, 1000.0) for rate in VAT_RATES)
"""Units of amounts that are tried together with a tax rate."""
DIFFERENT = 3
"""Different numbers on each side that must stand in a factor: one or two are codes, not amounts."""


def find_scale_conflicts(pair: ColumnPair) -> list[DefinitionConflict]:
    """Report numbers that differ from the target's by a known factor."""
    mine, theirs = pair.source_kind.numbers, pair.target_kind.numbers
    if mine is None or theirs is None or pair.key:
        return []
    both = pair.joint
    if both.rows >= FEWEST:
        return _joined(pair, mine.worth, theirs.worth)
    return _apart(pair, mine.worth, theirs.worth)


def factor_meaning(factor: float) -> str:
    """Say what a factor between two columns stands for, empty if it is none that is known.

    >>> factor_meaning(0.01), factor_meaning(1.19), factor_meaning(3.1)
    ('hundredths (cents)', 'net against gross at 19%', '')
    >>> factor_meaning(119)
    'net against gross at 19%, in hundredths (cents)'
    """
    for unit, words in UNITS.items():
        if min(abs(factor / unit - 1), abs(factor * unit - 1)) <= TOLERANCE:
            return words
    for rate in VAT_RATES:
        gross = 1 + rate / 100
        if min(abs(factor / gross - 1), abs(factor * gross - 1)) <= TOLERANCE / 5:
            return f"net against gross at {rate:g}%"
    for unit, rate in TAXED:
        if any(abs(factor / product - 1) <= TOLERANCE / 5 for product in _products(unit, rate)):
            return f"net against gross at {rate:g}%, in {UNITS[unit]}"
    return ""


def _products(unit: float, rate: float) -> list[float]:
    """The factors of a unit and a tax rate together, whichever side has which."""
    return [step * tax for step in (unit, 1 / unit) for tax in (1 + rate / 100, 1 / (1 + rate / 100))]


def _joined(pair: ColumnPair, mine: Floats, theirs: Floats) -> list[DefinitionConflict]:
    """Factors of joined records: the most frequent one that is not one and that is known, or holds for most."""
    both = pair.joint
    left, right = mine[both.source], theirs[both.target]
    usable = np.isfinite(left) & np.isfinite(right) & (left != 0) & (right != 0)
    usable[usable] &= left[usable] / right[usable] > 0
    if both.counts[usable].sum() < FEWEST:
        return []
    ratio, counts, source = right[usable] / left[usable], both.counts[usable], both.source[usable]
    found: list[DefinitionConflict] = []
    free = np.abs(ratio - 1) > 2 * TOLERANCE
    for _ in range(3):
        factor = _densest(ratio[free], counts[free])
        if factor is None:
            break
        here = free & (np.abs(ratio / factor - 1) <= TOLERANCE)
        free &= ~here
        if min(len(np.unique(left[usable][here])), len(np.unique(right[usable][here]))) < DIFFERENT:
            continue
        share = float(counts[here].sum() / counts.sum())
        words = factor_meaning(factor)
        if share < SHARE or counts[here].sum() < FEWEST or (not words and share < 0.5):
            continue
        found.append(_conflict(pair, factor, words, share, np.isin(np.arange(len(mine)), source[here])))
    return found


def _densest(ratio: Floats, counts: npt.NDArray[np.int64]) -> float | None:
    """The ratio with most records within the tolerance."""
    if not len(ratio):
        return None
    order = np.argsort(ratio, kind="stable")
    sorted_, rows = ratio[order], np.concatenate([[0], np.cumsum(counts[order])])
    ends = np.searchsorted(sorted_, sorted_ * (1 + TOLERANCE), side="right")
    best = int(np.argmax(rows[ends] - rows[np.arange(len(sorted_))]))
    window = slice(best, int(ends[best]))
    return float(np.average(sorted_[window], weights=counts[order][window]))


def _conflict(pair: ColumnPair, factor: float, words: str, share: float, marked: Marks) -> DefinitionConflict:
    factor = _whole(factor)
    kind = "net-gross" if words.startswith("net") else "scale"
    said = f" ({words})" if words else ""
    says = f"the target's number is {factor:g} times the source's{said} in {share:.0%} of the joined records"
    whole = share >= 0.9
    return pair.conflict(
        kind, says, pair.source_kind.present if whole else marked, 0.6 + 0.39 * min(1.0, share * 2),
        examples=show_examples(pair.source, np.flatnonzero(marked), pair.clear), factor=factor,
        fix=f"CAST(CAST({{}} AS DOUBLE) * {factor!r} AS VARCHAR)" if whole else "",
    )  # fmt: skip


def _whole(factor: float) -> float:
    """The known factor next to a measured one."""
    known = [f for unit in UNITS for f in (unit, 1 / unit)]
    known += [f for rate in VAT_RATES for f in (1 + rate / 100, 1 / (1 + rate / 100))]
    known += [f for unit, rate in TAXED for f in _products(unit, rate)]
    nearest = min(known, key=lambda f: abs(factor / f - 1))
    return nearest if abs(factor / nearest - 1) <= TOLERANCE else round(factor, 6)


GROUPS = 50
"""Different values of a column on which a factor may depend, at most."""
MISTAKEN = ("punctuation", "leading zeros", "prefix", "precision", "disagreement", "contents")
"""What a factor that depends on another column was taken for."""
HOLDS = 0.95
"""Share of a group's joined records that must stand in its factor, and of all records in such groups."""


def explain_factors(
    source: Table, join: Join | None, pairs: Sequence[ColumnPair], found: Sequence[DefinitionConflict]
) -> list[DefinitionConflict]:
    """Say of a factor that holds for a part of the records on which column it depends, such as the currency.

    Parameters
    ----------
    source
        The source's table, whose other columns are tried.
    join
        The records of both sides that are the same.
    pairs
        The matched columns.
    found
        The conflicts; one of scale that a column explains is replaced, the others stay.
    """
    made, explained = list(found), set[str]()
    for conflict in found:
        pair = next((p for p in pairs if p.source.name == conflict.source_column), None)
        if (
            join is None
            or pair is None
            or conflict.kind not in ("scale", "net-gross")
            or conflict.share >= 0.9
        ):
            continue
        made.remove(conflict)
        if conflict.source_column in explained:
            continue
        better = _depending(source, join, pair, conflict)
        if better is not None:
            made = [c for c in made if c.source_column != pair.source.name or c.kind not in MISTAKEN]
            explained.add(conflict.source_column)
        made.append(better or conflict)
    return made


def _depending(
    source: Table, join: Join, pair: ColumnPair, conflict: DefinitionConflict
) -> DefinitionConflict | None:
    mine, theirs = pair.source_kind.numbers, pair.target_kind.numbers
    if mine is None or theirs is None:
        return None
    left, right = mine.worth[pair.source.codes[join.source]], theirs.worth[pair.target.codes[join.target]]
    usable = np.isfinite(left) & np.isfinite(right) & (left != 0)
    ratio = right[usable] / left[usable]
    for column in source:
        if column.name == pair.source.name or not 1 < column.distinct <= GROUPS:
            continue
        by = _factor_by_value(column, column.codes[join.source[usable]], ratio)
        if by is None or len(set(by.values())) < 2:
            continue
        parts: dict[float, list[str]] = {}
        for place, factor in by.items():
            parts.setdefault(factor, []).append(
                show_example(column.values[place], column.clear_values, clear=pair.clear)
            )
        listed = "; ".join(f"{factor:g} times for {', '.join(values)}" for factor, values in parts.items())
        says = f"the target's number is {listed}: the factor depends on {column.name}"
        rows = pair.rows_of(pair.source_kind.present)
        whole = {"rows": rows, "share": round(rows / max(pair.source.rows, 1), 6), "condition": ""}
        return conflict.model_copy(update={"says": says, "fix": "", "confidence": 0.95, **whole})
    return None


def _factor_by_value(column: Column, codes: npt.NDArray[np.int32], ratio: Floats) -> dict[int, float] | None:
    """The factor of each value's records; None if it is not one for each, or of too few of them."""
    by, held = {}, 0
    for place in np.unique(codes).tolist():
        mine = ratio[codes == place]
        factor = _densest(mine, np.ones(len(mine), np.int64))
        inside = 0 if factor is None else int((np.abs(mine / factor - 1) <= TOLERANCE).sum())
        if factor is None or len(mine) < FEWEST or inside < HOLDS * len(mine):
            continue
        by[place], held = 1.0 if abs(factor - 1) <= TOLERANCE else _whole(factor), held + len(mine)
    return by if held >= HOLDS * len(ratio) else None


def _apart(pair: ColumnPair, mine: Floats, theirs: Floats) -> list[DefinitionConflict]:
    """Without a join: all quantiles differ by the same power of ten, and only one side has decimals."""
    sides = [
        _quantiles(values, column.counts) for values, column in ((mine, pair.source), (theirs, pair.target))
    ]
    if any(len(q) == 0 or (q <= 0).any() for q in sides):
        return []
    powers = np.log10(sides[1] / sides[0])
    power = round(float(np.median(powers)))
    whole = [bool((np.floor(v[np.isfinite(v)]) == v[np.isfinite(v)]).all()) for v in (mine, theirs)]
    if power == 0 or np.abs(powers - power).max() > LIKE or whole[0] == whole[1]:
        return []
    factor = float(10.0**power)
    says = f"all quantiles of the target are about {factor:g} times the source's ({factor_meaning(factor) or 'a power of ten'})"
    marked = pair.source_kind.present
    return [
        pair.conflict(
            "scale", says, marked, 0.7, examples=show_examples(pair.source, np.flatnonzero(marked), pair.clear),
            counterparts=show_examples(pair.target, np.flatnonzero(pair.target_kind.present), pair.clear),
            factor=factor, fix=f"CAST(CAST({{}} AS DOUBLE) * {factor!r} AS VARCHAR)",
        )
    ]  # fmt: skip


def _quantiles(values: Floats, counts: npt.NDArray[np.int64]) -> Floats:
    """Five quantiles of the non-zero numbers by rows; empty if there are too few."""
    used = np.isfinite(values) & (values != 0)
    if counts[used].sum() < 5 * FEWEST:
        return np.empty(0)
    order = np.argsort(values[used], kind="stable")
    rows = np.cumsum(counts[used][order])
    places = np.searchsorted(rows, np.array([0.1, 0.3, 0.5, 0.7, 0.9]) * rows[-1])
    return np.asarray(values[used][order][places])


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
        return []
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
    rows = {int(o): int(counts[near & (offsets == o)].sum()) for o in np.unique(offsets[near])}
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


def translate_scale(pair: ColumnPair, conflict: DefinitionConflict) -> Texts | None:
    """Numbers times the factor, with as many decimals as most of the target's have.

    Another factor than a power of ten is kept with more digits or fewer by somebody else, so the last digit may be the target's.
    """
    mine, theirs = pair.source_kind.numbers, pair.target_kind.numbers
    factor = conflict.factor
    if mine is None or theirs is None or factor is None or not conflict.fix:
        return None
    held = np.isfinite(theirs.worth)
    written = [str(v).strip() for v in pair.target.values[held]]
    rows_ = pair.target.counts[held]
    comma = float(rows_[[form == "1234,5" for form in theirs.forms[held]]].sum()) > 0.5 * float(rows_.sum())
    sign = "," if comma else "."
    decimals = [len(t.rpartition(sign)[2]) if sign in t else 0 for t in written]
    rows = np.bincount(decimals, weights=rows_)
    digits = int(rows.argmax()) if len(rows) else 2
    texts = pair.source.values.copy()
    known = np.isfinite(mine.worth)
    texts[known] = [f"{worth * factor:.{digits}f}".replace(".", sign) for worth in mine.worth[known]]
    if math.log10(abs(factor)).is_integer():
        return texts
    both = pair.joint
    near = np.abs(mine.worth[both.source] * factor - theirs.worth[both.target]) <= (1 + 1e-9) * 10.0**-digits
    texts[both.source[near]] = pair.target.values[both.target[near]]
    return texts


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


SCALE = DefinitionCheck(
    name="scale",
    subject="Definition",
    matters="Amounts arrive wrong by the factor, without any error.",
    grave=True,
    agreed=True,
    ruled=True,
    find=find_scale_conflicts,
    translate=translate_scale,
)

NET_GROSS = DefinitionCheck(
    name="net-gross",
    subject="Definition",
    matters="Taxes are counted twice or lost, without any error.",
    grave=True,
    agreed=True,
    translate=translate_scale,
)

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
