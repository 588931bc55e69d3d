"""Time value of money against published worked examples."""

from __future__ import annotations

import numpy as np
import numpy_financial
import pytest
from discounting import npv, single
from hypothesis import given
from hypothesis import strategies as st

from assess.decisions.cost import finance

# usnistgov/blcc, BLCC 5.3-19 reports of 2020: Heating/Cooling System, FEMP, real 3 %, 15 years, end of year.


def femp(initial, omr, once, replacement, residuals, energy):
    """Return the present values of the rows of the comparative analysis."""
    rate = 0.03
    yearly, (late, late_year) = omr, once
    return {
        "initial": initial,
        "energy": energy,
        "omr": yearly * finance.annuity_factor(rate, 15) + single(rate, late, late_year),
        "replacement": single(rate, replacement, 10),
        "residual": -single(rate, residuals, 15),
    }


EXISTING = femp(1500, 50, (200, 10), 600, 1500 * 0.10 + 600 * 0.50, 13_784)
NEW = femp(3000, 100, (600, 8), 0, 3000 * 0.25, 9_419)


def test_nist_blcc_femp_rows():
    assert finance.annuity_factor(0.03, 15) * 50 == pytest.approx(597, abs=0.5)
    assert single(0.03, 200, 10) == pytest.approx(149, abs=0.5)
    assert EXISTING["replacement"] == pytest.approx(446, abs=0.5)
    assert EXISTING["residual"] == pytest.approx(-289, abs=0.5)
    assert finance.annuity_factor(0.03, 15) * 100 == pytest.approx(1194, abs=0.5)
    assert single(0.03, 600, 8) == pytest.approx(474, abs=0.5)
    assert NEW["residual"] == pytest.approx(-481, abs=0.5)
    assert EXISTING["omr"] == pytest.approx(746, abs=0.6)
    assert NEW["omr"] == pytest.approx(1668, abs=0.6)


def test_nist_blcc_femp_life_cycle_cost_and_measures():
    old, new = sum(EXISTING.values()), sum(NEW.values())
    assert old == pytest.approx(16_187, abs=1)
    assert new == pytest.approx(13_605, abs=1)
    assert old - new == pytest.approx(2_582, abs=1)
    investment = ("initial", "replacement", "residual")
    savings = sum(EXISTING[row] - NEW[row] for row in ("energy", "omr"))
    added = sum(NEW[row] - EXISTING[row] for row in investment)
    assert savings == pytest.approx(3_443, abs=1)
    assert added == pytest.approx(861, abs=1)
    assert old / finance.annuity_factor(0.03, 15) == pytest.approx(1_356, abs=0.5)
    assert new / finance.annuity_factor(0.03, 15) == pytest.approx(1_140, abs=0.5)


def test_nist_blcc_femp_payback_years():
    energy = (13_784 - 9_419) / finance.annuity_factor(0.03, 15)
    flows = np.full(16, energy - 50.0)
    flows[0] = -1500
    flows[8] -= 600
    flows[10] += 200 + 600
    assert finance.payback(flows) == 5
    assert finance.payback(flows / 1.03 ** np.arange(16)) == 6


# usnistgov/blcc, federal analysis, financed project: Lighting/Daylighting, nominal 3.1 %, 15 years.

ENERGY_RATES = [-3.93, -3.44, 1.24, 1.85, 0.57, 2.45, 1.95, 0.57, -0.04, 0.35, 0.77, 0.76, 0.84, 0.21, 0.02]


def escalated(amount, rates):
    """An amount in prices of the base date after the escalation of each year."""
    return amount * np.cumprod(1 + np.asarray(rates))


def worth(flows, first=1):
    return npv(0.031, [0.0] * first + list(flows))


def test_nist_blcc_federal_financed():
    energy = escalated(49_801, [rate / 100 for rate in ENERGY_RATES])
    omr = escalated(5_600, [0.001] * 15)
    contract = worth([67_000] * 10)
    late = worth(escalated(3_000, [0.001] * 15)[10:], first=11)
    residual = -single(0.031, 99_094, 15)
    assert worth(energy) == pytest.approx(585_002, rel=5e-4)
    assert contract == pytest.approx(568_558, rel=5e-4)
    assert worth(omr) == pytest.approx(66_856, rel=5e-4)
    assert late == pytest.approx(10_224, rel=5e-4)
    assert residual == pytest.approx(-62_662, rel=5e-4)


