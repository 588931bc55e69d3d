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
    assert found.as_of == dt.datetime(2000, 10, 10, 20, 58, 36, 500_000)  # its answer took half a second


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


def at(seconds=0):
    return (dt.datetime(2026, 9, 1, 10, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)).isoformat()


MS = 1788256800000
"""1 September 2026, 10:00 UTC, in milliseconds since 1970."""
GLUE = {
    "Id": "jr_1",
    "JobName": "pay",
    "JobRunState": "SUCCEEDED",
    "StartedOn": 1788256800.123,
    "CompletedOn": 1788256860.5,
    "ExecutionTime": 60,
}
SPAN = {
    "traceID": "a1",
    "spanID": "b1",
    "operationName": "GET /pay",
    "processID": "p1",
    "startTime": MS * 1000,
    "duration": 60_000_000,
    "references": [],
    "tags": [{"key": "span.kind", "value": "server"}],
}
IIS = """#Software: Microsoft Internet Information Services 10.0
#Version: 1.0
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port sc-status sc-bytes time-taken
2026-09-01 10:00:00 10.0.0.1 GET /pay - 443 200 512 60000
2026-09-01 10:01:00 10.0.0.1 GET /pay a=1 443 503 0 60000
"""
CLOUDFRONT = """#Version: 1.0
#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) time-taken
2026-09-01\t10:00:00\tFRA2\t512\t192.0.2.1\tGET\td1.cloudfront.net\t/pay\t200\t-\t60.001
2026-09-01\t10:01:00\tFRA2\t0\t192.0.2.1\tGET\td1.cloudfront.net\t/pay\t503\t-\t60.000
"""
FORMATS = {
    "AWS Step Functions": ("x.json", {"executions": [{"executionArn": f"arn:e:{n}", "stateMachineArn": "arn:aws:states:eu:1:stateMachine:pay", "name": str(n), "status": s, "startDate": at(), "stopDate": at(60)} for n, s in enumerate(["SUCCEEDED", "TIMED_OUT"])]}),
    "AWS Glue job runs": ("x.json", {"JobRuns": [GLUE, GLUE | {"Id": "jr_2", "JobRunState": "FAILED"}]}),
    "Amazon AppFlow": ("pay.json", {"flowExecutions": [{"executionId": str(n), "executionStatus": s, "startedAt": at(), "lastUpdatedAt": at(60), "executionResult": {"bytesProcessed": 2048, "recordsProcessed": 12}} for n, s in enumerate(["Successful", "Error"])]}),
    "Informatica": ("x.json", [{"id": str(n), "type": "MTT", "objectName": "pay", "runId": n, "startTime": at(), "endTime": at(60), "state": s, "successTargetRows": 12, "failedTargetRows": 0, "errorMsg": ""} for n, s in enumerate([1, 3])]),
    "Airbyte": ("x.json", {"data": [{"jobId": n, "status": s, "jobType": "sync", "startTime": at(), "connectionId": "pay", "lastUpdatedAt": at(61), "duration": "PT1M", "bytesSynced": 2048, "rowsSynced": 12} for n, s in enumerate(["succeeded", "failed"])]}),
    "SnapLogic": ("x.json", {"response_map": {"entries": [{"ruuid": str(n), "status": s, "label": "pay", "pipeline_path": "/org/pay", "start_time": at(), "end_time": at(60), "elapsed": 60} for n, s in enumerate(["completed", "failed"])]}}),
    "Talend": ("x.json", {"items": [{"executionId": str(n), "taskId": "pay", "status": s, "startTime": at(), "endTime": at(60), "duration": 60000, "rowsProcessed": 12} for n, s in enumerate(["SUCCESS", "FAILURE"])]}),
    "Databricks jobs": ("x.json", {"runs": [{"job_id": 1, "run_id": n, "run_name": "pay", "original_attempt_run_id": n, "state": {"life_cycle_state": "TERMINATED", "result_state": s}, "start_time": MS, "end_time": MS + 60000, "attempt_number": 0, "trigger": "PERIODIC"} for n, s in enumerate(["SUCCESS", "FAILED"])], "has_more": False}),
    "GitHub Actions": ("x.json", {"total_count": 2, "workflow_runs": [{"id": n, "name": "pay", "run_attempt": 1, "event": "schedule", "status": "completed", "conclusion": s, "workflow_id": 7, "run_started_at": at(), "updated_at": at(60)} for n, s in enumerate(["success", "failure"])]}),
    "Jenkins": ("x.json", {"builds": [{"number": n, "fullDisplayName": f"pay #{n}", "result": s, "timestamp": MS, "duration": 60000} for n, s in enumerate(["SUCCESS", "FAILURE"])]}),
    "Spring Batch": ("x.csv", f"JOB_EXECUTION_ID,VERSION,JOB_NAME,CREATE_TIME,START_TIME,END_TIME,STATUS,EXIT_CODE,EXIT_MESSAGE\n1,2,pay,{at()},{at()},{at(60)},COMPLETED,COMPLETED,\n2,2,pay,{at()},{at()},{at(60)},FAILED,FAILED,x\n"),
    "Celigo jobs": ("x.json", [{"_id": str(n), "_flowId": "pay", "startedAt": at(), "endedAt": at(60), "status": s, "numSuccess": 12, "numError": 0} for n, s in enumerate(["completed", "failed"])]),
    "Prefect": ("x.json", [{"id": str(n), "flow_id": "pay", "state_type": s, "start_time": at(), "end_time": at(60)} for n, s in enumerate(["COMPLETED", "CRASHED"])]),
    "Kong": ("x.jsonl", "\n".join(json.dumps({"started_at": MS, "request": {"method": "GET", "uri": "/pay?a=1", "id": str(n)}, "response": {"status": s, "size": 512}, "latencies": {"request": 60000, "kong": 1}}) for n, s in enumerate([200, 503]))),
    "Traefik": ("x.log", "\n".join(json.dumps({"StartUTC": at(), "RequestMethod": "GET", "RequestPath": "/pay", "DownstreamStatus": s, "Duration": 60_000_000_000, "DownstreamContentSize": 512}) for s in (200, 502))),
    "Caddy": ("x.log", "\n".join(json.dumps({"ts": MS / 1000, "request": {"method": "GET", "uri": "/pay"}, "duration": 60.0, "size": 512, "status": s}) for s in (200, 502))),
    "IIS": ("x.log", IIS),
    "traces of Jaeger": ("x.json", {"data": [{"traceID": "a1", "processes": {"p1": {"serviceName": "shop"}}, "spans": [SPAN, SPAN | {"spanID": "b2", "tags": [{"key": "span.kind", "value": "server"}, {"key": "error", "value": True}]}, SPAN | {"spanID": "b3", "tags": [], "references": [{"refType": "CHILD_OF", "spanID": "b1"}]}]}]}),
    "Azure Data Factory in Log Analytics": ("x.csv", f"TimeGenerated,PipelineName,RunId,Start,End,Status,ErrorMessage\n{at(60)},pay,1,{at()},{at(60)},Succeeded,\n{at(60)},pay,2,{at()},{at(60)},Failed,x\n"),
    "Azure Logic Apps": ("x.json", {"value": [{"properties": {"startTime": at(), "endTime": at(60), "status": s, "workflow": {"name": "7"}}, "id": f"/subscriptions/s/providers/Microsoft.Logic/workflows/pay/runs/{n}", "name": str(n)} for n, s in enumerate(["Succeeded", "TimedOut"])]}),
    "SAP Integration Suite": ("x.json", {"d": {"results": [{"MessageGuid": str(n), "IntegrationFlowName": "pay", "Status": s, "LogStart": f"/Date({MS})/", "LogEnd": f"/Date({MS + 60000})/"} for n, s in enumerate(["COMPLETED", "ESCALATED"])]}}),
    "n8n": ("x.json", {"data": [{"id": str(n), "finished": not n, "mode": "trigger", "retryOf": None, "startedAt": at(), "stoppedAt": at(60), "workflowId": "pay", "status": s} for n, s in enumerate(["success", "crashed"])]}),
    "Apache Airflow": ("x.json", {"dag_runs": [{"dag_run_id": str(n), "dag_id": "pay", "start_date": at(), "end_date": at(60), "state": s, "run_type": "scheduled"} for n, s in enumerate(["success", "failed"])]}),
    "Zapier": ("x.csv", f"zap_title,status,start_time,end_time,zap_run_id\npay,success,{at()},{at(60)},1\npay,error,{at()},{at(60)},2\n"),
    "Oracle Integration": ("x.json", {"items": [{"id": str(n), "integrationId": "PAY|01.00", "integrationName": "pay", "mepType": "SCHEDULED", "creationDate": at(), "lastTrackedTime": at(60), "status": s} for n, s in enumerate(["COMPLETED", "ABORTED"])]}),
    "Make": ("pay.json", {"scenarioLogs": [{"imtId": str(n), "duration": 60000, "operations": 12, "transfer": 2048, "type": "auto", "timestamp": at(), "status": s} for n, s in enumerate([1, 3])]}),
    "Camunda": ("x.json", [{"id": str(n), "processDefinitionKey": "pay", "startTime": "2026-09-01T12:00:00.000+0200", "endTime": "2026-09-01T12:01:00.000+0200", "durationInMillis": 60000, "superProcessInstanceId": None, "state": s} for n, s in enumerate(["COMPLETED", "EXTERNALLY_TERMINATED"])]),
    "GitLab pipelines": ("x.json", [{"id": n, "iid": n, "project_id": 1, "sha": "a", "ref": "main", "status": s, "source": "schedule", "created_at": at(), "updated_at": at(60), "web_url": f"https://gitlab.example.com/group/pay/-/pipelines/{n}"} for n, s in enumerate(["success", "canceled"])]),
    "Azure DevOps builds": ("x.json", {"count": 2, "value": [{"id": n, "buildNumber": str(n), "status": "completed", "result": s, "queueTime": at(-5), "startTime": at(), "finishTime": at(60), "definition": {"id": 1, "name": "pay"}, "reason": "schedule"} for n, s in enumerate(["succeeded", "failed"])]}),
    "Google Cloud Workflows": ("x.json", {"executions": [{"name": f"projects/1/locations/europe-west1/workflows/pay/executions/{n}", "startTime": at(), "endTime": at(60), "state": s, "workflowRevisionId": "000001-a"} for n, s in enumerate(["SUCCEEDED", "FAILED"])]}),
    "Google Cloud Dataflow": ("x.json", {"jobs": [{"id": str(n), "name": "pay", "type": "JOB_TYPE_BATCH", "currentState": s, "currentStateTime": at(60), "createTime": at(-5), "startTime": at()} for n, s in enumerate(["JOB_STATE_DONE", "JOB_STATE_CANCELLED"])]}),
    "UiPath jobs": ("x.json", {"value": [{"Key": str(n), "ReleaseName": "pay", "StartTime": at(), "EndTime": at(60), "State": s, "SourceType": "Schedule", "Info": ""} for n, s in enumerate(["Successful", "Faulted"])]}),
    "Argo Workflows": ("x.json", {"items": [{"metadata": {"name": f"pay-{n}", "generateName": "pay-", "uid": str(n)}, "status": {"phase": s, "startedAt": at(), "finishedAt": at(60)}} for n, s in enumerate(["Succeeded", "Error"])]}),
    "Dagster": ("x.json", [{"runId": str(n), "jobName": "pay", "status": s, "startTime": MS / 1000 + 0.5, "endTime": MS / 1000 + 60.5} for n, s in enumerate(["SUCCESS", "FAILURE"])]),
    "dbt Cloud": ("70.json", {"data": [{"id": n, "job_definition_id": "pay", "status": s, "status_humanized": None, "created_at": at(-5), "started_at": at(), "finished_at": at(60)} for n, s in enumerate([10, 20])]}),
    "Rundeck": ("x.json", {"executions": [{"id": n, "status": s, "executionType": "scheduled", "date-started": {"unixtime": MS, "date": at()}, "date-ended": {"unixtime": MS + 60000, "date": at(60)}, "job": {"id": "j", "name": "pay"}} for n, s in enumerate(["succeeded", "timedout"])]}),
    "Temporal": ("x.json", [{"execution": {"workflowId": "w", "runId": str(n)}, "type": {"name": "pay"}, "startTime": at(), "closeTime": at(60), "status": f"WORKFLOW_EXECUTION_STATUS_{s}"} for n, s in enumerate(["COMPLETED", "TIMED_OUT"])]),
    "Salesforce Bulk API": ("x.json", {"done": True, "records": [{"id": str(n), "operation": "upsert", "object": "pay", "createdDate": "2026-09-01T10:00:00.000+0000", "systemModstamp": "2026-09-01T10:01:00.000+0000", "state": s, "numberRecordsProcessed": 12} for n, s in enumerate(["JobComplete", "Aborted"])]}),
    "Power BI refreshes": ("pay.json", {"value": [{"requestId": str(n), "id": n, "refreshType": "Scheduled", "startTime": at(), "endTime": at(60), "status": s} for n, s in enumerate(["Completed", "Failed"])]}),
    "Azure Application Insights": ("x.csv", f"TimeGenerated,Id,Name,DurationMs,Success,ResultCode\n{at()},1,GET /pay,60000,True,200\n{at()},2,GET /pay,60000,False,500\n"),
    "Google Cloud HTTP requests": ("x.json", [{"insertId": str(n), "timestamp": at(), "httpRequest": {"requestMethod": "GET", "requestUrl": "https://shop.example.com/pay?a=1", "status": s, "responseSize": "512", "latency": "60.000001s"}} for n, s in enumerate([200, 502])]),
    "Cloudflare": ("x.jsonl", "\n".join(json.dumps({"RayID": str(n), "ClientRequestMethod": "GET", "ClientRequestURI": "/pay?a=1", "EdgeStartTimestamp": MS * 1_000_000, "EdgeEndTimestamp": (MS + 60000) * 1_000_000, "EdgeResponseStatus": s, "EdgeResponseBytes": 512}) for n, s in enumerate([200, 522]))),
    "Amazon CloudFront": ("x.log", CLOUDFRONT),
    "columns by name": ("x.csv", "Schnittstelle;Beginn;Ende;Ergebnis;Datensätze\npay;01.09.2026 10:00:00;01.09.2026 10:01:00;erfolgreich;1.200\npay;13.09.2026 10:00:00;13.09.2026 10:01:00;fehlgeschlagen;0\n"),
}  # fmt: skip
"""Two runs of a minute, the second of which failed, as the products' public documentation writes them."""
CALLED = "name,integration\nGET /pay,pay\nshop GET /pay,pay\n"


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_is_read_as_the_product_writes_it(measure, form):
    found = measure(*FORMATS[form], names=CALLED)
    (log,) = found.logs
    assert (log.problem, log.malformed, log.unknown) == ("", 0, 0)
    assert log.form == form
    seen = found.of("pay")
    assert (seen.runs, seen.delivered, seen.failed) == (2, 1, 1)
    assert seen.latency.p50.likely == pytest.approx(60, abs=0.5)
    assert seen.first_day == dt.date(2026, 9, 1)


