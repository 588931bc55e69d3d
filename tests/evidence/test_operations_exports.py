"""Exports of integration tools, written after their published field lists, read into runs."""

from __future__ import annotations

import datetime as dt
import gzip
import json

import pytest

from assess import intake
from assess.evidence import operations

NAMES = "name,integration\nUpdate customer contact details,pay\nPOST /v1/orders*,pay\nOrders to ERP,pay\nshop POST /v1/orders,pay\n"


@pytest.fixture
def measure(tmp_path):
    """Measure one file of run logs, by its name and content."""

    def measured(name, content, names=NAMES):
        (tmp_path / "operations").mkdir(exist_ok=True)
        (tmp_path / "engagement.yaml").write_text("client: Test\n")
        (tmp_path / "systems.csv").write_text("id\na\nb\n")
        (tmp_path / "integrations.csv").write_text("id,source,target\npay,a,b\nother,b,a\n")
        (tmp_path / "operations" / "names.csv").write_text(names)
        data = content if isinstance(content, bytes | str) else json.dumps(content)
        (tmp_path / "operations" / name).write_bytes(data if isinstance(data, bytes) else data.encode())
        return operations.measure(intake.load(tmp_path))

    return measured


def job(id="j-1", status="succeeded", day=19, **more):
    """A job as docs.workato.com shows it in its sample of the job history."""
    return {
        "id": id, "master_job_id": id, "recipe_id": 3026581, "status": status, "is_repeat": False, "is_test": False,
        "started_at": f"2022-10-{day}T22:30:46-07:00", "completed_at": f"2022-10-{day}T22:30:48-07:00",
        "flow_id": 3026581, "is_poll_error": False, "error": None,
        "context": {"recipe_name": "Update customer contact details", "user_name": "Somebody"}, **more,
    }  # fmt: skip


@pytest.mark.parametrize("form", ["jobs.jsonl", "jobs.json", "jobs.json.gz"])
def test_jobs_of_workato_in_every_form_of_json(measure, form):
    jobs = [
        job("j-1", "failed"),
        job("j-2", is_repeat=True, repeat_count=1, master_job_id="j-1", started_at="2022-10-19T22:40:46-07:00",
            completed_at="2022-10-19T22:40:49-07:00"),
        job("j-3"),
        job("j-4", is_test=True),
        job("j-5", calling_job_id="j-3"),
        job("j-6", "pending", completed_at=None),
        job("j-7", "failed", day=20),
    ]  # fmt: skip
    content = "\n".join(map(json.dumps, jobs)) if form.endswith("jsonl") else json.dumps({"items": jobs})
    found = measure(form, gzip.compress(content.encode()) if form.endswith("gz") else content)
    assert found.logs[0].form == "Workato jobs"
    assert (found.logs[0].lines, found.logs[0].malformed) == (7, 0)
    seen = found.of("pay")
    assert (seen.runs, seen.delivered, seen.failed, seen.retries) == (4, 2, 1, 1)
    assert (seen.tests, seen.children, seen.unfinished) == (1, 1, 1)
    assert seen.latency.p99.likely == 603  # the repeated job: ten minutes later, three seconds long


def test_jobs_that_name_no_recipe_are_of_the_recipe_of_the_file(measure):
    """The list of jobs of one recipe: id, flow_run_id, started_at, completed_at, title, is_error."""
    items = [
        {"id": f"j-{n}", "flow_run_id": n, "completed_at": "2015-01-02T01:02:05.000Z",
         "started_at": "2015-01-02T01:02:03.000Z", "title": "x", "is_poll_error": False, "error": None, "is_error": n == 2}
        for n in range(3)
    ]  # fmt: skip
    seen = measure("28904.json", {"job_count": 3, "items": items}, "name,integration\n28904,pay\n").of("pay")
    assert (seen.runs, seen.delivered, seen.failed) == (3, 2, 1)


def execution(n, status="COMPLETE", kind="exec_sched", **more):
    """An Execution Record as developer.boomi.com lists its fields."""
    return {
        "@type": "ExecutionRecord", "executionId": f"execution-{n}", "account": "boomi-1", "executionTime": f"2016-01-31T15:{n:02}:00Z",
        "status": status, "executionType": kind, "processName": "Orders to ERP", "processId": "p-1", "atomName": "a",
        "inboundDocumentCount": 10, "inboundErrorDocumentCount": 2, "outboundDocumentCount": 99,
        "executionDuration": ["Long", 1200], "inboundDocumentSize": ["Long", 4000], "message": "", **more,
    }  # fmt: skip


