"""When to restart a process that died: at once when it had served, with growing pauses when it can't start.

A pure rule over the times that it is given, in seconds of any steady clock.
"""

from __future__ import annotations

from collections import deque

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
# A process that had been ready is started at once, so often within this time; one that dies more often keeps dying.
AT_ONCE, WITHIN = 3, 60.0
# It did serve each time, so it is never kept waiting as long as one that can't start.
LONGEST_AFTER_SERVICE = 4.0
# A process that says nothing about itself counts as ready once it has lived this long.
SETTLED = 30.0


class Restarts:
    """What is remembered of one role's processes."""

    def __init__(self) -> None:
        self.failed_starts = 0  # in a row: processes that died before they were ready
        self._began = 0.0
        self._is_ready = False
        self._deaths: deque[float] = deque()  # recent deaths of processes that had been ready

    def started(self, now: float) -> None:
        self._began, self._is_ready = now, False

    def ready(self) -> None:
        """The running process serves: whatever was wrong with earlier starts is over."""
        self._is_ready, self.failed_starts = True, 0

    def died(self, now: float) -> float:
        """Return how many seconds to wait before the next start."""
        if not self._is_ready and now - self._began < SETTLED:
            self.failed_starts += 1
            return _pause(self.failed_starts, LONGEST_PAUSE)
        self.ready()
        self._deaths.append(now)
        while self._deaths[0] <= now - WITHIN:
            self._deaths.popleft()
        return _pause(len(self._deaths) - AT_ONCE, LONGEST_AFTER_SERVICE)


def _pause(count: int, longest: float) -> float:
    """Double with every count from one up; nothing before that."""
    return min(FIRST_PAUSE * 2.0 ** (min(count, 10) - 1), longest) if count > 0 else 0.0
