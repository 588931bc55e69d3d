"""A table repaired: what is written, taken back and refused, and the same by every engine's statement."""

import duckdb
import numpy as np
import pandas as pd
import pytest
import sqlglot
from click.testing import CliRunner

from assess.cli.commands import assess
from assess.evidence.quality.checks.cells.lookups import LookupDependency, find_target_values
from assess.evidence.quality.repairing import DIALECTS, repair, repair_for, write_pandas, write_statement

TOWNS = {"Hamburg": "20095", "Berlin": "10115", "Stuttgart": "70173", "Leipzig": "04109"}


def customers(number=400):
    towns = list(TOWNS) * (number // 4)
    return pd.DataFrame(
        {"no": [f"C{k:04d}" for k in range(number)], "town": towns, "zip": [TOWNS[t] for t in towns]}
    )


@pytest.fixture(scope="module")
def clean():
    return customers()


@pytest.fixture(scope="module")
def run(clean):
    dirty = clean.copy()
    dirty.loc[[8, 31, 77], "town"] = ["Hambrug", "Lepizig", " Berlin"]
    return repair(dirty)


def test_misspelt_cells_hold_the_right_value_and_no_other_cell_changes(run, clean):
    assert run.frame["town"].tolist() == clean["town"].tolist()
    assert run.frame.equals(clean.astype(object))
    assert (run.before, run.after) == (3, 0)
    assert sum(step.written for step in run.steps) == len(run.cells) == 3


def test_what_is_written_unlike_its_column_is_repaired_where_the_column_says_how():
    draw = np.random.default_rng(3)
    phones = [f"{a}-{b}-{c}" for a, b, c in zip(draw.choice([312, 773], 400), draw.integers(200, 999, 400), draw.integers(1000, 9999, 400), strict=True)]  # fmt: skip
    right = customers().assign(phone=phones)
    dirty = right.copy()
    dirty.loc[[7, 11, 50], "phone"] = [f"x{phones[7]}", f"{phones[11]}***", "by letter***"]
    assert repair(dirty).frame["phone"].tolist() == [*phones[:50], "by letter***", *phones[51:]]


def test_what_has_the_form_of_its_column_is_no_slip_of_another_code():
    countries = np.array(["DEU", "FRA", "GBR", "ITA"] * 100, object)
    countries[[5, 90, 201]] = ["GER", "GER", "GER"]
    repaired = repair(customers().assign(country=countries)).frame["country"]
    assert not set(repaired[[5, 90, 201]]) & {"GBR", "FRA", "ITA"}


def test_the_statement_gives_the_same_table(run, clean):
    dirty = clean.copy()
    dirty.loc[[8, 31, 77], "town"] = ["Hambrug", "Lepizig", " Berlin"]
    with duckdb.connect() as engine:
        engine.register("table", dirty)
        found = engine.execute(write_statement(run, "duckdb")).fetchdf()
    assert found.to_dict("list") == run.frame.to_dict("list")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_reads_its_statement(run, dialect):
    (query,) = sqlglot.parse(write_statement(run, dialect), dialect=dialect)
    assert query.named_selects == ["no", "town", "zip"]


def test_pandas_gives_the_same_table(run, clean, tmp_path):
    dirty = clean.copy()
    dirty.loc[[8, 31, 77], "town"] = ["Hambrug", "Lepizig", " Berlin"]
    run.cells.to_csv(tmp_path / "repairs.csv", index=False)
    scope = {}
    exec(write_pandas(run), scope)
    assert scope["repair"](dirty, tmp_path / "repairs.csv").equals(run.frame.astype(dirty.dtypes.to_dict()))


def test_lost_digits_are_refused():
    frame = customers()
    frame["ean"] = [f"40123456{k:05d}" for k in range(400)]
    frame.loc[range(40), "ean"] = "4.01235E+12"
    run = repair(frame)
    assert (run.frame["ean"].iloc[:40] == "4.01235E+12").all()
    step = next(step for step in run.steps if step.column == "ean")
    assert step.written == 0
    assert step.refused


def test_a_source_takes_the_spelling_of_the_target(clean):
    source = clean.iloc[:200].copy()
    source.loc[[5, 9], "town"] = ["Berlni", "Brelin"]
    found = repair_for(source, clean.iloc[200:].reset_index(drop=True))
    assert found.frame["town"].iloc[[5, 9]].tolist() == ["Berlin", "Berlin"]
    assert found.after < found.before


def test_the_command_writes_copies_and_leaves_the_engagement_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    assert runner.invoke(assess, ["init", "acme"]).exit_code == 0
    before = {path: path.read_bytes() for path in (tmp_path / "acme").rglob("*") if path.is_file()}
    inside = runner.invoke(assess, ["repair", "acme", "-o", "acme/fixed"])
    assert inside.exit_code == 2
    unknown = runner.invoke(assess, ["repair", "acme", "--only", "crm.nothing"])
    assert unknown.exit_code == 2
    assert {path: path.read_bytes() for path in (tmp_path / "acme").rglob("*") if path.is_file()} == before


def test_what_a_check_tells_gets_the_value_that_the_target_holds_for_the_same_key():
    """A hundred flights, each four times in the target: eight times of the source are unreadable or empty, and the key tells them."""
    flights = [f"F{k:03d}" for k in range(100)]
    times = {flight: f"{6 + k % 12}:{(7 * k) % 60:02d} a.m." for k, flight in enumerate(flights)}
    right = pd.DataFrame({"flight": flights * 4, "departs": [times[flight] for flight in flights] * 4})
    source = right.iloc[:200].reset_index(drop=True)
    source.loc[[3, 50, 77, 120], "departs"] = ["not known yet", "#1", "late?", "x"]
    source.loc[[10, 60, 130, 190], "departs"] = ""
    run = repair_for(source, right)
    written = run.cells[run.cells["column"] == "departs"]
    assert set(written["row"]) == {3, 50, 77, 120, 10, 60, 130, 190}
    assert (run.frame["departs"] == right["departs"].head(200)).all()


def test_no_value_is_looked_up_where_two_columns_tell_different_ones():
    def link(key, held):
        told = np.ones(3, bool)
        return LookupDependency(key, 2, np.array([0, 1]), np.array([0.9, 0.9]), np.array(held), told)

    suspected = np.zeros((3, 3), bool)
    suspected[0, 2] = suspected[1, 2] = True
    assert find_target_values([link(0, [5, 6]), link(1, [5, 7])], suspected) == {(0, 2): 5}
    suspected[1, 1] = True
    assert find_target_values([link(0, [5, 6]), link(1, [5, 7])], suspected) == {(0, 2): 5, (1, 2): 6}
    assert find_target_values([link(0, [5, 6])], np.zeros((3, 3), bool)) == {}
