"""What goes into the engine and what comes out: orders, progress, finished pictures, and how it can fail."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from generation.requests.request import GenerationRequest

Stage = Literal["loading", "drawing", "upscaling", "enhancing", "encoding"]


class EngineError(Exception):
    """The engine couldn't draw. `retryable`: another attempt, in a fresh process, may well work."""

    retryable = False


class Cancelled(EngineError):
    """Raised by the caller out of `on_progress`; the model stays usable, and the next picture isn't affected.

    It cancels the orders of the job that the progress is about. The run ends with it when no other job is left.
    """


class OutOfMemory(EngineError):
    """Out of memory twice, the second time with half the batch (layers of one picture can't be halved)."""

    retryable = True


class AcceleratorFailed(EngineError):
    """The device reported an error; its process should be replaced before it draws again."""

    retryable = True


class ModelUnavailable(EngineError):
    """The weights are missing, unsafe, or not of the family that the catalogue says."""


class AdapterUnavailable(EngineError):
    """The adapter (LoRA) is missing, unsafe, or made for another model; the model itself is as it was."""


class ControlUnavailable(EngineError):
    """The weights for control pictures are missing, unsafe, or made for another model, which is as it was."""


class NothingToFollow(EngineError):
    """The control picture shows no edges that could lead a drawing."""


class NothingThere(EngineError):
    """The picture shows nothing that could be cut out or taken apart."""


@dataclass(frozen=True, slots=True)
class Read:
    """What the model read of a request whose words it knows in another language than they were typed in."""

    language: str
    prompt: str
    negative_prompt: str


@dataclass(frozen=True, slots=True)
class PictureOrder:
    """One picture of a request: `index` from 0, `seed` the one it is drawn with (see `GenerationRequest.seed_of`).

    `job` is the caller's name for the job it belongs to; progress and picture carry it back.
    """

    request: GenerationRequest
    index: int
    seed: int
    job: str = ""
    # None: the words as they were typed.
    read: Read | None = None

    @property
    def prompt(self) -> str:
        """What the model is given: what is read of the prompt, with the words of a style and a LoRA."""
        return self.request.around(self.read.prompt if self.read else self.request.prompt)

    @property
    def negative_prompt(self) -> str:
        negative = self.read.negative_prompt if self.read else self.request.negative_prompt
        return self.request.around_left_out(negative)


@dataclass(frozen=True, slots=True)
class Sources:
    """Files of what a request starts from: 8-bit sRGB pictures, its mask, and the fields that were stored with one.

    `others` are the references beside the first, `control` the picture that leads the drawing.
    """

    reference: Path | None = None
    mask: Path | None = None
    others: tuple[Path, ...] = ()
    fields: Path | None = None
    control: Path | None = None


NOTHING: Final = Sources()


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
    """A finished picture, its files in the caller's work folder: a PNG master and WebP thumbnails by long side.

    `fields` are the latents that it was decoded from, where they describe what is where (safetensors, fp16).
    """

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
    fields: Path | None = None
