"""What a request says beyond words to change a picture, and how large the result may be."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from generation.requests.boxes import Box
from generation.requests.catalogue import MOST_REFERENCES
from generation.requests.kinds import OF_THE_PICTURES_SIZE
from generation.requests.naming import is_reference
from generation.requests.sizes import LARGEST, Size

Sentence = str | Promise

MOST_FEATHER: Final = 512
TIMES: Final[Mapping[str, int]] = {"x2": 2, "x4": 4}
TO: Final[Mapping[str, int]] = {"4k": 3840, "8k": 7680}  # the long side, as the table of sizes has it
SCALES: Final = (*TIMES, *TO)
MOST_POINTS: Final = 32  # inside and outside of what is meant, together
_Pair = tuple[int, int]
_Pairs = tuple[_Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Lengths are in pixels. Which of these a kind needs is said by `errors`.

    `source` is the size of the picture; `mask` names an upload of that size, kept by `uploads.masks`; `box` is what the
    model sees (of an outpainting: of its canvas), `feather` how far the rim of the mask fades, inside of it. `canvas`
    is the size of the new picture and `place` where the left top corner of the old one stands in it. `scale` is one of
    SCALES. `references` are looked at beside the request's own `reference`. An instruction with `source` gives a
    picture of that size, which lies where the first picture does: `box` and `feather` as for a part, `mask` where not
    all of it may change. A selection by clicks has points (x, y) `inside` and `outside` of what is meant, and may have
    a `box` around it.
    """

    source: _Pair | None = None
    mask: str | None = None
    box: tuple[int, int, int, int] | None = None
    feather: int | None = None
    canvas: _Pair | None = None
    place: _Pair | None = None
    scale: str | None = None
    references: tuple[str, ...] = ()
    inside: _Pairs = ()
    outside: _Pairs = ()

    @property
    def size(self) -> Size:
        """Of the picture that is changed."""
        assert self.source is not None
        return Size(*self.source)

    @property
    def seen(self) -> Box:
        assert self.box is not None
        return Box(*self.box)

    def output(self, kind: str) -> Size | None:
        """The result's size, where it follows from the picture's; None for other kinds."""
        if kind == "outpaint" and self.canvas:
            return Size(*self.canvas)
        if kind == "upscale" and self.scale and self.source:
            return enlarged(self.size, self.scale)
        if kind == "edit":
            return self.size if self.source else None
        return self.size if kind in OF_THE_PICTURES_SIZE else None

    def to_json(self) -> dict[str, Any]:
        """Only what is set, as JSON types."""
        set_ = {name: value for name, value in asdict(self).items() if value not in (None, ())}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in set_.items()}

    @classmethod
    def from_json(cls, data: object) -> Self | None:
        """Back from `to_json()`; None for anything else."""
        names = {field.name for field in fields(cls)}
        if not isinstance(data, dict) or data.keys() - names:
            return None
        values: dict[str, Any] = {
            name: _frozen(value) if isinstance(value, list) else value for name, value in data.items()
        }
        return cls(**values)


def _frozen(value: list[Any]) -> tuple[Any, ...]:
    return tuple(tuple(each) if isinstance(each, list) else each for each in value)


def errors(edit: Edit | None, kind: str) -> dict[str, Sentence]:
    """What is wrong with it for this kind, field by field."""
    if kind != "segment" and edit is not None and (edit.inside or edit.outside):
        return {"inside": _("Only a selection by clicks takes points.")}
    if kind != "edit" and edit is not None and edit.references:
        return {
            "reference": _("Only an edit takes more than one reference picture. Remove all but the first.")
        }
    if kind not in OF_THE_PICTURES_SIZE and kind != "edit":
        return {} if edit is None else {"edit": _("Only a change to a picture has these settings.")}
    edit = edit or Edit()
    if wrong := _wrong_types(edit):
        return wrong
    if kind == "edit":
        return _reference_errors(edit)
    if edit.source is None:
        return {"reference": _("Choose a picture to start from.")}
    if kind == "segment":
        return _size_errors(edit.size, "reference") or _points_errors(edit)
    if kind == "upscale":
        return _scale_errors(edit)
    if kind == "outpaint":
        return _canvas_errors(edit) or _box_errors(edit, Size(*(edit.canvas or edit.source)))
    if kind == "inpaint":
        if edit.mask is None:
            return {"mask": _("Mark the part of the picture that is to change.")}
        return _size_errors(edit.size, "reference") or _box_errors(edit, edit.size)
    return _size_errors(edit.size, "reference")


def enlarged(size: Size, scale: str) -> Size:
    """The size that an upscale gives: whole multiples, or a long side of that many pixels, rounded to even numbers."""
    if scale in TIMES:
        return Size(size.width * TIMES[scale], size.height * TIMES[scale])
    factor = TO[scale] / max(size.width, size.height)
    return Size(_even(size.width * factor), _even(size.height * factor))


def scales_for(size: Size) -> list[str]:
    """The scales that make a picture of this size larger and not too large, the largest result last."""
    fitting = [scale for scale in SCALES if _fits(enlarged(size, scale)) and _grows(size, scale)]
    return sorted(fitting, key=lambda scale: enlarged(size, scale).pixels)


