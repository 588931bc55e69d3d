"""The value stream map as consultants draw it: a lane for each role, process boxes with data boxes, the ladder beneath.

Boxes stand in the order of the flow, six columns abreast; a longer stream goes on in the next band. What leads to
another band, and what returns, names the number of the box it leads to instead of crossing the drawing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assess.report.prose import cut

from .drawing import Box, Drawing, Mark, Polyline, Word

ABREAST = 6
"""Columns of one band: what a page of 860 CSS pixels holds at a readable size."""

LEFT, EDGE, WIDE, GUTTER = 28.0, 24.0, 108.0, 28.0
"""Lane heading, room at both ends of a lane, width of a box, and room between two boxes."""

PITCH = WIDE + GUTTER
TITLE, DATA = 13.0, 12.5
"""Height of a line of the title and of the data box."""

TITLE_LINES, TITLE_CHARACTERS = 3, 17
GAP = 36.0
"""Room below a box: for what returns from it, and for a line that passes."""

RETURN_LINES, RETURN_CHARACTERS = 2, 24
"""Lines below a box of what returns from it, and their characters."""

KEY_PIXELS = 5.6
"""Width of a character of the key."""

LADDER = 58.0
"""Height of the time line beneath a band."""


@dataclass(frozen=True)
class Station:
    """A process box.

    Parameters
    ----------
    lines
        The data box, a line each.
    mark, alarm
        A sign on its upper and on its lower edge; empty for none.
    chief
        Whether it lies on the path whose times the ladder shows.
    shaded
        Whether it is filled: no person is needed.
    wait, work
        What the ladder says before it and at it.
    """

    id: str
    title: str
    lane: str
    lines: tuple[str, ...] = ()
    mark: str = ""
    alarm: str = ""
    chief: bool = False
    shaded: bool = False
    wait: str = ""
    work: str = ""


@dataclass(frozen=True)
class Route:
    """What leads from one box to another; ``handed`` where role or system change."""

    before: str
    after: str
    label: str = ""
    handed: bool = False


@dataclass(frozen=True)
class BoxPosition:
    """Where a box stands."""

    band: int
    x: float
    y: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + WIDE

    def beside(self, part: float) -> float:
        """A height on its side, ``part`` from 0 at the top to 1."""
        return self.y + self.height * part


def swimlanes(
    stations: Sequence[Station],
    ways: Sequence[Route],
    *,
    back: Collection[tuple[str, str]] | None = None,
    total: str = "",
    key: str = "",
) -> Drawing:
    """Draw a value stream map.

    Parameters
    ----------
    stations
        In the order in which they are numbered.
    ways
        Between stations; others are ignored.
    back
        Ways that return, as (before, after): they are told below a box, not drawn; default `returning`.
    total
        What the ladder adds up to.
    key
        What the signs mean.
    """
    ids = [station.id for station in stations]
    known = [way for way in ways if way.before in ids and way.after in ids]
    back = returning(ids, known) if back is None else back
    forward = [way for way in known if (way.before, way.after) not in back]
    columns = depths(ids, forward)
    bands = _bands(columns)
    height = max((_height(station) for station in stations), default=0.0)
    marks: list[Mark] = []
    places: dict[str, BoxPosition] = {}
    top = 6.0
    for band, held in enumerate(bands):
        shown = [station for station in stations if columns[station.id] in held]
        bottom = _lanes(shown, columns, held, band, top, height, places, marks)
        marks += _ladder(shown, places, len(held), bottom + 6)
        top = bottom + LADDER + 14
    numbers = {id: n for n, id in enumerate(ids, 1)}
    marks += _arrows(forward, places, numbers)
    for station in stations:
        returns = [way for way in known if way.before == station.id and (way.before, way.after) in back]
        marks += _boxed(station, places[station.id], numbers, returns)
    width = _end(max((len(held) for held in bands), default=1)) + 2
    room = int((width - LEFT - 8) / KEY_PIXELS)
    for text, bold in ((total, True), *((line, False) for line in _wrapped(key, room))):
        if text:
            marks.append(
                Word(
                    x=LEFT,
                    y=top + 8,
                    text=text,
                    size=12.5 if bold else 11,
                    bold=bold,
                    fill="ink" if bold else "soft",
                )
            )
            top += 20 if bold else 15
    return Drawing(
        width=width, height=top + 4, marks=(Box(x=0, y=0, width=width, height=top + 4, fill="paper"), *marks)
    )


def returning(ids: Sequence[str], ways: Sequence[Route]) -> frozenset[tuple[str, str]]:
    """Return the ways that lead back: to a box that the way itself was reached from.

    >>> sorted(returning(["a", "b"], [Route("a", "b"), Route("b", "a")]))
    [('b', 'a')]
    """
    ahead = {id: [way.after for way in ways if way.before == id] for id in ids}
    state: dict[str, int] = {}
    found = set()
    for root in ids:
        trail = [(root, iter(ahead[root]))] if root not in state else []
        if trail:
            state[root] = 1
        while trail:
            here, rest = trail[-1]
            to = next(rest, None)
            if to is None:
                state[here] = 2
                trail.pop()
            elif state.get(to) == 1:
                found.add((here, to))
            elif to not in state:
                state[to] = 1
                trail.append((to, iter(ahead[to])))
    return frozenset(found)


def depths(ids: Sequence[str], ways: Sequence[Route]) -> dict[str, int]:
    """Return the column of each box: the longest way to it, on ways that never return.

    >>> depths(["a", "b", "c"], [Route("a", "b"), Route("b", "c"), Route("a", "c")])
    {'a': 0, 'b': 1, 'c': 2}
    """
    found = dict.fromkeys(ids, 0)
    for _ in ids:
        before = dict(found)
        for way in ways:
            found[way.after] = max(found[way.after], found[way.before] + 1)
        if found == before:
            break
    return found


def _bands(columns: Mapping[str, int]) -> list[range]:
    """Divide the columns into bands of about equal length."""
    count = max(columns.values(), default=0) + 1
    bands = math.ceil(count / ABREAST)
    size = math.ceil(count / bands)
    return [range(start, min(start + size, count)) for start in range(0, count, size)]


def _lanes(
    shown: Sequence[Station],
    columns: Mapping[str, int],
    held: range,
    band: int,
    top: float,
    height: float,
    places: dict[str, BoxPosition],
    marks: list[Mark],
) -> float:
    """Place the boxes of a band lane by lane, draw the lanes, and return where they end."""
    width = _end(len(held))
    for n, lane in enumerate(dict.fromkeys(station.lane for station in shown)):
        stack: dict[int, int] = defaultdict(int)
        for station in (s for s in shown if s.lane == lane):
            column = columns[station.id]
            y = top + 14 + stack[column] * (height + GAP)
            places[station.id] = BoxPosition(band, LEFT + EDGE + (column - held.start) * PITCH, y, height)
            stack[column] += 1
        bottom = top + 14 + max(stack.values()) * (height + GAP)
        marks.append(
            Box(x=1, y=top, width=width, height=bottom - top, fill="none" if n % 2 else "wash", stroke="line")
        )
        marks.append(Polyline(points=((LEFT - 6, top), (LEFT - 6, bottom)), stroke="line", weight=1))
        marks.append(
            Word(
                x=15,
                y=(top + bottom) / 2,
                text=cut(lane or "no role", 18),
                size=12,
                anchor="middle",
                bold=True,
                upright=True,
            )
        )
        top = bottom
    return top


def _end(columns: int) -> float:
    """Return where the lanes of a band end."""
    return LEFT + EDGE + columns * PITCH - GUTTER + EDGE


def _ladder(
    shown: Sequence[Station], places: Mapping[str, BoxPosition], columns: int, top: float
) -> Iterator[Mark]:
    """Draw waiting on the upper level, between the boxes, and working on the lower, below each box."""
    chief = sorted((s for s in shown if s.chief), key=lambda s: places[s.id].x)
    if not chief:
        return
    upper, lower = top + 18, top + 36
    points = [(LEFT - 4, upper)]
    for station in chief:
        place = places[station.id]
        points += [(place.x, upper), (place.x, lower), (place.right, lower), (place.right, upper)]
        yield Word(
            x=place.x - GUTTER / 2, y=upper - 5, text=station.wait, size=11, anchor="middle", fill="soft"
        )
        yield Word(x=place.x + WIDE / 2, y=lower + 14, text=station.work, size=11, anchor="middle", bold=True)
    points.append((_end(columns), upper))
    yield Polyline(points=tuple(points), stroke="ink", weight=1.4)


def _arrows(
    ways: Sequence[Route], places: Mapping[str, BoxPosition], numbers: Mapping[str, int]
) -> Iterator[Mark]:
    out, into = defaultdict[str, list[Route]](list), defaultdict[str, list[Route]](list)
    for way in ways:
        out[way.before].append(way)
        into[way.after].append(way)
    labels: list[Word] = []
    joined = [way for way in ways if places[way.before].band == places[way.after].band]
    for way in (*joined, *(way for way in ways if way not in joined)):  # circles lie above lines
        leaving = sorted(out[way.before], key=lambda w: (places[w.after].band, places[w.after].y))
        coming = sorted(into[way.after], key=lambda w: (places[w.before].band, places[w.before].y))
        start, end = places[way.before], places[way.after]
        y0 = start.beside((leaving.index(way) + 1) / (len(leaving) + 1))
        y1 = end.beside((coming.index(way) + 1) / (len(coming) + 1))
        if way in joined:
            yield _path(start, end, y0, y1, way)
        else:
            yield from _jump(start, end, y0, y1, way, numbers)
        if way.label:
            labels.append(Word(x=start.right + 2, y=y0 - 4, text=way.label, size=9.5, fill="soft", halo=True))
    yield from labels  # above all lines


def _path(start: BoxPosition, end: BoxPosition, y0: float, y1: float, way: Route) -> Polyline:
    """Lead right, in the gutter up or down, and right again; past other boxes above the row of the target."""
    turn = start.right + GUTTER * (0.68 if y1 < y0 else 0.76)
    points = [(start.right, y0), (turn, y0)]
    if end.x - start.right > GUTTER + 1:
        level, before = end.y - 9, end.x - GUTTER * 0.3
        points += [(turn, level), (before, level), (before, y1)]
    else:
        points.append((turn, y1))
    points.append((end.x, y1))
    return Polyline(
        points=tuple(points),
        stroke="ink" if way.handed else "grey",
        weight=1.8 if way.handed else 1.2,
        arrow=True,
    )


def _jump(
    start: BoxPosition, end: BoxPosition, y0: float, y1: float, way: Route, numbers: Mapping[str, int]
) -> Iterator[Mark]:
    """Name the box in another band at both ends, in a circle."""
    for points, x, y, number in (
        (((start.right, y0), (start.right + 7, y0)), start.right + 15, y0, numbers[way.after]),
        (((end.x - 6, y1), (end.x, y1)), end.x - 13, y1, numbers[way.before]),
    ):
        yield Polyline(
            points=points,
            stroke="ink" if way.handed else "grey",
            weight=1.8 if way.handed else 1.2,
            arrow=points[1][0] == end.x,
        )
        yield Box(
            x=x - 8,
            y=y - 8,
            width=16,
            height=16,
            round=8,
            fill="paper",
            stroke="ink" if way.handed else "grey",
        )
        yield Word(x=x, y=y + 3.5, text=str(number), size=10, anchor="middle")


def _boxed(
    station: Station, place: BoxPosition, numbers: Mapping[str, int], returns: Sequence[Route]
) -> Iterator[Mark]:
    yield Box(x=place.x, y=place.y, width=WIDE, height=place.height, round=4, fill="wash" if station.shaded else "paper",
              stroke="accent" if station.chief else "grey", weight=2.2 if station.chief else 1.1)  # fmt: skip
    y = place.y + 18
    for line in _title(f"{numbers[station.id]} {station.title}"):
        yield Word(x=place.x + 7, y=y, text=line, size=11.5, bold=True, room=WIDE - 14)
        y += TITLE
    rule = place.y + place.height - 8 - DATA * len(station.lines)
    if station.lines:
        yield Polyline(points=((place.x, rule), (place.x + WIDE, rule)), stroke="line", weight=1)
    for n, line in enumerate(station.lines, 1):
        yield Word(x=place.x + 7, y=rule + n * DATA, text=line, size=10.5, fill="ink", room=WIDE - 14)
    if station.mark:
        yield from _pill(station.mark, place.right - 4, place.y - 4, "warn")
    if station.alarm:
        yield from _pill(station.alarm, place.right - 4, place.y + place.height + 5, "bad")
    if returns:
        parts = [f"{way.label} to {numbers[way.after]}".strip() for way in returns]
        below = place.y + place.height + (24 if station.alarm else 13)
        for n, line in enumerate(_wrapped(f"↩ {', '.join(parts)}", RETURN_CHARACTERS)[:RETURN_LINES]):
            yield Word(x=place.x + 2, y=below + 11 * n, text=line, size=10, fill="warn", room=PITCH - 4)


def _wrapped(text: str, longest: int) -> list[str]:
    """Break a text into lines of so many characters, between words."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > longest:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _pill(text: str, right: float, y: float, colour: Literal["warn", "bad"]) -> Iterator[Mark]:
    width = 9 + 5.6 * len(text)
    yield Box(x=right - width, y=y - 7.5, width=width, height=15, round=7.5, fill=colour)
    yield Word(x=right - width / 2, y=y + 3.6, text=text, size=10, anchor="middle", bold=True, fill="paper")


def _height(station: Station) -> float:
    return 14 + TITLE * len(_title(f"00 {station.title}")) + 8 + DATA * len(station.lines) + 6


def _title(text: str) -> list[str]:
    """Break a title into lines; what does not fit into three ends with an ellipsis."""
    lines = _wrapped(text, TITLE_CHARACTERS)
    if len(lines) > TITLE_LINES:
        lines = [*lines[: TITLE_LINES - 1], cut(" ".join(lines[TITLE_LINES - 1 :]), TITLE_CHARACTERS)]
    return [cut(line, TITLE_CHARACTERS + 1) for line in lines]
