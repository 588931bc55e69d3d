"""Formulas evaluated with NumPy: what each operator of `assess.core.formula_graph` computes, along named axes.

A formula is compiled once, to a function of an evaluation; all evaluations of a graph call the same functions. Axes of
grids are known by name, so that the places where they broadcast are found once for each combination.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from .grids import DRAW, Axes, Floats, Grid, GridSpace, arranged, single

Form = Any
"""A number, a name, or ``[operator, argument, ...]``, see `assess.core.formula_graph`."""

FOLDED: Mapping[str, Any] = {"+": np.add, "*": np.multiply, "min": np.minimum, "max": np.maximum}


def _divide(number: Floats, by: Floats) -> Floats:
    """Return a quotient; by nothing it is infinite without a warning, because `ENDLESS` is written so."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(number / by)


PAIRED: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "/": _divide,
    "<=": lambda a, b: np.asarray(a <= b, dtype=np.float64),
    "<": lambda a, b: np.asarray(a < b, dtype=np.float64),
}
SINGLE: Mapping[str, Callable[[Floats], Floats]] = {
    "floor": np.floor,
    "ceil": np.ceil,
    "exp": np.exp,
    "log": np.log,
}
ALONG: Mapping[str, Callable[[Floats, int], Floats]] = {
    "sum": lambda a, axis: np.asarray(np.add.reduce(a, axis)),
    "least": lambda a, axis: np.asarray(np.minimum.reduce(a, axis)),
    "most": lambda a, axis: np.asarray(np.maximum.reduce(a, axis)),
    "which": lambda a, axis: np.asarray(a.argmax(axis=axis) + 1, dtype=np.float64),
    "running": lambda a, axis: np.cumsum(a, axis=axis),
}
NAMING: Mapping[str, int] = {"at": 2, "as": 2, "number": 1, "list": 1, **dict.fromkeys(ALONG, 1)}
"""How many arguments of an operator are names: of axes, or a label of one."""


def arguments(form: Form) -> Sequence[Form]:
    """Return the parts of a formula that are formulas."""
    if not isinstance(form, list | tuple):
        return ()
    return form[1 + NAMING.get(form[0], 0) :]


Run = Callable[["Evaluation"], Grid]


class Formulas:
    """Named formulas, each compiled when it is first asked for; evaluations of the same graph share them.

    Parameters
    ----------
    forms
        Formulas by name, which `check` has passed.
    compiled
        Those of them that are compiled already; they are added to.
    """

    def __init__(self, forms: Mapping[str, Form], compiled: dict[str, Compiled] | None = None) -> None:
        self.forms = forms
        self._compiled = {} if compiled is None else compiled
        self._shapes: dict[object, Shapes] = {}

    def compiled(self, name: str) -> Compiled:
        """Return a formula as a function of an evaluation."""
        found = self._compiled.get(name)
        if found is None:
            found = self._compiled[name] = Compiled(_function(self.forms[name]), Reach(self.forms[name]))
        return found

    def shapes(self, known: Mapping[str, Grid], base: Shapes | None) -> Shapes:
        """Return the axes along which names lie, found once for all evaluations whose inputs lie along the same axes."""
        key = (base, *((name, grid.axes) for name, grid in known.items()))
        return self._shapes.setdefault(key, Shapes())


class Shapes:
    """By name, the axes along which it lies; `DRAW` is left out, because what is zero in every future may lack it."""

    def __init__(self) -> None:
        self.of: dict[str, frozenset[str]] = {}


