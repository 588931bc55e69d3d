"""Values that are not what their column is: failed check digits, malformed addresses, impossible or ambiguous dates."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import process
from rapidfuzz.distance import OSA

from assess.evidence.quality import types
from assess.evidence.quality.checks.check import REWRITTEN, CellCheck, Evidence, ValueCheck, above
from assess.evidence.quality.column.view import LISTS, LONGEST, SEVERAL, Floats, Mask, View
from assess.evidence.quality.matching.pair import CERTAIN, ColumnPair, Counts, Marks
from assess.evidence.quality.types import dates, vocabularies
from assess.evidence.quality.types.semantic import WORDED, keeps

from .numbers import FARTHEST, distance, number_quantiles

LEAST_VALID = 0.9
"""Share of conforming rows from which the others are held for errors."""
CODES = frozenset({"country code", "currency code", "language code"})
FEWEST_WORDS = 4
"""Different short codes of an agreed list from which on another one is judged by it: fewer may be codes of anything."""
RARE_FORM = 0.15
"""Share of rows up to which a date form is a foreign one."""


def judge_validity(view: View, evidence: Evidence) -> None:
    """Judge one column by its semantic type."""
    if view.filled < 12:
        return
    size = len(view.texts)
    kind = view.kind
    if kind.conformity is None:
        return
    usable = kind.present & ~view.disguised
    if kind.dates is not None:
        evidence.note(view.position, "foreign_date", _foreign_dates(view, kind.dates.formats, usable))
        impossible = usable & kind.dates.found & ~kind.dates.valid
        evidence.note(view.position, "impossible_date", impossible.astype(np.float64))
    elif kind.numbers is None and kind.semantic not in ("category", "code", "text"):
        judged = usable & ~_other_kind(view, kind.conforms, usable)
        if kind.semantic in WORDED:
            judged &= kind.conforms | ~_lists(view, kind.semantic)
        if kind.semantic in NAMES:
            judged &= kind.conforms | _slips(view, judged & ~kind.conforms, judged)
        if kind.semantic == "country code":
            former = vocabularies.former_country_codes()
            codes = [t.strip().upper() for t in view.texts]
            legal = [c in former or vocabularies.UNASSIGNED.fullmatch(c) is not None for c in codes]
            judged &= kind.conforms | ~np.array(legal, bool)
        share = float(view.weights[judged & kind.conforms].sum()) / max(1, int(view.weights[judged].sum()))
        listed = kind.semantic not in CODES or int((judged & kind.conforms).sum()) >= FEWEST_WORDS
        if share >= LEAST_VALID and listed:
            evidence.note(view.position, "invalid", np.where(judged & ~kind.conforms, share, np.zeros(size)))


NAMES = {"country": vocabularies.countries_by_language, "language": vocabularies.languages_by_language}
"""Vocabularies of names by language, of which no list is complete: only a slip of a known one is wrong."""
SPOKEN = 0.9
"""Share of the names of its first language that a column must hold of another one to speak that, too."""
LONG_NAME = 12
"""Letters of a name from which on two slips are still a slip of it."""


def _lists(view: View, semantic: str) -> Mask:
    """Cells that hold several values, each of the type, if `LISTS` different ones do: a country can have two currencies."""
    parts = [SEVERAL.split(t) for t in view.trimmed]
    known = keeps(semantic, {part for some in parts if len(some) > 1 for part in some})
    lists = np.array([len(some) > 1 and known.issuperset(some) for some in parts], bool)
    return lists if lists.sum() >= LISTS else np.zeros(len(parts), bool)


def _slips(view: View, unknown: Mask, usable: Mask) -> Mask:
    """Unknown names that are one slip, or of long ones two, from a known one of a language that the column speaks."""
    spoken = NAMES[view.kind.semantic]()
    rows: Counter[str] = Counter()
    for text, n, used in zip(view.texts, view.counts.tolist(), usable.tolist(), strict=True):
        rows[vocabularies.plain(text)] += n * used
    share = {
        language: sum(n for name, n in rows.items() if name in names) for language, names in spoken.items()
    }
    most = max(share.values(), default=0)
    known = sorted(
        {name for language, names in spoken.items() if share[language] >= SPOKEN * most for name in names}
    )
    out = np.zeros(len(unknown), bool)
    for k in np.flatnonzero(unknown).tolist():
        text = vocabularies.plain(view.texts[k])
        found = process.extractOne(
            text, known, scorer=OSA.distance, score_cutoff=1 + (len(text) >= LONG_NAME)
        )
        its = rows.get(found[0], 0) if found is not None else 0
        # written so several times where the known name is not, it is the column's own spelling
        out[k] = found is not None and len(text) > 3 and (view.counts[k] == 1 or its >= 3 * view.counts[k])
    return out


def _other_kind(view: View, conforms: Mask, usable: Mask) -> Mask:
    """Texts whose beginning and mask many rows share and hardly any conforms to: another kind, not errors."""
    groups = [t[:2] + mask for t, mask in zip(view.texts, view.masks, strict=True)]
    fine: dict[str, int] = {}
    rows: dict[str, int] = {}
    for g, n, good, used in zip(groups, view.weights, conforms, usable, strict=True):
        if used:
            rows[g] = rows.get(g, 0) + int(n)
            fine[g] = fine.get(g, 0) + int(n) * int(good)
    many = max(10.0, 0.01 * view.filled)
    return np.array([rows.get(g, 0) >= many and fine[g] < 0.2 * rows[g] for g in groups])


def _foreign_dates(
    view: View, formats: np.ndarray[tuple[int, ...], np.dtype[np.object_]], usable: Mask
) -> Floats:
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


PARTS = re.compile(r"(\d{1,4})([/.\-])(\d{1,2})\2(\d{1,4})(?:[T ].*)?")
DAY_TELLS = 1 - 12 * 12 / 365.25
"""Share of dates whose day can't be a month: what a column with one fixed order shows."""
FEWEST_DATES = 100
"""Rows of dates from which on one can be out of its column's time."""
LEAST = 0.5
"""Share of filled rows in date form from which a column is judged as one of dates."""
ORDERS = ("mdy", "dmy", "ymd")


