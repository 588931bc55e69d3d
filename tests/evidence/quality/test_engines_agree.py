"""The sample's extract in DuckDB, PostgreSQL and Spark: the same primitives, the same profile; what fails says so."""

from collections import Counter
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from evidence.quality.duckdb_engine import DuckDBEngine

from assess.core.unpacking import UnreadableTable
from assess.evidence import quality
from assess.evidence.quality import remote
from assess.evidence.quality.matching.forms import FORMS
from assess.evidence.quality.remote import IbisEngine, NotAssessed, connect
from assess.evidence.quality.table import open_table
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import ExtractTable, System

EXTRACT = Path(__file__).parents[3] / "data/samples/lead_to_cash/extracts/crm_customers.csv"
COLUMNS = ["customer_no", "email", "phone", "country", "credit_limit", "created_at"]
ROWS = 1500

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning"),
              pytest.mark.filterwarnings("ignore::ResourceWarning"), pytest.mark.filterwarnings("ignore::FutureWarning")]  # fmt: skip


@pytest.fixture(scope="module")
def frame():
    """Rows of the extract, an empty text here and there a null."""
    found = pd.read_csv(EXTRACT, dtype=str, keep_default_na=False, nrows=ROWS)[COLUMNS]
    return found.assign(phone=[None if i % 7 == 0 else v for i, v in enumerate(found["phone"])])


@pytest.fixture(scope="module")
def local(frame):
    connection = duckdb.connect()
    connection.register("held", frame)
    connection.execute("CREATE TABLE customers AS SELECT * FROM held")
    return DuckDBEngine(connection, "customers", COLUMNS)


@pytest.fixture(scope="module")
def in_postgres(postgres, frame):
    import psycopg

    with psycopg.connect(postgres.url) as connection:
        connection.execute(f"CREATE TABLE customers ({', '.join(f'{name} text' for name in COLUMNS)})")
        with connection.cursor().copy("COPY customers FROM STDIN") as copy:
            for row in frame.itertuples(index=False):
                copy.write_row(row)
    return f"{postgres.url}#customers"


@pytest.fixture(scope="module")
def in_spark(spark, frame, tmp_path_factory):
    path = tmp_path_factory.mktemp("parquet") / "customers.parquet"
    frame.to_parquet(path, index=False)
    spark.read.parquet(str(path)).createOrReplaceTempView("customers")
    return "pyspark://local#customers"


