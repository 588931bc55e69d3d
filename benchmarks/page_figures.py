"""What a report costs who opens it: size, words, paper, rules of accessibility, requests, and time on a slow machine.

    assess run data/samples/lead_to_cash -o reports/lead_to_cash
    python benchmarks/page_figures.py reports/lead_to_cash [reports/...] [--lighthouse node_modules/.bin/lighthouse]

Each folder is a report; without one the three samples and 200 integrations (`tests/large_engagement.py`) are run first. Chromium
is the one of the tests: /usr/bin/chromium, or what ASSESS_CHROMIUM names. Lighthouse comes from npm (``npm install lighthouse``)
and is asked only where it is named, over a server on this machine that sends the page compressed; the median of ``--rounds``.

"CPU" is the work of the page's own thread until it stands still, in seconds of that thread (``TaskDuration`` of the browser's
performance domain): unlike a clock it says little about who else uses the machine. "Opened" is the first paint by the clock with
the processor slowed down four times, the median of ``--rounds``.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import gzip
import http.server
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
CHROMIUM = os.environ.get("ASSESS_CHROMIUM", "/usr/bin/chromium")
SAMPLES = ("minimal", "legacy_manufacturer", "lead_to_cash")
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
CATEGORIES = ("performance", "accessibility", "best-practices")
FOREIGN = "fetch('https://example.org/').then(() => 'sent', () => 'refused')"
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
WAITING = "document.querySelector('.ch:not(.laid)') !== null"
INJECTED = """() => {
  const add = (name, text) => document.head.append(Object.assign(document.createElement(name), { textContent: text }));
  add("script", "window.ran = true");
  add("style", "h1 { font-size: 1px }");
  return window.ran === undefined && getComputedStyle(document.querySelector("h1")).fontSize !== "1px";
}"""


def samples(work: Path) -> list[Path]:
    """Run the samples and an engagement of 200 integrations; return the folders of their reports."""
    sys.path.insert(0, str(ROOT / "tests"))
    from large_engagement import enlarge

    folders = [ROOT / "data/samples" / name for name in SAMPLES]
    folders.append(enlarge(folders[-1], work / "200_integrations"))
    for folder in folders:
        command = [
            Path(sys.executable).parent / "assess",
            "run",
            folder,
            "-o",
            work / "reports" / folder.name,
        ]
        subprocess.run(command, check=True, capture_output=True)
    return [work / "reports" / folder.name for folder in folders]


def opened(browser: Browser, file: Path, view: dict[str, int], scheme: str = "light", **more: Any) -> Page:
    """Open a page without a network in a context of its own; what it asks for is counted in ``page.asked``."""
    context = browser.new_context(viewport=view, color_scheme=scheme, offline=True, **more)
    page = context.new_page()
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(file.as_uri())
    while page.evaluate(WAITING):
        page.wait_for_timeout(50)
    return page


def sizes(browser: Browser, file: Path) -> dict[str, Any]:
    """Count what is in the page, in print, and on a screen of 1280."""
    page = opened(browser, file, WIDE)
    words = "part => document.querySelector(part).innerText.split(/\\s+/).filter(Boolean).length"
    found = {
        "report.html, kB": round(file.stat().st_size / 1000),
        "elements": page.evaluate("document.querySelectorAll('*').length"),
        "words: all, the brief": [page.evaluate(words, part) for part in ("body", ".brief")],
        "tallest chapter at 1280, px": page.evaluate(
            "Math.round(Math.max(...[...document.querySelectorAll('.ch')].map(part => part.getBoundingClientRect().height)))"
        ),
        "requests": len(page.asked) - 1,
    }
    paper = [pages(page)]
    page.evaluate("document.documentElement.classList.add('all')")
    paper.append(pages(page))
    found["A4 pages: brief, with chapters"] = paper
    page.context.close()
    return found


def pages(page: Page) -> int:
    """Count the sheets of A4 that the page is printed on."""
    return page.pdf(format="A4", prefer_css_page_size=True).count(b"/Type /Page\n")


def broken(browser: Browser, file: Path) -> tuple[int, int]:
    """Return how many rules of axe the page breaks, over all states, and in how many states it was asked."""
    rules, states = 0, 0
    for view in (WIDE, NARROW):
        for scheme in ("light", "dark"):
            page = opened(browser, file, view, scheme)
            for step in (lambda: None, functools.partial(unfold, page), functools.partial(card, page), functools.partial(search, page)):  # fmt: skip
                step()
                rules += len(Axe().run(page).response["violations"])
                states += 1
            page.context.close()
    return rules, states


def unfold(page: Page) -> None:
    """Open every fold."""
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")


def card(page: Page, number: int = 0) -> None:
    """Click a number of the brief and wait for its card."""
    page.evaluate("number => document.querySelectorAll('.brief a[href*=\"#n-\"]')[number].click()", number)
    page.locator("#card[open] h2").wait_for()


def search(page: Page) -> None:
    """Look for a word that every report holds."""
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("cost")
    page.keyboard.press("Enter")
    page.locator("#card[open] .hits").wait_for()


def refuses(browser: Browser, file: Path) -> bool:
    """Whether the page's policy refuses a script, a style and a request that are injected into it."""
    page = opened(browser, file, WIDE)
    held = page.evaluate(INJECTED) and page.evaluate(FOREIGN) == "refused"
    page.context.close()
    return bool(held)


