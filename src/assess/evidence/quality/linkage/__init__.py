"""Which records of two tables are the same, without a key and without labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from assess.core.record import Record
from assess.evidence.quality.table import Frame, Table, open_table, same_frames
from assess.intake.engagement import LinkReview

from .comparison import CandidatePairs, ComparedRecords, Progress, compare_records
from .review import LinkageReview, count_reviews, draw_review
from .scoring import EVIDENCE, ScoredPairs, choose_pairs, count_shared_records, score_pairs
from .spaces import Floats, Rows

__all__ = ["Linkage", "link"]

UNDECIDED = 0.1
"""Probability from which on a pair that is not linked is worth a person's look."""
REFUSED = "no evidence of common records"
ALIKE, UNLIKE = 0.7, 0.3
"""Similarity of two fields from which on they speak for a pair, and below which they speak against it."""


class Linkage(Record):
    """The records that two tables share.

    Parameters
    ----------
    left, right
        Names of the tables.
    left_rows, right_rows
        Their rows.
    pairs
        Linked records, the surest first, each record once: left_row, right_row, probability (the model's, which
        no person has checked), reason.
    undecided
        Pairs that may be the same, the same columns: neither linked nor counted as alone.
    columns
        Columns by which the records were compared: left_column, right_column, agreement in the surest pairs beyond chance.
    linked, doubtful
        Number of linked and of undecided pairs, also where the lists were cut.
    linked_same, doubtful_same
        How many of each the model expects to be the same: its probabilities added up, none of records that hold one field each.
    drawn
        Pairs that a person is asked to look at, in this order, see `draw_review`.
    review
        What a person said of them; None where nobody did yet.
    common
        Records that both tables surely share, the lower bound that decides whether there is anything to link.
    refused
        Why nothing was linked, empty if something was.
    """

    left: str
    right: str
    left_rows: int
    right_rows: int
    pairs: Frame
    undecided: Frame
    columns: Frame
    drawn: Frame
    linked: int = 0
    doubtful: int = 0
    linked_same: float = 0.0
    doubtful_same: float = 0.0
    review: LinkageReview | None = None
    common: int = 0
    refused: str = ""

    @property
    def left_alone(self) -> int:
        """Records of the left table for which no partner was found, linked or undecided."""
        return self.left_rows - self.linked - self.doubtful

    @property
    def right_alone(self) -> int:
        """Records of the right table for which no partner was found, linked or undecided."""
        return self.right_rows - self.linked - self.doubtful

    @property
    def many(self) -> str:
        """The table that says the same several times, as orders name one customer; empty where each record has one partner.

        More of its records are surely on the other side than that side holds: they can't have a partner each.
        """
        if self.refused or self.common <= min(self.left_rows, self.right_rows):
            return ""
        return self.left if self.left_rows > self.right_rows else self.right

    @property
    def joined(self) -> float | None:
        """Share of the left records whose partner is known once the undecided pairs are decided; None if nothing was linked, or several records have one partner.

        Of each stratum, linked and undecided, the share that a person found the same, else the model's; of those alone none
        (a stratified estimate: Cochran, Sampling Techniques, 1977, chapter 5).
        """
        if self.refused or self.many:
            return None
        same = self.review.same(self.linked_same, self.doubtful_same) if self.review else None
        return min(sum(same or (self.linked_same, self.doubtful_same)) / self.left_rows, 1.0)

    def reviewed(self, reviews: Sequence[LinkReview], left: Table, right: Table) -> Linkage:
        """Return it with what a person said of its pairs, and those decided as said."""
        if not any(said.same is not None for said in reviews):
            return self
        review = count_reviews(self.drawn, reviews, (left, right), (self.linked, self.doubtful))
        return self.model_copy(update={"review": review})

    def confirmed(self, reviews: Sequence[LinkReview]) -> pd.DataFrame:
        """Return the linked pairs without those that a person found different, and with the undecided found the same."""
        said = {(one.source_row, one.target_row): one.same for one in reviews}

        def answered(frame: pd.DataFrame, answer: bool) -> npt.NDArray[np.bool_]:
            pairs = zip(frame["left_row"], frame["right_row"], strict=True)
            return np.array([said.get(pair) is answer for pair in pairs], bool)

        kept = self.pairs[~answered(self.pairs, False)]
        added = self.undecided[answered(self.undecided, True)]
        free = ~(added["left_row"].isin(kept["left_row"]) | added["right_row"].isin(kept["right_row"]))
        return pd.concat([kept, added[free]], ignore_index=True)

    @property
    def sentence(self) -> str:
        """What was linked, each record once, and whether a person has checked it."""
        checked = f"{self.checked[0].upper()}{self.checked[1:]}."
        if self.many:
            (held, one), (rows, many) = sorted(((self.left_rows, self.left), (self.right_rows, self.right)))
            return (
                f"At least {self.common:,} of the {rows:,} records of {many} are also in {one}, which has {held:,}: several stand for one there, as "
                f"orders do for a customer. One of each is linked ({self.linked:,}) or undecided ({self.doubtful:,}). {checked}"
            )
        return (
            f"By what the records say, {self.linked:,} are linked one to one and {self.doubtful:,} are undecided; for {self.left_alone:,} no "
            f"partner was found, which does not prove that there is none. {checked}"
        )

    @property
    def checked(self) -> str:
        """What a person has said of the pairs."""
        return self.review.sentence if self.review is not None else "no person has checked the links"

    def bounded(self, most: int = 10_000) -> Linkage:
        """Return what is kept in results: the surest ``most`` pairs of each list."""
        return self.model_copy(
            update={"pairs": self.pairs.head(most), "undecided": self.undecided.head(most)}
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Linkage):
            return NotImplemented
        frames = ("pairs", "undecided", "columns", "drawn")
        mine, theirs = ({k: v for k, v in r.__dict__.items() if k not in frames} for r in (self, other))
        return mine == theirs and all(same_frames(getattr(self, n), getattr(other, n)) for n in frames)


