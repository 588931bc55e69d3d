"""How a column's texts are spelt, and which slip of the keyboard would turn a likelier text into the one seen.

The character model is an interpolated trigram model (Witten & Bell 1991; Chen & Goodman 1999, equation 16,
order 3) whose lowest order is a class model: the class of a character (upper, lower, digit, space, the sign
itself) given the classes of the two before it, times the character's share in its class. Every value is judged
with its own contribution taken out, so that an error can't vouch for itself.

Slips are the noisy channel of Kernighan, Church and Gale (1990): the odds that a text v is a slip of some text u
are, up to the rate of slips, sum over u of P(u) P(v | u) / P(v). P is the column's character model, so texts
never seen before are covered as well. Slips are an inserted, lost, swapped or replaced character (Damerau 1964),
all four and every position equally likely.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LETTERS = 88
"""Most characters that a model tells apart; rarer ones share the place of their class."""
START, END = 0, 1
UPPER, LOWER, DIGIT, SPACE, EDGE, OTHER = range(6)
SIGNS = 14
"""Most signs (punctuation) with a class of their own."""
WEIGHT3, WEIGHT2, WEIGHT1 = 2.0, 2.0, 0.5
"""Observations that the lower order counts for (the prior mass of the interpolation)."""


@dataclass(frozen=True, eq=False)
class Script:
    """Texts as one run of character numbers: two START before each text, one END after it.

    Parameters
    ----------
    letters
        Character numbers, shape (n,).
    owner
        The text each position belongs to, shape (n,).
    classes
        Class of each character number, shape (a,).
    known
        Number of each character, by its code point.
    """

    letters: Ints
    owner: Ints
    classes: Ints
    known: dict[int, int]

    @property
    def size(self) -> int:
        """Number of different characters."""
        return len(self.classes)

    @cached_property
    def body(self) -> npt.NDArray[np.bool_]:
        """Positions that hold a character or an END, shape (n,)."""
        return np.asarray(self.letters != START)

    @cached_property
    def inside(self) -> npt.NDArray[np.bool_]:
        """Positions that hold a character, shape (n,)."""
        return np.asarray(self.letters > END)


def letter_class(letter: str) -> int:
    """Return the class of a character.

    >>> [letter_class(c) for c in "Aa7 "] == [UPPER, LOWER, DIGIT, SPACE]
    True
    """
    if letter.isdigit():
        return DIGIT
    if letter.isspace():
        return SPACE
    if letter.isalpha():
        return UPPER if letter.isupper() else LOWER
    return OTHER


def write(texts: list[str]) -> Script:
    """Write texts in character numbers, the most frequent characters first."""
    run = "".join(f"\x02\x02{t}\x03" for t in texts)
    points = np.frombuffer(run.encode("utf-32-le", "replace"), dtype="<u4")
    held = np.bincount(points)
    distinct = np.flatnonzero(held)
    counts = held[distinct]
    numbers = np.empty(len(distinct), np.int64)
    classes = [EDGE, EDGE]
    rest: dict[int, int] = {}
    signs = 0
    known: dict[int, int] = {}
    for k in np.argsort(-counts, kind="stable"):
        point = int(distinct[k])
        if point in (2, 3):
            numbers[k] = point - 2
            continue
        kind = letter_class(chr(point))
        if len(classes) < LETTERS:
            if kind == OTHER and signs < SIGNS:
                kind = OTHER + 1 + signs
                signs += 1
            classes.append(kind)
            known[point] = numbers[k] = len(classes) - 1
        else:
            if kind not in rest:
                classes.append(kind)
                rest[kind] = len(classes) - 1
            known[point] = numbers[k] = rest[kind]
    held[distinct] = numbers
    letters = held[points]
    lengths = np.fromiter((len(t) + 3 for t in texts), np.int64, len(texts))
    owner = np.repeat(np.arange(len(texts)), lengths)
    return Script(letters, owner, np.array(classes, np.int64), known)


@dataclass(frozen=True, eq=False)
class Spelling:
    """A trigram model of one column, and each of its texts judged without itself.

    Parameters
    ----------
    script
        The texts.
    table
        log P(c | a, b) for every triple, shape (a, a, a).
    own
        log P of each position given the two before it, the text's own contribution taken out,
        shape (n,); 0 at START.
    """

    script: Script
    table: npt.NDArray[np.float32]
    own: Floats

    @cached_property
    def texts(self) -> Floats:
        """Log P of each text without its own contribution, shape (number of texts,)."""
        return np.asarray(np.bincount(self.script.owner, self.own), np.float64)


def learn(script: Script, weights: Floats) -> Spelling:
    """Learn the model; ``weights`` says how much each text counts, shape (number of texts,)."""
    size, kinds = script.size, int(script.classes.max()) + 1
    at = np.flatnonzero(script.body)
    a, b, c = script.letters[at - 2], script.letters[at - 1], script.letters[at]
    ka, kb, kc = script.classes[a], script.classes[b], script.classes[c]
    weight = weights[script.owner[at]]
    i3 = (a * size + b) * size + c
    i2 = b * size + c
    i1 = (ka * kinds + kb) * kinds + kc
    n3 = np.bincount(i3, weight, size**3)
    n2 = np.bincount(i2, weight, size**2)
    n1 = np.bincount(i1, weight, kinds**3)
    n0 = np.bincount(c, weight, size)
    s3, s2 = n3.reshape(-1, size).sum(1), n2.reshape(-1, size).sum(1)
    s1 = n1.reshape(-1, kinds).sum(1)
    s0 = np.bincount(script.classes, n0, kinds)
    members = np.bincount(script.classes, minlength=kinds)

    def order1(kind: Ints, sign: Ints, less: Floats | float) -> Floats:
        """P of a character by its class; ``kind`` indexes n1."""
        of = kind % kinds
        prior = 1.0 / kinds
        share = (n0[sign] - less + 0.5) / (s0[of] - less + 0.5 * (members[of] + 1))
        by_class = (n1[kind] - less + WEIGHT1 * prior) / (s1[kind // kinds] - less + WEIGHT1)
        return np.asarray(np.maximum(by_class, 1e-12) * np.maximum(share, 1e-12))

    repeats = _repeats(script.owner[at], i3, weight)
    p1 = order1(i1, c, weight)
    p2 = (np.maximum(n2[i2] - weight, 0) + WEIGHT2 * p1) / (np.maximum(s2[b] - weight, 0) + WEIGHT2)
    n = np.maximum(n3[i3] - repeats, 0)
    p3 = (n + WEIGHT3 * p2) / (np.maximum(s3[a * size + b] - repeats, n) + WEIGHT3)
    own = np.zeros(len(script.letters))
    own[at] = np.log(p3)

    classes = script.classes
    grid = (np.arange(kinds)[:, None] * kinds + np.arange(kinds)[None, :])[:, :, None] * kinds + classes
    t1 = order1(grid.reshape(-1), np.tile(np.arange(size), kinds * kinds), 0.0)
    t1 = t1.reshape(kinds, kinds, size)[classes][:, classes]
    t2 = (n2.reshape(1, size, size) + WEIGHT2 * t1) / (s2.reshape(1, size, 1) + WEIGHT2)
    t3 = (n3.reshape(size, size, size) + WEIGHT3 * t2) / (s3.reshape(size, size, 1) + WEIGHT3)
    return Spelling(script, np.log(t3).astype(np.float32), own)


def _repeats(owner: Ints, triple: Ints, weight: Floats) -> Floats:
    """Weight that a text itself gave to each of its triples, shape (n,)."""
    key = owner * (int(triple.max()) + 1) + triple
    kind, _ = pd.factorize(key)
    return np.asarray(np.bincount(kind)[kind] * weight)


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


def find_slips(model: Spelling, lengths: Ints) -> Slips:
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
    third = np.ascontiguousarray(model.table[:, :, 2:])
    second = np.ascontiguousarray(model.table[:, 2:].transpose(0, 2, 1))
    first = np.ascontiguousarray(model.table[2:].transpose(1, 2, 0))

    def write_any(kind: int, at: Ints, behind: int, before: Floats, prior: float) -> None:
        """Try every character before what stands ``behind`` a position, and keep the best: once for what stands around alike."""
        a, b, c, d = x[at - 2], x[at - 1], x[at + behind], x[at + behind + 1]
        around = ((a * size + b) * size + c) * size + np.where(c != END, d, 0)
        _, some, alike = np.unique(around, return_index=True, return_inverse=True)
        a, b, c, d = a[some], b[some], c[some], d[some]
        gain = third[a, b].astype(np.float64)
        gain += second[b, c]
        more = c != END
        gain[more] += first[c[more], d[more]]
        best = gain.argmax(1)
        highest = gain[np.arange(len(some)), best]
        found.append((kind, at, best[alike] + 2, highest[alike] - before, prior))

    step = max(1, CHUNK // size)
    low_at = np.flatnonzero(low & script.body)
    for start in range(0, len(low_at), step):
        at = low_at[start : start + step]
        before = own[at] + np.where(x[at] != END, own[at + 1], 0)
        write_any(2, at, 0, before, np.log(0.25))
    in_at = np.flatnonzero(near & inside)
    for start in range(0, len(in_at), step):
        at = in_at[start : start + step]
        before = own[at] + own[at + 1] + np.where(x[at + 1] != END, own[at + 2], 0)
        write_any(3, at, 1, before, np.log(0.25 / KEYS))
    return _gather(model, lengths, found)


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
        lead = _first_best(owner, weight)
        better = lead[weight[lead] > best[owner[lead]]]
        rows = owner[better]
        best[rows], gain_of[rows] = weight[better], gain[better]
        kind_of[rows], letter_of[rows] = kind, letter[better]
        place_of[rows] = at[better] - first[rows]
    return Slips(np.log(np.maximum(total, 1e-30)), kind_of, place_of, letter_of, gain_of)


def _first_best(owner: Ints, weight: Floats) -> Ints:
    """Return of each run of equal owners the place of its highest weight, the first of equals."""
    if not len(owner):
        return np.empty(0, np.int64)
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    highest = np.maximum.reduceat(weight, starts)
    best = np.flatnonzero(weight == np.repeat(highest, np.diff(starts, append=len(owner))))
    return best[np.flatnonzero(np.diff(owner[best], prepend=-1))]


def undo_slip(text: str, kind: int, place: int, letter: str) -> str:
    """Undo a slip.

    >>> undo_slip("Femgale", 0, 3, ""), undo_slip("Fmeale", 1, 1, ""), undo_slip("Fmale", 2, 1, "e")
    ('Female', 'Female', 'Female')
    """
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place + 1 : place + 2] + text[place] + text[place + 2 :]
    return text[:place] + letter + text[place + (kind == 3) :]
