"""Facts of a column from the facts of its blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from .facts import TOP, ColumnFacts, Counted


def merged(blocks: Sequence[tuple[ColumnFacts, ...]]) -> tuple[ColumnFacts, ...]:
    """Put the facts of blocks together, column by column.

    Counts are sums; a share is the mean weighted by rows; types are those of most rows. Distinct values
    and quantiles of several blocks can't be had from those of each: they are left to the engine and
    said in ``not_assessed`` where it does not give them.
    """
    if len(blocks) == 1:
        return blocks[0]
    return tuple(_merged(parts) for parts in zip(*blocks, strict=True))


def _merged(parts: tuple[ColumnFacts, ...]) -> ColumnFacts:
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
            "date_formats": _counted(part.date_formats for part in parts),
            "ambiguous_dates": sum(part.ambiguous_dates for part in parts),
            "units": _counted(part.units for part in parts),
            "top_values": _counted(part.top_values for part in parts),
            "top_masks": _counted(part.top_masks for part in parts),
            "masks": max(part.masks for part in parts),
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


def _counted(blocks: Iterable[tuple[Counted, ...]]) -> tuple[Counted, ...]:
    counts: Counter[str] = Counter()
    for block in blocks:
        for item in block:
            counts[item.label] += item.rows
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Counted(label=label, rows=rows) for label, rows in ordered[:TOP])
