"""The files of repairs: statements that run and count the same, values that are masked until asked for."""

import csv

import duckdb
import pandas as pd
import pytest

from assess.evidence import quality
from assess.evidence.quality import cleansing
from assess.evidence.quality.remedies import file_name
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import ExtractTable, Integration, System

TOWNS = ["Hamburg", "Berlin", "Stuttgart", "Leipzig"]


@pytest.fixture
def engagement(tmp_path):
    n = 400
    zips = {"Hamburg": "20095", "Berlin": "10115", "Stuttgart": "70173", "Leipzig": "04109"}
    town = [TOWNS[i % 4] for i in range(n)]
    crm = pd.DataFrame(
        {
            "no": [f"C{i:04d}" for i in range(n)],
            "town": town,
            "zip": [zips[t] for t in town],
            "land": ["DE", "FR"] * 200,
        }
    )
    crm.loc[[8, 31], "town"] = ["Hambrug", "Lepizig"]
    billing = crm.assign(land=["Germany", "France"] * 200).loc[:, ["no", "land"]]
    crm.to_csv(tmp_path / "crm.csv", index=False)
    billing.to_csv(tmp_path / "billing.csv", index=False)
    systems = (
        System(
            id="crm",
            owner="Sales",
            tables=(ExtractTable(system="crm", entity="customers", location="crm.csv"),),
        ),
        System(
            id="billing", tables=(ExtractTable(system="billing", entity="customers", location="billing.csv"),)
        ),
    )
    joined = (Integration(id="i1", source="crm", target="billing", entity="customers"),)
    return Engagement(
        folder=tmp_path, client="x", assumptions=Assumptions(), systems=systems, integrations=joined
    )


def written(engagement, folder, clear):
    result = quality.assess(engagement, clear=clear)
    return result, {item.name: item for item in cleansing.write(result, folder, clear=clear)}


def run(text, *folders):
    """Run every statement of a file with relative paths found in the folders; return what each gave."""
    engine = duckdb.connect()
    engine.execute("SET file_search_path = '" + ",".join(map(str, folders)) + "'")
    return [engine.sql(part.query) for part in duckdb.extract_statements(text)]


def test_repairs_say_what_the_cell_holds_and_should_hold(engagement, tmp_path):
    _, items = written(engagement, tmp_path / "out", clear=True)
    item = items["crm.customers"]
    listed = pd.read_csv(tmp_path / "out" / item.repairs, dtype=str)
    assert list(listed.columns) == ["row", "column", "check", "held", "value", "confidence"]
    known = {(r.row, r.column): (r.held, r.value) for r in listed.itertuples()}
    assert known["8", "town"] == ("Hambrug", "Hamburg")
    assert known["31", "town"] == ("Lepizig", "Leipzig")
    assert item.proposed == item.listed == len(listed)


def test_every_statement_runs_and_the_fix_repairs_the_planted_cells(engagement, tmp_path):
    result, items = written(engagement, tmp_path / "out", clear=True)
    for item in items.values():
        text = (tmp_path / "out" / item.statements).read_text()
        given = run(text, engagement.folder, tmp_path / "out")
        assert len(given) == item.checks + item.fixes
    own = next(f for f in result.findings if f.column == "town" and "repairs.csv" in f.fix_sql)
    (fixed,) = run(own.fix_sql, engagement.folder, tmp_path / "out")
    towns = fixed.df()["town"].tolist()
    assert towns == [TOWNS[i % 4] for i in range(400)]


def test_masked_files_hold_codes_but_no_part_of_an_address(engagement, tmp_path):
    result, items = written(engagement, tmp_path / "out", clear=False)
    said = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    assert not [word for word in (*TOWNS, "Hambrug", "C0007") if word in said]
    pair = (tmp_path / "out" / items["crm.customers → billing.customers"].statements).read_text()
    assert "WHEN 'DE' THEN 'Germany'" in pair  # each in 200 records of a column that tells of nobody
    assert "value_masked" in (tmp_path / "out" / items["crm.customers"].repairs).read_text()
    assert "run assess with --show-values" in said
    own = next(f for f in result.findings if f.column == "town" and "repairs.csv" in f.fix_sql)
    with pytest.raises(duckdb.Error, match="value"):
        run(own.fix_sql, engagement.folder, tmp_path / "out")


