"""What to ask first: each answer moves what the decision, taken anew with it, says that it moves."""

import dataclasses
from typing import get_args

import numpy as np
import pytest

from assess.decisions import framework
from assess.decisions.assessment import Assessment
from assess.decisions.decision.deciding import find_rule
from assess.decisions.decision.options import OptionsBeside
from assess.decisions.questions.variations import STANDS_IN, _values, open_questions
from assess.intake.asking import roles
from assess.intake.engagement.landscape import Integration

BARE = {
    "engagement.yaml": "client: Bare Ltd\n",
    "systems.csv": "id\na\nb\n",
    "integrations.csv": "id,source,target\nx,a,b\n",
}


@pytest.fixture
def bare(tmp_path):
    for name, text in BARE.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def assessed(bare):
    return Assessment.open(bare, draws=200)


def decided_again(assessment, engagement):
    """Return the gain and the codes of the decision taken from the beginning for another engagement."""
    inputs = dataclasses.replace(assessment.evidence_inputs, engagement=engagement, shifts=())
    _, rule = find_rule(inputs, framework.fit(engagement, draws=50), 7)
    ruling = rule.ruling()
    beside = OptionsBeside(rule, ruling)
    standing = beside._priced(beside._standing())
    return standing.npv - ruling.recommended.npv, ruling.recommended.codes


def test_each_answer_moves_what_the_decision_taken_anew_says(assessed):
    found = {question.id: question for question in assessed.questions.ranked}
    inputs = assessed.evidence_inputs
    terms = dataclasses.replace(inputs, assignments=None).terms()
    _, now = decided_again(assessed, inputs.moved)
    tried = agreeing = 0
    for one in open_questions(inputs.moved, assessed.stated, terms):
        if one.question.id.startswith(("assumptions/", "engagement/")):
            continue
        question = found[one.question.id]
        for variation, gain in zip(one.variations, question.gains, strict=True):
            exact, codes = decided_again(assessed, variation.engagement)
            tried += 1
            agreeing += abs(exact - gain) <= 0.01 * max(abs(exact), abs(assessed.questions.gain))
            if not np.array_equal(codes, now):
                assert question.flips, (question.id, question.gains)
    assert tried >= 30
    assert agreeing / tried >= 0.9


def test_the_order_is_by_money_and_a_missing_value_stream_comes_first(assessed):
    found = assessed.questions
    first, *rest = found.ranked
    assert first.id == "value_stream/step" and first.gate and first in found.client
    assert [q.swing for q in rest] == sorted((q.swing for q in rest), reverse=True)
    # what the programme loses, spread over the horizon, is what it has to save a year: Brealey and Myers, annuity
    rate, years = 0.06, assessed.engagement.horizon_years
    assert first.pays_from == pytest.approx(-found.gain * rate / (1 - (1 + rate) ** -years), rel=1e-4)


def test_every_question_says_who_answers_and_where(assessed):
    for question in assessed.questions.ranked:
        assert question.role in roles() and question.ask and question.where, question.id
    volume = next(q for q in assessed.questions.ranked if q.id == "integrations/volume")
    assert volume.where == "integrations.csv, column volume, row 2"
    assert (volume.role, volume.unit) == ("operations", "messages/month")


def test_what_is_answered_is_not_asked_again(bare):
    before = {q.id for q in Assessment.open(bare, draws=50).questions.ranked}
    (bare / "integrations.csv").write_text("id,source,target,volume,build_days\nx,a,b,2000,12\n")
    (bare / "engagement.yaml").write_text(
        "client: Bare Ltd\nteam: {day_rate: 700}\nassumptions: {people.wage: 80000}\ndate: 2026-10-01\n"
    )
    after = {q.id for q in Assessment.open(bare, draws=50).questions.ranked}
    gone = {
        "integrations/volume",
        "integrations/build_days",
        "engagement/team.day_rate",
        "assumptions/people.wage",
    }
    assert gone <= before and not gone & after


def test_examples_of_the_template_count_as_not_answered(tmp_path):
    from assess import intake

    found = Assessment.open(intake.init(tmp_path / "new"), draws=50).questions
    states = {cell.state for q in found.ranked if q.id == "integrations/criticality" for cell in q.cells}
    assert states == {"template"}


def test_a_cell_moves_no_more_than_all_of_them_where_costs_add_up(tmp_path):
    for name, text in BARE.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "integrations.csv").write_text("id,source,target,build_days\nx,a,b,\ny,b,a,\nz,a,b,15\n")
    found = next(
        q for q in Assessment.open(tmp_path, draws=50).questions.ranked if q.id == "integrations/build_days"
    )
    assert [cell.row for cell in found.cells] in (["x", "y"], ["y", "x"])
    assert all(0 < cell.swing < found.swing for cell in found.cells)


def test_the_default_that_stands_in_is_not_asked_beside_its_column(assessed):
    ids = {q.id for q in assessed.questions.ranked}
    assert not {f"assumptions/{key}" for key in STANDS_IN.values()} & ids


@pytest.mark.parametrize(
    "field", ["partner", "native_connector", "criticality", "governance", "interaction", "style_today"]
)
def test_of_words_each_that_the_cell_may_hold_is_tried_once(assessed, field):
    """Except that nothing runs: whether it does is no question of how it is connected."""
    allowed = get_args(Integration.model_fields[field].annotation)
    held = {
        word
        for one in allowed
        for word in (get_args(one) or (one,))
        if word not in (None, type(None), "none")
    }
    held = {False, True} if bool in held else held
    made = assessed.engagement
    tried = [value(made, made.integrations[0]) for value in _values(made, field)]
    assert len(tried) == len(set(tried)) and set(tried) == held
