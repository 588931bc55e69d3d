"""A drawing of boxes, lines and words as inline SVG, and the colours of page and charts: one accent, greys, three signs.

A `Drawing` is data, for what a chart library has no chart for. Its words are escaped when it is written, and its colours are the page's, so that it follows light,
dark and print.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Literal

from markupsafe import Markup, escape
from pydantic import field_validator

from assess.core.record import Record
from assess.report.prose import clean

LIGHT = {
    "ink": "#161b24",
    "soft": "#545d6b",
    "line": "#d8dde5",
    "paper": "#ffffff",
    "wash": "#f4f6f9",
    "accent": "#0a5aa6",
    "accent-mid": "#7fa9d6",
    "accent-pale": "#dbe8f5",
    "grey": "#8b95a5",
    "grey-pale": "#c5ccd6",
    "good": "#1b6e3c",
    "warn": "#8a5a00",
    "bad": "#a4262c",
}
"""CSS variable to colour. Text on ``paper`` and ``wash`` reaches 4.5:1 (WCAG 2.2, 1.4.3), marks 3:1 (1.4.11)."""

DARK = {
    "ink": "#e8ecf2",
    "soft": "#a6b0bf",
    "line": "#2b3442",
    "paper": "#10151d",
    "wash": "#182029",
    "accent": "#86bfff",
    "accent-mid": "#4e7fb8",
    "accent-pale": "#1b3147",
    "grey": "#7b8798",
    "grey-pale": "#5c697b",
    "good": "#7fd6a0",
    "warn": "#f0c46a",
    "bad": "#ff9a9a",
}
"""The same variables on a dark page."""


def css(colours: dict[str, str]) -> str:
    """Write colours as CSS variables.

    >>> css({"ink": "#000000"})
    '--ink:#000000'
    """
    return ";".join(f"--{name}:{value}" for name, value in colours.items())


Colour = Literal[
    "ink", "soft", "line", "paper", "wash", "accent", "accent-mid", "accent-pale", "grey", "grey-pale",
    "good", "warn", "bad", "none",
]  # fmt: skip
"""A colour of `palette`; ``none`` draws nothing."""

Point = tuple[float, float]


class Box(Record):
    """A rectangle; ``round`` is the radius of its corners."""

    x: float
    y: float
    width: float
    height: float
    fill: Colour = "none"
    stroke: Colour = "none"
    weight: float = 1.0
    round: float = 0.0


class Polyline(Record):
    """A line through points, with an arrow head at its end if asked for."""

    points: tuple[Point, ...]
    stroke: Colour = "grey"
    weight: float = 1.2
    dash: Literal["solid", "dash", "dot", "dashdot", "longdash"] = "solid"
    arrow: bool = False


EM, BOLD_EM = 0.65, 0.72
"""Width of a character, share of its height: digits of DejaVu Sans, one of the widest system fonts, have .64, bold ones .70."""


class Word(Record):
    """A line of text; ``y`` is its base line.

    ``room`` is the width that it may take, 0 for any: what a wide font would not fit into it is written as wide as Helvetica is,
    and at most as that. ``halo`` parts it from lines that it lies on.
    """

    x: float
    y: float
    text: str
    size: float = 12.0
    fill: Colour = "ink"
    anchor: Literal["start", "middle", "end"] = "start"
    bold: bool = False
    upright: bool = False
    room: float = 0.0
    halo: bool = False


class Dot(Record):
    """A disc, or a ring where it has no fill; a ``diamond`` stands for an average."""

    x: float
    y: float
    radius: float
    fill: Colour = "none"
    stroke: Colour = "none"
    weight: float = 1.0
    diamond: bool = False


class Area(Record):
    """A filled polygon without an edge."""

    points: tuple[Point, ...]
    fill: Colour = "accent-pale"


Mark = Box | Polyline | Word | Dot | Area


class Drawing(Record):
    """A drawing, in CSS pixels at its natural width; later marks lie above earlier ones."""

    width: float
    height: float
    marks: tuple[Mark, ...]

    @field_validator("width", "height")
    @classmethod
    def _extent(cls, value: float) -> float:
        if not (math.isfinite(value) and value > 0):
            raise ValueError("a drawing has a size above 0")
        return value


SANS = "'Segoe UI', 'Noto Sans', 'Liberation Sans', sans-serif"
"""Type of a picture of its own; in the page it is the page's."""

