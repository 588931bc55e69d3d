"""The deep profile: source against target, bounded, silent, and no value of a person in it."""

from collections import defaultdict

import pandas as pd
import pytest

from assess.core.personal import StandIns
from assess.evidence import quality
from assess.evidence.quality import deep
from assess.evidence.quality.deep import Page, PageColumn, PageTable
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import ExtractTable, Integration, System

NAMES = ["Erika Mustermann", "Max Power", "Ada Lovelace", "Grace Hopper"]


@pytest.fixture(scope="module")
def engagement(tmp_path_factory):
    folder, n = tmp_path_factory.mktemp("data"), 200
    crm = pd.DataFrame(
        {
            "no": [f"C{i:04d}" for i in range(n)],
            "name": [NAMES[i % 4] for i in range(n)],
            "email": [f"erika{i}@mustermann.example" for i in range(n)],
            "birth_date": [f"19{50 + i % 40}-03-0{1 + i % 9}" for i in range(n)],
            "limit": [str(100 + i % 7) for i in range(n)],
            "since": [f"{1 + i % 28:02d}.05.2019" for i in range(n)],
        }
    )
    crm.to_csv(folder / "crm.csv", index=False)
    crm.rename(columns={"no": "account", "name": "holder"}).to_csv(folder / "billing.csv", index=False)
    crm.loc[:, ["limit", "since"]].to_csv(folder / "stock.csv", index=False)
    systems = tuple(
        System(id=id, tables=(ExtractTable(system=id, entity="customers", location=f"{id}.csv"),))
        for id in ("crm", "billing", "stock")
    )
    joined = (Integration(id="i1", source="crm", target="billing", entity="customers"),)
    return Engagement(
        folder=folder, client="x", assumptions=Assumptions(), systems=systems, integrations=joined
    )


@pytest.fixture(scope="module")
def result(engagement):
    return quality.assess(engagement)


def test_a_pair_is_shown_by_its_matched_columns_and_a_lone_table_alone(result, engagement):
    pair, alone = deep.pages(result, engagement)
    assert [s.name for s in pair.sides] == ["crm.customers", "billing.customers"]
    labels = {c.label: c for c in pair.sides[0].columns}
    assert labels["no → account"].column == "no"
    assert [c.label for c in pair.sides[0].columns] == [c.label for c in pair.sides[1].columns]
    assert {c.column for c in pair.sides[1].columns} >= {"account", "holder", "email"}
    assert (alone.name, [c.label for c in alone.sides[0].columns]) == ("stock.customers", ["limit", "since"])


def test_texts_and_what_tells_of_a_person_are_veiled_unless_asked_for(result, engagement):
    pair, _ = deep.pages(result, engagement)
    veiled = {c.column: c.veiled for c in pair.sides[0].columns}
    assert veiled == {
        "no": True, "name": True, "email": True, "birth_date": True, "limit": False, "since": False,
    }  # fmt: skip
    clear, _ = deep.pages(result, engagement, clear=True)
    assert not any(c.veiled for c in clear.sides[0].columns)


def test_a_stand_in_is_the_same_on_both_sides_and_numbers_and_dates_stay_such(result, engagement):
    pair, _ = deep.pages(result, engagement)
    veils = defaultdict(StandIns)
    (source, rows), (target, _) = (deep.frame(side, veils) for side in pair.sides)
    assert rows == 200
    assert source["name → holder"].tolist() == target["name → holder"].tolist()
    assert source["name → holder"].nunique() == 4
    assert source["no → account"].nunique() == 200
    assert source["limit"].tolist() == [100.0 + i % 7 for i in range(200)]
    assert source["since"].dt.day.tolist() == [1 + i % 28 for i in range(200)]


def test_rows_are_spread_over_the_table_and_that_is_said(tmp_path, monkeypatch):
    pd.DataFrame({"n": [str(i) for i in range(1000)]}).to_csv(tmp_path / "t.csv", index=False)
    monkeypatch.setattr(deep, "ROWS", 100)
    monkeypatch.setattr(deep, "BLOCK", 333)
    column = PageColumn(column="n", label="n", veiled=False)
    held, rows = deep.frame(
        PageTable(name="t", location=str(tmp_path / "t.csv"), columns=(column,)), defaultdict(StandIns)
    )
    assert held["n"].tolist() == [str(i) for i in range(0, 1000, 10)]
    assert (
        deep.title(PageTable(name="t", location="", columns=(column,)), held, rows) == "t, 100 of 1,000 rows"
    )


