"""What a person says of linked pairs: which sixty to look at, and the precision and recall that follow, with their intervals."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from scipy.stats import beta

from assess.core.personal import show_field
from assess.core.record import Record
from assess.evidence.quality.table import Table
from assess.intake.engagement import LinkReview

LOOKED_AT = 60
"""Pairs that one review shows."""
OF_LINKED = 2 / 3
"""Share of them that are linked, the others are undecided."""
CONFIDENCE = 0.95
MOST_DRAWN = 600
"""Pairs that are drawn at most, for all reviews of one linkage."""
MOST_REVIEWS = 100_000
"""Pairs beyond which no number of reviews is named."""
COLUMNS = ("left_row", "right_row", "group", "probability", "reason")


class LinkageReview(Record):
    """What reviewed pairs say of a linkage; None where no pair was reviewed.

    Parameters
    ----------
    linked, undecided
        Pairs of the linkage.
    right, seen
        Of the reviewed linked pairs those that are the same, and their number.
    open_right, open_seen
        The same of the undecided pairs.
    outdated
        Reviews that do not count: their records say something else by now.
    """

    linked: int
    undecided: int
    right: int = 0
    seen: int = 0
    open_right: int = 0
    open_seen: int = 0
    outdated: int = 0

    @property
    def precision(self) -> tuple[float, float, float] | None:
        """Share of the linked pairs that are the same: estimate and exact 95 % interval."""
        return (self.right / self.seen, *exact_interval(self.right, self.seen)) if self.seen else None

    @property
    def recall(self) -> tuple[float, float, float] | None:
        """Share of the same records that are linked, among the pairs that were found at all: estimate and 95 % interval.

        Both shares are taken at the ends of intervals that each hold with 97.5 % (Bonferroni), so that both hold with 95 %.
        """
        if not self.seen or (self.undecided and not self.open_seen):
            return None
        half = (1 + CONFIDENCE) / 2
        low, high = exact_interval(self.right, self.seen, half)
        few, many = exact_interval(self.open_right, self.open_seen, half) if self.undecided else (0.0, 0.0)
        middle = self.open_right / self.open_seen if self.undecided else 0.0

        def share(found: float, missed: float) -> float:
            same = found * self.linked + missed * self.undecided
            return found * self.linked / same if same else 0.0

        return share(self.right / self.seen, middle), share(low, many), share(high, few)

    def same(self, linked: float, undecided: float) -> tuple[float, float]:
        """Return how many of the linked and of the undecided pairs are the same; what is handed over where none was reviewed.

        >>> LinkageReview(linked=900, undecided=100, right=38, seen=40).same(880.0, 30.0)
        (855.0, 30.0)
        """
        return (
            self.linked * self.right / self.seen if self.seen else linked,
            self.undecided * self.open_right / self.open_seen if self.open_seen else undecided,
        )

    def reviews_for(self, half_width: float) -> int | None:
        """Return how many more linked pairs have to be reviewed for the precision to be known to plus or minus ``half_width``.

        At the present share; None where even `MOST_REVIEWS` would not do or nothing was reviewed.
        """
        if not self.seen:
            return None
        share, low, high = self.right / self.seen, self.seen, MOST_REVIEWS
        if _half_width(share, high) > half_width:
            return None
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if _half_width(share, middle) <= half_width else (middle + 1, high)
        return max(low - self.seen, 0)

    @property
    def sentence(self) -> str:
        """What was reviewed and what follows, in words."""
        if self.precision is None:
            return f"{self.linked:,} linked pairs, not checked by a person{self._left_out}"
        share, low, high = self.precision
        told = f"Of {self.seen:,} linked pairs that a person reviewed {self.right:,} are the same: precision {share:.0%}, between {low:.0%} and {high:.0%} (95 %)"
        if self.undecided and self.recall is not None:
            told += f"; of the same records that were found {self.recall[0]:.0%} are linked, between {self.recall[1]:.0%} and {self.recall[2]:.0%}"
        width = max(high - low, 0.02) / 4
        more = self.reviews_for(width)
        told += f". {more:,} more reviews would narrow the precision to ±{width:.1%}" if more else ""
        return told + self._left_out

    @property
    def _left_out(self) -> str:
        lost = self.outdated
        return (
            f"; {lost:,} reviewed {'pair is' if lost == 1 else 'pairs are'} left out, as the extract has changed"
            if lost
            else ""
        )


def _half_width(share: float, seen: int) -> float:
    low, high = exact_interval(round(share * seen), seen)
    return (high - low) / 2


def exact_interval(hits: int, seen: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the interval of a share that hits among so many seen leave (Clopper and Pearson, Biometrika 26, 1934).

    >>> [round(limit, 4) for limit in exact_interval(10, 10)], [round(limit, 4) for limit in exact_interval(0, 10)]
    ([0.6915, 1.0], [0.0, 0.3085])
    """
    tail = (1 - confidence) / 2
    low = float(beta.ppf(tail, hits, seen - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, seen - hits)) if hits < seen else 1.0
    return low, high


