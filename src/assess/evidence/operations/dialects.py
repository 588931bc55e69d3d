"""What the exports of integration tools call things, and what that means in a run log."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

COLUMNS = (
    "integration", "run_id", "started", "finished", "status", "records", "bytes", "latency_ms", "attempt",
    "trigger", "error", "parent_run_id",
)  # fmt: skip
"""What a log may hold; other columns are ignored."""
REQUIRED = ("integration", "started", "status")


def squeezed(name: str) -> str:
    """Write a column's name without what tools differ in: case, blanks, hyphens, underscores.

    >>> squeezed("Run ID"), squeezed("executionTime"), squeezed("@timestamp")
    ('runid', 'executiontime', 'timestamp')
    """
    return "".join(c for c in name.lower() if c.isascii() and c.isalnum())


@dataclass(frozen=True)
class RunLogDialect:
    """How one tool writes its runs.

    Parameters
    ----------
    name
        The tool, as the report names it.
    marks
        Columns, squeezed, that only its exports have; all must be there.
    columns
        For each column of `COLUMNS` that it can fill, SQL over its own columns, named in braces; an
        expression whose columns are not all there is left out, the first that is complete counts.
    paths
        Where a column stands in a JSON record, if not at the top under its own name.
    """

    name: str
    marks: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    paths: Mapping[str, str] = field(default_factory=dict)


OURS = RunLogDialect(
    "run log", (), {column: (f"{{{squeezed(column)}}}",) for column in COLUMNS}
)  # fmt: skip

_YES = "lower({%s}) IN ('true', '1', 'yes')"

WORKATO = RunLogDialect(
    "Workato jobs",
    ("startedat", "completedat"),
    {
        "integration": (
            "coalesce({recipename}, {recipeid})", "{recipename}", "{recipeid}", "{flowid}",
        ),
        "run_id": ("coalesce({masterjobid}, {id})", "{id}", "{handle}", "{jobid}"),
        "started": ("{startedat}",),
        "finished": ("{completedat}",),
        "status": (
            "{status}",
            f"CASE WHEN {_YES % 'iserror'} THEN 'failed' WHEN {{completedat}} IS NULL THEN 'running' ELSE 'success' END",
        ),
        "attempt": (
            f"CASE WHEN {_YES % 'isrepeat'} THEN (coalesce(try_cast({{repeatcount}} AS INTEGER), 1) + 1)::VARCHAR END",
            f"CASE WHEN {_YES % 'isrepeat'} THEN '2' END",
        ),
        "trigger": (
            f"CASE WHEN {_YES % 'istest'} OR {_YES % 'istestcasejob'} THEN 'test' END",
            f"CASE WHEN {_YES % 'istest'} THEN 'test' END",
        ),
        "error": ("{error}",),
        "parent_run_id": ("{callingjobid}",),
    },
    {"recipename": "$.context.recipe_name"},
)  # fmt: skip
"""Job history of Workato: docs.workato.com/workato-api/jobs.html (List jobs) and
docs.workato.com/features/activity-audit-log-streaming-sample.html (Job history). A repeated job belongs to its
master job; a job called by another recipe is a part of that one."""

_BOOMI_STATUS = """CASE upper({status}) WHEN 'COMPLETE' THEN 'success' WHEN 'COMPLETE_WARN' THEN 'warning'
    WHEN 'ERROR' THEN 'failed' WHEN 'ABORTED' THEN 'failed' WHEN 'INPROCESS' THEN 'running'
    WHEN 'STARTED' THEN 'running' WHEN 'ENQUEUED' THEN 'running' WHEN 'ABORTED_RECOVERING' THEN 'running'
    WHEN 'DISCARDED' THEN 'skipped' ELSE {status} END"""
_BOOMI_MS = "try_cast(regexp_extract({executionduration}, '[0-9]+') AS DOUBLE)"

BOOMI = RunLogDialect(
    "Boomi executions",
    ("executionid", "executiontime"),
    {
        "integration": ("coalesce({processname}, {processid})", "{processname}", "{processid}"),
        "run_id": ("coalesce({originalexecutionid}, {executionid})", "{executionid}"),
        "started": ("{executiontime}",),
        "finished": (
            f"(try_cast({{executiontime}} AS TIMESTAMPTZ) + to_microseconds(({_BOOMI_MS} * 1000)::BIGINT))::VARCHAR",
        ),
        "status": (_BOOMI_STATUS,),
        "records": (
            "greatest(try_cast({inbounddocumentcount} AS BIGINT) - coalesce(try_cast({inbounderrordocumentcount} AS BIGINT), 0), 0)::VARCHAR",
            "{inbounddocumentcount}",
        ),
        "bytes": ("{inbounddocumentsize}",),
        "latency_ms": (f"({_BOOMI_MS})::VARCHAR",),
        "attempt": ("CASE WHEN lower({executiontype}) LIKE 'retry%' THEN '2' END",),
        "trigger": (
            "CASE lower({executiontype}) WHEN 'test_manual' THEN 'test' WHEN 'sub_process' THEN 'subprocess' "
            "WHEN 'exec_manual' THEN 'manual' WHEN 'retry_manual' THEN 'manual' END",
        ),
        "error": ("{message}",),
        "parent_run_id": ("{parentexecutionid}",),
    },
)
"""Execution Record object of Boomi: developer.boomi.com/docs/APIs/PlatformSOAPAPI/APIObjects/Execution_Record_object.
Its duration is in milliseconds, in JSON as ``["Long", 1200]``. Documents with errors were not moved."""

_METHOD = ("method", "requestmethod", "httpmethod", "verb")
_PATH = ("path", "route", "requesturi", "uri", "url", "urlpath")
_CODE = ("status", "statuscode", "responsecode", "httpstatus")


def _answered(code: str) -> str:
    """Return what the HTTP status of a column means, in the words of a run log."""
    value = f"try_cast({{{code}}} AS INTEGER)"
    return (
        f"CASE WHEN {value} BETWEEN 100 AND 399 THEN 'success' WHEN {value} = 429 THEN 'failed' "
        f"WHEN {value} BETWEEN 400 AND 499 THEN 'warning' WHEN {value} BETWEEN 500 AND 599 THEN 'failed' END"
    )


def _moved(code: str) -> str:
    return f"CASE WHEN try_cast({{{code}}} AS INTEGER) BETWEEN 200 AND 399 THEN '1' ELSE '0' END"


ACCESS = RunLogDialect(
    "access log",
    (),
    {
        "integration": (
            "regexp_replace(regexp_replace({request}, ' HTTP/[0-9.]+$', ''), '\\?.*$', '')",
            *(f"{{{m}}} || ' ' || regexp_replace({{{p}}}, '\\?.*$', '')" for m in _METHOD for p in _PATH),
        ),
        "run_id": ("{requestid}", "{xrequestid}", "{traceid}"),
        "started": tuple(
            f"{{{name}}}" for name in ("time", "timestamp", "timeiso8601", "starttime", "datetime", "ts")
        ),
        "status": tuple(map(_answered, _CODE)),
        "records": tuple(map(_moved, _CODE)),
        "bytes": ("{bytes}", "{bodybytessent}", "{bytessent}", "{size}"),
        "latency_ms": (
            "(try_cast({requesttime} AS DOUBLE) * 1000)::VARCHAR",
            "{durationms}", "{latencyms}", "{responsetimems}", "{elapsedms}", "{duration}",
        ),
    },
)  # fmt: skip
"""Access logs: the common and the combined format (httpd.apache.org/docs/2.4/logs.html#accesslog) and their kin as
JSON, a request a line. 5xx and 429 failed; other 4xx were answered and moved nothing: the fault is the caller's.
(The site reliability workbook counts 5xx only as bad, too: sre.google/workbook/implementing-slos.) Durations are seconds in
``request_time`` (nginx) and milliseconds elsewhere (Envoy's ``duration``)."""


def recognise(columns: Collection[str]) -> RunLogDialect:
    """Return the dialect of a file by its columns, squeezed; a run log of our own form where it is none other.

    >>> recognise({"executionid", "executiontime", "status"}).name, recognise({"integration", "started"}).name
    ('Boomi executions', 'run log')
    >>> recognise({"time", "method", "path", "status"}).name
    'access log'
    """
    if "integration" in columns:
        return OURS
    for dialect in (BOOMI, WORKATO):
        if all(mark in columns for mark in dialect.marks):
            return dialect
    asked = "request" in columns or (
        any(name in columns for name in _METHOD) and any(name in columns for name in _PATH)
    )
    return ACCESS if asked and any(name in columns for name in _CODE) else OURS


def map_columns(dialect: RunLogDialect, present: Collection[str]) -> dict[str, str]:
    """Return, for each column of a run log that a file can fill, the SQL over its columns.

    >>> map_columns(OURS, {"integration", "runid"})
    {'integration': '"integration"', 'run_id': '"runid"'}
    """
    found = {}
    for column, expressions in dialect.columns.items():
        for expression in expressions:
            needed = named(expression)
            if needed <= set(present):
                found[column] = expression.format_map({name: _cell(dialect, name) for name in needed})
                break
    return found


def _cell(dialect: RunLogDialect, name: str) -> str:
    return f'"{name}"' if dialect is OURS else f"nullif(trim(\"{name}\"), '')"


def named(expression: str) -> set[str]:
    """Return the columns that an expression names in braces.

    >>> sorted(named("coalesce({a}, {b})"))
    ['a', 'b']
    """
    return {part.split("}")[0] for part in expression.split("{")[1:]}
