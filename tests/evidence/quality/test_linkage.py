"""Linking records of two tables without a key: published values, planted truth, and tables with nothing in common."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from assess.evidence import quality
from assess.evidence.quality.compare.findings import PairWriter
from assess.evidence.quality.linkage.comparison import (
    NEAREST,
    RecordComparison,
    compare_spelling,
    find_counterparts,
)
from assess.evidence.quality.linkage.scoring import calibrate, choose_pairs, match_one_to_one
from assess.evidence.quality.linkage.spaces import Space, Vocabulary, read_fields
from assess.evidence.quality.pricing import price_work, rule_work
from assess.evidence.quality.repairing import write_repairs
from assess.evidence.quality.reviewing import find_linked_pairs
from assess.evidence.quality.table import open_table
from assess.evidence.quality.table_pairs import link_unjoined
from assess.evidence.quality.verdicts import share_automated
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import ExtractTable, Integration, System
from assess.report.chapters.data_columns import tabulate_linked
from assess.report.chapters.data_quality import Places, lead

STARTS = ["Ma", "Jo", "Ste", "Ali", "Chri", "An", "Ro", "Be", "Vi", "Lu", "Ka", "Do", "Ge", "Pe", "Ti"]
ENDS = [
    "rtin",
    "seph",
    "phan",
    "stair",
    "stof",
    "drea",
    "land",
    "nedikt",
    "ktor",
    "kas",
    "rsten",
    "minik",
    "ralt",
    "lissa",
]
STREETS = [
    "Mill Road",
    "High Street",
    "Station Lane",
    "Park Avenue",
    "Church Hill",
    "Quay Side",
    "Abbey Walk",
]
TOWNS = ["Bonn", "Graz", "Basel", "Lyon", "Turin", "Porto", "Malmö", "Gdansk"]


def people(number, seed):
    draw = np.random.default_rng(seed)

    def name():
        return str(draw.choice(STARTS)) + str(draw.choice(ENDS))

    return pd.DataFrame(
        {
            "given": [name() for _ in range(number)],
            "family": [name() + str(draw.choice(ENDS)) for _ in range(number)],
            "street": [f"{draw.choice(STREETS)} {draw.integers(1, 300)}" for _ in range(number)],
            "town": draw.choice(TOWNS, number),
            "born": draw.integers(1930, 2008, number).astype(str),
        }
    )


def misspell(frame, seed, share=0.3):
    """Swap two letters of a share of the texts, and empty a tenth of them."""
    draw = np.random.default_rng(seed)

    def change(text):
        if draw.random() < 0.1:
            return ""
        if draw.random() < share and len(text) > 3:
            at = int(draw.integers(1, len(text) - 2))
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        return text

    return frame.map(change)


def rows_of(pairs):
    return set(map(tuple, pairs[["left_row", "right_row"]].to_numpy().tolist()))


@pytest.fixture(scope="module")
def planted():
    """600 people on the left, 700 on the right, 400 of them the same, misspelt under other headers and shuffled."""
    everyone = people(900, 1)
    left, right = everyone.iloc[:600], misspell(everyone.iloc[200:], 2)
    order = np.random.default_rng(3).permutation(len(right))
    right = right.iloc[order].reset_index(drop=True)
    right.columns = ["a", "b", "c", "d", "e"]
    truth = {(int(k) + 200, place) for place, k in enumerate(order) if k < 400}
    return left, right, truth


@pytest.fixture(scope="module")
def linkage(planted):
    return quality.link(planted[0], planted[1])


@pytest.mark.parametrize(
    ("one", "other", "published"),
    [
        ("shackleford", "shackelford", 0.982), ("dunningham", "cunnigham", 0.896), ("nichleson", "nichulson", 0.956),
        ("jones", "johnson", 0.832), ("massey", "massie", 0.933), ("abroms", "abrams", 0.922),
        ("jeraldine", "geraldine", 0.926), ("marhta", "martha", 0.961), ("michelle", "michael", 0.921),
        ("julies", "julius", 0.933), ("tanya", "tonya", 0.880), ("dwayne", "duane", 0.840), ("jon", "john", 0.933),
    ],
)  # fmt: skip
def test_spelling_is_that_of_winklers_table(one, other, published):
    """Winkler, Overview of Record Linkage and Current Research Directions (2006), table of string comparators."""
    found = compare_spelling(np.array([one], object), np.array([other], object))[0]
    assert found == pytest.approx(published, abs=6e-4)


def test_planted_pairs_are_found(linkage, planted):
    found, truth = rows_of(linkage.pairs), planted[2]
    assert len(found & truth) >= 0.95 * len(truth)
    assert len(found & truth) >= 0.97 * len(found)


def test_the_probability_is_that_of_the_truth(linkage, planted):
    right = np.mean([pair in planted[2] for pair in rows_of(linkage.pairs)])
    assert linkage.pairs["probability"].mean() == pytest.approx(right, abs=0.05)


def test_each_record_is_linked_once_and_every_record_is_counted(linkage):
    listed = pd.concat([linkage.pairs, linkage.undecided])
    assert not listed["left_row"].duplicated().any()
    assert not listed["right_row"].duplicated().any()
    assert not linkage.many
    assert linkage.linked + len(linkage.undecided) + linkage.left_alone == linkage.left_rows
    assert linkage.linked + len(linkage.undecided) + linkage.right_alone == linkage.right_rows


def test_records_of_one_field_are_neither_linked_nor_counted_as_the_same():
    """The last 40 of 300 people hold no more than a street, the same on both sides."""
    everyone = people(300, 51)
    everyone["street"] = [f"{street} {k}" for k, street in enumerate(everyone["street"])]
    everyone.loc[260:, ["given", "family", "town", "born"]] = ""
    found = quality.link(everyone, everyone.iloc[::-1].reset_index(drop=True))
    assert found.linked == 260
    assert found.doubtful == 40
    assert found.undecided["left_row"].min() == 260
    assert found.doubtful_same == 0
    assert found.joined == pytest.approx(260 / 300, abs=0.01)


def test_the_order_of_rows_and_columns_does_not_matter(linkage, planted):
    left, right, _ = planted
    order = np.random.default_rng(4).permutation(len(right))
    again = quality.link(left[left.columns[::-1]], right.iloc[order].reset_index(drop=True))
    moved = {(one, int(order[other])) for one, other in rows_of(again.pairs)}
    assert len(moved ^ rows_of(linkage.pairs)) <= 0.02 * linkage.linked


def test_the_same_tables_give_the_same_result(linkage, planted):
    again = quality.link(planted[0], planted[1])
    assert again == linkage
    assert type(again).from_json(again.to_json()) == again


def test_columns_are_aligned_by_records_not_by_names(linkage):
    pairs = set(zip(linkage.columns["left_column"], linkage.columns["right_column"], strict=True))
    assert {("given", "a"), ("family", "b"), ("street", "c"), ("town", "d")} <= pairs


def test_reasons_hold_no_value_of_the_client(linkage, planted):
    told = " ".join(linkage.pairs["reason"]).casefold()
    assert "same: " in told
    assert not [name for name in planted[0]["family"] if name.casefold() in told]


@pytest.mark.parametrize("seed", range(5))
def test_halves_of_one_table_have_nothing_in_common(seed):
    everyone = people(800, 100 + seed)
    found = quality.link(everyone.iloc[:400], everyone.iloc[400:].reset_index(drop=True))
    assert found.refused == "no evidence of common records"
    assert found.linked == 0
    assert found.left_alone == 400


def test_columns_of_the_same_words_in_two_orders_are_told_apart_by_how_often_they_are_filled():
    """Every fourth name stands inverted as well, and by chance the crossed columns agree a little better."""
    some = people(80, 11)
    half = np.arange(len(some)) % 4 == 0
    names = pd.DataFrame({
        "name": some["given"] + " " + some["family"],
        "inverted": np.where(half, some["family"] + ", " + some["given"], ""),
    })  # fmt: skip
    (name, inverted), (title, turned), _ = read_fields(open_table(names), open_table(names[::-1]))
    aligned = [(inverted, title, 0.57), (name, turned, 0.56), (inverted, turned, 0.55), (name, title, 0.47)]
    to_right, to_left = find_counterparts(aligned)
    assert (to_right["name"], to_right["inverted"]) == (title, turned)
    assert (to_left["name"], to_left["inverted"]) == (name, inverted)


def test_records_are_judged_by_what_they_would_find_if_both_tables_were_one():
    left, right = open_table(people(60, 12)), open_table(people(15, 13))
    *fields, vocabulary = read_fields(left, right)
    whole = RecordComparison((fields[0], fields[1]), (60, 15), vocabulary)
    rows, partners = (place.ravel() for place in np.indices((60, 15)))
    other, like = np.nonzero(~np.eye(60, dtype=bool))
    across, within = whole.pool(0, (rows, partners), (other, like))
    spaces = [
        np.hstack([(space.left @ space.right.T).toarray(), (space.left @ space.left.T).toarray()])
        for space in (whole.words, whole.grams)
    ]
    for row in range(60):
        expected: set[int] = set()
        for near in spaces:
            near[row, 15 + row] = -1
            least = np.sort(near[row])[-NEAREST]
            expected |= set(np.flatnonzero(near[row] >= least - 1e-6).tolist())
        kept = set(partners[(rows == row) & across].tolist())
        kept |= set((15 + like[(other == row) & within]).tolist())
        assert kept <= expected
        assert len(kept) >= NEAREST


def test_unrelated_tables_have_nothing_in_common():
    draw = np.random.default_rng(5)
    parts = pd.DataFrame(
        {
            "part": [f"M{draw.integers(4, 40)} bolt {draw.integers(10, 900)} mm" for _ in range(500)],
            "bin": draw.integers(0, 90, 500).astype(str),
        }
    )
    assert quality.link(people(500, 6), parts).linked == 0


def test_names_alone_do_not_make_two_records_one():
    """Of tables with more columns, records that hold a name only stay undecided."""
    everyone = people(400, 7)
    left, right = everyone.copy(), everyone.copy()
    for frame in (left, right):
        frame.loc[:99, ["family", "street", "town", "born"]] = ""
    found = quality.link(left, right)
    assert found.linked > 250
    assert not (found.pairs["left_row"] < 100).any()


def test_numbers_that_are_seldom_so_near_link_records_under_another_name():
    """Half of 250 of 400 places have another name on the right; their coordinates differ by some kilometres of a thousand."""
    draw = np.random.default_rng(5)
    syllables = np.array(["ka", "lo", "mi", "ren", "tu", "vas", "po", "del", "shi", "bra", "nu", "gor"])

    def names(number):
        return np.array(["".join(draw.choice(syllables, 3)) for _ in range(number)])

    left = pd.DataFrame(
        {"name": names(400), "north": draw.uniform(47, 55, 400), "east": draw.uniform(6, 15, 400)}
    )
    taken = draw.permutation(400)[:250]
    right = left.iloc[taken].set_axis(["title", "y", "x"], axis=1).reset_index(drop=True)
    right["title"] = np.where(draw.random(250) < 0.5, right["title"], names(250))
    right[["y", "x"]] += draw.normal(0, 0.02, (250, 2))
    truth = set(zip(taken.tolist(), range(250), strict=True))
    found = rows_of(quality.link(left.round(5).astype(str), right.round(5).astype(str)).pairs)
    assert 2 * len(found & truth) / (len(found) + len(truth)) > 0.9


def test_words_that_are_spelt_alike_count_as_far_as_they_are_alike():
    """Winkler's table: massey and massie are .933 alike; jones and bonn are not."""
    vocabulary = Vocabulary()
    vocabulary.count(["massey jones", "massie bonn"])
    alike = vocabulary.alike.toarray()
    assert alike[0] == pytest.approx([1, 0, 0.9333, 0], abs=1e-4)
    assert (alike == alike.T).all()
    left, right = np.eye(4)[:2].sum(axis=0), np.eye(4)[2:].sum(axis=0)
    space = Space.weigh(*(sp.csr_matrix(side[None], dtype=np.float32) for side in (left, right)))
    for share in space.share_alike(vocabulary.alike, (0, 1), np.array([0]), np.array([0])):
        assert share[0] == pytest.approx(0.9333 / 2, abs=1e-4)


