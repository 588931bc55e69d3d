"""What was told wrongly of two sources that others had made: airports, films, countries, places over years."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from assess.evidence.quality import compare
from assess.evidence.quality.column import encode_column
from assess.evidence.quality.matching.records import agree_on


def ratings(rows: int = 400) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Films that two sides rate: a tenth or two apart, as opinions are."""
    draw = np.random.default_rng(7)
    mine = draw.integers(40, 90, rows)
    theirs = mine + draw.choice([-2, -1, 0, 1, 2], rows)
    names = [f"Film {n} {'abcdefghij'[n % 10]}" for n in range(rows)]
    return (
        pd.DataFrame({"title": names, "rating": [f"{n / 10:.1f}" for n in mine], "year": [str(1950 + n % 70) for n in range(rows)]}),
        pd.DataFrame({"title": names, "score": [f"{n / 10:.1f}" for n in theirs], "year": [str(1950 + n % 70) for n in range(rows)]}),
    )  # fmt: skip


def test_numbers_a_step_apart_stand_in_no_factor():
    found = compare(*ratings())
    assert not {c.kind for c in found.conflicts} & {"scale", "net-gross"}
    assert {"contents", "disagreement"} & {c.kind for c in found.conflicts}


def test_a_tax_on_amounts_with_cents_stays_a_factor():
    draw = np.random.default_rng(3)
    net = np.round(draw.uniform(5, 900, 300), 2)
    ids = [f"R{n:05d}" for n in range(300)]
    found = compare(
        pd.DataFrame({"id": ids, "net": [f"{n:.2f}" for n in net]}),
        pd.DataFrame({"id": ids, "gross": [f"{n * 1.19:.2f}" for n in net]}),
    )
    assert "net-gross" in {c.kind for c in found.conflicts}


def test_whole_numbers_with_and_without_a_decimal_are_no_other_form():
    """165.0 is not 1650 without its point, and 1305000.0 no slip of 1350000.0."""
    draw = np.random.default_rng(5)
    ids = [f"{n:05d}" for n in range(600)]
    votes = draw.integers(10, 3_000, 600)
    found = compare(
        pd.DataFrame({"id": ids, "votes": [f"{n}.0" for n in votes]}),
        pd.DataFrame({"id": ids, "votes": [f"{n + k}" for k, n in enumerate(draw.permutation(votes))]}),
    )
    assert not {c.kind for c in found.conflicts} & {"punctuation", "leading zeros"}
    assert not set(found.cells["check"]) & {"spelling", "letters", "shape", "mask"}


def test_records_that_only_one_side_has_are_no_slips_of_their_key():
    """Half of the titles stand on one side only: their records are missing there, no word of theirs is wrong."""
    both, rest = (
        [f"{a} of {b}" for a in words.split() for b in words.split() if a != b]
        for words in ("River Winter Shadow Garden Letter Ocean Mirror Dancer Hunter Castle Sailor Miller",
                      "Quartz Jigsaw Vortex Zephyr Oxygen Kayak Fjord Sphinx Waltz Glyph Azimut Yquem")
    )  # fmt: skip
    years = [str(1950 + n % 60) for n in range(132)]
    found = compare(
        pd.DataFrame({"title": both[:66] + rest[:66], "year": years}),
        pd.DataFrame({"title": both, "year": years}),
    )
    assert {f.check for f in found.findings} == {"source only"}


def test_a_number_of_one_side_that_the_other_keeps_for_some_records_joins_them():
    """Airports: every code of the source stands in the target, which holds none for a quarter of its own."""
    codes = [f"{a}{b}{c}" for a in "ABCDEFGH" for b in "KLMNOP" for c in "RSTUVWXY"]
    source = pd.DataFrame(
        {
            "faa": codes[:150],
            "name": [f"Field {n}" for n in range(150)],
            "alt": [str(n % 9) for n in range(150)],
        }
    )
    target = pd.DataFrame({
        "id": [str(5_000 + n) for n in range(200)], "iata": [*codes[:150], *[""] * 50],
        "name": [f"Field {n}" for n in range(200)], "alt": [str(n % 9) for n in range(200)],
    })  # fmt: skip
    assert "no common key" not in {f.check for f in compare(source, target).findings}


