"""Scores a model folder by the judge on 240 fixed prompts: `python -m generation.bundled.score FOLDER`.

`prompts.json` holds 200 with the facts they name; they were written by the grammar from seeds that training never uses
(`--write-prompts` made them, once). `handwritten.json` holds 40 as people write them.
"""

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path
from random import Random
from typing import Final

import diffusers
import torch
from diffusers import StableDiffusionPipeline
from torch.nn import functional

from generation.engine.families.folding import fold_pointwise

from .assemble import WEIGHTS
from .captions import Facts, caption
from .scenes import COLOUR_NAMES, KINDS, Group, sample
from .sheet import Finish, as_drawn, draw_prompts, painted, projected
from .training.judge import CELL, Judge, read, trained
from .training.text import PICTURE_FACTS

PROMPTS: Final = Path(__file__).parent / "prompts.json"
HANDWRITTEN: Final = Path(__file__).parent / "handwritten.json"


_FINISHES: Final = {"painted": painted, "projected": projected, "as-drawn": as_drawn}
_PARTS: Final = {1: "one kind", 2: "two kinds"}


def write_prompts() -> None:
    """100 prompts of one kind of object (one to three of it) and 100 of two kinds."""
    rows: list[dict[str, object]] = []
    for kinds in (1, 2):
        rng = Random(f"score:{kinds}")
        while sum(row["kinds"] == kinds for row in rows) < 100:
            scene = sample(rng)
            if len(scene.groups) != kinds or max(g.count for g in scene.groups) > 3:
                continue
            text, facts = caption(scene, rng)
            rows.append({"kinds": kinds, "prompt": text, "facts": asdict(facts)})
    PROMPTS.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


def read_prompts(file: Path = PROMPTS) -> list[tuple[int, str, Facts]]:
    """Kinds of objects, prompt, facts."""
    rows = json.loads(file.read_text())
    return [
        (
            row["kinds"],
            row["prompt"],
            replace(Facts(**row["facts"]), groups=tuple(Group(**g) for g in row["facts"]["groups"])),
        )
        for row in rows
    ]


def named_facts(judge: Judge, pictures: torch.Tensor, said: list[Facts]) -> list[dict[str, bool]]:
    """For each picture (256 px, 16 pixels a cell), every fact its prompt names and whether the judge sees it."""
    with torch.no_grad():
        seen = read(judge.eval()(functional.interpolate(pictures, scale_factor=CELL / 16, mode="area")))
    rows: list[dict[str, bool]] = []
    for index, wanted in enumerate(said):
        row: dict[str, bool] = {}
        for part, (name, values) in enumerate(PICTURE_FACTS.items()):
            if getattr(wanted, name):
                row[name] = values[int(seen.facts[index, part])] == getattr(wanted, name)
        for group in wanted.groups:
            kind = KINDS.index(group.kind)
            count = int(seen.counts[index, kind])
            row[f"{group.kind}: there"] = count > 0
            row[f"{group.kind}: count"] = count == group.count
            if group.colour:
                row[f"{group.kind}: colour"] = COLOUR_NAMES[int(seen.colours[index, kind])] == group.colour
            if group.place:
                row[f"{group.kind}: place"] = place_of(float(seen.across[index, kind])) == group.place
        rows.append(row)
    return rows


def place_of(across: float) -> str:
    """The place that a caption would name; training puts them at 0.26, 0.5 and 0.74."""
    return "left" if across < 0.38 else "right" if across > 0.62 else "middle"


def summary(rows: list[dict[str, bool]]) -> dict[str, float]:
    """Share of facts present, share of prompts with all facts, and the share by sort of fact."""
    facts = [(name.split(": ")[-1], seen) for row in rows for name, seen in row.items()]
    sorts = sorted({name for name, _ in facts})
    by_sort = {name: _share([seen for n, seen in facts if n == name]) for name in sorts}
    return {
        "facts": _share([seen for _, seen in facts]),
        "all facts": _share([all(r.values()) for r in rows]),
        **by_sort,
    }


def _share(values: list[bool]) -> float:
    return round(sum(values) / len(values), 3)


def by_judge(
    judge: Judge,
    folder: Path,
    *,
    every: int = 1,
    steps: int = 0,
    guidance: float = 0.0,
    scheduler: str = "",
    finish: Finish = painted,
) -> dict[str, dict[str, float]]:
    """Summaries for prompts of one and of two kinds of objects, and for handwritten ones; every n-th only, if asked.

    `folder` is a `text-to-image` folder; steps and guidance are those that it is recommended with, unless given;
    `scheduler` names another of diffusers' for the same noise; `finish` makes pictures of latents, as in
    `draw_prompts`.
    """
    advice = json.loads((folder.parent / "recommended.json").read_text())
    pipe = StableDiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    fold_pointwise(pipe.vae.decoder)
    if scheduler:
        pipe.scheduler = getattr(diffusers, scheduler).from_config(pipe.scheduler.config)
    prompts = [(_PARTS[kinds], text, facts) for kinds, text, facts in read_prompts()[::every]]
    prompts += [("by hand", text, facts) for _, text, facts in read_prompts(HANDWRITTEN)[::every]]
    texts = [text for _, text, _ in prompts]
    pictures = draw_prompts(
        pipe,
        texts,
        steps=steps or advice["steps"],
        guidance=guidance or advice["guidance"],
        batch=10,
        finish=finish,
    )
    rows = named_facts(judge, pictures, [facts for _, _, facts in prompts])
    return {
        name: summary([row for row, (part, _, _) in zip(rows, prompts, strict=True) if part == name])
        for name in (*_PARTS.values(), "by hand")
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description="Scores a model folder by the judge.")
    arguments.add_argument("folder", type=Path, nargs="?", default=WEIGHTS / "text-to-image")
    arguments.add_argument("--every", type=int, default=1, help="score every n-th prompt only")
    arguments.add_argument("--steps", type=int, default=0, help="instead of the recommended")
    arguments.add_argument("--guidance", type=float, default=0.0, help="instead of the recommended")
    arguments.add_argument("--scheduler", default="", help="another of diffusers, such as DDIMScheduler")
    arguments.add_argument(
        "--finish", choices=_FINISHES, default="painted", help="how latents become pictures"
    )
    arguments.add_argument("--write-prompts", action="store_true")
    chosen = arguments.parse_args()
    if chosen.write_prompts:
        write_prompts()
        return
    seen = by_judge(
        trained(),
        chosen.folder,
        every=chosen.every,
        steps=chosen.steps,
        guidance=chosen.guidance,
        scheduler=chosen.scheduler,
        finish=_FINISHES[chosen.finish],
    )
    for name, shares in seen.items():
        print(f"{name}: {json.dumps(shares)}")


if __name__ == "__main__":
    main()
