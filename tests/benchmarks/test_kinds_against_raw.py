"""Words, image to image and inpaint of the bundled model through the whole system against stock pipelines.

Raw is what anybody would call with the same weights, size and steps: `StableDiffusionPipeline`, and its image-to-image
twin; for inpaint, which no stock pipeline does with these weights, image to image at strength 1 on the same box, pasted
back. It enlarges by Lanczos and saves a PNG by Pillow. All take turns in one process; nothing is asserted about time.
What is printed goes into docs/performance.md.

Run: ``bin/test tests/benchmarks/test_kinds_against_raw.py -s``. IMAGE2_BENCHMARK_PAIRS says how often (3).
"""

from __future__ import annotations

import io
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import torch
from diffusers import StableDiffusionImg2ImgPipeline, StableDiffusionPipeline
from PIL import Image

from accounts.models import User
from billing import ledger
from generation.engine import device
from generation.engine.contract import PictureOrder, Sources
from generation.engine.production import RESIDENCY, produce
from generation.files import storing
from generation.jobs import submission
from generation.models import File, Job, Picture
from generation.requests import catalogue, ordering
from generation.requests.boxes import Box
from generation.requests.request import GenerationRequest
from generation.requests.sizes import Size
from generation.uploads import masks
from generation.worker import run
from image2.lib.ids import new_id
from tests.benchmarks.repeats import repeats, steps
from tests.generation.engine.orders import REFERENCE

pytestmark = [pytest.mark.long]

PAIRS: Final = repeats(int(os.environ.get("IMAGE2_BENCHMARK_PAIRS", "3")))
PROMPTS: Final = (
    "a red sailboat on a calm sea at sunset",
    "two red mushrooms in the forest",
    "a yellow house on a hill",
    "a white rocket in space",
)
SIZE: Final = Size(1024, 1024)
MARKED: Final = Box(256, 256, 768, 768)  # a quarter of it
STRENGTH: Final = 0.6
Ask = Callable[[str], GenerationRequest]
Raw = Callable[[str], None]


class World:
    """A picture in the history, a mask of it, and the stock pipelines on the same weights."""

    def __init__(self, owner: User, folder: Path) -> None:
        device.device()  # sets the threads, for both
        self.entry = catalogue.get("bundled")
        self.owner, self.out = owner, folder / "raw.png"
        self.submit(self.words(PROMPTS[2]))
        self.picture = Picture.objects.get()
        with storing.opened(self.picture.files.get(role=File.Role.MASTER).key) as file:
            self.pixels = Image.open(io.BytesIO(file.read())).convert("RGB")
        mask = Image.new("L", (SIZE.width, SIZE.height))
        mask.paste(255, MARKED.corners)
        self.mask = masks.keep(user=owner, mask=mask)
        assert self.entry.folder
        self.text = StableDiffusionPipeline.from_pretrained(self.entry.folder, dtype=torch.float32)
        self.image = StableDiffusionImg2ImgPipeline(**self.text.components, requires_safety_checker=False)
        for pipe in (self.text, self.image):
            pipe.set_progress_bar_config(disable=True)

    def submit(self, *requests: GenerationRequest) -> None:
        for request in requests:
            submission.submit(user=self.owner, request=request, idempotency_key=str(new_id()))
        run.run("gpu")

    # --- requests ------------------------------------------------------------------------------------------------

    def words(self, prompt: str) -> GenerationRequest:
        return ordering.plain(
            self.entry, "text_to_image", prompt=prompt, seed=1, shape="1:1", steps=steps(self.entry)
        )

    def from_picture(self, prompt: str) -> GenerationRequest:
        return ordering.plain(
            self.entry, "image_to_image", prompt=prompt, seed=1, shape="1:1", reference=f"picture:{self.picture.pk}",
            strength=STRENGTH, steps=steps(self.entry),
        )  # fmt: skip

    def inpainting(self, prompt: str) -> GenerationRequest:
        return ordering.inpaint(
            self.entry, reference=f"picture:{self.picture.pk}", source=SIZE, mask=f"upload:{self.mask.pk}",
            marked=MARKED, prompt=prompt, seed=1, whole=True, steps=steps(self.entry),
        )  # fmt: skip

    # --- the same by stock pipelines -----------------------------------------------------------------------------

    def raw_words(self, prompt: str) -> None:
        base = self.entry.base_size("1:1")
        made = self.text(prompt, width=base.width, height=base.height, **self._settings())
        self._save(made.images[0])

    def raw_from_picture(self, prompt: str) -> None:
        self._save(self._redrawn(prompt, self.pixels, STRENGTH))

    def raw_inpainting(self, prompt: str) -> None:
        asked = self.inpainting(prompt)
        assert asked.edit
        box = asked.edit.seen.corners
        part = self._redrawn(prompt, self.pixels.crop(box), 1.0)
        size = (box[2] - box[0], box[3] - box[1])
        whole, mask = self.pixels.copy(), Image.new("L", size)
        mask.paste(
            255, (MARKED.left - box[0], MARKED.top - box[1], MARKED.right - box[0], MARKED.bottom - box[1])
        )
        whole.paste(part.resize(size, Image.Resampling.LANCZOS), box, mask)
        whole.save(self.out)

    def _redrawn(self, prompt: str, picture: Image.Image, strength: float) -> Image.Image:
        base = self.entry.base_size("1:1")
        small = picture.resize((base.width, base.height), Image.Resampling.LANCZOS)
        made = self.image(prompt, image=small, strength=strength, **self._settings())
        found: Image.Image = made.images[0]
        return found

    def _settings(self) -> dict[str, Any]:
        return {
            "num_inference_steps": steps(self.entry),
            "guidance_scale": self.entry.default_guidance,
            "generator": torch.Generator().manual_seed(1),
        }

    def _save(self, picture: Image.Image) -> None:
        picture.resize((SIZE.width, SIZE.height), Image.Resampling.LANCZOS).save(self.out)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["words", "from_picture", "inpainting"])