@pytest.mark.parametrize(
    "empty", [pd.DataFrame({"a": []}), pd.DataFrame({"a": ["", ""]}), pd.DataFrame({"a": ["x"] * 9})]
)
def test_tables_that_tell_nothing_are_refused(empty):
    assert quality.link(people(50, 8), empty).refused
    assert quality.link(empty, empty).refused


def test_greedy_mapping_takes_the_best_free_pair():
    """By hand: (0, 0) is best; (1, 1) at 0.5 beats (1, 2), (2, 1) is no longer free."""
    score = np.array([0.9, 0.8, 0.5, 0.4, 0.7])
    rows, partners = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 2, 0])
    assert match_one_to_one(score, rows, partners, (3, 3)).tolist() == [0, 2]


def test_expected_f1_is_highest_among_all_cuts():
    """Against all 2^n outcomes of independent pairs, written out."""
    p = np.array([0.95, 0.9, 0.6, 0.35, 0.2, 0.05])
    outcomes = np.array(np.meshgrid(*[[0, 1]] * len(p))).T.reshape(-1, len(p))
    weight = np.prod(np.where(outcomes, p, 1 - p), axis=1)

    def expected(k):
        return (weight * 2 * outcomes[:, :k].sum(axis=1) / np.maximum(k + outcomes.sum(axis=1), 1)).sum()

    kept = len(choose_pairs(p))
    assert expected(kept) >= max(expected(k) for k in range(1, len(p) + 1)) - 0.01