def read_orders(text: str) -> dict[str, date]:
    """Return the valid dates that a text can mean, by the order of its parts.

    >>> sorted(read_orders("4/1/14")), sorted(read_orders("4/20/2014"))
    (['dmy', 'mdy', 'ymd'], ['mdy'])
    """
    found = PARTS.fullmatch(text.strip())
    if not found:
        return {}
    parts = (found[1], found[3], found[4])
    valid = {}
    for order in ORDERS:
        part = dict(zip(order, parts, strict=True))
        # a year written first may have lost its leading zero with those of month and day
        long_enough = len(part["y"]) in (2, 4) or (order == "ymd" and len(part["y"]) == 1)
        if long_enough and len(part["m"]) <= 2 and len(part["d"]) <= 2:
            year = int(part["y"]) if len(part["y"]) == 4 else _century(int(part["y"]))
            try:
                valid[order] = date(year, int(part["m"]), int(part["d"]))
            except ValueError:
                continue
    return valid


def _century(year: int) -> int:
    return year + (1900 if year > 68 else 2000)


GAP = 1.0
"""Width of the empty stretch before a date that is out of its column's time, against all but `RARE` of the others."""
RARE = 0.02


def find_extremes(view: View) -> Floats:
    """Dates far before or after all but `RARE` of the others, with nothing between: 1 minus their share."""
    out = np.zeros(len(view.texts))
    with_digit = view.of_masks(lambda mask: "9" in mask or len(mask) > LONGEST)
    if view.filled < FEWEST_DATES or float(view.weights[with_digit].sum()) < 0.9 * view.filled:
        return out  # a date has digits
    read = types.dates.read(np.array(view.texts, object), view.weights)
    at = np.flatnonzero(read.found & read.valid & ~view.disguised & (view.weights > 0))
    if float(view.weights[at].sum()) < 0.9 * view.filled:
        return out
    days = read.instants[at].astype("datetime64[D]").astype(np.float64)
    order = np.argsort(days, kind="stable")
    x, n = days[order], view.weights[at][order].astype(np.float64)
    low, high = number_quantiles(x, n, (RARE, 1 - RARE))
    width = max(high - low, 1.0)
    steps = np.diff(x)
    for early in (True, False):
        empty = steps * (x[:-1] < low if early else x[1:] > high)
        if empty.max(initial=0) < GAP * width:
            continue
        cut = int(empty.argmax())
        beyond = np.arange(len(x)) <= cut if early else np.arange(len(x)) > cut
        share = float(n[beyond].sum() / n.sum())
        if share <= RARE:
            out[at[order[beyond]]] = 1 - share
    return out


