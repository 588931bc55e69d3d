"""Formulas as data: written once, evaluated with NumPy (here) and by a spreadsheet.

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
lies along both. The axis `DRAW` holds futures that were drawn, of which there may be many: sums of
products along other axes are matrix products, and what is zero in every future is not computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Form = Any
"""A number, a name, or ``[operator, argument, ...]``."""

Floats = NDArray[np.float64]
Axes = Mapping[str, Sequence[Any]]
"""Labels of each axis, by its name, in the order in which arrays have them; `DRAW` is the last."""

DRAW = "draw"
"""The axis of futures that were drawn."""

Many = Callable[..., Floats]

_FOLDED: dict[str, Any] = {"+": np.add, "*": np.multiply, "min": np.minimum, "max": np.maximum}


def _divided(number: Floats, by: Floats) -> Floats:
    """Return a quotient; by nothing it is infinite without a warning, because `ENDLESS` is written so."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(number / by)


_PAIRED: dict[str, Many] = {
    "/": _divided,
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

HIGHEST_POWER = 64
"""Up to this whole exponent, powers of drawn values are products."""


@dataclass(frozen=True, eq=False)
class Formula:
    """A formula that is written with Python's operators.

    >>> rate, days = named("rate"), named("days")
    >>> (rate * days + 50).form
    ('+', ('*', 'rate', 'days'), 50)
    """

    form: Form

    def __add__(self, other: Term) -> Formula:
        return _joined("+", self, other)

    def __radd__(self, other: Term) -> Formula:
        return _joined("+", other, self)

    def __mul__(self, other: Term) -> Formula:
        return _joined("*", self, other)

    def __rmul__(self, other: Term) -> Formula:
        return _joined("*", other, self)

    def __sub__(self, other: Term) -> Formula:
        return Formula(("-", self.form, form_data(other)))

    def __rsub__(self, other: Term) -> Formula:
        return Formula(("-", form_data(other), self.form))

    def __neg__(self) -> Formula:
        return Formula(("-", self.form))

    def __truediv__(self, other: Term) -> Formula:
        return Formula(("/", self.form, form_data(other)))

    def __rtruediv__(self, other: Term) -> Formula:
        return Formula(("/", form_data(other), self.form))

    def __pow__(self, other: Term) -> Formula:
        return Formula(("^", self.form, form_data(other)))

    def __le__(self, other: Term) -> Formula:
        return Formula(("<=", self.form, form_data(other)))

    def __lt__(self, other: Term) -> Formula:
        return Formula(("<", self.form, form_data(other)))

    def __gt__(self, other: Term) -> Formula:
        return Formula(("<", form_data(other), self.form))


Term = Formula | float
"""What a formula is written with."""


def form_data(term: Term) -> Form:
    """Return a formula as data."""
    return term.form if isinstance(term, Formula) else term


def _joined(operator: str, *terms: Term) -> Formula:
    """Join terms by an operator, those that are joined by it already without a bracket."""
    parts: list[Form] = []
    for place, form in enumerate(map(form_data, terms)):
        inside = not place and isinstance(form, tuple) and form[0] == operator
        parts += form[1:] if inside else [form]
    return Formula((operator, *parts))


def named(name: str) -> Formula:
    """Return the formula that is called ``name``."""
    return Formula(name)


def number(axis: str) -> Formula:
    """Return 1, 2, ... n along an axis."""
    return Formula(("number", axis))


def total(axis: str, term: Term) -> Formula:
    """Return the sum along an axis."""
    return Formula(("sum", axis, form_data(term)))


def running(axis: str, term: Term) -> Formula:
    """Return the running sum along an axis."""
    return Formula(("running", axis, form_data(term)))


def at(axis: str, label: str, term: Term) -> Formula:
    """Return the values at one label of an axis."""
    return Formula(("at", axis, label, form_data(term)))


def lowest(*terms: Term) -> Formula:
    """Return the lowest of the terms, element by element."""
    return Formula(("min", *map(form_data, terms))) if len(terms) > 1 else Formula(form_data(terms[0]))


def highest(*terms: Term) -> Formula:
    """Return the highest of the terms, element by element."""
    return Formula(("max", *map(form_data, terms)))


def where(condition: Term, one: Term, other: Term) -> Formula:
    """Return ``one`` where the condition is not 0, else ``other``."""
    return Formula(("if", form_data(condition), form_data(one), form_data(other)))


def apply_function(operator: str, term: Term) -> Formula:
    """Return ``floor``, ``ceil``, ``exp`` or ``log`` of a term."""
    return Formula((operator, form_data(term)))


ENDLESS = Formula(("/", 1, 0))
"""Infinitely much."""


def arguments(form: Form) -> Sequence[Form]:
    """Return the parts of a formula that are formulas."""
    if not isinstance(form, list | tuple):
        return ()
    return form[1 + _NAMING.get(form[0], 0) :]


def names_in(form: Form) -> Iterator[str]:
    """Return every name that a formula uses."""
    if isinstance(form, str):
        yield form
    for part in arguments(form):
        yield from names_in(part)


def renamed(form: Form, names: Mapping[str, str]) -> Form:
    """Return a formula with names replaced."""
    if isinstance(form, str):
        return names.get(form, form)
    if not isinstance(form, list | tuple):
        return form
    fixed = 1 + _NAMING.get(form[0], 0)
    return [*form[:fixed], *(renamed(part, names) for part in form[fixed:])]


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


@dataclass
class Evaluation:
    """The values of named formulas, each computed when it is first asked for.

    Parameters
    ----------
    forms
        Formulas by name.
    known
        Values of the names that are no formulas; they are added to as formulas are computed.
    axes
        Labels of each axis.
    base
        Where the values of names that stand in neither are asked for: what several evaluations share.
    """

    forms: Mapping[str, Form]
    known: dict[str, Grid]
    axes: Axes
    base: Evaluation | None = None
    _powers: dict[tuple[Any, ...], Floats] = field(default_factory=dict)
    _shapes: dict[str, frozenset[str]] = field(default_factory=dict)
    _unions: dict[tuple[tuple[str, ...], ...], tuple[str, ...]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Grid:
        found = self.known.get(name)
        if found is not None:
            return found
        if name not in self.forms:
            if self.base is None:
                raise KeyError(f"nothing is called {name}")
            return self.base[name]
        found = self.known[name] = self.value(self.forms[name])
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
        if isinstance(form, int | float):
            return single(form)
        if isinstance(form, str):
            return self[form]
        operator, *rest = form
        if operator == "number":
            return Grid((rest[0],), np.arange(1, len(self.axes[rest[0]]) + 1, dtype=np.float64))
        if operator == "list":
            return self._listed(rest[0], [self.value(part) for part in rest[1:]])
        if operator == "sum":
            return self._total(rest[0], rest[1])
        if operator in _NAMING:
            return self._along(operator, rest, self.value(rest[-1]))
        if operator == "if":
            return self._chosen(*rest)
        if operator == "^":
            return self._power(rest[0], rest[1])
        if operator == "*":
            return self._multiplied(rest)
        grids = [self.value(part) for part in rest]
        if operator == "+":
            return self._sum(grids)
        shared, parts = self._aligned(grids)
        if operator in _FOLDED:
            return Grid(shared, reduce(_FOLDED[operator], parts))
        if operator in _PAIRED:
            return Grid(shared, _PAIRED[operator](parts[0], parts[1]))
        if operator in _SINGLE:
            return Grid(shared, _SINGLE[operator](parts[0]))
        return Grid(shared, parts[0] - parts[1] if len(parts) == 2 else -parts[0])

    def _union(self, grids: Sequence[Grid]) -> tuple[str, ...]:
        asked = tuple(grid.axes for grid in grids)
        if asked not in self._unions:
            self._unions[asked] = tuple(axis for axis in self.axes if any(axis in along for along in asked))
        return self._unions[asked]

    def _aligned(self, grids: Sequence[Grid]) -> tuple[tuple[str, ...], list[Floats]]:
        """Return the axes of several grids together, and their values so that they broadcast along them."""
        shared = self._union(grids)
        return shared, [self._spread(grid, shared) for grid in grids]

    def _spread(self, grid: Grid, shared: tuple[str, ...]) -> Floats:
        if grid.axes == shared:
            return grid.data
        lengths = iter(grid.data.shape)
        return grid.data.reshape([next(lengths) if axis in grid.axes else 1 for axis in shared])

    def _folded(self, operator: Any, grids: Sequence[Grid]) -> Grid:
        shared, parts = self._aligned(grids)
        found = parts[0] if len(parts) == 1 else operator(parts[0], parts[1])
        whole = np.broadcast_shapes(*(part.shape for part in parts)) if len(parts) > 2 else ()
        for part in parts[2:]:
            if whole and found.shape == whole:
                operator(found, part, out=found)
            else:
                found = operator(found, part)
        return Grid(shared, np.asarray(found))

    def _multiplied(self, forms: Sequence[Form]) -> Grid:
        """Return the product of formulas; where one is zero in every future, the others are not computed."""
        grids = []
        for form in forms:
            grids.append(self.value(form))
            if DRAW in self.axes and DRAW not in grids[-1].axes and not grids[-1].data.any():
                return self._zeros(set().union(*(self._along_of(part) for part in forms)))
        return self._product(grids)

    def _zeros(self, axes: Iterable[str]) -> Grid:
        along = tuple(axis for axis in self.axes if axis in axes and axis != DRAW)
        return Grid(along, np.zeros([len(self.axes[axis]) for axis in along]))

    def _along_of(self, form: Form) -> frozenset[str]:
        """Return the axes along which a formula lies, without computing it; `DRAW` may be left out."""
        if isinstance(form, str):
            if form in self.known:
                return frozenset(self.known[form].axes)
            if form not in self.forms and self.base is not None:
                return self.base._along_of(form)
            if form not in self._shapes:
                self._shapes[form] = self._along_of(self.forms[form])
            return self._shapes[form]
        found: frozenset[str] = frozenset().union(*(self._along_of(part) for part in arguments(form)))
        if not isinstance(form, list | tuple):
            return found
        operator, *rest = form
        if operator in ("number", "list"):
            return found | {rest[0]}
        if operator == "as":
            return found - {rest[0]} | {rest[1]}
        return (
            found - {rest[0]} if operator == "at" or (operator in _ALONG and operator != "running") else found
        )

    def _product(self, grids: Sequence[Grid]) -> Grid:
        still = [grid for grid in grids if DRAW not in grid.axes]
        moving = [grid for grid in grids if DRAW in grid.axes]
        if not moving:
            return self._folded(np.multiply, still)
        if still:
            base = self._folded(np.multiply, still)
            if not base.data.any():
                return self._zeros(self._union(grids))
            if not (set(base.axes) <= set(self._union(moving)) and (base.data == 1).all()):
                moving = [base, *sorted(moving, key=lambda grid: grid.data.size)]
        return self._folded(np.multiply, moving) if len(moving) > 1 else moving[0]

    def _sum(self, grids: Sequence[Grid]) -> Grid:
        union = self._union(grids)
        if DRAW in union:
            needed = [grid for grid in grids if DRAW in grid.axes or grid.data.any()]
            if needed and self._union(needed) == union:
                grids = needed
        return self._folded(np.add, grids)

    def _total(self, axis: str, form: Form) -> Grid:
        """Sum a product along an axis: factors that do not lie along it are multiplied afterwards."""
        parts = arguments(form) if isinstance(form, list | tuple) and form[0] == "*" else [form]
        grids = [self.value(part) for part in parts]
        along = [grid for grid in grids if axis in grid.axes]
        if not along:
            raise ValueError(f"nothing lies along the axis {axis}")
        outside = [grid for grid in grids if axis not in grid.axes]
        found = self._contracted(axis, along)
        return self._product([found, *outside]) if outside else found

    def _contracted(self, axis: str, grids: Sequence[Grid]) -> Grid:
        """Sum the product of grids, which all lie along an axis, along it."""
        still = [grid for grid in grids if DRAW not in grid.axes]
        moving = [grid for grid in grids if DRAW in grid.axes]
        if not moving:
            return self._along("sum", [axis], self._folded(np.multiply, still))
        parts = [self._folded(np.multiply, still)] if still else []
        if still and not parts[0].data.any():
            return self._zeros(set(self._union(grids)) - {axis})
        shared = set(parts[0].axes) & set(self._union(moving)) if still else set()
        if shared == {axis}:
            one, other = parts[0], self._product(moving)
            data = _matrix_product(
                np.moveaxis(one.data, one.axes.index(axis), -1),
                np.moveaxis(other.data, other.axes.index(axis), 0),
            )
            return arranged([name for name in (*one.axes, *other.axes) if name != axis], data, self.axes)
        parts += moving
        letters = {name: chr(97 + place) for place, name in enumerate(self._union(parts))}
        left = "".join(letter for name, letter in letters.items() if name != axis)
        terms = ",".join("".join(letters[name] for name in grid.axes) for grid in parts)
        data = np.einsum(f"{terms}->{left}", *(grid.data for grid in parts))
        return Grid(tuple(name for name in letters if name != axis), np.asarray(data))

    def _power(self, base: Form, exponent: Form) -> Grid:
        low, high = self.value(base), self.value(exponent)
        if isinstance(exponent, str) and high.axes == (DRAW,) and DRAW not in low.axes:
            data = self._owner(exponent)._rows(exponent, low.data, high.data)
            return Grid((*low.axes, DRAW), data)
        if DRAW in low.axes and len(high.axes) == 1 and high.axes[0] not in low.axes and _whole(high.data):
            powers = [np.ones_like(low.data)]
            while len(powers) <= high.data.max(initial=0):
                powers.append(powers[-1] * low.data)
            data = np.stack([powers[int(value)] for value in high.data])
            return arranged((*high.axes, *low.axes), data, self.axes)
        shared, parts = self._aligned([low, high])
        return Grid(shared, np.power(parts[0], parts[1]))

    def _owner(self, name: str) -> Evaluation:
        own = name in self.known or name in self.forms or self.base is None
        return self if own else self.base._owner(name)  # type: ignore[union-attr]

    def _rows(self, name: str, bases: Floats, exponent: Floats) -> Floats:
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

    def _chosen(self, condition: Form, one: Form, other: Form) -> Grid:
        asked = self.value(condition)
        if DRAW not in asked.axes and isinstance(other, int | float):
            if not asked.data.any():
                left = self._zeros({*asked.axes, *self._along_of(one)})
                return Grid(left.axes, left.data + other)
            found = self.value(one)
            if asked.data.all() and set(asked.axes) <= set(found.axes):
                return found
        shared, parts = self._aligned([asked, self.value(one), self.value(other)])
        return Grid(shared, np.where(parts[0] != 0, parts[1], parts[2]))

    def _along(self, operator: str, rest: list[Any], grid: Grid) -> Grid:
        if rest[0] not in grid.axes:
            raise ValueError(f"nothing lies along the axis {rest[0]}")
        place = grid.axes.index(rest[0])
        if operator == "as":
            return arranged(
                [rest[1] if axis == rest[0] else axis for axis in grid.axes], grid.data, self.axes
            )
        left = grid.axes[:place] + grid.axes[place + 1 :]
        if operator == "at":
            return Grid(left, np.take(grid.data, list(self.axes[rest[0]]).index(rest[1]), axis=place))
        return Grid(grid.axes if operator == "running" else left, _ALONG[operator](grid.data, place))

    def _listed(self, axis: str, grids: list[Grid]) -> Grid:
        shared, parts = self._aligned(grids)
        if axis in shared:
            raise ValueError(f"a list along {axis} of values that already lie along it")
        order = tuple(name for name in self.axes if name in shared or name == axis)
        whole = np.broadcast_shapes(*(part.shape for part in parts))
        return Grid(order, np.stack([np.broadcast_to(part, whole) for part in parts], axis=order.index(axis)))


FEW = 256
"""Up to so many factors that are not zero, a matrix product is done row by row."""


def _matrix_product(one: Floats, other: Floats) -> Floats:
    """Return the sum of products along the last axis of one and the first of the other array.

    With few factors that are not zero (a year has twelve of sixty months, an integration one style) adding
    rows is faster than a product of matrices, and occupies one processor.
    """
    if np.count_nonzero(one) > FEW:
        return np.tensordot(one, other, 1)
    rows = one.reshape(-1, one.shape[-1])
    found = np.zeros((len(rows), *other.shape[1:]))
    part = np.empty(other.shape[1:])
    for total, factors in zip(found, rows, strict=True):
        for place in np.flatnonzero(factors).tolist():
            if factors[place] == 1:
                total += other[place]
            else:
                total += np.multiply(other[place], factors[place], out=part)
    return found.reshape(*one.shape[:-1], *other.shape[1:])


def _whole(values: Floats) -> bool:
    return bool(((values >= 0) & (values <= HIGHEST_POWER) & (values == np.floor(values))).all())


class Node(NamedTuple):
    """A named number of a model.

    Parameters
    ----------
    form
        Its formula.
    label
        What it means.
    unit
        Its unit; empty for a count, a share or a factor.
    """

    form: Form
    label: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Graph:
    """Named formulas over each other and over inputs: the names that no formula has."""

    nodes: Mapping[str, Node]
    _found: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)
    _below: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def forms(self) -> dict[str, Form]:
        """The formulas by name."""
        return {name: node.form for name, node in self.nodes.items()}

    def upstream(self, name: str) -> frozenset[str]:
        """Return every name that a name depends on, itself among them."""
        if name not in self._found:
            found = {name}
            if name in self.nodes:
                for part in set(names_in(self.nodes[name].form)):
                    found |= self.upstream(part)
            self._found[name] = frozenset(found)
        return self._found[name]

    def downstream(self, *names: str) -> frozenset[str]:
        """Return every formula that depends on one of some names, or is one."""
        key = " ".join(sorted(names))
        if key not in self._below:
            wanted = set(names)
            self._below[key] = frozenset(name for name in self.nodes if wanted & self.upstream(name))
        return self._below[key]

    def replaced(self, nodes: Mapping[str, Node]) -> Graph:
        """Return the graph with names given other formulas, inputs among them."""
        return Graph({**self.nodes, **nodes})

    def variant(self, inputs: Mapping[str, Node], ending: str) -> Graph:
        """Return the graph with a second copy of what depends on some names, which are other formulas there.

        The copies have their names with an ending.
        """
        changed = self.downstream(*inputs) | set(inputs)
        names = {name: name + ending for name in changed}
        copies = {
            names[name]: node._replace(form=renamed(node.form, names))
            for name, node in self.nodes.items()
            if name in changed and name not in inputs
        }
        return Graph({**self.nodes, **{names[name]: node for name, node in inputs.items()}, **copies})

    def steps(self, outputs: Sequence[str], free: set[str]) -> tuple[list[str], list[str]]:
        """Return what has to be computed again when free names move, in order, and what else that needs.

        Returns
        -------
        steps, constants
            Names of formulas that depend on free names; names, free ones not among them, that stay as they are.
        """
        steps: dict[str, None] = {}
        constants: dict[str, None] = {}

        def visit(name: str) -> None:
            if name in free or name in steps:
                return
            if not free & self.upstream(name):
                constants[name] = None
                return
            for part in names_in(self.nodes[name].form):
                visit(part)
            steps[name] = None

        for name in outputs:
            visit(name)
        return list(steps), list(constants)


def check(form: Form, known: set[str], axes: Axes, place: str) -> None:
    """Say what is wrong with a formula.

    Raises
    ------
    ValueError
        If it names what is not known, an operator has the wrong number of arguments, or an axis is none.
    """
    if isinstance(form, int | float) and not isinstance(form, bool):
        return
    if isinstance(form, str):
        if form not in known:
            raise ValueError(f"formula {place}: nothing is called {form}")
        return
    if not isinstance(form, list | tuple) or not form or form[0] not in OPERATORS:
        raise ValueError(f"formula {place}: {form!r} is no formula")
    operator, *rest = form
    if len(rest) not in _arity(operator):
        raise ValueError(f"formula {place}: {operator} with {len(rest)} arguments")
    _check_names(operator, rest, axes, place)
    for part in arguments(form):
        check(part, known, axes, place)


def _check_names(operator: str, rest: list[Any], axes: Axes, place: str) -> None:
    named_ones = _NAMING.get(operator, 0)
    for axis in rest[: min(named_ones, 1)] if operator != "as" else rest[:2]:
        if axis not in axes:
            raise ValueError(f"formula {place}: there is no axis {axis}")
    if operator == "at" and rest[1] not in axes[rest[0]]:
        raise ValueError(f"formula {place}: the axis {rest[0]} has no {rest[1]}")
    if operator == "as" and len(axes[rest[0]]) != len(axes[rest[1]]):
        raise ValueError(f"formula {place}: the axes {rest[0]} and {rest[1]} differ in length")
    if operator == "list" and len(rest) - 1 != len(axes[rest[0]]):
        raise ValueError(f"formula {place}: a list along {rest[0]} has one value a label")


def _arity(operator: str) -> range:
    if operator in _FOLDED:
        return range(1, 1000)
    if operator == "list":
        return range(2, 1000)
    fixed = {"-": (1, 2), "if": (3, 3), "at": (3, 3), "as": (3, 3), "number": (1, 1)}
    low, high = fixed.get(operator, (1, 1) if operator in _SINGLE else (2, 2))
    return range(low, high + 1)
