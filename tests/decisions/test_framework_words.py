"""What the ranking means, word by word: findings, missing answers, facts with their sources."""

from __future__ import annotations

from types import SimpleNamespace as Some

import pytest

from assess.core.source import Source
from assess.decisions.decision.candidates import nearest_miss
from assess.decisions.decision.findings import _last_resorts, _lonely, _unskilled
from assess.decisions.framework import facts, findings, fit, missing
from assess.decisions.framework.constraints import LOAD
from assess.decisions.framework.ranking import BYPASS
from assess.decisions.framework.result import InputFlip
from assess.intake.engagement import Team
from assess.intake.engagement.landscape import Integration

LINE = Source(kind="input", place="integrations.csv", row=2)


def ids(sources):
    return [source.id for source in sources]


def check(constraint, reason, feasible_if="", of=(), slack=None):
    return Some(constraint=constraint, reason=reason, feasible_if=feasible_if, of=of, slack=slack)


def style(name, *exclusions, score=0.5, warnings=(), terms=(), checks=()):
    return Some(
        style=name,
        exclusions=exclusions,
        score=score,
        low=0.4,
        high=0.9,
        warnings=warnings,
        terms=terms,
        checks=checks,
    )


def fitted(id="i0", *, winner="ipaas", runner_up="api-first", near=0.9, styles=(), **more):
    held = styles or (style("ipaas", score=0.7), style("api-first"))
    values = {
        "integration": id, "label": f"label {id}", "winner": winner, "runner_up": runner_up, "shares_stated": {winner: near},
        "margin": 0.12345, "weight_flip": None, "input_flip": None, "styles": held, "settled": False, "would_have_to_change": (),
        "style": lambda name: next(item for item in held if item.style == name),
    }  # fmt: skip
    return Some(**{**values, **more})


def engagement(make, *ids_, skills=None):
    team = Team(skills=skills or {}, origin=Source(kind="input", place="engagement.yaml", row=6))
    rows = tuple(
        Integration(id=id, source="a", target="b", owner=f"of {id}", origin=LINE) for id in ids_ or ("i0",)
    )
    return make(1, integrations=rows, team=team)


def test_nothing_feasible_in_words(make):
    styles = (
        style("ipaas", check("c", "too slow"), check("d", "no region")),
        style("api-first", check("e", "no API")),
    )
    lost = fitted(
        winner=None, styles=styles, would_have_to_change=("one", "two", "three", "four"), shares_stated={}
    )
    (found,) = findings(engagement(make), (lost,))
    assert (found.id, found.section, found.severity) == ("framework/i0/infeasible", "framework", "critical")
    assert found.title == "No integration style is feasible for label i0"
    assert found.evidence == "too slow, no region; no API"
    assert found.impact == "The integration cannot be built until one of the constraints changes."
    assert found.action == "Change one of these: one; two; three"
    assert (found.owner, found.integrations, ids(found.sources)) == (
        "of i0",
        ("i0",),
        ["in:integrations.csv:2"],
    )


def test_database_access_in_words(make):
    styles = (
        style("database-access", warnings=("Past its rules.", "x")), style("file-exchange", check("r", "no file", "it offered file")),
        style("api-facade", check("l", "too slow", "60 s were enough"), check("m", "far", "near")), style("ipaas", check(LOAD, "in 65% of cases", "a hundred a second were enough", slack=-0.3)),
        style("api-first", check("q", "no port", "y"), score=0.9),
    )  # fmt: skip
    last = fitted(winner="database-access", styles=styles)
    (found,) = _last_resorts(engagement(make), (last,), {"i0": "database-access"})
    assert (found.id, found.section, found.severity) == ("decision/i0/database-access", "framework", "high")
    assert found.title == "label i0 is left to the database: nothing else meets what is stated"
    assert found.evidence == "no file; too slow; far; bought platform: in 65% of cases; no port"
    assert found.impact == BYPASS
    assert found.action == (
        "Ask the owner of the system for a file export or a thin API layer: files, possible if it offered file; "
        "API in front, possible if 60 s were enough and near. "
        "Nearest of the others: bought platform, possible if a hundred a second were enough"
    )
    assert (found.owner, found.integrations, ids(found.sources)) == (
        "of i0",
        ("i0",),
        ["in:integrations.csv:2"],
    )


def test_what_misses_by_least():
    """A load that is carried in too few cases by the cases that lack; a thing that lacks counts as a whole; then the better fit."""
    slow, slower = (
        style(name, check(LOAD, "", slack=slack), score=0.1)
        for name, slack in (("ipaas", -0.3), ("api-facade", -0.58))
    )
    deaf, dumb = (
        style(name, check("protocol reach", "", slack=-1.0), score=score)
        for name, score in (("api-first", 0.7), ("event-driven", 0.8))
    )
    both = style("file-exchange", check(LOAD, "", slack=-0.01), check("interaction pattern", ""), score=0.9)
    for styles, nearest in (
        ((deaf, slower, slow, both), "ipaas"),
        ((deaf, dumb, both), "event-driven"),
        ((slower, deaf), "api-facade"),
    ):
        assert nearest_miss(fitted(styles=styles)).style == nearest
        assert nearest_miss(fitted(styles=styles[::-1])).style == nearest
    assert nearest_miss(fitted(styles=(both, style("ipaas")))) is None


