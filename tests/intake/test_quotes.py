"""Quotes and named platforms: what they say, and every problem of them at once."""

import datetime as dt

import pytest

from assess import intake
from assess.intake.price_list import offers, price_list

HEADER = "plan,vendor,product,style,line,unit,price,per,included,upto,block,size_kb,period,currency,valid_until,date,source"
OFFER = [
    "acme,Acme,Acme Flow Team,ipaas,Subscription,month,12000,,,,,,year,USD,2026-12-31,2026-09-01,Offer 17",
    "acme,Acme,Acme Flow Team,ipaas,Steps,step,20 / 25 / 40,1000,100000,1000000,,,,USD,2026-12-31,2026-09-01,Offer 17",
    "acme,Acme,Acme Flow Team,ipaas,Steps,step,15,1000,100000,,,,,USD,2026-12-31,2026-09-01,Offer 17",
]


def quoted(folder, rows, platform=""):
    (folder / "quotes.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    if platform:
        file = folder / "engagement.yaml"
        file.write_text(file.read_text() + f"platform: {platform}\n")
    return folder


def test_rows_of_one_plan_are_one_offer_and_its_prices_are_assumptions_with_their_place(folder):
    engagement = intake.load(quoted(folder, OFFER, "acme"))
    assert {plan: len(rows) for plan, rows in offers(engagement.quotes).items()} == {"acme": 3}
    assert engagement.platform == ("acme",)
    price = engagement.assumptions.entry("quote.acme.2")
    assert (price.low, price.likely, price.high) == (20, 25, 40)
    assert (price.unit, price.source, price.date) == ("USD/1000 steps", "Offer 17", dt.date(2026, 9, 1))
    assert not price.overridden
    assert (price.origin.place, price.origin.row, price.origin.column) == ("quotes.csv", 3, "price")
    assert engagement.assumptions.keys()[-3:] == ("quote.acme.1", "quote.acme.2", "quote.acme.3")
    assert engagement.assumptions.own == ()


def test_an_offer_without_date_or_currency_takes_those_of_the_engagement(folder):
    engagement = intake.load(quoted(folder, ["acme,Acme,,ipaas,,flow,90,,,,,,year,,,,"]))
    price = engagement.assumptions.entry("quote.acme.1")
    assert (price.unit, price.date, price.source) == ("EUR/flow-year", dt.date(2026, 10, 1), "offer of Acme")


def test_a_workbook_says_the_same(folder, tmp_path):
    quoted(folder, OFFER, "[acme, aws-eventbridge]")
    book = intake.to_workbook(folder, folder / "intake.xlsx")
    for name in (
        "engagement.yaml",
        "quotes.csv",
        "systems.csv",
        "integrations.csv",
        "value_stream.csv",
        "risks.csv",
        "change_requests.csv",
    ):
        (folder / name).unlink()
    (folder / "operations" / "incidents.csv").unlink()
    engagement = intake.load(book)
    assert engagement.platform == ("acme", "aws-eventbridge")
    assert [quote.price.likely for quote in engagement.quotes] == [12_000, 25, 15]
    assert "quotes" in engagement.assumptions.entry("quote.acme.2").origin.place


BROKEN = [
    "acme,Acme,,ipaas,S,month,12000,,,,,,year,USD,2026-12-31,,",
    "acme,Other,,ipaas,S2,month,-1,,,,,,fortnight,Euro,soon,,",
    "acme,Acme,,api-first,T,step,3,1000,,1000,,,,,,,",
    "acme,Acme,,,T,step,2,100,,500,,,,,,,",
    "acme,Acme,,ipaas,U,gallon,2,,,,,,,,,,",
    "acme,Acme,,ipaas,V,step,2,,,,,,,,,,",
    "acme,Acme,,ipaas,V,step,1,,,500,,,,,,,",
]  # fmt: skip


def test_every_problem_of_quotes_is_named_at_once(folder):
    with pytest.raises(intake.InvalidEngagement) as raised:
        intake.load(quoted(folder, BROKEN, "[acmee, workato, mulesoft]"))
    said = {(p.file, p.row, p.column): p for p in raised.value.problems}
    quotes = {key[1:]: problem.message for key, problem in said.items() if key[0] == "quotes.csv"}
    assert quotes.keys() == {
        (3, "vendor"), (3, "price"), (3, "period"), (3, "currency"), (3, "valid_until"), (4, "style"), (5, "style"), (5, "per"),
        (5, "upto"), (6, "unit"), (7, "upto"),
    }  # fmt: skip
    assert quotes[3, "vendor"] == "is not that of row 2"
    assert quotes[5, "upto"] == "is not more than in row 4"
    assert quotes[7, "upto"] == "is empty, but row 8 goes on with the same line"
    platforms = [p for p in raised.value.problems if p.column == "platform"]
    assert [p.value for p in platforms] == ["acmee", "mulesoft"]
    assert 'did you mean "acme"?' in platforms[0].message
    assert platforms[1].message == "serves ipaas as workato does"


def test_an_offer_needs_a_day(folder):
    file = folder / "engagement.yaml"
    file.write_text(file.read_text().replace("date: 2026-10-01\n", ""))
    with pytest.raises(intake.InvalidEngagement) as raised:
        intake.load(quoted(folder, ["acme,Acme,,ipaas,,month,90,,,,,,,,,,"]))
    assert [(p.row, p.column, p.message) for p in raised.value.problems] == [(2, "date", "has no date")]


def test_every_plan_of_the_price_list_can_be_named(folder):
    for name in price_list():
        assert intake.validate(quoted(folder, [], "")) == ()
        file = folder / "engagement.yaml"
        text = file.read_text()
        file.write_text(text + f"platform: {name}\n")
        assert intake.validate(folder) == (), name
        file.write_text(text)
