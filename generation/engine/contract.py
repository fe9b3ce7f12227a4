"""What goes into the engine and what comes out: orders, progress, finished pictures, and how it can fail."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from generation.requests import GenerationRequest

Stage = Literal["loading", "drawing", "upscaling", "encoding"]


class EngineError(Exception):
    """The engine could not draw. `retryable`: another attempt, in a fresh process, may well work."""

    retryable = False


class Cancelled(EngineError):
    """Raised by the caller out of `on_progress`; the model stays usable, the next picture is not touched by it.

    It cancels the orders of the job that the progress is about. The run ends with it when no other job is left.
    """


class OutOfMemory(EngineError):
    """Twice out of memory, the second time with half the batch."""

    retryable = True


class AcceleratorFailed(EngineError):
    """The device reported an error; its process should be replaced before it draws again."""

    retryable = True


class ModelUnavailable(EngineError):
    """The weights are missing, unsafe, or not of the family that the catalogue says."""


@dataclass(frozen=True, slots=True)
class PictureOrder:
    """One picture of a request: `index` from 0, `seed` the one it is drawn with (see `GenerationRequest.seed_of`).

    `job` is the caller's name for whose it is: its progress and its picture come back with it.
    """

    request: GenerationRequest
    index: int
    seed: int
    job: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """`step` of `of` within `stage`; `picture` and `job` say which order; `preview` is a 256 px WebP."""

    stage: Stage
    step: int
    of: int
    picture: int = 0
    preview: bytes | None = None
    job: str = ""


@dataclass(frozen=True, slots=True)
class ProducedPicture:
    """A finished picture, its files in the caller's work folder: a PNG master and WebP thumbnails by long side."""

    index: int
    seed: int
    master: Path
    width: int
    height: int
    sha256: str
    bytes: int
    thumbnails: Mapping[int, Path]
    recipe: Mapping[str, Any]
    job: str = ""
