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

from assess.report.page import unpacked, whole

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "data" / "samples"
LIMIT = 1_600_000
"""Bytes of the page. A third of it is the drawing library, a sixth the ledger, which stays readable and searchable."""

PERSONAL = re.compile(
    r"mail|phone|name|company|street|iban|vat_|_no$|_id$|debtor|order_ref|account_manager|owner|drawing|nbr$|^part$",
    re.I,
)
"""Columns that hold names, addresses or identifiers."""


@pytest.fixture(scope="module", params=["lead_to_cash", "legacy_manufacturer"])
def left(request, tmp_path_factory):
    """The sample's folder, and the folder that a run of it left."""
    out = tmp_path_factory.mktemp("sample") / request.param
    sample = SAMPLES / request.param
    command = [sys.executable, "-m", "assess.cli", "run", sample, "-o", out, "-p", "draws", "500", "--time", "2026-11-22T09:00"]  # fmt: skip
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    return sample, out


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
        if path.suffix == ".html":
            found[name] = html.unescape(found[name] + unpacked(found[name], "data").decode())
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


def test_every_number_of_the_page_resolves_to_its_evidence(left):
    page = whole((left[1] / "report.html").read_text("utf-8"))
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    links = {link[1:] for link in re.findall(r'href="(#[^"]+)"', page)}
    assert links <= set(ids), sorted(links - set(ids))[:5]
    assert "no recorded source" not in page
    assert "not described further" not in page, re.findall(r"<dt><i>\d+</i> ([^<]*) <span[^>]*>named by", page)[:5]  # fmt: skip
    numbers = re.findall(r'<t[dh] [^>]*data-value="[^"]*" class="n"[^>]*>(.*?)(?=</?t[dhrb])', page, re.S)
    assert len(numbers) > 100
    assert [cell for cell in numbers if 'href="#e' not in cell] == []
    cards = re.findall(r'<div class="card" id="[^"]+"><b>(.*?)</b>', page)
    assert cards
    assert [card for card in cards if re.search(r"\d", card) and 'href="#e' not in card] == []


def test_what_an_entry_rests_on_is_an_entry(left):
    page = whole((left[1] / "report.html").read_text("utf-8"))
    entries = {int(n) for n in re.findall(r'<div id="e(\d+)">', page)}
    assert entries == set(range(1, len(entries) + 1))
    for listed in re.findall(r'<p class="rests many">Rests on (.*?)\.</p>', page):
        for first, _, last in (part.partition("–") for part in listed.split(", ")):
            assert {int(first), int(last or first)} <= entries


def test_the_files_that_the_page_names_lie_beside_it(left):
    page = (left[1] / "report.html").read_text("utf-8")
    named = set(re.findall(r'href="([^"#][^"]*)"', page))
    assert "actions.xlsx" in named
    assert [name for name in named if not (left[1] / name).is_file()] == []


def test_the_workbook_counts_what_the_page_counts(left):
    page = (left[1] / "report.html").read_text("utf-8")
    said = int(re.search(r"<b>(\d+)</b> finding", page)[1])
    book = openpyxl.load_workbook(left[1] / "actions.xlsx", read_only=True)
    assert book["Findings"].max_row - 1 == said == len(re.findall(r'<tr id="l\d+"', page))


def test_the_page_is_small_enough_to_be_mailed(left):
    assert (left[1] / "report.html").stat().st_size <= LIMIT
