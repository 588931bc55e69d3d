"""Slips of the keyboard: which single slip would turn a likelier text into the one seen.

The noisy channel of Kernighan, Church and Gale (1990): the odds that a text v is a slip of some text u
are, up to the rate of slips, sum over u of P(u) P(v | u) / P(v). P is the column's character model, so
texts never seen before are covered as well. Slips are an inserted, lost, swapped or replaced character
(Damerau 1964), all four and every position equally likely.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .language import END, Floats, Ints, Spelling

KEYS = 36.0
"""Characters that a slip may insert: letters and digits."""
CHUNK = 1 << 21
SURPRISE = -1.6
"""Only characters less likely than e to this are worth repairing: no repair can gain there."""


@dataclass(frozen=True, eq=False)
class Slips:
    """Per text the log likelihood ratio of "a slip of something" against "as meant", and the best repair.

    Parameters
    ----------
    ratio
        log of sum over repairs u of P(u) P(v | u) / P(v), shape (number of texts,).
    kind, place, letter
        The best repair: 0 delete, 1 swap, 2 insert, 3 replace; position in the text; character number.
    gain
        log P(u) / P(v) of the best repair.
    """

    ratio: Floats
    kind: Ints
    place: Ints
    letter: Ints
    gain: Floats


def slips(model: Spelling, lengths: Ints) -> Slips:
    """Judge every text of a model; ``lengths`` are the numbers of characters, shape (number of texts,)."""
    script = model.script
    size = script.size
    flat = model.table.reshape(-1)
    x = np.concatenate([script.letters, np.zeros(3, np.int64)])
    own = np.concatenate([model.own, np.zeros(3)])
    inside = script.inside
    low = own[: len(script.letters)] < SURPRISE
    near = low.copy()
    near[:-1] |= low[1:]
    near[:-2] |= low[2:]

    def p(a: Ints, b: Ints, c: Ints) -> Floats:
        return np.asarray(flat[(a * size + b) * size + c], np.float64)

    found: list[tuple[int, Ints, Ints, Floats, float]] = []
    at = np.flatnonzero(inside & near)
    if len(at):
        a, b, c, d = x[at - 2], x[at - 1], x[at + 1], x[at + 2]
        more = c != END
        before = own[at] + own[at + 1] + np.where(more, own[at + 2], 0)
        after = p(a, b, c) + np.where(more, p(b, c, d), 0)
        found.append((0, at, np.zeros_like(at), after - before, np.log(0.25 / KEYS)))
        two = np.flatnonzero((c > END) & (c != x[at]))
        at2 = at[two]
        a, b, s, t, d, e = x[at2 - 2], x[at2 - 1], x[at2 + 1], x[at2], x[at2 + 2], x[at2 + 3]
        more = d != END
        before = own[at2] + own[at2 + 1] + own[at2 + 2] + np.where(more, own[at2 + 3], 0)
        after = p(a, b, s) + p(b, s, t) + p(s, t, d) + np.where(more, p(t, d, e), 0)
        found.append((1, at2, np.zeros_like(at2), after - before, np.log(0.25)))
    step = max(1, CHUNK // size)
    letters = np.arange(2, size)
    low_at = np.flatnonzero(low & script.body)
    for start in range(0, len(low_at), step):
        some = low_at[start : start + step, None]
        a, b, c, d = x[some - 2], x[some - 1], x[some], x[some + 1]
        more = c != END
        before = own[some] + np.where(more, own[some + 1], 0)
        after = p(a, b, letters) + p(b, letters, c) + np.where(more, p(letters, c, d), 0)
        found.append(_best(2, some, letters, after - before, np.log(0.25)))
    in_at = np.flatnonzero(near & inside)
    for start in range(0, len(in_at), step):
        some = in_at[start : start + step, None]
        a, b, c, d = x[some - 2], x[some - 1], x[some + 1], x[some + 2]
        more = c != END
        before = own[some] + own[some + 1] + np.where(more, own[some + 2], 0)
        after = p(a, b, letters) + p(b, letters, c) + np.where(more, p(letters, c, d), 0)
        found.append(_best(3, some, letters, after - before, np.log(0.25 / KEYS)))
    return _gather(model, lengths, found)


def _best(
    kind: int, at: Ints, letters: Ints, gain: Floats, prior: float
) -> tuple[int, Ints, Ints, Floats, float]:
    """Keep the best character at each position."""
    best = gain.argmax(1)
    return kind, at[:, 0], letters[best], gain[np.arange(len(at)), best], prior


def _gather(model: Spelling, lengths: Ints, found: list[tuple[int, Ints, Ints, Floats, float]]) -> Slips:
    """Add up the repairs of each text, and remember the best."""
    number = len(lengths)
    total = np.zeros(number)
    best = np.full(number, -np.inf)
    gain_of = np.zeros(number)
    kind_of, place_of, letter_of = (np.zeros(number, np.int64) for _ in range(3))
    first = np.cumsum(lengths + 3) - lengths - 1
    for kind, at, letter, gain, prior in found:
        owner = model.script.owner[at]
        weight = gain + prior - np.log(lengths[owner] + 1.0)
        total += np.bincount(owner, np.exp(np.minimum(weight, 60)), number)
        order = np.lexsort((at, -weight, owner))
        lead = order[np.unique(owner[order], return_index=True)[1]] if len(order) else order
        better = lead[weight[lead] > best[owner[lead]]]
        rows = owner[better]
        best[rows], gain_of[rows] = weight[better], gain[better]
        kind_of[rows], letter_of[rows] = kind, letter[better]
        place_of[rows] = at[better] - first[rows]
    return Slips(np.log(np.maximum(total, 1e-30)), kind_of, place_of, letter_of, gain_of)


def repaired(text: str, kind: int, place: int, letter: str) -> str:
    """Undo a slip.

    >>> repaired("Femgale", 0, 3, ""), repaired("Fmeale", 1, 1, ""), repaired("Fmale", 2, 1, "e")
    ('Female', 'Female', 'Female')
    """
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place + 1 : place + 2] + text[place] + text[place + 2 :]
    return text[:place] + letter + text[place + (kind == 3) :]
