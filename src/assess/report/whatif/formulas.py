"""Formulas as data, evaluated here and in the page (``template/whatif.js``); both give the same numbers.

A formula is a number, a name, or a list ``[operator, argument, ...]``:

=====================================  =======================================================
``["+", a, b, ...]``, ``["*", ...]``   sum, product
``["-", a, b]``, ``["-", a]``          difference, opposite
``["/", a, b]``, ``["^", a, b]``       quotient, power
``["min", a, b, ...]``, ``["max", .]`` the lowest, the highest, element by element
``["floor", a]``, ``["ceil", a]``      rounding
``["exp", a]``, ``["log", a]``         exponential, natural logarithm
``["<=", a, b]``, ``["<", a, b]``      1 where it holds, else 0
``["if", c, a, b]``                    a where c is not 0, else b
``["sum", axis, a]``                   sum along an axis
``["running", axis, a]``               running sum along an axis
``["least", axis, a]``                 the lowest along an axis
``["most", axis, a]``                  the highest along an axis
``["which", axis, a]``                 the number, from 1, of the highest along an axis; the first of equals
``["at", axis, label, a]``             the values at one label of an axis
``["number", axis]``                   1, 2, ... n along an axis
``["list", axis, a, b, ...]``          one value a label, side by side along an axis
``["as", axis, other, a]``             the same values along another axis of the same length
=====================================  =======================================================

Arrays combine by the names of their axes: ``price`` along ``option`` times ``volume`` along ``year``
lies along both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Formula = Any
"""A number, a name, or ``[operator, argument, ...]``."""

Floats = NDArray[np.float64]
Axes = Mapping[str, tuple[str, ...]]
"""Labels of each axis, by its name."""

Many = Callable[[Floats, Floats], Floats]

_FOLDED: dict[str, Many] = {"+": np.add, "*": np.multiply, "min": np.minimum, "max": np.maximum}
_PAIRED: dict[str, Many] = {
    "/": np.divide,
    "^": np.power,
    "<=": lambda a, b: np.asarray(a <= b, dtype=np.float64),
    "<": lambda a, b: np.asarray(a < b, dtype=np.float64),
}
_SINGLE: dict[str, Callable[[Floats], Floats]] = {
    "floor": np.floor,
    "ceil": np.ceil,
    "exp": np.exp,
    "log": np.log,
}
_ALONG: dict[str, Callable[[Floats, int], Floats]] = {
    "sum": lambda a, axis: np.asarray(a.sum(axis=axis)),
    "least": lambda a, axis: np.asarray(a.min(axis=axis)),
    "most": lambda a, axis: np.asarray(a.max(axis=axis)),
    "which": lambda a, axis: np.asarray(a.argmax(axis=axis) + 1, dtype=np.float64),
    "running": lambda a, axis: np.cumsum(a, axis=axis),
}
_NAMING = {"at": 2, "as": 2, "number": 1, "list": 1, **dict.fromkeys(_ALONG, 1)}
"""How many arguments of an operator are names: of axes, or a label of one."""

OPERATORS = frozenset((*_FOLDED, *_PAIRED, *_SINGLE, *_NAMING, "-", "if"))
"""Every operator of a formula."""


class Grid(NamedTuple):
    """Numbers along named axes, which stand in the order of the model's axes."""

    axes: tuple[str, ...]
    data: Floats


def constant(on: Sequence[str], values: Sequence[float], axes: Axes) -> Grid:
    """Return values that are flat in C order along ``on`` as a grid."""
    order = tuple(axes)
    data = np.asarray(values, dtype=np.float64).reshape([len(axes[axis]) for axis in on])
    wanted = tuple(sorted(on, key=order.index))
    return Grid(wanted, np.transpose(data, [list(on).index(axis) for axis in wanted]))


