"""What one cleansing run repairs of labelled public tables, and what it damages: python benchmarks/repairs.py [--data DIR] [--half even|odd]

Reads DIR/errors/NAME/{dirty,clean}.csv (DIR: option, else ASSESS_SHARED_DATA, else ../shared/data beside the repository), repairs a copy of
each dirty table by what its own profile proposes, with neutral column names, and holds every cell to the clean table. A cell is told
if the profile lists it. ``--half`` takes every second table by name, so that rules can be changed by one half and shown on the other.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
from quality_accuracy import ROOT, read, table_of

from assess.evidence.quality.profile import profile
from assess.evidence.quality.repairing import repair
from assess.evidence.quality.table import open_table

COUNTS = ["told wrong", "repaired right", "still wrong", "clean", "damaged"]


def score(folder: Path) -> tuple[dict[str, int], pd.DataFrame]:
    """Cells of one table by what became of them, and those told that are wrong: check, right."""
    dirty, clean = read(folder / "dirty.csv"), read(folder / "clean.csv")
    table = open_table(dirty)
    found = profile(table, clear=True)
    after = repair(table, found).frame.fillna("").to_numpy(object)
    held, meant = dirty.to_numpy(object), clean.to_numpy(object)
    wrong, changed, right = held != meant, after != held, after == meant
    places = found.cells["row"].to_numpy(np.int64), dirty.columns.get_indexer(found.cells["column"])
    told = np.zeros_like(wrong)
    told[places] = True
    numbers = (told & wrong, told & wrong & right, told & wrong & changed & ~right, ~wrong, ~wrong & changed)
    cells = found.cells.assign(wrong=wrong[places], right=right[places])
    return dict(zip(COUNTS, (int(n.sum()) for n in numbers), strict=True)), cells[cells["wrong"]]


def shares(counts: pd.DataFrame) -> pd.DataFrame:
    return counts.assign(
        right=counts["repaired right"] / counts["told wrong"].clip(lower=1),
        damage=counts["damaged"] / counts["clean"].clip(lower=1),
    )


def main() -> None:
    default = os.environ.get("ASSESS_SHARED_DATA", ROOT.parent / "shared/data")
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--data", type=Path, default=Path(default))
    ask.add_argument("--half", choices=("even", "odd"))
    asked = ask.parse_args()
    if not (asked.data / "errors").is_dir():
        print(f"no labelled tables under {asked.data}: set ASSESS_SHARED_DATA or --data")
        return
    folders = sorted(path for path in (asked.data / "errors").iterdir() if path.is_dir())
    if asked.half:
        folders = folders[asked.half == "odd" :: 2]
    rows, cells = {}, []
    for folder in folders:
        clock = time.process_time()
        rows[folder.name], told = score(folder)
        cells.append(told)
        print(f"{folder.name:62s} {rows[folder.name]}  {time.process_time() - clock:.0f} s", flush=True)
    counts, every = pd.DataFrame(rows).T, pd.concat(cells)
    kind = [name.split("__")[0] if "__" in name else "four tables" for name in counts.index]
    by_table = shares(counts)
    by_kind = shares(counts.groupby(kind).sum())
    total = shares(counts.sum().to_frame().T).iloc[0]
    by_check = every.groupby("check")["right"].agg(["size", "mean"]).sort_values("size", ascending=False)
    print(
        f"\n{len(counts)} tables: of {total['told wrong']:,.0f} wrong cells that are told {total['right']:.1%} are repaired right, of "
        f"{total['clean']:,.0f} clean cells {total['damage']:.3%} are changed; means over tables {by_table['right'].mean():.1%}, "
        f"{by_table['damage'].mean():.3%}\n\n{table_of(by_kind)}\n\n{table_of(by_check)}"
    )


if __name__ == "__main__":
    main()