def test_a_year_that_is_part_of_a_key_is_no_slip_where_the_other_side_has_no_such_records():
    places = [f"Place {a}{b}" for a in "BCDFGH" for b in "aeiou"]
    rows = [
        (place, year, n) for n, (place, year) in enumerate((p, y) for p in places for y in range(2000, 2012))
    ]
    found = compare(
        pd.DataFrame([(p, str(y), f"{50 + n % 37}") for p, y, n in rows], columns=["place", "year", "births"]),
        pd.DataFrame([(p, str(y), f"{50 + n % 37}") for p, y, n in rows if y % 3 == 0], columns=["place", "year", "births"]),
    )  # fmt: skip
    assert {f.check for f in found.findings} == {"source only"}


def test_a_column_of_measures_numbers_no_records():
    """Populations differ from place to place, but nobody calls a place by its own."""
    draw = np.random.default_rng(2)
    places = [f"Bad {a}{b}{c}stad" for a in ("Nor", "Sud", "Est", "Ves") for b in "aeiou" for c in "klmnr"]
    found = compare(
        pd.DataFrame({"place": places, "people": [str(int(10 ** draw.uniform(3, 8))) for _ in places]}),
        pd.DataFrame({"place": places, "code": [f"{place[4:7].upper()}{n:03d}" for n, place in enumerate(places)]}),
    )  # fmt: skip
    assert "no common key" not in {f.check for f in found.findings}


def test_digits_behind_the_point_of_a_position_are_no_part_that_the_target_lacks():
    """Airports: one side writes five decimals of degrees, the other mostly six and some, rounded to minutes, five."""
    draw = np.random.default_rng(4)
    code = [f"{a}{b}{c}" for a in "ABCDEFGH" for b in "KLMNOP" for c in "RSTUVWXY"]
    minutes = [
        f"{a + b / 60:.5f}"
        for a, b in zip(draw.integers(10, 80, 384), draw.integers(0, 60, 384), strict=True)
    ]
    target = [m if n % 3 == 0 else f"{float(m):.6f}" for n, m in enumerate(minutes)]
    source = [f"{float(m) + draw.uniform(-0.02, 0.02):.5f}" for m in minutes]
    found = compare(pd.DataFrame({"code": code, "lat": source}), pd.DataFrame({"code": code, "lat": target}))
    assert "part" not in set(found.cells["check"])


def test_how_long_a_word_is_breaks_nothing():
    """Time zones: the target holds few, all of other lengths than one that only the source has."""
    few = [
        "Europe/Paris",
        "Europe/Berlin",
        "Asia/Tokyo",
        "Africa/Cairo",
        "Africa/Lagos",
        "Europe/Madrid",
        "America/Lima",
        "Asia/Seoul",
    ]
    code = [f"{a}{b}{c}" for a in "ABCDEFGH" for b in "KLMNOP" for c in "RSTUVWXY"]
    source = [few[n % 8] if n % 40 else "America/Tegucigalpa" for n in range(384)]
    found = compare(
        pd.DataFrame({"code": code, "tz": source}),
        pd.DataFrame({"code": code, "tz": [few[n % 8] for n in range(384)]}),
    )
    assert "mask" not in set(found.cells["check"])


def drawn_houses(rows: int, first: int, seed: int) -> pd.DataFrame:
    """Houses with a running number and forty fields that have nothing to do with each other, most of them skewed."""
    draw = np.random.default_rng(seed)
    skews = np.random.default_rng(1).uniform(0.3, 0.97, 30)
    fields = {
        f"kind {k}": draw.choice(["Gd", "TA", "Ex", "Fa"], rows, p=[p, *[(1 - p) / 3] * 3])
        for k, p in enumerate(skews)
    }
    sizes = {f"size {k}": draw.integers(0, 2_000, rows).astype(str) for k in range(10)}
    return pd.DataFrame({"id": range(first, first + rows), **fields, **sizes}).astype(str)


