"""A model that a page can compute: sliders, constants on named axes, and formulas as data."""

from __future__ import annotations

from typing import Any, Literal

from assess.intake.record import Record

Formula = Any
"""A number, a name, or ``[operator, argument, ...]``; see `assess.report.whatif.OPERATORS`."""


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
    """

    id: str
    label: str
    value: float
    low: float
    high: float
    step: float
    unit: str = ""
    help: str = ""
    sources: tuple[str, ...] = ()


class Array(Record):
    """Constants along named axes, flat in C order; no axes is one number.

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
    """A named formula; it may use sliders, constants, axes and the formulas before it."""

    name: str
    formula: Formula


class Output(Record):
    """A result that is shown.

    Parameters
    ----------
    name
        The formula; it has no axis, or the one axis whose labels are shown with it.
    best
        Whether the lowest or the highest along the axis is marked as the answer.
    """

    name: str
    label: str
    unit: str = ""
    best: Literal["", "lowest", "highest"] = ""


class WhatIf(Record):
    """A what-if: what the reader may move, and the model of what follows."""

    title: str
    sliders: tuple[Slider, ...]
    axes: dict[str, tuple[str, ...]] = {}
    """Labels of each axis, such as ``{"option": ("ipaas", "api-first"), "year": ("1", "2")}``."""
    constants: dict[str, Array] = {}
    formulas: tuple[Step, ...]
    outputs: tuple[Output, ...]
    note: str = ""
