"""What a workbook says about a column: comment, drop-down, limits of its cells."""

from __future__ import annotations

from typing import Any

from .columns import Column


def plain(text: str) -> str:
    """Return a docstring without its marks of code."""
    return text.replace("``", "").replace("`", "")


def choices(column: Column) -> tuple[str, ...]:
    """Return the words of a cell's drop-down, none where any text may stand."""
    if column.kind == "yes/no":
        return ("yes", "no")
    return column.choices if column.kind == "choice" else ()


def holds(column: Column) -> str:
    """Return what a cell may hold and its unit, in words."""
    unit = f", in {column.unit}" if column.unit not in ("", "share") else ""
    return column.allowed + unit


def comment(column: Column) -> str:
    """Return the comment at a column's header."""
    parts = ["Required." if column.required else "", plain(column.help), f"Allowed: {holds(column)}."]
    return "\n".join(filter(None, parts))


def short(text: str) -> str:
    """Return a text within what a message of Excel may hold."""
    return text if len(text) <= 255 else text[:251] + " ..."


def limits(column: Column) -> dict[str, Any]:
    """Return the criteria of Excel's check; limits that are open to a side lose only their equality."""
    low, high = column.low, column.high
    if low is not None and high is not None:
        return {"criteria": "between", "minimum": low, "maximum": high}
    if low is not None:
        return {"criteria": ">" if column.low_open else ">=", "value": low}
    return {"criteria": "between", "minimum": -1e15, "maximum": 1e15}


def width(column: Column) -> float:
    """Return the width of a column in characters."""
    wide = {"text": 20, "list": 26, "data": 36, "estimate": 22, "time": 20}
    return max(len(column.name) + 4, wide.get(column.kind, 12))
