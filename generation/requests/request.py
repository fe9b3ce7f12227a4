"""The frozen, versioned request for pictures: one value for the form, the API, the queue and the engine."""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self, cast

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from generation.requests import catalogue, edits, kinds, strength, texts
from generation.requests.controls import control
from generation.requests.controls.control import Control
from generation.requests.edits import Edit
from generation.requests.kinds import KINDS, Kind
from generation.requests.naming import is_reference
from generation.requests.sizes import CLASSES, SHAPES, SIZES, Size, output_size, size_class
from generation.styles import adapters
from generation.styles.adapter import Adapter
from generation.styles.style import Style

# 2: invisible characters that mean nothing are dropped. 3: kinds of edit. 4: words in other languages and control
# pictures. Older requests are read as they are.
VERSION: Final = 4
MAX_PROMPT: Final = texts.LONGEST
MAX_COUNT: Final = 4
SEEDS: Final = 2**32

# Before this version words were drawn as typed, and they are whenever such a request is drawn again.
_FIRST_READ: Final = 4
_FIRST_WITH_EDITS: Final = 3

Sentence = str | Promise
MODEL_UNAVAILABLE: Final = _("This model is no longer available. Choose another one.")
NO_ADAPTER: Final = _("This LoRA is no longer available. Choose another one, or none.")
OTHER_ADAPTER: Final = _("This LoRA doesn't work with this model. Choose another one, or none.")


