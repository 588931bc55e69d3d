"""What tests share: a browser, the assessed samples, and a user's folders of their own."""

import functools
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from assess.core import signature
from assess.core.cache import Cache
from assess.decisions.assessment import Assessment

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
CHROMIUM = Path(os.environ.get("ASSESS_CHROMIUM", "/usr/bin/chromium"))


@pytest.fixture(scope="session")
def chromium():
    """Debian's Chromium; without one the tests skip, in CI they fail."""
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{CHROMIUM} is missing: install chromium, or name it in ASSESS_CHROMIUM")
        pytest.skip(f"no browser: {CHROMIUM} is missing")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield browser
        browser.close()


@functools.cache
def assess_sample(name):
    """Assess a sample engagement, each once a session: what an assessment answers is frozen, so that tests share it."""
    assessment = Assessment.open(SAMPLES / name, draws=2_000)
    assessment._cache = Cache(None)
    return assessment


@pytest.fixture(scope="session")
def sample():
    """Function that gives the assessment of a sample by its name."""
    return assess_sample


def pytest_configure(config):
    """Let no test use the cache and the key of whoever runs it; the workers of a session share one of their own."""
    if not hasattr(config, "workerinput"):
        os.environ[signature.STATE] = config._assess_state = tempfile.mkdtemp(prefix="assess-test-state-")
        os.environ["JUPYTER_DATA_DIR"] = os.path.join(
            config._assess_state, "jupyter"
        )  # signatures of notebooks


def pytest_unconfigure(config):
    """Remove it."""
    if folder := getattr(config, "_assess_state", ""):
        shutil.rmtree(folder, ignore_errors=True)