def link(
    left: str | Path | pd.DataFrame | Table,
    right: str | Path | pd.DataFrame | Table,
    *,
    progress: Progress | None = None,
) -> Linkage:
    """Find the records of two tables that are the same, each record once, without a key and without labels.

    Parameters
    ----------
    left, right
        Paths, DataFrames, table URLs or opened tables.
    progress
        Told what is being done and how far it is, from 0 to 1.

    Raises
    ------
    UnreadableTable
        If one of them can't be read.

    Notes
    -----
    ``docs/method/linkage.md`` has the equations, their sources and what was measured. The result of the same
    tables is always the same.

    Examples
    --------
    >>> people = pd.DataFrame({"name": ["Ann Lee", "Bob Ray", "Cem Oz"], "town": ["Bonn", "Rome", "Oslo"]})
    >>> link(people, people.iloc[:0]).refused
    'no evidence of common records'
    """
    told = progress or (lambda text, share: None)
    one, other = open_table(left), open_table(right)
    if not (one.rows and other.rows):
        return _nothing(one, other)
    compared = compare_records(one, other, told)
    if not len(compared.across.rows):
        return _nothing(one, other)
    told("learning what a match is", 0.8)
    scored = score_pairs(compared.across)
    common = count_shared_records(compared, scored)
    if common < EVIDENCE * min(one.rows, other.rows):
        return _nothing(one, other, compared)
    told("choosing pairs", 0.95)
    bare = _find_bare(compared, scored)
    linked, open_ = _decide(scored, bare)
    pairs, undecided = (_list_pairs(compared, scored, places) for places in (linked, open_))
    return _nothing(one, other, compared).model_copy(update={
        "pairs": pairs, "undecided": undecided, "drawn": draw_review(pairs, undecided),
        "linked": len(linked), "doubtful": len(open_), "common": int(common), "refused": "" if len(linked) else REFUSED,
        "linked_same": float(scored.probability[linked].sum()), "doubtful_same": float(scored.probability[open_[~bare[open_]]].sum()),
    })  # fmt: skip


