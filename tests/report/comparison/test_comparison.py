"""What changed between two runs is split by cause, adds up exactly, and nothing is invented; `assess compare` and its page as a reader sees it."""

import json
import re
import shutil
from fractions import Fraction
from functools import cache
from itertools import combinations, pairwise, permutations

import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from assess.cli.commands import assess as main
from assess.report.comparison import apportioned, compare, computed, recorded, shapley
from assess.report.comparison.changes import NotRuns, keep, open_runs
from assess.report.comparison.page import write_page
from assess.report.comparison.result import CAUSES, RunComparison, write_text
from assess.report.page import unpacked

pytestmark = pytest.mark.slow

PARTS = ("answers", "measurements", "prices")


def between(one, two):
    return differences(compare(open_runs([one, two])))


def differences(found):
    (leg,) = found.legs
    return {d.headline.key: d for d in leg.differences}, leg


@pytest.fixture(scope="module")
def compared(made):
    """Function that compares runs by their names, each once."""
    return cache(lambda *names: compare(open_runs([made[name] for name in names])))


class TestShapley:
    def test_the_airport_game(self):
        """Littlechild and Owen 1973: players pay for the runway that the largest of them needs."""
        need = {"small": 8, "medium": 11, "large": 13}
        found = shapley(list(need), lambda held: max((need[k] for k in held), default=0))
        assert found == {
            "small": Fraction(8, 3),
            "medium": Fraction(8, 3) + Fraction(3, 2),
            "large": Fraction(8, 3) + Fraction(3, 2) + 2,
        }

    @given(st.lists(st.integers(-(10**9), 10**9), min_size=8, max_size=8))
    def test_it_is_the_mean_step_over_all_orders_and_adds_up(self, numbers):
        sets = [frozenset(c) for n in range(4) for c in combinations(PARTS, n)]
        worth = dict(zip(sets, numbers, strict=True)).__getitem__
        found = shapley(PARTS, worth)
        for player in PARTS:
            steps = []
            for order in permutations(PARTS):
                held = frozenset(order[: order.index(player)])
                steps.append(worth(held | {player}) - worth(held))
            assert found[player] == Fraction(sum(steps), len(steps))
        total = worth(frozenset(PARTS)) - worth(frozenset())
        rounded = apportioned(found, total)
        assert sum(rounded.values()) == total
        assert all(abs(rounded[p] - found[p]) < 1 for p in PARTS)


class TestCauses:
    @pytest.mark.parametrize("cause", PARTS)
    def test_what_alone_changed_carries_the_whole_difference(self, compared, cause):
        found, leg = differences(compared("first", cause))
        assert any(d.total for d in found.values())
        for difference in found.values():
            others = {c: p for c, p in difference.parts.items() if c != cause}
            assert not any(others.values()), (difference.headline.key, others)
            assert difference.parts.get(cause, 0) == difference.total
            assert difference.unsplit == 0
        assert {change.cause for change in leg.changes} == {cause}

    def test_several_add_up_exactly_in_the_digits_shown(self, compared):
        found, _ = differences(compared("first", "all"))
        assert found["cost"].total
        for d in found.values():
            assert d.total is not None
            scale = 10**d.headline.digits
            whole = [round(part * scale) for part in (*d.parts.values(), d.unsplit)]
            assert sum(whole) == round(d.after * scale) - round(d.before * scale)
        assert sum(1 for part in found["cost"].parts.values() if part) >= 2

    def test_the_reverse_is_the_opposite(self, compared):
        there, _ = differences(compared("first", "all"))
        back, _ = differences(compared("all", "first"))
        for key, difference in there.items():
            step = 10**-difference.headline.digits
            assert back[key].total == -difference.total
            for cause, part in difference.parts.items():
                assert back[key].parts[cause] == pytest.approx(-part, abs=1.001 * step)

    def test_another_seed_is_the_models(self, compared):
        found, leg = differences(compared("first", "seed"))
        assert found["cost"].total
        for difference in found.values():
            assert difference.parts.get("model", 0) == difference.total
        assert [(c.cause, c.place) for c in leg.changes] == [("model", "parameter seed")]

    def test_the_basis_leads_to_the_recorded_numbers(self, made):
        (run, _) = open_runs([made["all"], made["all"]])
        again = computed(run.snapshot.assessment())
        assert again == pytest.approx(recorded(run.results), rel=1e-11)
        assert all(value is not None for value in again.values())

    def test_a_run_against_itself_shows_nothing(self, compared):
        found, leg = differences(compared("all", "all"))
        assert not any(d.total for d in found.values())
        assert leg.changes == leg.new == leg.gone == ()

    def test_what_is_different_is_named_with_both_values(self, compared):
        _, leg = differences(compared("first", "all"))
        said = {c.place: (c.before, c.after) for c in leg.changes}
        assert said["team, people"] == ("4", "14")
        gone = [
            place
            for place, texts in said.items()
            if place.startswith("readiness: ") and texts == ("stated", "")
        ]
        assert len(gone) == 1
        assert "extracts/shop_customers.csv" in said
        key = next(place for place in said if place.startswith("maintenance.custom"))
        assert said[key][1].startswith("0.4")


