"""What changed between two versions of a contract, and whether it breaks who uses it."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from assess.core.record import Record
from assess.evidence.contracts.contract import Kind

Certainty = Literal["proved", "certain", "possible"]
"""``proved``: by a payload that one version accepts and the other rejects. ``certain``: what consumers use is
gone, or what they don't send is demanded. ``possible``: it may break, for the reason given."""
Side = Literal["request", "response", "backward", "forward"]
"""Who meets the change: those who send (request), those who receive (response); for a schema alone, a new reader
of old data (backward) or an old reader of new data (forward)."""
CompatibilityVerdict = Literal["breaking", "possibly breaking", "compatible", "not assessable"]


class Change(Record):
    """One change that can break a consumer.

    Parameters
    ----------
    rule
        Stable name of the kind of change, such as ``required`` (the keyword that rejects) or ``operation-removed``.
    where
        Operation, channel or schema in words.
    path, line, pointer
        Place in the version that demands or lacks it.
    payload
        JSON text that proves it; empty where there is none.
    at
        JSON pointer into the payload at which the other version rejects it.
    accepts, rejects
        Which version accepts the payload and which rejects it: ``old`` or ``new``.
    reason
        Why it could not be proved, where it is only possible.
    """

    rule: str
    certainty: Certainty
    side: Side
    where: str
    message: str
    path: str
    line: int | None = None
    pointer: str = ""
    payload: str = ""
    at: str = ""
    accepts: Literal["old", "new", ""] = ""
    rejects: Literal["old", "new", ""] = ""
    reason: str = ""


class Compatibility(Record):
    """Whether consumers of an old version can go on with a new one.

    Parameters
    ----------
    old, new
        Files.
    old_version, new_version
        Their stated versions.
    changes
        What can break, proved changes first.
    reason
        Why the two can't be compared; empty where they can.
    announced
        Whether the new version says by its number that it breaks (a new major version, SemVer 2.0 clause 8).
    """

    old: str
    new: str
    kind: Kind = "unknown"
    old_version: str = ""
    new_version: str = ""
    changes: tuple[Change, ...] = ()
    reason: str = ""
    announced: bool = False

    @property
    def verdict(self) -> CompatibilityVerdict:
        """The worst of the changes."""
        if self.reason:
            return "not assessable"
        if any(change.certainty != "possible" for change in self.changes):
            return "breaking"
        return "possibly breaking" if self.changes else "compatible"

    @property
    def table(self) -> pd.DataFrame:
        """One row per change."""
        columns = [
            "rule",
            "certainty",
            "side",
            "where",
            "message",
            "place",
            "payload",
            "at",
            "rejects",
            "reason",
        ]
        rows = [
            {**change.model_dump(), "place": f"{change.path}:{change.line}" if change.line else change.path}
            for change in self.changes
        ]
        return pd.DataFrame(rows, columns=columns)
