import pytest

from tests.support.lazily import Lazily

schedule = Lazily("training.detector.schedule")


def test_rates_worked_out_by_hand():
    rate = schedule.WarmupCosine(peak=0.4, warmup=4, steps=12)
    found = [float(rate(step)) for step in (0, 1, 3, 4, 6, 8, 10, 12, 99)]
    # a quarter, a half, all; then (1 + cos(pi * t)) / 2 at t = 0, 1/4, 1/2, 3/4, 1
    expected = [0.1, 0.2, 0.4, 0.4, 0.4 * 0.853553, 0.2, 0.4 * 0.146447, 0, 0]
    assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("warmup", [0, 12, 13])
def test_a_warm_up_as_long_as_the_run_is_refused(warmup):
    with pytest.raises(ValueError, match=f"warm-up of {warmup} steps in a run of 12"):
        schedule.WarmupCosine(peak=0.4, warmup=warmup, steps=12)
