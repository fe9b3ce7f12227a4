"""`manage.py generate`: the engine from the command line, and one clear line for each error."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from generation.requests import marking

SAIL = "a red sailboat at sunset"


def generate(out: Path, *arguments: str, prompt: str = SAIL) -> None:
    call_command("generate", prompt, "--out", str(out), "--seed", "7", "--steps", "4", *arguments)


@pytest.mark.long
def test_the_same_seed_gives_the_same_bytes_at_4k(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        generate(tmp_path / name, "--shape", "16:9", "--size", "4k")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (3840, 2160)
    with (tmp_path / "a.png").open("rb") as file:
        recipe = marking.read_png(file)
    assert recipe is not None
    assert (recipe["request"]["prompt"], recipe["seed"]) == (SAIL, 7)


@pytest.mark.long
def test_several_pictures_are_numbered(tmp_path: Path) -> None:
    generate(tmp_path / "boat.png", "--count", "2")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["boat-1.png", "boat-2.png"]


def test_a_picture_can_start_from_a_picture(tmp_path: Path) -> None:
    Image.new("RGB", (300, 200), "navy").save(tmp_path / "sea.jpg")
    generate(tmp_path / "boat.png", "--reference", str(tmp_path / "sea.jpg"), "--strength", "0.5")
    assert (tmp_path / "boat.png").exists()


@pytest.mark.parametrize(
    ("arguments", "prompt", "says"),
    [
        ((), " ", "Describe the picture"),
        (("--model", "dall-e"), SAIL, "There is no model"),
        (("--model", "sdxl"), SAIL, "no longer available"),
        (("--steps", "999"), SAIL, "steps"),
        (("--count", "5"), SAIL, "one to four"),
        (("--seed", "-1"), SAIL, "seed"),
        (("--strength", "0.5"), SAIL, "reference"),
        (("--reference", "/nowhere.png"), SAIL, "not a picture"),
        (("--reference", __file__), SAIL, "not a picture"),
    ],
)
def test_an_error_is_one_clear_line(
    tmp_path: Path, arguments: tuple[str, ...], prompt: str, says: str
) -> None:
    with pytest.raises(CommandError) as caught:
        generate(tmp_path / "a.png", *arguments, prompt=prompt)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("out", ["a.jpg", "missing/a.png"])
def test_an_impossible_target_is_refused_before_any_work(tmp_path: Path, out: str) -> None:
    with pytest.raises(CommandError):
        generate(tmp_path / out)


@pytest.mark.long
def test_every_kind_of_change_by_files(tmp_path: Path) -> None:
    first, fields = tmp_path / "first.png", tmp_path / "first.safetensors"
    generate(first, "--shape", "16:9", "--keep-fields")
    assert fields.exists()
    with Image.open(first) as picture:
        width, height = picture.size
    mask = Image.new("L", (width, height))
    mask.paste(255, (100, 300, 400, 500))
    mask.save(tmp_path / "mask.png")
    start = ("--reference", str(first), "--fields", str(fields))
    sizes = {}
    for kind, more in {
        "inpaint": ("--mask", str(tmp_path / "mask.png")),
        "outpaint": ("--canvas", "1280x720", "--place", "128x100"),
        "variation": (),
        "upscale": ("--scale", "x2"),
        "remove_background": (),
        "layers": ("--count", "2"),
    }.items():
        generate(tmp_path / f"{kind}.png", "--kind", kind, *start, *more)
    for path in tmp_path.glob("*.png"):
        with Image.open(path) as picture:
            sizes[path.stem] = (picture.size, picture.mode)
    assert sizes["inpaint"] == ((1024, 576), "RGB")
    assert sizes["outpaint"] == ((1280, 720), "RGB")
    assert sizes["variation"] == ((1024, 576), "RGB")
    assert sizes["upscale"] == ((2048, 1152), "RGB")
    assert sizes["remove_background"] == ((1024, 576), "RGBA")
    assert sizes["layers-1"] == ((1024, 576), "RGB")
    assert sizes["layers-2"] == ((1024, 576), "RGBA")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--kind", "inpaint"), "needs --mask"),
        (("--kind", "upscale", "--scale", "x2", "--reference", "/nowhere.png"), "not a picture"),
        (("--kind", "edit"), "can't do that"),
        (("--kind", "upscale"), "Choose"),
    ],
)
def test_a_change_that_is_wrong_is_said_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    more = () if "--reference" in arguments else ("--reference", str(tmp_path / "a.png"))
    with pytest.raises(CommandError) as caught:
        generate(tmp_path / "b.png", *arguments, *more)
    assert says in str(caught.value)
