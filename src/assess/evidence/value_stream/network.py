"""The steps as a network of branches, parallel paths and loops, and how often each step is visited.

Pure functions of a `Network`, which `build` makes from the rows of the value stream. Loops and rework count in the
visits; parallel paths are counted by conservation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

START, END = "▶", "■"
"""The states before the first and after the last step; no step may have these names."""


def _whole(shares: Mapping[str, float]) -> dict[str, float]:
    """Return shares scaled to sum to 1."""
    total = sum(shares.values())
    return {to: share / total for to, share in shares.items()} if total > 0 else {}


def _reachable(step: str, ahead: Mapping[str, Mapping[str, float]]) -> frozenset[str]:
    """Return a step and all that it leads to."""
    found: set[str] = set()
    stack = [step]
    while stack:
        here = stack.pop()
        if here not in found:
            found.add(here)
            stack.extend(ahead.get(here, {}))
    return frozenset(found)


@dataclass(frozen=True)
class Network:
    """The flow of a case.

    Parameters
    ----------
    steps
        Names in the order of the rows.
    follows
        Step -> next step -> share. At a decision (``decisions``) shares sum to 1; elsewhere more than one
        next step means parallel paths, each with share 1. No next step means the end.
    decisions
        Steps at which one of the next steps is chosen.
    accurate
        Step -> %C&A, share of its work that goes on; 1 where it is not stated.
    rework
        Step -> step to which the rest returns.
    """

    steps: tuple[str, ...]
    follows: Mapping[str, Mapping[str, float]]
    decisions: frozenset[str]
    accurate: Mapping[str, float]
    rework: Mapping[str, str]

    def with_accuracy(self, accurate: Mapping[str, float]) -> Network:
        """Return the network with other shares of complete and accurate work."""
        return replace(self, accurate={**self.accurate, **accurate})

    @cached_property
    def starts(self) -> tuple[str, ...]:
        """Steps that no other leads to, and the first row of what these don't reach."""
        led_to = {to for step in self.steps for to in self.follows[step] if to != step}
        found = [step for step in self.steps if step not in led_to]
        seen = {s for step in found for s in _reachable(step, self.follows)}
        for step in self.steps:
            if step not in seen:
                found.append(step)
                seen |= _reachable(step, self.follows)
        return tuple(found)

    @cached_property
    def forward(self) -> dict[str, dict[str, float]]:
        """The network without its loops, shares of decisions made whole again: START and END included.

        A next step is dropped where it leads back, seen from the first steps. A step that only leads back, such as a
        correction, goes on to where the decision it returns to would have gone without it.
        """
        depth = self._depths()
        ahead: dict[str, dict[str, float]] = {START: dict.fromkeys(self.starts, 1.0), END: {}}
        for step in self.steps:
            kept = {to: share for to, share in self.follows[step].items() if depth[to] > depth[step]}
            ahead[step] = _whole(kept) if step in self.decisions else kept
        for step in sorted(self.steps, key=depth.__getitem__):
            if not ahead[step]:
                ahead[step] = self._around(step, ahead) or {END: 1.0}
        return ahead

    def _around(self, step: str, ahead: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
        """Where a step that only leads back goes on: the ways of the steps it returns to that don't lead to it."""
        found: dict[str, float] = {}
        for target, share in self.follows[step].items():
            ways = {to: s for to, s in ahead[target].items() if step not in _reachable(to, ahead)}
            for to, s in _whole(ways).items():
                found[to] = found.get(to, 0.0) + share * s
        return _whole(found)

    def _depths(self) -> dict[str, int]:
        """Position of each step in a depth-first topological order that ignores edges that lead back."""
        order: list[str] = []
        state: dict[str, int] = {}
        for root in (*self.starts, *self.steps):
            stack = [(root, iter(self.follows[root]))] if root not in state else []
            if stack:
                state[root] = 1
            while stack:
                step, successors = stack[-1]
                to = next((s for s in successors if s not in state), None)
                if to is None:
                    order.append(step)
                    stack.pop()
                else:
                    state[to] = 1
                    stack.append((to, iter(self.follows[to])))
        return {step: n for n, step in enumerate(reversed(order))}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """START, the steps such that each comes after those that lead to it, END."""
        place = {step: n for n, step in enumerate(self.steps)}
        missing = dict.fromkeys((*self.steps, END), 0)
        for ahead in self.forward.values():
            for to in ahead:
                missing[to] += 1
        sorted_steps, ready = [START], list(self.starts)
        for to in self.forward[START]:
            missing[to] -= 1
        while ready:
            step = min(ready, key=place.__getitem__)
            ready.remove(step)
            sorted_steps.append(step)
            for to in self.forward[step]:
                missing[to] -= 1
                if missing[to] == 0 and to != END:
                    ready.append(to)
        return (*sorted_steps, END)

    def splits(self, step: str) -> bool:
        """Whether parallel paths begin after a step."""
        divides = step == START or (step not in self.decisions and len(self.follows[step]) > 1)
        return divides and len(self.forward[step]) > 1

    @cached_property
    def join(self) -> dict[str, str]:
        """Split -> the step at which its parallel paths meet again: its immediate post-dominator."""
        after: dict[str, set[str]] = {END: {END}}
        for step in reversed(self.order[:-1]):
            common = set.intersection(*(after[to] for to in self.forward[step]))
            after[step] = common | {step}
        place = {step: n for n, step in enumerate(self.order)}
        return {
            step: min(after[step] - {step}, key=place.__getitem__)
            for step in self.order[:-1]
            if self.splits(step)
        }

    def region(self, split: str) -> frozenset[str]:
        """Return the steps on the parallel paths of a split, its join excluded."""
        return self._regions[split]

    @cached_property
    def _regions(self) -> dict[str, frozenset[str]]:
        return {
            split: frozenset().union(*(self.path_of(split, head) for head in self.forward[split]))
            for split in self.join
        }

    @cached_property
    def reached(self) -> dict[str, float]:
        """Probability that a case passes each step, without loops and rework."""
        visits = dict.fromkeys(self.order, 0.0)
        visits[START] = 1.0
        for step in self.order[1:]:
            splits = self.closed.get(step, ())
            arrived = sum(
                visits[u] * self.forward[u].get(step, 0.0) for u in self.order if not self.token(u, splits)
            )
            visits[step] = arrived + sum(visits[split] for split in splits)
        return {step: visits[step] for step in self.steps}

    @cached_property
    def closed(self) -> dict[str, tuple[str, ...]]:
        """Join -> the splits whose parallel paths meet there, without those inside another of them."""
        found: dict[str, tuple[str, ...]] = {}
        for split in self.order:  # an enclosing split comes before those inside
            if split in self.join and not self.token(split, found.get(self.join[split], ())):
                found[self.join[split]] = (*found.get(self.join[split], ()), split)
        return found

    def token(self, step: str, splits: Sequence[str]) -> bool:
        """Whether a step starts or lies on the parallel paths of one of the splits."""
        return any(step == split or step in self.region(split) for split in splits)

    @property
    def unmet(self) -> tuple[str, ...]:
        """Steps that parallel paths reach without having met: a case would pass them more than once."""
        return tuple(step for step, passed in self.reached.items() if passed > 1 + 1e-9)

    def path_of(self, split: str, head: str) -> frozenset[str]:
        """Return the steps of one of the parallel paths of a split."""
        found, ahead = set[str](), [head]
        while ahead:
            step = ahead.pop()
            if step not in (self.join[split], END) and step not in found:
                found.add(step)
                ahead.extend(self.forward[step])
        return frozenset(found)


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
