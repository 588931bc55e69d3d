"""Who talks to whom, drawn like a wiring diagram: one line a system, one trunk for all that a system sends.

A trunk runs down beside the names; where it turns off to a system, a sign stands at the turn. Lines that cross without
a sign do not meet. It stays readable where a drawing of nodes and arrows becomes a tangle: sixty systems need sixty lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assess.report.prose import cut

from .drawing import Box, Drawing, Mark, Polyline, Word

Sign = Literal["plain", "full", "hollow", "bar"]
"""At a turn. ``plain``: nothing is known of it. ``full``: as it should be. ``hollow``: nobody declared it. ``bar``: it
has fallen silent."""

NAMES, ROW, TOP = 216.0, 24.0, 34.0
"""Room for the names, height of a line, and room above the first line; CSS pixels."""

WIDTH, TRACKS = 560.0, (12.0, 30.0)
"""Room for the trunks, and the least and most room of one."""

LETTERS = 28
"""Characters of a name."""

OUT, IN = -4.0, 5.0
"""Where what a system sends and what it takes meets its line, from the middle of the line."""

_WORST: tuple[Sign, ...] = ("full", "plain", "hollow", "bar")

MARK = 3.5
"""Half the side of a sign."""


@dataclass(frozen=True)
class SystemNode:
    """A system; ``alarm`` marks its name, ``note`` says why in a word."""

    id: str
    name: str
    alarm: bool = False
    note: str = ""


@dataclass(frozen=True)
class Wire:
    """One system sends something to another."""

    source: str
    target: str
    sign: Sign = "plain"


def draw_landscape(nodes: Sequence[SystemNode], wires: Sequence[Wire], key: str = "") -> Drawing:
    """Draw systems and their connections.

    Parameters
    ----------
    nodes
        In the order of the lines.
    wires
        Between nodes that are there; several between the same two are one turn, with the sign of the worst.
    key
        What the signs mean, below the drawing.
    """
    row = {node.id: TOP + n * ROW for n, node in enumerate(nodes)}
    turns: dict[str, dict[str, Sign]] = {}
    for wire in wires:
        if wire.source in row and wire.target in row and wire.source != wire.target:
            known = turns.setdefault(wire.source, {})
            known[wire.target] = max(known.get(wire.target, wire.sign), wire.sign, key=_WORST.index)
    senders = [node.id for node in nodes if node.id in turns]
    track = _tracks([(id, *_span(row, id, turns[id])) for id in senders])
    pitch = min(max(WIDTH / (max(track.values(), default=0) + 1), TRACKS[0]), TRACKS[1])
    marks: list[Mark] = []
    for node in nodes:
        marks += _named(node, row[node.id])
    places = {id: NAMES + pitch + track[id] * pitch for id in senders}
    marks += _taken(row, places, turns)
    for id in senders:
        marks += _trunk(row, id, turns[id], places[id])
    for id in senders:
        marks += [m for target, sign in turns[id].items() for m in _sign(places[id], row[target] + IN, sign)]
    marks += [
        Word(
            x=NAMES - 8, y=14, text="sends above the line, takes below it", size=11, fill="soft", anchor="end"
        )
    ]
    height = TOP + len(nodes) * ROW
    if key:
        marks.append(Word(x=0, y=height + 12, text=key, size=11, fill="soft"))
    wide = max((len(key) * 5.6, NAMES + pitch * (max(track.values(), default=0) + 2)))
    return Drawing(width=wide, height=height + (20 if key else 4), marks=tuple(marks))


def _span(row: dict[str, float], id: str, targets: dict[str, Sign]) -> tuple[float, float]:
    places = [row[id] + OUT, *(row[target] + IN for target in targets)]
    return min(places), max(places)


def _tracks(spans: Sequence[tuple[str, float, float]]) -> dict[str, int]:
    """Give each trunk the first track on which it meets no other: greedy interval colouring.

    >>> _tracks([("a", 0, 50), ("b", 20, 90), ("c", 60, 80)])
    {'a': 0, 'b': 1, 'c': 0}
    """
    taken: list[list[tuple[float, float]]] = []
    found = {}
    for id, low, high in sorted(spans, key=lambda span: (span[1], -span[2], span[0])):
        free = (
            number
            for number, others in enumerate(taken)
            if all(high + ROW / 3 < start or low - ROW / 3 > end for start, end in others)
        )
        number = next(free, len(taken))
        if number == len(taken):
            taken.append([])
        taken[number].append((low, high))
        found[id] = number
    return found


def _named(node: SystemNode, y: float) -> list[Mark]:
    name = cut(node.name, LETTERS)
    marks: list[Mark] = [
        Box(x=NAMES - 3, y=y - 8, width=6, height=17, fill="none" if node.alarm else "grey-pale", stroke="warn" if node.alarm else "grey"),
        Word(x=NAMES - 10, y=y + 5, text=name, size=12.5, anchor="end"),
    ]  # fmt: skip
    if node.note:
        marks.append(
            Word(
                x=NAMES - 20 - 6.6 * len(name),
                y=y + 5,
                text=node.note,
                size=10.5,
                anchor="end",
                fill="warn" if node.alarm else "soft",
            )
        )
    return marks


def _trunk(row: dict[str, float], id: str, targets: dict[str, Sign], x: float) -> list[Mark]:
    low, high = _span(row, id, targets)
    return [
        Polyline(points=((NAMES + 3, row[id] + OUT), (x, row[id] + OUT)), stroke="accent-mid", weight=1.2),
        Polyline(points=((x, low), (x, high)), stroke="accent-mid", weight=1.4),
    ]


def _taken(row: dict[str, float], places: dict[str, float], turns: dict[str, dict[str, Sign]]) -> list[Mark]:
    """Draw one line to each system that takes something, from the farthest trunk that turns off to it."""
    farthest: dict[str, float] = {}
    for id, targets in turns.items():
        for target in targets:
            farthest[target] = max(farthest.get(target, 0.0), places[id])
    return [
        Polyline(
            points=((x, row[id] + IN), (NAMES + 4, row[id] + IN)), stroke="grey-pale", weight=1.0, arrow=True
        )
        for id, x in farthest.items()
    ]


def _sign(x: float, y: float, sign: Sign) -> list[Mark]:
    if sign == "bar":
        return [Box(x=x - 1.6 * MARK, y=y - 2, width=3.2 * MARK, height=4, fill="bad")]
    fill, stroke = {
        "plain": ("grey", "grey"),
        "full": ("good", "good"),
        "hollow": ("paper", "warn"),
    }[sign]
    return [
        Box(x=x - MARK, y=y - MARK, width=2 * MARK, height=2 * MARK, fill=fill, stroke=stroke, weight=1.5)
    ]
