"""Read an event log: CSV, Parquet or XES (also gzipped) as one table of case, activity, time, resource."""

from __future__ import annotations

import dataclasses
import lzma
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

import numpy as np
import pandas as pd

from assess.core.tables.opening import DELIMITED, JSON, open_table
from assess.core.unpacking import DEEPEST, Budget, UnreadableTable, open_unpacked, plain_suffix
from assess.intake.problem import InvalidEngagement, Problem

NAMES: dict[str, tuple[str, ...]] = {
    "case": ("caseconceptname", "caseid", "case", "traceid", "trace", "incident", "srnumber"),
    "activity": ("conceptname", "activity", "activityname", "event", "eventname", "task", "step"),
    "time": (
        "timetimestamp",
        "timestamp",
        "time",
        "completetimestamp",
        "endtimestamp",
        "completed",
        "finished",
        "end",
    ),
    "begin": ("starttimestamp", "starttime", "started", "start", "begin"),
    "state": ("lifecycletransition", "lifecycle", "transition", "status", "state"),
    "resource": ("orgresource", "resource", "user", "performer", "agent", "owner"),
}
"""Column names that are recognised, without case and signs, the likeliest first."""

OFFSET = re.compile(r"(Z|:\d\d\S*\s?[+-]\d\d(:?\d\d)?)$")
"""A timestamp that says how far it is from UTC."""

LONGEST = 64
"""Signs of a timestamp."""

KEYS = ("concept:name", "lifecycle:transition", "time:timestamp", "org:resource")
"""Attributes of XES that are kept."""

CELL = 60
"""Bytes of memory that a text of a log takes."""

TABULAR = (*DELIMITED, *JSON, ".xlsx", ".xlsm", ".parquet", ".pq")
ALLOWED = "csv, tsv, xlsx, json, jsonl, parquet or xes, also packed (.gz)"

COLUMNS = ("case", "activity", "state", "time", "begin", "resource")


@dataclass(frozen=True)
class EventLog:
    """Events in the order of case and time.

    Parameters
    ----------
    events
        Columns case, activity, state, resource (text, empty where absent), time and begin (seconds since 1970 in UTC;
        begin NaN where the log has none).
    dropped
        Rows without case, activity or a readable time: counted, never silently lost.
    notes
        How the file was read, where that was a guess.
    """

    name: str
    events: pd.DataFrame
    dropped: int
    notes: tuple[str, ...] = ()


def read(path: Path, name: str, zone: str = "UTC") -> EventLog:
    """Read one log.

    Parameters
    ----------
    path
        A table of any form, or XES; also packed (.csv.gz, .xes.gz).
    name
        What messages and sources call it.
    zone
        Zone of timestamps that give none.

    Raises
    ------
    InvalidEngagement
        If it can't be read, or has no columns of case, activity and time.
    """
    lower = path.name.lower()
    notes: tuple[str, ...]
    try:
        if lower.endswith((".xes", ".xes.gz")):
            raw, notes = _from_xes(path), ()
        elif plain_suffix(path) in TABULAR:
            raw, notes = _from_table(path, name)
        else:
            raise InvalidEngagement([_problem(name, "is no event log", ALLOWED)])
    except UnreadableTable as error:
        raise InvalidEngagement([_problem(name, f"can't be read: {error}", "a readable event log")]) from None
    except (OSError, EOFError, zlib.error, lzma.LZMAError, UnicodeDecodeError, expat.ExpatError) as error:
        raise InvalidEngagement(
            [_problem(name, f"can't be read ({error})", "a readable event log")]
        ) from None
    return dataclasses.replace(_ordered(name, raw, zone), notes=notes)


def _problem(name: str, message: str, allowed: str) -> Problem:
    return Problem(file=name, message=message, allowed=allowed)


