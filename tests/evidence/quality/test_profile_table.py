"""The profile of one table: facts that are true, statements that run, bad input that stays a true result."""

import importlib

import duckdb
import numpy as np
import pandas as pd
import pytest

from assess.evidence import quality
from assess.evidence.quality.checks.dependencies import DependencySearch
from assess.evidence.quality.checks.uniqueness import DuplicateSearch
from assess.evidence.quality.column.facts import Counted
from assess.evidence.quality.finding import grade_severity
from assess.evidence.quality.table import open_table


@pytest.fixture
def customers(tmp_path):
    rng = np.random.default_rng(7)
    n = 400
    frame = pd.DataFrame({
        "id": [f"C{i:05d}" for i in range(n)],
        "zip": (z := rng.choice(["10115", "20095", "50667", "80331"], n)),
        "town": pd.Series(z).map({"10115": "Berlin", "20095": "Hamburg", "50667": "Köln", "80331": "München"}),
        "since": [f"20{10 + i % 10}-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(n)],
        "amount": [f"{v:.2f}" for v in rng.normal(100, 10, n)],
    })  # fmt: skip
    frame.loc[7, "id"] = "C00006"
    frame.loc[50:59, "since"] = [f"{d}.05.2015" for d in range(13, 23)]
    frame.loc[60:64, "amount"] = ["n/a", "-", "", "?", "N/A"]
    frame.loc[99] = frame.loc[98]
    path = tmp_path / "customers.csv"
    frame.to_csv(path, index=False)
    return path


def test_facts_of_the_columns(customers):
    q = quality.profile(customers)
    assert q.rows == 400
    facts = q.columns.set_index("name")
    assert facts.loc["since", "physical"] == "date"
    assert q.column("since").date_formats == (
        Counted(label="YYYY-MM-DD", rows=390), Counted(label="DD.MM.YYYY", rows=10),
    )  # fmt: skip
    amount = q.column("amount")
    assert (amount.blanks, amount.disguised, amount.present) == (1, 4, 395)
    read = pd.to_numeric(pd.read_csv(customers, dtype=str)["amount"], errors="coerce").dropna()
    assert float(amount.minimum) == read.min() and float(amount.maximum) == read.max()
    assert amount.quantiles[3] == pytest.approx(read.quantile(0.5, interpolation="lower"), abs=0.2)
    assert q.column("zip").semantic in ("category", "quantity", "code")


def test_statements_of_every_finding_run_and_count_the_same(customers):
    q = quality.profile(customers)
    q.repairs.to_csv(customers.parent / "customers.repairs.csv", index=False)
    assert q.findings
    for finding in q.findings:
        found = duckdb.sql(finding.check_sql).to_arrow_table()
        assert found.num_rows == finding.rows, finding.id
        if finding.fix_sql:
            fixed = finding.fix_sql.replace(
                "'customers.repairs.csv'", f"'{customers.parent}/customers.repairs.csv'"
            )
            assert duckdb.sql(fixed).to_arrow_table().num_rows > 0


def test_broken_key_duplicates_and_formats_are_found(customers):
    checks = {(f.column, f.check) for f in quality.profile(customers).findings}
    assert ("id", "broken key") in checks or ("id", "repeated key") in checks
    assert ("", "duplicates") in checks
    assert ("since", "date formats") in checks
    assert ("amount", "incomplete") in checks


def test_findings_are_ranked_priced_and_masked(customers):
    q = quality.profile(customers)
    order = [("critical", "high", "medium", "low", "info").index(f.severity) for f in q.findings]
    assert order == sorted(order)
    text = q.to_json()
    assert "Hamburg" not in text and "C00006" not in text
    assert "Hamburg" in quality.profile(customers, clear=True).to_json()
    priced = [f for f in q.findings if f.effort]
    assert priced and all(f.effort.source.kind == "calculation" for f in priced)
    assert len({f.id for f in q.findings}) == len(q.findings)


def test_json_round_trip_and_equal_bytes(customers):
    q = quality.profile(customers)
    assert quality.Profile.from_json(q.to_json()) == q
    assert quality.profile(customers).to_json() == q.to_json()
    assert q.bounded(1).suspected == q.suspected


def test_a_clean_table_has_no_finding_of_weight():
    frame = pd.DataFrame({
        "id": [f"{i:04d}" for i in range(200)], "country": ["DE", "FR", "AT", "CH"] * 50,
        "day": [f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(200)],
    })  # fmt: skip
    q = quality.profile(frame)
    assert [f for f in q.findings if f.severity in ("critical", "high")] == []
    assert q.keys[0].columns == ("id",) and q.keys[0].holds


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": ["x"], "b": ["1"]}),
        pd.DataFrame({"a": [], "b": []}, dtype=object),
        pd.DataFrame({"a": [None] * 5, "b": [None] * 5}),
        pd.DataFrame({"a": ["", " ", "-"], "b": [None, "N/A", ""]}),
        pd.DataFrame([["1", "2"], ["3", "4"]], columns=["x", "x"]),
        pd.DataFrame({"": ["\0", "a\0b", "\ud7ff"]}),
        pd.DataFrame({"a": ["same"] * 50, "b": ["same"] * 50}),
    ],
    ids=["one row", "no rows", "all null", "nothing", "same names", "NUL", "constant"],
)
def test_odd_tables_are_true_results(frame):
    q = quality.profile(frame)
    assert q.rows == len(frame)
    assert len(q.facts) == frame.shape[1]
    assert q.cells["row"].between(0, max(len(frame) - 1, 0)).all()
    assert quality.Profile.from_json(q.to_json()) == q
    assert "NaN" not in q.to_json()


