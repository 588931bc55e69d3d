"""Every kind of finding keeps its promise: its check lists exactly the rows it counts; once fixed, none."""

import random
import string

import duckdb
import pandas as pd
import pytest

from assess.core.missing import DATES, WORDS, is_disguised, missing_condition
from assess.evidence import quality
from assess.evidence.quality.findings import assess_references

ROWS = 900


def customers(n=ROWS):
    """A table with a defect of every kind that a single table can show."""
    rng = random.Random(4)
    towns = {f"{10000 + 7 * k}": f"Town{string.ascii_uppercase[k % 26]}{k}" for k in range(40)}
    zips = [rng.choice(sorted(towns)) for _ in range(n)]
    days = [f"20{rng.randint(10, 23)}-{rng.randint(1, 12):02d}-{rng.randint(13, 28)}" for _ in range(n)]
    parts = [(rng.randint(10, 900), rng.randint(10, 900)) for _ in range(n)]
    frame = pd.DataFrame(
        {
            "no": [f"C{10000 + i}" for i in range(n)],
            "name": [f"Name {rng.choice('ABCDEFG')}{rng.randint(100, 999)}" for _ in range(n)],
            "status": [rng.choice(["active", "closed", "paused"]) for _ in range(n)],
            "zip": zips,
            "town": [towns[z] for z in zips],
            "mail": [f"user{i}@example.org" for i in range(n)],
            "since": days,
            "until": [f"20{int(d[2:4]) + 1}{d[4:]}" for d in days],
            "net": [str(a) for a, _ in parts],
            "tax": [str(b) for _, b in parts],
            "gross": [str(a + b) for a, b in parts],
            "weight": [f"{rng.gauss(70, 6):.1f}" for _ in range(n)],
        },
        dtype=object,
    )
    frame.loc[range(5, 25), "name"] = ["N/A", "unknown", "-", "?"] * 5
    frame.loc[range(30, 34), "name"] = None
    frame.loc[range(40, 46), "status"] = ["Active", "CLOSED", "activ", "clsoed", "paused ", "  active"]
    frame.loc[range(50, 56), "town"] = "TownZ99"
    frame.loc[range(60, 65), "mail"] = ["nobody", "a@b", "x y@example.org", "@example.org", "u@@example.org"]
    frame.loc[range(70, 90), "since"] = [f"{d[8:]}.{d[5:7]}.{d[:4]}" for d in frame["since"][70:90]]
    frame.loc[range(90, 93), "until"] = "2001-01-14"
    frame.loc[range(95, 99), "gross"] = ["7", "12", "31", "44"]
    frame.loc[range(100, 104), "weight"] = ["7000.5", "-4000.1", "9999999.5", "120 kg"]
    frame.loc[110, "no"] = "C10111"
    frame.loc[120, "name"] = "MÃ¼ller"
    again = frame.iloc[[200, 201, 202]]
    other = frame.iloc[[300, 301]].assign(name=lambda f: f["name"].str.upper())
    near = frame.iloc[[310, 311]].assign(
        town=lambda f: f["town"].str.replace("Town", "Twon"), no=["C90001", "C90002"]
    )
    return pd.concat([frame, again, other, near], ignore_index=True)


def renumbered(frame):
    """The same without what tells its rows apart, so that repeated rows are duplicates."""
    return frame[["name", "status", "zip", "town", "since", "net", "gross", "weight"]]


def profiled(folder, frame, name):
    folder.mkdir(exist_ok=True)
    frame.to_csv(folder / f"{name}.csv", index=False)
    return quality.profile(f"{name}.csv", clear=True)


def listed(statement):
    with duckdb.connect() as engine:
        return engine.execute(statement).fetchdf()


def fixed(statement, folder, name):
    """Run a fix and put its answer under the table's name into another folder."""
    folder.mkdir(exist_ok=True)
    with duckdb.connect() as engine:
        engine.execute(
            f"COPY ({statement}) TO '{folder / f'{name}.csv'}' (HEADER, DELIMITER ',', NULLSTR '\\N', FORCE_QUOTE *)"
        )


def systems(n=400):
    """A source and a target that define nearly every field differently."""
    rng = random.Random(2)
    target = pd.DataFrame(
        {
            "no": [f"{i:05d}" for i in range(n)],
            "country": [rng.choice(["DE", "FR", "IT", "PL"]) for _ in range(n)],
            "amount": [rng.randint(100, 99999) for _ in range(n)],
            "since": [f"20{rng.randint(10, 23)}-{rng.randint(1, 12):02d}-{rng.randint(13, 28)}" for _ in range(n)],
            "name": [f"Company {rng.choice('ABC')}{rng.randint(1, 999)} {'x' * rng.randint(0, 30)}" for _ in range(n)],
            "phone": [f"+49 30 {rng.randint(100000, 999999)}" for _ in range(n)],
            "grade": [rng.choice(["a", "b", "c"]) for _ in range(n)],
            "at": [f"2024-0{rng.randint(1, 9)}-{rng.randint(10, 28)} 1{rng.randint(0, 9)}:{rng.randint(10, 59)}:00" for _ in range(n)],
            "note": [f"t{i}" for i in range(n)],
        }
    )  # fmt: skip
    names = {"DE": "Germany", "FR": "France", "IT": "Italy", "PL": "Poland"}
    source = target.assign(
        no=[text.lstrip("0") or "0" for text in target["no"]], country=target["country"].map(names),
        since=[f"{d[8:]}.{d[5:7]}.{d[:4]}" for d in target["since"]], grade=target["grade"].str.upper(),
    )  # fmt: skip
    source.loc[:20, "phone"] = ["", "n/a", "?"] * 7
    later = [str(pd.Timestamp(at) + pd.Timedelta(2, "h")) for at in target["at"]]
    target = target.assign(amount=target["amount"] * 100, name=target["name"].str[:25], at=later)
    target.loc[range(100, 120), "note"] = "other"
    return source, target.iloc[30:]


