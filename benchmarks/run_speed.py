"""How long `assess run` takes against the plain way: each notebook by the papermill command, then nbconvert.

All ways in one run on the same machine, warm (the first round of each is not counted), alternating. "again" is a run
into the folder of the first, after one assumption of the engagement has changed: what does not depend on it is kept.

    python benchmarks/run_speed.py data/samples/lead_to_cash [--rounds 3] [--change value_stream.hour_cost]

With ``--against``, the command of another version, its CPU seconds (user and system, with all processes) are compared
with those of this one instead: each run with a home of its own, so that nothing is kept from an earlier one, in pairs.

    git worktree add ../before 440c6b6 && make -C ../before .venv/run.stamp
    python benchmarks/run_speed.py data/samples/lead_to_cash --against ../before/.venv/bin/assess
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import resource
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


def cold(assess: Path, engagement: Path) -> float:
    """Return the CPU seconds of a run that finds nothing kept."""
    with tempfile.TemporaryDirectory() as place:
        given = Path(place) / engagement.name
        shutil.copytree(engagement, given, ignore=shutil.ignore_patterns(".assess-cache"))
        home = {
            "HOME": place,
            **{f"XDG_{name}_HOME": f"{place}/{name}" for name in ("CACHE", "CONFIG", "DATA", "STATE")},
        }
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [assess, "run", given, "-o", Path(place) / "report"]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, **home})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def compare(other: Path, engagement: Path, rounds: int) -> None:
    """Print the CPU seconds of both versions, in pairs, and what this one takes more."""
    more = []
    for turn in range(rounds):
        then, now = cold(other, engagement), cold(BIN / "assess", engagement)
        more.append(now / then - 1)
        print(f"pair {turn + 1}: {then:.1f} -> {now:.1f} s CPU ({more[-1]:+.1%})", flush=True)
    print(f"median {statistics.median(more):+.1%}")


def main() -> None:
    """Time both and print the ratio."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("engagement", type=Path)
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--change", default="value_stream.hour_cost", help="the assumption that changes")
    ask.add_argument("--against", type=Path, help="the command assess of another version")
    options = ask.parse_args()
    if options.against:
        compare(options.against.absolute(), options.engagement.resolve(), options.rounds)
        return
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