def judge_dates(view: View, evidence: Evidence) -> None:
    """Judge the dates of one column."""
    evidence.note(view.position, "extreme_date", find_extremes(view))
    form = np.fromiter(
        (t[:1].isdigit() and bool(PARTS.fullmatch(t)) for t in view.trimmed), bool, len(view.texts)
    )
    rows = float(view.weights[form].sum())
    if view.filled < 8 or rows < LEAST * view.filled:
        return
    means = _settle_orders([read_orders(t) for t in view.texts])
    held: Counter[str] = Counter()
    for reading, n in zip(means, view.weights, strict=True):
        held.update(dict.fromkeys(reading, int(n)))
    if not held:
        return
    main, main_rows = max(held.items(), key=lambda item: (item[1], item[0]))
    share = main_rows / view.filled
    wrong = np.array([main not in m for m in means]) & ~view.blank & ~view.disguised
    evidence.note(view.position, "no_date", np.where(wrong, share, 0.0))
    far = np.zeros(len(means))
    at = np.flatnonzero([main in m for m in means])
    days = np.array([float(means[k][main].toordinal()) for k in at])
    far[at] = np.log1p(np.minimum(distance(days, view.weights[at].astype(np.float64)), FARTHEST))
    evidence.note(view.position, "far_date", far)
    evidence.note(view.position, "ambiguous", _ambiguous(means, view.weights.astype(np.float64), main))


def _settle_orders(means: list[dict[str, date]]) -> list[dict[str, date]]:
    """Leave out orders that every date of the column has, but that take its days for something else.

    ``21.03.24`` is the 21st in a column whose last parts are few and whose first run to 31; ``07/01/2024`` is the first
    of July in a column of firsts of months.
    """
    dated = [m for m in means if m]
    every = [order for order in ORDERS if dated and all(order in m for m in dated)]
    days = {order: len({m[order].day for m in dated}) for order in every}
    firsts = [
        order for order in every
        if {m[order].day for m in dated} == {1} and len({m[order].month for m in dated}) >= SEASONS
    ]  # fmt: skip
    best = max(every, key=lambda order: days[order], default="")
    wrong = {order for order in every if 2 * days[order] < days[best] and days[best] > MONTHS_A_YEAR}
    if len(firsts) == 1:
        wrong = set(every) - set(firsts)
    return [{order: day for order, day in m.items() if order not in wrong} for m in means] if wrong else means


SEASONS = 3
"""Different months of dates that are all the first of one."""
MONTHS_A_YEAR = 12


def _ambiguous(means: list[dict[str, date]], counts: Floats, main: str) -> Floats:
    """How open the order of a row's parts is: 1 if nothing in the column tells, 0 if days tell as they should.

    A row is open if its parts read in another order give another valid date. In a column with one fixed
    order, six dates in ten have a day above 12 and settle it; the rarer these, the less the column says. Each date
    counts once: a day on which many rows were written tells no more than others.
    """
    dated = np.array([bool(m) for m in means]) & (counts > 0)
    differ = np.array([main in m and len(set(m.values())) > 1 for m in means])
    tells = np.array([len(m) == 1 for m in means])
    told = float((tells & dated).sum() / max(1, dated.sum()))
    rivals = {next(iter(m)) for m, t in zip(means, tells, strict=True) if t}
    openness = 1.0 if len(rivals) > 1 and _mixed(means, counts, tells) else max(0.0, 1 - told / DAY_TELLS)
    return np.where(differ & (openness > 0.3), openness, 0.0)


def _mixed(means: list[dict[str, date]], counts: Floats, tells: Floats) -> bool:
    """Tell whether two orders are both common (5 %) among the rows that settle theirs."""
    by: Counter[str] = Counter()
    for m, n, t in zip(means, counts, tells, strict=True):
        if t:
            by[next(iter(m))] += n
    ranked = [n for _, n in by.most_common(2)]
    return len(ranked) > 1 and ranked[1] > 0.05 * sum(by.values())


DIGITS = re.compile(r"\d+")
FEWEST = 30
"""Rows of each side from which on an order is learned."""
GAIN = 10.0
"""Log-likelihood by which a second order must explain the source better (a Bayes factor beyond 20,000)."""
ROUNDS = 50
DATED = 0.9
"""Share of the target's values that must read as dates: parts of codes and numbers have one order only."""

Parts = npt.NDArray[np.int64]
Order = tuple[int, ...]


def compare_order(pair: ColumnPair, left: Marks) -> Floats:
    """Values better explained by another order of their parts.

    The parts of the target's values, position by position, make a model; the source is a mixture of
    the target's order and of one other, the mixture's share is fitted by expectation maximisation
    (Dempster, Laird and Rubin 1977), and a value's confidence is its posterior of the other order.
    Values are judged whether the target holds them or not: a swapped date is a date.
    """
    made = np.zeros(len(pair.source.values))
    shape = _common(pair)
    if not shape:
        return made
    at, on = np.flatnonzero(pair.source.shapes == shape), np.flatnonzero(pair.target.shapes == shape)
    asked, known = _parts(pair.source.values[at]), _parts(pair.target.values[on])
    counts, held = pair.source.counts[at], pair.target.counts[on]
    if counts.sum() < FEWEST or held.sum() < FEWEST:
        return made
    found = explain(asked, counts, known, held)
    if found is not None:
        made[at] = found[1]
    return made


