"""Orders of several jobs that are drawn together: whom each step is told to, and who has left meanwhile."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from generation.engine.contract import Cancelled, PictureOrder, Progress

OnProgress = Callable[[Progress], None]


class Left(Exception):
    """The job of this order was cancelled; the others go on."""


class Company:
    """Who is still there. `on_progress` cancels one job by raising Cancelled; when nobody is left, it ends the run."""

    def __init__(self, orders: Sequence[PictureOrder], on_progress: OnProgress) -> None:
        self._on_progress = on_progress
        self._unfinished = Counter(order.job for order in orders)

    def wants(self, order: PictureOrder) -> bool:
        return self._unfinished[order.job] > 0

    def staying(self, orders: Sequence[PictureOrder]) -> list[PictureOrder]:
        return [order for order in orders if self.wants(order)]

    def tell(self, order: PictureOrder, progress: Progress) -> None:
        """Raises Left when the order's job is gone, and Cancelled when it was the last one."""
        if not self.wants(order):
            raise Left
        try:
            self._on_progress(replace(progress, picture=order.index, job=order.job))
        except Cancelled:
            del self._unfinished[order.job]
            if not self._unfinished:
                raise
            raise Left from None

    def tell_each_job(self, orders: Sequence[PictureOrder], progress: Progress) -> None:
        """Tell every job once, about its first picture here. Raises Cancelled when nobody is left."""
        for order in {order.job: order for order in reversed(orders)}.values():
            self.tell_if_there(order, progress)

    def tell_if_there(self, order: PictureOrder, progress: Progress) -> None:
        try:
            self.tell(order, progress)
        except Left:
            return

    def finished(self, order: PictureOrder) -> None:
        self._unfinished[order.job] -= 1
        if not self._unfinished[order.job]:
            del self._unfinished[order.job]