def test_two_extracts_without_a_common_record_are_joined_by_nothing_and_tell_nothing_of_each_other():
    found = compare(drawn_houses(1_000, 1, 2), drawn_houses(1_000, 1_001, 3))
    assert [f.check for f in found.findings if f.severity == "high"] == ["no key"]
    assert not any(way.true for way in found.ways)
    assert len(found.cells) < 0.0005 * 1_000 * 41, (
        "of all tests of all columns together a handful may fail by chance"
    )


def test_flags_that_have_nothing_to_do_with_each_other_confirm_no_join():
    """Of 200 pairs of flags none agrees beyond chance: three standard errors are passed once in 740, and by a share as high hardly ever."""
    draw = np.random.default_rng(4)
    rows = np.arange(140)
    flags = [encode_column("flag", pa.chunked_array([draw.choice(["0", "1"], 140, p=[1 - p, p]).tolist()], pa.large_string()))
             for p in draw.uniform(0.03, 0.5, 400)]  # fmt: skip
    told = [
        agree_on(one, other, rows, rows, surely=True)
        for one, other in zip(flags[::2], flags[1::2], strict=True)
    ]
    assert max(told) < 0.15


def test_an_empty_cell_breaks_nothing_where_the_target_writes_a_word_for_nothing():
    draw = np.random.default_rng(6)
    rows = [f"{v:.1f}" for v in draw.normal(40, 5, 300)]
    mine, theirs = rows.copy(), rows[::-1]
    mine[7] = mine[90] = ""
    theirs[3] = theirs[44] = "NA"
    found = compare(pd.DataFrame({"length": mine, "kind": ["a", "b", "c"] * 100}), pd.DataFrame({"length": theirs, "kind": ["b", "c", "a"] * 100}))  # fmt: skip
    assert "blank" not in set(found.cells["check"])


def test_capitals_are_told_as_capitals_where_no_record_joins():
    draw = np.random.default_rng(8)
    sexes = draw.choice(["MALE", "FEMALE"], 300)
    found = compare(
        pd.DataFrame({"sex": sexes, "mass": draw.integers(2_700, 6_300, 300).astype(str)}),
        pd.DataFrame({"sex": [s.lower() for s in sexes[::-1]], "mass": draw.integers(2_700, 6_300, 300).astype(str)}),
    )  # fmt: skip
    told = {c.kind: dict(c.translation) for c in found.conflicts}
    assert told["case"] == {"MALE": "male", "FEMALE": "female"}
    assert "vocabulary" not in told


def test_a_column_that_is_empty_in_the_target_judges_no_value():
    codes = [f"{a}{b}{c}" for a in "ABCDEF" for b in "KLMNOP" for c in "RSTUVW"]
    source = pd.DataFrame({"source": codes * 2, "dst": codes[::-1] * 2})
    target = pd.DataFrame({"code": codes, "name": [f"Field {c.title()}" for c in codes], "dst": ""})
    assert compare(source, target).cells.empty


def test_degrees_that_the_other_side_has_none_of_are_no_foreign_part():
    """Places of one continent against those of another: no number before the point is foreign to measures."""
    draw = np.random.default_rng(11)
    mine, theirs = (pd.DataFrame({"name": [f"{side} {n}" for n in range(400)], "longitude": [f"{d:.5f}" for d in draw.uniform(low, high, 400)]})
                    for side, low, high in (("Field", -135, -60), ("Town", -120, -55)))  # fmt: skip
    assert "part" not in set(compare(mine, theirs).cells["check"])


def test_an_empty_cell_breaks_nothing_where_the_target_lacks_a_fifth_itself():
    """Ages of one list of passengers against those of another: both lack many."""
    draw = np.random.default_rng(12)
    ages = [f"{a:.0f}" for a in draw.normal(30, 9, 800)]
    mine, theirs = ([("" if lacks else age) for age, lacks in zip(ages, draw.random(800) < share, strict=True)] for share in (0.42, 0.2))  # fmt: skip
    names = [f"{a}{b} {c}" for a in "ABCDEFGHIJ" for b in "aeiouyxz" for c in ("Lee", "Ray", "Fox", "Dow", "Pym", "Orr", "Hay", "Day", "Nye", "Ash")]  # fmt: skip
    found = compare(pd.DataFrame({"name": names, "age": mine}), pd.DataFrame({"name": names, "age": theirs}))
    assert "blank" not in set(found.cells["check"])
