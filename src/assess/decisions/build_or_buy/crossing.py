"""Every place where one way becomes cheaper than the other, per draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Changes:
    """Sign changes of a difference along an axis.

    Parameters
    ----------
    count
        Number of changes of each draw, shape ``(draws,)``.
    first
        Index of the first point after the first change; -1 where there is none, shape ``(draws,)``.
    toward_buy
        Whether the first change is from building to buying, shape ``(draws,)``.
    start_buy
        Whether buying is cheaper at the first point, shape ``(draws,)``.
    """

    count: Ints
    first: Ints
    toward_buy: NDArray[np.bool_]
    start_buy: NDArray[np.bool_]


def changes(difference: Floats) -> Changes:
    """Return all sign changes of ``build - buy`` along the last axis.

    Parameters
    ----------
    difference
        Shape ``(draws, points)``; positive means that buying is cheaper. A point at exactly zero
        belongs to the side that came before it, so that touching is no change.
    """
    sign = np.sign(difference).astype(np.int8)
    for point in range(1, sign.shape[1]):
        sign[:, point] = np.where(sign[:, point] == 0, sign[:, point - 1], sign[:, point])
    turned = (sign[:, 1:] != sign[:, :-1]) & (sign[:, :-1] != 0)
    count = turned.sum(axis=1)
    some = np.pad(turned, ((0, 0), (0, 1)), constant_values=True)  # an axis of one point has no change
    first = np.where(count > 0, some.argmax(axis=1) + 1, -1)
    after = np.take_along_axis(sign, np.maximum(first, 0)[:, None], axis=1)[:, 0]
    return Changes(count, first, (first >= 0) & (after > 0), sign[:, 0] > 0)


def positions(difference: Floats, axis: Floats) -> list[list[float]]:
    """Return for each draw every value of the axis at which the difference is zero, linear in between.

    >>> positions(np.array([[-1.0, 1.0, 3.0, -1.0]]), np.array([0.0, 1.0, 2.0, 3.0]))
    [[0.5, 2.75]]
    """
    found = []
    for row in difference:
        own = []
        last = 0
        for point in range(1, len(row)):
            if row[last] == 0:
                last = point
                continue
            if row[last] * row[point] < 0:
                share = (
                    row[point - 1] / (row[point - 1] - row[point]) if row[point - 1] != row[point] else 0.0
                )
                own.append(float(axis[point - 1] + share * (axis[point] - axis[point - 1])))
            if row[point] != 0:
                last = point
        found.append(own)
    return found
