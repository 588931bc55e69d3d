"""The facts of a column: what a profile says about it in one row, of one block or of several together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assess.core.personal import LEAST, is_personal, mask, show_example
from assess.core.record import Record
from assess.core.secrets import is_secret_name
from assess.evidence.quality import types
from assess.evidence.quality.types import ColumnType

from . import Column

TOP = 20
"""Values and masks that are listed."""
READ = 200
"""Values that are read to see whether a column holds persons."""
SECONDS_A_YEAR = 365.2425 * 86_400
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


class Counted(Record):
    """Something that occurs in so many rows."""

    label: str
    rows: int


class ColumnFacts(Record):
    """What is known of one column. A value that was not assessed is None, never zero.

    Parameters
    ----------
    physical, semantic
        Type in which a database would store it, and what it means.
    conformity
        Share of the present rows that are of the semantic type.
    judged
        Share of the present rows for which that was judged.
    rows, nulls, blanks, disguised
        Rows; those that hold a null, an empty or blank text, a disguise of missing such as ``N/A``.
    distinct
        Distinct present values.
    shortest, longest, mean_length
        Characters of the present values.
    minimum, maximum
        Of numbers and dates.
    quantiles
        Of numbers, at `QUANTILES`; empty for others.
    date_formats
        Formats of dates with their rows; ``##`` is a part that could be day or month.
    ambiguous_dates
        Rows whose day and month could be swapped.
    units
        Units around numbers with their rows.
    top_values, top_masks
        The most frequent values (masked unless they were asked for) and masks.
    personal
        Whether the column tells of persons: `hide_summary` leaves no smallest, largest or middle value of it.
    own_words
        Words for missing that are values of this column, see `Column.own_words`.
    not_assessed
        What the engine could not tell.
    """

    name: str
    physical: str
    semantic: str
    conformity: float | None = None
    judged: float = 1.0
    rows: int
    nulls: int
    blanks: int
    disguised: int
    distinct: int
    shortest: int | None = None
    longest: int | None = None
    mean_length: float | None = None
    minimum: str | None = None
    maximum: str | None = None
    quantiles: tuple[float, ...] = ()
    date_formats: tuple[Counted, ...] = ()
    ambiguous_dates: int = 0
    units: tuple[Counted, ...] = ()
    top_values: tuple[Counted, ...] = ()
    top_masks: tuple[Counted, ...] = ()
    masks: int = 0
    personal: bool = False
    own_words: tuple[str, ...] = ()
    not_assessed: tuple[str, ...] = ()

    @property
    def present(self) -> int:
        """Rows that hold something."""
        return self.rows - self.nulls - self.blanks - self.disguised

    @property
    def missing_share(self) -> float | None:
        """Share of rows that hold nothing, openly or in disguise; None without rows."""
        return 1 - self.present / self.rows if self.rows else None

    @property
    def unique_share(self) -> float | None:
        """Distinct values to present rows; None without any."""
        return self.distinct / self.present if self.present else None

    @property
    def row(self) -> dict[str, Any]:
        """The facts as one row of a table, lists as text."""
        row = {name: getattr(self, name) for name in type(self).model_fields}
        for name in ("date_formats", "units", "top_values", "top_masks"):
            row[name] = ", ".join(f"{item.label} × {item.rows:,}" for item in row[name])
        row["quantiles"] = ", ".join(f"{value:g}" for value in self.quantiles)
        row["not_assessed"] = ", ".join(self.not_assessed)
        return row | {"missing_share": self.missing_share, "unique_share": self.unique_share}


def gather_facts(column: Column, kind: ColumnType | None = None, *, clear: bool = False) -> ColumnFacts:
    """Gather the facts of a column from its distinct values.

    Parameters
    ----------
    column
        The column.
    kind
        Its type, if it is known already.
    clear
        Show values as they are instead of masked.

    Examples
    --------
    >>> from assess.evidence.quality.table import open_table
    >>> import pandas as pd
    >>> facts = gather_facts(open_table(pd.DataFrame({"a": ["7", "8", "n/a", "8"]})).column("a"))
    >>> facts.semantic, facts.disguised, facts.distinct, facts.maximum, facts.missing_share
    ('quantity', 1, 2, '8', 0.25)
    """
    kind = types.infer_type(column) if kind is None else kind
    nulls = np.asarray(pc.is_null(column.texts).to_numpy(zero_copy_only=False), bool)
    count = column.counts
    facts: dict[str, Any] = {
        "name": column.name, "physical": kind.physical, "semantic": kind.semantic, "conformity": kind.conformity,
        "judged": kind.judged, "rows": column.rows, "nulls": int(count[nulls].sum()),
        "blanks": int(count[column.blank & ~nulls].sum()),
        "disguised": int(count[~kind.present & ~column.blank].sum()), "distinct": int(kind.present.sum()),
        "own_words": tuple(sorted(column.own_words)),
        "top_values": _top_values(column, kind.present, clear),
    }  # fmt: skip
    if kind.judged < 1:
        facts["not_assessed"] = (f"conformity of {column.name}: judged on {kind.judged:.1%} of its rows",)
    if kind.present.any():
        facts |= _lengths(column, kind.present) | _masks(column, kind.present)
    if kind.dates is not None:
        facts |= _dates(column, kind)
    if kind.numbers is not None:
        facts |= _numbers(column, kind)
    made = ColumnFacts(**facts)
    personal = is_personal(
        column.name, semantic=made.semantic, physical=made.physical, unique_share=made.unique_share,
        years=_years(column, kind), values=_some(column, kind.present),
    )  # fmt: skip
    return made.model_copy(update={"personal": personal})


def hide_summary(facts: ColumnFacts) -> ColumnFacts:
    """Return facts that may be shown: of a personal column no summary, of no column a unit that stands in few rows.

    The smallest, largest and middle value of a column of persons belong to one of them, and its longest text
    of a secret tells how long that is.
    """
    units = tuple(
        unit if unit.rows >= LEAST else unit.model_copy(update={"label": mask(unit.label)})
        for unit in facts.units
    )
    if not facts.personal:
        return facts.model_copy(update={"units": units})
    known: dict[str, Any] = {"minimum": None, "maximum": None, "quantiles": (), "units": units}
    if is_secret_name(facts.name):
        known |= {"shortest": None, "longest": None, "mean_length": None, "top_masks": ()}
    return facts.model_copy(update=known)


def _years(column: Column, kind: ColumnType) -> float | None:
    """Years between the tenth and the ninetieth percentile of a column's dates."""
    if kind.dates is None or not kind.conforms.any():
        return None
    seconds = kind.dates.instants[kind.conforms].astype("M8[s]").astype(np.int64)
    order = np.argsort(seconds, kind="stable")
    reached = np.cumsum(column.counts[kind.conforms][order])
    low, high = np.searchsorted(reached, np.array([0.1, 0.9]) * reached[-1])
    return float(seconds[order][high] - seconds[order][low]) / SECONDS_A_YEAR