@pytest.mark.slow
def test_two_thousand_columns():
    q = quality.profile(pd.DataFrame({f"c{i}": [str(j * i % 7) for j in range(20)] for i in range(2000)}))
    assert len(q.facts) == 2000
    assert sum(fact.distinct == 7 for fact in q.facts) == sum(i % 7 != 0 for i in range(2000))


def test_cells_of_ten_megabytes():
    frame = pd.DataFrame(
        {"a": [str(i) for i in range(4)], "b": ["x" * 10_000_000 + str(i) for i in range(4)]}
    )
    q = quality.profile(frame)
    assert q.column("b").longest == 10_000_001
    assert len(q.to_json()) < 100_000


def test_long_tables_are_judged_block_by_block(monkeypatch, customers):
    module = importlib.import_module("assess.evidence.quality.profile")
    whole = quality.profile(customers)
    monkeypatch.setattr(module, "BLOCK", 150)
    parts = quality.profile(customers)
    assert parts.rows == whole.rows
    assert parts.column("amount").blanks == whole.column("amount").blanks
    assert parts.column("since").date_formats == whole.column("since").date_formats
    assert parts.column("amount").minimum == whole.column("amount").minimum
    assert parts.column("id").distinct == whole.column("id").distinct
    assert parts.column("amount").quantiles == whole.column("amount").quantiles
    assert parts.duplicates == whole.duplicates
    assert {k.columns: k.repeated for k in parts.keys} == {k.columns: k.repeated for k in whole.keys}


def test_progress_is_told_and_cancels(customers):
    told = []
    quality.profile(customers, progress=lambda what, share: told.append(share))
    assert told == sorted(told) and told[-1] == 1.0

    class Enough(Exception):
        pass

    def cancel(what, share):
        raise Enough

    with pytest.raises(Enough):
        quality.profile(customers, progress=cancel)


def test_dependencies_count_the_rows_that_break_them():
    frame = pd.DataFrame({"zip": ["1", "2", "3"] * 100, "town": ["a", "b", "c"] * 99 + ["a", "b", "x"]})
    table = open_table(frame)
    search = DependencySearch(table.rows)
    search.add(table)
    candidates = search.candidates({column.name: column.distinct for column in table})
    found, *_ = search.measure(candidates, table)
    assert (found.determinant, found.dependent, found.breaking) == ("zip", "town", 1)
    assert found.error == pytest.approx(1 / 300, abs=1e-6)


def test_duplicates_but_for_format():
    frame = pd.DataFrame(
        {"name": ["Ann Lee", "ANN  LEE", "Bo", "Bo", "Cy"], "town": ["X-Y", "x y", "Z", "Z", "Q"]}
    )
    table = open_table(frame)
    search = DuplicateSearch(frame.columns, len(frame))
    search.add(table)
    exact, loose = search.found(lambda: [table])
    assert (exact.kind, exact.rows) == ("exact", (3,))
    assert (loose.kind, loose.rows) == ("format", (1,))


def repeating(frame):
    """What a profile says of rows that occur again: rows by check, those that its check returns, and those that its fix keeps."""
    frame.to_csv(path := frame.attrs["path"], index=False)
    found = [f for f in quality.profile(path).findings if f.check.startswith("duplicates")]
    for one in found:
        again = set(duckdb.sql(one.check_sql).df()["row"])
        assert len(again) == one.rows
        assert len(duckdb.sql(one.fix_sql).df()) == len(frame) - one.rows
    return {one.check: one.rows for one in found}


def test_rows_that_hold_nothing_but_their_number_repeat_nothing(tmp_path):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"year": range(1900, 2020), **{f"m{k}": rng.integers(1_000, 9_999, 120).astype(str) for k in range(4)}})  # fmt: skip
    frame.attrs["path"] = tmp_path / "years.csv"
    frame.iloc[30:34, 1:] = ""
    assert repeating(frame) == {}
    frame.iloc[50, 1:] = frame.iloc[49, 1:]
    assert repeating(frame) == {"duplicates": 1}, "the year numbers the row"


@pytest.mark.parametrize(
    ("name", "draw"),
    [
        ("population", lambda rng, n: rng.lognormal(10, 3, n).astype(int) * 100 + np.arange(n) % 100),
        ("zip", lambda rng, n: [f"{z:05d}" for z in 10_000 + rng.permutation(2 * n)[:n]]),
    ],
)
def test_another_amount_or_postcode_is_another_record_although_all_else_agrees(tmp_path, name, draw):
    rng = np.random.default_rng(5)
    town, county = rng.integers(0, 90, 300), rng.integers(0, 800, 300)
    frame = pd.DataFrame({name: draw(rng, 300), "town": [f"Town {chr(65 + t % 26)}{chr(97 + t // 26)}" for t in town], "county": [f"County {c}" for c in county], "measure": rng.integers(1_000, 9_999, 300)})  # fmt: skip
    frame.attrs["path"] = tmp_path / "places.csv"
    frame.iloc[11, 1:] = frame.iloc[10, 1:]
    assert repeating(frame) == {}
    frame.iloc[21] = frame.iloc[20]
    assert repeating(frame)["duplicates"] == 1


def test_severity_grows_with_share():
    grades = [grade_severity(share) for share in (0, 0.004, 0.006, 0.06)]
    assert grades == ["low", "low", "medium", "high"]


def test_rows_that_differ_in_a_letter_or_digit_are_no_duplicates():
    frame = pd.DataFrame({"name": ["Ann Lee", "Ann Lea", "Ann Lee"], "town": ["X-Y 1", "x y 1", "X Y 2"]})
    table = open_table(frame)
    search = DuplicateSearch(frame.columns, len(frame))
    search.add(table)
    assert search.found(lambda: [table]) == ()
