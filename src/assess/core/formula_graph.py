"""Formulas as data: written once, evaluated with NumPy (`assess.core.formula_evaluation`) and by a spreadsheet.

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

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .formula_evaluation import FOLDED, NAMING, OPERATORS, SINGLE, Compiled, Form, Formulas, arguments
from .grids import Axes


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
    fixed = 1 + NAMING.get(form[0], 0)
    return [*form[:fixed], *(renamed(part, names) for part in form[fixed:])]


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
    _formulas: dict[str, Formulas] = field(default_factory=dict, compare=False, repr=False)
    _compiled: dict[str, Compiled] = field(default_factory=dict, compare=False, repr=False)

    def formulas(self, *names: str, apart: bool = True) -> Formulas:
        """Return the formulas that depend on none of some names, or, not ``apart``, those that do."""
        key = " ".join((str(apart), *sorted(names)))
        if key not in self._formulas:
            below = self.downstream(*names)
            self._formulas[key] = Formulas(
                {name: node.form for name, node in self.nodes.items() if (name not in below) == apart},
                self._compiled,
            )
        return self._formulas[key]

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

    def replaced(self, changes: Mapping[str, Node | Term]) -> Graph:
        """Return the graph with names given other formulas, inputs among them."""
        nodes = {
            name: new if isinstance(new, Node) else Node(form_data(new)) for name, new in changes.items()
        }
        same = {name: made for name, made in self._compiled.items() if name not in nodes}
        return Graph({**self.nodes, **nodes}, _compiled=same)

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
    named_ones = NAMING.get(operator, 0)
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
    if operator in FOLDED:
        return range(1, 1000)
    if operator == "list":
        return range(2, 1000)
    fixed = {"-": (1, 2), "if": (3, 3), "at": (3, 3), "as": (3, 3), "number": (1, 1)}
    low, high = fixed.get(operator, (1, 1) if operator in SINGLE else (2, 2))
    return range(low, high + 1)