def test_days_and_months_that_can_be_exchanged_are_refused_until_somebody_says_the_order(measure, tmp_path):
    rows = "integration,started,status\npay,09/10/2026 10:00,success\npay,09/11/2026 10:00,failed\n"
    found = measure("x.csv", rows)
    assert "days and months can be exchanged: 09/10/2026 10:00" in found.logs[0].problem
    (tmp_path / "operations" / "columns.csv").write_text(
        "file,found,meaning,form\noperations/x.csv,started,started,mdy\n"
    )
    assert measure("x.csv", rows).of("pay").first_day == dt.date(2026, 9, 10)


def test_columns_that_nobody_knows_are_named_with_a_proposal_and_may_be_explained(measure, tmp_path):
    rows = "x1,x2,x3\npay,2026-09-01 10:00,OK\npay,2026-09-02 10:00,Fehler\n"
    found = measure("x.csv", rows)
    assert found.of("pay") is None
    (log,) = found.logs
    assert "it has x1, x2, x3: say in operations/columns.csv which is which" in log.problem
    assert [(c.name, c.meaning) for c in log.columns] == [("x1", ""), ("x2", "started"), ("x3", "status")]
    assert log.columns[1].samples == ("«2026-09-01 10:00»", "«2026-09-02 10:00»")
    said = "found,meaning\nx1,integration\nx2,started\nx3,status\n"
    (tmp_path / "operations" / "columns.csv").write_text(said)
    seen = measure("x.csv", rows).of("pay")
    assert (seen.delivered, seen.failed) == (1, 1)