def _from_table(path: Path, name: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    store, reading = open_table(path)
    chosen = recognised(store.columns)
    lacking = [role for role in ("case", "activity", "time") if role not in chosen]
    if lacking:
        message = f"has no column of {', '.join(lacking)}"
        raise InvalidEngagement([_problem(name, message, "columns case, activity, time, and resource")])
    Budget(path.name).check_whole(store.rows * len(chosen), CELL)
    frame = pd.DataFrame(
        {
            role: store.text(store.columns.index(column)).to_pandas().astype(object)
            for role, column in chosen.items()
        }
    )
    return frame, reading.notes


def recognised(columns: Sequence[str]) -> dict[str, str]:
    """Return role -> column for the columns whose name is recognised; no column has two roles.

    >>> recognised(["Case ID", "Activity", "Complete Timestamp", "Resource", "colour"])
    {'case': 'Case ID', 'activity': 'Activity', 'time': 'Complete Timestamp', 'resource': 'Resource'}
    """
    plain = {re.sub(r"[^a-z]", "", column.casefold()): column for column in reversed(columns)}
    chosen: dict[str, str] = {}
    for role, names in NAMES.items():
        found = next((plain[n] for n in names if n in plain and plain[n] not in chosen.values()), None)
        if found is not None:
            chosen[role] = found
    return chosen


def _from_xes(path: Path) -> pd.DataFrame:
    """Stream an XES document (IEEE 1849): only what is needed is kept of each event."""
    parser = _Xes(Budget(path.name))
    with open_unpacked(path) as stream:
        parser.parse(stream)
    return pd.DataFrame(parser.rows, columns=["case", "activity", "state", "time", "resource"])


class _Xes:
    """Collects the events of an XES stream; a document type is refused, so entities can't grow."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.rows: list[tuple[str | None, ...]] = []
        self._depth = 0
        self._trace: dict[str, str] = {}
        self._event: dict[str, str] | None = None

    def parse(self, stream: IO[bytes]) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._refuse
        parser.ParseFile(stream)

    def _refuse(self, *_: Any) -> None:
        raise OSError("an event log has no document type")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise UnreadableTable(f"{self._budget.name} nests XML deeper than {DEEPEST} levels")
        if self._depth == 4:
            if self._event is not None and attributes.get("key") in KEYS:
                self._event[attributes["key"]] = attributes.get("value", "")
        elif self._depth == 3:
            if tag == "event":
                self._event = {}
            elif attributes.get("key") in KEYS:
                self._trace[attributes["key"]] = attributes.get("value", "")
        elif self._depth == 2:
            self._trace = {}

    def _end(self, tag: str) -> None:
        if self._depth == 3 and self._event is not None:
            get = self._event.get
            case = self._trace.get("concept:name")
            self.rows.append(
                (
                    case,
                    get("concept:name"),
                    get("lifecycle:transition"),
                    get("time:timestamp"),
                    get("org:resource"),
                )
            )
            self._event = None
            if len(self.rows) % 10_000 == 0:
                self._budget.check_rows(len(self.rows), len(COLUMNS))
                self._budget.check_whole(len(self.rows) * len(COLUMNS), CELL)
        self._depth -= 1


def _ordered(name: str, raw: pd.DataFrame, zone: str) -> EventLog:
    """Parse times, drop and count what has none, and sort by case and time, keeping the file's order of ties."""
    frame = pd.DataFrame(
        {c: raw[c] if c in raw else pd.Series([None] * len(raw), dtype=object) for c in COLUMNS}
    )
    for column in ("case", "activity", "state", "resource"):
        frame[column] = frame[column].fillna("").astype(str).str.strip()
    times = {column: seconds(frame[column], zone) for column in ("time", "begin")}
    frame = frame.assign(**times)
    whole = (frame["case"] != "") & (frame["activity"] != "") & frame["time"].notna()
    kept = frame[whole].sort_values(["case", "time"], kind="stable").reset_index(drop=True)
    if kept.empty:
        raise InvalidEngagement(
            [_problem(name, "has no event with case, activity and time", "at least one event")]
        )
    return EventLog(name, kept, int((~whole).sum()))


def seconds(texts: pd.Series[Any], zone: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return timestamps as seconds since 1970 in UTC, NaN where a text is no timestamp.

    Texts without an offset are local times of ``zone``: of an hour that a clock change repeats the first is meant, and
    an hour that it skips counts as the moment of the change.
    """
    unique, codes = np.unique(texts.fillna("").astype(str).to_numpy(dtype=object), return_inverse=True)
    with_offset = np.array([bool(OFFSET.search(text.strip()[-LONGEST:])) for text in unique], dtype=bool)
    values = np.full(len(unique), np.nan)
    for mask, offset in ((with_offset, True), (~with_offset, False)):
        if mask.any():
            values[mask] = _epoch(pd.Series(unique[mask]), offset, zone)
    return np.asarray(values[codes], dtype=np.float64)


def _epoch(texts: pd.Series[Any], offset: bool, zone: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    parsed = pd.to_datetime(texts, errors="coerce", utc=offset, format="ISO8601")
    if parsed.isna().any():
        again = pd.to_datetime(
            texts[parsed.isna()], errors="coerce", utc=offset, format="mixed", dayfirst=True
        )
        parsed = parsed.where(parsed.notna(), again)
    if not offset:
        repeated = np.ones(len(parsed), dtype=bool)
        parsed = parsed.dt.tz_localize(zone, ambiguous=repeated, nonexistent="shift_forward").dt.tz_convert(
            "UTC"
        )
    known = parsed.notna().to_numpy()
    values = np.full(len(parsed), np.nan)
    values[known] = parsed[known].astype("datetime64[ns, UTC]").astype("int64").to_numpy() / 1e9
    return values
