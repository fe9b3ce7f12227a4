"""When a preview is due, and its bytes."""

import io
import time
from collections.abc import Callable
from typing import Final

from PIL import Image

_EVERY_S: Final = 0.5
_SHARE: Final = 0.1  # of the time of the steps: the most that previews beyond the promised ones may take
_MANY_STEPS: Final = 20
_QUALITY: Final = 72


class PreviewClock:
    """Decides after which steps a preview is due: halfway in a run of few steps, at one and two thirds of 20 or more.

    Beyond these, at most two a second are due, as long as all previews together stay within a tenth of the time
    of the steps. What one costs is known once the first was shown, so the promised ones come first.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = self._last = clock()
        self._asked = self._began
        self.spent = 0.0  # seconds, on all previews so far
        self._cost = 0.0  # seconds, of the last one

    def is_due(self, step: int, of: int) -> bool:
        self._asked = self._clock()
        promised = _promised(of)
        coming = sum(later > step for later in promised)
        return step in promised or self._is_affordable(self._asked, coming)

    def shown(self) -> None:
        """Call this once the due preview was sent, for every picture of the batch."""
        self._last = self._clock()
        self._cost = self._last - self._asked
        self.spent += self._cost

    def _is_affordable(self, now: float, coming: int) -> bool:
        """Whether there is time for one more, beside the promised ones that are still to come."""
        if not self.spent or now - self._last < _EVERY_S:
            return False
        drawing = now - self._began - self.spent
        return self.spent + self._cost * (1 + coming) <= _SHARE * drawing


def _promised(of: int) -> tuple[int, ...]:
    """The steps after which there is a preview however fast the run is."""
    if of < _MANY_STEPS:
        return (max(1, of // 2),)
    return of // 3, of * 2 // 3


def webp(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=_QUALITY, method=0)
    return out.getvalue()