@pytest.mark.parametrize(("skill", "said"), [(0.49, True), (0.5, False)])
def test_little_skill_in_words(make, skill, said):
    chosen = {"i0": "ipaas", "i1": "ipaas", "i2": "api-first", "i3": "api-first"}
    found = list(_unskilled(engagement(make, skills={"ipaas": skill}), chosen))
    assert bool(found) == said
    if said:
        (one,) = found
        assert (one.id, one.section, one.severity) == ("decision/ipaas/skill", "framework", "medium")
        assert one.title == "The team's experience with a bought platform is 49%, chosen for 2 integrations"
        assert one.evidence == "team.skills: ipaas 0.49"
        assert one.impact == "Slower building and more rework until the team has run the style in production."
        assert (
            one.action
            == "Train or hire for a bought platform before the first of these integrations, or pilot it on a small one."
        )
        assert (one.integrations, ids(one.sources)) == (("i0", "i1"), ["in:engagement.yaml:6:skills"])


def test_a_style_for_one_integration_in_words(make):
    (found,) = _lonely({"i0": "ipaas", "i1": "ipaas", "i2": "event-driven"})
    assert (found.id, found.section, found.severity) == (
        "decision/event-driven/single-use",
        "framework",
        "low",
    )
    assert found.title == "One integration alone would use events"
    assert found.evidence == "i2 is the only integration assigned to it"
    assert found.impact == "A style of its own has to be learnt, run and monitored for a single connection."
    assert found.action == "Check whether i2 can use a style that is adopted anyway."
    assert (found.integrations, ids(found.sources)) == (("i2",), ["ca:decision/assignment/i2"])
    assert list(_lonely({"i0": "ipaas"})) == []


def flip(becomes, unit, to="api-first"):
    return InputFlip(
        criterion="latency",
        was=1.0,
        becomes=becomes,
        unit=unit,
        to=to,
        distance=0.1,
    )


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        (flip(90.0, "s"), "latency at 90 s puts api-first first"),
        (flip("bulk", ""), "latency at bulk puts api-first first"),
        (flip(0.256, "share", None), "latency at 26% puts nothing first"),
        (flip(1234567.0, "messages/month"), "latency at 1.235e+06 messages/month puts api-first first"),
    ],
)
def test_a_fragile_winner_in_words(make, turn, said):
    close = fitted(near=0.594, weight_flip=Some(moved=0.0512, to="api-first"), input_flip=turn)
    (found,) = findings(engagement(make), (close,))
    assert (found.id, found.section, found.severity) == ("framework/i0/fragile", "framework", "low")
    assert found.title == "label i0: ipaas leads api-first in only 59% of the weightings near yours"
    assert found.evidence == f"lead 0.123; moving 5.1% of the weight brings api-first level; {said}"
    assert found.impact == "The choice depends on the weights more than on the integration."
    assert found.action == "Agree on the weights with the owners, or let the cost decide between the two."
    assert (found.integrations, ids(found.sources)) == (("i0",), ["ca:framework/robustness/i0"])


def test_a_winner_is_fragile_below_sixty_percent_against_a_rival(make):
    sure = fitted(near=0.6)
    alone = fitted(near=0.1, runner_up=None)
    bare = fitted(near=0.1, margin=None)
    assert findings(engagement(make), (sure, alone)) == ()
    assert findings(engagement(make), (bare,))[0].evidence == ""


def term(criterion, stated):
    return Some(criterion=criterion, stated=stated, of=(f"in:{criterion}", "as:w"))


def test_missing_integrations_in_words():
    assert missing((fitted("i0"),)) == ()
    (none,) = missing(())
    assert (none.section, none.supply, none.changes) == (
        "framework", "the integrations, in integrations.csv", "Each integration gets the style that fits it.",
    )  # fmt: skip


def test_facts_in_words(make):
    best = style(
        "ipaas", score=0.7, terms=(term("volume", True),), checks=(check("c", "r", of=("as:c", "as:w")),)
    )
    won = fitted("i0", styles=(best, style("api-first")), settled=True, near=0.83)
    lost = fitted("i1", winner=None, shares_stated={})
    found = facts((won, lost))
    assert [(f.id, f.label, f.value, f.unit, f.low, f.high) for f in found] == [
        ("framework.unserved", "Integrations for which no style is feasible", 1, "", None, None),
        ("framework.unsettled", "Integrations whose best fit an open answer could change", 1, "", None, None),
        ("framework.i0.winner", "label i0: best fit", "ipaas", "", None, None),
        ("framework.i0.score", "label i0: score of ipaas, with the range that open answers leave", 0.7, "", 0.4, 0.9),
        ("framework.i0.robustness", "label i0: share of weightings near the stated ones in which ipaas is first", 0.83, "share", None, None),
        ("framework.i1.winner", "label i1: best fit", None, "", None, None),
    ]  # fmt: skip
    chosen, score = found[0].sources[0], found[2].sources[0]
    assert all(f.sources == (chosen,) for f in found[:2]) and all(f.sources == (score,) for f in found[2:5])
    assert (chosen.id, chosen.of) == (
        "ca:framework/fit",
        ("ca:framework/score/i0", "ca:framework/score/i1"),
    )
    assert chosen.detail == "hard constraints first, then the score"
    assert (score.id, score.of) == ("ca:framework/score/i0", ("in:volume", "as:w", "as:c"))
    assert score.detail == "sum of weight times value on fixed scales, after the hard constraints"
    assert facts(()) == ()


def test_a_skill_that_is_not_stated_has_no_source(make):
    held = engagement(make, skills={"ipaas": 0.5})
    found = {
        s.style: next(t for t in s.terms if t.criterion == "skill") for s in fit(held).integrations[0].styles
    }
    assert (found["ipaas"].level, found["ipaas"].stated) == ("50% experience", True)
    assert (found["api-first"].level, found["api-first"].stated) == ("not stated", False)
    assert "in:engagement.yaml:6:skills" in found["ipaas"].of
    assert "in:engagement.yaml:6:skills" not in found["api-first"].of
