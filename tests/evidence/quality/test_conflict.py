"""Ways in which two systems define the same field differently."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from assess.evidence import quality
from assess.evidence.quality import compare
from assess.evidence.quality.matching.pair import DefinitionConflict
from assess.evidence.quality.types.numbers import factor_meaning
from assess.intake.assumptions import Assumptions

ROWS = 240
SHARED = Path(os.environ.get("ASSESS_SHARED_DATA", Path(__file__).parents[3] / ".." / "shared" / "data"))


def both(mine: object, theirs: object, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two tables of the same records in another order, with one field each."""
    numbers = [f"R{i:05d}" for i in range(ROWS)]
    source = pd.DataFrame({"number": numbers, "field": mine}).astype(str)
    target = pd.DataFrame({"number": numbers, "field": theirs}).astype(str)
    return source, target.sample(frac=1, random_state=seed).reset_index(drop=True)


def conflicts(source: pd.DataFrame, target: pd.DataFrame) -> dict[str, DefinitionConflict]:
    return {
        c.kind: c for c in quality.compare(source, target, clear=True).conflicts if c.source_column == "field"
    }


def any_amounts(seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).integers(500, 10**6, ROWS)


def any_moments(seed: int = 3) -> pd.DatetimeIndex:
    seconds = np.random.default_rng(seed).integers(0, 300 * 86400, ROWS)
    return pd.to_datetime("2024-01-01") + pd.to_timedelta(seconds, "s")


def test_the_same_definition_raises_nothing() -> None:
    amounts = [f"{a / 100:.2f}" for a in any_amounts()]
    assert conflicts(*both(amounts, amounts)) == {}
    words = np.array(["open", "paid"])[any_amounts() % 2]
    assert conflicts(*both(words, words)) == {}


def test_country_codes_against_names_by_the_standard() -> None:
    """Without any join: ISO 3166 and CLDR's names are enough."""
    place = np.arange(ROWS) % 4
    source = pd.DataFrame({"country": np.array(["DE", "FR", "AT", "SE"])[place]})
    target = pd.DataFrame({"country": np.array(["Germany", "France", "Austria", "Sweden"])[place]})
    found = {c.kind: c for c in quality.compare(source, target).conflicts}["vocabulary"]
    assert dict(found.translation) == {"AT": "Austria", "DE": "Germany", "FR": "France", "SE": "Sweden"}
    assert found.rows == ROWS


def test_a_vocabulary_is_learned_from_joined_records_and_its_fix_runs() -> None:
    place = any_amounts() % 3
    found = conflicts(*both(np.array(["A", "I", "B"])[place], np.array(["active", "idle", "barred"])[place]))[
        "vocabulary"
    ]
    assert dict(found.translation) == {"A": "active", "B": "barred", "I": "idle"}
    assert duckdb.sql(
        "SELECT " + found.fix.replace("{}", "v") + " FROM (VALUES ('I'), ('?')) AS t(v)"
    ).fetchall() == [("idle",), ("?",)]


def test_case_is_told_from_other_words() -> None:
    place = any_amounts() % 3
    found = conflicts(
        *both(np.array(["OPEN", "PAID", "LATE"])[place], np.array(["open", "paid", "late"])[place])
    )
    assert "case" in found
    assert "vocabulary" not in found


def test_a_code_that_means_something_else_is_reuse() -> None:
    place = any_amounts() % 3
    found = conflicts(*both(np.array(["1", "2", "3"])[place], np.array(["2", "3", "1"])[place]))
    assert dict(found["code reuse"].translation) == {"1": "2", "2": "3", "3": "1"}


@pytest.mark.parametrize(
    ("factor", "kind"), [(0.01, "scale"), (1000.0, "scale"), (1.19, "net-gross"), (2.54, "scale")]
)
def test_a_constant_factor_is_named(factor: float, kind: str) -> None:
    amounts = any_amounts()
    found = conflicts(*both(amounts, [f"{a * factor:.2f}" for a in amounts]))[kind]
    assert found.factor == pytest.approx(factor)
    assert factor_meaning(factor) in found.says


