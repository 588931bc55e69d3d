"""The data quality of an engagement: verdicts, owners, price, what is missing, what is kept."""

import openpyxl
import pandas as pd
import pytest

from assess.core import cache
from assess.core.unpacking import UnreadableTable
from assess.evidence import quality
from assess.evidence.quality.assessment import assess, describe_readings
from assess.evidence.quality.table import open_table
from assess.evidence.quality.table_pairs import find_table_pairs, shared_tables
from assess.intake import load
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import ExtractTable, Integration, System


@pytest.fixture
def engagement(tmp_path):
    n = 120
    crm = pd.DataFrame({"no": [f"C{i:04d}" for i in range(n)], "country": ["DE", "FR", "AT"] * 40})
    billing = pd.DataFrame(
        {"account": [f"C{i:04d}" for i in range(n)], "country": ["Germany", "France", "Austria"] * 40}
    )
    crm.to_csv(tmp_path / "crm.csv", index=False)
    billing.to_csv(tmp_path / "billing.csv", index=False)
    (tmp_path / "empty.csv").write_text("")
    systems = (
        System(id="crm", owner="Sales", tables=(ExtractTable(system="crm", entity="customers", location="crm.csv"),)),
        System(id="billing", owner="Finance", tables=(
            ExtractTable(system="billing", entity="customers", location="billing.csv"),
            ExtractTable(system="billing", entity="dunning", location="empty.csv"),
        )),
        System(id="dwh"),
    )  # fmt: skip
    integrations = (
        Integration(id="i1", source="crm", target="billing", entity="customers"),
        Integration(id="i2", source="billing", target="dwh", entity="customers"),
    )
    return Engagement(
        folder=tmp_path, client="x", assumptions=Assumptions(), systems=systems, integrations=integrations
    )


def test_an_extract_is_read_as_its_system_states(tmp_path):
    """The same bytes are "Plzeň" and "Plzeò"; a bar or a semicolon may part the fields. What is stated decides."""
    (tmp_path / "crm.csv").write_bytes("no|city;zip\n1|Plzeň;301\n2|Plzeň;302\n".encode("cp1250"))

    def read(**stated):
        system = System(
            id="crm", tables=(ExtractTable(system="crm", entity="sites", location="crm.csv"),), **stated
        )
        engagement = Engagement(
            folder=tmp_path, client="x", assumptions=Assumptions(), systems=(system,), integrations=()
        )
        found = quality.assess(engagement, tmp_path / "cache", clear=True).profile("crm.sites")
        return [c.name for c in found.facts], found.facts[1].top_values[0].label.strip("«»")

    assert read(encoding="Windows-1250", delimiter=";") == (["no|city", "zip"], "301")
    assert read(encoding="Windows-1250", delimiter="|") == (["no", "city;zip"], "Plzeň;301")
    assert read(encoding="Windows-1252", delimiter="|") == (["no", "city;zip"], "Plzeò;301"), "measured anew"


def test_a_tab_is_stated_by_its_name():
    assert System(id="crm", delimiter="tab").stated_form == {
        "encoding": "",
        "delimiter": "\t",
        "header_row": 0,
    }


def test_the_row_of_the_header_is_believed(tmp_path):
    """Two lines that could both name the columns, behind lines that could too; as a text file, and as a sheet."""
    lines = ["a,b", "", "Site,Town", "code,name", "x1,Ulm", "x2,Rom"]
    text = tmp_path / "sites.csv"
    text.write_text("\n".join(lines), "utf-8")
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line.split(",") if line else [])
    book.save(tmp_path / "sites.xlsx")
    for file in (text, tmp_path / "sites.xlsx"):
        for row, names, rows in ((1, ["a", "b"], 4), (3, ["Site", "Town"], 3), (4, ["code", "name"], 2)):
            read = open_table(file, header_row=row)
            assert (list(read.columns), read.rows) == (names, rows), (file.name, row)
        with pytest.raises(UnreadableTable, match="nothing stands in the stated row of the header"):
            open_table(file, header_row=7)


def test_every_table_and_pair_has_a_verdict(engagement):
    found = quality.assess(engagement)
    assert [(v.table, v.target) for v in found.verdicts] == [
        ("crm.customers", ""), ("billing.customers", ""), ("billing.dunning", ""), ("crm.customers", "billing.customers"),
    ]  # fmt: skip
    assert [p.name for p in found.profiles] == ["crm.customers", "billing.customers"]
    assert all(v.reason for v in found.verdicts)


