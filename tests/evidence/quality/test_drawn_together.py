"""Tables too large to be judged whole: the same records are drawn of both, what joins is counted over all rows."""

import re

import duckdb
import numpy as np
import pandas as pd
import pytest
from evidence.quality.duckdb_engine import open_in_engine

from assess.evidence import quality
from assess.evidence.quality import remote
from assess.evidence.quality.compare import drawing
from assess.evidence.quality.compare.drawing import draw_together
from assess.evidence.quality.matching.forms import FORMS
from assess.evidence.quality.table import open_table

ROWS, LONE, UNSAID = 8_000, 300, 240
STATES = {"active": "A", "inactive": "I", "prospect": "P"}


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(remote, "FETCHED", 3_000)
    monkeypatch.setattr(drawing, "JOINT", 2_000)
    monkeypatch.setattr(drawing, "PREVIEW", 1_000)
    monkeypatch.setattr(drawing, "SKETCHED", 500)


def plant():
    """Return a source whose first records the target lacks, some of whose keys are a word for missing, and a mistake in 2 %."""
    random = np.random.default_rng(3)
    keys = [f"C-{n:06d}" for n in range(ROWS)]
    states, amounts = random.choice(list(STATES), ROWS), random.integers(1_000, 900_000, ROWS)
    city = random.choice(["Bonn", "Ulm", "Kiel"], ROWS)
    source = pd.DataFrame({
        "customer_no": [*keys[:-UNSAID], *["n/a"] * UNSAID], "state": states,
        "revenue": [f"{amount / 100:.2f}" for amount in amounts],
        "city": [f"{name}{n}" if n % 50 == 0 else name for n, name in enumerate(city)],
    })  # fmt: skip
    target = pd.DataFrame({
        "CustomerNumber": [key.lower().replace("-", "") for key in keys], "status": [STATES[state] for state in states],
        "revenue_cents": [str(amount) for amount in amounts], "town": city,
    })[LONE:]  # fmt: skip
    order = random.permutation(len(target))
    return source, target.iloc[order].reset_index(drop=True)


frames = pytest.fixture(plant, scope="module", name="frames")


def test_small_tables_are_judged_whole(frames):
    source, target = frames
    assert draw_together(open_table(source[:2_900], "s"), open_table(target[:2_900], "t")) is None


def test_partners_are_drawn_alike(frames):
    source, target = frames
    found = draw_together(open_table(source, "s"), open_table(target, "t"))
    assert found.columns == ("customer_no", "CustomerNumber") and found.counted
    mine, theirs = found.source.frame, found.target.frame
    assert len(mine) == pytest.approx(2_000, rel=0.15)
    known = {key.lower().replace("-", "") for key in mine["customer_no"] if key != "n/a"}
    lacked = {f"c{n:06d}" for n in range(LONE)}
    unsaid = {f"c{n:06d}" for n in range(ROWS - UNSAID, ROWS)}
    assert known - lacked == set(theirs["CustomerNumber"]) - unsaid
    # rows without a key are drawn one by one, not all or none
    assert 30 < (mine["customer_no"] == "n/a").sum() < 90
    for part, whole, numbers in zip((mine, theirs), frames, found.numbers, strict=True):
        assert part.to_numpy().tolist() == whole.iloc[numbers].to_numpy().tolist()


def test_drawn_rows_have_their_own_numbers_in_a_file_of_many_parts(tmp_path):
    path = tmp_path / "people.parquet"
    rows = "SELECT 'C' || i AS no, 'u' || i || '@example.org' AS mail FROM range(400_000) r(i)"
    duckdb.execute(f"COPY ({rows}) TO '{path}' (ROW_GROUP_SIZE 50_000)")
    drawn = draw_together(*[open_table(path)] * 2)
    assert len(drawn.numbers[0]) > 1_000
    for part, numbers in zip((drawn.source, drawn.target), drawn.numbers, strict=True):
        assert part.frame["no"].tolist() == [f"C{n}" for n in numbers]


