"""A tiny model of every family, saved and loaded once a run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus, pipeline_qwenimage_layered

from generation.engine.families import Family, load
from tests.generation.engine.tiny.models import MODELS


@contextmanager
def seen_small() -> Iterator[None]:
    """Two pipelines look at every picture at a size of their own, which takes seconds here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline_qwenimage_edit_plus, "VAE_IMAGE_SIZE", 96**2)
        patch.setattr(pipeline_qwenimage_edit_plus, "CONDITION_IMAGE_SIZE", 64**2)
        own = pipeline_qwenimage_layered.calculate_dimensions
        patch.setattr(
            pipeline_qwenimage_layered, "calculate_dimensions", lambda area, ratio: own(area / 40, ratio)
        )
        yield


@pytest.fixture(scope="session")
def small_pictures() -> Iterator[None]:
    with seen_small():
        yield


@pytest.fixture(scope="session")
def families(small_pictures: None, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Family]:
    """Each model, saved and loaded when it is first asked for."""
    found: dict[str, Family] = {}

    def family(name: str) -> Family:
        if name not in found:
            folder = tmp_path_factory.mktemp(name)
            found[name] = load(MODELS[name].entry(MODELS[name].save(folder)))
        return found[name]

    return family
