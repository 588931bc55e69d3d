"""Values that are not what their column is: failed check digits, malformed addresses, dates of another form."""

from __future__ import annotations

import numpy as np

from .evidence import Evidence
from .pattern import shape_of
from .view import Floats, Mask, View

LEAST = 0.9
"""Share of conforming rows from which the others are held for errors."""
RARE_FORM = 0.15
"""Share of rows up to which a date form is a foreign one."""


def judge(view: View, evidence: Evidence) -> None:
    """Judge one column by its semantic type."""
    if view.filled < 12:
        return
    size = len(view.texts)
    kind = view.kind
    if kind.conformity is None:
        return
    usable = kind.present & ~view.disguised
    if kind.dates is not None:
        evidence.say(view.position, "foreign_date", _dates(view, kind.dates.formats, usable))
        impossible = usable & kind.dates.found & ~kind.dates.valid
        evidence.say(view.position, "impossible_date", impossible.astype(np.float64))
    elif kind.numbers is None and kind.semantic not in ("category", "code", "text"):
        judged = usable & ~_other_kind(view, kind.conforms, usable)
        share = float(view.weights[judged & kind.conforms].sum()) / max(1, int(view.weights[judged].sum()))
        if share >= LEAST:
            evidence.say(view.position, "invalid", np.where(judged & ~kind.conforms, share, np.zeros(size)))


def _other_kind(view: View, conforms: Mask, usable: Mask) -> Mask:
    """Texts whose beginning and mask many rows share and hardly any conforms to: another kind, not errors."""
    groups = [t[:2] + shape_of(t) for t in view.texts]
    fine: dict[str, int] = {}
    rows: dict[str, int] = {}
    for g, n, good, used in zip(groups, view.weights, conforms, usable, strict=True):
        if used:
            rows[g] = rows.get(g, 0) + int(n)
            fine[g] = fine.get(g, 0) + int(n) * int(good)
    many = max(10.0, 0.01 * view.filled)
    return np.array([rows.get(g, 0) >= many and fine[g] < 0.2 * rows[g] for g in groups])


def _dates(view: View, formats: np.ndarray[tuple[int, ...], np.dtype[np.object_]], usable: Mask) -> Floats:
    """Share of the main form where a date is written in a rare other one, 0 elsewhere."""
    rows: dict[str, int] = {}
    for form, n in zip(formats, view.weights, strict=True):
        if form is not None:
            rows[form] = rows.get(form, 0) + int(n)
    total = sum(rows.values())
    main = max(rows, key=lambda f: (rows[f], f))
    share = rows[main] / total
    if share < 1 - 3 * RARE_FORM:
        return np.zeros(len(formats))
    like = {f for f in rows if _like(f, main)}
    foreign = [f is not None and f not in like and rows[f] <= RARE_FORM * total for f in formats]
    return np.where(np.array(foreign) & usable, share, 0.0)


def _like(form: str, main: str) -> bool:
    """Tell whether a form is the main one but for leading zeros, or for what can't be told of it."""
    if form == main:
        return True
    bare = [f.replace("DD", "D").replace("MM", "M").replace("##", "#") for f in (form, main)]
    return bare[0] == bare[1] or ("#" in bare[0] + bare[1] and _signs(form) == _signs(main))


def _signs(form: str) -> str:
    return "".join("x" if c in "DM#" else c for c in form)
