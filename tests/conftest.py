"""What tests share: a browser, the assessed samples, and a user's folders of their own."""

import functools
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from assess.core import signature
from assess.core.isolation import skip_slow_grammar
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
    """Assess a sample engagement, each once a session: what an assessment answers is frozen, so that tests share it.

    The workers of a session share what is measured by the session's own cache, see `pytest_configure`.
    """
    return Assessment.open(SAMPLES / name, draws=2_000)


@pytest.fixture(scope="session")
def sample():
    """Function that gives the assessment of a sample by its name."""
    return assess_sample


def pytest_configure(config):
    """Let no test use the cache and the key of whoever runs it; the workers of a session share one of their own.

    They are the threads: libraries of linear algebra that start some of their own wait for each other on the same cores. And
    the hundreds of processes that tests start read what is compiled.
    """
    skip_slow_grammar()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if not hasattr(config, "workerinput"):
        os.environ[signature.STATE] = config._assess_state = tempfile.mkdtemp(prefix="assess-test-state-")
        os.environ["JUPYTER_DATA_DIR"] = os.path.join(
            config._assess_state, "jupyter"
        )  # signatures of notebooks


LONGEST_FIRST = (
    "decisions/test_one_answer.py",
    "hostile/test_faults.py",
    "report/test_stress.py",
    "test_sample_reports.py",
    "test_job.py",
    "report/test_reuse.py",
    "report/comparison/test_comparison.py",
    "evidence/quality/test_findings_agree.py",
    "intake/test_round_trip.py",
    "report/test_jupyter_browser.py",
    "decisions/test_sensitivity.py",
    "report/test_sceptics_walk.py",
    "samples/test_told.py",
    "hostile/test_disclosure.py",
    "hostile/test_mailed_folder.py",
    "hostile/test_children.py",
    "report/test_browser.py",
    "test_stopping.py",
    "report/test_cost_model_files.py",
    "evidence/quality/test_engines_agree.py",
)
"""Files of tests that take minutes: they start first, so that all workers end at about the same time."""


def pytest_collection_modifyitems(items):
    """Put the files that take longest first; the order within a file stays."""
    place = {Path(__file__).parent / name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


def pytest_unconfigure(config):
    """Remove it."""
    if folder := getattr(config, "_assess_state", ""):
        shutil.rmtree(folder, ignore_errors=True)
