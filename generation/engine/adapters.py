"""An adapter (LoRA) in a model for the length of one run: added to its weights, and taken out by putting them back.

diffusers' own way wraps the layers by the package peft, and needs it even to read a file. Here the change is computed
once, W + weight · alpha/rank · up · down, and written into W; what W was is kept in main memory and copied back, so the
next run without the adapter draws the same bytes as before.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import torch
from diffusers.utils.state_dict_utils import convert_state_dict_to_peft, convert_unet_state_dict_to_peft
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from generation.engine.contract import AdapterUnavailable
from generation.engine.families import Family, weights
from generation.hub import headers, lora
from generation.hub.places import HubError
from generation.requests.catalogue import Entry
from generation.styles import adapters
from generation.styles.adapter import Adapter

_DOWN: Final = ".lora_A.weight"
_UP: Final = ".lora_B.weight"
# Told when the weights of a model are no longer whole, and when they are again.
Mark = Callable[[bool], None]


@dataclass(frozen=True, slots=True)
class Change:
    """To the weight of one layer: `up` @ `down`, times `scale`."""

    layer: nn.Module
    down: Tensor
    up: Tensor
    scale: float


@contextmanager
def applied(
    family: Family, entry: Entry, adapter: Adapter | None, mark: Mark
) -> Iterator[tuple[dict[str, Any], ...]]:
    """The family draws with the adapter inside of the block; what the recipe says of it. Raises AdapterUnavailable."""
    if adapter is None:
        yield ()
        return
    try:
        found = adapters.find(adapter.key)
    except adapters.AdaptersError as error:
        raise AdapterUnavailable(str(error)) from error
    if found is None:
        raise AdapterUnavailable(f"{adapter.key}: no adapter of this key is in the catalogue any more.")
    changes = changes_of(family, entry, found)
    with added(changes, adapter.weight, mark):
        facts = {"key": adapter.key, "name": adapter.name, "weight": adapter.weight}
        yield ({**facts, "sha256": found.sha256, "licence": found.licence},)


def changes_of(family: Family, entry: Entry, adapter: adapters.Entry) -> list[Change]:
    """What the file changes in the loaded model, each change checked against the layer that it is for."""
    try:
        looked = lora.look(adapter)
        lora.refuse_other_base(looked, weights.locate(entry), entry.id)
    except HubError as error:
        raise AdapterUnavailable(str(error)) from error
    # The pipeline of diffusers whose parts all runs of a family share; families of other kinds have none.
    pipeline: Any = getattr(family, "pipeline", None)
    if not hasattr(pipeline, "lora_state_dict"):
        raise AdapterUnavailable(f"{entry.id}: models of the family {entry.family!r} take no LoRA.")
    try:
        read = load_file(looked.path)
        halves, alphas = _by_layer(pipeline, read)
    except (SafetensorError, ValueError, KeyError, IndexError) as error:
        raise AdapterUnavailable(
            f"{looked.path.name} names layers in a way that isn't known here: {error}"
        ) from error
    usual = _usual_scale(headers.read(looked.path).metadata, looked.rank)
    return [_change(pipeline, looked.path.name, name, halves, alphas, usual) for name in _changed(halves)]


@contextmanager
def added(changes: list[Change], weight: float, mark: Mark) -> Iterator[None]:
    """Add the changes to the weights, and put back what they were, to the last bit, however the block ends.

    Where that is interrupted (by a time limit, or the device), the model stays marked as not whole.
    """
    before: list[tuple[Tensor, Tensor]] = []
    mark(False)
    try:
        with torch.no_grad():
            for change in changes:
                held: Tensor = change.layer.weight  # type: ignore[assignment]  # `_change` has looked
                before.append((held, held.detach().to("cpu", copy=True)))
                held.copy_(held.float() + weight * change.scale * _product(change, held))
        yield
    finally:
        _put_back(before)
        mark(True)


def _put_back(before: list[tuple[Tensor, Tensor]]) -> None:
    """From the last to the first: a layer that two halves of a file change is put back to what it was first."""
    with torch.no_grad():
        for held, was in reversed(before):
            held.copy_(was)


def _product(change: Change, held: Tensor) -> Tensor:
    """up @ down in the shape of the weight, in single precision."""
    up, down = (half.to(held.device, torch.float32) for half in (change.up, change.down))
    return (up.flatten(1) @ down.flatten(1)).reshape(held.shape)


def _by_layer(pipeline: Any, read: dict[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, float]]:
    """The halves by the names of the pipeline's layers, as PEFT calls them, and the strengths that the file says."""
    more = {"unet_config": pipeline.unet.config} if hasattr(pipeline, "unet") else {}
    converted = type(pipeline).lora_state_dict(dict(read), **more)
    state, alphas = converted if isinstance(converted, tuple) else (converted, None)
    networks = {name: half for name, half in state.items() if not name.startswith("text_encoder")}
    texts = {name: half for name, half in state.items() if name.startswith("text_encoder")}
    if texts and not any(name.endswith(_DOWN) for name in texts):
        texts = convert_state_dict_to_peft(texts)
    strengths = {_layer_of(name): float(value) for name, value in (alphas or {}).items()}
    return {**convert_unet_state_dict_to_peft(networks), **texts}, strengths