@pytest.mark.parametrize("wrong", [0.1, 0.5, 0.9])
def test_decoys_tell_the_share_of_wrong_pairs(wrong):
    draw = np.random.default_rng(9)
    bad = draw.random(4000) < wrong
    targets = np.where(bad, draw.normal(0, 1, 4000), draw.normal(4, 1, 4000))
    p = calibrate(targets, draw.normal(0, 1, 3000), np.ones(3000))
    assert 1 - p.mean() == pytest.approx(wrong, abs=0.05)
    sure = p > 0.5
    assert bad[sure].mean() == pytest.approx(1 - p[sure].mean(), abs=0.04)


def test_planted_near_copies_are_found():
    """A twentieth of the records stands there twice, some three times, each copy with one or two slips."""
    frame = people(1200, 11)
    draw = np.random.default_rng(12)
    sources = [*draw.choice(1200, 60, replace=False).tolist(), 5, 5]
    copies = frame.iloc[sources].copy()
    for place in range(len(copies)):
        for column in draw.choice(len(frame.columns) - 1, 2, replace=False):
            text = copies.iloc[place, column]
            copies.iloc[place, column] = text[:1] + text[2:] if draw.random() < 0.5 else text.upper()
    truth = {frozenset((source, 1200 + place)) for place, source in enumerate(sources)}
    truth |= {frozenset((1260, 1261))} | {
        frozenset((1200 + k, 1260 + n)) for n in (0, 1) for k in range(60) if sources[k] == 5
    }
    found = quality.duplicates(pd.concat([frame, copies], ignore_index=True))
    groups = found.clusters.groupby("cluster")["row"].apply(list)
    pairs = {frozenset((a, b)) for group in groups for a in group for b in group if a < b}
    assert len(pairs & truth) >= 0.9 * len(truth)
    assert len(pairs & truth) >= 0.95 * len(pairs)
    assert found.surplus == len(found.clusters) - len(groups)
    assert any({5, 1260, 1261} <= set(group) for group in groups)


