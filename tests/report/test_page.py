import base64
import hashlib
import html
import html.parser
import json
import re

import pytest

from assess.core.finding import SEVERITIES
from assess.core.source import Fact, Source
from assess.report.chapter import Results
from assess.report.page import MOST_ROWS, percentages, render, unpacked, whole
from assess.report.page_evidence import anchor
from assess.report.tables import DataTable, TableCell, TableColumn

GENERATED = "Made on 22 November 2026"
LIMIT = 1_600_000


class Reader(html.parser.HTMLParser):
    """Collects what the tests ask for: ids, links within the page and to files, elements, text."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.files, self.tags, self.words, self.open = [], [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "a":
            (self.links if attrs["href"].startswith("#") else self.files).append(attrs)
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if not {"script", "style"} & set(self.open):
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self.words))


@pytest.fixture(scope="module")
def written(results):
    return render(results, generated=GENERATED)


@pytest.fixture(scope="module")
def page(written):
    """The page as its script completes it."""
    return whole(written)


@pytest.fixture(scope="module")
def read(page):
    return Reader(page)


def named(page, title):
    """Find the id and the text of the evidence entry of a title."""
    pattern = rf'<div id="(e\d+)"><dt><i>\d+</i> {re.escape(title)}\b(.*?)</dd></div>'
    found = re.search(pattern, page, re.S)
    return found[1], found[2]


def library(page):
    return unpacked(page, "plotly")


class TestSelfContained:
    def test_same_results_give_the_same_bytes(self, results, written):
        again = Results.from_json(results.to_json())
        assert again == results
        assert render(again, generated=GENERATED) == written

    def test_it_is_small_enough_to_be_mailed(self, written):
        assert len(written.encode()) <= LIMIT

    def test_without_its_script_it_says_where_the_evidence_is(self, written):
        assert "results.json beside this page" in Reader(written).text
        assert not re.search(r'id="e\d', written)

    def test_nothing_is_loaded(self, read):
        for tag, attrs in read.tags:
            assert tag not in ("link", "iframe", "object", "embed", "base", "img")
            assert "src" not in attrs
            assert tag == "a" or "href" not in attrs

    def test_links_lead_into_the_page_or_to_files_beside_it(self, read):
        assert read.files
        for link in read.files:
            assert re.fullmatch(r"[\w-]+(/[\w.-]+)*\.\w+", link["href"]), link

    def test_policy_names_the_hash_of_every_script(self, page, read):
        policy = next(a["content"] for t, a in read.tags if a.get("http-equiv"))
        assert "default-src 'none'" in policy
        code = page.split("<script>")[1].split("</script>")[0]
        for text in (code.encode(), library(page)):
            assert base64.b64encode(hashlib.sha256(text).digest()).decode() in policy
        assert policy.count("sha256-") == 2
        assert page.count("<script>") == 1
        assert "unsafe-inline" not in policy.split("style-src")[0]

    def test_nothing_runs_from_an_attribute(self, read):
        assert not [a for _, attrs in read.tags for a in attrs if a.startswith("on")]

    def test_plotly_is_there_once_and_sends_nothing(self, page):
        assert library(page).count(b"plotly.js (basic - minified)") == 1
        assert page.count('id="plotly"') == 1
        drawings = json.loads(unpacked(page, "data"))
        assert drawings["config"] == {
            "displayModeBar": False,
            "displaylogo": False,
            "showSendToCloud": False,
            "plotlyServerURL": "",
            "responsive": True,
        }


class TestEvidence:
    def test_no_link_is_an_orphan(self, read):
        assert {link["href"][1:] for link in read.links} <= set(read.ids)

    def test_no_id_comes_twice(self, read):
        assert len(read.ids) == len(set(read.ids))

    def test_every_evidence_link_ends_at_an_entry_that_links_back(self, page, read):
        entries = re.findall(r'<div id="(e\d+)">(.*?)</dd></div>', page, re.S)
        assert {link["href"][1:] for link in read.links if re.match(r"#e\d", link["href"])} == {
            e for e, _ in entries
        }
        for _, entry in entries:
            assert re.search(r'Used in <a href="#[^"]+"', entry)

    def test_every_number_of_a_fact_is_a_link(self, results, page):
        for chapter in results.chapters:
            for fact in chapter.stated:
                if isinstance(fact.value, float | int):
                    place = page.split(f'id="{anchor("f", chapter.key, fact.id)}"')[1]
                    assert re.search(r'<a href="#e\d+', place[:700]), fact.id

    def test_every_numeric_cell_is_a_link(self, page):
        cells = re.findall(r'<t[dh] [^>]*data-value="[^"]*" class="n"[^>]*>(.*?)(?=</?t[dhrb])', page, re.S)
        assert len(cells) > 40
        assert [cell for cell in cells if '<a href="#e' not in cell] == []

    def test_what_no_one_sourced_is_counted(self, results, page):
        assert "no recorded source" not in page
        bare = [
            c.model_copy(update={"facts": (Fact(id="x", label="x", value=3),), "headline": ()})
            for c in results.chapters[-1:]
        ]
        changed = results.model_copy(update={"chapters": (*results.chapters[:-1], *bare)})
        assert "1 numbers have no recorded source" in render(changed, generated=GENERATED)

    def test_a_calculation_names_what_it_used(self, page):
        number, entry = named(page, "cost/npv/hybrid")
        used = (
            "operations/orders/volume",
            "engagement.yaml, row 12, team.day_rate",
            "Effort to build one integration",
        )
        for title in used:
            there, other = named(page, title)
            assert f'<a href="#{there}">{title}</a>' in entry
            assert f'<a href="#{number}">cost/npv/hybrid</a>' in other

    def test_age_and_belief_of_a_default_are_flagged(self, page):
        _, entry = named(page, "Effort to build one integration")
        assert "935 days old" in entry
        assert "expert" in entry
        assert "8 to 55" in entry

    def test_many_sources_become_one_entry_that_lists_them(self, results):
        many = tuple(Source(kind="input", place="systems.csv", row=row) for row in range(2, 42))
        total = Source(kind="calculation", place="a/total", of=tuple(source.id for source in many))
        other = Source(kind="calculation", place="another/total", of=total.of)
        facts = (
            Fact(id="x", label="x", value=3, sources=(total,)),
            Fact(id="y", label="y", value=4, sources=(other,)),
        )
        chapter = results.chapters[-1].model_copy(update={"facts": facts, "headline": (), "sources": many})
        page = whole(render(results.model_copy(update={"chapters": (chapter,)}), generated=""))
        together, entry = named(page, "40 sources together")
        assert page.count("40 sources together</dt>") == 1
        assert "Rests on 1–40." in entry
        for title in ("a/total", "another/total"):
            assert f'href="#{together}"' in named(page, title)[1]
        read = Reader(page)
        assert {link["href"][1:] for link in read.links} <= set(read.ids)

    def test_reference_in_a_sentence_becomes_a_link(self, page):
        title = re.search(r'<h1 id="verdict">(.*?)</h1>', page, re.S)[1]
        assert "[2.9" not in title
        assert f'<a href="#{named(page, "cost/npv/hybrid")[0]}">2.9 M€</a>' in title


class TestLongTables:
    def test_the_page_holds_the_first_rows_and_says_of_how_many(self, results):
        columns = (TableColumn(key="a", label="A"), TableColumn(key="b", label="B", format="share"))
        rows = tuple((TableCell(value=f"row {n}"), TableCell(value=n / 150)) for n in range(150))
        table = DataTable(id="many", caption="Many", columns=columns, rows=rows)
        chapter = results.chapters[-1].model_copy(update={"tables": (table,)})
        page = render(results.model_copy(update={"chapters": (chapter,)}), generated="")
        body = page.split("<caption>Many")[1]
        assert body.split("</table>")[0].count("<tr>") == 1 + MOST_ROWS
        assert f"first {MOST_ROWS} of 150 rows" in Reader(body).text

    def test_percentages_of_a_column_have_their_points_below_each_other(self, results):
        """59% beside 39.1% is 59.0%; what is near none or all keeps its two digits."""
        column = TableColumn(key="b", label="B", format="share", sources=("as:x",))
        values = (0.59, 0.391, 0.0004, 0.0, 1.0)
        table = DataTable(
            id="many",
            caption="Many",
            columns=(TableColumn(key="a"), column),
            rows=tuple((TableCell(value="x"), TableCell(value=v)) for v in values),
        )
        chapter = results.chapters[-1].model_copy(update={"tables": (table,)})
        page = render(results.model_copy(update={"chapters": (chapter,)}), generated="")
        cells = re.findall(
            r'class="n"><a[^>]*>([^<]*)</a>', page.split("<caption>Many")[1].split("</table>")[0]
        )
        assert cells == ["59.0%", "39.1%", "0.04%", "0%", "100%"]


class TestFirstScreen:
    def test_it_says_verdict_money_range_score_gates_actions_coverage(self, page):
        first = Reader(page.split('id="answer"')[1].split("<section")[0]).text
        for said in (
            "Go to the pilot with a hybrid", "2.2 to 4.3 M€", "63 of 100", "55 to 71", "Select: open", "Pilot: closed",
            "Scale: closed", "Give customer master data an owner", "240 k€", "130 to 410 k€", "18 d", "Sales operations",
            "7 of 9 sections assessed", "53% measured, 30% stated, 17% assumed", "1 statement contradicted",
            "What would change this answer", "Message volume above 3.1 times",
        ):  # fmt: skip
            assert said in first.replace("\xa0", " "), said

    def test_what_is_not_assessed_has_no_number(self, page):
        chapter = page.split('id="c-governance"')[1].split("<section")[0]
        assert "Not assessed" in chapter
        assert not re.search(r"\d", Reader("<p>" + chapter.split("<h2", 1)[1].split(">", 1)[1]).text)

    def test_what_failed_says_so_in_plain_words(self, page):
        assert "currency without an exchange rate (USD)" in page.split('id="c-build_or_buy"')[1]

    def test_without_a_summary_the_questions_are_the_first_screen(self, results):
        alone = results.model_copy(update={"chapters": results.questions})
        assert "7 of 9 questions are answered" in Reader(render(alone, generated=GENERATED)).text


class TestLedger:
    def test_it_is_complete(self, results, page):
        titles = {f.title for chapter in results.chapters for f in chapter.findings}
        rows = re.findall(r'<tr id="(l\d+)" data-severity="(\w+)".*?<b>(.*?)</b>', page, re.S)
        assert {html.unescape(title) for _, _, title in rows} == titles
        assert len(rows) == len(titles) == 9
        order = [SEVERITIES.index(severity) for _, severity, _ in rows]
        assert order == sorted(order)

    def test_its_counts_match_its_rows(self, page, read):
        said = re.search(r"(\d+) findings: (.*?)\. None is left out", read.text)
        rows = re.findall(r'id="l\d+" data-severity="(\w+)"', page)
        assert int(said[1]) == len(rows)
        for part in said[2].split(", "):
            count, severity = part.split()
            assert rows.count(severity) == int(count)


class TestHostileText:
    def test_it_stays_text(self, hostile):
        text, results = hostile
        page = whole(render(results, generated=text))
        read = Reader(page)
        assert {t for t, _ in read.tags} <= {
            "html", "head", "meta", "title", "style", "body", "a", "div", "nav", "details", "summary", "p", "i", "ol", "ul", "li",
            "span", "small", "main", "section", "h1", "h2", "h3", "b", "br", "table", "caption", "thead", "tbody", "tr", "th", "td",
            "figure", "figcaption", "dl", "dt", "dd", "form", "label", "select", "option", "input", "output", "footer", "code",
            "button", "script", "noscript", "svg", "rect", "time",
        }  # fmt: skip
        assert len(re.findall(r"<script>", page)) == 1
        assert len(re.findall(r"<script[ >]", page)) == 3
        assert not [a for _, attrs in read.tags for a in attrs if a.startswith("on")]
        assert {link["href"] for link in read.files} == {"actions.xlsx"}
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", page.split("<script>")[0])
        assert "49" not in re.findall(r"<h1 id=\"verdict\">(.*?)</h1>", page, re.S)[0]

    def test_it_is_shown_as_it_was_written(self, filled):
        for text in ("<script>alert(1)</script>", "=cmd|'/c calc'!A1", "<!--"):
            assert text in Reader(render(filled(text), generated="")).text

    def test_a_long_text_is_cut_and_says_how_long_it_is(self, filled):
        page = render(filled("x" * 100_000), generated="")
        assert "(100,000 characters)" in page
        assert len(page.encode()) <= LIMIT

    def test_lone_surrogates_can_be_written(self, results):
        changed = results.model_copy(
            update={"engagement": results.engagement.model_copy(update={"client": "a\ud800b"})}
        )
        render(changed, generated="").encode("utf-8")


def test_percentages_add_up_to_a_hundred():
    for counts in ((1, 1, 1), (64, 36, 20), (0, 0, 5), (1, 2, 996), (333, 333, 334)):
        shares = percentages(dict(zip("abc", counts, strict=True)))
        assert sum(shares.values()) == 100
