"""From an order to finished picture files: families of models, the 4K stage, the encoder."""

import os

from generation.engine.contract import (
    AcceleratorFailed,
    AdapterUnavailable,
    Cancelled,
    ControlUnavailable,
    EngineError,
    ModelUnavailable,
    OutOfMemory,
    PictureOrder,
    ProducedPicture,
    Progress,
    Sources,
)

__all__ = [
    "AcceleratorFailed",
    "AdapterUnavailable",
    "Cancelled",
    "ControlUnavailable",
    "EngineError",
    "ModelUnavailable",
    "OutOfMemory",
    "PictureOrder",
    "ProducedPicture",
    "Progress",
    "Sources",
]

# Read by the libraries when they are first imported, hence here, before any of them; an operator's own setting wins.
# OpenMP workers that spin while they wait take the cores from other processes.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# It warns about an optional package that nothing here needs.
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