@pytest.fixture
def shipments(tmp_path):
    """Orders whose status has two typing errors, and names in a column beside it that has one as well."""
    status = [("shipped", "cancelled", "returned")[i % 3] for i in range(600)]
    names = [("Erika Mustermann", "Paul Wolke", "Petra Stein")[i % 3] for i in range(600)]
    status[7], status[40], names[9] = "cancelld", "cancelledd", "Erika Mustermnan"
    orders = pd.DataFrame({"no": [f"O{i:04d}" for i in range(600)], "status": status, "buyer_name": names})
    orders.to_csv(tmp_path / "orders.csv", index=False)
    systems = (
        System(id="shop", tables=(ExtractTable(system="shop", entity="orders", location="orders.csv"),)),
    )
    return Engagement(folder=tmp_path, client="x", assumptions=Assumptions(), systems=systems)


def test_a_code_is_repaired_in_clear_and_a_rare_value_and_a_name_stay_masked(shipments, tmp_path):
    result, items = written(shipments, tmp_path / "out", clear=False)
    said = "".join(path.read_text() for path in (tmp_path / "out").iterdir()) + result.to_json()
    assert not [
        word for word in ("cancelld", "cancelledd", "Mustermann", "Mustermnan", "Wolke") if word in said
    ]
    item = items["shop.orders"]
    listed = pd.read_csv(tmp_path / "out" / item.repairs, dtype=str, keep_default_na=False)
    known = {r.row: (r.held, r.value) for r in listed.itertuples() if r.column == "status"}
    assert known["7"] == ("«aaaaaaaa»", "cancelled") and known["40"] == ("«aaaaaaaaaa»", "cancelled")
    assert item.applicable == len(known)
    own = next(f for f in result.findings if f.column == "status" and "repairs.csv" in f.fix_sql)
    (fixed,) = run(own.fix_sql, shipments.folder, tmp_path / "out")
    assert fixed.df()["status"].tolist() == [("shipped", "cancelled", "returned")[i % 3] for i in range(600)]
    assert fixed.df()["buyer_name"].tolist()[9] == "Erika Mustermnan"


def test_statements_that_name_values_are_there_when_asked_for(engagement, tmp_path):
    _, items = written(engagement, tmp_path / "out", clear=True)
    pair = items["crm.customers → billing.customers"]
    assert "'Germany'" in (tmp_path / "out" / pair.statements).read_text()


@pytest.mark.parametrize("clear", [True, False])
def test_what_a_spreadsheet_would_run_is_neutralised_and_repairs_all_the_same(tmp_path, clear):
    """A code that begins like a formula: the file is harmless, and the fix writes the code itself."""
    right, wrong = "-2+3+cmd|' /C calc'!A0", "-2+3+cmd|' /C calx'!A0"
    values = [right if i % 2 else "=plain code" for i in range(400)]
    values[11] = wrong
    frame = pd.DataFrame({"no": [f"O{i:04d}" for i in range(400)], "=status": values})
    frame.to_csv(tmp_path / "orders.csv", index=False)
    systems = (
        System(id="shop", tables=(ExtractTable(system="shop", entity="orders", location="orders.csv"),)),
    )
    held = Engagement(folder=tmp_path, client="x", assumptions=Assumptions(), systems=systems)
    result, items = written(held, tmp_path / "out", clear)
    file = tmp_path / "out" / items["shop.orders"].repairs
    with file.open(newline="") as lines:
        cells = [cell for row in csv.reader(lines) for cell in row]
    assert f"'{right}" in cells
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    own = next(f for f in result.findings if f.column == "=status" and "repairs.csv" in f.fix_sql)
    (fixed,) = run(own.fix_sql, tmp_path, tmp_path / "out")
    assert fixed.df()["=status"][11] == right


def test_results_keep_no_value_of_a_repair_unless_asked_for(engagement):
    assert "Hamburg" not in quality.assess(engagement).to_json()
    assert "Hamburg" in quality.assess(engagement, clear=True).to_json()


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "..", "", "a\nb", "a\x00b", "C:\\x", "\u202egnp.exe", "x" * 5000],
)
def test_a_name_of_the_client_names_a_file_and_no_other_folder(name, tmp_path):
    file = file_name(name)
    path = (tmp_path / f"{file}.repairs.csv").resolve()
    assert path.parent == tmp_path
    path.write_text("")
    assert file.isprintable()


def test_names_that_would_become_one_stay_apart():
    assert len({file_name(name) for name in ("a/b", "a\\b", "a:b", "a_b", "a\nb")}) == 5
    assert file_name("crm.customers--Größe 1") == "crm.customers--Größe 1"
