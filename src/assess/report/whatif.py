"""A model that a page can compute: sliders, constants on named axes, and formulas as data.

The same formulas are evaluated here and in the page (``template/whatif.js``); both give the same
numbers. A formula is a number, a name, or a list ``[operator, argument, ...]``:

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
``["at", axis, label, a]``             the values at one label of an axis
``["number", axis]``                   1, 2, ... n along an axis
=====================================  =======================================================

Arrays combine by the names of their axes: ``price`` along ``option`` times ``volume`` along ``year``
lies along both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import reduce
from itertools import product
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from assess.intake.record import Record
from assess.intake.source import Source

Formula = Any
"""A number, a name, or ``[operator, argument, ...]``."""

Floats = NDArray[np.float64]
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
    "running": lambda a, axis: np.cumsum(a, axis=axis),
}
OPERATORS = frozenset((*_FOLDED, *_PAIRED, *_SINGLE, *_ALONG, "-", "if", "at", "number"))
"""Every operator of a formula."""


class Slider(Record):
    """An input that the reader can move.

    Parameters
    ----------
    id
        Name in the formulas.
    label
        What it is, in a leader's words.
    value, low, high, step
        Where it stands, its limits and its step, in ``unit``.
    sources
        Where the value comes from.
    """

    id: str
    label: str
    value: float
    low: float
    high: float
    step: float = Field(gt=0)
    unit: str = ""
    help: str = ""
    sources: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _within(self) -> Self:
        if not (self.low <= self.value <= self.high and self.low < self.high):
            raise ValueError(f"slider {self.id}: low <= value <= high does not hold")
        return self


class Array(Record):
    """Constants along named axes, flat in C order; without axes it is one number.

    Parameters
    ----------
    axes
        Names of the axes, each defined in `WhatIf.axes`.
    values
        As many numbers as the product of the axes' lengths.
    """

    axes: tuple[str, ...] = ()
    values: tuple[float, ...]


class Step(Record):
    """A named formula; it may use sliders, constants and the formulas before it."""

    name: str
    formula: Formula


class Output(Record):
    """A result that is shown.

    Parameters
    ----------
    name
        The formula; it has no axis, or one, whose labels are shown with it.
    label, unit
        What it is, and in which unit.
    best
        Whether the lowest or the highest along the axis is the answer.
    """

    name: str
    label: str
    unit: str = ""
    best: Literal["", "lowest", "highest"] = ""


class WhatIf(Record):
    """A what-if: what the reader may move, and the model of what follows.

    Parameters
    ----------
    axes
        Labels of each axis, such as ``{"option": ("Hybrid", "iPaaS"), "year": ("1", "2")}``.
    formulas
        Evaluated in this order.
    outputs
        What is shown; those with an axis share it.
    note
        What the model leaves out, in one sentence.
    sources
        What the shown results rest on.

    Raises
    ------
    pydantic.ValidationError
        If a formula names what is not there, has the wrong number of arguments, or an output has
        more than one axis.

    Examples
    --------
    >>> model = WhatIf(
    ...     title="What if",
    ...     sliders=(Slider(id="rate", label="Day rate", value=800, low=500, high=1200, step=10, unit="EUR"),),
    ...     axes={"option": ("Build", "Buy")},
    ...     constants={"days": Array(axes=("option",), values=(100, 20)), "fee": Array(axes=("option",), values=(0, 50_000))},
    ...     formulas=(Step(name="cost", formula=["+", ["*", "rate", "days"], "fee"]),),
    ...     outputs=(Output(name="cost", label="Cost", unit="EUR", best="lowest"),),
    ... )
    >>> model.evaluate({"rate": 500})["cost"].tolist()
    [50000.0, 60000.0]
    """

    title: str
    sliders: tuple[Slider, ...]
    axes: dict[str, tuple[str, ...]] = {}
    constants: dict[str, Array] = {}
    formulas: tuple[Step, ...]
    outputs: tuple[Output, ...]
    note: str = ""
    sources: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for name, array in self.constants.items():
            if len(array.values) != math.prod(len(self.axes[axis]) for axis in array.axes):
                raise ValueError(f"constant {name}: its values don't fill its axes")
        known = {slider.id for slider in self.sliders} | set(self.constants)
        for step in self.formulas:
            _check(step.formula, known, self.axes, step.name)
            known.add(step.name)
        found = _evaluate(self, self.base)
        for output in self.outputs:
            if output.name not in found or len(found[output.name].axes) > 1:
                raise ValueError(f"output {output.name}: no formula, or more than one axis")
        if len({found[o.name].axes for o in self.outputs if found[o.name].axes}) > 1:
            raise ValueError("outputs along an axis must share it")
        return self

    @property
    def base(self) -> dict[str, float]:
        """Where the sliders stand at first."""
        return {slider.id: slider.value for slider in self.sliders}

    @property
    def axis(self) -> str:
        """The axis of the outputs that have one; empty where none has."""
        found = _evaluate(self, self.base)
        return next((found[o.name].axes[0] for o in self.outputs if found[o.name].axes), "")

    def evaluate(self, values: Mapping[str, float]) -> dict[str, Floats]:
        """Return every formula's values for these positions of the sliders.

        Parameters
        ----------
        values
            By id of the slider; one that is not named stands where it stood at first.

        Returns
        -------
        dict
            By name of the formula, one dimension per axis, in the order of `axes`.

        Raises
        ------
        KeyError
            If there is no slider of a name.
        """
        unknown = set(values) - set(self.base)
        if unknown:
            raise KeyError(f"no slider {', '.join(sorted(unknown))}")
        found = _evaluate(self, self.base | dict(values))
        return {step.name: found[step.name].data for step in self.formulas}

    def grid(self, points: int = 3) -> list[dict[str, float]]:
        """Return positions of the sliders: every combination of ``points`` places from low to high."""
        places = [
            [slider.low + (slider.high - slider.low) * i / (points - 1) for i in range(points)]
            for slider in self.sliders
        ]
        return [dict(zip(self.base, found, strict=True)) for found in product(*places)]


class _Grid:
    """Numbers along named axes, which stand in the order of the model's axes."""

    def __init__(self, axes: tuple[str, ...], data: Floats) -> None:
        self.axes = axes
        self.data = data