def _nothing(left: Table, right: Table, compared: ComparedRecords | None = None) -> Linkage:
    pairs = pd.DataFrame({"left_row": pd.Series(dtype=np.int64), "right_row": pd.Series(dtype=np.int64),
                          "probability": pd.Series(dtype=np.float64), "reason": pd.Series(dtype=object)})  # fmt: skip
    columns = pd.DataFrame(
        compared.aligned if compared else (), columns=["left_column", "right_column", "agreement"]
    )
    return Linkage(
        left=left.name, right=right.name, left_rows=left.rows, right_rows=right.rows, pairs=pairs, undecided=pairs,
        columns=columns.round({"agreement": 3}), drawn=draw_review(pairs, pairs), refused=REFUSED,
    )  # fmt: skip


def _find_bare(compared: ComparedRecords, scored: ScoredPairs) -> npt.NDArray[np.bool_]:
    """Return which pairs are of records that hold but one field each, of tables with several: that a name occurs twice does not make it one person."""
    return np.asarray((compared.across.filled[scored.chosen] <= 1) & (max(compared.fullest) > 1), bool)


def _decide(scored: ScoredPairs, bare: npt.NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Return the places, among the scored pairs, of those linked, never a bare one, and of those that a person should look at."""
    p = scored.probability
    linked = choose_pairs(np.where(bare, 0.0, p))
    rest = np.ones(len(p), bool)
    rest[linked] = False
    open_ = np.flatnonzero(rest & (p >= UNDECIDED))
    return linked, open_[np.argsort(-p[open_], kind="stable")]


def _list_pairs(compared: ComparedRecords, scored: ScoredPairs, places: Rows) -> pd.DataFrame:
    at = scored.chosen[places]
    return pd.DataFrame({
        "left_row": compared.across.rows[at], "right_row": compared.across.partners[at],
        "probability": scored.probability[places].round(4), "reason": explain_pairs(compared, at),
    })  # fmt: skip


def explain_pairs(compared: ComparedRecords, at: Rows) -> list[str]:
    """Return in words which fields of pairs agree and which do not: names of columns, never a value."""
    fields = _similarities(compared.names, compared.across, at)
    return [_explain({key: values[k] for key, values in fields.items()}) for k in range(len(at))]


def _similarities(
    names: tuple[tuple[tuple[str, str] | None, str], ...], pairs: CandidatePairs, at: Rows
) -> dict[tuple[str, str], Floats]:
    """Return the similarity of each pair of columns, NaN where a field is empty; of several with a column the surest."""
    found: dict[tuple[str, str], Floats] = {}
    for place, (key, name) in enumerate(names):
        if (
            key is not None
            and name in ("near", "letters")
            and not any(set(key) & set(other) for other in found)
        ):
            found[key] = pairs.features[at, place].astype(np.float64)
    return found


def _explain(fields: dict[tuple[str, str], np.float64]) -> str:
    groups: dict[str, list[str]] = {"same": [], "alike": [], "different": [], "empty on a side": []}
    for (one, other), value in fields.items():
        name = one if one == other else f"{one} / {other}"
        if np.isnan(value):
            groups["empty on a side"].append(name)
        elif value > 1 - 1e-3:
            groups["same"].append(name)
        elif value >= ALIKE:
            groups["alike"].append(f"{name} {100 * value:.0f} %")
        elif value < UNLIKE:
            groups["different"].append(name)
        else:
            groups["alike"].append(f"{name} only {100 * value:.0f} %")
    told = [f"{word}: {', '.join(names)}" for word, names in groups.items() if names]
    return "; ".join(told) or "the words of the whole records"
