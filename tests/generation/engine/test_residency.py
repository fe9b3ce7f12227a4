"""Models stay loaded while there is room, and the least recently used one goes first."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generation.engine.families.residency import Residency
from generation.requests.catalogue import Entry


class Loader:
    def __init__(self) -> None:
        self.loaded: list[str] = []

    def __call__(self, entry: Entry) -> Any:
        self.loaded.append(entry.id)
        return object()


def use(residency: Residency, entry: Entry, *ids: str) -> None:
    for id_ in ids:
        with residency.lend(replace(entry, id=id_, memory_mb=100)):
            pass


@pytest.fixture
def loader(monkeypatch: pytest.MonkeyPatch) -> Loader:
    # What loading really takes is measured in test_memory; here every model takes what its entry says.
    monkeypatch.setattr("generation.engine.device.used_mb", lambda: 0)
    return Loader()


def test_a_model_is_loaded_once(tiny_entry: Entry, loader: Loader) -> None:
    residency = Residency(lambda: 1000, loader)
    use(residency, tiny_entry, "a", "b", "a", "b")
    assert loader.loaded == ["a", "b"]


def test_the_least_recently_used_model_makes_room(tiny_entry: Entry, loader: Loader) -> None:
    residency = Residency(lambda: 250, loader)
    use(residency, tiny_entry, "a", "b", "a", "c")
    assert residency.resident() == ("a", "c")


def test_a_model_larger_than_the_budget_is_loaded_alone(tiny_entry: Entry, loader: Loader) -> None:
    residency = Residency(lambda: 50, loader)
    use(residency, tiny_entry, "a", "b")
    assert residency.resident() == ("b",)


def test_another_revision_of_a_model_is_another_model(tiny_entry: Entry, loader: Loader) -> None:
    residency = Residency(lambda: 1000, loader)
    with (
        residency.lend(replace(tiny_entry, revision="1")) as one,
        residency.lend(replace(tiny_entry, revision="2")) as other,
    ):
        assert one is not other


def test_an_unloaded_model_is_loaded_again(tiny_entry: Entry, loader: Loader) -> None:
    residency = Residency(lambda: 1000, loader)
    use(residency, tiny_entry, "a")
    residency.drop_all()
    use(residency, tiny_entry, "a")
    assert loader.loaded == ["a", "a"]


def test_what_was_measured_decides_from_then_on(
    tiny_entry: Entry, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each says 100 MB; "big" takes 180.
    monkeypatch.setattr(
        "generation.engine.placement.memory_mb",
        lambda _model, entry, grown_mb: 180 if entry.id == "big" else 100,
    )
    residency = Residency(lambda: 250, loader)
    use(residency, tiny_entry, "a", "big")
    assert residency.resident() == ("big",)  # both together were more than the budget
    use(residency, tiny_entry, "a")
    assert residency.resident() == ("a",)
    assert not residency.has_room(replace(tiny_entry, id="big", memory_mb=100))
    assert residency.has_room(replace(tiny_entry, id="b", memory_mb=100))
    assert residency.has_room(replace(tiny_entry, id="a", memory_mb=100))


def test_quantised_offloaded_or_whole_are_three_models(tiny_entry: Entry, loader: Loader) -> None:
    residency = Residency(lambda: 1000, loader)
    ways: tuple[dict[str, Any], ...] = ({}, {"quantise": "int8"}, {"offload": "model"}, {})
    for changes in ways:
        with residency.lend(replace(tiny_entry, **changes)):
            pass
    assert len(loader.loaded) == 3


def test_how_long_a_load_took_decides_how_long_a_worker_stays_with_it(
    tiny_entry: Entry, loader: Loader
) -> None:
    now = [0.0]

    def slowly(entry: Entry) -> Any:
        now[0] += 20
        return loader(entry)

    residency = Residency(lambda: 1000, slowly, lambda: now[0])
    assert not residency.has_just_loaded(loads=4, longest=120)
    use(residency, tiny_entry, "a")
    assert residency.load_seconds() == {"a": 20}
    for after, stays in ((0, True), (79, True), (81, False)):
        now[0] = 20.0 + after
        assert residency.has_just_loaded(loads=4, longest=120) is stays
    assert not residency.has_just_loaded(loads=4, longest=60)
    now[0] = 20.0
    assert not residency.has_just_loaded(loads=0, longest=120)


def test_tiny_pipelines_are_lent_by_what_their_weights_take(tiny_entry: Entry, tiny_xl_folder: Path) -> None:
    # Both say far more than they take; the budget holds one of them and not both.
    xl = replace(tiny_entry, id="xl", source=str(tiny_xl_folder), memory_mb=3)
    small = replace(tiny_entry, memory_mb=3)
    residency = Residency(lambda: 3)
    for entry in (small, xl, small):
        with residency.lend(entry) as family:
            assert family.capabilities
        assert sum(residency.resident_mb().values()) <= 3
    assert 1 <= residency.resident_mb()[small.id] <= 3
    assert set(residency.load_seconds()) == {small.id, "xl"}
    assert all(seconds > 0 for seconds in residency.load_seconds().values())