@dataclass
class Evaluation:
    """The values of named formulas, each computed when it is first asked for.

    Parameters
    ----------
    formulas
        Formulas by name.
    known
        Values of the names that are no formulas; they are added to as formulas are computed.
    axes
        Labels of each axis.
    base
        Where the values of names that stand in neither are asked for: what several evaluations share.
    """

    formulas: Formulas
    known: dict[str, Grid]
    axes: Axes
    base: Evaluation | None = None
    _powers: dict[tuple[Any, ...], Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.space = GridSpace(self.axes)
        below = None if self.base is None else self.base.shapes
        self.shapes: Shapes = self.formulas.shapes(self.known, below)

    def __getitem__(self, name: str) -> Grid:
        found = self.known.get(name)
        if found is not None:
            return found
        if name not in self.formulas.forms:
            if self.base is None:
                raise KeyError(f"nothing is called {name}")
            return self.base[name]
        found = self.known[name] = self.formulas.compiled(name).run(self)
        return found

    def value(self, form: Form) -> Grid:
        """Evaluate a formula that `check` has passed.

        Raises
        ------
        ValueError
            If something is taken along an axis along which nothing lies.
        KeyError
            If a name is unknown.
        """
        return _function(form)(self)

    def owner(self, name: str) -> Evaluation:
        """Return the evaluation, this or one below, that computes a name."""
        own = name in self.known or name in self.formulas.forms or self.base is None
        return self if own else self.base.owner(name)  # type: ignore[union-attr]

    def lies(self, name: str) -> frozenset[str]:
        """Return the axes along which a name lies, `DRAW` left out, without computing it."""
        found = self.shapes.of.get(name)
        if found is None:
            if name == NOTHING:
                found = frozenset[str]()
            elif name in self.known:
                found = frozenset(self.known[name].axes) - {DRAW}
            elif name in self.formulas.forms:
                found = self.formulas.compiled(name).reach.within(self)
            elif self.base is not None:
                found = self.base.lies(name)
            else:
                raise KeyError(f"nothing is called {name}")
            self.shapes.of[name] = found
        return found

    def rows(self, name: str, bases: Floats, exponent: Floats) -> Floats:
        """Return bases to the power of a drawn exponent, each computed once for all who share it."""
        wanted: list[float] = bases.ravel().tolist()
        key = (name, tuple(wanted))  # never that of a single base
        if key not in self._powers:
            for base in wanted:
                if (name, base) not in self._powers:
                    self._powers[name, base] = np.exp(exponent * np.log(base)) if base > 0 else base**exponent
            rows = [self._powers[name, base] for base in wanted]
            self._powers[key] = np.stack(rows) if len(rows) > 1 else rows[0][None]
        return self._powers[key].reshape(*bases.shape, -1)


class Reach:
    """The axes along which formulas lie together, found from their names when they are first asked for."""

    def __init__(self, *forms: Form) -> None:
        self._forms = forms

    @cached_property
    def _parts(self) -> tuple[tuple[str, frozenset[str], frozenset[str]], ...]:
        """By name, the axes that are taken away from its own, and those that are added."""
        return tuple(dict.fromkeys(part for form in self._forms for part in _reach(form)))

    def within(self, found: Evaluation) -> frozenset[str]:
        """Return the axes in an evaluation, `DRAW` left out."""
        return frozenset[str]().union(*[found.lies(name) - less | more for name, less, more in self._parts])


NOTHING = ""
"""Called so, a number lies along no axis."""


def _reach(form: Form) -> Iterator[tuple[str, frozenset[str], frozenset[str]]]:
    if isinstance(form, str):
        yield form, frozenset(), frozenset()
    if not isinstance(form, list | tuple):
        return
    operator, axis = form[:2]
    if operator in ("number", "list"):
        yield NOTHING, frozenset(), frozenset({axis})
    gone = operator in ("as", "at") or (operator in ALONG and operator != "running")
    less = frozenset({axis} if gone else ())
    more = frozenset({form[2]} if operator == "as" else ())
    for part in arguments(form):
        for name, taken, added in _reach(part):
            yield name, taken | less, added - less | more


class Compiled(NamedTuple):
    """A formula as a function of an evaluation, and the axes along which it lies."""

    run: Run
    reach: Reach


def _function(form: Form) -> Run:
    if isinstance(form, int | float):
        number = single(form)
        return lambda _: number
    if isinstance(form, str):
        name = form
        return lambda found: found.known.get(name) or found[name]
    operator, *rest = form
    made = _MADE[operator](operator, rest)
    if operator not in NAMING and all(isinstance(part, int | float) for part in rest):
        number = made(Evaluation(Formulas({}), {}, {}))
        return lambda _: number
    return made


def _number(_: str, rest: list[Any]) -> Run:
    (axis,) = rest
    return lambda found: Grid((axis,), np.arange(1, len(found.axes[axis]) + 1, dtype=np.float64))


def _list(_: str, rest: list[Any]) -> Run:
    axis, *parts = rest[0], *map(_function, rest[1:])
    return lambda found: found.space.listed(axis, [part(found) for part in parts])


def _total(_: str, rest: list[Any]) -> Run:
    """Sum a product along an axis: factors that do not lie along it are multiplied afterwards."""
    axis, form = rest
    product = isinstance(form, list | tuple) and form[0] == "*"
    parts = [_function(part) for part in (arguments(form) if product else [form])]

    def run(found: Evaluation) -> Grid:
        grids = [part(found) for part in parts]
        along = [grid for grid in grids if axis in grid.axes]
        if not along:
            raise ValueError(f"nothing lies along the axis {axis}")
        outside = [grid for grid in grids if axis not in grid.axes]
        total = found.space.contracted(axis, along)
        return found.space.product([total, *outside]) if outside else total

    return run


def _along(operator: str, rest: list[Any]) -> Run:
    axis, inner = rest[0], _function(rest[-1])
    label = rest[1]

    def run(found: Evaluation) -> Grid:
        grid = inner(found)
        if axis not in grid.axes:
            raise ValueError(f"nothing lies along the axis {axis}")
        place = grid.axes.index(axis)
        if operator == "as":
            return arranged([label if one == axis else one for one in grid.axes], grid.data, found.axes)
        left = grid.axes[:place] + grid.axes[place + 1 :]
        if operator == "at":
            return Grid(left, np.take(grid.data, list(found.axes[axis]).index(label), axis=place))
        return Grid(grid.axes if operator == "running" else left, ALONG[operator](grid.data, place))

    return run


def _product(_: str, rest: list[Any]) -> Run:
    """Return the product of formulas; where one is zero in every future, the others are not computed."""
    parts = [*map(_function, rest)]
    reach = Reach(*rest)

    def run(found: Evaluation) -> Grid:
        if not found.space.drawn:
            return found.space.folded(np.multiply, [part(found) for part in parts])
        grids = []
        for part in parts:
            grid = part(found)
            if DRAW not in grid.axes and not np.count_nonzero(grid.data):
                return found.space.zeros(reach.within(found))
            grids.append(grid)
        return found.space.product(grids)

    return run


def _addition(_: str, rest: list[Any]) -> Run:
    parts = [*map(_function, rest)]

    def run(found: Evaluation) -> Grid:
        grids = [part(found) for part in parts]
        if found.space.drawn:
            union = found.space.union(grids)
            if DRAW in union:
                needed = [grid for grid in grids if DRAW in grid.axes or np.count_nonzero(grid.data)]
                if needed and found.space.union(needed) == union:
                    grids = needed
        return found.space.folded(np.add, grids)

    return run


def _folding(operator: str, rest: list[Any]) -> Run:
    parts, fold = [*map(_function, rest)], FOLDED[operator]
    return lambda found: found.space.folded(fold, [part(found) for part in parts])


def _difference(_: str, rest: list[Any]) -> Run:
    parts = [*map(_function, rest)]

    def run(found: Evaluation) -> Grid:
        shared, values = found.space.aligned([part(found) for part in parts])
        return Grid(shared, np.asarray(values[0] - values[1] if len(values) == 2 else -values[0]))

    return run


def _pair(operator: str, rest: list[Any]) -> Run:
    one, other, compute = _function(rest[0]), _function(rest[1]), PAIRED[operator]

    def run(found: Evaluation) -> Grid:
        shared, (left, right) = found.space.aligned((one(found), other(found)))
        return Grid(shared, compute(left, right))

    return run


def _single(operator: str, rest: list[Any]) -> Run:
    inner, compute = _function(rest[0]), SINGLE[operator]

    def run(found: Evaluation) -> Grid:
        grid = inner(found)
        return Grid(grid.axes, np.asarray(compute(grid.data)))

    return run


def _power(_: str, rest: list[Any]) -> Run:
    base, exponent = map(_function, rest)
    name = rest[1] if isinstance(rest[1], str) else None

    def run(found: Evaluation) -> Grid:
        low, high = base(found), exponent(found)
        if name and high.axes == (DRAW,) and DRAW not in low.axes:
            return Grid((*low.axes, DRAW), found.owner(name).rows(name, low.data, high.data))
        return found.space.power(low, high)

    return run


def _choice(_: str, rest: list[Any]) -> Run:
    condition, one, other = map(_function, rest)
    reach, number = Reach(rest[1]), rest[2] if isinstance(rest[2], int | float) else None

    def run(found: Evaluation) -> Grid:
        asked = condition(found)
        if number is not None and DRAW not in asked.axes:
            if not np.count_nonzero(asked.data):
                left = found.space.zeros({*asked.axes, *reach.within(found)})
                return Grid(left.axes, left.data + number)
            chosen = one(found)
            if asked.data.all() and set(asked.axes) <= set(chosen.axes):
                return chosen
        shared, (holds, left_one, right) = found.space.aligned((asked, one(found), other(found)))
        return Grid(shared, np.where(holds != 0, left_one, right))

    return run


_MADE: Mapping[str, Callable[[str, list[Any]], Run]] = {
    **dict.fromkeys(ALONG, _along), "at": _along, "as": _along, "number": _number, "list": _list, "sum": _total,
    "+": _addition, "*": _product, "min": _folding, "max": _folding, "-": _difference, "^": _power, "if": _choice,
    **dict.fromkeys(PAIRED, _pair), **dict.fromkeys(SINGLE, _single),
}  # fmt: skip

OPERATORS = frozenset(_MADE)
"""Every operator of a formula."""
