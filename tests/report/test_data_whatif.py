"""The data what-if: the engine's own verdicts and price at the start, and what moving a threshold must do."""

import numpy as np
import pandas as pd
import pytest

from assess.core.estimate import Estimate
from assess.evidence import quality
from assess.evidence.quality.pricing import price_work
from assess.evidence.quality.verdicts import judge_fitness
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import ExtractTable, Integration, System
from assess.report.whatif.quality import ASSUMED, VERDICTS, what_if

RATE = Estimate(low=600, likely=850, high=1200, unit="EUR/day")


def made(folder):
    """Two tables that meet, dirty on purpose; one with gaps only, one with a few typing errors, one that is empty."""
    rng, n = np.random.default_rng(3), 300
    towns = np.array(["Hamburg", "Berlin", "Stuttgart", "Leipzig"])
    crm = pd.DataFrame(
        {
            "no": [f"C{i:04d}" for i in range(n)],
            "town": towns[rng.integers(0, 4, n)],
            "land": ["DE", "FR", "AT"] * 100,
            "phone": [f"0{30 + i % 9} {100000 + i}" if i % 3 else "" for i in range(n)],
            "amount": [f"{v:.2f}" for v in rng.normal(100, 5, n)],
        }
    )
    crm.loc[[5, 6, 7], "town"] = ["Hambrug", "Belrin", "Lepizig"]
    crm.loc[20:24, "amount"] = "n/a"
    crm.loc[299] = crm.loc[298]
    names = {"DE": "Germany", "FR": "France", "AT": "Austria"}
    billing = crm.assign(land=crm["land"].map(names)).drop(columns=["phone"])
    crm.to_csv(folder / "crm.csv", index=False)
    billing.to_csv(folder / "billing.csv", index=False)
    stock = pd.DataFrame({"town": towns[rng.integers(0, 4, n)], "bin": [f"B{i:04d}" for i in range(n)]})
    stock.assign(note=["seen" if i % 3 else "" for i in range(n)]).to_csv(folder / "bins.csv", index=False)
    stock.loc[range(5), "town"] = ["Hambrug", "Belrin", "Lepizig", "Stuttgrat", "Hmburg"]
    stock.to_csv(folder / "stock.csv", index=False)
    (folder / "lost.csv").write_text("")
    systems = tuple(
        System(id=id, tables=(ExtractTable(system=id, entity="customers", location=f"{id}.csv"),))
        for id in ("crm", "billing", "bins", "stock", "lost")
    )
    joined = (Integration(id="i1", source="crm", target="billing", entity="customers"),)
    return Engagement(
        folder=folder, client="x", assumptions=Assumptions(), systems=systems, integrations=joined
    )


@pytest.fixture(scope="module")
def engagement(tmp_path_factory):
    return made(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def result(engagement):
    return quality.assess(engagement)


@pytest.fixture(scope="module")
def model(engagement, result):
    return what_if(result, engagement.assumptions, RATE, "EUR")


def judged(result):
    return [v for v in result.verdicts if v.fitness != "not assessed"]


def test_at_the_start_it_says_what_the_engine_says(model, result):
    found, places = model.evaluate({}), judged(result)
    assert [VERDICTS[int(v) - 1] for v in found["verdict"]] == [v.fitness for v in places]
    assert found["days"] == pytest.approx([v.effort.likely if v.effort else 0 for v in places], abs=1e-3)
    assert found["share"] == pytest.approx([v.share for v in places], abs=1e-6)
    assert found["findings"].tolist() == [len(v.findings) for v in places]
    fact = next(f for f in result.facts if f.id == "data_quality.effort")
    assert found["all_days"] == pytest.approx(fact.value, abs=1e-2)
    assert found["all_cost"] == pytest.approx(fact.value * 850, abs=10)
    assert found["unfit_places"] == sum(v.fitness == "not fit" for v in places)


MOVES = {"floor": 0.9, "fit": 0.04, "unfit": 0.001, "rule_days": 3.0, "definition_days": 7.0, "pace": 20.0, "by_hand": 0.9}  # fmt: skip


@pytest.mark.parametrize("name", ASSUMED)
def test_a_moved_slider_gives_what_the_engine_gives_with_that_assumption(name, model, result, engagement):
    """Formulas against the Python engine run again on the same findings, one assumption at another place."""
    value = MOVES[name]
    key = ASSUMED[name][1]
    entry = engagement.assumptions.entry(key)
    there = entry.model_copy(update={"low": value, "likely": value, "high": value})
    moved = Assumptions(overrides={key: there})
    found = model.evaluate({name: value})
    known = {f.id: f for f in result.findings}
    for place, verdict in enumerate(judged(result)):
        findings = [known[id] for id in verdict.findings]
        works = [f.work for f in findings if f.work]
        days = sum(price_work(work, moved).likely for work in works)
        fitness, _ = judge_fitness(verdict.share, findings, moved)
        assert found["days"][place] == pytest.approx(days, abs=1e-3)
        assert VERDICTS[int(found["verdict"][place]) - 1] == fitness
    start = model.evaluate({})
    assert not all(np.array_equal(found[o.name], start[o.name]) for o in model.outputs)


def test_the_surer_the_reader_asks_the_less_is_counted(model, result):
    steps = [model.evaluate({"confidence": sure}) for sure in (0.0, 0.5, 0.8, 0.95, 1.0)]
    for name in ("all_findings", "all_days"):
        values = [float(step[name]) for step in steps]
        assert values == sorted(values, reverse=True) and values[0] > values[-1]
    known = {f.id: f for f in result.findings}
    for place, verdict in enumerate(judged(result)):
        sure = [known[id] for id in verdict.findings if known[id].confidence >= 0.8]
        assert steps[2]["findings"][place] == len(sure)
        assert steps[2]["days"][place] == pytest.approx(
            sum(f.effort.likely for f in sure if f.effort), abs=1e-3
        )


def test_the_price_follows_the_day_rate(model):
    one, two = model.evaluate({"day_rate": 400}), model.evaluate({"day_rate": 800})
    assert two["cost"] == pytest.approx(2 * one["cost"])
    assert one["days"].tolist() == two["days"].tolist()


def test_without_a_day_rate_it_counts_days(result, engagement):
    bare = what_if(result, engagement.assumptions, None, "EUR")
    assert "cost" not in bare.evaluate({}) and bare.evaluate({})["all_days"] > 0


def test_nothing_assessed_is_no_what_if(engagement):
    assert what_if(quality.QualityAssessment(), engagement.assumptions, RATE, "EUR") is None


def test_the_verdict_is_a_word(model):
    from assess.report.widgets import table

    text = str(table(model, model.evaluate({})))
    assert "fit after repair" in text
    assert "crm.customers → billing.customers" in text