def draw_review(pairs: pd.DataFrame, undecided: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """Draw pairs for a person, each by chance alone: two of those linked, one of the undecided, and so on.

    In whatever number they are looked at from the first on, both groups are seen as by chance.

    Returns
    -------
    DataFrame
        left_row, right_row, group (``linked`` or ``undecided``), probability, reason; at most `MOST_DRAWN`.
    """
    draw = np.random.default_rng(seed)
    parts = []
    for frame, group, share in ((pairs, "linked", OF_LINKED), (undecided, "undecided", 1 - OF_LINKED)):
        places = draw.permutation(len(frame))[:MOST_DRAWN]
        turn = (np.arange(len(places)) + 0.5) / share
        parts.append(frame.iloc[places].assign(group=group, turn=turn))
    drawn = pd.concat(parts).sort_values("turn", kind="stable").head(MOST_DRAWN).reset_index(drop=True)
    return drawn[list(COLUMNS)]


class RecordMasker:
    """A table whose records a person compares with those of another.

    Parameters
    ----------
    table
        Opened.
    personal
        Its columns that tell of persons.
    clear
        Whether persons are shown, because the consultant asked for it.
    """

    def __init__(self, table: Table, personal: Collection[str], *, clear: bool = False) -> None:
        self.table, self.personal, self.clear = table, frozenset(personal), clear

    def show(self, name: str, text: str) -> str:
        """Return what a field holds, masked where it is a person's, see `assess.core.personal.show_field`."""
        return show_field(text, personal=name in self.personal, clear=self.clear)

    def show_record(self, row: int) -> str:
        """Return what a record says, its filled fields one after the other.

        >>> from assess.evidence.quality.table import open_table
        >>> table = open_table(pd.DataFrame({"name": ["Ann", "Bob"], "town": ["", "Rome"]}))
        >>> RecordMasker(table, {"name"}).show_record(1), RecordMasker(table, {"name"}, clear=True).show_record(1)
        ('name: «Aaa» | town: Rome', 'name: Bob | town: Rome')
        """
        fields = read_record(self.table, row)
        return " | ".join(f"{name}: {self.show(name, text)}" for name, text in fields.items())


def read_record(table: Table, row: int) -> dict[str, str]:
    """Return the filled fields of a record, as the client's table holds them.

    >>> from assess.evidence.quality.table import open_table
    >>> read_record(open_table(pd.DataFrame({"name": ["Ann", "Bob"], "town": ["", "Rome"]})), 0)
    {'name': 'Ann'}
    """
    held = [(column.name, column.without_nulls(trimmed=True)) for column in table]
    texts = ((name, " ".join(column.values[column.codes[row]].split())) for name, column in held)
    return {name: text for name, text in texts if text}


def count_reviews(
    drawn: pd.DataFrame, reviews: Sequence[LinkReview], sides: tuple[Table, Table], pairs: tuple[int, int]
) -> LinkageReview:
    """Count what a person said of drawn pairs; what was said of records that say something else by now does not count.

    Parameters
    ----------
    pairs
        Linked and undecided ones of the linkage.
    """
    group = {(one, other): name for one, other, name in _listed(drawn)}
    counts, outdated = {"linked": [0, 0], "undecided": [0, 0]}, 0
    for said in reviews:
        if said.same is None:
            continue
        held = group.get((said.source_row, said.target_row))
        if held is None or not _still(said, sides):
            outdated += 1
            continue
        counts[held][0] += said.same
        counts[held][1] += 1
    (right, seen), (open_right, open_seen) = counts["linked"], counts["undecided"]
    return LinkageReview(
        linked=pairs[0], undecided=pairs[1], right=right, seen=seen, open_right=open_right, open_seen=open_seen, outdated=outdated
    )  # fmt: skip


def _listed(drawn: pd.DataFrame) -> list[tuple[int, int, str]]:
    return list(
        zip(drawn["left_row"].tolist(), drawn["right_row"].tolist(), drawn["group"].tolist(), strict=True)
    )


def _still(said: LinkReview, sides: tuple[Table, Table]) -> bool:
    ends = zip(
        sides, (said.source_row, said.target_row), (said.source_record, said.target_record), strict=True
    )
    return all(row < table.rows and (not text or _says(table, row, text)) for table, row, text in ends)


def _says(table: Table, row: int, text: str) -> bool:
    """Whether a record says what was listed of it, each field in clear or masked."""
    for name, value in read_record(table, row).items():
        shown = {value, *(show_field(value, personal=hidden) for hidden in (True, False))}
        forms = (f"{name}: {form}" for form in shown)
        rest = next(
            (text[len(form) :] for form in forms if text == form or text.startswith(f"{form} | ")), None
        )
        if rest is None:
            return False
        text = rest.removeprefix(" | ")
    return not text


def propose_reviews(
    drawn: pd.DataFrame,
    reviews: Sequence[LinkReview],
    source: RecordMasker,
    target: RecordMasker,
    number: int = LOOKED_AT,
) -> tuple[LinkReview, ...]:
    """Return the next pairs that a person should look at, both records beside each other; none that is listed already."""
    known = {(said.source_row, said.target_row) for said in reviews}
    reasons = zip(_listed(drawn), drawn["reason"].tolist(), strict=True)
    rows = [(one, other, reason) for (one, other, _), reason in reasons if (one, other) not in known]
    return tuple(
        LinkReview(source=source.table.name, target=target.table.name, source_row=one, target_row=other, compared=reason,
                   source_record=source.show_record(one), target_record=target.show_record(other))
        for one, other, reason in rows[:number]
    )  # fmt: skip
