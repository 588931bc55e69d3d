"""Loops of a process: those that no decision leaves, and steps from which no end is reached."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def undecided(
    follows: Mapping[str, Collection[str]], decisions: Collection[str]
) -> tuple[tuple[str, ...], ...]:
    """Return loops none of whose steps is a decision, each from a step round to itself.

    >>> undecided({"a": ["b"], "b": ["a"], "c": ["c"]}, ["c"])
    (('a', 'b', 'a'),)
    """
    plain = {
        name: [to for to in ahead if to not in decisions and to in follows]
        for name, ahead in follows.items()
        if name not in decisions
    }
    found, done = [], set[str]()
    for first in plain:
        if first in done:
            continue
        trail, ahead = [first], [iter(plain[first])]
        while trail:
            to = next(ahead[-1], None)
            if to is None:
                done.add(trail.pop())
                ahead.pop()
            elif to in trail:
                found.append((*trail[trail.index(to) :], to))
            elif to not in done:
                trail.append(to)
                ahead.append(iter(plain[to]))
    return tuple(found)


def endless(follows: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Return the steps from which no step without a next one can be reached.

    >>> endless({"a": ["b"], "b": ["a", "c"], "c": [], "d": ["d"]})
    ('d',)
    """
    ending = {name for name, ahead in follows.items() if not ahead}
    while True:
        more = {
            name for name, ahead in follows.items() if name not in ending and not ending.isdisjoint(ahead)
        }
        if not more:
            return tuple(name for name in follows if name not in ending)
        ending |= more


def circling(
    follows: Mapping[str, Collection[str]], decisions: Collection[str]
) -> tuple[tuple[str, str, str, str], ...]:
    """Return step, where it leads, what is wrong and what is allowed, for all that goes round for ever.

    Where a loop is closed its steps have no end either: then the loops alone are told.

    >>> [wrong[2] for wrong in circling({"a": ["b"], "b": ["a"]}, [])]
    ['closes the loop a → b → a, which no decision leaves']
    """
    closed = undecided(follows, decisions)
    if closed:
        return tuple(
            (
                loop[-2],
                loop[-1],
                f"closes the loop {' → '.join(loop)}, which no decision leaves",
                "a decision that leads back",
            )
            for loop in closed
        )
    return tuple(
        (step, "; ".join(follows[step]), "never leads to an end", "a way to a step without a next one")
        for step in endless(follows)
    )
