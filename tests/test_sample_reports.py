"""What a run of each sample leaves: nothing of the extracts shows, every number is traced, the page is small."""

import csv
import gzip
import html
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from large_engagement import enlarge

from assess.report.cards import Card
from assess.report.page import read_cards, unpacked

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "data" / "samples"
LIMIT, ELEMENTS = 500_000, 6_000
"""Bytes of the page, most of them its cards, compressed; and elements when it is opened."""

PERSONAL = re.compile(
    r"mail|phone|name|company|street|iban|vat_|_no$|_id$|debtor|order_ref|account_manager|owner|drawing|nbr$|^part$",
    re.I,
)
"""Columns that hold names, addresses or identifiers."""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Function that runs an engagement and gives the folder that this left; each once."""

    @cache
    def ran(engagement: Path) -> Path:
        out = tmp_path_factory.mktemp("sample") / engagement.name
        command = [sys.executable, "-m", "assess.cli", "run", engagement, "-o", out, "-p", "draws", "500", "--time", "2026-11-22T09:00"]  # fmt: skip
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=1800)
        assert done.returncode == 0, done.stderr
        return out

    return ran


@pytest.fixture(scope="module", params=["lead_to_cash", "legacy_manufacturer"])
def left(request, run):
    """The sample's folder, and the folder that a run of it left."""
    sample = SAMPLES / request.param
    return sample, run(sample)


@cache
def vocabulary() -> frozenset[str]:
    """Words that the program itself uses: a value that is one of them tells nobody anything."""
    kinds = ("*.py", "*.j2", "*.yaml", "*.js")
    files = [path for kind in kinds for path in (ROOT / "src").rglob(kind)]
    return frozenset(re.findall(r"\w+", " ".join(path.read_text("utf-8") for path in files).casefold()))


def told(sample: Path) -> str:
    """What the client told us of the engagement itself, which a report may repeat."""
    return " ".join(p.read_text("utf-8") for p in sorted(sample.iterdir()) if p.suffix in (".csv", ".yaml") and p.name != "_ledger.csv")  # fmt: skip


def personal(sample: Path) -> set[str]:
    """Every value of the personal columns that identifies somebody or something."""
    stated, found = told(sample), set()
    for path in sorted((sample / "extracts").iterdir()):
        text = path.read_text("utf-8", errors="replace")
        dialect = csv.Sniffer().sniff(text[:2000], ",;\t")
        for row in csv.DictReader(text.splitlines(), dialect=dialect):
            found |= {value.strip() for key, value in row.items() if key and value and PERSONAL.search(key)}
    return {value for value in found if _identifies(value) and value not in stated}


def _identifies(value: str) -> bool:
    if re.fullmatch(r"[\d.,]+", value):
        return value.isdigit() and len(value) >= 7  # a shorter one may be a count
    words = re.findall(r"\w+", value.casefold())
    return len(value) >= 4 and not all(word in vocabulary() or len(word) < 3 for word in words)


def texts(out: Path) -> dict[str, str]:
    """Everything readable that a run left, by file."""
    found = {}
    for path in sorted(p for p in out.rglob("*") if p.is_file()):
        name = path.relative_to(out).as_posix()
        if path.suffix == ".xlsx":
            cells = (
                c.value for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for c in row
            )
            found[name] = "\n".join(str(value) for value in cells if value is not None)
        elif path.suffix == ".gz":
            found[name] = gzip.decompress(path.read_bytes()).decode()
        else:
            found[name] = path.read_text("utf-8")
        if path.name == "report.html":
            found[name] += unpacked(found[name]).decode()
        if path.suffix == ".html":
            found[name] = html.unescape(found[name])
        if path.suffix in (".json", ".ipynb"):
            found[name] = json.dumps(json.loads(found[name]), ensure_ascii=False)
    return found


def test_no_value_of_a_personal_column_shows_anywhere(left):
    sample, out = left
    values = personal(sample)
    assert len(values) > 500
    parts = {value: re.findall(r"\w+", value) for value in values}
    shown = {}
    for name, text in texts(out).items():
        words = set(re.findall(r"\w+", text))
        near = [value for value, own in parts.items() if own[0] in words and words.issuperset(own)]
        found = [value for value in near if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text)]
        shown |= {name: found} if found else {}
    assert shown == {}


def test_the_search_finds_what_is_not_masked(left):
    """The test above can fail: the extracts themselves are full of what it looks for."""
    sample, _ = left
    values = personal(sample)
    first = next(path for path in sorted((sample / "extracts").iterdir()) if "orders" in path.name or "customers" in path.name)  # fmt: skip
    assert any(value in first.read_text("utf-8", errors="replace") for value in values)


