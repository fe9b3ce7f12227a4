"""A picture is taken as Chromium shows it: accepted where that decodes it whole, with the pixels that it paints."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page

from generation.ingest import formats, reading
from generation.ingest.outcome import Unacceptable
from tests.generation.files import corpus
from tests.generation.files.corpus import Case

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "AVIF": "image/avif"}
AT_ONCE = 25
# As an <img> paints it; and whether the whole was decoded, which an <img> doesn't tell.
SHOW = """
async cases => Promise.all(cases.map(async ([type, text]) => {
  const blob = new Blob([Uint8Array.from(atob(text), c => c.charCodeAt(0))], {type});
  const whole = await createImageBitmap(blob).then(() => true, () => false);
  const image = new Image();
  const loaded = new Promise(resolve => { image.onload = () => resolve(true); image.onerror = () => resolve(false); });
  image.src = URL.createObjectURL(blob);
  if (!await loaded) return [whole, 0, 0, ''];
  const [width, height] = [image.naturalWidth, image.naturalHeight];
  const canvas = Object.assign(document.createElement('canvas'), {width, height});
  const context = canvas.getContext('2d', {willReadFrequently: true});
  context.drawImage(image, 0, 0);
  let pixels = '';
  for (const level of context.getImageData(0, 0, width, height).data) pixels += String.fromCharCode(level);
  return [whole, width, height, btoa(pixels)];
}))
"""
# Chromium leaves out the last rows of a JPEG whose end marker is missing, and paints nothing of a WebP that is shorter
# than it says (also if only notes, or a byte of padding, are missing), or refuses one that is longer. All their pixels
# are there, so they are accepted.
COMPLETED = tuple(f"jpeg {kind}short of {lost} " for kind in ("", "grey ", "progressive ") for lost in (1, 2))
COMPLETED += tuple(f"webp with notes short of {lost} " for lost in (1, 2, 3, 4, 6, 12, 13, 16, 17, 20, 24))
COMPLETED += tuple(f"webp {kind}, size " for kind in ("lossy", "lossless", "with notes"))
COMPLETED += ("webp short of 1 ",)


INKS = ("jpeg CMYK with profile inks", "jpeg four inks, ")


@dataclass(frozen=True)
class Shown:
    """What Chromium makes of a file; `image` is None where it shows nothing at all."""

    is_whole: bool
    image: Image.Image | None


def shown_by(page: Page, cases: list[Case]) -> list[Shown]:
    found: list[Shown] = []
    for at in range(0, len(cases), AT_ONCE):
        sent = [
            [TYPES[case.form], base64.b64encode(case.content).decode()] for case in cases[at : at + AT_ONCE]
        ]
        for is_whole, width, height, pixels in page.evaluate(SHOW, sent):
            image = Image.frombytes("RGBA", (width, height), base64.b64decode(pixels)) if pixels else None
            found.append(Shown(is_whole, image))
    return found


@cache
def ours(content: bytes) -> Image.Image | None:
    """The pixels of the master, or None for a file that is refused."""
    file = io.BytesIO(content)
    form = formats.format_of(file.read(formats.HEAD))
    file.seek(0)
    limit = Image.MAX_IMAGE_PIXELS
    try:
        return reading.normalise(reading.open_header(file, form, max_pixels=10**6, max_side=4000)).convert(
            "RGBA"
        )
    except Unacceptable:
        return None
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def difference(one: Image.Image, other: Image.Image) -> int:
    """By how many levels they differ at most, as they look on black and on white paper."""
    if one.size != other.size:
        return 256
    worst = 0
    for paper in ("black", "white"):
        sheets = []
        for image in (one, other):
            sheet = Image.new("RGBA", image.size, paper)
            sheet.alpha_composite(image)
            sheets.append(sheet)
        worst = max(worst, *(high for _low, high in _extremes(ImageChops.difference(*sheets))))
    return worst


def _extremes(image: Image.Image) -> list[tuple[int, int]]:
    found: Any = image.getextrema()
    return list(found)


def allowed(image: Image.Image, name: str = "") -> int:
    """One level; where something is seen through, the canvas rounds twice more (it keeps colours multiplied).

    Two also for inks through a profile's table: between 65 points a side sRGB is taken as straight.
    """
    return 2 if name.startswith(INKS) or _extremes(image)[3] != (255, 255) else 1


def test_whole_pictures_are_kept_as_they_are_shown(page: Page) -> None:
    cases = [*corpus.whole(), *corpus.four_inks()]
    wrong = {}
    for case, shown in zip(cases, shown_by(page, cases), strict=True):
        mine = ours(case.content)
        if mine is None or shown.image is None or not shown.is_whole:
            wrong[case.name] = f"{mine} and {shown}"
        elif (levels := difference(mine, shown.image)) > allowed(shown.image, case.name):
            wrong[case.name] = f"{levels} levels"
    assert wrong == {}


def test_what_is_known_to_differ_differs_by_no_more_than_is_said(page: Page) -> None:
    known = corpus.known_to_differ()
    shown = shown_by(page, [case for case, _most in known.values()])
    measured = {}
    for (name, (case, most)), painted in zip(known.items(), shown, strict=True):
        mine = ours(case.content)
        assert mine is not None
        assert painted.image is not None
        measured[name] = difference(mine, painted.image)
        assert 1 < measured[name] <= most, measured


def test_damaged_pictures_are_accepted_where_chromium_shows_all_of_them(page: Page) -> None:
    cases = corpus.damaged()
    wrong = {}
    for case, shown in zip(cases, shown_by(page, cases), strict=True):
        mine, good = ours(case.content), ours(case.undamaged) if case.undamaged else None
        if case.name.startswith(COMPLETED):
            is_right = mine is not None and good is not None and difference(mine, good) == 0
        elif shown.image is not None and (
            shown.is_whole or (good is not None and difference(shown.image, good) <= 1)
        ):
            is_right = mine is not None and difference(mine, shown.image) <= allowed(shown.image)
        else:
            is_right = mine is None
        if not is_right:
            wrong[case.name] = f"{mine and mine.size} and {shown}"
    assert wrong == {}


def test_the_corpus_holds_pictures_of_each_outcome(page: Page) -> None:
    cases = corpus.damaged()
    accepted = [case.form for case in cases if ours(case.content) is not None]
    refused = [case.form for case in cases if ours(case.content) is None]
    for form in ("PNG", "JPEG", "WEBP"):
        assert accepted.count(form) > 5
        assert refused.count(form) > 5
    assert len({case.name for case in [*cases, *corpus.whole()]}) == len(cases) + len(corpus.whole())


def test_the_reported_files_are_accepted_with_all_their_pixels() -> None:
    for name in (
        "jpeg-without-end-marker.jpg",
        "png_badgama.png",
        "png_text_badcrc.png",
        "webp_riffsize.webp",
    ):
        picture = ours((Path(corpus.CASES) / name).read_bytes())
        assert picture is not None
        corners = {picture.getpixel((x, y)) for x in (2, picture.width - 3) for y in (2, picture.height - 3)}
        assert len(corners) == 4, name
