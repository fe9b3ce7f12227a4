"""The frozen, versioned request for pictures: one value for the form, the API, the queue and the engine."""

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal, Self, cast, get_args

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from generation import catalogue
from generation.sizes import SHAPES, SIZES

VERSION: Final = 1
Kind = Literal["text_to_image", "image_to_image"]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
MAX_PROMPT: Final = 2000
MAX_COUNT: Final = 4
SEEDS: Final = 2**32

_REFERENCE: Final = re.compile(
    r"(upload|picture):[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)
# Marks that turn the direction of text can make a prompt read otherwise than it is; joiners stay, emoji need them.
_DIRECTION: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")

Sentence = str | Promise


class InvalidRequest(ValueError):
    """`errors` says, field by field, what is wrong and what to do, in a sentence for the person who asked."""

    def __init__(self, errors: Mapping[str, Sentence]) -> None:
        super().__init__(dict(errors))
        self.errors: dict[str, Sentence] = dict(errors)

    def __str__(self) -> str:
        return " ".join(str(sentence) for sentence in self.errors.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """What is to be drawn. Building one normalises the text and raises InvalidRequest; it never holds nonsense.

    `seed` is chosen before building; picture i of the request is drawn with `(seed + i) mod 2**32`.
    Whether a model is offered today is asked by `validated()`, so that old requests can still be read.
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

    def __post_init__(self) -> None:
        errors: dict[str, Sentence] = {}
        if not _is_int(self.version, VERSION, VERSION):
            errors["version"] = _("This request has a version that this site does not know.")
        if self.kind not in KINDS:
            errors["kind"] = _("Choose what to make: a picture from words, or a picture from a picture.")
        if not isinstance(self.model, str) or not 1 <= len(self.model) <= 100:
            errors["model"] = _("Choose a model.")
        for name in ("prompt", "negative_prompt"):
            text, error = _text(getattr(self, name))
            object.__setattr__(self, name, text)
            if error:
                errors[name] = error
        if "prompt" not in errors and not self.prompt:
            errors["prompt"] = _("Describe the picture in a few words.")
        if self.shape not in SHAPES:
            errors["shape"] = _("Choose one of the shapes on offer.")
        if self.size not in SIZES:
            errors["size"] = _("Choose 1K, 2K or 4K.")
        if not _is_int(self.count, 1, MAX_COUNT):
            errors["count"] = _("Choose between one and four pictures.")
        if not _is_int(self.seed, 0, SEEDS - 1):
            errors["seed"] = _("The seed is a whole number from 0 to 4294967295.")
        if not _is_int(self.steps, 1, 200):
            errors["steps"] = _("The number of steps is a whole number from 1 to 200.")
        if not _is_number(self.guidance, 0, 50):
            errors["guidance"] = _("Guidance is a number from 0 to 50.")
        else:
            object.__setattr__(self, "guidance", round(float(self.guidance), 2))
        errors |= self._reference_errors(steps_known="steps" not in errors)
        if errors:
            raise InvalidRequest(errors)

    def _reference_errors(self, *, steps_known: bool) -> dict[str, Sentence]:
        kind: str = self.kind
        if kind == "text_to_image":
            if self.reference is not None or self.strength is not None:
                return {"reference": _("A reference picture belongs to “picture from a picture”.")}
            return {}
        if kind != "image_to_image":
            return {}
        errors: dict[str, Sentence] = {}
        if not isinstance(self.reference, str) or not _REFERENCE.fullmatch(self.reference):
            errors["reference"] = _("Choose a picture to start from.")
        if not _is_number(self.strength, 0.05, 1):
            errors["strength"] = _("Strength is a number from 0.05 (nearly the same) to 1 (all new).")
        else:
            object.__setattr__(self, "strength", round(float(cast(float, self.strength)), 2))
            if steps_known and int(self.steps * cast(float, self.strength)) < 1:
                errors["strength"] = _("So little change needs more steps, or choose a higher strength.")
        return errors

    def validated(self) -> Self:
        """This request, after asking today's catalogue whether it can be drawn. Raises InvalidRequest."""
        try:
            entry = catalogue.get(self.model)
        except catalogue.UnknownModel:
            entry = None
        if entry is None or not entry.enabled:
            raise InvalidRequest({"model": _("This model is not on offer. Choose another one.")})
        errors: dict[str, Sentence] = {}
        if self.kind not in entry.capabilities:
            errors["kind"] = _("This model can not do that. Choose another one.")
        if not entry.min_steps <= self.steps <= entry.max_steps:
            errors["steps"] = _("This model takes %(least)s to %(most)s steps.") % {
                "least": entry.min_steps,
                "most": entry.max_steps,
            }
        if not entry.min_guidance <= self.guidance <= entry.max_guidance:
            errors["guidance"] = _("This model takes a guidance from %(least)s to %(most)s.") % {
                "least": entry.min_guidance,
                "most": entry.max_guidance,
            }
        if errors:
            raise InvalidRequest(errors)
        return self

    def seed_of(self, index: int) -> int:
        """The seed that picture `index` (from 0) of this request is drawn with."""
        return (self.seed + index) % SEEDS

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Back from `to_json()`. Raises InvalidRequest for another version, a missing or an unknown field."""
        if not isinstance(data, dict):
            raise InvalidRequest({"request": _("A request is a JSON object.")})
        if not _is_int(data.get("version"), VERSION, VERSION):
            raise InvalidRequest({"version": _("This request has a version that this site does not know.")})
        names = {field.name for field in fields(cls)}
        errors: dict[str, Sentence] = {
            str(name): _("There is no such field.") for name in data.keys() - names
        }
        errors |= {name: _("This field is missing.") for name in _REQUIRED - data.keys()}
        if errors:
            raise InvalidRequest(errors)
        return cls(**data)

    def batch_key(self) -> str:
        """Requests with the same key may run through the model together (same tensors, same schedule).

        The output size is not in it: the base picture is the same, only the 4K stage differs.
        """
        parts = (self.kind, self.model, self.shape, self.steps, self.guidance, self.strength, self.reference)
        return json.dumps(parts, separators=(",", ":"))

    def fingerprint(self) -> str:
        """SHA-256 of the canonical JSON: equal requests have equal fingerprints, on every machine."""
        canonical = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


_REQUIRED: Final = {"kind", "model", "prompt", "shape", "size", "count", "seed", "steps", "guidance"}


def _is_int(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_number(value: object, least: float, most: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and least <= value <= most


def _text(raw: object) -> tuple[str, Sentence | None]:
    """Composed (NFC), one space between words, no control or direction characters; and what is wrong with it."""
    if not isinstance(raw, str):
        return "", _("This has to be text.")
    if len(raw) > 10 * MAX_PROMPT:  # before any work on it
        return "", _too_long(len(raw))
    if any("\ud800" <= char <= "\udfff" for char in raw):
        return "", _("This text holds half a character. Type it again.")
    text = _DIRECTION.sub("", unicodedata.normalize("NFC", raw))
    text = " ".join("".join(c for c in text if unicodedata.category(c) != "Cc" or c.isspace()).split())
    if len(text) > MAX_PROMPT:
        return text, _too_long(len(text))
    if text and not any(unicodedata.category(char)[0] in "LNPS" for char in text):
        return "", None  # nothing that can be seen: joiners, lone accents
    return text, None


def _too_long(length: int) -> Sentence:
    return _("At most %(most)s characters, please; this has %(length)s.") % {
        "most": MAX_PROMPT,
        "length": length,
    }
