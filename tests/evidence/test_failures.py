"""How often integrations fail, against published conjugate examples and simulated registers."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace as Some

import numpy as np
import pytest
from scipy.stats import gamma

from assess.core.estimate import Estimate
from assess.evidence.reconcile import PRIOR_YEARS, posterior_rate, read_register, unnoticed
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement, Incident

DAY = dt.datetime(2026, 1, 1)


def at(days, id="x", integration="i0", noticed=None, resolved=None):
    """Return an incident so many days after the start of the year, noticed and resolved after some hours."""
    start = DAY + dt.timedelta(days=days)
    return Incident(
        id=f"{id}{days}", integration=integration, started=start,
        detected=None if noticed is None else start + dt.timedelta(hours=noticed),
        resolved=None if resolved is None else start + dt.timedelta(hours=resolved),
    )  # fmt: skip


def engaged(tmp_path, *incidents):
    return Engagement(folder=tmp_path, client="Test", assumptions=Assumptions(), incidents=incidents)


def logged(first, until):
    return Some(
        traffic=[Some(first_day=(DAY + dt.timedelta(days=first)).date())],
        as_of=DAY + dt.timedelta(days=until),
    )


def test_asthma_mortality_of_gelman_et_al():
    """Bayesian Data Analysis, 3rd ed., section 2.6: Gamma(3, 5) and 3 deaths in 2 (100,000 persons) give Gamma(6, 7), mean .86;
    30 deaths in 20 give Gamma(33, 25), mean 1.32. The prior of 5 units is half a year of ours, so a unit is a tenth."""
    prior = Estimate.point(3 / PRIOR_YEARS)
    small, large = posterior_rate(prior, 3, 0.2), posterior_rate(prior, 30, 2.0)
    assert small.mean / 10 == pytest.approx(6 / 7) == pytest.approx(0.86, abs=0.005)
    assert large.mean / 10 == pytest.approx(33 / 25)
    assert small.low / 10 == pytest.approx(gamma.ppf(0.005, 6, scale=1 / 7))
    assert large.high / 10 == pytest.approx(gamma.ppf(0.995, 33, scale=1 / 25))


def test_the_pert_of_a_rate_has_the_spread_of_its_posterior():
    """Standard deviation of the beta-PERT by (mu - a)(b - mu) / 7 (Vose 2008, eq. III.24) against sqrt(shape) / time."""
    rate = posterior_rate(Estimate.point(20), 40, 1.0)
    spread = ((rate.mean - rate.low) * (rate.high - rate.mean) / 7) ** 0.5
    assert spread == pytest.approx(50**0.5 / 1.5, rel=0.05)


@pytest.mark.parametrize("stated", [0.0004, 0.01, 0.3, 2.0, 50.0])
@pytest.mark.parametrize("events", [0, 1, 12])
def test_the_mean_is_that_of_the_posterior_whatever_its_shape(stated, events):
    rate = posterior_rate(Estimate.point(stated, "events/year"), events, 0.75)
    assert rate.mean == pytest.approx((stated * 0.5 + events) / 1.25)
    assert rate.unit == "events/year"


def test_half_a_year_of_observation_counts_as_much_as_what_was_stated():
    stated = Estimate(low=1, likely=2, high=9)
    assert posterior_rate(stated, 5, 0.5).mean == pytest.approx((stated.mean + 10) / 2)
    assert posterior_rate(stated, 0, 0.0) == stated
    assert posterior_rate(Estimate.point(0), 0, 3.0) == Estimate.point(0)
    assert posterior_rate(Estimate.point(0), 3, 1.0).mean == pytest.approx(2)
    with pytest.raises(ValueError, match="no observation"):
        posterior_rate(stated, -1, 1.0)


def test_silence_lowers_and_more_incidents_raise_a_rate():
    stated = Estimate.point(4)
    means = [posterior_rate(stated, events, 1.0).mean for events in range(9)]
    assert means == sorted(means) and means[0] < 4 < means[8]
    widths = [posterior_rate(stated, 4 * years, years).high for years in (1, 2, 8, 64)]
    assert widths == sorted(widths, reverse=True)


def test_a_register_begins_with_its_logs(tmp_path):
    register = read_register(engaged(tmp_path, at(40), at(10), at(70, integration="i1")), logged(0, 90))
    assert (register.count(), register.count(("i0",)), register.count(("i9",))) == (3, 2, 0)
    assert register.years == pytest.approx(90 / 365.25)


def test_a_register_without_logs_begins_with_its_first_incident_which_does_not_count(tmp_path):
    register = read_register(engaged(tmp_path, at(40), at(10), at(70, resolved=24)), None)
    assert register.count() == 2
    assert register.years == pytest.approx(61 / 365.25)
    earlier = read_register(engaged(tmp_path, at(40), at(10)), logged(30, 90))
    assert (earlier.count(), earlier.begins) == (1, DAY + dt.timedelta(days=10))


def test_simulated_registers_without_logs_give_the_rate_that_made_them(tmp_path):
    """Counting the first incident as well would say a tenth too much at ten events."""
    rng = np.random.default_rng(11)
    found = []
    for _ in range(200):
        days = np.cumsum(rng.exponential(365.25 / 10, 60))
        known = [at(float(day)) for day in days if day < 365.25]
        end = Incident(id="end", started=DAY + dt.timedelta(days=365.25))
        register = read_register(engaged(tmp_path, *known, end), None)
        found.append(((register.count() - 1), register.years))
    events, years = (sum(column) for column in zip(*found, strict=True))
    assert events / years == pytest.approx(10, rel=0.05)


def test_nobody_knows_when_it_began(tmp_path):
    assert read_register(engaged(tmp_path), logged(0, 9)) is None
    assert read_register(engaged(tmp_path, Incident(id="x", integration="i0")), logged(0, 9)) is None


def test_offsets_are_one_clock(tmp_path):
    zone = dt.timezone(dt.timedelta(hours=2))
    aware = Incident(id="a", started=dt.datetime(2026, 1, 1, 1, tzinfo=zone))
    register = read_register(engaged(tmp_path, aware, at(10)), None)
    assert register.begins == dt.datetime(2025, 12, 31, 23)


@pytest.mark.parametrize(
    ("incident", "counts"),
    [(at(0, noticed=2), True), (at(0, noticed=1), False), (at(0, resolved=0.5), False), (at(0, resolved=3), True),
     (at(0), True), (at(0, noticed=0.5, resolved=9), False), (Incident(id="n"), False)],
)  # fmt: skip
def test_unnoticed_is_later_than_the_limit(incident, counts):
    assert unnoticed(dt.timedelta(hours=1))(incident, DAY + dt.timedelta(days=3)) is counts


def test_the_source_of_a_measured_rate_counts(tmp_path):
    register = read_register(engaged(tmp_path, at(10), at(20, noticed=5)), logged(0, 90))
    rate = register.measured(Estimate.point(1), (), unnoticed(dt.timedelta(hours=1)), "late ones")
    assert rate.source.id == "ms:operations/incidents"
    assert rate.source.detail == "2 late ones in 90 days until 2026-04-01"
    assert register.measured(Estimate.point(1), ("i0",)).source.detail.startswith("2 incidents in 90 days")
