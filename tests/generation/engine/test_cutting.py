"""Removing backgrounds and taking pictures apart: by what is stored with a picture, and by an operator's model."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from PIL import Image, ImageDraw

from generation.engine import ModelUnavailable, ProducedPicture, Sources
from generation.engine.contract import NothingThere
from generation.engine.families import load
from generation.engine.families.residency import Residency
from generation.requests import catalogue, ordering
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size
from tests.generation.engine.orders import REFERENCE, a_request, draw, levels_of
from tests.generation.engine.tiny import cutout


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> ProducedPicture:
    entry = catalogue.get("bundled")
    request = a_request(
        prompt="an orange tree in a meadow with hills",
        shape="16:9",
        seed=3,
        steps=30,
        guidance=entry.default_guidance,
    )
    return draw(request, entry, tmp_path_factory.mktemp("scene"))[0]


def about(picture: ProducedPicture) -> dict[str, Any]:
    return {"reference": REFERENCE, "source": Size(picture.width, picture.height)}


def pixels(picture: ProducedPicture) -> np.typing.NDArray[np.uint8]:
    with picture.master.open("rb") as file:
        return levels_of(file)


def test_the_main_thing_stands_alone(scene: ProducedPicture, tmp_path: Path) -> None:
    entry = catalogue.get("bundled")
    request = ordering.remove_background(entry, **about(scene))
    (made,) = draw(request, entry, tmp_path / "out", sources=Sources(scene.master, fields=scene.fields))
    cut, before = pixels(made), pixels(scene)
    assert cut.shape == (*before.shape[:2], 4)
    alpha = cut[:, :, 3]
    assert alpha[200, 512] == 255  # the crown of the tree
    assert not alpha[:, :200].any()
    assert not alpha[20].any()
    assert 0.05 < (alpha > 127).mean() < 0.5
    solid = alpha == 255
    assert np.abs(cut[:, :, :3].astype(int) - before)[solid].mean() < 3
    assert not cut[alpha == 0].any()
    with Image.open(made.thumbnails[256]) as small:
        assert small.mode == "RGBA"


@pytest.mark.long
def test_layers_over_one_another_are_the_picture(scene: ProducedPicture, tmp_path: Path) -> None:
    entry = catalogue.get("bundled")
    request = ordering.layers(entry, count=4, seed=1, **about(scene))
    made = draw(request, entry, tmp_path / "out", sources=Sources(scene.master, fields=scene.fields))
    assert 2 <= len(made) <= 4
    assert [picture.index for picture in made] == list(range(len(made)))
    whole = Image.fromarray(pixels(made[0])).convert("RGBA")
    for picture in made[1:]:
        assert pixels(picture).shape[2] == 4
        whole = Image.alpha_composite(whole, Image.fromarray(pixels(picture)))
    off = np.abs(np.asarray(whole)[:, :, :3].astype(int) - pixels(scene))
    assert off.mean() < 1
    assert (
        np.abs(pixels(made[0])[:, :, :3].astype(int) - pixels(scene)).mean() > 2
    )  # the tree is not in the scene


def test_without_fields_the_bundled_model_says_that_it_can_not(
    scene: ProducedPicture, tmp_path: Path
) -> None:
    entry = catalogue.get("bundled")
    request = ordering.remove_background(entry, **about(scene))
    with pytest.raises(ModelUnavailable, match="nothing is stored"):
        draw(request, entry, tmp_path / "out", sources=Sources(scene.master))


@pytest.mark.long
def test_a_picture_of_nothing_has_nothing_to_cut_out(scene: ProducedPicture, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    from generation.bundled import projection

    assert scene.fields
    fields = load_file(scene.fields)["fields"].float()
    empty = projection.composed(fields, painted=False).empty().fields
    save_file({"fields": empty.half()}, tmp_path / "empty.safetensors")
    entry = catalogue.get("bundled")
    sources = Sources(scene.master, fields=tmp_path / "empty.safetensors")
    with pytest.raises(NothingThere):
        draw(ordering.remove_background(entry, **about(scene)), entry, tmp_path / "out", sources=sources)
    # Taken apart it is its bands.
    made = draw(
        ordering.layers(entry, count=5, seed=1, **about(scene)), entry, tmp_path / "out", sources=sources
    )
    assert [picture.recipe["stages"][-2]["what"] for picture in made] == [["sky"], ["far"], ["ground"]]


# --- an operator's model -----------------------------------------------------------------------------------------


def cutout_entry(folder: Path) -> Entry:
    return replace(
        catalogue.get("bundled"), id="cutout", family="cutout", source=str(folder), projection="",
        scaler="lanczos", capabilities=frozenset({"remove_background"}),
    )  # fmt: skip


def test_an_operators_model_removes_the_background_of_any_picture(tmp_path: Path) -> None:
    entry = cutout_entry(cutout.save(tmp_path / "tiny"))
    source = Image.new("RGB", (300, 200), (30, 60, 220))
    ImageDraw.Draw(source).rectangle((80, 40, 220, 160), fill=(230, 20, 20))
    source.save(tmp_path / "source.png")
    request = ordering.remove_background(entry, reference=REFERENCE, source=Size(300, 200))
    (made,) = draw(
        request, entry, tmp_path / "out", sources=Sources(tmp_path / "source.png"), residency=Residency()
    )
    cut = pixels(made)
    assert cut.shape == (200, 300, 4)
    assert tuple(cut[100, 150]) == (230, 20, 20, 255)
    assert not cut[10, 10].any()
    assert made.recipe["stages"][0] == {"stage": "cut_out", "by": "cutout"}
    assert made.recipe["model"]["revision"].startswith("sha256:")


@pytest.mark.parametrize("content", [None, b"not a model", b"weights elsewhere"])
def test_a_folder_without_a_whole_model_is_refused(content: bytes | None, tmp_path: Path) -> None:
    folder = cutout.save(tmp_path / "tiny")
    path = folder / "model.onnx"
    if content is None:
        path.unlink()
    elif content == b"weights elsewhere":
        model = onnx.load(path)
        onnx.save_model(model, path, save_as_external_data=True, location="w.bin", size_threshold=0)
        (folder / "w.bin").write_bytes(b"\0" * 4096)
    else:
        path.write_bytes(content)
    entry = cutout_entry(folder)
    Image.new("RGB", (30, 20)).save(tmp_path / "source.png")
    request = ordering.remove_background(entry, reference=REFERENCE, source=Size(30, 20))
    with pytest.raises(ModelUnavailable):
        draw(
            request, entry, tmp_path / "out", sources=Sources(tmp_path / "source.png"), residency=Residency()
        )


def test_an_option_that_it_has_not_is_an_error(tmp_path: Path) -> None:
    entry = replace(cutout_entry(cutout.save(tmp_path / "tiny")), options={"threshold": 0.5})
    with pytest.raises(ModelUnavailable, match="has no option 'threshold'; it has: none"):
        load(entry)