def test_proved_copies_teach_of_those_that_differ_more():
    """Of 90 copies 65 have one slip; 25 have another year and no town as well, and all else the same."""
    frame = people(1200, 15)
    frame[["mother", "firm"]] = people(1200, 17)[["family", "street"]]
    copies = frame.iloc[np.arange(90) * 7].copy()
    copies["given"] = [text[:1] + text[2] + text[1] + text[3:] for text in copies["given"]]
    copies.iloc[65:, copies.columns.get_loc("town")] = ""
    copies.iloc[65:, copies.columns.get_loc("born")] = [
        str(int(year) + 13) for year in copies["born"].iloc[65:]
    ]
    twice = pd.concat([frame, copies], ignore_index=True)
    found = quality.duplicates(twice).clusters
    assert set(found.groupby("cluster")["row"].agg(tuple)) == {(7 * k, 1200 + k) for k in range(90)}
    (told,) = [one for one in quality.profile(twice).duplicates if one.kind == "near"]
    assert dict(zip(told.rows, told.of, strict=True)) == {1200 + k: 7 * k for k in range(90)}


def test_records_that_differ_in_what_tells_them_apart_are_no_copies():
    """Five readings of each meter agree in everything but their name and value; twelve rows stand there twice, with a slip."""
    meters = people(200, 16).loc[np.repeat(np.arange(200), 5)].reset_index(drop=True)
    meters["reading"] = ["flow", "pressure", "temperature", "voltage", "noise level"] * 200
    meters["value"] = [f"{k * 7919 % 100_003}" for k in range(1000)]
    copies = meters.iloc[::83].copy()
    copies["street"] = [text[:1] + text[2] + text[1] + text[3:] for text in copies["street"]]
    found = quality.duplicates(pd.concat([meters, copies], ignore_index=True)).clusters
    assert set(found.groupby("cluster")["row"].agg(tuple)) == {(83 * k, 1000 + k) for k in range(13)}


