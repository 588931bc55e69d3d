"""One planted pair of tables, compared as files, in PostgreSQL and in Spark: the same findings and verdict, and what left each engine.

    python benchmarks/engines_agree.py --rows 1000000 --postgres postgresql://user:password@host/database --spark sc://host:15002

Fills each engine with the same two tables (12 columns, written by DuckDB with a fixed hash) and prints, as a table in Markdown, findings
with their counts, CPU seconds of this process, and the rows and bytes that it fetched. Spark reads the files where they lie.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
import warnings
from pathlib import Path

import duckdb

from assess.core.tables.store import Workplace
from assess.evidence import quality
from assess.evidence.quality import remote
from assess.evidence.quality.table import Table

PERSON = """
SELECT i, 'C' || lpad(i::VARCHAR, 8, '0') AS no, pick(['Anna','Ben','Clara','David','Emma','Felix','Greta','Hans'], i, 1) || ' ' ||
  pick(['Schmidt','Weber','Koch','Rossi','Dubois','Novak','Silva','Keller'], i, 2) || ' ' || i % 9973 AS name,
  'u' || i || '@example.' || pick(['com','org','net'], i, 3) AS mail, '+49 ' || (150 + h(i, 4) % 29) || ' ' || lpad((h(i, 5) % 9999999)::VARCHAR, 7, '0') AS phone,
  pick(['Hauptstr.','Gartenweg','Schulstr.','Ringstr.'], i, 6) || ' ' || (1 + h(i, 7) % 180) AS street,
  pick(['Berlin','Hamburg','Köln','Bremen','Essen','Paris','Lyon','Roma'], i, 8) AS city, (10000 + h(i, 9) % 89999)::VARCHAR AS zip,
  pick(['DE','DE','DE','FR','IT'], i, 10) AS land, DATE '2012-01-01' + (h(i, 11) % 4700)::INT AS created, 1000 + h(i, 12) % 900000 AS cents,
  (h(i, 13) % 3)::INT AS st, DATE '2016-01-01' + (h(i, 14) % 3400)::INT AS last_order
FROM range({rows}) r(i)
"""
SOURCE = """
SELECT no AS customer_id, name, CASE WHEN i % 200 = 3 THEN 'n/a' ELSE mail END AS email, CASE WHEN i % 3 = 0 THEN replace(phone, ' ', '') ELSE phone END AS phone,
  street, CASE WHEN i % 400 = 2 THEN upper(city) WHEN i % 300 = 1 THEN city || 'x' ELSE city END AS city, zip, land AS country,
  CASE WHEN i % 200 = 1 THEN strftime(created, '%d.%m.%Y') ELSE strftime(created, '%Y-%m-%d') END AS created_at,
  (cents / 100)::DECIMAL(14, 2)::VARCHAR AS revenue, ['active', 'inactive', 'prospect'][st + 1] AS status, strftime(last_order, '%Y-%m-%d') AS last_order
FROM ({person})
"""
TARGET = """
SELECT lower(no) AS cust_no, name AS full_name, mail, phone AS telephone, street AS address, city AS town, zip AS postcode,
  ['Germany', 'France', 'Italy'][list_position(['DE', 'FR', 'IT'], land)] AS country_name, strftime(created, '%Y-%m-%d') AS since,
  cents::VARCHAR AS revenue_cents, ['A', 'I', 'P'][st + 1] AS state, strftime(last_order, '%Y-%m-%d') AS last_purchase