def test_what_joins_is_counted_over_all_rows_and_the_rest_is_estimated_with_an_interval(frames):
    source, target = frames
    found = quality.compare(open_table(source, "s"), open_table(target, "t"), both_ways=True)
    keys = source["customer_no"].str.lower().str.replace("-", "")
    lone = np.flatnonzero(~keys.isin(target["CustomerNumber"]) & (source["customer_no"] != "n/a"))
    unmet = np.flatnonzero(~target["CustomerNumber"].isin(keys))
    assert len(lone) == LONE and len(unmet) == UNSAID
    assert found.lone[found.lone["side"] == "source"]["row"].tolist() == lone.tolist()
    assert found.lone[found.lone["side"] == "target"]["row"].tolist() == unmet.tolist()
    told = {f.check: f for f in found.findings}
    assert told["source only"].rows == LONE and told["target only"].rows == UNSAID
    assert (found.source_rows, found.target_rows) == (ROWS, ROWS - LONE)
    assert found.joined == pytest.approx((ROWS - LONE - UNSAID) / (ROWS - UNSAID), abs=1e-6)
    assert "drawn by the hash of customer_no and CustomerNumber" in found.drawn and not found.not_assessed
    assert told["scale"].rows == ROWS and "rows drawn" in told["scale"].title
    city = {f.check: f for f in found.findings if f.column == "city"}
    assert city["disagreement"].rows == pytest.approx(ROWS / 50, rel=0.5)
    assert all("(80 %)" in f.evidence for f in city.values())
    cells = [f for check, f in city.items() if check.startswith("breaks")]
    assert cells and all("about " in f.title for f in cells)
    assert cells[0].effort.low <= cells[0].effort.likely <= cells[0].effort.high
    wrong = found.cells[found.cells["column"] == "city"]["row"]
    assert len(wrong) and (wrong % 50 == 0).all()
    listed = re.findall(r"\d+", cells[0].check_sql.split("row IN")[1].split("ORDER")[0])
    assert listed and {int(row) % 50 for row in listed} == {0}


@pytest.fixture
def database(frames, tmp_path):
    path = tmp_path / "both.duckdb"
    with duckdb.connect(str(path)) as connection:
        for name, frame in zip("st", frames, strict=True):
            connection.register("held", frame)
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM held")
    return path


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_by_url_the_same_records_are_drawn_of_both(database):
    """Two samples drawn apart share nothing: "No column joins" was said of tables with the same keys."""
    found = quality.compare(*(open_in_engine(f"duckdb://{database}#{name}") for name in "st"))
    told = {f.check: f for f in found.findings}
    assert "no key" not in told and not found.not_assessed
    # both lie in one engine, which counts over all rows
    assert found.joined == round((ROWS - LONE - UNSAID) / (ROWS - UNSAID), 6)
    assert told["source only"].rows == LONE and "80 %" not in told["source only"].evidence
    assert (found.source_rows, found.target_rows) == (ROWS, ROWS - LONE)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_file_and_a_url_are_drawn_alike(database, frames, tmp_path):
    path = tmp_path / "t.parquet"
    frames[1].to_parquet(path, index=False)
    found = draw_together(open_in_engine(f"duckdb://{database}#s"), open_table(path))
    mine = {key.lower().replace("-", "") for key in found.source.frame["customer_no"]}
    theirs = set(found.target.frame["CustomerNumber"])
    assert not found.counted and len(mine & theirs) > 0.8 * len(theirs)


def test_tables_that_share_no_values_are_drawn_apart(frames):
    source, target = frames
    strange = target.assign(
        CustomerNumber=[f"zz{n * 7919 + 500_000}" for n in range(len(target))], revenue_cents="1"
    )
    found = draw_together(open_table(source, "s"), open_table(strange, "t"))
    assert found.columns is None and "drawn apart" in found.said


