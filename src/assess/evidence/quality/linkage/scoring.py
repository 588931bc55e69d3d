"""From what speaks for pairs to probabilities, without a label: self-training, decoys, and the choice of pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression
from scipy.special import expit

from assess.core.places import pick_evenly

from .comparison import CandidatePairs, ComparedRecords, Sides, find_seeds
from .spaces import Floats, Rows, Single

ROUNDS = 4
"""Times that the model is learned again from its own answers."""
PENALTY = 1.0
"""Ridge penalty of the logistic regression on standardised features."""
STEPS, SETTLED = 15, 1e-4
"""Newton steps at most, and the step from which on the weights have settled."""
SMALL = 1 << 18
"""Products of two numbers in one multiplication: so few start no threads (OpenBLAS), whose waiting for each other costs many times what they compute where cores are shared."""
FARTHEST = 30.0
"""Log odds beyond which a pair is as certain as it gets."""
TAUGHT = 0.05
"""Probability of a record's pair from which on its other candidates teach what no match is."""
MOST_TAUGHT = 50_000
"""Pairs, evenly spread, from which a round learns at most."""
FEWEST_DECOYS = 5.0
"""Weight of the decoys below which nothing can be said of the pairs."""
LEVELS = np.linspace(0.1, 0.9, 17)
"""Quantiles of the decoys at which the share of wrong pairs is read."""
EVIDENCE, ERRORS = 0.03, 3.0
"""Lower bound of the common records, as a share of the smaller table, below which there is no evidence of any; its standard errors."""
TIED = 1e-3
"""Log odds that are one."""
HALVED = 1
"""Seed of the halves of the records that judge each other."""


