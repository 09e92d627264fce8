"""The lanes of a connection: calls that change something may have a limit of their own.

Oblio allows 30 calls that make documents in 100 seconds, and 30 others in 10. Each lane has its
bucket and its window; the breaker is one, so a block of either lane closes both.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from core.reasons import Reason
from core.services.limits.rate import EFFECTS, LONGEST_WAIT, Throttle
from core.services.limits.sliding_window import SlidingWindowLimiter
from core.services.ports import Rate

CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class Lane:
    """The bucket and, where the service has one, the window that calls of a kind keep to."""

    throttle: Throttle
    window: SlidingWindowLimiter | None


def window_of(throttle: Throttle, rate: Rate, timeout: float) -> SlidingWindowLimiter | None:
    """The window beside a bucket; a call travels at most `timeout` seconds."""
    if rate.window is None:
        return None
    calls, seconds = rate.window
    connected = LONGEST_WAIT + CONNECT_SECONDS
    return SlidingWindowLimiter(
        throttle.key, calls, seconds, throttle.engine, wait=connected, travel=timeout
    )


def effects_lane(usual: Lane, rate: Rate, timeout: float) -> Lane:
    """The lane of effects beside the usual one; windows are kept by both lanes or by none."""
    throttle = Throttle(f"{usual.throttle.key}{EFFECTS}", rate, usual.throttle.engine)
    return Lane(throttle, usual.window and window_of(throttle, rate, timeout))


def block(lanes: Collection[Lane], until: dt.datetime, why: Reason) -> None:
    """Open the breaker of every lane."""
    for lane in lanes:
        lane.throttle.block(until, why)
