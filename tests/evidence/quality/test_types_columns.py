"""Types of columns, against published numbers, codes and calendars."""

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import stdnum.ean
import stdnum.iban
import stdnum.isbn
import stdnum.isin
import stdnum.issn
import stdnum.lei
import stdnum.luhn
from hypothesis import given
from hypothesis import strategies as st

from assess.core.personal import mask, mask_runs
from assess.evidence.quality import profile, types
from assess.evidence.quality.checks.check import in_singular
from assess.evidence.quality.checks.registry import CHECKS
from assess.evidence.quality.column.texts import mask_all, shape_all
from assess.evidence.quality.table import open_table
from assess.evidence.quality.types import checksums, dates, numbers, semantic, vocabularies


def kind(values):
    return types.infer_type(open_table(pd.DataFrame({"c": values})).column("c"))


@pytest.mark.parametrize(
    "rule, theirs, texts",
    [
        (checksums.luhn, stdnum.luhn, st.from_regex(r"\A[0-9]{12,19}\Z")),
        (checksums.ean, stdnum.ean, st.from_regex(r"\A(?:[0-9]{8}|[0-9]{13})\Z")),
        (checksums.issn, stdnum.issn, st.from_regex(r"\A[0-9]{7}[0-9X]\Z")),
        (checksums.isbn10, stdnum.isbn, st.from_regex(r"\A[0-9]{9}[0-9X]\Z")),
    ],
)
def test_check_digits_agree_with_stdnum(rule, theirs, texts):
    @given(st.lists(texts, min_size=1, max_size=20))
    def agree(values):
        ascii_only = [v for v in values if v.isascii()]
        if ascii_only:
            ours = rule(pa.array(ascii_only, pa.large_string())).tolist()
            assert ours == [theirs.is_valid(v) for v in ascii_only]

    agree()


def test_ibans_of_the_registry():
    # examples of the SWIFT IBAN registry
    good = [
        "GB29NWBK60161331926819",
        "DE89370400440532013000",
        "FR1420041010050500013M02606",
        "NO9386011117947",
    ]
    bad = [text[:-1] + ("0" if text[-1] != "0" else "1") for text in good]
    assert checksums.iban(pa.array(good + bad)).tolist() == [True] * 4 + [False] * 4
    assert all(map(stdnum.iban.is_valid, good))


@pytest.mark.parametrize(
    "values, semantic",
    [
        (["a@b.org", "x.y@z.com", "q@r"], "e-mail"),
        (["https://a.org/x", "http://b.com", "www.c.net/?q"], "url"),
        (["DE", "AT", "FR", "CH", "XX"], "country code"),
        (["Germany", "Österreich", "France"], "country"),
        (["EUR", "USD", "CHF"], "currency code"),
        (["Y", "N", "Y"], "yes or no"),
        (["+49 30 123456", "0049 89 123456", "+43 1 58858"], "phone"),
        (["2024-01-31", "31.12.2023", "n/a"], "date"),
        (["2024-01-31T10:00:00Z", "2024-02-01T11:30:00Z"], "timestamp"),
        (["10:15", "9:05 p.m.", "23:59"], "time"),
        (["00123", "04711", "99999"], "code"),
        (["1", "2.5", "-3"], "quantity"),
        (["12 oz", "16 oz", "8.5 oz"], "quantity with unit"),
        (["4006381333931", "5901234123457"], "ean"),
        (["978-3-16-148410-0", "0-306-40615-2"], "isbn"),
        (["", None, "-"], ""),
    ],
)
def test_meaning_of_a_column(values, semantic):
    assert kind(values).semantic == semantic


def test_conformity_counts_rows():
    found = kind(["a@b.org"] * 8 + ["c@d.org", "a.b@"])
    assert found.semantic == "e-mail"
    assert found.conformity == pytest.approx(0.9)


@pytest.mark.parametrize(
    "text, day",
    [("2024-02-29", True), ("2023-02-29", False), ("1900-02-29", False), ("2000-02-29", True), ("2024-13-01", False),
     ("31.04.2024", False), ("30 April 2024", True), ("Feb 30, 2024", False), ("20240229", True)],
)  # fmt: skip
def test_the_day_exists(text, day):
    read = dates.read(np.array([text], object))
    assert read.found[0] or text == "20240230"
    assert bool(read.valid[0]) is day


def test_order_of_day_and_month_is_told_by_dates_written_alike():
    both = dates.read(np.array(["31/12/2023", "12/31/2023", "01/02/2024"], object))
    assert both.ambiguous.tolist() == [False, False, True]
    one = dates.read(np.array(["31/12/2023", "01/02/2024"], object))
    assert not one.ambiguous.any()
    assert one.instants[1] == np.datetime64("2024-02-01")
    none = dates.read(np.array(["01/02/2024", "03/04/2024"], object))
    assert none.ambiguous.all()


@given(st.dates())
def test_iso_dates_are_read_as_they_are(day):
    read = dates.read(np.array([day.isoformat()], object))
    assert read.instants[0] == np.datetime64(day)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_numbers_are_worth_what_python_says(number):
    read = numbers.read(np.array([repr(number)], object))
    assert read.worth[0] == number


