"""The page and its flat twin as files: small, self-contained, every number with a card, every text only text."""

import base64
import hashlib
import html
import html.parser
import re

import pytest

from assess.core.source import Driver, Fact, Source
from assess.report.cards import Cards, percentages
from assess.report.chapter import Results
from assess.report.environment import anchor
from assess.report.page import read_cards, render
from assess.report.tables import DataTable, TableCell, TableColumn

GENERATED = "22 November 2026"
LIMIT = 500_000
TAGS = {
    "html", "head", "meta", "link", "title", "style", "body", "a", "div", "nav", "details", "summary", "p", "ol", "ul", "li",
    "span", "small", "main", "section", "article", "bdi", "h1", "h2", "h3", "b", "table", "caption", "thead", "tbody", "tr", "th", "td",
    "figure", "figcaption", "dl", "dt", "dd", "form", "input", "header", "footer", "code", "strong", "button", "script", "dialog",
    "svg", "rect", "path", "circle", "text", "time",
}  # fmt: skip


class Reader(html.parser.HTMLParser):
    """Collects what the tests ask for: ids, links within the file and to others, elements, text."""

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
            (self.links if attrs["href"].startswith("#") else self.files).append(attrs["href"])
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


def plain(part):
    """What a part of a page reads."""
    return Reader(part).text.replace("\xa0", " ")


@pytest.fixture(scope="module")
def written(results):
    return render(results, generated=GENERATED)


@pytest.fixture(scope="module")
def cards(written):
    """By id, what the cards of the page hold."""
    return {id: (title, where, part) for id, title, where, part in read_cards(written.page)}


@pytest.fixture(scope="module")
def read(written):
    return Reader(written.page)


class TestSelfContained:
    def test_same_results_give_the_same_bytes(self, results, written):
        again = Results.from_json(results.to_json())
        assert again == results
        assert render(again, generated=GENERATED) == written

    def test_it_is_small_enough_to_be_mailed(self, written, read):
        assert len(written.page.encode()) <= LIMIT
        assert len(read.tags) <= 6_000

    @pytest.mark.parametrize("name", ["page", "evidence"])
    def test_nothing_is_loaded_and_nothing_runs_from_an_attribute(self, written, name):
        for tag, attrs in Reader(getattr(written, name)).tags:
            assert tag not in ("iframe", "object", "embed", "base", "img")
            assert "src" not in attrs and "style" not in attrs
            assert tag != "link" or attrs["href"] == "data:,"
            assert not [key for key in attrs if key.startswith("on")]

    @pytest.mark.parametrize(("name", "scripts"), [("page", 1), ("evidence", 0)])
    def test_the_policy_names_the_hash_of_the_style_and_the_script_and_nothing_else(
        self, written, name, scripts
    ):
        text = getattr(written, name)
        policy = next(a["content"] for t, a in Reader(text).tags if a.get("http-equiv"))
        assert "default-src 'none'" in policy and "unsafe" not in policy
        codes = re.findall(r"<style>(.*?)</style>", text, re.S) + re.findall(
            r"<script>(.*?)</script>", text, re.S
        )
        assert len(codes) == 1 + scripts == policy.count("sha256-")
        for code in codes:
            assert base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() in policy

    def test_links_lead_to_files_beside_it(self, read):
        for link in read.files:
            assert re.fullmatch(r"[\w-]+(/[\w.-]+)*\.\w+(#[\w.-]+)?", link), link