def test_a_table_without_copies_has_none():
    assert quality.duplicates(people(1000, 13)).surplus == 0


def test_exact_copies_with_codes_of_their_own_are_one_group():
    frame = people(200, 14)
    twice = pd.concat([frame, frame.iloc[:7]], ignore_index=True)
    twice.insert(0, "id", [f"K-{k}" for k in range(len(twice))])
    found = quality.duplicates(twice)
    assert found.clusters["row"].tolist() == [row for k in range(7) for row in (k, 200 + k)]


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"a": []}),
        pd.DataFrame({"a": ["", "", ""]}),
        pd.DataFrame({"a": ["x"]}),
        pd.DataFrame({"id": ["1", "2"]}),
    ],
)
def test_tables_without_content_have_no_copies(table):
    assert quality.duplicates(table).surplus == 0


@pytest.fixture(scope="module")
def engagement(tmp_path_factory):
    """Two systems whose customers have no field in common that joins them: every text is misspelt on one side."""
    folder, everyone = tmp_path_factory.mktemp("engagement"), people(700, 21)
    right = everyone.iloc[200:].reset_index(drop=True)
    for column in ("given", "family", "street"):
        right[column] = [text[:2] + text[3] + text[2] + text[4:] for text in right[column]]
    everyone.iloc[:500].to_csv(folder / "crm.csv", index=False)
    right.to_csv(folder / "erp.csv", index=False)
    systems = tuple(
        System(id=name, tables=(ExtractTable(system=name, entity="customers", location=f"{name}.csv"),))
        for name in ("crm", "erp")
    )
    return Engagement(
        folder=folder, client="x", assumptions=Assumptions(), systems=systems,
        integrations=(Integration(id="i1", source="crm", target="erp", entity="customers"),),
    )  # fmt: skip


def test_records_that_no_column_joins_are_linked_and_what_is_not_is_priced(engagement, tmp_path):
    """What is alone follows a rule that is inspected, what is undecided is looked at one by one; the price is that of every repair."""
    found = quality.assess(engagement, tmp_path)
    (pair,) = found.comparisons
    assert pair.joined is None
    assert pair.linkage is not None
    one = pair.linkage
    right = sum(left - 200 == other for left, other in rows_of(one.pairs))
    assert right >= 0.97 * 300
    assert right >= 0.95 * one.linked
    assert one.linked + one.doubtful + one.left_alone == 500
    finding = next(f for f in found.findings if f.check == "source only")
    assert finding.rows == one.left_alone + one.doubtful
    assert finding.effort == price_work(rule_work(finding.rows, one.left_alone))
    assert quality.assess(engagement, tmp_path) == found, "kept and read again"


