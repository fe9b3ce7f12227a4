"""Models stay loaded while there is room, and the least recently used one goes first."""

from dataclasses import replace
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
