"""An event log (CSV, Parquet or XES, also gzipped) as one table of case, activity, time, resource, and its activity instances.

An instance is what was scheduled, started and completed as one pass, with its waiting and its work.
"""

from __future__ import annotations

import dataclasses
import lzma
import re
import zlib
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

import numpy as np
import pandas as pd

from assess.core.moments import read_moments
from assess.core.tables.file_lists import DELIMITED
from assess.core.tables.opening import JSON, open_table
from assess.core.unpacking import DEEPEST, Budget, UnreadableTable, open_unpacked, plain_suffix
from assess.intake.problem import InvalidEngagement, Problem

from .calendar import WorkingCalendar

NAMES: dict[str, tuple[str, ...]] = {
    "case": ("caseconceptname", "caseid", "case", "traceid", "trace", "incident", "srnumber", "ticket", "issuekey", "issue",
             "key", "number", "vorgang", "vorgangsnummer", "fall", "fallnummer", "dossier", "caso", "processinstance", "orderid", "id"),
    "activity": ("conceptname", "activity", "activityname", "event", "eventname", "task", "step", "aktivität", "tätigkeit",
                 "schritt", "activité", "étape", "actividad", "attività", "operation"),
    "time": ("timetimestamp", "timestamp", "time", "completetimestamp", "endtimestamp", "endtime", "completed", "finished", "end",
             "changed", "changedat", "created", "date", "datetime", "eventtime", "zeitstempel", "zeit", "datum", "ende", "endzeit", "horodatage", "fecha"),
    "begin": ("starttimestamp", "starttime", "started", "start", "begin", "beginn", "startzeit", "début", "inicio"),
    "state": ("lifecycletransition", "lifecycle", "transition", "status", "state", "zustand", "statut", "estado", "tostring", "newvalue"),
    "resource": ("orgresource", "resource", "user", "performer", "agent", "owner", "author", "bearbeiter", "ressource", "recurso", "assignee"),
}  # fmt: skip
"""Column names that are recognised, without case and signs, the likeliest first."""

KEYS = ("concept:name", "lifecycle:transition", "time:timestamp", "org:resource", "start_timestamp")
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
    if "activity" not in chosen and "state" in chosen:
        chosen["activity"] = chosen["state"]
    lacking = [role for role in ("case", "activity", "time") if role not in chosen]
    if lacking:
        message = f"has no column of {', '.join(lacking)}; it has {', '.join(store.columns[:20])}"
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
    plain = {"".join(c for c in column.casefold() if c.isalpha()): column for column in reversed(columns)}
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
    return pd.DataFrame(parser.rows, columns=["case", "activity", "state", "time", "resource", "begin"])


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
                    get("start_timestamp"),
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
    read = read_moments([*frame["time"], *frame["begin"]], zone)
    if read.problem:
        raise InvalidEngagement(
            [_problem(name, read.problem, "days written in one order, such as 2026-12-31 or 31.12.2026")]
        )
    at = np.where(np.isnat(read.utc), np.nan, read.utc.astype(np.int64) / 1e6)
    frame = frame.assign(time=at[: len(frame)], begin=at[len(frame) :])
    whole = (frame["case"] != "") & (frame["activity"] != "") & frame["time"].notna()
    kept = frame[whole].sort_values(["case", "time"], kind="stable").reset_index(drop=True)
    if kept.empty:
        raise InvalidEngagement(
            [_problem(name, "has no event with case, activity and time", "at least one event")]
        )
    return EventLog(name, kept, int((~whole).sum()))


STANDARD: frozenset[str] = frozenset(
    {"", "schedule", "assign", "reassign", "start", "suspend", "resume", "complete", "withdraw", "autoskip",
     "manualskip", "ate_abort", "pi_abort", "abort_activity", "abort_case", "unknown"}
)  # fmt: skip
"""Lifecycle transitions of the standard XES model (IEEE 1849). A log with others records states, not activities."""

SCHEDULED = frozenset({"schedule", "assign", "reassign"})
PAUSED = frozenset({"suspend", "resume"})
ABANDONED = frozenset(
    {"withdraw", "autoskip", "manualskip", "ate_abort", "pi_abort", "abort_activity", "abort_case"}
)
"""Transitions that end an activity without a pass of it."""

WAITING = re.compile(r"\b(wait|await|queue|pending|hold|assign)", re.I)
"""States in which nobody works on the case."""

DONE: frozenset[str] = frozenset({"resolved", "closed", "done", "finished", "end"})
"""States or activities that end a case, without case."""

INSTANCE = ["case", "label", "resource", "begin", "end", "ready"]


def is_state_log(events: pd.DataFrame) -> bool:
    """Whether most of a log's lifecycle transitions are states of its own rather than start, complete and so on."""
    unusual = ~events["state"].str.casefold().isin(STANDARD)
    return bool(unusual.mean() > 0.5)