FROM ({person}) WHERE i % 100 <> 55
"""
NAMES = ("planted_source", "planted_target")


def write(folder: Path, rows: int) -> dict[str, Path]:
    """Write the two tables as parquet files."""
    connection = duckdb.connect()
    connection.execute("CREATE MACRO h(i, s) AS md5_number_lower(i::VARCHAR || '-' || s) % 1000000007")
    connection.execute("CREATE MACRO pick(l, i, s) AS l[1 + (h(i, s) % len(l))::INT]")
    paths = {}
    for name, query in zip(NAMES, (SOURCE, TARGET), strict=True):
        paths[name] = folder / f"{name}.parquet"
        connection.execute(f"COPY ({query.format(person=PERSON.format(rows=rows))}) TO '{paths[name]}'")
    return paths


def fill_postgres(url: str, paths: dict[str, Path]) -> None:
    import psycopg

    with psycopg.connect(url) as connection, tempfile.TemporaryDirectory() as folder:
        for name, path in paths.items():
            text = Path(folder) / f"{name}.csv"
            duckdb.execute(f"COPY (FROM '{path}') TO '{text}' (HEADER false)")
            columns = duckdb.execute(f"DESCRIBE FROM '{path}'").fetchall()
            connection.execute(f"DROP TABLE IF EXISTS {name}")
            connection.execute(
                f"CREATE TABLE {name} ({', '.join(f'{column[0]} text' for column in columns)})"
            )
            with (
                connection.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy,
                text.open("rb") as file,
            ):
                while part := file.read(1 << 20):
                    copy.write(part)
        connection.execute("ANALYZE")


def fill_spark(url: str, paths: dict[str, Path]) -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.builder.remote(url).getOrCreate()
    for name, path in paths.items():
        session.sql(f"DROP TABLE IF EXISTS {name}")
        session.sql(f"CREATE TABLE {name} USING parquet LOCATION 'file:{path}'")


@contextlib.contextmanager
def counted():
    """Count the rows and bytes that engines give."""
    fetched, asked = [0, 0, 0], remote.IbisEngine._ask

    def ask(self, primitive, make, take):
        def counting(answer):
            table = hasattr(answer, "num_rows")
            fetched[0] += 1
            fetched[1] += answer.num_rows if table else 1
            fetched[2] += answer.nbytes if table else 8
            return take(answer)

        return asked(self, primitive, make, counting)

    remote.IbisEngine._ask = ask
    yield fetched
    remote.IbisEngine._ask = asked


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--postgres", default="")
    arguments.add_argument("--spark", default="")
    arguments.add_argument(
        "--no-files", action="store_true", help="leave out the comparison of the files, which judges all rows"
    )
    chosen = arguments.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        paths = write(Path(folder), chosen.rows)
        places = {} if chosen.no_files else {"files": [str(path) for path in paths.values()]}
        places["DuckDB as an engine"] = []
        with duckdb.connect(str(Path(folder) / "planted.duckdb")) as connection:
            for name, path in paths.items():
                connection.execute(f"CREATE TABLE {name} AS FROM '{path}'")
        for name, url, fill in (
            ("PostgreSQL", chosen.postgres, fill_postgres),
            ("Spark", chosen.spark, fill_spark),
        ):
            if url:
                fill(url, paths)
                places[name] = [f"{url}#{table}" for table in NAMES]
        results = {}
        for engine, locations in places.items():
            worked, started = time.process_time(), time.perf_counter()
            with counted() as fetched:
                tables = [
                    Table(name, *remote.fetched(f"duckdb://{folder}/planted.duckdb#{name}", Workplace())) for name in NAMES
                ] if not locations else [quality.table.open_table(place, name) for place, name in zip(locations, NAMES, strict=True)]  # fmt: skip
                found = quality.compare(*tables, both_ways=True)
            print(
                f"{engine}: {time.process_time() - worked:.0f} s CPU, {time.perf_counter() - started:.0f} s, {fetched}",
                flush=True,
            )
            results[engine] = found, fetched, time.process_time() - worked
    keys = sorted({(f.column, f.check) for found, *_ in results.values() for f in found.findings})
    print(f"\n| {chosen.rows:,} rows | {' | '.join(results)} |\n|---|{'--:|' * len(results)}")
    for column, check in keys:
        cells = [
            next((f"{f.rows:,}" for f in found.findings if (f.column, f.check) == (column, check)), "-")
            for found, *_ in results.values()
        ]
        print(f"| {column} {check} | {' | '.join(cells)} |")
    print(f"| joined | {' | '.join(f'{found.joined:.4%}' for found, *_ in results.values())} |")
    print(f"| queries | {' | '.join(f'{fetched[0]:,}' for _, fetched, _ in results.values())} |")
    print(f"| rows fetched | {' | '.join(f'{fetched[1]:,}' for _, fetched, _ in results.values())} |")
    print(f"| MB fetched | {' | '.join(f'{fetched[2] / 1e6:,.1f}' for _, fetched, _ in results.values())} |")
    print(f"| CPU s here | {' | '.join(f'{cpu:.0f}' for *_, cpu in results.values())} |")


if __name__ == "__main__":
    main()