class TestWithoutBasis:
    @pytest.fixture
    def bare(self, made, tmp_path):
        place = tmp_path / "bare"
        place.mkdir()
        (place / "results.json").write_bytes((made["all"] / "results.json").read_bytes())
        return place

    def test_the_difference_is_not_split_and_says_why(self, made, bare):
        found, leg = between(made["first"], bare)
        assert found["cost"].parts == {}
        assert found["cost"].unsplit == found["cost"].total != 0
        assert "no basis.json.gz" in found["cost"].why
        assert {c.cause for c in leg.changes} == {"measurements", "prices"}
        text = write_text(compare(open_runs([made["first"], bare])))
        assert "is not split" in text

    def test_a_damaged_basis_is_no_basis(self, made, bare):
        for content in (b"", b"no gzip", (made["all"] / "basis.json.gz").read_bytes()[:500]):
            (bare / "basis.json.gz").write_bytes(content)
            found, _ = between(made["first"], bare)
            assert "damaged" in found["cost"].why

    def test_what_a_run_did_not_assess_is_no_zero(self, made, bare):
        raw = json.loads((bare / "results.json").read_text("utf-8"))
        raw["chapters"] = [c for c in raw["chapters"] if c["key"] != "value_stream"]
        (bare / "results.json").write_text(json.dumps(raw), "utf-8")
        found, _ = between(made["first"], bare)
        assert found["lead_time"].after is None
        assert found["lead_time"].total is None
        assert found["lead_time"].improved is None
        assert "does not assess" in found["lead_time"].why
        assert "not assessed" in write_text(compare(open_runs([made["first"], bare])))


class TestTelling:
    def test_the_summary_counts_every_number_that_both_runs_have(self, compared):
        text = " ".join(write_text(compared("first", "prices")).split())
        found, _ = differences(compared("first", "prices"))
        known = [d for d in found.values() if d.total is not None]
        worse = sum(d.improved is False for d in known)
        assert f"Of {len(known)} numbers that can be compared: " in text
        assert f"{worse} worse" in text
        assert "mostly" not in text, "one cause alone is not called most of it"

    def test_a_failed_notebook_is_said_and_its_findings_are_not_called_gone(self, made, tmp_path):
        place = tmp_path / "broken"
        shutil.copytree(made["first"], place)
        raw = json.loads((place / "results.json").read_text("utf-8"))
        chapter = next(c for c in raw["chapters"] if c["key"] == "data_quality")
        elsewhere = {f["id"] for c in raw["chapters"] if c is not chapter for f in c["findings"]}
        lost = {f["id"] for f in chapter["findings"]} - elsewhere
        assert lost
        chapter |= {"state": "failed", "error": "stopped", "findings": [], "facts": [], "headline": []}
        chapter |= {
            "tables": [],
            "figures": [],
            "gates": [],
            "actions": [],
            "verdict": "",
            "lead": [],
            "shown": [],
        }
        (place / "results.json").write_text(json.dumps(raw), "utf-8")
        found = compare(open_runs([made["first"], place]))
        assert found.visits[1].failed == (chapter["title"],)
        assert not lost & {finding.id for finding in found.legs[0].gone}
        assert f"failed and not compared: {chapter['title']}" in write_text(found)
        assert "failed and not compared" in write_page(found, generated="2026-11-22T09:00").page
        assert not lost & {finding.id for finding in compare(open_runs([place, made["first"]])).legs[0].new}


class TestTrend:
    def test_the_parts_of_the_legs_add_up_to_the_whole(self, made, compared):
        places = [made[name] for name in TREND]
        found = compared(*TREND)
        assert len(found.legs) == 3
        for key, difference in enumerate(found.overall.differences):
            legs = [leg.differences[key] for leg in found.legs]
            assert difference.total == pytest.approx(sum(leg.total for leg in legs))
            assert sum(difference.parts.values()) == pytest.approx(difference.total)
            assert [(a.after, b.before) for a, b in pairwise(legs) if a.after != b.before] == []
        assert list(found.trend.run) == [str(place) for place in places]
        assert found.trend.cost.nunique() > 2


