"""Golden records: each rule on two records worked by hand, provenance of every value, and files that agree."""

import duckdb
import pandas as pd
import pytest

from assess.evidence.quality.linkage.survivorship import (
    FieldRule,
    UnknownField,
    merge_records,
    propose_rules,
    read_rules,
    write_golden,
    write_rules,
)
from assess.evidence.quality.table import open_table

CRM = pd.DataFrame(
    {
        "name": ["Ann Lee", "Bob Ray", "Cem Oz"], "street": ["Mill Rd 1", "", "Quay 3"], "town": ["Bonn", "Rome", "Oslo"],
        "changed": ["2025-03-01", "2024-01-01", "2023-01-01"],
    }
)  # fmt: skip
ERP = pd.DataFrame(
    {
        "title": ["Bob M. Ray", "A. Lee", "Dora Fuchs"], "road": ["High St 9", "Park 7", "Abbey 2"], "city": ["Rom", "Köln", "Bonn"],
        "at": ["31.12.2024", "01.02.2025", "05.05.2020"],
    }
)  # fmt: skip
PAIRS = pd.DataFrame({"left_row": [0, 1], "right_row": [1, 0]})


def golden(*rules):
    return merge_records(open_table(CRM, "crm"), open_table(ERP, "erp"), PAIRS, rules)


def test_every_record_of_both_sides_is_there_once():
    found = golden(FieldRule(left="name", right="title"))
    assert found.crosswalk.to_numpy().tolist() == [[0, 0, 1], [1, 1, 0], [2, 2, -1], [3, -1, 2]]
    assert found.records["name"].tolist() == ["Ann Lee", "Bob Ray", "Cem Oz", "Dora Fuchs"]


@pytest.mark.parametrize(
    ("rule", "by", "expected"),
    [
        ("trusted", ("right", "left"), ["A. Lee", "Bob M. Ray"]),
        ("most recent", ("changed", "at"), ["Ann Lee", "Bob M. Ray"]),
        ("most complete", ("left", "right"), ["Ann Lee", "Bob M. Ray"]),
    ],
)
def test_rules_choose_as_worked_by_hand(rule, by, expected):
    found = golden(FieldRule(left="name", right="title", rule=rule, by=by))
    assert found.records["name"].tolist()[:2] == expected


def test_the_most_frequent_value_of_both_sides_wins():
    found = golden(FieldRule(left="town", right="city", rule="most frequent"))
    assert found.records["town"].tolist() == ["Bonn", "Rome", "Oslo", "Bonn"]


def test_an_empty_value_never_wins_and_fields_that_belong_together_come_from_one_side():
    street = FieldRule(left="street", right="road", together="address")
    found = golden(street, FieldRule(left="town", right="city", together="address"))
    assert found.records["street"].tolist() == ["Mill Rd 1", "High St 9", "Quay 3", "Abbey 2"]
    assert found.records["town"].tolist() == ["Bonn", "Rom", "Oslo", "Bonn"], "Bob's town follows his street"


def test_every_value_says_where_it_comes_from_and_who_decided():
    found = golden(FieldRule(left="name", right="title", owner="Sales"), FieldRule(left="town", right="city"))
    sides = {"left": CRM, "right": ERP}
    columns = {
        ("name", "left"): "name",
        ("name", "right"): "title",
        ("town", "left"): "town",
        ("town", "right"): "city",
    }
    for one in found.provenance.itertuples():
        assert sides[one.side][columns[one.field, one.side]][one.row] == found.records[one.field][one.record]
    assert len(found.provenance) == 8
    assert found.provenance.query("other")["record"].tolist() == [0, 0, 1, 1]
    assert found.unowned == ("town",)


@pytest.mark.parametrize(
    "rule",
    [FieldRule(left="nam"), FieldRule(left="name", rule="most recent", by=("changed", "when")), FieldRule(left="name", by=("crm", "erp"))],
)  # fmt: skip
def test_rules_about_what_is_not_there_are_refused(rule):
    with pytest.raises(UnknownField, match=r"there are|allowed are"):
        golden(rule)


def test_rules_are_proposed_for_every_field_and_owned_by_nobody():
    columns = pd.DataFrame({"left_column": ["name", "town"], "right_column": ["title", "city"]})
    rules = propose_rules(columns, open_table(CRM), open_table(ERP))
    assert [(r.left, r.right) for r in rules] == [
        ("name", "title"), ("street", ""), ("town", "city"), ("changed", ""), ("", "road"), ("", "at"),
    ]  # fmt: skip
    assert not any(rule.owner for rule in rules)


def test_the_files_hold_the_same_and_the_view_joins_both_sides(tmp_path):
    left, right = open_table(CRM, "crm"), open_table(ERP, "erp")
    found = golden(FieldRule(left="name", right="title"))
    write_golden(found, left, right, tmp_path)
    assert pd.read_parquet(tmp_path / "golden.parquet").equals(found.records)
    assert pd.read_csv(tmp_path / "crosswalk.csv").to_numpy().tolist() == found.crosswalk.to_numpy().tolist()
    with duckdb.connect() as engine:
        engine.register("crm", CRM.assign(row=range(3)))
        engine.register("erp", ERP.assign(row=range(3)))
        engine.execute((tmp_path / "crosswalk.sql").read_text("utf-8"))
        rows = engine.execute("SELECT name, title FROM both_sides ORDER BY record").fetchall()
    assert rows == [("Ann Lee", "A. Lee"), ("Bob Ray", "Bob M. Ray"), ("Cem Oz", None), (None, "Dora Fuchs")]


def test_rules_are_read_as_they_were_written(tmp_path):
    rules = (
        FieldRule(left="name", right="title", rule="most recent", by=("changed", "at"), owner="Sales"),
        FieldRule(left="town", right="city", by=("right", "left"), together="address"),
    )
    write_rules(rules, tmp_path / "rules.csv")
    assert read_rules(tmp_path / "rules.csv") == rules


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ('name,title,newest,"a, b",,', "row 2: rule 'newest'"),
        ("name,title,trusted,left,,", "row 2: by 'left'"),
    ],
)
def test_a_wrong_rule_is_told_with_file_row_value_and_what_is_allowed(row, told, tmp_path):
    (tmp_path / "rules.csv").write_text(f"left,right,rule,by,owner,together\n{row}\n")
    with pytest.raises(UnknownField, match=told) as raised:
        read_rules(tmp_path / "rules.csv")
    assert "allowed are" in str(raised.value)
    assert "rules.csv" in str(raised.value)
