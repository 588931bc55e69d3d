"""Near copies within one table: records that are the same but for misspelt, shortened or missing fields."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from assess.core.record import Record
from assess.evidence.quality.profile import same_frames
from assess.evidence.quality.table import Frame, Table, open_table

from .comparison import ACROSS, WITHIN_LEFT, ColumnComparison, Progress, RecordComparison
from .scoring import FARTHEST, MatchModel
from .spaces import Field, Floats, Matrix, Rows, Single, read_fields

COPIES = 2_000
"""Records, evenly spread, of which worn copies are made to learn what one looks like."""
MOST_COLUMNS = 24
"""Columns compared at most, those with the most distinct texts."""
WORN = 0.5
"""Probability that one more field of a worn copy is changed."""
LOST = 0.15
"""Share of the changed fields that are empty in the copy."""
LEARNED = 4
"""Times that likely copies are taken out of the examples of what is none."""
MOST_EXAMPLES = 40_000
"""Pairs of different records, evenly spread, from which is learned."""
SURE = 0.5
"""Probability from which on two records are copies, and the mean of two groups from which on they are one."""


class NearCopies(Record):
    """The near copies of a table.

    Parameters
    ----------
    table, rows
        Its name and rows.
    clusters
        Records of groups of two and more: cluster (from 0), row, probability (mean over its pairs in the group).
    """

    table: str
    rows: int
    clusters: Frame

    @property
    def surplus(self) -> int:
        """Records beyond the first of each group."""
        return len(self.clusters) - int(self.clusters["cluster"].nunique())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NearCopies):
            return NotImplemented
        return (self.table, self.rows) == (other.table, other.rows) and same_frames(
            self.clusters, other.clusters
        )


def find_duplicates(
    table: str | Path | pd.DataFrame | Table, *, progress: Progress | None = None
) -> NearCopies:
    """Find records that a table holds several times, exactly or nearly, in groups of any size.

    Parameters
    ----------
    table
        Path, DataFrame, table URL or opened table.
    progress
        Told what is being done and how far it is, from 0 to 1.

    Raises
    ------
    UnreadableTable
        If it can't be read.

    Notes
    -----
    What a copy looks like is learned from copies that are made: of sampled records some fields are misspelt by
    one letter (the four slips of Damerau, Communications of the ACM 7, 1964), shortened or emptied. What two
    different records look like is learned from the table's own nearest pairs, without those that look like
    copies. Columns of identifiers, which a copy has of its own, are left out.

    Examples
    --------
    >>> names = [f"{a}{b}" for a in ("Ann", "Bob", "Cem", "Dora") for b in ("berg", "mann", "stein", "hof")]
    >>> frame = pd.DataFrame({"name": [*names, "Annberg"], "town": [*"ABCDEFGHIJKLMNOP", "A"]})
    >>> find_duplicates(frame).clusters["row"].tolist()
    [0, 16]
    """
    told = progress or (lambda text, share: None)
    opened = open_table(table)
    empty = pd.DataFrame(
        {
            "cluster": pd.Series(dtype=np.int64),
            "row": pd.Series(dtype=np.int64),
            "probability": pd.Series(dtype=np.float64),
        }
    )
    if opened.rows < 2:
        return NearCopies(table=opened.name, rows=opened.rows, clusters=empty)
    told("making worn copies", 0.0)
    picked = np.unique(np.linspace(0, opened.rows - 1, min(COPIES, opened.rows)).astype(np.int64))
    compared = [name for name in opened.columns if not _identifies(opened, name)]
    if not compared:
        return NearCopies(table=opened.name, rows=opened.rows, clusters=empty)
    clean = pd.DataFrame({name: _texts(opened, name) for name in compared}, dtype=object)
    left, right = open_table(clean), open_table(wear(clean.iloc[picked].reset_index(drop=True)))
    *fields, vocabulary = read_fields(left, right)
    if not fields[0]:
        return NearCopies(table=opened.name, rows=opened.rows, clusters=empty)
    whole = RecordComparison((fields[0], fields[1]), (left.rows, right.rows), vocabulary)
    told("looking for candidates", 0.2)
    rows, partners = whole.find_like(0, left.rows)
    once = np.unique(np.minimum(rows, partners) * left.rows + np.maximum(rows, partners))
    rows, partners = once // left.rows, once % left.rows
    told("comparing records", 0.5)
    places = {ACROSS: (picked, np.arange(len(picked))), WITHIN_LEFT: (rows, partners)}
    features = _measure(whole, fields[0], fields[1], vocabulary.grams, places)
    told("learning what a copy is", 0.8)
    probability = _learn(features[WITHIN_LEFT], features[ACROSS])
    same = _identical(clean, rows, partners)
    return NearCopies(
        table=opened.name, rows=opened.rows,
        clusters=group_pairs(rows, partners, np.where(same, 1.0, probability), opened.rows),
    )  # fmt: skip


def _texts(table: Table, name: str) -> npt.NDArray[np.object_]:
    column = table.column(name).without_nulls(trimmed=True)
    return column.values[column.codes]


def _identifies(table: Table, name: str) -> bool:
    """Whether a column's values tell every record from every other, as codes do: one word with a digit each."""
    column = table.column(name)
    if column.distinct < column.rows:
        return False
    return all(
        any(c.isdigit() for c in text) and not any(c.isspace() for c in text)
        for text in map(str, column.values.tolist())
    )