def test_numbers_that_both_sides_count_up_for_themselves_are_given_up():
    """Drawn by them no partners meet, and "names other records" would be said of tables that another column joins."""
    random = np.random.default_rng(5)
    mails = [
        f"{word}{n * 7919 % 100_003}@example.com"
        for n, word in enumerate(random.choice(["ann", "bob", "eva"], 4_000))
    ]
    source = pd.DataFrame(
        {
            "id": [str(n) for n in range(4_000)],
            "mail": mails,
            "city": random.choice(["Bonn", "Ulm", "Kiel"], 4_000),
        }
    )
    target = (
        source.iloc[random.permutation(4_000)]
        .reset_index(drop=True)
        .assign(id=[str(n) for n in range(4_000)])
    )
    found = quality.compare(open_table(source, "s"), open_table(target, "t"))
    assert "drawn by the hash of mail and mail" in found.drawn and found.joined == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_engine_that_cannot_draw_by_a_key_is_named(database, monkeypatch):
    """Of what it lacks nothing is told of the records, and the reader sees why."""

    def lacking(self, value, pattern, made):
        raise NotImplementedError("no regular expressions")

    monkeypatch.setattr(remote.IbisEngine, "_without", lacking)
    found = quality.compare(*(open_in_engine(f"duckdb://{database}#{name}") for name in "st"))
    assert len(found.not_assessed) == 1 and not {"source only", "target only"} & {
        f.check for f in found.findings
    }
    assert found.not_assessed[0].endswith("because records drawn by a key: not assessed on DuckDB")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_key_by_which_records_were_not_drawn_is_a_common_key_all_the_same(database):
    """Of records drawn by their mail it was said that the other side does not know their numbers."""
    with duckdb.connect(str(database)) as connection:
        for name, key in (("s", "customer_no"), ("t", "CustomerNumber")):
            mail = f"'u' || md5(lower(replace({key}, '-', ''))) || '@example.com'"
            connection.execute(f"CREATE TABLE {name}2 AS SELECT *, {mail} AS mail FROM {name}")
            connection.execute(f"DELETE FROM {name}2 WHERE {key} = 'n/a'")
        # a tenth of the numbers is another on one side, so that the mail tells more and draws
        connection.execute(
            "UPDATE t2 SET CustomerNumber = 'x' || CustomerNumber WHERE hash(CustomerNumber) % 10 = 0"
        )
    found = quality.compare(*(open_in_engine(f"duckdb://{database}#{name}2") for name in "st"))
    assert "drawn by the hash of mail and mail" in found.drawn
    assert "no common key" not in {f.check for f in found.findings}


FORMS_OF_KEYS = (
    ("as it is", ["A1", "A2", "A2", "n/a", None], ["A2", "A2", "a1", "n/a", ""]),
    ("case and spaces ignored", ["A  1", "b 2", " b 2", "x"], ["a 1", "B 2 ", "y"]),
    ("letters and digits only", ["A-1", "a1", "B/2", "-"], ["a 1", "b2", "b2", "C3"]),
    ("leading zeros ignored", ["A-1", "001", "0", "00"], ["1", "000", "a1", "7"]),
    ("digits only, leading zeros ignored", ["A-01", "x", "K9", "K9"], ["1", "0009", "y"]),
)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("form", "mine", "theirs"), FORMS_OF_KEYS)
def test_an_engine_counts_what_joins_as_a_count_by_hand_does(form, mine, theirs, tmp_path):
    path = tmp_path / "keys.duckdb"
    with duckdb.connect(str(path)) as connection:
        for name, values in (("s", mine), ("t", theirs)):
            connection.execute(f"CREATE TABLE {name} (k VARCHAR)")
            connection.executemany(f"INSERT INTO {name} VALUES (?)", [[value] for value in values])
    found = open_in_engine(f"duckdb://{path}#s").store.engine.met(
        "k", open_in_engine(f"duckdb://{path}#t").store.engine, "k", form, drawing.UNSAID
    )
    folded = dict(FORMS)[form]
    left, right = ([folded(v) for v in values if v and v != "n/a" and folded(v)] for values in (mine, theirs))
    assert (found["source_rows"], found["target_rows"]) == (len(left), len(right))
    assert found["source_joined"] == sum(value in right for value in left) > 0
    assert found["target_joined"] == sum(value in left for value in right)
    assert found["values"] == len({*left} & {*right})
    assert found["source_most"] == max(left.count(value) for value in {*left} & {*right})


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_an_engine_folds_its_own_way_is_estimated(tmp_path):
    path = tmp_path / "keys.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE s AS SELECT 'Müller' AS k")
    engine = open_in_engine(f"duckdb://{path}#s").store.engine
    assert engine.met("k", engine, "k", "letters and digits only", drawing.UNSAID) is None