RECORDS = [
    execution(1),
    execution(2, "COMPLETE_WARN"),
    execution(3, "ERROR"),
    execution(4, "COMPLETE", "retry_manual", originalExecutionId="execution-3"),
    execution(5, "ABORTED"),
    execution(6, "INPROCESS"),
    execution(7, "DISCARDED"),
    execution(8, "COMPLETE", "test_manual"),
    execution(9, "COMPLETE", "sub_process", parentExecutionId="execution-1"),
    execution(10, "COMPLETE", "exec_manual"),
]


def test_executions_of_boomi(measure):
    found = measure("boomi.json", {"@type": "QueryResult", "numberOfResults": 10, "result": RECORDS})
    log, seen = found.logs[0], found.of("pay")
    assert (log.form, log.lines, log.malformed) == ("Boomi executions", 10, 1)
    assert dict(log.reasons) == {"skipped: it never ran": 1}
    assert (seen.runs, seen.delivered, seen.failed, seen.unfinished) == (6, 4, 1, 1)
    assert (seen.warnings, seen.retries, seen.tests, seen.children, seen.manual) == (1, 1, 1, 1, 2)
    assert seen.daily == (4 * (10 - 2),)
    assert seen.latency.p50.likely == 1.2


def test_the_same_executions_as_a_table(measure):
    columns = ("executionId", "executionTime", "status", "executionType", "processName", "inboundDocumentCount",
               "inboundErrorDocumentCount", "executionDuration", "originalExecutionId", "parentExecutionId")  # fmt: skip
    rows = [",".join(columns)]
    for record in RECORDS:
        plain = record | {"executionDuration": 1200}
        rows.append(",".join(str(plain.get(column, "")) for column in columns))
    seen = measure("boomi.csv", "\n".join(rows)).of("pay")
    assert (seen.runs, seen.delivered, seen.failed, seen.manual) == (6, 4, 1, 2)
    assert seen.latency.p50.likely == 1.2


ACCESS = """\
127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "POST /v1/orders?key=1 HTTP/1.0" 201 2326
127.0.0.1 - frank [10/Oct/2000:13:56:36 -0700] "POST /v1/orders/7 HTTP/1.1" 503 0 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"
127.0.0.1 - - [10/Oct/2000:13:57:36 -0700] "POST /v1/orders HTTP/1.1" 404 - "-" "curl" 0.250
127.0.0.1 - - [10/Oct/2000:13:58:36 -0700] "POST /v1/orders HTTP/1.1" 200 100 "-" "curl" rt=0.500
127.0.0.1 - - [10/Oct/2000:13:58:36 -0700] "GET /favicon.ico HTTP/1.1" 200 100
127.0.0.1 - - [10/Foo/2000:13:58:36 -0700] "GET /favicon.ico HTTP/1.1" 200 100
not a line at all
"""


def test_access_logs_in_the_common_and_the_combined_format(measure):
    """The first line is the example of the Apache documentation; 13:55 at -0700 is 20:55 UTC."""
    found = measure("access.log", ACCESS)
    log, seen = found.logs[0], found.of("pay")
    assert (log.form, log.lines, log.attempts, log.malformed) == ("access log", 7, 5, 2)
    assert (seen.runs, seen.delivered, seen.failed, seen.warnings) == (4, 3, 1, 1)
    assert seen.daily == (2,)
    assert seen.latency.runs == 2
    assert seen.latency.p99.likely == 0.5
    assert found.unknown == ("GET /favicon.ico",)
    assert found.as_of == dt.datetime(2000, 10, 10, 20, 58, 36)


@pytest.mark.parametrize(
    "line",
    [
        {"time": "2026-01-01T06:00:00Z", "request": "POST /v1/orders HTTP/1.1", "status": 200, "request_time": "0.250"},
        {"@timestamp": "2026-01-01T06:00:00Z", "method": "POST", "path": "/v1/orders?a=b", "status": "200", "duration": 250},
        {"start_time": "2026-01-01T06:00:00.000Z", "method": "POST", "path": "/v1/orders", "response_code": 204, "duration": 250},
        {"ts": 1767247200.0, "request_method": "POST", "uri": "/v1/orders", "status": 200, "duration_ms": 250.0},
    ],
    ids=["nginx", "elastic", "envoy", "epoch"],
)  # fmt: skip
def test_access_logs_as_json(measure, line):
    found = measure("access.log", json.dumps(line) + "\n")
    seen = found.of("pay")
    assert (seen.runs, seen.delivered, seen.daily) == (1, 1, (1,))
    assert seen.latency.p50.likely == 0.25
    assert seen.first_day == dt.date(2026, 1, 1)


