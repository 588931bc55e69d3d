"""The whole job inside a stranger's folder that holds everything that somebody else's tools would obey."""

import csv
import io
import json
import re

import duckdb
import openpyxl
import pytest

from assess.intake.export import csv_text

MODULES = (
    "json",
    "plotly",
    "pandas",
    "numpy",
    "yaml",
    "duckdb",
    "voila",
    "tornado",
    "sitecustomize",
    "usercustomize",
)
PACKAGES = ("ipykernel", "assess", "data_profiling", "jupyter_client", "zmq")
TOOLS = (
    "conftest.py", "jupyter_server_config.py", "jupyter_lab_config.py", "jupyter_config.py", "jupyter_notebook_config.py",
    "ipython_config.py", "ipython_kernel_config.py", "voila_config.py", "jupyter_nbconvert_config.py", "matplotlibrc.py",
    ".ipython/profile_default/startup/00.py", ".ipython/profile_default/ipython_config.py",
    ".jupyter/jupyter_server_config.py", ".jupyter/jupyter_config.py", "assess-notebooks/acme/pandas.py",
)  # fmt: skip
TRAITS = {"ServerApp": {"jpserver_extensions": {"evil_extension": True}}}
FORMULAS = (
    "=1+1", "=WENN(1;2;3)", "＝1+1", "＋1+1", "－1+1", "＠SUM(1)", "-2+3+cmd|' /C calc'!A0", "+1+cmd|x", "@SUM(1)", "\t=1+1",
    " =1+1", "\n=1+1", "\r=1+1", "\ufeff=1+1", "\u00a0=1+1", '=HYPERLINK("http://x";"y")', "−2+3+cmd|x", "-cmd|x", "--1",
)  # fmt: skip
"""Formulas of other languages and other keyboards, and signs before them that a program skips."""
SCRIPTS = (
    "<img src=x onerror=window.hostile=1>",
    "<script>window.hostile=2</script>",
    '"><svg onload=window.hostile=3>',
)


def _mail(machine) -> None:
    """Put into the folder what it may come with."""
    acme = machine.acme
    for name in (*(f"{name}.py" for name in MODULES), *(f"{name}/__init__.py" for name in PACKAGES), *TOOLS):
        (acme / name).parent.mkdir(parents=True, exist_ok=True)
        (acme / name).write_text(machine.payload)
    for name in (
        "jupyter_server_config.json",
        "jupyter_config.json",
        "voila.json",
        ".jupyter/jupyter_config.json",
    ):
        (acme / name).write_text(json.dumps(TRAITS))
    (acme / "evil_extension.py").write_text(machine.payload)
    (acme / ".duckdbrc").write_text(f".shell touch {machine.flag}\n")
    (acme / ".env").write_text(f"PYTHONSTARTUP={acme}/conftest.py\n")
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "source": machine.payload,
        "outputs": [],
        "execution_count": None,
    }
    notebook = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    for name in (
        "2_data_quality.ipynb",
        "notebooks/2_data_quality.ipynb",
        "assess-notebooks/acme/2_data_quality.ipynb",
    ):
        (acme / name).parent.mkdir(parents=True, exist_ok=True)
        (acme / name).write_text(notebook)
    (machine.outside / "precious.lock").write_text("")
    (machine.outside / "secret.csv").write_text("id,login\n" + "".join(f"{i},CANARY{i}\n" for i in range(30)))
    (acme / ".assess-cache").symlink_to(machine.outside)


def _tables(machine) -> None:
    """Two tables with formulas and scripts that differ a little, and a database whose views read another file."""
    acme = machine.acme
    for name, other in (("a.csv", ""), ("b.csv", " ")):
        with (acme / "extracts" / name).open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(["id", "note", "city", "link", *SCRIPTS, "=1+1"])
            for i in range(400):
                note = FORMULAS[i % len(FORMULAS)] + (other if i % 7 == 0 else "")
                city = ("Berlin", "Hamburg", "München")[i % 3] if i % 50 else f"Berlin{other}x"
                link = f"-2+3+cmd|' /C cal{'k' if i == 5 else 'c'}'!A0"  # a typing error in a formula
                texts = [FORMULAS[(i + k) % len(FORMULAS)] for k in range(len(SCRIPTS))]
                out.writerow([f"{i:05d}", note, city, link, *texts, f"x{i % 5}"])
    secret = machine.outside / "secret.csv"
    base = duckdb.connect(str(acme / "extracts" / "m.duckdb"))
    base.execute("CREATE TABLE orders AS SELECT range AS id, 'n' || range AS name FROM range(40)")
    base.execute(f"CREATE VIEW v AS SELECT * FROM read_csv('{secret}')")
    for macro in ("duckdb_tables", "duckdb_columns", "duckdb_views"):
        base.execute(
            f"CREATE MACRO {macro}() AS TABLE SELECT 'main' AS schema_name, 'v' AS table_name, 'login' AS column_name"
        )
    for function in ("trim(a)", "lower(a)", "length(a)", "upper(a)", "regexp_matches(a, b)"):
        base.execute(f"CREATE MACRO {function} AS (SELECT content FROM read_text('{secret}'))")
    base.close()
    (acme / "systems.csv").write_text(
        "id,name,kind,data\n"
        f'crm,"{SCRIPTS[0]}",CRM,"orders=extracts/a.csv; base=extracts/m.duckdb"\n'
        f'erp,"$\\href{{javascript:window.hostile=4}}{{PAY}}$",ERP,orders=extracts/b.csv\n'
    )


