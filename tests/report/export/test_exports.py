"""What `assess export` writes says what the decision says, in files that others take; their readers are in test_readers."""

import csv
import io
import re

import pytest
import yaml
from click.testing import CliRunner

from assess import intake
from assess.cli.commands import assess
from assess.core.extras import EXTRAS
from assess.decisions.assessment import Assessment
from assess.report.export import FORMATS, NotExported, export

TABLES = [name for name, form in FORMATS.items() if form.file.endswith(".csv")]


@pytest.fixture(scope="module")
def lead(sample):
    return sample("lead_to_cash")


def one(assessment, name):
    (content,) = export(assessment, name).values()
    return content


def rows(assessment, name):
    return list(csv.DictReader(io.StringIO(one(assessment, name))))


def copy(tmp_path, **cells):
    """The template with cells of its integrations or risks changed."""
    folder = intake.init(tmp_path / "acme")
    for file, change in cells.items():
        path = folder / f"{file}.csv"
        path.write_text(change(path.read_text("utf-8")), "utf-8")
    return Assessment.open(folder, draws=200)


@pytest.mark.parametrize("name", [n for n in FORMATS if n not in ("pdf", "pptx")])
def test_the_same_answers_give_the_same_bytes(name, lead):
    assert export(lead, name) == export(lead, name)


def test_the_risk_register_holds_each_risk_with_its_loss(lead):
    found = rows(lead, "risks")
    assert [row["id"] for row in found] == [item.id for item in lead.risk.items]
    for row, item in zip(found, lead.risk.items, strict=True):
        assert float(row["expected loss a year"]) == pytest.approx(item.ale, abs=0.5)
        assert row["basis"] == ("measured" if item.measured else "stated" if item.stated else "assumed")


def test_the_backlog_holds_the_plan_and_what_stands_beside_it_once(lead):
    found = rows(lead, "jira")
    tasks = [row for row in found if row["Issue Type"] == "Task"]
    planned = {item.label for item in lead.roadmap.items if item.kind == "integration"}
    built = [row["Summary"].removeprefix("Build ") for row in tasks if row["Summary"].startswith("Build ")]
    assert sorted(built) == sorted(planned)
    titles = [row["Summary"] for row in tasks]
    assert len(titles) == len(set(titles))
    days = sum(item.days for item in lead.roadmap.items)
    epics = {row["Issue Id"]: row["Summary"] for row in found if row["Issue Type"] == "Epic"}
    estimated = sum(
        float(row["Original Estimate"]) for row in tasks if epics[row["Parent Id"]] != "Beside the plan"
    )
    assert estimated / 8 / 3600 == pytest.approx(days, abs=0.01)
    assert {id for row in tasks for id in row["Blocked by"].split()} <= {row["Issue Id"] for row in tasks}


def test_jira_and_github_hold_the_same_work(lead):
    tasks = [row["Summary"] for row in rows(lead, "jira") if row["Issue Type"] == "Task"]
    assert [row["title"] for row in rows(lead, "github")] == tasks


def test_headers_for_jira_have_no_punctuation(lead):
    header = one(lead, "jira").splitlines()[0]
    assert re.fullmatch(r"[A-Za-z ]+(,[A-Za-z ]+)*", header)


def test_a_task_waits_for_what_ends_before_it_begins(lead):
    ends = {row["id"]: row["finish"] for row in rows(lead, "roadmap")}
    for row in rows(lead, "roadmap"):
        assert row["start"] <= row["finish"]
        assert all(ends[id] < row["start"] for id in row["after"].split("; ") if id)


def test_the_mapping_holds_every_column_of_both_sides_once(lead):
    for pair in lead.quality.comparisons:
        own = [
            r
            for r in rows(lead, "mapping")
            if (r["source table"], r["target table"]) == (pair.source, pair.target)
        ]
        left = [row["source column"] for row in own if row["source column"]]
        right = [row["target column"] for row in own if row["target column"]]
        assert sorted(left) == sorted(facts.name for facts in lead.quality.profile(pair.source).facts)
        assert sorted(right) == sorted(facts.name for facts in lead.quality.profile(pair.target).facts)  # fmt: skip


def test_a_guess_is_in_no_glossary(lead):
    sure = {
        m.target_column for pair in lead.quality.comparisons for m in pair.mapping.matches if not m.uncertain
    }
    assert {row["term"] for row in rows(lead, "glossary")} == sure


@pytest.mark.parametrize("name", ["mapping", "glossary", "contracts"])
def test_no_value_of_the_clients_data_leaves(name, lead):
    """Names of people and their addresses stand in the extracts of the sample."""
    text = "".join(export(lead, name).values())
    customers = lead.stated.locate("extracts/crm_customers.csv")
    with open(customers, encoding="utf-8") as file:
        people = [row["last_name"] for row in csv.DictReader(file)][:400]
    assert not [one for one in people if len(one) > 4 and re.search(rf"\b{re.escape(one)}\b", text)]


def test_no_cell_is_a_formula(tmp_path):
    evil = "=HYPERLINK(1)"
    found = copy(
        tmp_path, risks=lambda text: text + f'evil,"{evil}",scope,1,1000,2000,,,"{evil}",100,,0.5,"{evil}"\n'
    )
    for name in ("risks", "jira", "github"):
        cells = [cell for row in csv.reader(io.StringIO(one(found, name))) for cell in row]
        assert not [cell for cell in cells if cell.startswith("=")]
        assert any(evil in cell for cell in cells), name


