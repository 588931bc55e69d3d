"""The practices of the readiness checklist that answers and targets may name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def practices() -> Mapping[str, str]:
    """Return the practices that ship with the package (``intake/practices.yaml``): id and text.

    >>> practices()["strategic-alignment/outcomes-mapped"][:17]
    'Every integration'
    """
    text = files(__package__).joinpath("practices.yaml").read_text("utf-8")
    entries = yaml.load(text, Loader=_LOADER)["practices"]  # noqa: S506 - safe, in C where there is C
    return {entry["id"]: entry["text"] for entry in entries}


def every_practice(own: Iterable[tuple[str, str]] = ()) -> Mapping[str, str]:
    """Return the practices of an engagement: those of the checklist, then its own; id and text.

    >>> list(every_practice([("works-council", "The works council agreed.")]))[-1]
    'works-council'
    """
    return {**practices(), **dict(own)}
