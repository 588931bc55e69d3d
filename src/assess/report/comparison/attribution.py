"""How much of a difference each cause makes: the Shapley value over the parts that an assessment rests on.

Each part of the earlier run is exchanged for the later run's, in every order, and the answers are computed
again; a part's share is its mean step over all orders (Shapley 1953, "A value for n-person games"), so that
no order is preferred and the shares add up. What the recorded numbers differ from those that today's code
computes from the same basis is the share of the model: its version, seed and number of futures.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import TypeVar

from assess.decisions.snapshot import Part, Snapshot
from assess.intake import InvalidEngagement

from .headlines import computed
from .result import CAUSES, Cause, Difference, Headline
from .runs import Run

K = TypeVar("K", bound=str)
Values = Mapping[str, float | None]


def differences(
    headlines: Sequence[Headline], before: Run, after: Run, values: tuple[Values, Values]
) -> tuple[Difference, ...]:
    """Attribute the differences of two runs.

    Parameters
    ----------
    values
        The recorded headline numbers of both runs.
    """
    ends = [(h, values[0].get(h.key), values[1].get(h.key)) for h in headlines]
    lack = _lack(before, after)
    if lack or before.snapshot is None or after.snapshot is None:
        return tuple(_unsplit(h, one, two, lack) for h, one, two in ends)
    try:
        found = _computed(before.snapshot, after.snapshot)
    except (ValueError, KeyError, InvalidEngagement) as error:
        why = f"the parts of the two runs can't be mixed: {error}"
        return tuple(_unsplit(h, one, two, why) for h, one, two in ends)
    return tuple(_difference(h, one, two, found) for h, one, two in ends)


def _lack(before: Run, after: Run) -> str:
    said = [f"{run.name}: {run.lack}" for run in (before, after) if run.snapshot is None]
    return "; ".join(said)


def _unsplit(headline: Headline, before: float | None, after: float | None, why: str) -> Difference:
    if before is None or after is None:
        return Difference(headline=headline, before=before, after=after, why=_absent(before, after))
    total = round(round(after, headline.digits) - round(before, headline.digits), headline.digits)
    return Difference(
        headline=headline,
        before=round(before, headline.digits),
        after=round(after, headline.digits),
        unsplit=total,
        why=why if total else "",
    )


def _absent(before: float | None, after: float | None) -> str:
    if before is None and after is None:
        return "neither run assessed it"
    return "the earlier run did not assess it" if before is None else "the later run does not assess it"


Mixes = Mapping[frozenset[Part], Values]


def _computed(before: Snapshot, after: Snapshot) -> Mixes:
    """Compute the headline numbers with every set of differing parts taken from the later run."""
    parts = before.differing(after)
    base = before.model_copy(update={"seed": after.seed, "draws": after.draws})
    return {
        taken: computed(base.exchanged(after, taken).assessment())
        for size in range(len(parts) + 1)
        for taken in map(frozenset, combinations(parts, size))
    }


def _difference(headline: Headline, before: float | None, after: float | None, found: Mixes) -> Difference:
    """Split one difference; in whole steps of the headline's last digit, so that it adds up exactly."""
    values = {taken: mix.get(headline.key) for taken, mix in found.items()}
    if before is None or after is None:
        return _unsplit(headline, before, after, "")
    if any(value is None for value in values.values()):
        return _unsplit(headline, before, after, "with some of the parts exchanged it can't be assessed")
    scale = 10**headline.digits
    steps = {taken: round((value or 0.0) * scale) for taken, value in values.items()}
    first, last = round(before * scale), round(after * scale)
    whole = max(steps, key=len)
    shares = shapley(sorted(whole), lambda taken: steps[taken])
    exact = apportioned(shares, steps[whole] - steps[frozenset()])
    model = (last - first) - (steps[whole] - steps[frozenset()])
    parts: dict[Cause, float] = dict.fromkeys(CAUSES, 0.0)
    for part, share in exact.items():
        parts[part] = share / scale
    parts["model"] = model / scale
    return Difference(headline=headline, before=first / scale, after=last / scale, parts=parts)


def shapley(players: Sequence[K], worth: Callable[[frozenset[K]], int]) -> dict[K, Fraction]:
    """Return the Shapley value of each player, exactly.

    Examples
    --------
    The glove game (one left glove, two right ones; a pair is worth 1) gives 2/3, 1/6, 1/6:

    >>> pair = lambda held: int("left" in held and len(held) > 1)
    >>> {k: str(v) for k, v in shapley(["left", "right", "other"], pair).items()}
    {'left': '2/3', 'right': '1/6', 'other': '1/6'}
    """
    n = len(players)
    shares = {}
    for player in players:
        others = [other for other in players if other != player]
        shares[player] = sum(
            (
                Fraction(math.factorial(size) * math.factorial(n - size - 1), math.factorial(n))
                * (worth(frozenset(held) | {player}) - worth(frozenset(held)))
                for size in range(n)
                for held in combinations(others, size)
            ),
            Fraction(0),
        )
    return shares


def apportioned(shares: Mapping[K, Fraction], total: int) -> dict[K, int]:
    """Round shares to whole steps that add up to the total (largest remainder).

    >>> apportioned({"a": Fraction(1, 3), "b": Fraction(2, 3), "c": Fraction(0)}, 1)
    {'a': 0, 'b': 1, 'c': 0}
    >>> apportioned({"a": Fraction(-1, 2), "b": Fraction(1, 2)}, 0)
    {'a': 0, 'b': 0}
    """
    floors = {key: math.floor(share) for key, share in shares.items()}
    rest = total - sum(floors.values())
    by_rest: Iterable[K] = sorted(shares, key=lambda key: (floors[key] - shares[key], key))
    for key in list(by_rest)[:rest]:
        floors[key] += 1
    return floors