@pytest.fixture(scope="module", params=["in_postgres", "in_spark"])
def location(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def engine(location):
    return IbisEngine(*connect(location), location)


def answers(engine, column):
    """Every primitive about one column."""
    return {
        "distinct": engine.distinct(column), "repeated": engine.repeated([column]),
        "quantiles": [engine.quantile(column, share) for share in (0.0, 0.25, 0.5, 0.99, 1.0)],
    }  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
def test_every_primitive_agrees_with_duckdb(local, engine, column):
    assert answers(engine, column) == answers(local, column)


def test_primitives_over_rows_and_pairs_agree(local, engine):
    assert engine.count() == local.count() == ROWS
    assert engine.repeated(["country", "phone"]) == local.repeated(["country", "phone"])
    for size in (ROWS, 400):  # the same rows are drawn everywhere
        rows = [sorted(map(repr, e.sample(size).to_pylist())) for e in (engine, local)]
        assert rows[0] == rows[1] and len(rows[0]) == size


def test_what_joins_over_all_rows_is_counted_as_by_hand(frame, engine):
    other = engine.met("country", engine, "customer_no", "letters and digits only", [])
    assert (
        other["source_joined"] == other["values"] == 0
        and other["source_rows"] == (frame["country"] != "").sum()
    )
    for form, folded in FORMS:
        keys = Counter(folded(value) for value in frame["customer_no"])
        found = engine.met("customer_no", engine, "customer_no", form, [])
        assert found["source_rows"] == found["target_joined"] == keys.total() == ROWS and "" not in keys
        assert (found["values"], found["source_most"]) == (len(keys), max(keys.values()))


def told(profile):
    """What a profile says of the data, not of the place where it lay."""
    return {
        "facts": [fact.row for fact in profile.facts],
        "cells": profile.cells.to_dict("records"),
        "keys": profile.keys,
        "found": [
            (f.column, f.check, f.severity, f.rows, f.confidence, f.examples) for f in profile.findings
        ],
    }


def test_the_profile_agrees_with_the_file(frame, location):
    by_frame = quality.profile(frame, name="customers")
    by_engine = quality.profile(location, name="customers")
    assert by_engine.assessed == 1 and by_engine.not_assessed == ()
    assert told(by_engine) == told(by_frame)
    assert any(f.check == "date formats" for f in by_engine.findings)


def test_of_a_drawn_sample_the_engine_counts_all_rows(frame, location, monkeypatch):
    monkeypatch.setattr(remote, "FETCHED", 400)
    found, whole = quality.profile(location, name="customers"), quality.profile(frame, name="customers")
    assert found.assessed < 0.4 and f"of {ROWS:,} rows drawn" in found.reading.sentence
    for name in ("customer_no", "email"):
        assert found.column(name).distinct == pytest.approx(whole.column(name).distinct, abs=3)
    assert found.column("credit_limit").quantiles == pytest.approx(
        whole.column("credit_limit").quantiles, rel=0.05
    )


def test_what_the_engine_refuses_is_not_assessed_and_the_rest_is(in_postgres, monkeypatch):
    """A question that PostgreSQL answers with an error of its own is a gap, not a failure."""
    engine = IbisEngine(*connect(in_postgres), in_postgres)
    with pytest.raises(NotAssessed, match="records drawn by a key: not assessed on PostgreSQL"):
        engine.drawn("email", [("(", "")], [], "4000")
    assert engine.count() == ROWS
    monkeypatch.setattr(remote, "FETCHED", 400)

    def refused(self, column, share):
        return self._ask("quantiles of numbers", lambda: self._text(column).re_search("(").mean(), float)

    monkeypatch.setattr(IbisEngine, "quantile", refused)
    found = quality.profile(in_postgres)
    assert "quantiles of numbers: not assessed on PostgreSQL" in found.not_assessed
    assert found.column("email").distinct > 400


def secret_free(text, postgres):
    password = postgres.url.split(":")[2].split("@")[0]
    assert password not in text
    return text


def test_a_wrong_password_and_a_lost_table_are_clear_and_keep_the_password(postgres, in_postgres):
    for location, said in ((f"{postgres.url}#nowhere", "nowhere"), (in_postgres.replace("/postgres#", "/other#"), "other"),
                           (in_postgres.replace("ann:", "bob:"), "bob")):  # fmt: skip
        with pytest.raises(UnreadableTable, match=said) as raised:
            open_table(location)
        secret_free(str(raised.value), postgres)


def test_no_result_and_no_cache_holds_the_password(postgres, in_postgres, tmp_path):
    table = ExtractTable(system="crm", entity="customers", location=in_postgres)
    engagement = Engagement(
        folder=tmp_path, client="x", assumptions=Assumptions(), systems=(System(id="crm", tables=(table,)),)
    )
    result = quality.assess(engagement, tmp_path / "cache")
    assert result.profiles[0].rows == ROWS
    secret_free(result.to_json(), postgres)
    for path in (tmp_path / "cache").rglob("*"):
        assert not path.is_file() or secret_free(path.read_text(), postgres)


def test_a_role_that_may_only_read_is_enough(postgres, in_postgres, monkeypatch):
    """As docs/scale.md tells a database administrator."""
    import psycopg

    with psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE ROLE reader LOGIN PASSWORD 'r3ad'")
        connection.execute("REVOKE CREATE, TEMPORARY ON DATABASE postgres FROM PUBLIC")
        connection.execute("GRANT CONNECT ON DATABASE postgres TO reader")
        connection.execute("GRANT USAGE ON SCHEMA public TO reader")
        connection.execute("GRANT SELECT ON customers TO reader")
        connection.execute("ALTER ROLE reader SET default_transaction_read_only = on")
    monkeypatch.setattr(remote, "FETCHED", 400)
    place = f"postgresql://reader:r3ad@{in_postgres.partition('@')[2]}"
    found = quality.profile(place, name="customers")
    assert found.not_assessed == quality.profile(in_postgres, name="customers").not_assessed
    assert found.column("email").distinct > 400 and not [
        said for said in found.not_assessed if "not assessed on" in said
    ]
    assert quality.compare(place, place).joined == 1.0


def test_a_server_that_stops_in_between_is_told_as_dropped(postgres, in_postgres):
    """The last of this module: afterwards the server is gone."""
    engine = IbisEngine(*connect(in_postgres), in_postgres)
    assert engine.count() == ROWS
    postgres.stop()
    with pytest.raises(UnreadableTable, match="dropped the connection") as raised:
        engine.distinct("email")
    secret_free(str(raised.value), postgres)
    assert raised.value.__cause__ is None and raised.value.__context__ is None
