"""Mixtures of forms are told at any rate, every row of them, with what they mean and whether they can be undone."""

from __future__ import annotations

import datetime as dt
import random
import unicodedata

import duckdb
import pandas as pd
import pytest

from assess.evidence.quality import profile

RATES = (0.02, 0.1, 0.3, 0.6)
ROWS = 400


def _profile(tmp_path, values, name="c"):
    pd.DataFrame({"no": [f"R{n:05d}" for n in range(len(values))], name: values}).to_csv(
        tmp_path / "t.csv", index=False
    )
    return profile(tmp_path / "t.csv", clear=True)


def _mixed(tmp_path, values, name="c"):
    found = _profile(tmp_path, values, name)
    return found, [f for f in found.findings if f.check == "mixture"]


def _part(rate, seed):
    return [random.Random(seed * 1000 + n).random() < rate for n in range(ROWS)]


@pytest.mark.parametrize("rate", RATES)
def test_days_as_excel_counts_them(tmp_path, rate):
    days = [dt.date(2023, 1, 1) + dt.timedelta(days=n % 700) for n in range(ROWS)]
    odd = _part(rate, 1)
    # 45,292 is 1 January 2024 (Microsoft: DATEVALUE("1/1/2024"))
    values = [
        str(45_292 + (day - dt.date(2024, 1, 1)).days) if o else day.isoformat()
        for day, o in zip(days, odd, strict=True)
    ]
    found, (told,) = _mixed(tmp_path, values)
    assert told.rows == sum(odd)
    assert set(found.cells[found.cells["check"] == "mixture"]["row"]) == {n for n, o in enumerate(odd) if o}
    fixed = duckdb.sql(told.fix_sql).df()
    assert [str(v)[:10] for v in fixed["c"]] == [day.isoformat() for day in days]


@pytest.mark.parametrize("rate", RATES)
def test_codes_that_lost_their_zeros(tmp_path, rate):
    codes = [f"{random.Random(n).randrange(99_999):05d}" for n in range(ROWS)]
    values = [code.lstrip("0") if o else code for code, o in zip(codes, _part(rate, 2), strict=True)]
    lost = sum(v != c for v, c in zip(values, codes, strict=True) if len(c.lstrip("0")) >= 3)
    _, told = _mixed(tmp_path, values)
    assert [f.rows for f in told] == [lost]


@pytest.mark.parametrize("rate", RATES)
def test_long_numbers_with_an_exponent_are_lost(tmp_path, rate):
    numbers = [random.Random(n).randrange(4 * 10**12, 5 * 10**12) for n in range(ROWS)]
    odd = _part(rate, 3)
    _, (told,) = _mixed(tmp_path, [f"{n:.5E}" if o else str(n) for n, o in zip(numbers, odd, strict=True)])
    assert told.rows == sum(odd)
    assert not told.fix_sql
    assert told.severity == "high"


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("written", ["{}-", "({})", "{}CR"])
def test_signs_behind_and_brackets_are_read_as_negative(tmp_path, rate, written):
    amounts = [round(random.Random(n).lognormvariate(6, 1), 2) for n in range(ROWS)]
    odd = _part(rate, 4)
    values = [
        written.format(f"{a:.2f}") if o else f"{a:.2f}" + ("DR" if "CR" in written else "")
        for a, o in zip(amounts, odd, strict=True)
    ]
    found, (told,) = _mixed(tmp_path, values)
    assert found.column("c").physical == "decimal"
    assert float(found.column("c").minimum) == -max(a for a, o in zip(amounts, odd, strict=True) if o)
    assert told.rows == (ROWS if "CR" in written else sum(odd))


def test_several_spellings_of_yes(tmp_path):
    _, (told,) = _mixed(tmp_path, ["true", "FALSE", "True", "FALSE"] * 50)
    assert told.rows == 50
    assert len(duckdb.sql(told.check_sql).fetchall()) == told.rows


def test_characters_that_nobody_sees(tmp_path):
    names = ["Zoë", "José Peña", "Anna", "Ben"] * 25
    names[1], names[5], names[9] = unicodedata.normalize("NFD", names[1]), "José\u00a0Peña", "José\u200b Peña"
    _, (told,) = _mixed(tmp_path, names)
    assert told.rows == 3
    assert sorted(row[0] for row in duckdb.sql(told.check_sql).fetchall()) == [1, 5, 9]
    assert duckdb.sql(told.fix_sql).df()["c"].tolist() == ["Zoë", "José Peña", "Anna", "Ben"] * 25


def test_headers_an_empty_column_and_a_header_among_the_rows(tmp_path):
    rows = [f"{n},{n * 2},Ann {n},Rome,{n % 7}," for n in range(60)]
    (tmp_path / "t.csv").write_text(
        "\n".join(["ID,id,Name,Name,,fax", *rows[:30], "ID,id,Name,Name,,fax", *rows[30:]]) + "\n"
    )
    checks = {f.check: f for f in profile(tmp_path / "t.csv").findings}
    assert checks["repeated header"].rows == 1
    assert "Name → Name_2" in checks["headers"].title
    assert "ID, id" in checks["headers"].title


def test_one_form_is_no_mixture(tmp_path):
    for values in (
        [str(n) for n in range(20_000, 20_400)], [f"{n * 1.5:.2f}" for n in range(400)], [f"-{n}.5" for n in range(400)],
        ["yes", "no"] * 50, ["2024-01-31", "2024-02-29"] * 40, [f"{n:05d}" for n in range(400)],
    ):  # fmt: skip
        assert _mixed(tmp_path, values)[1] == []
