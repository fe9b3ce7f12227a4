"""A candidate takes the shipped weights' place only where it scores better."""

import json
from pathlib import Path

import pytest

from generation.bundled import assemble, promote, superresolution
from generation.bundled.training import judge, loop
from generation.bundled.training import superresolution as larger


def _folder(place: Path, mark: str) -> Path:
    (place / promote.PICTURES).mkdir(parents=True)
    (place / promote.PICTURES / "weights").write_text(mark)
    (place / "recommended.json").write_text(json.dumps({"steps": 25, "guidance": 2.0, "mark": mark}))
    return place


@pytest.fixture
def shares(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[float, float]]:
    """Share of facts, one and two kinds, by what the weights file says."""
    scores: dict[str, tuple[float, float]] = {}

    def by_judge(judge: object, folder: Path, *, every: int = 1) -> promote.Scores:
        one, two = scores[(folder / "weights").read_text()]
        return {"one kind": {"facts": one}, "two kinds": {"facts": two}}

    monkeypatch.setattr(promote, "trained", lambda: None)
    monkeypatch.setattr(promote, "by_judge", by_judge)
    return scores


@pytest.mark.parametrize(
    ("candidate", "shipped", "replaced"),
    [
        ((0.90, 0.80), (0.89, 0.80), True),
        ((0.90, 0.80), (0.90, 0.80), False),
        ((0.95, 0.70), (0.90, 0.80), False),
        ((0.50, 0.50), (0.60, 0.60), False),
    ],
)
def test_only_a_better_candidate_replaces_the_shipped_pictures(
    tmp_path: Path, shares: dict[str, tuple[float, float]],
    candidate: tuple[float, float], shipped: tuple[float, float], replaced: bool,
) -> None:  # fmt: skip
    shares.update(new=candidate, old=shipped)
    new, old = _folder(tmp_path / "new", "new"), _folder(tmp_path / "old", "old")
    (old / promote.PICTURES / "stale").write_text("of the old weights")

    assert promote.promote_pictures(new, old) is replaced

    mark = "new" if replaced else "old"
    assert (old / promote.PICTURES / "weights").read_text() == mark
    assert json.loads((old / "recommended.json").read_text())["mark"] == mark
    assert (old / promote.PICTURES / "stale").exists() is not replaced
    assert (new / promote.PICTURES / "weights").read_text() == "new"


def test_the_first_candidate_of_all_is_shipped(
    tmp_path: Path, shares: dict[str, tuple[float, float]]
) -> None:
    shares["new"] = (0.1, 0.1)
    new = _folder(tmp_path / "new", "new")
    (tmp_path / "old").mkdir()
    assert promote.promote_pictures(new, tmp_path / "old")


def test_a_judge_that_is_right_no_more_often_is_not_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "judge" / "model.safetensors"
    right = {"": 0.5}
    monkeypatch.setattr(judge, "trained", lambda: judge.Judge().eval())
    monkeypatch.setattr(judge, "accuracy", lambda _module: {"all kinds": right[""]})
    monkeypatch.setattr(judge, "FILE", place)
    assert judge.ship()  # the first of all
    first = place.read_bytes()
    assert not judge.ship()
    assert place.read_bytes() == first


def test_without_training_the_shipped_judge_decides_and_knows_what_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "STATE", tmp_path)
    right = judge.accuracy(judge.trained(), batches=2)
    assert min(right["setting"], right["time"], right["all kinds"], right["colours"]) > 0.95
    assert judge.FILE.stat().st_size < 6_000_000


@pytest.mark.parametrize(
    ("drawn", "photo", "replaced"),
    [(31.0, 30.0, True), (29.0, 30.0, False), (31.0, 29.7, False)],
)
def test_a_larger_picture_must_be_sharper_and_do_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawn: float, photo: float, replaced: bool
) -> None:
    for name, width in (("new", 8), ("old", 4)):
        superresolution.save(superresolution.SuperResolution(width, 1), tmp_path / name / promote.LARGER)

    def score(module: superresolution.SuperResolution) -> dict[str, tuple[float, float]]:
        ours = (drawn, photo) if module.width == 8 else (30.0, 30.0)
        return {"drawn": (ours[0], 28.0), "photo-like": (ours[1], 30.0)}

    monkeypatch.setattr(larger, "score", score)
    assert promote.promote_superresolution(tmp_path / "new", tmp_path / "old") is replaced
    kept = superresolution.load(tmp_path / "old" / promote.LARGER, "cpu")
    assert kept.width == (8 if replaced else 4)


def test_a_candidate_is_never_assembled_where_the_shipped_weights_lie() -> None:
    assert assemble.WEIGHTS not in (assemble.CANDIDATE, *assemble.CANDIDATE.parents)
