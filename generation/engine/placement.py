"""Where a model's weights lie and in which numbers: quantised while they are read, offloaded, measured.

Offloaded: kept in the machine's memory, and on the card only while they compute, one part of the pipeline at a time.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import torch

from generation.engine import device
from generation.engine.contract import ModelUnavailable
from generation.requests.catalogue import Entry

_MB: Final = 1024 * 1024
# The parts of a pipeline that are large and made of matrix products. Autoencoders aren't: they decide every pixel.
_QUANTISED: Final = ("transformer", "unet", "text_encoder")
# By the catalogue's names → torchao's configuration. Weights alone: what flows between them keeps its numbers.
_NUMBERS: Final = {"int8": "Int8WeightOnlyConfig", "float8": "Float8WeightOnlyConfig"}


def quantised(entry: Entry, folder: Path) -> dict[str, Any]:
    """What `from_pretrained` needs to read the weights in the entry's smaller numbers. Raises ModelUnavailable."""
    if not entry.quantise:
        return {}
    refuse_without_packages(entry)
    index = json.loads((folder / "model_index.json").read_text("utf-8"))
    names = [name for name in index if name.startswith(_QUANTISED) and _class_of(index[name])]
    if not names:
        raise ModelUnavailable(f"{entry.id}: no part of this pipeline can be quantised; take quantise out")
    from diffusers import PipelineQuantizationConfig

    mapping = {name: _numbers(entry.quantise, library=index[name][0]) for name in names}
    return {"quantization_config": PipelineQuantizationConfig(quant_mapping=mapping)}


def refuse_without_packages(entry: Entry) -> None:
    """Raises ModelUnavailable when the entry wants to be quantised and the package for it isn't installed."""
    if entry.quantise and find_spec("torchao") is None:
        raise ModelUnavailable(
            f"{entry.id}: quantise needs a package that isn't installed. Run: "
            ".venv/bin/uv pip install -e '.[quantise]' -c constraints.txt"
        )


def _numbers(name: str, *, library: str) -> Any:
    import diffusers
    import transformers
    from torchao import quantization

    config = getattr(quantization, _NUMBERS[name])()
    return (diffusers if library == "diffusers" else transformers).TorchAoConfig(config)


def _class_of(part: Any) -> bool:
    return isinstance(part, list) and len(part) == 2 and all(part)


def placed(pipeline: Any, entry: Entry) -> Any:
    """The pipeline on its device, or offloaded. On a processor alone there is nothing to offload to."""
    if entry.offload and device.device().type != "cpu":
        offload(pipeline, device.device())
        return pipeline
    return pipeline.to(device.device())


def offload(pipeline: Any, computing_on: torch.device) -> None:
    """Keep the parts in the machine's memory; each moves to the device when it computes, and back after the run."""
    pipeline.enable_model_cpu_offload(device=computing_on)


def is_offloaded(pipeline: Any) -> bool:
    return any(hasattr(part, "_hf_hook") for part in pipeline.components.values())


def follow(twin: Any, pipeline: Any) -> Any:
    """Let a pipeline with the same parts offload them as this one does, or not."""
    if is_offloaded(pipeline):
        offload(twin, pipeline._execution_device)  # noqa: SLF001  (the device that the parts compute on)
    return twin


def named(entry: Entry) -> dict[str, Any]:
    """What a recipe has to say about the weights beyond their revision: it decides what is drawn, and how."""
    chosen = {"quantise": entry.quantise, "offload": entry.offload}
    return dict(entry.options) | {name: value for name, value in chosen.items() if value}


def memory_mb(model: object, entry: Entry, *, grown_mb: int) -> int:
    """How much of its device's memory a loaded model takes, in MiB.

    On a card what was allocated, where that is more than the weights; offloaded, its largest part. On a processor the
    weights: the process grows by what it imports too, and not by what it had freed before. `grown_mb` counts for what
    has no weights of torch's.
    """
    parts = [_bytes(part) for part in _parts(model)]
    on_card = device.device().type == "cuda"
    if on_card and entry.offload:
        return _mb(max(parts, default=0)) or entry.memory_mb
    weights = _mb(sum(parts))
    if on_card or not weights:
        weights = max(weights, grown_mb)
    return weights or entry.memory_mb


def _parts(model: object) -> Iterable[torch.nn.Module]:
    """The networks of a family, each once, in whatever it keeps them."""
    found: dict[int, torch.nn.Module] = {}
    for value in getattr(model, "__dict__", {}).values():
        for held in _inside(value):
            found[id(held)] = held
    return found.values()


def _inside(value: Any) -> Iterator[torch.nn.Module]:
    if isinstance(value, torch.nn.Module):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _inside(one)
    elif isinstance(network := getattr(value, "network", None), torch.nn.Module):  # what leads a model
        yield network
    elif isinstance(components := getattr(value, "components", None), dict):  # a pipeline
        yield from _inside(components)


def _bytes(module: torch.nn.Module) -> int:
    return sum(_size(tensor) for tensor in (*module.parameters(), *module.buffers()))


def _size(tensor: torch.Tensor) -> int:
    """Quantised weights are tensors around others, and claim the size that they would have without it."""
    if hasattr(tensor, "__tensor_flatten__"):
        inner, _context = tensor.__tensor_flatten__()
        return sum(_size(getattr(tensor, name)) for name in inner)
    return tensor.numel() * tensor.element_size()


def _mb(size: int) -> int:
    return -(-size // _MB)