class TestWhatIsNoRun:
    def problems(self, *places):
        with pytest.raises(NotRuns) as caught:
            open_runs(places)
        return caught.value.problems

    def test_every_problem_is_said_at_once(self, made, tmp_path):
        (tmp_path / "empty").mkdir()
        (tmp_path / "bad.json").write_text("{")
        (tmp_path / "list.json").write_text("[]")
        (tmp_path / "old.json").write_text('{"schema_version": "0.3", "engagement": {}}')
        (tmp_path / "hollow.json").write_text('{"schema_version": "1.1", "engagement": {}}')
        names = ("gone", "empty", "bad.json", "list.json", "old.json", "hollow.json")
        said = self.problems(made["first"], *(tmp_path / name for name in names))
        assert len(said) == 6
        for text, part in zip(
            said,
            ("does not exist", "holds no results.json", "can't be read", "is not the results", "format 0.3", "is damaged: engagement.client"),
            strict=True,
        ):  # fmt: skip
            assert part in text

    def test_another_client_or_currency_is_refused(self, made, tmp_path):
        raw = json.loads((made["first"] / "results.json").read_text("utf-8"))
        for key, value, part in (
            ("client", "Other GmbH", "run for 'Other GmbH'"),
            ("currency", "USD", "is in USD"),
        ):
            changed = {**raw, "engagement": {**raw["engagement"], key: value}}
            place = tmp_path / f"{key}.json"
            place.write_text(json.dumps(changed), "utf-8")
            (said,) = self.problems(made["first"], place)
            assert part in said

    def test_one_run_alone_is_refused(self, made):
        assert self.problems(made["first"]) == ("name at least two runs to compare",)


def test_it_survives_json(compared):
    found = compared("first", "all")
    assert RunComparison.from_json(found.to_json()) == found
    assert set(CAUSES) < set(found.table.columns)


def test_the_basis_is_the_same_bytes_and_holds_no_value_of_an_extract(made, tmp_path):
    (run, _) = open_runs([made["first"], made["first"]])
    keep(run.snapshot, tmp_path)
    assert (tmp_path / "basis.json.gz").read_bytes() == (made["first"] / "basis.json.gz").read_bytes()
    text = run.snapshot.to_json()
    engagement = made["first"].parent / "engagement" / "first" / "acme"
    for table in sorted((engagement / "extracts").iterdir()):
        for line in table.read_text("utf-8").splitlines()[1:]:
            for value in line.split(","):
                if "@" in value or (len(value) > 6 and any(map(str.isdigit, value)) and " " in value):
                    assert value not in text, value
    assert str(engagement.parent) not in text


# ---- the page, and the command ----------------------------------------------------------------------------

TREND = ("first", "answers", "prices", "all")
HOSTILE = "<script>alert(1)</script> \u202egnp.exe =1+1 {{ 7*7 }} <!--"


def call(*arguments):
    return CliRunner().invoke(main, ["compare", *map(str, arguments)])


@pytest.fixture(scope="module")
def pages(compared, tmp_path_factory):
    """A page of two runs, one of four, and one full of hostile texts."""
    folder = tmp_path_factory.mktemp("pages")
    found = {
        "two": compared("first", "all"),
        "trend": compared(*TREND),
    }
    said = json.loads(found["two"].to_json())

    def filled(node, key=""):
        if isinstance(node, dict):
            return {k: filled(v, k) for k, v in node.items()}
        if isinstance(node, list):
            return [filled(v, key) for v in node]
        return HOSTILE if key in ("client", "name", "place", "before", "after", "title", "action", "why") and isinstance(node, str) else node  # fmt: skip

    found["hostile"] = RunComparison.model_validate(filled(said))
    for name, item in found.items():
        report = write_page(item, generated="22 November 2026", name=f"{name}.html")
        (folder / f"{name}.html").write_text(report.page, "utf-8")
        (folder / f"{name}-evidence.html").write_text(report.evidence, "utf-8")
    return folder


