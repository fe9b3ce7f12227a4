"""`manage.py generate`: the engine from the command line, and one clear line where something is wrong."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

SAIL = "a red sailboat at sunset"


def generate(out: Path, *arguments: str, prompt: str = SAIL) -> None:
    call_command("generate", prompt, "--out", str(out), "--seed", "7", "--steps", "4", *arguments)


def test_the_same_seed_gives_the_same_bytes_at_4k(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        generate(tmp_path / name, "--shape", "16:9", "--size", "4k")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (3840, 2160)


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
        (("--model", "sdxl"), SAIL, "not on offer"),
        (("--steps", "999"), SAIL, "steps"),
        (("--count", "5"), SAIL, "one and four"),
        (("--seed", "-1"), SAIL, "seed"),
        (("--strength", "0.5"), SAIL, "reference"),
        (("--reference", "/nowhere.png"), SAIL, "not a picture"),
        (("--reference", __file__), SAIL, "not a picture"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], prompt: str, says: str
) -> None:
    with pytest.raises(CommandError) as caught:
        generate(tmp_path / "a.png", *arguments, prompt=prompt)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("out", ["a.jpg", "missing/a.png"])
def test_a_target_that_can_not_be_is_refused_before_any_work(tmp_path: Path, out: str) -> None:
    with pytest.raises(CommandError):
        generate(tmp_path / out)
