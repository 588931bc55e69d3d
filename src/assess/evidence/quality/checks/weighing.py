"""From signals to one probability per cell.

Most signals are weighed by two stages of boosted trees (Friedman 2001) that only ever count a signal for what
it says: more of a signal never makes a cell less suspect (nor, for the few signals that speak in a cell's
favour, more). The first stage judges a cell alone; the second knows how dirty the rest of its column and
table look, as a reader would. No value, word or name enters, only the signals. The weights were learned by
``benchmarks/quality_weights.py`` from public tables; it also reports what they are worth on tables held out.
Signals that need no weighing are each check's own (see `check.Certain`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from assess.core.places import distinct
from assess.evidence.quality.column.view import Floats, Ints, View

from .check import Evidence

Matrix = npt.NDArray[np.float32]
AT_ONCE = 512
"""Rows that are sent through all trees at a time: what they need stays in the processor's cache."""

OF_TEXTS = (
    "again", "again_often", "among_default", "blank", "far", "far_date", "far_both", "far_log", "filler", "foreign",
    "gap", "known_words", "near", "near_digit", "near_times", "no_date", "odd_word", "often", "precise",
    "shape", "shape_rare", "short_shape", "short_shape_rare", "sign", "slip", "slip_digit", "space",
    "strange", "unknown_words", "word",
)  # fmt: skip
"""Signals per distinct text that are weighed."""
OF_ROWS = (
    "breaks", "breaks_law", "breaks_many", "breaks_mode", "breaks_own", "breaks_power", "breaks_raw", "breaks_share",
    "disorder", "keeps", "misquoted", "off_line", "twin",
)  # fmt: skip
"""Signals of single rows that are weighed."""
OF_COLUMN = ("unique", "numeric")
SIGNALS = OF_TEXTS + OF_ROWS + OF_COLUMN
IN_FAVOUR = frozenset({"often", "known_words", "keeps", "breaks_own", "unique", "numeric"})
"""Signals that never make a cell more suspect."""
AROUND = ("alone", "column", "table", "sure")
"""What the second stage knows besides: the first stage's log odds, and how dirty column and table look."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells of one column that share all signals, as rows of a matrix.

    Parameters
    ----------
    position
        Of the column.
    signals
        Shape (k, number of signals).
    number
        Cells that each row of the matrix stands for, shape (k,).
    text
        Text number of each, shape (k,).
    row
        Row of the table, -1 where it stands for all other rows with the text, shape (k,).
    certain
        Probability from checks that need no weighing, shape (k,).
    rows
        Rows of the table.
    """

    position: int
    signals: Matrix
    number: Ints
    text: Ints
    row: Ints
    certain: Floats
    rows: int


def lay_out(view: View, evidence: Evidence, certain_texts: Floats, certain_rows: Floats | None) -> Cells:
    """Bring the signals of a column into one matrix: texts first, then rows with signals of their own."""
    said, of_rows = evidence.texts.get(view.position, {}), evidence.cells.get(view.position, {})
    texts = np.zeros((len(view.texts), len(SIGNALS)), np.float32)
    for place, name in enumerate(OF_TEXTS):
        if name in said:
            texts[:, place] = said[name]
    texts[:, -2], texts[:, -1] = view.unique, view.numeric
    touched = [rows for name, (rows, _) in of_rows.items() if name in OF_ROWS]
    if certain_rows is not None:
        touched.append(np.flatnonzero(certain_rows))
    rows = distinct(np.concatenate(touched)) if touched else np.empty(0, np.int64)
    single = texts[view.codes[rows]]
    for place, name in enumerate(OF_ROWS, start=len(OF_TEXTS)):
        if name in of_rows:
            at, values = of_rows[name]
            single[np.searchsorted(rows, at), place] = values
    rest = view.counts - np.bincount(view.codes[rows], minlength=len(view.texts))
    kept = np.flatnonzero(rest > 0)
    certain = certain_texts[view.codes[rows]]
    if certain_rows is not None:
        certain = 1 - (1 - certain) * (1 - certain_rows[rows])
    return Cells(
        view.position,
        np.vstack([texts[kept], single]),
        np.concatenate([rest[kept], np.ones(len(rows), np.int64)]),
        np.concatenate([kept, view.codes[rows]]),
        np.concatenate([np.full(len(kept), -1, np.int64), rows]),
        np.concatenate([certain_texts[kept], certain]),
        view.rows,
    )


