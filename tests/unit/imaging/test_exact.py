"""Exact intervals beside scipy's distributions, and where they end."""

import math

import pytest
from scipy.stats import beta, chi2

from cdss.evaluation.exact import rate, share


@pytest.mark.parametrize(("hits", "of"), [(2, 3), (1, 3), (17, 20), (1900, 2000)])
def test_a_share_has_the_interval_of_clopper_and_pearson(hits: int, of: int) -> None:
    low, high = share(hits, of).ci95 or (math.nan, math.nan)
    assert low == pytest.approx(beta.ppf(0.025, hits, of - hits + 1), abs=1e-9)
    assert high == pytest.approx(beta.ppf(0.975, hits + 1, of - hits), abs=1e-9)


def test_all_of_three_says_little() -> None:
    """3 of 3: the lower end is the cube root of .025."""
    found = share(3, 3)
    assert found.value == 1
    assert found.ci95 == pytest.approx((0.025 ** (1 / 3), 1))
    assert share(0, 3).ci95 == pytest.approx((0, 1 - 0.025 ** (1 / 3)))


@pytest.mark.parametrize(("events", "units"), [(1, 3), (7, 2), (250, 3)])
def test_a_rate_has_the_interval_of_garwood(events: int, units: int) -> None:
    low, high = rate(events, units).ci95 or (math.nan, math.nan)
    assert low == pytest.approx(chi2.ppf(0.025, 2 * events) / 2 / units)
    assert high == pytest.approx(chi2.ppf(0.975, 2 * events + 2) / 2 / units)


def test_no_false_mark_on_three_scans_may_still_be_one_on_each() -> None:
    assert rate(0, 3).ci95 == pytest.approx((0, -math.log(0.025) / 3))


def test_of_nothing_nothing_is_known() -> None:
    for found in (share(0, 0), rate(0, 0)):
        assert math.isnan(found.value)
        assert found.ci95 is None
