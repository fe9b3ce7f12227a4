"""Takes the fields of a picture apart: what is in front, what is behind, and the scene without anything in it.

Opacity is seen: things are drawn in front of a light and of a dark background, and what differs between the two shines
through them.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from .composition import FAR_LINE, GROUND_LINE, Composition
from .latents import BEHIND, LAYERS, OBJECTS, REACH, SCATTERED, Layer, codes
from .parts import things

NEAR: Final = -0.5  # outline distance: cells from here on belong to the same thing as those inside it


@dataclass(frozen=True, slots=True)
class Cut:
    """`alone` are the things of one layer, `behind` is what they are in front of, `whole` both.

    `kinds` are those of the things, as `vocabulary.OBJECTS` and the scenery call them, or the names of bands; so are
    `kinds_behind`, where the layer that is behind it all is less than the whole scene. Of a band, `line`
    says how far inside of it a cell's middle lies, [h, w] in cells.
    """

    alone: Composition
    behind: Composition
    whole: Composition
    kinds: tuple[str, ...] = ()
    kinds_behind: tuple[str, ...] = ()
    line: Tensor | None = None


@torch.no_grad()
def foreground(picture: Composition) -> Cut | None:
    """The main things: objects, or the parts of the scene where there are none; None where there is neither."""
    everywhere = torch.ones_like(picture.fields[0], dtype=torch.bool)
    for layer in (OBJECTS, BEHIND):
        if (picture.fields[layer.first] > 0).any():
            others = {other: everywhere for other in LAYERS if other is not layer}
            return Cut(picture.only({layer: everywhere}), picture.only(others), picture)
    return None


@torch.no_grad()
def inside(fields: Tensor) -> Tensor:
    """How far inside of a thing each cell is, [h, w]: from -1 (outside) to 1."""
    return torch.stack([fields[layer.first] for layer in LAYERS]).amax(0)


@torch.no_grad()
def layers(picture: Composition, count: int) -> list[Cut]:
    """At most `count - 1` layers from the back to the front; the first layer of the picture is behind the first cut.

    Each object gets a layer of its own as far as the count goes, the one furthest back (with the highest foot) first.
    What is left of the count goes to the scene: the ground, then the far band get layers of their own, before the sky.
    """
    fields = picture.fields
    everywhere = torch.ones_like(fields[0], dtype=torch.bool)
    # Parts of one thing, a sail and its hull, are less than a cell apart.
    objects = sorted(things(fields[OBJECTS.first] > NEAR), key=_foot) if _has(fields, OBJECTS) else []
    scenery = {BEHIND: everywhere, SCATTERED: everywhere} if _has(fields, BEHIND, SCATTERED) else {}
    room = count - 1 - bool(scenery)
    if objects and not room:  # everything in one layer
        return _stacked(picture, [dict.fromkeys(LAYERS, everywhere)])
    nearest = nearest_of(objects, everywhere)
    parts: list[dict[Layer, Tensor]] = [scenery] if scenery else []
    for number in range(min(room, len(objects))):
        is_last = number == room - 1
        parts.append({OBJECTS: nearest >= number if is_last else nearest == number})
    return _bands(picture.empty(), count - 1 - len(parts)) + _stacked(picture, parts)


def _bands(scene: Composition, room: int) -> list[Cut]:
    """The bands of an empty scene before the sky, at most so many; a far band that isn't there is none."""
    sky_and_far = scene.without_ground()
    sky = sky_and_far.without_far()
    far_line, ground_line = scene.fields[FAR_LINE], scene.fields[GROUND_LINE]
    is_far = bool(((far_line <= 0) & (ground_line > 0)).any())
    behind = ("sky", "far") if is_far and room < 2 else ("sky",)
    ground = Cut(scene, sky_and_far, scene, ("ground",), behind, -ground_line * REACH)
    far = Cut(sky_and_far, sky, sky_and_far, ("far",), ("sky",), -far_line * REACH)
    if room < 1 or not bool((ground_line <= 0).any()):
        return []
    return [far, ground] if room > 1 and is_far else [ground]


def _stacked(picture: Composition, parts: list[dict[Layer, Tensor]]) -> list[Cut]:
    """Return a cut for each part, with all parts before it in the list behind it."""
    cuts, below = [], dict[Layer, Tensor]()
    for part in parts:
        whole = {
            **below,
            **{layer: cells | below.get(layer, ~cells & cells) for layer, cells in part.items()},
        }
        shown = picture.only(part)
        cuts.append(Cut(shown, picture.only(below), picture.only(whole), kinds_of(shown.fields)))
        below = whole
    return cuts


def kinds_of(fields: Tensor) -> tuple[str, ...]:
    """What things there are: in each cell inside of one, the kind whose word is nearest."""
    found: list[str] = []
    for layer in LAYERS:
        inside = fields[layer.first] > 0
        if bool(inside.any()):
            nearest = torch.cdist(fields[layer.code][:, inside].T, codes(layer)).argmin(1)
            counts = torch.bincount(nearest, minlength=len(layer.kinds))
            # Where two things meet, a cell or two look like a third.
            found += [
                layer.kinds[number] for number in (counts * 10 > counts.sum()).nonzero().flatten().tolist()
            ]
    return tuple(found)


def _has(fields: Tensor, *layers_: Layer) -> bool:
    return any(bool((fields[layer.first] > 0).any()) for layer in layers_)


def _foot(thing: Tensor) -> int:
    """The lowest row of a thing."""
    return int(thing.any(1).nonzero().max())


def nearest_of(objects: list[Tensor], everywhere: Tensor) -> Tensor:
    """The number of the object that every cell is nearest to, [h, w]."""
    if not objects:
        return torch.full_like(everywhere, -1, dtype=torch.long)
    height, width = everywhere.shape
    row, column = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    cells = torch.stack((row, column), 2).view(-1, 2).float()
    far = [torch.cdist(cells, thing.nonzero().float()).amin(1) for thing in objects]
    return torch.stack(far).argmin(0).view(height, width)
