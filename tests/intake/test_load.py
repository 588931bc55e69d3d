"""What a valid engagement becomes."""

import datetime as dt
import hashlib

import pytest

from assess import intake
from assess.core.estimate import Estimate
from assess.core.trust import Allowed, granted
from assess.intake.engagement.landscape import ExtractTable


def test_an_estimate_knows_its_three_values_unit_and_cell(folder):
    volume = intake.load(folder).integration("orders").volume
    assert (volume.low, volume.likely, volume.high, volume.unit) == (1000, 2000, 5000, "messages/month")
    assert volume.source.id == "in:integrations.csv:2:volume"
    assert volume.source.date == dt.date(2026, 10, 1)


def test_money_has_the_currency_of_the_engagement(folder):
    path = folder / "change_requests.csv"
    path.write_text("id,benefit_per_year\nc1,5000\n")
    text = (folder / "engagement.yaml").read_text()
    (folder / "engagement.yaml").write_text(text.replace("EUR", "USD"))
    assert intake.load(folder).change_requests[0].benefit_per_year.unit == "USD/year"


def test_a_row_knows_its_line_as_a_spreadsheet_shows_it(folder):
    # a cell of two lines and an empty row are what makes line and row differ
    (folder / "systems.csv").write_text('id,name\ncrm,"Customer\nmanagement"\n\nerp,ERP\n')
    systems = intake.load(folder).systems
    assert [system.origin.row for system in systems] == [2, 4]
    assert systems[0].name == "Customer\nmanagement"


def test_settings_know_their_line(folder):
    engagement = intake.load(folder)
    assert engagement.team.origin.id == "in:engagement.yaml:5"
    assert engagement.goals[0].cite("today").id == "in:engagement.yaml:11:today"


@pytest.mark.parametrize(("text", "share"), [("35 %", 0.35), ("35%", 0.35), ("0.35", 0.35), ("1", 1.0)])
def test_a_share_is_a_number_or_a_percentage(folder, text, share):
    (folder / "integrations.csv").write_text(f"id,source,target,coverage\norders,crm,erp,{text}\n")
    assert intake.load(folder).integrations[0].coverage == pytest.approx(share)


@pytest.mark.parametrize("text", ["yes", "TRUE", "Yes", "true", "y"])
def test_a_boolean_is_said_in_words(folder, text):
    (folder / "systems.csv").write_text(f"id,personal_data\ncrm,{text}\nerp,\n")
    assert [system.personal_data for system in intake.load(folder).systems] == [True, None]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_delimiter_is_found(folder, mark):
    for name in ("systems.csv", "risks.csv"):
        path = folder / name
        path.write_text(
            "\n".join(
                mark.join(f'"{c}"' for c in line.split(",")) for line in path.read_text().split("\n")[:-1]
            )
        )
    engagement = intake.load(folder)
    assert engagement.system("crm").interfaces == ("rest", "events")
    assert engagement.risks[0].loss_high == 5000


def test_a_byte_order_mark_is_no_part_of_the_first_column(folder):
    for name in ("systems.csv", "engagement.yaml"):
        (folder / name).write_bytes(b"\xef\xbb\xbf" + (folder / name).read_bytes())
    assert intake.load(folder).client == "Nordwind GmbH"


def test_text_stays_text(folder):
    (folder / "systems.csv").write_text('id,name,owner\ncrm,007,"a ""b"", c"\nerp,=1+1,NULL\n')
    crm, erp = intake.load(folder).systems
    assert (crm.name, crm.owner, erp.name, erp.owner) == ("007", 'a "b", c', "=1+1", "NULL")


def test_tables_that_were_not_supplied_are_empty(folder):
    for name in ("risks.csv", "value_stream.csv", "operations/incidents.csv"):
        (folder / name).unlink()
    engagement = intake.load(folder)
    assert (engagement.risks, engagement.value_stream, engagement.incidents) == ((), (), ())


def test_what_was_not_stated_is_none_not_zero(folder):
    stock = intake.load(folder).integration("stock")
    assert (stock.growth, stock.criticality, stock.changes_per_year) == (None, None, None)


def test_data_names_the_extracts_of_a_system(folder):
    (folder / "extracts/orders.csv").write_text("id\n1\n")
    (folder / "systems.csv").write_text(
        "id,data\ncrm,customers=extracts/customers.csv; orders=extracts\\orders.csv\nerp,extracts/orders.csv\n"
    )
    tables = intake.load(folder).tables
    assert [(t.name, t.location) for t in tables] == [
        ("crm.customers", "extracts/customers.csv"),
        ("crm.orders", "extracts/orders.csv"),
        ("erp", "extracts/orders.csv"),
    ]


def test_a_url_with_an_equals_sign_is_one_location(folder):
    url = "postgresql://u@db/crm?sslmode=require"
    (folder / "systems.csv").write_text(f"id,data\ncrm,{url}\nerp,orders={url}\n")
    (folder / "engagement.yaml").write_text("client: x\n")
    (folder / "integrations.csv").unlink()
    (folder / "value_stream.csv").unlink()
    for name in ("risks.csv", "change_requests.csv", "operations/incidents.csv"):
        (folder / name).unlink()
    with granted(Allowed(sources=("postgresql://db/",))):
        tables = intake.load(folder).tables
    assert [(t.entity, t.location) for t in tables] == [("", url), ("orders", url)]


def test_every_file_has_its_fingerprint(folder):
    files = {file.path: file for file in intake.load(folder).files}
    assert list(files) == sorted(files)
    assert {"engagement.yaml", "systems.csv", "extracts/customers.csv", "contracts/orders.yaml"} <= set(files)
    content = (folder / "extracts/customers.csv").read_bytes()
    assert files["extracts/customers.csv"].sha256 == hashlib.sha256(content).hexdigest()
    assert files["extracts/customers.csv"].bytes == len(content)


def test_files_of_the_folders_are_listed_sorted_and_relative(folder):
    for name in ("operations/b.csv", "operations/a/x.jsonl", "operations/.DS_Store", "catalog/c.yaml"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    engagement = intake.load(folder)
    assert engagement.run_logs == ("operations/a/x.jsonl", "operations/b.csv")
    assert engagement.catalog == ("catalog/c.yaml",)
    assert engagement.contracts == ("contracts/orders.yaml",)


def test_a_contract_is_found_by_its_name_alone(folder):
    (folder / "integrations.csv").write_text("id,source,target,contract\norders,crm,erp,orders.yaml\n")
    assert intake.load(folder).integration("orders").contract == "contracts/orders.yaml"


def test_shares_of_a_decision_are_written_one_way(folder):
    (folder / "value_stream.csv").write_text("step,next\na,b: 80 %; c:0.2\nb,c\nc,\n")
    assert [step.next for step in intake.load(folder).value_stream] == [("b:0.8", "c:0.2"), ("c",), ()]


def test_the_same_folder_loads_to_the_same_bytes(folder):
    assert intake.load(folder).to_json() == intake.load(str(folder)).to_json()


def test_json_round_trip(folder):
    engagement = intake.load(folder)
    assert intake.Engagement.from_json(engagement.to_json()) == engagement


def test_an_estimate_of_one_number_is_certain(folder):
    volume = intake.load(folder).integration("stock").volume
    assert isinstance(volume, Estimate)
    assert volume.certain


def test_the_location_of_a_table_is_shown_without_its_password():
    table = ExtractTable(system="crm", entity="", location="postgresql://ada:s3cret@db/crm")
    assert table.shown == "postgresql://ada:***@db/crm"
