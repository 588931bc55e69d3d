"""Answers of several people as one engagement."""

import csv

import pytest
from click.testing import CliRunner

from assess import intake
from assess.cli.commands import assess
from assess.decisions.snapshot import price_disagreements
from assess.intake.assumptions import defaults
from assess.intake.merging import merge, write_merged

SALES = {
    "engagement.yaml": "client: Acme\ncurrency: EUR\ndate: 2026-10-01\nteam: {people: 3}\n",
    "systems.csv": "id,name,owner\ncrm,CRM,Ada\nerp,ERP,\n",
    "integrations.csv": "id,source,target,volume,consumers\norders,crm,erp,1200,\nstock,erp,crm,,2\n",
}
FINANCE = {
    "engagement.yaml": "client: Acme\ndate: 1.10.2026\nteam: {day_rate: 800}\nassumptions: {build.foundation_days: {low: 1, likely: 2, high: 3}}\n",
    "systems.csv": "id,owner\nERP,Grace\nbank,Barbara\n",
    "integrations.csv": 'id,source,target,volume,consumers\nOrders,crm,erp,"1,200.0",4\nstock,erp,crm,500,3\nwires,erp,bank,90,\n',
}


def put(folder, files):
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def both(tmp_path):
    finance = dict(FINANCE)
    finance["systems.csv"] += "crm,\n"
    key = next(k for k in defaults() if k.startswith("build.") and defaults()[k].high >= 3)
    finance["engagement.yaml"] = finance["engagement.yaml"].replace("build.foundation_days", key)
    return put(tmp_path / "sales", SALES), put(tmp_path / "finance", finance)


def test_each_answer_counts_once_and_says_who_gave_it(both, tmp_path):
    merged = merge(both)
    engagement = merged.engagement()
    assert [(s.id, s.name, s.owner) for s in engagement.systems] == [
        ("crm", "CRM", "Ada"), ("erp", "ERP", "Grace"), ("bank", "", "Barbara"),
    ]  # fmt: skip
    assert [(i.id, i.volume.likely, i.consumers) for i in engagement.integrations] == [
        ("orders", 1200, 4), ("stock", 500, 2), ("wires", 90, None),
    ]  # fmt: skip
    assert (engagement.team.people, engagement.team.day_rate) == (3, 800)
    assert [a.likely for a in engagement.assumptions.overrides.values()] == [2]
    (differs,) = merged.disagreements  # 1200 and 1,200.0 are one number, the dates are one day
    assert (differs.table, differs.key, differs.column) == ("integrations", "stock", "consumers")
    assert [tuple(said) for said in differs.said] == [("sales", "2"), ("finance", "3")]
    target = write_merged(merged, tmp_path / "all")
    assert intake.load(target).integrations == engagement.integrations
    rows = list(csv.DictReader((target / "_provenance.csv").read_text().splitlines()))
    assert {
        "table": "systems",
        "row": "bank",
        "column": "owner",
        "value": "Barbara",
        "said by": "finance",
    } in rows
    assert len(rows) == sum(len(cell.said) for cell in merged.cells)


@pytest.mark.parametrize("workbook", [False, True])
def test_a_folder_and_its_workbook_have_no_disagreement(tmp_path, workbook):
    folder = put(tmp_path / "acme", SALES)
    intake.to_workbook(folder, tmp_path / "book.xlsx")
    merged = merge([folder, tmp_path / "book.xlsx"])
    assert merged.disagreements == ()
    written = intake.load(write_merged(merged, tmp_path / "all", workbook=workbook))
    before = intake.load(folder)
    assert (written.team.people, written.date) == (before.team.people, before.date)
    for name in ("systems", "integrations"):
        rows = [
            [row.model_dump(exclude={"origin", "volume"}) for row in getattr(e, name)]
            for e in (before, written)
        ]
        assert rows[0] == rows[1]


def test_examples_of_the_template_are_nobodys_answer(tmp_path):
    own = put(tmp_path / "sales", SALES)
    intake.init(tmp_path / "new")
    merged = merge([own, tmp_path / "new"])
    assert [s.id for s in merged.engagement().systems] == ["crm", "erp"]
    assert ("systems", "shop") in merged.left_out


def test_problems_of_all_files_are_named_at_once(both):
    for folder, text in zip(both, ("many", "few"), strict=True):
        file = folder / "integrations.csv"
        file.write_text(file.read_text().replace("stock,erp,crm,", f"stock,erp,crm,{text}", 1))
    with pytest.raises(intake.InvalidEngagement) as raised:
        merge(both)
    assert [(p.file, p.value) for p in raised.value.problems] == [
        ("sales/integrations.csv", "many"), ("finance/integrations.csv", "few500"),
    ]  # fmt: skip


def test_a_disagreement_is_priced_by_the_one_decision(both):
    file = both[0] / "engagement.yaml"
    file.write_text(file.read_text().replace("{people: 3}", "{people: 3, day_rate: 400}"))
    priced = {p.place: p for p in price_disagreements(merge(both))}
    assert set(priced) == {"engagement, team.day_rate", "integrations, stock, consumers"}
    rate = priced["engagement, team.day_rate"]
    assert rate.answers == ("400", "800") and len(rate.gain) == 2
    known = [g for g in rate.gain if g is not None]
    assert rate.swing == (max(known) - min(known) if len(known) == 2 else None)


def test_the_command_says_what_differs_and_ends_with_2_where_something_is_wrong(both, tmp_path):
    done = CliRunner().invoke(assess, ["merge", *map(str, both), "--into", str(tmp_path / "all")])
    assert done.exit_code == 0, done.output
    assert "integrations, stock, consumers: 2 or 3: " in done.output
    assert "the answers of 2 files, 1 disagreement." in done.output
    again = CliRunner().invoke(assess, ["merge", *map(str, both), "--into", str(tmp_path / "all")])
    assert again.exit_code == 2 and "Traceback" not in again.output
    alone = CliRunner().invoke(assess, ["merge", str(both[0]), "--into", str(tmp_path / "b")])
    assert alone.exit_code == 2 and "two or more" in alone.output