_NAMED = re.compile(r' (fill|stroke)="var\(--([\w-]+)\)"')
"""A colour of an attribute."""

DASHES = {"dash": "7 4", "dot": "2 3", "dashdot": "8 3 2 3", "longdash": "12 4"}
"""Lengths of strokes and gaps, CSS pixels."""


def draw_svg(sketch: Drawing, label: str, *, alone: bool = True) -> Markup:
    """Write a sketch as an SVG element that is one picture with a label.

    Parameters
    ----------
    alone
        Whether it is a picture of its own, on its own paper, light or dark as its reader is; in the report's page colours
        are variables.

    >>> drawn = draw_svg(Drawing(width=9, height=9, marks=(Word(x=1, y=8, text="<b>"),)), "a & b")
    >>> "<b>" in drawn, ">&lt;b&gt;</text></svg>" in drawn
    (False, True)
    >>> inside = draw_svg(Drawing(width=9, height=9, marks=(Word(x=1, y=8, text="a", fill="soft"),)), "a", alone=False)
    >>> '<text class="s"' in inside, "fill=" in inside
    (True, False)
    """
    head = Markup(
        '<svg class="sketch" role="img" viewBox="0 0 {} {}" width="{}" height="{}" aria-label="{}">'
    )
    size = (_number(sketch.width), _number(sketch.height))
    drawn = Markup("").join(
        [
            head.format(*size, *size, clean(label)),
            *(_written(mark) for mark in sketch.marks),
            Markup("</svg>"),
        ]
    )
    if not alone:
        return Markup(_inside(str(drawn)))  # noqa: S704 escaped above
    return Markup(_picture(str(drawn), sketch))  # noqa: S704 escaped above


def _inside(drawn: str) -> str:
    """Leave out what the page's style says of all: the size of a drawing and of its words, and their colour."""
    for before, after in (
        (r' width="[\d.]+" height="[\d.]+" aria-label=""', ' aria-hidden="true"'),
        (r'(<svg[^>]*?) width="[\d.]+" height="[\d.]+"', r"\1"),
        (r' role="img"(?=[^>]*aria-hidden)| fill="var\(--ink\)"| font-size="13"', ""),
        (r' fill="none" stroke="var\(--line\)" stroke-width="1"', ' class="g"'),
        (r' fill="var\(--soft\)" font-size="12"', ' class="s"'),
        (r' font-size="12"', ' class="t"'),
        (r"></(?:path|rect|circle)>", "/>"),
    ):
        drawn = re.sub(before, after, drawn)
    return drawn


def _picture(drawn: str, sketch: Drawing) -> str:
    """Give a drawing its own paper and colours: light ones in its attributes, dark ones for a dark reader.

    GitHub and JupyterLab show it as an image, whose style is its own; what knows no style shows the light colours.
    """
    used = sorted({*_NAMED.findall(drawn), ("fill", "paper")})
    dark = "".join(f".{kind[0]}-{name}{{{kind}:{DARK[name]}}}" for kind, name in used)
    inside = _NAMED.sub(lambda m: f' {m[1]}="{LIGHT[m[2]]}" class="{m[1][0]}-{m[2]}"', drawn)
    inside = re.sub(r' class="([\w-]+)"((?: [\w-]+="[^"]*")*?) class="([\w-]+)"', r' class="\1 \3"\2', inside)
    head, mark, body = inside.partition(">")
    own = f' xmlns="http://www.w3.org/2000/svg" font-family="{SANS}"'
    paper = f'<rect class="f-paper" fill="{LIGHT["paper"]}" width="{_number(sketch.width)}" height="{_number(sketch.height)}"/>'
    style = f"<style>@media(prefers-color-scheme:dark){{{dark}}}</style>"
    return head.replace("<svg", f"<svg{own}", 1) + mark + style + paper + body


