"""How much worse are tables that nothing was ever tuned on? The same errors put into known and unseen tables.

    python benchmarks/unseen_tables.py [--data DIR] [--write]

Known: the clean originals of DIR/errors, from which the weights are learned. Unseen: tables that come with
plotly and statsmodels and the larger ones of DIR/schema, in whose neighbourhood no constant was chosen and
no weight learned. Into both go errors by the same `quality_injection`, several seeds each that learning did
not use, and both are scored: one table by itself, and cut into two systems. --write renews the part "Unseen
tables" of benchmarks/accuracy.md.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
from quality_accuracy import ROOT, cells_of, read, renewed, table_of
from quality_injection import inject
from quality_weights import original
from two_systems import between, figures

TITLE = "## Unseen tables"
SEEDS = (9001, 9002, 9003, 9004)
MOST_ROWS, FEWEST = 1_200, 80
PUBLIC = (
    ("plotly.package_data.datasets", ("gapminder", "tips", "election", "carshare", "wind", "experiment")),
    (
        "statsmodels.datasets",
        ("fertility/fertility", "anes96/anes96", "modechoice/modechoice", "star98/star98"),
    ),
)


def neutral(frame: pd.DataFrame) -> pd.DataFrame:
    """The first rows, columns named by their place."""
    some = frame.iloc[:MOST_ROWS].reset_index(drop=True)
    return some.set_axis([f"c{k}" for k in range(some.shape[1])], axis=1)


def known(data: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each original of the labelled tables once."""
    seen = set()
    for folder in sorted((data / "errors").iterdir()):
        if original(folder.name) not in seen:
            seen.add(original(folder.name))
            yield folder.name, neutral(read(folder / "clean.csv"))


def unseen(data: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Tables on which nothing was tuned."""
    for package, names in PUBLIC:
        for name in names:
            path = next(
                p
                for end in (".csv.gz", ".csv")
                if (p := Path(str(files(package).joinpath(f"{name}{end}")))).exists()
            )
            frame = pd.read_csv(path, dtype=str, keep_default_na=False, sep=None, engine="python")
            yield path.name.split(".")[0], neutral(frame)
    for path in sorted(data.glob("schema/*/*.csv")):
        if path.stem != "truth":
            frame = pd.read_csv(path, dtype=str, keep_default_na=False)
            if len(frame) >= FEWEST:
                yield f"{path.parent.name} {path.stem}", neutral(frame)


def score(name: str, clean: pd.DataFrame, seed: int) -> dict[str, object] | None:
    """Figures of one table with errors of one seed, None where none were put in."""
    dirty = inject(clean, seed)
    wrong = dirty.to_numpy() != clean.to_numpy()
    if not wrong.any():
        return None
    told, _ = cells_of(dirty, wrong)
    alarms, _ = cells_of(clean, np.zeros_like(wrong))
    alone = figures(int(told["wrong"].sum()), len(told), int(wrong.sum()))
    both = between(dirty, clean)
    return {
        "table": name, **alone, "alarms": len(alarms) / clean.size, "two systems P": both["P"],
        "two systems R": both["R"], "two systems F1": both["F1"],
    }  # fmt: skip


def scored(tables: Iterator[tuple[str, pd.DataFrame]], seeds: tuple[int, ...]) -> pd.DataFrame:
    """Mean figures of each table over the seeds."""
    rows = []
    for name, clean in tables:
        mine = [row for k in seeds if (row := score(name, clean, k + len(rows))) is not None]
        rows += mine
        if mine:
            mean = pd.DataFrame(mine).drop(columns="table").mean()
            print(
                f"{name:62s} F1 {mean.F1:.2f} alarms {mean.alarms:.2%} two systems F1 {mean['two systems F1']:.2f}",
                flush=True,
            )
    return pd.DataFrame(rows).groupby("table").mean()


def main() -> None:
    default = os.environ.get("ASSESS_SHARED_DATA", ROOT.parent / "shared/data")
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--data", type=Path, default=Path(default))
    ask.add_argument("--seeds", type=int, default=len(SEEDS))
    ask.add_argument("--part", choices=("known", "unseen"), help="only one side; then nothing is written")
    ask.add_argument("--write", action="store_true")
    asked = ask.parse_args()
    seeds = SEEDS[: asked.seeds]
    if asked.part:
        part = scored({"known": known, "unseen": unseen}[asked.part](asked.data), seeds)
        print(f"\n{len(part)} tables\n{part.mean().round(3).to_string()}")
        return
    parts = {"known": scored(known(asked.data), seeds), "unseen": scored(unseen(asked.data), seeds)}
    rows = pd.DataFrame({name: part.mean() for name, part in parts.items()}).T
    rows.loc["gap"] = rows.loc["known"] - rows.loc["unseen"]
    rows.insert(0, "tables", [len(parts["known"]), len(parts["unseen"]), ""])
    said = (
        f"{date.today().isoformat()}, {platform.machine()}, Python {platform.python_version()}, by `python "
        f"benchmarks/unseen_tables.py --write`: the same mechanisms of error, {len(seeds)} seeds each that learning did "
        "not use, in the originals that the weights were learned from and in tables that nothing was ever tuned on "
        f"({', '.join(parts['unseen'].index)}). Means over tables."
    )
    text = f"{said}\n\n{table_of(rows)}\n\nUnseen tables, one by one:\n\n{table_of(parts['unseen'])}"
    print(f"\n{text}")
    if asked.write:
        renewed(TITLE, text)


if __name__ == "__main__":
    main()