def span(n, *, kind=2, parent="", code=None, minutes=0, name="POST /v1/orders", **attributes):
    """A span as opentelemetry.io writes it: hexadecimal ids, 64-bit numbers as text."""
    start = 1544712660000000000 + minutes * 60_000_000_000
    made = {
        "traceId": f"5b8efff798038103d269b633813fc6{n:02x}", "spanId": f"eee19b7ec3c1b1{n:02x}", "parentSpanId": parent,
        "name": name, "kind": kind, "startTimeUnixNano": str(start), "endTimeUnixNano": str(start + 1_500_000_000),
        "attributes": [{"key": k.replace("__", "."), "value": {"intValue": str(v)}} for k, v in attributes.items()],
    }  # fmt: skip
    return made if code is None else made | {"status": {"code": code, "message": "no"}}


def batch(*spans):
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {}, "spans": list(spans)}]}]}


SPANS = (
    span(1, messaging__batch__message_count=7),
    span(2, code=2, minutes=1),
    span(3, kind=1, parent="eee19b7ec3c1b101"),
    span(4, kind="SPAN_KIND_CONSUMER", parent="eee19b7ec3c1b199", code=1),
    span(5)
    | {"traceId": "W4pv+YA4EDPSabM4E/xsAg=="},  # an id in base 64, as a converter for protobuf leaves it
    span(6) | {"startTimeUnixNano": None},
)


@pytest.mark.parametrize("form", ["traces.json", "traces.jsonl"])
def test_traces_in_otlp(measure, form):
    content = batch(*SPANS) if form.endswith("json") else "\n".join(json.dumps(batch(s)) for s in SPANS)
    found = measure(form, content)
    log, seen = found.logs[0], found.of("pay")
    assert (log.lines, log.attempts, log.malformed) == (6, 4, 2)
    assert (seen.runs, seen.delivered, seen.failed, seen.children) == (3, 2, 1, 1)
    assert seen.daily == (7,)
    assert seen.latency.p50.likely == 1.5
    assert seen.first_day == dt.date(2018, 12, 13)


def test_a_name_of_the_log_leads_to_its_integration_the_closest_pattern_first(measure):
    lines = "integration,started,status\n" + "".join(
        f"{name},2026-01-0{day}T00:00:00Z,success\n"
        for day, name in enumerate(("pay", "PAY", "orders 7", "orders x 7", "none"), 1)
    )
    found = measure("runs.csv", lines, "name,integration\norders*,pay\norders x*,other\n")
    assert found.of("pay").runs == 3
    assert found.of("other").runs == 1
    assert found.unknown == ("none",)


WORDS = ("order", "select", "group", "user", "end", "2nd", "a'b", 'c"d', "e.f", "$", "ü")


def test_columns_may_be_called_anything(measure):
    """Words of SQL, quotation marks and dots in the names of columns that are not ours."""
    head = ",".join(
        ("integration", "started", "status", *('"' + word.replace('"', '""') + '"' for word in WORDS))
    )
    row = ",".join(("pay", "2026-01-01T00:00:00Z", "success", *WORDS)).replace('c"d', "x")
    assert measure("runs.csv", f"{head}\n{row}\n").of("pay").runs == 1
    record = {"integration": "pay", "started": "2026-01-01T00:00:00Z", "status": "success"} | dict.fromkeys(
        WORDS, 1
    )
    assert measure("runs.jsonl", json.dumps(record)).of("pay").runs == 2
    assert measure("runs.json", [record]).of("pay").runs == 3


@pytest.mark.parametrize("content", ["{", "[1, 2]", '"x"', "{}", "[]", "null"])
def test_a_document_that_is_no_export_says_so(measure, content):
    found = measure("jobs.json", content)
    assert not found.traffic
    log = found.logs[0]
    assert log.problem or log.malformed == log.lines
    assert any(finding.severity == "high" for finding in found.findings)