class TestEvidence:
    def test_both_files_hold_the_same_cards(self, written, cards):
        flat = re.findall(
            r'<article id="([^"]+)"><h3>(.*?)</h3>\n(.*?)\n<p class="note">(.*?)</p></article>',
            written.evidence,
            re.S,
        )
        lean = re.compile(r"</t[dhr]>")
        held = {
            id: (html.escape(title, quote=False), lean.sub("", part))
            for id, (title, _, part) in cards.items()
        }
        assert {
            id: (html.escape(html.unescape(title), quote=False), lean.sub("", part))
            for id, title, part, _ in flat
        } == held
        assert len(flat) == len(cards)

    def test_no_link_is_an_orphan(self, written, read, cards):
        inside = {link[1:] for link in read.links}
        assert inside <= set(read.ids)
        led = {link.partition("#")[2] for link in read.files if link.startswith("evidence.html#")}
        flat = Reader(written.evidence)
        rows = {id for _, _, part in cards.values() for id in Reader(part).ids}
        assert len(led) > 20 and led <= set(cards) | rows
        assert set(flat.ids) == set(cards) | rows
        assert all(id.rpartition(".")[0] in cards for id in rows)
        assert {link[1:] for link in flat.links} <= set(flat.ids)
        for ids in (read.ids, flat.ids):
            assert len(ids) == len(set(ids))

    def test_every_number_of_a_fact_is_a_card_that_says_what_it_rests_on(self, results, cards):
        for chapter in results.chapters:
            for fact in chapter.facts:
                if isinstance(fact.value, float | int):
                    _, where, part = cards[anchor("n", fact.id)]
                    assert where.startswith("number") and re.search(r'Rests on .*?<a href="#e\d+"', part), (
                        fact.id
                    )

    def test_every_numeric_cell_of_the_page_is_a_link(self, written):
        cells = re.findall(r'<td data-l="[^"]*" class="n"><span>(.*?)</span>', written.page, re.S)
        assert len(cells) > 5
        assert [
            cell for cell in cells if re.search(r"\d", cell) and '<a href="evidence.html#' not in cell
        ] == []

    def test_a_cell_that_is_a_fact_leads_to_it_and_any_other_to_its_row(self, results):
        source = Source(kind="measurement", place="x")
        fact = Fact(id="known", label="Known", value=7.5, unit="EUR", sources=(source,))
        columns = (
            TableColumn(key="a"),
            TableColumn(key="b", format="money", unit="EUR", sources=(source.id,)),
        )
        rows = tuple(
            (TableCell(value=name), TableCell(value=value)) for name, value in (("one", 7.5), ("two", 8.5))
        )
        table = DataTable(id="some", caption="Some", columns=columns, rows=rows, sources=(source,))
        chapter = results.chapters[-1].model_copy(update={"facts": (fact,), "tables": (table,)})
        page = render(results.model_copy(update={"chapters": (chapter,)}), generated="").page
        numbers = re.findall(r'<a href="evidence.html#([\w.-]+)">([78].5.*?)</a>', page)
        assert [id for id, _ in numbers] == ["n-known", f"t{chapter.number}-some.2"]

    def test_a_fact_says_how_it_is_worked_out_and_what_moves_it(self, results):
        source = Source(kind="input", place="integrations.csv", row=5, column="volume")
        driver = Driver(source=source.id, label="Messages a month", value="9,000", effect=-120e3)
        fact = Fact(
            id="gain",
            label="Gain",
            value=1e6,
            unit="EUR",
            sources=(source,),
            formula="Benefits less costs.",
            drivers=(driver,),
        )
        chapter = results.chapters[-1].model_copy(update={"facts": (fact,)})
        cards = {c.id: c for c in Cards(results.model_copy(update={"chapters": (chapter,)})).all()}
        text = plain(cards["n-gain"].html)
        for said in ("1.0 M€", "Benefits less costs.", "Messages a month", "−120 k€", "stated"):
            assert said in text

    def test_a_calculation_names_what_it_used_and_is_named_by_it(self, cards):
        named = {title: (id, part) for id, (title, _, part) in cards.items()}
        number, entry = named["cost/npv/hybrid"]
        for title in (
            "operations/orders/volume",
            "engagement.yaml, row 12",
            "Effort to build one integration",
        ):
            there, other = named[title]
            assert f'<a href="#{there}">{title}</a>' in entry
            assert f'<a href="#{number}">cost/npv/hybrid</a>' in other or "and" in other

    def test_age_and_belief_of_a_default_are_flagged(self, cards):
        _, _, part = next(card for card in cards.values() if card[0] == "Effort to build one integration")
        for said in ("935 days old", "expert", "8 to 55"):
            assert said in plain(part)

    def test_many_rows_of_a_file_are_named_together(self, results):
        many = tuple(
            Source(kind="input", place="systems.csv", row=row, column="name") for row in range(2, 42)
        )
        total = Source(kind="calculation", place="a/total", of=tuple(source.id for source in many))
        fact = Fact(id="x", label="x", value=3, sources=(total,))
        chapter = results.chapters[-1].model_copy(update={"facts": (fact,), "headline": (), "sources": many})
        found = Cards(results.model_copy(update={"chapters": (chapter,)})).all()
        text = plain(next(card for card in found if card.title == "a/total").html)
        assert "Rests on systems.csv, rows 2–41." in text
        assert "In the end on 40 stated" in plain(next(card for card in found if card.id == "n-x").html)

    def test_an_integration_gathers_its_rows_and_findings(self, results):
        table = DataTable(
            id="sheet", caption="The sheet", columns=(TableColumn(key="a", label="Integration"), TableColumn(key="b", label="When")),
            rows=((TableCell(value="Orders to shop"), TableCell(value="14 Sep 2027")),),
        )  # fmt: skip
        finding = results.findings[0].model_copy(update={"integrations": ("orders",)})
        chapter = results.chapters[-1].model_copy(update={"tables": (table,), "findings": (finding,)})
        changed = results.model_copy(
            update={"chapters": (chapter,), "integrations": {"orders": "Orders to shop"}}
        )
        report = render(changed, generated="")
        card = next(card for card in Cards(changed).all() if card.id == "i-orders")
        for said in ("The sheet", "14 Sep 2027", finding.title):
            assert said in plain(card.html)
        assert '<a href="evidence.html#i-orders">Orders to shop</a>' in report.page