def test_moments_without_an_offset_are_of_the_engagement_s_zone(measure, tmp_path):
    rows = "integration,started,status\npay,2026-09-01 00:30,success\n"
    assert measure("x.csv", rows).of("pay").first_day == dt.date(2026, 9, 1)
    text = (tmp_path / "engagement.yaml").read_text()
    assert "Test" in text
    from assess.evidence.operations.log import connect, read_logs

    with connect() as engine:
        read_logs(engine, [("x.csv", tmp_path / "operations" / "x.csv")], zone="Europe/Berlin")
        assert engine.execute("SELECT started FROM attempts").fetchall() == [
            (dt.datetime(2026, 8, 31, 22, 30),)
        ]


@pytest.mark.parametrize("line", ["2026-09-01 10:00:00.123 INFO [[pay].uber.01] org.mule: order received", "2026-09-01 10:00:00.123  INFO 1 --- [ #1] pay-route : Exchange[InOnly]"])  # fmt: skip
def test_an_application_log_is_refused_with_what_to_export(measure, line):
    found = measure("app.log", line + "\n")
    assert "its lines are messages, not runs" in found.logs[0].problem
    assert found.of("pay") is None


def test_a_duration_without_a_unit_is_none_and_one_that_names_it_is_read(measure):
    head = "integration,started,status,duration\n"
    rows = "".join(
        f"pay,2026-09-0{n + 1}T10:00:00Z,Succès,{d}\n"
        for n, d in enumerate(["3", "4.5s", "120 ms", "00:01:00", "PT2M"])
    )
    seen = measure("x.csv", head + rows).of("pay")
    assert (seen.delivered, seen.latency.runs) == (5, 4)
    assert (seen.latency.p50.likely, seen.latency.p99.likely) == (4.5, 120)


def test_columns_of_another_tool_are_proposed_by_their_names_and_values(measure):
    rows = "connector,sync_start,sync_end,sync_status\npay,2026-09-01 10:00,2026-09-01 10:05,SUCCESSFUL\npay,2026-09-02 10:00,2026-09-02 10:05,FAILURE\n"
    (log,) = measure("x.csv", rows).logs
    assert {c.name: c.meaning for c in log.columns} == {
        "connector": "integration", "sync_start": "started", "sync_end": "finished", "sync_status": "status"
    }  # fmt: skip


def test_codes_of_http_in_a_status_mean_what_they_say(measure, tmp_path):
    rows = '{"EdgeStart": "2026-09-01T10:00:00Z", "Route": "pay", "EdgeStatus": 200}\n{"EdgeStart": "2026-09-01T10:01:00Z", "Route": "pay", "EdgeStatus": 503}\n'
    measure("x.jsonl", rows)
    (tmp_path / "operations" / "columns.csv").write_text(
        "found,meaning\nEdgeStart,started\nEdgeStatus,status\n"
    )
    seen = measure("x.jsonl", rows).of("pay")
    assert (seen.delivered, seen.failed) == (1, 1)