def test_the_chapter_counts_records_on_both_sides(engagement, tmp_path):
    found = quality.assess(engagement, tmp_path)
    (table,) = tabulate_linked(found, (), Places(engagement).place)
    (row,) = [[cell.value for cell in row] for row in table.rows]
    assert row[1] + row[2] + row[3] == 500
    assert row[1] + row[2] + row[4] == 500
    assert row[5] == "by no person yet"
    assert f"{row[1]} records are linked" in table.caption
    assert f"for {row[3]} of the source no partner was found" in table.caption
    (partner,) = [fact for fact in found.facts if fact.id == "data_quality.partner"]
    assert partner.value == found.automated["i1"]
    assert any("shows a partner for" in sentence for sentence in lead(found))


def test_what_links_is_the_share_that_runs_without_a_person(engagement):
    """Without a review the model's probabilities, with one the shares that the person found, each of its own group."""
    found = quality.assess(engagement)
    (one,) = found.linked
    expected = (one.pairs["probability"].sum() + one.undecided["probability"].sum()) / 500
    assert found.automated == {"i1": pytest.approx(expected, abs=1e-3)}
    (linked,) = find_linked_pairs(engagement, found)
    groups = {(row.left_row, row.right_row): row.group for row in one.drawn.itertuples()}
    said = tuple(
        asked.model_copy(update={"same": groups[asked.source_row, asked.target_row] == "linked"})
        for asked in linked.proposed()
    )
    assert all(one.same for one in said) or one.doubtful
    again = quality.assess(engagement.model_copy(update={"link_reviews": said}))
    known = again.linked[0].review.open_seen
    assert again.automated["i1"] == pytest.approx(
        (one.linked + (0 if known else one.doubtful_same)) / 500, abs=1e-6
    )
    (fact,) = [fact for fact in again.facts if fact.id == "data_quality.automated.i1"]
    assert fact.value == again.automated["i1"]
    assert fact.sources
    finding = next(f for f in again.findings if f.check == "source only")
    assert "that a person reviewed" in finding.evidence


def test_a_pair_that_a_column_joins_counts_in_full():
    """700 of 1,000 rows are joined by a number, 300 linked with a share of .5: .85."""
    joined, words = (
        SimpleNamespace(source=name, target="t", source_rows=rows, joined=share, linkage=linkage)
        for name, rows, share, linkage in (
            ("a", 700, 0.4, None),
            ("b", 300, None, SimpleNamespace(joined=0.5)),
        )
    )
    judged = [SimpleNamespace(table=name, target="t", integrations=("i1",)) for name in "ab"]
    assert share_automated([joined, words], judged) == {"i1": 0.85}
    assert share_automated([joined], judged) == {}
    words.linkage.joined = None
    assert share_automated([joined, words], judged) == {}


def test_where_several_records_stand_for_one_nothing_is_said_of_those_left_over():
    """900 orders of 300 customers, misspelt: at most 300 can be linked one to one, and the others have a customer all the same."""
    customers, draw = people(300, 41), np.random.default_rng(42)
    orders = misspell(customers.loc[draw.integers(0, 300, 900)].reset_index(drop=True), 43)
    orders["amount"] = draw.integers(10, 9000, 900).astype(str)
    tables = [
        quality.open_table(frame, name) for frame, name in ((orders, "orders"), (customers, "customers"))
    ]
    for ends in (tables, tables[::-1]):
        linkage = quality.link(*ends)
        assert linkage.many == "orders"
        assert 300 < linkage.common <= 900
        assert linkage.joined is None
        (finding,) = PairWriter(*ends, None, False, both_ways=True).unlinked(linkage)
        assert finding.check == "grain"
        assert "of the 900 records of orders are also in customers, which has 300" in finding.evidence
    (table,) = tabulate_linked(SimpleNamespace(linked=(linkage,)), (), lambda one, other: one)
    assert [cell.value for cell in table.rows[0]][3:5] == [None, None]