def test_a_few_records_in_cents_are_found_among_euros() -> None:
    amounts = any_amounts() / 100
    mine = [f"{a * 100:.0f}" if i % 12 == 0 else f"{a:.2f}" for i, a in enumerate(amounts)]
    found = conflicts(*both(mine, [f"{a:.2f}" for a in amounts]))["scale"]
    assert found.rows == pytest.approx(ROWS / 12, abs=2)
    assert found.factor == pytest.approx(0.01)


def test_unrelated_amounts_have_no_factor() -> None:
    found = conflicts(*both(any_amounts(4), any_amounts(5)))
    assert not {"scale", "net-gross"} & set(found)


def test_cents_against_euros_without_a_join_by_the_quantiles() -> None:
    source = pd.DataFrame({"amount": any_amounts(6).astype(str)})
    target = pd.DataFrame({"amount": [f"{a / 100:.2f}" for a in any_amounts(7)]})
    found = {c.kind: c for c in quality.compare(source, target).conflicts}["scale"]
    assert found.factor == pytest.approx(0.01)


def test_a_time_zone_with_summer_time() -> None:
    local = any_moments()
    utc = (
        pd.DatetimeIndex(local)
        .tz_localize("Europe/Berlin", ambiguous=True, nonexistent="shift_forward")
        .tz_convert("UTC")
    )
    found = conflicts(*both(local.strftime("%Y-%m-%d %H:%M:%S"), utc.strftime("%Y-%m-%dT%H:%M:%SZ")))[
        "time zone"
    ]
    assert found.factor in (-1, -2)
    assert "1 or 2 hours behind" in found.says


def test_date_formats_and_ambiguous_days() -> None:
    days = pd.to_datetime([f"2024-{i % 12 + 1:02d}-{i // 12 % 11 + 1:02d}" for i in range(ROWS)])
    found = conflicts(*both(days.strftime("%d/%m/%Y"), days.strftime("%Y-%m-%d")))["date format"]
    assert found.rows == ROWS
    assert "day and month could be swapped" in found.says


def test_blank_long_and_too_fine_values() -> None:
    words = [f"{'words' * (i % 9 + 2)}{i}" for i in range(ROWS)]
    source, target = both(words, [text[:20] for text in words])
    source.loc[:5, "field"] = ""
    found = conflicts(source, target)
    assert found["nullability"].rows == 6
    assert found["length"].factor == 20
    fine = [f"{a / 10000:.4f}" for a in any_amounts()]
    assert "precision" in conflicts(*both(fine, [f"{float(v):.2f}" for v in fine]))


def test_leading_zeros_of_a_key() -> None:
    random = np.random.default_rng(8)
    city = np.array(["Kiel", "Bonn", "Ulm"])[random.integers(0, 3, ROWS)]
    source = pd.DataFrame({"field": [f"{i + 40:08d}" for i in range(ROWS)], "city": city})
    target = pd.DataFrame({"field": [str(i + 40) for i in range(ROWS)], "city": city})
    found = quality.compare(source, target)
    assert found.ways[0].form == "leading zeros ignored"
    assert "leading zeros" in {c.kind for c in found.conflicts}
    assert found.joined == 1


def test_disagreement_says_in_how_many_records() -> None:
    city = np.array(["Kiel", "Bonn", "Ulm", "Trier"])[any_amounts() % 4]
    moved = city.copy()
    moved[:12] = np.where(city[:12] == "Kiel", "Bonn", "Kiel")
    assert "12 of 240" in conflicts(*both(moved, city))["disagreement"].says


def test_freshness_of_the_newest_records() -> None:
    days = pd.date_range("2024-01-01", periods=ROWS)
    found = conflicts(*both(days.strftime("%Y-%m-%d"), (days + pd.Timedelta(90, "D")).strftime("%Y-%m-%d")))
    assert "90 days" in found["freshness"].says


def test_grain_is_said_where_a_key_repeats() -> None:
    random = np.random.default_rng(9)
    city = np.array(["Kiel", "Bonn", "Ulm"])[random.integers(0, 3, 100)]
    customers = pd.DataFrame({"customer": [f"C{i:04d}" for i in range(100)], "city": city})
    contracts = pd.DataFrame(
        {"customer": np.repeat(customers["customer"].to_numpy(), 3), "city": np.repeat(city, 3)}
    )
    assert "grain" in {f.check for f in quality.compare(customers, contracts).findings}


