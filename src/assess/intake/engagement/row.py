"""What every row of the engagement has: where it stands, and the units of its columns."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ConfigDict, Field

from assess.core.record import Record
from assess.core.source import Source


@dataclass(frozen=True)
class Unit:
    """The unit of a column, as metadata of its annotation; ``money`` stands for the engagement's currency."""

    name: str


class Row(Record):
    """A row of the engagement that knows which row it is; its fields' docstrings are the help of the columns."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    origin: Source = Field(default=Source(kind="input", place="engagement"), repr=False)

    def said(self, column: str) -> Source:
        """Return the source of one of the row's values: the same file and row, this column."""
        return self.origin.model_copy(update={"column": column})
