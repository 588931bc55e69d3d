"""The base of everything that is written down: frozen, typed, and the same after a trip through JSON."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from pydantic import BaseModel, ConfigDict


@contextmanager
def pause_collector() -> Iterator[None]:
    """Let Python's collector of circles rest while tens of thousands of records are made that all stay.

    It looks through all of them again and again and finds nothing: a fifth of the time of a catalog of 10,000 entries.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


class Record(BaseModel):
    """A frozen value object with a JSON round trip.

    Every word of the vocabulary and every result is a ``Record``: it can't be
    changed after it was made, an unknown field is an error, and
    ``type(r).from_json(r.to_json()) == r``.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, ser_json_inf_nan="constants"
    )

    def to_json(self, *, indent: int | None = None) -> str:
        """Write the record as JSON text, fields in the order of their definition."""
        return self.model_dump_json(indent=indent)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read a record that `to_json` wrote.

        Raises
        ------
        pydantic.ValidationError
            If the text is no JSON, or holds an unknown field or a value that is not allowed.
        """
        return cls.model_validate_json(text)