@pytest.mark.parametrize(
    "text, worth, unit",
    [("1,234.5", 1234.5, ""), ("1.234,5", 1234.5, ""), ("1 234,5", 1234.5, ""), ("3,5", 3.5, ""), ("5 %", 5, "%"),
     ("€ 7", 7, "€"), ("12.0 oz", 12, "oz"), ("abc", None, ""), ("1-2", None, "")],
)  # fmt: skip
def test_how_numbers_are_written(text, worth, unit):
    read = numbers.read(np.array([text], object))
    assert (None if np.isnan(read.worth[0]) else read.worth[0]) == worth
    assert read.units[0] == unit


@given(st.lists(st.text(max_size=12), min_size=1, max_size=30))
def test_masks_of_many_are_the_masks_of_each(values):
    assert mask_all(np.array(values, object)).to_pylist() == [mask(v) for v in values]
    assert shape_all(np.array(values, object)).to_pylist() == [mask_runs(v) for v in values]


def test_disguises_are_found_but_not_values():
    values = np.array(["N/A", "-", " ? ", "0000-00-00", "Nancy", "0", "a-b", "", None], object)
    assert types.disguises(values).tolist() == [True] * 4 + [False] * 5


def test_countries_by_code_and_name():
    assert vocabularies.country("Deutschland") == vocabularies.country("deu") == "DE"
    assert vocabularies.country("Côte d’Ivoire") == "CI"
    assert len(vocabularies.country_codes()) > 450


def _written(style: str, value: float) -> str:
    english = f"{value:,.2f}"
    swapped = english.replace(",", "#").replace(".", ",")
    return {
        "plain": f"{value:.2f}", "english": english, "german": swapped.replace("#", "."), "french": swapped.replace("#", "\u202f"),
        "swiss": english.replace(",", "'"), "euro before": f"€ {value:.2f}", "euro after": f"{swapped.replace('#', '.')} EUR",
    }[style]  # fmt: skip


@pytest.mark.parametrize("style", ["english", "german", "french", "swiss", "euro before", "euro after"])
def test_the_same_numbers_are_suspected_however_they_are_written(style):
    """One reader of numbers: detection does not depend on the notation of a column."""
    amounts = np.round(np.random.default_rng(3).lognormal(7, 0.5, 400), 2)
    amounts[17] *= 100_000

    def suspected(form):
        frame = pd.DataFrame(
            {"id": [f"K{i}" for i in range(400)], "amount": [_written(form, v) for v in amounts]}
        )
        cells = profile(frame).cells
        return cells[cells["column"] == "amount"]["row"].tolist()

    assert 17 in suspected("plain")
    assert suspected(style) == suspected("plain")


def test_codes_of_grouped_digits_are_no_numbers():
    texts = [f"{i % 10}{i % 7}{i % 3} {100 + i % 899}" for i in range(400)]
    assert numbers.write_bare(texts, np.ones(400, np.int64), 400) == texts
    mixed = ["12 oz", "7 lb", "3.5", *map(str, range(20))]
    assert numbers.write_bare(mixed, np.ones(len(mixed), np.int64), len(mixed)) == mixed


WORDS_FOR_MISSING = [
    "keine Angabe",
    "unbekannt",
    "(null)",
    "<NA>",
    "not available",
    "undefined",
    "k.A.",
    "xxx",
    "#N/A",
    "tba",
    "[null]",
    "n.n.",
]


def test_what_is_counted_as_missing_is_what_is_judged_as_missing(tmp_path):
    """One list of words: the finding, the facts and the statement of the check agree about every one."""
    values = [f"C{i:04d}" for i in range(200)]
    values[: 3 * len(WORDS_FOR_MISSING) : 3] = WORDS_FOR_MISSING
    pd.DataFrame({"id": range(200), "code": values}).to_csv(tmp_path / "m.csv", index=False)
    found = profile(tmp_path / "m.csv")
    assert found.column("code").disguised == len(WORDS_FOR_MISSING)
    by_check = {f.check: f for f in found.findings if f.column == "code"}
    assert "incomplete" not in by_check, "one finding for one set of cells"
    assert by_check["missing"].rows == len(WORDS_FOR_MISSING)
    assert len(duckdb.sql(by_check["missing"].check_sql).fetchall()) == len(WORDS_FOR_MISSING)


def _found(values, name="c"):
    frame = pd.DataFrame({"id": [str(i) for i in range(len(values))], name: values})
    return open_table(frame).column(name)


@pytest.mark.parametrize(("values", "own"), [
    (["US", "DE", "NA", "ZA", "NL", "NZ", "GB"] * 20, {"NA"}),  # ISO 3166: Namibia
    (["EU", "AF", "NA", "AS"] * 20, {"NA"}),  # North America
    (["NHD", "GIS", "UNK"] * 20, {"UNK"}),  # a code of its own list
    (["Ann", "Peter", "Li"] * 20 + ["n/a", "NA"], set()),
    (["12", "7", "NA"] * 20, set()),
    (["yes", "no", "NA"] * 20, set()),
    (["A", "A", "NA"] * 20, set()),
    (["NA"] * 20, set()),
])  # fmt: skip
def test_a_word_for_missing_that_has_the_form_of_the_codes_is_one_of_them(values, own):
    column = _found(values)
    assert column.own_words == own
    assert types.disguises(column).sum() == len({v for v in values if v in ("NA", "UNK", "n/a")} - own)


