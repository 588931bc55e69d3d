"""The colours of page and charts: one accent, greys, and three signs; each in light and in dark."""

from __future__ import annotations

LIGHT = {
    "ink": "#14213d",
    "soft": "#515c75",
    "line": "#d9dee8",
    "paper": "#ffffff",
    "wash": "#f4f6fa",
    "accent": "#0b5cad",
    "accent-mid": "#7fa9d6",
    "accent-pale": "#d6e4f4",
    "grey": "#7b869c",
    "grey-pale": "#c3cad8",
    "good": "#1b6e3c",
    "warn": "#8a5a00",
    "bad": "#a4262c",
}
"""CSS variable to colour. Text on ``paper`` and ``wash`` reaches 4.5:1 (WCAG 2.2, 1.4.3), marks 3:1 (1.4.11)."""

DARK = {
    "ink": "#e8ecf5",
    "soft": "#a9b3c8",
    "line": "#36405a",
    "paper": "#12182a",
    "wash": "#1a2237",
    "accent": "#8ec1ff",
    "accent-mid": "#4e7fb8",
    "accent-pale": "#233a5c",
    "grey": "#8b96ad",
    "grey-pale": "#4a5570",
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


def variables() -> dict[str, str]:
    """Return the CSS variable of each light colour, by which the page recolours a chart.

    >>> variables()["#0b5cad"]
    '--accent'
    """
    return {value: f"--{name}" for name, value in LIGHT.items()}


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2).

    >>> luminance("#ffffff")
    1.0
    """
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return round(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2], 10)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2).

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)
