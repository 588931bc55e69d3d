"""What is the same stays mapped and joined where its values disagree, and the conflict is named."""

from __future__ import annotations

import random

import duckdb
import pandas as pd
import pytest

from assess.evidence.quality import compare

RANDOM = random.Random(2)
ROWS = 600
FIRST = [
    RANDOM.choice(["Anna", "Ben", "Clara", "David", "Eva", "Felix", "Greta", "Hugo"]) for _ in range(ROWS)
]
LAST = [
    f"{RANDOM.choice(['Meyer', 'Rossi', 'Novak', 'Huber', 'Lang', 'Keller'])}{RANDOM.randrange(60)}"
    for _ in range(ROWS)
]
ACTIVE = [RANDOM.random() < 0.5 for _ in range(ROWS)]


@pytest.fixture
def sides():
    drawn = random.Random(5)
    source = pd.DataFrame({
        "cust_no": [f"C{n:05d}" for n in range(ROWS)], "name": [f"{f} {s}" for f, s in zip(FIRST, LAST, strict=True)],
        "active": ["J" if a else "N" for a in ACTIVE], "credit_limit": [f"{drawn.lognormvariate(5, 1):.2f}" for _ in range(ROWS)],
    })  # fmt: skip
    target = pd.DataFrame({
        "customer_id": source["cust_no"], "customer_name": [f"{s}, {f}" for f, s in zip(FIRST, LAST, strict=True)],
        "is_active": ["true" if a is (drawn.random() < 0.75) else "false" for a in ACTIVE],
        "limit": [drawn.choice([500, 1000, 5000]) for _ in range(ROWS)],
    })  # fmt: skip
    return source, target


def test_records_that_disagree_veto_no_mapping_without_a_rival(sides):
    mapped = {m.source_column: m.target_column for m in compare(*sides).mapping.matches}
    assert mapped == {
        "cust_no": "customer_id",
        "name": "customer_name",
        "active": "is_active",
        "credit_limit": "limit",
    }


def test_the_conflict_of_such_a_mapping_is_named(sides):
    said = {f.column: f.title for f in compare(*sides).findings if f.check in ("contents", "vocabulary")}
    assert f"the same words in another order or form in {ROWS} of {ROWS} joined records" in said["name"]
    assert "likely the same field" in said["credit_limit"]
    holds = int(said["active"].partition("holds in ")[2].partition("%")[0])
    assert 68 <= holds <= 82  # three in four, drawn 600 times


def test_a_key_joins_although_names_are_written_in_another_way():
    numbers = [f"C{n:05d}" for n in range(ROWS)]
    source = pd.DataFrame(
        {"customer_no": numbers, "name": [f"{f} {s}" for f, s in zip(FIRST, LAST, strict=True)]}
    )
    target = pd.DataFrame(
        {"customer_no": numbers, "name": [f"{s.upper()}, {f[0]}." for f, s in zip(FIRST, LAST, strict=True)]}
    )
    found = compare(source, target)
    assert found.joined == 1
    assert not {f.check for f in found.findings} & {"no key", "code reuse"}


def test_the_same_numbers_of_other_records_are_no_key():
    numbers = [f"C{n:05d}" for n in range(ROWS)]
    names = [f"{f} {s}" for f, s in zip(FIRST, LAST, strict=True)]
    source = pd.DataFrame({"customer_no": numbers, "name": names})
    target = pd.DataFrame({"customer_no": numbers, "name": RANDOM.sample(names, ROWS)})
    assert "code reuse" in {f.check for f in compare(source, target).findings}


def test_records_that_only_the_target_has_matter_where_they_go_both_ways(sides):
    source, target = sides
    some = source.iloc[::2]
    assert "target only" not in {f.check for f in compare(some, target).findings}
    told = {f.check: f.rows for f in compare(some, target, both_ways=True).findings}
    assert told["target only"] == ROWS // 2


@pytest.fixture
def documents():
    drawn = random.Random(3)
    rows = [
        (company, year, f"{1900000 + n:010d}", f"{drawn.lognormvariate(6, 1):.2f}", f"V{drawn.randrange(300):04d}")
        for company in ("1000", "2000", "3000")
        for year in ("2022", "2023", "2024")
        for n in range(drawn.randrange(60, 120))
    ]  # fmt: skip
    drawn.shuffle(rows)
    source = pd.DataFrame(rows, columns=["BUKRS", "GJAHR", "BELNR", "DMBTR", "LIFNR"])
    target = pd.DataFrame({
        "company": source["BUKRS"], "fiscal_year": source["GJAHR"], "document_no": source["BELNR"].str.lstrip("0"),
        "amount": source["DMBTR"], "vendor": source["LIFNR"],
    })  # fmt: skip
    return source, target