def test_a_key_that_joins_is_not_linked_again():
    everyone = people(200, 22)
    everyone.insert(0, "no", [f"C{k:05d}" for k in range(200)])
    tables = quality.open_table(everyone), quality.open_table(everyone.iloc[50:].reset_index(drop=True))
    found = quality.compare(*tables)
    assert found.joined
    assert link_unjoined(found, *tables) is found


def test_records_that_only_names_join_are_linked_and_what_the_names_say_of_lone_ones_gives_way():
    """200 people numbered by each side for itself, 150 of them on both: a column joins them, but none that numbers them."""
    everyone = people(200, 22)
    tables = quality.open_table(everyone), quality.open_table(everyone.iloc[50:].reset_index(drop=True))
    found = quality.compare(*tables)
    names = [
        found.findings[0].model_copy(update={"check": check, "id": check})
        for check in ("no common key", "source only")
    ]
    numbered = found.model_copy(update={"findings": tuple(names)})
    linked = link_unjoined(numbered, *tables, both_ways=True)
    assert linked.linkage.linked == pytest.approx(150, abs=3)
    told = {finding.check: finding for finding in linked.findings}
    assert told["source only"].rows == linked.linkage.left_alone + linked.linkage.doubtful
    assert "target only" not in told or told["target only"].table == linked.target
    other = quality.open_table(people(200, 23)), quality.open_table(people(200, 99))
    assert (
        link_unjoined(numbered.model_copy(update={"ways": found.ways}), *other).findings == numbered.findings
    )


def test_what_an_address_of_their_own_joins_is_not_linked_by_names():
    """The same people, and e-mail addresses join them: who has no partner is known."""
    everyone = people(200, 22)
    names = zip(everyone["given"], everyone["family"], strict=True)
    everyone["mail"] = [f"{given}.{family}{n}@example.org" for n, (given, family) in enumerate(names)]
    tables = quality.open_table(everyone), quality.open_table(everyone.iloc[50:].reset_index(drop=True))
    found = quality.compare(*tables)
    guess = found.findings[0].model_copy(update={"check": "no common key", "id": "no common key"})
    numbered = found.model_copy(update={"findings": (guess, *found.findings)})
    assert link_unjoined(numbered, *tables) is numbered


def test_golden_rules_are_proposed_edited_and_read_again_and_reviews_count(engagement, tmp_path):
    runs = {run.name: run for run in write_repairs(engagement, tmp_path)}
    pair = runs["crm.customers → erp.customers"]
    assert pair.links.endswith("no person has checked the links")
    place = tmp_path / "crm.customers--erp.customers.golden"
    golden = pd.read_csv(place / "golden.csv", dtype=str, keep_default_na=False)
    assert len(golden) == pair.golden
    assert pair.golden == pytest.approx(700, rel=0.05)
    rules = pd.read_csv(place / "rules.csv", dtype=str, keep_default_na=False)
    rules.assign(rule="trusted", by="right, left", owner="Sales").to_csv(place / "rules.csv", index=False)
    (linked,) = find_linked_pairs(engagement)
    said = [
        one.model_copy(update={"same": one.source_row - 200 == one.target_row}) for one in linked.proposed()
    ]
    wrong = said[0].model_copy(update={"same": False})
    reviewed = engagement.model_copy(update={"link_reviews": (wrong, *said[1:])})
    again = {run.name: run for run in write_repairs(reviewed, tmp_path, only=["crm.customers"])}[
        "crm.customers → erp.customers"
    ]
    assert again.links.startswith("Of ")
    assert "linked pairs that a person reviewed" in again.links
    walk = pd.read_csv(place / "crosswalk.csv")
    assert not ((walk["left_row"] == wrong.source_row) & (walk["right_row"] == wrong.target_row)).any()
    owned = pd.read_csv(place / "provenance.csv", dtype=str, keep_default_na=False)
    assert set(owned["owner"]) == {"Sales"}
    both = golden.index[(golden["left_row"] != "-1") & (golden["right_row"] != "-1")].astype(str)
    assert (owned[owned["record"].isin(both) & (owned["other"] == "True")]["side"] == "right").all()