def _evaluate(model: WhatIf, values: Mapping[str, float]) -> dict[str, _Grid]:
    order = tuple(model.axes)
    known = {id: _Grid((), np.asarray(float(value))) for id, value in values.items()}
    for name, array in model.constants.items():
        data = np.asarray(array.values, dtype=np.float64).reshape([len(model.axes[a]) for a in array.axes])
        wanted = tuple(sorted(array.axes, key=order.index))
        known[name] = _Grid(wanted, np.transpose(data, [array.axes.index(a) for a in wanted]))
    with np.errstate(all="ignore"):
        for step in model.formulas:
            known[step.name] = _value(step.formula, known, model.axes)
    return known


def _value(formula: Formula, known: Mapping[str, _Grid], axes: Mapping[str, tuple[str, ...]]) -> _Grid:
    if isinstance(formula, int | float):
        return _Grid((), np.asarray(float(formula)))
    if isinstance(formula, str):
        return known[formula]
    operator, *rest = formula
    if operator == "number":
        return _Grid((rest[0],), np.arange(1, len(axes[rest[0]]) + 1, dtype=np.float64))
    if operator == "at" or operator in _ALONG:
        return _along(operator, rest, _value(rest[-1], known, axes), axes)
    shared, parts = _aligned([_value(part, known, axes) for part in rest], axes)
    if operator in _FOLDED:
        return _Grid(shared, reduce(_FOLDED[operator], parts))
    if operator in _PAIRED:
        return _Grid(shared, _PAIRED[operator](parts[0], parts[1]))
    if operator in _SINGLE:
        return _Grid(shared, _SINGLE[operator](parts[0]))
    if operator == "if":
        return _Grid(shared, np.where(parts[0] != 0, parts[1], parts[2]))
    return _Grid(shared, parts[0] - parts[1] if len(parts) == 2 else -parts[0])


def _along(operator: str, rest: list[Any], grid: _Grid, axes: Mapping[str, tuple[str, ...]]) -> _Grid:
    if rest[0] not in grid.axes:
        raise ValueError(f"nothing lies along the axis {rest[0]}")
    place = grid.axes.index(rest[0])
    left = grid.axes[:place] + grid.axes[place + 1 :]
    if operator == "at":
        return _Grid(left, np.take(grid.data, axes[rest[0]].index(rest[1]), axis=place))
    return _Grid(grid.axes if operator == "running" else left, _ALONG[operator](grid.data, place))


def _aligned(grids: list[_Grid], axes: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], list[Floats]]:
    shared = tuple(axis for axis in axes if any(axis in grid.axes for grid in grids))
    shape = [len(axes[axis]) for axis in shared]
    spread = []
    for grid in grids:
        own = [len(axes[axis]) if axis in grid.axes else 1 for axis in shared]
        spread.append(np.broadcast_to(grid.data.reshape(own), shape))
    return shared, spread


def _check(formula: Formula, known: set[str], axes: Mapping[str, tuple[str, ...]], where: str) -> None:
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
    named = 2 if operator == "at" else 1 if operator in _ALONG or operator == "number" else 0
    if named and rest[0] not in axes:
        raise ValueError(f"formula {where}: there is no axis {rest[0]}")
    if operator == "at" and rest[1] not in axes[rest[0]]:
        raise ValueError(f"formula {where}: the axis {rest[0]} has no {rest[1]}")
    for part in rest[named:]:
        _check(part, known, axes, where)


def _arity(operator: str) -> range:
    if operator in _FOLDED:
        return range(1, 1000)
    fixed = {"-": (1, 2), "if": (3, 3), "at": (3, 3), "number": (1, 1)}
    low, high = fixed.get(operator, (1, 1) if operator in _SINGLE else (2, 2))
    return range(low, high + 1)
