"""The primitives: every engine says the same; what refuses, drops or hides a password says so."""

import os
import socket
import sys
import types

import duckdb
import pytest
from evidence.quality.duckdb_engine import DuckDBEngine, open_in_engine

from assess.core.unpacking import UnreadableTable
from assess.evidence import quality
from assess.evidence.quality import remote
from assess.evidence.quality.remote import IbisEngine, NotAssessed, connect
from assess.evidence.quality.table import open_table

ROWS = [(str(i), ["DE", "FR", None][i % 3], f"{i / 4:.2f}", f"x{i % 5}-{i:03d}") for i in range(60)] + [
    ("7", "DE", "n/a", "")
]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "t.duckdb"
    connection = duckdb.connect(str(path))
    connection.execute("CREATE TABLE t (id VARCHAR, land VARCHAR, amount VARCHAR, code VARCHAR)")
    connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", ROWS)
    connection.close()
    return path


def engines(file):
    yield DuckDBEngine(duckdb.connect(str(file), read_only=True), "t", ("id", "land", "amount", "code"))
    yield IbisEngine(*connect(f"duckdb://{file}?read_only=True#t"))
    url = os.environ.get("ASSESS_POSTGRES_URL", "")
    if url:
        yield IbisEngine(*connect(f"{url}#t"))


def answers(engine):
    return {
        "count": engine.count(), "distinct": engine.distinct("id"),
        "repeated": engine.repeated(["id"]), "sample": engine.sample(1000).num_rows,
    }  # fmt: skip


EXPECTED = {"count": 61, "distinct": 60, "repeated": 2, "sample": 61}


def test_every_engine_says_the_same(file):
    for engine in engines(file):
        assert answers(engine) == EXPECTED, engine.name
        assert engine.quantile("amount", 0.5) == pytest.approx(7.375, abs=0.13)


def test_a_table_url_is_profiled_like_its_file(file):
    by_url = quality.profile(open_in_engine(f"duckdb://{file}?read_only=True#t"))
    by_file = quality.profile(file)
    assert by_url.rows == by_file.rows == 61 and by_url.assessed == 1
    assert [f.distinct for f in by_url.facts] == [f.distinct for f in by_file.facts]


def test_the_url_of_a_file_is_read_whole_as_the_file_is(file, monkeypatch):
    """By URL it was drawn from, and its views ran on an engine that reaches everything."""
    monkeypatch.setattr(remote, "FETCHED", 30)
    by_url, by_file = quality.profile(f"duckdb://{file}#t"), quality.profile(f"{file}#t")
    assert by_url.facts == by_file.facts and by_url.cells.equals(by_file.cells)
    assert (by_url.assessed, by_url.not_assessed) == (1, by_file.not_assessed)
    assert [f.title for f in by_url.findings] == [f.title for f in by_file.findings]


def test_a_large_table_is_drawn_and_that_is_said(file, monkeypatch):
    monkeypatch.setattr(remote, "FETCHED", 30)
    found = quality.profile(open_in_engine(f"duckdb://{file}?read_only=True#t"))
    assert found.assessed == pytest.approx(30 / 61, abs=0.2)
    assert "of 61 rows drawn" in found.reading.sentence
    assert found.column("id").distinct == 60


def test_what_an_engine_lacks_is_said(file):
    import ibis.common.exceptions

    engine = IbisEngine(*connect(f"duckdb://{file}?read_only=True#t"))

    class Poor:
        def to_pyarrow(self, expression):
            raise ibis.common.exceptions.OperationNotDefinedError("quantile")

    engine._connection = Poor()
    with pytest.raises(NotAssessed, match="quantiles of numbers: not assessed on DuckDB"):
        engine.quantile("amount", 0.5)


def test_a_connection_that_drops_is_a_clear_message(file, monkeypatch):
    def dropped(self):
        raise ConnectionResetError("server closed the connection, password=s3cret")

    monkeypatch.setattr(IbisEngine, "count", dropped)
    with pytest.raises(UnreadableTable, match="dropped the connection") as raised:
        open_in_engine(f"duckdb://{file}?read_only=True#t")
    assert "s3cret" not in str(raised.value)


def test_a_url_that_refuses_and_a_password_that_stays_secret():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UnreadableTable) as raised:
        open_table(f"postgresql://ann:s3cret@127.0.0.1:{port}/db#customers")
    assert "s3cret" not in str(raised.value) and "ann:***@" in str(raised.value)


@pytest.mark.parametrize(
    "location", ["duckdb:///nowhere/at/all.duckdb#t", "duckdb://x.duckdb", "gopher://a/b#t"]
)
def test_urls_that_lead_nowhere(location):
    with pytest.raises(UnreadableTable):
        open_table(location)


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        ("pyspark://spark.example:15002#crm.t", "sc://spark.example:15002/"),
        ("sc://spark.example#t", "sc://spark.example/"),
        ("sc://spark.example:443/;use_ssl=true#t", "sc://spark.example:443/;use_ssl=true"),
    ],
)
def test_spark_on_a_host_is_reached_by_spark_connect(location, asked, monkeypatch):
    """The host was ignored, and a session of this machine answered for the cluster."""
    reached = []

    class Builder:
        def remote(self, url):
            reached.append(url)
            raise ConnectionRefusedError("nobody listens")

    module = types.ModuleType("pyspark.sql")
    module.SparkSession = types.SimpleNamespace(builder=Builder())
    monkeypatch.setitem(sys.modules, "pyspark.sql", module)
    monkeypatch.setattr(remote, "require_extra", lambda name, asked: None)
    with pytest.raises(UnreadableTable, match="nobody listens"):
        open_table(location)
    assert reached == [asked]
