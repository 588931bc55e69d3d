"""The whole job, as a user starts it: an engagement in, a report out."""

import csv
import html
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from hostile import poison
from hostile.poison import HOSTILE

from assess.core.cache import cache_folder

ASSESS = [sys.executable, "-m", "assess.cli"]
TIME = "2026-11-22T09:00"


def call(*arguments: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ASSESS, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.fixture
def engagement(tmp_path):
    """A new engagement, as `assess init` writes it."""
    assert call("init", "acme", cwd=tmp_path).returncode == 0
    return tmp_path / "acme"


def with_value(table: Path, column: str, value: str) -> str:
    """Return a CSV table with a value in a column of the first row."""
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows[0][column] = value
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def guarded(said: Path) -> dict[str, str]:
    """Return the variables under which a process writes down what it would send."""
    paths = [str(Path(__file__).parent / "guard"), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "ASSESS_GUARD": str(said)}


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """Two runs of one engagement with hostile texts in every field, under the guard: its folder and what was left."""
    folder = tmp_path_factory.mktemp("job")
    assert call("init", "plain", cwd=folder).returncode == 0
    engagement = poison.poison(folder / "plain", folder / "acme")
    fields = list(poison.fields())
    assert len(fields) > 50
    assert [field for field in fields if not poison.holds(engagement, field)] == []
    table = engagement.folder / engagement.tables[0].location
    table.write_text(with_value(table, "name", HOSTILE["customer"]), "utf-8")
    env = guarded(folder / "guard.txt")
    for out in ("one", "two"):
        done = call("run", "acme", "-o", out, "--time", TIME, "--show-values", "--fresh", cwd=folder, **env)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", ["results.json", "report.html"])
def test_two_runs_leave_the_same_bytes(job, name):
    assert (job / "one" / name).read_bytes() == (job / "two" / name).read_bytes()


@pytest.mark.slow
def test_a_run_sends_nothing(job):
    assert not (job / "guard.txt").exists(), (job / "guard.txt").read_text()


@pytest.mark.slow
def test_every_chapter_is_assessed_and_every_notebook_kept(job):
    results = json.loads((job / "one" / "results.json").read_text("utf-8"))
    assert {c["state"] for c in results["chapters"]} == {"assessed"}
    for ending in (".ipynb", ".json"):  # the notebook, and the facts of its chapter
        kept = [p.stem[2:] for p in sorted((job / "one" / "notebooks").glob(f"*{ending}"))]
        assert kept == [c["key"] for c in results["chapters"]]


@pytest.mark.slow
def test_nothing_is_written_elsewhere_whatever_a_system_is_called(job):
    """An id such as ``../../x`` names files of the report, but no other folder."""
    assert {path.name for path in job.iterdir()} == {"plain", "acme", "one", "two"}
    assert not [path for path in job.parent.iterdir() if "onerror" in path.name]
    files = [path for path in (job / "one" / "cleansing").iterdir() if "onerror" in path.name]
    assert len(files) >= 3
    for path in files:
        said = path.read_text("utf-8").split("-- Check")[0].splitlines()
        assert all(line.startswith("--") or not line for line in said), (
            "no name ends the comment that it stands in"
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["actions.xlsx", "model.xlsx"])
def test_no_hostile_text_is_a_formula_in_a_workbook(job, name):
    """The formulas of model.xlsx are its own: none holds a word of the client's, and every text is a text."""
    ours = re.compile(r"[\w\s=+\-*/^(),.:$!'<>\"&;-]*")
    texts = formulas = 0
    for sheet in openpyxl.load_workbook(job / "one" / name):
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if cell.data_type == "f":
                formulas += 1
                assert ours.fullmatch(cell.value) and "alert" not in cell.value and "cmd" not in cell.value
            texts += cell.data_type == "s" and (
                "alert(" in cell.value or cell.value.startswith(("=cmd", "@SUM"))
            )
    assert texts > 5
    assert (formulas > 0) == (name == "model.xlsx")


@pytest.mark.slow
@pytest.mark.browser
def test_the_page_opens_offline_and_hostile_names_are_text(job, chromium):
    said, asked = [], []
    context = chromium.new_context(offline=True, reduced_motion="reduce")
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append("dialog"), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    file = job / "one" / "report.html"
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert said == []
    figures = page.locator("figure").count()
    assert figures >= 8
    assert page.locator("figure svg").count() == figures
    shown = (file.parent / "evidence.html").read_text("utf-8") + page.locator("body").inner_text()
    shown = html.unescape(shown)
    for part in (
        HOSTILE["name"],
        HOSTILE["closing"][:20],
        "=cmd|",
        "⟨U+202E⟩gnp.exe",
        "(100,000 characters)",
    ):
        assert part in shown, part
    assert page.locator("img, iframe, object, embed").count() == 0
    assert page.locator("body script:not([type])").count() == 1
    for scheme, width in (("light", 1280), ("dark", 1280), ("light", 390)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page).response["violations"]
        assert not found, [(v["id"], v["nodes"][0]["html"][:200]) for v in found]
    assert file.stat().st_size <= 500_000
    context.close()


def test_the_guard_of_this_test_catches_what_leaves(tmp_path):
    env = guarded(tmp_path / "guard.txt")
    code = "import urllib.request as u\ntry: u.urlopen('http://192.0.2.1', timeout=1)\nexcept OSError: pass"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, **env}, check=True)
    assert "192.0.2.1" in (tmp_path / "guard.txt").read_text()


