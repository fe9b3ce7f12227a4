"""Requests that change a picture: their box, their size, their price, and what is refused in one sentence."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.requests import boxes, catalogue, edits, kinds, ordering, recipe
from generation.requests.boxes import Box
from generation.requests.catalogue import Entry
from generation.requests.edits import Edit
from generation.requests.pricing import price
from generation.requests.request import GenerationRequest, InvalidRequest
from generation.requests.sizes import Size, size_class

PICTURE = "picture:0190b5a0-0000-7000-8000-000000000001"
MASK = "upload:0190b5a0-0000-7000-8000-000000000002"
FOUR_K = Size(3840, 2160)


def an_entry(**changes: Any) -> Entry:
    """A model that can do everything."""
    values: dict[str, Any] = {"capabilities": catalogue.CAPABILITIES, "max_references": 4} | changes
    return replace(catalogue.get("bundled"), **values)


def of_kind(kind: str, entry: Entry | None = None, **changes: Any) -> GenerationRequest:
    """A valid request of this kind about a 4K picture."""
    entry = entry or an_entry()
    common: dict[str, Any] = {"reference": PICTURE, "source": FOUR_K}
    builders: dict[str, Any] = {
        "inpaint": (
            ordering.inpaint,
            common | {"mask": MASK, "marked": Box(100, 100, 600, 500), "prompt": "a boat", "seed": 3},
        ),
        "outpaint": (
            ordering.outpaint,
            common | {"canvas": Size(4096, 4096), "place": (128, 500), "seed": 3},
        ),
        "upscale": (ordering.upscale, common | {"scale": "x2"}),
        "remove_background": (ordering.remove_background, common),
        "variation": (ordering.variation, common | {"seed": 3}),
        "segment": (ordering.segment, common | {"inside": ((20, 30),)}),
        "layers": (ordering.layers, common | {"count": 3, "seed": 3}),
        "edit": (
            ordering.edit,
            {"references": (PICTURE,), "prompt": "make it night", "shape": "1:1", "size": "2k", "seed": 3},
        ),
    }
    build, values = builders[kind]
    request: GenerationRequest = build(entry, **values | changes)
    return request


def in_place(**changes: Any) -> GenerationRequest:
    """An instruction whose result lies over a part of a 4K picture."""
    values: dict[str, Any] = {
        "reference": PICTURE, "source": FOUR_K, "mask": MASK, "box": Box(0, 0, 3840, 2160), "feather": 4,
        "prompt": "make it night", "size": "4k", "seed": 3,
    }  # fmt: skip
    return ordering.edit_in_place(an_entry(), **values | changes)


def test_an_instruction_that_is_laid_over_its_picture_has_the_pictures_size() -> None:
    for request in (in_place(), in_place(mask=None, source=Size(500, 320), box=Box(-10, 0, 510, 320))):
        assert GenerationRequest.from_json(request.to_json()) == request
        assert request.edit is not None
        assert request.output == request.edit.size
    assert in_place().batch_key() != in_place(feather=5).batch_key()
    assert of_kind("edit").output == Size(2048, 2048)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"box": Box(4000, 0, 4100, 50)}, "Mark a part that lies inside of the picture."),
        ({"feather": 513}, "Feather is a number of pixels from 0 to 512."),
        ({"source": Size(8193, 10)}, "The largest that works is"),
        ({"prompt": ""}, "Describe the picture"),
    ],
)
def test_an_instruction_that_can_not_be_laid_over_its_picture_is_refused(
    wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidRequest, match=sentence):
        in_place(**wrong)


NEW_KINDS = [kind for kind in kinds.KINDS if kind not in kinds.FIRST_KINDS]


@pytest.mark.parametrize("kind", NEW_KINDS)
def test_it_is_the_same_after_a_journey_through_json(kind: str) -> None:
    request = of_kind(kind)
    if kind in {"inpaint", "edit"}:
        request = replace(request, for_editor=True)
    again = GenerationRequest.from_json(request.to_json())
    assert again == request
    assert again.fingerprint() == request.fingerprint()
    assert again.batch_key() == request.batch_key()
    assert len(request.batch_key()) <= 200  # the column's width


@pytest.mark.parametrize("kind", NEW_KINDS)
def test_an_older_version_has_no_such_kind(kind: str) -> None:
    with pytest.raises(InvalidRequest):
        GenerationRequest.from_json(of_kind(kind).to_json() | {"version": 2})


@pytest.mark.parametrize(
    ("request_", "factor"),
    [
        (of_kind("inpaint"), 1),
        (of_kind("inpaint", count=3), 3),
        (of_kind("outpaint"), 1),
        (of_kind("edit"), 2),
        (of_kind("remove_background"), 1),
        (of_kind("layers", count=5), 5),
        (of_kind("variation"), 1),
        (of_kind("variation", size="4k", count=2), 8),
        (of_kind("upscale", source=Size(512, 512)), 1),
        (of_kind("upscale", source=Size(1024, 576)), 2),
        (of_kind("upscale", source=Size(1024, 576), scale="4k"), 4),
        (of_kind("upscale", source=Size(1024, 576), scale="x4"), 8),
        (of_kind("upscale"), 8),
    ],
    ids=lambda value: value.kind if isinstance(value, GenerationRequest) else str(value),
)  # fmt: skip
def test_an_edit_costs_the_class_it_is_drawn_in_and_an_upscale_the_one_that_holds_it(
    request_: GenerationRequest, factor: int
) -> None:
    assert price(request_) == catalogue.get("bundled").base_price * factor


@pytest.mark.parametrize(
    ("kind", "changes", "sentence"),
    [
        ("upscale", {"scale": "x4"}, "That would be 15360×8640 pixels. The largest that works is 8K"),
        ("upscale", {"scale": "x4", "source": Size(2000, 4000)}, "The largest that works is ×2: 4000×8000"),
        ("upscale", {"scale": "4k"}, "that large already. The largest that works is 8K: 7680×4320"),
        ("upscale", {"scale": "x2", "source": Size(8192, 100)}, "can't be enlarged any further"),
        ("upscale", {"scale": "x3"}, "Choose ×2, ×4, 4K or 8K."),
        ("upscale", {"source": Size(9000, 100)}, "can't be enlarged"),
        ("outpaint", {"canvas": Size(9000, 4000)}, "The largest that works is 8192×8192."),
        ("outpaint", {"canvas": Size(3840, 2000)}, "hold the whole picture"),
        ("outpaint", {"place": (-1, 0)}, "hold the whole picture"),
        ("outpaint", {"canvas": FOUR_K, "place": (0, 0)}, "larger on at least one side"),
        ("inpaint", {"prompt": " "}, "Describe the picture"),
        ("inpaint", {"feather": 9999}, "Feather is a number of pixels from 0 to 512."),
        ("inpaint", {"source": Size(9000, 9000)}, "The largest that works is 8192×8192."),
        ("inpaint", {"strength": 0.0}, "Strength is a number"),
        ("edit", {"prompt": ""}, "Describe the picture"),
        ("edit", {"references": (PICTURE, *[f"{PICTURE[:-1]}{n}" for n in range(2, 6)])}, "at most four"),
        ("edit", {"references": ()}, "Choose a picture to start from."),
        ("edit", {"references": ("https://example.test/a.png",)}, "Choose a picture to start from."),
        ("layers", {"count": 1}, "Choose 2 to 8 layers."),
        ("layers", {"count": 9}, "Choose 2 to 8 layers."),
        ("variation", {"strength": 2}, "Strength is a number"),
        ("remove_background", {"reference": None}, "Choose a picture to start from."),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence_that_says_what_to_do(
    kind: str, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        of_kind(kind, **changes)
    assert sentence in str(caught.value)
    assert len(caught.value.errors) == 1


@pytest.mark.parametrize("kind", NEW_KINDS)
@pytest.mark.parametrize(
    "wrong",
    [
        {"source": [1]}, {"source": ["a", 2]}, {"source": [0, 5]}, {"box": [1, 2, 3]}, {"box": [5, 5, 5, 5]},
        {"mask": 7}, {"feather": "x"}, {"canvas": [True, 1]}, {"scale": 2}, {"references": "picture"},
        {"references": [["a"]]}, {"unknown": 1}, "text", [1],
    ],
)  # fmt: skip
@pytest.mark.few(30)
def test_whatever_json_holds_is_refused_or_read(kind: str, wrong: Any) -> None:
    data = of_kind(kind).to_json()
    data["edit"] = data.get("edit", {}) | wrong if isinstance(wrong, dict) else wrong
    try:
        request = GenerationRequest.from_json(data)
    except InvalidRequest:
        return
    assert isinstance(request.output, Size)


def test_a_price_class_that_does_not_hold_the_output_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        GenerationRequest.from_json(of_kind("upscale").to_json() | {"size": "1k"})
    with pytest.raises(InvalidRequest):
        GenerationRequest.from_json(of_kind("inpaint").to_json() | {"size": "2k"})


def test_a_model_takes_so_many_references(monkeypatch: pytest.MonkeyPatch) -> None:
    others = tuple(f"{PICTURE[:-1]}{n}" for n in range(2, 5))
    for most, works in ((4, True), (3, False)):
        entry = an_entry(max_references=most)
        monkeypatch.setattr(catalogue, "get", lambda _id, entry=entry: entry)
        request = of_kind("edit", entry, references=(PICTURE, *others))
        assert request.references == (PICTURE, *others)
        if works:
            request.validated()
        else:
            with pytest.raises(InvalidRequest, match="at most 3 reference"):
                request.validated()


@pytest.mark.parametrize("kind", NEW_KINDS)
def test_a_model_that_can_not_do_it_is_not_asked(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = an_entry(capabilities=catalogue.CAPABILITIES - {kinds.NEEDS[kind]})
    monkeypatch.setattr(catalogue, "get", lambda _id: entry)
    with pytest.raises(InvalidRequest, match="can't do that"):
        of_kind(kind, entry).validated()


def test_a_file_names_neither_masks_nor_pictures() -> None:
    for kind in NEW_KINDS:
        made = {"request": of_kind(kind).to_json()}
        assert "0190b5a0" in str(made)
        assert "0190b5a0" not in str(recipe.for_file(made))


_lengths = st.integers(1, 8192)


@given(st.data(), _lengths, _lengths, st.sampled_from(["bundled", "sdxl", "qwen-image-2512"]))
def test_the_box_holds_the_mask_in_the_proportions_of_a_size_the_model_draws(
    data: st.DataObject, width: int, height: int, model: str
) -> None:
    left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    right, bottom = data.draw(st.integers(left + 1, width)), data.draw(st.integers(top + 1, height))
    mask, picture, sizes = Box(left, top, right, bottom), Size(width, height), catalogue.get(model).base_sizes
    shape, box = boxes.seen(mask, picture, sizes)
    assert box.holds(mask)
    base = sizes[shape]
    off = abs(box.size.width * base.height - box.size.height * base.width)
    assert off <= max(base.width, base.height)  # a pixel of rounding
    # It overhangs a side only where it is as long as the picture or longer, and then covers it whole.
    if box.left < 0 or box.right > width:
        assert box.left <= 0
        assert box.right >= width
    if box.top < 0 or box.bottom > height:
        assert box.top <= 0
        assert box.bottom >= height


@given(_lengths, _lengths)
def test_every_scale_on_offer_enlarges_and_fits(width: int, height: int) -> None:
    size = Size(width, height)
    for scale in edits.scales_for(size):
        large = edits.enlarged(size, scale)
        assert large.width > width
        assert size_class(large) in {"1k", "2k", "4k", "8k"}
        assert edits.errors(Edit(source=(width, height), scale=scale), "upscale") == {}


def test_4k_and_8k_are_exact() -> None:
    assert edits.enlarged(Size(1024, 576), "4k") == FOUR_K
    assert edits.enlarged(Size(256, 144), "8k") == Size(7680, 4320)
    assert edits.enlarged(Size(1024, 682), "4k") == Size(3840, 2558)
