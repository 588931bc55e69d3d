"""The whole job, as a user starts it: an engagement in, a report out."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
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


@pytest.mark.slow
def test_a_run_leaves_the_same_bytes_twice_and_sends_nothing(engagement, tmp_path):
    guard = tmp_path / "guard.txt"
    env = {"PYTHONPATH": str(Path(__file__).parent / "guard"), "ASSESS_GUARD": str(guard)}
    left = []
    for out in ("one", "two"):
        done = call("run", "acme", "-o", out, "--time", TIME, cwd=tmp_path, **env)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        left.append({name: (tmp_path / out / name).read_bytes() for name in ("results.json", "report.html")})
        shutil.rmtree(engagement / ".assess-cache")
    assert left[0] == left[1]
    assert not guard.exists(), guard.read_text()
    results = json.loads(left[0]["results.json"])
    assert {c["state"] for c in results["chapters"]} == {"assessed"}
    assert (
        sorted(p.name for p in (tmp_path / "one" / "notebooks").iterdir())[0] == "0_executive_summary.ipynb"
    )


def test_the_guard_of_this_test_catches_what_leaves(tmp_path):
    env = {"PYTHONPATH": str(Path(__file__).parent / "guard"), "ASSESS_GUARD": str(tmp_path / "guard.txt")}
    code = "import urllib.request as u\ntry: u.urlopen('http://192.0.2.1', timeout=1)\nexcept OSError: pass"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, **env}, check=True)
    assert "192.0.2.1" in (tmp_path / "guard.txt").read_text()


@pytest.mark.slow
def test_a_killed_run_leaves_the_earlier_report_whole(engagement, tmp_path):
    assert call("run", "acme", "-o", "out", "--only", "3", "--time", TIME, cwd=tmp_path).returncode == 0
    before = {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    run = subprocess.Popen([*ASSESS, "run", "acme", "-o", "out"], cwd=tmp_path, stderr=subprocess.DEVNULL)
    while not list(tmp_path.glob(".out.partial-*")) and run.poll() is None:
        time.sleep(0.05)
    assert run.poll() is None
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()} == before
    assert call("run", "acme", "-o", "out", "--only", "3", "--time", TIME, cwd=tmp_path).returncode == 0
    assert not list(tmp_path.glob(".out.*"))


@pytest.mark.slow
def test_a_failing_notebook_is_told_in_plain_words_and_the_rest_is_reported(engagement, tmp_path):
    code = (
        "import sys\nfrom pathlib import Path\nfrom assess import cli\nfrom assess.report import shipped\n"
        "real = dict(shipped.notebooks())\n"
        "broken = Path('broken') / '4_build_or_buy.ipynb'\n"
        "text = real[4].read_text().replace('showing.answer(chapter)', '1 / 0')\n"
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
    assert "holds files but no earlier report" in done.stderr
    assert (engagement / "engagement.yaml").exists()


@pytest.mark.parametrize("arguments", [["frobnicate"], ["run"], ["rnu", "x"], ["run", "x", "--only"]])
def test_a_mistyped_command_says_what_is_there(arguments, tmp_path):
    done = call(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Usage" in done.stderr
