"""Learn the weights of the detectors from labelled public tables, and say what they are worth.

    python benchmarks/quality_weights.py [--data DIR] [--clean FOLDER ...] [--write]

Tables: DIR/errors/NAME/{dirty,clean}.csv (labelled), the clean ones again with errors put in by
`quality_injection`, DIR/linkage/*/{left,right}.csv with errors put in, and those of each FOLDER, clean and with
errors put in (the shipped weights: two draws of `quality_clean_tables.py --draw`). Tables that stem from the same
original are always kept on one side. Reported: figures of each half under weights learned from the other
half alone. With --write the weights learned from all go to the package.
"""

from __future__ import annotations

import argparse
import json
import os
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from boosting import Settings, learn
from quality_injection import inject

from assess.evidence.quality.checks.detection import gather_evidence, laid_out
from assess.evidence.quality.checks.weighing import AROUND, IN_FAVOUR, SIGNALS, Cells, Trees, around, final
from assess.evidence.quality.column.view import View

ROOT = Path(__file__).resolve().parents[1]
WEIGHTS = ROOT / "src/assess/evidence/quality/checks/weights.json"
MOST_ROWS, MOST_CLEAN = 1200, 4000
MOST_COLUMNS = 30
EQUAL = 3000.0
"""Weight of a labelled table; one with errors put in weighs half."""
THINNED = 3
LEARNED = Settings()


def read(path: Path) -> pd.DataFrame:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame.columns = [f"c{k}" for k in range(frame.shape[1])]
    return frame


def original(name: str) -> str:
    """Tables with the same beginning after the kind stem from the same original."""
    return name.split("__")[-1][:14]


def clean_tables(folder: Path, seed: int) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Clean tables of other kinds with errors put in, beside themselves."""
    found = {}
    for number, path in enumerate(sorted(folder.glob("*.csv"))):
        clean = read(path).iloc[:MOST_CLEAN, :MOST_COLUMNS]
        found[f"put__{folder.name}_{path.stem}"] = (inject(clean, seed + number), clean)
    return found


def tables(data: Path) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Dirty and clean tables by name; those with errors put in start with ``put__``."""
    found, seen = {}, set()
    for folder in sorted((data / "errors").iterdir()):
        found[folder.name] = (read(folder / "dirty.csv"), read(folder / "clean.csv"))
    for name, (_, clean) in list(found.items()):
        if original(name) not in seen:
            seen.add(original(name))
            some = clean.iloc[:MOST_ROWS]
            found[f"put__{name.split('__')[-1]}"] = (inject(some, len(seen)), some)
    for path in sorted(data.glob("linkage/*/*.csv")):
        if path.stem in ("left", "right"):
            some = read(path).iloc[:1000]
            seen.add(f"{path.parent.name}_{path.stem}")
            found[f"put__{path.parent.name}_{path.stem}"] = (inject(some, len(seen)), some)
    return found


@dataclass
class Labelled:
    """Cells of one column of one table, with how many of each row of the matrix are wrong."""

    table: str
    dirty: bool
    cells: Cells
    wrong: np.ndarray


def views_of(frame: pd.DataFrame) -> list[View]:
    views = []
    for place, name in enumerate(frame.columns):
        codes, texts = pd.factorize(frame[name])
        counts = np.bincount(codes, minlength=len(texts)).astype(np.int64)
        views.append(View(name, place, list(map(str, texts)), counts, codes.astype(np.int64)))
    return views


def label(name: str, dirty: pd.DataFrame, clean: pd.DataFrame) -> list[Labelled]:
    """Signals and labels of a table, dirty and clean."""
    found = []
    for frame, is_dirty in ((dirty, True), (clean, False)):
        views = views_of(frame)
        bad = dirty.to_numpy() != clean.to_numpy() if is_dirty else np.zeros(clean.shape, bool)
        for view, cells in zip(views, laid_out(views, gather_evidence(views)), strict=True):
            mine = bad[:, view.position]
            rest = np.ones(view.rows, bool)
            rest[cells.row[cells.row >= 0]] = False
            by_text = np.bincount(view.codes[rest], mine[rest], len(view.texts))
            wrong = np.where(cells.row >= 0, mine[cells.row], by_text[cells.text])
            found.append(Labelled(name, is_dirty, cells, wrong))
    return found