def _layer_of(alpha: str) -> str:
    """`unet.…to_q_lora.down.weight.alpha` and its like → the name of the layer."""
    plain = convert_unet_state_dict_to_peft({alpha.removesuffix(".alpha"): None})
    (name,) = (
        convert_state_dict_to_peft(plain)
        if alpha.startswith("text_encoder") and "lora_linear" in alpha
        else plain
    )
    return str(name).removesuffix(".weight").removesuffix(".lora_A").removesuffix(".lora_B")


def _changed(halves: Mapping[str, Tensor]) -> list[str]:
    return sorted(name.removesuffix(_DOWN) for name in halves if name.endswith(_DOWN))


def _change(
    pipeline: Any,
    file: str,
    name: str,
    halves: Mapping[str, Tensor],
    alphas: Mapping[str, float],
    usual: float,
) -> Change:
    layer = _layer(pipeline, name)
    if layer is None:
        raise AdapterUnavailable(
            f"{file} changes {name}, which this model hasn't: choose a LoRA that was made for it."
        )
    down, up = halves[name + _DOWN], halves[name + _UP]
    held: Any = layer.weight
    if not _is_plain(held):
        raise AdapterUnavailable(
            f"{file}: this model is quantised, and takes no LoRA then. Take quantise out of its entry, or the "
            "model out of the LoRA's."
        )
    if (
        up.flatten(1).shape[1] != down.shape[0]
        or up.shape[0] * down.flatten(1).shape[1] != held.numel()
        or up.shape[0] != held.shape[0]
    ):
        wanted = "×".join(map(str, held.shape))
        given = f"{up.shape[0]}×{'×'.join(map(str, down.shape[1:]))}"
        raise AdapterUnavailable(
            f"{file} changes {name} as if it had {given} numbers, and it has {wanted}: choose a LoRA that was made for "
            "this model."
        )
    rank = down.shape[0]
    return Change(layer, down, up, alphas[name] / rank if name in alphas else usual)


def _is_plain(held: Any) -> bool:
    """Numbers that can be added to. torchao's tensors claim the type that they stand for, and hold others.

    Those of an offloaded model are plain: they lie in the machine's memory, and go to the card with what was added.
    """
    return (
        isinstance(held, Tensor)
        and not hasattr(held, "__tensor_flatten__")
        and not held.is_meta
        and held.is_floating_point()
        and held.element_size() >= 2
    )


def _layer(pipeline: Any, name: str) -> nn.Module | None:
    """`unet.down_blocks.0.…` → that layer of the pipeline's part; None where there is none with a weight."""
    part_name, _dot, path = name.partition(".")
    part = pipeline.components.get(part_name)
    if not isinstance(part, nn.Module):
        return None
    # Newer text encoders are flat, and files were written before they were.
    for candidate in (path, path.removeprefix("text_model."), f"text_model.{path}"):
        try:
            layer = part.get_submodule(candidate)
        except AttributeError:
            continue
        return layer if hasattr(layer, "weight") else None
    return None


def _usual_scale(metadata: Mapping[str, str], rank: int) -> float:
    """Alpha over rank, where the file says it for all layers (PEFT's way); else 1."""
    import json

    try:
        said = json.loads(metadata.get("lora_adapter_metadata", "{}"))
        alpha = next((value for name, value in said.items() if name.endswith("lora_alpha")), None)
        ranks = next((value for name, value in said.items() if name.rpartition(".")[2] == "r"), rank)
        return float(alpha) / float(ranks) if alpha is not None else 1.0
    except (ValueError, TypeError, AttributeError, ZeroDivisionError):
        return 1.0
