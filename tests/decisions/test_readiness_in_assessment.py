"""How readiness and risk reach the cost, through the assessment of a whole engagement."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assess.decisions.assessment import Assessment
from assess.report.chapters import readiness_and_risk, roadmap

MINIMAL = Path(__file__).parents[2] / "data" / "samples" / "minimal"


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(MINIMAL, tmp_path / "minimal"))


def test_without_answers_or_risks_the_cost_is_not_moved_and_says_so(folder):
    assessment = Assessment.open(folder, draws=300)
    assert assessment.losses is None
    assert not assessment.shifts
    assert any("risks were not assessed" in note for note in assessment.cost.notes)
    chapter = readiness_and_risk(assessment)
    assert chapter.state == "not_assessed" and chapter.missing and not chapter.facts
    assert roadmap(assessment).state == "assessed"


def test_a_failed_gate_and_a_stated_risk_raise_the_cost(folder):
    before = Assessment.open(folder, draws=300).cost
    (folder / "readiness.csv").write_text(
        "practice,answer,respondent\n" + "".join(f"stakeholder-buy-in/scope-agreed,0,{who}\n" for who in "AB")
    )
    (folder / "risks.csv").write_text(
        "id,name,category,frequency,loss_low,loss_high\nblind,Nobody sees it,testing,4,1000,9000\n"
    )
    assessment = Assessment.open(folder, draws=300)
    after = assessment.cost
    for old, new in zip(before.options, after.options, strict=True):
        assert new.npv.mean > old.npv.mean
        assert next(line.present_value for line in new.lines if line.line == "losses") > 0
    chapter = readiness_and_risk(assessment)
    assert chapter.state == "assessed"
    assert {gate.key: gate.state for gate in chapter.gates}["select"] == "closed"
    known = {source.id for source in chapter.evidence()}
    assert not {id for source in chapter.evidence() for id in source.of} - known
