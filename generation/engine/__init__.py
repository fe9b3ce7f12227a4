"""From an order to finished picture files: families of models, the 4K stage, the encoder. Knows neither web nor database."""

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