def wear(records: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """Return copies of records, in each of which at least one filled field is changed as people change them."""
    draw = np.random.default_rng(seed)
    worn = records.to_numpy(dtype=object, copy=True)
    for record in worn:
        filled = np.flatnonzero(record != "")
        if not len(filled):
            continue
        hit = draw.permutation(filled)[: draw.geometric(1 - WORN)]
        for place in hit[: max(1, len(filled) // 2)]:
            record[place] = "" if draw.random() < LOST and len(filled) > 2 else slip(str(record[place]), draw)
    return pd.DataFrame(worn, columns=records.columns)


def slip(text: str, draw: np.random.Generator) -> str:
    """Return a text with one letter lost, doubled, replaced or exchanged with the next, or one word shortened.

    >>> slip("Grosvenor", np.random.default_rng(3)) != "Grosvenor"
    True
    """
    words = text.split(" ")
    if len(words) > 1 and draw.random() < 0.2:
        place = int(draw.integers(len(words)))
        words[place] = words[place][: max(1, len(words[place]) // 2)]
        if " ".join(words) != text:
            return " ".join(words)
    at = int(draw.integers(len(text)))
    other = str(draw.integers(10)) if text[at].isdigit() else chr(97 + int(draw.integers(26)))
    ways = (text[:at] + text[at + 1 :], text[:at] + text[at] + text[at:], text[:at] + other + text[at + 1 :],
            text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :])  # fmt: skip
    changed = [way for way in ways if way and way != text]
    return changed[int(draw.integers(len(changed)))] if changed else text


def _measure(
    whole: RecordComparison, mine: list[Field], theirs: list[Field], grams: Matrix,
    places: dict[tuple[int, int], tuple[Rows, Rows]],
) -> dict[tuple[int, int], Single]:  # fmt: skip
    made = {at: [whole.features(at, *pairs)] for at, pairs in places.items()}
    partner = {field.name: field for field in theirs}
    for field in sorted(mine, key=lambda f: -f.column.distinct)[:MOST_COLUMNS]:
        if field.name in partner:
            compared = ColumnComparison(field, partner[field.name], grams)
            for at, pairs in places.items():
                made[at].append(compared.features(at, *pairs))
    return {at: np.hstack(parts) for at, parts in made.items()}


def _learn(pairs: Single, copies: Single) -> Floats:
    """Return the probability that each pair of records is one of copies, shape (pairs,).

    The table's pairs teach what is no copy as far as they are none themselves.
    """
    model = MatchModel.scale(np.vstack([pairs, copies]))
    shown = np.unique(np.linspace(0, len(pairs) - 1, min(MOST_EXAMPLES, len(pairs))).astype(np.int64))
    examples, target = np.vstack([copies, pairs[shown]]), np.r_[np.ones(len(copies)), np.zeros(len(shown))]
    probability = np.zeros(len(pairs))
    for _ in range(LEARNED):
        model = model.learn(examples, target, np.r_[np.ones(len(copies)), 1 - probability[shown]])
        probability = expit(np.clip(model.score(pairs), -FARTHEST, FARTHEST))
    return np.asarray(probability)


def _identical(records: pd.DataFrame, rows: Rows, partners: Rows) -> npt.NDArray[np.bool_]:
    codes = np.column_stack([pd.factorize(records[name])[0] for name in records.columns])
    return np.asarray((codes[rows] == codes[partners]).all(axis=1), bool)


def group_pairs(rows: Rows, partners: Rows, probability: Floats, size: int) -> pd.DataFrame:
    """Join records to groups, the surest pairs first, where the pairs known between two groups are mostly copies.

    Parameters
    ----------
    rows, partners, probability
        The pairs, each once, and how surely they are copies, shape (pairs,).
    size
        Records of the table.

    Examples
    --------
    Two sure pairs and a weak bridge between them stay two groups:

    >>> found = group_pairs(np.array([0, 2, 1]), np.array([1, 3, 2]), np.array([0.99, 0.98, 0.55]), 4)
    >>> found["cluster"].tolist()
    [0, 0, 1, 1]
    """
    kept = np.flatnonzero(probability >= SURE)
    known: dict[tuple[int, int], float] = {}
    near = np.isin(rows, np.r_[rows[kept], partners[kept]]) & np.isin(
        partners, np.r_[rows[kept], partners[kept]]
    )
    for k in np.flatnonzero(near).tolist():
        known[(int(rows[k]), int(partners[k]))] = float(probability[k])
    group: dict[int, list[int]] = {}
    for k in kept[np.argsort(-probability[kept], kind="stable")].tolist():
        one, other = (group.setdefault(int(r), [int(r)]) for r in (rows[k], partners[k]))
        if one is other:
            continue
        between = [known.get((min(a, b), max(a, b)), 0.0) for a in one for b in other]
        if len(between) == 1 or np.mean(between) >= SURE:
            one += other
            for row in other:
                group[row] = one
    found = sorted({tuple(sorted(members)) for members in group.values() if len(members) > 1})
    listed = [
        (place, row, _mean_within(row, members, known))
        for place, members in enumerate(found)
        for row in members
    ]
    frame = pd.DataFrame(listed, columns=["cluster", "row", "probability"])
    return frame.astype({"cluster": np.int64, "row": np.int64, "probability": np.float64})


def _mean_within(row: int, members: tuple[int, ...], known: dict[tuple[int, int], float]) -> float:
    pairs = [known[p] for other in members if (p := (min(row, other), max(row, other))) in known]
    return round(float(np.mean(pairs)), 4) if pairs else 0.0