def test_nist_blcc_federal_financed_totals():
    """Existing: energy 585,002, demand (the rest of 1,005,494 with OM&R 66,856); new: 666,818."""
    demand = escalated(30_105.5, [rate / 100 for rate in ENERGY_RATES])
    energy = escalated(49_801, [rate / 100 for rate in ENERGY_RATES])
    omr = escalated(5_600, [0.001] * 15)
    assert worth(energy + demand + omr) == pytest.approx(1_005_494, rel=5e-4)


def test_nist_blcc_cash_flow_report_energy_by_year():
    """BLCC 5.3-19 cash flow analysis of the same project: energy consumption, first and last years."""
    energy = escalated(49_801, [rate / 100 for rate in ENERGY_RATES])
    printed = {0: 47_844, 1: 46_200, 2: 46_768, 4: 47_905, 7: 50_321, 14: 51_798}
    for year, amount in printed.items():
        assert energy[year] == pytest.approx(amount, rel=3e-4)
    assert energy.sum() == pytest.approx(743_937, rel=3e-4)
    omr = escalated(5_600, [0.001] * 15)
    assert [round(float(value)) for value in omr[:4]] == [5606, 5611, 5617, 5622]
    assert omr.sum() == pytest.approx(84_675, abs=2)


def test_nist_blcc_federal_financed_sum_of_all_cash_flows():
    """The alternative's printed yearly totals, discounted, are its printed life-cycle cost."""
    printed = [
        79_325, 78_901, 79_047, 79_270, 79_340, 79_642, 79_888, 79_963, 79_958, 80_003,
        16_136, 16_238, 16_352, 16_383, -82_706,
    ]  # fmt: skip
    assert worth(printed) == pytest.approx(666_818, rel=5e-4)


@pytest.mark.parametrize(
    ("rate", "years", "spv", "upv"),
    [(0.03, 10, 0.744, 8.53), (0.03, 15, 0.642, 11.94), (0.03, 20, 0.554, 14.88), (0.03, 25, 0.478, 17.41)],
)
def test_nist_handbook_135_discount_factors(rate, years, spv, upv):
    assert single(rate, 1, years) == pytest.approx(spv, abs=5e-4)
    assert finance.annuity_factor(rate, years) == pytest.approx(upv, abs=5e-3)


def test_numpy_financial_documented_npv():
    assert npv(0.08, [-40_000, 5_000, 8_000, 12_000, 30_000]) == pytest.approx(3065.22267, abs=5e-6)
    assert npv(0.281, [-100, 39, 59, 55, 20]) == pytest.approx(-0.0084785916384548798, abs=1e-12)


@given(
    st.floats(-0.5, 1.0),
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30),
)
def test_npv_is_that_of_numpy_financial(rate, flows):
    assert npv(rate, flows) == pytest.approx(float(numpy_financial.npv(rate, flows)), rel=1e-9, abs=1e-3)


def test_dora_roi_calculator():
    """dora-team/dora.dev, tests of the ROI calculator: inputs of decision-model oracle 4."""
    staff, salary = 500, 176_000
    tools = staff * (250 + 80 + 9_600) + 100_000
    curve = staff * salary * 0.15 * 3 / 12
    cost = tools + curve
    saved = staff * salary * 0.125
    features = (56 - 50) * 0.33 * 0.005 * 100_000_000
    downtime = (50 * 0.05 - 56 * 0.06) * 4 * 100_000
    gain = saved + features + downtime
    assert (tools, curve, cost) == (5_065_000, 3_300_000, 8_365_000)
    assert (saved, round(features), round(downtime)) == (11_000_000, 990_000, -344_000)
    assert gain == pytest.approx(11_646_000)
    assert gain / cost - 1 == pytest.approx(0.39, abs=0.005)
    assert gain - cost == pytest.approx(3_281_000)
    month = finance.payback([-cost, *[gain / 12] * 12])
    assert month == 9
    assert (month - 1) / 12 < 0.72 <= month / 12


def test_fisher_rates_are_inverse():
    assert finance.nominal_rate(0.03, 0.02) == pytest.approx(0.0506)
    assert finance.real_rate(0.0506, 0.02) == pytest.approx(0.03)


def test_annuity_without_interest_is_the_number_of_years():
    assert finance.annuity_factor(0, 5) == 5
    assert finance.annuity_factor(0.1, 2) == pytest.approx(1 / 1.1 + 1 / 1.21)


@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        ([-10, 4, 4, 4], 3),
        ([-10, 5, 5], 2),
        ([-10, 5, 4], None),
        ([0, 1], 0),
        ([-1, 2, -3, 4], 3),
        ([5], 0),
        ([-5], None),
    ],
)
def test_payback_is_the_period_from_which_it_stays_paid(flows, expected):
    assert finance.payback(flows) == expected
