"""The sample's contracts, and contracts that can't be judged."""

import datetime as dt
import json
from pathlib import Path

import jsonschema_rs
import pytest

from assess.evidence import contracts, operations
from assess.evidence.contracts import document
from assess.intake import load

SAMPLE = "data/samples/lead_to_cash"


@pytest.fixture(scope="session")
def found():
    return contracts.assess(load(SAMPLE))


def test_every_contract_of_the_sample_is_read(found):
    kinds = {
        item.path.removeprefix("contracts/"): (item.kind, item.format_version) for item in found.contracts
    }
    assert len(kinds) == 13
    assert kinds["shipment.avsc"] == ("avro", "")
    assert kinds["tracking.openapi.yaml"] == ("openapi", "3.0.3")
    assert kinds["stock-events.asyncapi.yaml"] == ("asyncapi", "3.0.0")
    assert kinds["customer.schema.json"] == ("json-schema", "2020-12")


def test_integer_response_keys_are_told_and_do_not_make_it_invalid(found):
    tracking = next(one for one in found.contracts if one.path == "contracts/tracking.openapi.yaml")
    lines = [issue.line for issue in tracking.issues if issue.rule == "unquoted-key"]
    text = Path(SAMPLE, "contracts/tracking.openapi.yaml").read_text("utf-8").splitlines()
    assert [text[line - 1].strip() for line in lines] == ["200:", "400:", "503:"]
    assert tracking.state == "valid"


def test_a_round_trip_through_json_changes_nothing(found):
    assert contracts.Contracts.from_json(found.to_json()) == found


PLANTED = {
    "tickets.openapi.yaml/no-errors",
    "tickets.openapi.yaml/no-version",
    "labels.openapi.yaml/no-level",
    "labels.openapi.yaml/no-owner",
    "tracking.openapi.yaml/unquoted-keys",
    "invoices-v2.openapi.yaml/breaks",
    "behaviour.asyncapi.yaml/no-payload",
}
"""What the generator of the sample says that it has planted (data/samples/generator/lead_to_cash/contracts.py)."""

ALSO_TRUE = {
    "tickets.openapi.yaml/invalid": "/tickets/{id} has no parameter id",
    "tickets.openapi.yaml/no-level": "no x-service-level",
    "tickets.openapi.yaml/no-owner": "no contact",
    "tracking.openapi.yaml/no-level": "no x-service-level",
    "tracking.openapi.yaml/no-owner": "no contact",
    "behaviour.asyncapi.yaml/no-level": "no x-service-level",
    "orders-events.asyncapi.yaml/no-level": "no x-service-level",
    "orders-events.asyncapi.yaml/envelope": "CloudEvents whose schema has additionalProperties: false and no envelope",
    "stock-events.asyncapi.yaml/level-incomplete": "a latency only",
    "practice": "counted together",
}
"""What else is missing in the documents as the generator writes them, read by eye."""


def test_each_planted_gap_is_found_and_nothing_false_is_told(found):
    told = {finding.id.removeprefix("contracts/") for finding in found.findings}
    assert told >= PLANTED
    assert told == PLANTED | ALSO_TRUE.keys()


def test_the_three_planted_breaks_are_proved_each_by_a_payload(found):
    (comparison,) = found.comparisons
    assert comparison.announced
    proved = {(c.rule, c.at): json.loads(c.payload) for c in comparison.changes if c.certainty == "proved"}
    assert set(proved) == {("required", ""), ("additionalProperties", ""), ("enum", "/status")}
    assert "debtor" not in proved["required", ""]
    assert "order_ref" in proved["additionalProperties", ""]
    assert proved["enum", "/status"]["status"] == "cancelled"
    others = {(c.rule, c.certainty) for c in comparison.changes if c.certainty != "proved"}
    assert others == {("property-removed", "possible")}


def test_a_proof_is_rejected_for_one_reason_only(found):
    tree = document.read(Path(SAMPLE, "contracts/invoices-v2.openapi.yaml"), "v2").tree
    validator = jsonschema_rs.validator_for(tree["components"]["schemas"]["Invoice"])
    for change in [c for c in found.comparisons[0].changes if c.certainty == "proved"]:
        assert len(list(validator.iter_errors(json.loads(change.payload)))) == 1


def test_findings_lead_to_the_line(found):
    lines = {}
    for finding in found.findings:
        for source in finding.sources:
            text = Path(SAMPLE, source.place).read_text("utf-8").splitlines()
            lines.setdefault(finding.id.removeprefix("contracts/"), []).append(text[source.row - 1].strip())
    assert lines["tracking.openapi.yaml/unquoted-keys"] == ["200:", "400:", "503:"]
    assert lines["tickets.openapi.yaml/no-errors"] == ["responses:", "responses:"]
    assert lines["behaviour.asyncapi.yaml/no-payload"] == ["message:"]


def test_service_levels_are_those_that_the_documents_state(found):
    levels = {item.path.removeprefix("contracts/"): item.levels for item in found.contracts}
    (payments,) = levels["payments.openapi.yaml"]
    assert (payments.latency_seconds, payments.quantile, payments.throughput_per_second) == (2, 0.95, 100)
    assert (payments.availability, payments.owner) == (0.999, "Payment provider")
    assert levels["labels.openapi.yaml"] == ()


def test_a_promise_without_a_log_is_not_shown(found):
    states = {promise.integration: promise for promise in found.promises}
    assert states["payment-shop-payments"].verdict == "not shown"
    assert states["payment-shop-payments"].contract == "contracts/payments.openapi.yaml"
    assert all(promise.verdict == "not shown" for promise in found.promises)


