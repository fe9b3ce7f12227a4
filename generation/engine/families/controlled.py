"""The networks that let a control picture lead a model (ControlNet), loaded when the first job needs one."""

from dataclasses import dataclass
from typing import Any, Protocol, cast, runtime_checkable

from generation.engine import device
from generation.engine.contract import ControlUnavailable
from generation.engine.families import Family, running, weights
from generation.hub import controls
from generation.hub.places import HubError
from generation.requests.catalogue import Entry


@dataclass(frozen=True, slots=True)
class Control:
    """A loaded network; `revision` is what a recipe calls its weights."""

    network: Any
    revision: str


@runtime_checkable
class Controlled(Protocol):
    """A family that can be led; `controls` are loaded already, by kind."""

    controls: dict[str, Control]


def of(family: Family, entry: Entry) -> dict[str, Control]:
    """The family's networks, to be looked in and added to. Raises ControlUnavailable where it takes none."""
    if not isinstance(family, Controlled):
        raise ControlUnavailable(
            f"{entry.id}: models of the family {entry.family!r} take no control picture."
        )
    return cast("Controlled", family).controls


def load(entry: Entry, kind: str) -> Control:
    """Raises ControlUnavailable, with one sentence that says what to do."""
    if kind not in entry.controls:
        raise ControlUnavailable(f"{entry.id}: its entry names no weights for control by {kind} any more.")
    try:
        looked = controls.look(entry, kind)
    except HubError as error:
        raise ControlUnavailable(str(error)) from error
    from diffusers import ControlNetModel  # only where somebody is led

    try:
        network = ControlNetModel.from_pretrained(
            str(looked.folder),
            dtype=device.dtype(),
            variant=entry.controls[kind].variant or None,
            use_safetensors=True,
            local_files_only=True,
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        if device.is_out_of_memory(error):
            raise
        raise ControlUnavailable(f"{looked.folder} can't be loaded: {error}") from error
    return Control(network.eval().to(device.device()), weights.digest(looked.folder))


def twin(pipeline: Any, control: Control, *, from_picture: bool) -> Any:
    """The pipeline of diffusers that is led by this network, with all other parts of a Stable Diffusion."""
    import diffusers

    if type(pipeline).__name__.startswith("StableDiffusionXL"):
        name, config = (
            "StableDiffusionXLControlNet",
            {"add_watermarker": False},
        )  # pixels are decoded elsewhere
    else:
        name, config = "StableDiffusionControlNet", {"requires_safety_checker": False}
    made = getattr(diffusers, f"{name}{'Img2Img' if from_picture else ''}Pipeline")
    return running.twin(made, pipeline, controlnet=control.network, **config)
