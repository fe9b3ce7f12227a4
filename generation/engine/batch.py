"""Orders of several jobs drawn together: which jobs are still active, and to which each step is reported."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from generation.engine.contract import Cancelled, PictureOrder, Progress

OnProgress = Callable[[Progress], None]


class JobGone(Exception):
    """The job of this order was cancelled; the others continue."""


class ActiveJobs:
    """The jobs of a run that are still active. `on_progress` cancels one by raising Cancelled.

    When the last one is cancelled, the run ends with it.
    """

    def __init__(self, orders: Sequence[PictureOrder], on_progress: OnProgress) -> None:
        self._on_progress = on_progress
        self._unfinished = Counter(order.job for order in orders)

    def has(self, order: PictureOrder) -> bool:
        return self._unfinished[order.job] > 0

    def remaining(self, orders: Sequence[PictureOrder]) -> list[PictureOrder]:
        return [order for order in orders if self.has(order)]

    def report(self, order: PictureOrder, progress: Progress) -> None:
        """Raises JobGone when the order's job was cancelled, and Cancelled when it was the last one."""
        if not self.has(order):
            raise JobGone
        try:
            self._on_progress(replace(progress, picture=order.index, job=order.job))
        except Cancelled:
            del self._unfinished[order.job]
            if not self._unfinished:
                raise
            raise JobGone from None

    def report_each_job(self, orders: Sequence[PictureOrder], progress: Progress) -> None:
        """Report to every job once, about its first picture here. Raises Cancelled when no job is left."""
        first: dict[str, PictureOrder] = {}
        for order in orders:
            first.setdefault(order.job, order)
        for order in first.values():
            self.report_if_active(order, progress)

    def report_if_active(self, order: PictureOrder, progress: Progress) -> None:
        try:
            self.report(order, progress)
        except JobGone:
            return

    def finished(self, order: PictureOrder) -> None:
        self._unfinished[order.job] -= 1
        if not self._unfinished[order.job]:
            del self._unfinished[order.job]