class TestTables:
    def test_the_page_holds_seven_rows_and_leads_to_all(self, results):
        columns = (TableColumn(key="a", label="A"), TableColumn(key="b", label="B", format="share"))
        rows = tuple((TableCell(value=f"row {n}"), TableCell(value=n / 150)) for n in range(150))
        table = DataTable(id="many", caption="Many", columns=columns, rows=rows)
        chapter = results.chapters[-1].model_copy(update={"tables": (table,)})
        report = render(results.model_copy(update={"chapters": (chapter,)}), generated="")
        body = report.page.split("<caption>Many")[1].split("</section>")[0]
        assert body.count("row ") == 7 and "7 of 150" in plain(body)
        assert (
            report.evidence.split(f'id="t{chapter.number}-many"')[1].split("</article>")[0].count("row ")
            == 150
        )

    def test_percentages_of_a_column_have_their_points_below_each_other(self, results):
        """59% beside 39.1% is 59.0%; what is near none or all keeps its two digits."""
        column = TableColumn(key="b", label="B", format="share", sources=("as:x",))
        values = (0.59, 0.391, 0.0004, 0.0, 1.0)
        rows = tuple((TableCell(value="x"), TableCell(value=v)) for v in values)
        table = DataTable(id="many", caption="Many", columns=(TableColumn(key="a"), column), rows=rows)
        chapter = results.chapters[-1].model_copy(update={"tables": (table,)})
        page = render(results.model_copy(update={"chapters": (chapter,)}), generated="").page
        body = page.split("<caption>Many")[1].split("</section>")[0]
        assert re.findall(r'class="n"><span><a[^>]*>([^<]*)</a>', body) == [
            "59.0%",
            "39.1%",
            "0.04%",
            "0%",
            "100%",
        ]

    def test_the_options_share_one_scale_and_none_is_drawn_without_a_value(self, results):
        keys = ("option", "gain", "low", "high")
        columns = tuple(
            TableColumn(key=k, format="money" if k != "option" else "text", unit="EUR") for k in keys
        )
        values = (("as it is", 0.0, 0.0, 0.0), ("one", 5.0, -10.0, 10.0), ("two", None, None, None))
        rows = tuple(tuple(TableCell(value=value) for value in row) for row in values)
        table = DataTable(id="options", caption="The options", columns=columns, rows=rows)
        summary = results.summary.model_copy(update={"tables": (table,)})
        page = render(results.model_copy(update={"chapters": (summary,)}), generated="").page
        strips = re.findall(r'<td class="mini">(.*?)(?=<td|</td)', page, re.S)
        zeros = [re.search(r'stroke="var\(--ink\)"[^>]* d="M([\d.]+)', strip) for strip in strips]
        assert [bool(zero) for zero in zeros] == [True, True, False]
        assert zeros[0][1] == zeros[1][1] == "95"
        assert "M8 11L182 11" in strips[1] and "L" not in strips[0].split("M")[-1]
        assert "−10 to 10 €" in plain(page) or "−10 € to 10 €" in plain(page)


