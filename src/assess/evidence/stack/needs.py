"""Which part of a stack each style needs: a dated data file (``needs.yaml``), each line with its source."""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from assess.core.record import Record
from assess.core.source import Source
from assess.intake.engagement import Component, Style

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Part(Record):
    """A part of an integration stack.

    Parameters
    ----------
    does
        What it is for, in words that follow its name.
    products
        Examples that the field names; no recommendation.
    covers
        Parts that it brings along.
    """

    id: Component
    label: str
    does: str
    products: tuple[str, ...] = ()
    covers: tuple[Component, ...] = ()


class Need(Record):
    """A style needs a part.

    Parameters
    ----------
    need
        ``required``: the style does not run safely without it. ``helpful``: many add it.
    source
        Who says so.
    priced
        Keys of the cost model's defaults that hold it for this style; empty where no line does.
    """

    style: Style
    component: Component
    need: Literal["required", "helpful"]
    source: Source
    priced: tuple[str, ...] = ()


@cache
def parts() -> dict[Component, Part]:
    """Return every part of a stack by its id, in the order in which the field names them."""
    return {entry["id"]: Part(**entry) for entry in _read()["components"]}


@cache
def needs() -> tuple[Need, ...]:
    """Return what each style needs."""
    read = _read()
    date: dt.date = read["date"]
    return tuple(
        Need(
            **{
                **entry,
                "source": Source(
                    kind="assumption",
                    place=f"stack.{entry['style']}.{entry['component']}",
                    detail=read["sources"][entry["source"]],
                    date=date,
                ),
            }
        )
        for entry in read["needs"]
    )


@cache
def _read() -> dict[str, Any]:
    text = files(__package__).joinpath("needs.yaml").read_text("utf-8")
    read: dict[str, Any] = yaml.load(text, Loader=_LOADER)  # noqa: S506 - safe, in C where there is C
    return read
