"""Accuracy between two systems on labelled public tables: cells that break the target, and columns that match.

    python benchmarks/two_systems.py [--data DIR] [--only NAME] [--write]

Cells: of DIR/errors/NAME/{dirty,clean}.csv the even rows with their errors are the source, the odd rows
of the clean table the target; a cell that `compare` tells is right if it differs from the clean source.
Columns: `match_columns` on DIR/schema/NAME/{source,target}.csv against truth.csv. --write renews the part
"Between two systems" of benchmarks/accuracy.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from quality_accuracy import ROOT, read, renewed, table_of

from assess.evidence import quality

TITLE = "## Between two systems"


def figures(hit: int, told: int, wrong: int) -> dict[str, float]:
    """Precision, recall and F1."""
    return {"P": hit / max(1, told), "R": hit / max(1, wrong), "F1": 2 * hit / max(1, told + wrong)}


def halves(dirty: pd.DataFrame, clean: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Source, target, and which cells of the source are wrong."""
    source, right = dirty.iloc[::2].reset_index(drop=True), clean.iloc[::2].reset_index(drop=True)
    return source, clean.iloc[1::2].reset_index(drop=True), source.to_numpy() != right.to_numpy()


def between(dirty: pd.DataFrame, clean: pd.DataFrame) -> dict[str, float]:
    """Figures of one table cut into a source and a target."""
    source, target, wrong = halves(dirty, clean)
    cells = quality.compare(source, target).cells
    at = cells["column"].map({name: k for k, name in enumerate(source.columns)}).to_numpy(np.int64)
    hit = int(wrong[cells["row"].to_numpy(np.int64), at].sum())
    return figures(hit, len(cells), int(wrong.sum()))


def columns(folder: Path) -> dict[str, float]:
    """Figures of matching the columns of one pair of tables."""
    source, target, truth = (
        pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        for name in ("source", "target", "truth")
    )
    found = set(
        quality.match_columns(source, target)
        .pairs[["source_column", "target_column"]]
        .itertuples(index=False, name=None)
    )
    right = set(truth.itertuples(index=False, name=None))
    return figures(len(found & right), len(found), len(right))


def cells(data: Path, only: str, few: int) -> pd.DataFrame:
    """Figures of the labelled tables, at most so many of each kind of injected error."""
    rows: list[dict[str, object]] = []
    seen: Counter[str] = Counter()
    for folder in sorted((data / "errors").iterdir()):
        group = folder.name.split("__")[0] if "__" in folder.name else folder.name
        seen[group] += only in folder.name
        if only not in folder.name or seen[group] > few:
            continue
        started = time.perf_counter()
        made = between(read(folder / "dirty.csv"), read(folder / "clean.csv"))
        kind = folder.name.split("__")[0] if "__" in folder.name else "four tables"
        rows.append({"table": folder.name, "kind": kind, **made, "seconds": time.perf_counter() - started})
        print(f"{folder.name:62s} P {made['P']:.2f} R {made['R']:.2f} F1 {made['F1']:.2f}", flush=True)
    return pd.DataFrame(rows)


def main() -> None:
    default = os.environ.get("ASSESS_SHARED_DATA", ROOT.parent / "shared/data")
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--data", type=Path, default=Path(default))
    ask.add_argument("--only", default="")
    ask.add_argument("--few", type=int, default=10**6, help="at most this many tables of each kind of error")
    ask.add_argument("--write", action="store_true")
    asked = ask.parse_args()
    if not (asked.data / "errors").is_dir():
        print(f"no labelled tables under {asked.data}: set ASSESS_SHARED_DATA or --data")
        return
    scored = cells(asked.data, asked.only, asked.few)
    matched = pd.DataFrame(
        [columns(folder) for folder in sorted((asked.data / "schema").iterdir()) if asked.only in folder.name]
    )
    four = scored[scored.kind == "four tables"]
    parts = [
        f"{date.today().isoformat()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, by "
        "`python benchmarks/two_systems.py --write`: the even rows of a labelled table with its errors are the "
        "source, the odd rows of the clean one the target.",
        table_of(
            scored.groupby("kind").agg(
                tables=("table", "size"), P=("P", "mean"), R=("R", "mean"), F1=("F1", "mean")
            )
        ),
        table_of(four.set_index("table")[["P", "R", "F1"]]) if len(four) else "",
    ]
    if len(matched):
        mean = matched.mean()
        parts.append(
            f"Matching the columns of {len(matched)} pairs of real tables: precision {mean.P:.3f}, recall {mean.R:.3f}, F1 {mean.F1:.3f}."
        )
    text = "\n\n".join(filter(None, parts))
    print(f"\n{text}")
    if asked.write and not asked.only:
        renewed(TITLE, text)


if __name__ == "__main__":
    main()