def test_an_unreadable_table_fails_alone(engagement):
    found = quality.assess(engagement)
    (broken,) = found.unreadable
    assert broken.table == "billing.dunning"
    verdict = next(v for v in found.verdicts if v.table == "billing.dunning")
    assert verdict.fitness == "not assessed" and verdict.share is None
    finding = next(f for f in found.findings if f.check == "unreadable")
    assert finding.severity == "critical" and finding.owner == "Finance"


def test_findings_name_owner_and_integrations(engagement):
    found = quality.assess(engagement)
    for finding in found.findings:
        assert finding.owner in ("Sales", "Finance")
        assert finding.systems
    of_pair = [f for f in found.findings if f.systems == ("crm", "billing")]
    assert of_pair and all(f.integrations == ("i1",) for f in of_pair)


def test_what_is_missing_is_said(engagement):
    said = quality.assess(engagement).missing
    assert any("dwh" in m.supply for m in said)
    assert any("billing → dwh" in m.supply for m in said)
    bare = engagement.model_copy(update={"systems": (System(id="crm"), System(id="billing"))})
    nothing = quality.assess(bare)
    assert not nothing.assessed and nothing.findings == () and nothing.missing[0].section == "data_quality"


def test_statements_name_the_path_of_the_engagement_not_of_the_machine(engagement):
    text = quality.assess(engagement).to_json()
    assert str(engagement.folder) not in text


def test_results_are_kept_by_content(engagement, tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    first = quality.assess(engagement, folder)
    kept = sorted(p.name for p in folder.rglob("*.json"))
    assert len(kept) == 4  # two profiles, their comparison, and the references between the tables

    def never(*args, **kwargs):
        raise AssertionError("measured twice")

    monkeypatch.setattr(quality.assessment, "profile", never)
    monkeypatch.setattr(quality.assessment, "compare", never)
    again = quality.assess(engagement, folder)
    assert again.to_json() == first.to_json()
    path = engagement.folder / "crm.csv"
    path.write_text(path.read_text() + "C9999,DE\n")
    with pytest.raises(AssertionError, match="measured twice"):
        quality.assess(engagement, folder)


def test_half_written_and_broken_files_are_measured_again(tmp_path):
    kept = cache.Cache(tmp_path)
    key = ("x",)
    made = quality.assessment.UnassessedTable(table="t", reason="r")
    assert kept.get(type(made), key, lambda: made) == made
    (path,) = tmp_path.rglob("*.json")
    path.write_text('{"table": "t"')
    assert kept.get(type(made), key, lambda: made) == made
    assert kept.get(type(made), key, pytest.fail) == made
    assert not list(tmp_path.rglob("*.part"))


def test_json_round_trip(engagement):
    found = quality.assess(engagement)
    assert quality.QualityAssessment.from_json(found.to_json()).to_json() == found.to_json()


def test_tables_meet_by_entity_or_if_they_are_the_only_ones(engagement):
    assert [(p.source.name, p.target.name) for p in find_table_pairs(engagement)] == [
        ("crm.customers", "billing.customers")
    ]
    one, other, _ = engagement.systems
    single = other.model_copy(update={"tables": other.tables[:1]})
    assert len(shared_tables(one, single, "")) == len(shared_tables(one, single, "orders")) == 1
    assert shared_tables(one, other, "") == []


def test_how_each_extract_is_read_is_said_before_anything_is_judged(tmp_path):
    (tmp_path / "extracts").mkdir()
    (tmp_path / "engagement.yaml").write_text("client: Acme\ntitle: Shop\ndate: 2026-01-01\ncurrency: EUR\n")
    (tmp_path / "systems.csv").write_text(
        "id,name,kind,data\nshop,Shop,e-commerce,plants=extracts/plants.csv\nbooks,Books,ERP,packed=extracts/packed.csv\n"
    )
    (tmp_path / "integrations.csv").write_text("id,name,source,target\nX1,Plants,shop,books\n")
    rows = "".join(f"{n},Ulm {n},{n * 7}\n" for n in range(30))
    (tmp_path / "extracts/plants.csv").write_text(f"Printed by Erika Mustermann\nid,city,share\n{rows}")
    packed = "".join(f"{n}::Ulm {n}::{n * 7}\n" for n in range(30))
    (tmp_path / "extracts/packed.csv").write_text(f"id::city::share\n{packed}")
    engagement = load(tmp_path)
    said = "\n".join(describe_readings(engagement))
    assert "1 line before the header skipped" in said and "columns: id, city, share" in said
    assert "Erika" not in said and "Ulm" not in said
    assert "books.packed" in said and "state the delimiter" in said
    shown = assess(engagement).profile("shop.plants").first_rows
    assert [len(row) for row in shown] == [3, 3, 3]
