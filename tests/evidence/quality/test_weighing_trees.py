"""The trees that weigh signals, against a walk from the root, one row and one question at a time."""

import numpy as np
import pytest

from assess.evidence.quality.checks.weighing import learned_trees


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
