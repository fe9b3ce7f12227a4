"""``python -m tests.generation.files.mutations --count 10000 --seed 7``: all of them, with figures at the end.

``--first NUMBER --count 1 --save FOLDER`` makes one again and keeps it. Status 1 where a file broke a rule.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from playwright.sync_api import sync_playwright  # noqa: E402

from tests.generation.files.mutations import judging, mutants  # noqa: E402
from tests.services.browser import FLAGS, chromium_program  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.generation.files.mutations")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", type=Path, help="a folder for the files that broke a rule")
    asked = parser.parse_args()
    numbers = range(asked.first, asked.first + asked.count)
    tally, began = judging.Tally(), time.monotonic()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_program(), args=list(FLAGS), headless=True
        )
        for judged in judging.judge(mutants(seed=asked.seed, numbers=numbers), browser.new_page()):
            tally.add(judged)
            if judged.fault and asked.save:
                asked.save.mkdir(parents=True, exist_ok=True)
                (asked.save / f"{judged.mutant.number}.{judged.mutant.form.lower()}").write_bytes(
                    judged.mutant.content
                )
            if tally.files["all"] % 1000 == 0:
                sys.stdout.write(f"{tally.files['all']} files, {time.monotonic() - began:.0f} s\n")
                sys.stdout.flush()
        sys.stdout.write(f"Chromium {browser.version}, seed {asked.seed}\n")
        browser.close()
    for name, count in sorted(tally.files.items()):
        sys.stdout.write(f"{count:6} {name}\n")
    sys.stdout.write(f"slowest: {tally.slowest:.2f} s; {time.monotonic() - began:.0f} s in all\n")
    for fault in (*tally.faults, *tally.unexplained):
        sys.stdout.write(f"{fault}\n")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