def test_columns_that_are_a_key_only_together_join_the_records(documents):
    source, target = documents
    kept = target.drop(index=range(0, len(target), 10))
    found = compare(source, kept, clear=True)
    assert set(found.ways[0].pairs) == {
        ("BUKRS", "company"),
        ("GJAHR", "fiscal_year"),
        ("BELNR", "document_no"),
    }
    assert found.ways[0].source_joined == len(kept)
    told = next(f for f in found.findings if f.check == "source only")
    assert told.rows == len(source) - len(kept)
    lone = found.lone.query("side == 'source'")["row"].tolist()
    assert lone == list(range(0, len(target), 10))


def test_the_statement_of_a_key_of_several_columns_lists_the_records_it_counts(
    documents, tmp_path, monkeypatch
):
    source, target = documents
    monkeypatch.chdir(tmp_path)
    source.to_csv("left.csv", index=False)
    target.drop(index=range(0, len(target), 10)).to_csv("right.csv", index=False)
    told = next(f for f in compare("left.csv", "right.csv").findings if f.check == "source only")
    with duckdb.connect() as engine:
        assert len(engine.execute(told.check_sql).fetchall()) == told.rows


def test_the_same_columns_together_of_other_documents_are_no_key(documents):
    source, target = documents
    drawn = random.Random(4)
    for name in ("amount", "vendor"):
        target[name] = drawn.sample(target[name].tolist(), len(target))
    found = compare(source, target)
    assert not any(key.true for key in found.ways)
    assert "code reuse" in {f.check for f in found.findings}


def test_a_name_that_both_sides_hold_joins_them_whatever_else_they_say():
    drawn = random.Random(6)
    names = [
        f"{drawn.choice(['Ana', 'Zoë', 'José', 'Łukasz'])} {drawn.choice(['Peña', 'Żółć', 'Ng'])} {n}"
        for n in range(300)
    ]
    sides = [pd.DataFrame({"name": names, "price": [f"{drawn.uniform(1, 99):.2f}" for _ in names]}) for _ in range(2)]  # fmt: skip
    found = compare(*sides)
    assert found.joined == 1
    assert {f.check for f in found.findings} == {"contents"}


@pytest.fixture
def namesakes():
    """Customers of whom the target lacks 50, among them 30 whose family name another customer there bears, and 5 without a number."""
    drawn = random.Random(11)
    names = [f"{stem}{end}" for stem in ("Meyer", "Rossi", "Novak", "Huber", "Lang", "Kell", "Bran") for end in ("", *"abcdefghijklmnopqrstuvwxyz", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ")]  # fmt: skip
    drawn.shuffle(names)
    kept = [(f"C{7919 * n % 90_001:05d}", name) for n, name in enumerate(names)]
    gone = [(f"L{7919 * n % 90_001:05d}", names[n] if n < 30 else f"Only{n}") for n in range(45)]
    unnumbered = [("", f"Nobody{n}") for n in range(5)]
    town = {
        name: drawn.choice(["Bonn", "Graz", "Lyon", "Turin", "Porto"]) for _, name in kept + gone + unnumbered
    }
    source = pd.DataFrame([(no, name, town[name]) for no, name in kept + gone + unnumbered], columns=["no", "family", "town"])  # fmt: skip
    target = pd.DataFrame([(no, name, town[name]) for no, name in kept], columns=["no", "family", "town"])
    return source.sample(frac=1, random_state=1), target


def test_a_family_name_finds_no_record_whose_number_the_other_side_lacks(namesakes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, side in zip(("crm", "erp"), namesakes, strict=True):
        side.to_csv(f"{name}.csv", index=False)
    found = compare("crm.csv", "erp.csv")
    assert {key.source_columns for key in found.ways if key.true} == {("no",), ("family",)}
    (told,) = (f for f in found.findings if f.check == "source only")
    assert told.rows == 50 and told.column == "no" and told.title.startswith("50 of 421 records")
    with duckdb.connect() as engine:
        assert len(engine.execute(told.check_sql).fetchall()) == 50


def test_two_ways_that_join_the_same_rows_confirm_each_other():
    """Names that join, beside numbers that are the same but for their letters: neither names other records."""
    names = [f"{f} {s}{n}" for n, (f, s) in enumerate(zip(FIRST, LAST, strict=True))]
    source = pd.DataFrame({"customer_no": [f"AA{n}" for n in range(ROWS)], "name": names})
    target = pd.DataFrame({"customer_no": [f"ZZ-{n}" for n in range(ROWS)], "name": names})
    found = compare(source, target)
    assert "code reuse" not in {f.check for f in found.findings} and found.joined == 1
