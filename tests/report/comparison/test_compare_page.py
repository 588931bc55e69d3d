"""`assess compare`: its exit codes, and its page as a reader sees it."""

import json
import re
import subprocess
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe

from assess.report.comparison import compare
from assess.report.comparison.changes import open_runs
from assess.report.comparison.page import write_page
from assess.report.comparison.result import RunComparison
from assess.report.page import unpacked

pytestmark = pytest.mark.slow

ASSESS = [sys.executable, "-m", "assess.cli", "compare"]
TREND = ("first", "answers", "prices", "all")
HOSTILE = "<script>alert(1)</script> \u202egnp.exe =1+1 {{ 7*7 }} <!--"


def call(*arguments):
    return subprocess.run([*ASSESS, *map(str, arguments)], capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def pages(made, tmp_path_factory):
    """A page of two runs, one of four, and one full of hostile texts."""
    folder = tmp_path_factory.mktemp("pages")
    found = {
        "two": compare(open_runs([made["first"], made["all"]])),
        "trend": compare(open_runs([made[name] for name in TREND])),
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
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'\sid="([^"]+)"', page))
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
    assert done.returncode == 0, done.stderr
    assert "Present cost of the best option" in done.stdout
    assert "Different prices" in done.stdout
    for name in ("page.html", "page-evidence.html"):
        assert (tmp_path / name).read_text("utf-8").startswith("<!doctype html>")
    done = call(made["first"], made["all"], "--format", "json")
    assert RunComparison.from_json(done.stdout).client == "Example Ltd"


def test_bad_input_is_named_all_at_once_with_exit_code_2(made, tmp_path):
    done = call(made["first"], tmp_path / "gone", tmp_path)
    assert done.returncode == 2
    assert "gone: does not exist" in done.stderr
    assert f"{tmp_path}: holds no results.json" in done.stderr
    assert "Traceback" not in done.stderr
    assert call(made["first"]).returncode == 2
    assert call().returncode == 2
    done = call(made["first"], made["all"], "-o", tmp_path / "no" / "folder" / "x.html")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
