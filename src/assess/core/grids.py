"""Numbers along named axes, and their arithmetic: arrays combine by the names of their axes.

The axis `DRAW` holds futures that were drawn, of which there may be many: sums of products along other axes are matrix
products, and what is zero in every future is multiplied with nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Axes = Mapping[str, Sequence[Any]]
"""Labels of each axis, by its name, in the order in which arrays have them; `DRAW` is the last."""

DRAW = "draw"
"""The axis of futures that were drawn."""


HIGHEST_POWER = 64
"""Up to this whole exponent, powers of drawn values are products."""


class Grid(NamedTuple):
    """Numbers along named axes, which stand in the order of the model's axes."""

    axes: tuple[str, ...]
    data: Floats


def constant(on: Sequence[str], values: Sequence[float], axes: Axes) -> Grid:
    """Return values that are flat in C order along ``on`` as a grid."""
    data = np.asarray(values, dtype=np.float64).reshape([len(axes[axis]) for axis in on])
    return arranged(on, data, axes)


def arranged(on: Sequence[str], data: Floats, axes: Axes) -> Grid:
    """Return an array along ``on`` as a grid."""
    order = tuple(axes)
    wanted = tuple(sorted(on, key=order.index))
    return Grid(wanted, np.transpose(data, [list(on).index(axis) for axis in wanted]))


def single(value: float) -> Grid:
    """Return one number as a grid."""
    return Grid((), np.asarray(float(value)))


def without_draws(grids: Mapping[str, Grid]) -> dict[str, Grid]:
    """Return grids as they are in the first future."""
    return {
        name: Grid(grid.axes[:-1], grid.data[..., 0]) if DRAW in grid.axes else grid
        for name, grid in grids.items()
    }


class GridSpace:
    """Axes in their order, along which grids are combined.

    Parameters
    ----------
    labels
        Labels of each axis.
    """

    def __init__(self, labels: Axes) -> None:
        self.labels = labels
        self.order = tuple(labels)
        self.drawn = DRAW in labels

    def aligned(self, grids: Sequence[Grid]) -> tuple[tuple[str, ...], list[Floats]]:
        """Return the axes of several grids together, and their values so that they broadcast along them."""
        shared, spread = _broadcast(self.order, tuple([grid.axes for grid in grids]))
        return shared, [
            grid.data if place is None else grid.data[place]
            for grid, place in zip(grids, spread, strict=True)
        ]

    def union(self, grids: Sequence[Grid]) -> tuple[str, ...]:
        """Return the axes of several grids together."""
        return _broadcast(self.order, tuple([grid.axes for grid in grids]))[0]

    def zeros(self, axes: Iterable[str]) -> Grid:
        """Return zeros along axes, which are the same in every future."""
        along = tuple(axis for axis in self.order if axis in axes and axis != DRAW)
        return Grid(along, np.zeros([len(self.labels[axis]) for axis in along]))

    def folded(self, operator: Any, grids: Sequence[Grid]) -> Grid:
        """Return grids joined by an operator, the first two first."""
        if len(grids) == 1:
            return grids[0]
        shared, parts = self.aligned(grids)
        found = operator(parts[0], parts[1])
        if len(parts) > 2:
            whole = tuple(map(max, zip(*[part.shape for part in parts], strict=True)))
            for part in parts[2:]:
                if whole and found.shape == whole:
                    operator(found, part, out=found)
                else:
                    found = operator(found, part)
        return Grid(shared, np.asarray(found))

    def product(self, grids: Sequence[Grid]) -> Grid:
        """Return the product of grids; what is the same in every future is multiplied first."""
        if not self.drawn:
            return self.folded(np.multiply, grids)
        still = [grid for grid in grids if DRAW not in grid.axes]
        moving = [grid for grid in grids if DRAW in grid.axes]
        if not moving:
            return self.folded(np.multiply, still)
        if still:
            base = self.folded(np.multiply, still)
            if not np.count_nonzero(base.data):
                return self.zeros(self.union(grids))
            if not (set(base.axes) <= set(self.union(moving)) and (base.data == 1).all()):
                moving = [base, *sorted(moving, key=lambda grid: grid.data.size)]
        return self.folded(np.multiply, moving)

    def contracted(self, axis: str, grids: Sequence[Grid]) -> Grid:
        """Sum the product of grids, which all lie along an axis, along it."""
        still = [grid for grid in grids if DRAW not in grid.axes]
        moving = [grid for grid in grids if DRAW in grid.axes]
        if not moving:
            for place, one in enumerate(still):
                others = still[:place] + still[place + 1 :]
                if others and set(one.axes) & set(self.union(others)) == {axis}:
                    other = self.folded(np.multiply, others)
                    if one.data.size * other.data.size >= LARGE * max(len(self.labels[axis]), 1):
                        return self._crossed(axis, one, other)
            whole = self.folded(np.multiply, still)
            place = whole.axes.index(axis)
            return Grid(
                whole.axes[:place] + whole.axes[place + 1 :], np.asarray(np.add.reduce(whole.data, place))
            )
        parts = [self.folded(np.multiply, still)] if still else []
        if still and not np.count_nonzero(parts[0].data):
            return self.zeros(set(self.union(grids)) - {axis})
        if still and set(parts[0].axes) & set(self.union(moving)) == {axis}:
            return self._crossed(axis, parts[0], self.product(moving))
        parts += moving
        letters = {name: chr(97 + place) for place, name in enumerate(self.union(parts))}
        left = "".join(letter for name, letter in letters.items() if name != axis)
        terms = ",".join("".join(letters[name] for name in grid.axes) for grid in parts)
        data = np.einsum(f"{terms}->{left}", *(grid.data for grid in parts))
        return Grid(tuple(name for name in letters if name != axis), np.asarray(data))

    def _crossed(self, axis: str, one: Grid, other: Grid) -> Grid:
        """Sum the product of two grids along the one axis that they share."""
        data = _matrix_product(
            np.moveaxis(one.data, one.axes.index(axis), -1),
            np.moveaxis(other.data, other.axes.index(axis), 0),
        )
        return arranged([name for name in (*one.axes, *other.axes) if name != axis], data, self.labels)

    def power(self, low: Grid, high: Grid) -> Grid:
        """Return a grid to the power of another; few whole exponents of what was drawn are products."""
        if DRAW in low.axes and len(high.axes) == 1 and high.axes[0] not in low.axes and _whole(high.data):
            powers = [np.ones_like(low.data)]
            while len(powers) <= high.data.max(initial=0):
                powers.append(powers[-1] * low.data)
            data = np.stack([powers[int(value)] for value in high.data])
            return arranged((*high.axes, *low.axes), data, self.labels)
        shared, (left, right) = self.aligned((low, high))
        return Grid(shared, np.asarray(np.power(left, right)))

    def listed(self, axis: str, grids: Sequence[Grid]) -> Grid:
        """Return grids side by side along an axis."""
        shared, parts = self.aligned(grids)
        if axis in shared:
            raise ValueError(f"a list along {axis} of values that already lie along it")
        order = tuple(name for name in self.order if name in shared or name == axis)
        whole = np.broadcast_shapes(*(part.shape for part in parts))
        return Grid(order, np.stack([np.broadcast_to(part, whole) for part in parts], axis=order.index(axis)))