def test_a_date_that_is_wrong_in_any_format_stays_a_wrong_cell() -> None:
    """All dates are written differently (one conflict); the single impossible one is a cell."""
    days = any_moments()
    mine = list(days.strftime("%d.%m.%Y"))
    mine[17] = "3l.01.2024"
    found = quality.compare(*both(mine, days.strftime("%Y-%m-%d")))
    assert "date format" in {c.kind for c in found.conflicts}
    assert found.cells["row"].tolist() == [17]


def test_films_of_two_catalogues_share_numbers_but_no_records() -> None:
    """IMDb against TMDB (pyJedAI): both number their films from 0, and only titles join them."""
    folder = SHARED / "linkage" / "imdb_tmdb"
    if not folder.exists():
        pytest.skip("shared data absent")
    found = quality.compare(folder / "left.csv", folder / "right.csv")
    numbers = next(key for key in found.ways if (key.source_column, key.target_column) == ("id", "id"))
    assert not numbers.true
    assert found.ways[0].source_column.endswith("/title")
    assert "code reuse" in {f.check for f in found.findings if f.column == "id"}


def test_a_full_name_against_its_parts() -> None:
    random = np.random.default_rng(10)
    first, last = (
        np.array(names)[random.integers(0, 4, ROWS)]
        for names in (["Ada", "Bo", "Cy", "Di"], ["Weiß", "Ott", "Kühn", "Lux"])
    )
    mails = [f"p{i}@example.com" for i in range(ROWS)]
    source = pd.DataFrame({"mail": mails, "first": first, "last": last})
    target = pd.DataFrame({"email": mails, "name": [f"{a} {b}" for a, b in zip(first, last, strict=True)]})
    found = [c for c in quality.compare(source, target).conflicts if c.kind == "structure"]
    assert [(c.source_column, c.target_column) for c in found] == [("first", "name")]
    assert "first and last together in 100%" in found[0].says


def test_moments_of_one_zone_and_moments_at_random_have_no_offset() -> None:
    moments = any_moments()
    texts = moments.strftime("%Y-%m-%dT%H:%M:%S")
    assert "time zone" not in conflicts(*both(texts, texts))
    late = moments + pd.to_timedelta(np.random.default_rng(5).integers(0, 50_000, ROWS), "s")
    assert "time zone" not in conflicts(*both(texts, late.strftime("%Y-%m-%dT%H:%M:%S")))


def test_newest_records_a_day_apart_are_as_fresh() -> None:
    days = pd.date_range("2024-01-01", periods=ROWS)
    found = conflicts(*both(days.strftime("%Y-%m-%d"), (days + pd.Timedelta(1, "D")).strftime("%Y-%m-%d")))
    assert "freshness" not in found


def test_one_row_a_key_on_both_sides_is_one_grain() -> None:
    city = np.array(["Kiel", "Bonn", "Ulm"])[np.random.default_rng(9).integers(0, 3, 100)]
    one = pd.DataFrame({"customer": [f"C{i:04d}" for i in range(100)], "city": city})
    assert "grain" not in {f.check for f in quality.compare(one, one.copy()).findings}


def test_a_code_that_means_the_same_is_no_reuse() -> None:
    codes = np.array(["A1", "B2", "C3", "D4"])[any_amounts() % 4]
    assert "code reuse" not in conflicts(*both(codes, codes))


def test_a_balance_of_the_opposite_sign_is_mapped_and_told() -> None:
    """A ledger of the other party: what one owes, the other has coming; no name says it."""
    amounts = np.random.default_rng(6).normal(0, 900, ROWS)
    source, target = both([f"{a:.2f}" for a in amounts], [f"{-a:.2f}" for a in amounts])
    target = target.rename(columns={"field": "SALDO"})
    found = conflicts(source, target)
    assert (
        set(found) == {"scale"} and found["scale"].factor == -1 and "the opposite sign" in found["scale"].says
    )


