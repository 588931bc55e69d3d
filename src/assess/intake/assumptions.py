"""Dated defaults, and what the engagement says instead of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

import yaml

from assess.core import reads
from assess.core.estimate import Estimate
from assess.core.record import Record
from assess.core.source import Source

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

STALE_DAYS = 180
"""Age from which a default is flagged in the report."""


class SourceConflict(Record):
    """Another source that says something else about the same default."""

    low: float
    likely: float
    high: float
    source: str
    date: dt.date | None = None


class Assumption(Record):
    """A default: value, unit, source, date, and whether anybody ever measured it.

    Parameters
    ----------
    key
        Dotted name, ``topic.item``.
    elicited
        True where no sourced figure was found: an expert's belief that the client should replace.
    size
        What of it grows with the client: the power of its size is the assumption ``size.`` and this; empty for none.
    overridden
        True where the engagement says its own value; the default is then the first of ``conflicts``.
    origin
        Where the engagement says it, None for a default.
    """

    key: str
    label: str
    low: float
    likely: float
    high: float
    unit: str = ""
    source: str
    date: dt.date
    elicited: bool = False
    conflicts: tuple[SourceConflict, ...] = ()
    size: Literal["", "effort", "foundation", "platform", "business"] = ""
    overridden: bool = False
    origin: Source | None = None

    def age_days(self, today: dt.date) -> int:
        """Days since the source's date."""
        return (today - self.date).days

    def stale(self, today: dt.date) -> bool:
        """Whether it is older than `STALE_DAYS`."""
        return self.age_days(today) > STALE_DAYS

    @property
    def believed(self) -> bool:
        """Whether it is what an expert believed, and nothing that the engagement says."""
        return self.elicited and not self.overridden

    @property
    def estimate(self) -> Estimate:
        """The value with its source."""
        return _estimate(self)


@cache
def _estimate(found: Assumption) -> Estimate:
    of = (found.origin.id,) if found.origin else ()
    where = Source(kind="assumption", place=found.key, detail=found.source, date=found.date, of=of)
    return Estimate(low=found.low, likely=found.likely, high=found.high, unit=found.unit, source=where)


@cache
def defaults() -> Mapping[str, Assumption]:
    """Return the defaults that ship with the package (``intake/defaults.yaml``), by key."""
    text = files(__package__).joinpath("defaults.yaml").read_text("utf-8")
    return read_defaults(yaml.load(text, Loader=_LOADER) or {})  # noqa: S506 - safe, in C where there is C


def read_defaults(entries: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Assumption]:
    """Turn entries of the defaults file, ``key: {value: or low:, likely:, high:, ...}``, into assumptions."""
    read = {}
    for key, entry in entries.items():
        fields = dict(entry)
        if "value" in fields:
            fields["low"] = fields["likely"] = fields["high"] = fields.pop("value")
        read[key] = Assumption(key=key, **fields)
    return read


@cache
def sized(default: Assumption, size: float, power: tuple[float, float, float]) -> Assumption:
    """Return a default as it is for a client of another size: each end times the size to a power, widened by both.

    Parameters
    ----------
    size
        People of the client against those for whom the default was believed.
    power
        Low, likely and high.

    >>> build = defaults()["build.cost"]
    >>> [round(end) for end in (build.low, build.likely, build.high)]
    [12000, 27000, 60000]
    >>> small = sized(build, 0.024, (0.1, 0.2, 0.35))
    >>> [round(end, -2) for end in (small.low, small.likely, small.high)]
    [3300.0, 12800.0, 41300.0]
    """
    ends = sorted(size**exponent for exponent in power)
    values = {
        end: float(f"{getattr(default, end) * factor:.4g}")
        for end, factor in zip(("low", "likely", "high"), ends, strict=True)
    }
    source = (
        f"{default.source}; times {ends[0]:.2g} to {ends[2]:.2g} for the client's size (size.{default.size})"
    )
    return default.model_copy(update={**values, "source": source})


class Assumptions(Record):
    """The defaults with the engagement's overrides; ``assumptions["build.days"]`` is an `Estimate`.

    Parameters
    ----------
    overrides
        What the engagement says instead of defaults.
    quoted
        Prices of the engagement's quotes, of which there is no default (`assess.intake.price_list`).
    employees
        People who work for the client: defaults that grow with its size are scaled; None where that is not stated.
    """

    overrides: dict[str, Assumption] = {}
    quoted: dict[str, Assumption] = {}
    employees: int | None = None

    if not TYPE_CHECKING:

        def __getattribute__(self, name: str) -> Any:
            if name == "overrides":
                reads.note(reads.OWN)
            return super().__getattribute__(name)

    @property
    def own(self) -> tuple[str, ...]:
        """Keys that the engagement overrides."""
        reads.note(reads.NAMES)
        return tuple(self.__dict__["overrides"])

    def replaced(self, entries: Mapping[str, Assumption]) -> Assumptions:
        """Return the assumptions with some of them replaced."""
        return self.model_copy(update={"overrides": {**self.__dict__["overrides"], **entries}})

    def __getitem__(self, key: str) -> Estimate:
        return self.entry(key).estimate

    def __contains__(self, key: object) -> bool:
        return key in defaults() or key in self.quoted

    def entry(self, key: str) -> Assumption:
        """Return the assumption of a key, the engagement's own where it has one.

        Raises
        ------
        KeyError
            If there is neither a default nor a quoted price of this key.
        """
        reads.note(reads.ASSUMPTION + key)
        held = self.__dict__
        return held["overrides"].get(key) or held["quoted"].get(key) or _scaled_default(self, key)

    def keys(self) -> tuple[str, ...]:
        """Every key, in the order of the defaults file, then of the quotes."""
        return (*defaults(), *self.quoted)

    def under(self, topic: str) -> dict[str, Assumption]:
        """Return the assumptions whose key starts with ``topic.``, by what follows."""
        return {key[len(topic) + 1 :]: self.entry(key) for key in _below(topic, self.keys())}


@lru_cache(maxsize=256)
def _below(topic: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key for key in keys if key.startswith(topic + "."))


def _scaled_default(known: Assumptions, key: str) -> Assumption:
    """Return a default, for the client's size where it grows with that."""
    default, employees = defaults()[key], known.__dict__["employees"]
    if employees is None or not default.size:
        return default
    size = employees / known.entry("size.reference").likely
    power = known.entry(f"size.{default.size}")
    return default if size == 1 else sized(default, size, (power.low, power.likely, power.high))