def test_promises_are_judged_by_the_run_logs_where_there_are_any():
    engagement = load(SAMPLE)
    judged = contracts.assess(engagement, operations.measure(engagement))
    states = {promise.integration: promise for promise in judged.promises}
    stock = states["stock-warehouse-shop"]
    assert (stock.verdict, stock.contract) == ("broken", "contracts/stock-events.asyncapi.yaml")
    assert stock.share.high < 0.95
    assert states["order-shop-support"].verdict == "not shown"
    assert states["order-shop-support"].load_seen < 20


def engaged(tmp_path, **files):
    for name, text in {
        "engagement.yaml": "client: A\ndate: 2026-01-01\n",
        "systems.csv": "id\na\nb\n",
        "integrations.csv": "id,source,target,contract,latency_seconds,owner\nx,a,b,contracts/a.yaml,1,Ann\n",
        **files,
    }.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    return contracts.assess(load(tmp_path))


API = "openapi: 3.1.0\ninfo: {title: A, version: 1.0.0, contact: {name: Bob}%s}\npaths: {}\n"


def test_a_weaker_promise_than_needed_is_a_finding(tmp_path):
    level = ", x-service-level: {latency-p95-ms: 1500, throughput-per-minute: 600, availability: 99.5}"
    found = engaged(tmp_path, **{"contracts/a.yaml": API % level})
    (stated,) = found.contracts[0].levels
    assert (stated.latency_seconds, stated.throughput_per_second, stated.availability) == (1.5, 10, 0.995)
    assert "contracts/a.yaml/too-weak/x" in {finding.id for finding in found.findings}


@pytest.mark.parametrize(
    "key",
    [
        "latency-p95-second",
        "Latency p95",
        "latency-p95-seconds: '2'",
        "availability: 120",
        "throughput-per-second: -1",
    ],
)
def test_a_level_that_can_not_be_read_is_told_and_promises_nothing(tmp_path, key):
    entry = key if ":" in key else f"{key}: 2"
    found = engaged(tmp_path, **{"contracts/a.yaml": API % f", x-service-level: {{{entry}}}"})
    assert found.contracts[0].levels == ()
    assert {"contracts/a.yaml/level-unreadable", "contracts/a.yaml/no-level"} <= {
        f.id for f in found.findings
    }


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a: [", "YAML"),
        ("just: data\n", "format"),
        ("openapi: 4.0.0\n", "assessed are"),
        ("syntax = 'proto3';", "contract"),
        ("$schema: https://example.org/mine\n", "dialect"),
    ],
)
def test_what_can_not_be_judged_is_a_finding_with_the_reason_and_never_valid(tmp_path, text, word):
    found = engaged(tmp_path, **{"contracts/a.yaml": text})
    (contract,) = found.contracts
    assert contract.state == "not assessable"
    assert word in contract.reason
    assert [finding.id for finding in found.findings] == ["contracts/a.yaml/not-assessable"]


REF = "openapi: 3.1.0\ninfo: {title: A, version: '1'}\npaths: {}\ncomponents: {schemas: {A: {$ref: '%s'}, B: {$ref: '#/components/schemas/C'}, C: {$ref: '#/components/schemas/B'}, D: {type: object, properties: {d: {$ref: '#/components/schemas/D'}}}}}\n"


@pytest.mark.parametrize(
    ("reference", "rule"),
    [
        ("#/components/schemas/D", None), ("shared.yaml#/money", None), ("shared.yaml#/nothing", "invalid-ref"), ("absent.yaml", "invalid-ref"),
        ("../../secret.yaml", "invalid-ref"), ("/etc/passwd", "invalid-ref"), ("#/components/schemas/X", "invalid-ref"),
        ("https://example.org/a.yaml#/a", "external-reference"), ("https://json-schema.org/draft/2020-12/schema", None),
    ],
)  # fmt: skip
def test_references_are_followed_within_the_engagement_only(tmp_path, reference, rule):
    (tmp_path.parent / "secret.yaml").write_text("a: 1\n")
    found = engaged(
        tmp_path, **{"contracts/a.yaml": REF % reference, "contracts/shared.yaml": "money: {type: integer}\n"}
    )
    told = {
        (issue.pointer.split("/")[3], issue.rule)
        for issue in next(one for one in found.contracts if one.path == "contracts/a.yaml").issues
        if issue.rule in ("invalid-ref", "external-reference")
    }
    circle = {("B", "invalid-ref"), ("C", "invalid-ref")}
    assert told == circle | ({("A", rule)} if rule else set())


def test_deprecations_carry_their_date_or_are_told(tmp_path):
    paths = "{/a: {get: {deprecated: true, x-sunset: '2027-01-31', responses: {'200': {description: ''}}}, put: {deprecated: true, responses: {'200': {description: ''}}}}}"
    found = engaged(tmp_path, **{"contracts/a.yaml": (API % "").replace("paths: {}", f"paths: {paths}")})
    parts = {part.what: part.until for part in found.contracts[0].deprecations}
    assert parts == {"GET /a": dt.date(2027, 1, 31), "PUT /a": None}
    assert "contracts/a.yaml/deprecated-undated" in {finding.id for finding in found.findings}


def test_an_event_is_judged_by_the_schema_of_cloudevents(tmp_path):
    event = '{"specversion": "1.0", "type": "a.b", "source": "/s", "id": "%s"}'
    assert engaged(tmp_path, **{"contracts/a.yaml": event % "1"}).contracts[0].state == "valid"
    assert engaged(tmp_path, **{"contracts/a.yaml": event % ""}).contracts[0].state == "invalid"


@pytest.mark.parametrize("sample", ["minimal", "legacy_manufacturer"])
def test_no_contract_is_a_state(sample):
    assert contracts.assess(load(f"data/samples/{sample}")).contracts == ()
