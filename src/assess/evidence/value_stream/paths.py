"""The critical path: of parallel paths the longest counts, of a decision's branches each with its share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .network import END, START, Network


@dataclass(frozen=True)
class Path:
    """A way through the network: its time, a part of it, and the steps."""

    minutes: float
    part: float
    steps: tuple[str, ...]


def longest(net: Network, minutes: Mapping[str, float], part: Mapping[str, float] | None = None) -> Path:
    """Return the expected time through the network along its critical path.

    Parameters
    ----------
    minutes
        Step -> time of one pass.
    part
        Step -> a part of that time, such as its process time, added up along the same paths.

    Returns
    -------
    Path
        Of parallel paths the longest counts, of a decision's branches each with its share. The steps named are those
        of the longest parallel path and of the likeliest branch.
    """
    memo: dict[tuple[str, str], Path] = {}
    parts = part or {}

    def through(step: str, stop: str) -> Path:
        if step in (stop, END):
            return Path(0.0, 0.0, ())
        if (step, stop) not in memo:
            rest = beyond(step, stop)
            here = () if step == START else (step,)
            memo[step, stop] = Path(
                minutes.get(step, 0.0) + rest.minutes, parts.get(step, 0.0) + rest.part, here + rest.steps
            )
        return memo[step, stop]

    def beyond(step: str, stop: str) -> Path:
        ahead = net.forward[step]
        if net.splits(step):
            join = net.join[step]
            longest = max((through(to, join) for to in ahead), key=lambda path: path.minutes)
            rest = through(join, stop)
            return Path(longest.minutes + rest.minutes, longest.part + rest.part, longest.steps + rest.steps)
        branches = [(share, through(to, stop)) for to, share in ahead.items()]
        likeliest = max(branches, key=lambda branch: branch[0])[1]
        return Path(
            sum(share * path.minutes for share, path in branches),
            sum(share * path.part for share, path in branches),
            likeliest.steps,
        )

    for split, join in reversed(net.join.items()):  # from the end on, so that nothing nests deeply
        for step in reversed(net.order):
            if step in net.region(split):
                through(step, join)
    for step in reversed(net.order):
        through(step, END)
    return through(START, END)