@dataclass(frozen=True, eq=False)
class Trees:
    """Boosted complete binary trees, all of the same depth.

    Parameters
    ----------
    start
        Log odds before any tree.
    signal, limit
        Per tree and inner node the signal asked for and the limit: right if above, shape (t, 2^depth - 1).
    leaf
        Log odds added, shape (t, 2^depth).
    """

    start: float
    signal: npt.NDArray[np.int64]
    limit: npt.NDArray[np.float32]
    leaf: Floats

    def log_odds(self, signals: Matrix) -> Floats:
        """Log odds of each row of a matrix, shape (k,); equal rows are weighed once."""
        if len(signals) > 1_000:
            first, place = group_alike(signals)
            if 2 * len(first) < len(signals):
                return self.log_odds(signals[first])[place]
        total = np.full(len(signals), self.start)
        columns = np.ascontiguousarray(signals.T)
        for start in range(0, len(signals), AT_ONCE):
            part, sums = columns[:, start : start + AT_ONCE], total[start : start + AT_ONCE]
            for leaf, reached in zip(self.leaf, self._leaves(part), strict=True):
                sums += leaf[reached]
        return total

    def _leaves(self, columns: Matrix) -> npt.NDArray[np.uint8]:
        """Leaf of each tree that each row comes to, given its signals as shape (signals, k); shape (t, k)."""
        signal, limit, asked = self._questions
        above = columns[signal] > limit[:, None]
        nodes = self.signal.shape[1]
        reached = np.broadcast_to(np.arange(nodes + 1, dtype=np.uint8)[:, None], (1, nodes + 1, 1))
        while nodes:  # from the lowest nodes to the root: which of the two below is gone on with
            right = above[asked[:, nodes // 2 : nodes]]
            reached = np.where(right, reached[:, 1::2], reached[:, ::2])
            nodes //= 2
        return np.asarray(reached[:, 0])

    @cached_property
    def _questions(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        """Signal and limit of each different question, and which of them each inner node asks."""
        pairs = np.stack([self.signal.ravel(), self.limit.ravel()], 1)
        different, asked = np.unique(pairs.astype(np.float64), axis=0, return_inverse=True)
        signal, limit = different.T
        return signal.astype(np.int64), limit.astype(np.float32), asked.reshape(self.signal.shape)


def group_alike(signals: Matrix) -> tuple[Ints, Ints]:
    """Return the first of each kind of equal rows, and the kind of each row, by a random projection."""
    weights = np.random.default_rng(0).standard_normal(signals.shape[1])
    parts = [signals[start : start + 65_536] @ weights for start in range(0, len(signals), 65_536)]
    _, first, place = np.unique(np.concatenate(parts), return_index=True, return_inverse=True)
    return first, place


@cache
def learned_trees() -> tuple[Trees, Trees]:
    """Return the two stages that ship with the package."""
    text = files(__package__).joinpath("weights.json").read_text("utf-8")
    shipped = json.loads(text)
    place = {name: n for n, name in enumerate(SIGNALS + AROUND)}
    now = np.array([place[name] for name in shipped["signals"]], np.int64)
    first, second = (
        Trees(
            s["start"],
            now[np.array(s["signal"], np.int64)],
            np.array(s["limit"], np.float32),
            np.array(s["leaf"], np.float64),
        )
        for s in shipped["stages"]
    )
    return first, second


def probability(log_odds: Floats) -> Floats:
    """Return the probability of log odds."""
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -40, 40))))


def either(one: Floats, other: Floats) -> Floats:
    """Probability that at least one of two independent reasons holds."""
    return np.asarray(1 - (1 - one) * (1 - other))


PLAIN = ("often", "near", "near_times", "slip")
"""Signals by which it is plain which text was meant."""


def mark_slips(often: Floats, near: Floats, times: Floats, slip: Floats) -> npt.NDArray[np.bool_]:
    """Mark texts seen once, one slip from one seen ten times and more, for which odds and character model say the same."""
    return np.asarray((often == 0) & (near >= 8) & (times >= 2.3) & (slip >= 4))


