"""Runs of one engagement, made without notebooks: the chapters are asked directly."""

import datetime as dt

import pytest

from assess import intake
from assess.core.cache import Cache
from assess.decisions.assessment import Assessment
from assess.decisions.snapshot import Snapshot
from assess.report import chapters
from assess.report.comparison.changes import keep
from assess.report.execution import Outcome
from assess.report.notebook_display import rounded
from assess.report.run import gather, write

ASKED = {
    1: chapters.value_stream,
    2: chapters.data_quality,
    5: chapters.total_cost,
    8: chapters.readiness_and_risk,
}
WHEN = dt.datetime(2026, 11, 22, 9)


def leave(engagement, place, cache, **settings):
    """Leave a run as `assess run` does, of four chapters."""
    assessment = Assessment(engagement, **{"draws": 300, **settings})
    assessment._cache = cache
    found = {
        number: Outcome(type(chapter).model_validate(rounded(chapter.model_dump(mode="json"))), "")
        for number, chapter in ((number, ask(assessment)) for number, ask in ASKED.items())
    }
    place.mkdir()
    write(gather(assessment.stated, found, settings), place, WHEN)
    keep(Snapshot.of(assessment), place)
    return place


def swap(folder, name, before, after):
    path = folder / name
    text = path.read_text("utf-8")
    assert before in text, (name, before)
    path.write_text(text.replace(before, after), "utf-8")


def answers(folder):
    swap(folder, "engagement.yaml", "people: ", "people: 1")
    text = (folder / "readiness.csv").read_text("utf-8").splitlines()
    (folder / "readiness.csv").write_text("\n".join([*text[:-1], ""]), "utf-8")


def measurements(folder):
    text = (folder / "extracts" / "shop_customers.csv").read_text("utf-8").splitlines()
    (folder / "extracts" / "shop_customers.csv").write_text("\n".join([*text, *text[-3:], ""]), "utf-8")


def prices(folder):
    path = folder / "engagement.yaml"
    text = path.read_text("utf-8")
    more = '\nassumptions:\n  maintenance.custom: {low: 0.2, likely: 0.4, high: 0.6, source: "last year\'s projects", date: 2026-06-01}\n'
    assert "\nassumptions:" not in text
    path.write_text(text + more, "utf-8")


CHANGES = {"answers": answers, "measurements": measurements, "prices": prices}


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """By name, a run: of a new engagement as it is, with each part changed, with all, and with another seed."""
    folder = tmp_path_factory.mktemp("runs")
    cache = Cache(folder / "cache")

    def make(name, changes, **settings):
        engagement = intake.init(folder / "engagement" / name / "acme")
        for change in changes:
            CHANGES[change](engagement)
        return leave(intake.load(engagement), folder / name, cache, **settings)

    return {
        "first": make("first", ()),
        **{name: make(name, (name,)) for name in CHANGES},
        "all": make("all", tuple(CHANGES)),
        "seed": make("seed", (), seed=8),
    }
