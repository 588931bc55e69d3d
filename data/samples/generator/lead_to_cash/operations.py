"""Ninety days of run logs, as four schedulers write them, and the incidents that somebody wrote down."""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import dataclass
from pathlib import Path
from random import Random

from generator.ledger import write_csv, write_records, write_text

from .landscape import CONNECTIONS, Connection, Traffic

FIRST = dt.datetime(2026, 7, 3)
DAYS = 90
MONTH = 365.25 / 12
COLUMNS = ("integration", "run_id", "started", "finished", "status", "records", "bytes", "latency_ms", "attempt", "trigger", "error")  # fmt: skip
ERRORS = ("timeout", "connection refused", "HTTP 503", "schema: unknown field", "duplicate key", "disk quota")
HOURS = (1, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 10, 10, 11, 11, 10, 9, 9, 10, 10, 8, 5, 2)

Run = dict[str, object]


@dataclass(frozen=True)
class Failure:
    """A run that failed for good."""

    integration: str
    started: dt.datetime
    error: str


def days(random: Random, traffic: Traffic) -> list[float]:
    """Messages of each day: week, month end, level shift, and noise, scaled to the month."""
    shape = []
    for k in range(DAYS):
        day = FIRST + dt.timedelta(days=k)
        weight = traffic.weekend if day.weekday() > 4 else 1.0
        if (day + dt.timedelta(days=2)).day <= 2:
            weight *= traffic.month_end
        if traffic.shift and k >= traffic.shift[0]:
            weight *= traffic.shift[1]
        if traffic.silent_after is not None and k >= traffic.silent_after:
            weight = 0.0
        shape.append(weight * random.lognormvariate(0, 0.08))
    live = DAYS if traffic.silent_after is None else traffic.silent_after
    scale = traffic.month / MONTH * live / sum(shape)
    return [scale * weight for weight in shape]