def _label(item: tuple[str, tuple[pd.DataFrame, pd.DataFrame]]) -> list[Labelled]:
    return label(item[0], *item[1])


def weighted(parts: list[Labelled], matrices: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, labels and weights for learning; cells that a certain check explains are left out."""
    size: dict[str, int] = {}
    for p in parts:
        size[p.table] = size.get(p.table, 0) + p.cells.rows
    share = np.concatenate(
        [
            np.where(p.cells.certain < 0.5, EQUAL / size[p.table] * (0.5 if p.table[:3] == "put" else 1), 0)
            for p in parts
        ]
    )
    wrong = np.concatenate([p.wrong for p in parts])
    right = np.concatenate([p.cells.number for p in parts]) - wrong
    x = np.vstack(matrices)
    # right cells are many and alike: one in THINNED stands for all
    kept = (wrong > 0) | (np.arange(len(wrong)) % THINNED == 0)
    share = np.where(wrong > 0, share, share * THINNED)[kept]
    x, wrong, right = x[kept], wrong[kept], right[kept]
    w = np.r_[wrong * share, right * share]
    y = np.r_[np.ones(len(wrong)), np.zeros(len(wrong))]
    return np.vstack([x, x])[w > 0], y[w > 0], w[w > 0]


def ways(more: int) -> np.ndarray:
    return np.array([-1 if s in IN_FAVOUR else 1 for s in SIGNALS] + [1] * more)


def by_table(parts: list[Labelled]) -> dict[tuple[str, bool], list[int]]:
    groups: dict[tuple[str, bool], list[int]] = {}
    for k, p in enumerate(parts):
        groups.setdefault((p.table, p.dirty), []).append(k)
    return groups


def second(parts: list[Labelled], first: Trees) -> list[np.ndarray]:
    found: list[np.ndarray] = [np.empty(0)] * len(parts)
    for group in by_table(parts).values():
        columns = [parts[k].cells for k in group]
        for k, x in zip(group, around(columns, [first.log_odds(c.signals) for c in columns]), strict=True):
            found[k] = x
    return found


def trees(stage: dict) -> Trees:
    return Trees(
        stage["start"],
        np.array(stage["signal"]),
        np.array(stage["limit"], np.float32),
        np.array(stage["leaf"]),
    )


def fit(parts: list[Labelled]) -> list[dict]:
    """Learn both stages."""
    one = learn(*weighted(parts, [p.cells.signals for p in parts]), ways(0), LEARNED)
    return [one, learn(*weighted(parts, second(parts, trees(one))), ways(len(AROUND)), LEARNED)]


def chances(parts: list[Labelled], stages: list[dict]) -> list[np.ndarray]:
    one, two = map(trees, stages)
    return [
        final(two.log_odds(x), p.cells, two.start) for x, p in zip(second(parts, one), parts, strict=True)
    ]


def figures(parts: list[Labelled], chance: list[np.ndarray], at: float = 0.5) -> pd.DataFrame:
    """Per labelled table precision, recall, F1, and alarms on its clean version."""
    rows = {}
    for (name, dirty), group in by_table(parts).items():
        if name.startswith("put__"):
            continue
        hit = sum(parts[k].wrong[chance[k] >= at].sum() for k in group)
        told = sum(parts[k].cells.number[chance[k] >= at].sum() for k in group)
        wrong = sum(parts[k].wrong.sum() for k in group)
        size = sum(parts[k].cells.rows for k in group)
        row = rows.setdefault(name, {"kind": name.split("__")[0] if "__" in name else "raha"})
        if dirty:
            row |= {"P": hit / told if told else 0.0, "R": hit / wrong, "F1": 2 * hit / (told + wrong)}
        else:
            row["alarms"] = told / size
    return pd.DataFrame(rows).T.infer_objects()


def calibration(parts: list[Labelled], chance: list[np.ndarray]) -> pd.DataFrame:
    """Of the cells told with a confidence, dirty and clean tables together, how many are wrong."""
    own = [k for k, p in enumerate(parts) if not p.table.startswith("put__")]
    q = np.concatenate([chance[k] for k in own])
    n = np.concatenate([parts[k].cells.number for k in own])
    wrong = np.concatenate([parts[k].wrong for k in own])
    rows = []
    for low, high in ((0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 1.01)):
        keep = (q >= low) & (q < high)
        rows.append({"confidence": f"{low:.2f} to {min(high, 1):.2f}", "cells": int(n[keep].sum()),
                     "mean confidence": float((q * n)[keep].sum() / max(1, n[keep].sum())),
                     "wrong": float(wrong[keep].sum() / max(1, n[keep].sum()))})  # fmt: skip
    return pd.DataFrame(rows)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument(
        "--data", type=Path, default=Path(os.environ.get("ASSESS_SHARED_DATA", ROOT.parent / "shared/data"))
    )
    ask.add_argument("--clean", type=Path, nargs="*", default=[])
    ask.add_argument("--write", action="store_true")
    ask.add_argument("--no-halves", action="store_true")
    ask.add_argument("--all", action="store_true", help="print every table")
    ask.add_argument("--jobs", type=int, default=2)
    asked = ask.parse_args()
    warnings.simplefilter("ignore")
    with ProcessPoolExecutor(asked.jobs) as pool:
        given = tables(asked.data)
        for number, folder in enumerate(asked.clean, start=1):
            given |= clean_tables(folder, 1000 * number)
        parts = [p for some in pool.map(_label, given.items()) for p in some]
    if not asked.no_halves:
        names = sorted({original(p.table) for p in parts})
        half = {name: place % 2 for place, name in enumerate(names)}
        half |= {"hospital": 0, "beers": 0, "flights": 1, "rayyan": 1}
        own: list[np.ndarray] = [np.empty(0)] * len(parts)
        seen = []
        for side in (0, 1):
            stages = fit([p for p in parts if half[original(p.table)] != side])
            chance = chances(parts, stages)
            scored = figures(parts, chance)
            learnt = np.array([half[original(n)] != side for n in scored.index])
            seen.append(scored[learnt])
            for k, p in enumerate(parts):
                if half[original(p.table)] == side:
                    own[k] = chance[k]
        held = figures(parts, own)
        print("held out:")
        print(held.groupby("kind")[["P", "R", "F1", "alarms"]].mean().round(3).to_string())
        dgov = held.kind != "raha"
        print(
            f"four tables {held.F1[~dgov].mean():.3f}, data.gov {held.F1[dgov].mean():.3f}, alarms {held.alarms.mean():.4f}"
        )
        learned = pd.concat(seen)
        dgov = learned.kind != "raha"
        print(
            f"learned from: four tables {learned.F1[~dgov].mean():.3f}, data.gov {learned.F1[dgov].mean():.3f}, alarms {learned.alarms.mean():.4f}"
        )
        print(calibration(parts, own).round(3).to_string(index=False))
        if asked.all:
            print(held.round(3).to_string())
    if asked.write:
        stages = fit(parts)
        scored = figures(parts, chances(parts, stages))
        dgov = scored.kind != "raha"
        print(
            f"all: four tables {scored.F1[~dgov].mean():.3f}, data.gov {scored.F1[dgov].mean():.3f}, alarms {scored.alarms.mean():.4f}"
        )
        head = {"signals": list(SIGNALS + AROUND)}
        WEIGHTS.write_text(json.dumps(head | {"stages": stages}, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