def test_a_secret_in_a_text_is_in_no_export(tmp_path):
    secret = "postgresql://bob:hunter2@db/sales"
    found = copy(
        tmp_path, risks=lambda text: text + f"leak,{secret},scope,1,1000,2000,,,{secret},100,,0.5,\n"
    )
    for name in (
        "brief",
        "decisions",
        "risks",
        "jira",
        "github",
        "roadmap",
        "backstage",
        "mermaid",
        "drawio",
    ):
        assert "hunter2" not in "".join(map(str, export(found, name).values())), name


def test_decisions_are_proposed_and_say_what_the_decision_says(lead):
    log = export(lead, "decisions")
    moved = set(lead.decision.assignment) | {i.integration for i in lead.decision.integrations if i.choice in ("retire", "open")}  # fmt: skip
    assert len(log) == 1 + len(moved)
    for text in log.values():
        head = yaml.safe_load(text.split("---\n")[1])
        assert head["status"] == "proposed"
        assert head["decision-makers"]
        wanted = [
            "## Context and Problem Statement",
            "## Considered Options",
            "## Decision Outcome",
            "### Consequences",
        ]
        assert [line for line in text.splitlines() if line in wanted] == wanted


def test_a_stub_promises_only_what_was_stated(lead):
    for name, text in export(lead, "contracts").items():
        document = yaml.safe_load(text)
        row = lead.engagement.integration(name.split(".")[0])
        places = [document, *document.get("operations", {}).values()]
        level = next((place["x-service-level"] for place in places if "x-service-level" in place), {})
        assert level.get("latency-seconds") == row.latency_seconds
        assert level.get("throughput-per-second") == row.peak_per_second
        assert set(level) <= {"latency-seconds", "throughput-per-second", "owner"}
        assert "authentication" in document["info"]["description"]


def test_a_catalog_that_was_exported_is_found_again(lead, tmp_path):
    """The reader of catalogs knows each system and each integration that it declares."""
    import shutil

    from assess.evidence import catalog

    folder = tmp_path / "again"
    shutil.copytree(lead.stated.folder, folder)
    for old in (folder / "catalog").iterdir():
        old.unlink()
    text = one(lead, "backstage").replace("./contracts/", "../contracts/")
    (folder / "catalog" / "catalog-info.yaml").write_text(text, "utf-8")
    found = catalog.load(intake.load(folder))
    assert not found.problems and not found.dangling
    assert set(found.binding.systems) == {system.id for system in lead.stated.systems}
    assert set(found.binding.declared) == {row.id for row in lead.stated.integrations}


def test_names_that_hold_no_latin_letter_get_a_file_each(tmp_path):
    def rename(text):
        head, *lines = text.splitlines()
        return "\n".join([head, *(f"{sign},{line.split(',', 1)[1]}" for sign, line in zip("注文顧客", lines, strict=False))]) + "\n"  # fmt: skip

    folder = intake.init(tmp_path / "acme")
    for file in ("integrations", "value_stream", "risks", "change_requests"):
        path = folder / f"{file}.csv"
        if file != "integrations" and path.exists():
            path.unlink()
    path = folder / "integrations.csv"
    path.write_text(rename(path.read_text("utf-8")), "utf-8")
    for extra in ("operations", "stack.csv"):
        target = folder / extra
        if target.is_file():
            target.unlink()
        elif target.is_dir():
            import shutil

            shutil.rmtree(target)
    found = Assessment.open(folder, draws=200)
    names = [e["metadata"]["name"] for e in yaml.safe_load_all(one(found, "backstage"))]
    assert len(names) == len(set(names))
    moved = set(found.decision.assignment)
    assert len(export(found, "decisions")) >= 1 + len(moved)


def test_nothing_to_write_is_said(sample):
    for name in ("mapping", "glossary"):
        with pytest.raises(NotExported, match=r"systems\.csv"):
            export(sample("minimal"), name)


def run(*arguments):
    return CliRunner().invoke(assess, ["export", *map(str, arguments)])


def test_a_wrong_format_is_named_with_those_there_are(sample):
    done = run(sample("minimal").stated.folder, "--to", "jria")
    assert done.exit_code == 2
    assert done.stderr.startswith("--to jria: no such format; there are brief, pdf, ")
    assert not done.stdout


def test_a_missing_extra_is_named(sample, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, EXTRAS["slides"].module, None)
    done = run(sample("minimal").stated.folder, "--to", "pptx")
    assert done.exit_code == 2
    assert done.stderr.endswith("--to pptx needs the package python-pptx, which is not installed: pip install 'assess[slides]'\n")  # fmt: skip


def test_no_browser_is_said(sample, monkeypatch):
    monkeypatch.delenv("ASSESS_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NotExported, match="--to pdf needs Chromium, Chrome or Edge"):
        export(sample("minimal"), "pdf")


def test_what_can_be_written_is_written(tmp_path, sample):
    out = tmp_path / "handover"
    done = run(sample("minimal").stated.folder, "--to", "all", "-o", out)
    assert done.exit_code == 0, done.output
    assert (out / "risks.csv").exists() and list((out / "decisions").glob("0000-*.md"))
    assert not (out / "mapping.csv").exists() and "mapping: no two tables were compared" in done.stderr


def test_every_format_is_documented():
    from pathlib import Path

    page = (Path(__file__).parents[3] / "docs" / "export.md").read_text("utf-8")
    assert re.findall(r"^\| `(\w+)`", page, re.M) == list(FORMATS)
