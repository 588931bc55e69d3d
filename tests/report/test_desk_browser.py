"""Voila as a consultant uses it: open notebook 5, move a slider by keyboard, see the answer change."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from assess import intake

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PRESSES = 25
WITHIN = 20.0
"""Seconds in which an answer must follow a key; sanity only, the figure measured is printed."""

MEASURE = """() => {
  window.took = [];
  let pressed = 0;
  addEventListener("keydown", () => { pressed = performance.now(); }, true);
  const said = document.querySelector("p[role=status]").parentElement.parentElement;
  new MutationObserver(() => { if (pressed) { took.push(performance.now() - pressed); pressed = 0; } })
    .observe(said, { childList: true, subtree: true, characterData: true });
}"""


@contextlib.contextmanager
def served(command, folder, *more):
    """Serve the notebooks of a new engagement; give the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (folder / f"{command}.log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "assess.cli", command, "acme", "--no-browser", *(text.format(port=port) for text in more)],
        cwd=folder,
        stdout=log,
        stderr=subprocess.STDOUT,
        env={**os.environ, "JUPYTER_PLATFORM_DIRS": "1"},
        start_new_session=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 120
        while not _answers(address):
            assert server.poll() is None, (folder / f"{command}.log").read_text()
            assert time.monotonic() < until, f"{command} did not start"
            time.sleep(0.3)
        yield address
    finally:
        os.killpg(server.pid, 15)
        server.wait(timeout=30)
        log.close()


def _answers(address):
    try:
        urllib.request.urlopen(address, timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("desk")
    intake.init(place / "acme")
    return place


def follows(page, name):
    """Press a key on the slider of the day rate many times; each time verdict and figure must follow."""
    page.locator(".noUi-handle").first.wait_for(timeout=240_000)
    labels = [text for text in page.locator(".widget-label").all_inner_texts() if text]
    place = next(n for n, text in enumerate(labels) if text.startswith("Cost of one person-day"))
    handle = page.locator(".noUi-handle").nth(place)
    handle.scroll_into_view_if_needed()
    page.wait_for_selector(".js-plotly-plot .bars path", state="attached", timeout=60_000)
    said = page.locator("p[role=status]").first
    page.evaluate(MEASURE)
    page.wait_for_timeout(2_000)  # widgets are live a moment after they are drawn
    handle.focus()
    drawn = page.locator(".widget-vbox .js-plotly-plot .bars").first
    before, picture = said.inner_text(), drawn.inner_html()
    for place in range(PRESSES):
        page.keyboard.press("ArrowRight" if place < PRESSES - 5 else "ArrowLeft")
        end = time.monotonic() + WITHIN
        while len(page.evaluate("took")) <= place:
            assert time.monotonic() < end, f"no answer to key press {place + 1}"
            page.wait_for_timeout(10)
    assert said.inner_text() != before
    assert drawn.inner_html() != picture
    took = sorted(page.evaluate("took"))
    print(f"{name}: key press to verdict, median {took[len(took) // 2]:.0f} ms, p95 {took[int(len(took) * 0.95)]:.0f} ms")  # fmt: skip


def test_voila_follows_the_keyboard(folder, chromium):
    more = ("--port={port}", "--Voila.ip=127.0.0.1", "--Voila.allow_origin=*")
    with served("serve", folder, *more) as address:
        page = chromium.new_context().new_page()
        page.goto(f"{address}/voila/render/5_total_cost.ipynb", timeout=240_000)
        follows(page, "Voila")
        assert page.locator(".jp-CodeCell .jp-InputArea-editor, .highlight").count() == 0, "code is shown"
        page.context.close()