@pytest.mark.parametrize("name", ["two", "trend", "hostile"])
def test_no_link_of_the_page_is_an_orphan_and_every_number_has_one(pages, name):
    page, flat = ((pages / f"{name}{end}.html").read_text("utf-8") for end in ("", "-evidence"))
    held = [id for id, *_ in json.loads(unpacked(page))]
    assert re.findall(r'<article id="([^"]+)"', flat) == held
    links = set(re.findall(r'<a [^>]*href="([^"]+)"', page))
    led = {link.partition("#")[2] for link in links if link.startswith(f"{name}-evidence.html#")}
    assert led and led <= set(re.findall(r'\sid="([^"]+)"', flat))
    assert set(re.findall(r'href="#([^"$]+)"', page)) <= set(re.findall(r'\sid="([^"]+)"', page))
    assert {link.partition("#")[0] for link in links} == {"", f"{name}-evidence.html"}
    cells = [cell for cell in re.findall(r'class="n"><span>(.*?)</span>', page) if re.search(r"\d", cell)]
    assert len(cells) >= 6
    assert all(f'<a href="{name}-evidence.html#' in cell for cell in cells)


def test_a_change_has_one_value_and_one_sign_and_no_heading_stands_twice(pages):
    page = (pages / "two.html").read_text("utf-8")
    headings = [re.sub(r"<[^>]+>", "", head) for head in re.findall(r"<h[12][^>]*>(.*?)</h[12]>", page, re.S)]
    assert len(set(headings)) == len(headings)
    told = re.search(r"(Present cost[^:]*): ([\d.,]+\xa0[^ ]*€) (more|less)", headings[0])
    label, amount, way = told.groups()
    big = re.search(rf"<dt>{label}: from ([^<]+) to ([^<]+)</dt><dd class=\"big\"><a[^>]*>([^<]+)</a>", page)
    assert big[3] == f"{'−' if way == 'less' else ''}{amount}"
    caption = re.search(rf"<figcaption>{label}: ([^;]+);", page)
    assert caption[1] == f"{amount} {way}"


def test_each_column_of_the_page_adds_up(pages):
    page = (pages / "two.html").read_text("utf-8")
    table = page.split("<caption>From the earlier run")[1].split("</table>")[0]
    rows = [
        [float(n.replace("−", "-").replace(",", "")) for n in re.findall(r'html#[\w.-]+">([^<]+)</a>', row)]
        for row in table.split("<tr>")[2:]
    ]
    assert len(rows) == 6
    for column in zip(*rows, strict=True):
        assert sum(column[:-1]) == pytest.approx(column[-1], abs=1e-9)


@pytest.mark.browser
@pytest.mark.parametrize("name", ["two", "trend", "hostile"])
def test_the_page_opens_offline_and_breaks_no_rule_of_axe(pages, chromium, name):
    said, asked = [], []
    context = chromium.new_context(offline=True, reduced_motion="reduce")
    page = context.new_page()
    for event in ("pageerror", "dialog"):
        page.on(event, lambda thing: said.append(str(thing)))
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    file = pages / f"{name}.html"
    page.goto(file.as_uri())
    assert (said, asked) == ([], [file.as_uri()])
    for scheme, width in (("light", 1280), ("dark", 390)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page).response["violations"]
        assert not found, [(v["id"], v["nodes"][0]["html"][:200]) for v in found]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if name == "hostile":
        assert "<script>alert(1)</script>" in page.locator("main").inner_text()
    context.close()


def test_the_command_prints_text_or_json_and_writes_the_page(made, tmp_path):
    done = call(made["first"], made["all"], "-o", tmp_path / "page.html")
    assert done.exit_code == 0, done.stderr
    assert "Present cost of the plan, less its benefits" in done.stdout
    assert "Different prices" in done.stdout
    for name in ("page.html", "page-evidence.html"):
        assert (tmp_path / name).read_text("utf-8").startswith("<!doctype html>")
    done = call(made["first"], made["all"], "--format", "json")
    assert RunComparison.from_json(done.stdout).client == "Example Ltd"


def test_bad_input_is_named_all_at_once_with_exit_code_2(made, tmp_path):
    done = call(made["first"], tmp_path / "gone", tmp_path)
    assert done.exit_code == 2
    assert "gone: does not exist" in done.stderr
    assert f"{tmp_path}: holds no results.json" in done.stderr
    assert isinstance(done.exception, SystemExit)
    assert call(made["first"]).exit_code == 2
    assert call().exit_code == 2
    done = call(made["first"], made["all"], "-o", tmp_path / "no" / "folder" / "x.html")
    assert done.exit_code == 2
    assert isinstance(done.exception, SystemExit)