class TestFirstScreen:
    def test_it_says_verdict_money_gates_and_actions(self, written):
        first = plain(written.page.split('id="brief"')[1].split("<section")[0])
        for said in (
            "Go to the pilot with a hybrid", "2.2 to 4.3 M€", "Select", "open", "Pilot", "closed", "Give customer master data an owner",
            "240 k€", "Sales operations", "What would change the answer", "Message volume above 3.1 times",
        ):  # fmt: skip
            assert said in first, said

    def test_a_reference_in_a_sentence_leads_to_the_card_of_the_fact(self, written):
        title = re.search(r'<h1 id="h0">(.*?)</h1>', written.page, re.S)[1]
        assert "[2.9" not in title and '<a href="evidence.html#n-npv">2.9 M€</a>' in title

    def test_how_much_is_known_has_a_card(self, cards):
        text = plain(cards["coverage"][2])
        for said in ("53%", "30%", "17%", "contradicts"):
            assert said in text

    def test_what_is_not_assessed_is_one_line_that_asks(self, written):
        chapter = written.page.split('id="c6"')[1].split("</section")[0]
        text = plain("<p " + chapter)
        assert "Not assessed. Supply API contracts under contracts/" in text
        assert not re.search(r"\d", text.split("Not assessed")[1])

    def test_what_failed_says_so_in_plain_words(self, written):
        assert "currency without an exchange rate (USD)" in written.page.split('id="c4"')[1]

    def test_without_a_summary_it_says_how_many_questions_are_answered(self, results):
        alone = results.model_copy(update={"chapters": results.questions})
        assert "Of 9 questions, 7 are answered" in plain(render(alone, generated=GENERATED).page)

    def test_unmasked_values_are_announced(self, results):
        shown = render(results.model_copy(update={"values_shown": True}), generated="").page
        assert "shows values of the client's data" in plain(shown).replace("\u2019", "'")


def test_every_finding_has_one_card_numbered_by_severity(results, cards):
    found = [card for card in cards.values() if card[1].split(" · ")[0].endswith("finding")]
    assert sorted(title for title, _, _ in found) == sorted(
        " ".join(f.title.split()) for f in results.findings
    )
    for number, entry in enumerate(results.ledger, 1):
        assert cards[f"l{number}"][0] == entry.finding.title
        assert cards[f"l{number}"][1].startswith(entry.finding.severity)


class TestHostileText:
    def test_it_stays_text(self, hostile):
        text, results = hostile
        report = render(results, generated=text)
        for name, file in report._asdict().items():
            read = Reader(file)
            assert {t for t, _ in read.tags} <= TAGS, name
            assert len(re.findall(r"<script[ >]", file)) == (2 if name == "page" else 0)
            assert not [a for _, attrs in read.tags for a in attrs if a.startswith("on") or a == "style"]
            assert {link.partition("#")[0] for link in read.files} <= {
                "actions.xlsx",
                "evidence.html",
                "report.html",
            }
            assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", file)
        assert "49" not in re.findall(r'<h1 id="h0">(.*?)</h1>', report.page, re.S)[0]

    def test_it_is_shown_as_it_was_written(self, filled):
        for text in ("<script>alert(1)</script>", "=cmd|'/c calc'!A1", "<!--"):
            assert text in Reader(render(filled(text), generated="").page).text

    def test_a_long_text_is_cut_and_says_how_long_it_is(self, filled):
        page = render(filled("x" * 100_000), generated="").page
        assert "(100,000 characters)" in page
        assert len(page.encode()) <= LIMIT

    def test_lone_surrogates_can_be_written(self, results):
        client = results.engagement.model_copy(update={"client": "a\ud800b"})
        for text in render(results.model_copy(update={"engagement": client}), generated=""):
            text.encode("utf-8")


def test_percentages_add_up_to_a_hundred():
    for counts in ((1, 1, 1), (64, 36, 20), (0, 0, 5), (1, 2, 996), (333, 333, 334)):
        shares = percentages(dict(zip("abc", counts, strict=True)))
        assert sum(shares.values()) == 100