def _some(column: Column, present: npt.NDArray[np.bool_]) -> list[str]:
    """A few present values, evenly spread, of which the content tells whether they are persons."""
    places = np.flatnonzero(present)
    if not len(places):
        return []
    places = places[np.linspace(0, len(places) - 1, min(len(places), READ)).astype(np.int64)]
    return [str(text) for text in column.texts.take(pa.array(places)).to_pylist()]


def _order(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Places of the largest counts, the earlier first where they are equal."""
    if len(counts) > 50 * TOP:
        least = np.partition(counts, -TOP)[-TOP]
        places = np.flatnonzero(counts >= least)[: 50 * TOP]
        return places[np.argsort(-counts[places], kind="stable")][:TOP]
    return np.argsort(-counts, kind="stable")[:TOP]


def _top_values(column: Column, present: npt.NDArray[np.bool_], clear: bool) -> tuple[Counted, ...]:
    places = np.flatnonzero(present)
    places = places[_order(column.counts[places])]
    texts = column.texts.take(pa.array(places)).to_pylist()
    return tuple(
        Counted(label=show_example(text, column.clear_values, clear=clear), rows=int(rows))
        for text, rows in zip(texts, column.counts[places], strict=True)
    )


def _lengths(column: Column, present: npt.NDArray[np.bool_]) -> dict[str, Any]:
    lengths = pc.utf8_length(column.texts).to_numpy(zero_copy_only=False)[present].astype(np.int64)
    rows = column.counts[present]
    mean = float((lengths * rows).sum() / rows.sum())
    return {"shortest": int(lengths.min()), "longest": int(lengths.max()), "mean_length": round(mean, 3)}


def _masks(column: Column, present: npt.NDArray[np.bool_]) -> dict[str, Any]:
    codes, labels = column.masked
    rows = np.bincount(codes[present], weights=column.counts[present], minlength=len(labels)).astype(np.int64)
    seen = np.flatnonzero(rows)
    places = seen[_order(rows[seen])]
    top = tuple(Counted(label=labels[place], rows=int(rows[place])) for place in places)
    return {"top_masks": top, "masks": len(seen)}


def _dates(column: Column, kind: ColumnType) -> dict[str, Any]:
    read = kind.dates
    assert read is not None
    found = kind.present & read.found
    formats: dict[str, int] = {}
    for name, rows in zip(read.formats[found], column.counts[found], strict=True):
        formats[name] = formats.get(name, 0) + int(rows)
    instants = read.instants[kind.conforms]
    unit: Literal["s", "D"] = "s" if kind.physical == "timestamp" else "D"
    span = {}
    if len(instants):
        first, last = np.datetime_as_string(np.array([instants.min(), instants.max()]), unit=unit).tolist()
        span = {"minimum": first, "maximum": last}
    return span | {
        "date_formats": _counted(formats),
        "ambiguous_dates": int(column.counts[kind.present & read.ambiguous].sum()),
    }


def _numbers(column: Column, kind: ColumnType) -> dict[str, Any]:
    read = kind.numbers
    assert read is not None
    worth, rows = read.worth[kind.conforms], column.counts[kind.conforms]
    units: dict[str, int] = {}
    for unit, count in zip(read.units[kind.present], column.counts[kind.present], strict=True):
        if unit:
            units[unit] = units.get(unit, 0) + int(count)
    facts: dict[str, Any] = {"units": _counted(units)}
    if not len(worth) or kind.semantic == "code":
        return facts
    return facts | {
        "minimum": f"{worth.min():.15g}", "maximum": f"{worth.max():.15g}", "quantiles": weighted_quantiles(worth, rows),
    }  # fmt: skip


def weighted_quantiles(worth: npt.NDArray[np.float64], rows: npt.NDArray[np.int64]) -> tuple[float, ...]:
    """Return the `QUANTILES` of values that occur in so many rows (the smallest value that reaches each).

    >>> weighted_quantiles(np.array([3.0, 1.0]), np.array([1, 99]))
    (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    """
    order = np.argsort(worth, kind="stable")
    reached = np.cumsum(rows[order])
    places = np.searchsorted(reached, np.array(QUANTILES) * reached[-1])
    return tuple(float(value) for value in worth[order][np.minimum(places, len(worth) - 1)])


def _counted(counts: dict[str, int]) -> tuple[Counted, ...]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Counted(label=label, rows=rows) for label, rows in ordered[:TOP])


def merge_facts(blocks: Sequence[tuple[ColumnFacts, ...]]) -> tuple[ColumnFacts, ...]:
    """Put the facts of blocks together, column by column.

    Counts are sums; a share is the mean weighted by rows; types are those of most rows. Distinct values
    and quantiles of several blocks can't be had from those of each: they are left to the engine and
    said in ``not_assessed`` where it does not give them.
    """
    if len(blocks) == 1:
        return blocks[0]
    return tuple(_merge_column(parts) for parts in zip(*blocks, strict=True))


def _merge_column(parts: tuple[ColumnFacts, ...]) -> ColumnFacts:
    present = [part for part in parts if part.present] or list(parts)
    weight = sum(part.present for part in present) or 1
    kinds: Counter[tuple[str, str]] = Counter()
    for part in present:
        kinds[part.physical, part.semantic] += part.present
    (physical, semantic), _ = kinds.most_common(1)[0]
    judged = [part for part in present if part.conformity is not None]
    return parts[0].model_copy(
        update={
            "physical": physical, "semantic": semantic,
            "conformity": sum((part.conformity or 0) * part.present for part in judged) / weight if judged else None,
            "judged": sum(part.judged * part.present for part in present) / weight,
            "rows": sum(part.rows for part in parts), "nulls": sum(part.nulls for part in parts),
            "blanks": sum(part.blanks for part in parts), "disguised": sum(part.disguised for part in parts),
            "distinct": max(part.distinct for part in parts),
            "shortest": min((p.shortest for p in present if p.shortest is not None), default=None),
            "longest": max((p.longest for p in present if p.longest is not None), default=None),
            "mean_length": round(sum((p.mean_length or 0) * p.present for p in present) / weight, 3),
            "minimum": _limit(present, semantic, low=True), "maximum": _limit(present, semantic, low=False),
            "quantiles": (),
            "date_formats": _summed(part.date_formats for part in parts),
            "ambiguous_dates": sum(part.ambiguous_dates for part in parts),
            "units": _summed(part.units for part in parts),
            "top_values": _summed(part.top_values for part in parts),
            "top_masks": _summed(part.top_masks for part in parts),
            "masks": max(part.masks for part in parts), "personal": any(part.personal for part in parts),
            "own_words": tuple(sorted({word for part in parts for word in part.own_words})),
            "not_assessed": tuple(dict.fromkeys(said for part in parts for said in part.not_assessed)),
        }
    )  # fmt: skip


def _limit(parts: Sequence[ColumnFacts], semantic: str, *, low: bool) -> str | None:
    limits = [limit for part in parts if (limit := part.minimum if low else part.maximum) is not None]
    if not limits:
        return None
    if semantic in ("date", "timestamp"):
        return min(limits) if low else max(limits)
    try:
        return min(limits, key=float) if low else max(limits, key=float)
    except ValueError:
        return None


def _summed(blocks: Iterable[tuple[Counted, ...]]) -> tuple[Counted, ...]:
    counts: Counter[str] = Counter()
    for block in blocks:
        for item in block:
            counts[item.label] += item.rows
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Counted(label=label, rows=rows) for label, rows in ordered[:TOP])