def find_instances(events: pd.DataFrame, label: pd.Series[str], states: bool) -> pd.DataFrame:
    """Return a row a pass of an activity, or of a state, in the order of cases and begins.

    The oldest open start of an activity belongs to its next completion in the case; a completion without an open
    start begins where its row says so, else nobody knows. A pass is ready when it was scheduled, or else when what ended
    last before it ended. A state is entered by its event and left by the next one of the case.

    Parameters
    ----------
    events
        As of `EventLog`.
    label
        Activity or state of each event.

    Returns
    -------
    pd.DataFrame
        case, label, resource; begin, end, ready in seconds since 1970, NaN where unknown. The last state of a case
        has no end.
    """
    if states:
        found = pd.DataFrame({"case": events["case"], "label": label, "resource": events["resource"]})
        found["begin"] = events["time"]
        found["end"] = events.groupby("case", sort=False)["time"].shift(-1)
        found["ready"] = events["time"]
        return found.reset_index(drop=True)
    rows = _paired(events, label)
    found = pd.DataFrame(rows, columns=INSTANCE).astype({"begin": float, "end": float, "ready": float})
    found.loc[found["begin"] > found["end"], "begin"] = np.nan
    known = found["begin"].notna()
    found["at"] = found["begin"].where(known, found["end"])
    found = found.sort_values(["case", "end"], kind="stable")
    before = found.groupby("case", sort=False)["end"].shift(1)
    found["ready"] = found["ready"].fillna(before.where(found["begin"].isna()))
    found = _ready_after_others(found)
    return found.sort_values(["case", "at", "end"], kind="stable").drop(columns="at").reset_index(drop=True)


def _paired(events: pd.DataFrame, label: pd.Series[str]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    scheduled: dict[tuple[str, str], float] = {}
    started: defaultdict[tuple[str, str], deque[tuple[float, float, str]]] = defaultdict(deque)
    columns = (events["case"], label, events["state"].str.casefold(), events["time"], events["begin"], events["resource"])  # fmt: skip
    for case, activity, move, time, begin, resource in zip(*(c.tolist() for c in columns), strict=True):
        key = (case, activity)
        if move in SCHEDULED:
            scheduled.setdefault(key, time)
        elif move == "start":
            started[key].append((time, scheduled.pop(key, np.nan), resource))
        elif move in ABANDONED:
            scheduled.pop(key, None)
            started.pop(key, None)
        elif move not in PAUSED:
            waiting = started[key]
            first, ready, by = waiting.popleft() if waiting else (begin, scheduled.pop(key, np.nan), "")
            rows.append((case, activity, resource or by, first, time, ready))
    return rows


def _ready_after_others(found: pd.DataFrame) -> pd.DataFrame:
    """Fill in when a pass of known begin could begin: when the last other one before it in the case had ended."""
    lacking = found["begin"].notna() & found["ready"].isna()
    if not lacking.any():
        return found
    ends = found[["case", "end"]].rename(columns={"end": "previous"}).sort_values("previous", kind="stable")
    asked = found.loc[lacking, ["case", "begin", "end"]].assign(row=np.flatnonzero(lacking))
    # a pass that took no time is not its own predecessor: only what ended before it did counts then
    asked["until"] = np.where(
        asked["begin"] < asked["end"], asked["begin"], np.nextafter(asked["begin"], -np.inf)
    )
    asked = asked.sort_values("until", kind="stable")
    met = pd.merge_asof(asked, ends, left_on="until", right_on="previous", by="case")
    column = found["ready"].to_numpy(float).copy()
    column[met["row"].to_numpy()] = met["previous"].to_numpy(float)
    return found.assign(ready=column)


def add_times(found: pd.DataFrame, states: bool, calendar: WorkingCalendar | None) -> pd.DataFrame:
    """Add the minutes of work and of waiting of each pass, NaN where unknown.

    Parameters
    ----------
    found
        From `find_instances`.
    calendar
        Counts the minutes of work; None for elapsed ones. Waiting is elapsed time.
    """
    begin, end, ready = (found[c].to_numpy(dtype=np.float64) for c in ("begin", "end", "ready"))
    known = np.isfinite(begin) & np.isfinite(end)
    work = np.full(len(found), np.nan)
    work[known] = (
        (end - begin)[known] / 60 if calendar is None else calendar.minutes_between(begin[known], end[known])
    )
    wait = np.maximum(np.where(np.isfinite(begin), begin, end) - ready, 0.0) / 60
    if states:
        idle = found["label"].map({s: bool(WAITING.search(str(s))) for s in found["label"].unique()})
        resting = idle.to_numpy(dtype=bool)
        wait = np.where(resting, (end - begin) / 60, np.nan)
        # nobody works on a case that is resolved, however long it takes until somebody opens it again
        closed = found["label"].str.casefold().isin(DONE).to_numpy(dtype=bool)
        work = np.where(resting | closed, np.nan, work)
    return found.assign(work=work, wait=wait)
