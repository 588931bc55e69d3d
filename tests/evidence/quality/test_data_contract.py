"""Data contracts: valid against the published standard, kept by the table they were learned from, broken by what breaks it."""

import json
from importlib.resources import files

import jsonschema_rs
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from assess.cli.commands import assess
from assess.evidence.quality import open_table, profile
from assess.evidence.quality.open_data_contract import check_contract, learn_contract, write_contract


def orders(number=200):
    return pd.DataFrame(
        {
            "no": [f"SO-{k:06d}" for k in range(number)], "state": ["open", "paid", "sent", "back"] * (number // 4),
            "amount": [f"{10 + k}.50" for k in range(number)], "day": [f"2026-{1 + k % 12:02d}-{1 + k % 28:02d}" for k in range(number)],
        }
    )  # fmt: skip


def learned(frame, owner="Sales"):
    table = open_table(frame, "shop.orders")
    return learn_contract(
        profile(table), table, owner=owner, location="extracts/orders.csv", carried=("order-shop-erp",)
    )


def broken(contract, frame, folder):
    text = contract if isinstance(contract, str) else write_contract(contract)
    (folder / "c.odcs.yaml").write_text(text, "utf-8")
    return list(
        check_contract(
            folder / "c.odcs.yaml", "c.odcs.yaml", {"shop.orders": lambda: open_table(frame, "shop.orders")}
        )
    )


@pytest.mark.parametrize("owner", ["Sales", ""])
def test_what_is_learned_is_valid_against_the_published_schema(owner):
    text = (
        files("assess.evidence.quality.open_data_contract")
        .joinpath("odcs-3.1.0.schema.json")
        .read_text("utf-8")
    )
    contract = yaml.safe_load(write_contract(learned(orders(), owner)))
    assert list(jsonschema_rs.validator_for(json.loads(text)).iter_errors(contract)) == []
    assert ("team" in contract) == bool(owner)
    assert ("ownerWanted" in str(contract)) == (not owner)


def test_a_few_rows_prove_no_more_than_a_key_and_names_are_none():
    """Of 8 rows every column but the state is unique: that no country comes twice is chance."""
    few = orders(8).assign(
        country=["DE", "FR", "IT", "ES", "PT", "NL", "BE", "AT"], name=[f"Ann Lee{'e' * k}" for k in range(8)]
    )
    (held,) = learned(few)["schema"]
    assert [column["name"] for column in held["properties"] if column.get("unique")] == ["no"]
    many = orders().assign(name=[f"Ann Lee{'e' * k}" for k in range(200)])
    (held,) = learned(many)["schema"]
    assert [column["name"] for column in held["properties"] if column.get("unique")] == ["no"]


def test_a_text_that_is_not_of_the_type_breaks_it_and_a_column_that_holds_one_is_none(tmp_path):
    frame = orders()
    frame.loc[[3, 4], "day"], frame.loc[5, "amount"] = "soon", "much"
    told = {
        (b.subject, b.message) for b in broken(learned(orders()), frame, tmp_path) if b.rule == "logicalType"
    }
    assert told == {
        ("shop.orders.day", "shop.orders.day: 2 rows are no date"),
        ("shop.orders.amount", "shop.orders.amount: 1 row is no number"),
    }
    assert not [b for b in broken(learned(frame), frame, tmp_path) if b.rule == "logicalType"]


def test_messages_name_the_place_and_what_is_allowed(tmp_path):
    frame = orders().drop(columns="amount")
    frame.loc[7, "no"] = frame.loc[8, "no"]
    contract = learned(orders())
    for held in contract["schema"][0]["properties"]:
        held.pop("required", None)
    assert [b.message for b in broken(contract, frame, tmp_path)] == [
        "shop.orders.no: 1 row repeats a value of an earlier one, and the column is unique",
        "shop.orders.amount: the extract has no such column",
    ]
    (wrong,) = broken(HEAD.replace("version: 1.0.0\n", ""), orders(), tmp_path)
    assert wrong.message == "the contract breaks the Open Data Contract Standard v3.1.0: version is missing"
    (wrong,) = broken(f"{HEAD}schema:\n- name: a\n  logicalType: table\n", orders(), tmp_path)
    assert (
        wrong.message
        == "/schema/0/logicalType breaks the Open Data Contract Standard v3.1.0: allowed are object, blob"
    )


def test_the_table_it_was_learned_from_keeps_it(tmp_path):
    assert broken(learned(orders()), orders(), tmp_path) == []


def test_each_rule_is_broken_by_what_breaks_it_and_counts_its_rows(tmp_path):
    frame = orders()
    frame.loc[[3, 9], "state"] = "lost"
    frame.loc[5, "day"] = ""
    frame.loc[7, "no"] = frame.loc[8, "no"]
    found = {(b.rule, b.subject): b for b in broken(learned(orders()), frame, tmp_path)}
    assert {key: b.rows for key, b in found.items()} == {
        ("unique", "shop.orders.no"): 1, ("invalidValues", "shop.orders.state"): 2, ("required", "shop.orders.day"): 1,
    }  # fmt: skip
    text = (tmp_path / "c.odcs.yaml").read_text("utf-8").splitlines()
    assert "metric" in text[found["invalidValues", "shop.orders.state"].line - 1]
    assert not any("lost" in b.message for b in found.values())


def test_a_missing_required_column_and_an_empty_extract_break_it(tmp_path):
    gone = {(b.rule, b.subject) for b in broken(learned(orders()), orders().drop(columns="day"), tmp_path)}
    assert gone == {("column", "shop.orders.day")}
    none = {b.rule for b in broken(learned(orders()), orders().iloc[:0], tmp_path)}
    assert none == {"rowCount"}


HEAD = "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\n"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("{metric: rowCount, mustBeBetween: [1, 10]}", [("rowCount", "fail")]),
        ("{metric: rowCount, mustBeBetween: [1, 1000]}", []),
        (
            "{metric: duplicateValues, arguments: {properties: [state, day]}, mustBe: 0}",
            [("duplicateValues", "fail")],
        ),
        ("{type: sql, query: SELECT 1, mustBe: 0}", [("sql", "not evaluable")]),
        ("{type: text, description: kind words}", []),
        ("{type: custom, engine: soda, implementation: x}", [("custom", "not evaluable")]),
    ],
)
def test_rules_of_the_standard_run_or_are_told_as_not_evaluable(rules, expected, tmp_path):
    text = f"{HEAD}schema:\n- name: shop.orders\n  logicalType: object\n  quality:\n  - {rules}\n"
    assert [(b.rule, b.state) for b in broken(text, orders(), tmp_path)] == expected