@lru_cache(maxsize=1 << 14)
def _broadcast(
    order: tuple[str, ...], asked: tuple[tuple[str, ...], ...]
) -> tuple[tuple[str, ...], tuple[tuple[slice | None, ...] | None, ...]]:
    """Return the axes of arrays together, and how each is indexed to lie along them; None where it does."""
    shared = tuple(axis for axis in order if any(axis in along for along in asked))
    whole = slice(None)
    return shared, tuple(
        None if along == shared else tuple(whole if axis in along else None for axis in shared)
        for along in asked
    )


LARGE = 1 << 14
"""From so many products on, of values that are the same in every future, their sum is a product of matrices."""

FEW = 256
"""Up to so many factors that are not zero, a matrix product is done row by row."""

UNTHREADED = 1 << 18
"""Most products at once: so few start no threads, whose waiting for each other costs more than what they compute."""


def _matrix_product(one: Floats, other: Floats) -> Floats:
    """Return the sum of products along the last axis of one and the first of the other array.

    With few factors that are not zero (a year has twelve of sixty months, an integration one style) adding
    rows is faster than a product of matrices.
    """
    rows, columns = one.reshape(-1, one.shape[-1]), other.reshape(len(other), -1)
    shape = (*one.shape[:-1], *other.shape[1:])
    if columns.shape[1] == 1:
        return np.asarray(np.einsum("ik,k->i", rows, columns[:, 0])).reshape(shape)
    if np.count_nonzero(rows) > FEW:
        return _blockwise(rows, columns).reshape(shape)
    places = np.argwhere(rows)
    if np.array_equal(places[:, 0], np.arange(len(rows))) and (rows[places[:, 0], places[:, 1]] == 1).all():
        return columns[places[:, 1]].reshape(shape)
    found = np.zeros((len(rows), columns.shape[1]))
    part = np.empty(columns.shape[1])
    for row, place in places.tolist():
        factor = rows[row, place]
        found[row] += columns[place] if factor == 1 else np.multiply(columns[place], factor, out=part)
    return found.reshape(shape)


def _blockwise(rows: Floats, columns: Floats) -> Floats:
    """Return a product of matrices, `UNTHREADED` at once, along its longer side."""
    if columns.shape[1] > len(rows):
        return _blockwise(columns.T, rows.T).T
    step = max(1, UNTHREADED // max(1, columns.size))
    found = np.empty((len(rows), columns.shape[1]))
    for start in range(0, len(rows), step):
        np.matmul(rows[start : start + step], columns, out=found[start : start + step])
    return found


def _whole(values: Floats) -> bool:
    return bool(((values >= 0) & (values <= HIGHEST_POWER) & (values == np.floor(values))).all())
