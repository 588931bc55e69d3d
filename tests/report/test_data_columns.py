"""The tables about columns: every check has a kind, patterns are counted, sides stand beside each other."""

import pandas as pd
import pytest

from assess.core.source import Source
from assess.evidence import quality
from assess.evidence.quality.checks import registry
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import ExtractTable, Integration, System
from assess.report.chapters import data_columns

SOURCES = (Source(kind="measurement", place="all/profile"),)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder, n = tmp_path_factory.mktemp("data"), 200
    crm = pd.DataFrame(
        {
            "no": [f"C{i:04d}" for i in range(n)],
            "day": [f"2024-01-{1 + i % 28:02d}" if i >= 10 else f"{1 + i:02d}.12.2023" for i in range(n)],
            "name": [["Ann Lee", "Bo Ray", "Christopher Brown"][i % 3] for i in range(n)],
            "phone": [f"030 {100000 + i}" if i % 4 else "" for i in range(n)],
        }
    )
    crm.to_csv(folder / "crm.csv", index=False)
    crm.assign(phone=[f"030 {100000 + i}" for i in range(n)]).rename(columns={"no": "account"}).to_csv(
        folder / "billing.csv", index=False
    )
    systems = tuple(
        System(id=id, tables=(ExtractTable(system=id, entity="customers", location=f"{id}.csv"),))
        for id in ("crm", "billing")
    )
    joined = (Integration(id="i1", source="crm", target="billing", entity="customers"),)
    return quality.assess(
        Engagement(folder=folder, client="x", assumptions=Assumptions(), systems=systems, integrations=joined)
    )


def test_every_check_has_one_kind():
    for check in registry.CHECKS:
        broken = "breaks " if check in registry.VALUES else ""
        assert data_columns.find_subject(broken + check.name) == check.subject in data_columns.KINDS
    for part in (registry.CELLS, registry.VALUES, registry.DEFINITIONS):
        assert len({check.name for check in part}) == len(part)


def test_heat_is_the_largest_share_of_each_kind(result):
    (table,) = data_columns.heat(result, SOURCES)
    frame = table.table.set_index("column")
    missing = max(
        f.share
        for f in result.findings
        if (f.table, f.column, f.check) == ("crm.customers", "phone", "incomplete")
    )
    assert missing == 0.25
    assert frame.loc["crm.customers.phone", "Missing"] == max(
        f.share for f in result.findings
        if (f.table, f.column) == ("crm.customers", "phone") and data_columns.find_subject(f.check) == "Missing"
    )  # fmt: skip
    row = next(row for row in table.rows if row[0].value == "crm.customers.phone")
    assert any(cell.shade for cell in row[1:])


def test_patterns_list_strays_and_say_words_by_their_shape(result):
    (table,) = data_columns.patterns(result, SOURCES)
    frame = table.table.set_index("column")
    day = frame.loc["crm.customers.day"]
    assert (day["main"], day["share"], day["others"]) == ("9999-99-99", 0.95, "99.99.9999 × 10")
    assert "crm.customers.name" not in frame.index
    assert "crm.customers.no" not in frame.index


def test_sides_stand_beside_each_other(result):
    table = data_columns.tabulate_matches(result, result.comparisons[0], SOURCES)
    frame = table.table.set_index("field")
    phone = frame.loc["phone"]
    assert (phone["empty"], phone["empty_target"]) == (0.25, 0.0)
    assert (phone["distinct"], phone["distinct_target"]) == (150, 200)
    assert frame.loc["no → account", "looks"] == "A9999"


def test_what_joins_is_shown(result):
    table = data_columns.joins(result.comparisons[0], SOURCES)
    best = table.table.iloc[0]
    assert (best["columns"], best["share"], best["source_only"]) == ("no → account", 1.0, 0)


def test_a_column_without_partner_says_so(result):
    lone = result.comparisons[0].columns.head(1).assign(target_column="", confidence=0.0)
    table = data_columns.mapping(result.comparisons[0].model_copy(update={"columns": lone}), SOURCES)
    assert table.rows[0][1].value == "no partner" and table.rows[0][2].value is None
