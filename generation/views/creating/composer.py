"""Everything the form of /create/ shows: what is typed, what can be chosen, the price, the errors."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from billing.summary import summarize
from generation import availability
from generation.bundled import vocabulary
from generation.jobs import limits
from generation.jobs.refusals import size_needs_purchase
from generation.models import Picture, Upload
from generation.pictures import references
from generation.requests import catalogue, pricing, strength
from generation.requests.request import SEEDS, InvalidRequest
from generation.requests.sizes import SHAPES, SIZES, output_size
from generation.views.creating import chosen, controlling, model_choices
from generation.views.creating.forms import (
    MAX_COUNT,
    MAX_PROMPT,
    CreateForm,
    default_model,
    new_key,
)
from generation.views.creating.helping import Help, Rewriter, WordsNote, rewriter, words_note
from generation.views.creating.looks import UNPRICED, Looks
from generation.views.tiles import Tile

if TYPE_CHECKING:
    from accounts.models import User

SUGGESTIONS_SHOWN: Final = 5
# The event for the page when the reference changed: the price is asked for again.
REFERENCE_CHANGED: Final = "reference-changed"


@dataclass(frozen=True)
class Quote:
    """The price of what is typed, before the run; ``price`` is None while the settings make no request."""

    price: int | None
    available: int
    complaint: str = ""

    @property
    def missing(self) -> int:
        return max(0, (self.price or 0) - self.available)


@dataclass(frozen=True)
class ShapeChoice:
    """A shape as a small picture: a rectangle of this width and height in a box of 24, whose longer side takes 20."""

    name: str
    width: float
    height: float
    pixels: str

    @property
    def left(self) -> float:
        return (24 - self.width) / 2

    @property
    def top(self) -> float:
        return (24 - self.height) / 2


@dataclass(frozen=True)
class Reference:
    """A reference picture that is there: what the form sends for it, its place from 1 on, and its thumbnail."""

    name: str
    number: int
    image: str


@dataclass(frozen=True)
class SizeChoice:
    name: str
    factor: int
    pixels: str

    @property
    def label(self) -> str:
        return self.name.upper()


class Composer:
    """The form in the state it is shown in. ``values`` are the strings as typed, right or wrong."""

    def __init__(self, *, user: User, form: CreateForm, prompt_help: Help | None = None) -> None:
        self.user = user
        self.form = form
        self.prompt_help = prompt_help
        typed: Mapping[str, Any] = form.data if form.is_bound else form.initial
        self.values = DEFAULTS | {
            name: typed[name] for name in form.fields if typed.get(name) not in (None, "")
        }
        self.values["model"] = self.values.get("model") or default_model()
        self.replaced_model = "" if form.is_bound else self._replace_model()
        self.key = new_key()
        self.max_prompt, self.last_seed = MAX_PROMPT, SEEDS - 1
        self.least_strength, self.most_strength = f"{strength.LEAST:g}", f"{strength.MOST:g}"
        self.counts = [str(count) for count in range(1, MAX_COUNT + 1)]

    @cached_property
    def models(self) -> tuple[catalogue.Entry, ...]:
        return availability.drawing()

    @cached_property
    def waits_for_files(self) -> bool:
        return availability.waits_for_files()

    @cached_property
    def model(self) -> catalogue.Entry | None:
        return next((entry for entry in self.models if entry.id == self.values["model"]), None)

    @cached_property
    def looks(self) -> Looks:
        return Looks(self.model, self.values)

    @cached_property
    def model_groups(self) -> list[model_choices.Group]:
        return model_choices.groups(self.models)

    @property
    def shapes(self) -> list[ShapeChoice]:
        return [self._shape(name) for name in SHAPES]

    @property
    def sizes(self) -> list[SizeChoice]:
        shape = self.values["shape"] if self.values["shape"] in SHAPES else SHAPES[0]
        return [SizeChoice(name, pricing.SIZE_FACTORS[name], str(output_size(shape, name))) for name in SIZES]

    @cached_property
    def references(self) -> list[Reference]:
        """The pictures to start from that are still there and belong to this person."""
        found = [(name, picture) for name in self._names if (picture := self._found(name))]
        return [
            Reference(name, number, Tile(picture).tiny) for number, (name, picture) in enumerate(found, 1)
        ]

    @property
    def reference_names(self) -> str:
        return " ".join(reference.name for reference in self.references)

    @property
    def is_reference_gone(self) -> bool:
        return len(self.references) < len(self._names)

    @property
    def most_references(self) -> int:
        return chosen.most_for(self.model)

    @property
    def has_detail(self) -> bool:
        """Whether some model can draw detail into 4K pictures."""
        return any(entry.enhance for entry in self.models)

    @cached_property
    def control(self) -> controlling.Row:
        return controlling.Row(self.model, self.values, self.user)

    @property
    def has_use(self) -> bool:
        """Whether the person chooses how the picture is used: the model can do both with one picture."""
        able = self.model is not None and self.model.can("edit") and self.model.can("image_to_image")
        return able and len(self.references) == 1

    @property
    def is_edit(self) -> bool:
        """Whether the first picture is changed as the prompt says, instead of by a strength."""
        try:
            kind = chosen.kind_for(self._names, self.model, str(self.values["use"]))
        except InvalidRequest:
            return len(self.references) > 1
        return kind == "edit"

    @cached_property
    def quote(self) -> Quote:
        """Priced by the function that charges; a prompt that is not there yet costs nothing more, nor does a look."""
        available = summarize(self.user).available
        probe = CreateForm(
            {
                **self.values,
                "prompt": "a",
                "negative_prompt": "",
                **dict.fromkeys((*UNPRICED, *controlling.FIELDS), ""),
            }
        )
        if not probe.is_valid():
            complaints = [sentence for sentences in probe.errors.values() for sentence in sentences]
            return Quote(None, available, str(complaints[0]))
        try:
            limits.check_size(user=self.user, size=probe.generation_request.size)
        except limits.SizeNeedsPurchase as small:
            return Quote(None, available, size_needs_purchase(small))
        return Quote(pricing.price(probe.generation_request), available)

    @cached_property
    def words(self) -> WordsNote | None:
        """What there is to say about the words of the prompt, if anything."""
        return words_note(str(self.values["prompt"]), self.model)

    @property
    def rewriter(self) -> Rewriter | None:
        return rewriter(self.model)

    @property
    def suggestions(self) -> list[tuple[int, str]]:
        """A few of them, different each time."""
        return random.sample(list(enumerate(vocabulary.SUGGESTIONS)), SUGGESTIONS_SHOWN)

    @property
    def count(self) -> str:
        return str(self.values["count"])

    @property
    def has_settings_open(self) -> bool:
        """The finer settings are shown at once when one of them is set or wrong."""
        fine = ("negative_prompt", "seed", "steps", "guidance", "enhance")
        return any(self.values.get(name) for name in fine) or any(name in self.form.errors for name in fine)

    def _replace_model(self) -> str:
        """Take the default in place of a model that can't run now; return that one's name, or nothing."""
        if self.model is not None or not self.models:
            return ""
        before = chosen.entry_of(self.values["model"])
        self.values["model"] = default_model()
        del self.model
        return before.label if before else _("The model of these settings")

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return chosen.names_in(str(self.values.get("reference") or ""))

    def _found(self, name: str) -> Picture | Upload | None:
        try:
            return references.find(user=self.user, reference=name)
        except references.ReferenceGone:
            return None

    def _shape(self, name: str) -> ShapeChoice:
        across, down = (int(part) for part in name.split(":"))
        ratio = Fraction(across, down)
        width, height = (20.0, float(20 / ratio)) if ratio >= 1 else (float(20 * ratio), 20.0)
        size = self.values["size"] if self.values["size"] in SIZES else SIZES[0]
        return ShapeChoice(name, round(width, 2), round(height, 2), str(output_size(name, size)))


DEFAULTS: Final[dict[str, Any]] = {
    "prompt": "",
    "shape": SHAPES[0],
    "size": SIZES[0],
    "count": "1",
    "strength": strength.DEFAULT,
    "use": chosen.EDIT,
}