@pytest.fixture(scope="module")
def job(shared_machine):
    """A run in the folder with deep profiles and with values shown: the machine and what the run said."""
    _mail(shared_machine)
    _tables(shared_machine)
    before = sorted(shared_machine.acme.rglob("*"))
    done = shared_machine.run(
        "run", ".", "-o", "../out", "--only", "0,2,3", "--profiles", "--show-values", cwd=shared_machine.acme, seconds=500,
        PGPASSWORD="CANARY-ENV", AWS_SECRET_ACCESS_KEY="CANARY-ENV",
    )  # fmt: skip
    return shared_machine, done, before


pytestmark = pytest.mark.slow


def test_the_run_goes_well_and_executes_nothing_of_it(job):
    machine, done, _ = job
    assert done.returncode == 0, done.stderr
    assert not machine.flag.exists(), machine.flag.read_text()
    results = json.loads((machine.work / "out" / "results.json").read_text("utf-8"))
    assert [chapter["state"] for chapter in results["chapters"]].count("failed") == 0


def test_nothing_is_written_into_the_folder_or_outside(job):
    machine, _, before = job
    assert sorted(machine.acme.rglob("*")) == before
    assert sorted(path.name for path in machine.outside.iterdir()) == ["precious.lock", "secret.csv"]
    assert {path.name for path in machine.work.iterdir()} == {"acme", "out"}
    assert list(machine.tmp.iterdir()) == []


def test_no_other_file_and_no_variable_is_in_what_the_run_left(job):
    machine, done, _ = job
    left = [
        path for place in (machine.work / "out", machine.home) for path in place.rglob("*") if path.is_file()
    ]
    assert left
    assert not [path for path in left if b"CANARY" in path.read_bytes()]
    assert "CANARY" not in done.stdout + done.stderr


def _begins_a_formula(text: str) -> bool:
    bare = text.lstrip(" \t\r\n\ufeff\u00a0\u200b")
    return (bare[:1] in tuple("=+-@＝＋－＠−") or text[:1] in ("\t", "\r")) and not re.fullmatch(
        r"[+-]?[\d.,]+(e[+-]?\d+)?%?", bare
    )


def test_no_cell_of_a_csv_or_workbook_begins_a_formula(job):
    machine, _, _ = job
    seen = 0
    for path in (machine.work / "out").rglob("*.csv"):
        with path.open(newline="", encoding="utf-8-sig") as file:
            for cell in (cell for row in csv.reader(file) for cell in row):
                seen += "cmd|" in cell
                assert not _begins_a_formula(cell), (path.name, cell)
    assert seen, "the formulas are there, as texts"
    for path in (machine.work / "out").rglob("*.xlsx"):
        for sheet in openpyxl.load_workbook(path):
            for cell in (cell for row in sheet.iter_rows() for cell in row):
                assert cell.data_type != "f" or "cmd" not in str(cell.value), (path.name, cell.coordinate)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_what_stands_behind_the_end_of_a_line_is_no_cell_of_its_own(end):
    """A carriage return ends a row for a spreadsheet, and Python's writer does not quote it: here it is quoted, and the text stays as it is."""
    text = csv_text(["town"], [[f"Ulm{end}=1+1"]])
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows == [["town"], [f"Ulm{end}=1+1"]] and text == f'town\n"Ulm{end}=1+1"\n'
    assert not any(_begins_a_formula(cell) for row in rows for cell in row)


@pytest.mark.browser
def test_no_page_executes_a_text_of_it(job, chromium):
    """report.html and every deep profile: no script of the client's runs, nothing is fetched, no link is a script."""
    machine, _, _ = job
    pages = sorted((machine.work / "out").rglob("*.html"))
    assert len(pages) >= 3
    for file in pages:
        context = chromium.new_context(offline=True)
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("dialog", lambda dialog, asked=asked: (asked.append("dialog"), dialog.dismiss()))
        page.goto(file.as_uri())
        page.wait_for_timeout(500)
        assert page.evaluate("window.hostile") is None, file.name
        assert page.locator("a[href^='javascript:' i]").count() == 0, file.name
        assert [url for url in asked if not url.startswith(("data:", "blob:", file.as_uri()))] == [], (
            file.name
        )
        context.close()


@pytest.mark.parametrize("command", ["lab", "serve"])
def test_a_server_obeys_no_file_of_the_folder(job, command):
    machine, _, before = job
    asked = "voila/render/2_data_quality.ipynb" if command == "serve" else ""
    said, page = machine.serve(command, machine.acme, asked)
    assert "http://127.0.0.1" in said or "http://localhost" in said, said[-2000:]
    assert ("Is the data good enough to connect?" in page) == bool(asked), said[-2000:]
    assert not machine.flag.exists(), machine.flag.read_text()
    assert sorted(machine.acme.rglob("*")) == before, (
        "the copies of the notebooks lie in the user's own folder"
    )