def _written(mark: Mark) -> Markup:
    if isinstance(mark, Box):
        return _element("rect", _look(mark.fill, mark.stroke, mark.weight), x=mark.x, y=mark.y, width=mark.width,
                        height=mark.height, rx=mark.round)  # fmt: skip
    if isinstance(mark, Polyline):
        path = "M" + "L".join(f"{_number(x)} {_number(y)}" for x, y in mark.points)
        line = _element(
            "path",
            {
                **_look("none", mark.stroke, mark.weight),
                **({"stroke-dasharray": DASHES[mark.dash]} if mark.dash != "solid" else {}),
            },
            d=path,
        )
        return line + _head(mark) if mark.arrow else line
    if isinstance(mark, Dot) and mark.diamond:
        r = _number(mark.radius)
        path = f"M{_number(mark.x)} {_number(mark.y - mark.radius)}l{r} {r}-{r} {r}-{r}-{r}z"
        return _element("path", _look(mark.fill, mark.stroke, mark.weight), d=path)
    if isinstance(mark, Dot):
        return _element(
            "circle", _look(mark.fill, mark.stroke, mark.weight), cx=mark.x, cy=mark.y, r=mark.radius
        )
    if isinstance(mark, Area):
        path = "M" + "L".join(f"{_number(x)} {_number(y)}" for x, y in mark.points) + "Z"
        return _element("path", {"fill": _paint(mark.fill)}, d=path)
    return _text(mark)


NATURAL = {
    **dict.fromkeys("ijl'", 222), **dict.fromkeys(" !,./:;[]\\ftI·", 278), **dict.fromkeys("()-r`{}|", 333), **dict.fromkeys("ckJsvxyz*", 500),
    **dict.fromkeys("FTZ+<=>~", 611), **dict.fromkeys("ABEKPSVXY&", 667), **dict.fromkeys("CDHNRUw", 722), **dict.fromkeys("GOQ", 778),
    **dict.fromkeys("Mm", 833), "%": 889, "W": 944, **dict.fromkeys("@…↩→", 1000),
}  # fmt: skip
"""Widths of signs in thousandths of the size, Helvetica (Adobe font metrics, rounded to groups); 556 for all others."""


def natural_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return about how wide a text is in Helvetica, CSS pixels; its bold signs are a sixteenth wider.

    >>> natural_width("Will 9%", 10.0), natural_width("nnn", 10.0)
    (33.33, 16.68)
    """
    wide = sum(NATURAL.get(sign, 556) for sign in text) * size / 1000
    return round(wide * (17 / 16 if bold else 1), 2)


def _text(word: Word) -> Markup:
    look = {"fill": _paint(word.fill), "font-size": _number(word.size)}
    if word.bold:
        look["font-weight"] = "600"
    if word.anchor != "start":
        look["text-anchor"] = word.anchor
    if word.upright:
        look["transform"] = f"rotate(-90 {_number(word.x)} {_number(word.y)})"
    if word.room and len(word.text) * word.size * (BOLD_EM if word.bold else EM) > word.room:
        width = min(word.room, natural_width(word.text, word.size, bold=word.bold))
        look |= {"textLength": _number(width), "lengthAdjust": "spacingAndGlyphs"}
    if word.halo:
        look |= {"stroke": _paint("paper"), "stroke-width": "3", "paint-order": "stroke"}
    tag = _element("text", look, x=word.x, y=word.y)
    return tag[: -len("</text>")] + escape(clean(word.text, 200)) + Markup("</text>")


def _head(line: Polyline) -> Markup:
    """Draw a filled triangle at the end of a line, along its last part."""
    (x0, y0), (x1, y1) = line.points[-2:]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    dx, dy, size = (x1 - x0) / length, (y1 - y0) / length, 4 + line.weight
    left = (x1 - size * dx + 0.55 * size * dy, y1 - size * dy - 0.55 * size * dx)
    right = (x1 - size * dx - 0.55 * size * dy, y1 - size * dy + 0.55 * size * dx)
    path = "M" + "L".join(f"{_number(x)} {_number(y)}" for x, y in ((x1, y1), left, right)) + "Z"
    return _element("path", {"fill": _paint(line.stroke)}, d=path)


def _element(tag: str, look: dict[str, str], **where: float | str) -> Markup:
    places = {key: value if isinstance(value, str) else _number(value) for key, value in where.items()}
    said: Iterable[tuple[str, str]] = (
        *look.items(),
        *((k, v) for k, v in places.items() if not (k == "rx" and v == "0")),
    )
    attributes = Markup("").join(Markup(' {}="{}"').format(key, value) for key, value in said)
    return Markup("<{0}{1}></{0}>").format(tag, attributes)


def _look(fill: Colour, stroke: Colour, weight: float) -> dict[str, str]:
    look = {"fill": _paint(fill)}
    if stroke != "none":
        look |= {"stroke": _paint(stroke), "stroke-width": _number(weight)}
    return look


def _paint(colour: Colour) -> str:
    return "none" if colour == "none" else f"var(--{colour})"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
