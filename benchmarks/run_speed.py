"""How long `assess run` takes against the plain way: each notebook by the papermill command, then nbconvert.

All ways in one run on the same machine, warm (the first round of each is not counted), alternating. "again" is a run
into the folder of the first, after one assumption of the engagement has changed: what does not depend on it is kept.

    python benchmarks/run_speed.py data/samples/lead_to_cash [--rounds 3] [--change value_stream.hour_cost]
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from assess import intake
from assess.report import shipped

BIN = Path(sys.executable).parent


def plain(engagement: Path, out: Path) -> None:
    """Execute the notebooks one after the other by papermill, then convert each to HTML."""
    for notebook in shipped.notebooks().values():
        executed = out / notebook.name
        papermill = [
            BIN / "papermill",
            notebook,
            executed,
            "-p",
            "engagement",
            engagement,
            "--no-progress-bar",
        ]
        subprocess.run(papermill, check=True, capture_output=True)
        subprocess.run(
            [BIN / "jupyter", "nbconvert", "--to", "html", executed], check=True, capture_output=True
        )


def ours(engagement: Path, out: Path) -> str:
    """Execute them by `assess run`, into one report; return what it told."""
    command = [BIN / "assess", "run", engagement, "-o", out / "report"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


def change(engagement: Path, key: str, turn: int) -> None:
    """Override an assumption by its likely value and some tenths more, other ones each turn."""
    file = engagement / "engagement.yaml"
    settings = yaml.safe_load(file.read_text("utf-8"))
    likely = intake.load(engagement).assumptions[key].likely * (1 + (turn + 1) / 10)
    settings.setdefault("assumptions", {})[key] = {
        "low": likely, "likely": likely, "high": likely, "source": "benchmark", "date": dt.date(2026, 11, 22),
    }  # fmt: skip
    file.write_text(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True), "utf-8")


def main() -> None:
    """Time both and print the ratio."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("engagement", type=Path)
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--change", default="value_stream.hour_cost", help="the assumption that changes")
    options = ask.parse_args()
    times: dict[str, list[float]] = {"ours": [], "again": [], "plain": []}
    work = Path(tempfile.mkdtemp())
    engagement = work / options.engagement.resolve().name
    shutil.copytree(options.engagement, engagement)
    for turn in range(options.rounds + 1):
        folder = work / str(turn)
        folder.mkdir()
        for name, way in (("ours", ours), ("again", ours), ("plain", plain)):
            if name == "again":
                change(engagement, options.change, turn)
            started = time.perf_counter()
            told = way(engagement, folder)
            if turn:
                times[name].append(time.perf_counter() - started)
            if name == "again" and turn:
                print(f"again, {options.change} changed: {told.strip() or 'nothing kept'}")
    shutil.rmtree(work)
    for name, seconds in times.items():
        print(f"{name:6s} median {statistics.median(seconds):6.1f} s  {[round(s, 1) for s in seconds]}")
    for name in ("ours", "again"):
        ratios = [a / b for a, b in zip(times[name], times["plain"], strict=True)]
        print(
            f"ratio  {name:6s} median {statistics.median(ratios):.2f}  of {len(shipped.notebooks())} notebooks"
        )


if __name__ == "__main__":
    main()