@dataclass(frozen=True, eq=False)
class MatchModel:
    """A logistic regression on standardised features.

    Parameters
    ----------
    mean, spread
        Of the features among the candidates, shape (features,).
    lacking
        Features whose absence is a feature itself, with the share of the candidates that lack it.
    weights
        Of the features, then of the absences, then the intercept.
    """

    mean: Floats
    spread: Floats
    lacking: tuple[Rows, Floats]
    weights: Floats

    @classmethod
    def scale(cls, features: Single) -> MatchModel:
        """Return a model that knows the scale of the features and no weight yet."""
        width = features.shape[1]
        mean, spread, share = np.zeros(width), np.ones(width), np.zeros(width)
        for k in range(width):
            held = features[:, k][~np.isnan(features[:, k])].astype(np.float64)
            share[k] = 1 - len(held) / max(len(features), 1)
            if len(held):  # what is missing counts as the mean
                mean[k], spread[k] = held.mean(), held.std() * np.sqrt(1 - share[k])
        places = np.flatnonzero((share > 0) & (share < 0.99))
        spread = np.where(spread > 0, spread, 1.0)
        return cls(mean, spread, (places, share[places]), np.zeros(width + len(places) + 1))

    def design(self, features: Single) -> Floats:
        """Return what the weights multiply, shape (pairs, weights)."""
        missing = np.isnan(features)
        scaled = np.where(missing, 0.0, (features - self.mean) / self.spread)
        return np.hstack([scaled, missing[:, self.lacking[0]] - self.lacking[1], np.ones((len(features), 1))])

    def score(self, features: Single) -> Floats:
        """Return the log odds of pairs, shape (pairs,)."""
        step = 1 << 18
        parts = [
            np.einsum("nf,f->n", self.design(features[k : k + step]), self.weights)
            for k in range(0, len(features), step)
        ]
        return np.concatenate(parts) if parts else np.empty(0)

    def learn(self, features: Single, target: Floats, weight: Floats) -> MatchModel:
        """Return the model fitted to labelled, weighted pairs by Newton's method."""
        beta = np.zeros(len(self.weights))
        rows = max(SMALL // len(beta) ** 2, 1)
        spare = -len(features) % rows
        x = np.vstack([self.design(features), np.zeros((spare, len(beta)))]).reshape(-1, rows, len(beta))
        target, weight = (np.r_[side, np.zeros(spare)].reshape(-1, rows) for side in (target, weight))
        ridge = np.full(len(beta), PENALTY)
        ridge[-1] = 1e-6
        for _ in range(STEPS):
            p = expit(np.clip(np.einsum("bnf,f->bn", x, beta), -FARTHEST, FARTHEST))
            weighed = x * (weight * p * (1 - p))[:, :, None]
            curvature = sum((part.T @ some for part, some in zip(weighed, x, strict=True)), np.diag(ridge))
            gradient = np.einsum("bnf,bn->f", x, weight * (target - p))
            step = np.linalg.solve(curvature, gradient - ridge * beta)
            beta = beta + step
            if np.abs(step).max() < SETTLED:
                break
        return MatchModel(self.mean, self.spread, self.lacking, beta)


def match_one_to_one(score: Floats, rows: Rows, partners: Rows, sizes: Sides) -> Rows:
    """Take the best pair, then the best whose records are both free, and so on, as places among the pairs.

    Found in rounds: a pair that is the best of both of its records is taken in whatever order.

    >>> match_one_to_one(np.array([0.9, 0.8, 0.1]), np.array([0, 0, 1]), np.array([0, 1, 1]), (2, 2)).tolist()
    [0, 2]
    """
    rank = np.empty(len(score), np.int64)
    rank[np.argsort(-score, kind="stable")] = np.arange(len(score))
    left, taken = np.arange(len(score)), []
    while len(left):
        best = np.full(sizes[0], len(score)), np.full(sizes[1], len(score))
        np.minimum.at(best[0], rows[left], rank[left])
        np.minimum.at(best[1], partners[left], rank[left])
        both = (best[0][rows[left]] == rank[left]) & (best[1][partners[left]] == rank[left])
        taken.append(left[both])
        free = np.ones(sizes[0], bool), np.ones(sizes[1], bool)
        free[0][rows[taken[-1]]] = free[1][partners[taken[-1]]] = False
        left = left[free[0][rows[left]] & free[1][partners[left]]]
    made = np.concatenate(taken) if taken else np.empty(0, np.int64)
    return made[np.argsort(rank[made])]


def calibrate(targets: Floats, decoys: Floats, weights: Floats) -> Floats:
    """Return the probability that pairs are right, by pairs of the same records that are wrong.

    Parameters
    ----------
    targets
        Scores of the pairs, shape (n,).
    decoys, weights
        Scores of the decoys, which are wrong as far as their records' pairs are right, and that probability.

    Notes
    -----
    The share of wrong pairs pi0 is at most the ratio of both cumulative distributions at the lower quantiles;
    with q the isotonic share of targets at a score, p = 1 - pi0 (1 - q) / q (Storey 2002; Käll et al. 2008
    for decoys).
    """
    mass = weights.sum()
    if not len(targets) or mass < FEWEST_DECOYS:
        return np.zeros(len(targets))
    order = np.argsort(decoys, kind="stable")
    at = np.interp(LEVELS, np.cumsum(weights[order]) / mass, decoys[order])
    below = np.searchsorted(np.sort(targets), at, side="right") / len(targets)
    error = np.sqrt(np.maximum(below, 1 / len(targets)) / len(targets))
    wrong = min(1.0, float(((below + error) / LEVELS).min()))
    scores = np.r_[targets, decoys]
    label = np.r_[np.ones(len(targets)), np.zeros(len(decoys))]
    share = np.r_[np.full(len(targets), 1 / len(targets)), np.maximum(weights / mass, 1e-12)]
    order, fitted = np.argsort(scores, kind="stable"), np.empty(len(scores))
    fitted[order] = isotonic_regression(label[order], weights=share[order]).x
    q = np.clip(fitted[: len(targets)], 1e-3, 1 - 1e-6)
    return np.clip(1 - wrong * (1 - q) / q, 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class ScoredPairs:
    """The pairs of the best mapping of one record to one.

    Parameters
    ----------
    model
        As it was learned last.
    chosen
        Places of the pairs among the candidates, shape (n,).
    probability
        That each is right, shape (n,).
    """

    model: MatchModel
    chosen: Rows
    probability: Floats


def score_pairs(found: CandidatePairs) -> ScoredPairs:
    """Learn from the pairs that stand out what a match is, and again from what that model finds.

    Notes
    -----
    Positives are the pairs of the current mapping, weighted by their probability; negatives are the other
    candidates of those records only: of other records nobody knows.
    """
    i, j, sizes = found.rows, found.partners, found.sizes
    model = MatchModel.scale(found.features)
    positives = find_seeds(found.similarity, i, j, sizes)
    probability = np.ones(len(positives))
    for _ in range(ROUNDS + 1):
        taught = np.zeros(sizes[0]), np.zeros(sizes[1])
        taught[0][i[positives]] = taught[1][j[positives]] = probability
        model = _teach(model, found, positives, probability, taught)
        score = model.score(found.features)
        positives = match_one_to_one(score, i, j, sizes)
        probability = _estimate(score, found, positives, taught)
    return ScoredPairs(model, positives, probability)


def _teach(
    model: MatchModel,
    found: CandidatePairs,
    positives: Rows,
    probability: Floats,
    taught: tuple[Floats, Floats],
    allowed: npt.NDArray[np.bool_] | None = None,
) -> MatchModel:
    picked = pick_evenly(len(positives), MOST_TAUGHT)
    against = np.maximum(taught[0][found.rows], taught[1][found.partners])
    if len(picked) < len(positives):
        inside = np.zeros(found.sizes[0], bool)
        inside[found.rows[positives[picked]]] = True
        against *= inside[found.rows]
    against[positives] = 0
    if allowed is not None:
        against *= allowed
    negatives = np.flatnonzero(against > TAUGHT)
    right = positives[picked]
    return model.learn(
        found.features[np.r_[right, negatives]], np.r_[np.ones(len(right)), np.zeros(len(negatives))],
        np.r_[probability[picked], against[negatives]],
    )  # fmt: skip


def _estimate(score: Floats, found: CandidatePairs, chosen: Rows, taught: tuple[Floats, Floats]) -> Floats:
    """Return the probability of the chosen pairs: by decoys, then less where a record has other likely pairs."""
    i, j, sizes = found.rows, found.partners, found.sizes
    rest = np.ones(len(i), bool)
    rest[chosen] = False
    others = np.flatnonzero(rest)
    decoys = others[match_one_to_one(score[others], i[others], j[others], sizes)]
    weights = np.maximum(taught[0][i[decoys]], taught[1][j[decoys]])
    p = calibrate(score[chosen], score[decoys], weights)
    odds = np.exp(np.clip(score, -FARTHEST, FARTHEST))
    held = np.zeros(sizes[0]), np.zeros(sizes[1])
    held[0][i[chosen]] = held[1][j[chosen]] = p
    open_odds = np.where(rest, odds, 0.0)
    rivals = (
        np.bincount(i, open_odds * (1 - held[1][j]), sizes[0])[i[chosen]]
        + np.bincount(j, open_odds * (1 - held[0][i]), sizes[1])[j[chosen]]
    )
    return np.asarray(p * odds[chosen] / (odds[chosen] + rivals))


def choose_pairs(probability: Floats) -> Rows:
    """Return the surest pairs, as many as give the highest expected F1, as places.

    Expected F1 of the k surest is 2 sum p(k surest) / (k + sum p) (Ye, Chai, Lee and Chieu, ICML 2012).

    >>> choose_pairs(np.array([0.2, 0.9, 0.8])).tolist()
    [1, 2]
    """
    order, total = np.argsort(-probability, kind="stable"), probability.sum()
    if not total > 0:
        return order[:0]
    gain = 2 * np.cumsum(probability[order]) / (np.arange(1, len(order) + 1) + total)
    return order[: int(gain.argmax()) + 1]


def count_shared_records(compared: ComparedRecords, scored: ScoredPairs) -> float:
    """Return a lower bound of the number of records that both tables hold.

    Where two tables hold other records of one kind, the record nearest to one of them is as likely any of its
    own table's as any of the other's: across with probability m / (m + n - 1) for tables of n and m records.
    Both records of a common pair are nearest to each other, which makes one win more than chance for each pair.
    That one table is written more fully than the other moves wins from one side to the other, so both
    sides are counted together, from the most similar record on.
    A model prefers the pairs that taught it: each half of the records is judged by a model that the other half taught.

    Returns
    -------
    float
        Wins beyond chance down to the score where they are surest, less `ERRORS` standard errors; at least 0.
    """
    across, sizes = compared.across, compared.across.sizes
    parts: list[Floats] = []
    for side, own in enumerate(compared.within):
        if not own.asked:
            continue
        best = [np.full(sizes[side], -np.inf) for _ in range(2)]
        ends = (across.rows, across.partners)[side]
        half = np.random.default_rng(HALVED).random(sizes[side]) < 0.5
        for judged in (half, ~half):
            model = _teach_without(judged, ends, across, scored)
            for kept, found, pairs in ((best[0], ends, across), (best[1], own.rows, own)):
                places = np.flatnonzero(judged[found] & pairs.found[side])
                np.maximum.at(kept, found[places], model.score(pairs.features[places]))
        asked = pick_evenly(sizes[side], own.asked)
        chance, times = sizes[1 - side] / max(sum(sizes) - 1, 1), sizes[side] / len(asked)
        outside, inside = best[0][asked], best[1][asked]
        wins = np.where(np.isclose(outside, inside, rtol=0, atol=TIED), chance, outside > inside)
        spread = np.full(len(asked), times**2 * chance * (1 - chance))
        parts.append(np.column_stack([np.maximum(outside, inside), times * (wins - chance), spread]))
    return _walk(np.vstack(parts)) if parts else 0.0


def _teach_without(
    judged: npt.NDArray[np.bool_], ends: Rows, found: CandidatePairs, scored: ScoredPairs
) -> MatchModel:
    """Return a model that no pair of the records to be judged has taught."""
    kept = ~judged[ends[scored.chosen]]
    chosen, probability = scored.chosen[kept], scored.probability[kept]
    taught = np.zeros(found.sizes[0]), np.zeros(found.sizes[1])
    taught[0][found.rows[chosen]] = taught[1][found.partners[chosen]] = probability
    return _teach(scored.model, found, chosen, probability, taught, ~judged[ends])


def _walk(records: Floats) -> float:
    """Return the lower bound of the wins beyond chance, from the most similar record down to where it is highest."""
    walk = records[np.argsort(-records[:, 0], kind="stable")]
    bound = np.cumsum(walk[:, 1]) - ERRORS * np.sqrt(np.maximum(np.cumsum(walk[:, 2]), 1.0))
    return float(bound.max(initial=0.0))
