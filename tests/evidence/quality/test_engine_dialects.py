"""What is asked of an engine, written in the SQL of each: SQLGlot parses it, and what an engine lacks is known and said."""

import inspect
import re

import duckdb
import ibis
import pytest
import sqlglot
from click.testing import CliRunner

from assess.cli.commands import assess as command
from assess.core import engine
from assess.core.unpacking import UnreadableTable
from assess.evidence.quality import explain, remote
from assess.evidence.quality.compare.drawing import DIGITS, LOOSE, UNSAID
from assess.evidence.quality.explain import Recorder
from assess.evidence.quality.matching.forms import FORMS
from assess.evidence.quality.remote import SPOKEN, IbisEngine, NotAssessed

TABLE = ibis.table(
    {"id": "int64", "name": "string", "amount": "decimal(12, 2)", "rate": "float64", "born": "date", "at": "timestamp", "is_ok": "boolean"}
    | {f"field_{n}": "string" for n in range(40)},
    name="customers",
)  # fmt: skip
QUESTIONS = {
    "count": lambda e: e.count(),
    "distinct": lambda e: e.distinct("name"),
    "quantile": lambda e: e.quantile("amount", 0.5),
    "repeated": lambda e: e.repeated(["id"]),
    "digests": lambda e: [e.digests("name", form, UNSAID, "4000", 15) for form in (LOOSE, DIGITS)],
    "drawn": lambda e: e.drawn("name", LOOSE, UNSAID, "4000"),
    "met": lambda e: [e.met("name", e, "id", form, UNSAID) for form, _ in FORMS],
    "sample": lambda e: e.sample(1_000),
}
LACKING = {
    "mssql": {"quantile", "digests", "drawn", "met"},  # no regular expressions before SQL Server 2025
    "oracle": {"quantile"},  # Ibis writes no OFFSET for it
}
"""What Ibis can't write for an engine."""
DIALECTS = {"mssql": "tsql"}
ENGINES = ("duckdb", "postgres", "snowflake", "bigquery", "databricks", "trino", "mssql", "oracle", "mysql")


class Compiler(Recorder):
    """A backend that also has what it writes parsed: one query, nothing that changes anything."""

    def to_pyarrow(self, expression):
        answer = super().to_pyarrow(expression)
        check_reads_only(self.sent[-1], self.name)
        return answer


def check_reads_only(statement, engine):
    parsed = sqlglot.parse(statement, dialect=DIALECTS.get(engine, engine))
    assert len(parsed) == 1 and isinstance(parsed[0], sqlglot.exp.Query), statement
    assert not list(
        parsed[0].find_all(sqlglot.exp.Insert, sqlglot.exp.Update, sqlglot.exp.Delete, sqlglot.exp.Create)
    )


def test_every_question_is_among_those_that_are_compiled():
    public = {name for name, _ in inspect.getmembers(IbisEngine, inspect.isfunction) if name[0] != "_"} - {
        "lies_with"
    }
    assert public == set(QUESTIONS) == set(explain.QUESTIONS)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_question_is_written_for_every_engine_or_is_said_to_be_lacking(engine):
    for name, ask in QUESTIONS.items():
        compiler = Compiler(engine)
        if name in LACKING.get(engine, ()):
            with pytest.raises(NotAssessed, match=f": not assessed on {SPOKEN[engine]}$"):
                ask(IbisEngine(compiler, TABLE))
            continue
        ask(IbisEngine(compiler, TABLE))
        assert compiler.sent
        # the text of a row was nested, and doubled with every column
        assert max(map(len, compiler.sent)) < 60_000, name


@pytest.mark.parametrize("scheme", [scheme for scheme, extra in remote.SCHEME_EXTRAS.items() if extra])
def test_an_engine_without_its_driver_says_what_to_install(scheme, monkeypatch):
    from assess.core import extras

    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with pytest.raises(UnreadableTable) as refused:
        remote.connect(f"{scheme}://erika:hunter2@db.example/crm#customers")
    extra = remote.SCHEME_EXTRAS[scheme]
    assert f"package {extras.EXTRAS[extra].package}," in str(refused.value) and f"assess[{extra}]" in str(refused.value)  # fmt: skip
    assert "hunter2" not in str(refused.value)


