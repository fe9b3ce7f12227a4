"""When a drawing shows a preview of itself, and its bytes."""

import io
import time
from collections.abc import Callable
from typing import Final

from PIL import Image

_EVERY_S: Final = 0.5
_SHARE: Final = 4  # drawing has at least this many times the time that its previews take
_QUALITY: Final = 72


class PreviewClock:
    """Says yes at a quarter, half and three quarters of the steps, so that a quick drawing too shows three.

    Beyond these at most twice a second, and less often where a preview is slow to make.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()
        self._wait = _EVERY_S

    def is_due(self, step: int, of: int) -> bool:
        quarters = {max(1, of * part // 4) for part in (1, 2, 3)}
        now = self._clock()
        if step not in quarters and now - self._last < self._wait:
            return False
        self._last = now
        return True

    def shown(self) -> None:
        """To be called when the preview that was due is out."""
        now = self._clock()
        self._wait = max(_EVERY_S, _SHARE * (now - self._last))
        self._last = now


def webp(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=_QUALITY, method=0)
    return out.getvalue()
