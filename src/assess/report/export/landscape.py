"""The landscape as decided, as a diagram that others can edit: Mermaid and diagrams.net (draw.io)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple
from xml.etree import ElementTree as ET

from assess.decisions.assessment import Assessment
from assess.intake.engagement import System
from assess.intake.engagement.landscape import STYLE_NAMES
from assess.report.charts.drawing import LIGHT
from assess.report.prose import clean

from . import NotExported


class DecidedLink(NamedTuple):
    """An integration as an arrow: from system to system, what it is called, and what happens to it."""

    source: str
    target: str
    label: str
    choice: str


COLOURS: Mapping[str, str] = {
    "build": LIGHT["accent"], "buy": LIGHT["good"], "retire": LIGHT["bad"], "open": LIGHT["warn"], "keep": LIGHT["grey"],
}  # fmt: skip
"""Colour of an arrow by what happens to its integration; what waits or is left is drawn thin."""

MOVED = ("build", "buy", "open")
"""What is drawn bold."""


def links(assessment: Assessment) -> tuple[DecidedLink, ...]:
    """Return the integrations that stay or come, and those that end, as arrows.

    Raises
    ------
    NotExported
        If there are none.
    """
    rows = {row.id: row for row in assessment.engagement.integrations}
    found = []
    for item in assessment.decision.integrations:
        row = rows[item.integration]
        choice = "keep" if item.timing == "not" and item.choice in ("build", "buy") else item.choice
        way = STYLE_NAMES[item.style] if item.style else "by hand" if item.choice == "keep" else ""
        what = {"keep": way, "retire": "ends", "open": "open"}.get(choice, f"{choice}: {way}")
        label = f"{row.entity or row.label} · {what}" if what else row.entity or row.label
        found.append(DecidedLink(row.source, row.target, label, choice))
    if not found:
        raise NotExported("there are no integrations: fill in integrations.csv")
    return tuple(found)


def _connected(assessment: Assessment, arrows: tuple[DecidedLink, ...]) -> tuple[System, ...]:
    ends = {end for arrow in arrows for end in (arrow.source, arrow.target)}
    return tuple(system for system in assessment.engagement.systems if system.id in ends)


def mermaid(assessment: Assessment) -> str:
    """Write the landscape as a Mermaid flowchart: bold arrows are built or bought, dotted ones end."""
    arrows = links(assessment)
    systems = _connected(assessment, arrows)
    names = {system.id: f"s{place}" for place, system in enumerate(systems, 1)}
    lines = ["flowchart LR"]
    lines += [f'  {names[system.id]}["{_quoted(system.name or system.id)}"]' for system in systems]
    signs = {"retire": "-.->"} | dict.fromkeys(MOVED, "==>")
    lines += [
        f'  {names[a.source]} {signs.get(a.choice, "-->")}|"{_quoted(a.label)}"| {names[a.target]}'
        for a in arrows
    ]
    styles: dict[str, list[str]] = {}
    for place, arrow in enumerate(arrows):
        styles.setdefault(COLOURS[arrow.choice], []).append(str(place))
    lines += [f"  linkStyle {','.join(places)} stroke:{colour}" for colour, places in styles.items()]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Write a text for a quoted label of Mermaid: signs with a meaning there as entities, on one line.

    >>> _quoted('Shop "B2B" <x> #1')
    'Shop #quot;B2B#quot; #lt;x#gt; #35;1'
    """
    shown = " ".join(clean(text, 80).split()).replace("#", "#35;")
    for sign, name in (('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("`", "#96;")):
        shown = shown.replace(sign, name)
    return shown


BOX, GAP = (160, 60), 140
"""Width and height of a system, and the least room between two on the ring, in pixels."""


def drawio(assessment: Assessment) -> str:
    """Write the landscape for diagrams.net: the system with most partners in the middle, the others on a ring around it."""
    arrows = links(assessment)
    systems = _connected(assessment, arrows)
    places = _ring(systems, arrows)
    root = ET.Element("mxfile", host="assess")
    diagram = ET.SubElement(root, "diagram", id="landscape", name="Landscape as decided")
    model = ET.SubElement(
        diagram, "mxGraphModel", grid="1", gridSize="10", page="1", pageScale="1", arrows="1", connect="1"
    )
    cells = ET.SubElement(model, "root")
    ET.SubElement(cells, "mxCell", id="0")
    ET.SubElement(cells, "mxCell", {"id": "1", "parent": "0"})
    names = {system.id: f"s{place}" for place, system in enumerate(systems, 1)}
    box = f"rounded=1;whiteSpace=wrap;html=0;fillColor={LIGHT['wash']};strokeColor={LIGHT['ink']};fontColor={LIGHT['ink']};"
    for system in systems:
        x, y = places[system.id]
        named = {
            "id": names[system.id],
            "value": clean(system.name or system.id, 80),
            "style": box,
            "vertex": "1",
        }
        size = {"x": f"{x:.0f}", "y": f"{y:.0f}", "width": f"{BOX[0]}", "height": f"{BOX[1]}"}
        _cell(cells, named, size)
    between: dict[frozenset[str], int] = {}
    for place, arrow in enumerate(arrows, 1):
        pair = frozenset((arrow.source, arrow.target))
        nth = between[pair] = between.get(pair, 0) + 1
        ends = {"edge": "1", "source": names[arrow.source], "target": names[arrow.target]}
        named = {
            "id": f"i{place}",
            "value": clean(arrow.label, 80),
            "style": _arrow_style(arrow.choice),
            **ends,
        }
        along = ("-0.3", "0", "0.3")[place % 3]  # labels of neighbours do not meet in the middle
        geometry = _cell(cells, named, {"x": along, "relative": "1"})
        if nth > 1:  # beside the arrows between the same two
            x, y = _beside(places[arrow.source], places[arrow.target], 36 * nth)
            points = ET.SubElement(geometry, "Array", {"as": "points"})
            ET.SubElement(points, "mxPoint", {"x": f"{x:.0f}", "y": f"{y:.0f}"})
    ET.indent(root)
    return ET.tostring(root, "unicode") + "\n"


def _arrow_style(choice: str) -> str:
    """Return the style of an arrow by what happens to its integration."""
    colour, width = COLOURS[choice], 2 if choice in MOVED else 1
    style = f"html=0;endArrow=block;strokeColor={colour};strokeWidth={width};fontSize=10;fontColor={colour};"
    return f"{style}labelBackgroundColor={LIGHT['paper']};" + ("dashed=1;" if choice == "retire" else "")


def _cell(cells: ET.Element, attributes: dict[str, str], geometry: dict[str, str]) -> ET.Element:
    """Add a cell of the drawing; return its geometry."""
    cell = ET.SubElement(cells, "mxCell", {**attributes, "parent": "1"})
    return ET.SubElement(cell, "mxGeometry", {**geometry, "as": "geometry"})


def _ring(systems: tuple[System, ...], arrows: tuple[DecidedLink, ...]) -> dict[str, tuple[float, float]]:
    """Return the upper left corner of each system: the one with most partners in the middle of a ring of the others."""
    partners = {
        system.id: {a.source if a.target == system.id else a.target for a in arrows if system.id in a[:2]}
        for system in systems
    }
    order = sorted(partners, key=lambda id: -len(partners[id]))
    around = order[1:]
    radius = max(420.0, len(around) * (BOX[0] + GAP) / (2 * math.pi))
    found = dict.fromkeys(order[:1], (radius, radius))
    for place, id in enumerate(around):
        angle = 2 * math.pi * place / len(around) - math.pi / 2
        found[id] = (radius * (1 + math.cos(angle)), radius * (1 + math.sin(angle)))
    return found


def _beside(one: tuple[float, float], other: tuple[float, float], away: float) -> tuple[float, float]:
    """Return a point beside the middle of the line between two boxes, ``away`` pixels from it."""
    (ax, ay), (bx, by) = ((x + BOX[0] / 2, y + BOX[1] / 2) for x, y in (one, other))
    length = math.hypot(bx - ax, by - ay) or 1.0
    side = away if (ax, ay) <= (bx, by) else -away
    return (ax + bx) / 2 - side * (by - ay) / length, (ay + by) / 2 + side * (bx - ax) / length
