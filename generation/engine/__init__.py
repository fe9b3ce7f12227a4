"""From an order to finished picture files: families of models, the 4K stage, the encoder."""

import os

from generation.engine.contract import (
    AcceleratorFailed,
    Cancelled,
    EngineError,
    ModelUnavailable,
    OutOfMemory,
    PictureOrder,
    ProducedPicture,
    Progress,
)

__all__ = [
    "AcceleratorFailed",
    "Cancelled",
    "EngineError",
    "ModelUnavailable",
    "OutOfMemory",
    "PictureOrder",
    "ProducedPicture",
    "Progress",
]

# Read by the libraries when they are first imported, hence here, before any of them; an operator's own setting wins.
# OpenMP workers that spin while they wait are ruinous when other processes want the same cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# It complains of an optional package that nothing here needs.
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