def speed(browser: Browser, file: Path, rounds: int) -> dict[str, Any]:
    """Time the page on a processor that is four times slower: first paint, the first card, and a later one."""
    took: list[tuple[float, ...]] = []
    for _ in range(rounds):
        page = browser.new_context(viewport=NARROW, offline=True).new_page()
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        page.goto(file.as_uri())
        while (paint := page.evaluate(PAINTED)) is None or page.evaluate(WAITING):
            page.wait_for_timeout(100)
        held = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        cards = []
        for number in (0, 1):
            started = page.evaluate("performance.now()")
            card(page, number)
            cards.append(page.evaluate("performance.now()") - started)
            page.keyboard.press("Escape")
        took.append((held["TaskDuration"] * 1000, held["LayoutDuration"] * 1000, paint, *cards))
        page.context.close()
    work, layout, paint, first, later = (
        round(statistics.median(column)) for column in zip(*took, strict=True)
    )
    return {
        "processor 4 times slower: work of the page, of which layout, ms": [work, layout],
        "first paint, ms": paint,
        "the first card, a later one, ms": [first, later],
    }


class Compressed(http.server.SimpleHTTPRequestHandler):
    """A server that sends files compressed, as every server of web pages does."""

    def do_GET(self) -> None:
        """Send a file of the folder."""
        content = gzip.compress(Path(self.translate_path(self.path)).read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine alone; give its address."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Compressed, directory=folder)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def lighthouse(command: Path, file: Path, rounds: int) -> dict[str, Any]:
    """Ask Lighthouse as a phone and as a desktop; the median of each score, and of the first paint of a phone."""
    found: dict[str, Any] = {}
    with served(file.parent) as address:
        for device, more in (("phone", ()), ("desktop", ("--preset=desktop",))):
            reports = []
            for _ in range(rounds):
                told = subprocess.run(
                    [command.absolute(), f"{address}/{file.name}", "--output=json", "--quiet", *more,
                     f"--only-categories={','.join(CATEGORIES)}", "--chrome-flags=--headless=new --no-sandbox --disable-gpu"],
                    check=True, capture_output=True, env={**os.environ, "CHROME_PATH": CHROMIUM},
                )  # fmt: skip
                reports.append(json.loads(told.stdout))
            scores = [[round(r["categories"][key]["score"] * 100) for r in reports] for key in CATEGORIES]
            found[f"Lighthouse, {device}: {', '.join(CATEGORIES)}"] = [
                int(statistics.median(s)) for s in scores
            ]
            paint = [r["audits"]["first-contentful-paint"]["numericValue"] for r in reports]
            found[f"Lighthouse, {device}: each performance; first paint, ms"] = [
                *scores[0],
                round(statistics.median(paint)),
            ]
    return found


def main() -> None:
    """Print the figures of each report, one column a report."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("reports", type=Path, nargs="*", help="folders of reports")
    ask.add_argument("--lighthouse", type=Path, help="the command of Lighthouse, from npm")
    ask.add_argument("--rounds", type=int, default=3)
    options = ask.parse_args()
    columns = {}
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        folders = options.reports or samples(Path(work))
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        for folder in folders:
            file = folder.resolve() / "report.html"
            found = sizes(browser, file)
            found["axe: rules broken, states"] = broken(browser, file)
            found["an injected script, style and request"] = (
                "refused" if refuses(browser, file) else "NOT refused"
            )
            found |= speed(browser, file, options.rounds)
            if options.lighthouse:
                found |= lighthouse(options.lighthouse, file, options.rounds)
            columns[folder.name] = found
        browser.close()
    print(f"load {os.getloadavg()[0]:.0f}\n\n| | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for row in dict.fromkeys(key for found in columns.values() for key in found):
        held = (found.get(row, "") for found in columns.values())
        print(f"| {row} | {' | '.join(re.sub(r'[][()]', '', str(value)) for value in held)} |")


if __name__ == "__main__":
    main()
