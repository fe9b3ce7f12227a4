"""The recipe of a picture: everything needed to generate it again."""

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from generation.requests.request import GenerationRequest

VERSION: Final = 1
EDITOR: Final = "editor"  # in place of a model, in the recipe of what was made in the editor
SOFTWARE: Final = "Image 2"
ENGINE: Final = 5  # raised whenever a change of our own code changes pixels
_LIBRARIES: Final = ("torch", "diffusers", "transformers", "pillow")
# IPTC digital source type NewsCodes: made by a trained model; or from a picture, with such a model.
_SOURCE_TYPE: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_TRAINED: Final = _SOURCE_TYPE + "trainedAlgorithmicMedia"
_COMPOSITE: Final = _SOURCE_TYPE + "compositeWithTrainedAlgorithmicMedia"
# Made in the editor without a model: from something else, or from nothing.
_HUMAN_EDITS: Final = _SOURCE_TYPE + "humanEdits"
_DIGITAL_CREATION: Final = _SOURCE_TYPE + "digitalCreation"

Recipe = Mapping[str, Any]


def make(
    request: GenerationRequest,
    *,
    index: int,
    seed: int,
    model_revision: str,
    batch: int,
    stages: Sequence[Mapping[str, Any]],
    adapters: Sequence[Mapping[str, Any]] = (),
    control: Mapping[str, Any] | None = None,
    read: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The recipe as JSON types. It holds no time and no path: the same picture has the same recipe.

    `batch` is the number of pictures that were drawn together (rounding differs by it, in the last place); `stages`
    are what brought the picture to its output size; `adapters` what was added to the model's weights, by its hash;
    `control` the weights that a control picture led by, and how its map was made;
    `read` what the model read of words that were typed in another language.
    """
    return {
        "version": VERSION,
        "software": SOFTWARE,
        "engine": ENGINE,
        "request": request.to_json(),
        **({"read": dict(read)} if read else {}),
        "index": index,
        "seed": seed,
        "model": {"id": request.model, "revision": model_revision},
        **({"adapters": [dict(adapter) for adapter in adapters]} if adapters else {}),
        **({"control": dict(control)} if control else {}),
        **_words(request, read or {}),
        "batch": batch,
        "stages": [
            *(dict(stage) for stage in stages),
            {"stage": "output", "width": request.output.width, "height": request.output.height},
        ],
        "libraries": library_versions(),
    }


def _words(request: GenerationRequest, read: Mapping[str, str]) -> dict[str, Any]:
    """The style, and what the model was asked for where a style or a LoRA said more than the person."""
    style, found = request.style, {}
    if style is not None:
        found["style"] = {"key": style.key, "name": style.name, "version": style.version}
    said = read.get("prompt", request.prompt), read.get("negative_prompt", request.negative_prompt)
    asked = request.around(said[0]), request.around_left_out(said[1])
    if asked != said:
        found["words"] = {"prompt": asked[0], "negative_prompt": asked[1]}
    return found


def library_versions() -> dict[str, str]:
    """Versions of what decides the pixels, read from package metadata: nothing is imported."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def of_edit(
    *, prompt: str, made_with_ai: bool, from_picture: bool, edit: Mapping[str, Any]
) -> dict[str, Any]:
    """The recipe of a picture that was made in the editor; `edit` says from how many operations of which engine."""
    return {
        "version": VERSION,
        "software": SOFTWARE,
        "request": {"kind": "edit", "prompt": prompt},
        "model": {"id": EDITOR, "revision": ""},
        "editor": {**edit, "made_with_ai": made_with_ai, "from_picture": from_picture},
    }


def made_with_ai(recipe: Recipe) -> bool:
    """Tell whether a model made any of the pixels; a recipe that does not say so is a model's."""
    return bool(recipe.get("editor", {}).get("made_with_ai", True))


def digital_source_type(recipe: Recipe) -> str:
    """The IPTC term that says how much of the picture a model made."""
    if not made_with_ai(recipe):
        return _HUMAN_EDITS if recipe["editor"]["from_picture"] else _DIGITAL_CREATION
    request = recipe["request"]
    from_words = request["kind"] == "text_to_image" and not request.get("control")
    return _TRAINED if from_words else _COMPOSITE


def for_file(recipe: Recipe) -> dict[str, Any]:
    """The recipe as it leaves the site inside a file: without the ids of the person's own pictures and masks."""
    request = dict(recipe["request"])
    if request.get("reference"):
        request["reference"] = _without_id(request["reference"])
    if edit := dict(request.get("edit") or {}):
        if edit.get("mask"):
            edit["mask"] = _without_id(edit["mask"])
        if edit.get("references"):
            edit["references"] = [_without_id(name) for name in edit["references"]]
        request["edit"] = edit
    if control := request.get("control"):
        request["control"] = {**control, "picture": _without_id(control["picture"])}
    return {**recipe, "request": request}


def _without_id(reference: str) -> str:
    return reference.partition(":")[0]
