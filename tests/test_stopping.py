"""A run tells what it measures, and one that is stopped leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assess import intake
from assess.core import cache, messages, signature

ASSESS = [sys.executable, "-m", "assess.cli"]


def alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def engagement(tmp_path):
    """An engagement with a table that takes a while, and a folder for what does not fit into memory."""
    folder = intake.init(tmp_path / "acme")
    rng, n = np.random.default_rng(1), 150_000
    words = np.array(["".join(rng.choice(list("abcdefgh"), 9)) for _ in range(n // 3)])
    wide = pd.DataFrame({f"c{i}": words[rng.integers(0, len(words), n)] for i in range(10)})
    wide.to_parquet(folder / "extracts" / "wide.parquet", index=False)
    table = (folder / "systems.csv").read_text()
    (folder / "systems.csv").write_text(table.replace("extracts/shop_customers.csv", "extracts/wide.parquet"))
    return folder


def children(pid: int) -> list[int]:
    """Every process below one."""
    own = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(child) for child in own.read_text().split()] if own.exists() else []
    return found + [below for child in found for below in children(child)]


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_a_stopped_run_leaves_nothing_behind(engagement, tmp_path, monkeypatch):
    places = {name: tmp_path / name for name in ("tmp", "runtime", "state")}
    for place in places.values():
        place.mkdir()
    monkeypatch.setenv(signature.STATE, str(places["state"]))
    env = {**os.environ, "TMPDIR": str(places["tmp"]), "JUPYTER_RUNTIME_DIR": str(places["runtime"])}
    run = subprocess.Popen(
        [*ASSESS, "run", "acme", "-o", "out", "--memory", "512MB", "--spill-folder", "spill"], cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True,
        start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    spill = tmp_path / "spill"
    while not children(run.pid) and run.poll() is None:
        time.sleep(0.02)
    # in the middle of measuring, best while something is spilt, which can be a short while
    patience = time.monotonic() + 4
    while (
        not (spill.exists() and list(spill.iterdir())) and time.monotonic() < patience and run.poll() is None
    ):
        time.sleep(0.01)
    assert run.poll() is None, run.stderr.read()
    below = children(run.pid)
    assert below
    run.send_signal(signal.SIGINT)
    said = run.communicate(timeout=60)[1]
    assert run.returncode == 130, said
    assert "stopped; an earlier report is as it was" in said and "Traceback" not in said
    assert not [pid for pid in below if alive(pid)]
    names = {path.name for path in tmp_path.iterdir() if path.name not in places}
    assert {"acme"} <= names <= {"acme", "spill"}
    left = [path for place in (spill, places["tmp"], places["runtime"]) for path in place.rglob("*")]
    assert left == []
    kept = [path.name for path in cache.cache_folder().iterdir()]
    assert not [name for name in kept if name.endswith((".part", ".lock"))]


def test_progress_is_the_newest_line_and_nothing_without_a_listener(tmp_path, monkeypatch):
    monkeypatch.delenv(messages.PLACE, raising=False)
    messages.write_progress("nobody listens", last=True)
    assert list(tmp_path.iterdir()) == []
    place = tmp_path / "told"
    monkeypatch.setenv(messages.PLACE, str(place))
    monkeypatch.setattr(messages, "_last", 0.0)
    messages.write_progress("table 1 of 3")
    messages.write_progress("too soon")
    assert messages.read_progress(place) == "table 1 of 3"
    messages.write_progress("the end", last=True)
    assert messages.read_progress(place) == "the end"
    assert [p.name for p in tmp_path.iterdir()] == ["told"]


@pytest.mark.slow
def test_a_run_tells_tables_and_columns_while_it_measures(engagement, tmp_path):
    code = (
        "import datetime as dt, os, sys\nfrom pathlib import Path\nfrom assess import intake\n"
        "from assess.report.run import run\nplace = Path(sys.argv[1])\n"
        "run(intake.load(place), place, Path('out').resolve(), only=(2,), generated=dt.datetime(2026, 11, 22),\n"
        "    workers=1, watch=lambda told: print(told.measuring))\n"
        "print(sorted(name for name in os.environ if name in ('ASSESS_WORK', 'ASSESS_PROGRESS')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(engagement)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    *heard, kept = done.stdout.splitlines()
    assert any("table 1 of 2" in text and "column" in text and "of 10" in text for text in heard), heard
    assert kept == "[]"
    assert not (tmp_path / "out" / ".work").exists()
