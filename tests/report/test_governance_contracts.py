"""Chapter 6 shows the contracts: state, what breaks with its proof, what is promised and what logs say."""

import json

import pytest

from assess.evidence.contracts import Compatibility, Contract, ContractChange, Contracts
from assess.report.chapters.governance.tables import CONTRACT_ROWS, PAYLOAD, contract_tables
from assess.report.chapters.operations import late


@pytest.fixture(scope="module")
def tables(sample):
    assessment = sample("lead_to_cash")
    return {table.id: table for table in contract_tables(assessment.contracts)}


def column(table, key):
    place = [column.key for column in table.columns].index(key)
    return [row[place] for row in table.rows]


def test_what_is_invalid_stands_first_and_states_are_words(tables):
    states = column(tables["contracts"], "state")
    assert [(cell.value, cell.note) for cell in states[:2]] == [("bad", "invalid"), ("good", "valid")]
    assert len(states) == 13


def test_each_payload_is_whole_json_and_leads_to_its_line(tables):
    cells = [cell for cell in column(tables["breaking-changes"], "payload") if cell.value]
    assert len([json.loads(cell.value) for cell in cells]) == 3
    assert all(cell.sources for cell in column(tables["breaking-changes"], "place"))


def test_promises_have_their_interval_and_the_slowest_stands_first(sample):
    assessment = sample("lead_to_cash")
    (table,) = late(assessment.stated, assessment.contracts)
    shares = column(table, "share")
    assert all(cell.low <= cell.value <= cell.high for cell in shares)
    assert [cell.value for cell in shares] == sorted(cell.value for cell in shares)
    logged = [promise for promise in assessment.contracts.promises if promise.share is not None]
    assert len(shares) == len(logged)


def test_no_contract_no_table(sample):
    assessment = sample("minimal")
    assert contract_tables(assessment.contracts) == ()


def test_long_tables_are_capped_and_say_so(sample):
    change = ContractChange(
        rule="r",
        certainty="proved",
        side="request",
        where="w",
        message="m",
        path="contracts/a.yaml",
        payload="x" * 5_000,
    )
    found = Contracts(
        contracts=tuple(Contract(path=f"contracts/{n}.yaml", kind="unknown", state="not assessable", reason="is empty") for n in range(CONTRACT_ROWS + 5)),
        comparisons=(Compatibility(old="a", new="b", changes=(change,)),),
    )  # fmt: skip
    contracts, changes = contract_tables(found)
    assert (len(contracts.rows), contracts.total) == (CONTRACT_ROWS, CONTRACT_ROWS + 5)
    assert len(column(changes, "payload")[0].value) == PAYLOAD
