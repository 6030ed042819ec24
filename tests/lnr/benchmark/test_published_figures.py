"""Every figure in data/ recomputed: what others printed to their printed digit, what was worked out by hand to six decimals."""

import csv
from pathlib import Path

import pytest

from models.lnr.benchmark import limits
from models.lnr.benchmark.statistics import trend
from models.lnr.benchmark.statistics.chance import binomial, poisson

DATA = Path(__file__).parent / "data"


def rows(name):
    with (DATA / name).open(newline="") as file:
        return [{key: _number(value) for key, value in row.items()} for row in csv.DictReader(file)]


def _number(text):
    try:
        return float(text)
    except ValueError:
        return text


def lines(row, suffix=""):
    """{q: (lower, upper)} as a file gives them."""
    return {q: (row[f"lower{level}{suffix}"], row[f"upper{level}{suffix}"]) for q, level in ((0.025, "95"), (0.001, "998"))}


def six(pair):
    return pytest.approx(pair, abs=6e-7)


@pytest.mark.parametrize("row", rows("limits-proportion-normal.csv"), ids=lambda row: f"n={row['n']:.0f}")
def test_normal_limits_of_phe(row):
    for q, (low, high) in lines(row).items():
        found = limits.normal_limits(row["n"], row["p_percent"] / 100, q)
        assert (100 * found[0], 100 * found[1]) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize("row", rows("limits-smr-chisquare.csv"), ids=lambda row: f"E={row['expected']:.0f}")
def test_chi_square_limits_of_funnelplotr(row):
    for q, pair in lines(row).items():
        assert limits.chi_square_limits(row["expected"], q) == six(pair)


@pytest.mark.parametrize("row", rows("limits-ratio-exact.csv"), ids=lambda row: f"o={row['observed']:.0f}")
def test_the_expected_count_whose_interval_touches_the_observed_one(row):
    for q, level in ((0.025, "95"), (0.001, "998")):
        low, high = limits.mean_interval(row["observed"], q)
        assert (high, low) == pytest.approx((row[f"expected_lower{level}"], row[f"expected_upper{level}"]), rel=1e-4)


@pytest.mark.parametrize("row", rows("worked-proportion-exact.csv"), ids=lambda row: f"n={row['n']:.0f} p={row['p']}")
def test_exact_funnel_of_a_proportion(row):
    for q, pair in lines(row).items():
        assert limits.proportion_limits(row["n"], row["p"], q) == six(pair)
    spread = binomial(int(row["n"]), row["p"])
    quantiles = [spread.quantile(level) for level in (0.025, 0.975, 0.001, 0.999)]
    assert quantiles == [row["k025"], row["k975"], row["k001"], row["k999"]]


@pytest.mark.parametrize("row", rows("worked-smr-prediction.csv"), ids=lambda row: f"E={row['expected']}")
def test_exact_funnel_of_a_ratio(row):
    for q, pair in lines(row).items():
        assert limits.ratio_limits(row["expected"], q) == six(pair)
    quantiles = [poisson(row["expected"]).quantile(level) for level in (0.025, 0.975, 0.001, 0.999)]
    assert quantiles == [row["k025"], row["k975"], row["k001"], row["k999"]]


@pytest.mark.parametrize("row", rows("worked-midp.csv"), ids=lambda row: f"o={row['observed']:.0f}")
def test_mid_p_interval(row):
    pair = row["mean_lower"], row["mean_upper"]
    assert limits.ratio_interval(row["observed"], 1) == pytest.approx(pair, abs=6e-6)
    assert limits.ratio_interval(row["observed"], 4) == pytest.approx([value / 4 for value in pair], abs=6e-6)


@pytest.mark.parametrize("row", rows("worked-wilson.csv"), ids=lambda row: f"{row['events']:.0f}/{row['n']:.0f}")
def test_wilson_interval(row):
    assert limits.rate_interval(row["events"], row["n"]) == six((row["lower95"], row["upper95"]))


def test_overdispersion_of_ratios():
    units = rows("worked-overdispersion-ratio.csv")
    found = limits.overdispersion_ratio([unit["observed"] for unit in units], [unit["expected"] for unit in units])
    _is_overdispersion(found, units)
    for unit in units:
        for q, pair in lines(unit).items():
            assert limits.adjusted_ratio_limits(unit["expected"], q, found[3]) == six(pair)


def test_overdispersion_of_proportions():
    units = rows("worked-overdispersion-proportion.csv")
    found = limits.overdispersion_proportion([unit["events"] for unit in units], [unit["n"] for unit in units])
    _is_overdispersion(found, units)
    target = sum(unit["events"] for unit in units) / sum(unit["n"] for unit in units)
    for unit in units:
        assert target == pytest.approx(unit["target"], abs=6e-7)
        for q, pair in lines(unit).items():
            assert limits.adjusted_proportion_limits(unit["n"], target, q, found[3]) == six(pair)


def _is_overdispersion(found, units):
    z, cut, phi, tau2 = found
    assert z == six([unit["z"] for unit in units])
    assert cut == six([unit["z_winsorised"] for unit in units])
    assert (phi, tau2) == pytest.approx((units[0]["phi"], units[0]["tau2"]), abs=6e-7)


def test_p_chart():
    quarters = rows("worked-pchart.csv")
    chart = trend.p_chart([quarter["events"] for quarter in quarters], [quarter["n"] for quarter in quarters])
    assert chart.centre == pytest.approx(quarters[0]["baseline_p"], abs=6e-7)
    assert chart.limits == [six((quarter["lower_exact"], quarter["upper_exact"])) for quarter in quarters]
    assert chart.three_sigma == [six((quarter["lower3s"], quarter["upper3s"])) for quarter in quarters]
    # Quarters 13 to 16 lie above the centre and inside: a run of four is no signal.
    assert (chart.signals, chart.run, chart.longest) == ([], 4, 7)


@pytest.mark.parametrize("row", rows("worked-radar.csv"), ids=lambda row: f"{row['births']:.0f} {row['reported']:.0f}")
def test_radar(row):
    expected = row["births"] * row["incidence_per_10000"] / 10_000
    assert expected == pytest.approx(row["expected"], abs=6e-7)
    assert limits.ratio_tails(row["reported"], expected) == six((row["p_this_few"], row["p_this_many"]))


def test_nicu_stays_of_2018():
    bands = rows("nicu-stays-2018.csv")
    for band in bands:
        assert round(100 * limits.rate(band["admitted"], band["live_births"]), 1) == band["percent"]
        assert round(band["nicu_days"] / band["admitted"]) == band["mean_days"]
    assert (sum(band["admitted"] for band in bands), sum(band["nicu_days"] for band in bands)) == (1403, 32433)
    assert round(32433 / 1403, 1) == 23.1


@pytest.mark.parametrize("row", rows("mortality-2016.csv"), ids=lambda row: str(row["gestation"]))
def test_neonatal_mortality_of_2016(row):
    # The counts are rounded after weighting: within 3%, within half a child, or within the last printed digit.
    found = 1000 * limits.rate(row["neonatal_deaths"], row["live_births"])
    assert found == pytest.approx(row["neonatal_per_1000"], rel=0.03, abs=max(0.1, 500 / row["live_births"]))
