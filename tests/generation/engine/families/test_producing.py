"""From an order to files with a model of each family, and what happens when its network runs out of memory."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import DiffusionPipeline
from PIL import Image, ImageDraw

from generation.engine import OutOfMemory, Sources
from generation.engine.families import Batch, Family
from generation.engine.families.residency import Residency
from generation.requests import ordering
from generation.requests.boxes import Box
from generation.requests.catalogue import Entry
from generation.requests.request import GenerationRequest
from generation.requests.sizes import Size
from tests.examples import few_of
from tests.generation.engine.families.batches import PAIRS, a_picture
from tests.generation.engine.orders import REFERENCE, Journal, a_request, draw, levels_of
from tests.generation.engine.tiny.models import MODELS

# The layers of one picture come out of one run, which can't be halved. One model of each kind is enough for every day.
_DAILY = {
    ("sdxl", "inpaint"),
    ("flux2-klein", "edit"),
    ("qwen-image", "image_to_image"),
    ("bundled", "text_to_image"),
}
HALVED = [
    pytest.param(*pair.values, marks=[*pair.marks, *([] if pair.values in _DAILY else [pytest.mark.long])])
    for pair in PAIRS
    if pair.values[1] != "layers"
]
FROM_WORDS = [name for name, model in MODELS.items() if "text_to_image" in model.kinds]


class Shortage:
    """Hooks on the networks of a family: out of memory as long as more than `fits` pictures are drawn at once."""

    def __init__(self, family: Any, fits: int) -> None:
        self.fits, self.batches, self._drawing = fits, list[int](), 0
        self._family: Any = family
        self._run = family.run
        self._family.run = self._counted
        networks = {id(network): network for network in _networks(family)}
        assert networks
        self._handles = [network.register_forward_pre_hook(self._runs_out) for network in networks.values()]

    def _counted(self, batch: Batch, on_step: Callable[..., None]) -> Any:
        self._drawing = len(batch.prompts)
        self.batches.append(self._drawing)
        return self._run(batch, on_step)

    def _runs_out(self, _network: Any, _arguments: Any) -> None:
        if self._drawing > self.fits:
            raise torch.OutOfMemoryError("no more memory (a test)")

    def end(self) -> None:
        del self._family.run
        for handle in self._handles:
            handle.remove()


def _networks(family: Family) -> Iterator[torch.nn.Module]:
    parts = [*vars(family).values(), *getattr(family, "_pipelines", {}).values()]
    for pipeline in parts:
        if isinstance(pipeline, DiffusionPipeline):
            yield getattr(pipeline, "unet", None) or pipeline.transformer


@pytest.fixture
def short_of_memory() -> Iterator[Callable[[Family, int], Shortage]]:
    shortages: list[Shortage] = []

    def install(family: Family, fits: int) -> Shortage:
        shortages.append(Shortage(family, fits))
        return shortages[-1]

    yield install
    for shortage in shortages:
        shortage.end()


def _lends(family: Family) -> Residency:
    return Residency(load=lambda _entry: family)


def four_of(kind: str, entry: Entry, folder: Path) -> tuple[GenerationRequest, Sources]:
    """Four pictures of 1024×576 of this kind, and the files they start from."""
    common: dict[str, Any] = {"count": 4, "steps": 4, "guidance": 3.0}
    if kind == "text_to_image":
        return a_request(**common, shape="16:9"), Sources()
    # What is only looked at may be small: pipelines look at it at its own size.
    size = Size(90, 120) if kind == "edit" else Size(1024, 576)
    photo = a_photo(folder, size)
    if kind == "image_to_image":
        asked = a_request(**common, kind=kind, shape="16:9", reference=REFERENCE, strength=0.5)
        return asked, Sources(photo)
    common |= {"prompt": "a red house", "seed": 7}
    if kind == "edit":
        return ordering.edit(
            entry, **common, references=(REFERENCE,), shape="16:9", size="1k"
        ), Sources(photo)  # fmt: skip
    mask = Image.new("L", (size.width, size.height))
    mask.paste(255, (300, 200, 600, 400))
    mask.save(folder / "mask.png")
    asked = ordering.inpaint(
        entry, **common, reference=REFERENCE, source=size, mask=MASK, marked=Box(300, 200, 600, 400)
    )
    return asked, Sources(photo, folder / "mask.png")


@pytest.mark.parametrize(("name", "kind"), HALVED)
@pytest.mark.few(1)
def test_a_batch_that_does_not_fit_is_halved_and_every_picture_is_made(
    families: Callable[[str], Family],
    short_of_memory: Callable[[Family, int], Shortage],
    tmp_path: Path,
    name: str,
    kind: str,
) -> None:
    family, entry = families(name), MODELS[name].entry(tmp_path)
    shortage = short_of_memory(family, 2)
    request, sources = four_of(kind, entry, tmp_path)
    pictures = draw(request, entry, tmp_path / "out", sources=sources, residency=_lends(family))
    assert shortage.batches == [4, 2, 2]
    assert [picture.index for picture in pictures] == [0, 1, 2, 3]
    assert len({picture.sha256 for picture in pictures}) == 4
    for picture in pictures:
        with Image.open(picture.master) as image:
            assert image.size == (1024, 576)


@pytest.mark.parametrize("name", few_of(FROM_WORDS, ["sdxl", "auto-without-callback"]))
def test_out_of_memory_twice_may_be_tried_again(
    families: Callable[[str], Family],
    short_of_memory: Callable[[Family, int], Shortage],
    tmp_path: Path,
    name: str,
) -> None:
    short_of_memory(families(name), 0)
    with pytest.raises(OutOfMemory) as caught:
        draw(
            a_request(count=2, steps=2),
            MODELS[name].entry(tmp_path),
            tmp_path,
            residency=_lends(families(name)),
        )
    assert caught.value.retryable


MASK = REFERENCE.replace("00000000-", "00000001-", 1)


def names(kind: str) -> list[str]:
    return [name for name, model in MODELS.items() if kind in model.kinds]


def a_photo(folder: Path, size: Size) -> Path:
    path = folder / "photo.png"
    a_picture(size).save(path)
    return path


@pytest.mark.few(3)
@pytest.mark.parametrize("name", names("inpaint"))
def test_where_the_mask_is_0_the_file_has_the_pixels_of_the_picture(
    families: Callable[[str], Family], tmp_path: Path, name: str
) -> None:
    size, box = Size(200, 150), Box(40, 30, 121, 101)
    photo, mask = a_photo(tmp_path, size), Image.new("L", (size.width, size.height), 0)
    ImageDraw.Draw(mask).ellipse((40, 30, 120, 100), fill=255)
    mask.save(tmp_path / "mask.png")
    entry = MODELS[name].entry(tmp_path)
    request = ordering.inpaint(
        entry, reference=REFERENCE, source=size, mask=MASK, marked=box, prompt="a boat", seed=3, count=2,
        steps=4, guidance=3.0, feather=5,
    )  # fmt: skip
    made = draw(
        request,
        entry,
        tmp_path / "out",
        sources=Sources(photo, tmp_path / "mask.png"),
        residency=_lends(families(name)),
    )
    before, outside = np.asarray(Image.open(photo)), np.asarray(mask) == 0
    for picture in made:
        with picture.master.open("rb") as file:
            after = levels_of(file)
        assert np.array_equal(after[outside], before[outside])
        assert np.abs(after[~outside].astype(int) - before[~outside]).mean() > 1
    assert len({picture.sha256 for picture in made}) == 2


@pytest.mark.few(1)
@pytest.mark.parametrize("name", names("edit"))
def test_an_instruction_with_references_becomes_pictures_of_the_shape_that_was_asked_for(
    families: Callable[[str], Family], tmp_path: Path, name: str
) -> None:
    entry = MODELS[name].entry(tmp_path)
    others = families(name).max_references - 1
    photo = a_photo(tmp_path, Size(90, 120))
    request = ordering.edit(
        entry, references=(REFERENCE, *[MASK] * min(1, others)), prompt="make it red", shape="16:9", size="1k", seed=3,
        count=2, steps=2, guidance=3.0,
    )  # fmt: skip
    sources = Sources(photo, None, (photo,) * min(1, others))
    made = draw(request, entry, tmp_path / "out", sources=sources, residency=_lends(families(name)))
    assert [(picture.width, picture.height) for picture in made] == [(1024, 576)] * 2
    assert len({picture.sha256 for picture in made}) == 2


@pytest.mark.parametrize("size", [Size(200, 150), Size(120, 210)], ids=str)
def test_a_picture_is_taken_apart_into_layers_of_its_size_with_transparency(
    families: Callable[[str], Family], tmp_path: Path, size: Size
) -> None:
    name = "qwen-image-layered"
    entry, photo, journal = MODELS[name].entry(tmp_path), a_photo(tmp_path, size), Journal()
    request = ordering.layers(entry, reference=REFERENCE, source=size, count=3, seed=3, steps=3, guidance=3.0)
    made = draw(
        request,
        entry,
        tmp_path / "out",
        sources=Sources(photo),
        residency=_lends(families(name)),
        on_progress=journal,
    )
    assert [picture.index for picture in made] == [0, 1, 2]
    assert len({picture.sha256 for picture in made}) == 3
    for picture in made:
        with Image.open(picture.master) as image:
            assert (image.mode, image.size) == ("RGBA", (size.width, size.height))
    shown = {step.picture: step.preview for step in journal.of_stage("drawing") if step.preview}
    assert len(set(shown.values())) == 3