class InvalidRequest(ValueError):
    """`errors` says for each field what is wrong and what to do, in a sentence for the person."""

    def __init__(self, errors: Mapping[str, Sentence]) -> None:
        super().__init__(dict(errors))
        self.errors: dict[str, Sentence] = dict(errors)

    def __str__(self) -> str:
        return " ".join(str(sentence) for sentence in self.errors.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """What is to be drawn. Creating one normalises the text and raises InvalidRequest, so every instance is valid.

    `seed` is chosen before building; picture i of the request is drawn with `(seed + i) mod 2**32`.
    Whether a model is offered today is asked by `validated()`, so that old requests can still be read.
    `shape` and `size` are those of the base picture and of the price's class where the result's size follows from the
    picture (`output`). `for_editor`: the result is not shown in the history until it is used or kept. `prompt` is what
    the person typed; with a `style` the model is given other words (`words`, `negative_words`). `enhance`: the
    model draws detail into the large picture, tile by tile, as its entry says. `control`: the edges or the depth of
    another picture lead the drawing.
    """

    version: int = VERSION
    kind: Kind
    model: str
    prompt: str
    negative_prompt: str = ""
    shape: str
    size: str
    count: int
    seed: int
    steps: int
    guidance: float
    reference: str | None = None
    strength: float | None = None
    edit: Edit | None = None
    for_editor: bool = False
    style: Style | None = None
    adapter: Adapter | None = None
    enhance: bool = False
    control: Control | None = None

    def __post_init__(self) -> None:
        errors: dict[str, Sentence] = {}
        if not _is_int(self.version, 1, VERSION):
            errors["version"] = _("This site doesn't know this version of a request.")
        if self.kind not in (KINDS if self.version >= _FIRST_WITH_EDITS else kinds.FIRST_KINDS):
            errors["kind"] = _("Choose what to make: a picture from words, or a picture from a picture.")
        if not isinstance(self.model, str) or not 1 <= len(self.model) <= 100:
            errors["model"] = _("Choose a model.")
        for name in ("prompt", "negative_prompt"):
            text, error = texts.checked(getattr(self, name), self.version)
            object.__setattr__(self, name, text)
            if error:
                errors[name] = error
        if "prompt" not in errors and not self.prompt and self.kind not in kinds.WORDLESS:
            errors["prompt"] = _("Describe the picture in a few words.")
        if self.shape not in SHAPES:
            errors["shape"] = _("Choose one of the available shapes.")
        if self.size not in (CLASSES if self.kind == "upscale" else SIZES):
            errors["size"] = _("Choose 1K, 2K or 4K.")
        if not _is_int(self.count, *kinds.counts(self.kind)):
            errors["count"] = _count_sentence(self.kind)
        if not _is_int(self.seed, 0, SEEDS - 1):
            errors["seed"] = _("Enter a seed from 0 to 4294967295.")
        if not _is_int(self.steps, 1, catalogue.MAX_STEPS):
            errors["steps"] = self._steps_sentence()
        if not _is_number(self.guidance, 0, catalogue.MAX_GUIDANCE):
            errors["guidance"] = self._guidance_sentence()
        else:
            object.__setattr__(self, "guidance", round(float(self.guidance), 2))
        # A mask is no picture: no history may show it.
        if not _is_bool(self.for_editor) or (self.kind == "segment" and not self.for_editor):
            errors["for_editor"] = _("This has another form than expected.")
        if self.style is not None and self.kind not in kinds.WITH_STYLE:
            errors["style"] = _("A style only works for pictures from words, or from a picture and words.")
        if self.adapter is not None and self.kind not in kinds.WITH_STYLE:
            errors["adapter"] = _("A LoRA only works for pictures from words, or from a picture and words.")
        if "kind" not in errors:
            errors |= self._reference_errors() | self._edit_errors() | self._enhance_errors()
            errors |= control.errors(self.control, self.kind)
            errors |= self._strength_errors(steps_known="steps" not in errors)
        if errors:
            raise InvalidRequest(errors)

    def _reference_errors(self) -> dict[str, Sentence]:
        if self.kind == "text_to_image":
            if self.reference is not None or self.strength is not None:
                return {"reference": _("A reference only works for image to image.")}
            return {}
        if not is_reference(self.reference):
            return {"reference": _("Choose a picture to start from.")}
        return {}

    def _edit_errors(self) -> dict[str, Sentence]:
        if found := edits.errors(self.edit, self.kind):
            return found
        if self.kind in kinds.OF_THE_PICTURES_SIZE and self.size != self._class_of_price():
            return {"size": _("The size follows from the picture.")}
        return {}

    def _enhance_errors(self) -> dict[str, Sentence]:
        if not _is_bool(self.enhance):
            return {"enhance": _("This has another form than expected.")}
        if not self.enhance:
            return {}
        is_drawn_whole = self.kind in kinds.DRAWN_AT_A_SIZE and not (self.edit and self.edit.source)
        if self.kind == "upscale" or (is_drawn_whole and self.size == "4k"):
            return {}
        return {
            "enhance": _(
                "Detail is added to 4K pictures and to upscales. Choose one of them, or turn it off."
            )
        }

    def _class_of_price(self) -> str:
        """An upscale costs what holds its output; what is drawn at the model's own size costs its base price."""
        return size_class(self.output) if self.kind == "upscale" else "1k"

    def _strength_errors(self, *, steps_known: bool) -> dict[str, Sentence]:
        if self.kind == "text_to_image":
            return {}
        if self.kind not in kinds.WITH_STRENGTH:
            return {} if self.strength is None else {"strength": _("There is no such field.")}
        if not _is_number(self.strength, strength.LEAST, strength.MOST):
            sentence = _("Strength is a number from %(least)s (nearly the same) to %(most)s (all new).")
            return {"strength": sentence % {"least": f"{strength.LEAST:g}", "most": f"{strength.MOST:g}"}}
        object.__setattr__(self, "strength", round(float(cast(float, self.strength)), 2))
        if steps_known and int(self.steps * cast(float, self.strength)) < 1:
            return {"strength": _("This strength is too low for so few steps. Raise one of them.")}
        return {}

    @property
    def output(self) -> Size:
        """Exact pixels of the result."""
        followed = self.edit.output(self.kind) if self.edit else None
        return followed or output_size(self.shape, self.size)

    @property
    def words(self) -> str:
        """What the model is asked for."""
        return self.around(self.prompt)

    @property
    def negative_words(self) -> str:
        """What the model is asked to leave out."""
        return self.around_left_out(self.negative_prompt)

    def around(self, prompt: str) -> str:
        """These words, in the style of the request, with what its LoRA needs to hear."""
        words = self.style.words(prompt) if self.style else prompt
        return self.adapter.words(words) if self.adapter else words

    def around_left_out(self, negative_prompt: str) -> str:
        """These words and what the style of the request leaves out."""
        return self.style.left_out(negative_prompt) if self.style else negative_prompt

    @property
    def references(self) -> tuple[str, ...]:
        """Every picture it starts from: `reference` first, none twice, the mask not among them."""
        named = (self.reference, *(self.edit.references if self.edit else ()))
        return tuple(dict.fromkeys(name for name in named if name is not None))

    @property
    def needs(self) -> str:
        """The files beside its model's own that it is drawn with, by name, with spaces between."""
        adapter = f"adapter:{self.adapter.key}" if self.adapter else ""
        control = f"control:{self.control.kind}" if self.control else ""
        return f"{adapter} {control}".strip()

    @property
    def is_kept_as_it_was(self) -> bool:
        """Whether the current version holds another text, and so draws another picture."""
        typed = (self.prompt, self.negative_prompt)
        return self.version != VERSION and any(texts.cleaned(text) != text for text in typed)

    @property
    def is_read(self) -> bool:
        """Whether its words may be those of another language; a request of an older version is drawn as typed."""
        return self.version >= _FIRST_READ

    def validated(self) -> Self:
        """Return this request after checking it against the current catalogue. Raises InvalidRequest."""
        entry = self._entry()
        if entry is None or not entry.enabled:
            raise InvalidRequest({"model": MODEL_UNAVAILABLE})
        errors: dict[str, Sentence] = {}
        if self.enhance and entry.enhance is None:
            errors["enhance"] = _("This model can't add detail. Choose another one, or turn it off.")
        elif not entry.can(self.kind, enhance=self.enhance):
            errors["kind"] = _("This model can't do that. Choose another one.")
        elif self.kind == "edit" and len(self.references) > entry.max_references:
            sentence = _(
                "This model takes at most %(most)s reference pictures. Choose fewer, or another model."
            )
            errors["reference"] = sentence % {"most": entry.max_references}
        if not entry.min_steps <= self.steps <= entry.max_steps:
            errors["steps"] = self._steps_sentence()
        if not entry.min_guidance <= self.guidance <= entry.max_guidance:
            errors["guidance"] = self._guidance_sentence()
        if self.control and (wrong := control.not_offered(self.control, entry.controls)):
            errors["control"] = wrong
        if self.adapter and (wrong := self._adapter_sentence(self.adapter)):
            errors["adapter"] = wrong
        if errors:
            raise InvalidRequest(errors)
        return self

    def _adapter_sentence(self, adapter: Adapter) -> Sentence:
        entry = adapters.find(adapter.key)
        if entry is None:
            return NO_ADAPTER
        model = self._entry()
        if self.model not in entry.models or (model and not model.takes_adapters):
            return OTHER_ADAPTER
        return "" if entry.takes(adapter.weight) else weight_sentence(entry)

    def _steps_sentence(self) -> Sentence:
        entry = self._entry()
        if entry is None:
            return _("Enter the number of steps as a whole number.")
        values = {"least": entry.min_steps, "most": entry.max_steps}
        return _("This model takes %(least)s to %(most)s steps.") % values

    def _guidance_sentence(self) -> Sentence:
        entry = self._entry()
        if entry is None:
            return _("Enter guidance as a number.")
        values = {"least": f"{entry.min_guidance:g}", "most": f"{entry.max_guidance:g}"}
        return _("This model takes a guidance from %(least)s to %(most)s.") % values

    def _entry(self) -> catalogue.Entry | None:
        """Return the model's entry, whose limits the sentences name; None for an unknown model."""
        try:
            return catalogue.get(self.model)
        except (catalogue.UnknownModel, TypeError):
            return None

    def seed_of(self, index: int) -> int:
        """Return the seed that picture `index` (from 0) of this request is drawn with."""
        return (self.seed + index) % SEEDS

    def to_json(self) -> dict[str, Any]:
        """As JSON types; what came with version 3 is left out where it says nothing, so older requests stay equal."""
        data = {field.name: getattr(self, field.name) for field in fields(self)}
        said = {name: True for name in ("for_editor", "enhance") if data.pop(name)}
        for name in _PARTS:
            del data[name]
            if (part := getattr(self, name)) is not None:
                data[name] = part.to_json()
        return data | said

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read what `to_json()` wrote. Raises InvalidRequest for another version, a missing or an unknown field."""
        if not isinstance(data, dict):
            raise InvalidRequest({"request": _("A request is a JSON object.")})
        if not _is_int(data.get("version"), 1, VERSION):
            raise InvalidRequest({"version": _("This site doesn't know this version of a request.")})
        names = {field.name for field in fields(cls)}
        errors: dict[str, Sentence] = {
            str(name): _("There is no such field.") for name in data.keys() - names
        }
        errors |= {name: _("This field is missing.") for name in _REQUIRED - data.keys()}
        parts = {name: read(data[name]) for name, read in _PARTS.items() if name in data}
        errors |= {
            name: _("This has another form than expected.") for name, part in parts.items() if part is None
        }
        if errors:
            raise InvalidRequest(errors)
        return cls(**data | parts)

    def batch_key(self) -> str:
        """Requests with the same key may run through the model together (same tensors, same schedule).

        The output size is not in it: the base picture is the same, only the 4K stage differs.
        """
        parts = (self.kind, self.model, self.shape, self.steps, self.guidance, self.strength, self.reference)
        key = json.dumps(parts, separators=(",", ":"))
        # An adapter is part of the weights. The order is that of older keys, which a queue may hold.
        more = [part.to_json() for part in (self.edit, self.adapter, self.control) if part is not None]
        if not more:
            return key
        canonical = json.dumps([key, *more], sort_keys=True, separators=(",", ":"))
        return f"{self.kind}:{hashlib.sha256(canonical.encode()).hexdigest()}"

    def fingerprint(self) -> str:
        """SHA-256 of the canonical JSON: equal requests have equal fingerprints, on every machine."""
        canonical = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


# What is a value of its own: from JSON, or None.
_PARTS: Final[Mapping[str, Callable[[object], Any]]] = {
    "edit": Edit.from_json,
    "style": Style.from_json,
    "adapter": Adapter.from_json,
    "control": Control.from_json,
}
_REQUIRED: Final = {"kind", "model", "prompt", "shape", "size", "count", "seed", "steps", "guidance"}


def weight_sentence(entry: adapters.Entry) -> Sentence:
    values = {"least": f"{entry.least_weight:g}", "most": f"{entry.most_weight:g}"}
    return _("This LoRA takes a weight from %(least)s to %(most)s.") % values


def _is_int(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_number(value: object, least: float, most: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and least <= value <= most


def _count_sentence(kind: str) -> Sentence:
    least, most = kinds.counts(kind)
    if (least, most) == (1, MAX_COUNT):
        return _("Choose one to four pictures.")
    if most == 1:
        return _("One picture at a time.")
    return _("Choose %(least)s to %(most)s layers.") % {"least": least, "most": most}
