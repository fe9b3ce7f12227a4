"""What the processes that read strange files share: their limits but those of memory and files, and how they answer."""

from __future__ import annotations

import contextlib
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from generation.ingest.outcome import Cause, Outcome, Unacceptable


def limit(seconds: int) -> None:
    """Processor time, wall time, no core file; and be the first to go when the machine runs out of memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    signal.alarm(2 * seconds)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def answer(read: Callable[[], Outcome]) -> int:
    """Print one Outcome as JSON. The exit status is 0 also for a refusal; anything else is a crash."""
    try:
        outcome = read()
    except Unacceptable as refusal:
        outcome = Outcome(cause=refusal.cause, details=refusal.details)
    except MemoryError:
        outcome = Outcome(cause=Cause.TOO_COSTLY)
    sys.stdout.write(outcome.to_json())
    return 0
