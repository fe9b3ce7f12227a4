"""Loading a model: options, claims and folders that don't fit are refused with a sentence."""

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from generation.engine import ModelUnavailable
from generation.engine.families import KINDS_OF_RUN, load
from tests.generation.engine.tiny.models import MODELS


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    found: dict[str, Path] = {}

    def folder(name: str) -> Path:
        if name not in found:
            found[name] = MODELS[name].save(tmp_path_factory.mktemp(name))
        return found[name]

    return folder


@pytest.mark.parametrize("name", MODELS)
def test_an_unknown_option_is_an_error_that_names_it(folders: Callable[[str], Path], name: str) -> None:
    entry = replace(MODELS[name].entry(folders(name)), options=MappingProxyType({"colour": "blue"}))
    with pytest.raises(ModelUnavailable, match="has no option 'colour'; it has: "):
        load(entry)


# "layers" is a claim that the engine may keep without the model.
@pytest.mark.parametrize(
    "name", [name for name, model in MODELS.items() if KINDS_OF_RUN - {"layers"} - set(model.kinds)]
)
def test_a_claim_that_the_weights_can_not_keep_is_an_error_that_says_what_they_can(
    folders: Callable[[str], Path], name: str
) -> None:
    entry = replace(MODELS[name].entry(folders(name)), capabilities=KINDS_OF_RUN)
    with pytest.raises(ModelUnavailable, match="its weights can do only") as caught:
        load(entry)
    can = str(caught.value).rsplit("only ", maxsplit=1)[1]
    assert set(can.split(", ")) == set(MODELS[name].kinds)


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("sdxl", "z_image"),
        ("z-image", "flux2_klein"),
        ("flux2-klein", "qwen_image"),
        ("qwen-image", "qwen_image_edit"),
        ("qwen-image-edit", "qwen_image_layered"),
        ("qwen-image", "sana"),
        ("sana", "stable_diffusion"),
    ],
)
def test_weights_of_another_family_are_refused(
    folders: Callable[[str], Path], name: str, family: str
) -> None:
    with pytest.raises(ModelUnavailable, match=r"is for \w+; the family|is not of the family"):
        load(replace(MODELS[name].entry(folders(name)), family=family))


@pytest.mark.parametrize("name", MODELS)
def test_a_tiny_model_is_data_alone_and_small(folders: Callable[[str], Path], name: str) -> None:
    files = [path for path in folders(name).rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".json", ".safetensors", ".jinja"}
    assert sum(path.stat().st_size for path in files) < 3 * 1024 * 1024


@pytest.mark.skipif(
    importlib.util.find_spec("torchvision") is not None,
    reason="says what is missing; torchvision, of the extra 'vision', is here",
)
def test_a_package_that_is_missing_is_named_with_the_extra_that_brings_it(
    folders: Callable[[str], Path],
) -> None:
    entry = MODELS["qwen-image-edit"].entry(folders("qwen-image-edit"))
    with pytest.raises(ModelUnavailable, match="extra 'vision'") as caught:
        load(replace(entry, family="auto"))
    assert "Torchvision" in str(caught.value)


def test_a_value_that_an_option_can_not_have_is_an_error(folders: Callable[[str], Path]) -> None:
    entry = MODELS["qwen-image-layered"].entry(folders("qwen-image-layered"))
    with pytest.raises(ModelUnavailable, match=r"resolution is one of \(640, 1024\)"):
        load(replace(entry, options=MappingProxyType({"resolution": 800})))


def test_the_options_of_an_entry_are_part_of_what_its_recipes_name(folders: Callable[[str], Path]) -> None:
    entry = MODELS["z-image"].entry(folders("z-image"))
    with_options = load(replace(entry, options=MappingProxyType({"cfg_truncation": 0.5})))
    assert with_options.revision == f'{load(entry).revision} with {{"cfg_truncation": 0.5}}'