def explain(asked: Parts, counts: Counts, known: Parts, held: Counts) -> tuple[Order, Floats] | None:
    """Return the order that explains the source best, and each value's posterior of it; None without one.

    Parameters
    ----------
    asked, counts
        Parts of the source's values, shape (s, k), and their rows.
    known, held
        Parts of the target's values, shape (t, k), and their rows.
    """
    same = _likelihood(asked, known, held)
    base = float(counts @ same)
    best: tuple[float, Order, Floats] | None = None
    for order in itertools.permutations(range(asked.shape[1])):
        if order == tuple(range(asked.shape[1])):
            continue
        moved = asked[:, order]
        other = np.where((moved == asked).all(axis=1), -np.inf, _likelihood(moved, known, held))
        share, posterior = _mixture(same, other, counts)
        gain = float(counts @ np.logaddexp(same + np.log1p(-share), other + np.log(share))) - base
        if gain > GAIN and (best is None or gain > best[0]):
            best = gain, order, posterior
    return None if best is None else (best[1], np.clip(best[2], 0, CERTAIN))


def _likelihood(asked: Parts, known: Parts, held: Counts) -> Floats:
    """Log-probability of each row of parts, positions independent, one pseudo-row for all unseen parts."""
    total = np.zeros(len(asked))
    for i in range(known.shape[1]):
        codes, values = pd.factorize(known[:, i])
        rows = np.bincount(codes, weights=held, minlength=len(values))
        place = pd.Index(values).get_indexer(pd.Index(asked[:, i]))
        unseen = 0.5 / max(10.0, len(values))
        total += np.log(np.where(place >= 0, rows[np.maximum(place, 0)], unseen) / (held.sum() + 0.5))
    return total


def _mixture(same: Floats, other: Floats, counts: Counts) -> tuple[float, Floats]:
    """Fit the share of the other order; return it and the posterior of each value."""
    share, posterior = 0.5, np.zeros(len(same))
    for _ in range(ROUNDS):
        odds = other + np.log(share) - same - np.log1p(-share)
        posterior = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
        share = float(np.clip(counts @ posterior / counts.sum(), 1e-6, 1 - 1e-6))
    return share, posterior


def _common(pair: ColumnPair) -> str:
    """The shape of both sides' majority if it has two to four numbers and reads as a date, else nothing."""
    common = []
    for side in (pair.source, pair.target):
        filled = ~side.blank
        rows = pd.Series(side.counts[filled]).groupby(side.shapes[filled]).sum()
        if rows.empty or rows.max() < 0.5 * rows.sum():
            return ""
        common.append(str(rows.idxmax()))
    if common[0] != common[1] or not 2 <= common[0].count("9") <= 4:
        return ""
    dated = dates.read(pair.target.values[pair.target.shapes == common[0]]).found
    return common[0] if dated.mean() >= DATED else ""


def _parts(texts: npt.NDArray[np.object_]) -> Parts:
    return np.array([[int(part[:15]) for part in DIGITS.findall(text)] for text in texts], np.int64)


DATE_FORMATS = CellCheck(
    name="date formats",
    scope="column",
    subject="Format",
    title="are dates that can be read in two ways, or in none",
    looks_for=(
        "Rows whose day, month and year can be swapped while little in the column tells "
        "which is which; texts that are no date in a column of dates; dates far from all "
        "others."
    ),
    matters="Day and month are swapped without an error: the wrong date is stored as a right one.",
    action="Agree on ISO 8601 at the interface; ask the owner which order the ambiguous rows mean.",
    signals=(
        "ambiguous",
        "foreign_date",
        "impossible_date",
        "no_date",
        "far_date",
    ),
    judges=(judge_dates,),
    certain=(
        above("ambiguous", 0.5, 0.9),
        above("foreign_date", 0.6, 0.9),
        above("impossible_date", 0.5, 0.95),
    ),
)


VALIDITY = CellCheck(
    name="validity",
    scope="column",
    subject="Validity",
    title="are not what their column holds",
    looks_for=(
        "Failed check digits and malformed e-mail addresses, phone numbers, IBANs, VAT "
        "numbers, EANs, codes of countries, currencies and languages, by the column's "
        "semantic type."
    ),
    matters="The target's own validation refuses the record, or a payment or message goes nowhere.",
    action="Ask the owner for the right value; validate at entry.",
    signals=("invalid",),
    judges=(judge_validity,),
    certain=(above("invalid", 0.8, 0.9),),
    repairs=REWRITTEN,
)


REARRANGED = ValueCheck(
    name="rearranged",
    subject="Format",
    title="parts in another order than in the target",
    judge=compare_order,
    everywhere=True,
)
