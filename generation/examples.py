"""Example pictures of models: the shipped model's own, and those that the operator's models drew on this site."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone

from generation.models import ModelExample
from generation.requests import ordering
from generation.requests.catalogue import Entry
from generation.requests.request import GenerationRequest

# The same for every model, so that people compare models and not words.
PROMPT: Final = "a red sailboat on a calm sea at sunset"
INSTRUCTION: Final = "make it night"
SEED: Final = 7
SHAPE: Final = "16:9"
# A picture of the front page that the shipped weights drew of PROMPT and SEED (`bin/gallery`), and its pixels.
SHIPPED: Final = "landing/a-red-sailboat-on-a-calm-sea-at-sunset-7.webp"
SHIPPED_SIZE: Final = (1024, 576)
_SHIPPED_SOURCE: Final = "generation/bundled/weights/text-to-image"
# What a model that draws from no words alone starts from is no upload of anybody; requests want a well-formed name.
_NOBODYS: Final = "upload:00000000-0000-0000-0000-000000000000"


class NoExample(Exception):
    """This model can draw no example; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Example:
    """A picture of a model; its pixels are those of the file at `address`, which changes with each drawing."""

    prompt: str
    width: int
    height: int
    address: str


def of(entries: Iterable[Entry]) -> dict[str, Example]:
    """The examples there are, by model. A picture that other weights drew is none."""
    wanted = {entry.id: entry for entry in entries}
    found = {name: _shipped() for name, entry in wanted.items() if entry.source == _SHIPPED_SOURCE}
    for row in ModelExample.objects.filter(model__in=wanted.keys() - found.keys()).defer("image"):
        if is_of(row, wanted[row.model]):
            address = reverse("generation:model-example", args=[row.model, version(row)])
            found[row.model] = Example(row.prompt, row.width, row.height, address)
    return found


def is_of(row: ModelExample, entry: Entry) -> bool:
    """Whether the weights that the catalogue names drew it.

    How they are loaded isn't compared (`quantise`, `offload`, options): the picture is nearly the same then, and still
    shows what the model is good at. An operator who changes an option that shows has it drawn anew.
    """
    return (row.source, row.revision, row.variant) == (entry.source, entry.revision, entry.variant)


def request(entry: Entry) -> GenerationRequest:
    """What its example is drawn from: words, else the shipped picture. Raises NoExample and InvalidRequest."""
    if entry.can("text_to_image"):
        prompt = entry.example_prompt or PROMPT
        return ordering.plain(entry, "text_to_image", prompt=prompt, seed=SEED, shape=SHAPE)
    if entry.can("edit"):
        prompt = entry.example_prompt or INSTRUCTION
        return ordering.edit(entry, references=(_NOBODYS,), prompt=prompt, shape=SHAPE, size="1k", seed=SEED)
    if entry.can("image_to_image"):
        prompt = entry.example_prompt or PROMPT
        return ordering.plain(
            entry, "image_to_image", prompt=prompt, seed=SEED, shape=SHAPE, reference=_NOBODYS,
            strength=ordering.VARIATION,
        )  # fmt: skip
    raise NoExample(f"{entry.id} draws no pictures for /create/, so it has no example.")


def shipped_file() -> Path:
    """The file of the shipped picture, from which models start that draw from no words alone."""
    return Path(settings.BASE_DIR) / "static" / SHIPPED


def keep(
    entry: Entry, *, weights: str, asked: GenerationRequest, image: bytes, size: tuple[int, int]
) -> None:
    """Store what was drawn, in the place of an older one."""
    ModelExample.objects.update_or_create(
        model=entry.id,
        defaults={
            "source": entry.source,
            "revision": entry.revision,
            "variant": entry.variant,
            "weights": weights,
            "prompt": asked.prompt,
            "seed": asked.seed,
            "image": image,
            "width": size[0],
            "height": size[1],
            "made_at": timezone.now(),
        },
    )


def made_at(entry: Entry) -> datetime | None:
    """When its example was drawn; None where there is none."""
    return ModelExample.objects.filter(model=entry.id).values_list("made_at", flat=True).first()


def version(row: ModelExample) -> str:
    """What the address of its picture has at its end: another one for each drawing."""
    return f"{int(row.made_at.timestamp() * 1000):x}"


def _shipped() -> Example:
    return Example(PROMPT, *SHIPPED_SIZE, static(SHIPPED))
