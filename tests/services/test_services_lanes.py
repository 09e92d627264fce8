"""The lanes of a connection: a bucket and a window each, one breaker for both."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import Engine

from core.clock import now
from core.services.codes import ServiceCode
from core.services.limits import lanes
from core.services.limits.rate import EFFECTS, Deferred, Permit, Throttle
from core.services.ports import Rate

QUICK = Rate(1000.0, 1000.0)
WHY = ServiceCode.SAID.of(title="Oblio", said="too fast")


@pytest.fixture
def usual(buckets: Engine) -> lanes.Lane:
    """A lane of calls, quick and without a window."""
    return lanes.Lane(Throttle(uuid.uuid4().hex, QUICK, buckets), None)


def windowed(engine: Engine, calls: int) -> tuple[lanes.Lane, Rate]:
    rate = Rate(1000.0, 1000.0, (calls, 60.0))
    throttle = Throttle(uuid.uuid4().hex, rate, engine)
    return lanes.Lane(throttle, lanes.window_of(throttle, rate, 0.1)), rate


def test_a_service_without_a_window_has_none_in_either_lane(usual: lanes.Lane) -> None:
    assert lanes.window_of(usual.throttle, QUICK, 1.0) is None
    windowed_rate = Rate(1.0, 1.0, (30, 100.0))
    assert lanes.effects_lane(usual, windowed_rate, 1.0).window is None


def test_effects_have_a_bucket_of_their_own(usual: lanes.Lane) -> None:
    effects = lanes.effects_lane(usual, Rate(0.001, 1.0), 1.0)
    assert effects.throttle.key == usual.throttle.key + EFFECTS
    assert isinstance(effects.throttle.reserve(), Permit)
    assert isinstance(effects.throttle.reserve(), Deferred)
    assert isinstance(usual.throttle.reserve(), Permit)


def test_effects_have_a_window_of_their_own_where_calls_have_one(buckets: Engine) -> None:
    usual, rate = windowed(buckets, 1)
    effects = lanes.effects_lane(usual, rate, 0.1)
    assert usual.window is not None
    assert effects.window is not None
    taken = [window.enter(30.0) for window in (usual.window, effects.window)]
    assert None not in taken
    again = [window.enter(0.2) for window in (usual.window, effects.window)]
    assert again == [None, None]


def test_a_block_of_either_lane_closes_both(usual: lanes.Lane) -> None:
    effects = lanes.effects_lane(usual, QUICK, 1.0)
    lanes.block([usual, effects], now() + dt.timedelta(seconds=40), WHY)
    for lane in (usual, effects):
        found = lane.throttle.reserve()
        assert isinstance(found, Deferred)
        assert 30 < found.seconds <= 41
        assert found.why == WHY