def test_a_kind_against_the_stock_pipeline(kind: str, alice: User, tmp_path: Path) -> None:
    ledger.grant(user=alice, amount=10_000, source="promo", source_ref="benchmark")
    world = World(alice, tmp_path)
    ask: Ask = getattr(world, kind)
    raw: Raw = getattr(world, f"raw_{kind}")

    def jobs(*prompts: str) -> float:
        return _seconds(lambda: world.submit(*map(ask, prompts)))

    def raws(*prompts: str) -> float:
        def act() -> None:
            for prompt in prompts:
                raw(prompt)

        return _seconds(act)

    jobs(PROMPTS[0])
    raws(PROMPTS[0])
    alone, together = [], []
    for _ in range(PAIRS):
        alone.append((jobs(PROMPTS[0]), raws(PROMPTS[0])))
        together.append((raws(*PROMPTS), jobs(*PROMPTS)))
    for what, pairs in (("one job / raw", alone), ("four raw one by one / four jobs together", together)):
        ratio = statistics.median(one / other for one, other in pairs)
        one, other = (statistics.median(pair[place] for pair in pairs) for place in (0, 1))
        print(f"\n{kind}: {what}: {ratio:.2f} (medians {one:.2f} / {other:.2f} s)")
    assert Job.objects.filter(state=Job.State.DONE).count() == 2 + 5 * PAIRS


def test_a_quarter_of_a_4k_picture_against_drawing_its_box(tmp_path: Path) -> None:
    """Both are files at the end: the whole picture with its part, and a picture as large as the box."""
    entry, size, marked = catalogue.get("bundled"), Size(3840, 2160), Box(960, 540, 2880, 1620)
    Image.linear_gradient("L").resize((size.width, size.height)).convert("RGB").save(tmp_path / "a.png")
    mask = Image.new("L", (size.width, size.height))
    mask.paste(255, marked.corners)
    mask.save(tmp_path / "mask.png")
    part = ordering.inpaint(
        entry, reference=REFERENCE, source=size, mask=REFERENCE, marked=marked, prompt=PROMPTS[0], seed=1,
        steps=steps(entry),
    )  # fmt: skip
    assert part.edit
    # At strength 1 a run takes nine tenths of the steps: the box alone takes them all.
    box = ordering.plain(
        entry, "text_to_image", prompt=PROMPTS[0], seed=1, shape=part.shape, size="4k", steps=steps(entry)
    )
    sources = Sources(tmp_path / "a.png", tmp_path / "mask.png")
    pairs = [  # the first time warms
        (_drawn(part, tmp_path, sources), _drawn(box, tmp_path, Sources())) for _ in range(PAIRS + 1)
    ]
    one, other = (statistics.median(pair[place] for pair in pairs[1:] or pairs) for place in (0, 1))
    print(
        f"\na quarter of {size}, box {part.edit.seen.size}: {one:.2f} s; a picture of {box.output}: {other:.2f} s;"
        f" difference {one - other:+.2f} s"
    )


def _drawn(request: GenerationRequest, folder: Path, sources: Sources) -> float:
    def act() -> None:
        order = PictureOrder(request, 0, request.seed)
        entry = catalogue.get("bundled")
        made = list(
            produce(
                [order],
                entry,
                sources=sources,
                workdir=folder,
                on_progress=lambda _step: None,
                residency=RESIDENCY,
            )
        )
        assert (made[0].width, made[0].height) == (request.output.width, request.output.height)

    return _seconds(act)


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
