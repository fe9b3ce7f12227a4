"""The device that draws, its number types, its threads and its memory."""

import gc
import os
from functools import cache
from pathlib import Path
from typing import Final

import torch

_MB: Final = 1024 * 1024


@cache
def device() -> torch.device:
    """IMAGE2_DEVICE if set, else an NVIDIA or Apple accelerator if there is one, else the processor."""
    set_threads()
    if named := os.environ.get("IMAGE2_DEVICE"):
        return _made_current(torch.device(named))
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def _made_current(chosen: torch.device) -> torch.device:
    """What is asked of "the" card, memory and number types, is then asked of this one."""
    if chosen.type == "cuda" and chosen.index is not None:
        torch.cuda.set_device(chosen)
    return chosen


def label() -> str:
    """The device as an operator knows it: "card 1, NVIDIA H200", as nvidia-smi counts, or "cpu"."""
    chosen = device()
    if chosen.type != "cuda":
        return str(chosen)
    place = torch.cuda.current_device()
    visible = dict(enumerate(os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")))
    return f"card {visible.get(place) or place}, {torch.cuda.get_device_name(chosen)}"


def dtype() -> torch.dtype:
    """Half precision where the hardware is made for it; the processor computes in single precision."""
    if device().type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.float16 if device().type == "mps" else torch.float32


def set_threads() -> int:
    """IMAGE2_TORCH_THREADS, or one a core this process may use, at most eight. Same number, same bytes."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = int(os.environ.get("IMAGE2_TORCH_THREADS", "") or min(cores, 8))
    torch.set_num_threads(threads)
    return threads


def used_mb() -> int:
    """Memory in use: of the accelerator, or of this process."""
    if device().type == "cuda":
        return int(torch.cuda.memory_allocated(device()) // _MB)
    statm = Path("/proc/self/statm")
    if not statm.exists():  # not Linux: the catalogue's number is used
        return 0
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // _MB


def model_budget_mb() -> int:
    """How much memory resident models may take together: IMAGE2_MODEL_MEMORY_MB, or most of what there is."""
    if own := os.environ.get("IMAGE2_MODEL_MEMORY_MB"):
        return int(own)
    if device().type == "cuda":
        return int(torch.cuda.get_device_properties(device()).total_memory * 0.8) // _MB
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MB * 6 // 10


def drop_caches() -> None:
    gc.collect()
    if device().type == "cuda":
        torch.cuda.empty_cache()


def is_out_of_memory(error: BaseException) -> bool:
    """Of the accelerator or of the processor's allocator, which raises a bare RuntimeError."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error)


def is_accelerator_failure(error: BaseException) -> bool:
    """An error after which the state of the device can't be trusted (illegal access, lost device)."""
    return isinstance(error, torch.AcceleratorError) and not is_out_of_memory(error)