@pytest.mark.parametrize(("unit", "says"), [("s", "seconds since 1970"), ("ms", "milliseconds since 1970")])
def test_moments_against_counted_seconds_are_one_conflict_whose_fix_runs(unit: str, says: str) -> None:
    moments = any_moments()
    counted = moments.as_unit(unit).astype("int64")  # type: ignore[attr-defined]
    source, target = both(counted, moments.strftime("%Y-%m-%d %H:%M:%S"))
    found = conflicts(source, target)
    assert set(found) == {"date format"} and says in found["date format"].says
    fixed = duckdb.sql(
        f"SELECT {found['date format'].fix.replace('{}', 'field')} FROM source ORDER BY number"
    )
    assert [value for (value,) in fixed.fetchall()] == target.sort_values("number")["field"].tolist()
    again = conflicts(target, source)["date format"]
    back = duckdb.sql(f"SELECT {again.fix.replace('{}', 'field')} FROM target ORDER BY number")
    assert [value for (value,) in back.fetchall()] == source["field"].tolist()


def test_a_flag_that_is_set_or_empty_is_mapped() -> None:
    """X or nothing, as SAP writes it, against true and false."""
    flags = np.random.default_rng(7).random(ROWS) < 0.7
    source, target = both(np.where(flags, "true", "false"), np.where(flags, "X", ""))
    target = target.rename(columns={"field": "AKTIV"})
    assert dict(conflicts(source, target)["vocabulary"].translation) == {"true": "X"}


def test_a_factor_that_nobody_knows_is_told_where_another_column_explains_it() -> None:
    """Glucose in mg/dl against mmol/l, times 1/18.0182 (molar mass 180.182 g/mol), a third of the results."""
    drawn = np.random.default_rng(4)
    test = np.array(["GLU", "CREA", "HB"])[np.arange(ROWS) % 3]
    mine = drawn.normal(95, 15, ROWS)
    theirs = np.where(test == "GLU", mine / 18.0182, mine)
    source, target = both([f"{v:.2f}" for v in mine], [f"{v:.3f}" for v in theirs])
    source["test"] = test
    found = conflicts(source, target)["scale"]
    assert "the factor depends on test" in found.says and "0.0555" in found.says


@pytest.mark.parametrize("signs", [(",", "."), (".", ",")])
def test_the_decimal_sign_of_two_sides_is_one_conflict_whose_fix_runs(signs: tuple[str, str]) -> None:
    mine, theirs = signs
    amounts = any_amounts() / 100
    written = [
        f"{a:,.2f}".replace(",", "_").replace(".", mine).replace("_", theirs if a > 5000 else "")
        for a in amounts
    ]
    source, target = both(written, [f"{a:.2f}".replace(".", theirs) for a in amounts])
    found = conflicts(source, target)
    assert set(found) == {"decimal sign"} and found["decimal sign"].rows == ROWS
    fixed = duckdb.sql(
        f"SELECT {found['decimal sign'].fix.replace('{}', 'field')} FROM source ORDER BY number"
    )
    assert [value for (value,) in fixed.fetchall()] == target.sort_values("number")["field"].tolist()


@pytest.mark.parametrize("turned", [False, True])
def test_three_decimals_behind_a_comma_are_no_thousands(turned: bool) -> None:
    """Latitudes: 47,111 is forty-seven, where the other side has 47.111."""
    places = np.random.default_rng(8).uniform(40, 60, ROWS)
    sides = [f"{p:.6f}" for p in places], [f"{p:.3f}".replace(".", ",") for p in places]
    found = conflicts(*both(*(sides[::-1] if turned else sides)))
    assert "decimal sign" in found and "scale" not in found and found["decimal sign"].rows == ROWS


def test_of_two_proportional_columns_the_one_whose_factor_is_known_is_the_same() -> None:
    """Energy in kilowatt hours is 3.6 times as many megajoules, and not its price."""
    energy = np.random.default_rng(9).lognormal(8, 0.5, ROWS)
    numbers = [f"M{i:05d}" for i in range(ROWS)]
    source = pd.DataFrame({"meter": numbers, "annual": [f"{e:.2f}" for e in energy]})
    target = pd.DataFrame(
        {
            "meter": numbers,
            "bill": [f"{e * 0.21:.2f}" for e in energy],
            "used": [f"{e * 3.6:.2f}" for e in energy],
        }
    )
    mapped = {m.source_column: m.target_column for m in quality.compare(source, target).mapping.matches}
    assert mapped["annual"] == "used"