def starts(traffic: Traffic) -> list[tuple[dt.datetime, float]]:
    """Return when runs start and the share of the day's (or week's, month's) messages that each moves."""
    if traffic.every == 0:
        return [(dt.datetime(2026, month, 5, 5, 0), 1.0) for month in (7, 8, 9)]
    if traffic.every >= 1440:
        step = traffic.every // 1440
        return [(FIRST + dt.timedelta(days=k, hours=2, minutes=15), 1.0) for k in range(3 % step, DAYS, step)]
    slots = range(0, 1440, traffic.every)
    day = [m for m in slots if traffic.every >= 240 or 300 <= m < 1320]
    weights = [float(HOURS[m // 60]) for m in day]
    return [
        (FIRST + dt.timedelta(days=k, minutes=m), weight / sum(weights))
        for k in range(DAYS)
        for m, weight in zip(day, weights, strict=True)
    ]


def runs(random: Random, connection: Connection) -> tuple[list[Run], list[Failure]]:
    """Return every attempt of an integration's runs in order, and the runs that failed for good."""
    traffic = connection.traffic
    assert traffic is not None
    id = str(connection.row["id"])
    daily = days(random, traffic)
    made: list[Run] = []
    failed = []
    for n, (start, share) in enumerate(starts(traffic)):
        k = (start - FIRST).days
        due = _due(traffic, daily, k) * share
        records = 0 if due == 0 else _poisson(random, due)
        attempts = _attempts(
            random, traffic, id, f"{id.split('-')[0][:3]}{n:05d}", start, records, connection
        )
        made += attempts
        if attempts[-1]["status"] == "failed":
            failed.append(Failure(id, start, str(attempts[-1]["error"])))
    return made + _tests(random, traffic, id), failed


def _due(traffic: Traffic, daily: list[float], k: int) -> float:
    if traffic.every == 0:
        return traffic.month
    span = max(1, traffic.every // 1440)
    return sum(daily[max(0, k - span + 1) : k + 1]) if span > 1 else daily[k]


def _poisson(random: Random, mean: float) -> int:
    """Draw a count; above 50 by the normal approximation."""
    if mean > 50:
        return max(0, round(random.gauss(mean, math.sqrt(mean))))
    limit, k, product = math.exp(-mean), 0, random.random()
    while product > limit:
        k, product = k + 1, product * random.random()
    return k


def _attempts(
    random: Random,
    traffic: Traffic,
    id: str,
    run: str,
    start: dt.datetime,
    records: int,
    connection: Connection,
) -> list[Run]:
    made = []
    for attempt in (1, 2, 3):
        fails = random.random() < (traffic.failing if attempt == 1 else 0.25)
        started = start + dt.timedelta(minutes=7 * (attempt - 1), seconds=random.randint(0, 4))
        took = traffic.seconds * random.lognormvariate(0, 0.15) * (random.uniform(0.05, 0.9) if fails else 1)
        moved = (
            int(records * random.random() * 0.3)
            if fails and traffic.file == "etl"
            else 0
            if fails
            else records
        )
        status = "failed" if fails else "warning" if records and random.random() < 0.004 else "success"
        delay = traffic.delay * random.lognormvariate(0, 0.35) if traffic.delay else took
        made.append(
            {
                "integration": id,
                "run_id": run,
                "started": started,
                "finished": started + dt.timedelta(seconds=max(1, round(took))),
                "status": status,
                "records": moved,
                "bytes": int(moved * float(str(connection.row["message_kb"])) * 1024),
                "latency_ms": None if fails else round(delay * 1000),
                "attempt": attempt,
                "trigger": "schedule" if traffic.file in ("etl", "middleware") else "event",
                "error": random.choice(ERRORS) if fails else "rows skipped" if status == "warning" else "",
            }
        )
        if not fails or random.random() < 0.3:
            break
    return made


def _tests(random: Random, traffic: Traffic, id: str) -> list[Run]:
    if traffic.file != "middleware":
        return []
    made: list[Run] = []
    for n in range(8):
        started = FIRST + dt.timedelta(days=3 + 11 * n, hours=10, minutes=random.randint(0, 59))
        made.append(
            {
                "integration": id, "run_id": f"test{id.split('-')[0][:3]}{n}", "started": started,
                "finished": started + dt.timedelta(seconds=40), "status": random.choice(("success", "failed")),
                "records": 5000, "bytes": 5_000_000, "latency_ms": 90_000, "attempt": 1, "trigger": "test", "error": "",
            }
        )  # fmt: skip
    return made


def write(random: Random, folder: Path) -> list[tuple[str, ...]]:
    """Write run logs and incidents; return the ledger lines of the lines that are broken."""
    files: dict[str, list[Run]] = {}
    failures: list[Failure] = []
    for connection in CONNECTIONS:
        if connection.traffic:
            made, failed = runs(Random(f"{connection.row['id']}"), connection)
            files.setdefault(connection.traffic.file, []).extend(made)
            failures += failed
    broken: list[tuple[str, ...]] = []
    for name, rows in sorted(files.items()):
        rows.sort(key=lambda row: (row["started"], row["integration"], row["attempt"]))
        if name == "broker":
            broken += _write_jsonl(folder / "broker_runs.jsonl", rows)
        else:
            broken += _write_log(random, folder / f"{name}_runs.csv", rows)
    _write_incidents(random, folder / "incidents.csv", failures)
    return broken


def _cells(row: Run) -> list[object]:
    return [f"{v:%Y-%m-%dT%H:%M:%SZ}" if isinstance(v, dt.datetime) else v for v in (row[c] for c in COLUMNS)]


def _write_log(random: Random, path: Path, rows: list[Run]) -> list[tuple[str, ...]]:
    """Write a log in csv; the middleware's was cut off a few times when its disk was full."""
    write_csv(path, COLUMNS, map(_cells, rows))
    if not path.name.startswith("middleware"):
        return []
    lines = path.read_text("utf-8").split("\n")
    broken = []
    for at in sorted(random.sample(range(100, len(lines) - 100), 12)):
        lines[at] = lines[at][: random.randint(30, 45)]
        broken.append(("operations", path.name, str(at - 1), "", "malformed-line", "cut off"))
    write_text(path, "\n".join(lines))
    return broken


def _write_jsonl(path: Path, rows: list[Run]) -> list[tuple[str, ...]]:
    lines = [json.dumps(dict(zip(COLUMNS, _cells(row), strict=True)), separators=(",", ":")) for row in rows]
    broken = []
    for at in range(310, len(lines), 600):
        lines[at] = lines[at][:60]
        broken.append(("operations", path.name, str(at), "", "malformed-line", "cut off"))
    write_text(path, "\n".join(lines) + "\n")
    return broken


INCIDENT_COLUMNS = (
    "id",
    "integration",
    "started",
    "detected",
    "resolved",
    "severity",
    "reopened",
    "description",
)


def _write_incidents(random: Random, path: Path, failures: list[Failure]) -> None:
    """Write the failures that somebody noticed: those of the finance runs mostly by a customer's call."""
    noticed = [f for f in failures if not f.integration.startswith(("price", "return", "sales"))]
    chosen = sorted(random.sample(noticed, min(26, len(noticed))), key=lambda f: (f.started, f.integration))
    records: list[dict[str, object]] = []
    for k, failure in enumerate(chosen):
        detected = failure.started + dt.timedelta(minutes=int(25 + 260 * random.lognormvariate(0, 0.9)))
        resolved = detected + dt.timedelta(minutes=int(40 + 300 * random.lognormvariate(0, 1.0)))
        late = resolved > dt.datetime(2026, 9, 30, 20) or k in (9, 17, 23)
        records.append(
            {
                "id": f"INC-{1001 + k}",
                "integration": failure.integration,
                "started": f"{failure.started:%Y-%m-%dT%H:%M:%SZ}",
                "detected": f"{detected:%Y-%m-%dT%H:%M:%SZ}",
                "resolved": None if late else f"{resolved:%Y-%m-%dT%H:%M:%SZ}",
                "severity": random.choices(("low", "medium", "high", "critical"), (25, 45, 24, 6))[0],
                "reopened": random.choices((0, 1, 2), (80, 15, 5))[0],
                "description": f"{failure.error}; noticed by {random.choice(('a customer', 'the team', 'finance at closing', 'the warehouse'))}",
            }
        )
    write_records(path, records, INCIDENT_COLUMNS)