def strangers(n=500):
    """Two tables without a record in common, of which one names a few towns otherwise than the other at the same zip."""
    rng = random.Random(3)
    towns = {f"{10000 + 7 * k}": f"Town{string.ascii_uppercase[k % 26]}{k}" for k in range(40)}
    zips = [rng.choice(sorted(towns)) for _ in range(2 * n)]
    every = pd.DataFrame(
        {"zip": zips, "town": [towns[z] for z in zips], "area": [f"A{int(z) % 23}" for z in zips]}
    )
    source, target = every.iloc[:n].reset_index(drop=True), every.iloc[n:].reset_index(drop=True)
    source.loc[range(0, 60, 10), "town"] = "TownB1"
    return source, target


def mixed(n=300):
    """Dates in two formats, each common, with some that are missing in disguise."""
    rng = random.Random(1)
    days = [f"20{rng.randint(10, 23)}-{rng.randint(1, 12):02d}-{rng.randint(13, 28)}" for _ in range(n)]
    days[:120] = [f"{d[8:]}.{d[5:7]}.{d[:4]}" for d in days[:120]]
    days[120:132] = ["n/a", "", "0000-00-00", "Unknown"] * 3
    return pd.DataFrame({"id": range(n), "day": days})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


@pytest.fixture(scope="module")
def findings(folder):
    """Every finding, with the name of the table that its fix gives."""
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        tables = (("customers", customers()), ("rows", renumbered(customers())), ("days", mixed()))
        for name, frame in tables:
            profile = profiled(folder, frame, name)
            profile.repairs.to_csv(f"{name}.repairs.csv", index=False)
            found += [(name, finding) for finding in profile.findings]
        for names, frames in ((("crm", "billing"), systems()), (("sites", "depots"), strangers())):
            for name, frame in zip(names, frames, strict=True):
                frame.to_csv(f"{name}.csv", index=False)
            compared = quality.compare(*(f"{name}.csv" for name in names), clear=True)
            compared.repairs.to_csv(f"{'--'.join(names)}.repairs.csv", index=False)
            found += [(names[0], finding) for finding in compared.findings]
    return found


def test_the_tables_show_what_is_to_be_tried(findings):
    assert {finding.check for _, finding in findings} >= {
        "missing", "incomplete", "encoding", "unit", "date formats", "validity", "variant", "arithmetic", "order",
        "spelling", "outlier", "dependency", "broken key", "duplicates", "duplicates but for format", "near copies", "scale",
        "vocabulary", "case", "date format", "time zone", "leading zeros", "nullability", "length", "disagreement",
        "source only", "breaks lookup",
    }  # fmt: skip


def test_a_check_lists_exactly_the_rows_that_its_finding_counts(findings, folder, monkeypatch):
    monkeypatch.chdir(folder)
    for name, finding in findings:
        if finding.check_sql:
            rows = listed(finding.check_sql)["row"]
            assert (len(rows), rows.nunique()) == (finding.rows, finding.rows), (name, finding.id)


LISTED_AGAIN = {
    "scale": "no value says whether it is in cents: the check lists what the conversion concerns, also after it",
    "time zone": "no value says in which zone it is written",
}
"""Checks that list their rows also after the fix, and why."""


def test_once_fixed_a_check_lists_what_its_fix_could_not_know(findings, folder, tmp_path, monkeypatch):
    tried = set()
    for place, (name, finding) in enumerate(findings):
        if not finding.fix_sql:
            continue
        monkeypatch.chdir(folder)
        again = tmp_path / str(place)
        fixed(finding.fix_sql, again, name)
        for path in folder.glob("*.csv"):
            if not (again / path.name).exists():
                (again / path.name).write_bytes(path.read_bytes())
        monkeypatch.chdir(again)
        left = len(listed(finding.check_sql))
        if finding.check in LISTED_AGAIN:
            assert left == finding.rows, (finding.id, left)
            continue
        assert left == finding.rows - min(finding.work.proposed or finding.rows, finding.rows), (
            finding.id,
            left,
        )
        tried.add(finding.check)
    assert tried >= {
        "missing",
        "unit",
        "date formats",
        "dependency",
        "spelling",
        "duplicates",
        "vocabulary",
        "length",
    }


def test_an_orphan_and_a_broken_key_are_listed_row_by_row(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    numbers = [f"C{k:04d}" for k in range(400)] + ["C0003", "N/A", ""]
    pd.DataFrame({"no": numbers, "rank": range(403)}).to_csv("customers.csv", index=False)
    named = [f"c-{k % 40:04d}" for k in range(76)] + ["C9999", "unknown", "", "C8888"]
    pd.DataFrame({"customer": named}).to_csv("orders.csv", index=False)
    tables = [quality.open_table(f"{name}.csv") for name in ("customers", "orders")]
    (orphans,) = assess_references(tables).findings
    assert listed(orphans.check_sql)["row"].tolist() == [76, 79] and orphans.rows == 2
    (key,) = (
        f for f in quality.profile("customers.csv").findings if (f.check, f.column) == ("broken key", "no")
    )
    assert listed(key.check_sql)["row"].tolist() == [3, 400, 401, 402] and key.rows == 4


@pytest.mark.parametrize("word", sorted([*WORDS, *DATES, "-", "??", " . ", "\tN/A "]))
def test_what_is_counted_as_missing_is_what_the_statement_finds(word):
    with duckdb.connect() as engine:
        found = engine.execute(f"SELECT {missing_condition('v')} FROM (SELECT ? AS v)", [word]).fetchone()
    assert found == (True,) and is_disguised(word)