def _scale_errors(edit: Edit) -> dict[str, Sentence]:
    if edit.scale not in SCALES:
        return {"scale": _("Choose ×2, ×4, 4K or 8K.")}
    size, scale = edit.size, str(edit.scale)
    fitting = scales_for(size)
    if scale in fitting:
        return {}
    if not fitting:
        sentence = _("This picture has %(size)s pixels and can't be enlarged any further.")
        return {"scale": sentence % {"size": size}}
    values = {
        "would": enlarged(size, scale),
        "scale": label(fitting[-1]),
        "size": enlarged(size, fitting[-1]),
    }
    if not _grows(size, scale):
        sentence = _(
            "This picture is that large already. The largest that works is %(scale)s: %(size)s pixels."
        )
        return {"scale": sentence % values}
    sentence = _("That would be %(would)s pixels. The largest that works is %(scale)s: %(size)s pixels.")
    return {"scale": sentence % values}


def label(scale: str) -> str:
    """As people read it: ×2, 4K."""
    return f"×{TIMES[scale]}" if scale in TIMES else scale.upper()


def _canvas_errors(edit: Edit) -> dict[str, Sentence]:
    if edit.canvas is None or edit.place is None:
        return {"canvas": _("Choose how large the picture becomes.")}
    if too_large := _size_errors(Size(*edit.canvas), "canvas"):
        return too_large
    (left, top), (width, height) = edit.place, edit.canvas
    if left < 0 or top < 0 or left + edit.size.width > width or top + edit.size.height > height:
        return {"canvas": _("The new size has to hold the whole picture. Make it larger.")}
    if edit.size == Size(width, height):
        return {"canvas": _("The new size is the old one. Make it larger on at least one side.")}
    return {}


def _box_errors(edit: Edit, whole: Size) -> dict[str, Sentence]:
    try:
        inside = edit.box is not None and edit.seen.within(whole)
    except ValueError:
        inside = False
    if not inside:
        return {"mask": _("Mark a part that lies inside of the picture.")}
    if edit.feather is None or not 0 <= edit.feather <= MOST_FEATHER:
        return {"feather": _("Feather is a number of pixels from 0 to %(most)s.") % {"most": MOST_FEATHER}}
    return {}


def _points_errors(edit: Edit) -> dict[str, Sentence]:
    """What is wrong with the points of a selection by clicks, and with the box around what is meant."""
    points = (*edit.inside, *edit.outside)
    if not edit.inside and edit.box is None:
        return {"inside": _("Click what you want to select, or draw a box around it.")}
    if len(points) > MOST_POINTS:
        sentence = _("Use at most %(most)s points at once. Select the rest with more clicks.")
        return {"inside": sentence % {"most": MOST_POINTS}}
    width, height = edit.size.width, edit.size.height
    if any(not (0 <= x < width and 0 <= y < height) for x, y in points):
        return {"inside": _("This point lies outside of the picture. Click inside of it.")}
    if edit.box is None:
        return {}
    left, top, right, bottom = edit.box
    if not (0 <= left < right <= width and 0 <= top < bottom <= height):
        return {"box": _("Draw the box inside of the picture.")}
    return {}


def _size_errors(size: Size, field: str) -> dict[str, Sentence]:
    if _fits(size):
        return {}
    sentence = _("That is %(size)s pixels. The largest that works is %(most)s×%(most)s.")
    return {field: sentence % {"size": size, "most": LARGEST}}


def _reference_errors(edit: Edit) -> dict[str, Sentence]:
    if len(edit.references) >= MOST_REFERENCES:
        return {"reference": _("Choose at most four reference pictures.")}
    if any(not is_reference(name) for name in edit.references):
        return {"reference": _("Choose a picture to start from.")}
    if edit.source is None:
        return {}
    return _size_errors(edit.size, "reference") or _box_errors(edit, edit.size)


def _wrong_types(edit: Edit) -> dict[str, Sentence]:
    """Lengths are whole numbers, sizes positive, names names: JSON can hold anything."""
    right = {
        "source": _numbers(edit.source, 2, least=1),
        "canvas": _numbers(edit.canvas, 2, least=1),
        "place": _numbers(edit.place, 2, least=None),
        "box": _numbers(edit.box, 4, least=None),
        "mask": edit.mask is None or is_reference(edit.mask),
        "feather": edit.feather is None or type(edit.feather) is int,
        "scale": edit.scale is None or isinstance(edit.scale, str),
        "references": isinstance(edit.references, tuple),
        "inside": _points(edit.inside),
        "outside": _points(edit.outside),
    }
    return {
        name: _("This has another form than expected.") for name, is_right in right.items() if not is_right
    }


def _numbers(value: object, length: int, *, least: int | None) -> bool:
    if value is None:
        return True
    if not isinstance(value, tuple) or len(value) != length or any(type(n) is not int for n in value):
        return False
    return all(abs(n) < 2**20 and (least is None or n >= least) for n in value)


def _points(value: object) -> bool:
    return isinstance(value, tuple) and all(_numbers(point, 2, least=None) for point in value)


def _fits(size: Size) -> bool:
    return max(size.width, size.height) <= LARGEST


def _grows(size: Size, scale: str) -> bool:
    return enlarged(size, scale).width > size.width


def _even(length: float) -> int:
    return max(2, 2 * round(length / 2))
