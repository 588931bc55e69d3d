"""How robust a first step is: in how many futures it still is part of a programme that is the best, or nearly.

An initial decision is judged by the good ends that stay within its reach (Rosenhead, Elton and Gupta 1972, Robustness and
optimality as criteria for strategic decisions). What is moved, and how, is such a commitment; what stays can be moved later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .pricing import Codes, Floats
from .rule import LIKELY, SAVING
from .search import DecidedLandscape


@dataclass(frozen=True)
class Robustness:
    """What the futures say of a recommended landscape.

    Parameters
    ----------
    chance
        Share of the futures in which it, or what it can still become, costs less than `SAVING` of what is paid for it more
        than the best.
    rival
        Place of the landscape that is the best in most of the other futures; None where there are none.
    unsettled
        Places of the integrations that are done otherwise, or not at all, by every nearly best landscape in more than one of
        three futures.
    more
        Share of the futures in which doing further integrations at once saves as much.
    """

    chance: float
    rival: int | None
    unsettled: tuple[int, ...]
    more: float


def robustness(costs: Floats, codes: Codes, reachable: NDArray[np.bool_], base: float) -> Robustness:
    """Judge the first of some landscapes.

    Parameters
    ----------
    costs
        Shape ``(futures, landscapes)``.
    codes
        What is done with each integration, shape ``(landscapes, integrations)``.
    reachable
        Whether each landscape keeps all that the first one does, shape ``(landscapes,)``; the first one does.
    base
        What is paid for the first one.
    """
    best = costs.min(axis=1)
    near = costs <= (best + SAVING * base)[:, None]
    within = near[:, reachable].any(axis=1)
    others = np.flatnonzero(~reachable)
    rival = None
    if not within.all():
        found = np.bincount(costs[np.ix_(~within, others)].argmin(axis=1), minlength=others.size)
        rival = int(others[found.argmax()])
    done = np.flatnonzero(codes[0] >= 0)
    same = codes[:, done] == codes[0, done]
    settled = np.array([near[:, alike].any(axis=1).mean() for alike in same.T])
    more = costs[:, 0] - costs[:, reachable].min(axis=1) > SAVING * base
    return Robustness(
        chance=float(within.mean()),
        rival=rival,
        unsettled=tuple(done[settled < LIKELY].tolist()),
        more=float(more.mean()),
    )


def extended(first: DecidedLandscape, other: DecidedLandscape) -> DecidedLandscape:
    """Return what a landscape can still become towards another one: it keeps what it does and buys; the rest is as there."""
    codes = np.where(first.codes >= 0, first.codes, other.codes).astype(np.int8)
    return DecidedLandscape(codes, np.nan, {**other.plans, **first.plans})


def reached(first: DecidedLandscape, others: Sequence[DecidedLandscape]) -> NDArray[np.bool_]:
    """Return which landscapes keep all that one does, and the plans that it buys.

    One that does nothing commits to nothing: it reaches itself alone, or waiting would always be right.
    """
    done = first.codes >= 0
    if not done.any():
        return np.array([np.array_equal(one.codes, first.codes) for one in others], np.bool_)
    return np.array(
        [
            bool((one.codes[done] == first.codes[done]).all()) and _keeps(first.plans, one.plans)
            for one in others
        ],
        np.bool_,
    )


def _keeps(plans: Mapping[str, str], others: Mapping[str, str]) -> bool:
    return all(others.get(style) == plan for style, plan in plans.items())
