"""What benchmarks of the editor share: a table beside the bounds, percentiles, the memory of a process."""

from __future__ import annotations

import os
from pathlib import Path


def show(title: str, rows: list[tuple[str, str, str]]) -> None:
    """Print rows of (what, measured, bound) under a title, with the machine's load."""
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    print(f"\n{title}; load {os.getloadavg()[0]:.1f}")
    for what, measured, bound in rows:
        print(f"  {what:<{widths[0]}}  {measured:<{widths[1]}}  {bound}")


def p50(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def spread(values: list[float]) -> str:
    """Return p50, p95 and the largest of milliseconds."""
    return f"p50 {p50(values):.1f}, p95 {p95(values):.1f}, max {max(values):.1f} ms"


def spent_by_workers() -> float:
    """Return the milliseconds of processor that the workers of this process's browsers have taken."""
    parents = {
        int(path.parent.name): int(path.read_text().rpartition(")")[2].split()[1])
        for path in Path("/proc").glob("[0-9]*/stat")
        if path.exists()
    }
    total = 0.0
    for process in parents:
        above = process
        while above in parents and above != os.getpid():
            above = parents[above]
        for thread in Path(f"/proc/{process}/task").glob("*") if above == os.getpid() else ():
            if (thread / "comm").read_text().startswith("DedicatedWorker"):
                total += int((thread / "schedstat").read_text().split()[0]) / 1e6
    return total


def held_by(process: int) -> int:
    """Return the bytes of memory that a process takes, shared ones in parts."""
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return 1024 * int(line.split()[1])
    return 0