def test_an_empty_text_is_missing_and_a_column_of_nothing_stays_one(tmp_path):
    frame = pd.DataFrame({"a": ["x", "", " ", "N/A"], "b": [None] * 4})
    frame.to_parquet(tmp_path / "t.parquet", index=False)
    columns = (PageColumn(column="a", label="a"), PageColumn(column="b", label="b", veiled=False))
    held, _ = deep.frame(
        PageTable(name="t", location=str(tmp_path / "t.parquet"), columns=columns), defaultdict(StandIns)
    )
    assert held["a"].tolist() == ["a · 1", None, None, "N/A"]
    assert held["b"].isna().all()


@pytest.fixture(scope="module")
def folder(result, engagement, tmp_path_factory):
    """The pages, and one of a table that is not there."""
    folder = tmp_path_factory.mktemp("profiles")
    lost = PageTable(
        name="lost", location=str(folder / "lost.csv"), columns=(PageColumn(column="a", label="a"),)
    )
    wanted = (Page(name="lost", sides=(lost,)), *deep.pages(result, engagement))
    told = deep.write(wanted, folder)
    assert [item.page for item in told] == [page.name for page in wanted]
    assert "does not exist" in told[0].reason and not told[0].file
    assert all(item.file and not item.reason for item in told[1:]), told
    return folder


@pytest.mark.slow
def test_pages_hold_no_value_of_a_person(folder):
    said = "".join(path.read_text("utf-8") for path in folder.glob("*.html"))
    assert "Aaaaa Aaaaaaaaaa · 1" in said
    hidden = [*NAMES, "Mustermann", "mustermann.example", "erika1", "C0007", "1950-03-01"]
    assert not [word for word in hidden if word in said]


@pytest.mark.slow
@pytest.mark.browser
def test_pages_ask_nothing_of_the_network(folder, chromium):
    for path in sorted(folder.glob("*.html")):
        assert path.stat().st_size < 10_000_000
        context = chromium.new_context(offline=True)
        page, asked = context.new_page(), []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_load_state("networkidle")
        assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
        assert page.locator("#variables-dropdown, #variables").count()
        context.close()


def test_nothing_wanted_starts_no_process(tmp_path, monkeypatch):
    monkeypatch.setattr(deep.subprocess, "run", pytest.fail)
    assert deep.write((), tmp_path) == ()


def test_a_process_that_dies_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(deep.sys, "executable", "/bin/false")
    column = PageColumn(column="a", label="a")
    page = Page(name="t", sides=(PageTable(name="t", location="t.csv", columns=(column,)),))
    (told,) = deep.write((page,), tmp_path)
    assert "ended before" in told.reason


HOSTILE = [
    "<script>window.hit=1</script>", "</script><img src=x onerror=window.hit=2>", "\" autofocus onfocus=\"window.hit=3", "' onmouseover='window.hit=4",
    "${window.hit=5}", "{{ 7*7 }}{% raise %}", "`;window.hit=6;//", "</style><svg onload=window.hit=7>", "javascript:window.hit=8", "&lt;b&gt;\\\"-window.hit-\\\"",
]  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Pages of tables whose columns, values, names and titles are scripts; as texts, as codes, as a pair."""
    folder, n = tmp_path_factory.mktemp("hostile"), 60
    frame = pd.DataFrame(
        {name: [HOSTILE[(i * k) % len(HOSTILE)] for i in range(n)] for k, name in enumerate(HOSTILE)}
        | {f"{HOSTILE[0]}{i}": [str(j * (i + 1) % 17) for j in range(n)] for i in range(4)}
    )
    frame.to_parquet(folder / "t.parquet", index=False)
    kinds = ("text", "number")
    columns = tuple(
        PageColumn(column=name, label=f"{name} → {name}", kind=kinds[name.startswith(f"{HOSTILE[0]}") and name != HOSTILE[0]], veiled=False)
        for name in frame
    )  # fmt: skip
    sides = tuple(
        PageTable(name=f"{HOSTILE[1]}{i}", location=str(folder / "t.parquet"), columns=columns)
        for i in range(2)
    )
    told = deep.write((Page(name="one", sides=sides[:1]), Page(name="two", sides=sides)), folder / "pages")
    assert [item.reason for item in told] == ["", ""]
    return folder / "pages"


@pytest.mark.slow
@pytest.mark.browser
def test_no_label_and_no_value_runs_or_becomes_an_element(hostile, chromium):
    for path in sorted(hostile.glob("*.html")):
        context = chromium.new_context(offline=True)
        page = context.new_page()
        page.goto(path.as_uri())
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.hit") is None
        assert (
            page.evaluate(
                "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes]).filter(a => /^on(?!line)/.test(a.name) && /hit/.test(a.value)).length"
            )
            == 0
        )
        assert page.locator("img[src='x'], svg[onload], [autofocus]").count() == 0
        assert "‹script›" in page.inner_text("body")
        context.close()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_inert_in_every_context_of_a_page(text):
    made = deep.write_inert(text)
    assert made and not set("<>\"'`&\\{}$\n") & set(made)