def value(formula: Formula, known: Mapping[str, Grid], axes: Axes) -> Grid:
    """Evaluate a formula that `check` has passed.

    Raises
    ------
    ValueError
        If something is taken along an axis along which nothing lies.
    """
    if isinstance(formula, int | float):
        return Grid((), np.asarray(float(formula)))
    if isinstance(formula, str):
        return known[formula]
    operator, *rest = formula
    if operator == "number":
        return Grid((rest[0],), np.arange(1, len(axes[rest[0]]) + 1, dtype=np.float64))
    if operator == "list":
        return _listed(rest[0], [value(part, known, axes) for part in rest[1:]], axes)
    if operator in _NAMING:
        return _along(operator, rest, value(rest[-1], known, axes), axes)
    shared, parts = _aligned([value(part, known, axes) for part in rest], axes)
    if operator in _FOLDED:
        return Grid(shared, reduce(_FOLDED[operator], parts))
    if operator in _PAIRED:
        return Grid(shared, _PAIRED[operator](parts[0], parts[1]))
    if operator in _SINGLE:
        return Grid(shared, _SINGLE[operator](parts[0]))
    if operator == "if":
        return Grid(shared, np.where(parts[0] != 0, parts[1], parts[2]))
    return Grid(shared, parts[0] - parts[1] if len(parts) == 2 else -parts[0])


def _along(operator: str, rest: list[Any], grid: Grid, axes: Axes) -> Grid:
    if rest[0] not in grid.axes:
        raise ValueError(f"nothing lies along the axis {rest[0]}")
    place = grid.axes.index(rest[0])
    if operator == "as":
        renamed = tuple(rest[1] if axis == rest[0] else axis for axis in grid.axes)
        return constant(renamed, grid.data.ravel().tolist(), axes)
    left = grid.axes[:place] + grid.axes[place + 1 :]
    if operator == "at":
        return Grid(left, np.take(grid.data, axes[rest[0]].index(rest[1]), axis=place))
    return Grid(grid.axes if operator == "running" else left, _ALONG[operator](grid.data, place))


def _listed(axis: str, grids: list[Grid], axes: Axes) -> Grid:
    shared, parts = _aligned(grids, axes)
    if axis in shared:
        raise ValueError(f"a list along {axis} of values that already lie along it")
    order = tuple(name for name in axes if name in shared or name == axis)
    return Grid(order, np.stack(parts, axis=order.index(axis)))


def _aligned(grids: list[Grid], axes: Axes) -> tuple[tuple[str, ...], list[Floats]]:
    shared = tuple(axis for axis in axes if any(axis in grid.axes for grid in grids))
    shape = [len(axes[axis]) for axis in shared]
    spread = []
    for grid in grids:
        own = [len(axes[axis]) if axis in grid.axes else 1 for axis in shared]
        spread.append(np.broadcast_to(grid.data.reshape(own), shape))
    return shared, spread


def check(formula: Formula, known: set[str], axes: Axes, where: str) -> None:
    """Say what is wrong with a formula.

    Raises
    ------
    ValueError
        If it names what is not known, an operator has the wrong number of arguments, or an axis is none.
    """
    if isinstance(formula, int | float) and not isinstance(formula, bool):
        return
    if isinstance(formula, str):
        if formula not in known:
            raise ValueError(f"formula {where}: nothing is called {formula}")
        return
    if not isinstance(formula, list | tuple) or not formula or formula[0] not in OPERATORS:
        raise ValueError(f"formula {where}: {formula!r} is no formula")
    operator, *rest = formula
    if len(rest) not in _arity(operator):
        raise ValueError(f"formula {where}: {operator} with {len(rest)} arguments")
    named = _NAMING.get(operator, 0)
    _check_names(operator, rest, axes, where)
    for part in rest[named:]:
        check(part, known, axes, where)


def _check_names(operator: str, rest: list[Any], axes: Axes, where: str) -> None:
    named = _NAMING.get(operator, 0)
    for axis in rest[: min(named, 1)] if operator != "as" else rest[:2]:
        if axis not in axes:
            raise ValueError(f"formula {where}: there is no axis {axis}")
    if operator == "at" and rest[1] not in axes[rest[0]]:
        raise ValueError(f"formula {where}: the axis {rest[0]} has no {rest[1]}")
    if operator == "as" and len(axes[rest[0]]) != len(axes[rest[1]]):
        raise ValueError(f"formula {where}: the axes {rest[0]} and {rest[1]} differ in length")
    if operator == "list" and len(rest) - 1 != len(axes[rest[0]]):
        raise ValueError(f"formula {where}: a list along {rest[0]} has one value a label")


def _arity(operator: str) -> range:
    if operator in _FOLDED:
        return range(1, 1000)
    if operator == "list":
        return range(2, 1000)
    fixed = {"-": (1, 2), "if": (3, 3), "at": (3, 3), "as": (3, 3), "number": (1, 1)}
    low, high = fixed.get(operator, (1, 1) if operator in _SINGLE else (2, 2))
    return range(low, high + 1)