@pytest.mark.parametrize(("mine", "theirs"), [("P", ""), ("", "P"), ("C-", "K")])
def test_numbers_with_other_letters_in_front_join_and_say_so(mine: str, theirs: str) -> None:
    """The number of the person stands in both, with letters that one side gave it."""
    drawn = np.random.default_rng(5)
    numbers = 100_000 + 7 * np.arange(ROWS)
    names = [
        f"{a} {b}"
        for a, b in zip(
            drawn.choice(["Ann", "Ben", "Cy"], ROWS),
            drawn.choice(["Lee", "Roy", "Kim", "Fox"], ROWS),
            strict=True,
        )
    ]
    source = pd.DataFrame({"field": [f"{mine}{n}" for n in numbers], "name": names})
    target = (
        pd.DataFrame({"person": [f"{theirs}{n}" for n in numbers], "name": names})
        .iloc[: ROWS - 40]
        .sample(frac=1, random_state=1)
    )
    compared = quality.compare(source, target, clear=True)
    found = {c.kind: c for c in compared.conflicts if c.source_column == "field"}
    assert (
        compared.joined == round((ROWS - 40) / ROWS, 6)
        and set(found) == {"prefix"}
        and found["prefix"].rows == ROWS
    )
    fixed = duckdb.sql(f"SELECT {found['prefix'].fix.replace('{}', 'field')} FROM source")
    assert {value for (value,) in fixed.fetchall()} >= set(target["person"])


def test_a_discount_is_no_tax() -> None:
    """A factor that is nobody's VAT rate, of a few records: neither net against gross nor a unit."""
    amounts = any_amounts()
    other = np.where(np.arange(ROWS) % 8 == 0, amounts * 1.137, amounts)
    found = conflicts(*both([f"{a:.2f}" for a in amounts], [f"{a:.2f}" for a in other]))
    assert not {"net-gross", "scale"} & set(found)


def test_amounts_that_disagree_after_the_conversion_are_listed() -> None:
    """Cents against euros is one conflict; two records that differ even then are listed with their rows."""
    cents = any_amounts()
    euros = [f"{c / 100:.2f}" for c in cents]
    euros[17], euros[99] = f"{cents[17] / 100 + 9:.2f}", f"{cents[99] / 100 - 0.01:.2f}"
    source, target = both(cents, euros)
    apart = quality.compare(source, target).apart
    assert apart["source_row"].tolist() == [17, 99]
    named = target.loc[apart["target_row"], "number"].tolist()
    assert named == ["R00017", "R00099"]


def test_records_of_one_side_are_listed() -> None:
    amounts = [f"{a / 100:.2f}" for a in any_amounts()]
    source, target = both(amounts, amounts)
    missing = target.index[target["number"].isin(["R00003", "R00004"])]
    lone = quality.compare(source, target.drop(index=missing).reset_index(drop=True)).lone
    assert lone[["side", "row"]].values.tolist() == [["source", 3], ["source", 4]]


def test_a_decimal_comma_is_no_group_of_thousands() -> None:
    grams = np.random.default_rng(4).integers(300, 9_000, ROWS)
    found = conflicts(*both(grams, [f"{g / 1000:.3f}".replace(".", ",") for g in grams]))
    assert found["scale"].factor == pytest.approx(0.001)
    assert "disagreement" not in found


def test_years_against_full_dates_are_an_uncertain_match_at_best() -> None:
    rng = np.random.default_rng(6)
    people = pd.DataFrame({"birthYear": rng.integers(1930, 2000, 300).astype(str)})
    films = pd.DataFrame(
        {"releaseDate": (np.datetime64("1990-01-01") + rng.integers(0, 9_000, 300)).astype(str)}
    )
    found = quality.compare(people, films)
    assert not len(found.cells)
    assert not len(found.mapping.matches) or found.columns["uncertain"].tolist() == [True]


