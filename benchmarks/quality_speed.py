"""Speed and memory of the full profile on generated tables, side by side with what is read and what others do.

    python benchmarks/quality_speed.py [--rows 1000000] [--growth 100000 1000000 ...] [--peers] [--write]
    python benchmarks/quality_speed.py --growth 50000000 --columns customer_no zip town revenue

Each measurement runs in a process of its own; what is imported first (libraries, ours as well as those of the
others) is not counted. Memory is the peak resident set of that process. ``--columns`` makes the tables of fewer
columns, where twenty of very many rows are too large for the machine. ``--write`` puts the tables of figures
into ``benchmarks/speed.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

HERE = Path(__file__).resolve().parent
COLUMNS = 20

SCAN = """
import duckdb
con = duckdb.connect()
names = [r[0] for r in con.execute(f"DESCRIBE SELECT * FROM read_parquet('{path}')").fetchall()]
con.execute("SELECT " + ", ".join(f'sum(length("{n}"))' for n in names) + f" FROM read_parquet('{path}')").fetchall()
"""
SUMMARIZE = """
import duckdb
duckdb.connect().execute(f"SUMMARIZE SELECT * FROM read_parquet('{path}')").fetchall()
"""
PROFILE = """
q = quality.profile(path)
said = {"rows": q.rows, "cells": q.suspected, "findings": len(q.findings)}
"""
FG = """
import os
os.environ["YDATA_PROFILING_NO_ANALYTICS"] = "1"; os.environ["TQDM_DISABLE"] = "1"
import warnings; warnings.simplefilter("ignore")
import pandas as pd
from data_profiling import ProfileReport
ProfileReport(pd.read_parquet(path), minimal=True, progress_bar=False).get_description()
"""
TASKS = {
    "raw parquet scan (DuckDB)": SCAN,
    "DuckDB SUMMARIZE": SUMMARIZE,
    "assess: full profile": PROFILE,
}
WARM = {
    "assess: full profile": "from assess.evidence import quality",
    "fg-data-profiling, minimal": "import data_profiling",
}
PEERS = {"fg-data-profiling, minimal": FG}

MEASURE = """
import json, resource, sys, time
path = sys.argv[1]
import pandas, pyarrow.parquet, duckdb
{warm}
started, worked = time.perf_counter(), time.process_time()
said = {{}}
{body}
seconds, cpu = time.perf_counter() - started, time.process_time() - worked
print("MEASURED " + json.dumps({{"seconds": seconds, "cpu": cpu, "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "said": said}}))
"""


def block(rows: int, start: int, rng: np.random.Generator) -> pa.Table:
    """Twenty columns as a customer table of a CRM has them, with the dirt that occurs."""
    ids = np.arange(start, start + rows)
    dirty = rng.random
    first = np.array(
        ["Anna", "Ben", "Clara", "David", "Eva", "Finn", "Greta", "Hans", "Ida", "Jan", "Jürgen", "Zoë"]
    )
    last = np.array(
        [
            f"{a}{b}"
            for a in ("Schmidt", "Meier", "Lopez", "Novak", "Rossi", "Dubois")
            for b in ("", "-Braun", "son", "mann")
        ]
    )
    towns = np.array(
        [
            f"{name} {i}"
            for i in range(50)
            for name in (
                "Neustadt",
                "Altdorf",
                "Bergheim",
                "Hafen",
                "Wald",
                "See",
                "Burg",
                "Feld",
                "Tal",
                "Mühl",
            )
        ]
    )
    town = rng.integers(0, len(towns), rows)
    given, name = first[rng.integers(0, len(first), rows)], last[rng.integers(0, len(last), rows)]
    day = np.datetime64("2015-01-01") + rng.integers(0, 3650, rows)
    iso = np.datetime_as_string(day)
    german = np.array([f"{d[8:]}.{d[5:7]}.{d[:4]}" for d in iso[: max(1, rows // 50)]])
    created = iso.astype(object)
    created[rng.choice(rows, len(german), replace=False)] = german
    country = np.array(["DE", "AT", "CH", "FR", "PL", "Germany", "N/A"], object)[
        rng.choice(7, rows, p=[0.6, 0.1, 0.1, 0.1, 0.08, 0.015, 0.005])
    ]
    status = np.array(["active", "inactive", "prospect", "Active", "actve", "-"], object)[
        rng.choice(6, rows, p=[0.6, 0.25, 0.13, 0.01, 0.005, 0.005])
    ]
    plz = np.char.zfill((town * 173 % 90000 + 1000).astype(str), 5).astype(object)
    wrong = dirty(rows) < 0.003
    plz[wrong] = "99999"
    email = np.array(
        [
            f"{g.lower()}.{n.lower()}{i % 9973}@example{i % 7}.org"
            for g, n, i in zip(given, name, ids, strict=True)
        ],
        object,
    )
    email[dirty(rows) < 0.004] = "n/a"
    email[dirty(rows) < 0.002] = "kein@"
    amount = np.round(rng.lognormal(6, 1, rows), 2)
    amount[dirty(rows) < 0.0005] *= 10_000
    columns = {
        "customer_no": np.char.add("C", np.char.zfill(ids.astype(str), 8)).astype(object),
        "first_name": given.astype(object), "last_name": name.astype(object), "email": email,
        "phone": np.char.add("+49 30 ", rng.integers(1_000_000, 9_999_999, rows).astype(str)).astype(object),
        "street": np.array([f"Hauptstr. {n}" for n in rng.integers(1, 300, rows)], object),
        "zip": plz, "town": towns[town].astype(object), "region": np.array([f"R{t % 16}" for t in range(len(towns))], object)[town],
        "country": country, "status": status, "segment": np.array(["A", "B", "C"], object)[rng.choice(3, rows, p=[.2, .5, .3])],
        "created": created, "updated": np.datetime_as_string(day + rng.integers(0, 400, rows)).astype(object),
        "revenue": np.char.mod("%.2f", amount).astype(object),
        "orders": rng.poisson(6, rows).astype(str).astype(object),
        "discount": np.char.mod("%.1f", rng.integers(0, 30, rows) / 2).astype(object),
        "newsletter": np.array(["yes", "no", "Y", ""], object)[rng.choice(4, rows, p=[.5, .45, .02, .03])],
        "owner": np.array([f"sales{i:03d}" for i in range(400)], object)[rng.integers(0, 400, rows)],
        "note": np.array(["", "call back", "VIP", "bad debt", "moved"], object)[rng.choice(5, rows, p=[.8, .1, .04, .03, .03])],
    }  # fmt: skip
    assert len(columns) == COLUMNS
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


FRESH = 1_000_000
"""Rows that are drawn anew; a longer table repeats them under new customer numbers and e-mail addresses."""


def generate(rows: int, folder: Path, columns: list[str]) -> Path:
    """Write a table of so many rows, a block at a time, from a fixed seed, in a process of its own."""
    path = named(rows, folder, columns)
    if not path.exists():
        subprocess.run(
            [sys.executable, __file__, "--generate", str(rows), "--folder", str(folder), "--columns", *columns],
            check=True,
        )  # fmt: skip
    return path


def named(rows: int, folder: Path, columns: list[str]) -> Path:
    return folder / f"customers-{rows}{'x' + str(len(columns)) if columns else ''}.parquet"


def written(rows: int, path: Path, columns: list[str]) -> None:
    rng = np.random.default_rng(20260701)
    parts: list[pa.Table] = []
    part_path = path.with_suffix(".part")
    writer = None
    for start in range(0, rows, 500_000):
        size = min(500_000, rows - start)
        if start < FRESH:
            parts.append(block(size, start, rng))
            part = parts[-1]
        else:
            part = renumbered(parts[(start // 500_000) % len(parts)].slice(0, size), start)
        part = part.select(columns) if columns else part
        writer = writer or pq.ParquetWriter(part_path, part.schema)
        writer.write_table(part)
    writer.close()
    part_path.rename(path)


def renumbered(part: pa.Table, start: int) -> pa.Table:
    ids = pc.binary_join_element_wise(
        pa.scalar("C"),
        pc.utf8_lpad(pa.array(np.arange(start, start + part.num_rows)).cast(pa.string()), 8, "0"),
        "",
    )
    emails = pc.if_else(
        pc.ends_with(part["email"], ".org"),
        pc.binary_join_element_wise(part["email"], pa.scalar(str(start)), ""),
        part["email"],
    )
    return part.set_column(0, "customer_no", ids).set_column(3, "email", emails)


def measured(body: str, path: Path, warm: str = "") -> dict:
    """Run a task in a process of its own."""
    code = MEASURE.format(body=body, warm=warm)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(path)], capture_output=True, text=True
    )
    line = next((line for line in done.stdout.splitlines() if line.startswith("MEASURED ")), None)
    if line is None:
        return {
            "seconds": float("nan"),
            "cpu": float("nan"),
            "mib": float("nan"),
            "said": done.stderr.strip().splitlines()[-1:],
        }
    return json.loads(line.removeprefix("MEASURED "))


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"
    )


def table(results: list[tuple[str, int, dict]], scan: float) -> str:
    lines = ["| what | rows | wall s | CPU s | raw scans (CPU) | peak MiB |", "|---|--:|--:|--:|--:|--:|"]
    for name, rows, result in results:
        times = f"{result['cpu'] / scan:.1f}" if scan == scan else ""
        lines.append(
            f"| {name} | {rows:,} | {result['seconds']:.2f} | {result['cpu']:.2f} | {times} | {result['mib']:.0f} |"
        )
    return "\n".join(lines)


def growth(results: list[tuple[int, dict, dict]]) -> str:
    lines = [
        "| rows | wall s | CPU s | CPU s a million rows | raw scans (CPU) | peak MiB |",
        "|--:|--:|--:|--:|--:|--:|",
    ]
    for rows, scan, result in results:
        each, times = result["cpu"] / rows * 1e6, result["cpu"] / scan["cpu"]
        lines.append(
            f"| {rows:,} | {result['seconds']:.1f} | {result['cpu']:.1f} | {each:.1f} | {times:.1f} | {result['mib']:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--rows", type=int, default=1_000_000)
    ask.add_argument("--growth", type=int, nargs="*", default=[])
    ask.add_argument("--peers", action="store_true")
    ask.add_argument("--folder", type=Path, default=None)
    ask.add_argument(
        "--columns", nargs="*", default=[], help="columns of the tables of --growth; default all"
    )
    ask.add_argument("--write", action="store_true")
    ask.add_argument(
        "--generate", type=int, default=0, help="only write a table of so many rows into the folder"
    )
    ask = ask.parse_args()
    if ask.generate:
        written(ask.generate, named(ask.generate, ask.folder, ask.columns), ask.columns)
        return
    folder = ask.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    path = generate(ask.rows, folder, [])
    rounds = [
        {name: measured(body, path, WARM.get(name, "")) for name, body in TASKS.items()} for _ in range(3)
    ]
    results = []
    for name in TASKS:
        best = min((one[name] for one in rounds), key=lambda result: result["cpu"])
        results.append((name, ask.rows, best))
        print(name, best, flush=True)
    scan = results[0][2]["cpu"]
    if ask.peers:
        small = ask.rows // 10
        for name, body in PEERS.items():
            result = measured(body, generate(small, folder, []), WARM[name])
            print(name, result, flush=True)
            results.append((f"{name} on a tenth", small, result))
            results.append(
                (
                    f"{name}, extrapolated x10",
                    ask.rows,
                    {**result, "seconds": result["seconds"] * 10, "cpu": result["cpu"] * 10},
                )
            )
    text = (
        f"{machine()}, {time.strftime('%Y-%m-%d')}, load {os.getloadavg()[0]:.1f}\n\n{table(results, scan)}\n"
    )
    if ask.growth:
        grown = []
        for rows in ask.growth:
            path = generate(rows, folder, ask.columns)
            result = measured(PROFILE, path, WARM["assess: full profile"])
            print(rows, result, flush=True)
            grown.append((rows, measured(SCAN, path), result))
        text += f"\nGrowth ({len(ask.columns) or COLUMNS} columns):\n\n{growth(grown)}\n"
    print("\n" + text)
    if ask.write:
        (HERE / "speed.md").write_text(f"# Speed of the quality engine\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
