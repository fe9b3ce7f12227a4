"""Replaces the shipped weights with a candidate that scores better: `python -m generation.bundled.promote`.

Candidate and shipped weights are scored in one run by one judge on the same prompts and seeds, so that the comparison
doesn't depend on which judge was trained here. One that scores worse never replaces anything.
"""

import argparse
import json
import shutil
from pathlib import Path
from typing import Final

from . import superresolution
from .assemble import CANDIDATE, WEIGHTS
from .score import by_judge
from .training import superresolution as larger
from .training.judge import trained

PICTURES: Final = "text-to-image"
LARGER: Final = "super-resolution"
HARM: Final = 0.2  # dB below Lanczos that a super-resolution network may lose on photo-like pictures
Scores = dict[str, dict[str, float]]


def promote_pictures(candidate: Path, shipped: Path = WEIGHTS, *, every: int = 1) -> bool:
    """Replace the shipped weights if the candidate scores better; print both scores, and return whether it did."""
    judge = trained()
    new = by_judge(judge, candidate / PICTURES, every=every)
    old = by_judge(judge, shipped / PICTURES, every=every) if (shipped / PICTURES).exists() else None
    print(json.dumps({"candidate": new, "shipped": old}, indent=2))
    if old is not None and share_of_facts(new) <= share_of_facts(old):
        return False
    _replace(candidate / PICTURES, shipped / PICTURES)
    shutil.copy(candidate / "recommended.json", shipped / "recommended.json")
    return True


def promote_superresolution(candidate: Path, shipped: Path = WEIGHTS) -> bool:
    """As for pictures, by decibels on held-out drawn pairs, and only if it does no harm to others."""
    new = larger.score(superresolution.load(candidate / LARGER, "cpu"))
    old = larger.score(superresolution.load(shipped / LARGER, "cpu")) if (shipped / LARGER).exists() else None
    print(json.dumps({"candidate": new, "shipped": old}, indent=2))
    harmless = all(ours >= lanczos - HARM for ours, lanczos in new.values())
    if not harmless or (old is not None and new["drawn"][0] <= old["drawn"][0]):
        return False
    _replace(candidate / LARGER, shipped / LARGER)
    return True


def share_of_facts(scores: Scores) -> float:
    """The number that decides: the share of named facts that the judge sees, all sorts of prompts weighted equally."""
    return sum(part["facts"] for part in scores.values()) / len(scores)


def _replace(new: Path, place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(new, place)


def main() -> None:
    arguments = argparse.ArgumentParser(description="Ships a candidate's weights if they score better.")
    arguments.add_argument("folder", type=Path, nargs="?", default=CANDIDATE)
    arguments.add_argument("--only", choices=("pictures", "superresolution"))
    arguments.add_argument("--every", type=int, default=1, help="score every n-th prompt only")
    chosen = arguments.parse_args()
    for name, part in ((PICTURES, "pictures"), (LARGER, "superresolution")):
        if chosen.only not in (None, part) or not (chosen.folder / name).exists():
            continue
        better = (
            promote_pictures(chosen.folder, every=chosen.every)
            if part == "pictures"
            else promote_superresolution(chosen.folder)
        )
        print(f"{name}: {'replaced' if better else 'kept, since the candidate scores no better'}")


if __name__ == "__main__":
    main()
