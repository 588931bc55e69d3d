"""Accuracy of the single-table detectors on labelled public tables, by kind, by check, and its calibration.

    python benchmarks/quality_accuracy.py [--data DIR] [--only NAME] [--write]

Reads DIR/errors/NAME/{dirty,clean}.csv (DIR: option, else ASSESS_SHARED_DATA, else ../shared/data beside the
repository), profiles each dirty and each clean table through `detectors.detect` with neutral column names, and
prints precision, recall and F1 of the cells, alarms on the clean tables, how often each check was right, and
of the cells told with a confidence how many are wrong. --write renews benchmarks/accuracy.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from assess.evidence.quality.checks.check import list_cells
from assess.evidence.quality.checks.detection import detect
from assess.evidence.quality.table import open_table

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "benchmarks/accuracy.md"
BANDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.01)


def read(path: Path) -> pd.DataFrame:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame.columns = [f"c{k}" for k in range(frame.shape[1])]
    return frame


def cells_of(frame: pd.DataFrame, wrong: np.ndarray) -> tuple[pd.DataFrame, float]:
    """Cells told, each with whether it is wrong, and the seconds that took."""
    started = time.perf_counter()
    cells = list_cells(detect(open_table(frame)))
    seconds = time.perf_counter() - started
    place = {name: k for k, name in enumerate(frame.columns)}
    at = cells["column"].map(place).to_numpy(dtype=np.int64)
    return cells.assign(wrong=wrong[cells["row"].to_numpy(dtype=np.int64), at]), seconds


def score(folder: Path) -> tuple[dict[str, object], pd.DataFrame]:
    """Figures of one labelled table, and all cells told in it, dirty and clean."""
    dirty, clean = read(folder / "dirty.csv"), read(folder / "clean.csv")
    wrong = dirty.to_numpy() != clean.to_numpy()
    told, seconds = cells_of(dirty, wrong)
    alarms, _ = cells_of(clean, np.zeros_like(wrong))
    hit = int(told["wrong"].sum())
    kind = folder.name.split("__")[0] if "__" in folder.name else "four tables"
    row = {
        "table": folder.name, "kind": kind, "P": hit / max(1, len(told)), "R": hit / wrong.sum(),
        "F1": 2 * hit / (len(told) + wrong.sum()), "alarms": len(alarms) / clean.size, "seconds": seconds,
    }  # fmt: skip
    every = pd.concat([told.assign(clean=False), alarms.assign(clean=True)])
    return row, every.assign(table=folder.name)


def calibration(cells: pd.DataFrame) -> pd.DataFrame:
    """Of the cells told with a confidence, dirty and clean tables together, how many are wrong."""
    band = pd.cut(cells["confidence"], BANDS, right=False)
    grouped = cells.groupby(band, observed=True)
    return pd.DataFrame(
        {
            "cells": grouped.size(),
            "mean confidence": grouped["confidence"].mean(),
            "wrong": grouped["wrong"].mean(),
        }
    )


def by_check(cells: pd.DataFrame) -> pd.DataFrame:
    """Per check cells told in dirty tables, the share that is wrong, and alarms on clean tables."""
    grouped = cells.groupby("check")
    return pd.DataFrame(
        {
            "cells": cells[~cells["clean"]].groupby("check").size(),
            "wrong": cells[~cells["clean"]].groupby("check")["wrong"].mean(),
            "alarms on clean": grouped["clean"].sum(),
        }
    )


def table_of(frame: pd.DataFrame) -> str:
    """Write a frame as a Markdown table."""
    frame = frame.round(3).reset_index()
    head = [" | ".join(map(str, frame.columns)), " | ".join("---" for _ in frame.columns)]
    return "\n".join(
        f"| {line} |" for line in [*head, *(" | ".join(map(str, r)) for r in frame.itertuples(index=False))]
    )


def renewed(title: str, text: str) -> None:
    """Put a part of the report in the place of the one with the same title, or at its end."""
    head, found, rest = REPORT.read_text("utf-8").partition(f"{title}\n")
    after = rest[rest.find("\n## ") + 1 :] if found and "\n## " in rest else ""
    REPORT.write_text(
        f"{head.rstrip()}\n\n{title}\n\n{text.strip()}\n" + (f"\n{after}" if after else ""), "utf-8"
    )


def main() -> None:
    default = os.environ.get("ASSESS_SHARED_DATA", ROOT.parent / "shared/data")
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--data", type=Path, default=Path(default))
    ask.add_argument("--only", default="")
    ask.add_argument("--write", action="store_true")
    ask.add_argument("--cells", type=Path, help="write every cell told, with whether it is wrong, as parquet")
    asked = ask.parse_args()
    if not (asked.data / "errors").is_dir():
        print(f"no labelled tables under {asked.data}: set ASSESS_SHARED_DATA or --data")
        return
    rows, cells = [], []
    for folder in sorted((asked.data / "errors").iterdir()):
        if asked.only in folder.name:
            row, told = score(folder)
            rows.append(row)
            cells.append(told)
            print(
                f"{row['table']:62s} P {row['P']:.2f} R {row['R']:.2f} F1 {row['F1']:.2f} alarms {row['alarms']:.2%}",
                flush=True,
            )
    scored, every = pd.DataFrame(rows), pd.concat(cells)
    if asked.cells:
        every.to_parquet(asked.cells)
    kinds = scored.groupby("kind")[["P", "R", "F1", "alarms"]].mean()
    parts = {
        "By kind (mean over tables)": kinds,
        "The four tables": scored[scored.kind == "four tables"].set_index("table")[
            ["P", "R", "F1", "alarms"]
        ],
        "Calibration": calibration(every),
        "By check": by_check(every),
    }
    text = "\n\n".join(f"### {title}\n\n{table_of(part)}" for title, part in parts.items())
    gov = scored[scored.kind != "four tables"]
    summary = (
        f"{date.today().isoformat()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}. "
        f"Mean F1 of the four tables {scored[scored.kind == 'four tables'].F1.mean():.3f}, of the data.gov tables "
        f"{gov.F1.mean():.3f}; alarms on clean tables {scored.alarms.mean():.2%} of cells; "
        f"median {scored.seconds.median():.1f} s a table."
    )
    print(f"\n{summary}\n\n{text}")
    if asked.write and not asked.only:
        renewed("## Measured", f"{summary}\n\n{text}")


if __name__ == "__main__":
    main()
