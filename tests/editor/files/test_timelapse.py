"""A time-lapse shows what the log makes at each of its frames, of a bounded number and size."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from accounts.models import User
from editor import opening
from editor.files import timelapse
from editor.models import Document, Run
from editor.replay.planes import held
from editor.replaying import replayed
from tests.editor.files.making import Drawing, file_of
from tests.editor.making import post, send, uploaded, work


def frames_of(content: bytes) -> list[tuple[Image.Image, int]]:
    with Image.open(io.BytesIO(content)) as film:
        assert film.format == "WEBP"
        return [(frame.convert("RGBA"), frame.info["duration"]) for frame in ImageSequence.Iterator(film)]


def shown_at(document: Document, uid: UUID) -> Any:
    with replayed(document, uid, on_progress=lambda _done, _of: None) as state:
        return state.picture()


def path_to(document: Document) -> list[UUID]:
    rows = {row.uid: row.parent for row in document.operations.all()}
    at, path = document.head, list[UUID]()
    while at is not None:
        path.append(at)
        at = rows[at]
    return path[::-1]


def far(one: Any, other: Any) -> float:
    """The mean difference of what is seen, in levels."""
    first, second = np.array(one).astype(int), np.array(other).astype(int)
    return float(np.abs(first[..., :3] * first[..., 3:] - second[..., :3] * second[..., 3:]).mean() / 255)


def a_drawing(owner: User, client: Client) -> Document:
    """Several steps, some of which change no pixel, and a branch that was undone."""
    document = opening.blank(user=owner, width=400, height=300, rgba=0xFF6090F0)
    undone = Drawing(document)
    undone.stroke((10, 10), (390, 290), layer=opening.BASE, rgb=0)
    undone.send(client, document)
    drawing = Drawing(document)
    drawing.head = UUID(undone.made[0]["parent"])
    stops = [[0, 0xFF2020C0], [1023, 0xFFC0E0FF]]
    ends = {"x0": 0, "y0": 0, "x1": 6400, "y1": 4800}
    drawing.do(
        "gradient", layer=opening.BASE, shape="linear", **ends, stops=stops, opacity=255, mode="normal"
    )
    drawing.do("layer.add", layer="upper", name="Upper", above=opening.BASE)
    for number in range(8):
        drawing.stroke((20 + 40 * number, 30), (60 + 30 * number, 270), layer="upper", radius=300)
    drawing.do("select", shape="rectangle", x0=50, y0=50, x1=350, y1=200, feather=20)
    drawing.do("clear", layer="upper")
    drawing.do("select", shape="none")
    drawing.do("layer.set", layer="upper", opacity=128)
    answer = send(client, document, drawing.made, expected=document.head)
    assert answer.status_code == 200, answer.content
    document.refresh_from_db()
    return document


def test_each_frame_is_what_replay_makes(alice: User, hers: Client) -> None:
    document = a_drawing(alice, hers)
    _state, content = file_of(hers, document, "timelapse")

    frames = frames_of(content)

    assert frames[0][0].size == (400, 300)
    expected: list[Any] = []
    for uid in path_to(document):
        picture = shown_at(document, uid)
        if not expected or (picture != expected[-1]).any():
            expected.append(picture)
    assert len(frames) == len(expected)  # steps that change no pixel only take longer
    for (frame, _milliseconds), picture in zip(frames, expected, strict=True):
        assert far(frame, picture) < 2
    assert frames[-1][1] >= 2500
    assert sum(milliseconds for _frame, milliseconds in frames) < 30_000
    with Image.open(io.BytesIO(content)) as film:
        assert b"DigitalSourceType" in film.info["xmp"]


def test_a_step_that_changes_much_is_shown_longer_than_one_that_changes_little(
    alice: User, hers: Client
) -> None:
    document = opening.blank(user=alice, width=200, height=200, rgba=0xFF6090F0)
    drawing = Drawing(document)
    drawing.stroke((20, 20), (30, 30), layer=opening.BASE, radius=40, rgb=0)
    drawing.do("fill", layer=opening.BASE, rgba=0xFF00FF00, opacity=255, mode="normal")
    drawing.stroke((20, 20), (30, 30), layer=opening.BASE, radius=40, rgb=0)
    drawing.stroke((120, 120), (130, 130), layer=opening.BASE, radius=40, rgb=0)
    drawing.send(hers, document)
    opened, little, much, again, _last = (
        milliseconds for _frame, milliseconds in frames_of(file_of(hers, document, "timelapse")[1])
    )
    assert opened == much == timelapse._LONGEST * timelapse._NEW
    assert timelapse._LONGEST * timelapse._STILL < little < much / 2
    assert abs(little - again) < 20


def test_the_undone_branch_is_not_in_it_and_sizes_may_change(alice: User, hers: Client) -> None:
    document = opening.blank(user=alice, width=200, height=100, rgba=0xFF0000FF)
    drawing = Drawing(document)
    drawing.do("canvas", width=100, height=200, dx=0, dy=100, keep=True)
    drawing.stroke((10, 10), (90, 180), layer=opening.BASE, rgb=0x00FF00)
    drawing.send(hers, document)
    frames = frames_of(file_of(hers, document, "timelapse")[1])
    first, second, third = (np.array(frame) for frame, _milliseconds in frames)
    assert first.shape == (200, 100, 4)
    # The wide picture of before stands in the middle of the high one, half as large.
    assert (first[..., 3] > 0).sum() == 100 * 50
    assert (first[80:120, :, 0] > 245).all()
    assert far(Image.fromarray(second), shown_at(document, path_to(document)[1])) < 2
    assert far(Image.fromarray(third), shown_at(document, path_to(document)[2])) < 4


def test_frames_of_steps_that_take_as_long_as_one_another_are_even_and_at_most_so_many() -> None:
    assert timelapse.chosen([50, 50, 50], 300) == {1, 2, 3}
    for steps in (300, 301, 5000, 200_000):
        chosen = sorted(timelapse.chosen([700] * steps, 300))
        assert 150 <= len(chosen) <= 300
        assert (chosen[0], chosen[-1]) == (1, steps)
        gaps = np.diff(chosen)[:-1]
        assert gaps.min() == gaps.max()


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=400), st.integers(3, 60))
def test_frames_are_never_too_many_and_hold_the_first_and_the_last_step(times: list[int], most: int) -> None:
    chosen = timelapse.chosen(times, most)
    assert {1, len(times)} <= chosen <= set(range(1, len(times) + 1))
    assert len(chosen) <= most or len(chosen) == 2


def test_who_takes_time_over_a_stroke_sees_it_by_itself_and_quick_dabs_share_a_frame() -> None:
    dabs, slow = [100] * 900, [2500] * 40
    chosen = timelapse.chosen([50, *dabs, *slow], 120)
    assert {902 + number for number in range(40)} <= chosen
    assert len(chosen) <= 120


def test_a_pause_and_what_shows_nothing_take_no_time_of_the_film() -> None:
    at = 1_700_000_000_000
    night = 9 * 60 * 60 * 1000
    moments = [
        *(
            ("open", at),
            ("stroke", at + 400),
            ("select", at + 900),
            ("stroke", at + night),
            ("stroke", at + night + 20),
        ),
        *(("fill", None), ("stroke", at + night + 500), ("stroke", at)),
    ]
    assert timelapse.spent(moments) == [50, 400, 0, 3000, 50, 50, 50, 50]


def test_a_long_document_is_shown_by_the_time_that_its_steps_took(
    alice: User, hers: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timelapse, "MOST_FRAMES", 12)
    document = opening.blank(user=alice, width=200, height=200, rgba=0xFFFFFFFF)
    drawing = Drawing(document)
    at = timezone.now() - timedelta(hours=2)
    for number in range(50):  # dabs, five in a second, then a pause, then six strokes that took their time
        drawing.stroke((number * 3, 10), (number * 3 + 1, 10), layer=opening.BASE, radius=16, rgb=0)
        drawing.at(at := at + timedelta(milliseconds=200))
    at += timedelta(hours=1)
    for number in range(6):
        drawing.stroke((10, 40 + 25 * number), (190, 40 + 25 * number), layer=opening.BASE, radius=80, rgb=0)
        drawing.at(at := at + timedelta(seconds=3))
    drawing.send(hers, document)

    frames = [np.array(frame) for frame, _time in frames_of(file_of(hers, document, "timelapse")[1])]

    assert len(frames) <= 12
    strokes = [(frame[[40 + 25 * number for number in range(6)], 100, 0] < 128).sum() for frame in frames]
    assert {1, 2, 3, 4, 5, 6} <= set(strokes)  # one at a time


@pytest.mark.parametrize(
    ("size", "frame"),
    [
        ((300, 200), (300, 200)),
        ((3840, 2160), (1920, 1080)),
        ((8192, 8192), (1080, 1080)),
        ((2000, 8000), (480, 1920)),
        ((8192, 1), (1920, 1)),
    ],
)
def test_frames_have_at_most_the_size_of_a_screen(size: tuple[int, int], frame: tuple[int, int]) -> None:
    assert timelapse._frame_size(size) == frame


def test_tiles_that_are_put_away_on_the_way_change_nothing(
    alice: User, hers: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = a_drawing(alice, hers)
    plain = file_of(hers, document, "timelapse")[1]
    monkeypatch.setattr(timelapse, "MOST_HELD", min(0, held.bytes))
    assert document.assets.filter(role="tiles").count() == 0
    few = frames_of(file_of(hers, document, "timelapse")[1])
    assert far(few[-1][0], frames_of(plain)[-1][0]) < 2
    assert document.assets.filter(role="tiles").count() == 0  # nothing of it is kept


def test_a_document_with_too_many_steps_says_so(
    alice: User, hers: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = opening.from_file(user=alice, file=uploaded(64))
    monkeypatch.setattr(timelapse, "MOST_SECONDS", -1.0)
    answer = post(hers, "export", document, {"operation": str(document.head), "format": "timelapse"})
    work()
    state = hers.get(answer.json()["run"]).json()
    assert state["state"] == "failed"
    assert "too many steps" in state["sentence"]
    assert not Run.objects.filter(file__isnull=False).exists()