@pytest.mark.slow
def test_a_killed_run_leaves_the_earlier_report_whole(engagement, tmp_path):
    assert call("run", "acme", "-o", "out", "--only", "3", "--time", TIME, cwd=tmp_path).returncode == 0
    before = {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    there = set(tmp_path.iterdir())
    run = subprocess.Popen([*ASSESS, "run", "acme", "-o", "out"], cwd=tmp_path, stderr=subprocess.DEVNULL)
    while set(tmp_path.iterdir()) == there and run.poll() is None:
        time.sleep(0.05)
    assert run.poll() is None
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()} == before
    assert call("run", "acme", "-o", "out", "--only", "3", "--time", TIME, cwd=tmp_path).returncode == 0
    assert set(tmp_path.iterdir()) == there


@pytest.mark.slow
def test_a_failing_notebook_is_told_in_plain_words_and_the_rest_is_reported(engagement, tmp_path):
    code = (
        "import sys\nfrom pathlib import Path\nfrom assess import cli\nfrom assess.report import shipped\n"
        "real = dict(shipped.notebooks())\n"
        "broken = Path('broken') / '4_build_or_buy.ipynb'\n"
        "text = real[4].read_text().replace('notebook_display.answer(chapter)', '1 / 0')\n"
        "broken.parent.mkdir()\nbroken.write_text(text)\n"
        "shipped.notebooks = lambda: {3: real[3], 4: broken.resolve()}\n"
        "sys.argv = ['assess', 'run', 'acme', '-o', 'out']\ncli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 1, done.stderr
    assert (
        "4_build_or_buy failed: The notebook stopped in cell 4: division by zero (ZeroDivisionError)."
        in done.stderr
    )
    assert "Traceback" not in done.stderr
    chapters = {
        c["number"]: c for c in json.loads((tmp_path / "out" / "results.json").read_text())["chapters"]
    }
    assert (chapters[3]["state"], chapters[4]["state"]) == ("assessed", "failed")
    assert "division by zero" in (tmp_path / "out" / "report.html").read_text()
    assert "Traceback" not in (tmp_path / "out" / "report.html").read_text()


def test_unknown_parameters_are_refused_before_anything_runs(engagement, tmp_path):
    done = call("run", "acme", "-p", "sed", "3", "-p", "draws", "many", cwd=tmp_path)
    assert done.returncode == 2
    assert "unknown parameter 'sed', did you mean 'seed'?" in done.stderr
    assert "parameter 'draws': 'many' is not a whole number" in done.stderr
    assert not (tmp_path / "reports").exists()


def test_a_folder_that_is_no_report_is_not_replaced(engagement, tmp_path):
    done = call("run", "acme", "-o", "acme", cwd=tmp_path)
    assert done.returncode == 2
    assert "acme: is the engagement" in done.stderr
    assert (engagement / "engagement.yaml").exists()


def test_a_new_engagement_goes_into_no_folder_that_holds_something(engagement, tmp_path):
    before = {path: path.read_bytes() for path in engagement.rglob("*") if path.is_file()}
    done = call("init", "acme", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "acme: is not empty; allowed: a new or empty folder\n")
    assert {path: path.read_bytes() for path in engagement.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("arguments", [["frobnicate"], ["run"], ["rnu", "x"], ["run", "x", "--only"]])
def test_a_mistyped_command_says_what_is_there(arguments, tmp_path):
    done = call(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Error: " in done.stderr


@pytest.mark.slow
def test_a_password_in_a_table_url_is_nowhere_in_what_a_run_leaves(engagement, tmp_path):
    """The server refuses: the table is not assessed, the run goes on, and the secret stays in the client's file."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secret = "hunter2-s3cret"
    table = engagement / "systems.csv"
    url = f"postgresql://ann:{secret}@127.0.0.1:{port}/crm#customers"
    table.write_text(table.read_text().replace("extracts/shop_customers.csv", url))
    allow = ("--allow", f"postgresql://ann:{secret}@127.0.0.1:{port}")
    done = call("run", "acme", "-o", "out", "--only", "0,2", "--time", TIME, *allow, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert secret not in done.stdout + done.stderr
    results = json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))
    (chapter,) = (c for c in results["chapters"] if c["number"] == 2)
    assert any("ann:***@127.0.0.1" in finding["title"] for finding in chapter["findings"])
    for path in (*(tmp_path / "out").rglob("*"), *cache_folder().iterdir()):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                assert not any(secret.encode() in book.read(name) for name in book.namelist()), path
        elif path.is_file():
            assert secret.encode() not in path.read_bytes(), path