def sufficient(signals: Matrix) -> Floats:
    """Probability from evidence that suffices by itself, however clean the rest of the table is, shape (k,).

    A text seen once, one slip from one seen ten times and more, where both the odds against a text of its own
    and the character model say "slip": on the labelled tables 11,389 such cells were wrong and 11 right. A
    value alone against a group of eight and more under a dependency that holds in 98 % of the rows is told
    as probable only: such groups do have exceptions.
    """

    def of(name: str) -> Floats:
        return signals[:, SIGNALS.index(name)].astype(np.float64)

    near = mark_slips(*map(of, PLAIN))
    surely = near & (of("near") >= 10) & (of("near_times") >= 2.7) & (of("slip") >= 6)
    group = (of("breaks_law") >= 0.985) & (of("breaks_mode") >= 2.0) & (of("breaks_power") >= 0.95)
    lone = group & (of("breaks_own") <= 0.7) & (of("keeps") < 0.95)
    return np.asarray(np.select([surely, near, lone], [0.97, 0.93, 0.7], 0.0))


ROUNDS, SETTLED = 60, 1e-6
"""Rounds in which a column's share of wrong cells is found at most, and the change at which it stays."""


def settle(log_odds: Floats, cells: Cells, start: float) -> Floats:
    """Log odds under the share of wrong cells that the column itself shows, shape (k,).

    The trees learned from tables of which more is wrong than of most: their start is the log odds of that share. The share
    of this column is estimated from the weighed probabilities themselves by expectation maximisation, beginning with
    one wrong cell that nothing tells, and takes the place of the learned one where it is less (Saerens, Latinne and
    Decaestecker 2002, equations 2.2 and 2.4).

    Parameters
    ----------
    log_odds
        As weighed, shape (k,).
    cells
        The cells of one column; what a certain check explains says nothing about the others.
    start
        Log odds of a wrong cell among those learned from.
    """
    learned = float(probability(np.array([start]))[0])
    z, n = log_odds[cells.certain < 0.5], cells.number[cells.certain < 0.5]
    share, shift = learned, 0.0
    for _ in range(ROUNDS):
        found = (float((probability(z + shift) * n).sum()) + 1) / (cells.rows + 1 / learned)
        found = min(found, learned)
        if abs(found - share) < SETTLED * learned:
            break
        share, shift = found, float(np.log(found / (1 - found)) - start)
    return np.asarray(log_odds + shift)


def final(log_odds: Floats, cells: Cells, start: float) -> Floats:
    """Probability that each cell is wrong: what was weighed, what suffices alone, what is certain."""
    weighed = np.maximum(probability(settle(log_odds, cells, start)), sufficient(cells.signals))
    return either(weighed, cells.certain)


def around(columns: list[Cells], alone: list[Floats]) -> list[Matrix]:
    """Signals of the second stage: those of the first, its log odds, and how dirty the surroundings look.

    A cell's own probability is taken out of what its column looks like, and the column's out of the table's.
    """
    # what a certain check explains says nothing about the cells around it
    chances = [probability(z) * (c.certain < 0.5) for z, c in zip(alone, columns, strict=True)]
    expected = [float((p * c.number).sum()) for p, c in zip(chances, columns, strict=True)]
    total, size = sum(expected), sum(c.rows for c in columns)
    every = []
    for cells, z, p, own in zip(columns, alone, chances, expected, strict=True):
        sure = p > 0.8
        column = np.maximum(0, own - p) / max(1, cells.rows - 1)
        surely = np.maximum(0, float((cells.number * sure).sum()) - sure) / max(1, cells.rows - 1)
        table = max(0.0, total - own) / max(1, size - cells.rows)
        more = [z, np.log(column + 0.001), np.full(len(p), np.log(table + 0.001)), np.log(surely + 0.001)]
        every.append(np.column_stack([cells.signals, *more]).astype(np.float32))
    return every


def weigh(columns: list[Cells]) -> list[Floats]:
    """Probability that each cell is wrong, per column in the shape of its ``number``."""
    if not columns:
        return []
    first, second = learned_trees()
    ends = np.cumsum([len(c.signals) for c in columns])[:-1]
    alone = np.split(first.log_odds(np.vstack([c.signals for c in columns])), ends)
    weighed = np.split(second.log_odds(np.vstack(around(columns, alone))), ends)
    return [final(odds, c, second.start) for odds, c in zip(weighed, columns, strict=True)]
