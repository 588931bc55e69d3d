"""How long `assess run` takes against the plain way: each notebook by the papermill command, then nbconvert.

Both ways in one run on the same machine, warm (the first round of each is not counted), alternating.

    python benchmarks/run_speed.py data/samples/lead_to_cash [--rounds 3]
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


def ours(engagement: Path, out: Path) -> None:
    """Execute them by `assess run`, into one report."""
    subprocess.run([BIN / "assess", "run", engagement, "-o", out / "report"], check=True, capture_output=True)


def main() -> None:
    """Time both and print the ratio."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("engagement", type=Path)
    ask.add_argument("--rounds", type=int, default=3)
    options = ask.parse_args()
    engagement = options.engagement.resolve()
    times: dict[str, list[float]] = {"plain": [], "ours": []}
    for turn in range(options.rounds + 1):
        for name, way in (("ours", ours), ("plain", plain)):
            folder = Path(tempfile.mkdtemp())
            started = time.perf_counter()
            way(engagement, folder)
            if turn:
                times[name].append(time.perf_counter() - started)
            shutil.rmtree(folder)
    for name, seconds in times.items():
        print(f"{name:6s} median {statistics.median(seconds):6.1f} s  {[round(s, 1) for s in seconds]}")
    ratios = [a / b for a, b in zip(times["ours"], times["plain"], strict=True)]
    print(f"ratio  median {statistics.median(ratios):.2f}  of {len(shipped.notebooks())} notebooks")


if __name__ == "__main__":
    main()
