"""How often each step is visited: loops and rework included, parallel paths counted by conservation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .network import END, START, Network

Numbers = NDArray[np.float64]


def visits(net: Network) -> dict[str, float]:
    """Return the expected visits of a case to each step, loops and rework included.

    Solves ``v = e + A v``. Parallel paths are counted by conservation: a case is at their join once, what came back
    from one path repeats that path alone, not the others.

    Raises
    ------
    ValueError
        If a loop never ends.
    """
    solved = _solved(net, dict.fromkeys(net.starts, 1.0), {})
    return {step: max(solved[step], net.reached[step]) for step in net.steps}


def passes(net: Network, stated: Mapping[str, float]) -> dict[str, float]:
    """Return the cases that pass each step in a month, without loops and rework.

    Parameters
    ----------
    stated
        Step -> cases a month, for some steps. Others get what the flow brings them; before the
        first stated one, what that one needs.
    """
    arriving = _arriving(net, stated)
    return {step: stated.get(step, arriving[step]) for step in net.steps}


def monthly(net: Network, stated: Mapping[str, float]) -> dict[str, float]:
    """Return the visits to each step in a month, loops and rework included.

    Cases that a step states beyond what flows there enter the stream at it; where it states fewer, the others
    skip it. A step is visited at least as often as cases pass it.
    """
    arriving = _arriving(net, stated)
    entering, thinned = {}, {}
    for step in net.steps:
        given = stated.get(step, arriving[step])
        entering[step] = given if step in net.starts else max(given - arriving[step], 0.0)
        if step in net.starts:
            continue
        if given < arriving[step]:
            thinned[step] = given / arriving[step]
    solved, passing = _solved(net, entering, thinned), passes(net, stated)
    return {step: max(solved[step], passing[step]) for step in net.steps}


def _arriving(net: Network, stated: Mapping[str, float]) -> dict[str, float]:
    """Cases a month that the flow brings to each step, each step passing on what it states."""
    anchor = next((step for step in net.order if step in stated and net.reached[step] > 0), None)
    entering = 0.0 if anchor is None else stated[anchor] / net.reached[anchor]
    arriving, passing = {START: entering}, {START: entering}
    for step in net.order[1:]:
        splits = net.closed.get(step, ())
        came = sum(
            passing[u] * net.forward[u].get(step, 0.0)
            for u in net.order
            if u in passing and not net.token(u, splits)
        )
        arriving[step] = came + sum(passing[split] for split in splits)
        passing[step] = stated.get(step, arriving[step])
    return arriving


def _solved(net: Network, entering: Mapping[str, float], thinned: Mapping[str, float]) -> dict[str, float]:
    at = {step: n for n, step in enumerate(net.steps)}
    a, entry = np.zeros((len(at), len(at))), np.array([entering.get(step, 0.0) for step in net.steps])
    flows = _flows(net)
    for u, v, share in flows:
        if v != END and not net.token(u, net.closed.get(v, ())):
            a[at[v], at[u]] += share
    for split, join in net.join.items():
        _once_each(net, split, flows, a, at)
        if join != END and split in net.closed[join]:
            _conserve(net, join, split, flows, a, entry, at, entering)
    for step, share in thinned.items():
        own = a[at[step], at[step]]
        a[at[step], :] *= share
        a[at[step], at[step]] = own
    try:
        solved = np.linalg.solve(np.eye(len(at)) - a, entry)
    except np.linalg.LinAlgError:
        raise ValueError("a loop of the value stream never ends") from None
    scale = max(float(entry.sum()), 1.0)
    if not np.isfinite(solved).all() or (np.abs(solved) > 1e9 * scale).any():
        raise ValueError("a loop of the value stream never ends")
    return {step: float(solved[n]) for step, n in at.items()}


def _flows(net: Network) -> list[tuple[str, str, float]]:
    """Every (from, to, share of the visits that take it), rework included."""
    flows = []
    for step in net.steps:
        good = net.accurate.get(step, 1.0)
        onward = net.follows[step] or {END: 1.0}
        flows += [(step, to, good * share) for to, share in onward.items()]
        if good < 1:
            flows.append((step, net.rework.get(step, step), 1 - good))
    return flows


def _returns(
    net: Network, split: str, flows: Sequence[tuple[str, str, float]]
) -> Iterator[tuple[str, float]]:
    """Flows that leave the parallel paths of a split other than at their join: (from, share)."""
    inside = net.region(split)
    for u, v, share in flows:
        if u in inside and v not in inside and v != net.join[split]:
            yield u, share


def _once_each(
    net: Network, split: str, flows: Sequence[tuple[str, str, float]], a: Numbers, at: Mapping[str, int]
) -> None:
    """Take off each parallel path what came back from the others: only the path that failed is repeated."""
    for head in net.forward[split]:
        path = net.path_of(split, head)
        for u, share in _returns(net, split, flows):
            if u not in path and head != net.join[split]:
                a[at[head], at[u]] -= share


def _conserve(
    net: Network,
    join: str,
    split: str,
    flows: Sequence[tuple[str, str, float]],
    a: Numbers,
    entry: Numbers,
    at: Mapping[str, int],
    entering: Mapping[str, float],
) -> None:
    """Add to the row of a join what entered the parallel paths, once, less what left them elsewhere."""
    inside = net.region(split)
    row = at[join]
    if split == START:
        entry[row] += max(entering.get(step, 0.0) for step in net.starts)
    else:
        a[row, at[split]] += net.accurate.get(split, 1.0)
    for u, share in _returns(net, split, flows):
        a[row, at[u]] -= share
    for u, v, share in flows:
        if u not in inside and u != split and v in inside:
            a[row, at[u]] += share