def test_a_file_that_is_no_contract_and_a_table_nobody_handed_in_hold_the_gate(tmp_path):
    (wrong,) = {
        b.rule
        for b in broken("apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\n", orders(), tmp_path)
    }
    assert wrong == "schema"
    (absent,) = broken(f"{HEAD}schema:\n- name: shop.parts\n  logicalType: object\n", orders(), tmp_path)
    assert (absent.rule, absent.state) == ("table", "not evaluable")


def test_the_gate_proposes_contracts_and_fails_when_an_extract_breaks_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    assert runner.invoke(assess, ["init", "acme"]).exit_code == 0
    place = tmp_path / "acme"
    (place / "extracts").mkdir(exist_ok=True)
    orders().to_csv(place / "extracts" / "orders.csv", index=False)
    systems = pd.read_csv(place / "systems.csv", dtype=str, keep_default_na=False, comment="#")
    first = pd.read_csv(place / "integrations.csv", dtype=str, keep_default_na=False, comment="#").iloc[0]
    systems.loc[systems["id"] == first["source"], "data"] = (
        f"{first['entity'] or 'orders'}=extracts/orders.csv"
    )
    systems.to_csv(place / "systems.csv", index=False)
    told = runner.invoke(
        assess, ["check", "acme", "--format", "json", "--propose-data-contracts", "acme/data_contracts"]
    )
    assert list((place / "data_contracts").glob("*.odcs.yaml")), told.output
    assert "data-contract/" not in told.output
    orders().assign(state="lost").to_csv(place / "extracts" / "orders.csv", index=False)
    again = runner.invoke(assess, ["check", "acme", "--format", "json"])
    assert again.exit_code == 1
    assert "data-contract/invalidValues" in again.output
