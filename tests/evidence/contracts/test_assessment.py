"""The sample's contracts, and contracts that can't be judged."""

from pathlib import Path

import pytest

from assess.evidence import contracts
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
    tracking = found.of("contracts/tracking.openapi.yaml")
    lines = [issue.line for issue in tracking.issues if issue.rule == "unquoted-key"]
    text = Path(SAMPLE, "contracts/tracking.openapi.yaml").read_text("utf-8").splitlines()
    assert [text[line - 1].strip() for line in lines] == ["200:", "400:", "503:"]
    assert tracking.state == "valid"


def test_a_round_trip_through_json_changes_nothing(found):
    assert contracts.Contracts.from_json(found.to_json()) == found


@pytest.mark.parametrize("sample", ["minimal", "legacy_manufacturer"])
def test_no_contract_is_a_state(sample):
    assert not contracts.assess(load(f"data/samples/{sample}")).assessed
