"""The trees that weigh signals, against a walk from the root, one row and one question at a time."""

import numpy as np
import pytest

from assess.evidence.quality.checks.weighing import SIGNALS, Cells, learned_trees, settle


def walked(trees, row):
    total = trees.start
    for signal, limit, leaf in zip(trees.signal, trees.limit, trees.leaf, strict=True):
        node = 0
        while node < len(signal):
            node = 2 * node + 1 + bool(row[signal[node]] > limit[node])
        total += leaf[node - len(signal)]
    return total


@pytest.mark.parametrize("stage", [0, 1])
def test_log_odds_are_the_leaves_that_a_walk_comes_to(stage):
    trees = learned_trees()[stage]
    random = np.random.default_rng(stage)
    limits = trees.limit.ravel()
    rows = random.choice(np.concatenate([limits, limits + 0.5, np.zeros(5)]), (700, trees.signal.max() + 1))
    rows = rows.astype(np.float32)  # limits themselves among them: not above is to the left
    assert trees.log_odds(rows) == pytest.approx([walked(trees, row) for row in rows], abs=1e-9)


def _column(certain, number, rows):
    size = len(number)
    return Cells(
        0, np.zeros((size, len(SIGNALS)), np.float32), np.array(number), np.arange(size), np.full(size, -1),
        np.array(certain, float), rows,
    )  # fmt: skip


def test_a_columns_share_of_wrong_cells_is_the_mean_of_what_is_then_believed():
    """Saerens, Latinne and Decaestecker 2002, equation 2.4, with one wrong cell that nothing tells among as many as the learned share expects of one."""
    learned, rows = 0.04, 4_000
    start = np.log(learned / (1 - learned))
    odds, number = np.array([2.0, 0.5, -1.0, -6.0]), [3, 10, 30, rows - 43]
    settled = settle(odds, _column([0] * 4, number, rows), start)
    share = 1 / (1 + np.exp(-(start + (settled - odds)[0])))
    believed = 1 / (1 + np.exp(-settled))
    assert np.ptp(settled - odds) == pytest.approx(0, abs=1e-12)
    assert share == pytest.approx((believed @ number + 1) / (rows + 1 / learned), rel=1e-4)
    assert share < learned


def test_a_dirtier_column_than_those_learned_from_is_weighed_as_learned():
    odds = np.array([3.0, 2.0, -5.0])
    assert settle(odds, _column([0] * 3, [200, 300, 500], 1_000), -3.0) == pytest.approx(odds)


def test_what_a_certain_check_explains_does_not_make_a_column_dirty():
    odds, number = np.array([1.0, 4.0, -8.0]), [2, 300, 698]
    assert settle(odds, _column([0, 0.9, 0], number, 1_000), -3.0)[0] < odds[0]