def test_null_is_a_surname_in_a_column_of_surnames_and_nothing_else_where():
    names = ["Keller", "Rossi", "Frank", "Krause", "Null"] * 20
    assert _found(names, "surname").own_words == {"Null"} and _found(
        [*names, "NULL"], "surname"
    ).own_words == {"Null"}
    assert _found(names, "stage").own_words == set()


def test_the_check_of_a_column_with_words_of_its_own_lists_what_is_counted(tmp_path):
    """Namibia is filled, an empty cell and a true word for missing are not: in the facts, the finding and its statement."""
    land = ["US", "DE", "NA", "ZA", "NL"] * 40
    land[3], land[8], land[13] = "", "unknown", "-"
    pd.DataFrame({"id": range(200), "country": land}).to_csv(tmp_path / "c.csv", index=False)
    found = profile(tmp_path / "c.csv")
    by_check = {f.check: f for f in found.findings if f.column == "country"}
    for check, rows in (("incomplete", {3}), ("missing", {8, 13})):
        assert {row[0] for row in duckdb.sql(by_check[check].check_sql).fetchall()} == rows
        assert by_check[check].rows == len(rows)
    assert found.column("country").own_words == ("NA",)


@pytest.mark.parametrize("seed", range(6))
def test_a_type_is_chosen_by_all_that_is_tried(monkeypatch, seed):
    """What is looked at first only spares work: it may not rule out what all of them together have."""
    random = np.random.default_rng(seed)
    kinds = [[f"a{n}@b.org" for n in range(60)], [f"DE{n:02}" for n in range(60)], ["yes", "no", "true"], ["France", "Spain", "Italy", "Japan"],
             [f"{n:08}" for n in range(60)], [f"word {n}" for n in range(60)]]  # fmt: skip
    for _ in range(40):
        one, other = random.choice(len(kinds), 2, replace=False)
        some = random.choice(kinds[one], random.integers(1, 60))
        mixed = [*some, *random.choice(kinds[other], random.integers(1, 20))]
        values = np.array([*dict.fromkeys(mixed)], object)
        counts = random.integers(1, 400, len(values))
        monkeypatch.setattr(semantic, "PROBED", 3)
        found = semantic.choose_semantic_type(values, counts)
        monkeypatch.setattr(semantic, "PROBED", 1)
        assert found == semantic.choose_semantic_type(values, counts)


def test_what_is_wrong_is_said_of_one_and_of_several():
    """Every title that follows a count begins with a verb: of one it ends in s."""
    several = [
        check.title
        for check in CHECKS
        if check.title
        and check.title.split()[0]
        in ("are", "lie", "hold", "break", "repeat", "nearly", "name", "carry", "contradict", "disagree")
    ]
    assert len(several) >= 15
    for title in several:
        verb = in_singular(title).removeprefix("nearly ").split()[0]
        assert verb in (
            "is",
            "lies",
            "holds",
            "breaks",
            "repeats",
            "names",
            "carries",
            "contradicts",
            "disagrees",
        ), title
        assert not {"their", "they"} & set(in_singular(title).split())


PIECES = st.sampled_from(
    ["1", "02", "345", "2024", "20240131", ".", ",", "-", "/", " ", "(", ")", "+", "'", "\u00a0", "€", "US$", "EUR ", "A", "kg", "May", "März", "T10:30", "e3", "%", "\n"]
)  # fmt: skip


@given(st.lists(st.lists(PIECES, min_size=1, max_size=7).map("".join), min_size=1, max_size=20))
def test_what_is_looked_at_no_further_is_neither_number_nor_day(texts):
    """Every text is read as if none had been left out at the first look."""
    values = np.array(texts, object)
    with pytest.MonkeyPatch.context() as patch:
        read = numbers.read(values), dates.read(values)
        patch.setattr(numbers, "STARTED", "[0-9]")
        patch.setattr(dates, "_likely", lambda array: np.arange(len(array)))
        every = numbers.read(values), dates.read(values)
    np.testing.assert_array_equal(read[0].worth, every[0].worth)
    for name in ("forms", "units", "leading_zero"):
        assert getattr(read[0], name).tolist() == getattr(every[0], name).tolist()
    assert read[1].formats.tolist() == every[1].formats.tolist()
    np.testing.assert_array_equal(read[1].instants, every[1].instants)


@pytest.mark.parametrize(
    "amount", ["1", "5,50", "€ 5", "EUR 1.250,00", "US$5", "(1,250)", "12 oz", "-7", "5.000-"]
)
def test_amounts_are_numbers_at_the_first_look(amount):
    assert np.isfinite(numbers.read(np.array([amount], object)).worth).all()
