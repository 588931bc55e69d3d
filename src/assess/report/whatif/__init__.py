"""What if: models that a page computes, as numbers, sliders and formulas; each module of the room makes one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import product
from typing import Literal, NamedTuple, Self

import numpy as np
from pydantic import Field, model_validator

from assess.core.formula_evaluation import Evaluation, Form, Formulas
from assess.core.formula_graph import check
from assess.core.grids import Floats, Grid, constant, single
from assess.core.numbers import quantity
from assess.core.record import Record
from assess.core.source import Source

__all__ = ["Array", "Deeper", "Floats", "FormulaStep", "Output", "Slider", "WhatIf"]


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


class FormulaStep(Record):
    """A named formula; it may use sliders, constants and the formulas before it."""

    name: str
    formula: Form


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
    words
        Axis whose labels are shown in place of the values, which are their numbers from 1.
    """

    name: str
    label: str
    unit: str = ""
    best: Literal["", "lowest", "highest"] = ""
    words: str = ""


class Deeper(NamedTuple):
    """Results of a what-if that a page can't compute, for a notebook, which asks the model itself.

    Parameters
    ----------
    outputs
        What is shown of them, along the axis of the what-if.
    compute
        From the positions of all sliders, the values of each output.
    """

    outputs: tuple[Output, ...]
    compute: Callable[[Mapping[str, float]], tuple[Floats, ...]]


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
    ...     formulas=(FormulaStep(name="cost", formula=["+", ["*", "rate", "days"], "fee"]),),
    ...     outputs=(Output(name="cost", label="Cost", unit="EUR", best="lowest"),),
    ... )
    >>> model.evaluate({"rate": 500})["cost"].tolist()
    [50000.0, 60000.0]
    """

    title: str
    sliders: tuple[Slider, ...]
    axes: dict[str, tuple[str, ...]] = {}
    constants: dict[str, Array] = {}
    formulas: tuple[FormulaStep, ...]
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
            check(step.formula, known, self.axes, step.name)
            known.add(step.name)
        found = _evaluate(self, self.base)
        for output in self.outputs:
            if output.name not in found or len(found[output.name].axes) > 1:
                raise ValueError(f"output {output.name}: no formula, or more than one axis")
            if output.words and output.words not in self.axes:
                raise ValueError(f"output {output.name}: there is no axis {output.words}")
        if len({found[o.name].axes for o in self.outputs if found[o.name].axes}) > 1:
            raise ValueError("outputs along an axis must share it")
        return self

    @property
    def base(self) -> dict[str, float]:
        """Where the sliders stand at first."""
        return {slider.id: slider.value for slider in self.sliders}

    @cached_property
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

    def text(self, output: Output, number: float) -> str:
        """Write one value of an output; a dash where there is none."""
        if not math.isfinite(number):
            return "\u2013"
        return self.axes[output.words][round(number) - 1] if output.words else quantity(number, output.unit)

    def grid(self, points: int = 3) -> list[dict[str, float]]:
        """Return positions of the sliders: every combination of ``points`` places from low to high."""
        places = [
            [slider.low + (slider.high - slider.low) * i / (points - 1) for i in range(points)]
            for slider in self.sliders
        ]
        return [dict(zip(self.base, found, strict=True)) for found in product(*places)]


def _evaluate(model: WhatIf, values: Mapping[str, float]) -> dict[str, Grid]:
    known = {id: single(number) for id, number in values.items()}
    known |= {name: constant(array.axes, array.values, model.axes) for name, array in model.constants.items()}
    found = Evaluation(Formulas({step.name: step.formula for step in model.formulas}), known, model.axes)
    with np.errstate(all="ignore"):
        for step in model.formulas:
            found[step.name]
    return known