def test_an_engine_that_is_none_is_told_which_there_are():
    with pytest.raises(UnreadableTable, match="gopher:// is no engine that can be asked; allowed: postgresql://"):  # fmt: skip
        remote.connect("gopher://a/b#t")


@pytest.mark.parametrize(
    ("url", "extension"),
    [
        ("s3://lake/orders/*.parquet", "httpfs"), ("gs://lake/orders.csv", "httpfs"), ("az://lake/orders/*.parquet", "azure"),
        ("delta+file:///lake/orders", "delta"), ("delta+s3://lake/orders", "delta"), ("iceberg+s3://lake/orders", "iceberg"),
    ],
)  # fmt: skip
def test_a_lake_without_its_extension_says_how_to_install_it_and_downloads_nothing(url, extension, monkeypatch):  # fmt: skip
    monkeypatch.setattr(engine, "_has", lambda connection, name: False)
    said = f"needs DuckDB's extension {extension}, which is not installed on this machine, and a run downloads nothing"
    with pytest.raises(UnreadableTable, match=said):
        remote.connect(url)


@pytest.mark.parametrize(
    ("url", "table"),
    [
        ("s3://lake/orders/*.parquet", "read_parquet('s3://lake/orders/*.parquet', union_by_name = true)"),
        ("gs://lake/o.csv", "read_csv('gs://lake/o.csv', all_varchar = true, union_by_name = true)"),
        ("delta+file:///lake/it's", "delta_scan('/lake/it''s')"),
        ("iceberg+s3://lake/orders", "iceberg_scan('s3://lake/orders')"),
    ],
)
def test_a_lake_is_read_by_the_function_of_its_form(url, table, monkeypatch):
    monkeypatch.setattr(engine, "_load", lambda connection, name: None)
    connection, found = engine.open_lake(url)
    assert found == table
    with pytest.raises(duckdb.Error):  # no extension here: nothing is reached, nothing is fetched
        connection.execute(f"SELECT * FROM {found}")


EXPLAINED = (
    ("postgresql", "postgres", ""), ("sc", "databricks", ""), ("bigquery", "bigquery", ""),
    ("mssql", "mssql", "-- quantiles of numbers: not assessed on SQL Server"), ("oracle", "oracle", "-- quantiles of numbers: not assessed on Oracle"),
)  # fmt: skip


@pytest.mark.parametrize(("scheme", "name", "lacking"), EXPLAINED)
def test_statements_are_printed_and_nothing_is_sent(scheme, name, lacking, tmp_path, monkeypatch):
    """No driver is needed, no table opened, no password printed; every statement is a query of the table that is named."""
    (tmp_path / "engagement.yaml").write_text("client: Acme\ndate: 2026-10-01\n")
    (tmp_path / "customers.csv").write_text("id\n1\n2\n")
    place = f"{scheme}://erika:hunter2@db.example/crm"
    (tmp_path / "systems.csv").write_text(
        f"id,name,data\ncrm,CRM,customers={place}#sales.customers\nshop,Shop,customers=customers.csv\n"
    )
    monkeypatch.setattr(remote, "connect", lambda location: pytest.fail("nothing may be opened"))
    done = CliRunner().invoke(
        command, ["run", str(tmp_path), "--explain", "--allow", place, "-o", str(tmp_path / "out")]
    )
    assert done.exit_code == 0, done.output
    assert "hunter2" not in done.stdout and not (tmp_path / "out").exists()
    assert "-- shop.customers: customers.csv is read on this machine; nothing is sent" in done.stdout
    assert lacking in done.stdout
    statements = [part for part in re.sub(r"(?m)^--.*$", "", done.stdout).split(";\n") if part.strip()]
    assert len(statements) >= (8 if not lacking else 4)
    for statement in statements:
        check_reads_only(statement, name)
        (table,) = {
            (t.db, t.name)
            for t in sqlglot.parse_one(statement, dialect=DIALECTS.get(name, name)).find_all(
                sqlglot.exp.Table
            )
            if t.db
        }
        assert table == ("sales", "customers")