def test_a_weak_match_is_called_uncertain_and_judges_no_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = (
        pd.DataFrame({"n": [str(k) for k in range(200)]}),
        pd.DataFrame({"n": [str(k) for k in range(400, 600)]}),
    )
    assert not quality.compare(source, target).columns["uncertain"].any()
    monkeypatch.setattr("assess.evidence.quality.matching.UNCERTAIN", 1.01)
    found = quality.compare(source, target)
    assert found.columns["uncertain"].all() and found.columns["said"].str.startswith("uncertain").all()
    assert not len(found.cells)


def test_another_unit_is_one_rule_and_what_rounding_leaves_is_no_disagreement() -> None:
    """Kilograms against pounds of a system that multiplies by 2.20462, not by 2.2046226: the last digit differs in some rows."""
    kilograms = [round(0.4 + 0.37 * n % 900, 2) for n in range(4_000)]
    numbers = [f"K{n:05d}" for n in range(4_000)]
    source = pd.DataFrame({"no": numbers, "weight": [f"{w}" for w in kilograms]})
    target = source.assign(weight=[f"{w * 2.20462:.2f}" for w in kilograms])
    exact = [f"{w / 0.45359237:.2f}" for w in kilograms]
    assert sum(a != b for a, b in zip(exact, target.weight, strict=True)) > 20
    found = quality.compare(source, target)
    assert [f.check for f in found.findings] == ["scale"]
    days = Assumptions()["remediation.rule_days"]
    assert (found.findings[0].effort.likely, found.findings[0].effort.high) == (days.likely, days.high)


def test_a_normal_form_costs_one_rule_however_many_cells_it_changes() -> None:
    codes = [f"{n:05d}" for n in range(300, 6_300)]
    numbers = [f"K{n:05d}" for n in range(6_000)]
    source = pd.DataFrame({"no": numbers, "code": [code.lstrip("0") for code in codes]})
    found = quality.compare(source, source.assign(code=codes))
    (zeros,) = (f for f in found.findings if f.check == "leading zeros")
    assert zeros.rows == 6_000
    assert zeros.effort.likely == Assumptions()["remediation.rule_days"].likely


def _states(rows=52):
    return [f"State {n:02}" for n in range(rows)]


def _seats(rows=52):
    return [f"{'ABCDEFGHIKLM'[n % 12]}{'aeiou'[n % 5]}{'bdfgklmnprst'[n // 5]}ville" for n in range(rows)]


def test_small_counts_of_two_years_are_no_codes():
    """Students by state in two years: a count that goes down by one in three states is no code for another."""
    first = [[5, 1, 7, 2, 31, 3, 12, 2, 8, 1, 18, 2, 24][n % 13] + n // 13 for n in range(52)]
    second = [max(0, n - 1 - place % 4) for place, n in enumerate(first)]
    found = compare(
        pd.DataFrame({"state": _states(), "seat": _seats(), "students": first}).astype(str),
        pd.DataFrame({"state": _states(), "seat": _seats(), "students": second}).astype(str),
    )
    assert not {f.check for f in found.findings} & {"code reuse", "vocabulary"}


def test_codes_that_the_world_agreed_on_are_no_slips_of_the_targets():
    codes = ["US"] * 300 + ["PR"] * 30 + ["MH"] * 20
    mine = ["US"] * 300 + ["ES", "NR", "SS", "PT", "PE"] * 5
    found = compare(
        pd.DataFrame({"id": [f"A{n}" for n in range(len(mine))], "iso": mine}),
        pd.DataFrame({"key": [f"K{n}" for n in range(len(codes))], "iso_country": codes}),
    )
    assert "breaks spelling" not in {f.check for f in found.findings}


def test_one_word_that_is_longer_than_the_targets_is_no_text_cut_off():
    mine = ["Europe", "Africa", "Asia", "Americas"] * 20 + ["Antarctica"] * 4
    found = compare(
        pd.DataFrame({"id": range(84), "continent": mine}).astype(str),
        pd.DataFrame({"id": range(84), "region": [m[:9] for m in mine]}).astype(str),
    )
    assert "length" not in {f.check for f in found.findings}