def cards(out: Path) -> list[Card]:
    """The cards of the page."""
    return read_cards((out / "report.html").read_text("utf-8"))


def test_every_number_of_the_page_has_its_card_in_both_files(left):
    page, flat = ((left[1] / name).read_text("utf-8") for name in ("report.html", "evidence.html"))
    held = [id for id, *_ in cards(left[1])]
    assert re.findall(r'<article id="([^"]+)"', flat) == held and len(held) == len(set(held))
    ids = set(re.findall(r'\sid="([^"]+)"', flat))
    assert set(re.findall(r'href="#([^"$]+)"', flat)) <= ids
    led = set(re.findall(r'href="evidence\.html#([^"]+)"', page))
    assert len(led) > 50 and led <= ids and {re.sub(r"\.\d+$", "", id) for id in led - set(held)} <= set(held)
    assert set(re.findall(r'href="#([^"$]+)"', page)) <= set(re.findall(r'\sid="([^"]+)"', page))
    assert "not described further" not in flat
    numbers = re.findall(r'class="n"><span>(.*?)</span>', page)
    assert len(numbers) > 30
    assert [cell for cell in numbers if re.search(r"\d", cell) and 'href="evidence.html#' not in cell] == []


def test_every_number_of_a_fact_says_what_it_rests_on(left):
    found = [(title, part) for _, title, where, part in cards(left[1]) if where.startswith("number")]
    assert found
    assert [
        title for title, part in found if re.search(r'class="big">\D{0,3}\d', part) and "Rests on" not in part
    ] == []


def test_the_files_that_the_page_names_lie_beside_it(left):
    pages = ((left[1] / name).read_text("utf-8") for name in ("report.html", "evidence.html"))
    named = {link for page in pages for link in re.findall(r'href="([^"#]+)[^"]*"', page)} - {"data:,"}
    assert {"actions.xlsx", "evidence.html", "report.html"} <= named
    assert [name for name in named if not (left[1] / name).is_file()] == []


def test_the_workbook_counts_what_the_page_counts(left):
    page = (left[1] / "report.html").read_text("utf-8")
    said = int(re.search(r"actions.xlsx</a>, (\d+) finding", page)[1])
    book = openpyxl.load_workbook(left[1] / "actions.xlsx", read_only=True)
    found = [where for _, _, where, _ in cards(left[1]) if re.match(r"\w+ finding ·", where)]
    assert book["Findings"].max_row - 1 == said == len(found)


SCREEN, COUNTS = (
    {"width": 1280, "height": 900},
    """() => ({
  words: document.body.innerText.split(/\\s+/).filter(word => word).length,
  brief: document.getElementById("brief").innerText.split(/\\s+/).filter(word => word).length,
  elements: document.querySelectorAll("*").length,
  highest: Math.max(...[...document.querySelectorAll("section.ch")].map(one => one.getBoundingClientRect().height)),
  first: (document.querySelector(".opts") ?? document.querySelector(".five")).getBoundingClientRect().bottom,
})""",
)


@pytest.mark.browser
@pytest.mark.parametrize("name", ["minimal", "legacy_manufacturer", "lead_to_cash", "two hundred"])
def test_the_page_keeps_the_limits_of_its_design(name, run, tmp_path_factory, chromium):
    """500 kB, 6,000 elements, 4,000 words; a brief of 600 words and two sheets; a chapter a screen, all of it on twelve sheets, with 200 integrations on thirteen."""
    large = name == "two hundred"
    engagement = (
        enlarge(SAMPLES / "lead_to_cash", tmp_path_factory.mktemp("large") / "large")
        if large
        else SAMPLES / name
    )
    path = run(engagement) / "report.html"
    assert path.stat().st_size <= LIMIT
    page = chromium.new_page(viewport=SCREEN, offline=True)
    page.goto(path.as_uri())
    found = page.evaluate(COUNTS)
    assert found["elements"] <= ELEMENTS and found["words"] <= 4_000 and found["brief"] <= 600, found
    assert found["highest"] <= SCREEN["height"], found
    sheets = page.pdf(format="A4").count(b"/Type /Page\n")
    assert sheets <= 2
    page.evaluate("document.documentElement.classList.add('all')")
    assert page.pdf(format="A4").count(b"/Type /Page\n") <= (13 if large else 12)
    page.close()
